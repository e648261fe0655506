//===- Calibrate.h - activations for merged heads ---------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_CALIBRATE_H
#define TRANSOM_TOOLS_TRANSOM_CALIBRATE_H

#include "transom/Driver/Driver.h"

namespace transom::cli {

/// Fits the heads of all attentions but the last one on the inputs in `folder`:
/// .npz files and folders test_data_set_K. `options` then compile the model with
/// `calibration`, which fits the last.
llvm::Error calibrate(CompileOptions &options, llvm::StringRef folder, GQACalibration &calibration);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_CALIBRATE_H
