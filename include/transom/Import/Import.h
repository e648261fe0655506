//===- Import.h - ONNX in, transformer dialect out --------------*- C++ -*-===//
#ifndef TRANSOM_IMPORT_IMPORT_H
#define TRANSOM_IMPORT_IMPORT_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Support/LLVM.h"
#include <memory>
#include <string>
#include <vector>

namespace transom {

/// What the weights of an imported module point into; outlives the module.
class ModelFiles {
public:
  virtual ~ModelFiles() = default;
  /// `bytes` of a weight will hardly be read again: where they are mapped, their memory is given back.
  virtual void release(llvm::ArrayRef<char> bytes) = 0;
};

/// The nodes of one operator in the file, those of graphs inside of nodes and of functions, too.
struct OperatorUse {
  std::string domain, op; ///< "ai.onnx" for the default one
  int64_t opset = 0;
  unsigned nodes = 0;
  unsigned refused = 0; ///< those that a problem is said of
  unsigned behind = 0;  ///< those that read what refused ones should have given, and were not looked at
};

struct ImportOptions {
  /// Treat the file as ONNX's textual syntax instead of a protobuf.
  bool text = false;
  /// Where to say what became of each operator's nodes, by domain and name; the import may fail.
  std::vector<OperatorUse> *operators = nullptr;
};

/// A node as it was imported: those of functions and of branches are there, too.
struct ImportedNode {
  std::string name, op; ///< as locations have them
  std::vector<std::string> inputs, outputs;
};

struct ImportedModel {
  std::unique_ptr<ModelFiles> files;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::vector<ImportedNode> nodes; ///< in an order in which they can run
};

/// Reads the ONNX model at `path` into one entry function of the transformer
/// dialect's tensor layer. All problems are reported as diagnostics, not just
/// the first; then failure is returned and nothing is left behind.
mlir::FailureOr<ImportedModel> importModel(llvm::StringRef path, mlir::MLIRContext &context,
                                           const ImportOptions &options = {});

} // namespace transom

#endif // TRANSOM_IMPORT_IMPORT_H
