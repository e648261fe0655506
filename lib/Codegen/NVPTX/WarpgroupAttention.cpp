//===- WarpgroupAttention.cpp - attention of many queries by wgmma --------===//
//
// Two groups of four warps hold 64 queries each of a head (Shah et al.,
// FlashAttention-3, 2024); a third brings tiles of keys and values into stages of
// shared memory, by cp.async.bulk.tensor where both are arguments as they stand,
// else by cp.async. Weights are the left operand of the second product from the
// registers in which scores became weights. While a tile's scores are weighed, the
// values of the tile before are multiplied; meanwhile the other group multiplies.
//
//===----------------------------------------------------------------------===//

#include "WarpgroupAttention.h"
#include "Pipeline.h"
#include "Product.h"
#include "Warpgroups.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

namespace {

constexpr int64_t rowsOfGroup = 64, consumers = 2, threadsOfGroup = 128, line = warpgroupLine;

/// Elements of a head in whole lines.
int64_t inLines(int64_t width) { return llvm::alignTo(width, line); }

class WarpgroupAttention : AttentionWeights {
public:
  WarpgroupAttention(DeviceKernel &kb, AttentionOp op, cpu::AttentionScores &scores, const Tile &tile, int64_t depth,
                     int64_t columns);
  void write(llvm::function_ref<void(ArrayRef<Value>, Value)> finish);

private:
  /// Keys or values: their stages, and where they come from.
  struct Side {
    Value tensor, width;        ///< width: of a head
    int64_t offset, lineLength; ///< in elements: of the first stage, of a tile's rows
    Pipeline pipeline;
    Value map;
  };
  /// The rows that a block works on at a time, the keys that they see, and how many tiles those are.
  struct Task {
    Value batch, head, first, from, to, tiles;
  };
  void forTasks(llvm::function_ref<void(const Task &task, Value tilesBefore)> body);
  SwizzledTile tileOf(const Side &side, Value stage, bool alongDepth) {
    Value stageOffset = kb.mul(stage, kb.index(shape.keys * side.lineLength));
    return {room, element, kb.add(kb.index(side.offset), stageOffset), shape.keys, alongDepth};
  }
  void bring(Side &side, const Task &task, Value number, Value tilesBefore);
  void produce();
  void consume(llvm::function_ref<void(ArrayRef<Value>, Value)> finish);
  void storeQueries(const Task &task);
  void syncGroup();
  Value multiplyKeys(Value stage);
  Value addValues(Value stage, ArrayRef<Value> weights, Value sums);
  SmallVector<Value> asOperand(ArrayRef<Value> weights);

  int64_t depth;
  bool isCopiedWhole; ///< keys and values are brought as pieces of tensors
  Value room, results, group, local;
  std::optional<Side> keys, values;
};

} // namespace

bool nvptx::canUseWarpgroups(DeviceKernel &kb, AttentionOp op, cpu::AttentionScores &scores) {
  Type element = AttentionWeights::multipliedAs(op);
  auto lies = [&](Value tensor, Value width) {
    std::optional<Place> place = kb.place(tensor);
    return place && AttentionWeights::liesInPieces(*place, element, width);
  };
  return kb.target.hasWgmma && !element.isF32() && lies(op.getKey(), scores.key[3]) &&
         lies(op.getValue(), scores.value[3]);
}

int64_t nvptx::warpgroupAttentionBytes(const Tile &tile, int64_t depth, int64_t columns) {
  int64_t elements = tile.rows * inLines(depth) + tile.stages * tile.columns * (inLines(depth) + inLines(columns));
  return elements * 2 + consumers * 4 * sumsRoom + 2 * Pipeline::bytes(tile.stages);
}

WarpgroupAttention::WarpgroupAttention(DeviceKernel &kb, AttentionOp op, cpu::AttentionScores &scores, const Tile &tile,
                                       int64_t depth, int64_t columns)
    : AttentionWeights(kb, op, scores, AttentionShape::of(tile), columns), depth(depth) {
  assert(shape.rows() == consumers * rowsOfGroup && shape.rowBlocks == 1 && shape.warpsAcross == 1);
  kb.setBlockThreads((consumers + 1) * threadsOfGroup);
  room = kb.dynamicShared(warpgroupAttentionBytes(tile, depth, columns));
  group = kb.div(kb.warp, kb.index(4));
  local = kb.rem(kb.local, kb.index(threadsOfGroup));
  // What the copy engine brings past the keys that there are would be multiplied with weights of 0.
  auto isPlain = [&](Value tensor) { return kb.isArgument(tensor); };
  isCopiedWhole = isPlain(op.getKey()) && isPlain(op.getValue()) && !op.getKeyLengths();
  int64_t keyOffset = shape.rows() * inLines(depth), stages = tile.stages;
  int64_t valueOffset = keyOffset + stages * shape.keys * inLines(depth);
  int64_t end = (valueOffset + stages * shape.keys * inLines(columns)) * 2;
  auto bytes = [&](int64_t offset) { return kb.address(room, kb.index(offset), b.getI8Type()); };
  results = bytes(end);
  end += consumers * 4 * sumsRoom;
  auto side = [&](Value tensor, Value width, int64_t offset, int64_t length, int64_t barriers) {
    Side made{tensor, width, offset, length, Pipeline(kb, bytes(barriers), stages), Value()};
    if (isCopiedWhole)
      made.map = kb.tensorMap(cast<BlockArgument>(tensor).getArgNumber(), /*flat=*/false, line, shape.keys);
    return made;
  };
  keys.emplace(side(op.getKey(), scores.key[3], keyOffset, inLines(depth), end));
  values.emplace(side(op.getValue(), scores.value[3], valueOffset, inLines(columns), end + Pipeline::bytes(stages)));
}

void WarpgroupAttention::forTasks(llvm::function_ref<void(const Task &, Value)> body) {
  ArrayRef<Value> query = scores.query;
  SmallVector<Value> tasks = {kb.ceilDiv(query[2], shape.rows()), query[0], query[1]};
  Value count = kb.mul(kb.mul(tasks[0], tasks[1]), tasks[2]);
  kb.loop(kb.block, count, kb.blocks, ValueRange{kb.index(0)}, [&](Value number, ValueRange before) {
    Index at = kb.delinear(number, tasks);
    // Late rows of a causal mask have the most keys: they come first.
    Value first = kb.mul(kb.sub(kb.sub(tasks[0], kb.index(1)), at[0]), kb.index(shape.rows()));
    Value last = kb.sub(kb.min(kb.add(first, kb.index(shape.rows())), query[2]), kb.index(1));
    auto [from, to] = scores.visible(at[1], first, last, shape.keys);
    Value tiles = kb.ceilDiv(kb.sub(to, from), shape.keys);
    body({at[1], at[2], first, from, to, tiles}, before[0]);
    return SmallVector<Value>{kb.add(before[0], tiles)};
  });
}

//===-- Threads that copy -------------------------------------------------===//

/// Starts to bring tile `number` of the task.
void WarpgroupAttention::bring(Side &side, const Task &task, Value number, Value tilesBefore) {
  bool isKey = &side == &*keys;
  Pipeline::Turn turn = side.pipeline.turnOf(kb.add(tilesBefore, number));
  side.pipeline.waitUntilEmpty(turn);
  Value first = kb.add(task.from, kb.mul(number, kb.index(shape.keys))), head = kb.div(task.head, scores.group);
  Value batch = isKey ? scores.keyBatch(task.batch) : scores.valueBatch(task.batch);
  SwizzledTile tile = tileOf(side, turn.stage, isKey);
  if (isCopiedWhole) {
    side.pipeline.expect(turn, shape.keys * side.lineLength * 2);
    Value matrix = kb.add(kb.mul(batch, scores.key[1]), head);
    for (int64_t c = 0; c < side.lineLength; c += line)
      side.pipeline.copy(turn, side.map, kb.address(room, kb.add(tile.offset, kb.index(c * shape.keys)), element),
                         {kb.index(c), first, matrix});
    return;
  }
  Place place = *kb.place(side.tensor);
  int64_t piece = pieceOf(element), pieces = side.lineLength / piece;
  Value base = kb.add(place.offset, kb.add(kb.mul(batch, place.strides[0]), kb.mul(head, place.strides[1])));
  Value last = kb.sub(task.to, kb.index(1));
  kb.loop(local, kb.index(shape.keys * pieces), kb.index(threadsOfGroup), [&](Value i) {
    Value r = kb.div(i, kb.index(pieces)), d = kb.mul(kb.rem(i, kb.index(pieces)), kb.index(piece));
    Value row = kb.add(first, r), inside = kb.both(kb.less(row, task.to), kb.less(d, side.width));
    Value from = kb.add(base, kb.add(kb.mul(kb.min(row, last), place.strides[2]), kb.select(inside, d, kb.index(0))));
    copyAsync(kb, kb.address(room, tile.place(kb, r, d), element), kb.address(place.pointer, from, element), inside);
  });
  commitCopies(kb);
}

void WarpgroupAttention::produce() {
  if (isCopiedWhole) {
    kb.when(kb.equal(local, kb.index(0)), [&] {
      forTasks([&](const Task &task, Value before) {
        kb.loop(task.tiles, [&](Value number) {
          bring(*keys, task, number, before);
          bring(*values, task, number, before);
        });
      });
    });
    return;
  }
  auto fill = [&](Side &side, Value slice, int64_t pending) {
    waitForCopies(kb, pending);
    fenceStores(kb);
    side.pipeline.fill(side.pipeline.turnOf(slice));
  };
  forTasks([&](const Task &task, Value before) {
    // A tile's values are on their way while its keys are waited for, and the next keys while its values are.
    kb.when(kb.less(kb.index(0), task.tiles), [&] { bring(*keys, task, kb.index(0), before); });
    kb.loop(task.tiles, [&](Value number) {
      Value slice = kb.add(before, number), next = kb.add(number, kb.index(1));
      bring(*values, task, number, before);
      fill(*keys, slice, 1);
      kb.when(kb.less(next, task.tiles), [&] { bring(*keys, task, next, before); }, [&] { commitCopies(kb); });
      fill(*values, slice, 1);
    });
  });
}

//===-- Threads that multiply ---------------------------------------------===//

/// All threads of this one's group have come here.
void WarpgroupAttention::syncGroup() {
  NVVM::BarrierOp::create(b, Type(), kb.toI32(kb.add(group, kb.index(1))), kb.i32(threadsOfGroup),
                          NVVM::BarrierReductionAttr(), Value());
}

/// The rows of this group; 0 past the head's elements.
void WarpgroupAttention::storeQueries(const Task &task) {
  SwizzledTile tile{room, element, kb.index(0), shape.rows(), true};
  Value own = kb.mul(group, kb.index(rowsOfGroup)), last = kb.sub(scores.query[2], kb.index(1));
  int64_t length = inLines(depth), piece = pieceOf(element);
  std::optional<Place> place = kb.place(op.getQuery());
  bool inPieces = place && liesInPieces(*place, element, scores.query[3]);
  syncGroup(); // the rows are still read
  if (!inPieces)
    piece = 1;
  kb.loop(local, kb.index(rowsOfGroup * length / piece), kb.index(threadsOfGroup), [&](Value i) {
    Value r = kb.add(own, kb.div(i, kb.index(length / piece)));
    Value d = kb.mul(kb.rem(i, kb.index(length / piece)), kb.index(piece));
    Value inside = kb.less(d, scores.query[3]), row = kb.min(kb.add(task.first, r), last), to = tile.place(kb, r, d);
    if (inPieces) {
      ArrayRef<Value> strides = place->strides;
      Value base = kb.add(place->offset, kb.add(kb.mul(task.batch, strides[0]), kb.mul(task.head, strides[1])));
      Value from = kb.add(base, kb.add(kb.mul(row, strides[2]), kb.select(inside, d, kb.index(0))));
      return copyAsync(kb, kb.address(room, to, element), kb.address(place->pointer, from, element), inside);
    }
    Value from = kb.min(d, kb.sub(scores.query[3], kb.index(1)));
    Value x = kb.element(op.getQuery(), {task.batch, task.head, row, from});
    kb.store(kb.select(inside, x, kb.f32(0)), room, to, element);
  });
  commitCopies(kb);
  waitForCopies(kb, 0);
  fenceStores(kb);
  syncGroup();
}

/// Starts to multiply the group's queries with a stage's keys.
Value WarpgroupAttention::multiplyKeys(Value stage) {
  Value own = kb.mul(group, kb.index(rowsOfGroup * line));
  SwizzledTile left{room, element, own, shape.rows(), true}, right = tileOf(*keys, stage, true);
  Value products;
  for (int64_t d = 0; d < depth; d += warpgroupStep)
    products = startMultiplication(kb, left, right, d, shape.keys, products);
  commitMultiplications(kb);
  return products;
}

/// Starts to add a stage's values, weighed.
Value WarpgroupAttention::addValues(Value stage, ArrayRef<Value> weights, Value sums) {
  SwizzledTile right = tileOf(*values, stage, false);
  for (int64_t k = 0; k < shape.keys; k += warpgroupStep)
    sums = startMultiplication(kb, weights.slice(k / 4, 4), right, k, sums);
  commitMultiplications(kb);
  return sums;
}

/// Weights as the left operand: four registers each 16 keys.
SmallVector<Value> WarpgroupAttention::asOperand(ArrayRef<Value> weights) {
  SmallVector<Value> registers;
  for (int64_t k = 0; k < shape.keys; k += warpgroupStep)
    llvm::append_range(registers, leftOfResults(kb, weights.slice(k / 2, 8), element).high);
  return registers;
}

void WarpgroupAttention::consume(llvm::function_ref<void(ArrayRef<Value>, Value)> finish) {
  forTasks([&](const Task &task, Value before) {
    Value ofGroup = kb.add(task.first, kb.mul(group, kb.index(rowsOfGroup))), one = kb.index(1);
    Value end = kb.min(kb.add(ofGroup, kb.index(rowsOfGroup)), scores.query[2]);
    Rows rows{task.batch,
              kb.div(task.head, scores.group),
              task.first,
              scores.query[2],
              [&](Value row) { return std::pair(task.head, row); },
              ofGroup,
              kb.max(kb.sub(end, one), ofGroup)};
    storeQueries(task);
    State state = begin(rows, /*withSinks=*/true);
    auto firstKey = [&](Value number) { return kb.add(task.from, kb.mul(number, kb.index(shape.keys))); };
    // A tile's scores, once they are there.
    auto startScores = [&](Value number) {
      Pipeline::Turn turn = keys->pipeline.turnOf(kb.add(before, number));
      keys->pipeline.waitUntilFull(turn);
      beginMultiplications(kb);
      return std::pair(turn, multiplyKeys(turn.stage));
    };
    auto startSums = [&](Value number, ArrayRef<Value> weights, Value sums) {
      Pipeline::Turn turn = values->pipeline.turnOf(kb.add(before, number));
      values->pipeline.waitUntilFull(turn);
      beginMultiplications(kb);
      return std::pair(turn, addValues(turn.stage, weights, sums));
    };
    auto pass = [&]() -> SmallVector<Value> {
      State now = state;
      auto [firstTurn, firstProducts] = startScores(kb.index(0));
      SmallVector<Value> tile = unpackSums(kb, waitForMultiplications(kb, 0, firstProducts));
      keys->pipeline.release(firstTurn);
      weigh(rows, task.from, task.to, tile, now); // nothing is summed up yet
      SmallVector<Value> carried = flat(now);
      size_t ofState = carried.size();
      llvm::append_range(carried, asOperand(tile));
      SmallVector<Value> after = kb.loop(one, task.tiles, one, carried, [&](Value number, ValueRange held) {
        State now = stateOf(held.take_front(ofState));
        SmallVector<Value> weights(held.drop_front(ofState));
        auto [keyTurn, products] = startScores(number);
        auto [valueTurn, sums] = startSums(kb.sub(number, one), weights, packSums(kb, now.sums));
        SmallVector<Value> tile = unpackSums(kb, waitForMultiplications(kb, 1, products));
        keys->pipeline.release(keyTurn);
        SmallVector<Value> factors = weigh(rows, firstKey(number), task.to, tile, now);
        now.sums = unpackSums(kb, waitForMultiplications(kb, 0, sums));
        values->pipeline.release(valueTurn);
        scaleSums(factors, now);
        SmallVector<Value> next = flat(now);
        llvm::append_range(next, asOperand(tile));
        return next;
      });
      now = stateOf(ValueRange(after).take_front(ofState));
      auto [turn, sums] =
          startSums(kb.sub(task.tiles, one), ArrayRef<Value>(after).drop_front(ofState), packSums(kb, now.sums));
      now.sums = unpackSums(kb, waitForMultiplications(kb, 0, sums));
      values->pipeline.release(turn);
      return flat(now);
    };
    state = stateOf(kb.chooseAll(kb.less(kb.index(0), task.tiles), pass, [&] { return flat(state); }));
    addTotals(state);
    SmallVector<Value> shares;
    for (Value total : state.total)
      shares.push_back(scores.normalised(kb.f32(1), total));
    scaleSums(shares, state);
    forSums(kb, results, state.sums, [&](Value r, Value column, Value sum) {
      Value row = kb.add(task.first, r);
      kb.when(kb.both(kb.less(row, scores.query[2]), kb.less(column, scores.value[3])),
              [&] { finish({task.batch, task.head, row, column}, sum); });
    });
  });
}

void WarpgroupAttention::write(llvm::function_ref<void(ArrayRef<Value>, Value)> finish) {
  int64_t filling = isCopiedWhole ? 1 : threadsOfGroup;
  kb.when(kb.equal(kb.local, kb.index(0)), [&] {
    keys->pipeline.initialise(filling, consumers * 4);
    values->pipeline.initialise(filling, consumers * 4);
    NVVM::FenceMbarrierInitOp::create(b);
  });
  kb.syncThreads();
  // Registers go from the group that copies to those that multiply; more of them where it computes addresses.
  int64_t few = isCopiedWhole ? 40 : 72, many = isCopiedWhole ? 232 : 216;
  kb.when(
      kb.equal(group, kb.index(consumers)),
      [&] {
        NVVM::SetMaxRegisterOp::create(b, few, NVVM::SetMaxRegisterAction::decrease);
        produce();
      },
      [&] {
        NVVM::SetMaxRegisterOp::create(b, many, NVVM::SetMaxRegisterAction::increase);
        consume(finish);
      });
}

void nvptx::writeWarpgroupAttention(DeviceKernel &kb, AttentionOp op, cpu::AttentionScores &scores, const Tile &tile,
                                    int64_t depth, int64_t columns,
                                    llvm::function_ref<void(ArrayRef<Value>, Value)> finish) {
  WarpgroupAttention(kb, op, scores, tile, depth, columns).write(finish);
}
