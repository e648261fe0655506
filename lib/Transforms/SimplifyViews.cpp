//===- SimplifyViews.cpp - views that change nothing ----------------------===//
//
// Drops reshapes, slices and broadcasts to the dims that a tensor has already,
// where folders cannot see it because the dims are dynamic, and lets products
// with weights read rows in the dims they come in (GPT-2's flattened Conv1D).
// Expects import's invariant that equal dims are equal index values.
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

struct SimplifyViews : transom::impl::SimplifyViewsBase<SimplifyViews> {
  void runOnOperation() override {
    Fusion fusion("linear", /*remarks=*/false);
    RewritePatternSet patterns(&getContext());
    patterns.add<DropView<ReshapeOp>, DropView<SliceOp>, DropView<BroadcastToOp>, ReadRowsAsTheyCome,
                 SplitBeforeSlice>(&getContext());
    ReshapeOp::getCanonicalizationPatterns(patterns, &getContext());
    TransposeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
