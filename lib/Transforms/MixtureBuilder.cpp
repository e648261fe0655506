//===- MixtureBuilder.cpp - moe from what was read ------------------------===//

#include "MixtureBuilder.h"
#include "Fusion.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

Value MixtureBuilder::reshape(Value value, ArrayRef<Dim> to) {
  auto [shape, sizes] = splitDims(to);
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(value));
  return type == value.getType() ? value : ReshapeOp::create(rewriter, loc, type, value, sizes).getResult();
}

/// The dims before the last one together.
Dim MixtureBuilder::rowsOf(Value value) { return arith.product(loc, ArrayRef<Dim>(dims.of(value)).drop_back()); }

Value MixtureBuilder::asMatrices(Value all, bool transposed) {
  return transposed ? TransposeOp::create(rewriter, loc, all, rewriter.getDenseI64ArrayAttr({0, 2, 1})).getResult()
                    : all;
}

Value MixtureBuilder::joined(const Mixture &mixture, LayerOf layerOf, WeightOf weightOf) {
  const ExpertWeight *first = weightOf(*layerOf(network));
  if (!first)
    return {};
  if (first->expert)
    return asMatrices(first->value, first->transposed);
  SmallVector<Value> each;
  for (const ExpertPart &part : mixture.parts) {
    const ExpertWeight &own = *weightOf(*layerOf(part.network));
    auto constant = own.value.getDefiningOp<ConstantOp>();
    SmallVector<int64_t> shape = {1};
    llvm::append_range(shape, own.shape.empty() ? typeOf(constant).getShape() : ArrayRef<int64_t>(own.shape));
    auto type = RankedTensorType::get(shape, getElementTypeOrSelf(constant));
    ElementsAttr value = constant.getValue();
    if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
      value = DenseResourceElementsAttr::get(type, resource.getRawHandle());
    else
      value = cast<DenseElementsAttr>(value).reshape(type);
    each.push_back(ConstantOp::create(rewriter, constant.getLoc(), value));
  }
  return asMatrices(ConcatOp::create(rewriter, loc, each, 0), first->transposed);
}

MixtureLayer MixtureBuilder::joined(const Mixture &mixture, LayerOf layerOf) {
  if (!layerOf(network))
    return {};
  auto whole = [](const std::optional<ExpertWeight> &weight) { return weight ? &*weight : nullptr; };
  return {joined(mixture, layerOf, [](const ExpertLayer &layer) { return &layer.weight; }),
          joined(mixture, layerOf, [&](const ExpertLayer &layer) { return whole(layer.bias); }),
          joined(mixture, layerOf, [&](const ExpertLayer &layer) { return whole(layer.scales); }),
          joined(mixture, layerOf, [&](const ExpertLayer &layer) { return whole(layer.zeros); })};
}

/// Whether a size follows from how many rows there are.
static bool comesFrom(Value size, ArrayRef<NonZeroOp> rows, int depth = 4) {
  if (auto dim = size.getDefiningOp<tensor::DimOp>())
    return llvm::is_contained(rows, dim.getSource().getDefiningOp<NonZeroOp>());
  Operation *op = size.getDefiningOp();
  return op && depth > 0 && isa<arith::ArithDialect>(op->getDialect()) &&
         llvm::any_of(op->getOperands(), [&](Value operand) { return comesFrom(operand, rows, depth - 1); });
}

/// Checks that as many rows are added as were taken, which nobody takes any more: of one row or as many as there are.
void MixtureBuilder::dropChecks(ArrayRef<NonZeroOp> rows, Block *block) {
  auto atMostOne = [](Value size) {
    auto least = size.getDefiningOp<arith::MinSIOp>();
    return getConstantIntValue(size) == 1 || (least && getConstantIntValue(least.getRhs()) == 1);
  };
  for (CheckSizesOp check : llvm::make_early_inc_range(block->getOps<CheckSizesOp>())) {
    bool left = comesFrom(check.getLhs(), rows), right = comesFrom(check.getRhs(), rows);
    bool ofOne = check.getBroadcast() && ((left && atMostOne(check.getRhs())) || (right && atMostOne(check.getLhs())));
    if ((left && right) || ofOne)
      rewriter.eraseOp(check);
  }
}

bool MixtureBuilder::replaceRoot(const MixtureOperands &operands) {
  Value result = root->getResult(0);
  auto no = [&](const Twine &reason) {
    refuse(root, reason);
    return false;
  };
  // A choice of one expert may have no dim of its own.
  bool isOne = isa_and_present<ArgReduceOp>(operands.experts.getDefiningOp()) &&
               !cast<ArgReduceOp>(operands.experts.getDefiningOp()).getKeepdims();
  int64_t choices = isOne ? 1 : typeOf(operands.experts).getShape().back();
  Dim rows = isOne ? arith.product(loc, dims.of(operands.experts)) : rowsOf(operands.experts);
  if (ShapedType::isDynamic(choices))
    return no("how many experts a token chooses is not known");
  for (Value other : {operands.tokens, operands.shares, result})
    if (!sameSize(rows, rowsOf(other)))
      return no("tokens, choices and the sum are not known to be as many");
  if (operands.first.scales && ShapedType::isDynamic(typeOf(operands.tokens).getShape().back()))
    return no("experts are quantised, and the width of tokens is not known");
  Dims chosen = {rows, arith.constant(choices)};
  Value shares = castTo(rewriter, loc, operands.shares, getElementTypeOrSelf(result));
  Value tokens = reshape(operands.tokens, {rows, dims.of(operands.tokens).back()});
  Value experts = reshape(operands.experts, chosen);
  shares = reshape(shares, chosen);
  FloatAttr limit = network.limit ? rewriter.getF32FloatAttr(static_cast<float>(*network.limit)) : FloatAttr();
  const MixtureLayer &first = operands.first, &up = operands.up, &second = operands.second;
  auto moe = MoEOp::create(rewriter, loc, tokens, experts, shares, first.weight, second.weight, up.weight, first.bias,
                           up.bias, second.bias, first.scales, up.scales, second.scales, first.zeros, up.zeros,
                           second.zeros, network.activation, network.gate, APFloat(static_cast<float>(network.alpha)),
                           APFloat(static_cast<float>(network.beta)), limit);
  moe->setLoc(fusedLocation(root, moe));
  SmallVector<Value> sizes;
  for (auto [i, dim] : llvm::enumerate(Dims(dims.of(result))))
    if (typeOf(result).isDynamicDim(i))
      sizes.push_back(arith.value(loc, dim));
  rewriter.replaceOp(root, moe.getType() == result.getType()
                               ? moe.getResult()
                               : ReshapeOp::create(rewriter, loc, result.getType(), moe, sizes).getResult());
  return true;
}

/// What each expert has as one.
void MixtureBuilder::setNetwork(const Mixture &mixture, MixtureOperands &operands) {
  operands.first = joined(mixture, [](const ExpertNetwork &of) { return &of.first; });
  operands.second = joined(mixture, [](const ExpertNetwork &of) { return &of.second; });
  operands.up = joined(mixture, [](const ExpertNetwork &of) { return of.up ? &*of.up : nullptr; });
}

void MixtureBuilder::build(const Mixture &mixture) {
  const ExpertPart &part = mixture.parts.front();
  MixtureOperands operands = {part.tokens, part.rows.choice.experts, part.shares};
  setNetwork(mixture, operands);
  SmallVector<NonZeroOp> rows;
  for (const ExpertPart &each : mixture.parts)
    rows.push_back(each.rows.nonzero);
  Block *block = root->getBlock();
  if (replaceRoot(operands))
    dropChecks(rows, block);
}

/// Weights and biases that are of all experts already.
void MixtureBuilder::setNetwork(MixtureOperands &operands) {
  auto whole = [&](const ExpertLayer &layer) -> MixtureLayer {
    Value bias = layer.bias ? layer.bias->value : Value();
    if (bias)
      bias = reshape(bias, {dims.of(bias).front(), dims.of(bias).back()});
    return {asMatrices(layer.weight.value, layer.weight.transposed), bias, {}, {}};
  };
  operands.first = whole(network.first);
  operands.second = whole(network.second);
  if (network.up)
    operands.up = whole(*network.up);
}

void MixtureBuilder::build(const DenseMixture &mixture) {
  MixtureOperands operands = {mixture.tokens, mixture.experts, mixture.shares};
  setNetwork(operands);
  (void)replaceRoot(operands);
}

/// [..., experts], with 1 for what a factor does not depend on.
Value MixtureBuilder::overTokensAndExperts(const PerExpert &factor, const Dims &all) {
  SmallVector<int64_t> perm;
  Dims to;
  for (auto [size, dim] : llvm::zip(all, factor.dims)) {
    to.push_back(dim < 0 ? arith.constant(1) : size);
    if (dim >= 0)
      perm.push_back(dim);
  }
  for (int64_t i = 0; i < rankOf(factor.value); ++i)
    if (!llvm::is_contained(factor.dims, i))
      perm.push_back(i);
  Value value = factor.value;
  if (!llvm::is_sorted(perm))
    value = TransposeOp::create(rewriter, loc, value, rewriter.getDenseI64ArrayAttr(perm));
  return reshape(value, to);
}

/// [..., k]: the product of the factors at the experts that a token chose.
Value MixtureBuilder::sharesOf(const Dispatched &mixture) {
  Type element = getElementTypeOrSelf(root->getResult(0));
  Dims all = Dims(ArrayRef<Dim>(dims.of(mixture.tokens)).drop_back());
  int64_t rank = all.size(), chosen = typeOf(mixture.experts).getShape().back();
  bool isOne = rankOf(mixture.experts) == rank;
  Dims ofChoices = all;
  ofChoices.push_back(arith.constant(isOne ? 1 : chosen));
  all.push_back(arith.constant(expertsToChoose(mixture.experts)));
  Value ofTokens, ofExperts;
  auto multiply = [&](Value factor, bool hasExperts) {
    if (getElementTypeOrSelf(factor) != element)
      factor = CastOp::create(rewriter, loc, typeOf(factor).clone(element), factor);
    Value &product = hasExperts ? ofExperts : ofTokens;
    product = product ? BinaryOp::create(rewriter, loc, BinaryKind::mul, product, factor).getResult() : factor;
  };
  auto number = [&](Type type, double of) -> Value {
    auto scalarType = RankedTensorType::get({}, type);
    Attribute value = isa<FloatType>(type) ? Attribute(rewriter.getFloatAttr(type, of))
                                           : Attribute(rewriter.getIntegerAttr(type, static_cast<int64_t>(of)));
    return ConstantOp::create(rewriter, loc, DenseElementsAttr::get(scalarType, value));
  };
  for (const PerExpert &factor : mixture.factors) {
    Value value = overTokensAndExperts(factor, all);
    Type own = getElementTypeOrSelf(value);
    if (factor.isCondition && !own.isInteger(1))
      value = CompareOp::create(rewriter, loc, CompareKind::ne, value, number(own, 0));
    multiply(value, factor.hasExperts());
  }
  if (mixture.slot) {
    Value value = overTokensAndExperts(*mixture.slot, all);
    Value slots = FromIndexOp::create(rewriter, loc, RankedTensorType::get({}, rewriter.getI64Type()),
                                      arith.value(loc, mixture.slots));
    Type own = getElementTypeOrSelf(value);
    if (own != rewriter.getI64Type())
      slots = CastOp::create(rewriter, loc, RankedTensorType::get({}, own), slots);
    multiply(CompareOp::create(rewriter, loc, CompareKind::lt, value, slots), mixture.slot->hasExperts());
  }
  auto spread = [&](Value value, const Dims &to) -> Value {
    auto [shape, sizes] = splitDims(to);
    auto type = RankedTensorType::get(shape, element);
    return value.getType() == type ? value : BroadcastToOp::create(rewriter, loc, type, value, sizes).getResult();
  };
  if (ofExperts) {
    Value experts = reshape(mixture.experts, ofChoices);
    Value own = GatherElementsOp::create(rewriter, loc, spread(ofExperts, all), experts, rank);
    ofTokens = ofTokens ? BinaryOp::create(rewriter, loc, BinaryKind::mul, ofTokens, own).getResult() : own;
  }
  return spread(ofTokens ? ofTokens : number(element, 1), ofChoices);
}

void MixtureBuilder::build(const DispatchMixture &mixture) {
  const Dispatched &from = mixture.dispatched;
  MixtureOperands operands = {from.tokens, from.experts, sharesOf(from)};
  setNetwork(operands);
  (void)replaceRoot(operands);
}

void MixtureBuilder::build(const MaskedMixture &masked, const Mixture &mixture) {
  const Dispatched &from = masked.dispatched;
  MixtureOperands operands = {from.tokens, from.experts, sharesOf(from)};
  setNetwork(mixture, operands);
  SmallVector<NonZeroOp> rows;
  for (const MaskedPart &part : masked.parts)
    rows.append({part.elements, part.rows});
  Block *block = root->getBlock();
  if (replaceRoot(operands))
    dropChecks(rows, block);
}

} // namespace transom::match
