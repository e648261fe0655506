//===- HeadAlgebra.h - heads of attention as matrices -----------*- C++ -*-===//
//
// What merging key/value heads needs of linear algebra, in f64; knows no IR.
//
// A head is a matrix of one row a feature and one column an input, with the bias
// as one more column (zero where there is none); an output head is [outputs,
// features]. A head's scores are (Q x)^T (K y), its part of the layer's output is
// O sum p (V y). So K = A S may read S instead where Q becomes A^T Q, and V = B S
// where O becomes O B: any A without rotary positions between, and with them the A
// that commute with every rotation, which per frequency is a complex number.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_HEADALGEBRA_H
#define TRANSOM_LIB_TRANSFORMS_HEADALGEBRA_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <Eigen/Dense>
#include <optional>
#include <string>
#include <vector>

namespace transom::heads {

using Matrix = Eigen::MatrixXd;

/// Which maps of a head's features can be moved to the other factor.
struct FeatureMaps {
  bool equalOnly = false;   ///< none: heads must be equal
  std::string why;          ///< what stands between, where none can
  int64_t rotary = 0;       ///< features that positions rotate; any map of the others
  bool interleaved = false; ///< pairs are (2i, 2i+1), not (i, i + rotary/2)
  /// The last column (the bias) makes no difference: keys of one head may all be
  /// moved by one vector, which the softmax takes out again.
  bool shiftFree = false;

  int64_t pairs() const { return rotary / 2; }
  int64_t first(int64_t pair) const { return interleaved ? 2 * pair : pair; }
  int64_t second(int64_t pair) const { return interleaved ? 2 * pair + 1 : pair + pairs(); }
};

/// The weights of one attention. Query and output heads are `queriesPerKey` to a
/// key/value head, in order.
struct Heads {
  std::vector<Matrix> query, key, value, output;
  int64_t queriesPerKey() const { return query.size() / key.size(); }
};

/// Key/value heads that share: the heads of each group, and with `maps` head h of
/// what is merged is maps[h] times the group's.
using Groups = std::vector<std::vector<int64_t>>;

/// K = A S with one of the maps; the residual relative to K. No map where K is of
/// other dims than S.
struct Relation {
  Matrix map;
  double residual = 0;
};

/// Heads that others are compared with, prepared once.
class RelatedHead {
public:
  RelatedHead(const Matrix &head, const FeatureMaps &maps);
  /// The best map from this head to `other`. Stops early, with a residual above
  /// `tolerance` and without a map, where a part shows already that none will do.
  Relation to(const Matrix &other, double tolerance) const;

private:
  Relation free(const Matrix &source, const Matrix &other) const;
  const Matrix &head;
  const FeatureMaps &maps;
  /// Columns that free maps are tried on first.
  std::vector<int64_t> sample;
};

/// Equal-sized groups from classes of equal heads: classes are cut into groups of
/// the greatest size that fits all of them.
Groups cutClasses(llvm::ArrayRef<std::vector<int64_t>> classes);

/// What replaces an attention's heads. `order` lists the old query heads in the
/// new order; query, output follow it. Heads have as many features as before.
struct Merged {
  std::vector<int64_t> order;
  Heads heads;
  /// Per old key/value head: relative residual of keys and values in the metric
  /// that the method minimises; 0 where it is equal.
  std::vector<double> keyResidual, valueResidual;
  /// After a refit: outputResidual (HeadCalibration.h) before and after it.
  struct Fitted {
    double before, after;
  };
  std::optional<Fitted> fitted;
};

/// Applies maps: shared[g] is what head h of group g is keyMaps[h] times.
Merged applyMaps(const Heads &heads, const Groups &groups, std::vector<Matrix> keys, std::vector<Matrix> values,
                 llvm::ArrayRef<Matrix> keyMaps, llvm::ArrayRef<Matrix> valueMaps);

//===-- Lossy merging ------------------------------------------------------===//

enum class Method {
  Components, ///< principal components of the keys as queries see them, and of the outputs' products with values
  Align,      ///< rotate heads onto each other, take the mean, restore norms (Procrustes)
  Mean,       ///< Ainslie et al., 2023
};

/// Second moments of the inputs with a one appended, as far as they are known.
struct InputMetric {
  Matrix query, key; ///< [inputs + 1, inputs + 1]
};

/// Shared heads of `groups`.
Merged mergeGroups(const Heads &heads, const Groups &groups, const FeatureMaps &keyMaps, const FeatureMaps &valueMaps,
                   const InputMetric &metric, Method method);

/// Groups of equal size with the least sum of costs that exchanges of heads find,
/// beginning with neighbours.
Groups cheapestGroups(const Heads &heads, int64_t count, const FeatureMaps &keyMaps, const FeatureMaps &valueMaps,
                      const InputMetric &metric);

/// Neighbours: 0 .. n/count-1, and so on.
Groups neighbouringGroups(int64_t heads, int64_t count);

} // namespace transom::heads

#endif // TRANSOM_LIB_TRANSFORMS_HEADALGEBRA_H
