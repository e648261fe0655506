//===- IndexForm.h - integer tensors that count their positions -*- C++ -*-===//
//
// What exporters build masks, gathers and scatters of positions from: an
// integer tensor whose element is offset + sum(coefficient[a] * position[a]),
// and a boolean one that is true where such a sum is not negative. Read through
// views, arithmetic and comparisons; makes no IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_INDEXFORM_H
#define TRANSOM_LIB_TRANSFORMS_INDEXFORM_H

#include "GraphMatch.h"
#include "SizePolynomial.h"

namespace transom::match {

struct IndexForm {
  SizePolynomial offset;
  llvm::SmallVector<SizePolynomial, 4> coefficients; ///< one a dim

  bool isConstant() const {
    return llvm::all_of(coefficients, [](const SizePolynomial &coefficient) { return coefficient == 0; });
  }
  /// The only dim that counts, or -1.
  int64_t onlyDim() const;
};

/// An integer tensor as a form over its positions.
std::optional<IndexForm> indexForm(mlir::Value value, int depth = 24);

/// An i1 tensor that is true exactly where the form is >= 0.
std::optional<IndexForm> positionPredicate(mlir::Value value, int depth = 24);

/// A number of zeros and ones that is 1 exactly where the form is >= 0.
std::optional<IndexForm> oneWhere(mlir::Value value, int depth = 24);

/// True where all elements are known to be 0 or 1.
bool isZeroOrOne(mlir::Value value, int depth = 24);

/// The lower (upper) triangle that `trilu`, maybe cast, keeps of one number that
/// is not zero.
std::optional<IndexForm> triangle(mlir::Value value, int depth = 4);

/// The form of a view's result from that of its input; nullopt where `op` is
/// no view that keeps the dims.
std::optional<IndexForm> formThroughView(mlir::Operation *op, IndexForm form);

/// For a reshape that only inserts or drops dims of 1: per result dim, the
/// input's dim, or -1 for a new one.
std::optional<llvm::SmallVector<int64_t>> unitDimMap(transom::transformer::ReshapeOp op);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_INDEXFORM_H
