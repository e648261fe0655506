//===- Arithmetic.cpp - scalar arithmetic of kernels ----------------------===//
//
// Scalar code that LLVM's vectoriser can widen: no branches, no calls for the
// functions that transformers are made of. exp, tanh, erf, log, sin, cos of f32
// are polynomials (errors beside each, measured over the whole range against
// f64); other functions and f64 call libm.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

Type KernelBuilder::registerType(Type element) {
  MLIRContext *context = element.getContext();
  if (auto floatType = dyn_cast<FloatType>(element))
    return floatType.getWidth() < 32 ? Type(Float32Type::get(context)) : element;
  return IntegerType::get(context, element.getIntOrFloatBitWidth());
}

bool KernelBuilder::isUnsigned(Type element) { return element.isUnsignedInteger() || element.isInteger(1); }

//===-- Floats ------------------------------------------------------------===//

static constexpr auto contract = arith::FastMathFlags::contract;

Value KernelBuilder::f32(double value) { return arith::ConstantOp::create(b, b.getF32FloatAttr(value)); }
Value KernelBuilder::number(Type type, double value) {
  if (isa<FloatType>(type))
    return arith::ConstantOp::create(b, b.getFloatAttr(type, value));
  return arith::ConstantOp::create(b, b.getIntegerAttr(type, static_cast<int64_t>(value)));
}
Value KernelBuilder::fadd(Value x, Value y) { return arith::AddFOp::create(b, x, y, contract); }
Value KernelBuilder::fsub(Value x, Value y) { return arith::SubFOp::create(b, x, y, contract); }
Value KernelBuilder::fmul(Value x, Value y) { return arith::MulFOp::create(b, x, y, contract); }
Value KernelBuilder::fdiv(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
Value KernelBuilder::fma(Value x, Value y, Value z) { return math::FmaOp::create(b, x, y, z); }
Value KernelBuilder::fmax(Value x, Value y) {
  // The first operand when either is NaN: one instruction, and NaN inputs stay.
  return arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OGT, y, x), y, x);
}
Value KernelBuilder::fmin(Value x, Value y) {
  return arith::SelectOp::create(b, arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, y, x), y, x);
}
Value KernelBuilder::faddAnyOrder(Value x, Value y) {
  return arith::AddFOp::create(b, x, y, contract | arith::FastMathFlags::reassoc);
}

namespace {

/// The functions of one f32 value as polynomials.
class Functions {
public:
  explicit Functions(KernelBuilder &kb) : kb(kb), b(kb.b) {}

  Value horner(Value x, ArrayRef<double> coefficients) {
    Value result = kb.f32(coefficients.front());
    for (double c : coefficients.drop_front())
      result = kb.fma(result, x, kb.f32(c));
    return result;
  }
  Value bitsOf(Value x) { return arith::BitcastOp::create(b, b.getI32Type(), x); }
  Value real(Value bits) { return arith::BitcastOp::create(b, b.getF32Type(), bits); }
  Value integer(int64_t value) { return arith::ConstantOp::create(b, b.getI32IntegerAttr(value)); }
  Value where(arith::CmpFPredicate predicate, Value x, double limit, Value then, Value otherwise) {
    return arith::SelectOp::create(b, arith::CmpFOp::create(b, predicate, x, kb.f32(limit)), then, otherwise);
  }

  /// At most 1.1 ulp; below -87.3 gives 0, above 88.7 infinity.
  Value exp(Value x) {
    // x = n ln 2 + r; adding 1.5 * 2^23 leaves n in the low bits.
    Value magic = kb.f32(12582912.0), clamped = kb.fmin(kb.fmax(x, kb.f32(-88.0)), kb.f32(88.8));
    Value shifted = kb.fma(clamped, kb.f32(1.44269504088896341), magic);
    Value n = arith::SubFOp::create(b, shifted, magic);
    Value r = kb.fma(n, kb.f32(-0.693359375), clamped);
    r = kb.fma(n, kb.f32(2.12194440e-4), r);
    Value p = horner(
        r, {1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1});
    p = kb.fma(kb.fmul(r, r), p, kb.fadd(r, kb.f32(1)));
    Value scale = arith::ShLIOp::create(b, bitsOf(shifted), integer(23));
    Value result = real(arith::AddIOp::create(b, bitsOf(p), scale));
    result = where(arith::CmpFPredicate::OLT, x, -87.3, kb.f32(0), result);
    return where(arith::CmpFPredicate::OGT, x, 88.72283905, kb.f32(INFINITY), result);
  }

  /// At most 2 ulp.
  Value log(Value x) {
    // x = m 2^e with m in [sqrt(1/2), sqrt 2); subnormal numbers are made normal first.
    Value small = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, x, kb.f32(1.17549435e-38));
    Value all = bitsOf(kb.select(small, kb.fmul(x, kb.f32(8388608)), x)); // 2^23
    Value offset = arith::SubIOp::create(b, all, integer(0x3f3504f3));
    Value e = arith::ShRSIOp::create(b, offset, integer(23));
    Value mantissa =
        arith::AddIOp::create(b, arith::AndIOp::create(b, offset, integer(0x007fffff)), integer(0x3f3504f3));
    Value f = kb.fsub(real(mantissa), kb.f32(1)), exponent = arith::SIToFPOp::create(b, b.getF32Type(), e);
    exponent = kb.select(small, kb.fsub(exponent, kb.f32(23)), exponent);
    Value p = horner(f, {7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
                         -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1});
    Value square = kb.fmul(f, f);
    p = kb.fmul(kb.fmul(p, f), square);
    p = kb.fma(exponent, kb.f32(-2.12194440e-4), p);
    p = kb.fma(square, kb.f32(-0.5), p);
    Value result = kb.fma(exponent, kb.f32(0.693359375), kb.fadd(f, p));
    result = where(arith::CmpFPredicate::OEQ, x, 0, kb.f32(-INFINITY), result);
    result = where(arith::CmpFPredicate::OLT, x, 0, kb.f32(NAN), result);
    result = where(arith::CmpFPredicate::OEQ, x, INFINITY, x, result);
    return where(arith::CmpFPredicate::UNO, x, 0, x, result);
  }

  /// At most 4 ulp: an odd rational function of degree 13/6.
  Value tanh(Value x) {
    Value y = kb.fmin(kb.fmax(x, kb.f32(-7.90531110763549805)), kb.f32(7.90531110763549805)), s = kb.fmul(y, y);
    Value p = horner(s, {-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
                         1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03});
    Value q = horner(s, {1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03});
    return kb.fdiv(kb.fmul(y, p), q);
  }

  /// At most 8 ulp, absolute error below 3e-7: an odd rational function of degree 13/8.
  Value erf(Value x) {
    Value y = kb.fmin(kb.fmax(x, kb.f32(-4)), kb.f32(4)), s = kb.fmul(y, y);
    Value p = horner(s, {-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
                         -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02});
    Value q = horner(s, {-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
                         -1.42647390514189e-02});
    return kb.fdiv(kb.fmul(y, p), q);
  }

  Value sigmoid(Value x) { return kb.fdiv(kb.f32(1), kb.fadd(kb.f32(1), exp(arith::NegFOp::create(b, x)))); }

  /// sin (quadrant 0) or cos (quadrant 1); at most 2 ulp of the function's own
  /// scale below 2^20. The reduction by pi/2 is done in f64.
  Value sine(Value x, int64_t quadrant) {
    Type f64 = b.getF64Type();
    auto wide = [&](double value) { return arith::ConstantOp::create(b, b.getF64FloatAttr(value)).getResult(); };
    Value y = arith::ExtFOp::create(b, f64, x), magic = wide(6755399441055744.0);
    Value shifted = math::FmaOp::create(b, y, wide(0.63661977236758134308), magic);
    Value n = arith::SubFOp::create(b, shifted, magic);
    Value reduced = math::FmaOp::create(b, n, wide(-1.57079632679489655800), y);
    reduced = math::FmaOp::create(b, n, wide(-6.12323399573676603587e-17), reduced);
    Value r = arith::TruncFOp::create(b, b.getF32Type(), reduced), s = kb.fmul(r, r);
    Value count = arith::BitcastOp::create(b, b.getI64Type(), shifted);
    Value q = arith::AddIOp::create(b, arith::TruncIOp::create(b, b.getI32Type(), count), integer(quadrant));
    Value asSine = kb.fma(kb.fmul(horner(s, {-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1}), s), r, r);
    Value asCosine = kb.fma(kb.fmul(horner(s, {2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2}), s),
                            s, kb.fma(s, kb.f32(-0.5), kb.f32(1)));
    Value odd = arith::CmpIOp::create(b, arith::CmpIPredicate::ne, arith::AndIOp::create(b, q, integer(1)), integer(0));
    Value value = arith::SelectOp::create(b, odd, asCosine, asSine);
    Value sign = arith::ShLIOp::create(b, arith::AndIOp::create(b, q, integer(2)), integer(30));
    return real(arith::XOrIOp::create(b, bitsOf(value), sign));
  }

private:
  KernelBuilder &kb;
  ImplicitLocOpBuilder &b;
};

} // namespace

Value KernelBuilder::unary(UnaryKind kind, Value x, Type element) {
  Type type = x.getType();
  if (!isa<FloatType>(type)) {
    Value zero = number(type, 0);
    switch (kind) {
    case UnaryKind::identity: return x;
    case UnaryKind::abs: return isUnsigned(element) ? x : math::AbsIOp::create(b, x).getResult();
    case UnaryKind::neg: return arith::SubIOp::create(b, zero, x);
    case UnaryKind::not_: return arith::XOrIOp::create(b, x, number(type, -1));
    case UnaryKind::relu: return isUnsigned(element) ? x : arith::MaxSIOp::create(b, x, zero).getResult();
    case UnaryKind::sign: {
      Value one = number(type, 1), minus = number(type, -1);
      Value positive =
          arith::CmpIOp::create(b, isUnsigned(element) ? arith::CmpIPredicate::ne : arith::CmpIPredicate::sgt, x, zero);
      Value rest = isUnsigned(element)
                       ? zero
                       : select(arith::CmpIOp::create(b, arith::CmpIPredicate::slt, x, zero), minus, zero);
      return select(positive, one, rest);
    }
    case UnaryKind::ceil:
    case UnaryKind::floor:
    case UnaryKind::round: return x;
    default: break;
    }
    // Anything else is a real function.
    return cast(unary(kind, cast(x, element, b.getF32Type()), b.getF32Type()), b.getF32Type(), element);
  }
  Functions f(*this);
  bool single = type.isF32();
  auto real = [&](double value) { return number(type, value); };
  auto compareWith = [&](arith::CmpFPredicate predicate, double value) {
    return arith::CmpFOp::create(b, predicate, x, real(value)).getResult();
  };
  auto sigmoid = [&](Value y) -> Value {
    if (single)
      return f.sigmoid(y);
    Value e = math::ExpOp::create(b, arith::NegFOp::create(b, y));
    return fdiv(real(1), fadd(real(1), e));
  };
  switch (kind) {
  case UnaryKind::identity: return x;
  case UnaryKind::abs: return math::AbsFOp::create(b, x);
  case UnaryKind::neg: return arith::NegFOp::create(b, x);
  case UnaryKind::exp: return single ? f.exp(x) : math::ExpOp::create(b, x).getResult();
  case UnaryKind::log: return single ? f.log(x) : math::LogOp::create(b, x).getResult();
  case UnaryKind::sqrt: return math::SqrtOp::create(b, x);
  case UnaryKind::rsqrt: return fdiv(real(1), math::SqrtOp::create(b, x));
  case UnaryKind::reciprocal: return fdiv(real(1), x);
  case UnaryKind::sin: return single ? f.sine(x, 0) : math::SinOp::create(b, x).getResult();
  case UnaryKind::cos: return single ? f.sine(x, 1) : math::CosOp::create(b, x).getResult();
  case UnaryKind::tan: return math::TanOp::create(b, x);
  case UnaryKind::asin: return math::AsinOp::create(b, x);
  case UnaryKind::acos: return math::AcosOp::create(b, x);
  case UnaryKind::atan: return math::AtanOp::create(b, x);
  case UnaryKind::sinh: return math::SinhOp::create(b, x);
  case UnaryKind::cosh: return math::CoshOp::create(b, x);
  case UnaryKind::asinh: return math::AsinhOp::create(b, x);
  case UnaryKind::acosh: return math::AcoshOp::create(b, x);
  case UnaryKind::atanh: return math::AtanhOp::create(b, x);
  case UnaryKind::erf: return single ? f.erf(x) : math::ErfOp::create(b, x).getResult();
  case UnaryKind::tanh: return single ? f.tanh(x) : math::TanhOp::create(b, x).getResult();
  case UnaryKind::sigmoid: return sigmoid(x);
  case UnaryKind::softplus: {
    // max(x, 0) + log(1 + exp(-|x|)) does not overflow.
    Value e = unary(UnaryKind::exp, arith::NegFOp::create(b, math::AbsFOp::create(b, x)), element);
    Value tail = single ? f.log(fadd(real(1), e)) : math::Log1pOp::create(b, e).getResult();
    return fadd(fmax(x, real(0)), tail);
  }
  case UnaryKind::ceil: return math::CeilOp::create(b, x);
  case UnaryKind::floor: return math::FloorOp::create(b, x);
  case UnaryKind::round: return math::RoundEvenOp::create(b, x);
  case UnaryKind::sign: {
    Value rest = select(compareWith(arith::CmpFPredicate::OLT, 0), real(-1), x); // 0 and NaN stay
    return select(compareWith(arith::CmpFPredicate::OGT, 0), real(1), rest);
  }
  case UnaryKind::isnan: return compareWith(arith::CmpFPredicate::UNO, 0);
  case UnaryKind::isinf:
    return arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, math::AbsFOp::create(b, x), real(INFINITY));
  case UnaryKind::relu: return select(compareWith(arith::CmpFPredicate::OLT, 0), real(0), x);
  case UnaryKind::gelu: {
    Value e = unary(UnaryKind::erf, fmul(x, real(M_SQRT1_2)), element), half = fmul(x, real(0.5));
    return fma(half, e, half);
  }
  case UnaryKind::gelu_tanh: {
    Value cube = fmul(fmul(x, x), x);
    Value inner = fmul(fma(cube, real(0.044715), x), real(0.79788456080286535588));
    Value t = unary(UnaryKind::tanh, inner, element), half = fmul(x, real(0.5));
    return fma(half, t, half);
  }
  case UnaryKind::quick_gelu: return fmul(x, sigmoid(fmul(x, real(1.702))));
  case UnaryKind::silu: return fmul(x, sigmoid(x));
  case UnaryKind::relu_squared: {
    Value r = select(compareWith(arith::CmpFPredicate::OLT, 0), real(0), x);
    return fmul(r, r);
  }
  case UnaryKind::not_: break;
  }
  llvm_unreachable("no such function of floats");
}

/// x to an exponent: by multiplications where the exponent is a small constant.
static Value power(KernelBuilder &kb, Value x, Value y) {
  ImplicitLocOpBuilder &b = kb.b;
  Attribute attribute;
  std::optional<double> known;
  if (matchPattern(y, m_Constant(&attribute))) {
    if (auto real = dyn_cast<FloatAttr>(attribute))
      known = real.getValueAsDouble();
    else if (auto integer = dyn_cast<IntegerAttr>(attribute))
      known = integer.getValue().getSExtValue();
  }
  if (known == 1.0)
    return x;
  if (known == 2.0)
    return kb.fmul(x, x);
  if (known == 3.0)
    return kb.fmul(kb.fmul(x, x), x);
  if (known == 0.5)
    return math::SqrtOp::create(b, x);
  if (known == -0.5)
    return kb.fdiv(kb.number(x.getType(), 1), math::SqrtOp::create(b, x));
  if (known == -1.0)
    return kb.fdiv(kb.number(x.getType(), 1), x);
  return math::PowFOp::create(b, x, y);
}

Value KernelBuilder::binary(BinaryKind kind, Value x, Value y, Type element, Type exponent) {
  Type type = x.getType();
  if (kind == BinaryKind::pow) {
    Type yType = exponent ? exponent : element;
    if (!isa<FloatType>(type)) {
      if (!isa<FloatType>(y.getType()))
        return math::IPowIOp::create(b, x, cast(y, yType, element));
      Type f64 = b.getF64Type();
      return cast(math::PowFOp::create(b, cast(x, element, f64), cast(y, yType, f64)), f64, element);
    }
    return power(*this, x, cast(y, yType, type));
  }
  if (isa<FloatType>(type)) {
    switch (kind) {
    case BinaryKind::add: return fadd(x, y);
    case BinaryKind::sub: return fsub(x, y);
    case BinaryKind::mul: return fmul(x, y);
    case BinaryKind::div: return fdiv(x, y);
    case BinaryKind::fmod: return arith::RemFOp::create(b, x, y);
    case BinaryKind::mod: {
      Value r = arith::RemFOp::create(b, x, y), zero = number(type, 0);
      Value apart = arith::CmpFOp::create(b, arith::CmpFPredicate::OLT, fmul(r, y), zero);
      return select(apart, fadd(r, y), r);
    }
    case BinaryKind::min: return arith::MinimumFOp::create(b, x, y);
    case BinaryKind::max: return arith::MaximumFOp::create(b, x, y);
    default: llvm_unreachable("no such function of floats");
    }
  }
  bool isUnsigned = KernelBuilder::isUnsigned(element);
  Value zero = number(type, 0), one = number(type, 1);
  // A zero divisor fails the run elsewhere than with a signal; -1 divides by
  // negation, since the least integer over -1 traps.
  auto divisor = [&] {
    Value isZero = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, zero);
    APInt known;
    if (!matchPattern(y, m_ConstantInt(&known)))
      when(isZero, [&] { fail(/*TRANSOM_FAIL_DIVIDE=*/3, index(0), index(0)); });
    Value safe = select(isZero, one, y);
    if (isUnsigned)
      return safe;
    Value minus = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, number(type, -1));
    return select(minus, one, safe);
  };
  auto isMinusOne = [&] { return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, y, number(type, -1)); };
  switch (kind) {
  case BinaryKind::add: return arith::AddIOp::create(b, x, y);
  case BinaryKind::sub: return arith::SubIOp::create(b, x, y);
  case BinaryKind::mul: return arith::MulIOp::create(b, x, y);
  case BinaryKind::div: {
    Value d = divisor();
    if (isUnsigned)
      return arith::DivUIOp::create(b, x, d);
    return select(isMinusOne(), arith::SubIOp::create(b, zero, x), arith::DivSIOp::create(b, x, d));
  }
  case BinaryKind::fmod: {
    Value d = divisor();
    if (isUnsigned)
      return arith::RemUIOp::create(b, x, d);
    return arith::RemSIOp::create(b, x, d);
  }
  case BinaryKind::mod: {
    Value d = divisor();
    if (isUnsigned)
      return arith::RemUIOp::create(b, x, d);
    Value r = arith::RemSIOp::create(b, x, d);
    Value differ = arith::CmpIOp::create(b, arith::CmpIPredicate::slt, arith::XOrIOp::create(b, r, d), zero);
    Value wrong = both(differ, arith::CmpIOp::create(b, arith::CmpIPredicate::ne, r, zero));
    return select(wrong, arith::AddIOp::create(b, r, d), r);
  }
  case BinaryKind::min:
    return isUnsigned ? arith::MinUIOp::create(b, x, y).getResult() : arith::MinSIOp::create(b, x, y).getResult();
  case BinaryKind::max:
    return isUnsigned ? arith::MaxUIOp::create(b, x, y).getResult() : arith::MaxSIOp::create(b, x, y).getResult();
  case BinaryKind::and_: return arith::AndIOp::create(b, x, y);
  case BinaryKind::or_: return arith::OrIOp::create(b, x, y);
  case BinaryKind::xor_: return arith::XOrIOp::create(b, x, y);
  case BinaryKind::shl:
  case BinaryKind::shr: {
    Value wide = number(type, type.getIntOrFloatBitWidth());
    Value inside = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, y, wide), by = select(inside, y, zero);
    if (kind == BinaryKind::shl)
      return select(inside, arith::ShLIOp::create(b, x, by), zero);
    if (isUnsigned)
      return select(inside, arith::ShRUIOp::create(b, x, by), zero);
    // Shifted out, the sign is left.
    Value most = number(type, type.getIntOrFloatBitWidth() - 1);
    return arith::ShRSIOp::create(b, x, select(inside, y, most));
  }
  default: llvm_unreachable("pow is above");
  }
}

Value KernelBuilder::compare(CompareKind kind, Value x, Value y, Type element) {
  if (isa<FloatType>(x.getType())) {
    static constexpr arith::CmpFPredicate predicates[] = {arith::CmpFPredicate::OEQ, arith::CmpFPredicate::UNE,
                                                          arith::CmpFPredicate::OLT, arith::CmpFPredicate::OLE,
                                                          arith::CmpFPredicate::OGT, arith::CmpFPredicate::OGE};
    return arith::CmpFOp::create(b, predicates[static_cast<int>(kind)], x, y);
  }
  using P = arith::CmpIPredicate;
  static constexpr P isSigned[] = {P::eq, P::ne, P::slt, P::sle, P::sgt, P::sge};
  static constexpr P noSign[] = {P::eq, P::ne, P::ult, P::ule, P::ugt, P::uge};
  return arith::CmpIOp::create(b, (isUnsigned(element) ? noSign : isSigned)[static_cast<int>(kind)], x, y);
}

Value KernelBuilder::cast(Value x, Type from, Type to) {
  if (from == to)
    return x;
  Type source = x.getType(), target = registerType(to);
  bool fromFloat = isa<FloatType>(source), toFloat = isa<FloatType>(target);
  if (to.isInteger(1)) {
    if (fromFloat)
      return arith::CmpFOp::create(b, arith::CmpFPredicate::UNE, x, number(source, 0));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x, number(source, 0));
  }
  if (fromFloat && toFloat) {
    unsigned a = source.getIntOrFloatBitWidth(), c = target.getIntOrFloatBitWidth();
    if (a < c)
      x = arith::ExtFOp::create(b, target, x);
    else if (a > c)
      x = arith::TruncFOp::create(b, target, x);
    // A cast to 8 bits gives the largest number for infinity, which E5M2 has.
    if (isa<Float8E5M2Type>(to)) {
      Value infinite = arith::CmpFOp::create(b, arith::CmpFPredicate::OEQ, math::AbsFOp::create(b, x),
                                             number(x.getType(), INFINITY));
      x = select(infinite, math::CopySignOp::create(b, number(x.getType(), 57344), x), x);
    }
    bool narrow = mlir::cast<FloatType>(to).getWidth() < 32 && to != from;
    return narrow ? fromStorage(toStorage(x, to), to) : x;
  }
  if (fromFloat) {
    if (isUnsigned(to) && target.getIntOrFloatBitWidth() == 64)
      return arith::FPToUIOp::create(b, target, x);
    // Through i64, so that what overflows a narrow type wraps as a cast in C does.
    Value wide = target.getIntOrFloatBitWidth() == 32 && !isUnsigned(to)
                     ? arith::FPToSIOp::create(b, target, x).getResult()
                     : arith::FPToSIOp::create(b, b.getI64Type(), x).getResult();
    return wide.getType() == target ? wide : arith::TruncIOp::create(b, target, wide).getResult();
  }
  if (toFloat) {
    Value real = isUnsigned(from) ? arith::UIToFPOp::create(b, target, x).getResult()
                                  : arith::SIToFPOp::create(b, target, x).getResult();
    return isa<FloatType>(to) && mlir::cast<FloatType>(to).getWidth() < 32 ? fromStorage(toStorage(real, to), to)
                                                                           : real;
  }
  unsigned a = source.getIntOrFloatBitWidth(), c = target.getIntOrFloatBitWidth();
  if (a == c)
    return x;
  if (a > c)
    return arith::TruncIOp::create(b, target, x);
  return isUnsigned(from) ? arith::ExtUIOp::create(b, target, x).getResult()
                          : arith::ExtSIOp::create(b, target, x).getResult();
}
