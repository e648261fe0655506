//===- HeadAlgebra.cpp - heads that are equal up to a map -----------------===//

#include "HeadAlgebra.h"
#include "llvm/ADT/STLExtras.h"
#include <limits>
#include <numeric>

using namespace transom::heads;

namespace {

/// Rank decisions of free maps: singular directions below this part of the
/// greatest are rounding.
constexpr double kRankTolerance = 1e-7;

/// A map much greater than one would blow rounding errors up.
constexpr double kLargestMap = 1e4;

double relative(double residual, double whole) {
  return whole > 0 ? residual / whole : residual > 0 ? std::numeric_limits<double>::infinity() : 0;
}

} // namespace

RelatedHead::RelatedHead(const Matrix &head, const FeatureMaps &maps) : head(head), maps(maps) {
  int64_t features = head.rows(), columns = head.cols();
  int64_t wanted = std::min(columns, features + std::max<int64_t>(8, features / 4));
  for (int64_t i = 0; i < wanted; ++i)
    sample.push_back(i * columns / wanted);
}

/// other ~ A source by least squares.
Relation RelatedHead::free(const Matrix &source, const Matrix &other) const {
  Eigen::ColPivHouseholderQR<Matrix> qr;
  qr.setThreshold(kRankTolerance);
  qr.compute(source.transpose());
  Relation relation;
  relation.map = qr.solve(other.transpose()).transpose();
  relation.residual = (other - relation.map * source).norm();
  return relation;
}

Relation RelatedHead::to(const Matrix &other, double tolerance) const {
  const double infinity = std::numeric_limits<double>::infinity();
  if (other.rows() != head.rows() || other.cols() != head.cols())
    return {{}, infinity};
  int64_t features = head.rows(), columns = head.cols() - (maps.shiftFree ? 1 : 0);
  double norm = other.leftCols(columns).norm();
  if (other.leftCols(columns) == head.leftCols(columns))
    return {Matrix::Identity(features, features), 0};
  if (maps.equalOnly)
    return {{}, relative((other - head).leftCols(columns).norm(), norm)};

  Relation result{Matrix::Zero(features, features), 0};
  double squared = 0;
  for (int64_t pair = 0; pair < maps.pairs(); ++pair) {
    int64_t a = maps.first(pair), b = maps.second(pair);
    auto row = [&](const Matrix &m, int64_t i) { return m.row(i).head(columns); };
    // (re, im) of a complex number times the head's: other = (re + i im) head.
    double energy = row(head, a).squaredNorm() + row(head, b).squaredNorm(), re = 1, im = 0;
    if (energy > 0) {
      re = (row(head, a).dot(row(other, a)) + row(head, b).dot(row(other, b))) / energy;
      im = (row(head, a).dot(row(other, b)) - row(head, b).dot(row(other, a))) / energy;
    }
    squared += (row(other, a) - re * row(head, a) + im * row(head, b)).squaredNorm() +
               (row(other, b) - re * row(head, b) - im * row(head, a)).squaredNorm();
    if (relative(std::sqrt(squared), norm) > tolerance)
      return {{}, relative(std::sqrt(squared), norm)};
    result.map(a, a) = result.map(b, b) = re;
    result.map(b, a) = im;
    result.map(a, b) = -im;
  }
  int64_t rest = features - maps.rotary;
  if (rest > 0) {
    if (columns > static_cast<int64_t>(sample.size())) {
      std::vector<int64_t> some;
      llvm::copy_if(sample, std::back_inserter(some), [&](int64_t column) { return column < columns; });
      Matrix from = head(Eigen::lastN(rest), some), to = other(Eigen::lastN(rest), some);
      // A part of the columns leaves no more than all do.
      double residual = relative(free(from, to).residual, norm);
      if (residual > tolerance)
        return {{}, residual};
    }
    Relation free = this->free(head.bottomLeftCorner(rest, columns), other.bottomLeftCorner(rest, columns));
    result.map.bottomRightCorner(rest, rest) = free.map;
    squared += free.residual * free.residual;
  }
  result.residual = relative(std::sqrt(squared), norm);
  if (result.map.cwiseAbs().maxCoeff() > kLargestMap)
    result.residual = infinity;
  return result;
}

Groups transom::heads::cutClasses(llvm::ArrayRef<std::vector<int64_t>> classes) {
  int64_t size = 0;
  for (const std::vector<int64_t> &members : classes)
    size = std::gcd(size, static_cast<int64_t>(members.size()));
  Groups groups;
  for (const std::vector<int64_t> &members : classes)
    for (size_t i = 0; i < members.size(); i += size)
      groups.emplace_back(members.begin() + i, members.begin() + i + size);
  // In the order of their first heads, so that heads move as little as they can.
  llvm::sort(groups);
  return groups;
}

Merged transom::heads::applyMaps(const Heads &heads, const Groups &groups, std::vector<Matrix> keys,
                                 std::vector<Matrix> values, llvm::ArrayRef<Matrix> keyMaps,
                                 llvm::ArrayRef<Matrix> valueMaps) {
  Merged merged;
  merged.heads.key = std::move(keys);
  merged.heads.value = std::move(values);
  int64_t each = heads.queriesPerKey();
  for (const std::vector<int64_t> &group : groups)
    for (int64_t head : group)
      for (int64_t query = head * each; query < (head + 1) * each; ++query) {
        merged.order.push_back(query);
        merged.heads.query.push_back(keyMaps[head].transpose() * heads.query[query]);
        merged.heads.output.push_back(heads.output[query] * valueMaps[head]);
      }
  merged.keyResidual.assign(heads.key.size(), 0);
  merged.valueResidual.assign(heads.key.size(), 0);
  return merged;
}
