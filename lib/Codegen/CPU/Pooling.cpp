//===- Pooling.cpp - max, mean and sum over windows -----------------------===//
//
// One row of the last dim at a time: each tap of the window is combined into
// the row's accumulators in one loop over neighbouring positions.
//
//===----------------------------------------------------------------------===//

#include "Windows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

/// Accumulators of one part of a row.
static constexpr int64_t rowElements = 256;

/// What any element replaces under max.
static Value lowest(KernelBuilder &kb, Type element) {
  Type type = KernelBuilder::registerType(element);
  if (isa<FloatType>(type))
    return kb.number(type, -INFINITY);
  unsigned width = type.getIntOrFloatBitWidth();
  APInt least = KernelBuilder::isUnsigned(element) ? APInt::getZero(width) : APInt::getSignedMinValue(width);
  return arith::ConstantOp::create(kb.b, kb.b.getIntegerAttr(type, least));
}

LogicalResult transom::cpu::writePool(KernelBuilder &kb, PoolOp op) {
  Value input = op.getInput();
  SmallVector<Value> in = kb.dimsOf(input), out = kb.dimsOf(op.getResult());
  SmallVector<Window> windows = windowsOf(kb, op.getKernel(), op.getStrides(), op.getDilations(), op.getPads(),
                                          ArrayRef<Value>(in).drop_front(2), ArrayRef<Value>(out).drop_front(2));
  const Window &last = windows.back();
  size_t spatial = windows.size();
  Type element = kb.elementOf(input), type = KernelBuilder::registerType(element);
  bool mean = op.getKind() == ReduceKind::mean, adds = op.getKind() != ReduceKind::max;
  if (mean && !isa<FloatType>(type))
    return op.emitOpError("averages floats only");
  auto padAfter = [&](size_t dim) { return op.getPads()[spatial + dim]; };

  Value sums = kb.stack(rowElements, type);
  SmallVector<Value> items = out;
  items.back() = kb.ceilDiv(out.back(), rowElements);
  Value count = kb.index(1);
  for (Value item : items)
    count = kb.mul(count, item);
  auto [first, end] = kb.share(count);
  kb.loop(first, end, kb.index(1), [&](Value item) {
    Index at = kb.delinear(item, items);
    Value from = kb.mul(at.back(), kb.index(rowElements)), to = kb.min(kb.add(from, kb.index(rowElements)), out.back());
    ArrayRef<Value> outer = ArrayRef<Value>(at).drop_front(2).drop_back();
    kb.loop(kb.sub(to, from),
            [&](Value i) { kb.store(adds ? kb.number(type, 0) : lowest(kb, element), sums, i, type); });
    forOuterTaps(kb, windows, outer, [&](ArrayRef<Value>, ArrayRef<Value> positions) {
      kb.loop(kb.index(last.kernel), [&](Value tap) {
        auto [low, high] = last.outputs(kb, tap, from, to);
        kb.loop(low, high, kb.index(1), [&](Value o) {
          Index where = {at[0], at[1]};
          where.append(positions.begin(), positions.end());
          where.push_back(last.position(kb, o, tap));
          Value slot = kb.sub(o, from), old = kb.load(sums, slot, type), x = kb.element(input, where);
          kb.store(kb.binary(adds ? BinaryKind::add : BinaryKind::max, old, x, element), sums, slot, type);
        });
      });
    });
    // How many elements a mean is of: all in the input, or those in the padding too.
    Value rows = kb.index(1);
    for (size_t i = 0; i + 1 < spatial; ++i)
      rows = kb.mul(rows, windows[i].taps(kb, outer[i], op.getCountPad(), padAfter(i)));
    kb.loop(from, to, kb.index(1), [&](Value o) {
      Index where = at;
      where.back() = o;
      Value value = kb.load(sums, kb.sub(o, from), type);
      if (mean) {
        Value elements = kb.mul(rows, last.taps(kb, o, op.getCountPad(), padAfter(spatial - 1)));
        value = kb.fdiv(value, kb.cast(kb.toI64(elements), kb.b.getI64Type(), type));
      }
      kb.finish(op, where, value);
    });
  });
  return success();
}
