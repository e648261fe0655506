//===- Warpgroups.h - wgmma on slices in shared memory ----------*- C++ -*-===//
//
// Groups of four warps multiply 64 rows by as many as 256 columns, the right
// operand straight from shared memory, the left one from there or from registers.
// In shared memory operands lie in lines of 128 bytes, whose pieces of 16 bytes
// change places within groups of eight lines (swizzle): of operands that run along
// the depth a line is a row or column, 64 deep; of others a line is a depth, of 64
// columns. Blocks of such lines follow each other along the other dim.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPS_H
#define TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPS_H

#include "DeviceKernel.h"

namespace transom::nvptx {

constexpr int64_t warpgroupDepth = 64; ///< of a slice
constexpr int64_t warpgroupLine = 64;  ///< elements of 128 bytes
/// How deep one multiplication is.
constexpr int64_t warpgroupStep = 16;

/// An operand in shared memory.
struct SwizzledTile {
  Value room;
  Type element;
  Value offset;  ///< of its first line, in elements
  int64_t lines; ///< of a block
  bool alongDepth;
  /// Where element (number, within) of the tile is, in elements: `within` runs along lines, over all blocks.
  Value place(DeviceKernel &kb, Value number, Value within) const;
};
/// Where an element of a block's lines is.
Value swizzled(DeviceKernel &kb, Value number, Value within);

/// sums += left right. `left` and `right` are where the group's slices begin in `room`, in elements; `sums` is a struct
/// of columns / 2 f32, of which a warp has 16 rows, in the layout of mma.m16n8 side by side. All four warps take part,
/// and the sums are there when it returns.
Value multiplySlices(DeviceKernel &kb, Type element, Value room, Value left, Value right, bool rightAlongDepth,
                     int64_t columns, Value sums);

/// What is summed up before the first slice.
Value noSums(DeviceKernel &kb, int64_t columns);
Value packSums(DeviceKernel &kb, ArrayRef<Value> sums);
SmallVector<Value> unpackSums(DeviceKernel &kb, Value sums);

//===-- Multiplications that are not waited for ----------------------------===//

/// What threads have put into registers is from now on to be read by multiplications.
void beginMultiplications(DeviceKernel &kb);
/// Starts sums += left right, of a step from `depth` on; the first without sums gives the product alone. Of `left` it
/// takes 64 lines, or four registers of each lane, as mma.m16n8k16 has them.
Value startMultiplication(DeviceKernel &kb, const SwizzledTile &left, const SwizzledTile &right, int64_t depth,
                          int64_t columns, Value sums);
Value startMultiplication(DeviceKernel &kb, ArrayRef<Value> left, const SwizzledTile &right, int64_t depth, Value sums);
/// Those that were started become one group.
void commitMultiplications(DeviceKernel &kb);
/// Waits until at most `pending` groups are under way; gives `sums`, which are there then.
Value waitForMultiplications(DeviceKernel &kb, int64_t pending, Value sums);

//===-- From sums to elements ----------------------------------------------===//

/// Bytes of shared memory that a warp needs for `forSums`.
constexpr int64_t sumsRoom = 16 * 36 * 4;
/// Calls `body` for the sums of this warp, its 16 rows below each other, so that lanes side by side have columns side
/// by side. `room` has `sumsRoom` for each warp.
void forSums(DeviceKernel &kb, Value room, ArrayRef<Value> sums,
             llvm::function_ref<void(Value row, Value column, Value sum)> body);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPS_H
