//===- HeadCalibrationTest.cpp - fits of merged heads on activations ------===//

#include "SyntheticAttention.h"
#include <gtest/gtest.h>

using namespace transom::heads;
using namespace transom::heads::test;

TEST(Calibration, MetricIsTheSecondMomentOfTheInputs) {
  SyntheticAttention attention({});
  Calibration calibration = attention.sequences(3, 7);
  InputMetric metric = measuredMetric(calibration);
  Matrix expected = Matrix::Zero(13, 13);
  for (const Sequence &sequence : calibration.sequences)
    expected += sequence.query.cast<double>().transpose() * sequence.query.cast<double>() / 21;
  EXPECT_LT((metric.query - expected).norm(), 1e-5 * expected.norm());
  EXPECT_LT((metric.key - expected).norm(), 1e-5 * expected.norm());
  EXPECT_NEAR(metric.query(12, 12), 1, 1e-6); // the column of ones
}

TEST(Calibration, EqualHeadsStayEqual) {
  Form form;
  form.difference = 0;
  SyntheticAttention attention(form);
  Calibration calibration = attention.sequences(8, 16);
  Merged merged = attention.merged(calibration);
  refit(merged, attention.heads, attention.keyMaps, calibration, {});
  EXPECT_LT(errorOf(merged, attention.keyMaps, calibration), 2e-3);
}

TEST(Calibration, HoldsOnSequencesThatItDidNotSee) {
  for (bool hasBias : {false, true})
    for (int64_t rotary : {0, 4, 8}) {
      SCOPED_TRACE(rotary);
      Form form;
      form.rotary = rotary;
      form.hasBias = hasBias;
      SyntheticAttention attention(form);
      Calibration seen = attention.sequences(24, 24), unseen = attention.sequences(8, 24);
      Merged merged = attention.merged(seen);
      double before = errorOf(merged, attention.keyMaps, unseen);
      refit(merged, attention.heads, attention.keyMaps, seen, {});
      EXPECT_LT(errorOf(merged, attention.keyMaps, unseen), 1.02 * before);
    }
}

TEST(Calibration, RefinementDoesNotForgetOtherSequences) {
  SyntheticAttention attention({});
  Calibration seen = attention.sequences(24, 24), unseen = attention.sequences(8, 24);
  FitOptions alternating;
  alternating.refinements = 0;
  Merged fitted = attention.merged(seen), refined = fitted;
  refit(fitted, attention.heads, attention.keyMaps, seen, alternating);
  refit(refined, attention.heads, attention.keyMaps, seen, {});
  EXPECT_LT(errorOf(refined, attention.keyMaps, unseen), 1.02 * errorOf(fitted, attention.keyMaps, unseen));
}

TEST(Calibration, RepairsWhatLayersBeforeBroke) {
  // The input is not the original's, the target still is: the heads take up what
  // can be taken up.
  SyntheticAttention attention({});
  Calibration calibration = attention.sequences(16, 16);
  Matrix broken = Matrix::Identity(13, 13);
  broken.block(0, 0, 12, 12) *= 0.8;
  broken(3, 4) = broken(7, 1) = 0.3;
  for (Sequence &sequence : calibration.sequences) {
    sequence.query = sequence.key = sequence.originalQuery * broken.cast<float>();
  }
  Merged merged = attention.merged(calibration);
  double before = outputResidual(merged, attention.keyMaps, calibration);
  refit(merged, attention.heads, attention.keyMaps, calibration, {});
  EXPECT_LT(outputResidual(merged, attention.keyMaps, calibration), 0.5 * before);
}

TEST(Calibration, RowsThatSeeNoKeyAddNothing) {
  FloatMatrix scores(2, 3);
  float hidden = -std::numeric_limits<float>::infinity();
  scores << hidden, hidden, hidden, 1, hidden, 1;
  softmaxRows(scores);
  EXPECT_TRUE(scores.row(0).isZero(0));
  EXPECT_FLOAT_EQ(scores(1, 0), 0.5f);
  EXPECT_EQ(scores(1, 1), 0);
}

TEST(Calibration, TurningBackUndoesTurning) {
  for (bool interleaved : {false, true}) {
    Form form;
    form.rotary = 6;
    form.interleaved = interleaved;
    SyntheticAttention attention(form);
    Calibration calibration = attention.sequences(1, 5);
    FloatMatrix features = FloatMatrix::Random(5, 8);
    const Rotation &rotation = calibration.sequences[0].queryRotation;
    FloatMatrix there = turned(features, rotation, attention.keyMaps, 1);
    EXPECT_GT((there - features).norm(), 0.5);
    EXPECT_EQ(there.rightCols(2), features.rightCols(2)); // not rotated
    EXPECT_LT((turned(there, rotation, attention.keyMaps, -1) - features).norm(), 1e-5);
  }
}
