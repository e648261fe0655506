//===- TensorCores.h - the instructions of tensor cores ---------*- C++ -*-===//
//
// Fragments of matrices in the registers of a warp, as PTX lays them out: of a
// result, 16 x 8, lane l has the elements (l / 4, 2 (l % 4)), the one after it,
// and the same two 8 rows down.
//
// 16-bit elements are multiplied 16 deep (mma.m16n8k16), f32 8 deep as TF32
// (mma.m16n8k8), which has 11 bits of each number: either once, or, as precise as
// f32, three times with what the first 11 bits leave (3xTF32).
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_TENSORCORES_H
#define TRANSOM_LIB_CODEGEN_NVPTX_TENSORCORES_H

#include "DeviceKernel.h"

namespace transom::nvptx {

/// Elements that make 16 bytes.
inline int64_t pieceOf(Type element) { return 128 / element.getIntOrFloatBitWidth(); }
/// How deep one multiplication of fragments is.
inline int64_t stepOf(Type element) { return 2 * pieceOf(element); }
/// Whether tensor cores multiply such elements.
inline bool isForTensorCores(Type element) {
  return element && (element.isF16() || element.isBF16() || element.isF32());
}

/// A tile in shared memory, stored along one of its dims.
struct SharedTile {
  Value pointer;
  Type element;
  Value offset;    ///< of the tile, in elements
  int64_t stride;  ///< from one line to the next, in elements
  bool alongDepth; ///< lines run along the depth, not along rows or columns
};

/// Which of the depths 0..7 of f32 a lane's first register has, and which its second: l % 4 and 4 more, or two
/// neighbours, as a result's columns are.
enum class DepthOrder { Natural, Paired };

/// How many elements a line of `length` takes in shared memory, so that what a warp reads at
/// a time lies in different banks.
int64_t strideOf(int64_t bytesOfElement, int64_t length, bool alongDepth, DepthOrder order = DepthOrder::Natural);
inline int64_t strideOf(Type element, int64_t length, bool alongDepth, DepthOrder order = DepthOrder::Natural) {
  return strideOf(element.getIntOrFloatBitWidth() / 8, length, alongDepth, order);
}

/// Registers of one operand, and of f32 what their first 11 bits leave.
struct Fragment {
  SmallVector<Value> high, low;
  Fragment slice(size_t first, size_t count) const {
    return {SmallVector<Value>(ArrayRef<Value>(high).slice(first, count)),
            low.empty() ? SmallVector<Value>() : SmallVector<Value>(ArrayRef<Value>(low).slice(first, count))};
  }
};

/// Four registers that hold 16 rows of a left operand, a step deep, from (row, depth).
Fragment loadLeft(DeviceKernel &kb, const SharedTile &tile, Value row, Value depth);
/// Twice two registers: 16 columns of a right operand, a step deep.
Fragment loadRight(DeviceKernel &kb, const SharedTile &tile, Value column, Value depth,
                   DepthOrder order = DepthOrder::Natural);
/// A left operand's fragment of results: of 16 x 16 for 16-bit elements, of 16 x 8 for f32, whose depths are Paired.
Fragment leftOfResults(DeviceKernel &kb, ArrayRef<Value> results, Type element);
/// sums += left right, for 16 rows and 8 columns; four sums a lane.
void multiplyFragments(DeviceKernel &kb, const Fragment &left, const Fragment &right, llvm::MutableArrayRef<Value> sums,
                       Type element);
/// 16 bytes from global to shared memory, not waited for; zeros unless `valid`.
void copyAsync(DeviceKernel &kb, Value to, Value from, Value valid);
void commitCopies(DeviceKernel &kb);
/// Waits until at most `pending` groups of copies are under way.
void waitForCopies(DeviceKernel &kb, int64_t pending);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_TENSORCORES_H
