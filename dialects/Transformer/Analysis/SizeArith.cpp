//===- SizeArith.cpp - folding, uniquing index arithmetic -----------------===//

#include "Transformer/Analysis/TensorDims.h"

using namespace mlir;
using namespace transom::transformer;

namespace {
enum Kind { Add, Sub, Mul, FloorDiv, Mod, Min, Max, Select, Broadcast, Compare /* + predicate */ };

/// Constants overflow as sizes do when the program runs.
int64_t wrapped(uint64_t value) { return static_cast<int64_t>(value); }

int64_t floorDivide(int64_t a, int64_t b) {
  int64_t q = a / b;
  return (a % b != 0 && ((a < 0) != (b < 0))) ? q - 1 : q;
}

/// A size that was made for a later op of the block is moved, with the sizes that
/// it is made of, to where it is asked for now. What these begin with, arguments
/// and what was read from data, is at hand there.
void moveUp(OpBuilder &builder, Dim dim) {
  auto value = dyn_cast<Value>(dim);
  Operation *op = value ? value.getDefiningOp() : nullptr;
  Block *block = builder.getInsertionBlock();
  if (!op || op->getBlock() != block || builder.getInsertionPoint() == block->end() ||
      op->isBeforeInBlock(&*builder.getInsertionPoint()) ||
      !(isa<tensor::DimOp>(op) || isa<arith::ArithDialect>(op->getDialect())))
    return;
  for (Value operand : op->getOperands())
    moveUp(builder, operand);
  if (op == &*builder.getInsertionPoint())
    builder.setInsertionPointAfter(op);
  else
    op->moveBefore(block, builder.getInsertionPoint());
}
} // namespace

Dim SizeArith::constant(int64_t value) { return builder.getIndexAttr(value); }

Value SizeArith::value(Location loc, Dim dim) {
  if (auto value = dyn_cast<Value>(dim)) {
    moveUp(builder, dim);
    return value;
  }
  Dim unique = this->unique(1000, dim, Dim(), Dim(), [&] {
    return Dim(Value(arith::ConstantOp::create(builder, loc, cast<IntegerAttr>(cast<Attribute>(dim)))));
  });
  return cast<Value>(unique);
}

template <typename Make> Dim SizeArith::unique(int kind, Dim a, Dim b, Dim c, Make make) {
  void *left = a.getOpaqueValue(), *right = b.getOpaqueValue();
  // One value for both orders. What is made keeps the order asked for: that of addresses differs from run to run.
  if ((kind == Add || kind == Mul) && std::less<>()(right, left))
    std::swap(left, right);
  auto key = std::make_tuple(kind, left, right, c.getOpaqueValue());
  auto found = known.find(key);
  if (found != known.end()) {
    moveUp(builder, found->second);
    return found->second;
  }
  Dim made = make();
  known[key] = made;
  return made;
}

Dim SizeArith::add(Location loc, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb)
    return constant(wrapped(uint64_t(*ca) + uint64_t(*cb)));
  if (ca == 0)
    return b;
  if (cb == 0)
    return a;
  if (ca)
    std::swap(a, b);
  // (x - y) + y and (x + c) + d.
  if (auto value = dyn_cast<Value>(a)) {
    if (auto sub = value.getDefiningOp<arith::SubIOp>())
      if (Dim(sub.getRhs()) == b)
        return sub.getLhs();
    if (auto inner = value.getDefiningOp<arith::AddIOp>())
      if (auto c = asConstant(getAsOpFoldResult(inner.getRhs())), d = asConstant(b); c && d)
        return add(loc, inner.getLhs(), constant(wrapped(uint64_t(*c) + uint64_t(*d))));
  }
  if (auto value = dyn_cast<Value>(b))
    if (auto sub = value.getDefiningOp<arith::SubIOp>())
      if (Dim(sub.getRhs()) == a)
        return sub.getLhs();
  return unique(Add, a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    return Dim(Value(arith::AddIOp::create(builder, loc, l, r)));
  });
}

Dim SizeArith::sub(Location loc, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb)
    return constant(wrapped(uint64_t(*ca) - uint64_t(*cb)));
  if (a == b)
    return constant(0);
  if (cb)
    return add(loc, a, constant(wrapped(0 - uint64_t(*cb))));
  if (auto value = dyn_cast<Value>(a))
    if (auto sum = value.getDefiningOp<arith::AddIOp>()) {
      if (Dim(sum.getRhs()) == b)
        return sum.getLhs();
      if (Dim(sum.getLhs()) == b) {
        return getAsOpFoldResult(sum.getRhs());
      }
    }
  return unique(Sub, a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    return Dim(Value(arith::SubIOp::create(builder, loc, l, r)));
  });
}

Dim SizeArith::mul(Location loc, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb)
    return constant(wrapped(uint64_t(*ca) * uint64_t(*cb)));
  if (ca == 0 || cb == 0)
    return constant(0);
  if (ca == 1)
    return b;
  if (cb == 1)
    return a;
  if (ca)
    std::swap(a, b);
  return unique(Mul, a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    return Dim(Value(arith::MulIOp::create(builder, loc, l, r)));
  });
}

void SizeArith::factors(Dim dim, SmallVectorImpl<Value> &values, int64_t &coefficient) {
  if (auto c = asConstant(dim)) {
    coefficient = wrapped(uint64_t(coefficient) * uint64_t(*c));
    return;
  }
  Value value = cast<Value>(dim);
  if (auto product = value.getDefiningOp<arith::MulIOp>()) {
    factors(product.getLhs(), values, coefficient);
    factors(product.getRhs(), values, coefficient);
    return;
  }
  values.push_back(value);
}

Dim SizeArith::floorDiv(Location loc, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb && *cb != 0)
    return constant(floorDivide(*ca, *cb));
  if (cb == 1)
    return a;
  // Cancel what numerator and denominator share.
  SmallVector<Value> top, bottom;
  int64_t topCoefficient = 1, bottomCoefficient = 1;
  factors(a, top, topCoefficient);
  factors(b, bottom, bottomCoefficient);
  SmallVector<Value> rest;
  for (Value value : bottom) {
    auto *found = llvm::find(top, value);
    if (found == top.end())
      rest.push_back(value);
    else
      top.erase(found);
  }
  if (rest.size() != bottom.size() || (bottomCoefficient > 1 && topCoefficient % bottomCoefficient == 0)) {
    int64_t common = std::gcd(topCoefficient, bottomCoefficient);
    if (common > 0) {
      a = constant(topCoefficient / common);
      for (Value value : top)
        a = mul(loc, a, value);
      b = constant(bottomCoefficient / common);
      for (Value value : rest)
        b = mul(loc, b, value);
      if (asConstant(b) == 1)
        return a;
    }
  }
  return unique(FloorDiv, a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    return Dim(Value(arith::FloorDivSIOp::create(builder, loc, l, r)));
  });
}

Dim SizeArith::mod(Location loc, Dim a, Dim b) { return sub(loc, a, mul(loc, floorDiv(loc, a, b), b)); }

Dim SizeArith::min(Location loc, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb)
    return constant(std::min(*ca, *cb));
  // Sizes are never negative and far below 2^62: ONNX's "to the end" is INT64_MAX.
  constexpr int64_t huge = int64_t(1) << 62;
  if (a == b || (cb && *cb >= huge))
    return a;
  if (ca && *ca >= huge)
    return b;
  if ((nonPositive(b) && nonNegative(a)) || boundedAbove(b, a))
    return b;
  if ((nonPositive(a) && nonNegative(b)) || boundedAbove(a, b))
    return a;
  return unique(Min, a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    return Dim(Value(arith::MinSIOp::create(builder, loc, l, r)));
  });
}

Dim SizeArith::max(Location loc, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb)
    return constant(std::max(*ca, *cb));
  if (a == b || (nonPositive(b) && nonNegative(a)) || boundedAbove(b, a))
    return a;
  if ((nonPositive(a) && nonNegative(b)) || boundedAbove(a, b))
    return b;
  return unique(Max, a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    return Dim(Value(arith::MaxSIOp::create(builder, loc, l, r)));
  });
}

Dim SizeArith::compare(Location loc, arith::CmpIPredicate predicate, Dim a, Dim b) {
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca && cb)
    return constant(arith::applyCmpPredicate(predicate, APInt(64, *ca, true), APInt(64, *cb, true)));
  if (a == b && predicate == arith::CmpIPredicate::eq)
    return constant(1);
  if (predicate == arith::CmpIPredicate::eq && ((ca && *ca < 0 && nonNegative(b)) || (cb && *cb < 0 && nonNegative(a))))
    return constant(0);
  if (predicate == arith::CmpIPredicate::slt && nonNegative(a) && nonPositive(b))
    return constant(0);
  return unique(Compare + static_cast<int>(predicate), a, b, Dim(), [&] {
    Value l = value(loc, a), r = value(loc, b);
    Value bit = arith::CmpIOp::create(builder, loc, predicate, l, r);
    Value one = value(loc, constant(1)), zero = value(loc, constant(0));
    return Dim(Value(arith::SelectOp::create(builder, loc, bit, one, zero)));
  });
}

Dim SizeArith::select(Location loc, Dim condition, Dim a, Dim b) {
  if (auto c = asConstant(condition))
    return *c ? a : b;
  if (a == b)
    return a;
  return unique(Select, condition, a, b, [&] {
    Value l = value(loc, a), r = value(loc, b);
    // What `compare` made is read before it was made a number.
    auto number = cast<Value>(condition).getDefiningOp<arith::SelectOp>();
    bool isCompared = number && asConstant(getAsOpFoldResult(number.getTrueValue())) == 1 &&
                      asConstant(getAsOpFoldResult(number.getFalseValue())) == 0;
    Value bit = isCompared ? number.getCondition()
                           : Value(arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, cast<Value>(condition),
                                                         value(loc, constant(0))));
    return Dim(Value(arith::SelectOp::create(builder, loc, bit, l, r)));
  });
}

Dim SizeArith::product(Location loc, ArrayRef<Dim> dims) {
  Dim result = constant(1);
  for (Dim dim : dims)
    result = mul(loc, result, dim);
  return result;
}

bool SizeArith::equalProducts(ArrayRef<Dim> a, ArrayRef<Dim> b) {
  SmallVector<Value> left, right;
  int64_t leftCoefficient = 1, rightCoefficient = 1;
  for (Dim dim : a)
    factors(dim, left, leftCoefficient);
  for (Dim dim : b)
    factors(dim, right, rightCoefficient);
  return leftCoefficient == rightCoefficient && left.size() == right.size() &&
         std::is_permutation(left.begin(), left.end(), right.begin());
}

bool SizeArith::nonNegative(Dim dim, int depth) {
  if (auto c = asConstant(dim))
    return *c >= 0;
  Operation *op = cast<Value>(dim).getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (isa<tensor::DimOp>(op))
    return true;
  if (isa<arith::MaxSIOp>(op))
    return nonNegative(op->getOperand(0), depth - 1) || nonNegative(op->getOperand(1), depth - 1);
  if (isa<arith::AddIOp, arith::MulIOp, arith::MinSIOp, arith::FloorDivSIOp>(op))
    return nonNegative(op->getOperand(0), depth - 1) && nonNegative(op->getOperand(1), depth - 1);
  if (auto choice = dyn_cast<arith::SelectOp>(op))
    return nonNegative(choice.getTrueValue(), depth - 1) && nonNegative(choice.getFalseValue(), depth - 1);
  if (auto difference = dyn_cast<arith::SubIOp>(op))
    return nonPositive(difference.getRhs(), depth - 1)
               ? nonNegative(difference.getLhs(), depth - 1)
               : boundedAbove(difference.getRhs(), difference.getLhs(), depth - 1);
  return false;
}

bool SizeArith::nonPositive(Dim dim, int depth) {
  if (auto c = asConstant(dim))
    return *c <= 0;
  Operation *op = cast<Value>(dim).getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (auto difference = dyn_cast<arith::SubIOp>(op))
    return nonPositive(difference.getLhs(), depth - 1) && nonNegative(difference.getRhs(), depth - 1);
  if (isa<arith::MulIOp>(op))
    return (nonPositive(op->getOperand(0), depth - 1) && nonNegative(op->getOperand(1), depth - 1)) ||
           (nonNegative(op->getOperand(0), depth - 1) && nonPositive(op->getOperand(1), depth - 1));
  if (isa<arith::MinSIOp>(op))
    return nonPositive(op->getOperand(0), depth - 1) || nonPositive(op->getOperand(1), depth - 1);
  if (isa<arith::AddIOp, arith::MaxSIOp>(op))
    return nonPositive(op->getOperand(0), depth - 1) && nonPositive(op->getOperand(1), depth - 1);
  if (auto choice = dyn_cast<arith::SelectOp>(op))
    return nonPositive(choice.getTrueValue(), depth - 1) && nonPositive(choice.getFalseValue(), depth - 1);
  return false;
}

/// `dim` is a minimum with `limit`, or `limit` is a sum of it and a size.
bool SizeArith::boundedAbove(Dim dim, Dim limit, int depth) {
  if (dim == limit)
    return true;
  if (depth == 0)
    return false;
  if (auto value = dyn_cast<Value>(dim))
    if (auto smaller = value.getDefiningOp<arith::MinSIOp>())
      return boundedAbove(getAsOpFoldResult(smaller.getLhs()), limit, depth - 1) ||
             boundedAbove(getAsOpFoldResult(smaller.getRhs()), limit, depth - 1);
  if (auto value = dyn_cast<Value>(limit))
    if (auto sum = value.getDefiningOp<arith::AddIOp>()) {
      Dim a = getAsOpFoldResult(sum.getLhs()), b = getAsOpFoldResult(sum.getRhs());
      return (nonNegative(b, depth - 1) && boundedAbove(dim, a, depth - 1)) ||
             (nonNegative(a, depth - 1) && boundedAbove(dim, b, depth - 1));
    }
  return false;
}

/// The size if every `min(x, constant)` in it were x, and every `min(x, size)`
/// were `size`: what a slice of a table is meant to have.
Dim SizeArith::withoutLimits(Location loc, Dim dim, Dim size) {
  auto value = dyn_cast_if_present<Value>(dim);
  Operation *op = value ? value.getDefiningOp() : nullptr;
  if (!op || op->getNumOperands() != 2)
    return dim;
  Dim a = getAsOpFoldResult(op->getOperand(0)), b = getAsOpFoldResult(op->getOperand(1));
  if (isa<arith::MinSIOp>(op) && (a == size || b == size))
    return size;
  if (isa<arith::MinSIOp>(op) && (asConstant(a) || asConstant(b)))
    return withoutLimits(loc, asConstant(a) ? b : a, size);
  if (isa<arith::AddIOp>(op))
    return add(loc, withoutLimits(loc, a, size), withoutLimits(loc, b, size));
  if (isa<arith::SubIOp>(op))
    return sub(loc, withoutLimits(loc, a, size), withoutLimits(loc, b, size));
  return dim;
}

Dim SizeArith::broadcast(Location loc, Dim a, Dim b) {
  if (a == b)
    return a;
  auto ca = asConstant(a), cb = asConstant(b);
  if (ca == 1)
    return b;
  if (cb == 1)
    return a;
  if (ca && cb)
    return a;
  // A static dim above 1 decides; the other one is that or 1.
  if (ca || cb)
    return unique(Broadcast, a, b, Dim(), [&]() -> Dim {
      auto check = CheckSizesOp::create(builder, loc, value(loc, ca ? b : a), value(loc, ca ? a : b));
      check.setBroadcast(true);
      return ca ? a : b;
    });
  // min(x, limit) against x: a slice of a table or a mask; it can only mean x.
  auto boundedBy = [&](Dim bounded, Dim size) {
    Dim free = withoutLimits(loc, bounded, size);
    return free != bounded && free == size;
  };
  bool aBounded = boundedBy(a, b), bBounded = boundedBy(b, a);
  return unique(Broadcast, a, b, Dim(), [&]() -> Dim {
    Value l = value(loc, a), r = value(loc, b);
    auto check = CheckSizesOp::create(builder, loc, l, r);
    if (aBounded)
      return b;
    if (bBounded)
      return a;
    check.setBroadcast(true);
    return select(loc, compare(loc, arith::CmpIPredicate::eq, a, constant(1)), b, a);
  });
}

Dim SizeArith::dimOf(Location loc, Value tensor, int64_t index) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(index))
    return constant(type.getDimSize(index));
  auto key = std::make_pair(tensor.getAsOpaquePointer(), index);
  auto found = knownDims.find(key);
  if (found != knownDims.end()) {
    moveUp(builder, found->second);
    return found->second;
  }
  Value position = value(loc, constant(index));
  Dim dim = Value(tensor::DimOp::create(builder, loc, tensor, position));
  knownDims[key] = dim;
  return dim;
}

void SizeArith::alias(Value tensor, int64_t index, Dim dim) { knownDims[{tensor.getAsOpaquePointer(), index}] = dim; }
