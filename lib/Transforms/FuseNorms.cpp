//===- FuseNorms.cpp - layer and RMS norms from their formulas ------------===//
//
// Expects the tensor layer. Anchors on the inverse root of a mean of squares
// inside a product; what is squared is the value that is normalised. A variance
// may be the mean of squares less the square of the mean, and the quotient
// multiplied out. Leaves norms whose statistics are not over trailing dims, and
// those whose epsilon stands outside the root or is a lower bound.
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

void ignore(Operation *, const Twine &) {}

/// True for x - mean(x).
bool isCentred(Value value, Value x, int64_t axis) {
  auto centre = stripCasts(value).getDefiningOp<BinaryOp>();
  if (!centre || centre.getKind() != BinaryKind::sub || !same(centre.getLhs(), x))
    return false;
  Affine subtracted = affine(centre.getRhs());
  std::optional<Mean> of = subtracted.offset == 0 ? matchMean(subtracted.core, subtracted.scale, ignore) : std::nullopt;
  return of && of->axis == axis && same(of->input, x);
}

/// `value` as mean(x^2) - mean(x)^2, maybe kept from falling below 0 by rounding:
/// the norm without its epsilon.
std::optional<Norm> matchOnePass(Value value) {
  auto binary = stripCasts(value).getDefiningOp<BinaryOp>();
  if (binary && binary.getKind() == BinaryKind::max)
    for (auto [bounded, bound] :
         {std::pair(binary.getLhs(), binary.getRhs()), std::pair(binary.getRhs(), binary.getLhs())})
      if (scalar(bound) == 0.0)
        binary = stripCasts(bounded).getDefiningOp<BinaryOp>();
  if (!binary || binary.getKind() != BinaryKind::sub)
    return std::nullopt;
  Affine squares = affine(binary.getLhs());
  auto reduce = squares.core.getDefiningOp<ReduceOp>();
  Value x = reduce ? matchSquare(reduce.getInput()) : Value(), mean = matchSquare(binary.getRhs());
  if (!x || !mean || squares.offset != 0)
    return std::nullopt;
  Affine centre = affine(mean);
  std::optional<Mean> ofSquares = matchMean(squares.core, squares.scale, ignore),
                      of = matchMean(centre.core, centre.scale, ignore);
  if (!ofSquares || !of || centre.offset != 0 || ofSquares->axis != of->axis || !same(of->input, x))
    return std::nullopt;
  Norm norm;
  norm.input = x;
  norm.axis = of->axis;
  norm.centred = true;
  return norm;
}

/// True for a root of the sum or mean of squares.
bool isRootOfSquares(Value value) {
  auto root = stripCasts(value).getDefiningOp<UnaryOp>();
  auto reduce =
      root && root.getKind() == UnaryKind::sqrt ? affine(root.getInput()).core.getDefiningOp<ReduceOp>() : ReduceOp();
  return reduce && matchSquare(reduce.getInput());
}

/// What is kept above a small number: one operand of a max; null for others.
Value boundedBelow(Value value) {
  auto bound = stripCasts(value).getDefiningOp<BinaryOp>();
  if (!bound || bound.getKind() != BinaryKind::max || !scalar(bound.getLhs()) == !scalar(bound.getRhs()))
    return {};
  return scalar(bound.getLhs()) ? bound.getRhs() : bound.getLhs();
}

/// `variance` * `factor` as mean(d^2) + epsilon, where d = x or d = x - mean(x). The
/// second of the pair is d, null where the variance does not say how it is written.
std::optional<std::pair<Norm, Value>> matchVariance(Value variance, double factor, Refusal refuse) {
  Affine shifted = affine(variance);
  shifted.scale *= factor;
  shifted.offset *= factor;
  if (std::optional<Norm> norm = shifted.scale == 1 ? matchOnePass(shifted.core) : std::nullopt) {
    if (shifted.offset < 0)
      return std::nullopt;
    norm->epsilon = shifted.offset;
    return std::make_pair(*norm, Value());
  }
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
  if (centre && isCentred(deviation, centre.getLhs(), norm.axis)) {
    norm.centred = true;
    norm.input = stripCasts(centre.getLhs());
  }
  return std::make_pair(norm, deviation);
}

/// Why a quotient by `divisor`, whose exponent is given, nearly is a norm, or nothing.
StringRef nearlyRoot(Value divisor, double exponent) {
  Affine sum = affine(divisor);
  if (exponent == -1 && sum.offset != 0 && isRootOfSquares(sum.core))
    return "epsilon stands outside the root";
  Value bounded = boundedBelow(divisor);
  auto reduce = bounded ? affine(bounded).core.getDefiningOp<ReduceOp>() : ReduceOp();
  if (bounded && ((exponent == -1 && isRootOfSquares(affine(bounded).core)) ||
                  (exponent == -0.5 && reduce && matchSquare(reduce.getInput()))))
    return "epsilon is a lower bound, not added to the mean";
  return "";
}

/// True where an operand of the product is a power of `divisor` and nothing else: what holds of the product then
/// is said of it, not of those around it.
bool dividesBy(BinaryOp op, Value divisor) {
  return llvm::any_of(op->getOperands(), [&](Value operand) {
    Product power = product(operand);
    return power.factors.size() == 1 && same(power.factors[0].base, divisor);
  });
}

/// What is divided in `whole` by the root of the variance, for a norm whose variance does not say it.
Value deviationIn(const Product &whole, const Norm &norm) {
  for (const Product::Factor &factor : whole.factors)
    if (factor.exponent == 1 && isCentred(factor.base, norm.input, norm.axis))
      return factor.base;
  return {};
}

/// The product `op` as a norm.
std::optional<Norm> matchNorm(BinaryOp op, Refusal refuse) {
  if (op.getKind() != BinaryKind::mul && op.getKind() != BinaryKind::div)
    return std::nullopt;
  Product all = product(op);
  for (const Product::Factor &factor : all.factors) {
    if (StringRef reason = nearlyRoot(factor.base, factor.exponent); !reason.empty() && dividesBy(op, factor.base))
      refuse(op, reason);
    if (factor.exponent != -0.5)
      continue;
    auto found = matchVariance(factor.base, 1, refuse);
    double coefficient = 1;
    if (!found) {
      // A number beside the root stands for its square under it: √n x / |x|.
      auto reduce = affine(factor.base).core.getDefiningOp<ReduceOp>();
      Value squared = reduce ? matchSquare(reduce.getInput()) : Value();
      coefficient = squared ? product(op, squared).coefficient : 1;
      if (coefficient > 0 && coefficient != 1)
        found = matchVariance(factor.base, 1 / (coefficient * coefficient), ignore);
    }
    if (!found)
      continue;
    auto [norm, deviation] = *found;
    if (!deviation)
      deviation = deviationIn(all, norm);
    if (!deviation) {
      if (dividesBy(op, factor.base))
        refuse(op, "another value is divided than the one that is squared");
      continue;
    }
    Product whole = product(op, deviation);
    auto isRoot = [&](Value operand) {
      auto unary = stripCasts(operand).getDefiningOp<UnaryOp>();
      return unary && same(unary.getInput(), factor.base);
    };
    // Said of the product with the root alone: around it the value may follow.
    if (whole.exponentOf(deviation) == 0 && llvm::any_of(op->getOperands(), isRoot))
      refuse(op, "another value is divided than the one that is squared");
    if (whole.exponentOf(deviation) != 1 || whole.exponentOf(factor.base) != -0.5 ||
        !near(whole.coefficient, coefficient, op.getType()))
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

/// x * root * scale - mean(x) * root * scale: the quotient multiplied out.
std::optional<Norm> matchMultipliedOut(Value straight, Value shift) {
  for (const Product::Factor &factor : product(straight).factors) {
    auto found = factor.exponent == -0.5 ? matchVariance(factor.base, 1, ignore) : std::nullopt;
    if (!found || !found->first.centred)
      continue;
    Norm norm = found->first;
    Product whole = product(straight, norm.input), shifted = product(shift);
    if (whole.coefficient != 1 || whole.exponentOf(norm.input) != 1 || whole.factors.size() != shifted.factors.size() ||
        whole.factors.size() > 3)
      continue;
    const Product::Factor *mean = nullptr;
    bool fits = true;
    for (const Product::Factor &other : shifted.factors)
      if (whole.exponentOf(other.base) == 0 && !mean && other.exponent == 1)
        mean = &other;
      else
        fits &= whole.exponentOf(other.base) == other.exponent;
    std::optional<Mean> of = fits && mean ? matchMean(mean->base, shifted.coefficient, ignore) : std::nullopt;
    if (!of || of->axis != norm.axis || !same(of->input, norm.input) ||
        typeOf(norm.input).getShape() != typeOf(straight).getShape())
      continue;
    for (const Product::Factor &other : whole.factors)
      if (!same(other.base, norm.input) && !same(other.base, factor.base)) {
        if (other.exponent != 1 || !isWeight(other.base))
          return std::nullopt;
        norm.scale = other.base;
      }
    return norm;
  }
  return std::nullopt;
}

/// `norm` as an op, of the element type of `op`; null where its scale is not over the normalised dims.
Value createNorm(PatternRewriter &rewriter, BinaryOp op, const Norm &norm) {
  Location loc = op.getLoc();
  Value scale;
  if (norm.scale) {
    scale = dropLeadingOnes(rewriter, loc, norm.scale, typeOf(op).getRank() - norm.axis);
    if (!scale)
      return {};
  }
  Value input = castTo(rewriter, loc, norm.input, getElementTypeOrSelf(op.getType()));
  IntegerAttr axis = rewriter.getI64IntegerAttr(norm.axis);
  FloatAttr epsilon = rewriter.getF32FloatAttr(static_cast<float>(norm.epsilon));
  if (norm.centred)
    return LayerNormOp::create(rewriter, loc, input, scale, Value(), axis, epsilon);
  return RMSNormOp::create(rewriter, loc, input, scale, axis, epsilon);
}

struct FuseQuotient : OpRewritePattern<BinaryOp> {
  FuseQuotient(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    std::optional<Norm> norm =
        matchNorm(op, [&](Operation *at, const Twine &reason) { (void)fusion.nearMiss(rewriter, at, reason); });
    if (!norm)
      return rewriter.notifyMatchFailure(op, "no product with the inverse root of a mean of squares");
    Value result = createNorm(rewriter, op, *norm);
    if (!result)
      return fusion.nearMiss(rewriter, op, "the scale is not over the normalised dims");
    rewriter.replaceOp(op, result);
    return success();
  }

private:
  Fusion &fusion;
};

/// x * root - mean(x) * root, and x * root + (bias - mean(x) * root), as batch
/// normalisation writes it -> layer_norm(x), layer_norm(x) + bias.
struct FuseMultipliedOut : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() == BinaryKind::sub) {
      if (std::optional<Norm> norm = matchMultipliedOut(op.getLhs(), op.getRhs()))
        if (Value result = createNorm(rewriter, op, *norm)) {
          rewriter.replaceOp(op, result);
          return success();
        }
    } else if (op.getKind() == BinaryKind::add) {
      for (auto [straight, rest] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
        auto shift = stripCasts(rest).getDefiningOp<BinaryOp>();
        if (!shift || shift.getKind() != BinaryKind::sub || !isWeight(shift.getLhs()))
          continue;
        std::optional<Norm> norm = matchMultipliedOut(straight, shift.getRhs());
        Value result = norm ? createNorm(rewriter, op, *norm) : Value();
        if (!result)
          continue;
        Value bias = castTo(rewriter, op.getLoc(), shift.getLhs(), getElementTypeOrSelf(op.getType()));
        rewriter.replaceOpWithNewOp<BinaryOp>(op, BinaryKind::add, result, bias);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "not a value less its mean, both times the inverse root of its variance");
  }
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
    patterns.add<FuseMultipliedOut, AbsorbScaleAndBias<LayerNormOp>, AbsorbScaleAndBias<RMSNormOp>,
                 AbsorbCasts<LayerNormOp>, AbsorbCasts<RMSNormOp>>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
