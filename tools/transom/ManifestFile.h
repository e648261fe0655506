//===- ManifestFile.h - NAME.json beside a library --------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_MANIFESTFILE_H
#define TRANSOM_TOOLS_TRANSOM_MANIFESTFILE_H

#include "llvm/Support/JSON.h"

namespace transom::cli {

llvm::Expected<std::string> readManifestText(llvm::StringRef path);
/// Errors name the file.
llvm::Expected<llvm::json::Object> readManifestFile(llvm::StringRef path);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_MANIFESTFILE_H
