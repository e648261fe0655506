//===- States.h - what keeps caches from staying in place -------*- C++ -*-===//
//
// Which inputs are the outputs of the run before, and what of that copies or is
// no state at all, is known once a model is raised, before `keep-states` makes
// the states.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TRANSFORMS_STATES_H
#define TRANSOM_TRANSFORMS_STATES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace transom {

/// Remarks, as on near misses of fusions, on caches of an entry function that are no state of its `step`, or that
/// each run copies.
void explainStates(mlir::func::FuncOp entry);

} // namespace transom

#endif // TRANSOM_TRANSFORMS_STATES_H
