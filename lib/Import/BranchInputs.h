//===- BranchInputs.h - inputs that one branch alone reads ------*- C++ -*-===//
//
// A decoder that was merged from one with and one without a past takes both
// kinds of inputs at every call; what the branch that is not taken would have
// read is a dummy of any size.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_BRANCHINPUTS_H
#define TRANSOM_LIB_IMPORT_BRANCHINPUTS_H

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"
#include <onnx/onnx_pb.h>

namespace transom {

class BranchInputs {
public:
  explicit BranchInputs(const onnx::GraphProto &graph);

  /// The name of dim `index` of `input`: `symbol`, or one of its own where a
  /// branch alone reads the input, and what else has the symbol is read
  /// elsewhere. The leading dim, the batch, is that of all inputs.
  std::string symbol(llvm::StringRef input, size_t index, llvm::StringRef symbol) const;

private:
  llvm::StringMap<std::string> branches; ///< of inputs that one branch alone reads
  llvm::StringMap<std::string> homes;    ///< of symbols: the branch whose inputs alone have it, or ""
};

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_BRANCHINPUTS_H
