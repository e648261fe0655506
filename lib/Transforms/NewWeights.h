//===- NewWeights.h - constants that passes make ----------------*- C++ -*-===//
//
// Weights that a pass writes anew lie in memory that the context owns, under the
// name of what they were made of; parts of weights lie where these do.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_NEWWEIGHTS_H
#define TRANSOM_LIB_TRANSFORMS_NEWWEIGHTS_H

#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace transom {

/// The constant in `blob`, named as the weight that `like` is computed from (through first operands), with `suffix`.
mlir::DenseResourceElementsAttr newWeight(mlir::Value like, mlir::RankedTensorType type, llvm::StringRef suffix,
                                          mlir::AsmResourceBlob blob);

/// What stands at `index` of the first dim of a weight, in the memory of the whole; null for constants that are no
/// weights, or whose elements share bytes.
mlir::ElementsAttr partOfWeight(mlir::ElementsAttr whole, int64_t index);

} // namespace transom

#endif // TRANSOM_LIB_TRANSFORMS_NEWWEIGHTS_H
