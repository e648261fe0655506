//===- HeadCalibration.cpp - refitting merged heads on activations --------===//

#include "HeadCalibration.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/Support/Parallel.h"
#include <mutex>
#include <numeric>

using namespace transom::heads;

FloatMatrix transom::heads::turned(FloatMatrix features, const Rotation &rotation, const FeatureMaps &maps,
                                   float direction) {
  for (int64_t pair = 0; pair < maps.pairs(); ++pair) {
    auto a = features.col(maps.first(pair)), b = features.col(maps.second(pair));
    auto cos = rotation.cos.col(pair), sin = rotation.sin.col(pair);
    Eigen::VectorXf first = a.cwiseProduct(cos) - direction * b.cwiseProduct(sin);
    b = (b.cwiseProduct(cos) + direction * a.cwiseProduct(sin)).eval();
    a = first;
  }
  return features;
}

void transom::heads::softmaxRows(FloatMatrix &scores) {
  for (int64_t row = 0; row < scores.rows(); ++row) {
    float top = scores.row(row).maxCoeff();
    if (!std::isfinite(top)) {
      scores.row(row).setZero();
      continue;
    }
    scores.row(row) = (scores.row(row).array() - top).exp();
    scores.row(row) /= scores.row(row).sum();
  }
}

std::vector<const Sequence *> transom::heads::allOf(const Calibration &calibration) {
  std::vector<const Sequence *> all;
  for (const Sequence &sequence : calibration.sequences)
    all.push_back(&sequence);
  return all;
}

namespace {

/// p * (s - its mean under p), row by row.
void centre(FloatMatrix &scores, const FloatMatrix &probabilities) {
  for (int64_t row = 0; row < scores.rows(); ++row) {
    float mean = probabilities.row(row).dot(scores.row(row));
    scores.row(row) = probabilities.row(row).cwiseProduct((scores.row(row).array() - mean).matrix());
  }
}

InputMetric metricOf(Sequences sequences) {
  InputMetric metric;
  auto add = [](Matrix &to, const FloatMatrix &input) {
    if (to.size() == 0)
      to = Matrix::Zero(input.cols(), input.cols());
    to += (input.transpose() * input).cast<double>();
  };
  double queries = 0, keys = 0;
  for (const Sequence *sequence : sequences) {
    add(metric.query, sequence->query);
    add(metric.key, sequence->key);
    queries += sequence->query.rows();
    keys += sequence->key.rows();
  }
  metric.query /= queries;
  metric.key /= keys;
  return metric;
}

class Fit {
public:
  Fit(Merged &merged, const Heads &original, const FeatureMaps &maps, float scale, Sequences sequences,
      const FitOptions &options)
      : merged(merged), original(original), maps(maps), scale(scale), sequences(sequences), options(options),
        each(merged.heads.query.size() / merged.heads.key.size()) {}

  void run();

private:
  /// The sum over sequences of what `one` gives, on all cores. The order of the
  /// sum is that of the sequences, whatever the threads do.
  template <typename Function> Matrix sum(Function one) const {
    size_t count = sequences.size();
    std::vector<FloatMatrix> parts(count);
    llvm::parallelFor(0, count, [&](size_t i) { parts[i] = one(i); });
    Matrix total = parts[0].cast<double>();
    for (size_t i = 1; i < count; ++i)
      total += parts[i].cast<double>();
    return total;
  }
  /// Solves apply(w) + r (w - start) = target from `start`; the second moment's
  /// inverse makes inputs that always come together no obstacle.
  Matrix solve(llvm::function_ref<Matrix(const Matrix &)> apply, const Matrix &target, const Matrix &start,
               const Matrix &inverse) const;

  FloatMatrix scaledLogits(size_t sequence, const Matrix &query, const Matrix &key, bool ofOriginal) const;
  FloatMatrix probabilities(size_t sequence, int64_t head, const Matrix &query, const Matrix &key,
                            bool ofOriginal) const;
  /// The original's probabilities of new head `head`, and its logits, centred.
  struct Aim {
    std::vector<FloatMatrix> probabilities, logits;
  };
  Aim aimOf(int64_t head) const;
  FloatMatrix turnedHead(size_t sequence, const Matrix &weight, bool isQuery) const;
  void fitQuery(int64_t head, const Aim &aim);
  void fitKey(int64_t group, llvm::ArrayRef<Aim> aims);
  void fitOutputs();
  void fitValues();
  void prepareMixing();

  Merged &merged;
  const Heads &original;
  const FeatureMaps &maps;
  float scale;
  Sequences sequences;
  const FitOptions &options;
  int64_t each; ///< queries to a shared head
  Matrix queryInverse, keyInverse;
  std::vector<std::vector<FloatMatrix>> mixing; ///< per head and sequence, after the keys are done
};

Matrix Fit::solve(llvm::function_ref<Matrix(const Matrix &)> apply, const Matrix &target, const Matrix &start,
                  const Matrix &inverse) const {
  Matrix image = apply(start);
  double ridge = options.damping * start.cwiseProduct(image).sum() / std::max(start.squaredNorm(), 1e-300);
  Matrix x = start, r = target - image;
  Matrix z = r * inverse, p = z;
  double rz = r.cwiseProduct(z).sum(), enough = 1e-10 * target.cwiseProduct(target * inverse).sum();
  for (int step = 0; step < options.steps && rz > enough; ++step) {
    Matrix ap = apply(p) + ridge * p;
    double length = rz / std::max(p.cwiseProduct(ap).sum(), 1e-300);
    x += length * p;
    r -= length * ap;
    z = r * inverse;
    double next = r.cwiseProduct(z).sum();
    p = z + (next / rz) * p;
    rz = next;
  }
  return x;
}

FloatMatrix Fit::turnedHead(size_t i, const Matrix &weight, bool isQuery) const {
  const Sequence &sequence = *sequences[i];
  const FloatMatrix &input = isQuery ? sequence.query : sequence.key;
  FloatMatrix features = input * weight.cast<float>().transpose();
  return turned(std::move(features), isQuery ? sequence.queryRotation : sequence.keyRotation, maps, 1);
}

FloatMatrix Fit::scaledLogits(size_t i, const Matrix &query, const Matrix &key, bool ofOriginal) const {
  const Sequence &sequence = *sequences[i];
  FloatMatrix q = (ofOriginal ? sequence.originalQuery : sequence.query) * query.cast<float>().transpose();
  FloatMatrix k = (ofOriginal ? sequence.originalKey : sequence.key) * key.cast<float>().transpose();
  q = turned(std::move(q), sequence.queryRotation, maps, 1);
  k = turned(std::move(k), sequence.keyRotation, maps, 1);
  return scale * (q * k.transpose());
}

FloatMatrix Fit::probabilities(size_t i, int64_t head, const Matrix &query, const Matrix &key, bool ofOriginal) const {
  const std::vector<FloatMatrix> &bias = sequences[i]->bias;
  FloatMatrix scores = scaledLogits(i, query, key, ofOriginal);
  scores += bias[bias.size() == 1 ? 0 : merged.order[head]];
  softmaxRows(scores);
  return scores;
}

Fit::Aim Fit::aimOf(int64_t head) const {
  int64_t old = merged.order[head];
  const Matrix &query = original.query[old], &key = original.key[old / original.queriesPerKey()];
  size_t count = sequences.size();
  Aim aim;
  aim.probabilities.resize(count);
  aim.logits.resize(count);
  llvm::parallelFor(0, count, [&](size_t i) {
    aim.probabilities[i] = probabilities(i, head, query, key, /*ofOriginal=*/true);
    aim.logits[i] = scaledLogits(i, query, key, /*ofOriginal=*/true);
    centre(aim.logits[i], aim.probabilities[i]);
  });
  return aim;
}

void Fit::fitQuery(int64_t head, const Aim &aim) {
  std::vector<FloatMatrix> keys(sequences.size());
  llvm::parallelFor(0, keys.size(),
                    [&](size_t i) { keys[i] = turnedHead(i, merged.heads.key[head / each], /*isQuery=*/false); });
  // Scores' errors back to the weight.
  auto gradient = [&](size_t i, const FloatMatrix &errors) -> FloatMatrix {
    FloatMatrix features = scale * (errors * keys[i]);
    features = turned(std::move(features), sequences[i]->queryRotation, maps, -1);
    return features.transpose() * sequences[i]->query;
  };
  auto apply = [&](const Matrix &weight) {
    return sum([&](size_t i) {
      FloatMatrix scores = scale * (turnedHead(i, weight, /*isQuery=*/true) * keys[i].transpose());
      centre(scores, aim.probabilities[i]);
      return gradient(i, scores);
    });
  };
  Matrix target = sum([&](size_t i) { return gradient(i, aim.logits[i]); });
  Matrix &query = merged.heads.query[head];
  query = solve(apply, target, query, queryInverse);
}

void Fit::fitKey(int64_t group, llvm::ArrayRef<Aim> aims) {
  std::vector<std::vector<FloatMatrix>> queries(each);
  for (int64_t n = 0; n < each; ++n) {
    queries[n].resize(sequences.size());
    llvm::parallelFor(0, queries[n].size(), [&](size_t i) {
      queries[n][i] = turnedHead(i, merged.heads.query[group * each + n], /*isQuery=*/true);
    });
  }
  auto gradient = [&](size_t i, llvm::function_ref<FloatMatrix(int64_t)> errors) -> FloatMatrix {
    FloatMatrix features = FloatMatrix::Zero(sequences[i]->key.rows(), merged.heads.key[group].rows());
    for (int64_t n = 0; n < each; ++n)
      features.noalias() += scale * (errors(n).transpose() * queries[n][i]);
    features = turned(std::move(features), sequences[i]->keyRotation, maps, -1);
    return features.transpose() * sequences[i]->key;
  };
  auto apply = [&](const Matrix &weight) {
    return sum([&](size_t i) {
      FloatMatrix keys = turnedHead(i, weight, /*isQuery=*/false);
      return gradient(i, [&](int64_t n) {
        FloatMatrix scores = scale * (queries[n][i] * keys.transpose());
        centre(scores, aims[n].probabilities[i]);
        return scores;
      });
    });
  };
  Matrix target = sum([&](size_t i) { return gradient(i, [&](int64_t n) { return aims[n].logits[i]; }); });
  Matrix &key = merged.heads.key[group];
  key = solve(apply, target, key, keyInverse);
}

/// The probabilities of the model as it is now.
void Fit::prepareMixing() {
  mixing.resize(merged.heads.query.size());
  for (auto [head, of] : llvm::enumerate(mixing)) {
    of.resize(sequences.size());
    llvm::parallelFor(0, of.size(), [&, head = head, &of = of](size_t i) {
      of[i] = probabilities(i, head, merged.heads.query[head], merged.heads.key[head / each], /*ofOriginal=*/false);
    });
  }
}

/// All outputs at once, by the normal equations of the mixed values.
void Fit::fitOutputs() {
  Heads &heads = merged.heads;
  int64_t features = heads.value[0].rows(), all = heads.query.size() * features, outputs = heads.output[0].rows();
  // [gram | product with the target] in one sum.
  Matrix both = sum([&](size_t i) {
    const Sequence &sequence = *sequences[i];
    FloatMatrix mixed(sequence.query.rows(), all);
    for (size_t head = 0; head < heads.query.size(); ++head)
      mixed.middleCols(head * features, features) =
          mixing[head][i] * (sequence.key * heads.value[head / each].cast<float>().transpose());
    FloatMatrix part(all, all + outputs);
    part.leftCols(all) = mixed.transpose() * mixed;
    part.rightCols(outputs) = mixed.transpose() * sequence.target;
    return part;
  });
  Matrix stacked(all, outputs);
  for (size_t head = 0; head < heads.query.size(); ++head)
    stacked.middleRows(head * features, features) = heads.output[head].transpose();
  Matrix gram = both.leftCols(all);
  double ridge = options.damping * gram.diagonal().mean();
  gram.diagonal().array() += ridge;
  Matrix solved = gram.ldlt().solve(both.rightCols(outputs) + ridge * stacked);
  for (size_t head = 0; head < heads.query.size(); ++head)
    heads.output[head] = solved.middleRows(head * features, features).transpose();
}

/// All shared values at once, stacked.
void Fit::fitValues() {
  Heads &heads = merged.heads;
  int64_t features = heads.value[0].rows(), groups = heads.value.size(), inputs = heads.value[0].cols();
  auto spread = [&](size_t i, const FloatMatrix &errors) -> FloatMatrix {
    FloatMatrix stacked(groups * features, inputs);
    for (int64_t g = 0; g < groups; ++g) {
      FloatMatrix back = FloatMatrix::Zero(sequences[i]->key.rows(), features);
      for (int64_t head = g * each; head < (g + 1) * each; ++head)
        back.noalias() += mixing[head][i].transpose() * (errors * heads.output[head].cast<float>());
      stacked.middleRows(g * features, features) = back.transpose() * sequences[i]->key;
    }
    return stacked;
  };
  auto apply = [&](const Matrix &stacked) {
    return sum([&](size_t i) {
      const Sequence &sequence = *sequences[i];
      FloatMatrix result = FloatMatrix::Zero(sequence.target.rows(), sequence.target.cols());
      for (int64_t g = 0; g < groups; ++g) {
        FloatMatrix values = sequence.key * stacked.middleRows(g * features, features).cast<float>().transpose();
        for (int64_t head = g * each; head < (g + 1) * each; ++head)
          result.noalias() += (mixing[head][i] * values) * heads.output[head].cast<float>().transpose();
      }
      return spread(i, result);
    });
  };
  Matrix target = sum([&](size_t i) { return spread(i, sequences[i]->target); });
  Matrix start(groups * features, inputs);
  for (int64_t g = 0; g < groups; ++g)
    start.middleRows(g * features, features) = heads.value[g];
  Matrix solved = solve(apply, target, start, keyInverse);
  for (int64_t g = 0; g < groups; ++g)
    heads.value[g] = solved.middleRows(g * features, features);
}

Matrix regularInverse(const Matrix &metric) {
  Matrix regular = metric;
  regular.diagonal().array() += 1e-2 * metric.diagonal().mean();
  return regular.ldlt().solve(Matrix::Identity(metric.rows(), metric.cols()));
}

void Fit::run() {
  InputMetric metric = metricOf(sequences);
  queryInverse = regularInverse(metric.query);
  keyInverse = regularInverse(metric.key);
  int64_t groups = merged.heads.key.size();
  for (int64_t group = 0; group < groups; ++group) {
    std::vector<Aim> aims;
    for (int64_t n = 0; n < each; ++n)
      aims.push_back(aimOf(group * each + n));
    for (int round = 0; round < options.rounds; ++round) {
      for (int64_t n = 0; n < each; ++n)
        fitQuery(group * each + n, aims[n]);
      if (round + 1 < options.rounds)
        fitKey(group, aims);
    }
  }
  prepareMixing();
  for (int round = 0; round < options.rounds; ++round) {
    fitOutputs();
    if (round + 1 < options.rounds)
      fitValues();
  }
}

} // namespace

InputMetric transom::heads::measuredMetric(const Calibration &calibration) { return metricOf(allOf(calibration)); }

/// Equations to a weight from which on steps fit what is common to all sequences: a trial finds nothing then.
static constexpr double enoughEquations = 12;

static double equationsOfWeight(const Heads &heads, Sequences sequences) {
  double equations = 0, weights = 0;
  for (const Sequence *sequence : sequences)
    equations += static_cast<double>(sequence->target.size());
  for (auto *list : {&heads.query, &heads.key, &heads.value, &heads.output})
    for (const Matrix &head : *list)
      weights += static_cast<double>(head.size());
  return equations / std::max(weights, 1.0);
}

void transom::heads::refit(Merged &merged, const Heads &original, const FeatureMaps &keyMaps,
                           const Calibration &calibration, const FitOptions &options) {
  constexpr size_t everyHeldOut = 4;
  double before = outputResidual(merged, keyMaps, calibration);
  std::vector<const Sequence *> all = allOf(calibration), seen, unseen;
  for (auto [i, sequence] : llvm::enumerate(all))
    (i % everyHeldOut == everyHeldOut - 1 ? unseen : seen).push_back(sequence);
  auto fit = [&](Merged &to, Sequences sequences) {
    Fit(to, original, keyMaps, calibration.scale, sequences, options).run();
  };
  std::vector<double> steps;
  for (double damping = options.firstDamping; steps.size() < static_cast<size_t>(options.refinements); damping /= 3)
    steps.push_back(damping);
  // Of too few sequences none can be held out.
  if (!steps.empty() && !unseen.empty() && equationsOfWeight(merged.heads, seen) < enoughEquations) {
    Merged trial = merged;
    fit(trial, seen);
    steps = stepsThatHelp(trial, keyMaps, calibration.scale, seen, unseen, options);
  }
  fit(merged, all);
  refine(merged, keyMaps, calibration.scale, all, steps, options);
  merged.fitted = {before, outputResidual(merged, keyMaps, calibration)};
}
