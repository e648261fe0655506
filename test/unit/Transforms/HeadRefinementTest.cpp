//===- HeadRefinementTest.cpp - Gauss-Newton on merged heads --------------===//

#include "SyntheticAttention.h"
#include <gtest/gtest.h>

using namespace transom::heads;
using namespace transom::heads::test;

namespace {

std::vector<std::pair<const char *, Form>> forms() {
  std::vector<std::pair<const char *, Form>> all(9);
  all[0].first = "rotary";
  all[1].first = "partly rotary";
  all[1].second.rotary = 4;
  all[2].first = "neighbouring pairs";
  all[2].second.interleaved = true;
  all[3].first = "no positions";
  all[3].second.rotary = 0;
  all[4].first = "biases";
  all[4].second.hasBias = true;
  all[5].first = "a bias of each head's scores";
  all[5].second.rotary = 0;
  all[5].second.biasPerHead = true;
  all[6].first = "bidirectional";
  all[6].second.causal = false;
  all[7].first = "grouped already";
  all[7].second.queriesPerKey = 2;
  all[8].first = "six heads";
  all[8].second.heads = 6;
  return all;
}

/// Steps that help sequences that were held out, on all of them; where there are few, all steps.
void refineOn(Merged &merged, const FeatureMaps &maps, const Calibration &calibration, const FitOptions &options) {
  std::vector<const Sequence *> all, seen, unseen;
  for (size_t i = 0; i < calibration.sequences.size(); ++i) {
    all.push_back(&calibration.sequences[i]);
    (i % 4 == 3 ? unseen : seen).push_back(all.back());
  }
  std::vector<double> steps(options.refinements, options.firstDamping);
  if (!unseen.empty()) {
    Merged trial = merged;
    steps = stepsThatHelp(trial, maps, calibration.scale, seen, unseen, options);
  }
  refine(merged, maps, calibration.scale, all, steps, options);
}

} // namespace

TEST(Refinement, ResidualIsWhatAPlainComputationGives) {
  for (auto &[name, form] : forms()) {
    SCOPED_TRACE(name);
    SyntheticAttention attention(form);
    Calibration calibration = attention.sequences(3, 9);
    Merged merged = attention.merged(calibration);
    double plain = errorOf(merged, attention.keyMaps, calibration);
    EXPECT_GT(plain, 0.03);
    EXPECT_NEAR(outputResidual(merged, attention.keyMaps, calibration), plain, 1e-5 * plain);
  }
}

TEST(Refinement, LowersTheErrorOfMostForms) {
  size_t improved = 0;
  for (auto &[name, form] : forms()) {
    SCOPED_TRACE(name);
    SyntheticAttention attention(form);
    Calibration calibration = attention.sequences(8, 16);
    Merged merged = attention.merged(calibration);
    double before = errorOf(merged, attention.keyMaps, calibration);
    refineOn(merged, attention.keyMaps, calibration, {});
    double after = errorOf(merged, attention.keyMaps, calibration);
    EXPECT_LE(after, before);
    improved += after < 0.9 * before;
  }
  // Components alone are no fit of the output; where sequences that were not fitted to gain nothing, steps are taken
  // back.
  EXPECT_GE(2 * improved, forms().size());
}

TEST(Refinement, NeverLeavesMoreErrorThanItFinds) {
  // Steps without damping go too far; the ones that do not help are taken back.
  SyntheticAttention attention({});
  Calibration calibration = attention.sequences(2, 8);
  FitOptions options;
  options.refinements = 1;
  for (double damping : {1e-12, 1e-6, 1e-2, 1.0, 1e6}) {
    SCOPED_TRACE(damping);
    Merged merged = attention.merged(calibration);
    double last = errorOf(merged, attention.keyMaps, calibration);
    options.firstDamping = damping;
    for (int round = 0; round < 4; ++round) {
      refineOn(merged, attention.keyMaps, calibration, options);
      double now = errorOf(merged, attention.keyMaps, calibration);
      EXPECT_LE(now, last * (1 + 1e-6));
      last = now;
    }
  }
}

TEST(Refinement, FindsAllWeightsThatWereMovedALittle) {
  // The right weights are there: what steps along queries, keys, values and outputs
  // leave is rounding if every derivative is right, and not if one is missing.
  for (auto &[name, form] : forms()) {
    SCOPED_TRACE(name);
    Form equal = form;
    equal.difference = 0;
    SyntheticAttention attention(equal);
    Calibration calibration = attention.sequences(24, 16);
    Merged merged = attention.merged(calibration);
    ASSERT_LT(errorOf(merged, attention.keyMaps, calibration), 1e-5);
    std::mt19937 generator(5);
    std::normal_distribution<double> normal;
    for (auto *list : {&merged.heads.query, &merged.heads.key, &merged.heads.value, &merged.heads.output})
      for (Matrix &head : *list)
        head += Matrix::NullaryExpr(head.rows(), head.cols(), [&] { return 0.01 * normal(generator) * head.norm(); }) /
                std::sqrt(static_cast<double>(head.size()));
    double moved = errorOf(merged, attention.keyMaps, calibration);
    ASSERT_GT(moved, 3e-3);
    FitOptions options;
    options.refinements = 6;
    options.steps = 60;
    options.firstDamping = 1e-4;
    refineOn(merged, attention.keyMaps, calibration, options);
    EXPECT_LT(errorOf(merged, attention.keyMaps, calibration), moved / 20);
  }
}

TEST(Refinement, DoesNotDependOnThreads) {
  SyntheticAttention attention({});
  Calibration calibration = attention.sequences(6, 12);
  Merged first = attention.merged(calibration), second = first;
  refineOn(first, attention.keyMaps, calibration, {});
  refineOn(second, attention.keyMaps, calibration, {});
  for (size_t head = 0; head < first.heads.query.size(); ++head)
    EXPECT_EQ(first.heads.query[head], second.heads.query[head]);
}

TEST(Refinement, NothingToAimAtIsNoError) {
  SyntheticAttention attention({});
  Calibration calibration = attention.sequences(1, 4);
  Merged merged = attention.merged(calibration);
  for (Matrix &head : merged.heads.output)
    head.setZero();
  calibration.sequences[0].target.setZero();
  EXPECT_EQ(outputResidual(merged, attention.keyMaps, calibration), 0);
  refineOn(merged, attention.keyMaps, calibration, {});
  for (const Matrix &head : merged.heads.output)
    EXPECT_TRUE(head.isZero(0));
}
