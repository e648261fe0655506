//===- DenseExpertMatch.h - all experts on all tokens -----------*- C++ -*-===//
//
// A mixture as a sum over experts of what each gives for every token, times what
// it counts for it: zero for those that a token did not choose. Read through
// whatever layouts products of all experts at once were written in; makes no IR
// but sizes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_DENSEEXPERTMATCH_H
#define TRANSOM_LIB_TRANSFORMS_DENSEEXPERTMATCH_H

#include "ExpertMatch.h"
#include "Transformer/Analysis/TensorDims.h"

namespace transom::match {

struct DenseMixture {
  transom::transformer::ReduceOp sum;
  mlir::Value tokens;          ///< [..., features]
  mlir::Value experts, shares; ///< [..., k], leading dims as the tokens'
  /// Of the network, `weight.value` and `bias.value` are those of all experts, [experts, ...].
  ExpertNetwork network;
};

/// `refuse` is told of a sum over experts that goes on otherwise.
mlir::FailureOr<DenseMixture> readDenseMixture(transom::transformer::ReduceOp sum,
                                               transom::transformer::TensorDims &dims, Refusal refuse);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_DENSEEXPERTMATCH_H
