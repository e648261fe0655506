//===- AttentionMatch.cpp - what stands around a softmax ------------------===//
//
// See AttentionMatch.h. Walks one path: of a sum, the side that leads to the
// product; the other is a bias. What is the same for all keys of a query drops
// out, because a softmax does not see it.
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"
#include "MaskMatch.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

/// A masked score is at most this.
constexpr double kHidden = -1e3;
/// Next to a number like this, no score counts.
constexpr double kLowest = -1e30;

/// What `value` is a rounding of, per tensor, by quantisation and back; or null.
Value matchRounding(Value value, Rounding &rounding) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  auto quantize = dequantize ? dequantize.getInput().getDefiningOp<QuantizeOp>() : QuantizeOp();
  if (!quantize || quantize.getScale() != dequantize.getScale() || quantize.getZero() != dequantize.getZero() ||
      quantize.getInput().getType() != value.getType())
    return {};
  std::optional<double> step = scalar(quantize.getScale());
  std::optional<double> zero = quantize.getZero() ? scalar(quantize.getZero()) : 0.0;
  auto stored = dyn_cast<IntegerType>(getElementTypeOrSelf(quantize.getType()));
  if (!step || !(*step > 0) || !zero || !stored)
    return {};
  bool isUnsigned = stored.isUnsigned();
  double values = std::exp2(stored.getWidth());
  rounding = {*step, (isUnsigned ? 0 : -values / 2) - *zero, (isUnsigned ? values - 1 : values / 2 - 1) - *zero};
  return quantize.getInput();
}
Value beforeRounding(Value value) {
  Rounding rounding;
  Value input = matchRounding(value, rounding);
  return input ? input : value;
}

/// True for one more column after those of the first operand.
bool joinsSink(Operation *op) {
  auto concat = dyn_cast<ConcatOp>(op);
  return concat && concat.getInputs().size() == 2 && isLastDim(concat.getAxis(), concat) &&
         typeOf(concat.getInputs()[1]).getShape().back() == 1;
}

/// True where elementwise ops alone lead from a product of two values to `value`.
bool leadsToProduct(Value value, int depth = 12) {
  value = beforeRounding(value);
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (auto product = dyn_cast<MatMulOp>(op))
    return !isWeight(product.getRhs()) && !isWeight(product.getLhs());
  if (isa<CastOp, ReshapeOp>(op) || joinsSink(op))
    return leadsToProduct(op->getOperand(0), depth - 1);
  if (auto unary = dyn_cast<UnaryOp>(op))
    return (unary.getKind() == UnaryKind::tanh || unary.getKind() == UnaryKind::neg) &&
           leadsToProduct(unary.getInput(), depth - 1);
  if (auto select = dyn_cast<SelectOp>(op))
    return leadsToProduct(select.getOnTrue(), depth - 1) || leadsToProduct(select.getOnFalse(), depth - 1);
  if (auto binary = dyn_cast<BinaryOp>(op))
    return leadsToProduct(binary.getLhs(), depth - 1) || leadsToProduct(binary.getRhs(), depth - 1);
  return false;
}

/// `value` less its row maximum: the maximum drops out.
bool isRowMaximumOf(Value value, Value scores) {
  auto reduce = stripCasts(value).getDefiningOp<ReduceOp>();
  return reduce && reduce.getKind() == ReduceKind::max && reduce.getKeepdims() && same(reduce.getInput(), scores) &&
         reduce.getAxes() == ArrayRef<int64_t>{rankOf(scores) - 1};
}

class ScoreReader {
public:
  ScoreReader(AttentionMatch &match, Refusal refuse) : match(match), refuse(refuse) {}

  /// Reads from the softmax's input down to the product.
  LogicalResult read(Value value) {
    for (int depth = 0; depth < 32; ++depth) {
      value = stripCasts(value);
      Operation *op = value.getDefiningOp();
      if (!op)
        return stop(op, "the scores come from no product of queries and keys");
      if (auto product = dyn_cast<MatMulOp>(op)) {
        if (inWindows)
          return stop(op, "the products of windows are reshaped to something else than batch and windows");
        match.scores = product;
        match.scale *= factor;
        if (match.scoreRounding)
          match.scoreRounding->step /= match.scale / scaleAtRounding;
        return success();
      }
      if (Rounding rounding; Value rounded = matchRounding(value, rounding)) {
        if (match.scoreRounding || factor <= 0)
          return stop(op, "the scores are rounded twice, or rounded and negated");
        match.scoreRounding = rounding;
        scaleAtRounding = match.scale * factor;
        value = rounded;
        continue;
      }
      LogicalResult step =
          llvm::TypeSwitch<Operation *, LogicalResult>(op)
              .Case<BinaryOp, UnaryOp, SelectOp, ReshapeOp, ConcatOp>([&](auto found) { return descend(found, value); })
              .Default(
                  [&](Operation *other) { return stop(other, "the scores come from no product of queries and keys"); });
      if (failed(step))
        return failure();
    }
    return failure();
  }

private:
  LogicalResult stop(Operation *op, const Twine &reason) {
    refuse(op, reason);
    return failure();
  }
  LogicalResult add(Operation *op, ScoreTerm term) {
    if (match.softcap != 0)
      return stop(op, "a mask or bias below the soft cap");
    if (match.scoreRounding)
      return stop(op, "a mask or bias below the rounding of the scores");
    term.inner = static_cast<bool>(match.scoreView);
    term.windowed = inWindows;
    match.terms.push_back(term);
    return success();
  }

  LogicalResult descend(BinaryOp op, Value &value) {
    std::optional<double> lhs = scalar(op.getLhs()), rhs = scalar(op.getRhs());
    switch (op.getKind()) {
    case BinaryKind::mul:
      if (!lhs && !rhs)
        return stop(op, "the scores' scale is no single number");
      factor *= lhs ? *lhs : *rhs;
      value = lhs ? op.getRhs() : op.getLhs();
      return success();
    case BinaryKind::div:
      if (!rhs || *rhs == 0)
        return stop(op, "the scores' divisor is no single number");
      factor /= *rhs;
      value = op.getLhs();
      return success();
    case BinaryKind::sub:
      if (isRowMaximumOf(op.getRhs(), op.getLhs())) {
        value = op.getLhs();
        return success();
      }
      [[fallthrough]];
    case BinaryKind::add: {
      if (std::optional<ScoreTerm> blend = matchBlend(op, value))
        return add(op, *blend);
      bool left = leadsToProduct(op.getLhs());
      Value scores = left ? op.getLhs() : op.getRhs(), other = left ? op.getRhs() : op.getLhs();
      if (!left && (op.getKind() == BinaryKind::sub || !leadsToProduct(op.getRhs())))
        return stop(op, "no side of the sum leads to a product of queries and keys");
      // One number for all keys drops out of a softmax.
      value = scores;
      if (scalar(other))
        return success();
      return add(op, {ScoreTerm::Bias, other, op.getKind() == BinaryKind::sub ? -factor : factor});
    }
    case BinaryKind::max: {
      // What was masked twice comes back to a number that still hides it.
      std::optional<double> floor = lhs ? lhs : rhs;
      if (!floor || *floor > kLowest || factor != 1 || !match.terms.empty() || match.floor || match.softcap != 0)
        return stop(op, "the scores pass through " + stringifyBinaryKind(op.getKind()));
      match.floor = floor;
      value = lhs ? op.getRhs() : op.getLhs();
      return success();
    }
    default: return stop(op, "the scores pass through " + stringifyBinaryKind(op.getKind()));
    }
  }

  /// scores * keep + fill * (1 - keep), with a factor `keep` of zeros and ones;
  /// `value` becomes the scores.
  std::optional<ScoreTerm> matchBlend(BinaryOp op, Value &value) {
    bool isSum = op.getKind() == BinaryKind::add;
    for (auto [kept, filling] : {std::pair(op.getLhs(), op.getRhs()), std::pair(op.getRhs(), op.getLhs())}) {
      auto scaled = stripCasts(kept).getDefiningOp<BinaryOp>();
      if (!scaled || scaled.getKind() != BinaryKind::mul || (!isSum && kept != op.getLhs()))
        continue;
      Affine fill = affine(filling);
      if (!fill.core || fill.scale == 0 || fill.offset != -fill.scale)
        continue;
      double number = (isSum ? fill.offset : -fill.offset) * factor;
      for (auto [scores, keep] :
           {std::pair(scaled.getLhs(), scaled.getRhs()), std::pair(scaled.getRhs(), scaled.getLhs())})
        if (number <= kHidden && same(keep, fill.core) && isZeroOrOne(keep) && leadsToProduct(scores)) {
          value = scores;
          return ScoreTerm{ScoreTerm::Replace, keep, number};
        }
    }
    return std::nullopt;
  }

  LogicalResult descend(UnaryOp op, Value &value) {
    if (op.getKind() == UnaryKind::neg) {
      factor = -factor;
      value = op.getInput();
      return success();
    }
    if (op.getKind() != UnaryKind::tanh || match.softcap != 0 || match.scoreRounding || factor <= 0)
      return stop(op, "the scores pass through " + stringifyUnaryKind(op.getKind()));
    // cap * tanh(s / cap): what lies below is the product alone.
    match.softcap = factor;
    match.scale *= factor;
    factor = 1;
    value = op.getInput();
    return success();
  }

  LogicalResult descend(SelectOp op, Value &value) {
    bool onTrue = leadsToProduct(op.getOnTrue());
    Value scores = onTrue ? op.getOnTrue() : op.getOnFalse(), other = onTrue ? op.getOnFalse() : op.getOnTrue();
    if (!leadsToProduct(scores))
      return stop(op, "no side of the mask leads to a product of queries and keys");
    std::optional<double> fill = scalar(other);
    if (!fill)
      return stop(op, "what replaces masked scores is no single number");
    if (*fill * factor > kHidden)
      return stop(op, "what replaces masked scores is no large negative number: " + Twine(std::to_string(*fill)));
    value = scores;
    return add(op, {ScoreTerm::Replace, op.getCondition(), *fill * factor, onTrue});
  }

  LogicalResult descend(ReshapeOp op, Value &value) {
    // Masks of windows are added to [batch, windows, heads, rows, keys]; product and softmax have the first two in one.
    RankedTensorType from = typeOf(op.getInput()), to = typeOf(op);
    auto splitsFirst = [](RankedTensorType whole, RankedTensorType parts) {
      return whole.getRank() == 4 && parts.getRank() == 5 && whole.getNumDynamicDims() <= 1 &&
             whole.getShape().drop_front() == parts.getShape().drop_front(2);
    };
    if (inWindows) {
      if (!splitsFirst(from, to))
        return stop(op, "the scores are reshaped twice");
      inWindows = false;
      value = op.getInput();
      return success();
    }
    if (!match.windowView && !match.scoreView && !match.mergedView && match.terms.empty() && splitsFirst(to, from)) {
      match.windowView = value = op.getInput();
      inWindows = true;
      return success();
    }
    // Masks are added to [batch, heads, rows, keys]; product and softmax are of [batch*heads, rows, keys].
    if (!match.mergedView && !match.scoreView && match.terms.empty() && rankOf(op.getInput()) == 4 && rankOf(op) == 3) {
      match.mergedView = op.getResult();
      value = op.getInput();
      return success();
    }
    if (match.scoreView)
      return stop(op, "the scores are reshaped twice");
    match.scoreView = op.getResult();
    value = op.getInput();
    return success();
  }

  /// A sink: one more column after the keys' (Xiao et al., 2024; learned: gpt-oss).
  LogicalResult descend(ConcatOp op, Value &value) {
    if (!joinsSink(op))
      return stop(op, "the scores are joined with more than one column after the last key");
    if (!match.kept)
      return stop(op, "the column after the last key is not left out of the product with the values");
    if (match.sink || !match.terms.empty() || match.scoreView || match.softcap != 0 || match.scoreRounding ||
        factor != 1)
      return stop(op, "the scores are changed after a sink has been joined to them");
    match.scored = value = op.getInputs()[0];
    match.sink = op.getInputs()[1];
    return success();
  }

  AttentionMatch &match;
  Refusal refuse;
  double factor = 1.0, scaleAtRounding = 1.0;
  bool inWindows = false; ///< between `windowView` and the reshape that makes it
};

/// True for the first elements of the last dim; how many is seen where a sink is joined.
bool leavesLastOut(SliceOp slice) {
  RankedTensorType from = typeOf(slice.getInput()), to = typeOf(slice);
  auto isZero = [](int64_t start) { return start == 0; };
  auto isOne = [](int64_t step) { return step == 1; };
  return llvm::all_of(slice.getStaticStarts(), isZero) && llvm::all_of(slice.getSteps(), isOne) &&
         from.getShape().drop_back() == to.getShape().drop_back();
}

/// Hands a value to the function's results and to nothing else, as a view of it.
/// What the model shows is computed apart from what it mixes values with.
bool isShown(Operation *user, int depth = 4) {
  if (isa<func::ReturnOp>(user))
    return true;
  if (depth == 0 || !isa<CastOp, ReshapeOp, TransposeOp, SliceOp>(user) || user->use_empty())
    return false;
  return llvm::all_of(user->getUsers(), [&](Operation *next) { return isShown(next, depth - 1); });
}

/// Whether a product of values is reached from `op` through elementwise ops alone.
bool leadsToMix(Operation *op, int depth = 4) {
  if (isa<MatMulOp>(op))
    return true;
  if (depth == 0 || !isa<BinaryOp, UnaryOp, SelectOp, CastOp>(op))
    return false;
  return llvm::any_of(op->getUsers(), [&](Operation *user) { return leadsToMix(user, depth - 1); });
}

/// The product with the values that reads nothing but these probabilities,
/// through casts, a reshape, rounding to 8 bits, the replacement of NaN rows by zeros and
/// without the column of a sink.
MatMulOp readMix(Value probabilities, AttentionMatch &match, Refusal refuse) {
  std::optional<Rounding> &probabilityRounding = match.probabilityRounding;
  for (int depth = 0; depth < 8; ++depth) {
    Operation *next = nullptr;
    Operation *isNaN = nullptr;
    for (Operation *user : probabilities.getUsers()) {
      auto unary = dyn_cast<UnaryOp>(user);
      if (unary && unary.getKind() == UnaryKind::isnan) {
        isNaN = user;
        continue;
      }
      if (isShown(user))
        continue;
      if (next && next != user) {
        // Only an attention is worth a word: a router's softmax has two users as well.
        if (llvm::any_of(probabilities.getUsers(), [](Operation *op) { return isa<MatMulOp>(op); }))
          refuse(user, "the probabilities are read by more than the product with the values");
        return {};
      }
      next = user;
    }
    if (!next)
      return {};
    if (auto product = dyn_cast<MatMulOp>(next)) {
      if (isNaN || product.getLhs() != probabilities || product.getRhs() == probabilities)
        return {};
      return product;
    }
    if (auto select = dyn_cast<SelectOp>(next)) {
      bool safe = isNaN && select.getCondition() == isNaN->getResult(0) && scalar(select.getOnTrue()) == 0.0 &&
                  select.getOnFalse() == probabilities && isNaN->hasOneUse();
      if (!safe)
        return {};
      probabilities = select;
      continue;
    }
    if (auto quantize = dyn_cast<QuantizeOp>(next); quantize && !isNaN && quantize->hasOneUse()) {
      auto back = dyn_cast<DequantizeOp>(*quantize->user_begin());
      Value rounded = back ? Value(back) : Value();
      Rounding rounding;
      if (probabilityRounding || !back || matchRounding(rounded, rounding) != probabilities)
        return {};
      probabilityRounding = rounding;
      probabilities = rounded;
      continue;
    }
    if (auto slice = dyn_cast<SliceOp>(next); slice && !isNaN && !match.kept && leavesLastOut(slice)) {
      probabilities = match.kept = slice;
      continue;
    }
    if (isNaN || !isa<CastOp, ReshapeOp>(next) || !isa<FloatType>(getElementTypeOrSelf(next->getResult(0).getType()))) {
      // Only an attention is worth a word: a router's softmax is changed as well.
      if (!isNaN && isa<BinaryOp, UnaryOp>(next) && leadsToProduct(match.softmaxInput) && leadsToMix(next))
        refuse(next, "the probabilities are changed before the product with the values");
      return {};
    }
    probabilities = next->getResult(0);
  }
  return {};
}

} // namespace

FailureOr<AttentionMatch> matchAttention(SoftmaxOp softmax, Refusal refuse) {
  if (softmax.getLog() || !isLastDim(softmax.getAxis(), softmax))
    return failure();
  AttentionMatch match;
  match.softmaxInput = softmax.getInput();
  MatMulOp mix = readMix(softmax.getResult(), match, refuse);
  if (!mix || mix.getTransposeA())
    return failure();
  match.mix = mix;
  if (failed(ScoreReader(match, refuse).read(softmax.getInput())))
    return failure();
  if (match.kept && !match.sink) {
    refuse(match.kept.getDefiningOp(), "only a part of the keys' probabilities weighs values");
    return failure();
  }
  auto product = cast<MatMulOp>(match.scores);
  if (isWeight(product.getLhs()) || isWeight(product.getRhs())) {
    refuse(product, "queries or keys are weights");
    return failure();
  }
  return match;
}

} // namespace transom::match
