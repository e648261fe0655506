//===- ImportSampling.cpp - transposed convolution, GridSample, LRN -------===//
//
// Spatial operators as compositions: a transposed convolution is a convolution
// over an input with zeros between its elements, sampling is a gather of the
// neighbours with their weights.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {
//===-- ConvTranspose ------------------------------------------------------===//

/// [.., d, ..] to [.., (d - 1) * stride + 1, ..]: zeros between the elements.
Value spread(NodeImport &n, Value x, int64_t axis, int64_t stride) {
  if (stride == 1)
    return x;
  Dims in = n.dims(x), wide = in, joined = in;
  wide.insert(wide.begin() + axis + 1, n.size(1));
  x = n.reshape(x, wide);
  wide[axis + 1] = n.size(stride);
  x = n.pad(tf::PadMode::constant, x, Value(), Dims(wide.size(), n.size(0)), wide);
  joined[axis] = n.sizes.mul(n.loc, in[axis], n.size(stride));
  x = n.reshape(x, joined);
  return n.slice(x, axis, n.size(0), n.sizes.sub(n.loc, joined[axis], n.size(stride - 1)));
}

/// [C, M/g, K..] to [M, C/g, K..], the kernel turned around.
Value turned(NodeImport &n, Value w, int64_t groups) {
  Dims in = n.dims(w);
  int64_t rank = in.size();
  Dims starts(rank, n.size(0));
  Integers steps(rank, 1);
  for (int64_t i = 2; i < rank; ++i) {
    starts[i] = n.sizes.sub(n.loc, in[i], n.size(1));
    steps[i] = -1;
  }
  w = n.slice(w, starts, in, steps);
  Dims split = {n.size(groups), n.sizes.floorDiv(n.loc, in[0], n.size(groups))};
  split.append(in.begin() + 1, in.end());
  Integers perm = {0, 2, 1};
  for (int64_t i = 3; i <= rank; ++i)
    perm.push_back(i);
  Dims out = {n.sizes.mul(n.loc, in[1], n.size(groups)), split[1]};
  out.append(in.begin() + 2, in.end());
  return n.reshape(n.transpose(n.reshape(w, split), perm), out);
}

LogicalResult convTranspose(NodeImport &n) {
  Value x = n.in(0), w = n.in(1);
  int64_t spatial = int64_t(n.shape(x).drop_front(2).size());
  Integers kernel(n.shape(w).drop_front(2)), ones(spatial, 1), zeros(spatial, 0);
  if (llvm::is_contained(kernel, ShapedType::kDynamic))
    return n.fail("the kernel's size must be known when compiling");
  auto strides = n.windowIntegers("strides").value_or(ones), dilations = n.windowIntegers("dilations").value_or(ones);
  auto extra = n.windowIntegers("output_padding").value_or(zeros);
  auto wanted = n.windowIntegers("output_shape");
  Integers pads = n.windowIntegers("pads").value_or(Integers(2 * spatial, 0));
  std::string mode = n.string("auto_pad", "NOTSET");
  if (mode == "VALID")
    pads.assign(2 * spatial, 0);
  bool same = mode == "SAME_UPPER" || mode == "SAME_LOWER";
  for (int64_t i = 0; i < spatial && (wanted || same); ++i) {
    int64_t in = n.shape(x)[i + 2];
    if (!llvm::isInt<32>(in))
      return n.fail("output_shape and auto_pad need static spatial dims of 32 bits", "give pads");
    int64_t out = wanted ? (*wanted)[wanted->size() - spatial + i] : in * strides[i];
    int64_t total = strides[i] * (in - 1) + extra[i] + (kernel[i] - 1) * dilations[i] + 1 - out;
    int64_t smaller = llvm::divideFloorSigned(total, 2);
    pads[i] = mode == "SAME_UPPER" ? smaller : total - smaller;
    pads[i + spatial] = total - pads[i];
  }
  for (int64_t i = 0; i < spatial; ++i)
    x = spread(n, x, i + 2, strides[i]);
  // What is cropped of the result is less padding of the spread input; more than all of it is cut off after.
  Integers around(2 * spatial), cut(2 * spatial, 0);
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t reach = dilations[i] * (kernel[i] - 1);
    around[i] = reach - pads[i];
    around[i + spatial] = reach - pads[i + spatial] + extra[i];
    for (int64_t side : {i, i + spatial})
      if (around[side] < 0) {
        cut[side] = -around[side];
        around[side] = 0;
      }
  }
  int64_t groups = n.integer("group", 1);
  Value y = n.make<tf::ConvOp>(x, turned(n, w, groups), n.in(2), ones, around, dilations, groups);
  for (int64_t i = 0; i < spatial; ++i)
    if (cut[i] || cut[i + spatial])
      y = n.slice(y, i + 2, n.size(cut[i]), n.sizes.sub(n.loc, n.dims(y)[i + 2], n.size(cut[i] + cut[i + spatial])));
  n.out(0, y);
  return success();
}

//===-- GridSample ---------------------------------------------------------===//

class Sampler {
public:
  Sampler(NodeImport &n, Value x, Value grid) : n(n), x(x), e(n.element(grid)) {}

  std::string mode, padding;
  bool aligned = false;

  LogicalResult run(Value grid);

private:
  /// Where along a dim, how much each counts, and whether it is in the input.
  struct Tap {
    Value position, weight, inside;
  };
  Value add(Value a, Value b) { return n.binary(BinaryKind::add, a, b); }
  Value sub(Value a, Value b) { return n.binary(BinaryKind::sub, a, b); }
  Value mul(Value a, Value b) { return n.binary(BinaryKind::mul, a, b); }
  Value number(double value) { return n.scalar(e, value); }
  Value real(Dim dim) { return n.number(dim, e); }
  Value between(Value v, Value low, Value high) {
    return n.binary(BinaryKind::min, n.binary(BinaryKind::max, v, low), high);
  }
  Value reflected(Value v, Value size);
  Value coordinate(Value v, Value size);
  SmallVector<Tap> taps(Value at, Value size);

  NodeImport &n;
  Value x;
  Type e;
};

/// Back and forth between the borders (the centres or the edges of the outer elements).
Value Sampler::reflected(Value v, Value size) {
  Value low = number(aligned ? 0 : -0.5), width = aligned ? sub(size, number(1)) : size;
  Value safe = n.binary(BinaryKind::max, width, number(1e-6)), period = mul(safe, number(2));
  Value distance = n.unary(UnaryKind::abs, sub(v, low));
  Value turns = n.unary(UnaryKind::floor, n.binary(BinaryKind::div, distance, period));
  Value rest = sub(distance, mul(turns, period));
  return add(low, n.binary(BinaryKind::min, rest, sub(period, rest)));
}

Value Sampler::coordinate(Value v, Value size) {
  Value one = number(1), half = number(0.5);
  Value at = aligned ? mul(mul(add(v, one), half), sub(size, one)) : mul(sub(mul(add(v, one), size), one), half);
  if (mode == "nearest")
    at = n.unary(UnaryKind::round, at);
  if (padding == "border")
    return between(at, number(0), sub(size, one));
  return padding == "reflection" ? reflected(at, size) : at;
}

SmallVector<Sampler::Tap> Sampler::taps(Value at, Value size) {
  SmallVector<Tap> taps;
  Value one = number(1), last = sub(size, one), zero = number(0);
  Value base = mode == "nearest" ? n.unary(UnaryKind::round, at) : n.unary(UnaryKind::floor, at), t = sub(at, base);
  if (mode == "nearest") {
    taps.push_back({base, Value(), Value()});
  } else if (mode == "linear") {
    taps.push_back({base, sub(one, t), Value()});
    taps.push_back({add(base, one), t, Value()});
  } else {
    constexpr double a = -0.75;
    auto near = [&](Value d) { return add(mul(mul(sub(mul(number(a + 2), d), number(a + 3)), d), d), one); };
    auto far = [&](Value d) {
      Value p = add(mul(sub(mul(number(a), d), number(5 * a)), d), number(8 * a));
      return sub(mul(p, d), number(4 * a));
    };
    Value weights[] = {far(add(t, one)), near(t), near(sub(one, t)), far(sub(number(2), t))};
    for (int i = 0; i < 4; ++i)
      taps.push_back({add(base, number(i - 1)), weights[i], Value()});
  }
  for (Tap &tap : taps) {
    if (padding == "zeros")
      tap.inside = n.binary(BinaryKind::and_, n.compare(CompareKind::ge, tap.position, zero),
                            n.compare(CompareKind::le, tap.position, last));
    else if (padding == "reflection")
      tap.position = reflected(tap.position, size);
    tap.position = n.cast(between(tap.position, zero, last), n.builder.getI64Type());
  }
  return taps;
}

LogicalResult Sampler::run(Value grid) {
  Dims in = n.dims(x), at = n.dims(grid);
  int64_t spatial = in.size() - 2;
  Type i64 = n.builder.getI64Type();
  // [N, P, C] to be gathered from, by [N, O, 1].
  Dim positions = n.sizes.product(n.loc, in.drop_front(2));
  Dim outputs = n.sizes.product(n.loc, Dims(at.drop_front()).drop_back());
  Value table = n.transpose(n.reshape(x, {in[0], in[1], positions}), {0, 2, 1});
  Value points = n.reshape(grid, {at[0], outputs, at.back()});
  SmallVector<SmallVector<Tap>> all;
  SmallVector<Value> strides;
  for (int64_t i = 0; i < spatial; ++i) {
    // The last coordinate is of the first spatial dim.
    Value v = n.slice(points, 2, n.size(spatial - 1 - i), n.size(1)), size = real(in[i + 2]);
    all.push_back(taps(coordinate(v, size), size));
    Dim stride = n.sizes.product(n.loc, in.drop_front(3 + i));
    strides.push_back(n.reshape(n.fromSizes({stride}, RankedTensorType::get({1}, i64)), {}));
  }
  Value sum;
  SmallVector<size_t> chosen(spatial, 0);
  for (bool more = true; more;) {
    Value index, weight, inside;
    for (int64_t i = 0; i < spatial; ++i) {
      const Tap &tap = all[i][chosen[i]];
      Value step = mul(tap.position, strides[i]);
      index = index ? add(index, step) : step;
      if (tap.weight)
        weight = weight ? mul(weight, tap.weight) : tap.weight;
      if (tap.inside)
        inside = inside ? n.binary(BinaryKind::and_, inside, tap.inside) : tap.inside;
    }
    Value found = n.make<tf::GatherNDOp>(table, index, 1);
    if (inside)
      found = n.select(inside, found, n.scalar(n.element(x), 0));
    if (weight)
      found = mul(found, n.cast(weight, n.element(x)));
    sum = sum ? add(sum, found) : found;
    more = false;
    for (int64_t i = 0; i < spatial && !more; ++i) {
      more = ++chosen[i] < all[i].size();
      chosen[i] = more ? chosen[i] : 0;
    }
  }
  Dims out = {in[0], in[1]};
  out.append(at.begin() + 1, at.end() - 1);
  n.out(0, n.reshape(n.transpose(sum, {0, 2, 1}), out));
  return success();
}

LogicalResult gridSample(NodeImport &n) {
  Value x = n.in(0), grid = n.in(1);
  if (n.rank(x) < 3 || n.rank(grid) != n.rank(x))
    return n.fail("input and grid must be of one rank, 3 or more");
  Sampler sampler(n, x, grid);
  sampler.mode = n.string("mode", n.opset >= 20 ? "linear" : "bilinear");
  if (sampler.mode == "bilinear")
    sampler.mode = "linear";
  if (sampler.mode == "bicubic")
    sampler.mode = "cubic";
  sampler.padding = n.string("padding_mode", "zeros");
  sampler.aligned = n.integer("align_corners", 0) != 0;
  if (!llvm::is_contained({"linear", "nearest", "cubic"}, sampler.mode) ||
      !llvm::is_contained({"zeros", "border", "reflection"}, sampler.padding))
    return n.fail("mode '" + sampler.mode + "' with padding_mode '" + sampler.padding + "' is not supported");
  return sampler.run(grid);
}

//===-- LRN ----------------------------------------------------------------===//

LogicalResult lrn(NodeImport &n) {
  Value x = n.in(0);
  Dims in = n.dims(x), padded = in, low(in.size(), n.size(0));
  constexpr int64_t mostTerms = 256; // one operation each; networks have 5
  int64_t size = n.integer("size", 1), before = (size - 1) / 2;
  if (size < 1 || size > mostTerms)
    return n.fail("size = " + Twine(size) + " is not supported", "sizes from 1 to 256 are");
  low[1] = n.size(before);
  padded[1] = n.sizes.add(n.loc, in[1], n.size(size - 1));
  Value squares = n.pad(tf::PadMode::constant, n.binary(BinaryKind::mul, x, x), Value(), low, padded), sum;
  for (int64_t i = 0; i < size; ++i) {
    Value part = n.slice(squares, 1, n.size(i), in[1]);
    sum = sum ? n.binary(BinaryKind::add, sum, part) : part;
  }
  Type e = n.element(x);
  Value scaled = n.binary(BinaryKind::mul, sum, n.scalar(e, n.real("alpha", 1e-4f) / static_cast<double>(size)));
  Value base = n.binary(BinaryKind::add, scaled, n.scalar(e, n.real("bias", 1.0f)));
  n.out(0, n.binary(BinaryKind::div, x, n.binary(BinaryKind::pow, base, n.scalar(e, n.real("beta", 0.75f)))));
  return success();
}
} // namespace

void transom::addSamplingRules(RuleTable &rules) {
  rules["ConvTranspose"] = convTranspose;
  rules["GridSample"] = gridSample;
  rules["LRN"] = lrn;
}
