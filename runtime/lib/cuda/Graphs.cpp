//===- Graphs.cpp - what a run launches, one by one or as a graph ---------===//
//
// The host program's launches are written down, then put into the stream: one
// after the other the first time, captured as a CUDA graph when a run launches the
// same functions in the same order again, and from then on as that graph. From
// step to step of a decoder sizes and memory change, and with them blocks and
// arguments: the nodes of kernels whose are others get theirs before the graph is
// launched. A run with the sizes and memory of the graph's last one is launched
// without the host program.
//
// Functions with nothing to do are not launched, so runs that take other forms of
// kernels (a prompt, a token) are other lists, each with a graph of its own.
//
// A host program that reads what kernels made cannot be written down, since what it
// launches depends on it: what has been is launched then, and the rest as it comes.
//
//===----------------------------------------------------------------------===//
#include "Device.h"

#include <string.h>
#include <utility>

namespace transom::runtime {
namespace {

/// Whether nothing more is to be put into the stream.
bool isOver(TransomRun &run) {
  if (run.state.load(std::memory_order_relaxed) == TransomRun::Cancelled)
    run.stopped = true;
  return run.stopped || run.failed.load(std::memory_order_relaxed);
}

/// Calls the host program, which launches or, while it is recorded, writes launches down.
void runHostProgram(TransomContext &context) {
  DeviceContext &device = *context.run.device;
  device.nextPiece = &device.pieces;
  TransomFrame frame = {context.inputPointers,
                        context.run.outputPointers,
                        context.symbols,
                        context.arena.data,
                        reinterpret_cast<const uint8_t *>(device.model->weights),
                        &context.run,
                        context.state ? context.state->pointers : nullptr,
                        context.state ? context.state->nextPointers : nullptr};
  device.program->run(&frame, 0, 1);
}

CUresult clearRecord(const DeviceContext &device) {
  return device.model->driver.memsetD8Async(device.scratch, 0, sizeof(DeviceRecord), device.stream);
}

/// Puts what is before all launches into the stream.
bool begin(TransomRun *run) {
  DeviceContext &device = *run->device;
  CUresult result = clearRecord(device);
  if (result != CUDA_SUCCESS)
    device.fail(run, result, "clearing the record of failures", -1);
  return result == CUDA_SUCCESS;
}

/// Puts what is written down into the stream, one after the other.
void putAll(TransomRun *run) {
  DeviceContext &device = *run->device;
  if (!begin(run))
    return;
  for (size_t i = 0; i < device.list.launches.size && !isOver(*run); ++i) {
    const Launch &launch = device.list.launches.data[i];
    CUresult result = putLaunch(device, launch, device.list.arguments(launch));
    if (result != CUDA_SUCCESS)
      return device.fail(run, result, device.program->functions[launch.function].name, launch.site);
  }
}

//===-- Which graph -------------------------------------------------------===//

void writeKey(TransomContext &context) {
  const TransomProgram &program = *context.run.program;
  uint64_t *key = context.run.device->key;
  *key++ = onDevice(context.arena.data);
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    *key++ = uint64_t(context.symbols[i]);
  for (uint32_t i = 0; i < program.num_inputs; ++i)
    *key++ = onDevice(context.inputPointers[i]);
  for (uint32_t i = 0; i < program.num_outputs; ++i)
    *key++ = onDevice(context.run.outputPointers[i]);
  for (uint32_t i = 0; i < program.num_states; ++i) {
    *key++ = onDevice(context.state->pointers[i]);
    *key++ = onDevice(context.state->nextPointers[i]);
  }
}

size_t keyBytes(const DeviceContext &device) { return device.keyLength * sizeof(uint64_t); }

/// Whether both launch the same functions in the same order.
bool areAlike(const LaunchList &a, const LaunchList &b) {
  if (a.launches.size != b.launches.size)
    return false;
  for (size_t i = 0; i < a.launches.size; ++i)
    if (a.launches.data[i].function != b.launches.data[i].function)
      return false;
  return true;
}

//===-- Graphs ------------------------------------------------------------===//

/// Gives back what the driver has of a graph.
void clearGraph(const DeviceContext &device, Graph &graph) {
  if (graph.exec)
    device.model->driver.graphExecDestroy(graph.exec);
  if (graph.graph)
    device.model->driver.graphDestroy(graph.graph);
  graph.exec = nullptr;
  graph.graph = nullptr;
  graph.lastUse = 0;
}

/// From here on the context launches kernels one by one, and the log says why.
void giveUpGraphs(TransomContext &context, CUresult result, const char *call) {
  DeviceContext &device = *context.run.device;
  char what[160], why[TRANSOM_ERROR_BYTES];
  device.withoutGraphs = true;
  if (!context.model->log)
    return;
  snprintf(what, sizeof what, "model \"%.80s\" on %s: kernels are launched one by one, not as graphs: %s",
           context.run.program->name, context.deviceName, call);
  device.model->driver.fail({why, sizeof why}, result, what);
  context.model->say(TRANSOM_LOG_WARNING, why);
}

/// Puts the launches into a stream that is captured, and keeps the node that each became.
CUresult captureLaunches(const DeviceContext &device, Graph &graph, const char *&call) {
  const Driver &driver = device.model->driver;
  call = "clearing the record of failures";
  CUresult result = clearRecord(device);
  graph.nodes.size = 0;
  for (size_t i = 0; i < device.list.launches.size && result == CUDA_SUCCESS; ++i) {
    const Launch &launch = device.list.launches.data[i];
    call = device.program->functions[launch.function].name;
    result = putLaunch(device, launch, device.list.arguments(launch));
    if (result != CUDA_SUCCESS)
      break;
    // What the next launch waits for is this one.
    call = "cuStreamGetCaptureInfo";
    const CUgraphNode *last = nullptr;
    size_t count = 0;
    int status = 0;
    result = driver.streamGetCaptureInfo(device.stream, &status, nullptr, nullptr, &last, &count);
    if (result == CUDA_SUCCESS && count != 1)
      result = CUDA_ERROR_NOT_SUPPORTED;
    if (result == CUDA_SUCCESS)
      graph.nodes.data[graph.nodes.size++] = *last;
  }
  return result;
}

/// What is written down as a graph; null where it cannot be one, which is no failure.
Graph *capture(TransomContext &context) {
  DeviceContext &device = *context.run.device;
  const Driver &driver = device.model->driver;
  const Allocator &allocator = context.run.allocator;
  Graph *graph = &device.graphs[0];
  for (Graph &candidate : device.graphs)
    if (candidate.lastUse < graph->lastUse)
      graph = &candidate;
  clearGraph(device, *graph);
  if (!graph->key)
    graph->key = static_cast<uint64_t *>(allocator.get(keyBytes(device)));
  if (!graph->key || !graph->nodes.reserve(allocator, device.list.launches.size))
    return nullptr;
  const char *call = "cuStreamBeginCapture", *end = "cuStreamEndCapture";
  CUresult result = driver.streamBeginCapture(device.stream, CU_STREAM_CAPTURE_MODE_THREAD_LOCAL);
  if (result == CUDA_SUCCESS) {
    result = captureLaunches(device, *graph, call);
    CUresult ended = driver.streamEndCapture(device.stream, &graph->graph);
    if (result == CUDA_SUCCESS && (result = ended) != CUDA_SUCCESS)
      call = end;
  }
  if (result == CUDA_SUCCESS) {
    call = "cuGraphInstantiate";
    result = driver.graphInstantiate(&graph->exec, graph->graph, 0);
    if (result != CUDA_SUCCESS)
      graph->exec = nullptr;
  }
  if (result != CUDA_SUCCESS) {
    clearGraph(device, *graph);
    giveUpGraphs(context, result, call);
    return nullptr;
  }
  return graph;
}

/// Gives the nodes of a graph the blocks and arguments that this run has and the graph has not; false where the driver
/// refuses.
bool adjust(TransomContext &context, Graph &graph) {
  DeviceContext &device = *context.run.device;
  for (size_t i = 0; i < device.list.launches.size; ++i) {
    const Launch &launch = device.list.launches.data[i], &before = graph.list.launches.data[i];
    int64_t *arguments = device.list.arguments(launch);
    size_t bytes = launch.count * sizeof(int64_t);
    if (launch.blocks == before.blocks && memcmp(arguments, graph.list.arguments(before), bytes) == 0)
      continue;
    const TransomDeviceFunction &described = device.program->functions[launch.function];
    void *extra[] = {reinterpret_cast<void *>(1), arguments, reinterpret_cast<void *>(2), &bytes, nullptr};
    KernelNode node = {device.model->functions[launch.function].handle,
                       launch.blocks,
                       1,
                       1,
                       described.threads,
                       1,
                       1,
                       described.shared,
                       nullptr,
                       extra,
                       nullptr,
                       nullptr};
    CUresult result = device.model->driver.graphExecKernelNodeSetParams(graph.exec, graph.nodes.data[i], &node);
    if (result == CUDA_SUCCESS)
      continue;
    clearGraph(device, graph);
    giveUpGraphs(context, result, "cuGraphExecKernelNodeSetParams");
    return false;
  }
  return true;
}

void launchGraph(TransomContext &context, Graph &graph) {
  DeviceContext &device = *context.run.device;
  graph.lastUse = device.runs;
  CUresult result = device.model->driver.graphLaunch(graph.exec, device.stream);
  if (result != CUDA_SUCCESS)
    device.fail(&context.run, result, "cuGraphLaunch", -1);
}

/// The graph for what is written down, with its blocks and arguments; null: it is to be launched one by one.
Graph *graphOfList(TransomContext &context) {
  DeviceContext &device = *context.run.device;
  Graph *graph = nullptr;
  for (Graph &candidate : device.graphs)
    if (candidate.exec && areAlike(candidate.list, device.list))
      graph = &candidate;
  if (graph && !adjust(context, *graph))
    return nullptr;
  if (!graph && areAlike(device.last, device.list))
    graph = capture(context);
  if (graph) {
    memcpy(graph->key, device.key, keyBytes(device));
    std::swap(graph->list, device.list);
  }
  return graph;
}

} // namespace

CUresult putLaunch(const DeviceContext &device, const Launch &launch, int64_t *arguments) {
  const TransomDeviceFunction &described = device.program->functions[launch.function];
  size_t bytes = launch.count * sizeof(int64_t);
  void *extra[] = {reinterpret_cast<void *>(1), arguments, reinterpret_cast<void *>(2), &bytes, nullptr};
  return device.model->driver.launchKernel(device.model->functions[launch.function].handle, launch.blocks, 1, 1,
                                           described.threads, 1, 1, described.shared, device.stream, nullptr, extra);
}

void stopRecording(TransomRun *run) {
  DeviceContext &device = *run->device;
  device.isReading = true;
  if (!device.isRecording)
    return;
  device.isRecording = false;
  putAll(run);
}

void launchRun(TransomContext &context) {
  DeviceContext &device = *context.run.device;
  // Kernels are timed one by one; the caller's stream may be captured by the caller.
  if (context.run.isTimed() || device.isReading || device.withoutGraphs || !device.ownsStream) {
    if (begin(&context.run))
      runHostProgram(context);
    return;
  }
  ++device.runs;
  writeKey(context);
  for (Graph &graph : device.graphs)
    if (graph.exec && memcmp(graph.key, device.key, keyBytes(device)) == 0)
      return launchGraph(context, graph);
  device.list.launches.size = device.list.words.size = 0;
  device.isRecording = true;
  runHostProgram(context);
  if (!device.isRecording) // it has read: all is in the stream
    return;
  device.isRecording = false;
  if (isOver(context.run)) {
    begin(&context.run); // what an earlier run has recorded is not this one's
    return;
  }
  if (Graph *graph = graphOfList(context))
    return launchGraph(context, *graph);
  putAll(&context.run);
  std::swap(device.list, device.last);
}

void dropGraphs(DeviceContext &device, const Allocator &allocator) {
  for (Graph &graph : device.graphs) {
    clearGraph(device, graph);
    graph.nodes.release(allocator);
    graph.list.release(allocator);
    if (graph.key)
      allocator.put(graph.key, keyBytes(device));
    graph = {};
  }
  device.list.release(allocator);
  device.last.release(allocator);
}

} // namespace transom::runtime
