//===- Blocks.h - what several ops make up together -------------*- C++ -*-===//
//
// Mixtures of experts, linear attention and compressive memory with all that
// belongs to them: features, gates, routers. They are found in the model layer,
// with an op for their core or in pieces, and stay as they are.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TRANSFORMS_BLOCKS_H
#define TRANSOM_TRANSFORMS_BLOCKS_H

#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <string>
#include <vector>

namespace transom {

struct ModelBlock {
  enum Kind { MixtureOfExperts, LinearAttention, CompressiveMemory } kind;
  mlir::Operation *result;                   ///< gives the block's result
  std::vector<mlir::Operation *> operations; ///< in program order, `result` included
  std::string detail;                        ///< "4 experts, top 2", "with state", ...
};

/// "moe", "linear_attention", "compressive_memory".
llvm::StringRef blockName(ModelBlock::Kind kind);

/// The blocks of a function after the stage `raise`, in program order. No op is in two.
std::vector<ModelBlock> findBlocks(mlir::func::FuncOp function);

} // namespace transom

#endif // TRANSOM_TRANSFORMS_BLOCKS_H
