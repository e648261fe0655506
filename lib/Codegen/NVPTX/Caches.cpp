//===- Caches.cpp - caches with rows replaced -----------------------------===//

#include "DeviceKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "transom/program.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

/// One thread an element of the result, which comes from the cache or the update; in place, one an element of the
/// update.
LogicalResult nvptx::writeKVWrite(DeviceKernel &kb, KVWriteOp op) {
  Value zero = kb.index(0), one = kb.index(1);
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(op.getCache());
  SmallVector<Value> news = kb.dimsOf(op.getUpdate());
  Value rows = dims[axis], count = news[axis];
  auto startOf = [&](Value batch) {
    Value first = op.getStart() ? kb.toIndex(kb.element(op.getStart(), {batch})) : zero;
    if (!op.getCircular())
      return first;
    Value r = arith::RemSIOp::create(kb.b, first, kb.max(rows, one));
    return kb.select(kb.less(r, zero), kb.add(r, rows), r);
  };
  if (!op.getCircular())
    kb.parallelNest({dims[0]}, [&](ArrayRef<Value> at) {
      Value first = startOf(at[0]), last = kb.sub(kb.add(first, count), one);
      Value below = kb.less(first, zero);
      Value outside = arith::OrIOp::create(kb.b, below, kb.less(kb.sub(rows, one), last));
      kb.when(kb.both(outside, kb.less(zero, count)),
              [&] { kb.fail(TRANSOM_FAIL_INDEX, kb.select(below, first, kb.max(first, rows)), rows); });
    });
  if (op->hasAttr("transformer.in_place")) {
    kb.parallelNest(news, [&](ArrayRef<Value> from) {
      Value position = kb.add(startOf(from[0]), from[axis]), usable;
      if (op.getCircular()) {
        // Of more new rows than the cache has, the last ones stay.
        usable = kb.less(kb.sub(kb.sub(count, from[axis]), one), rows);
        position = kb.rem(position, kb.max(rows, one));
      } else {
        usable = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::ult, position, rows);
      }
      kb.when(usable, [&] {
        Index to(from);
        to[axis] = position;
        kb.storeResult(0, to, kb.element(op.getUpdate(), from));
      });
    });
    return success();
  }
  kb.parallelNest(dims, [&](ArrayRef<Value> at) {
    Value number = kb.sub(at[axis], startOf(at[0]));
    if (op.getCircular()) {
      number = kb.select(kb.less(number, zero), kb.add(number, rows), number);
      // Of more new rows than the cache has, the last ones stay.
      Value laps = kb.div(kb.max(kb.sub(kb.sub(count, one), number), zero), kb.max(rows, one));
      number = kb.add(number, kb.mul(laps, rows));
    }
    Value isNew = arith::CmpIOp::create(kb.b, arith::CmpIPredicate::ult, number, count);
    Value value = kb.choose(
        isNew,
        [&] {
          Index from(at);
          from[axis] = number;
          return kb.element(op.getUpdate(), from);
        },
        [&] { return kb.element(op.getCache(), at); });
    kb.storeResult(0, at, value);
  });
  return success();
}
