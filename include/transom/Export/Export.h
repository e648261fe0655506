//===- Export.h - a model back as ONNX --------------------------*- C++ -*-===//
//
// The way out for models that a pass has changed: to train them further, or to run
// them elsewhere. Ops of the model layer are written out in operators of opset 20,
// which training tools have gradients for.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_EXPORT_EXPORT_H
#define TRANSOM_EXPORT_EXPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <string>

namespace transom {

struct ExportOptions {
  /// Above so many bytes of weights they go into a file beside the model, as
  /// protobuf holds no more than 2 GiB.
  uint64_t largestInside = 1ull << 30;
};

/// The entry function with the ONNX signature, after the stages `raise` or
/// `optimise`, as the file `path`; weights, where they are large, as `path`.data.
/// Nothing is left where an op has no form in ONNX; the error names its node.
llvm::Error exportOnnx(mlir::ModuleOp module, llvm::StringRef path, const ExportOptions &options = {});

/// The same as ONNX's textual syntax.
llvm::Expected<std::string> exportOnnxText(mlir::ModuleOp module);

} // namespace transom

#endif // TRANSOM_EXPORT_EXPORT_H
