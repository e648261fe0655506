//===- LinearAttentionMatch.cpp - quotients of sums over features ---------===//

#include "LinearAttentionMatch.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

/// Under views, casts and what repeats values.
Value stripViews(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<ReshapeOp, TransposeOp, BroadcastToOp, CastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// A feature map: positive, elementwise but for stabilisers, of exp or relu; masked or scaled.
bool isFeatureMap(Value value, int depth) {
  value = stripViews(value);
  Operation *op = value.getDefiningOp();
  if (!op || depth == 0)
    return false;
  if (auto unary = dyn_cast<UnaryOp>(op))
    return unary.getKind() == UnaryKind::exp || unary.getKind() == UnaryKind::relu;
  if (auto linear = dyn_cast<LinearOp>(op))
    return linear.getActivation() == UnaryKind::relu;
  // elu(x) + 1: where x is positive x, elsewhere exp(x) - 1.
  if (auto select = dyn_cast<SelectOp>(op))
    return isFeatureMap(select.getOnTrue(), depth - 1) || isFeatureMap(select.getOnFalse(), depth - 1);
  auto binary = dyn_cast<BinaryOp>(op);
  if (!binary)
    return false;
  bool isNumber = scalar(binary.getRhs()).has_value() || scalar(binary.getLhs()).has_value();
  switch (binary.getKind()) {
  case BinaryKind::add:
  case BinaryKind::sub:
  case BinaryKind::div:
    if (!isNumber)
      return false;
    [[fallthrough]];
  case BinaryKind::mul: return isFeatureMap(binary.getLhs(), depth - 1) || isFeatureMap(binary.getRhs(), depth - 1);
  default: return false;
  }
}

SmallVector<Quotient> quotients(func::FuncOp function) {
  SmallVector<Quotient> found;
  function.walk([&](Operation *op) {
    if (auto binary = dyn_cast<BinaryOp>(op); binary && binary.getKind() == BinaryKind::div) {
      found.push_back({op, binary.getLhs(), binary.getRhs()});
      return;
    }
    auto binary = dyn_cast<BinaryOp>(op);
    if (!(binary && binary.getKind() == BinaryKind::mul) && !isa<MatMulOp>(op))
      return;
    for (unsigned side : {0u, 1u}) {
      auto inverse = stripViews(op->getOperand(side)).getDefiningOp<UnaryOp>();
      if (inverse && inverse.getKind() == UnaryKind::reciprocal)
        found.push_back({op, op->getOperand(1 - side), inverse.getInput()});
    }
  });
  return found;
}

Operation *matchGate(Operation *op) {
  Value value = op->getResult(0);
  for (int depth = 0; depth < 8; ++depth) {
    Operation *next = nullptr;
    for (Operation *user : value.getUsers()) {
      auto binary = dyn_cast<BinaryOp>(user);
      if (!isa<ReshapeOp, TransposeOp, CastOp>(user) &&
          !(binary && (binary.getKind() == BinaryKind::mul || binary.getKind() == BinaryKind::add ||
                       binary.getKind() == BinaryKind::sub)))
        continue;
      next = user;
      if (!binary || binary.getKind() == BinaryKind::mul)
        continue;
      for (Value operand : user->getOperands()) {
        Value other = stripViews(operand);
        while (auto product = other.getDefiningOp<BinaryOp>()) {
          if (product.getKind() != BinaryKind::mul && product.getKind() != BinaryKind::sub)
            break;
          bool left = stripViews(product.getLhs()).getDefiningOp<AttentionOp>() != nullptr;
          other = stripViews(left ? product.getLhs() : product.getRhs());
        }
        if (other.getDefiningOp<AttentionOp>())
          return user;
      }
    }
    if (!next)
      return nullptr;
    value = next->getResult(0);
  }
  return nullptr;
}

namespace {

/// A mapping of the labels of one reading to those of another.
class Relabelling {
public:
  /// True where `from` becomes `to`, and nothing else does.
  bool add(int from, int to) {
    if (from == kNoLabel || to == kNoLabel)
      return from == to;
    return forward.try_emplace(from, to).first->second == to && backward.try_emplace(to, from).first->second == from;
  }
  /// True where `a` is `b` with other labels.
  bool add(const Factor &a, const Factor &b) {
    return a.value == b.value && a.labels.size() == b.labels.size() &&
           llvm::all_of(llvm::zip(a.labels, b.labels),
                        [&](auto pair) { return add(std::get<0>(pair), std::get<1>(pair)); });
  }
  std::optional<int> of(int label) const {
    if (label == kNoLabel)
      return label;
    auto found = forward.find(label);
    return found == forward.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Labels> of(const Labels &labels) const {
    Labels mapped;
    for (int label : labels) {
      std::optional<int> to = of(label);
      if (!to)
        return std::nullopt;
      mapped.push_back(*to);
    }
    return mapped;
  }

private:
  llvm::SmallDenseMap<int, int> forward, backward;
};

/// The labels of a term that its result has not.
llvm::SmallSetVector<int, 2> summed(const Term &term, ArrayRef<int> result) {
  llvm::SmallSetVector<int, 2> labels;
  for (const Factor &factor : term.factors)
    for (int label : factor.labels)
      if (label != kNoLabel && !llvm::is_contained(result, label))
        labels.insert(label);
  return labels;
}

bool within(const Factor &factor, ArrayRef<int> allowed) {
  return llvm::all_of(factor.labels,
                      [&](int label) { return label == kNoLabel || llvm::is_contained(allowed, label); });
}

class Matcher {
public:
  Matcher(const Quotient &quotient, Refusal refuse) : quotient(quotient), refuse(refuse) {
    match.quotient = quotient.op;
  }

  FailureOr<LinearAttentionMatch> run();

private:
  struct Reading {
    SumOfProducts above, below;
  };
  FailureOr<LinearAttentionMatch> stop(const Twine &reason) {
    refuse(quotient.op, reason);
    return failure();
  }
  std::optional<Reading> readQuotient(const Quotient &of, const Labels &labels);
  bool readBelow(const Term &term);
  StringRef readAbove(const Term &term);
  StringRef assignDims();
  void findUpdates();
  bool deriveKeys();
  /// A sum of a state and one term more.
  struct Addition {
    Labels labels; ///< of the sum
    Term old, fresh;
    double offset = 0;
    Relabelling relabel; ///< to the labels of the match, as far as the state says them
  };
  std::optional<Addition> additionTo(const Factor &state, Operation *op);
  std::optional<StateUpdate> updateOf(Operation *op, const Factor &state, ArrayRef<Factor> added);
  std::optional<Value> withoutKnown(const Factor &value);

  const Quotient &quotient;
  Refusal refuse;
  SumReader reader;
  LinearAttentionMatch match;
  bool isCausal = false, hasKeys = false;
};

std::optional<Matcher::Reading> Matcher::readQuotient(const Quotient &of, const Labels &labels) {
  Labels aboveLabels, belowLabels;
  Value above = of.numerator, below = of.denominator;
  auto binary = dyn_cast<BinaryOp>(of.op);
  if (binary && binary.getKind() == BinaryKind::div) {
    aboveLabels = broadcastLabels(above, labels);
    belowLabels = broadcastLabels(below, labels);
  } else {
    // A reciprocal, as one factor of a product that sums nothing.
    bool isRight = of.op->getOperand(0) == above;
    Value inverse = of.op->getOperand(isRight ? 1 : 0);
    Labels own = labels;
    if (auto matmul = dyn_cast<MatMulOp>(of.op)) {
      int64_t rank = rankOf(matmul.getResult());
      if (matmul.getTransposeA() || matmul.getTransposeB() || rankOf(above) != rank || rankOf(inverse) != rank ||
          typeOf(matmul.getLhs()).getDimSize(rank - 1) != 1)
        return std::nullopt;
      // [.., M, 1] times [.., 1, N].
      Labels left = labels, right = labels;
      left[rank - 1] = kNoLabel;
      right[rank - 2] = kNoLabel;
      aboveLabels = broadcastLabels(above, isRight ? left : right);
      own = isRight ? right : left;
    } else {
      aboveLabels = broadcastLabels(above, labels);
    }
    Factor under = throughViews(inverse, broadcastLabels(inverse, own));
    auto reciprocal = under.value.getDefiningOp<UnaryOp>();
    if (!reciprocal || reciprocal.getKind() != UnaryKind::reciprocal)
      return std::nullopt;
    below = reciprocal.getInput();
    belowLabels = under.labels;
  }
  // A bound is the least the denominator may be; under it stands what would be one.
  if (auto bound = below.getDefiningOp<BinaryOp>(); bound && bound.getKind() == BinaryKind::max)
    for (auto [sum, least] : {std::pair(bound.getLhs(), bound.getRhs()), std::pair(bound.getRhs(), bound.getLhs())})
      if (scalar(least) && sum.getType() == bound.getType()) {
        below = sum;
        match.bounded = true;
      }
  std::optional<SumOfProducts> top = reader.read(above, aboveLabels);
  std::optional<SumOfProducts> bottom = top ? reader.read(below, belowLabels) : std::nullopt;
  return bottom ? std::optional(Reading{*top, *bottom}) : std::nullopt;
}

/// phi(q) times the sum of phi(k), or times sums that the state has.
bool Matcher::readBelow(const Term &term) {
  auto contracted = summed(term, match.result);
  if (term.factors.size() != 2 || contracted.empty() || contracted.size() > 2 || term.upTo.size() > 1)
    return false;
  for (unsigned side : {0u, 1u}) {
    const Factor &query = term.factors[side], &other = term.factors[1 - side];
    bool isSum = contracted.size() == 1;
    int feature = isSum ? contracted[0] : contracted[query.has(contracted[0]) ? 0 : 1];
    int keyRow = isSum ? kNoLabel : contracted[feature == contracted[0] ? 1 : 0];
    if (!query.has(feature) || !other.has(feature) || query.has(keyRow) || !isFeatureMap(query.value) ||
        (isSum && isFeatureMap(other.value)) || (!isSum && (!other.has(keyRow) || !isFeatureMap(other.value))))
      continue;
    if (match.query.value) {
      // The second term: the same query. Its labels become those of the first.
      Relabelling relabel;
      for (int label : match.result)
        relabel.add(label, label);
      if (!relabel.add(query, match.query))
        return false;
      Factor mapped = other;
      for (int &label : mapped.labels)
        label = label == feature ? match.feature : label;
      (isSum ? match.sums : match.key) = mapped;
    } else {
      match.query = query;
      match.feature = feature;
      (isSum ? match.sums : match.key) = other;
    }
    if (!isSum) {
      match.keyRow = keyRow;
      isCausal = !term.upTo.empty();
      if (isCausal && term.upTo[0].first != keyRow)
        return false;
      match.row = isCausal ? term.upTo[0].second : kNoLabel;
    }
    return isSum || !std::exchange(hasKeys, true);
  }
  return false;
}

/// The same with values, or times the state; why not, or nothing.
StringRef Matcher::readAbove(const Term &term) {
  constexpr StringLiteral otherFactors =
      "the numerator is no product of the denominator's features with values or a state";
  Relabelling relabel;
  for (int label : match.result)
    relabel.add(label, label);
  const Factor *rest = nullptr;
  bool hasQuery = false, hasKey = false;
  for (const Factor &factor : term.factors) {
    if (!hasQuery && factor.value == match.query.value && relabel.add(factor, match.query))
      hasQuery = true;
    else if (!hasKey && term.factors.size() == 3 && factor.value == match.key.value && relabel.add(factor, match.key))
      hasKey = true;
    else if (!rest)
      rest = &factor;
    else
      return otherFactors;
  }
  if (!hasQuery || !rest || (term.factors.size() == 3 && !hasKey))
    return otherFactors;
  Factor mapped = *rest;
  for (int &label : mapped.labels)
    if (std::optional<int> to = relabel.of(label); to)
      label = *to;
    else if (!llvm::is_contained(match.result, label))
      return "the numerator sums over what the denominator does not";
  if (!hasKey) {
    if (!mapped.has(match.feature) || match.state.value || !term.upTo.empty())
      return "the numerator is no product with one state";
    match.state = mapped;
    return "";
  }
  if (match.value.value || !mapped.has(match.keyRow))
    return "the numerator has no values for its keys";
  bool sameOrder = term.upTo.empty() ? !isCausal
                                     : isCausal && term.upTo.size() == 1 && term.upTo[0].second == match.row &&
                                           relabel.of(term.upTo[0].first) == match.keyRow;
  if (!sameOrder)
    return "numerator and denominator see different keys";
  match.value = mapped;
  return "";
}

/// Which dims are batch and heads, rows and columns; why that is not clear, or nothing.
StringRef Matcher::assignDims() {
  auto only = [&](auto isIt) -> std::optional<int> {
    int found = kNoLabel;
    for (int label : match.result)
      if (label != kNoLabel && isIt(label)) {
        if (found != kNoLabel)
          return std::nullopt;
        found = label;
      }
    return found;
  };
  const Factor &right = hasKeys ? match.value : match.state;
  auto column = only([&](int label) { return right.has(label) && !match.query.has(label); });
  auto row = match.row != kNoLabel ? std::optional(match.row) : only([&](int label) {
    return match.query.has(label) && !right.has(label) && !match.key.has(label);
  });
  if (!column || !row || *column == kNoLabel)
    return "it is not clear which dims are rows of queries and columns of values";
  match.column = *column;
  match.row = *row;
  for (int label : match.result)
    if (label != kNoLabel && label != match.row && label != match.column)
      match.leading.push_back(label);
  if (match.leading.size() > 2)
    return "there are more dims than batch and heads before queries and keys";
  auto fits = [&](const Factor &factor, std::initializer_list<int> own) {
    Labels allowed(match.leading.begin(), match.leading.end());
    allowed.append(own);
    return !factor.value || within(factor, allowed);
  };
  if (!fits(match.query, {match.row, match.feature}) || !fits(match.key, {match.keyRow, match.feature}) ||
      !fits(match.value, {match.keyRow, match.column}) || !fits(match.state, {match.feature, match.column}) ||
      !fits(match.sums, {match.feature}))
    return "queries, keys, values and state share other dims than batch and heads";
  return "";
}

/// `op` where it adds one term to `state`, maybe with a number.
std::optional<Matcher::Addition> Matcher::additionTo(const Factor &state, Operation *op) {
  auto sum = dyn_cast<BinaryOp>(op);
  if (!sum || sum.getKind() != BinaryKind::add)
    return std::nullopt;
  Addition found;
  found.labels = reader.labelsFor(sum);
  std::optional<SumOfProducts> read = reader.read(sum, found.labels);
  if (!read || read->terms.size() != 2)
    return std::nullopt;
  bool isFirst = read->terms[0].factors.size() == 1 && read->terms[0].factors[0].value == state.value;
  found.old = read->terms[isFirst ? 0 : 1];
  found.fresh = read->terms[isFirst ? 1 : 0];
  found.offset = read->offset;
  if (found.old.factors.size() != 1 || !found.relabel.add(found.old.factors[0], state))
    return std::nullopt;
  return found;
}

/// `op` where it is `state` + the product of `added` summed over the keys.
std::optional<StateUpdate> Matcher::updateOf(Operation *op, const Factor &state, ArrayRef<Factor> added) {
  std::optional<Addition> addition = additionTo(state, op);
  if (!addition)
    return std::nullopt;
  auto &[labels, old, fresh, offset, relabel] = *addition;
  if (offset != 0 || !old.upTo.empty() || !fresh.upTo.empty() || fresh.factors.size() != added.size() ||
      summed(fresh, labels).size() != 1)
    return std::nullopt;
  for (const Factor &factor : fresh.factors)
    if (llvm::none_of(added, [&](const Factor &other) {
          Relabelling trial = relabel;
          return trial.add(factor, other) && (relabel = trial, true);
        }))
      return std::nullopt;
  std::optional<Labels> mapped = relabel.of(labels);
  return mapped ? std::optional(StateUpdate{op, *mapped}) : std::nullopt;
}

void Matcher::findUpdates() {
  for (auto [state, updates, added] :
       {std::tuple(&match.state, &match.stateUpdates, SmallVector<Factor>{match.key, match.value}),
        std::tuple(&match.sums, &match.sumUpdates, SmallVector<Factor>{match.key})}) {
    if (!state->value)
      continue;
    llvm::SmallSetVector<Operation *, 4> users(state->value.user_begin(), state->value.user_end());
    for (Operation *user : users)
      if (user->getBlock() == quotient.op->getBlock())
        if (auto update = updateOf(user, *state, added))
          updates->push_back(*update);
  }
}

/// v of v - k S / (k z + epsilon), of the state and sums at hand.
std::optional<Value> Matcher::withoutKnown(const Factor &value) {
  auto less = value.value.getDefiningOp<BinaryOp>();
  if (!less || less.getKind() != BinaryKind::sub || less.getLhs().getType() != less.getType())
    return std::nullopt;
  auto division = less.getRhs().getDefiningOp<BinaryOp>();
  if (!division || division.getKind() != BinaryKind::div || division.getType() != less.getType())
    return std::nullopt;
  std::optional<Reading> known = readQuotient({division, division.getLhs(), division.getRhs()}, value.labels);
  if (!known || known->below.offset != match.epsilon || known->above.offset != 0)
    return std::nullopt;
  for (auto [sum, state] : {std::pair(&known->above, &match.state), std::pair(&known->below, &match.sums)}) {
    Relabelling relabel;
    for (int label : value.labels)
      relabel.add(label, label);
    if (sum->terms.size() != 1 || sum->terms[0].factors.size() != 2 || !sum->terms[0].upTo.empty())
      return std::nullopt;
    bool isKeyFirst = sum->terms[0].factors[0].value == match.key.value;
    const Factor &key = sum->terms[0].factors[isKeyFirst ? 0 : 1], &held = sum->terms[0].factors[isKeyFirst ? 1 : 0];
    if (!relabel.add(key, match.key) || !relabel.add(held, *state))
      return std::nullopt;
  }
  return less.getLhs();
}

/// Of a state that is only read: what the keys are that the update of it adds.
bool Matcher::deriveKeys() {
  for (Operation *user : match.state.value.getUsers()) {
    if (user->getBlock() != quotient.op->getBlock())
      continue;
    std::optional<Addition> addition = additionTo(match.state, user);
    if (!addition)
      continue;
    Term &fresh = addition->fresh;
    Relabelling &relabel = addition->relabel;
    auto contracted = summed(fresh, addition->labels);
    if (fresh.factors.size() != 2 || contracted.size() != 1)
      continue;
    match.keyRow = reader.fresh();
    relabel.add(contracted[0], match.keyRow);
    for (unsigned side : {0u, 1u}) {
      std::optional<Labels> key = relabel.of(fresh.factors[side].labels),
                            value = relabel.of(fresh.factors[1 - side].labels);
      if (!key || !value)
        break;
      match.key = {fresh.factors[side].value, *key};
      match.value = {fresh.factors[1 - side].value, *value};
      if (match.key.has(match.feature) && match.key.has(match.keyRow) && isFeatureMap(match.key.value) &&
          match.value.has(match.column) && match.value.has(match.keyRow))
        return true;
    }
  }
  match.key = match.value = {};
  return false;
}

FailureOr<LinearAttentionMatch> Matcher::run() {
  match.result = reader.labelsFor(quotient.op->getResult(0));
  std::optional<Reading> read = readQuotient(quotient, match.result);
  if (!read || read->below.terms.empty() || read->below.terms.size() > 2)
    return failure();
  // Not over features: some other quotient.
  for (const Term &term : read->below.terms)
    if (!readBelow(term))
      return failure();
  if (match.query.value && match.sums.value && isFeatureMap(match.sums.value))
    return failure();
  match.epsilon = read->below.offset;
  if (read->above.offset != 0 || !(match.epsilon >= 0))
    return stop("a number is added to the numerator, or one below zero to the denominator");
  for (const Term &term : read->above.terms)
    if (StringRef reason = readAbove(term); !reason.empty())
      return stop(reason);
  if (bool(match.value.value) != hasKeys || bool(match.state.value) != bool(match.sums.value))
    return stop("numerator and denominator are not of the same keys and states");
  if (StringRef reason = assignDims(); !reason.empty())
    return stop(reason);
  if (hasKeys) {
    match.reads = isCausal ? LinearReads::causal : LinearReads::all;
    findUpdates();
    return match;
  }
  match.reads = LinearReads::before;
  if (!deriveKeys())
    return stop("no sum of the state with keys and values says what is added to the state");
  findUpdates();
  if (std::optional<Value> plain = withoutKnown(match.value)) {
    match.value = throughViews(*plain, match.value.labels);
    match.delta = true;
  }
  return match;
}

} // namespace

FailureOr<LinearAttentionMatch> matchLinearAttention(const Quotient &quotient, Refusal refuse) {
  return Matcher(quotient, refuse).run();
}

} // namespace transom::match
