//===- DispatchMatch.cpp - experts with a capacity ------------------------===//

#include "DispatchMatch.h"
#include "IndexForm.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

class DispatchReader : SlotReader {
public:
  DispatchReader(Operation *root, TensorDims &dims, Refusal refuse) : SlotReader(dims), root(root), refuse(refuse) {}
  FailureOr<DispatchMixture> read();

private:
  bool no(const Twine &reason) {
    refuse(root, reason);
    return false;
  }
  bool readSum(Laid &taken, Laid &given);
  std::optional<Axes> splitOf(Value operand, int64_t dim);
  std::pair<Laid, Laid> operandsOf(MatMulOp product, const Layout &layout, const Axes &within);
  /// The value that a one-hot over the slots has its one at.
  std::optional<Laid> readSlot(const Laid &laid);
  bool readCombine(const Laid &combine);
  bool readSlots();
  bool checkDispatch(const Factors &dispatch);
  Value readInput(const Laid &input) override;

  Operation *root;
  Refusal refuse;
  Axes summed;    ///< over which the root sums: experts and slots
  int slots = -1; ///< the axis
  Factors combine;
  Laid slot;          ///< the factor of `combine` that is one-hot over the slots
  CountedPlace place; ///< which slot that is
  double capacity = unlimited;
  Value product, fed; ///< of the dispatch with tokens, and those
  std::string fault;  ///< why the product is none
};

//===-- The products ------------------------------------------------------===//

/// Two axes that a reshape made one dim of.
std::optional<Axes> DispatchReader::splitOf(Value operand, int64_t dim) {
  while (auto transpose = operand.getDefiningOp<TransposeOp>()) {
    dim = transpose.getPerm()[dim];
    operand = transpose.getInput();
  }
  auto reshape = operand.getDefiningOp<ReshapeOp>();
  if (!reshape || rankOf(reshape.getInput()) != rankOf(reshape) + 1)
    return std::nullopt;
  SmallVector<int64_t> apart(typeOf(reshape.getInput()).getShape()), together(typeOf(reshape).getShape());
  apart.erase(apart.begin() + dim, apart.begin() + dim + 2);
  together.erase(together.begin() + dim);
  if (apart != together)
    return std::nullopt;
  Dims inner = dims.of(reshape.getInput());
  return Axes{axis(inner[dim]), axis(inner[dim + 1])};
}

/// The operands of a product whose result has `layout` and which sums over `within`.
std::pair<Laid, Laid> DispatchReader::operandsOf(MatMulOp product, const Layout &layout, const Axes &within) {
  auto operand = [&](Value value, Axes first, Axes second, bool swapped) {
    Layout own(layout.begin(), layout.end() - 2);
    own.push_back(swapped ? second : first);
    own.push_back(swapped ? first : second);
    return broadcast(value, own);
  };
  size_t rank = layout.size();
  return {operand(product.getLhs(), layout[rank - 2], within, product.getTransposeA()),
          operand(product.getRhs(), within, layout[rank - 1], product.getTransposeB())};
}

/// What the root sums over experts and slots: a product whose dims are both, or one for each expert and their sum.
bool DispatchReader::readSum(Laid &taken, Laid &given) {
  auto sum = dyn_cast<ReduceOp>(root);
  auto product = sum ? sum.getInput().getDefiningOp<MatMulOp>() : cast<MatMulOp>(root);
  if (!product || (sum && (sum.getKind() != ReduceKind::sum || sum.getAxes().size() != 1 || sum.getKeepdims())))
    return false;
  Value left = product.getLhs(), right = product.getRhs();
  int64_t rank = rankOf(product), over = rankOf(left) - (product.getTransposeA() ? 2 : 1);
  if (rank < 2 || rankOf(left) < 2 || rankOf(right) < 2)
    return false;
  Axes within;
  int ofSum = -1;
  if (sum) {
    if (static_cast<int64_t>(sum.getAxes()[0]) >= rank - 2)
      return false;
    ofSum = axis(dims.of(product)[sum.getAxes()[0]]);
    within = {axis(dims.of(left)[over])};
    summed = {ofSum, within[0]};
  } else {
    std::optional<Axes> split = splitOf(left, over);
    if (!split)
      return false;
    summed = within = *split;
  }
  Layout layout;
  for (auto [i, size] : llvm::enumerate(Dims(dims.of(product)))) {
    if (sum && static_cast<int64_t>(i) == static_cast<int64_t>(sum.getAxes()[0])) {
      layout.push_back({ofSum});
      continue;
    }
    layout.push_back(typeOf(product).getDimSize(i) == 1 ? Axes() : Axes{axis(size)});
    if (static_cast<int64_t>(i) + 1 < rank)
      llvm::append_range(tokens, layout.back());
  }
  std::tie(taken, given) = operandsOf(product, layout, within);
  return true;
}

/// Which of the axes are experts and slots, by what is one-hot over them.
bool DispatchReader::readCombine(const Laid &laid) {
  collect(laid, false, combine);
  for (const Factor &factor : combine)
    if (auto found = readMask(factor.laid); found && llvm::is_contained(summed, found->axis))
      mask = *found;
  if (!mask.experts) {
    if (llvm::any_of(combine, [](const Factor &factor) { return isCounted(factor.laid.value); }))
      return no("what is taken back is not limited to experts that a token chose");
    return false;
  }
  experts = mask.axis;
  slots = summed[0] == experts ? summed[1] : summed[0];
  return SizeArith::asConstant(sizes[experts]) == expertsToChoose(mask.experts);
}

std::optional<Laid> DispatchReader::readSlot(const Laid &laid) {
  auto equal = laid.value.getDefiningOp<CompareOp>();
  if (!equal || equal.getKind() != CompareKind::eq)
    return std::nullopt;
  int over = -1;
  for (unsigned side : {0u, 1u})
    if (countsAlong(broadcast(equal->getOperand(side), laid.layout), over) && over == slots)
      return broadcast(equal->getOperand(1 - side), laid.layout);
  return std::nullopt;
}

/// That a token's slot is counted, and is none that another one has.
bool DispatchReader::readSlots() {
  auto hasSlots = [&](const Factor &factor) {
    return llvm::any_of(factor.laid.layout, [&](const Axes &axes) { return llvm::is_contained(axes, slots); });
  };
  auto *found = llvm::find_if(combine, hasSlots);
  if (found == combine.end() || llvm::count_if(combine, hasSlots) != 1)
    return no("what is taken back is not weighed by one slot for each choice");
  std::optional<Laid> at = readSlot(found->laid);
  std::optional<CountedPlace> counted = at ? readPlace(*at) : std::nullopt;
  if (!counted)
    return no("a token's slot is not counted by who chose its expert before");
  slot = found->laid;
  place = *counted;
  if (place.offset + 1 < 0)
    return no("the first tokens of an expert have no slot");
  for (const Factor &factor : combine)
    if (auto most = capacityIn(factor.laid))
      capacity = std::min(capacity, *most);
  return true;
}

/// What the experts work on: the product of tokens with who is in which slot.
Value DispatchReader::readInput(const Laid &input) {
  Laid laid = throughViews(input);
  auto matmul = laid.value.getDefiningOp<MatMulOp>();
  if (!matmul)
    return {};
  if (product)
    return product == matmul ? product : Value();
  // Over the tokens that its dims do not show.
  Axes within = tokens;
  for (const Axes &axes : laid.layout)
    llvm::erase_if(within, [&](int one) { return llvm::is_contained(axes, one); });
  Value left = matmul.getLhs(), right = matmul.getRhs();
  if (within.empty() || rankOf(left) < 2 || rankOf(right) < 2)
    return {};
  auto [dispatch, rows] = operandsOf(matmul, laid.layout, within);
  fed = readTokens(rows);
  if (!fed) {
    fault = "what is dispatched are no tokens as they are taken back";
    return {};
  }
  Factors factors;
  collect(dispatch, false, factors);
  if (!checkDispatch(factors))
    return {};
  if (within.size() != 1 || within[0] != place.counted) {
    fault = "slots are counted over other tokens than those that are dispatched together";
    return {};
  }
  return product = matmul;
}

/// Each token is where it is taken back from, and nobody else is.
bool DispatchReader::checkDispatch(const Factors &dispatch) {
  bool hasSlot = false, hasMask = false;
  for (const Factor &factor : dispatch) {
    hasSlot = hasSlot || factor.laid == slot;
    hasMask = hasMask || isMask(factor.laid);
    if (!factor.isCondition && !isZeroOrOne(factor.laid.value)) {
      fault = "tokens are weighed before experts work on them";
      return false;
    }
    if (!llvm::is_contained(combine, factor)) {
      fault = capacityIn(factor.laid) ? "the capacity does not limit what is taken back"
                                      : "what is taken back is not what was dispatched";
      return false;
    }
  }
  if (!hasSlot || !hasMask) {
    fault = "what is dispatched does not depend on slots and experts";
    return false;
  }
  // Where places are limited, those beyond are left out by the capacity.
  double dispatched = unlimited;
  for (const Factor &factor : dispatch)
    if (auto most = capacityIn(factor.laid))
      dispatched = std::min(dispatched, *most);
  if (place.high != unlimited && dispatched + place.offset > place.high)
    fault = dispatched == unlimited && capacity != unlimited
                ? "the capacity does not limit what is dispatched"
                : "tokens beyond the capacity are moved into a slot that another one has";
  return fault.empty();
}

FailureOr<DispatchMixture> DispatchReader::read() {
  Laid taken, given;
  if (!readSum(taken, given) || !readCombine(taken))
    return failure();
  if (!readSlots())
    return failure();
  DispatchMixture mixture;
  Dispatched &dispatched = mixture.dispatched;
  Value input;
  if (!readNetwork(given, mixture.network, input)) {
    no(fault.empty() ? "what experts give for their slots is no two products with an activation or a gate between"
                     : fault);
    return failure();
  }
  dispatched.tokens = fed;
  dispatched.experts = mask.experts;
  for (const Factor &factor : combine) {
    if (factor.laid == slot || isMask(factor.laid))
      continue;
    std::optional<PerExpert> own = perExpert(factor);
    if (!own) {
      no("what a choice counts is not of a token and an expert");
      return failure();
    }
    dispatched.factors.push_back(*own);
  }
  dispatched.slots = sizes[slots];
  std::optional<int64_t> known = SizeArith::asConstant(dispatched.slots);
  bool isInside = known && capacity + place.offset <= static_cast<double>(*known - 1);
  if (!isInside) {
    dispatched.slot = perExpert({throughViews(*readSlot(slot)), false});
    if (!dispatched.slot) {
      no("a slot is not of a token and an expert");
      return failure();
    }
  }
  return mixture;
}

} // namespace

FailureOr<DispatchMixture> readDispatchMixture(Operation *root, TensorDims &dims, Refusal refuse) {
  return DispatchReader(root, dims, refuse).read();
}

} // namespace transom::match
