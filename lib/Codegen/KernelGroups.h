//===- KernelGroups.h - which ops run as one kernel -------------*- C++ -*-===//
//
// A group has at most one anchor (a product, norm, reduction, ...), the
// elementwise chain that leads from its result to the group's result, and the
// chains that feed either. Ops that only say where an element comes from
// (transposes, slices, broadcasts) belong to every group that reads them.
// Two projections of the same rows whose results meet element by element (gate
// and up of a GLU) are one product where a target can write it: anchor and partner.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_KERNELGROUPS_H
#define TRANSOM_LIB_CODEGEN_KERNELGROUPS_H

#include "Transformer/Analysis/TensorDims.h"
#include "llvm/ADT/SetVector.h"
#include <list>

namespace transom {

inline mlir::RankedTensorType typeOf(mlir::Value value) { return mlir::cast<mlir::RankedTensorType>(value.getType()); }

/// Attention of fewer queries goes row by row on a CPU and needs no memory for panels.
constexpr int64_t fewestBlockedQueries = 8;
/// Taps of a column that lie beside each other in the panels of integer products.
constexpr int64_t tapsOfGroup = 4;

/// Columns of the values that one thread of a linear attention has the state of.
constexpr int64_t linearAttentionColumns = 64;

/// A weight: a constant, or constants that are joined or rounded when the weights are written.
bool isWeight(mlir::Operation *op);

/// Ops of the host program: sizes, control flow, views and constants.
bool isHostOp(mlir::Operation *op);

/// Result element i follows from the operands' elements at i (broadcast).
bool isPointwise(mlir::Operation *op);

/// Result elements follow from single elements of the operands, found by index
/// arithmetic: everything that is neither an anchor nor a host op.
bool isElementwise(mlir::Operation *op);

/// Anchors whose elements a chain of pointwise ops may go on with in registers.
bool hasEpilogue(mlir::Operation *op);

struct KernelGroup {
  mlir::Operation *root;
  mlir::Operation *anchor = nullptr;
  mlir::Operation *partner = nullptr;     ///< a linear layer as wide as the anchor is, of the same input
  llvm::SetVector<mlir::Operation *> ops; ///< users before producers
  /// Ops whose element i is needed at the anchor's element i.
  llvm::SmallPtrSet<mlir::Operation *, 8> aligned;
};

/// Cuts the ops of one block (not of its regions) into groups; a group's place
/// is its root's. With `pairs` groups may have partners.
std::list<KernelGroup> groupKernels(mlir::Block &block, transformer::TensorDims &dims, bool pairs);

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_KERNELGROUPS_H
