//===- ExportOnnx.cpp - a function as an ONNX model -----------------------===//
//
// Nodes stand in the order of the program. Checks of sizes are left out: ONNX's
// own operators make them.
//
//===----------------------------------------------------------------------===//

#include "GraphWriter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/PassManager.h"
#include "transom/Export/Export.h"
#include "transom/Transforms/Passes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include <onnx/defs/printer.h>

using namespace mlir;
using namespace transom;
using Name = GraphWriter::Name;

/// The operators that nodes are written in.
static constexpr int64_t kOpset = 20;
/// Weights of fewer bytes stay in the model where the others go beside it.
static constexpr size_t kSmallWeight = 1024;

namespace {

llvm::Error exportCompare(GraphWriter &writer, arith::CmpIOp op) {
  Name a = writer.of(op.getLhs()), b = writer.of(op.getRhs()), result;
  switch (op.getPredicate()) {
  case arith::CmpIPredicate::eq: result = writer.binary("Equal", a, b); break;
  case arith::CmpIPredicate::ne: result = writer.node("Not", {writer.binary("Equal", a, b)}); break;
  case arith::CmpIPredicate::slt: result = writer.binary("Less", a, b); break;
  case arith::CmpIPredicate::sle: result = writer.binary("LessOrEqual", a, b); break;
  case arith::CmpIPredicate::sgt: result = writer.binary("Greater", a, b); break;
  case arith::CmpIPredicate::sge: result = writer.binary("GreaterOrEqual", a, b); break;
  default: return writer.refuse(op, "it compares sizes without sign");
  }
  writer.define(op, result);
  return llvm::Error::success();
}

/// Sizes are tensors of one i64.
llvm::Error exportSize(GraphWriter &writer, Operation *op) {
  auto operand = [&](unsigned i) { return writer.of(op->getOperand(i)); };
  auto done = [&](Name name) {
    writer.define(op->getResult(0), std::move(name));
    return llvm::Error::success();
  };
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (auto number = dyn_cast<IntegerAttr>(constant.getValue())) {
      if (!number.getType().isInteger(1))
        return done(writer.integers({number.getValue().getSExtValue()}));
      auto type = RankedTensorType::get({1}, number.getType());
      return done(writer.constant(DenseElementsAttr::get(type, number.getValue().getBoolValue()), "flag"));
    }
    return writer.refuse(op, "it is no number");
  }
  if (auto dim = dyn_cast<tensor::DimOp>(op)) {
    std::optional<int64_t> index = dim.getConstantIndex();
    if (!index)
      return writer.refuse(op, "which dim it is of is not known");
    return done(writer.dim(writer.of(dim.getSource()), *index));
  }
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return exportCompare(writer, compare);
  auto floored = [&](const Name &a, const Name &b) {
    return writer.binary("Div", writer.binary("Sub", a, writer.binary("Mod", a, b)), b);
  };
  return llvm::TypeSwitch<Operation *, llvm::Error>(op)
      .Case<arith::AddIOp>([&](auto) { return done(writer.binary("Add", operand(0), operand(1))); })
      .Case<arith::SubIOp>([&](auto) { return done(writer.binary("Sub", operand(0), operand(1))); })
      .Case<arith::MulIOp>([&](auto) { return done(writer.binary("Mul", operand(0), operand(1))); })
      .Case<arith::DivSIOp>([&](auto) { return done(writer.binary("Div", operand(0), operand(1))); })
      .Case<arith::FloorDivSIOp>([&](auto) { return done(floored(operand(0), operand(1))); })
      .Case<arith::CeilDivSIOp>(
          [&](auto) { return done(writer.node("Neg", {floored(writer.node("Neg", {operand(0)}), operand(1))})); })
      .Case<arith::RemSIOp>(
          [&](auto) { return done(writer.node("Mod", {operand(0), operand(1)}, {{"fmod", int64_t(1)}})); })
      .Case<arith::MinSIOp>([&](auto) { return done(writer.binary("Min", operand(0), operand(1))); })
      .Case<arith::MaxSIOp>([&](auto) { return done(writer.binary("Max", operand(0), operand(1))); })
      .Case<arith::SelectOp>([&](auto) { return done(writer.node("Where", {operand(0), operand(1), operand(2)})); })
      .Case<arith::AndIOp>([&](auto) { return done(writer.binary("And", operand(0), operand(1))); })
      .Case<arith::OrIOp>([&](auto) { return done(writer.binary("Or", operand(0), operand(1))); })
      .Default([&](Operation *other) { return writer.refuse(other, "sizes are not computed so"); });
}

llvm::Error exportIf(GraphWriter &writer, tf::IfOp op) {
  Name condition = writer.of(op.getCondition());
  // The node that has the graphs stands after what they read from outside.
  onnx::GraphProto graphs[2];
  for (auto [graph, region] : llvm::zip(graphs, op->getRegions())) {
    graph.set_name("branch");
    Block &block = region.front();
    llvm::Error error = writer.inside(graph, [&]() -> llvm::Error {
      if (llvm::Error failed = writer.block(block))
        return failed;
      for (auto [i, value] : llvm::enumerate(block.getTerminator()->getOperands()))
        // What a branch only hands on comes from outside; its outputs are its own.
        writer.output(writer.node("Identity", {writer.of(value)}), op.getResult(i).getType(), ArrayAttr());
      return llvm::Error::success();
    });
    if (error)
      return error;
  }
  writer.beginOp(op);
  std::vector<Name> results = writer.branches(condition, graphs[0], graphs[1], op.getNumResults());
  for (auto [result, name] : llvm::zip(op.getResults(), results))
    writer.define(result, name);
  return llvm::Error::success();
}

llvm::Error exportOp(GraphWriter &writer, Operation *op) {
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !onnxType(tensor.getElementType()))
      return writer.refuse(op, "ONNX has no such element type");
  writer.beginOp(op);
  if (isa_and_nonnull<arith::ArithDialect, tensor::TensorDialect>(op->getDialect()))
    return exportSize(writer, op);
  if (auto branch = dyn_cast<tf::IfOp>(op))
    return exportIf(writer, branch);
  if (auto attention = dyn_cast<tf::AttentionOp>(op))
    return exportAttention(writer, attention);
  if (isa<tf::LinearOp, tf::LinearNBitsOp, tf::LayerNormOp, tf::RMSNormOp, tf::RopeOp, tf::GLUOp, tf::KVWriteOp>(op))
    return exportModelOp(writer, op);
  if (isa<tf::ReshapeOp, tf::BroadcastToOp, tf::TileOp, tf::TransposeOp, tf::SliceOp, tf::ConcatOp, tf::PadOp,
          tf::GatherOp, tf::GatherElementsOp, tf::GatherNDOp, tf::ScatterElementsOp, tf::ScatterNDOp, tf::TriluOp,
          tf::RangeOp, tf::NonZeroOp, tf::FromIndexOp, tf::ToIndexOp, tf::CheckSizesOp>(op))
    return exportMovement(writer, op);
  return exportTensorOp(writer, op);
}

llvm::Error exportFunction(func::FuncOp function, GraphWriter &writer, onnx::GraphProto &graph) {
  graph.set_name(function.getName().str());
  auto nameOf = [](DictionaryAttr attributes) { return attributes.getAs<StringAttr>("transformer.name"); };
  for (BlockArgument argument : function.getArguments()) {
    DictionaryAttr attributes = function.getArgAttrDict(argument.getArgNumber());
    if (!attributes || !nameOf(attributes))
      return llvm::createStringError("input " + Twine(argument.getArgNumber()) + " has no name");
    writer.input(argument, nameOf(attributes), attributes.getAs<ArrayAttr>("transformer.dims"));
  }
  // The names of the outputs are theirs alone.
  std::vector<Name> names;
  for (unsigned i = 0; i < function.getNumResults(); ++i) {
    DictionaryAttr attributes = function.getResultAttrDict(i);
    if (!attributes || !nameOf(attributes))
      return llvm::createStringError("output " + Twine(i) + " has no name");
    names.push_back(writer.fresh(nameOf(attributes)));
  }
  if (llvm::Error error = writer.block(function.getBody().front()))
    return error;
  Operation *end = function.getBody().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(end->getOperands())) {
    onnx::NodeProto *node = graph.add_node();
    node->set_op_type("Identity");
    node->set_name(writer.fresh("outputs/Identity"));
    node->add_input(writer.of(value));
    node->add_output(names[i]);
    writer.output(names[i], value.getType(), function.getResultAttrDict(i).getAs<ArrayAttr>("transformer.dims"));
  }
  return llvm::Error::success();
}

llvm::Error exportModule(ModuleOp original, onnx::ModelProto &model, GraphWriter &writer) {
  // What ONNX has no operator for is taken apart, in a copy. It shares the weights.
  OwningOpRef<ModuleOp> module = original.clone();
  PassManager passes(module->getContext());
  passes.addNestedPass<func::FuncOp>(createLowerLinearAttention());
  passes.addNestedPass<func::FuncOp>(createLowerExperts());
  if (failed(passes.run(*module)))
    return llvm::createStringError("linear attentions and mixtures of experts could not be taken apart");
  func::FuncOp entry;
  for (auto function : module->getOps<func::FuncOp>())
    if (function->hasAttr("transformer.entry"))
      entry = function;
  if (!entry)
    return llvm::createStringError("the module has no entry function (transformer.entry)");
  model.set_ir_version(10);
  model.set_producer_name("transom");
  onnx::OperatorSetIdProto *opset = model.add_opset_import();
  opset->set_domain("");
  opset->set_version(kOpset);
  if (llvm::Error error = exportFunction(entry, writer, *model.mutable_graph()))
    return error;
  for (const onnx::NodeProto &node : model.graph().node())
    if (!node.domain().empty()) {
      onnx::OperatorSetIdProto *other = model.add_opset_import();
      other->set_domain(node.domain());
      other->set_version(1);
      break;
    }
  return llvm::Error::success();
}

/// Moves large weights into `path`, and says in the model where each lies.
llvm::Error writeExternal(onnx::GraphProto &graph, StringRef path) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return llvm::createStringError("cannot write '" + path + "': " + code.message());
  StringRef location = llvm::sys::path::filename(path);
  for (onnx::TensorProto &tensor : *graph.mutable_initializer()) {
    size_t size = tensor.raw_data().size();
    if (size < kSmallWeight)
      continue;
    uint64_t offset = llvm::alignTo(os.tell(), 64);
    os.write_zeros(offset - os.tell());
    os << tensor.raw_data();
    tensor.clear_raw_data();
    tensor.set_data_location(onnx::TensorProto::EXTERNAL);
    for (auto [key, value] : {std::pair<const char *, std::string>("location", location.str()),
                              {"offset", std::to_string(offset)},
                              {"length", std::to_string(size)}}) {
      onnx::StringStringEntryProto *entry = tensor.add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
  }
  os.close();
  if (os.has_error()) {
    code = os.error();
    os.clear_error();
    return llvm::createStringError("cannot write '" + path + "': " + code.message());
  }
  return llvm::Error::success();
}

} // namespace

llvm::Error GraphWriter::block(Block &block) {
  for (Operation &op : block.without_terminator())
    if (llvm::Error error = exportOp(*this, &op))
      return error;
  return llvm::Error::success();
}

std::vector<Name> GraphWriter::branches(const Name &condition, onnx::GraphProto &taken, onnx::GraphProto &otherwise,
                                        unsigned count) {
  std::vector<Name> results = nodes("If", {condition}, count);
  onnx::NodeProto &node = *graph->mutable_node(graph->node_size() - 1);
  for (auto [name, body] : {std::pair("then_branch", &taken), {"else_branch", &otherwise}}) {
    onnx::AttributeProto *attribute = node.add_attribute();
    attribute->set_name(name);
    attribute->set_type(onnx::AttributeProto::GRAPH);
    *attribute->mutable_g() = std::move(*body);
  }
  return results;
}

llvm::Error transom::exportOnnx(ModuleOp module, StringRef path, const ExportOptions &options) {
  onnx::ModelProto model;
  GraphWriter writer(model, module.getContext());
  if (llvm::Error error = exportModule(module, model, writer))
    return error;
  std::string weights = (path + ".data").str();
  bool isSplit = writer.weightBytes() > options.largestInside;
  if (isSplit)
    if (llvm::Error error = writeExternal(*model.mutable_graph(), weights)) {
      (void)llvm::sys::fs::remove(weights);
      return error;
    }
  std::string text;
  std::error_code code;
  if (model.SerializeToString(&text)) {
    llvm::raw_fd_ostream os(path, code);
    if (!code) {
      os << text;
      os.close();
      code = os.error();
      os.clear_error();
    }
  } else {
    code = std::make_error_code(std::errc::file_too_large);
  }
  if (!code)
    return llvm::Error::success();
  (void)llvm::sys::fs::remove(path);
  if (isSplit)
    (void)llvm::sys::fs::remove(weights);
  return llvm::createStringError("cannot write '" + path + "': " + code.message());
}

llvm::Expected<std::string> transom::exportOnnxText(ModuleOp module) {
  onnx::ModelProto model;
  GraphWriter writer(model, module.getContext());
  if (llvm::Error error = exportModule(module, model, writer))
    return error;
  return onnx::ProtoToString(model);
}
