//===- DeviceStatesTest.cpp - states on a GPU that is none ----------------===//
#include "DevicePrograms.h"
#include "transom/transom.hpp"

#include <algorithm>

namespace transom::test {
namespace {

class DeviceStates : public DeviceTest {};

TEST_F(DeviceStates, StayBetweenRuns) {
  Step step;
  EXPECT_STREQ(transom_state_device(step.state), "cuda:0");
  EXPECT_EQ(step.add(1), 4 + 4) << step.error(); // decayed: 1
  EXPECT_EQ(step.add(2, 2), 4 + 16 + 6);         // 1.5
  EXPECT_EQ(step.add(0), 4 + 16 + 0 + 7);        // 1.75
  EXPECT_EQ(transom_state_length(step.state), 4);
  EXPECT_EQ(step.rows(), (std::vector<float>{1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0}));
  TransomTensor seen;
  int64_t strides[TRANSOM_MAX_RANK];
  ASSERT_EQ(transom_state_tensor(step.state, 0, &seen, strides), TRANSOM_OK);
  EXPECT_EQ(seen.device_type, 2);
  EXPECT_EQ(seen.device_id, 0);
  EXPECT_EQ(shapeOf(seen), (std::vector<int64_t>{1, 4, 4}));
  EXPECT_EQ(strides[0], 32);
  // Written where it lies.
  EXPECT_EQ(driver().launches[0].arguments[1], reinterpret_cast<int64_t>(seen.data));
}

TEST_F(DeviceStates, InASteadyStateTokensGoInAndResultsOut) {
  Step step(64);
  runSteadily(step);
}

TEST_F(DeviceStates, FullOnesRefuse) {
  Step step(3);
  step.add(1, 2);
  size_t launches = driver().launches.size();
  EXPECT_TRUE(std::isnan(step.add(1, 2)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(step.error(), "the state has room for 3 rows; after this run it has 4");
  EXPECT_EQ(driver().launches.size(), launches);
  EXPECT_EQ(transom_state_length(step.state), 2);
  EXPECT_EQ(step.add(1), 12 + 6);
}

TEST_F(DeviceStates, FailedRunsLeaveThemAsTheyWere) {
  Step step;
  step.add(1);
  driver().refusals["cuLaunchKernel"] = {1, 700};
  EXPECT_TRUE(std::isnan(step.add(1)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(transom_state_length(step.state), 1);
  driver().refusals.clear();
  EXPECT_TRUE(std::isnan(step.add(-1000)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_DATA);
  EXPECT_EQ(transom_state_length(step.state), 1);
  EXPECT_EQ(step.add(1), 8 + 6);
}

TEST_F(DeviceStates, AreCopied) {
  Step step;
  EXPECT_STREQ(transom_state_device(step.state), "cuda:0");
  step.expectCopiesAreApart();
}

/// Of the rows of `past` a run keeps the last 3.
TransomProgram windowProgram() {
  static constexpr int64_t windows[] = {3, 0, 0};
  TransomProgram made = deviceStepProgram();
  made.windows = windows;
  return made;
}

TEST_F(DeviceStates, WindowsMoveOn) {
  Step step(5, "cuda:0", windowProgram());
  float decayed = 0;
  for (int i = 1; i <= 20; ++i) {
    float want = 4 * float(i) + 4 * (decayed = decayed / 2 + 1);
    for (int row = std::max(1, i - 3); row < i; ++row)
      want += 4 * float(row);
    EXPECT_FLOAT_EQ(step.add(float(i)), want) << step.error();
    EXPECT_EQ(transom_state_length(step.state), std::min(i, 3));
  }
  // Back to the front after runs 9 and 15, when 6 rows were left behind.
  EXPECT_EQ(count("cuMemcpyDtoDAsync"), 2u);
  EXPECT_EQ(step.rows(), (std::vector<float>{18, 18, 18, 18, 19, 19, 19, 19, 20, 20, 20, 20}));
  EXPECT_EQ(transom_state_truncate(step.state, 2), TRANSOM_ERROR_ARGUMENT);
  // The rows of run 21 have to move again.
  driver().refusals["cuMemcpyDtoDAsync"] = {0, 999};
  EXPECT_TRUE(std::isnan(step.add(21)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(step.error(), "copying a state on cuda:0: a refusal (CUDA_ERROR_OF_A_TEST, 999)");
  driver().refusals.clear();
  TransomState *copy = nullptr;
  ASSERT_EQ(transom_state_fork(step.state, &copy), TRANSOM_OK) << transom_state_error(step.state);
  EXPECT_EQ(step.rows(copy), step.rows());
  decayed = decayed / 2 + 1;
  EXPECT_FLOAT_EQ(step.add(21), 4 * (18 + 19 + 20 + 21) + 4 * decayed);
  EXPECT_FLOAT_EQ(step.add(21, 1, copy), 4 * (18 + 19 + 20 + 21) + 4 * decayed);
  transom_state_destroy(copy);
}

TEST_F(DeviceStates, WindowsOfSeveralPieces) {
  Step step(5, "cuda:0", windowProgram());
  TransomState *two = step.make(5, "cuda:0", 2);
  ASSERT_NE(two, nullptr) << step.said;
  // Each moves on by 2 rows; the third time they have to move back.
  for (int i = 0; i < 4; ++i) {
    std::vector<float> rows(2 * 5 * 4), last;
    for (size_t j = 0; j < rows.size(); ++j) {
      rows[j] = float(100 * i) + float(j);
      if (j % 20 >= 8)
        last.push_back(rows[j]);
    }
    TransomTensor given = tensor(rows, {2, 5, 4});
    ASSERT_EQ(transom_state_write(two, 0, &given), TRANSOM_OK) << transom_state_error(two);
    EXPECT_EQ(transom_state_length(two), 3);
    EXPECT_EQ(step.rows(two), last);
  }
  EXPECT_EQ(count("cuMemcpyDtoDAsync"), 2u);
  transom_state_destroy(two);
}

TEST_F(DeviceStates, WindowsOfRowsThatKernelsCannotReadAtOnceAreRefused) {
  TransomProgram program = windowProgram();
  TransomStateDesc states[] = {program.states[0], program.states[1], program.states[2]};
  states[0].value.type = TRANSOM_F16;
  program.states = states;
  Step step(5, "cpu", program);
  EXPECT_EQ(step.make(5, "cuda:0"), nullptr);
  EXPECT_EQ(step.status, TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(step.said, "state 0 \"past\" is a window with rows of 8 bytes; on cuda:0 those of a window have to be of a "
                       "multiple of 16: keep the state on the CPU");
}

TEST_F(DeviceStates, BeginAnewAndGoBack) {
  TransomProgram program = deviceStepProgram();
  TransomStateDesc states[3] = {program.states[0], program.states[1], program.states[2]};
  Step step(4, "cuda:0", program);
  std::vector<float> encoder = {10, 20};
  TransomTensor given = tensor(encoder, {2});
  ASSERT_EQ(transom_state_write(step.state, 2, &given), TRANSOM_OK) << transom_state_error(step.state);
  EXPECT_EQ(step.add(1), 4 + 4 + 30);
  ASSERT_EQ(transom_state_reset(step.state), TRANSOM_OK);
  EXPECT_EQ(transom_state_length(step.state), 0);
  EXPECT_EQ(step.add(2), 8 + 4 + 30); // what runs only read stays
  EXPECT_EQ(transom_state_truncate(step.state, 0), TRANSOM_ERROR_ARGUMENT);
  states[1].kind = TRANSOM_STATE_WRITTEN;
  program.states = states;
  Step back(4, "cuda:0", program);
  std::vector<float> rows = {1, 2, 3, 4, 5, 6, 7, 8};
  given = tensor(rows, {1, 2, 4});
  ASSERT_EQ(transom_state_write(back.state, 0, &given), TRANSOM_OK);
  EXPECT_EQ(transom_state_truncate(back.state, 3), TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(transom_state_truncate(back.state, 1), TRANSOM_OK);
  EXPECT_EQ(back.rows(), (std::vector<float>{1, 2, 3, 4}));
}

TEST_F(DeviceStates, AreStoredAndRestored) {
  Step step;
  TransomState *two = step.make(5, "cuda:0", 2), *other = step.make(3, "cuda", 2);
  // Two batches, the tensor's rows apart from each other: gathered on the host.
  std::vector<float> rows(2 * 3 * 8), packed, seen(24);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i] = float(i);
    if (i % 8 < 4)
      packed.push_back(float(i));
  }
  TransomTensor given = tensor(rows, {2, 3, 4});
  int64_t strides[] = {24, 8, 1};
  given.strides = strides;
  ASSERT_EQ(transom_state_write(two, 0, &given), TRANSOM_OK) << transom_state_error(two);
  EXPECT_EQ(step.rows(two), packed);
  // From one state to another with room for fewer rows, on the device.
  TransomTensor between;
  int64_t betweenStrides[TRANSOM_MAX_RANK];
  ASSERT_EQ(transom_state_tensor(two, 0, &between, betweenStrides), TRANSOM_OK);
  driver().calls.clear();
  ASSERT_EQ(transom_state_write(other, 0, &between), TRANSOM_OK) << transom_state_error(other);
  EXPECT_EQ(count("cuMemcpyDtoDAsync"), 2u); // a piece for each batch
  EXPECT_EQ(count("cuMemcpyHtoDAsync") + count("cuMemcpyDtoHAsync"), 0u);
  EXPECT_EQ(step.rows(other), packed);
  EXPECT_EQ(transom_state_length(other), 3);
  // Read on the device: a state's own memory serves as room.
  TransomTensor room = between;
  room.strides = nullptr;
  ASSERT_EQ(transom_state_read(other, 0, &room), TRANSOM_OK) << transom_state_error(other);
  EXPECT_EQ(shapeOf(room), (std::vector<int64_t>{2, 3, 4}));
  between.strides = betweenStrides;
  betweenStrides[2] = 2;
  EXPECT_EQ(transom_state_write(other, 0, &between), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(transom_state_error(other),
               "state 0 \"past\": a tensor on a GPU has to be dense but for what is between its rows");
  transom_state_destroy(two);
  transom_state_destroy(other);
}

TEST_F(DeviceStates, PlacesThatAreRefused) {
  Step step, host(8, "cpu");
  EXPECT_EQ(host.add(1), 4 + 4);
  EXPECT_TRUE(std::isnan(step.add(1, 1, host.state)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_ARGUMENT);
  TransomState *onGPU = host.make(8, "cuda:0");
  EXPECT_TRUE(std::isnan(host.add(1, 1, onGPU)));
  EXPECT_STREQ(host.error(), "the state lies on cuda:0; the context runs on cpu");
  transom_state_destroy(onGPU);
  TransomTensor seen;
  int64_t strides[TRANSOM_MAX_RANK];
  ASSERT_EQ(transom_state_tensor(step.state, 0, &seen, strides), TRANSOM_OK);
  EXPECT_EQ(transom_state_write(host.state, 0, &seen), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(transom_state_error(host.state), "state 0 \"past\" lies on cpu; the tensor on cuda:0");
  seen.device_id = 1;
  EXPECT_EQ(transom_state_write(step.state, 0, &seen), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(transom_state_error(step.state), "state 0 \"past\" lies on cuda:0; the tensor on cuda:1");
  std::vector<float> few(1);
  step.add(1);
  TransomTensor out = buffer(few);
  EXPECT_EQ(transom_state_read(step.state, 0, &out), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(transom_state_error(step.state), "state 0 \"past\" needs 16 bytes; the tensor's buffer has 4");
  EXPECT_EQ(transom_state_read(step.state, 3, &out), TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(step.make(4, "cuda:7"), nullptr);
  EXPECT_EQ(step.said, "there is no cuda:7; the CUDA driver sees 1");
  EXPECT_EQ(step.make(4, "gpu"), nullptr);
  EXPECT_EQ(step.status, TRANSOM_ERROR_ARGUMENT);
}

TEST_F(DeviceStates, WhatTheDriverRefuses) {
  Step step;
  step.add(1);
  driver().memory = driver().deviceBytes + 1000;
  EXPECT_EQ(step.make(1000, "cuda:0"), nullptr);
  EXPECT_EQ(step.status, TRANSOM_ERROR_MEMORY);
  EXPECT_EQ(step.said, "no memory on cuda:0 for 16024 bytes of state");
  TransomState *copy = nullptr;
  driver().memory = driver().deviceBytes;
  EXPECT_EQ(transom_state_fork(step.state, &copy), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(transom_state_error(step.state), "no memory for a copy of the state on cuda:0");
  driver().memory = size_t(1) << 32;
  driver().refusals["cuStreamCreate"] = {0, 999};
  EXPECT_EQ(step.make(4, "cuda:0"), nullptr);
  EXPECT_EQ(step.said, "a stream for a state on cuda:0: a refusal (CUDA_ERROR_OF_A_TEST, 999)");
  driver().refusals = {{"cuMemcpyDtoDAsync", {1, 999}}};
  EXPECT_EQ(transom_state_fork(step.state, &copy), TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(transom_state_error(step.state), "copying a state on cuda:0: a refusal (CUDA_ERROR_OF_A_TEST, 999)");
  EXPECT_EQ(copy, nullptr);
  driver().refusals = {{"cuMemsetD8Async", {0, 999}}};
  EXPECT_EQ(transom_state_reset(step.state), TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(transom_state_error(step.state), "clearing a state on cuda:0: a refusal (CUDA_ERROR_OF_A_TEST, 999)");
  driver().refusals = {{"cuStreamSynchronize", {0, 700}}};
  EXPECT_EQ(transom_state_reset(step.state), TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(transom_state_error(step.state),
               "waiting for a state on cuda:0: an illegal address (CUDA_ERROR_ILLEGAL_ADDRESS, 700)");
}

TEST_F(DeviceStates, EntryPointsShareTheModel) {
  TransomProgram step = deviceStepProgram(), main = joinProgram();
  main.next = &step;
  Session session(main, onDevice("cuda:0"));
  char why[TRANSOM_ERROR_BYTES] = "";
  TransomModel *entry = nullptr;
  ASSERT_EQ(transom_entry(session.model, "step", &entry, why, sizeof why), TRANSOM_OK) << why;
  TransomContextOptions options = onDevice("cuda:0");
  TransomContext *context = nullptr;
  ASSERT_EQ(transom_context_create(entry, &options, &context, why, sizeof why), TRANSOM_OK) << why;
  TransomStateOptions stateOptions = {};
  stateOptions.struct_size = sizeof stateOptions;
  stateOptions.capacity = 4;
  stateOptions.device = "auto";
  TransomState *state = nullptr;
  ASSERT_EQ(transom_state_create(entry, &stateOptions, &state, why, sizeof why), TRANSOM_OK) << why;
  EXPECT_STREQ(transom_state_device(state), "cuda:0");
  transom_close(entry);
  EXPECT_EQ(count("cuModuleLoadDataEx"), 1u);
  EXPECT_EQ(count("cuMemcpyHtoDAsync"), 1u); // the weights
  std::vector<float> row(4, 3);
  float total = 0;
  TransomTensor in = tensor(row, {1, 1, 4}), out = tensor(TRANSOM_F32, &total, {});
  out.capacity_bytes = sizeof total;
  ASSERT_EQ(transom_run_state(context, state, &in, 1, &out, 1), TRANSOM_OK) << transom_error(context);
  EXPECT_EQ(total, 12 + 4);
  TransomTensor inputs[] = {in, in}, outputs[2] = {};
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  EXPECT_EQ(valuesOf<float>(outputs[1]), std::vector<float>{24});
  transom_context_destroy(context);
  transom_state_destroy(state);
}

TEST_F(DeviceStates, WhereThereIsNoGPUTheyAreTheCPUs) {
  driver().count = 0;
  Step step(8, "auto");
  EXPECT_STREQ(transom_state_device(step.state), "cpu");
  EXPECT_EQ(step.add(1), 4 + 4);
}

TEST_F(DeviceStates, FromCxx) {
  Library library(deviceStepProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  auto state = model->createState(4, {}, "cuda:0");
  ASSERT_TRUE(state) << state.error().message;
  EXPECT_STREQ(state->device(), "cuda:0");
  std::vector<float> rows = {1, 2, 3, 4}, seen(4);
  ASSERT_TRUE(state->write(0, tensor(rows, {1, 1, 4})));
  TransomTensor out = buffer(seen);
  ASSERT_TRUE(state->read(0, out));
  EXPECT_EQ(seen, rows);
  driver().memory = driver().deviceBytes;
  auto copy = state->fork();
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().message, "no memory for a copy of the state on cuda:0");
}

} // namespace
} // namespace transom::test
