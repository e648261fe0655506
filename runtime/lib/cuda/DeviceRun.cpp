//===- DeviceRun.cpp - a run on a GPU -------------------------------------===//
//
// Inputs go to the device, the host program's launches are put into the stream
// (Graphs.cpp), outputs come back; then the stream is waited for.
//
//===----------------------------------------------------------------------===//
#include "Device.h"

#include "Layout.h"
#include "Signature.h"

#include <string.h>

namespace transom::runtime {
namespace {

constexpr uintptr_t deviceAlignment = 16; // what kernels read at once

bool isAlignedOnDevice(const void *data) { return reinterpret_cast<uintptr_t>(data) % deviceAlignment == 0; }

/// Whether the context's own outputs lie on the device follows from what the
/// caller asks for in this run.
TransomStatus settleOwners(TransomContext &context, const TransomTensor *inputs, const TransomTensor *outputs) {
  const TransomProgram &program = *context.run.program;
  DeviceContext &device = *context.run.device;
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    place.givenOnDevice = isOnGPU(outputs[i]);
    if (outputs[i].data || place.ownedOnDevice == place.givenOnDevice)
      continue;
    for (Buffer &owned : place.owned) {
      for (uint32_t j = 0; owned.data && j < program.num_inputs; ++j)
        if (inputs[j].data >= owned.data && inputs[j].data < owned.data + owned.capacity)
          return context.message().fail(
              TRANSOM_ERROR_ARGUMENT,
              "input %u \"%s\" lies in the context's memory for output %u \"%s\", which is to "
              "move to %s",
              j, program.inputs[j].name, i, program.outputs[i].name,
              place.givenOnDevice ? context.deviceName : "the host");
      owned.clear(place.ownedOnDevice ? device.memory : context.run.allocator);
    }
    place.ownedOnDevice = place.givenOnDevice;
  }
  return TRANSOM_OK;
}

/// Tensors on the device have no strides.
TransomStatus checkDense(TransomContext &context, const TransomTensor *inputs, const TransomTensor *outputs) {
  const TransomProgram &program = *context.run.program;
  Message message = context.message();
  for (uint32_t i = 0; i < program.num_inputs; ++i)
    if (isOnGPU(inputs[i]) && !isDense(inputs[i].rank, inputs[i].shape, inputs[i].strides))
      return message.fail(TRANSOM_ERROR_ARGUMENT, "input %u \"%s\": a tensor on a GPU has to be dense", i,
                          program.inputs[i].name);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    const OutputPlace &place = context.run.outputs[i];
    bool dense = !place.strides || (place.known && isDense(program.outputs[i].rank, place.dims, place.strides));
    if (isOnGPU(outputs[i]) && !place.isOwned && !dense)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "output %u \"%s\": a tensor on a GPU has to be dense", i,
                          program.outputs[i].name);
  }
  return TRANSOM_OK;
}

/// What is asked for of the device where a run needs `bytes`. Masks, and what is made of them, grow by a little with
/// each step on a state: those that fit into the first piece never need another.
size_t roomFor(const TransomContext &context, int64_t bytes) {
  constexpr size_t piece = size_t(64) << 10;
  return context.state ? (size_t(bytes) + piece - 1) / piece * piece : size_t(bytes);
}

TransomStatus takeMemory(TransomContext &context, const TransomTensor *inputs, int64_t workspace) {
  const TransomProgram &program = *context.run.program;
  DeviceContext &device = *context.run.device;
  Message message = context.message();
  auto refuse = [&](const char *what, const TransomValueDesc &value, int64_t bytes) {
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory on %s for %lld bytes of %s \"%s\"", context.deviceName,
                        (long long)bytes, what, value.name);
  };
  if (!context.arena.grow(device.memory, roomFor(context, workspace)))
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory on %s for %lld bytes of workspace", context.deviceName,
                        (long long)workspace);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    const OutputPlace &place = context.run.outputs[i];
    context.run.outputPointers[i] = nullptr;
    if (place.known && !(context.run.outputPointers[i] = placeOnDevice(&context.run, i)))
      return refuse("output", program.outputs[i], place.bytes);
  }
  for (uint32_t i = 0; i < program.num_inputs; ++i) {
    const InputPlace &place = context.inputs[i];
    context.inputPointers[i] = inputs[i].data;
    if (!place.bytes)
      context.inputPointers[i] = reinterpret_cast<void *>(device.scratch);
    if (!place.bytes || (isOnGPU(inputs[i]) && isAlignedOnDevice(inputs[i].data)))
      continue;
    if (!device.inputs[i].grow(device.memory, roomFor(context, place.bytes)))
      return refuse("input", program.inputs[i], place.bytes);
    context.inputPointers[i] = device.inputs[i].data;
  }
  return TRANSOM_OK;
}

/// Puts the copies of inputs into the stream.
TransomStatus upload(TransomContext &context, const TransomTensor *inputs) {
  const TransomProgram &program = *context.run.program;
  DeviceContext &device = *context.run.device;
  const Driver &driver = device.model->driver;
  for (uint32_t i = 0; i < program.num_inputs; ++i) {
    InputPlace &place = context.inputs[i];
    CUdeviceptr to = onDevice(context.inputPointers[i]);
    if (!place.bytes || context.inputPointers[i] == inputs[i].data)
      continue;
    CUresult result = CUDA_SUCCESS;
    if (isOnGPU(inputs[i])) {
      result = driver.memcpyDtoDAsync(to, onDevice(inputs[i].data), size_t(place.bytes), device.stream);
    } else {
      const void *from = inputs[i].data;
      if (!isDense(inputs[i].rank, inputs[i].shape, inputs[i].strides)) {
        if (!packInput(context.run.allocator, inputs[i], place))
          return context.message().fail(TRANSOM_ERROR_MEMORY,
                                        "no memory for %lld bytes of a dense copy of input \"%s\"",
                                        (long long)place.bytes, program.inputs[i].name);
        from = place.packed.data;
      }
      result = driver.memcpyHtoDAsync(to, from, size_t(place.bytes), device.stream);
    }
    if (result != CUDA_SUCCESS) {
      char what[128];
      snprintf(what, sizeof what, "uploading input \"%.80s\"", program.inputs[i].name);
      return driver.fail(context.message(), result, what);
    }
  }
  return TRANSOM_OK;
}

/// Where a copy of an output in the host's memory goes: the caller's buffer, the context's, or room to scatter from.
uint8_t *hostPlace(OutputPlace &place) {
  if (place.isOwned)
    return place.owned[place.current].data;
  return place.isStaged ? place.staged.data : place.given;
}

/// Puts the copies of outputs into the stream, once the run's launches are in it.
void download(TransomContext &context) {
  const TransomProgram &program = *context.run.program;
  DeviceContext &device = *context.run.device;
  const Driver &driver = device.model->driver;
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    if (!place.bytes || (place.isOwned && place.ownedOnDevice))
      continue;
    CUresult result = CUDA_SUCCESS;
    if (!place.isOwned && place.givenOnDevice) {
      if (!isAlignedOnDevice(place.given))
        result = driver.memcpyDtoDAsync(onDevice(place.given), onDevice(device.outputs[i].data), size_t(place.bytes),
                                        device.stream);
    } else {
      result = driver.memcpyDtoHAsync(hostPlace(place), onDevice(device.outputs[i].data), size_t(place.bytes),
                                      device.stream);
    }
    if (result != CUDA_SUCCESS)
      return device.fail(&context.run, result, "downloading an output", -1);
  }
}

//===-- The end -----------------------------------------------------------===//

void finish(TransomContext &context, TransomTensor *outputs) {
  const TransomProgram &program = *context.run.program;
  describeOutputs(context, outputs);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    if (place.isOwned) {
      outputs[i].data = place.owned[place.current].data;
      outputs[i].capacity_bytes = 0;
      outputs[i].strides = nullptr;
      outputs[i].device_type = place.ownedOnDevice ? 2 : 0;
      outputs[i].device_id = place.ownedOnDevice ? context.ordinal : 0;
    } else if (place.isStaged && place.bytes && !place.givenOnDevice) {
      unpackOutput(program.outputs[i], place, place.staged.data);
    }
  }
}

TransomStatus explain(TransomContext &context) {
  DeviceContext &device = *context.run.device;
  if (!context.run.failed.load(std::memory_order_relaxed) || device.result == CUDA_SUCCESS)
    return explainFailure(context);
  char what[300];
  describeSite(*context.run.program, context.run.failure.site, what, sizeof what);
  size_t used = strlen(what);
  snprintf(what + used, sizeof what - used, "%s on %s", device.what, context.deviceName);
  return device.model->driver.fail(context.message(), device.result, what);
}

} // namespace

uint8_t *placeOnDevice(TransomRun *run, uint32_t index) {
  OutputPlace &place = run->outputs[index];
  DeviceContext &device = *run->device;
  auto bytes = size_t(place.bytes);
  if (place.isOwned && place.ownedOnDevice) {
    Buffer &owned = place.owned[place.current];
    return owned.grow(device.memory, bytes) ? owned.data : nullptr;
  }
  if (!place.isOwned && place.givenOnDevice && isAlignedOnDevice(place.given))
    return place.given;
  // Room on the host, then on the device.
  bool onHost = place.isOwned || !place.givenOnDevice;
  if (onHost && (place.isOwned || place.isStaged)) {
    Buffer &host = place.isOwned ? place.owned[place.current] : place.staged;
    if (!host.grow(run->allocator, bytes))
      return nullptr;
  }
  return device.outputs[index].grow(device.memory, bytes) ? device.outputs[index].data : nullptr;
}

TransomStatus runOnDevice(TransomContext &context, const TransomTensor *inputs, TransomTensor *outputs) {
  TransomRun &run = context.run;
  DeviceContext &device = *run.device;
  const Driver &driver = device.model->driver;
  Message message = context.message();
  Current current(driver, device.model->context);
  if (current.result != CUDA_SUCCESS)
    return driver.fail(message, current.result, "cuCtxPushCurrent");
  if (TransomStatus status = checkInputs(context, inputs))
    return status;
  int64_t workspace = device.program->prepare(context.symbols, context.outputDims);
  if (workspace < 0)
    return message.fail(TRANSOM_ERROR_SIZE, "the sizes of this run overflow");
  if (TransomStatus status = checkCapacity(context))
    return status;
  if (TransomStatus status = settleOwners(context, inputs, outputs))
    return status;
  if (TransomStatus status = checkOutputs(context, outputs))
    return status;
  if (TransomStatus status = checkDense(context, inputs, outputs))
    return status;
  if (TransomStatus status = checkOverlaps(context, inputs))
    return status;
  TransomStatus status = takeMemory(context, inputs, workspace);
  if (status == TRANSOM_OK && (status = upload(context, inputs)))
    driver.streamSynchronize(device.stream); // copies from the caller's memory may be under way
  if (status) {
    forgetOwned(context, outputs);
    return status;
  }

  beginRun(context);
  device.result = CUDA_SUCCESS;
  device.timed.size = 0;
  launchRun(context);
  if (device.timed.size)
    markTime(&run, -1);
  if (!run.failed.load(std::memory_order_relaxed))
    download(context);
  if (waitForStream(&run))
    settleTimes(&run);
  run.endPart(0);
  if (!run.stopped && !run.failed.load(std::memory_order_relaxed)) {
    finish(context, outputs);
    if ((status = finishState(context)))
      forgetOwned(context, outputs);
    return status;
  }
  forgetOwned(context, outputs);
  status = explain(context);
  if (status == TRANSOM_ERROR_CAPACITY)
    describeOutputs(context, outputs);
  return status;
}

} // namespace transom::runtime
