//===- FakeDriver.cpp - a CUDA driver without a GPU -----------------------===//

#include "FakeDriver.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <dlfcn.h>
#include <memory>
#include <mutex>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

using namespace transom::test;

namespace {

using Result = int32_t;
using Work = std::function<void()>;
enum : Result {
  Success = 0,
  InvalidValue = 1,
  OutOfMemory = 2,
  NotInitialised = 3,
  InvalidDevice = 101,
  NoBinary = 209,
  InvalidContext = 201,
  InvalidHandle = 400,
  NotFound = 500,
  IllegalAddress = 700
};

struct Node {
  Work work;
  bool isKernel;
};
struct Graph {
  std::vector<std::unique_ptr<Node>> nodes;
};
/// A graph as it is launched: what its nodes do, under their names in the graph.
struct Executable {
  std::vector<std::pair<const void *, Work>> work;
};
struct Stream {
  std::deque<Work> work;
  std::unique_ptr<Graph> captured;
  const void *last = nullptr; ///< node of what is captured
};
struct Event {
  Stream *stream = nullptr;
  size_t mark = 0; // how much of the stream's work is before it
  bool isTimed = false, isReached = false;
  std::chrono::steady_clock::time_point time; // when it was reached
};
struct Function {
  std::string name;
};

FakeDriver fake;
std::recursive_mutex mutex;
bool initialised = false;
std::map<uintptr_t, size_t> memory; ///< of the device: begin, bytes
std::map<void *, size_t> pinned;
std::set<std::unique_ptr<Function>> functions;
std::set<Stream *> streams;
std::map<const void *, const Node *> nodes; ///< of the graphs that there are
Stream nullStream;
int placeOfContext; ///< its address stands for the primary context
thread_local std::vector<void *> current;

size_t pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

void protect(int how) {
  for (auto [begin, bytes] : memory)
    mprotect(reinterpret_cast<void *>(begin), pages(bytes), how);
}

/// Device memory can be touched while this lives.
struct Access {
  Access() { protect(PROT_READ | PROT_WRITE); }
  ~Access() { protect(PROT_NONE); }
};

void misuse(const std::string &what) {
  if (fake.problem.empty())
    fake.problem = what;
}

bool isOnDevice(uint64_t pointer, size_t bytes) {
  auto after = memory.upper_bound(pointer);
  if (after == memory.begin())
    return false;
  auto [begin, size] = *std::prev(after);
  return pointer + bytes <= begin + size;
}

void finish(Stream &stream, size_t count = SIZE_MAX) {
  for (; count && !stream.work.empty(); --count) {
    Work work = std::move(stream.work.front());
    stream.work.pop_front();
    work();
  }
}

/// Memory goes, as the driver has it, after everything that may still use it.
void finishAll() {
  for (Stream *stream : streams)
    finish(*stream);
  finish(nullStream);
}

void add(Stream *stream, Work work, bool isKernel = false) {
  Stream &to = stream ? *stream : nullStream;
  if (!to.captured)
    return to.work.push_back(std::move(work));
  to.captured->nodes.push_back(std::make_unique<Node>(Node{std::move(work), isKernel}));
  to.last = to.captured->nodes.back().get();
}

/// Counts the call; what it is to answer where it is not to be done.
Result enter(const char *name, bool needsContext = true) {
  fake.calls.push_back(name);
  auto refusal = fake.refusals.find(name);
  if (refusal != fake.refusals.end() && refusal->second.after-- <= 0)
    return refusal->second.result;
  if (!initialised && std::strcmp(name, "cuInit") != 0 && std::strcmp(name, "cuDriverGetVersion") != 0)
    return NotInitialised;
  if (needsContext && current.empty()) {
    misuse(std::string(name) + " without a current context");
    return InvalidContext;
  }
  return Success;
}

/// Kernels that run on the CPU, see test/Device.
void *emulated() {
  static void *library = [] {
    const char *path = getenv("TRANSOM_FAKE_CUDA_KERNELS");
    void *opened = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : nullptr;
    if (path && !opened)
      fprintf(stderr, "fake driver: %s\n", dlerror());
    return opened;
  }();
  return library;
}

/// Threads of the blocks whose launches take their time; 0: none.
unsigned slowThreads() {
  static const unsigned threads = [] {
    const char *text = getenv("TRANSOM_FAKE_CUDA_SLOW");
    return text ? static_cast<unsigned>(strtoul(text, nullptr, 10)) : 0;
  }();
  return threads;
}

void runKernel(const FakeLaunch &launch) {
  if (launch.threads == slowThreads())
    usleep(5000);
  Access access;
  if (void *library = emulated()) {
    using Entry = void (*)(const int64_t *);
    auto entry = reinterpret_cast<Entry>(dlsym(library, ("launch." + launch.function).c_str()));
    auto run = reinterpret_cast<void (*)(Entry, const int64_t *, int, int)>(dlsym(library, "emu_launch"));
    if (!entry || !run)
      return misuse("no emulated kernel " + launch.function);
    run(entry, launch.arguments.data(), int(launch.grid), int(launch.threads));
    return;
  }
  if (fake.kernel)
    fake.kernel(launch);
}

/// The last one who has the context has gone: so does what is in it. Only who
/// could not make it current may leave something behind.
void endContext() {
  bool excused = fake.refusals.count("cuCtxPushCurrent");
  if (!excused &&
      (!memory.empty() || fake.modules || !streams.empty() || fake.pinnedBytes || fake.events || fake.graphs))
    misuse("something is left in a context that ends");
  protect(PROT_NONE);
  for (auto [begin, bytes] : memory)
    munmap(reinterpret_cast<void *>(begin), pages(bytes));
  memory.clear();
  fake.deviceBytes = 0;
  fake.modules = 0;
}

} // namespace

#define ENTER(name, ...)                                                                                               \
  std::lock_guard lock(mutex);                                                                                         \
  if (Result refused = enter(name, ##__VA_ARGS__))                                                                     \
    return refused;

extern "C" {

FakeDriver *transom_fake_driver() { return &fake; }
int transom_fake_driver_count(const char *call) {
  std::lock_guard lock(mutex);
  return int(std::count(fake.calls.begin(), fake.calls.end(), call));
}
void transom_fake_driver_reset() {
  std::lock_guard lock(mutex);
  FakeDriver fresh;
  fresh.deviceBytes = fake.deviceBytes;
  fresh.pinnedBytes = fake.pinnedBytes;
  fresh.streams = fake.streams;
  fresh.events = fake.events;
  fresh.modules = fake.modules;
  fresh.graphs = fake.graphs;
  fresh.primaryContexts = fake.primaryContexts;
  fake = fresh;
}

Result cuGetErrorName(Result result, const char **name) {
  *name = result == Success          ? "CUDA_SUCCESS"
          : result == OutOfMemory    ? "CUDA_ERROR_OUT_OF_MEMORY"
          : result == IllegalAddress ? "CUDA_ERROR_ILLEGAL_ADDRESS"
                                     : "CUDA_ERROR_OF_A_TEST";
  return Success;
}
Result cuGetErrorString(Result result, const char **text) {
  *text = result == OutOfMemory ? "out of memory" : result == IllegalAddress ? "an illegal address" : "a refusal";
  return Success;
}
Result cuInit(uint32_t flags) {
  ENTER("cuInit", false);
  initialised = true;
  return flags ? InvalidValue : Success;
}
Result cuDriverGetVersion(int *version) {
  ENTER("cuDriverGetVersion", false);
  *version = fake.version;
  return Success;
}
Result cuDeviceGetCount(int *count) {
  ENTER("cuDeviceGetCount", false);
  *count = fake.count;
  return Success;
}
Result cuDeviceGet(int *device, int ordinal) {
  ENTER("cuDeviceGet", false);
  *device = ordinal;
  return ordinal < fake.count ? Success : InvalidDevice;
}
Result cuDeviceGetName(char *name, int bytes, int) {
  ENTER("cuDeviceGetName", false);
  snprintf(name, size_t(bytes), "Fake GPU");
  return Success;
}
Result cuDeviceGetAttribute(int *value, int attribute, int) {
  ENTER("cuDeviceGetAttribute", false);
  switch (attribute) {
  case 16: *value = fake.multiprocessors; return Success;
  case 75: *value = fake.capability / 10; return Success;
  case 76: *value = fake.capability % 10; return Success;
  default: return InvalidValue;
  }
}
Result cuDevicePrimaryCtxRetain(void **context, int) {
  ENTER("cuDevicePrimaryCtxRetain", false);
  *context = &placeOfContext;
  ++fake.primaryContexts;
  return Success;
}
Result cuDevicePrimaryCtxRelease_v2(int) {
  ENTER("cuDevicePrimaryCtxRelease", false);
  if (--fake.primaryContexts == 0)
    endContext();
  return Success;
}
Result cuCtxPushCurrent_v2(void *context) {
  ENTER("cuCtxPushCurrent", false);
  current.push_back(context);
  return Success;
}
Result cuCtxPopCurrent_v2(void **context) {
  ENTER("cuCtxPopCurrent");
  *context = current.back();
  current.pop_back();
  return Success;
}

//===-- Code --------------------------------------------------------------===//

Result cuModuleLoadDataEx(void **module, const void *image, unsigned count, int *options, void **values) {
  ENTER("cuModuleLoadDataEx");
  auto *text = static_cast<const char *>(image);
  bool isPTX = std::strncmp(text, "//", 2) == 0;
  if (!isPTX && fake.refusesCubins)
    return NoBinary;
  if (const char *error = isPTX ? std::strstr(text, "// error: ") : nullptr) {
    for (unsigned i = 0; i < count; ++i)
      if (options[i] == 5)
        std::strcpy(static_cast<char *>(values[i]), error + 10);
    return 218;
  }
  *module = &placeOfContext; // nothing is kept of it
  ++fake.modules;
  return Success;
}
Result cuModuleUnload(void *) {
  ENTER("cuModuleUnload");
  --fake.modules;
  return Success;
}
Result cuModuleGetFunction(void **function, void *, const char *name) {
  ENTER("cuModuleGetFunction");
  if (std::strstr(name, "missing"))
    return NotFound;
  auto made = std::make_unique<Function>(Function{name});
  *function = made.get();
  functions.insert(std::move(made));
  return Success;
}
Result cuFuncSetAttribute(void *, int attribute, int) {
  ENTER("cuFuncSetAttribute");
  return attribute == 8 ? Success : InvalidValue;
}
Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, void *, int threads, size_t) {
  ENTER("cuOccupancyMaxActiveBlocksPerMultiprocessor");
  *blocks = threads > 1024 ? 0 : fake.blocksAtATime;
  return Success;
}

//===-- Memory ------------------------------------------------------------===//

Result cuMemAlloc_v2(uint64_t *pointer, size_t bytes) {
  ENTER("cuMemAlloc");
  if (!bytes)
    return InvalidValue;
  if (fake.deviceBytes + bytes > fake.memory)
    return OutOfMemory;
  void *mapped = mmap(nullptr, pages(bytes), PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED)
    return OutOfMemory;
  *pointer = reinterpret_cast<uint64_t>(mapped);
  memory[*pointer] = bytes;
  fake.deviceBytes += bytes;
  return Success;
}
Result cuMemFree_v2(uint64_t pointer) {
  ENTER("cuMemFree");
  finishAll();
  auto found = memory.find(pointer);
  if (found == memory.end()) {
    misuse("cuMemFree of what is no memory");
    return InvalidValue;
  }
  fake.deviceBytes -= found->second;
  munmap(reinterpret_cast<void *>(pointer), pages(found->second));
  memory.erase(found);
  return Success;
}
Result cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
  ENTER("cuMemHostAlloc");
  *pointer = aligned_alloc(4096, pages(bytes));
  pinned[*pointer] = bytes;
  fake.pinnedBytes += bytes;
  return Success;
}
Result cuMemFreeHost(void *pointer) {
  ENTER("cuMemFreeHost");
  finishAll();
  auto found = pinned.find(pointer);
  if (found == pinned.end()) {
    misuse("cuMemFreeHost of what is no memory");
    return InvalidValue;
  }
  fake.pinnedBytes -= found->second;
  free(pointer);
  pinned.erase(found);
  return Success;
}
Result cuMemcpyHtoDAsync_v2(uint64_t to, const void *from, size_t bytes, void *stream) {
  ENTER("cuMemcpyHtoDAsync");
  if (!isOnDevice(to, bytes)) {
    misuse("cuMemcpyHtoDAsync to what is not the device's");
    return InvalidValue;
  }
  add(static_cast<Stream *>(stream), [=] {
    Access access;
    std::memcpy(reinterpret_cast<void *>(to), from, bytes);
  });
  return Success;
}
Result cuMemcpyDtoHAsync_v2(void *to, uint64_t from, size_t bytes, void *stream) {
  ENTER("cuMemcpyDtoHAsync");
  if (!isOnDevice(from, bytes)) {
    misuse("cuMemcpyDtoHAsync from what is not the device's");
    return InvalidValue;
  }
  add(static_cast<Stream *>(stream), [=] {
    Access access;
    std::memcpy(to, reinterpret_cast<void *>(from), bytes);
  });
  return Success;
}
Result cuMemcpyDtoDAsync_v2(uint64_t to, uint64_t from, size_t bytes, void *stream) {
  ENTER("cuMemcpyDtoDAsync");
  if (!isOnDevice(to, bytes) || !isOnDevice(from, bytes)) {
    misuse("cuMemcpyDtoDAsync between what is not the device's");
    return InvalidValue;
  }
  add(static_cast<Stream *>(stream), [=] {
    Access access;
    std::memcpy(reinterpret_cast<void *>(to), reinterpret_cast<void *>(from), bytes);
  });
  return Success;
}
Result cuMemsetD8Async(uint64_t to, unsigned char value, size_t count, void *stream) {
  ENTER("cuMemsetD8Async");
  if (!isOnDevice(to, count)) {
    misuse("cuMemsetD8Async of what is not the device's");
    return InvalidValue;
  }
  add(static_cast<Stream *>(stream), [=] {
    Access access;
    std::memset(reinterpret_cast<void *>(to), value, count);
  });
  return Success;
}
Result cuMemsetD32Async(uint64_t to, unsigned value, size_t count, void *stream) {
  ENTER("cuMemsetD32Async");
  if (!isOnDevice(to, 4 * count)) {
    misuse("cuMemsetD32Async of what is not the device's");
    return InvalidValue;
  }
  add(static_cast<Stream *>(stream), [=] {
    Access access;
    for (size_t i = 0; i < count; ++i)
      reinterpret_cast<unsigned *>(to)[i] = value;
  });
  return Success;
}

/// As the real one, refuses what its documentation excludes; what the map says is kept in its words as it was given,
/// for the emulator of test/Device.
Result cuTensorMapEncodeTiled(void *map, int type, uint32_t rank, void *address, const uint64_t *dims,
                              const uint64_t *strides, const uint32_t *box, const uint32_t *steps, int interleave,
                              int swizzle, int, int fill) {
  ENTER("cuTensorMapEncodeTiled");
  auto place = reinterpret_cast<uint64_t>(address);
  bool isRight = reinterpret_cast<uint64_t>(map) % 64 == 0 && (type == 6 || type == 9) && rank == 3 &&
                 place % 16 == 0 && interleave == 0 && swizzle == 3 && fill == 0 && box[0] * 2 == 128;
  for (uint32_t i = 0; i < rank; ++i) {
    isRight &= dims[i] > 0 && dims[i] <= uint64_t(1) << 32 && box[i] > 0 && box[i] <= 256 && steps[i] == 1;
    isRight &= i + 1 == rank || strides[i] % 16 == 0;
  }
  if (!isRight)
    return InvalidValue;
  if (!isOnDevice(place, strides[1] * dims[2])) {
    misuse("cuTensorMapEncodeTiled of what is not the device's");
    return InvalidValue;
  }
  const uint64_t words[16] = {place, dims[0], dims[1], dims[2], strides[0], strides[1], box[0], box[1]};
  std::memcpy(map, words, sizeof words);
  return Success;
}

//===-- Streams -----------------------------------------------------------===//

Result cuStreamCreate(void **stream, unsigned) {
  ENTER("cuStreamCreate");
  auto *made = new Stream();
  streams.insert(made);
  *stream = made;
  ++fake.streams;
  return Success;
}
Result cuStreamDestroy_v2(void *stream) {
  ENTER("cuStreamDestroy");
  auto *gone = static_cast<Stream *>(stream);
  if (!streams.erase(gone)) {
    misuse("cuStreamDestroy of what is no stream");
    return InvalidHandle;
  }
  finish(*gone);
  delete gone;
  --fake.streams;
  return Success;
}
Result cuStreamSynchronize(void *stream) {
  std::lock_guard lock(mutex);
  Stream &waited = stream ? *static_cast<Stream *>(stream) : nullStream;
  if (Result refused = enter("cuStreamSynchronize")) {
    waited.work.clear(); // a stream that fails does nothing more
    return refused;
  }
  if (waited.captured) {
    misuse("cuStreamSynchronize while the stream is captured");
    return 900;
  }
  finish(waited);
  return Success;
}
Result cuEventCreate(void **event, unsigned flags) {
  ENTER("cuEventCreate");
  constexpr unsigned withoutTimes = 2;
  auto *made = new Event();
  made->isTimed = !(flags & withoutTimes);
  *event = made;
  ++fake.events;
  return Success;
}
Result cuEventDestroy_v2(void *event) {
  ENTER("cuEventDestroy");
  delete static_cast<Event *>(event);
  --fake.events;
  return Success;
}
Result cuEventRecord(void *event, void *stream) {
  ENTER("cuEventRecord");
  auto *recorded = static_cast<Event *>(event);
  recorded->stream = stream ? static_cast<Stream *>(stream) : &nullStream;
  if (recorded->isTimed) {
    recorded->isReached = false;
    recorded->stream->work.emplace_back([recorded] {
      recorded->isReached = true;
      recorded->time = std::chrono::steady_clock::now();
    });
  }
  recorded->mark = recorded->stream->work.size();
  return Success;
}
Result cuEventSynchronize(void *event) {
  ENTER("cuEventSynchronize");
  auto *waited = static_cast<Event *>(event);
  // Work that other waits have done since is no longer counted: at worst too much is done.
  if (waited->stream)
    finish(*waited->stream, waited->mark);
  return Success;
}
Result cuEventElapsedTime(float *milliseconds, void *from, void *to) {
  ENTER("cuEventElapsedTime");
  auto *begin = static_cast<Event *>(from), *end = static_cast<Event *>(to);
  if (!begin->isReached || !end->isReached) {
    misuse("cuEventElapsedTime of events that were not waited for");
    return 600;
  }
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - begin->time).count();
  return Success;
}

} // extern "C"

namespace {

/// What a launch with arguments in one piece of memory is to do; false where it is asked for otherwise.
bool readLaunch(const char *call, void *function, const unsigned (&sizes)[7], void **parameters, void **extra,
                FakeLaunch &launch) {
  if (!sizes[0] || sizes[1] != 1 || sizes[2] != 1 || !sizes[3] || sizes[3] > 1024 || sizes[4] != 1 || sizes[5] != 1 ||
      parameters || !extra || extra[0] != reinterpret_cast<void *>(1) || extra[2] != reinterpret_cast<void *>(2) ||
      extra[4]) {
    misuse(std::string(call) + " with other arguments than expected");
    return false;
  }
  auto *words = static_cast<const int64_t *>(extra[1]);
  size_t bytes = *static_cast<size_t *>(extra[3]);
  launch = {static_cast<Function *>(function)->name,
            sizes[0],
            sizes[3],
            sizes[6],
            nullptr,
            false,
            {words, words + bytes / 8}};
  return true;
}

struct KernelNodeParams {
  void *function;
  unsigned sizes[7];
  void **parameters, **extra;
  void *kernel, *context;
};

} // namespace

extern "C" {

Result cuLaunchKernel(void *function, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY,
                      unsigned blockZ, unsigned shared, void *stream, void **parameters, void **extra) {
  ENTER("cuLaunchKernel");
  FakeLaunch launch;
  if (!readLaunch("cuLaunchKernel", function, {gridX, gridY, gridZ, blockX, blockY, blockZ, shared}, parameters, extra,
                  launch))
    return InvalidValue;
  auto *to = static_cast<Stream *>(stream);
  launch.stream = stream;
  launch.isCaptured = to && to->captured;
  fake.launches.push_back(launch);
  add(to, [launch] { runKernel(launch); }, /*isKernel=*/true);
  return Success;
}

//===-- Graphs ------------------------------------------------------------===//

Result cuStreamBeginCapture_v2(void *stream, int) {
  ENTER("cuStreamBeginCapture");
  auto *captured = static_cast<Stream *>(stream);
  if (!captured || captured->captured)
    return 900;
  captured->captured = std::make_unique<Graph>();
  captured->last = nullptr;
  return Success;
}
#ifndef FAKE_DRIVER_IS_OLD
Result cuStreamGetCaptureInfo_v2(void *stream, int *status, uint64_t *, void **, const void *const **last,
                                 size_t *count) {
  ENTER("cuStreamGetCaptureInfo");
  auto *captured = static_cast<Stream *>(stream);
  *status = captured->captured ? 1 : 0;
  *last = &captured->last;
  *count = captured->captured && captured->last ? 1 : 0;
  return Success;
}
#endif
Result cuStreamEndCapture(void *stream, void **graph) {
  std::lock_guard lock(mutex);
  std::unique_ptr<Graph> captured = std::move(static_cast<Stream *>(stream)->captured);
  *graph = nullptr;
  if (Result refused = enter("cuStreamEndCapture"))
    return refused;
  for (const auto &node : captured->nodes)
    nodes[node.get()] = node.get();
  *graph = captured.release();
  ++fake.graphs;
  return Success;
}
Result cuGraphInstantiateWithFlags(void **exec, void *graph, unsigned long long) {
  ENTER("cuGraphInstantiate");
  auto made = std::make_unique<Executable>();
  for (const auto &node : static_cast<Graph *>(graph)->nodes)
    made->work.emplace_back(node.get(), node->work);
  *exec = made.release();
  ++fake.graphs;
  return Success;
}
/// As the real one: the node is the graph's, which has to be there still, and the next launch is the first with it.
Result cuGraphExecKernelNodeSetParams(void *exec, void *node, const KernelNodeParams *params) {
  ENTER("cuGraphExecKernelNodeSetParams");
  auto known = nodes.find(node);
  FakeLaunch launch;
  if (known == nodes.end() || !known->second->isKernel) {
    misuse("cuGraphExecKernelNodeSetParams of what is no kernel's node");
    return InvalidValue;
  }
  if (!readLaunch("cuGraphExecKernelNodeSetParams", params->function, params->sizes, params->parameters, params->extra,
                  launch))
    return InvalidValue;
  for (auto &[of, work] : static_cast<Executable *>(exec)->work)
    if (of == node) {
      fake.updates.push_back(launch);
      work = [launch] { runKernel(launch); };
      return Success;
    }
  misuse("cuGraphExecKernelNodeSetParams of another graph's node");
  return InvalidValue;
}
Result cuGraphLaunch(void *exec, void *stream) {
  ENTER("cuGraphLaunch");
  for (const auto &[node, work] : static_cast<Executable *>(exec)->work)
    add(static_cast<Stream *>(stream), work);
  return Success;
}
Result cuGraphExecDestroy(void *exec) {
  ENTER("cuGraphExecDestroy");
  delete static_cast<Executable *>(exec);
  --fake.graphs;
  return Success;
}
Result cuGraphDestroy(void *graph) {
  ENTER("cuGraphDestroy");
  auto *gone = static_cast<Graph *>(graph);
  for (const auto &node : gone->nodes)
    nodes.erase(node.get());
  delete gone;
  --fake.graphs;
  return Success;
}
}
