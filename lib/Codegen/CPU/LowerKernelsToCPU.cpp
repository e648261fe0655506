//===- LowerKernelsToCPU.cpp - kernels on tensors to loops on memory ------===//
//
// Expects the outlined kernels. Afterwards each is a function of pointers and
// sizes (see docs/architecture.md); launches still name tensors.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Threading.h"
#include "transom/Codegen/Passes.h"

using namespace mlir;
using namespace transom;

namespace transom {
#define GEN_PASS_DEF_LOWERKERNELSTOCPU
#include "transom/Codegen/Passes.h.inc"
} // namespace transom

namespace {

/// What kernels call of the runtime (transom/program.h).
void declareRuntime(ModuleOp module) {
  OpBuilder builder(module.getBodyRegion());
  MLIRContext *context = module.getContext();
  auto pointer = LLVM::LLVMPointerType::get(context);
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type(), none = LLVM::LLVMVoidType::get(context);
  auto declare = [&](StringRef name, Type result, ArrayRef<Type> arguments) {
    if (!module.lookupSymbol(name))
      LLVM::LLVMFuncOp::create(builder, module.getLoc(), name, LLVM::LLVMFunctionType::get(result, arguments));
  };
  declare("transom_rt_barrier", i32, {pointer});
  declare("transom_rt_fail", none, {pointer, i32, i32, i64, i64});
  declare("transom_rt_alloc", pointer, {pointer, i64, i64});
  declare("transom_rt_output", pointer, {pointer, i64, i32, pointer});
  declare("transom_rt_profile", none, {pointer, i64, i32});
  declare("transom_rt_next", i32, {pointer, i64, i32});
}

/// A function of pointers to inputs and results, sizes, site, thread, threads
/// and run.
func::FuncOp declareLowered(func::FuncOp kernel, OpBuilder &builder) {
  MLIRContext *context = kernel.getContext();
  auto pointer = LLVM::LLVMPointerType::get(context);
  SmallVector<Type> arguments;
  FunctionType type = kernel.getFunctionType();
  for (Type input : type.getInputs())
    if (isa<RankedTensorType>(input))
      arguments.push_back(pointer);
  size_t inputs = arguments.size();
  arguments.append(type.getNumResults(), pointer);
  size_t pointers = arguments.size();
  arguments.append(type.getNumInputs() - inputs + 3, builder.getIndexType());
  arguments.push_back(pointer);
  auto lowered =
      func::FuncOp::create(builder, kernel.getLoc(), kernel.getName(), builder.getFunctionType(arguments, {}));
  lowered.setPrivate();
  lowered->setAttr("transformer.kernel", builder.getUnitAttr());
  if (Attribute written = kernel->getAttr("transformer.in_place"))
    lowered->setAttr("transformer.in_place", written);
  for (size_t i = 0; i < pointers; ++i) {
    lowered.setArgAttr(i, "llvm.noalias", builder.getUnitAttr());
    if (i < inputs)
      lowered.setArgAttr(i, "llvm.readonly", builder.getUnitAttr());
    // What the host program packs a weight for.
    if (Attribute panels = i < inputs ? kernel.getArgAttr(i, "transformer.panels") : Attribute())
      lowered.setArgAttr(i, "transformer.panels", panels);
  }
  lowered.addEntryBlock();
  return lowered;
}

/// Tiles take whole panels, or one after the other of a panel's parts.
LogicalResult checkPanels(func::FuncOp kernel, const cpu::CPUShape &shape) {
  for (unsigned i = 0; i < kernel.getNumArguments(); ++i)
    if (auto panels = kernel.getArgAttrOfType<DenseI64ArrayAttr>(i, "transformer.panels");
        panels && panels[0] % shape.panelColumns())
      return kernel.emitOpError("has argument ")
             << i << " in panels of " << panels[0] << " columns, of which tiles of " << shape.panelColumns()
             << " columns take no whole number; outline-kernels{panel-columns=" << shape.panelColumns()
             << "} or weight-columns of a multiple would do";
  return success();
}

struct LowerKernelsToCPU : transom::impl::LowerKernelsToCPUBase<LowerKernelsToCPU> {
  using LowerKernelsToCPUBase::LowerKernelsToCPUBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    declareRuntime(module);
    cpu::CPUShape shape;
    shape.vectorBits = vectorBits;
    shape.hasByteDots = hasByteDots;
    OpBuilder builder(module.getContext());
    SmallVector<std::pair<func::FuncOp, func::FuncOp>> kernels;
    for (func::FuncOp kernel : llvm::to_vector(module.getOps<func::FuncOp>())) {
      if (!kernel->hasAttr("transformer.kernel"))
        continue;
      if (failed(checkPanels(kernel, shape)))
        return signalPassFailure();
      builder.setInsertionPoint(kernel);
      kernels.emplace_back(kernel, declareLowered(kernel, builder));
    }
    // Each is written into its own function alone.
    LogicalResult written =
        failableParallelForEach(module.getContext(), kernels, [&](std::pair<func::FuncOp, func::FuncOp> kernel) {
          return cpu::KernelBuilder(kernel.first, kernel.second, shape).write();
        });
    for (auto [kernel, lowered] : kernels)
      kernel.erase();
    if (failed(written))
      signalPassFailure();
  }
};

} // namespace
