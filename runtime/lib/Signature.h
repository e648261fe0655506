//===- Signature.h - what a call hands in against what the model takes ----===//
//
// All checks of a run's arguments, before anything is written. Messages name
// the tensor, the dim and both values.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_SIGNATURE_H
#define TRANSOM_RUNTIME_SIGNATURE_H

#include "Context.h"

namespace transom::runtime {

/// Memory that the CPU reads; pinned memory is.
inline bool isOnHost(const TransomTensor &tensor) {
  return tensor.device_type == 0 || tensor.device_type == 1 || tensor.device_type == 3 || tensor.device_type == 11;
}
inline bool isOnGPU(const TransomTensor &tensor) { return tensor.device_type == 2 || tensor.device_type == 13; }

/// Checks type, rank, dims and memory of the inputs; sets the symbols and the
/// inputs' sizes.
TransomStatus checkInputs(TransomContext &context, const TransomTensor *inputs);

/// Checks the outputs' buffers against context.outputDims; decides for each
/// where it goes. On too small a buffer all outputs get rank and shape.
TransomStatus checkOutputs(TransomContext &context, TransomTensor *outputs);

/// Refuses outputs that overlap an input or each other; picks the free one of
/// an output's own buffers where an input lies in the other.
TransomStatus checkOverlaps(TransomContext &context, const TransomTensor *inputs);

/// Sets up what checkOverlaps keeps between runs.
void initialiseRanges(TransomContext &context);

/// Writes rank, shape and type of all outputs.
void describeOutputs(const TransomContext &context, TransomTensor *outputs);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_SIGNATURE_H
