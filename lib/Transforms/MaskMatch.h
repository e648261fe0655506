//===- MaskMatch.h - masks that follow from positions alone -----*- C++ -*-===//
//
// Takes boolean masks and biases of large negative numbers apart, and reads
// causal and window limits out of them, however the exporter computed them
// (triangles, comparisons of ranges, slices of a buffer).
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_MASKMATCH_H
#define TRANSOM_LIB_TRANSFORMS_MASKMATCH_H

#include "IndexForm.h"

namespace transom::match {

/// The values whose conjunction `mask` is (`keep`), or whose conjunction its
/// negation is. May make views and negations.
void splitMask(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value mask, bool keep,
               llvm::SmallVectorImpl<mlir::Value> &conjuncts);

/// Where a bias is `fill` instead of zero, as a predicate of positions.
struct Filled {
  IndexForm where;
  double fill = 0;
};
std::optional<Filled> filledByPosition(mlir::Value bias);

/// Limits on key positions for every query position.
class PositionLimits {
public:
  PositionLimits(mlir::OpFoldResult rows, mlir::OpFoldResult keys)
      : shift(SizePolynomial::of(keys) - SizePolynomial::of(rows)) {}

  /// Takes in that a key is seen only where `kept` >= 0 (over [.., rows, keys]);
  /// false where that is no limit of these kinds. Causal limits come first:
  /// windows are aligned by them.
  bool takeCausal(const IndexForm &kept);
  bool takeWindow(const IndexForm &kept);
  /// True where `kept` holds everywhere.
  static bool isAlways(const IndexForm &kept) { return kept.isConstant() && kept.offset.isNonNegative(); }
  /// Every query sees a key.
  bool leaveSome() const;

  transom::transformer::CausalKind causal = transom::transformer::CausalKind::none;
  int64_t windowLeft = -1, windowRight = -1;

private:
  SizePolynomial shift; ///< keys - rows
};

/// Takes the limits out of `keep` and gives what is left of it, or null.
mlir::Value takeLimits(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value keep, PositionLimits &limits);

/// Reads limits on positions out of the mask of an attention that the model has
/// as one operator.
void limitMask(transom::transformer::AttentionOp op);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_MASKMATCH_H
