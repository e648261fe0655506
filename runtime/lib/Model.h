//===- Model.h - an opened model ------------------------------------------===//
//
// Immutable after opening, so threads share it without locks. The handle and
// every context hold a reference; the last one to go frees it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_MODEL_H
#define TRANSOM_RUNTIME_MODEL_H

#include "DeviceRuntime.h"
#include "Memory.h"
#include "Weights.h"

#include <atomic>
#include <pthread.h>

struct TransomModel {
  const TransomApi *api; // first: see TRANSOM_API_OF
  const TransomProgram *program;
  TransomModelInfo info;
  transom::runtime::Allocator allocator;
  TransomModel *opened;                     // whose entry point this is; itself, if it was opened
  transom::runtime::Weights own;            // of what was opened
  const transom::runtime::Weights *weights; // those of `opened`
  TransomLog log;
  void *logUser;
  std::atomic<uint32_t> references;
  pthread_mutex_t devicesLock;
  transom::runtime::DeviceModel *devices; // what is on GPUs; null so far

  void say(TransomLogLevel level, const char *text) const {
    if (log)
      log(logUser, level, text);
  }
};

namespace transom::runtime {

TransomStatus openModel(const TransomLibrary *library, const TransomLoadOptions *options, TransomModel **model,
                        char *error, size_t errorBytes);
TransomStatus modelEntry(TransomModel *model, const char *name, TransomModel **entry, char *error, size_t errorBytes);
void retainModel(TransomModel *model);
void releaseModel(TransomModel *model);
const TransomModelInfo *modelInfo(const TransomModel *model);
TransomStatus workspaceBytes(const TransomModel *model, const int64_t *symbols, int64_t *bytes);
TransomStatus outputDims(const TransomModel *model, const int64_t *symbols, uint32_t output, int64_t *dims);

/// How many numbers `prepare` writes.
inline size_t preparedDims(const TransomProgram &program) {
  size_t count = program.num_lengths ? 1 : 0;
  for (uint32_t i = 0; i < program.num_outputs; ++i)
    count += size_t(program.outputs[i].rank);
  return count;
}

/// Copies what the caller's version of an options struct has; the rest is zero.
template <typename Options> bool readOptions(const Options *given, Options &options) {
  options = Options();
  if (!given)
    return true;
  if (given->struct_size < sizeof(uint32_t))
    return false;
  __builtin_memcpy(&options, given, given->struct_size < sizeof options ? given->struct_size : sizeof options);
  return true;
}

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_MODEL_H
