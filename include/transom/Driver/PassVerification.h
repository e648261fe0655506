//===- PassVerification.h - do the passes keep a model's results? -*- C++ -*-===//
#ifndef TRANSOM_DRIVER_PASSVERIFICATION_H
#define TRANSOM_DRIVER_PASSVERIFICATION_H

#include "transom/Driver/Driver.h"

namespace transom {

/// What an input is run with; floats are random.
struct SampleInput {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<int64_t> integers; ///< of an input of whole numbers: its elements, or none for random ones
};

struct PassVerification {
  std::vector<SampleInput> inputs;
  std::map<std::string, int64_t> sizes; ///< of named dims, for inputs without a sample
  uint64_t seed = 0;
  /// Adds passes to a stage: for tests of the verification.
  std::function<void(Stage, mlir::OpPassManager &)> extend;
};

struct PassVerdict {
  unsigned passes = 0;          ///< that changed the model and kept its results
  std::string pass;             ///< the first that did not, "" for none
  std::vector<std::string> log; ///< a line for each pass that changed the model
};

/// Runs the interpreter before and after every pass up to where kernels become
/// loops. What is wrong is among the problems.
PassVerdict verifyPasses(const CompileOptions &options, const PassVerification &verification, Problems &problems);

} // namespace transom

#endif // TRANSOM_DRIVER_PASSVERIFICATION_H
