//===- SizePolynomial.h - sizes as sums of products of dims -----*- C++ -*-===//
//
// A size or any other index value as a polynomial over what cannot be taken
// apart: dims that the signature names (equal names are one variable), other
// dims, minima, quotients. Equal polynomials are equal sizes. Makes no IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_SIZEPOLYNOMIAL_H
#define TRANSOM_LIB_TRANSFORMS_SIZEPOLYNOMIAL_H

#include "mlir/IR/OpDefinition.h"
#include <map>

namespace transom::match {

class SizePolynomial {
public:
  SizePolynomial(int64_t constant = 0);
  static SizePolynomial of(mlir::OpFoldResult size);

  std::optional<int64_t> asConstant() const;
  /// Surely not below zero, given that every variable is a size. False is no proof of the contrary.
  bool isNonNegative() const;

  SizePolynomial operator+(const SizePolynomial &other) const { return plus(other, 1); }
  SizePolynomial operator-(const SizePolynomial &other) const { return plus(other, -1); }
  SizePolynomial operator*(const SizePolynomial &other) const;
  bool operator==(const SizePolynomial &other) const { return terms == other.terms; }

private:
  /// A name, a dim of a tensor, or another index value.
  using Variable = std::pair<const void *, int64_t>;
  using Monomial = llvm::SmallVector<Variable, 2>; ///< the variables of a product, ascending
  SizePolynomial plus(const SizePolynomial &other, int64_t factor) const;
  static SizePolynomial variable(Variable variable, bool isSize);

  std::map<Monomial, int64_t> terms; ///< no coefficient is zero
  bool allSizes = true;              ///< no variable may be negative
};

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_SIZEPOLYNOMIAL_H
