//===- DispatchMatch.h - experts with a capacity ----------------*- C++ -*-===//
//
// A mixture as two products with one-hot tensors [tokens, experts, slots] (Shazeer
// et al., 2018; Lepikhin et al., 2020; Fedus et al., 2022): one puts tokens to the
// slots of their experts, the other weighs what experts give and takes it back.
// Tokens get slots in their order, so no two share one, and those beyond the last
// slot get none: what an expert gives for them counts nothing. Makes no IR but sizes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_DISPATCHMATCH_H
#define TRANSOM_LIB_TRANSFORMS_DISPATCHMATCH_H

#include "SlotMatch.h"

namespace transom::match {

/// Tokens, the experts that they chose and what these count for them.
struct Dispatched {
  mlir::Value tokens; ///< [..., features]
  mlir::Value experts;
  llvm::SmallVector<PerExpert, 4> factors; ///< what an expert counts for a token that chose it is their product
  /// The slot of a token that chose an expert, and how many slots there are, where the factors do not say whether there
  /// is such a slot.
  std::optional<PerExpert> slot;
  transom::transformer::Dim slots;
};

struct DispatchMixture {
  Dispatched dispatched;
  ExpertNetwork network;
};

/// The mixture whose weighed sum `root` is, a product or a sum over the experts of one.
mlir::FailureOr<DispatchMixture> readDispatchMixture(mlir::Operation *root, transom::transformer::TensorDims &dims,
                                                     Refusal refuse);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_DISPATCHMATCH_H
