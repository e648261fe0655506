//===- ImportRecurrent.cpp - RNN, GRU, LSTM -------------------------------===//
//
// The products with the inputs of all steps are one; a loop carries the states.
//
//===----------------------------------------------------------------------===//

#include "LoopForm.h"

using namespace mlir;
using namespace transom;
using tf::BinaryKind;
using tf::CompareKind;
using tf::Dim;
using tf::UnaryKind;

namespace {
/// One direction of a recurrent layer.
class Layer {
public:
  Layer(NodeImport &n, int64_t gates) : n(n), gates(gates) {}
  virtual ~Layer() = default;

  LogicalResult run();

protected:
  /// The next states from what the input and the states give; `state[0]` is the hidden one.
  virtual SmallVector<Value> step(Value input, ArrayRef<Value> state) = 0;
  virtual bool hasCell() const { return false; }
  /// The recurrent weights' share of the bias is added to the input's, unless a gate needs it apart.
  virtual bool addsBoth() const { return true; }

  Value add(Value a, Value b) { return n.binary(BinaryKind::add, a, b); }
  Value sub(Value a, Value b) { return n.binary(BinaryKind::sub, a, b); }
  Value mul(Value a, Value b) { return n.binary(BinaryKind::mul, a, b); }
  Value one() { return n.scalar(element, 1); }
  /// Columns of gate `i`.
  Value gate(Value x, int64_t i, int64_t axis = 1) { return n.slice(x, axis, n.size(i * hidden), n.size(hidden)); }
  Value activate(size_t i, Value x) { return n.unary(activations[direction * perDirection + i], x); }

  NodeImport &n;
  int64_t gates, hidden = 0, direction = 0;
  size_t perDirection = 1;
  Type element;
  SmallVector<UnaryKind> activations;
  Value recurrent, recurrentBias, peepholes; ///< of this direction

private:
  LogicalResult readActivations();
  Value ofDirection(Value x) { return n.squeeze(n.slice(x, 0, n.size(direction), n.size(1)), {0}); }
  LogicalResult runDirection(Value x, bool backward, SmallVectorImpl<Value> &all,
                             SmallVectorImpl<SmallVector<Value>> &last);
};

LogicalResult Layer::readActivations() {
  const auto *list = n.attr("activations");
  int64_t directions = n.string("direction", "forward") == "bidirectional" ? 2 : 1;
  perDirection = gates == 4 ? 3 : gates == 3 ? 2 : 1;
  if (n.hasAttr("activation_alpha") || n.hasAttr("activation_beta"))
    return n.fail("activation_alpha and activation_beta are not supported", "Sigmoid, Tanh and Relu need none");
  if (n.hasAttr("clip"))
    return n.fail("clip is not supported");
  if (!list) {
    for (int64_t d = 0; d < directions; ++d)
      for (size_t i = 0; i < perDirection; ++i)
        activations.push_back(perDirection > 1 && i == 0 ? UnaryKind::sigmoid : UnaryKind::tanh);
    return success();
  }
  for (const std::string &name : list->strings()) {
    StringRef lower = name;
    auto kind = lower.equals_insensitive("sigmoid")    ? std::optional(UnaryKind::sigmoid)
                : lower.equals_insensitive("tanh")     ? std::optional(UnaryKind::tanh)
                : lower.equals_insensitive("relu")     ? std::optional(UnaryKind::relu)
                : lower.equals_insensitive("softplus") ? std::optional(UnaryKind::softplus)
                                                       : std::nullopt;
    if (!kind)
      return n.fail("activation '" + name + "' is not supported", "Sigmoid, Tanh, Relu and Softplus are");
    activations.push_back(*kind);
  }
  if (activations.size() != directions * perDirection)
    return n.fail("there are " + Twine(activations.size()) + " activations, " + Twine(directions * perDirection) +
                  " are expected");
  return success();
}

LogicalResult Layer::runDirection(Value x, bool backward, SmallVectorImpl<Value> &all,
                                  SmallVectorImpl<SmallVector<Value>> &last) {
  Dims in = n.dims(x); // [T, B, I]
  Value weight = ofDirection(n.in(1)), bias;
  recurrent = ofDirection(n.in(2));
  int64_t width = gates * hidden;
  if (n.has(3)) {
    Value both = ofDirection(n.in(3));
    bias = n.slice(both, 0, n.size(0), n.size(width));
    recurrentBias = n.slice(both, 0, n.size(width), n.size(width));
    if (addsBoth()) {
      bias = add(bias, recurrentBias);
      recurrentBias = Value();
    }
  }
  peepholes = n.has(7) ? ofDirection(n.in(7)) : Value();
  Value given = n.matmul(x, weight, false, true);
  if (bias)
    given = add(given, bias);

  LoopForm form;
  form.scans = 1;
  form.iterations = in[0];
  Type i64 = n.builder.getI64Type();
  auto scalar = [&](Dim dim) { return n.reshape(n.fromSizes({dim}, RankedTensorType::get({1}, i64)), {}); };
  form.count = scalar(in[0]);
  Value nothing = n.broadcast(n.scalar(element, 0), {in[1], n.size(hidden)});
  Dims states = {n.dims(n.in(1))[0], in[1], n.size(hidden)};
  for (size_t i : {5, 6})
    if (n.has(i))
      for (auto [axis, wanted] : llvm::enumerate(states))
        n.require(n.dims(n.in(i))[axis], wanted);
  if (n.has(4))
    n.require(n.dims(n.in(4))[0], in[1]);
  for (size_t i = 0; i < (hasCell() ? 2 : 1); ++i)
    form.inits.push_back(n.has(5 + i) ? ofDirection(n.in(5 + i)) : nothing);
  Value lengths = n.has(4) ? n.unsqueeze(n.cast(n.in(4), i64), {1}) : Value();
  form.body = [&](Value iteration, Value condition, ArrayRef<Value> state) -> FailureOr<SmallVector<Value>> {
    Value at =
        backward ? n.binary(BinaryKind::sub, scalar(n.sizes.sub(n.loc, in[0], n.size(1))), iteration) : iteration;
    SmallVector<Value> next = step(n.gather(given, at, 0), state);
    Value shown = next[0];
    if (lengths) { // beyond its length, a sequence keeps its state and gives zeros
      Value inside = n.compare(CompareKind::lt, at, lengths);
      for (auto [value, before] : llvm::zip_equal(next, state))
        value = n.select(inside, value, before);
      shown = n.select(inside, shown, n.scalar(element, 0));
    }
    SmallVector<Value> yields = {condition};
    llvm::append_range(yields, next);
    yields.push_back(shown);
    return yields;
  };
  auto results = makeLoop(n, form);
  if (failed(results))
    return failure();
  Value shown = results->pop_back_val();
  if (backward) {
    Dims starts(3, n.size(0));
    starts[0] = n.sizes.sub(n.loc, in[0], n.size(1));
    shown = n.slice(shown, starts, n.dims(shown), {-1, 1, 1});
  }
  all.push_back(n.unsqueeze(shown, {1}));
  last.push_back(*results);
  return success();
}

LogicalResult Layer::run() {
  Value x = n.in(0);
  hidden = n.shape(n.in(2)).back();
  element = n.element(x);
  if (ShapedType::isDynamic(hidden))
    return n.fail("the hidden size must be known when compiling");
  if (failed(readActivations()))
    return failure();
  bool batchFirst = n.integer("layout", 0) != 0;
  if (batchFirst) {
    if (n.has(5) || n.has(6))
      return n.fail("initial states with layout 1 are not supported", "use layout 0");
    x = n.transpose(x, {1, 0, 2});
  }
  std::string way = n.string("direction", "forward");
  SmallVector<bool> backward =
      way == "bidirectional" ? SmallVector<bool>{false, true} : SmallVector<bool>{way == "reverse"};
  SmallVector<Value> all;
  SmallVector<SmallVector<Value>> last;
  for (bool back : backward) {
    if (failed(runDirection(x, back, all, last)))
      return failure();
    ++direction;
  }
  Value shown = n.concat(all, 1); // [T, D, B, H]
  n.out(0, batchFirst ? n.transpose(shown, {2, 0, 1, 3}) : shown);
  for (size_t i = 0; i < last[0].size(); ++i) {
    SmallVector<Value> states;
    for (auto &ofOne : last)
      states.push_back(n.unsqueeze(ofOne[i], {0}));
    Value joined = n.concat(states, 0); // [D, B, H]
    n.out(1 + i, batchFirst ? n.transpose(joined, {1, 0, 2}) : joined);
  }
  return success();
}

class RNN : public Layer {
public:
  explicit RNN(NodeImport &n) : Layer(n, 1) {}
  SmallVector<Value> step(Value input, ArrayRef<Value> state) override {
    return {activate(0, add(input, n.matmul(state[0], recurrent, false, true)))};
  }
};

/// Gates z, r, h.
class GRU : public Layer {
public:
  explicit GRU(NodeImport &n) : Layer(n, 3), before(n.integer("linear_before_reset", 0) != 0) {}
  bool addsBoth() const override { return false; }
  SmallVector<Value> step(Value input, ArrayRef<Value> state) override {
    Value h = state[0];
    auto rows = [&](int64_t i) { return gate(recurrent, i, 0); };
    auto own = [&](int64_t i, Value from) {
      Value product = n.matmul(from, rows(i), false, true);
      return recurrentBias ? add(product, gate(recurrentBias, i, 0)) : product;
    };
    Value z = activate(0, add(gate(input, 0), own(0, h))), r = activate(0, add(gate(input, 1), own(1, h)));
    Value inner = before ? mul(r, own(2, h)) : own(2, mul(r, h));
    Value made = activate(1, add(gate(input, 2), inner));
    return {add(mul(sub(one(), z), made), mul(z, h))};
  }

private:
  bool before;
};

/// Gates i, o, f, c.
class LSTM : public Layer {
public:
  explicit LSTM(NodeImport &n) : Layer(n, 4) {}
  bool hasCell() const override { return true; }
  SmallVector<Value> step(Value input, ArrayRef<Value> state) override {
    Value h = state[0], c = state[1], all = add(input, n.matmul(h, recurrent, false, true));
    auto seen = [&](Value x, int64_t i, Value cell) {
      return peepholes ? add(x, mul(cell, gate(peepholes, i, 0))) : x;
    };
    Value i = activate(0, seen(gate(all, 0), 0, c)), f = activate(0, seen(gate(all, 2), 2, c));
    Value next = add(mul(f, c), mul(i, activate(1, gate(all, 3))));
    Value o = activate(0, seen(gate(all, 1), 1, next));
    return {mul(o, activate(2, next)), next};
  }
};

LogicalResult rnn(NodeImport &n) { return RNN(n).run(); }
LogicalResult gru(NodeImport &n) { return GRU(n).run(); }
LogicalResult lstm(NodeImport &n) {
  if (n.integer("input_forget", 0))
    return n.fail("input_forget is not supported");
  return LSTM(n).run();
}
} // namespace

void transom::addRecurrentRules(RuleTable &rules) {
  rules["RNN"] = rnn;
  rules["GRU"] = gru;
  rules["LSTM"] = lstm;
}
