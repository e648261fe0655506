//===- ModelNodes.h - the ONNX nodes that a location speaks of --*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_MODELNODES_H
#define TRANSOM_LIB_DRIVER_MODELNODES_H

#include "mlir/IR/Location.h"
#include "transom/Driver/Report.h"

namespace transom {

/// In the order of the location, each once.
std::vector<ModelNode> nodesOf(mlir::Location loc);

/// "node 'x' (Op)", "'x'" for a value, or "".
std::string placeOf(mlir::Location loc);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_MODELNODES_H
