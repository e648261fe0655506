//===- FailuresTest.cpp - runs that fail on their data --------------------===//
#include "Session.h"

namespace transom::test {
namespace {

struct FailureCase {
  int64_t kind, value, limit, site;
  TransomStatus status;
  const char *message;
};

const FailureCase cases[] = {
    {TRANSOM_FAIL_INDEX, 9, 5, 0, TRANSOM_ERROR_DATA, "Mul \"first/mul\": index 9 is out of range for a dim of 5"},
    {TRANSOM_FAIL_INDEX, -9, 5, 2, TRANSOM_ERROR_DATA, "Relu: index -9 is out of range for a dim of 5"},
    {TRANSOM_FAIL_SHAPE, 3, 4, 1, TRANSOM_ERROR_DATA, "Add \"second/add\": a dim is 3 where 4 is expected"},
    {TRANSOM_FAIL_DIVIDE, 0, 0, 0, TRANSOM_ERROR_DATA, "Mul \"first/mul\": integer division by zero"},
    {TRANSOM_FAIL_MEMORY, 1 << 20, 0, 1, TRANSOM_ERROR_MEMORY, "Add \"second/add\": no memory for 1048576 bytes"},
    {TRANSOM_FAIL_LIMIT, 70, 64, 0, TRANSOM_ERROR_DATA,
     "Mul \"first/mul\": a size that depends on data is 70, beyond its bound of 64"},
    {TRANSOM_FAIL_DIVIDE, 0, 0, -1, TRANSOM_ERROR_DATA, "integer division by zero"},
    {TRANSOM_FAIL_DIVIDE, 0, 0, 99, TRANSOM_ERROR_DATA, "integer division by zero"},
    {77, 1, 2, 2, TRANSOM_ERROR_DATA, "Relu: failure 77 (value 1, limit 2)"}};

TEST(Failures, NameTheNodeAndLeaveTheContextUsable) {
  for (uint32_t threads : {1, 2, 4}) {
    Session session(failingProgram(), threads);
    for (const FailureCase &failure : cases) {
      std::vector<int64_t> what = {failure.kind, failure.value, failure.limit, failure.site};
      TransomTensor x = tensor(what, {4}), out = {};
      EXPECT_EQ(session.run({&x, 1}, {&out, 1}), failure.status);
      EXPECT_STREQ(session.error(), failure.message);
      EXPECT_EQ(out.data, nullptr);
      what[0] = 0;
      ASSERT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK);
      EXPECT_EQ(valuesOf<float>(out), std::vector<float>(4, 1.0f));
      // The message stays until the next failure.
      EXPECT_STREQ(session.error(), failure.message);
    }
  }
}

TEST(Failures, AfterTheLastBarrierCountToo) {
  TransomProgram program = failingProgram();
  program.run = [](const TransomFrame *frame, int64_t thread, int64_t threads) {
    if (thread == threads - 1)
      transom_rt_fail(frame->run, TRANSOM_FAIL_DIVIDE, 1, 0, 0);
  };
  for (uint32_t threads : {1, 3}) {
    Session session(program, threads);
    std::vector<int64_t> what(4);
    TransomTensor x = tensor(what, {4}), out = {};
    EXPECT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_ERROR_DATA);
    EXPECT_STREQ(session.error(), "Add \"second/add\": integer division by zero");
  }
}

TEST(Failures, OfManyThreadsOneIsReported) {
  TransomProgram program = failingProgram();
  program.run = [](const TransomFrame *frame, int64_t thread, int64_t) {
    // Value and limit must come from the same thread.
    transom_rt_fail(frame->run, TRANSOM_FAIL_INDEX, int32_t(thread % 3), thread, thread + 1000);
    EXPECT_NE(transom_rt_barrier(frame->run), 0);
  };
  Session session(program, 4);
  std::vector<int64_t> what(4);
  TransomTensor x = tensor(what, {4}), out = {};
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_ERROR_DATA);
    int64_t value = 0, limit = 0;
    const char *text = strstr(session.error(), "index ");
    ASSERT_NE(text, nullptr);
    ASSERT_EQ(sscanf(text, "index %ld is out of range for a dim of %ld", &value, &limit), 2);
    EXPECT_EQ(limit, value + 1000);
  }
}

TEST(Failures, CallersBuffersMayBeWritten) {
  Session session(failingProgram(), 2);
  std::vector<int64_t> what = {TRANSOM_FAIL_DIVIDE, 0, 0, 0};
  std::vector<float> room(4);
  TransomTensor x = tensor(what, {4}), out = buffer(room);
  EXPECT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_ERROR_DATA);
  EXPECT_EQ(out.data, room.data()); // the tensor still says where it is
  EXPECT_EQ(out.capacity_bytes, 16u);
}

TEST(RunMemory, IsAlignedAndApart) {
  for (uint32_t threads : {1, 3}) {
    Session session(hungryProgram(), threads);
    std::vector<int64_t> sizes(2);
    TransomTensor x = tensor(sizes, {2}), out = {};
    for (int64_t size : {1, 64, 65, 100000, 0, 7}) {
      sizes = {size, 2 * size};
      x = tensor(sizes, {2});
      ASSERT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK) << session.error();
      EXPECT_EQ(valuesOf<int64_t>(out)[0], 0);
    }
  }
}

TEST(RunMemory, RefusesWhatCannotBe) {
  for (uint32_t threads : {1, 3}) {
    Session session(hungryProgram(), threads);
    std::vector<int64_t> sizes(2);
    TransomTensor out = {};
    for (int64_t size : {int64_t(-1), INT64_MAX, INT64_MAX / 4}) {
      sizes = {8, size};
      TransomTensor x = tensor(sizes, {2});
      EXPECT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_ERROR_MEMORY);
      EXPECT_EQ(session.error(), "no memory for " + std::to_string(size) + " bytes");
    }
  }
}

TEST(RunMemory, ALargeWishForTheNextRunIsNoCommand) {
  // Having needed several pieces, the next run asks for all at once; where
  // that fails, what it needs now still comes.
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(1);
  options.allocator = allocator.hooks();
  Session session(hungryProgram(), options);
  std::vector<int64_t> sizes = {1000, 50000};
  TransomTensor x = tensor(sizes, {2}), out = {};
  ASSERT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK);
  sizes = {100, 100};
  allocator.failAfter(0);
  EXPECT_EQ(session.run({&x, 1}, {&out, 1}), TRANSOM_OK) << session.error();
}

} // namespace
} // namespace transom::test
