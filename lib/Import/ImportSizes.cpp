//===- ImportSizes.cpp - shape arithmetic as index arithmetic -------------===//
//
// Nodes whose inputs are small integer tensors with known elements (sizes of
// other tensors, constants) work on the elements. What exporters write around
// Reshape, Expand, Slice and Range never becomes a tensor.
//
//===----------------------------------------------------------------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;

namespace {
constexpr size_t kMaxElements = 64;

/// Elements of all inputs that are there; nullopt when one has none.
std::optional<SmallVector<Dims>> allElements(NodeImport &node) {
  SmallVector<Dims> all;
  for (size_t i = 0; i < node.numInputs(); ++i) {
    auto elements = node.elements(i);
    if (!elements)
      return std::nullopt;
    all.push_back(*elements);
  }
  return all;
}

using BinaryFn = Dim (*)(NodeImport &, Dim, Dim);

Dim compareWith(NodeImport &n, arith::CmpIPredicate predicate, Dim a, Dim b) {
  return n.sizes.compare(n.loc, predicate, a, b);
}

/// Integer division truncates in ONNX and floors here: not the same below zero.
Dim truncatedQuotient(NodeImport &n, Dim a, Dim b) {
  Dim quotient = n.sizes.floorDiv(n.loc, a, b), zero = n.size(0);
  if (n.sizes.nonNegative(a))
    return quotient;
  Dim ofOpposite = n.sizes.floorDiv(n.loc, n.sizes.sub(n.loc, zero, a), b);
  Dim isBelow = compareWith(n, arith::CmpIPredicate::slt, a, zero);
  return n.sizes.select(n.loc, isBelow, n.sizes.sub(n.loc, zero, ofOpposite), quotient);
}

BinaryFn binaryOf(StringRef op) {
  return llvm::StringSwitch<BinaryFn>(op)
      .Case("Add", [](NodeImport &n, Dim a, Dim b) { return n.sizes.add(n.loc, a, b); })
      .Case("Sub", [](NodeImport &n, Dim a, Dim b) { return n.sizes.sub(n.loc, a, b); })
      .Case("Mul", [](NodeImport &n, Dim a, Dim b) { return n.sizes.mul(n.loc, a, b); })
      .Case("Div", truncatedQuotient)
      .Case("Mod", [](NodeImport &n, Dim a, Dim b) { return n.sizes.mod(n.loc, a, b); })
      .Case("Min", [](NodeImport &n, Dim a, Dim b) { return n.sizes.min(n.loc, a, b); })
      .Case("Max", [](NodeImport &n, Dim a, Dim b) { return n.sizes.max(n.loc, a, b); })
      .Case("And", [](NodeImport &n, Dim a, Dim b) { return n.sizes.mul(n.loc, a, b); })
      .Case("Or", [](NodeImport &n, Dim a, Dim b) { return n.sizes.max(n.loc, a, b); })
      .Case("Equal", [](NodeImport &n, Dim a, Dim b) { return compareWith(n, arith::CmpIPredicate::eq, a, b); })
      .Case("Less", [](NodeImport &n, Dim a, Dim b) { return compareWith(n, arith::CmpIPredicate::slt, a, b); })
      .Case("LessOrEqual", [](NodeImport &n, Dim a, Dim b) { return compareWith(n, arith::CmpIPredicate::sle, a, b); })
      .Case("Greater", [](NodeImport &n, Dim a, Dim b) { return compareWith(n, arith::CmpIPredicate::sgt, a, b); })
      .Case("GreaterOrEqual",
            [](NodeImport &n, Dim a, Dim b) { return compareWith(n, arith::CmpIPredicate::sge, a, b); })
      .Default(nullptr);
}

bool isTest(StringRef op) {
  return llvm::is_contained({"Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"}, op);
}

/// Quotients by zero and by what may be below it are for the operator's own rule, and so are remainders with a sign.
bool divides(NodeImport &node, StringRef op, ArrayRef<Dims> in) {
  auto isPositive = [](Dim dim) { return tf::SizeArith::asConstant(dim).value_or(0) > 0; };
  if (op == "Div" && llvm::all_of(in[1], isPositive))
    return true;
  for (const Dims &list : in)
    for (Dim dim : list)
      if (!node.sizes.nonNegative(dim))
        return false;
  return llvm::none_of(in[1], [](Dim dim) { return tf::SizeArith::asConstant(dim) == 0; });
}

struct Result {
  Dims elements;
  Integers shape;
};

std::optional<Result> fold(NodeImport &node, StringRef op, ArrayRef<Dims> in) {
  auto shapeOf = [&](size_t i) { return Integers(node.type(i).getShape()); };
  auto vector = [](Dims elements) {
    int64_t length = elements.size();
    return Result{std::move(elements), {length}};
  };
  auto constants = [](ArrayRef<Dim> dims) -> std::optional<Integers> {
    Integers list;
    for (Dim dim : dims) {
      auto number = tf::SizeArith::asConstant(dim);
      if (!number)
        return std::nullopt;
      list.push_back(*number);
    }
    return list;
  };

  if (BinaryFn function = binaryOf(op)) {
    if (op == "Div" || (op == "Mod" && node.integer("fmod", 0)))
      if (!divides(node, op, in))
        return std::nullopt;
    if (op == "Mod" && llvm::any_of(in[1], [](Dim d) { return tf::SizeArith::asConstant(d) == 0; }))
      return std::nullopt;
    Result result{in[0], shapeOf(0)};
    for (size_t i = 1; i < in.size(); ++i) {
      size_t length = std::max(result.elements.size(), in[i].size());
      if (result.elements.empty() || in[i].empty())
        return std::nullopt;
      if ((result.elements.size() != length && result.elements.size() != 1) ||
          (in[i].size() != length && in[i].size() != 1))
        return std::nullopt;
      Dims out;
      for (size_t k = 0; k < length; ++k)
        out.push_back(
            function(node, result.elements[result.elements.size() == 1 ? 0 : k], in[i][in[i].size() == 1 ? 0 : k]));
      if (node.type(i).getRank() > static_cast<int64_t>(result.shape.size()) || in[i].size() == length)
        if (!result.shape.empty() || node.type(i).getRank())
          result.shape = {static_cast<int64_t>(length)};
      result.elements = out;
    }
    return result;
  }
  if (op == "Identity" || op == "Cast")
    return Result{in[0], shapeOf(0)};
  if (op == "Neg" || op == "Not" || op == "Abs") {
    Result result{in[0], shapeOf(0)};
    for (Dim &dim : result.elements) {
      if (op == "Abs")
        dim = node.sizes.max(node.loc, dim, node.sizes.sub(node.loc, node.size(0), dim));
      else
        dim = node.sizes.sub(node.loc, node.size(op == "Not" ? 1 : 0), dim);
    }
    return result;
  }
  if (op == "Concat" && in.size() >= 1) {
    Dims all;
    for (size_t i = 0; i < in.size(); ++i) {
      if (node.type(i).getRank() != 1)
        return std::nullopt;
      llvm::append_range(all, in[i]);
    }
    return vector(all);
  }
  if (op == "Gather") {
    auto indices = constants(in[1]);
    if (!indices || node.type(0).getRank() != 1)
      return std::nullopt;
    Result result{{}, shapeOf(1)};
    int64_t length = in[0].size();
    for (int64_t index : *indices) {
      if (index < -length || index >= length)
        return std::nullopt;
      result.elements.push_back(in[0][index < 0 ? index + length : index]);
    }
    return result;
  }
  if (op == "Unsqueeze" || op == "Squeeze" || op == "Flatten") {
    if (op == "Unsqueeze" && node.type(0).getRank() == 0)
      return in.size() > 1 && in[1].size() != 1 ? std::nullopt : std::optional(vector(in[0]));
    // Axes that are given and none leave the vector one.
    if (op == "Squeeze" && in[0].size() == 1 && !(in.size() > 1 && node.has(1) && in[1].empty()))
      return Result{in[0], {}};
    return std::nullopt;
  }
  if (op == "Reshape") {
    auto shape = constants(in[1]);
    if (!shape || shape->size() > 1)
      return std::nullopt;
    if (shape->empty())
      return in[0].size() == 1 ? std::optional(Result{in[0], {}}) : std::nullopt;
    return vector(in[0]);
  }
  if (op == "Expand" || op == "Tile") {
    auto shape = constants(in[1]);
    if (!shape || shape->size() != 1 ||
        (in[0].size() != 1 && op == "Expand" && (*shape)[0] != 1 && (*shape)[0] != static_cast<int64_t>(in[0].size())))
      return std::nullopt;
    size_t copies = op == "Tile" ? (*shape)[0] : in[0].size() == 1 ? (*shape)[0] : 1;
    if (copies * in[0].size() > kMaxElements)
      return std::nullopt;
    Dims all;
    for (size_t i = 0; i < copies; ++i)
      llvm::append_range(all, in[0]);
    return vector(all);
  }
  if (op == "Slice" && in.size() >= 3 && node.type(0).getRank() == 1) {
    auto starts = constants(in[1]), ends = constants(in[2]);
    auto steps = in.size() > 4 ? constants(in[4]) : Integers{1};
    if (!starts || !ends || !steps || starts->size() != 1 || (*steps)[0] == 0)
      return std::nullopt;
    int64_t length = in[0].size(), step = (*steps)[0];
    auto wrap = [&](int64_t at) { return at < 0 ? at + length : at; };
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? length : length - 1;
    int64_t start = std::clamp(wrap((*starts)[0]), step > 0 ? 0 : int64_t(0), high);
    int64_t end = std::clamp((*ends)[0] < -length ? low : wrap((*ends)[0]), low, high + (step > 0 ? 0 : 0));
    Dims all;
    for (int64_t i = start; step > 0 ? i < end : i > end; i += step)
      all.push_back(in[0][i]);
    return vector(all);
  }
  if (op == "Where") {
    size_t length = std::max({in[0].size(), in[1].size(), in[2].size()});
    Result result{{}, {}};
    for (size_t i = 0; i < 3; ++i) {
      if (in[i].size() != length && in[i].size() != 1)
        return std::nullopt;
      if (node.type(i).getRank())
        result.shape = {static_cast<int64_t>(length)};
    }
    auto at = [&](size_t i, size_t k) { return in[i][in[i].size() == 1 ? 0 : k]; };
    for (size_t k = 0; k < length; ++k)
      result.elements.push_back(node.sizes.select(node.loc, at(0, k), at(1, k), at(2, k)));
    return result;
  }
  if (op == "Range" && in.size() == 3) {
    auto start = constants(in[0]), limit = constants(in[1]), delta = constants(in[2]);
    if (!start || !limit || !delta || (*delta)[0] == 0)
      return std::nullopt;
    Dims all;
    for (int64_t i = (*start)[0]; (*delta)[0] > 0 ? i < (*limit)[0] : i > (*limit)[0]; i += (*delta)[0]) {
      all.push_back(node.size(i));
      if (all.size() > kMaxElements)
        return std::nullopt;
    }
    return vector(all);
  }
  if (op == "ReduceProd" || op == "ReduceSum" || op == "ReduceMax" || op == "ReduceMin") {
    if (in[0].empty() || node.type(0).getRank() != 1)
      return std::nullopt;
    bool hasAxes = node.hasAttr("axes") || (in.size() > 1 && !in[1].empty());
    if (!hasAxes && node.integer("noop_with_empty_axes", 0))
      return vector(in[0]);
    Dim total = in[0][0];
    for (Dim dim : ArrayRef<Dim>(in[0]).drop_front())
      total = op == "ReduceProd"  ? node.sizes.mul(node.loc, total, dim)
              : op == "ReduceSum" ? node.sizes.add(node.loc, total, dim)
              : op == "ReduceMax" ? node.sizes.max(node.loc, total, dim)
                                  : node.sizes.min(node.loc, total, dim);
    if (node.integer("keepdims", 1))
      return vector({total});
    return Result{{total}, {}};
  }
  if (op == "ScatterElements" || op == "ScatterND")
    return std::nullopt;
  return std::nullopt;
}

/// Shape and Size: whatever the tensor is, its dims are sizes.
bool importShape(NodeImport &node) {
  bool isSize = node.node.op_type() == "Size";
  ImportedValue &input = node.value(0);
  Dims dims;
  if (input.tensor) {
    dims = node.dims(input.tensor);
  } else {
    for (int64_t dim : input.type.getShape())
      dims.push_back(node.size(dim));
  }
  if (dims.size() > kMaxElements)
    return false;
  if (isSize) {
    node.outElements(0, {node.sizes.product(node.loc, dims)}, RankedTensorType::get({}, node.builder.getI64Type()));
    return true;
  }
  int64_t rank = dims.size(), start = node.integer("start", 0), end = node.integer("end", rank);
  start = std::clamp(start < 0 ? start + rank : start, int64_t(0), rank);
  end = std::clamp(end < 0 ? end + rank : end, start, rank);
  Dims part(dims.begin() + start, dims.begin() + end);
  node.outElements(0, part, RankedTensorType::get({end - start}, node.builder.getI64Type()));
  return true;
}

/// Split of a shape: ONNX Runtime makes one of the gathers of each dim.
bool importSplit(NodeImport &node) {
  auto in = node.elements(0);
  if (!in || node.type(0).getRank() != 1)
    return false;
  auto parts = node.has(1) ? node.constantInts(1) : node.integers("split");
  if (!parts) {
    if (node.has(1))
      return false;
    int64_t count = node.numOutputs(), size = (in->size() + count - 1) / std::max<int64_t>(count, 1);
    parts.emplace();
    for (int64_t left = in->size(); static_cast<int64_t>(parts->size()) < count; left -= parts->back())
      parts->push_back(std::min(size, left));
  }
  uint64_t total = 0;
  for (int64_t part : *parts)
    total += static_cast<uint64_t>(part);
  if (parts->size() != node.numOutputs() || total != in->size() ||
      llvm::any_of(*parts, [](int64_t part) { return part < 0; }))
    return false; // the operator's own rule says what is wrong
  ArrayRef<Dim> rest = *in;
  for (auto [i, part] : llvm::enumerate(*parts)) {
    if (node.wants(i))
      node.outElements(i, Dims(rest.take_front(part)), RankedTensorType::get({part}, node.type(0).getElementType()));
    rest = rest.drop_front(part);
  }
  return true;
}

/// ConstantOfShape with a short static vector of integers.
bool importFill(NodeImport &node) {
  auto shape = node.constantInts(0);
  const auto *attribute = node.attr("value");
  if (!shape || shape->size() > 1 || !attribute ||
      (shape->size() == 1 && ((*shape)[0] < 0 || (*shape)[0] > int64_t(kMaxElements))))
    return false;
  Type element = node.importer.elementType(attribute->t().data_type());
  auto bytes = node.importer.files.bytes(attribute->t());
  if (!bytes || !element || !element.isSignlessInteger()) {
    llvm::consumeError(bytes.takeError());
    return false;
  }
  unsigned width = std::max(1u, element.getIntOrFloatBitWidth() / 8);
  if (bytes->size() != width)
    return false;
  int64_t value = 0;
  memcpy(&value, bytes->data(), width);
  value = llvm::SignExtend64(value, width * 8);
  node.outElements(0, Dims(shape->empty() ? 1 : (*shape)[0], node.size(value)), RankedTensorType::get(*shape, element));
  return true;
}
} // namespace

bool transom::importAsSizes(NodeImport &node) {
  StringRef op = node.node.op_type();
  if (op == "Shape" || op == "Size")
    return importShape(node);
  if (op == "ConstantOfShape")
    return importFill(node);
  if (op == "Split" && node.numInputs() > 0)
    return importSplit(node);
  if (node.numInputs() == 0 || node.numOutputs() != 1)
    return false;
  auto in = allElements(node);
  if (!in)
    return false;
  Type element = node.type(op == "Where" ? 1 : 0).getElementType();
  if (op == "Cast") {
    const auto *to = node.attr("to");
    element = to ? node.importer.elementType(to->i()) : Type();
    // To i1 is a test, to a float no size.
    if (!element || !element.isInteger() || element.isInteger(1))
      return false;
  }
  if (isTest(op))
    element = node.builder.getI1Type();
  if (!element || !element.isInteger())
    return false;
  auto result = fold(node, op, *in);
  if (!result || result->elements.size() > kMaxElements)
    return false;
  node.outElements(0, result->elements, RankedTensorType::get(result->shape, element));
  return true;
}
