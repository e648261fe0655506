//===- transom-opt.cpp - passes on textual IR -----------------------------===//
//
// mlir-opt for Transom: registration only.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/NVPTX.h"
#include "transom/Codegen/Passes.h"
#include "transom/Transforms/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<transom::transformer::TransformerDialect>();
  mlir::registerAllPasses();
  transom::registerTransformsPasses();
  transom::registerTransformsPipelines();
  transom::registerCodegenPasses();
  transom::registerCodegenPipelines();
  transom::registerNVPTXPipelines();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "Transom's passes on textual IR\n", registry));
}
