//===- Passes.h - from the transformer dialect to loops ---------*- C++ -*-===//
#ifndef TRANSOM_CODEGEN_PASSES_H
#define TRANSOM_CODEGEN_PASSES_H

#include "Transformer/IR/Transformer.h"
#include "mlir/Pass/Pass.h"

namespace transom {

#define GEN_PASS_DECL
#include "transom/Codegen/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "transom/Codegen/Passes.h.inc"

} // namespace transom

#endif // TRANSOM_CODEGEN_PASSES_H
