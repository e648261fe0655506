//===- Report.h - what became of a model ------------------------*- C++ -*-===//
//
// What was fused and from which ONNX nodes, what nearly was, what was not, and
// what the compiled model consists of. docs/fusions.md describes it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_DRIVER_REPORT_H
#define TRANSOM_DRIVER_REPORT_H

#include "transom/Package/Package.h"
#include <map>
#include <optional>

namespace transom {

/// A node of the ONNX graph: its name, or its first output's, and its operator.
struct ModelNode {
  std::string name, op;
  bool operator==(const ModelNode &other) const = default;
  /// "node '/encoder/Add' (Add)"
  std::string text() const;
};

/// An op of the model layer, or a block of ops.
struct FusedEntry {
  std::string kind;   ///< a key of FusionReport::counts, "" where it counts as nothing
  std::string op;     ///< the op's, or the block's, name
  std::string detail; ///< "4 heads on 2, causal", "2 experts, top 1", ...
  std::string part;   ///< of which block: its result's node, "" where it stands alone
  std::vector<ModelNode> nodes;
  std::vector<unsigned>
      branches; ///< the `if`s around it by number, outermost first: 2 n, or 2 n + 1 where it is not taken
};

struct NearMiss {
  std::string kind;
  ModelNode node; ///< the one that stopped it
  std::string reason;
};

/// An op of the tensor layer that computes with floats.
struct UnfusedEntry {
  std::string op;
  std::string part; ///< as in FusedEntry
  std::vector<ModelNode> nodes;
};

/// After the stage `raise`.
struct FusionReport {
  std::vector<FusedEntry> fused;
  std::vector<NearMiss> nearMisses;
  std::vector<UnfusedEntry> unfused;
  /// Key and value heads of attentions, where it is one number for all of them.
  std::optional<int64_t> keyValueHeads;

  /// By kind, those outside blocks: attention, norm, rope, glu, moe, linear_attention, compressive_memory.
  std::map<std::string, unsigned> counts() const;
};

/// The kinds that FusionReport counts.
llvm::ArrayRef<llvm::StringRef> fusionKinds();

struct RequiredFusion {
  std::string kind;
  unsigned count = 0;
};
/// "attention:24,norm:49"
llvm::Expected<std::vector<RequiredFusion>> parseRequiredFusions(llvm::StringRef text);
/// What of `required` is not so, and the near misses of these kinds; success where all is.
llvm::Error checkFusions(const FusionReport &report, llvm::ArrayRef<RequiredFusion> required);

std::string fusionsText(const FusionReport &report);
std::string fusionsJson(const FusionReport &report);

/// One op after the stage `raise`: the graph after, and the nodes before.
struct LayerStep {
  std::string op, detail, result;
  std::vector<ModelNode> nodes;
};
struct ModelLayer {
  std::string name; ///< what the nodes' names have in common, or a number
  std::vector<LayerStep> steps;
};

struct KernelReport {
  std::string name;
  std::vector<std::vector<ModelNode>> launches; ///< the nodes of each launch
};

/// What became of the key/value heads of one attention (docs/gqa.md).
struct HeadReport {
  ModelNode node;
  int64_t before = 0, after = 0;
  std::vector<std::vector<int64_t>> groups;
  double keyResidual = 0, valueResidual = 0;
  /// What the heads' outputs leave of what they should add, on calibration inputs.
  std::optional<double> residualBeforeFit, residualAfterFit;
  std::optional<double> errorAlone;        ///< of the model's outputs with this attention alone converted
  int64_t bytesBefore = 0, bytesAfter = 0; ///< of a token in the cache
  std::string reason;                      ///< why heads stayed
};

/// A certificate: what was merged, at what error, for how much memory.
struct HeadsReport {
  std::vector<HeadReport> attentions; ///< none where nobody asked and nothing merged
  /// "divergence" or "largest": which of the errors a budget bounds, and `predicted` predicts.
  std::string error;
  std::optional<double> budget, predicted;
  std::optional<double> divergence, largest;       ///< as measured on the calibration inputs
  std::optional<double> tokensBefore, tokensAfter; ///< decoded a second

  bool empty() const { return attentions.empty(); }
  int64_t bytes(bool before) const;
};

/// What was measured, in one line; "" where nothing was.
std::string headsSummary(const HeadsReport &report);

/// A product or an attention in a GPU's code. Forms for other numbers of rows are others.
struct TileUse {
  std::string node, op;
  std::string key, tile;                     ///< TileKey, Tile
  std::optional<std::vector<CostTerm>> rows; ///< that it has, or queries; nothing where the named dims do not give them
};

struct CompileReport {
  std::string model;
  FusionReport fusions;
  HeadsReport heads;
  std::vector<ModelLayer> layers;
  std::vector<KernelReport> kernels;
  std::string workspace; ///< bytes, as a formula of the named dims
  /// The same of the CPUs after the first one, by name: kernels for others work in memory of other sizes.
  std::vector<std::pair<std::string, std::string>> otherWorkspaces;
  /// Options in effect that change results beyond rounding, as "--name=value: what it does".
  std::vector<std::string> numericOptions;
  /// Parts that the program was compiled in, and those that the cache had.
  unsigned parts = 0, cachedParts = 0;
  std::vector<TileUse> tiles; ///< where CompileOptions::reportTiles asks for them
};

enum class ReportFormat { Text, Json, Html };
/// By the file's suffix: .txt, .json or .html.
std::optional<ReportFormat> reportFormat(llvm::StringRef file);
std::string reportText(const CompileReport &report, const Manifest &manifest, ReportFormat format);

} // namespace transom

#endif // TRANSOM_DRIVER_REPORT_H
