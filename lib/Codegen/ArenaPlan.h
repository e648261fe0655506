//===- ArenaPlan.h - which values share memory ------------------*- C++ -*-===//
//
// Values whose lives do not overlap share a slot of the arena. A slot is as
// large as the largest of its values for the sizes at hand.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_ARENAPLAN_H
#define TRANSOM_LIB_CODEGEN_ARENAPLAN_H

#include "Transformer/Analysis/TensorDims.h"

namespace transom {

/// One value in memory: [begin, end] in program order, and how large.
struct ArenaValue {
  mlir::Value value;
  int64_t begin, end;
  transformer::Dims dims;
  int64_t elementBits;
};

struct ArenaPlan {
  llvm::DenseMap<mlir::Value, unsigned> slotOf;
  std::vector<std::vector<const ArenaValue *>> slots; ///< their values
};

/// `values` are in the order of their begins. Sizes are compared by what they
/// are for a typical length of each dynamic dim.
ArenaPlan planArena(llvm::ArrayRef<ArenaValue> values);

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_ARENAPLAN_H
