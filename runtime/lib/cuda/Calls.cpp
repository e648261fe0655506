//===- Calls.cpp - what the host program of a GPU calls -------------------===//
//
// See transom/program.h for what each function promises. All of it is put into
// the context's stream; only reading waits for it.
//
//===----------------------------------------------------------------------===//
#include "Device.h"

#include <new>
#include <string.h>

using namespace transom::runtime;

static bool isStopped(TransomRun *run) {
  if (run->failed.load(std::memory_order_relaxed))
    return true;
  if (run->state.load(std::memory_order_relaxed) != TransomRun::Cancelled)
    return false;
  run->stopped = true;
  return true;
}

/// Whether the host program goes on at a place where data decides. Another run may go another way, so this one is not
/// written down.
static bool mayRead(TransomRun *run) {
  stopRecording(run);
  return !isStopped(run);
}

bool transom::runtime::waitForStream(TransomRun *run) {
  DeviceContext &device = *run->device;
  const Driver &driver = device.model->driver;
  CUresult result = driver.memcpyDtoHAsync(device.record, device.scratch, sizeof(DeviceRecord), device.stream);
  // Whatever is refused: what the stream still does reads the caller's memory.
  CUresult waited = driver.streamSynchronize(device.stream);
  if (result == CUDA_SUCCESS)
    result = waited;
  if (result != CUDA_SUCCESS) {
    device.fail(run, result, "the run", -1);
    return false;
  }
  if (device.record->taken)
    transom_rt_fail(run, device.record->kind, device.record->site, device.record->value, device.record->limit);
  return !isStopped(run);
}

void transom::runtime::markTime(TransomRun *run, int32_t site) {
  DeviceContext &device = *run->device;
  const Driver &driver = device.model->driver;
  size_t number = device.timed.size;
  if (!device.events.reserve(run->allocator, number + 1) || !device.timed.reserve(run->allocator, number + 1))
    return run->fail({TRANSOM_ERROR_MEMORY, TRANSOM_FAIL_MEMORY, site, -1, int64_t((number + 1) * sizeof(CUevent)), 0});
  CUevent &event = device.events.data[number];
  CUresult result = CUDA_SUCCESS;
  if (number == device.events.size && (result = driver.eventCreate(&event, 0)) == CUDA_SUCCESS)
    ++device.events.size;
  if (result == CUDA_SUCCESS)
    result = driver.eventRecord(event, device.stream);
  if (result != CUDA_SUCCESS)
    return device.fail(run, result, "timing a place", site);
  device.timed.data[device.timed.size++] = site;
}

void transom::runtime::settleTimes(TransomRun *run) {
  DeviceContext &device = *run->device;
  for (size_t i = 0; i + 1 < device.timed.size; ++i) {
    int32_t site = device.timed.data[i];
    float milliseconds = 0;
    const CUevent *from = device.events.data + i;
    if (site < 0 || uint32_t(site) >= run->program->num_sites ||
        device.model->driver.eventElapsedTime(&milliseconds, from[0], from[1]) != CUDA_SUCCESS)
      continue;
    ++run->profile[site].calls;
    run->profile[site].nanoseconds += uint64_t(double(milliseconds) * 1e6);
  }
}

/// Writes a launch down. Descriptions of tensors among the arguments stay aligned to 64 bytes.
static bool write(const Allocator &allocator, LaunchList &list, Launch launch, const int64_t *arguments) {
  constexpr size_t aligned = alignment / sizeof(int64_t);
  launch.first = (list.words.size + aligned - 1) / aligned * aligned;
  size_t end = launch.first + launch.count;
  if (!list.launches.reserve(allocator, list.launches.size + 1) || !list.words.reserve(allocator, end))
    return false;
  memcpy(list.words.data + launch.first, arguments, launch.count * sizeof(int64_t));
  list.words.size = end;
  list.launches.data[list.launches.size++] = launch;
  return true;
}

void transom_rt_device_launch(TransomRun *run, int32_t site, int32_t function, int64_t blocks, int64_t *arguments,
                              int32_t count) {
  if (blocks <= 0 || isStopped(run))
    return;
  DeviceContext &device = *run->device;
  const LoadedFunction &loaded = device.model->functions[function];
  arguments[count - 1] = int64_t(device.scratch);
  auto grid = uint32_t(blocks < loaded.mostBlocks ? blocks : loaded.mostBlocks);
  Launch launch = {function, site, grid, uint32_t(count), 0};
  if (device.isRecording) {
    if (write(run->allocator, device.list, launch, arguments))
      return;
    stopRecording(run); // no memory for it
  }
  CUresult result = putLaunch(device, launch, arguments);
  if (result != CUDA_SUCCESS)
    device.fail(run, result, device.program->functions[function].name, site);
}

void transom_rt_device_map(TransomRun *run, int32_t site, int64_t *map, const void *memory, int64_t element,
                           int64_t length, int64_t lines, int64_t before, int64_t box, int64_t boxLines) {
  // Of a tensor of no elements nothing is launched.
  if (isStopped(run) || !length || !lines || !before)
    return;
  DeviceContext &device = *run->device;
  const Driver &driver = device.model->driver;
  bool isBrain = element < 0;
  uint64_t bytes = uint64_t(isBrain ? -element : element) * uint64_t(length);
  const uint64_t dims[] = {uint64_t(length), uint64_t(lines), uint64_t(before)}, strides[] = {bytes, bytes * dims[1]};
  const uint32_t boxes[] = {uint32_t(box), uint32_t(boxLines), 1}, steps[] = {1, 1, 1};
  CUresult result = CUDA_ERROR_NOT_SUPPORTED;
  if (driver.tensorMapEncodeTiled)
    result =
        driver.tensorMapEncodeTiled(map, isBrain ? CU_TENSOR_MAP_DATA_TYPE_BFLOAT16 : CU_TENSOR_MAP_DATA_TYPE_FLOAT16,
                                    3, const_cast<void *>(memory), dims, strides, boxes, steps, 0,
                                    CU_TENSOR_MAP_SWIZZLE_128B, CU_TENSOR_MAP_L2_PROMOTION_L2_256B, 0);
  if (result != CUDA_SUCCESS)
    device.fail(run, result, "cuTensorMapEncodeTiled", site);
}

int32_t transom_rt_device_read(TransomRun *run, const void *from, int64_t bytes, void *to) {
  if (!mayRead(run))
    return 1;
  DeviceContext &device = *run->device;
  CUresult result = device.model->driver.memcpyDtoHAsync(device.word, onDevice(from), size_t(bytes), device.stream);
  if (result != CUDA_SUCCESS) {
    device.fail(run, result, "reading a size", -1);
    return 1;
  }
  if (!waitForStream(run))
    return 1;
  memcpy(to, device.word, size_t(bytes));
  return 0;
}

void transom_rt_device_write(TransomRun *run, void *to, int64_t value, int64_t bytes) {
  if (!mayRead(run)) // words are written for what is read
    return;
  DeviceContext &device = *run->device;
  const Driver &driver = device.model->driver;
  CUresult result = CUDA_SUCCESS;
  // Fills take their value with them; a copy would read it when it is gone.
  if (bytes < 4) {
    for (int64_t i = 0; i < bytes && result == CUDA_SUCCESS; ++i)
      result = driver.memsetD8Async(onDevice(to) + uint64_t(i), uint8_t(value >> (8 * i)), 1, device.stream);
  } else {
    for (int64_t i = 0; i < bytes / 4 && result == CUDA_SUCCESS; ++i)
      result = driver.memsetD32Async(onDevice(to) + uint64_t(4 * i), uint32_t(value >> (32 * i)), 1, device.stream);
  }
  if (result != CUDA_SUCCESS)
    device.fail(run, result, "writing a word", -1);
}

void transom_rt_device_copy(TransomRun *run, void *to, const void *from, int64_t bytes) {
  if (bytes <= 0 || !mayRead(run))
    return;
  DeviceContext &device = *run->device;
  CUresult result = device.model->driver.memcpyDtoDAsync(onDevice(to), onDevice(from), size_t(bytes), device.stream);
  if (result != CUDA_SUCCESS)
    device.fail(run, result, "a copy", -1);
}

void *transom_rt_device_cell(TransomRun *run, int32_t number) {
  return reinterpret_cast<void *>(run->device->cells() + uint64_t(number) * 8);
}

void *transom_rt_device_alloc(TransomRun *run, int64_t, int64_t bytes) {
  if (!mayRead(run))
    return nullptr;
  DeviceContext &device = *run->device;
  auto refuse = [&]() -> void * {
    run->fail({TRANSOM_ERROR_MEMORY, TRANSOM_FAIL_MEMORY, -1, -1, bytes, 0});
    return nullptr;
  };
  if (bytes < 0)
    return refuse();
  if (!*device.nextPiece) {
    void *memory = run->allocator.get(sizeof(Piece));
    if (!memory)
      return refuse();
    *device.nextPiece = new (memory) Piece();
  }
  Piece &piece = **device.nextPiece;
  device.nextPiece = &piece.next;
  return piece.buffer.grow(device.memory, size_t(bytes)) ? piece.buffer.data : refuse();
}

void *transom_rt_device_output(TransomRun *run, int64_t, int32_t index, const int64_t *dims) {
  if (!mayRead(run))
    return nullptr;
  if (!settleOutput(run, index, dims))
    return nullptr;
  uint8_t *place = placeOnDevice(run, uint32_t(index));
  if (!place)
    run->fail({TRANSOM_ERROR_MEMORY, TRANSOM_FAIL_MEMORY, -1, index, run->outputs[index].bytes, 0});
  return place;
}

void transom_rt_device_profile(TransomRun *run, int64_t, int32_t site) {
  // A trace is of the host's clock: what was launched belongs to the site before.
  if (run->trace && run->device->model->driver.streamSynchronize(run->device->stream) == CUDA_SUCCESS)
    run->mark(0, site);
  else if (run->profile && !run->trace)
    markTime(run, site);
}
