//===- ImportQuantised.cpp - QDQ, dynamic quantisation, integer products --===//

#include "Patches.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {
LogicalResult quantize(NodeImport &n) {
  Value x = n.in(0), scale = n.in(1), zero = n.in(2);
  Type to = zero ? n.element(zero) : Type(n.builder.getIntegerType(8, false));
  if (!zero && n.integer("output_dtype", 0))
    to = n.importer.elementType(n.integer("output_dtype", 0));
  if (!to)
    return n.fail("output_dtype is not supported");
  int64_t axis = n.integer("axis", 1);
  axis = axis < 0 ? axis + n.rank(x) : axis;
  n.out(0, n.make<tf::QuantizeOp>(n.typeOf(x).clone(to), x, scale, zero, axis, n.integer("block_size", 0)));
  return success();
}

LogicalResult dequantize(NodeImport &n) {
  Value x = n.in(0), scale = n.in(1), zero = n.in(2);
  int64_t axis = n.integer("axis", 1);
  axis = axis < 0 ? axis + n.rank(x) : axis;
  n.out(0, n.make<tf::DequantizeOp>(n.typeOf(x).clone(n.element(scale)), x, scale, zero, axis,
                                    n.integer("block_size", 0)));
  return success();
}

struct Quantised {
  Value values, scale, zero;
};
/// ONNX DynamicQuantizeLinear's own definition, to u8 over the whole tensor.
Quantised quantisedByRange(NodeImport &n, Value x) {
  Type f32 = n.builder.getF32Type(), u8 = n.builder.getIntegerType(8, false);
  Integers all;
  for (int64_t i = 0; i < n.rank(x); ++i)
    all.push_back(i);
  Value zero = n.scalar(f32, 0);
  Value high = n.binary(BinaryKind::max, n.reduce(ReduceKind::max, x, all, false), zero);
  Value low = n.binary(BinaryKind::min, n.reduce(ReduceKind::min, x, all, false), zero);
  Value scale = n.binary(BinaryKind::div, n.binary(BinaryKind::sub, high, low), n.scalar(f32, 255));
  Value point = n.unary(UnaryKind::round, n.binary(BinaryKind::div, n.binary(BinaryKind::sub, zero, low), scale));
  // All zeros: a scale of 0 would make 0/0.
  point = n.select(n.compare(tf::CompareKind::eq, scale, zero), zero, point);
  point = n.binary(BinaryKind::min, n.binary(BinaryKind::max, point, zero), n.scalar(f32, 255));
  Value zeroPoint = n.cast(point, u8);
  return {n.make<tf::QuantizeOp>(n.typeOf(x).clone(u8), x, scale, zeroPoint, 1, 0), scale, zeroPoint};
}

LogicalResult dynamicQuantize(NodeImport &n) {
  Quantised made = quantisedByRange(n, n.in(0));
  n.out(0, made.values);
  n.out(1, made.scale);
  n.out(2, made.zero);
  return success();
}

/// a x b in integers, to float by the product of both scales.
Value scaledProduct(NodeImport &n, const Quantised &a, const Quantised &b, Value bias) {
  Value product = n.make<tf::MatMulIntegerOp>(a.values, b.values, a.zero, b.zero);
  Value scale = n.binary(BinaryKind::mul, a.scale, b.scale);
  Value real = n.binary(BinaryKind::mul, n.cast(product, n.element(scale)), scale);
  return bias ? n.binary(BinaryKind::add, real, bias) : real;
}

LogicalResult matMulIntegerToFloat(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  n.out(0, scaledProduct(n, {n.in(0), n.in(2), n.in(4)}, {n.in(1), n.in(3), n.in(5)}, n.in(6)));
  return success();
}

LogicalResult dynamicQuantizeMatMul(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  n.out(0, scaledProduct(n, quantisedByRange(n, n.in(0)), {n.in(1), n.in(2), n.in(3)}, n.in(4)));
  return success();
}

LogicalResult matMulInteger(NodeImport &n) {
  n.out(0, n.make<tf::MatMulIntegerOp>(n.in(0), n.in(1), n.in(2), n.in(3)));
  return success();
}

/// (x - zero) as i32: a zero point is one number, or (a weight's) one for each output channel.
Value centred(NodeImport &n, Value x, Value zero) {
  Type i32 = n.builder.getI32Type();
  Value wide = n.cast(x, i32);
  if (!zero)
    return wide;
  Dims shape(n.rank(x), n.size(1));
  if (n.rank(zero) == 1)
    shape[0] = n.dims(zero)[0];
  return n.binary(BinaryKind::sub, wide, n.reshape(n.cast(zero, i32), shape));
}

LogicalResult convInteger(NodeImport &n) {
  auto y = convolve(n, centred(n, n.in(0), n.in(2)), centred(n, n.in(1), n.in(3)), Value());
  if (failed(y))
    return failure();
  n.out(0, *y);
  return success();
}

LogicalResult qLinearConv(NodeImport &n) {
  Value x = centred(n, n.in(0), n.in(2)), w = centred(n, n.in(3), n.in(5));
  auto sums = convolve(n, x, w, n.in(8));
  if (failed(sums))
    return failure();
  Value scale = n.binary(BinaryKind::mul, n.in(1), n.in(4));
  if (n.rank(scale) == 1) { // one an output channel
    Dims shape(n.rank(x), n.size(1));
    shape[1] = n.dims(scale)[0];
    scale = n.reshape(scale, shape);
  }
  Value real = n.binary(BinaryKind::mul, n.cast(*sums, n.element(scale)), scale);
  Value step = n.reshape(n.in(6), {}), zero = n.reshape(n.in(7), {});
  n.out(0, n.make<tf::QuantizeOp>(n.typeOf(real).clone(n.element(zero)), real, step, zero, 1, 0));
  return success();
}

LogicalResult qLinearMatMul(NodeImport &n) {
  Value product = n.make<tf::MatMulIntegerOp>(n.in(0), n.in(3), n.in(2), n.in(5));
  Type f32 = n.builder.getF32Type();
  Value scale = n.binary(BinaryKind::mul, n.cast(n.in(1), f32), n.cast(n.in(4), f32));
  Value real = n.binary(BinaryKind::mul, n.cast(product, f32), scale);
  n.out(0, n.make<tf::QuantizeOp>(n.typeOf(real).clone(n.type(7).getElementType()), real, n.cast(n.in(6), f32), n.in(7),
                                  1, 0));
  return success();
}
} // namespace

void transom::addQuantisedRules(RuleTable &rules) {
  rules["QuantizeLinear"] = rules["com.microsoft:QuantizeLinear"] = quantize;
  rules["DequantizeLinear"] = rules["com.microsoft:DequantizeLinear"] = dequantize;
  rules["DynamicQuantizeLinear"] = dynamicQuantize;
  rules["MatMulInteger"] = matMulInteger;
  rules["com.microsoft:MatMulIntegerToFloat"] = matMulIntegerToFloat;
  rules["com.microsoft:DynamicQuantizeMatMul"] = dynamicQuantizeMatMul;
  rules["QLinearMatMul"] = qLinearMatMul;
  rules["ConvInteger"] = convInteger;
  rules["QLinearConv"] = qLinearConv;
}
