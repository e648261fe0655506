//===- Api.cpp - the table of functions that a model hands out ------------===//
#include "State.h"

using namespace transom::runtime;

static const char *contextError(const TransomContext *context) { return context->error; }
static const char *contextDevice(const TransomContext *context) { return context->deviceName; }
static const char *stateDevice(const TransomState *state) { return state->deviceName; }
static void *contextStream(const TransomContext *context) {
  return context->run.device ? context->deviceRuntime().stream(*context) : nullptr;
}
static Allocator memoryOfRuns(const TransomContext &context) {
  return context.run.device ? context.deviceRuntime().memory(context) : context.run.allocator;
}
static void *takeMemory(TransomContext *context, size_t bytes) { return memoryOfRuns(*context).get(bytes); }
static void giveMemory(TransomContext *context, void *memory, size_t bytes) {
  memoryOfRuns(*context).put(memory, bytes);
}
static uint32_t contextThreads(const TransomContext *context) { return context->run.team.size(); }

const TransomApi transom_rt_api = {
    TRANSOM_ABI_VERSION, sizeof(TransomApi), openModel,   releaseModel,  modelInfo,   workspaceBytes, outputDims,
    createContext,       destroyContext,     reserve,     runContext,    cancelRun,   contextError,   trim,
    contextThreads,      enableProfile,      readProfile, modelEntry,    createState, destroyState,   forkState,
    resetState,          truncateState,      stateLength, stateCapacity, stateTensor, writeState,     stateError,
    runContextOnState,   contextDevice,      enableTrace, readTrace,     readState,   stateDevice,    contextStream,
    takeMemory,          giveMemory,
};
