//===- Team.cpp - starting, running and ending a context's threads --------===//
#include "Team.h"

#include "Cores.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

namespace transom::runtime {
namespace {

constexpr uint32_t spinNanoseconds = 50000;

} // namespace

void Team::configure(uint32_t count, TransomParallelFor hook, void *hookUser) {
  threads = count;
  parallelFor = hook;
  user = hookUser;
  // With more threads than CPUs, whoever spins keeps another from arriving.
  uint32_t cpus = availableCpus();
  bool enough = !cpus || cpus >= count;
  atBarriers.setLongest(enough ? spinNanoseconds : 0);
  betweenRuns.setLongest(enough ? spinNanoseconds : 0);
}

TransomStatus Team::start(const Allocator &allocator, const Message &message) {
  if (threads == 1 || parallelFor)
    return TRANSOM_OK;
  if (workers && owner.isHere())
    return TRANSOM_OK;
  if (workers) {
    // This process is a fork: the threads stayed in the parent.
    allocator.put(workers, sizeof(Worker) * (threads - 1));
    workers = nullptr;
  }
  auto *started = static_cast<Worker *>(allocator.get(sizeof(Worker) * (threads - 1)));
  if (!started)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %u threads", threads);
  // Signals are the program's business, not these threads'.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  quit = false;
  jobs.reset();
  pending.reset();
  phases.reset();
  uint32_t count = 0;
  int error = 0;
  for (; count < threads - 1; ++count) {
    started[count].team = this;
    started[count].index = count + 1;
    started[count].creatorCpu = sched_getcpu();
    error = pthread_create(&started[count].handle, nullptr, work, &started[count]);
    if (error)
      break;
    pthread_setname_np(started[count].handle, "transom");
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (error) {
    quit = true;
    jobs.store(1);
    for (uint32_t i = 0; i < count; ++i)
      pthread_join(started[i].handle, nullptr);
    allocator.put(started, sizeof(Worker) * (threads - 1));
    return message.fail(TRANSOM_ERROR_THREADS, "thread %u of %u could not be started: %s", count + 2, threads,
                        error == EAGAIN ? "the system's limit is reached" : "not permitted");
  }
  workers = started;
  owner.set();
  return TRANSOM_OK;
}

void Team::run(Body newBody, void *newArgument) {
  body = newBody;
  argument = newArgument;
  if (threads == 1)
    return body(argument, 0, 1);
  arrived.store(0, std::memory_order_relaxed);
  if (parallelFor)
    return parallelFor(user, runOne, this, threads);
  pending.store(threads - 1);
  jobs.store(jobs.load() + 1);
  body(argument, 0, threads);
  uint32_t left;
  while ((left = pending.load()) != 0)
    pending.waitWhile(left, atBarriers);
}

void Team::runOne(void *team, int64_t index) {
  auto *self = static_cast<Team *>(team);
  self->body(self->argument, index, self->threads);
}

void *Team::work(void *argument) {
  auto *worker = static_cast<Worker *>(argument);
  Team *team = worker->team;
  if (team->betweenRuns.everSpins())
    leaveCpu(worker->creatorCpu, uint32_t(worker->index));
  uint32_t job = 0;
  for (;;) {
    job = team->jobs.waitWhile(job, team->betweenRuns);
    if (team->quit)
      return nullptr;
    team->body(team->argument, worker->index, team->threads);
    team->pending.countDown();
  }
}

void Team::stop(const Allocator &allocator) {
  if (!workers)
    return;
  if (owner.isHere()) {
    quit = true;
    jobs.store(jobs.load() + 1);
    for (uint32_t i = 0; i < threads - 1; ++i)
      pthread_join(workers[i].handle, nullptr);
  }
  owner.clear();
  allocator.put(workers, sizeof(Worker) * (threads - 1));
  workers = nullptr;
}

} // namespace transom::runtime
