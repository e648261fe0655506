//===- Api.cpp - the table of functions that a model hands out ------------===//
#include "State.h"

using namespace transom::runtime;

static const char *contextError(const TransomContext *context) { return context->error; }
static const char *contextDevice(const TransomContext *context) { return context->deviceName; }
static const char *stateDevice(const TransomState *state) { return state->deviceName; }
static uint32_t contextThreads(const TransomContext *context) { return context->run.team.size(); }

const TransomApi transom_rt_api = {
    TRANSOM_ABI_VERSION, sizeof(TransomApi), openModel,   releaseModel,  modelInfo,   workspaceBytes, outputDims,
    createContext,       destroyContext,     reserve,     runContext,    cancelRun,   contextError,   trim,
    contextThreads,      enableProfile,      readProfile, modelEntry,    createState, destroyState,   forkState,
    resetState,          truncateState,      stateLength, stateCapacity, stateTensor, writeState,     stateError,
    runContextOnState,   contextDevice,      enableTrace, readTrace,     readState,   stateDevice,
};
