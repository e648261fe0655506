//===- FusionReport.cpp - reads what was fused off a module ---------------===//

#include "FusionReport.h"
#include "ModelNodes.h"
#include "Transformer/IR/Transformer.h"
#include "transom/Transforms/Blocks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"

using namespace mlir;
using namespace transom;
namespace tf = transom::transformer;

ArrayRef<StringRef> transom::fusionKinds() {
  static constexpr StringRef kinds[] = {"attention",         "norm", "rope", "glu", "moe", "linear_attention",
                                        "compressive_memory"};
  return kinds;
}

/// How many of `entries` a run has, at most: of two branches it takes one.
static unsigned countIn(ArrayRef<const FusedEntry *> entries, size_t depth) {
  unsigned count = 0;
  std::map<unsigned, std::array<std::vector<const FusedEntry *>, 2>> choices;
  for (const FusedEntry *entry : entries) {
    if (entry->branches.size() == depth)
      ++count;
    else
      choices[entry->branches[depth] / 2][entry->branches[depth] % 2].push_back(entry);
  }
  for (const auto &[number, branches] : choices)
    count += std::max(countIn(branches[0], depth + 1), countIn(branches[1], depth + 1));
  return count;
}

std::map<std::string, unsigned> FusionReport::counts() const {
  std::map<std::string, std::vector<const FusedEntry *>> byKind;
  for (const FusedEntry &entry : fused)
    // Gates and linears of experts belong to their block.
    if (!entry.kind.empty() && entry.part.empty())
      byKind[entry.kind].push_back(&entry);
  std::map<std::string, unsigned> counts;
  for (const auto &[kind, entries] : byKind)
    counts[kind] = countIn(entries, 0);
  return counts;
}

static std::string number(const llvm::APFloat &value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value.convertToDouble());
  return text;
}

static std::string sizeText(int64_t size) { return ShapedType::isDynamic(size) ? "?" : std::to_string(size); }

static std::string attentionDetail(tf::AttentionOp op) {
  int64_t heads = op.getQuery().getType().getDimSize(1), kept = op.getKey().getType().getDimSize(1);
  SmallVector<std::string> parts = {sizeText(heads) + (heads == 1 ? " head" : " heads")};
  if (kept != heads)
    parts[0] += " on " + sizeText(kept);
  if (op.getCausal() != tf::CausalKind::none)
    parts.push_back("causal " + stringifyCausalKind(op.getCausal()).str());
  // -1 is no limit.
  auto left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
  if (left >= 0)
    parts.push_back("window of " + std::to_string(left) + " to the left");
  if (right >= 0)
    parts.push_back("window of " + std::to_string(right) + " to the right");
  parts.push_back("scale " + number(op.getScale()));
  if (!op.getSoftcap().isZero())
    parts.push_back("soft cap " + number(op.getSoftcap()));
  for (auto [value, name] : {std::pair<Value, const char *>(op.getBias(), "bias"),
                             {op.getMask(), "mask"},
                             {op.getKeyLengths(), "key lengths"},
                             {op.getSlopes(), "slopes"},
                             {op.getSinks(), "sinks"}})
    if (value)
      parts.push_back(name);
  if (op.getScoreRounding() || op.getProbabilityRounding())
    parts.push_back("rounded to 8 bits");
  return llvm::join(parts, ", ");
}

static std::string linearDetail(tf::LinearOp op) {
  RankedTensorType weight = op.getWeight().getType();
  std::string text = sizeText(weight.getDimSize(0)) + " to " + sizeText(weight.getDimSize(1));
  if (op.getBias())
    text += ", bias";
  if (op.getActivation() != tf::UnaryKind::identity)
    text += ", " + stringifyUnaryKind(op.getActivation()).str();
  if (op.getResidual())
    text += ", residual";
  return text;
}

static std::string linearAttentionDetail(tf::LinearAttentionOp op) {
  RankedTensorType query = op.getQuery().getType(), value = op.getValue().getType();
  std::string text = stringifyLinearReads(op.getReads()).str() + ", " + sizeText(query.getDimSize(3)) + " features, " +
                     sizeText(value.getDimSize(3)) + " columns";
  if (op.getState())
    text += ", with state";
  return op.getDelta() ? text + ", delta update" : text;
}

static std::string expertsDetail(tf::MoEOp op) {
  std::string text = sizeText(op.countExperts()) + " experts, " + sizeText(op.firstLayer().depth) + " to " +
                     sizeText(op.secondLayer().depth) + " to " + sizeText(op.getType().getDimSize(1)) + ", " +
                     stringifyUnaryKind(op.getActivation()).str();
  if (op.getGate() != tf::ExpertGate::none)
    text += ", gated";
  return op.isQuantized() ? text + ", " + std::to_string(op.firstLayer().bits()) + " bits" : text;
}

/// A feed-forward whose gate is its own: SiLU is x times sigmoid(x), which Swish's
/// authors call self-gated (Ramachandran et al., 2017). Between two products with
/// weights it is what GLU is with two projections in the place of one.
static bool gatesItself(tf::LinearOp op) {
  return op.getActivation() == tf::UnaryKind::silu && !op.getResidual() && op->hasOneUse() &&
         isa<tf::LinearOp>(*op->user_begin()) && cast<tf::LinearOp>(*op->user_begin()).getInput() == op.getResult();
}

namespace {
struct Described {
  std::string kind, detail;
  bool isModelLayer = false;
};
} // namespace

static Described describe(Operation *op) {
  auto norm = [](auto op) {
    return Described{"norm", "epsilon " + number(op.getEpsilon()) + (op.getScale() ? ", scale" : ""), true};
  };
  return llvm::TypeSwitch<Operation *, Described>(op)
      .Case([](tf::AttentionOp op) { return Described{"attention", attentionDetail(op), true}; })
      .Case<tf::LayerNormOp, tf::RMSNormOp>(norm)
      .Case([](tf::RopeOp op) {
        return Described{
            "rope", std::to_string(op.getRotaryDim()) + (op.getInterleaved() ? " features, interleaved" : " features"),
            true};
      })
      .Case([](tf::GLUOp op) { return Described{"glu", stringifyUnaryKind(op.getActivation()).str(), true}; })
      .Case([](tf::LinearOp op) {
        bool gate = gatesItself(op);
        return Described{gate ? "glu" : "", linearDetail(op) + (gate ? ", gates itself" : ""), true};
      })
      .Case([](tf::LinearNBitsOp op) {
        return Described{"",
                         std::to_string(op.getK()) + " to " + std::to_string(op.getN()) + ", " +
                             std::to_string(op.getBits()) + " bits",
                         true};
      })
      .Case([](tf::LinearAttentionOp op) { return Described{"", linearAttentionDetail(op), true}; })
      .Case([](tf::MoEOp op) { return Described{"", expertsDetail(op), true}; })
      .Case([](tf::KVWriteOp) { return Described{"", "", true}; })
      .Case([](tf::UnaryOp op) { return Described{"", stringifyUnaryKind(op.getKind()).str()}; })
      .Case([](tf::BinaryOp op) { return Described{"", stringifyBinaryKind(op.getKind()).str()}; })
      .Case([](tf::ReduceOp op) { return Described{"", stringifyReduceKind(op.getKind()).str()}; })
      .Default([](Operation *) { return Described(); });
}

/// Computes with floats and is no view.
static bool isUnfused(Operation *op) {
  if (!isa<tf::MatMulOp, tf::MatMulIntegerOp, tf::SoftmaxOp, tf::ReduceOp, tf::UnaryOp, tf::BinaryOp, tf::CumSumOp,
           tf::QuantizeOp, tf::DequantizeOp, tf::ConvOp>(op))
    return false;
  auto isFloat = [](Type type) { return isa<FloatType>(getElementTypeOrSelf(type)); };
  return llvm::any_of(op->getResultTypes(), isFloat) || llvm::any_of(op->getOperandTypes(), isFloat);
}

/// One activation is an op of the tensor layer, but no piece of anything.
static bool isActivation(Operation *op) {
  auto unary = dyn_cast<tf::UnaryOp>(op);
  return unary && llvm::is_contained({tf::UnaryKind::relu, tf::UnaryKind::gelu, tf::UnaryKind::gelu_tanh,
                                      tf::UnaryKind::quick_gelu, tf::UnaryKind::silu, tf::UnaryKind::relu_squared},
                                     unary.getKind());
}

static std::string opName(Operation *op) {
  std::string detail = isa<tf::UnaryOp, tf::BinaryOp>(op) ? describe(op).detail : "";
  return detail.empty() ? op->getName().stripDialect().str() : detail;
}

static func::FuncOp entryOf(ModuleOp module) { return dyn_cast_or_null<func::FuncOp>(entryFunction(module)); }

FusionReport transom::fusionsOf(ModuleOp module, ArrayRef<NearMiss> nearMisses) {
  FusionReport report;
  func::FuncOp entry = entryOf(module);
  if (!entry)
    return report;
  DenseMap<Operation *, std::string> partOf;
  DenseMap<Operation *, FusedEntry> blockAt;
  std::vector<ModelNode> inPieces; ///< nodes that give the results of blocks that are no op
  for (const ModelBlock &block : findBlocks(entry)) {
    FusedEntry fused{blockName(block.kind).str(), blockName(block.kind).str(), block.detail, "", {}, {}};
    std::vector<Location> locations;
    for (Operation *op : block.operations)
      locations.push_back(op->getLoc());
    fused.nodes = nodesOf(FusedLoc::get(module.getContext(), locations));
    std::vector<ModelNode> result = nodesOf(block.result->getLoc());
    if (llvm::none_of(block.operations, [](Operation *op) { return isa<tf::LinearAttentionOp, tf::MoEOp>(op); }))
      llvm::append_range(inPieces, result);
    for (Operation *op : block.operations)
      partOf[op] = blockName(block.kind).str() + (result.empty() ? "" : " at " + result.front().name);
    blockAt[block.result] = std::move(fused);
  }
  std::optional<int64_t> heads;
  bool agree = true;
  llvm::DenseMap<Operation *, unsigned> numbers;
  auto branchesOf = [&](Operation *op) {
    std::vector<unsigned> branches;
    for (Region *region = op->getParentRegion(); region; region = region->getParentRegion())
      if (auto choice = dyn_cast<tf::IfOp>(region->getParentOp())) {
        unsigned number = numbers.try_emplace(choice, numbers.size()).first->second;
        branches.insert(branches.begin(), 2 * number + (region->getRegionNumber() == 0 ? 0 : 1));
      }
    return branches;
  };
  entry.walk([&](Operation *op) {
    if (auto block = blockAt.find(op); block != blockAt.end()) {
      report.fused.push_back(std::move(block->second));
      report.fused.back().branches = branchesOf(op);
    }
    Described described = describe(op);
    std::string part = partOf.lookup(op);
    if (described.isModelLayer)
      report.fused.push_back({described.kind, op->getName().stripDialect().str(), described.detail, part,
                              nodesOf(op->getLoc()), branchesOf(op)});
    else if (isActivation(op))
      report.fused.push_back({"", opName(op), "", part, nodesOf(op->getLoc()), branchesOf(op)});
    else if (isUnfused(op))
      report.unfused.push_back({opName(op), part, nodesOf(op->getLoc())});
    if (auto attention = dyn_cast<tf::AttentionOp>(op)) {
      int64_t found = attention.getKey().getType().getDimSize(1);
      agree &= !ShapedType::isDynamic(found) && (!heads || *heads == found);
      heads = found;
    }
  });
  if (agree)
    report.keyValueHeads = heads;
  for (const NearMiss &miss : nearMisses) {
    bool fusedLater =
        !llvm::is_contained(inPieces, miss.node) && llvm::any_of(report.fused, [&](const FusedEntry &entry) {
          return entry.kind == miss.kind && llvm::is_contained(entry.nodes, miss.node);
        });
    bool known = llvm::any_of(report.nearMisses, [&](const NearMiss &other) {
      return other.kind == miss.kind && other.node == miss.node && other.reason == miss.reason;
    });
    if (!fusedLater && !known)
      report.nearMisses.push_back(miss);
  }
  return report;
}

//===-- Layers and kernels ------------------------------------------------===//

/// "layers.3" or "h.0": the first part of a node's name that ends in a number
/// behind a dot, with what stands before it; "" where no part does.
static std::string layerOfName(StringRef name) {
  size_t end = 0;
  for (StringRef rest = name; !rest.empty();) {
    auto [part, after] = rest.split('/');
    size_t start = end;
    end = name.size() - after.size();
    StringRef digits = part.take_back(part.size() - std::min(part.size(), part.find_last_not_of("0123456789") + 1));
    bool numbered = !digits.empty() && digits.size() < part.size() && part.drop_back(digits.size()).ends_with(".") &&
                    part.size() > digits.size() + 1;
    if (numbered && !after.empty())
      return name.take_front(start + part.size()).ltrim('/').str();
    rest = after;
  }
  return "";
}

std::vector<ModelLayer> transom::layersOf(ModuleOp module) {
  std::vector<ModelLayer> layers;
  func::FuncOp entry = entryOf(module);
  if (!entry)
    return layers;
  // The op before each attention where the next layer starts: its norm, where one stands there.
  SmallVector<Operation *> ops;
  unsigned named = 0;
  for (Operation &op : entry.getBody().front())
    if (isa<tf::TransformerDialect>(op.getDialect()) && !isa<tf::ConstantOp>(op)) {
      ops.push_back(&op);
      named +=
          llvm::any_of(nodesOf(op.getLoc()), [](const ModelNode &node) { return !layerOfName(node.name).empty(); });
    }
  bool byName = named * 2 > ops.size();
  // Lists of norms, of projections, ... (norms.0, projections.0) have but the numbers in common.
  llvm::StringSet<> lists;
  for (Operation *op : ops)
    for (const ModelNode &node : nodesOf(op->getLoc()))
      if (std::string name = layerOfName(node.name); !name.empty())
        lists.insert(StringRef(name).rsplit('.').first);
  bool byNumber = lists.size() > 2;
  llvm::DenseSet<Operation *> starts;
  Operation *norm = nullptr;
  for (Operation *op : ops) {
    if (isa<tf::LayerNormOp, tf::RMSNormOp>(op))
      norm = op;
    if (isa<tf::AttentionOp>(op) && norm) {
      starts.insert(norm);
      norm = nullptr;
    }
  }
  unsigned count = 0;
  for (Operation *op : ops) {
    std::vector<ModelNode> nodes = nodesOf(op->getLoc());
    std::string name;
    if (byName) {
      for (const ModelNode &node : nodes)
        if (name = layerOfName(node.name); !name.empty())
          break;
      if (byNumber && !name.empty())
        name = "layer " + StringRef(name).rsplit('.').second.str();
      // What has no layer of its own stays with what stands before it, unless that is over.
      if (name.empty() && !layers.empty() && nodes.empty())
        name = layers.back().name;
      if (name.empty())
        name = layers.empty() ? "before the layers" : "outside the layers";
    } else {
      if (starts.contains(op))
        ++count;
      name = count ? "layer " + std::to_string(count - 1) : "before the layers";
    }
    auto found = llvm::find_if(layers, [&](const ModelLayer &layer) { return layer.name == name; });
    if (found == layers.end())
      found = layers.insert(layers.end(), ModelLayer{name, {}});
    LayerStep step{op->getName().stripDialect().str(), describe(op).detail, "", std::move(nodes)};
    llvm::raw_string_ostream type(step.result);
    llvm::interleave(op->getResultTypes(), type, ", ");
    found->steps.push_back(std::move(step));
  }
  return layers;
}

std::vector<KernelReport> transom::kernelsOf(ModuleOp module) {
  std::vector<KernelReport> kernels;
  llvm::StringMap<size_t> places;
  for (auto function : module.getOps<func::FuncOp>())
    if (function->hasAttr("transformer.kernel")) {
      places[function.getName()] = kernels.size();
      kernels.push_back({function.getName().str(), {}});
    }
  module.walk([&](tf::LaunchOp launch) {
    if (auto place = places.find(launch.getKernel()); place != places.end())
      kernels[place->second].launches.push_back(nodesOf(launch.getLoc()));
  });
  return kernels;
}
