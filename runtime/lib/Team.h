//===- Team.h - the threads of one context --------------------------------===//
//
// A team runs a body once on each of its threads; the caller is thread 0. Its
// own threads start with the first run and sleep between runs. Inside a run the
// threads meet at a barrier, whose last arriver decides for all of them whether
// the run goes on.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_TEAM_H
#define TRANSOM_RUNTIME_TEAM_H

#include "ForkMark.h"
#include "Memory.h"
#include "Message.h"
#include "Waiting.h"

#include <pthread.h>

namespace transom::runtime {

class Team {
public:
  using Body = void (*)(void *argument, int64_t thread, int64_t threads);

  void configure(uint32_t threads, TransomParallelFor parallelFor, void *user);
  uint32_t size() const { return threads; }

  /// Starts the threads if they do not run yet.
  TransomStatus start(const Allocator &allocator, const Message &message);
  /// Runs `body` on every thread; start() succeeded before.
  void run(Body body, void *argument);
  /// Ends the threads.
  void stop(const Allocator &allocator);

  /// Waits for all threads. `decide(argument)` is called by the last one to
  /// arrive, before any goes on; all get what it says (0 or 1).
  template <typename Decide> uint32_t barrier(Decide decide) {
    if (threads == 1)
      return decide();
    // Cannot change before this thread arrives.
    uint32_t phase = phases.load();
    if (arrived.fetch_add(1, std::memory_order_acq_rel) + 1 == threads) {
      arrived.store(0, std::memory_order_relaxed);
      uint32_t verdict = decide();
      phases.store(((phase | 1) + 1) | verdict);
      return verdict;
    }
    return phases.waitWhile(phase, atBarriers) & 1;
  }

private:
  struct Worker {
    Team *team;
    int64_t index;
    pthread_t handle;
    int creatorCpu;
  };
  static void *work(void *worker);
  static void runOne(void *team, int64_t index);

  uint32_t threads = 1;
  TransomParallelFor parallelFor = nullptr;
  void *user = nullptr;

  Body body = nullptr;
  void *argument = nullptr;
  bool quit = false;
  Worker *workers = nullptr;
  ForkMark owner; // the process that the threads live in

  // The gap between two runs says nothing about that between two kernels.
  Patience atBarriers, betweenRuns;
  WaitWord phases; // the barrier's phase * 2 + its verdict
  alignas(64) std::atomic<uint32_t> arrived{0};
  WaitWord jobs;    // counts the runs
  WaitWord pending; // workers that have not finished the run
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_TEAM_H
