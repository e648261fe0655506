//===- Products.cpp - meanings of matrix products -------------------------===//

#include "Meaning.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace {
/// Matrices in the last two dims, maybe read transposed.
struct Matrices {
  const Array &array;
  bool transposed;

  ArrayRef<int64_t> batch() const { return ArrayRef<int64_t>(array.shape).drop_back(2); }
  int64_t rows() const { return array.shape[array.rank() - (transposed ? 1 : 2)]; }
  int64_t columns() const { return array.shape[array.rank() - (transposed ? 2 : 1)]; }
  int64_t at(int64_t matrix, int64_t row, int64_t column) const {
    int64_t width = array.shape.back();
    return matrix * rows() * columns() + (transposed ? column * width + row : row * width + column);
  }
};
} // namespace

/// Calls `element(to, sum)` where `sum(term)` adds up term(position in a, position in b).
template <typename Number, typename Term>
static llvm::Expected<Array> multiply(const Matrices &a, const Matrices &b, Type element, Term term) {
  if (a.columns() != b.rows())
    return problem("a product of " + Twine(a.columns()) + " columns and " + Twine(b.rows()) + " rows");
  auto batch = broadcastShape(a.batch(), b.batch());
  if (!batch)
    return batch.takeError();
  Shape shape = *batch;
  shape.append({a.rows(), b.columns()});
  Array result = Array::make(element, shape);
  int64_t to = 0;
  for (Positions at(*batch); !at.done(); at.next()) {
    int64_t left = broadcastPosition(at.indices(), a.batch()), right = broadcastPosition(at.indices(), b.batch());
    for (int64_t row = 0; row < a.rows(); ++row)
      for (int64_t column = 0; column < b.columns(); ++column, ++to) {
        Number sum = 0;
        for (int64_t k = 0; k < a.columns(); ++k)
          sum += term(a.at(left, row, k), b.at(right, k, column));
        if constexpr (std::is_floating_point_v<Number>)
          result.reals[to] = sum;
        else
          result.integers[to] = sum;
      }
  }
  return result;
}

static llvm::Expected<Array> multiplyReal(const Matrices &a, const Matrices &b, Type element) {
  return multiply<double>(a, b, element, [&](int64_t i, int64_t k) { return a.array.real(i) * b.array.real(k); });
}

static llvm::Expected<Arrays> matmul(MatMulOp op, const Operands &in) {
  Matrices a{in[op.getLhs()], op.getTransposeA()}, b{in[op.getRhs()], op.getTransposeB()};
  Type element = getElementTypeOrSelf(op.getType());
  auto result = isa<FloatType>(element) ? multiplyReal(a, b, element)
                                        : multiply<int64_t>(a, b, element, [&](int64_t i, int64_t k) {
                                            return a.array.integers[i] * b.array.integers[k];
                                          });
  if (!result)
    return result.takeError();
  return Arrays{std::move(*result)};
}

static llvm::Expected<Arrays> matmulInteger(MatMulIntegerOp op, const Operands &in) {
  Matrices a{in[op.getLhs()], false}, b{in[op.getRhs()], false};
  const Array *aZero = in.optional(op.getLhsZero()), *bZero = in.optional(op.getRhsZero());
  // One for all, or one per row of the left and per column of the right.
  int64_t rows = a.rows(), depth = a.columns(), columns = b.columns();
  auto left = [&](int64_t i) {
    if (!aZero)
      return a.array.integers[i];
    int64_t row = (i / depth) % rows;
    int64_t place = aZero->size() == 1 ? 0 : aZero->size() == rows ? row : i / depth;
    return a.array.integers[i] - aZero->integers[place];
  };
  auto right = [&](int64_t i) {
    if (!bZero)
      return b.array.integers[i];
    int64_t matrix = i / (depth * columns), column = i % columns;
    int64_t place = bZero->size() == 1 ? 0 : bZero->size() == columns ? column : matrix * columns + column;
    return b.array.integers[i] - bZero->integers[place];
  };
  auto result = multiply<int64_t>(a, b, getElementTypeOrSelf(op.getType()),
                                  [&](int64_t i, int64_t k) { return left(i) * right(k); });
  if (!result)
    return result.takeError();
  return Arrays{std::move(*result)};
}

static llvm::Expected<Arrays> linear(LinearOp op, const Operands &in) {
  auto product =
      multiplyReal({in[op.getInput()], false}, {in[op.getWeight()], false}, getElementTypeOrSelf(op.getType()));
  if (!product)
    return product.takeError();
  const Array *bias = in.optional(op.getBias()), *residual = in.optional(op.getResidual());
  for (Positions at(product->shape); !at.done(); at.next()) {
    double &value = product->reals[at.flat];
    if (bias)
      value += bias->real(broadcastPosition(at.indices(), bias->shape));
    value = applyUnary(op.getActivation(), value);
    if (residual)
      value += residual->real(broadcastPosition(at.indices(), residual->shape));
  }
  return Arrays{std::move(*product)};
}

/// Number `i` of a row of packed numbers, the lowest bits first.
static int64_t unpack(const Array &packed, int64_t row, int64_t rowBytes, int64_t i, int64_t bits) {
  int64_t perByte = 8 / bits;
  return (packed.integers[row * rowBytes + i / perByte] >> (i % perByte * bits)) & ((1 << bits) - 1);
}

static llvm::Expected<Arrays> linearNBits(LinearNBitsOp op, const Operands &in) {
  const Array &packed = in[op.getWeight()], &scales = in[op.getScales()];
  const Array *zeros = in.optional(op.getZeros()), *bias = in.optional(op.getBias());
  int64_t bits = op.getBits(), block = op.getBlockSize(), depth = op.getK(), columns = op.getN();
  int64_t blocks = llvm::divideCeil(depth, block), rowBytes = packed.size() / columns;
  Array weight = Array::make(Float64Type::get(op.getContext()), {columns, depth});
  for (int64_t n = 0; n < columns; ++n)
    for (int64_t k = 0; k < depth; ++k) {
      double zero = static_cast<double>(int64_t(1) << (bits - 1));
      if (zeros && zeros->isFloat())
        zero = zeros->reals[n * blocks + k / block];
      else if (zeros)
        zero = static_cast<double>(unpack(*zeros, n, zeros->size() / columns, k / block, bits));
      weight.reals[n * depth + k] =
          (static_cast<double>(unpack(packed, n, rowBytes, k, bits)) - zero) * scales.real(n * blocks + k / block);
    }
  auto result = multiplyReal({in[op.getInput()], false}, {weight, true}, getElementTypeOrSelf(op.getType()));
  if (!result)
    return result.takeError();
  if (bias)
    for (int64_t i = 0; i < result->size(); ++i)
      result->reals[i] += bias->real(i % columns);
  return Arrays{std::move(*result)};
}

void transom::addProductMeanings(Meanings &meanings) {
  MeaningOf<&matmul>::add(meanings);
  MeaningOf<&matmulInteger>::add(meanings);
  MeaningOf<&linear>::add(meanings);
  MeaningOf<&linearNBits>::add(meanings);
}
