//===- MaskedExpertMatch.h - experts whose rows a mask picks ----*- C++ -*-===//
//
// A mixture as PyTorch's assignments under masks: for each expert, rows where a mask
// over tokens and experts says so are put to what the expert gives for them, as
// Switch Transformers are written in transformers. The mask is who chose whom, as
// long as the expert has room. Makes no IR but sizes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_MASKEDEXPERTMATCH_H
#define TRANSOM_LIB_TRANSFORMS_MASKEDEXPERTMATCH_H

#include "DispatchMatch.h"

namespace transom::match {

/// What one expert puts to its rows.
struct MaskedPart {
  transom::transformer::ScatterNDOp put;
  int64_t expert = 0;
  mlir::Value mask, tokens;                       ///< [..., experts] and [..., features]
  transom::transformer::NonZeroOp elements, rows; ///< of the result that are put, of tokens that are taken
  ExpertNetwork network;
};

struct MaskedMixture {
  Dispatched dispatched;
  std::vector<MaskedPart> parts; ///< one for each expert, in order
};

/// The mixture whose last assignment `root` is.
mlir::FailureOr<MaskedMixture> readMaskedMixture(transom::transformer::ScatterNDOp root,
                                                 transom::transformer::TensorDims &dims, Refusal refuse);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_MASKEDEXPERTMATCH_H
