//===- DeviceContext.cpp - what a context has on a GPU --------------------===//
#include "Device.h"

#include <new>
#include <string.h>

namespace transom::runtime {
namespace {

uint32_t keyLength(const TransomProgram &program) {
  return 1 + program.num_symbols + program.num_inputs + program.num_outputs + 2 * program.num_states;
}

size_t blockBytes(const TransomProgram &program) {
  return sizeof(DeviceContext) + (size_t(program.num_inputs) + program.num_outputs) * sizeof(Buffer) +
         size_t(keyLength(program)) * sizeof(uint64_t);
}

/// The fields that point behind the context.
DeviceContext *carve(void *block, const TransomProgram &program) {
  memset(block, 0, blockBytes(program));
  auto *device = new (block) DeviceContext();
  auto *bytes = static_cast<uint8_t *>(block) + sizeof(DeviceContext);
  device->keyLength = keyLength(program);
  device->inputs = reinterpret_cast<Buffer *>(bytes);
  device->outputs = device->inputs + program.num_inputs;
  device->key = reinterpret_cast<uint64_t *>(device->outputs + program.num_outputs);
  return device;
}

TransomStatus fill(DeviceContext &device, const Message &message) {
  const Driver &driver = device.model->driver;
  CUdeviceptr scratch = 0;
  void *pinned = nullptr;
  const char *what = "cuCtxPushCurrent";
  Current current(driver, device.model->context);
  CUresult result = current.result;
  if (result == CUDA_SUCCESS && !device.stream) {
    what = "cuStreamCreate";
    result = driver.streamCreate(&device.stream, CU_STREAM_NON_BLOCKING);
    device.ownsStream = result == CUDA_SUCCESS;
  }
  if (result == CUDA_SUCCESS) {
    what = "memory of a context";
    result = driver.memAlloc(&scratch, scratchBytes);
    device.scratch = result == CUDA_SUCCESS ? scratch : 0;
  }
  if (result == CUDA_SUCCESS) {
    what = "pinned memory of a context";
    result = driver.memHostAlloc(&pinned, sizeof(DeviceRecord) + sizeof(uint64_t), 0);
    device.record = result == CUDA_SUCCESS ? static_cast<DeviceRecord *>(pinned) : nullptr;
  }
  if (result != CUDA_SUCCESS)
    return driver.fail(message, result, what);
  device.word = reinterpret_cast<uint64_t *>(device.record + 1);
  return TRANSOM_OK;
}

} // namespace

TransomStatus attachContext(TransomContext &context, int32_t ordinal, void *stream, const Message &message) {
  const TransomProgram &program = *context.run.program;
  const Allocator &allocator = context.run.allocator;
  DeviceModel *model = nullptr;
  if (TransomStatus status = findDeviceModel(*context.model, ordinal, model, message))
    return status;
  void *block = allocator.get(blockBytes(program));
  if (!block)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for a context of model \"%s\" on cuda:%d", program.name,
                        model->ordinal);
  DeviceContext *device = carve(block, program);
  device->model = model;
  device->program = program.devices[model->number];
  device->memory = memoryOf(*model);
  device->withoutGraphs = model->driver.missingForGraphs != nullptr;
  device->stream = static_cast<CUstream>(stream);
  context.run.device = device;
  if (TransomStatus status = fill(*device, message)) {
    detachContext(context);
    return status;
  }
  context.ordinal = model->ordinal;
  snprintf(context.deviceName, sizeof context.deviceName, "cuda:%d", model->ordinal);
  return TRANSOM_OK;
}

void detachContext(TransomContext &context) {
  DeviceContext *device = context.run.device;
  const Driver &driver = device->model->driver;
  {
    Current current(driver, device->model->context);
    bool usable = current.result == CUDA_SUCCESS;
    if (usable && device->scratch)
      driver.memFree(device->scratch);
    if (usable && device->record)
      driver.memFreeHost(device->record);
    for (size_t i = 0; usable && i < device->events.size; ++i)
      driver.eventDestroy(device->events.data[i]);
    if (usable && device->ownsStream)
      driver.streamDestroy(device->stream);
  }
  device->events.release(context.run.allocator);
  device->timed.release(context.run.allocator);
  context.run.allocator.put(device, blockBytes(*context.run.program));
  context.run.device = nullptr;
}

void trimDevice(TransomContext &context) {
  DeviceContext &device = *context.run.device;
  const TransomProgram &program = *context.run.program;
  const Allocator &allocator = context.run.allocator;
  Current current(device.model->driver, device.model->context);
  dropGraphs(device, allocator);
  context.arena.clear(device.memory);
  for (uint32_t i = 0; i < program.num_inputs; ++i)
    device.inputs[i].clear(device.memory);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    device.outputs[i].clear(device.memory);
    OutputPlace &place = context.run.outputs[i];
    if (place.ownedOnDevice)
      for (Buffer &owned : place.owned)
        owned.clear(device.memory);
    place.ownedOnDevice = false;
  }
  while (Piece *piece = device.pieces) {
    device.pieces = piece->next;
    piece->buffer.clear(device.memory);
    allocator.put(piece, sizeof(Piece));
  }
}

TransomStatus reserveDevice(TransomContext &context, const int64_t *symbols) {
  DeviceContext &device = *context.run.device;
  Message message = context.message();
  Current current(device.model->driver, device.model->context);
  if (current.result != CUDA_SUCCESS)
    return device.model->driver.fail(message, current.result, "cuCtxPushCurrent");
  int64_t bytes = device.program->prepare(symbols, context.outputDims);
  if (bytes < 0)
    return message.fail(TRANSOM_ERROR_SIZE, "the sizes of this run overflow");
  if (!context.arena.grow(device.memory, size_t(bytes)))
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %lld bytes of workspace on %s", (long long)bytes,
                        context.deviceName);
  return TRANSOM_OK;
}

} // namespace transom::runtime
