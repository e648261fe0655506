//===- Importer.cpp - an ONNX graph into the dialect ----------------------===//
//
// Walks the graph in order, hands each node to its rule and collects every
// problem before giving up. Guarantees: names of the signature are kept, shape
// arithmetic is index arithmetic, constants come first in the entry function.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"
#include "BranchInputs.h"
#include "NodeCheck.h"
#include "NodeOrder.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/StringSet.h"
#include <onnx/common/common.h>
#include <onnx/defs/schema.h>

using namespace mlir;
using namespace transom;

namespace {
constexpr int64_t kInlineConstantBytes = 1024;
} // namespace

Importer::Importer(OnnxFiles &files, MLIRContext &context)
    : files(files), context(context), builder(&context), sizes(builder), tensorDims(sizes) {
  addElementwiseRules(rules);
  addShapeRules(rules);
  addSliceRules(rules);
  addProductRules(rules);
  addReductionRules(rules);
  addIndexingRules(rules);
  addNormRules(rules);
  addAttentionRules(rules);
  addContribRules(rules);
  addQuantisedRules(rules);
  addQLinearRules(rules);
  addControlRules(rules);
  addSpatialRules(rules);
  addResizeRules(rules);
  addSamplingRules(rules);
  addRecurrentRules(rules);
  addSequenceRules(rules);
  addSignalRules(rules);
  addSpectrumRules(rules);
  addDetectionRules(rules);
  addPatchRules(rules);
  for (const auto &import : files.model().opset_import())
    opsets[canonicalDomain(import.domain())] = import.version();
}

Type Importer::elementType(int32_t type) {
  using T = onnx::TensorProto;
  switch (type) {
  case T::FLOAT: return builder.getF32Type();
  case T::DOUBLE: return builder.getF64Type();
  case T::FLOAT16: return builder.getF16Type();
  case T::BFLOAT16: return builder.getBF16Type();
  case T::FLOAT8E4M3FN: return Float8E4M3FNType::get(&context);
  case T::FLOAT8E5M2: return Float8E5M2Type::get(&context);
  case T::FLOAT8E4M3FNUZ: return Float8E4M3FNUZType::get(&context);
  case T::FLOAT8E5M2FNUZ: return Float8E5M2FNUZType::get(&context);
  case T::FLOAT8E8M0: return Float8E8M0FNUType::get(&context);
  case T::FLOAT4E2M1: return Float4E2M1FNType::get(&context);
  case T::BOOL: return builder.getI1Type();
  case T::INT8: return builder.getI8Type();
  case T::INT16: return builder.getI16Type();
  case T::INT32: return builder.getI32Type();
  case T::INT64: return builder.getI64Type();
  case T::INT2: return builder.getIntegerType(2);
  case T::UINT2: return builder.getIntegerType(2, false);
  case T::INT4: return builder.getIntegerType(4);
  case T::UINT4: return builder.getIntegerType(4, false);
  case T::UINT8: return builder.getIntegerType(8, false);
  case T::UINT16: return builder.getIntegerType(16, false);
  case T::UINT32: return builder.getIntegerType(32, false);
  case T::UINT64: return builder.getIntegerType(64, false);
  default: return {};
  }
}

ImportedValue *Importer::find(StringRef name) {
  for (auto &scope : llvm::reverse(scopes)) {
    auto found = scope.find(name);
    if (found != scope.end())
      return &found->second;
  }
  return nullptr;
}

void Importer::define(StringRef name, ImportedValue value) { scopes.back()[name] = std::move(value); }

std::string Importer::faultOfTensor(const onnx::TensorProto &tensor) {
  if (!elementType(tensor.data_type()))
    return "has the element type " +
           onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(tensor.data_type())) +
           ", which no kernel can hold (strings and complex numbers have none)";
  bool isPossible = llvm::all_of(tensor.dims(), [](int64_t dim) { return dim >= 0; }) &&
                    isCountable(ArrayRef<int64_t>(tensor.dims().data(), tensor.dims_size()));
  return isPossible ? "" : "has an impossible shape";
}

Value Importer::makeConstant(const onnx::TensorProto &tensor) {
  Type element = elementType(tensor.data_type());
  auto type = RankedTensorType::get(ArrayRef<int64_t>(tensor.dims().data(), tensor.dims_size()), element);
  ElementsAttr value;
  bool narrow = storedBits(tensor.data_type()) < 8;
  auto bytes = files.bytes(tensor);
  if (!bytes) {
    // Zeros in its place, so that what else is wrong is found as well.
    problem(llvm::toString(bytes.takeError()));
    value = DenseElementsAttr::get(type, cast<TypedAttr>(builder.getZeroAttr(element)));
  } else if (static_cast<int64_t>(bytes->size()) <= kInlineConstantBytes && !narrow) {
    if (element.isInteger(1)) {
      SmallVector<bool> bits;
      for (char byte : *bytes)
        bits.push_back(byte != 0);
      value = DenseElementsAttr::get(type, bits);
    } else if (bytes->empty()) {
      value = DenseElementsAttr::get(type, ArrayRef<Attribute>());
    } else {
      // The bytes may be unaligned inside the protobuf.
      std::vector<char> copy(bytes->begin(), bytes->end());
      value = DenseElementsAttr::getFromRawBuffer(type, copy);
    }
  } else {
    auto &manager = DenseResourceElementsHandle::getManagerInterface(&context);
    auto handle = manager.insert(tensor.name().empty() ? "constant" : tensor.name(),
                                 UnmanagedAsmResourceBlob::allocateWithAlign(*bytes, 1));
    value = DenseResourceElementsAttr::get(type, handle);
  }
  OpBuilder::InsertionGuard guard(builder);
  if (lastConstant)
    builder.setInsertionPointAfter(lastConstant);
  else
    builder.setInsertionPointToStart(entry);
  auto loc = NameLoc::get(builder.getStringAttr(tensor.name()));
  auto constant = tf::ConstantOp::create(builder, loc, type, value);
  lastConstant = constant;
  return constant;
}

Value Importer::materialise(ImportedValue &value, Location loc) {
  if (value.tensor)
    return value.tensor;
  if (value.weight)
    return value.tensor = makeConstant(*value.weight);
  SmallVector<Value> elements;
  for (Dim dim : *value.elements)
    elements.push_back(sizes.value(loc, dim));
  // Not kept: it may stand inside a region that later users do not see.
  return builder.createOrFold<tf::FromIndexOp>(loc, value.type, elements);
}

void Importer::addInitializers(const onnx::GraphProto &graph) {
  for (const auto &tensor : graph.initializer()) {
    ImportedValue value;
    if (std::string fault = faultOfTensor(tensor); !fault.empty()) {
      problem("initializer '" + tensor.name() + "' " + fault);
      define(tensor.name(), value);
      continue;
    }
    if (scopes.back().count(tensor.name())) {
      problem("initializer '" + tensor.name() + "' has the name of another value");
      continue;
    }
    value.type = RankedTensorType::get(ArrayRef<int64_t>(tensor.dims().data(), tensor.dims_size()),
                                       elementType(tensor.data_type()));
    value.weight = &tensor;
    define(tensor.name(), value);
  }
  for (const auto &sparse : graph.sparse_initializer())
    problem("initializer '" + sparse.values().name() + "' is sparse; save it as a dense tensor");
}

void Importer::importSignature(const onnx::GraphProto &graph, func::FuncOp func) {
  llvm::StringSet<llvm::MallocAllocator> initializers;
  for (const auto &tensor : graph.initializer())
    initializers.insert(tensor.name());
  llvm::StringMap<Dim> symbols;
  BranchInputs branchInputs(graph);
  for (const auto &input : graph.input()) {
    if (initializers.contains(input.name()))
      continue; // a default value; the initializer stands
    if (scopes.back().count(input.name())) {
      problem("input '" + input.name() + "' has the name of another value");
      continue;
    }
    if (!input.type().has_tensor_type() || !input.type().tensor_type().has_shape()) {
      problem("input '" + input.name() + "' " +
              (input.type().has_tensor_type()
                   ? "has no shape; give it one with as many dims as it has (each may be a symbol)"
                   : "is no tensor; only tensors can be inputs"));
      define(input.name(), ImportedValue());
      continue;
    }
    const auto &tensor = input.type().tensor_type();
    Type element = elementType(tensor.elem_type());
    if (!element) {
      problem("input '" + input.name() + "' has the element type " +
              onnx::TensorProto_DataType_Name(static_cast<onnx::TensorProto_DataType>(tensor.elem_type())) +
              (tensor.elem_type() == onnx::TensorProto::STRING
                   ? "; tokenise strings before the model"
                   : "; bool, integers of 2 to 64 bits and floats of 4 to 64 bits are supported"));
      define(input.name(), ImportedValue());
      continue;
    }
    SmallVector<int64_t> shape;
    SmallVector<Attribute> names;
    for (auto [i, dim] : llvm::enumerate(tensor.shape().dim())) {
      bool fixed = dim.has_dim_value() && dim.dim_value() >= 0;
      shape.push_back(fixed ? dim.dim_value() : ShapedType::kDynamic);
      std::string name = fixed ? ""
                         : dim.has_dim_param() && !dim.dim_param().empty()
                             ? branchInputs.symbol(input.name(), i, dim.dim_param())
                             : input.name() + "." + std::to_string(i);
      names.push_back(builder.getStringAttr(name));
    }
    if (!isCountable(shape)) {
      problem("input '" + input.name() + "' has more elements than 64 bits count");
      define(input.name(), ImportedValue());
      continue;
    }
    auto type = RankedTensorType::get(shape, element);
    unsigned index = func.getNumArguments();
    Location loc = NameLoc::get(builder.getStringAttr(input.name()));
    (void)func.insertArgument(index, type, DictionaryAttr(), loc);
    func.setArgAttr(index, "transformer.name", builder.getStringAttr(input.name()));
    func.setArgAttr(index, "transformer.dims", builder.getArrayAttr(names));
    ImportedValue value;
    value.type = type;
    value.tensor = func.getArgument(index);
    for (auto [i, name] : llvm::enumerate(names)) {
      StringRef symbol = cast<StringAttr>(name).getValue();
      if (symbol.empty())
        continue;
      auto found = symbols.find(symbol);
      if (found == symbols.end())
        symbols[symbol] = sizes.dimOf(loc, value.tensor, i);
      else
        sizes.alias(value.tensor, i, found->second);
    }
    define(input.name(), value);
  }
}

void Importer::importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes) {
  for (const onnx::NodeProto *node : nodesInOrder(nodes))
    importNode(*node);
}

/// Runs a rule; where it asks for more inputs, dims or numbers than the node has, the node fails.
static bool isWithinBounds(NodeImport &import, llvm::function_ref<void()> rule) {
  try {
    rule();
    return true;
  } catch (const OutOfRange &asked) {
    (void)import.fail("the rank of an input or the length of an attribute does not fit: it is " + Twine(asked.size),
                      "at least " + Twine(asked.index + 1) + " is needed");
    return false;
  } catch (const EndOfRule &) {
    return false;
  }
}

void Importer::importNode(const onnx::NodeProto &node) {
  behind.erase(&node); // loops may be tried in several forms
  std::string domain = canonicalDomain(node.domain());
  auto version = opsets.find(domain);
  NodeImport import(*this, node, version == opsets.end() ? 1 : version->second);
  nodes.push_back(import.described());
  std::string key = domain.empty() ? node.op_type() : domain + ":" + node.op_type();
  auto reportUnknown = [&] {
    std::string near = nearest(key);
    report(import, "no such operator is supported", near.empty() ? "" : "the nearest supported operator is " + near);
  };
  auto giveUp = [&] {
    behind.insert(&node);
    for (const auto &output : node.output())
      define(output, ImportedValue());
  };
  if (std::string fault = faultOf(node, domain, import.opset); !fault.empty()) {
    report(import, fault, "");
    giveUp();
    return;
  }
  // A node below a failed one says nothing new, unless nobody knows it.
  for (const auto &input : node.input())
    if (!input.empty()) {
      ImportedValue *value = find(input);
      if (!value)
        report(import,
               "input '" + input + "' is defined by nothing before it (the nodes are in a cycle or out of order)", "");
      if (!value || !value->isKnown()) {
        if (value && rules.find(key) == rules.end() &&
            !onnx::OpSchemaRegistry::Schema(node.op_type(), import.opset, domain))
          reportUnknown();
        giveUp();
        return;
      }
    }
  for (const auto &output : node.output())
    if (!output.empty() && scopes.back().count(output)) {
      report(import, "output '" + output + "' has the name of another value", "");
      return;
    }
  auto rule = rules.find(key);
  bool readsSequence = false;
  for (const auto &input : node.input()) {
    ImportedValue *value = input.empty() ? nullptr : find(input);
    if (!value || !value->sequence)
      continue;
    readsSequence = true;
    if (rule != rules.end() && takesSequences(key))
      continue;
    report(import, "input '" + input + "' is a sequence of tensors", "give it tensors");
    giveUp();
    return;
  }
  if (std::string fault = readsSequence ? "" : faultOfInputs(import, domain); !fault.empty()) {
    report(import, fault, "");
    giveUp();
    return;
  }
  bool isDone = false;
  if (domain.empty() && !readsSequence && !isWithinBounds(import, [&] { isDone = importAsSizes(import); })) {
    giveUp();
    return;
  }
  if (isDone)
    return;
  LogicalResult result = failure();
  size_t before = problems.size(), leftOut = behind.size();
  if (rule != rules.end()) {
    if (!isWithinBounds(import, [&] { result = rule->second(import); }) || import.hasFailed())
      result = failure();
    if (failed(result)) {
      // What a rule does not take, the operator's function body may.
      std::vector<Problem> said(problems.begin() + before, problems.end());
      problems.resize(before);
      NodeImport again(*this, node, import.opset);
      LogicalResult byBody = failure();
      if (importFunctionBody(again, byBody) && succeeded(byBody)) {
        result = success();
      } else {
        problems.resize(before);
        llvm::append_range(problems, said);
      }
    }
  } else if (!importFunctionBody(import, result)) {
    reportUnknown();
  }
  if (failed(result) && problems.size() == before) {
    // A graph inside that reads what a refused node should have given says nothing new.
    if (behind.size() > leftOut)
      behind.insert(&node);
    else
      report(import, "cannot be imported with these inputs and attributes", "");
  }
  for (const auto &output : node.output())
    if (!output.empty() && (failed(result) || !scopes.back().count(output))) {
      if (succeeded(result))
        report(import, "output '" + output + "' is not supported", "");
      define(output, ImportedValue());
    }
}

FailureOr<SmallVector<Value>> Importer::importBody(const onnx::GraphProto &graph, ArrayRef<Value> arguments,
                                                   Location loc) {
  scopes.emplace_back();
  size_t before = problems.size();
  addInitializers(graph);
  if (static_cast<size_t>(graph.input_size()) != arguments.size()) {
    problem("the body '" + graph.name() + "' takes " + Twine(graph.input_size()) + " values where " +
            Twine(arguments.size()) + " are handed to it");
    scopes.pop_back();
    return failure();
  }
  for (auto [input, argument] : llvm::zip_equal(graph.input(), arguments)) {
    ImportedValue value;
    value.type = cast<RankedTensorType>(argument.getType());
    value.tensor = argument;
    define(input.name(), value);
  }
  importNodes(graph.node());
  SmallVector<Value> results;
  for (const auto &output : graph.output()) {
    ImportedValue *value = find(output.name());
    if (value && value->type)
      results.push_back(materialise(*value, loc));
  }
  scopes.pop_back();
  if (problems.size() != before || results.size() != static_cast<size_t>(graph.output_size()))
    return failure();
  return results;
}

onnx::TypeProto Importer::typeInOnnx(RankedTensorType type) {
  onnx::TypeProto result;
  auto *tensor = result.mutable_tensor_type();
  for (int code = 1; code <= onnx::TensorProto::DataType_MAX; ++code)
    if (elementType(code) == type.getElementType())
      tensor->set_elem_type(code);
  tensor->mutable_shape();
  for (int64_t dim : type.getShape()) {
    auto *out = tensor->mutable_shape()->add_dim();
    if (!ShapedType::isDynamic(dim))
      out->set_dim_value(dim);
  }
  return result;
}

std::string Importer::faultOfInputs(NodeImport &import, StringRef domain) {
  std::vector<onnx::TypeProto> types;
  std::vector<const onnx::TensorProto *> constants;
  for (size_t i = 0; i < import.numInputs(); ++i) {
    const ImportedValue *value = import.has(i) ? &import.value(i) : nullptr;
    if (value && !value->type)
      return ""; // sequences
    types.push_back(value ? typeInOnnx(value->type) : onnx::TypeProto());
    // Settings, not weights.
    const onnx::TensorProto *weight = value ? value->weight : nullptr;
    bool isSmall = weight && weight->data_location() != onnx::TensorProto::EXTERNAL &&
                   value->type.getNumElements() <= kInlineConstantBytes / 8;
    constants.push_back(isSmall ? weight : nullptr);
  }
  return faultOfShapes(import.node, domain, import.opset, types, constants);
}

std::string Importer::nearest(StringRef op) const {
  std::string best;
  unsigned distance = std::max<size_t>(3, op.size() / 3);
  for (const auto &rule : rules) {
    unsigned d = op.edit_distance(rule.getKey(), true, distance);
    if (d < distance) {
      distance = d;
      best = rule.getKey().str();
    }
  }
  return best;
}

void Importer::report(NodeImport &import, const Twine &reason, const Twine &instead) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "node '" << nameOf(import.node) << "' (" << domainOf(import.node) << " " << import.node.op_type() << ", opset "
     << import.opset << "; inputs";
  for (int i = 0; i < import.node.input_size(); ++i) {
    os << (i ? ", " : " ");
    ImportedValue *value = import.has(i) ? find(import.node.input(i)) : nullptr;
    if (value && value->type)
      os << value->type;
    else
      os << (import.has(i) ? "unknown" : "none");
  }
  os << ")";
  const onnx::NodeProto *node = bodyOf ? bodyOf : &import.node;
  if (bodyOf)
    os << ", in the function body of " << describe(*bodyOf);
  if (auto caller = files.callers().find(node->name()); caller != files.callers().end())
    os << ", called by " << caller->second;
  os << ": " << reason;
  if (!instead.isTriviallyEmpty() && !instead.str().empty())
    os << "; " << instead;
  problems.push_back({text, node});
}

OwningOpRef<ModuleOp> Importer::run(StringRef path) {
  const onnx::GraphProto &graph = files.model().graph();
  Location loc = FileLineColLoc::get(&context, path, 0, 0);
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  llvm::scope_exit dropDiscarded([&] {
    for (auto &block : discarded)
      block->dropAllReferences();
    discarded.clear();
  });
  builder.setInsertionPointToEnd(module->getBody());
  auto func = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({}, {}));
  func->setAttr("transformer.entry", builder.getUnitAttr());
  entry = func.addEntryBlock();
  builder.setInsertionPointToEnd(entry);
  scopes.emplace_back();
  addInitializers(graph);
  importSignature(graph, func);
  importNodes(graph.node());

  SmallVector<Value> results;
  SmallVector<Attribute> names;
  for (const auto &output : graph.output()) {
    ImportedValue *value = find(output.name());
    if (!value) {
      problem("output '" + output.name() + "' is made by no node");
      continue;
    }
    if (value->sequence)
      problem("output '" + output.name() + "' is a sequence of tensors; make its tensors outputs");
    if (!value->type)
      continue;
    if (Value tensor = materialise(*value, loc)) {
      results.push_back(tensor);
      names.push_back(builder.getStringAttr(output.name()));
    }
  }
  if (!problems.empty()) {
    auto diagnostic = emitError(loc) << "cannot import '" << path << "': " << problems.size()
                                     << (problems.size() == 1 ? " problem" : " problems");
    for (const Problem &problem : problems)
      diagnostic << "\n  " << problem.text;
    return nullptr;
  }
  func::ReturnOp::create(builder, loc, results);
  SmallVector<Type> resultTypes(ValueRange(results).getTypes());
  func.setType(builder.getFunctionType(func.getArgumentTypes(), resultTypes));
  for (auto [i, output] : llvm::enumerate(graph.output())) {
    func.setResultAttr(i, "transformer.name", names[i]);
    SmallVector<Attribute> dims;
    auto type = cast<RankedTensorType>(resultTypes[i]);
    const auto &shape = output.type().tensor_type().shape();
    for (int64_t d = 0; d < type.getRank(); ++d)
      dims.push_back(builder.getStringAttr(type.isDynamicDim(d) && d < shape.dim_size() && shape.dim(d).has_dim_param()
                                               ? shape.dim(d).dim_param()
                                               : ""));
    func.setResultAttr(i, "transformer.dims", builder.getArrayAttr(dims));
  }
  // Whatever was made on the way and is not used goes.
  for (auto &block : discarded)
    block->dropAllReferences();
  RewritePatternSet none(&context);
  (void)applyPatternsGreedily(*module, std::move(none));
  if (failed(verify(*module)))
    return nullptr;
  return module;
}

FailureOr<ImportedModel> transom::importModel(StringRef path, MLIRContext &context, const ImportOptions &options) {
  context.loadDialect<tf::TransformerDialect, func::FuncDialect, arith::ArithDialect, tensor::TensorDialect>();
  std::vector<std::string> warnings;
  auto loc = FileLineColLoc::get(&context, path, 0, 0);
  auto files = OnnxFiles::read(path, options.text, warnings);
  if (!files) {
    emitError(loc) << llvm::toString(files.takeError());
    return failure();
  }
  for (const std::string &warning : warnings)
    emitWarning(loc) << warning;
  Importer importer(**files, context);
  OwningOpRef<ModuleOp> module = importer.run(path);
  if (options.operators)
    *options.operators = importer.operatorUses();
  if (!module)
    return failure();
  return ImportedModel{std::move(*files), std::move(module), std::move(importer.nodes)};
}
