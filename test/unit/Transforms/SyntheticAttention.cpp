//===- SyntheticAttention.cpp - small attentions to fit -------------------===//

#include "SyntheticAttention.h"
#include <numeric>

using namespace transom::heads;
using namespace transom::heads::test;

Matrix SyntheticAttention::random(int64_t rows, int64_t columns) {
  std::normal_distribution<double> normal;
  return Matrix::NullaryExpr(rows, columns, [&] { return normal(generator); });
}

/// A map of keys that queries can take over.
Matrix SyntheticAttention::keyMap() {
  Matrix map = Matrix::Zero(form.features, form.features);
  for (int64_t pair = 0; pair < keyMaps.pairs(); ++pair) {
    int64_t a = keyMaps.first(pair), b = keyMaps.second(pair);
    Matrix number = random(2, 1);
    map(a, a) = map(b, b) = number(0);
    map(b, a) = number(1);
    map(a, b) = -number(1);
  }
  int64_t rest = form.features - form.rotary;
  map.bottomRightCorner(rest, rest) = Matrix::Identity(rest, rest) + 0.3 * random(rest, rest);
  return map;
}

SyntheticAttention::SyntheticAttention(const Form &form, unsigned seed) : form(form), generator(seed) {
  keyMaps.rotary = form.rotary;
  keyMaps.interleaved = form.interleaved;
  int64_t columns = form.inputs + 1;
  double size = 1 / std::sqrt(static_cast<double>(form.inputs));
  auto weight = [&] {
    Matrix head = size * random(form.features, columns);
    if (!form.hasBias)
      head.col(form.inputs).setZero();
    return head;
  };
  Matrix key, value;
  for (int64_t head = 0; head < form.heads; ++head) {
    if (head % 2 == 0) {
      key = weight();
      value = weight();
    }
    heads.key.push_back(keyMap() * key + form.difference * weight());
    heads.value.push_back(
        (Matrix::Identity(form.features, form.features) + 0.3 * random(form.features, form.features)) * value +
        form.difference * weight());
    for (int64_t query = 0; query < form.queriesPerKey; ++query) {
      heads.query.push_back(weight());
      heads.output.push_back(size * random(form.outputs, form.features));
    }
  }
  mixing = Matrix::Identity(form.inputs, form.inputs) + size * random(form.inputs, form.inputs);
}

Calibration SyntheticAttention::sequences(int64_t count, int64_t rows) {
  Calibration calibration;
  calibration.scale = scale;
  std::vector<int64_t> order(heads.query.size());
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = 0; i < count; ++i) {
    Sequence sequence;
    sequence.query = FloatMatrix::Ones(rows, form.inputs + 1);
    sequence.query.leftCols(form.inputs) = (random(rows, form.inputs) * mixing).cast<float>();
    sequence.key = sequence.originalQuery = sequence.originalKey = sequence.query;
    if (form.rotary) {
      Rotation &rotation = sequence.queryRotation;
      rotation.cos.resize(rows, keyMaps.pairs());
      rotation.sin.resize(rows, keyMaps.pairs());
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t pair = 0; pair < keyMaps.pairs(); ++pair) {
          double angle = row / std::pow(20.0, 2.0 * pair / form.rotary);
          rotation.cos(row, pair) = std::cos(angle);
          rotation.sin(row, pair) = std::sin(angle);
        }
      sequence.keyRotation = rotation;
    }
    for (size_t head = 0; head < (form.biasPerHead ? heads.query.size() : 1); ++head) {
      FloatMatrix bias = FloatMatrix::Zero(rows, rows);
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t column = 0; column < rows; ++column) {
          if (form.biasPerHead)
            bias(row, column) = -0.1f * (head + 1) * std::abs(row - column);
          if (form.causal && column > row)
            bias(row, column) = -std::numeric_limits<float>::infinity();
        }
      sequence.bias.push_back(std::move(bias));
    }
    sequence.target = outputOf(heads, keyMaps, sequence, scale, order).cast<float>();
    calibration.sequences.push_back(std::move(sequence));
  }
  return calibration;
}

Merged SyntheticAttention::merged(const Calibration &calibration) const {
  return mergeGroups(heads, pairs(), keyMaps, valueMaps, measuredMetric(calibration), Method::Components);
}

Matrix transom::heads::test::outputOf(const Heads &heads, const FeatureMaps &maps, const Sequence &sequence,
                                      double scale, const std::vector<int64_t> &order) {
  int64_t rows = sequence.query.rows();
  auto rotate = [&](Matrix features, const Rotation &rotation) {
    for (int64_t row = 0; row < features.rows(); ++row)
      for (int64_t pair = 0; pair < maps.pairs(); ++pair) {
        double &a = features(row, maps.first(pair)), &b = features(row, maps.second(pair)), before = a;
        double cos = rotation.cos(row, pair), sin = rotation.sin(row, pair);
        a = before * cos - b * sin;
        b = b * cos + before * sin;
      }
    return features;
  };
  Matrix output = Matrix::Zero(rows, heads.output[0].rows()), inputs = sequence.query.cast<double>();
  for (size_t head = 0; head < heads.query.size(); ++head) {
    size_t shared = head / heads.queriesPerKey();
    Matrix query = rotate(inputs * heads.query[head].transpose(), sequence.queryRotation);
    Matrix key = rotate(inputs * heads.key[shared].transpose(), sequence.keyRotation);
    Matrix scores = scale * query * key.transpose();
    scores += sequence.bias[sequence.bias.size() == 1 ? 0 : order[head]].cast<double>();
    for (int64_t row = 0; row < rows; ++row) {
      scores.row(row) = (scores.row(row).array() - scores.row(row).maxCoeff()).exp();
      scores.row(row) /= scores.row(row).sum();
    }
    output += scores * (inputs * heads.value[shared].transpose()) * heads.output[head].transpose();
  }
  return output;
}

double transom::heads::test::errorOf(const Merged &merged, const FeatureMaps &maps, const Calibration &calibration) {
  double rest = 0, whole = 0;
  for (const Sequence &sequence : calibration.sequences) {
    Matrix target = sequence.target.cast<double>();
    rest += (target - outputOf(merged.heads, maps, sequence, calibration.scale, merged.order)).squaredNorm();
    whole += target.squaredNorm();
  }
  return std::sqrt(rest / whole);
}
