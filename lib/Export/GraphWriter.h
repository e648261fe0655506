//===- GraphWriter.h - ONNX nodes for ops -----------------------*- C++ -*-===//
//
// What the rules of the export are written with. Tensors have names; a size is a
// tensor of one i64, [1], so that sizes concatenate to shapes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_EXPORT_GRAPHWRITER_H
#define TRANSOM_LIB_EXPORT_GRAPHWRITER_H

#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Error.h"
#include <onnx/onnx_pb.h>
#include <variant>

namespace transom {

namespace tf = transformer;

/// An attribute of a node.
struct NodeAttribute {
  llvm::StringRef name;
  std::variant<int64_t, float, std::string, std::vector<int64_t>> value;
};

/// ONNX's code of an element type; 0 where it has none.
int32_t onnxType(mlir::Type element);

class GraphWriter {
public:
  using Name = std::string;

  GraphWriter(onnx::ModelProto &model, mlir::MLIRContext *context)
      : model(model), graph(model.mutable_graph()), context(context) {}

  //===-- Names -----------------------------------------------------------===//
  const Name &of(mlir::Value value);
  Name optional(mlir::Value value) { return value ? of(value) : Name(); }
  void define(mlir::Value value, Name name) { names[value] = std::move(name); }
  /// A name that nothing has yet.
  Name fresh(llvm::StringRef wanted);

  //===-- Nodes -----------------------------------------------------------===//
  Name node(llvm::StringRef type, llvm::ArrayRef<Name> inputs, llvm::ArrayRef<NodeAttribute> attributes = {},
            llvm::StringRef domain = "");
  /// With `count` outputs.
  std::vector<Name> nodes(llvm::StringRef type, llvm::ArrayRef<Name> inputs, unsigned count,
                          llvm::ArrayRef<NodeAttribute> attributes = {}, llvm::StringRef domain = "");
  /// An initializer of i64, [n].
  Name integers(llvm::ArrayRef<int64_t> values);
  /// A scalar of the element type.
  Name scalar(mlir::Type element, double value);
  Name constant(mlir::ElementsAttr value, llvm::StringRef wanted);
  Name cast(Name value, mlir::Type from, mlir::Type to);

  Name binary(llvm::StringRef type, Name a, Name b) { return node(type, {a, b}); }
  Name multiplied(Name value, mlir::Type element, double factor);
  Name reshape(Name value, llvm::ArrayRef<int64_t> shape) { return node("Reshape", {value, integers(shape)}); }
  Name transpose(Name value, std::vector<int64_t> perm) { return node("Transpose", {value}, {{"perm", perm}}); }
  /// Elements [start, end) of the last dim, every `step`.
  Name lastDim(Name value, int64_t rank, int64_t start, int64_t end, int64_t step = 1);
  /// Dim `i` of a tensor as a size.
  Name dim(Name value, int64_t i) { return node("Shape", {value}, {{"start", i}, {"end", i + 1}}); }
  /// The dims of `type`, its `?` from `dynamic`, in order.
  Name shape(mlir::RankedTensorType type, mlir::ValueRange dynamic);
  /// 0, 1, ... up to a size.
  Name counting(Name size);

  //===-- Graphs ----------------------------------------------------------===//
  /// Ops until the terminator; the terminator's operands are for the caller.
  llvm::Error block(mlir::Block &block);
  void input(mlir::BlockArgument argument, llvm::StringRef name, mlir::ArrayAttr dims);
  void output(const Name &name, mlir::Type type, mlir::ArrayAttr dims);
  /// Nodes go into another graph while `write` runs.
  llvm::Error inside(onnx::GraphProto &other, llvm::function_ref<llvm::Error()> write);
  /// An If on the condition with these two graphs.
  std::vector<Name> branches(const Name &condition, onnx::GraphProto &taken, onnx::GraphProto &otherwise,
                             unsigned count);
  /// Bytes of weights so far.
  uint64_t weightBytes() const { return bytes; }
  /// The failure to write `op`.
  llvm::Error refuse(mlir::Operation *op, const llvm::Twine &why);
  void beginOp(mlir::Operation *op);

private:
  mlir::Type i64() const { return mlir::IntegerType::get(context, 64); }
  void describe(onnx::ValueInfoProto &info, llvm::StringRef name, mlir::Type type, mlir::ArrayAttr dims);

  onnx::ModelProto &model;
  onnx::GraphProto *graph;
  mlir::MLIRContext *context;
  llvm::DenseMap<mlir::Value, Name> names;
  llvm::DenseMap<mlir::Attribute, Name> constants; ///< by value
  llvm::StringSet<> taken;
  std::string place; ///< the name of the node that the current op came from
  uint64_t bytes = 0;
};

//===-- Rules: each defines the op's results, or says why it cannot ---------===//
llvm::Error exportTensorOp(GraphWriter &writer, mlir::Operation *op); // ExportTensors.cpp
llvm::Error exportMovement(GraphWriter &writer, mlir::Operation *op); // ExportMovement.cpp
llvm::Error exportModelOp(GraphWriter &writer, mlir::Operation *op);  // ExportModelLayer.cpp
llvm::Error exportAttention(GraphWriter &writer, tf::AttentionOp op); // ExportAttention.cpp
GraphWriter::Name exportUnary(GraphWriter &writer, tf::UnaryKind kind, GraphWriter::Name x, mlir::Type element);

} // namespace transom

#endif // TRANSOM_LIB_EXPORT_GRAPHWRITER_H
