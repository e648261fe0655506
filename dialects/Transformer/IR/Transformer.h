//===- Transformer.h - the transformer dialect ------------------*- C++ -*-===//
#ifndef TRANSFORMER_IR_TRANSFORMER_H
#define TRANSFORMER_IR_TRANSFORMER_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "Transformer/IR/TransformerDialect.h.inc"
#include "Transformer/IR/TransformerEnums.h.inc"
#define GET_ATTRDEF_CLASSES
#include "Transformer/IR/TransformerAttrs.h.inc"
#define GET_OP_CLASSES
#include "Transformer/IR/TransformerOps.h.inc"

namespace transom::transformer {

/// The numpy broadcast of shapes (dynamic dims as ShapedType::kDynamic);
/// failure when two static dims differ and neither is 1.
mlir::FailureOr<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<llvm::ArrayRef<int64_t>> shapes);

} // namespace transom::transformer

#endif // TRANSFORMER_IR_TRANSFORMER_H
