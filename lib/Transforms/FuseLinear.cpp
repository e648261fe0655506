//===- FuseLinear.cpp - linear layers from products with weights ----------===//
//
// Expects the model layer's activations as single ops. A product with a weight
// becomes `linear`, which then takes in, step by step, bias, activation and
// residual as far as nothing else reads the values between. Leaves products of
// two computed values.
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
#define GEN_PASS_DEF_FUSELINEAR
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

UnaryKindAttr kindAttr(Builder &builder, UnaryKind kind) { return UnaryKindAttr::get(builder.getContext(), kind); }

/// matmul(x, weight) -> linear; a transposed weight becomes a transpose of it,
/// which the weight image folds.
struct FuseProduct : OpRewritePattern<MatMulOp> {
  FuseProduct(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    Value weight = op.getRhs();
    if (!isWeight(weight) || isWeight(op.getLhs()))
      return rewriter.notifyMatchFailure(op, "the right operand is no weight, or both are");
    if (!isa<FloatType>(getElementTypeOrSelf(op.getType())))
      return rewriter.notifyMatchFailure(op, "not a product of floats");
    if (rankOf(weight) != 2)
      return rewriter.notifyMatchFailure(op, "the weight is no matrix");
    if (op.getTransposeA())
      return fusion.nearMiss(rewriter, op, "the left operand is transposed");
    if (op.getTransposeB())
      weight = TransposeOp::create(rewriter, weight.getLoc(), weight, rewriter.getDenseI64ArrayAttr({1, 0}));
    rewriter.replaceOpWithNewOp<LinearOp>(op, op.getType(), op.getLhs(), weight, Value(), Value(),
                                          kindAttr(rewriter, UnaryKind::identity));
    return success();
  }

private:
  Fusion &fusion;
};

/// `weight`, f32 made of f16 or bf16, as it is stored; null for others.
Value storedWeight(PatternRewriter &rewriter, Value weight) {
  if (auto transpose = weight.getDefiningOp<TransposeOp>()) {
    Value input = storedWeight(rewriter, transpose.getInput());
    return input ? TransposeOp::create(rewriter, transpose.getLoc(), input, transpose.getPermAttr()) : Value();
  }
  auto cast = weight.getDefiningOp<CastOp>();
  if (!cast || !getElementTypeOrSelf(weight).isF32())
    return {};
  Type stored = getElementTypeOrSelf(cast.getInput());
  return stored.isF16() || stored.isBF16() ? cast.getInput() : Value();
}

/// linear(x, cast(weight)) -> linear(x, weight): the product widens what it reads.
struct ReadStoredWeight : OpRewritePattern<LinearOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LinearOp op, PatternRewriter &rewriter) const override {
    Value stored = storedWeight(rewriter, op.getWeight());
    if (!stored)
      return rewriter.notifyMatchFailure(op, "the weight is not widened");
    rewriter.modifyOpInPlace(op, [&] { op.getWeightMutable().assign(stored); });
    return success();
  }
};

/// A linear that may still take something in: nothing else reads its result.
LinearOp openLinear(Value value) {
  auto linear = value.getDefiningOp<LinearOp>();
  return linear && linear->hasOneUse() && !linear.getResidual() ? linear : LinearOp();
}

void replaceLinear(PatternRewriter &rewriter, Operation *op, LinearOp linear, Value bias, Value residual,
                   UnaryKind activation) {
  Location loc = rewriter.getFusedLoc({linear.getLoc(), op->getLoc()});
  auto fused = LinearOp::create(rewriter, loc, linear.getType(), linear.getInput(), linear.getWeight(), bias, residual,
                                kindAttr(rewriter, activation));
  rewriter.replaceOp(op, fused.getResult());
}

/// linear + weight [N] -> bias; linear + value of the same type -> residual.
struct AbsorbSum : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != BinaryKind::add)
      return rewriter.notifyMatchFailure(op, "not a sum");
    // Of two linears, the one computed last takes the other as its residual.
    for (bool swapped : {true, false}) {
      Value other = swapped ? op.getLhs() : op.getRhs();
      LinearOp linear = openLinear(swapped ? op.getRhs() : op.getLhs());
      if (!linear || linear.getType() != op.getType())
        continue;
      bool plain = linear.getActivation() == UnaryKind::identity;
      if (plain && !linear.getBias() && isWeight(other) && hasLeadingOnes(other, 1) && typeOf(other).hasStaticShape() &&
          rankOf(other) >= 1 && typeOf(other).getShape().back() == typeOf(op).getShape().back()) {
        replaceLinear(rewriter, op, linear, dropLeadingOnes(rewriter, op.getLoc(), other, 1), Value(),
                      UnaryKind::identity);
        return success();
      }
      if (other.getType() == op.getType() && !isWeight(other)) {
        replaceLinear(rewriter, op, linear, linear.getBias(), other, linear.getActivation());
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no linear that only this sum reads");
  }
};

struct AbsorbActivation : OpRewritePattern<UnaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(UnaryOp op, PatternRewriter &rewriter) const override {
    if (!llvm::is_contained({UnaryKind::relu, UnaryKind::gelu, UnaryKind::gelu_tanh, UnaryKind::quick_gelu,
                             UnaryKind::silu, UnaryKind::relu_squared, UnaryKind::tanh, UnaryKind::sigmoid},
                            op.getKind()))
      return rewriter.notifyMatchFailure(op, "not an activation");
    LinearOp linear = openLinear(op.getInput());
    if (!linear || linear.getActivation() != UnaryKind::identity)
      return rewriter.notifyMatchFailure(op, "no linear that only this activation reads");
    replaceLinear(rewriter, op, linear, linear.getBias(), Value(), op.getKind());
    return success();
  }
};

struct FuseLinear : transom::impl::FuseLinearBase<FuseLinear> {
  using FuseLinearBase::FuseLinearBase;
  void runOnOperation() override {
    Fusion fusion("linear", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseProduct>(&getContext(), fusion);
    patterns.add<AbsorbSum, AbsorbActivation, ReadStoredWeight>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
