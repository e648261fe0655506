//===- Blocks.h - what several ops make up together -------------*- C++ -*-===//
//
// Blocks that have no op of their own: mixtures of experts, linear attention,
// compressive memory. They are found in the model layer and stay as they are.
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
