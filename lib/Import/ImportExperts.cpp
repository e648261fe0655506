//===- ImportExperts.cpp - com.microsoft MoE and QMoE ---------------------===//
//
// Experts of floats are one op. Of quantised ones each works on the rows that
// chose it: their numbers are found when the model runs, gathered, and what comes
// out is added where they came from; those that are initializers become constants
// of their own.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;
using tf::UnaryKind;

namespace {
/// A linear layer of each expert: the node's inputs with its weights, scales, zero points and bias.
struct Layer {
  size_t weight, bias;
  std::optional<size_t> scales, zeros;
  int64_t bits = 0; ///< 0: not quantised
};

class Experts {
public:
  Experts(NodeImport &n, bool quantised) : n(n), quantised(quantised), e(n.type(0).getElementType()) {}
  LogicalResult run();

private:
  Value op(BinaryKind kind, Value a, Value b) { return n.binary(kind, a, b); }
  LogicalResult readSettings();
  void route();
  void makeOp();
  LogicalResult makePieces();
  /// Expert `i` of an input whose first dim counts them.
  Value part(size_t input, int64_t i);
  FailureOr<Value> apply(const Layer &layer, Value x, int64_t i);
  FailureOr<Value> activated(Value x, int64_t i);

  NodeImport &n;
  bool quantised;
  Type e;
  std::string activation;
  int64_t fusion = 0, chosen = 1, experts = 0, block = 0;
  Layer first, second;
  std::optional<Layer> third;
  Value rows, ids, best; ///< [rows, H]; [rows, k]: the experts taken, and what each counts in f32
};

LogicalResult Experts::readSettings() {
  if (failed(
          quantised
              ? n.knows({"k", "activation_type", "activation_alpha", "activation_beta", "swiglu_fusion", "swiglu_limit",
                         "normalize_routing_weights", "use_sparse_mixer", "expert_weight_bits",
                         "fc1_expert_weight_bits", "fc2_expert_weight_bits", "fc3_expert_weight_bits", "block_size",
                         "quant_type", "weights_prepacked", "accuracy_level", "swiglu_limit_after_activation"})
              : n.knows({"k", "activation_type", "activation_alpha", "activation_beta", "swiglu_fusion", "swiglu_limit",
                         "normalize_routing_weights", "use_sparse_mixer", "swiglu_limit_after_activation"})))
    return failure();
  if (n.integer("use_sparse_mixer", 0) || n.integer("swiglu_limit_after_activation", 0))
    return n.fail("use_sparse_mixer and swiglu_limit_after_activation are not supported");
  activation = n.string("activation_type", "relu");
  fusion = n.integer("swiglu_fusion", 0);
  chosen = n.integer("k", 1);
  if (!llvm::is_contained({"relu", "gelu", "silu", "swiglu", "identity"}, activation))
    return n.fail("activation_type '" + activation + "' is not supported", "relu, gelu, silu, swiglu and identity are");
  if (fusion < 0 || fusion > 2)
    return n.fail("swiglu_fusion = " + Twine(fusion) + " is unknown");
  if (!quantised) {
    first = {2, 3, {}, {}, 0};
    second = {4, 5, {}, {}, 0};
    if (n.has(6))
      third = Layer{6, 7, {}, {}, 0};
  } else {
    if (n.string("quant_type", "int") != "int")
      return n.fail("quant_type '" + n.string("quant_type", "") + "' is not supported", "int is");
    if (n.integer("weights_prepacked", -1) == 1)
      return n.fail("prepacked weights are not supported", "save them in ONNX's layout, weights_prepacked=0");
    for (size_t i = 14; i < n.numInputs(); ++i)
      if (n.has(i))
        return n.fail("input " + Twine(i) + " ('" + n.node.input(i) + "') is not supported",
                      "router_weights and the scales of fp4 and fp8 experts are not");
    int64_t bits = n.integer("expert_weight_bits", 4);
    block = n.integer("block_size", 0);
    first = {2, 4, 3, 11, n.integer("fc1_expert_weight_bits", bits)};
    second = {5, 7, 6, 12, n.integer("fc2_expert_weight_bits", bits)};
    if (n.has(8))
      third = Layer{8, 10, 9, 13, n.integer("fc3_expert_weight_bits", bits)};
    for (const Layer *layer : {&first, &second, third ? &*third : &first})
      if (layer->bits != 2 && layer->bits != 4 && layer->bits != 8)
        return n.fail("experts of " + Twine(layer->bits) + " bits are not supported", "2, 4 and 8 are");
  }
  if (activation == "swiglu" && !fusion && !third)
    return n.fail("swiglu without fusion needs fc3_experts_weights");
  if (third && (fusion || (activation != "swiglu" && activation != "silu")))
    return n.fail("fc3_experts_weights go with silu, or with swiglu that is not fused");
  RankedTensorType weights = n.type(first.weight);
  if (weights.getRank() != 3 || weights.isDynamicDim(0))
    return n.fail("how many experts there are must be known when compiling");
  experts = weights.getDimSize(0);
  if (chosen < 1 || chosen > experts)
    return n.fail("k = " + Twine(chosen) + " of " + Twine(experts) + " experts");
  return success();
}

/// The softmax over all experts says how much each counts, for QMoE the softmax
/// over those taken, which are the k largest.
void Experts::route() {
  Value x = n.in(0), logits = n.in(1);
  Dims in = n.dims(x);
  Dim count = n.sizes.product(n.loc, ArrayRef<Dim>(in).drop_back());
  rows = n.reshape(x, {count, in.back()});
  Value shared = n.softmax(n.cast(n.reshape(logits, {count, n.size(experts)}), n.builder.getF32Type()), 1);
  RankedTensorType type = n.typeFor({count, n.size(chosen)}, n.builder.getF32Type());
  auto top = tf::TopKOp::create(n.builder, n.loc, type, type.clone(n.builder.getI64Type()), shared, Value(), 1, true);
  ids = top.getIndices();
  best = top.getValues();
  if (quantised || n.integer("normalize_routing_weights", 0))
    best = op(BinaryKind::div, best, n.reduce(tf::ReduceKind::sum, best, {1}));
}

void Experts::makeOp() {
  // Of an expert the weights are [out, in].
  auto weight = [&](const Layer &layer) { return n.transpose(n.in(layer.weight), {0, 2, 1}); };
  auto bias = [&](const Layer &layer) { return n.has(layer.bias) ? n.in(layer.bias) : Value(); };
  auto kind = llvm::StringSwitch<UnaryKind>(activation)
                  .Case("relu", UnaryKind::relu)
                  .Case("gelu", UnaryKind::gelu_tanh)
                  .Case("identity", UnaryKind::identity)
                  .Default(UnaryKind::silu);
  bool isSwiglu = activation == "swiglu";
  auto gate = third         ? tf::ExpertGate::apart
              : !isSwiglu   ? tf::ExpertGate::none
              : fusion == 1 ? tf::ExpertGate::alternating
                            : tf::ExpertGate::halves;
  FloatAttr limit;
  if (isSwiglu && n.hasAttr("swiglu_limit"))
    limit = n.builder.getF32FloatAttr(n.real("swiglu_limit", 0));
  float alpha = isSwiglu ? n.real("activation_alpha", 1.0f) : 1.0f;
  float beta = isSwiglu ? n.real("activation_beta", 0.0f) : 0.0f;
  Value sum = n.make<tf::MoEOp>(rows, ids, n.cast(best, e), weight(first), weight(second),
                                third ? weight(*third) : Value(), bias(first), third ? bias(*third) : Value(),
                                bias(second), kind, gate, APFloat(alpha), APFloat(beta), limit);
  n.out(0, n.reshape(sum, n.dims(n.in(0))));
}

Value Experts::part(size_t input, int64_t i) {
  if (Value own = n.importer.makePart(n.value(input), i, experts))
    return own;
  Value all = n.in(input);
  return n.squeeze(n.slice(all, 0, n.size(i), n.size(1)), {0});
}

FailureOr<Value> Experts::apply(const Layer &layer, Value x, int64_t i) {
  Value weight = part(layer.weight, i), bias = n.has(layer.bias) ? part(layer.bias, i) : Value();
  if (!n.has(*layer.scales)) {
    (void)n.fail("the scales of the experts are missing");
    return failure();
  }
  auto shape = n.typeOf(weight).getShape();
  if (ShapedType::isDynamicShape(shape)) {
    (void)n.fail("the experts' weights must have static dims");
    return failure();
  }
  // Without blocks a row is one block.
  int64_t k = shape[1] * 8 / layer.bits, size = block ? block : k;
  if (k % size) {
    (void)n.fail("rows of " + Twine(k) + " do not divide into blocks of " + Twine(size));
    return failure();
  }
  int64_t blocks = k / size;
  Value scales = n.reshape(part(*layer.scales, i), {n.size(shape[0]), n.size(blocks)});
  weight = n.reshape(weight, {n.size(shape[0]), n.size(blocks), n.size(size * layer.bits / 8)});
  Value zeros = n.has(*layer.zeros) ? part(*layer.zeros, i) : Value();
  if (zeros && !block) {
    (void)n.fail("zero points without block_size are not supported");
    return failure();
  }
  return n.make<tf::LinearNBitsOp>(x, weight, n.cast(scales, e), zeros, bias, layer.bits, size, k, shape[0]);
}

FailureOr<Value> Experts::activated(Value x, int64_t i) {
  auto wide = apply(first, x, i);
  if (failed(wide))
    return failure();
  Value gate = *wide, up;
  if (third) {
    auto other = apply(*third, x, i);
    if (failed(other))
      return failure();
    up = *other;
  }
  if (activation == "relu")
    return n.unary(UnaryKind::relu, gate);
  if (activation == "gelu")
    return n.unary(UnaryKind::gelu_tanh, gate);
  if (activation == "silu") {
    gate = n.unary(UnaryKind::silu, gate);
    return up ? op(BinaryKind::mul, gate, up) : gate;
  }
  if (activation == "identity")
    return gate;
  if (fusion) {
    Dims dims = n.dims(gate);
    Dim half = n.sizes.floorDiv(n.loc, dims[1], n.size(2));
    SmallVector<int64_t> steps = {1, fusion == 1 ? 2 : 1};
    auto take = [&](Dim start) { return n.slice(gate, {n.size(0), start}, {dims[0], half}, steps); };
    up = take(fusion == 1 ? n.size(1) : half);
    gate = take(n.size(0));
  }
  if (n.hasAttr("swiglu_limit")) {
    Value high = n.scalar(e, n.real("swiglu_limit", 0)), low = n.scalar(e, -n.real("swiglu_limit", 0));
    gate = op(BinaryKind::min, gate, high);
    up = op(BinaryKind::max, op(BinaryKind::min, up, high), low);
  }
  float alpha = n.real("activation_alpha", 1.0f), beta = n.real("activation_beta", 0.0f);
  Value scaled = alpha == 1.0f ? gate : op(BinaryKind::mul, gate, n.scalar(e, alpha));
  if (beta != 0.0f)
    up = op(BinaryKind::add, up, n.scalar(e, beta));
  return op(BinaryKind::mul, op(BinaryKind::mul, gate, n.unary(UnaryKind::sigmoid, scaled)), up);
}

LogicalResult Experts::makePieces() {
  Dims shape = n.dims(rows), all = {shape[0], n.size(experts)};
  auto scatter = [&](Value none, Value what) {
    return n.make<tf::ScatterElementsOp>(tf::ScatterKind::set, n.broadcast(none, all), ids, what, 1);
  };
  // [rows, experts]: how much of each, and whether at all.
  Value shares = n.cast(scatter(n.scalar(n.builder.getF32Type(), 0), best), e);
  Type i1 = n.builder.getI1Type();
  Value takes = scatter(n.scalar(i1, 0), n.broadcast(n.scalar(i1, 1), n.dims(best)));
  Value sum = n.broadcast(n.scalar(e, 0), shape);
  for (int64_t i = 0; i < experts; ++i) {
    auto column = [&](Value of) { return n.squeeze(n.slice(of, 1, n.size(i), n.size(1)), {1}); };
    Value found = n.squeeze(n.make<tf::NonZeroOp>(column(takes)), {0});
    Dim count = n.dims(found)[0];
    auto hidden = activated(n.gather(rows, found, 0), i);
    if (failed(hidden))
      return failure();
    auto y = apply(second, *hidden, i);
    if (failed(y))
      return failure();
    Value share = n.reshape(n.gather(column(shares), found, 0), {count, n.size(1)});
    sum = n.make<tf::ScatterNDOp>(tf::ScatterKind::add, sum, n.reshape(found, {count, n.size(1)}),
                                  op(BinaryKind::mul, *y, share));
  }
  n.out(0, n.reshape(sum, n.dims(n.in(0))));
  return success();
}

LogicalResult Experts::run() {
  if (failed(readSettings()))
    return failure();
  route();
  if (quantised)
    return makePieces();
  makeOp();
  return success();
}

LogicalResult moe(NodeImport &n) { return Experts(n, false).run(); }
LogicalResult qmoe(NodeImport &n) { return Experts(n, true).run(); }
} // namespace

void transom::addExpertRules(RuleTable &rules) {
  rules["com.microsoft:MoE"] = moe;
  rules["com.microsoft:QMoE"] = qmoe;
}
