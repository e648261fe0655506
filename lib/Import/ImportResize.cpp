//===- ImportResize.cpp - Resize, Upsample --------------------------------===//
//
// Interpolation by a few neighbours is one op. With antialias many input
// elements make one: for static dims that is a product with a matrix of the
// weights, dim by dim.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using tf::Dim;

namespace {
/// What a Resize says of each dim of its input.
struct Form {
  SmallVector<float> scales; ///< 0: the ratio of the sizes
  Dims to;
  SmallVector<float> roi; ///< starts, then ends; or empty
  std::string mode, coordinates, nearest;
  float cubic = -0.75f, extrapolation = 0;
  bool excludeOutside = false;
};

LogicalResult make(NodeImport &n, Value x, const Form &form) {
  SmallVector<Value> moving;
  for (Dim dim : form.to)
    if (!tf::SizeArith::asConstant(dim))
      moving.push_back(n.sizes.value(n.loc, dim));
  auto roi = form.roi.empty() ? DenseF32ArrayAttr() : n.builder.getDenseF32ArrayAttr(form.roi);
  auto op = tf::ResizeOp::create(n.builder, n.loc, n.typeFor(form.to, n.element(x)), x, moving, form.mode,
                                 form.coordinates, form.nearest, form.scales, llvm::APFloat(form.cubic),
                                 form.excludeOutside, roi, llvm::APFloat(form.extrapolation));
  n.out(0, op);
  return success();
}

//===-- Antialias ----------------------------------------------------------===//

double coefficient(StringRef mode, double x, double a) {
  x = std::abs(x);
  if (mode == "linear")
    return std::max(0.0, 1 - x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0.0;
}

/// Where a result position lies in the input; as the op's kernel has it.
double coordinate(const Form &form, double at, double scale, int64_t in, int64_t out) {
  double halfPixel = (at + 0.5) / scale - 0.5, length = scale * in;
  if (form.coordinates == "asymmetric")
    return at / scale;
  if (form.coordinates == "pytorch_half_pixel")
    return length == 1 ? -0.5 : halfPixel;
  if (form.coordinates == "align_corners")
    return length == 1 ? 0.0 : at * (in - 1) / (length - 1);
  if (form.coordinates == "half_pixel_symmetric")
    return in / 2.0 * (1 - out / length) + halfPixel;
  return halfPixel;
}

/// [in, out]: how much each input element counts in each result.
std::vector<float> weights(const Form &form, double scale, int64_t in, int64_t out) {
  std::vector<float> matrix(in * out, 0.0f);
  double narrow = std::min(scale, 1.0); // only shrinking is filtered
  int64_t reach = form.mode == "linear" ? 1 : 2;
  for (int64_t column = 0; column < out; ++column) {
    double x = coordinate(form, column, scale, in, out), base = std::floor(x), ratio = x == base ? 1.0 : x - base;
    int64_t first = static_cast<int64_t>(std::floor(-reach / narrow)) + 1, last = 2 - first;
    // The element left of x has number 0; with a whole x it is the one before.
    int64_t left = static_cast<int64_t>(x == base ? base - 1 : base);
    std::vector<double> row(in, 0.0);
    double total = 0;
    for (int64_t i = first; i < last; ++i) {
      int64_t position = left + i;
      if (form.excludeOutside && (position < 0 || position >= in))
        continue;
      double weight = coefficient(form.mode, narrow * (i - ratio), form.cubic);
      row[std::clamp<int64_t>(position, 0, in - 1)] += weight;
      total += weight;
    }
    for (int64_t i = 0; i < in; ++i)
      matrix[i * out + column] = static_cast<float>(row[i] / total);
  }
  return matrix;
}

LogicalResult filtered(NodeImport &n, Value x, const Form &form) {
  if (!form.roi.empty())
    return n.fail("antialias with tf_crop_and_resize is not supported", "crop before resizing");
  Type element = n.element(x), f32 = n.builder.getF32Type();
  Value y = n.cast(x, f32);
  int64_t rank = n.rank(x);
  for (int64_t axis = 0; axis < rank; ++axis) {
    auto in = tf::SizeArith::asConstant(n.dims(x)[axis]), out = tf::SizeArith::asConstant(form.to[axis]);
    if (n.dims(x)[axis] == form.to[axis] && (form.scales[axis] == 0 || form.scales[axis] == 1))
      continue;
    if (!in || !out || *in == 0)
      return n.fail("antialias needs static sizes of the dims it resizes", "make these dims static");
    double scale = form.scales[axis] > 0 ? form.scales[axis] : static_cast<double>(*out) / *in;
    auto type = RankedTensorType::get({*in, *out}, f32);
    std::vector<float> matrix = weights(form, scale, *in, *out);
    Value factors =
        tf::ConstantOp::create(n.builder, n.loc, type, DenseElementsAttr::get(type, ArrayRef<float>(matrix)));
    if (rank == 1) {
      y = n.squeeze(n.matmul(n.unsqueeze(y, {0}), factors), {0});
      continue;
    }
    Integers perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(perm[axis], perm.back());
    y = n.transpose(n.matmul(n.transpose(y, perm), factors), perm);
  }
  n.out(0, n.cast(y, element));
  return success();
}

//===-- Sizes and scales ---------------------------------------------------===//

/// floor(dim * scale), exactly where the scale is a whole number or 1 / one.
FailureOr<Dim> scaled(NodeImport &n, Dim dim, float scale) {
  if (auto known = tf::SizeArith::asConstant(dim))
    return n.size(static_cast<int64_t>(std::floor(static_cast<double>(*known) * scale)));
  if (scale == std::floor(scale))
    return n.sizes.mul(n.loc, dim, n.size(static_cast<int64_t>(scale)));
  // As a fraction of 2^20ths or of a small whole number.
  for (int64_t below : {2, 3, 4, 5, 6, 7, 8, 10, 14, 16, 32, 100, 1 << 20}) {
    double above = std::round(static_cast<double>(scale) * below);
    if (static_cast<float>(above / below) == scale)
      return n.sizes.floorDiv(n.loc, n.sizes.mul(n.loc, dim, n.size(static_cast<int64_t>(above))), n.size(below));
  }
  (void)n.fail("a scale of " + Twine(std::to_string(scale)) + " of a dynamic dim is no simple fraction",
               "give the sizes, or make the dim static");
  return failure();
}

/// Both sizes by the same factor; as ONNX rounds: half up.
LogicalResult keepAspect(NodeImport &n, Form &form, Value x, ArrayRef<int64_t> axes, bool larger) {
  double factor = 0;
  for (int64_t axis : axes) {
    auto in = tf::SizeArith::asConstant(n.dims(x)[axis]), out = tf::SizeArith::asConstant(form.to[axis]);
    if (!in || !out || !*in)
      return n.fail("keep_aspect_ratio_policy needs static sizes", "give the sizes to stretch to");
    double ratio = static_cast<double>(*out) / *in;
    factor = factor == 0 ? ratio : larger ? std::max(factor, ratio) : std::min(factor, ratio);
  }
  for (int64_t axis : axes) {
    int64_t in = *tf::SizeArith::asConstant(n.dims(x)[axis]);
    form.to[axis] = n.size(static_cast<int64_t>(std::floor(factor * in + 0.5)));
    form.scales[axis] = static_cast<float>(factor);
  }
  return success();
}

LogicalResult resize(NodeImport &n) {
  Value x = n.in(0);
  int64_t rank = n.rank(x);
  bool old = n.opset < 11; // Resize 10: no roi, no sizes, coordinates as Upsample's
  Form form;
  form.mode = n.string("mode", "nearest");
  form.coordinates = n.string("coordinate_transformation_mode", old ? "asymmetric" : "half_pixel");
  form.nearest = n.string("nearest_mode", old ? "floor" : "round_prefer_floor");
  form.cubic = n.real("cubic_coeff_a", -0.75f);
  form.extrapolation = n.real("extrapolation_value", 0.0f);
  form.excludeOutside = n.integer("exclude_outside", 0) != 0;
  if (form.mode == "bilinear" || form.mode == "trilinear")
    form.mode = "linear";
  form.scales.assign(rank, 0.0f);
  form.to = n.dims(x);

  Integers axes;
  for (int64_t axis : n.integers("axes").value_or(llvm::to_vector(llvm::seq<int64_t>(0, rank)))) {
    auto good = n.axis(axis, rank);
    if (failed(good))
      return failure();
    axes.push_back(*good);
  }
  auto empty = [&](size_t i) { return !n.has(i) || (n.type(i).hasStaticShape() && n.type(i).getNumElements() == 0); };
  size_t scalesAt = old ? 1 : 2;
  if (form.coordinates == "tf_crop_and_resize") {
    auto roi = empty(1) ? std::nullopt : n.constantFloats(1);
    if (!roi || roi->size() != 2 * axes.size())
      return n.fail("tf_crop_and_resize needs a roi that is known when compiling, a start and an end for each axis");
    form.roi.assign(rank, 0.0f);
    form.roi.append(rank, 1.0f);
    for (auto [i, axis] : llvm::enumerate(axes)) {
      form.roi[axis] = (*roi)[i];
      form.roi[rank + axis] = (*roi)[axes.size() + i];
    }
  }
  if (!empty(scalesAt) || n.hasAttr("scales")) {
    SmallVector<double> scales;
    if (const auto *attribute = n.attr("scales")) // Upsample 7
      scales.assign(attribute->floats().begin(), attribute->floats().end());
    else if (auto known = n.constantFloats(scalesAt))
      scales = *known;
    else
      return n.fail("scales must be known when compiling", "give the sizes instead");
    if (scales.size() != axes.size())
      return n.fail("there are " + Twine(scales.size()) + " scales for " + Twine(axes.size()) + " axes");
    for (auto [scale, axis] : llvm::zip_equal(scales, axes)) {
      if (!(scale > 0))
        return n.fail("a scale is not positive");
      auto size = scaled(n, form.to[axis], scale);
      if (failed(size))
        return failure();
      form.to[axis] = *size;
      form.scales[axis] = scale;
    }
  } else if (!old && !empty(3)) {
    auto sizes = n.sizesOf(3);
    if (failed(sizes))
      return failure();
    if (sizes->size() != axes.size())
      return n.fail("there are " + Twine(sizes->size()) + " sizes for " + Twine(axes.size()) + " axes");
    for (auto [size, axis] : llvm::zip_equal(*sizes, axes))
      form.to[axis] = size;
    std::string policy = n.string("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch" && failed(keepAspect(n, form, x, axes, policy == "not_smaller")))
      return failure();
  } else {
    return n.fail("neither scales nor sizes are given");
  }
  if (n.integer("antialias", 0) && form.mode != "nearest")
    return filtered(n, x, form);
  return make(n, x, form);
}
} // namespace

void transom::addResizeRules(RuleTable &rules) { rules["Resize"] = rules["Upsample"] = resize; }
