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
  state->allocator = allocator;
  retainModel(model);
  return state;
}

void place(TransomState &state) {
  for (uint32_t i = 0; i < state.model->program->num_states; ++i) {
    state.pointers[i] = state.slots[i].data;
    state.nextPointers[i] = state.slots[i].next;
  }
}

bool takeBuffers(TransomState &state) {
  const TransomProgram &program = *state.model->program;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    StateSlot &slot = state.slots[i];
    slot.data = static_cast<uint8_t *>(state.allocator.get(slot.bytes));
    if (program.states[i].kind == TRANSOM_STATE_REPLACED)
      slot.next = static_cast<uint8_t *>(state.allocator.get(slot.bytes));
    if (!slot.data || (program.states[i].kind == TRANSOM_STATE_REPLACED && !slot.next))
      return false;
  }
  place(state);
  return true;
}

/// Elements before the axis, and bytes of one row: a state's memory is `outer`
/// pieces of `capacity` rows.
void rowsOf(const TransomStateDesc &desc, const StateSlot &slot, int64_t &outer, int64_t &rowBytes) {
  outer = 1;
  for (int32_t d = 0; d < desc.axis; ++d)
    outer *= slot.dims[d];
  int64_t rows = outer * slot.dims[desc.axis];
  rowBytes = rows ? int64_t(slot.bytes) / rows : 0;
}

bool isReset(const TransomStateDesc &desc) {
  return desc.kind == TRANSOM_STATE_WRITTEN || desc.kind == TRANSOM_STATE_REPLACED;
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
  TransomState *made =
      makeBlock(model, options.allocator.allocate ? Allocator::from(options.allocator) : model->allocator);
  if (!made)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for a state of model \"%s\"", program.name);
  made->capacity = program.num_lengths ? options.capacity : 0;
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    made->symbols[i] = -1;
  uint64_t total = 0;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    const TransomStateDesc &desc = program.states[i];
    StateSlot &slot = made->slots[i];
    for (int32_t d = 0; d < desc.value.rank; ++d) {
      int32_t symbol = desc.value.symbols[d];
      int64_t dim = desc.value.dims[d] >= 0 ? desc.value.dims[d]
                    : d == desc.axis        ? made->capacity
                    : options.symbols       ? options.symbols[symbol]
                                            : 1;
      if (dim < 0) {
        destroyState(made);
        return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\": dim %d (\"%s\") is %lld", i, desc.value.name, d,
                            program.symbols[symbol], (long long)dim);
      }
      slot.dims[d] = dim;
      if (symbol >= 0)
        made->symbols[symbol] = dim;
    }
    int64_t bytes;
    if (!denseBytes(desc.value.type, desc.value.rank, slot.dims, bytes)) {
      destroyState(made);
      return message.fail(TRANSOM_ERROR_SIZE, "state %u \"%s\": the size overflows", i, desc.value.name);
    }
    slot.bytes = size_t(bytes);
    total += uint64_t(bytes);
  }
  if (!takeBuffers(*made)) {
    destroyState(made);
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %llu bytes of state", (unsigned long long)total);
  }
  for (uint32_t i = 0; i < program.num_states; ++i)
    if (program.states[i].kind != TRANSOM_STATE_GROWN)
      memset(made->slots[i].data, 0, made->slots[i].bytes);
  *state = made;
  return TRANSOM_OK;
}

void destroyState(TransomState *state) {
  Allocator allocator = state->allocator;
  for (uint32_t i = 0; i < state->model->program->num_states; ++i) {
    allocator.put(state->slots[i].data, state->slots[i].bytes);
    allocator.put(state->slots[i].next, state->slots[i].bytes);
  }
  TransomModel *model = state->model;
  size_t bytes = state->bytes;
  state->~TransomState();
  allocator.put(state, bytes);
  releaseModel(model);
}

TransomStatus forkState(const TransomState *state, TransomState **copy) {
  *copy = nullptr;
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  const TransomProgram &program = *state->model->program;
  TransomState *made = makeBlock(state->model, state->allocator);
  if (!made)
    return TRANSOM_ERROR_MEMORY;
  made->capacity = state->capacity;
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    made->symbols[i] = state->symbols[i];
  for (uint32_t i = 0; i < program.num_states; ++i) {
    StateSlot &to = made->slots[i];
    const StateSlot &from = state->slots[i];
    for (int32_t d = 0; d < program.states[i].value.rank; ++d)
      to.dims[d] = from.dims[d];
    to.bytes = from.bytes;
    to.rows = from.rows;
  }
  if (!takeBuffers(*made)) {
    destroyState(made);
    return TRANSOM_ERROR_MEMORY;
  }
  for (uint32_t i = 0; i < program.num_states; ++i) {
    const TransomStateDesc &desc = program.states[i];
    const StateSlot &from = state->slots[i];
    if (desc.kind != TRANSOM_STATE_GROWN) {
      memcpy(made->slots[i].data, from.data, from.bytes);
      continue;
    }
    int64_t outer, rowBytes;
    rowsOf(desc, from, outer, rowBytes);
    size_t piece = size_t(from.dims[desc.axis] * rowBytes), used = size_t(from.rows * rowBytes);
    for (int64_t o = 0; o < outer; ++o)
      memcpy(made->slots[i].data + size_t(o) * piece, from.data + size_t(o) * piece, used);
  }
  *copy = made;
  return TRANSOM_OK;
}

TransomStatus resetState(TransomState *state) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  for (uint32_t i = 0; i < state->model->program->num_states; ++i) {
    state->slots[i].rows = 0;
    if (isReset(state->model->program->states[i]))
      memset(state->slots[i].data, 0, state->slots[i].bytes);
  }
  return TRANSOM_OK;
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

TransomStatus stateTensor(TransomState *state, uint32_t index, TransomTensor *tensor, int64_t *strides) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  const TransomProgram &program = *state->model->program;
  if (index >= program.num_states || !tensor || !strides)
    return state->message().fail(TRANSOM_ERROR_ARGUMENT, "there is no state %u, or a null argument", index);
  const TransomStateDesc &desc = program.states[index];
  const StateSlot &slot = state->slots[index];
  memset(tensor, 0, sizeof *tensor);
  tensor->data = slot.data;
  tensor->capacity_bytes = slot.bytes;
  tensor->type = desc.value.type;
  tensor->rank = desc.value.rank;
  tensor->strides = strides;
  denseStrides(desc.value.rank, slot.dims, strides);
  for (int32_t d = 0; d < desc.value.rank; ++d)
    tensor->shape[d] = d == desc.axis ? slot.rows : slot.dims[d];
  return TRANSOM_OK;
}

TransomStatus writeState(TransomState *state, uint32_t index, const TransomTensor *tensor) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  const TransomProgram &program = *state->model->program;
  Message message = state->message();
  if (index >= program.num_states || !tensor)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "there is no state %u, or the tensor is null", index);
  const TransomStateDesc &desc = program.states[index];
  StateSlot &slot = state->slots[index];
  if (tensor->type != desc.value.type || tensor->rank != desc.value.rank)
    return message.fail(TRANSOM_ERROR_SIGNATURE, "state %u \"%s\" is of type %d and rank %d, the tensor of %d and %d",
                        index, desc.value.name, desc.value.type, desc.value.rank, tensor->type, tensor->rank);
  for (int32_t d = 0; d < tensor->rank; ++d) {
    if (d == desc.axis && tensor->shape[d] > slot.dims[d])
      return message.fail(TRANSOM_ERROR_CAPACITY, "state %u \"%s\" has room for %lld rows; the tensor has %lld", index,
                          desc.value.name, (long long)slot.dims[d], (long long)tensor->shape[d]);
    if (tensor->shape[d] < 0 || (d != desc.axis && tensor->shape[d] != slot.dims[d]))
      return message.fail(TRANSOM_ERROR_SIGNATURE, "state %u \"%s\": dim %d is %lld where the state has %lld", index,
                          desc.value.name, d, (long long)tensor->shape[d], (long long)slot.dims[d]);
  }
  int64_t dense[TRANSOM_MAX_RANK], bytes;
  denseStrides(tensor->rank, tensor->shape, dense);
  if (!denseBytes(tensor->type, tensor->rank, tensor->shape, bytes) || (bytes && !tensor->data))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\": the tensor's data is null", index, desc.value.name);
  const int64_t *strides = tensor->strides ? tensor->strides : dense;
  int64_t outer = 1, rowBytes = bytes;
  if (desc.axis >= 0)
    rowsOf(desc, slot, outer, rowBytes);
  // One piece of the state at a time: gather() writes dense memory.
  int64_t inner[TRANSOM_MAX_RANK], at[TRANSOM_MAX_RANK] = {};
  int32_t axis = desc.axis < 0 ? 0 : desc.axis;
  for (int32_t d = axis; d < tensor->rank; ++d)
    inner[d - axis] = tensor->shape[d];
  int64_t piece = desc.axis < 0 ? bytes : slot.dims[axis] * rowBytes, element = transom_type_bits(tensor->type) / 8;
  for (int64_t o = 0; bytes && o < outer; ++o) {
    int64_t offset = 0;
    for (int32_t d = 0; d < axis; ++d)
      offset += at[d] * strides[d];
    gather(tensor->type, tensor->rank - axis, inner, strides + axis,
           static_cast<const uint8_t *>(tensor->data) + offset * element, slot.data + o * piece);
    for (int32_t d = axis; d-- > 0;) {
      if (++at[d] < tensor->shape[d])
        break;
      at[d] = 0;
    }
  }
  if (desc.axis >= 0)
    slot.rows = tensor->shape[desc.axis];
  return TRANSOM_OK;
}

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

void finishState(TransomContext &context) {
  TransomState *state = context.state;
  if (!state)
    return;
  const TransomProgram &program = *context.run.program;
  int64_t rows = program.num_lengths ? context.outputDims[preparedDims(program) - 1] : 0;
  for (uint32_t i = 0; i < program.num_states; ++i) {
    StateSlot &slot = state->slots[i];
    if (program.states[i].kind == TRANSOM_STATE_GROWN)
      slot.rows = rows;
    if (program.states[i].kind == TRANSOM_STATE_REPLACED) {
      uint8_t *old = slot.data;
      slot.data = slot.next;
      slot.next = old;
    }
  }
  place(*state);
}

} // namespace transom::runtime
