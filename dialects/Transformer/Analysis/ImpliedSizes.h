//===- ImpliedSizes.h - what ops ask of their operands' sizes ---*- C++ -*-===//
//
// Types say which static sizes go together, and verifiers refuse others. Where
// sizes are known at run time only, these are the equalities that an op relies
// on: its kernel reads beyond an operand that does not keep to them.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSFORMER_ANALYSIS_IMPLIEDSIZES_H
#define TRANSFORMER_ANALYSIS_IMPLIEDSIZES_H

#include "Transformer/Analysis/TensorDims.h"

namespace transom::transformer {

class ImpliedSizes {
public:
  /// Gets two sizes that have to be equal.
  using Require = llvm::function_ref<void(Dim is, Dim wanted)>;

  ImpliedSizes(SizeArith &arith, TensorDims &dims, Require require) : arith(arith), dims(dims), require(require) {}

  /// Calls `require` with all that `op` asks for beyond what its verifier has seen.
  void of(mlir::Operation *op);

private:
  void atMost(Dim size, Dim limit) { require(arith.min(loc(), size, limit), size); }
  /// All dims of `a` and `b` but those.
  void same(mlir::Value a, mlir::Value b, llvm::ArrayRef<int64_t> but = {});
  /// `operand`, where there is one, broadcasts to `target` without growing it.
  void broadcasts(mlir::Value operand, llvm::ArrayRef<Dim> target);

  /// `indices` has no more of any dim but `axis` than `data`.
  void within(mlir::Value indices, mlir::Value data, uint64_t axis);

  void ofRope(mlir::Operation *op);
  void ofAttention(mlir::Operation *op);
  void ofLinearAttention(mlir::Operation *op);
  void ofScatter(mlir::Operation *op);
  void ofPad(mlir::Operation *op);
  void ofScale(mlir::Value input, mlir::Value scale, mlir::Value zero, int64_t axis, int64_t block);

  mlir::Location loc() const { return at->getLoc(); }

  SizeArith &arith;
  TensorDims &dims;
  Require require;
  mlir::Operation *at = nullptr;
};

} // namespace transom::transformer

#endif // TRANSFORMER_ANALYSIS_IMPLIEDSIZES_H
