//===- FindBlocks.cpp - blocks of several ops -----------------------------===//
//
// Expects the model layer (the stage `raise`). Changes nothing.
//
// A linear attention (Katharopoulos et al., 2020; Choromanski et al., 2021) is its
// op, or a quotient that LinearAttentionMatch.h reads as one, with what makes the
// features. Where the state stands alone for keys and values and the quotient is
// mixed with an attention by a gate, it is a compressive memory (Munkhdalai et
// al., 2024).
//
// A mixture of experts (Shazeer et al., 2017; Fedus et al., 2022) is its op, with the
// router that chooses and what is done with the result, such as experts that all
// tokens share, up to the sum with the residual.
//
//===----------------------------------------------------------------------===//

#include "LinearAttentionMatch.h"
#include "transom/Transforms/Blocks.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FINDBLOCKS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

using OpSet = llvm::SetVector<Operation *>;

/// True where another block, or the rest of the model, begins: these ops are in no block.
bool isBoundary(Operation *op) {
  return isa<LayerNormOp, RMSNormOp, RopeOp, AttentionOp, ConstantOp>(op) || !isa<TransformerDialect>(op->getDialect());
}

/// Adds what `op` is computed from, up to `stop`.
void collectBackward(Operation *op, OpSet &into, llvm::function_ref<bool(Operation *)> stop) {
  SmallVector<Operation *> worklist = {op};
  while (!worklist.empty()) {
    Operation *next = worklist.pop_back_val();
    if (!into.insert(next))
      continue;
    for (Value operand : next->getOperands())
      if (Operation *source = operand.getDefiningOp(); source && !isBoundary(source) && !stop(source))
        worklist.push_back(source);
  }
}

//===-- Linear attention and compressive memory ---------------------------===//

class BlockFinder {
public:
  explicit BlockFinder(func::FuncOp function) : function(function) {}

  std::vector<ModelBlock> find() {
    for (LinearAttentionOp op : function.getBody().front().getOps<LinearAttentionOp>())
      findLinear(op);
    for (const Quotient &quotient : quotients(function))
      findLinear(quotient);
    for (MoEOp op : function.getBody().front().getOps<MoEOp>())
      findExperts(op);
    llvm::sort(blocks, [](const ModelBlock &a, const ModelBlock &b) { return a.result->isBeforeInBlock(b.result); });
    return std::move(blocks);
  }

private:
  static bool atProjections(Operation *op) { return isa<LinearOp, LinearNBitsOp, GatherOp>(op); }

  /// What `result` is computed from, up to the projections of queries, keys and values.
  OpSet collectLinear(Operation *result) {
    OpSet ops;
    collectBackward(result, ops, atProjections);
    // Random features: projections of what belongs to the block already.
    for (LinearOp linear : function.getBody().front().getOps<LinearOp>())
      if (Operation *input = linear.getInput().getDefiningOp(); input && ops.contains(input))
        if (llvm::any_of(linear->getUsers(), [&](Operation *user) { return ops.contains(user); }))
          collectBackward(linear, ops, atProjections);
    return ops;
  }

  static StringRef featureText(const OpSet &ops) {
    bool random = llvm::any_of(ops, [](Operation *op) { return isa<LinearOp>(op); });
    return random ? "random features" : "elementwise features";
  }

  /// The op itself, with what makes its features.
  void findLinear(LinearAttentionOp op) {
    bool isMemory = op.getReads() == LinearReads::before;
    Operation *gate = isMemory ? matchGate(op) : nullptr, *result = gate ? gate : op.getOperation();
    addLinear(result, collectLinear(result), op.getReads(), op.getDelta(), static_cast<bool>(op.getState()));
  }

  /// What is one and stayed in pieces: LinearAttentionMatch.h reads it, as for the op.
  void findLinear(const Quotient &quotient) {
    if (quotient.op->getBlock() != &function.getBody().front())
      return;
    FailureOr<LinearAttentionMatch> match = matchLinearAttention(quotient, [](Operation *, const Twine &) {});
    if (failed(match))
      return;
    bool isMemory = match->reads == LinearReads::before;
    // A quotient that only the update of the memory reads is part of a block found by its gate.
    Operation *result = isMemory ? matchGate(quotient.op) : quotient.op;
    if (!result)
      return;
    OpSet ops = collectLinear(result);
    for (const auto *updates : {&match->stateUpdates, &match->sumUpdates})
      for (const StateUpdate &update : *updates)
        if (!ops.contains(update.op))
          collectBackward(update.op, ops, atProjections);
    addLinear(result, ops, match->reads, match->delta, static_cast<bool>(match->state.value));
  }

  void addLinear(Operation *result, const OpSet &ops, LinearReads reads, bool delta, bool hasState) {
    if (reads == LinearReads::before)
      return add(ModelBlock::CompressiveMemory, result, ops, delta ? "delta update" : "linear update");
    bool isCausal = reads == LinearReads::causal;
    add(ModelBlock::LinearAttention, result, ops,
        (featureText(ops) + (isCausal ? ", causal" : "") + (hasState ? ", with state" : "")).str());
  }

  /// The product whose columns are the scores that experts are chosen by; null where scores come from elsewhere.
  static Operation *routerOf(MoEOp experts) {
    Operation *choice = experts.getExperts().getDefiningOp(), *router = nullptr;
    if (!choice)
      return nullptr;
    OpSet scores;
    collectBackward(choice, scores, [&](Operation *source) {
      bool isProduct = isa<LinearOp, LinearNBitsOp, MatMulOp>(source);
      if (isProduct && !router)
        router = source;
      return isProduct;
    });
    return router;
  }

  void findExperts(MoEOp experts) {
    Operation *router = routerOf(experts);
    // All that the scores lead to, up to the sum with the residual.
    OpSet cone;
    SmallVector<Operation *> worklist = {router ? router : experts.getOperation()};
    while (!worklist.empty()) {
      Operation *op = worklist.pop_back_val();
      if (op->getBlock() != experts->getBlock() || isBoundary(op) || isa<func::ReturnOp>(op) || !cone.insert(op))
        continue;
      for (Operation *user : op->getUsers())
        if (!isResidualSum(user, op))
          worklist.push_back(user);
    }
    OpSet ops;
    for (Operation *op : cone)
      collectBackward(op, ops, [&](Operation *source) { return source == router; });
    if (router)
      ops.insert(router);
    auto last =
        std::max_element(cone.begin(), cone.end(), [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    int64_t chosen = experts.getExperts().getType().getDimSize(1);
    std::string detail = std::to_string(experts.countExperts()) + " experts";
    detail += ShapedType::isDynamic(chosen) ? ", top k" : ", top " + std::to_string(chosen);
    if (llvm::any_of(cone, [](Operation *op) { return isa<CumSumOp>(op); }))
      detail += ", with capacity";
    add(ModelBlock::MixtureOfExperts, *last, ops, detail);
  }

  /// The sum of the experts' outputs with the residual, which comes from before the router.
  static bool isResidualSum(Operation *user, Operation *from) {
    auto fused = dyn_cast<LinearOp>(user);
    if (fused && fused.getResidual() && fused.getResidual().getDefiningOp() == from)
      return true;
    auto sum = dyn_cast<BinaryOp>(user);
    if (!sum || sum.getKind() != BinaryKind::add || !isa<FloatType>(getElementTypeOrSelf(sum.getType())))
      return false;
    Value other = sum.getLhs().getDefiningOp() == from ? sum.getRhs() : sum.getLhs();
    if (isWeight(stripViews(other)) || scalar(other))
      return false;
    // Sums of experts join what comes from one router; a residual is, or feeds, a norm.
    Value stripped = stripViews(other);
    if (isa<BlockArgument>(stripped))
      return true;
    Operation *op = stripped.getDefiningOp();
    if (isa<LayerNormOp, RMSNormOp, AttentionOp, GatherOp>(op))
      return true;
    return llvm::any_of(stripped.getUsers(), [](Operation *reader) { return isa<LayerNormOp, RMSNormOp>(reader); });
  }

  void add(ModelBlock::Kind kind, Operation *result, const OpSet &ops, StringRef detail) {
    ModelBlock block{kind, result, {}, detail.str()};
    for (Operation *op : ops)
      if (op->getBlock() == result->getBlock() && taken.insert(op).second)
        block.operations.push_back(op);
    llvm::sort(block.operations, [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    // A second choice of one router (top 1, then top 2) is the same block.
    if (llvm::is_contained(block.operations, result))
      blocks.push_back(std::move(block));
  }

  func::FuncOp function;
  llvm::DenseSet<Operation *> taken;
  std::vector<ModelBlock> blocks;
};

struct FindBlocks : transom::impl::FindBlocksBase<FindBlocks> {
  void runOnOperation() override {
    for (const ModelBlock &block : findBlocks(getOperation()))
      block.result->emitRemark() << blockName(block.kind) << ": " << block.detail << ", " << block.operations.size()
                                 << " ops";
    markAllAnalysesPreserved();
  }
};

} // namespace

StringRef transom::blockName(ModelBlock::Kind kind) {
  switch (kind) {
  case ModelBlock::MixtureOfExperts: return "moe";
  case ModelBlock::LinearAttention: return "linear_attention";
  case ModelBlock::CompressiveMemory: return "compressive_memory";
  }
  llvm_unreachable("no such block");
}

std::vector<ModelBlock> transom::findBlocks(func::FuncOp function) {
  if (function.isExternal())
    return {};
  return BlockFinder(function).find();
}
