//===- ImportSpatial.cpp - Conv and pooling -------------------------------===//

#include "Patches.h"
#include <cmath>

using namespace mlir;
using namespace transom;

namespace {
/// Begins then ends; auto_pad resolved for static spatial dims.
FailureOr<Integers> padsOf(NodeImport &n, Value x, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                           ArrayRef<int64_t> dilations) {
  size_t spatial = kernel.size();
  std::string mode = n.string("auto_pad", "NOTSET");
  Integers pads = n.windowIntegers("pads").value_or(Integers(2 * spatial, 0));
  if (mode == "NOTSET" || mode.empty())
    return pads;
  pads.assign(2 * spatial, 0);
  if (mode == "VALID")
    return pads;
  for (size_t i = 0; i < spatial; ++i) {
    int64_t in = n.shape(x)[i + 2];
    if (!llvm::isInt<32>(in)) {
      (void)n.fail("auto_pad " + mode + " needs static spatial dims of 32 bits", "give pads");
      return failure();
    }
    int64_t out = (in + strides[i] - 1) / strides[i];
    int64_t total = std::max<int64_t>(0, (out - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - in);
    pads[mode == "SAME_UPPER" ? i : i + spatial] = total / 2;
    pads[mode == "SAME_UPPER" ? i + spatial : i] = total - total / 2;
  }
  return pads;
}

LogicalResult conv(NodeImport &n) {
  auto y = convolve(n, n.in(0), n.in(1), n.in(2));
  if (failed(y))
    return failure();
  n.out(0, *y);
  return success();
}

/// Where in the input each largest element lies: all that a window reads, and
/// the position of the largest.
Value poolIndices(NodeImport &n, Value x, Value pooled, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                  ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  size_t spatial = kernel.size();
  Dims in = n.dims(x), out = n.dims(pooled);
  ArrayRef<Dim> image = in.drop_front(2), positions = out.drop_front(2);
  SmallVector<Value> along;
  int64_t taps = 1;
  for (size_t i = 0; i < spatial; ++i) {
    along.push_back(windowPositions(n, spatial, i, positions[i], n.size(kernel[i]), n.size(strides[i]),
                                    n.size(dilations[i]), n.size(pads[i])));
    taps *= kernel[i];
  }
  Positions at = joinPositions(n, along, image);
  Type e = n.element(x), i64 = n.builder.getI64Type();
  Dim pixels = n.sizes.product(n.loc, image), count = n.sizes.product(n.loc, positions), one = n.size(1);
  Value zero = n.scalar(i64, 0), inside = n.reshape(at.inside, {count, n.size(taps)});
  auto table = [&](Value flat) { return n.reshape(n.select(at.inside, flat, zero), {count, n.size(taps)}); };
  Value index = table(at.flat);
  Value read = n.gather(n.reshape(x, {in[0], in[1], pixels}), index, 2);
  double least = isa<FloatType>(e)       ? -std::numeric_limits<double>::infinity()
                 : e.isUnsignedInteger() ? 0
                                         : -std::ldexp(1.0, e.getIntOrFloatBitWidth() - 1);
  read = n.select(inside, read, n.scalar(e, least));
  Value best = n.make<tf::ArgReduceOp>(tf::ReduceKind::max, read, 3, true, false);
  if (n.integer("storage_order", 0))
    index = table(joinPositions(n, along, image, /*columnMajor=*/true).flat);
  Value spread = n.broadcast(index, {in[0], in[1], count, n.size(taps)});
  Value found = n.make<tf::GatherElementsOp>(spread, best, 3);
  // Planes one after the other.
  Dim planes = n.sizes.mul(n.loc, in[0], in[1]);
  Value first = n.binary(tf::BinaryKind::mul, n.iota(planes, i64), n.number(pixels, i64));
  found = n.binary(tf::BinaryKind::add, n.reshape(found, {planes, count}), n.reshape(first, {planes, one}));
  return n.reshape(found, out);
}

/// The windows that a pooling node reads, whatever it makes of them.
struct PoolWindows {
  Integers kernel, strides, dilations, pads;
};

FailureOr<PoolWindows> poolWindows(NodeImport &n, Value x) {
  auto kernel = n.windowIntegers("kernel_shape");
  if (!kernel)
    return n.fail("kernel_shape is missing");
  Integers ones(kernel->size(), 1);
  auto strides = n.windowIntegers("strides").value_or(ones), dilations = n.windowIntegers("dilations").value_or(ones);
  auto pads = padsOf(n, x, *kernel, strides, dilations);
  if (failed(pads))
    return failure();
  return PoolWindows{*kernel, strides, dilations, *pads};
}

template <tf::ReduceKind kind> LogicalResult pool(NodeImport &n) {
  Value x = n.in(0);
  auto windows = poolWindows(n, x);
  if (failed(windows))
    return failure();
  Value y = n.make<tf::PoolOp>(kind, x, windows->kernel, windows->strides, windows->pads, windows->dilations,
                               n.integer("count_include_pad", 0) != 0, n.integer("ceil_mode", 0) != 0);
  n.out(0, y);
  if (n.wants(1))
    n.out(1, poolIndices(n, x, y, windows->kernel, windows->strides, windows->pads, windows->dilations));
  return success();
}

/// (sum of |x|^p)^(1/p) over windows.
LogicalResult lpPool(NodeImport &n) {
  Value x = n.in(0);
  auto windows = poolWindows(n, x);
  if (failed(windows))
    return failure();
  Type e = n.element(x);
  double p = n.integer("p", 2);
  Value powers = n.binary(tf::BinaryKind::pow, n.unary(tf::UnaryKind::abs, x), n.scalar(e, p));
  Value sum = n.make<tf::PoolOp>(tf::ReduceKind::sum, powers, windows->kernel, windows->strides, windows->pads,
                                 windows->dilations, false, n.integer("ceil_mode", 0) != 0);
  n.out(0, n.binary(tf::BinaryKind::pow, sum, n.scalar(e, 1 / p)));
  return success();
}

template <tf::ReduceKind kind> LogicalResult globalPool(NodeImport &n) {
  Value x = n.in(0);
  Integers axes;
  for (int64_t i = 2; i < n.rank(x); ++i)
    axes.push_back(i);
  n.out(0, n.reduce(kind, x, axes));
  return success();
}
} // namespace

FailureOr<Value> transom::convolve(NodeImport &n, Value x, Value w, Value bias) {
  int64_t spatial = int64_t(n.shape(x).drop_front(2).size());
  Integers kernel(n.shape(w).drop_front(2));
  if (llvm::is_contained(kernel, ShapedType::kDynamic)) {
    (void)n.fail("the kernel's size must be known when compiling");
    return failure();
  }
  auto strides = n.windowIntegers("strides").value_or(Integers(spatial, 1));
  auto dilations = n.windowIntegers("dilations").value_or(Integers(spatial, 1));
  auto pads = padsOf(n, x, kernel, strides, dilations);
  if (failed(pads))
    return failure();
  return n.make<tf::ConvOp>(x, w, bias, strides, *pads, dilations, n.integer("group", 1));
}

void transom::addSpatialRules(RuleTable &rules) {
  rules["Conv"] = conv;
  rules["MaxPool"] = pool<tf::ReduceKind::max>;
  rules["AveragePool"] = pool<tf::ReduceKind::mean>;
  rules["LpPool"] = lpPool;
  rules["GlobalAveragePool"] = globalPool<tf::ReduceKind::mean>;
  rules["GlobalMaxPool"] = globalPool<tf::ReduceKind::max>;
}
