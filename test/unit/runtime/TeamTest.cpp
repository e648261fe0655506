//===- TeamTest.cpp - the barrier and the waiting word --------------------===//
#include "Team.h"

#include "gtest/gtest.h"

#include <array>
#include <chrono>
#include <thread>
#include <vector>

namespace transom::runtime {
namespace {

struct TeamTest : testing::TestWithParam<uint32_t> {
  Allocator allocator = Allocator::from({});
  Message message = {nullptr, 0};
  Team team;

  void SetUp() override {
    team.configure(GetParam(), nullptr, nullptr);
    ASSERT_EQ(team.start(allocator, message), TRANSOM_OK);
  }
  void TearDown() override { team.stop(allocator); }

  template <typename Body> void run(Body body) {
    struct Bound {
      Body *body;
      Team *team;
    } bound = {&body, &team};
    team.run(
        [](void *bound, int64_t thread, int64_t threads) { (*static_cast<Bound *>(bound)->body)(thread, threads); },
        &bound);
  }
};

TEST_P(TeamTest, NobodyPassesBeforeAllHaveArrived) {
  constexpr int rounds = 400;
  std::vector<int> at(GetParam()); // plain: the barrier alone orders the accesses
  int decided = 0;
  for (int repeat = 0; repeat < 3; ++repeat)
    run([&](int64_t thread, int64_t threads) {
      for (int round = 0; round < rounds; ++round) {
        at[size_t(thread)] = round;
        // Now and then one is so late that the others go to sleep.
        if (round % 100 == thread)
          std::this_thread::sleep_for(std::chrono::microseconds(300));
        ASSERT_EQ(team.barrier([&]() -> uint32_t { return ++decided, 0; }), 0u);
        for (int64_t other = 0; other < threads; ++other)
          ASSERT_EQ(at[size_t(other)], round);
        team.barrier([&]() -> uint32_t { return ++decided, 0; });
      }
    });
  EXPECT_EQ(decided, 3 * 2 * rounds);
}

TEST_P(TeamTest, AllGetTheSameVerdict) {
  std::vector<uint32_t> verdicts(GetParam());
  for (uint32_t round = 0; round < 200; ++round) {
    uint32_t verdict = round % 3 == 0;
    run([&](int64_t thread, int64_t) { verdicts[size_t(thread)] = team.barrier([&] { return verdict; }); });
    ASSERT_EQ(verdicts, std::vector<uint32_t>(GetParam(), verdict));
  }
}

TEST_P(TeamTest, RunsWithAndWithoutPauses) {
  std::vector<int> ran(GetParam());
  for (int round = 1; round <= 100; ++round) {
    run([&](int64_t thread, int64_t) { ++ran[size_t(thread)]; });
    ASSERT_EQ(ran, std::vector<int>(GetParam(), round));
    if (round % 20 == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_P(TeamTest, CanStopAndStartAgain) {
  for (int i = 0; i < 20; ++i) {
    std::vector<int> ran(GetParam());
    run([&](int64_t thread, int64_t) { ++ran[size_t(thread)]; });
    ASSERT_EQ(ran, std::vector<int>(GetParam(), 1));
    team.stop(allocator);
    ASSERT_EQ(team.start(allocator, message), TRANSOM_OK);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, TeamTest, testing::Values(1, 2, 3, 4, 8));

TEST(WaitWord, WakesSleepers) {
  for (uint32_t longest : {0, 1000}) {
    Patience patience;
    patience.setLongest(longest);
    WaitWord word;
    uint32_t seen = 0;
    std::thread sleeper([&] {
      for (uint32_t value = 0; value < 200;)
        value = seen = word.waitWhile(value, patience);
    });
    for (uint32_t value = 1; value <= 200; ++value) {
      if (value % 10 == 0)
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      word.store(value);
    }
    sleeper.join();
    EXPECT_EQ(seen, 200u);
  }
}

TEST(WaitWord, CountsDown) {
  Patience patience;
  WaitWord left;
  left.store(4);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] { left.countDown(); });
  uint32_t value;
  while ((value = left.load()) != 0)
    left.waitWhile(value, patience);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(left.load(), 0u);
}

TEST(Patience, IsLearnt) {
  Patience patience;
  EXPECT_EQ(patience.spin(), 0u);
  patience.learn(true);
  EXPECT_EQ(patience.spin(), 0u);
  patience.setLongest(64000);
  EXPECT_EQ(patience.spin(), 64000u);
  patience.learn(true);
  EXPECT_EQ(patience.spin(), 32000u);
  patience.learn(false);
  EXPECT_EQ(patience.spin(), 64000u);
  patience.learn(false); // never more than the most
  EXPECT_EQ(patience.spin(), 64000u);
}

TEST(Patience, NeverEndsAndIsTestedNowAndThen) {
  Patience patience;
  patience.setLongest(64000);
  int full = 0;
  for (int i = 0; i < 320; ++i) {
    uint64_t spin = patience.spin();
    EXPECT_GE(spin, 2000u);
    full += spin == 64000;
    patience.learn(true);
  }
  EXPECT_GE(full, 10);
  EXPECT_LE(full, 12);
}

} // namespace
} // namespace transom::runtime
