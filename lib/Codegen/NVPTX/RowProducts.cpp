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
        columns(product.rhs.pieceLength() > 1 ? std::max(tile.columns, product.rhs.pieceLength()) : 32),
        left(p.lhs.matrix({})), right(p.rhs.matrix({})) {
    kb.setBlockThreads(tile.threads());
    p.splits = tile.splits;
    for (int64_t r = 0; r < count; ++r)
      rows.push_back(r == 0 ? kb.index(0) : kb.min(kb.index(r), kb.sub(p.rows, kb.index(1))));
  }
  /// A warp a column: its lanes read along the depth.
  void alongDepth();
  /// Lanes side by side read along a row; the other lanes and the warps of a
  /// block share the depth.
  void alongColumns();

private:
  Value add(Value x, Value y) {
    if (isa<FloatType>(p.sum))
      return kb.faddAnyOrder(x, y);
    return arith::AddIOp::create(kb.b, x, y);
  }
  /// Elements (row, k) ... of the left operand.
  SmallVector<Value> leftElements(Value row, Value k, int64_t length) {
    if (left && !p.lhs.runsAlongColumns() && length % p.lhs.pieceLength() == 0)
      return p.lhs.elements(*left, row, k, length);
    SmallVector<Value> result;
    for (int64_t i = 0; i < length; ++i)
      result.push_back(p.lhs.element({}, left, row, kb.add(k, kb.index(i))));
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
  std::optional<Matrix> left, right;
  SmallVector<Value> rows;
};

void RowProduct::alongDepth() {
  int64_t length = right ? p.rhs.pieceLength() : 1;
  int64_t reads = unrolling(32 * length);
  Value first = kb.div(kb.thread, kb.index(32)), stride = kb.div(kb.threads, kb.index(32));
  SmallVector<Value> none(count, p.zero());
  auto loop = [&](Value count, llvm::function_ref<void(Value)> body) { kb.loop(first, count, stride, body); };
  p.forSplits(p.width, loop, [&](Value column) {
    auto [from, to] = p.depthOfSplit(32 * length * reads);
    SmallVector<Value> sums =
        kb.loop(kb.add(from, kb.mul(kb.lane, kb.index(length))), to, kb.index(32 * length * reads), none,
                [&](Value start, ValueRange carried) {
                  SmallVector<SmallVector<Value>> pieces;
                  SmallVector<Value> places, next(carried);
                  for (int64_t i = 0; i < reads; ++i) {
                    places.push_back(kb.add(start, kb.index(i * 32 * length)));
                    if (length > 1)
                      pieces.push_back(p.rhs.elements(*right, places[i], column, length));
                    else
                      pieces.push_back({p.rhs.element({}, right, places[i], column)});
                  }
                  for (int64_t i = 0; i < reads; ++i)
                    for (int64_t r = 0; r < count; ++r)
                      for (auto [x, y] : llvm::zip(leftElements(rows[r], places[i], length), pieces[i]))
                        next[r] = p.multiplyAdd(next[r], x, y);
                  return next;
                });
    for (int64_t r = 0; r < count; ++r) {
      Value total = kb.reduceLanes(sums[r], 32, [&](Value x, Value y) { return add(x, y); });
      kb.when(kb.both(kb.equal(kb.lane, kb.index(r)), kb.less(kb.index(r), p.rows)),
              [&] { p.putSum({}, kb.index(r), column, total); });
    }
  });
}

void RowProduct::alongColumns() {
  int64_t length = right ? p.rhs.pieceLength() : 1;
  while (length * count > mostSums)
    length /= 2;
  int64_t across = columns / length, down = 32 / across, step = warps * down;
  int64_t reads = unrolling(step);
  Value room = kb.shared(warps * count * columns, p.sum);
  Value lane = kb.rem(kb.lane, kb.index(across)), depthLane = kb.div(kb.lane, kb.index(across));
  SmallVector<Value> none(count * length, p.zero());
  auto loop = [&](Value count, llvm::function_ref<void(Value)> body) { kb.forBlocks(count, body); };
  p.forSplits(kb.ceilDiv(p.width, columns), loop, [&](Value task) {
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
          pieces.push_back(p.rhs.elements(*right, places[i], column, length));
        else
          pieces.push_back({p.rhs.element({}, right, places[i], column)});
      }
      for (int64_t i = 0; i < reads; ++i)
        for (int64_t r = 0; r < count; ++r) {
          Value x = p.lhs.element({}, left, rows[r], places[i]);
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
      kb.when(kb.both(kb.less(r, p.rows), kb.less(target, p.width)), [&] { p.putSum({}, r, target, total); });
    });
    kb.syncThreads();
  });
}

} // namespace

LogicalResult nvptx::writeFewRows(Product &product) {
  FailureOr<Tile> tile = product.kb.tileFor(product.key(TileWay::Stream), product.op);
  if (failed(tile))
    return failure();
  RowProduct rows(product, *tile);
  if (product.rhs.runsAlongColumns())
    rows.alongDepth();
  else
    rows.alongColumns();
  return success();
}
