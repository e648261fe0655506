//===- ImportDetection.cpp - NonMaxSuppression ----------------------------===//

#include "LoopForm.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;

namespace {
/// Boxes of one batch and class by falling score, as their corners and areas.
struct Boxes {
  Value top, left, bottom, right, area;
};

class Suppression {
public:
  Suppression(NodeImport &n) : n(n), e(n.type(0).getElementType()), i64(n.builder.getI64Type()) {}
  LogicalResult run();

private:
  Value op(BinaryKind kind, Value a, Value b) { return n.binary(kind, a, b); }
  Value is(CompareKind kind, Value a, Value b) { return n.compare(kind, a, b); }
  Value both(Value a, Value b) { return op(BinaryKind::and_, a, b); }
  Value setting(size_t i, Type element) {
    return n.has(i) ? n.cast(n.reshape(n.in(i), {}), element) : n.scalar(element, 0);
  }
  Boxes sorted(Value order);
  Value overlaps(const Boxes &all, const Boxes &one);

  NodeImport &n;
  Type e, i64;
};

Boxes Suppression::sorted(Value order) {
  Value boxes = n.in(0); // [batches, boxes, 4]
  Dims dims = n.dims(order);
  Value c[4];
  for (int64_t i = 0; i < 4; ++i) {
    Value one = n.reshape(n.slice(boxes, 2, n.size(i), n.size(1)), {dims[0], n.size(1), dims[2]});
    c[i] = n.make<tf::GatherElementsOp>(n.broadcast(one, dims), order, 2);
  }
  Boxes r;
  if (n.integer("center_point_box", 0)) { // x, y, width, height
    Value half = n.scalar(e, 0.5), w = op(BinaryKind::mul, c[2], half), h = op(BinaryKind::mul, c[3], half);
    r = {op(BinaryKind::sub, c[1], h), op(BinaryKind::sub, c[0], w), op(BinaryKind::add, c[1], h),
         op(BinaryKind::add, c[0], w), Value()};
  } else { // two corners, whichever
    r = {op(BinaryKind::min, c[0], c[2]), op(BinaryKind::min, c[1], c[3]), op(BinaryKind::max, c[0], c[2]),
         op(BinaryKind::max, c[1], c[3]), Value()};
  }
  r.area = op(BinaryKind::mul, op(BinaryKind::sub, r.bottom, r.top), op(BinaryKind::sub, r.right, r.left));
  return r;
}

/// Whether the intersection is more than the threshold of the union.
Value Suppression::overlaps(const Boxes &all, const Boxes &one) {
  Value zero = n.scalar(e, 0);
  auto side = [&](Value low, Value otherLow, Value high, Value otherHigh) {
    Value length = op(BinaryKind::sub, op(BinaryKind::min, high, otherHigh), op(BinaryKind::max, low, otherLow));
    return op(BinaryKind::max, length, zero);
  };
  Value common = op(BinaryKind::mul, side(all.top, one.top, all.bottom, one.bottom),
                    side(all.left, one.left, all.right, one.right));
  Value whole = op(BinaryKind::sub, op(BinaryKind::add, all.area, one.area), common);
  Value solid = both(both(is(CompareKind::gt, all.area, zero), is(CompareKind::gt, one.area, zero)),
                     is(CompareKind::gt, whole, zero));
  Value share = op(BinaryKind::div, common, n.select(solid, whole, n.scalar(e, 1)));
  return both(solid, is(CompareKind::gt, share, setting(3, e)));
}

/// From the best box on, each one that is still there and good enough is kept
/// and takes away what it overlaps.
LogicalResult Suppression::run() {
  if (n.rank(n.in(0)) != 3 || n.rank(n.in(1)) != 3)
    return n.fail("boxes must be [batches, boxes, 4], scores [batches, classes, boxes]");
  Value scores = n.in(1);
  Dims dims = n.dims(scores), each = {dims[0], dims[1], n.size(1)};
  RankedTensorType type = n.typeOf(scores);
  Value k = tf::SizeArith::asConstant(dims[2]) ? Value() : n.sizes.value(n.loc, dims[2]);
  auto order = tf::TopKOp::create(n.builder, n.loc, type, type.clone(i64), scores, k, 2, true);
  Value places = order.getIndices(), best = order.getValues();
  Boxes boxes = sorted(places);
  Value limit = setting(2, i64);
  Value usable =
      n.has(4) ? is(CompareKind::gt, best, setting(4, e)) : n.broadcast(n.scalar(n.builder.getI1Type(), 1), dims);
  Value position = n.reshape(n.iota(dims[2], i64), {n.size(1), n.size(1), dims[2]});

  LoopForm form;
  form.count = n.number(dims[2], i64);
  form.iterations = dims[2];
  // What may still be kept, what is kept, and how many.
  form.inits = {usable, n.broadcast(n.scalar(n.builder.getI1Type(), 0), dims), n.broadcast(n.scalar(i64, 0), each)};
  form.body = [&](Value i, Value condition, ArrayRef<Value> carried) -> FailureOr<SmallVector<Value>> {
    auto at = [&](Value x) { return n.reshape(n.gather(x, i, 2), each); };
    Boxes one = {at(boxes.top), at(boxes.left), at(boxes.bottom), at(boxes.right), at(boxes.area)};
    Value keeps = both(at(carried[0]), is(CompareKind::lt, carried[2], limit));
    Value here = both(is(CompareKind::eq, position, i), keeps);
    Value gone = both(keeps, overlaps(boxes, one));
    return SmallVector<Value>{condition, both(carried[0], n.unary(tf::UnaryKind::not_, gone)),
                              op(BinaryKind::or_, carried[1], here),
                              op(BinaryKind::add, carried[2], n.cast(keeps, i64))};
  };
  auto results = makeLoop(n, form);
  if (failed(results))
    return failure();
  // By batch, class and falling score.
  Value found = n.transpose(n.make<tf::NonZeroOp>((*results)[1]), {1, 0});
  Dim count = n.dims(found)[0];
  Value box = n.reshape(n.make<tf::GatherNDOp>(places, found, 0), {count, n.size(1)});
  n.out(0, n.concat({n.slice(found, 1, n.size(0), n.size(2)), box}, 1));
  return success();
}

LogicalResult nonMaxSuppression(NodeImport &n) { return Suppression(n).run(); }
} // namespace

void transom::addDetectionRules(RuleTable &rules) { rules["NonMaxSuppression"] = nonMaxSuppression; }
