//===- WeightsInPlace.h - what protobuf need not hold of a model -*- C++ -*-===//
//
// An ONNX file whose long initializers stay where they are: the rest of it, to be
// parsed, and where the initializers lie. Knows the wire format of protobuf and the
// field numbers of onnx.proto3, which never change.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_WEIGHTSINPLACE_H
#define TRANSOM_LIB_IMPORT_WEIGHTSINPLACE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include <deque>
#include <string>
#include <vector>

namespace transom {

struct WeightsInPlace {
  /// Reads `file`, which has to outlive this. What is no model is one piece, for protobuf to refuse.
  explicit WeightsInPlace(llvm::StringRef file);
  WeightsInPlace(const WeightsInPlace &) = delete;

  /// raw_data of initializers of the model's graph, by their names. What is parsed in its place is a byte: ONNX's
  /// checker takes tensors without any for incomplete.
  llvm::StringMap<llvm::ArrayRef<char>> weights;
  /// The message without them, one piece after the other.
  std::vector<llvm::StringRef> pieces;
  uint64_t bytes() const; ///< of all pieces
  static constexpr size_t standInBytes = 1;

private:
  bool splitModel(llvm::StringRef model);
  bool splitGraph(llvm::StringRef graph);
  bool splitTensor(llvm::StringRef tensor);
  void add(llvm::StringRef piece);
  void addLength(uint64_t field, size_t firstPiece);

  std::deque<std::string> made; ///< pieces that are not of the file
};

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_WEIGHTSINPLACE_H
