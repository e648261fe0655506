//===- LowerRoundedAttention.cpp - attention in 8 bits, in pieces ---------===//
//
// An attention that rounds its probabilities needs whole rows of them before it
// can mix values, which kernels that pass over keys once do not have. Expects
// the model layer; gives products, a softmax and elementwise ops for attentions
// with `score_rounding` or `probability_rounding`. Leaves all others, and those
// with ALiBi slopes, sinks or key lengths, which no exporter quantises.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "transom/Transforms/Passes.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_LOWERROUNDEDATTENTION
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

class AttentionPieces {
public:
  AttentionPieces(AttentionOp op, OpBuilder &builder)
      : op(op), builder(builder), loc(op.getLoc()), arith(builder), dims(arith) {}

  Value make();

private:
  Value reshape(Value value, ArrayRef<Dim> to) {
    auto [shape, sizes] = splitDims(to);
    auto type = RankedTensorType::get(shape, getElementTypeOrSelf(value));
    return type == value.getType() && type.getNumDynamicDims() <= 1
               ? value
               : Value(ReshapeOp::create(builder, loc, type, value, sizes));
  }
  Value number(double value, Value like) {
    Type element = getElementTypeOrSelf(like);
    return ConstantOp::create(
        builder, loc, DenseElementsAttr::get(RankedTensorType::get({}, element), builder.getFloatAttr(element, value)));
  }
  Value integer(int64_t value) {
    auto type = RankedTensorType::get({}, builder.getI64Type());
    return ConstantOp::create(builder, loc, DenseElementsAttr::get(type, builder.getI64IntegerAttr(value)));
  }
  Value binary(BinaryKind kind, Value a, Value b) { return BinaryOp::create(builder, loc, kind, a, b); }
  Value unary(UnaryKind kind, Value x) { return UnaryOp::create(builder, loc, kind, x); }
  Value rounded(Value x, std::optional<ArrayRef<float>> rounding);
  Value positions(Dim size, Dim start, bool asRows);
  /// Where keys are seen, or null for everywhere.
  Value seen(Dim rows, Dim keys);

  AttentionOp op;
  OpBuilder &builder;
  Location loc;
  SizeArith arith;
  TensorDims dims;
};

/// By quantisation and back: unsigned numbers of as many bits as the bounds are
/// apart, of which the zero point is where 0 lies.
Value AttentionPieces::rounded(Value x, std::optional<ArrayRef<float>> rounding) {
  if (!rounding)
    return x;
  auto [step, low, high] = std::tuple((*rounding)[0], (*rounding)[1], (*rounding)[2]);
  auto bits = static_cast<unsigned>(std::lround(std::log2(high - low + 1)));
  auto stored = RankedTensorType::get({}, builder.getIntegerType(bits, /*isSigned=*/false));
  Value scale = number(step, x);
  Value zero = ConstantOp::create(
      builder, loc, DenseElementsAttr::get(stored, APInt(bits, static_cast<uint64_t>(std::lround(-low)))));
  Value integers =
      QuantizeOp::create(builder, loc, typeOf(x).clone(stored.getElementType()), x, scale, zero, /*axis=*/1,
                         /*block_size=*/0);
  return DequantizeOp::create(builder, loc, x.getType(), integers, scale, zero, /*axis=*/1, /*block_size=*/0);
}

Value AttentionPieces::positions(Dim size, Dim start, bool asRows) {
  std::optional<int64_t> length = SizeArith::asConstant(size);
  auto type = RankedTensorType::get({length.value_or(ShapedType::kDynamic)}, builder.getI64Type());
  SmallVector<Value> sizes;
  if (!length)
    sizes.push_back(cast<Value>(size));
  Value first = FromIndexOp::create(builder, loc, RankedTensorType::get({}, builder.getI64Type()),
                                    ValueRange{arith.value(loc, start)});
  Value range = RangeOp::create(builder, loc, type, first, integer(1), sizes);
  return asRows ? reshape(range, {size, arith.constant(1)}) : range;
}

Value AttentionPieces::seen(Dim rows, Dim keys) {
  Value mask = op.getMask();
  auto also = [&](Value condition) { mask = mask ? binary(BinaryKind::and_, mask, condition) : condition; };
  bool isCausal = op.getCausal() != CausalKind::none;
  auto left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
  if (!isCausal && left < 0 && right < 0)
    return mask;
  Dim start = op.getCausal() == CausalKind::bottom_right ? arith.sub(loc, keys, rows) : arith.constant(0);
  Value row = positions(rows, start, true), key = positions(keys, arith.constant(0), false);
  if (isCausal)
    also(CompareOp::create(builder, loc, CompareKind::le, key, row));
  if (right >= 0)
    also(CompareOp::create(builder, loc, CompareKind::le, key, binary(BinaryKind::add, row, integer(right))));
  if (left >= 0)
    also(CompareOp::create(builder, loc, CompareKind::ge, key, binary(BinaryKind::sub, row, integer(left))));
  return mask;
}

Value AttentionPieces::make() {
  Dims query = dims.of(op.getQuery()), key = dims.of(op.getKey()), value = dims.of(op.getValue());
  // Queries of one group of heads stand under each other.
  Dim rows = arith.mul(loc, arith.floorDiv(loc, query[1], key[1]), query[2]);
  Value grouped = reshape(op.getQuery(), {query[0], key[1], rows, query[3]});
  Value scores = MatMulOp::create(builder, loc, grouped, op.getKey(), /*transpose_a=*/false, /*transpose_b=*/true);
  scores = rounded(reshape(scores, {query[0], query[1], query[2], key[2]}), op.getScoreRounding());
  scores = binary(BinaryKind::mul, scores, number(op.getScale().convertToDouble(), scores));
  if (double cap = op.getSoftcap().convertToDouble(); cap != 0) {
    Value bounded = unary(UnaryKind::tanh, binary(BinaryKind::div, scores, number(cap, scores)));
    scores = binary(BinaryKind::mul, bounded, number(cap, scores));
  }
  if (Value bias = op.getBias())
    scores = binary(BinaryKind::add, scores, castTo(builder, loc, bias, getElementTypeOrSelf(scores)));
  Value mask = seen(query[2], key[2]);
  if (mask)
    scores = SelectOp::create(builder, loc, mask, scores, number(-INFINITY, scores));
  Value weights = SoftmaxOp::create(builder, loc, scores, 3, /*log=*/false);
  if (mask) // rows without a key
    weights = SelectOp::create(builder, loc, unary(UnaryKind::isnan, weights), number(0, weights), weights);
  weights = reshape(rounded(weights, op.getProbabilityRounding()), {query[0], key[1], rows, key[2]});
  Value mixed = MatMulOp::create(builder, loc, weights, op.getValue());
  return reshape(mixed, {query[0], query[1], query[2], value[3]});
}

struct LowerRounded : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    if (!op.getScoreRounding() && !op.getProbabilityRounding())
      return rewriter.notifyMatchFailure(op, "rounds nothing");
    if (op.getSlopes() || op.getSinks() || op.getKeyLengths())
      return rewriter.notifyMatchFailure(op, "has slopes, sinks or key lengths");
    rewriter.replaceOp(op, AttentionPieces(op, rewriter).make());
    return success();
  }
};

struct LowerRoundedAttention : transom::impl::LowerRoundedAttentionBase<LowerRoundedAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<LowerRounded>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
