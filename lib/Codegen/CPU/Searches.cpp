//===- Searches.cpp - arg_reduce, topk, nonzero, cumsum -------------------===//
//
// Kernels that find positions, or carry something along an axis. A thread has
// whole lines of the axis, so that neither the order of sums nor which of equal
// elements is found depends on the number of threads.
//
//===----------------------------------------------------------------------===//

#include "Lines.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "transom/program.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

/// Elements whose best key is found at once, in vectors.
static constexpr int64_t blockElements = 64;

/// The best key of elements [from, to) of a line.
static Value bestKey(KernelBuilder &kb, const OrderKey &order, Value from, Value to,
                     llvm::function_ref<Value(Value)> element) {
  return kb.loop(from, to, kb.index(1), {order.least()}, [&](Value i, ValueRange best) -> SmallVector<Value> {
    return {order.max(best[0], order.of(element(i)))};
  })[0];
}

//===-- arg_reduce --------------------------------------------------------===//

LogicalResult transom::cpu::writeArgReduce(KernelBuilder &kb, ArgReduceOp op) {
  Value input = op.getInput(), zero = kb.index(0), one = kb.index(1);
  int64_t axis = op.getAxis();
  bool last = op.getSelectLast();
  SmallVector<Value> dims = kb.dimsOf(input);
  Value count = dims[axis];
  Type i64 = kb.b.getI64Type();
  // As NumPy: a NaN is what is looked for, by max and by min.
  OrderKey order(kb, kb.elementOf(input), op.getKind() == ReduceKind::max, OrderKey::NaN::best);
  auto better = [&](Value key, Value best) {
    if (!last)
      return order.better(key, best);
    return arith::CmpIOp::create(kb.b, arith::CmpIPredicate::sge, key, best).getResult();
  };
  auto storeAt = [&](Index at, Value index) {
    if (op.getKeepdims())
      at[axis] = zero;
    else
      at.erase(at.begin() + axis);
    kb.storeResult(0, at, index);
  };

  if (axis + 1 == static_cast<int64_t>(dims.size())) {
    forLines(kb, dims, axis, [&](const LineBundle &line) {
      auto element = [&](Value i) { return kb.element(input, line.element(kb, i, zero)); };
      auto endOf = [&](Value start) { return kb.min(kb.add(start, kb.index(blockElements)), count); };
      // The first block with the best key, then its position there.
      SmallVector<Value> found = kb.loop(zero, count, kb.index(blockElements), {order.least(), zero},
                                         [&](Value start, ValueRange so) -> SmallVector<Value> {
                                           Value key = bestKey(kb, order, start, endOf(start), element),
                                                 take = better(key, so[0]);
                                           return {kb.select(take, key, so[0]), kb.select(take, start, so[1])};
                                         });
      Value none = last ? kb.index(-1) : count;
      Value at = kb.loop(found[1], endOf(found[1]), one, {none}, [&](Value i, ValueRange so) -> SmallVector<Value> {
        Value candidate = kb.select(kb.equal(order.of(element(i)), found[0]), i, none);
        return {last ? kb.max(so[0], candidate) : kb.min(so[0], candidate)};
      })[0];
      storeAt(line.at, kb.toI64(at));
    });
    return success();
  }

  Value keys = kb.stack(linesInBundle, order.type()), positions = kb.stack(linesInBundle, i64);
  forLines(kb, dims, axis, [&](const LineBundle &lines) {
    kb.loop(lines.width, [&](Value lane) {
      kb.store(order.least(), keys, lane, order.type());
      kb.store(kb.toI64(zero), positions, lane, i64);
    });
    kb.loop(count, [&](Value i) {
      kb.loop(lines.width, [&](Value lane) {
        Value key = order.of(kb.element(input, lines.element(kb, i, lane)));
        Value best = kb.load(keys, lane, order.type()), take = better(key, best);
        kb.store(kb.select(take, key, best), keys, lane, order.type());
        kb.store(kb.select(take, kb.toI64(i), kb.load(positions, lane, i64)), positions, lane, i64);
      });
    });
    kb.loop(lines.width, [&](Value lane) { storeAt(lines.element(kb, zero, lane), kb.load(positions, lane, i64)); });
  });
  return success();
}

//===-- topk --------------------------------------------------------------===//

namespace {

/// The results of one line as a heap whose root is the worst element kept.
class LineHeap {
public:
  struct Item {
    Value value, index, key;
  };
  LineHeap(KernelBuilder &kb, const OrderKey &order, Type element, Value first, Value stride)
      : kb(kb), order(order), element(element), first(first), stride(stride) {}

  Item get(Value at) {
    Value value = kb.load(kb.result(0), offset(at), element);
    return {value, kb.load(kb.result(1), offset(at), kb.b.getI64Type()), order.of(value)};
  }
  void set(Value at, const Item &item) {
    kb.store(item.value, kb.result(0), offset(at), element);
    kb.store(item.index, kb.result(1), offset(at), kb.b.getI64Type());
  }
  /// Of equal elements the later one is worse.
  Value worse(const Item &a, const Item &b) {
    Value later = kb.less(b.index, a.index);
    return arith::OrIOp::create(kb.b, order.better(b.key, a.key), kb.both(kb.equal(a.key, b.key), later));
  }
  /// Puts `item` where the heap of `size` items has a hole.
  void sink(Value hole, Value size, const Item &item);

private:
  Value offset(Value at) { return kb.add(first, kb.mul(at, stride)); }

  KernelBuilder &kb;
  const OrderKey &order;
  Type element;
  Value first, stride;
};

void LineHeap::sink(Value hole, Value size, const Item &item) {
  auto &b = kb.b;
  Value last = kb.sub(size, kb.index(1));
  auto loop = scf::WhileOp::create(
      b, TypeRange{b.getIndexType()}, ValueRange{hole},
      [&](OpBuilder &, Location, ValueRange at) {
        // Clamped, so that both children can be read: a missing one is its sibling.
        Value left = kb.add(kb.mul(at[0], kb.index(2)), kb.index(1));
        Value a = kb.min(left, last), c = kb.min(kb.add(left, kb.index(1)), last);
        Item l = get(a), r = get(c);
        Value right = worse(r, l), child = kb.select(right, c, a);
        Item under = {Value(), kb.select(right, r.index, l.index), kb.select(right, r.key, l.key)};
        Value down = kb.both(kb.less(left, size), worse(under, item));
        kb.when(down, [&] { set(at[0], get(child)); });
        scf::ConditionOp::create(b, down, ValueRange{kb.select(down, child, at[0])});
      },
      [&](OpBuilder &, Location, ValueRange at) { scf::YieldOp::create(b, at); });
  set(loop.getResult(0), item);
}

} // namespace

LogicalResult transom::cpu::writeTopK(KernelBuilder &kb, TopKOp op) {
  Value input = op.getInput(), zero = kb.index(0), one = kb.index(1);
  int64_t axis = op.getAxis(), rank = KernelBuilder::rankOf(input);
  SmallVector<Value> dims = kb.dimsOf(input), kept = kb.dimsOf(op.getValues());
  Value count = dims[axis], k = kept[axis], stride = one;
  for (int64_t i = axis + 1; i < rank; ++i)
    stride = kb.mul(stride, dims[i]);
  Type element = kb.elementOf(input);
  // As sorting does: a NaN is greater than any number.
  OrderKey order(kb, element, op.getLargest(), OrderKey::NaN::greatest);

  Value tooMany = kb.less(count, k);
  kb.when(kb.both(tooMany, kb.equal(kb.thread, zero)), [&] { kb.fail(TRANSOM_FAIL_SHAPE, k, count); });
  Value able = kb.both(kb.less(zero, k), kb.less(k, kb.add(count, one)));
  kb.when(able, [&] {
    forLines(kb, dims, axis, [&](const LineBundle &lines) {
      kb.loop(lines.width, [&](Value lane) {
        auto elementAt = [&](Value i) { return kb.element(input, lines.element(kb, i, lane)); };
        LineHeap heap(kb, order, element, kb.linear(lines.element(kb, zero, lane), kept), stride);
        // The first k make the heap,
        kb.loop(k, [&](Value i) { heap.set(i, {elementAt(i), kb.toI64(i), Value()}); });
        Value half = kb.div(k, kb.index(2));
        kb.loop(half, [&](Value i) {
          Value at = kb.sub(kb.sub(half, one), i);
          heap.sink(at, k, heap.get(at));
        });
        // each better one of the rest replaces its worst; whole blocks without one are passed over,
        kb.loop(k, count, kb.index(blockElements), [&](Value start) {
          Value end = kb.min(kb.add(start, kb.index(blockElements)), count);
          Value best = bestKey(kb, order, start, end, elementAt);
          kb.when(order.better(best, heap.get(zero).key), [&] {
            kb.loop(start, end, one, [&](Value i) {
              Value value = elementAt(i), key = order.of(value);
              kb.when(order.better(key, heap.get(zero).key), [&] { heap.sink(zero, k, {value, kb.toI64(i), key}); });
            });
          });
        });
        // and the worst goes to the end, until all are sorted.
        kb.loop(one, k, one, [&](Value i) {
          Value end = kb.sub(k, i);
          LineHeap::Item worst = heap.get(zero), item = heap.get(end);
          heap.sink(zero, end, item);
          heap.set(end, worst);
        });
      });
    });
  });
  return success();
}

//===-- nonzero -----------------------------------------------------------===//

LogicalResult transom::cpu::writeNonZero(KernelBuilder &kb, NonZeroOp op) {
  Value input = op.getInput(), zero = kb.index(0), one = kb.index(1);
  SmallVector<Value> dims = kb.dimsOf(input), result = kb.dimsOf(op.getResult());
  if (dims.empty()) // no coordinates
    return success();
  Type element = kb.elementOf(input);
  Value elements = one;
  for (Value dim : dims)
    elements = kb.mul(elements, dim);
  Value none = kb.number(KernelBuilder::registerType(element), 0);
  auto isSet = [&](Value position) {
    Value x = kb.argument(input) ? kb.load(kb.argument(input), position, element)
                                 : kb.element(input, kb.delinear(position, dims));
    return kb.compare(CompareKind::ne, x, none, element);
  };
  auto asIndex = [&](Value flag) { return kb.toIndex(flag, /*isUnsigned=*/true); };
  // Where a thread's part begins it counts itself: cheaper than waiting.
  auto [from, to] = kb.share(elements);
  Value first = kb.loop(zero, from, one, {zero}, [&](Value i, ValueRange so) -> SmallVector<Value> {
    return {kb.add(so[0], asIndex(isSet(i)))};
  })[0];
  kb.loop(from, to, one, {first}, [&](Value i, ValueRange so) -> SmallVector<Value> {
    Value flag = isSet(i);
    kb.when(flag, [&] {
      Index at = kb.delinear(i, dims);
      for (auto [row, coordinate] : llvm::enumerate(at))
        kb.store(kb.toI64(coordinate), kb.result(0), kb.add(kb.mul(kb.index(row), result[1]), so[0]),
                 kb.b.getI64Type());
    });
    return {kb.add(so[0], asIndex(flag))};
  });
  return success();
}

//===-- cumsum ------------------------------------------------------------===//

LogicalResult transom::cpu::writeCumSum(KernelBuilder &kb, CumSumOp op) {
  Value input = op.getInput(), zero = kb.index(0), one = kb.index(1);
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(input);
  Value count = dims[axis];
  Type element = kb.elementOf(input), type = KernelBuilder::registerType(element);
  auto along = [&](Value i) { return op.getReverse() ? kb.sub(kb.sub(count, one), i) : i; };
  auto step = [&](const LineBundle &lines, Value i, Value lane, Value sum) {
    Index at = lines.element(kb, along(i), lane);
    Value next = kb.binary(op.getProduct() ? BinaryKind::mul : BinaryKind::add, sum, kb.element(input, at), element);
    kb.storeResult(0, at, op.getExclusive() ? sum : next);
    return next;
  };
  if (axis + 1 == static_cast<int64_t>(dims.size())) {
    forLines(kb, dims, axis, [&](const LineBundle &line) {
      kb.loop(zero, count, one, {kb.number(type, op.getProduct())},
              [&](Value i, ValueRange sum) -> SmallVector<Value> { return {step(line, i, zero, sum[0])}; });
    });
    return success();
  }
  Value sums = kb.stack(linesInBundle, type);
  forLines(kb, dims, axis, [&](const LineBundle &lines) {
    kb.loop(lines.width, [&](Value lane) { kb.store(kb.number(type, op.getProduct()), sums, lane, type); });
    kb.loop(count, [&](Value i) {
      kb.loop(lines.width,
              [&](Value lane) { kb.store(step(lines, i, lane, kb.load(sums, lane, type)), sums, lane, type); });
    });
  });
  return success();
}
