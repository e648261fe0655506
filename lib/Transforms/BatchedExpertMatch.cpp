//===- BatchedExpertMatch.cpp - networks of all experts at once -----------===//

#include "BatchedExpertMatch.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

//===-- Layouts -----------------------------------------------------------===//

/// Where it is the only dim that is dynamic, it is, as all the others are.
bool BatchedExpertReader::isOf(Value value, size_t dim, ArrayRef<int> axes) {
  int64_t known = 1, size = typeOf(value).getDimSize(dim);
  SmallVector<int, 2> open;
  for (int one : axes)
    if (auto number = SizeArith::asConstant(sizes[one]))
      known *= *number;
    else
      open.push_back(one);
  if (!ShapedType::isDynamic(size))
    return open.empty() && known == size;
  if (open.empty())
    return false;
  return typeOf(value).getNumDynamicDims() == 1 ||
         (open.size() == 1 && known == 1 && dimIs(value, dim, sizes[open[0]]));
}

/// Cuts `axes` into the dims of `to` from `dim` on.
bool BatchedExpertReader::regroup(Value to, size_t dim, ArrayRef<int> axes, Layout &layout) {
  if (dim == static_cast<size_t>(rankOf(to)))
    return axes.empty();
  if (typeOf(to).getDimSize(dim) == 1) {
    layout.push_back({});
    if (regroup(to, dim + 1, axes, layout))
      return true;
    layout.pop_back();
    return false;
  }
  for (size_t count = 1; count <= axes.size(); ++count) {
    if (!isOf(to, dim, axes.take_front(count)))
      continue;
    layout.push_back(Axes(axes.take_front(count)));
    if (regroup(to, dim + 1, axes.drop_front(count), layout))
      return true;
    layout.pop_back();
  }
  return false;
}

std::optional<Layout> BatchedExpertReader::throughReshape(ReshapeOp reshape, const Layout &layout) {
  Axes all;
  for (const Axes &axes : layout)
    llvm::append_range(all, axes);
  Layout inner;
  return regroup(reshape.getInput(), 0, all, inner) ? std::optional(inner) : std::nullopt;
}

Laid BatchedExpertReader::broadcast(Value operand, const Layout &layout) {
  Laid own = {operand, {}};
  ArrayRef<int64_t> shape = typeOf(operand).getShape();
  for (auto [size, axes] : llvm::zip(shape, ArrayRef<Axes>(layout).take_back(shape.size())))
    own.layout.push_back(size == 1 ? Axes() : axes);
  return own;
}

Laid BatchedExpertReader::throughViews(Laid laid) {
  while (Operation *op = laid.value.getDefiningOp()) {
    std::optional<Layout> inner;
    if (auto transpose = dyn_cast<TransposeOp>(op)) {
      inner.emplace(laid.layout.size());
      for (auto [to, from] : llvm::enumerate(transpose.getPerm()))
        (*inner)[from] = laid.layout[to];
    } else if (auto reshape = dyn_cast<ReshapeOp>(op)) {
      inner = throughReshape(reshape, laid.layout);
    } else if (auto spread = dyn_cast<BroadcastToOp>(op)) {
      inner = broadcast(spread.getInput(), laid.layout).layout;
    } else if (auto tile = dyn_cast<TileOp>(op)) {
      // What is repeated has outer axes that its element does not depend on.
      inner = laid.layout;
      for (auto [i, axes] : llvm::enumerate(*inner))
        while (!axes.empty() && !isOf(tile.getInput(), i, axes) && typeOf(tile.getInput()).getDimSize(i) != 1)
          axes.erase(axes.begin());
      for (auto [i, axes] : llvm::enumerate(*inner))
        if (typeOf(tile.getInput()).getDimSize(i) == 1)
          axes.clear();
    }
    if (!inner)
      return laid;
    laid = {op->getOperand(0), *inner};
  }
  return laid;
}

bool BatchedExpertReader::isTokens(ArrayRef<Axes> leading) {
  Axes all;
  for (const Axes &axes : leading)
    llvm::append_range(all, axes);
  return all == tokens;
}

//===-- Weights and layers ------------------------------------------------===//

/// A constant whose dims are the experts and `own`; of two, in either order.
std::optional<ExpertWeight> BatchedExpertReader::readWeight(Laid laid, ArrayRef<int> own) {
  laid = throughViews(laid);
  // A bias may have a dim of 1 for the rows.
  if (own.size() == 1)
    llvm::erase_if(laid.layout, [](const Axes &axes) { return axes.empty(); });
  if (!laid.value.getDefiningOp<ConstantOp>() || laid.layout.size() != own.size() + 1 ||
      laid.layout[0] != Axes{experts})
    return std::nullopt;
  ExpertWeight weight;
  weight.value = laid.value;
  ArrayRef<Axes> rest = ArrayRef<Axes>(laid.layout).drop_front();
  auto is = [&](size_t dim, int which) { return rest[dim] == Axes{which}; };
  if (own.size() == 2 && is(0, own[1]) && is(1, own[0])) {
    weight.transposed = true;
    return weight;
  }
  for (size_t i = 0; i < own.size(); ++i)
    if (!is(i, own[i]))
      return std::nullopt;
  return weight;
}

/// A product of all experts, and their biases; `given` has columns of the innermost axis.
std::optional<BatchedExpertReader::BatchedLayer> BatchedExpertReader::readLayer(Laid given) {
  given = throughViews(given);
  if (given.layout.empty() || given.layout.back().empty())
    return std::nullopt;
  int out = given.layout.back().back();
  BatchedLayer found;
  if (auto biased = given.value.getDefiningOp<BinaryOp>()) {
    if (biased.getKind() != BinaryKind::add)
      return std::nullopt;
    for (unsigned side : {0u, 1u}) {
      Laid bias = broadcast(biased->getOperand(side), given.layout);
      found.layer.bias = readWeight(bias, {out});
      if (!found.layer.bias)
        continue;
      std::optional<BatchedLayer> product = readLayer(broadcast(biased->getOperand(1 - side), given.layout));
      if (!product || product->layer.bias)
        return std::nullopt;
      product->layer.bias = found.layer.bias;
      return product;
    }
    return std::nullopt;
  }
  Operation *op = given.value.getDefiningOp();
  if (!isa_and_present<MatMulOp, LinearOp>(op))
    return std::nullopt;
  Value left = op->getOperand(0), right = op->getOperand(1);
  auto matmul = dyn_cast<MatMulOp>(op);
  bool swapsLeft = matmul && matmul.getTransposeA(), swapsRight = matmul && matmul.getTransposeB();
  if (auto linear = dyn_cast<LinearOp>(op)) {
    if (linear.getBias() || linear.getResidual())
      return std::nullopt;
    found.activation = linear.getActivation();
  }
  if (rankOf(left) < 2)
    return std::nullopt;
  int in = axis(dims.of(left)[rankOf(left) - (swapsLeft ? 2 : 1)]);
  auto operand = [&](Value value, Axes first, Axes second, bool swapped) {
    Layout layout(given.layout.begin(), given.layout.end() - 2);
    layout.push_back(swapped ? second : first);
    layout.push_back(swapped ? first : second);
    return broadcast(value, layout);
  };
  Axes rows = given.layout[given.layout.size() - 2], columns = given.layout.back();
  found.input = operand(left, rows, {in}, swapsLeft);
  std::optional<ExpertWeight> weight = readWeight(operand(right, {in}, columns, swapsRight), {in, out});
  if (!weight)
    return std::nullopt;
  found.layer.op = op;
  found.layer.input = left;
  found.layer.weight = *weight;
  return found;
}

/// Gate and what it lets through as columns of one product.
std::optional<BatchedExpertReader::BatchedLayer> BatchedExpertReader::readJoined(const Laid &gate, const Laid &through,
                                                                                 ExpertGate &kind) {
  auto a = gate.value.getDefiningOp<SliceOp>(), b = through.value.getDefiningOp<SliceOp>();
  if (!a || !b || a.getInput() != b.getInput() || gate.layout != through.layout || a.getType() != b.getType())
    return std::nullopt;
  int64_t last = rankOf(a) - 1, width = typeOf(a).getDimSize(last), all = typeOf(a.getInput()).getDimSize(last);
  if (ShapedType::isDynamic(width) || all != 2 * width || gate.layout.back().size() != 1 ||
      a.getStaticStarts()[last] != 0)
    return std::nullopt;
  for (SliceOp slice : {a, b})
    for (int64_t i = 0; i < last; ++i)
      if (slice.getStaticStarts()[i] != 0 || slice.getSteps()[i] != 1 ||
          typeOf(slice).getDimSize(i) != typeOf(slice.getInput()).getDimSize(i))
        return std::nullopt;
  int64_t step = a.getSteps()[last], second = b.getStaticStarts()[last];
  if (step != b.getSteps()[last] || !((step == 1 && second == width) || (step == 2 && second == 1)))
    return std::nullopt;
  kind = step == 1 ? ExpertGate::halves : ExpertGate::alternating;
  Laid joined = {a.getInput(), gate.layout};
  joined.layout.back() = {axis(dims.of(a.getInput())[last])};
  return readLayer(joined);
}

Value BatchedExpertReader::readTokens(const Laid &input) {
  Laid laid = throughViews(input);
  bool isRows =
      !laid.layout.empty() && laid.layout.back().size() == 1 && isTokens(ArrayRef<Axes>(laid.layout).drop_back());
  return isRows ? laid.value : Value();
}

bool BatchedExpertReader::readFirst(Laid inner, ExpertNetwork &network, Value &input) {
  inner = throughViews(inner);
  std::optional<BatchedLayer> first, up;
  if (auto gating = readGating(inner.value, network.activation)) {
    auto [gate, through] = *gating;
    if (!readClamps(gate, through, network))
      return false;
    Laid left = throughViews(broadcast(gate, inner.layout)), right = throughViews(broadcast(through, inner.layout));
    first = readJoined(left, right, network.gate);
    if (!first) {
      first = readLayer(left);
      up = readLayer(right);
      network.gate = ExpertGate::apart;
      if (!first || !up || up->activation != UnaryKind::identity)
        return false;
      network.up = up->layer;
    }
    if (first->activation != UnaryKind::identity)
      return false;
  } else {
    auto unary = inner.value.getDefiningOp<UnaryOp>();
    first = readLayer(unary ? Laid{unary.getInput(), inner.layout} : inner);
    if (!first || (unary && first->activation != UnaryKind::identity))
      return false;
    network.activation = unary ? unary.getKind() : first->activation;
  }
  network.first = first->layer;
  input = readInput(first->input);
  return input && (!up || readInput(up->input) == input);
}

bool BatchedExpertReader::readNetwork(Laid given, ExpertNetwork &network, Value &input) {
  std::optional<BatchedLayer> second = readLayer(given);
  if (!second || second->activation != UnaryKind::identity)
    return false;
  network.second = second->layer;
  return readFirst(second->input, network, input);
}

} // namespace transom::match
