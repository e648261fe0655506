//===- Attention.cpp - attention of many queries and of few ---------------===//
//
// Many queries of a head are rows of a block, which passes over the keys that they
// see. Where queries are few, the keys are split among blocks as well, and all
// heads that read the same keys are rows of one block; what the blocks have found
// of a row is joined behind a barrier of the grid (Dao et al., flash-decoding, 2023).
//
//===----------------------------------------------------------------------===//

#include "AttentionRows.h"
#include "WarpgroupAttention.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

namespace {

class Attention {
public:
  Attention(DeviceKernel &kb, AttentionOp op) : kb(kb), b(kb.b), op(op), scores(kb, op), f32(b.getF32Type()) {}

  LogicalResult write();

private:
  void writeTiles(AttentionRows &rows);
  void writeSplit(AttentionRows &rows);

  DeviceKernel &kb;
  ImplicitLocOpBuilder &b;
  AttentionOp op;
  cpu::AttentionScores scores;
  Type f32;
};

LogicalResult Attention::write() {
  auto width = getConstantIntValue(scores.query[3]), valueWidth = getConstantIntValue(scores.value[3]);
  if (!width || !valueWidth)
    return op.emitError("attention with a dynamic head size");
  int64_t depth = llvm::alignTo(*width, 16), columns = llvm::alignTo(*valueWidth, 16);
  bool isSplit = kb.form == Form::Split;
  TileKey key{isSplit ? TileWay::SplitAttention : TileWay::Attention,
              TileKey::typeName(AttentionWeights::multipliedAs(op))};
  key.firstRow = isSplit ? 1 : fewRows + 1;
  key.lastRow = isSplit ? fewRows : 0;
  key.width = columns;
  key.depth = depth;
  if (!isSplit && canUseWarpgroups(kb, op, scores)) {
    TileKey other = key;
    other.way = TileWay::WarpgroupAttention;
    other.isBiased = op.getBias() || op.getMask() || op.getSlopes() || !op.getSoftcap().isZero();
    // Large heads are too much for the registers of its threads.
    if (kb.tiles.choose(other))
      key = other;
  }
  FailureOr<Tile> tile = kb.tileFor(key, op);
  if (failed(tile))
    return failure();
  if (key.way == TileWay::WarpgroupAttention) {
    kb.when(kb.less(kb.index(fewRows), scores.query[2]), [&] {
      writeWarpgroupAttention(kb, op, scores, *tile, depth, columns,
                              [&](ArrayRef<Value> at, Value value) { kb.finish(op, at, value); });
    });
    return success();
  }
  AttentionRows rows(kb, op, scores, AttentionShape::of(*tile), depth, columns);
  if (isSplit)
    writeSplit(rows);
  else
    writeTiles(rows);
  return success();
}

void Attention::writeTiles(AttentionRows &block) {
  ArrayRef<Value> query = scores.query;
  int64_t count = block.shape.rows();
  // Late blocks of a causal mask have the most keys: they come first.
  SmallVector<Value> tasks = {kb.ceilDiv(query[2], count), query[0], query[1]};
  kb.when(kb.less(kb.index(fewRows), query[2]), [&] {
    kb.forBlocks(kb.mul(kb.mul(tasks[0], tasks[1]), tasks[2]), [&](Value task) {
      Index at = kb.delinear(task, tasks);
      Value late = kb.sub(kb.sub(tasks[0], kb.index(1)), at[0]), head = at[2];
      Value first = kb.mul(late, kb.index(count));
      Value last = kb.sub(kb.min(kb.add(first, kb.index(count)), query[2]), kb.index(1));
      AttentionRows::Rows rows{
          at[1], kb.div(head, scores.group), first, query[2], [&](Value row) { return std::pair(head, row); }, first,
          last};
      auto [from, to] = scores.visible(rows.batch, first, last, block.shape.keys);
      block.pass(rows, from, to, /*withSinks=*/true);
      block.forResults(rows, [&](Value row, Value column, Value, Value total, Value sum) {
        kb.finish(op, {rows.batch, head, row, column}, scores.normalised(sum, total));
      });
    });
  });
}

void Attention::writeSplit(AttentionRows &block) {
  ArrayRef<Value> query = scores.query;
  Value few = kb.less(query[2], kb.index(fewRows + 1)), width = kb.add(scores.value[3], kb.index(2));
  Value rowsOfHead = kb.mul(scores.group, query[2]);
  SmallVector<Value> tasks = {query[0], scores.key[1], kb.ceilDiv(rowsOfHead, block.shape.rows())};
  // As many parts as give each multiprocessor a few blocks: what parts have found is to be read again.
  Value count = kb.mul(kb.mul(tasks[0], tasks[1]), tasks[2]), others = kb.max(count, kb.index(1));
  int64_t wanted = kb.tiles.wantedBlocks();
  Value enough = kb.div(kb.add(others, kb.index(wanted - 1)), others);
  Value parts = kb.min(enough, kb.index(attentionParts));
  tasks.push_back(parts);
  // Of a row and part: the maximum, the sum of weights, the sums.
  auto partial = [&](Value batch, Value head, Value row, Value part) {
    return kb.mul(kb.linear({batch, head, row, part}, {query[0], query[1], query[2], parts}), width);
  };
  // The keys of a batch, and whole tiles of them for each part.
  auto divide = [&](Value batch) {
    auto [from, to] = scores.visible(batch, kb.index(0), kb.sub(query[2], kb.index(1)), block.shape.keys);
    Value tiles = kb.ceilDiv(kb.sub(to, from), block.shape.keys);
    Value each = kb.max(kb.div(kb.add(tiles, kb.sub(parts, kb.index(1))), parts), kb.index(1));
    return std::tuple(from, to, tiles, each);
  };
  Value room = kb.scratch(0);
  kb.when(few, [&] {
    kb.forBlocks(kb.mul(count, parts), [&](Value task) {
      Index at = kb.delinear(task, tasks);
      Value keyHead = at[1];
      AttentionRows::Rows rows{at[0],
                               keyHead,
                               kb.mul(at[2], kb.index(block.shape.rows())),
                               rowsOfHead,
                               [&](Value row) {
                                 return std::pair(kb.add(kb.mul(keyHead, scores.group), kb.div(row, query[2])),
                                                  kb.rem(row, query[2]));
                               },
                               kb.index(0),
                               kb.sub(query[2], kb.index(1))};
      auto [from, to, tiles, each] = divide(rows.batch);
      Value size = kb.mul(each, kb.index(block.shape.keys));
      Value begin = kb.add(from, kb.mul(at[3], size)), end = kb.min(kb.add(begin, size), to);
      kb.when(kb.less(begin, end), [&] {
        block.pass(rows, begin, end, /*withSinks=*/false);
        block.forResults(rows, [&](Value row, Value column, Value most, Value total, Value sum) {
          auto [head, number] = rows.headAndQuery(row);
          Value place = partial(rows.batch, head, number, at[3]);
          kb.store(sum, room, kb.add(place, kb.add(column, kb.index(2))), f32);
          kb.when(kb.equal(column, kb.index(0)), [&] {
            kb.store(most, room, place, f32);
            kb.store(total, room, kb.add(place, kb.index(1)), f32);
          });
        });
      });
    });
  });
  kb.barrier();
  kb.when(few, [&] {
    SmallVector<Value> dims = {query[0], query[1], query[2], scores.value[3]};
    kb.parallelNest(dims, [&](ArrayRef<Value> at) {
      auto [from, to, tiles, each] = divide(at[0]);
      Value used = kb.div(kb.add(tiles, kb.sub(each, kb.index(1))), each);
      auto placeOf = [&](Value part) { return partial(at[0], at[1], at[2], part); };
      Value most = kb.loop(kb.index(0), used, kb.index(1), ValueRange{scores.initialMaximum(at[1])},
                           [&](Value part, ValueRange carried) {
                             Value x = kb.load(room, placeOf(part), f32);
                             return SmallVector<Value>{kb.fmax(carried[0], x)};
                           })[0];
      Value base = block.baseOf(most);
      // A sink is a key of weight exp(sink) and no value.
      Value sink = op.getSinks() ? block.weightOf(kb.fsub(scores.initialMaximum(at[1]), base)) : kb.f32(0);
      SmallVector<Value> sums =
          kb.loop(kb.index(0), used, kb.index(1), ValueRange{sink, kb.f32(0)}, [&](Value part, ValueRange carried) {
            Value place = placeOf(part);
            Value factor = block.weightOf(kb.fsub(kb.load(room, place, f32), base));
            Value total = kb.load(room, kb.add(place, kb.index(1)), f32);
            Value sum = kb.load(room, kb.add(place, kb.add(at[3], kb.index(2))), f32);
            return SmallVector<Value>{kb.fma(total, factor, carried[0]), kb.fma(sum, factor, carried[1])};
          });
      kb.finish(op, at, scores.normalised(sums[1], sums[0]));
    });
  });
}

} // namespace

LogicalResult nvptx::writeAttention(DeviceKernel &kb, AttentionOp op) { return Attention(kb, op).write(); }
