//===- Model.cpp - opening a model and asking it --------------------------===//
#include "Model.h"

#include "CpuFeatures.h"

#include <limits.h>
#include <new>
#include <stdlib.h>
#include <string.h>

namespace transom::runtime {
namespace {

/// "x86-64-v4, x86-64-v3": the variants of the code, as many as there is room for.
void listCpus(const TransomLibrary &library, char *text, size_t bytes) {
  size_t used = 0;
  for (uint32_t i = 0; i < library.num_programs && used < bytes; ++i)
    used += size_t(snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", library.programs[i]->target_cpu));
}

/// The first variant of the code that this CPU runs, or the one that the environment names.
TransomStatus chooseProgram(const TransomLibrary &library, const TransomProgram *&chosen, const Message &message) {
  if (!library.num_programs)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the library holds no program");
  const char *wanted = getenv("TRANSOM_CPU");
  if (wanted && !*wanted)
    wanted = nullptr;
  const TransomProgram *refused = nullptr; // the last one
  char missing[256];
  for (uint32_t i = 0; i < library.num_programs; ++i) {
    const TransomProgram *program = library.programs[i];
    if (program->version != TRANSOM_PROGRAM_VERSION || program->struct_size != sizeof(TransomProgram))
      return message.fail(TRANSOM_ERROR_VERSION,
                          "the model's code is of version %u (%u bytes), its runtime of version %u (%zu bytes)",
                          program->version, program->struct_size, TRANSOM_PROGRAM_VERSION, sizeof(TransomProgram));
    if (wanted && strcmp(wanted, program->target_cpu))
      continue;
    if (hasFeatures(program->target_features, missing, sizeof missing)) {
      chosen = program;
      return TRANSOM_OK;
    }
    refused = program;
  }
  const char *name = library.programs[0]->name;
  char cpus[256];
  listCpus(library, cpus, sizeof cpus);
  if (!refused)
    return message.fail(TRANSOM_ERROR_CPU, "TRANSOM_CPU=%.64s: model \"%s\" is compiled for %s", wanted, name, cpus);
  if (wanted)
    return message.fail(TRANSOM_ERROR_CPU, "TRANSOM_CPU=%s: model \"%s\" has that code; this CPU lacks: %s", wanted,
                        name, missing);
  if (library.num_programs > 1)
    return message.fail(TRANSOM_ERROR_CPU, "model \"%s\" is compiled for %s; for %s, this CPU lacks: %s", name, cpus,
                        refused->target_cpu, missing);
  return message.fail(TRANSOM_ERROR_CPU, "model \"%s\" is compiled for %s; this CPU lacks: %s", name, cpus, missing);
}

TransomModelInfo describe(const TransomProgram &program) {
  TransomModelInfo info = {};
  info.name = program.name;
  info.target_cpu = program.target_cpu;
  info.target_features = program.target_features ? program.target_features : "";
  info.manifest = program.manifest ? program.manifest : "";
  info.weights_bytes = program.weights_bytes;
  info.num_inputs = program.num_inputs;
  info.num_outputs = program.num_outputs;
  info.num_symbols = program.num_symbols;
  info.num_sites = program.num_sites;
  info.inputs = program.inputs;
  info.outputs = program.outputs;
  info.symbols = program.symbols;
  info.entry = program.entry;
  info.num_states = program.num_states;
  info.states = program.states;
  info.num_lengths = program.num_lengths;
  info.lengths = program.lengths;
  info.device_chips = program.device_chips ? program.device_chips : "";
  return info;
}

} // namespace

TransomStatus openModel(const TransomLibrary *library, const TransomLoadOptions *given, TransomModel **model,
                        char *error, size_t errorBytes) {
  Message message = {error, errorBytes};
  *model = nullptr;
  TransomLoadOptions options;
  if (!readOptions(given, options))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomLoadOptions: struct_size is not set");
  if (!options.allocator.allocate != !options.allocator.release)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomAllocator: one function without the other");
  if (options.weights_path && options.weights_data)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomLoadOptions: both weights_path and weights_data are set");
  const TransomProgram *program = nullptr;
  if (TransomStatus status = chooseProgram(*library, program, message))
    return status;

  Allocator allocator = Allocator::from(options.allocator);
  void *memory = allocator.get(sizeof(TransomModel));
  if (!memory)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for model \"%s\"", program->name);
  auto *opened = new (memory) TransomModel();
  opened->api = library->api;
  opened->program = program;
  opened->info = describe(*program);
  opened->allocator = allocator;
  opened->log = options.log;
  opened->logUser = options.log_user;
  opened->references = 1;
  opened->opened = opened;
  opened->weights = &opened->own;
  pthread_mutex_init(&opened->devicesLock, nullptr);
  char path[PATH_MAX];
  if (TransomStatus status = opened->own.open(*program, options, path, sizeof path, message)) {
    releaseModel(opened);
    return status;
  }
  if (options.log) {
    char text[PATH_MAX + 128];
    snprintf(text, sizeof text, "model \"%s\" for %s%s%s: %llu bytes of weights%s%s", program->name,
             program->target_cpu, opened->info.device_chips[0] ? " and " : "", opened->info.device_chips,
             (unsigned long long)program->weights_bytes, path[0] ? " mapped from " : "", path);
    opened->say(TRANSOM_LOG_INFO, text);
  }
  *model = opened;
  return TRANSOM_OK;
}

TransomStatus modelEntry(TransomModel *model, const char *name, TransomModel **entry, char *error, size_t errorBytes) {
  Message message = {error, errorBytes};
  *entry = nullptr;
  if (!name)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the name of the entry point is null");
  TransomModel *opened = model->opened;
  char others[200] = "";
  size_t used = 0;
  for (const TransomProgram *program = opened->program; program; program = program->next) {
    if (strcmp(program->entry, name)) {
      int written = snprintf(others + used, sizeof others - used, "%s%s", used ? ", " : "", program->entry);
      used = written < 0 || used + size_t(written) >= sizeof others ? used : used + size_t(written);
      continue;
    }
    void *memory = opened->allocator.get(sizeof(TransomModel));
    if (!memory)
      return message.fail(TRANSOM_ERROR_MEMORY, "no memory for entry point \"%s\" of model \"%s\"", name,
                          program->name);
    auto *made = new (memory) TransomModel();
    made->api = opened->api;
    made->program = program;
    made->info = describe(*program);
    made->allocator = opened->allocator;
    made->log = opened->log;
    made->logUser = opened->logUser;
    made->references = 1;
    made->opened = opened;
    made->weights = &opened->own;
    pthread_mutex_init(&made->devicesLock, nullptr);
    retainModel(opened);
    *entry = made;
    return TRANSOM_OK;
  }
  return message.fail(TRANSOM_ERROR_ARGUMENT, "model \"%s\" has no entry point \"%s\"; it has: %s",
                      opened->program->name, name, others);
}

void retainModel(TransomModel *model) { model->references.fetch_add(1, std::memory_order_relaxed); }

void releaseModel(TransomModel *model) {
  if (model->references.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (model->devices)
    model->program->device_runtime->unload(*model);
  pthread_mutex_destroy(&model->devicesLock);
  TransomModel *opened = model->opened;
  model->own.close();
  Allocator allocator = model->allocator;
  model->~TransomModel();
  allocator.put(model, sizeof(TransomModel));
  if (opened != model)
    releaseModel(opened);
}

const TransomModelInfo *modelInfo(const TransomModel *model) { return &model->info; }

namespace {

/// Runs `prepare` with a place for all output dims.
template <typename Use> TransomStatus withPrepared(const TransomModel &model, const int64_t *symbols, Use use) {
  const TransomProgram &program = *model.program;
  if (!symbols && program.num_symbols)
    return TRANSOM_ERROR_ARGUMENT;
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    if (symbols[i] < 0)
      return TRANSOM_ERROR_ARGUMENT;
  size_t count = preparedDims(program);
  int64_t local[256];
  int64_t *dims = local;
  if (count > sizeof local / sizeof *local) {
    dims = static_cast<int64_t *>(model.allocator.get(count * sizeof(int64_t)));
    if (!dims)
      return TRANSOM_ERROR_MEMORY;
  }
  int64_t bytes = program.prepare(symbols, dims);
  TransomStatus status = bytes < 0 ? TRANSOM_ERROR_SIZE : TRANSOM_OK;
  if (!status)
    use(bytes, dims);
  if (dims != local)
    model.allocator.put(dims, count * sizeof(int64_t));
  return status;
}

} // namespace

TransomStatus workspaceBytes(const TransomModel *model, const int64_t *symbols, int64_t *bytes) {
  return withPrepared(*model, symbols, [&](int64_t needed, const int64_t *) { *bytes = needed; });
}

TransomStatus outputDims(const TransomModel *model, const int64_t *symbols, uint32_t output, int64_t *dims) {
  const TransomProgram &program = *model->program;
  if (output >= program.num_outputs)
    return TRANSOM_ERROR_ARGUMENT;
  return withPrepared(*model, symbols, [&](int64_t, const int64_t *all) {
    for (uint32_t i = 0; i < output; ++i)
      all += program.outputs[i].rank;
    for (int32_t i = 0; i < program.outputs[output].rank; ++i)
      dims[i] = all[i];
  });
}

} // namespace transom::runtime
