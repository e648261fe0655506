//===- TransformerExperts.cpp - mixtures of experts -----------------------===//
//
// How quantised weights of moe are read from their shapes, and what makes the op
// well-formed.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace transom::transformer;

static RankedTensorType ranked(Value value) { return cast<RankedTensorType>(value.getType()); }
static Type elementOf(Value value) { return ranked(value).getElementType(); }

int64_t MoEOp::Layer::bits() const { return ranked(weight).getDimSize(2) * 8 / depth; }
int64_t MoEOp::Layer::block() const { return depth / ranked(scales).getDimSize(2); }

MoEOp::Layer MoEOp::firstLayer() {
  int64_t depth = isQuantized() ? ranked(getTokens()).getDimSize(1) : ranked(getFirst()).getDimSize(1);
  return {getFirst(), getFirstBias(), getFirstScales(), getFirstZeros(), depth};
}
MoEOp::Layer MoEOp::upLayer() { return {getUp(), getUpBias(), getUpScales(), getUpZeros(), firstLayer().depth}; }
MoEOp::Layer MoEOp::secondLayer() {
  int64_t depth =
      isQuantized() ? ranked(getFirst()).getDimSize(1) / (isGateJoined() ? 2 : 1) : ranked(getSecond()).getDimSize(1);
  return {getSecond(), getSecondBias(), getSecondScales(), getSecondZeros(), depth};
}

namespace {

/// Each size, where it is known, is the other.
LogicalResult verifyExpertSize(MoEOp op, StringRef what, int64_t a, int64_t b) {
  if (a == b || ShapedType::isDynamic(a) || ShapedType::isDynamic(b))
    return success();
  return op.emitOpError() << what << " differ: " << a << " and " << b;
}

/// A weight of floats [E, depth, N], or a packed one [E, N, depth*bits/8], with what belongs to it.
LogicalResult verifyExpertLayer(MoEOp op, StringRef name, const MoEOp::Layer &layer) {
  RankedTensorType weight = ranked(layer.weight);
  int64_t columns = weight.getDimSize(op.columnsDim()), depth = layer.depth;
  if (failed(verifyExpertSize(op, "numbers of experts", op.countExperts(), weight.getDimSize(0))))
    return failure();
  if (layer.bias &&
      (failed(verifyExpertSize(op, "numbers of experts", op.countExperts(), ranked(layer.bias).getDimSize(0))) ||
       failed(verifyExpertSize(op, "columns of a weight and its bias", columns, ranked(layer.bias).getDimSize(1)))))
    return failure();
  if (bool(layer.scales) != op.isQuantized())
    return op.emitOpError() << (layer.scales ? "has scales for " : "has scales for others than ") << name << " alone";
  if (!op.isQuantized())
    return layer.zeros ? op.emitOpError() << name << " has zeros without scales" : success();
  RankedTensorType scales = ranked(layer.scales);
  if (!weight.hasStaticShape() || !scales.hasStaticShape() || depth < 1)
    return op.emitOpError() << name << " is quantised, and its sizes must be known";
  if (!weight.getElementType().isUnsignedInteger(8))
    return op.emitOpError() << name << " is quantised, and must be of ui8, is of " << weight.getElementType();
  int64_t bytes = weight.getDimSize(2), bits = bytes * 8 / depth, blocks = scales.getDimSize(2);
  if ((bits != 2 && bits != 4 && bits != 8) || bits * depth != bytes * 8)
    return op.emitOpError() << name << " has " << bytes << " bytes for " << depth
                            << " rows: neither 2, 4 nor 8 bits each";
  if (blocks < 1 || depth % blocks || depth / blocks * bits % 8)
    return op.emitOpError() << name << " has " << blocks << " scales for " << depth
                            << " rows: no blocks of whole bytes";
  if (scales.getDimSize(0) != op.countExperts() || scales.getDimSize(1) != columns)
    return op.emitOpError() << "the scales of " << name << " must be [" << op.countExperts() << ", " << columns
                            << ", blocks]";
  if (!layer.zeros)
    return success();
  RankedTensorType zeros = ranked(layer.zeros);
  SmallVector<int64_t> wanted = {op.countExperts(), columns, static_cast<int64_t>(llvm::divideCeil(blocks * bits, 8))};
  if (!zeros.getElementType().isUnsignedInteger(8) || zeros.getShape() != ArrayRef<int64_t>(wanted))
    return op.emitOpError() << "the zeros of " << name << " must be ui8 [" << wanted[0] << ", " << wanted[1] << ", "
                            << wanted[2] << "]";
  return success();
}

/// What has to be equal among the operands' dims.
LogicalResult verifyExpertSizes(MoEOp op) {
  auto dim = [](Value value, int64_t i) { return ranked(value).getDimSize(i); };
  Value tokens = op.getTokens(), experts = op.getExperts(), shares = op.getWeights(), first = op.getFirst(),
        second = op.getSecond(), up = op.getUp();
  if (failed(verifyExpertSize(op, "tokens", dim(tokens, 0), dim(experts, 0))) ||
      failed(verifyExpertSize(op, "tokens", dim(tokens, 0), dim(shares, 0))) ||
      failed(verifyExpertSize(op, "choices of a token", dim(experts, 1), dim(shares, 1))))
    return failure();
  int64_t wide = dim(first, op.columnsDim()), inner = wide;
  if (op.isGateJoined() && !ShapedType::isDynamic(wide) && wide % 2)
    return op.emitOpError("first has ") << wide << " columns: no pairs of gates and what they let through";
  if (op.isGateJoined() && !ShapedType::isDynamic(wide))
    inner = wide / 2;
  if (!op.isQuantized()) {
    if (failed(verifyExpertSize(op, "features of tokens and first", dim(tokens, 1), dim(first, 1))) ||
        failed(verifyExpertSize(op, "inner features", inner, dim(second, 1))) ||
        (up && failed(verifyExpertSize(op, "features of tokens and up", dim(tokens, 1), dim(up, 1)))))
      return failure();
  }
  if (up && (failed(verifyExpertSize(op, "inner features", inner, dim(up, op.columnsDim()))) ||
             failed(verifyExpertLayer(op, "up", op.upLayer()))))
    return failure();
  if (failed(verifyExpertLayer(op, "first", op.firstLayer())))
    return failure();
  return verifyExpertLayer(op, "second", op.secondLayer());
}

LogicalResult verifyExpertGate(MoEOp op) {
  if ((op.getGate() == ExpertGate::apart) != bool(op.getUp()))
    return op.emitOpError(op.getUp() ? "has up without a gate apart from it" : "has a gate apart from up, but no up");
  if (!op.getUp() && op.getUpBias())
    return op.emitOpError("has up_bias without up");
  if (!op.getUp() && (op.getUpScales() || op.getUpZeros()))
    return op.emitOpError("has up_scales or up_zeros without up");
  bool isScaled = op.getAlpha().convertToFloat() != 1.0f;
  if (op.getGate() == ExpertGate::none && (isScaled || !op.getBeta().isZero() || op.getLimit()))
    return op.emitOpError("has alpha, beta or limit without a gate");
  if (isScaled && op.getActivation() != UnaryKind::silu)
    return op.emitOpError("has alpha, which silu alone takes");
  if (op.getLimit() && !(op.getLimit()->convertToFloat() > 0))
    return op.emitOpError("limit must be above zero");
  return success();
}

} // namespace

LogicalResult MoEOp::verify() {
  std::tuple<StringRef, Value, int64_t> ranks[] = {{"experts", getExperts(), 2},
                                                   {"weights", getWeights(), 2},
                                                   {"first", getFirst(), 3},
                                                   {"up", getUp(), 3},
                                                   {"first_bias", getFirstBias(), 2},
                                                   {"up_bias", getUpBias(), 2},
                                                   {"second_bias", getSecondBias(), 2},
                                                   {"first_scales", getFirstScales(), 3},
                                                   {"up_scales", getUpScales(), 3},
                                                   {"second_scales", getSecondScales(), 3},
                                                   {"first_zeros", getFirstZeros(), 3},
                                                   {"up_zeros", getUpZeros(), 3},
                                                   {"second_zeros", getSecondZeros(), 3}};
  for (auto [name, value, rank] : ranks)
    if (value && ranked(value).getRank() != rank)
      return emitOpError(name) << " must have rank " << rank;
  if (ShapedType::isDynamic(countExperts()))
    return emitOpError("the number of experts must be static");
  if (!elementOf(getExperts()).isSignlessInteger(64) && !elementOf(getExperts()).isSignlessInteger(32))
    return emitOpError("experts must be of i64 or i32, are of ") << elementOf(getExperts());
  SmallVector<Value> floats = {getTokens()};
  if (!isQuantized())
    floats.append({getFirst(), getSecond(), getUp()});
  for (Value value : floats)
    if (value && !elementOf(value).isF32() && !elementOf(value).isF16() && !elementOf(value).isBF16())
      return emitOpError("tokens and experts must be of f32, f16 or bf16, one is of ") << elementOf(value);
  if (elementOf(getTokens()) != elementOf(getWeights()))
    return emitOpError("element types differ: ") << elementOf(getTokens()) << " and " << elementOf(getWeights());
  if (failed(verifyExpertGate(*this)))
    return failure();
  return verifyExpertSizes(*this);
}
