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
#include "llvm/ADT/MapVector.h"

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

/// What makes a product something else than a projection that heads are split from; none where it is one.
std::optional<StringRef> faultOf(LinearOp linear) {
  if (!isConstant(linear.getWeight()))
    return "its weight is no constant";
  if (linear.getResidual())
    return "a residual is added to it";
  if (linear.getActivation() != UnaryKind::identity)
    return "an activation follows it";
  if (linear.getBias() && (!isConstant(linear.getBias()) || rankOf(linear.getBias()) != 1))
    return "its bias is no constant for each column";
  if (linear.getResult().use_empty() || !llvm::all_of(linear.getResult().getUsers(), splitsHeads))
    return "something else than a split into heads reads it";
  return std::nullopt;
}

Key keyOf(LinearOp linear) {
  Value bias = linear.getBias();
  return {linear.getInput(), typeOf(linear.getWeight()).getElementType(),
          bias ? typeOf(bias).getElementType() : Type()};
}

using Groups = std::vector<std::pair<Key, SmallVector<LinearOp>>>;

/// The projections of a block that can be one, in program order.
Groups groupsIn(Block &block) {
  Groups groups;
  for (LinearOp linear : block.getOps<LinearOp>()) {
    if (faultOf(linear))
      continue;
    Key key = keyOf(linear);
    auto found = llvm::find_if(groups, [&](auto &group) { return group.first == key; });
    if (found == groups.end())
      groups.push_back({key, {linear}});
    else
      found->second.push_back(linear);
  }
  return groups;
}

/// Says of products that heads are split from why they are not one with others of the same input.
void explain(Block &block, Refusal refuse) {
  llvm::MapVector<Value, SmallVector<LinearOp>> ofInput;
  for (LinearOp linear : block.getOps<LinearOp>())
    if (llvm::any_of(linear.getResult().getUsers(), splitsHeads))
      ofInput[linear.getInput()].push_back(linear);
  Groups groups = groupsIn(block);
  for (auto &[input, products] : ofInput) {
    if (products.size() == 1)
      continue;
    // Those that most are like.
    const Key *most = nullptr;
    size_t many = 0;
    for (auto &[key, linears] : groups)
      if (key.input == input && linears.size() > many) {
        most = &key;
        many = linears.size();
      }
    for (LinearOp product : products) {
      if (auto fault = faultOf(product)) {
        refuse(product, *fault);
        continue;
      }
      Key key = keyOf(product);
      if (key == *most)
        continue;
      refuse(product, key.weight != most->weight ? "its weights are of another type than those of the same input"
                      : !key.bias                ? "it has no bias, and others of the same input have"
                      : !most->bias              ? "it has a bias, and others of the same input have none"
                                                 : "its bias is of another type than those of the same input");
    }
  }
}

void sayNearMiss(Operation *op, const Twine &reason) { op->emitRemark() << "projections" << nearMissMark << reason; }

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
  using FuseProjectionsBase::FuseProjectionsBase;

  void runOnOperation() override {
    getOperation().walk([&](Block *block) {
      if (remarks)
        explain(*block, sayNearMiss);
      for (auto &[key, linears] : groupsIn(*block))
        if (linears.size() > 1)
          join(linears);
    });
  }
};

} // namespace

void transom::explainProjections(func::FuncOp entry) {
  entry.walk([](Block *block) { explain(*block, sayNearMiss); });
}
