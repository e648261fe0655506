//===- CountAttention.cpp - a pass outside Transom's tree -----------------===//
//
// `count-attention` puts a remark at each attention op with its position among
// them. Built as a plugin: transom-opt brings the dialect and MLIR.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

namespace {
struct CountAttention : mlir::PassWrapper<CountAttention, mlir::OperationPass<mlir::ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CountAttention)

  llvm::StringRef getArgument() const final { return "count-attention"; }
  llvm::StringRef getDescription() const final { return "Remark on each attention op"; }

  void runOnOperation() final {
    unsigned count = 0;
    getOperation().walk(
        [&](transom::transformer::AttentionOp attention) { attention.emitRemark() << "attention number " << count++; });
  }
};
} // namespace

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "CountAttention", "0.1.0", [] { mlir::PassRegistration<CountAttention>(); }};
}
