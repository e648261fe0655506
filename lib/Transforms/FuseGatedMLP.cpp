//===- FuseGatedMLP.cpp - gated linear units ------------------------------===//
//
// Expects activations as single ops and products not yet fused with them (runs
// before fuse-linear). Anchors on the product of an activated projection with
// another projection. Leaves gates on values that no product made.
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
#define GEN_PASS_DEF_FUSEGATEDMLP
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// A matrix product, maybe with bias, kept within limits, dequantised, or a part of a packed one.
bool isProjection(Value value, int depth = 6) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (isa<MatMulOp, MatMulIntegerOp, LinearOp, LinearNBitsOp>(op))
    return true;
  if (isa<SliceOp, ReshapeOp, CastOp, TransposeOp, QuantizeOp, DequantizeOp>(op))
    return isProjection(op->getOperand(0), depth - 1);
  auto binary = dyn_cast<BinaryOp>(op);
  if (!binary ||
      !llvm::is_contained({BinaryKind::add, BinaryKind::mul, BinaryKind::min, BinaryKind::max}, binary.getKind()))
    return false;
  return isProjection(binary.getLhs(), depth - 1) || isProjection(binary.getRhs(), depth - 1);
}

struct FuseGate : OpRewritePattern<BinaryOp> {
  FuseGate(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    if (op.getKind() != BinaryKind::mul)
      return rewriter.notifyMatchFailure(op, "not a product");
    for (unsigned side : {0u, 1u}) {
      auto gate = op->getOperand(side).getDefiningOp<UnaryOp>();
      Value up = op->getOperand(1 - side);
      if (!gate || !llvm::is_contained({UnaryKind::silu, UnaryKind::gelu, UnaryKind::gelu_tanh, UnaryKind::quick_gelu,
                                        UnaryKind::relu, UnaryKind::sigmoid, UnaryKind::relu_squared},
                                       gate.getKind()))
        continue;
      if (same(gate.getInput(), up))
        return rewriter.notifyMatchFailure(op, "gate and other factor are one value");
      // Gates of values that no product made are common; one projection without the other is worth a word.
      bool gated = isProjection(gate.getInput()), other = isProjection(up);
      if (!gated && !other)
        return rewriter.notifyMatchFailure(op, "neither factor is a projection");
      if (!gated || !other)
        return fusion.nearMiss(rewriter, op, gated ? "what is gated is no projection" : "the gate is no projection");
      if (gate.getType() != op.getType() || up.getType() != op.getType())
        return fusion.nearMiss(rewriter, op, "gate and other factor differ in type");
      rewriter.replaceOpWithNewOp<GLUOp>(op, gate.getKind(), gate.getInput(), up);
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no factor is an activation");
  }

private:
  Fusion &fusion;
};

struct FuseGatedMLP : transom::impl::FuseGatedMLPBase<FuseGatedMLP> {
  using FuseGatedMLPBase::FuseGatedMLPBase;
  void runOnOperation() override {
    Fusion fusion("glu", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseGate>(&getContext(), fusion);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
