//===- Run.cpp - what generated code calls --------------------------------===//
//
// See transom/program.h for what each function promises.
//
//===----------------------------------------------------------------------===//
#include "Context.h"

#include "Layout.h"

using namespace transom::runtime;

int32_t transom_rt_barrier(TransomRun *run) {
  return int32_t(run->team.barrier([run]() -> uint32_t {
    if (run->failed.load(std::memory_order_relaxed) == 0 &&
        run->state.load(std::memory_order_relaxed) != TransomRun::Cancelled)
      return 0;
    run->stopped = true;
    return 1;
  }));
}

void transom_rt_fail(TransomRun *run, int32_t kind, int32_t site, int64_t value, int64_t limit) {
  TransomStatus status = kind == TRANSOM_FAIL_MEMORY ? TRANSOM_ERROR_MEMORY : TRANSOM_ERROR_DATA;
  run->fail({status, kind, site, -1, value, limit});
}

/// Hands what thread 0 got from `make` to all threads.
template <typename Make> static void *share(TransomRun *run, int64_t thread, Make make) {
  uint32_t slot = run->threads[thread].shared++ & 1;
  if (thread == 0)
    run->shared[slot] = make();
  if (transom_rt_barrier(run))
    return nullptr;
  return run->shared[slot];
}

void *transom_rt_alloc(TransomRun *run, int64_t thread, int64_t bytes) {
  return share(run, thread, [&]() -> void * {
    void *memory = bytes < 0 ? nullptr : run->memory.take(run->allocator, size_t(bytes));
    if (!memory)
      run->fail({TRANSOM_ERROR_MEMORY, TRANSOM_FAIL_MEMORY, -1, -1, bytes, 0});
    return memory;
  });
}

bool transom::runtime::settleOutput(TransomRun *run, int32_t index, const int64_t *dims) {
  const TransomValueDesc &value = run->program->outputs[index];
  OutputPlace &place = run->outputs[index];
  auto refuse = [&](TransomStatus status, int32_t kind, int64_t value, int64_t limit) -> bool {
    run->fail({status, kind, -1, index, value, limit});
    return false;
  };
  for (int32_t i = 0; i < value.rank; ++i) {
    if (value.dims[i] >= 0 && value.dims[i] != dims[i])
      return refuse(TRANSOM_ERROR_DATA, TRANSOM_FAIL_SHAPE, dims[i], value.dims[i]);
    place.dims[i] = dims[i];
  }
  int64_t before;
  if (!denseBytes(value.type, value.rank, dims, place.bytes) ||
      !extent(value.type, value.rank, dims, place.strides, place.bytes, before, place.reach))
    return refuse(TRANSOM_ERROR_SIZE, 0, 0, 0);
  if (place.strides && !areApart(value.rank, dims, place.strides))
    return refuse(TRANSOM_ERROR_ARGUMENT, 0, 0, 0);
  if (place.given && uint64_t(place.reach) > place.capacity)
    return refuse(TRANSOM_ERROR_CAPACITY, 0, place.reach, int64_t(place.capacity));
  return true;
}

static uint8_t *placeOutput(TransomRun *run, int32_t index, const int64_t *dims) {
  if (!settleOutput(run, index, dims))
    return nullptr;
  OutputPlace &place = run->outputs[index];
  if (place.given && !place.isStaged)
    return place.given;
  Buffer &buffer = place.isOwned ? place.owned[place.current] : place.staged;
  if (buffer.grow(run->allocator, size_t(place.bytes)))
    return buffer.data;
  run->fail({TRANSOM_ERROR_MEMORY, TRANSOM_FAIL_MEMORY, -1, index, place.bytes, 0});
  return nullptr;
}

void *transom_rt_output(TransomRun *run, int64_t thread, int32_t index, const int64_t *dims) {
  return share(run, thread, [&]() -> void * { return placeOutput(run, index, dims); });
}

namespace transom::runtime {

void describeSite(const TransomProgram &program, int32_t number, char *text, size_t bytes) {
  text[0] = '\0';
  if (number < 0 || uint32_t(number) >= program.num_sites)
    return;
  const TransomSite &site = program.sites[number];
  if (site.node[0])
    snprintf(text, bytes, "%s \"%s\": ", site.op, site.node);
  else
    snprintf(text, bytes, "%s: ", site.op);
}

TransomStatus explainFailure(TransomContext &context) {
  const TransomProgram &program = *context.run.program;
  const Failure &failure = context.run.failure;
  Message message = context.message();
  if (!context.run.failed.load(std::memory_order_relaxed))
    return message.fail(TRANSOM_ERROR_CANCELLED, "the run was cancelled");

  long long value = failure.value, limit = failure.limit;
  char place[200] = "";
  if (failure.output >= 0) {
    const char *name = program.outputs[failure.output].name;
    if (failure.status == TRANSOM_ERROR_CAPACITY)
      return message.fail(failure.status, "output %d \"%s\" needs %lld bytes; its buffer has %lld", failure.output,
                          name, value, limit);
    if (failure.status == TRANSOM_ERROR_SIZE)
      return message.fail(failure.status, "output %d \"%s\": the size overflows", failure.output, name);
    if (failure.status == TRANSOM_ERROR_ARGUMENT)
      return message.fail(failure.status, "output %d \"%s\": with these strides rows lie on each other or interleave",
                          failure.output, name);
    snprintf(place, sizeof place, "output %d \"%s\": ", failure.output, name);
  }
  if (failure.site >= 0)
    describeSite(program, failure.site, place, sizeof place);
  switch (failure.kind) {
  case TRANSOM_FAIL_INDEX:
    return message.fail(failure.status, "%sindex %lld is out of range for a dim of %lld", place, value, limit);
  case TRANSOM_FAIL_SHAPE:
    return message.fail(failure.status, "%sa dim is %lld where %lld is expected", place, value, limit);
  case TRANSOM_FAIL_DIVIDE: return message.fail(failure.status, "%sinteger division by zero", place);
  case TRANSOM_FAIL_MEMORY: return message.fail(failure.status, "%sno memory for %lld bytes", place, value);
  case TRANSOM_FAIL_LIMIT:
    return message.fail(failure.status, "%sa size that depends on data is %lld, beyond its bound of %lld", place, value,
                        limit);
  default:
    return message.fail(failure.status, "%sfailure %d (value %lld, limit %lld)", place, failure.kind, value, limit);
  }
}

} // namespace transom::runtime
