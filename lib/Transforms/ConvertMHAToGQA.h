//===- ConvertMHAToGQA.h - attention with its projections -------*- C++ -*-===//
//
// One attention as the pass convert-mha-to-gqa sees it: the projections that its
// queries, keys and values come from, the steps between, and the projection that
// takes its result; and back from converted heads to IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_CONVERTMHATOGQA_H
#define TRANSOM_LIB_TRANSFORMS_CONVERTMHATOGQA_H

#include "GraphMatch.h"
#include "HeadAlgebra.h"
#include "HeadCalibration.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "transom/Transforms/Passes.h"

namespace transom::gqa {

/// From a projection to an operand of attention.
///
///   %p = linear %x, %w bias %b          -> [rows.., columns]
///   reshape, slice, transpose           -> the split: [rows.., heads, features] in some order
///   transpose, cast, rope, rms_norm, concat with a cache, kv_write   (the steps)
struct HeadPath {
  llvm::StringRef name; ///< "queries", "keys", "values"
  transformer::LinearOp linear;
  int64_t heads = 0, features = 0;
  /// The column of the weight that is feature i of head h, at h * features + i.
  llvm::SmallVector<int64_t> columns;

  mlir::Value split;
  llvm::SmallVector<mlir::OpFoldResult> rowDims; ///< dims of the split that are neither heads nor features, in order
  int64_t headAxis = 0, featureAxis = 0;         ///< of the split
  llvm::SmallVector<mlir::Operation *> steps;    ///< after the split, in order

  transformer::RopeOp rope;        ///< null without rotary positions
  mlir::Operation *norm = nullptr; ///< between projection and attention
  llvm::SmallVector<mlir::BlockArgument> caches;
  llvm::SmallVector<mlir::OpOperand *> returned; ///< of the function's return
};

struct AttentionHeads {
  transformer::AttentionOp attention;
  HeadPath query, key, value;
  transformer::LinearOp output;
  /// The row of the output's weight that feature i of query head h meets.
  llvm::SmallVector<int64_t> outputRows;

  int64_t queryHeads() const { return query.heads; }
  int64_t keyHeads() const { return key.heads; }
  /// Keys or values are arguments or results of the function.
  bool isVisible() const {
    return !key.caches.empty() || !value.caches.empty() || !key.returned.empty() || !value.returned.empty();
  }
};

/// The attention and all that a conversion has to change; null after `refuse` was
/// told what stands in the way.
std::optional<AttentionHeads> matchAttentionHeads(transformer::AttentionOp attention, match::Refusal refuse);

/// What can be moved from keys to queries, and from values to outputs.
heads::FeatureMaps keyMaps(const AttentionHeads &match);
heads::FeatureMaps valueMaps(const AttentionHeads &match);

/// Weights and biases per head, in f64. Elements that no float of up to 64 bits
/// holds were refused by the match.
std::vector<heads::Matrix> projectionHeads(const HeadPath &path);
std::vector<heads::Matrix> outputHeads(const AttentionHeads &match);

/// Second moments of the inputs as far as weights tell: a norm's scale and bias.
heads::InputMetric inputMetric(const AttentionHeads &match);

/// Replaces projections, attention and cache shapes. The function's type follows.
void rewriteAttentionHeads(const AttentionHeads &match, const heads::Merged &merged);

/// Adds results for what a calibration of attention `number` needs.
void addTaps(const AttentionHeads &match, int64_t number);

/// What of the attention fits do not model, or "".
llvm::StringRef whyNotFitted(const AttentionHeads &match);

/// The sequences that the taps of attention `number` show; nothing after `refuse`.
std::optional<heads::Calibration> readTaps(const AttentionHeads &match, int64_t number,
                                           const GQACalibration &calibration, const heads::FeatureMaps &maps,
                                           match::Refusal refuse);

/// The contents of a constant, or of a transpose or cast of one, as a matrix
/// (vectors are columns); nothing where the elements are no floats.
std::optional<heads::Matrix> constantMatrix(mlir::Value value);
/// True where constantMatrix gives one, without reading it.
bool isFloatConstant(mlir::Value value);

} // namespace transom::gqa

#endif // TRANSOM_LIB_TRANSFORMS_CONVERTMHATOGQA_H
