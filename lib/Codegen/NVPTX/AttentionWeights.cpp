//===- AttentionWeights.cpp - from scores to weights of rows --------------===//

#include "AttentionWeights.h"
#include "Product.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

constexpr double log2e = 1.4426950408889634;

Type AttentionWeights::multipliedAs(AttentionOp op) {
  auto elementOf = [](Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); };
  Type query = elementOf(op.getQuery());
  bool same = elementOf(op.getKey()) == query && elementOf(op.getValue()) == query;
  return same && (query.isF16() || query.isBF16()) ? query : Type(Float32Type::get(op.getContext()));
}

bool AttentionWeights::liesInPieces(const Place &place, Type element, Value width) {
  int64_t piece = pieceOf(element);
  return place.element == element && getConstantIntValue(place.strides[3]) == 1 && isMultipleOf(width, piece) &&
         isMultipleOf(place.offset, piece) &&
         llvm::all_of(ArrayRef(place.strides).take_front(3), [&](Value stride) { return isMultipleOf(stride, piece); });
}

AttentionWeights::AttentionWeights(DeviceKernel &kb, AttentionOp op, cpu::AttentionScores &scores, AttentionShape shape,
                                   int64_t columns)
    : shape(shape), kb(kb), b(kb.b), op(op), scores(scores), element(multipliedAs(op)), f32(b.getF32Type()),
      columns(columns) {
  double scale = op.getScale().convertToDouble();
  isPlain = scale > 0 && op.getSoftcap().isZero() && !op.getBias() && !op.getSlopes() && !op.getSinks();
  exponent = log2e * (isPlain ? scale : 1);
  warpDown = kb.div(kb.warp, kb.index(shape.warpsAcross));
  warpAcross = kb.rem(kb.warp, kb.index(shape.warpsAcross));
  quadRow = kb.div(kb.lane, kb.index(4));
  quadColumn = kb.mul(kb.rem(kb.lane, kb.index(4)), kb.index(2));
}

SmallVector<Value> AttentionWeights::flat(const State &state) const {
  SmallVector<Value> values(state.sums);
  llvm::append_range(values, state.most);
  llvm::append_range(values, state.total);
  return values;
}

AttentionWeights::State AttentionWeights::stateOf(ValueRange values) const {
  size_t rows = 2 * shape.rowBlocks, sums = values.size() - 2 * rows;
  return {SmallVector<Value>(values.take_front(sums)), SmallVector<Value>(values.slice(sums, rows)),
          SmallVector<Value>(values.slice(sums + rows, rows))};
}

Value AttentionWeights::rowOf(int64_t rowBlock, int64_t half) {
  Value ofWarp = kb.mul(warpDown, kb.index(shape.rowBlocks * 16));
  return kb.add(ofWarp, kb.add(quadRow, kb.index(rowBlock * 16 + half * 8)));
}

Value AttentionWeights::weightOf(Value difference) {
  Value power = kb.fmul(difference, kb.f32(exponent));
  return kb.exp2(power);
}

Value AttentionWeights::baseOf(Value most) {
  // Any finite number makes exp(-inf - x) the 0 it should be.
  Value nothing = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, most, kb.f32(-INFINITY));
  return kb.select(nothing, kb.f32(0), most);
}

AttentionWeights::State AttentionWeights::begin(const Rows &rows, bool withSinks) {
  State state;
  state.sums.assign(shape.rowBlocks * columns / 2, kb.f32(0));
  headsAndQueries.clear();
  for (int64_t row = 0; row < 2 * shape.rowBlocks; ++row) {
    Value number = kb.min(kb.add(rows.first, rowOf(row / 2, row % 2)), kb.sub(rows.count, kb.index(1)));
    headsAndQueries.push_back(rows.headAndQuery(number));
    Value head = headsAndQueries.back().first;
    state.most.push_back(withSinks ? scores.initialMaximum(head) : kb.f32(-INFINITY));
    // Each lane has a part of the sum; one of four begins with the sink.
    bool counts = withSinks && op.getSinks();
    state.total.push_back(counts ? kb.select(kb.equal(quadColumn, kb.index(0)), scores.initialSum(), kb.f32(0))
                                 : kb.f32(0));
  }
  return state;
}

/// What the products are as scores; `all`: every key of the tile is there and seen.
SmallVector<Value> AttentionWeights::full(const Rows &rows, Value first, Value to, ArrayRef<Value> products, bool all) {
  int64_t keyBlocks = shape.keysOfWarp() / 8;
  Value own = kb.add(kb.mul(warpAcross, kb.index(shape.keysOfWarp())), quadColumn), last = kb.sub(to, kb.index(1));
  SmallVector<Value> result;
  for (auto [i, product] : llvm::enumerate(products)) {
    int64_t rowBlock = i / (keyBlocks * 4), keyBlock = i / 4 % keyBlocks, half = i / 2 % 2;
    auto [head, query] = headsAndQueries[rowBlock * 2 + half];
    Value key = kb.add(first, kb.add(own, kb.index(keyBlock * 8 + int64_t(i) % 2)));
    Value raw = isPlain ? product : kb.fmul(product, kb.f32(op.getScale().convertToFloat()));
    if (all) {
      result.push_back(scores.seenScore(raw, {rows.batch, head, query, key}));
      continue;
    }
    Value score = scores.score(raw, {rows.batch, head, query, kb.min(key, last)});
    result.push_back(kb.select(kb.less(key, to), score, kb.f32(-INFINITY)));
  }
  return result;
}

SmallVector<Value> AttentionWeights::weigh(const Rows &rows, Value first, Value to, SmallVector<Value> &tile,
                                           State &state) {
  int64_t keyBlocks = shape.keysOfWarp() / 8;
  SmallVector<Value> factors;
  Value end = kb.add(first, kb.index(shape.keys));
  Value all = kb.both(scores.seeAll(rows.batch, rows.firstQuery, rows.lastQuery, first, end),
                      arith::CmpIOp::create(b, arith::CmpIPredicate::sle, end, to));
  tile = kb.chooseAll(
      all, [&] { return full(rows, first, to, tile, true); }, [&] { return full(rows, first, to, tile, false); });
  auto maximum = [&](Value x, Value y) -> Value {
    return arith::MaxNumFOp::create(b, x, y, arith::FastMathFlags::nnan | arith::FastMathFlags::nsz);
  };
  for (int64_t row = 0; row < 2 * shape.rowBlocks; ++row) {
    auto at = [&](int64_t j, int64_t e) { return ((row / 2 * keyBlocks + j) * 2 + row % 2) * 2 + e; };
    Value most = state.most[row];
    for (int64_t j = 0; j < keyBlocks; ++j)
      for (int64_t e = 0; e < 2; ++e)
        most = maximum(most, tile[at(j, e)]);
    most = kb.reduceLanes(most, 4, maximum);
    Value base = baseOf(most), factor = weightOf(kb.fsub(state.most[row], base)), added;
    // 2 ^ (c x - c base), one multiply-add a score.
    Value offset = kb.fmul(base, kb.f32(-exponent));
    for (int64_t j = 0; j < keyBlocks; ++j)
      for (int64_t e = 0; e < 2; ++e) {
        Value &x = tile[at(j, e)];
        x = kb.exp2(kb.fma(x, kb.f32(exponent), offset));
        added = added ? kb.faddAnyOrder(added, x) : x;
      }
    state.most[row] = most;
    state.total[row] = kb.fma(state.total[row], factor, added);
    factors.push_back(factor);
  }
  return factors;
}

void AttentionWeights::scaleSums(ArrayRef<Value> factors, State &state) {
  int64_t columnBlocks = columns / 8;
  for (auto [row, factor] : llvm::enumerate(factors))
    for (int64_t c = 0; c < columnBlocks; ++c)
      for (int64_t e = 0; e < 2; ++e) {
        Value &sum = state.sums[((int64_t(row) / 2 * columnBlocks + c) * 2 + int64_t(row) % 2) * 2 + e];
        sum = kb.fmul(sum, factor);
      }
}

void AttentionWeights::addTotals(State &state) {
  for (Value &total : state.total)
    total = kb.reduceLanes(total, 4, [&](Value x, Value y) { return kb.faddAnyOrder(x, y); });
}
