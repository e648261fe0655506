//===- FuseActivations.cpp - activations from their formulas --------------===//
//
// Expects the tensor layer. Anchors on a product of x with a gate of x. The
// gate's argument is read as a polynomial of x, so the order in which an
// exporter wrote it does not matter.
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

/// relu(x)^2.
std::optional<std::pair<UnaryKind, Value>> matchSquaredRelu(BinaryOp op) {
  Product whole = product(op);
  if (whole.factors.size() != 1 || whole.factors[0].exponent != 2 || whole.coefficient != 1)
    return std::nullopt;
  auto relu = whole.factors[0].base.getDefiningOp<UnaryOp>();
  if (!relu || relu.getKind() != UnaryKind::relu)
    return std::nullopt;
  return std::make_pair(UnaryKind::relu_squared, relu.getInput());
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
    if (!found || typeOf(found->second).getShape() != typeOf(op).getShape())
      return rewriter.notifyMatchFailure(op, "no product of a value with a gate of it");
    Value x = castTo(rewriter, op.getLoc(), found->second, getElementTypeOrSelf(op.getType()));
    rewriter.replaceOpWithNewOp<UnaryOp>(op, found->first, x);
    return success();
  }

private:
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
    patterns.add<FuseProduct>(&getContext(), fusion);
    patterns.add<AbsorbCasts>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
