/* Two compiled models in one C program, called from several threads.
 *
 *   two-models [THREADS [ROUNDS]]
 *
 * Each thread has a context of its own for both models and runs them with sizes
 * that change from round to round. Every result has to equal, bit for bit, the
 * one that the main thread computed alone before. */

#include <projector.h>
#include <scorer.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 8, MAX_ROWS = 7, MAX_KEYS = 11, SIZES = 20 };

/* What one round computes. */
typedef struct Result {
  float projected[MAX_ROWS * WIDTH];
  float share[MAX_ROWS * MAX_KEYS];
  int64_t best[MAX_ROWS];
} Result;

static TransomModel *projector, *scorer;
static Result expected[SIZES];

typedef struct Contexts {
  TransomContext *projector, *scorer;
} Contexts;

static int64_t rows_of(int size) { return 1 + size % MAX_ROWS; }
static int64_t keys_of(int size) { return 1 + size % MAX_KEYS; }

static int create(Contexts *contexts) {
  char why[TRANSOM_ERROR_BYTES];
  TransomContextOptions options;
  memset(&options, 0, sizeof options);
  options.struct_size = sizeof options;
  options.threads = 2;
  contexts->projector = contexts->scorer = NULL;
  if (transom_context_create(projector, &options, &contexts->projector, why, sizeof why) != TRANSOM_OK ||
      transom_context_create(scorer, &options, &contexts->scorer, why, sizeof why) != TRANSOM_OK) {
    fprintf(stderr, "two-models: %s\n", why);
    return 1;
  }
  return 0;
}

static void destroy(Contexts *contexts) {
  transom_context_destroy(contexts->projector);
  transom_context_destroy(contexts->scorer);
}

static TransomTensor matrix(float *data, int32_t rank, int64_t rows) {
  TransomTensor tensor;
  memset(&tensor, 0, sizeof tensor);
  tensor.data = data;
  tensor.type = TRANSOM_F32;
  tensor.rank = rank;
  tensor.shape[0] = 1;
  tensor.shape[rank - 2] = rows;
  tensor.shape[rank - 1] = WIDTH;
  return tensor;
}

/* Projects some rows, then scores keys for the projected rows. */
static int run_round(Contexts *contexts, int size, Result *result) {
  int64_t rows = rows_of(size), keys = keys_of(size);
  float numbers[MAX_KEYS * WIDTH];
  TransomTensor x, y, inputs[2], outputs[2];
  memset(result, 0, sizeof *result);
  for (int i = 0; i < MAX_KEYS * WIDTH; ++i)
    numbers[i] = (float)((i * 37 + size * 11) % 64) / 32 - 1;

  x = matrix(numbers, 2, rows);
  y = matrix(result->projected, 2, rows);
  y.capacity_bytes = sizeof result->projected;
  if (transom_run(contexts->projector, &x, 1, &y, 1) != TRANSOM_OK) {
    fprintf(stderr, "two-models: projector: %s\n", transom_error(contexts->projector));
    return 1;
  }

  inputs[0] = matrix(result->projected, 3, rows);
  inputs[1] = matrix(numbers, 3, keys);
  memset(outputs, 0, sizeof outputs);
  outputs[0].data = result->share;
  outputs[0].capacity_bytes = sizeof result->share;
  outputs[1].data = result->best;
  outputs[1].capacity_bytes = sizeof result->best;
  if (transom_run(contexts->scorer, inputs, 2, outputs, 2) != TRANSOM_OK) {
    fprintf(stderr, "two-models: scorer: %s\n", transom_error(contexts->scorer));
    return 1;
  }
  return 0;
}

static void *work(void *rounds) {
  Contexts contexts;
  Result result;
  int failed = create(&contexts);
  for (int round = 0; !failed && round < *(int *)rounds; ++round) {
    int size = round % SIZES;
    failed = run_round(&contexts, size, &result);
    if (!failed && memcmp(&result, &expected[size], sizeof result) != 0) {
      fprintf(stderr, "two-models: round %d differs from the single call\n", round);
      failed = 1;
    }
  }
  destroy(&contexts);
  return failed ? rounds : NULL;
}

int main(int argc, char **argv) {
  int threads = argc > 1 ? atoi(argv[1]) : 4, rounds = argc > 2 ? atoi(argv[2]) : 1000, failed = 0;
  char why[TRANSOM_ERROR_BYTES];
  Contexts single;
  pthread_t *team = threads > 0 ? calloc((size_t)threads, sizeof *team) : NULL;
  if (!team) {
    fprintf(stderr, "usage: two-models [THREADS [ROUNDS]]\n");
    return 1;
  }
  if (transom_open(projector_library(), NULL, &projector, why, sizeof why) != TRANSOM_OK ||
      transom_open(scorer_library(), NULL, &scorer, why, sizeof why) != TRANSOM_OK) {
    fprintf(stderr, "two-models: %s\n", why);
    return 1;
  }
  if (create(&single))
    return 1;
  for (int size = 0; size < SIZES; ++size)
    if (run_round(&single, size, &expected[size]))
      return 1;
  destroy(&single);

  for (int i = 0; i < threads; ++i)
    if (pthread_create(&team[i], NULL, work, &rounds) != 0) {
      fprintf(stderr, "two-models: cannot start thread %d\n", i);
      return 1;
    }
  for (int i = 0; i < threads; ++i) {
    void *result;
    pthread_join(team[i], &result);
    failed |= result != NULL;
  }
  free(team);
  transom_close(projector);
  transom_close(scorer);
  if (!failed)
    printf("%d threads, %d rounds each: both models agree with single calls, one share is %.6f\n", threads, rounds,
           expected[4].share[0]);
  return failed;
}
