//===- FuseAttention.cpp - attention from the products around a softmax ---===//
//
// Expects the tensor layer with norms, activations and rotary positions fused,
// products not. Anchors on a softmax between two matrix products, whatever
// feeds them. Afterwards queries, keys and values are [batch, heads, rows,
// features]; scale, masks and biases are the op's own. Leaves softmaxes whose
// probabilities something else computes with; where the model shows them as well, what
// computes them stays for that alone.
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"
#include "Fusion.h"
#include "MaskMatch.h"
#include "Transformer/Analysis/TensorDims.h"
#include "mlir/IR/IRMapping.h"
#include "transom/Transforms/Passes.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::match;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_FUSEATTENTION
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

/// A number that no score outweighs in a row that has others.
constexpr double kSurelyHidden = -1e4;

/// How an operand of a product becomes [batch, heads, rows, features].
enum class View {
  Heads4,      ///< it is that already
  NoHeads,     ///< [batch, rows, features] or less: one head
  Split,       ///< [batch*heads, rows, features]
  Rows,        ///< queries [batch, heads*rows, features], one head of keys for all
  Blocks,      ///< [batch, heads, blocks, rows, features]: blocks are heads
  Grouped,     ///< queries [batch, kv heads, group, rows, features], keys the same with a group of 1
  GroupedRows, ///< queries [batch, kv heads, group*rows, features], scores [batch, kv heads, group, rows, keys]
};

class AttentionBuilder {
public:
  AttentionBuilder(const AttentionMatch &match, OpBuilder &builder, Refusal refuse)
      : match(match), builder(builder), refuse(refuse), loc(match.mix->getLoc()), arith(builder), dims(arith) {
    useSignature();
  }

  /// The value that replaces the product with the values, or null.
  Value build();

private:
  Value stop(const Twine &reason) {
    refuse(match.scores, reason);
    return {};
  }
  void useSignature();
  bool chooseView();
  bool chooseGroupedRows();
  Value reshape(Value value, ArrayRef<Dim> to);
  Value swapRows(Value value);
  Value peelScale(Value value);
  Value toHeads(Value value, bool isQuery);
  Value broadcast(Value value, ArrayRef<Dim> wide);
  Value toWholeBatch(Value value);
  Value toScores(Value value, bool inner);
  Value toFour(Value value);
  void removeUnless(Value keep);
  bool takeFinite(Value keep);
  bool takeFilled(Value value, double factor);
  bool addTerm(const ScoreTerm &term);
  bool takeSink();
  /// `inner` scales below the rounding.
  DenseF32ArrayAttr roundingAttr(const std::optional<Rounding> &rounding, double inner) {
    if (!rounding)
      return {};
    return builder.getDenseF32ArrayAttr({static_cast<float>(rounding->step / inner), static_cast<float>(rounding->low),
                                         static_cast<float>(rounding->high)});
  }
  Value number(double value, Type element) {
    auto type = RankedTensorType::get({}, element);
    return ConstantOp::create(builder, loc, DenseElementsAttr::get(type, builder.getFloatAttr(element, value)));
  }

  const AttentionMatch &match;
  OpBuilder &builder;
  Refusal refuse;
  Location loc;
  SizeArith arith;
  TensorDims dims;
  View view = View::Heads4;
  Dims scores;        ///< dims of the product of queries and keys
  Dims queryHeads;    ///< [batch, heads, rows] of the queries
  double scale = 1.0; ///< from queries and keys
  Value bias, mask, sinks;
  std::optional<PositionLimits> limits;
};

/// Dims of entry arguments that share a name are the size read first.
void AttentionBuilder::useSignature() {
  auto function = match.mix->getParentOfType<func::FuncOp>();
  llvm::DenseMap<StringAttr, Value> sizes;
  for (tensor::DimOp dim : function.getBody().front().getOps<tensor::DimOp>()) {
    std::optional<int64_t> index = dim.getConstantIndex();
    StringAttr name = index ? symbolOf(dim.getSource(), *index) : StringAttr();
    bool above = match.mix->getBlock() != dim->getBlock() || dim->isBeforeInBlock(match.mix);
    if (name && above)
      sizes.try_emplace(name, dim);
  }
  for (BlockArgument argument : function.getArguments())
    if (auto type = dyn_cast<RankedTensorType>(argument.getType()))
      for (int64_t i = 0; i < type.getRank(); ++i)
        if (auto found = sizes.find(symbolOf(argument, i)); type.isDynamicDim(i) && found != sizes.end())
          arith.alias(argument, i, Dim(found->second));
}

Value AttentionBuilder::reshape(Value value, ArrayRef<Dim> to) {
  auto [shape, sizes] = splitDims(to);
  RankedTensorType type = RankedTensorType::get(shape, getElementTypeOrSelf(value));
  if (value.getType() == type && (type.getNumDynamicDims() <= 1 || to == ArrayRef<Dim>(dims.of(value))))
    return value;
  Value result = ReshapeOp::create(builder, loc, type, value, sizes);
  dims.set(result, Dims(to));
  return result;
}

/// Last two dims swapped, where possible by undoing a transpose.
Value AttentionBuilder::swapRows(Value value) {
  int64_t rank = rankOf(value);
  SmallVector<int64_t> swap = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  std::swap(swap[rank - 1], swap[rank - 2]);
  if (auto inner = value.getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> perm;
    for (int64_t axis : swap)
      perm.push_back(inner.getPerm()[axis]);
    if (llvm::equal(perm, llvm::seq<int64_t>(0, rank)))
      return inner.getInput();
    return TransposeOp::create(builder, loc, inner.getInput(), perm);
  }
  // A reshape of the leading dims alone commutes with the swap.
  if (auto view = value.getDefiningOp<ReshapeOp>(); view && view.getInput().getDefiningOp<TransposeOp>()) {
    Dims from = dims.of(view.getInput()), to = dims.of(value);
    size_t f = from.size(), t = to.size();
    if (f >= 2 && sameSize(from[f - 1], to[t - 1]) && sameSize(from[f - 2], to[t - 2])) {
      std::swap(to[t - 1], to[t - 2]);
      return reshape(swapRows(view.getInput()), to);
    }
  }
  return TransposeOp::create(builder, loc, value, swap);
}

/// Takes numbers that multiply all of `value` into `scale`.
Value AttentionBuilder::peelScale(Value value) {
  Operation *op = value.getDefiningOp();
  if (auto binary = dyn_cast_if_present<BinaryOp>(op)) {
    std::optional<double> lhs = scalar(binary.getLhs()), rhs = scalar(binary.getRhs());
    bool isScale = (binary.getKind() == BinaryKind::mul && (lhs || rhs)) ||
                   (binary.getKind() == BinaryKind::div && rhs && *rhs != 0);
    Value scaled = lhs ? binary.getRhs() : binary.getLhs();
    if (!isScale || scaled.getType() != value.getType())
      return value;
    scale *= binary.getKind() == BinaryKind::div ? 1 / *rhs : (lhs ? *lhs : *rhs);
    return peelScale(scaled);
  }
  // Under a view the number moves out when the view is made again.
  if (!isa_and_present<TransposeOp, ReshapeOp>(op))
    return value;
  double before = scale;
  Value inner = peelScale(op->getOperand(0));
  if (scale == before)
    return value;
  IRMapping mapping;
  mapping.map(op->getOperand(0), inner);
  return builder.clone(*op, mapping)->getResult(0);
}

bool AttentionBuilder::chooseView() {
  auto product = cast<MatMulOp>(match.scores);
  int64_t rank = rankOf(product);
  // By hand: the dims of a broadcast would check what the product has checked.
  Dims left = dims.of(product.getLhs()), right = dims.of(product.getRhs());
  size_t rows = left.size() - (product.getTransposeA() ? 1 : 2);
  for (size_t i = 0; i + 2 < size_t(rank); ++i) {
    bool fromLeft = left.size() == size_t(rank) && SizeArith::asConstant(left[i]) != 1;
    scores.push_back(fromLeft || right.size() != size_t(rank) ? left[i + left.size() - rank] : right[i]);
  }
  scores.append({left[rows], right[right.size() - (product.getTransposeB() ? 2 : 1)]});
  if (rank == 5 && !match.scoreView) {
    RankedTensorType keys = typeOf(product.getRhs()), queries = typeOf(product.getLhs());
    if (keys.getRank() != 5 || queries.getRank() != 5 || queries.isDynamicDim(1) || queries.isDynamicDim(2))
      return stop("products of rank 5 with heads of unknown number"), false;
    view = keys.getDimSize(2) == 1 ? View::Grouped : View::Blocks;
    if (view == View::Blocks && keys.getShape().slice(1, 2) != queries.getShape().slice(1, 2))
      return stop("queries and keys differ in heads or blocks"), false;
    queryHeads = {scores[0], arith.mul(loc, scores[1], scores[2]), scores[3]};
    return true;
  }
  if (match.mergedView) {
    Dims merged = dims.of(match.mergedView);
    if (rank != 3 || !match.scoreView || !sameSize(merged[1], scores[1], true) || !sameSize(merged[2], scores[2], true))
      return stop("the softmax is not over the keys of the product"), false;
  }
  if (match.windowView && rank != 4)
    return stop("windows of scores of other than four dims"), false;
  if (rank > 4)
    return stop("products of rank " + Twine(rank)), false;
  if (rank == 4 && match.scoreView)
    return chooseGroupedRows();
  if (rank == 4) {
    view = View::Heads4;
    queryHeads = {scores[0], scores[1], scores[2]};
    return true;
  }
  if (!match.scoreView) {
    view = View::NoHeads;
    queryHeads = {rank == 3 ? scores[0] : arith.constant(1), arith.constant(1), scores[rank - 2]};
    return true;
  }
  Dims outer = dims.of(match.scoreView);
  if (rank != 3 || outer.size() != 4 || !sameSize(outer[3], scores[2], true))
    return stop("the scores are reshaped to something else than heads"), false;
  queryHeads = {outer[0], outer[1], outer[2]};
  Dim batch = dims.of(product.getLhs())[0];
  Value values = cast<MatMulOp>(match.mix).getRhs();
  Dims valueDims = dims.of(values);
  // Values may keep their batch and heads apart.
  bool apart = valueDims.size() == 4 && sameSize(valueDims[0], outer[0]) && sameSize(valueDims[1], outer[1]);
  if (rankOf(product.getRhs()) != 3 || !sameSize(dims.of(product.getRhs())[0], batch) ||
      (!apart && (valueDims.size() != 3 || !sameSize(valueDims[0], batch))))
    return stop("queries, keys and values differ in their merged batch and heads"), false;
  if (sameSize(outer[2], scores[1], true))
    view = View::Split;
  else if (!apart && sameSize(outer[0], scores[0], true))
    view = View::Rows;
  else
    return stop("the scores are reshaped to something else than heads"), false;
  return true;
}

/// Rows of several query heads that share a head of keys, one after the other.
bool AttentionBuilder::chooseGroupedRows() {
  Dims outer = dims.of(match.scoreView);
  auto mix = cast<MatMulOp>(match.mix);
  auto is = [&](size_t i, Dim size) { return sameSize(outer[i], size); };
  if (outer.size() != 5 || !is(0, scores[0]) || !is(1, scores[1]) || !is(4, scores[3]) ||
      !SizeArith::asConstant(outer[1]) || !SizeArith::asConstant(outer[2]))
    return stop("the scores of four dims are reshaped"), false;
  if (rankOf(cast<MatMulOp>(match.scores).getRhs()) != 4 || rankOf(mix) != 4 || rankOf(mix.getRhs()) != 4)
    return stop("keys or values of grouped heads are not [batch, heads, rows, features]"), false;
  view = View::GroupedRows;
  queryHeads = {outer[0], arith.mul(loc, outer[1], outer[2]), outer[3]};
  return true;
}

Value AttentionBuilder::toHeads(Value value, bool isQuery) {
  Dims from = dims.of(value);
  Dim one = arith.constant(1);
  switch (view) {
  case View::Heads4:
    while (from.size() < 4)
      from.insert(from.begin(), one);
    return reshape(value, from);
  case View::NoHeads: {
    while (from.size() < 3)
      from.insert(from.begin(), one);
    return reshape(value, {from[0], one, from[1], from[2]});
  }
  case View::Split:
    return from.size() == 4 ? value
                            : reshape(value, {queryHeads[0], queryHeads[1], from[from.size() - 2], from.back()});
  case View::Rows:
    if (isQuery)
      return reshape(value, {queryHeads[0], queryHeads[1], queryHeads[2], from.back()});
    return reshape(value, {from.size() == 3 ? from[0] : one, one, from[from.size() - 2], from.back()});
  case View::GroupedRows:
    return isQuery ? reshape(value, {queryHeads[0], queryHeads[1], queryHeads[2], from.back()}) : value;
  case View::Blocks:
  case View::Grouped: return reshape(value, {from[0], arith.mul(loc, from[1], from[2]), from[3], from[4]});
  }
  llvm_unreachable("all views are handled");
}

Value AttentionBuilder::toFour(Value value) {
  Dims from = dims.of(value);
  while (from.size() < 4)
    from.insert(from.begin(), arith.constant(1));
  return reshape(value, from);
}

Value AttentionBuilder::broadcast(Value value, ArrayRef<Dim> wide) {
  auto [shape, sizes] = splitDims(wide);
  value = BroadcastToOp::create(builder, loc, typeOf(value).clone(shape), value, sizes);
  dims.set(value, Dims(wide));
  return value;
}

/// What is added to scores of batch and windows apart, for both in one.
Value AttentionBuilder::toWholeBatch(Value value) {
  Dims from = dims.of(value), apart = dims.of(match.windowView);
  while (from.size() < 5)
    from.insert(from.begin(), arith.constant(1));
  value = broadcast(reshape(value, from), {apart[0], apart[1], from[2], from[3], from[4]});
  return reshape(value, {scores[0], from[2], from[3], from[4]});
}

/// A value that broadcasts to the scores, so that it broadcasts to four dims.
Value AttentionBuilder::toScores(Value value, bool inner) {
  Dims from = dims.of(value);
  Dim one = arith.constant(1);
  if (view == View::NoHeads) {
    while (from.size() < 3)
      from.insert(from.begin(), one);
    return reshape(value, {from[0], one, from[1], from[2]});
  }
  if (view == View::GroupedRows && inner)
    return stop("a mask or bias of grouped rows");
  if (view == View::Blocks || view == View::Grouped || view == View::GroupedRows) {
    Dims apart = view == View::GroupedRows ? dims.of(match.scoreView) : scores;
    while (from.size() < 5)
      from.insert(from.begin(), one);
    if (SizeArith::asConstant(from[1]) == 1 && SizeArith::asConstant(from[2]) == 1)
      return reshape(value, {from[0], one, from[3], from[4]});
    // Broadcast over heads and blocks, which are then one dim.
    Dims wide = {from[0], apart[1], apart[2], from[3], from[4]};
    value = reshape(value, from);
    if (SizeArith::asConstant(from[1]) != SizeArith::asConstant(wide[1]) ||
        SizeArith::asConstant(from[2]) != SizeArith::asConstant(wide[2]))
      value = broadcast(value, wide);
    return reshape(value, {wide[0], arith.mul(loc, wide[1], wide[2]), wide[3], wide[4]});
  }
  if (inner && from.size() == 3 && SizeArith::asConstant(from[0]) != 1) {
    if (view != View::Split)
      return stop("a bias of merged rows");
    return reshape(value, {queryHeads[0], queryHeads[1], from[1], from[2]});
  }
  if (inner && view == View::Rows && from.size() >= 2 && SizeArith::asConstant(from[from.size() - 2]) != 1)
    return stop("a bias of merged rows");
  return toFour(value);
}

/// Removes what is not in `keep`, as limits on positions as far as it is that.
void AttentionBuilder::removeUnless(Value keep) {
  Value left = takeLimits(builder, loc, keep, *limits);
  if (!left)
    return;
  left = toFour(left);
  mask = mask ? BinaryOp::create(builder, loc, BinaryKind::and_, mask, left).getResult() : left;
}

/// True where large negative numbers by position alone became limits. Rows that
/// see no key at all are uniform in a softmax and zero in an attention, so every
/// row has to see one, and nothing else may hide it.
bool AttentionBuilder::takeFinite(Value keep) {
  if (match.terms.size() != 1)
    return false;
  SmallVector<Value> conjuncts;
  splitMask(builder, loc, keep, true, conjuncts);
  PositionLimits found = *limits;
  for (Value conjunct : conjuncts) {
    std::optional<IndexForm> form = positionPredicate(conjunct);
    if (!form || !(PositionLimits::isAlways(*form) || found.takeCausal(*form)))
      return false;
  }
  if (!found.leaveSome())
    return false;
  limits = found;
  return true;
}

bool AttentionBuilder::addTerm(const ScoreTerm &term) {
  Value value = toScores(term.windowed ? toWholeBatch(term.value) : term.value, term.inner);
  if (!value)
    return false;
  Type element = getElementTypeOrSelf(match.softmaxInput);
  if (term.kind == ScoreTerm::Replace && !getElementTypeOrSelf(value).isInteger(1))
    value = castTo(builder, loc, value, builder.getI1Type());
  if (term.kind == ScoreTerm::Replace && std::isinf(term.factor) && match.floor)
    return addTerm({ScoreTerm::Replace, term.value, *match.floor, term.keep, term.inner, term.windowed});
  if (term.kind == ScoreTerm::Replace) {
    Value keep = term.keep ? value : UnaryOp::create(builder, loc, UnaryKind::not_, value).getResult();
    if (std::isinf(term.factor)) {
      removeUnless(keep);
      return true;
    }
    if (term.factor <= kSurelyHidden && takeFinite(keep))
      return true;
    // Added, a number that swallows any score does what replacing does, in rows
    // that are masked throughout as well: so small ones are made larger, and f16,
    // which has no such number, wider.
    if (getElementTypeOrSelf(element).isF16())
      element = builder.getF32Type();
    Value kept = number(0, element), filled = number(std::min(term.factor, -1e30), element);
    value = SelectOp::create(builder, loc, value, term.keep ? kept : filled, term.keep ? filled : kept);
  } else {
    // select(keep, 0, -inf) is a mask.
    auto select = term.value.getDefiningOp<SelectOp>();
    if (select && term.factor > 0) {
      std::optional<double> onTrue = scalar(select.getOnTrue()), onFalse = scalar(select.getOnFalse());
      constexpr double kRemoved = -std::numeric_limits<double>::infinity();
      bool keeps = onTrue == 0.0 && onFalse == kRemoved, removes = onTrue == kRemoved && onFalse == 0.0;
      if (keeps || removes)
        if (typeOf(select.getCondition()).getShape() == typeOf(select).getShape())
          return addTerm({ScoreTerm::Replace, select.getCondition(), kRemoved, keeps, term.inner, term.windowed});
    }
    if (takeFilled(value, term.factor))
      return true;
    if (term.factor != 1)
      value = BinaryOp::create(builder, loc, BinaryKind::mul, value, number(term.factor, getElementTypeOrSelf(value)));
  }
  if (bias && getElementTypeOrSelf(bias) != getElementTypeOrSelf(value)) {
    bool isWider = getElementTypeOrSelf(value).isF32();
    (isWider ? bias : value) =
        castTo(builder, loc, isWider ? bias : value, getElementTypeOrSelf(isWider ? value : bias));
  }
  bias = bias ? BinaryOp::create(builder, loc, BinaryKind::add, bias, value).getResult() : value;
  return true;
}

/// A bias that is zero or one large negative number by position alone.
bool AttentionBuilder::takeFilled(Value value, double factor) {
  std::optional<Filled> filled = filledByPosition(value);
  if (!filled || filled->fill * factor > kSurelyHidden)
    return false;
  IndexForm kept{SizePolynomial(-1) - filled->where.offset, {}};
  for (const SizePolynomial &coefficient : filled->where.coefficients)
    kept.coefficients.push_back(SizePolynomial(0) - coefficient);
  PositionLimits found = *limits;
  if (!found.takeCausal(kept))
    return false;
  if (!std::isinf(filled->fill) && (match.terms.size() != 1 || !found.leaveSome()))
    return false;
  limits = found;
  return true;
}

/// The column after the last key as one number per query head.
bool AttentionBuilder::takeSink() {
  if (!match.sink)
    return true;
  if (view != View::Heads4 || rankOf(match.scored) != 4)
    return stop("a sink in scores that are not [batch, heads, queries, keys]"), false;
  if (!sameSize(dims.of(match.kept)[3], scores[3], true))
    return stop("the probabilities without the sink are not those of all keys"), false;
  Value column = stripCasts(match.sink);
  while (auto broadcast = column.getDefiningOp<BroadcastToOp>())
    column = stripCasts(broadcast.getInput());
  SmallVector<int64_t> shape(typeOf(column).getShape());
  int64_t heads = typeOf(match.scored).getDimSize(1);
  shape.insert(shape.begin(), 4 - std::min<size_t>(shape.size(), 4), 1);
  if (shape != SmallVector<int64_t>{1, heads, 1, 1} || ShapedType::isDynamic(heads))
    return stop("the sink is no number per head"), false;
  sinks = castTo(builder, loc, reshape(column, {arith.constant(heads)}), getElementTypeOrSelf(match.mix->getResult(0)));
  return true;
}

Value AttentionBuilder::build() {
  auto product = cast<MatMulOp>(match.scores), mix = cast<MatMulOp>(match.mix);
  if (!chooseView())
    return {};
  bool apart = view == View::Split && rankOf(mix) == 4;
  if (rankOf(mix) != rankOf(product) && !apart)
    return stop("the products have different ranks");
  Type element = getElementTypeOrSelf(mix.getType());
  if (element.isF64())
    return stop("attention is computed in f32, this in f64");
  auto operand = [&](Value value, bool swapped, bool isQuery) {
    Value peeled = peelScale(stripCasts(value));
    if (swapped)
      peeled = swapRows(peeled);
    return castTo(builder, loc, toHeads(stripCasts(peeled), isQuery), element);
  };
  Value query = operand(product.getLhs(), product.getTransposeA(), true);
  Value key = operand(product.getRhs(), !product.getTransposeB(), false);
  Value values = stripCasts(mix.getRhs());
  if (mix.getTransposeB())
    values = swapRows(values);
  values = castTo(builder, loc, toHeads(values, false), element);

  RankedTensorType q = typeOf(query), k = typeOf(key), v = typeOf(values);
  auto differ = [](int64_t a, int64_t b) { return !ShapedType::isDynamic(a) && !ShapedType::isDynamic(b) && a != b; };
  if (k.getDimSize(1) != v.getDimSize(1))
    return stop("keys and values have different numbers of heads");
  if (ShapedType::isDynamic(q.getDimSize(1)) ? k.getDimSize(1) != 1 && !ShapedType::isDynamic(k.getDimSize(1))
                                             : q.getDimSize(1) != k.getDimSize(1) && k.getDimSize(1) != 1 &&
                                                   view != View::Grouped && view != View::GroupedRows)
    return stop("the keys' heads broadcast to no group of query heads");
  if (q.getDimSize(0) == 1 && k.getDimSize(0) != 1)
    return stop("one batch of queries for several of keys");
  if (differ(q.getDimSize(3), k.getDimSize(3)))
    return stop("queries and keys differ in features");
  // Kernels keep a head's features in registers and on the stack.
  if (ShapedType::isDynamic(q.getDimSize(3)) || ShapedType::isDynamic(v.getDimSize(3)))
    return stop("the features of a head are not known when compiling");
  limits.emplace(dims.of(query)[2], dims.of(key)[2]);
  for (const ScoreTerm &term : match.terms)
    if (!addTerm(term))
      return {};
  // A score changes nothing next to the floor, so the sum of the masks alone is kept from falling below it.
  if (match.floor && bias)
    bias = BinaryOp::create(builder, loc, BinaryKind::max, bias, number(*match.floor, getElementTypeOrSelf(bias)));
  if (!takeSink())
    return {};
  if (match.scoreRounding && scale <= 0)
    return stop("the scores are rounded and negated");

  auto attention =
      AttentionOp::create(builder, loc, query, key, values, bias, mask, /*key_lengths=*/Value(), /*slopes=*/Value(),
                          sinks, builder.getF32FloatAttr(static_cast<float>(match.scale * scale)),
                          CausalKindAttr::get(builder.getContext(), limits->causal),
                          builder.getF32FloatAttr(static_cast<float>(match.softcap)),
                          builder.getI64IntegerAttr(limits->windowLeft), builder.getI64IntegerAttr(limits->windowRight),
                          roundingAttr(match.scoreRounding, scale), roundingAttr(match.probabilityRounding, 1.0));
  attention->setLoc(fusedLocation(mix, attention));
  if (attention.getType() == mix.getType())
    return attention;
  Dims result = apart ? queryHeads : scores;
  if (apart)
    result.push_back(scores.back());
  result.back() = dims.of(values).back();
  return reshape(attention, result);
}

/// cast(attention(cast(q), cast(k), cast(v))) -> attention(q, k, v): its sums are in
/// f32 anyway.
struct AbsorbCasts : OpRewritePattern<CastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CastOp op, PatternRewriter &rewriter) const override {
    auto attention = op.getInput().getDefiningOp<AttentionOp>();
    Type narrow = getElementTypeOrSelf(op.getType());
    if (!attention || !attention->hasOneUse() || !isa<FloatType>(narrow) || narrow.getIntOrFloatBitWidth() >= 32 ||
        !getElementTypeOrSelf(attention.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "no attention in f32 that is narrowed");
    SmallVector<Value> inputs;
    for (Value input : {attention.getQuery(), attention.getKey(), attention.getValue()}) {
      auto widen = input.getDefiningOp<CastOp>();
      if (!widen || getElementTypeOrSelf(widen.getInput()) != narrow)
        return rewriter.notifyMatchFailure(op, "queries, keys and values are not widened from the result's type");
      inputs.push_back(widen.getInput());
    }
    rewriter.setInsertionPoint(attention);
    rewriter.replaceOpWithNewOp<AttentionOp>(
        op, inputs[0], inputs[1], inputs[2], attention.getBias(), attention.getMask(), attention.getKeyLengths(),
        attention.getSlopes(), attention.getSinks(), attention.getScaleAttr(), attention.getCausalAttr(),
        attention.getSoftcapAttr(), attention.getWindowLeftAttr(), attention.getWindowRightAttr(),
        attention.getScoreRoundingAttr(), attention.getProbabilityRoundingAttr());
    return success();
  }
};

struct FuseAttention : transom::impl::FuseAttentionBase<FuseAttention> {
  using FuseAttentionBase::FuseAttentionBase;
  void runOnOperation() override {
    Fusion fusion("attention", remarks);
    getOperation().walk(limitMask);
    SmallVector<SoftmaxOp> softmaxes;
    getOperation().walk([&](SoftmaxOp softmax) { softmaxes.push_back(softmax); });
    for (SoftmaxOp found : softmaxes) {
      SoftmaxOp softmax = straightenScores(found);
      auto refuse = [&](Operation *op, const Twine &reason) { fusion.nearMiss(op ? op : softmax, reason); };
      FailureOr<AttentionMatch> match = matchAttention(softmax, refuse);
      if (failed(match))
        continue;
      OpBuilder builder(match->mix);
      if (Value result = AttentionBuilder(*match, builder, refuse).build())
        match->mix->getResult(0).replaceAllUsesWith(result);
    }
    RewritePatternSet patterns(&getContext());
    patterns.add<AbsorbCasts>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns), GreedyRewriteConfig().setListener(&fusion))))
      return signalPassFailure();
    // The attention is there; what it nearly is, is one of groups.
    Fusion grouping("grouped attention", remarks);
    auto ungrouped = [&](Operation *op, const Twine &reason) { grouping.nearMiss(op, reason); };
    RewritePatternSet repeats(&getContext());
    populateUnrepeatPatterns(repeats, ungrouped);
    repeats.add<AbsorbCasts>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(repeats), GreedyRewriteConfig().setListener(&grouping))))
      signalPassFailure();
  }
};

} // namespace
