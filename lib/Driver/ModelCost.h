//===- ModelCost.h - what a run computes ------------------------*- C++ -*-===//
//
// Multiplications and additions of matrix products, convolutions and attention
// (with whole score matrices, whatever a kernel skips), as a polynomial of the
// named dims. Bodies of loops count once.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_DRIVER_MODELCOST_H
#define TRANSOM_LIB_DRIVER_MODELCOST_H

#include "transom/Driver/Driver.h"

namespace transom {

/// Of a module after the stage `raise`, which stays as it is.
ModelCost costOf(mlir::ModuleOp module);

/// Of the places of each entry point, by its name, after the stage `kernels`: those
/// whose sizes the named dims give. Tables count as far as rows of them are read.
std::map<std::string, std::vector<PlaceCost>> placeCosts(mlir::ModuleOp module);

/// Elements and bytes of all distinct constants.
struct WeightTotals {
  uint64_t elements = 0, bytes = 0;
};
WeightTotals weightsOf(mlir::ModuleOp module);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_MODELCOST_H
