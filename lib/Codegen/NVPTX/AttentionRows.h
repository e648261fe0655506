//===- AttentionRows.h - rows of attention over tiles of keys ---*- C++ -*-===//
//
// A block of threads holds rows of queries and passes over tiles of keys and
// values in shared memory (Dao, FlashAttention-2, 2023). Both products are made by
// tensor cores; scores and weights never leave registers. While scores are made of
// a tile of keys, its values are on their way, and the next keys while values are
// summed up.
//
// Warps stand one below the other, each with rows of its own, or side by side,
// each with a share of every tile's keys: then what they found is joined.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONROWS_H
#define TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONROWS_H

#include "AttentionWeights.h"

namespace transom::nvptx {

class AttentionRows : public AttentionWeights {
public:
  /// Sets the block's threads and takes its shared memory.
  AttentionRows(DeviceKernel &kb, transformer::AttentionOp op, cpu::AttentionScores &scores, AttentionShape shape,
                int64_t depth, int64_t columns);

  /// Bytes of shared memory; for choosing a shape.
  static int64_t bytes(int64_t bytesOfElement, AttentionShape shape, int64_t depth, int64_t columns);
  /// Passes over keys [from, to). Afterwards each row's maximum, sum of weights and sums of values are known to `row`
  /// of `forResults`.
  void pass(const Rows &rows, Value from, Value to, bool withSinks);

  /// For each row and column of the block that there is; `most` and `total` as `pass` found them, the same for all
  /// columns of a row. All threads of the block take part.
  void forResults(const Rows &rows,
                  llvm::function_ref<void(Value row, Value column, Value most, Value total, Value sum)> body);

private:
  void storeQueries(const Rows &rows);
  void bring(bool isKey, Value batch, Value head, Value first, Value end);
  SmallVector<Value> multiplyKeys();
  void addValues(ArrayRef<Value> weights, State &state);
  void join(State &state);

  int64_t depth;
  SharedTile queries, keyTile, valueTile;
  Value room, stats, results; ///< f32: what follows the pass
};

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONROWS_H
