//===- FusionReport.h - reads what was fused off a module -------*- C++ -*-===//
#ifndef TRANSOM_LIB_DRIVER_FUSIONREPORT_H
#define TRANSOM_LIB_DRIVER_FUSIONREPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "transom/Driver/Report.h"

namespace transom {

/// Of a module after the stage `raise`. Near misses whose node ended in an op of
/// their kind after all are left out.
FusionReport fusionsOf(mlir::ModuleOp module, llvm::ArrayRef<NearMiss> nearMisses);

/// The ops of the entry function, by layer: by what node names have in common
/// ("layers.3"), or where they say nothing from one attention to the next.
std::vector<ModelLayer> layersOf(mlir::ModuleOp module);

/// The kernels of a module after the stage `kernels`.
std::vector<KernelReport> kernelsOf(mlir::ModuleOp module);

/// What `prepare` of a module after the stage `cpu` computes, in terms of `symbols`.
std::string workspaceFormula(mlir::ModuleOp module, const Signature &signature);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_FUSIONREPORT_H
