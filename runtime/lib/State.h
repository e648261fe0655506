//===- State.h - what stays between runs of an entry point ----------------===//
//
// A state is one block: its fields, then its arrays; its buffers come when it
// is made and stay where they are, on the host or on a GPU. What runs replace has
// two, which change places after a run that succeeds. The rows of a window begin
// later in its buffer after each run; behind the buffer is room for as many rows
// again, and only when that is used up they move back to where it begins.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_STATE_H
#define TRANSOM_RUNTIME_STATE_H

#include "Context.h"

namespace transom::runtime {

struct StateSlot {
  uint8_t *data, *next; // next: only where runs replace it
  size_t bytes;
  size_t slack;  // bytes behind those
  int64_t *dims; // along the axis that grows: the capacity
  int64_t rows;  // of a state that grows
  int64_t first; // in the buffer, of the rows of a window
  int64_t gone;  // rows that a window has left behind
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
/// The most rows that a state keeps for the next run; 0: all.
int64_t windowOf(const TransomState &state, uint32_t index);
/// Where the rows of a state begin. All pieces of a window begin equally far in, so that none meets the next.
uint8_t *beginOf(const TransomState &state, uint32_t index);
/// The state's rows, and how much of each of the `count` pieces `rows` rows are.
Pieces piecesOf(const TransomState &state, uint32_t index, int64_t rows, size_t &used, int64_t &count);
/// Shows runs where the rows begin.
void place(TransomState &state);
/// Of `rows` rows the last ones stay, where they are a window: puts them where they are to lie, before `keepRows`.
/// True where they move.
bool moveWindow(const TransomState &state, uint32_t index, int64_t rows, StateMover &mover);
/// `rows` rows are the state's now, or of a window the last ones.
void keepRows(TransomState &state, uint32_t index, int64_t rows);

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
/// What the run made is the state now. Where a GPU refuses to move a window, no length changes; its rows may be lost,
/// as all is that such a GPU holds.
TransomStatus finishState(TransomContext &context);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_STATE_H
