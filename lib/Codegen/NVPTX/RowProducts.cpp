//===- RowProducts.cpp - products of few rows -----------------------------===//
//
// The right operand streams through once; the rows, up to `fewRows` of them,
// are multiplied with each of its elements while it is in a register. Elements
// are read 16 bytes at a time where the operand's sizes allow, and several reads
// are under way at a time: such products are bound by memory.
//
//===----------------------------------------------------------------------===//

#include "Product.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

namespace {

/// More sums than a thread should have registers for.
constexpr int64_t mostSums = 64;

class RowProduct {
public:
  RowProduct(Product &product, Tile tile)
      : p(product), kb(product.kb), count(tile.rows), warps(tile.warpsDown), mostReads(tile.stages),
        columns(product.rhs.pieceLength() > 1 ? std::max(tile.columns, product.rhs.pieceLength()) : 32) {
    kb.setBlockThreads(tile.threads());
    p.splits = tile.splits;
  }
  /// A warp a column: its lanes read along the depth.
  void alongDepth();
  /// Lanes side by side read along a row; the other lanes and the warps of a
  /// block share the depth.
  void alongColumns();

private:
  /// The rows at hand, and the matrices that they and the columns are of.
  struct Rows {
    ArrayRef<Value> batch;
    Value first;
    SmallVector<Value> ofLeft;
    std::optional<Matrix> left, right;
  };
  Rows rowsFrom(ArrayRef<Value> batch, Value first) {
    Rows rows{batch, first, {}, p.lhs.matrix(batch), p.rhs.matrix(batch)};
    for (int64_t r = 0; r < count; ++r) {
      Value row = r == 0 ? first : kb.min(kb.add(first, kb.index(r)), kb.sub(p.endRow, kb.index(1)));
      rows.ofLeft.push_back(p.lhs.rowOf(row));
    }
    return rows;
  }
  Value add(Value x, Value y) {
    if (isa<FloatType>(p.sum))
      return kb.faddAnyOrder(x, y);
    return arith::AddIOp::create(kb.b, x, y);
  }
  /// Elements (row, k) ... of the left operand.
  SmallVector<Value> leftElements(const Rows &rows, int64_t r, Value k, int64_t length) {
    const std::optional<Matrix> &left = rows.left;
    Value row = rows.ofLeft[r];
    if (left && !p.lhs.runsAlongColumns() && length % p.lhs.pieceLength() == 0)
      return p.lhs.elements(*left, row, k, length);
    SmallVector<Value> result;
    for (int64_t i = 0; i < length; ++i)
      result.push_back(p.lhs.element(rows.batch, left, row, kb.add(k, kb.index(i))));
    return result;
  }
  /// As many reads at a time as divide `depth` by `step` elements each.
  int64_t unrolling(int64_t step) {
    int64_t result = mostReads;
    while (result > 1 && !isMultipleOf(p.depth, step * result))
      result /= 2;
    return result;
  }

  Product &p;
  DeviceKernel &kb;
  const int64_t count, warps, mostReads;
  const int64_t columns; ///< of a block, where lanes read along a row; 32 where elements are read one at a time
};

void RowProduct::alongDepth() {
  int64_t length = p.rhs.pieceLength();
  int64_t reads = unrolling(32 * length);
  Value first = kb.div(kb.thread, kb.index(32)), stride = kb.div(kb.threads, kb.index(32));
  SmallVector<Value> none(count, p.zero());
  auto loop = [&](Value count, llvm::function_ref<void(Value)> body) { kb.loop(first, count, stride, body); };
  p.forRows(p.width, loop, [&](ArrayRef<Value> batch, Value firstRow, Value column) {
    Rows rows = rowsFrom(batch, firstRow);
    auto [from, to] = p.depthOfSplit(32 * length * reads);
    SmallVector<Value> sums =
        kb.loop(kb.add(from, kb.mul(kb.lane, kb.index(length))), to, kb.index(32 * length * reads), none,
                [&](Value start, ValueRange carried) {
                  SmallVector<SmallVector<Value>> pieces;
                  SmallVector<Value> places, next(carried);
                  for (int64_t i = 0; i < reads; ++i) {
                    places.push_back(kb.add(start, kb.index(i * 32 * length)));
                    if (length > 1)
                      pieces.push_back(p.rhs.elements(*rows.right, places[i], column, length));
                    else
                      pieces.push_back({p.rhs.element(batch, rows.right, places[i], column)});
                  }
                  for (int64_t i = 0; i < reads; ++i)
                    for (int64_t r = 0; r < count; ++r)
                      for (auto [x, y] : llvm::zip(leftElements(rows, r, places[i], length), pieces[i]))
                        next[r] = p.multiplyAdd(next[r], x, y);
                  return next;
                });
    for (int64_t r = 0; r < count; ++r) {
      Value total = kb.reduceLanes(sums[r], 32, [&](Value x, Value y) { return add(x, y); });
      Value row = kb.add(firstRow, kb.index(r));
      kb.when(kb.both(kb.equal(kb.lane, kb.index(r)), kb.less(row, p.endRow)),
              [&] { p.putSum(batch, row, column, total); });
    }
  });
}

void RowProduct::alongColumns() {
  int64_t length = p.rhs.pieceLength();
  while (length * count > mostSums)
    length /= 2;
  int64_t across = columns / length, down = 32 / across, step = warps * down;
  int64_t reads = unrolling(step);
  Value room = kb.shared(warps * count * columns, p.sum);
  Value lane = kb.rem(kb.lane, kb.index(across)), depthLane = kb.div(kb.lane, kb.index(across));
  SmallVector<Value> none(count * length, p.zero());
  auto loop = [&](Value count, llvm::function_ref<void(Value)> body) { kb.forBlocks(count, body); };
  p.forRows(kb.ceilDiv(p.width, columns), loop, [&](ArrayRef<Value> batch, Value firstRow, Value task) {
    Rows rows = rowsFrom(batch, firstRow);
    auto [from, to] = p.depthOfSplit(step * reads);
    Value own = kb.add(kb.mul(task, kb.index(columns)), kb.mul(lane, kb.index(length)));
    Value column = kb.min(own, kb.sub(p.width, kb.index(length)));
    Value begin = kb.add(from, kb.add(kb.mul(kb.warp, kb.index(down)), depthLane));
    SmallVector<Value> sums = kb.loop(begin, to, kb.index(step * reads), none, [&](Value start, ValueRange carried) {
      SmallVector<Value> places, next(carried);
      SmallVector<SmallVector<Value>> pieces;
      for (int64_t i = 0; i < reads; ++i) {
        places.push_back(kb.add(start, kb.index(i * step)));
        if (length > 1)
          pieces.push_back(p.rhs.elements(*rows.right, places[i], column, length));
        else
          pieces.push_back({p.rhs.element(batch, rows.right, places[i], column)});
      }
      for (int64_t i = 0; i < reads; ++i)
        for (int64_t r = 0; r < count; ++r) {
          Value x = p.lhs.element(batch, rows.left, rows.ofLeft[r], places[i]);
          for (int64_t j = 0; j < length; ++j)
            next[r * length + j] = p.multiplyAdd(next[r * length + j], x, pieces[i][j]);
        }
      return next;
    });
    // The lanes of one column, then the warps.
    for (Value &sum : sums)
      for (int64_t mask = across; mask < 32; mask *= 2)
        sum = add(sum, kb.shuffle(sum, mask));
    kb.when(kb.equal(depthLane, kb.index(0)), [&] {
      for (int64_t r = 0; r < count; ++r)
        for (int64_t j = 0; j < length; ++j) {
          Value line = kb.add(kb.mul(kb.warp, kb.index(count)), kb.index(r));
          Value place = kb.add(kb.mul(line, kb.index(columns)), kb.add(kb.mul(lane, kb.index(length)), kb.index(j)));
          kb.store(sums[r * length + j], room, place, p.sum);
        }
    });
    kb.syncThreads();
    kb.forLocal(kb.index(count * columns), [&](Value i) {
      Value r = kb.div(i, kb.index(columns));
      Value target = kb.add(kb.mul(task, kb.index(columns)), kb.rem(i, kb.index(columns)));
      Value total = kb.load(room, i, p.sum);
      for (int64_t w = 1; w < warps; ++w)
        total = add(total, kb.load(room, kb.add(kb.index(w * count * columns), i), p.sum));
      Value row = kb.add(firstRow, r);
      kb.when(kb.both(kb.less(row, p.endRow), kb.less(target, p.width)), [&] { p.putSum(batch, row, target, total); });
    });
    kb.syncThreads();
  });
}

} // namespace

void nvptx::writeFewRows(Product &product, Tile tile) {
  RowProduct rows(product, tile);
  if (product.rhs.runsAlongColumns())
    rows.alongDepth();
  else
    rows.alongColumns();
}
