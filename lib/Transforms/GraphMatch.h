//===- GraphMatch.h - reading graphs by what they compute -------*- C++ -*-===//
//
// Views of values that do not depend on how an exporter wrote them: numbers,
// products of powers, affine forms and polynomials. All of them look through
// casts between float types and through commuted operands; none changes IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_GRAPHMATCH_H
#define TRANSOM_LIB_TRANSFORMS_GRAPHMATCH_H

#include "Transformer/IR/Transformer.h"
#include "mlir/IR/PatternMatch.h"

namespace transom::match {

/// Told why a match that had its anchor stopped: the op at fault, the reason.
using Refusal = llvm::function_ref<void(mlir::Operation *, const llvm::Twine &)>;

inline mlir::RankedTensorType typeOf(mlir::Value value) { return mlir::cast<mlir::RankedTensorType>(value.getType()); }
inline int64_t rankOf(mlir::Value value) { return typeOf(value).getRank(); }
/// Whether an op's axis is the last dim of `value`.
inline bool isLastDim(uint64_t axis, mlir::Value value) { return static_cast<int64_t>(axis) + 1 == rankOf(value); }

/// The one number that a small constant holds in all elements.
std::optional<double> scalar(mlir::Value value);
/// The largest relative error of a written-out coefficient in `type`.
double tolerance(mlir::Type type);
bool near(double value, double expected, mlir::Type type);

/// The value under casts between float types.
mlir::Value stripCasts(mlir::Value value);
/// Equal up to casts between float types.
bool same(mlir::Value a, mlir::Value b);
/// `value` in another element type.
mlir::Value castTo(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, mlir::Type element);

/// The dequantisation that `value` is, or is moved about from: transposed, reshaped, sliced, broadcast. Null for
/// others.
transom::transformer::DequantizeOp dequantizationBehind(mlir::Value value);
/// What a matrix is a transpose of, or the matrix; `transposed` is negated where that swaps rows and columns.
mlir::Value underTranspose(mlir::Value matrix, bool &transposed);

/// A constant, or a transpose, reshape or cast of one.
bool isWeight(mlir::Value value);
/// `value` without leading dims of size 1, at rank `rank`; null where others lead.
mlir::Value dropLeadingOnes(mlir::OpBuilder &builder, mlir::Location loc, mlir::Value value, int64_t rank);
bool hasLeadingOnes(mlir::Value value, int64_t rank);

/// coefficient * prod(base ^ exponent). Bases are stripped of casts.
struct Product {
  struct Factor {
    mlir::Value base;
    double exponent;
  };
  double coefficient = 1.0;
  llvm::SmallVector<Factor, 4> factors;

  /// The exponent of `base`, 0 where it is absent.
  double exponentOf(mlir::Value base) const;
};
/// `value` taken apart through mul, div, neg, reciprocal, sqrt, rsqrt, pow and
/// casts; values that equal `stop` stay whole. `seen` collects every value on the way.
Product product(mlir::Value value, mlir::Value stop = {}, llvm::SmallVectorImpl<mlir::Value> *seen = nullptr);

/// scale * core + offset, through constants in add, sub, mul, div and neg.
struct Affine {
  mlir::Value core;
  double scale = 1.0, offset = 0.0;
};
Affine affine(mlir::Value value);

/// Coefficients of `value` as a polynomial of `x` of at most degree 3, lowest first.
std::optional<std::array<double, 4>> polynomial(mlir::Value value, mlir::Value x);

/// Equal sizes: the same value, the same arithmetic on equal sizes, or dims that
/// the signature gives one name. With `orBroadcast`, also `a` where it is `b`
/// unless numpy stretches it.
bool sameSize(mlir::OpFoldResult a, mlir::OpFoldResult b, bool orBroadcast = false, int depth = 8);

/// True where dim `index` of `value` is known to be `size`. Makes no IR.
bool dimIs(mlir::Value value, int64_t index, mlir::OpFoldResult size, int depth = 24);

/// The signature's name of dim `index` of an entry argument, or null.
mlir::StringAttr symbolOf(mlir::Value argument, int64_t index);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_GRAPHMATCH_H
