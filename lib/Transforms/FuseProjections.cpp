//===- FuseProjections.cpp - one linear from several of one input ---------===//
//
// Expects the model layer after heads are merged. Joins linears that read the
// same value, have constant weights of the same kind and feed only reshapes
// into heads; their results become slices of one, which SimplifyViews turns
// into heads of one tensor.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEPROJECTIONS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

bool isConstant(Value value) { return value && value.getDefiningOp<ConstantOp>(); }

/// Linears with the same key can be one.
struct Key {
  Value input;
  Type weight, bias; ///< element types; null for no bias
  bool operator==(const Key &other) const {
    return input == other.input && weight == other.weight && bias == other.bias;
  }
};

/// [..., N] to [..., heads, N / heads].
bool splitsHeads(Operation *op) {
  auto reshape = dyn_cast<ReshapeOp>(op);
  if (!reshape)
    return false;
  RankedTensorType from = typeOf(reshape.getInput()), to = typeOf(reshape);
  return to.getRank() == from.getRank() + 1 && from.getRank() > 0 &&
         to.getShape().drop_back(2) == from.getShape().drop_back() && !ShapedType::isDynamic(to.getShape().back()) &&
         !ShapedType::isDynamic(to.getShape()[to.getRank() - 2]);
}

/// A projection that heads are split from, and nothing else.
bool isProjection(LinearOp linear) {
  return isConstant(linear.getWeight()) && !linear.getResidual() && linear.getActivation() == UnaryKind::identity &&
         (!linear.getBias() || (isConstant(linear.getBias()) && rankOf(linear.getBias()) == 1)) &&
         !linear.getResult().use_empty() && llvm::all_of(linear.getResult().getUsers(), splitsHeads);
}

void join(ArrayRef<LinearOp> linears) {
  LinearOp first = linears.front();
  OpBuilder builder(first);
  SmallVector<Location> places;
  SmallVector<Value> weights, biases;
  for (LinearOp linear : linears) {
    places.push_back(linear.getLoc());
    weights.push_back(linear.getWeight());
    if (linear.getBias())
      biases.push_back(linear.getBias());
  }
  // Constants may stand after the first product.
  for (Value constant : llvm::concat<Value>(weights, biases))
    if (first->isBeforeInBlock(constant.getDefiningOp()))
      constant.getDefiningOp()->moveBefore(first);
  Location loc = builder.getFusedLoc(places);
  Value weight = ConcatOp::create(builder, loc, weights, 1);
  Value bias = biases.empty() ? Value() : ConcatOp::create(builder, loc, biases, 0).getResult();
  auto joined = LinearOp::create(builder, loc, first.getInput(), weight, bias, Value(), first.getActivationAttr());
  int64_t rank = typeOf(joined).getRank();
  SmallVector<int64_t> starts(rank, 0), steps(rank, 1);
  for (LinearOp linear : linears) {
    RankedTensorType type = typeOf(linear);
    // The reshape into heads knows the sizes of the rows.
    for (Operation *user : llvm::make_early_inc_range(linear.getResult().getUsers())) {
      builder.setInsertionPoint(user);
      Value part = SliceOp::create(builder, linear.getLoc(), type, joined, ValueRange(),
                                   cast<ReshapeOp>(user).getDims(), starts, steps);
      user->setOperand(0, part);
    }
    starts.back() += type.getShape().back();
    linear.erase();
  }
}

struct FuseProjections : transom::impl::FuseProjectionsBase<FuseProjections> {
  void runOnOperation() override {
    getOperation().walk([&](Block *block) {
      std::vector<std::pair<Key, SmallVector<LinearOp>>> groups;
      for (LinearOp linear : block->getOps<LinearOp>()) {
        if (!isProjection(linear))
          continue;
        Value bias = linear.getBias();
        Key key = {linear.getInput(), typeOf(linear.getWeight()).getElementType(),
                   bias ? typeOf(bias).getElementType() : Type()};
        auto found = llvm::find_if(groups, [&](auto &group) { return group.first == key; });
        if (found == groups.end())
          groups.push_back({key, {linear}});
        else
          found->second.push_back(linear);
      }
      for (auto &group : groups)
        if (group.second.size() > 1)
          join(group.second);
    });
  }
};

} // namespace
