//===- NodeImport.cpp - what import rules are written with ----------------===//

#include "Importer.h"
#include "Transformer/Analysis/ImpliedSizes.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace transom;

static Location locationOf(Importer &importer, const onnx::NodeProto &node) {
  MLIRContext *context = &importer.context;
  Location op = NameLoc::get(StringAttr::get(context, node.op_type()));
  return NameLoc::get(StringAttr::get(context, nameOf(node)), op);
}

NodeImport::NodeImport(Importer &importer, const onnx::NodeProto &node, int64_t opset)
    : node(node), opset(opset), importer(importer), builder(importer.builder), sizes(importer.sizes),
      loc(locationOf(importer, node)) {}

ImportedNode NodeImport::described() const {
  return {nameOf(node),
          node.op_type(),
          {node.input().begin(), node.input().end()},
          {node.output().begin(), node.output().end()}};
}

//===-- Inputs and attributes ---------------------------------------------===//

ImportedValue &NodeImport::value(size_t i) {
  if (!has(i)) {
    (void)fail("input " + Twine(i) + " is left out", "the operator needs it here");
    throw EndOfRule();
  }
  return *importer.find(node.input(i));
}

Value NodeImport::there(Value value) {
  if (!value) {
    (void)fail("an input is left out", "the operator needs it with these attributes and other inputs");
    throw EndOfRule();
  }
  return value;
}

Value NodeImport::in(size_t i) { return has(i) ? importer.materialise(value(i), loc) : Value(); }

RankedTensorType NodeImport::type(size_t i) { return value(i).type; }

std::optional<Dims> NodeImport::elements(size_t i) {
  if (!has(i))
    return std::nullopt;
  ImportedValue &input = value(i);
  if (input.elements)
    return input.elements;
  auto ints = constantInts(i);
  if (!ints || input.type.getRank() > 1 || ints->size() > 64)
    return std::nullopt;
  Dims result;
  for (int64_t number : *ints)
    result.push_back(size(number));
  return input.elements = result;
}

FailureOr<Dims> NodeImport::sizesOf(size_t i) {
  if (auto known = elements(i))
    return *known;
  RankedTensorType shape = type(i);
  if (shape.getRank() > 1 || !shape.hasStaticShape() || !shape.getElementType().isInteger()) {
    (void)fail("input '" + node.input(i) + "' gives sizes but how many is not known when compiling");
    return failure();
  }
  constexpr int64_t mostSizes = 256; // far more than a tensor has dims, and each takes operations
  if (shape.getNumElements() > mostSizes) {
    (void)fail("input '" + node.input(i) + "' gives " + Twine(shape.getNumElements()) + " sizes; " + Twine(mostSizes) +
               " are supported");
    return failure();
  }
  Dims result;
  for (int64_t k = 0; k < shape.getNumElements(); ++k)
    result.push_back(Value(tf::ToIndexOp::create(builder, loc, in(i), k)));
  return result;
}

static DenseElementsAttr smallConstant(NodeImport &node, size_t i) {
  ImportedValue &input = node.value(i);
  if (!input.tensor && !input.weight)
    return {};
  if (!input.type.hasStaticShape() || input.type.getNumElements() > 4096)
    return {};
  auto constant = node.in(i).getDefiningOp<tf::ConstantOp>();
  return constant ? dyn_cast<DenseElementsAttr>(constant.getValue()) : DenseElementsAttr();
}

std::optional<Integers> NodeImport::constantInts(size_t i) {
  if (!has(i) || !type(i) || !type(i).hasStaticShape() || !type(i).getElementType().isInteger())
    return std::nullopt;
  Integers result;
  if (value(i).elements) {
    for (Dim dim : *value(i).elements) {
      auto number = tf::SizeArith::asConstant(dim);
      if (!number)
        return std::nullopt;
      result.push_back(*number);
    }
    return result;
  }
  DenseElementsAttr elements = smallConstant(*this, i);
  if (!elements)
    return std::nullopt;
  Type element = elements.getElementType();
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  for (APInt number : elements.getValues<APInt>())
    result.push_back(isUnsigned ? static_cast<int64_t>(number.getZExtValue()) : number.getSExtValue());
  return result;
}

std::optional<Checked<SmallVector<double>>> NodeImport::constantFloats(size_t i) {
  if (!has(i) || !isa<FloatType>(type(i).getElementType()))
    return std::nullopt;
  DenseElementsAttr elements = smallConstant(*this, i);
  if (!elements)
    return std::nullopt;
  SmallVector<double> result;
  for (APFloat number : elements.getValues<APFloat>())
    result.push_back(number.convertToDouble());
  return result;
}

const onnx::AttributeProto *NodeImport::attr(StringRef name) const {
  for (const auto &attribute : node.attribute())
    if (attribute.name() == name)
      return &attribute;
  return nullptr;
}

int64_t NodeImport::integer(StringRef name, int64_t otherwise) const {
  const auto *found = attr(name);
  return found ? found->i() : otherwise;
}

float NodeImport::real(StringRef name, float otherwise) const {
  const auto *found = attr(name);
  return found ? found->f() : otherwise;
}

std::string NodeImport::string(StringRef name, StringRef otherwise) const {
  const auto *found = attr(name);
  return found ? found->s() : otherwise.str();
}

std::optional<Integers> NodeImport::integers(StringRef name) const {
  const auto *found = attr(name);
  if (!found)
    return std::nullopt;
  return Integers(found->ints().begin(), found->ints().end());
}

std::optional<Integers> NodeImport::windowIntegers(StringRef name) {
  auto numbers = integers(name);
  for (int64_t number : numbers.value_or(Integers()))
    if (!llvm::isInt<32>(number)) {
      (void)fail("attribute '" + name + "' has " + Twine(number) + ", which 32 bits do not hold");
      throw EndOfRule();
    }
  return numbers;
}

LogicalResult NodeImport::knows(std::initializer_list<StringRef> names) {
  LogicalResult result = success();
  for (const auto &attribute : node.attribute())
    if (!llvm::is_contained(names, attribute.name()))
      result = fail("attribute '" + attribute.name() + "' is not supported");
  return result;
}

FailureOr<int64_t> NodeImport::axis(int64_t axis, int64_t rank) {
  if (axis < -rank || axis >= rank) {
    (void)fail("axis " + Twine(axis) + " is outside rank " + Twine(rank));
    return failure();
  }
  return axis < 0 ? axis + rank : axis;
}

FailureOr<std::optional<Integers>> NodeImport::axes(size_t input, int64_t rank) {
  std::optional<Integers> list = integers("axes");
  if (!list && has(input)) {
    list = constantInts(input);
    if (!list) {
      (void)fail("axes must be known when compiling");
      return failure();
    }
  }
  if (!list)
    return list;
  for (int64_t &entry : *list) {
    auto good = axis(entry, rank);
    if (failed(good))
      return failure();
    entry = *good;
  }
  llvm::sort(*list);
  list->erase(std::unique(list->begin(), list->end()), list->end());
  return list;
}

FailureOr<Dims> NodeImport::axisFlags(size_t i, int64_t rank) {
  auto named = sizesOf(i);
  if (failed(named))
    return failure();
  Dims flags;
  for (int64_t axis = 0; axis < rank; ++axis) {
    Dim flag = size(0);
    for (Dim name : *named)
      for (int64_t spelling : {axis, axis - rank})
        flag = sizes.max(loc, flag, sizes.compare(loc, arith::CmpIPredicate::eq, name, size(spelling)));
    flags.push_back(flag);
  }
  return flags;
}

Dims NodeImport::withoutFlagged(const Dims &dims, const Dims &flags, int64_t count) {
  Dims result(std::max<int64_t>(count, 0), size(0));
  Dim position = size(0);
  for (auto [dim, flag] : llvm::zip_equal(dims, flags)) {
    Dim stays = sizes.sub(loc, size(1), flag);
    for (auto [j, out] : llvm::enumerate(result)) {
      Dim here = sizes.mul(loc, stays, sizes.compare(loc, arith::CmpIPredicate::eq, position, size(j)));
      out = sizes.add(loc, out, sizes.mul(loc, here, dim));
    }
    position = sizes.add(loc, position, stays);
  }
  return result;
}

Dims NodeImport::around(ArrayRef<Dim> dims, ArrayRef<Dim> flags) {
  Dims view(3, size(1));
  Dim passed = size(0), one = size(1);
  for (auto [dim, flag] : llvm::zip_equal(dims, flags)) {
    Dim before = sizes.select(loc, sizes.add(loc, passed, flag), one, dim);
    view[0] = sizes.mul(loc, view[0], before);
    view[1] = sizes.mul(loc, view[1], sizes.select(loc, flag, dim, one));
    view[2] = sizes.mul(loc, view[2], sizes.select(loc, passed, dim, one));
    passed = sizes.max(loc, passed, flag);
  }
  return view;
}

//===-- Outputs -----------------------------------------------------------===//

void NodeImport::out(size_t i, Value tensor) {
  if (!wants(i) || !tensor)
    return;
  ImportedValue value;
  value.type = typeOf(tensor);
  value.tensor = tensor;
  importer.define(node.output(i), value);
}

void NodeImport::outElements(size_t i, Dims elements, RankedTensorType type) {
  if (!wants(i))
    return;
  ImportedValue value;
  value.type = type;
  value.elements = std::move(elements);
  importer.define(node.output(i), value);
}

LogicalResult NodeImport::fail(const Twine &reason, const Twine &instead) {
  if (!failedAlready)
    importer.report(*this, reason, instead);
  failedAlready = true;
  return failure();
}

//===-- Making ops --------------------------------------------------------===//

std::string transom::textOf(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

bool transom::isCountable(ArrayRef<int64_t> shape) {
  uint64_t count = 1;
  for (int64_t dim : shape)
    count = ShapedType::isDynamic(dim) ? count : llvm::SaturatingMultiply(count, uint64_t(dim));
  return count <= uint64_t(std::numeric_limits<int64_t>::max()) || llvm::is_contained(shape, 0);
}

Operation *NodeImport::create(OperationState &state) {
  MLIRContext *context = &importer.context;
  for (Value operand : state.operands)
    (void)there(operand);
  std::string reason;
  ScopedDiagnosticHandler handler(context, [&](Diagnostic &diagnostic) {
    reason = diagnostic.str();
    // Verifiers name their op; the node's operator is what users know.
    if (size_t at = reason.find("' op "); StringRef(reason).starts_with("'") && at != std::string::npos)
      reason.erase(0, at + 5);
  });
  if (const auto *types = state.name.getInterface<InferTypeOpInterface>()) {
    SmallVector<Type> inferred;
    if (failed(types->inferReturnTypes(context, loc, state.operands, state.attributes.getDictionary(context),
                                       state.getRawProperties(), state.regions, inferred))) {
      (void)fail(reason);
      throw EndOfRule();
    }
    state.types.assign(inferred.begin(), inferred.end());
  }
  for (Type type : state.types)
    if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !isCountable(tensor.getShape())) {
      (void)fail(textOf(tensor) + " has more elements than 64 bits count");
      throw EndOfRule();
    }
  Operation *op = builder.create(state);
  // Folds take what verifies.
  if (failed(verify(op, /*verifyRecursively=*/false))) {
    op->erase();
    (void)fail(reason);
    throw EndOfRule();
  }
  return op;
}

void NodeImport::checkSizes(Operation *op) {
  auto check = [&](Dim is, Dim wanted) { require(is, wanted); };
  tf::ImpliedSizes(sizes, importer.tensorDims, check).of(op);
}

Value NodeImport::insert(OperationState &state) {
  Operation *op = create(state);
  SmallVector<Value> folded;
  if (succeeded(builder.tryFold(op, folded)) && !folded.empty()) {
    op->erase();
    return folded.front();
  }
  checkSizes(op);
  return op->getResult(0);
}

Dims NodeImport::dims(Value tensor) { return importer.tensorDims.of(there(tensor)); }

RankedTensorType NodeImport::typeFor(ArrayRef<Dim> dims, Type element) {
  Integers shape;
  for (Dim dim : dims)
    shape.push_back(tf::SizeArith::asConstant(dim).value_or(ShapedType::kDynamic));
  return RankedTensorType::get(shape, element);
}

static SmallVector<Value> dynamicSizes(NodeImport &node, ArrayRef<Dim> dims) {
  SmallVector<Value> values;
  for (Dim dim : dims)
    if (!tf::SizeArith::asConstant(dim))
      values.push_back(node.sizes.value(node.loc, dim));
  return values;
}

Value NodeImport::realScalar(Type element, double value) {
  constexpr double limit = 0x1p63;
  if (!isa<FloatType>(element)) {
    if (value >= -limit && value < limit)
      return wholeScalar(element, static_cast<int64_t>(value));
    (void)fail("the number " + Twine(std::to_string(value)) + " is none of the element type");
    throw EndOfRule();
  }
  auto type = RankedTensorType::get({}, element);
  return tf::ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, builder.getFloatAttr(element, value)));
}

Value NodeImport::wholeScalar(Type element, int64_t value) {
  if (isa<FloatType>(element))
    return realScalar(element, static_cast<double>(value));
  auto type = RankedTensorType::get({}, element);
  APInt bits(element.getIntOrFloatBitWidth(), value, true, true);
  return tf::ConstantOp::create(builder, loc, type,
                                DenseElementsAttr::get(type, builder.getIntegerAttr(element, bits)));
}

Value NodeImport::number(Dim dim, Type element) {
  if (auto known = tf::SizeArith::asConstant(dim))
    return scalar(element, *known);
  return cast(reshape(fromSizes({dim}, RankedTensorType::get({1}, builder.getI64Type())), {}), element);
}

Value NodeImport::integersTensor(ArrayRef<int64_t> values, Type element) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, element);
  SmallVector<APInt> numbers;
  for (int64_t value : values)
    numbers.push_back(APInt(element.getIntOrFloatBitWidth(), value, true, true));
  return tf::ConstantOp::create(builder, loc, type, DenseElementsAttr::get(type, numbers));
}

Value NodeImport::fromSizes(ArrayRef<Dim> elements, RankedTensorType type) {
  SmallVector<Value> values;
  for (Dim dim : elements)
    values.push_back(sizes.value(loc, dim));
  return make<tf::FromIndexOp>(type, values);
}

Value NodeImport::cast(Value x, Type to) { return element(x) == to ? x : make<tf::CastOp>(typeOf(x).clone(to), x); }

Value NodeImport::reduce(tf::ReduceKind kind, Value x, ArrayRef<int64_t> axes, bool keepdims) {
  return make<tf::ReduceOp>(kind, x, axes, keepdims);
}

void NodeImport::require(Dim a, Dim b) {
  if (a == b || (tf::SizeArith::asConstant(a) && tf::SizeArith::asConstant(b)))
    return;
  // What is known is what the other one has to be.
  if (tf::SizeArith::asConstant(a))
    std::swap(a, b);
  tf::CheckSizesOp::create(builder, loc, sizes.value(loc, a), sizes.value(loc, b), UnitAttr());
}

Value NodeImport::matmul(Value a, Value b, bool transposeA, bool transposeB) {
  return make<tf::MatMulOp>(a, b, transposeA, transposeB);
}

Value NodeImport::softmax(Value x, int64_t axis, bool log) { return make<tf::SoftmaxOp>(x, axis, log); }

Value NodeImport::reshape(Value x, ArrayRef<Dim> to) {
  RankedTensorType type = typeFor(to, element(x));
  if (ArrayRef<Dim>(dims(x)) == to && typeOf(x) == type)
    return x;
  if (!tf::SizeArith::equalProducts(dims(x), to))
    require(sizes.product(loc, dims(x)), sizes.product(loc, to));
  return make<tf::ReshapeOp>(type, x, dynamicSizes(*this, to));
}

Value NodeImport::broadcast(Value x, ArrayRef<Dim> to) {
  RankedTensorType type = typeFor(to, element(x));
  if (ArrayRef<Dim>(dims(x)) == to && typeOf(x) == type)
    return x;
  return make<tf::BroadcastToOp>(type, x, dynamicSizes(*this, to));
}

Value NodeImport::transpose(Value x, ArrayRef<int64_t> perm) { return make<tf::TransposeOp>(x, perm); }

Value NodeImport::unsqueeze(Value x, ArrayRef<int64_t> axes) {
  Dims in = dims(x), out;
  size_t next = 0;
  for (size_t i = 0; i < in.size() + axes.size(); ++i)
    out.push_back(llvm::is_contained(axes, static_cast<int64_t>(i)) ? size(1) : in[next++]);
  return reshape(x, out);
}

Value NodeImport::squeeze(Value x, ArrayRef<int64_t> axes) {
  Dims in = dims(x), out;
  for (size_t i = 0; i < in.size(); ++i)
    if (!llvm::is_contained(axes, static_cast<int64_t>(i)))
      out.push_back(in[i]);
  return reshape(x, out);
}

Value NodeImport::concat(ArrayRef<Value> parts, int64_t axis) {
  return parts.size() == 1 ? parts[0] : make<tf::ConcatOp>(ValueRange(parts), axis);
}

Value NodeImport::slice(Value x, ArrayRef<Dim> starts, ArrayRef<Dim> to, ArrayRef<int64_t> steps) {
  Integers fixed;
  SmallVector<Value> moving;
  for (Dim start : starts) {
    auto known = tf::SizeArith::asConstant(start);
    fixed.push_back(known.value_or(ShapedType::kDynamic));
    if (!known)
      moving.push_back(sizes.value(loc, start));
  }
  return make<tf::SliceOp>(typeFor(to, element(x)), x, moving, dynamicSizes(*this, to), fixed, steps);
}

Value NodeImport::slice(Value x, int64_t axis, Dim start, Dim length) {
  Dims to = dims(x), starts(to.size(), size(0));
  to[axis] = length;
  starts[axis] = start;
  return slice(x, starts, to, Integers(to.size(), 1));
}

Value NodeImport::pad(tf::PadMode mode, Value x, Value fill, ArrayRef<Dim> low, ArrayRef<Dim> to) {
  Integers fixed;
  SmallVector<Value> moving;
  for (Dim entry : low) {
    auto known = tf::SizeArith::asConstant(entry);
    fixed.push_back(known.value_or(ShapedType::kDynamic));
    if (!known)
      moving.push_back(sizes.value(loc, entry));
  }
  return make<tf::PadOp>(typeFor(to, element(x)), mode, x, fill, moving, dynamicSizes(*this, to), fixed);
}

Value NodeImport::iota(Dim length, Type element) {
  return make<tf::RangeOp>(typeFor({length}, element), scalar(element, 0), scalar(element, 1),
                           dynamicSizes(*this, {length}));
}
