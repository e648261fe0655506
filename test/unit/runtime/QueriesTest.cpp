//===- QueriesTest.cpp - what a model tells before a run ------------------===//
#include "Session.h"

namespace transom::test {
namespace {

TEST(Queries, WorkspaceBytes) {
  Session session(mixProgram());
  int64_t symbols[] = {3, 5}, bytes = -7;
  EXPECT_EQ(transom_workspace_bytes(session.model, symbols, &bytes), TRANSOM_OK);
  EXPECT_EQ(bytes, 60);
  symbols[0] = 0;
  EXPECT_EQ(transom_workspace_bytes(session.model, symbols, &bytes), TRANSOM_OK);
  EXPECT_EQ(bytes, 0);
  symbols[0] = -1;
  EXPECT_EQ(transom_workspace_bytes(session.model, symbols, &bytes), TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(transom_workspace_bytes(session.model, nullptr, &bytes), TRANSOM_ERROR_ARGUMENT);
  symbols[0] = symbols[1] = INT64_MAX / 2;
  EXPECT_EQ(transom_workspace_bytes(session.model, symbols, &bytes), TRANSOM_ERROR_SIZE);
}

TEST(Queries, OutputDims) {
  Session session(cacheProgram());
  int64_t symbols[] = {7, 2}, dims[3] = {};
  EXPECT_EQ(transom_output_dims(session.model, symbols, 0, dims), TRANSOM_OK);
  EXPECT_EQ(dims[0], 1);
  EXPECT_EQ(dims[1], 9);
  EXPECT_EQ(dims[2], 4);
  EXPECT_EQ(transom_output_dims(session.model, symbols, 1, nullptr), TRANSOM_OK); // rank 0
  EXPECT_EQ(transom_output_dims(session.model, symbols, 2, dims), TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(transom_output_dims(session.model, nullptr, 0, dims), TRANSOM_ERROR_ARGUMENT);
}

TEST(Queries, DimsThatDependOnDataAreUnknown) {
  Session session(selectProgram());
  int64_t count = 5, dim = 0;
  EXPECT_EQ(transom_output_dims(session.model, &count, 1, &dim), TRANSOM_OK);
  EXPECT_EQ(dim, -1);
}

TEST(Queries, ModelsOfFixedShapesHaveNoSymbols) {
  Session session(failingProgram());
  int64_t dim = 0, bytes = -1;
  EXPECT_EQ(transom_output_dims(session.model, nullptr, 0, &dim), TRANSOM_OK);
  EXPECT_EQ(dim, 4);
  EXPECT_EQ(transom_workspace_bytes(session.model, nullptr, &bytes), TRANSOM_OK);
  EXPECT_EQ(bytes, 0);
}

TEST(Queries, ManyOutputs) {
  // More dims than fit on the stack.
  constexpr uint32_t count = 100;
  static const int64_t dims[] = {-1, 2, 3};
  static const int32_t symbols[] = {0, -1, -1};
  static const char *const names[] = {"n"};
  static TransomValueDesc outputs[count];
  for (TransomValueDesc &output : outputs)
    output = {"out", TRANSOM_U8, 3, dims, symbols};
  TransomProgram program = mixProgram();
  program.num_inputs = 0;
  program.outputs = outputs;
  program.num_outputs = count;
  program.symbols = names;
  program.num_symbols = 1;
  program.prepare = [](const int64_t *values, int64_t *all) -> int64_t {
    for (uint32_t i = 0; i < count; ++i) {
      all[3 * i] = values[0] + i;
      all[3 * i + 1] = 2;
      all[3 * i + 2] = 3;
    }
    return 0;
  };
  CountingAllocator allocator;
  TransomLoadOptions options = {};
  options.struct_size = sizeof options;
  options.allocator = allocator.hooks();
  Session session(program, withThreads(1), &options);
  int64_t before = allocator.live(), value = 10, found[3];
  EXPECT_EQ(transom_output_dims(session.model, &value, 99, found), TRANSOM_OK);
  EXPECT_EQ(found[0], 109);
  EXPECT_EQ(allocator.live(), before);
  allocator.failAfter(0);
  EXPECT_EQ(transom_output_dims(session.model, &value, 99, found), TRANSOM_ERROR_MEMORY);
}

TEST(Queries, ReserveTakesWhatRunsNeed) {
  CountingAllocator allocator;
  TransomContextOptions options = withThreads(2);
  options.allocator = allocator.hooks();
  Session session(mixProgram(), options);
  int64_t symbols[] = {8, 16};
  ASSERT_EQ(transom_reserve(session.context, symbols), TRANSOM_OK) << session.error();
  int requests = allocator.requests();
  // Dense inputs and the caller's buffers: nothing more to take.
  for (int64_t batch : {8, 3, 1}) {
    MixCase mix(batch, 16);
    std::vector<float> y(mix.x.size());
    TransomTensor output = buffer(y);
    ASSERT_EQ(session.run(mix.inputs, {&output, 1}), TRANSOM_OK) << session.error();
    EXPECT_EQ(y, mix.expected);
  }
  EXPECT_EQ(allocator.requests(), requests);
}

TEST(Queries, ReserveRefusesBadSizes) {
  Session session(mixProgram());
  int64_t negative[] = {-1, 2}, large[] = {INT64_MAX, INT64_MAX}, unthinkable[] = {1, INT64_MAX / 16};
  EXPECT_EQ(transom_reserve(session.context, negative), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "symbol 0 (\"batch\") is -1");
  EXPECT_EQ(transom_reserve(session.context, nullptr), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "the array of symbols is null");
  EXPECT_EQ(transom_reserve(session.context, large), TRANSOM_ERROR_SIZE);
  EXPECT_STREQ(session.error(), "the sizes of this run overflow");
  EXPECT_EQ(transom_reserve(session.context, unthinkable), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(session.error(), "no memory for 2305843009213693948 bytes of workspace");
}

} // namespace
} // namespace transom::test
