//===- LowerLaunches.cpp - kernels to the host's side of their launches ---===//
//
// Expects the stage `nvptx`. Afterwards each kernel on tensors is a function of
// the host with the arguments that the CPU's kernels have, which launches the
// kernel's functions: the parts of the form that fits. The functions are listed
// as `transformer.functions` of the module; the `gpu.module` stays.
//
//===----------------------------------------------------------------------===//

#include "LaunchSizes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "transom/Codegen/Passes.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace transom;

namespace transom {
#define GEN_PASS_DEF_LOWERLAUNCHES
#include "transom/Codegen/Passes.h.inc"
} // namespace transom

namespace {

constexpr StringLiteral launchName = "transom_rt_device_launch";

/// What the host program calls of the runtime (transom/program.h).
void declareRuntime(ModuleOp module) {
  OpBuilder builder(module.getBodyRegion());
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  Type i32 = builder.getI32Type(), i64 = builder.getI64Type(), none = LLVM::LLVMVoidType::get(module.getContext());
  auto declare = [&](StringRef name, Type result, ArrayRef<Type> arguments) {
    LLVM::LLVMFuncOp::create(builder, module.getLoc(), name, LLVM::LLVMFunctionType::get(result, arguments));
  };
  declare("transom_rt_fail", none, {pointer, i32, i32, i64, i64});
  declare(launchName, none, {pointer, i32, i32, i64, pointer, i32});
  declare("transom_rt_device_map", none, {pointer, i32, pointer, pointer, i64, i64, i64, i64, i64, i64});
  declare("transom_rt_device_read", i32, {pointer, pointer, i64, pointer});
  declare("transom_rt_device_write", none, {pointer, pointer, i64, i64});
  declare("transom_rt_device_copy", none, {pointer, pointer, pointer, i64});
  declare("transom_rt_device_cell", pointer, {pointer, i32});
  declare("transom_rt_device_alloc", pointer, {pointer, i64, i64});
  declare("transom_rt_device_output", pointer, {pointer, i64, i32, pointer});
  declare("transom_rt_device_profile", none, {pointer, i64, i32});
}

/// A description of a tensor as the driver makes it.
constexpr int64_t wordsOfMap = 16;

/// An argument of a kernel, and which index arguments have its dims.
using Tensor = std::pair<RankedTensorType, ArrayRef<int64_t>>;
using Tensors = SmallVector<Tensor>;

struct LowerLaunches : transom::impl::LowerLaunchesBase<LowerLaunches> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto devices = module.getOps<gpu::GPUModuleOp>();
    if (!llvm::hasSingleElement(devices)) {
      module.emitError("the module has no gpu.module, or several: it is not after the stage nvptx");
      return signalPassFailure();
    }
    llvm::MapVector<StringRef, SmallVector<func::FuncOp>> functionsOf;
    for (auto function : (*devices.begin()).getOps<func::FuncOp>())
      if (auto of = function->getAttrOfType<StringAttr>("transformer.of"))
        functionsOf[of.getValue()].push_back(function);
    declareRuntime(module);
    for (func::FuncOp kernel : llvm::to_vector(module.getOps<func::FuncOp>()))
      if (kernel->hasAttr("transformer.kernel"))
        lower(kernel, functionsOf.lookup(kernel.getName()));
    module->setAttr("transformer.functions", ArrayAttr::get(&getContext(), listed));
  }

  /// Replaces the kernel by a function of pointers, sizes, site, thread, threads and run.
  void lower(func::FuncOp kernel, ArrayRef<func::FuncOp> functions) {
    ImplicitLocOpBuilder b(kernel.getLoc(), kernel);
    auto pointer = LLVM::LLVMPointerType::get(&getContext());
    FunctionType type = kernel.getFunctionType();
    size_t inputs = llvm::count_if(type.getInputs(), llvm::IsaPred<RankedTensorType>);
    size_t pointers = inputs + type.getNumResults(), sizes = type.getNumInputs() - inputs;
    SmallVector<Type> types(pointers, pointer);
    types.append(sizes + 3, b.getIndexType());
    types.push_back(pointer);
    auto host = func::FuncOp::create(b, kernel.getName(), b.getFunctionType(types, {}));
    host.setPrivate();
    host->setAttr("transformer.kernel", b.getUnitAttr());
    if (Attribute written = kernel->getAttr("transformer.in_place"))
      host->setAttr("transformer.in_place", written);
    Tensors tensors;
    for (size_t i = 0; i < inputs; ++i)
      tensors.push_back({cast<RankedTensorType>(type.getInput(i)),
                         kernel.getArgAttrOfType<DenseI64ArrayAttr>(i, "transformer.sizes").asArrayRef()});
    kernel.erase();
    Block *body = host.addEntryBlock();
    b.setInsertionPointToEnd(body);
    Type i64 = b.getI64Type();
    auto i32 = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 32); };
    Value run = body->getArguments().back(), site = body->getArgument(pointers + sizes);

    // Descriptions of tensors, then one word an argument; the last is the runtime's.
    auto count = static_cast<int64_t>(pointers + sizes + 2);
    int64_t mapWords = 0;
    for (func::FuncOp function : functions)
      mapWords = std::max(mapWords, wordsOfMap * static_cast<int64_t>(mapsOf(function).size()));
    Value room = LLVM::AllocaOp::create(b, pointer, i64, arith::ConstantIntOp::create(b, mapWords + count, 64), 64);
    auto wordAt = [&](int64_t i) -> Value {
      return LLVM::GEPOp::create(b, pointer, i64, room, ArrayRef<LLVM::GEPArg>{int32_t(i)});
    };
    for (int64_t i = 0; i + 1 < count; ++i) {
      Value argument = body->getArgument(i);
      Value word = static_cast<size_t>(i) < pointers ? LLVM::PtrToIntOp::create(b, i64, argument).getResult()
                                                     : arith::IndexCastOp::create(b, i64, argument).getResult();
      LLVM::StoreOp::create(b, word, wordAt(mapWords + i));
    }
    Value place = arith::IndexCastOp::create(b, b.getI32Type(), site);
    auto sizeOf = [&](int64_t argument) { return body->getArgument(argument - inputs + pointers); };
    for (func::FuncOp function : functions) {
      ArrayAttr maps = mapsOf(function);
      int64_t words = wordsOfMap * static_cast<int64_t>(maps.size());
      for (auto [i, map] : llvm::enumerate(maps.getAsRange<DictionaryAttr>())) {
        int64_t argument = map.getAs<IntegerAttr>("argument").getInt();
        SmallVector<Value> operands = {run, place, wordAt(mapWords - words + wordsOfMap * int64_t(i)),
                                       body->getArgument(argument)};
        llvm::append_range(operands, describe(b, map, tensors[argument], sizeOf));
        LLVM::CallOp::create(b, TypeRange(), "transom_rt_device_map", operands);
      }
      Value blocks = nvptx::LaunchSizes(b, function, body->getArguments().take_front(count - 1)).blocks();
      LLVM::CallOp::create(
          b, TypeRange(), launchName,
          ValueRange{run, place, i32(number(b, function)), blocks, wordAt(mapWords - words), i32(words + count)});
    }
    func::ReturnOp::create(b);
  }

  /// What transom_rt_device_map takes of a tensor: bytes of an element, or -2 for bf16, the three dims, and the box.
  SmallVector<Value> describe(ImplicitLocOpBuilder &b, DictionaryAttr map, Tensor tensor,
                              llvm::function_ref<Value(int64_t)> sizeOf) {
    auto number = [&](int64_t value) { return arith::ConstantIntOp::create(b, value, 64).getResult(); };
    auto [type, sizes] = tensor;
    int64_t rank = type.getRank();
    bool flat = map.getAs<BoolAttr>("flat").getValue();
    SmallVector<Value> dims = {number(1), number(1), number(1)};
    for (int64_t i = 0; i < rank; ++i) {
      Value dim = sizes[i] < 0 ? number(type.getDimSize(i))
                               : arith::IndexCastOp::create(b, b.getI64Type(), sizeOf(sizes[i])).getResult();
      Value &to = dims[i == rank - 1 ? 0 : flat || i == rank - 2 ? 1 : 2];
      to = arith::MulIOp::create(b, to, dim);
    }
    Type element = type.getElementType();
    SmallVector<Value> result = {number(element.isBF16() ? -2 : element.getIntOrFloatBitWidth() / 8)};
    llvm::append_range(result, dims);
    result.push_back(number(map.getAs<IntegerAttr>("box").getInt()));
    result.push_back(number(map.getAs<IntegerAttr>("lines").getInt()));
    return result;
  }

  static ArrayAttr mapsOf(func::FuncOp function) {
    auto maps = function->getAttrOfType<ArrayAttr>("transformer.maps");
    return maps ? maps : ArrayAttr::get(function.getContext(), {});
  }

  int64_t number(OpBuilder &b, func::FuncOp function) {
    auto shared = function->getAttrOfType<IntegerAttr>("transformer.shared");
    listed.push_back(b.getDictionaryAttr({b.getNamedAttr("name", b.getStringAttr(function.getName())),
                                          b.getNamedAttr("threads", function->getAttr("transformer.threads")),
                                          b.getNamedAttr("shared", shared ? shared : b.getI64IntegerAttr(0))}));
    return static_cast<int64_t>(listed.size()) - 1;
  }

  SmallVector<Attribute> listed;
};

} // namespace
