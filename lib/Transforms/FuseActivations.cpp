//===- FuseActivations.cpp - activations from their formulas --------------===//
//
// Expects the tensor layer. Anchors on a product of x with a gate of x, in one
// piece or with half of x taken out of it. The gate's argument is read as a
// polynomial of x, so the order in which an exporter wrote it does not matter.
// A softmax is anchored on the quotient of exponentials and their sum.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "GraphMatch.h"
#include "transom/Transforms/Passes.h"
#include "llvm/Support/Format.h"
#include <cmath>
#include <numbers>

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEACTIVATIONS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {
constexpr double kTanhLinear = 0.7978845608028654; // sqrt(2 / pi)
constexpr double kTanhCubic = 0.044715;

/// A gate: coefficient * kind(argument), for sigmoid, or half of 1 + kind.
struct Gate {
  UnaryKind kind = UnaryKind::identity;
  Value argument;
  double coefficient = 1; ///< of the whole gate, 1 for one that goes from 0 to 1
  double sign = 1;        ///< of the argument
};

/// One factor of a product as a gate.
std::optional<Gate> matchGate(const Product::Factor &factor) {
  Affine outer = affine(factor.base);
  auto unary = outer.core.getDefiningOp<UnaryOp>();
  if (!unary)
    return std::nullopt;
  bool sameWeights = std::abs(outer.scale - outer.offset) <= 1e-6 * std::abs(outer.scale);
  switch (unary.getKind()) {
  case UnaryKind::sigmoid:
    if (factor.exponent != 1 || outer.offset != 0)
      return std::nullopt;
    return Gate{UnaryKind::sigmoid, unary.getInput(), outer.scale, 1};
  case UnaryKind::exp: // 1 / (1 + exp(-u))
    if (factor.exponent != -1 || !sameWeights)
      return std::nullopt;
    return Gate{UnaryKind::sigmoid, unary.getInput(), 1 / outer.scale, -1};
  case UnaryKind::erf:
  case UnaryKind::tanh: // 1 + erf(u) = 2 * half
    if (factor.exponent != 1 || !sameWeights)
      return std::nullopt;
    return Gate{unary.getKind(), unary.getInput(), 2 * outer.scale, 1};
  default: return std::nullopt;
  }
}

/// The activation that x times `gate` is.
UnaryKind kindOf(const Gate &gate, Value x) {
  auto p = polynomial(gate.argument, x);
  if (!p || (*p)[0] != 0 || (*p)[2] != 0)
    return UnaryKind::identity;
  double linear = gate.sign * (*p)[1], cubic = gate.sign * (*p)[3];
  auto is = [&](double value, double expected) { return near(value, expected, x.getType()); };
  if (gate.kind == UnaryKind::erf)
    return cubic == 0 && is(linear, 1 / std::numbers::sqrt2) ? UnaryKind::gelu : UnaryKind::identity;
  // sigmoid(2u) = (1 + tanh(u)) / 2
  double half = gate.kind == UnaryKind::sigmoid ? 0.5 : 1.0;
  if (is(half * linear, kTanhLinear) && is(half * cubic, kTanhLinear * kTanhCubic))
    return UnaryKind::gelu_tanh;
  if (cubic != 0)
    return UnaryKind::identity;
  if (is(2 * half * linear, 1))
    return UnaryKind::silu;
  return is(2 * half * linear, 1.702) ? UnaryKind::quick_gelu : UnaryKind::identity;
}

/// The argument of `gate` as a polynomial: "1.6 x + 0.05 x^3".
std::string describe(const Gate &gate, const std::array<double, 4> &coefficients) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (auto [power, coefficient] : llvm::enumerate(coefficients)) {
    if (coefficient == 0)
      continue;
    stream << (text.empty() ? "" : " + ") << llvm::format("%g", gate.sign * coefficient);
    if (power > 0)
      stream << " x";
    if (power > 1)
      stream << "^" << power;
  }
  return text;
}

/// x * gate(x), for the x that makes the whole product of the two.
std::optional<std::pair<UnaryKind, Value>> matchGated(BinaryOp op, Refusal refuse) {
  SmallVector<Value> candidates;
  Product all = product(op, {}, &candidates);
  if (llvm::none_of(all.factors, [](const Product::Factor &factor) { return matchGate(factor).has_value(); }))
    return std::nullopt;
  for (Value x : candidates) {
    if (stripCasts(x) == op.getResult() || typeOf(x).getShape() != typeOf(op).getShape())
      continue;
    Product whole = product(op, x);
    if (whole.factors.size() != 2 || whole.exponentOf(x) != 1)
      continue;
    const Product::Factor &other = same(whole.factors[0].base, x) ? whole.factors[1] : whole.factors[0];
    std::optional<Gate> gate = matchGate(other);
    if (!gate || !near(whole.coefficient * gate->coefficient, 1, op.getType()))
      continue;
    if (UnaryKind kind = kindOf(*gate, x); kind != UnaryKind::identity)
      return std::make_pair(kind, x);
    if (auto p = polynomial(gate->argument, x); p && (*p)[1] != 0)
      refuse(op, "the gate's argument, " + describe(*gate, *p) + ", is that of no known activation");
  }
  return std::nullopt;
}

/// What `value` is the relu of, or null.
Value underRelu(Value value) {
  auto relu = value.getDefiningOp<UnaryOp>();
  return relu && relu.getKind() == UnaryKind::relu ? relu.getInput() : Value();
}

/// relu(x)^2, which is x relu(x) too.
std::optional<std::pair<UnaryKind, Value>> matchSquaredRelu(BinaryOp op) {
  Product whole = product(op);
  if (whole.coefficient != 1 || whole.factors.empty() || whole.factors.size() > 2)
    return std::nullopt;
  const Product::Factor &first = whole.factors.front(), &last = whole.factors.back();
  if (whole.factors.size() == 1) {
    Value x = first.exponent == 2 ? underRelu(first.base) : Value();
    return x ? std::optional(std::make_pair(UnaryKind::relu_squared, x)) : std::nullopt;
  }
  if (first.exponent == 1 && last.exponent == 1)
    for (auto [relu, x] : {std::pair(first.base, last.base), std::pair(last.base, first.base)})
      if (same(underRelu(relu), x))
        return std::make_pair(UnaryKind::relu_squared, x);
  return std::nullopt;
}

/// x * gate(x) * other, in an order that never multiplies the first two alone.
struct GatedProduct {
  UnaryKind kind = UnaryKind::identity;
  Value x, other;
};
std::optional<GatedProduct> matchGatedProduct(BinaryOp op) {
  auto ignore = [](Operation *, const Twine &) {};
  for (Value operand : op->getOperands())
    if (auto inner = stripCasts(operand).getDefiningOp<BinaryOp>(); inner && matchGated(inner, ignore))
      return std::nullopt;
  SmallVector<Value> candidates;
  Product all = product(op, {}, &candidates);
  if (llvm::none_of(all.factors, [](const Product::Factor &factor) { return matchGate(factor).has_value(); }))
    return std::nullopt;
  for (Value x : candidates) {
    if (x == op.getResult() || x.getType() != op.getType())
      continue;
    Product whole = product(op, x);
    if (whole.factors.size() != 3 || whole.exponentOf(x) != 1)
      continue;
    Value other;
    std::optional<Gate> gate;
    for (const Product::Factor &factor : whole.factors)
      if (same(factor.base, x))
        continue;
      else if (std::optional<Gate> found = gate ? std::nullopt : matchGate(factor))
        gate = found;
      else if (factor.exponent == 1 && factor.base.getType() == op.getType())
        other = factor.base;
    if (!gate || !other || !near(whole.coefficient * gate->coefficient, 1, op.getType()))
      continue;
    if (UnaryKind kind = kindOf(*gate, x); kind != UnaryKind::identity)
      return GatedProduct{kind, x, other};
  }
  return std::nullopt;
}

/// x/2 + x/2 * kind(u): what x * gate(x) is multiplied out.
std::optional<std::pair<UnaryKind, Value>> matchMultipliedOut(BinaryOp op) {
  for (auto [half, gated] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
    SmallVector<Value> candidates;
    (void)product(half, {}, &candidates);
    for (Value x : candidates) {
      Product plain = product(half, x), rest = product(gated, x);
      if (typeOf(x).getShape() != typeOf(op).getShape() || plain.factors.size() != 1 || plain.exponentOf(x) != 1 ||
          !near(plain.coefficient, 0.5, op.getType()) || rest.factors.size() != 2 || rest.exponentOf(x) != 1 ||
          !near(std::abs(rest.coefficient), 0.5, op.getType()))
        continue;
      const Product::Factor &other = rest.factors[same(rest.factors[0].base, x) ? 1 : 0];
      auto unary = other.base.getDefiningOp<UnaryOp>();
      if (!unary || other.exponent != 1 || (unary.getKind() != UnaryKind::erf && unary.getKind() != UnaryKind::tanh))
        continue;
      Gate gate{unary.getKind(), unary.getInput(), 1, rest.coefficient < 0 ? -1.0 : 1.0};
      if (UnaryKind kind = kindOf(gate, x); kind != UnaryKind::identity)
        return std::make_pair(kind, x);
    }
  }
  return std::nullopt;
}

struct FuseProduct : OpRewritePattern<BinaryOp> {
  FuseProduct(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    bool isProduct = llvm::is_contained({BinaryKind::mul, BinaryKind::div, BinaryKind::pow}, op.getKind());
    if (!isProduct || !isa<FloatType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "no product of floats");
    auto found = op.getKind() == BinaryKind::pow
                     ? std::nullopt
                     : matchGated(op, [&](Operation *at, const Twine &reason) { fusion.nearMiss(at, reason); });
    if (!found)
      found = matchSquaredRelu(op);
    if (std::optional<GatedProduct> gated =
            found || op.getKind() == BinaryKind::pow ? std::nullopt : matchGatedProduct(op)) {
      Value activated = UnaryOp::create(rewriter, op.getLoc(), gated->kind, gated->x);
      rewriter.replaceOpWithNewOp<BinaryOp>(op, BinaryKind::mul, activated, gated->other);
      return success();
    }
    if (!found || typeOf(found->second).getShape() != typeOf(op).getShape())
      return rewriter.notifyMatchFailure(op, "no product of a value with a gate of it");
    Value x = castTo(rewriter, op.getLoc(), found->second, getElementTypeOrSelf(op.getType()));
    rewriter.replaceOpWithNewOp<UnaryOp>(op, found->first, x);
    return success();
  }

private:
  Fusion &fusion;
};

/// x/2 + x/2 erf(x/√2) -> gelu(x), and the same by tanh.
struct FuseMultipliedOut : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != BinaryKind::add || !isa<FloatType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "no sum of floats");
    auto found = matchMultipliedOut(op);
    if (!found)
      return rewriter.notifyMatchFailure(op, "not half of a value and the other half times a gate of it");
    Value x = castTo(rewriter, op.getLoc(), found->second, getElementTypeOrSelf(op.getType()));
    rewriter.replaceOpWithNewOp<UnaryOp>(op, found->first, x);
    return success();
  }
};

/// max(x, 0) -> relu(x).
struct FuseRelu : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != BinaryKind::max || !isa<FloatType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "no maximum of floats");
    for (auto [x, zero] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())})
      if (scalar(zero) == 0.0 && x.getType() == op.getType()) {
        rewriter.replaceOpWithNewOp<UnaryOp>(op, UnaryKind::relu, x);
        return success();
      }
    return rewriter.notifyMatchFailure(op, "the maximum with something else than 0");
  }
};

/// where(x > 0, x, 0) -> relu(x), and what says the same.
struct FuseSelectedRelu : OpRewritePattern<SelectOp> {
  FuseSelectedRelu(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(SelectOp op, PatternRewriter &rewriter) const override {
    auto compare = op.getCondition().getDefiningOp<CompareOp>();
    if (!compare || !isa<FloatType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "no choice between floats by a comparison");
    for (bool isKept : {true, false}) {
      Value x = isKept ? op.getOnTrue() : op.getOnFalse(), other = isKept ? op.getOnFalse() : op.getOnTrue();
      if (scalar(other) != 0.0 || x.getType() != op.getType())
        continue;
      for (unsigned side : {0u, 1u}) {
        std::optional<double> bound = scalar(compare->getOperand(1 - side));
        if (compare->getOperand(side) != x || !bound)
          continue;
        CompareKind kind = compare.getKind();
        bool isGreater = kind == CompareKind::gt || kind == CompareKind::ge;
        bool isLess = kind == CompareKind::lt || kind == CompareKind::le;
        if (!isGreater && !isLess)
          continue;
        // x above the bound, where x is on the left and kept, or twice the other way.
        if (isGreater != ((side == 0) == isKept))
          return fusion.nearMiss(rewriter, op, "what is not above zero is kept");
        if (*bound != 0)
          return fusion.nearMiss(rewriter, op, "what is above another number than zero is kept");
        rewriter.replaceOpWithNewOp<UnaryOp>(op, UnaryKind::relu, x);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no choice between a value above zero and zero");
  }

private:
  Fusion &fusion;
};

/// exp(u) / sum(exp(u)) -> softmax(u), with or without the maximum taken off u, and
/// (exp(u) v) / sum(exp(u)) -> softmax(u) v.
struct FuseSoftmax : OpRewritePattern<BinaryOp> {
  FuseSoftmax(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    if ((op.getKind() != BinaryKind::mul && op.getKind() != BinaryKind::div) ||
        !isa<FloatType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "no quotient of floats");
    Product quotient = product(op);
    if (quotient.factors.size() != 2 || quotient.coefficient != 1)
      return rewriter.notifyMatchFailure(op, "no quotient of two values");
    const Product::Factor &above = quotient.factors[quotient.factors[0].exponent == 1 ? 0 : 1],
                          &below = quotient.factors[quotient.factors[0].exponent == 1 ? 1 : 0];
    auto mix = above.base.getDefiningOp<MatMulOp>();
    Value numerator = mix ? stripCasts(mix.getLhs()) : above.base;
    auto exponential = numerator.getDefiningOp<UnaryOp>();
    Affine total = affine(below.base);
    auto sum = total.core.getDefiningOp<ReduceOp>();
    if (above.exponent != 1 || below.exponent != -1 || !exponential || exponential.getKind() != UnaryKind::exp ||
        !sum || sum.getKind() != ReduceKind::sum || !same(sum.getInput(), numerator))
      return rewriter.notifyMatchFailure(op, "no quotient of exponentials and their sum");
    if (total.offset != 0 || total.scale != 1)
      return fusion.nearMiss(rewriter, op, "more than the sum of the exponentials divides them");
    if (sum.getAxes().size() != 1 || !sum.getKeepdims())
      return fusion.nearMiss(rewriter, op, "the exponentials are not summed along one dim that is kept");
    int64_t axis = sum.getAxes().front();
    if (mix && (mix.getTransposeA() || axis != rankOf(numerator) - 1 || rankOf(mix) != rankOf(numerator)))
      return fusion.nearMiss(rewriter, op, "the exponentials are not summed along the dim that the product sums");
    if (typeOf(above.base).getShape() != typeOf(op).getShape())
      return fusion.nearMiss(rewriter, op, "the quotient has not the dims of the exponentials");
    Type element = getElementTypeOrSelf(mix ? mix.getLhs().getType() : op.getType());
    Value exponent = castTo(rewriter, op.getLoc(), withoutMaximum(exponential.getInput(), axis), element);
    Value softmax = SoftmaxOp::create(rewriter, op.getLoc(), exponent, axis, /*log=*/false);
    if (!mix) {
      rewriter.replaceOp(op, softmax);
      return success();
    }
    Value product = MatMulOp::create(rewriter, op.getLoc(), softmax, mix.getRhs(), false, mix.getTransposeB());
    rewriter.replaceOp(op, castTo(rewriter, op.getLoc(), product, getElementTypeOrSelf(op.getType())));
    return success();
  }

private:
  /// What a softmax takes off itself.
  static Value withoutMaximum(Value exponent, int64_t axis) {
    auto shifted = stripCasts(exponent).getDefiningOp<BinaryOp>();
    auto largest = shifted ? stripCasts(shifted.getRhs()).getDefiningOp<ReduceOp>() : ReduceOp();
    bool isMaximum = largest && shifted.getKind() == BinaryKind::sub && largest.getKind() == ReduceKind::max &&
                     largest.getKeepdims() && largest.getAxes() == ArrayRef<int64_t>{axis} &&
                     same(largest.getInput(), shifted.getLhs());
    return isMaximum ? shifted.getLhs() : exponent;
  }

  Fusion &fusion;
};

/// cast(activation(cast(x))) -> activation(x), where the casts widen and narrow.
struct AbsorbCasts : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op, PatternRewriter &rewriter) const override {
    auto unary = op.getInput().getDefiningOp<UnaryOp>();
    auto widen = unary ? unary.getInput().getDefiningOp<CastOp>() : CastOp();
    if (!widen || widen.getInput().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "no activation between casts");
    if (!llvm::is_contained({UnaryKind::gelu, UnaryKind::gelu_tanh, UnaryKind::quick_gelu, UnaryKind::silu,
                             UnaryKind::relu_squared, UnaryKind::relu, UnaryKind::sigmoid, UnaryKind::tanh},
                            unary.getKind()))
      return rewriter.notifyMatchFailure(op, "not an activation");
    Type narrow = getElementTypeOrSelf(op.getType()), wide = getElementTypeOrSelf(unary.getType());
    if (!isa<FloatType>(narrow) || !wide.isF32() || narrow.getIntOrFloatBitWidth() >= 32)
      return rewriter.notifyMatchFailure(op, "the casts do not widen to f32 and back");
    rewriter.replaceOpWithNewOp<UnaryOp>(op, unary.getKind(), widen.getInput());
    return success();
  }
};

struct FuseActivations : transom::impl::FuseActivationsBase<FuseActivations> {
  using FuseActivationsBase::FuseActivationsBase;
  void runOnOperation() override {
    Fusion fusion("activation", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseProduct, FuseSelectedRelu, FuseSoftmax>(&getContext(), fusion);
    patterns.add<FuseMultipliedOut, FuseRelu, AbsorbCasts>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
