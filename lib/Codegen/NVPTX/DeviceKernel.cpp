//===- DeviceKernel.cpp - threads, blocks and shared memory of a kernel ---===//

#include "DeviceKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

StringRef nvptx::suffixOf(Form form) {
  switch (form) {
  case Form::Any:
  case Form::Tiles: return "";
  case Form::Row: return "_row";
  case Form::Few: return "_few";
  case Form::Split: return "_split";
  }
  llvm_unreachable("all forms are above");
}

StringRef nvptx::nameOf(Form form) {
  switch (form) {
  case Form::Any: return "any";
  case Form::Tiles: return "tiles";
  case Form::Row: return "row";
  case Form::Few: return "few";
  case Form::Split: return "split";
  }
  llvm_unreachable("all forms are above");
}

int64_t nvptx::splitsOf(Operation *product, Form form) {
  auto splits = product->getAttrOfType<DenseI64ArrayAttr>("transformer.splits");
  switch (form) {
  case Form::Row: return splits ? splits[0] : 1;
  case Form::Few: return splits ? splits[1] : 1;
  case Form::Split: return splits ? splits[2] : 0;
  default: return 1;
  }
}

SmallVector<Form> nvptx::formsOf(func::FuncOp kernel) {
  for (Operation &op : kernel.getBody().front()) {
    if (isForFewRows(&op)) {
      SmallVector<Form> forms = {Form::Tiles, Form::Row, Form::Few};
      if (splitsOf(&op, Form::Split))
        forms.push_back(Form::Split);
      return forms;
    }
    if (isa<MoEOp>(op))
      return {Form::Tiles, Form::Row, Form::Few};
    if (isa<AttentionOp>(op))
      return {Form::Tiles, Form::Split};
  }
  return {Form::Any};
}

DeviceKernel::DeviceKernel(func::FuncOp kernel, func::FuncOp lowered, const TileTable &tiles, Form form,
                           int64_t blockThreads)
    : KernelBuilder(kernel, lowered, cpu::CPUShape(), /*threadsAreArguments=*/false), tiles(tiles),
      target(tiles.target()), form(form) {
  Type i32 = b.getI32Type();
  auto wide = [&](Value value) { return arith::IndexCastUIOp::create(b, b.getIndexType(), value).getResult(); };
  local = wide(NVVM::ThreadIdXOp::create(b, i32));
  block = wide(NVVM::BlockIdXOp::create(b, i32));
  blocks = wide(NVVM::GridDimXOp::create(b, i32));
  lane = rem(local, index(32));
  warp = div(local, index(32));
  setBlockThreads(blockThreads);
}

void DeviceKernel::setBlockThreads(int64_t count) {
  if (count == threadsOfBlock)
    return;
  // What comes behind the region at hand reads them, too.
  OpBuilder::InsertionGuard guard(b);
  if (threadsOfBlock)
    b.setInsertionPointAfter(warp.getDefiningOp());
  threadsOfBlock = count;
  thread = add(mul(block, index(count)), local);
  threads = mul(blocks, index(count));
  lowered->setAttr("transformer.threads", b.getI64IntegerAttr(count));
}

FailureOr<Tile> DeviceKernel::tileFor(const TileKey &key, Operation *op) {
  std::optional<Tile> tile = tiles.choose(key);
  if (!tile)
    return op->emitError("no tile of '") << key.text() << "' fits the registers and the shared memory of a block of "
                                         << target.chip;
  if (key.way == TileWay::Stream || key.way == TileWay::MMA)
    tile->splits = splitsOf(op, form);
  lowered->setAttr("transformer.tile", b.getStrArrayAttr({key.text(), tile->text()}));
  return *tile;
}

void DeviceKernel::parallelNest(ArrayRef<Value> dims, llvm::function_ref<void(ArrayRef<Value>)> body, unsigned) {
  if (dims.empty())
    return onFirstThread([&] { body({}); });
  if (onFirstThreadOnly)
    return onFirstThread([&] { nest(dims, body); });
  Value count = index(1);
  for (Value dim : dims)
    count = mul(count, dim);
  loop(thread, count, threads, [&](Value item) { body(delinear(item, dims)); });
}

void DeviceKernel::forBlocks(Value count, llvm::function_ref<void(Value)> body) { loop(block, count, blocks, body); }

void DeviceKernel::forLocal(Value count, llvm::function_ref<void(Value)> body) {
  loop(local, count, index(threadsOfBlock), body);
}

void DeviceKernel::syncThreads() { NVVM::Barrier0Op::create(b); }

Value DeviceKernel::shared(int64_t elements, Type element, int64_t alignment) {
  OpBuilder::InsertionGuard guard(b);
  Type stored = element.isBF16() ? Type(b.getI16Type()) : element;
  auto type = LLVM::LLVMArrayType::get(stored, elements);
  constexpr unsigned space = static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared);
  b.setInsertionPoint(lowered);
  std::string name = (lowered.getName() + "_shared_" + Twine(numShared++)).str();
  auto global = LLVM::GlobalOp::create(b, type, /*isConstant=*/false, LLVM::Linkage::Internal, name, Attribute(),
                                       alignment, space);
  b.setInsertionPoint(start);
  return LLVM::AddressOfOp::create(b, global);
}

Value DeviceKernel::dynamicShared(int64_t bytes) {
  OpBuilder::InsertionGuard guard(b);
  auto module = lowered->getParentOfType<gpu::GPUModuleOp>();
  auto global = module.lookupSymbol<LLVM::GlobalOp>(dynamicSharedName);
  if (!global) {
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMArrayType::get(b.getI8Type(), 0);
    global = LLVM::GlobalOp::create(b, type, /*isConstant=*/false, LLVM::Linkage::External, dynamicSharedName,
                                    Attribute(), 1024, static_cast<unsigned>(NVVM::NVVMMemorySpace::Shared));
  }
  auto before = lowered->getAttrOfType<IntegerAttr>("transformer.shared");
  lowered->setAttr("transformer.shared", b.getI64IntegerAttr(std::max(bytes, before ? before.getInt() : 0)));
  b.setInsertionPoint(start);
  return LLVM::AddressOfOp::create(b, global);
}

Value DeviceKernel::tensorMap(unsigned argument, bool flat, int64_t box, int64_t boxLines) {
  SmallVector<Attribute> maps;
  if (auto before = lowered->getAttrOfType<ArrayAttr>("transformer.maps"))
    maps.assign(before.begin(), before.end());
  auto number = [&](StringRef name, int64_t value) { return b.getNamedAttr(name, b.getI64IntegerAttr(value)); };
  auto place = static_cast<unsigned>(maps.size());
  maps.push_back(b.getDictionaryAttr({number("argument", argument), b.getNamedAttr("flat", b.getBoolAttr(flat)),
                                      number("box", box), number("lines", boxLines)}));
  lowered->setAttr("transformer.maps", b.getArrayAttr(maps));
  auto bytes = LLVM::LLVMArrayType::get(b.getI8Type(), 128);
  auto attributes = b.getDictionaryAttr(
      {b.getNamedAttr("llvm.byval", TypeAttr::get(bytes)), b.getNamedAttr("llvm.align", b.getI64IntegerAttr(64))});
  (void)lowered.insertArgument(place, LLVM::LLVMPointerType::get(b.getContext()), attributes, b.getLoc());
  return lowered.getArgument(place);
}

//===-- Warps -------------------------------------------------------------===//

Value DeviceKernel::i32(int64_t value) { return arith::ConstantOp::create(b, b.getI32IntegerAttr(value)); }
Value DeviceKernel::toI32(Value index) { return arith::IndexCastOp::create(b, b.getI32Type(), index); }

Value DeviceKernel::exp2(Value x) {
  auto name = b.getStringAttr("llvm.nvvm.ex2.approx.ftz.f32");
  return LLVM::CallIntrinsicOp::create(b, x.getType(), name, ValueRange{x}).getResult(0);
}

Value DeviceKernel::shuffle(Value value, int64_t mask) {
  Type type = value.getType();
  unsigned width = type.getIntOrFloatBitWidth();
  auto exchange = [&](Value word) -> Value {
    return NVVM::ShflOp::create(b, word.getType(), i32(-1), word, i32(mask), i32(31), NVVM::ShflKind::bfly, UnitAttr());
  };
  if (type.isF32() || type.isInteger(32))
    return exchange(value);
  Type bits = b.getIntegerType(width);
  Value word = type == bits ? value : arith::BitcastOp::create(b, bits, value).getResult();
  if (width < 32) {
    word = arith::TruncIOp::create(b, bits, exchange(arith::ExtUIOp::create(b, b.getI32Type(), word)));
  } else {
    Type half = b.getI32Type();
    Value shift = arith::ConstantOp::create(b, b.getI64IntegerAttr(32));
    Value low = exchange(arith::TruncIOp::create(b, half, word));
    Value high = exchange(arith::TruncIOp::create(b, half, arith::ShRUIOp::create(b, word, shift)));
    Value wideHigh = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, bits, high), shift);
    word = arith::OrIOp::create(b, arith::ExtUIOp::create(b, bits, low), wideHigh);
  }
  return type == bits ? word : arith::BitcastOp::create(b, type, word).getResult();
}

Value DeviceKernel::reduceLanes(Value value, int64_t lanes, Combine combine) {
  for (int64_t mask = lanes / 2; mask > 0; mask /= 2)
    value = combine(value, shuffle(value, mask));
  return value;
}

Value DeviceKernel::reduceBlock(Value value, Value room, Combine combine) {
  Type type = value.getType();
  int64_t warps = threadsOfBlock / 32;
  value = reduceLanes(value, 32, combine);
  syncThreads(); // the room may still be read
  when(equal(lane, index(0)), [&] { store(value, room, warp, type); });
  syncThreads();
  // Every warp combines the warps' values in the same order.
  Value total = load(room, index(0), type);
  for (int64_t i = 1; i < warps; ++i)
    total = combine(total, load(room, index(i), type));
  return total;
}

//===-- Vectors -----------------------------------------------------------===//

static Type stored(Type element) {
  return element.isBF16() ? Type(IntegerType::get(element.getContext(), 16)) : element;
}

Value DeviceKernel::loadVectorOf(Value pointer, Value offset, int64_t lanes, Type element, int64_t alignment) {
  return LLVM::LoadOp::create(b, VectorType::get({lanes}, stored(element)), address(pointer, offset, element),
                              alignment);
}

void DeviceKernel::storeVectorOf(Value vector, Value pointer, Value offset, Type element, int64_t alignment) {
  LLVM::StoreOp::create(b, vector, address(pointer, offset, element), alignment);
}

Value DeviceKernel::extract(Value vector, int64_t number) {
  return LLVM::ExtractElementOp::create(b, vector, i32(number));
}

Value DeviceKernel::pack(ArrayRef<Value> values) {
  Value vector = LLVM::UndefOp::create(b, VectorType::get({static_cast<int64_t>(values.size())}, values[0].getType()));
  for (auto [i, value] : llvm::enumerate(values))
    vector = LLVM::InsertElementOp::create(b, vector, value, i32(i));
  return vector;
}

//===-- Anchors -----------------------------------------------------------===//

LogicalResult DeviceKernel::writeAnchor(Operation *anchor) {
  return llvm::TypeSwitch<Operation *, LogicalResult>(anchor)
      .Case<ReduceOp>([&](auto op) { return nvptx::writeReduce(*this, op); })
      .Case<SoftmaxOp>([&](auto op) { return nvptx::writeSoftmax(*this, op); })
      .Case<LayerNormOp>([&](auto op) { return nvptx::writeLayerNorm(*this, op); })
      .Case<RMSNormOp>([&](auto op) { return nvptx::writeRMSNorm(*this, op); })
      .Case<MatMulOp>([&](auto op) { return nvptx::writeMatMul(*this, op); })
      .Case<LinearOp>([&](auto op) { return nvptx::writeLinear(*this, op); })
      .Case<MatMulIntegerOp>([&](auto op) { return nvptx::writeMatMulInteger(*this, op); })
      .Case<LinearNBitsOp>([&](auto op) { return nvptx::writeLinearNBits(*this, op); })
      .Case<AttentionOp>([&](auto op) { return nvptx::writeAttention(*this, op); })
      .Case<ConvOp>([&](auto op) { return nvptx::writeConv(*this, op); })
      .Case<KVWriteOp>([&](auto op) { return nvptx::writeKVWrite(*this, op); })
      .Case<MoEOp>([&](auto op) { return nvptx::writeMoE(*this, op); })
      // What is left splits its work by items, each of them one thread's.
      .Default([&](Operation *op) { return KernelBuilder::writeAnchor(op); });
}
