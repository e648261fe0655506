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
using tf::Dims;

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
LogicalResult unique(NodeImport &n) {
  if (n.hasAttr("axis") && n.rank(n.in(0)) != 1)
    return n.fail("with an axis, only vectors are supported", "leave the axis out");
  Type i64 = n.builder.getI64Type(), i1 = n.builder.getI1Type();
  Value x = n.in(0);
  Dim count = n.sizes.product(n.loc, n.dims(x));
  x = n.reshape(x, {count});
  auto sorted = [&](Value list, Dim length) {
    RankedTensorType type = n.typeFor({length}, n.element(list));
    Value k = tf::SizeArith::asConstant(length) ? Value() : n.sizes.value(n.loc, length);
    return tf::TopKOp::create(n.builder, n.loc, type, type.clone(i64), list, k, 0, false);
  };
  auto order = sorted(x, count);
  Value values = order.getValues(), places = order.getIndices();
  // The first of each run of equal ones.
  Dim rest = n.sizes.max(n.loc, n.sizes.sub(n.loc, count, n.size(1)), n.size(0));
  Dim lead = n.sizes.sub(n.loc, count, rest); // 0 or 1
  Value differs = n.compare(CompareKind::ne, n.slice(values, 0, lead, rest), n.slice(values, 0, n.size(0), rest));
  Value first = n.concat({n.broadcast(n.scalar(i1, 1), {lead}), differs}, 0);
  Value starts = n.squeeze(n.make<tf::NonZeroOp>(first), {0}); // in the sorted order
  Dim found = n.dims(starts)[0];
  Value runs =
      n.binary(BinaryKind::sub, n.make<tf::CumSumOp>(n.cast(first, i64), 0, false, false, false), n.scalar(i64, 1));
  Value inverse = n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, runs, places, runs, 0);
  Value results = n.gather(values, starts, 0), firsts = n.gather(places, starts, 0);
  Value ends = n.concat({n.slice(starts, 0, n.size(1), n.sizes.sub(n.loc, found, n.size(1))),
                         n.fromSizes({count}, RankedTensorType::get({1}, i64))},
                        0);
  Value counts = n.binary(BinaryKind::sub, ends, starts);
  if (!n.integer("sorted", 1)) {
    auto arrival = sorted(firsts, found);
    Value by = arrival.getIndices();
    results = n.gather(results, by, 0);
    firsts = n.gather(firsts, by, 0);
    counts = n.gather(counts, by, 0);
    Value rank = n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, by, by, n.iota(found, i64), 0);
    inverse = n.gather(rank, inverse, 0);
  }
  n.out(0, results);
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
