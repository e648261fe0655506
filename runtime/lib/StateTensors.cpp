//===- StateTensors.cpp - states as tensors: where they lie, in and out ---===//
#include "State.h"

#include "Layout.h"
#include "Signature.h"

#include <string.h>

namespace transom::runtime {

void rowsOf(const TransomStateDesc &desc, const StateSlot &slot, int64_t &outer, int64_t &rowBytes) {
  outer = 1;
  for (int32_t d = 0; d < desc.axis; ++d)
    outer *= slot.dims[d];
  int64_t rows = outer * slot.dims[desc.axis];
  rowBytes = rows ? int64_t(slot.bytes) / rows : 0;
}

int64_t windowOf(const TransomState &state, uint32_t index) {
  const TransomProgram &program = *state.model->program;
  return program.windows ? program.windows[index] : 0;
}

uint8_t *beginOf(const TransomState &state, uint32_t index) {
  const StateSlot &slot = state.slots[index];
  if (!slot.first)
    return slot.data;
  int64_t outer, rowBytes;
  rowsOf(state.model->program->states[index], slot, outer, rowBytes);
  return slot.data + slot.first * rowBytes;
}

Pieces piecesOf(const TransomState &state, uint32_t index, int64_t rows, size_t &used, int64_t &count) {
  const TransomStateDesc &desc = state.model->program->states[index];
  const StateSlot &slot = state.slots[index];
  int64_t rowBytes = 0;
  size_t pitch = used = slot.bytes;
  count = 1;
  if (desc.axis >= 0) {
    rowsOf(desc, slot, count, rowBytes);
    pitch = size_t(slot.dims[desc.axis] * rowBytes);
    used = size_t(rows * rowBytes);
  }
  return {beginOf(state, index), pitch, state.device != nullptr};
}

void place(TransomState &state) {
  for (uint32_t i = 0; i < state.model->program->num_states; ++i) {
    state.pointers[i] = beginOf(state, i);
    state.nextPointers[i] = state.slots[i].next;
  }
}

namespace {

/// Where the last rows of a window begin; beyond the capacity they have to move back to the front.
struct Left {
  int64_t gone, begin;
};

Left leftOf(const TransomState &state, uint32_t index, int64_t rows) {
  int64_t window = windowOf(state, index), gone = window && rows > window ? rows - window : 0;
  return {gone, state.slots[index].first + gone};
}

} // namespace

bool moveWindow(const TransomState &state, uint32_t index, int64_t rows, StateMover &mover) {
  const TransomStateDesc &desc = state.model->program->states[index];
  const StateSlot &slot = state.slots[index];
  Left left = leftOf(state, index, rows);
  if (!windowOf(state, index) || left.begin <= slot.dims[desc.axis])
    return false;
  // They begin further in than they are many, so no piece meets its copy. It may reach into where the next one goes,
  // which is copied after it.
  int64_t outer, rowBytes;
  rowsOf(desc, slot, outer, rowBytes);
  size_t piece = size_t(slot.dims[desc.axis] * rowBytes);
  bool onDevice = state.device != nullptr;
  mover.copy({slot.data, piece, onDevice}, {slot.data + left.begin * rowBytes, piece, onDevice},
             size_t((rows - left.gone) * rowBytes), outer);
  return true;
}

void keepRows(TransomState &state, uint32_t index, int64_t rows) {
  StateSlot &slot = state.slots[index];
  slot.rows = rows;
  if (!windowOf(state, index))
    return;
  Left left = leftOf(state, index, rows);
  slot.rows -= left.gone;
  slot.gone += left.gone;
  slot.first = left.begin <= slot.dims[state.model->program->states[index].axis] ? left.begin : 0;
}

void StateMover::copy(Pieces to, Pieces from, size_t bytes, int64_t count) {
  if (status || !bytes || count <= 0)
    return;
  if (to.pitch == bytes && from.pitch == bytes) {
    bytes *= size_t(count);
    count = 1;
  }
  if (state.device) {
    status = state.deviceRuntime().copyPieces(state, to, from, bytes, count, message);
    return;
  }
  for (int64_t i = 0; i < count; ++i)
    memcpy(to.data + size_t(i) * to.pitch, from.data + size_t(i) * from.pitch, bytes);
}

void StateMover::clear(uint8_t *data, size_t bytes) {
  if (status || !bytes)
    return;
  if (state.device)
    status = state.deviceRuntime().clearMemory(state, data, bytes, message);
  else
    memset(data, 0, bytes);
}

TransomStatus StateMover::finish() {
  if (!state.device)
    return status;
  // What was refused is said; what went before it is waited for all the same.
  TransomStatus settled = state.deviceRuntime().settleState(state, status ? Message{nullptr, 0} : message);
  return status ? status : settled;
}

namespace {

/// How a tensor's pieces lie, where those before `axis` step evenly and what is in one is dense; false where not.
bool findPieces(const TransomTensor &tensor, int32_t axis, Pieces &pieces) {
  int64_t dense[TRANSOM_MAX_RANK], step = 0, bits = transom_type_bits(tensor.type);
  denseStrides(tensor.rank, tensor.shape, dense);
  const int64_t *strides = tensor.strides ? tensor.strides : dense;
  if (!isDense(tensor.rank - axis, tensor.shape + axis, strides + axis))
    return false;
  pieces = {static_cast<uint8_t *>(tensor.data), 0, isOnGPU(tensor)};
  bool found = false;
  for (int32_t d = axis; d-- > 0;) {
    if (tensor.shape[d] == 1)
      continue;
    if (!found)
      step = strides[d];
    if (strides[d] != step || step < 0)
      return false;
    if (!found)
      pieces.pitch = size_t(step * bits / 8);
    found = true;
    step *= tensor.shape[d];
  }
  return true;
}

/// Makes each piece of a tensor dense.
void gatherPieces(const TransomTensor &tensor, int32_t axis, int64_t count, uint8_t *to, size_t pitch) {
  int64_t dense[TRANSOM_MAX_RANK], at[TRANSOM_MAX_RANK] = {}, element = transom_type_bits(tensor.type) / 8;
  denseStrides(tensor.rank, tensor.shape, dense);
  const int64_t *strides = tensor.strides ? tensor.strides : dense;
  for (int64_t i = 0; i < count; ++i) {
    int64_t offset = 0;
    for (int32_t d = 0; d < axis; ++d)
      offset += at[d] * strides[d];
    gather(tensor.type, tensor.rank - axis, tensor.shape + axis, strides + axis,
           static_cast<const uint8_t *>(tensor.data) + offset * element, to + size_t(i) * pitch);
    for (int32_t d = axis; d-- > 0;) {
      if (++at[d] < tensor.shape[d])
        break;
      at[d] = 0;
    }
  }
}

TransomStatus checkArguments(const TransomState &state, uint32_t index, const TransomTensor *tensor) {
  if (index < state.model->program->num_states && tensor)
    return TRANSOM_OK;
  return state.message().fail(TRANSOM_ERROR_ARGUMENT, "there is no state %u, or the tensor is null", index);
}

/// Whether a tensor lies where a state's bytes can go to or come from.
TransomStatus checkPlace(const TransomState &state, uint32_t index, const TransomTensor &tensor) {
  if (isOnHost(tensor))
    return TRANSOM_OK;
  const char *name = state.model->program->states[index].value.name;
  if (!isOnGPU(tensor))
    return state.message().fail(
        TRANSOM_ERROR_ARGUMENT,
        "state %u \"%s\": the tensor's device type is %d, which is neither the host's nor a GPU's", index, name,
        tensor.device_type);
  if (!state.device || tensor.device_id != state.ordinal)
    return state.message().fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\" lies on %s; the tensor on cuda:%d", index,
                                name, state.deviceName, tensor.device_id);
  return TRANSOM_OK;
}

/// Whether a tensor can become the state.
TransomStatus checkTensor(const TransomState &state, uint32_t index, const TransomTensor &tensor) {
  const TransomStateDesc &desc = state.model->program->states[index];
  const StateSlot &slot = state.slots[index];
  Message message = state.message();
  if (tensor.type != desc.value.type || tensor.rank != desc.value.rank)
    return message.fail(TRANSOM_ERROR_SIGNATURE, "state %u \"%s\" is of type %d and rank %d, the tensor of %d and %d",
                        index, desc.value.name, desc.value.type, desc.value.rank, tensor.type, tensor.rank);
  for (int32_t d = 0; d < tensor.rank; ++d) {
    if (d == desc.axis && tensor.shape[d] > slot.dims[d])
      return message.fail(TRANSOM_ERROR_CAPACITY, "state %u \"%s\" has room for %lld rows; the tensor has %lld", index,
                          desc.value.name, (long long)slot.dims[d], (long long)tensor.shape[d]);
    if (tensor.shape[d] < 0 || (d != desc.axis && tensor.shape[d] != slot.dims[d]))
      return message.fail(TRANSOM_ERROR_SIGNATURE, "state %u \"%s\": dim %d is %lld where the state has %lld", index,
                          desc.value.name, d, (long long)tensor.shape[d], (long long)slot.dims[d]);
  }
  return checkPlace(state, index, tensor);
}

void describeState(const TransomState &state, uint32_t index, TransomTensor &tensor) {
  const TransomStateDesc &desc = state.model->program->states[index];
  const StateSlot &slot = state.slots[index];
  tensor.type = desc.value.type;
  tensor.rank = desc.value.rank;
  for (int32_t d = 0; d < desc.value.rank; ++d)
    tensor.shape[d] = d == desc.axis ? slot.rows : slot.dims[d];
}

} // namespace

TransomStatus stateTensor(TransomState *state, uint32_t index, TransomTensor *tensor, int64_t *strides) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  const TransomProgram &program = *state->model->program;
  if (index >= program.num_states || !tensor || !strides)
    return state->message().fail(TRANSOM_ERROR_ARGUMENT, "there is no state %u, or a null argument", index);
  const StateSlot &slot = state->slots[index];
  memset(tensor, 0, sizeof *tensor);
  describeState(*state, index, *tensor);
  tensor->data = beginOf(*state, index);
  tensor->capacity_bytes = slot.bytes;
  tensor->strides = strides;
  tensor->device_type = state->device ? 2 : 0;
  tensor->device_id = state->device ? state->ordinal : 0;
  denseStrides(tensor->rank, slot.dims, strides);
  return TRANSOM_OK;
}

TransomStatus writeState(TransomState *state, uint32_t index, const TransomTensor *tensor) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  if (TransomStatus status = checkArguments(*state, index, tensor))
    return status;
  Message message = state->message();
  const TransomStateDesc &desc = state->model->program->states[index];
  if (TransomStatus status = checkTensor(*state, index, *tensor))
    return status;
  int64_t bytes, count, rows = desc.axis >= 0 ? tensor->shape[desc.axis] : 0;
  if (!denseBytes(tensor->type, tensor->rank, tensor->shape, bytes) || (bytes && !tensor->data))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\": the tensor's data is null", index, desc.value.name);
  int32_t axis = desc.axis < 0 ? 0 : desc.axis;
  size_t used;
  Pieces to = piecesOf(*state, index, rows, used, count), from;
  uint8_t *packed = nullptr;
  StateMover mover(*state, message);
  if (!bytes) {
    count = 0;
  } else if (!findPieces(*tensor, axis, from)) {
    if (isOnGPU(*tensor))
      return message.fail(TRANSOM_ERROR_ARGUMENT,
                          "state %u \"%s\": a tensor on a GPU has to be dense but for what is between its rows", index,
                          desc.value.name);
    if (!state->device) {
      gatherPieces(*tensor, axis, count, to.data, to.pitch);
      count = 0;
    } else {
      packed = static_cast<uint8_t *>(state->allocator.get(size_t(bytes)));
      if (!packed)
        return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %lld bytes of a dense copy for state %u \"%s\"",
                            (long long)bytes, index, desc.value.name);
      gatherPieces(*tensor, axis, count, packed, used);
      from = {packed, used, false};
    }
  }
  mover.copy(to, from, used, count);
  moveWindow(*state, index, rows, mover);
  TransomStatus status = mover.finish();
  state->allocator.put(packed, size_t(bytes));
  if (!status && desc.axis >= 0) {
    state->slots[index].gone = 0;
    keepRows(*state, index, rows);
    place(*state);
  }
  return status;
}

TransomStatus readState(TransomState *state, uint32_t index, TransomTensor *tensor) {
  StateClaim claim(*state);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  if (TransomStatus status = checkArguments(*state, index, tensor))
    return status;
  Message message = state->message();
  const char *name = state->model->program->states[index].value.name;
  describeState(*state, index, *tensor);
  if (TransomStatus status = checkPlace(*state, index, *tensor))
    return status;
  if (tensor->strides && !isDense(tensor->rank, tensor->shape, tensor->strides))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\": it is read into dense memory alone", index, name);
  size_t used;
  int64_t count;
  Pieces from = piecesOf(*state, index, state->slots[index].rows, used, count);
  size_t bytes = used * size_t(count);
  if (tensor->capacity_bytes < bytes)
    return message.fail(TRANSOM_ERROR_CAPACITY, "state %u \"%s\" needs %zu bytes; the tensor's buffer has %zu", index,
                        name, bytes, tensor->capacity_bytes);
  if (bytes && !tensor->data)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "state %u \"%s\": the tensor's data is null", index, name);
  StateMover mover(*state, message);
  mover.copy({static_cast<uint8_t *>(tensor->data), used, isOnGPU(*tensor)}, from, used, count);
  return mover.finish();
}

} // namespace transom::runtime
