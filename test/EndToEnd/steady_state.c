/* A steady state asks the system for nothing: after runs of the largest shapes, runs of those and smaller ones allocate
 * no memory and make no system call but futex, by which threads wait and wake.
 *
 *   steady_state THREADS [calls|allocates]
 *
 * seccomp ends the program with status 3 at any other call, in whichever thread; malloc and its like are counted.
 * Prints what ran. With a second argument the program itself does once what must not be done. */

#define _GNU_SOURCE
#include <bert_tiny.h>
#include <gpt2_tiny.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "requests.h"

enum { LONGEST = 32, HIDDEN = 64, VOCABULARY = 1000, CAPACITY = 64, RUNS = 400 };

/* ---- What is asked for ---------------------------------------------------*/

static void refused(int signal, siginfo_t *what, void *context) {
  char text[64];
  int length = snprintf(text, sizeof text, "system call %d in the steady state\n", what->si_syscall);
  (void)signal, (void)context;
  if (write(STDERR_FILENO, text, (size_t)length) < 0)
    _exit(4);
  _exit(3);
}

/* From here on, in all threads: futex, and what this program ends with. */
static int forbid(void) {
  struct sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 2, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof rules / sizeof *rules, rules};
  struct sigaction action = {.sa_sigaction = refused, .sa_flags = SA_SIGINFO};
  if (sigaction(SIGSYS, &action, NULL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    return -1;
  return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
}

/* ---- What runs -----------------------------------------------------------*/

static int64_t tokens[LONGEST], zeros[LONGEST], ones[CAPACITY], positions[CAPACITY];

static TransomStatus encode(TransomContext *context, int64_t length) {
  static float hidden[LONGEST * HIDDEN], pooled[HIDDEN];
  bert_tiny_dims dims = {.batch = 1, .sequence = length};
  bert_tiny_inputs inputs = {bert_tiny_input_ids(tokens, &dims), bert_tiny_attention_mask(ones, &dims),
                             bert_tiny_token_type_ids(zeros, &dims)};
  bert_tiny_outputs outputs;
  memset(&outputs, 0, sizeof outputs);
  outputs.last_hidden_state.data = hidden;
  outputs.last_hidden_state.capacity_bytes = sizeof hidden;
  outputs.pooler_output.data = pooled;
  outputs.pooler_output.capacity_bytes = sizeof pooled;
  return bert_tiny_run(context, &inputs, &outputs);
}

static TransomStatus step(TransomContext *context, TransomState *state, int64_t length) {
  static float scores[LONGEST * VOCABULARY];
  int64_t past = transom_state_length(state);
  gpt2_tiny_step_dims dims = {.batch = 1, .sequence = length, .past_sequence___sequence = past + length};
  gpt2_tiny_step_inputs inputs;
  gpt2_tiny_step_outputs outputs;
  memset(&outputs, 0, sizeof outputs);
  inputs.input_ids = gpt2_tiny_step_input_ids(tokens, &dims);
  inputs.attention_mask = gpt2_tiny_step_attention_mask(ones, &dims);
  inputs.position_ids = gpt2_tiny_step_position_ids(positions + past, &dims);
  outputs.logits.data = scores;
  outputs.logits.capacity_bytes = sizeof scores;
  return gpt2_tiny_step_run(context, state, &inputs, &outputs);
}

/* A prompt, tokens up to the capacity, and some taken back. */
static TransomStatus decode(TransomContext *context, TransomState *state) {
  TransomStatus status = transom_state_reset(state);
  if (!status)
    status = step(context, state, LONGEST);
  while (!status && transom_state_length(state) < CAPACITY)
    status = step(context, state, 1);
  if (!status)
    status = transom_state_truncate(state, CAPACITY / 2);
  return status ? status : step(context, state, 3);
}

int main(int argc, char **argv) {
  char why[TRANSOM_ERROR_BYTES] = "";
  uint32_t threads = argc > 1 ? (uint32_t)atoi(argv[1]) : 1;
  TransomModel *bert, *gpt2, *decoder;
  TransomContext *encoding, *decoding;
  TransomState *state;
  TransomContextOptions options = {.struct_size = sizeof options, .threads = threads};
  const gpt2_tiny_step_dims one = {.batch = 1};
  for (int64_t i = 0; i < CAPACITY; ++i) {
    tokens[i % LONGEST] = 7 * i % VOCABULARY;
    ones[i] = 1;
    positions[i] = i;
  }
  if (bert_tiny_open(NULL, &bert, why, sizeof why) || gpt2_tiny_open(NULL, &gpt2, why, sizeof why) ||
      gpt2_tiny_step_entry(gpt2, &decoder, why, sizeof why) ||
      transom_context_create(bert, &options, &encoding, why, sizeof why) ||
      transom_context_create(decoder, &options, &decoding, why, sizeof why) ||
      gpt2_tiny_step_state_create(decoder, CAPACITY, &one, &state, why, sizeof why) || encode(encoding, LONGEST) ||
      decode(decoding, state)) {
    fprintf(stderr, "steady_state: %s\n", why[0] ? why : "a first run failed");
    return EXIT_FAILURE;
  }
  printf("%u threads: ", transom_threads(encoding));
  fflush(stdout);
  if (forbid()) {
    perror("seccomp");
    return 77;
  }
  counting = 1;
  TransomStatus status = TRANSOM_OK;
  for (int i = 0; i < RUNS && !status; ++i)
    status = encode(encoding, 1 + i % LONGEST);
  for (int i = 0; i < RUNS / CAPACITY && !status; ++i)
    status = decode(decoding, state);
  if (argc > 2 && !strcmp(argv[2], "calls"))
    (void)getppid();
  void *volatile memory = argc > 2 && !strcmp(argv[2], "allocates") ? malloc(1) : NULL;
  (void)memory;
  counting = 0;
  char text[96];
  int length = snprintf(text, sizeof text, "%d requests for memory in %d runs and %d generations, status %d\n",
                        requests, RUNS, RUNS / CAPACITY, (int)status);
  if (write(STDOUT_FILENO, text, (size_t)length) != length)
    _exit(EXIT_FAILURE);
  _exit(requests || status ? EXIT_FAILURE : EXIT_SUCCESS);
}
