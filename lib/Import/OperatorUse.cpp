//===- OperatorUse.cpp - what became of each operator's nodes -------------===//

#include "Importer.h"
#include <map>

using namespace transom;

namespace {
class Counting {
public:
  Counting(const llvm::DenseSet<const onnx::NodeProto *> &refused,
           const llvm::DenseSet<const onnx::NodeProto *> &behind)
      : refused(refused), behind(behind) {}

  void count(const onnx::GraphProto &graph, bool isBehind) {
    for (const onnx::NodeProto &node : graph.node()) {
      OperatorUse &use = uses[{domainOf(node).str(), node.op_type()}];
      bool isRefused = refused.contains(&node), below = isBehind || behind.contains(&node);
      ++use.nodes;
      use.refused += isRefused;
      use.behind += below && !isRefused;
      for (const onnx::AttributeProto &attribute : node.attribute()) {
        if (attribute.has_g())
          count(attribute.g(), below);
        for (const onnx::GraphProto &inner : attribute.graphs())
          count(inner, below);
      }
    }
  }

  std::map<std::pair<std::string, std::string>, OperatorUse> uses; ///< by domain and name

private:
  const llvm::DenseSet<const onnx::NodeProto *> &refused, &behind;
};
} // namespace

std::vector<OperatorUse> Importer::operatorUses() const {
  llvm::DenseSet<const onnx::NodeProto *> refused;
  for (const Problem &problem : problems)
    refused.insert(problem.node);
  Counting counting(refused, behind);
  counting.count(files.model().graph(), false);
  std::vector<OperatorUse> result;
  for (auto &[name, use] : counting.uses) {
    std::tie(use.domain, use.op) = name;
    use.opset = opsets.lookup(use.domain == "ai.onnx" ? "" : use.domain);
    result.push_back(use);
  }
  return result;
}
