//===- Attention.cpp - attention with an online softmax -------------------===//
//
// Scores never go to memory: a block of queries passes over blocks of keys and
// keeps, for each row, the largest score so far, the sum of exponentials and the
// weighted values (Milakov and Gimelshein, 2018; Dao et al., 2022).
//
// Two forms, chosen by the number of queries at run time: blocks of queries on
// register tiles, with keys packed in panels; and single rows, which read keys
// and values where they lie (decoding).
//
//===----------------------------------------------------------------------===//

#include "TileProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

constexpr int64_t queryBlock = 48; ///< a multiple of every tile's rows
constexpr int64_t keyBlock = 64;   ///< a multiple of every panel's columns
constexpr int64_t rowLimit = 8;    ///< fewer queries go row by row

class AttentionWriter {
public:
  AttentionWriter(KernelBuilder &kb, AttentionOp op) : kb(kb), b(kb.b), op(op) {
    query = kb.dimsOf(op.getQuery());
    key = kb.dimsOf(op.getKey());
    value = kb.dimsOf(op.getValue());
    keyPlace = *kb.place(op.getKey());
    valuePlace = *kb.place(op.getValue());
    scoreShape = kb.shapeOf(op.getQuery());
    scoreShape[3] = kb.shapeOf(op.getKey())[2];
    group = kb.div(query[1], key[1]);
    f32 = b.getF32Type();
    width = getConstantIntValue(query[3]);
    valueWidth = getConstantIntValue(value[3]);
  }

  LogicalResult write() {
    if (!width || !valueWidth)
      return op.emitError("attention with a dynamic head size");
    if (op.getScoreRounding() || op.getProbabilityRounding())
      return op.emitError("attention that rounds its scores or probabilities together with slopes, sinks or key "
                          "lengths has no kernel");
    Value few = kb.less(query[2], kb.index(rowLimit));
    kb.when(few, [&] { writeRows(); }, [&] { writeBlocks(); });
    return success();
  }

private:
  void writeRows();
  void writeBlocks();
  void packKeys();
  void stageValues();
  void writeBlock(Value batch, Value head, Value firstRow);

  /// The score of a key in full: cap, bias, mask.
  Value score(Value raw, ArrayRef<Value> at);
  /// Scores of one row in `scores` (already products) to weights; updates the
  /// row's maximum and sum and gives the factor for what was summed before.
  Value weigh(Value scores, Value scoreOffset, Value count, ArrayRef<Value> row, Value firstKey, Value state,
              Value stateOffset);
  /// [from, to) of the keys that rows [first, last] of a batch can see.
  std::pair<Value, Value> visible(Value batch, Value first, Value last);
  /// The key that the first query is aligned with.
  Value offset(Value batch) {
    if (op.getCausal() != CausalKind::bottom_right)
      return kb.index(0);
    return kb.sub(op.getKeyLengths() ? kb.toIndex(kb.element(op.getKeyLengths(), {batch})) : key[2], query[2]);
  }
  // -1: no limit.
  int64_t left() { return static_cast<int64_t>(op.getWindowLeft()); }
  int64_t right() { return static_cast<int64_t>(op.getWindowRight()); }
  Value keyBatch(Value batch) { return ofBatch(op.getKey(), batch); }
  Value valueBatch(Value batch) { return ofBatch(op.getValue(), batch); }
  Value ofBatch(Value tensor, Value batch) {
    Dim own = kb.shapeOf(tensor)[0];
    if (own == scoreShape[0])
      return batch;
    return kb.select(kb.equal(kb.index(own), kb.index(1)), kb.index(0), batch);
  }
  Value initialMaximum(Value head) { return op.getSinks() ? kb.element(op.getSinks(), {head}) : kb.f32(-INFINITY); }
  Value initialSum() { return kb.f32(op.getSinks() ? 1 : 0); }
  Value result(Value sum, Value total) {
    Value none = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, kb.f32(0));
    return kb.select(none, kb.f32(0), kb.fdiv(sum, total));
  }

  KernelBuilder &kb;
  ImplicitLocOpBuilder &b;
  AttentionOp op;
  SmallVector<Value> query, key, value;
  Place keyPlace, valuePlace;
  Dims scoreShape;
  Value group;
  Type f32;
  std::optional<int64_t> width, valueWidth;
  // Of blocks: queries, scores, sums, and (maximum, sum) of each row.
  Value queries, scores, sums, state;
};

Value AttentionWriter::score(Value raw, ArrayRef<Value> at) {
  if (op.getSoftcap().convertToFloat() != 0) {
    Value cap = kb.f32(op.getSoftcap().convertToFloat());
    raw = kb.fmul(kb.unary(UnaryKind::tanh, kb.fdiv(raw, cap), f32), cap);
  }
  if (op.getBias())
    raw = kb.fadd(raw, kb.broadcast(op.getBias(), at, scoreShape));
  if (op.getSlopes()) {
    Value position = kb.cast(kb.toI64(at[3]), b.getI64Type(), f32);
    raw = kb.fadd(raw, kb.fmul(kb.element(op.getSlopes(), {at[1]}), position));
  }
  Value seen;
  auto also = [&](Value condition) { seen = seen ? kb.both(seen, condition) : condition; };
  if (op.getMask())
    also(kb.broadcast(op.getMask(), at, scoreShape));
  if (op.getKeyLengths())
    also(kb.less(at[3], kb.toIndex(kb.element(op.getKeyLengths(), {at[0]}))));
  Value position = kb.add(at[2], offset(at[0]));
  if (op.getCausal() != CausalKind::none)
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::sle, at[3], position));
  if (left() >= 0)
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, at[3], kb.sub(position, kb.index(left()))));
  if (right() >= 0)
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::sle, at[3], kb.add(position, kb.index(right()))));
  return seen ? kb.select(seen, raw, kb.f32(-INFINITY)) : raw;
}

std::pair<Value, Value> AttentionWriter::visible(Value batch, Value first, Value last) {
  Value from = kb.index(0), to = key[2];
  if (op.getKeyLengths())
    to = kb.min(to, kb.toIndex(kb.element(op.getKeyLengths(), {batch})));
  Value end = kb.add(kb.add(last, offset(batch)), kb.index(1));
  if (op.getCausal() != CausalKind::none)
    to = kb.min(to, end);
  if (right() >= 0)
    to = kb.min(to, kb.add(end, kb.index(right())));
  if (left() >= 0) {
    Value oldest = kb.max(kb.sub(kb.add(first, offset(batch)), kb.index(left())), kb.index(0));
    from = kb.mul(kb.div(oldest, kb.index(keyBlock)), kb.index(keyBlock)); // blocks begin where panels do
  }
  return {from, kb.max(to, from)};
}

Value AttentionWriter::weigh(Value scores, Value scoreOffset, Value count, ArrayRef<Value> row, Value firstKey,
                             Value state, Value stateOffset) {
  auto flags = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
  Value before = kb.load(state, stateOffset, f32);
  Value most = kb.loop(kb.index(0), count, kb.index(1), ValueRange{before}, [&](Value j, ValueRange carried) {
    Index at(row);
    at.push_back(kb.add(firstKey, j));
    Value place = kb.add(scoreOffset, j);
    Value full = score(kb.load(scores, place, f32), at);
    kb.store(full, scores, place, f32);
    return SmallVector<Value>{arith::MaxNumFOp::create(b, carried[0], full, flags)};
  })[0];
  // All removed so far: any finite number makes exp(-inf - x) the 0 it should be.
  Value none = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, most, kb.f32(-INFINITY));
  Value base = kb.select(none, kb.f32(0), most);
  Value factor = kb.unary(UnaryKind::exp, kb.fsub(before, base), f32);
  kb.loop(count, [&](Value j) {
    Value place = kb.add(scoreOffset, j);
    kb.store(kb.unary(UnaryKind::exp, kb.fsub(kb.load(scores, place, f32), base), f32), scores, place, f32);
  });
  Value added = kb.loop(kb.index(0), count, kb.index(1), ValueRange{kb.f32(0)}, [&](Value j, ValueRange carried) {
    return SmallVector<Value>{kb.faddAnyOrder(carried[0], kb.load(scores, kb.add(scoreOffset, j), f32))};
  })[0];
  Value sumPlace = kb.add(stateOffset, kb.index(1));
  kb.store(most, state, stateOffset, f32);
  kb.store(kb.fadd(kb.fmul(kb.load(state, sumPlace, f32), factor), added), state, sumPlace, f32);
  return factor;
}

//===-- Row by row --------------------------------------------------------===//

void AttentionWriter::writeRows() {
  Value rowQuery = kb.stack(*width), rowScores = kb.stack(keyBlock), rowSums = kb.stack(*valueWidth);
  Value rowState = kb.stack(2);
  kb.parallelNest(
      ArrayRef<Value>(query).take_front(3),
      [&](ArrayRef<Value> row) {
        Value batch = row[0], head = row[1], shared = kb.div(head, group);
        kb.loop(query[3], [&](Value d) {
          Index at(row);
          at.push_back(d);
          Value x = kb.fmul(kb.element(op.getQuery(), at), kb.f32(op.getScale().convertToFloat()));
          kb.store(x, rowQuery, d, f32);
        });
        kb.loop(value[3], [&](Value d) { kb.store(kb.f32(0), rowSums, d, f32); });
        kb.store(initialMaximum(head), rowState, kb.index(0), f32);
        kb.store(initialSum(), rowState, kb.index(1), f32);
        auto [from, to] = visible(batch, row[2], row[2]);
        Value last = to;
        auto base = [&](Place &place, Value itsBatch) {
          return kb.add(place.offset, kb.add(kb.mul(itsBatch, place.strides[0]), kb.mul(shared, place.strides[1])));
        };
        Value keyBase = base(keyPlace, keyBatch(batch)), valueBase = base(valuePlace, valueBatch(batch));
        kb.loop(from, to, kb.index(keyBlock), [&](Value first) {
          Value count = kb.min(kb.sub(last, first), kb.index(keyBlock));
          kb.loop(count, [&](Value j) {
            Value keyRow = kb.add(keyBase, kb.mul(kb.add(first, j), keyPlace.strides[2]));
            Value product =
                kb.loop(kb.index(0), query[3], kb.index(1), ValueRange{kb.f32(0)}, [&](Value d, ValueRange carried) {
                  Value x = kb.load(rowQuery, d, f32);
                  Value y = kb.load(keyPlace.pointer, kb.add(keyRow, d), keyPlace.element);
                  return SmallVector<Value>{kb.faddAnyOrder(carried[0], kb.fmul(x, y))};
                })[0];
            kb.store(product, rowScores, j, f32);
          });
          Value factor = weigh(rowScores, kb.index(0), count, row, first, rowState, kb.index(0));
          kb.loop(value[3], [&](Value d) { kb.store(kb.fmul(kb.load(rowSums, d, f32), factor), rowSums, d, f32); });
          kb.loop(count, [&](Value j) {
            Value weight = kb.load(rowScores, j, f32);
            Value valueRow = kb.add(valueBase, kb.mul(kb.add(first, j), valuePlace.strides[2]));
            kb.loop(value[3], [&](Value d) {
              Value y = kb.load(valuePlace.pointer, kb.add(valueRow, d), valuePlace.element);
              kb.store(kb.fadd(kb.load(rowSums, d, f32), kb.fmul(weight, y)), rowSums, d, f32);
            });
          });
        });
        Value total = kb.load(rowState, kb.index(1), f32);
        kb.loop(value[3], [&](Value d) {
          Index at(row);
          at.push_back(d);
          kb.finish(op, at, result(kb.load(rowSums, d, f32), total));
        });
      },
      0);
}

//===-- By blocks ---------------------------------------------------------===//

void AttentionWriter::packKeys() {
  int64_t columns = kb.shape.panelColumns();
  SmallVector<Value> tasks = {key[0], key[1], kb.ceilDiv(key[2], columns)};
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        Value panel = kb.mul(kb.linear(task, tasks), kb.mul(key[3], kb.index(columns)));
        Value first = kb.mul(task[2], kb.index(columns));
        Value row =
            kb.add(kb.add(keyPlace.offset, kb.mul(task[0], keyPlace.strides[0])), kb.mul(task[1], keyPlace.strides[1]));
        Value size = kb.min(kb.sub(key[2], first), kb.index(columns));
        auto put = [&](Value x, Value d, Value j) {
          kb.store(x, kb.scratch(0), kb.add(panel, kb.add(kb.mul(d, kb.index(columns)), j)), f32);
        };
        kb.loop(size, [&](Value j) {
          Value from = kb.add(row, kb.mul(kb.add(first, j), keyPlace.strides[2]));
          kb.loop(key[3], [&](Value d) { put(kb.load(keyPlace.pointer, kb.add(from, d), keyPlace.element), d, j); });
        });
        kb.loop(size, kb.index(columns), kb.index(1),
                [&](Value j) { kb.loop(key[3], [&](Value d) { put(kb.f32(0), d, j); }); });
      },
      0);
}

void AttentionWriter::stageValues() {
  Value staged = kb.scratch(1);
  kb.parallelNest(value, [&](ArrayRef<Value> at) {
    Value from = valuePlace.offset;
    for (auto [i, stride] : llvm::zip(at, valuePlace.strides))
      from = kb.add(from, kb.mul(i, stride));
    kb.store(kb.load(valuePlace.pointer, from, valuePlace.element), staged, kb.linear(at, value), f32);
  });
  Place place{staged, f32, SmallVector<Value>(4, kb.index(1)), kb.index(0)};
  for (size_t i = 3; i-- > 0;)
    place.strides[i] = kb.mul(place.strides[i + 1], value[i + 1]);
  valuePlace = place;
}

void AttentionWriter::writeBlock(Value batch, Value head, Value firstRow) {
  int64_t columns = kb.shape.panelColumns(), lanes = kb.shape.lanes(), vectors = columns / lanes;
  Value rows = kb.min(kb.sub(query[2], firstRow), kb.index(queryBlock)), shared = kb.div(head, group);
  Value queryStride = kb.index(*width), scoreStride = kb.index(keyBlock), sumStride = kb.index(*valueWidth);
  kb.loop(rows, [&](Value r) {
    kb.loop(query[3], [&](Value d) {
      Value x = kb.element(op.getQuery(), {batch, head, kb.add(firstRow, r), d});
      kb.store(kb.fmul(x, kb.f32(op.getScale().convertToFloat())), queries, kb.add(kb.mul(r, queryStride), d), f32);
    });
    kb.loop(value[3], [&](Value d) { kb.store(kb.f32(0), sums, kb.add(kb.mul(r, sumStride), d), f32); });
    Value at = kb.mul(r, kb.index(2));
    kb.store(initialMaximum(head), state, at, f32);
    kb.store(initialSum(), state, kb.add(at, kb.index(1)), f32);
  });

  auto [from, to] = visible(batch, firstRow, kb.sub(kb.add(firstRow, rows), kb.index(1)));
  Value last = to;
  Value panels = kb.ceilDiv(key[2], columns), panelSize = kb.mul(key[3], kb.index(columns));
  Value firstPanel = kb.mul(kb.add(kb.mul(keyBatch(batch), key[1]), shared), panels);
  Value valueBase = kb.add(valuePlace.offset, kb.add(kb.mul(valueBatch(batch), valuePlace.strides[0]),
                                                     kb.mul(shared, valuePlace.strides[1])));
  kb.loop(from, to, kb.index(keyBlock), [&](Value first) {
    Value count = kb.min(kb.sub(last, first), kb.index(keyBlock));
    // scores = queries keys^T
    kb.loop(kb.index(0), count, kb.index(columns), [&](Value column) {
      Value panel = kb.add(firstPanel, kb.div(kb.add(first, column), kb.index(columns)));
      forRowTiles(kb, kb.index(0), rows, [&](Value row, int64_t tileRows) {
        TileOperands tile;
        tile.a = queries;
        tile.aOffset = kb.mul(row, queryStride);
        tile.aStride = queryStride;
        tile.b = kb.scratch(0);
        tile.bOffset = kb.mul(panel, panelSize);
        tile.bStride = kb.index(columns);
        tile.bElement = f32;
        tile.depth = query[3];
        for (auto [i, sum] : llvm::enumerate(writeTileProduct(kb, tile, tileRows, vectors))) {
          Value r = kb.add(row, kb.index(i / vectors)), c = kb.add(column, kb.index(i % vectors * lanes));
          kb.storeVector(sum, scores, kb.add(kb.mul(r, scoreStride), c));
        }
      });
    });
    kb.loop(rows, [&](Value r) {
      SmallVector<Value> row = {batch, head, kb.add(firstRow, r)};
      Value factor = weigh(scores, kb.mul(r, scoreStride), count, row, first, state, kb.mul(r, kb.index(2)));
      kb.loop(value[3], [&](Value d) {
        Value at = kb.add(kb.mul(r, sumStride), d);
        kb.store(kb.fmul(kb.load(sums, at, f32), factor), sums, at, f32);
      });
    });
    // sums += weights values
    Value valueRow = kb.add(valueBase, kb.mul(first, valuePlace.strides[2]));
    for (int64_t column = 0; column < *valueWidth;) {
      int64_t left = *valueWidth - column;
      if (left < lanes) {
        kb.loop(rows, [&](Value r) {
          kb.loop(count, [&](Value j) {
            Value weight = kb.load(scores, kb.add(kb.mul(r, scoreStride), j), f32);
            for (int64_t d = column; d < *valueWidth; ++d) {
              Value at = kb.add(kb.mul(r, sumStride), kb.index(d));
              Value from = kb.add(valueRow, kb.add(kb.mul(j, valuePlace.strides[2]), kb.index(d)));
              Value y = kb.load(valuePlace.pointer, from, f32);
              kb.store(kb.fadd(kb.load(sums, at, f32), kb.fmul(weight, y)), sums, at, f32);
            }
          });
        });
        break;
      }
      int64_t tileVectors = left >= columns ? vectors : 1;
      forRowTiles(kb, kb.index(0), rows, [&](Value row, int64_t tileRows) {
        TileOperands tile;
        tile.a = scores;
        tile.aOffset = kb.mul(row, scoreStride);
        tile.aStride = scoreStride;
        tile.b = valuePlace.pointer;
        tile.bOffset = kb.add(valueRow, kb.index(column));
        tile.bStride = valuePlace.strides[2];
        tile.bElement = f32;
        tile.depth = count;
        for (auto [i, sum] : llvm::enumerate(writeTileProduct(kb, tile, tileRows, tileVectors))) {
          Value r = kb.add(row, kb.index(i / tileVectors)), c = kb.index(column + i % tileVectors * lanes);
          Value at = kb.add(kb.mul(r, sumStride), c);
          kb.storeVector(kb.fadd(kb.loadVector(sums, at, lanes), sum), sums, at);
        }
      });
      column += tileVectors * lanes;
    }
  });
  kb.loop(rows, [&](Value r) {
    Value total = kb.load(state, kb.add(kb.mul(r, kb.index(2)), kb.index(1)), f32);
    kb.loop(value[3], [&](Value d) {
      Value sum = kb.load(sums, kb.add(kb.mul(r, sumStride), d), f32);
      kb.finish(op, {batch, head, kb.add(firstRow, r), d}, result(sum, total));
    });
  });
}

void AttentionWriter::writeBlocks() {
  packKeys();
  if (op->hasAttr("transformer.stage_value"))
    stageValues();
  kb.barrier();
  queries = kb.stack(queryBlock * *width);
  scores = kb.stack(queryBlock * keyBlock);
  sums = kb.stack(queryBlock * *valueWidth);
  state = kb.stack(queryBlock * 2);
  SmallVector<Value> tasks = {query[0], query[1], kb.ceilDiv(query[2], queryBlock)};
  kb.parallelNest(
      tasks, [&](ArrayRef<Value> task) { writeBlock(task[0], task[1], kb.mul(task[2], kb.index(queryBlock))); }, 0);
}

} // namespace

LogicalResult transom::cpu::writeAttention(KernelBuilder &kb, AttentionOp op) {
  return AttentionWriter(kb, op).write();
}
