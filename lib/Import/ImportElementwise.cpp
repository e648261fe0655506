//===- ImportElementwise.cpp - elementwise operators ----------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::UnaryKind;

namespace {
template <UnaryKind kind> LogicalResult unary(NodeImport &n) {
  n.out(0, n.unary(kind, n.in(0)));
  return success();
}

/// Opset 6 and before: `axis` places B's dims inside A's.
Value alignOld(NodeImport &n, Value a, Value b) {
  if (n.opset >= 7 || !n.integer("broadcast", 0) || !n.hasAttr("axis"))
    return b;
  Integers axes;
  int64_t at = n.integer("axis", 0);
  for (int64_t i = at + n.rank(b); i < n.rank(a); ++i)
    axes.push_back(i - at);
  return n.unsqueeze(b, axes);
}

template <BinaryKind kind> LogicalResult binary(NodeImport &n) {
  Value a = n.in(0), b = n.in(1);
  n.out(0, n.binary(kind, a, alignOld(n, a, b)));
  return success();
}

Value joined(NodeImport &n, BinaryKind kind) {
  Value result = n.in(0);
  for (size_t i = 1; i < n.numInputs(); ++i)
    result = n.binary(kind, result, n.in(i));
  return result;
}

template <BinaryKind kind> LogicalResult variadic(NodeImport &n) {
  n.out(0, joined(n, kind));
  return success();
}

bool holds(CompareKind kind, int64_t a, int64_t b) {
  switch (kind) {
  case CompareKind::eq: return a == b;
  case CompareKind::ne: return a != b;
  case CompareKind::lt: return a < b;
  case CompareKind::le: return a <= b;
  case CompareKind::gt: return a > b;
  case CompareKind::ge: return a >= b;
  }
  llvm_unreachable("all comparisons are handled");
}

/// The comparison of two known integer tensors, so that what exporters compute
/// of counts alone (the positions that a repeated element keeps) has known dims.
Value compareKnown(NodeImport &n, CompareKind kind, RankedTensorType type) {
  constexpr int64_t kMostElements = 4096;
  auto a = n.constantInts(0), b = n.constantInts(1);
  if (!a || !b || !type.hasStaticShape() || type.getNumElements() > kMostElements)
    return {};
  auto at = [&](RankedTensorType from, int64_t number) {
    int64_t position = 0, stride = 1;
    for (int64_t i = type.getRank(), j = from.getRank(); i-- > 0 && j-- > 0;) {
      position += from.getDimSize(j) == 1 ? 0 : stride * (number % type.getDimSize(i));
      stride *= from.getDimSize(j);
      number /= type.getDimSize(i);
    }
    return position;
  };
  Integers result;
  for (int64_t i = 0; i < type.getNumElements(); ++i)
    result.push_back(holds(kind, (*a)[at(n.type(0), i)], (*b)[at(n.type(1), i)]));
  Dims dims;
  for (int64_t dim : type.getShape())
    dims.push_back(n.size(dim));
  return n.reshape(n.integersTensor(result, type.getElementType()), dims);
}

template <CompareKind kind> LogicalResult compare(NodeImport &n) {
  Value a = n.in(0), b = n.in(1);
  Value result = n.compare(kind, a, alignOld(n, a, b));
  Value known = n.opset >= 7 ? compareKnown(n, kind, n.typeOf(result)) : Value();
  n.out(0, known ? known : result);
  return success();
}

LogicalResult mean(NodeImport &n) {
  Value sum = joined(n, BinaryKind::add);
  n.out(0, n.binary(BinaryKind::div, sum, n.scalar(n.element(sum), n.numInputs())));
  return success();
}

LogicalResult mod(NodeImport &n) {
  bool fmod = n.integer("fmod", 0) != 0;
  n.out(0, n.binary(fmod ? BinaryKind::fmod : BinaryKind::mod, n.in(0), n.in(1)));
  return success();
}

LogicalResult bitShift(NodeImport &n) {
  n.out(0, n.binary(n.string("direction", "LEFT") == "LEFT" ? BinaryKind::shl : BinaryKind::shr, n.in(0), n.in(1)));
  return success();
}

LogicalResult where(NodeImport &n) {
  n.out(0, n.select(n.in(0), n.in(1), n.in(2)));
  return success();
}

/// To a float of 8 bits where what rounds beyond the largest number is NaN, or
/// in E5M2 infinite.
Value castOrOverflow(NodeImport &n, Value x, Type to) {
  Type e = n.element(x);
  Value magnitude = n.unary(UnaryKind::abs, x);
  auto above = [&](CompareKind kind, double limit) { return n.compare(kind, magnitude, n.scalar(e, limit)); };
  auto orNaN = [&](Value isAbove) {
    return n.cast(n.select(isAbove, n.scalar(e, std::numeric_limits<double>::quiet_NaN()), x), to);
  };
  // Half way to what would come next is even in all but the first, so it goes beyond.
  if (isa<Float8E4M3FNType>(to))
    return orNaN(above(CompareKind::gt, 464));
  if (isa<Float8E4M3FNUZType>(to))
    return orNaN(above(CompareKind::ge, 248));
  if (isa<Float8E5M2FNUZType>(to))
    return orNaN(above(CompareKind::ge, 61440));
  Type bits = n.builder.getIntegerType(8, false);
  Value narrow = n.cast(x, to);
  Value code = n.make<tf::BitcastOp>(n.typeOf(narrow).clone(bits), narrow);
  Value negative = n.compare(CompareKind::lt, x, n.scalar(e, 0));
  Value infinite = n.select(negative, n.scalar(bits, 0xfc), n.scalar(bits, 0x7c));
  code = n.select(above(CompareKind::ge, 61440), infinite, code);
  return n.make<tf::BitcastOp>(n.typeOf(narrow), code);
}

/// To powers of two (E8M0) otherwise than by rounding away from zero and saturating, as tf.cast does.
Value castToPower(NodeImport &n, Value x, Type to, StringRef rounding, bool saturates) {
  Type f32 = n.builder.getF32Type(), i32 = n.builder.getI32Type();
  constexpr double least = 0x1p-127, most = 0x1p127;
  x = n.unary(UnaryKind::abs, n.cast(x, f32));
  Value rounded = x;
  if (rounding != "up") {
    Value bits = n.make<tf::BitcastOp>(n.typeOf(x).clone(i32), x);
    Value exponent = n.binary(BinaryKind::and_, bits, n.scalar(i32, 0x7f800000));
    Value power = n.make<tf::BitcastOp>(n.typeOf(x), exponent);
    rounded = n.binary(BinaryKind::max, power, n.scalar(f32, least));
    if (rounding == "nearest") {
      Value middle = n.binary(BinaryKind::mul, rounded, n.scalar(f32, 1.5));
      Value next = n.binary(BinaryKind::mul, rounded, n.scalar(f32, 2));
      rounded = n.select(n.compare(CompareKind::ge, x, middle), next, rounded);
    }
    rounded = n.select(n.unary(UnaryKind::isnan, x), x, rounded);
  }
  if (!saturates) {
    Value beyond = n.binary(BinaryKind::or_, n.compare(CompareKind::gt, rounded, n.scalar(f32, most)),
                            n.compare(CompareKind::lt, x, n.scalar(f32, least)));
    rounded = n.select(beyond, n.scalar(f32, std::numeric_limits<double>::quiet_NaN()), rounded);
  }
  return n.cast(rounded, to);
}

LogicalResult cast(NodeImport &n) {
  Type to;
  if (const auto *attribute = n.attr("to"))
    to = n.importer.elementType(attribute->i());
  else if (n.has(1)) // CastLike
    to = n.type(1).getElementType();
  if (!to)
    return n.fail("the target type is not supported", "floats, bool and integers of 2 to 64 bits are; strings are not");
  Value x = n.in(0);
  bool saturates = n.integer("saturate", 1);
  if (isa<Float8E8M0FNUType>(to) && n.element(x) != to) {
    std::string rounding = n.string("round_mode", "up");
    if (rounding != "up" && rounding != "down" && rounding != "nearest")
      return n.fail("round_mode '" + rounding + "' is unknown", "up, down and nearest are");
    n.out(0, rounding == "up" && saturates ? n.cast(x, to) : castToPower(n, x, to, rounding, saturates));
    return success();
  }
  bool narrows =
      isa<FloatType>(n.element(x)) && n.element(x) != to && isa<FloatType>(to) && to.getIntOrFloatBitWidth() == 8;
  n.out(0, narrows && !saturates ? castOrOverflow(n, x, to) : n.cast(x, to));
  return success();
}

LogicalResult bitCast(NodeImport &n) {
  Type to = n.importer.elementType(n.integer("to", 0));
  if (!to)
    return n.fail("the target type is not supported", "floats, bool and integers of 2 to 64 bits are");
  Value x = n.in(0);
  n.out(0, n.element(x) == to ? x : n.make<tf::BitcastOp>(n.typeOf(x).clone(to), x));
  return success();
}

LogicalResult clip(NodeImport &n) {
  Value x = n.in(0), low = n.in(1), high = n.in(2);
  if (n.hasAttr("min"))
    low = n.scalar(n.element(x), n.real("min", 0));
  if (n.hasAttr("max"))
    high = n.scalar(n.element(x), n.real("max", 0));
  if (low)
    x = n.binary(BinaryKind::max, x, low);
  if (high)
    x = n.binary(BinaryKind::min, x, high);
  n.out(0, x);
  return success();
}

LogicalResult isInf(NodeImport &n) {
  Value x = n.in(0);
  bool negative = n.integer("detect_negative", 1), positive = n.integer("detect_positive", 1);
  Value result = n.unary(UnaryKind::isinf, x), zero = n.scalar(n.element(x), 0);
  if (!negative)
    result = n.binary(BinaryKind::and_, result, n.compare(CompareKind::gt, x, zero));
  if (!positive)
    result = n.binary(BinaryKind::and_, result, n.compare(CompareKind::lt, x, zero));
  n.out(0, result);
  return success();
}

LogicalResult gelu(NodeImport &n) {
  bool tanh = n.string("approximate", "none") == "tanh";
  n.out(0, n.unary(tanh ? UnaryKind::gelu_tanh : UnaryKind::gelu, n.in(0)));
  return success();
}

LogicalResult swish(NodeImport &n) {
  Value x = n.in(0);
  float alpha = n.real("alpha", 1.0f);
  if (alpha == 1.0f) {
    n.out(0, n.unary(UnaryKind::silu, x));
    return success();
  }
  Value scaled = n.binary(BinaryKind::mul, x, n.scalar(n.element(x), alpha));
  n.out(0, n.binary(BinaryKind::mul, x, n.unary(UnaryKind::sigmoid, scaled)));
  return success();
}

Value leaky(NodeImport &n, Value x, Value slope) {
  Value positive = n.compare(CompareKind::ge, x, n.scalar(n.element(x), 0));
  return n.select(positive, x, n.binary(BinaryKind::mul, x, slope));
}

LogicalResult leakyRelu(NodeImport &n) {
  Value x = n.in(0);
  n.out(0, leaky(n, x, n.scalar(n.element(x), n.real("alpha", 0.01f))));
  return success();
}

LogicalResult prelu(NodeImport &n) {
  n.out(0, leaky(n, n.in(0), n.in(1)));
  return success();
}

/// alpha * (exp(x) - 1) below zero; `gamma` scales all (Selu).
Value elu(NodeImport &n, Value x, double alpha, double gamma) {
  Type e = n.element(x);
  // min keeps exp from overflowing where its result is not taken.
  Value low = n.binary(BinaryKind::min, x, n.scalar(e, 0));
  Value negative = n.binary(BinaryKind::sub, n.unary(UnaryKind::exp, low), n.scalar(e, 1));
  negative = n.binary(BinaryKind::mul, negative, n.scalar(e, alpha));
  Value result = n.select(n.compare(CompareKind::gt, x, n.scalar(e, 0)), x, negative);
  return gamma == 1.0 ? result : n.binary(BinaryKind::mul, result, n.scalar(e, gamma));
}

LogicalResult importElu(NodeImport &n) {
  n.out(0, elu(n, n.in(0), n.real("alpha", 1.0f), 1.0));
  return success();
}

LogicalResult importSelu(NodeImport &n) {
  n.out(0, elu(n, n.in(0), n.real("alpha", 1.67326319217681884765625f), n.real("gamma", 1.05070102214813232421875f)));
  return success();
}

LogicalResult celu(NodeImport &n) {
  Value x = n.in(0);
  float alpha = n.real("alpha", 1.0f);
  Value scaled = n.binary(BinaryKind::div, x, n.scalar(n.element(x), alpha));
  Value negative = n.binary(BinaryKind::mul, elu(n, scaled, 1.0, 1.0), n.scalar(n.element(x), alpha));
  n.out(0, n.select(n.compare(CompareKind::gt, x, n.scalar(n.element(x), 0)), x, negative));
  return success();
}

Value hardSigmoidOf(NodeImport &n, Value x, double alpha, double beta) {
  Type e = n.element(x);
  Value line = n.binary(BinaryKind::add, n.binary(BinaryKind::mul, x, n.scalar(e, alpha)), n.scalar(e, beta));
  return n.binary(BinaryKind::min, n.binary(BinaryKind::max, line, n.scalar(e, 0)), n.scalar(e, 1));
}

LogicalResult hardSigmoid(NodeImport &n) {
  n.out(0, hardSigmoidOf(n, n.in(0), n.real("alpha", 0.2f), n.real("beta", 0.5f)));
  return success();
}

LogicalResult hardSwish(NodeImport &n) {
  Value x = n.in(0);
  n.out(0, n.binary(BinaryKind::mul, x, hardSigmoidOf(n, x, 1.0 / 6, 0.5)));
  return success();
}

LogicalResult softsign(NodeImport &n) {
  Value x = n.in(0);
  Value below = n.binary(BinaryKind::add, n.unary(UnaryKind::abs, x), n.scalar(n.element(x), 1));
  n.out(0, n.binary(BinaryKind::div, x, below));
  return success();
}

LogicalResult mish(NodeImport &n) {
  Value x = n.in(0);
  n.out(0, n.binary(BinaryKind::mul, x, n.unary(UnaryKind::tanh, n.unary(UnaryKind::softplus, x))));
  return success();
}

LogicalResult thresholdedRelu(NodeImport &n) {
  Value x = n.in(0), zero = n.scalar(n.element(x), 0);
  Value above = n.compare(CompareKind::gt, x, n.scalar(n.element(x), n.real("alpha", 1.0f)));
  n.out(0, n.select(above, x, zero));
  return success();
}

LogicalResult shrink(NodeImport &n) {
  Value x = n.in(0);
  Type e = n.element(x);
  float lambda = n.real("lambd", 0.5f), bias = n.real("bias", 0.0f);
  Value high = n.select(n.compare(CompareKind::gt, x, n.scalar(e, lambda)),
                        n.binary(BinaryKind::sub, x, n.scalar(e, bias)), n.scalar(e, 0));
  n.out(0, n.select(n.compare(CompareKind::lt, x, n.scalar(e, -lambda)),
                    n.binary(BinaryKind::add, x, n.scalar(e, bias)), high));
  return success();
}

/// Dropout in inference is its input; the mask is all true.
LogicalResult dropout(NodeImport &n) {
  if (auto training = n.constantInts(2); n.has(2) && (!training || (*training)[0]))
    return n.fail("training mode is not supported", "export the model for inference");
  n.out(0, n.in(0));
  if (n.wants(1))
    n.out(1, n.broadcast(n.scalar(n.builder.getI1Type(), 1), n.dims(n.in(0))));
  return success();
}

LogicalResult identity(NodeImport &n) {
  n.importer.define(n.node.output(0), n.value(0));
  return success();
}
} // namespace

void transom::addElementwiseRules(RuleTable &rules) {
  rules["Abs"] = unary<UnaryKind::abs>;
  rules["Neg"] = unary<UnaryKind::neg>;
  rules["Exp"] = unary<UnaryKind::exp>;
  rules["Log"] = unary<UnaryKind::log>;
  rules["Sqrt"] = unary<UnaryKind::sqrt>;
  rules["Reciprocal"] = unary<UnaryKind::reciprocal>;
  rules["Sin"] = unary<UnaryKind::sin>;
  rules["Cos"] = unary<UnaryKind::cos>;
  rules["Tan"] = unary<UnaryKind::tan>;
  rules["Asin"] = unary<UnaryKind::asin>;
  rules["Acos"] = unary<UnaryKind::acos>;
  rules["Atan"] = unary<UnaryKind::atan>;
  rules["Sinh"] = unary<UnaryKind::sinh>;
  rules["Cosh"] = unary<UnaryKind::cosh>;
  rules["Asinh"] = unary<UnaryKind::asinh>;
  rules["Acosh"] = unary<UnaryKind::acosh>;
  rules["Atanh"] = unary<UnaryKind::atanh>;
  rules["Erf"] = unary<UnaryKind::erf>;
  rules["Tanh"] = unary<UnaryKind::tanh>;
  rules["Sigmoid"] = unary<UnaryKind::sigmoid>;
  rules["Softplus"] = unary<UnaryKind::softplus>;
  rules["Ceil"] = unary<UnaryKind::ceil>;
  rules["Floor"] = unary<UnaryKind::floor>;
  rules["Round"] = unary<UnaryKind::round>;
  rules["Sign"] = unary<UnaryKind::sign>;
  rules["Not"] = unary<UnaryKind::not_>;
  rules["BitwiseNot"] = unary<UnaryKind::not_>;
  rules["IsNaN"] = unary<UnaryKind::isnan>;
  rules["Relu"] = unary<UnaryKind::relu>;
  rules["IsInf"] = isInf;
  rules["Add"] = binary<BinaryKind::add>;
  rules["Sub"] = binary<BinaryKind::sub>;
  rules["Mul"] = binary<BinaryKind::mul>;
  rules["Div"] = binary<BinaryKind::div>;
  rules["Pow"] = binary<BinaryKind::pow>;
  rules["And"] = rules["BitwiseAnd"] = binary<BinaryKind::and_>;
  rules["Or"] = rules["BitwiseOr"] = binary<BinaryKind::or_>;
  rules["Xor"] = rules["BitwiseXor"] = binary<BinaryKind::xor_>;
  rules["Mod"] = mod;
  rules["BitShift"] = bitShift;
  rules["Min"] = variadic<BinaryKind::min>;
  rules["Max"] = variadic<BinaryKind::max>;
  rules["Sum"] = variadic<BinaryKind::add>;
  rules["Mean"] = mean;
  rules["Equal"] = compare<CompareKind::eq>;
  rules["Less"] = compare<CompareKind::lt>;
  rules["LessOrEqual"] = compare<CompareKind::le>;
  rules["Greater"] = compare<CompareKind::gt>;
  rules["GreaterOrEqual"] = compare<CompareKind::ge>;
  rules["Where"] = where;
  rules["Cast"] = rules["CastLike"] = cast;
  rules["BitCast"] = bitCast;
  rules["Clip"] = clip;
  rules["Gelu"] = gelu;
  rules["Swish"] = swish;
  rules["LeakyRelu"] = leakyRelu;
  rules["PRelu"] = prelu;
  rules["Elu"] = importElu;
  rules["Selu"] = importSelu;
  rules["Celu"] = celu;
  rules["HardSigmoid"] = hardSigmoid;
  rules["HardSwish"] = hardSwish;
  rules["Softsign"] = softsign;
  rules["Mish"] = mish;
  rules["ThresholdedRelu"] = thresholdedRelu;
  rules["Shrink"] = shrink;
  rules["Dropout"] = dropout;
  rules["Identity"] = identity;
}
