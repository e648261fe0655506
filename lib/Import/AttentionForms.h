//===- AttentionForms.h - pieces of attention operators ---------*- C++ -*-===//
#ifndef TRANSOM_LIB_IMPORT_ATTENTIONFORMS_H
#define TRANSOM_LIB_IMPORT_ATTENTIONFORMS_H

#include "Importer.h"

namespace transom {

/// [B, S, heads*D] to [B, heads, S, D]; failure when the width is no multiple.
mlir::FailureOr<Value> splitHeads(NodeImport &node, Value x, int64_t heads);
/// [B, heads, S, D] to [B, S, heads*D].
Value mergeHeads(NodeImport &node, Value x);

struct AttentionParts {
  Value query, key, value; ///< [B, heads, S, D]
  Value bias, mask, keyLengths, slopes, sinks;
  float scale = 0; ///< 0: 1/sqrt(D)
  tf::CausalKind causal = tf::CausalKind::none;
  float softcap = 0;
  int64_t windowLeft = -1, windowRight = -1;
};
mlir::FailureOr<Value> makeAttention(NodeImport &node, const AttentionParts &parts);

/// x [B, heads, S, D] rotated by rows `positions` [B, S] (or [1, S]) of tables
/// [max, rotary/2]; without positions the tables are [B, S, rotary/2].
Value rotate(NodeImport &node, Value x, Value cos, Value sin, Value positions, int64_t rotaryDim, bool interleaved);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_ATTENTIONFORMS_H
