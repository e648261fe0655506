//===- SlotMatch.cpp - who chose which expert, and which slot they get ----===//

#include "SlotMatch.h"
#include "IndexForm.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

bool isCounted(Value value) {
  llvm::SetVector<Value> before;
  before.insert(value);
  for (size_t i = 0; i < before.size() && before.size() < 64; ++i) {
    Operation *op = before[i].getDefiningOp();
    if (isa_and_present<CumSumOp>(op))
      return true;
    if (isa_and_present<BinaryOp, UnaryOp, CompareOp, SelectOp, CastOp, ReshapeOp, TransposeOp, BroadcastToOp,
                        ReduceOp>(op))
      before.insert(op->operand_begin(), op->operand_end());
  }
  return false;
}

//===-- Products of factors -----------------------------------------------===//

void SlotReader::collect(Laid laid, bool isCondition, Factors &factors) {
  laid = throughViews(laid);
  Operation *op = laid.value.getDefiningOp();
  auto both = [&](Value a, Value b) {
    collect(broadcast(a, laid.layout), isCondition, factors);
    collect(broadcast(b, laid.layout), isCondition, factors);
  };
  if (auto cast = dyn_cast_if_present<CastOp>(op)) {
    Type from = getElementTypeOrSelf(cast.getInput()), to = getElementTypeOrSelf(cast.getType());
    bool toBool = to.isInteger(1);
    // Fractions of floats would be lost.
    if (toBool || !isa<FloatType>(from) || isa<FloatType>(to))
      return collect({cast.getInput(), laid.layout}, isCondition || toBool, factors);
  } else if (auto binary = dyn_cast_if_present<BinaryOp>(op)) {
    if (binary.getKind() == BinaryKind::mul || binary.getKind() == BinaryKind::and_)
      return both(binary.getLhs(), binary.getRhs());
  } else if (auto select = dyn_cast_if_present<SelectOp>(op); select && isZero(select.getOnFalse())) {
    collect(broadcast(select.getCondition(), laid.layout), true, factors);
    if (scalar(select.getOnTrue()) != 1.0)
      collect(broadcast(select.getOnTrue(), laid.layout), isCondition, factors);
    return;
  } else if (auto compare = dyn_cast_if_present<CompareOp>(op); compare && isZero(compare.getRhs())) {
    bool isAbove = compare.getKind() == CompareKind::gt && isZeroOrOne(compare.getLhs());
    if (compare.getKind() == CompareKind::ne || isAbove)
      return collect(broadcast(compare.getLhs(), laid.layout), true, factors);
  }
  Factor factor = {laid, isCondition};
  auto *known = llvm::find(factors, factor);
  if (known == factors.end())
    factors.push_back(factor);
  else
    known->isCondition = known->isCondition && isCondition;
}

//===-- Choices -----------------------------------------------------------===//

bool SlotReader::countsAlong(Laid laid, int &axis) {
  laid = throughViews(laid);
  while (auto cast = laid.value.getDefiningOp<CastOp>())
    laid = throughViews({cast.getInput(), laid.layout});
  Axes along;
  for (const Axes &axes : laid.layout)
    llvm::append_range(along, axes);
  if (along.size() != 1 || !countsFromZero(laid.value))
    return false;
  axis = along[0];
  return true;
}

/// The numbers of the experts chosen: of all tokens in their order, and `choice` last where that is an axis.
Value SlotReader::readChosen(Laid laid, int choice) {
  for (int depth = 0; depth < 8; ++depth) {
    laid = throughViews(laid);
    if (auto cast = laid.value.getDefiningOp<CastOp>()) {
      laid.value = cast.getInput();
      continue;
    }
    Value whole = underWrap(laid.value);
    if (!whole)
      break;
    laid = broadcast(whole, laid.layout);
  }
  if (ShapedType::isDynamic(expertsToChoose(laid.value)))
    return {};
  ArrayRef<Axes> leading = laid.layout;
  if (choice >= 0) {
    if (leading.empty() || leading.back() != Axes{choice})
      return {};
    leading = leading.drop_back();
  }
  return isTokens(leading) ? laid.value : Value();
}

/// numbers of experts == 0, 1, 2, ...
std::optional<Mask> SlotReader::readOneHot(const Laid &laid, int choice) {
  auto equal = laid.value.getDefiningOp<CompareOp>();
  if (!equal || equal.getKind() != CompareKind::eq)
    return std::nullopt;
  for (unsigned side : {0u, 1u}) {
    Mask found;
    if (!countsAlong(broadcast(equal->getOperand(side), laid.layout), found.axis))
      continue;
    found.experts = readChosen(broadcast(equal->getOperand(1 - side), laid.layout), choice);
    found.isOne = choice < 0;
    if (found.experts)
      return found;
  }
  return std::nullopt;
}

std::optional<Mask> SlotReader::readMask(const Laid &laid) {
  if (auto one = readOneHot(laid, -1))
    return one;
  // A sum over a token's choices, which differ.
  if (auto sum = laid.value.getDefiningOp<ReduceOp>()) {
    if (sum.getAxes().size() != 1 || (sum.getKind() != ReduceKind::sum && sum.getKind() != ReduceKind::max))
      return std::nullopt;
    int64_t dim = sum.getAxes()[0];
    int choice = axis(dims.of(sum.getInput())[dim]);
    Laid inner = {sum.getInput(), laid.layout};
    if (sum.getKeepdims())
      inner.layout[dim] = {choice};
    else
      inner.layout.insert(inner.layout.begin() + dim, Axes{choice});
    Factors factors;
    collect(inner, true, factors);
    return factors.size() == 1 ? readOneHot(factors[0].laid, choice) : std::nullopt;
  }
  // Ones put where the choices are.
  auto scatter = laid.value.getDefiningOp<ScatterElementsOp>();
  if (!scatter || scatter.getKind() != ScatterKind::set || !isZero(scatter.getInput()) ||
      scalar(scatter.getUpdates()) != 1.0)
    return std::nullopt;
  size_t dim = scatter.getAxis();
  Value indices = scatter.getIndices();
  if (laid.layout[dim].size() != 1 || dim + 1 != laid.layout.size())
    return std::nullopt;
  // Fewer rows than there are would leave others without.
  for (size_t i = 0; i < dim; ++i)
    if (!sameSize(dims.of(indices)[i], dims.of(laid.value)[i]))
      return std::nullopt;
  Mask found;
  found.axis = laid.layout[dim][0];
  found.isOne = typeOf(indices).getDimSize(dim) == 1;
  int choice = found.isOne ? -1 : axis(dims.of(indices)[dim]);
  Laid chosen = {indices, laid.layout};
  chosen.layout[dim] = found.isOne ? Axes() : Axes{choice};
  found.experts = readChosen(chosen, choice);
  return found.experts ? std::optional(found) : std::nullopt;
}

bool SlotReader::isMask(const Laid &laid) {
  Factors factors;
  collect(laid, true, factors);
  std::optional<Mask> found = factors.size() == 1 ? readMask(factors[0].laid) : std::nullopt;
  return found && *found == mask;
}

//===-- Places of tokens with their experts -------------------------------===//

std::optional<CountedPlace> SlotReader::readCount(CumSumOp count, const Laid &laid) {
  const Axes &along = laid.layout[count.getAxis()];
  if (count.getReverse() || count.getProduct() || along.size() != 1 || !llvm::is_contained(tokens, along[0]) ||
      !isMask({count.getInput(), laid.layout}))
    return std::nullopt;
  CountedPlace found;
  found.offset = count.getExclusive() ? -1 : 0;
  found.counted = along[0];
  return found;
}

std::optional<CountedPlace> SlotReader::readBinaryPlace(BinaryOp binary, const Laid &laid, int depth) {
  BinaryKind kind = binary.getKind();
  for (unsigned side : {0u, 1u}) {
    Laid other = broadcast(binary->getOperand(1 - side), laid.layout);
    std::optional<double> number = scalar(other.value);
    bool isOfMask = !number && isMask(other);
    if ((!number && !isOfMask) || (kind == BinaryKind::sub && side == 1))
      continue;
    std::optional<CountedPlace> found = readPlace(broadcast(binary->getOperand(side), laid.layout), depth);
    if (!found)
      continue;
    if (kind == BinaryKind::mul && isOfMask) {
      found->elsewhere = 0;
      return found;
    }
    if (kind == BinaryKind::add || kind == BinaryKind::sub) {
      double step = (number ? *number : 1) * (kind == BinaryKind::add ? 1 : -1);
      found->offset += step;
      found->high += step;
      if (found->elsewhere && number)
        *found->elsewhere += step;
      return found;
    }
    if (kind == BinaryKind::min && number) {
      found->high = std::min(found->high, *number);
      if (found->elsewhere)
        found->elsewhere = std::min(*found->elsewhere, *number);
      return found;
    }
    if (kind == BinaryKind::max && number && *number <= found->offset + 1) {
      if (found->elsewhere)
        found->elsewhere = std::max(*found->elsewhere, *number);
      return found;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

/// Of the expert that the token chose, where that is one.
std::optional<CountedPlace> SlotReader::readChosenPlace(Operation *op, const Laid &laid, int depth) {
  int64_t dim = -1;
  if (auto reduce = dyn_cast<ReduceOp>(op))
    dim = reduce.getAxes().size() == 1 ? reduce.getAxes()[0] : -1;
  else if (auto gather = dyn_cast<GatherElementsOp>(op))
    dim = gather.getAxis();
  if (dim < 0 || !mask.isOne)
    return std::nullopt;
  Laid inner = {op->getOperand(0), laid.layout};
  auto reduce = dyn_cast<ReduceOp>(op);
  if (reduce && !reduce.getKeepdims())
    inner.layout.insert(inner.layout.begin() + dim, Axes());
  inner.layout[dim] = {mask.axis};
  std::optional<CountedPlace> found = readPlace(inner, depth);
  if (!found || found->isOfToken)
    return std::nullopt;
  found->isOfToken = true;
  if (!reduce) {
    auto chosen = cast<GatherElementsOp>(op).getIndices();
    return readChosen({chosen, laid.layout}, -1) == mask.experts ? found : std::nullopt;
  }
  if (!found->elsewhere)
    return std::nullopt;
  if (reduce.getKind() == ReduceKind::sum) {
    std::optional<int64_t> experts = SizeArith::asConstant(sizes[mask.axis]);
    if (!experts)
      return std::nullopt;
    double others = static_cast<double>(*experts - 1) * *found->elsewhere;
    found->offset += others;
    found->high += others;
  } else if (reduce.getKind() != ReduceKind::max || *found->elsewhere > found->offset + 1) {
    return std::nullopt;
  }
  found->elsewhere.reset();
  return found;
}

/// Whether places of many tokens are all different numbers of the type.
static bool countsExactly(Type element) { return element.getIntOrFloatBitWidth() >= 32; }

std::optional<CountedPlace> SlotReader::readPlace(Laid laid, int depth) {
  laid = throughViews(laid);
  Operation *op = laid.value.getDefiningOp();
  if (!op || depth-- == 0 || !countsExactly(getElementTypeOrSelf(laid.value)))
    return std::nullopt;
  if (auto cast = dyn_cast<CastOp>(op))
    return readPlace({cast.getInput(), laid.layout}, depth);
  if (auto count = dyn_cast<CumSumOp>(op))
    return readCount(count, laid);
  if (auto binary = dyn_cast<BinaryOp>(op))
    return readBinaryPlace(binary, laid, depth);
  if (auto unary = dyn_cast<UnaryOp>(op); unary && unary.getKind() == UnaryKind::relu) {
    std::optional<CountedPlace> found = readPlace({unary.getInput(), laid.layout}, depth);
    if (!found || found->offset + 1 < 0)
      return std::nullopt;
    if (found->elsewhere)
      found->elsewhere = std::max(*found->elsewhere, 0.0);
    return found;
  }
  if (Value whole = underWrap(laid.value)) {
    std::optional<CountedPlace> found = readPlace(broadcast(whole, laid.layout), depth);
    return found && found->offset + 1 >= 0 ? found : std::nullopt;
  }
  if (auto select = dyn_cast<SelectOp>(op)) {
    std::optional<double> elsewhere = scalar(select.getOnFalse());
    if (!elsewhere || !isMask(broadcast(select.getCondition(), laid.layout)))
      return std::nullopt;
    std::optional<CountedPlace> found = readPlace(broadcast(select.getOnTrue(), laid.layout), depth);
    if (found)
      found->elsewhere = elsewhere;
    return found;
  }
  return readChosenPlace(op, laid, depth);
}

std::optional<double> SlotReader::capacityIn(const Laid &laid) {
  Laid at = laid;
  bool isNegated = false;
  while (auto negation = at.value.getDefiningOp<UnaryOp>()) {
    if (negation.getKind() != UnaryKind::not_)
      return std::nullopt;
    isNegated = !isNegated;
    at = throughViews({negation.getInput(), at.layout});
  }
  auto compare = at.value.getDefiningOp<CompareOp>();
  if (!compare)
    return std::nullopt;
  for (unsigned side : {0u, 1u}) {
    std::optional<double> bound = scalar(compare->getOperand(1 - side));
    std::optional<CountedPlace> found =
        bound ? readPlace(broadcast(compare->getOperand(side), at.layout)) : std::nullopt;
    if (!found || found->high != unlimited)
      continue;
    CompareKind kind = compare.getKind();
    bool below = kind == CompareKind::lt || kind == CompareKind::le;
    bool above = kind == CompareKind::gt || kind == CompareKind::ge;
    if ((!below && !above) || (below == (side == 1)) == !isNegated)
      return std::nullopt;
    bool reaches = (kind == CompareKind::le || kind == CompareKind::ge) != isNegated;
    double most = *bound - found->offset;
    return reaches ? std::floor(most) : std::ceil(most) - 1;
  }
  return std::nullopt;
}

std::optional<PerExpert> SlotReader::perExpert(const Factor &factor) {
  PerExpert result = {factor.laid.value, {}, factor.isCondition};
  Axes order = tokens;
  order.push_back(experts);
  result.dims.assign(order.size(), -1);
  for (auto [i, axes] : llvm::enumerate(factor.laid.layout)) {
    if (axes.empty())
      continue;
    auto *at = axes.size() == 1 ? llvm::find(order, axes[0]) : order.end();
    if (at == order.end())
      return std::nullopt;
    result.dims[at - order.begin()] = static_cast<int64_t>(i);
  }
  return result;
}

} // namespace transom::match
