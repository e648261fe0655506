//===- TileProduct.cpp - register tiles of matrix products ----------------===//

#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;

namespace {

constexpr int64_t unroll = 4;

/// `lanes` columns of B as f32.
Value loadColumns(KernelBuilder &kb, Value pointer, Value offset, Type element, int64_t lanes) {
  ImplicitLocOpBuilder &b = kb.b;
  if (element.isF32())
    return kb.loadVector(pointer, offset, lanes);
  Value where = kb.address(pointer, offset, element);
  if (element.isF16()) {
    Value raw = LLVM::LoadOp::create(b, VectorType::get({lanes}, element), where, 2);
    return arith::ExtFOp::create(b, VectorType::get({lanes}, b.getF32Type()), raw);
  }
  Value raw = LLVM::LoadOp::create(b, VectorType::get({lanes}, b.getI16Type()), where, 2);
  auto wide = VectorType::get({lanes}, b.getI32Type());
  Value sixteen = arith::ConstantOp::create(b, DenseElementsAttr::get(wide, b.getI32IntegerAttr(16)));
  Value shifted = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, wide, raw), sixteen);
  return arith::BitcastOp::create(b, VectorType::get({lanes}, b.getF32Type()), shifted);
}

} // namespace

void transom::cpu::prefetchLines(KernelBuilder &kb, Value pointer, Value offset, Type element, int64_t count) {
  ImplicitLocOpBuilder &b = kb.b;
  int64_t perLine = 512 / element.getIntOrFloatBitWidth();
  for (int64_t line = 0; line < count; line += perLine) {
    // It may lie behind the last element: no pointer that is promised to be inside.
    Value at = kb.toI64(kb.add(offset, kb.index(line)));
    Value where = LLVM::GEPOp::create(b, LLVM::LLVMPointerType::get(b.getContext()), element, pointer,
                                      ArrayRef<LLVM::GEPArg>{at});
    LLVM::Prefetch::create(b, where, 0, 2, 1);
  }
}

SmallVector<Value> transom::cpu::writeTileProduct(KernelBuilder &kb, const TileOperands &operands, int64_t rows,
                                                  int64_t vectors) {
  ImplicitLocOpBuilder &b = kb.b;
  int64_t lanes = kb.shape.lanes();
  auto vector = VectorType::get({lanes}, b.getF32Type());
  Value zero = arith::ConstantOp::create(b, DenseElementsAttr::get(vector, b.getF32FloatAttr(0)));
  SmallVector<Value> rowOffsets;
  for (int64_t r = 0; r < rows; ++r)
    rowOffsets.push_back(kb.add(operands.aOffset, kb.mul(kb.index(r), operands.aStride)));

  // Row `after` of those from k on: distances from one address, which need no arithmetic of their own.
  auto step = [&](Value first, int64_t after, SmallVector<Value> sums, bool prefetch) {
    auto rowOf = [&](Value start, Value stride) {
      return kb.add(kb.add(start, kb.mul(first, stride)), kb.mul(kb.index(after), stride));
    };
    Value k = kb.add(first, kb.index(after)), row = rowOf(operands.bOffset, operands.bStride);
    if (prefetch) {
      Value ahead = rowOf(operands.ahead, operands.aheadStep);
      Type element = operands.bElement.isF32() ? operands.bElement : Type(b.getI16Type());
      prefetchLines(kb, operands.aheadBuffer, ahead, element, vectors * lanes);
    }
    SmallVector<Value> columns;
    for (int64_t v = 0; v < vectors; ++v) {
      int64_t panel = operands.panelVectors ? v / operands.panelVectors : 0;
      Value start = panel ? kb.add(row, kb.mul(kb.index(panel), operands.panelStride)) : row;
      Value at = kb.add(start, kb.index((v - panel * operands.panelVectors) * lanes));
      columns.push_back(loadColumns(kb, operands.b, at, operands.bElement, lanes));
    }
    for (int64_t r = 0; r < rows; ++r) {
      Value x = kb.load(operands.a, kb.add(rowOffsets[r], k), b.getF32Type());
      Value all = vector::BroadcastOp::create(b, vector, x);
      for (int64_t v = 0; v < vectors; ++v)
        sums[r * vectors + v] = kb.fma(all, columns[v], sums[r * vectors + v]);
    }
    return sums;
  };

  SmallVector<Value> sums(rows * vectors, zero);
  for (int64_t i = 0; operands.c && i < rows * vectors; ++i) {
    Value row = kb.add(operands.cOffset, kb.mul(kb.index(i / vectors), operands.cStride));
    sums[i] = kb.loadVector(operands.c, kb.add(row, kb.index(i % vectors * lanes)), lanes);
  }
  Value whole = kb.mul(kb.div(operands.depth, kb.index(unroll)), kb.index(unroll));
  sums = kb.loop(kb.index(0), whole, kb.index(unroll), sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> next(carried);
    for (int64_t u = 0; u < unroll; ++u)
      next = step(k, u, next, operands.ahead != nullptr);
    return next;
  });
  if (auto known = getConstantIntValue(operands.depth); known && *known % unroll == 0)
    return sums;
  return kb.loop(whole, operands.depth, kb.index(1), sums,
                 [&](Value k, ValueRange carried) { return step(k, 0, SmallVector<Value>(carried), false); });
}

void transom::cpu::storeTile(KernelBuilder &kb, ArrayRef<Value> sums, int64_t vectors, Value pointer, Value offset,
                             Value stride) {
  for (auto [i, sum] : llvm::enumerate(sums)) {
    Value row = kb.add(offset, kb.mul(kb.index(i / vectors), stride));
    kb.storeVector(sum, pointer, kb.add(row, kb.index(i % vectors * kb.shape.lanes())));
  }
}

void transom::cpu::multiplyRows(KernelBuilder &kb, Value row, int64_t rows, int64_t vectors, const FloatRows &a,
                                const FloatRows &b, Value depth, const FloatRows &to, bool adds) {
  auto startOf = [&](const FloatRows &matrix) { return kb.add(kb.mul(row, matrix.stride), matrix.offset); };
  TileOperands tile;
  tile.a = a.pointer;
  tile.aOffset = startOf(a);
  tile.aStride = a.stride;
  tile.b = b.pointer;
  tile.bOffset = b.offset;
  tile.bStride = b.stride;
  tile.bElement = kb.b.getF32Type();
  tile.depth = depth;
  Value place = startOf(to);
  if (adds) {
    tile.c = to.pointer;
    tile.cOffset = place;
    tile.cStride = to.stride;
  }
  storeTile(kb, writeTileProduct(kb, tile, rows, vectors), vectors, to.pointer, place, to.stride);
}

void transom::cpu::forRowTiles(KernelBuilder &kb, Value from, Value to, llvm::function_ref<void(Value, int64_t)> tile) {
  int64_t full = kb.shape.tileRows(), evenly = full + full / 2, half = full / 2 + 1;
  Value tiles = kb.ceilDiv(kb.sub(to, from), full);
  kb.loop(kb.index(0), tiles, kb.index(1), from, [&](Value, ValueRange carried) -> SmallVector<Value> {
    Value row = carried[0], left = kb.sub(to, row);
    Value parted = kb.select(kb.less(kb.index(full), left), kb.index(half), left);
    Value rows = kb.select(kb.less(kb.index(evenly), left), kb.index(full), parted);
    kb.dispatch(rows, full, [&](int64_t count) { tile(row, count); });
    return {kb.add(row, rows)};
  });
}
