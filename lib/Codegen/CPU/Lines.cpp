//===- Lines.cpp - kernels that go along one axis -------------------------===//

#include "Lines.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;

Index LineBundle::element(KernelBuilder &kb, Value i, Value lane) const {
  Index position(at);
  position.back() = kb.add(at.back(), lane);
  position[axis] = i; // last: where the axis is the last dim, the lane is 0
  return position;
}

void transom::cpu::forLines(KernelBuilder &kb, ArrayRef<Value> dims, int64_t axis,
                            llvm::function_ref<void(const LineBundle &)> body) {
  bool alone = axis + 1 == static_cast<int64_t>(dims.size());
  SmallVector<Value> items(dims);
  items[axis] = kb.index(1);
  if (!alone)
    items.back() = kb.ceilDiv(dims.back(), linesInBundle);
  Value count = kb.index(1);
  for (Value item : items)
    count = kb.mul(count, item);
  auto [from, to] = kb.share(count);
  kb.loop(from, to, kb.index(1), [&](Value item) {
    Index first = kb.delinear(item, items);
    first[axis] = kb.index(0);
    if (alone)
      return body({first, axis, kb.index(1)});
    first.back() = kb.mul(first.back(), kb.index(linesInBundle));
    body({first, axis, kb.min(kb.sub(dims.back(), first.back()), kb.index(linesInBundle))});
  });
}

OrderKey::OrderKey(KernelBuilder &kb, Type element, bool largest, NaN nan)
    : kb(kb), element(element), largest(largest), nan(nan) {
  unsigned width = KernelBuilder::registerType(element).getIntOrFloatBitWidth();
  keyType = IntegerType::get(element.getContext(), std::max(width, 8u));
}

Value OrderKey::integer(APInt value) const {
  return arith::ConstantOp::create(kb.b, kb.b.getIntegerAttr(keyType, value));
}

Value OrderKey::of(Value x) const {
  auto &b = kb.b;
  unsigned width = keyType.getIntOrFloatBitWidth();
  Value ones = integer(APInt::getAllOnes(width));
  auto turned = [&](Value key) -> Value { return largest ? key : arith::XOrIOp::create(b, key, ones).getResult(); };
  if (auto integerType = dyn_cast<IntegerType>(x.getType())) {
    bool isUnsigned = KernelBuilder::isUnsigned(element);
    if (integerType.getWidth() < width)
      x = isUnsigned ? arith::ExtUIOp::create(b, keyType, x).getResult()
                     : arith::ExtSIOp::create(b, keyType, x).getResult();
    else if (isUnsigned)
      x = arith::XOrIOp::create(b, x, integer(APInt::getSignMask(width)));
    return turned(x);
  }
  // Negative floats grow with falling bits.
  Value isNaN = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x);
  Value real = arith::AddFOp::create(b, x, kb.number(x.getType(), 0));
  Value bits = arith::BitcastOp::create(b, keyType, real);
  Value sign = arith::ShRSIOp::create(b, bits, integer(APInt(width, width - 1)));
  Value flip = arith::AndIOp::create(b, sign, integer(APInt::getSignedMaxValue(width)));
  Value key = arith::XOrIOp::create(b, bits, flip), top = integer(APInt::getSignedMaxValue(width));
  if (nan == NaN::greatest)
    return turned(kb.select(isNaN, top, key));
  return kb.select(isNaN, top, turned(key));
}

Value OrderKey::least() const { return integer(APInt::getSignedMinValue(keyType.getIntOrFloatBitWidth())); }
Value OrderKey::max(Value a, Value b) const { return arith::MaxSIOp::create(kb.b, a, b); }
Value OrderKey::better(Value a, Value b) const { return arith::CmpIOp::create(kb.b, arith::CmpIPredicate::sgt, a, b); }
