//===- FuseIntegerProducts.cpp - products of dequantised numbers ----------===//
//
// Expects QDQ graphs: a product whose operands are both 8-bit numbers made
// float, by one scale (the right one maybe by one scale a column). It becomes a
// product of the integers, scaled once. Exact sums take the place of float ones.
// Convolutions become such products over their windows (IntegerConvolutions.cpp).
// Leaves products with an operand that was never quantised, that has a scale for
// each part of the sum, or whose sums may leave i32.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "IntegerProducts.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEINTEGERPRODUCTS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

static bool isOneNumber(Value value) { return typeOf(value).hasStaticShape() && typeOf(value).getNumElements() == 1; }

Value transom::asScalar(PatternRewriter &rewriter, Value value) {
  if (!value || !isOneNumber(value) || rankOf(value) == 0)
    return value;
  return ReshapeOp::create(rewriter, value.getLoc(), RankedTensorType::get({}, getElementTypeOrSelf(value)), value,
                           ValueRange());
}

StringRef transom::whyNotInteger(DequantizeOp dequantize, int64_t kept) {
  Type stored = getElementTypeOrSelf(dequantize.getInput());
  if (!stored.isInteger(8))
    return "the numbers are not of 8 bits";
  if (dequantize.getBlockSize())
    return "each block of the sum has a scale of its own";
  for (Value parameter : {dequantize.getScale(), dequantize.getZero()}) {
    if (!parameter || isOneNumber(parameter))
      continue;
    if (rankOf(parameter) != 1 || static_cast<int64_t>(dequantize.getAxis()) != kept)
      return "a scale or zero point differs along the sum";
  }
  return {};
}

namespace {

/// `value`, a view of a dequantisation, as the same view of its integers.
Value integersOf(PatternRewriter &rewriter, Value value) {
  if (auto dequantize = value.getDefiningOp<DequantizeOp>())
    return dequantize.getInput();
  Operation *view = value.getDefiningOp();
  IRMapping map;
  map.map(view->getOperand(0), integersOf(rewriter, view->getOperand(0)));
  Operation *copy = rewriter.clone(*view, map);
  copy->getResult(0).setType(typeOf(value).clone(getElementTypeOrSelf(map.lookup(view->getOperand(0)))));
  return copy->getResult(0);
}

/// matmul(dequantize(a), dequantize(b)) -> matmul_integer(a, b) * (scale of a * scale of b)
struct FuseIntegerProduct : OpRewritePattern<MatMulOp> {
  FuseIntegerProduct(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    DequantizeOp lhs = dequantizationBehind(op.getLhs()), rhs = dequantizationBehind(op.getRhs());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "an operand is not made of integers");
    if (rankOf(op.getLhs()) < 2 || rankOf(op.getRhs()) < 2)
      return rewriter.notifyMatchFailure(op, "an operand is a vector");
    // Of a right operand that is no other view than a swap of its rows and columns, columns are known.
    int64_t column = -1;
    bool transposed = op.getTransposeB();
    Value bare = underTranspose(op.getRhs(), transposed);
    if (bare == rhs.getResult())
      column = rankOf(bare) - (transposed ? 2 : 1);
    if (StringRef reason = whyNotInteger(lhs, -1); !reason.empty())
      return fusion.nearMiss(rewriter, op, "left operand: " + reason);
    if (StringRef reason = whyNotInteger(rhs, column); !reason.empty())
      return fusion.nearMiss(rewriter, op, "right operand: " + reason);
    // Unknown depths are numbers of keys, which probabilities weigh: their sum is bounded.
    if (int64_t depth = typeOf(op.getLhs()).getDimSize(rankOf(op.getLhs()) - (op.getTransposeA() ? 2 : 1));
        depth > longestSum)
      return fusion.nearMiss(rewriter, op, "sums over " + Twine(depth) + " products may not fit 32 bits");

    Location loc = op.getLoc();
    auto swapped = [&](Value value, bool swap) -> Value {
      if (!swap)
        return value;
      SmallVector<int64_t> perm = llvm::to_vector(llvm::seq<int64_t>(0, rankOf(value)));
      std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
      return TransposeOp::create(rewriter, loc, value, rewriter.getDenseI64ArrayAttr(perm));
    };
    Value a = swapped(integersOf(rewriter, op.getLhs()), op.getTransposeA());
    Value b = swapped(integersOf(rewriter, op.getRhs()), op.getTransposeB());
    Value sums = MatMulIntegerOp::create(rewriter, loc, a, b, asScalar(rewriter, lhs.getZero()),
                                         asScalar(rewriter, rhs.getZero()));
    // i32 is beyond f16: scaled in f32.
    Type f32 = rewriter.getF32Type();
    auto scaleOf = [&](DequantizeOp from) { return castTo(rewriter, loc, asScalar(rewriter, from.getScale()), f32); };
    Value scale = BinaryOp::create(rewriter, loc, BinaryKind::mul, scaleOf(lhs), scaleOf(rhs));
    Value real = CastOp::create(rewriter, loc, typeOf(sums).clone(f32), sums);
    real = BinaryOp::create(rewriter, loc, BinaryKind::mul, real, scale);
    rewriter.replaceOp(op, castTo(rewriter, loc, real, getElementTypeOrSelf(op.getType())));
    return success();
  }

private:
  Fusion &fusion;
};

struct FuseIntegerProducts : transom::impl::FuseIntegerProductsBase<FuseIntegerProducts> {
  using FuseIntegerProductsBase::FuseIntegerProductsBase;
  void runOnOperation() override {
    Fusion fusion("integer product", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseIntegerProduct>(&getContext(), fusion);
    populateIntegerConvolutionPatterns(patterns, fusion);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
