//===- transom-lsp-server.cpp - the dialect in editors --------------------===//
//
// mlir-lsp-server for Transom: registration only.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  registry.insert<transom::transformer::TransformerDialect>();
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry));
}
