//===- Integers.cpp - matmul_integer --------------------------------------===//
//
// 8-bit products with i32 sums. Four taps of a column lie beside each other: the
// right operand in panels of columns (packed at compile time, or by this kernel
// before a barrier), the left one in rows that are copied first, padded to whole
// fours. With VNNI or I8MM the left numbers are u8 and the right ones i8 (vpdpbusd,
// usdot); without, both become i16 and products are added in pairs (vpmaddwd; smull
// and addp). What is signed otherwise is moved by 128, and zero points are taken out
// of the sums:
//
//   sum (a - za)(b - zb) = sum ab - za sum b - zb sum a + K za zb
//
// where panels end with their columns' sums and rows have theirs behind them.
//
//===----------------------------------------------------------------------===//

#include "../KernelGroups.h"
#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

/// Groups of four taps whose part of a panel passes over a block of rows; rows of
/// such a block, so that their sums stay in L1.
constexpr int64_t groupsOfPass = 256, blockRows = 96, taps = transom::tapsOfGroup;
/// The most tiles that fetch the next part of a panel together.
constexpr int64_t tilesOfPart = 4;

class IntegerProduct {
public:
  IntegerProduct(KernelBuilder &kb, MatMulIntegerOp op);
  void write();

private:
  Value add(Value a, Value c) { return arith::AddIOp::create(kb.b, a, c); }
  Value mul(Value a, Value c) { return arith::MulIOp::create(kb.b, a, c); }
  Value flipped(Value x) {
    Type type = x.getType();
    auto element = cast<IntegerType>(getElementTypeOrSelf(type));
    Attribute top = kb.b.getIntegerAttr(element, APInt::getSignMask(element.getWidth()));
    if (auto vector = dyn_cast<VectorType>(type))
      top = DenseElementsAttr::get(vector, top);
    return arith::XOrIOp::create(kb.b, x, arith::ConstantOp::create(kb.b, type, cast<TypedAttr>(top)));
  }
  /// The sums of neighbours, half as many.
  Value inPairs(Value x) {
    SmallVector<int64_t> even, odd;
    for (int64_t lane = 0; lane < cast<VectorType>(x.getType()).getNumElements(); lane += 2) {
      even.push_back(lane);
      odd.push_back(lane + 1);
    }
    return add(vector::ShuffleOp::create(kb.b, x, x, even), vector::ShuffleOp::create(kb.b, x, x, odd));
  }
  Value zeroPoint(Value zero, ArrayRef<Value> batch, Value at, bool isRow) {
    return zero ? integerZeroPoint(kb, zero, batch, at, isRow) : kb.number(i32, 0);
  }
  Value leftZero(ArrayRef<Value> batch, Value row);
  Value rightZero(ArrayRef<Value> batch, Value column);
  void stageRows();
  void packPanels();
  Value addProducts(Value sum, Value left, Value right);
  SmallVector<Value> multiply(ArrayRef<Value> sums, Value panel, Value column, ArrayRef<Value> rows, Value group,
                              int64_t vectors);
  void writeTile(Value panel, Value row, int64_t rows, Value slot, Value group, Value groups, Value tiles);
  void writeBlock(Value panel, Value from, Value to, Value firstColumn, llvm::function_ref<Index(Value)> resultRow);

  KernelBuilder &kb;
  MatMulIntegerOp op;
  Type i8, i16, i32, i64;
  SmallVector<Value> lhsDims, rhsDims, out;
  int64_t columns; ///< of a panel
  bool dots, unsignedRhs, flipsLeft;
  bool hasLeftZero, hasRightZero;  ///< that may be other than 0, once signs are as instructions want them
  Value depth, groups, panelWords; ///< of four bytes
  Value rowCount;                  ///< of all batches
  Value staged, rowSums;           ///< rows, and where their sums begin, in words
  Value panels, sums;
};

/// No zero point, or one that is known to be 0.
bool isZero(Value zero) { return !zero || matchPattern(zero, m_Zero()) || matchPattern(zero, m_AnyZeroFloat()); }

IntegerProduct::IntegerProduct(KernelBuilder &kb, MatMulIntegerOp op)
    : kb(kb), op(op), i8(kb.b.getI8Type()), i16(kb.b.getI16Type()), i32(kb.b.getI32Type()), i64(kb.b.getI64Type()),
      lhsDims(kb.dimsOf(op.getLhs())), rhsDims(kb.dimsOf(op.getRhs())), out(kb.dimsOf(op.getResult())),
      columns(op->hasAttr("transformer.packed_rhs") ? kb.packedColumns(op.getRhs()) : kb.shape.panelColumns()),
      dots(kb.shape.hasByteDots), unsignedRhs(KernelBuilder::isUnsigned(kb.elementOf(op.getRhs()))),
      flipsLeft(dots && !KernelBuilder::isUnsigned(kb.elementOf(op.getLhs()))),
      hasLeftZero(flipsLeft || !isZero(op.getLhsZero())), hasRightZero(unsignedRhs || !isZero(op.getRhsZero())),
      depth(lhsDims.back()), groups(kb.ceilDiv(depth, taps)),
      panelWords(kb.mul(kb.add(groups, kb.index(1)), kb.index(columns))), rowCount(kb.index(1)), staged(kb.scratch(0)) {
  for (Value dim : ArrayRef<Value>(lhsDims).drop_back())
    rowCount = kb.mul(rowCount, dim);
  rowSums = kb.mul(rowCount, kb.mul(groups, kb.index(kb.shape.stagedBytes())));
}

Value IntegerProduct::leftZero(ArrayRef<Value> batch, Value row) {
  Value zero = zeroPoint(op.getLhsZero(), batch, row, true);
  return flipsLeft ? add(zero, kb.number(i32, 128)) : zero;
}

Value IntegerProduct::rightZero(ArrayRef<Value> batch, Value column) {
  Value zero = zeroPoint(op.getRhsZero(), batch, column, false);
  return unsignedRhs ? add(zero, kb.number(i32, -128)) : zero;
}

/// Rows of u8 or i16, then the sum of each row in i32.
void IntegerProduct::stageRows() {
  Type element = kb.elementOf(op.getLhs()), to = dots ? i8 : i16;
  SmallVector<Value> dims(ArrayRef<Value>(lhsDims).drop_back());
  Value stride = kb.mul(groups, kb.index(taps));
  kb.parallelNest(
      dims,
      [&](ArrayRef<Value> at) {
        Value row = kb.linear(at, dims), line = kb.mul(row, stride);
        Value sum = kb.loop(kb.index(0), depth, kb.index(1), {kb.number(i32, 0)}, [&](Value k, ValueRange so) {
          Index from(at);
          from.push_back(k);
          Value x = kb.element(op.getLhs(), from);
          if (flipsLeft)
            x = flipped(x);
          bool isUnsigned = flipsLeft || KernelBuilder::isUnsigned(element);
          auto wide = [&](Type type) {
            return isUnsigned ? arith::ExtUIOp::create(kb.b, type, x).getResult()
                              : arith::ExtSIOp::create(kb.b, type, x).getResult();
          };
          kb.store(dots ? x : wide(i16), staged, kb.add(line, k), to);
          return SmallVector<Value>{add(so[0], wide(i32))};
        })[0];
        kb.loop(depth, stride, kb.index(1), [&](Value k) { kb.store(kb.number(to, 0), staged, kb.add(line, k), to); });
        if (hasRightZero)
          kb.store(sum, staged, kb.add(rowSums, row), i32);
      },
      0);
}

/// As the weight image has it: columns' fours of taps, then their sums.
void IntegerProduct::packPanels() {
  SmallVector<Value> tasks(ArrayRef<Value>(rhsDims).drop_back(2));
  Value width = rhsDims.back();
  tasks.push_back(kb.ceilDiv(width, columns));
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        Value start = kb.mul(kb.linear(task, tasks), panelWords), first = kb.mul(task.back(), kb.index(columns));
        Value size = kb.sizeOfPart(width, first, columns);
        Value sumsAt = kb.add(start, kb.mul(groups, kb.index(columns)));
        kb.loop(kb.index(columns), [&](Value j) { kb.store(kb.number(i32, 0), panels, kb.add(sumsAt, j), i32); });
        auto put = [&](Value k, Value group, Value tap) {
          Value word = kb.add(start, kb.mul(group, kb.index(columns)));
          kb.loop(size, [&](Value j) {
            Index from(task.drop_back());
            from.append({k, kb.add(first, j)});
            Value x = kb.element(op.getRhs(), from);
            kb.store(x, panels, kb.add(kb.mul(kb.add(word, j), kb.index(taps)), tap), i8);
            Value own = arith::ExtSIOp::create(kb.b, i32, unsignedRhs ? flipped(x) : x), at = kb.add(sumsAt, j);
            kb.store(add(kb.load(panels, at, i32), own), panels, at, i32);
          });
        };
        // Taps beyond the last one meet zeros of the left operand: whatever lies there.
        kb.loop(depth, [&](Value k) { put(k, kb.div(k, kb.index(taps)), kb.rem(k, kb.index(taps))); });
      },
      0);
}

/// To each sum the four products of bytes that lie over it, or the two of i16.
Value IntegerProduct::addProducts(Value sum, Value left, Value right) {
  auto &b = kb.b;
  auto call = [&](StringRef name, ValueRange operands) {
    return LLVM::CallIntrinsicOp::create(b, sum.getType(), b.getStringAttr(name), operands).getResult(0);
  };
  bool isWide = kb.shape.vectorBits == 512;
  if (dots && kb.shape.isNEON())
    return call("llvm.aarch64.neon.usdot", {sum, left, right});
  if (dots)
    return call(isWide ? "llvm.x86.avx512.vpdpbusd.512" : "llvm.x86.avx512.vpdpbusd.256", {sum, left, right});
  if (!kb.shape.isNEON())
    return add(sum, call(isWide ? "llvm.x86.avx512.pmaddw.d.512" : "llvm.x86.avx2.pmadd.wd", {left, right}));
  auto wide = cast<VectorType>(left.getType()).clone(i32);
  Value products = mul(arith::ExtSIOp::create(b, wide, left), arith::ExtSIOp::create(b, wide, right));
  return add(sum, inPairs(products));
}

/// One group of taps: `vectors` of sums from `column` of a panel on, for each row.
SmallVector<Value> IntegerProduct::multiply(ArrayRef<Value> sums, Value panel, Value column, ArrayRef<Value> rows,
                                            Value group, int64_t vectors) {
  auto &b = kb.b;
  int64_t bits = kb.shape.vectorBits, perVector = bits / (dots ? 32 : 64);
  auto bytes = VectorType::get({perVector * taps}, i8), shorts = VectorType::get({perVector * taps}, i16);
  SmallVector<Value> right, next(sums);
  Value line = kb.add(panel, kb.add(kb.mul(group, kb.index(columns)), column));
  for (int64_t v = 0; v < vectors; ++v) {
    Value at = kb.mul(kb.add(line, kb.index(v * perVector)), kb.index(taps));
    Value raw = LLVM::LoadOp::create(b, bytes, kb.address(panels, at, i8), 1);
    raw = unsignedRhs ? flipped(raw) : raw;
    right.push_back(dots ? raw : arith::ExtSIOp::create(b, shorts, raw).getResult());
  }
  for (auto [r, row] : llvm::enumerate(rows)) {
    Type word = dots ? i32 : i64;
    Value own = LLVM::LoadOp::create(b, word, kb.address(staged, kb.add(row, group), word), dots ? 4 : 8);
    Value all = vector::BroadcastOp::create(b, VectorType::get({perVector}, word), own);
    Value left = vector::BitCastOp::create(b, dots ? bytes : shorts, all);
    for (int64_t v = 0; v < vectors; ++v) {
      Value &sum = next[r * vectors + v];
      sum = addProducts(sum, left, right[v]);
    }
  }
  return next;
}

/// Adds `groups` of taps from `group` on to the sums of some rows in a panel; the first
/// groups find nothing there yet.
void IntegerProduct::writeTile(Value panel, Value row, int64_t rows, Value slot, Value group, Value groupCount,
                               Value tiles) {
  auto &b = kb.b;
  int64_t bits = kb.shape.vectorBits, lanes = bits / 32, perVector = dots ? lanes : lanes / 2;
  // One or two rows take whole lines of a panel for wider CPUs at a time: they meet each number once.
  int64_t atOnce =
      (kb.shape.hasManyRegisters() ? 4 : 2) * (columns > kb.shape.panelColumns() ? std::max<int64_t>(4 / rows, 1) : 1);
  int64_t vectors = std::min(atOnce, columns / perVector);
  auto sumType = VectorType::get({lanes}, i32), stored = VectorType::get({perVector}, i32);
  SmallVector<Value> lines; // in words of a group
  for (int64_t r = 0; r < rows; ++r)
    lines.push_back(kb.mul(kb.add(row, kb.index(r)), groups));
  Value none = arith::ConstantOp::create(b, DenseElementsAttr::get(sumType, b.getI32IntegerAttr(0)));
  Value isFirst = kb.equal(group, kb.index(0));
  Value end = kb.add(group, groupCount);
  // The part that comes next, a share for each tile's passes over its columns, so that memory and arithmetic go on
  // side by side.
  int64_t across = vectors * perVector;
  Value shares = kb.mul(tiles, kb.index(columns / across)), next = kb.add(panel, kb.mul(end, kb.index(columns)));
  Value aheadStep = kb.div(kb.add(kb.index(columns - 1), shares), shares);
  Value firstShare = kb.mul(kb.ceilDiv(slot, kb.shape.tileRows()), kb.index(columns / across));
  bool fetches = op->hasAttr("transformer.packed_rhs");
  kb.loop(kb.index(0), kb.index(columns), kb.index(across), [&](Value column) {
    Value share = kb.add(firstShare, kb.div(column, kb.index(across)));
    Value ahead = kb.add(next, kb.mul(kb.mul(share, groupCount), aheadStep));
    SmallVector<Value> made(rows * vectors, none);
    constexpr int64_t unroll = 2;
    Value whole = kb.add(group, kb.mul(kb.div(groupCount, kb.index(unroll)), kb.index(unroll)));
    made = kb.loop(group, whole, kb.index(unroll), made, [&](Value g, ValueRange so) {
      SmallVector<Value> sums(so);
      for (int64_t u = 0; u < unroll; ++u) {
        Value at = kb.add(g, kb.index(u));
        if (fetches)
          prefetchLines(kb, panels, kb.add(ahead, kb.mul(kb.sub(at, group), aheadStep)), i32, vectors * lanes);
        sums = multiply(sums, panel, column, lines, at, vectors);
      }
      return sums;
    });
    made = kb.loop(whole, end, kb.index(1), made, [&](Value g, ValueRange so) {
      return multiply(SmallVector<Value>(so), panel, column, lines, g, vectors);
    });
    for (auto [i, sum] : llvm::enumerate(made)) {
      if (!dots) // two sums a column
        sum = inPairs(sum);
      int64_t r = i / vectors, v = i % vectors;
      Value at = kb.add(kb.mul(kb.add(slot, kb.index(r)), kb.index(columns)), kb.add(column, kb.index(v * perVector)));
      Value place = kb.address(sums, at, i32);
      Value before = LLVM::LoadOp::create(b, stored, place, 4);
      Value zero = arith::ConstantOp::create(b, DenseElementsAttr::get(stored, b.getI32IntegerAttr(0)));
      LLVM::StoreOp::create(b, add(sum, kb.select(isFirst, zero, before)), place, 4);
    }
  });
}

/// A panel for rows [from, to) of the left operand, at most a block.
void IntegerProduct::writeBlock(Value panel, Value from, Value to, Value firstColumn,
                                llvm::function_ref<Index(Value)> resultRow) {
  Value tiles = kb.ceilDiv(kb.sub(to, from), kb.shape.tileRows());
  tiles = kb.min(tiles, kb.index(tilesOfPart));
  kb.loop(kb.index(0), groups, kb.index(groupsOfPass), [&](Value group) {
    Value count = kb.min(kb.sub(groups, group), kb.index(groupsOfPass));
    forRowTiles(kb, from, to,
                [&](Value row, int64_t rows) { writeTile(panel, row, rows, kb.sub(row, from), group, count, tiles); });
  });
  kb.when(kb.equal(groups, kb.index(0)), [&] {
    kb.loop(kb.mul(kb.sub(to, from), kb.index(columns)), [&](Value i) { kb.store(kb.number(i32, 0), sums, i, i32); });
  });
  Value size = kb.sizeOfPart(out.back(), firstColumn, columns);
  Value columnSums = kb.add(panel, kb.mul(groups, kb.index(columns)));
  kb.loop(from, to, kb.index(1), [&](Value row) {
    Index where = resultRow(row);
    ArrayRef<Value> batch = ArrayRef<Value>(where).drop_back();
    Value line = kb.mul(kb.sub(row, from), kb.index(columns)), none = kb.number(i32, 0);
    Value left = hasLeftZero ? leftZero(batch, where.back()) : none;
    // What the right zero point is taken: sum a - K za.
    Value rest = none;
    if (hasRightZero) {
      rest = kb.load(staged, kb.add(rowSums, row), i32);
      Value length = arith::TruncIOp::create(kb.b, i32, kb.toI64(depth));
      rest = arith::SubIOp::create(kb.b, rest, mul(length, left));
    }
    kb.loop(size, [&](Value j) {
      Value sum = kb.load(sums, kb.add(line, j), i32), column = kb.add(firstColumn, j);
      if (hasLeftZero)
        sum = arith::SubIOp::create(kb.b, sum, mul(left, kb.load(panels, kb.add(columnSums, j), i32)));
      if (hasRightZero)
        sum = arith::SubIOp::create(kb.b, sum, mul(rest, rightZero(batch, column)));
      Index at(where);
      at.push_back(column);
      kb.finish(op, at, sum);
    });
  });
}

void IntegerProduct::write() {
  bool packed = op->hasAttr("transformer.packed_rhs");
  if (packed) {
    panels = kb.packedWeight(op.getRhs());
  } else {
    panels = kb.scratch(1);
    packPanels();
  }
  stageRows();
  kb.barrier();
  sums = kb.stack(blockRows * columns, i32);
  Value panelCount = kb.ceilDiv(out.back(), columns);
  auto forBlocks = [&](Value all, llvm::function_ref<void(Value, Value)> block) {
    kb.loop(kb.index(0), all, kb.index(blockRows),
            [&](Value row) { block(row, kb.min(kb.add(row, kb.index(blockRows)), all)); });
  };
  if (rhsDims.size() == 2) {
    // All rows of all batches are one matrix.
    auto [first, last] = kb.share(panelCount);
    kb.loop(first, last, kb.index(1), [&](Value panel) {
      forBlocks(rowCount, [&](Value from, Value to) {
        writeBlock(kb.mul(panel, panelWords), from, to, kb.mul(panel, kb.index(columns)),
                   [&](Value row) { return kb.delinear(row, ArrayRef<Value>(out).drop_back()); });
      });
    });
    return;
  }
  SmallVector<Value> tasks(ArrayRef<Value>(out).drop_back(2));
  tasks.push_back(panelCount);
  Dims shape = kb.shapeOf(op.getResult());
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        ArrayRef<Value> batch = task.drop_back();
        // The number of this batch's matrix among an operand's.
        auto matrix = [&](Value operand, ArrayRef<Value> dims) {
          Dims own = kb.shapeOf(operand);
          Index at = kb.broadcastIndex(ArrayRef<Dim>(own).drop_back(2), batch, ArrayRef<Dim>(shape).drop_back(2));
          return kb.linear(at, dims.drop_back(2));
        };
        Value rows = lhsDims[lhsDims.size() - 2], base = kb.mul(matrix(op.getLhs(), lhsDims), rows);
        Value panel = kb.add(kb.mul(matrix(op.getRhs(), rhsDims), panelCount), task.back());
        forBlocks(rows, [&](Value from, Value to) {
          writeBlock(kb.mul(panel, panelWords), kb.add(base, from), kb.add(base, to),
                     kb.mul(task.back(), kb.index(columns)), [&](Value row) {
                       Index where(batch);
                       where.push_back(kb.sub(row, base));
                       return where;
                     });
        });
      },
      0);
}

} // namespace

Value transom::cpu::integerZeroPoint(KernelBuilder &kb, Value zero, ArrayRef<Value> batch, Value at, bool isRow) {
  SmallVector<Value> dims = kb.dimsOf(zero);
  Index where(dims.size(), kb.index(0));
  auto clamped = [&](Value dim, Value position) {
    if (auto size = getConstantIntValue(dim))
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
  return kb.cast(kb.element(zero, where), kb.elementOf(zero), kb.b.getI32Type());
}

LogicalResult transom::cpu::writeMatMulInteger(KernelBuilder &kb, MatMulIntegerOp op) {
  IntegerProduct(kb, op).write();
  return success();
}
