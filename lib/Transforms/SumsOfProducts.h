//===- SumsOfProducts.h - values as sums of products of tensors -*- C++ -*-===//
//
// What a value computes as an einsum: terms that are products of tensors whose
// dims have labels, summed over all labels that the value itself has not. Products
// in any order, layouts, prefix sums and triangular masks read the same. Makes no IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_SUMSOFPRODUCTS_H
#define TRANSOM_LIB_TRANSFORMS_SUMSOFPRODUCTS_H

#include "GraphMatch.h"

namespace transom::match {

/// One number a dim; `kNoLabel` for dims of size 1, along which nothing is summed.
using Labels = llvm::SmallVector<int, 5>;
constexpr int kNoLabel = -1;

struct Factor {
  mlir::Value value;
  Labels labels;
  bool has(int label) const { return label != kNoLabel && llvm::is_contained(labels, label); }
};

struct Term {
  llvm::SmallVector<Factor, 4> factors;
  /// (a, b): only where the position along a is not above that along b.
  llvm::SmallVector<std::pair<int, int>, 1> upTo;
};

struct SumOfProducts {
  llvm::SmallVector<Term, 2> terms;
  double offset = 0; ///< a number that is added
};

/// Labels of an operand that numpy broadcasts to dims with `labels`.
Labels broadcastLabels(mlir::Value operand, llvm::ArrayRef<int> labels);

/// The value under views of single dims, with the labels that are its own.
Factor throughViews(mlir::Value value, Labels labels);

class SumReader {
public:
  int fresh() { return next++; }
  /// Labels of their own for the dims of `value` that are not 1.
  Labels labelsFor(mlir::Value value);
  /// `value`, whose dims have these labels; nullopt where it has too many terms.
  std::optional<SumOfProducts> read(mlir::Value value, const Labels &labels, int depth = 24);

private:
  SumOfProducts whole(mlir::Value value, const Labels &labels);
  std::optional<SumOfProducts> product(mlir::Value a, const Labels &aLabels, mlir::Value b, const Labels &bLabels,
                                       int depth);
  std::optional<SumOfProducts> masked(mlir::Value value, const Labels &labels, std::pair<int, int> upTo, int depth);

  int next = 0;
};

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_SUMSOFPRODUCTS_H
