//===- HeadRefinement.cpp - all of an attention's weights at once ---------===//
//
// Gauss-Newton steps, damped as Levenberg and Marquardt do, on the squared error
// of what the attention adds to the residual stream. The fits before it
// (HeadCalibration.cpp) hold all but one kind of weight and weigh logits alone;
// here an error in a score counts by the values that it mixes, and heads make up
// for each other. With P the probabilities, u = P V a head's mixed values:
//
//   dout = sum over heads of du O^T + u dO^T,   du = dP V + P dV,
//   dP = P * (dS - rowsum(P * dS)),             dS = scale (dQ K^T + Q dK^T)
//
// and back the same way. The normal equations are never formed: conjugate
// gradients apply them, sequence by sequence.
//
//===----------------------------------------------------------------------===//

#include "HeadCalibration.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Parallel.h"

using namespace transom::heads;

namespace {

using Vector = Eigen::VectorXd;

/// Where each head's matrix lies in one vector of all weights.
class Layout {
public:
  struct Block {
    int64_t offset, rows, columns;
  };
  explicit Layout(const Heads &heads) {
    add(heads.query, query);
    add(heads.key, key);
    add(heads.value, value);
    add(heads.output, output);
  }

  int64_t size() const { return kinds.back().second; }
  /// [first, last) of queries, keys, values and outputs.
  llvm::ArrayRef<std::pair<int64_t, int64_t>> ranges() const { return kinds; }

  Vector pack(const Heads &heads) const {
    Vector all(size());
    eachPair(heads, [&](const Block &block, const Matrix &head) {
      Eigen::Map<RowMajor>(all.data() + block.offset, block.rows, block.columns) = head;
    });
    return all;
  }
  void unpack(const Vector &all, Heads &heads) const {
    eachPair(heads, [&](const Block &block, Matrix &head) {
      head = Eigen::Map<const RowMajor>(all.data() + block.offset, block.rows, block.columns);
    });
  }

  llvm::SmallVector<Block> query, key, value, output;

private:
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  void add(const std::vector<Matrix> &heads, llvm::SmallVector<Block> &blocks) {
    int64_t first = kinds.empty() ? 0 : kinds.back().second, offset = first;
    for (const Matrix &head : heads) {
      blocks.push_back({offset, head.rows(), head.cols()});
      offset += head.size();
    }
    kinds.emplace_back(first, offset);
  }
  template <typename HeadsType, typename Function> void eachPair(HeadsType &heads, Function function) const {
    auto kind = [&](const llvm::SmallVector<Block> &blocks, auto &matrices) {
      for (size_t i = 0; i < blocks.size(); ++i)
        function(blocks[i], matrices[i]);
    };
    kind(query, heads.query);
    kind(key, heads.key);
    kind(value, heads.value);
    kind(output, heads.output);
  }

  llvm::SmallVector<std::pair<int64_t, int64_t>, 4> kinds;
};

Eigen::Map<const FloatMatrix> view(const Eigen::VectorXf &all, const Layout::Block &block) {
  return {all.data() + block.offset, block.rows, block.columns};
}
Eigen::Map<FloatMatrix> view(Eigen::VectorXf &all, const Layout::Block &block) {
  return {all.data() + block.offset, block.rows, block.columns};
}

/// P * (s - rowsum(P * s)) in place: the softmax's derivative, which is symmetric.
void throughSoftmax(FloatMatrix &scores, const FloatMatrix &probabilities) {
  Eigen::VectorXf mean = scores.cwiseProduct(probabilities).rowwise().sum();
  scores = (scores.colwise() - mean).cwiseProduct(probabilities);
}

class Refinement {
public:
  Refinement(Merged &merged, const FeatureMaps &maps, float scale, Sequences sequences, const FitOptions &options)
      : merged(merged), maps(maps), scale(scale), sequences(sequences), options(options), layout(merged.heads),
        each(merged.heads.query.size() / merged.heads.key.size()), points(sequences.size()) {}

  /// Steps that lower the error on these sequences, and on those of `unseen`: their damping, one after the other.
  std::vector<double> run(Refinement &unseen);
  /// Steps of such damping, as long as they lower the error.
  void repeat(llvm::ArrayRef<double> dampings);
  double error();

private:
  /// What one sequence computes with the weights as they are.
  struct Point {
    std::vector<FloatMatrix> probabilities, query, mixed; ///< per head; queries are turned
    std::vector<FloatMatrix> key, value;                  ///< per group; keys are turned
    FloatMatrix rest;                                     ///< the target less the output
  };

  FloatMatrix turnedQuery(size_t i, const FloatMatrix &features, float direction) const {
    return turned(features, sequences[i]->queryRotation, maps, direction);
  }
  FloatMatrix turnedKey(size_t i, const FloatMatrix &features, float direction) const {
    return turned(features, sequences[i]->keyRotation, maps, direction);
  }
  /// Linearises around the weights; gives the squared error.
  double prepare();
  void preparePoint(size_t i, const Eigen::VectorXf &weights);
  /// What a change of the weights changes in the output of sequence i, and back.
  FloatMatrix forward(size_t i, const Eigen::VectorXf &change, const Eigen::VectorXf &weights) const;
  Eigen::VectorXf back(size_t i, const FloatMatrix &errors, const Eigen::VectorXf &weights) const;
  /// The sum over sequences, in their order.
  template <typename Function> Vector sum(Function one) const {
    std::vector<Eigen::VectorXf> parts(points.size());
    llvm::parallelFor(0, parts.size(), [&](size_t i) { parts[i] = one(i); });
    Vector total = Vector::Zero(layout.size());
    for (const Eigen::VectorXf &part : parts)
      total += part.cast<double>();
    return total;
  }
  Vector step(double damping) const;
  bool takeStep(double damping, double &error, llvm::function_ref<bool()> isGood);

  Merged &merged;
  const FeatureMaps &maps;
  float scale;
  Sequences sequences;
  const FitOptions &options;
  Layout layout;
  size_t each; ///< queries to a shared head
  std::vector<Point> points;
};

void Refinement::preparePoint(size_t i, const Eigen::VectorXf &weights) {
  const Sequence &sequence = *sequences[i];
  Point &point = points[i];
  size_t heads = merged.heads.query.size(), groups = merged.heads.key.size();
  for (auto *list : {&point.probabilities, &point.query, &point.mixed})
    list->resize(heads);
  for (auto *list : {&point.key, &point.value})
    list->resize(groups);
  for (size_t g = 0; g < groups; ++g) {
    point.key[g] = turnedKey(i, sequence.key * view(weights, layout.key[g]).transpose(), 1);
    point.value[g] = sequence.key * view(weights, layout.value[g]).transpose();
  }
  point.rest = sequence.target;
  for (size_t h = 0; h < heads; ++h) {
    point.query[h] = turnedQuery(i, sequence.query * view(weights, layout.query[h]).transpose(), 1);
    FloatMatrix &scores = point.probabilities[h];
    scores = scale * (point.query[h] * point.key[h / each].transpose());
    scores += sequence.bias[sequence.bias.size() == 1 ? 0 : merged.order[h]];
    softmaxRows(scores);
    point.mixed[h] = scores * point.value[h / each];
    point.rest.noalias() -= point.mixed[h] * view(weights, layout.output[h]).transpose();
  }
}

double Refinement::prepare() {
  Eigen::VectorXf weights = layout.pack(merged.heads).cast<float>();
  llvm::parallelFor(0, points.size(), [&](size_t i) { preparePoint(i, weights); });
  double squared = 0;
  for (const Point &point : points)
    squared += point.rest.cast<double>().squaredNorm();
  return squared;
}

FloatMatrix Refinement::forward(size_t i, const Eigen::VectorXf &change, const Eigen::VectorXf &weights) const {
  const Sequence &sequence = *sequences[i];
  const Point &point = points[i];
  FloatMatrix output = FloatMatrix::Zero(point.rest.rows(), point.rest.cols()), key, value;
  for (size_t h = 0; h < point.query.size(); ++h) {
    size_t g = h / each;
    if (h % each == 0) {
      key = turnedKey(i, sequence.key * view(change, layout.key[g]).transpose(), 1);
      value = sequence.key * view(change, layout.value[g]).transpose();
    }
    FloatMatrix query = turnedQuery(i, sequence.query * view(change, layout.query[h]).transpose(), 1);
    FloatMatrix scores = query * point.key[g].transpose();
    scores.noalias() += point.query[h] * key.transpose();
    scores *= scale;
    throughSoftmax(scores, point.probabilities[h]);
    FloatMatrix mixed = scores * point.value[g];
    mixed.noalias() += point.probabilities[h] * value;
    output.noalias() += mixed * view(weights, layout.output[h]).transpose();
    output.noalias() += point.mixed[h] * view(change, layout.output[h]).transpose();
  }
  return output;
}

Eigen::VectorXf Refinement::back(size_t i, const FloatMatrix &errors, const Eigen::VectorXf &weights) const {
  const Sequence &sequence = *sequences[i];
  const Point &point = points[i];
  Eigen::VectorXf result(layout.size());
  FloatMatrix keys, values;
  for (size_t h = 0; h < point.query.size(); ++h) {
    size_t g = h / each;
    if (h % each == 0) {
      keys = FloatMatrix::Zero(point.key[g].rows(), point.key[g].cols());
      values = FloatMatrix::Zero(point.value[g].rows(), point.value[g].cols());
    }
    view(result, layout.output[h]) = errors.transpose() * point.mixed[h];
    FloatMatrix mixed = errors * view(weights, layout.output[h]);
    FloatMatrix scores = mixed * point.value[g].transpose();
    throughSoftmax(scores, point.probabilities[h]);
    scores *= scale;
    view(result, layout.query[h]) = turnedQuery(i, scores * point.key[g], -1).transpose() * sequence.query;
    keys.noalias() += scores.transpose() * point.query[h];
    values.noalias() += point.probabilities[h].transpose() * mixed;
    if (h % each + 1 == each) {
      view(result, layout.key[g]) = turnedKey(i, keys, -1).transpose() * sequence.key;
      view(result, layout.value[g]) = values.transpose() * sequence.key;
    }
  }
  return result;
}

/// The damped step: (J^T J + ridge) step = J^T rest, the ridge of queries, keys,
/// values and outputs each in proportion to the curvature along what they are, so
/// that their different sizes do not matter.
Vector Refinement::step(double damping) const {
  Vector start = layout.pack(merged.heads);
  Eigen::VectorXf weights = start.cast<float>();
  auto apply = [&](const Vector &change) {
    Eigen::VectorXf narrow = change.cast<float>();
    return sum([&](size_t i) { return back(i, forward(i, narrow, weights), weights); });
  };
  Vector image = apply(start), curvature(layout.size());
  for (auto [first, last] : layout.ranges()) {
    auto part = start.segment(first, last - first);
    double along = std::abs(part.dot(image.segment(first, last - first)));
    curvature.segment(first, last - first).setConstant(std::max(along / std::max(part.squaredNorm(), 1e-300), 1e-300));
  }
  Vector x = Vector::Zero(layout.size()), r = sum([&](size_t i) { return back(i, points[i].rest, weights); });
  Vector z = r.cwiseQuotient(curvature), p = z;
  double rz = r.dot(z), enough = 1e-10 * rz;
  for (int i = 0; i < options.steps && rz > enough; ++i) {
    Vector image = apply(p) + damping * curvature.cwiseProduct(p);
    double length = rz / std::max(p.dot(image), 1e-300);
    x += length * p;
    r -= length * image;
    z = r.cwiseQuotient(curvature);
    double next = r.dot(z);
    p = z + (next / rz) * p;
    rz = next;
  }
  return x;
}

double Refinement::error() {
  double whole = 0, rest = prepare();
  for (const Sequence *sequence : sequences)
    whole += sequence->target.cast<double>().squaredNorm();
  return whole > 0 ? std::sqrt(rest / whole) : 0;
}

/// One step, unless it does not lower the error or is not good for another reason: the model is not as linear as the
/// step is long, or what was gained is of these sequences alone.
bool Refinement::takeStep(double damping, double &error, llvm::function_ref<bool()> isGood) {
  Heads before = merged.heads;
  layout.unpack(layout.pack(before) + step(damping), merged.heads);
  double now = prepare();
  if (now < error && isGood()) {
    error = now;
    return true;
  }
  merged.heads = std::move(before);
  error = prepare();
  return false;
}

std::vector<double> Refinement::run(Refinement &unseen) {
  double error = prepare(), damping = options.firstDamping, elsewhere = unseen.error();
  auto helpsThere = [&] {
    double there = unseen.error();
    if (there > elsewhere)
      return false;
    elsewhere = there;
    return true;
  };
  std::vector<double> helped;
  for (int round = 0; round < options.refinements; ++round) {
    bool isTaken = takeStep(damping, error, helpsThere);
    if (isTaken)
      helped.push_back(damping);
    damping = isTaken ? damping / 3 : damping * 10;
  }
  return helped;
}

void Refinement::repeat(llvm::ArrayRef<double> dampings) {
  double error = prepare();
  for (double damping : dampings)
    takeStep(damping, error, [] { return true; });
}

} // namespace

std::vector<double> transom::heads::stepsThatHelp(Merged &merged, const FeatureMaps &keyMaps, float scale,
                                                  Sequences sequences, Sequences unseen, const FitOptions &options) {
  Refinement judge(merged, keyMaps, scale, unseen, options);
  return Refinement(merged, keyMaps, scale, sequences, options).run(judge);
}

void transom::heads::refine(Merged &merged, const FeatureMaps &keyMaps, float scale, Sequences sequences,
                            llvm::ArrayRef<double> dampings, const FitOptions &options) {
  Refinement(merged, keyMaps, scale, sequences, options).repeat(dampings);
}

double transom::heads::outputResidual(Merged &merged, const FeatureMaps &keyMaps, const Calibration &calibration) {
  std::vector<const Sequence *> all = allOf(calibration);
  FitOptions options;
  return Refinement(merged, keyMaps, calibration.scale, all, options).error();
}
