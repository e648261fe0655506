//===- LowerKernelsToNVPTX.cpp - kernels to functions of a gpu.module -----===//
//
// Expects the outlined kernels and leaves them where they are. Afterwards a
// `gpu.module` named after the chip has, of each kernel, one function a form
// and part; see docs/nvptx.md.
//
//===----------------------------------------------------------------------===//

#include "DeviceKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "transom/Codegen/Passes.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

namespace transom {
#define GEN_PASS_DEF_LOWERKERNELSTONVPTX
#include "transom/Codegen/Passes.h.inc"
} // namespace transom

namespace {

constexpr StringLiteral barrierName = "transom_rt_barrier", failName = "transom_rt_fail";

/// Calls to it say where a kernel is cut; none is left.
void declareBarrier(gpu::GPUModuleOp device) {
  OpBuilder builder(device.getBodyRegion());
  auto pointer = LLVM::LLVMPointerType::get(device.getContext());
  LLVM::LLVMFuncOp::create(builder, device.getLoc(), barrierName,
                           LLVM::LLVMFunctionType::get(builder.getI32Type(), {pointer}));
}

/// The first failure of a run is written into the record { i32 taken, i32 kind,
/// i32 site, i32, i64 value, i64 limit }.
void defineFail(gpu::GPUModuleOp device) {
  ImplicitLocOpBuilder b(device.getLoc(), device.getBodyRegion());
  auto pointer = LLVM::LLVMPointerType::get(device.getContext());
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  auto type = LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()), {pointer, i32, i32, i64, i64});
  auto function = LLVM::LLVMFuncOp::create(b, failName, type, LLVM::Linkage::Internal);
  Block *entry = function.addEntryBlock(b), *record = b.createBlock(&function.getBody()),
        *end = b.createBlock(&function.getBody());
  b.setInsertionPointToEnd(entry);
  Value taken = entry->getArgument(0);
  Value zero = LLVM::ConstantOp::create(b, i32, 0), one = LLVM::ConstantOp::create(b, i32, 1);
  auto exchange = LLVM::AtomicCmpXchgOp::create(b, taken, zero, one, LLVM::AtomicOrdering::monotonic,
                                                LLVM::AtomicOrdering::monotonic);
  Value isFirst = LLVM::ExtractValueOp::create(b, exchange, ArrayRef<int64_t>{1});
  LLVM::CondBrOp::create(b, isFirst, record, end);
  b.setInsertionPointToEnd(record);
  int64_t offsets[] = {4, 8, 16, 24};
  for (auto [i, offset] : llvm::enumerate(offsets)) {
    Value at = LLVM::GEPOp::create(b, pointer, b.getI8Type(), taken, ArrayRef<LLVM::GEPArg>{int32_t(offset)});
    LLVM::StoreOp::create(b, entry->getArgument(i + 1), at);
  }
  LLVM::BrOp::create(b, end);
  b.setInsertionPointToEnd(end);
  LLVM::ReturnOp::create(b, ValueRange());
}

/// A function of pointers to inputs and results, sizes, site and record.
func::FuncOp declareLowered(func::FuncOp kernel, StringRef name, OpBuilder &builder) {
  auto pointer = LLVM::LLVMPointerType::get(kernel.getContext());
  FunctionType type = kernel.getFunctionType();
  size_t inputs = llvm::count_if(type.getInputs(), llvm::IsaPred<RankedTensorType>);
  size_t pointers = inputs + type.getNumResults();
  SmallVector<Type> arguments(pointers, pointer);
  arguments.append(type.getNumInputs() - inputs + 1, builder.getIndexType());
  arguments.push_back(pointer);
  auto lowered = func::FuncOp::create(builder, kernel.getLoc(), name, builder.getFunctionType(arguments, TypeRange()));
  for (size_t i = 0; i < pointers; ++i) {
    lowered.setArgAttr(i, "llvm.noalias", builder.getUnitAttr());
    if (i < inputs)
      lowered.setArgAttr(i, "llvm.readonly", builder.getUnitAttr());
    // Tensors lie where 16 bytes can be read at once.
    lowered.setArgAttr(i, "llvm.align", builder.getI64IntegerAttr(16));
  }
  lowered->setAttr("transformer.of", builder.getStringAttr(kernel.getName()));
  lowered.addEntryBlock();
  return lowered;
}

bool isBarrier(Operation *op) {
  auto call = dyn_cast<LLVM::CallOp>(op);
  return call && call.getCallee() == barrierName;
}

bool writes(Operation *op) {
  return op
      ->walk([](Operation *inner) {
        return isa<LLVM::StoreOp, LLVM::CallOp>(inner) ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

/// Threads of different blocks cannot wait for each other: what is between two
/// barriers of the grid is launched on its own, and computes again what it needs
/// of the sizes before.
LogicalResult splitAtBarriers(func::FuncOp function) {
  Block &body = function.getBody().front();
  int64_t barriers = llvm::count_if(body, [](Operation &op) { return isBarrier(&op); });
  WalkResult nested = function.walk([&](Operation *op) {
    return isBarrier(op) && op->getBlock() != &body ? WalkResult::interrupt() : WalkResult::advance();
  });
  if (nested.wasInterrupted())
    return function.emitError("a barrier of all blocks inside control flow");
  if (!barriers)
    return success();
  OpBuilder builder(function);
  for (int64_t part = 0; part <= barriers; ++part) {
    auto copy = cast<func::FuncOp>(builder.clone(*function));
    copy.setName((function.getName() + (part ? "_part" + Twine(part) : Twine())).str());
    copy->setAttr("transformer.part", builder.getI64IntegerAttr(part));
    int64_t number = barriers;
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(copy.getBody().front()))) {
      if (isa<func::ReturnOp>(op))
        continue;
      if (isBarrier(&op)) {
        --number;
        op.erase();
      } else if (op.use_empty() && (number != part || isa<LLVM::AddressOfOp>(op))) {
        // Memory that blocks share is named at the beginning, whichever part uses it.
        op.erase();
      } else if (number != part && writes(&op)) {
        return function.emitError("what is behind a barrier of all blocks uses the results of a loop before it");
      }
    }
    if (llvm::none_of(copy.getOps<LLVM::AddressOfOp>(),
                      [](LLVM::AddressOfOp use) { return use.getGlobalName() == dynamicSharedName; }))
      copy->removeAttr("transformer.shared");
  }
  function.erase();
  return success();
}

/// What becomes instructions; for the rest the CPU has a mathematical library.
bool isDeviceFunction(Operation *op) {
  return isa<math::SqrtOp, math::FmaOp, math::AbsFOp, math::AbsIOp, math::FloorOp, math::CeilOp, math::RoundEvenOp,
             math::IPowIOp>(op);
}

/// Functions that a device has no code for, each named once.
LogicalResult checkFunctions(func::FuncOp function) {
  llvm::SmallSetVector<StringRef, 4> missing;
  function.walk([&](Operation *op) {
    if (isa<math::MathDialect>(op->getDialect()) && !isDeviceFunction(op))
      missing.insert(op->getName().stripDialect());
  });
  for (StringRef name : missing)
    function.emitError("kernel '") << function.getName() << "': there is no code for '" << name
                                   << "' on a GPU; compile for the CPU";
  return failure(!missing.empty());
}

llvm::Error checkTile(const TileTable &tiles, NamedAttribute choice) {
  auto tile = dyn_cast<StringAttr>(choice.getValue());
  if (!tile)
    return llvm::createStringError("'" + choice.getName().getValue() + "': a tile is a text");
  return tiles.check(choice.getName().getValue(), tile.getValue());
}

struct LowerKernelsToNVPTX : transom::impl::LowerKernelsToNVPTXBase<LowerKernelsToNVPTX> {
  using LowerKernelsToNVPTXBase::LowerKernelsToNVPTXBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    llvm::Expected<NVPTXTarget> target = NVPTXTarget::resolve(chip);
    if (!target) {
      module.emitError(llvm::toString(target.takeError()));
      return signalPassFailure();
    }
    target->tf32 = tf32;
    auto chosen = module->getAttrOfType<DictionaryAttr>("transformer.tiles");
    TileTable tiles(*target, chosen);
    for (NamedAttribute choice : chosen ? chosen : DictionaryAttr::get(&getContext()))
      if (llvm::Error error = checkTile(tiles, choice)) {
        module.emitError("transformer.tiles: ") << llvm::toString(std::move(error));
        return signalPassFailure();
      }
    OpBuilder builder(module.getContext());
    builder.setInsertionPointToEnd(module.getBody());
    auto device = gpu::GPUModuleOp::create(builder, module.getLoc(), target->chip);
    auto attribute = NVVM::NVVMTargetAttr::get(module.getContext(), /*optLevel=*/3, "nvptx64-nvidia-cuda", target->chip,
                                               target->features);
    device.setTargetsAttr(builder.getArrayAttr({attribute}));
    declareBarrier(device);
    defineFail(device);
    bool written = true;
    for (func::FuncOp kernel : llvm::to_vector(module.getOps<func::FuncOp>()))
      if (kernel->hasAttr("transformer.kernel"))
        written &=
            llvm::all_of(formsOf(kernel), [&](Form form) { return succeeded(lower(kernel, form, device, tiles)); });
    if (!written)
      return signalPassFailure();
    device.lookupSymbol(barrierName)->erase();
  }

  LogicalResult lower(func::FuncOp kernel, Form form, gpu::GPUModuleOp device, const TileTable &tiles) {
    // The builder puts its sizes into the kernel that it writes.
    OpBuilder builder(kernel);
    auto copy = cast<func::FuncOp>(builder.clone(*kernel));
    builder.setInsertionPointToEnd(device.getBody());
    std::string name = (kernel.getName() + suffixOf(form)).str();
    func::FuncOp lowered = declareLowered(copy, name, builder);
    if (form != Form::Any)
      lowered->setAttr("transformer.form", builder.getStringAttr(nameOf(form)));
    LogicalResult result = DeviceKernel(copy, lowered, tiles, form).write();
    copy.erase();
    if (failed(result) || failed(checkFunctions(lowered)))
      return failure();
    return splitAtBarriers(lowered);
  }
};

} // namespace
