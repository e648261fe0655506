//===- ImportReductions.cpp - reductions, Softmax, CumSum, TopK -----------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::Dim;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {
/// What is reduced, and over which axes.
struct Reduction {
  Value x;
  std::optional<Integers> axes; ///< nullopt where nothing is reduced
  bool keepdims = true;
  std::optional<Dims> to; ///< where x is a view of the input: the result's dims

  Value over(NodeImport &n, ReduceKind kind, Value of) const { return n.reduce(kind, of, *axes, keepdims); }
  Value finish(NodeImport &n, Value y) const { return to ? n.reshape(y, *to) : y; }
};

/// Axes that only the run knows: each dim d is seen as two, d and 1 or, where it
/// is reduced, 1 and d. The second ones are reduced.
FailureOr<Reduction> reductionByFlags(NodeImport &n) {
  Reduction result;
  Value x = n.in(0);
  Dims in = n.dims(x), view, kept;
  auto flags = n.axisFlags(1, in.size());
  if (failed(flags))
    return failure();
  result.axes.emplace();
  for (auto [i, dim] : llvm::enumerate(in)) {
    Dim flag = (*flags)[i], one = n.size(1);
    kept.push_back(n.sizes.select(n.loc, flag, one, dim));
    view.append({kept.back(), n.sizes.select(n.loc, flag, dim, one)});
    result.axes->push_back(2 * i + 1);
  }
  result.x = n.reshape(x, view);
  result.keepdims = false;
  result.to = kept;
  if (!n.integer("keepdims", 1))
    result.to = n.withoutFlagged(in, *flags, in.size() - n.type(1).getNumElements());
  return result;
}

FailureOr<Reduction> reduction(NodeImport &n) {
  Reduction result;
  result.x = n.in(0);
  result.keepdims = n.integer("keepdims", 1) != 0;
  int64_t rank = n.rank(result.x);
  bool given = n.has(1) && n.type(1).hasStaticShape() && n.type(1).getNumElements() > 0;
  if (given && !n.hasAttr("axes") && !n.constantInts(1))
    return reductionByFlags(n);
  bool isEmpty = n.has(1) && n.type(1).hasStaticShape() && n.type(1).getNumElements() == 0;
  auto axes = isEmpty ? FailureOr<std::optional<Integers>>(std::nullopt) : n.axes(1, rank);
  if (failed(axes))
    return failure();
  if (*axes && !(*axes)->empty())
    result.axes = *axes;
  else if (!n.integer("noop_with_empty_axes", 0))
    result.axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return result;
}

template <ReduceKind kind> LogicalResult reduce(NodeImport &n) {
  auto r = reduction(n);
  if (failed(r))
    return failure();
  n.out(0, r->axes ? r->finish(n, r->over(n, kind, r->x)) : r->x);
  return success();
}

enum class Before { Nothing, Abs, Square };

/// Reductions as a sum of something, with something after it.
template <Before before, UnaryKind after> LogicalResult composed(NodeImport &n) {
  auto r = reduction(n);
  if (failed(r))
    return failure();
  Value x = before == Before::Abs      ? n.unary(UnaryKind::abs, r->x)
            : before == Before::Square ? n.binary(BinaryKind::mul, r->x, r->x)
                                       : r->x;
  if (r->axes)
    x = r->finish(n, r->over(n, ReduceKind::sum, x));
  n.out(0, after == UnaryKind::identity ? x : n.unary(after, x));
  return success();
}

LogicalResult logSumExp(NodeImport &n) {
  auto r = reduction(n);
  if (failed(r))
    return failure();
  if (!r->axes) {
    n.out(0, r->x);
    return success();
  }
  Type e = n.element(r->x);
  // The largest is taken out, unless there is none that can be.
  Value top = n.reduce(ReduceKind::max, r->x, *r->axes), zero = n.scalar(e, 0);
  Value infinite = n.unary(UnaryKind::isinf, top);
  Value shift = n.select(infinite, zero, top);
  Value sum = n.reduce(ReduceKind::sum, n.unary(UnaryKind::exp, n.binary(BinaryKind::sub, r->x, shift)), *r->axes);
  Value result = n.binary(BinaryKind::add, n.unary(UnaryKind::log, sum), shift);
  n.out(0, r->finish(n, r->keepdims ? result : n.squeeze(result, *r->axes)));
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
  Dim rows = n.sizes.product(n.loc, in.take_front(*axis));
  Dim columns = n.sizes.product(n.loc, in.drop_front(*axis));
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

template <bool product> LogicalResult cumulate(NodeImport &n) {
  Value x = n.in(0);
  bool exclusive = n.integer("exclusive", 0) != 0, reverse = n.integer("reverse", 0) != 0;
  int64_t rank = n.rank(x);
  if (auto list = n.constantInts(1)) {
    auto axis = n.axis(list->size() == 1 ? (*list)[0] : rank, rank);
    if (failed(axis))
      return failure();
    n.out(0, n.make<tf::CumSumOp>(x, *axis, exclusive, reverse, product));
    return success();
  }
  // An axis that only the run knows: the middle one of a view of three.
  auto flags = n.axisFlags(1, rank);
  if (failed(flags))
    return failure();
  Dims in = n.dims(x), view = n.around(in, *flags);
  n.out(0, n.reshape(n.make<tf::CumSumOp>(n.reshape(x, view), 1, exclusive, reverse, product), in));
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
  rules["ReduceLogSum"] = composed<Before::Nothing, UnaryKind::log>;
  rules["ReduceLogSumExp"] = logSumExp;
  rules["ArgMax"] = argReduce<ReduceKind::max>;
  rules["ArgMin"] = argReduce<ReduceKind::min>;
  rules["Softmax"] = softmax<false>;
  rules["LogSoftmax"] = softmax<true>;
  rules["Hardmax"] = hardmax;
  rules["CumSum"] = cumulate<false>;
  rules["CumProd"] = cumulate<true>;
  rules["TopK"] = topK;
}
