//===- GraphWriter.cpp - ONNX nodes for ops -------------------------------===//

#include "GraphWriter.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/APFloat.h"

using namespace mlir;
using namespace transom;
using Name = GraphWriter::Name;
using T = onnx::TensorProto;

int32_t transom::onnxType(Type element) {
  if (element.isF32())
    return T::FLOAT;
  if (element.isF64())
    return T::DOUBLE;
  if (element.isF16())
    return T::FLOAT16;
  if (element.isBF16())
    return T::BFLOAT16;
  if (isa<Float8E4M3FNType>(element))
    return T::FLOAT8E4M3FN;
  if (isa<Float8E5M2Type>(element))
    return T::FLOAT8E5M2;
  if (isa<Float8E4M3FNUZType>(element))
    return T::FLOAT8E4M3FNUZ;
  if (isa<Float8E5M2FNUZType>(element))
    return T::FLOAT8E5M2FNUZ;
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return 0;
  bool isUnsigned = integer.isUnsigned();
  switch (integer.getWidth()) {
  case 1: return T::BOOL;
  case 4: return isUnsigned ? T::UINT4 : T::INT4;
  case 8: return isUnsigned ? T::UINT8 : T::INT8;
  case 16: return isUnsigned ? T::UINT16 : T::INT16;
  case 32: return isUnsigned ? T::UINT32 : T::INT32;
  case 64: return isUnsigned ? T::UINT64 : T::INT64;
  default: return 0;
  }
}

//===-- Names ---------------------------------------------------------------===//

const Name &GraphWriter::of(Value value) {
  auto found = names.find(value);
  assert(found != names.end() && "a value that no rule has defined");
  return found->second;
}

Name GraphWriter::fresh(StringRef wanted) {
  if (wanted.empty())
    wanted = "value";
  std::string name = wanted.str();
  for (unsigned i = 1; !taken.insert(name).second; ++i)
    name = (wanted + "_" + Twine(i)).str();
  return name;
}

void GraphWriter::beginOp(Operation *op) {
  place.clear();
  op->getLoc()->walk([&](Location loc) {
    auto named = dyn_cast<NameLoc>(loc);
    if (!named)
      return WalkResult::advance();
    place = named.getName().str();
    return WalkResult::interrupt();
  });
  if (place.empty())
    place = op->getName().stripDialect().str();
}

llvm::Error GraphWriter::refuse(Operation *op, const Twine &why) {
  beginOp(op);
  return llvm::createStringError("node '" + place + "' (" + op->getName().stripDialect() +
                                 ") has no form in ONNX here: " + why);
}

//===-- Nodes ---------------------------------------------------------------===//

std::vector<Name> GraphWriter::nodes(StringRef type, ArrayRef<Name> inputs, unsigned count,
                                     ArrayRef<NodeAttribute> attributes, StringRef domain) {
  onnx::NodeProto *node = graph->add_node();
  node->set_op_type(type.str());
  if (!domain.empty())
    node->set_domain(domain.str());
  node->set_name(fresh(place + "/" + type.str()));
  // Inputs that are left out at the end are not there.
  size_t last = inputs.size();
  while (last > 0 && inputs[last - 1].empty())
    --last;
  for (const Name &input : inputs.take_front(last))
    node->add_input(input);
  std::vector<Name> outputs;
  for (unsigned i = 0; i < count; ++i) {
    outputs.push_back(fresh(node->name() + "_output_" + std::to_string(i)));
    node->add_output(outputs.back());
  }
  for (const NodeAttribute &attribute : attributes) {
    onnx::AttributeProto *proto = node->add_attribute();
    proto->set_name(attribute.name.str());
    if (const auto *number = std::get_if<int64_t>(&attribute.value)) {
      proto->set_type(onnx::AttributeProto::INT);
      proto->set_i(*number);
    } else if (const auto *real = std::get_if<float>(&attribute.value)) {
      proto->set_type(onnx::AttributeProto::FLOAT);
      proto->set_f(*real);
    } else if (const auto *text = std::get_if<std::string>(&attribute.value)) {
      proto->set_type(onnx::AttributeProto::STRING);
      proto->set_s(*text);
    } else {
      proto->set_type(onnx::AttributeProto::INTS);
      for (int64_t number : std::get<std::vector<int64_t>>(attribute.value))
        proto->add_ints(number);
    }
  }
  return outputs;
}

Name GraphWriter::node(StringRef type, ArrayRef<Name> inputs, ArrayRef<NodeAttribute> attributes, StringRef domain) {
  return nodes(type, inputs, 1, attributes, domain).front();
}

Name GraphWriter::integers(ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())}, i64());
  return constant(DenseElementsAttr::get(type, values), "integers");
}

Name GraphWriter::scalar(Type element, double value) {
  auto type = RankedTensorType::get({}, element);
  Attribute number;
  if (auto real = dyn_cast<FloatType>(element)) {
    llvm::APFloat rounded(value);
    bool inexact;
    (void)rounded.convert(real.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &inexact);
    number = FloatAttr::get(element, rounded);
  } else {
    number = IntegerAttr::get(element, llvm::APInt(element.getIntOrFloatBitWidth(), static_cast<int64_t>(value),
                                                   /*isSigned=*/true, /*implicitTrunc=*/true));
  }
  return constant(DenseElementsAttr::get(type, ArrayRef<Attribute>(number)), "number");
}

Name GraphWriter::constant(ElementsAttr value, StringRef wanted) {
  Name &name = constants[value];
  if (!name.empty())
    return name;
  name = fresh(wanted);
  // Weights are read in every graph, so they are the model's own.
  onnx::TensorProto *tensor = model.mutable_graph()->add_initializer();
  tensor->set_name(name);
  auto type = cast<RankedTensorType>(value.getType());
  tensor->set_data_type(onnxType(type.getElementType()));
  for (int64_t size : type.getShape())
    tensor->add_dims(size);
  std::string *data = tensor->mutable_raw_data();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      data->assign(blob->getData().data(), blob->getData().size());
  } else if (type.getElementType().isInteger(1)) {
    for (bool bit : value.getValues<bool>())
      data->push_back(bit);
  } else {
    auto dense = cast<DenseElementsAttr>(value);
    ArrayRef<char> raw = dense.getRawData();
    int64_t copies = dense.isSplat() ? dense.getNumElements() : 1;
    for (int64_t i = 0; i < copies; ++i)
      data->append(raw.data(), raw.size());
  }
  bytes += data->size();
  return name;
}

Name GraphWriter::cast(Name value, Type from, Type to) {
  return from == to ? value : node("Cast", {value}, {{"to", static_cast<int64_t>(onnxType(to))}});
}

Name GraphWriter::multiplied(Name value, Type element, double factor) {
  return factor == 1 ? value : node("Mul", {value, scalar(element, factor)});
}

Name GraphWriter::lastDim(Name value, int64_t rank, int64_t start, int64_t end, int64_t step) {
  return node("Slice", {value, integers({start}), integers({end}), integers({rank - 1}), integers({step})});
}

Name GraphWriter::shape(RankedTensorType type, ValueRange dynamic) {
  if (type.hasStaticShape())
    return integers(type.getShape());
  std::vector<Name> parts;
  for (int64_t size : type.getShape()) {
    if (ShapedType::isDynamic(size)) {
      parts.push_back(of(dynamic.front()));
      dynamic = dynamic.drop_front();
    } else {
      parts.push_back(integers({size}));
    }
  }
  return parts.size() == 1 ? parts.front() : node("Concat", parts, {{"axis", int64_t(0)}});
}

Name GraphWriter::counting(Name size) { return node("Range", {scalar(i64(), 0), reshape(size, {}), scalar(i64(), 1)}); }

//===-- Graphs --------------------------------------------------------------===//

void GraphWriter::describe(onnx::ValueInfoProto &info, StringRef name, Type type, ArrayAttr dims) {
  auto tensor = cast<RankedTensorType>(type);
  info.set_name(name.str());
  auto *described = info.mutable_type()->mutable_tensor_type();
  described->set_elem_type(onnxType(tensor.getElementType()));
  onnx::TensorShapeProto *shape = described->mutable_shape();
  for (auto [i, size] : llvm::enumerate(tensor.getShape())) {
    auto *dim = shape->add_dim();
    if (!ShapedType::isDynamic(size))
      dim->set_dim_value(size);
    else if (dims && !cast<StringAttr>(dims[i]).empty())
      dim->set_dim_param(cast<StringAttr>(dims[i]).str());
  }
}

void GraphWriter::input(BlockArgument argument, StringRef name, ArrayAttr dims) {
  taken.insert(name);
  define(argument, name.str());
  describe(*graph->add_input(), name, argument.getType(), dims);
}

void GraphWriter::output(const Name &name, Type type, ArrayAttr dims) {
  describe(*graph->add_output(), name, type, dims);
}

llvm::Error GraphWriter::inside(onnx::GraphProto &other, llvm::function_ref<llvm::Error()> write) {
  onnx::GraphProto *outer = graph;
  graph = &other;
  llvm::Error error = write();
  graph = outer;
  return error;
}
