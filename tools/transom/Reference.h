//===- Reference.h - what another engine computes ---------------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_REFERENCE_H
#define TRANSOM_TOOLS_TRANSOM_REFERENCE_H

#include "Tensor.h"
#include "transom/transom.h"

namespace transom::cli {

/// The engines that runReference knows.
extern const std::vector<std::string> referenceEngines;

/// Runs `model` (an ONNX file) on `inputs` by an engine of the user's Python
/// ($TRANSOM_PYTHON, else python3); all in the order of the signature.
llvm::Expected<std::vector<Tensor>> runReference(llvm::StringRef engine, llvm::StringRef model,
                                                 const TransomModelInfo &info, llvm::ArrayRef<Tensor> inputs);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_REFERENCE_H
