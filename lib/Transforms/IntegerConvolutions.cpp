//===- IntegerConvolutions.cpp - convolutions of quantised numbers --------===//
//
// Expects convolutions of 8-bit numbers: made float by a scale (QDQ), or widened
// to i32 with their zero points taken off (ConvInteger, QLinearConv). They become
// products of integers: a row for each position with all that its window reads,
// zero points where that is padding. Where windows do not overlap, rows are the
// input's own numbers in another order. Leaves groups of channels, whose products
// are too narrow to gain, and what products leave.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "IntegerProducts.h"
#include "Transformer/Analysis/TensorDims.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace {

/// 8-bit numbers behind an operand.
struct Numbers {
  Value integers, zero; ///< zero is null for none
  Value scale;          ///< null where the operand is their difference in i32
  bool isOneZero() const { return !zero || typeOf(zero).getRank() == 0; }
};

/// A constant's elements all lie in `type`.
bool fitsIn(Value value, IntegerType type) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto elements = constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
  if (!elements)
    return false;
  APInt low = type.isUnsigned() ? APInt(32, 0) : APInt::getSignedMinValue(8).sext(32);
  APInt high = type.isUnsigned() ? APInt::getMaxValue(8).zext(32) : APInt::getSignedMaxValue(8).sext(32);
  return llvm::all_of(elements.getValues<APInt>(), [&](const APInt &x) { return x.sge(low) && x.sle(high); });
}

/// A zero point in i32, of any shape, as 8-bit numbers of `type`: one, or a vector. Null where it is none.
Value narrowed(PatternRewriter &rewriter, Value zero, IntegerType type) {
  if (!typeOf(zero).hasStaticShape())
    return {};
  int64_t count = typeOf(zero).getNumElements();
  while (auto reshape = zero.getDefiningOp<ReshapeOp>())
    zero = reshape.getInput();
  auto cast = zero.getDefiningOp<CastOp>();
  if (cast && getElementTypeOrSelf(cast.getInput()) == type)
    zero = cast.getInput();
  else if (fitsIn(zero, type))
    zero = CastOp::create(rewriter, zero.getLoc(), typeOf(zero).clone(type), zero);
  else
    return {};
  auto wanted = RankedTensorType::get(count == 1 ? ArrayRef<int64_t>() : ArrayRef(count), type);
  return zero.getType() == wanted ? zero
                                  : Value(ReshapeOp::create(rewriter, zero.getLoc(), wanted, zero, ValueRange()));
}

/// cast(x) or cast(x) - zero in i32.
std::optional<Numbers> widenedNumbers(PatternRewriter &rewriter, Value value) {
  Value zero;
  if (auto difference = value.getDefiningOp<BinaryOp>(); difference && difference.getKind() == BinaryKind::sub) {
    zero = difference.getRhs();
    value = difference.getLhs();
  }
  Numbers numbers;
  auto signedByte = rewriter.getI8Type();
  if (auto cast = value.getDefiningOp<CastOp>())
    numbers.integers = cast.getInput();
  else if (!zero && fitsIn(value, signedByte)) // folded
    numbers.integers = CastOp::create(rewriter, value.getLoc(), typeOf(value).clone(signedByte), value);
  auto type = numbers.integers ? dyn_cast<IntegerType>(getElementTypeOrSelf(numbers.integers)) : IntegerType();
  if (!type || type.getWidth() != 8)
    return std::nullopt;
  if (zero && !(numbers.zero = narrowed(rewriter, zero, type)))
    return std::nullopt;
  return numbers;
}

class WindowProduct {
public:
  WindowProduct(PatternRewriter &rewriter, ConvOp op, Numbers input, Numbers weight)
      : rewriter(rewriter), op(op), loc(op.getLoc()), input(input), weight(weight), arith(rewriter), dims(arith) {}

  /// The convolution's result.
  Value make();

private:
  Value reshape(Value value, ArrayRef<Dim> to) {
    auto [shape, sizes] = splitDims(to);
    return ReshapeOp::create(rewriter, loc, RankedTensorType::get(shape, getElementTypeOrSelf(value)), value, sizes);
  }
  Value transpose(Value value, ArrayRef<int64_t> perm) {
    return TransposeOp::create(rewriter, loc, value, rewriter.getDenseI64ArrayAttr(perm));
  }
  Value integer(int64_t value) {
    auto type = RankedTensorType::get({}, rewriter.getI64Type());
    return ConstantOp::create(rewriter, loc, DenseElementsAttr::get(type, rewriter.getI64IntegerAttr(value)));
  }
  Value padded();
  Value splitDim(Value x, size_t spatial, Dim positions);
  Value rows();

  PatternRewriter &rewriter;
  ConvOp op;
  Location loc;
  Numbers input, weight;
  SizeArith arith;
  TensorDims dims;
  Dims out;
};

Value WindowProduct::padded() {
  ArrayRef<int64_t> pads = op.getPads();
  if (llvm::all_of(pads, [](int64_t pad) { return pad == 0; }))
    return input.integers;
  Dims to = dims.of(input.integers);
  size_t spatial = pads.size() / 2;
  SmallVector<int64_t> lows(to.size(), 0);
  for (size_t i = 0; i < spatial; ++i) {
    lows[i + 2] = pads[i];
    to[i + 2] = arith.add(loc, to[i + 2], arith.constant(pads[i] + pads[i + spatial]));
  }
  auto [shape, sizes] = splitDims(to);
  auto type = RankedTensorType::get(shape, getElementTypeOrSelf(input.integers));
  return PadOp::create(rewriter, loc, type, PadMode::constant, input.integers, input.zero, ValueRange(), sizes, lows);
}

/// The dim of positions that a window moves along becomes two: the windows, and what each reads.
Value WindowProduct::splitDim(Value x, size_t spatial, Dim positions) {
  int64_t kernel = typeOf(op.getWeight()).getDimSize(spatial + 2), stride = op.getStrides()[spatial];
  int64_t dilation = op.getDilations()[spatial];
  size_t axis = 2 + 2 * spatial; // those before it are two already
  Dims to = dims.of(x);
  if (kernel == stride && dilation == 1) {
    Dim read = arith.mul(loc, positions, arith.constant(kernel));
    if (to[axis] != read) {
      to[axis] = read;
      auto [shape, sizes] = splitDims(to);
      x = SliceOp::create(rewriter, loc, RankedTensorType::get(shape, getElementTypeOrSelf(x)), x, ValueRange(), sizes,
                          SmallVector<int64_t>(to.size(), 0), SmallVector<int64_t>(to.size(), 1));
    }
    to[axis] = positions;
    to.insert(to.begin() + axis + 1, arith.constant(kernel));
    return reshape(x, to);
  }
  auto [shape, sizes] = splitDims({positions});
  Value starts = RangeOp::create(rewriter, loc, RankedTensorType::get(shape, rewriter.getI64Type()), integer(0),
                                 integer(stride), sizes);
  SmallVector<int64_t> taps;
  for (int64_t tap = 0; tap < kernel; ++tap)
    taps.push_back(tap * dilation);
  auto type = RankedTensorType::get({kernel}, rewriter.getI64Type());
  Value offsets = ConstantOp::create(rewriter, loc, DenseElementsAttr::get(type, ArrayRef<int64_t>(taps)));
  Value at = BinaryOp::create(rewriter, loc, BinaryKind::add, reshape(starts, {positions, arith.constant(1)}), offsets);
  return GatherOp::create(rewriter, loc, x, at, axis);
}

/// [batch, positions, channels * taps]
Value WindowProduct::rows() {
  Value x = padded();
  size_t spatial = out.size() - 2;
  for (size_t i = 0; i < spatial; ++i)
    x = splitDim(x, i, out[i + 2]);
  SmallVector<int64_t> perm = {0};
  for (size_t i = 0; i < spatial; ++i)
    perm.push_back(2 + 2 * i);
  perm.push_back(1);
  for (size_t i = 0; i < spatial; ++i)
    perm.push_back(3 + 2 * i);
  Dim taps = arith.constant(typeOf(op.getWeight()).getNumElements() / typeOf(op.getWeight()).getDimSize(0));
  return reshape(transpose(x, perm), {out[0], arith.product(loc, ArrayRef<Dim>(out).drop_front(2)), taps});
}

Value WindowProduct::make() {
  out = dims.of(op.getResult());
  RankedTensorType weights = typeOf(op.getWeight());
  int64_t channels = weights.getDimSize(0), taps = weights.getNumElements() / channels;
  Value columns =
      transpose(reshape(weight.integers, {arith.constant(channels), arith.constant(taps)}), ArrayRef<int64_t>{1, 0});
  Value result = MatMulIntegerOp::create(rewriter, loc, rows(), columns, input.zero, weight.zero);
  if (input.scale) {
    // i32 is beyond f16: scaled in f32.
    Type f32 = rewriter.getF32Type();
    Value scale = BinaryOp::create(rewriter, loc, BinaryKind::mul, castTo(rewriter, loc, input.scale, f32),
                                   castTo(rewriter, loc, weight.scale, f32));
    result = CastOp::create(rewriter, loc, typeOf(result).clone(f32), result);
    result = BinaryOp::create(rewriter, loc, BinaryKind::mul, result, scale);
    result = castTo(rewriter, loc, result, getElementTypeOrSelf(op.getType()));
  }
  if (op.getBias())
    result = BinaryOp::create(rewriter, loc, BinaryKind::add, result, op.getBias());
  SmallVector<Value> sizes;
  for (auto [i, dim] : llvm::enumerate(out))
    if (typeOf(op.getResult()).isDynamicDim(i))
      sizes.push_back(arith.value(loc, dim));
  return ReshapeOp::create(rewriter, loc, op.getType(), transpose(result, {0, 2, 1}), sizes);
}

/// conv(x, w), both of 8-bit numbers -> matmul_integer(windows of x, w)
struct FuseIntegerConvolution : OpRewritePattern<ConvOp> {
  FuseIntegerConvolution(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(ConvOp op, PatternRewriter &rewriter) const override {
    std::optional<Numbers> input, weight;
    bool isFloat = isa<FloatType>(getElementTypeOrSelf(op.getType()));
    auto first = op.getInput().getDefiningOp<DequantizeOp>(), second = op.getWeight().getDefiningOp<DequantizeOp>();
    if (isFloat && (!first || !second))
      return rewriter.notifyMatchFailure(op, "an operand is not made of integers");
    RankedTensorType weights = typeOf(op.getWeight());
    if (!weights.hasStaticShape() || weights.getNumElements() == 0)
      return rewriter.notifyMatchFailure(op, "the weight's sizes are not known, or it is empty");
    if (op.getGroup() != 1)
      return fusion.nearMiss(rewriter, op, "a convolution in groups of channels is no product of whole windows");
    if (int64_t depth = weights.getNumElements() / weights.getDimSize(0); depth > longestSum)
      return fusion.nearMiss(rewriter, op, "sums over " + Twine(depth) + " products may not fit 32 bits");
    if (isFloat) {
      if (StringRef reason = whyNotInteger(first, -1); !reason.empty())
        return fusion.nearMiss(rewriter, op, "input: " + reason);
      if (StringRef reason = whyNotInteger(second, 0); !reason.empty())
        return fusion.nearMiss(rewriter, op, "weight: " + reason);
      auto numbers = [&](DequantizeOp from) {
        return Numbers{from.getInput(), asScalar(rewriter, from.getZero()), asScalar(rewriter, from.getScale())};
      };
      input = numbers(first), weight = numbers(second);
    } else if (getElementTypeOrSelf(op.getType()).isInteger(32)) {
      input = widenedNumbers(rewriter, op.getInput());
      weight = input ? widenedNumbers(rewriter, op.getWeight()) : std::nullopt;
    }
    if (!input || !weight || !input->isOneZero())
      return rewriter.notifyMatchFailure(op, "an operand is not made of 8-bit numbers and zero points");
    rewriter.replaceOp(op, WindowProduct(rewriter, op, *input, *weight).make());
    return success();
  }

private:
  Fusion &fusion;
};

} // namespace

void transom::populateIntegerConvolutionPatterns(RewritePatternSet &patterns, Fusion &fusion) {
  patterns.add<FuseIntegerConvolution>(patterns.getContext(), fusion);
}
