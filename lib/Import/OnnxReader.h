//===- OnnxReader.h - an ONNX file, checked and mapped ----------*- C++ -*-===//
//
// Knows protobuf and ONNX's own library, not MLIR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_ONNXREADER_H
#define TRANSOM_LIB_IMPORT_ONNXREADER_H

#include "LocalFunctions.h"
#include "WeightsInPlace.h"
#include "transom/Import/Import.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <onnx/onnx_pb.h>
#include <optional>

namespace transom {

class OnnxFiles : public ModelFiles {
public:
  /// Reads and checks the model; functions are inlined. Notes that do not stop
  /// the import (what ONNX's checker refuses but runtimes accept) go to
  /// `warnings`.
  static llvm::Expected<std::unique_ptr<OnnxFiles>> read(llvm::StringRef path, bool text,
                                                         std::vector<std::string> &warnings);

  const onnx::ModelProto &model() const { return proto; }
  /// Which nodes stood in functions.
  const Callers &callers() const { return calls; }

  /// The tensor's elements as stored bytes, little-endian, valid as long as
  /// this object: from the protobuf, the mapped file or mapped external data. Typed fields
  /// (float_data, int32_data, ...) are converted once.
  llvm::Expected<llvm::ArrayRef<char>> bytes(const onnx::TensorProto &tensor);

  void release(llvm::ArrayRef<char> bytes) override;

private:
  llvm::Expected<llvm::ArrayRef<char>> external(const onnx::TensorProto &tensor);

  class AsParsed;
  llvm::Error parse(llvm::StringRef path);
  bool isInPlace(const onnx::TensorProto &tensor) const;

  onnx::ModelProto proto;
  Callers calls;
  std::string folder;
  std::unique_ptr<llvm::MemoryBuffer> file; ///< null for text
  std::optional<WeightsInPlace> inPlace;    ///< of `file`
  llvm::StringMap<std::unique_ptr<llvm::MemoryBuffer>> mapped;
  std::vector<std::unique_ptr<std::vector<char>>> converted;
};

/// Bits an element of this ONNX type is stored in; 0 when unsupported.
unsigned storedBits(int32_t dataType);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_ONNXREADER_H
