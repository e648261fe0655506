//===- LowerLinearAttention.cpp - linear attention in pieces --------------===//
//
// For what has no kernel of its own for it: targets, and ONNX. Expects the model
// layer; gives matrix products with the state, causal ones between queries and
// keys with the upper triangle removed. Leaves nothing of the op.
//
//===----------------------------------------------------------------------===//

#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_LOWERLINEARATTENTION
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

class LinearAttentionPieces {
public:
  LinearAttentionPieces(LinearAttentionOp op, OpBuilder &builder)
      : op(op), builder(builder), loc(op.getLoc()), arith(builder), dims(arith) {}

  /// The op's results; null for those of which nothing is read.
  SmallVector<Value> make();

private:
  Value product(Value a, Value b, bool transposeA = false, bool transposeB = false) {
    return MatMulOp::create(builder, loc, a, b, transposeA, transposeB);
  }
  Value plus(Value a, Value b) { return a && b ? Value(BinaryOp::create(builder, loc, BinaryKind::add, a, b)) : a; }
  Value total(Value x, int64_t axis, bool keep) {
    return ReduceOp::create(builder, loc, ReduceKind::sum, x, axis, keep);
  }
  /// [B, H, M] as [B, H, M, 1].
  Value asColumn(Value sums);
  Value quotient(Value above, Value below);
  Value typed(Value piece, Value result);
  /// What rows of features read of a state.
  Value read(Value features, Value state, Value sums) {
    return quotient(product(features, state), op.getEpsilon() ? product(features, asColumn(sums)) : Value());
  }

  LinearAttentionOp op;
  OpBuilder &builder;
  Location loc;
  SizeArith arith;
  TensorDims dims;
};

Value LinearAttentionPieces::asColumn(Value sums) {
  Dims to = dims.of(sums);
  to.push_back(arith.constant(1));
  auto [shape, sizes] = splitDims(to);
  return ReshapeOp::create(builder, loc, RankedTensorType::get(shape, getElementTypeOrSelf(sums)), sums, sizes);
}

Value LinearAttentionPieces::quotient(Value above, Value below) {
  if (!below)
    return above;
  Type element = getElementTypeOrSelf(above);
  double epsilon = op.getEpsilon()->convertToDouble();
  if (epsilon != 0)
    below = plus(below, ConstantOp::create(builder, loc,
                                           DenseElementsAttr::get(RankedTensorType::get({}, element),
                                                                  builder.getFloatAttr(element, epsilon))));
  return BinaryOp::create(builder, loc, BinaryKind::div, above, below);
}

/// `piece` with what the op's operands together know of its sizes.
Value LinearAttentionPieces::typed(Value piece, Value result) {
  if (!piece || piece.getType() == result.getType())
    return piece;
  SmallVector<Value> sizes;
  for (auto [i, dim] : llvm::enumerate(Dims(dims.of(piece))))
    if (cast<RankedTensorType>(result.getType()).isDynamicDim(i))
      sizes.push_back(arith.value(loc, dim));
  return ReshapeOp::create(builder, loc, result.getType(), piece, sizes);
}

SmallVector<Value> LinearAttentionPieces::make() {
  Value query = op.getQuery(), key = op.getKey(), value = op.getValue(), state = op.getState(), sums = op.getSums();
  if (op.getDelta())
    value = BinaryOp::create(builder, loc, BinaryKind::sub, value, read(key, state, sums));
  bool isReadAll = op.getReads() == LinearReads::all;
  Value newState, newSums, result;
  if (isReadAll || !op.getNewState().use_empty())
    newState = plus(product(key, value, /*transposeA=*/true), state);
  if ((isReadAll && op.getEpsilon()) || !op.getNewSums().use_empty())
    newSums = plus(total(key, 2, false), sums);
  switch (op.getReads()) {
  case LinearReads::all: result = read(query, newState, newSums); break;
  case LinearReads::before: result = read(query, state, sums); break;
  case LinearReads::causal: {
    Value seen =
        TriluOp::create(builder, loc, product(query, key, false, /*transposeB=*/true), Value(), /*upper=*/false);
    Value above = plus(product(seen, value), state ? product(query, state) : Value()), below;
    if (op.getEpsilon())
      below = plus(total(seen, 3, true), sums ? product(query, asColumn(sums)) : Value());
    result = quotient(above, below);
    break;
  }
  }
  return {typed(result, op.getResult()), typed(newState, op.getNewState()), typed(newSums, op.getNewSums())};
}

struct Lower : OpRewritePattern<LinearAttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LinearAttentionOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> pieces = LinearAttentionPieces(op, rewriter).make();
    for (auto [piece, result] : llvm::zip(pieces, op.getResults()))
      if (piece)
        rewriter.replaceAllUsesWith(result, piece);
    rewriter.eraseOp(op);
    return success();
  }
};

struct LowerLinearAttention : transom::impl::LowerLinearAttentionBase<LowerLinearAttention> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Lower>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};

} // namespace
