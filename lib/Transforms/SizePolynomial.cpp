//===- SizePolynomial.cpp - sizes as sums of products of dims -------------===//

#include "SizePolynomial.h"
#include "GraphMatch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace transom::match {

SizePolynomial::SizePolynomial(int64_t constant) {
  if (constant != 0)
    terms[{}] = constant;
}

SizePolynomial SizePolynomial::variable(Variable variable, bool isSize) {
  SizePolynomial result;
  result.terms[{variable}] = 1;
  result.allSizes = isSize;
  return result;
}

SizePolynomial SizePolynomial::of(OpFoldResult size) {
  if (std::optional<int64_t> number = getConstantIntValue(size))
    return *number;
  Value value = cast<Value>(size);
  Operation *op = value.getDefiningOp();
  if (auto dim = dyn_cast_if_present<tensor::DimOp>(op)) {
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!index)
      return variable({value.getAsOpaquePointer(), 0}, true);
    if (StringAttr name = symbolOf(dim.getSource(), *index))
      return variable({name.getAsOpaquePointer(), 0}, true);
    return variable({dim.getSource().getAsOpaquePointer(), *index}, true);
  }
  auto operand = [&](unsigned i) { return of(OpFoldResult(op->getOperand(i))); };
  if (isa_and_present<arith::AddIOp>(op))
    return operand(0) + operand(1);
  if (isa_and_present<arith::SubIOp>(op))
    return operand(0) - operand(1);
  if (isa_and_present<arith::MulIOp>(op))
    return operand(0) * operand(1);
  return variable({value.getAsOpaquePointer(), 0}, false);
}

std::optional<int64_t> SizePolynomial::asConstant() const {
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

bool SizePolynomial::isNonNegative() const {
  return (allSizes || asConstant()) && llvm::all_of(terms, [](const auto &term) { return term.second > 0; });
}

SizePolynomial SizePolynomial::plus(const SizePolynomial &other, int64_t factor) const {
  SizePolynomial result = *this;
  result.allSizes &= other.allSizes;
  for (const auto &[monomial, coefficient] : other.terms) {
    int64_t &sum = result.terms[monomial];
    sum += factor * coefficient;
    if (sum == 0)
      result.terms.erase(monomial);
  }
  return result;
}

SizePolynomial SizePolynomial::operator*(const SizePolynomial &other) const {
  SizePolynomial result;
  result.allSizes = allSizes && other.allSizes;
  for (const auto &[left, a] : terms)
    for (const auto &[right, b] : other.terms) {
      Monomial both = left;
      both.append(right.begin(), right.end());
      llvm::sort(both);
      int64_t &sum = result.terms[both];
      sum += a * b;
      if (sum == 0)
        result.terms.erase(both);
    }
  return result;
}

} // namespace transom::match
