//===- Context.h - what a context keeps between and during runs -----------===//
//
// A context is one block: its fields, then its arrays, whose lengths the
// model's signature gives. Buffers come on first use and stay.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_CONTEXT_H
#define TRANSOM_RUNTIME_CONTEXT_H

#include "DeviceRuntime.h"
#include "Memory.h"
#include "Message.h"
#include "Model.h"
#include "Team.h"

#include <atomic>

namespace transom::runtime {

/// Where an input's values come from.
struct InputPlace {
  Buffer packed;         // dense copy of a strided or misaligned input
  int64_t bytes;         // of the dense tensor, in this run
  int64_t before, after; // bytes it touches on both sides of its pointer
};

/// Where an output goes in this run.
struct OutputPlace {
  Buffer owned[2];               // for callers who give no buffer; the second is for runs
                                 // that read what an earlier run left in the first
  Buffer staged;                 // dense, when the caller's buffer is strided or misaligned
  bool givenOnDevice;            // `given` is
  bool ownedOnDevice;            // `owned` is memory of the GPU that runs take place on
  uint32_t current;              // index in `owned` of what this run writes
  bool isRead[2];                // an input lies in that half of `owned`
  bool isOwned, isStaged, known; // known: the dims do not depend on data
  int64_t *dims;                 // this output's part of the context's dims
  uint8_t *given;                // the caller's buffer, or null
  size_t capacity;               // of `given`
  const int64_t *strides;        // of `given`; null: dense
  int64_t bytes;                 // of the dense tensor, once known
  int64_t reach;                 // bytes of `given` that it touches
};

/// A piece of memory that the caller handed in, or that an earlier run left.
struct Range {
  uintptr_t begin, end;
  enum Kind : uint32_t { Input, Output, Owned } kind;
  uint32_t index; // of the input or output
  uint32_t half;  // Owned: which of the two
};

/// The first failure of a run.
struct Failure {
  TransomStatus status;
  int32_t kind;   // TransomFailure, or 0 where `status` says all
  int32_t site;   // -1: none
  int32_t output; // the output that it is about; -1: none
  int64_t value, limit;
};

struct alignas(alignment) ThreadState {
  uint32_t shared; // how many pointers this thread has been handed
  // Of the trace:
  uint32_t recorded; // records of this thread
  uint64_t missed;   // what had no room
  int32_t site;      // whose the time since `siteSince` is; -1: none's
  uint64_t runSince, siteSince;
};

/// An event of a trace, as TransomTraceEvent has it.
struct TraceRecord {
  uint64_t begin, end;
  int32_t site, kind;
  uint32_t run;
};

struct ProfileSlot {
  uint64_t calls, nanoseconds;
};

} // namespace transom::runtime

/// What the functions that generated code calls work on.
struct TransomRun {
  const TransomProgram *program;
  transom::runtime::Allocator allocator;
  transom::runtime::Team team;
  transom::runtime::RunMemory memory;
  transom::runtime::OutputPlace *outputs;
  void **outputPointers; // what the frame shows; null where data-dependent
  transom::runtime::ThreadState *threads;
  transom::runtime::DeviceContext *device; // null: the CPU

  // Held: by a call that is no run, so that there is nothing to cancel.
  enum State : uint32_t { Idle, Held, Running, Cancelled };
  std::atomic<uint32_t> state;
  std::atomic<uint32_t> failed;
  bool stopped; // a barrier ended the run before its end
  transom::runtime::Failure failure;
  // Thread 0 hands pointers to all; two, so that it can prepare the next one
  // while another thread still reads this one.
  void *shared[2];

  // Null when profiling is off. Thread 0's time is the run's: it waits at the
  // barriers for the others.
  transom::runtime::ProfileSlot *profile;
  int32_t profileSite;
  uint64_t profileSince;

  // Null when no run is traced; room for so many records a thread.
  transom::runtime::TraceRecord *trace;
  uint32_t traceRoom;
  uint32_t tracedRuns;
  uint64_t joinSince; // when thread 0 began to wait for the ends of the others; 0: it does not

  void fail(const transom::runtime::Failure &what) {
    uint32_t none = 0;
    if (failed.compare_exchange_strong(none, 1, std::memory_order_relaxed))
      failure = what;
  }
  /// Whether anybody wants to know whose the time is.
  bool isTimed() const { return profile || trace; }
  /// From now on the thread's time is `site`'s; -1: none's.
  void mark(int64_t thread, int32_t site);
  void record(int64_t thread, TransomTraceKind kind, int32_t site, uint64_t begin, uint64_t end);
  /// A thread's part of the run. That of thread 0 lasts until the others have ended.
  void beginPart(int64_t thread);
  void endPart(int64_t thread);

private:
  void markProfile(int32_t site, uint64_t now);
};

struct TransomContext {
  const TransomApi *api; // first: see TRANSOM_API_OF
  TransomModel *model;
  size_t bytes; // of this block
  TransomRun run;
  transom::runtime::Buffer arena;
  transom::runtime::InputPlace *inputs;
  const void **inputPointers;
  int64_t *symbols;
  uint32_t *symbolInput, *symbolDim; // where a symbol got its value; no input: from the state
  TransomState *state;               // of the run in progress, or null
  int64_t *outputDims;
  transom::runtime::Range *ranges; // in address order, kept: it rarely changes
  uint32_t numRanges;
  transom::runtime::ProfileSlot *profileSlots;
  transom::runtime::TraceRecord *traceRecords;
  size_t traceBytes;
  int32_t ordinal; // of the GPU; -1: the CPU
  char deviceName[16];
  char error[TRANSOM_ERROR_BYTES];

  transom::runtime::Message message() { return {error, sizeof error}; }
  const TransomDeviceRuntime &deviceRuntime() const { return *run.program->device_runtime; }
};

namespace transom::runtime {

TransomStatus createContext(TransomModel *model, const TransomContextOptions *options, TransomContext **context,
                            char *error, size_t errorBytes);
void destroyContext(TransomContext *context);
TransomStatus reserve(TransomContext *context, const int64_t *symbols);
TransomStatus runContext(TransomContext *context, const TransomTensor *inputs, uint32_t numInputs,
                         TransomTensor *outputs, uint32_t numOutputs);
TransomStatus runContextOnState(TransomContext *context, TransomState *state, const TransomTensor *inputs,
                                uint32_t numInputs, TransomTensor *outputs, uint32_t numOutputs);
int32_t cancelRun(TransomContext *context);
TransomStatus trim(TransomContext *context);
TransomStatus enableProfile(TransomContext *context, int32_t on);
uint32_t readProfile(const TransomContext *context, TransomProfileEntry *entries, uint32_t capacity);
TransomStatus enableTrace(TransomContext *context, uint32_t events);
uint64_t readTrace(const TransomContext *context, TransomTraceEvent *events, uint64_t capacity, uint64_t *missed);
/// Gives back what the two keep.
void clearTimes(TransomContext &context);

/// Holds a context for one call; another thread's call meanwhile is refused.
class Claim {
public:
  explicit Claim(TransomContext &context, TransomRun::State as = TransomRun::Held) : run(context.run) {
    uint32_t idle = TransomRun::Idle;
    held = run.state.compare_exchange_strong(idle, as, std::memory_order_acquire);
  }
  ~Claim() {
    if (held)
      run.state.store(TransomRun::Idle, std::memory_order_release);
  }
  explicit operator bool() const { return held; }

private:
  TransomRun &run;
  bool held;
};

/// Puts something on the GPU that is asked for; where any place will do and there is none, it stays on the CPU and the
/// log says why. `attach` gets the ordinal, -1 for the first GPU that there is code for, and where to say why not.
template <typename Attach>
TransomStatus attachAsAsked(const TransomModel &model, const DeviceRequest &request, const Message &message,
                            Attach attach) {
  if (request.kind == DeviceRequest::CPU)
    return TRANSOM_OK;
  bool any = request.kind == DeviceRequest::Automatic;
  char why[TRANSOM_ERROR_BYTES] = "";
  TransomStatus status = attach(any ? -1 : request.ordinal, Message{why, sizeof why});
  if (status == TRANSOM_OK)
    return status;
  if (!any || status != TRANSOM_ERROR_DEVICE || !model.program->run)
    return message.fail(status, "%s", why);
  model.say(TRANSOM_LOG_INFO, why);
  return TRANSOM_OK;
}

/// Turns a failed run into its status and message.
TransomStatus explainFailure(TransomContext &context);
/// Begins what a run reports: no failure so far.
void beginRun(TransomContext &context);
/// "Gemm \"node\": ", or "".
void describeSite(const TransomProgram &program, int32_t site, char *text, size_t bytes);
/// Takes the dims of an output that depend on data; false, and the run has failed, where it cannot have them.
bool settleOutput(TransomRun *run, int32_t index, const int64_t *dims);
/// After a run that failed: outputs in the context's memory point at nothing.
void forgetOwned(const TransomContext &context, TransomTensor *outputs);
/// Makes a dense copy of an input in `packed`; false if there is no memory.
bool packInput(const Allocator &allocator, const TransomTensor &tensor, InputPlace &place);
/// Puts a dense result where the caller's strides say.
void unpackOutput(const TransomValueDesc &value, const OutputPlace &place, const uint8_t *dense);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_CONTEXT_H
