//===- Passes.h - raising and optimising the transformer dialect -*- C++ -*-===//
//
// The passes of the stages `raise` and `optimise`. They expect what import
// guarantees (docs/architecture.md) and keep it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TRANSFORMS_PASSES_H
#define TRANSOM_TRANSFORMS_PASSES_H

#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"
#include <map>
#include <memory>
#include <vector>

namespace transom {
namespace heads {
struct Merged;
}

/// How key/value heads that differ become one (docs/gqa.md).
enum class GQAMethod { Components, Align, Mean };

#define GEN_PASS_DECL
#include "transom/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "transom/Transforms/Passes.h.inc"

/// Which model-layer ops the stage `raise` looks for.
struct RaiseOptions {
  bool norms = true;
  bool activations = true;
  bool rotary = true;
  bool attention = true;
  bool gatedMLP = true;
  bool linear = true;
  bool remarks = false; ///< what stays in pieces, and why: "KIND stays in pieces: REASON"
};

/// What stands between the kind and the reason in a remark on something that was nearly fused.
constexpr llvm::StringLiteral nearMissMark = " stays in pieces: ";

/// What a remark begins with that users of the compiler read, not only those who work on passes.
constexpr llvm::StringLiteral userMark = "as asked for: ";

/// Tensor layer to model layer. Afterwards norms, activations, rotary positions,
/// attention, gated units and products with weights are single ops, as far as they are
/// recognised; what is not stays in the tensor layer.
void buildRaisePipeline(mlir::OpPassManager &pm, const RaiseOptions &options);

/// What became of the key/value heads of one attention.
struct HeadConversion {
  explicit HeadConversion(mlir::Location loc) : loc(loc) {}
  mlir::Location loc;            ///< of the attention
  bool merged = false;           ///< else `reason` says why not
  bool isPending = false;        ///< a calibration converts it later
  bool isVisible = false;        ///< keys or values are arguments or results of the function
  int64_t before = 0, after = 0; ///< key/value heads; 0 where the match came to none
  std::vector<std::vector<int64_t>> groups;
  /// The largest of a head's, relative to its norm: of keys and values in the
  /// metric of the method. Rounding where heads are equal up to a map.
  double keyResidual = 0, valueResidual = 0;
  std::string reason;

  /// "8 key/value heads become 4: {0, 1} ...", of a merged one.
  std::string text() const;
};

/// What the values were that a calibration needs, of one run.
struct TappedTensor {
  std::vector<int64_t> shape;
  std::vector<float> data; ///< row-major
};
using TappedRun = std::map<std::string, TappedTensor>; ///< by the output's name

/// Outputs that taps add are named with this, the attention's number and the role.
constexpr llvm::StringLiteral kTapPrefix = "transom.tap.";

/// Refitting merged heads on activations, one attention after another in the
/// order of the model. Every compile converts what is fitted, fits `fit`, and adds
/// outputs for what the next one needs (docs/gqa.md).
struct GQACalibration {
  int64_t fit = -1;                ///< attention to fit now, from the runs below; -1 for none
  int64_t tap = -1;                ///< attention to add outputs for, all of them where it is -1 and none is fitted
  int64_t count = 0;               ///< of attentions, set by the pass
  std::vector<TappedRun> original; ///< runs of the model as it was, all taps
  std::vector<TappedRun> current;  ///< runs of the model converted up to `fit`, taps of that
  std::vector<std::shared_ptr<heads::Merged>> fitted;
};

struct GQAOptions {
  bool enabled = true;
  /// Key/value heads to leave; 0 merges only those that are equal up to a map.
  int64_t groups = 0;
  GQAMethod method = GQAMethod::Components;
  bool neighbours = false;      ///< not the cheapest groups
  bool changeSignature = false; ///< also where keys or values are arguments or results
  /// Where not null, merged heads are refitted. Outlives the passes.
  GQACalibration *calibration = nullptr;
  /// Where not null, receives an entry for each attention. Outlives the passes.
  std::vector<HeadConversion> *report = nullptr;
};

std::unique_ptr<mlir::Pass> createConvertMHAToGQA(const GQAOptions &options);

struct OptimiseOptions {
  GQAOptions gqa;
  bool lastLogits = false; ///< scores of the last token alone
  std::string weightsType; ///< "f16" or "bf16": what f32 weights are stored in; "" as they are
};

/// Model layer to model layer, for speed and memory: heads that are equal are one.
void buildOptimisePipeline(mlir::OpPassManager &pm, const OptimiseOptions &options);

/// Registers the pipelines by their stages' names (`--raise`, `--optimise`).
void registerTransformsPipelines();

} // namespace transom

#endif // TRANSOM_TRANSFORMS_PASSES_H
