//===- Passes.h - raising and optimising the transformer dialect -*- C++ -*-===//
//
// The passes of the stages `raise` and `optimise`. They expect what import
// guarantees (docs/architecture.md) and keep it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TRANSFORMS_PASSES_H
#define TRANSOM_TRANSFORMS_PASSES_H

#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace transom {

#define GEN_PASS_DECL
#include "transom/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "transom/Transforms/Passes.h.inc"

/// Which model-layer ops the stage `raise` looks for.
struct RaiseOptions {
  bool norms = true;
  bool activations = true;
  bool rotary = true;
  bool attention = true;
  bool gatedMLP = true;
  bool linear = true;
  bool remarks = false; ///< what stays in pieces, and why: "KIND stays in pieces: REASON"
};

/// What stands between the kind and the reason in a remark on something that was nearly fused.
constexpr llvm::StringLiteral nearMissMark = " stays in pieces: ";

/// Tensor layer to model layer. Afterwards norms, activations, rotary positions,
/// attention, gated units and products with weights are single ops, as far as they are
/// recognised; what is not stays in the tensor layer.
void buildRaisePipeline(mlir::OpPassManager &pm, const RaiseOptions &options);

/// Registers the pipelines by their stages' names (`--raise`).
void registerTransformsPipelines();

} // namespace transom

#endif // TRANSOM_TRANSFORMS_PASSES_H
