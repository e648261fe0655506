//===- TensorCores.cpp - the instructions of tensor cores -----------------===//

#include "TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

/// Four 8 x 8 matrices; lane l says where line l % 8 of matrix l / 8 is.
static SmallVector<Value> loadMatrices(DeviceKernel &kb, const SharedTile &tile, Value line, Value within,
                                       bool transposed) {
  ImplicitLocOpBuilder &b = kb.b;
  Value at = kb.add(kb.add(tile.offset, kb.mul(line, kb.index(tile.stride))), within);
  Value from = kb.address(tile.pointer, at, b.getF16Type());
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

SmallVector<Value> nvptx::loadLeft(DeviceKernel &kb, const SharedTile &tile, Value row, Value depth) {
  // Matrices: rows 0..7 and 8..15 of depths 0..7, then of 8..15.
  Value line = kb.rem(kb.lane, kb.index(8)), number = kb.div(kb.lane, kb.index(8));
  Value down = kb.add(row, kb.mul(kb.rem(number, kb.index(2)), kb.index(8)));
  Value deep = kb.add(depth, kb.mul(kb.div(number, kb.index(2)), kb.index(8)));
  if (tile.alongDepth)
    return loadMatrices(kb, tile, kb.add(down, line), deep, false);
  return loadMatrices(kb, tile, kb.add(deep, line), down, true);
}

SmallVector<Value> nvptx::loadRight(DeviceKernel &kb, const SharedTile &tile, Value column, Value depth) {
  // Matrices: depths 0..7 and 8..15 of columns 0..7, then of 8..15.
  Value line = kb.rem(kb.lane, kb.index(8)), number = kb.div(kb.lane, kb.index(8));
  Value deep = kb.add(depth, kb.mul(kb.rem(number, kb.index(2)), kb.index(8)));
  Value across = kb.add(column, kb.mul(kb.div(number, kb.index(2)), kb.index(8)));
  if (tile.alongDepth)
    return loadMatrices(kb, tile, kb.add(across, line), deep, false);
  return loadMatrices(kb, tile, kb.add(deep, line), across, true);
}

void nvptx::multiplyFragments(DeviceKernel &kb, ArrayRef<Value> left, ArrayRef<Value> right,
                              MutableArrayRef<Value> sums, Type element) {
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
  NVVM::MMATypes multiplied = element.isF16() ? NVVM::MMATypes::f16 : NVVM::MMATypes::bf16;
  Value result = NVVM::MmaOp::create(
      b, type, operand(left), operand(right), SmallVector<Value>(sums), ArrayRef<int64_t>{16, 8, 16}, std::nullopt,
      std::nullopt, std::array{multiplied, multiplied}, std::array{NVVM::MMALayout::row, NVVM::MMALayout::col});
  for (auto [i, sum] : llvm::enumerate(sums))
    sum = LLVM::ExtractValueOp::create(b, result, ArrayRef<int64_t>{int64_t(i)});
}

void nvptx::copyAsync(DeviceKernel &kb, Value to, Value from, Value valid) {
  ImplicitLocOpBuilder &b = kb.b;
  auto global = LLVM::LLVMPointerType::get(b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::Global));
  Value source = LLVM::AddrSpaceCastOp::create(b, global, from);
  Value size = kb.select(valid, kb.i32(16), kb.i32(0));
  NVVM::CpAsyncOp::create(b, to, source, 16, NVVM::LoadCacheModifierKind::CG, size);
}

void nvptx::commitCopies(DeviceKernel &kb) { NVVM::CpAsyncCommitGroupOp::create(kb.b); }

void nvptx::waitForCopies(DeviceKernel &kb, int64_t pending) { NVVM::CpAsyncWaitGroupOp::create(kb.b, pending); }
