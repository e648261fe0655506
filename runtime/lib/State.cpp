//===- State.cpp - what stays between runs of an entry point --------------===//
#include "State.h"

#include "Layout.h"

#include <string.h>

namespace transom::runtime {
namespace {

TransomState *carveState(uint8_t *block, const TransomProgram &program, size_t &bytes) {
  Carve carve(block);
  size_t ranks = 0;
  for (uint32_t i = 0; i < program.num_states; ++i)
    ranks += size_t(program.states[i].value.rank);
  auto *state = carve.array<TransomState>(1);
  auto *symbols = carve.array<int64_t>(program.num_symbols);
  auto *slots = carve.array<StateSlot>(program.num_states);
  auto *dims = carve.array<int64_t>(ranks);
  auto **pointers = carve.array<void *>(program.num_states);
  auto **nextPointers = carve.array<void *>(program.num_states);
  bytes = carve.bytes();
  if (!block)
    return nullptr;
  state->bytes = bytes;
  state->symbols = symbols;
  state->slots = slots;
  state->pointers = pointers;
  state->nextPointers = nextPointers;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    slots[i].dims = dims;
    dims += program.states[i].value.rank;
  }
  return state;
}

TransomState *makeBlock(TransomModel *model, const Allocator &allocator) {
  size_t bytes;
  carveState(nullptr, *model->program, bytes);
  auto *block = static_cast<uint8_t *>(allocator.get(bytes));
  if (!block)
    return nullptr;
  TransomState *state = carveState(block, *model->program, bytes);
  state->api = model->api;
  state->model = model;
  state->allocator = state->memory = allocator;
  state->ordinal = -1;
  strcpy(state->deviceName, "cpu");
  retainModel(model);
  return state;
}

bool takeBuffers(TransomState &state) {
  const TransomProgram &program = *state.model->program;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    StateSlot &slot = state.slots[i];
    slot.data = static_cast<uint8_t *>(state.memory.get(slot.bytes + slot.slack));
    if (program.states[i].kind == TRANSOM_STATE_REPLACED)
      slot.next = static_cast<uint8_t *>(state.memory.get(slot.bytes));
    if (!slot.data || (program.states[i].kind == TRANSOM_STATE_REPLACED && !slot.next))
      return false;
  }
  place(state);
  return true;
}

bool isReset(const TransomStateDesc &desc) {
  return desc.kind == TRANSOM_STATE_WRITTEN || desc.kind == TRANSOM_STATE_REPLACED;
}

/// The dims and bytes of all buffers.
TransomStatus settleSizes(TransomState &state, const int64_t *symbols, const Message &message) {
  const TransomProgram &program = *state.model->program;
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    state.symbols[i] = -1;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    const TransomStateDesc &desc = program.states[i];
    StateSlot &slot = state.slots[i];
    for (int32_t d = 0; d < desc.value.rank; ++d) {
      int32_t symbol = desc.value.symbols[d];
      int64_t dim = desc.value.dims[d] >= 0 ? desc.value.dims[d]
                    : d == desc.axis        ? state.capacity
                    : symbols               ? symbols[symbol]
                                            : 1;
      if (dim < 0)
        return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\": dim %d (\"%s\") is %lld", i, desc.value.name, d,
                            program.symbols[symbol], (long long)dim);
      slot.dims[d] = dim;
      if (symbol >= 0)
        state.symbols[symbol] = dim;
    }
    int64_t bytes;
    if (!denseBytes(desc.value.type, desc.value.rank, slot.dims, bytes))
      return message.fail(TRANSOM_ERROR_SIZE, "state %u \"%s\": the size overflows", i, desc.value.name);
    slot.bytes = size_t(bytes);
    // As many rows as there are in each piece, behind the last one.
    if (windowOf(state, i)) {
      int64_t outer, rowBytes;
      rowsOf(desc, slot, outer, rowBytes);
      slot.slack = size_t(slot.dims[desc.axis] * rowBytes);
    }
  }
  return TRANSOM_OK;
}

/// Kernels of GPUs read 16 bytes at once where a buffer's strides let them, so a window must not begin between those.
TransomStatus checkWindows(const TransomState &state, const Message &message) {
  constexpr int64_t readAtOnce = 16;
  for (uint32_t i = 0; state.device && i < state.model->program->num_states; ++i) {
    const TransomStateDesc &desc = state.model->program->states[i];
    if (!windowOf(state, i))
      continue;
    int64_t outer, rowBytes;
    rowsOf(desc, state.slots[i], outer, rowBytes);
    if (rowBytes % readAtOnce)
      return message.fail(
          TRANSOM_ERROR_ARGUMENT,
          "state %u \"%s\" is a window with rows of %lld bytes; on %s those of a window have to be of a "
          "multiple of %lld: keep the state on the CPU",
          i, desc.value.name, (long long)rowBytes, state.deviceName, (long long)readAtOnce);
  }
  return TRANSOM_OK;
}

/// Where the state is asked to lie: its place, its buffers, and what they hold at first.
TransomStatus fill(TransomState &state, const DeviceRequest &request, const Message &message) {
  const TransomProgram &program = *state.model->program;
  TransomStatus status =
      attachAsAsked(*state.model, request, message, [&](int32_t ordinal, const Message &why) -> TransomStatus {
        return state.deviceRuntime().attachState(state, ordinal, why);
      });
  if (!status)
    status = checkWindows(state, message);
  if (status)
    return status;
  if (!takeBuffers(state)) {
    unsigned long long total = 0;
    for (uint32_t i = 0; i < program.num_states; ++i)
      total += state.slots[i].bytes + state.slots[i].slack;
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory%s%s for %llu bytes of state", state.device ? " on " : "",
                        state.device ? state.deviceName : "", total);
  }
  StateMover mover(state, message);
  for (uint32_t i = 0; i < program.num_states; ++i)
    if (program.states[i].kind != TRANSOM_STATE_GROWN)
      mover.clear(state.slots[i].data, state.slots[i].bytes);
  return mover.finish();
}

} // namespace

TransomStatus createState(TransomModel *model, const TransomStateOptions *given, TransomState **state, char *error,
                          size_t errorBytes) {
  Message message = {error, errorBytes};
  *state = nullptr;
  const TransomProgram &program = *model->program;
  TransomStateOptions options;
  if (!readOptions(given, options))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomStateOptions: struct_size is not set");
  if (!options.allocator.allocate != !options.allocator.release)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomAllocator: one function without the other");
  if (!program.num_states)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the entry point \"%s\" keeps no state; transom_entry gives others",
                        program.entry);
  if (program.num_lengths && options.capacity <= 0)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the capacity is %lld rows", (long long)options.capacity);
  DeviceRequest request;
  if (TransomStatus status = readDevice(program, options.device, request, message))
    return status;
  TransomState *made =
      makeBlock(model, options.allocator.allocate ? Allocator::from(options.allocator) : model->allocator);
  if (!made)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for a state of model \"%s\"", program.name);
  made->capacity = program.num_lengths ? options.capacity : 0;
  TransomStatus status = settleSizes(*made, options.symbols, message);
  if (!status)
    status = fill(*made, request, message);
  if (status) {
    destroyState(made);
    return status;
  }
  *state = made;
  return TRANSOM_OK;
}

void destroyState(TransomState *state) {
  Allocator allocator = state->allocator;
  for (uint32_t i = 0; i < state->model->program->num_states; ++i) {
    state->memory.put(state->slots[i].data, state->slots[i].bytes + state->slots[i].slack);
    state->memory.put(state->slots[i].next, state->slots[i].bytes);
  }
  if (state->device)
    state->deviceRuntime().detachState(*state);
  TransomModel *model = state->model;
  size_t bytes = state->bytes;
  state->~TransomState();
  allocator.put(state, bytes);
  releaseModel(model);
}

/// The same sizes and place, with buffers of its own.
static TransomStatus makeAlike(const TransomState &state, TransomState &made) {
  const TransomProgram &program = *state.model->program;
  made.capacity = state.capacity;
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    made.symbols[i] = state.symbols[i];
  for (uint32_t i = 0; i < program.num_states; ++i) {
    StateSlot &to = made.slots[i];
    const StateSlot &from = state.slots[i];
    for (int32_t d = 0; d < program.states[i].value.rank; ++d)
      to.dims[d] = from.dims[d];
    to.bytes = from.bytes;
    to.slack = from.slack;
    to.rows = from.rows;
    to.gone = from.gone;
  }
  if (state.device)
    if (TransomStatus status = state.deviceRuntime().attachState(made, state.ordinal, state.message()))
      return status;
  if (takeBuffers(made))
    return TRANSOM_OK;
  return state.message().fail(TRANSOM_ERROR_MEMORY, "no memory for a copy of the state on %s", state.deviceName);
}

TransomStatus forkState(const TransomState *state, TransomState **copy) {
  *copy = nullptr;
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  const TransomProgram &program = *state->model->program;
  TransomState *made = makeBlock(state->model, state->allocator);
  if (!made)
    return state->message().fail(TRANSOM_ERROR_MEMORY, "no memory for a copy of the state");
  TransomStatus status = makeAlike(*state, *made);
  StateMover mover(*made, state->message());
  for (uint32_t i = 0; i < program.num_states && !status; ++i) {
    size_t used;
    int64_t count;
    Pieces from = piecesOf(*state, i, state->slots[i].rows, used, count), to = from;
    to.data = made->slots[i].data;
    mover.copy(to, from, used, count);
  }
  if (!status)
    status = mover.finish();
  if (status) {
    destroyState(made);
    return status;
  }
  *copy = made;
  return TRANSOM_OK;
}

TransomStatus resetState(TransomState *state) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  StateMover mover(*state, state->message());
  for (uint32_t i = 0; i < state->model->program->num_states; ++i) {
    state->slots[i].rows = state->slots[i].first = state->slots[i].gone = 0;
    if (isReset(state->model->program->states[i]))
      mover.clear(state->slots[i].data, state->slots[i].bytes);
  }
  place(*state);
  return mover.finish();
}

TransomStatus truncateState(TransomState *state, int64_t length) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  const TransomProgram &program = *state->model->program;
  Message message = state->message();
  if (length < 0)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "a length of %lld", (long long)length);
  for (uint32_t i = 0; i < program.num_states; ++i) {
    const TransomStateDesc &desc = program.states[i];
    if (desc.kind == TRANSOM_STATE_REPLACED)
      return message.fail(
          TRANSOM_ERROR_ARGUMENT,
          "state %u \"%s\" is made anew by each run and cannot go back; fork before a run that may have "
          "to be undone",
          i, desc.value.name);
    if (state->slots[i].gone && length < state->slots[i].rows)
      return message.fail(
          TRANSOM_ERROR_ARGUMENT,
          "state %u \"%s\" is a window that has left %lld rows behind and cannot go back; fork before a "
          "run that may have to be undone",
          i, desc.value.name, (long long)state->slots[i].gone);
    if (desc.kind == TRANSOM_STATE_GROWN && state->slots[i].rows < length)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\" has %lld rows, fewer than %lld", i, desc.value.name,
                          (long long)state->slots[i].rows, (long long)length);
  }
  for (uint32_t i = 0; i < program.num_states; ++i)
    if (program.states[i].kind == TRANSOM_STATE_GROWN)
      state->slots[i].rows = length;
  return TRANSOM_OK;
}

int64_t stateLength(const TransomState *state) {
  for (uint32_t i = 0; i < state->model->program->num_states; ++i)
    if (state->model->program->states[i].kind == TRANSOM_STATE_GROWN)
      return state->slots[i].rows;
  return 0;
}

int64_t stateCapacity(const TransomState *state) { return state->capacity; }
const char *stateError(const TransomState *state) { return state->error; }

TransomStatus beginState(TransomContext &context) {
  const TransomProgram &program = *context.run.program;
  Message message = context.message();
  if (!context.state)
    return program.num_states
               ? message.fail(TRANSOM_ERROR_ARGUMENT, "the entry point \"%s\" runs on a state: use transom_run_state",
                              program.entry)
               : TRANSOM_OK;
  if (context.state->model->program != &program)
    return message.fail(
        TRANSOM_ERROR_ARGUMENT, "the state is of entry point \"%s\" of model \"%s\", not of \"%s\" of \"%s\"",
        context.state->model->program->entry, context.state->model->program->name, program.entry, program.name);
  if (context.state->ordinal != context.ordinal)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the state lies on %s; the context runs on %s",
                        context.state->deviceName, context.deviceName);
  int64_t length = stateLength(context.state);
  for (uint32_t i = 0; i < program.num_states; ++i)
    if (program.states[i].kind == TRANSOM_STATE_GROWN && context.state->slots[i].rows != length)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\" has %lld rows where others have %lld", i,
                          program.states[i].value.name, (long long)context.state->slots[i].rows, (long long)length);
  return TRANSOM_OK;
}

void setStateSymbols(TransomContext &context) {
  if (!context.state)
    return;
  const TransomProgram &program = *context.run.program;
  auto set = [&](uint32_t symbol, int64_t value) {
    context.symbols[symbol] = value;
    context.symbolInput[symbol] = program.num_inputs;
  };
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    if (context.state->symbols[i] >= 0)
      set(i, context.state->symbols[i]);
  int64_t length = stateLength(context.state);
  for (uint32_t i = 0; i < program.num_lengths; ++i)
    set(uint32_t(program.lengths[i]), length);
}

TransomStatus checkCapacity(TransomContext &context) {
  const TransomProgram &program = *context.run.program;
  if (!context.state || !program.num_lengths)
    return TRANSOM_OK;
  int64_t rows = context.outputDims[preparedDims(program) - 1];
  if (rows < 0)
    return context.message().fail(TRANSOM_ERROR_SIZE, "the rows after this run depend on its data");
  if (rows > context.state->capacity)
    return context.message().fail(TRANSOM_ERROR_CAPACITY,
                                  "the state has room for %lld rows; after this run it has %lld",
                                  (long long)context.state->capacity, (long long)rows);
  return TRANSOM_OK;
}

TransomStatus finishState(TransomContext &context) {
  TransomState *state = context.state;
  if (!state)
    return TRANSOM_OK;
  const TransomProgram &program = *context.run.program;
  int64_t rows = program.num_lengths ? context.outputDims[preparedDims(program) - 1] : 0;
  bool moves = false;
  StateMover mover(*state, context.message());
  for (uint32_t i = 0; i < program.num_states; ++i)
    moves |= moveWindow(*state, i, rows, mover);
  // A run waits for the state's own stream only where something moves.
  if (TransomStatus status = moves ? mover.finish() : TRANSOM_OK)
    return status;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    StateSlot &slot = state->slots[i];
    if (program.states[i].kind == TRANSOM_STATE_GROWN)
      keepRows(*state, i, rows);
    if (program.states[i].kind == TRANSOM_STATE_REPLACED) {
      uint8_t *old = slot.data;
      slot.data = slot.next;
      slot.next = old;
    }
  }
  place(*state);
  return TRANSOM_OK;
}

} // namespace transom::runtime
