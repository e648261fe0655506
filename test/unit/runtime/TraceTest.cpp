//===- TraceTest.cpp - slices of time by thread and place -----------------===//
#include "Session.h"

#include <map>

namespace transom::test {
namespace {

std::vector<TransomTraceEvent> traceOf(const TransomContext *context, uint64_t *missed = nullptr) {
  std::vector<TransomTraceEvent> events(transom_trace_read(context, nullptr, 0, nullptr));
  EXPECT_EQ(transom_trace_read(context, events.data(), events.size(), missed), events.size());
  return events;
}

void runMix(Session &session, int runs = 1) {
  MixCase mix(100, 300);
  TransomTensor y = {};
  for (int i = 0; i < runs; ++i)
    ASSERT_EQ(session.run(mix.inputs, {&y, 1}), TRANSOM_OK) << session.error();
}

bool contains(const TransomTraceEvent &outer, const TransomTraceEvent &inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

TEST(Trace, IsEmptyUntilItIsOn) {
  Session session(mixProgram());
  runMix(session);
  uint64_t missed = 7;
  EXPECT_EQ(transom_trace_read(session.context, nullptr, 0, &missed), 0u);
  EXPECT_EQ(missed, 0u);
}

TEST(Trace, EveryThreadHasItsSlices) {
  for (uint32_t threads : {1, 2, 3}) {
    Session session(mixProgram(), threads);
    ASSERT_EQ(transom_trace_enable(session.context, 100), TRANSOM_OK);
    runMix(session, 2);
    std::map<std::pair<uint32_t, uint32_t>, std::vector<TransomTraceEvent>> lanes;
    for (const TransomTraceEvent &event : traceOf(session.context)) {
      EXPECT_LE(event.begin, event.end);
      lanes[{event.run, event.thread}].push_back(event);
    }
    EXPECT_EQ(lanes.size(), 2 * threads);
    for (const auto &[of, events] : lanes) {
      std::vector<TransomTraceEvent> runs, places, waits;
      for (const TransomTraceEvent &event : events)
        (event.kind == TRANSOM_TRACE_RUN ? runs : event.kind == TRANSOM_TRACE_PLACE ? places : waits).push_back(event);
      ASSERT_EQ(runs.size(), 1u);
      EXPECT_STREQ(runs[0].node, "");
      ASSERT_EQ(places.size(), 2u);
      EXPECT_STREQ(places[0].node, "first/mul");
      EXPECT_STREQ(places[0].op, "Mul");
      EXPECT_STREQ(places[1].node, "second/add");
      EXPECT_EQ(places[0].end, places[1].begin);
      for (const TransomTraceEvent &place : places)
        EXPECT_TRUE(contains(runs[0], place));
      // One barrier, and thread 0 waits for the ends of the others.
      ASSERT_EQ(waits.size(), threads == 1 ? 0u : of.second == 0 ? 2u : 1u);
      for (size_t i = 0; i < waits.size(); ++i) {
        EXPECT_TRUE(contains(places[i], waits[i]));
        EXPECT_STREQ(waits[i].node, places[i].node);
      }
    }
  }
}

TEST(Trace, AgreesWithTheProfile) {
  Session session(mixProgram(), 2);
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  ASSERT_EQ(transom_trace_enable(session.context, 100), TRANSOM_OK);
  runMix(session, 5);
  TransomProfileEntry entries[3];
  ASSERT_EQ(transom_profile_read(session.context, entries, 3), 3u);
  std::map<std::string, uint64_t> sums;
  for (const TransomTraceEvent &event : traceOf(session.context))
    if (event.kind == TRANSOM_TRACE_PLACE && event.thread == 0)
      sums[event.node] += event.end - event.begin;
  EXPECT_EQ(sums["first/mul"], entries[0].nanoseconds);
  EXPECT_EQ(sums["second/add"], entries[1].nanoseconds);
}

TEST(Trace, StaysReadableWhenOffAndStartsFromZero) {
  Session session(mixProgram());
  ASSERT_EQ(transom_trace_enable(session.context, 100), TRANSOM_OK);
  runMix(session);
  ASSERT_EQ(transom_trace_enable(session.context, 0), TRANSOM_OK);
  runMix(session);
  EXPECT_EQ(traceOf(session.context).size(), 3u);
  ASSERT_EQ(transom_trace_enable(session.context, 100), TRANSOM_OK);
  EXPECT_EQ(traceOf(session.context).size(), 0u);
  runMix(session);
  EXPECT_EQ(traceOf(session.context).front().run, 0u);
}

TEST(Trace, SaysWhatHadNoRoom) {
  Session session(mixProgram());
  ASSERT_EQ(transom_trace_enable(session.context, 4), TRANSOM_OK);
  runMix(session, 3);
  uint64_t missed = 0;
  EXPECT_EQ(traceOf(session.context, &missed).size(), 4u);
  EXPECT_EQ(missed, 5u);
}

TEST(Trace, FillsInWhatThereIsRoomFor) {
  Session session(mixProgram());
  ASSERT_EQ(transom_trace_enable(session.context, 10), TRANSOM_OK);
  runMix(session);
  TransomTraceEvent events[2] = {};
  events[1].kind = 77;
  EXPECT_EQ(transom_trace_read(session.context, events, 1, nullptr), 3u);
  EXPECT_EQ(events[0].kind, TRANSOM_TRACE_PLACE);
  EXPECT_EQ(events[1].kind, 77);
}

TEST(Trace, AFailedRunEndsItsSlices) {
  TransomProgram program = failingProgram();
  program.run = [](const TransomFrame *frame, int64_t thread, int64_t) {
    transom_rt_profile(frame->run, thread, 0);
    transom_rt_fail(frame->run, TRANSOM_FAIL_DIVIDE, 0, 0, 0);
    EXPECT_NE(transom_rt_next(frame->run, thread, 1), 0);
  };
  for (uint32_t threads : {1, 2}) {
    Session session(program, threads);
    ASSERT_EQ(transom_trace_enable(session.context, 10), TRANSOM_OK);
    std::vector<int64_t> what(4);
    TransomTensor x = tensor(what, {4}), out = {};
    EXPECT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_ERROR_DATA);
    unsigned runs = 0, places = 0;
    for (const TransomTraceEvent &event : traceOf(session.context)) {
      runs += event.kind == TRANSOM_TRACE_RUN;
      places += event.kind == TRANSOM_TRACE_PLACE;
    }
    EXPECT_EQ(runs, threads);
    EXPECT_EQ(places, threads);
  }
}

TEST(Trace, NoMemory) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(mixProgram(), options);
  allocator.failAfter(0);
  EXPECT_EQ(transom_trace_enable(session.context, 10), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(session.error(), "no memory for a trace of 320 bytes");
  EXPECT_EQ(transom_trace_read(session.context, nullptr, 0, nullptr), 0u);
  EXPECT_EQ(transom_trace_enable(session.context, 10), TRANSOM_OK);
  EXPECT_EQ(transom_trace_enable(session.context, 20), TRANSOM_OK);
}

TEST(Trace, RunsAllocateNothingForIt) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(mixProgram(), options);
  ASSERT_EQ(transom_trace_enable(session.context, 10), TRANSOM_OK);
  runMix(session);
  allocator.failAfter(0);
  runMix(session, 5);
}

} // namespace
} // namespace transom::test
