//===- State.h - what stays between runs of an entry point ----------------===//
//
// A state is one block: its fields, then its arrays; its buffers come when it
// is made and stay where they are. What runs replace has two, which change
// places after a run that succeeds.
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
  int64_t capacity;
  int64_t *symbols; // as given; -1 where the states do not say
  transom::runtime::StateSlot *slots;
  void **pointers, **nextPointers; // what the frame shows
  mutable std::atomic<uint32_t> busy;
  char error[TRANSOM_ERROR_BYTES];

  transom::runtime::Message message() { return {error, sizeof error}; }
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
