//===- IndexForm.cpp - integer tensors that count their positions ---------===//

#include "IndexForm.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cstring>

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

int64_t IndexForm::onlyDim() const {
  int64_t only = -1;
  for (auto [dim, coefficient] : llvm::enumerate(coefficients)) {
    if (coefficient == 0)
      continue;
    if (only >= 0)
      return -1;
    only = dim;
  }
  return only;
}

std::optional<SmallVector<int64_t>> unitDimMap(ReshapeOp op) {
  RankedTensorType from = typeOf(op.getInput()), to = typeOf(op);
  SmallVector<int64_t> map;
  int64_t next = 0;
  auto skipOnes = [&] {
    while (next < from.getRank() && from.getDimSize(next) == 1)
      ++next;
  };
  unsigned size = 0;
  for (int64_t dim : to.getShape()) {
    if (dim == 1) {
      // Ones that stand in both keep their place.
      map.push_back(next < from.getRank() && from.getDimSize(next) == 1 ? next++ : -1);
      continue;
    }
    skipOnes();
    if (next == from.getRank() || from.getDimSize(next) != dim)
      return std::nullopt;
    if (ShapedType::isDynamic(dim) && !dimIs(op.getInput(), next, OpFoldResult(op.getDims()[size++])))
      return std::nullopt;
    map.push_back(next++);
  }
  skipOnes();
  return next == from.getRank() ? std::optional(map) : std::nullopt;
}

namespace {

IndexForm constantForm(const SizePolynomial &offset, int64_t rank) {
  return {offset, SmallVector<SizePolynomial, 4>(rank, SizePolynomial(0))};
}

/// `form` at the rank of what it is broadcast to.
IndexForm widened(IndexForm form, int64_t rank) {
  SmallVector<SizePolynomial, 4> coefficients(rank - form.coefficients.size(), SizePolynomial(0));
  llvm::append_range(coefficients, form.coefficients);
  return {form.offset, coefficients};
}

IndexForm combined(const IndexForm &a, const IndexForm &b, int64_t rank, int64_t factor) {
  IndexForm left = widened(a, rank), right = widened(b, rank);
  left.offset = left.offset + right.offset * factor;
  for (int64_t i = 0; i < rank; ++i)
    left.coefficients[i] = left.coefficients[i] + right.coefficients[i] * factor;
  return left;
}

/// not (form >= 0): -form - 1 >= 0.
IndexForm opposite(const IndexForm &form, int64_t rank) { return combined(constantForm(-1, rank), form, rank, -1); }

IndexForm scaled(IndexForm form, const SizePolynomial &factor) {
  form.offset = form.offset * factor;
  for (SizePolynomial &coefficient : form.coefficients)
    coefficient = coefficient * factor;
  return form;
}

/// A constant that counts along one dim: 0, 1, 2, ... or 8, 6, 4, ...
std::optional<IndexForm> countingConstant(ConstantOp op) {
  auto elements = dyn_cast<DenseIntElementsAttr>(op.getValue());
  constexpr int64_t kMaxScanned = 1 << 16;
  RankedTensorType type = typeOf(op);
  if (!elements || elements.empty() || elements.getNumElements() > kMaxScanned)
    return std::nullopt;
  int64_t counting = -1;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (type.getDimSize(i) == 1)
      continue;
    if (counting >= 0)
      return std::nullopt;
    counting = i;
  }
  if (counting < 0)
    return std::nullopt;
  auto values = elements.getValues<APInt>();
  int64_t first = values[0].getSExtValue(), step = values[1].getSExtValue() - first, next = first;
  for (const APInt &element : values) {
    if (element.getSExtValue() != next)
      return std::nullopt;
    next += step;
  }
  IndexForm form = constantForm(first, type.getRank());
  form.coefficients[counting] = step;
  return form;
}

bool isInteger(Value value) {
  Type element = getElementTypeOrSelf(value);
  return isa<IntegerType>(element) && !element.isInteger(1);
}

std::optional<double> nonZeroSplat(Value value) {
  std::optional<double> number = scalar(value);
  return number && *number != 0 ? number : std::nullopt;
}

/// The elements of a constant that holds nothing else.
std::optional<SmallVector<bool>> zerosAndOnes(ConstantOp op) {
  constexpr int64_t kMaxScanned = 1 << 24;
  Type element = typeOf(op).getElementType();
  if (typeOf(op).getNumElements() > kMaxScanned)
    return std::nullopt;
  SmallVector<bool> ones;
  APInt one(element.getIntOrFloatBitWidth(), 1);
  if (auto real = dyn_cast<FloatType>(element))
    one = APFloat::getOne(real.getFloatSemantics()).bitcastToAPInt();
  if (auto dense = dyn_cast<DenseElementsAttr>(op.getValue())) {
    if (isa<FloatType>(element)) {
      for (const APFloat &number : dense.getValues<APFloat>()) {
        ones.push_back(!number.isZero());
        if (!number.isZero() && number.bitcastToAPInt() != one)
          return std::nullopt;
      }
      return ones;
    }
    for (const APInt &number : dense.getValues<APInt>()) {
      ones.push_back(!number.isZero());
      if (!number.isZero() && !number.isOne())
        return std::nullopt;
    }
    return ones;
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(op.getValue());
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  size_t width = std::max(1u, element.getIntOrFloatBitWidth() / 8);
  if (!blob || element.getIntOrFloatBitWidth() > 64 || blob->getData().size() != width * typeOf(op).getNumElements())
    return std::nullopt;
  uint64_t wanted = one.getZExtValue();
  for (const char *at = blob->getData().begin(), *end = blob->getData().end(); at != end; at += width) {
    uint64_t bits = 0;
    std::memcpy(&bits, at, width);
    ones.push_back(bits != 0);
    if (bits != 0 && bits != wanted)
      return std::nullopt;
  }
  return ones;
}

/// A constant whose last two dims are a lower triangle of ones: the buffer that
/// older exporters slice causal masks from.
std::optional<IndexForm> triangularConstant(ConstantOp op) {
  RankedTensorType type = typeOf(op);
  int64_t rank = type.getRank();
  if (rank < 2 || type.getDimSize(rank - 1) != type.getDimSize(rank - 2) || type.getDimSize(rank - 1) < 2)
    return std::nullopt;
  int64_t side = type.getDimSize(rank - 1);
  if (type.getNumElements() != side * side)
    return std::nullopt;
  std::optional<SmallVector<bool>> ones = zerosAndOnes(op);
  if (!ones)
    return std::nullopt;
  for (int64_t row = 0; row < side; ++row)
    for (int64_t column = 0; column < side; ++column)
      if ((*ones)[row * side + column] != (column <= row))
        return std::nullopt;
  IndexForm form = constantForm(0, rank);
  form.coefficients[rank - 2] = 1;
  form.coefficients[rank - 1] = -1;
  return form;
}

/// Views change which dim counts, not how: for forms and for predicates alike.
std::optional<IndexForm> throughView(Operation *op, int depth, std::optional<IndexForm> (*read)(Value, int)) {
  if (!isa<BroadcastToOp, ReshapeOp, TransposeOp, SliceOp>(op))
    return std::nullopt;
  std::optional<IndexForm> form = read(op->getOperand(0), depth - 1);
  return form ? formThroughView(op, *form) : std::nullopt;
}

} // namespace

std::optional<IndexForm> triangle(Value value, int depth) {
  Operation *op = value.getDefiningOp();
  if (auto cast = dyn_cast_if_present<CastOp>(op); cast && depth > 0)
    return triangle(cast.getInput(), depth - 1);
  auto trilu = dyn_cast_if_present<TriluOp>(op);
  if (!trilu || !nonZeroSplat(trilu.getInput()))
    return std::nullopt;
  int64_t rank = rankOf(value);
  SizePolynomial k = trilu.getK() ? SizePolynomial::of(OpFoldResult(trilu.getK())) : 0;
  int64_t sign = trilu.getUpper() ? -1 : 1; // lower: row - column + k >= 0
  IndexForm form = constantForm(k * sign, rank);
  form.coefficients[rank - 2] = sign;
  form.coefficients[rank - 1] = -sign;
  return form;
}

std::optional<IndexForm> formThroughView(Operation *op, IndexForm form) {
  int64_t rank = rankOf(op->getResult(0));
  if (isa<BroadcastToOp>(op))
    return widened(form, rank);
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    auto map = unitDimMap(reshape);
    if (!map)
      return std::nullopt;
    IndexForm result = constantForm(form.offset, rank);
    for (auto [to, from] : llvm::enumerate(*map))
      if (from >= 0)
        result.coefficients[to] = form.coefficients[from];
    return result;
  }
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    IndexForm result = constantForm(form.offset, rank);
    for (auto [to, from] : llvm::enumerate(transpose.getPerm()))
      result.coefficients[to] = form.coefficients[from];
    return result;
  }
  auto slice = dyn_cast<SliceOp>(op);
  if (!slice)
    return std::nullopt;
  unsigned next = 0;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t number = slice.getStaticStarts()[i];
    SizePolynomial start =
        ShapedType::isDynamic(number) ? SizePolynomial::of(OpFoldResult(slice.getStarts()[next++])) : number;
    form.offset = form.offset + form.coefficients[i] * start;
    form.coefficients[i] = form.coefficients[i] * slice.getSteps()[i];
  }
  return form;
}

std::optional<IndexForm> indexForm(Value value, int depth) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0 || !isInteger(value))
    return std::nullopt;
  int64_t rank = rankOf(value);
  if (std::optional<double> number = scalar(value))
    return constantForm(static_cast<int64_t>(*number), rank);
  if (auto constant = dyn_cast<ConstantOp>(op))
    return countingConstant(constant);
  if (auto sizes = dyn_cast<FromIndexOp>(op)) {
    if (sizes.getElements().size() != 1)
      return std::nullopt;
    return constantForm(SizePolynomial::of(OpFoldResult(sizes.getElements()[0])), rank);
  }
  if (auto cast = dyn_cast<CastOp>(op))
    return isInteger(cast.getInput()) ? indexForm(cast.getInput(), depth - 1) : std::nullopt;
  if (auto range = dyn_cast<RangeOp>(op)) {
    auto start = indexForm(range.getStart(), depth - 1), delta = indexForm(range.getDelta(), depth - 1);
    if (!start || !delta)
      return std::nullopt;
    return IndexForm{start->offset, {delta->offset}};
  }
  // Sums of one number count: the positions that older exporters compute.
  if (auto sum = dyn_cast<CumSumOp>(op)) {
    auto one = scalar(sum.getInput());
    if (!one || sum.getReverse() || sum.getProduct())
      return std::nullopt;
    auto step = static_cast<int64_t>(*one);
    IndexForm form = constantForm(sum.getExclusive() ? 0 : step, rank);
    form.coefficients[sum.getAxis()] = step;
    return form;
  }
  if (auto binary = dyn_cast<BinaryOp>(op)) {
    auto lhs = indexForm(binary.getLhs(), depth - 1);
    auto rhs = lhs ? indexForm(binary.getRhs(), depth - 1) : std::nullopt;
    if (!rhs)
      return std::nullopt;
    switch (binary.getKind()) {
    case BinaryKind::add: return combined(*lhs, *rhs, rank, 1);
    case BinaryKind::sub: return combined(*lhs, *rhs, rank, -1);
    case BinaryKind::mul:
      if (rhs->isConstant())
        return widened(scaled(*lhs, rhs->offset), rank);
      if (lhs->isConstant())
        return widened(scaled(*rhs, lhs->offset), rank);
      return std::nullopt;
    default: return std::nullopt;
    }
  }
  return throughView(op, depth, indexForm);
}

std::optional<IndexForm> positionPredicate(Value value, int depth) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0 || !getElementTypeOrSelf(value).isInteger(1))
    return std::nullopt;
  int64_t rank = rankOf(value);
  if (std::optional<double> number = scalar(value))
    return constantForm(*number != 0 ? 0 : -1, rank);
  if (auto constant = dyn_cast<ConstantOp>(op))
    return triangularConstant(constant);
  if (auto form = triangle(value, 4))
    return form;
  if (auto unary = dyn_cast<UnaryOp>(op)) {
    auto form = unary.getKind() == UnaryKind::not_ ? positionPredicate(unary.getInput(), depth - 1) : std::nullopt;
    if (!form)
      return std::nullopt;
    return opposite(*form, rank);
  }
  if (auto cast = dyn_cast<CastOp>(op))
    return oneWhere(cast.getInput(), depth - 1);
  if (auto compare = dyn_cast<CompareOp>(op)) {
    auto lhs = indexForm(compare.getLhs(), depth - 1);
    auto rhs = lhs ? indexForm(compare.getRhs(), depth - 1) : std::nullopt;
    if (!rhs)
      return std::nullopt;
    bool less = compare.getKind() == CompareKind::le || compare.getKind() == CompareKind::lt;
    bool strict = compare.getKind() == CompareKind::lt || compare.getKind() == CompareKind::gt;
    if (compare.getKind() == CompareKind::eq || compare.getKind() == CompareKind::ne)
      return std::nullopt;
    IndexForm form = less ? combined(*rhs, *lhs, rank, -1) : combined(*lhs, *rhs, rank, -1);
    if (strict)
      form.offset = form.offset - 1;
    return form;
  }
  return throughView(op, depth, positionPredicate);
}

std::optional<IndexForm> oneWhere(Value value, int depth) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return std::nullopt;
  if (getElementTypeOrSelf(value).isInteger(1))
    return positionPredicate(value, depth - 1);
  if (auto cast = dyn_cast<CastOp>(op))
    return oneWhere(cast.getInput(), depth - 1);
  if (auto constant = dyn_cast<ConstantOp>(op))
    return triangularConstant(constant);
  if (auto trilu = dyn_cast<TriluOp>(op))
    return scalar(trilu.getInput()) == 1.0 ? triangle(value, 4) : std::nullopt;
  if (auto binary = dyn_cast<BinaryOp>(op)) {
    bool isRest = binary.getKind() == BinaryKind::sub && scalar(binary.getLhs()) == 1.0;
    std::optional<IndexForm> form = isRest ? oneWhere(binary.getRhs(), depth - 1) : std::nullopt;
    return form ? std::optional(opposite(*form, rankOf(value))) : std::nullopt;
  }
  return throughView(op, depth, oneWhere);
}

bool isZeroOrOne(Value value, int depth) {
  Operation *op = value.getDefiningOp();
  if (getElementTypeOrSelf(value).isInteger(1))
    return true;
  if (!op || depth == 0)
    return false;
  if (auto constant = dyn_cast<ConstantOp>(op))
    return zerosAndOnes(constant).has_value();
  if (isa<CastOp, BroadcastToOp, ReshapeOp, TransposeOp, SliceOp, TriluOp>(op))
    return isZeroOrOne(op->getOperand(0), depth - 1);
  auto binary = dyn_cast<BinaryOp>(op);
  if (!binary)
    return false;
  bool isRest = binary.getKind() == BinaryKind::sub && scalar(binary.getLhs()) == 1.0;
  bool isBoth =
      binary.getKind() == BinaryKind::mul || binary.getKind() == BinaryKind::min || binary.getKind() == BinaryKind::max;
  return (isRest || isBoth) && isZeroOrOne(binary.getRhs(), depth - 1) &&
         (isRest || isZeroOrOne(binary.getLhs(), depth - 1));
}

} // namespace transom::match
