//===- UnrepeatHeads.cpp - grouped attention on unrepeated heads ----------===//
//
// Exporters repeat the heads of keys and values for grouped-query attention
// (expand, tile or concatenate and reshape, or a gather of each index n times).
// Both repeated alike, attention reads them as they were. Anchors on attention;
// leaves repeats in another order (head h from h modulo the heads) and unequal ones.
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

/// What has a dim of 1 where `value` repeats it along `axis`: by broadcast, tile or concatenation with itself.
Value narrowed(Value value, int64_t axis) {
  Operation *op = value.getDefiningOp();
  if (auto concat = dyn_cast_if_present<ConcatOp>(op)) {
    bool isCopy = llvm::all_of(concat.getInputs(), [&](Value input) { return input == concat.getInputs()[0]; });
    return isCopy && static_cast<int64_t>(concat.getAxis()) == axis ? concat.getInputs()[0] : Value();
  }
  return isa_and_present<BroadcastToOp, TileOp>(op) ? op->getOperand(0) : Value();
}

/// reshape([.., heads, 1, ..] repeated to [.., heads, n, ..]) -> [.., heads*n, ..].
std::optional<Repeat> matchExpanded(ReshapeOp reshape, int64_t axis) {
  Value wideValue = reshape.getInput();
  while (auto inner = wideValue.getDefiningOp<ReshapeOp>()) // only the last dims count
    wideValue = inner.getInput();
  Value narrow = narrowed(wideValue, axis + 1);
  if (!narrow || rankOf(reshape) != 4 || rankOf(wideValue) != 5 || rankOf(narrow) != 5)
    return std::nullopt;
  RankedTensorType from = typeOf(narrow), wide = typeOf(wideValue);
  int64_t heads = from.getDimSize(axis), times = wide.getDimSize(axis + 1);
  if (from.getDimSize(axis + 1) != 1 || ShapedType::isDynamic(heads) || ShapedType::isDynamic(times) ||
      wide.getDimSize(axis) != heads || typeOf(reshape).getDimSize(axis) != heads * times)
    return std::nullopt;
  // All other dims are those of what is repeated.
  auto after = dimsOf(typeOf(reshape), reshape.getDims());
  auto broadcast = wideValue.getDefiningOp<BroadcastToOp>();
  auto before = broadcast ? dimsOf(wide, broadcast.getDims()) : SmallVector<OpFoldResult>();
  for (int64_t i = 0; i < 4; ++i) {
    int64_t of = i < axis ? i : i + 1;
    if (i != axis && (from.getDimSize(of) != typeOf(reshape).getDimSize(i) ||
                      !(broadcast ? sameSize(before[of], after[i]) : dimIs(narrow, of, after[i]))))
      return std::nullopt;
  }
  return Repeat{narrow, times, heads, axis, true, SmallVector<Value>(reshape.getDims()), {}};
}

/// gather along the heads with indices 0, 0, 1, 1, ...
std::optional<Repeat> matchGathered(GatherOp gather, int64_t axis) {
  auto constant = gather.getIndices().getDefiningOp<ConstantOp>();
  auto indices = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : DenseIntElementsAttr();
  RankedTensorType from = typeOf(gather.getInput());
  if (!indices || rankOf(gather.getIndices()) != 1 || static_cast<int64_t>(gather.getAxis()) != axis ||
      from.getRank() != 4 || from.isDynamicDim(axis) || indices.getNumElements() % from.getDimSize(axis) != 0)
    return std::nullopt;
  int64_t heads = from.getDimSize(axis), times = indices.getNumElements() / heads, next = 0;
  for (const APInt &index : indices.getValues<APInt>())
    if (index.getSExtValue() != next++ / times)
      return std::nullopt;
  return Repeat{gather.getInput(), times, heads, axis, false, {}, {}};
}

/// Whole sets of heads one behind the other: head h is head h modulo their number.
bool isRepeatedInTurn(Value value) {
  int64_t axis = 1;
  if (auto transpose = value.getDefiningOp<TransposeOp>(); transpose && rankOf(value) == 4) {
    axis = transpose.getPerm()[1];
    value = transpose.getInput();
  }
  if (auto reshape = value.getDefiningOp<ReshapeOp>()) {
    Value narrow = narrowed(reshape.getInput(), axis);
    return narrow && rankOf(value) == 4 && rankOf(reshape.getInput()) == 5 && rankOf(narrow) == 5 &&
           typeOf(narrow).getDimSize(axis) == 1 && typeOf(narrow).getDimSize(axis + 1) != 1;
  }
  if (auto gather = value.getDefiningOp<GatherOp>()) {
    auto constant = gather.getIndices().getDefiningOp<ConstantOp>();
    auto indices = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : DenseIntElementsAttr();
    if (!indices || rankOf(gather.getInput()) != 4)
      return false;
    int64_t heads = typeOf(gather.getInput()).getDimSize(axis), next = 0;
    return static_cast<int64_t>(gather.getAxis()) == axis && heads > 0 && indices.getNumElements() > heads &&
           llvm::all_of(indices.getValues<APInt>(),
                        [&](const APInt &index) { return index.getSExtValue() == next++ % heads; });
  }
  Value narrow = value.getDefiningOp<BroadcastToOp>() ? Value() : narrowed(value, axis);
  return narrow && rankOf(narrow) == 4 && typeOf(narrow).getDimSize(axis) != 1 &&
         typeOf(narrow).getDimSize(axis) != typeOf(value).getDimSize(axis);
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
  UnrepeatHeads(MLIRContext *context, Refusal refuse) : OpRewritePattern(context), refuse(refuse) {}
  LogicalResult matchAndRewrite(AttentionOp op, PatternRewriter &rewriter) const override {
    std::optional<Repeat> key = matchRepeat(op.getKey()), value = matchRepeat(op.getValue());
    auto stop = [&](const Twine &reason) {
      refuse(op, reason);
      return rewriter.notifyMatchFailure(op, reason);
    };
    if (!key && !value) {
      if (isRepeatedInTurn(op.getKey()) && isRepeatedInTurn(op.getValue()))
        return stop("heads are repeated in turn, query head h reads head h modulo their number: no groups");
      return rewriter.notifyMatchFailure(op, "neither keys nor values are repeated");
    }
    if (!key || !value || key->times != value->times || key->heads != value->heads)
      return stop("keys and values are not repeated alike");
    Value newKey = unrepeated(rewriter, op.getLoc(), *key), newValue = unrepeated(rewriter, op.getLoc(), *value);
    rewriter.modifyOpInPlace(op, [&] {
      op.getKeyMutable().assign(newKey);
      op.getValueMutable().assign(newValue);
    });
    return success();
  }

private:
  Refusal refuse;
};

} // namespace

void transom::match::populateUnrepeatPatterns(RewritePatternSet &patterns, Refusal refuse) {
  patterns.add<UnrepeatHeads>(patterns.getContext(), refuse);
}
