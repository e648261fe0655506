//===- Importer.h - one node at a time into the dialect ---------*- C++ -*-===//
//
// What import rules are written with. A rule reads a node's inputs and
// attributes through `NodeImport`, makes ops of the transformer dialect and
// sets the outputs. A small integer tensor whose elements are known as sizes
// carries them (`ImportedValue::elements`); rules for shape arithmetic work on
// these and no tensor is made unless one is asked for.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_IMPORT_IMPORTER_H
#define TRANSOM_LIB_IMPORT_IMPORTER_H

#include "Checked.h"
#include "OnnxReader.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "transom/Import/Import.h"
#include <functional>

namespace transom {

namespace tf = transformer;
using mlir::RankedTensorType;
using mlir::Type;
using mlir::Value;
using tf::Dim;
using Dims = Checked<tf::Dims>;
using Integers = Checked<llvm::SmallVector<int64_t>>;

/// A type as MLIR writes it.
std::string textOf(mlir::Type type);
/// Whether 64 bits count the elements, as far as dims are known.
bool isCountable(llvm::ArrayRef<int64_t> shape);

struct ImportedValue {
  RankedTensorType type;
  Value tensor;                         ///< null until made
  const onnx::TensorProto *weight = {}; ///< an initializer not yet made
  std::optional<Dims> elements;         ///< rank <= 1, integer or i1
  /// Not a tensor but some, as many as are known when compiling; the rest is empty then.
  std::shared_ptr<std::vector<ImportedValue>> sequence;

  bool isKnown() const { return type || sequence; }
};

class Importer;

/// One node being imported.
class NodeImport {
public:
  NodeImport(Importer &importer, const onnx::NodeProto &node, int64_t opset);

  const onnx::NodeProto &node;
  const int64_t opset;
  Importer &importer;
  mlir::OpBuilder &builder;
  tf::SizeArith &sizes;
  mlir::Location loc;

  //===-- Inputs and attributes -------------------------------------------===//
  size_t numInputs() const { return node.input_size(); }
  size_t numOutputs() const { return node.output_size(); }
  bool has(size_t i) const { return i < numInputs() && !node.input(i).empty(); }
  bool wants(size_t i) const { return i < numOutputs() && !node.output(i).empty(); }
  Value in(size_t i); ///< made when it is not yet; null when absent
  ImportedValue &value(size_t i);
  RankedTensorType type(size_t i);
  /// The elements of a small integer input as sizes, when known.
  std::optional<Dims> elements(size_t i);
  /// As `elements`, or read from the tensor at run time; the length must be static.
  mlir::FailureOr<Dims> sizesOf(size_t i);
  std::optional<Integers> constantInts(size_t i);
  std::optional<Checked<llvm::SmallVector<double>>> constantFloats(size_t i);

  bool hasAttr(llvm::StringRef name) const { return attr(name) != nullptr; }
  int64_t integer(llvm::StringRef name, int64_t otherwise) const;
  float real(llvm::StringRef name, float otherwise) const;
  std::string string(llvm::StringRef name, llvm::StringRef otherwise) const;
  std::optional<Integers> integers(llvm::StringRef name) const;
  /// Those that say how windows lie; ends the rule where one is so large that sums of them overflow.
  std::optional<Integers> windowIntegers(llvm::StringRef name);
  const onnx::AttributeProto *attr(llvm::StringRef name) const;
  /// Fails, by name, on attributes that the rule does not know.
  mlir::LogicalResult knows(std::initializer_list<llvm::StringRef> names);
  /// Axes from an attribute or (newer opsets) an input, made non-negative and
  /// ascending; nullopt when neither is there.
  mlir::FailureOr<std::optional<Integers>> axes(size_t input, int64_t rank);
  mlir::FailureOr<int64_t> axis(int64_t axis, int64_t rank);
  /// Axes that only the run knows: for each of `rank` dims, whether input `i` names it (0 or 1).
  mlir::FailureOr<Dims> axisFlags(size_t i, int64_t rank);
  /// The `count` dims whose flags are 0.
  Dims withoutFlagged(const Dims &dims, const Dims &flags, int64_t count);
  /// Three sizes: of the dims before the one whose flag is 1, its own, of those after it.
  Dims around(llvm::ArrayRef<Dim> dims, llvm::ArrayRef<Dim> flags);

  //===-- Outputs ---------------------------------------------------------===//
  void out(size_t i, Value tensor);
  void outElements(size_t i, Dims elements, RankedTensorType type);
  mlir::LogicalResult fail(const llvm::Twine &reason, const llvm::Twine &instead = "");
  bool hasFailed() const { return failedAlready; }
  ImportedNode described() const;

  //===-- Making ops ------------------------------------------------------===//
  /// An op with one result, or what it folds to; the node fails where the op would not hold.
  template <typename Op, typename... Args> Value make(Args &&...args) {
    mlir::OperationState state(loc, Op::getOperationName());
    if constexpr (Op::template hasTrait<mlir::InferTypeOpInterface::Trait>())
      Op::build(builder, state, Type(), std::forward<Args>(args)...);
    else
      Op::build(builder, state, std::forward<Args>(args)...);
    return insert(state);
  }
  /// An op with several results, whose types `args` begin with: null ones, they are inferred. The node fails likewise.
  template <typename Op, typename... Args> Op makeOp(Args &&...args) {
    mlir::OperationState state(loc, Op::getOperationName());
    Op::build(builder, state, std::forward<Args>(args)...);
    auto op = mlir::cast<Op>(create(state));
    checkSizes(op);
    return op;
  }
  Dims dims(Value tensor);
  RankedTensorType typeOf(Value tensor) { return mlir::cast<RankedTensorType>(there(tensor).getType()); }
  /// Its dims, of those that are not known ShapedType::kDynamic.
  Integers shape(Value tensor) { return llvm::SmallVector<int64_t>(typeOf(tensor).getShape()); }
  Type element(Value tensor) { return typeOf(tensor).getElementType(); }
  int64_t rank(Value tensor) { return typeOf(tensor).getRank(); }
  RankedTensorType typeFor(llvm::ArrayRef<Dim> dims, Type element);

  /// One number of any element type: whole ones are exact, and real ones that an integer cannot be fail the node.
  template <typename Number> Value scalar(Type element, Number value) {
    if constexpr (std::is_integral_v<Number>)
      return wholeScalar(element, value);
    else
      return realScalar(element, value);
  }
  Value number(Dim dim, Type element); ///< a size as a scalar tensor
  Value integersTensor(llvm::ArrayRef<int64_t> values, Type element);
  Value fromSizes(llvm::ArrayRef<Dim> elements, RankedTensorType type);
  Value unary(tf::UnaryKind kind, Value x) { return make<tf::UnaryOp>(kind, x); }
  Value binary(tf::BinaryKind kind, Value a, Value b) { return make<tf::BinaryOp>(kind, a, b); }
  Value compare(tf::CompareKind kind, Value a, Value b) { return make<tf::CompareOp>(kind, a, b); }
  Value select(Value c, Value a, Value b) { return make<tf::SelectOp>(c, a, b); }
  Value cast(Value x, Type element);
  Value reduce(tf::ReduceKind kind, Value x, llvm::ArrayRef<int64_t> axes, bool keepdims = true);
  /// Fails the run unless two sizes are equal, where that is not known here.
  void require(Dim a, Dim b);
  Value matmul(Value a, Value b, bool transposeA = false, bool transposeB = false);
  Value softmax(Value x, int64_t axis, bool log = false);
  Value reshape(Value x, llvm::ArrayRef<Dim> dims);
  Value broadcast(Value x, llvm::ArrayRef<Dim> dims);
  Value transpose(Value x, llvm::ArrayRef<int64_t> perm);
  Value unsqueeze(Value x, llvm::ArrayRef<int64_t> axes);
  Value squeeze(Value x, llvm::ArrayRef<int64_t> axes);
  Value concat(llvm::ArrayRef<Value> parts, int64_t axis);
  Value slice(Value x, llvm::ArrayRef<Dim> starts, llvm::ArrayRef<Dim> dims, llvm::ArrayRef<int64_t> steps);
  Value slice(Value x, int64_t axis, Dim start, Dim size);
  Value gather(Value x, Value indices, int64_t axis) { return make<tf::GatherOp>(x, indices, axis); }
  Value pad(tf::PadMode mode, Value x, Value fill, llvm::ArrayRef<Dim> low, llvm::ArrayRef<Dim> dims);
  /// 0, 1, ... size-1 of an integer type.
  Value iota(Dim size, Type element);
  Dim size(int64_t value) { return sizes.constant(value); }

private:
  Value realScalar(Type element, double value);
  Value wholeScalar(Type element, int64_t value);
  Value insert(mlir::OperationState &state);
  /// Infers the types and verifies.
  mlir::Operation *create(mlir::OperationState &state);
  /// Fails the run where the op's operands do not go together.
  void checkSizes(mlir::Operation *op);
  Value there(Value value); ///< the value; ends the rule where it is null
  bool failedAlready = false;
};

using Rule = mlir::LogicalResult (*)(NodeImport &);
/// Operator name ("Add", "com.microsoft:Gelu") to rule.
using RuleTable = llvm::StringMap<Rule>;

/// Shape arithmetic on carried elements; false where the node isn't that and
/// the operator's own rule has to run.
bool importAsSizes(NodeImport &node);

void addElementwiseRules(RuleTable &rules);
void addShapeRules(RuleTable &rules);
void addSliceRules(RuleTable &rules);
void addProductRules(RuleTable &rules);
void addReductionRules(RuleTable &rules);
void addIndexingRules(RuleTable &rules);
void addNormRules(RuleTable &rules);
void addAttentionRules(RuleTable &rules);
void addContribRules(RuleTable &rules);
void addContribAttentionRules(RuleTable &rules);
void addExpertRules(RuleTable &rules);
void addQuantisedRules(RuleTable &rules);
void addQLinearRules(RuleTable &rules);
void addControlRules(RuleTable &rules);
void addSpatialRules(RuleTable &rules);
void addResizeRules(RuleTable &rules);
void addSamplingRules(RuleTable &rules);
void addRecurrentRules(RuleTable &rules);
void addSequenceRules(RuleTable &rules);
void addSignalRules(RuleTable &rules);
void addSpectrumRules(RuleTable &rules);
void addDetectionRules(RuleTable &rules);
void addPatchRules(RuleTable &rules);

/// "" for the default domain, which has two names.
inline std::string canonicalDomain(llvm::StringRef domain) { return domain == "ai.onnx" ? "" : domain.str(); }

/// Whether the rule of this operator reads sequences of tensors.
bool takesSequences(llvm::StringRef op);

/// Builds the module; one instance a model.
class Importer {
public:
  Importer(OnnxFiles &files, mlir::MLIRContext &context);
  mlir::OwningOpRef<mlir::ModuleOp> run(llvm::StringRef path);

  //===-- For rules -------------------------------------------------------===//
  Type elementType(int32_t onnxType);
  /// Why a tensor's type or shape is none that a constant can have; empty where it is one.
  std::string faultOfTensor(const onnx::TensorProto &tensor);
  Value makeConstant(const onnx::TensorProto &tensor);
  ImportedValue *find(llvm::StringRef name);
  void define(llvm::StringRef name, ImportedValue value);
  Value materialise(ImportedValue &value, mlir::Location loc);
  /// Imports a graph's nodes in a scope of its own that sees outer names, at
  /// the builder's insertion point; gives the graph outputs' tensors.
  mlir::FailureOr<llvm::SmallVector<Value>> importBody(const onnx::GraphProto &graph, llvm::ArrayRef<Value> arguments,
                                                       mlir::Location loc);
  onnx::TypeProto typeInOnnx(RankedTensorType type);
  std::string faultOfInputs(NodeImport &import, llvm::StringRef domain);
  /// Imports a node through its ONNX function body; false when it has none.
  bool importFunctionBody(NodeImport &node, mlir::LogicalResult &result);
  /// Takes a block that is not wanted. It stays until the end: dims are remembered by the address of their values.
  void discard(std::unique_ptr<mlir::Block> block) { discarded.push_back(std::move(block)); }
  void report(NodeImport &node, const llvm::Twine &reason, const llvm::Twine &instead);
  void problem(const llvm::Twine &text) { problems.push_back({text.str(), nullptr}); }
  /// What became of the nodes of the file, after `run`.
  std::vector<OperatorUse> operatorUses() const;

  OnnxFiles &files;
  mlir::MLIRContext &context;
  mlir::OpBuilder builder;
  tf::SizeArith sizes;
  tf::TensorDims tensorDims;
  std::vector<ImportedNode> nodes;

private:
  void importNodes(const google::protobuf::RepeatedPtrField<onnx::NodeProto> &nodes);
  void importNode(const onnx::NodeProto &node);
  void importSignature(const onnx::GraphProto &graph, mlir::func::FuncOp func);
  void addInitializers(const onnx::GraphProto &graph);
  std::string nearest(llvm::StringRef op) const;

  RuleTable rules;
  llvm::StringMap<int64_t> opsets;
  std::vector<llvm::StringMap<ImportedValue>> scopes;
  struct Problem {
    std::string text;
    const onnx::NodeProto *node; ///< in the file, or null
  };
  std::vector<Problem> problems;
  llvm::DenseSet<const onnx::NodeProto *> behind; ///< nodes that were left out because of others
  mlir::Block *entry = {};
  mlir::Operation *lastConstant = {};
  std::vector<std::unique_ptr<mlir::Block>> discarded;
  std::vector<std::unique_ptr<onnx::FunctionProto>> functionBodies;
  std::vector<std::unique_ptr<onnx::NodeProto>> ownedNodes;
  const onnx::NodeProto *bodyOf = nullptr; ///< the node of the file whose operator's function body is imported
};

} // namespace transom

#endif // TRANSOM_LIB_IMPORT_IMPORTER_H
