//===- RoutingMatch.cpp - which token chose which expert ------------------===//

#include "RoutingMatch.h"
#include "IndexForm.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

bool isZero(Value value) { return scalar(value) == 0.0; }

int64_t expertsToChoose(Value experts) {
  Operation *op = experts.getDefiningOp();
  int64_t axis = -1;
  if (auto top = dyn_cast_if_present<TopKOp>(op))
    axis = experts == top.getIndices() ? top.getAxis() : -1;
  else if (auto arg = dyn_cast_if_present<ArgReduceOp>(op))
    axis = arg.getAxis();
  // Of each token the best, not of each expert.
  bool isOfTokens = axis >= 0 && axis == rankOf(op->getOperand(0)) - 1;
  return isOfTokens ? typeOf(op->getOperand(0)).getDimSize(axis) : ShapedType::kDynamic;
}

bool countsFromZero(Value value) {
  if (auto range = value.getDefiningOp<RangeOp>())
    return scalar(range.getStart()) == 0.0 && scalar(range.getDelta()) == 1.0;
  auto constant = value.getDefiningOp<ConstantOp>();
  auto dense = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : DenseIntElementsAttr();
  int64_t next = 0;
  bool isLine = llvm::count_if(typeOf(value).getShape(), [](int64_t size) { return size != 1; }) == 1;
  return dense && isLine &&
         llvm::all_of(dense.getValues<APInt>(), [&](const APInt &number) { return number.getSExtValue() == next++; });
}

Value underWrap(Value value) {
  auto select = value.getDefiningOp<SelectOp>();
  auto below = select ? select.getCondition().getDefiningOp<CompareOp>() : CompareOp();
  bool isWrap =
      below && below.getKind() == CompareKind::lt && isZero(below.getRhs()) && below.getLhs() == select.getOnFalse();
  return isWrap ? select.getOnFalse() : Value();
}

namespace {

/// Of an operand that numpy broadcasts to dims at `place`.
Place broadcastPlace(Value operand, const Place &place) {
  Place own;
  ArrayRef<int64_t> shape = typeOf(operand).getShape();
  for (auto [size, position] : llvm::zip(shape, ArrayRef<Position>(place).take_back(shape.size())))
    own.push_back(size == 1 ? Position() : position);
  return own;
}

/// The expert in `gather`'s place, where it picks one.
std::optional<Place> throughGather(GatherOp gather, const Place &place) {
  if (typeOf(gather.getIndices()).getNumElements() != 1 || !typeOf(gather.getIndices()).hasStaticShape())
    return std::nullopt;
  std::optional<Position> index = expertIndex(gather.getIndices());
  if (!index)
    return std::nullopt;
  int64_t axis = gather.getAxis(), inserted = rankOf(gather.getIndices());
  Place inner(place.begin(), place.begin() + axis);
  inner.push_back(*index);
  inner.append(place.begin() + axis + inserted, place.end());
  return inner;
}

std::optional<Place> throughSlice(SliceOp slice, const Place &place) {
  Place inner = place;
  ArrayRef<int64_t> from = typeOf(slice.getInput()).getShape(), to = typeOf(slice).getShape();
  unsigned nextSize = 0;
  for (auto [i, position] : llvm::enumerate(inner)) {
    int64_t start = slice.getStaticStarts()[i];
    bool isWhole = start == 0 && slice.getSteps()[i] == 1 && from[i] == to[i];
    if (ShapedType::isDynamic(to[i])) {
      OpFoldResult size = slice.getDims()[nextSize++];
      isWhole = isWhole && dimIs(slice.getInput(), i, size);
    }
    if (isWhole)
      continue;
    if (to[i] != 1 || ShapedType::isDynamic(start))
      return std::nullopt;
    position = {Position::Fixed, start};
  }
  return inner;
}

/// An integer that says which expert it is about, at a place: a number, or where it stands itself.
std::optional<Position> readNumber(Value value, Place place) {
  throughViews(value, place);
  if (auto cast = value.getDefiningOp<CastOp>())
    return readNumber(cast.getInput(), place);
  if (std::optional<double> number = scalar(value))
    return Position{Position::Fixed, static_cast<int64_t>(*number)};
  auto isOpen = [](const Position &position) { return position.kind != Position::Only; };
  return llvm::count_if(place, isOpen) == 1 && countsFromZero(value) ? std::optional(*llvm::find_if(place, isOpen))
                                                                     : std::nullopt;
}

/// The numbers of the experts chosen, and which free positions their dims are; wrapped as ONNX counts or not.
std::optional<Choice> readExperts(Value value, Place place) {
  for (int depth = 0; depth < 8; ++depth) {
    throughViews(value, place);
    Operation *op = value.getDefiningOp();
    if (auto cast = dyn_cast_if_present<CastOp>(op); cast && isa<IntegerType>(getElementTypeOrSelf(cast.getInput()))) {
      value = cast.getInput();
      continue;
    }
    // Choices are not below zero.
    Value whole = underWrap(value);
    if (!whole)
      break;
    place = broadcastPlace(whole, place);
    value = whole;
  }
  int64_t rank = rankOf(value);
  Choice choice;
  choice.experts = value;
  for (auto [i, position] : llvm::enumerate(place)) {
    if (position.kind == Position::Only)
      continue;
    if (position.kind != Position::Along || rank > 2)
      return std::nullopt;
    (i == 0 ? choice.token : choice.choice) = position.number;
  }
  return choice;
}

} // namespace

/// One view further.
static std::optional<Place> throughView(Operation *op, const Place &place) {
  if (auto transpose = dyn_cast<TransposeOp>(op)) {
    Place inner(place.size());
    for (auto [to, from] : llvm::enumerate(transpose.getPerm()))
      inner[from] = place[to];
    return inner;
  }
  if (auto reshape = dyn_cast<ReshapeOp>(op)) {
    auto map = unitDimMap(reshape);
    if (!map)
      return std::nullopt;
    Place inner(rankOf(reshape.getInput()));
    for (auto [to, from] : llvm::enumerate(*map))
      if (from >= 0)
        inner[from] = place[to];
    return inner;
  }
  if (auto slice = dyn_cast<SliceOp>(op))
    return throughSlice(slice, place);
  if (auto gather = dyn_cast<GatherOp>(op))
    return throughGather(gather, place);
  return std::nullopt;
}

void throughViews(Value &value, Place &place) {
  while (Operation *op = value.getDefiningOp()) {
    std::optional<Place> inner =
        isa<BroadcastToOp>(op) ? broadcastPlace(op->getOperand(0), place) : throughView(op, place);
    if (!inner)
      return;
    value = op->getOperand(0);
    place = *inner;
  }
}

Place placeOfRows(Value value) {
  Place place;
  for (auto [i, size] : llvm::enumerate(typeOf(value).getShape()))
    place.push_back(size == 1 ? Position() : Position{Position::Along, static_cast<int64_t>(i)});
  return place;
}

std::optional<Position> expertIndex(Value index) {
  Place place(rankOf(index));
  throughViews(index, place);
  if (std::optional<double> number = scalar(index))
    return Position{Position::Fixed, static_cast<int64_t>(*number)};
  auto nonzero = index.getDefiningOp<NonZeroOp>();
  if (!nonzero || rankOf(nonzero.getInput()) != 1 || place[1].kind != Position::Fixed)
    return std::nullopt;
  // Which experts some token chose: whether a sum over all choices, or the largest of them, is above zero.
  Value any = nonzero.getInput();
  while (auto compare = any.getDefiningOp<CompareOp>()) {
    if ((compare.getKind() != CompareKind::gt && compare.getKind() != CompareKind::ne) || !isZero(compare.getRhs()))
      return std::nullopt;
    any = compare.getLhs();
  }
  auto reduce = any.getDefiningOp<ReduceOp>();
  if (!reduce || (reduce.getKind() != ReduceKind::sum && reduce.getKind() != ReduceKind::max) || reduce.getKeepdims())
    return std::nullopt;
  Place all;
  for (int64_t i = 0, next = 1; i < rankOf(reduce.getInput()); ++i)
    all.push_back({Position::Along, llvm::is_contained(reduce.getAxes(), i) ? next++ : 0});
  std::optional<Choice> choice = readChoice(reduce.getInput(), all);
  if (!choice || !choice->expert.isAlong(0))
    return std::nullopt;
  return Position{Position::Found, place[1].number, choice->experts};
}

std::optional<Choice> readChoice(Value mask, Place place) {
  for (int depth = 0; depth < 16; ++depth) {
    throughViews(mask, place);
    Operation *op = mask.getDefiningOp();
    if (auto cast = dyn_cast_if_present<CastOp>(op)) {
      mask = cast.getInput();
      continue;
    }
    if (auto select = dyn_cast_if_present<SelectOp>(op)) {
      if (scalar(select.getOnTrue()) != 1.0 || !isZero(select.getOnFalse()))
        return std::nullopt;
      place = broadcastPlace(select.getCondition(), place);
      mask = select.getCondition();
      continue;
    }
    auto compare = dyn_cast_if_present<CompareOp>(op);
    if (!compare)
      return std::nullopt;
    if ((compare.getKind() == CompareKind::ne || compare.getKind() == CompareKind::gt) && isZero(compare.getRhs())) {
      place = broadcastPlace(compare.getLhs(), place);
      mask = compare.getLhs();
      continue;
    }
    if (compare.getKind() != CompareKind::eq)
      return std::nullopt;
    for (unsigned side : {0u, 1u}) {
      Value numbers = compare->getOperand(side), experts = compare->getOperand(1 - side);
      std::optional<Position> number = readNumber(numbers, broadcastPlace(numbers, place));
      std::optional<Choice> choice = number ? readExperts(experts, broadcastPlace(experts, place)) : std::nullopt;
      if (!choice)
        continue;
      choice->expert = *number;
      return choice;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

/// Whether broadcasting a dim of `count` rows to `to` changes nothing. Exporters of index_add write it for the case of
/// one row, as many as there are tokens but at most one.
static bool keepsCount(Value count, Value to) {
  if (sameSize(OpFoldResult(count), OpFoldResult(to)))
    return true;
  auto select = to.getDefiningOp<arith::SelectOp>();
  if (!select || !sameSize(OpFoldResult(count), OpFoldResult(select.getFalseValue())))
    return false;
  auto isOne = select.getCondition().getDefiningOp<arith::CmpIOp>();
  auto atMostOne = select.getTrueValue().getDefiningOp<arith::MinSIOp>();
  return isOne && isOne.getPredicate() == arith::CmpIPredicate::eq && isOne.getLhs() == count &&
         getConstantIntValue(isOne.getRhs()) == 1 && atMostOne && getConstantIntValue(atMostOne.getRhs()) == 1;
}

/// The size that `broadcast` gives its rows, which are along free position 0; null where it is their own.
static Value sizeOfRows(BroadcastToOp broadcast, const Place &place) {
  unsigned next = 0;
  for (auto [i, position] : llvm::enumerate(place))
    if (typeOf(broadcast).isDynamicDim(i)) {
      Value size = broadcast.getDims()[next++];
      if (position.isAlong(0))
        return size;
    }
  return {};
}

bool keepsRows(BroadcastToOp broadcast, const Place &place, NonZeroOp rows) {
  Value size = sizeOfRows(broadcast, place);
  return size && llvm::any_of(rows.getResult().getUsers(), [&](Operation *user) {
           auto dim = dyn_cast<tensor::DimOp>(user);
           return dim && dim.getConstantIndex() == 1 && keepsCount(dim, size);
         });
}

std::optional<Coordinate> readCoordinate(Value value) {
  Place place = placeOfRows(value);
  SmallVector<std::pair<BroadcastToOp, Place>, 1> spreads;
  while (Operation *op = value.getDefiningOp()) {
    std::optional<Place> inner;
    if (auto broadcast = dyn_cast<BroadcastToOp>(op)) {
      spreads.push_back({broadcast, place});
      inner = broadcastPlace(op->getOperand(0), place);
    } else {
      inner = isa<CastOp>(op) ? std::optional(place) : throughView(op, place);
    }
    if (!inner)
      break;
    value = op->getOperand(0);
    place = *inner;
  }
  auto nonzero = value.getDefiningOp<NonZeroOp>();
  if (!nonzero || !place[1].isAlong(0) || place[0].kind == Position::Along)
    return std::nullopt;
  // Rows that are repeated are others than the coordinates.
  for (auto &[broadcast, at] : spreads)
    if (!keepsRows(broadcast, at, nonzero))
      return std::nullopt;
  return Coordinate{nonzero, place[0].kind == Position::Fixed ? place[0].number : 0};
}

std::optional<ExpertRows> rowsOf(const Coordinate &coordinate) {
  NonZeroOp nonzero = coordinate.nonzero;
  Place place;
  for (int64_t i = 0; i < rankOf(nonzero.getInput()); ++i)
    place.push_back({Position::Along, i});
  std::optional<Choice> choice = readChoice(nonzero.getInput(), place);
  if (!choice || choice->token != coordinate.dim)
    return std::nullopt;
  return ExpertRows{*choice, nonzero};
}

/// Whether a value along free position 0 is the coordinate of `dim` of the rows.
static bool isCoordinate(Value value, const ExpertRows &rows, int64_t dim) {
  std::optional<Coordinate> found = readCoordinate(value);
  return found && found->nonzero == rows.nonzero && found->dim == dim;
}

/// [tokens, k] that `value` has the elements of, in the same order.
static Value asShares(Value value, Value experts) {
  int64_t chosen = rankOf(experts) == 2 ? typeOf(experts).getDimSize(1) : 1;
  while (auto reshape = value.getDefiningOp<ReshapeOp>()) {
    if (rankOf(value) == 2 && typeOf(value).getDimSize(1) == chosen)
      break;
    value = reshape.getInput();
  }
  return rankOf(value) == 2 && typeOf(value).getDimSize(1) == chosen ? value : Value();
}

/// token * k + choice: which element of the shares, in order, a row's is.
static bool isFlatIndex(Value index, const ExpertRows &rows) {
  int64_t chosen = rankOf(rows.choice.experts) == 2 ? typeOf(rows.choice.experts).getDimSize(1) : 1;
  if (chosen == 1)
    return isCoordinate(index, rows, rows.choice.token);
  auto sum = index.getDefiningOp<BinaryOp>();
  if (!sum || sum.getKind() != BinaryKind::add)
    return false;
  for (unsigned side : {0u, 1u}) {
    auto scaled = sum->getOperand(side).getDefiningOp<BinaryOp>();
    if (!scaled || scaled.getKind() != BinaryKind::mul ||
        !isCoordinate(sum->getOperand(1 - side), rows, rows.choice.choice))
      continue;
    for (unsigned factor : {0u, 1u})
      if (scalar(scaled->getOperand(factor)) == static_cast<double>(chosen) &&
          isCoordinate(scaled->getOperand(1 - factor), rows, rows.choice.token))
        return true;
  }
  return false;
}

/// The shares that stand in [tokens, experts] where a token chose an expert, and zeros elsewhere.
static Value readSpread(Value value, const Place &place, const ExpertRows &rows) {
  auto scatter = value.getDefiningOp<ScatterElementsOp>();
  bool isSpread = scatter && scatter.getKind() == ScatterKind::set && isZero(scatter.getInput()) &&
                  isLastDim(scatter.getAxis(), value) && place.size() == 2 &&
                  scatter.getIndices() == rows.choice.experts;
  if (!isSpread || !(place[1] == rows.choice.expert))
    return {};
  return scatter.getUpdates();
}

Value readShares(Value perRow, const ExpertRows &rows) {
  Place place = placeOfRows(perRow);
  while (isa_and_present<ReshapeOp, TransposeOp>(perRow.getDefiningOp())) {
    std::optional<Place> inner = throughView(perRow.getDefiningOp(), place);
    if (!inner)
      return {};
    perRow = perRow.getDefiningOp()->getOperand(0);
    place = *inner;
  }
  if (auto picked = perRow.getDefiningOp<GatherNDOp>()) {
    // Tuples of coordinates, in the order of the shares' dims.
    Value tuples = picked.getIndices();
    auto transpose = tuples.getDefiningOp<TransposeOp>();
    bool isAll = picked.getBatchDims() == 0 && transpose && transpose.getInput().getDefiningOp() == rows.nonzero &&
                 rows.choice.token == 0 && rows.choice.choice == 1;
    return isAll ? asShares(picked.getInput(), rows.choice.experts) : Value();
  }
  auto gather = perRow.getDefiningOp<GatherOp>();
  if (!gather || gather.getAxis() != 0)
    return {};
  Value from = gather.getInput();
  if (isCoordinate(gather.getIndices(), rows, rows.choice.token)) {
    Place inner(rankOf(from));
    inner[0] = {Position::Along, 0};
    throughViews(from, inner);
    if (Value spread = readSpread(from, inner, rows))
      return spread;
    from = gather.getInput();
  }
  return isFlatIndex(gather.getIndices(), rows) ? asShares(from, rows.choice.experts) : Value();
}

} // namespace transom::match
