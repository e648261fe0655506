//===- Spatial.cpp - meanings of convolution, pooling, resizing -----------===//

#include "Meaning.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

/// The element of `x` that a window reads, or -1 in the padding.
static int64_t windowed(const Array &x, ArrayRef<int64_t> outer, ArrayRef<int64_t> out, ArrayRef<int64_t> tap,
                        ArrayRef<int64_t> strides, ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations) {
  Shape indices(outer);
  for (size_t i = 0; i < tap.size(); ++i) {
    int64_t at = out[i] * strides[i] + tap[i] * dilations[i] - pads[i];
    if (at < 0 || at >= x.shape[outer.size() + i])
      return -1;
    indices.push_back(at);
  }
  return flatten(indices, x.shape);
}

static llvm::Expected<Arrays> conv(ConvOp op, const Operands &in) {
  const Array &x = in[op.getInput()], &weight = in[op.getWeight()];
  const Array *bias = in.optional(op.getBias());
  ArrayRef<int64_t> strides = op.getStrides(), pads = op.getPads(), dilations = op.getDilations();
  int64_t spatial = x.rank() - 2, group = op.getGroup(), channels = weight.shape[1];
  if (x.shape[1] != channels * group)
    return problem(x.text() + " has not the channels of " + Twine(group) + " groups of " + weight.text());
  Shape shape = {x.shape[0], weight.shape[0]};
  for (int64_t i = 0; i < spatial; ++i)
    shape.push_back(
        (x.shape[i + 2] + pads[i] + pads[i + spatial] - dilations[i] * (weight.shape[i + 2] - 1) - 1) / strides[i] + 1);
  Array result = Array::make(x.element, shape);
  ArrayRef<int64_t> kernel = ArrayRef<int64_t>(weight.shape).drop_front(2);
  for (Positions at(shape); !at.done(); at.next()) {
    double sum = bias ? bias->real(at[1]) : 0;
    int64_t first = at[1] / (weight.shape[0] / group) * channels;
    for (int64_t channel = 0; channel < channels; ++channel)
      for (Positions tap(kernel); !tap.done(); tap.next()) {
        int64_t from =
            windowed(x, {at[0], first + channel}, at.indices().drop_front(2), tap.indices(), strides, pads, dilations);
        if (from < 0)
          continue;
        Shape place = {at[1], channel};
        llvm::append_range(place, tap.indices());
        sum += x.real(from) * weight.real(flatten(place, weight.shape));
      }
    if (result.isFloat())
      result.reals[at.flat] = sum;
    else
      result.integers[at.flat] = static_cast<int64_t>(sum);
  }
  return Arrays{std::move(result)};
}

static llvm::Expected<Arrays> pool(PoolOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  ArrayRef<int64_t> kernel = op.getKernel(), strides = op.getStrides(), pads = op.getPads(),
                    dilations = op.getDilations();
  int64_t spatial = x.rank() - 2;
  Shape shape = {x.shape[0], x.shape[1]};
  for (int64_t i = 0; i < spatial; ++i) {
    int64_t size = x.shape[i + 2], room = size + pads[i] + pads[i + spatial] - dilations[i] * (kernel[i] - 1) - 1;
    int64_t out = (op.getCeilMode() ? (room + strides[i] - 1) / strides[i] : room / strides[i]) + 1;
    // A window must start inside the input or its left padding.
    shape.push_back(op.getCeilMode() && (out - 1) * strides[i] >= size + pads[i] ? out - 1 : out);
  }
  bool isMax = op.getKind() == ReduceKind::max;
  Array result = Array::make(x.element, shape);
  for (Positions at(shape); !at.done(); at.next()) {
    double value = isMax ? -std::numeric_limits<double>::infinity() : 0;
    int64_t count = 0;
    for (Positions tap(kernel); !tap.done(); tap.next()) {
      ArrayRef<int64_t> out = at.indices().drop_front(2);
      int64_t from = windowed(x, {at[0], at[1]}, out, tap.indices(), strides, pads, dilations);
      // Padding counts where it was asked for; what a rounded-up size adds beyond it never does.
      bool inPadding = true;
      for (int64_t i = 0; i < spatial; ++i)
        inPadding &= out[i] * strides[i] + tap[i] * dilations[i] < x.shape[i + 2] + pads[i] + pads[i + spatial];
      count += from >= 0 || (op.getCountPad() && inPadding);
      if (from >= 0)
        value = isMax ? std::max(value, x.real(from)) : value + x.real(from);
    }
    if (!isMax)
      value /= static_cast<double>(count);
    if (result.isFloat())
      result.reals[at.flat] = value;
    else
      result.integers[at.flat] = static_cast<int64_t>(value);
  }
  return Arrays{std::move(result)};
}

namespace {
using Taps = SmallVector<std::pair<int64_t, double>, 4>;

/// One dim of a resize.
struct ResizedDim {
  int64_t in, out;
  float given; ///< scale, 0 for the ratio of the sizes
  StringRef mode, coordinates, nearestMode;
  double cubic;

  float scale() const { return given > 0 ? given : static_cast<float>(out) / static_cast<float>(in); }
  /// In f32, as ONNX Runtime computes it.
  float coordinate(int64_t at) const {
    auto x = static_cast<float>(at), size = static_cast<float>(out), input = static_cast<float>(in);
    float halfPixel = (x + 0.5f) / scale() - 0.5f;
    if (coordinates == "asymmetric")
      return x / scale();
    if (coordinates == "pytorch_half_pixel")
      return out < 2 ? 0 : halfPixel;
    if (coordinates == "align_corners")
      return out < 2 ? 0 : x * (input - 1) / static_cast<float>(std::max<int64_t>(out - 1, 1));
    if (coordinates == "half_pixel_symmetric")
      return input * 0.5f * (1 - size / (scale() * input)) + halfPixel;
    return halfPixel;
  }
  int64_t clamped(double position) const {
    return static_cast<int64_t>(std::clamp<double>(position, 0, static_cast<double>(in - 1)));
  }
  Taps taps(int64_t at) const {
    if (in == out && (given == 1 || given <= 0))
      return {{at, 1.0}};
    float x = coordinate(at);
    if (mode == "nearest") {
      float whole = nearestMode == "floor"               ? std::floor(x)
                    : nearestMode == "ceil"              ? std::ceil(x)
                    : nearestMode == "round_prefer_ceil" ? std::floor(x + 0.5f)
                                                         : std::ceil(x - 0.5f);
      return {{clamped(whole), 1.0}};
    }
    if (mode == "linear") {
      x = std::clamp(x, 0.0f, static_cast<float>(in - 1));
      double below = std::floor(x);
      return {{clamped(below), 1 - (x - below)}, {clamped(below + 1), x - below}};
    }
    double below = std::floor(x), t = x - below, a = cubic;
    auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
    auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
    return {{clamped(below - 1), far(t + 1)},
            {clamped(below), near(t)},
            {clamped(below + 1), near(1 - t)},
            {clamped(below + 2), far(2 - t)}};
  }
};
} // namespace

static llvm::Expected<Arrays> resize(ResizeOp op, const Operands &in) {
  const Array &x = in[op.getInput()];
  Shape shape = in.shape(op.getResult(), op.getDims());
  std::vector<ResizedDim> resized;
  for (auto [i, size] : llvm::enumerate(shape))
    resized.push_back({x.shape[i], size, op.getScales()[i], op.getMode(), op.getCoordinates(), op.getNearestMode(),
                       op.getCubicCoefficient().convertToDouble()});
  Array result = Array::make(x.element, shape);
  for (Positions at(shape); !at.done(); at.next()) {
    std::vector<Taps> taps;
    Shape counts;
    for (auto [i, dim] : llvm::enumerate(resized)) {
      taps.push_back(dim.taps(at[static_cast<int64_t>(i)]));
      counts.push_back(static_cast<int64_t>(taps.back().size()));
    }
    double sum = 0;
    for (Positions choice(counts); !choice.done(); choice.next()) {
      Shape from;
      double weight = 1;
      for (auto [i, list] : llvm::enumerate(taps)) {
        auto [position, share] = list[choice[static_cast<int64_t>(i)]];
        from.push_back(position);
        weight *= share;
      }
      sum += weight * x.real(flatten(from, x.shape));
    }
    if (result.isFloat())
      result.reals[at.flat] = sum;
    else
      result.integers[at.flat] = static_cast<int64_t>(sum);
  }
  return Arrays{std::move(result)};
}

void transom::addSpatialMeanings(Meanings &meanings) {
  MeaningOf<&conv>::add(meanings);
  MeaningOf<&pool>::add(meanings);
  MeaningOf<&resize>::add(meanings);
}
