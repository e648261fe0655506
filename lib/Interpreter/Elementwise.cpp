//===- Elementwise.cpp - meanings of elementwise ops ----------------------===//

#include "Meaning.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

static double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double transom::applyUnary(UnaryKind kind, double x) {
  switch (kind) {
  case UnaryKind::abs: return std::abs(x);
  case UnaryKind::neg: return -x;
  case UnaryKind::exp: return std::exp(x);
  case UnaryKind::log: return std::log(x);
  case UnaryKind::sqrt: return std::sqrt(x);
  case UnaryKind::rsqrt: return 1 / std::sqrt(x);
  case UnaryKind::reciprocal: return 1 / x;
  case UnaryKind::sin: return std::sin(x);
  case UnaryKind::cos: return std::cos(x);
  case UnaryKind::tan: return std::tan(x);
  case UnaryKind::asin: return std::asin(x);
  case UnaryKind::acos: return std::acos(x);
  case UnaryKind::atan: return std::atan(x);
  case UnaryKind::sinh: return std::sinh(x);
  case UnaryKind::cosh: return std::cosh(x);
  case UnaryKind::asinh: return std::asinh(x);
  case UnaryKind::acosh: return std::acosh(x);
  case UnaryKind::atanh: return std::atanh(x);
  case UnaryKind::erf: return std::erf(x);
  case UnaryKind::tanh: return std::tanh(x);
  case UnaryKind::sigmoid: return sigmoid(x);
  case UnaryKind::softplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
  case UnaryKind::ceil: return std::ceil(x);
  case UnaryKind::floor: return std::floor(x);
  case UnaryKind::round: return std::nearbyint(x);
  case UnaryKind::sign: return std::isnan(x) ? x : (x > 0) - (x < 0);
  case UnaryKind::isnan: return std::isnan(x);
  case UnaryKind::isinf: return std::isinf(x);
  case UnaryKind::relu: return std::isnan(x) ? x : std::max(x, 0.0);
  case UnaryKind::relu_squared: return std::isnan(x) ? x : std::max(x, 0.0) * std::max(x, 0.0);
  case UnaryKind::gelu: return x * 0.5 * (1 + std::erf(x / std::numbers::sqrt2));
  case UnaryKind::gelu_tanh:
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  case UnaryKind::quick_gelu: return x * sigmoid(1.702 * x);
  case UnaryKind::silu: return x * sigmoid(x);
  case UnaryKind::not_:
  case UnaryKind::identity: return x;
  }
  llvm_unreachable("all kinds are handled");
}

static Type resultElement(Operation *op) { return getElementTypeOrSelf(op->getResult(0).getType()); }

static llvm::Expected<Arrays> unary(UnaryOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Array result = Array::make(resultElement(op), x.shape);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (!x.isFloat()) {
      int64_t value = x.integers[i];
      switch (op.getKind()) {
      case UnaryKind::not_: value = x.element.isInteger(1) ? !value : ~value; break;
      case UnaryKind::abs: value = std::abs(value); break;
      case UnaryKind::neg: value = -value; break;
      case UnaryKind::sign: value = (value > 0) - (value < 0); break;
      case UnaryKind::relu: value = std::max<int64_t>(value, 0); break;
      case UnaryKind::identity: break;
      default: return problem(stringifyUnaryKind(op.getKind()) + " of integers");
      }
      result.integers[i] = value;
    } else if (double value = applyUnary(op.getKind(), x.reals[i]); result.isFloat()) {
      result.reals[i] = value;
    } else {
      result.integers[i] = static_cast<int64_t>(value);
    }
  }
  return Arrays{std::move(result)};
}

static double applyReal(BinaryKind kind, double a, double b) {
  switch (kind) {
  case BinaryKind::add: return a + b;
  case BinaryKind::sub: return a - b;
  case BinaryKind::mul: return a * b;
  case BinaryKind::div: return a / b;
  case BinaryKind::pow: return std::pow(a, b);
  // The sign of the divisor.
  case BinaryKind::mod: {
    double rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  case BinaryKind::fmod: return std::fmod(a, b);
  // NaN wins.
  case BinaryKind::min: return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b);
  case BinaryKind::max: return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b);
  default: return std::nan("");
  }
}

static int64_t power(int64_t base, int64_t exponent) {
  if (exponent < 0)
    return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (uint64_t factor = static_cast<uint64_t>(base); exponent; exponent >>= 1, factor *= factor)
    if (exponent & 1)
      result *= factor;
  return static_cast<int64_t>(result);
}

/// Numbers of 64 bits without a sign; narrower ones have been extended.
static bool isWideUnsigned(Type element) { return element.isUnsignedInteger(64); }

static llvm::Expected<int64_t> applyInteger(BinaryKind kind, int64_t a, int64_t b, Type element) {
  uint64_t left = static_cast<uint64_t>(a), right = static_cast<uint64_t>(b);
  bool isUnsigned = isWideUnsigned(element);
  bool divides = kind == BinaryKind::div || kind == BinaryKind::mod || kind == BinaryKind::fmod;
  if (divides && b == 0)
    return problem("division of whole numbers by zero");
  if (divides && b == -1 && !isUnsigned)
    return kind == BinaryKind::div ? static_cast<int64_t>(0 - left) : 0;
  switch (kind) {
  case BinaryKind::add: return static_cast<int64_t>(left + right);
  case BinaryKind::sub: return static_cast<int64_t>(left - right);
  case BinaryKind::mul: return static_cast<int64_t>(left * right);
  case BinaryKind::div: return isUnsigned ? static_cast<int64_t>(left / right) : a / b;
  case BinaryKind::pow: return power(a, b);
  case BinaryKind::mod: {
    if (isUnsigned)
      return static_cast<int64_t>(left % right);
    int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  case BinaryKind::fmod: return isUnsigned ? static_cast<int64_t>(left % right) : a % b;
  case BinaryKind::min: return isUnsigned ? static_cast<int64_t>(std::min(left, right)) : std::min(a, b);
  case BinaryKind::max: return isUnsigned ? static_cast<int64_t>(std::max(left, right)) : std::max(a, b);
  case BinaryKind::and_: return a & b;
  case BinaryKind::or_: return a | b;
  case BinaryKind::xor_: return a ^ b;
  case BinaryKind::shl: return right >= 64 ? 0 : static_cast<int64_t>(left << right);
  case BinaryKind::shr: return right >= 64 ? 0 : static_cast<int64_t>(left >> right);
  }
  llvm_unreachable("all kinds are handled");
}

static llvm::Expected<Arrays> binary(BinaryOp op, const Operands &in) {
  const Array &a = in[op.getLhs()], &b = in[op.getRhs()];
  auto shape = broadcastShape(a.shape, b.shape);
  if (!shape)
    return shape.takeError();
  Array result = Array::make(resultElement(op), *shape);
  for (Positions at(*shape); !at.done(); at.next()) {
    int64_t left = broadcastPosition(at.indices(), a.shape), right = broadcastPosition(at.indices(), b.shape);
    if (a.isFloat()) {
      result.reals[at.flat] = applyReal(op.getKind(), a.reals[left], b.reals[right]);
      continue;
    }
    auto value = applyInteger(op.getKind(), a.integers[left], b.integers[right], a.element);
    if (!value)
      return value.takeError();
    result.integers[at.flat] = *value;
  }
  return Arrays{std::move(result)};
}

template <typename T> static bool holds(CompareKind kind, T a, T b) {
  switch (kind) {
  case CompareKind::eq: return a == b;
  case CompareKind::ne: return a != b;
  case CompareKind::lt: return a < b;
  case CompareKind::le: return a <= b;
  case CompareKind::gt: return a > b;
  case CompareKind::ge: return a >= b;
  }
  llvm_unreachable("all kinds are handled");
}

static llvm::Expected<Arrays> compare(CompareOp op, const Operands &in) {
  const Array &a = in[op.getLhs()], &b = in[op.getRhs()];
  auto shape = broadcastShape(a.shape, b.shape);
  if (!shape)
    return shape.takeError();
  Array result = Array::make(resultElement(op), *shape);
  for (Positions at(*shape); !at.done(); at.next()) {
    int64_t left = broadcastPosition(at.indices(), a.shape), right = broadcastPosition(at.indices(), b.shape);
    if (a.isFloat())
      result.integers[at.flat] = holds(op.getKind(), a.reals[left], b.reals[right]);
    else if (isWideUnsigned(a.element))
      result.integers[at.flat] =
          holds(op.getKind(), static_cast<uint64_t>(a.integers[left]), static_cast<uint64_t>(b.integers[right]));
    else
      result.integers[at.flat] = holds(op.getKind(), a.integers[left], b.integers[right]);
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> choose(SelectOp op, const Operands &in) {
  const Array &condition = in[op.getCondition()], &onTrue = in[op.getOnTrue()], &onFalse = in[op.getOnFalse()];
  auto values = broadcastShape(onTrue.shape, onFalse.shape);
  if (!values)
    return values.takeError();
  auto shape = broadcastShape(*values, condition.shape);
  if (!shape)
    return shape.takeError();
  Array result = Array::make(resultElement(op), *shape);
  for (Positions at(*shape); !at.done(); at.next()) {
    const Array &chosen = condition.integers[broadcastPosition(at.indices(), condition.shape)] ? onTrue : onFalse;
    int64_t from = broadcastPosition(at.indices(), chosen.shape);
    if (result.isFloat())
      result.reals[at.flat] = chosen.reals[from];
    else
      result.integers[at.flat] = chosen.integers[from];
  }
  return Arrays{std::move(result)};
}

/// The bits of number `i`, in the low end.
static llvm::APInt bitsOf(const Array &x, int64_t i) {
  auto floating = dyn_cast<FloatType>(x.element);
  if (!floating)
    return llvm::APInt(64, static_cast<uint64_t>(x.integers[i]));
  llvm::APFloat value(x.reals[i]);
  bool inexact;
  value.convert(floating.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &inexact);
  return value.bitcastToAPInt().zext(64);
}

static llvm::Expected<Arrays> bitcastTo(BitcastOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Type element = resultElement(op);
  Array result = Array::make(element, x.shape);
  for (int64_t i = 0; i < x.size(); ++i) {
    llvm::APInt bits = bitsOf(x, i);
    if (auto floating = dyn_cast<FloatType>(element))
      result.reals[i] = llvm::APFloat(floating.getFloatSemantics(), bits.trunc(floating.getWidth())).convertToDouble();
    else if (element.isInteger(1))
      result.integers[i] = bits.getLoBits(8) != 0;
    else
      result.integers[i] = wrapTo(static_cast<int64_t>(bits.getZExtValue()), element);
  }
  return Arrays{std::move(result)};
}

/// A number as ONNX casts it to a float: those of 8 and 4 bits end at their largest number.
static double narrowed(double value, FloatType type) {
  if (type.getWidth() > 8)
    return value;
  // Powers of two, away from zero; the sign is lost.
  if (isa<Float8E8M0FNUType>(type)) {
    if (std::isnan(value))
      return value;
    int exponent;
    double magnitude = std::clamp(std::abs(static_cast<double>(static_cast<float>(value))), 0x1p-127, 0x1p127);
    double fraction = std::frexp(magnitude, &exponent);
    return std::ldexp(1.0, fraction == 0.5 ? exponent - 1 : exponent);
  }
  // No code of 4 bits is NaN.
  if (std::isnan(value))
    return type.getWidth() == 4 ? 0 : value;
  double largest = llvm::APFloat::getLargest(type.getFloatSemantics()).convertToDouble();
  return std::clamp(value, -largest, largest);
}

static llvm::Expected<Arrays> castTo(CastOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Type element = resultElement(op);
  Array result = Array::make(element, x.shape);
  for (int64_t i = 0; i < x.size(); ++i) {
    if (result.isFloat()) {
      double value = !x.isFloat() && isWideUnsigned(x.element)
                         ? static_cast<double>(static_cast<uint64_t>(x.integers[i]))
                         : x.real(i);
      result.reals[i] = narrowed(value, cast<FloatType>(element));
    } else if (element.isInteger(1)) {
      result.integers[i] = x.real(i) != 0;
    } else if (!x.isFloat()) {
      result.integers[i] = x.integers[i];
    } else {
      // What does not fit is left open by the dialect; here it is 0.
      double value = std::trunc(x.reals[i]);
      result.integers[i] = std::abs(value) < 9.2e18 ? static_cast<int64_t>(value) : 0;
    }
  }
  return Arrays{std::move(result)};
}

/// The element of a scale or zero point for `at`: one, one per index of an axis, or per block of it.
static int64_t quantiser(const Array &array, const Positions &at, int64_t axis, int64_t block) {
  if (array.size() == 1)
    return 0;
  if (!block)
    return at[axis];
  Shape indices(at.indices());
  indices[axis] /= block;
  return flatten(indices, array.shape);
}

static llvm::Expected<Arrays> quantize(QuantizeOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &scale = in[op.getScale()];
  const Array *zero = in.optional(op.getZero());
  Type type = resultElement(op);
  bool isUnsigned = type.isUnsignedInteger();
  double values = std::exp2(type.getIntOrFloatBitWidth());
  double low = isUnsigned ? 0 : -values / 2, high = isUnsigned ? values - 1 : values / 2 - 1;
  Array result = Array::make(type, x.shape);
  int64_t axis = op.getAxis(), block = op.getBlockSize();
  for (Positions at(x.shape); !at.done(); at.next()) {
    auto quotient =
        static_cast<float>(x.real(at.flat)) / static_cast<float>(scale.real(quantiser(scale, at, axis, block)));
    if (auto real = dyn_cast<FloatType>(type)) {
      result.reals[at.flat] = narrowed(quotient, real);
      continue;
    }
    double value = std::nearbyint(quotient) + (zero ? zero->real(quantiser(*zero, at, axis, block)) : 0);
    result.integers[at.flat] = std::isnan(value) ? 0 : static_cast<int64_t>(std::clamp(value, low, high));
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> dequantize(DequantizeOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &scale = in[op.getScale()];
  const Array *zero = in.optional(op.getZero());
  Array result = Array::make(resultElement(op), x.shape);
  int64_t axis = op.getAxis(), block = op.getBlockSize();
  for (Positions at(x.shape); !at.done(); at.next())
    result.reals[at.flat] = (x.real(at.flat) - (zero ? zero->real(quantiser(*zero, at, axis, block)) : 0)) *
                            scale.real(quantiser(scale, at, axis, block));
  return Arrays{std::move(result)};
}

void transom::addElementwiseMeanings(Meanings &meanings) {
  MeaningOf<&unary>::add(meanings);
  MeaningOf<&binary>::add(meanings);
  MeaningOf<&compare>::add(meanings);
  MeaningOf<&choose>::add(meanings);
  MeaningOf<&castTo>::add(meanings);
  MeaningOf<&bitcastTo>::add(meanings);
  MeaningOf<&quantize>::add(meanings);
  MeaningOf<&dequantize>::add(meanings);
}
