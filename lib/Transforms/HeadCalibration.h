//===- HeadCalibration.h - refitting merged heads on activations -*- C++ -*-===//
//
// Alternating least squares after a merge (HeadAlgebra.h). Queries, then shared
// keys, on the original's logits, weighted by its probabilities and centred per
// row, because softmax ignores a row's constant; then outputs and shared values on
// what the layer should add to the residual stream, so that a layer repairs what
// the ones before it broke. Each step is linear: conjugate gradients on the normal
// equations, preconditioned by the inputs' second moment.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_HEADCALIBRATION_H
#define TRANSOM_LIB_TRANSFORMS_HEADCALIBRATION_H

#include "HeadAlgebra.h"

namespace transom::heads {

using FloatMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Cosines and sines of one sequence's positions, one column a pair; none without
/// rotary positions.
struct Rotation {
  FloatMatrix cos, sin;
};

/// One sequence as one attention sees it. Inputs have a column of ones.
struct Sequence {
  FloatMatrix originalQuery, originalKey; ///< inputs of the projections in the original model
  FloatMatrix query, key;                 ///< and in the model as far as it is converted
  Rotation queryRotation, keyRotation;
  /// Added to the scaled logits, -infinity where a key is hidden: one for all
  /// heads, or one a head.
  std::vector<FloatMatrix> bias;
  FloatMatrix target; ///< what the heads' outputs should sum to
};

struct Calibration {
  float scale = 1;
  std::vector<Sequence> sequences;
};

struct FitOptions {
  int rounds = 3;
  int steps = 16; ///< of conjugate gradients
  double damping = 1e-3;
};

/// Second moments of the inputs: the metric of the merge.
InputMetric measuredMetric(const Calibration &calibration);

/// Refits what `merged` made of `original`.
void refit(Merged &merged, const Heads &original, const FeatureMaps &keyMaps, const Calibration &calibration,
           const FitOptions &options);

} // namespace transom::heads

#endif // TRANSOM_LIB_TRANSFORMS_HEADCALIBRATION_H
