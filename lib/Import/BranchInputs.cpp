//===- BranchInputs.cpp - inputs that one branch alone reads --------------===//

#include "BranchInputs.h"
#include <functional>

using namespace llvm;

namespace transom {

BranchInputs::BranchInputs(const onnx::GraphProto &graph) {
  // Where each name is read: "" outside of branches, else the condition and the branch.
  StringMap<std::string> readIn;
  auto read = [&](StringRef name, const std::string &where) {
    auto [found, isNew] = readIn.try_emplace(name, where);
    if (!isNew && found->second != where)
      found->second.clear();
  };
  std::function<void(const onnx::GraphProto &, const std::string &)> walk = [&](const onnx::GraphProto &part,
                                                                                const std::string &where) {
    for (const auto &node : part.node()) {
      for (const auto &name : node.input())
        read(name, where);
      for (const auto &attribute : node.attribute())
        if (attribute.has_g())
          walk(attribute.g(), where.empty() && node.op_type() == "If" && node.input_size() == 1
                                  ? node.input(0) + ":" + attribute.name()
                                  : where);
    }
    for (const auto &output : part.output())
      read(output.name(), where);
  };
  walk(graph, "");
  for (const auto &input : graph.input())
    if (auto found = readIn.find(input.name()); found != readIn.end() && !found->second.empty())
      branches[input.name()] = found->second;
  for (const auto &input : graph.input())
    for (const auto &dim : input.type().tensor_type().shape().dim())
      if (dim.has_dim_param()) {
        std::string where = branches.lookup(input.name());
        auto [found, isNew] = homes.try_emplace(dim.dim_param(), where);
        if (!isNew && found->second != where)
          found->second.clear();
      }
}

std::string BranchInputs::symbol(StringRef input, size_t index, StringRef symbol) const {
  std::string where = branches.lookup(input);
  bool isOwn = index > 0 && !where.empty() && homes.lookup(symbol) != where;
  // "condition:then_branch"
  return isOwn ? (symbol + "_in_" + StringRef(where).rsplit(':').second).str() : symbol.str();
}

} // namespace transom
