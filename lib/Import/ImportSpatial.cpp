//===- ImportSpatial.cpp - Conv and pooling -------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::Dims;

namespace {
/// Begins then ends; auto_pad resolved for static spatial dims.
FailureOr<SmallVector<int64_t>> padsOf(NodeImport &n, Value x, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                                       ArrayRef<int64_t> dilations) {
  size_t spatial = kernel.size();
  std::string mode = n.string("auto_pad", "NOTSET");
  SmallVector<int64_t> pads = n.integers("pads").value_or(SmallVector<int64_t>(2 * spatial, 0));
  if (mode == "NOTSET" || mode.empty())
    return pads;
  pads.assign(2 * spatial, 0);
  if (mode == "VALID")
    return pads;
  for (size_t i = 0; i < spatial; ++i) {
    int64_t in = n.typeOf(x).getDimSize(i + 2);
    if (ShapedType::isDynamic(in)) {
      (void)n.fail("auto_pad " + mode + " needs static spatial dims", "give pads");
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
  Value x = n.in(0), w = n.in(1);
  int64_t spatial = n.rank(x) - 2;
  SmallVector<int64_t> kernel(n.typeOf(w).getShape().drop_front(2));
  if (llvm::is_contained(kernel, ShapedType::kDynamic))
    return n.fail("the kernel's size must be known when compiling");
  auto strides = n.integers("strides").value_or(SmallVector<int64_t>(spatial, 1));
  auto dilations = n.integers("dilations").value_or(SmallVector<int64_t>(spatial, 1));
  auto pads = padsOf(n, x, kernel, strides, dilations);
  if (failed(pads))
    return failure();
  n.out(0, n.make<tf::ConvOp>(x, w, n.in(2), strides, *pads, dilations, n.integer("group", 1)));
  return success();
}

template <tf::ReduceKind kind> LogicalResult pool(NodeImport &n) {
  if (n.wants(1))
    return n.fail("output Indices is not supported");
  Value x = n.in(0);
  auto kernel = n.integers("kernel_shape");
  if (!kernel)
    return n.fail("kernel_shape is missing");
  SmallVector<int64_t> ones(kernel->size(), 1);
  auto strides = n.integers("strides").value_or(ones), dilations = n.integers("dilations").value_or(ones);
  auto pads = padsOf(n, x, *kernel, strides, dilations);
  if (failed(pads))
    return failure();
  n.out(0, n.make<tf::PoolOp>(kind, x, *kernel, strides, *pads, dilations, n.integer("count_include_pad", 0) != 0,
                              n.integer("ceil_mode", 0) != 0));
  return success();
}

/// (sum of |x|^p)^(1/p) over windows.
LogicalResult lpPool(NodeImport &n) {
  Value x = n.in(0);
  auto kernel = n.integers("kernel_shape");
  if (!kernel)
    return n.fail("kernel_shape is missing");
  SmallVector<int64_t> ones(kernel->size(), 1);
  auto strides = n.integers("strides").value_or(ones), dilations = n.integers("dilations").value_or(ones);
  auto pads = padsOf(n, x, *kernel, strides, dilations);
  if (failed(pads))
    return failure();
  Type e = n.element(x);
  double p = n.integer("p", 2);
  Value powers = n.binary(tf::BinaryKind::pow, n.unary(tf::UnaryKind::abs, x), n.scalar(e, p));
  Value sum = n.make<tf::PoolOp>(tf::ReduceKind::sum, powers, *kernel, strides, *pads, dilations, false,
                                 n.integer("ceil_mode", 0) != 0);
  n.out(0, n.binary(tf::BinaryKind::pow, sum, n.scalar(e, 1 / p)));
  return success();
}

template <tf::ReduceKind kind> LogicalResult globalPool(NodeImport &n) {
  Value x = n.in(0);
  SmallVector<int64_t> axes;
  for (int64_t i = 2; i < n.rank(x); ++i)
    axes.push_back(i);
  n.out(0, n.reduce(kind, x, axes));
  return success();
}
} // namespace

void transom::addSpatialRules(RuleTable &rules) {
  rules["Conv"] = conv;
  rules["MaxPool"] = pool<tf::ReduceKind::max>;
  rules["AveragePool"] = pool<tf::ReduceKind::mean>;
  rules["LpPool"] = lpPool;
  rules["GlobalAveragePool"] = globalPool<tf::ReduceKind::mean>;
  rules["GlobalMaxPool"] = globalPool<tf::ReduceKind::max>;
}
