//===- ModelMutator.cpp - changes of ONNX models that stay models ---------===//

#include "ModelMutator.h"
#include <onnx/defs/schema.h>

using namespace transom::fuzz;
using onnx::AttributeProto;
using onnx::TensorProto;

namespace {
const std::vector<onnx::OpSchema> &schemas() {
  static const std::vector<onnx::OpSchema> all = [] {
    std::vector<onnx::OpSchema> found;
    for (onnx::OpSchema &schema : onnx::OpSchemaRegistry::get_all_schemas_with_history())
      if (schema.domain().empty() || schema.domain() == "ai.onnx.preview")
        found.push_back(std::move(schema));
    return found;
  }();
  return all;
}

/// Operators without a schema here, and their attributes.
struct Contrib {
  const char *name;
  int inputs;
  std::vector<const char *> integers, floats;
};
const std::vector<Contrib> &contribs() {
  static const std::vector<Contrib> all = {
      {"Attention",
       7,
       {"num_heads", "unidirectional", "past_present_share_buffer", "do_rotary"},
       {"scale", "mask_filter_value"}},
      {"BiasGelu", 2, {}, {}},
      {"BiasSoftmax", 2, {"axis", "is_inner_broadcast"}, {}},
      {"DynamicQuantizeMatMul", 5, {}, {}},
      {"EmbedLayerNormalization", 9, {"mask_index_type"}, {"epsilon"}},
      {"FastGelu", 2, {}, {}},
      {"FusedGemm", 3, {"transA", "transB"}, {"alpha", "beta", "activation_alpha"}},
      {"FusedMatMul", 2, {"transA", "transB", "transBatchA", "transBatchB"}, {"alpha"}},
      {"GatherBlockQuantized", 4, {"gather_axis", "quantize_axis", "block_size", "bits"}, {}},
      {"GroupQueryAttention",
       11,
       {"num_heads", "kv_num_heads", "local_window_size", "do_rotary", "rotary_interleaved"},
       {"scale", "softcap"}},
      {"MatMulIntegerToFloat", 7, {}, {}},
      {"MatMulNBits", 6, {"K", "N", "bits", "block_size", "accuracy_level"}, {}},
      {"MoE", 8, {"k", "normalize_routing_weights", "use_sparse_mixer"}, {"activation_alpha"}},
      {"MultiHeadAttention", 10, {"num_heads", "unidirectional"}, {"scale", "mask_filter_value"}},
      {"QAttention", 9, {"num_heads", "unidirectional"}, {"scale"}},
      {"QMoE", 14, {"k", "expert_weight_bits", "block_size"}, {}},
      {"RotaryEmbedding", 4, {"interleaved", "num_heads", "rotary_embedding_dim", "is_packed_batching"}, {"scale"}},
      {"SkipLayerNormalization", 5, {}, {"epsilon"}},
      {"SkipSimplifiedLayerNormalization", 4, {}, {"epsilon"}}};
  return all;
}

const char *const modes[] = {"constant",
                             "edge",
                             "reflect",
                             "wrap",
                             "linear",
                             "nearest",
                             "cubic",
                             "bilinear",
                             "DCR",
                             "CRD",
                             "SAME_UPPER",
                             "SAME_LOWER",
                             "VALID",
                             "NOTSET",
                             "add",
                             "mul",
                             "min",
                             "max",
                             "none",
                             "tanh",
                             "forward",
                             "reverse",
                             "bidirectional",
                             "LSTM",
                             "sum",
                             "mean",
                             "avg",
                             "half_pixel",
                             "align_corners",
                             "ij,jk->ik",
                             "...i,...i->...",
                             "ii->i",
                             "->",
                             "relu",
                             "gelu",
                             "silu",
                             "zeros",
                             "border"};

using Graphs = std::vector<onnx::GraphProto *>;
void collect(onnx::GraphProto &graph, Graphs &found) {
  found.push_back(&graph);
  for (auto &node : *graph.mutable_node())
    for (auto &attribute : *node.mutable_attribute())
      if (attribute.has_g())
        collect(*attribute.mutable_g(), found);
}
} // namespace

void ModelMutator::chooseGraph() {
  Graphs graphs;
  collect(*model.mutable_graph(), graphs);
  graph = graphs[oneIn(3) ? below(graphs.size()) : 0];
}

std::string ModelMutator::anyName() {
  Graphs graphs;
  collect(*model.mutable_graph(), graphs);
  const onnx::GraphProto &of = oneIn(4) ? *graphs[below(graphs.size())] : *graph;
  std::vector<const std::string *> names;
  for (const auto &input : of.input())
    names.push_back(&input.name());
  for (const auto &tensor : of.initializer())
    names.push_back(&tensor.name());
  for (const auto &node : of.node())
    for (const auto &output : node.output())
      names.push_back(&output);
  return names.empty() || oneIn(20) ? "" : *names[below(names.size())];
}

int64_t ModelMutator::anyNumber() {
  static constexpr int64_t special[] = {0,
                                        1,
                                        -1,
                                        2,
                                        3,
                                        4,
                                        8,
                                        16,
                                        127,
                                        -128,
                                        255,
                                        1024,
                                        INT32_MAX,
                                        INT32_MIN,
                                        int64_t(1) << 32,
                                        INT64_MAX,
                                        INT64_MIN,
                                        INT64_MAX - 1,
                                        int64_t(1) << 62};
  return oneIn(3) ? special[below(std::size(special))] : static_cast<int64_t>(below(8)) - 2;
}

int ModelMutator::anyType() {
  static constexpr int usual[] = {TensorProto::FLOAT, TensorProto::INT64, TensorProto::INT32, TensorProto::BOOL};
  return oneIn(2) ? usual[below(std::size(usual))] : static_cast<int>(below(TensorProto::DataType_MAX + 2));
}

void ModelMutator::setShape(onnx::TensorShapeProto &shape) {
  static constexpr const char *symbols[] = {"N", "batch", "sequence", "past", ""};
  if (oneIn(2) || shape.dim().empty()) {
    shape.clear_dim();
    for (size_t rank = below(6); rank; --rank)
      shape.add_dim();
  } else {
    auto *dim = anyOf(shape.mutable_dim());
    dim->Clear();
    if (oneIn(2))
      dim->set_dim_value(anyNumber());
    return;
  }
  for (auto &dim : *shape.mutable_dim()) {
    if (oneIn(3))
      dim.set_dim_param(symbols[below(std::size(symbols))]);
    else if (!oneIn(4))
      dim.set_dim_value(static_cast<int64_t>(below(5)));
  }
}

/// Elements that fit the shape where that is small.
void ModelMutator::fill(TensorProto &tensor) {
  uint64_t count = 1;
  for (int64_t dim : tensor.dims())
    count *= dim < 0 || dim > 64 ? 0 : static_cast<uint64_t>(dim);
  count = std::min<uint64_t>(count, 256) + (oneIn(20) ? below(3) : 0);
  tensor.clear_raw_data();
  tensor.clear_float_data();
  tensor.clear_int32_data();
  tensor.clear_int64_data();
  tensor.clear_double_data();
  tensor.clear_uint64_data();
  tensor.clear_string_data();
  tensor.clear_data_location();
  for (uint64_t i = 0; i < count; ++i) {
    switch (tensor.data_type()) {
    case TensorProto::FLOAT: tensor.add_float_data(static_cast<float>(anyNumber())); break;
    case TensorProto::DOUBLE: tensor.add_double_data(static_cast<double>(anyNumber())); break;
    case TensorProto::INT64: tensor.add_int64_data(anyNumber()); break;
    case TensorProto::UINT32:
    case TensorProto::UINT64: tensor.add_uint64_data(static_cast<uint64_t>(anyNumber())); break;
    case TensorProto::STRING: tensor.add_string_data("text"); break;
    default: tensor.add_int32_data(static_cast<int32_t>(anyNumber())); break;
    }
  }
}

void ModelMutator::changeOperator() {
  auto *node = anyOf(graph->mutable_node());
  if (!node)
    return;
  if (oneIn(8)) {
    const Contrib &contrib = contribs()[below(contribs().size())];
    node->set_domain("com.microsoft");
    node->set_op_type(contrib.name);
    return;
  }
  node->set_domain("");
  node->set_op_type(schemas()[below(schemas().size())].Name());
}

void ModelMutator::fillAttribute(AttributeProto &attribute) {
  switch (attribute.type()) {
  case AttributeProto::INT: attribute.set_i(anyNumber()); break;
  case AttributeProto::FLOAT: attribute.set_f(oneIn(2) ? static_cast<float>(anyNumber()) : 0.5f); break;
  case AttributeProto::STRING: attribute.set_s(modes[below(std::size(modes))]); break;
  case AttributeProto::INTS:
    if (oneIn(2)) {
      attribute.clear_ints();
      for (size_t count = below(7); count; --count)
        attribute.add_ints(anyNumber());
    } else if (!attribute.ints().empty()) {
      attribute.set_ints(static_cast<int>(below(attribute.ints_size())), anyNumber());
    }
    break;
  case AttributeProto::FLOATS:
    attribute.clear_floats();
    for (size_t count = below(5); count; --count)
      attribute.add_floats(static_cast<float>(anyNumber()));
    break;
  case AttributeProto::STRINGS:
    attribute.clear_strings();
    for (size_t count = below(4); count; --count)
      attribute.add_strings(modes[below(std::size(modes))]);
    break;
  case AttributeProto::TENSOR: {
    TensorProto &tensor = *attribute.mutable_t();
    if (oneIn(2))
      tensor.set_data_type(anyType());
    tensor.clear_dims();
    for (size_t rank = below(3); rank; --rank)
      tensor.add_dims(static_cast<int64_t>(below(4)));
    fill(tensor);
    break;
  }
  case AttributeProto::GRAPH:
    if (!attribute.has_g())
      *attribute.mutable_g() = onnx::GraphProto();
    break;
  default: break;
  }
}

void ModelMutator::addNode() {
  auto *node = graph->add_node();
  std::string result = "r" + std::to_string(random() % 100000);
  int inputs, outputs = 1;
  if (oneIn(6)) {
    const Contrib &contrib = contribs()[below(contribs().size())];
    node->set_domain("com.microsoft");
    node->set_op_type(contrib.name);
    inputs = contrib.inputs;
    for (const char *name : contrib.integers) {
      auto *attribute = node->add_attribute();
      attribute->set_name(name);
      attribute->set_type(AttributeProto::INT);
      attribute->set_i(anyNumber());
    }
  } else {
    const onnx::OpSchema &schema = schemas()[below(schemas().size())];
    node->set_op_type(schema.Name());
    node->set_domain(schema.domain());
    inputs = schema.min_input() +
             static_cast<int>(below(std::min(schema.max_input(), schema.min_input() + 4) - schema.min_input() + 1));
    outputs = std::max(1, std::min(schema.max_output(), schema.min_output() + static_cast<int>(below(3))));
    for (const auto &[name, declared] : schema.attributes()) {
      if (!declared.required && !oneIn(3))
        continue;
      auto *attribute = node->add_attribute();
      attribute->set_name(name);
      attribute->set_type(declared.type);
      fillAttribute(*attribute);
    }
  }
  for (int i = 0; i < inputs; ++i)
    node->add_input(anyName());
  for (int i = 0; i < outputs; ++i)
    node->add_output(i ? result + "." + std::to_string(i) : result);
  // Only what a result needs stays.
  if (!oneIn(4)) {
    auto *output = graph->add_output();
    output->set_name(result);
    output->mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  }
}

void ModelMutator::removeNode() {
  if (graph->node().empty())
    return;
  int at = static_cast<int>(below(graph->node_size()));
  if (oneIn(2))
    graph->mutable_node()->DeleteSubrange(at, 1);
  else
    graph->mutable_node()->SwapElements(at, static_cast<int>(below(graph->node_size())));
}

void ModelMutator::changeInputs() {
  auto *node = anyOf(graph->mutable_node());
  if (!node)
    return;
  size_t kind = below(4);
  if (kind == 0 || node->input().empty())
    node->add_input(anyName());
  else if (kind == 1)
    node->mutable_input()->RemoveLast();
  else
    node->set_input(static_cast<int>(below(node->input_size())), anyName());
}

void ModelMutator::changeAttribute() {
  auto *node = anyOf(graph->mutable_node());
  if (!node)
    return;
  const auto *schema = onnx::OpSchemaRegistry::Schema(node->op_type(), node->domain());
  if (!node->attribute().empty() && !oneIn(3)) {
    int at = static_cast<int>(below(node->attribute_size()));
    if (oneIn(6)) {
      node->mutable_attribute()->DeleteSubrange(at, 1);
      return;
    }
    auto *attribute = node->mutable_attribute(at);
    if (oneIn(16))
      attribute->set_type(static_cast<AttributeProto::AttributeType>(below(14)));
    fillAttribute(*attribute);
    return;
  }
  auto *attribute = node->add_attribute();
  if (schema && !schema->attributes().empty()) {
    auto declared = std::next(schema->attributes().begin(), static_cast<long>(below(schema->attributes().size())));
    attribute->set_name(declared->first);
    attribute->set_type(declared->second.type);
  } else {
    attribute->set_name("axis");
    attribute->set_type(AttributeProto::INT);
  }
  fillAttribute(*attribute);
}

void ModelMutator::changeInput() {
  auto *input = oneIn(6) ? graph->add_input() : anyOf(graph->mutable_input());
  if (!input)
    return;
  if (input->name().empty())
    input->set_name("i" + std::to_string(random() % 1000));
  auto *type = input->mutable_type()->mutable_tensor_type();
  if (!type->elem_type() || oneIn(2))
    type->set_elem_type(anyType());
  else
    setShape(*type->mutable_shape());
  if (oneIn(20))
    type->clear_shape();
  else
    type->mutable_shape();
}

void ModelMutator::changeInitializer() {
  auto *tensor = anyOf(graph->mutable_initializer());
  if (!tensor)
    return makeInitializer();
  if (oneIn(3))
    tensor->set_data_type(anyType());
  else if (oneIn(2) && !tensor->dims().empty())
    tensor->set_dims(static_cast<int>(below(tensor->dims_size())), static_cast<int64_t>(below(5)));
  else if (oneIn(4))
    tensor->add_dims(static_cast<int64_t>(below(4)));
  fill(*tensor);
}

/// What was an input or is new becomes a constant: axes, shapes, sizes.
void ModelMutator::makeInitializer() {
  auto *tensor = graph->add_initializer();
  auto *input = oneIn(2) ? anyOf(graph->mutable_input()) : nullptr;
  tensor->set_name(input ? input->name() : "k" + std::to_string(random() % 1000));
  tensor->set_data_type(input ? input->type().tensor_type().elem_type() : int(TensorProto::INT64));
  size_t rank = input ? input->type().tensor_type().shape().dim_size() : below(3);
  for (size_t i = 0; i < rank; ++i)
    tensor->add_dims(static_cast<int64_t>(below(4)));
  fill(*tensor);
  if (auto *node = input ? nullptr : anyOf(graph->mutable_node()); node && !node->input().empty())
    node->set_input(static_cast<int>(below(node->input_size())), tensor->name());
}

void ModelMutator::changeOutputs() {
  if (oneIn(2)) {
    auto *node = anyOf(graph->mutable_node());
    if (node)
      node->add_output(oneIn(3) ? "" : "o" + std::to_string(random() % 1000));
    return;
  }
  auto *output = oneIn(3) ? graph->add_output() : anyOf(graph->mutable_output());
  if (output)
    output->set_name(anyName());
}

void ModelMutator::changeVersions() {
  if (oneIn(8))
    model.set_ir_version(3 + static_cast<int64_t>(below(12)));
  auto *import = model.opset_import().empty() ? model.add_opset_import() : anyOf(model.mutable_opset_import());
  import->set_version(7 + static_cast<int64_t>(below(22)));
}

void ModelMutator::mutate() {
  for (size_t count = 1 + below(4); count; --count) {
    chooseGraph();
    switch (below(16)) {
    case 0: changeOperator(); break;
    case 1:
    case 2:
    case 3: addNode(); break;
    case 4: removeNode(); break;
    case 5:
    case 6: changeInputs(); break;
    case 7:
    case 8:
    case 9: changeAttribute(); break;
    case 10:
    case 11: changeInput(); break;
    case 12: changeInitializer(); break;
    case 13: makeInitializer(); break;
    case 14: changeOutputs(); break;
    case 15: changeVersions(); break;
    }
  }
}

void ModelMutator::graft(const onnx::ModelProto &other) {
  graph = model.mutable_graph();
  const onnx::GraphProto &from = other.graph();
  for (const auto &input : from.input())
    if (graph->input_size() < 12)
      *graph->add_input() = input;
  for (const auto &tensor : from.initializer())
    if (graph->initializer_size() < 24)
      *graph->add_initializer() = tensor;
  for (const auto &node : from.node())
    if (graph->node_size() < 24) {
      auto *copy = graph->add_node();
      *copy = node;
      for (int i = 0; i < copy->input_size(); ++i)
        if (oneIn(3))
          copy->set_input(i, anyName());
    }
  for (const auto &output : from.output())
    if (graph->output_size() < 8)
      *graph->add_output() = output;
}
