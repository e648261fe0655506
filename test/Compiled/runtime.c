/*===- runtime.c - the smallest runtime that compiled functions run on ----===*\
 *
 * What program.py links with the code under test: a team of threads, what
 * kernels report, and memory that ends where no page follows, so that an access
 * beyond the end of a tensor is a fault. `current_case` names the case at hand.
 *
\*===----------------------------------------------------------------------===*/
#define _GNU_SOURCE
#include "transom/program.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAX_OUTPUTS 8
#define MAX_ALLOCATIONS 64

struct TransomRun {
  int32_t threads;
  pthread_barrier_t barrier;
  pthread_mutex_t lock;
  int64_t failure[4]; /* kind (0: none), site, value, limit */
  int64_t allocations;
  void *allocated[MAX_ALLOCATIONS];
  void *outputs[MAX_OUTPUTS];
  int64_t dims[MAX_OUTPUTS][TRANSOM_MAX_RANK];
};

const TransomApi transom_rt_api;
static const char *current_case = "";

/* A failed run stops where its threads meet, as the real runtime has it. */
int32_t transom_rt_barrier(TransomRun *run) {
  pthread_barrier_wait(&run->barrier);
  int32_t failed = run->failure[0] != 0;
  /* None of the threads reports anything before all have looked. */
  pthread_barrier_wait(&run->barrier);
  return failed;
}

void transom_rt_fail(TransomRun *run, int32_t kind, int32_t site, int64_t value, int64_t limit) {
  pthread_mutex_lock(&run->lock);
  if (!run->failure[0]) {
    run->failure[0] = kind;
    run->failure[1] = site;
    run->failure[2] = value;
    run->failure[3] = limit;
  }
  pthread_mutex_unlock(&run->lock);
}

void transom_rt_profile(TransomRun *run, int64_t thread, int32_t site) { (void)run, (void)thread, (void)site; }

int32_t transom_rt_next(TransomRun *run, int64_t thread, int32_t site) {
  (void)thread, (void)site;
  return transom_rt_barrier(run);
}

static int64_t page_bytes(int64_t bytes) { return (bytes + 4095) / 4096 * 4096; }

/* Memory of all ones (floats are NaN) that ends at a page without access. */
void *guarded(int64_t bytes) {
  int64_t room = page_bytes(bytes);
  uint8_t *start = mmap(NULL, room + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    abort();
  mprotect(start + room, 4096, PROT_NONE);
  memset(start, 0xff, room);
  return start + room - bytes;
}

void release(void *pointer, int64_t bytes) {
  int64_t room = page_bytes(bytes);
  munmap((uint8_t *)pointer + bytes - room, room + 4096);
}

void *transom_rt_alloc(TransomRun *run, int64_t thread, int64_t bytes) {
  transom_rt_barrier(run);
  int64_t number = run->allocations;
  if (thread == 0)
    run->allocated[number] = number < MAX_ALLOCATIONS ? guarded((bytes + 63) / 64 * 64) : NULL;
  int32_t failed = transom_rt_barrier(run);
  void *memory = run->allocated[number];
  pthread_barrier_wait(&run->barrier);
  if (thread == 0)
    run->allocations = number + 1;
  pthread_barrier_wait(&run->barrier);
  return failed ? NULL : memory;
}

void *transom_rt_output(TransomRun *run, int64_t thread, int32_t index, const int64_t *dims) {
  if (transom_rt_barrier(run))
    return NULL;
  if (thread == 0) {
    /* Elements are at most 8 bytes; the caller reads what the dims say. */
    int64_t bytes = 8;
    for (int i = 0; i < TRANSOM_MAX_RANK && run->dims[index][i] != 0; ++i) {
      run->dims[index][i] = dims[i];
      bytes *= dims[i];
    }
    run->outputs[index] = guarded((bytes + 63) / 64 * 64);
  }
  transom_rt_barrier(run);
  return run->outputs[index];
}

typedef void (*RunFunction)(const TransomFrame *, int64_t, int64_t);
struct Member {
  RunFunction function;
  const TransomFrame *frame;
  int64_t thread, threads;
};

static void *work(void *given) {
  struct Member *member = given;
  member->function(member->frame, member->thread, member->threads);
  return NULL;
}

/* `ranks`: of each output whose dims depend on data, else 0. */
TransomRun *new_run(int32_t threads, const int32_t *ranks, int32_t outputs) {
  TransomRun *run = calloc(1, sizeof *run);
  run->threads = threads;
  pthread_barrier_init(&run->barrier, NULL, threads);
  pthread_mutex_init(&run->lock, NULL);
  for (int i = 0; i < outputs; ++i)
    for (int d = 0; d < ranks[i]; ++d)
      run->dims[i][d] = 1;
  return run;
}

int64_t *failure_of(TransomRun *run) { return run->failure; }
int64_t allocations_of(TransomRun *run) { return run->allocations; }
int64_t *dims_of(TransomRun *run, int32_t output) { return run->dims[output]; }
void *output_of(TransomRun *run, int32_t output) { return run->outputs[output]; }

/* Allocations stay: what is returned may lie in one. */
void end_run(TransomRun *run) {
  pthread_barrier_destroy(&run->barrier);
  free(run);
}

void run_team(RunFunction function, const TransomFrame *frame, int64_t threads) {
  pthread_t others[16];
  struct Member members[16];
  for (int64_t i = 0; i < threads; ++i) {
    members[i] = (struct Member){function, frame, i, threads};
    if (i)
      pthread_create(&others[i], NULL, work, &members[i]);
  }
  work(&members[0]);
  for (int64_t i = 1; i < threads; ++i)
    pthread_join(others[i], NULL);
}

static void faulted(int number) {
  dprintf(2, "signal %d in the compiled code of %s: it leaves a tensor's memory\n", number, current_case);
  _exit(128 + number);
}

void begin_case(const char *name) {
  current_case = name;
  signal(SIGSEGV, faulted);
  signal(SIGBUS, faulted);
  signal(SIGFPE, faulted);
}
