//===- TransformerShapes.cpp - result types -------------------------------===//
//
// Result type inference over dynamic dims. Errors here are reported by the
// op that asks, with its location.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"

using namespace mlir;
using namespace transom::transformer;

namespace {
using Shape = SmallVector<int64_t>;
constexpr int64_t kDynamic = ShapedType::kDynamic;

RankedTensorType ranked(Value value) { return cast<RankedTensorType>(value.getType()); }

LogicalResult setType(SmallVectorImpl<Type> &types, ArrayRef<int64_t> shape, Type element) {
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

/// The known one of two dims that must be equal.
int64_t merge(int64_t a, int64_t b) { return ShapedType::isDynamic(a) ? b : a; }
} // namespace

FailureOr<SmallVector<int64_t>> transom::transformer::broadcastShapes(ArrayRef<ArrayRef<int64_t>> shapes) {
  size_t rank = 0;
  for (ArrayRef<int64_t> shape : shapes)
    rank = std::max(rank, shape.size());
  Shape result(rank, 1);
  for (ArrayRef<int64_t> shape : shapes) {
    for (auto [i, dim] : llvm::enumerate(shape)) {
      int64_t &out = result[rank - shape.size() + i];
      if (dim == 1 || dim == out)
        continue;
      if (out == 1) {
        out = dim;
      } else if (ShapedType::isDynamic(out)) {
        out = dim; // a static dim above 1 decides
      } else if (!ShapedType::isDynamic(dim)) {
        return failure();
      }
    }
  }
  return result;
}

static LogicalResult inferBroadcast(std::optional<Location> loc, ArrayRef<Value> values, Type element,
                                    SmallVectorImpl<Type> &types) {
  SmallVector<ArrayRef<int64_t>> shapes;
  for (Value value : values)
    shapes.push_back(ranked(value).getShape());
  FailureOr<Shape> shape = broadcastShapes(shapes);
  if (failed(shape)) {
    auto diagnostic = emitOptionalError(loc, "operands do not broadcast");
    return diagnostic;
  }
  return setType(types, *shape, element);
}

#define INFER(OP)                                                                                                      \
  LogicalResult OP::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, OP::Adaptor adaptor,           \
                                     SmallVectorImpl<Type> &types)

INFER(UnaryOp) {
  RankedTensorType type = ranked(adaptor.getInput());
  bool test = adaptor.getKind() == UnaryKind::isnan || adaptor.getKind() == UnaryKind::isinf;
  return setType(types, type.getShape(), test ? IntegerType::get(context, 1) : type.getElementType());
}

INFER(BinaryOp) {
  return inferBroadcast(loc, {adaptor.getLhs(), adaptor.getRhs()}, ranked(adaptor.getLhs()).getElementType(), types);
}

INFER(CompareOp) {
  return inferBroadcast(loc, {adaptor.getLhs(), adaptor.getRhs()}, IntegerType::get(context, 1), types);
}

INFER(SelectOp) {
  return inferBroadcast(loc, {adaptor.getCondition(), adaptor.getOnTrue(), adaptor.getOnFalse()},
                        ranked(adaptor.getOnTrue()).getElementType(), types);
}

/// [batch..., M, K] x [batch..., K, N]; fails when ranks or static dims clash.
static LogicalResult inferProduct(std::optional<Location> loc, RankedTensorType lhs, RankedTensorType rhs,
                                  bool transposeA, bool transposeB, Type element, SmallVectorImpl<Type> &types) {
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return emitOptionalError(loc, "operands must have rank 2 or more");
  ArrayRef<int64_t> a = lhs.getShape(), b = rhs.getShape();
  int64_t m = a[a.size() - (transposeA ? 1 : 2)], ka = a[a.size() - (transposeA ? 2 : 1)];
  int64_t n = b[b.size() - (transposeB ? 2 : 1)], kb = b[b.size() - (transposeB ? 1 : 2)];
  if (!ShapedType::isDynamic(ka) && !ShapedType::isDynamic(kb) && ka != kb)
    return emitOptionalError(loc, "inner dims differ: ", ka, " and ", kb);
  FailureOr<Shape> shape = broadcastShapes({a.drop_back(2), b.drop_back(2)});
  if (failed(shape))
    return emitOptionalError(loc, "batch dims do not broadcast");
  shape->append({m, n});
  return setType(types, *shape, element);
}

INFER(MatMulOp) {
  RankedTensorType lhs = ranked(adaptor.getLhs());
  return inferProduct(loc, lhs, ranked(adaptor.getRhs()), adaptor.getTransposeA(), adaptor.getTransposeB(),
                      lhs.getElementType(), types);
}

INFER(MatMulIntegerOp) {
  return inferProduct(loc, ranked(adaptor.getLhs()), ranked(adaptor.getRhs()), false, false,
                      IntegerType::get(context, 32), types);
}

/// Sizes of windows, their steps and the gaps in them.
static bool arePositive(std::initializer_list<ArrayRef<int64_t>> lists) {
  return llvm::all_of(lists,
                      [](ArrayRef<int64_t> list) { return llvm::all_of(list, [](int64_t n) { return n > 0; }); });
}

/// What else is inside of a dim than a window, of numbers that may be any.
static std::optional<int64_t> roomOf(int64_t in, int64_t before, int64_t after, int64_t kernel, int64_t dilation) {
  int64_t pads, around, reach, room;
  if (llvm::AddOverflow(before, after, pads) || llvm::AddOverflow(in, pads, around) ||
      llvm::SubOverflow(kernel, int64_t(1), reach) || llvm::MulOverflow(reach, dilation, reach) ||
      llvm::SubOverflow(around, reach, room) || llvm::SubOverflow(room, int64_t(1), room) ||
      room > std::numeric_limits<int64_t>::max() / 2)
    return std::nullopt;
  return room;
}

INFER(ConvOp) {
  RankedTensorType input = ranked(adaptor.getInput()), weight = ranked(adaptor.getWeight());
  int64_t spatial = input.getRank() - 2;
  ArrayRef<int64_t> strides = adaptor.getStrides(), pads = adaptor.getPads(), dilations = adaptor.getDilations();
  if (spatial < 1 || weight.getRank() != input.getRank() || static_cast<int64_t>(strides.size()) != spatial ||
      static_cast<int64_t>(pads.size()) != 2 * spatial || static_cast<int64_t>(dilations.size()) != spatial)
    return emitOptionalError(loc, "ranks of input, weight, strides, pads and dilations disagree");
  if (!arePositive({strides, dilations}))
    return emitOptionalError(loc, "strides and dilations must be positive");
  Shape shape = {input.getDimSize(0), weight.getDimSize(0)};
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t in = input.getDimSize(i + 2), kernel = weight.getDimSize(i + 2);
    if (ShapedType::isDynamic(in) || ShapedType::isDynamic(kernel)) {
      shape.push_back(kDynamic);
      continue;
    }
    std::optional<int64_t> room = roomOf(in, pads[i], pads[i + spatial], kernel, dilations[i]);
    if (!room)
      return emitOptionalError(loc, "the sizes of dim ", i + 2, " overflow");
    shape.push_back(*room / strides[i] + 1);
  }
  return setType(types, shape, input.getElementType());
}

INFER(PoolOp) {
  RankedTensorType input = ranked(adaptor.getInput());
  ArrayRef<int64_t> kernel = adaptor.getKernel(), strides = adaptor.getStrides(), pads = adaptor.getPads(),
                    dilations = adaptor.getDilations();
  size_t spatial = kernel.size();
  if (static_cast<int64_t>(spatial) + 2 != input.getRank() || strides.size() != spatial || pads.size() != 2 * spatial ||
      dilations.size() != spatial)
    return emitOptionalError(loc, "ranks of input, kernel, strides, pads and dilations disagree");
  if (!arePositive({kernel, strides, dilations}))
    return emitOptionalError(loc, "kernel, strides and dilations must be positive");
  Shape shape = {input.getDimSize(0), input.getDimSize(1)};
  for (size_t i = 0; i < spatial; ++i) {
    int64_t in = input.getDimSize(i + 2);
    if (ShapedType::isDynamic(in)) {
      shape.push_back(kDynamic);
      continue;
    }
    std::optional<int64_t> room = roomOf(in, pads[i], pads[i + spatial], kernel[i], dilations[i]);
    if (!room || strides[i] > std::numeric_limits<int64_t>::max() / 2)
      return emitOptionalError(loc, "the sizes of dim ", i + 2, " overflow");
    int64_t out = (adaptor.getCeilMode() ? (*room + strides[i] - 1) / strides[i] : *room / strides[i]) + 1;
    // A window must start inside the input or its left padding (ONNX Pool).
    if (adaptor.getCeilMode() && (out - 1) * strides[i] >= in + pads[i])
      --out;
    shape.push_back(out);
  }
  return setType(types, shape, input.getElementType());
}

INFER(ReduceOp) {
  RankedTensorType type = ranked(adaptor.getInput());
  Shape shape;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    if (!llvm::is_contained(adaptor.getAxes(), i))
      shape.push_back(type.getDimSize(i));
    else if (adaptor.getKeepdims())
      shape.push_back(1);
  }
  return setType(types, shape, type.getElementType());
}

INFER(ArgReduceOp) {
  RankedTensorType type = ranked(adaptor.getInput());
  Shape shape(type.getShape());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= type.getRank())
    return emitOptionalError(loc, "axis ", axis, " is outside rank ", type.getRank());
  if (adaptor.getKeepdims())
    shape[axis] = 1;
  else
    shape.erase(shape.begin() + axis);
  return setType(types, shape, IntegerType::get(context, 64));
}

#define INFER_SAME(OP, OPERAND)                                                                                        \
  INFER(OP) {                                                                                                          \
    types.push_back(adaptor.OPERAND().getType());                                                                      \
    return success();                                                                                                  \
  }
INFER_SAME(SoftmaxOp, getInput)
INFER_SAME(CumSumOp, getInput)
INFER_SAME(TriluOp, getInput)
INFER_SAME(ScatterElementsOp, getInput)
INFER_SAME(ScatterNDOp, getInput)
INFER_SAME(LayerNormOp, getInput)
INFER_SAME(RMSNormOp, getInput)
INFER_SAME(RopeOp, getInput)
INFER_SAME(KVWriteOp, getCache)

INFER(TransposeOp) {
  RankedTensorType type = ranked(adaptor.getInput());
  Shape shape;
  for (int64_t axis : adaptor.getPerm()) {
    if (axis < 0 || axis >= type.getRank())
      return emitOptionalError(loc, "perm names dim ", axis, " of rank ", type.getRank());
    shape.push_back(type.getDimSize(axis));
  }
  return setType(types, shape, type.getElementType());
}

INFER(ConcatOp) {
  if (adaptor.getInputs().empty())
    return emitOptionalError(loc, "nothing to join");
  RankedTensorType first = ranked(adaptor.getInputs().front());
  Shape shape(first.getShape());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= first.getRank())
    return emitOptionalError(loc, "axis ", axis, " is outside rank ", first.getRank());
  for (Value input : adaptor.getInputs().drop_front()) {
    RankedTensorType type = ranked(input);
    if (type.getRank() != first.getRank())
      return emitOptionalError(loc, "inputs differ in rank");
    for (int64_t i = 0; i < type.getRank(); ++i) {
      int64_t dim = type.getDimSize(i);
      if (i != axis)
        shape[i] = merge(shape[i], dim);
      else
        shape[i] = ShapedType::isDynamic(shape[i]) || ShapedType::isDynamic(dim) ? kDynamic : shape[i] + dim;
    }
  }
  return setType(types, shape, first.getElementType());
}

INFER(GatherOp) {
  RankedTensorType data = ranked(adaptor.getInput()), indices = ranked(adaptor.getIndices());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= data.getRank())
    return emitOptionalError(loc, "axis ", axis, " is outside rank ", data.getRank());
  Shape shape(data.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, data.getShape().drop_front(axis + 1));
  return setType(types, shape, data.getElementType());
}

INFER(GatherElementsOp) {
  return setType(types, ranked(adaptor.getIndices()).getShape(), ranked(adaptor.getInput()).getElementType());
}

INFER(GatherNDOp) {
  RankedTensorType data = ranked(adaptor.getInput()), indices = ranked(adaptor.getIndices());
  int64_t batch = adaptor.getBatchDims();
  if (indices.getRank() < 1 || indices.isDynamicDim(indices.getRank() - 1))
    return emitOptionalError(loc, "the length of the index tuples must be static");
  int64_t tuple = indices.getShape().back();
  if (batch < 0 || batch >= indices.getRank())
    return emitOptionalError(loc, "batch_dims ", batch, " is outside the indices' rank ", indices.getRank());
  if (batch + tuple > data.getRank())
    return emitOptionalError(loc, "index tuples of ", tuple, " do not fit rank ", data.getRank());
  Shape shape(indices.getShape().drop_back());
  llvm::append_range(shape, data.getShape().drop_front(batch + tuple));
  return setType(types, shape, data.getElementType());
}

INFER(NonZeroOp) {
  return setType(types, {ranked(adaptor.getInput()).getRank(), kDynamic}, IntegerType::get(context, 64));
}

INFER(LinearOp) {
  RankedTensorType input = ranked(adaptor.getInput()), weight = ranked(adaptor.getWeight());
  if (input.getRank() < 1 || weight.getRank() != 2)
    return emitOptionalError(loc, "weight must be [K, N] and the input at least a vector");
  int64_t k = input.getShape().back(), kw = weight.getDimSize(0);
  if (!ShapedType::isDynamic(k) && !ShapedType::isDynamic(kw) && k != kw)
    return emitOptionalError(loc, "inner dims differ: ", k, " and ", kw);
  Shape shape(input.getShape());
  shape.back() = weight.getDimSize(1);
  return setType(types, shape, input.getElementType());
}

INFER(LinearNBitsOp) {
  RankedTensorType input = ranked(adaptor.getInput());
  if (input.getRank() < 1)
    return emitOptionalError(loc, "the input must be at least a vector");
  Shape shape(input.getShape());
  shape.back() = adaptor.getN();
  return setType(types, shape, input.getElementType());
}

INFER(GLUOp) {
  return inferBroadcast(loc, {adaptor.getGate(), adaptor.getUp()}, ranked(adaptor.getGate()).getElementType(), types);
}

INFER(AttentionOp) {
  RankedTensorType query = ranked(adaptor.getQuery()), value = ranked(adaptor.getValue());
  if (query.getRank() != 4 || value.getRank() != 4)
    return emitOptionalError(loc, "query, key and value must have rank 4");
  Shape shape(query.getShape());
  shape[3] = value.getDimSize(3);
  return setType(types, shape, query.getElementType());
}

INFER(MoEOp) {
  RankedTensorType tokens = ranked(adaptor.getTokens()), second = ranked(adaptor.getSecond());
  if (tokens.getRank() != 2 || second.getRank() != 3)
    return emitOptionalError(loc, "tokens must have rank 2, and the experts' weights rank 3");
  int64_t rows = tokens.getDimSize(0);
  for (Value perToken : {adaptor.getExperts(), adaptor.getWeights()})
    if (ranked(perToken).getRank() == 2)
      rows = merge(rows, ranked(perToken).getDimSize(0));
  int64_t columns = second.getDimSize(adaptor.getFirstScales() ? 1 : 2);
  return setType(types, {rows, columns}, tokens.getElementType());
}

INFER(LinearAttentionOp) {
  RankedTensorType query = ranked(adaptor.getQuery()), key = ranked(adaptor.getKey()),
                   value = ranked(adaptor.getValue());
  for (RankedTensorType type : {query, key, value})
    if (type.getRank() != 4)
      return emitOptionalError(loc, "query, key and value must have rank 4");
  // One batch, one number of heads and of features: whichever operand knows them.
  Shape state = {merge(query.getDimSize(0), key.getDimSize(0)), merge(query.getDimSize(1), key.getDimSize(1)),
                 merge(query.getDimSize(3), key.getDimSize(3)), value.getDimSize(3)};
  for (int64_t i : {0, 1})
    state[i] = merge(state[i], value.getDimSize(i));
  if (adaptor.getState() && ranked(adaptor.getState()).getRank() == 4)
    for (int64_t i = 0; i < 4; ++i)
      state[i] = merge(state[i], ranked(adaptor.getState()).getDimSize(i));
  Type element = query.getElementType();
  (void)setType(types, {state[0], state[1], query.getDimSize(2), state[3]}, element);
  (void)setType(types, state, element);
  return setType(types, {state[0], state[1], state[2]}, element);
}
