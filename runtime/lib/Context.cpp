//===- Context.cpp - the life of a context, and a run ---------------------===//
#include "Context.h"

#include "Cores.h"
#include "Layout.h"
#include "Signature.h"
#include "State.h"

#include <new>
#include <string.h>

namespace transom::runtime {
namespace {

constexpr uint32_t maxThreads = 1024;

/// What generated code reads from where an empty input has no memory.
alignas(alignment) constexpr uint8_t nothing[alignment] = {};

TransomContext *carveContext(uint8_t *block, const TransomProgram &program, uint32_t threads, size_t &bytes) {
  Carve carve(block);
  size_t outputDims = preparedDims(program);
  auto *context = carve.array<TransomContext>(1);
  auto *outputs = carve.array<OutputPlace>(program.num_outputs);
  auto **outputPointers = carve.array<void *>(program.num_outputs);
  auto *threadStates = carve.array<ThreadState>(threads);
  auto *inputs = carve.array<InputPlace>(program.num_inputs);
  auto **inputPointers = carve.array<const void *>(program.num_inputs);
  auto *symbols = carve.array<int64_t>(program.num_symbols);
  auto *symbolInput = carve.array<uint32_t>(program.num_symbols);
  auto *symbolDim = carve.array<uint32_t>(program.num_symbols);
  auto *dims = carve.array<int64_t>(outputDims);
  auto *ranges = carve.array<Range>(program.num_inputs + 3 * size_t(program.num_outputs));
  bytes = carve.bytes();
  if (!block)
    return nullptr;
  context->bytes = bytes;
  context->run.program = &program;
  context->run.outputs = outputs;
  context->run.outputPointers = outputPointers;
  context->run.threads = threadStates;
  context->inputs = inputs;
  context->inputPointers = inputPointers;
  context->symbols = symbols;
  context->symbolInput = symbolInput;
  context->symbolDim = symbolDim;
  context->outputDims = dims;
  context->ranges = ranges;
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    outputs[i].dims = dims;
    dims += program.outputs[i].rank;
  }
  initialiseRanges(*context);
  return context;
}

/// Memory for one run's arena, inputs that need packing, and outputs.
TransomStatus takeMemory(TransomContext &context, const TransomTensor *inputs, int64_t workspace) {
  const TransomProgram &program = *context.run.program;
  const Allocator &allocator = context.run.allocator;
  Message message = context.message();
  auto refuse = [&](const char *what, const TransomValueDesc &value, int64_t bytes) {
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %lld bytes of %s \"%s\"", (long long)bytes, what,
                        value.name);
  };
  if (!context.arena.grow(allocator, size_t(workspace)))
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %lld bytes of workspace", (long long)workspace);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    context.run.outputPointers[i] = nullptr;
    if (!place.known)
      continue;
    context.run.outputPointers[i] = place.given;
    if (place.given && !place.isStaged)
      continue;
    Buffer &buffer = place.isOwned ? place.owned[place.current] : place.staged;
    if (!buffer.grow(allocator, size_t(place.bytes)))
      return refuse("output", program.outputs[i], place.bytes);
    context.run.outputPointers[i] = buffer.data;
  }
  for (uint32_t i = 0; i < program.num_inputs; ++i) {
    const TransomTensor &tensor = inputs[i];
    InputPlace &place = context.inputs[i];
    context.inputPointers[i] = tensor.data ? tensor.data : nothing;
    if (!place.bytes || (isDense(tensor.rank, tensor.shape, tensor.strides) && isAligned(tensor.data, tensor.type)))
      continue;
    if (!packInput(allocator, tensor, place))
      return refuse("a dense copy of input", program.inputs[i], place.bytes);
    context.inputPointers[i] = place.packed.data;
  }
  return TRANSOM_OK;
}

void execute(void *argument, int64_t thread, int64_t threads) {
  auto *context = static_cast<TransomContext *>(argument);
  TransomState *state = context->state;
  TransomFrame frame = {context->inputPointers,
                        context->run.outputPointers,
                        context->symbols,
                        context->arena.data,
                        context->model->weights->data(),
                        &context->run,
                        state ? state->pointers : nullptr,
                        state ? state->nextPointers : nullptr};
  if (!context->run.isTimed())
    return context->run.program->run(&frame, thread, threads);
  if (thread)
    context->run.beginPart(thread);
  context->run.program->run(&frame, thread, threads);
  if (thread)
    context->run.endPart(thread);
  else if (threads > 1)
    context->run.joinSince = nanoseconds();
}

void finishOutputs(TransomContext &context, TransomTensor *outputs) {
  const TransomProgram &program = *context.run.program;
  describeOutputs(context, outputs);
  for (uint32_t i = 0; i < program.num_outputs; ++i) {
    OutputPlace &place = context.run.outputs[i];
    if (place.isOwned) {
      outputs[i].data = place.owned[place.current].data;
      outputs[i].capacity_bytes = 0; // once it is trimmed, too small for anything
      outputs[i].strides = nullptr;
    }
    if (!place.isStaged || !place.bytes)
      continue;
    unpackOutput(program.outputs[i], place, place.staged.data);
  }
}

TransomStatus runClaimed(TransomContext &context, TransomState *state, const TransomTensor *inputs, uint32_t numInputs,
                         TransomTensor *outputs, uint32_t numOutputs) {
  TransomRun &run = context.run;
  const TransomProgram &program = *run.program;
  Message message = context.message();
  if (numInputs != program.num_inputs || numOutputs != program.num_outputs)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "%u inputs and %u outputs where the model has %u and %u", numInputs,
                        numOutputs, program.num_inputs, program.num_outputs);
  if ((numInputs && !inputs) || (numOutputs && !outputs))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the array of tensors is null");
  context.state = state;
  if (TransomStatus status = beginState(context))
    return status;
  if (run.device)
    return context.deviceRuntime().run(context, inputs, outputs);
  if (TransomStatus status = checkInputs(context, inputs))
    return status;
  int64_t workspace = program.prepare(context.symbols, context.outputDims);
  if (workspace < 0)
    return message.fail(TRANSOM_ERROR_SIZE, "the sizes of this run overflow");
  if (TransomStatus status = checkCapacity(context))
    return status;
  if (TransomStatus status = checkOutputs(context, outputs))
    return status;
  if (TransomStatus status = checkOverlaps(context, inputs))
    return status;
  if (TransomStatus status = takeMemory(context, inputs, workspace)) {
    forgetOwned(context, outputs);
    return status;
  }
  if (TransomStatus status = run.team.start(run.allocator, message)) {
    forgetOwned(context, outputs);
    return status;
  }

  beginRun(context);
  run.team.run(execute, &context);
  run.endPart(0);
  run.memory.reset(run.allocator);
  if (!run.stopped && !run.failed.load(std::memory_order_relaxed)) {
    finishOutputs(context, outputs);
    return finishState(context);
  }
  forgetOwned(context, outputs);
  TransomStatus status = explainFailure(context);
  if (status == TRANSOM_ERROR_CAPACITY)
    describeOutputs(context, outputs);
  return status;
}

void clearBuffers(TransomContext &context) {
  const Allocator &allocator = context.run.allocator;
  if (context.run.device)
    context.deviceRuntime().trim(context); // what is on the device is gone and null after it
  context.arena.clear(allocator);
  context.run.memory.clear(allocator);
  for (uint32_t i = 0; i < context.run.program->num_inputs; ++i)
    context.inputs[i].packed.clear(allocator);
  for (uint32_t i = 0; i < context.run.program->num_outputs; ++i) {
    context.run.outputs[i].owned[0].clear(allocator);
    context.run.outputs[i].owned[1].clear(allocator);
    context.run.outputs[i].staged.clear(allocator);
  }
}

} // namespace

void beginRun(TransomContext &context) {
  TransomRun &run = context.run;
  run.failed.store(0, std::memory_order_relaxed);
  run.stopped = false;
  run.profileSite = -1;
  run.joinSince = 0;
  for (uint32_t i = 0; i < run.team.size(); ++i)
    run.threads[i].shared = 0;
  run.beginPart(0);
}

/// A run that failed may have given back a buffer that these still point at.
void forgetOwned(const TransomContext &context, TransomTensor *outputs) {
  for (uint32_t i = 0; i < context.run.program->num_outputs; ++i)
    if (context.run.outputs[i].isOwned) {
      outputs[i].data = nullptr;
      outputs[i].capacity_bytes = 0;
    }
}

bool packInput(const Allocator &allocator, const TransomTensor &tensor, InputPlace &place) {
  if (!place.packed.grow(allocator, size_t(place.bytes)))
    return false;
  int64_t strides[TRANSOM_MAX_RANK];
  denseStrides(tensor.rank, tensor.shape, strides);
  gather(tensor.type, tensor.rank, tensor.shape, tensor.strides ? tensor.strides : strides, tensor.data,
         place.packed.data);
  return true;
}

void unpackOutput(const TransomValueDesc &value, const OutputPlace &place, const uint8_t *data) {
  int64_t dense[TRANSOM_MAX_RANK];
  denseStrides(value.rank, place.dims, dense);
  scatter(value.type, value.rank, place.dims, place.strides ? place.strides : dense, data, place.given);
}

TransomStatus createContext(TransomModel *model, const TransomContextOptions *given, TransomContext **context,
                            char *error, size_t errorBytes) {
  Message message = {error, errorBytes};
  *context = nullptr;
  TransomContextOptions options;
  if (!readOptions(given, options))
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomContextOptions: struct_size is not set");
  if (!options.allocator.allocate != !options.allocator.release)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomAllocator: one function without the other");
  if (options.threads > maxThreads)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "%u threads where %u are the most", options.threads, maxThreads);
  DeviceRequest request;
  if (TransomStatus status = readDevice(*model->program, options.device, request, message))
    return status;
  if (options.stream && request.kind == DeviceRequest::CPU)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "TransomContextOptions: a stream without a GPU");
  uint32_t threads = options.threads ? options.threads : availableCores();
  if (threads > maxThreads)
    threads = maxThreads;
  Allocator allocator = options.allocator.allocate ? Allocator::from(options.allocator) : model->allocator;
  size_t bytes;
  carveContext(nullptr, *model->program, threads, bytes);
  auto *block = static_cast<uint8_t *>(allocator.get(bytes));
  if (!block)
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for a context of model \"%s\"", model->program->name);
  TransomContext *created = carveContext(block, *model->program, threads, bytes);
  created->api = model->api;
  created->model = model;
  created->run.allocator = allocator;
  created->run.team.configure(threads, options.parallel_for, options.parallel_for_user);
  created->ordinal = -1;
  strcpy(created->deviceName, "cpu");
  retainModel(model);
  TransomStatus status = attachAsAsked(*model, request, message, [&](int32_t ordinal, const Message &why) {
    return created->deviceRuntime().attach(*created, ordinal, options.stream, why);
  });
  if (status) {
    destroyContext(created);
    return status;
  }
  if (created->run.device)
    created->run.team.configure(1, nullptr, nullptr);
  *context = created;
  return TRANSOM_OK;
}

void destroyContext(TransomContext *context) {
  Allocator allocator = context->run.allocator;
  context->run.team.stop(allocator);
  clearBuffers(*context);
  if (context->run.device)
    context->deviceRuntime().detach(*context);
  clearTimes(*context);
  TransomModel *model = context->model;
  size_t bytes = context->bytes;
  context->~TransomContext();
  allocator.put(context, bytes);
  releaseModel(model);
}

TransomStatus reserve(TransomContext *context, const int64_t *symbols) {
  Claim claim(*context);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  Message message = context->message();
  const TransomProgram &program = *context->run.program;
  if (!symbols && program.num_symbols)
    return message.fail(TRANSOM_ERROR_ARGUMENT, "the array of symbols is null");
  for (uint32_t i = 0; i < program.num_symbols; ++i)
    if (symbols[i] < 0)
      return message.fail(TRANSOM_ERROR_ARGUMENT, "symbol %u (\"%s\") is %lld", i, program.symbols[i],
                          (long long)symbols[i]);
  if (context->run.device)
    return context->deviceRuntime().reserve(*context, symbols);
  int64_t bytes = program.prepare(symbols, context->outputDims);
  if (bytes < 0)
    return message.fail(TRANSOM_ERROR_SIZE, "the sizes of this run overflow");
  if (!context->arena.grow(context->run.allocator, size_t(bytes)))
    return message.fail(TRANSOM_ERROR_MEMORY, "no memory for %lld bytes of workspace", (long long)bytes);
  return context->run.team.start(context->run.allocator, message);
}

TransomStatus runContext(TransomContext *context, const TransomTensor *inputs, uint32_t numInputs,
                         TransomTensor *outputs, uint32_t numOutputs) {
  Claim claim(*context, TransomRun::Running);
  // No message: the other thread's call owns the buffer.
  return claim ? runClaimed(*context, nullptr, inputs, numInputs, outputs, numOutputs) : TRANSOM_ERROR_BUSY;
}

TransomStatus runContextOnState(TransomContext *context, TransomState *state, const TransomTensor *inputs,
                                uint32_t numInputs, TransomTensor *outputs, uint32_t numOutputs) {
  Claim claim(*context, TransomRun::Running);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  if (!state)
    return context->message().fail(TRANSOM_ERROR_ARGUMENT, "the state is null");
  StateClaim stateClaim(*state);
  return stateClaim ? runClaimed(*context, state, inputs, numInputs, outputs, numOutputs) : TRANSOM_ERROR_BUSY;
}

int32_t cancelRun(TransomContext *context) {
  uint32_t running = TransomRun::Running;
  return context->run.state.compare_exchange_strong(running, TransomRun::Cancelled, std::memory_order_relaxed);
}

TransomStatus trim(TransomContext *context) {
  Claim claim(*context);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  clearBuffers(*context);
  return TRANSOM_OK;
}

} // namespace transom::runtime
