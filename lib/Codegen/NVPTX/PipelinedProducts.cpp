//===- PipelinedProducts.cpp - wgmma fed by a warp that only copies -------===//
//
// Of three groups of four warps two multiply, 64 rows each, and a thread of the
// third brings slices of both operands by cp.async.bulk.tensor, as many ahead as
// there are stages. A stage has two barriers in shared memory: `full` counts the
// bytes that have come, `empty` the warps that have read them. No thread waits for
// the whole block, so the next tile's slices come while a tile's sums become
// elements, which each warp does for its own 16 rows. Registers go from the group
// that copies to those that multiply. Past the ends of a tensor zeros are brought.
//
//===----------------------------------------------------------------------===//

#include "Pipeline.h"
#include "Product.h"
#include "Warpgroups.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;

namespace {

constexpr int64_t rows = 128, consumers = 2, blockThreads = (consumers + 1) * 128;
constexpr int64_t line = warpgroupLine, sliceDepth = warpgroupDepth;

class PipelinedTiles {
public:
  PipelinedTiles(Product &product, Tile tile);
  void write();

private:
  void produce();
  void consume();
  void finish(ArrayRef<Value> batch, Value firstRow, Value firstColumn, Value sums);
  Value batchNumber(ArrayRef<Value> batch);

  Product &p;
  DeviceKernel &kb;
  ImplicitLocOpBuilder &b;
  Type element;
  const int64_t columns, stages;
  const bool rightAlongDepth;
  int64_t leftSize, rightSize;
  Value room, results, leftMap, rightMap, group, slices;
  std::optional<Pipeline> pipeline;
};

PipelinedTiles::PipelinedTiles(Product &product, Tile tile)
    : p(product), kb(product.kb), b(product.kb.b), element(product.lhs.storedAs()), columns(tile.columns),
      stages(tile.stages), rightAlongDepth(product.rhs.runsAlongColumns()), leftSize(rows * sliceDepth),
      rightSize(columns * sliceDepth) {
  assert(tile.rows == rows && tile.threads() == consumers * 128 && "two groups of warps, 64 rows each");
  kb.setBlockThreads(blockThreads);
  int64_t slicesBytes = stages * (leftSize + rightSize) * 2, resultBytes = consumers * 4 * sumsRoom;
  room = kb.dynamicShared(slicesBytes + resultBytes + Pipeline::bytes(stages));
  Type i8 = b.getI8Type();
  results = kb.address(room, kb.index(slicesBytes), i8);
  pipeline.emplace(kb, kb.address(room, kb.index(slicesBytes + resultBytes), i8), stages);
  leftMap = kb.tensorMap(*p.lhs.argument(), p.lhs.isFlat(), line, rows);
  rightMap = kb.tensorMap(*p.rhs.argument(), p.rhs.isFlat(), line, rightAlongDepth ? columns : sliceDepth);
  group = kb.div(kb.warp, kb.index(4));
  slices = kb.ceilDiv(p.depth, sliceDepth);
}

/// The number of a matrix among all of a tensor's; those of both operands are the result's.
Value PipelinedTiles::batchNumber(ArrayRef<Value> batch) {
  return batch.empty() ? kb.index(0) : kb.linear(batch, ArrayRef<Value>(p.resultDims).take_front(batch.size()));
}

void PipelinedTiles::produce() {
  NVVM::SetMaxRegisterOp::create(b, 40, NVVM::SetMaxRegisterAction::decrease);
  kb.when(kb.equal(kb.local, kb.index(consumers * 128)), [&] {
    p.forTiles(rows, columns, [&](ArrayRef<Value> batch, Value firstRow, Value firstColumn) {
      Value number = batchNumber(batch), before = kb.mul(p.tilesBefore, slices);
      kb.loop(kb.index(0), slices, kb.index(1), [&](Value slice) {
        Pipeline::Turn turn = pipeline->turnOf(kb.add(before, slice));
        pipeline->waitUntilEmpty(turn);
        pipeline->expect(turn, (leftSize + rightSize) * 2);
        Value k = kb.mul(slice, kb.index(sliceDepth));
        Value base = kb.mul(turn.stage, kb.index(leftSize + rightSize)), right = kb.add(base, kb.index(leftSize));
        pipeline->copy(turn, leftMap, kb.address(room, base, element), {k, firstRow, number});
        if (rightAlongDepth)
          return pipeline->copy(turn, rightMap, kb.address(room, right, element), {k, firstColumn, number});
        for (int64_t c = 0; c < columns; c += line)
          pipeline->copy(turn, rightMap, kb.address(room, kb.add(right, kb.index(c * sliceDepth)), element),
                         {kb.add(firstColumn, kb.index(c)), k, number});
      });
    });
  });
}

void PipelinedTiles::consume() {
  NVVM::SetMaxRegisterOp::create(b, 232, NVVM::SetMaxRegisterAction::increase);
  p.forTiles(rows, columns, [&](ArrayRef<Value> batch, Value firstRow, Value firstColumn) {
    Value before = kb.mul(p.tilesBefore, slices);
    Value sums = kb.loop(kb.index(0), slices, kb.index(1), ValueRange{noSums(kb, columns)},
                         [&](Value slice, ValueRange carried) {
                           Pipeline::Turn turn = pipeline->turnOf(kb.add(before, slice));
                           pipeline->waitUntilFull(turn);
                           Value base = kb.mul(turn.stage, kb.index(leftSize + rightSize));
                           Value left = kb.add(base, kb.mul(group, kb.index(64 * line)));
                           Value total = multiplySlices(kb, element, room, left, kb.add(base, kb.index(leftSize)),
                                                        rightAlongDepth, columns, carried[0]);
                           pipeline->release(turn);
                           return SmallVector<Value>{total};
                         })[0];
    finish(batch, firstRow, firstColumn, sums);
  });
}

void PipelinedTiles::finish(ArrayRef<Value> batch, Value firstRow, Value firstColumn, Value sums) {
  forSums(kb, results, unpackSums(kb, sums), [&](Value r, Value c, Value sum) {
    Value row = kb.add(firstRow, r), column = kb.add(firstColumn, c);
    kb.when(kb.both(kb.less(row, p.rows), kb.less(column, p.width)), [&] { p.finish(batch, row, column, sum); });
  });
}

void PipelinedTiles::write() {
  kb.when(kb.equal(kb.local, kb.index(0)), [&] {
    pipeline->initialise(/*filling=*/1, /*reading=*/consumers * 4);
    NVVM::FenceMbarrierInitOp::create(b);
  });
  kb.syncThreads();
  kb.when(kb.equal(group, kb.index(consumers)), [&] { produce(); }, [&] { consume(); });
}

} // namespace

void nvptx::writePipelinedTiles(Product &product, Tile tile) { PipelinedTiles(product, tile).write(); }
