//===- Integers.cpp - matmul_integer --------------------------------------===//
//
// 8-bit products with i32 sums. A tile of the right operand is widened to i16
// less its zero points once for a block of rows, so that the innermost loop is
// 16-bit multiplications over neighbouring columns, several rows and taps for
// each sum that is loaded and stored.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

constexpr int64_t tileColumns = 128, blockRows = 32, rowsAtOnce = 4, tapsAtOnce = 4, tileTaps = 64;

class IntegerProduct {
public:
  IntegerProduct(KernelBuilder &kb, MatMulIntegerOp op);
  void write();

private:
  Value widened(Value x, Type element, Type to) {
    return KernelBuilder::isUnsigned(element) ? arith::ExtUIOp::create(kb.b, to, x).getResult()
                                              : arith::ExtSIOp::create(kb.b, to, x).getResult();
  }
  Value zeroPoint(Value zero, ArrayRef<Value> batch, Value at, bool isRow, Type to);
  void widenTile(ArrayRef<Value> batch, Value tap, Value taps, Value column, Value columns);
  void addRows(ArrayRef<Value> batch, Value row, int64_t rows, Value slot, Value tap, Value taps, Value columns);

  KernelBuilder &kb;
  MatMulIntegerOp op;
  Type i16, i32;
  SmallVector<Value> out;
  SmallVector<Dim> shape;
  Value taps, tile, sums;
};

IntegerProduct::IntegerProduct(KernelBuilder &kb, MatMulIntegerOp op)
    : kb(kb), op(op), i16(kb.b.getIntegerType(16)), i32(kb.b.getI32Type()), out(kb.dimsOf(op.getResult())),
      shape(kb.shapeOf(op.getResult())), taps(kb.dimsOf(op.getLhs()).back()),
      tile(kb.stack(tileTaps * tileColumns, kb.b.getIntegerType(16))),
      sums(kb.stack(blockRows * tileColumns, kb.b.getI32Type())) {}

/// What is subtracted from row `at` of the left operand, or from column `at` of
/// the right one: a scalar, a vector, or [..., rows, 1] and [..., 1, columns].
Value IntegerProduct::zeroPoint(Value zero, ArrayRef<Value> batch, Value at, bool isRow, Type to) {
  if (!zero)
    return kb.number(to, 0);
  SmallVector<Value> dims = kb.dimsOf(zero);
  Index where(dims.size(), kb.index(0));
  auto clamped = [&](Value dim, Value position) {
    auto size = getConstantIntValue(dim);
    if (size)
      return *size == 1 ? kb.index(0) : position;
    return kb.select(kb.equal(dim, kb.index(1)), kb.index(0), position);
  };
  if (dims.size() == 1) {
    where[0] = clamped(dims[0], at);
  } else if (dims.size() > 1) {
    size_t own = dims.size() - (isRow ? 2 : 1);
    where[own] = clamped(dims[own], at);
    for (size_t i = 0; i + 2 < dims.size(); ++i)
      where[i] = clamped(dims[i], batch[batch.size() - (dims.size() - 2) + i]);
  }
  return widened(kb.element(zero, where), kb.elementOf(zero), to);
}

/// The element of an operand whose batch dims broadcast to the result's.
static Value operandElement(KernelBuilder &kb, Value operand, ArrayRef<Value> batch, ArrayRef<Dim> shape, Value row,
                            Value column) {
  SmallVector<Dim> dims(shape.drop_back(2));
  Dims own = kb.shapeOf(operand);
  dims.append({own[own.size() - 2], own.back()});
  Index at(batch);
  at.append({row, column});
  return kb.broadcast(operand, at, dims);
}

/// Rows of the right operand, in i16; taps beyond the last one are 0.
void IntegerProduct::widenTile(ArrayRef<Value> batch, Value tap, Value taps, Value column, Value columns) {
  Type element = kb.elementOf(op.getRhs());
  Value padded = kb.mul(kb.ceilDiv(taps, tapsAtOnce), kb.index(tapsAtOnce));
  kb.loop(taps, [&](Value t) {
    Value line = kb.mul(t, kb.index(tileColumns));
    kb.loop(columns, [&](Value j) {
      Value at = kb.add(column, j);
      Value x = widened(operandElement(kb, op.getRhs(), batch, shape, kb.add(tap, t), at), element, i16);
      x = arith::SubIOp::create(kb.b, x, zeroPoint(op.getRhsZero(), batch, at, false, i16));
      kb.store(x, tile, kb.add(line, j), i16);
    });
  });
  kb.loop(taps, padded, kb.index(1), [&](Value t) {
    Value line = kb.mul(t, kb.index(tileColumns));
    kb.loop(columns, [&](Value j) { kb.store(kb.number(i16, 0), tile, kb.add(line, j), i16); });
  });
}

void IntegerProduct::addRows(ArrayRef<Value> batch, Value row, int64_t rows, Value slot, Value tap, Value taps,
                             Value columns) {
  Type element = kb.elementOf(op.getLhs());
  Value lastTap = kb.sub(this->taps, kb.index(1));
  SmallVector<Value> zeros;
  for (int64_t r = 0; r < rows; ++r)
    zeros.push_back(zeroPoint(op.getLhsZero(), batch, kb.add(row, kb.index(r)), true, i16));
  kb.loop(kb.index(0), taps, kb.index(tapsAtOnce), [&](Value t) {
    SmallVector<Value> factors;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t i = 0; i < tapsAtOnce; ++i) {
        // A tap beyond the last one meets zeros in the tile.
        Value at = kb.min(kb.add(kb.add(tap, t), kb.index(i)), lastTap);
        Value x = widened(operandElement(kb, op.getLhs(), batch, shape, kb.add(row, kb.index(r)), at), element, i16);
        factors.push_back(arith::ExtSIOp::create(kb.b, i32, arith::SubIOp::create(kb.b, x, zeros[r])));
      }
    kb.loop(columns, [&](Value j) {
      SmallVector<Value> packed;
      for (int64_t i = 0; i < tapsAtOnce; ++i) {
        Value line = kb.mul(kb.add(t, kb.index(i)), kb.index(tileColumns));
        packed.push_back(arith::ExtSIOp::create(kb.b, i32, kb.load(tile, kb.add(line, j), i16)));
      }
      for (int64_t r = 0; r < rows; ++r) {
        Value at = kb.add(kb.mul(kb.add(slot, kb.index(r)), kb.index(tileColumns)), j), sum = kb.load(sums, at, i32);
        for (int64_t i = 0; i < tapsAtOnce; ++i)
          sum = arith::AddIOp::create(kb.b, sum, arith::MulIOp::create(kb.b, factors[r * tapsAtOnce + i], packed[i]));
        kb.store(sum, sums, at, i32);
      }
    });
  });
}

void IntegerProduct::write() {
  size_t rank = out.size();
  Value rowCount = out[rank - 2], columnCount = out[rank - 1], one = kb.index(1);
  SmallVector<Value> items(ArrayRef<Value>(out).drop_back(2));
  items.append({kb.ceilDiv(rowCount, blockRows), kb.ceilDiv(columnCount, tileColumns)});
  Value count = one;
  for (Value item : items)
    count = kb.mul(count, item);
  auto [from, to] = kb.share(count);
  kb.loop(from, to, one, [&](Value item) {
    Index at = kb.delinear(item, items);
    ArrayRef<Value> batch = ArrayRef<Value>(at).drop_back(2);
    Value row = kb.mul(at[rank - 2], kb.index(blockRows)), column = kb.mul(at[rank - 1], kb.index(tileColumns));
    Value rows = kb.min(kb.sub(rowCount, row), kb.index(blockRows));
    Value columns = kb.min(kb.sub(columnCount, column), kb.index(tileColumns));
    kb.loop(kb.mul(rows, kb.index(tileColumns)), [&](Value i) { kb.store(kb.number(i32, 0), sums, i, i32); });
    kb.loop(kb.index(0), taps, kb.index(tileTaps), [&](Value tap) {
      Value width = kb.min(kb.sub(taps, tap), kb.index(tileTaps));
      widenTile(batch, tap, width, column, columns);
      Value whole = kb.mul(kb.div(rows, kb.index(rowsAtOnce)), kb.index(rowsAtOnce));
      kb.loop(kb.index(0), whole, kb.index(rowsAtOnce),
              [&](Value r) { addRows(batch, kb.add(row, r), rowsAtOnce, r, tap, width, columns); });
      kb.loop(whole, rows, one, [&](Value r) { addRows(batch, kb.add(row, r), 1, r, tap, width, columns); });
    });
    kb.loop(rows, [&](Value r) {
      Value line = kb.mul(r, kb.index(tileColumns));
      kb.loop(columns, [&](Value j) {
        Index where(batch);
        where.append({kb.add(row, r), kb.add(column, j)});
        kb.finish(op, where, kb.load(sums, kb.add(line, j), i32));
      });
    });
  });
}

} // namespace

LogicalResult transom::cpu::writeMatMulInteger(KernelBuilder &kb, MatMulIntegerOp op) {
  IntegerProduct(kb, op).write();
  return success();
}
