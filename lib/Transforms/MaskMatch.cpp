//===- MaskMatch.cpp - masks that follow from positions alone -------------===//

#include "MaskMatch.h"
#include "Transformer/Analysis/TensorDims.h"
#include <cmath>

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

/// `view`, which only inserts or drops dims of 1, of an operand of what it views.
Value viewOperand(OpBuilder &builder, ReshapeOp view, ArrayRef<int64_t> map, Value operand) {
  int64_t missing = rankOf(view.getInput()) - rankOf(operand);
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  unsigned next = 0;
  for (auto [to, from] : llvm::enumerate(map)) {
    bool isDynamic = typeOf(view).isDynamicDim(to);
    Value size = isDynamic ? view.getDims()[next++] : Value();
    // A dim that the operand lacks or has as 1 is broadcast.
    int64_t dim = from < missing ? 1 : typeOf(operand).getDimSize(from - missing);
    shape.push_back(dim);
    if (ShapedType::isDynamic(dim))
      sizes.push_back(size);
  }
  if (typeOf(operand).getShape() == ArrayRef<int64_t>(shape))
    return operand;
  return ReshapeOp::create(builder, view.getLoc(), typeOf(operand).clone(shape), operand, sizes);
}

/// True where each of `operands` has all dynamic dims of what they broadcast to,
/// or ones: none is stretched at run time alone.
bool isStretchStatic(Operation *op) {
  RankedTensorType type = typeOf(op->getResult(0));
  for (Value operand : op->getOperands()) {
    ArrayRef<int64_t> shape = typeOf(operand).getShape();
    for (auto [dim, of] : llvm::zip_equal(shape, type.getShape().take_back(shape.size())))
      if (dim != 1 && dim != of)
        return false;
  }
  return true;
}

} // namespace

void splitMask(OpBuilder &builder, Location loc, Value mask, bool keep, SmallVectorImpl<Value> &conjuncts) {
  Operation *op = mask.getDefiningOp();
  BinaryKind joined = keep ? BinaryKind::and_ : BinaryKind::or_;
  if (auto unary = dyn_cast_if_present<UnaryOp>(op); unary && unary.getKind() == UnaryKind::not_)
    return splitMask(builder, loc, unary.getInput(), !keep, conjuncts);
  if (auto binary = dyn_cast_if_present<BinaryOp>(op); binary && binary.getKind() == joined) {
    splitMask(builder, loc, binary.getLhs(), keep, conjuncts);
    return splitMask(builder, loc, binary.getRhs(), keep, conjuncts);
  }
  if (auto broadcast = dyn_cast_if_present<BroadcastToOp>(op))
    return splitMask(builder, loc, broadcast.getInput(), keep, conjuncts);
  if (auto view = dyn_cast_if_present<ReshapeOp>(op)) {
    Operation *inner = view.getInput().getDefiningOp();
    auto unary = dyn_cast_if_present<UnaryOp>(inner);
    auto binary = dyn_cast_if_present<BinaryOp>(inner);
    bool isLogic = (unary && unary.getKind() == UnaryKind::not_) ||
                   (binary && (binary.getKind() == BinaryKind::and_ || binary.getKind() == BinaryKind::or_));
    auto map = isLogic && isStretchStatic(inner) ? unitDimMap(view) : std::nullopt;
    if (map && unary)
      return splitMask(builder, loc, viewOperand(builder, view, *map, unary.getInput()), !keep, conjuncts);
    if (map && binary.getKind() == joined) {
      for (Value operand : binary->getOperands())
        splitMask(builder, loc, viewOperand(builder, view, *map, operand), keep, conjuncts);
      return;
    }
  }
  conjuncts.push_back(keep ? mask : UnaryOp::create(builder, loc, UnaryKind::not_, mask).getResult());
}

namespace {

std::optional<Filled> filled(Value bias, int depth);

std::optional<Filled> filled(Value bias, int depth) {
  Operation *op = bias.getDefiningOp();
  if (!op || depth == 0)
    return std::nullopt;
  int64_t rank = rankOf(bias);
  auto withRank = [&](std::optional<IndexForm> form, double fill) -> std::optional<Filled> {
    if (!form)
      return std::nullopt;
    SmallVector<SizePolynomial, 4> coefficients(rank - form->coefficients.size(), SizePolynomial(0));
    llvm::append_range(coefficients, form->coefficients);
    return Filled{{form->offset, coefficients}, fill};
  };
  if (auto select = dyn_cast<SelectOp>(op)) {
    std::optional<double> onTrue = scalar(select.getOnTrue()), onFalse = scalar(select.getOnFalse());
    if (!onTrue || !onFalse || (*onTrue != 0) == (*onFalse != 0))
      return std::nullopt;
    std::optional<IndexForm> form = positionPredicate(select.getCondition());
    if (form && *onTrue == 0) {
      form->offset = SizePolynomial(-1) - form->offset;
      for (SizePolynomial &coefficient : form->coefficients)
        coefficient = SizePolynomial(0) - coefficient;
    }
    return withRank(form, *onTrue == 0 ? *onFalse : *onTrue);
  }
  if (auto trilu = dyn_cast<TriluOp>(op)) {
    std::optional<double> fill = scalar(trilu.getInput());
    return fill ? withRank(triangle(bias), *fill) : std::nullopt;
  }
  if (auto binary = dyn_cast<BinaryOp>(op); binary && binary.getKind() == BinaryKind::mul) {
    // Zero times infinity is no mask.
    for (auto [factor, other] :
         {std::pair(binary.getLhs(), binary.getRhs()), std::pair(binary.getRhs(), binary.getLhs())})
      if (std::optional<double> fill = scalar(other); fill && std::isfinite(*fill))
        return withRank(oneWhere(factor), *fill);
    return std::nullopt;
  }
  if (auto cast = dyn_cast<CastOp>(op))
    return isa<FloatType>(getElementTypeOrSelf(cast.getInput())) ? filled(cast.getInput(), depth - 1) : std::nullopt;
  std::optional<Filled> inner = op->getNumOperands() > 0 && isa<RankedTensorType>(op->getOperand(0).getType())
                                    ? filled(op->getOperand(0), depth - 1)
                                    : std::nullopt;
  std::optional<IndexForm> form = inner ? formThroughView(op, inner->where) : std::nullopt;
  return withRank(form, inner ? inner->fill : 0);
}

/// The form's weights of query and key position, when nothing else counts.
std::optional<std::pair<int64_t, int64_t>> rowAndKey(const IndexForm &form) {
  size_t rank = form.coefficients.size();
  if (rank < 2)
    return std::nullopt;
  for (const SizePolynomial &other : ArrayRef(form.coefficients).drop_back(2))
    if (!(other == 0))
      return std::nullopt;
  auto row = form.coefficients[rank - 2].asConstant(), key = form.coefficients[rank - 1].asConstant();
  if (!row || !key)
    return std::nullopt;
  return std::make_pair(*row, *key);
}

} // namespace

std::optional<Filled> filledByPosition(Value bias) { return filled(bias, 16); }

bool PositionLimits::takeCausal(const IndexForm &kept) {
  // key <= row + offset
  if (rowAndKey(kept) != std::make_pair<int64_t, int64_t>(1, -1))
    return false;
  // A window that was read already stays aligned as it was.
  bool mayAlign = (windowLeft < 0 && windowRight < 0) || shift == 0;
  bool fromFirst = kept.offset == 0, fromLast = mayAlign && kept.offset == shift;
  if (causal == CausalKind::none && (fromFirst || fromLast)) {
    causal = fromFirst ? CausalKind::top_left : CausalKind::bottom_right;
    return true;
  }
  return (fromFirst && causal == CausalKind::top_left) || (fromLast && causal == CausalKind::bottom_right);
}

bool PositionLimits::takeWindow(const IndexForm &kept) {
  SizePolynomial alignment = causal == CausalKind::bottom_right ? shift : SizePolynomial(0);
  auto weights = rowAndKey(kept);
  if (weights == std::make_pair<int64_t, int64_t>(1, -1)) {
    // key <= row + offset = position - alignment + offset
    std::optional<int64_t> right = (kept.offset - alignment).asConstant();
    if (!right || *right < 0)
      return false;
    windowRight = windowRight < 0 ? *right : std::min(windowRight, *right);
    return true;
  }
  if (weights == std::make_pair<int64_t, int64_t>(-1, 1)) {
    // key >= row - offset = position - alignment - offset
    std::optional<int64_t> left = (kept.offset + alignment).asConstant();
    if (!left || *left < 0)
      return false;
    windowLeft = windowLeft < 0 ? *left : std::min(windowLeft, *left);
    return true;
  }
  return false;
}

Value takeLimits(OpBuilder &builder, Location loc, Value keep, PositionLimits &limits) {
  SmallVector<Value> conjuncts;
  splitMask(builder, loc, keep, true, conjuncts);
  auto take = [&](bool (PositionLimits::*kind)(const IndexForm &)) {
    llvm::erase_if(conjuncts, [&](Value conjunct) {
      std::optional<IndexForm> form = positionPredicate(conjunct);
      return form && (PositionLimits::isAlways(*form) || (limits.*kind)(*form));
    });
  };
  take(&PositionLimits::takeCausal);
  take(&PositionLimits::takeWindow);
  Value left;
  for (Value conjunct : conjuncts)
    left = left ? BinaryOp::create(builder, loc, BinaryKind::and_, left, conjunct).getResult() : conjunct;
  return left;
}

bool PositionLimits::leaveSome() const {
  // The key at the query's own position is in every window; it exists where keys
  // are not fewer than queries.
  if (causal == CausalKind::top_left && windowLeft < 0)
    return true;
  return shift.isNonNegative();
}

void limitMask(AttentionOp op) {
  if (!op.getMask())
    return;
  OpBuilder builder(op);
  SizeArith arith(builder);
  TensorDims dims(arith);
  PositionLimits limits(dims.of(op.getQuery())[2], dims.of(op.getKey())[2]);
  limits.causal = op.getCausal();
  limits.windowLeft = op.getWindowLeft();
  limits.windowRight = op.getWindowRight();
  const int64_t windowLeft = limits.windowLeft, windowRight = limits.windowRight;
  Value left = takeLimits(builder, op.getLoc(), op.getMask(), limits);
  bool hasNew = limits.causal != op.getCausal() || limits.windowLeft != windowLeft || limits.windowRight != windowRight;
  if (left && !hasNew)
    return;
  op.getMaskMutable().clear();
  if (left)
    op.getMaskMutable().assign(left);
  op.setCausal(limits.causal);
  op.setWindowLeft(limits.windowLeft);
  op.setWindowRight(limits.windowRight);
}

} // namespace transom::match
