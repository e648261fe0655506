//===- OutputsTest.cpp - outputs of the context, caches, data-dependent ---===//
#include "Session.h"

namespace transom::test {
namespace {

TEST(OwnedOutputs, FillInTheTensor) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  TransomTensor y = {};
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK) << session.error();
  ASSERT_NE(y.data, nullptr);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(y.data) % 64, 0u);
  EXPECT_EQ(y.capacity_bytes, 0u);
  EXPECT_EQ(y.type, TRANSOM_F32);
  EXPECT_EQ(valuesOf<float>(y), mix.expected);
}

TEST(OwnedOutputs, StayWhereTheyAreAndGrow) {
  Session session(mixProgram());
  TransomTensor y = {};
  MixCase large(4, 8), small(1, 2), larger(40, 8);
  ASSERT_EQ(session.run(large.inputs, {&y, 1}), TRANSOM_OK);
  void *place = y.data;
  // Passing the tensor on means the same again.
  ASSERT_EQ(session.run(small.inputs, {&y, 1}), TRANSOM_OK);
  EXPECT_EQ(y.data, place);
  EXPECT_EQ(valuesOf<float>(y), small.expected);
  ASSERT_EQ(session.run(larger.inputs, {&y, 1}), TRANSOM_OK);
  EXPECT_EQ(valuesOf<float>(y), larger.expected);
}

TEST(OwnedOutputs, StridesOfATensorWithoutDataMeanNothing) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  int64_t strides[] = {100, 7};
  TransomTensor y = {};
  y.strides = strides;
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK) << session.error();
  EXPECT_EQ(y.strides, nullptr);
  EXPECT_EQ(valuesOf<float>(y), mix.expected);
}

TEST(OwnedOutputs, MayBeReadByTheNextRun) {
  // A cache that grows by a step a run, as a decoder's does.
  Session session(cacheProgram(), 2);
  TransomTensor outputs[2] = {};
  TransomTensor inputs[2];
  std::vector<float> step(4);
  inputs[0] = tensor(TRANSOM_F32, nullptr, {1, 0, 4});
  std::vector<float> expected;
  for (int round = 0; round < 200; ++round) {
    for (float &value : step)
      value = float(round);
    inputs[1] = tensor(step, {1, 1, 4});
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
    expected.insert(expected.end(), step.begin(), step.end());
    ASSERT_EQ(valuesOf<float>(outputs[0]), expected);
    inputs[0] = outputs[0];
  }
  EXPECT_EQ(*static_cast<float *>(outputs[1].data), 4 * 199 * 200 / 2);
}

TEST(OwnedOutputs, TakeTurnsBetweenTwoBuffers) {
  Session session(cacheProgram());
  std::vector<float> step = {1, 2, 3, 4};
  TransomTensor inputs[] = {tensor(TRANSOM_F32, nullptr, {1, 0, 4}), tensor(step, {1, 1, 4})};
  TransomTensor first[2] = {}, second[2] = {}, third[2] = {};
  ASSERT_EQ(session.run(inputs, first), TRANSOM_OK);
  inputs[0] = first[0];
  ASSERT_EQ(session.run(inputs, second), TRANSOM_OK);
  EXPECT_NE(first[0].data, second[0].data);
  // A part of it counts too.
  inputs[0] = second[0];
  inputs[0].shape[1] = 1;
  inputs[0].data = static_cast<float *>(second[0].data) + 4;
  ASSERT_EQ(session.run(inputs, third), TRANSOM_OK);
  EXPECT_NE(third[0].data, second[0].data);
  EXPECT_EQ(valuesOf<float>(second[0]), (std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4}));
  // Both at once cannot be: nothing would be left to write to.
  inputs[0] = second[0];
  inputs[1] = third[0];
  TransomTensor fourth[2] = {};
  EXPECT_EQ(session.run(inputs, fourth), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "output 0 \"present\": inputs lie in both of the context's buffers for it");
}

TEST(OwnedOutputs, AFailedRunLeavesTheCacheThatItRead) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(cacheProgram(), options);
  std::vector<float> step = {1, 2, 3, 4};
  TransomTensor inputs[] = {tensor(TRANSOM_F32, nullptr, {1, 0, 4}), tensor(step, {1, 1, 4})};
  TransomTensor outputs[2] = {};
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK);
  inputs[0] = outputs[0];
  allocator.failAfter(0);
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(session.error(), "no memory for 32 bytes of output \"present\"");
  EXPECT_EQ(outputs[0].data, nullptr);
  EXPECT_EQ(valuesOf<float>(inputs[0]), step);
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  EXPECT_EQ(valuesOf<float>(outputs[0]), (std::vector<float>{1, 2, 3, 4, 1, 2, 3, 4}));
}

TEST(DataDependentOutputs, OfTheContext) {
  for (uint32_t threads : {1, 3}) {
    Session session(selectProgram(), threads);
    TransomTensor outputs[2] = {};
    for (int64_t count : {6, 60, 0, 1000, 3}) {
      std::vector<int64_t> values(size_t(count), 0), positions, zeros;
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = i % 3 == 1;
        (values[i] ? positions : zeros).push_back(int64_t(i));
      }
      TransomTensor x = tensor(values, {count});
      ASSERT_EQ(session.run({&x, 1}, outputs), TRANSOM_OK) << session.error();
      EXPECT_EQ(valuesOf<int64_t>(outputs[0]), positions);
      EXPECT_EQ(valuesOf<int64_t>(outputs[1]), zeros);
    }
  }
}

TEST(DataDependentOutputs, InTheCallersBuffers) {
  Session session(selectProgram(), 2);
  std::vector<int64_t> values = {0, 1, 1, 0}, positions(4, -1), zeros(4, -1);
  TransomTensor x = tensor(values, {4});
  TransomTensor outputs[] = {buffer(positions), buffer(zeros)};
  ASSERT_EQ(session.run({&x, 1}, outputs), TRANSOM_OK) << session.error();
  EXPECT_EQ(positions, (std::vector<int64_t>{1, 2, -1, -1}));
  EXPECT_EQ(zeros, (std::vector<int64_t>{0, 3, -1, -1}));
  EXPECT_EQ(shapeOf(outputs[0]), std::vector<int64_t>{2});
}

TEST(DataDependentOutputs, SayWhatTheyNeed) {
  for (uint32_t threads : {1, 2}) {
    Session session(selectProgram(), threads);
    std::vector<int64_t> values = {1, 1, 1, 0}, positions(2, -1), zeros(4, -1);
    TransomTensor x = tensor(values, {4});
    TransomTensor outputs[] = {buffer(positions), buffer(zeros)};
    EXPECT_EQ(session.run({&x, 1}, outputs), TRANSOM_ERROR_CAPACITY);
    EXPECT_STREQ(session.error(), "output 0 \"positions\" needs 24 bytes; its buffer has 16");
    EXPECT_EQ(shapeOf(outputs[0]), std::vector<int64_t>{3});
    EXPECT_EQ(shapeOf(outputs[1]), std::vector<int64_t>{-1}); // not known yet
    positions.resize(3);
    outputs[0] = buffer(positions);
    EXPECT_EQ(session.run({&x, 1}, outputs), TRANSOM_OK) << session.error();
    EXPECT_EQ(positions, (std::vector<int64_t>{0, 1, 2}));
  }
}

TEST(DataDependentOutputs, ThatOverlap) {
  Session session(selectProgram());
  std::vector<int64_t> values = {1, 0}, both(8, -1);
  TransomTensor x = tensor(values, {2});
  TransomTensor outputs[] = {buffer(both), buffer(both)};
  outputs[1].data = both.data() + 7;
  outputs[1].capacity_bytes = 8;
  // Their sizes show too late, so the whole buffers count.
  EXPECT_EQ(session.run({&x, 1}, outputs), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "the buffer of output 1 \"zeros\" overlaps that of output 0 \"positions\"");
}

TransomProgram outputOf(void (*run)(const TransomFrame *, int64_t, int64_t)) {
  static const int64_t dims[] = {-1, 4};
  static const int32_t symbols[] = {-1, -1};
  static const TransomValueDesc output = {"out", TRANSOM_F32, 2, dims, symbols};
  TransomProgram program = mixProgram();
  program.num_inputs = program.num_symbols = 0;
  program.outputs = &output;
  program.prepare = [](const int64_t *, int64_t *all) -> int64_t {
    all[0] = -1;
    all[1] = 4;
    return 0;
  };
  program.run = run;
  return program;
}

TEST(DataDependentOutputs, OfImpossibleSizes) {
  Session overflow(outputOf([](const TransomFrame *frame, int64_t thread, int64_t) {
    int64_t dims[] = {INT64_MAX / 2, 4};
    EXPECT_EQ(transom_rt_output(frame->run, thread, 0, dims), nullptr);
  }));
  TransomTensor out = {};
  EXPECT_EQ(overflow.run({}, {&out, 1}), TRANSOM_ERROR_SIZE);
  EXPECT_STREQ(overflow.error(), "output 0 \"out\": the size overflows");

  Session other(outputOf([](const TransomFrame *frame, int64_t thread, int64_t) {
    int64_t dims[] = {2, 5};
    EXPECT_EQ(transom_rt_output(frame->run, thread, 0, dims), nullptr);
  }));
  EXPECT_EQ(other.run({}, {&out, 1}), TRANSOM_ERROR_DATA);
  EXPECT_STREQ(other.error(), "output 0 \"out\": a dim is 5 where 4 is expected");

  Session onEachOther(outputOf([](const TransomFrame *frame, int64_t thread, int64_t) {
    int64_t dims[] = {2, 4};
    EXPECT_EQ(transom_rt_output(frame->run, thread, 0, dims), nullptr);
  }));
  std::vector<float> room(20);
  int64_t strides[] = {3, 1};
  TransomTensor given = buffer(room);
  given.strides = strides;
  EXPECT_EQ(onEachOther.run({}, {&given, 1}), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(onEachOther.error(), "output 0 \"out\": with these strides rows lie on each other or interleave");

  Session enormous(outputOf([](const TransomFrame *frame, int64_t thread, int64_t) {
    int64_t dims[] = {INT64_MAX / 64, 4};
    EXPECT_EQ(transom_rt_output(frame->run, thread, 0, dims), nullptr);
  }));
  EXPECT_EQ(enormous.run({}, {&out, 1}), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(enormous.error(), "output 0 \"out\": no memory for 2305843009213693936 bytes");
  EXPECT_EQ(out.data, nullptr);
}

TEST(Trim, GivesEverythingBack) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(cacheProgram(), options);
  int64_t fresh = allocator.live();
  std::vector<float> step(400, 1.0f);
  TransomTensor inputs[] = {tensor(TRANSOM_F32, nullptr, {1, 0, 4}), tensor(step, {1, 100, 4})};
  int64_t strides[] = {400, 2, 1}; // a packed copy too
  inputs[1].shape[1] = 50;
  inputs[1].strides = strides;
  TransomTensor outputs[2] = {};
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  EXPECT_GE(allocator.live(), fresh + 1600);
  EXPECT_EQ(transom_trim(session.context), TRANSOM_OK);
  EXPECT_EQ(allocator.live(), fresh);
  TransomTensor again[2] = {};
  ASSERT_EQ(session.run(inputs, again), TRANSOM_OK) << session.error();
  EXPECT_EQ(shapeOf(again[0]), (std::vector<int64_t>{1, 50, 4}));
}

TEST(Trim, WhatItGaveBackIsNoBuffer) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  TransomTensor y = {};
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  EXPECT_EQ(transom_trim(session.context), TRANSOM_OK);
  EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(session.error(), "output 0 \"y\" needs 24 bytes; its buffer has 0");
}

TEST(Trim, ThreadsStay) {
  Session session(mixProgram(), 3);
  MixCase mix(4, 5);
  for (int i = 0; i < 3; ++i) {
    TransomTensor y = {};
    ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
    EXPECT_EQ(valuesOf<float>(y), mix.expected);
    EXPECT_EQ(transom_trim(session.context), TRANSOM_OK);
  }
}

} // namespace
} // namespace transom::test
