//===- FuseLinearAttention.cpp - attention through a state as one op ------===//
//
// Expects the model layer with products that take weights fused, equal values
// once. Anchors on quotients. Afterwards features are [batch, heads, rows,
// features] and elementwise producers of the op; sums that update its state are its
// results. Leaves quotients of other sums, and says what is missing of those over
// features.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "LinearAttentionMatch.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSELINEARATTENTION
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

class LinearAttentionBuilder {
public:
  LinearAttentionBuilder(const LinearAttentionMatch &match, OpBuilder &builder, Refusal refuse)
      : match(match), builder(builder), refuse(refuse), loc(match.quotient->getLoc()), arith(builder), dims(arith) {}

  /// Replaces the quotient, and the updates that can be; false where sizes are not known to fit.
  bool build();

private:
  bool readSizes(const Factor &factor);
  bool placeAfterOperands();
  Labels order(std::initializer_list<int> own) const;
  Dim sizeOf(int label) { return label == kNoLabel ? arith.constant(1) : sizes.lookup(label); }
  Value reshape(Value value, ArrayRef<Dim> to);
  Value toOrder(const Factor &factor, const Labels &labels);
  Value fromOrder(Value value, const Labels &labels, const Labels &wanted, RankedTensorType type);
  void replace(Operation *op, Value result, const Labels &labels, const Labels &wanted);

  const LinearAttentionMatch &match;
  OpBuilder &builder;
  Refusal refuse;
  Location loc;
  SizeArith arith;
  TensorDims dims;
  llvm::SmallDenseMap<int, Dim> sizes;
  llvm::SmallVector<Location, 4> locations;
};

/// One size for all dims of a label: what numpy would stretch is another computation.
bool LinearAttentionBuilder::readSizes(const Factor &factor) {
  if (!factor.value)
    return true;
  for (auto [dim, label] : llvm::zip(Dims(dims.of(factor.value)), factor.labels)) {
    if (label == kNoLabel)
      continue;
    auto [known, isNew] = sizes.try_emplace(label, dim);
    if (!isNew && !sameSize(known->second, dim)) {
      refuse(match.quotient, "queries, keys, values and state are not known to have the same sizes");
      return false;
    }
  }
  return true;
}

/// The op stands as early as it can, so that sums that stand before the quotient can be its results.
bool LinearAttentionBuilder::placeAfterOperands() {
  Block *block = match.quotient->getBlock();
  Operation *last = nullptr;
  for (const Factor *factor : {&match.query, &match.key, &match.value, &match.state, &match.sums}) {
    Operation *source = factor->value ? factor->value.getDefiningOp() : nullptr;
    if (!source)
      continue;
    if (source->getBlock() != block) {
      if (!block->findAncestorOpInBlock(*source) && source->getBlock()->getParentOp()->isAncestor(block->getParentOp()))
        continue; // outside of a branch
      return false;
    }
    if (!last || last->isBeforeInBlock(source))
      last = source;
  }
  if (last)
    builder.setInsertionPointAfter(last);
  else
    builder.setInsertionPointToStart(block);
  return true;
}

/// Batch and heads, -1 where there is none, then `own`.
Labels LinearAttentionBuilder::order(std::initializer_list<int> own) const {
  Labels labels(2 - match.leading.size(), kNoLabel);
  // A batch stands before no heads.
  if (match.leading.size() == 1)
    labels = {match.leading[0], kNoLabel};
  else
    labels.append(match.leading.begin(), match.leading.end());
  labels.append(own);
  return labels;
}

Value LinearAttentionBuilder::reshape(Value value, ArrayRef<Dim> to) {
  auto [shape, dynamic] = splitDims(to);
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(value));
  if (value.getType() == type)
    return value;
  Value result = ReshapeOp::create(builder, loc, type, value, dynamic);
  dims.set(result, Dims(to));
  return result;
}

/// The factor with dims in the order of `labels`, repeated along those that it has not.
Value LinearAttentionBuilder::toOrder(const Factor &factor, const Labels &labels) {
  if (factor.labels == labels)
    return factor.value;
  // Dims of 1 go first, then what has labels is put in order, then the missing dims come in.
  Dims own = dims.of(factor.value), kept;
  Labels present;
  for (auto [dim, label] : llvm::zip(own, factor.labels))
    if (label != kNoLabel) {
      kept.push_back(dim);
      present.push_back(label);
    }
  SmallVector<int64_t> perm;
  Dims inserted, wide;
  for (int label : labels) {
    auto *at = llvm::find(present, label);
    if (label != kNoLabel && at != present.end()) {
      perm.push_back(at - present.begin());
      inserted.push_back(kept[perm.back()]);
    } else {
      inserted.push_back(arith.constant(1));
    }
    wide.push_back(sizeOf(label));
  }
  Value value = reshape(factor.value, kept);
  if (!llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())))
    value = TransposeOp::create(builder, loc, value, perm);
  value = reshape(value, inserted);
  if (inserted == wide)
    return value;
  auto [shape, dynamic] = splitDims(wide);
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(value));
  return type == value.getType() ? value : Value(BroadcastToOp::create(builder, loc, type, value, dynamic));
}

/// A result of the op, with dims as `wanted` says and of the type of what it replaces.
Value LinearAttentionBuilder::fromOrder(Value value, const Labels &labels, const Labels &wanted,
                                        RankedTensorType type) {
  Value ordered = toOrder({value, labels}, wanted);
  if (ordered.getType() == type)
    return ordered;
  SmallVector<Value> dynamic;
  for (auto [i, label] : llvm::enumerate(wanted))
    if (type.isDynamicDim(i))
      dynamic.push_back(arith.value(loc, sizeOf(label)));
  return ReshapeOp::create(builder, loc, type, ordered, dynamic);
}

void LinearAttentionBuilder::replace(Operation *op, Value result, const Labels &labels, const Labels &wanted) {
  locations.push_back(fusedLocation(op, result));
  op->getResult(0).replaceAllUsesWith(fromOrder(result, labels, wanted, typeOf(op->getResult(0))));
}

bool LinearAttentionBuilder::build() {
  if (!placeAfterOperands()) {
    refuse(match.quotient, "its parts stand in different branches");
    return false;
  }
  const Factor *factors[] = {&match.query, &match.key, &match.value, &match.state, &match.sums};
  if (!llvm::all_of(factors, [&](const Factor *factor) { return readSizes(*factor); }))
    return false;
  for (int label : {match.feature, match.column})
    if (!SizeArith::asConstant(sizes.lookup(label))) {
      refuse(match.quotient, "the number of features or of a value's columns is not known");
      return false;
    }
  if (!sizes.contains(match.row) || !sizes.contains(match.keyRow) ||
      (match.reads == LinearReads::causal && !sameSize(sizes.lookup(match.row), sizes.lookup(match.keyRow)))) {
    refuse(match.quotient, "queries and keys are not known to be as many");
    return false;
  }
  Type element = getElementTypeOrSelf(match.query.value);
  for (const Factor *factor : factors)
    if (factor->value && getElementTypeOrSelf(factor->value) != element) {
      refuse(match.quotient, "queries, keys, values and state are of different types");
      return false;
    }

  Labels resultOrder = order({match.row, match.column}), stateOrder = order({match.feature, match.column});
  Labels sumsOrder = order({match.feature});
  Value query = toOrder(match.query, order({match.row, match.feature}));
  Value key = toOrder(match.key, order({match.keyRow, match.feature}));
  Value value = toOrder(match.value, order({match.keyRow, match.column}));
  Value state = match.state.value ? toOrder(match.state, stateOrder) : Value();
  Value sums = match.sums.value ? toOrder(match.sums, sumsOrder) : Value();
  auto op = LinearAttentionOp::create(builder, loc, match.reads, query, key, value, state, sums,
                                      builder.getF32FloatAttr(match.epsilon), match.delta);
  auto dimsOf = [&](const Labels &labels) {
    Dims all;
    for (int label : labels)
      all.push_back(sizeOf(label));
    return all;
  };
  dims.set(op.getResult(), dimsOf(resultOrder));
  dims.set(op.getNewState(), dimsOf(stateOrder));
  dims.set(op.getNewSums(), dimsOf(sumsOrder));

  // Each view of a result stands right behind the op: who reads what it replaces stands behind that.
  replace(match.quotient, op.getResult(), resultOrder, match.result);
  for (auto [updates, result, labels] : {std::tuple(&match.stateUpdates, Value(op.getNewState()), stateOrder),
                                         std::tuple(&match.sumUpdates, Value(op.getNewSums()), sumsOrder)})
    for (const StateUpdate &update : *updates)
      if (op->isBeforeInBlock(update.op) || llvm::all_of(update.op->getUsers(), [&](Operation *user) {
            Operation *here = op->getBlock()->findAncestorOpInBlock(*user);
            return here && op->isBeforeInBlock(here);
          }))
        replace(update.op, result, labels, update.labels);
  op->setLoc(FusedLoc::get(op.getContext(), locations));
  return true;
}

struct FuseLinearAttention : transom::impl::FuseLinearAttentionBase<FuseLinearAttention> {
  using FuseLinearAttentionBase::FuseLinearAttentionBase;

  void runOnOperation() override {
    Fusion fusion("linear_attention", remarks);
    IRRewriter rewriter(&getContext(), &fusion);
    auto refuse = [&](Operation *op, const Twine &reason) { fusion.nearMiss(op, reason); };
    for (const Quotient &quotient : quotients(getOperation())) {
      // What a delta rule read may have gone with an earlier one.
      if (quotient.op->use_empty())
        continue;
      FailureOr<LinearAttentionMatch> match = matchLinearAttention(quotient, refuse);
      if (succeeded(match) && match->bounded)
        refuse(quotient.op, "the denominator is bounded by a number");
      else if (succeeded(match))
        LinearAttentionBuilder(*match, rewriter, refuse).build();
    }
    // What only the quotients read.
    (void)runRegionDCE(rewriter, getOperation()->getRegions());
  }
};

} // namespace
