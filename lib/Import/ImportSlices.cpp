//===- ImportSlices.cpp - parts of tensors, and what is put around them ---===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::Dim;

namespace {
/// ONNX Slice's wrap and clamp: `at` in terms of a dim of size `dim`.
Dim clampIndex(NodeImport &n, Dim at, Dim dim, int64_t low, Dim high) {
  auto known = tf::SizeArith::asConstant(at);
  if (known ? *known < 0 : !n.sizes.nonNegative(at)) {
    Dim wrapped = known && *known < -(int64_t(1) << 40) ? n.size(low) : n.sizes.add(n.loc, at, dim);
    if (!known) {
      Dim negative = n.sizes.compare(n.loc, arith::CmpIPredicate::slt, at, n.size(0));
      wrapped = n.sizes.select(n.loc, negative, wrapped, at);
    }
    at = wrapped;
    if (!tf::SizeArith::asConstant(at) || *tf::SizeArith::asConstant(at) < low)
      at = n.sizes.max(n.loc, at, n.size(low));
    if (known)
      return at; // at + dim is below the dim already
  }
  return n.sizes.min(n.loc, at, high);
}

/// Axes or steps that only the run knows: what each dim's part is of, and rows
/// by number.
LogicalResult sliceAtRun(NodeImport &n, ArrayRef<Dim> begins, ArrayRef<Dim> ends) {
  Value x = n.in(0);
  Dims in = n.dims(x), axes, steps;
  int64_t rank = in.size();
  for (auto [input, list] : {std::make_pair(3, &axes), std::make_pair(4, &steps)}) {
    if (!n.has(input)) {
      for (size_t k = 0; k < begins.size(); ++k)
        list->push_back(n.size(input == 3 ? k : 1));
      continue;
    }
    auto given = n.sizesOf(input);
    if (failed(given))
      return failure();
    *list = *given;
  }
  if (axes.size() != begins.size() || steps.size() != begins.size() || ends.size() != begins.size())
    return n.fail("starts, ends, axes and steps differ in length");
  tf::SizeArith &s = n.sizes;
  Location loc = n.loc;
  Type i64 = n.builder.getI64Type();
  auto scalar = [&](Dim dim) { return n.reshape(n.fromSizes({dim}, RankedTensorType::get({1}, i64)), {}); };
  for (int64_t i = 0; i < rank; ++i) {
    Dim dim = in[i], start = n.size(0), end = dim, step = n.size(1), zero = n.size(0);
    for (size_t k = 0; k < begins.size(); ++k) {
      Dim here = s.max(loc, s.compare(loc, arith::CmpIPredicate::eq, axes[k], n.size(i)),
                       s.compare(loc, arith::CmpIPredicate::eq, axes[k], n.size(i - rank)));
      start = s.select(loc, here, begins[k], start);
      end = s.select(loc, here, ends[k], end);
      step = s.select(loc, here, steps[k], step);
    }
    if (start == zero && end == dim && tf::SizeArith::asConstant(step) == 1)
      continue;
    Dim back = s.compare(loc, arith::CmpIPredicate::slt, step, zero), sign = s.select(loc, back, n.size(-1), n.size(1));
    Dim low = s.select(loc, back, n.size(-1), zero), high = s.select(loc, back, s.sub(loc, dim, n.size(1)), dim);
    auto wrapped = [&](Dim at, Dim least) {
      Dim negative = s.compare(loc, arith::CmpIPredicate::slt, at, zero);
      return s.min(loc, s.max(loc, s.select(loc, negative, s.add(loc, at, dim), at), least), high);
    };
    start = wrapped(start, zero);
    end = wrapped(end, low);
    Dim room = s.sub(loc, s.add(loc, s.sub(loc, end, start), step), sign);
    Dim length = s.max(loc, s.floorDiv(loc, room, step), zero);
    SmallVector<Value> moving;
    if (!tf::SizeArith::asConstant(length))
      moving.push_back(s.value(loc, length));
    Value rows = n.make<tf::RangeOp>(n.typeFor({length}, i64), scalar(start), scalar(step), moving);
    x = n.gather(x, rows, i);
  }
  n.out(0, x);
  return success();
}

LogicalResult slice(NodeImport &n) {
  Value x = n.in(0);
  Dims in = n.dims(x), begins, ends;
  Integers axes, stepList;
  if (n.opset < 10) {
    auto fixed = n.integers("starts"), limits = n.integers("ends");
    if (!fixed || !limits)
      return n.fail("starts and ends are missing");
    for (auto [start, end] : llvm::zip_equal(*fixed, *limits)) {
      begins.push_back(n.size(start));
      ends.push_back(n.size(end));
    }
    axes = n.integers("axes").value_or(Integers());
  } else {
    auto starts = n.sizesOf(1), limits = n.sizesOf(2);
    if (failed(starts) || failed(limits))
      return failure();
    begins = *starts;
    ends = *limits;
    if ((n.has(3) && !n.constantInts(3)) || (n.has(4) && !n.constantInts(4)))
      return sliceAtRun(n, begins, ends);
    if (n.has(3))
      axes = *n.constantInts(3);
    if (n.has(4))
      stepList = *n.constantInts(4);
  }
  Dims starts(in.size(), n.size(0)), to = in;
  Integers steps(in.size(), 1);
  for (size_t k = 0; k < begins.size(); ++k) {
    auto axis = n.axis(axes.empty() ? k : axes[k], in.size());
    if (failed(axis))
      return failure();
    int64_t step = stepList.empty() ? 1 : stepList[k];
    if (step == 0)
      return n.fail("step 0");
    Dim dim = in[*axis];
    if (step > 0) {
      Dim start = clampIndex(n, begins[k], dim, 0, dim), end = clampIndex(n, ends[k], dim, 0, dim);
      Dim length = n.sizes.sub(n.loc, end, start);
      auto fixed = tf::SizeArith::asConstant(begins[k]), known = tf::SizeArith::asConstant(length);
      // The last rows: as many as asked for, or all there are.
      if (fixed && *fixed < 0 && end == dim && !tf::SizeArith::asConstant(dim))
        length = n.sizes.min(n.loc, n.size(-*fixed), dim);
      else if (known ? *known < 0 : !n.sizes.nonNegative(length) && tf::SizeArith::asConstant(start) != 0)
        length = n.sizes.max(n.loc, length, n.size(0));
      if (step > 1)
        length = n.sizes.floorDiv(n.loc, n.sizes.add(n.loc, length, n.size(step - 1)), n.size(step));
      starts[*axis] = start;
      to[*axis] = length;
    } else {
      Dim last = n.sizes.sub(n.loc, dim, n.size(1));
      Dim start = clampIndex(n, begins[k], dim, 0, last);
      auto limit = tf::SizeArith::asConstant(ends[k]);
      Dim end = limit && *limit < -(int64_t(1) << 40) ? n.size(-1) : clampIndex(n, ends[k], dim, -1, last);
      Dim length = n.sizes.sub(n.loc, start, end);
      length = n.sizes.floorDiv(n.loc, n.sizes.add(n.loc, length, n.size(-step - 1)), n.size(-step));
      starts[*axis] = start;
      // Of a dim of 0 there is no last element to begin with.
      length = n.sizes.min(n.loc, length, dim);
      to[*axis] = n.sizes.max(n.loc, length, n.size(0));
    }
    steps[*axis] = step;
  }
  n.out(0, n.slice(x, starts, to, steps));
  return success();
}

LogicalResult pad(NodeImport &n) {
  Value x = n.in(0);
  Dims in = n.dims(x), low(in.size(), n.size(0)), high = low, given;
  if (auto attribute = n.integers("pads")) {
    for (int64_t entry : *attribute)
      given.push_back(n.size(entry));
  } else {
    auto list = n.sizesOf(1);
    if (failed(list))
      return failure();
    given = *list;
  }
  Integers axes;
  if (auto list = n.constantInts(3); n.has(3) && !list) {
    // Only the run knows them: what is named adds to its dim.
    auto named = n.sizesOf(3);
    if (failed(named))
      return failure();
    int64_t rank = in.size();
    if (given.size() != 2 * named->size())
      return n.fail("pads has " + Twine(given.size()) + " entries, " + Twine(2 * named->size()) + " are needed");
    Dims all(2 * rank, n.size(0));
    for (int64_t i = 0; i < rank; ++i) {
      axes.push_back(i);
      for (size_t k = 0; k < named->size(); ++k) {
        Dim here = n.size(0);
        for (int64_t spelling : {i, i - rank})
          here =
              n.sizes.max(n.loc, here, n.sizes.compare(n.loc, arith::CmpIPredicate::eq, (*named)[k], n.size(spelling)));
        all[i] = n.sizes.select(n.loc, here, given[k], all[i]);
        all[rank + i] = n.sizes.select(n.loc, here, given[named->size() + k], all[rank + i]);
      }
    }
    given = all;
  } else if (n.has(3)) {
    for (int64_t entry : *list) {
      auto axis = n.axis(entry, in.size());
      if (failed(axis))
        return failure();
      axes.push_back(*axis);
    }
  } else {
    for (size_t i = 0; i < in.size(); ++i)
      axes.push_back(i);
  }
  if (given.size() != 2 * axes.size())
    return n.fail("pads has " + Twine(given.size()) + " entries, " + Twine(2 * axes.size()) + " are needed");
  Dims to = in;
  for (auto [k, axis] : llvm::enumerate(axes)) {
    low[axis] = given[k];
    to[axis] = n.sizes.add(n.loc, n.sizes.add(n.loc, in[axis], given[k]), given[k + axes.size()]);
  }
  auto mode = tf::symbolizePadMode(n.string("mode", "constant"));
  if (!mode)
    return n.fail("mode '" + n.string("mode", "") + "' is not supported", "constant, reflect, edge and wrap are");
  Value fill = n.in(2);
  if (n.hasAttr("value"))
    fill = n.scalar(n.element(x), n.real("value", 0));
  n.out(0, n.pad(*mode, x, fill ? n.reshape(fill, {}) : Value(), low, to));
  return success();
}
} // namespace

void transom::addSliceRules(RuleTable &rules) {
  rules["Slice"] = slice;
  rules["Pad"] = pad;
}
