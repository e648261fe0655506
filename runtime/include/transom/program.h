/*===- program.h - what generated code and the runtime owe each other ------===*\
 *
 * A compiled model is one object file of generated code linked with the
 * runtime. The object defines one constant `TransomProgram`; everything the
 * runtime knows about the model comes from it. It also defines the library's
 * only exported function, NAME_library (see TRANSOM_DEFINE_LIBRARY). The
 * generated code in turn calls only the `transom_rt_*` functions below. This header is private to
 * Transom: programs include transom/transom.h and the model's own header.
 *
 * The host program runs once per run on *every* thread of the team (single
 * program, multiple data): all threads compute the same dims, call the same
 * kernels with their (thread, threads) pair, and meet at barriers. No thread
 * ever takes a branch that the others do not.
 *
\*===----------------------------------------------------------------------===*/
#ifndef TRANSOM_PROGRAM_H
#define TRANSOM_PROGRAM_H

#include "transom/transom.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TRANSOM_PROGRAM_VERSION 2u

/* A place in the ONNX model that a failing kernel can name. */
typedef struct TransomSite {
  const char *node; /* ONNX node name, may be "" */
  const char *op;   /* ONNX operator */
} TransomSite;

typedef struct TransomRun TransomRun; /* owned by the runtime */

/* What `run` works on; filled in by the runtime, read by generated code.
   The generated code reads fields by offset: never reorder, only append. */
typedef struct TransomFrame {
  const void *const *inputs; /* [num_inputs], dense row-major */
  void *const *outputs;      /* [num_outputs]; null where data-dependent */
  const int64_t *symbols;    /* [num_symbols] values of the dynamic dims */
  uint8_t *arena;            /* workspace, 64-byte aligned */
  const uint8_t *weights;    /* weight image, 64-byte aligned */
  TransomRun *run;           /* passed back to transom_rt_* */
  void *const *states;       /* [num_states]; written in place where the kind says so */
  void *const *next_states;  /* [num_states]; where replaced states go, else null */
} TransomFrame;

typedef struct TransomProgram {
  uint32_t version;     /* TRANSOM_PROGRAM_VERSION */
  uint32_t struct_size; /* sizeof(TransomProgram) */
  const char *name;
  const char *target_cpu;      /* as given to --cpu */
  const char *target_features; /* comma list the code relies on: "avx2,fma" */
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_symbols;
  uint32_t num_sites;
  const TransomValueDesc *inputs;
  const TransomValueDesc *outputs;
  const char *const *symbols; /* every dynamic input dim has one */
  const TransomSite *sites;
  uint64_t weights_bytes;     /* size of the weight image, 0 if none */
  const uint8_t *weights;     /* embedded image, or null: a sidecar file */
  const char *weights_file;   /* sidecar's file name, beside the library */
  uint64_t weights_offset;    /* where the image starts in the sidecar */
  const char *weights_sha256; /* hex digest of the image */
  const char *manifest;       /* NAME.json's text */

  /* Workspace bytes for the given symbol values; also writes the dims of all
     outputs, concatenated in order ([sum of ranks]); -1 where data-dependent.
     Returns a negative value when sizes overflow. */
  int64_t (*prepare)(const int64_t *symbols, int64_t *output_dims);

  /* The host program. Called by every thread of the team. */
  void (*run)(const TransomFrame *frame, int64_t thread, int64_t threads);

  const char *entry; /* what transom_entry calls it: "main", "step" */
  uint32_t num_states;
  uint32_t num_lengths;
  const TransomStateDesc *states;
  const int32_t *lengths;            /* [num_lengths] symbols whose value is the rows that states have.
                                        With any, prepare writes the rows afterwards after the outputs' dims. */
  const struct TransomProgram *next; /* another entry point, with the same weights; null: none */
} TransomProgram;

/* ---- Called by generated code -------------------------------------------*/

/* All threads wait for each other. Returns non-zero on every thread when the
   run has failed or was cancelled; the host program then returns at once. */
int32_t transom_rt_barrier(TransomRun *run);

/* Records a failure (first one wins) at program->sites[site]; the run goes on
   to the next barrier. `kind`: see TransomFailure. */
typedef enum TransomFailure {
  TRANSOM_FAIL_INDEX = 1,  /* value: the index; limit: the dim */
  TRANSOM_FAIL_SHAPE = 2,  /* value, limit: the two unequal dims */
  TRANSOM_FAIL_DIVIDE = 3, /* integer division by zero */
  TRANSOM_FAIL_MEMORY = 4, /* value: bytes asked for */
  TRANSOM_FAIL_LIMIT = 5   /* a data-dependent size beyond its bound */
} TransomFailure;
void transom_rt_fail(TransomRun *run, int32_t kind, int32_t site, int64_t value, int64_t limit);

/* Memory for data-dependent sizes, valid until the run ends. Called by all
   threads together with equal arguments (it contains a barrier); all get the
   same pointer, 64-byte aligned. Null after recording TRANSOM_FAIL_MEMORY. */
void *transom_rt_alloc(TransomRun *run, int64_t thread, int64_t bytes);

/* Where to write output `index` whose dims depend on data; same calling rule
   as transom_rt_alloc. */
void *transom_rt_output(TransomRun *run, int64_t thread, int32_t index, const int64_t *dims);

/* Per-kernel profile, near free when off. From this call on, the time of the
   run belongs to `site` (-1: to none) until the next call or the end. The host
   program calls it before each launch when the model is compiled with
   profiling (the default). */
void transom_rt_profile(TransomRun *run, int64_t thread, int32_t site);

/* ---- The exported function -----------------------------------------------*/

extern const TransomApi transom_rt_api;

/* What the generated object defines for one program, written in C:
     @programs = [1 x ptr] [ptr @program]
     @library  = {ptr @transom_rt_api, ptr @programs, i32 1, i32 0}
     NAME_library returns @library and has default visibility. */
#define TRANSOM_DEFINE_LIBRARY(NAME, PROGRAM)                                                                          \
  __attribute__((visibility("default"))) const TransomLibrary *NAME##_library(void) {                                  \
    static const TransomProgram *const programs[] = {&(PROGRAM)};                                                      \
    static const TransomLibrary library = {&transom_rt_api, programs, 1, 0};                                           \
    return &library;                                                                                                   \
  }

#ifdef __cplusplus
}
#endif
#endif /* TRANSOM_PROGRAM_H */
