//===- ImportReductions.cpp - reductions, Softmax, CumSum, TopK -----------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::Dims;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {
/// The axes of a reduction: given, or all; nullopt where it does nothing.
FailureOr<std::optional<SmallVector<int64_t>>> reducedAxes(NodeImport &n, int64_t rank) {
  auto axes = n.axes(1, rank);
  if (failed(axes))
    return failure();
  if (!*axes || (*axes)->empty()) {
    if (n.integer("noop_with_empty_axes", 0))
      return std::optional<SmallVector<int64_t>>();
    SmallVector<int64_t> all;
    for (int64_t i = 0; i < rank; ++i)
      all.push_back(i);
    return std::optional(all);
  }
  return *axes;
}

template <ReduceKind kind> LogicalResult reduce(NodeImport &n) {
  Value x = n.in(0);
  auto axes = reducedAxes(n, n.rank(x));
  if (failed(axes))
    return failure();
  n.out(0, *axes ? n.reduce(kind, x, **axes, n.integer("keepdims", 1) != 0) : x);
  return success();
}

enum class Before { Abs, Square, Exp };

/// Reductions as a sum of something, with something after it.
template <Before before, UnaryKind after> LogicalResult composed(NodeImport &n) {
  Value x = n.in(0);
  auto axes = reducedAxes(n, n.rank(x));
  if (failed(axes))
    return failure();
  x = before == Before::Abs      ? n.unary(UnaryKind::abs, x)
      : before == Before::Square ? n.binary(BinaryKind::mul, x, x)
                                 : n.unary(UnaryKind::exp, x);
  if (*axes)
    x = n.reduce(ReduceKind::sum, x, **axes, n.integer("keepdims", 1) != 0);
  n.out(0, after == UnaryKind::identity ? x : n.unary(after, x));
  return success();
}

LogicalResult logSum(NodeImport &n) {
  if (failed(reduce<ReduceKind::sum>(n)))
    return failure();
  n.out(0, n.unary(UnaryKind::log, n.importer.find(n.node.output(0))->tensor));
  return success();
}

LogicalResult logSumExp(NodeImport &n) {
  Value x = n.in(0);
  auto axes = reducedAxes(n, n.rank(x));
  if (failed(axes))
    return failure();
  if (!*axes) {
    n.out(0, x);
    return success();
  }
  Value top = n.reduce(ReduceKind::max, x, **axes);
  Value sum = n.reduce(ReduceKind::sum, n.unary(UnaryKind::exp, n.binary(BinaryKind::sub, x, top)), **axes);
  Value result = n.binary(BinaryKind::add, n.unary(UnaryKind::log, sum), top);
  n.out(0, n.integer("keepdims", 1) ? result : n.squeeze(result, **axes));
  return success();
}

template <ReduceKind kind> LogicalResult argReduce(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", 0), n.rank(x));
  if (failed(axis))
    return failure();
  n.out(0,
        n.make<tf::ArgReduceOp>(kind, x, *axis, n.integer("keepdims", 1) != 0, n.integer("select_last_index", 0) != 0));
  return success();
}

template <bool log> LogicalResult softmax(NodeImport &n) {
  Value x = n.in(0);
  if (n.opset >= 13) {
    auto axis = n.axis(n.integer("axis", -1), n.rank(x));
    if (failed(axis))
      return failure();
    n.out(0, n.softmax(x, *axis, log));
    return success();
  }
  // Before opset 13: all dims from `axis` on together.
  auto axis = n.axis(n.integer("axis", 1), n.rank(x));
  if (failed(axis))
    return failure();
  if (*axis == n.rank(x) - 1) {
    n.out(0, n.softmax(x, *axis, log));
    return success();
  }
  Dims in = n.dims(x);
  Dim rows = n.sizes.product(n.loc, ArrayRef<Dim>(in).take_front(*axis));
  Dim columns = n.sizes.product(n.loc, ArrayRef<Dim>(in).drop_front(*axis));
  n.out(0, n.reshape(n.softmax(n.reshape(x, {rows, columns}), 1, log), in));
  return success();
}

LogicalResult hardmax(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", n.opset >= 13 ? -1 : 1), n.rank(x));
  if (failed(axis))
    return failure();
  Value best = n.make<tf::ArgReduceOp>(ReduceKind::max, x, *axis, true, false);
  Dims shape(n.rank(x), n.size(1));
  shape[*axis] = n.dims(x)[*axis];
  Value position = n.reshape(n.iota(shape[*axis], n.builder.getI64Type()), shape);
  n.out(0, n.cast(n.compare(tf::CompareKind::eq, position, best), n.element(x)));
  return success();
}

LogicalResult cumSum(NodeImport &n) {
  Value x = n.in(0);
  auto list = n.constantInts(1);
  if (!list || list->size() != 1)
    return n.fail("the axis must be known when compiling");
  auto axis = n.axis((*list)[0], n.rank(x));
  if (failed(axis))
    return failure();
  n.out(0, n.make<tf::CumSumOp>(x, *axis, n.integer("exclusive", 0) != 0, n.integer("reverse", 0) != 0));
  return success();
}

LogicalResult topK(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", -1), n.rank(x));
  if (failed(axis))
    return failure();
  Dim k;
  if (n.opset < 10) {
    k = n.size(n.integer("k", 1));
  } else {
    auto given = n.sizesOf(1);
    if (failed(given) || given->size() != 1)
      return n.fail("k must be one number");
    k = (*given)[0];
  }
  Dims dims = n.dims(x);
  dims[*axis] = k;
  auto values = n.typeFor(dims, n.element(x));
  Value size = tf::SizeArith::asConstant(k) ? Value() : n.sizes.value(n.loc, k);
  auto op = tf::TopKOp::create(n.builder, n.loc, values, values.clone(n.builder.getI64Type()), x, size, *axis,
                               n.integer("largest", 1) != 0);
  n.out(0, op.getValues());
  n.out(1, op.getIndices());
  return success();
}
} // namespace

void transom::addReductionRules(RuleTable &rules) {
  rules["ReduceSum"] = reduce<ReduceKind::sum>;
  rules["ReduceMean"] = reduce<ReduceKind::mean>;
  rules["ReduceMax"] = reduce<ReduceKind::max>;
  rules["ReduceMin"] = reduce<ReduceKind::min>;
  rules["ReduceProd"] = reduce<ReduceKind::prod>;
  rules["ReduceL1"] = composed<Before::Abs, UnaryKind::identity>;
  rules["ReduceL2"] = composed<Before::Square, UnaryKind::sqrt>;
  rules["ReduceSumSquare"] = composed<Before::Square, UnaryKind::identity>;
  rules["ReduceLogSum"] = logSum;
  rules["ReduceLogSumExp"] = logSumExp;
  rules["ArgMax"] = argReduce<ReduceKind::max>;
  rules["ArgMin"] = argReduce<ReduceKind::min>;
  rules["Softmax"] = softmax<false>;
  rules["LogSoftmax"] = softmax<true>;
  rules["Hardmax"] = hardmax;
  rules["CumSum"] = cumSum;
  rules["TopK"] = topK;
}
