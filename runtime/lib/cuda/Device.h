//===- Device.h - a model and a context on a GPU --------------------------===//
//
// A model is put on a GPU once, by the first context or state of any of its entry
// points there: its code and its weights, which do not change after that. A
// context has a stream, the workspace, and room for what comes from the host and
// goes there; a state has its buffers, and a stream for what is done to it between
// runs.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_CUDA_DEVICE_H
#define TRANSOM_RUNTIME_CUDA_DEVICE_H

#include "Driver.h"
#include "State.h"

namespace transom::runtime {

struct LoadedFunction {
  CUfunction handle;
  uint32_t mostBlocks; // that run at a time
};

/// A model on one GPU; also the list of those of one model.
struct DeviceModel {
  DeviceModel *next;
  Driver driver;
  const TransomDeviceProgram *program; // of the entry point that was opened: all share its code and weights
  uint32_t number;                     // among the devices of each entry point
  int32_t ordinal;
  CUdevice device;
  CUcontext context;
  CUmodule module;
  CUdeviceptr weights;
  uint32_t multiprocessors;
  LoadedFunction *functions;
};

/// What a kernel's failure leaves; see docs/nvptx.md.
struct DeviceRecord {
  int32_t taken, kind, site, padding;
  int64_t value, limit;
};

/// The device's memory that every context has: the record, then cells.
constexpr uint32_t numCells = 512;
constexpr size_t cellsOffset = 256;
constexpr size_t scratchBytes = cellsOffset + numCells * 8;

/// Memory for data-dependent sizes: each run takes the pieces in the same order.
struct Piece {
  Piece *next;
  Buffer buffer;
};

/// A run's launches, captured: it repeats a run with the same sizes and memory.
struct Graph {
  CUgraphExec exec;
  uint64_t *key; // sizes and addresses
  uint64_t lastUse;
};
constexpr uint32_t numGraphs = 8;

struct DeviceContext {
  DeviceModel *model;
  const TransomDeviceProgram *program; // of the context's entry point
  Allocator memory;                    // of the device
  CUstream stream;
  bool ownsStream;
  CUdeviceptr scratch;
  DeviceRecord *record; // pinned: the record, as it was read last
  uint64_t *word;       // pinned: what a run reads
  Buffer *inputs;       // on the device, of those that come from the host
  Buffer *outputs;      // on the device, of those that go there
  Piece *pieces;
  Piece **nextPiece; // of this run
  CUresult result;   // of the call that made the run fail
  const char *what;  // that call
  bool isReading;    // what a run launches depends on data: it cannot be captured
  bool isCapturing;
  Graph graphs[numGraphs];
  uint64_t *key, *lastKey; // of this run and the one before
  uint32_t keyLength;
  uint64_t runs;

  /// The run has failed by a call of the driver.
  void fail(TransomRun *run, CUresult failed, const char *call, int32_t site) {
    if (run->failed.load(std::memory_order_relaxed) == 0) {
      result = failed;
      what = call;
    }
    run->fail({statusOf(failed), 0, site, -1, 0, 0});
  }
  CUdeviceptr cells() const { return scratch + cellsOffset; }
};

struct DeviceState {
  DeviceModel *model;
  CUstream stream;
};

inline CUdeviceptr onDevice(const void *memory) { return reinterpret_cast<CUdeviceptr>(memory); }

/// Memory of the device.
Allocator memoryOf(DeviceModel &model);

/// The model on a GPU, or, -1, on the first that it has code for; puts it there if it is not yet.
TransomStatus findDeviceModel(TransomModel &model, int32_t ordinal, DeviceModel *&found, const Message &message);
void unloadModel(TransomModel &model);
/// Copies the weights, unpacked, to the device.
TransomStatus uploadWeights(const TransomModel &model, DeviceModel &onDevice, const Message &message);

TransomStatus attachContext(TransomContext &context, int32_t ordinal, void *stream, const Message &message);
void detachContext(TransomContext &context);
TransomStatus reserveDevice(TransomContext &context, const int64_t *symbols);
void trimDevice(TransomContext &context);
TransomStatus runOnDevice(TransomContext &context, const TransomTensor *inputs, TransomTensor *outputs);
TransomStatus attachState(TransomState &state, int32_t ordinal, const Message &message);
void detachState(TransomState &state);
TransomStatus copyPieces(const TransomState &state, const Pieces &to, const Pieces &from, size_t bytes, int64_t count,
                         const Message &message);
TransomStatus clearMemory(const TransomState &state, uint8_t *data, size_t bytes, const Message &message);
TransomStatus settleState(const TransomState &state, const Message &message);
/// Forgets what was captured: memory that it uses goes.
void dropGraphs(DeviceContext &device, const Allocator &allocator);

/// Where the device writes an output whose bytes are known, with room on the host where it goes there; null where
/// there is no memory.
uint8_t *placeOnDevice(TransomRun *run, uint32_t index);

/// Waits for the stream, and has the run fail by what a kernel recorded or the driver says.
bool waitForStream(TransomRun *run);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_CUDA_DEVICE_H
