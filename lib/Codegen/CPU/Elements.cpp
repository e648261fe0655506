//===- Elements.cpp - single elements of elementwise ops ------------------===//
//
// One rule an op: the element of its result at an index, in terms of elements
// of its operands.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "transom/program.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

class ElementRules {
public:
  ElementRules(KernelBuilder &kb, ArrayRef<Value> at) : kb(kb), b(kb.b), at(at) {}

  Value of(ConstantOp op) {
    auto dense = cast<DenseElementsAttr>(op.getValue());
    Type element = dense.getElementType(), type = KernelBuilder::registerType(element);
    if (auto floatType = dyn_cast<FloatType>(element)) {
      APFloat value = dense.getSplatValue<APFloat>();
      bool lost;
      value.convert(cast<FloatType>(type).getFloatSemantics(), APFloat::rmNearestTiesToEven, &lost);
      return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
    }
    return arith::ConstantOp::create(b, b.getIntegerAttr(type, dense.getSplatValue<APInt>()));
  }

  Value of(UnaryOp op) {
    Value x = kb.element(op.getInput(), at);
    return kb.unary(op.getKind(), x, kb.elementOf(op.getInput()));
  }
  Value of(BinaryOp op) {
    Value l = operand(op, op.getLhs()), r = operand(op, op.getRhs());
    return kb.binary(op.getKind(), l, r, kb.elementOf(op.getLhs()), kb.elementOf(op.getRhs()));
  }
  Value of(CompareOp op) {
    Value l = operand(op, op.getLhs()), r = operand(op, op.getRhs());
    return kb.compare(op.getKind(), l, r, kb.elementOf(op.getLhs()));
  }
  Value of(SelectOp op) {
    Value c = operand(op, op.getCondition()), l = operand(op, op.getOnTrue()), r = operand(op, op.getOnFalse());
    return kb.select(c, l, r);
  }
  Value of(BitcastOp op) {
    Type from = kb.elementOf(op.getInput()), to = kb.elementOf(op.getResult());
    Value stored = kb.toStorage(kb.element(op.getInput(), at), from);
    Type wanted = KernelBuilder::storageType(to);
    return kb.fromStorage(stored.getType() == wanted ? stored : arith::BitcastOp::create(b, wanted, stored), to);
  }
  Value of(CastOp op) {
    Value x = kb.element(op.getInput(), at);
    return kb.cast(x, kb.elementOf(op.getInput()), kb.elementOf(op.getResult()));
  }
  Value of(GLUOp op) {
    Value gate = operand(op, op.getGate()), up = operand(op, op.getUp());
    Type element = kb.elementOf(op.getResult());
    return kb.binary(BinaryKind::mul, kb.unary(op.getActivation(), gate, element), up, element);
  }

  Value of(BroadcastToOp op) { return operand(op, op.getInput()); }
  Value of(TileOp op) {
    Index inner;
    Dims own = kb.shapeOf(op.getInput()), all = kb.shapeOf(op.getResult());
    for (auto [i, dim] : llvm::enumerate(own))
      inner.push_back(dim == all[i] ? at[i] : kb.rem(at[i], kb.index(dim)));
    return kb.element(op.getInput(), inner);
  }
  Value of(TransposeOp op) {
    Index inner(at.size());
    for (auto [i, axis] : llvm::enumerate(op.getPerm()))
      inner[axis] = at[i];
    return kb.element(op.getInput(), inner);
  }
  Value of(SliceOp op) {
    Index inner;
    size_t next = 0;
    for (auto [i, start] : llvm::enumerate(op.getStaticStarts())) {
      Value begin = start == INT64_MIN ? kb.index(Dim(op.getStarts()[next++])) : kb.index(start);
      inner.push_back(kb.add(begin, kb.mul(at[i], kb.index(op.getSteps()[i]))));
    }
    return kb.element(op.getInput(), inner);
  }
  Value of(PadOp op) {
    Index inner;
    Value inside;
    SmallVector<Value> dims = kb.dimsOf(op.getInput());
    Dims own = kb.shapeOf(op.getInput()), all = kb.shapeOf(op.getResult());
    size_t next = 0;
    for (auto [i, start] : llvm::enumerate(op.getStaticLow())) {
      Value low = start == INT64_MIN ? kb.index(Dim(op.getLows()[next++])) : kb.index(start);
      Value position = kb.sub(at[i], low), dim = dims[i], zero = kb.index(0);
      if (start == 0 && own[i] == all[i]) {
        inner.push_back(at[i]);
        continue;
      }
      Value last = kb.sub(dim, kb.index(1));
      if (op.getMode() == PadMode::edge) {
        position = kb.max(kb.min(position, last), zero);
      } else if (op.getMode() == PadMode::wrap) {
        Value r = arith::RemSIOp::create(b, position, kb.max(dim, kb.index(1)));
        position = kb.select(kb.less(r, zero), kb.add(r, dim), r);
      } else if (op.getMode() == PadMode::reflect) {
        // A period of 2 (dim - 1); a dim of 1 repeats its element.
        Value period = kb.max(kb.mul(last, kb.index(2)), kb.index(1));
        Value r = arith::RemSIOp::create(b, position, period);
        r = kb.select(kb.less(r, zero), kb.add(r, period), r);
        position = kb.min(r, kb.sub(period, r));
        position = kb.select(kb.equal(last, zero), zero, position);
      } else {
        Value here =
            kb.both(arith::CmpIOp::create(b, arith::CmpIPredicate::sge, position, zero), kb.less(position, dim));
        inside = inside ? kb.both(inside, here) : here;
      }
      inner.push_back(position);
    }
    if (!inside)
      return kb.element(op.getInput(), inner);
    return kb.choose(
        inside, [&] { return kb.element(op.getInput(), inner); },
        [&]() -> Value {
          if (op.getValue())
            return kb.element(op.getValue(), Index(KernelBuilder::rankOf(op.getValue()), kb.index(0)));
          return kb.number(KernelBuilder::registerType(kb.elementOf(op.getResult())), 0);
        });
  }

  /// An index as ONNX counts: from the end when negative; out of range fails
  /// the run and reads element 0.
  Value wrapped(Value number, Type element, Value dim) {
    Value i = kb.toIndex(number, KernelBuilder::isUnsigned(element)), zero = kb.index(0);
    Value forward = KernelBuilder::isUnsigned(element) ? i : kb.select(kb.less(i, zero), kb.add(i, dim), i);
    Value bad = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, forward, dim);
    kb.when(bad, [&] { kb.fail(TRANSOM_FAIL_INDEX, i, dim); });
    return kb.select(bad, zero, forward);
  }
  Value of(GatherOp op) {
    int64_t axis = op.getAxis(), width = KernelBuilder::rankOf(op.getIndices());
    Value number = kb.element(op.getIndices(), at.slice(axis, width));
    Index inner(at.take_front(axis));
    inner.push_back(wrapped(number, kb.elementOf(op.getIndices()), kb.dimsOf(op.getInput())[axis]));
    inner.append(at.begin() + axis + width, at.end());
    return kb.element(op.getInput(), inner);
  }
  Value of(GatherElementsOp op) {
    Index inner(at);
    inner[op.getAxis()] =
        wrapped(kb.element(op.getIndices(), at), kb.elementOf(op.getIndices()), kb.dimsOf(op.getInput())[op.getAxis()]);
    return kb.element(op.getInput(), inner);
  }
  Value of(GatherNDOp op) {
    int64_t batch = op.getBatchDims(), width = KernelBuilder::rankOf(op.getIndices()) - 1;
    int64_t tuple = cast<RankedTensorType>(op.getIndices().getType()).getShape().back();
    SmallVector<Value> dims = kb.dimsOf(op.getInput());
    Index inner(at.take_front(batch));
    for (int64_t i = 0; i < tuple; ++i) {
      Index where(at.take_front(width));
      where.push_back(kb.index(i));
      inner.push_back(wrapped(kb.element(op.getIndices(), where), kb.elementOf(op.getIndices()), dims[batch + i]));
    }
    inner.append(at.begin() + width, at.end());
    return kb.element(op.getInput(), inner);
  }

  Value of(TriluOp op) {
    Value row = at[at.size() - 2], column = at.back();
    Value edge = op.getK() ? kb.add(row, kb.index(Dim(op.getK()))) : row;
    Value kept =
        arith::CmpIOp::create(b, op.getUpper() ? arith::CmpIPredicate::sge : arith::CmpIPredicate::sle, column, edge);
    Value zero = kb.number(KernelBuilder::registerType(kb.elementOf(op.getResult())), 0);
    return kb.select(kept, kb.element(op.getInput(), at), zero);
  }
  Value of(RangeOp op) {
    Type element = kb.elementOf(op.getResult());
    Value start = kb.element(op.getStart(), {}), delta = kb.element(op.getDelta(), {});
    Value i = kb.cast(kb.toI64(at[0]), b.getI64Type(), element);
    return kb.binary(BinaryKind::add, start, kb.binary(BinaryKind::mul, i, delta, element), element);
  }
  Value of(FromIndexOp op) {
    SmallVector<Value> shape = kb.dimsOf(op.getResult());
    Value position = kb.linear(at, shape), value;
    for (auto [i, size] : llvm::enumerate(op.getElements())) {
      Value here = kb.toI64(kb.index(Dim(size)));
      value = value ? kb.select(kb.equal(position, kb.index(i)), here, value) : here;
    }
    if (!value) // nothing is asked for
      value = kb.number(b.getI64Type(), 0);
    return kb.cast(value, b.getI64Type(), kb.elementOf(op.getResult()));
  }

  Value of(RopeOp op) {
    int64_t rotary = op.getRotaryDim(), half = rotary / 2;
    int64_t width = cast<RankedTensorType>(op.getInput().getType()).getShape().back();
    Value feature = at.back();
    auto rotated = [&]() -> Value {
      // The partner of this feature, the pair's number and this one's place in it.
      Value first, partner, pair;
      if (op.getInterleaved()) {
        first = kb.equal(kb.rem(feature, kb.index(2)), kb.index(0));
        partner = kb.select(first, kb.add(feature, kb.index(1)), kb.sub(feature, kb.index(1)));
        pair = kb.div(feature, kb.index(2));
      } else {
        first = kb.less(feature, kb.index(half));
        partner = kb.select(first, kb.add(feature, kb.index(half)), kb.sub(feature, kb.index(half)));
        pair = kb.select(first, feature, kb.sub(feature, kb.index(half)));
      }
      Index other(at);
      other.back() = partner;
      Value x = kb.element(op.getInput(), at), y = kb.element(op.getInput(), other);
      Value cosine = table(op, op.getCos(), pair, rotary), sine = table(op, op.getSin(), pair, rotary);
      Value product = kb.fmul(y, sine);
      Value turned = kb.select(first, kb.fsub(kb.fmul(x, cosine), product), kb.fadd(kb.fmul(x, cosine), product));
      return turned;
    };
    if (rotary == width)
      return rotated();
    return kb.choose(kb.less(feature, kb.index(rotary)), rotated, [&] { return kb.element(op.getInput(), at); });
  }

  Value of(QuantizeOp op) {
    Type to = kb.elementOf(op.getResult());
    Value x = kb.element(op.getInput(), at), scale = parameter(op.getScale(), op.getAxis(), op.getBlockSize());
    if (kb.elementOf(op.getInput()).isInteger(32))
      x = kb.cast(x, kb.elementOf(op.getInput()), b.getF32Type());
    Value q = kb.fdiv(x, scale);
    if (isa<FloatType>(to))
      return kb.cast(q, b.getF32Type(), to);
    q = kb.unary(UnaryKind::round, q, b.getF32Type());
    if (op.getZero()) {
      Value zero = parameter(op.getZero(), op.getAxis(), op.getBlockSize());
      q = kb.fadd(q, kb.cast(zero, kb.elementOf(op.getZero()), b.getF32Type()));
    }
    unsigned width = to.getIntOrFloatBitWidth();
    bool isUnsigned = KernelBuilder::isUnsigned(to);
    double low = isUnsigned ? 0 : -std::ldexp(1.0, width - 1);
    double high = isUnsigned ? std::ldexp(1.0, width) - 1 : std::ldexp(1.0, width - 1) - 1;
    q = kb.fmin(kb.fmax(q, kb.f32(low)), kb.f32(high));
    return kb.cast(q, b.getF32Type(), to);
  }
  Value of(DequantizeOp op) {
    Type from = kb.elementOf(op.getInput());
    Value x = kb.element(op.getInput(), at), scale = parameter(op.getScale(), op.getAxis(), op.getBlockSize());
    if (isa<FloatType>(from))
      return kb.fmul(x, scale);
    Type wide = b.getI32Type();
    auto widen = [&](Value value, Type type) { return kb.cast(value, type, wide); };
    Value integer = widen(x, from);
    if (op.getZero()) {
      Value zero = widen(parameter(op.getZero(), op.getAxis(), op.getBlockSize()), kb.elementOf(op.getZero()));
      integer = arith::SubIOp::create(b, integer, zero);
    }
    return kb.fmul(kb.cast(integer, wide, b.getF32Type()), scale);
  }

private:
  /// An operand that broadcasts to the result.
  Value operand(Operation *op, Value value) { return kb.broadcast(value, at, kb.shapeOf(op->getResult(0))); }

  /// The factor for a pair: a table has one a pair, or one a feature.
  Value table(RopeOp op, Value tensor, Value pair, int64_t rotary) {
    int64_t width = cast<RankedTensorType>(tensor.getType()).getShape().back();
    Dims outer = kb.shapeOf(op.getInput());
    Index where(at);
    where.back() = width == rotary ? at.back() : pair;
    outer.back() = b.getIndexAttr(width);
    return kb.broadcast(tensor, where, outer);
  }

  /// Scale or zero point: for all, an axis, or blocks along the axis.
  Value parameter(Value tensor, int64_t axis, int64_t block) {
    int64_t rank = KernelBuilder::rankOf(tensor);
    if (rank == 0)
      return kb.element(tensor, {});
    if (block > 0) {
      Index where(at);
      where[axis] = kb.div(at[axis], kb.index(block));
      return kb.element(tensor, where);
    }
    auto size = SizeArith::asConstant(kb.shapeOf(tensor)[0]);
    return kb.element(tensor, {size && *size == 1 ? kb.index(0) : at[axis]});
  }

  KernelBuilder &kb;
  ImplicitLocOpBuilder &b;
  ArrayRef<Value> at;
};

} // namespace

Value KernelBuilder::elementOfOp(Operation *op, ArrayRef<Value> at) {
  ElementRules rules(*this, at);
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<ConstantOp, UnaryOp, BinaryOp, CompareOp, SelectOp, CastOp, BitcastOp, GLUOp, BroadcastToOp, TileOp,
            TransposeOp, SliceOp, PadOp, GatherOp, GatherElementsOp, GatherNDOp, TriluOp, RangeOp, FromIndexOp, RopeOp,
            QuantizeOp, DequantizeOp>([&](auto known) { return rules.of(known); })
      .Default(
          [](Operation *op) -> Value { llvm::report_fatal_error("an anchor's element is read before it is made"); });
}
