//===- FuseRotary.cpp - rotary positions from slices and tables -----------===//
//
// Expects the tensor layer. Anchors on a sum of two products, one of x and one
// of x rotated by a quarter turn within pairs: halves of the last dim, or
// neighbours; or swapped within pairs, with the signs of the turn in a factor of
// it or in the table. Else tables stay as they come. Then takes in features that
// pass through. Leaves rotations whose tables enlarge x.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"
#include "GraphMatch.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEROTARY
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// A part of the last dim of `source`: every `step`-th feature from `start`.
struct Part {
  Value source;
  int64_t start = 0, step = 1, size = 0;
};

/// A part of [..., n, 2] or [..., 2, n] views of pairs: `x.reshape(..., n, 2)[..., i]`, `x.reshape(..., 2, n)[..., i,
/// :]`.
std::optional<Part> matchPartOfPairs(ReshapeOp reshape) {
  RankedTensorType type = typeOf(reshape);
  int64_t rank = type.getRank();
  auto slice = stripCasts(reshape.getInput()).getDefiningOp<SliceOp>();
  auto pairs = slice ? stripCasts(slice.getInput()).getDefiningOp<ReshapeOp>() : ReshapeOp();
  if (!pairs || rank == 0 || rankOf(slice) != rank + 1 || type.isDynamicDim(rank - 1))
    return std::nullopt;
  int64_t size = type.getDimSize(rank - 1);
  Value source = pairs.getInput();
  SmallVector<int64_t> from(typeOf(pairs).getShape()), to(typeOf(slice).getShape());
  if (rankOf(source) != rank || typeOf(source).getShape().back() != 2 * size ||
      typeOf(source).getShape().drop_back() != type.getShape().drop_back())
    return std::nullopt;
  for (int64_t axis : {rank, rank - 1}) {
    // The dim of a pair is cut and dropped; the others stay.
    SmallVector<int64_t> kept(from);
    kept.erase(kept.begin() + axis);
    if (from[axis] != 2 || to[axis] != 1 || kept != SmallVector<int64_t>(type.getShape()))
      continue;
    SmallVector<int64_t> starts(slice.getStaticStarts());
    int64_t start = std::exchange(starts[axis], 0);
    if (!llvm::all_of(starts, [](int64_t other) { return other == 0; }))
      return std::nullopt;
    return axis == rank ? Part{source, start, 2, size} : Part{source, start * size, 1, size};
  }
  return std::nullopt;
}

/// `value` as a part of the last dim, through slices and views of pairs.
std::optional<Part> matchPart(Value value) {
  value = stripCasts(value);
  RankedTensorType type = typeOf(value);
  if (auto reshape = value.getDefiningOp<ReshapeOp>())
    return matchPartOfPairs(reshape);
  auto slice = value.getDefiningOp<SliceOp>();
  if (!slice || type.isDynamicDim(type.getRank() - 1))
    return std::nullopt;
  RankedTensorType source = typeOf(slice.getInput());
  int64_t last = type.getRank() - 1;
  for (int64_t i = 0; i < last; ++i)
    if (slice.getStaticStarts()[i] != 0 || slice.getSteps()[i] != 1 || source.getDimSize(i) != type.getDimSize(i))
      return std::nullopt;
  if (ShapedType::isDynamic(slice.getStaticStarts()[last]))
    return std::nullopt;
  return Part{slice.getInput(), slice.getStaticStarts()[last], slice.getSteps()[last], type.getDimSize(last)};
}

bool isHalf(const Part &part, Value x, bool second) {
  int64_t width = typeOf(x).getShape().back();
  return same(part.source, x) && part.step == 1 && part.size * 2 == width && part.start == (second ? part.size : 0);
}
bool isEveryOther(const Part &part, Value x, bool odd) {
  return same(part.source, x) && part.step == 2 && part.size * 2 == typeOf(x).getShape().back() && part.start == odd;
}

/// -value, however written.
Value matchNegated(Value value) {
  Affine form = affine(value);
  return form.scale == -1 && form.offset == 0 ? form.core : Value();
}

/// The two tensors that `value` interleaves: reshape(concat([..., n, 1], [..., n, 1])).
std::optional<std::pair<Value, Value>> matchInterleaved(Value value) {
  auto reshape = stripCasts(value).getDefiningOp<ReshapeOp>();
  auto concat = reshape ? stripCasts(reshape.getInput()).getDefiningOp<ConcatOp>() : ConcatOp();
  if (!concat || concat.getInputs().size() != 2 || !isLastDim(concat.getAxis(), concat) ||
      rankOf(concat) != rankOf(reshape) + 1 || typeOf(concat).getShape().back() != 2)
    return std::nullopt;
  SmallVector<Value> parts;
  for (Value input : concat.getInputs()) {
    auto widen = stripCasts(input).getDefiningOp<ReshapeOp>();
    if (!widen || rankOf(widen.getInput()) != rankOf(reshape) || typeOf(widen).getShape().back() != 1)
      return std::nullopt;
    parts.push_back(widen.getInput());
  }
  return std::make_pair(parts[0], parts[1]);
}

/// Two tensors joined as the pairs of one lie: one behind the other, or interleaved.
struct Joined {
  Value first, second;
  bool interleaved;

  /// Whether these are the parts of x in their order.
  bool isWhole(const Part &x1, const Part &x2, Value x) const {
    return interleaved ? isEveryOther(x1, x, false) && isEveryOther(x2, x, true)
                       : isHalf(x1, x, false) && isHalf(x2, x, true);
  }
};

std::optional<Joined> matchJoined(Value value) {
  auto concat = stripCasts(value).getDefiningOp<ConcatOp>();
  if (concat && concat.getInputs().size() == 2 && isLastDim(concat.getAxis(), concat))
    return Joined{concat.getInputs()[0], concat.getInputs()[1], false};
  if (auto pair = matchInterleaved(value))
    return Joined{pair->first, pair->second, true};
  return std::nullopt;
}

struct Rotation {
  Value x;
  bool interleaved = false;
  bool backward = false;    ///< (x2, -x1)
  SmallVector<Value> sines; ///< the table without signs, or its halves, where the signs are there
};

/// (-x2, x1) or (x2, -x1), joined as the pairs of x lie.
std::optional<Rotation> matchRotated(Value value) {
  std::optional<Joined> joined = matchJoined(value);
  if (!joined)
    return std::nullopt;
  auto [first, second, interleaved] = *joined;
  Value forward = matchNegated(first), backward = forward ? Value() : matchNegated(second);
  if (!forward && !backward)
    return std::nullopt;
  std::optional<Part> x2 = matchPart(forward ? forward : first), x1 = matchPart(backward ? backward : second);
  if (!x1 || !x2)
    return std::nullopt;
  Value x = x1->source;
  return joined->isWhole(*x1, *x2, x) ? std::optional(Rotation{x, interleaved, static_cast<bool>(backward), {}})
                                      : std::nullopt;
}

//===-- Swapped, and signs beside -----------------------------------------===//

/// Pairs of x the other way round: (x2, x1).
struct Swapped {
  Value x;
  bool interleaved = false;
  Value signs; ///< what the pairs, seen as a dim of 2, are multiplied by; or null
};

/// A dim of 2, the only one that is reversed; -1 where another one is, or none.
int64_t reversedPair(Value value) {
  SmallVector<int64_t> starts(rankOf(value), 0);
  int64_t axis = -1;
  if (auto slice = value.getDefiningOp<SliceOp>()) {
    for (auto [i, step] : llvm::enumerate(slice.getSteps())) {
      if (step == -1 && axis < 0)
        axis = static_cast<int64_t>(i);
      else if (step != 1)
        return -1;
    }
    if (axis < 0)
      return -1;
    starts[axis] = 1;
    if (ArrayRef<int64_t>(starts) != slice.getStaticStarts() || typeOf(slice) != typeOf(slice.getInput()))
      return -1;
  } else if (auto gather = value.getDefiningOp<GatherOp>()) {
    auto indices = gather.getIndices().getDefiningOp<ConstantOp>();
    auto numbers = indices ? dyn_cast<DenseIntElementsAttr>(indices.getValue()) : DenseIntElementsAttr();
    if (!numbers || rankOf(gather.getIndices()) != 1 || numbers.getNumElements() != 2 ||
        (*numbers.begin()).getSExtValue() != 1 || !(*std::next(numbers.begin())).isZero())
      return -1;
    axis = gather.getAxis();
  }
  return axis >= 0 && typeOf(value.getDefiningOp()->getOperand(0)).getDimSize(axis) == 2 ? axis : -1;
}

std::optional<Swapped> matchSwapped(Value value) {
  value = stripCasts(value);
  if (std::optional<Joined> joined = matchJoined(value)) {
    std::optional<Part> x2 = matchPart(joined->first), x1 = matchPart(joined->second);
    bool fits = x1 && x2 && joined->isWhole(*x1, *x2, x1->source);
    return fits ? std::optional(Swapped{x1->source, joined->interleaved, {}}) : std::nullopt;
  }
  // x.reshape(..., 2, n) or (..., n, 2), with the pairs reversed and maybe given signs.
  auto joined = value.getDefiningOp<ReshapeOp>();
  if (!joined)
    return std::nullopt;
  Swapped found;
  Value pairs = stripCasts(joined.getInput());
  if (auto product = pairs.getDefiningOp<BinaryOp>(); product && product.getKind() == BinaryKind::mul)
    for (unsigned side : {0u, 1u})
      if (product->getOperand(side).getDefiningOp<ConstantOp>()) {
        found.signs = product->getOperand(side);
        pairs = stripCasts(product->getOperand(1 - side));
      }
  int64_t rank = rankOf(joined), axis = pairs.getDefiningOp() ? reversedPair(pairs) : -1;
  auto split = axis >= 0 ? stripCasts(pairs.getDefiningOp()->getOperand(0)).getDefiningOp<ReshapeOp>() : ReshapeOp();
  if (!split || rankOf(split) != rank + 1 || axis < rank - 1 || split.getInput().getType() != joined.getType())
    return std::nullopt;
  // Before the pairs nothing is regrouped.
  if (typeOf(split).getShape().drop_back(2) != typeOf(joined).getShape().drop_back())
    return std::nullopt;
  found.x = split.getInput();
  found.interleaved = axis == rank;
  return found;
}

/// 1 and -1 for the first and second of pairs, as a factor over `shape`'s last dims: the sign of the first, if so.
std::optional<double> signsOfPairs(Value value, ArrayRef<int64_t> shape, bool interleaved, bool arePairsADim) {
  auto constant = value ? value.getDefiningOp<ConstantOp>() : ConstantOp();
  auto numbers = constant ? dyn_cast<DenseFPElementsAttr>(constant.getValue()) : DenseFPElementsAttr();
  if (!numbers || numbers.isSplat())
    return std::nullopt;
  // Along one dim: of the pairs where they are one, else of all features.
  ArrayRef<int64_t> own = typeOf(value).getShape();
  int64_t fromEnd = arePairsADim && !interleaved ? 2 : 1, size = numbers.getNumElements();
  if (static_cast<int64_t>(own.size()) < fromEnd || own[own.size() - fromEnd] != size ||
      size != (arePairsADim ? 2 : shape.back()))
    return std::nullopt;
  double first = 0;
  for (auto [i, number] : llvm::enumerate(numbers.getValues<APFloat>())) {
    bool isSecond = interleaved || arePairsADim ? i % 2 : static_cast<int64_t>(i) >= size / 2;
    double sign = number.convertToDouble() * (isSecond ? -1 : 1);
    if ((sign != 1 && sign != -1) || (i > 0 && sign != first))
      return std::nullopt;
    first = sign;
  }
  return first;
}

/// What a product with signs multiplies, and the sign of the first of each pair.
std::optional<std::pair<Value, double>> underSigns(Value value, bool interleaved) {
  auto product = stripCasts(value).getDefiningOp<BinaryOp>();
  if (product && product.getKind() == BinaryKind::mul)
    for (unsigned side : {0u, 1u})
      if (auto sign = signsOfPairs(product->getOperand(side), typeOf(product).getShape(), interleaved, false))
        return std::pair(product->getOperand(1 - side), *sign);
  return std::nullopt;
}

/// x swapped within pairs, times a table; somewhere are the signs that make a turn of it.
std::optional<Rotation> matchSwappedTurn(Value value, Value table) {
  for (bool interleaved : {false, true})
    if (auto outer = underSigns(value, interleaved))
      if (auto swapped = matchSwapped(outer->first); swapped && swapped->interleaved == interleaved && !swapped->signs)
        return Rotation{swapped->x, interleaved, outer->second > 0, {}};
  std::optional<Swapped> swapped = matchSwapped(value);
  if (!swapped)
    return std::nullopt;
  bool interleaved = swapped->interleaved;
  if (swapped->signs) {
    auto sign = signsOfPairs(swapped->signs, {}, interleaved, true);
    return sign ? std::optional(Rotation{swapped->x, interleaved, *sign > 0, {}}) : std::nullopt;
  }
  // Before they are swapped, the second of each pair is the first of the result.
  if (auto inner = underSigns(swapped->x, interleaved))
    return Rotation{inner->first, interleaved, inner->second < 0, {}};
  if (auto signs = underSigns(table, interleaved))
    return Rotation{swapped->x, interleaved, signs->second > 0, {signs->first}};
  auto halves = stripCasts(table).getDefiningOp<ConcatOp>();
  if (interleaved || !halves || halves.getInputs().size() != 2 || !isLastDim(halves.getAxis(), halves) ||
      halves.getInputs()[0].getType() != halves.getInputs()[1].getType())
    return std::nullopt;
  Value first = halves.getInputs()[0], second = halves.getInputs()[1];
  if (Value negated = matchNegated(first); negated && negated.getType() == second.getType())
    return Rotation{swapped->x, false, false, {negated, second}};
  if (Value negated = matchNegated(second); negated && negated.getType() == first.getType())
    return Rotation{swapped->x, false, true, {first, negated}};
  return std::nullopt;
}

RopeOp createRope(OpBuilder &builder, Location loc, Value x, Value cos, Value sin, bool interleaved) {
  return RopeOp::create(builder, loc, x, cos, sin, builder.getI64IntegerAttr(typeOf(x).getShape().back()),
                        interleaved ? builder.getUnitAttr() : UnitAttr());
}

/// True where `table` broadcasts to x and has `width` as its last dim.
bool isTable(Value table, Value x, int64_t width) {
  RankedTensorType type = typeOf(table), target = typeOf(x);
  if (type.getRank() < 1 || type.getRank() > target.getRank() || type.getShape().back() != width)
    return false;
  for (int64_t i = 2; i <= type.getRank(); ++i) {
    int64_t dim = type.getDimSize(type.getRank() - i), of = target.getDimSize(target.getRank() - i);
    if (dim != 1 && dim != of)
      return false;
  }
  return true;
}

/// x * cos + rotated(x) * sin, or x * cos - (x2, -x1) * sin.
struct FuseRotatedSum : OpRewritePattern<BinaryOp> {
  FuseRotatedSum(MLIRContext *context, Fusion &fusion) : OpRewritePattern(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(BinaryOp op, PatternRewriter &rewriter) const override {
    auto a = stripCasts(op.getLhs()).getDefiningOp<BinaryOp>(), b = stripCasts(op.getRhs()).getDefiningOp<BinaryOp>();
    bool isSum = op.getKind() == BinaryKind::add;
    if ((!isSum && op.getKind() != BinaryKind::sub) || !a || !b || a.getKind() != BinaryKind::mul ||
        b.getKind() != BinaryKind::mul)
      return rewriter.notifyMatchFailure(op, "not a sum of two products");
    for (auto [straight, turned] : {std::pair(a, b), std::pair(b, a)})
      for (unsigned side : {0u, 1u}) {
        auto rotation = matchRotated(turned->getOperand(side));
        if (!rotation)
          rotation = matchSwappedTurn(turned->getOperand(side), turned->getOperand(1 - side));
        if (!rotation)
          continue;
        if (rotation->backward == isSum || (!isSum && turned == a))
          return fusion.nearMiss(rewriter, op, "the pairs are turned backwards");
        Value x = rotation->x, sin = turned->getOperand(1 - side);
        unsigned xSide = same(straight.getLhs(), x) ? 0 : 1;
        if (!same(straight->getOperand(xSide), x))
          return fusion.nearMiss(rewriter, op, "the other product is not of the value that is rotated");
        Value cos = straight->getOperand(1 - xSide);
        if (rotation->sines.size() == 1)
          sin = rotation->sines[0];
        int64_t width = typeOf(x).getShape().back();
        if (typeOf(x).getShape() != typeOf(op).getShape() || !isTable(cos, x, width) || !isTable(sin, x, width))
          return fusion.nearMiss(rewriter, op, "the tables do not broadcast to the rotated value");
        if (rotation->sines.size() == 2)
          sin = ConcatOp::create(rewriter, op.getLoc(), rotation->sines, rankOf(sin) - 1);
        x = castTo(rewriter, op.getLoc(), x, getElementTypeOrSelf(op.getType()));
        rewriter.replaceOp(op, createRope(rewriter, op.getLoc(), x, cos, sin, rotation->interleaved).getResult());
        return success();
      }
    return rewriter.notifyMatchFailure(op, "no factor is a rotation by a quarter turn");
  }

private:
  Fusion &fusion;
};

/// One of the two halves x1 cos - x2 sin and x2 cos + x1 sin.
struct Half {
  Part direct, crossed;
  Value cos, sin;
};

/// A part of a value times a table, and whether that is negated anywhere.
struct SignedProduct {
  Part part;
  Value table;
  bool negative = false;
};
std::optional<SignedProduct> matchSigned(Value value, bool negative) {
  auto withoutSign = [&](Value of) {
    Value negated = matchNegated(of);
    if (!negated || getElementTypeOrSelf(negated) != getElementTypeOrSelf(of))
      return of;
    negative = !negative;
    return negated;
  };
  auto mul = stripCasts(withoutSign(value)).getDefiningOp<BinaryOp>();
  if (!mul || mul.getKind() != BinaryKind::mul)
    return std::nullopt;
  Value lhs = withoutSign(mul.getLhs()), rhs = withoutSign(mul.getRhs());
  if (auto part = matchPart(lhs))
    return SignedProduct{*part, rhs, negative};
  if (auto part = matchPart(rhs))
    return SignedProduct{*part, lhs, negative};
  return std::nullopt;
}

/// A sum of two such products, of which the crossed one has the sign: the negative one where there is one.
std::optional<Half> matchHalf(Value value, bool negative) {
  auto sum = stripCasts(value).getDefiningOp<BinaryOp>();
  if (!sum || (sum.getKind() != BinaryKind::add && sum.getKind() != BinaryKind::sub))
    return std::nullopt;
  auto a = matchSigned(sum.getLhs(), false), b = matchSigned(sum.getRhs(), sum.getKind() == BinaryKind::sub);
  if (!a || !b || (a->negative || b->negative) != negative || (a->negative && b->negative))
    return std::nullopt;
  if (a->negative)
    std::swap(a, b);
  return Half{a->part, b->part, a->table, b->table};
}

/// concat(x1 cos - x2 sin, x2 cos + x1 sin), or the two interleaved.
template <typename OpTy> struct FuseHalves : OpRewritePattern<OpTy> {
  FuseHalves(MLIRContext *context, Fusion &fusion) : OpRewritePattern<OpTy>(context), fusion(fusion) {}
  LogicalResult matchAndRewrite(OpTy op, PatternRewriter &rewriter) const override {
    Value first, second;
    constexpr bool interleaved = std::is_same_v<OpTy, ReshapeOp>;
    if constexpr (interleaved) {
      auto pair = matchInterleaved(op.getResult());
      if (!pair)
        return rewriter.notifyMatchFailure(op, "does not interleave two values");
      std::tie(first, second) = *pair;
    } else {
      if (op.getInputs().size() != 2 || !isLastDim(op.getAxis(), op))
        return rewriter.notifyMatchFailure(op, "does not join two values along the last dim");
      first = op.getInputs()[0];
      second = op.getInputs()[1];
    }
    auto one = matchHalf(first, /*negative=*/true), two = matchHalf(second, /*negative=*/false);
    if (!one || !two)
      return rewriter.notifyMatchFailure(op, "the parts are no rotated halves");
    // The sum commutes: its first product is the one with the cosine.
    if (!same(two->cos, one->cos)) {
      std::swap(two->direct, two->crossed);
      std::swap(two->cos, two->sin);
    }
    if (!same(two->cos, one->cos) || !same(two->sin, one->sin))
      return fusion.nearMiss(rewriter, op, "the halves use different tables");
    Value x = one->direct.source;
    auto is = [&](const Part &part, bool other) {
      return interleaved ? isEveryOther(part, x, other) : isHalf(part, x, other);
    };
    if (!is(one->direct, false) || !is(one->crossed, true) || !is(two->direct, true) || !is(two->crossed, false))
      return fusion.nearMiss(rewriter, op, "the halves are not of one value");
    int64_t width = typeOf(x).getShape().back() / 2;
    if (typeOf(x).getShape() != typeOf(op).getShape() || !isTable(one->cos, x, width) || !isTable(one->sin, x, width))
      return fusion.nearMiss(rewriter, op, "the tables do not broadcast to the rotated value");
    x = castTo(rewriter, op.getLoc(), x, getElementTypeOrSelf(op.getType()));
    rewriter.replaceOp(op, createRope(rewriter, op.getLoc(), x, one->cos, one->sin, interleaved).getResult());
    return success();
  }

private:
  Fusion &fusion;
};

/// concat(rope(x[..., :r]), x[..., r:]) -> rope(x) of the first r features.
struct AbsorbPassThrough : OpRewritePattern<ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ConcatOp op, PatternRewriter &rewriter) const override {
    if (op.getInputs().size() != 2 || !isLastDim(op.getAxis(), op))
      return rewriter.notifyMatchFailure(op, "does not join two values along the last dim");
    auto rope = op.getInputs()[0].getDefiningOp<RopeOp>();
    auto rotated = rope ? matchPart(rope.getInput()) : std::nullopt, rest = matchPart(op.getInputs()[1]);
    if (!rotated || !rest || rotated->source != rest->source || rotated->source.getType() != op.getType())
      return rewriter.notifyMatchFailure(op, "not a rotated and a plain part of one value");
    int64_t width = rope.getRotaryDim();
    if (rotated->start != 0 || rotated->size != width || rotated->step != 1 || rest->start != width ||
        rest->step != 1 || width + rest->size != typeOf(op).getShape().back())
      return rewriter.notifyMatchFailure(op, "the parts do not make up the whole value");
    rewriter.replaceOpWithNewOp<RopeOp>(op, rotated->source, rope.getCos(), rope.getSin(), rope.getRotaryDimAttr(),
                                        rope.getInterleavedAttr());
    return success();
  }
};

struct FuseRotary : transom::impl::FuseRotaryBase<FuseRotary> {
  using FuseRotaryBase::FuseRotaryBase;
  void runOnOperation() override {
    Fusion fusion("rope", remarks);
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseRotatedSum, FuseHalves<ConcatOp>, FuseHalves<ReshapeOp>>(&getContext(), fusion);
    patterns.add<AbsorbPassThrough>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      signalPassFailure();
  }
};

} // namespace
