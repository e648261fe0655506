//===- ArgumentsTest.cpp - what a run refuses before it writes ------------===//
#include "Session.h"

namespace transom::test {
namespace {

/// A run of mixProgram that a test makes wrong in one place. Nothing of the
/// output's buffer or tensor may change when it is refused.
struct Arguments : testing::Test {
  Session session{mixProgram()};
  MixCase mix{2, 3};
  std::vector<float> y = std::vector<float>(8, 77.0f);
  TransomTensor output = buffer(y);

  TransomTensor &x() { return mix.inputs[0]; }
  TransomTensor &bias() { return mix.inputs[1]; }

  void expectRefusal(TransomStatus status, const std::string &message, bool tensorStays = true) {
    TransomTensor before = output;
    EXPECT_EQ(session.run(mix.inputs, {&output, 1}), status);
    EXPECT_EQ(session.error(), message);
    EXPECT_EQ(y, std::vector<float>(8, 77.0f));
    if (tensorStays)
      EXPECT_EQ(memcmp(&before, &output, sizeof output), 0);
  }
  ~Arguments() override {
    // A refusal leaves the context as good as new.
    MixCase good(2, 3);
    TransomTensor result = {};
    EXPECT_EQ(session.run(good.inputs, {&result, 1}), TRANSOM_OK) << session.error();
    EXPECT_EQ(valuesOf<float>(result), good.expected);
  }
};

TEST_F(Arguments, AreFine) {
  EXPECT_EQ(session.run(mix.inputs, {&output, 1}), TRANSOM_OK) << session.error();
  EXPECT_STREQ(session.error(), "");
  EXPECT_EQ(output.type, TRANSOM_F32);
  EXPECT_EQ(shapeOf(output), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(valuesOf<float>(output), mix.expected);
  EXPECT_EQ(y[6], 77.0f); // beyond the shape
}

TEST_F(Arguments, NumberOfTensors) {
  EXPECT_EQ(transom_run(session.context, mix.inputs, 1, &output, 1), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "1 inputs and 1 outputs where the model has 2 and 1");
  EXPECT_EQ(transom_run(session.context, mix.inputs, 2, &output, 0), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "2 inputs and 0 outputs where the model has 2 and 1");
  EXPECT_EQ(transom_run(session.context, nullptr, 2, &output, 1), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "the array of tensors is null");
  EXPECT_EQ(transom_run(session.context, mix.inputs, 2, nullptr, 1), TRANSOM_ERROR_ARGUMENT);
}

TEST_F(Arguments, InputType) {
  x().type = TRANSOM_F16;
  expectRefusal(TRANSOM_ERROR_SIGNATURE, "input 0 \"x\" is of f16 (10) where the model has f32");
  x().type = 0;
  expectRefusal(TRANSOM_ERROR_SIGNATURE, "input 0 \"x\" is of no known type (0) where the model has f32");
}

TEST_F(Arguments, InputRank) {
  bias().rank = 2;
  expectRefusal(TRANSOM_ERROR_SIGNATURE, "input 1 \"bias\" has rank 2 where the model has 1");
  bias().rank = -1;
  expectRefusal(TRANSOM_ERROR_SIGNATURE, "input 1 \"bias\" has rank -1 where the model has 1");
}

TEST_F(Arguments, NegativeDim) {
  x().shape[1] = -3;
  expectRefusal(TRANSOM_ERROR_SIGNATURE, "input 0 \"x\": dim 1 (\"width\") is -3");
}

TEST_F(Arguments, UnequalSymbols) {
  bias().shape[0] = 4;
  expectRefusal(TRANSOM_ERROR_SIGNATURE,
                "input 1 \"bias\": dim 0 (\"width\") is 4, but dim 1 of \"x\", the same, is 3");
}

TEST_F(Arguments, NullInput) {
  x().data = nullptr;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "input 0 \"x\": data is null");
}

TEST_F(Arguments, InputReserved) {
  x().reserved = 1;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "input 0 \"x\": the reserved field is not 0");
}

TEST_F(Arguments, InputCapacity) {
  x().capacity_bytes = 23;
  expectRefusal(TRANSOM_ERROR_ARGUMENT,
                "input 0 \"x\": the shape reaches 0 bytes before and 24 after data, which has 23");
  int64_t strides[] = {-3, 1};
  x().strides = strides;
  x().capacity_bytes = 1000;
  expectRefusal(TRANSOM_ERROR_ARGUMENT,
                "input 0 \"x\": the shape reaches 12 bytes before and 12 after data, which has 1000");
}

TEST_F(Arguments, SizesThatOverflow) {
  x().shape[0] = INT64_MAX / 2;
  x().shape[1] = INT64_MAX / 2;
  expectRefusal(TRANSOM_ERROR_SIZE, "input 0 \"x\": the size overflows");
  x().shape[0] = 1;
  x().shape[1] = INT64_MAX / 2; // elements fit, bytes do not
  expectRefusal(TRANSOM_ERROR_SIZE, "input 0 \"x\": the size overflows");
  x().shape[0] = 2;
  x().shape[1] = 3;
  int64_t strides[] = {INT64_MAX / 2, 1};
  x().strides = strides;
  expectRefusal(TRANSOM_ERROR_SIZE, "input 0 \"x\": the strides overflow");
}

TEST_F(Arguments, WorkspaceThatOverflows) {
  // Both inputs are empty, so only the workspace tells.
  TransomProgram program = mixProgram();
  program.prepare = [](const int64_t *symbols, int64_t *dims) -> int64_t {
    dims[0] = symbols[0];
    dims[1] = symbols[1];
    return -1;
  };
  Session other(program);
  EXPECT_EQ(other.run(mix.inputs, {&output, 1}), TRANSOM_ERROR_SIZE);
  EXPECT_STREQ(other.error(), "the sizes of this run overflow");
}

TEST_F(Arguments, OutputThatOverflows) {
  TransomProgram program = mixProgram();
  program.prepare = [](const int64_t *, int64_t *dims) -> int64_t {
    dims[0] = dims[1] = INT64_MAX / 2;
    return 0;
  };
  Session other(program);
  EXPECT_EQ(other.run(mix.inputs, {&output, 1}), TRANSOM_ERROR_SIZE);
  EXPECT_STREQ(other.error(), "output 0 \"y\": the size overflows");
}

TEST_F(Arguments, FixedDims) {
  Session cache(cacheProgram());
  std::vector<float> values(64);
  TransomTensor inputs[] = {tensor(values, {1, 2, 4}), tensor(values, {1, 1, 5})};
  TransomTensor outputs[2] = {};
  EXPECT_EQ(cache.run(inputs, outputs), TRANSOM_ERROR_SIGNATURE);
  EXPECT_STREQ(cache.error(), "input 1 \"step\": dim 2 is 5 where the model has 4");
}

TEST_F(Arguments, OutputType) {
  output.type = TRANSOM_I32;
  expectRefusal(TRANSOM_ERROR_SIGNATURE, "output 0 \"y\" is of i32 (6) where the model has f32");
}

TEST_F(Arguments, OutputReserved) {
  output.reserved = 1;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "output 0 \"y\": the reserved field is not 0");
}

TEST_F(Arguments, OutputCapacity) {
  output.capacity_bytes = 20;
  expectRefusal(TRANSOM_ERROR_CAPACITY, "output 0 \"y\" needs 24 bytes; its buffer has 20", false);
  EXPECT_EQ(shapeOf(output), (std::vector<int64_t>{2, 3})); // what is needed
  EXPECT_EQ(output.type, TRANSOM_F32);
  int64_t strides[] = {4, 1};
  output.strides = strides;
  output.capacity_bytes = 27;
  expectRefusal(TRANSOM_ERROR_CAPACITY, "output 0 \"y\" needs 28 bytes; its buffer has 27", false);
  output.capacity_bytes = 28;
  EXPECT_EQ(session.run(mix.inputs, {&output, 1}), TRANSOM_OK) << session.error();
}

TEST_F(Arguments, OutputStrides) {
  int64_t strides[] = {3, 0};
  output.strides = strides;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "output 0 \"y\": stride 1 is 0");
  strides[0] = -3;
  strides[1] = 1;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "output 0 \"y\": stride 0 is -3");
  strides[0] = INT64_MAX / 2;
  expectRefusal(TRANSOM_ERROR_SIZE, "output 0 \"y\": the strides overflow");
  // Two elements in one place: there is no answer to what ends up there.
  strides[0] = 2;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "output 0 \"y\": with these strides rows lie on each other or interleave");
}

TEST_F(Arguments, OutputOverlapsInput) {
  output.data = mix.x.data();
  output.capacity_bytes = 24;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "the buffer of output 0 \"y\" overlaps that of input 0 \"x\"");
  output.data = mix.x.data() + 5; // the last element
  output.capacity_bytes = 100;
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "the buffer of output 0 \"y\" overlaps that of input 0 \"x\"");
  // An input with a negative stride lies before its pointer.
  y.assign(8, 77.0f);
  int64_t strides[] = {-1};
  bias().strides = strides;
  bias().data = y.data() + 7;
  output = buffer(y);
  expectRefusal(TRANSOM_ERROR_ARGUMENT, "the buffer of output 0 \"y\" overlaps that of input 1 \"bias\"");
  // Right behind the output is no overlap: y is 6 elements, y[6] is not in it.
  strides[0] = 0;
  bias().data = y.data() + 6;
  EXPECT_EQ(session.run(mix.inputs, {&output, 1}), TRANSOM_OK) << session.error();
}

TEST_F(Arguments, OutputOverlapsOutput) {
  Session cache(cacheProgram());
  std::vector<float> values(4, 1.0f), memory(9, 77.0f);
  TransomTensor inputs[] = {tensor(values, {1, 1, 4}), tensor(values, {1, 1, 4})};
  TransomTensor outputs[] = {buffer(memory), {}};
  outputs[1].data = memory.data() + 7;
  outputs[1].capacity_bytes = 4;
  EXPECT_EQ(cache.run(inputs, outputs), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(cache.error(), "the buffer of output 1 \"total\" overlaps that of output 0 \"present\"");
  EXPECT_EQ(memory, std::vector<float>(9, 77.0f));
  outputs[1].data = memory.data() + 8;
  EXPECT_EQ(cache.run(inputs, outputs), TRANSOM_OK) << cache.error();
  EXPECT_EQ(memory, (std::vector<float>{1, 1, 1, 1, 1, 1, 1, 1, 8}));
}

TEST_F(Arguments, OutputOverlapsTheContextsOwn) {
  TransomTensor own = {};
  ASSERT_EQ(session.run(mix.inputs, {&own, 1}), TRANSOM_OK);
  output.data = static_cast<float *>(own.data) + 1;
  output.capacity_bytes = 1000;
  EXPECT_EQ(session.run(mix.inputs, {&output, 1}), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "the buffer of output 0 \"y\" overlaps that of output 0 \"y\"");
}

TEST_F(Arguments, InputsMayOverlapEachOther) {
  bias().data = mix.x.data() + 1;
  EXPECT_EQ(session.run(mix.inputs, {&output, 1}), TRANSOM_OK) << session.error();
  EXPECT_EQ(y[0], 2 * mix.x[5] + mix.x[1]);
}

TEST_F(Arguments, ZeroDims) {
  for (auto [batch, width] : {std::pair<int64_t, int64_t>{0, 3}, {2, 0}, {0, 0}, {0, INT64_MAX}}) {
    TransomTensor inputs[] = {tensor(TRANSOM_F32, nullptr, {batch, width}), tensor(mix.x, {width > 6 ? 0 : width})};
    if (width > 6) {
      // The other input would not fit into memory.
      EXPECT_EQ(session.run(inputs, {&output, 1}), TRANSOM_ERROR_SIGNATURE);
      continue;
    }
    output.data = nullptr;
    EXPECT_EQ(session.run(inputs, {&output, 1}), TRANSOM_OK) << session.error();
    EXPECT_EQ(shapeOf(output), (std::vector<int64_t>{batch, width}));
    output = buffer(y);
    output.capacity_bytes = 0;
    EXPECT_EQ(session.run(inputs, {&output, 1}), TRANSOM_OK) << session.error();
    output = buffer(y);
  }
  EXPECT_EQ(y, std::vector<float>(8, 77.0f));
}

TEST_F(Arguments, LongNamesAreCutOff) {
  std::string name(5000, 'n');
  TransomValueDesc inputs[] = {mixProgram().inputs[0], mixProgram().inputs[1]};
  inputs[0].name = name.c_str();
  TransomProgram program = mixProgram();
  program.inputs = inputs;
  Session other(program);
  x().rank = 3;
  EXPECT_EQ(other.run(mix.inputs, {&output, 1}), TRANSOM_ERROR_SIGNATURE);
  EXPECT_EQ(strlen(other.error()), size_t(TRANSOM_ERROR_BYTES - 1));
}

TEST(EmptyTensors, HugeDimsBesideAZeroAreFine) {
  IdentityProgram identity(TRANSOM_F32, 3);
  Session session(identity.program);
  int64_t strides[] = {1, INT64_MAX, 1};
  TransomTensor x = tensor(TRANSOM_F32, nullptr, {0, INT64_MAX, INT64_MAX}), y = {};
  x.strides = strides;
  float place = 77;
  y.data = &place;
  y.strides = strides;
  EXPECT_EQ(session.run({&x, 1}, {&y, 1}), TRANSOM_OK) << session.error();
  EXPECT_EQ(place, 77);
  EXPECT_EQ(shapeOf(y), (std::vector<int64_t>{0, INT64_MAX, INT64_MAX}));
}

} // namespace
} // namespace transom::test
