//===- Dialects.cpp - what the stages' modules are made of ----------------===//
//
// In a file of its own: these headers take long to compile.
//
//===----------------------------------------------------------------------===//

#include "Dialects.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

void transom::registerDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registry.insert<transformer::TransformerDialect>();
}
