//===- GraphMatch.cpp - reading graphs by what they compute ---------------===//
//
// See GraphMatch.h. Depth is bounded, so every view costs a constant amount.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include <cmath>

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {
constexpr int kMaxDepth = 12;
constexpr int64_t kMaxScanned = 4096;
} // namespace

std::optional<double> scalar(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<CastOp, ReshapeOp, BroadcastToOp, TransposeOp>(op))
      break;
    // A cast to an integer or i1 changes the number.
    if (isa<CastOp>(op) && !isa<FloatType>(getElementTypeOrSelf(value)))
      return std::nullopt;
    value = op->getOperand(0);
  }
  auto constant = value.getDefiningOp<ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!elements || elements.empty() || (!elements.isSplat() && elements.getNumElements() > kMaxScanned))
    return std::nullopt;
  if (isa<FloatType>(elements.getElementType())) {
    APFloat first = *elements.value_begin<APFloat>();
    if (!elements.isSplat())
      for (const APFloat &other : elements.getValues<APFloat>())
        if (!first.bitwiseIsEqual(other))
          return std::nullopt;
    return first.convertToDouble();
  }
  auto integer = dyn_cast<IntegerType>(elements.getElementType());
  if (!integer)
    return std::nullopt;
  APInt first = *elements.value_begin<APInt>();
  if (!elements.isSplat())
    for (const APInt &other : elements.getValues<APInt>())
      if (first != other)
        return std::nullopt;
  bool isUnsigned = integer.isUnsigned() || integer.getWidth() == 1;
  return isUnsigned ? first.roundToDouble(false) : first.signedRoundToDouble();
}

double tolerance(Type type) {
  Type element = getElementTypeOrSelf(type);
  if (element.isBF16())
    return 8e-3;
  return element.isF16() ? 1e-3 : 2e-5;
}

bool near(double value, double expected, Type type) {
  return std::abs(value - expected) <= tolerance(type) * std::abs(expected);
}

Value stripCasts(Value value) {
  while (auto cast = value.getDefiningOp<CastOp>()) {
    if (!isa<FloatType>(getElementTypeOrSelf(cast.getInput())) || !isa<FloatType>(getElementTypeOrSelf(value)))
      break;
    value = cast.getInput();
  }
  return value;
}

bool same(Value a, Value b) { return a && b && stripCasts(a) == stripCasts(b); }

Value castTo(OpBuilder &builder, Location loc, Value value, Type element) {
  if (getElementTypeOrSelf(value) == element)
    return value;
  return CastOp::create(builder, loc, typeOf(value).clone(element), value);
}

DequantizeOp dequantizationBehind(Value value) {
  while (isa_and_present<TransposeOp, ReshapeOp, SliceOp, BroadcastToOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value.getDefiningOp<DequantizeOp>();
}

Value underTranspose(Value matrix, bool &transposed) {
  auto transpose = matrix.getDefiningOp<TransposeOp>();
  if (!transpose || rankOf(matrix) != 2)
    return matrix;
  transposed ^= transpose.getPerm()[0] == 1;
  return transpose.getInput();
}

bool isWeight(Value value) {
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    Operation *op = value.getDefiningOp();
    if (!op || isa<ConstantOp>(op))
      return op;
    if (!isa<TransposeOp, ReshapeOp, CastOp>(op))
      return false;
    value = op->getOperand(0);
  }
  return false;
}

bool hasLeadingOnes(Value value, int64_t rank) {
  ArrayRef<int64_t> shape = typeOf(value).getShape();
  return llvm::all_of(shape.drop_back(std::min<int64_t>(shape.size(), rank)), [](int64_t dim) { return dim == 1; });
}

Value dropLeadingOnes(OpBuilder &builder, Location loc, Value value, int64_t rank) {
  RankedTensorType type = typeOf(value);
  if (type.getRank() <= rank)
    return value;
  if (!hasLeadingOnes(value, rank) || !type.hasStaticShape())
    return {};
  return ReshapeOp::create(builder, loc, type.clone(type.getShape().take_back(rank)), value, ValueRange{});
}

double Product::exponentOf(Value base) const {
  for (const Factor &factor : factors)
    if (same(factor.base, base))
      return factor.exponent;
  return 0;
}

namespace {
void multiply(Product &into, Value value, double exponent, Value stop, SmallVectorImpl<Value> *seen, int depth) {
  auto leaf = [&] {
    Value base = stripCasts(value);
    for (Product::Factor &factor : into.factors)
      if (factor.base == base) {
        factor.exponent += exponent;
        return;
      }
    into.factors.push_back({base, exponent});
  };
  if (seen)
    seen->push_back(value);
  if (std::optional<double> number = scalar(value); number && (exponent == 1 || exponent == -1 || *number > 0)) {
    into.coefficient *= std::pow(*number, exponent);
    return;
  }
  if (depth == 0 || (stop && same(value, stop)))
    return leaf();
  Value inner = stripCasts(value);
  bool integral = exponent == std::round(exponent);
  if (auto unary = inner.getDefiningOp<UnaryOp>()) {
    double factor = 0;
    switch (unary.getKind()) {
    case UnaryKind::neg:
      if (!integral)
        return leaf();
      into.coefficient *= std::fmod(exponent, 2) == 0 ? 1 : -1;
      factor = 1;
      break;
    case UnaryKind::reciprocal: factor = -1; break;
    case UnaryKind::sqrt: factor = 0.5; break;
    case UnaryKind::rsqrt: factor = -0.5; break;
    default: return leaf();
    }
    return multiply(into, unary.getInput(), exponent * factor, stop, seen, depth - 1);
  }
  auto binary = inner.getDefiningOp<BinaryOp>();
  // A root of a product does not split: the factors' signs are unknown.
  if (!binary || (!integral && binary.getKind() != BinaryKind::pow))
    return leaf();
  switch (binary.getKind()) {
  case BinaryKind::mul:
    multiply(into, binary.getLhs(), exponent, stop, seen, depth - 1);
    return multiply(into, binary.getRhs(), exponent, stop, seen, depth - 1);
  case BinaryKind::div:
    multiply(into, binary.getLhs(), exponent, stop, seen, depth - 1);
    return multiply(into, binary.getRhs(), -exponent, stop, seen, depth - 1);
  case BinaryKind::pow:
    if (std::optional<double> power = scalar(binary.getRhs()); power && integral)
      return multiply(into, binary.getLhs(), exponent * *power, stop, seen, depth - 1);
    return leaf();
  default: return leaf();
  }
}
} // namespace

Product product(Value value, Value stop, SmallVectorImpl<Value> *seen) {
  Product result;
  multiply(result, value, 1, stop, seen, kMaxDepth);
  llvm::erase_if(result.factors, [](const Product::Factor &factor) { return factor.exponent == 0; });
  return result;
}

Affine affine(Value value) {
  Affine result{stripCasts(value)};
  for (int depth = 0; depth < kMaxDepth; ++depth) {
    if (auto unary = result.core.getDefiningOp<UnaryOp>(); unary && unary.getKind() == UnaryKind::neg) {
      result.scale = -result.scale;
      result.core = stripCasts(unary.getInput());
      continue;
    }
    auto binary = result.core.getDefiningOp<BinaryOp>();
    if (!binary || !isa<FloatType>(getElementTypeOrSelf(binary.getType())))
      return result;
    std::optional<double> lhs = scalar(binary.getLhs()), rhs = scalar(binary.getRhs());
    if (!lhs == !rhs)
      return result;
    double number = lhs ? *lhs : *rhs;
    switch (binary.getKind()) {
    case BinaryKind::add: result.offset += result.scale * number; break;
    case BinaryKind::sub:
      result.offset += result.scale * (rhs ? -number : number);
      result.scale *= rhs ? 1 : -1;
      break;
    case BinaryKind::mul: result.scale *= number; break;
    case BinaryKind::div:
      if (!rhs || number == 0)
        return result;
      result.scale /= number;
      break;
    default: return result;
    }
    result.core = stripCasts(lhs ? binary.getRhs() : binary.getLhs());
  }
  return result;
}

namespace {
using Coefficients = std::array<double, 4>;

std::optional<Coefficients> times(const Coefficients &a, const Coefficients &b) {
  Coefficients out{};
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      if (a[i] * b[j] == 0)
        continue;
      if (i + j > 3)
        return std::nullopt;
      out[i + j] += a[i] * b[j];
    }
  return out;
}

std::optional<Coefficients> expand(Value value, Value x, int depth) {
  if (same(value, x))
    return Coefficients{0, 1, 0, 0};
  if (std::optional<double> number = scalar(value))
    return Coefficients{*number, 0, 0, 0};
  if (depth == 0)
    return std::nullopt;
  Value inner = stripCasts(value);
  if (auto unary = inner.getDefiningOp<UnaryOp>(); unary && unary.getKind() == UnaryKind::neg) {
    auto a = expand(unary.getInput(), x, depth - 1);
    return a ? times(*a, {-1, 0, 0, 0}) : std::nullopt;
  }
  auto binary = inner.getDefiningOp<BinaryOp>();
  if (!binary)
    return std::nullopt;
  auto a = expand(binary.getLhs(), x, depth - 1);
  auto b = a ? expand(binary.getRhs(), x, depth - 1) : std::nullopt;
  if (!b)
    return std::nullopt;
  bool constant = (*b)[1] == 0 && (*b)[2] == 0 && (*b)[3] == 0;
  switch (binary.getKind()) {
  case BinaryKind::add:
  case BinaryKind::sub:
    for (int i = 0; i < 4; ++i)
      (*a)[i] += binary.getKind() == BinaryKind::add ? (*b)[i] : -(*b)[i];
    return a;
  case BinaryKind::mul: return times(*a, *b);
  case BinaryKind::div: return constant && (*b)[0] != 0 ? times(*a, {1 / (*b)[0], 0, 0, 0}) : std::nullopt;
  case BinaryKind::pow:
    if (constant && ((*b)[0] == 2 || (*b)[0] == 3)) {
      auto square = times(*a, *a);
      return square && (*b)[0] == 3 ? times(*square, *a) : square;
    }
    return std::nullopt;
  default: return std::nullopt;
  }
}
} // namespace

std::optional<std::array<double, 4>> polynomial(Value value, Value x) { return expand(value, x, kMaxDepth); }

} // namespace transom::match
