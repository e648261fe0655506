//===- SizePolynomials.h - sizes as polynomials of named dims ---*- C++ -*-===//
//
// Of a function whose arguments name their dims (`transformer.dims`); dims of
// one name are one size. Limits that are constants count as not reached.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_DRIVER_SIZEPOLYNOMIALS_H
#define TRANSOM_LIB_DRIVER_SIZEPOLYNOMIALS_H

#include "Transformer/Analysis/TensorDims.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "transom/Package/Package.h"
#include <map>
#include <optional>

namespace transom {

/// Factors (named dims, sorted) to their coefficient.
using Polynomial = std::map<std::vector<std::string>, int64_t>;

Polynomial add(const Polynomial &a, const Polynomial &b, int64_t sign = 1);
Polynomial multiply(const Polynomial &a, const Polynomial &b);

/// The terms above zero; those below are added to `omitted`.
std::vector<CostTerm> termsOf(const Polynomial &polynomial, unsigned &omitted);

class SizePolynomials {
public:
  /// New ops for sizes go into the function.
  explicit SizePolynomials(mlir::func::FuncOp function);

  /// Where ops for sizes are made from here on.
  void setPlace(mlir::Operation *op) { builder.setInsertionPoint(op); }
  const transformer::Dims &dimsOf(mlir::Value tensor) { return dims.of(tensor); }
  /// Makes `size`, an argument of a kernel, stand for a polynomial.
  void set(mlir::Value size, std::optional<Polynomial> polynomial) { known[size] = std::move(polynomial); }
  /// Gives a tensor, an argument of a kernel, its dims.
  void setDims(mlir::Value tensor, transformer::Dims sizes) { dims.set(tensor, std::move(sizes)); }

  /// Nothing where the size depends on data, or no polynomial gives it.
  std::optional<Polynomial> of(transformer::Dim dim);
  std::optional<Polynomial> product(llvm::ArrayRef<transformer::Dim> factors);

private:
  void nameDims();
  std::optional<Polynomial> compute(mlir::Value value);

  mlir::func::FuncOp function;
  mlir::OpBuilder builder;
  transformer::SizeArith sizes;
  transformer::TensorDims dims;
  llvm::DenseMap<mlir::Value, std::optional<Polynomial>> known;
};

/// Gives the sizes of a kernel, and its tensors' dims, the polynomials that they are where it is launched.
void nameKernelSizes(transformer::LaunchOp launch, mlir::func::FuncOp kernel, SizePolynomials &host,
                     SizePolynomials &sizes);

} // namespace transom

#endif // TRANSOM_LIB_DRIVER_SIZEPOLYNOMIALS_H
