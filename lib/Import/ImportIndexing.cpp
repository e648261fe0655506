//===- ImportIndexing.cpp - gathers, scatters, NonZero, OneHot ------------===//

#include "Importer.h"

using namespace mlir;
using namespace transom;
using tf::Dim;

namespace {
LogicalResult gather(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", 0), n.rank(x));
  if (failed(axis))
    return failure();
  // One known row is a slice.
  auto index = n.elements(1);
  if (index && index->size() == 1 && n.type(1).getRank() <= 1) {
    auto known = tf::SizeArith::asConstant((*index)[0]);
    Dim at = (*index)[0], dim = n.dims(x)[*axis];
    auto length = tf::SizeArith::asConstant(dim);
    if (known && length && (*known < -*length || *known >= *length))
      return n.fail("index " + Twine(*known) + " is outside a dim of " + Twine(*length));
    // Rows that only the run can check stay a gather, which does check.
    if (known && (length || *known == 0 || *known == -1)) {
      if (*known < 0)
        at = n.sizes.add(n.loc, dim, at);
      Value row = n.slice(x, *axis, at, n.size(1));
      n.out(0, n.type(1).getRank() == 0 ? n.squeeze(row, {*axis}) : row);
      return success();
    }
  }
  n.out(0, n.gather(x, n.in(1), *axis));
  return success();
}

LogicalResult gatherElements(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", 0), n.rank(x));
  if (failed(axis))
    return failure();
  n.out(0, n.make<tf::GatherElementsOp>(x, n.in(1), *axis));
  return success();
}

/// True where the known `indices` [count, k] are the positions of the first k
/// dims of `x`, all of them, in order.
bool countsPositions(NodeImport &n, RankedTensorType x, size_t indices) {
  RankedTensorType type = n.type(indices);
  if (type.getRank() != 2 || !type.hasStaticShape() || type.getDimSize(1) > x.getRank())
    return false;
  int64_t count = 1, k = type.getDimSize(1);
  for (int64_t dim : x.getShape().take_front(k)) {
    if (ShapedType::isDynamic(dim))
      return false;
    count *= dim;
  }
  auto known = count == type.getDimSize(0) ? n.constantInts(indices) : std::nullopt;
  if (!known)
    return false;
  for (int64_t row = 0; row < count; ++row)
    for (int64_t i = k, rest = row; i-- > 0; rest /= x.getDimSize(i))
      if ((*known)[row * k + i] != rest % x.getDimSize(i))
        return false;
  return true;
}

LogicalResult gatherND(NodeImport &n) {
  Value x = n.in(0);
  if (n.integer("batch_dims", 0) == 0 && countsPositions(n, n.typeOf(x), 1)) {
    Dims dims = {n.size(n.type(1).getDimSize(0))};
    llvm::append_range(dims, ArrayRef<Dim>(n.dims(x)).drop_front(n.type(1).getDimSize(1)));
    n.out(0, n.reshape(x, dims));
    return success();
  }
  n.out(0, n.make<tf::GatherNDOp>(n.in(0), n.in(1), n.integer("batch_dims", 0)));
  return success();
}

FailureOr<tf::ScatterKind> scatterKind(NodeImport &n) {
  std::string name = n.string("reduction", "none");
  auto kind = name == "none" ? tf::ScatterKind::set : tf::symbolizeScatterKind(name);
  if (!kind || (name == "set")) {
    (void)n.fail("reduction '" + name + "' is not supported", "none, add, mul, min and max are");
    return failure();
  }
  return *kind;
}

LogicalResult scatterElements(NodeImport &n) {
  Value x = n.in(0);
  auto axis = n.axis(n.integer("axis", 0), n.rank(x));
  auto kind = scatterKind(n);
  if (failed(axis) || failed(kind))
    return failure();
  n.out(0, n.make<tf::ScatterElementsOp>(*kind, x, n.in(1), n.in(2), *axis));
  return success();
}

LogicalResult scatterND(NodeImport &n) {
  auto kind = scatterKind(n);
  if (failed(kind))
    return failure();
  if (n.rank(n.in(1)) > 0 && ShapedType::isDynamic(n.typeOf(n.in(1)).getShape().back()))
    return n.fail("how long index tuples are must be known when compiling",
                  "the last dim of the indices must be fixed; the others may be dynamic");
  n.out(0, n.make<tf::ScatterNDOp>(*kind, n.in(0), n.in(1), n.in(2)));
  return success();
}

LogicalResult nonZero(NodeImport &n) {
  // Of known elements, so that their number is known as well.
  RankedTensorType type = n.type(0);
  if (auto known = type.getRank() > 0 ? n.constantInts(0) : std::nullopt) {
    Integers positions;
    for (int64_t axis = 0, stride = type.getNumElements(); axis < type.getRank(); ++axis) {
      int64_t outer = stride;
      stride /= std::max<int64_t>(type.getDimSize(axis), 1);
      for (auto [i, element] : llvm::enumerate(*known))
        if (element != 0)
          positions.push_back(static_cast<int64_t>(i) % outer / stride);
    }
    int64_t found = positions.size() / type.getRank();
    Value rows = n.integersTensor(positions, n.builder.getI64Type());
    n.out(0, n.reshape(rows, {n.size(type.getRank()), n.size(found)}));
    return success();
  }
  n.out(0, n.make<tf::NonZeroOp>(n.in(0)));
  return success();
}

/// One number of any type.
FailureOr<Dims> depthOf(NodeImport &n) {
  if (n.type(1).getElementType().isInteger())
    return n.sizesOf(1);
  if (auto known = n.constantFloats(1); known && known->size() == 1)
    return Dims{n.size(static_cast<int64_t>((*known)[0]))};
  if (!n.type(1).hasStaticShape() || n.type(1).getNumElements() != 1) {
    (void)n.fail("depth must be one number");
    return failure();
  }
  Value whole = n.cast(n.in(1), n.builder.getI64Type());
  return Dims{Value(tf::ToIndexOp::create(n.builder, n.loc, whole, 0))};
}

LogicalResult oneHot(NodeImport &n) {
  Value indices = n.in(0), values = n.in(2);
  auto depth = depthOf(n);
  if (failed(depth))
    return failure();
  n.require(n.dims(values)[0], n.size(2));
  int64_t rank = n.rank(indices) + 1;
  auto axis = n.axis(n.integer("axis", -1), rank);
  if (failed(axis))
    return failure();
  Type element = n.element(indices);
  if (isa<FloatType>(element)) {
    element = n.builder.getI64Type();
    indices = n.cast(indices, element);
  }
  Dims shape(rank, n.size(1));
  shape[*axis] = (*depth)[0];
  Value position = n.reshape(n.iota((*depth)[0], element), shape);
  Value expanded = n.unsqueeze(indices, {*axis});
  // Negative indices count from the end.
  Value size = n.reshape(n.fromSizes({(*depth)[0]}, RankedTensorType::get({1}, element)), {});
  Value wrapped = n.select(n.compare(tf::CompareKind::lt, expanded, n.scalar(element, 0)),
                           n.binary(tf::BinaryKind::add, expanded, size), expanded);
  Value off = n.reshape(n.slice(values, 0, n.size(0), n.size(1)), {});
  Value on = n.reshape(n.slice(values, 0, n.size(1), n.size(1)), {});
  n.out(0, n.select(n.compare(tf::CompareKind::eq, position, wrapped), on, off));
  return success();
}

/// Rows where the (constant-rank) condition is true: Compress as NonZero and Gather.
LogicalResult compress(NodeImport &n) {
  Value x = n.in(0);
  int64_t axis = 0;
  if (n.hasAttr("axis")) {
    auto good = n.axis(n.integer("axis", 0), n.rank(x));
    if (failed(good))
      return failure();
    axis = *good;
  } else {
    x = n.reshape(x, {n.sizes.product(n.loc, n.dims(x))});
  }
  Value where = n.make<tf::NonZeroOp>(n.in(1));
  Value rows = n.squeeze(where, {0});
  n.out(0, n.gather(x, rows, axis));
  return success();
}

LogicalResult tensorScatter(NodeImport &n) {
  Value cache = n.in(0);
  auto axis = n.axis(n.integer("axis", -2), n.rank(cache));
  if (failed(axis))
    return failure();
  std::string mode = n.string("mode", "linear");
  n.out(0, n.make<tf::KVWriteOp>(cache, n.in(1), n.in(2), *axis, mode == "circular"));
  return success();
}
} // namespace

void transom::addIndexingRules(RuleTable &rules) {
  rules["Gather"] = gather;
  rules["GatherElements"] = gatherElements;
  rules["GatherND"] = gatherND;
  rules["ScatterElements"] = rules["Scatter"] = scatterElements;
  rules["ScatterND"] = scatterND;
  rules["NonZero"] = nonZero;
  rules["OneHot"] = oneHot;
  rules["Compress"] = compress;
  rules["TensorScatter"] = tensorScatter;
}
