//===- NodeListing.h - a model's nodes, a line each -------------*- C++ -*-===//
//
// ONNX has no source that a debugger could show: this stands for it. Debug
// information of a compiled model says lines of it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_DRIVER_NODELISTING_H
#define TRANSOM_LIB_DRIVER_NODELISTING_H

#include "transom/Codegen/Codegen.h"
#include "transom/Import/Import.h"

namespace transom {

/// "12 MatMul /layer.0/query: hidden, weight -> query": line 12.
std::string listingText(llvm::ArrayRef<ImportedNode> nodes);

/// The lines by node. Where a function or a branch is imported several times, the first line.
LineTable linesOf(llvm::ArrayRef<ImportedNode> nodes, llvm::StringRef file);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_NODELISTING_H
