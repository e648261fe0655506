//===- Dialects.h - what the stages' modules are made of --------*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_DIALECTS_H
#define TRANSOM_LIB_DRIVER_DIALECTS_H

#include "mlir/IR/DialectRegistry.h"

namespace transom {

/// Every dialect that a stage may load, with its interfaces and its
/// translation to LLVM IR.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_DIALECTS_H
