//===- SizeMatch.cpp - sizes that are known to be equal -------------------===//
//
// The part of GraphMatch.h about dims. Compares expressions and makes none, so
// that patterns may ask before they rewrite.
//
//===----------------------------------------------------------------------===//

#include "GraphMatch.h"
#include "SizePolynomial.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

StringAttr symbolOf(Value value, int64_t index) {
  auto argument = dyn_cast<BlockArgument>(value);
  auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
  if (!function)
    return {};
  auto names = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(), "transformer.dims");
  auto name = names && index < int64_t(names.size()) ? dyn_cast<StringAttr>(names[index]) : StringAttr();
  return name && !name.empty() ? name : StringAttr();
}

bool sameSize(OpFoldResult a, OpFoldResult b, bool orBroadcast, int depth) {
  if (a == b || SizePolynomial::of(a) == SizePolynomial::of(b))
    return true;
  std::optional<int64_t> ca = getConstantIntValue(a), cb = getConstantIntValue(b);
  if (ca || cb)
    return ca == cb;
  if (depth == 0)
    return false;
  Operation *x = cast<Value>(a).getDefiningOp(), *y = cast<Value>(b).getDefiningOp();
  // A stretched size is a choice between the two.
  if (orBroadcast)
    for (auto [choice, other] : {std::pair(x, b), std::pair(y, a)})
      if (auto select = dyn_cast_if_present<arith::SelectOp>(choice))
        if (sameSize(select.getFalseValue(), other, true, depth - 1) ||
            sameSize(select.getTrueValue(), other, true, depth - 1))
          return true;
  if (!x || !y || x->getName() != y->getName() || x->getNumOperands() != y->getNumOperands())
    return false;
  if (auto dim = dyn_cast<tensor::DimOp>(x)) {
    auto other = cast<tensor::DimOp>(y);
    if (dim.getSource() == other.getSource() && dim.getConstantIndex() &&
        dim.getConstantIndex() == other.getConstantIndex())
      return true;
    if (!dim.getConstantIndex() || !other.getConstantIndex())
      return false;
    StringAttr name = symbolOf(dim.getSource(), *dim.getConstantIndex());
    return name && name == symbolOf(other.getSource(), *other.getConstantIndex());
  }
  if (!isa_and_present<arith::ArithDialect>(x->getDialect()) || x->getAttrs() != y->getAttrs())
    return false;
  auto equal = [&](unsigned i, unsigned j) {
    return sameSize(OpFoldResult(x->getOperand(i)), OpFoldResult(y->getOperand(j)), false, depth - 1);
  };
  if (x->getNumOperands() == 2 && x->hasTrait<OpTrait::IsCommutative>() && equal(0, 1) && equal(1, 0))
    return true;
  for (unsigned i = 0; i < x->getNumOperands(); ++i)
    if (!equal(i, i))
      return false;
  return true;
}

namespace {
/// Dim `index` of an op that carries its dims as operands.
OpFoldResult carried(Operation *op, ValueRange sizes, int64_t index) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  unsigned next = 0;
  for (int64_t i = 0; i < index; ++i)
    next += type.isDynamicDim(i);
  return OpFoldResult(sizes[next]);
}
} // namespace

bool dimIs(Value value, int64_t index, OpFoldResult size, int depth) {
  RankedTensorType type = typeOf(value);
  if (!type.isDynamicDim(index))
    return getConstantIntValue(size) == type.getDimSize(index);
  if (depth == 0)
    return false;
  auto read = dyn_cast<Value>(size);
  if (auto dim = read ? read.getDefiningOp<tensor::DimOp>() : tensor::DimOp()) {
    if (dim.getSource() == value && dim.getConstantIndex() == index)
      return true;
    StringAttr name = symbolOf(value, index);
    if (name && dim.getConstantIndex() && name == symbolOf(dim.getSource(), *dim.getConstantIndex()))
      return true;
  }
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  auto operandIs = [&](unsigned operand, int64_t dim) { return dimIs(op->getOperand(operand), dim, size, depth - 1); };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case<ReshapeOp, BroadcastToOp, SliceOp, PadOp, TileOp, RangeOp>(
          [&](auto sized) { return sameSize(carried(op, sized.getDims(), index), size); })
      .Case<UnaryOp, CastOp, BitcastOp, LayerNormOp, RMSNormOp, RopeOp, SoftmaxOp, CumSumOp, TriluOp, QuantizeOp,
            DequantizeOp>([&](auto) { return operandIs(0, index); })
      .Case<TransposeOp>([&](TransposeOp transpose) { return operandIs(0, transpose.getPerm()[index]); })
      .Case<ReduceOp>([&](ReduceOp reduce) {
        int64_t from = index;
        for (int64_t axis : reduce.getAxes())
          from += !reduce.getKeepdims() && axis <= from;
        return operandIs(0, from);
      })
      .Case<ArgReduceOp>([&](ArgReduceOp arg) {
        int64_t axis = arg.getAxis();
        return operandIs(0, index + (!arg.getKeepdims() && axis <= index));
      })
      .Case<MatMulOp>([&](MatMulOp product) {
        int64_t left = rankOf(product.getLhs()), right = rankOf(product.getRhs()), fromEnd = type.getRank() - index;
        if (fromEnd == 2)
          return operandIs(0, left - (product.getTransposeA() ? 1 : 2));
        if (fromEnd == 1)
          return operandIs(1, right - (product.getTransposeB() ? 2 : 1));
        // As below: a batch that is not stretched statically.
        bool any = false;
        for (auto [operand, rank] : {std::pair(0u, left), std::pair(1u, right)}) {
          if (fromEnd > rank || typeOf(op->getOperand(operand)).getDimSize(rank - fromEnd) == 1)
            continue;
          if (!operandIs(operand, rank - fromEnd))
            return false;
          any = true;
        }
        return any;
      })
      // The last dim of these is a weight's.
      .Case<LinearOp, LinearNBitsOp>([&](auto) { return index + 1 < type.getRank() && operandIs(0, index); })
      .Case<AttentionOp>([&](AttentionOp) { return index < 3 && operandIs(0, index); })
      .Case<LinearAttentionOp>([&](LinearAttentionOp attention) {
        return index < (value == attention.getResult() ? 3 : 2) && operandIs(0, index);
      })
      .Case<ScatterElementsOp, ScatterNDOp>([&](auto) { return operandIs(0, index); })
      .Case<TopKOp>([&](TopKOp top) { return index != static_cast<int64_t>(top.getAxis()) && operandIs(0, index); })
      .Case<GatherElementsOp>([&](auto) { return operandIs(1, index); })
      .Case<GatherNDOp>(
          [&](GatherNDOp gather) { return index + 1 < rankOf(gather.getIndices()) && operandIs(1, index); })
      .Case<MoEOp>([&](MoEOp) { return index == 0 && operandIs(0, index); })
      .Case<KVWriteOp>([&](KVWriteOp) { return operandIs(0, index); })
      .Case<GatherOp>([&](GatherOp gather) {
        int64_t axis = gather.getAxis(), inserted = rankOf(gather.getIndices());
        if (index < axis)
          return operandIs(0, index);
        return index < axis + inserted ? operandIs(1, index - axis) : operandIs(0, index - inserted + 1);
      })
      .Case<ConcatOp>([&](ConcatOp concat) {
        if (static_cast<int64_t>(concat.getAxis()) != index)
          return operandIs(0, index);
        auto sum = read ? read.getDefiningOp<arith::AddIOp>() : arith::AddIOp();
        if (!sum || concat.getInputs().size() != 2)
          return false;
        auto are = [&](Value first, Value second) {
          return dimIs(concat.getInputs()[0], index, first, depth - 1) &&
                 dimIs(concat.getInputs()[1], index, second, depth - 1);
        };
        return are(sum.getLhs(), sum.getRhs()) || are(sum.getRhs(), sum.getLhs());
      })
      .Case<BinaryOp, CompareOp, SelectOp, GLUOp>([&](auto) {
        // Every operand that is not stretched statically must agree.
        bool any = false;
        for (Value operand : op->getOperands()) {
          int64_t at = index - (type.getRank() - rankOf(operand));
          if (at < 0 || typeOf(operand).getDimSize(at) == 1)
            continue;
          if (!dimIs(operand, at, size, depth - 1))
            return false;
          any = true;
        }
        return any;
      })
      .Default([](Operation *) { return false; });
}

} // namespace transom::match
