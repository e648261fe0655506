//===- State.h - what stays between runs of an entry point ----------------===//
//
// A state is one block: its fields, then its arrays; its buffers come when it
// is made and stay where they are, on the host or on a GPU. What runs replace has
// two, which change places after a run that succeeds.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_STATE_H
#define TRANSOM_RUNTIME_STATE_H

#include "Context.h"

namespace transom::runtime {

struct StateSlot {
  uint8_t *data, *next; // next: only where runs replace it
  size_t bytes;
  int64_t *dims; // along the axis that grows: the capacity
  int64_t rows;  // of a state that grows
};

} // namespace transom::runtime

struct TransomState {
  const TransomApi *api; // first: see TRANSOM_API_OF
  TransomModel *model;
  size_t bytes; // of this block
  transom::runtime::Allocator allocator;
  transom::runtime::Allocator memory;    // of the buffers
  transom::runtime::DeviceState *device; // null: the CPU
  int32_t ordinal;                       // of the GPU; -1: the CPU
  char deviceName[16];
  int64_t capacity;
  int64_t *symbols; // as given; -1 where the states do not say
  transom::runtime::StateSlot *slots;
  void **pointers, **nextPointers; // what the frame shows
  mutable std::atomic<uint32_t> busy;
  mutable char error[TRANSOM_ERROR_BYTES];

  transom::runtime::Message message() const { return {error, sizeof error}; }
  const TransomDeviceRuntime &deviceRuntime() const { return *model->program->device_runtime; }
};

namespace transom::runtime {

/// Holds a state for one call.
class StateClaim {
public:
  explicit StateClaim(const TransomState &state) : state(state) {
    uint32_t idle = 0;
    held = state.busy.compare_exchange_strong(idle, 1, std::memory_order_acquire);
  }
  ~StateClaim() {
    if (held)
      state.busy.store(0, std::memory_order_release);
  }
  explicit operator bool() const { return held; }

private:
  const TransomState &state;
  bool held;
};

/// Moves a state's bytes, wherever they lie; those of a GPU have been moved when `finish` returns. After the first
/// refusal nothing more is done.
class StateMover {
public:
  StateMover(const TransomState &state, const Message &message) : state(state), message(message) {}
  /// `count` pieces of `bytes` each.
  void copy(Pieces to, Pieces from, size_t bytes, int64_t count);
  void clear(uint8_t *data, size_t bytes);
  TransomStatus finish();

private:
  const TransomState &state;
  Message message;
  TransomStatus status = TRANSOM_OK;
};

/// Elements before the axis, and bytes of one row: a state's memory is `outer`
/// pieces of `capacity` rows.
void rowsOf(const TransomStateDesc &desc, const StateSlot &slot, int64_t &outer, int64_t &rowBytes);

TransomStatus createState(TransomModel *model, const TransomStateOptions *options, TransomState **state, char *error,
                          size_t errorBytes);
void destroyState(TransomState *state);
TransomStatus forkState(const TransomState *state, TransomState **copy);
TransomStatus resetState(TransomState *state);
TransomStatus truncateState(TransomState *state, int64_t length);
int64_t stateLength(const TransomState *state);
int64_t stateCapacity(const TransomState *state);
TransomStatus stateTensor(TransomState *state, uint32_t index, TransomTensor *tensor, int64_t *strides);
TransomStatus writeState(TransomState *state, uint32_t index, const TransomTensor *tensor);
TransomStatus readState(TransomState *state, uint32_t index, TransomTensor *tensor);
const char *stateError(const TransomState *state);

/// The steps of a run that have to do with context.state. First: does it suit
/// the program?
TransomStatus beginState(TransomContext &context);
/// Sets the symbols that the state knows.
void setStateSymbols(TransomContext &context);
/// Whether the rows after the run fit; after `prepare`.
TransomStatus checkCapacity(TransomContext &context);
/// What the run made is the state now.
void finishState(TransomContext &context);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_STATE_H
