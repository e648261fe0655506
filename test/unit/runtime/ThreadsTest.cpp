//===- ThreadsTest.cpp - teams, cancelling, several users -----------------===//
#include "Session.h"

#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <thread>

namespace transom::test {
namespace {

namespace fs = std::filesystem;

/// The runtime's threads of this process, by their name.
std::vector<fs::path> teamThreads() {
  std::vector<fs::path> found;
  for (const fs::directory_entry &task : fs::directory_iterator("/proc/self/task")) {
    std::string name;
    std::getline(std::ifstream(task.path() / "comm"), name);
    if (name == "transom")
      found.push_back(task.path());
  }
  return found;
}

double cpuSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return double(now.tv_sec) + 1e-9 * double(now.tv_nsec);
}

TEST(Threads, AnyNumberGivesEqualResults) {
  MixCase mix(17, 23);
  for (uint32_t threads = 1; threads <= 8; ++threads) {
    Session session(mixProgram(), threads);
    EXPECT_EQ(transom_threads(session.context), threads);
    for (int i = 0; i < 50; ++i) {
      TransomTensor y = {};
      ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
      ASSERT_EQ(valuesOf<float>(y), mix.expected) << threads;
    }
  }
}

TEST(Threads, MoreThanThereIsWork) {
  Session session(mixProgram(), 8);
  MixCase mix(1, 3);
  TransomTensor y = {};
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  EXPECT_EQ(valuesOf<float>(y), mix.expected);
}

TEST(Threads, TheDefaultIsWhatTheProcessMayUse) {
  Session session(mixProgram(), 0);
  cpu_set_t mask, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof mask, &mask), 0);
  EXPECT_GE(transom_threads(session.context), 1u);
  EXPECT_LE(transom_threads(session.context), uint32_t(CPU_COUNT(&mask)));
  CPU_ZERO(&one);
  for (int cpu = 0; cpu < CPU_SETSIZE && !CPU_COUNT(&one); ++cpu)
    if (CPU_ISSET(cpu, &mask))
      CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  Session pinned(mixProgram(), 0);
  EXPECT_EQ(transom_threads(pinned.context), 1u);
  ASSERT_EQ(sched_setaffinity(0, sizeof mask, &mask), 0);
}

TEST(Threads, StartWithTheFirstRunAndEndWithTheContext) {
  ASSERT_EQ(teamThreads().size(), 0u);
  {
    Session session(mixProgram(), 4), other(mixProgram(), 3), reserved(mixProgram(), 2);
    EXPECT_EQ(teamThreads().size(), 0u);
    MixCase mix(4, 5);
    TransomTensor y = {};
    ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
    EXPECT_EQ(teamThreads().size(), 3u);
    y = {};
    ASSERT_EQ(other.run(mix.inputs, {&y, 1}), TRANSOM_OK) << other.error();
    EXPECT_EQ(teamThreads().size(), 5u);
    int64_t symbols[] = {1, 1};
    ASSERT_EQ(transom_reserve(reserved.context, symbols), TRANSOM_OK);
    EXPECT_EQ(teamThreads().size(), 6u);
    y = {};
    ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
    EXPECT_EQ(teamThreads().size(), 6u);
  }
  EXPECT_EQ(teamThreads().size(), 0u);
}

TEST(Threads, TakeNoSignals) {
  Session session(mixProgram(), 3);
  MixCase mix(4, 5);
  TransomTensor y = {};
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (int signal : {SIGINT, SIGTERM, SIGCHLD, SIGUSR1}) {
    EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal));
    for (const fs::path &task : teamThreads()) {
      std::ifstream status(task / "status");
      uint64_t blocked = 0;
      for (std::string line; std::getline(status, line);)
        if (line.starts_with("SigBlk:"))
          blocked = strtoull(line.c_str() + 7, nullptr, 16);
      EXPECT_TRUE(blocked >> (signal - 1) & 1) << signal;
    }
  }
}

TEST(Threads, SleepBetweenRuns) {
  Session session(mixProgram(), 2);
  MixCase mix(4, 5);
  TransomTensor y = {};
  ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
  double before = cpuSeconds();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_LT(cpuSeconds() - before, 0.1);
}

TEST(Threads, SleepWhenOneIsLate) {
  TransomProgram program = failingProgram();
  program.run = [](const TransomFrame *frame, int64_t thread, int64_t) {
    if (thread == 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(300));
    transom_rt_barrier(frame->run);
  };
  Session session(program, 2);
  std::vector<int64_t> what(4);
  TransomTensor x = tensor(what, {4}), out = {};
  ASSERT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK);
  double before = cpuSeconds();
  ASSERT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK);
  EXPECT_LT(cpuSeconds() - before, 0.1);
}

/// A run of longProgram that lasts until it is cancelled, on its own thread.
struct EndlessRun {
  explicit EndlessRun(uint32_t threads, TransomParallelFor hook = nullptr)
      : session(longProgram(), [&] {
          TransomContextOptions options = withThreads(threads);
          options.parallel_for = hook;
          return options;
        }()) {
    int before = longRunsStarted;
    x = tensor(rounds, {1});
    thread = std::thread([this] { status = session.run({&x, 1}, {&out, 1}); });
    while (longRunsStarted == before)
      std::this_thread::yield();
  }
  void cancel() {
    EXPECT_EQ(transom_cancel(session.context), 1);
    thread.join();
    EXPECT_EQ(status, TRANSOM_ERROR_CANCELLED);
    EXPECT_STREQ(session.error(), "the run was cancelled");
  }
  std::vector<int64_t> rounds = {INT64_MAX};
  TransomTensor x, out = {};
  TransomStatus status = TRANSOM_OK;
  Session session;
  std::thread thread;
};

TEST(Cancel, StopsTheRunInProgress) {
  for (uint32_t threads : {1, 2, 4}) {
    EndlessRun endless(threads);
    endless.cancel();
    EXPECT_EQ(endless.out.data, nullptr);
    // Only that run: the next one goes through.
    EXPECT_EQ(transom_cancel(endless.session.context), 0);
    endless.rounds[0] = 3;
    EXPECT_EQ(endless.session.run({&endless.x, 1}, {&endless.out, 1}), TRANSOM_OK) << endless.session.error();
    EXPECT_EQ(valuesOf<int64_t>(endless.out)[0], 3);
  }
}

TEST(Cancel, IsForRunsAlone) {
  // Neither reserve nor trim is a run; the request must not hit a later one.
  struct Hook {
    TransomContext *context = nullptr;
    int calls = 0, cancelled = 0, busy = 0;
  } hook;
  TransomContextOptions options = withThreads(1);
  options.allocator.user = &hook;
  options.allocator.allocate = [](void *user, size_t bytes, size_t alignment) -> void * {
    auto *self = static_cast<Hook *>(user);
    if (self->context) {
      ++self->calls;
      self->cancelled += transom_cancel(self->context);
      self->busy += transom_trim(self->context) == TRANSOM_ERROR_BUSY;
    }
    return aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  };
  options.allocator.release = [](void *, void *memory, size_t, size_t) { free(memory); };
  Session session(mixProgram(), options);
  hook.context = session.context;
  int64_t symbols[] = {2, 3};
  EXPECT_EQ(transom_reserve(session.context, symbols), TRANSOM_OK);
  EXPECT_EQ(hook.calls, 1);
  EXPECT_EQ(hook.cancelled, 0);
  EXPECT_EQ(hook.busy, 1);
  // While a run takes its memory there is something to cancel.
  MixCase mix(4, 5);
  TransomTensor y = {};
  EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_ERROR_CANCELLED);
  EXPECT_EQ(hook.cancelled, 1);
  hook.context = nullptr;
  EXPECT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
}

TEST(Cancel, FromManyThreads) {
  EndlessRun endless(2);
  std::atomic<int> hits = 0;
  std::vector<std::thread> cancellers;
  for (int i = 0; i < 4; ++i)
    cancellers.emplace_back([&] { hits += transom_cancel(endless.session.context); });
  for (std::thread &canceller : cancellers)
    canceller.join();
  endless.thread.join();
  EXPECT_EQ(endless.status, TRANSOM_ERROR_CANCELLED);
  EXPECT_EQ(hits, 1);
}

TEST(Busy, SecondUsersAreRefused) {
  EndlessRun endless(2);
  TransomContext *context = endless.session.context;
  TransomTensor out = {};
  EXPECT_EQ(transom_run(context, &endless.x, 1, &out, 1), TRANSOM_ERROR_BUSY);
  EXPECT_EQ(out.data, nullptr);
  EXPECT_EQ(transom_reserve(context, nullptr), TRANSOM_ERROR_BUSY);
  EXPECT_EQ(transom_trim(context), TRANSOM_ERROR_BUSY);
  EXPECT_EQ(transom_profile_enable(context, 1), TRANSOM_ERROR_BUSY);
  endless.cancel();
}

TEST(ParallelFor, RunsOnTheCallersThreads) {
  struct Hook {
    std::atomic<int> calls = 0;
    std::atomic<int64_t> bodies = 0;
  } hook;
  TransomContextOptions options = withThreads(3);
  options.parallel_for_user = &hook;
  options.parallel_for = [](void *user, TransomBody body, void *argument, int64_t count) {
    auto *self = static_cast<Hook *>(user);
    ++self->calls;
    self->bodies += count;
    std::vector<std::thread> pool;
    for (int64_t i = 1; i < count; ++i)
      pool.emplace_back(body, argument, i);
    body(argument, 0);
    for (std::thread &thread : pool)
      thread.join();
  };
  Session session(mixProgram(), options);
  MixCase mix(5, 6);
  for (int i = 0; i < 20; ++i) {
    TransomTensor y = {};
    ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK) << session.error();
    ASSERT_EQ(valuesOf<float>(y), mix.expected);
  }
  EXPECT_EQ(hook.calls, 20);
  EXPECT_EQ(hook.bodies, 60);
  EXPECT_EQ(teamThreads().size(), 0u);
}

TEST(ParallelFor, CanBeCancelled) {
  EndlessRun endless(3, [](void *, TransomBody body, void *argument, int64_t count) {
    std::vector<std::thread> pool;
    for (int64_t i = 0; i < count; ++i)
      pool.emplace_back(body, argument, i);
    for (std::thread &thread : pool)
      thread.join();
  });
  endless.cancel();
}

TEST(Sharing, ContextsOfOneModelOnThreadsOfTheirOwn) {
  Library library(mixProgram());
  TransomModel *model;
  ASSERT_EQ(transom_open(library, nullptr, &model, nullptr, 0), TRANSOM_OK);
  std::vector<std::thread> users;
  for (int user = 0; user < 4; ++user)
    users.emplace_back([&, user] {
      TransomContext *context;
      TransomContextOptions options = withThreads(1 + user % 3);
      ASSERT_EQ(transom_context_create(model, &options, &context, nullptr, 0), TRANSOM_OK);
      for (int i = 1; i <= 40; ++i) {
        MixCase mix(i % 7 + 1, user + i);
        TransomTensor y = {};
        ASSERT_EQ(transom_run(context, mix.inputs, 2, &y, 1), TRANSOM_OK) << transom_error(context);
        ASSERT_EQ(valuesOf<float>(y), mix.expected);
        int64_t symbols[] = {1, 2}, bytes;
        ASSERT_EQ(transom_workspace_bytes(model, symbols, &bytes), TRANSOM_OK);
      }
      transom_context_destroy(context);
    });
  for (std::thread &user : users)
    user.join();
  transom_close(model);
}

TEST(Sharing, AContextMayMoveBetweenThreads) {
  Session session(mixProgram(), 2);
  MixCase mix(4, 5);
  for (int i = 0; i < 10; ++i)
    std::thread([&] {
      TransomTensor y = {};
      ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK);
      ASSERT_EQ(valuesOf<float>(y), mix.expected);
    }).join();
}

TEST(Sharing, SeveralModelsInOneProgram) {
  Session mix(mixProgram(), 2), cache(cacheProgram(), 2), select(selectProgram(), 2);
  MixCase values(3, 4);
  std::vector<float> step = {1, 2, 3, 4};
  std::vector<int64_t> flags = {0, 1};
  for (int i = 0; i < 20; ++i) {
    TransomTensor y = {}, present[2] = {}, lists[2] = {};
    TransomTensor cacheInputs[] = {tensor(step, {1, 1, 4}), tensor(step, {1, 1, 4})}, x = tensor(flags, {2});
    ASSERT_EQ(mix.run(values.inputs, {&y, 1}), TRANSOM_OK);
    ASSERT_EQ(cache.run(cacheInputs, present), TRANSOM_OK);
    ASSERT_EQ(select.run({&x, 1}, lists), TRANSOM_OK);
    ASSERT_EQ(valuesOf<float>(y), values.expected);
    ASSERT_EQ(valuesOf<float>(present[1])[0], 20);
    ASSERT_EQ(valuesOf<int64_t>(lists[0])[0], 1);
  }
}

} // namespace
} // namespace transom::test
