//===- Warpgroups.h - wgmma on slices in shared memory ----------*- C++ -*-===//
//
// Groups of four warps multiply 64 rows by as many as 256 columns straight from
// shared memory. There a slice, 64 deep, lies in lines of 128 bytes, whose pieces
// of 16 bytes change places within groups of eight lines (swizzle): of operands
// that run along the depth a line is a row or column; of others a line is a depth,
// of 64 columns, and blocks of 64 columns follow each other.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPS_H
#define TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPS_H

#include "DeviceKernel.h"

namespace transom::nvptx {

constexpr int64_t warpgroupDepth = 64; ///< of a slice
constexpr int64_t warpgroupLine = 64;  ///< elements of 128 bytes

/// sums += left right. `left` and `right` are where the group's slices begin in `room`, in elements; `sums` is a struct
/// of columns / 2 f32, of which a warp has 16 rows, in the layout of mma.m16n8 side by side. All four warps take part,
/// and the sums are there when it returns.
Value multiplySlices(DeviceKernel &kb, Type element, Value room, Value left, Value right, bool rightAlongDepth,
                     int64_t columns, Value sums);

/// What is summed up before the first slice.
Value noSums(DeviceKernel &kb, int64_t columns);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPS_H
