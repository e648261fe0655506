//===- FuseExperts.cpp - mixtures of experts as one op --------------------===//
//
// Expects the model layer with products that take weights fused. Anchors on sums
// of what experts give, over all experts for all tokens, taken back from slots that
// tokens were dispatched to, or each scattered to the rows whose tokens chose it:
//
//     %rows  = transformer.nonzero %chose3
//     %taken = transformer.gather %tokens, %token_of_rows
//     %given = transformer.linear(transformer.glu(...)) of %taken
//     %sum3  = transformer.scatter_elements add %sum2, %token_of_rows, %given * %share
//
// Afterwards weights of the experts are one constant each, joined when they are
// written, and who chose whom is what the router says. Leaves sums that some
// expert is missing in, and experts that differ in more than their numbers.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "MixtureBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/RegionUtils.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEEXPERTS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

//===-- The sum -----------------------------------------------------------===//

bool isScatter(Operation *op) { return isa_and_present<ScatterElementsOp, ScatterNDOp>(op); }

ScatterKind kindOf(Operation *scatter) {
  if (auto elements = dyn_cast<ScatterElementsOp>(scatter))
    return elements.getKind();
  return cast<ScatterNDOp>(scatter).getKind();
}

/// Scatters that `value` is a sum of, from zeros on; false where something else is in it.
bool collectScatters(Value value, SmallVectorImpl<Operation *> &scatters) {
  while (!isZero(value)) {
    Operation *op = value.getDefiningOp();
    if (isScatter(op)) {
      // What is put somewhere is added where zeros are.
      if (kindOf(op) != ScatterKind::add && !(kindOf(op) == ScatterKind::set && isZero(op->getOperand(0))))
        return false;
      scatters.push_back(op);
      value = op->getOperand(0);
      continue;
    }
    auto sum = dyn_cast_if_present<BinaryOp>(op);
    if (!sum || sum.getKind() != BinaryKind::add || sum.getLhs().getType() != sum.getType() ||
        sum.getRhs().getType() != sum.getType())
      return false;
    if (!collectScatters(sum.getRhs(), scatters))
      return false;
    value = sum.getLhs();
  }
  return true;
}

/// The coordinates that a scatter's updates go to; the scatter is one of whole rows.
std::optional<Coordinate> targetOf(Operation *scatter) {
  if (rankOf(scatter->getResult(0)) != 2)
    return std::nullopt;
  if (auto elements = dyn_cast<ScatterElementsOp>(scatter))
    if (elements.getAxis() != 0 || typeOf(elements.getIndices()).getDimSize(1) != typeOf(elements).getDimSize(1))
      return std::nullopt;
  if (auto tuples = dyn_cast<ScatterNDOp>(scatter))
    if (rankOf(tuples.getIndices()) != 2 || typeOf(tuples.getIndices()).getDimSize(1) != 1)
      return std::nullopt;
  return readCoordinate(scatter->getOperand(1));
}

//===-- One expert --------------------------------------------------------===//

class PartReader {
public:
  explicit PartReader(Refusal refuse) : refuse(refuse) {}
  FailureOr<ExpertPart> read(Operation *scatter);

private:
  LogicalResult no(Operation *op, const Twine &reason) {
    refuse(op, reason);
    return failure();
  }
  LogicalResult readGiven(ExpertPart &part, Value given);
  LogicalResult readTokens(ExpertPart &part);

  Refusal refuse;
};

FailureOr<ExpertPart> PartReader::read(Operation *scatter) {
  std::optional<Coordinate> target = targetOf(scatter);
  std::optional<ExpertRows> rows = target ? rowsOf(*target) : std::nullopt;
  if (!rows)
    return failure();
  ExpertPart part = {scatter, *rows, {}, {}, {}};
  // Of rows that a token has twice, one would be lost; choices of one token differ.
  if (kindOf(scatter) == ScatterKind::set && ShapedType::isDynamic(expertsToChoose(rows->choice.experts)))
    return no(scatter, "rows are put, not added, and a token may choose an expert twice");
  Value given = scatter->getOperand(2);
  if (auto spread = given.getDefiningOp<BroadcastToOp>()) {
    if (typeOf(spread.getInput()).getShape() != typeOf(spread).getShape() ||
        !keepsRows(spread, placeOfRows(spread), rows->nonzero))
      return no(scatter, "what an expert gives is repeated");
    given = spread.getInput();
  }
  if (failed(readGiven(part, given)) || failed(readTokens(part)))
    return failure();
  return part;
}

/// What the network gives, times what the choice counts.
LogicalResult PartReader::readGiven(ExpertPart &part, Value given) {
  auto weighed = given.getDefiningOp<BinaryOp>();
  if (!weighed || weighed.getKind() != BinaryKind::mul)
    return no(part.scatter, "what an expert gives is not weighed");
  for (unsigned side : {0u, 1u}) {
    Value share = weighed->getOperand(1 - side);
    if (typeOf(share).getRank() != 2 || typeOf(share).getDimSize(1) != 1)
      continue;
    part.shares = readShares(share, part.rows);
    if (!part.shares)
      return no(part.scatter, "what a choice counts is not read from the router's weights");
    FailureOr<ExpertNetwork> network = readExpert(weighed->getOperand(side), refuse);
    if (failed(network))
      return failure();
    part.network = *network;
    return success();
  }
  return no(part.scatter, "what an expert gives is not weighed");
}

/// The rows of tokens that the network takes.
LogicalResult PartReader::readTokens(ExpertPart &part) {
  Value taken = part.network.input;
  while (auto reshape = taken.getDefiningOp<ReshapeOp>()) {
    if (!isa_and_present<GatherOp>(reshape.getInput().getDefiningOp()))
      break;
    taken = reshape.getInput();
  }
  auto gather = taken.getDefiningOp<GatherOp>();
  std::optional<Coordinate> row = gather ? readCoordinate(gather.getIndices()) : std::nullopt;
  if (!row || row->nonzero != part.rows.nonzero || row->dim != part.rows.choice.token)
    return no(part.network.first.op, "an expert does not work on the rows that chose it");
  // [tokens, features], maybe with ones around.
  Value tokens = gather.getInput();
  int64_t axis = gather.getAxis();
  SmallVector<int64_t> wide;
  for (auto [i, size] : llvm::enumerate(typeOf(tokens).getShape()))
    if (size != 1 && static_cast<int64_t>(i) != axis)
      wide.push_back(i);
  if (rankOf(gather.getIndices()) != 1 || wide.size() > 1 || (wide.size() == 1 && wide[0] < axis) ||
      axis + 1 >= rankOf(tokens))
    return no(part.network.first.op, "an expert does not work on whole rows of tokens");
  part.tokens = tokens;
  return success();
}

//===-- All of them -------------------------------------------------------===//

/// Whether experts differ in no more than their numbers; else in what.
std::optional<StringRef> difference(const ExpertPart &a, const ExpertPart &b) {
  const ExpertNetwork &x = a.network, &y = b.network;
  if (a.rows.choice.experts != b.rows.choice.experts)
    return "experts are chosen by different routers";
  if (a.tokens != b.tokens)
    return "experts work on different tokens";
  if (a.shares != b.shares)
    return "choices of different experts count differently";
  if (x.activation != y.activation || x.gate != y.gate || x.alpha != y.alpha || x.beta != y.beta || x.limit != y.limit)
    return "experts have different activations";
  auto sameLayer = [](const ExpertLayer &u, const ExpertLayer &v) {
    auto same = [](const ExpertWeight &s, const ExpertWeight &t) {
      return s.value.getType() == t.value.getType() && s.shape == t.shape && s.transposed == t.transposed &&
             s.expert.has_value() == t.expert.has_value() && (!s.expert || s.value == t.value);
    };
    auto sameOrNone = [&](const std::optional<ExpertWeight> &s, const std::optional<ExpertWeight> &t) {
      return s.has_value() == t.has_value() && (!s || same(*s, *t));
    };
    return same(u.weight, v.weight) && sameOrNone(u.bias, v.bias) && sameOrNone(u.scales, v.scales) &&
           sameOrNone(u.zeros, v.zeros);
  };
  if (!sameLayer(x.first, y.first) || !sameLayer(x.second, y.second) || (x.up && !sameLayer(*x.up, *y.up)))
    return "experts differ in sizes or biases";
  return std::nullopt;
}

/// The layers of a part.
SmallVector<const ExpertLayer *, 3> layersOf(const ExpertPart &part) {
  SmallVector<const ExpertLayer *, 3> layers = {&part.network.first, &part.network.second};
  if (part.network.up)
    layers.push_back(&*part.network.up);
  return layers;
}

/// Whether a part's weights are its own expert's; they are read by nobody else where each expert has a constant.
std::optional<StringRef> faultOfWeights(const ExpertPart &part) {
  for (const ExpertLayer *layer : layersOf(part)) {
    if (!layer->op->hasOneUse() && layer->op != part.network.first.op)
      return "the result of an expert's product is read elsewhere";
    SmallVector<const ExpertWeight *, 2> weights = {&layer->weight};
    if (layer->bias)
      weights.push_back(&*layer->bias);
    for (const ExpertWeight *weight : weights) {
      if (weight->expert && !(*weight->expert == part.rows.choice.expert))
        return "an expert's rows meet another one's weights";
      // A second copy would be made of it.
      if (!weight->expert && weight == &layer->weight && !weight->value.hasOneUse())
        return "an expert's weight is used elsewhere";
    }
  }
  return std::nullopt;
}

/// Each expert once, none missing. Of those found by who was chosen, as many as there are stand in order.
std::optional<std::string> faultOfNumbers(Mixture &mixture) {
  const Choice &choice = mixture.parts.front().rows.choice;
  mixture.experts = expertsToChoose(choice.experts);
  if (ShapedType::isDynamic(mixture.experts))
    return "how many experts there are to choose from is not known";
  std::vector<ExpertPart> sorted(mixture.experts);
  for (const ExpertPart &part : mixture.parts) {
    const Position &expert = part.rows.choice.expert;
    if (expert.kind != choice.expert.kind || (expert.kind == Position::Found && expert.chosen != choice.experts) ||
        (expert.kind != Position::Found && expert.kind != Position::Fixed) || expert.number < 0 ||
        expert.number >= mixture.experts)
      return "it is not known whose rows these are";
    if (sorted[expert.number].scatter)
      return "expert " + std::to_string(expert.number) + " is added twice";
    sorted[expert.number] = part;
  }
  for (auto [i, part] : llvm::enumerate(sorted))
    if (!part.scatter)
      return "expert " + std::to_string(i) + " of " + std::to_string(mixture.experts) + " is not added";
  mixture.parts = std::move(sorted);
  return std::nullopt;
}

LogicalResult checkParts(const Mixture &mixture, Operation *root, Refusal refuse) {
  for (const ExpertPart &part : mixture.parts) {
    std::optional<StringRef> fault = difference(mixture.parts.front(), part);
    if (!fault)
      fault = faultOfWeights(part);
    if (fault) {
      refuse(root, *fault);
      return failure();
    }
  }
  return success();
}

/// The mixture whose sum `root` is.
FailureOr<Mixture> readMixture(Value root, ArrayRef<Operation *> scatters, Refusal refuse) {
  Mixture mixture;
  mixture.root = root;
  for (Operation *scatter : scatters) {
    FailureOr<ExpertPart> part = PartReader(refuse).read(scatter);
    if (failed(part))
      return failure();
    mixture.parts.push_back(*part);
  }
  Operation *op = root.getDefiningOp();
  if (auto fault = faultOfNumbers(mixture)) {
    refuse(op, *fault);
    return failure();
  }
  if (failed(checkParts(mixture, op, refuse)))
    return failure();
  return mixture;
}

/// What experts put under masks, as parts that differ in their numbers alone.
FailureOr<Mixture> asMixture(const MaskedMixture &masked, Operation *root, Refusal refuse) {
  Mixture mixture;
  mixture.root = root->getResult(0);
  mixture.experts = masked.parts.size();
  for (const MaskedPart &part : masked.parts) {
    ExpertPart each = {part.put, {}, part.tokens, {}, part.network};
    each.rows.choice.expert = Position{Position::Fixed, part.expert};
    mixture.parts.push_back(each);
  }
  if (failed(checkParts(mixture, root, refuse)))
    return failure();
  return mixture;
}

struct FuseExperts : transom::impl::FuseExpertsBase<FuseExperts> {
  using FuseExpertsBase::FuseExpertsBase;

  void runOnOperation() override {
    Fusion fusion("moe", remarks);
    IRRewriter rewriter(&getContext(), &fusion);
    auto refuse = [&](Operation *op, const Twine &reason) { fusion.nearMiss(op, reason); };
    llvm::SmallPtrSet<Operation *, 32> seen; ///< scatters of larger sums
    SmallVector<Operation *> sums;
    getOperation().walk([&](Operation *op) {
      if (isScatter(op) || isa<BinaryOp>(op))
        sums.push_back(op);
    });
    for (Operation *op : llvm::reverse(sums)) {
      SmallVector<Operation *> scatters;
      if (!isa<FloatType>(getElementTypeOrSelf(op->getResult(0))) || seen.contains(op) ||
          !collectScatters(op->getResult(0), scatters) || scatters.size() < 2 || seen.contains(scatters.front()))
        continue;
      seen.insert(scatters.begin(), scatters.end());
      FailureOr<Mixture> mixture = readMixture(op->getResult(0), scatters, refuse);
      if (succeeded(mixture))
        MixtureBuilder(op, mixture->parts.front().network, rewriter, refuse).build(*mixture);
    }
    auto fuseAt = [&](Operation *root, auto read) {
      rewriter.setInsertionPoint(root);
      SizeArith arith(rewriter);
      TensorDims dims(arith);
      auto mixture = read(dims);
      if (succeeded(mixture))
        MixtureBuilder(root, mixture->network, rewriter, refuse).build(*mixture);
    };
    SmallVector<ReduceOp> reduces;
    getOperation().walk([&](ReduceOp op) { reduces.push_back(op); });
    for (ReduceOp op : reduces)
      fuseAt(op, [&](TensorDims &dims) { return readDenseMixture(op, dims, refuse); });
    SmallVector<Operation *> products;
    getOperation().walk([&](Operation *op) {
      if (isa<MatMulOp, ReduceOp>(op))
        products.push_back(op);
    });
    for (Operation *op : products)
      fuseAt(op, [&](TensorDims &dims) { return readDispatchMixture(op, dims, refuse); });
    SmallVector<ScatterNDOp> puts;
    getOperation().walk([&](ScatterNDOp op) { puts.push_back(op); });
    for (ScatterNDOp op : llvm::reverse(puts)) {
      // The last of several.
      if (llvm::any_of(op.getResult().getUses(),
                       [](OpOperand &use) { return isa<ScatterNDOp>(use.getOwner()) && use.getOperandNumber() == 0; }))
        continue;
      rewriter.setInsertionPoint(op);
      SizeArith arith(rewriter);
      TensorDims dims(arith);
      FailureOr<MaskedMixture> masked = readMaskedMixture(op, dims, refuse);
      FailureOr<Mixture> mixture = succeeded(masked) ? asMixture(*masked, op, refuse) : FailureOr<Mixture>();
      if (succeeded(mixture))
        MixtureBuilder(op, mixture->parts.front().network, rewriter, refuse).build(*masked, *mixture);
    }
    // What only the sums read.
    (void)runRegionDCE(rewriter, getOperation()->getRegions());
  }
};

} // namespace
