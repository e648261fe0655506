//===- Calibrate.h - activations for merged heads ---------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_CALIBRATE_H
#define TRANSOM_TOOLS_TRANSOM_CALIBRATE_H

#include "ModelPackage.h"
#include "transom/Driver/Driver.h"

namespace transom::cli {

/// Merged heads fitted on example inputs, and what they cost there.
class HeadCalibration {
public:
  HeadCalibration();
  ~HeadCalibration();

  /// Fits heads on the inputs in `folder`: .npz files and folders test_data_set_K.
  /// Of a budget, how many heads each attention keeps comes out too; it fails, with
  /// the errors that were measured, where none can have fewer. `options` then compile
  /// the model with what was fitted, as long as this lives.
  llvm::Error fit(CompileOptions &options, llvm::StringRef folder);

  /// Runs what was compiled on the same inputs, and decodes with it and with the
  /// original, where they have caches.
  llvm::Error measure(const ModelPackage &package, HeadsReport &report);

private:
  struct State;
  GQACalibration calibration;
  CompileOptions original;
  std::unique_ptr<State> state;
};

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_CALIBRATE_H
