//===- AttentionMatch.h - what stands around a softmax ----------*- C++ -*-===//
//
// Reads the graph from a softmax back to the product of queries and keys and
// forward to the product with the values. Changes no IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_ATTENTIONMATCH_H
#define TRANSOM_LIB_TRANSFORMS_ATTENTIONMATCH_H

#include "GraphMatch.h"

namespace transom::match {

/// Something that changes the scores before the softmax.
struct ScoreTerm {
  enum Kind {
    Bias,    ///< factor * value is added
    Replace, ///< where `value` (i1, or of zeros and ones) is `keep`, the score stays; elsewhere it is `factor`
  } kind;
  mlir::Value value;
  double factor = 1.0;
  bool keep = true;
  bool inner = false;    ///< found below the reshape `scoreView`, so in the product's rank
  bool windowed = false; ///< found above `windowView`, so in its dims
};

/// Rounding to the multiples of `step` from `low` to `high`: quantise, dequantise.
struct Rounding {
  double step = 1.0, low = 0.0, high = 0.0;
};

struct AttentionMatch {
  mlir::Operation *scores = nullptr; ///< the matmul of queries and keys
  mlir::Operation *mix = nullptr;    ///< the matmul of probabilities and values
  mlir::Value scoreView;             ///< the reshape between the product and the softmax, or null
  mlir::Value mergedView;            ///< a reshape above it back to the product's dims, or null
  mlir::Value windowView;            ///< scores whose first dim is batch and windows apart (Liu et al., 2021), or null
  mlir::Value softmaxInput;
  mlir::Value sink;   ///< a column of scores joined after the last key, or null
  mlir::Value scored; ///< with a sink: the scores before it, and
  mlir::Value kept;   ///< the probabilities without its column
  double scale = 1.0, softcap = 0.0;
  std::optional<double> floor;        ///< a large negative number that no sum of score and masks falls below
  llvm::SmallVector<ScoreTerm> terms; ///< from the softmax inwards
  std::optional<Rounding> scoreRounding, probabilityRounding; ///< of the product; of the softmax
};

/// The attention around `softmax`; failure says nothing where no product with
/// values follows, and why where one does.
mlir::FailureOr<AttentionMatch> matchAttention(transom::transformer::SoftmaxOp softmax, Refusal refuse);

/// Scores, probabilities and what mixes values with them as [.., queries, keys], where they stand in another order;
/// the softmax that is there then, or the same one.
transom::transformer::SoftmaxOp straightenScores(transom::transformer::SoftmaxOp softmax);

/// Attention on keys and values whose heads are repeated -> grouped attention on
/// the heads as they were. `refuse` must outlive the patterns.
void populateUnrepeatPatterns(mlir::RewritePatternSet &patterns, Refusal refuse);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_ATTENTIONMATCH_H
