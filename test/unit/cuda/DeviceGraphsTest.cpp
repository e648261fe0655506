//===- DeviceGraphsTest.cpp - steps launched as graphs --------------------===//
#include "DevicePrograms.h"

namespace transom::test {
namespace {

class DeviceGraphs : public DeviceTest {};

/// The sum that add(1) gives where `rows` rows of ones are there afterwards, after `runs` runs.
float expected(int64_t rows, int runs) { return float(4 * rows) + 4 * (2 - std::ldexp(1.f, 1 - runs)); }

TEST_F(DeviceGraphs, AStepIsCapturedOnceAndLaunchedFromThenOn) {
  Step step(64);
  for (int i = 1; i <= 12; ++i)
    ASSERT_EQ(step.add(1), expected(i, i)) << step.error();
  // One by one the first time, captured the second.
  EXPECT_EQ(driver().launches.size(), 6u);
  EXPECT_EQ(count("cuStreamBeginCapture"), 1u);
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
  EXPECT_EQ(count("cuGraphLaunch"), 11u);
  // Each step has another length, and what is replaced lies in two places by turns: all three kernels are given
  // theirs ten times.
  EXPECT_EQ(driver().updates.size(), 30u);
  const FakeLaunch &last = driver().updates.back();
  EXPECT_EQ(last.function, "total");
  EXPECT_EQ(last.arguments[5], 12);
  EXPECT_EQ(last.grid, 4u);
  EXPECT_EQ(driver().launches[5].grid, 1u);
}

TEST_F(DeviceGraphs, OtherFormsAreOtherGraphs) {
  Step step(64);
  int64_t rows = 0;
  int runs = 0;
  auto add = [&](int64_t more) {
    rows += more;
    ASSERT_EQ(step.add(1, more), expected(rows, ++runs)) << step.error();
  };
  add(5); // the prompt
  add(1);
  add(1);
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
  add(3); // the prompt's kernels again
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
  add(2);
  EXPECT_EQ(count("cuGraphInstantiate"), 2u);
  // Both are kept.
  for (int64_t more : {1, 4, 1, 1, 2, 1})
    add(more);
  EXPECT_EQ(count("cuGraphInstantiate"), 2u);
  EXPECT_EQ(count("cuStreamBeginCapture"), 2u);
  EXPECT_EQ(count("cuGraphLaunch"), 8u);
}

TEST_F(DeviceGraphs, StatesThatAreForkedShareOne) {
  Step step(8);
  step.add(1);
  step.add(1);
  TransomState *copy = nullptr;
  ASSERT_EQ(transom_state_fork(step.state, &copy), TRANSOM_OK);
  EXPECT_EQ(step.add(5, 1, copy), 8 + 20 + 7);
  EXPECT_EQ(step.add(1), 12 + 7);
  EXPECT_EQ(step.add(1, 1, copy), 8 + 20 + 4 + 7.5);
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
  transom_state_destroy(copy);
}

TEST_F(DeviceGraphs, NothingIsAllocatedOrCopiedInASteadyState) {
  Step step(64);
  runSteadily(step);
  EXPECT_EQ(count("cuLaunchKernel"), 0u);
  EXPECT_EQ(count("cuGraphLaunch"), 10u);
}

TEST_F(DeviceGraphs, AfterATrimTheyAreMadeAnew) {
  Step step(64);
  for (int i = 1; i <= 3; ++i)
    step.add(1);
  ASSERT_EQ(transom_trim(step.context), TRANSOM_OK);
  EXPECT_EQ(driver().graphs, 0);
  for (int i = 4; i <= 6; ++i)
    ASSERT_EQ(step.add(1), expected(i, i)) << step.error();
  EXPECT_EQ(count("cuGraphInstantiate"), 2u);
}

TEST_F(DeviceGraphs, ArgumentsThatAreRefused) {
  Said said;
  Step step(64, "cuda:0", deviceStepProgram(), &said.options);
  step.add(1);
  step.add(1);
  driver().refusals["cuGraphExecKernelNodeSetParams"] = {1, 999};
  for (int i = 3; i <= 5; ++i)
    ASSERT_EQ(step.add(1), expected(i, i)) << step.error();
  EXPECT_EQ(count("cuGraphLaunch"), 1u);
  EXPECT_EQ(driver().graphs, 0);
  EXPECT_EQ(said.count("model \"cache\" on cuda:0: kernels are launched one by one, not as graphs: "
                       "cuGraphExecKernelNodeSetParams: a refusal (CUDA_ERROR_OF_A_TEST, 999)"),
            1);
}

TEST_F(DeviceGraphs, LaunchesThatAreRefusedFailTheRun) {
  Step step(64);
  step.add(1);
  step.add(1);
  driver().refusals["cuGraphLaunch"] = {0, 700};
  EXPECT_TRUE(std::isnan(step.add(1)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(step.error(), "cuGraphLaunch on cuda:0: an illegal address (CUDA_ERROR_ILLEGAL_ADDRESS, 700)");
  EXPECT_EQ(transom_state_length(step.state), 2);
  driver().refusals.clear();
  EXPECT_EQ(step.add(1), expected(3, 3)) << step.error();
}

TEST_F(DeviceGraphs, FailuresOfKernelsAreOfTheirRun) {
  Step step(64);
  for (int i = 1; i <= 3; ++i)
    step.add(1);
  EXPECT_TRUE(std::isnan(step.add(-1000)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_DATA);
  EXPECT_EQ(step.add(1), expected(4, 4)) << step.error();
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
}

} // namespace
} // namespace transom::test
