//===- ProfileTest.cpp - time by place of the model -----------------------===//
#include "Session.h"

#include <chrono>

namespace transom::test {
namespace {

TEST(Profile, IsEmptyUntilItIsOn) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  TransomTensor y = {};
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  TransomProfileEntry entries[3];
  EXPECT_EQ(transom_profile_read(session.context, entries, 3), 0u);
}

TEST(Profile, CountsCallsAndAddsUp) {
  for (uint32_t threads : {1, 2}) {
    Session session(mixProgram(), threads);
    MixCase mix(100, 300);
    TransomTensor y = {};
    ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 10; ++i)
      ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
    auto whole = std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
    TransomProfileEntry entries[3];
    ASSERT_EQ(transom_profile_read(session.context, entries, 3), 3u);
    EXPECT_STREQ(entries[0].node, "first/mul");
    EXPECT_STREQ(entries[0].op, "Mul");
    EXPECT_EQ(entries[0].calls, 10u);
    EXPECT_GT(entries[0].nanoseconds, 0u);
    EXPECT_STREQ(entries[1].node, "second/add");
    EXPECT_EQ(entries[1].calls, 10u);
    EXPECT_GT(entries[1].nanoseconds, 0u);
    EXPECT_EQ(entries[2].calls, 0u);
    EXPECT_EQ(entries[2].nanoseconds, 0u);
    EXPECT_LE(entries[0].nanoseconds + entries[1].nanoseconds, uint64_t(whole));
  }
}

TEST(Profile, StaysReadableWhenOffAndStartsFromZero) {
  Session session(mixProgram());
  MixCase mix(2, 3);
  TransomTensor y = {};
  TransomProfileEntry entries[3];
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  ASSERT_EQ(transom_profile_enable(session.context, 0), TRANSOM_OK);
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  ASSERT_EQ(transom_profile_read(session.context, entries, 3), 3u);
  EXPECT_EQ(entries[0].calls, 1u);
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  ASSERT_EQ(transom_profile_read(session.context, entries, 3), 3u);
  EXPECT_EQ(entries[0].calls, 0u);
  EXPECT_EQ(entries[0].nanoseconds, 0u);
}

TEST(Profile, FillsInWhatThereIsRoomFor) {
  Session session(mixProgram());
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  TransomProfileEntry entries[2] = {{"", "", 5, 5}, {"", "", 5, 5}};
  EXPECT_EQ(transom_profile_read(session.context, nullptr, 0), 3u);
  EXPECT_EQ(transom_profile_read(session.context, entries, 1), 3u);
  EXPECT_EQ(entries[0].calls, 0u);
  EXPECT_EQ(entries[1].calls, 5u);
}

TEST(Profile, SitesThatAreNoneAreLeftOut) {
  TransomProgram program = failingProgram();
  program.run = [](const TransomFrame *frame, int64_t thread, int64_t) {
    for (int32_t site : {-1, 0, 3, -7, 1})
      transom_rt_profile(frame->run, thread, site);
  };
  Session session(program, 2);
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  std::vector<int64_t> what(4);
  TransomTensor x = tensor(what, {4}), out = {};
  ASSERT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK);
  TransomProfileEntry entries[3];
  ASSERT_EQ(transom_profile_read(session.context, entries, 3), 3u);
  EXPECT_EQ(entries[0].calls, 1u);
  EXPECT_EQ(entries[1].calls, 1u);
  EXPECT_EQ(entries[2].calls, 0u);
}

TEST(Profile, OfAModelWithoutSites) {
  Session session(cacheProgram());
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  EXPECT_EQ(transom_profile_read(session.context, nullptr, 0), 0u);
}

TEST(Profile, NoMemory) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(mixProgram(), options);
  allocator.failAfter(0);
  EXPECT_EQ(transom_profile_enable(session.context, 1), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(session.error(), "no memory for a profile of 48 bytes");
  EXPECT_EQ(transom_profile_read(session.context, nullptr, 0), 0u);
  EXPECT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
}

} // namespace
} // namespace transom::test
