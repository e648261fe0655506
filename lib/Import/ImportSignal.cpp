//===- ImportSignal.cpp - EyeLike, ReverseSequence, Unique ----------------===//
//
// Operators of front ends and of decoding that are compositions of others.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;

namespace {
LogicalResult eyeLike(NodeImport &n) {
  Value x = n.in(0);
  if (n.rank(x) != 2)
    return n.fail("the input must be a matrix");
  Type to = n.hasAttr("dtype") ? n.importer.elementType(n.integer("dtype", 0)) : n.element(x);
  if (!to)
    return n.fail("the target type is not supported");
  Type i64 = n.builder.getI64Type();
  Dims dims = n.dims(x);
  Value row = n.reshape(n.iota(dims[0], i64), {dims[0], n.size(1)});
  Value column = n.reshape(n.iota(dims[1], i64), {n.size(1), dims[1]});
  Value diagonal = n.binary(BinaryKind::add, row, n.scalar(i64, n.integer("k", 0)));
  n.out(0, n.cast(n.compare(CompareKind::eq, column, diagonal), to));
  return success();
}

LogicalResult reverseSequence(NodeImport &n) {
  Value x = n.in(0);
  int64_t rank = n.rank(x), time = n.integer("time_axis", 0), batch = n.integer("batch_axis", 1);
  if (rank < 2 || time == batch || time < 0 || batch < 0 || time >= rank || batch >= rank)
    return n.fail("time_axis and batch_axis must be two dims of the input");
  Type i64 = n.builder.getI64Type();
  Dims dims = n.dims(x), along(rank, n.size(1)), each = along;
  along[time] = dims[time];
  each[batch] = dims[batch];
  Value position = n.reshape(n.iota(dims[time], i64), along), length = n.reshape(n.cast(n.in(1), i64), each);
  Value back = n.binary(BinaryKind::sub, n.binary(BinaryKind::sub, length, n.scalar(i64, 1)), position);
  Value from = n.select(n.compare(CompareKind::lt, position, length), back, position);
  n.out(0, n.make<tf::GatherElementsOp>(x, n.broadcast(from, dims), time));
  return success();
}

/// Sorted, equal neighbours are one; unsorted, they are put in the order in which
/// each came first.
/// Rows of x [rows, width], and whether row i + 1 of a list of them differs from row i.
class Rows {
public:
  Rows(NodeImport &n, Value x) : n(n), x(x), i64(n.builder.getI64Type()) {}

  /// Which row comes first, second, ...
  Value order();
  Value differs(Value order);

private:
  /// Each with each: +1, 0 or -1 as the first element in which they differ says.
  Value compared();

  NodeImport &n;
  Value x;
  Type i64;
};

Value Rows::compared() {
  Dims dims = n.dims(x), wide = {dims[0], dims[0], dims[1]};
  Value a = n.unsqueeze(x, {1}), b = n.unsqueeze(x, {0}), one = n.scalar(i64, 1), minus = n.scalar(i64, -1);
  Value sign = n.select(n.compare(CompareKind::gt, a, b), one,
                        n.select(n.compare(CompareKind::lt, a, b), minus, n.scalar(i64, 0)));
  sign = n.broadcast(sign, wide);
  Value first = n.make<tf::ArgReduceOp>(tf::ReduceKind::max, n.unary(tf::UnaryKind::abs, sign), 2, true, false);
  return n.reshape(n.make<tf::GatherElementsOp>(sign, first, 2), {dims[0], dims[0]});
}

/// A row stands behind all that are less, and behind equal ones before it.
Value Rows::order() {
  Dim count = n.dims(x)[0];
  Value all = compared(), numbers = n.iota(count, i64), zero = n.scalar(i64, 0);
  Value row = n.reshape(numbers, {count, n.size(1)}), column = n.reshape(numbers, {n.size(1), count});
  Value same =
      n.binary(BinaryKind::and_, n.compare(CompareKind::eq, all, zero), n.compare(CompareKind::lt, column, row));
  Value behind = n.binary(BinaryKind::or_, n.compare(CompareKind::gt, all, zero), same);
  Value place = n.reduce(tf::ReduceKind::sum, n.cast(behind, i64), {1}, false);
  return n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, numbers, place, numbers, 0);
}

Value Rows::differs(Value order) {
  Value sorted = n.gather(x, order, 0);
  Dim count = n.dims(x)[0], rest = n.sizes.max(n.loc, n.sizes.sub(n.loc, count, n.size(1)), n.size(0));
  Value unequal = n.compare(CompareKind::ne, n.slice(sorted, 0, n.sizes.sub(n.loc, count, rest), rest),
                            n.slice(sorted, 0, n.size(0), rest));
  Value sum = n.reduce(tf::ReduceKind::sum, n.cast(unequal, i64), {1}, false);
  return n.compare(CompareKind::gt, sum, n.scalar(i64, 0));
}

LogicalResult unique(NodeImport &n) {
  Type i64 = n.builder.getI64Type(), i1 = n.builder.getI1Type();
  Value x = n.in(0);
  int64_t rank = n.rank(x);
  // Slices along an axis are rows; without one, elements are.
  std::optional<int64_t> axis;
  Integers front, back(rank);
  if (n.hasAttr("axis")) {
    auto given = n.axis(n.integer("axis", 0), rank);
    if (failed(given))
      return failure();
    axis = *given;
    front.push_back(*given);
    for (int64_t i = 0; i < rank; ++i)
      if (i != *given)
        front.push_back(i);
    for (auto [to, from] : llvm::enumerate(front))
      back[from] = to;
    x = n.transpose(x, front);
  } else {
    x = n.reshape(x, {n.sizes.product(n.loc, n.dims(x))});
  }
  Dims all = n.dims(x);
  Dim count = all[0];
  auto sorted = [&](Value list, Dim length) {
    RankedTensorType type = n.typeFor({length}, n.element(list));
    Value k = tf::SizeArith::asConstant(length) ? Value() : n.sizes.value(n.loc, length);
    return tf::TopKOp::create(n.builder, n.loc, type, type.clone(i64), list, k, 0, false);
  };
  // The first of each run of equal ones.
  Dim rest = n.sizes.max(n.loc, n.sizes.sub(n.loc, count, n.size(1)), n.size(0));
  Dim lead = n.sizes.sub(n.loc, count, rest); // 0 or 1
  Value places, differs;
  if (n.rank(x) == 1) {
    auto order = sorted(x, count);
    Value values = order.getValues();
    places = order.getIndices();
    differs = n.compare(CompareKind::ne, n.slice(values, 0, lead, rest), n.slice(values, 0, n.size(0), rest));
  } else {
    Rows rows(n, n.reshape(x, {count, n.sizes.product(n.loc, all.drop_front())}));
    places = rows.order();
    differs = rows.differs(places);
  }
  Value first = n.concat({n.broadcast(n.scalar(i1, 1), {lead}), differs}, 0);
  Value starts = n.squeeze(n.make<tf::NonZeroOp>(first), {0}); // in the sorted order
  Dim found = n.dims(starts)[0];
  Value runs =
      n.binary(BinaryKind::sub, n.make<tf::CumSumOp>(n.cast(first, i64), 0, false, false, false), n.scalar(i64, 1));
  Value inverse = n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, runs, places, runs, 0);
  Value firsts = n.gather(places, starts, 0);
  Value ends = n.concat({n.slice(starts, 0, n.size(1), n.sizes.sub(n.loc, found, n.size(1))),
                         n.fromSizes({count}, RankedTensorType::get({1}, i64))},
                        0);
  Value counts = n.binary(BinaryKind::sub, ends, starts);
  if (!n.integer("sorted", 1)) {
    auto arrival = sorted(firsts, found);
    Value by = arrival.getIndices();
    firsts = n.gather(firsts, by, 0);
    counts = n.gather(counts, by, 0);
    Value rank = n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, by, by, n.iota(found, i64), 0);
    inverse = n.gather(rank, inverse, 0);
  }
  Value results = n.gather(x, firsts, 0);
  n.out(0, axis ? n.transpose(results, back) : results);
  n.out(1, firsts);
  n.out(2, inverse);
  n.out(3, counts);
  return success();
}
} // namespace

void transom::addSignalRules(RuleTable &rules) {
  rules["EyeLike"] = eyeLike;
  rules["ReverseSequence"] = reverseSequence;
  rules["Unique"] = unique;
}
