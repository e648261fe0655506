//===- TensorCoreProducts.cpp - products of floats by mma.sync ------------===//
//
// A block makes a tile of the result. Slices of both operands come to shared
// memory by cp.async, as many as there are stages less one ahead of the one that is multiplied; operands
// that are made element by element, or do not lie in pieces of 16 bytes, are
// stored there by the threads. Lines are longer than they need to be, so that the
// eight lines of a matrix lie in different banks.
//
// f32 goes through TF32 three times, which is as precise as f32, except where an
// operand is infinite or overflows TF32: that makes NaN, and sums that are NaN are
// made once more by multiply-add.
//
//===----------------------------------------------------------------------===//

#include "Product.h"
#include "TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

namespace {

class TensorCoreTiles {
public:
  TensorCoreTiles(Product &product, Tile tile)
      : p(product), kb(product.kb), element(product.lhs.storedAs()), tile(tile), stages(tile.stages),
        sliceDepth(4 * pieceOf(element)), left{element, tile.rows, sliceDepth, !product.lhs.runsAlongColumns()},
        right{element, tile.columns, sliceDepth, product.rhs.runsAlongColumns()} {
    kb.setBlockThreads(tile.threads());
    p.splits = tile.splits;
    rowBlocks = tile.rows / tile.warpsDown / 16;
    columnBlocks = tile.columns / tile.warpsAcross / 8;
    resultStride = tile.columns + 4;
    int64_t bytes = stages * (left.size() + right.size()) * element.getIntOrFloatBitWidth() / 8;
    int64_t resultBytes = tile.rows / tile.warpsDown * resultStride * 4;
    room = kb.dynamicShared(std::max(bytes, resultBytes));
    warpRow = kb.mul(kb.div(kb.warp, kb.index(tile.warpsAcross)), kb.index(tile.rows / tile.warpsDown));
    warpColumn = kb.mul(kb.rem(kb.warp, kb.index(tile.warpsAcross)), kb.index(tile.columns / tile.warpsAcross));
  }

  void write();

private:
  /// One operand's slices in shared memory: `count` rows or columns.
  struct Side {
    Type element;
    int64_t count, sliceDepth;
    bool alongDepth;
    int64_t lineLength() const { return alongDepth ? sliceDepth : count; }
    int64_t lines() const { return alongDepth ? count : sliceDepth; }
    int64_t stride() const { return strideOf(element, lineLength(), alongDepth); }
    int64_t size() const { return lines() * stride(); }
    SliceShape shape() const { return {lines(), lineLength(), alongDepth}; }
  };
  void bring(const Side &side, const SliceSource &source, Value k, Value stage, int64_t sideOffset) {
    Value base = offsetOf(stage, sideOffset);
    copySlice(p, source, k, room, [&](Value line, Value within) {
      return kb.add(base, kb.add(kb.mul(line, kb.index(side.stride())), within));
    });
  }
  Value offsetOf(Value stage, int64_t sideOffset) {
    return kb.add(kb.mul(stage, kb.index(left.size() + right.size())), kb.index(sideOffset));
  }

  Product &p;
  DeviceKernel &kb;
  Type element;
  Tile tile;
  int64_t stages, sliceDepth;
  Side left, right;
  int64_t rowBlocks, columnBlocks, resultStride;
  Value room, warpRow, warpColumn;
};

void TensorCoreTiles::write() {
  Value zero = kb.index(0), one = kb.index(1);
  p.mayLoseInfinities = element.isF32() && !kb.target.tf32;
  p.forTiles(tile.rows, tile.columns, [&](ArrayRef<Value> batch, Value firstRow, Value firstColumn) {
    SliceSource a = leftSlices(p, left.shape(), batch, firstRow);
    SliceSource b = rightSlices(p, right.shape(), batch, firstColumn);
    auto [from, to] = p.depthOfSplit(sliceDepth);
    auto bringSlice = [&, from = from](Value number) {
      Value k = kb.add(from, kb.mul(number, kb.index(sliceDepth))), stage = kb.rem(number, kb.index(stages));
      bring(left, a, k, stage, 0);
      bring(right, b, k, stage, left.size());
      commitCopies(kb);
    };
    // A part of the depth may be behind its end.
    Value slices = kb.ceilDiv(p.splits == 1 ? p.depth : kb.max(kb.sub(to, from), zero), sliceDepth);
    // Slices past the depth are zeros, and nothing is read for them.
    for (int64_t s = 0; s < stages - 1; ++s)
      bringSlice(kb.index(s));
    SmallVector<Value> none(rowBlocks * columnBlocks * 4, kb.f32(0));
    SmallVector<Value> sums = kb.loop(zero, slices, one, none, [&](Value number, ValueRange carried) {
      SmallVector<Value> total(carried);
      waitForCopies(kb, stages - 2);
      kb.syncThreads(); // and all have read what the next slice replaces
      bringSlice(kb.add(number, kb.index(stages - 1)));
      Value stage = kb.rem(number, kb.index(stages));
      SharedTile leftTile{room, element, offsetOf(stage, 0), left.stride(), left.alongDepth};
      SharedTile rightTile{room, element, offsetOf(stage, left.size()), right.stride(), right.alongDepth};
      for (int64_t d = 0; d < sliceDepth; d += stepOf(element)) {
        SmallVector<Fragment> x, y;
        for (int64_t i = 0; i < rowBlocks; ++i)
          x.push_back(loadLeft(kb, leftTile, kb.add(warpRow, kb.index(i * 16)), kb.index(d)));
        for (int64_t j = 0; j < columnBlocks; j += 2)
          y.push_back(loadRight(kb, rightTile, kb.add(warpColumn, kb.index(j * 8)), kb.index(d)));
        for (int64_t i = 0; i < rowBlocks; ++i)
          for (int64_t j = 0; j < columnBlocks; ++j)
            multiplyFragments(kb, x[i], y[j / 2].slice(j % 2 * 2, 2),
                              MutableArrayRef<Value>(total).slice((i * columnBlocks + j) * 4, 4), element);
      }
      return total;
    });
    waitForCopies(kb, 0);
    // The rows of one line of warps at a time.
    Value group = kb.div(kb.lane, kb.index(4)), pair = kb.mul(kb.rem(kb.lane, kb.index(4)), kb.index(2));
    p.finishTile(batch, firstRow, firstColumn, tile.rows, tile.columns, tile.warpsDown, room, resultStride,
                 [&](Value slice) {
                   kb.when(kb.equal(kb.div(kb.warp, kb.index(tile.warpsAcross)), slice), [&] {
                     for (int64_t i = 0; i < rowBlocks; ++i)
                       for (int64_t j = 0; j < columnBlocks; ++j)
                         for (int64_t half = 0; half < 2; ++half) {
                           ArrayRef<Value> two = ArrayRef<Value>(sums).slice((i * columnBlocks + j) * 4 + half * 2, 2);
                           Value row = kb.add(group, kb.index(i * 16 + half * 8));
                           Value column = kb.add(kb.add(warpColumn, kb.index(j * 8)), pair);
                           kb.storeVectorOf(kb.pack(two), room, kb.add(kb.mul(row, kb.index(resultStride)), column),
                                            kb.b.getF32Type(), 8);
                         }
                   });
                 });
  });
}

} // namespace

/// Pieces of 16 bytes of a slice, a thread's every so many: the line of number `t`, and where in it that begins.
static std::pair<Value, Value> pieceOfThread(DeviceKernel &kb, const SliceShape &shape, int64_t piece, int64_t t) {
  Value number = kb.add(kb.local, kb.index(t * kb.blockThreads())), pieces = kb.index(shape.lineLength / piece);
  return {kb.div(number, pieces), kb.mul(kb.rem(number, pieces), kb.index(piece))};
}
static int64_t piecesOfThread(DeviceKernel &kb, const SliceShape &shape, int64_t piece) {
  return shape.lines * (shape.lineLength / piece) / kb.blockThreads();
}

SliceSource nvptx::leftSlices(Product &p, SliceShape shape, ArrayRef<Value> batch, Value firstRow) {
  DeviceKernel &kb = p.kb;
  SliceSource source{p.lhs, shape, p.lhs.matrix(batch), batch, firstRow, p.endRow, {}};
  if (!p.lhs.gather || !p.lhs.isAligned() || !shape.alongDepth)
    return source;
  int64_t piece = pieceOf(p.lhs.storedAs());
  for (int64_t t = 0; t < piecesOfThread(kb, shape, piece); ++t) {
    Value row = kb.add(firstRow, pieceOfThread(kb, shape, piece, t).first);
    source.gathered.push_back(p.lhs.rowOf(kb.min(row, kb.sub(p.endRow, kb.index(1)))));
  }
  return source;
}

SliceSource nvptx::rightSlices(Product &p, SliceShape shape, ArrayRef<Value> batch, Value firstColumn) {
  return {p.rhs, shape, p.rhs.matrix(batch), batch, firstColumn, p.width, {}};
}

void nvptx::copySlice(Product &p, const SliceSource &source, Value k, Value room,
                      llvm::function_ref<Value(Value, Value)> where) {
  DeviceKernel &kb = p.kb;
  const SliceShape &shape = source.shape;
  Type element = source.operand.storedAs();
  int64_t piece = pieceOf(element);
  Value last = kb.sub(source.limit, kb.index(1));
  bool isLeft = &source.operand == &p.lhs;
  // Gathered rows side by side are no pieces.
  if (source.operand.isAligned() && (shape.alongDepth || !source.operand.gather)) {
    for (int64_t t = 0; t < piecesOfThread(kb, shape, piece); ++t) {
      auto [line, within] = pieceOfThread(kb, shape, piece, t);
      Value depth = kb.add(k, shape.alongDepth ? within : line);
      Value position = kb.add(source.first, shape.alongDepth ? line : within);
      Value valid = kb.less(depth, p.depth), inside = kb.less(position, source.limit);
      // Lines along the depth past the last row repeat it: their sums are not kept.
      if (!shape.alongDepth)
        valid = kb.both(valid, inside);
      depth = kb.select(valid, depth, kb.index(0));
      position = kb.select(inside, position, shape.alongDepth ? last : kb.index(0));
      if (!source.gathered.empty())
        position = source.gathered[t];
      const Matrix &m = *source.matrix;
      Value row = isLeft ? position : depth, column = isLeft ? depth : position;
      Value from = kb.add(m.base, kb.add(kb.mul(row, m.rowStride), kb.mul(column, m.columnStride)));
      copyAsync(kb, kb.address(room, where(line, within), element), kb.address(m.pointer, from, element), valid);
    }
    return;
  }
  kb.forLocal(kb.index(shape.lines * shape.lineLength), [&](Value number) {
    Value line = kb.div(number, kb.index(shape.lineLength)), within = kb.rem(number, kb.index(shape.lineLength));
    Value depth = kb.add(k, shape.alongDepth ? within : line);
    Value position = kb.min(kb.add(source.first, shape.alongDepth ? line : within), last);
    Value x = kb.choose(
        kb.less(depth, p.depth),
        [&] {
          return isLeft ? p.lhs.element(source.batch, source.matrix, p.lhs.rowOf(position), depth)
                        : p.rhs.element(source.batch, source.matrix, depth, position);
        },
        [&] { return kb.f32(0); });
    kb.store(x, room, where(line, within), element);
  });
}

void nvptx::writeTensorCoreTiles(Product &product, Tile tile) { TensorCoreTiles(product, tile).write(); }
