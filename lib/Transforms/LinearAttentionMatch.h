//===- LinearAttentionMatch.h - quotients of sums over features -*- C++ -*-===//
//
// Reads a linear attention out of a quotient: features of the queries, features
// of the keys, values and a state, each with labels for its dims.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_LINEARATTENTIONMATCH_H
#define TRANSOM_LIB_TRANSFORMS_LINEARATTENTIONMATCH_H

#include "SumsOfProducts.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace transom::match {

/// Under views, casts and what repeats values.
mlir::Value stripViews(mlir::Value value);

/// A feature map: positive, elementwise but for stabilisers, of exp or relu; masked or scaled.
bool isFeatureMap(mlir::Value value, int depth = 16);

struct Quotient {
  mlir::Operation *op;
  mlir::Value numerator, denominator;
};

/// The quotients of a function: a / b, and a times the reciprocal of b.
llvm::SmallVector<Quotient> quotients(mlir::func::FuncOp function);

/// The sum in which what `op` gives is mixed with an attention, each times a gate; null where there is none.
mlir::Operation *matchGate(mlir::Operation *op);

/// A sum that adds what the keys give to a state, and what its dims are.
struct StateUpdate {
  mlir::Operation *op;
  Labels labels;
};

struct LinearAttentionMatch {
  mlir::Operation *quotient;
  Labels result; ///< of the quotient's dims
  transom::transformer::LinearReads reads = transom::transformer::LinearReads::all;
  Factor query, key, value, state, sums; ///< the last two may have no value
  llvm::SmallVector<int, 2> leading;     ///< batch and heads, in the result's order
  int row = kNoLabel, keyRow = kNoLabel, feature = kNoLabel, column = kNoLabel;
  double epsilon = 0;
  bool delta = false;
  bool bounded = false; ///< the denominator is kept above a number, which the op's is not
  llvm::SmallVector<StateUpdate, 1> stateUpdates, sumUpdates;
};

/// `refuse` is told of a quotient over features that is none.
mlir::FailureOr<LinearAttentionMatch> matchLinearAttention(const Quotient &quotient, Refusal refuse);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_LINEARATTENTIONMATCH_H
