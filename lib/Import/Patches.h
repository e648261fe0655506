//===- Patches.h - windows of images ----------------------------*- C++ -*-===//
#ifndef TRANSOM_LIB_IMPORT_PATCHES_H
#define TRANSOM_LIB_IMPORT_PATCHES_H

#include "Importer.h"

namespace transom {

/// Along spatial dim i of `spatial`: where output position o reads by tap t,
/// o * stride + t * dilation - pad. The result has 2 * spatial dims: output
/// positions, then taps, all 1 but those of dim i.
Value windowPositions(NodeImport &node, size_t spatial, size_t i, Dim outputs, Dim taps, Dim stride, Dim dilation,
                      Dim pad);

struct Positions {
  Value flat, inside;
};
/// One position in the whole image from those along each dim.
Positions joinPositions(NodeImport &node, llvm::ArrayRef<Value> along, llvm::ArrayRef<Dim> sizes,
                        bool columnMajor = false);

/// A convolution by the node's attributes.
mlir::FailureOr<Value> convolve(NodeImport &node, Value x, Value w, Value bias);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_PATCHES_H
