//===- KernelGroups.cpp - which ops run as one kernel ---------------------===//

#include "KernelGroups.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

bool transom::isWeight(Operation *op) {
  // Rounded when the image is written.
  if (auto cast = dyn_cast_if_present<CastOp>(op); cast && getElementTypeOrSelf(cast.getInput()).isF32()) {
    Type narrow = getElementTypeOrSelf(cast.getType());
    return (narrow.isF16() || narrow.isBF16()) && isWeight(cast.getInput().getDefiningOp());
  }
  auto concat = dyn_cast_if_present<ConcatOp>(op);
  return isa_and_present<ConstantOp>(op) || (concat && llvm::all_of(concat.getInputs(), [](Value input) {
                                               return input.getDefiningOp<ConstantOp>() != nullptr;
                                             }));
}

bool transom::isHostOp(Operation *op) {
  return op->getDialect()->getNamespace() != "transformer" || op->hasTrait<OpTrait::IsTerminator>() ||
         isa<ConstantOp, ReshapeOp, ToIndexOp, CheckSizesOp, IfOp, LoopOp, LaunchOp>(op) || isWeight(op);
}

bool transom::isPointwise(Operation *op) {
  return isa<UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, BitcastOp, GLUOp, QuantizeOp, DequantizeOp>(op);
}

bool transom::isElementwise(Operation *op) {
  return isPointwise(op) || isa<BroadcastToOp, TileOp, TransposeOp, SliceOp, PadOp, GatherOp, GatherElementsOp,
                                GatherNDOp, TriluOp, RangeOp, FromIndexOp, RopeOp>(op);
}

bool transom::hasEpilogue(Operation *op) {
  return isa<MatMulOp, MatMulIntegerOp, LinearOp, LinearNBitsOp, ConvOp, PoolOp, ReduceOp, SoftmaxOp, LayerNormOp,
             RMSNormOp, AttentionOp>(op);
}

namespace {

/// How often a kernel evaluates an element of an operand.
enum class Reads {
  Never,   ///< it must lie in memory
  Strided, ///< in memory, seen through transposes, slices and broadcasts that keep the last dim
  Once,
  Repeated,
};

bool isView(Operation *op) { return isa<BroadcastToOp, TransposeOp, SliceOp>(op); }

/// A view whose last dim is its input's, element by element.
bool keepsRows(Operation *op) {
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return transpose.getPerm().empty() ||
           transpose.getPerm().back() == static_cast<int64_t>(transpose.getPerm().size()) - 1;
  if (auto slice = dyn_cast<SliceOp>(op))
    return slice.getSteps().empty() || slice.getSteps().back() == 1;
  return false;
}

/// Cheaper to compute again than to store and load.
bool isCheap(Operation *op) {
  if (auto unary = dyn_cast<UnaryOp>(op))
    return llvm::is_contained({UnaryKind::abs, UnaryKind::neg, UnaryKind::not_, UnaryKind::relu, UnaryKind::identity,
                               UnaryKind::isnan, UnaryKind::isinf},
                              unary.getKind());
  if (auto binary = dyn_cast<BinaryOp>(op))
    return !llvm::is_contained({BinaryKind::div, BinaryKind::pow, BinaryKind::mod, BinaryKind::fmod}, binary.getKind());
  return isa<CompareOp, SelectOp, CastOp, BitcastOp, FromIndexOp, RangeOp>(op) || isView(op);
}

class Grouper {
public:
  Grouper(Block &block, TensorDims &dims, bool pairs) : block(block), dims(dims), pairs(pairs) {}
  std::list<KernelGroup> run();

private:
  Reads reads(OpOperand &use);
  bool readStrided(Operation *view, KernelGroup &group);
  bool isPartner(Operation *op, KernelGroup &group);
  bool canAbsorb(Operation *op, KernelGroup &group);
  void absorb(Operation *op, KernelGroup &group);
  bool sameDims(Value a, Value b) { return dims.of(a) == dims.of(b); }

  Block &block;
  TensorDims &dims;
  bool pairs;
  std::list<KernelGroup> groups;
  llvm::DenseMap<Operation *, SmallVector<KernelGroup *, 2>> member;
};

Reads Grouper::reads(OpOperand &use) {
  Operation *op = use.getOwner();
  unsigned index = use.getOperandNumber();
  Value value = use.get();
  if (isPointwise(op))
    return sameDims(value, op->getResult(0)) ? Reads::Once : Reads::Repeated;
  return llvm::TypeSwitch<Operation *, Reads>(op)
      .Case<TransposeOp, SliceOp, ConcatOp, TriluOp, ReduceOp, ArgReduceOp, PadOp>([](auto) { return Reads::Once; })
      .Case<BroadcastToOp, TileOp, RangeOp, RopeOp, SoftmaxOp, LayerNormOp, RMSNormOp, CumSumOp>(
          [](auto) { return Reads::Repeated; })
      .Case<GatherOp, GatherElementsOp, GatherNDOp>([&](auto) { return index == 0 ? Reads::Never : Reads::Repeated; })
      .Case<ScatterElementsOp, ScatterNDOp>([&](auto) { return index == 1 ? Reads::Repeated : Reads::Once; })
      .Case<KVWriteOp>([&](auto) { return index == 2 ? Reads::Repeated : Reads::Once; })
      .Case<MatMulOp>([&](MatMulOp) { return index == 0 ? Reads::Strided : Reads::Once; })
      .Case<MatMulIntegerOp>([&](auto) { return index < 2 ? Reads::Once : Reads::Repeated; })
      .Case<LinearOp>([&](LinearOp linear) {
        if (index == 0)
          return Reads::Strided;
        return value == linear.getResidual() || value == linear.getWeight() ? Reads::Once : Reads::Repeated;
      })
      .Case<AttentionOp>([&](AttentionOp attention) {
        if (index == 0)
          return Reads::Once;
        return index <= 2 ? Reads::Strided : Reads::Repeated;
      })
      .Case<LinearAttentionOp>([&](LinearAttentionOp attention) {
        // Each block of the values' columns goes over all queries and keys.
        int64_t width = attention.getValue().getType().getDimSize(3);
        bool isOneBlock = !ShapedType::isDynamic(width) && width <= linearAttentionColumns;
        return isOneBlock || index >= 2 ? Reads::Once : Reads::Repeated;
      })
      .Case<MoEOp>([&](MoEOp moe) {
        // Experts' weights are packed once, unless they stay quantised; what belongs to tokens and biases is read for
        // each choice.
        bool isWeight =
            !moe.isQuantized() && (value == moe.getFirst() || value == moe.getSecond() || value == moe.getUp());
        return isWeight ? Reads::Once : Reads::Repeated;
      })
      .Default([](Operation *) { return Reads::Never; });
}

/// `view` is a view that something in the group reads as strided memory.
bool Grouper::readStrided(Operation *view, KernelGroup &group) {
  return isView(view) && llvm::any_of(view->getUses(), [&](OpOperand &use) {
           return group.ops.contains(use.getOwner()) &&
                  (reads(use) == Reads::Strided || reads(use) == Reads::Never || readStrided(use.getOwner(), group));
         });
}

/// Panels of two weights side by side: of one type and form, and both packed when they are written.
bool Grouper::isPartner(Operation *op, KernelGroup &group) {
  auto anchor = dyn_cast_if_present<LinearOp>(group.anchor), linear = dyn_cast<LinearOp>(op);
  if (!pairs || group.partner || !anchor || !linear)
    return false;
  auto isPacked = [](LinearOp one) {
    Type element = typeOf(one.getWeight()).getElementType();
    return isWeight(one.getWeight().getDefiningOp()) && isa<FloatType>(element) && !element.isF64();
  };
  return anchor.getInput() == linear.getInput() && anchor.getWeight().getType() == linear.getWeight().getType() &&
         isPacked(anchor) && isPacked(linear);
}

bool Grouper::canAbsorb(Operation *op, KernelGroup &group) {
  bool anchors = !isElementwise(op);
  if (anchors && (!hasEpilogue(op) || (group.anchor && !isPartner(op, group))))
    return false;
  if (group.ops.size() >= 48)
    return false;
  bool aligned = true;
  for (OpOperand &use : op->getUses()) {
    Operation *user = use.getOwner();
    if (!group.ops.contains(user))
      continue;
    Reads pattern = reads(use);
    // A view of a strided operand is read through; nothing else is.
    if (isView(op) && pattern == Reads::Strided && !keepsRows(op))
      return false;
    // What feeds a view has to satisfy the view's own readers.
    if (!(isView(op) && keepsRows(op)) && readStrided(user, group))
      return false;
    if (pattern == Reads::Never || (pattern == Reads::Strided && !isView(op)) ||
        (pattern == Reads::Repeated && !isCheap(op)))
      return false;
    bool pointwise = isPointwise(user) && sameDims(op->getResult(0), user->getResult(0));
    aligned &= group.aligned.contains(user) && (pointwise || (user == group.root && isa<TransposeOp>(user)));
  }
  // An anchor's elements are made once, in the anchor's own order.
  return !anchors || aligned;
}

void Grouper::absorb(Operation *op, KernelGroup &group) {
  bool aligned = true;
  for (Operation *user : op->getUsers())
    if (group.ops.contains(user))
      aligned &=
          group.aligned.contains(user) && ((isPointwise(user) && sameDims(op->getResult(0), user->getResult(0))) ||
                                           (user == group.root && isa<TransposeOp>(user)));
  group.ops.insert(op);
  if (aligned)
    group.aligned.insert(op);
  if (!isElementwise(op))
    (group.anchor ? group.partner : group.anchor) = op;
  member[op].push_back(&group);
}

std::list<KernelGroup> Grouper::run() {
  for (Operation &op : llvm::reverse(block)) {
    if (isHostOp(&op))
      continue;
    llvm::SetVector<KernelGroup *> readers;
    bool alone = op.getNumResults() != 1 || op.use_empty();
    for (Operation *user : op.getUsers()) {
      auto found = member.find(user);
      if (found == member.end() || user->getBlock() != &block)
        alone = true;
      else
        readers.insert(found->second.begin(), found->second.end());
    }
    // A view is read through by each of its readers; other ops have one home.
    bool shared = isView(&op) || isa<FromIndexOp, RangeOp>(&op);
    if (!alone && !shared && readers.size() == 1 && canAbsorb(&op, *readers.front())) {
      absorb(&op, *readers.front());
      continue;
    }
    if (op.getNumResults() == 1 && shared) {
      SmallVector<KernelGroup *> able;
      for (KernelGroup *reader : readers)
        if (canAbsorb(&op, *reader))
          able.push_back(reader);
      for (KernelGroup *reader : able)
        absorb(&op, *reader);
      if (!alone && able.size() == readers.size())
        continue;
    }
    groups.emplace_front().root = &op;
    KernelGroup &group = groups.front();
    group.ops.insert(&op);
    group.aligned.insert(&op);
    if (!isElementwise(&op))
      group.anchor = &op;
    member[&op].push_back(&group);
  }
  return std::move(groups);
}

} // namespace

std::list<KernelGroup> transom::groupKernels(Block &block, TensorDims &dims, bool pairs) {
  return Grouper(block, dims, pairs).run();
}
