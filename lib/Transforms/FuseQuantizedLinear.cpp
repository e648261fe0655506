//===- FuseQuantizedLinear.cpp - weights that are integers in memory ------===//
//
// Expects products of float inputs with dequantised constants of 2, 4 or 8 bits:
// one scale, one a column, or one for each block of a column. They become
// linear_nbits, which reads the integers; the constants are written again in its
// layout. Leaves products whose left operand is made of integers too, where
// these could be multiplied (fuse-integer-products).
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "GraphMatch.h"
#include "IntegerProducts.h"
#include "NewWeights.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEQUANTIZEDLINEAR
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// The elements of a constant as the bits that they are stored in.
template <typename Bits> std::vector<Bits> elementsOf(ConstantOp constant) {
  auto value = cast<ElementsAttr>(constant.getValue());
  unsigned width = value.getElementType().getIntOrFloatBitWidth();
  std::vector<Bits> elements(value.getNumElements());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    ArrayRef<char> data = resource.getRawHandle().getBlob()->getData();
    for (size_t i = 0; i < elements.size(); ++i) {
      if (width >= 8)
        memcpy(&elements[i], &data[i * width / 8], width / 8);
      else // the first in the low bits of a byte
        elements[i] = uint8_t(data[i * width / 8]) >> (i * width % 8) & ((1 << width) - 1);
    }
    return elements;
  }
  auto dense = cast<DenseElementsAttr>(value);
  if (isa<FloatType>(dense.getElementType()))
    for (auto [i, number] : llvm::enumerate(dense.getValues<APFloat>()))
      elements[i] = static_cast<Bits>(number.bitcastToAPInt().getZExtValue());
  else
    for (auto [i, number] : llvm::enumerate(dense.getValues<APInt>()))
      elements[i] = static_cast<Bits>(number.getZExtValue());
  return elements;
}

/// A dequantised weight seen as [N, K].
struct BlockedWeight {
  ConstantOp integers, scales, zeros; ///< zeros may be null
  unsigned bits;
  bool isSigned, transposed; ///< stored as [N, K]
  int64_t n, k, block;       ///< block along K, 0 for none

  int64_t at(int64_t column, int64_t tap) const { return transposed ? column * k + tap : tap * n + column; }
  /// Where the scale of a tap stands among `count` scales.
  int64_t parameterAt(int64_t column, int64_t tap, int64_t count) const {
    if (count == 1)
      return 0;
    if (!block)
      return column;
    int64_t number = tap / block;
    return transposed ? column * llvm::divideCeil(k, block) + number : number * n + column;
  }
};

/// The constants of a linear_nbits; zeros may be null.
struct WrittenWeight {
  int64_t block;
  ElementsAttr weights, scales, zeros;
};

class WeightWriter {
public:
  explicit WeightWriter(BlockedWeight weight) : weight(weight), block(weight.block) {
    // Without blocks any size does: one that vectors like.
    if (!block)
      block = std::min<int64_t>(128, std::max<int64_t>(16, llvm::PowerOf2Ceil(weight.k)));
    blocks = llvm::divideCeil(weight.k, block);
  }

  WrittenWeight write() { return {block, weights(), scales(), zeros()}; }

private:
  void put(std::vector<char> &bytes, int64_t bit, unsigned number) { bytes[bit / 8] |= char(number << bit % 8); }

  ElementsAttr weights() {
    std::vector<uint8_t> numbers = elementsOf<uint8_t>(weight.integers);
    std::vector<char> bytes(weight.n * blocks * block * weight.bits / 8);
    unsigned sign = weight.isSigned ? 1u << (weight.bits - 1) : 0;
    for (int64_t column = 0; column < weight.n; ++column)
      for (int64_t tap = 0; tap < weight.k; ++tap)
        put(bytes, (column * blocks * block + tap) * weight.bits, numbers[weight.at(column, tap)] ^ sign);
    auto type = RankedTensorType::get({weight.n, blocks, block * weight.bits / 8}, byteType());
    return constant(weight.integers, type, ".blocks", bytes);
  }

  ElementsAttr scales() {
    std::vector<uint32_t> numbers = elementsOf<uint32_t>(weight.scales);
    Type element = getElementTypeOrSelf(weight.scales.getType());
    size_t width = element.getIntOrFloatBitWidth() / 8;
    std::vector<char> bytes(weight.n * blocks * width);
    for (int64_t column = 0; column < weight.n; ++column)
      for (int64_t number = 0; number < blocks; ++number)
        memcpy(&bytes[(column * blocks + number) * width],
               &numbers[weight.parameterAt(column, number * block, numbers.size())], width);
    return constant(weight.scales, RankedTensorType::get({weight.n, blocks}, element), ".blocks", bytes);
  }

  /// Each column's in bytes of its own. Of signed numbers none means the middle, as no zeros do.
  ElementsAttr zeros() {
    if (!weight.zeros && weight.isSigned)
      return {};
    std::vector<uint8_t> numbers = weight.zeros ? elementsOf<uint8_t>(weight.zeros) : std::vector<uint8_t>(1);
    int64_t rowBytes = llvm::divideCeil(blocks * weight.bits, 8);
    std::vector<char> bytes(weight.n * rowBytes);
    unsigned sign = weight.isSigned ? 1u << (weight.bits - 1) : 0;
    for (int64_t column = 0; column < weight.n; ++column)
      for (int64_t number = 0; number < blocks; ++number)
        put(bytes, column * rowBytes * 8 + number * weight.bits,
            numbers[weight.parameterAt(column, number * block, numbers.size())] ^ sign);
    return constant(weight.zeros ? weight.zeros : weight.integers,
                    RankedTensorType::get({weight.n, rowBytes}, byteType()), ".zeros", bytes);
  }

  static ElementsAttr constant(ConstantOp like, RankedTensorType type, StringRef suffix, ArrayRef<char> bytes) {
    return newWeight(like, type, suffix, HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
  }
  Type byteType() { return IntegerType::get(weight.integers.getContext(), 8, IntegerType::Unsigned); }

  BlockedWeight weight;
  int64_t block, blocks;
};

/// matmul(x, dequantize(constant)) -> linear_nbits(x, constant)
struct FuseDequantizedWeight : OpRewritePattern<MatMulOp> {
  FuseDequantizedWeight(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(MatMulOp op, PatternRewriter &rewriter) const override {
    BlockedWeight weight;
    weight.transposed = op.getTransposeB();
    Value rhs = underTranspose(op.getRhs(), weight.transposed);
    auto dequantize = rhs.getDefiningOp<DequantizeOp>();
    if (!dequantize || rankOf(rhs) != 2)
      return rewriter.notifyMatchFailure(op, "the right operand is no dequantised matrix");
    weight.integers = dequantize.getInput().getDefiningOp<ConstantOp>();
    weight.scales = dequantize.getScale().getDefiningOp<ConstantOp>();
    weight.zeros = dequantize.getZero() ? dequantize.getZero().getDefiningOp<ConstantOp>() : ConstantOp();
    if (!weight.integers || !weight.scales || (dequantize.getZero() && !weight.zeros))
      return rewriter.notifyMatchFailure(op, "the integers, their scales or zero points are no constants");
    auto stored = dyn_cast<IntegerType>(getElementTypeOrSelf(dequantize.getInput()));
    weight.bits = stored ? stored.getWidth() : 0;
    if (weight.bits != 2 && weight.bits != 4 && weight.bits != 8)
      return fusion.nearMiss(rewriter, op, "the weight is not of 2, 4 or 8 bits");
    weight.isSigned = !stored.isUnsigned();
    weight.block = dequantize.getBlockSize();
    DequantizeOp lhs = dequantizationBehind(op.getLhs());
    if (weight.bits == 8 && !weight.block && lhs && whyNotInteger(lhs, -1).empty())
      return rewriter.notifyMatchFailure(op, "both operands are integers, to be multiplied as such");
    if (op.getTransposeA())
      return fusion.nearMiss(rewriter, op, "the left operand is transposed");
    Type element = getElementTypeOrSelf(op.getLhs());
    if (element != getElementTypeOrSelf(weight.scales.getType()) || element.isF64())
      return fusion.nearMiss(rewriter, op, "the input is not of the scales' type");
    int64_t column = weight.transposed ? 0 : 1;
    weight.n = typeOf(rhs).getDimSize(column), weight.k = typeOf(rhs).getDimSize(1 - column);
    if (weight.n == 0 || weight.k == 0)
      return rewriter.notifyMatchFailure(op, "the weight is empty");
    for (ConstantOp parameter : {weight.scales, weight.zeros})
      if (StringRef reason = refusal(weight, dequantize, parameter, column); !reason.empty())
        return fusion.nearMiss(rewriter, op, reason);
    WrittenWeight made = written(weight, dequantize);
    auto constant = [&](ConstantOp like, ElementsAttr value) {
      return value ? Value(ConstantOp::create(rewriter, like.getLoc(), value)) : Value();
    };
    Value numbers = constant(weight.integers, made.weights), steps = constant(weight.scales, made.scales);
    Value points = constant(weight.zeros ? weight.zeros : weight.integers, made.zeros);
    rewriter.replaceOpWithNewOp<LinearNBitsOp>(op, op.getType(), op.getLhs(), numbers, steps, points, Value(),
                                               weight.bits, made.block, weight.k, weight.n);
    return success();
  }

private:
  /// Several products of one weight, in branches maybe, read one copy of it.
  const WrittenWeight &written(BlockedWeight weight, DequantizeOp dequantize) const {
    Builder builder(dequantize.getContext());
    Attribute zeros = weight.zeros ? Attribute(weight.zeros.getValue()) : builder.getUnitAttr();
    Attribute key =
        builder.getArrayAttr({weight.integers.getValue(), weight.scales.getValue(), zeros, dequantize.getAxisAttr(),
                              dequantize.getBlockSizeAttr(), builder.getBoolAttr(weight.transposed)});
    auto [known, isNew] = weights.try_emplace(key);
    if (isNew)
      known->second = WeightWriter(weight).write();
    return known->second;
  }

  /// Why a scale or zero point has no place in linear_nbits' layout.
  static StringRef refusal(const BlockedWeight &weight, DequantizeOp dequantize, ConstantOp parameter, int64_t column) {
    if (!parameter || typeOf(parameter).getNumElements() == 1)
      return {};
    int64_t axis = dequantize.getAxis();
    if (!weight.block)
      return axis == column ? "" : "each row of the weight has a scale of its own";
    if (axis == column)
      return "blocks lie along the columns of the result";
    if (weight.block < 16 || !llvm::isPowerOf2_64(weight.block))
      return "the blocks are no power of two from 16 on";
    return {};
  }

  Fusion &fusion;
  mutable llvm::DenseMap<Attribute, WrittenWeight> weights;
};

struct FuseQuantizedLinear : transom::impl::FuseQuantizedLinearBase<FuseQuantizedLinear> {
  using FuseQuantizedLinearBase::FuseQuantizedLinearBase;
  void runOnOperation() override {
    Fusion fusion("quantized linear", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseDequantizedWeight>(&getContext(), fusion);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
