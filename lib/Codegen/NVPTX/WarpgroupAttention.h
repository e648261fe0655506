//===- WarpgroupAttention.h - attention of many queries by wgmma -*- C++ -*-===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPATTENTION_H
#define TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPATTENTION_H

#include "AttentionWeights.h"

namespace transom::nvptx {

/// Whether keys and values lie in memory as groups of warps multiply them: in pieces of 16 bytes, of 16 bits each
/// number.
bool canUseWarpgroups(DeviceKernel &kb, transformer::AttentionOp op, cpu::AttentionScores &scores);

/// Bytes of shared memory; for choosing a tile. `depth` and `columns` are of a head's keys and values.
int64_t warpgroupAttentionBytes(const Tile &tile, int64_t depth, int64_t columns);

/// All tiles of rows of all heads. `finish` gets each element of the result.
void writeWarpgroupAttention(DeviceKernel &kb, transformer::AttentionOp op, cpu::AttentionScores &scores,
                             const Tile &tile, int64_t depth, int64_t columns,
                             llvm::function_ref<void(ArrayRef<Value> at, Value value)> finish);

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_WARPGROUPATTENTION_H
