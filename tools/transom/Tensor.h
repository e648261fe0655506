//===- Tensor.h - a tensor read from or written to a file -------*- C++ -*-===//
#ifndef TRANSOM_TOOLS_TRANSOM_TENSOR_H
#define TRANSOM_TOOLS_TRANSOM_TENSOR_H

#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace transom::cli {

/// Dense, row-major, in the layout of transom.h (bool: one byte; 4 and 2 bits: packed).
struct Tensor {
  std::string name;
  int32_t type = 0; ///< TransomType
  std::vector<int64_t> shape;
  std::vector<char> data;

  int64_t elements() const;
  /// "f32[2, 3]"
  std::string text() const;
};

/// Bytes of a dense tensor; failure where that overflows.
llvm::Expected<size_t> denseBytes(int32_t type, llvm::ArrayRef<int64_t> shape);

/// Element `index` as a number, of any type but 64-bit integers exactly.
double elementAt(int32_t type, const void *data, int64_t index);

/// The reverse, rounded to the type.
void setElement(int32_t type, void *data, int64_t index, double value);

/// numpy's .npy. `wanted`: bf16 and f8 have no code there; a file with raw
/// elements of the same size is one of these.
llvm::Expected<Tensor> readNpy(llvm::StringRef path, int32_t wanted = 0);
llvm::Expected<Tensor> parseNpy(llvm::StringRef content, const llvm::Twine &where, int32_t wanted = 0);
std::string npyText(int32_t type, llvm::ArrayRef<int64_t> shape, llvm::StringRef data);

/// numpy's .npz, as numpy.savez writes it (not compressed); tensors get the
/// members' names.
llvm::Expected<std::vector<Tensor>> readNpz(llvm::StringRef path);

/// A serialised onnx.TensorProto, as in ONNX's backend tests.
llvm::Expected<Tensor> readTensorProto(llvm::StringRef path);

} // namespace transom::cli

#endif // TRANSOM_TOOLS_TRANSOM_TENSOR_H
