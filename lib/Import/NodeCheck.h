//===- NodeCheck.h - whether a node is one that its operator allows -*- C++ -*-===//
#ifndef TRANSOM_LIB_IMPORT_NODECHECK_H
#define TRANSOM_LIB_IMPORT_NODECHECK_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <onnx/onnx_pb.h>

namespace transom {

/// What of `node` its operator's schema does not allow: too few or many inputs
/// and outputs, required ones left out, attributes that are unknown, missing, given
/// twice or of another type. "" where all is as it should be, or no schema is known.
/// Rules rely on it: a required input is there. `domain` is "" for ai.onnx.
std::string faultOf(const onnx::NodeProto &node, llvm::StringRef domain, int64_t opset);

/// What ONNX's own inference of types and shapes says against the node with these inputs, or nothing. `types` holds
/// one for each input, `constants` the elements of small inputs that are known, or null.
std::string faultOfShapes(const onnx::NodeProto &node, llvm::StringRef domain, int64_t opset,
                          llvm::MutableArrayRef<onnx::TypeProto> types,
                          llvm::ArrayRef<const onnx::TensorProto *> constants);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_NODECHECK_H
