//===- NodeCheck.cpp - whether a node is one that its operator allows -----===//
//
// ONNX's checker stops at the first fault of a model and refuses files that
// runtimes take; this asks the same of one node alone, so that all faults come
// out and only real ones do.
//
//===----------------------------------------------------------------------===//

#include "NodeCheck.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"
#include <onnx/defs/schema.h>
#include <onnx/shape_inference/implementation.h>

using namespace llvm;
using onnx::OpSchema;

namespace {
/// com.microsoft's operators have no schema here: the inputs that they need, as
/// bits (ONNX Runtime's ContribOperators.md).
struct ContribInputs {
  StringLiteral op;
  uint32_t needed;
};
constexpr ContribInputs contribInputs[] = {
    {"Attention", 0b11},
    {"BiasAdd", 0b111},
    {"BiasGelu", 0b11},
    {"BiasSoftmax", 0b11},
    {"DequantizeLinear", 0b11},
    {"DynamicQuantizeMatMul", 0b111},
    {"EmbedLayerNormalization", 0b110'1101},
    {"FastGelu", 0b1},
    {"FusedGemm", 0b11},
    {"FusedMatMul", 0b11},
    {"GatherBlockQuantized", 0b111},
    {"Gelu", 0b1},
    {"GroupQueryAttention", 0b110'0001},
    {"MatMulIntegerToFloat", 0b1111},
    {"MatMulNBits", 0b111},
    {"MoE", 0b1'0111},
    {"MultiHeadAttention", 0b1},
    {"QAttention", 0b1'1111},
    {"QGemm", 0b11'1111},
    {"QLinearAdd", 0b101'1011},
    {"QLinearConcat", 0b1'1111},
    {"QLinearGlobalAveragePool", 0b1'1111},
    {"QLinearLeakyRelu", 0b1011},
    {"QLinearMul", 0b101'1011},
    {"QLinearReduceMean", 0b1011},
    {"QLinearSigmoid", 0b1011},
    {"QLinearSoftmax", 0b1011},
    {"QLinearWhere", 0b1'1111'1111},
    {"QMoE", 0b10'0111},
    {"QuantizeLinear", 0b11},
    {"QuickGelu", 0b1},
    {"RotaryEmbedding", 0b1111},
    {"SimplifiedLayerNormalization", 0b11},
    {"SkipLayerNormalization", 0b111},
    {"SkipSimplifiedLayerNormalization", 0b111},
};

/// Operators whose rules check types and shapes themselves, and say more exactly what is wrong.
constexpr StringLiteral checkedByRules[] = {"Add",
                                            "And",
                                            "Col2Im",
                                            "DFT",
                                            "DeformConv",
                                            "Div",
                                            "Equal",
                                            "Expand",
                                            "Flatten",
                                            "Gather",
                                            "GatherND",
                                            "Greater",
                                            "GreaterOrEqual",
                                            "Less",
                                            "LessOrEqual",
                                            "MatMul",
                                            "MatMulInteger",
                                            "Max",
                                            "MaxUnpool",
                                            "Mean",
                                            "Min",
                                            "Mod",
                                            "Mul",
                                            "Or",
                                            "Pow",
                                            "Reshape",
                                            "Softmax",
                                            "Split",
                                            "Sub",
                                            "Sum",
                                            "Tile",
                                            "Transpose",
                                            "Where",
                                            "Xor"};

std::string plural(int count, StringRef what) {
  return std::to_string(count) + " " + what.str() + (count == 1 ? "" : "s");
}

std::string range(int least, int most, StringRef what) {
  if (most == std::numeric_limits<int>::max())
    return "at least " + plural(least, what);
  return least == most ? plural(least, what) : std::to_string(least) + " to " + plural(most, what);
}

std::string faultOfInputs(const onnx::NodeProto &node, const OpSchema &schema) {
  int count = node.input_size();
  if (count < schema.min_input() || count > schema.max_input())
    return std::to_string(count) + (count == 1 ? " input is given; " : " inputs are given; ") + node.op_type() +
           " takes " + range(schema.min_input(), schema.max_input(), "input");
  for (auto [i, formal] : enumerate(schema.inputs()))
    if (static_cast<int>(i) < count && formal.GetOption() == OpSchema::Single && node.input(i).empty())
      return "input " + std::to_string(i) + " (" + formal.GetName() + ") is left out; only optional ones may be";
  return "";
}

std::string faultOfOutputs(const onnx::NodeProto &node, const OpSchema &schema) {
  int count = node.output_size();
  if (count < schema.min_output() || count > schema.max_output())
    return std::to_string(count) + (count == 1 ? " output is named; " : " outputs are named; ") + node.op_type() +
           " has " + range(schema.min_output(), schema.max_output(), "output");
  return "";
}

std::string faultOfAttributes(const onnx::NodeProto &node, const OpSchema &schema) {
  StringSet<> seen;
  for (const auto &attribute : node.attribute()) {
    const std::string &name = attribute.name();
    if (!seen.insert(name).second)
      return "attribute '" + name + "' is given twice";
    auto declared = schema.attributes().find(name);
    if (declared == schema.attributes().end()) {
      if (StringRef(name).starts_with("__")) // a tool's own notes
        continue;
      return "attribute '" + name + "' is not one of " + node.op_type() + "'s (opset " +
             std::to_string(schema.SinceVersion()) + ")";
    }
    if (attribute.type() != declared->second.type)
      return "attribute '" + name + "' is of type " + onnx::AttributeProto_AttributeType_Name(attribute.type()) +
             "; it must be " + onnx::AttributeProto_AttributeType_Name(declared->second.type);
  }
  std::string missing;
  for (const auto &[name, attribute] : schema.attributes())
    if (attribute.required && !seen.contains(name) && (missing.empty() || name < missing))
      missing = name;
  return missing.empty() ? "" : "attribute '" + missing + "' is missing";
}

std::string faultOfContrib(const onnx::NodeProto &node) {
  const auto *known = find_if(contribInputs, [&](const ContribInputs &inputs) { return inputs.op == node.op_type(); });
  if (known == std::end(contribInputs))
    return "";
  for (int i = 0; known->needed >> i; ++i)
    if (known->needed >> i & 1 && (i >= node.input_size() || node.input(i).empty()))
      return "input " + std::to_string(i) + " is left out; " + node.op_type() + " needs it";
  if (node.output_size() == 0)
    return "no output is named";
  return "";
}
} // namespace

std::string transom::faultOf(const onnx::NodeProto &node, StringRef domain, int64_t opset) {
  if (domain == "com.microsoft")
    return faultOfContrib(node);
  const OpSchema *schema = onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), domain.str());
  // Exporters write operators that are newer than the opset they name.
  if (!schema)
    schema = onnx::OpSchemaRegistry::Schema(node.op_type(), domain.str());
  if (!schema) // ONNX Runtime's own, in the default domain
    return domain.empty() ? faultOfContrib(node) : "";
  for (auto *fault : {faultOfInputs, faultOfOutputs, faultOfAttributes})
    if (std::string text = fault(node, *schema); !text.empty())
      return text;
  return "";
}

std::string transom::faultOfShapes(const onnx::NodeProto &node, StringRef domain, int64_t opset,
                                   MutableArrayRef<onnx::TypeProto> types,
                                   ArrayRef<const onnx::TensorProto *> constants) {
  const OpSchema *schema = onnx::OpSchemaRegistry::Schema(node.op_type(), static_cast<int>(opset), domain.str());
  // Bodies of control flow are checked node by node, when they are imported.
  if (!schema || is_contained(checkedByRules, node.op_type()) || !schema->has_type_and_shape_inference_function() ||
      any_of(node.attribute(), [](const onnx::AttributeProto &attribute) { return attribute.has_g(); }))
    return "";
  std::unordered_map<std::string, onnx::TypeProto *> typesByName;
  std::unordered_map<std::string, const onnx::TensorProto *> dataByName;
  for (auto [name, type, constant] : zip_equal(node.input(), types, constants)) {
    if (name.empty())
      continue;
    typesByName[name] = &type;
    if (constant)
      dataByName[name] = constant;
  }
  // It changes the graphs inside of nodes, and there are none.
  std::unordered_map<std::string, const onnx::SparseTensorProto *> sparse;
  onnx::ShapeInferenceOptions options;
  onnx::shape_inference::InferenceContextImpl context(const_cast<onnx::NodeProto &>(node), typesByName, dataByName,
                                                      sparse, options);
  try {
    schema->GetTypeAndShapeInferenceFunction()(context);
    schema->CheckInputOutputType(context);
  } catch (const std::exception &error) {
    // "[ShapeInferenceError] First input does not have rank 2"
    StringRef text = StringRef(error.what()).split('\n').first;
    return (text.starts_with("[") ? text.split("] ").second : text).str();
  }
  return "";
}
