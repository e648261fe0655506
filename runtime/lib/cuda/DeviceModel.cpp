//===- DeviceModel.cpp - a model's code and weights on a GPU --------------===//
#include "Device.h"

#include <new>
#include <string.h>
#include <utility>

namespace transom::runtime {
namespace {

/// Names the device: "cuda:0 (NVIDIA H100)".
struct DeviceName {
  char text[160];
  DeviceName(const Driver &driver, CUdevice device, int32_t ordinal) {
    char name[128] = "?";
    driver.deviceGetName(name, sizeof name, device);
    snprintf(text, sizeof text, "cuda:%d (%s)", ordinal, name);
  }
};

bool runsOn(const TransomDeviceProgram &program, uint32_t capability) {
  return program.exact ? capability == program.capability : capability >= program.capability;
}

/// Machine code runs on its own chip and on later ones of the same major version.
bool hasMachineCodeFor(const TransomDeviceProgram &program, uint32_t capability) {
  return program.cubin && program.capability / 10 == capability / 10;
}

TransomStatus chooseProgram(const TransomProgram &program, DeviceModel &made, const Message &message) {
  const Driver &driver = made.driver;
  int major = 0, minor = 0, multiprocessors = 0;
  for (auto [value, attribute] : {std::pair(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
                                  {&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR},
                                  {&multiprocessors, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT}})
    if (CUresult result = driver.deviceGetAttribute(value, attribute, made.device))
      return driver.fail(message, result, "cuDeviceGetAttribute");
  made.multiprocessors = uint32_t(multiprocessors);
  auto capability = uint32_t(major * 10 + minor);
  const TransomDeviceProgram *tooNew = nullptr;
  for (uint32_t i = 0; i < program.num_devices && !made.program; ++i) {
    const TransomDeviceProgram *candidate = program.devices[i];
    if (!runsOn(*candidate, capability))
      continue;
    if (hasMachineCodeFor(*candidate, capability) || uint32_t(driver.version) >= candidate->driver) {
      made.program = candidate;
      made.number = i;
    } else {
      tooNew = candidate;
    }
  }
  if (made.program)
    return TRANSOM_OK;
  DeviceName name(driver, made.device, made.ordinal);
  if (tooNew)
    return message.fail(TRANSOM_ERROR_DEVICE,
                        "%s: the driver is too old: it is of CUDA %d.%d, and model \"%s\" for %s needs %u.%u",
                        name.text, driver.version / 1000, driver.version % 1000 / 10, program.name, tooNew->chip,
                        tooNew->driver / 1000, tooNew->driver % 1000 / 10);
  return message.fail(TRANSOM_ERROR_DEVICE, "%s is sm_%u; model \"%s\" has code for %s", name.text, capability,
                      program.name, program.device_chips);
}

TransomStatus loadCode(const TransomProgram &program, DeviceModel &made, const Message &message) {
  const Driver &driver = made.driver;
  const TransomDeviceProgram &code = *made.program;
  CUresult result = -1;
  if (code.cubin)
    result = driver.moduleLoadDataEx(&made.module, code.cubin, 0, nullptr, nullptr);
  if (result != CUDA_SUCCESS && result != CUDA_ERROR_OUT_OF_MEMORY && uint32_t(driver.version) >= code.driver) {
    char log[300] = "";
    int options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void *values[] = {log, reinterpret_cast<void *>(sizeof log)};
    result = driver.moduleLoadDataEx(&made.module, code.ptx, 2, options, values);
    if (result != CUDA_SUCCESS && log[0]) {
      char what[400];
      snprintf(what, sizeof what, "the code for %s cannot be loaded: %s", code.chip, log);
      return driver.fail(message, result, what);
    }
  }
  if (result != CUDA_SUCCESS)
    return driver.fail(message, result, "the model's code cannot be loaded");

  for (uint32_t i = 0; i < code.num_functions; ++i) {
    const TransomDeviceFunction &function = code.functions[i];
    LoadedFunction &loaded = made.functions[i];
    int blocks = 0;
    result = driver.moduleGetFunction(&loaded.handle, made.module, function.name);
    // More than a block has by default has to be asked for.
    if (result == CUDA_SUCCESS && function.shared > (48u << 10))
      result =
          driver.funcSetAttribute(loaded.handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, int(function.shared));
    if (result == CUDA_SUCCESS)
      result = driver.occupancy(&blocks, loaded.handle, int(function.threads), function.shared);
    if (result == CUDA_SUCCESS && blocks < 1)
      return message.fail(TRANSOM_ERROR_DEVICE, "kernel %s of model \"%s\" does not fit into a multiprocessor of %s",
                          function.name, program.name, DeviceName(driver, made.device, made.ordinal).text);
    if (result != CUDA_SUCCESS) {
      char what[200];
      snprintf(what, sizeof what, "kernel %s", function.name);
      return driver.fail(message, result, what);
    }
    loaded.mostBlocks = uint32_t(blocks) * made.multiprocessors;
  }
  return TRANSOM_OK;
}

void destroy(const Allocator &allocator, DeviceModel *made) {
  if (made->driver.library && made->context) {
    {
      // Where it cannot be current any more, all goes with the context.
      Current current(made->driver, made->context);
      if (made->weights && current.result == CUDA_SUCCESS)
        made->driver.memFree(made->weights);
      if (made->module && current.result == CUDA_SUCCESS)
        made->driver.moduleUnload(made->module);
    }
    made->driver.devicePrimaryCtxRelease(made->device);
  }
  made->driver.close();
  if (made->functions)
    allocator.put(made->functions, made->program->num_functions * sizeof(LoadedFunction));
  allocator.put(made, sizeof(DeviceModel));
}

TransomStatus fill(const TransomModel &model, DeviceModel &made, const Message &message) {
  Driver &driver = made.driver;
  CUresult result = driver.deviceGet(&made.device, made.ordinal);
  if (result != CUDA_SUCCESS)
    return driver.fail(message, result, "cuDeviceGet");
  if (TransomStatus status = chooseProgram(*model.program, made, message))
    return status;
  size_t bytes = made.program->num_functions * sizeof(LoadedFunction);
  made.functions = static_cast<LoadedFunction *>(model.allocator.get(bytes));
  if (!made.functions)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %zu bytes of the functions of model \"%s\"", bytes,
                        model.program->name);
  memset(static_cast<void *>(made.functions), 0, bytes);
  if ((result = driver.devicePrimaryCtxRetain(&made.context, made.device)) != CUDA_SUCCESS) {
    made.context = nullptr;
    return driver.fail(message, result, DeviceName(driver, made.device, made.ordinal).text);
  }
  Current current(driver, made.context);
  if (current.result != CUDA_SUCCESS)
    return driver.fail(message, current.result, "cuCtxPushCurrent");
  if (TransomStatus status = loadCode(*model.program, made, message))
    return status;
  return uploadWeights(model, made, message);
}

TransomStatus put(TransomModel &model, int32_t ordinal, DeviceModel *&found, const Message &message) {
  for (DeviceModel *there = model.devices; there; there = there->next)
    if (there->ordinal == ordinal) {
      found = there;
      return TRANSOM_OK;
    }
  void *memory = model.allocator.get(sizeof(DeviceModel));
  if (!memory)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for model \"%s\" on cuda:%d", model.program->name, ordinal);
  auto *made = new (memory) DeviceModel();
  made->ordinal = ordinal;
  TransomStatus status = made->driver.open(message);
  if (!status)
    status = fill(model, *made, message);
  if (status) {
    destroy(model.allocator, made);
    return status;
  }
  if (model.log) {
    char text[400];
    snprintf(text, sizeof text, "model \"%s\": code for %s and %llu bytes of weights on %s", model.program->name,
             made->program->chip, (unsigned long long)made->program->weights_bytes,
             DeviceName(made->driver, made->device, ordinal).text);
    model.say(TRANSOM_LOG_INFO, text);
    if (made->driver.missingForGraphs) {
      snprintf(text, sizeof text,
               "model \"%s\": the driver is of CUDA %d.%d, without %s: kernels are launched one by one, not as graphs",
               model.program->name, made->driver.version / 1000, made->driver.version % 1000 / 10,
               made->driver.missingForGraphs);
      model.say(TRANSOM_LOG_INFO, text);
    }
  }
  made->next = model.devices;
  model.devices = made;
  found = made;
  return TRANSOM_OK;
}

TransomStatus countDevices(int &count, const Message &message) {
  Driver driver = {};
  if (TransomStatus status = driver.open(message))
    return status;
  TransomStatus status = TRANSOM_OK;
  if (CUresult result = driver.deviceGetCount(&count))
    status = driver.fail(message, result, "cuDeviceGetCount");
  driver.close();
  return status;
}

TransomStatus find(TransomModel &model, int32_t ordinal, DeviceModel *&found, const Message &message) {
  int count = 0;
  if (TransomStatus status = countDevices(count, message))
    return status;
  if (count == 0)
    return message.fail(TRANSOM_ERROR_DEVICE, "the CUDA driver sees no GPU");
  if (ordinal >= count)
    return message.fail(TRANSOM_ERROR_DEVICE, "there is no cuda:%d; the CUDA driver sees %d", ordinal, count);
  if (ordinal >= 0)
    return put(model, ordinal, found, message);
  TransomStatus status = TRANSOM_OK;
  // What the first one lacks is said when there is none that does.
  for (int32_t i = 0; i < count; ++i) {
    status = put(model, i, found, i ? Message{nullptr, 0} : message);
    if (status == TRANSOM_OK || status != TRANSOM_ERROR_DEVICE)
      return status;
  }
  return TRANSOM_ERROR_DEVICE;
}

} // namespace

TransomStatus findDeviceModel(TransomModel &entry, int32_t ordinal, DeviceModel *&found, const Message &message) {
  TransomModel &model = *entry.opened;
  pthread_mutex_lock(&model.devicesLock);
  TransomStatus status = find(model, ordinal, found, message);
  pthread_mutex_unlock(&model.devicesLock);
  return status;
}

void unloadModel(TransomModel &model) {
  while (DeviceModel *made = model.devices) {
    model.devices = made->next;
    destroy(model.allocator, made);
  }
}

} // namespace transom::runtime

const TransomDeviceRuntime transom_rt_device = {
    transom::runtime::attachContext,
    transom::runtime::detachContext,
    transom::runtime::runOnDevice,
    transom::runtime::reserveDevice,
    transom::runtime::trimDevice,
    [](const TransomContext &context) -> void * { return context.run.device->stream; },
    [](const TransomContext &context) { return context.run.device->memory; },
    transom::runtime::unloadModel,
    transom::runtime::attachState,
    transom::runtime::detachState,
    transom::runtime::copyPieces,
    transom::runtime::clearMemory,
    transom::runtime::settleState,
};
