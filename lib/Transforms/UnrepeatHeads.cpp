//===- UnrepeatHeads.cpp - grouped attention on unrepeated heads ----------===//
//
// Exporters repeat the heads of keys and values for grouped-query attention
// (expand and reshape, or a gather of each index n times). Both repeated alike,
// attention reads them as they were. Anchors on attention; leaves repeats in
// another order (head h from h modulo the heads) and unequal ones.
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"

using namespace mlir;
using namespace transom::match;
using namespace transom::transformer;

namespace {

/// A tensor [.., heads, ..] whose heads were each repeated `times` times.
struct Repeat {
  Value source;                 ///< before the repeat
  int64_t times = 1, heads = 0; ///< heads before the repeat
  int64_t axis = 1;             ///< of the heads in `source`
  bool isExpanded = false;      ///< `source` has a dim of 1 after the heads
  SmallVector<Value> sizes;     ///< dynamic dims of the source without that dim
  TransposeOp transpose;        ///< from `source`'s layout to attention's
};

SmallVector<OpFoldResult> dimsOf(RankedTensorType type, ValueRange sizes) {
  Builder builder(type.getContext());
  SmallVector<OpFoldResult> dims;
  unsigned next = 0;
  for (int64_t dim : type.getShape())
    dims.push_back(ShapedType::isDynamic(dim) ? OpFoldResult(sizes[next++]) : OpFoldResult(builder.getIndexAttr(dim)));
  return dims;
}

/// reshape(broadcast_to([.., heads, 1, ..] -> [.., heads, n, ..])) -> [.., heads*n, ..].
std::optional<Repeat> matchExpanded(ReshapeOp reshape, int64_t axis) {
  Value wideValue = reshape.getInput();
  while (auto inner = wideValue.getDefiningOp<ReshapeOp>()) // only the last dims count
    wideValue = inner.getInput();
  auto expand = wideValue.getDefiningOp<BroadcastToOp>();
  if (!expand || rankOf(reshape) != 4 || rankOf(expand) != 5 || rankOf(expand.getInput()) != 5)
    return std::nullopt;
  RankedTensorType from = typeOf(expand.getInput()), wide = typeOf(expand);
  int64_t heads = from.getDimSize(axis), times = wide.getDimSize(axis + 1);
  if (from.getDimSize(axis + 1) != 1 || ShapedType::isDynamic(heads) || ShapedType::isDynamic(times) ||
      wide.getDimSize(axis) != heads || typeOf(reshape).getDimSize(axis) != heads * times)
    return std::nullopt;
  auto before = dimsOf(wide, expand.getDims()), after = dimsOf(typeOf(reshape), reshape.getDims());
  before.erase(before.begin() + axis + 1);
  for (int64_t i = 0; i < 4; ++i)
    if (i != axis &&
        (!sameSize(before[i], after[i]) || from.getDimSize(i < axis ? i : i + 1) != typeOf(reshape).getDimSize(i)))
      return std::nullopt;
  return Repeat{expand.getInput(), times, heads, axis, true, SmallVector<Value>(reshape.getDims()), {}};
}

/// gather along the heads with indices 0, 0, 1, 1, ...
std::optional<Repeat> matchGathered(GatherOp gather, int64_t axis) {
  auto constant = gather.getIndices().getDefiningOp<ConstantOp>();
  auto indices = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : DenseIntElementsAttr();
  RankedTensorType from = typeOf(gather.getInput());
  if (!indices || rankOf(gather.getIndices()) != 1 || gather.getAxis() != axis || from.getRank() != 4 ||
      from.isDynamicDim(axis) || indices.getNumElements() % from.getDimSize(axis) != 0)
    return std::nullopt;
  int64_t heads = from.getDimSize(axis), times = indices.getNumElements() / heads, next = 0;
  for (const APInt &index : indices.getValues<APInt>())
    if (index.getSExtValue() != next++ / times)
      return std::nullopt;
  return Repeat{gather.getInput(), times, heads, axis, false, {}, {}};
}

std::optional<Repeat> matchRepeat(Value value) {
  int64_t axis = 1;
  auto transpose = value.getDefiningOp<TransposeOp>();
  if (transpose) {
    if (rankOf(value) != 4)
      return std::nullopt;
    axis = transpose.getPerm()[1];
    value = transpose.getInput();
  }
  std::optional<Repeat> repeat;
  if (auto reshape = value.getDefiningOp<ReshapeOp>())
    repeat = matchExpanded(reshape, axis);
  else if (auto gather = value.getDefiningOp<GatherOp>())
    repeat = matchGathered(gather, axis);
  if (repeat)
    repeat->transpose = transpose;
  return repeat && repeat->times > 1 ? repeat : std::nullopt;
}

Value unrepeated(PatternRewriter &rewriter, Location loc, const Repeat &repeat) {
  Value value = repeat.source;
  if (repeat.isExpanded) {
    SmallVector<int64_t> shape(typeOf(value).getShape());
    shape.erase(shape.begin() + repeat.axis + 1);
    value = ReshapeOp::create(rewriter, loc, typeOf(value).clone(shape), value, repeat.sizes);
  }
  if (TransposeOp transpose = repeat.transpose)
    value = TransposeOp::create(rewriter, loc, value, transpose.getPerm());
  return value;
}

struct UnrepeatHeads : OpRewritePattern<AttentionOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    std::optional<Repeat> key = matchRepeat(op.getKey()), value = matchRepeat(op.getValue());
    if (!key && !value)
      return rewriter.notifyMatchFailure(op, "neither keys nor values are repeated");
    if (!key || !value || key->times != value->times || key->heads != value->heads)
      return rewriter.notifyMatchFailure(op, "keys and values are not repeated alike");
    Value newKey = unrepeated(rewriter, op.getLoc(), *key), newValue = unrepeated(rewriter, op.getLoc(), *value);
    rewriter.modifyOpInPlace(op, [&] {
      op.getKeyMutable().assign(newKey);
      op.getValueMutable().assign(newValue);
    });
    return success();
  }
};

} // namespace

void transom::match::populateUnrepeatPatterns(RewritePatternSet &patterns) {
  patterns.add<UnrepeatHeads>(patterns.getContext());
}
