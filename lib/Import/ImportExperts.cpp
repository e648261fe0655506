//===- ImportExperts.cpp - com.microsoft MoE and QMoE ---------------------===//
//
// Both are one op, whose weights lie as the node has them: of floats seen
// transposed, quantised ones as they are, with their scales and zero points.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::Dim;
using tf::UnaryKind;

namespace {
/// A linear layer of each expert: the node's inputs with its weights, scales, zero points and bias.
struct Layer {
  size_t weight, bias;
  std::optional<size_t> scales, zeros;
  int64_t bits = 0;   ///< 0: not quantised
  int64_t blocks = 0; ///< scales of a column
};

class Experts {
public:
  Experts(NodeImport &n, bool quantised) : n(n), quantised(quantised), e(n.type(0).getElementType()) {}
  LogicalResult run();

private:
  Value op(BinaryKind kind, Value a, Value b) { return n.binary(kind, a, b); }
  LogicalResult readSettings();
  void route();
  LogicalResult checkPacking();
  LogicalResult checkPacking(Layer &layer, int64_t rowsOfWeight);
  void makeOp();

  NodeImport &n;
  bool quantised;
  Type e;
  std::string activation;
  int64_t fusion = 0, chosen = 1, experts = 0, block = 0, depth = 0;
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
  Dim count = n.sizes.product(n.loc, in.drop_back());
  if (quantised)
    n.require(in.back(), n.size(depth));
  rows = n.reshape(x, {count, quantised ? n.size(depth) : in.back()});
  Value shared = n.softmax(n.cast(n.reshape(logits, {count, n.size(experts)}), n.builder.getF32Type()), 1);
  RankedTensorType type = n.typeFor({count, n.size(chosen)}, n.builder.getF32Type());
  auto top = tf::TopKOp::create(n.builder, n.loc, type, type.clone(n.builder.getI64Type()), shared, Value(), 1, true);
  ids = top.getIndices();
  best = top.getValues();
  if (quantised || n.integer("normalize_routing_weights", 0))
    best = op(BinaryKind::div, best, n.reduce(tf::ReduceKind::sum, best, {1}));
}

/// That the weights of `layer` are packed rows of `depth` numbers in blocks, and how many blocks a row has.
LogicalResult Experts::checkPacking(Layer &layer, int64_t rowsOfWeight) {
  RankedTensorType type = n.type(layer.weight);
  if (type.getRank() != 3 || !type.hasStaticShape())
    return n.fail("the experts' weights must have static dims");
  if (!n.has(*layer.scales))
    return n.fail("the scales of the experts are missing");
  if (n.has(*layer.zeros) && !block)
    return n.fail("zero points without block_size are not supported");
  int64_t k = type.getDimSize(2) * 8 / layer.bits, size = block ? block : k;
  if (k != rowsOfWeight)
    return n.fail("weights of " + Twine(k) + " rows do not go with " + Twine(rowsOfWeight) + " features");
  if (k % size || size * layer.bits % 8)
    return n.fail("rows of " + Twine(k) + " do not divide into blocks of " + Twine(size) + ", of whole bytes");
  layer.blocks = k / size;
  return success();
}

LogicalResult Experts::checkPacking() {
  int64_t features = n.shape(n.in(0)).back(), inner = n.type(first.weight).getDimSize(1);
  if (activation == "swiglu" && !third)
    inner /= 2;
  depth = ShapedType::isDynamic(features) ? n.type(first.weight).getDimSize(2) * 8 / first.bits : features;
  if (failed(checkPacking(first, depth)) || (third && failed(checkPacking(*third, depth))))
    return failure();
  return checkPacking(second, inner);
}

void Experts::makeOp() {
  // Of an expert the weights are [out, in].
  auto weight = [&](const Layer &layer) {
    return quantised ? n.in(layer.weight) : n.transpose(n.in(layer.weight), {0, 2, 1});
  };
  auto bias = [&](const Layer &layer) { return n.has(layer.bias) ? n.in(layer.bias) : Value(); };
  // [experts, columns, blocks], or the bytes of so many zeros, whatever dims the node has them in.
  auto parameters = [&](const Layer *layer, std::optional<size_t> input, bool packed) -> Value {
    if (!layer || !input || !n.has(*input))
      return Value();
    int64_t last = packed ? llvm::divideCeil(layer->blocks * layer->bits, 8) : layer->blocks;
    Value value = n.in(*input);
    auto type = RankedTensorType::get({experts, n.type(layer->weight).getDimSize(1), last}, n.element(value));
    // A weight stays one.
    auto constant = value.getDefiningOp<tf::ConstantOp>();
    auto resource = constant ? dyn_cast<DenseResourceElementsAttr>(constant.getValue()) : DenseResourceElementsAttr();
    if (resource && n.typeOf(value).getNumElements() == type.getNumElements())
      return tf::ConstantOp::create(n.builder, constant.getLoc(),
                                    DenseResourceElementsAttr::get(type, resource.getRawHandle()))
          .getResult();
    return n.reshape(value, {n.size(experts), n.size(type.getDimSize(1)), n.size(last)});
  };
  auto scales = [&](const Layer *layer) { return parameters(layer, layer ? layer->scales : std::nullopt, false); };
  auto zeros = [&](const Layer *layer) { return parameters(layer, layer ? layer->zeros : std::nullopt, true); };
  const Layer *up = third ? &*third : nullptr;
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
  Value sum = n.make<tf::MoEOp>(rows, ids, n.cast(best, e), weight(first), weight(second), up ? weight(*up) : Value(),
                                bias(first), up ? bias(*up) : Value(), bias(second), scales(&first), scales(up),
                                scales(&second), zeros(&first), zeros(up), zeros(&second), kind, gate, APFloat(alpha),
                                APFloat(beta), limit);
  n.out(0, n.reshape(sum, n.dims(n.in(0))));
}

LogicalResult Experts::run() {
  if (failed(readSettings()) || (quantised && failed(checkPacking())))
    return failure();
  route();
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
