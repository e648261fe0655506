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
#include <optional>
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
  bool experts = true;
  bool linearAttention = true;
  bool remarks = false; ///< what stays in pieces, and why: "KIND stays in pieces: REASON"
};

/// On a function that an entry function's states are made of in its place: the entry's name.
constexpr llvm::StringLiteral kStatesOf = "transformer.states_of";

/// What stands between the kind and the reason in a remark on something that was nearly fused.
constexpr llvm::StringLiteral nearMissMark = " stays in pieces: ";

/// Remarks on products of one input that heads are split from and that `fuse-projections` will not make one.
void explainProjections(mlir::func::FuncOp entry);

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
  bool isHeldBack = false;       ///< heads are equal, but the signature would change
  bool ofStates = false;         ///< of the function that the entry point with states is made of
  int64_t before = 0, after = 0; ///< key/value heads; 0 where the match came to none
  std::vector<std::vector<int64_t>> groups;
  /// The largest of a head's, relative to its norm: of keys and values in the
  /// metric of the method. Rounding where heads are equal up to a map.
  double keyResidual = 0, valueResidual = 0;
  /// What the heads' outputs leave of what they should add, on calibration inputs.
  std::optional<double> residualBeforeFit, residualAfterFit;
  int64_t headBytes = 0; ///< that one key and one value head take in a cache, a token
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
  int64_t fit = -1; ///< attention to fit now, from the runs below; -1 for none
  int64_t tap = -1; ///< attention to add outputs for, all of them where it is -1 and none is fitted
  /// Key/value heads of each attention, 0 where they cannot be fitted; set by the pass.
  std::vector<int64_t> heads;
  std::vector<TappedRun> original;                    ///< runs of the model as it was, all taps
  std::vector<TappedRun> current;                     ///< runs of the model converted up to `fit`, taps of that
  std::vector<std::shared_ptr<heads::Merged>> fitted; ///< null where heads stay as they are
  /// Key/value heads to leave, of each attention, 0 for all of them; none where the
  /// options say one number for all.
  std::vector<int64_t> groups;
  bool quick = false; ///< one round, no refinement: enough to compare attentions
};

/// What an error budget counts, on the calibration inputs.
enum class GQAError {
  Divergence, ///< the mean KL divergence of the scores' distribution
  Largest     ///< the largest difference of an output
};

struct GQAOptions {
  bool enabled = true;
  /// Key/value heads to leave; 0 merges only those that are equal up to a map.
  int64_t groups = 0;
  /// Not 0: as few heads in each attention as this error allows. Calibration finds out how many that are.
  double budget = 0;
  GQAError error = GQAError::Divergence;
  GQAMethod method = GQAMethod::Components;
  bool neighbours = false;      ///< not the cheapest groups
  bool changeSignature = false; ///< also where keys or values are arguments or results
  /// Where the signature keeps equal heads apart, a copy of the function in which they
  /// are merged is made for the entry point with states, which has a signature of its own.
  bool forStates = false;
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
