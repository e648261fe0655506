//===- TensorCores.h - the instructions of tensor cores ---------*- C++ -*-===//
//
// Fragments of 16-bit matrices in the registers of a warp, as PTX lays them out:
// of mma.m16n8k16, lane l has of a result the elements (l / 4, 2 (l % 4)), the
// one after it, and the same two 8 rows down.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_TENSORCORES_H
#define TRANSOM_LIB_CODEGEN_NVPTX_TENSORCORES_H

#include "DeviceKernel.h"

namespace transom::nvptx {

/// A tile of 16-bit elements in shared memory, stored along one of its dims.
struct SharedTile {
  Value pointer;
  Value offset;    ///< of the tile, in elements
  int64_t stride;  ///< from one line to the next, in elements
  bool alongDepth; ///< lines run along the depth, not along rows or columns
};

/// Four registers that hold a 16 x 16 piece of a left operand, from (row, depth).
SmallVector<Value> loadLeft(DeviceKernel &kb, const SharedTile &tile, Value row, Value depth);
/// Twice two registers: 16 columns of a right operand, 16 deep.
SmallVector<Value> loadRight(DeviceKernel &kb, const SharedTile &tile, Value column, Value depth);
/// sums += left right, for 16 rows and 8 columns; four sums a lane.
void multiplyFragments(DeviceKernel &kb, ArrayRef<Value> left, ArrayRef<Value> right, llvm::MutableArrayRef<Value> sums,
                       Type element);
/// 16 bytes from global to shared memory, not waited for; zeros unless `valid`.
void copyAsync(DeviceKernel &kb, Value to, Value from, Value valid);
void commitCopies(DeviceKernel &kb);
/// Waits until at most `pending` groups of copies are under way.
void waitForCopies(DeviceKernel &kb, int64_t pending);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_TENSORCORES_H
