/* Decodes token by token with the states of a compiled model, and counts what is
   asked of libc meanwhile: memory, mappings, threads.

     decoding LIBRARY NAME TOKENS

   Prints the number of requests in the second half of the tokens, and in a fork's
   and a rollback's tokens after that. Exit status 1 where anything else fails. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "requests.h"
#include "transom/transom.h"

/* For a library that the test loads in the place of a model. */
int requests_seen(void);

void *mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset) {
  note_request();
  return (void *)syscall(SYS_mmap, at, bytes, protection, flags, file, offset);
}

int requests_seen(void) { return requests; }

enum { CAPACITY = 256, ENCODED = 6, MOST = 4096, EXTRA = 10 };

static void check(int fine, const char *what) {
  if (fine)
    return;
  fprintf(stderr, "%s\n", what);
  exit(1);
}

/* What a symbol stands for after `past` tokens: the rows of states, all tokens, an
   encoder's tokens, or one. */
static int64_t size_of(const TransomModelInfo *info, int32_t symbol, int64_t past) {
  const char *name = info->symbols[symbol];
  for (uint32_t i = 0; i < info->num_lengths; ++i)
    if (info->lengths[i] == symbol)
      return past;
  if (!strcmp(name, "capacity"))
    return CAPACITY;
  if (strstr(name, "encoder"))
    return ENCODED;
  return strstr(name, "past") || strstr(name, "total") ? past + 1 : 1;
}

static int64_t numbers[8][MOST];

/* Inputs for one token after `past`, in memory that is there already. */
static void fill(const TransomModelInfo *info, TransomTensor *inputs, int64_t past) {
  for (uint32_t i = 0; i < info->num_inputs; ++i) {
    const TransomValueDesc *value = &info->inputs[i];
    check(value->type == TRANSOM_I64 && i < 8, "an input is no i64");
    memset(&inputs[i], 0, sizeof inputs[i]);
    inputs[i].data = numbers[i];
    inputs[i].type = value->type;
    inputs[i].rank = value->rank;
    int64_t count = 1;
    for (int32_t d = 0; d < value->rank; ++d) {
      inputs[i].shape[d] = value->symbols[d] < 0 ? value->dims[d] : size_of(info, value->symbols[d], past);
      count *= inputs[i].shape[d];
    }
    check(count <= MOST, "an input is too large");
    for (int64_t k = 0; k < count; ++k)
      numbers[i][k] = strstr(value->name, "mask")       ? 1
                      : strstr(value->name, "position") ? past % 60
                                                        : 1 + (7 * past) % 60;
  }
}

int main(int argc, char **argv) {
  check(argc == 4, "usage: decoding LIBRARY NAME TOKENS");
  void *library = dlopen(argv[1], RTLD_NOW);
  check(library != NULL, "the library does not load");
  char symbol[256];
  snprintf(symbol, sizeof symbol, "%s_library", argv[2]);
  const TransomLibrary *(*function)(void);
  *(void **)&function = dlsym(library, symbol);
  check(function != NULL, "the library exports no model");
  counting = 1;
  const TransomLibrary *opened = function();
  counting = 0;
  char why[TRANSOM_ERROR_BYTES] = "";
  TransomModel *model, *step;
  check(transom_open(opened, NULL, &model, why, sizeof why) == TRANSOM_OK, why);
  check(transom_entry(model, "step", &step, why, sizeof why) == TRANSOM_OK, why);
  const TransomModelInfo *info = transom_info(step);
  TransomContextOptions options = {0};
  options.struct_size = sizeof options;
  options.threads = 2;
  TransomContext *context;
  check(transom_context_create(step, &options, &context, why, sizeof why) == TRANSOM_OK, why);
  int64_t tokens = atol(argv[3]), symbols[64];
  for (uint32_t i = 0; i < info->num_symbols; ++i)
    symbols[i] = size_of(info, (int32_t)i, tokens + EXTRA);
  check(transom_reserve(context, symbols) == TRANSOM_OK, transom_error(context));
  TransomStateOptions keeping = {0};
  keeping.struct_size = sizeof keeping;
  keeping.capacity = CAPACITY;
  keeping.symbols = symbols;
  TransomState *state, *fork;
  check(transom_state_create(step, &keeping, &state, why, sizeof why) == TRANSOM_OK, why);
  TransomTensor inputs[8], outputs[64];
  memset(outputs, 0, sizeof outputs);
  check(info->num_outputs <= 64, "too many outputs");
  int64_t past = 0;
#define DECODE(of)                                                                                                     \
  do {                                                                                                                 \
    fill(info, inputs, past);                                                                                          \
    check(transom_run_state(context, of, inputs, info->num_inputs, outputs, info->num_outputs) == TRANSOM_OK,          \
          transom_error(context));                                                                                     \
    ++past;                                                                                                            \
  } while (0)
  for (; past < tokens / 2;)
    DECODE(state);
  requests = 0;
  counting = 1;
  for (; past < tokens;)
    DECODE(state);
  counting = 0;
  printf("steady %d\n", requests);
  check(transom_state_fork(state, &fork) == TRANSOM_OK, "no fork");
  requests = 0;
  counting = 1;
  for (; past < tokens + EXTRA;)
    DECODE(fork);
  past = tokens;
  for (; past < tokens + EXTRA;)
    DECODE(state);
  /* What is replaced cannot go back. */
  if (info->num_lengths) {
    check(transom_state_truncate(state, tokens) == TRANSOM_OK, transom_state_error(state));
    past = tokens;
    for (; past < tokens + EXTRA;)
      DECODE(state);
  }
  counting = 0;
  printf("forked %d\n", requests);
  transom_state_destroy(fork);
  transom_state_destroy(state);
  transom_context_destroy(context);
  transom_close(step);
  transom_close(model);
  return 0;
}
