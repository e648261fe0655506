//===- DevicePrograms.h - host programs of a GPU, by hand -------*- C++ -*-===//
//
// What the compiler makes for a GPU, written by hand: functions of a chip,
// `prepare`, and a host program that puts launches into the stream. Kernels are
// what the fake driver does under their names.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TEST_CUDA_DEVICEPROGRAMS_H
#define TRANSOM_TEST_CUDA_DEVICEPROGRAMS_H

#include "FakeDriver.h"
#include "StateSession.h"

#include "gtest/gtest.h"

#include <algorithm>

namespace transom::test {

/// x f32[batch, width], bias f32[width] -> y f32[batch, width] = 2 * x + bias + w,
/// by the kernels "twice" (into the arena) and "add"; w f32[4] is the weights'
/// first. On the CPU too: twice as large, so that tests see which ran.
TransomProgram affineProgram();

/// values i64[count] -> positions i64[?] of what is not 0: the kernels "count"
/// and "positions"; the host reads the count. "count" records an index failure
/// where a value is negative.
TransomProgram positionsProgram();

/// rounds i64[1] -> sum i64[1]: the kernel "step" adds the round's number, which
/// the host writes into a cell, to memory that it asks for in each round.
TransomProgram roundsProgram();

/// x i64[16] -> words i64[8]: what the driver makes of x as a tensor of bf16, 2 matrices of 2 lines of 16.
TransomProgram describedProgram();

/// stepProgram, on GPUs too: the kernels "append" (one row) or "append_rows", "decay" and "total". What opens its
/// library may be joinProgram.
TransomProgram deviceStepProgram();

/// cacheProgram with the same kernels, by "join"; its weights are f32[4].
TransomProgram joinProgram();

class DeviceTest : public testing::Test {
protected:
  DeviceTest();
  void TearDown() override;
  static void SetUpTestSuite();

  static FakeDriver &driver();
  /// What opening the driver says before there is one.
  static std::string withoutDriver;
  /// Creates a context or gives the message of why not.
  TransomStatus create(const TransomProgram &program, const char *device, std::string &why);
  unsigned count(const std::string &call) const;
  /// Runs ten steps after the first ones: they allocate nothing, and copy their rows, totals and failures alone.
  void runSteadily(class Step &step);
};

/// One run of affineProgram on a session; y.
struct Affine {
  std::vector<float> x = {1, 2, 3, 4, 5, 6, 7, 8}, bias = {10, 20, 30, 40}, y = std::vector<float>(8);
  TransomTensor inputs[2] = {tensor(x, {2, 4}), tensor(bias, {4})};
  TransomTensor outputs[1] = {buffer(y)};
  TransomStatus run(Session &session) { return session.run(inputs, outputs); }
  static std::vector<float> expected() { return {12.5, 24.5, 36.5, 48.5, 20.5, 32.5, 44.5, 56.5}; }
};

inline TransomContextOptions onDevice(const char *device) {
  TransomContextOptions options = withThreads(1);
  options.device = device;
  return options;
}

/// What a model says, kept.
struct Said {
  Said() {
    options.struct_size = sizeof options;
    options.log_user = this;
    options.log = [](void *user, int32_t, const char *text) { static_cast<Said *>(user)->lines.emplace_back(text); };
  }
  long count(const std::string &line) const { return std::count(lines.begin(), lines.end(), line); }
  TransomLoadOptions options = {};
  std::vector<std::string> lines;
};

/// deviceStepProgram with a context and a state of batch 1, and 2 encoder values.
class Step : public StateSession {
public:
  explicit Step(int64_t capacity = 8, const char *device = "cuda:0",
                const TransomProgram &program = deviceStepProgram(), const TransomLoadOptions *load = nullptr)
      : StateSession(program, onDevice(device), load) {
    state = make(capacity, device);
  }

  TransomState *make(int64_t capacity, const char *device, int64_t batch = 1) {
    return StateSession::make(capacity, batch, device);
  }

  /// What state number 0 holds.
  std::vector<float> rows(TransomState *of = nullptr) {
    std::vector<float> values(64);
    TransomTensor out = buffer(values);
    EXPECT_EQ(transom_state_read(of ? of : state, 0, &out), TRANSOM_OK) << transom_state_error(of ? of : state);
    values.resize(size_t(out.shape[0] * out.shape[1] * out.shape[2]));
    return values;
  }
};

inline void DeviceTest::runSteadily(Step &step) {
  for (int i = 0; i < 4; ++i)
    step.add(1);
  driver().calls.clear();
  for (int i = 0; i < 10; ++i)
    ASSERT_FALSE(std::isnan(step.add(1))) << step.error();
  EXPECT_EQ(count("cuMemAlloc") + count("cuMemFree") + count("cuMemHostAlloc"), 0u);
  EXPECT_EQ(count("cuMemcpyDtoDAsync"), 0u);
  EXPECT_EQ(count("cuMemcpyHtoDAsync"), 10u); // the step's rows
  EXPECT_EQ(count("cuMemcpyDtoHAsync"), 20u); // the total, and the record of failures
}

} // namespace transom::test

#endif // TRANSOM_TEST_CUDA_DEVICEPROGRAMS_H
