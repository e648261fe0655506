//===- ImportNorms.cpp - normalisation operators --------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {
/// The statistics that a norm gives beside its result, in f32 (in f64 where it
/// is what comes in), for training: the mean (null: taken as 0) and 1 / deviation.
void outStatistics(NodeImport &n, Value x, int64_t axis, std::optional<size_t> meanOutput, size_t deviationOutput) {
  Type e = n.element(x).isF64() ? n.element(x) : Type(n.builder.getF32Type());
  auto axes = llvm::to_vector(llvm::seq<int64_t>(axis, n.rank(x)));
  x = n.cast(x, e);
  if (meanOutput) {
    Value mean = n.reduce(ReduceKind::mean, x, axes);
    n.out(*meanOutput, mean);
    x = n.binary(BinaryKind::sub, x, mean);
  }
  Value variance = n.reduce(ReduceKind::mean, n.binary(BinaryKind::mul, x, x), axes);
  variance = n.binary(BinaryKind::add, variance, n.scalar(e, n.real("epsilon", 1e-5f)));
  n.out(deviationOutput, n.unary(UnaryKind::reciprocal, n.unary(UnaryKind::sqrt, variance)));
}

LogicalResult layerNorm(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", -1), n.rank(x));
  if (failed(axis))
    return failure();
  if (n.wants(1) || n.wants(2))
    outStatistics(n, x, *axis, 1, 2);
  n.out(0, n.make<tf::LayerNormOp>(x, n.in(1), n.in(2), *axis, llvm::APFloat(n.real("epsilon", 1e-5f))));
  return success();
}

LogicalResult rmsNorm(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", -1), n.rank(x));
  if (failed(axis))
    return failure();
  if (n.wants(1))
    outStatistics(n, x, *axis, std::nullopt, 1);
  n.out(0, n.make<tf::RMSNormOp>(x, n.in(1), *axis, llvm::APFloat(n.real("epsilon", 1e-5f))));
  return success();
}

/// [C] as [1, C, 1, ...]: per channel of [N, C, D...].
Value perChannel(NodeImport &n, Value x, int64_t rank) {
  Dims shape(rank, n.size(1));
  shape[1] = n.dims(x)[0];
  return n.reshape(x, shape);
}

LogicalResult batchNorm(NodeImport &n) {
  if (n.integer("training_mode", 0))
    return n.fail("training mode is not supported", "export the model for inference");
  Value x = n.in(0);
  int64_t rank = n.rank(x);
  Value variance = n.in(4);
  Value spread = n.unary(UnaryKind::sqrt,
                         n.binary(BinaryKind::add, variance, n.scalar(n.element(variance), n.real("epsilon", 1e-5f))));
  Value factor = n.binary(BinaryKind::div, n.in(1), spread);
  Value centred = n.binary(BinaryKind::sub, x, perChannel(n, n.in(3), rank));
  Value scaled = n.binary(BinaryKind::mul, centred, perChannel(n, factor, rank));
  n.out(0, n.binary(BinaryKind::add, scaled, perChannel(n, n.in(2), rank)));
  return success();
}

/// Statistics of each of `groups` groups of channels: reshape so that a group
/// is what a layer norm over the last dims sees.
Value grouped(NodeImport &n, Value x, Dim groups, float epsilon) {
  Dims in = n.dims(x);
  Dim rest = n.sizes.floorDiv(n.loc, n.sizes.product(n.loc, in.drop_front()), groups);
  Value rows = n.reshape(x, {in[0], groups, rest});
  return n.reshape(n.make<tf::LayerNormOp>(rows, Value(), Value(), 2, llvm::APFloat(epsilon)), in);
}

LogicalResult instanceNorm(NodeImport &n) {
  Value x = n.in(0);
  int64_t rank = n.rank(x);
  Value y = grouped(n, x, n.dims(x)[1], n.real("epsilon", 1e-5f));
  y = n.binary(BinaryKind::mul, y, perChannel(n, n.in(1), rank));
  n.out(0, n.binary(BinaryKind::add, y, perChannel(n, n.in(2), rank)));
  return success();
}

LogicalResult groupNorm(NodeImport &n) {
  Value x = n.in(0);
  int64_t rank = n.rank(x), groups = n.integer("num_groups", 1);
  Value y = grouped(n, x, n.size(groups), n.real("epsilon", 1e-5f)), scale = n.in(1), bias = n.in(2);
  if (n.opset < 21) { // one factor a group
    auto spread = [&](Value v) {
      Dim each = n.sizes.floorDiv(n.loc, n.dims(x)[1], n.size(groups));
      Value wide = n.broadcast(n.unsqueeze(v, {1}), {n.size(groups), each});
      return n.reshape(wide, {n.dims(x)[1]});
    };
    scale = spread(scale);
    bias = spread(bias);
  }
  y = n.binary(BinaryKind::mul, y, perChannel(n, scale, rank));
  n.out(0, n.binary(BinaryKind::add, y, perChannel(n, bias, rank)));
  return success();
}

LogicalResult lpNorm(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", -1), n.rank(x));
  if (failed(axis))
    return failure();
  bool first = n.integer("p", 2) == 1;
  Value sum = n.reduce(ReduceKind::sum, first ? n.unary(UnaryKind::abs, x) : n.binary(BinaryKind::mul, x, x), {*axis});
  Value norm = first ? sum : n.unary(UnaryKind::sqrt, sum);
  // Zero stays zero (ONNX says so since opset 22).
  Value zero = n.compare(tf::CompareKind::eq, norm, n.scalar(n.element(x), 0));
  n.out(0, n.binary(BinaryKind::div, x, n.select(zero, n.scalar(n.element(x), 1), norm)));
  return success();
}

LogicalResult meanVariance(NodeImport &n) {
  Value x = n.in(0);
  Integers axes = n.integers("axes").value_or(Integers{0, 2, 3});
  Value centred = n.binary(BinaryKind::sub, x, n.reduce(ReduceKind::mean, x, axes));
  Value variance = n.reduce(ReduceKind::mean, n.binary(BinaryKind::mul, centred, centred), axes);
  Value spread = n.binary(BinaryKind::add, n.unary(UnaryKind::sqrt, variance), n.scalar(n.element(x), 1e-9));
  n.out(0, n.binary(BinaryKind::div, centred, spread));
  return success();
}
} // namespace

void transom::addNormRules(RuleTable &rules) {
  rules["LayerNormalization"] = layerNorm;
  rules["RMSNormalization"] = rules["SimplifiedLayerNormalization"] = rmsNorm;
  rules["BatchNormalization"] = batchNorm;
  rules["InstanceNormalization"] = instanceNorm;
  rules["GroupNormalization"] = groupNorm;
  rules["LpNormalization"] = lpNorm;
  rules["MeanVarianceNormalization"] = meanVariance;
}
