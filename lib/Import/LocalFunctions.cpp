//===- LocalFunctions.cpp - a model's own functions, inlined --------------===//
//
// ONNX's inliner gives the nodes of a function numbers, which say nothing of the
// calls. So each call gets a copy of its function first, with names that do; what
// the inliner adds to them goes afterwards.
//
//===----------------------------------------------------------------------===//

#include "LocalFunctions.h"
#include "llvm/ADT/Twine.h"
#include <onnx/checker.h>
#include <onnx/common/proto_util.h>
#include <onnx/inliner/inliner.h>

using namespace llvm;
using namespace transom;

using Nodes = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

std::string transom::nameOf(const onnx::NodeProto &node) {
  return !node.name().empty() ? node.name() : node.output_size() ? node.output(0) : "";
}

StringRef transom::domainOf(const onnx::NodeProto &node) {
  return node.domain().empty() ? StringRef("ai.onnx") : StringRef(node.domain());
}

std::string transom::describe(const onnx::NodeProto &node) {
  return ("node '" + nameOf(node) + "' (" + domainOf(node) + " " + node.op_type() + ")").str();
}

namespace {
class CallNaming {
public:
  explicit CallNaming(onnx::ModelProto &model) : model(model) {
    onnx::checker::check_function_call_cycles(model);
    for (onnx::FunctionProto &function : *model.mutable_functions())
      functions[onnx::GetFunctionImplId(function)].Swap(&function);
    model.clear_functions();
  }

  /// The functions are copies for each call afterwards.
  void nameCalls() { nameCallsIn(*model.mutable_graph()->mutable_node(), nullptr, ""); }
  /// After the inliner: names without what it added, and calls that it left alone with the function's own name.
  void restore() { restoreIn(*model.mutable_graph()->mutable_node()); }

  Callers callers;

private:
  template <typename Use> static void forGraphs(onnx::NodeProto &node, Use use) {
    for (onnx::AttributeProto &attribute : *node.mutable_attribute()) {
      if (attribute.has_g())
        use(*attribute.mutable_g()->mutable_node());
      for (onnx::GraphProto &graph : *attribute.mutable_graphs())
        use(*graph.mutable_node());
    }
  }

  /// `caller` is null outside of functions, else its text; `path` its name.
  void nameCallsIn(Nodes &nodes, const std::string *caller, const std::string &path) {
    for (onnx::NodeProto &node : nodes) {
      if (caller) {
        node.set_name(path + "/" + nameOf(node));
        callers[node.name()] = *caller;
      }
      forGraphs(node, [&](Nodes &inner) { nameCallsIn(inner, caller, path); });
      auto found = functions.find(onnx::GetCalleeId(node));
      if (found == functions.end())
        continue;
      onnx::FunctionProto copy = found->second;
      std::string text = describe(node), name = nameOf(node);
      nameCallsIn(*copy.mutable_node(), &text, name);
      // No operator has a space in its name.
      copy.set_name((copy.name() + " " + Twine(called.size())).str());
      called[copy.name()] = node.op_type();
      node.set_op_type(copy.name());
      model.add_functions()->Swap(&copy);
    }
  }

  void restoreIn(Nodes &nodes) {
    for (onnx::NodeProto &node : nodes) {
      forGraphs(node, [&](Nodes &inner) { restoreIn(inner); });
      if (auto found = called.find(node.op_type()); found != called.end())
        node.set_op_type(found->second);
      // NAME__NUMBER, or NAME__NUMBER_NUMBER where something else had that name.
      auto [name, number] = StringRef(node.name()).rsplit("__");
      if (!number.empty() && callers.contains(name))
        node.set_name(name.str());
    }
  }

  onnx::ModelProto &model;
  std::unordered_map<std::string, onnx::FunctionProto> functions;
  StringMap<std::string> called; ///< copies, and what the function is named
};
} // namespace

Callers transom::inlineLocalFunctions(onnx::ModelProto &model) {
  CallNaming naming(model);
  naming.nameCalls();
  onnx::inliner::InlineLocalFunctions(model, /*convert_version=*/true);
  naming.restore();
  return std::move(naming.callers);
}
