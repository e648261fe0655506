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

#define TRANSOM_PROGRAM_VERSION 3u

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

/* ---- Code for GPUs -------------------------------------------------------*/

/* A function of a chip's code. */
typedef struct TransomDeviceFunction {
  const char *name;
  uint32_t threads; /* of a block */
  uint32_t shared;  /* bytes of dynamic shared memory */
} TransomDeviceFunction;

/* A piece of the weight image as a chip's code reads it: row-major. */
typedef struct TransomDeviceWeight {
  uint64_t offset; /* in the device's memory */
  uint64_t bytes;  /* there */
  uint64_t source; /* in the library's image */
  /* How it is packed in the library's image: columns 0, as it is; else
     [batch, ceil(n / columns), k, columns], of [batch, k, n] or, transposed,
     [batch, n, k]. Where taps is above 1, [ceil(n / columns), ceil(k / taps),
     columns, taps] of bytes, and after each panel 4 bytes a column. */
  int64_t batch, k, n;
  uint32_t columns;
  uint32_t transposed;
  uint32_t element_bytes;
  uint32_t taps;
} TransomDeviceWeight;

/* The model's code for one chip. Its host program runs on one thread and puts
   launches into a stream; what the frame points at is the device's memory. */
typedef struct TransomDeviceProgram {
  const char *chip;    /* "sm_90a" */
  uint32_t capability; /* 90 */
  uint32_t exact;      /* not 0: no other chip runs it ("a") */
  uint32_t driver;     /* the driver's version that reads the PTX, as cuDriverGetVersion gives it */
  uint32_t num_functions;
  const TransomDeviceFunction *functions;
  const TransomDeviceWeight *weights;
  uint64_t num_weights;
  uint64_t weights_bytes; /* of the device's memory */
  const char *ptx;        /* ends with a zero */
  uint64_t ptx_bytes;
  const uint8_t *cubin; /* null: the driver compiles the PTX */
  uint64_t cubin_bytes;
  int64_t (*prepare)(const int64_t *symbols, int64_t *output_dims);
  void (*run)(const TransomFrame *frame, int64_t thread, int64_t threads);
} TransomDeviceProgram;

/* The part of the runtime that drives GPUs; only libraries with code for them
   carry it. */
typedef struct TransomDeviceRuntime TransomDeviceRuntime;
extern const TransomDeviceRuntime transom_rt_device;

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

  /* The host program. Called by every thread of the team. Null: the library
     has code for GPUs alone. */
  void (*run)(const TransomFrame *frame, int64_t thread, int64_t threads);

  const char *entry; /* what transom_entry calls it: "main", "step" */
  uint32_t num_states;
  uint32_t num_lengths;
  const TransomStateDesc *states;
  const int64_t *windows;                     /* [num_states] the most rows that a state keeps for the next run, the
                                                 last ones; 0: all */
  const int32_t *lengths;                     /* [num_lengths] symbols whose value is the rows that states have.
                                                 With any, prepare writes the rows afterwards after the outputs' dims. */
  const struct TransomProgram *next;          /* another entry point, with the same weights; null: none */
  const TransomDeviceRuntime *device_runtime; /* null: no code for GPUs */
  const TransomDeviceProgram *const *devices; /* best first */
  uint32_t num_devices;
  uint32_t reserved;
  const char *device_chips; /* "sm_80,sm_90a"; "" without code for GPUs */
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

/* transom_rt_barrier and then transom_rt_profile, in one call since it stands
   before nearly every launch; a trace tells the waiting from the work. */
int32_t transom_rt_next(TransomRun *run, int64_t thread, int32_t site);

/* ---- Called by the host program of a GPU ---------------------------------*/

/* Puts the launch of a function of the chip's code into the stream, on up to
   `blocks` blocks; none where there is nothing to do, or where the run has
   failed or was cancelled. `arguments` are `count` words: pointers and sizes;
   the last is for the record of failures, which the runtime fills in. */
void transom_rt_device_launch(TransomRun *run, int32_t site, int32_t function, int64_t blocks, int64_t *arguments,
                              int32_t count);

/* Describes a tensor for a function that has pieces of it brought by the chip's
   copy engine: 16 words at `map`, which is aligned to 64 bytes. `element` is the
   bytes of an element, or -2 for bf16; the tensor is dense, `before` matrices of
   `lines` lines of `length` elements; pieces are `box` elements of `box_lines`
   lines, and lie in shared memory with the swizzle of 128 bytes. */
void transom_rt_device_map(TransomRun *run, int32_t site, int64_t *map, const void *memory, int64_t element,
                           int64_t length, int64_t lines, int64_t before, int64_t box, int64_t box_lines);

/* Waits for the stream and reads up to 8 bytes of the device's memory. Returns
   non-zero when the run has failed or was cancelled; the host program then
   returns at once. */
int32_t transom_rt_device_read(TransomRun *run, const void *from, int64_t bytes, void *to);

/* In the stream: writes a word; copies. */
void transom_rt_device_write(TransomRun *run, void *to, int64_t value, int64_t bytes);
void transom_rt_device_copy(TransomRun *run, void *to, const void *from, int64_t bytes);

/* 8 bytes of the device's memory for each number below 512, of the context. */
void *transom_rt_device_cell(TransomRun *run, int32_t number);

/* As those without `device`; thread is 0. */
void *transom_rt_device_alloc(TransomRun *run, int64_t thread, int64_t bytes);
void *transom_rt_device_output(TransomRun *run, int64_t thread, int32_t index, const int64_t *dims);
void transom_rt_device_profile(TransomRun *run, int64_t thread, int32_t site);

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
