//===- ImportPatches.cpp - windows that are gathered or scattered ---------===//
//
// Col2Im, MaxUnpool, MaxPool with indices, DeformConv, RoiAlign: positions in
// an image are computed as tensors, then read or written all at once.
//
//===----------------------------------------------------------------------===//

#include "Patches.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;
using tf::ReduceKind;
using tf::UnaryKind;

Value transom::windowPositions(NodeImport &n, size_t spatial, size_t i, Dim outputs, Dim taps, Dim stride, Dim dilation,
                               Dim pad) {
  Type i64 = n.builder.getI64Type();
  auto along = [&](Dim size, size_t axis, Dim factor) {
    Dims shape(2 * spatial, n.size(1));
    shape[axis] = size;
    return n.binary(BinaryKind::mul, n.reshape(n.iota(size, i64), shape), n.number(factor, i64));
  };
  Value at = n.binary(BinaryKind::add, along(outputs, i, stride), along(taps, spatial + i, dilation));
  return n.binary(BinaryKind::sub, at, n.number(pad, i64));
}

Positions transom::joinPositions(NodeImport &n, ArrayRef<Value> along, ArrayRef<Dim> sizes, bool columnMajor) {
  Type i64 = n.builder.getI64Type();
  Positions result;
  for (auto [i, at] : llvm::enumerate(along)) {
    Value low = n.compare(CompareKind::ge, at, n.scalar(i64, 0));
    Value here = n.binary(BinaryKind::and_, low, n.compare(CompareKind::lt, at, n.number(sizes[i], i64)));
    result.inside = result.inside ? n.binary(BinaryKind::and_, result.inside, here) : here;
    Dim step = n.sizes.product(n.loc, columnMajor ? sizes.take_front(i) : sizes.drop_front(i + 1));
    Value part = n.binary(BinaryKind::mul, at, n.number(step, i64));
    result.flat = result.flat ? n.binary(BinaryKind::add, result.flat, part) : part;
  }
  return result;
}

namespace {
LogicalResult col2Im(NodeImport &n) {
  Value x = n.in(0);
  auto image = n.sizesOf(1), block = n.sizesOf(2);
  if (failed(image) || failed(block))
    return failure();
  size_t spatial = image->size();
  if (n.rank(x) != 3 || block->size() != spatial)
    return n.fail("the input must have 3 dims, and image_shape as many entries as block_shape");
  Integers ones(spatial, 1);
  auto strides = n.windowIntegers("strides").value_or(ones), dilations = n.windowIntegers("dilations").value_or(ones);
  auto pads = n.windowIntegers("pads").value_or(Integers(2 * spatial, 0));
  if (strides.size() != spatial || dilations.size() != spatial || pads.size() != 2 * spatial)
    return n.fail("strides, dilations and pads do not fit an image of " + Twine(spatial) + " dims");
  Type i64 = n.builder.getI64Type();
  Dims in = n.dims(x), outputs;
  SmallVector<Value> along;
  tf::SizeArith &s = n.sizes;
  for (size_t i = 0; i < spatial; ++i) {
    Dim reach = s.mul(n.loc, s.sub(n.loc, (*block)[i], n.size(1)), n.size(dilations[i]));
    Dim room = s.sub(n.loc, s.add(n.loc, (*image)[i], n.size(pads[i] + pads[spatial + i] - 1)), reach);
    outputs.push_back(s.add(n.loc, s.floorDiv(n.loc, room, n.size(strides[i])), n.size(1)));
    along.push_back(windowPositions(n, spatial, i, outputs[i], (*block)[i], n.size(strides[i]), n.size(dilations[i]),
                                    n.size(pads[i])));
  }
  Positions at = joinPositions(n, along, *image);
  // x lists the taps before the positions; what lies outside goes to one element more.
  Dim pixels = s.product(n.loc, *image), taps = s.product(n.loc, *block), count = s.product(n.loc, outputs);
  Dim channels = s.floorDiv(n.loc, in[1], taps), rows = s.mul(n.loc, in[0], channels);
  Dim each = s.mul(n.loc, taps, count);
  Value index = n.select(at.inside, at.flat, n.number(pixels, i64));
  index = n.transpose(n.reshape(index, {count, taps}), {1, 0});
  index = n.broadcast(n.reshape(index, {n.size(1), each}), {rows, each});
  Value empty = n.broadcast(n.scalar(n.element(x), 0), {rows, s.add(n.loc, pixels, n.size(1))});
  Value sums = n.make<tf::ScatterElementsOp>(tf::ScatterKind::add, empty, index, n.reshape(x, {rows, each}), 1);
  Dims out = {in[0], channels};
  out.append(image->begin(), image->end());
  n.out(0, n.reshape(n.slice(sums, 1, n.size(0), pixels), out));
  return success();
}

LogicalResult maxUnpool(NodeImport &n) {
  Value x = n.in(0);
  auto kernel = n.windowIntegers("kernel_shape");
  if (!kernel || static_cast<int64_t>(kernel->size()) != n.rank(x) - 2)
    return n.fail("kernel_shape is missing or does not fit the input");
  size_t spatial = kernel->size();
  auto strides = n.windowIntegers("strides").value_or(Integers(spatial, 1));
  auto pads = n.windowIntegers("pads").value_or(Integers(2 * spatial, 0));
  Dims in = n.dims(x), pooled = {in[0], in[1]};
  for (size_t i = 0; i < spatial; ++i) {
    Dim steps = n.sizes.mul(n.loc, n.sizes.sub(n.loc, in[i + 2], n.size(1)), n.size(strides[i]));
    pooled.push_back(n.sizes.add(n.loc, steps, n.size((*kernel)[i] - pads[i] - pads[spatial + i])));
  }
  // The indices count in the tensor that was pooled, whatever output_shape says.
  Dim count = n.sizes.product(n.loc, in);
  Value empty = n.broadcast(n.scalar(n.element(x), 0), {n.sizes.product(n.loc, pooled)});
  Value y =
      n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, empty, n.reshape(n.in(1), {count}), n.reshape(x, {count}), 0);
  y = n.reshape(y, pooled);
  if (n.has(2)) {
    auto wanted = n.sizesOf(2);
    if (failed(wanted))
      return failure();
    if (wanted->size() != in.size())
      return n.fail("output_shape has " + Twine(wanted->size()) + " entries for rank " + Twine(in.size()));
    y = n.pad(tf::PadMode::constant, y, Value(), Dims(in.size(), n.size(0)), *wanted);
  }
  n.out(0, y);
  return success();
}

//===-- Bilinear reading ---------------------------------------------------===//

/// Two neighbours along a dim, how much each counts, and whether it does.
struct Pair {
  Value position[2], weight[2], inside[2];
};

class Reader {
public:
  Reader(NodeImport &n, Value x) : n(n), e(n.element(x)), i64(n.builder.getI64Type()) {}

  /// Beyond the borders there are zeros.
  Pair zeroOutside(Value at, Dim size);
  /// As RoiAlign: up to one element beyond the borders it reads them.
  Pair clamped(Value at, Dim size);

  Value op(BinaryKind kind, Value a, Value b) { return n.binary(kind, a, b); }
  Value number(double value) { return n.scalar(e, value); }
  Value between(Value v, Value low, Value high) { return op(BinaryKind::min, op(BinaryKind::max, v, low), high); }
  Value within(Value v, Value low, Value high) {
    return op(BinaryKind::and_, n.compare(CompareKind::ge, v, low), n.compare(CompareKind::le, v, high));
  }

  NodeImport &n;
  Type e, i64;
};

Pair Reader::zeroOutside(Value at, Dim size) {
  Value last = op(BinaryKind::sub, n.number(size, e), number(1)), zero = number(0);
  Value base = n.unary(UnaryKind::floor, at), part = op(BinaryKind::sub, at, base);
  Pair pair;
  for (int side : {0, 1}) {
    Value place = side ? op(BinaryKind::add, base, number(1)) : base;
    pair.weight[side] = side ? part : op(BinaryKind::sub, number(1), part);
    pair.inside[side] = within(place, zero, last);
    pair.position[side] = n.cast(between(place, zero, last), i64);
  }
  return pair;
}

Pair Reader::clamped(Value at, Dim size) {
  Value last = op(BinaryKind::sub, n.number(size, e), number(1)), zero = number(0);
  Value inside = within(at, number(-1), n.number(size, e));
  at = between(at, zero, last);
  Value base = n.unary(UnaryKind::floor, at), part = op(BinaryKind::sub, at, base);
  Pair pair;
  for (int side : {0, 1}) {
    Value place = side ? op(BinaryKind::min, op(BinaryKind::add, base, number(1)), last) : base;
    pair.weight[side] = side ? part : op(BinaryKind::sub, number(1), part);
    pair.inside[side] = inside;
    pair.position[side] = n.cast(place, i64);
  }
  return pair;
}

LogicalResult deformConv(NodeImport &n) {
  Value x = n.in(0), w = n.in(1), offset = n.in(2);
  if (n.rank(x) != 4)
    return n.fail("an input of rank " + Twine(n.rank(x)) + " is not supported", "images of two dims are");
  if (n.rank(w) != 4 || n.rank(offset) != 4)
    return n.fail("weights of rank " + Twine(n.rank(w)) + " and offsets of rank " + Twine(n.rank(offset)) +
                      " do not fit images of two dims",
                  "4 and 4 do");
  int64_t groups = n.integer("group", 1), offsets = n.integer("offset_group", 1);
  Integers ones(2, 1);
  auto strides = n.windowIntegers("strides").value_or(ones), dilations = n.windowIntegers("dilations").value_or(ones);
  auto pads = n.windowIntegers("pads").value_or(Integers(4, 0));
  Dims in = n.dims(x), weights = n.dims(w), at = n.dims(offset);
  Dim height = at[2], width = at[3], g = n.size(offsets), one = n.size(1);
  Dim taps = n.sizes.mul(n.loc, weights[2], weights[3]), points = n.sizes.mul(n.loc, height, width);
  Dim each = n.sizes.floorDiv(n.loc, in[1], g), pixels = n.sizes.mul(n.loc, in[2], in[3]);
  Reader read(n, x);
  Value moved = n.reshape(offset, {at[0], g, weights[2], weights[3], n.size(2), height, width});
  Pair pairs[2];
  for (int64_t i : {0, 1}) {
    Value window = windowPositions(n, 2, i, at[2 + i], weights[2 + i], n.size(strides[i]), n.size(dilations[i]),
                                   n.size(pads[i])); // output position first, then tap
    window = n.cast(n.transpose(window, {2, 3, 0, 1}), read.e);
    Value by = n.reshape(n.slice(moved, 4, n.size(i), one), {at[0], g, weights[2], weights[3], height, width});
    pairs[i] = read.zeroOutside(read.op(BinaryKind::add, by, window), in[2 + i]);
  }
  Dim batches = n.sizes.mul(n.loc, at[0], g), reads = n.sizes.mul(n.loc, taps, points);
  Value table = n.transpose(n.reshape(x, {batches, each, pixels}), {0, 2, 1}), sum;
  for (int side = 0; side < 4; ++side) {
    int a = side / 2, b = side % 2;
    Value row = read.op(BinaryKind::mul, pairs[0].position[a], n.number(in[3], read.i64));
    Value index = read.op(BinaryKind::add, row, pairs[1].position[b]);
    Value weight = read.op(BinaryKind::mul, pairs[0].weight[a], pairs[1].weight[b]);
    weight = n.select(read.op(BinaryKind::and_, pairs[0].inside[a], pairs[1].inside[b]), weight, read.number(0));
    Value found = n.make<tf::GatherNDOp>(table, n.reshape(index, {batches, reads, one}), 1);
    found = read.op(BinaryKind::mul, found, n.reshape(weight, {batches, reads, one}));
    sum = sum ? read.op(BinaryKind::add, sum, found) : found;
  }
  if (n.has(4))
    sum = read.op(BinaryKind::mul, sum, n.reshape(n.in(4), {batches, reads, one}));
  // [N, offset groups, taps, points, channels] to one row per channel and tap.
  Dim group = n.size(groups), inputs = n.sizes.mul(n.loc, weights[1], taps);
  Value rows = n.transpose(n.reshape(sum, {at[0], g, taps, points, each}), {0, 1, 4, 2, 3});
  rows = n.reshape(rows, {at[0], group, inputs, points});
  Value y = n.matmul(n.reshape(w, {group, n.sizes.floorDiv(n.loc, weights[0], group), inputs}), rows);
  y = n.reshape(y, {at[0], weights[0], height, width});
  if (n.has(3))
    y = read.op(BinaryKind::add, y, n.reshape(n.in(3), {weights[0], one, one}));
  n.out(0, y);
  return success();
}

//===-- RoiAlign -----------------------------------------------------------===//

class RoiReader {
public:
  RoiReader(NodeImport &n, Value x) : n(n), read(n, x), x(x) {}
  LogicalResult run();

private:
  struct Axis {
    Pair pair; ///< [rois, bins * samples]
    Dim bins, samples;
    Value perBin; ///< [rois, 1]: samples of a bin, where each region has its own
    Value counts; ///< [1, bins * samples]: whether a sample is one of the region's; null: all are
  };
  Axis axis(int64_t i);
  Value column(int64_t i) {
    return read.op(BinaryKind::mul, n.slice(n.in(1), 1, n.size(i), n.size(1)),
                   read.number(n.real("spatial_scale", 1.0f)));
  }

  NodeImport &n;
  Reader read;
  Value x;
};

/// Dim i (0: height) of the regions, whose columns are x1, y1, x2, y2.
RoiReader::Axis RoiReader::axis(int64_t i) {
  Axis result;
  bool half =
      n.string("coordinate_transformation_mode", n.opset < 16 ? "output_half_pixel" : "half_pixel") == "half_pixel";
  int64_t bins = n.integer(i ? "output_width" : "output_height", 1), samples = n.integer("sampling_ratio", 0);
  result.bins = n.size(bins);
  Value start = column(1 - i), length = read.op(BinaryKind::sub, column(3 - i), start);
  if (half)
    start = read.op(BinaryKind::sub, start, read.number(0.5));
  else
    length = read.op(BinaryKind::max, length, read.number(1));
  Value bin = read.op(BinaryKind::div, length, read.number(bins)), perBin = read.number(samples);
  result.samples = n.size(samples);
  if (samples <= 0) {
    // As many as a bin is long; the longest says how many are read.
    perBin = n.unary(UnaryKind::ceil, bin);
    result.perBin = perBin;
    Value most = n.cast(n.reduce(ReduceKind::max, perBin, {0, 1}, false), read.i64);
    most = n.binary(BinaryKind::max, most, n.scalar(read.i64, 0));
    result.samples = Value(tf::ToIndexOp::create(n.builder, n.loc, most, 0));
  }
  Dim all = n.sizes.mul(n.loc, result.bins, result.samples), one = n.size(1);
  auto counted = [&](Dim size, Dims shape) { return n.reshape(n.cast(n.iota(size, read.i64), read.e), shape); };
  Dims grid = {result.bins, result.samples};
  Value binNumber = n.reshape(n.broadcast(counted(result.bins, {result.bins, one}), grid), {one, all});
  Value sample = n.reshape(n.broadcast(counted(result.samples, {one, result.samples}), grid), {one, all});
  if (result.perBin)
    result.counts = n.compare(CompareKind::lt, sample, perBin);
  Value part = read.op(BinaryKind::div,
                       read.op(BinaryKind::mul, read.op(BinaryKind::add, sample, read.number(0.5)), bin), perBin);
  Value at = read.op(BinaryKind::add, read.op(BinaryKind::add, start, read.op(BinaryKind::mul, binNumber, bin)), part);
  result.pair = read.clamped(at, n.dims(x)[2 + i]);
  return result;
}

LogicalResult RoiReader::run() {
  std::string mode = n.string("mode", "avg");
  if (mode != "avg" && mode != "max")
    return n.fail("mode '" + mode + "' is not supported", "avg and max are");
  bool average = mode == "avg";
  Axis rows = axis(0), columns = axis(1);
  Dims in = n.dims(x);
  Dim rois = n.dims(n.in(1))[0], one = n.size(1);
  Dim down = n.sizes.mul(n.loc, rows.bins, rows.samples), across = n.sizes.mul(n.loc, columns.bins, columns.samples);
  Value table = n.reshape(n.transpose(x, {0, 2, 3, 1}), {n.sizes.product(n.loc, {in[0], in[2], in[3]}), in[1]});
  auto vertical = [&](Value v) { return n.reshape(v, {rois, down, one}); };
  auto horizontal = [&](Value v) { return n.reshape(v, {rois, one, across}); };
  Value image = read.op(BinaryKind::mul, n.reshape(n.cast(n.in(2), read.i64), {rois, one, one}),
                        n.number(n.sizes.mul(n.loc, in[2], in[3]), read.i64));
  Value found;
  for (int side = 0; side < 4; ++side) {
    int a = side / 2, b = side % 2;
    Value row = read.op(BinaryKind::mul, vertical(rows.pair.position[a]), n.number(in[3], read.i64));
    Value index = read.op(BinaryKind::add, read.op(BinaryKind::add, image, row), horizontal(columns.pair.position[b]));
    Value weight = read.op(BinaryKind::mul, vertical(rows.pair.weight[a]), horizontal(columns.pair.weight[b]));
    Value inside = read.op(BinaryKind::and_, vertical(rows.pair.inside[a]), horizontal(columns.pair.inside[b]));
    weight = n.unsqueeze(n.select(inside, weight, read.number(0)), {3});
    Value part = read.op(BinaryKind::mul, n.gather(table, index, 0), weight);
    found = !found ? part : read.op(average ? BinaryKind::add : BinaryKind::max, found, part);
  }
  Value counts;
  if (rows.counts) {
    counts = n.unsqueeze(read.op(BinaryKind::and_, vertical(rows.counts), horizontal(columns.counts)), {3});
    found = n.select(counts, found, read.number(average ? 0 : -std::numeric_limits<double>::infinity()));
  }
  found = n.reshape(found, {rois, rows.bins, rows.samples, columns.bins, columns.samples, in[1]});
  Value y = n.reduce(average ? ReduceKind::sum : ReduceKind::max, found, {2, 4}, false);
  Value samples = rows.perBin ? read.op(BinaryKind::mul, rows.perBin, columns.perBin)
                              : n.number(n.sizes.mul(n.loc, rows.samples, columns.samples), read.e);
  if (rows.perBin)
    samples = n.reshape(samples, {rois, one, one, one});
  if (average)
    y = read.op(BinaryKind::div, y, read.op(BinaryKind::max, samples, read.number(1)));
  else if (rows.perBin) // a region without samples gives zero
    y = n.select(n.compare(CompareKind::gt, samples, read.number(0)), y, read.number(0));
  n.out(0, n.transpose(y, {0, 3, 1, 2}));
  return success();
}

LogicalResult roiAlign(NodeImport &n) { return RoiReader(n, n.in(0)).run(); }
} // namespace

void transom::addPatchRules(RuleTable &rules) {
  rules["Col2Im"] = col2Im;
  rules["MaxUnpool"] = maxUnpool;
  rules["DeformConv"] = deformConv;
  rules["RoiAlign"] = roiAlign;
}
