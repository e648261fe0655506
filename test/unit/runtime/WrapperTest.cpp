//===- WrapperTest.cpp - the C++20 layer ----------------------------------===//
#include "transom/transom.hpp"

#include "Session.h"

#include <array>
#include <thread>

namespace transom::test {
namespace {

static_assert(std::is_same_v<decltype(ElementType<int64_t>::value), const TransomType>);
static_assert(ElementType<int64_t>::value == TRANSOM_I64 && ElementType<long long>::value == TRANSOM_I64);
static_assert(ElementType<uint8_t>::value == TRANSOM_U8 && ElementType<int8_t>::value == TRANSOM_I8);
static_assert(ElementType<uint16_t>::value == TRANSOM_U16 && ElementType<int32_t>::value == TRANSOM_I32);
static_assert(ElementType<bool>::value == TRANSOM_BOOL && ElementType<double>::value == TRANSOM_F64);
static_assert(!std::is_copy_constructible_v<Model> && std::is_nothrow_move_constructible_v<Model>);
static_assert(!std::is_copy_constructible_v<Context> && std::is_nothrow_move_assignable_v<Context>);

Context contextOf(const Model &model, uint32_t threads = 1) {
  ContextOptions options;
  options.threads = threads;
  auto context = model.createContext(options);
  EXPECT_TRUE(context);
  return std::move(*context);
}

TEST(Wrapper, RunsAModel) {
  Library library(mixProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  EXPECT_STREQ(model->info().name, "mix");
  ASSERT_EQ(model->inputs().size(), 2u);
  EXPECT_STREQ(model->inputs()[1].name, "bias");
  EXPECT_STREQ(model->outputs()[0].name, "y");
  EXPECT_STREQ(model->symbols()[1], "width");
  EXPECT_EQ(model->findInput("bias"), 1u);
  EXPECT_EQ(model->findOutput("y"), 0u);
  EXPECT_EQ(model->findSymbol("batch"), 0u);
  EXPECT_EQ(model->findSymbol("depth"), std::nullopt);

  Context context = contextOf(*model, 2);
  EXPECT_EQ(context.threads(), 2u);
  MixCase mix(2, 3);
  std::array<float, 6> y;
  TransomTensor inputs[] = {input(mix.x, {2, 3}), input(mix.bias, std::vector<int64_t>{3})};
  TransomTensor outputs[] = {output(y)};
  ASSERT_TRUE(context.run(inputs, outputs));
  EXPECT_EQ(std::vector<float>(y.begin(), y.end()), mix.expected);
  EXPECT_EQ(dims(outputs[0])[1], 3);

  TransomTensor own[] = {TransomTensor{}};
  ASSERT_TRUE(context.run(inputs, own));
  auto found = values<const float>(own[0]);
  ASSERT_TRUE(found);
  EXPECT_EQ(std::vector<float>(found->begin(), found->end()), mix.expected);
  EXPECT_EQ(values<int64_t>(own[0]).error().status, TRANSOM_ERROR_SIGNATURE);
  int64_t strides[] = {3, 1};
  own[0].strides = strides;
  EXPECT_EQ(values<float>(own[0]).error().status, TRANSOM_ERROR_ARGUMENT);
  EXPECT_TRUE(context.trim());
}

TEST(Wrapper, ErrorsCarryStatusAndMessage) {
  TransomProgram program = mixProgram();
  program.target_features = "warp-drive";
  auto none = Model::open(Library(program));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().status, TRANSOM_ERROR_CPU);
  EXPECT_EQ(none.error().message, "model \"mix\" is compiled for generic; this CPU lacks: warp-drive");

  Library library(mixProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  ContextOptions options;
  options.threads = 5000;
  EXPECT_EQ(model->createContext(options).error().message, "5000 threads where 1024 are the most");

  Context context = contextOf(*model);
  MixCase mix(2, 3);
  // The span's end is known: dims that reach beyond it are refused.
  TransomTensor inputs[] = {input(mix.x, {3, 3}), input(mix.bias, {3})}, outputs[] = {TransomTensor{}};
  auto result = context.run(inputs, outputs);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(result.error().message, "input 0 \"x\": the shape reaches 0 bytes before and 36 after data, which has 24");
  // As are more dims than fit into a tensor.
  inputs[0] = input(mix.x, std::vector<int64_t>(TRANSOM_MAX_RANK + 1, 1));
  EXPECT_EQ(context.run(inputs, outputs).error().message, "input 0 \"x\" has rank 13 where the model has 2");
}

TEST(Wrapper, AsksBeforeTheRun) {
  Library library(cacheProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  auto bytes = model->workspaceBytes({5, 1});
  ASSERT_TRUE(bytes);
  EXPECT_EQ(*bytes, 0);
  auto found = model->outputDims({5, 1}, 0);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (std::vector<int64_t>{1, 6, 4}));
  EXPECT_EQ(model->workspaceBytes({5}).error().message, "1 symbols where the model has 2");
  EXPECT_EQ(model->workspaceBytes({5, -1}).error().message, "a symbol is negative");
  EXPECT_EQ(model->outputDims({5, 1}, 2).error().message, "there is no output 2");
  Context context = contextOf(*model);
  EXPECT_TRUE(context.reserve({5, 1}));
  EXPECT_EQ(context.reserve({5}).error().message, "1 symbols where the model has 2");
  EXPECT_EQ(context.reserve({-5, 1}).error().message, "symbol 0 (\"past\") is -5");
}

TEST(Wrapper, ModelsWithoutSymbols) {
  Library library(failingProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  EXPECT_EQ(*model->workspaceBytes({}), 0);
  EXPECT_EQ(*model->outputDims({}, 0), std::vector<int64_t>{4});
}

TEST(Wrapper, Profiles) {
  Library library(mixProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  Context context = contextOf(*model);
  EXPECT_TRUE(context.profile().empty());
  ASSERT_TRUE(context.enableProfile());
  MixCase mix(2, 3);
  TransomTensor y = {};
  ASSERT_TRUE(context.run(mix.inputs, {&y, 1}));
  ASSERT_TRUE(context.enableProfile(false));
  auto entries = context.profile();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[1].calls, 1u);
}

TEST(Wrapper, Traces) {
  Library library(mixProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  Context context = contextOf(*model);
  EXPECT_TRUE(context.trace().empty());
  ASSERT_TRUE(context.enableTrace(2));
  MixCase mix(2, 3);
  TransomTensor y = {};
  ASSERT_TRUE(context.run(mix.inputs, {&y, 1}));
  ASSERT_TRUE(context.enableTrace(0));
  uint64_t missed = 0;
  auto events = context.trace(&missed);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_STREQ(events[1].node, "second/add");
  EXPECT_EQ(missed, 1u);
}

TEST(Wrapper, HandlesMove) {
  Library library(mixProgram());
  CountingAllocator allocator;
  LoadOptions options;
  options.allocator = allocator.hooks();
  {
    auto model = Model::open(library, options);
    ASSERT_TRUE(model);
    Context context = contextOf(*model), other = contextOf(*model);
    other = std::move(context); // destroys what it held
    EXPECT_EQ(context.get(), nullptr);
    Model moved = std::move(*model);
    MixCase mix(2, 3);
    TransomTensor y = {};
    EXPECT_TRUE(other.run(mix.inputs, {&y, 1}));
    TransomContext *raw = other.release();
    EXPECT_GT(allocator.live(), 0);
    transom_context_destroy(raw);
  }
  EXPECT_EQ(allocator.live(), 0);
}

TEST(Wrapper, CancelsFromAnotherThread) {
  Library library(longProgram());
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  Context context = contextOf(*model, 2);
  EXPECT_FALSE(context.cancel());
  std::vector<int64_t> rounds = {INT64_MAX};
  TransomTensor inputs[] = {input(rounds, {1})}, outputs[] = {TransomTensor{}}, busy[] = {TransomTensor{}};
  int before = longRunsStarted;
  Error error;
  std::thread thread([&] {
    if (auto result = context.run(inputs, outputs); !result)
      error = result.error();
  });
  while (longRunsStarted == before)
    std::this_thread::yield();
  auto second = context.run(inputs, busy);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "another thread is using the context");
  EXPECT_TRUE(context.cancel());
  thread.join();
  EXPECT_EQ(error.status, TRANSOM_ERROR_CANCELLED);
  EXPECT_EQ(error.message, "the run was cancelled");
}

} // namespace
} // namespace transom::test
