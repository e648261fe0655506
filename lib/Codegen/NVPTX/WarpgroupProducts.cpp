//===- WarpgroupProducts.cpp - f16 and bf16 products by wgmma -------------===//
//
// As TensorCoreProducts.cpp, for Hopper: two groups of four warps multiply 64 rows
// each. For operands that PipelinedProducts.cpp cannot bring: made element by
// element, seen through views, or in lines that are no whole pieces of 16 bytes.
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"
#include "Product.h"
#include "TensorCores.h"
#include "Warpgroups.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

namespace {

constexpr int64_t rows = 128, sliceDepth = warpgroupDepth, line = warpgroupLine;
constexpr int64_t leftSize = rows * sliceDepth;

class WarpgroupTiles {
public:
  WarpgroupTiles(Product &product, Tile tile)
      : p(product), kb(product.kb), b(product.kb.b), element(product.lhs.storedAs()),
        rightAlongDepth(product.rhs.runsAlongColumns()), columns(tile.columns), stages(tile.stages),
        stageSize(leftSize + columns * sliceDepth), resultStride(columns + 4) {
    assert(tile.rows == rows && tile.warpsDown == 8 && "two groups of warps, 64 rows each");
    room = kb.dynamicShared(std::max(stages * stageSize * 2, 64 * resultStride * 4));
    group = kb.div(kb.warp, kb.index(4));
  }
  void write();

private:
  void bringSlice(const SliceSource &left, const SliceSource &right, Value number);
  Value multiplySlice(Value stage, Value sums);

  Product &p;
  DeviceKernel &kb;
  ImplicitLocOpBuilder &b;
  Type element;
  const bool rightAlongDepth;
  const int64_t columns, stages, stageSize, resultStride;
  Value room, group;
};

void WarpgroupTiles::bringSlice(const SliceSource &left, const SliceSource &right, Value number) {
  Value k = kb.mul(number, kb.index(sliceDepth));
  Value base = kb.mul(kb.rem(number, kb.index(stages)), kb.index(stageSize));
  copySlice(p, left, k, room, [&](Value number, Value within) { return kb.add(base, swizzled(kb, number, within)); });
  Value rightBase = kb.add(base, kb.index(leftSize));
  if (rightAlongDepth)
    copySlice(p, right, k, room,
              [&](Value number, Value within) { return kb.add(rightBase, swizzled(kb, number, within)); });
  else // blocks of 64 columns, one line a depth
    copySlice(p, right, k, room, [&](Value number, Value within) {
      Value block = kb.mul(kb.div(within, kb.index(line)), kb.index(sliceDepth * line));
      return kb.add(rightBase, kb.add(block, swizzled(kb, number, kb.rem(within, kb.index(line)))));
    });
  commitCopies(kb);
}

Value WarpgroupTiles::multiplySlice(Value stage, Value sums) {
  Value base = kb.mul(stage, kb.index(stageSize)), left = kb.add(base, kb.mul(group, kb.index(64 * line)));
  return multiplySlices(kb, element, room, left, kb.add(base, kb.index(leftSize)), rightAlongDepth, columns, sums);
}

void WarpgroupTiles::write() {
  Type f32 = b.getF32Type();
  int64_t sumsAThread = 64 * columns / 128;
  p.forTiles(rows, columns, [&](ArrayRef<Value> batch, Value firstRow, Value firstColumn) {
    SliceSource left = leftSlices(p, {rows, sliceDepth, true}, batch, firstRow);
    SliceShape lines = {rightAlongDepth ? columns : sliceDepth, rightAlongDepth ? sliceDepth : columns,
                        rightAlongDepth};
    SliceSource right = rightSlices(p, lines, batch, firstColumn);
    for (int64_t s = 0; s < stages - 1; ++s)
      bringSlice(left, right, kb.index(s));
    Value none = noSums(kb, columns);
    Value sums = kb.loop(kb.index(0), kb.ceilDiv(p.depth, sliceDepth), kb.index(1), ValueRange{none},
                         [&](Value number, ValueRange carried) {
                           waitForCopies(kb, stages - 2);
                           fenceStores(kb);
                           kb.syncThreads();
                           bringSlice(left, right, kb.add(number, kb.index(stages - 1)));
                           Value stage = kb.rem(number, kb.index(stages));
                           return SmallVector<Value>{multiplySlice(stage, carried[0])};
                         })[0];
    waitForCopies(kb, 0);
    // Of a group's sums, a warp has 16 rows, in the layout of mma.m16n8 side by side.
    Value row = kb.add(kb.mul(kb.rem(kb.warp, kb.index(4)), kb.index(16)), kb.div(kb.lane, kb.index(4)));
    Value pair = kb.mul(kb.rem(kb.lane, kb.index(4)), kb.index(2));
    p.finishTile(batch, firstRow, firstColumn, rows, columns, 2, room, resultStride, [&](Value slice) {
      kb.when(kb.equal(group, slice), [&] {
        for (int64_t i = 0; i < sumsAThread; i += 2) {
          Value first = LLVM::ExtractValueOp::create(b, sums, ArrayRef<int64_t>{i});
          Value second = LLVM::ExtractValueOp::create(b, sums, ArrayRef<int64_t>{i + 1});
          Value down = kb.add(row, kb.index(i % 4 / 2 * 8)), across = kb.add(pair, kb.index(i / 4 * 8));
          kb.storeVectorOf(kb.pack({first, second}), room, kb.add(kb.mul(down, kb.index(resultStride)), across), f32,
                           8);
        }
      });
    });
  });
}

} // namespace

void nvptx::writeWarpgroupTiles(Product &product, Tile tile) { WarpgroupTiles(product, tile).write(); }
