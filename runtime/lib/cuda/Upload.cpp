//===- Upload.cpp - weights from the library to a GPU ---------------------===//
//
// The library holds each weight once, as its CPU code reads it: products' right
// operands in panels. They are unpacked on their way, into two pinned buffers by
// turns, so that the next piece is read while the last one is copied.
//
//===----------------------------------------------------------------------===//
#include "Device.h"

#include <string.h>

namespace transom::runtime {
namespace {

constexpr size_t stagingBytes = size_t(8) << 20;

class Uploader {
public:
  Uploader(const Driver &driver, CUdeviceptr target) : driver(driver), target(target) {}

  CUresult start(size_t room) {
    capacity = room;
    CUresult result = driver.streamCreate(&stream, CU_STREAM_NON_BLOCKING);
    for (Half &half : halves) {
      if (result == CUDA_SUCCESS)
        result = driver.memHostAlloc(reinterpret_cast<void **>(&half.data), capacity, 0);
      if (result == CUDA_SUCCESS)
        result = driver.eventCreate(&half.copied, CU_EVENT_DISABLE_TIMING);
    }
    return result;
  }

  /// From here on what is added lies at `offset` of the target.
  void seek(uint64_t offset) {
    uint64_t end = at + halves[current].used;
    // Neighbours are copied together, with the gap between them.
    if (offset >= end && offset - end < alignment && halves[current].used + (offset - end) <= capacity) {
      memset(take(size_t(offset - end)), 0, size_t(offset - end));
      return;
    }
    flush();
    at = offset;
  }

  /// Room for `bytes` (at most the capacity), which the caller fills in.
  uint8_t *take(size_t bytes) {
    if (halves[current].used + bytes > capacity)
      flush();
    uint8_t *room = halves[current].data + halves[current].used;
    halves[current].used += bytes;
    return room;
  }

  void add(const uint8_t *data, uint64_t bytes) {
    while (bytes && result == CUDA_SUCCESS) {
      size_t room = capacity - halves[current].used;
      size_t count = bytes < room ? size_t(bytes) : room;
      if (!count) {
        flush();
        continue;
      }
      memcpy(take(count), data, count);
      data += count;
      bytes -= count;
    }
  }

  /// Copies what is there, and makes sure that the other half is free.
  void flush() {
    Half &half = halves[current];
    if (half.used && result == CUDA_SUCCESS) {
      result = driver.memcpyHtoDAsync(target + at, half.data, half.used, stream);
      if (result == CUDA_SUCCESS)
        result = driver.eventRecord(half.copied, stream);
      half.isBusy = true;
      at += half.used;
      current ^= 1;
      if (result == CUDA_SUCCESS && halves[current].isBusy)
        result = driver.eventSynchronize(halves[current].copied);
    }
    halves[current].used = 0;
  }

  CUresult finish() {
    flush();
    if (result == CUDA_SUCCESS)
      result = driver.streamSynchronize(stream);
    return result;
  }

  ~Uploader() {
    for (Half &half : halves) {
      if (half.copied)
        driver.eventDestroy(half.copied);
      if (half.data)
        driver.memFreeHost(half.data);
    }
    if (stream)
      driver.streamDestroy(stream);
  }

  CUresult result = CUDA_SUCCESS;

private:
  struct Half {
    uint8_t *data = nullptr;
    size_t used = 0;
    CUevent copied = nullptr;
    bool isBusy = false;
  };
  const Driver &driver;
  const CUdeviceptr target;
  CUstream stream = nullptr;
  size_t capacity = 0;
  uint64_t at = 0;
  Half halves[2];
  uint32_t current = 0;
};

/// The length of a row of a packed weight, in bytes.
size_t rowBytes(const TransomDeviceWeight &weight) {
  return size_t(weight.transposed ? weight.k : weight.n) * weight.element_bytes;
}

/// [batch, panels, k, columns] as [batch, k, n] or [batch, n, k], a row at a time.
void addUnpacked(Uploader &uploader, const TransomDeviceWeight &weight, const uint8_t *packed) {
  size_t width = weight.element_bytes, columns = weight.columns, taps = weight.taps;
  auto k = size_t(weight.k), n = size_t(weight.n), panels = (n + columns - 1) / columns;
  size_t panelBytes = k * columns * width, row = rowBytes(weight);
  if (taps > 1)
    panelBytes = ((k + taps - 1) / taps * taps + sizeof(int32_t)) * columns;
  for (int64_t b = 0; b < weight.batch; ++b, packed += panels * panelBytes) {
    for (size_t i = 0; i < (weight.transposed ? n : k) && uploader.result == CUDA_SUCCESS; ++i) {
      uint8_t *to = uploader.take(row);
      if (taps > 1) {
        for (size_t j = 0; j < row; ++j) {
          size_t column = weight.transposed ? i : j, tap = weight.transposed ? j : i;
          to[j] = packed[column / columns * panelBytes + (tap / taps * columns + column % columns) * taps + tap % taps];
        }
        continue;
      }
      if (weight.transposed) {
        const uint8_t *from = packed + i / columns * panelBytes + i % columns * width;
        for (size_t j = 0; j < k; ++j)
          memcpy(to + j * width, from + j * columns * width, width);
        continue;
      }
      for (size_t first = 0; first < n; first += columns) {
        size_t count = n - first < columns ? n - first : columns;
        memcpy(to + first * width, packed + first / columns * panelBytes + i * columns * width, count * width);
      }
    }
  }
}

} // namespace

TransomStatus uploadWeights(const TransomModel &model, DeviceModel &made, const Message &message) {
  const TransomDeviceProgram &program = *made.program;
  if (!program.weights_bytes)
    return TRANSOM_OK;
  const Driver &driver = made.driver;
  if (CUresult result = driver.memAlloc(&made.weights, program.weights_bytes)) {
    made.weights = 0;
    char what[128];
    snprintf(what, sizeof what, "%llu bytes of weights on cuda:%d", (unsigned long long)program.weights_bytes,
             made.ordinal);
    return driver.fail(message, result, what);
  }
  size_t room = stagingBytes;
  for (uint64_t i = 0; i < program.num_weights; ++i)
    if (program.weights[i].columns && rowBytes(program.weights[i]) > room)
      room = rowBytes(program.weights[i]);
  if (program.weights_bytes < room)
    room = size_t(program.weights_bytes);
  Uploader uploader(driver, made.weights);
  CUresult result = uploader.start(room);
  if (result == CUDA_SUCCESS) {
    for (uint64_t i = 0; i < program.num_weights; ++i) {
      const TransomDeviceWeight &weight = program.weights[i];
      const uint8_t *source = model.weights->data() + weight.source;
      uploader.seek(weight.offset);
      if (weight.columns)
        addUnpacked(uploader, weight, source);
      else
        uploader.add(source, weight.bytes);
    }
    result = uploader.finish();
  }
  return result == CUDA_SUCCESS ? TRANSOM_OK : driver.fail(message, result, "uploading the weights");
}

} // namespace transom::runtime
