//===- ConvertMHAToGQARewrite.cpp - weights to heads and back -------------===//
//
// New weights are dense_resource constants whose blobs the context owns. They
// are written in the order (head, feature), so that each projection is split by
// one reshape; what packed projection there was stays for its other readers.
//
//===----------------------------------------------------------------------===//

#include "ConvertMHAToGQA.h"
#include "NewWeights.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include <numeric>

using namespace mlir;
using namespace transom;
using namespace transom::gqa;
using namespace transom::match;
using namespace transom::transformer;
using heads::Matrix;

namespace {

/// Constants up to this many bytes stand in the attribute (docs/architecture.md).
constexpr int64_t kInlineConstantBytes = 1024;

bool isFloat(Type type) { return type.isF16() || type.isBF16() || type.isF32() || type.isF64(); }

double readFloat(const char *data, Type type) {
  using namespace llvm::support::endian;
  if (type.isF32())
    return llvm::bit_cast<float>(read32le(data));
  if (type.isF64())
    return llvm::bit_cast<double>(read64le(data));
  return APFloat(cast<FloatType>(type).getFloatSemantics(), APInt(16, read16le(data))).convertToDouble();
}

APFloat rounded(double value, Type type) {
  APFloat number(value);
  bool exact;
  number.convert(cast<FloatType>(type).getFloatSemantics(), APFloat::rmNearestTiesToEven, &exact);
  return number;
}

/// Contents of a constant of rank 1 or 2.
std::optional<Matrix> attributeMatrix(ElementsAttr value) {
  auto type = cast<RankedTensorType>(value.getType());
  Type element = type.getElementType();
  if (!isFloat(element) || type.getRank() < 1 || type.getRank() > 2)
    return std::nullopt;
  int64_t rows = type.getDimSize(0), columns = type.getRank() == 2 ? type.getDimSize(1) : 1;
  Matrix matrix(rows, columns);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    int64_t width = element.getIntOrFloatBitWidth() / 8;
    if (!blob || static_cast<int64_t>(blob->getData().size()) < rows * columns * width)
      return std::nullopt;
    const char *data = blob->getData().data();
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j, data += width)
        matrix(i, j) = readFloat(data, element);
    return matrix;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return std::nullopt;
  int64_t index = 0;
  for (const APFloat &number : dense.getValues<APFloat>()) {
    matrix(index / columns, index % columns) = number.convertToDouble();
    ++index;
  }
  return matrix;
}

/// A constant of `shape`, row-major from `at`. `like` names it.
Value makeConstant(OpBuilder &builder, Value like, RankedTensorType type,
                   llvm::function_ref<double(int64_t index)> at) {
  Type element = type.getElementType();
  int64_t count = type.getNumElements(), width = element.getIntOrFloatBitWidth() / 8;
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(count * width, 64);
  char *data = blob.getMutableData().data();
  for (int64_t i = 0; i < count; ++i) {
    uint64_t bits = rounded(at(i), element).bitcastToAPInt().getZExtValue();
    for (int64_t byte = 0; byte < width; ++byte)
      data[i * width + byte] = static_cast<char>(bits >> (8 * byte));
  }
  ElementsAttr value;
  if (count * width <= kInlineConstantBytes) {
    value = DenseElementsAttr::getFromRawBuffer(type, blob.getData());
  } else {
    value = newWeight(like, type, ".gqa", std::move(blob));
  }
  return ConstantOp::create(builder, like.getLoc(), type, value);
}

/// linear with one column a feature, in the order (head, feature).
Value makeProjection(OpBuilder &builder, const HeadPath &path, ArrayRef<Matrix> heads) {
  LinearOp old = path.linear;
  int64_t features = path.features, columns = heads.size() * features, inputs = typeOf(old.getWeight()).getDimSize(0);
  auto at = [&](int64_t input, int64_t column) { return heads[column / features](column % features, input); };
  auto weightType = RankedTensorType::get({inputs, columns}, getElementTypeOrSelf(old.getWeight()));
  Value weight = makeConstant(builder, old.getWeight(), weightType,
                              [&](int64_t index) { return at(index / columns, index % columns); });
  Value bias;
  bool hasBias = llvm::any_of(heads, [&](const Matrix &head) { return !head.col(inputs).isZero(0); });
  if (old.getBias() || hasBias)
    bias = makeConstant(
        builder, old.getBias() ? old.getBias() : old.getWeight(),
        RankedTensorType::get({columns}, getElementTypeOrSelf(old.getBias() ? old.getBias() : old.getWeight())),
        [&](int64_t column) { return at(inputs, column); });
  return LinearOp::create(builder, old.getLoc(), old.getInput(), weight, bias, Value(), UnaryKind::identity);
}

/// [rows.., heads, features], and its dims where the old split had them.
Value makeSplit(OpBuilder &builder, const HeadPath &path, Value projected, int64_t heads) {
  Value old = path.split;
  SmallVector<int64_t> shape;
  SmallVector<Value> sizes;
  for (OpFoldResult dim : path.rowDims) {
    std::optional<int64_t> known = getConstantIntValue(dim);
    shape.push_back(known && isa<Attribute>(dim) ? *known : ShapedType::kDynamic);
    if (auto size = dyn_cast<Value>(dim))
      sizes.push_back(size);
  }
  shape.append({heads, path.features});
  Value split = ReshapeOp::create(builder, old.getLoc(), typeOf(projected).clone(shape), projected, sizes);
  SmallVector<int64_t> perm;
  int64_t row = 0, rank = shape.size();
  for (int64_t axis = 0; axis < rank; ++axis)
    perm.push_back(axis == path.headAxis ? rank - 2 : axis == path.featureAxis ? rank - 1 : row++);
  if (llvm::is_sorted(perm))
    return split;
  return TransposeOp::create(builder, old.getLoc(), split, builder.getDenseI64ArrayAttr(perm));
}

void setCacheHeads(BlockArgument cache, int64_t axis, int64_t heads) {
  SmallVector<int64_t> shape(typeOf(cache).getShape());
  shape[axis] = heads;
  cache.setType(typeOf(cache).clone(shape));
}

/// The path with other heads; what reads dims or returns heads reads the new ones.
/// Each part stands where the old one does, so that it dominates the same readers.
Value rebuildPath(OpBuilder &builder, const HeadPath &path, ArrayRef<Matrix> heads) {
  int64_t count = heads.size(), headAxis = path.headAxis;
  builder.setInsertionPointAfterValue(path.split);
  Value old = path.split, value = makeSplit(builder, path, makeProjection(builder, path, heads), count);
  auto replaceReaders = [&] {
    for (OpOperand &use : llvm::make_early_inc_range(old.getUses()))
      if (isa<func::ReturnOp, tensor::DimOp>(use.getOwner()))
        use.set(value);
  };
  replaceReaders();
  for (Operation *step : path.steps) {
    if (auto transpose = dyn_cast<TransposeOp>(step))
      headAxis = llvm::find(transpose.getPerm(), headAxis) - transpose.getPerm().begin();
    builder.setInsertionPointAfter(step);
    Operation *copy = builder.clone(*step);
    for (OpOperand &operand : copy->getOpOperands()) {
      if (operand.get() == old)
        operand.set(value);
      if (auto cache = dyn_cast<BlockArgument>(operand.get()); cache && llvm::is_contained(path.caches, cache))
        setCacheHeads(cache, headAxis, count);
    }
    SmallVector<int64_t> shape(typeOf(step->getResult(0)).getShape());
    shape[headAxis] = count;
    copy->getResult(0).setType(typeOf(step->getResult(0)).clone(shape));
    old = step->getResult(0);
    value = copy->getResult(0);
    replaceReaders();
  }
  return value;
}

/// `value` with its heads along `axis` in `order`; null and heads that are all
/// alike stay.
Value reorderHeads(OpBuilder &builder, Value value, int64_t axisFromEnd, ArrayRef<int64_t> order) {
  if (!value || llvm::is_sorted(order))
    return value;
  int64_t axis = rankOf(value) - axisFromEnd;
  if (axis < 0 || typeOf(value).getDimSize(axis) == 1)
    return value;
  auto type = RankedTensorType::get({static_cast<int64_t>(order.size())}, builder.getI64Type());
  Value indices = ConstantOp::create(builder, value.getLoc(), type, DenseElementsAttr::get(type, order));
  return GatherOp::create(builder, value.getLoc(), value, indices, builder.getI64IntegerAttr(axis));
}

/// The weight of the output: row (head, feature) where the old one had it.
void rewriteOutput(OpBuilder &builder, const AttentionHeads &match, ArrayRef<Matrix> heads) {
  LinearOp output = match.output;
  RankedTensorType type = typeOf(output.getWeight());
  int64_t columns = type.getDimSize(1), features = match.value.features;
  SmallVector<int64_t> featureOfRow(match.outputRows.size());
  for (auto [id, row] : llvm::enumerate(match.outputRows))
    featureOfRow[row] = id;
  Value weight = makeConstant(builder, output.getWeight(), type, [&](int64_t index) {
    int64_t id = featureOfRow[index / columns];
    return heads[id / features](index % columns, id % features);
  });
  output.getWeightMutable().assign(weight);
}

} // namespace

bool transom::gqa::isFloatConstant(Value value) {
  while (auto *op = value.getDefiningOp()) {
    if (!isFloat(getElementTypeOrSelf(value)))
      return false;
    if (auto constant = dyn_cast<ConstantOp>(op)) {
      int64_t rank = rankOf(value);
      return rank == 1 || rank == 2;
    }
    if (!isa<TransposeOp, CastOp>(op))
      return false;
    value = op->getOperand(0);
  }
  return false;
}

std::optional<Matrix> transom::gqa::constantMatrix(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast_if_present<ConstantOp>(op))
    return attributeMatrix(constant.getValue());
  if (auto transpose = dyn_cast_if_present<TransposeOp>(op)) {
    std::optional<Matrix> source = constantMatrix(transpose.getInput());
    if (source && transpose.getPerm() == ArrayRef<int64_t>{1, 0})
      source->transposeInPlace();
    return source;
  }
  if (auto cast = dyn_cast_if_present<CastOp>(op))
    return constantMatrix(cast.getInput());
  return std::nullopt;
}

std::vector<Matrix> transom::gqa::projectionHeads(const HeadPath &path) {
  LinearOp linear = path.linear;
  Matrix weight = *constantMatrix(linear.getWeight());
  Matrix bias = linear.getBias() ? *constantMatrix(linear.getBias()) : Matrix::Zero(weight.cols(), 1);
  std::vector<Matrix> heads;
  for (int64_t h = 0; h < path.heads; ++h) {
    Matrix head(path.features, weight.rows() + 1);
    for (int64_t i = 0; i < path.features; ++i) {
      int64_t column = path.columns[h * path.features + i];
      head.row(i).head(weight.rows()) = weight.col(column).transpose();
      head(i, weight.rows()) = bias(column, 0);
    }
    heads.push_back(std::move(head));
  }
  return heads;
}

std::vector<Matrix> transom::gqa::outputHeads(const AttentionHeads &match) {
  LinearOp output = match.output;
  Matrix weight = *constantMatrix(output.getWeight());
  int64_t features = match.value.features;
  std::vector<Matrix> heads;
  for (int64_t h = 0; h < match.queryHeads(); ++h) {
    Matrix head(weight.cols(), features);
    for (int64_t i = 0; i < features; ++i)
      head.col(i) = weight.row(match.outputRows[h * features + i]).transpose();
    heads.push_back(std::move(head));
  }
  return heads;
}

/// A normalised value has components of second moment one; scale and bias of the
/// norm follow. What a model does beyond that only its inputs tell.
static Matrix metricOf(Value input, int64_t inputs) {
  Matrix metric = Matrix::Identity(inputs + 1, inputs + 1);
  auto useNorm = [&](Value scale, Value bias) {
    std::optional<Matrix> factors = scale ? constantMatrix(scale) : std::nullopt;
    if (factors && factors->rows() == inputs && factors->cols() == 1)
      metric.topLeftCorner(inputs, inputs) = factors->col(0).cwiseAbs2().asDiagonal();
    std::optional<Matrix> shift = bias ? constantMatrix(bias) : std::nullopt;
    if (!shift || shift->rows() != inputs || shift->cols() != 1)
      return;
    metric.topLeftCorner(inputs, inputs) += *shift * shift->transpose();
    metric.topRightCorner(inputs, 1) = *shift;
    metric.bottomLeftCorner(1, inputs) = shift->transpose();
  };
  while (Operation *op = input.getDefiningOp()) {
    if (auto norm = dyn_cast<RMSNormOp>(op))
      useNorm(norm.getScale(), {});
    else if (auto norm = dyn_cast<LayerNormOp>(op))
      useNorm(norm.getScale(), norm.getBias());
    if (!isa<CastOp, ReshapeOp>(op))
      break;
    input = op->getOperand(0);
  }
  return metric;
}

heads::InputMetric transom::gqa::inputMetric(const AttentionHeads &match) {
  auto of = [](const HeadPath &path) {
    LinearOp linear = path.linear;
    return metricOf(linear.getInput(), typeOf(linear.getWeight()).getDimSize(0));
  };
  return {of(match.query), of(match.key)};
}

void transom::gqa::rewriteAttentionHeads(const AttentionHeads &match, const heads::Merged &merged) {
  AttentionOp old = match.attention;
  OpBuilder builder(old);
  Value query = rebuildPath(builder, match.query, merged.heads.query);
  Value key = rebuildPath(builder, match.key, merged.heads.key);
  Value value = rebuildPath(builder, match.value, merged.heads.value);
  old.getQueryMutable().assign(query);
  old.getKeyMutable().assign(key);
  old.getValueMutable().assign(value);
  builder.setInsertionPoint(old);
  for (auto [operand, axisFromEnd] :
       {std::pair(old.getBias(), 3), {old.getMask(), 3}, {old.getSlopes(), 1}, {old.getSinks(), 1}})
    if (Value ordered = reorderHeads(builder, operand, axisFromEnd, merged.order); ordered && ordered != operand)
      old->replaceUsesOfWith(operand, ordered);
  builder.setInsertionPoint(LinearOp(match.output));
  rewriteOutput(builder, match, merged.heads.output);
  // Last to first: each is read by the next alone, but for a packed projection.
  for (const HeadPath *path : {&match.query, &match.key, &match.value}) {
    for (Operation *step : llvm::reverse(path->steps))
      step->erase();
    Operation *split = path->split.getDefiningOp();
    if (split->use_empty())
      split->erase();
  }
  auto function = old->getParentOfType<func::FuncOp>();
  Operation *terminator = function.front().getTerminator();
  function.setFunctionType(
      FunctionType::get(function.getContext(), function.front().getArgumentTypes(), terminator->getOperandTypes()));
}
