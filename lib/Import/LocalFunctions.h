//===- LocalFunctions.h - a model's own functions, inlined ------*- C++ -*-===//
#ifndef TRANSOM_LIB_IMPORT_LOCALFUNCTIONS_H
#define TRANSOM_LIB_IMPORT_LOCALFUNCTIONS_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include <onnx/onnx_pb.h>
#include <string>

namespace transom {

/// Nodes that stood in functions, by their names, and the node that each was called by:
/// "node '/layers.0/attn' (local Attention)".
using Callers = llvm::StringMap<std::string>;

/// "node 'NAME' (DOMAIN OPERATOR)"; one without a name is known by its first output.
std::string describe(const onnx::NodeProto &node);
std::string nameOf(const onnx::NodeProto &node);
/// "ai.onnx" for the default one.
llvm::StringRef domainOf(const onnx::NodeProto &node);

/// Inlines the model's own functions. A node of a function is named after the calls that lead to it:
/// '/layers.0/attn/scores' where '/layers.0/attn' calls a function with a node 'scores'. Throws what ONNX's library
/// throws.
Callers inlineLocalFunctions(onnx::ModelProto &model);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_LOCALFUNCTIONS_H
