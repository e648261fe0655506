//===- SumsOfProducts.cpp - values as sums of products of tensors ---------===//

#include "SumsOfProducts.h"
#include "IndexForm.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

Labels broadcastLabels(Value operand, ArrayRef<int> labels) {
  ArrayRef<int64_t> shape = typeOf(operand).getShape();
  ArrayRef<int> aligned = labels.take_back(shape.size());
  Labels own;
  for (auto [size, label] : llvm::zip(shape, aligned))
    own.push_back(size == 1 ? kNoLabel : label);
  return own;
}

namespace {

/// Whether something is summed on the way to `value`: then it is no factor, but what it is computed from are.
bool hasSum(Value value, int depth = 12) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (isa<MatMulOp, CumSumOp>(op))
    return true;
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return reduce.getKind() == ReduceKind::sum;
  if (isa<ReshapeOp, TransposeOp, BroadcastToOp, TriluOp>(op))
    return hasSum(op->getOperand(0), depth - 1);
  if (auto select = dyn_cast<SelectOp>(op))
    return scalar(select.getOnFalse()) == 0.0 && hasSum(select.getOnTrue(), depth - 1);
  auto binary = dyn_cast<BinaryOp>(op);
  if (!binary || (binary.getKind() != BinaryKind::mul && binary.getKind() != BinaryKind::add))
    return false;
  return hasSum(binary.getLhs(), depth - 1) || hasSum(binary.getRhs(), depth - 1);
}

/// Labels (a, b) where a predicate over dims with `labels` says: position along a <= position along b.
std::optional<std::pair<int, int>> orderOf(const std::optional<IndexForm> &form, ArrayRef<int> labels) {
  if (!form || form->offset.asConstant() != 0)
    return std::nullopt;
  ArrayRef<int> aligned = labels.take_back(form->coefficients.size());
  int lower = kNoLabel, upper = kNoLabel;
  for (auto [coefficient, label] : llvm::zip(form->coefficients, aligned)) {
    if (coefficient == 0)
      continue;
    std::optional<int64_t> number = coefficient.asConstant();
    int &place = number == 1 ? upper : lower;
    if ((number != 1 && number != -1) || place != kNoLabel || label == kNoLabel)
      return std::nullopt;
    place = label;
  }
  return lower != kNoLabel && upper != kNoLabel ? std::optional(std::pair(lower, upper)) : std::nullopt;
}

} // namespace

Factor throughViews(Value value, Labels labels) {
  while (Operation *op = value.getDefiningOp()) {
    Labels inner;
    if (auto transpose = dyn_cast<TransposeOp>(op)) {
      inner.assign(labels.size(), kNoLabel);
      for (auto [to, from] : llvm::enumerate(transpose.getPerm()))
        inner[from] = labels[to];
    } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
      auto map = unitDimMap(reshape);
      if (!map)
        break;
      inner.assign(rankOf(reshape.getInput()), kNoLabel);
      for (auto [to, from] : llvm::enumerate(*map))
        if (from >= 0)
          inner[from] = labels[to];
    } else if (isa<BroadcastToOp>(op)) {
      inner = broadcastLabels(op->getOperand(0), labels);
    } else {
      break;
    }
    value = op->getOperand(0);
    labels = inner;
  }
  return {value, labels};
}

Labels SumReader::labelsFor(Value value) {
  Labels labels;
  for (int64_t size : typeOf(value).getShape())
    labels.push_back(size == 1 ? kNoLabel : fresh());
  return labels;
}

SumOfProducts SumReader::whole(Value value, const Labels &labels) {
  SumOfProducts sum;
  sum.terms.push_back({{throughViews(value, labels)}, {}});
  return sum;
}

std::optional<SumOfProducts> SumReader::product(Value a, const Labels &aLabels, Value b, const Labels &bLabels,
                                                int depth) {
  std::optional<SumOfProducts> left = read(a, aLabels, depth), right = left ? read(b, bLabels, depth) : std::nullopt;
  if (!right || left->offset != 0 || right->offset != 0 || left->terms.size() * right->terms.size() > 4)
    return std::nullopt;
  SumOfProducts all;
  for (const Term &x : left->terms)
    for (const Term &y : right->terms) {
      Term term = x;
      llvm::append_range(term.factors, y.factors);
      llvm::append_range(term.upTo, y.upTo);
      all.terms.push_back(std::move(term));
    }
  return all;
}

std::optional<SumOfProducts> SumReader::masked(Value value, const Labels &labels, std::pair<int, int> upTo, int depth) {
  std::optional<SumOfProducts> sum = read(value, labels, depth);
  if (!sum || sum->offset != 0)
    return std::nullopt;
  for (Term &term : sum->terms)
    term.upTo.push_back(upTo);
  return sum;
}

std::optional<SumOfProducts> SumReader::read(Value value, const Labels &given, int depth) {
  auto [inside, labels] = throughViews(value, given);
  Operation *op = inside.getDefiningOp();
  if (!op || depth == 0 || !hasSum(inside))
    return whole(inside, labels);
  --depth;
  if (auto matmul = dyn_cast<MatMulOp>(op)) {
    Value a = matmul.getLhs(), b = matmul.getRhs();
    ArrayRef<int> batch = ArrayRef<int>(labels).drop_back(2);
    int64_t summedAxis = rankOf(a) - (matmul.getTransposeA() ? 2 : 1);
    int summed = typeOf(a).getDimSize(summedAxis) == 1 ? kNoLabel : fresh();
    auto labelsOf = [&](Value operand, int first, int second, bool swapped) {
      Labels all(batch.take_back(rankOf(operand) - 2));
      all.append({swapped ? second : first, swapped ? first : second});
      return broadcastLabels(operand, all);
    };
    return product(a, labelsOf(a, labels[labels.size() - 2], summed, matmul.getTransposeA()), b,
                   labelsOf(b, summed, labels.back(), matmul.getTransposeB()), depth);
  }
  if (auto reduce = dyn_cast<ReduceOp>(op)) {
    Labels inner;
    size_t kept = 0;
    for (int64_t i = 0; i < rankOf(reduce.getInput()); ++i) {
      bool isReduced = llvm::is_contained(reduce.getAxes(), i);
      if (!isReduced)
        inner.push_back(labels[kept++]);
      else
        inner.push_back(typeOf(reduce.getInput()).getDimSize(i) == 1 ? kNoLabel : fresh());
      kept += isReduced && reduce.getKeepdims();
    }
    return read(reduce.getInput(), inner, depth);
  }
  if (auto prefix = dyn_cast<CumSumOp>(op)) {
    Labels inner = labels;
    int row = labels[prefix.getAxis()];
    if (prefix.getExclusive() || prefix.getReverse() || prefix.getProduct() || row == kNoLabel)
      return whole(inside, labels);
    inner[prefix.getAxis()] = fresh();
    return masked(prefix.getInput(), inner, {inner[prefix.getAxis()], row}, depth);
  }
  if (auto trilu = dyn_cast<TriluOp>(op)) {
    int row = labels[labels.size() - 2], column = labels.back();
    if (trilu.getUpper() || (trilu.getK() && getConstantIntValue(trilu.getK()) != 0) || row == kNoLabel ||
        column == kNoLabel)
      return whole(inside, labels);
    return masked(trilu.getInput(), labels, {column, row}, depth);
  }
  if (auto select = dyn_cast<SelectOp>(op)) {
    auto order = orderOf(positionPredicate(select.getCondition()), labels);
    return order ? masked(select.getOnTrue(), broadcastLabels(select.getOnTrue(), labels), *order, depth)
                 : std::optional(whole(inside, labels));
  }
  auto binary = dyn_cast<BinaryOp>(op);
  if (!binary)
    return whole(inside, labels);
  Value a = binary.getLhs(), b = binary.getRhs();
  if (binary.getKind() == BinaryKind::mul) {
    for (auto [mask, other] : {std::pair(a, b), std::pair(b, a)})
      if (auto order = orderOf(oneWhere(mask), labels))
        return masked(other, broadcastLabels(other, labels), *order, depth);
    return product(a, broadcastLabels(a, labels), b, broadcastLabels(b, labels), depth);
  }
  SumOfProducts all;
  for (Value operand : {a, b}) {
    if (std::optional<double> number = scalar(operand)) {
      all.offset += *number;
      continue;
    }
    std::optional<SumOfProducts> part = read(operand, broadcastLabels(operand, labels), depth);
    if (!part || all.terms.size() + part->terms.size() > 4)
      return std::nullopt;
    all.offset += part->offset;
    llvm::append_range(all.terms, part->terms);
  }
  return all;
}

} // namespace transom::match
