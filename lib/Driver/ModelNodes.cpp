//===- ModelNodes.cpp - the ONNX nodes that a location speaks of ----------===//

#include "ModelNodes.h"

using namespace mlir;
using namespace transom;

std::string ModelNode::text() const { return "node '" + name + "' (" + op + ")"; }

static void collect(Location loc, std::vector<ModelNode> &nodes) {
  if (auto fused = dyn_cast<FusedLoc>(loc)) {
    for (Location part : fused.getLocations())
      collect(part, nodes);
  } else if (auto call = dyn_cast<CallSiteLoc>(loc)) {
    collect(call.getCallee(), nodes);
  } else if (auto name = dyn_cast<NameLoc>(loc)) {
    if (auto op = dyn_cast<NameLoc>(name.getChildLoc())) {
      ModelNode node{name.getName().str(), op.getName().str()};
      if (!llvm::is_contained(nodes, node))
        nodes.push_back(std::move(node));
    }
  }
}

std::vector<ModelNode> transom::nodesOf(Location loc) {
  std::vector<ModelNode> nodes;
  collect(loc, nodes);
  return nodes;
}

/// Where no node is known, a value may be.
static std::string valueOf(Location loc) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return "'" + name.getName().str() + "'";
  if (auto fused = dyn_cast<FusedLoc>(loc))
    for (Location part : fused.getLocations())
      if (std::string value = valueOf(part); !value.empty())
        return value;
  if (auto call = dyn_cast<CallSiteLoc>(loc))
    return valueOf(call.getCallee());
  return "";
}

std::string transom::placeOf(Location loc) {
  std::vector<ModelNode> nodes = nodesOf(loc);
  return nodes.empty() ? valueOf(loc) : nodes.front().text();
}
