//===- ImportQLinear.cpp - com.microsoft's operators on 8-bit numbers -----===//
//
// What ONNX Runtime's static quantiser writes in its form QOperator. Operators
// between products compute in f32 on what the numbers stand for and round again;
// a kernel does that element by element, so that memory has 8-bit numbers only.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::ReduceKind;
using tf::UnaryKind;

namespace {
/// A scale or zero point that is one number, maybe as a vector; null where it is left out.
Value oneNumber(NodeImport &n, size_t i) {
  Value x = n.in(i);
  return x && n.rank(x) == 1 && n.typeOf(x).getDimSize(0) == 1 ? n.reshape(x, {}) : x;
}

/// Input `i` as what it stands for: its scale and zero point come behind it.
Value real(NodeImport &n, size_t i) {
  Value x = n.in(i), scale = oneNumber(n, i + 1);
  return n.make<tf::DequantizeOp>(n.typeOf(x).clone(n.element(scale)), x, scale, oneNumber(n, i + 2), 0, 0);
}

/// Gives `x` in the numbers of the result, whose scale is input `i`; without a zero point they are of input 0's type.
LogicalResult give(NodeImport &n, Value x, size_t i) {
  Value zero = oneNumber(n, i + 1);
  Type to = zero ? n.element(zero) : n.type(0).getElementType();
  n.out(0, n.make<tf::QuantizeOp>(n.typeOf(x).clone(to), x, oneNumber(n, i), zero, 0, 0));
  return success();
}

template <BinaryKind kind> LogicalResult qLinearBinary(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  return give(n, n.binary(kind, real(n, 0), real(n, 3)), 6);
}

LogicalResult qLinearSigmoid(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  return give(n, n.unary(UnaryKind::sigmoid, real(n, 0)), 3);
}

LogicalResult qLinearLeakyRelu(NodeImport &n) {
  if (failed(n.knows({"alpha"})))
    return failure();
  Value x = real(n, 0), zero = n.scalar(n.element(x), 0);
  Value below = n.binary(BinaryKind::mul, x, n.scalar(n.element(x), n.real("alpha", 0.01f)));
  return give(n, n.select(n.compare(tf::CompareKind::lt, x, zero), below, x), 3);
}

/// `opset` is the one of the Softmax that was quantised: before 13 all dims from the axis on are one.
LogicalResult qLinearSoftmax(NodeImport &n) {
  if (failed(n.knows({"axis", "opset"})))
    return failure();
  Value x = real(n, 0);
  int64_t rank = n.rank(x);
  bool isOne = n.integer("opset", 13) < 13;
  auto axis = n.axis(n.integer("axis", isOne ? 1 : -1), rank);
  if (failed(axis))
    return failure();
  if (!isOne || *axis == rank - 1)
    return give(n, n.softmax(x, *axis), 3);
  Dims dims = n.dims(x);
  ArrayRef<Dim> all = dims;
  Value flat =
      n.reshape(x, {n.sizes.product(n.loc, all.take_front(*axis)), n.sizes.product(n.loc, all.drop_front(*axis))});
  return give(n, n.reshape(n.softmax(flat, 1), dims), 3);
}

/// Scale and zero point of the result, then each input with its own.
LogicalResult qLinearConcat(NodeImport &n) {
  if (failed(n.knows({"axis"})))
    return failure();
  SmallVector<Value> parts;
  for (size_t i = 2; i + 2 < n.numInputs(); i += 3)
    parts.push_back(real(n, i));
  if (n.numInputs() != 2 + 3 * parts.size())
    return n.fail(Twine(n.numInputs()) + " inputs are given",
                  "scale and zero point of the result, then each input with its scale and zero point");
  auto axis = n.axis(n.integer("axis", 0), n.rank(parts[0]));
  if (failed(axis))
    return failure();
  Value y = n.concat(parts, *axis), zero = oneNumber(n, 1);
  n.out(0, n.make<tf::QuantizeOp>(n.typeOf(y).clone(n.element(zero)), y, oneNumber(n, 0), zero, 0, 0));
  return success();
}

LogicalResult qLinearWhere(NodeImport &n) {
  if (failed(n.knows({})))
    return failure();
  Value y = n.select(n.in(0), real(n, 1), real(n, 4)), zero = oneNumber(n, 8);
  n.out(0, n.make<tf::QuantizeOp>(n.typeOf(y).clone(n.element(zero)), y, oneNumber(n, 7), zero, 0, 0));
  return success();
}

LogicalResult qLinearGlobalAveragePool(NodeImport &n) {
  if (failed(n.knows({"channels_last"})))
    return failure();
  Value x = real(n, 0);
  bool last = n.integer("channels_last", 0) != 0;
  Integers axes;
  for (int64_t i = last ? 1 : 2; i < n.rank(x) - last; ++i)
    axes.push_back(i);
  return give(n, n.reduce(ReduceKind::mean, x, axes), 3);
}

LogicalResult qLinearReduceMean(NodeImport &n) {
  if (failed(n.knows({"axes", "keepdims"})))
    return failure();
  Value x = real(n, 0);
  Integers axes;
  for (int64_t named : n.integers("axes").value_or(Integers())) {
    auto axis = n.axis(named, n.rank(x));
    if (failed(axis))
      return failure();
    axes.push_back(*axis);
  }
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  llvm::sort(axes);
  return give(n, n.reduce(ReduceKind::mean, x, axes, n.integer("keepdims", 1) != 0), 3);
}

/// alpha A B + C, whose bias has the product's scale; without a scale of the result it is float.
LogicalResult qGemm(NodeImport &n) {
  if (failed(n.knows({"alpha", "transA", "transB"})))
    return failure();
  auto matrix = [&](size_t i, StringRef name) { return n.integer(name, 0) ? n.transpose(n.in(i), {1, 0}) : n.in(i); };
  Value a = matrix(0, "transA"), b = matrix(3, "transB");
  Value sums = n.make<tf::MatMulIntegerOp>(a, b, oneNumber(n, 2), oneNumber(n, 5));
  if (Value bias = n.in(6))
    sums = n.binary(BinaryKind::add, sums, bias);
  Value scale = n.binary(BinaryKind::mul, oneNumber(n, 1), oneNumber(n, 4));
  if (float alpha = n.real("alpha", 1.0f); alpha != 1.0f)
    scale = n.binary(BinaryKind::mul, scale, n.scalar(n.element(scale), alpha));
  Value y = n.binary(BinaryKind::mul, n.cast(sums, n.element(scale)), scale);
  if (n.has(7))
    return give(n, y, 7);
  n.out(0, y);
  return success();
}
} // namespace

void transom::addQLinearRules(RuleTable &rules) {
  rules["com.microsoft:QLinearAdd"] = qLinearBinary<BinaryKind::add>;
  rules["com.microsoft:QLinearMul"] = qLinearBinary<BinaryKind::mul>;
  rules["com.microsoft:QLinearSigmoid"] = qLinearSigmoid;
  rules["com.microsoft:QLinearLeakyRelu"] = qLinearLeakyRelu;
  rules["com.microsoft:QLinearSoftmax"] = qLinearSoftmax;
  rules["com.microsoft:QLinearConcat"] = qLinearConcat;
  rules["com.microsoft:QLinearWhere"] = qLinearWhere;
  rules["com.microsoft:QLinearGlobalAveragePool"] = qLinearGlobalAveragePool;
  rules["com.microsoft:QLinearReduceMean"] = qLinearReduceMean;
  rules["com.microsoft:QGemm"] = qGemm;
}
