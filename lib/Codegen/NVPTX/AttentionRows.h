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

#include "../CPU/AttentionScores.h"
#include "TensorCores.h"

namespace transom::nvptx {

/// How a block shares its work out.
struct AttentionShape {
  int64_t warpsDown, warpsAcross; ///< along rows, along keys
  int64_t rowBlocks;              ///< of 16 rows, a warp
  int64_t keys;                   ///< of a tile
  int64_t rows() const { return warpsDown * rowBlocks * 16; }
  int64_t threads() const { return warpsDown * warpsAcross * 32; }
  int64_t keysOfWarp() const { return keys / warpsAcross; }
  static AttentionShape of(const Tile &tile) {
    return {tile.warpsDown, tile.warpsAcross, tile.rows / tile.warpsDown / 16, tile.columns};
  }
};

class AttentionRows {
public:
  /// Sets the block's threads and takes its shared memory.
  AttentionRows(DeviceKernel &kb, transformer::AttentionOp op, cpu::AttentionScores &scores, AttentionShape shape,
                int64_t depth, int64_t columns);

  /// Bytes of shared memory; for choosing a shape.
  static int64_t bytes(int64_t bytesOfElement, AttentionShape shape, int64_t depth, int64_t columns);
  /// The type in which keys, values and queries are multiplied.
  static Type multipliedAs(transformer::AttentionOp op);

  /// The rows of a block: which head and query each is.
  struct Rows {
    Value batch, keyHead;
    Value first, count; ///< of the rows that this key head has
    std::function<std::pair<Value, Value>(Value row)> headAndQuery;
    Value firstQuery, lastQuery; ///< among them
  };
  /// Passes over keys [from, to). Afterwards each row's maximum, sum of weights and sums of values are known to `row`
  /// of `forResults`.
  void pass(const Rows &rows, Value from, Value to, bool withSinks);

  /// For each row and column of the block that there is; `most` and `total` as `pass` found them, the same for all
  /// columns of a row. All threads of the block take part.
  void forResults(const Rows &rows,
                  llvm::function_ref<void(Value row, Value column, Value most, Value total, Value sum)> body);

  /// exp(x) where x is the difference of two maxima, as they are given to `forResults`.
  Value weightOf(Value difference);
  /// What a maximum is taken to be in such differences: 0 where all keys are removed.
  Value baseOf(Value most);

  const AttentionShape shape;

private:
  /// What a thread knows of its rows after some keys: of each block of 16 rows, of the upper and of the lower one.
  struct State {
    SmallVector<Value> sums; ///< row block by row block, then 8 columns by 8, four each
    SmallVector<Value> most, total;
  };
  SmallVector<Value> flat(const State &state) const;
  State stateOf(ValueRange values) const;

  Value rowOf(int64_t rowBlock, int64_t half);
  void storeQueries(const Rows &rows);
  void bring(bool isKey, Value batch, Value head, Value first, Value end);
  SmallVector<Value> multiplyKeys();
  void weigh(const Rows &rows, Value first, Value to, SmallVector<Value> &scoresOfTile, State &state);
  SmallVector<Value> full(const Rows &rows, Value first, Value to, ArrayRef<Value> products, bool all);
  void addValues(ArrayRef<Value> weights, State &state);
  void join(State &state);

  DeviceKernel &kb;
  mlir::ImplicitLocOpBuilder &b;
  transformer::AttentionOp op;
  cpu::AttentionScores &scores;
  Type element, f32;
  int64_t depth, columns;
  /// Scores are not scaled before they are compared: the scale is part of the exponent.
  bool isPlain;
  double exponent; ///< weights are 2 ^ (exponent * difference of scores)
  SharedTile queries, keyTile, valueTile;
  Value room, stats, results; ///< f32: what follows the pass
  Value warpDown, warpAcross, quadRow, quadColumn;
  SmallVector<std::pair<Value, Value>> headsAndQueries; ///< of the thread's rows
};

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONROWS_H
