//===- AttentionScores.cpp - which keys a query sees, and how well --------===//

#include "AttentionScores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>
#include <functional>

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

AttentionScores::AttentionScores(KernelBuilder &kb, AttentionOp op)
    : query(kb.dimsOf(op.getQuery())), key(kb.dimsOf(op.getKey())), value(kb.dimsOf(op.getValue())), kb(kb), b(kb.b),
      op(op), scoreShape(kb.shapeOf(op.getQuery())) {
  scoreShape[3] = kb.shapeOf(op.getKey())[2];
  // No heads at all are a size, too.
  group = kb.div(query[1], kb.max(key[1], kb.index(1)));
}

Value AttentionScores::ofBatch(Value tensor, Value batch) {
  Dim own = kb.shapeOf(tensor)[0];
  if (own == scoreShape[0])
    return batch;
  return kb.select(kb.equal(kb.index(own), kb.index(1)), kb.index(0), batch);
}

Value AttentionScores::offset(Value batch) {
  if (op.getCausal() != CausalKind::bottom_right)
    return kb.index(0);
  return kb.sub(op.getKeyLengths() ? kb.toIndex(kb.element(op.getKeyLengths(), {batch})) : key[2], query[2]);
}

Value AttentionScores::initialMaximum(Value head) {
  return op.getSinks() ? kb.element(op.getSinks(), {head}) : kb.f32(-INFINITY);
}

Value AttentionScores::normalised(Value sum, Value total) {
  Value none = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, total, kb.f32(0));
  return kb.select(none, kb.f32(0), kb.fdiv(sum, total));
}

Value AttentionScores::seenScore(Value raw, ArrayRef<Value> at) {
  Type f32 = b.getF32Type();
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
  return raw;
}

Value AttentionScores::score(Value raw, ArrayRef<Value> at) {
  raw = seenScore(raw, at);
  Value seen;
  auto also = [&](Value condition) { seen = seen ? kb.both(seen, condition) : condition; };
  if (op.getMask())
    also(kb.broadcast(op.getMask(), at, scoreShape));
  if (op.getKeyLengths())
    also(kb.less(at[3], kb.toIndex(kb.element(op.getKeyLengths(), {at[0]}))));
  int64_t left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
  Value position = kb.add(at[2], offset(at[0]));
  if (op.getCausal() != CausalKind::none)
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::sle, at[3], position));
  if (left >= 0)
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, at[3], kb.sub(position, kb.index(left))));
  if (right >= 0)
    also(arith::CmpIOp::create(b, arith::CmpIPredicate::sle, at[3], kb.add(position, kb.index(right))));
  return seen ? kb.select(seen, raw, kb.f32(-INFINITY)) : raw;
}

Value AttentionScores::seeAll(Value batch, Value first, Value last, Value from, Value to) {
  Value all = arith::ConstantOp::create(b, b.getBoolAttr(!op.getMask()));
  if (op.getMask())
    return all;
  int64_t left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
  auto within = [&](Value a, Value c) {
    all = kb.both(all, arith::CmpIOp::create(b, arith::CmpIPredicate::sle, a, c));
  };
  Value newest = kb.sub(to, kb.index(1)), position = kb.add(first, offset(batch));
  if (op.getCausal() != CausalKind::none)
    within(newest, position);
  if (right >= 0)
    within(newest, kb.add(position, kb.index(right)));
  if (left >= 0)
    within(kb.sub(kb.add(last, offset(batch)), kb.index(left)), from);
  return all;
}

std::pair<Value, Value> AttentionScores::visible(Value batch, Value first, Value last, int64_t step) {
  int64_t left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
  Value from = kb.index(0), to = key[2];
  if (op.getKeyLengths())
    to = kb.min(to, kb.toIndex(kb.element(op.getKeyLengths(), {batch})));
  Value end = kb.add(kb.add(last, offset(batch)), kb.index(1));
  if (op.getCausal() != CausalKind::none)
    to = kb.min(to, end);
  if (right >= 0)
    to = kb.min(to, kb.add(end, kb.index(right)));
  if (left >= 0) {
    Value oldest = kb.max(kb.sub(kb.add(first, offset(batch)), kb.index(left)), kb.index(0));
    from = kb.mul(kb.div(oldest, kb.index(step)), kb.index(step));
  }
  return {from, kb.max(to, from)};
}

bool AttentionScores::hasOneRow(Value tensor) {
  Dims own = tensor ? kb.shapeOf(tensor) : Dims();
  // Without the dim it is broadcast, too.
  return tensor && (own.size() < 2 || isConstantIntValue(own[own.size() - 2], 1));
}

std::pair<Value, Value> AttentionScores::visibleWithoutPadding(Value batch, Value head, Value first, Value last,
                                                               int64_t step) {
  auto [from, to] = visible(batch, first, last, step);
  bool isCut = op.getCausal() != CausalKind::none || static_cast<int64_t>(op.getWindowLeft()) >= 0 ||
               static_cast<int64_t>(op.getWindowRight()) >= 0;
  auto at = [&](Value position) { return SmallVector<Value>{batch, head, kb.index(0), position}; };
  std::function<Value(Value)> isSeen;
  // Beside a score that is far above, a bias as low as this leaves a weight of 0. Where a query sees no other keys, it
  // weighs those: so it has to be sure that it sees what others see.
  constexpr float lowest = -1e30F;
  bool isMask = hasOneRow(op.getMask());
  if (isMask)
    isSeen = [&](Value j) { return kb.broadcast(op.getMask(), at(j), scoreShape); };
  else if (hasOneRow(op.getBias()) && !isCut)
    isSeen = [&](Value j) {
      return arith::CmpFOp::create(b, arith::CmpFPredicate::UGT, kb.broadcast(op.getBias(), at(j), scoreShape),
                                   kb.f32(lowest));
    };
  if (!isSeen)
    return {from, to};
  Value low = kb.search(from, to, 1, isSeen), one = kb.index(1);
  Value high = kb.add(kb.search(kb.sub(to, one), kb.sub(low, one), -1, isSeen), one);
  Value start = kb.mul(kb.div(low, kb.index(step)), kb.index(step));
  if (isMask)
    return {start, kb.max(high, start)};
  Value sees = kb.less(low, to);
  return {kb.select(sees, start, from), kb.select(sees, high, to)};
}
