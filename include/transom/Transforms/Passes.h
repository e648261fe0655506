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

} // namespace transom

#endif // TRANSOM_TRANSFORMS_PASSES_H
