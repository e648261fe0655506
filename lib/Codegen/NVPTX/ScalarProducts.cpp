//===- ScalarProducts.cpp - products by multiply-add of single numbers ----===//
//
// A block stages slices of both operands in shared memory and each of its
// threads sums a square of the tile in registers; the next slices are on their
// way meanwhile.
//
//===----------------------------------------------------------------------===//

#include "Product.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

namespace {

struct TileShape {
  int64_t rows, columns, depth; ///< of the block's tile and its slices
  int64_t perThread;            ///< rows, and columns, that a thread sums
};

class ScalarTiles {
public:
  ScalarTiles(Product &product, TileShape tile) : p(product), kb(product.kb), tile(tile) {
    aStride = tile.rows + 4;
    bStride = tile.columns + 4;
    int64_t slices = tile.depth * (aStride + bStride), result = tile.rows / resultSlices * (tile.columns + 1);
    room = kb.shared(std::max(slices, result), p.sum);
    bOffset = kb.index(tile.depth * aStride);
    quads = tile.perThread / 4;
    threadRow = kb.mul(kb.div(kb.local, kb.index(16)), kb.index(4));
    threadColumn = kb.mul(kb.rem(kb.local, kb.index(16)), kb.index(4));
  }

  void write() {
    p.forTiles(tile.rows, tile.columns, [&](ArrayRef<Value> batch, Value firstRow, Value firstColumn) {
      auto a = p.lhs.matrix(batch), b = p.rhs.matrix(batch);
      auto load = [&](Value k) {
        SmallVector<Value> values;
        loadSlice(values, tile.rows, !p.lhs.runsAlongColumns(), k, [&](Value i, Value depth) {
          return p.lhs.element(batch, a, limited(kb.add(firstRow, i), p.rows), depth);
        });
        loadSlice(values, tile.columns, p.rhs.runsAlongColumns(), k, [&](Value j, Value depth) {
          return p.rhs.element(batch, b, depth, limited(kb.add(firstColumn, j), p.width));
        });
        return values;
      };
      // An operand of no depth has no element to load ahead.
      bool ahead = getConstantIntValue(p.depth).value_or(0) > 0;
      SmallVector<Value> carried(tile.perThread * tile.perThread, p.zero());
      size_t numSums = carried.size();
      if (ahead)
        carried.append(load(kb.index(0)));
      SmallVector<Value> sums =
          kb.loop(kb.index(0), p.depth, kb.index(tile.depth), carried, [&](Value k, ValueRange values) {
            SmallVector<Value> total(values.take_front(numSums));
            SmallVector<Value> slices = ahead ? SmallVector<Value>(values.drop_front(numSums)) : load(k);
            kb.syncThreads();
            storeSlices(slices);
            kb.syncThreads();
            SmallVector<Value> next = ahead ? load(kb.add(k, kb.index(tile.depth))) : SmallVector<Value>();
            for (int64_t d = 0; d < tile.depth; ++d)
              multiply(d, total);
            total.append(next);
            return total;
          });
      int64_t stride = tile.columns + 1, sliceRows = tile.rows / resultSlices;
      p.finishTile(batch, firstRow, firstColumn, tile.rows, tile.columns, resultSlices, room, stride, [&](Value slice) {
        // Slice s has the rows of quads of number s, or all where there is one.
        for (int64_t i = 0; i < tile.perThread; ++i) {
          auto put = [&] {
            for (int64_t j = 0; j < tile.perThread; ++j) {
              Value row = kb.add(threadRow, kb.index(i % 4)),
                    column = kb.add(threadColumn, kb.index(j / 4 * 64 + j % 4));
              kb.store(sums[i * tile.perThread + j], room, kb.add(kb.mul(row, kb.index(stride)), column), p.sum);
            }
          };
          static_assert(resultSlices == 1 || resultSlices == 2);
          if (quads == 1)
            kb.when(kb.equal(kb.div(threadRow, kb.index(sliceRows)), slice), [&] {
              for (int64_t j = 0; j < tile.perThread; ++j) {
                Value row = kb.add(kb.rem(threadRow, kb.index(sliceRows)), kb.index(i));
                Value column = kb.add(threadColumn, kb.index(j));
                kb.store(sums[i * tile.perThread + j], room, kb.add(kb.mul(row, kb.index(stride)), column), p.sum);
              }
            });
          else
            kb.when(kb.equal(kb.index(i / 4), slice), put);
        }
      });
    });
  }

private:
  static constexpr int64_t resultSlices = 2;

  /// A position past the end reads the last element; its sums are not kept.
  Value limited(Value i, Value count) { return kb.min(i, kb.sub(count, kb.index(1))); }

  /// This thread's part of a slice of `count` by tile.depth; those past the
  /// depth are 0.
  void loadSlice(SmallVector<Value> &values, int64_t count, bool depthFirst, Value k,
                 llvm::function_ref<Value(Value, Value)> load) {
    bool whole = isMultipleOf(p.depth, tile.depth);
    for (int64_t t = 0; t < count * tile.depth / kb.blockThreads(); ++t) {
      auto [i, d] = position(t, count, depthFirst);
      Value depth = kb.add(k, d), last = kb.sub(p.depth, kb.index(1));
      Value x = load(i, kb.min(depth, last));
      values.push_back(whole ? x : kb.select(kb.less(depth, p.depth), x, p.zero()));
    }
  }
  std::pair<Value, Value> position(int64_t t, int64_t count, bool depthFirst) {
    Value number = kb.add(kb.local, kb.index(t * kb.blockThreads()));
    Value inner = kb.index(depthFirst ? tile.depth : count);
    Value fast = kb.rem(number, inner), slow = kb.div(number, inner);
    return depthFirst ? std::pair(slow, fast) : std::pair(fast, slow);
  }
  void storeSlices(ArrayRef<Value> values) {
    int64_t ofA = tile.rows * tile.depth / kb.blockThreads();
    for (auto [t, value] : llvm::enumerate(values)) {
      bool isA = int64_t(t) < ofA;
      auto [i, d] = isA ? position(t, tile.rows, !p.lhs.runsAlongColumns())
                        : position(t - ofA, tile.columns, p.rhs.runsAlongColumns());
      Value at = kb.add(kb.mul(d, kb.index(isA ? aStride : bStride)), i);
      kb.store(value, room, isA ? at : kb.add(bOffset, at), p.sum);
    }
  }
  /// Four numbers in a row of shared memory.
  void quad(SmallVector<Value> &values, Value at) {
    Value vector = kb.loadVectorOf(room, at, 4, p.sum, 16);
    for (int64_t i = 0; i < 4; ++i)
      values.push_back(kb.extract(vector, i));
  }
  void multiply(int64_t d, SmallVector<Value> &total) {
    SmallVector<Value> x, y;
    for (int64_t q = 0; q < quads; ++q) {
      quad(x, kb.add(kb.index(d * aStride + q * 64), threadRow));
      quad(y, kb.add(kb.index(tile.depth * aStride + d * bStride + q * 64), threadColumn));
    }
    for (int64_t i = 0; i < tile.perThread; ++i)
      for (int64_t j = 0; j < tile.perThread; ++j) {
        Value &to = total[i * tile.perThread + j];
        to = p.multiplyAdd(to, x[i], y[j]);
      }
  }

  Product &p;
  DeviceKernel &kb;
  TileShape tile;
  int64_t aStride, bStride, quads;
  Value room, bOffset, threadRow, threadColumn;
};

} // namespace

void nvptx::writeScalarTiles(Product &product, Tile tile) {
  ScalarTiles(product, {tile.rows, tile.columns, /*depth=*/1024 / tile.rows, /*perThread=*/tile.rows / 16}).write();
}
