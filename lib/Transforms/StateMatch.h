//===- StateMatch.h - which inputs are states -------------------*- C++ -*-===//
//
// An input is a state when an output is the same thing a run later: the input
// with rows appended or written, or of the same type and the input combined with
// something element by element. A window of static size, and one written by
// computed indices, are made anew by each run. In a model with such states, what
// attention takes as keys or values directly from an input is one that runs leave
// alone.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_STATEMATCH_H
#define TRANSOM_LIB_TRANSFORMS_STATEMATCH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace transom::match {

struct State {
  enum Kind { Grown, Written, Replaced, Kept } kind;
  unsigned argument;
  int64_t result = -1; ///< of the entry function; -1: none
  int64_t axis = -1;   ///< along which it grows
  int64_t window = 0;  ///< the most rows that are left of it for the next run; 0: all
};

/// The states of an entry function of the model layer. Says of what nearly is one why it is none.
std::vector<State> findStates(mlir::func::FuncOp entry);

/// The op that appends rows to a state whose next value is `value`: below what leaves a window of them.
mlir::Operation *appendOf(mlir::Value value);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_STATEMATCH_H
