//===- NewWeights.h - constants that passes make ----------------*- C++ -*-===//
//
// Weights that a pass writes anew lie in memory that the context owns, under the
// name of what they were made of.
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

} // namespace transom

#endif // TRANSOM_LIB_TRANSFORMS_NEWWEIGHTS_H
