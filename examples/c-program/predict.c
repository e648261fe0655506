/* What a decoder says next, in C: a prompt's likeliest continuations.
 *
 *   predict COUNT TOKEN...
 *
 * Prints COUNT tokens, each the likeliest after those before it. The caches stay in a TransomState between runs, so
 * each run is handed one token. Inputs and outputs have the names that the model's own header gives them; buffers are
 * the program's, and nothing is allocated after the first run. */

#include <errno.h>
#include <gpt2_tiny.h>
#include <stdio.h>
#include <stdlib.h>

enum { VOCABULARY = 1000, CAPACITY = 128 };

static int complain(const char *what) {
  fprintf(stderr, "predict: %s\n", what);
  return EXIT_FAILURE;
}

static int read_number(const char *text, int64_t *number) {
  char *end;
  errno = 0;
  *number = strtoll(text, &end, 10);
  return !errno && end != text && !*end && *number >= 0;
}

/* Runs `count` tokens behind those in the caches; the scores of the last one go to `scores`. */
static TransomStatus step(TransomContext *context, TransomState *state, const int64_t *tokens, int64_t count,
                          float *all, const float **scores) {
  static int64_t ones[CAPACITY], positions[CAPACITY];
  int64_t past = transom_state_length(state);
  gpt2_tiny_step_dims dims = {.batch = 1, .sequence = count, .past_sequence___sequence = past + count};
  gpt2_tiny_step_inputs inputs;
  gpt2_tiny_step_outputs outputs;
  TransomStatus status;
  for (int64_t i = 0; i < past + count && i < CAPACITY; ++i)
    ones[i] = 1;
  for (int64_t i = 0; i < count; ++i)
    positions[i] = past + i;
  inputs.input_ids = gpt2_tiny_step_input_ids(tokens, &dims);
  inputs.attention_mask = gpt2_tiny_step_attention_mask(ones, &dims);
  inputs.position_ids = gpt2_tiny_step_position_ids(positions, &dims);
  memset(&outputs, 0, sizeof outputs);
  outputs.logits.data = all;
  outputs.logits.capacity_bytes = sizeof *all * VOCABULARY * CAPACITY;
  status = gpt2_tiny_step_run(context, state, &inputs, &outputs);
  *scores = all + (count - 1) * VOCABULARY;
  return status;
}

int main(int argc, char **argv) {
  static float all[VOCABULARY * CAPACITY];
  int64_t tokens[CAPACITY], count, given = 0;
  const float *scores;
  const gpt2_tiny_step_dims one = {.batch = 1};
  TransomModel *model = NULL, *decoder = NULL;
  TransomContext *context = NULL;
  TransomState *state = NULL;
  char why[TRANSOM_ERROR_BYTES];
  int result = EXIT_FAILURE;

  if (argc < 3 || !read_number(argv[1], &count))
    return complain("usage: predict COUNT TOKEN...");
  for (int i = 2; i < argc; ++i)
    if (given == CAPACITY || !read_number(argv[i], &tokens[given++]))
      return complain("a prompt is at most 128 numbers of tokens");

  if (gpt2_tiny_open(NULL, &model, why, sizeof why) || gpt2_tiny_step_entry(model, &decoder, why, sizeof why) ||
      transom_context_create(decoder, NULL, &context, why, sizeof why) ||
      gpt2_tiny_step_state_create(decoder, CAPACITY, &one, &state, why, sizeof why)) {
    complain(why);
    goto done;
  }
  for (int64_t i = 0; i < count; ++i) {
    int64_t best = 0;
    if (step(context, state, tokens, given, all, &scores)) {
      complain(transom_error(context));
      goto done;
    }
    for (int64_t token = 1; token < VOCABULARY; ++token)
      if (scores[token] > scores[best])
        best = token;
    printf(i ? " %lld" : "%lld", (long long)best);
    tokens[0] = best;
    given = 1;
  }
  printf("\n");
  result = EXIT_SUCCESS;
done:
  transom_state_destroy(state);
  transom_context_destroy(context);
  transom_close(decoder);
  transom_close(model);
  return result;
}
