//===- StandardFunctions.cpp - operators by the bodies that ONNX gives them ===//
//
// An operator without a rule of its own is the nodes of its function. They are
// imported in a scope of their own, in the opset that the function names, and what
// is wrong with one of them is said of the node that stands in the model.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "llvm/ADT/ScopeExit.h"
#include <onnx/defs/schema.h>

using namespace mlir;
using namespace transom;

/// The function that defines `schema`; null where it has none for these inputs.
static std::unique_ptr<onnx::FunctionProto> functionOf(const onnx::OpSchema &schema, NodeImport &import) {
  auto body = std::make_unique<onnx::FunctionProto>();
  if (schema.HasFunction()) {
    const auto *function = schema.GetFunction(import.opset);
    if (!function)
      return nullptr;
    *body = *function;
    return body;
  }
  if (!schema.HasContextDependentFunction())
    return nullptr;
  std::vector<onnx::TypeProto> types;
  for (size_t i = 0; i < import.numInputs(); ++i)
    types.push_back(import.has(i) && import.type(i) ? import.importer.typeInOnnx(import.type(i)) : onnx::TypeProto());
  onnx::FunctionBodyBuildContextImpl context(import.node, types);
  try {
    return schema.BuildContextDependentFunction(context, *body, import.opset) ? std::move(body) : nullptr;
  } catch (const std::exception &) {
    return nullptr; // ONNX throws where the inputs or attributes are none that the operator is defined for
  }
}

/// What an attribute of the function is for this node: given, or else as the function or the operator says.
static const onnx::AttributeProto *valueOf(const std::string &name, const onnx::FunctionProto &body,
                                           const onnx::OpSchema &schema, const NodeImport &import) {
  if (const onnx::AttributeProto *given = import.attr(name))
    return given;
  for (const auto &standard : body.attribute_proto())
    if (standard.name() == name)
      return &standard;
  auto declared = schema.attributes().find(name);
  bool hasDefault = declared != schema.attributes().end() && declared->second.default_value.type();
  return hasDefault ? &declared->second.default_value : nullptr;
}

/// A node of the function's body as this node makes it: attributes that refer to the function's have values, and
/// optional inputs that the function is not given are absent.
static std::unique_ptr<onnx::NodeProto> nodeFor(const onnx::NodeProto &inner, const onnx::FunctionProto &body,
                                                const onnx::OpSchema &schema, const NodeImport &import) {
  auto copy = std::make_unique<onnx::NodeProto>(inner);
  for (auto &input : *copy->mutable_input())
    for (int i = 0; i < body.input_size(); ++i)
      if (input == body.input(i) && !import.has(i))
        input.clear();
  google::protobuf::RepeatedPtrField<onnx::AttributeProto> attributes;
  for (const auto &attribute : inner.attribute()) {
    if (attribute.ref_attr_name().empty()) {
      *attributes.Add() = attribute;
    } else if (const auto *value = valueOf(attribute.ref_attr_name(), body, schema, import)) {
      *attributes.Add() = *value;
      attributes.rbegin()->set_name(attribute.name());
    }
  }
  copy->mutable_attribute()->Swap(&attributes);
  return copy;
}

bool Importer::importFunctionBody(NodeImport &import, LogicalResult &result) {
  const onnx::NodeProto &node = import.node;
  const auto *schema = onnx::OpSchemaRegistry::Schema(node.op_type(), import.opset, canonicalDomain(node.domain()));
  if (!schema)
    return false;
  std::unique_ptr<onnx::FunctionProto> body = functionOf(*schema, import);
  if (!body)
    return false;
  size_t before = problems.size();
  SmallVector<ImportedValue> results;
  {
    llvm::scope_exit restore([this, savedOpsets = opsets, outer = bodyOf] {
      scopes.pop_back();
      opsets = savedOpsets;
      bodyOf = outer;
    });
    for (const auto &opset : body->opset_import())
      opsets[canonicalDomain(opset.domain())] = opset.version();
    bodyOf = bodyOf ? bodyOf : &node;
    scopes.emplace_back();
    for (int i = 0; i < body->input_size(); ++i)
      if (import.has(i))
        define(body->input(i), *find(node.input(i)));
    for (const auto &inner : body->node()) {
      std::unique_ptr<onnx::NodeProto> copy = nodeFor(inner, *body, *schema, import);
      copy->set_name(nameOf(*bodyOf));
      importNode(*copy);
      ownedNodes.push_back(std::move(copy));
    }
    for (const auto &output : body->output()) {
      ImportedValue *value = find(output);
      results.push_back(value ? *value : ImportedValue());
    }
  }
  functionBodies.push_back(std::move(body));
  result = success(problems.size() == before);
  for (size_t i = 0; i < results.size(); ++i)
    if (import.wants(i))
      define(node.output(i), results[i]);
  return true;
}
