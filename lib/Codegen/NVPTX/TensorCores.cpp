//===- TensorCores.cpp - the instructions of tensor cores -----------------===//

#include "TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

int64_t nvptx::strideOf(int64_t bytesOfElement, int64_t length, bool alongDepth, DepthOrder order) {
  // Pieces of eight lines side by side; or words of eight columns of four lines, which follow each other or every
  // second.
  return length + (bytesOfElement == 4 && (alongDepth || order == DepthOrder::Paired) ? 4 : 8);
}

//===-- Loads -------------------------------------------------------------===//

/// f32 as tensor cores take it. What they would ignore of a number is cut off here, rounded: then what is left of it
/// can be told exactly. Of an infinity that is NaN.
static Fragment split(DeviceKernel &kb, SmallVector<Value> registers, Type element) {
  ImplicitLocOpBuilder &b = kb.b;
  Fragment result;
  if (!element.isF32())
    return {std::move(registers), {}};
  if (kb.target.tf32) {
    for (Value whole : registers)
      result.high.push_back(NVVM::ConvertFloatToTF32Op::create(
          b, b.getI32Type(), arith::BitcastOp::create(b, b.getF32Type(), whole), NVVM::FPRoundingMode::RNA));
    return result;
  }
  for (Value whole : registers) {
    Value rounded = arith::AddIOp::create(b, whole, kb.i32(0x1000));
    Value high = arith::AndIOp::create(b, rounded, kb.i32(~int64_t(0x1fff)));
    auto number = [&](Value bits) { return arith::BitcastOp::create(b, b.getF32Type(), bits).getResult(); };
    // Exact, and not to be contracted with what made the number.
    Value low = arith::SubFOp::create(b, number(whole), number(high));
    result.high.push_back(high);
    result.low.push_back(arith::BitcastOp::create(b, b.getI32Type(), low));
  }
  return result;
}

/// Four 8 x 8 matrices of 16 bits, or 8 x 4 of 32; lane l says where line l % 8 of matrix l / 8 is.
static SmallVector<Value> loadMatrices(DeviceKernel &kb, const SharedTile &tile, Value line, Value within,
                                       bool transposed) {
  ImplicitLocOpBuilder &b = kb.b;
  Value at = kb.add(kb.add(tile.offset, kb.mul(line, kb.index(tile.stride))), within);
  Value from = kb.address(tile.pointer, at, tile.element);
  Type i32 = b.getI32Type();
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), {i32, i32, i32, i32});
  auto shape = NVVM::LdStMatrixShapeAttr::get(b.getContext(), 8, 8);
  Value loaded = NVVM::LdMatrixOp::create(b, type, from, 4, transposed ? NVVM::MMALayout::col : NVVM::MMALayout::row,
                                          shape, NVVM::LdStMatrixEltType::B16);
  SmallVector<Value> registers;
  for (int64_t i = 0; i < 4; ++i)
    registers.push_back(LLVM::ExtractValueOp::create(b, loaded, ArrayRef<int64_t>{i}));
  return registers;
}

/// Of f32 in lines across the depth: ldmatrix transposes halves alone. `places` are (depth, position).
static SmallVector<Value> loadWords(DeviceKernel &kb, const SharedTile &tile,
                                    ArrayRef<std::pair<Value, Value>> places) {
  SmallVector<Value> registers;
  for (auto [depth, position] : places) {
    Value at = kb.add(kb.add(tile.offset, kb.mul(depth, kb.index(tile.stride))), position);
    registers.push_back(kb.load(tile.pointer, at, kb.b.getI32Type()));
  }
  return registers;
}

Fragment nvptx::loadLeft(DeviceKernel &kb, const SharedTile &tile, Value row, Value depth) {
  if (tile.element.isF32() && !tile.alongDepth) {
    Value down = kb.add(row, kb.div(kb.lane, kb.index(4))), deep = kb.add(depth, kb.rem(kb.lane, kb.index(4)));
    Value below = kb.add(down, kb.index(8)), behind = kb.add(deep, kb.index(4));
    return split(kb, loadWords(kb, tile, {{deep, down}, {deep, below}, {behind, down}, {behind, below}}), tile.element);
  }
  // Matrices: rows 0..7 and 8..15 of the first half of the depths, then of the second.
  Value line = kb.rem(kb.lane, kb.index(8)), number = kb.div(kb.lane, kb.index(8));
  Value down = kb.add(row, kb.mul(kb.rem(number, kb.index(2)), kb.index(8)));
  Value deep = kb.add(depth, kb.mul(kb.div(number, kb.index(2)), kb.index(pieceOf(tile.element))));
  if (tile.alongDepth)
    return split(kb, loadMatrices(kb, tile, kb.add(down, line), deep, false), tile.element);
  return split(kb, loadMatrices(kb, tile, kb.add(deep, line), down, true), tile.element);
}

Fragment nvptx::loadRight(DeviceKernel &kb, const SharedTile &tile, Value column, Value depth, DepthOrder order) {
  if (tile.element.isF32() && !tile.alongDepth) {
    bool paired = order == DepthOrder::Paired;
    Value own = kb.rem(kb.lane, kb.index(4)), across = kb.add(column, kb.div(kb.lane, kb.index(4)));
    Value first = kb.add(depth, kb.mul(own, kb.index(paired ? 2 : 1)));
    Value second = kb.add(first, kb.index(paired ? 1 : 4)), further = kb.add(across, kb.index(8));
    return split(kb, loadWords(kb, tile, {{first, across}, {second, across}, {first, further}, {second, further}}),
                 tile.element);
  }
  assert(order == DepthOrder::Natural || !tile.element.isF32());
  // Matrices: both halves of the depths of columns 0..7, then of 8..15.
  Value line = kb.rem(kb.lane, kb.index(8)), number = kb.div(kb.lane, kb.index(8));
  Value deep = kb.add(depth, kb.mul(kb.rem(number, kb.index(2)), kb.index(pieceOf(tile.element))));
  Value across = kb.add(column, kb.mul(kb.div(number, kb.index(2)), kb.index(8)));
  if (tile.alongDepth)
    return split(kb, loadMatrices(kb, tile, kb.add(across, line), deep, false), tile.element);
  return split(kb, loadMatrices(kb, tile, kb.add(deep, line), across, true), tile.element);
}

/// Two f32 as neighbours of 16 bits in a register.
static Value packHalves(DeviceKernel &kb, Value first, Value second, Type element) {
  ImplicitLocOpBuilder &b = kb.b;
  auto type = VectorType::get({2}, element);
  Value packed;
  auto nearest = NVVM::FPRoundingModeAttr::get(b.getContext(), NVVM::FPRoundingMode::RN);
  auto none = NVVM::SaturationModeAttr::get(b.getContext(), NVVM::SaturationMode::NONE);
  if (element.isF16())
    packed = NVVM::ConvertF32x2ToF16x2Op::create(b, type, second, first, Value(), nearest, none, b.getBoolAttr(false));
  else
    packed = NVVM::ConvertF32x2ToBF16x2Op::create(b, type, second, first, Value(), nearest, none, b.getBoolAttr(false));
  return LLVM::BitcastOp::create(b, b.getI32Type(), packed);
}

Fragment nvptx::leftOfResults(DeviceKernel &kb, ArrayRef<Value> results, Type element) {
  SmallVector<Value> registers;
  if (!element.isF32()) {
    for (int64_t i = 0; i < 8; i += 2)
      registers.push_back(packHalves(kb, results[i], results[i + 1], element));
    return {std::move(registers), {}};
  }
  for (int64_t i : {0, 2, 1, 3}) // the rows below, then the second of the two columns
    registers.push_back(arith::BitcastOp::create(kb.b, kb.b.getI32Type(), results[i]));
  return split(kb, std::move(registers), element);
}

//===-- Products ----------------------------------------------------------===//

static void multiply(DeviceKernel &kb, ArrayRef<Value> left, ArrayRef<Value> right, MutableArrayRef<Value> sums,
                     Type element) {
  ImplicitLocOpBuilder &b = kb.b;
  Type f32 = b.getF32Type();
  auto operand = [&](ArrayRef<Value> registers) {
    SmallVector<Value> values(registers);
    if (element.isF16())
      for (Value &value : values)
        value = LLVM::BitcastOp::create(b, VectorType::get({2}, b.getF16Type()), value);
    return values;
  };
  auto type = LLVM::LLVMStructType::getLiteral(b.getContext(), {f32, f32, f32, f32});
  NVVM::MMATypes multiplied = element.isF32()   ? NVVM::MMATypes::tf32
                              : element.isF16() ? NVVM::MMATypes::f16
                                                : NVVM::MMATypes::bf16;
  Value result =
      NVVM::MmaOp::create(b, type, operand(left), operand(right), SmallVector<Value>(sums),
                          ArrayRef<int64_t>{16, 8, stepOf(element)}, std::nullopt, std::nullopt,
                          std::array{multiplied, multiplied}, std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, result, ArrayRef<int64_t>{int64_t(i)});
}

void nvptx::multiplyFragments(DeviceKernel &kb, const Fragment &left, const Fragment &right,
                              MutableArrayRef<Value> sums, Type element) {
  // Small terms first.
  if (!left.low.empty()) {
    multiply(kb, left.low, right.high, sums, element);
    multiply(kb, left.high, right.low, sums, element);
  }
  multiply(kb, left.high, right.high, sums, element);
}

//===-- Copies ------------------------------------------------------------===//

void nvptx::copyAsync(DeviceKernel &kb, Value to, Value from, Value valid) {
  ImplicitLocOpBuilder &b = kb.b;
  auto global = LLVM::LLVMPointerType::get(b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::Global));
  Value source = LLVM::AddrSpaceCastOp::create(b, global, from);
  Value size = kb.select(valid, kb.i32(16), kb.i32(0));
  NVVM::CpAsyncOp::create(b, to, source, 16, NVVM::LoadCacheModifierKind::CG, size);
}

void nvptx::commitCopies(DeviceKernel &kb) { NVVM::CpAsyncCommitGroupOp::create(kb.b); }

void nvptx::waitForCopies(DeviceKernel &kb, int64_t pending) { NVVM::CpAsyncWaitGroupOp::create(kb.b, pending); }
