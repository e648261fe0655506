//===- Reductions.cpp - meanings of reductions and what works along a dim -===//

#include "Meaning.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

/// NaN wins over any number, as in NumPy.
static double extreme(double a, double b, bool largest) {
  if (std::isnan(a) || std::isnan(b))
    return std::nan("");
  return largest ? std::max(a, b) : std::min(a, b);
}

static llvm::Expected<Arrays> reduce(ReduceOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Shape kept = x.shape;
  int64_t count = 1;
  for (int64_t axis : op.getAxes()) {
    count *= kept[axis];
    kept[axis] = 1;
  }
  ReduceKind kind = op.getKind();
  bool largest = kind == ReduceKind::max, isExtreme = largest || kind == ReduceKind::min;
  Array result = Array::make(x.element, kept);
  if (isExtreme && !x.isFloat() && count == 0 && result.size())
    return problem("the largest or smallest of no whole numbers");
  double infinity = std::numeric_limits<double>::infinity();
  std::fill(result.reals.begin(), result.reals.end(),
            isExtreme                  ? (largest ? -infinity : infinity)
            : kind == ReduceKind::prod ? 1.0
                                       : 0.0);
  std::fill(result.integers.begin(), result.integers.end(), kind == ReduceKind::prod);
  std::vector<bool> seen(result.size());
  for (Positions at(x.shape); !at.done(); at.next()) {
    int64_t to = broadcastPosition(at.indices(), kept);
    if (x.isFloat()) {
      double &total = result.reals[to], value = x.reals[at.flat];
      total = isExtreme ? extreme(total, value, largest) : kind == ReduceKind::prod ? total * value : total + value;
      continue;
    }
    int64_t &total = result.integers[to], value = x.integers[at.flat];
    if (isExtreme)
      total = !seen[to] ? value : largest ? std::max(total, value) : std::min(total, value);
    else
      total = kind == ReduceKind::prod ? total * value : total + value;
    seen[to] = true;
  }
  if (kind == ReduceKind::mean) {
    for (double &value : result.reals)
      value /= static_cast<double>(count);
    for (int64_t &value : result.integers)
      value /= std::max<int64_t>(count, 1);
  }
  if (!op.getKeepdims()) {
    result.shape.clear();
    for (auto [i, dim] : llvm::enumerate(x.shape))
      if (!llvm::is_contained(op.getAxes(), static_cast<int64_t>(i)))
        result.shape.push_back(dim);
  }
  return Arrays{std::move(result)};
}

namespace {
/// The elements along one dim: `start`, then every `step`-th.
struct Line {
  int64_t start, step, count;
  int64_t operator[](int64_t i) const { return start + i * step; }
};
} // namespace

/// All lines of `shape` along `axis`, in row-major order of the other dims.
static std::vector<Line> linesOf(ArrayRef<int64_t> shape, int64_t axis) {
  int64_t inner = elementsOf(shape.drop_front(axis + 1)), count = shape[axis];
  std::vector<Line> lines;
  for (int64_t outer = 0; outer < elementsOf(shape.take_front(axis)); ++outer)
    for (int64_t i = 0; i < inner; ++i)
      lines.push_back({outer * count * inner + i, inner, count});
  return lines;
}

static llvm::Expected<Arrays> argReduce(ArgReduceOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  int64_t axis = op.getAxis();
  Shape shape = x.shape;
  shape[axis] = 1;
  Array result = Array::make(getElementTypeOrSelf(op.getType()), shape);
  if (x.shape[axis] == 0 && result.size())
    return problem("the largest or smallest of no elements");
  bool largest = op.getKind() == ReduceKind::max;
  for (auto [i, line] : llvm::enumerate(linesOf(x.shape, axis))) {
    int64_t best = 0;
    for (int64_t k = 1; k < line.count; ++k) {
      double value = x.real(line[k]), held = x.real(line[best]);
      bool better = !std::isnan(held) && (std::isnan(value) || (largest ? value > held : value < held));
      if (better || (op.getSelectLast() && value == held))
        best = k;
    }
    result.integers[i] = best;
  }
  if (!op.getKeepdims())
    result.shape.erase(result.shape.begin() + axis);
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> softmax(SoftmaxOp op, const Operands &in) {
  Array result = in[op.getInput()];
  for (Line line : linesOf(result.shape, op.getAxis())) {
    double top = -std::numeric_limits<double>::infinity(), total = 0;
    for (int64_t k = 0; k < line.count; ++k)
      top = extreme(top, result.reals[line[k]], true);
    for (int64_t k = 0; k < line.count; ++k) {
      result.reals[line[k]] -= top;
      total += std::exp(result.reals[line[k]]);
    }
    for (int64_t k = 0; k < line.count; ++k) {
      double &value = result.reals[line[k]];
      value = op.getLog() ? value - std::log(total) : std::exp(value) / total;
    }
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> cumsum(CumSumOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Array result = x;
  for (Line line : linesOf(x.shape, op.getAxis())) {
    double real = 0;
    int64_t integer = 0;
    for (int64_t k = 0; k < line.count; ++k) {
      int64_t at = line[op.getReverse() ? line.count - 1 - k : k];
      double realBefore = real;
      int64_t integerBefore = integer;
      if (x.isFloat())
        result.reals[at] = op.getExclusive() ? (real += x.reals[at], realBefore) : (real += x.reals[at]);
      else
        result.integers[at] =
            op.getExclusive() ? (integer += x.integers[at], integerBefore) : (integer += x.integers[at]);
    }
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> topk(TopKOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  int64_t axis = op.getAxis(), k = cast<RankedTensorType>(op.getValues().getType()).getDimSize(axis);
  if (ShapedType::isDynamic(k))
    k = in.size(op.getK());
  if (k > x.shape[axis])
    return problem("the first " + Twine(k) + " of " + Twine(x.shape[axis]) + " elements");
  Shape shape = x.shape;
  shape[axis] = k;
  Array values = Array::make(x.element, shape), indices = Array::make(getElementTypeOrSelf(op.getIndices()), shape);
  std::vector<Line> from = linesOf(x.shape, axis), to = linesOf(shape, axis);
  for (auto [source, target] : llvm::zip(from, to)) {
    std::vector<int64_t> order(source.count);
    std::iota(order.begin(), order.end(), 0);
    llvm::stable_sort(order, [&, source = source](int64_t a, int64_t b) {
      double left = x.real(source[a]), right = x.real(source[b]);
      return op.getLargest() ? left > right : left < right;
    });
    for (int64_t i = 0; i < k; ++i) {
      indices.integers[target[i]] = order[i];
      if (x.isFloat())
        values.reals[target[i]] = x.reals[source[order[i]]];
      else
        values.integers[target[i]] = x.integers[source[order[i]]];
    }
  }
  Arrays results;
  results.push_back(std::move(values));
  results.push_back(std::move(indices));
  return results;
}

void transom::addReductionMeanings(Meanings &meanings) {
  MeaningOf<&reduce>::add(meanings);
  MeaningOf<&argReduce>::add(meanings);
  MeaningOf<&softmax>::add(meanings);
  MeaningOf<&cumsum>::add(meanings);
  MeaningOf<&topk>::add(meanings);
}
