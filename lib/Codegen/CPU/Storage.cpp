//===- Storage.cpp - elements in memory and in registers ------------------===//
//
// How an element of each type lies in memory, and the conversions between that
// and what registers hold: f32 for f16, bf16 and the floats of 8 and 4 bits,
// integers of their own width for the rest. Elements of 2 and 4 bits share a
// byte, the first one in its low bits.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

bool KernelBuilder::isPacked(Type element) { return element.getIntOrFloatBitWidth() < 8 && !element.isInteger(1); }

/// A float of which registers hold the f32, and memory a code of its own.
static bool isSmallFloat(Type element) { return isa<FloatType>(element) && element.getIntOrFloatBitWidth() <= 8; }

Type KernelBuilder::storageType(Type element) {
  if (isa<FloatType>(element) && !element.isBF16() && !isSmallFloat(element))
    return element;
  unsigned width = element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth();
  return IntegerType::get(element.getContext(), width);
}

/// What addresses count in: the element, or the byte that it shares.
static Type unitOf(Type element) {
  return KernelBuilder::isPacked(element) ? IntegerType::get(element.getContext(), 8)
                                          : KernelBuilder::storageType(element);
}

Value KernelBuilder::address(Value pointer, Value offset, Type element) {
  if (getConstantIntValue(offset) == 0)
    return pointer;
  return LLVM::GEPOp::create(b, pointer.getType(), unitOf(element), pointer, ArrayRef<LLVM::GEPArg>{toI64(offset)},
                             LLVM::GEPNoWrapFlags::inbounds);
}

static Value bits(ImplicitLocOpBuilder &b, int64_t value, Type type) {
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, value));
}

//===-- Floats of 8 and 4 bits --------------------------------------------===//

namespace {
/// A float of `width` bits: the exponent is biased by 127 - `rebias`. Which codes
/// are NaN: from `firstNaN` on (IEEE 754, whose first is infinity, or only all
/// ones), of the FNUZ types only what would be -0, of those of 4 bits none.
struct SmallFloat {
  unsigned width, mantissa;
  int rebias;
  float largest;
  int64_t firstNaN;
  bool hasInfinity = false, isUnsignedZero = false;

  int64_t signBit() const { return int64_t(1) << (width - 1); }
  bool hasNaN() const { return width == 8; }

  static SmallFloat of(Type element) {
    if (isa<Float4E2M1FNType>(element))
      return {4, 1, 126, 6.0f, 0x8};
    if (isa<Float8E5M2Type>(element))
      return {8, 2, 112, 57344.0f, 0x7c, true};
    if (isa<Float8E4M3FNUZType>(element))
      return {8, 3, 119, 240.0f, 0x80, false, true};
    if (isa<Float8E5M2FNUZType>(element))
      return {8, 2, 111, 57344.0f, 0x80, false, true};
    return {8, 3, 120, 448.0f, 0x7f};
  }
};

/// Conversions written as scalar integer arithmetic on i32.
class Codes {
public:
  explicit Codes(ImplicitLocOpBuilder &b) : b(b), i32(b.getI32Type()), f32(b.getF32Type()) {}

  Value decode(Value x, const SmallFloat &format) {
    Value magnitude = both(x, format.signBit() - 1);
    Value shifted = arith::ShLIOp::create(b, magnitude, number(23 - format.mantissa));
    Value value = arith::MulFOp::create(b, asFloat(shifted), real(std::ldexp(1.0f, format.rebias)));
    Value sign = arith::ShLIOp::create(b, both(x, format.signBit()), number(32 - format.width));
    if (format.isUnsignedZero) {
      value = select(isEqual(both(x, 0xff), format.firstNaN), real(NAN), value);
    } else if (format.hasNaN()) {
      Value special = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, magnitude, number(format.firstNaN));
      Value infinite = isEqual(magnitude, format.hasInfinity ? format.firstNaN : 0x80);
      value = select(special, select(infinite, real(INFINITY), real(NAN)), value);
    }
    return asFloat(arith::OrIOp::create(b, asBits(value), sign));
  }

  /// To nearest even; finite values saturate, as do infinities where there are none.
  Value encode(Value x, const SmallFloat &format) {
    Value all = asBits(x);
    Value sign = arith::ShRUIOp::create(b, both(all, 0x80000000), number(32 - format.width));
    Value magnitude = asFloat(both(all, 0x7fffffff));
    Value isLarger = arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, magnitude, real(format.largest));
    Value limited = select(isLarger, real(format.largest), magnitude);
    Value scaled = asBits(arith::MulFOp::create(b, limited, real(std::ldexp(1.0f, -format.rebias))));
    Value shift = number(23 - format.mantissa);
    Value odd = both(arith::ShRUIOp::create(b, scaled, shift), 1);
    Value half = arith::AddIOp::create(b, number((1 << (22 - format.mantissa)) - 1), odd);
    Value rounded = arith::ShRUIOp::create(b, arith::AddIOp::create(b, scaled, half), shift);
    if (format.hasInfinity) {
      Value infinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, magnitude, real(INFINITY));
      rounded = select(infinite, number(format.firstNaN), rounded);
    }
    if (format.isUnsignedZero)
      sign = select(arith::OrIOp::create(b, isNaN(x), isEqual(rounded, 0)), number(0), sign);
    // Where no code is NaN, ONNX's tests have zero.
    Value nan = number(!format.hasNaN() ? 0 : format.isUnsignedZero ? 0x80 : 0x7f);
    return arith::OrIOp::create(b, select(isNaN(x), nan, rounded), sign);
  }

  /// The code of f8E8M0FNU is the exponent of f32; its zero is 2^-127.
  Value decodeExponent(Value x) {
    Value shifted = arith::ShLIOp::create(b, x, number(23));
    Value least = select(isEqual(x, 0), number(0x400000), shifted);
    return select(isEqual(x, 0xff), real(NAN), asFloat(least));
  }

  /// Rounds away from zero and saturates; the sign is lost.
  Value encodeExponent(Value x) {
    Value magnitude = both(asBits(x), 0x7fffffff);
    Value up = arith::ShRUIOp::create(b, arith::AddIOp::create(b, magnitude, number(0x7fffff)), number(23));
    Value isLeast = arith::CmpIOp::create(b, arith::CmpIPredicate::ule, magnitude, number(0x400000));
    Value code = arith::MinUIOp::create(b, select(isLeast, number(0), up), number(0xfe));
    return select(isNaN(x), number(0xff), code);
  }

private:
  Value number(int64_t value) { return bits(b, value, i32); }
  Value real(float value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(value)); }
  Value asFloat(Value x) { return arith::BitcastOp::create(b, f32, x); }
  Value asBits(Value x) { return arith::BitcastOp::create(b, i32, x); }
  Value both(Value x, int64_t mask) { return arith::AndIOp::create(b, x, number(mask)); }
  Value isNaN(Value x) { return arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, x, x); }
  Value isEqual(Value x, int64_t value) { return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, number(value)); }
  Value select(Value condition, Value x, Value y) { return arith::SelectOp::create(b, condition, x, y); }

  ImplicitLocOpBuilder &b;
  Type i32, f32;
};
} // namespace

//===-- Any element -------------------------------------------------------===//

Value KernelBuilder::fromStorage(Value raw, Type element) {
  Type i32 = b.getI32Type();
  if (element.isBF16()) {
    Value wide = arith::ExtUIOp::create(b, i32, raw);
    return arith::BitcastOp::create(b, b.getF32Type(), arith::ShLIOp::create(b, wide, bits(b, 16, i32)));
  }
  if (element.isF16())
    return arith::ExtFOp::create(b, b.getF32Type(), raw);
  if (isSmallFloat(element)) {
    Value wide = arith::ExtUIOp::create(b, i32, raw);
    return isa<Float8E8M0FNUType>(element) ? Codes(b).decodeExponent(wide)
                                           : Codes(b).decode(wide, SmallFloat::of(element));
  }
  if (element.isInteger(1))
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, raw, bits(b, 0, b.getI8Type()));
  return raw;
}

Value KernelBuilder::toStorage(Value value, Type element) {
  Type i32 = b.getI32Type();
  if (element.isBF16()) {
    Value all = arith::BitcastOp::create(b, i32, value);
    Value odd = arith::AndIOp::create(b, arith::ShRUIOp::create(b, all, bits(b, 16, i32)), bits(b, 1, i32));
    Value rounded = arith::AddIOp::create(b, all, arith::AddIOp::create(b, odd, bits(b, 0x7fff, i32)));
    Value isNan = arith::CmpFOp::create(b, arith::CmpFPredicate::UNO, value, value);
    Value quiet = arith::OrIOp::create(b, all, bits(b, 0x400000, i32));
    Value chosen = arith::SelectOp::create(b, isNan, quiet, rounded);
    return arith::TruncIOp::create(b, b.getI16Type(), arith::ShRUIOp::create(b, chosen, bits(b, 16, i32)));
  }
  if (element.isF16())
    return arith::TruncFOp::create(b, element, value);
  if (isSmallFloat(element)) {
    Value code = isa<Float8E8M0FNUType>(element) ? Codes(b).encodeExponent(value)
                                                 : Codes(b).encode(value, SmallFloat::of(element));
    return arith::TruncIOp::create(b, storageType(element), code);
  }
  if (element.isInteger(1))
    return arith::ExtUIOp::create(b, b.getI8Type(), value);
  return value;
}

Value KernelBuilder::load(Value pointer, Value offset, Type element) {
  Type storage = storageType(element);
  if (isPacked(element)) {
    Type i8 = b.getI8Type();
    int64_t width = element.getIntOrFloatBitWidth();
    Value perByte = index(8 / width), part = rem(offset, perByte);
    Value byte = LLVM::LoadOp::create(b, i8, address(pointer, div(offset, perByte), element), 1), shifted = byte;
    // Shifts by constants: vectors of bytes have no others.
    for (int64_t i = 1; i < 8 / width; ++i)
      shifted = select(equal(part, index(i)), arith::ShRUIOp::create(b, byte, bits(b, i * width, i8)), shifted);
    return fromStorage(arith::TruncIOp::create(b, storage, shifted), element);
  }
  unsigned alignment = storage.getIntOrFloatBitWidth() / 8;
  return fromStorage(LLVM::LoadOp::create(b, storage, address(pointer, offset, element), alignment), element);
}

void KernelBuilder::store(Value value, Value pointer, Value offset, Type element) {
  Value stored = toStorage(value, element);
  if (isPacked(element)) {
    // Part of a byte: kernels with such results run on one thread.
    Type i8 = b.getI8Type();
    int64_t width = element.getIntOrFloatBitWidth();
    Value perByte = index(8 / width);
    Value where = address(pointer, div(offset, perByte), element);
    Value shift = arith::IndexCastOp::create(b, i8, mul(rem(offset, perByte), index(width)));
    Value mask = arith::ShLIOp::create(b, bits(b, (1 << width) - 1, i8), shift);
    Value kept = arith::AndIOp::create(b, LLVM::LoadOp::create(b, i8, where, 1),
                                       arith::XOrIOp::create(b, mask, bits(b, -1, i8)));
    Value moved = arith::ShLIOp::create(b, arith::ExtUIOp::create(b, i8, stored), shift);
    LLVM::StoreOp::create(b, arith::OrIOp::create(b, kept, moved), where, 1);
    return;
  }
  unsigned alignment = storageType(element).getIntOrFloatBitWidth() / 8;
  LLVM::StoreOp::create(b, stored, address(pointer, offset, element), alignment);
}

Value KernelBuilder::loadVector(Value pointer, Value offset, int64_t lanes) {
  auto type = VectorType::get({lanes}, b.getF32Type());
  return LLVM::LoadOp::create(b, type, address(pointer, offset, b.getF32Type()), 4);
}

void KernelBuilder::storeVector(Value vector, Value pointer, Value offset) {
  LLVM::StoreOp::create(b, vector, address(pointer, offset, b.getF32Type()), 4);
}

Value KernelBuilder::stack(int64_t elements, Type element) {
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPoint(start);
  Value count = arith::ConstantIntOp::create(b, elements, 64);
  return LLVM::AllocaOp::create(b, LLVM::LLVMPointerType::get(b.getContext()),
                                element ? unitOf(element) : b.getF32Type(), count, 64);
}
