//===- DeviceState.cpp - a state on a GPU ---------------------------------===//
//
// Runs have ended when they return, so what is done to a state between them
// needs no order with a context's stream: it goes into a stream of the state's
// own, which is waited for.
//
//===----------------------------------------------------------------------===//
#include "Device.h"

#include <new>

namespace transom::runtime {
namespace {

void *allocateOnDevice(void *user, size_t bytes, size_t) {
  auto &model = *static_cast<DeviceModel *>(user);
  Current current(model.driver, model.context);
  CUdeviceptr memory = 0;
  if (current.result != CUDA_SUCCESS || model.driver.memAlloc(&memory, bytes) != CUDA_SUCCESS)
    return nullptr;
  return reinterpret_cast<void *>(memory);
}

void releaseOnDevice(void *user, void *memory, size_t, size_t) {
  auto &model = *static_cast<DeviceModel *>(user);
  // Where the context cannot be current any more, its memory goes with it.
  Current current(model.driver, model.context);
  if (current.result == CUDA_SUCCESS)
    model.driver.memFree(onDevice(memory));
}

TransomStatus explain(const TransomState &state, CUresult result, const char *doing, const Message &message) {
  if (result == CUDA_SUCCESS)
    return TRANSOM_OK;
  char what[80];
  snprintf(what, sizeof what, "%s a state on %s", doing, state.deviceName);
  return state.device->model->driver.fail(message, result, what);
}

} // namespace

Allocator memoryOf(DeviceModel &model) { return {{allocateOnDevice, releaseOnDevice, &model}}; }

TransomStatus attachState(TransomState &state, int32_t ordinal, const Message &message) {
  DeviceModel *model = nullptr;
  if (TransomStatus status = findDeviceModel(*state.model, ordinal, model, message))
    return status;
  void *block = state.allocator.get(sizeof(DeviceState));
  if (!block)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for a state of model \"%s\" on cuda:%d",
                        state.model->program->name, model->ordinal);
  state.device = new (block) DeviceState{model, nullptr};
  state.memory = memoryOf(*model);
  state.ordinal = model->ordinal;
  snprintf(state.deviceName, sizeof state.deviceName, "cuda:%d", model->ordinal);
  Current current(model->driver, model->context);
  CUresult result = current.result;
  if (result == CUDA_SUCCESS)
    result = model->driver.streamCreate(&state.device->stream, CU_STREAM_NON_BLOCKING);
  if (result == CUDA_SUCCESS)
    return TRANSOM_OK;
  state.device->stream = nullptr;
  TransomStatus status = explain(state, result, "a stream for", message);
  detachState(state);
  return status;
}

void detachState(TransomState &state) {
  const Driver &driver = state.device->model->driver;
  {
    Current current(driver, state.device->model->context);
    if (current.result == CUDA_SUCCESS && state.device->stream)
      driver.streamDestroy(state.device->stream);
  }
  state.allocator.put(state.device, sizeof(DeviceState));
  state.device = nullptr;
  state.memory = state.allocator;
  state.ordinal = -1;
  snprintf(state.deviceName, sizeof state.deviceName, "cpu");
}

TransomStatus copyPieces(const TransomState &state, const Pieces &to, const Pieces &from, size_t bytes, int64_t count,
                         const Message &message) {
  const Driver &driver = state.device->model->driver;
  CUstream stream = state.device->stream;
  Current current(driver, state.device->model->context);
  CUresult result = current.result;
  for (int64_t i = 0; i < count && result == CUDA_SUCCESS; ++i) {
    uint8_t *target = to.data + size_t(i) * to.pitch, *source = from.data + size_t(i) * from.pitch;
    if (!to.onDevice)
      result = driver.memcpyDtoHAsync(target, onDevice(source), bytes, stream);
    else if (from.onDevice)
      result = driver.memcpyDtoDAsync(onDevice(target), onDevice(source), bytes, stream);
    else
      result = driver.memcpyHtoDAsync(onDevice(target), source, bytes, stream);
  }
  return explain(state, result, "copying", message);
}

TransomStatus clearMemory(const TransomState &state, uint8_t *data, size_t bytes, const Message &message) {
  const Driver &driver = state.device->model->driver;
  Current current(driver, state.device->model->context);
  CUresult result = current.result;
  if (result == CUDA_SUCCESS)
    result = driver.memsetD8Async(onDevice(data), 0, bytes, state.device->stream);
  return explain(state, result, "clearing", message);
}

TransomStatus settleState(const TransomState &state, const Message &message) {
  const Driver &driver = state.device->model->driver;
  Current current(driver, state.device->model->context);
  CUresult result = current.result;
  if (result == CUDA_SUCCESS)
    result = driver.streamSynchronize(state.device->stream);
  return explain(state, result, "waiting for", message);
}

} // namespace transom::runtime
