//===- ImportSpectra.cpp - DFT, STFT, mel filters -------------------------===//
//
// A transform is a product with the matrix of its roots of unity, whose angles
// are reduced as whole numbers first, so that long transforms lose no digits.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;
using tf::UnaryKind;

namespace {
class Transform {
public:
  Transform(NodeImport &n, Dim length, bool inverse, bool onesided)
      : n(n), length(length), inverse(inverse), onesided(onesided) {
    half = n.sizes.add(n.loc, n.sizes.floorDiv(n.loc, length, n.size(2)), n.size(1));
  }

  /// How many numbers come out, and of how many parts.
  Dim results() const { return onesided && !inverse ? half : length; }
  int64_t parts() const { return onesided && inverse ? 1 : 2; }
  /// x [A, N, B, 1 or 2] along N, to [A, results, B, parts].
  Value of(Value x);

private:
  Value mul(Value a, Value b) { return n.binary(BinaryKind::mul, a, b); }
  Value add(Value a, Value b) { return n.binary(BinaryKind::add, a, b); }
  Value sub(Value a, Value b) { return n.binary(BinaryKind::sub, a, b); }

  NodeImport &n;
  Dim length, half;
  bool inverse, onesided;
};

Value Transform::of(Value x) {
  Type given = n.element(x), e = given.isF64() ? given : Type(n.builder.getF32Type()), i64 = n.builder.getI64Type();
  bool toReal = inverse && onesided, complex = n.shape(x).back() == 2;
  // Longer input is cut off, shorter one has zeros behind it, which add nothing.
  Dim read = n.sizes.min(n.loc, n.dims(x)[1], toReal ? half : length);
  x = n.cast(n.slice(x, 1, n.size(0), read), e);
  Dims in = n.dims(x), plane = {in[0], in[1], in[2]};
  auto part = [&](int64_t i) { return n.reshape(n.slice(x, 3, n.size(i), n.size(1)), plane); };

  Value row = n.reshape(n.iota(results(), i64), {results(), n.size(1)});
  Value column = n.reshape(n.iota(read, i64), {n.size(1), read});
  Value turn = n.binary(BinaryKind::mod, mul(row, column), n.number(length, i64));
  // In double, where half a turn has a sine of zero.
  Type f64 = n.builder.getF64Type();
  Value unit = n.binary(BinaryKind::div, n.scalar(f64, 2 * M_PI), n.number(length, f64));
  Value angle = mul(n.cast(turn, f64), unit);
  Value cosine = n.cast(n.unary(UnaryKind::cos, angle), e), sine = n.cast(n.unary(UnaryKind::sin, angle), e);
  if (inverse) {
    Value share = n.binary(BinaryKind::div, n.scalar(e, 1), n.number(length, e));
    if (toReal) {
      // Each frequency stands for its mirror image too, unless it is its own.
      Value twice = mul(column, n.scalar(i64, 2));
      Value own = n.binary(BinaryKind::or_, n.compare(CompareKind::eq, twice, n.scalar(i64, 0)),
                           n.compare(CompareKind::eq, twice, n.number(length, i64)));
      share = mul(share, n.select(own, n.scalar(e, 1), n.scalar(e, 2)));
    }
    cosine = mul(cosine, share);
    sine = mul(sine, share);
  }
  // Forwards (a + ib)(cos - i sin), backwards (a + ib)(cos + i sin).
  Value a = part(0), b = complex ? part(1) : Value();
  Value real = n.matmul(cosine, a), imaginary;
  if (b) {
    Value other = n.matmul(sine, b);
    real = inverse ? sub(real, other) : add(real, other);
  }
  Dims out = {in[0], results(), in[2], n.size(1)};
  if (toReal)
    return n.cast(n.reshape(real, out), given);
  imaginary = n.matmul(sine, a);
  if (!inverse)
    imaginary = n.unary(UnaryKind::neg, imaginary);
  if (b)
    imaginary = add(imaginary, n.matmul(cosine, b));
  return n.cast(n.concat({n.reshape(real, out), n.reshape(imaginary, out)}, 3), given);
}

LogicalResult checkParts(NodeImport &n, Value x) {
  int64_t parts = n.rank(x) < 2 ? 0 : n.typeOf(x).getShape().back();
  if (parts == 1 || parts == 2)
    return success();
  return n.fail("the last dim must be known when compiling: 1 (real) or 2 (real and imaginary parts)");
}

LogicalResult dft(NodeImport &n) {
  Value x = n.in(0);
  if (failed(checkParts(n, x)))
    return failure();
  int64_t rank = n.rank(x);
  Dims in = n.dims(x), flags(rank, n.size(0)), signal(in.begin(), in.end() - 1);
  if (n.has(2) && !n.constantInts(2)) {
    auto given = n.axisFlags(2, rank);
    if (failed(given))
      return failure();
    flags = *given;
  } else {
    auto axis = n.axis(n.has(2) ? (*n.constantInts(2))[0] : n.integer("axis", n.opset < 20 ? 1 : -2), rank);
    if (failed(axis))
      return failure();
    if (*axis == rank - 1)
      return n.fail("the axis is that of the real and imaginary parts");
    flags[*axis] = n.size(1);
  }
  bool inverse = n.integer("inverse", 0) != 0, onesided = n.integer("onesided", 0) != 0;
  Dims view = n.around(signal, flags.drop_back());
  Dim length = view[1];
  if (n.has(1)) {
    auto given = n.sizesOf(1);
    if (failed(given) || given->size() != 1)
      return n.fail("dft_length must be one number");
    length = (*given)[0];
  } else if (inverse && onesided) {
    length = n.sizes.mul(n.loc, n.sizes.sub(n.loc, length, n.size(1)), n.size(2));
  }
  Transform transform(n, length, inverse, onesided);
  view.push_back(in.back());
  Dims out;
  for (auto [dim, flag] : llvm::zip(signal, flags))
    out.push_back(n.sizes.select(n.loc, flag, transform.results(), dim));
  out.push_back(n.size(transform.parts()));
  n.out(0, n.reshape(transform.of(n.reshape(x, view)), out));
  return success();
}

LogicalResult stft(NodeImport &n) {
  Value x = n.in(0), window = n.in(2);
  if (failed(checkParts(n, x)))
    return failure();
  if (n.rank(x) != 3)
    return n.fail("the signal must have the dims batch, length and 1 or 2 parts");
  auto step = n.sizesOf(1);
  if (failed(step))
    return failure();
  Dim length;
  if (n.has(3)) {
    auto given = n.sizesOf(3);
    if (failed(given))
      return failure();
    length = (*given)[0];
  } else if (window) {
    length = n.dims(window)[0];
  } else {
    return n.fail("neither window nor frame_length is given");
  }
  Type i64 = n.builder.getI64Type();
  Dims in = n.dims(x);
  Dim room = n.sizes.floorDiv(n.loc, n.sizes.sub(n.loc, in[1], length), (*step)[0]);
  Dim frames = n.sizes.max(n.loc, n.sizes.add(n.loc, room, n.size(1)), n.size(0));
  Value starts = n.binary(BinaryKind::mul, n.iota(frames, i64), n.number((*step)[0], i64));
  Value places = n.binary(BinaryKind::add, n.reshape(starts, {frames, n.size(1)}),
                          n.reshape(n.iota(length, i64), {n.size(1), length}));
  Value framed = n.gather(x, places, 1); // [batch, frames, length, parts]
  if (window)
    framed = n.binary(BinaryKind::mul, framed, n.reshape(window, {length, n.size(1)}));
  Transform transform(n, length, false, n.integer("onesided", 1) != 0);
  Dim rows = n.sizes.mul(n.loc, in[0], frames);
  Value y = transform.of(n.reshape(framed, {rows, length, n.size(1), in[2]}));
  n.out(0, n.reshape(y, {in[0], frames, transform.results(), n.size(2)}));
  return success();
}

/// [dft_length / 2 + 1, num_mel_bins]: triangles between neighbouring mel frequencies.
LogicalResult melWeights(NodeImport &n) {
  Type to = n.importer.elementType(n.integer("output_datatype", 1)), f64 = n.builder.getF64Type();
  if (!to)
    return n.fail("output_datatype is not supported");
  auto bins = n.sizesOf(0), length = n.sizesOf(1);
  if (failed(bins) || failed(length))
    return failure();
  auto number = [&](double value) { return n.scalar(f64, value); };
  auto input = [&](size_t i) { return n.cast(n.reshape(n.in(i), {}), f64); };
  auto op = [&](BinaryKind kind, Value a, Value b) { return n.binary(kind, a, b); };
  auto mel = [&](Value hertz) {
    Value ratio = op(BinaryKind::add, op(BinaryKind::div, hertz, number(700)), number(1));
    return op(BinaryKind::mul, n.unary(UnaryKind::log, ratio), number(2595 / M_LN10));
  };
  Dim rows = n.sizes.add(n.loc, n.sizes.floorDiv(n.loc, (*length)[0], n.size(2)), n.size(1));
  Value low = mel(input(3)), span = op(BinaryKind::sub, mel(input(4)), low);
  Value step = op(BinaryKind::div, span, n.number(n.sizes.add(n.loc, (*bins)[0], n.size(2)), f64));
  Value column = n.reshape(n.cast(n.iota((*bins)[0], n.builder.getI64Type()), f64), {n.size(1), (*bins)[0]});
  // The frequency bin where mel frequency `column` + `next` lies.
  auto bin = [&](double next) {
    Value at = op(BinaryKind::add, op(BinaryKind::mul, op(BinaryKind::add, column, number(next)), step), low);
    Value power = n.unary(UnaryKind::exp, op(BinaryKind::mul, at, number(M_LN10 / 2595)));
    Value hertz = op(BinaryKind::mul, op(BinaryKind::sub, power, number(1)), number(700));
    Value scaled = op(BinaryKind::mul, hertz, n.number(n.sizes.add(n.loc, (*length)[0], n.size(1)), f64));
    return n.unary(UnaryKind::floor, op(BinaryKind::div, scaled, input(2)));
  };
  Value lower = bin(0), centre = bin(1), upper = bin(2), zero = number(0), one = number(1);
  Value row = n.reshape(n.cast(n.iota(rows, n.builder.getI64Type()), f64), {rows, n.size(1)});
  auto is = [&](CompareKind kind, Value a, Value b) { return n.compare(kind, a, b); };
  auto both = [&](Value a, Value b) { return op(BinaryKind::and_, a, b); };
  Value up = op(BinaryKind::sub, centre, lower), down = op(BinaryKind::sub, upper, centre);
  Value flat = is(CompareKind::eq, up, zero), steep = is(CompareKind::gt, down, zero);
  Value rising = op(BinaryKind::div, op(BinaryKind::sub, row, lower), n.select(flat, one, up));
  Value falling = op(BinaryKind::div, op(BinaryKind::sub, upper, row), n.select(steep, down, one));
  Value peak = n.select(is(CompareKind::eq, row, centre), one, zero);
  Value climbs = both(is(CompareKind::ge, row, lower), is(CompareKind::le, row, centre));
  Value left = n.select(flat, peak, n.select(climbs, rising, zero));
  Value falls = both(steep, both(is(CompareKind::ge, row, centre), is(CompareKind::lt, row, upper)));
  n.out(0, n.cast(n.select(falls, falling, left), to));
  return success();
}
} // namespace

void transom::addSpectrumRules(RuleTable &rules) {
  rules["DFT"] = dft;
  rules["STFT"] = stft;
  rules["MelWeightMatrix"] = melWeights;
}
