//===- ExpertMatch.cpp - the network of one expert ------------------------===//

#include "ExpertMatch.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

/// A weight of `rank` dims: a constant, or the part of one that an expert's number picks.
std::optional<ExpertWeight> readWeight(Value value, int64_t rank) {
  ExpertWeight weight;
  if (rank == 2)
    value = underTranspose(value, weight.transposed);
  weight.value = value;
  if (value.getDefiningOp<ConstantOp>())
    return rankOf(value) == rank ? std::optional(weight) : std::nullopt;
  Place place;
  for (int64_t i = 0; i < rankOf(value); ++i)
    place.push_back({Position::Along, i});
  throughViews(value, place);
  bool isPart = rankOf(value) == rank + 1 && isWeight(value) &&
                (place[0].kind == Position::Fixed || place[0].kind == Position::Found);
  if (!isPart)
    return std::nullopt;
  int64_t first = rankOf(weight.value) - rank; // the free positions are numbered as they were before views
  ArrayRef<Position> own = ArrayRef<Position>(place).drop_front();
  if (rank == 2 && own[0].isAlong(first + 1) && own[1].isAlong(first))
    weight.transposed = !weight.transposed;
  else
    for (auto [i, position] : llvm::enumerate(own))
      if (!position.isAlong(first + static_cast<int64_t>(i)))
        return std::nullopt;
  weight.value = value;
  weight.expert = place[0];
  return weight;
}

/// A product with a weight, and a bias. `activation` is what a linear layer goes on with.
std::optional<ExpertLayer> readLayer(Value value, UnaryKind &activation) {
  activation = UnaryKind::identity;
  ExpertLayer layer;
  std::optional<ExpertWeight> weight;
  Value bias;
  if (auto linear = value.getDefiningOp<LinearOp>()) {
    if (linear.getResidual())
      return std::nullopt;
    layer.op = linear;
    layer.input = linear.getInput();
    activation = linear.getActivation();
    weight = readWeight(linear.getWeight(), 2);
    bias = linear.getBias();
  } else {
    auto sum = value.getDefiningOp<BinaryOp>();
    MatMulOp product = value.getDefiningOp<MatMulOp>();
    if (sum && sum.getKind() == BinaryKind::add)
      for (unsigned side : {0u, 1u})
        if (auto found = sum->getOperand(side).getDefiningOp<MatMulOp>(); found && !product) {
          product = found;
          bias = sum->getOperand(1 - side);
        }
    if (!product || product.getTransposeA())
      return std::nullopt;
    layer.op = product;
    layer.input = product.getLhs();
    weight = readWeight(product.getRhs(), 2);
    if (weight)
      weight->transposed ^= product.getTransposeB();
  }
  if (!weight || rankOf(layer.input) != 2)
    return std::nullopt;
  layer.weight = *weight;
  if (bias) {
    layer.bias = readWeight(bias, 1);
    if (!layer.bias)
      return std::nullopt;
  }
  return layer;
}

std::optional<ExpertLayer> readPlainLayer(Value value) {
  UnaryKind activation;
  std::optional<ExpertLayer> layer = readLayer(value, activation);
  return layer && activation == UnaryKind::identity ? layer : std::nullopt;
}

/// x at least or at most a number, whichever `kind` says.
std::optional<std::pair<Value, double>> readLimit(Value value, BinaryKind kind) {
  auto binary = value.getDefiningOp<BinaryOp>();
  if (!binary || binary.getKind() != kind)
    return std::nullopt;
  for (unsigned side : {0u, 1u})
    if (std::optional<double> number = scalar(binary->getOperand(side)))
      return std::pair(binary->getOperand(1 - side), *number);
  return std::nullopt;
}

} // namespace

bool readClamps(Value &gate, Value &through, ExpertNetwork &network) {
  if (auto moved = through.getDefiningOp<BinaryOp>(); moved && moved.getKind() == BinaryKind::add)
    for (unsigned side : {0u, 1u})
      if (std::optional<double> number = scalar(moved->getOperand(side)); number && network.beta == 0) {
        network.beta = *number;
        through = moved->getOperand(1 - side);
      }
  if (network.activation == UnaryKind::quick_gelu) {
    network.activation = UnaryKind::silu;
    network.alpha = 1.702;
  }
  auto above = readLimit(gate, BinaryKind::min);
  if (!above)
    return true;
  gate = above->first;
  double limit = above->second;
  // From both sides, in either order.
  for (BinaryKind outer : {BinaryKind::min, BinaryKind::max}) {
    BinaryKind inner = outer == BinaryKind::min ? BinaryKind::max : BinaryKind::min;
    auto a = readLimit(through, outer);
    auto b = a ? readLimit(a->first, inner) : std::nullopt;
    if (!b)
      continue;
    double high = outer == BinaryKind::min ? a->second : b->second,
           low = outer == BinaryKind::min ? b->second : a->second;
    if (high != limit || low != -limit || limit <= 0)
      return false;
    through = b->first;
    network.limit = limit;
    return true;
  }
  return false;
}

std::optional<std::pair<Value, Value>> readGating(Value value, UnaryKind &activation) {
  if (auto glu = value.getDefiningOp<GLUOp>()) {
    activation = glu.getActivation();
    return std::pair(glu.getGate(), glu.getUp());
  }
  auto product = value.getDefiningOp<BinaryOp>();
  if (!product || product.getKind() != BinaryKind::mul)
    return std::nullopt;
  for (unsigned side : {0u, 1u})
    if (auto open = product->getOperand(side).getDefiningOp<UnaryOp>()) {
      activation = open.getKind();
      return std::pair(open.getInput(), product->getOperand(1 - side));
    }
  return std::nullopt;
}

namespace {

/// Gate and what it lets through as columns of one product.
std::optional<ExpertLayer> readJoined(Value gate, Value through, ExpertGate &kind) {
  auto a = gate.getDefiningOp<SliceOp>(), b = through.getDefiningOp<SliceOp>();
  if (!a || !b || a.getInput() != b.getInput() || rankOf(a) != 2)
    return std::nullopt;
  std::optional<ExpertLayer> layer = readPlainLayer(a.getInput());
  int64_t width = typeOf(a).getDimSize(1), all = typeOf(a.getInput()).getDimSize(1);
  if (!layer || ShapedType::isDynamic(width) || all != 2 * width || typeOf(b).getDimSize(1) != width)
    return std::nullopt;
  for (SliceOp slice : {a, b})
    if (slice.getStaticStarts()[0] != 0 || slice.getSteps()[0] != 1)
      return std::nullopt;
  int64_t from = a.getStaticStarts()[1], to = b.getStaticStarts()[1], step = a.getSteps()[1];
  if (step != b.getSteps()[1] || from != 0)
    return std::nullopt;
  if (step == 1 && to == width)
    kind = ExpertGate::halves;
  else if (step == 2 && to == 1)
    kind = ExpertGate::alternating;
  else
    return std::nullopt;
  return layer;
}

/// What stands between the two products.
bool readInner(Value value, ExpertNetwork &network) {
  if (auto gating = readGating(value, network.activation)) {
    auto [gate, through] = *gating;
    if (!readClamps(gate, through, network))
      return false;
    std::optional<ExpertLayer> first = readJoined(gate, through, network.gate);
    if (!first) {
      first = readPlainLayer(gate);
      network.up = readPlainLayer(through);
      network.gate = ExpertGate::apart;
      if (!network.up || !first || network.up->input != first->input)
        return false;
    }
    network.first = *first;
    return true;
  }
  UnaryKind own = UnaryKind::identity;
  if (auto unary = value.getDefiningOp<UnaryOp>()) {
    own = unary.getKind();
    value = unary.getInput();
  }
  std::optional<ExpertLayer> first = readLayer(value, network.activation);
  if (!first || (own != UnaryKind::identity && network.activation != UnaryKind::identity))
    return false;
  if (own != UnaryKind::identity)
    network.activation = own;
  network.first = *first;
  return true;
}

} // namespace

FailureOr<ExpertNetwork> readExpert(Value result, Refusal refuse) {
  ExpertNetwork network;
  std::optional<ExpertLayer> second = readPlainLayer(result);
  if (!second) {
    if (Operation *op = result.getDefiningOp())
      refuse(op, isa<LinearNBitsOp>(op) ? "an expert's weights are quantised"
                                        : "what an expert gives is no product with a weight");
    return failure();
  }
  network.second = *second;
  if (!readInner(second->input, network)) {
    refuse(second->op, "an expert is no two products with an activation or a gate between");
    return failure();
  }
  network.input = network.first.input;
  return network;
}

} // namespace transom::match
