//===- AttentionScores.h - which keys a query sees, and how well -*- C++ -*-===//
//
// What every way of writing attention shares: the terms that make a score of a
// product, the keys that a block of queries can see, and what a row starts from.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_ATTENTIONSCORES_H
#define TRANSOM_LIB_CODEGEN_CPU_ATTENTIONSCORES_H

#include "KernelBuilder.h"

namespace transom::cpu {

class AttentionScores {
public:
  AttentionScores(KernelBuilder &kb, transformer::AttentionOp op);

  /// The score of a key in full, from its scaled product with the query: cap,
  /// bias, slope; -inf where it is not seen. `at` is (batch, head, query, key).
  Value score(Value raw, ArrayRef<Value> at);
  /// The score where it is known that the key is seen.
  Value seenScore(Value raw, ArrayRef<Value> at);
  /// Whether queries [first, last] of a batch see all of the keys [from, to), which `visible` says are there: then
  /// `seenScore` is `score`. False where that is not known before the keys are looked at.
  Value seeAll(Value batch, Value first, Value last, Value from, Value to);
  /// [from, to) of the keys that queries [first, last] of a batch can see; `from`
  /// is a multiple of `step`.
  std::pair<Value, Value> visible(Value batch, Value first, Value last, int64_t step);

  /// `visible` without the keys at both ends that a mask of padding removes from every query of the batch: one that
  /// does not depend on the query.
  std::pair<Value, Value> visibleWithoutPadding(Value batch, Value head, Value first, Value last, int64_t step);

  Value keyBatch(Value batch) { return ofBatch(op.getKey(), batch); }
  Value valueBatch(Value batch) { return ofBatch(op.getValue(), batch); }
  /// What a row's maximum and sum are before its first key.
  Value initialMaximum(Value head);
  Value initialSum() { return kb.f32(op.getSinks() ? 1 : 0); }
  /// Sums of a row that saw no key are 0.
  Value normalised(Value sum, Value total);

  SmallVector<Value> query, key, value; ///< dims
  Value group;                          ///< queries' heads a key's

protected:
  KernelBuilder &kb;
  mlir::ImplicitLocOpBuilder &b;
  transformer::AttentionOp op;

private:
  Value ofBatch(Value tensor, Value batch);
  /// Whether a mask or bias has one row for all queries.
  bool hasOneRow(Value tensor);
  /// The key that the first query is aligned with.
  Value offset(Value batch);

  Dims scoreShape;
};

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_ATTENTIONSCORES_H
