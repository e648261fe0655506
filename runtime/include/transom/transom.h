/*===- transom.h - the C interface of every compiled model ----------------===*\
 *
 * A compiled model NAME exports one function,
 *
 *     const TransomLibrary *NAME_library(void);
 *
 * and everything else goes through the functions below, which call the copy of
 * the runtime that the model carries. They are inline, so any number of models,
 * static or shared, of any age, live in one program without a symbol in common.
 *
 *     TransomModel *model;
 *     TransomContext *context;
 *     char why[TRANSOM_ERROR_BYTES];
 *     if (transom_open(NAME_library(), NULL, &model, why, sizeof why)) ...
 *     if (transom_context_create(model, NULL, &context, why, sizeof why)) ...
 *     if (transom_run(context, inputs, 2, outputs, 1)) puts(transom_error(context));
 *
 * A model never changes after it is opened; any thread may use it. A context
 * holds workspace and threads; one thread at a time uses it, except for
 * transom_cancel. Nothing aborts or throws, nothing is global, and no output
 * is touched when a call's arguments are refused. C11 and C++17.
 *
\*===----------------------------------------------------------------------===*/
#ifndef TRANSOM_TRANSOM_H
#define TRANSOM_TRANSOM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Changes when a caller compiled against an older header would break. */
#define TRANSOM_ABI_VERSION 1u
#define TRANSOM_MAX_RANK 12
/* Enough for every message, its terminating zero included. */
#define TRANSOM_ERROR_BYTES 512

/* Element types; values are ONNX TensorProto.DataType (ONNX IR spec). */
typedef enum TransomType {
  TRANSOM_F32 = 1,
  TRANSOM_U8 = 2,
  TRANSOM_I8 = 3,
  TRANSOM_U16 = 4,
  TRANSOM_I16 = 5,
  TRANSOM_I32 = 6,
  TRANSOM_I64 = 7,
  TRANSOM_BOOL = 9,
  TRANSOM_F16 = 10,
  TRANSOM_F64 = 11,
  TRANSOM_U32 = 12,
  TRANSOM_U64 = 13,
  TRANSOM_BF16 = 16,
  TRANSOM_F8E4M3FN = 17,
  TRANSOM_F8E4M3FNUZ = 18,
  TRANSOM_F8E5M2 = 19,
  TRANSOM_F8E5M2FNUZ = 20,
  TRANSOM_U4 = 21,
  TRANSOM_I4 = 22,
  TRANSOM_F4E2M1FN = 23,
  TRANSOM_F8E8M0FNU = 24,
  TRANSOM_U2 = 25,
  TRANSOM_I2 = 26
} TransomType;

typedef enum TransomStatus {
  TRANSOM_OK = 0,
  TRANSOM_ERROR_ARGUMENT = 1,  /* null or malformed argument */
  TRANSOM_ERROR_VERSION = 2,   /* header and model are of different ABI */
  TRANSOM_ERROR_CPU = 3,       /* this CPU lacks what the code needs */
  TRANSOM_ERROR_WEIGHTS = 4,   /* weights missing, short or changed */
  TRANSOM_ERROR_MEMORY = 5,    /* an allocation failed */
  TRANSOM_ERROR_THREADS = 6,   /* a thread could not be started */
  TRANSOM_ERROR_SIGNATURE = 7, /* type, rank or dims do not fit the model */
  TRANSOM_ERROR_CAPACITY = 8,  /* an output buffer is too small */
  TRANSOM_ERROR_SIZE = 9,      /* sizes overflow */
  TRANSOM_ERROR_DATA = 10,     /* values in the inputs that the model refuses */
  TRANSOM_ERROR_CANCELLED = 11,
  TRANSOM_ERROR_BUSY = 12,  /* another thread is using the context */
  TRANSOM_ERROR_DEVICE = 13 /* no driver, an old one, no such device, no code for its chip, or its driver refuses */
} TransomStatus;

typedef struct TransomApi TransomApi;
typedef struct TransomModel TransomModel;
typedef struct TransomContext TransomContext;
typedef struct TransomState TransomState;
struct TransomProgram; /* generated code */

/* What NAME_library() returns: the runtime and the variants of the model's
   code, best first; transom_open takes the first one that the CPU can run. */
typedef struct TransomLibrary {
  const TransomApi *api;
  const struct TransomProgram *const *programs;
  uint32_t num_programs;
  uint32_t reserved;
} TransomLibrary;

/* One input or output of the signature. */
typedef struct TransomValueDesc {
  const char *name; /* the ONNX name */
  int32_t type;     /* TransomType */
  int32_t rank;
  const int64_t *dims;    /* [rank]; -1 where dynamic */
  const int32_t *symbols; /* [rank]; index of the model's symbol where the dim
                             is dynamic and known by name, else -1 */
} TransomValueDesc;

/* What runs do with a state. */
typedef enum TransomStateKind {
  TRANSOM_STATE_GROWN = 0,    /* append rows to it */
  TRANSOM_STATE_WRITTEN = 1,  /* write rows where the inputs say */
  TRANSOM_STATE_REPLACED = 2, /* make a new one of the old one */
  TRANSOM_STATE_KEPT = 3      /* only read it; transom_state_write sets it */
} TransomStateKind;

/* One state of an entry point: an input and an output of the ONNX model that
   stay in a TransomState between runs. */
typedef struct TransomStateDesc {
  TransomValueDesc value; /* of the input; a grown state's dim along `axis` is the capacity */
  const char *output;     /* the ONNX name of the output, "" if it has none */
  int32_t kind;           /* TransomStateKind */
  int32_t axis;           /* along which it grows; -1: it does not */
} TransomStateDesc;

/* A tensor in the caller's memory. Zero-initialise, then set what you need.

   Input: data, type, rank, shape; strides if not dense; capacity_bytes, if not
   0, is checked against what the shape reaches.

   Output, data set: a buffer of capacity_bytes; strides, positive and without
   two elements in one place, if not dense. Output,
   data null: memory of the context, valid until its next run, trim or
   destruction; capacity_bytes becomes 0, so that passing the tensor on after
   that is refused. In both cases a run fills in data, type, rank and shape.

   Where it lies is said as DLPack says it: device_type 0 (or 1, 3, 11: memory
   that the CPU reads) is the host; 2 (or 13) with device_id N is the memory of
   cuda:N, which a context on that device takes, dense. An output with data null
   and device_type 2 becomes memory of the context on the device. */
typedef struct TransomTensor {
  void *data;
  size_t capacity_bytes;
  const int64_t *strides; /* [rank], in elements; null: dense row-major */
  int32_t type;           /* TransomType; outputs: 0 or the model's */
  int32_t rank;           /* outputs with strides: 0 or the model's */
  int64_t shape[TRANSOM_MAX_RANK];
  int32_t device_type; /* 0: the host; else DLDeviceType */
  int32_t device_id;
  uint64_t reserved; /* 0 */
} TransomTensor;

/* Memory hooks; both or neither. `allocate` returns null when it fails.
   May be called from any thread that uses the model or the context. */
typedef struct TransomAllocator {
  void *(*allocate)(void *user, size_t bytes, size_t alignment);
  void (*release)(void *user, void *memory, size_t bytes, size_t alignment);
  void *user;
} TransomAllocator;

typedef enum TransomLogLevel { TRANSOM_LOG_INFO = 0, TRANSOM_LOG_WARNING = 1 } TransomLogLevel;
typedef void (*TransomLog)(void *user, int32_t level, const char *message);

enum {
  TRANSOM_LOAD_PRELOAD = 1, /* read all weights before transom_open returns */
  TRANSOM_LOAD_LOCK = 2,    /* keep them in memory (mlock); fails if refused */
  TRANSOM_LOAD_VERIFY = 4   /* check their SHA-256: reads all of them */
};

/* Zero-initialise and set struct_size; null stands for all defaults. */
typedef struct TransomLoadOptions {
  uint32_t struct_size; /* sizeof(TransomLoadOptions) */
  uint32_t flags;       /* TRANSOM_LOAD_* */
  /* The weights file. Null: the file that the compiler wrote, beside the
     library (or, linked statically, beside the program). */
  const char *weights_path;
  /* Or: that file's contents in the caller's memory, 64-byte aligned, which
     must outlive the model and every context made from it. */
  const void *weights_data;
  size_t weights_bytes;
  TransomAllocator allocator; /* also of the contexts that name none */
  TransomLog log;
  void *log_user;
} TransomLoadOptions;

/* Runs body(argument, 0) ... body(argument, count - 1), each once, and returns
   when all have. The bodies meet at barriers: all of them must run at the same
   time, on a thread each (the caller's may be one). A pool that runs them one
   after the other, or with fewer threads than bodies, never returns. */
typedef void (*TransomBody)(void *argument, int64_t index);
typedef void (*TransomParallelFor)(void *user, TransomBody body, void *argument, int64_t count);

/* Zero-initialise and set struct_size; null stands for all defaults. */
typedef struct TransomContextOptions {
  uint32_t struct_size;            /* sizeof(TransomContextOptions) */
  uint32_t threads;                /* 0: as many as the process has cores; at most 1024; on a GPU 1 */
  TransomParallelFor parallel_for; /* null: the context's own threads */
  void *parallel_for_user;
  TransomAllocator allocator; /* null: the model's */
  /* Where runs take place: "cpu", "cuda" (cuda:0), "cuda:N", or "auto": the first
     GPU that the library has code for, else the CPU. Null: the CPU, or cuda:0 if
     the library has no code for CPUs. */
  const char *device;
  /* On a GPU: the CUstream that runs are put into, after what is in it. Null: a
     stream of the context's own. A run has ended when transom_run returns. */
  void *stream;
} TransomContextOptions;

/* Zero-initialise and set struct_size. */
typedef struct TransomStateOptions {
  uint32_t struct_size; /* sizeof(TransomStateOptions) */
  uint32_t reserved;
  int64_t capacity; /* rows that states which grow have room for */
  /* Values of the model's symbols, in the order of info->symbols; only those of
     the states' dims (a batch size, say) are read. Null: all of them are 1. */
  const int64_t *symbols;
  TransomAllocator allocator; /* null: the model's; of what is on the host */
  /* Where the state lies, as TransomContextOptions.device says where runs take
     place: contexts of that device run on it. Null: the CPU, or cuda:0 if the
     library has no code for CPUs. */
  const char *device;
} TransomStateOptions;

/* Time spent in one place of the ONNX model since profiling was switched on. */
typedef struct TransomProfileEntry {
  const char *node; /* ONNX node name, may be "" */
  const char *op;   /* ONNX operator */
  uint64_t calls;
  uint64_t nanoseconds;
} TransomProfileEntry;

/* What one thread did between two moments of a run. Slices of a thread nest:
   waits lie in places, and places in the run. */
typedef enum TransomTraceKind {
  TRANSOM_TRACE_RUN = 1,   /* all of the thread's part of a run */
  TRANSOM_TRACE_PLACE = 2, /* from the start of a place of the ONNX model to that of the next */
  TRANSOM_TRACE_WAIT = 3   /* at the end of a place, for the other threads */
} TransomTraceKind;

typedef struct TransomTraceEvent {
  const char *node; /* ONNX node name, may be ""; "" of runs too */
  const char *op;   /* ONNX operator; "" of runs */
  uint64_t begin;   /* nanoseconds of CLOCK_MONOTONIC */
  uint64_t end;
  int32_t kind; /* TransomTraceKind */
  uint32_t thread;
  uint32_t run; /* counted from 0 since the trace was switched on */
  uint32_t reserved;
} TransomTraceEvent;

/* What the model says about itself; lives as long as the library. */
typedef struct TransomModelInfo {
  const char *name;
  const char *target_cpu;
  const char *target_features;
  const char *manifest; /* JSON, as in NAME.json; "" if left out */
  uint64_t weights_bytes;
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t num_symbols;
  uint32_t num_sites; /* places that a profile distinguishes */
  const TransomValueDesc *inputs;
  const TransomValueDesc *outputs;
  const char *const *symbols; /* names of the dynamic dims */
  const char *entry;          /* this entry point: "main", "step" */
  uint32_t num_states;        /* 0: runs keep nothing */
  uint32_t num_lengths;
  const TransomStateDesc *states;
  const int32_t *lengths;   /* [num_lengths]; the symbols whose value is the rows that states have */
  const char *device_chips; /* GPUs that it has code for: "sm_80,sm_90a"; "" for none */
} TransomModelInfo;

/* The runtime's functions. For callers by FFI; C and C++ programs use the
   functions below, which are documented there. Entries are only appended;
   struct_size tells which exist. */
struct TransomApi {
  uint32_t abi_version;
  uint32_t struct_size;
  TransomStatus (*open)(const TransomLibrary *library, const TransomLoadOptions *options, TransomModel **model,
                        char *error, size_t error_bytes);
  void (*close)(TransomModel *model);
  const TransomModelInfo *(*info)(const TransomModel *model);
  TransomStatus (*workspace_bytes)(const TransomModel *model, const int64_t *symbols, int64_t *bytes);
  TransomStatus (*output_dims)(const TransomModel *model, const int64_t *symbols, uint32_t output, int64_t *dims);
  TransomStatus (*context_create)(TransomModel *model, const TransomContextOptions *options, TransomContext **context,
                                  char *error, size_t error_bytes);
  void (*context_destroy)(TransomContext *context);
  TransomStatus (*reserve)(TransomContext *context, const int64_t *symbols);
  TransomStatus (*run)(TransomContext *context, const TransomTensor *inputs, uint32_t num_inputs,
                       TransomTensor *outputs, uint32_t num_outputs);
  int32_t (*cancel)(TransomContext *context);
  const char *(*error)(const TransomContext *context);
  TransomStatus (*trim)(TransomContext *context);
  uint32_t (*threads)(const TransomContext *context);
  TransomStatus (*profile_enable)(TransomContext *context, int32_t on);
  uint32_t (*profile_read)(const TransomContext *context, TransomProfileEntry *entries, uint32_t capacity);
  TransomStatus (*entry)(TransomModel *model, const char *name, TransomModel **entry, char *error, size_t error_bytes);
  TransomStatus (*state_create)(TransomModel *model, const TransomStateOptions *options, TransomState **state,
                                char *error, size_t error_bytes);
  void (*state_destroy)(TransomState *state);
  TransomStatus (*state_fork)(const TransomState *state, TransomState **copy);
  TransomStatus (*state_reset)(TransomState *state);
  TransomStatus (*state_truncate)(TransomState *state, int64_t length);
  int64_t (*state_length)(const TransomState *state);
  int64_t (*state_capacity)(const TransomState *state);
  TransomStatus (*state_tensor)(TransomState *state, uint32_t index, TransomTensor *tensor, int64_t *strides);
  TransomStatus (*state_write)(TransomState *state, uint32_t index, const TransomTensor *tensor);
  const char *(*state_error)(const TransomState *state);
  TransomStatus (*run_state)(TransomContext *context, TransomState *state, const TransomTensor *inputs,
                             uint32_t num_inputs, TransomTensor *outputs, uint32_t num_outputs);
  const char *(*device)(const TransomContext *context);
  TransomStatus (*trace_enable)(TransomContext *context, uint32_t events);
  uint64_t (*trace_read)(const TransomContext *context, TransomTraceEvent *events, uint64_t capacity, uint64_t *missed);
  TransomStatus (*state_read)(TransomState *state, uint32_t index, TransomTensor *tensor);
  const char *(*state_device)(const TransomState *state);
  void *(*stream)(const TransomContext *context);
  void *(*memory_take)(TransomContext *context, size_t bytes);
  void (*memory_give)(TransomContext *context, void *memory, size_t bytes);
};

/* Every handle starts with the table of the runtime that made it. */
#define TRANSOM_API_OF(handle) (*(const TransomApi *const *)(const void *)(handle))

/* Opens the model. On failure *model is null and, where error_bytes is not 0,
   `error` holds a message. */
static inline TransomStatus transom_open(const TransomLibrary *library, const TransomLoadOptions *options,
                                         TransomModel **model, char *error, size_t error_bytes) {
  if (library->api->abi_version != TRANSOM_ABI_VERSION) {
    static const char text[] = "the model was compiled for another version of transom.h";
    if (error && error_bytes) {
      size_t n = sizeof text < error_bytes ? sizeof text : error_bytes;
      memcpy(error, text, n);
      error[n - 1] = '\0';
    }
    *model = NULL;
    return TRANSOM_ERROR_VERSION;
  }
  return library->api->open(library, options, model, error, error_bytes);
}

/* Gives the handle back; its contexts stay usable until they are destroyed. */
static inline void transom_close(TransomModel *model) {
  if (model)
    TRANSOM_API_OF(model)->close(model);
}

static inline const TransomModelInfo *transom_info(const TransomModel *model) {
  return TRANSOM_API_OF(model)->info(model);
}

/* Bytes of workspace that a run with these sizes takes; `symbols` holds
   info->num_symbols values. Data-dependent sizes are not in it. */
static inline TransomStatus transom_workspace_bytes(const TransomModel *model, const int64_t *symbols, int64_t *bytes) {
  return TRANSOM_API_OF(model)->workspace_bytes(model, symbols, bytes);
}

/* The dims that output number `output` has for these sizes; -1 where only the
   data tells. */
static inline TransomStatus transom_output_dims(const TransomModel *model, const int64_t *symbols, uint32_t output,
                                                int64_t *dims) {
  return TRANSOM_API_OF(model)->output_dims(model, symbols, output, dims);
}

/* Cheap: neither threads nor workspace exist before the first run. */
static inline TransomStatus transom_context_create(TransomModel *model, const TransomContextOptions *options,
                                                   TransomContext **context, char *error, size_t error_bytes) {
  return TRANSOM_API_OF(model)->context_create(model, options, context, error, error_bytes);
}

static inline void transom_context_destroy(TransomContext *context) {
  if (context)
    TRANSOM_API_OF(context)->context_destroy(context);
}

/* Starts the threads and takes the workspace for these sizes, so that no later
   run with sizes that need no more allocates, if it reads dense inputs and
   writes to the caller's buffers. Memory for other tensors comes with the first
   run that needs it. */
static inline TransomStatus transom_reserve(TransomContext *context, const int64_t *symbols) {
  return TRANSOM_API_OF(context)->reserve(context, symbols);
}

/* Runs the model: `inputs` and `outputs` in the signature's order. An output
   may overlap neither an input nor another output. Refused arguments leave
   every output's memory untouched; a failure in the middle (DATA, MEMORY,
   CANCELLED, CAPACITY of a data-dependent output) leaves it unspecified. After
   TRANSOM_ERROR_CAPACITY rank and shape of the outputs say what is needed
   (-1: not known yet). */
static inline TransomStatus transom_run(TransomContext *context, const TransomTensor *inputs, uint32_t num_inputs,
                                        TransomTensor *outputs, uint32_t num_outputs) {
  return TRANSOM_API_OF(context)->run(context, inputs, num_inputs, outputs, num_outputs);
}

/* From any thread: makes the run in progress stop between two kernels. Returns
   1 if a run was in progress, 0 if there was nothing to cancel. */
static inline int32_t transom_cancel(TransomContext *context) { return TRANSOM_API_OF(context)->cancel(context); }

/* The message of the context's last failed call; "" before the first. */
static inline const char *transom_error(const TransomContext *context) {
  return TRANSOM_API_OF(context)->error(context);
}

/* Gives back all memory that the context keeps between runs, outputs too. */
static inline TransomStatus transom_trim(TransomContext *context) { return TRANSOM_API_OF(context)->trim(context); }

static inline uint32_t transom_threads(const TransomContext *context) {
  return TRANSOM_API_OF(context)->threads(context);
}

/* Where its runs take place: "cpu", "cuda:0", ... */
static inline const char *transom_device(const TransomContext *context) {
  const TransomApi *api = TRANSOM_API_OF(context);
  return api->struct_size > offsetof(TransomApi, device) ? api->device(context) : "cpu";
}

/* On: starts counting from zero. Off: stops; what was counted stays readable. */
static inline TransomStatus transom_profile_enable(TransomContext *context, int32_t on) {
  return TRANSOM_API_OF(context)->profile_enable(context, on);
}

/* Fills in up to `capacity` entries, one a place (info->num_sites); returns how
   many there are, 0 if profiling was never on. */
static inline uint32_t transom_profile_read(const TransomContext *context, TransomProfileEntry *entries,
                                            uint32_t capacity) {
  return TRANSOM_API_OF(context)->profile_read(context, entries, capacity);
}

/* Records what each thread does in the runs from now on: up to `events` events
   a thread, whose memory is taken now. 0: stops; what was recorded stays
   readable. TRANSOM_ERROR_VERSION of a library that is older than this function. */
static inline TransomStatus transom_trace_enable(TransomContext *context, uint32_t events) {
  const TransomApi *api = TRANSOM_API_OF(context);
  return api->struct_size > offsetof(TransomApi, trace_enable) ? api->trace_enable(context, events)
                                                               : TRANSOM_ERROR_VERSION;
}

/* Fills in up to `capacity` events, thread by thread, in the order in which they
   ended; returns how many there are, 0 if tracing was never on. `missed`, unless
   null, becomes the number of those that had no room. Not during a run. */
static inline uint64_t transom_trace_read(const TransomContext *context, TransomTraceEvent *events, uint64_t capacity,
                                          uint64_t *missed) {
  const TransomApi *api = TRANSOM_API_OF(context);
  if (missed)
    *missed = 0;
  return api->struct_size > offsetof(TransomApi, trace_read) ? api->trace_read(context, events, capacity, missed) : 0;
}

/* On a GPU the CUstream that runs are put into, for callers whose own work goes
   before it; null on the CPU. */
static inline void *transom_stream(const TransomContext *context) {
  const TransomApi *api = TRANSOM_API_OF(context);
  return api->struct_size > offsetof(TransomApi, stream) ? api->stream(context) : NULL;
}

/* Memory where the context's runs take place, for tensors that they read and write
   in place; null where there is none. From any thread, and given back, with its
   bytes, before the context is destroyed. */
static inline void *transom_memory_take(TransomContext *context, size_t bytes) {
  const TransomApi *api = TRANSOM_API_OF(context);
  return api->struct_size > offsetof(TransomApi, memory_take) ? api->memory_take(context, bytes) : NULL;
}
static inline void transom_memory_give(TransomContext *context, void *memory, size_t bytes) {
  TRANSOM_API_OF(context)->memory_give(context, memory, bytes);
}

/* ---- State between runs ---------------------------------------------------

   A decoder's caches. The ONNX signature hands them in and out with each run;
   the entry point "step" keeps them, in place, in a TransomState:

       TransomModel *step;
       TransomState *state;
       TransomStateOptions options = {sizeof options};
       options.capacity = 2048;
       transom_entry(model, "step", &step, why, sizeof why);
       transom_context_create(step, NULL, &context, why, sizeof why);
       transom_state_create(step, &options, &state, why, sizeof why);
       transom_run_state(context, state, inputs, 2, outputs, 1);

   Inputs and outputs are the ONNX ones without the caches. A state belongs to no
   context: any context of its entry point and device runs on it, one at a time. */

/* Another entry point of an open model, a handle of its own with the same
   weights. Names: "main" is the ONNX signature, "step" the one on states. */
static inline TransomStatus transom_entry(TransomModel *model, const char *name, TransomModel **entry, char *error,
                                          size_t error_bytes) {
  return TRANSOM_API_OF(model)->entry(model, name, entry, error, error_bytes);
}

/* All memory that the state ever takes: empty, no rows, zeros where it does not
   grow. */
static inline TransomStatus transom_state_create(TransomModel *model, const TransomStateOptions *options,
                                                 TransomState **state, char *error, size_t error_bytes) {
  return TRANSOM_API_OF(model)->state_create(model, options, state, error, error_bytes);
}

static inline void transom_state_destroy(TransomState *state) {
  if (state)
    TRANSOM_API_OF(state)->state_destroy(state);
}

/* A copy that goes its own way; copies the rows that there are. */
static inline TransomStatus transom_state_fork(const TransomState *state, TransomState **copy) {
  return TRANSOM_API_OF(state)->state_fork(state, copy);
}

/* As it was created, but for states that runs only read. */
static inline TransomStatus transom_state_reset(TransomState *state) {
  return TRANSOM_API_OF(state)->state_reset(state);
}

/* Back to the first `length` rows. TRANSOM_ERROR_ARGUMENT where there are not
   so many, where the model has states that do not grow but change, and where a
   window has left rows behind: they cannot go back. */
static inline TransomStatus transom_state_truncate(TransomState *state, int64_t length) {
  return TRANSOM_API_OF(state)->state_truncate(state, length);
}

/* Rows of the states that grow. */
static inline int64_t transom_state_length(const TransomState *state) {
  return TRANSOM_API_OF(state)->state_length(state);
}

static inline int64_t transom_state_capacity(const TransomState *state) {
  return TRANSOM_API_OF(state)->state_capacity(state);
}

/* "cpu" or "cuda:N": where the state lies. */
static inline const char *transom_state_device(const TransomState *state) {
  const TransomApi *api = TRANSOM_API_OF(state);
  return api->struct_size > offsetof(TransomApi, state_device) ? api->state_device(state) : "cpu";
}

/* State number `index` where it lies, with the rows that there are; `strides`
   holds TRANSOM_MAX_RANK values, which the tensor points at. Valid until the
   next run on the state. On a GPU the pointer is the device's. */
static inline TransomStatus transom_state_tensor(TransomState *state, uint32_t index, TransomTensor *tensor,
                                                 int64_t *strides) {
  return TRANSOM_API_OF(state)->state_tensor(state, index, tensor, strides);
}

/* Sets state number `index` to a copy of the tensor, as transom_state_tensor
   shows it, from the host or from the state's GPU. States that grow get the tensor's rows, and all of them must get
   equally many before the next run. */
static inline TransomStatus transom_state_write(TransomState *state, uint32_t index, const TransomTensor *tensor) {
  return TRANSOM_API_OF(state)->state_write(state, index, tensor);
}

/* Copies state number `index`, dense, to tensor->data, on the host or on the
   state's GPU (device_type and device_id), and fills in type, rank and shape;
   TRANSOM_ERROR_CAPACITY where capacity_bytes are too few, TRANSOM_ERROR_VERSION
   of a library that is older than this function. */
static inline TransomStatus transom_state_read(TransomState *state, uint32_t index, TransomTensor *tensor) {
  const TransomApi *api = TRANSOM_API_OF(state);
  return api->struct_size > offsetof(TransomApi, state_read) ? api->state_read(state, index, tensor)
                                                             : TRANSOM_ERROR_VERSION;
}

/* The message of the last call that failed on the state itself; "" before the
   first. Those of runs are the context's. */
static inline const char *transom_state_error(const TransomState *state) {
  return TRANSOM_API_OF(state)->state_error(state);
}

/* transom_run on a state: afterwards the state is the next run's. A failed run
   leaves its length as it was; TRANSOM_ERROR_CAPACITY where the rows do not fit. */
static inline TransomStatus transom_run_state(TransomContext *context, TransomState *state, const TransomTensor *inputs,
                                              uint32_t num_inputs, TransomTensor *outputs, uint32_t num_outputs) {
  return TRANSOM_API_OF(context)->run_state(context, state, inputs, num_inputs, outputs, num_outputs);
}

/* Bits of one element; those of 4 and 2 bits share a byte, the first in its low bits. -1: no such type. */
static inline int64_t transom_type_bits(int32_t type) {
  switch (type) {
  case TRANSOM_U2:
  case TRANSOM_I2: return 2;
  case TRANSOM_U4:
  case TRANSOM_I4:
  case TRANSOM_F4E2M1FN: return 4;
  case TRANSOM_U8:
  case TRANSOM_I8:
  case TRANSOM_BOOL:
  case TRANSOM_F8E4M3FN:
  case TRANSOM_F8E4M3FNUZ:
  case TRANSOM_F8E5M2:
  case TRANSOM_F8E5M2FNUZ:
  case TRANSOM_F8E8M0FNU: return 8;
  case TRANSOM_U16:
  case TRANSOM_I16:
  case TRANSOM_F16:
  case TRANSOM_BF16: return 16;
  case TRANSOM_F32:
  case TRANSOM_I32:
  case TRANSOM_U32: return 32;
  case TRANSOM_F64:
  case TRANSOM_I64:
  case TRANSOM_U64: return 64;
  default: return -1;
  }
}

static inline const char *transom_status_name(TransomStatus status) {
  static const char *const names[] = {"ok",        "argument", "version", "cpu",  "weights",   "memory", "threads",
                                      "signature", "capacity", "size",    "data", "cancelled", "busy",   "device"};
  return (unsigned)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

/* Index of the input, output or symbol of that name, or -1. */
static inline int32_t transom_find_value(const TransomValueDesc *values, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; ++i)
    if (strcmp(values[i].name, name) == 0)
      return (int32_t)i;
  return -1;
}
static inline int32_t transom_find_input(const TransomModel *model, const char *name) {
  const TransomModelInfo *info = transom_info(model);
  return transom_find_value(info->inputs, info->num_inputs, name);
}
static inline int32_t transom_find_output(const TransomModel *model, const char *name) {
  const TransomModelInfo *info = transom_info(model);
  return transom_find_value(info->outputs, info->num_outputs, name);
}
static inline int32_t transom_find_symbol(const TransomModel *model, const char *name) {
  const TransomModelInfo *info = transom_info(model);
  for (uint32_t i = 0; i < info->num_symbols; ++i)
    if (strcmp(info->symbols[i], name) == 0)
      return (int32_t)i;
  return -1;
}

#ifdef __cplusplus
}
#endif
#endif /* TRANSOM_TRANSOM_H */
