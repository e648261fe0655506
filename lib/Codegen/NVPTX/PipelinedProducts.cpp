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
/// Columns whose sums a warp turns to elements at a time.
constexpr int64_t chunk = 32, chunkStride = chunk + 4;

class PipelinedTiles {
public:
  PipelinedTiles(Product &product, Tile tile);
  void write();

private:
  enum class Barrier { Full, Empty };
  /// A slice's number among all that the block works on: its stage, and whether the stage's barriers have turned an
  /// odd number of times before it.
  struct Turn {
    Value stage, parity;
  };
  Turn turnOf(Value slice);
  Value barrier(Barrier kind, Value stage);
  void wait(Barrier kind, Value stage, Value parity);
  void initialise();
  void produce();
  void consume();
  void finish(ArrayRef<Value> batch, Value firstRow, Value firstColumn, Value sums);
  void copy(Value map, Value to, Value full, ArrayRef<Value> at);
  Value batchNumber(ArrayRef<Value> batch);

  Product &p;
  DeviceKernel &kb;
  ImplicitLocOpBuilder &b;
  Type element;
  const int64_t columns, stages;
  const bool rightAlongDepth;
  int64_t leftSize, rightSize;
  Value room, results, barriers, leftMap, rightMap, group, slices;
};

PipelinedTiles::PipelinedTiles(Product &product, Tile tile)
    : p(product), kb(product.kb), b(product.kb.b), element(product.lhs.storedAs()), columns(tile.columns),
      stages(tile.stages), rightAlongDepth(product.rhs.runsAlongColumns()), leftSize(rows * sliceDepth),
      rightSize(columns * sliceDepth) {
  assert(tile.rows == rows && tile.threads() == consumers * 128 && "two groups of warps, 64 rows each");
  kb.setBlockThreads(blockThreads);
  int64_t slicesBytes = stages * (leftSize + rightSize) * 2, resultBytes = consumers * 4 * 16 * chunkStride * 4;
  room = kb.dynamicShared(slicesBytes + resultBytes + 2 * stages * 8);
  Type i8 = b.getI8Type();
  results = kb.address(room, kb.index(slicesBytes), i8);
  barriers = kb.address(room, kb.index(slicesBytes + resultBytes), i8);
  leftMap = kb.tensorMap(*p.lhs.argument(), p.lhs.isFlat(), line, rows);
  rightMap = kb.tensorMap(*p.rhs.argument(), p.rhs.isFlat(), line, rightAlongDepth ? columns : sliceDepth);
  group = kb.div(kb.warp, kb.index(4));
  slices = kb.ceilDiv(p.depth, sliceDepth);
}

PipelinedTiles::Turn PipelinedTiles::turnOf(Value slice) {
  return {kb.rem(slice, kb.index(stages)), kb.rem(kb.div(slice, kb.index(stages)), kb.index(2))};
}

Value PipelinedTiles::barrier(Barrier kind, Value stage) {
  Value number = kind == Barrier::Full ? stage : kb.add(stage, kb.index(stages));
  return kb.address(barriers, number, b.getI64Type());
}

void PipelinedTiles::wait(Barrier kind, Value stage, Value parity) {
  constexpr int64_t nanoseconds = 10000000; // a hint
  NVVM::MBarrierTryWaitParityOp::create(b, barrier(kind, stage), kb.toI32(parity), kb.i32(nanoseconds));
}

void PipelinedTiles::initialise() {
  kb.when(kb.equal(kb.local, kb.index(0)), [&] {
    for (int64_t s = 0; s < stages; ++s) {
      NVVM::MBarrierInitOp::create(b, barrier(Barrier::Full, kb.index(s)), kb.i32(1), Value());
      NVVM::MBarrierInitOp::create(b, barrier(Barrier::Empty, kb.index(s)), kb.i32(consumers * 4), Value());
    }
    NVVM::FenceMbarrierInitOp::create(b);
  });
  kb.syncThreads();
}

void PipelinedTiles::copy(Value map, Value to, Value full, ArrayRef<Value> at) {
  auto cluster =
      LLVM::LLVMPointerType::get(b.getContext(), static_cast<unsigned>(NVVM::NVVMMemorySpace::SharedCluster));
  SmallVector<Value> coordinates;
  for (Value coordinate : at)
    coordinates.push_back(kb.toI32(coordinate));
  NVVM::CpAsyncBulkTensorGlobalToSharedClusterOp::create(
      b, LLVM::AddrSpaceCastOp::create(b, cluster, to), map, coordinates, full, ValueRange(), Value(), Value(),
      NVVM::TMALoadMode::TILE, /*isCTAOnly=*/false, NVVM::CTAGroupKindAttr(), Value());
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
        auto [stage, parity] = turnOf(kb.add(before, slice));
        // Passes at once the first time: a barrier that has not turned is as one that has turned the other way.
        wait(Barrier::Empty, stage, kb.sub(kb.index(1), parity));
        Value full = barrier(Barrier::Full, stage), k = kb.mul(slice, kb.index(sliceDepth));
        NVVM::MBarrierArriveExpectTxOp::create(b, Type(), full, kb.i32((leftSize + rightSize) * 2),
                                               NVVM::MemScopeKind::CTA, false, Value());
        Value base = kb.mul(stage, kb.index(leftSize + rightSize)), right = kb.add(base, kb.index(leftSize));
        copy(leftMap, kb.address(room, base, element), full, {k, firstRow, number});
        if (rightAlongDepth)
          return copy(rightMap, kb.address(room, right, element), full, {k, firstColumn, number});
        for (int64_t c = 0; c < columns; c += line)
          copy(rightMap, kb.address(room, kb.add(right, kb.index(c * sliceDepth)), element), full,
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
                           auto [stage, parity] = turnOf(kb.add(before, slice));
                           wait(Barrier::Full, stage, parity);
                           Value base = kb.mul(stage, kb.index(leftSize + rightSize));
                           Value left = kb.add(base, kb.mul(group, kb.index(64 * line)));
                           Value total = multiplySlices(kb, element, room, left, kb.add(base, kb.index(leftSize)),
                                                        rightAlongDepth, columns, carried[0]);
                           kb.when(kb.equal(kb.lane, kb.index(0)), [&] {
                             NVVM::MBarrierArriveOp::create(b, Type(), barrier(Barrier::Empty, stage), Value(),
                                                            NVVM::MemScopeKind::CTA, false);
                           });
                           return SmallVector<Value>{total};
                         })[0];
    finish(batch, firstRow, firstColumn, sums);
  });
}

/// A warp's 16 rows, some columns at a time, through memory of its own: lanes side by side then have columns side by
/// side.
void PipelinedTiles::finish(ArrayRef<Value> batch, Value firstRow, Value firstColumn, Value sums) {
  Type f32 = b.getF32Type();
  Value own = kb.mul(kb.warp, kb.index(16 * chunkStride)), first = kb.add(firstRow, kb.mul(kb.warp, kb.index(16)));
  Value down = kb.div(kb.lane, kb.index(4)), across = kb.mul(kb.rem(kb.lane, kb.index(4)), kb.index(2));
  auto syncWarp = [&] { NVVM::SyncWarpOp::create(b, kb.i32(-1)); };
  for (int64_t c = 0; c < columns; c += chunk) {
    syncWarp(); // the memory is still read
    for (int64_t i = 0; i < chunk / 2; i += 2) {
      SmallVector<Value> two;
      for (int64_t e = 0; e < 2; ++e)
        two.push_back(LLVM::ExtractValueOp::create(b, sums, ArrayRef<int64_t>{c / 2 + i + e}));
      Value row = kb.add(down, kb.index(i % 4 / 2 * 8)), column = kb.add(across, kb.index(i / 4 * 8));
      Value place = kb.add(own, kb.add(kb.mul(row, kb.index(chunkStride)), column));
      kb.storeVectorOf(kb.pack(two), results, place, f32, 8);
    }
    syncWarp();
    Value column = kb.add(firstColumn, kb.add(kb.lane, kb.index(c)));
    kb.loop(kb.index(16), [&](Value r) {
      Value row = kb.add(first, r);
      kb.when(kb.both(kb.less(row, p.rows), kb.less(column, p.width)), [&] {
        Value place = kb.add(own, kb.add(kb.mul(r, kb.index(chunkStride)), kb.lane));
        p.finish(batch, row, column, kb.load(results, place, f32));
      });
    });
  }
}

void PipelinedTiles::write() {
  initialise();
  kb.when(kb.equal(group, kb.index(consumers)), [&] { produce(); }, [&] { consume(); });
}

} // namespace

void nvptx::writePipelinedTiles(Product &product, Tile tile) { PipelinedTiles(product, tile).write(); }
