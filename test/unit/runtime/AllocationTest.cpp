//===- AllocationTest.cpp - no memory, and none in the steady state -------===//
#include "LibcHooks.h"
#include "Session.h"

#include <algorithm>

namespace transom::test {
namespace {

/// One program's whole life through the C interface. Any call may fail for want
/// of memory; nothing else may happen. Returns whether all went well.
using Life = bool (*)(const TransomLoadOptions &options);

bool isFine(TransomStatus status) {
  EXPECT_TRUE(status == TRANSOM_OK || status == TRANSOM_ERROR_MEMORY) << transom_status_name(status);
  return status == TRANSOM_OK;
}

bool live(const TransomProgram &program, const TransomLoadOptions &options, std::span<const TransomTensor> inputs,
          std::span<TransomTensor> outputs, const int64_t *symbols) {
  Library library(program);
  TransomModel *model = nullptr;
  char why[TRANSOM_ERROR_BYTES] = "";
  if (!isFine(transom_open(library, &options, &model, why, sizeof why))) {
    EXPECT_EQ(model, nullptr);
    EXPECT_TRUE(std::string(why).starts_with("no memory for model \"")) << why;
    return false;
  }
  TransomContextOptions contextOptions = withThreads(3);
  TransomContext *context = nullptr;
  bool fine = isFine(transom_context_create(model, &contextOptions, &context, why, sizeof why));
  transom_close(model);
  if (!fine) {
    EXPECT_EQ(context, nullptr);
    EXPECT_TRUE(std::string(why).starts_with("no memory for a context of model \"")) << why;
    return false;
  }
  auto run = [&] {
    return isFine(
        transom_run(context, inputs.data(), uint32_t(inputs.size()), outputs.data(), uint32_t(outputs.size())));
  };
  bool steps[] = {isFine(transom_profile_enable(context, 1)), isFine(transom_reserve(context, symbols)), run(), run()};
  fine = std::ranges::all_of(steps, [](bool step) { return step; });
  if (!fine) {
    EXPECT_TRUE(std::string(transom_error(context)).find("no memory for ") != std::string::npos)
        << transom_error(context);
    // One request failed; memory is back, and the context works.
    EXPECT_TRUE(run()) << transom_error(context);
  }
  transom_context_destroy(context);
  return fine;
}

bool liveOfMix(const TransomLoadOptions &options) {
  MixCase mix(3, 4);
  std::vector<float> wide(24);
  for (size_t i = 0; i < 12; ++i)
    wide[2 * i] = mix.x[i];
  int64_t strides[] = {8, 2};
  mix.inputs[0].data = wide.data(); // needs a packed copy
  mix.inputs[0].strides = strides;
  TransomTensor y = {};
  int64_t symbols[] = {3, 4};
  bool fine = live(mixProgram(), options, mix.inputs, {&y, 1}, symbols);
  return fine;
}

bool liveOfMixStaged(const TransomLoadOptions &options) {
  MixCase mix(3, 4);
  std::vector<float> wide(24);
  int64_t strides[] = {8, 2};
  TransomTensor y = buffer(wide);
  y.strides = strides;
  int64_t symbols[] = {3, 4};
  bool fine = live(mixProgram(), options, mix.inputs, {&y, 1}, symbols);
  if (fine)
    for (size_t i = 0; i < 12; ++i)
      EXPECT_EQ(wide[2 * i], mix.expected[i]);
  return fine;
}

bool liveOfSelect(const TransomLoadOptions &options) {
  std::vector<int64_t> values = {0, 1, 0, 1, 1};
  TransomTensor x = tensor(values, {5}), outputs[2] = {};
  int64_t symbols[] = {5};
  return live(selectProgram(), options, {&x, 1}, outputs, symbols);
}

bool liveOfCache(const TransomLoadOptions &options) {
  std::vector<float> step(8);
  TransomTensor inputs[] = {tensor(TRANSOM_F32, nullptr, {1, 0, 4}), tensor(step, {1, 2, 4})}, outputs[2] = {};
  int64_t symbols[] = {0, 2};
  return live(cacheProgram(), options, inputs, outputs, symbols);
}

class EveryAllocation : public testing::TestWithParam<Life> {};

TEST_P(EveryAllocation, MayFail) {
  int n = 0;
  for (;; ++n) {
    ASSERT_LT(n, 100);
    CountingAllocator allocator;
    TransomLoadOptions options = {};
    options.struct_size = sizeof options;
    options.allocator = allocator.hooks();
    allocator.failAfter(n);
    bool fine = GetParam()(options);
    EXPECT_EQ(allocator.live(), 0) << "request " << n;
    if (fine && allocator.requests() <= n)
      break; // all requests have failed once
  }
  EXPECT_GE(n, 6); // model, context, profile, workspace, threads, output
}

INSTANTIATE_TEST_SUITE_P(Programs, EveryAllocation,
                         testing::Values(liveOfMix, liveOfMixStaged, liveOfSelect, liveOfCache));

TEST(Threads, ThatCannotStart) {
  for (int n = 0; n < 3; ++n) {
    CountingAllocator allocator;
    TransomContextOptions options = withThreads(4);
    options.allocator = allocator.hooks();
    {
      Session session(mixProgram(), options);
      MixCase mix(4, 5);
      TransomTensor y = {};
      failThreadStart(n);
      EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_ERROR_THREADS);
      EXPECT_EQ(session.error(),
                "thread " + std::to_string(n + 2) + " of 4 could not be started: the system's limit is reached");
      EXPECT_EQ(y.data, nullptr);
      EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK) << session.error();
      EXPECT_EQ(valuesOf<float>(y), mix.expected);
    }
    EXPECT_EQ(allocator.live(), 0);
  }
}

/// Runs until nothing new should come, then counts.
template <typename Run> void expectNoRequests(Run run) {
  for (int i = 0; i < 4; ++i)
    run();
  RequestCount count;
  for (int i = 0; i < 20; ++i)
    run();
  EXPECT_EQ(count.requests(), 0);
}

TEST(SteadyState, AllocatesNothing) {
  for (uint32_t threads : {1, 2, 3}) {
    Session session(mixProgram(), threads);
    MixCase large(6, 7), small(2, 3);
    std::vector<float> room(200);
    int64_t strides[] = {20, 2};
    TransomTensor own = {}, strided = buffer(room);
    strided.strides = strides;
    transom_profile_enable(session.context, 1);
    expectNoRequests([&] {
      for (MixCase *mix : {&large, &small}) {
        ASSERT_EQ(session.run(mix->inputs, {&own, 1}), TRANSOM_OK);
        strided.data = room.data();
        ASSERT_EQ(session.run(mix->inputs, {&strided, 1}), TRANSOM_OK);
      }
      TransomTensor inputs[] = {large.inputs[0], small.inputs[1]}; // and neither does a refusal
      ASSERT_EQ(session.run(inputs, {&own, 1}), TRANSOM_ERROR_SIGNATURE);
    });
  }
}

TEST(SteadyState, OfACache) {
  Session session(cacheProgram(), 2);
  std::vector<float> step(4), past(4 * 30);
  TransomTensor inputs[] = {tensor(past, {1, 30, 4}), tensor(step, {1, 1, 4})}, outputs[2] = {};
  bool first = true;
  expectNoRequests([&] {
    if (!first) {
      inputs[0] = outputs[0]; // without its last row: of the same size each time
      inputs[0].shape[1] = 30;
    }
    first = false;
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  });
}

TEST(SteadyState, OfDataDependentSizes) {
  for (uint32_t threads : {1, 2}) {
    Session session(selectProgram(), threads);
    std::vector<int64_t> values(500);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = int64_t(i % 2);
    TransomTensor x = tensor(values, {500}), outputs[2] = {};
    expectNoRequests([&] { ASSERT_EQ(session.run({&x, 1}, outputs), TRANSOM_OK); });
  }
}

TEST(SteadyState, GrowingSizesAllocateRarely) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(cacheProgram(), options);
  std::vector<float> step(4);
  TransomTensor inputs[] = {tensor(TRANSOM_F32, nullptr, {1, 0, 4}), tensor(step, {1, 1, 4})}, outputs[2] = {};
  int before = allocator.requests();
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK);
    inputs[0] = outputs[0];
  }
  // Two buffers that grow by a quarter: log(1000) / log(1.25) = 31 each.
  EXPECT_LE(allocator.requests() - before, 80);
}

TEST(Allocators, OfTheModelServeItsContexts) {
  CountingAllocator ofModel, ofContext;
  TransomLoadOptions loadOptions = {};
  loadOptions.struct_size = sizeof loadOptions;
  loadOptions.allocator = ofModel.hooks();
  MixCase mix(2, 3);
  TransomTensor y = {};
  {
    RequestCount count;
    int before = count.requests();
    Session session(mixProgram(), withThreads(1), &loadOptions);
    EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
    // The hooks themselves call the C library, once a request.
    EXPECT_EQ(count.requests() - before, ofModel.requests());
    EXPECT_EQ(ofModel.requests(), 4); // model, context, workspace, output
  }
  EXPECT_EQ(ofModel.live(), 0);
  TransomContextOptions options = withThreads(1);
  options.allocator = ofContext.hooks();
  {
    Session session(mixProgram(), options, &loadOptions);
    y = {};
    EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
    EXPECT_EQ(ofModel.requests(), 5);
    EXPECT_EQ(ofContext.requests(), 3);
  }
  EXPECT_EQ(ofModel.live(), 0);
  EXPECT_EQ(ofContext.live(), 0);
}

} // namespace
} // namespace transom::test
