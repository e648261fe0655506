//===- HeadCalibration.h - refitting merged heads on activations -*- C++ -*-===//
//
// Alternating least squares after a merge (HeadAlgebra.h). Queries, then shared
// keys, on the original's logits, weighted by its probabilities and centred per
// row, because softmax ignores a row's constant; then outputs and shared values on
// what the layer should add to the residual stream, so that a layer repairs what
// the ones before it broke. Each step is linear: conjugate gradients on the normal
// equations, preconditioned by the inputs' second moment. At last all of them
// together, on the residual stream.
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

using Sequences = llvm::ArrayRef<const Sequence *>;
/// All sequences of a calibration, in their order.
std::vector<const Sequence *> allOf(const Calibration &calibration);

struct FitOptions {
  int rounds = 3;
  int steps = 16; ///< of conjugate gradients
  double damping = 1e-3;
  int refinements = 4;        ///< steps on all weights together
  double firstDamping = 1e-2; ///< of them; a third after each that helped, ten times as much after one that did not
};

/// Second moments of the inputs: the metric of the merge.
InputMetric measuredMetric(const Calibration &calibration);

/// Refits what `merged` made of `original`: the alternating fits, then `refine`. All sequences are fitted to.
/// Where they have few equations to a weight, a trial first finds which steps help: every fourth sequence is held out
/// of both fits, and judges.
void refit(Merged &merged, const Heads &original, const FeatureMaps &keyMaps, const Calibration &calibration,
           const FitOptions &options);

/// Gauss-Newton steps on all weights together (HeadRefinement.cpp), fitted to `sequences`: takes those that lower the
/// error there and on `unseen`, and gives their damping, one after the other.
std::vector<double> stepsThatHelp(Merged &merged, const FeatureMaps &keyMaps, float scale, Sequences sequences,
                                  Sequences unseen, const FitOptions &options);
/// Such steps, each unless it raises the error.
void refine(Merged &merged, const FeatureMaps &keyMaps, float scale, Sequences sequences,
            llvm::ArrayRef<double> dampings, const FitOptions &options);

/// The root of the mean squared error of what the heads add to the residual stream,
/// relative to what they should add.
double outputResidual(Merged &merged, const FeatureMaps &keyMaps, const Calibration &calibration);

/// Rotates each pair of features by its row's angle, times `direction`.
FloatMatrix turned(FloatMatrix features, const Rotation &rotation, const FeatureMaps &maps, float direction);

/// Scores to probabilities, row by row; 0 in rows that see no key.
void softmaxRows(FloatMatrix &scores);

} // namespace transom::heads

#endif // TRANSOM_LIB_TRANSFORMS_HEADCALIBRATION_H
