//===- Attention.cpp - attention with an online softmax, by blocks --------===//
//
// A block of threads holds a block of queries and passes over blocks of keys and
// values in shared memory; scores never leave it (Milakov and Gimelshein, 2018;
// Dao et al., 2022). Sixteen lanes share a few rows: scores and sums of a row
// are theirs, and meet by shuffles.
//
// Where queries are few, the keys are split among blocks as well, and all heads
// that read the same keys are rows of one block; what the blocks have found of a
// row is joined behind a barrier of the grid (Dao et al., flash-decoding, 2023).
//
//===----------------------------------------------------------------------===//

#include "../CPU/AttentionScores.h"
#include "DeviceKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

namespace {

constexpr int64_t lanesOfRow = 16, blockThreads = 128;

class AttentionBlocks {
public:
  AttentionBlocks(DeviceKernel &kb, AttentionOp op)
      : kb(kb), b(kb.b), op(op), scores(kb, op), keyPlace(*kb.place(op.getKey())), valuePlace(*kb.place(op.getValue())),
        f32(b.getF32Type()) {}

  LogicalResult write();

private:
  /// Rows of a block: which head and query each is.
  struct Rows {
    Value batch, keyHead;
    Value first, count; ///< of the rows that this key head has
    std::function<std::pair<Value, Value>(Value row)> headAndQuery;
  };
  /// What a thread knows of its rows after some keys.
  struct State {
    SmallVector<Value> sums;        ///< row by row
    SmallVector<Value> most, total; ///< a row each
    SmallVector<Value> flat() const;
    static State of(ValueRange values, int64_t rows, int64_t columns);
  };

  Value rowOf(int64_t i) {
    return kb.add(kb.mul(kb.div(kb.local, kb.index(lanesOfRow)), kb.index(rowsAThread)), kb.index(i));
  }
  Value columnOf(int64_t c) { return kb.add(kb.rem(kb.local, kb.index(lanesOfRow)), kb.index(c * lanesOfRow)); }
  void loadQueries(const Rows &rows);
  void loadTile(const Place &place, Value batch, Value head, Value first, Value end, int64_t width);
  State passKeys(const Rows &rows, Value from, Value to, State state);
  State start(const Rows &rows, bool withSinks);
  void writeTiles();
  void writeSplit();

  DeviceKernel &kb;
  ImplicitLocOpBuilder &b;
  AttentionOp op;
  cpu::AttentionScores scores;
  Place keyPlace, valuePlace;
  Type f32;
  int64_t depth = 0, columns = 0; ///< head sizes, rounded up to lanesOfRow
  int64_t rowsAThread = 0, queryRows = 0, keyRows = 0;
  Value queries, tile, weights; ///< in shared memory
};

SmallVector<Value> AttentionBlocks::State::flat() const {
  SmallVector<Value> values(sums);
  llvm::append_range(values, most);
  llvm::append_range(values, total);
  return values;
}

AttentionBlocks::State AttentionBlocks::State::of(ValueRange values, int64_t rows, int64_t columns) {
  int64_t numSums = rows * columns;
  return {SmallVector<Value>(values.take_front(numSums)), SmallVector<Value>(values.slice(numSums, rows)),
          SmallVector<Value>(values.slice(numSums + rows, rows))};
}

LogicalResult AttentionBlocks::write() {
  auto width = getConstantIntValue(scores.query[3]), valueWidth = getConstantIntValue(scores.value[3]);
  if (!width || !valueWidth)
    return op.emitError("attention with a dynamic head size");
  depth = llvm::alignTo(*width, lanesOfRow);
  columns = llvm::alignTo(*valueWidth, lanesOfRow);
  int64_t widest = std::max(depth, columns);
  rowsAThread = widest > 128 ? 2 : 4;
  queryRows = blockThreads / lanesOfRow * rowsAThread;
  keyRows = queryRows;
  int64_t bytes = (2 * queryRows * (widest + 4) + queryRows * (keyRows + 1)) * 4;
  if (bytes > 48 << 10)
    return op.emitError("attention with heads of ") << std::max(*width, *valueWidth) << " elements; up to 320 fit";
  kb.setBlockThreads(blockThreads);
  queries = kb.shared(queryRows * (depth + 4), f32);
  tile = kb.shared(keyRows * (widest + 4), f32);
  weights = kb.shared(queryRows * (keyRows + 1), f32);
  if (kb.form == Form::Split)
    writeSplit();
  else
    writeTiles();
  return success();
}

void AttentionBlocks::loadQueries(const Rows &rows) {
  kb.syncThreads();
  kb.forLocal(kb.index(queryRows * depth), [&](Value i) {
    Value r = kb.div(i, kb.index(depth)), d = kb.rem(i, kb.index(depth));
    Value row = kb.min(kb.add(rows.first, r), kb.sub(rows.count, kb.index(1)));
    auto [head, query] = rows.headAndQuery(row);
    Value inside = kb.less(d, scores.query[3]), from = kb.min(d, kb.sub(scores.query[3], kb.index(1)));
    Value x =
        kb.fmul(kb.element(op.getQuery(), {rows.batch, head, query, from}), kb.f32(op.getScale().convertToFloat()));
    kb.store(kb.select(inside, x, kb.f32(0)), queries, kb.add(kb.mul(r, kb.index(depth + 4)), d), f32);
  });
}

/// Rows [first, first + keyRows) of a head's keys or values; 0 past `end`.
void AttentionBlocks::loadTile(const Place &place, Value batch, Value head, Value first, Value end, int64_t width) {
  bool isKey = place.pointer == keyPlace.pointer && width == depth;
  Value real = isKey ? scores.key[3] : scores.value[3];
  Value base = kb.add(place.offset, kb.add(kb.mul(batch, place.strides[0]), kb.mul(head, place.strides[1])));
  kb.syncThreads();
  kb.forLocal(kb.index(keyRows * width), [&](Value i) {
    Value r = kb.div(i, kb.index(width)), d = kb.rem(i, kb.index(width)), row = kb.add(first, r);
    Value inside = kb.both(kb.less(row, end), kb.less(d, real));
    Value from = kb.add(base, kb.add(kb.mul(kb.min(row, kb.sub(end, kb.index(1))), place.strides[2]),
                                     kb.mul(kb.min(d, kb.sub(real, kb.index(1))), place.strides[3])));
    Value x = kb.load(place.pointer, from, place.element);
    kb.store(kb.select(inside, x, kb.f32(0)), tile, kb.add(kb.mul(r, kb.index(width + 4)), d), f32);
  });
  kb.syncThreads();
}

AttentionBlocks::State AttentionBlocks::start(const Rows &rows, bool withSinks) {
  State state;
  state.sums.assign(rowsAThread * columns / lanesOfRow, kb.f32(0));
  for (int64_t i = 0; i < rowsAThread; ++i) {
    Value row = kb.min(kb.add(rows.first, rowOf(i)), kb.sub(rows.count, kb.index(1)));
    state.most.push_back(withSinks ? scores.initialMaximum(rows.headAndQuery(row).first) : kb.f32(-INFINITY));
    state.total.push_back(withSinks ? scores.initialSum() : kb.f32(0));
  }
  return state;
}

AttentionBlocks::State AttentionBlocks::passKeys(const Rows &rows, Value from, Value to, State state) {
  int64_t wide = columns / lanesOfRow, across = keyRows / lanesOfRow;
  auto maximum = [&](Value x, Value y) -> Value {
    return arith::MaxNumFOp::create(b, x, y, arith::FastMathFlags::nnan | arith::FastMathFlags::nsz);
  };
  auto add = [&](Value x, Value y) { return kb.faddAnyOrder(x, y); };
  SmallVector<Value> last = kb.loop(from, to, kb.index(keyRows), state.flat(), [&](Value first, ValueRange carried) {
    State now = State::of(carried, rowsAThread, wide);
    loadTile(keyPlace, scores.keyBatch(rows.batch), rows.keyHead, first, to, depth);
    SmallVector<Value> none(rowsAThread * across, kb.f32(0));
    SmallVector<Value> products =
        kb.loop(kb.index(0), kb.index(depth), kb.index(4), none, [&](Value d, ValueRange sums) {
          SmallVector<Value> next(sums), x, y;
          for (int64_t i = 0; i < rowsAThread; ++i)
            x.push_back(kb.loadVectorOf(queries, kb.add(kb.mul(rowOf(i), kb.index(depth + 4)), d), 4, f32, 16));
          for (int64_t c = 0; c < across; ++c)
            y.push_back(kb.loadVectorOf(tile, kb.add(kb.mul(columnOf(c), kb.index(depth + 4)), d), 4, f32, 16));
          for (int64_t i = 0; i < rowsAThread; ++i)
            for (int64_t c = 0; c < across; ++c)
              for (int64_t e = 0; e < 4; ++e) {
                Value &to = next[i * across + c];
                to = kb.fma(kb.extract(x[i], e), kb.extract(y[c], e), to);
              }
          return next;
        });
    for (int64_t i = 0; i < rowsAThread; ++i) {
      Value row = kb.min(kb.add(rows.first, rowOf(i)), kb.sub(rows.count, kb.index(1)));
      auto [head, query] = rows.headAndQuery(row);
      Value most = now.most[i];
      SmallVector<Value> full;
      for (int64_t c = 0; c < across; ++c) {
        Value key = kb.add(first, columnOf(c)), safe = kb.min(key, kb.sub(to, kb.index(1)));
        Value s = scores.score(products[i * across + c], {rows.batch, head, query, safe});
        full.push_back(kb.select(kb.less(key, to), s, kb.f32(-INFINITY)));
        most = maximum(most, full.back());
      }
      most = kb.reduceLanes(most, lanesOfRow, maximum);
      // All removed so far: any finite number makes exp(-inf - x) the 0 it should be.
      Value nothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, most, kb.f32(-INFINITY));
      Value base = kb.select(nothing, kb.f32(0), most);
      Value factor = kb.unary(UnaryKind::exp, kb.fsub(now.most[i], base), f32), added;
      for (int64_t c = 0; c < across; ++c) {
        Value weight = kb.unary(UnaryKind::exp, kb.fsub(full[c], base), f32);
        kb.store(weight, weights, kb.add(kb.mul(rowOf(i), kb.index(keyRows + 1)), columnOf(c)), f32);
        added = added ? add(added, weight) : weight;
      }
      now.most[i] = most;
      now.total[i] = kb.fma(now.total[i], factor, kb.reduceLanes(added, lanesOfRow, add));
      for (int64_t c = 0; c < wide; ++c)
        now.sums[i * wide + c] = kb.fmul(now.sums[i * wide + c], factor);
    }
    loadTile(valuePlace, scores.valueBatch(rows.batch), rows.keyHead, first, to, columns);
    now.sums = kb.loop(kb.index(0), kb.index(keyRows), kb.index(1), now.sums, [&](Value j, ValueRange sums) {
      SmallVector<Value> next(sums), y;
      for (int64_t c = 0; c < wide; ++c)
        y.push_back(kb.load(tile, kb.add(kb.mul(j, kb.index(columns + 4)), columnOf(c)), f32));
      for (int64_t i = 0; i < rowsAThread; ++i) {
        Value weight = kb.load(weights, kb.add(kb.mul(rowOf(i), kb.index(keyRows + 1)), j), f32);
        for (int64_t c = 0; c < wide; ++c)
          next[i * wide + c] = kb.fma(weight, y[c], next[i * wide + c]);
      }
      return next;
    });
    return now.flat();
  });
  return State::of(last, rowsAThread, wide);
}

void AttentionBlocks::writeTiles() {
  ArrayRef<Value> query = scores.query;
  int64_t wide = columns / lanesOfRow;
  // Late blocks of a causal mask have the most keys: they come first.
  SmallVector<Value> tasks = {kb.ceilDiv(query[2], queryRows), query[0], query[1]};
  Value count = kb.mul(kb.mul(tasks[0], tasks[1]), tasks[2]);
  kb.when(kb.less(kb.index(fewRows), query[2]), [&] {
    kb.forBlocks(count, [&](Value task) {
      Index at = kb.delinear(task, tasks);
      Value late = kb.sub(kb.sub(tasks[0], kb.index(1)), at[0]), head = at[2];
      Rows rows{at[1], kb.div(head, scores.group), kb.mul(late, kb.index(queryRows)), query[2],
                [&](Value row) { return std::pair(head, row); }};
      loadQueries(rows);
      Value end = kb.sub(kb.min(kb.add(rows.first, kb.index(queryRows)), rows.count), kb.index(1));
      auto [from, to] = scores.visible(rows.batch, rows.first, end, keyRows);
      State state = passKeys(rows, from, to, start(rows, true));
      for (int64_t i = 0; i < rowsAThread; ++i) {
        Value row = kb.add(rows.first, rowOf(i));
        for (int64_t c = 0; c < wide; ++c)
          kb.when(kb.both(kb.less(row, rows.count), kb.less(columnOf(c), scores.value[3])), [&] {
            kb.finish(op, {rows.batch, head, row, columnOf(c)},
                      scores.normalised(state.sums[i * wide + c], state.total[i]));
          });
      }
    });
  });
}

void AttentionBlocks::writeSplit() {
  ArrayRef<Value> query = scores.query;
  int64_t wide = columns / lanesOfRow;
  Value few = kb.less(query[2], kb.index(fewRows + 1)), width = kb.add(scores.value[3], kb.index(2));
  Value parts = kb.index(attentionParts);
  // Of a row and part: the maximum, the sum of weights, the sums.
  auto partial = [&](Value batch, Value head, Value row, Value part) {
    return kb.mul(kb.linear({batch, head, row, part}, {query[0], query[1], query[2], parts}), width);
  };
  Value room = kb.scratch(0);
  kb.when(few, [&] {
    Value rowsOfHead = kb.mul(scores.group, query[2]);
    SmallVector<Value> tasks = {query[0], scores.key[1], kb.ceilDiv(rowsOfHead, queryRows), parts};
    Value count = kb.index(1);
    for (Value dim : tasks)
      count = kb.mul(count, dim);
    kb.forBlocks(count, [&](Value task) {
      Index at = kb.delinear(task, tasks);
      Value keyHead = at[1];
      Rows rows{at[0], keyHead, kb.mul(at[2], kb.index(queryRows)), rowsOfHead, [&](Value row) {
                  return std::pair(kb.add(kb.mul(keyHead, scores.group), kb.div(row, query[2])), kb.rem(row, query[2]));
                }};
      loadQueries(rows);
      auto [from, to] = scores.visible(rows.batch, kb.index(0), kb.sub(query[2], kb.index(1)), keyRows);
      // Whole tiles a part.
      Value tiles = kb.ceilDiv(kb.sub(to, from), keyRows), each = kb.ceilDiv(tiles, attentionParts);
      Value size = kb.mul(each, kb.index(keyRows));
      Value begin = kb.min(kb.add(from, kb.mul(at[3], size)), to), end = kb.min(kb.add(begin, size), to);
      State state = passKeys(rows, begin, end, start(rows, false));
      for (int64_t i = 0; i < rowsAThread; ++i) {
        Value row = kb.add(rows.first, rowOf(i));
        kb.when(kb.less(row, rows.count), [&] {
          auto [head, number] = rows.headAndQuery(row);
          Value place = partial(rows.batch, head, number, at[3]);
          kb.when(kb.equal(columnOf(0), kb.index(0)), [&] {
            kb.store(state.most[i], room, place, f32);
            kb.store(state.total[i], room, kb.add(place, kb.index(1)), f32);
          });
          for (int64_t c = 0; c < wide; ++c)
            kb.when(kb.less(columnOf(c), scores.value[3]), [&] {
              kb.store(state.sums[i * wide + c], room, kb.add(place, kb.add(columnOf(c), kb.index(2))), f32);
            });
        });
      }
    });
  });
  kb.barrier();
  kb.when(few, [&] {
    SmallVector<Value> dims = {query[0], query[1], query[2], scores.value[3]};
    kb.parallelNest(dims, [&](ArrayRef<Value> at) {
      auto placeOf = [&](Value part) { return partial(at[0], at[1], at[2], part); };
      Value most = kb.loop(kb.index(0), parts, kb.index(1), ValueRange{scores.initialMaximum(at[1])},
                           [&](Value part, ValueRange carried) {
                             Value x = kb.load(room, placeOf(part), f32);
                             return SmallVector<Value>{kb.fmax(carried[0], x)};
                           })[0];
      Value nothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, most, kb.f32(-INFINITY));
      Value base = kb.select(nothing, kb.f32(0), most);
      // A sink is a key of weight exp(sink) and no value.
      Value sink =
          op.getSinks() ? kb.unary(UnaryKind::exp, kb.fsub(scores.initialMaximum(at[1]), base), f32) : kb.f32(0);
      SmallVector<Value> sums =
          kb.loop(kb.index(0), parts, kb.index(1), ValueRange{sink, kb.f32(0)}, [&](Value part, ValueRange carried) {
            Value place = placeOf(part);
            Value factor = kb.unary(UnaryKind::exp, kb.fsub(kb.load(room, place, f32), base), f32);
            Value total = kb.load(room, kb.add(place, kb.index(1)), f32);
            Value sum = kb.load(room, kb.add(place, kb.add(at[3], kb.index(2))), f32);
            return SmallVector<Value>{kb.fma(total, factor, carried[0]), kb.fma(sum, factor, carried[1])};
          });
      kb.finish(op, at, scores.normalised(sums[1], sums[0]));
    });
  });
}

} // namespace

LogicalResult nvptx::writeAttention(DeviceKernel &kb, AttentionOp op) { return AttentionBlocks(kb, op).write(); }
