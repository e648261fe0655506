//===- DeviceRuntime.h - what the runtime asks of its part for GPUs -------===//
//
// The part for GPUs is an archive of its own, which only libraries with code
// for them are linked with: a context calls it through its program's table.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_DEVICERUNTIME_H
#define TRANSOM_RUNTIME_DEVICERUNTIME_H

#include "Memory.h"
#include "Message.h"
#include "transom/program.h"

namespace transom::runtime {

/// What a device's runs need; the part for GPUs knows what is in it.
struct DeviceContext;
struct DeviceModel;
struct DeviceState;

/// Pieces of memory, each `pitch` bytes behind the one before.
struct Pieces {
  uint8_t *data;
  size_t pitch;
  bool onDevice;
};

/// Where runs are to take place.
struct DeviceRequest {
  enum Kind : uint32_t { CPU, GPU, Automatic } kind;
  int32_t ordinal; // of a GPU
};

/// Reads "cpu", "cuda", "cuda:N", "auto" or null.
TransomStatus readDevice(const TransomProgram &program, const char *text, DeviceRequest &request,
                         const Message &message);

} // namespace transom::runtime

struct TransomDeviceRuntime {
  /// Makes runs of the context take place on GPU `ordinal`, or, -1, on the first that the program has code for.
  TransomStatus (*attach)(TransomContext &context, int32_t ordinal, void *stream,
                          const transom::runtime::Message &message);
  void (*detach)(TransomContext &context);
  TransomStatus (*run)(TransomContext &context, const TransomTensor *inputs, TransomTensor *outputs);
  TransomStatus (*reserve)(TransomContext &context, const int64_t *symbols);
  /// Gives back the memory on the device that the context keeps.
  void (*trim)(TransomContext &context);
  /// What a context's runs are put into.
  void *(*stream)(const TransomContext &context);
  /// Memory of the context's device.
  transom::runtime::Allocator (*memory)(const TransomContext &context);
  /// Takes a model off all devices.
  void (*unload)(TransomModel &model);

  /// Makes a state take its memory on GPU `ordinal`, or, -1, on the first that the program has code for.
  TransomStatus (*attachState)(TransomState &state, int32_t ordinal, const transom::runtime::Message &message);
  /// After the state has given its memory back.
  void (*detachState)(TransomState &state);
  /// Copies `count` pieces of `bytes` after what was asked for before; one side at least is the state's.
  TransomStatus (*copyPieces)(const TransomState &state, const transom::runtime::Pieces &to,
                              const transom::runtime::Pieces &from, size_t bytes, int64_t count,
                              const transom::runtime::Message &message);
  TransomStatus (*clearMemory)(const TransomState &state, uint8_t *data, size_t bytes,
                               const transom::runtime::Message &message);
  /// Waits for copies and clearing.
  TransomStatus (*settleState)(const TransomState &state, const transom::runtime::Message &message);
};

#endif // TRANSOM_RUNTIME_DEVICERUNTIME_H
