//===- ExpertMatch.cpp - the network of one expert ------------------------===//

#include "ExpertMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

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

/// A product with blocks of integers that end where the depth does; zero points are packed likewise.
std::optional<ExpertLayer> readQuantizedLayer(LinearNBitsOp linear) {
  int64_t bits = linear.getBits(), depth = linear.getK(), columns = linear.getN(), size = linear.getBlockSize();
  if (depth % size)
    return std::nullopt;
  int64_t blocks = depth / size;
  auto constant = [](Value value, ArrayRef<int64_t> shape) -> std::optional<ExpertWeight> {
    if (!value.getDefiningOp<ConstantOp>() || typeOf(value).getNumElements() != ShapedType::getNumElements(shape))
      return std::nullopt;
    return ExpertWeight{value, std::nullopt, false, llvm::to_vector(shape)};
  };
  std::optional<ExpertWeight> weight = constant(linear.getWeight(), {columns, depth * bits / 8});
  ExpertLayer layer;
  layer.op = linear;
  layer.input = linear.getInput();
  layer.scales = constant(linear.getScales(), {columns, blocks});
  if (!weight || !layer.scales)
    return std::nullopt;
  layer.weight = *weight;
  if (Value zeros = linear.getZeros()) {
    layer.zeros = constant(zeros, {columns, static_cast<int64_t>(llvm::divideCeil(blocks * bits, 8))});
    if (!layer.zeros || !getElementTypeOrSelf(zeros).isUnsignedInteger(8))
      return std::nullopt;
  }
  return layer;
}

std::optional<ExpertLayer> readMatMul(MatMulOp product) {
  std::optional<ExpertWeight> weight = readWeight(product.getRhs(), 2);
  if (!weight || product.getTransposeA())
    return std::nullopt;
  weight->transposed ^= product.getTransposeB();
  return ExpertLayer{product, product.getLhs(), *weight, {}, {}, {}};
}

/// A product with a weight, and a bias. `activation` is what a linear layer goes on with.
std::optional<ExpertLayer> readLayer(Value value, UnaryKind &activation) {
  activation = UnaryKind::identity;
  Value bias;
  Operation *product = value.getDefiningOp();
  if (auto sum = dyn_cast_if_present<BinaryOp>(product); sum && sum.getKind() == BinaryKind::add)
    for (unsigned side : {1u, 0u})
      if (isa_and_present<MatMulOp, LinearNBitsOp>(sum->getOperand(side).getDefiningOp())) {
        product = sum->getOperand(side).getDefiningOp();
        bias = sum->getOperand(1 - side);
      }
  std::optional<ExpertLayer> layer;
  if (auto linear = dyn_cast_if_present<LinearOp>(product)) {
    std::optional<ExpertWeight> weight = readWeight(linear.getWeight(), 2);
    if (!weight || linear.getResidual())
      return std::nullopt;
    layer.emplace(ExpertLayer{linear, linear.getInput(), *weight, {}, {}, {}});
    activation = linear.getActivation();
    bias = linear.getBias();
  } else if (auto quantized = dyn_cast_if_present<LinearNBitsOp>(product)) {
    layer = readQuantizedLayer(quantized);
    if (bias && quantized.getBias())
      return std::nullopt;
    bias = bias ? bias : quantized.getBias();
  } else if (auto matmul = dyn_cast_if_present<MatMulOp>(product)) {
    layer = readMatMul(matmul);
  }
  if (!layer || rankOf(layer->input) != 2)
    return std::nullopt;
  if (bias) {
    layer->bias = readWeight(bias, 1);
    if (!layer->bias)
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

/// Says of a quantised product what keeps it from being one of `moe`.
bool refuseQuantized(Value value, Refusal refuse) {
  auto linear = value.getDefiningOp<LinearNBitsOp>();
  if (!linear || readQuantizedLayer(linear))
    return false;
  refuse(linear, linear.getK() % linear.getBlockSize()
                     ? "the last block of an expert's quantised weight goes beyond its rows"
                     : "an expert's quantised weight has other zero points than packed integers, or is no constant");
  return true;
}

} // namespace

FailureOr<ExpertNetwork> readExpert(Value result, Refusal refuse) {
  ExpertNetwork network;
  std::optional<ExpertLayer> second = readPlainLayer(result);
  if (!second) {
    Operation *op = result.getDefiningOp();
    if (op && !refuseQuantized(result, refuse))
      refuse(op, "what an expert gives is no product with a weight");
    return failure();
  }
  network.second = *second;
  if (!readInner(second->input, network)) {
    UnaryKind activation;
    auto gating = readGating(second->input, activation);
    for (Value value : gating ? SmallVector<Value>{gating->first, gating->second} : SmallVector<Value>{second->input})
      if (refuseQuantized(value, refuse))
        return failure();
    refuse(second->op, "an expert is no two products with an activation or a gate between");
    return failure();
  }
  for (const ExpertLayer *layer : {&network.first, network.up ? &*network.up : &network.first})
    if (layer->scales.has_value() != network.second.scales.has_value()) {
      refuse(layer->op, "some of an expert's weights are quantised and others are not");
      return failure();
    }
  network.input = network.first.input;
  return network;
}

} // namespace transom::match
