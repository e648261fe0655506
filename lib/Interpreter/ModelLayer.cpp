//===- ModelLayer.cpp - meanings of norms, rotations, gates, attention ----===//

#include "Meaning.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

static Type resultElement(Operation *op) { return getElementTypeOrSelf(op->getResult(0).getType()); }

/// (x - mean or 0) / sqrt(mean of its squares + epsilon) * scale + bias over the last dims.
static Array normalise(const Array &x, int64_t axis, double epsilon, bool centred, const Array *scale,
                       const Array *bias, Type element) {
  Array result = Array::make(element, x.shape);
  int64_t width = elementsOf(ArrayRef<int64_t>(x.shape).drop_front(axis));
  for (int64_t start = 0; start < x.size(); start += width) {
    double mean = 0, squares = 0;
    for (int64_t i = 0; centred && i < width; ++i)
      mean += x.reals[start + i] / static_cast<double>(width);
    for (int64_t i = 0; i < width; ++i)
      squares += (x.reals[start + i] - mean) * (x.reals[start + i] - mean);
    double root = std::sqrt(squares / static_cast<double>(width) + epsilon);
    for (int64_t i = 0; i < width; ++i)
      result.reals[start + i] = (x.reals[start + i] - mean) / root;
  }
  for (Positions at(x.shape); !at.done(); at.next()) {
    double &value = result.reals[at.flat];
    if (scale)
      value *= scale->real(broadcastPosition(at.indices(), scale->shape));
    if (bias)
      value += bias->real(broadcastPosition(at.indices(), bias->shape));
  }
  return result;
}

static llvm::Expected<Arrays> layerNorm(LayerNormOp op, const Operands &in) {
  return Arrays{normalise(in[op.getInput()], op.getAxis(), op.getEpsilon().convertToDouble(), true,
                          in.optional(op.getScale()), in.optional(op.getBias()), resultElement(op))};
}

static llvm::Expected<Arrays> rmsNorm(RMSNormOp op, const Operands &in) {
  return Arrays{normalise(in[op.getInput()], op.getAxis(), op.getEpsilon().convertToDouble(), false,
                          in.optional(op.getScale()), nullptr, resultElement(op))};
}

static llvm::Expected<Arrays> rope(RopeOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &cos = in[op.getCos()], &sin = in[op.getSin()];
  Array result = x;
  int64_t width = op.getRotaryDim(), half = width / 2, last = x.rank() - 1;
  bool interleaved = op.getInterleaved();
  for (Positions at(x.shape); !at.done(); at.next()) {
    int64_t feature = at[last];
    if (feature >= width)
      continue;
    int64_t pair = interleaved ? feature / 2 : feature % half;
    bool isSecond = interleaved ? feature % 2 : feature >= half;
    // Tables have one factor per pair, or one per feature.
    auto factor = [&](const Array &table) {
      Shape indices(at.indices());
      indices[last] = table.shape.back() == half ? pair : feature;
      return table.real(broadcastPosition(indices, table.shape));
    };
    int64_t partner = at.flat + (isSecond ? -1 : 1) * (interleaved ? 1 : half);
    result.reals[at.flat] = x.reals[at.flat] * factor(cos) + (isSecond ? 1 : -1) * x.reals[partner] * factor(sin);
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> glu(GLUOp op, const Operands &in) {
  const Array &gate = in[op.getGate()], &up = in[op.getUp()];
  auto shape = broadcastShape(gate.shape, up.shape);
  if (!shape)
    return shape.takeError();
  Array result = Array::make(resultElement(op), *shape);
  for (Positions at(*shape); !at.done(); at.next())
    result.reals[at.flat] = applyUnary(op.getActivation(), gate.reals[broadcastPosition(at.indices(), gate.shape)]) *
                            up.reals[broadcastPosition(at.indices(), up.shape)];
  return Arrays{std::move(result)};
}

static double rounded(double x, std::optional<ArrayRef<float>> rounding) {
  if (!rounding)
    return x;
  double step = (*rounding)[0], low = (*rounding)[1], high = (*rounding)[2];
  return step * std::clamp(std::nearbyint(x / step), low, high);
}

namespace {
/// One query row of one head.
class AttentionRow {
public:
  AttentionRow(AttentionOp op, const Operands &in)
      : op(op), query(in[op.getQuery()]), key(in[op.getKey()]), value(in[op.getValue()]),
        bias(in.optional(op.getBias())), mask(in.optional(op.getMask())), lengths(in.optional(op.getKeyLengths())),
        slopes(in.optional(op.getSlopes())), sinks(in.optional(op.getSinks())), rows(query.shape[2]),
        keys(key.shape[2]), features(query.shape[3]), group(query.shape[1] / key.shape[1]) {}

  /// Writes the row's features to `out`.
  void run(int64_t batch, int64_t head, int64_t row, double *out) {
    std::vector<double> weights(keys);
    double top = -std::numeric_limits<double>::infinity();
    for (int64_t at = 0; at < keys; ++at) {
      bool seen = isSeen(batch, head, row, at);
      weights[at] = seen ? score(batch, head, row, at) : -std::numeric_limits<double>::infinity();
      top = std::isnan(weights[at]) ? weights[at] : std::max(top, weights[at]);
    }
    double sink = sinks ? sinks->real(head) : 0;
    if (sinks)
      top = std::max(top, sink);
    if (std::isinf(top) && top < 0)
      top = 0;
    double total = sinks ? std::exp(sink - top) : 0;
    for (double &weight : weights)
      total += weight = std::exp(weight - top);
    int64_t width = value.shape[3];
    std::fill(out, out + width, 0.0);
    for (int64_t at = 0; at < keys; ++at) {
      double weight = rounded(weights[at] / (total == 0 ? 1 : total), op.getProbabilityRounding());
      for (int64_t i = 0; i < width; ++i)
        out[i] += weight * value.reals[flatten({ownBatch(value, batch), head / group, at, i}, value.shape)];
    }
  }

private:
  static int64_t ownBatch(const Array &array, int64_t batch) { return array.shape[0] == 1 ? 0 : batch; }

  double score(int64_t batch, int64_t head, int64_t row, int64_t at) {
    double sum = 0;
    for (int64_t i = 0; i < features; ++i)
      sum += query.reals[flatten({batch, head, row, i}, query.shape)] *
             key.reals[flatten({ownBatch(key, batch), head / group, at, i}, key.shape)];
    double scaled = op.getScale().convertToDouble() * rounded(sum, op.getScoreRounding());
    if (double cap = op.getSoftcap().convertToDouble(); cap != 0)
      scaled = cap * std::tanh(scaled / cap);
    // As wide as kernels have them: a large number in the bias swallows a score.
    bool isDouble = query.element.isF64();
    auto narrow = [&](double x) { return isDouble ? x : static_cast<double>(static_cast<float>(x)); };
    scaled = narrow(scaled);
    if (bias)
      scaled = narrow(scaled + bias->real(broadcastPosition({batch, head, row, at}, bias->shape)));
    if (slopes)
      scaled = narrow(scaled + slopes->real(head) * static_cast<double>(at));
    return scaled;
  }

  bool isSeen(int64_t batch, int64_t head, int64_t row, int64_t at) {
    int64_t length = lengths ? lengths->integers[lengths->size() == 1 ? 0 : batch] : keys;
    int64_t position = row + (op.getCausal() == CausalKind::bottom_right ? length - rows : 0);
    auto left = static_cast<int64_t>(op.getWindowLeft()), right = static_cast<int64_t>(op.getWindowRight());
    return (op.getCausal() == CausalKind::none || at <= position) && (left < 0 || at >= position - left) &&
           (right < 0 || at <= position + right) &&
           (!mask || mask->integers[broadcastPosition({batch, head, row, at}, mask->shape)]) && at < length;
  }

  AttentionOp op;
  const Array &query, &key, &value;
  const Array *bias, *mask, *lengths, *slopes, *sinks;
  int64_t rows, keys, features, group;
};
} // namespace

static llvm::Expected<Arrays> attention(AttentionOp op, const Operands &in) {
  const Array &query = in[op.getQuery()], &value = in[op.getValue()];
  Array result = Array::make(resultElement(op), {query.shape[0], query.shape[1], query.shape[2], value.shape[3]});
  AttentionRow attend(op, in);
  double *out = result.reals.data();
  for (Positions at(ArrayRef<int64_t>(result.shape).drop_back()); !at.done(); at.next(), out += value.shape[3])
    attend.run(at[0], at[1], at[2], out);
  return Arrays{std::move(result)};
}

namespace {
/// The state of one head of a linear attention: [M, D], and the sums of keys [M].
class HeadState {
public:
  HeadState(LinearAttentionOp op, const Operands &in, int64_t batch, int64_t head)
      : key(in[op.getKey()]), value(in[op.getValue()]), batch(batch), head(head), features(key.shape[3]),
        width(value.shape[3]),
        epsilon(op.getEpsilon() ? std::optional(op.getEpsilon()->convertToDouble()) : std::nullopt),
        state(features * width, 0.0), sums(features, 0.0) {
    if (const Array *given = in.optional(op.getState()))
      std::copy_n(given->reals.begin() + flatten({batch, head, 0, 0}, given->shape), state.size(), state.begin());
    if (const Array *given = in.optional(op.getSums()))
      std::copy_n(given->reals.begin() + flatten({batch, head, 0}, given->shape), sums.size(), sums.begin());
  }

  /// What a row [M] of features reads.
  std::vector<double> read(const double *row) const {
    std::vector<double> result(width, 0.0);
    double total = epsilon.value_or(0);
    for (int64_t m = 0; m < features; ++m) {
      total += row[m] * sums[m];
      for (int64_t d = 0; d < width; ++d)
        result[d] += row[m] * state[m * width + d];
    }
    if (epsilon)
      for (double &x : result)
        x /= total;
    return result;
  }
  /// Takes in key `at`, with its value less what `before` reads for it.
  void take(int64_t at, const HeadState *before = nullptr) {
    const double *row = &key.reals[flatten({batch, head, at, 0}, key.shape)];
    const double *added = value.reals.data() + flatten({batch, head, at, 0}, value.shape);
    std::vector<double> known = before ? before->read(row) : std::vector<double>(width, 0.0);
    for (int64_t m = 0; m < features; ++m) {
      sums[m] += row[m];
      for (int64_t d = 0; d < width; ++d)
        state[m * width + d] += row[m] * (added[d] - known[d]);
    }
  }

  const std::vector<double> &entries() const { return state; }
  const std::vector<double> &keySums() const { return sums; }

private:
  const Array &key, &value;
  int64_t batch, head, features, width;
  std::optional<double> epsilon;
  std::vector<double> state, sums;
};
} // namespace

static llvm::Expected<Arrays> linearAttention(LinearAttentionOp op, const Operands &in) {
  const Array &query = in[op.getQuery()], &key = in[op.getKey()], &value = in[op.getValue()];
  Type element = resultElement(op);
  int64_t features = query.shape[3], width = value.shape[3], rows = query.shape[2], keys = key.shape[2];
  Array result = Array::make(element, {query.shape[0], query.shape[1], rows, width});
  Array state = Array::make(element, {query.shape[0], query.shape[1], features, width});
  Array sums = Array::make(element, {query.shape[0], query.shape[1], features});
  double *out = result.reals.data(), *newState = state.reals.data(), *newSums = sums.reals.data();
  Shape heads = {query.shape[0], query.shape[1]};
  for (Positions at(heads); !at.done(); at.next()) {
    HeadState head(op, in, at[0], at[1]);
    const HeadState before = head;
    auto read = [&](int64_t row) {
      std::vector<double> values = head.read(query.reals.data() + flatten({at[0], at[1], row, 0}, query.shape));
      out = std::copy(values.begin(), values.end(), out);
    };
    for (int64_t row = 0; op.getReads() == LinearReads::before && row < rows; ++row)
      read(row);
    for (int64_t k = 0; k < keys; ++k) {
      head.take(k, op.getDelta() ? &before : nullptr);
      if (op.getReads() == LinearReads::causal)
        read(k);
    }
    for (int64_t row = 0; op.getReads() == LinearReads::all && row < rows; ++row)
      read(row);
    newState = llvm::copy(head.entries(), newState);
    newSums = llvm::copy(head.keySums(), newSums);
  }
  return Arrays{std::move(result), std::move(state), std::move(sums)};
}

namespace {
/// One expert of a mixture.
class Expert {
public:
  Expert(MoEOp op, const Operands &in, int64_t number) : op(op), in(in), number(number) {}

  std::vector<double> apply(llvm::ArrayRef<double> row) {
    std::vector<double> wide = layer(row, op.firstLayer());
    int64_t width = op.isGateJoined() ? wide.size() / 2 : wide.size();
    std::vector<double> inner(width);
    std::vector<double> through = op.getUp() ? layer(row, op.upLayer()) : wide;
    for (int64_t i = 0; i < width; ++i) {
      switch (op.getGate()) {
      case ExpertGate::none: inner[i] = applyUnary(op.getActivation(), wide[i]); break;
      case ExpertGate::apart: inner[i] = gated(wide[i], through[i]); break;
      case ExpertGate::halves: inner[i] = gated(wide[i], wide[width + i]); break;
      case ExpertGate::alternating: inner[i] = gated(wide[2 * i], wide[2 * i + 1]); break;
      }
    }
    return layer(inner, op.secondLayer());
  }

private:
  std::vector<double> layer(llvm::ArrayRef<double> row, const MoEOp::Layer &layer) {
    const Array &matrix = in[layer.weight];
    int64_t columns = matrix.shape[op.columnsDim()];
    std::vector<double> result(columns, 0.0);
    for (auto [k, x] : llvm::enumerate(row))
      for (auto [n, sum] : llvm::enumerate(result))
        sum +=
            x * (op.isQuantized() ? dequantized(layer, k, n) : matrix.reals[(number * row.size() + k) * columns + n]);
    if (const Array *added = in.optional(layer.bias))
      for (auto [i, sum] : llvm::enumerate(result))
        sum += added->reals[number * columns + i];
    return result;
  }
  double dequantized(const MoEOp::Layer &layer, int64_t k, int64_t n) {
    const Array &packed = in[layer.weight], &scales = in[layer.scales];
    const Array *zeros = in.optional(layer.zeros);
    int64_t bits = layer.bits(), column = number * packed.shape[1] + n, place = k / layer.block();
    int64_t zero = zeros ? unpack(*zeros, column, place, bits) : int64_t(1) << (bits - 1);
    return static_cast<double>(unpack(packed, column, k, bits) - zero) * scales.reals[column * scales.shape[2] + place];
  }
  /// Number `i` of a row of packed ones, the lowest bits first.
  static int64_t unpack(const Array &packed, int64_t row, int64_t i, int64_t bits) {
    int64_t perByte = 8 / bits;
    return packed.integers[row * packed.shape[2] + i / perByte] >> (i % perByte * bits) & ((1 << bits) - 1);
  }
  double gated(double gate, double through) {
    if (op.getLimit()) {
      double limit = op.getLimit()->convertToDouble();
      gate = std::min(gate, limit);
      through = std::clamp(through, -limit, limit);
    }
    double alpha = op.getAlpha().convertToDouble();
    double open = alpha == 1 ? applyUnary(op.getActivation(), gate) : gate / (1 + std::exp(-alpha * gate));
    return open * (through + op.getBeta().convertToDouble());
  }

  MoEOp op;
  const Operands &in;
  int64_t number;
};
} // namespace

static llvm::Expected<Arrays> moe(MoEOp op, const Operands &in) {
  const Array &tokens = in[op.getTokens()], &experts = in[op.getExperts()], &weights = in[op.getWeights()];
  int64_t hidden = tokens.shape[1], chosen = experts.shape[1], width = in[op.getSecond()].shape[op.columnsDim()];
  Array result = Array::make(resultElement(op), {tokens.shape[0], width});
  for (int64_t i = 0; i < experts.size(); ++i) {
    int64_t number = experts.integers[i], token = i / chosen;
    if (number < 0 || number >= op.countExperts())
      return problem("a token chooses expert " + llvm::Twine(number) + " of " + llvm::Twine(op.countExperts()));
    std::vector<double> given =
        Expert(op, in, number).apply(llvm::ArrayRef<double>(tokens.reals).slice(token * hidden, hidden));
    for (auto [j, value] : llvm::enumerate(given))
      result.reals[token * width + j] += weights.reals[i] * value;
  }
  return Arrays{std::move(result)};
}

void transom::addModelMeanings(Meanings &meanings) {
  MeaningOf<&layerNorm>::add(meanings);
  MeaningOf<&rmsNorm>::add(meanings);
  MeaningOf<&rope>::add(meanings);
  MeaningOf<&glu>::add(meanings);
  MeaningOf<&attention>::add(meanings);
  MeaningOf<&linearAttention>::add(meanings);
  MeaningOf<&moe>::add(meanings);
}
