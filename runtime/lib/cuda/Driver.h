//===- Driver.h - the CUDA driver's functions -----------------------------===//
//
// libcuda.so.1 belongs to the machine's driver. It is opened when a context asks
// for a GPU, so nothing is linked against it. Types and numbers are those of the
// driver's ABI (cuda.h).
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_CUDA_DRIVER_H
#define TRANSOM_RUNTIME_CUDA_DRIVER_H

#include "Message.h"

namespace transom::runtime {

using CUresult = int32_t;
using CUdevice = int32_t;
using CUdeviceptr = uint64_t;
using CUcontext = struct CUctx_st *;
using CUmodule = struct CUmod_st *;
using CUfunction = struct CUfunc_st *;
using CUstream = struct CUstream_st *;
using CUevent = struct CUevent_st *;
using CUgraph = struct CUgraph_st *;
using CUgraphExec = struct CUgraphExec_st *;
using CUgraphNode = struct CUgraphNode_st *;

/// CUDA_KERNEL_NODE_PARAMS; the last two came with its second version.
struct KernelNode {
  CUfunction function;
  uint32_t gridX, gridY, gridZ, blockX, blockY, blockZ, shared;
  void **parameters, **extra;
  void *kernel, *context;
};

enum : int32_t {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NOT_SUPPORTED = 801,
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
  CU_JIT_ERROR_LOG_BUFFER = 5,
  CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES = 6,
  CU_TENSOR_MAP_DATA_TYPE_FLOAT16 = 6,
  CU_TENSOR_MAP_DATA_TYPE_BFLOAT16 = 9,
  CU_TENSOR_MAP_SWIZZLE_128B = 3,
  CU_TENSOR_MAP_L2_PROMOTION_L2_256B = 3,
  CU_STREAM_NON_BLOCKING = 1,
  CU_EVENT_DISABLE_TIMING = 2,
  CU_STREAM_CAPTURE_MODE_THREAD_LOCAL = 1,
};

// X(name, symbol in the library, parameters)
#define TRANSOM_CUDA_FUNCTIONS(X)                                                                                      \
  X(getErrorName, cuGetErrorName, (CUresult, const char **))                                                           \
  X(getErrorString, cuGetErrorString, (CUresult, const char **))                                                       \
  X(init, cuInit, (uint32_t flags))                                                                                    \
  X(driverGetVersion, cuDriverGetVersion, (int *))                                                                     \
  X(deviceGetCount, cuDeviceGetCount, (int *))                                                                         \
  X(deviceGet, cuDeviceGet, (CUdevice *, int ordinal))                                                                 \
  X(deviceGetName, cuDeviceGetName, (char *, int bytes, CUdevice))                                                     \
  X(deviceGetAttribute, cuDeviceGetAttribute, (int *, int attribute, CUdevice))                                        \
  X(devicePrimaryCtxRetain, cuDevicePrimaryCtxRetain, (CUcontext *, CUdevice))                                         \
  X(devicePrimaryCtxRelease, cuDevicePrimaryCtxRelease_v2, (CUdevice))                                                 \
  X(ctxPushCurrent, cuCtxPushCurrent_v2, (CUcontext))                                                                  \
  X(ctxPopCurrent, cuCtxPopCurrent_v2, (CUcontext *))                                                                  \
  X(moduleLoadDataEx, cuModuleLoadDataEx, (CUmodule *, const void *, unsigned count, int *options, void **values))     \
  X(moduleUnload, cuModuleUnload, (CUmodule))                                                                          \
  X(moduleGetFunction, cuModuleGetFunction, (CUfunction *, CUmodule, const char *name))                                \
  X(funcSetAttribute, cuFuncSetAttribute, (CUfunction, int attribute, int value))                                      \
  X(occupancy, cuOccupancyMaxActiveBlocksPerMultiprocessor, (int *, CUfunction, int threads, size_t shared))           \
  X(memAlloc, cuMemAlloc_v2, (CUdeviceptr *, size_t))                                                                  \
  X(memFree, cuMemFree_v2, (CUdeviceptr))                                                                              \
  X(memHostAlloc, cuMemHostAlloc, (void **, size_t, unsigned flags))                                                   \
  X(memFreeHost, cuMemFreeHost, (void *))                                                                              \
  X(memcpyHtoDAsync, cuMemcpyHtoDAsync_v2, (CUdeviceptr, const void *, size_t, CUstream))                              \
  X(memcpyDtoHAsync, cuMemcpyDtoHAsync_v2, (void *, CUdeviceptr, size_t, CUstream))                                    \
  X(memcpyDtoDAsync, cuMemcpyDtoDAsync_v2, (CUdeviceptr, CUdeviceptr, size_t, CUstream))                               \
  X(memsetD8Async, cuMemsetD8Async, (CUdeviceptr, unsigned char, size_t, CUstream))                                    \
  X(memsetD32Async, cuMemsetD32Async, (CUdeviceptr, unsigned, size_t, CUstream))                                       \
  X(streamCreate, cuStreamCreate, (CUstream *, unsigned flags))                                                        \
  X(streamDestroy, cuStreamDestroy_v2, (CUstream))                                                                     \
  X(streamSynchronize, cuStreamSynchronize, (CUstream))                                                                \
  X(eventCreate, cuEventCreate, (CUevent *, unsigned flags))                                                           \
  X(eventDestroy, cuEventDestroy_v2, (CUevent))                                                                        \
  X(eventRecord, cuEventRecord, (CUevent, CUstream))                                                                   \
  X(eventSynchronize, cuEventSynchronize, (CUevent))                                                                   \
  X(eventElapsedTime, cuEventElapsedTime, (float *milliseconds, CUevent from, CUevent to))                             \
  X(launchKernel, cuLaunchKernel,                                                                                      \
    (CUfunction, unsigned gridX, unsigned gridY, unsigned gridZ, unsigned blockX, unsigned blockY, unsigned blockZ,    \
     unsigned shared, CUstream, void **parameters, void **extra))

// Graphs whose kernels get other arguments: all of it since CUDA 11.4. Runs do without where one is missing.
#define TRANSOM_CUDA_GRAPH_FUNCTIONS(X)                                                                                \
  X(streamBeginCapture, cuStreamBeginCapture_v2, (CUstream, int mode))                                                 \
  X(streamGetCaptureInfo, cuStreamGetCaptureInfo_v2,                                                                   \
    (CUstream, int *status, uint64_t *id, CUgraph *, const CUgraphNode **last, size_t *count))                         \
  X(streamEndCapture, cuStreamEndCapture, (CUstream, CUgraph *))                                                       \
  X(graphInstantiate, cuGraphInstantiateWithFlags, (CUgraphExec *, CUgraph, unsigned long long flags))                 \
  X(graphExecKernelNodeSetParams, cuGraphExecKernelNodeSetParams, (CUgraphExec, CUgraphNode, const KernelNode *))      \
  X(graphLaunch, cuGraphLaunch, (CUgraphExec, CUstream))                                                               \
  X(graphExecDestroy, cuGraphExecDestroy, (CUgraphExec))                                                               \
  X(graphDestroy, cuGraphDestroy, (CUgraph))

// What drivers have since CUDA 12 alone: null before.
#define TRANSOM_CUDA_LATER_FUNCTIONS(X)                                                                                \
  X(tensorMapEncodeTiled, cuTensorMapEncodeTiled,                                                                      \
    (void *map, int type, uint32_t rank, void *address, const uint64_t *dims, const uint64_t *strides,                 \
     const uint32_t *box, const uint32_t *steps, int interleave, int swizzle, int promotion, int fill))

struct Driver {
#define TRANSOM_CUDA_FIELD(name, symbol, parameters) CUresult(*name) parameters;
  TRANSOM_CUDA_FUNCTIONS(TRANSOM_CUDA_FIELD)
  TRANSOM_CUDA_GRAPH_FUNCTIONS(TRANSOM_CUDA_FIELD)
  TRANSOM_CUDA_LATER_FUNCTIONS(TRANSOM_CUDA_FIELD)
#undef TRANSOM_CUDA_FIELD
  void *library;
  int version;                  // 12020 is CUDA 12.2
  const char *missingForGraphs; // the first of the graphs' functions that there is not; null: all are there

  /// Opens the library and initialises the driver.
  TransomStatus open(const Message &message);
  void close();

  /// Fails with the driver's own words: "WHAT: out of memory (CUDA_ERROR_OUT_OF_MEMORY)".
  TransomStatus fail(const Message &message, CUresult result, const char *what) const;
};

/// The status that a refusal of the driver is.
inline TransomStatus statusOf(CUresult result) {
  return result == CUDA_ERROR_OUT_OF_MEMORY ? TRANSOM_ERROR_MEMORY : TRANSOM_ERROR_DEVICE;
}

/// Makes a device's context current on this thread for as long as it lives.
class Current {
public:
  Current(const Driver &driver, CUcontext context) : driver(driver), result(driver.ctxPushCurrent(context)) {}
  Current(const Current &) = delete;
  ~Current() {
    CUcontext popped;
    if (result == CUDA_SUCCESS)
      driver.ctxPopCurrent(&popped);
  }

private:
  const Driver &driver;

public:
  const CUresult result;
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_CUDA_DRIVER_H
