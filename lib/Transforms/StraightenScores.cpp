//===- StraightenScores.cpp - scores as [.., queries, keys] ---------------===//
//
// Attention whose scores lie in another order than [.., queries, keys]: keys
// before queries and the softmax along them, heads after queries (as einsum
// writes them), values times probabilities. Moves transposes of the scores up
// to the product of queries and keys, where they are its flags or cancel; does
// nothing where they would not.
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

using Perm = SmallVector<int64_t, 5>;

Perm identity(int64_t rank) { return llvm::to_vector<5>(llvm::seq<int64_t>(0, rank)); }
bool isIdentity(ArrayRef<int64_t> perm) { return llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())); }

/// Result dim i of both transposes is input dim first[second[i]].
Perm then(ArrayRef<int64_t> first, ArrayRef<int64_t> second) {
  Perm both;
  for (int64_t dim : second)
    both.push_back(first[dim]);
  return both;
}
Perm swapped(Perm perm) {
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return perm;
}

/// The operand of an elementwise op by which a product of two computed values is reached, and whether transposes
/// stand on the way; the one without where there are two.
struct Way {
  Value operand;
  bool transposes = false;
};
std::optional<Way> wayFrom(Operation *op, int depth = 12);

/// Whether the way to a product passes transposes; nullopt where there is no way.
std::optional<bool> wayToProduct(Value value, int depth = 12) {
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return std::nullopt;
  if (auto product = dyn_cast<MatMulOp>(op))
    return isWeight(product.getRhs()) || isWeight(product.getLhs()) ? std::nullopt : std::optional(false);
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return wayToProduct(transpose.getInput(), depth - 1) ? std::optional(true) : std::nullopt;
  std::optional<Way> way = wayFrom(op, depth - 1);
  return way ? std::optional(way->transposes) : std::nullopt;
}

std::optional<Way> wayFrom(Operation *op, int depth) {
  auto unary = dyn_cast<UnaryOp>(op);
  bool isElementwise = isa<CastOp, BinaryOp, SelectOp>(op) ||
                       (unary && (unary.getKind() == UnaryKind::tanh || unary.getKind() == UnaryKind::neg));
  std::optional<Way> found;
  for (Value operand : op->getOperands()) {
    if (!isElementwise || (operand.getType() != op->getResult(0).getType() && !isa<CastOp>(op)))
      continue;
    std::optional<bool> transposes = wayToProduct(operand, depth);
    if (transposes && (!found || (found->transposes && !*transposes)))
      found = Way{operand, *transposes};
  }
  return found;
}

/// True where `value` transposed by `perm` is a product again, with other flags at most.
bool endsAtProduct(Value value, Perm perm) {
  for (int depth = 0; depth < 16; ++depth) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return false;
    if (isa<MatMulOp>(op))
      return isIdentity(perm) || isIdentity(swapped(perm));
    if (auto transpose = dyn_cast<TransposeOp>(op)) {
      perm = then(transpose.getPerm(), perm);
      value = transpose.getInput();
      continue;
    }
    std::optional<Way> way = wayFrom(op);
    if (!way)
      return false;
    value = way->operand;
    // What goes with the scores is transposed as well; what has fewer dims would be another value then.
    for (Value other : op->getOperands())
      if (other != value && rankOf(other) != 0 && rankOf(other) != rankOf(value) && !isIdentity(perm))
        return false;
  }
  return false;
}

/// How the product with the values reads the probabilities.
struct Reading {
  MatMulOp mix;
  bool onRight = false;
  Perm perm; ///< from the softmax's dims to [.., queries, keys]
};

/// The product that contracts the dim along which the softmax is, through transposes alone.
std::optional<Reading> readingOf(SoftmaxOp softmax) {
  Value probabilities = softmax.getResult();
  Perm perm = identity(rankOf(softmax));
  while (probabilities.hasOneUse()) {
    auto transpose = dyn_cast<TransposeOp>(*probabilities.user_begin());
    if (!transpose)
      break;
    perm = then(perm, transpose.getPerm());
    probabilities = transpose.getResult();
  }
  auto mix = probabilities.hasOneUse() ? dyn_cast<MatMulOp>(*probabilities.user_begin()) : MatMulOp();
  if (!mix || perm.size() < 2 || rankOf(mix) != static_cast<int64_t>(perm.size()))
    return std::nullopt;
  Reading reading{mix, mix.getRhs() == probabilities, perm};
  // [.., queries, keys] on the left; on the right it is what stands there transposed.
  if (reading.onRight ? !mix.getTransposeB() : mix.getTransposeA())
    reading.perm = swapped(reading.perm);
  if (reading.perm.back() != static_cast<int64_t>(softmax.getAxis()) || mix.getLhs() == mix.getRhs())
    return std::nullopt;
  return reading;
}

/// `value`, on the way to the product, with its dims permuted by what moves up to there.
Value permuted(OpBuilder &builder, Value value, const Perm &perm) {
  Operation *op = value.getDefiningOp();
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return permuted(builder, transpose.getInput(), then(transpose.getPerm(), perm));
  if (auto product = dyn_cast<MatMulOp>(op)) {
    if (isIdentity(perm))
      return value;
    return MatMulOp::create(builder, product.getLoc(), product.getRhs(), product.getLhs(), !product.getTransposeB(),
                            !product.getTransposeA());
  }
  Value scores = wayFrom(op)->operand;
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    if (operand == scores)
      operand = permuted(builder, operand, perm);
    else if (rankOf(operand) != 0 && !isIdentity(perm))
      operand = TransposeOp::create(builder, op->getLoc(), operand, perm);
    operands.push_back(operand);
  }
  SmallVector<int64_t> shape;
  for (int64_t dim : perm)
    shape.push_back(typeOf(value).getDimSize(dim));
  Operation *copy = builder.clone(*op);
  copy->setOperands(operands);
  copy->getResult(0).setType(typeOf(value).clone(shape));
  return copy->getResult(0);
}

/// Erases `op` and what only it read.
void eraseDead(Operation *op) {
  llvm::SmallSetVector<Operation *, 8> worklist;
  worklist.insert(op);
  while (!worklist.empty()) {
    Operation *next = worklist.pop_back_val();
    if (!isOpTriviallyDead(next))
      continue;
    for (Value operand : next->getOperands())
      if (Operation *source = operand.getDefiningOp())
        worklist.insert(source);
    next->erase();
  }
}

} // namespace

SoftmaxOp straightenScores(SoftmaxOp softmax) {
  std::optional<bool> way = wayToProduct(softmax.getInput());
  std::optional<Reading> reading = way && !softmax.getLog() ? readingOf(softmax) : std::nullopt;
  if (!reading || (isIdentity(reading->perm) && !reading->onRight && !*way) ||
      !endsAtProduct(softmax.getInput(), reading->perm))
    return softmax;
  OpBuilder builder(softmax);
  MatMulOp mix = reading->mix;
  Value scores = permuted(builder, softmax.getInput(), reading->perm);
  auto straight = SoftmaxOp::create(builder, softmax.getLoc(), scores, rankOf(scores) - 1, /*log=*/false);
  builder.setInsertionPoint(mix);
  Value values = reading->onRight ? mix.getLhs() : mix.getRhs();
  bool transposed = reading->onRight ? !mix.getTransposeA() : mix.getTransposeB();
  Value mixed = MatMulOp::create(builder, mix.getLoc(), straight, values, false, transposed);
  if (reading->onRight)
    mixed = TransposeOp::create(builder, mix.getLoc(), mixed, swapped(identity(rankOf(mixed))));
  mix.getResult().replaceAllUsesWith(mixed);
  eraseDead(mix);
  return straight;
}

} // namespace transom::match
