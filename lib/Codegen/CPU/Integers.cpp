//===- Integers.cpp - matmul_integer --------------------------------------===//
//
// 8-bit products with i32 sums. A tile of the right operand is widened to i16
// less its zero points once for a block of rows, two taps of a column beside
// each other, so that the innermost loop is 16-bit multiplications whose
// products are added in pairs (vpmaddwd; with VNNI, vpdpwssd), to sums of
// several rows in registers.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

constexpr int64_t tileColumns = 128, blockRows = 32, rowsAtOnce = 4, tileTaps = 64;

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
  void stageRows(ArrayRef<Value> batch, Value row, int64_t rows, Value tap, Value taps);
  void addRows(int64_t rows, Value slot, Value taps, Value columns);

  KernelBuilder &kb;
  MatMulIntegerOp op;
  Type i16, i32;
  SmallVector<Value> out;
  SmallVector<Dim> shape;
  Value taps, tile, sums, staged;
};

IntegerProduct::IntegerProduct(KernelBuilder &kb, MatMulIntegerOp op)
    : kb(kb), op(op), i16(kb.b.getIntegerType(16)), i32(kb.b.getI32Type()), out(kb.dimsOf(op.getResult())),
      shape(kb.shapeOf(op.getResult())), taps(kb.dimsOf(op.getLhs()).back()),
      tile(kb.stack(tileTaps * tileColumns, kb.b.getIntegerType(16))),
      sums(kb.stack(blockRows * tileColumns, kb.b.getI32Type())),
      staged(kb.stack(rowsAtOnce * tileTaps / 2, kb.b.getI32Type())) {}

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

/// Taps of the right operand by twos: the pairs of one row lie side by side.
void IntegerProduct::widenTile(ArrayRef<Value> batch, Value tap, Value taps, Value column, Value columns) {
  Type element = kb.elementOf(op.getRhs());
  auto at = [&](Value t, Value j) {
    Value x = widened(operandElement(kb, op.getRhs(), batch, shape, kb.add(tap, t), kb.add(column, j)), element, i16);
    return arith::SubIOp::create(kb.b, x, zeroPoint(op.getRhsZero(), batch, kb.add(column, j), false, i16)).getResult();
  };
  auto storePair = [&](Value pair, Value j, Value first, Value second) {
    Value slot = kb.mul(kb.add(kb.mul(pair, kb.index(tileColumns)), j), kb.index(2));
    kb.store(first, tile, slot, i16);
    kb.store(second, tile, kb.add(slot, kb.index(1)), i16);
  };
  Value pairs = kb.div(taps, kb.index(2)), whole = kb.mul(pairs, kb.index(2));
  kb.loop(pairs, [&](Value pair) {
    Value t = kb.mul(pair, kb.index(2));
    kb.loop(columns, [&](Value j) { storePair(pair, j, at(t, j), at(kb.add(t, kb.index(1)), j)); });
  });
  kb.when(kb.less(whole, taps),
          [&] { kb.loop(columns, [&](Value j) { storePair(pairs, j, at(whole, j), kb.number(i16, 0)); }); });
}

/// Pairs of taps of the left operand, two i16 in an i32.
void IntegerProduct::stageRows(ArrayRef<Value> batch, Value row, int64_t rows, Value tap, Value taps) {
  Type element = kb.elementOf(op.getLhs());
  Value last = kb.sub(taps, kb.index(1));
  for (int64_t r = 0; r < rows; ++r) {
    Value own = kb.add(row, kb.index(r)), zero = zeroPoint(op.getLhsZero(), batch, own, true, i32);
    auto at = [&](Value t) {
      Value x = widened(operandElement(kb, op.getLhs(), batch, shape, own, kb.add(tap, t)), element, i32);
      return arith::SubIOp::create(kb.b, x, zero).getResult();
    };
    kb.loop(kb.ceilDiv(taps, 2), [&](Value pair) {
      // A tap beyond the last one meets zeros in the tile.
      Value t = kb.mul(pair, kb.index(2)), second = at(kb.min(kb.add(t, kb.index(1)), last));
      Value low = arith::AndIOp::create(kb.b, at(t), kb.number(i32, 0xffff));
      Value high = arith::ShLIOp::create(kb.b, second, kb.number(i32, 16));
      kb.store(arith::OrIOp::create(kb.b, low, high), staged, kb.add(kb.index(r * tileTaps / 2), pair), i32);
    });
  }
}

void IntegerProduct::addRows(int64_t rows, Value slot, Value taps, Value columns) {
  auto &b = kb.b;
  // Wider targets have this instruction in 256 bits too.
  constexpr int64_t lanes = 8;
  int64_t vectors = rows > 1 ? 2 : 4;
  auto sumType = VectorType::get({lanes}, i32), pairType = VectorType::get({2 * lanes}, i16);
  kb.loop(kb.index(0), columns, kb.index(vectors * lanes), [&](Value column) {
    SmallVector<Value> addresses, values;
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t v = 0; v < vectors; ++v) {
        Value at =
            kb.add(kb.mul(kb.add(slot, kb.index(r)), kb.index(tileColumns)), kb.add(column, kb.index(v * lanes)));
        addresses.push_back(kb.address(sums, at, i32));
        values.push_back(LLVM::LoadOp::create(b, sumType, addresses.back(), 4));
      }
    values = kb.loop(kb.index(0), kb.ceilDiv(taps, 2), kb.index(1), values, [&](Value pair, ValueRange so) {
      SmallVector<Value> next(so), right;
      Value line = kb.add(kb.mul(pair, kb.index(tileColumns)), column);
      for (int64_t v = 0; v < vectors; ++v) {
        Value at = kb.mul(kb.add(line, kb.index(v * lanes)), kb.index(2));
        right.push_back(LLVM::LoadOp::create(b, pairType, kb.address(tile, at, i16), 2));
      }
      for (int64_t r = 0; r < rows; ++r) {
        Value both = kb.load(staged, kb.add(kb.index(r * tileTaps / 2), pair), i32);
        Value left = vector::BitCastOp::create(b, pairType, vector::BroadcastOp::create(b, sumType, both));
        for (int64_t v = 0; v < vectors; ++v) {
          Value products = LLVM::CallIntrinsicOp::create(b, sumType, b.getStringAttr("llvm.x86.avx2.pmadd.wd"),
                                                         ValueRange{left, right[v]})
                               .getResult(0);
          Value &sum = next[r * vectors + v];
          sum = arith::AddIOp::create(b, sum, products);
        }
      }
      return next;
    });
    for (auto [address, value] : llvm::zip(addresses, values))
      LLVM::StoreOp::create(b, value, address, 4);
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
      auto add = [&](Value r, int64_t count) {
        stageRows(batch, kb.add(row, r), count, tap, width);
        addRows(count, r, width, columns);
      };
      kb.loop(kb.index(0), whole, kb.index(rowsAtOnce), [&](Value r) { add(r, rowsAtOnce); });
      kb.loop(whole, rows, one, [&](Value r) { add(r, 1); });
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
