//===- TensorDims.h - sizes of tensors as index values ----------*- C++ -*-===//
//
// Index arithmetic that folds and never makes the same value twice, and the
// dims of any tensor in terms of it. Two dims are equal when they are the same
// constant or the same SSA value; the uniquing makes that a useful test.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSFORMER_ANALYSIS_TENSORDIMS_H
#define TRANSFORMER_ANALYSIS_TENSORDIMS_H

#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include <map>

namespace transom::transformer {

using Dim = mlir::OpFoldResult;
using Dims = llvm::SmallVector<Dim>;

/// Folding, uniquing arithmetic on sizes. Ops are created at the builder's
/// insertion point; within a region opened by `Scope`, values made inside are
/// forgotten at its end.
class SizeArith {
public:
  explicit SizeArith(mlir::OpBuilder &builder) : builder(builder) {}

  Dim constant(int64_t value);
  static std::optional<int64_t> asConstant(Dim dim) { return mlir::getConstantIntValue(dim); }
  mlir::Value value(mlir::Location loc, Dim dim);

  Dim add(mlir::Location loc, Dim a, Dim b);
  Dim sub(mlir::Location loc, Dim a, Dim b);
  Dim mul(mlir::Location loc, Dim a, Dim b);
  /// Quotient towards negative infinity; common factors of products cancel.
  Dim floorDiv(mlir::Location loc, Dim a, Dim b);
  Dim mod(mlir::Location loc, Dim a, Dim b); ///< sign of the divisor
  Dim min(mlir::Location loc, Dim a, Dim b);
  Dim max(mlir::Location loc, Dim a, Dim b);
  Dim compare(mlir::Location loc, mlir::arith::CmpIPredicate predicate, Dim a, Dim b); ///< 0 or 1
  Dim select(mlir::Location loc, Dim condition, Dim a, Dim b);                         ///< condition != 0 ? a : b
  Dim product(mlir::Location loc, llvm::ArrayRef<Dim> dims);
  /// Whether the products are surely equal: the same factors in any order.
  static bool equalProducts(llvm::ArrayRef<Dim> a, llvm::ArrayRef<Dim> b);
  /// Surely not below zero: dims of tensors and what sums, products, ... of such are.
  bool nonNegative(Dim dim, int depth = 8);
  bool nonPositive(Dim dim, int depth = 8);             ///< surely not above zero
  bool boundedAbove(Dim dim, Dim limit, int depth = 8); ///< surely not above `limit`
  /// The common size of two dims that numpy broadcasting joins.
  Dim broadcast(mlir::Location loc, Dim a, Dim b);
  /// `tensor.dim` of a value that is an argument or otherwise opaque.
  Dim dimOf(mlir::Location loc, mlir::Value tensor, int64_t index);
  /// Makes `dim` stand for `tensor.dim value, index` (dims that share a name).
  void alias(mlir::Value tensor, int64_t index, Dim dim);

  mlir::OpBuilder &getBuilder() { return builder; }

  /// Forgets, at its end, the values made since its start.
  class Scope {
  public:
    explicit Scope(SizeArith &arith) : arith(arith), saved(arith.known), savedDims(arith.knownDims) {}
    ~Scope() {
      arith.known = std::move(saved);
      arith.knownDims = std::move(savedDims);
    }

  private:
    SizeArith &arith;
    std::map<std::tuple<int, void *, void *, void *>, Dim> saved;
    std::map<std::pair<void *, int64_t>, Dim> savedDims;
  };

private:
  template <typename Make> Dim unique(int kind, Dim a, Dim b, Dim c, Make make);
  Dim withoutLimits(mlir::Location loc, Dim dim, Dim size);
  static void factors(Dim dim, llvm::SmallVectorImpl<mlir::Value> &values, int64_t &coefficient);

  mlir::OpBuilder &builder;
  std::map<std::tuple<int, void *, void *, void *>, Dim> known;
  std::map<std::pair<void *, int64_t>, Dim> knownDims;
};

/// A shape with `?` where a dim is not a constant, and the index values of those:
/// what a type and its op take.
std::pair<llvm::SmallVector<int64_t>, llvm::SmallVector<mlir::Value>> splitDims(llvm::ArrayRef<Dim> dims);

/// Dims of every tensor, computed from operands' dims on demand.
class TensorDims {
public:
  explicit TensorDims(SizeArith &arith) : arith(arith) {}

  const Dims &of(mlir::Value tensor);
  bool same(mlir::Value a, int64_t i, mlir::Value b, int64_t j) { return of(a)[i] == of(b)[j]; }
  void set(mlir::Value tensor, Dims dims) { known[tensor] = std::move(dims); }
  /// The common dims of values that numpy broadcasting joins.
  Dims broadcast(mlir::Location loc, mlir::ValueRange values);

private:
  Dims infer(mlir::Value tensor);

  SizeArith &arith;
  llvm::DenseMap<mlir::Value, Dims> known;
};

} // namespace transom::transformer

#endif // TRANSFORMER_ANALYSIS_TENSORDIMS_H
