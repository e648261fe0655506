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

/// A list whose memory is kept when it is emptied. All zero is an empty one.
template <typename T> struct Kept {
  T *data;
  size_t size, capacity;

  bool reserve(const Allocator &allocator, size_t wanted) {
    if (wanted <= capacity)
      return true;
    size_t room = wanted < 2 * capacity ? 2 * capacity : wanted;
    auto *fresh = static_cast<T *>(allocator.get(room * sizeof(T)));
    if (!fresh)
      return false;
    if (size)
      __builtin_memcpy(fresh, data, size * sizeof(T));
    release(allocator);
    data = fresh;
    capacity = room;
    return true;
  }
  void release(const Allocator &allocator) {
    if (data)
      allocator.put(data, capacity * sizeof(T));
    data = nullptr;
    capacity = 0;
  }
};

/// A launch as it is written down; its arguments are `count` words.
struct Launch {
  int32_t function, site;
  uint32_t blocks, count;
  size_t first;
};

/// What a run launches, in order.
struct LaunchList {
  Kept<Launch> launches;
  Kept<int64_t> words;

  int64_t *arguments(const Launch &launch) const { return words.data + launch.first; }
  void release(const Allocator &allocator) {
    launches.release(allocator);
    words.release(allocator);
    *this = {};
  }
};

/// A run's launches, captured: it repeats the run, and, with other arguments, any run that launches the same functions.
struct Graph {
  CUgraph graph;
  CUgraphExec exec;
  Kept<CUgraphNode> nodes; // of the launches
  LaunchList list;         // as `exec` has them
  uint64_t *key;           // sizes and addresses of the run that they are of
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
  Piece **nextPiece;  // of this run
  CUresult result;    // of the call that made the run fail
  const char *what;   // that call
  bool isReading;     // what a run launches depends on data: it cannot be captured
  bool isRecording;   // launches are written down in `list`
  bool withoutGraphs; // the driver has none, or has refused one
  Graph graphs[numGraphs];
  LaunchList list, last; // of this run, and of the last one that was no graph
  uint64_t *key;         // of this run
  uint32_t keyLength;
  Kept<CUevent> events; // between places of a run that is profiled: those that there are
  Kept<int32_t> timed;  // of this run: whose the time behind the event of that number is
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

/// Puts a run's launches into the stream, one by one or as a graph.
void launchRun(TransomContext &context);
/// Puts a launch into the stream.
CUresult putLaunch(const DeviceContext &device, const Launch &launch, int64_t *arguments);
/// The run goes on without being written down: what has been is put into the stream.
void stopRecording(TransomRun *run);

/// Where the device writes an output whose bytes are known, with room on the host where it goes there; null where
/// there is no memory.
uint8_t *placeOnDevice(TransomRun *run, uint32_t index);

/// On the device, time is `site`'s from here on; -1: none's.
void markTime(TransomRun *run, int32_t site);
/// The profile gets what each place has taken; the stream has been waited for.
void settleTimes(TransomRun *run);

/// Waits for the stream, and has the run fail by what a kernel recorded or the driver says.
bool waitForStream(TransomRun *run);

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_CUDA_DEVICE_H
