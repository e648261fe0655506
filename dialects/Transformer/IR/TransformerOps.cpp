//===- TransformerOps.cpp - verifiers -------------------------------------===//
//
// What makes an op well-formed beyond its operand types.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"

using namespace mlir;
using namespace transom::transformer;

namespace {
RankedTensorType ranked(Value value) { return cast<RankedTensorType>(value.getType()); }
Type elementOf(Value value) { return ranked(value).getElementType(); }

LogicalResult verifySameElement(Operation *op, Value a, Value b) {
  if (elementOf(a) == elementOf(b))
    return success();
  return op->emitOpError("element types differ: ") << elementOf(a) << " and " << elementOf(b);
}

/// One size operand per `?` of the result type.
LogicalResult verifySizes(Operation *op, Value result, OperandRange dims) {
  int64_t dynamic = ranked(result).getNumDynamicDims();
  if (static_cast<int64_t>(dims.size()) == dynamic)
    return success();
  return op->emitOpError("expects one size per dynamic result dim: ")
         << dynamic << " dynamic dims, " << dims.size() << " sizes";
}

LogicalResult verifyAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError("axis ") << axis << " is outside rank " << rank;
}

LogicalResult verifyRank(Operation *op, StringRef name, Value operand, int64_t rank) {
  int64_t own = ranked(operand).getRank();
  return own == rank ? success() : op->emitOpError() << name << " of rank " << own << " where " << rank << " is needed";
}

/// `operand` broadcasts to `target` without growing it.
LogicalResult verifyBroadcastsTo(Operation *op, StringRef name, ArrayRef<int64_t> operand, ArrayRef<int64_t> target) {
  if (operand.size() > target.size())
    return op->emitOpError(name) << " has more dims than what it is applied to";
  for (auto [i, dim] : llvm::enumerate(operand)) {
    int64_t to = target[target.size() - operand.size() + i];
    if (dim != 1 && !ShapedType::isDynamic(dim) && !ShapedType::isDynamic(to) && dim != to)
      return op->emitOpError(name) << " dim " << i << " of " << dim << " does not broadcast to " << to;
  }
  return success();
}

/// Marked entries of a mixed static/dynamic list, one operand each.
LogicalResult verifyMixed(Operation *op, StringRef name, ArrayRef<int64_t> list, size_t operands, int64_t rank) {
  if (static_cast<int64_t>(list.size()) != rank)
    return op->emitOpError(name) << " has " << list.size() << " entries for rank " << rank;
  size_t marked = llvm::count(list, ShapedType::kDynamic);
  if (marked != operands)
    return op->emitOpError(name) << " marks " << marked << " dynamic entries, " << operands << " operands given";
  return success();
}
} // namespace

LogicalResult BinaryOp::verify() {
  return getKind() == BinaryKind::pow ? success() : verifySameElement(*this, getLhs(), getRhs());
}
LogicalResult CompareOp::verify() { return verifySameElement(*this, getLhs(), getRhs()); }

LogicalResult SelectOp::verify() {
  if (!elementOf(getCondition()).isInteger(1))
    return emitOpError("condition must be of i1, is ") << elementOf(getCondition());
  return verifySameElement(*this, getOnTrue(), getOnFalse());
}

LogicalResult CastOp::verify() {
  return verifyCompatibleShape(getInput().getType(), getType()).succeeded() ? success()
                                                                            : emitOpError("changes the shape");
}

LogicalResult MatMulOp::verify() { return verifySameElement(*this, getLhs(), getRhs()); }

LogicalResult MatMulIntegerOp::verify() {
  for (Value operand : {getLhs(), getRhs()})
    if (!isa<IntegerType>(elementOf(operand)) || elementOf(operand).getIntOrFloatBitWidth() != 8)
      return emitOpError("operands must be of i8 or ui8, one is ") << elementOf(operand);
  return success();
}

LogicalResult ConvOp::verify() {
  if (ranked(getInput()).getRank() < 3 || ranked(getInput()).getRank() != ranked(getWeight()).getRank())
    return emitOpError("input and weight must have equal ranks of 3 or more");
  int64_t channels = ranked(getInput()).getDimSize(1), perGroup = ranked(getWeight()).getDimSize(1);
  auto group = static_cast<int64_t>(getGroup());
  if (group < 1)
    return emitOpError("group must be positive");
  if (!ShapedType::isDynamic(channels) && !ShapedType::isDynamic(perGroup) && channels != perGroup * group)
    return emitOpError("input has ") << channels << " channels, weight and group ask for " << perGroup * group;
  if (getBias() && ranked(getBias()).getRank() != 1)
    return emitOpError("bias must be a vector");
  return verifySameElement(*this, getInput(), getWeight());
}

LogicalResult BitcastOp::verify() {
  auto width = [](Type element) { return element.isInteger(1) ? 8 : element.getIntOrFloatBitWidth(); };
  Type from = elementOf(getInput()), to = elementOf(getResult());
  return width(from) == width(to) ? success() : emitOpError("changes the width of elements: ") << from << " to " << to;
}

LogicalResult PoolOp::verify() {
  if (!llvm::is_contained({ReduceKind::max, ReduceKind::mean, ReduceKind::sum}, getKind()))
    return emitOpError("pools by max, mean or sum only");
  return success();
}

LogicalResult ReduceOp::verify() {
  int64_t last = -1;
  for (int64_t axis : getAxes()) {
    if (failed(verifyAxis(*this, axis, ranked(getInput()).getRank())))
      return failure();
    if (axis <= last)
      return emitOpError("axes must ascend");
    last = axis;
  }
  return success();
}

/// The values that a region yields are the results it stands for.
static LogicalResult verifyYield(Operation *op, Region &region, StringRef name, TypeRange expected) {
  auto yield = region.front().empty() ? YieldOp() : dyn_cast<YieldOp>(region.front().back());
  if (!yield)
    return op->emitOpError(name) << " does not end with a yield";
  if (yield.getNumOperands() != expected.size())
    return op->emitOpError(name) << " yields " << yield.getNumOperands() << " values, " << expected.size()
                                 << " expected";
  for (auto [i, value, type] : llvm::enumerate(yield.getOperandTypes(), expected)) {
    auto from = dyn_cast<RankedTensorType>(value), to = dyn_cast<RankedTensorType>(type);
    bool fits = from && to ? from.getElementType() == to.getElementType() &&
                                 succeeded(verifyCompatibleShape(from.getShape(), to.getShape()))
                           : value == type;
    if (!fits)
      return op->emitOpError(name) << " yields " << value << " for value " << i << " of " << type;
  }
  return success();
}

LogicalResult IfOp::verify() {
  if (!elementOf(getCondition()).isInteger(1))
    return emitOpError("condition must be of i1, is ") << elementOf(getCondition());
  if (failed(verifyYield(*this, getThenRegion(), "then branch", getResultTypes())))
    return failure();
  return verifyYield(*this, getElseRegion(), "else branch", getResultTypes());
}

LogicalResult LoopOp::verify() {
  size_t carried = getInits().size(), scans = getNumResults() - carried;
  if (getNumResults() < carried)
    return emitOpError("carries ") << carried << " values, has " << getNumResults() << " results";
  Block &body = getBody().front();
  if (body.getNumArguments() != carried + 2)
    return emitOpError("body takes ") << body.getNumArguments() << " values, " << carried + 2
                                      << " expected: iteration, condition, what is carried";
  auto yield = body.empty() ? YieldOp() : dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getNumOperands() != 1 + carried + scans)
    return emitOpError("body must yield the condition, ") << carried << " carried values and " << scans << " scanned";
  if (!elementOf(yield.getOperand(0)).isInteger(1))
    return emitOpError("condition must be of i1, is ") << elementOf(yield.getOperand(0));
  return success();
}

LogicalResult ToIndexOp::verify() {
  RankedTensorType type = ranked(getInput());
  if (!isa<IntegerType>(type.getElementType()))
    return emitOpError("reads integers, input is of ") << type.getElementType();
  int64_t position = getPosition();
  if (position < 0 || (type.hasStaticShape() && position >= type.getNumElements()))
    return emitOpError("position ") << position << " is outside the input's elements";
  return success();
}

LogicalResult LaunchOp::verify() {
  int64_t dynamic = 0;
  for (Type type : getResultTypes())
    dynamic += cast<RankedTensorType>(type).getNumDynamicDims();
  if (dynamic != static_cast<int64_t>(getDims().size()))
    return emitOpError("expects one size per dynamic result dim: ")
           << dynamic << " dynamic dims, " << getDims().size() << " sizes";
  return success();
}

LogicalResult ArgReduceOp::verify() {
  if (getKind() != ReduceKind::max && getKind() != ReduceKind::min)
    return emitOpError("is of max or min only");
  return success();
}

LogicalResult SoftmaxOp::verify() { return verifyAxis(*this, getAxis(), ranked(getInput()).getRank()); }
LogicalResult CumSumOp::verify() { return verifyAxis(*this, getAxis(), ranked(getInput()).getRank()); }

LogicalResult TopKOp::verify() {
  if (failed(verifyAxis(*this, getAxis(), ranked(getInput()).getRank())))
    return failure();
  if (ranked(getValues()).getRank() != ranked(getInput()).getRank())
    return emitOpError("changes the rank");
  bool dynamic = ranked(getValues()).isDynamicDim(getAxis());
  if (dynamic != static_cast<bool>(getK()))
    return emitOpError("takes k exactly when the result's axis is dynamic");
  return verifySameElement(*this, getInput(), getValues());
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = ranked(getInput()), to = ranked(getResult());
  if (from.hasStaticShape() && to.hasStaticShape() && from.getNumElements() != to.getNumElements())
    return emitOpError("changes the number of elements from ")
           << from.getNumElements() << " to " << to.getNumElements();
  if (failed(verifySameElement(*this, getInput(), getResult())))
    return failure();
  return verifySizes(*this, getResult(), getDims());
}

LogicalResult BroadcastToOp::verify() {
  if (failed(verifySameElement(*this, getInput(), getResult())) ||
      failed(verifyBroadcastsTo(*this, "input", ranked(getInput()).getShape(), ranked(getResult()).getShape())))
    return failure();
  return verifySizes(*this, getResult(), getDims());
}

LogicalResult TileOp::verify() {
  if (ranked(getInput()).getRank() != ranked(getResult()).getRank())
    return emitOpError("changes the rank");
  return verifySizes(*this, getResult(), getDims());
}

LogicalResult TransposeOp::verify() {
  SmallVector<int64_t> sorted(getPerm());
  llvm::sort(sorted);
  for (auto [i, axis] : llvm::enumerate(sorted))
    if (static_cast<int64_t>(i) != axis)
      return emitOpError("perm is not a permutation");
  if (static_cast<int64_t>(sorted.size()) != ranked(getInput()).getRank())
    return emitOpError("perm has ") << sorted.size() << " entries for rank " << ranked(getInput()).getRank();
  return success();
}

LogicalResult SliceOp::verify() {
  int64_t rank = ranked(getInput()).getRank();
  if (ranked(getResult()).getRank() != rank)
    return emitOpError("changes the rank");
  if (failed(verifyMixed(*this, "static_starts", getStaticStarts(), getStarts().size(), rank)))
    return failure();
  if (static_cast<int64_t>(getSteps().size()) != rank || llvm::is_contained(getSteps(), 0))
    return emitOpError("expects one non-zero step per dim");
  return verifySizes(*this, getResult(), getDims());
}

LogicalResult ConcatOp::verify() {
  if (getInputs().empty())
    return emitOpError("nothing to join");
  RankedTensorType first = ranked(getInputs().front());
  for (Value input : getInputs().drop_front()) {
    if (failed(verifySameElement(*this, getInputs().front(), input)))
      return failure();
    for (auto [i, a, b] : llvm::enumerate(first.getShape(), ranked(input).getShape()))
      if (static_cast<int64_t>(i) != static_cast<int64_t>(getAxis()) && a != b && !ShapedType::isDynamic(a) &&
          !ShapedType::isDynamic(b))
        return emitOpError("inputs differ in dim ") << i << ": " << a << " and " << b;
  }
  return success();
}

LogicalResult PadOp::verify() {
  int64_t rank = ranked(getInput()).getRank();
  if (ranked(getResult()).getRank() != rank)
    return emitOpError("changes the rank");
  if (failed(verifyMixed(*this, "static_low", getStaticLow(), getLows().size(), rank)))
    return failure();
  return verifySizes(*this, getResult(), getDims());
}

static LogicalResult verifyIndices(Operation *op, Value indices) {
  Type type = elementOf(indices);
  if (type.isInteger(32) || type.isInteger(64))
    return success();
  return op->emitOpError("indices must be of i32 or i64, are ") << type;
}

LogicalResult GatherOp::verify() { return verifyIndices(*this, getIndices()); }
LogicalResult GatherNDOp::verify() { return verifyIndices(*this, getIndices()); }
LogicalResult ScatterNDOp::verify() {
  if (failed(verifyIndices(*this, getIndices())) || failed(verifySameElement(*this, getInput(), getUpdates())))
    return failure();
  int64_t rank = ranked(getInput()).getRank(), around = ranked(getIndices()).getRank() - 1;
  if (around < 0 || ranked(getIndices()).isDynamicDim(around))
    return emitOpError("the length of the index tuples must be static");
  int64_t tuple = ranked(getIndices()).getDimSize(around);
  if (tuple > rank)
    return emitOpError("index tuples of ") << tuple << " numbers are longer than the input's rank " << rank;
  return verifyRank(*this, "updates", getUpdates(), around + rank - tuple);
}

LogicalResult GatherElementsOp::verify() {
  int64_t rank = ranked(getInput()).getRank();
  if (failed(verifyIndices(*this, getIndices())) || failed(verifyRank(*this, "indices", getIndices(), rank)))
    return failure();
  return verifyAxis(*this, getAxis(), rank);
}

LogicalResult ScatterElementsOp::verify() {
  int64_t rank = ranked(getInput()).getRank();
  if (failed(verifyIndices(*this, getIndices())) || failed(verifySameElement(*this, getInput(), getUpdates())) ||
      failed(verifyRank(*this, "indices", getIndices(), rank)) ||
      failed(verifyRank(*this, "updates", getUpdates(), rank)))
    return failure();
  return verifyAxis(*this, getAxis(), rank);
}

LogicalResult TriluOp::verify() {
  return ranked(getInput()).getRank() < 2 ? emitOpError("needs rank 2 or more") : success();
}

LogicalResult RangeOp::verify() {
  if (ranked(getResult()).getRank() != 1)
    return emitOpError("gives a vector");
  return verifySizes(*this, getResult(), getDims());
}

LogicalResult ResizeOp::verify() {
  if (static_cast<int64_t>(getScales().size()) != ranked(getInput()).getRank())
    return emitOpError("expects one scale per dim");
  if (getCoordinates() == "tf_crop_and_resize" && (!getRoi() || getRoi()->size() != 2 * getScales().size()))
    return emitOpError("expects a start and an end of the region of interest per dim");
  return verifySizes(*this, getResult(), getDims());
}

/// Scales and zero points are one number, a vector along the axis, or, of blocks, of the input's rank.
template <typename OpTy> static LogicalResult verifyScales(OpTy op) {
  int64_t rank = ranked(op.getInput()).getRank(), axis = op.getAxis();
  bool isBlocked = static_cast<int64_t>(op.getBlockSize()) > 0;
  for (auto [name, parameter] :
       {std::pair("scale", Value(op.getScale())), std::pair("zero point", Value(op.getZero()))}) {
    if (!parameter || ranked(parameter).getRank() == 0)
      continue;
    bool isOne = !isBlocked && ranked(parameter).getShape() == ArrayRef<int64_t>(1);
    if (failed(verifyRank(op, name, parameter, isBlocked ? rank : 1)) || (!isOne && failed(verifyAxis(op, axis, rank))))
      return failure();
  }
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (!isa<FloatType>(elementOf(getInput())) && !elementOf(getInput()).isInteger(32))
    return emitOpError("input must be float or i32");
  return verifyScales(*this);
}

LogicalResult DequantizeOp::verify() {
  return isa<FloatType>(elementOf(getResult())) ? verifyScales(*this) : emitOpError("result must be float");
}

LogicalResult FromIndexOp::verify() {
  RankedTensorType type = ranked(getResult());
  if (!type.hasStaticShape() || type.getNumElements() != static_cast<int64_t>(getElements().size()))
    return emitOpError("expects one size per element of a static result");
  return success();
}

LogicalResult LinearOp::verify() {
  if (ranked(getResult()).getRank() < 1)
    return emitOpError("the input must be at least a vector");
  int64_t n = ranked(getResult()).getShape().back();
  if (getBias() && failed(verifyBroadcastsTo(*this, "bias", ranked(getBias()).getShape(), {n})))
    return failure();
  if (getResidual())
    return verifyBroadcastsTo(*this, "residual", ranked(getResidual()).getShape(), ranked(getResult()).getShape());
  return success();
}

LogicalResult LinearNBitsOp::verify() {
  if (getBits() != 2 && getBits() != 4 && getBits() != 8)
    return emitOpError("bits must be 2, 4 or 8, is ") << getBits();
  if (static_cast<int64_t>(getBlockSize()) < 1)
    return emitOpError("block_size must be positive");
  int64_t blocks = (getK() + getBlockSize() - 1) / getBlockSize();
  int64_t expected = getN() * blocks * getBlockSize() * getBits() / 8;
  RankedTensorType weight = ranked(getWeight());
  if (weight.hasStaticShape() && weight.getNumElements() != expected)
    return emitOpError("weight holds ") << weight.getNumElements() << " bytes, n, k, bits and block_size ask for "
                                        << expected;
  return success();
}

static LogicalResult verifyNorm(Operation *op, Value input, Value scale, int64_t axis) {
  if (failed(verifyAxis(op, axis, ranked(input).getRank())))
    return failure();
  if (!scale)
    return success();
  return verifyBroadcastsTo(op, "scale", ranked(scale).getShape(), ranked(input).getShape());
}

LogicalResult LayerNormOp::verify() {
  if (failed(verifyNorm(*this, getInput(), getScale(), getAxis())))
    return failure();
  return verifyNorm(*this, getInput(), getBias(), getAxis());
}
LogicalResult RMSNormOp::verify() { return verifyNorm(*this, getInput(), getScale(), getAxis()); }

LogicalResult RopeOp::verify() {
  RankedTensorType input = ranked(getInput());
  if (input.getRank() < 1)
    return emitOpError("the input must be at least a vector");
  int64_t rotary = getRotaryDim(), size = input.getShape().back();
  if (rotary <= 0 || rotary % 2 || (!ShapedType::isDynamic(size) && rotary > size))
    return emitOpError("rotary_dim ") << rotary << " must be even and at most the head size " << size;
  for (Value table : {getCos(), getSin()}) {
    if (ranked(table).getRank() < 1)
      return emitOpError("tables must be at least vectors");
    SmallVector<int64_t> target(input.getShape());
    int64_t width = ranked(table).getShape().back();
    if (!ShapedType::isDynamic(width) && width != rotary && width != rotary / 2)
      return emitOpError("tables must be rotary_dim or rotary_dim/2 wide, one is ") << width;
    target.back() = width;
    if (failed(verifyBroadcastsTo(*this, "table", ranked(table).getShape(), target)))
      return failure();
  }
  return success();
}

LogicalResult GLUOp::verify() { return verifySameElement(*this, getGate(), getUp()); }

LogicalResult AttentionOp::verify() {
  RankedTensorType q = ranked(getQuery()), k = ranked(getKey()), v = ranked(getValue());
  for (auto [name, type] : {std::pair("query", q), std::pair("key", k), std::pair("value", v)})
    if (type.getRank() != 4)
      return emitOpError(name) << " must have rank 4";
  auto known = [](int64_t a, int64_t b) { return !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b); };
  if (known(q.getDimSize(3), k.getDimSize(3)) && q.getDimSize(3) != k.getDimSize(3))
    return emitOpError("query and key head sizes differ: ") << q.getDimSize(3) << " and " << k.getDimSize(3);
  if (known(k.getDimSize(1), v.getDimSize(1)) && k.getDimSize(1) != v.getDimSize(1))
    return emitOpError("key and value heads differ: ") << k.getDimSize(1) << " and " << v.getDimSize(1);
  if (known(q.getDimSize(1), k.getDimSize(1)) && (k.getDimSize(1) == 0 || q.getDimSize(1) % k.getDimSize(1)))
    return emitOpError() << q.getDimSize(1) << " query heads are no multiple of " << k.getDimSize(1)
                         << " key/value heads";
  for (auto [name, rounding] :
       {std::pair("score_rounding", getScoreRounding()), std::pair("probability_rounding", getProbabilityRounding())})
    if (rounding) {
      if (rounding->size() != 3 || !((*rounding)[0] > 0) || (*rounding)[1] > (*rounding)[2])
        return emitOpError(name) << " must be a step above zero, then the lowest and highest multiple of it";
      float span = (*rounding)[2] - (*rounding)[1];
      if ((span != 255 && span != 65535) || (*rounding)[1] > 0 || (*rounding)[2] < 0)
        return emitOpError(name) << " must have 256 or 65536 multiples, 0 among them";
    }
  SmallVector<int64_t> scores = {q.getDimSize(0), q.getDimSize(1), q.getDimSize(2), k.getDimSize(2)};
  if (getBias() && failed(verifyBroadcastsTo(*this, "bias", ranked(getBias()).getShape(), scores)))
    return failure();
  for (auto [name, perHead] : {std::pair("slopes", getSlopes()), std::pair("sinks", getSinks())})
    if (perHead && (ranked(perHead).getRank() != 1 || (known(ranked(perHead).getDimSize(0), q.getDimSize(1)) &&
                                                       ranked(perHead).getDimSize(0) != q.getDimSize(1))))
      return emitOpError(name) << " must be one number per query head";
  if (getKeyLengths() && (ranked(getKeyLengths()).getRank() != 1 || !isa<IntegerType>(elementOf(getKeyLengths()))))
    return emitOpError("key_lengths must be one integer per batch");
  if (!getMask())
    return success();
  if (!elementOf(getMask()).isInteger(1))
    return emitOpError("mask must be of i1, is ") << elementOf(getMask());
  return verifyBroadcastsTo(*this, "mask", ranked(getMask()).getShape(), scores);
}

LogicalResult LinearAttentionOp::verify() {
  for (auto [name, value] :
       {std::pair("query", Value(getQuery())), std::pair("key", Value(getKey())), std::pair("value", Value(getValue())),
        std::pair("state", Value(getState())), std::pair("sums", Value(getSums()))}) {
    if (!value)
      continue;
    if (ranked(value).getRank() != (name == StringRef("sums") ? 3 : 4))
      return emitOpError(name) << " must have rank " << (name == StringRef("sums") ? 3 : 4);
    if (failed(verifySameElement(*this, getQuery(), value)))
      return failure();
  }
  // What the operands have in common, each dim by the operand and place that fix it.
  auto same = [&](StringRef what, Value a, int64_t i, Value b, int64_t j) -> LogicalResult {
    if (!b)
      return success();
    int64_t x = ranked(a).getDimSize(i), y = ranked(b).getDimSize(j);
    if (x == y || ShapedType::isDynamic(x) || ShapedType::isDynamic(y))
      return success();
    return emitOpError() << what << " differ: " << x << " and " << y;
  };
  for (Value other : {Value(getKey()), Value(getValue()), Value(getState()), Value(getSums())})
    if (failed(same("batches", getQuery(), 0, other, 0)) || failed(same("heads", getQuery(), 1, other, 1)))
      return failure();
  if (failed(same("features", getQuery(), 3, getKey(), 3)) || failed(same("features", getQuery(), 3, getState(), 2)) ||
      failed(same("features", getQuery(), 3, getSums(), 2)) ||
      failed(same("keys and values", getKey(), 2, getValue(), 2)) ||
      failed(same("widths of values", getValue(), 3, getState(), 3)))
    return failure();
  if (getReads() == LinearReads::causal && failed(same("causal queries and keys", getQuery(), 2, getKey(), 2)))
    return failure();
  if (getEpsilon() && (getEpsilon()->isNegative() || !getEpsilon()->isFinite()))
    return emitOpError("epsilon must be a number that is not below zero");
  if (getReads() == LinearReads::before && !getState())
    return emitOpError("reads a state that it has not");
  if (getReads() == LinearReads::before && getEpsilon() && !getSums())
    return emitOpError("divides by sums that it has not");
  if (getDelta() && getReads() != LinearReads::before)
    return emitOpError("has a delta rule only where it reads what was before");
  return success();
}

LogicalResult KVWriteOp::verify() {
  if (failed(verifyAxis(*this, getAxis(), ranked(getCache()).getRank())))
    return failure();
  if (ranked(getCache()).getRank() != ranked(getUpdate()).getRank())
    return emitOpError("cache and update differ in rank");
  if (getStart() && failed(verifyRank(*this, "start", getStart(), 1)))
    return failure();
  return verifySameElement(*this, getCache(), getUpdate());
}
