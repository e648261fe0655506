//===- LoopForm.h - a loop of the dialect from its parts --------*- C++ -*-===//
#ifndef TRANSOM_LIB_IMPORT_LOOPFORM_H
#define TRANSOM_LIB_IMPORT_LOOPFORM_H

#include "Importer.h"

namespace transom {

/// A loop to be: what goes in, how the body is made.
struct LoopForm {
  Value count, condition; ///< either may be null
  llvm::SmallVector<Value> inits;
  std::optional<Dim> iterations; ///< where every run of the loop has that many
  size_t scans = 0;
  /// From iteration, condition and carried values to condition, carried values
  /// and scanned ones, in the block at the builder. Called again where carried
  /// values turn out to change their dims.
  std::function<mlir::FailureOr<llvm::SmallVector<Value>>(Value, Value, llvm::ArrayRef<Value>)> body;
};

/// Makes the loop; its results, carried ones first.
mlir::FailureOr<llvm::SmallVector<Value>> makeLoop(NodeImport &n, const LoopForm &form);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_LOOPFORM_H
