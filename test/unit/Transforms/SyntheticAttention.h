//===- SyntheticAttention.h - small attentions to fit -----------*- C++ -*-===//
#ifndef TRANSOM_TEST_UNIT_TRANSFORMS_SYNTHETICATTENTION_H
#define TRANSOM_TEST_UNIT_TRANSFORMS_SYNTHETICATTENTION_H

#include "HeadCalibration.h"
#include <random>

namespace transom::heads::test {

/// What differs between the attentions that are tried.
struct Form {
  int64_t heads = 4, features = 8, inputs = 12, outputs = 10;
  int64_t queriesPerKey = 1;
  int64_t rotary = 8;
  bool interleaved = false;
  bool hasBias = false;     ///< of queries, keys and values
  bool biasPerHead = false; ///< slopes: each head's scores fall with the distance differently
  bool causal = true;
  /// Parts of a head that its group does not have in common; 0 for heads that are
  /// equal up to maps.
  double difference = 0.3;
};

/// An attention whose heads 0, 1 and 2, 3 .. are alike but for `difference`, and what it
/// computes on random sequences.
class SyntheticAttention {
public:
  explicit SyntheticAttention(const Form &form, unsigned seed = 1);

  Calibration sequences(int64_t count, int64_t rows);
  Groups pairs() const { return neighbouringGroups(form.heads, form.heads / 2); }
  Merged merged(const Calibration &calibration) const;

  Heads heads;
  FeatureMaps keyMaps, valueMaps;
  float scale = 0.4f;

private:
  Matrix random(int64_t rows, int64_t columns);
  Matrix keyMap();

  Form form;
  std::mt19937 generator;
  Matrix mixing; ///< of inputs, so that they are no white noise
};

/// Outputs of `heads` on one sequence, computed plainly in f64; `order` names the
/// original query head of each, whose bias it has.
Matrix outputOf(const Heads &heads, const FeatureMaps &maps, const Sequence &sequence, double scale,
                const std::vector<int64_t> &order);

/// Relative error of `merged` on the sequences, computed plainly.
double errorOf(const Merged &merged, const FeatureMaps &maps, const Calibration &calibration);

} // namespace transom::heads::test

#endif // TRANSOM_TEST_UNIT_TRANSFORMS_SYNTHETICATTENTION_H
