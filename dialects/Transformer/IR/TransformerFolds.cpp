//===- TransformerFolds.cpp - folders and canonicalisations ---------------===//
//
// Folds that never need arithmetic on weights: identities, reshapes of
// reshapes, permutations of permutations, and small constants. Whatever needs
// an interpreter is left to the constant folding pass.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include <cmath>

using namespace mlir;
using namespace transom::transformer;

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

//===-- Small constants: scales, sizes turned into floats, limits ----------===//

namespace {
constexpr int64_t kMaxFoldedElements = 64;

/// A small constant whose elements a double holds exactly.
std::optional<SmallVector<double>> smallNumbers(Attribute attribute) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(attribute);
  if (!elements || elements.getNumElements() > kMaxFoldedElements)
    return std::nullopt;
  SmallVector<double> numbers;
  if (isa<FloatType>(elements.getElementType())) {
    for (APFloat value : elements.getValues<APFloat>())
      numbers.push_back(value.convertToDouble());
  } else {
    bool isUnsigned = elements.getElementType().isUnsignedInteger() || elements.getElementType().isInteger(1);
    for (APInt value : elements.getValues<APInt>()) {
      if (!value.isSignedIntN(53))
        return std::nullopt;
      numbers.push_back(isUnsigned ? value.roundToDouble(false) : value.signedRoundToDouble());
    }
  }
  return numbers;
}

/// Numbers as a constant of `type`, rounded to its element type; null where an
/// integer cannot hold one.
Attribute asConstant(RankedTensorType type, ArrayRef<double> numbers) {
  Type element = type.getElementType();
  if (auto floating = dyn_cast<FloatType>(element)) {
    SmallVector<APFloat> values;
    for (double number : numbers) {
      APFloat value(number);
      bool inexact;
      value.convert(floating.getFloatSemantics(), APFloat::rmNearestTiesToEven, &inexact);
      values.push_back(value);
    }
    return DenseElementsAttr::get(type, values);
  }
  SmallVector<APInt> values;
  for (double number : numbers) {
    if (!(std::abs(number) < 9.0e15))
      return {};
    values.push_back(APInt(64, static_cast<int64_t>(number), true).trunc(element.getIntOrFloatBitWidth()));
  }
  return DenseElementsAttr::get(type, values);
}
} // namespace

OpFoldResult UnaryOp::fold(FoldAdaptor adaptor) {
  if (getKind() == UnaryKind::identity)
    return getInput();
  auto inner = getInput().getDefiningOp<UnaryOp>();
  bool involution = getKind() == UnaryKind::neg || getKind() == UnaryKind::not_;
  if (inner && involution && inner.getKind() == getKind())
    return inner.getInput();
  auto type = cast<RankedTensorType>(getType());
  std::optional<SmallVector<double>> numbers = smallNumbers(adaptor.getInput());
  if (!numbers || !isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type.getElementType()))
    return {};
  // Halves are computed with as floats are: rounding twice does not show in roots and quotients.
  bool single = !type.getElementType().isF64();
  for (double &x : *numbers) {
    switch (getKind()) {
    case UnaryKind::neg: x = -x; break;
    case UnaryKind::abs: x = std::abs(x); break;
    // In the element type: a double's root rounded again is the float's root.
    case UnaryKind::sqrt: x = single ? std::sqrt(static_cast<float>(x)) : std::sqrt(x); break;
    case UnaryKind::reciprocal: x = 1.0 / x; break;
    case UnaryKind::exp: x = std::exp(x); break;
    case UnaryKind::log: x = std::log(x); break;
    default: return {};
    }
  }
  return asConstant(type, *numbers);
}

/// The value of a floating-point splat, if `attribute` is one.
static std::optional<double> floatSplat(Attribute attribute) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(attribute);
  if (!elements || !elements.isSplat() || !isa<FloatType>(elements.getElementType()))
    return std::nullopt;
  return elements.getSplatValue<APFloat>().convertToDouble();
}

/// One element, or one for each of the result's.
static bool covers(Value operand, RankedTensorType result) {
  auto type = cast<RankedTensorType>(operand.getType());
  return type.hasStaticShape() && (type.getNumElements() == 1 || type.getNumElements() == result.getNumElements());
}

OpFoldResult BinaryOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getType());
  auto a = smallNumbers(adaptor.getLhs()), b = smallNumbers(adaptor.getRhs());
  bool shapesAllow = type.hasStaticShape() && type.getNumElements() <= kMaxFoldedElements && a && b &&
                     type.getNumElements() > 0 && covers(getLhs(), type) && covers(getRhs(), type);
  if (shapesAllow && (isa<Float16Type, BFloat16Type, Float32Type, Float64Type>(type.getElementType()) ||
                      type.getElementType().isSignlessInteger(64) || type.getElementType().isSignlessInteger(32))) {
    SmallVector<double> out;
    bool integer = isa<IntegerType>(type.getElementType()), folds = true;
    for (int64_t i = 0; i < type.getNumElements(); ++i) {
      double x = (*a)[a->size() == 1 ? 0 : i], y = (*b)[b->size() == 1 ? 0 : i];
      switch (getKind()) {
      case BinaryKind::add: out.push_back(x + y); break;
      case BinaryKind::sub: out.push_back(x - y); break;
      case BinaryKind::mul: out.push_back(x * y); break;
      case BinaryKind::min: out.push_back(std::min(x, y)); break;
      case BinaryKind::max: out.push_back(std::max(x, y)); break;
      case BinaryKind::div:
        folds &= !integer || y != 0;
        out.push_back(integer && y != 0 ? std::trunc(x / y) : x / y);
        break;
      case BinaryKind::pow:
        folds &= !integer;
        out.push_back(std::pow(x, y));
        break;
      default: folds = false; out.push_back(0);
      }
    }
    if (folds)
      if (Attribute constant = asConstant(type, out))
        return constant;
  }
  // x + 0 stays: it turns -0 into +0. x * 1, x / 1, x - 0 and pow(x, 1) are exact.
  auto keeps = [&](Value operand) { return operand.getType() == getType(); };
  std::optional<double> rhs = floatSplat(adaptor.getRhs()), lhs = floatSplat(adaptor.getLhs());
  switch (getKind()) {
  case BinaryKind::mul:
    if (lhs == 1.0 && keeps(getRhs()))
      return getRhs();
    [[fallthrough]];
  case BinaryKind::div:
  case BinaryKind::pow:
    if (rhs == 1.0 && keeps(getLhs()))
      return getLhs();
    return {};
  case BinaryKind::sub:
    if (rhs == 0.0 && !std::signbit(*rhs) && keeps(getLhs()))
      return getLhs();
    return {};
  default: return {};
  }
}

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  auto condition = dyn_cast_if_present<DenseElementsAttr>(adaptor.getCondition());
  if (!condition || !condition.isSplat())
    return {};
  bool isTrue = condition.getSplatValue<bool>();
  Value chosen = isTrue ? getOnTrue() : getOnFalse(), other = isTrue ? getOnFalse() : getOnTrue();
  if (chosen.getType() != getType())
    return {};
  // The other operand may be the one that a dim is as large as.
  auto large = cast<RankedTensorType>(chosen.getType()), small = cast<RankedTensorType>(other.getType());
  for (int64_t i = 1; i <= small.getRank() && chosen != other; ++i)
    if (large.isDynamicDim(large.getRank() - i) && small.isDynamicDim(small.getRank() - i))
      return {};
  return chosen;
}

OpFoldResult CastOp::fold(FoldAdaptor adaptor) {
  if (getInput().getType() == getType())
    return getInput();
  auto type = cast<RankedTensorType>(getType());
  auto numbers = smallNumbers(adaptor.getInput());
  if (!numbers || !type.hasStaticShape() || type.getElementTypeBitWidth() < 8 ||
      type.getElementType().isUnsignedInteger() || type.getElementTypeBitWidth() == 8)
    return {};
  return asConstant(type, *numbers);
}

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getType());
  if (getInput().getType() == type && type.hasStaticShape())
    return getInput();
  // One dynamic dim: equal element counts make it equal too. Of what a loop
  // carries, the view says which dims the loop keeps.
  auto argument = dyn_cast<BlockArgument>(getInput());
  bool carried =
      getInput().getDefiningOp<LoopOp>() || (argument && isa_and_present<LoopOp>(argument.getOwner()->getParentOp()));
  bool isEmpty = llvm::is_contained(type.getShape(), 0); // then equal counts say nothing
  if (getInput().getType() == type && type.getNumDynamicDims() == 1 && !carried && !isEmpty)
    return getInput();
  if (auto elements = dyn_cast_if_present<DenseElementsAttr>(adaptor.getInput()))
    if (type.hasStaticShape())
      return elements.reshape(type);
  return {};
}

namespace {
/// reshape(reshape(x)) -> reshape(x): only the last dims count.
struct MergeReshapes : OpRewritePattern<ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReshapeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<ReshapeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a reshape");
    rewriter.modifyOpInPlace(op, [&] { op.getInputMutable().assign(inner.getInput()); });
    return success();
  }
};

/// transpose(transpose(x)) -> transpose(x) with the composed permutation.
struct MergeTransposes : OpRewritePattern<TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(TransposeOp op, PatternRewriter &rewriter) const override {
    auto inner = op.getInput().getDefiningOp<TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "input is not a transpose");
    SmallVector<int64_t> perm;
    for (int64_t axis : op.getPerm())
      perm.push_back(inner.getPerm()[axis]);
    rewriter.replaceOpWithNewOp<TransposeOp>(op, op.getType(), inner.getInput(), rewriter.getDenseI64ArrayAttr(perm));
    return success();
  }
};
/// gather(widen(weight)) -> widen(gather(weight)): a table is not cast as a whole
/// for the rows that are looked up.
struct LookUpBeforeCast : OpRewritePattern<GatherOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(GatherOp op, PatternRewriter &rewriter) const override {
    auto cast = op.getInput().getDefiningOp<CastOp>();
    if (!cast || !cast.getInput().getDefiningOp<ConstantOp>())
      return rewriter.notifyMatchFailure(op, "the table is not a weight under a cast");
    if (getElementTypeOrSelf(cast.getType()).getIntOrFloatBitWidth() <=
        getElementTypeOrSelf(cast.getInput()).getIntOrFloatBitWidth())
      return rewriter.notifyMatchFailure(op, "the cast does not widen: it is how the weight is stored");
    auto type = llvm::cast<RankedTensorType>(op.getType());
    Value rows = GatherOp::create(rewriter, op.getLoc(), type.clone(getElementTypeOrSelf(cast.getInput())),
                                  cast.getInput(), op.getIndices(), op.getAxis());
    rewriter.replaceOpWithNewOp<CastOp>(op, type, rows);
    return success();
  }
};
} // namespace

void GatherOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<LookUpBeforeCast>(context);
}

void ReshapeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeReshapes>(context);
}

void TransposeOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<MergeTransposes>(context);
}

/// The elements of a small constant at the positions that `source` gives for
/// each position of the result, both row-major; null for larger ones.
static Attribute pickElements(RankedTensorType type, Attribute input, ArrayRef<int64_t> inputShape,
                              llvm::function_ref<int64_t(unsigned, int64_t)> sourceIndex,
                              llvm::function_ref<unsigned(unsigned)> sourceDim) {
  auto elements = dyn_cast_if_present<DenseElementsAttr>(input);
  if (!elements || !type.hasStaticShape() || type.getNumElements() == 0 || type.getNumElements() > kMaxFoldedElements ||
      elements.getNumElements() > kMaxFoldedElements)
    return {};
  SmallVector<Attribute> all(elements.getValues<Attribute>()), picked;
  SmallVector<int64_t> strides(inputShape.size(), 1);
  for (int64_t i = static_cast<int64_t>(inputShape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * inputShape[i + 1];
  for (int64_t number = 0; number < type.getNumElements(); ++number) {
    int64_t rest = number, from = 0;
    for (int64_t i = type.getRank() - 1; i >= 0; --i) {
      int64_t index = sourceIndex(i, rest % type.getDimSize(i));
      if (index < 0 || index >= inputShape[sourceDim(i)])
        return {}; // beyond the input: the run says so
      from += strides[sourceDim(i)] * index;
      rest /= type.getDimSize(i);
    }
    picked.push_back(all[from]);
  }
  return DenseElementsAttr::get(type, picked);
}

OpFoldResult TransposeOp::fold(FoldAdaptor adaptor) {
  ArrayRef<int64_t> perm = getPerm();
  if (Attribute folded = pickElements(
          cast<RankedTensorType>(getType()), adaptor.getInput(),
          cast<RankedTensorType>(getInput().getType()).getShape(), [](unsigned, int64_t at) { return at; },
          [&](unsigned dim) { return perm[dim]; }))
    return folded;
  bool identity =
      llvm::all_of(llvm::enumerate(perm), [](auto p) { return static_cast<int64_t>(p.index()) == p.value(); });
  return identity && getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

OpFoldResult BroadcastToOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getType());
  if (!type.hasStaticShape())
    return {};
  if (getInput().getType() == type)
    return getInput();
  auto elements = dyn_cast_if_present<DenseElementsAttr>(adaptor.getInput());
  if (elements && elements.isSplat())
    return DenseElementsAttr::get(type, elements.getSplatValue<Attribute>());
  return {};
}

OpFoldResult SliceOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getType());
  if (getStarts().empty())
    if (Attribute folded = pickElements(
            type, adaptor.getInput(), cast<RankedTensorType>(getInput().getType()).getShape(),
            [&](unsigned dim, int64_t at) { return getStaticStarts()[dim] + at * getSteps()[dim]; },
            [](unsigned dim) { return dim; }))
      return folded;
  if (getInput().getType() != type || !type.hasStaticShape())
    return {};
  bool whole = llvm::all_of(getStaticStarts(), [](int64_t s) { return s == 0; }) &&
               llvm::all_of(getSteps(), [](int64_t s) { return s == 1; });
  return whole ? OpFoldResult(getInput()) : OpFoldResult();
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs()[0].getType() == getType())
    return getInputs()[0];
  return {};
}

OpFoldResult FromIndexOp::fold(FoldAdaptor adaptor) {
  auto type = cast<RankedTensorType>(getType());
  auto element = dyn_cast<IntegerType>(type.getElementType());
  if (!element || type.getNumElements() == 0)
    return {};
  SmallVector<APInt> values;
  for (Attribute attribute : adaptor.getElements()) {
    auto value = dyn_cast_if_present<IntegerAttr>(attribute);
    if (!value)
      return {};
    values.push_back(value.getValue().sextOrTrunc(element.getWidth()));
  }
  return DenseElementsAttr::get(type, values);
}

OpFoldResult ToIndexOp::fold(FoldAdaptor adaptor) {
  int64_t position = getPosition();
  if (auto from = getInput().getDefiningOp<FromIndexOp>())
    if (position < static_cast<int64_t>(from.getElements().size()))
      return from.getElements()[position];
  auto elements = dyn_cast_if_present<DenseElementsAttr>(adaptor.getInput());
  if (!elements || position >= elements.getNumElements())
    return {};
  APInt value = *(elements.value_begin<APInt>() + position);
  bool isUnsigned = elements.getElementType().isUnsignedInteger();
  return IntegerAttr::get(IndexType::get(getContext()),
                          isUnsigned ? static_cast<int64_t>(value.getZExtValue()) : value.getSExtValue());
}
