//===- NodeOrder.cpp - nodes after what they read -------------------------===//

#include "NodeOrder.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

using namespace llvm;

namespace transom {

static void namesRead(const onnx::NodeProto &node, function_ref<void(StringRef)> read) {
  for (const auto &name : node.input())
    read(name);
  for (const auto &attribute : node.attribute())
    if (attribute.has_g()) {
      for (const auto &inner : attribute.g().node())
        namesRead(inner, read);
      for (const auto &output : attribute.g().output())
        read(output.name());
    }
}

std::vector<const onnx::NodeProto *> nodesInOrder(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  StringMap<int> makers;
  for (int i = 0; i < nodes.size(); ++i)
    for (const auto &output : nodes[i].output())
      if (!output.empty())
        makers.try_emplace(output, i);
  std::vector<const onnx::NodeProto *> order;
  enum State : char { Unseen, Waiting, Done };
  std::vector<State> states(nodes.size(), Unseen);
  std::vector<int> stack;
  for (int first = 0; first < nodes.size(); ++first) {
    stack.push_back(first);
    while (!stack.empty()) {
      int at = stack.back();
      if (states[at] == Unseen) {
        states[at] = Waiting;
        size_t before = stack.size();
        namesRead(nodes[at], [&](StringRef name) {
          if (auto maker = makers.find(name); maker != makers.end() && states[maker->second] == Unseen)
            stack.push_back(maker->second);
        });
        if (stack.size() > before)
          continue;
      }
      stack.pop_back();
      if (states[at] == Waiting) {
        states[at] = Done;
        order.push_back(&nodes[at]);
      }
    }
  }
  return order;
}

} // namespace transom
