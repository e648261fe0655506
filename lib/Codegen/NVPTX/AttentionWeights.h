//===- AttentionWeights.h - from scores to weights of rows ------*- C++ -*-===//
//
// What a warp knows of the rows of an attention that it holds, and how scores of a
// tile of keys become weights (online softmax). Scores are results of products by
// tensor cores: of 16 rows and 8 keys a lane has those of keys 2 (l % 4) and the
// next of rows l / 4 and 8 more.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONWEIGHTS_H
#define TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONWEIGHTS_H

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

class AttentionWeights {
public:
  /// `columns`: of values, a multiple of 8.
  AttentionWeights(DeviceKernel &kb, transformer::AttentionOp op, cpu::AttentionScores &scores, AttentionShape shape,
                   int64_t columns);

  /// The type in which keys, values and queries are multiplied.
  static Type multipliedAs(transformer::AttentionOp op);
  /// Whether rows of `width` elements of heads can be read in pieces of 16 bytes, as numbers of that type.
  static bool liesInPieces(const Place &place, Type element, Value width);

  /// The rows of a block: which head and query each is.
  struct Rows {
    Value batch, keyHead;
    Value first, count; ///< of the rows that this key head has
    std::function<std::pair<Value, Value>(Value row)> headAndQuery;
    Value firstQuery, lastQuery; ///< among them
  };

  /// exp(x) where x is the difference of two maxima.
  Value weightOf(Value difference);
  /// What a maximum is taken to be in such differences: 0 where all keys are removed.
  Value baseOf(Value most);

  const AttentionShape shape;

protected:
  /// What a thread knows of its rows after some keys: of each block of 16 rows, of the upper and of the lower one.
  struct State {
    SmallVector<Value> sums; ///< row block by row block, then 8 columns by 8, four each
    SmallVector<Value> most, total;
  };
  SmallVector<Value> flat(const State &state) const;
  State stateOf(ValueRange values) const;

  /// The row of the block that is a thread's.
  Value rowOf(int64_t rowBlock, int64_t half);
  /// Before the first key of `rows`, which are those at hand from then on.
  State begin(const Rows &rows, bool withSinks);
  /// Products of queries with a tile's keys become weights; gives for each row what its sums are to be multiplied with,
  /// so that they are of the new maximum.
  SmallVector<Value> weigh(const Rows &rows, Value first, Value to, SmallVector<Value> &scoresOfTile, State &state);
  void scaleSums(ArrayRef<Value> factors, State &state);
  /// The lanes of a row add up what each has of its weights.
  void addTotals(State &state);

  DeviceKernel &kb;
  mlir::ImplicitLocOpBuilder &b;
  transformer::AttentionOp op;
  cpu::AttentionScores &scores;
  Type element, f32;
  int64_t columns;
  Value warpDown, warpAcross, quadRow, quadColumn;

private:
  SmallVector<Value> full(const Rows &rows, Value first, Value to, ArrayRef<Value> products, bool all);

  /// Scores are not scaled before they are compared: the scale is part of the exponent.
  bool isPlain;
  double exponent;                                      ///< weights are 2 ^ (exponent * difference of scores)
  SmallVector<std::pair<Value, Value>> headsAndQueries; ///< of the thread's rows
};

} // namespace transom::nvptx

#endif // TRANSOM_LIB_CODEGEN_NVPTX_ATTENTIONWEIGHTS_H
