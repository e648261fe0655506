//===- AttentionRows.cpp - rows of attention over tiles of keys -----------===//

#include "AttentionRows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

/// Sums of a row are kept in lines that begin four words on.
static int64_t resultStride(int64_t columns) { return columns + 4; }

int64_t AttentionRows::bytes(int64_t bytesOfElement, AttentionShape shape, int64_t depth, int64_t columns) {
  int64_t elements = (shape.rows() + shape.keys) * strideOf(bytesOfElement, depth, true) +
                     shape.keys * strideOf(bytesOfElement, columns, false, DepthOrder::Paired);
  int64_t after = shape.rows() * (2 * shape.warpsAcross + resultStride(columns)) * 4;
  return std::max(elements * bytesOfElement, after);
}

AttentionRows::AttentionRows(DeviceKernel &kb, AttentionOp op, cpu::AttentionScores &scores, AttentionShape shape,
                             int64_t depth, int64_t columns)
    : AttentionWeights(kb, op, scores, shape, columns), depth(depth) {
  kb.setBlockThreads(shape.threads());
  room = kb.dynamicShared(bytes(element.getIntOrFloatBitWidth() / 8, shape, depth, columns));
  int64_t alongDepth = strideOf(element, depth, true), across = strideOf(element, columns, false, DepthOrder::Paired);
  queries = {room, element, kb.index(0), alongDepth, true};
  keyTile = {room, element, kb.index(shape.rows() * alongDepth), alongDepth, true};
  valueTile = {room, element, kb.index((shape.rows() + shape.keys) * alongDepth), across, false};
  stats = kb.index(0);
  results = kb.index(shape.rows() * 2 * shape.warpsAcross);
}

//===-- To shared memory --------------------------------------------------===//

void AttentionRows::storeQueries(const Rows &rows) {
  Value last = kb.sub(rows.count, kb.index(1));
  kb.forLocal(kb.index(shape.rows() * depth), [&](Value i) {
    Value r = kb.div(i, kb.index(depth)), d = kb.rem(i, kb.index(depth));
    auto [head, query] = rows.headAndQuery(kb.min(kb.add(rows.first, r), last));
    Value inside = kb.less(d, scores.query[3]), from = kb.min(d, kb.sub(scores.query[3], kb.index(1)));
    Value x = kb.select(inside, kb.element(op.getQuery(), {rows.batch, head, query, from}), kb.f32(0));
    kb.store(x, room, kb.add(queries.offset, kb.add(kb.mul(r, kb.index(queries.stride)), d)), element);
  });
}

/// Rows [first, first + keys) of a head's keys or values; 0 past `end`, which is at least 1.
void AttentionRows::bring(bool isKey, Value batch, Value head, Value first, Value end) {
  const SharedTile &tile = isKey ? keyTile : valueTile;
  Value real = isKey ? scores.key[3] : scores.value[3];
  int64_t width = isKey ? depth : columns;
  Place place = *kb.place(isKey ? op.getKey() : op.getValue());
  ArrayRef<Value> strides = place.strides;
  Value base = kb.add(place.offset, kb.add(kb.mul(batch, strides[0]), kb.mul(head, strides[1])));
  Value last = kb.sub(end, kb.index(1));
  auto put = [&](Value line, Value within) {
    return kb.add(tile.offset, kb.add(kb.mul(line, kb.index(tile.stride)), within));
  };
  int64_t piece = pieceOf(element), pieces = width / piece;
  if (!liesInPieces(place, element, real)) {
    kb.forLocal(kb.index(shape.keys * width), [&](Value i) {
      Value r = kb.div(i, kb.index(width)), d = kb.rem(i, kb.index(width)), row = kb.add(first, r);
      Value inside = kb.both(kb.less(row, end), kb.less(d, real));
      Value from = kb.add(base, kb.add(kb.mul(kb.min(row, last), strides[2]),
                                       kb.mul(kb.min(d, kb.sub(real, kb.index(1))), strides[3])));
      kb.store(kb.select(inside, kb.load(place.pointer, from, place.element), kb.f32(0)), room, put(r, d), element);
    });
    return;
  }
  int64_t total = shape.keys * pieces, threads = kb.blockThreads();
  for (int64_t t = 0; t < total; t += threads) {
    Value number = kb.add(kb.local, kb.index(t));
    auto copy = [&] {
      Value r = kb.div(number, kb.index(pieces)), d = kb.mul(kb.rem(number, kb.index(pieces)), kb.index(piece));
      Value row = kb.add(first, r), inside = kb.both(kb.less(row, end), kb.less(d, real));
      Value from = kb.add(base, kb.add(kb.mul(kb.min(row, last), strides[2]), kb.select(inside, d, kb.index(0))));
      copyAsync(kb, kb.address(room, put(r, d), element), kb.address(place.pointer, from, element), inside);
    };
    if (t + threads <= total)
      copy();
    else
      kb.when(kb.less(number, kb.index(total)), copy);
  }
}

//===-- Scores and weights ------------------------------------------------===//

/// The products of the warp's rows with its share of the tile's keys, eight keys after eight.
SmallVector<Value> AttentionRows::multiplyKeys() {
  int64_t keyBlocks = shape.keysOfWarp() / 8;
  SmallVector<Value> products(shape.rowBlocks * keyBlocks * 4, kb.f32(0));
  Value row = kb.mul(warpDown, kb.index(shape.rowBlocks * 16));
  Value key = kb.mul(warpAcross, kb.index(shape.keysOfWarp()));
  for (int64_t d = 0; d < depth; d += stepOf(element)) {
    SmallVector<Fragment> left;
    for (int64_t i = 0; i < shape.rowBlocks; ++i)
      left.push_back(loadLeft(kb, queries, kb.add(row, kb.index(i * 16)), kb.index(d)));
    for (int64_t j = 0; j < keyBlocks; j += 2) {
      Fragment right = loadRight(kb, keyTile, kb.add(key, kb.index(j * 8)), kb.index(d));
      for (int64_t i = 0; i < shape.rowBlocks; ++i)
        for (int64_t half = 0; half < 2; ++half)
          multiplyFragments(kb, left[i], right.slice(half * 2, 2),
                            MutableArrayRef<Value>(products).slice((i * keyBlocks + j + half) * 4, 4), element);
    }
  }
  return products;
}

/// sums += weights values; weights are results of products, and operands now.
void AttentionRows::addValues(ArrayRef<Value> weights, State &state) {
  int64_t keyBlocks = shape.keysOfWarp() / 8, columnBlocks = columns / 8, step = stepOf(element);
  Value key = kb.mul(warpAcross, kb.index(shape.keysOfWarp()));
  for (int64_t k = 0; k < shape.keysOfWarp(); k += step) {
    SmallVector<Fragment> left;
    for (int64_t i = 0; i < shape.rowBlocks; ++i)
      left.push_back(leftOfResults(kb, weights.slice((i * keyBlocks + k / 8) * 4, step / 8 * 4), element));
    for (int64_t c = 0; c < columnBlocks; c += 2) {
      Fragment right = loadRight(kb, valueTile, kb.index(c * 8), kb.add(key, kb.index(k)), DepthOrder::Paired);
      for (int64_t i = 0; i < shape.rowBlocks; ++i)
        for (int64_t half = 0; half < 2; ++half)
          multiplyFragments(kb, left[i], right.slice(half * 2, 2),
                            MutableArrayRef<Value>(state.sums).slice((i * columnBlocks + c + half) * 4, 4), element);
    }
  }
}

//===-- The pass ----------------------------------------------------------===//

void AttentionRows::pass(const Rows &rows, Value from, Value to, bool withSinks) {
  Value keyBatch = scores.keyBatch(rows.batch), valueBatch = scores.valueBatch(rows.batch);
  State state = begin(rows, withSinks);
  auto bringKeys = [&](Value first) {
    bring(true, keyBatch, rows.keyHead, first, to);
    commitCopies(kb);
  };
  kb.syncThreads(); // the room is still read
  storeQueries(rows);
  kb.when(kb.less(from, to), [&] { bringKeys(from); });
  SmallVector<Value> last = kb.loop(from, to, kb.index(shape.keys), flat(state), [&](Value first, ValueRange carried) {
    State now = stateOf(carried);
    waitForCopies(kb, 0);
    kb.syncThreads(); // the keys are there, and the values before have been read
    bring(false, valueBatch, rows.keyHead, first, to);
    commitCopies(kb);
    SmallVector<Value> tile = multiplyKeys();
    scaleSums(weigh(rows, first, to, tile, now), now);
    waitForCopies(kb, 0);
    kb.syncThreads(); // the values are there, and the keys have been read
    bringKeys(kb.add(first, kb.index(shape.keys)));
    addValues(tile, now);
    return flat(now);
  });
  waitForCopies(kb, 0);
  kb.syncThreads();
  state = stateOf(last);
  join(state);
}

/// Puts down what each row has come to: its sums, and for each warp that shares its keys a maximum and a sum of
/// weights. Sums of warps side by side are added up, brought to the largest maximum.
void AttentionRows::join(State &state) {
  int64_t columnBlocks = columns / 8;
  auto statAt = [&](Value row, Value warp) {
    return kb.mul(kb.add(kb.mul(warp, kb.index(shape.rows())), row), kb.index(2));
  };
  addTotals(state);
  for (int64_t row = 0; row < 2 * shape.rowBlocks; ++row) {
    kb.when(kb.equal(quadColumn, kb.index(0)), [&] {
      Value place = statAt(rowOf(row / 2, row % 2), warpAcross);
      kb.store(state.most[row], room, place, f32);
      kb.store(state.total[row], room, kb.add(place, kb.index(1)), f32);
    });
  }
  SmallVector<Value> factors;
  if (shape.warpsAcross > 1) {
    kb.syncThreads();
    for (int64_t row = 0; row < 2 * shape.rowBlocks; ++row) {
      Value most = kb.f32(-INFINITY);
      for (int64_t w = 0; w < shape.warpsAcross; ++w)
        most = kb.fmax(most, kb.load(room, statAt(rowOf(row / 2, row % 2), kb.index(w)), f32));
      factors.push_back(weightOf(kb.fsub(state.most[row], baseOf(most))));
    }
  }
  for (int64_t w = 0; w < shape.warpsAcross; ++w) {
    auto put = [&] {
      for (int64_t i = 0; i < shape.rowBlocks; ++i)
        for (int64_t c = 0; c < columnBlocks; ++c)
          for (int64_t half = 0; half < 2; ++half) {
            Value place = kb.add(results, kb.add(kb.mul(rowOf(i, half), kb.index(resultStride(columns))),
                                                 kb.add(quadColumn, kb.index(c * 8))));
            SmallVector<Value> two;
            for (int64_t e = 0; e < 2; ++e) {
              Value sum = state.sums[((i * columnBlocks + c) * 2 + half) * 2 + e];
              two.push_back(factors.empty() ? sum : kb.fmul(sum, factors[i * 2 + half]));
            }
            if (w) {
              Value before = kb.loadVectorOf(room, place, 2, f32, 8);
              for (int64_t e = 0; e < 2; ++e)
                two[e] = kb.fadd(two[e], kb.extract(before, e));
            }
            kb.storeVectorOf(kb.pack(two), room, place, f32, 8);
          }
    };
    if (shape.warpsAcross == 1)
      put();
    else
      kb.when(kb.equal(warpAcross, kb.index(w)), put);
    kb.syncThreads();
  }
}

void AttentionRows::forResults(const Rows &rows, llvm::function_ref<void(Value, Value, Value, Value, Value)> body) {
  kb.forLocal(kb.index(shape.rows() * columns), [&](Value i) {
    Value r = kb.div(i, kb.index(columns)), column = kb.rem(i, kb.index(columns)), row = kb.add(rows.first, r);
    kb.when(kb.both(kb.less(row, rows.count), kb.less(column, scores.value[3])), [&] {
      SmallVector<Value> mosts, totals;
      Value most;
      for (int64_t w = 0; w < shape.warpsAcross; ++w) {
        Value place = kb.mul(kb.add(kb.index(w * shape.rows()), r), kb.index(2));
        mosts.push_back(kb.load(room, place, f32));
        totals.push_back(kb.load(room, kb.add(place, kb.index(1)), f32));
        most = most ? kb.fmax(most, mosts.back()) : mosts.back();
      }
      Value total = totals[0];
      if (shape.warpsAcross > 1) {
        Value base = baseOf(most);
        total = kb.f32(0);
        for (auto [own, sum] : llvm::zip(mosts, totals))
          total = kb.fma(sum, weightOf(kb.fsub(own, base)), total);
      }
      Value place = kb.add(results, kb.add(kb.mul(r, kb.index(resultStride(columns))), column));
      body(row, column, most, total, kb.load(room, place, f32));
    });
  });
}
