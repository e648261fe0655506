//===- StatesTest.cpp - what stays between runs ---------------------------===//
#include "LibcHooks.h"
#include "StateSession.h"
#include "transom/transom.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

namespace transom::test {
namespace {

/// stepProgram with a context and a state of batch 1, and 2 encoder values.
class Step : public StateSession {
public:
  explicit Step(int64_t capacity = 8, int64_t batch = 1, uint32_t threads = 1,
                const TransomProgram &program = stepProgram())
      : StateSession(program, threads) {
    state = make(capacity, batch);
  }

  TransomState *make(int64_t capacity, int64_t batch, const char *expectedError = "") {
    TransomState *made = StateSession::make(capacity, batch);
    EXPECT_EQ(said, expectedError);
    return made;
  }
};

TEST(States, StayBetweenRuns) {
  Step step;
  EXPECT_EQ(transom_state_length(step.state), 0);
  EXPECT_EQ(transom_state_capacity(step.state), 8);
  EXPECT_EQ(step.add(1), 4 + 4);          // decayed: 1
  EXPECT_EQ(step.add(2, 2), 4 + 16 + 6);  // 1.5
  EXPECT_EQ(step.add(0), 4 + 16 + 0 + 7); // 1.75
  EXPECT_EQ(transom_state_length(step.state), 4);
}

TEST(States, AreDescribed) {
  Step step;
  const TransomModelInfo &info = *transom_info(step.model);
  EXPECT_STREQ(info.entry, "step");
  ASSERT_EQ(info.num_states, 3u);
  EXPECT_STREQ(info.states[0].value.name, "past");
  EXPECT_STREQ(info.states[0].output, "present");
  EXPECT_EQ(info.states[0].kind, TRANSOM_STATE_GROWN);
  EXPECT_EQ(info.states[0].axis, 1);
  EXPECT_EQ(info.states[1].kind, TRANSOM_STATE_REPLACED);
  EXPECT_STREQ(info.states[2].output, "");
  ASSERT_EQ(info.num_lengths, 1u);
  EXPECT_STREQ(info.symbols[info.lengths[0]], "past");
}

TransomProgram windowProgram() {
  static constexpr int64_t windows[] = {3, 0, 0};
  TransomProgram made = stepProgram();
  made.windows = windows;
  return made;
}

TEST(States, WindowsMoveOn) {
  Step step(5, 1, 1, windowProgram());
  float decayed = 0;
  for (int i = 1; i <= 50; ++i) {
    float want = 4 * float(i) + 4 * (decayed = decayed / 2 + 1);
    for (int row = std::max(1, i - 3); row < i; ++row)
      want += 4 * float(row);
    EXPECT_FLOAT_EQ(step.add(float(i)), want);
    EXPECT_EQ(transom_state_length(step.state), std::min(i, 3));
  }
  TransomTensor tensor;
  int64_t strides[TRANSOM_MAX_RANK];
  ASSERT_EQ(transom_state_tensor(step.state, 0, &tensor, strides), TRANSOM_OK);
  EXPECT_EQ(tensor.shape[1], 3);
  for (int row = 0; row < 3; ++row)
    EXPECT_EQ(static_cast<const float *>(tensor.data)[row * strides[1]], float(48 + row));
  // A run has room for as many rows as stand beside the window.
  EXPECT_TRUE(std::isnan(step.add(1, 3)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(step.error(), "the state has room for 5 rows; after this run it has 6");
  EXPECT_FLOAT_EQ(step.add(1, 2), 4 * (48 + 49 + 50 + 1 + 1) + 4 * (decayed / 2 + 1));
}

TEST(States, WindowsForkAndDoNotGoBack) {
  Step step(5, 1, 1, windowProgram());
  for (int i = 1; i <= 7; ++i)
    step.add(float(i));
  EXPECT_EQ(transom_state_truncate(step.state, 2), TRANSOM_ERROR_ARGUMENT);
  TransomState *copy = nullptr;
  ASSERT_EQ(transom_state_fork(step.state, &copy), TRANSOM_OK);
  float next = step.add(8);
  EXPECT_EQ(step.add(8, 1, copy), next);
  transom_state_destroy(copy);
  ASSERT_EQ(transom_state_reset(step.state), TRANSOM_OK);
  EXPECT_EQ(transom_state_length(step.state), 0);
  EXPECT_EQ(step.add(1), 4 + 4);
  // Of what is written the last rows stay.
  std::vector<float> rows(5 * 4);
  for (size_t i = 0; i < rows.size(); ++i)
    rows[i] = float(i / 4);
  TransomTensor given = tensor(rows, {1, 5, 4});
  ASSERT_EQ(transom_state_write(step.state, 0, &given), TRANSOM_OK);
  EXPECT_EQ(transom_state_length(step.state), 3);
  EXPECT_EQ(step.add(0), 4 * (2 + 3 + 4) + 6);
}

TEST(States, FullOnesRefuse) {
  Step step(3);
  step.add(1, 2);
  EXPECT_TRUE(std::isnan(step.add(1, 2)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(step.error(), "the state has room for 3 rows; after this run it has 4");
  EXPECT_EQ(transom_state_length(step.state), 2);
  EXPECT_EQ(step.add(1), 12 + 6); // the refused run has not touched `decayed`
}

TEST(States, FailedRunsLeaveThemAsTheyWere) {
  Step step;
  step.add(1);
  EXPECT_TRUE(std::isnan(step.add(-1000)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_DATA);
  EXPECT_EQ(transom_state_length(step.state), 1);
  EXPECT_EQ(step.add(1), 8 + 6);
}

TEST(States, AreCopied) { Step().expectCopiesAreApart(); }

TEST(States, ThatAreReplacedCannotGoBack) {
  Step step;
  step.add(1, 2);
  EXPECT_EQ(transom_state_truncate(step.state, 1), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(transom_state_error(step.state),
               "state 1 \"decayed\" is made anew by each run and cannot go back; fork before a run that may have to be "
               "undone");
}

TEST(States, OthersGoBack) {
  TransomProgram program = stepProgram();
  TransomStateDesc states[3] = {program.states[0], program.states[1], program.states[2]};
  states[1].kind = TRANSOM_STATE_WRITTEN;
  program.states = states;
  Session session(program);
  auto model = transom_info(session.model);
  EXPECT_EQ(model->states[1].kind, TRANSOM_STATE_WRITTEN);
  TransomStateOptions options = {};
  options.struct_size = sizeof options;
  options.capacity = 4;
  TransomState *state = nullptr;
  ASSERT_EQ(transom_state_create(session.model, &options, &state, nullptr, 0), TRANSOM_OK);
  std::vector<float> rows = {1, 2, 3, 4, 5, 6, 7, 8};
  TransomTensor given = tensor(rows, {1, 2, 4});
  ASSERT_EQ(transom_state_write(state, 0, &given), TRANSOM_OK);
  EXPECT_EQ(transom_state_truncate(state, 3), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(transom_state_error(state), "state 0 \"past\" has 2 rows, fewer than 3");
  EXPECT_EQ(transom_state_truncate(state, -1), TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(transom_state_truncate(state, 1), TRANSOM_OK);
  EXPECT_EQ(transom_state_length(state), 1);
  transom_state_destroy(state);
}

TEST(States, BeginAnew) {
  Step step;
  std::vector<float> encoder = {10, 20};
  TransomTensor given = tensor(encoder, {2});
  ASSERT_EQ(transom_state_write(step.state, 2, &given), TRANSOM_OK);
  EXPECT_EQ(step.add(1), 4 + 4 + 30);
  ASSERT_EQ(transom_state_reset(step.state), TRANSOM_OK);
  EXPECT_EQ(transom_state_length(step.state), 0);
  EXPECT_EQ(step.add(2), 8 + 4 + 30); // what runs only read stays
}

TEST(States, AreReadAndWritten) {
  Step step(5, 2);
  // Two batches, the tensor's rows apart from each other.
  std::vector<float> rows(2 * 3 * 8);
  for (size_t i = 0; i < rows.size(); ++i)
    rows[i] = float(i);
  TransomTensor given = tensor(rows, {2, 3, 4});
  int64_t strides[] = {24, 8, 1};
  given.strides = strides;
  ASSERT_EQ(transom_state_write(step.state, 0, &given), TRANSOM_OK) << transom_state_error(step.state);
  EXPECT_EQ(transom_state_length(step.state), 3);
  TransomTensor seen;
  int64_t seenStrides[TRANSOM_MAX_RANK];
  ASSERT_EQ(transom_state_tensor(step.state, 0, &seen, seenStrides), TRANSOM_OK);
  EXPECT_EQ(shapeOf(seen), (std::vector<int64_t>{2, 3, 4}));
  EXPECT_EQ(seen.strides, seenStrides);
  for (int64_t b = 0; b < 2; ++b)
    for (int64_t r = 0; r < 3; ++r)
      for (int64_t i = 0; i < 4; ++i)
        EXPECT_EQ(static_cast<const float *>(seen.data)[b * seenStrides[0] + r * seenStrides[1] + i * seenStrides[2]],
                  float(b * 24 + r * 8 + i));
}

TEST(States, RefuseWhatDoesNotFit) {
  Step step(2);
  std::vector<float> many(4 * 3);
  TransomTensor longer = tensor(many, {1, 3, 4}), narrow = tensor(many, {1, 2, 3}), flat = tensor(many, {4});
  EXPECT_EQ(transom_state_write(step.state, 0, &longer), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(transom_state_error(step.state), "state 0 \"past\" has room for 2 rows; the tensor has 3");
  EXPECT_EQ(transom_state_write(step.state, 0, &narrow), TRANSOM_ERROR_SIGNATURE);
  EXPECT_STREQ(transom_state_error(step.state), "state 0 \"past\": dim 2 is 3 where the state has 4");
  EXPECT_EQ(transom_state_write(step.state, 0, &flat), TRANSOM_ERROR_SIGNATURE);
  EXPECT_EQ(transom_state_write(step.state, 3, &flat), TRANSOM_ERROR_ARGUMENT);
  TransomTensor nothing = tensor(TRANSOM_F32, nullptr, {1, 1, 4});
  EXPECT_EQ(transom_state_write(step.state, 0, &nothing), TRANSOM_ERROR_ARGUMENT);
  EXPECT_EQ(transom_state_length(step.state), 0);
}

TEST(States, InputsHaveTheirDims) {
  Step step(4, 2);
  EXPECT_TRUE(std::isnan(step.add(1)));
  EXPECT_EQ(step.status, TRANSOM_ERROR_SIGNATURE);
  EXPECT_STREQ(step.error(), "input 0 \"step\": dim 0 (\"batch\") is 1 where the state has 2");
}

TEST(States, NeedCapacityAndMemory) {
  Step step;
  EXPECT_EQ(step.make(0, 1, "the capacity is 0 rows"), nullptr);
  EXPECT_EQ(step.make(-3, 1, "the capacity is -3 rows"), nullptr);
  EXPECT_EQ(step.make(4, -1, "state 0 \"past\": dim 0 (\"batch\") is -1"), nullptr);
  EXPECT_EQ(step.make(INT64_MAX / 8, 1, "state 0 \"past\": the size overflows"), nullptr);
  TransomState *state = nullptr;
  char why[TRANSOM_ERROR_BYTES];
  TransomStateOptions unset = {};
  EXPECT_EQ(transom_state_create(step.model, &unset, &state, why, sizeof why), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(why, "TransomStateOptions: struct_size is not set");
}

TEST(States, EveryAllocationMayFail) {
  for (int n = 0;; ++n) {
    ASSERT_LT(n, 20);
    CountingAllocator allocator;
    bool fine;
    {
      Session session(stepProgram());
      TransomStateOptions options = {};
      options.struct_size = sizeof options;
      options.capacity = 4;
      options.allocator = allocator.hooks();
      allocator.failAfter(n);
      TransomState *state = nullptr, *copy = nullptr;
      char why[TRANSOM_ERROR_BYTES] = "";
      TransomStatus status = transom_state_create(session.model, &options, &state, why, sizeof why);
      fine = status == TRANSOM_OK;
      if (!fine) {
        EXPECT_EQ(status, TRANSOM_ERROR_MEMORY);
        EXPECT_TRUE(std::string(why).starts_with("no memory for ")) << why;
        EXPECT_EQ(state, nullptr);
      } else {
        status = transom_state_fork(state, &copy);
        EXPECT_TRUE(status == TRANSOM_OK || status == TRANSOM_ERROR_MEMORY);
        fine = status == TRANSOM_OK;
        EXPECT_EQ(copy != nullptr, fine);
      }
      transom_state_destroy(copy);
      transom_state_destroy(state);
    }
    EXPECT_EQ(allocator.live(), 0) << "request " << n;
    if (fine && allocator.requests() <= n)
      break;
  }
}

TEST(States, RunsAllocateNothing) {
  Step step(64, 1, 2);
  for (int i = 0; i < 4; ++i)
    step.add(1);
  std::vector<float> row(4, 1);
  float total = 0;
  TransomTensor in = tensor(row, {1, 1, 4}), out = tensor(TRANSOM_F32, &total, {});
  out.capacity_bytes = sizeof total;
  RequestCount count;
  for (int i = 0; i < 50; ++i)
    ASSERT_EQ(transom_run_state(step.context, step.state, &in, 1, &out, 1), TRANSOM_OK);
  EXPECT_EQ(count.requests(), 0);
}

TEST(States, BelongToTheirEntryPoint) {
  Step step;
  Session other(cacheProgram());
  std::vector<float> row(4);
  TransomTensor in = tensor(row, {1, 1, 4}), out = {};
  EXPECT_EQ(transom_run(step.context, &in, 1, &out, 1), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(step.error(), "the entry point \"step\" runs on a state: use transom_run_state");
  TransomTensor inputs[] = {in, in}, outputs[2] = {};
  EXPECT_EQ(transom_run_state(other.context, step.state, inputs, 2, outputs, 2), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(other.error(), "the state is of entry point \"step\" of model \"cache\", not of \"main\" of \"cache\"");
  EXPECT_EQ(transom_run_state(step.context, nullptr, &in, 1, &out, 1), TRANSOM_ERROR_ARGUMENT);
  TransomState *state = nullptr;
  char why[TRANSOM_ERROR_BYTES];
  TransomStateOptions options = {};
  options.struct_size = sizeof options;
  EXPECT_EQ(transom_state_create(other.model, &options, &state, why, sizeof why), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(why, "the entry point \"main\" keeps no state; transom_entry gives others");
}

TEST(Entries, ShareTheModel) {
  TransomProgram step = stepProgram(), main = cacheProgram();
  main.next = &step;
  TransomModel *entry = nullptr;
  char why[TRANSOM_ERROR_BYTES] = "";
  TransomContext *context = nullptr;
  TransomState *state = nullptr;
  {
    Session session(main);
    EXPECT_EQ(transom_entry(session.model, "stop", &entry, why, sizeof why), TRANSOM_ERROR_ARGUMENT);
    EXPECT_STREQ(why, "model \"cache\" has no entry point \"stop\"; it has: main, step");
    ASSERT_EQ(transom_entry(session.model, "step", &entry, why, sizeof why), TRANSOM_OK) << why;
    EXPECT_STREQ(transom_info(entry)->entry, "step");
    TransomModel *back = nullptr;
    ASSERT_EQ(transom_entry(entry, "main", &back, why, sizeof why), TRANSOM_OK) << why;
    EXPECT_EQ(transom_info(back)->num_inputs, 2u);
    transom_close(back);
  } // what was opened is closed; its entry lives on
  TransomContextOptions contextOptions = withThreads(2);
  ASSERT_EQ(transom_context_create(entry, &contextOptions, &context, why, sizeof why), TRANSOM_OK);
  TransomStateOptions options = {};
  options.struct_size = sizeof options;
  options.capacity = 2;
  ASSERT_EQ(transom_state_create(entry, &options, &state, why, sizeof why), TRANSOM_OK) << why;
  transom_close(entry);
  std::vector<float> row(4, 3);
  TransomTensor in = tensor(row, {1, 1, 4}), out = {};
  ASSERT_EQ(transom_run_state(context, state, &in, 1, &out, 1), TRANSOM_OK) << transom_error(context);
  EXPECT_EQ(valuesOf<float>(out), std::vector<float>{12 + 4});
  transom_context_destroy(context);
  transom_state_destroy(state);
}

TEST(States, OneRunAtATime) {
  Step step(1000, 1, 1);
  TransomContextOptions options = withThreads(1);
  TransomContext *second = nullptr;
  ASSERT_EQ(transom_context_create(step.model, &options, &second, nullptr, 0), TRANSOM_OK);
  std::atomic<int> done = 0;
  auto work = [&](TransomContext *context) {
    std::vector<float> row(4, 1);
    float total = 0;
    TransomTensor in = tensor(row, {1, 1, 4}), out = tensor(TRANSOM_F32, &total, {});
    out.capacity_bytes = sizeof total;
    for (int i = 0; i < 200; ++i) {
      TransomStatus status;
      while ((status = transom_run_state(context, step.state, &in, 1, &out, 1)) == TRANSOM_ERROR_BUSY)
        std::this_thread::yield();
      ASSERT_EQ(status, TRANSOM_OK);
      ++done;
    }
  };
  std::thread other([&] { work(second); });
  work(step.context);
  other.join();
  EXPECT_EQ(done, 400);
  EXPECT_EQ(transom_state_length(step.state), 400);
  transom_context_destroy(second);
}

TEST(States, FromCxx) {
  TransomProgram step = stepProgram(), main = cacheProgram();
  main.next = &step;
  Library library(main);
  auto model = Model::open(library);
  ASSERT_TRUE(model);
  auto entry = model->entry("step");
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->states().size(), 3u);
  auto state = entry->createState(4);
  ASSERT_TRUE(state) << state.error().message;
  ContextOptions options;
  options.threads = 1;
  auto context = entry->createContext(options);
  ASSERT_TRUE(context);
  std::vector<float> row(4, 1), total(1);
  TransomTensor inputs[] = {input(row, {1, 1, 4})}, outputs[] = {output(total)};
  ASSERT_TRUE(context->run(*state, inputs, outputs));
  EXPECT_EQ(total[0], 4 + 4);
  auto copy = state->fork();
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy->length(), 1);
  EXPECT_TRUE(copy->reset());
  EXPECT_EQ(copy->length(), 0);
  EXPECT_EQ(state->length(), 1);
  int64_t strides[TRANSOM_MAX_RANK];
  auto seen = state->tensor(0, strides);
  ASSERT_TRUE(seen);
  EXPECT_EQ(dims(*seen)[1], 1);
  auto refused = state->truncate(0);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("cannot go back"), std::string::npos);
  auto none = entry->createState(0);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().message, "the capacity is 0 rows");
  EXPECT_FALSE(model->entry("other"));
}

} // namespace
} // namespace transom::test
