//===- TileProduct.h - register tiles of matrix products --------*- C++ -*-===//
//
// C = A B for a few rows of A (row-major f32) and a few vectors of columns of B
// (rows of contiguous columns, as in packed panels), with C in registers through
// the loop over K. Goto and van de Geijn, 2008.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_TILEPRODUCT_H
#define TRANSOM_LIB_CODEGEN_CPU_TILEPRODUCT_H

#include "KernelBuilder.h"

namespace transom::cpu {

struct TileOperands {
  Value a, aOffset, aStride; ///< first element; elements between rows
  Value b, bOffset, bStride; ///< first element; elements between rows
  Type bElement;             ///< f32, f16 or bf16
  /// Where B's columns are of several panels: how many vectors are of each, and the elements between panels.
  int64_t panelVectors = 0;
  Value panelStride;
  Value depth;               ///< K
  Value c, cOffset, cStride; ///< what is added to, or null for zeros
  /// What to ask memory for, where B comes from there: an element of a buffer of B's
  /// type for the first row of B, and how much further for each one after it.
  Value aheadBuffer, ahead, aheadStep;
};

/// Asks memory for `count` elements from `offset` on, of 16 or 32 bits.
void prefetchLines(KernelBuilder &kb, Value pointer, Value offset, Type element, int64_t count);

/// A matrix of f32 in memory.
struct FloatRows {
  Value pointer, offset, stride; ///< elements to its first one, and between rows
};

/// Rows [row, row + rows) of `a` times `vectors` of columns of `b`, into those rows of `to`, or added to what is there.
void multiplyRows(KernelBuilder &kb, Value row, int64_t rows, int64_t vectors, const FloatRows &a, const FloatRows &b,
                  Value depth, const FloatRows &to, bool adds = false);

/// Puts the tile's accumulators, row by row, to memory.
void storeTile(KernelBuilder &kb, ArrayRef<Value> sums, int64_t vectors, Value pointer, Value offset, Value stride);

/// The tile's rows x vectors accumulators, row by row.
SmallVector<Value> writeTileProduct(KernelBuilder &kb, const TileOperands &operands, int64_t rows, int64_t vectors);

/// Calls `tile(firstRow, rows)` for all rows of [from, to): full tiles, and at the end two of about the same size
/// rather than a full one and one of few rows, whose few sums would wait for each other.
void forRowTiles(KernelBuilder &kb, Value from, Value to, llvm::function_ref<void(Value, int64_t)> tile);

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_TILEPRODUCT_H
