//===- ModelPackage.h - a compiled model on disk ----------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_MODELPACKAGE_H
#define TRANSOM_TOOLS_TRANSOM_MODELPACKAGE_H

#include "transom/Driver/Driver.h"
#include "llvm/Support/JSON.h"
#include <memory>

namespace transom::cli {

class TemporaryFolder;

/// Whether `path` is a folder with a compiled model, or a shared library.
bool isPackage(llvm::StringRef path);

struct ModelPackage {
  std::string folder, name, library;

  /// `path` is a package or its libNAME.so; `name` chooses where there are several.
  static llvm::Expected<ModelPackage> find(llvm::StringRef path, llvm::StringRef name = "");

  llvm::Expected<std::string> readManifestText() const;
  llvm::Expected<llvm::json::Object> readManifest() const;
};

/// A package that exists already, or is made from a model for as long as this lives.
class ReadyPackage {
public:
  /// `path` is a package, a model, or a folder with a model.onnx. What the compile says
  /// is printed, or of one among many its errors alone.
  static llvm::Expected<ReadyPackage> make(llvm::StringRef path, const CompileOptions &options,
                                           bool onlyErrors = false);
  ReadyPackage(ReadyPackage &&other);
  ~ReadyPackage();

  const ModelPackage *operator->() const { return &package; }
  const ModelPackage &operator*() const { return package; }

  /// The model that it was made from now; "" if it existed.
  llvm::StringRef sourceModel() const { return source; }

private:
  ReadyPackage();
  ModelPackage package;
  std::string source;
  std::unique_ptr<TemporaryFolder> temporary;
};

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_MODELPACKAGE_H
