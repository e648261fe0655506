//===- LowerExperts.cpp - mixtures of experts in pieces -------------------===//
//
// For what has none of its own for them: ONNX. Expects the model
// layer; gives for each expert the rows that chose it, found when the model runs,
// its products over them, and a sum into the rows that they came from. Leaves
// nothing of the op.
//
//===----------------------------------------------------------------------===//

#include "NewWeights.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_LOWEREXPERTS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

class ExpertPieces {
public:
  ExpertPieces(MoEOp op, OpBuilder &builder)
      : op(op), builder(builder), loc(op.getLoc()), arith(builder), dims(arith), element(elementOf(op.getTokens())) {}

  Value make();

private:
  static Type elementOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }
  Value scalar(Type type, TypedAttr value) {
    return ConstantOp::create(builder, loc, DenseElementsAttr::get(RankedTensorType::get({}, type), value));
  }
  Value number(APFloat value) { return scalar(element, builder.getFloatAttr(element, value.convertToFloat())); }
  Value binary(BinaryKind kind, Value a, Value b) { return BinaryOp::create(builder, loc, kind, a, b); }
  Value reshape(Value input, ArrayRef<Dim> to) {
    auto [shape, sizes] = splitDims(to);
    return builder.createOrFold<ReshapeOp>(loc, RankedTensorType::get(shape, elementOf(input)), input, sizes);
  }
  Value slice(Value input, int64_t axis, int64_t start, Dim size, int64_t step = 1);
  /// Expert `e` of what has one for each.
  Value part(Value all, int64_t e);
  Value layer(Value input, const MoEOp::Layer &layer, int64_t e);
  Value product(Value input, const MoEOp::Layer &layer, int64_t e);
  Value inElement(Value value);
  Value inner(Value rows, int64_t e);
  Value gated(Value gate, Value through);
  /// How many features are between the products.
  Dim width() { return op.isQuantized() ? arith.constant(op.secondLayer().depth) : dims.of(op.getSecond())[1]; }
  Value addExpert(Value sum, int64_t e);

  MoEOp op;
  OpBuilder &builder;
  Location loc;
  SizeArith arith;
  TensorDims dims;
  Type element;
};

Value ExpertPieces::slice(Value input, int64_t axis, int64_t start, Dim size, int64_t step) {
  Dims to = dims.of(input);
  to[axis] = size;
  SmallVector<int64_t> starts(to.size(), 0), steps(to.size(), 1);
  starts[axis] = start;
  steps[axis] = step;
  auto [shape, sizes] = splitDims(to);
  return SliceOp::create(builder, loc, RankedTensorType::get(shape, elementOf(input)), input, ValueRange(), sizes,
                         starts, steps);
}

Value ExpertPieces::part(Value all, int64_t e) {
  if (auto constant = all.getDefiningOp<ConstantOp>())
    if (ElementsAttr own = partOfWeight(constant.getValue(), e))
      return ConstantOp::create(builder, constant.getLoc(), own);
  return reshape(slice(all, 0, e, arith.constant(1)), Dims(ArrayRef<Dim>(dims.of(all)).drop_front()));
}

Value ExpertPieces::inElement(Value value) {
  if (elementOf(value) == element)
    return value;
  return CastOp::create(builder, loc, cast<RankedTensorType>(value.getType()).clone(element), value);
}

Value ExpertPieces::product(Value input, const MoEOp::Layer &layer, int64_t e) {
  Value own = part(layer.weight, e);
  if (!op.isQuantized())
    return MatMulOp::create(builder, loc, input, inElement(own), false, false);
  int64_t columns = cast<RankedTensorType>(own.getType()).getDimSize(0), blocks = layer.depth / layer.block();
  own =
      reshape(own, {arith.constant(columns), arith.constant(blocks), arith.constant(layer.block() * layer.bits() / 8)});
  Value zeros = layer.zeros ? part(layer.zeros, e) : Value();
  return LinearNBitsOp::create(builder, loc, input, own, inElement(part(layer.scales, e)), zeros, Value(), layer.bits(),
                               layer.block(), layer.depth, columns);
}

Value ExpertPieces::layer(Value input, const MoEOp::Layer &layer, int64_t e) {
  Value result = product(input, layer, e);
  return layer.bias ? binary(BinaryKind::add, result, inElement(part(layer.bias, e))) : result;
}

Value ExpertPieces::gated(Value gate, Value through) {
  if (op.getLimit()) {
    APFloat high = *op.getLimit();
    gate = binary(BinaryKind::min, gate, number(high));
    through = binary(BinaryKind::max, binary(BinaryKind::min, through, number(high)), number(-high));
  }
  if (!op.getBeta().isZero())
    through = binary(BinaryKind::add, through, number(op.getBeta()));
  if (op.getAlpha().convertToFloat() == 1.0f)
    return GLUOp::create(builder, loc, op.getActivation(), gate, through);
  Value scaled = binary(BinaryKind::mul, gate, number(op.getAlpha()));
  Value open = UnaryOp::create(builder, loc, UnaryKind::sigmoid, scaled);
  return binary(BinaryKind::mul, binary(BinaryKind::mul, gate, open), through);
}

Value ExpertPieces::inner(Value rows, int64_t e) {
  Value wide = layer(rows, op.firstLayer(), e);
  switch (op.getGate()) {
  case ExpertGate::none:
    return op.getActivation() == UnaryKind::identity ? wide : UnaryOp::create(builder, loc, op.getActivation(), wide);
  case ExpertGate::apart: return gated(wide, layer(rows, op.upLayer(), e));
  case ExpertGate::halves: {
    // [rows, 2, half]: where the second half begins need not be known.
    Dims pairs = {dims.of(wide)[0], arith.constant(2), width()}, one = {pairs[0], pairs[2]};
    Value apart = reshape(wide, pairs);
    return gated(reshape(slice(apart, 1, 0, arith.constant(1)), one),
                 reshape(slice(apart, 1, 1, arith.constant(1)), one));
  }
  case ExpertGate::alternating: {
    Dim half = width();
    return gated(slice(wide, 1, 0, half, 2), slice(wide, 1, 1, half, 2));
  }
  }
  llvm_unreachable("no such gate");
}

Value ExpertPieces::addExpert(Value sum, int64_t e) {
  Type idElement = elementOf(op.getExperts());
  Value own = scalar(idElement, builder.getIntegerAttr(idElement, e));
  Value chosen = CompareOp::create(builder, loc, CompareKind::eq, op.getExperts(), own);
  Value found = NonZeroOp::create(builder, loc, chosen);
  Dim count = dims.of(found)[1];
  Value row = reshape(slice(found, 0, 0, arith.constant(1)), {count});
  Value places = TransposeOp::create(builder, loc, found, builder.getDenseI64ArrayAttr({1, 0}));
  Value share = GatherNDOp::create(builder, loc, op.getWeights(), places, 0);
  Value rows = GatherOp::create(builder, loc, op.getTokens(), row, 0);
  Value result = layer(inner(rows, e), op.secondLayer(), e);
  result = binary(BinaryKind::mul, result, reshape(share, {count, arith.constant(1)}));
  return ScatterNDOp::create(builder, loc, ScatterKind::add, sum, reshape(row, {count, arith.constant(1)}), result);
}

Value ExpertPieces::make() {
  auto [shape, sizes] = splitDims(dims.of(op.getResult()));
  auto type = RankedTensorType::get(shape, element);
  Value sum = BroadcastToOp::create(builder, loc, type, number(APFloat(0.0f)), sizes);
  for (int64_t e = 0; e < op.countExperts(); ++e)
    sum = addExpert(sum, e);
  // What the op's operands together know of its sizes.
  if (sum.getType() == op.getType())
    return sum;
  SmallVector<Value> known;
  for (auto [i, dim] : llvm::enumerate(Dims(dims.of(sum))))
    if (op.getType().isDynamicDim(i))
      known.push_back(arith.value(loc, dim));
  return ReshapeOp::create(builder, loc, op.getType(), sum, known);
}

struct Lower : OpRewritePattern<MoEOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MoEOp op, PatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, ExpertPieces(op, rewriter).make());
    return success();
  }
};

struct LowerExperts : transom::impl::LowerExpertsBase<LowerExperts> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<Lower>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
    // Weights of which there are parts now.
    SmallVector<ConstantOp> wholes;
    getOperation().walk([&](ConstantOp constant) {
      if (constant->use_empty())
        wholes.push_back(constant);
    });
    for (ConstantOp constant : wholes)
      constant.erase();
  }
};

} // namespace
