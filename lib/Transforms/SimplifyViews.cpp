//===- SimplifyViews.cpp - views that change nothing ----------------------===//
//
// Drops reshapes, slices and broadcasts to the dims that a tensor has already,
// where folders cannot see it because the dims are dynamic, broadcasts that an
// elementwise op does itself, and reshapes that give statistics their reduced
// dims back. Lets products with weights read rows in the dims they come in
// (GPT-2's flattened Conv1D).
// Expects import's invariant that equal dims are equal index values.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "GraphMatch.h"
#include "IndexForm.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_SIMPLIFYVIEWS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// True where `sizes` are the dynamic dims of `value` and the shapes agree.
bool hasDims(Value value, RankedTensorType type, ValueRange sizes) {
  if (value.getType() != type)
    return false;
  unsigned next = 0;
  for (int64_t i = 0; i < type.getRank(); ++i)
    if (type.isDynamicDim(i) && !dimIs(value, i, sizes[next++]))
      return false;
  return true;
}

template <typename OpTy> struct DropView : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    if constexpr (std::is_same_v<OpTy, SliceOp>) {
      bool fromStart = llvm::all_of(op.getStaticStarts(), [](int64_t start) { return start == 0; }) &&
                       llvm::all_of(op.getSteps(), [](int64_t step) { return step == 1; });
      if (!fromStart)
        return rewriter.notifyMatchFailure(op, "does not start at the first element");
    }
    if (!hasDims(op.getInput(), cast<RankedTensorType>(op.getType()), op.getDims()))
      return rewriter.notifyMatchFailure(op, "changes dims, or maybe");
    rewriter.replaceOp(op, op.getInput());
    return success();
  }
};

/// reshape(linear(reshape(x))) -> linear(reshape(x)): rows stay rows, however many
/// dims they stand in, so the view moves to the input, where it merges.
struct ReadRowsAsTheyCome : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto linear = op.getInput().getDefiningOp<LinearOp>();
    auto joined = linear ? linear.getInput().getDefiningOp<ReshapeOp>() : ReshapeOp();
    if (!joined || !linear->hasOneUse() || linear.getResidual())
      return rewriter.notifyMatchFailure(op, "no linear on rows that were joined");
    RankedTensorType to = typeOf(op);
    int64_t features = typeOf(linear.getInput()).getShape().back();
    if (to.getRank() < 2 || to.getShape().back() != typeOf(linear).getShape().back() ||
        ShapedType::isDynamic(to.getShape().back()) || ShapedType::isDynamic(features))
      return rewriter.notifyMatchFailure(op, "the features are split");
    SmallVector<int64_t> shape(to.getShape());
    shape.back() = features;
    Value rows = ReshapeOp::create(rewriter, joined.getLoc(), to.clone(shape), joined.getInput(), op.getDims());
    rewriter.replaceOpWithNewOp<LinearOp>(op, to, rows, linear.getWeight(), linear.getBias(), Value(),
                                          linear.getActivationAttr());
    return success();
  }
};

/// reshape(slice(x)) of one part of packed features into heads -> slice(reshape(x)):
/// the parts are heads of one tensor, read where they lie.
struct SplitBeforeSlice : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto slice = op.getInput().getDefiningOp<SliceOp>();
    RankedTensorType to = typeOf(op);
    int64_t last = slice ? typeOf(slice).getRank() - 1 : 0;
    if (!slice || to.getRank() != last + 2)
      return rewriter.notifyMatchFailure(op, "no slice whose last dim is split in two");
    RankedTensorType from = typeOf(slice.getInput()), part = typeOf(slice);
    int64_t width = to.getShape().back(), total = from.getShape().back(), start = slice.getStaticStarts().back();
    if (ShapedType::isDynamic(width) || ShapedType::isDynamic(total) || ShapedType::isDynamic(to.getDimSize(last)) ||
        start == INT64_MIN || width == 0 || total % width || start % width)
      return rewriter.notifyMatchFailure(op, "the part does not begin and end where heads do");
    unsigned sliceNext = 0, next = 0;
    for (int64_t i = 0; i < last; ++i) {
      bool same = from.getDimSize(i) == part.getDimSize(i) && part.getDimSize(i) == to.getDimSize(i);
      if (same && part.isDynamicDim(i)) {
        Value size = slice.getDims()[sliceNext++];
        same = dimIs(slice.getInput(), i, size) && size == op.getDims()[next++];
      }
      if (!same || slice.getStaticStarts()[i] != 0 || slice.getSteps()[i] != 1)
        return rewriter.notifyMatchFailure(op, "other dims are cut or reshaped too");
    }
    if (slice.getSteps().back() != 1)
      return rewriter.notifyMatchFailure(op, "features are left out between");
    SmallVector<int64_t> shape(to.getShape()), starts(to.getRank(), 0), steps(to.getRank(), 1);
    shape[last] = total / width;
    starts[last] = start / width;
    Value heads = ReshapeOp::create(rewriter, op.getLoc(), to.clone(shape), slice.getInput(), op.getDims());
    rewriter.replaceOpWithNewOp<SliceOp>(op, to, heads, ValueRange(), op.getDims(), starts, steps);
    return success();
  }
};

/// x op broadcast_to(y) -> x op y, where x has all dims that y is broadcast to.
struct DropBroadcast : OpRewritePattern<BinaryOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    for (unsigned side : {0u, 1u}) {
      auto broadcast = op->getOperand(side).getDefiningOp<BroadcastToOp>();
      Value other = op->getOperand(1 - side);
      if (!broadcast || scalar(broadcast) || other.getType() != op.getType() ||
          !hasDims(other, typeOf(broadcast).clone(getElementTypeOrSelf(other)), broadcast.getDims()))
        continue;
      rewriter.modifyOpInPlace(op, [&] { op->setOperand(side, broadcast.getInput()); });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is broadcast to the dims of the other");
  }
};

/// reshape(reduce(x)), and the same of elementwise ops with numbers of it, where the
/// reshape puts back the dims that are reduced -> the reduction that keeps them.
struct KeepReducedDims : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    SmallVector<Operation *> path;
    Value value = op.getInput();
    while (!value.getDefiningOp<ReduceOp>()) {
      Value next = value.hasOneUse() ? elementwiseInput(value.getDefiningOp()) : Value();
      if (!next || path.size() == 8 || typeOf(next).getShape() != typeOf(value).getShape())
        return rewriter.notifyMatchFailure(op, "no reduction, or elementwise ops with numbers of one");
      path.push_back(value.getDefiningOp());
      value = next;
    }
    auto reduce = value.getDefiningOp<ReduceOp>();
    int64_t rank = rankOf(reduce.getInput());
    std::optional<SmallVector<int64_t>> map = unitDimMap(op);
    if (reduce.getKeepdims() || !map || rankOf(op) != rank)
      return rewriter.notifyMatchFailure(op, "the reshape does more than put dims of 1 back");
    int64_t next = 0;
    for (int64_t i = 0; i < rank; ++i)
      if ((*map)[i] != (llvm::is_contained(reduce.getAxes(), i) ? -1 : next++))
        return rewriter.notifyMatchFailure(op, "the dims of 1 do not stand where dims were reduced");
    SmallVector<int64_t> shape(typeOf(reduce.getInput()).getShape());
    for (int64_t axis : reduce.getAxes())
      shape[axis] = 1;
    if (typeOf(op).getShape() != ArrayRef<int64_t>(shape))
      return rewriter.notifyMatchFailure(op, "the dims are known better than the reduction's");
    Value kept = ReduceOp::create(rewriter, reduce.getLoc(), reduce.getKind(), reduce.getInput(), reduce.getAxes(),
                                  /*keepdims=*/true);
    for (Operation *inner : llvm::reverse(path)) {
      Value before = std::exchange(value, inner->getResult(0));
      Operation *copy = rewriter.clone(*inner);
      copy->replaceUsesOfWith(before, kept);
      copy->getResult(0).setType(typeOf(kept).clone(getElementTypeOrSelf(inner->getResult(0).getType())));
      kept = copy->getResult(0);
    }
    rewriter.replaceOp(op, kept);
    return success();
  }

private:
  /// What `op` computes with element by element, beside numbers; null for others.
  static Value elementwiseInput(Operation *op) {
    if (isa_and_present<UnaryOp, CastOp>(op))
      return op->getOperand(0);
    auto binary = dyn_cast_if_present<BinaryOp>(op);
    auto isNumber = [](Value value) {
      return scalar(value) && typeOf(value).hasStaticShape() && typeOf(value).getNumElements() == 1;
    };
    if (!binary || isNumber(binary.getLhs()) == isNumber(binary.getRhs()))
      return {};
    return isNumber(binary.getLhs()) ? binary.getRhs() : binary.getLhs();
  }
};

struct SimplifyViews : transom::impl::SimplifyViewsBase<SimplifyViews> {
  void runOnOperation() override {
    Fusion fusion("linear", /*remarks=*/false);
    RewritePatternSet patterns(&getContext());
    patterns.add<DropView<ReshapeOp>, DropView<SliceOp>, DropView<BroadcastToOp>, DropBroadcast, KeepReducedDims,
                 ReadRowsAsTheyCome, SplitBeforeSlice>(&getContext());
    ReshapeOp::getCanonicalizationPatterns(patterns, &getContext());
    TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
