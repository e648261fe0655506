//===- RoundWeights.cpp - weights stored in 16 bits -----------------------===//
//
// Expects the model layer after projections are joined. f32 weights of linear
// layers and of experts, and tables that rows are looked up in, become f16 or
// bf16; arithmetic stays f32. The casts stay beside the constants: the weight image rounds them
// while it is written, one weight at a time.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "transom/Transforms/Passes.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_ROUNDWEIGHTS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

struct RoundWeights : transom::impl::RoundWeightsBase<RoundWeights> {
  using RoundWeightsBase::RoundWeightsBase;

  void runOnOperation() override;

private:
  Value rounded(Value weight);
  bool isRoundable(Value weight, int64_t rank = 2);

  Type element;
  llvm::MapVector<Value, Value> known; ///< what was rounded already, seen through transposes
};

/// An f32 constant, or constants joined, under transposes; not what is a number
/// or two: those are held in code.
bool RoundWeights::isRoundable(Value weight, int64_t rank) {
  while (auto transpose = weight.getDefiningOp<TransposeOp>())
    weight = transpose.getInput();
  if (!getElementTypeOrSelf(weight).isF32() || rankOf(weight) != rank)
    return false;
  auto isStored = [](Value value) {
    auto constant = value.getDefiningOp<ConstantOp>();
    return constant && isa<DenseResourceElementsAttr>(constant.getValue());
  };
  if (auto concat = weight.getDefiningOp<ConcatOp>())
    return llvm::all_of(concat.getInputs(), isStored);
  return isStored(weight);
}

Value RoundWeights::rounded(Value weight) {
  Value &result = known[weight];
  if (result)
    return result;
  OpBuilder builder(weight.getContext());
  builder.setInsertionPointAfterValue(weight);
  if (auto transpose = weight.getDefiningOp<TransposeOp>()) {
    Value input = rounded(transpose.getInput());
    return known[weight] = TransposeOp::create(builder, transpose.getLoc(), input, transpose.getPermAttr());
  }
  return result = castTo(builder, weight.getLoc(), weight, element);
}

void RoundWeights::runOnOperation() {
  known.clear();
  element = llvm::StringSwitch<Type>(type)
                .Case("f16", Float16Type::get(&getContext()))
                .Case("bf16", BFloat16Type::get(&getContext()))
                .Default(Type());
  if (!element) {
    getOperation().emitError() << "weights are rounded to f16 or bf16, not to '" << type << "'";
    return signalPassFailure();
  }
  getOperation().walk([&](Operation *op) {
    if (auto linear = dyn_cast<LinearOp>(op); linear && isRoundable(linear.getWeight())) {
      linear.getWeightMutable().assign(rounded(linear.getWeight()));
    } else if (auto moe = dyn_cast<MoEOp>(op)) {
      for (OpOperand &use : moe->getOpOperands())
        if (llvm::is_contained({Value(moe.getFirst()), Value(moe.getUp()), Value(moe.getSecond())}, use.get()) &&
            isRoundable(use.get(), 3))
          use.set(rounded(use.get()));
    } else if (auto gather = dyn_cast<GatherOp>(op); gather && isRoundable(gather.getInput())) {
      OpBuilder builder(op->getContext());
      builder.setInsertionPointAfter(op);
      Type wide = gather.getType();
      gather.getInputMutable().assign(rounded(gather.getInput()));
      gather.getResult().setType(typeOf(gather.getResult()).clone(element));
      auto back = CastOp::create(builder, op->getLoc(), wide, gather.getResult());
      gather.getResult().replaceAllUsesExcept(back, back);
    }
  });
  int64_t count = 0, bytes = 0;
  for (auto [weight, narrow] : known)
    if (narrow.getDefiningOp<CastOp>()) {
      ++count;
      bytes += typeOf(weight).getNumElements() * 4;
    }
  Location loc = getOperation().getLoc();
  if (count == 0)
    emitWarning(loc) << "no weight is rounded to " << type
                     << ": none is an f32 matrix of a linear layer, an expert or a table";
  else
    emitRemark(loc) << userMark << count << " weights are rounded to " << type << ": " << bytes / 2 << " bytes, "
                    << bytes << " before; results change within what " << type << " resolves";
}

} // namespace
