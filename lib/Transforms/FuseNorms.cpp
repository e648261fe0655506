//===- FuseNorms.cpp - layer and RMS norms from their formulas ------------===//
//
// Expects the tensor layer. Anchors on the inverse root of a mean of squares
// inside a product; what is squared is the value that is normalised. Leaves
// norms whose statistics are not over trailing dims, and those whose epsilon
// stands outside the root.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "GraphMatch.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSENORMS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

struct Norm {
  Value input;
  Value scale; ///< a weight multiplied in before the quotient, or null
  double epsilon = 0;
  int64_t axis = 0;
  bool centred = false;
};

/// The mean of `value` over trailing dims, kept as 1: mean, or sum times 1/n.
struct Mean {
  Value input;
  int64_t axis = 0;
};
std::optional<Mean> matchMean(Value core, double scale, Refusal refuse) {
  auto reduce = stripCasts(core).getDefiningOp<ReduceOp>();
  if (!reduce || (reduce.getKind() != ReduceKind::mean && reduce.getKind() != ReduceKind::sum))
    return std::nullopt;
  RankedTensorType type = typeOf(reduce.getInput());
  ArrayRef<int64_t> axes = reduce.getAxes();
  if (axes.empty() || axes.back() != type.getRank() - 1 || axes.back() - axes.front() + 1 != int64_t(axes.size())) {
    refuse(reduce, "the statistics are not over trailing dims");
    return std::nullopt;
  }
  if (!reduce.getKeepdims()) {
    refuse(reduce, "the statistics do not keep the reduced dims");
    return std::nullopt;
  }
  double expected = 1;
  if (reduce.getKind() == ReduceKind::sum)
    for (int64_t axis : axes) {
      if (type.isDynamicDim(axis)) {
        refuse(reduce, "a sum over a dynamic dim is no known mean");
        return std::nullopt;
      }
      expected /= static_cast<double>(type.getDimSize(axis));
    }
  if (!near(scale, expected, type)) {
    refuse(reduce, "the sum of squares is not divided by the number of elements");
    return std::nullopt;
  }
  return Mean{reduce.getInput(), axes.front()};
}

/// What is squared in `value`: d of d * d or pow(d, 2).
Value matchSquare(Value value) {
  auto binary = stripCasts(value).getDefiningOp<BinaryOp>();
  if (!binary)
    return {};
  if (binary.getKind() == BinaryKind::mul && same(binary.getLhs(), binary.getRhs()))
    return stripCasts(binary.getLhs());
  if (binary.getKind() == BinaryKind::pow && scalar(binary.getRhs()) == 2.0)
    return stripCasts(binary.getLhs());
  return {};
}

/// `variance` as mean(d^2) + epsilon, where d = x or d = x - mean(x).
std::optional<std::pair<Norm, Value>> matchVariance(Value variance, Refusal refuse) {
  Affine shifted = affine(variance);
  auto reduce = shifted.core.getDefiningOp<ReduceOp>();
  Value deviation = reduce ? matchSquare(reduce.getInput()) : Value();
  if (!deviation)
    return std::nullopt;
  std::optional<Mean> mean = matchMean(shifted.core, shifted.scale, refuse);
  if (!mean)
    return std::nullopt;
  if (shifted.offset < 0) {
    refuse(reduce, "epsilon is negative");
    return std::nullopt;
  }
  Norm norm;
  norm.epsilon = shifted.offset;
  norm.axis = mean->axis;
  norm.input = deviation;
  auto centre = deviation.getDefiningOp<BinaryOp>();
  if (centre && centre.getKind() == BinaryKind::sub) {
    Affine subtracted = affine(centre.getRhs());
    std::optional<Mean> of = subtracted.offset == 0
                                 ? matchMean(subtracted.core, subtracted.scale, [](Operation *, const Twine &) {})
                                 : std::nullopt;
    if (of && of->axis == norm.axis && same(of->input, centre.getLhs())) {
      norm.centred = true;
      norm.input = stripCasts(centre.getLhs());
    }
  }
  return std::make_pair(norm, deviation);
}

/// The product `op` as a norm.
std::optional<Norm> matchNorm(BinaryOp op, Refusal refuse) {
  if (op.getKind() != BinaryKind::mul && op.getKind() != BinaryKind::div)
    return std::nullopt;
  for (const Product::Factor &factor : product(op).factors) {
    if (factor.exponent == -1) {
      Affine sum = affine(factor.base);
      auto root = sum.core.getDefiningOp<UnaryOp>();
      if (root && root.getKind() == UnaryKind::sqrt && sum.offset != 0 &&
          matchVariance(root.getInput(), [](Operation *, const Twine &) {}))
        refuse(op, "epsilon stands outside the root");
    }
    if (factor.exponent != -0.5)
      continue;
    auto found = matchVariance(factor.base, refuse);
    if (!found)
      continue;
    auto [norm, deviation] = *found;
    Product whole = product(op, deviation);
    auto isRoot = [&](Value operand) {
      auto unary = stripCasts(operand).getDefiningOp<UnaryOp>();
      return unary && same(unary.getInput(), factor.base);
    };
    // Said of the product with the root alone: around it the value may follow.
    if (whole.exponentOf(deviation) == 0 && llvm::any_of(op->getOperands(), isRoot))
      refuse(op, "another value is divided than the one that is squared");
    if (whole.exponentOf(deviation) != 1 || whole.exponentOf(factor.base) != -0.5 ||
        !near(whole.coefficient, 1, op.getType()))
      continue; // The inner product, or another one, is the quotient.
    for (const Product::Factor &other : whole.factors) {
      if (same(other.base, deviation) || same(other.base, factor.base))
        continue;
      if (norm.scale || other.exponent != 1 || !isWeight(other.base))
        return std::nullopt;
      norm.scale = other.base;
    }
    if (typeOf(norm.input).getShape() != typeOf(op).getShape()) {
      refuse(op, "the quotient has not the dims of what its mean is of");
      return std::nullopt;
    }
    return norm;
  }
  return std::nullopt;
}

struct FuseQuotient : OpRewritePattern<BinaryOp> {
  FuseQuotient(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    std::optional<Norm> norm =
        matchNorm(op, [&](Operation *at, const Twine &reason) { (void)fusion.nearMiss(rewriter, at, reason); });
    if (!norm)
      return rewriter.notifyMatchFailure(op, "no product with the inverse root of a mean of squares");
    Value scale;
    if (norm->scale) {
      scale = dropLeadingOnes(rewriter, op.getLoc(), norm->scale, typeOf(op).getRank() - norm->axis);
      if (!scale)
        return fusion.nearMiss(rewriter, op, "the scale is not over the normalised dims");
    }
    Value input = castTo(rewriter, op.getLoc(), norm->input, getElementTypeOrSelf(op.getType()));
    IntegerAttr axis = rewriter.getI64IntegerAttr(norm->axis);
    FloatAttr epsilon = rewriter.getF32FloatAttr(static_cast<float>(norm->epsilon));
    if (norm->centred)
      rewriter.replaceOpWithNewOp<LayerNormOp>(op, input, scale, Value(), axis, epsilon);
    else
      rewriter.replaceOpWithNewOp<RMSNormOp>(op, input, scale, axis, epsilon);
    return success();
  }

private:
  Fusion &fusion;
};

/// The operand of a commutative `op` that `NormOp` defines (under casts if
/// `casts`), and the other.
template <typename NormOp> std::pair<NormOp, Value> normAndOther(BinaryOp op) {
  if (auto norm = op.getLhs().getDefiningOp<NormOp>())
    return {norm, op.getRhs()};
  return {op.getRhs().getDefiningOp<NormOp>(), op.getLhs()};
}

/// norm(x) * weight -> norm(x) scale weight, and norm(x) + weight -> bias.
template <typename NormOp> struct AbsorbScaleAndBias : OpRewritePattern<BinaryOp> {
  using OpRewritePattern<BinaryOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    auto [norm, other] = normAndOther<NormOp>(op);
    if (!norm)
      return rewriter.notifyMatchFailure(op, "no operand is a norm");
    constexpr bool hasBias = std::is_same_v<NormOp, LayerNormOp>;
    bool isScale = op.getKind() == BinaryKind::mul;
    if (!isScale && !(hasBias && op.getKind() == BinaryKind::add))
      return rewriter.notifyMatchFailure(op, "neither a scale nor a bias");
    if constexpr (hasBias)
      if (norm.getBias())
        return rewriter.notifyMatchFailure(op, "the norm has a bias already");
    if (isScale && norm.getScale())
      return rewriter.notifyMatchFailure(op, "the norm has a scale already");
    int64_t rank = typeOf(op).getRank() - norm.getAxis();
    if (!isWeight(other) || norm.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "the other operand is no weight");
    if (!hasLeadingOnes(other, rank) || !typeOf(other).hasStaticShape())
      return rewriter.notifyMatchFailure(op, "the weight is not over the normalised dims");
    other = dropLeadingOnes(rewriter, op.getLoc(), other, rank);
    Location loc = rewriter.getFusedLoc({norm.getLoc(), op.getLoc()});
    if constexpr (hasBias) {
      Value scale = isScale ? other : norm.getScale();
      Value result = LayerNormOp::create(rewriter, loc, norm.getInput(), scale, isScale ? Value() : other,
                                         norm.getAxisAttr(), norm.getEpsilonAttr());
      rewriter.replaceOp(op, result);
    } else {
      Value result =
          RMSNormOp::create(rewriter, loc, norm.getInput(), other, norm.getAxisAttr(), norm.getEpsilonAttr());
      rewriter.replaceOp(op, result);
    }
    return success();
  }
};

/// cast(norm(cast(x))) -> norm(x): a norm's statistics are in f32 anyway.
template <typename NormOp> struct AbsorbCasts : OpRewritePattern<CastOp> {
  using OpRewritePattern<CastOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op, PatternRewriter &rewriter) const override {
    auto norm = op.getInput().getDefiningOp<NormOp>();
    if (!norm)
      return rewriter.notifyMatchFailure(op, "no cast of a norm");
    auto widen = norm.getInput().template getDefiningOp<CastOp>();
    if (!widen || widen.getInput().getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "the norm's input is not of the result's type");
    Type narrow = getElementTypeOrSelf(op.getType()), wide = getElementTypeOrSelf(norm.getType());
    if (!isa<FloatType>(narrow) || narrow.getIntOrFloatBitWidth() >= wide.getIntOrFloatBitWidth() || !wide.isF32())
      return rewriter.notifyMatchFailure(op, "the casts do not widen to f32 and back");
    Location loc = rewriter.getFusedLoc({norm.getLoc(), op.getLoc()});
    Value scale = norm.getScale() ? stripCasts(norm.getScale()) : Value();
    if constexpr (std::is_same_v<NormOp, LayerNormOp>) {
      Value bias = norm.getBias() ? stripCasts(norm.getBias()) : Value();
      rewriter.replaceOp(op, LayerNormOp::create(rewriter, loc, widen.getInput(), scale, bias, norm.getAxisAttr(),
                                                 norm.getEpsilonAttr())
                                 .getResult());
    } else {
      rewriter.replaceOp(
          op, RMSNormOp::create(rewriter, loc, widen.getInput(), scale, norm.getAxisAttr(), norm.getEpsilonAttr())
                  .getResult());
    }
    return success();
  }
};

struct FuseNorms : transom::impl::FuseNormsBase<FuseNorms> {
  using FuseNormsBase::FuseNormsBase;
  void runOnOperation() override {
    Fusion fusion("norm", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseQuotient>(&getContext(), fusion);
    patterns.add<AbsorbScaleAndBias<LayerNormOp>, AbsorbScaleAndBias<RMSNormOp>, AbsorbCasts<LayerNormOp>,
                 AbsorbCasts<RMSNormOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
