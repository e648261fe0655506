//===- Layout.h - sizes and strides of tensors ----------------------------===//
//
// Byte counts with overflow checks, and copies between a strided tensor and a
// dense row-major one. Strides count elements.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_LAYOUT_H
#define TRANSOM_RUNTIME_LAYOUT_H

#include "transom/transom.h"

namespace transom::runtime {

/// Bytes of a dense tensor; false if a dim is negative or the size overflows.
bool denseBytes(int32_t type, int32_t rank, const int64_t *dims, int64_t &bytes);

/// The strides of a dense row-major tensor.
void denseStrides(int32_t rank, const int64_t *dims, int64_t *strides);

/// True if the strides (null counts) are those of a dense row-major tensor.
bool isDense(int32_t rank, const int64_t *dims, const int64_t *strides);

/// How many bytes before and after its pointer a tensor touches, which is of
/// `bytes` when dense; false on overflow. Elements are whole bytes or dense.
bool extent(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, int64_t bytes, int64_t &before,
            int64_t &after);

/// True if each (positive) stride steps over all that the smaller ones reach,
/// so that no two elements lie in one place. For strides that passed extent().
bool areApart(int32_t rank, const int64_t *dims, const int64_t *strides);

/// True if the address suits a load of one element.
bool isAligned(const void *data, int32_t type);

/// Copies a tensor of whole-byte elements from strided to dense memory or back.
void gather(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, const void *strided, void *dense);
void scatter(int32_t type, int32_t rank, const int64_t *dims, const int64_t *strides, const void *dense, void *strided);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_LAYOUT_H
