//===- NodeOrder.h - nodes after what they read -----------------*- C++ -*-===//
//
// ONNX wants nodes in an order in which each comes after what it reads; runtimes
// sort for themselves, so tools write files that are not.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_NODEORDER_H
#define TRANSOM_LIB_IMPORT_NODEORDER_H

#include <onnx/onnx_pb.h>
#include <vector>

namespace transom {

/// The nodes, each after those whose outputs it or a graph inside it reads;
/// otherwise in the order that they are in. Where they are in a cycle, one comes before.
std::vector<const onnx::NodeProto *> nodesInOrder(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_NODEORDER_H
