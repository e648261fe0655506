//===- Times.cpp - profiles and traces ------------------------------------===//
//
// A profile sums thread 0's time by place, a trace keeps every slice of every
// thread. Both hear of the same moments; memory is taken when they are switched
// on, never in a run.
//
//===----------------------------------------------------------------------===//
#include "Context.h"

#include <string.h>

using namespace transom::runtime;

void TransomRun::markProfile(int32_t site, uint64_t now) {
  if (profileSite >= 0)
    profile[profileSite].nanoseconds += now - profileSince;
  if (site >= 0)
    ++profile[site].calls;
  profileSite = site;
  profileSince = now;
}

void TransomRun::record(int64_t thread, TransomTraceKind kind, int32_t site, uint64_t begin, uint64_t end) {
  ThreadState &state = threads[thread];
  if (state.recorded == traceRoom) {
    ++state.missed;
    return;
  }
  trace[size_t(thread) * traceRoom + state.recorded++] = {begin, end, site, kind, tracedRuns};
}

void TransomRun::mark(int64_t thread, int32_t site) {
  if (!trace && thread)
    return;
  uint64_t now = nanoseconds();
  if (site < 0 || uint32_t(site) >= program->num_sites)
    site = -1;
  if (profile && thread == 0)
    markProfile(site, now);
  if (!trace)
    return;
  ThreadState &state = threads[thread];
  if (state.site >= 0)
    record(thread, TRANSOM_TRACE_PLACE, state.site, state.siteSince, now);
  state.site = site;
  state.siteSince = now;
}

void TransomRun::beginPart(int64_t thread) {
  if (!trace)
    return;
  threads[thread].site = -1;
  threads[thread].runSince = nanoseconds();
}

void TransomRun::endPart(int64_t thread) {
  if (!isTimed())
    return;
  if (trace && thread == 0 && joinSince && threads[0].site >= 0)
    record(0, TRANSOM_TRACE_WAIT, threads[0].site, joinSince, nanoseconds());
  mark(thread, -1);
  if (!trace)
    return;
  record(thread, TRANSOM_TRACE_RUN, -1, threads[thread].runSince, nanoseconds());
  if (thread == 0)
    ++tracedRuns;
}

void transom_rt_profile(TransomRun *run, int64_t thread, int32_t site) {
  if (run->isTimed())
    run->mark(thread, site);
}

int32_t transom_rt_next(TransomRun *run, int64_t thread, int32_t site) {
  if (!run->trace || run->team.size() == 1) {
    int32_t stopped = transom_rt_barrier(run);
    if (!stopped)
      transom_rt_profile(run, thread, site);
    return stopped;
  }
  uint64_t begin = nanoseconds();
  int32_t stopped = transom_rt_barrier(run);
  int32_t before = run->threads[thread].site;
  if (before >= 0)
    run->record(thread, TRANSOM_TRACE_WAIT, before, begin, nanoseconds());
  if (!stopped)
    run->mark(thread, site);
  return stopped;
}

namespace transom::runtime {

TransomStatus enableProfile(TransomContext *context, int32_t on) {
  Claim claim(*context);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  size_t bytes = context->run.program->num_sites * sizeof(ProfileSlot);
  context->run.profile = nullptr;
  if (!on)
    return TRANSOM_OK;
  if (!context->profileSlots)
    context->profileSlots = static_cast<ProfileSlot *>(context->run.allocator.get(bytes));
  if (!context->profileSlots)
    return context->message().fail(TRANSOM_ERROR_MEMORY, "no memory for a profile of %zu bytes", bytes);
  memset(static_cast<void *>(context->profileSlots), 0, bytes);
  context->run.profile = context->profileSlots;
  return TRANSOM_OK;
}

uint32_t readProfile(const TransomContext *context, TransomProfileEntry *entries, uint32_t capacity) {
  if (!context->profileSlots)
    return 0;
  const TransomProgram &program = *context->run.program;
  for (uint32_t i = 0; i < program.num_sites && i < capacity; ++i)
    entries[i] = {program.sites[i].node, program.sites[i].op, context->profileSlots[i].calls,
                  context->profileSlots[i].nanoseconds};
  return program.num_sites;
}

TransomStatus enableTrace(TransomContext *context, uint32_t events) {
  Claim claim(*context);
  if (!claim)
    return TRANSOM_ERROR_BUSY;
  TransomRun &run = context->run;
  run.trace = nullptr;
  if (!events)
    return TRANSOM_OK;
  for (uint32_t i = 0; i < run.team.size(); ++i) {
    run.threads[i].recorded = 0;
    run.threads[i].missed = 0;
  }
  size_t bytes = size_t(run.team.size()) * events * sizeof(TraceRecord);
  if (bytes != context->traceBytes) {
    run.allocator.put(context->traceRecords, context->traceBytes);
    context->traceBytes = 0;
    context->traceRecords = static_cast<TraceRecord *>(run.allocator.get(bytes));
    if (!context->traceRecords)
      return context->message().fail(TRANSOM_ERROR_MEMORY, "no memory for a trace of %zu bytes", bytes);
    context->traceBytes = bytes;
  }
  run.trace = context->traceRecords;
  run.traceRoom = events;
  run.tracedRuns = 0;
  return TRANSOM_OK;
}

uint64_t readTrace(const TransomContext *context, TransomTraceEvent *events, uint64_t capacity, uint64_t *missed) {
  const TransomRun &run = context->run;
  uint64_t count = 0, left = 0;
  for (uint32_t thread = 0; thread < run.team.size(); ++thread) {
    const ThreadState &state = run.threads[thread];
    left += state.missed;
    for (uint32_t i = 0; i < state.recorded; ++i, ++count) {
      if (count >= capacity)
        continue;
      const TraceRecord &record = context->traceRecords[size_t(thread) * run.traceRoom + i];
      TransomSite site = record.site < 0 ? TransomSite{"", ""} : run.program->sites[record.site];
      events[count] = {site.node, site.op, record.begin, record.end, record.kind, thread, record.run, 0};
    }
  }
  if (missed)
    *missed = left;
  return count;
}

void clearTimes(TransomContext &context) {
  const Allocator &allocator = context.run.allocator;
  allocator.put(context.profileSlots, context.run.program->num_sites * sizeof(ProfileSlot));
  allocator.put(context.traceRecords, context.traceBytes);
}

} // namespace transom::runtime
