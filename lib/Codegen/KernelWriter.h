//===- KernelWriter.h - the function of one group of ops --------*- C++ -*-===//
//
// A kernel takes tensors and sizes and gives results and scratch. What its anchor
// needs of the target (weights in panels, staged operands, parts of a depth) is
// planned here, so that the host program knows how much memory that is.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_KERNELWRITER_H
#define TRANSOM_LIB_CODEGEN_KERNELWRITER_H

#include "KernelGroups.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "transom/Codegen/Passes.h"
#include "transom/Codegen/TileTable.h"

namespace transom {

/// A constant and the type that it is stored in.
using StoredConstant = std::pair<mlir::Attribute, mlir::Type>;

/// Weights that products read in panels, and the panels.
using PackedWeights = llvm::DenseMap<StoredConstant, mlir::DenseI64ArrayAttr>;

/// The weights of all products whose right operand is packed when it is written.
PackedWeights packedWeights(mlir::ModuleOp module, int64_t columns);

/// The function of one group while it is built.
class KernelWriter {
public:
  KernelWriter(KernelGroup &group, transformer::SizeArith &arith, transformer::TensorDims &dims,
               const OutlineKernelsOptions &options, const PackedWeights &packed, const TileTable *tiles,
               mlir::OpBuilder &host)
      : group(group), arith(arith), dims(dims), packed(packed), tiles(tiles), panelColumns(options.panelColumns),
        weightColumns(options.weightColumns), stagedBytes(options.stagedBytes), attentionParts(options.attentionParts),
        attentionRows(options.attentionRows), host(host) {}

  void write(mlir::func::FuncOp kernel);
  llvm::SmallVector<mlir::Value> operands;   ///< tensors, then sizes
  llvm::SmallVector<mlir::Value> resultDims; ///< one per `?` of the results
  llvm::SmallVector<mlir::Type> resultTypes;

private:
  void collect();
  void planProduct(mlir::Value lhs, mlir::Value rhs, bool transposeLhs, bool transposeRhs);
  void planPartner(mlir::Value weight);
  void planSplits(mlir::Operation *product);
  void planIntegerProduct(transformer::MatMulIntegerOp op);
  transformer::Dim parts(transformer::Dim size, int64_t each);
  transformer::Dim panelCount(transformer::Dim size) { return parts(size, panelColumns); }
  void planAttention(transformer::AttentionOp attention);
  void planLinearAttention(transformer::LinearAttentionOp attention);
  void planExperts(transformer::MoEOp moe);
  void planSortedExperts(transformer::MoEOp moe);
  void planLookups();
  mlir::Value checkedEqual(mlir::Value size);
  mlir::Value size(transformer::Dim dim);
  mlir::DenseI64ArrayAttr sizesOf(llvm::ArrayRef<transformer::Dim> tensorDims, mlir::RankedTensorType type);

  KernelGroup &group;
  transformer::SizeArith &arith;
  transformer::TensorDims &dims;
  const PackedWeights &packed;
  const TileTable *tiles; ///< of a GPU
  int64_t panelColumns, weightColumns, stagedBytes, attentionParts, attentionRows;
  mlir::OpBuilder &host;
  llvm::SmallVector<mlir::Operation *> body; ///< producers before users
  llvm::SetVector<mlir::Value> tensors, sizes;
  llvm::DenseMap<mlir::Value, mlir::Attribute> panels; ///< packed weights
  llvm::DenseMap<mlir::Value, mlir::Value> equals;     ///< what was asked of `checkedEqual`
  llvm::SmallVector<transformer::Dim> scratch;
  llvm::SmallVector<llvm::StringRef> anchorMarks;
  mlir::DenseI64ArrayAttr splits; ///< of the anchor's depth
};

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_KERNELWRITER_H
