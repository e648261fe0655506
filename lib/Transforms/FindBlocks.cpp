//===- FindBlocks.cpp - blocks of several ops -----------------------------===//
//
// Expects the model layer (the stage `raise`). Changes nothing.
//
// A linear attention (Katharopoulos et al., 2020; Choromanski et al., 2021) is a
// quotient: features of the queries times the sum of features of the keys times
// values, over the same features times the sum of features of the keys:
//
//     phi(q) (phi(k)^T v) / phi(q) sum(phi(k))
//
// in any order of the products, causal by a mask on phi(q) phi(k)^T or by prefix
// sums. Where the state stands alone for keys and values and the quotient is
// mixed with an attention by a gate, it is a compressive memory (Munkhdalai et
// al., 2024).
//
// A mixture of experts (Shazeer et al., 2017; Fedus et al., 2022) is a choice among
// the few columns of a projection (an argmax or top-k) that goes on to weigh or
// dispatch what networks of experts compute.
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
constexpr int kMaxDepth = 16;

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

/// What a sum of products with features holds.
struct Reading {
  llvm::SmallSetVector<Value, 2> features; ///< of the queries
  llvm::SmallSetVector<Value, 2> states;   ///< what stands for the keys and comes from no features
  bool ofKeys = false;                     ///< features of keys take part
  bool understood = true;
};

/// True where features take part in what `value` is computed from.
bool comesFromFeatures(Value value, int depth = kMaxDepth) {
  if (isFeatureMap(value))
    return true;
  Operation *op = stripViews(value).getDefiningOp();
  if (!op || depth == 0 || !isa<MatMulOp, ReduceOp, CumSumOp, BinaryOp>(op))
    return false;
  // The largest feature, or their mean, normalises nothing.
  if (auto reduce = dyn_cast<ReduceOp>(op); reduce && reduce.getKind() != ReduceKind::sum)
    return false;
  return llvm::any_of(op->getOperands(), [&](Value operand) { return comesFromFeatures(operand, depth - 1); });
}

/// phi(q) phi(k)^T, maybe masked, as its phi(q).
Value matchSimilarity(Value value, int depth = 4) {
  Operation *op = stripViews(value).getDefiningOp();
  if (auto product = dyn_cast_if_present<MatMulOp>(op))
    return isFeatureMap(product.getLhs()) && isFeatureMap(product.getRhs()) ? product.getLhs() : Value();
  auto binary = dyn_cast_if_present<BinaryOp>(op);
  if (!binary || binary.getKind() != BinaryKind::mul || depth == 0)
    return {};
  Value left = matchSimilarity(binary.getLhs(), depth - 1);
  return left ? left : matchSimilarity(binary.getRhs(), depth - 1);
}

void read(Value value, Reading &reading, int depth = kMaxDepth) {
  value = stripViews(value);
  Operation *op = value.getDefiningOp();
  auto readProduct = [&](Value queries, Value keys) {
    reading.features.insert(stripViews(queries));
    if (comesFromFeatures(keys))
      reading.ofKeys = true;
    else
      reading.states.insert(stripViews(keys));
  };
  if (op && depth != 0) {
    if (auto sum = dyn_cast<BinaryOp>(op); sum && sum.getKind() == BinaryKind::add) {
      // Numbers keep the quotient finite.
      for (Value operand : sum->getOperands())
        if (!scalar(operand))
          read(operand, reading, depth - 1);
      return;
    }
    if (auto product = dyn_cast<MatMulOp>(op)) {
      if (Value queries = matchSimilarity(product.getLhs())) {
        reading.features.insert(stripViews(queries));
        reading.ofKeys = true;
        return;
      }
      if (isFeatureMap(product.getLhs()))
        return readProduct(product.getLhs(), product.getRhs());
      if (isFeatureMap(product.getRhs()))
        return readProduct(product.getRhs(), product.getLhs());
    }
    // Sums over keys or features, written out.
    if (auto sum = dyn_cast<ReduceOp>(op); sum && sum.getKind() == ReduceKind::sum) {
      if (Value queries = matchSimilarity(sum.getInput())) {
        reading.features.insert(stripViews(queries));
        reading.ofKeys = true;
        return;
      }
      auto product = stripViews(sum.getInput()).getDefiningOp<BinaryOp>();
      if (product && product.getKind() == BinaryKind::mul)
        for (unsigned side : {0u, 1u})
          if (isFeatureMap(product->getOperand(side)))
            return readProduct(product->getOperand(side), product->getOperand(1 - side));
    }
    if (auto scaled = dyn_cast<BinaryOp>(op);
        scaled && scaled.getKind() == BinaryKind::max && (scalar(scaled.getRhs()) || scalar(scaled.getLhs())))
      return read(scalar(scaled.getRhs()) ? scaled.getLhs() : scaled.getRhs(), reading, depth - 1);
  }
  reading.understood = false;
}

class BlockFinder {
public:
  explicit BlockFinder(func::FuncOp function) : function(function) {}

  std::vector<ModelBlock> find() {
    for (LinearAttentionOp op : function.getBody().front().getOps<LinearAttentionOp>())
      findLinear(op);
    for (const Quotient &quotient : quotients(function))
      findLinear(quotient);
    function.walk([&](Operation *op) {
      if (isa<TopKOp, ArgReduceOp>(op) && op->getBlock() == &function.getBody().front())
        findExperts(op);
    });
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
    OpSet ops = collectLinear(result);
    if (isMemory) {
      add(ModelBlock::CompressiveMemory, result, ops, op.getDelta() ? "delta update" : "linear update");
      return;
    }
    bool isCausal = op.getReads() == LinearReads::causal;
    add(ModelBlock::LinearAttention, result, ops,
        (featureText(ops) + (isCausal ? ", causal" : "") + (op.getState() ? ", with state" : "")).str());
  }

  void findLinear(const Quotient &quotient) {
    if (quotient.op->getBlock() != &function.getBody().front())
      return;
    Reading above, below;
    read(quotient.numerator, above);
    read(quotient.denominator, below);
    bool sameFeatures = above.features.size() == 1 && below.features.size() == 1 && above.features == below.features;
    if (!above.understood || !below.understood || !sameFeatures || above.ofKeys != below.ofKeys)
      return;
    Operation *result = quotient.op;
    ModelBlock::Kind kind = ModelBlock::LinearAttention;
    if (!above.ofKeys) {
      // A quotient that only the update of the memory reads is part of a block found by its gate.
      result = matchGate(quotient.op);
      if (!result)
        return;
      kind = ModelBlock::CompressiveMemory;
    }
    OpSet ops = collectLinear(result);
    collectUpdates(above, below, ops, atProjections);
    bool causal = llvm::any_of(ops, [](Operation *op) { return isa<CumSumOp, TriluOp>(op); });
    std::string detail = featureText(ops).str();
    if (kind == ModelBlock::CompressiveMemory)
      detail = hasSecondReading(quotient, ops) ? "delta update" : "linear update";
    else
      detail += std::string(causal ? ", causal" : "") + (above.states.empty() ? "" : ", with state");
    add(kind, result, ops, detail);
  }

  /// state + what the present adds to it.
  void collectUpdates(const Reading &above, const Reading &below, OpSet &ops,
                      llvm::function_ref<bool(Operation *)> stop) {
    for (const Reading *reading : {&above, &below})
      for (Value state : reading->states)
        for (Operation *user : state.getUsers())
          if (auto sum = dyn_cast<BinaryOp>(user); sum && sum.getKind() == BinaryKind::add && !ops.contains(user))
            collectBackward(user, ops, stop);
  }

  /// The delta rule reads the memory at the keys as well.
  static bool hasSecondReading(const Quotient &quotient, const OpSet &ops) {
    return llvm::any_of(ops, [&](Operation *op) {
      auto other = dyn_cast<BinaryOp>(op);
      if (!other || other.getKind() != BinaryKind::div || op == quotient.op)
        return false;
      Reading reading;
      read(other.getLhs(), reading);
      return reading.understood && !reading.features.empty();
    });
  }

  void findExperts(Operation *choice) {
    int64_t axis = 0, chosen = 1;
    if (auto top = dyn_cast<TopKOp>(choice)) {
      axis = top.getAxis();
      chosen = typeOf(top.getResult(0)).getDimSize(axis);
    } else if (auto arg = cast<ArgReduceOp>(choice)) {
      axis = arg.getAxis();
      if (arg.getKind() != ReduceKind::max)
        return;
    }
    Value scores = choice->getOperand(0);
    int64_t experts = typeOf(scores).getShape().back();
    if (axis != rankOf(scores) - 1 || ShapedType::isDynamic(experts) || experts < 2)
      return;
    // The scores are a projection, maybe normalised.
    Operation *router = nullptr;
    Value logits = scores;
    for (int depth = 0; depth < 8 && !router; ++depth) {
      logits = stripViews(logits);
      Operation *op = logits.getDefiningOp();
      if (!op)
        return;
      if (isa<LinearOp, MatMulOp>(op))
        router = op;
      else if (isa<SoftmaxOp, UnaryOp, BinaryOp>(op))
        logits = op->getOperand(0);
      else
        return;
    }
    if (!router)
      return;

    // All that the scores lead to, up to the sum with the residual.
    OpSet cone;
    SmallVector<Operation *> worklist = {router};
    while (!worklist.empty()) {
      Operation *op = worklist.pop_back_val();
      if (op->getBlock() != choice->getBlock() || isBoundary(op) || isa<func::ReturnOp>(op) || !cone.insert(op))
        continue;
      for (Operation *user : op->getUsers())
        if (!isResidualSum(user, op))
          worklist.push_back(user);
    }
    // Weighs or dispatches what weights are multiplied with.
    auto isExpert = [&](Operation *op) {
      if (op == router)
        return false;
      if (isa<LinearOp, LinearNBitsOp, MoEOp>(op))
        return true;
      auto product = dyn_cast<MatMulOp>(op);
      return product && (isWeight(product.getRhs()) || isWeight(product.getLhs()));
    };
    OpSet ops;
    for (Operation *op : cone)
      collectBackward(op, ops, [&](Operation *source) { return source == router; });
    ops.insert(router);
    auto last =
        std::max_element(cone.begin(), cone.end(), [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
    if (llvm::none_of(ops, isExpert) || llvm::none_of(cone, [](Operation *op) {
          auto binary = dyn_cast<BinaryOp>(op);
          return isa<MatMulOp, MoEOp>(op) || (binary && binary.getKind() == BinaryKind::mul);
        }))
      return;
    std::string detail = std::to_string(experts) + " experts";
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
