//===- ForkTest.cpp - processes that fork around runs ---------------------===//
#include "Session.h"

#include <cstdlib>
#include <sys/wait.h>
#include <unistd.h>

namespace transom::test {
namespace {

bool works(Session &session) {
  MixCase mix(5, 7);
  for (int i = 0; i < 10; ++i) {
    TransomTensor y = {};
    if (session.run(mix.inputs, {&y, 1}) != TRANSOM_OK || valuesOf<float>(y) != mix.expected)
      return false;
  }
  return true;
}

/// True if `body` returns true in a child within ten seconds.
template <typename Body> bool inAChild(Body body) {
  pid_t child = fork();
  if (child == 0) {
    alarm(10);
    _exit(body() ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(Fork, BeforeTheFirstRun) {
  Session session(mixProgram(), 3);
  EXPECT_TRUE(inAChild([&] { return works(session); }));
  EXPECT_TRUE(works(session));
}

TEST(Fork, BetweenRuns) {
  Session session(mixProgram(), 3);
  EXPECT_TRUE(works(session));
  // The child starts threads of its own; the parent keeps its.
  EXPECT_TRUE(inAChild([&] { return works(session); }));
  EXPECT_TRUE(works(session));
  EXPECT_TRUE(inAChild([&] { return works(session) && inAChild([&] { return works(session); }) && works(session); }));
  EXPECT_TRUE(works(session));
}

TEST(Fork, TheChildMayDestroyWhatItInherited) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(3);
  options.allocator = allocator.hooks();
  TransomContext *context;
  Session session(mixProgram());
  ASSERT_EQ(transom_context_create(session.model, &options, &context, nullptr, 0), TRANSOM_OK);
  MixCase mix(2, 3);
  TransomTensor y = {};
  ASSERT_EQ(transom_run(context, mix.inputs, 2, &y, 1), TRANSOM_OK);
  for (bool runs : {false, true})
    EXPECT_TRUE(inAChild([&] {
      if (runs && transom_run(context, mix.inputs, 2, &y, 1) != TRANSOM_OK)
        return false;
      transom_context_destroy(context);
      return allocator.live() == 0;
    }));
  EXPECT_EQ(transom_run(context, mix.inputs, 2, &y, 1), TRANSOM_OK);
  transom_context_destroy(context);
}

} // namespace
} // namespace transom::test
