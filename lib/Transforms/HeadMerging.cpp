//===- HeadMerging.cpp - shared heads for heads that differ ---------------===//
//
// All methods give K_h ~ A_h S with A_h among the maps that can be moved into the
// queries, and V_h ~ B_h S with B_h moved into the outputs. With principal
// components S, A minimise the sum of |W_h (K_h - A_h S)|^2 in the metric of the
// inputs, where W_h^T W_h is the second moment of head h's queries: per frequency
// one complex component, of features without positions as many as a head has. For
// values W_h^T W_h = O_h^T O_h, so the sum is the error of the stacked O V.
//
//===----------------------------------------------------------------------===//

#include "HeadAlgebra.h"
#include "llvm/ADT/STLExtras.h"
#include <complex>
#include <numeric>

using namespace transom::heads;

namespace {

using Complex = std::complex<double>;
using ComplexMatrix = Eigen::MatrixXcd;

/// Below this part of the greatest a weight counts as none.
constexpr double kFloor = 1e-12;

/// Rows [first, first + count) of some heads as one problem.
struct Part {
  std::vector<Matrix> rows;    ///< per head [count, inputs]
  std::vector<Matrix> weights; ///< per head [count, count]: what an error costs
};

struct Shared {
  Matrix rows;                      ///< [count, inputs]
  std::vector<Matrix> maps;         ///< per head [count, count]
  std::vector<double> error, whole; ///< per head, squared, in the metric
};

/// T with T^T T = weight, and its inverse on the directions that count.
struct Root {
  Matrix root, inverse;
  explicit Root(const Matrix &weight) {
    Eigen::SelfAdjointEigenSolver<Matrix> solver(weight);
    Eigen::VectorXd values = solver.eigenvalues();
    double floor = std::max(values.maxCoeff() * kFloor, std::numeric_limits<double>::min());
    values = values.cwiseMax(floor).cwiseSqrt();
    root = values.asDiagonal() * solver.eigenvectors().transpose();
    inverse = solver.eigenvectors() * values.cwiseInverse().asDiagonal();
  }
};

/// The best S with as many rows as one head has, by the eigenvectors of the Gram
/// matrix of the weighted heads: the low-rank factorisation of all of them stacked.
Shared shareFree(const Part &part, const Matrix &metric) {
  int64_t count = part.rows.front().rows(), heads = part.rows.size();
  Matrix stacked(count * heads, part.rows.front().cols());
  std::vector<Root> roots;
  for (int64_t h = 0; h < heads; ++h) {
    roots.emplace_back(part.weights[h]);
    stacked.middleRows(h * count, count) = roots[h].root * part.rows[h];
  }
  Matrix gram = stacked * metric * stacked.transpose();
  Eigen::SelfAdjointEigenSolver<Matrix> solver(gram);
  Matrix top = solver.eigenvectors().rightCols(count);
  Shared shared;
  shared.rows = top.transpose() * stacked;
  Matrix rest = gram - top * top.transpose() * gram;
  for (int64_t h = 0; h < heads; ++h) {
    shared.maps.push_back(roots[h].inverse * top.middleRows(h * count, count));
    shared.error.push_back(std::max(0.0, rest.block(h * count, h * count, count, count).trace()));
    shared.whole.push_back(gram.block(h * count, h * count, count, count).trace());
  }
  return shared;
}

/// One frequency: rows (a, b) of each head are one complex row.
Shared shareComplex(const Part &part, const Matrix &metric) {
  int64_t heads = part.rows.size(), inputs = part.rows.front().cols();
  ComplexMatrix stacked(heads, inputs);
  Eigen::VectorXd energy(heads);
  for (int64_t h = 0; h < heads; ++h)
    energy(h) = part.weights[h].trace();
  energy = energy.cwiseMax(std::max(energy.maxCoeff() * kFloor, std::numeric_limits<double>::min())).cwiseSqrt();
  for (int64_t h = 0; h < heads; ++h)
    for (int64_t i = 0; i < inputs; ++i)
      stacked(h, i) = energy(h) * Complex(part.rows[h](0, i), part.rows[h](1, i));
  ComplexMatrix gram = (stacked * metric.cast<Complex>()) * stacked.adjoint();
  Eigen::SelfAdjointEigenSolver<ComplexMatrix> solver(gram);
  ComplexMatrix top = solver.eigenvectors().rightCols(1);
  ComplexMatrix row = top.adjoint() * stacked, rest = gram - top * (top.adjoint() * gram);
  Shared shared;
  shared.rows.resize(2, inputs);
  shared.rows.row(0) = row.real();
  shared.rows.row(1) = row.imag();
  for (int64_t h = 0; h < heads; ++h) {
    Complex factor = top(h, 0) / energy(h);
    Matrix map(2, 2);
    map << factor.real(), -factor.imag(), factor.imag(), factor.real();
    shared.maps.push_back(map);
    shared.error.push_back(std::max(0.0, rest(h, h).real()));
    shared.whole.push_back(gram(h, h).real());
  }
  return shared;
}

/// Rotations onto the mean, which is made anew from what was rotated; then each
/// head's norm is restored by its map's.
Shared shareAligned(const Part &part, bool complex) {
  int64_t heads = part.rows.size(), count = part.rows.front().rows();
  Shared shared;
  shared.maps.assign(heads, Matrix::Identity(count, count));
  shared.error.assign(heads, 0);
  shared.whole.assign(heads, 0);
  shared.rows = part.rows.front();
  for (int round = 0; round < 8; ++round) {
    Matrix sum = Matrix::Zero(count, shared.rows.cols());
    for (int64_t h = 0; h < heads; ++h) {
      // The rotation R nearest to head = R shared.
      Matrix cross = part.rows[h] * shared.rows.transpose(), rotation;
      if (complex) {
        Complex factor(cross(0, 0) + cross(1, 1), cross(1, 0) - cross(0, 1));
        factor = std::abs(factor) > 0 ? factor / std::abs(factor) : Complex(1);
        rotation.resize(2, 2);
        rotation << factor.real(), -factor.imag(), factor.imag(), factor.real();
      } else {
        Eigen::BDCSVD<Matrix> svd(cross, Eigen::ComputeFullU | Eigen::ComputeFullV);
        rotation = svd.matrixU() * svd.matrixV().transpose();
      }
      shared.maps[h] = rotation;
      sum += rotation.transpose() * part.rows[h];
    }
    shared.rows = sum / heads;
  }
  double norm = shared.rows.norm();
  for (int64_t h = 0; h < heads; ++h) {
    if (norm > 0)
      shared.maps[h] *= part.rows[h].norm() / norm;
    shared.error[h] = (part.rows[h] - shared.maps[h] * shared.rows).squaredNorm();
    shared.whole[h] = part.rows[h].squaredNorm();
  }
  return shared;
}

Shared shareMean(const Part &part) {
  int64_t heads = part.rows.size(), count = part.rows.front().rows();
  Shared shared;
  shared.rows = Matrix::Zero(count, part.rows.front().cols());
  for (const Matrix &rows : part.rows)
    shared.rows += rows / heads;
  for (const Matrix &rows : part.rows) {
    shared.maps.push_back(Matrix::Identity(count, count));
    shared.error.push_back((rows - shared.rows).squaredNorm());
    shared.whole.push_back(rows.squaredNorm());
  }
  return shared;
}

/// The features `indices` of the heads of a group.
Part partOf(llvm::ArrayRef<const Matrix *> heads, llvm::ArrayRef<Matrix> weights, const std::vector<int64_t> &indices) {
  Part part;
  for (auto [head, weight] : llvm::zip_equal(heads, weights)) {
    part.rows.push_back((*head)(indices, Eigen::all));
    part.weights.push_back(weight(indices, indices));
  }
  return part;
}

/// One group's shared head: per frequency, and the features without positions.
Shared share(llvm::ArrayRef<const Matrix *> heads, llvm::ArrayRef<Matrix> weights, const FeatureMaps &maps,
             const Matrix &metric, Method method) {
  int64_t features = heads.front()->rows();
  Shared result;
  result.rows.resize(features, heads.front()->cols());
  result.maps.assign(heads.size(), Matrix::Zero(features, features));
  result.error.assign(heads.size(), 0);
  result.whole.assign(heads.size(), 0);
  auto solve = [&](const std::vector<int64_t> &indices, bool complex) {
    Part part = partOf(heads, weights, indices);
    Shared shared = maps.equalOnly || method == Method::Mean ? shareMean(part)
                    : method == Method::Align                ? shareAligned(part, complex)
                    : complex                                ? shareComplex(part, metric)
                                                             : shareFree(part, metric);
    result.rows(indices, Eigen::all) = shared.rows;
    for (size_t h = 0; h < heads.size(); ++h) {
      result.maps[h](indices, indices) = shared.maps[h];
      result.error[h] += shared.error[h];
      result.whole[h] += shared.whole[h];
    }
  };
  for (int64_t pair = 0; pair < maps.pairs(); ++pair)
    solve({maps.first(pair), maps.second(pair)}, /*complex=*/true);
  if (features > maps.rotary) {
    std::vector<int64_t> rest(features - maps.rotary);
    std::iota(rest.begin(), rest.end(), maps.rotary);
    solve(rest, /*complex=*/false);
  }
  return result;
}

/// What an error in a key/value head's features costs.
struct Weights {
  std::vector<Matrix> key, value;
};

Weights weightsOf(const Heads &heads, const InputMetric &metric) {
  Weights weights;
  int64_t each = heads.queriesPerKey();
  for (size_t h = 0; h < heads.key.size(); ++h) {
    Matrix key = Matrix::Zero(heads.key[h].rows(), heads.key[h].rows());
    Matrix value = Matrix::Zero(heads.value[h].rows(), heads.value[h].rows());
    for (int64_t query = h * each; query < static_cast<int64_t>(h + 1) * each; ++query) {
      key += heads.query[query] * metric.query * heads.query[query].transpose();
      value += heads.output[query].transpose() * heads.output[query];
    }
    weights.key.push_back(std::move(key));
    weights.value.push_back(std::move(value));
  }
  return weights;
}

Shared shareGroup(const std::vector<Matrix> &all, const std::vector<Matrix> &weights, llvm::ArrayRef<int64_t> group,
                  const FeatureMaps &maps, const Matrix &metric, Method method) {
  std::vector<const Matrix *> heads;
  std::vector<Matrix> own;
  for (int64_t head : group) {
    heads.push_back(&all[head]);
    own.push_back(weights[head]);
  }
  return share(heads, own, maps, metric, method);
}

double relativeError(const Shared &shared, size_t head) {
  return shared.whole[head] > 0 ? std::sqrt(shared.error[head] / shared.whole[head]) : 0;
}

} // namespace

Merged transom::heads::mergeGroups(const Heads &heads, const Groups &groups, const FeatureMaps &keyMaps,
                                   const FeatureMaps &valueMaps, const InputMetric &metric, Method method) {
  Weights weights = weightsOf(heads, metric);
  std::vector<Matrix> keys, values, keyMap(heads.key.size()), valueMap(heads.key.size());
  std::vector<double> keyResidual(heads.key.size()), valueResidual(heads.key.size());
  for (const std::vector<int64_t> &group : groups) {
    Shared key = shareGroup(heads.key, weights.key, group, keyMaps, metric.key, method);
    Shared value = shareGroup(heads.value, weights.value, group, valueMaps, metric.key, method);
    for (auto [i, head] : llvm::enumerate(group)) {
      keyMap[head] = std::move(key.maps[i]);
      valueMap[head] = std::move(value.maps[i]);
      keyResidual[head] = relativeError(key, i);
      valueResidual[head] = relativeError(value, i);
    }
    keys.push_back(std::move(key.rows));
    values.push_back(std::move(value.rows));
  }
  Merged merged = applyMaps(heads, groups, std::move(keys), std::move(values), keyMap, valueMap);
  merged.keyResidual = std::move(keyResidual);
  merged.valueResidual = std::move(valueResidual);
  return merged;
}

Groups transom::heads::neighbouringGroups(int64_t heads, int64_t count) {
  Groups groups(count);
  for (int64_t head = 0; head < heads; ++head)
    groups[head / (heads / count)].push_back(head);
  return groups;
}

Groups transom::heads::cheapestGroups(const Heads &heads, int64_t count, const FeatureMaps &keyMaps,
                                      const FeatureMaps &valueMaps, const InputMetric &metric) {
  int64_t n = heads.key.size();
  Groups groups = neighbouringGroups(n, count);
  if (count == 1 || count == n)
    return groups;
  Weights weights = weightsOf(heads, metric);
  // Each head's errors count relative to what the head itself does: one whose scores
  // or outputs are large must not decide for all of them.
  auto cost = [&](const std::vector<int64_t> &group) {
    Shared key = shareGroup(heads.key, weights.key, group, keyMaps, metric.key, Method::Components);
    Shared value = shareGroup(heads.value, weights.value, group, valueMaps, metric.key, Method::Components);
    double sum = 0;
    for (size_t i = 0; i < group.size(); ++i)
      sum += std::pow(relativeError(key, i), 2) + std::pow(relativeError(value, i), 2);
    return sum;
  };
  std::vector<double> costs;
  for (const std::vector<int64_t> &group : groups)
    costs.push_back(cost(group));
  // Exchanges of two heads as long as they help; each lowers the sum, so this ends.
  for (bool improved = true; improved;) {
    improved = false;
    for (int64_t a = 0; a < count; ++a)
      for (int64_t b = a + 1; b < count; ++b)
        for (size_t i = 0; i < groups[a].size(); ++i)
          for (size_t j = 0; j < groups[b].size(); ++j) {
            std::vector<int64_t> first = groups[a], second = groups[b];
            std::swap(first[i], second[j]);
            double one = cost(first), two = cost(second);
            if (one + two >= (costs[a] + costs[b]) * (1 - 1e-9))
              continue;
            groups[a] = std::move(first);
            groups[b] = std::move(second);
            costs[a] = one;
            costs[b] = two;
            improved = true;
          }
  }
  for (std::vector<int64_t> &group : groups)
    llvm::sort(group);
  llvm::sort(groups);
  return groups;
}
