//===- DeviceRunTest.cpp - runs on a GPU that is none ---------------------===//
#include "DevicePrograms.h"

#include <dlfcn.h>

namespace transom::test {
namespace {

class DeviceRun : public DeviceTest {
protected:
  /// Memory of the device, as a program gets it from elsewhere.
  struct Memory {
    explicit Memory(size_t bytes) : bytes(bytes) {
      EXPECT_EQ(function<int (*)(uint64_t *, size_t)>("cuMemAlloc_v2")(&address, bytes), 0);
    }
    ~Memory() { function<int (*)(uint64_t)>("cuMemFree_v2")(address); }
    template <typename F> static F function(const char *name) { return reinterpret_cast<F>(dlsym(RTLD_DEFAULT, name)); }
    void write(const void *from) {
      function<int (*)(uint64_t, const void *, size_t, void *)>("cuMemcpyHtoDAsync_v2")(address, from, bytes, nullptr);
      function<int (*)(void *)>("cuStreamSynchronize")(nullptr);
    }
    void read(void *to) {
      function<int (*)(void *, uint64_t, size_t, void *)>("cuMemcpyDtoHAsync_v2")(to, address, bytes, nullptr);
      function<int (*)(void *)>("cuStreamSynchronize")(nullptr);
    }
    uint64_t address = 0;
    size_t bytes;
  };
  void SetUp() override {
    void *context = nullptr;
    Memory::function<int (*)(unsigned)>("cuInit")(0);
    Memory::function<int (*)(void **, int)>("cuDevicePrimaryCtxRetain")(&context, 0);
    Memory::function<int (*)(void *)>("cuCtxPushCurrent_v2")(context);
  }
  void TearDown() override {
    void *context = nullptr;
    Memory::function<int (*)(void **)>("cuCtxPopCurrent_v2")(&context);
    Memory::function<int (*)(int)>("cuDevicePrimaryCtxRelease_v2")(0);
    DeviceTest::TearDown();
  }

  static TransomTensor onGPU(int32_t type, const Memory &memory, std::initializer_list<int64_t> shape) {
    TransomTensor made = tensor(type, reinterpret_cast<void *>(memory.address), shape);
    made.capacity_bytes = memory.bytes;
    made.device_type = 2;
    return made;
  }
};

TEST_F(DeviceRun, LaunchesAndArguments) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_EQ(affine.y, Affine::expected());
  EXPECT_STREQ(transom_device(session.context), "cuda:0");
  EXPECT_EQ(transom_threads(session.context), 1u);
  // The form that has nothing to do is not launched.
  ASSERT_EQ(driver().launches.size(), 2u);
  const FakeLaunch &twice = driver().launches[0], &add = driver().launches[1];
  EXPECT_EQ(twice.function, "twice");
  EXPECT_EQ(twice.grid, 2u); // what is needed
  EXPECT_EQ(twice.threads, 128u);
  EXPECT_EQ(twice.shared, 0u);
  ASSERT_EQ(twice.arguments.size(), 4u);
  EXPECT_EQ(twice.arguments[2], 8);
  EXPECT_EQ(add.function, "add");
  EXPECT_EQ(add.grid, 8u); // what runs at a time: 4 multiprocessors, 2 blocks each
  EXPECT_EQ(add.threads, 256u);
  EXPECT_EQ(add.shared, 60u << 10);
  EXPECT_EQ(add.arguments[0], twice.arguments[1]); // through the workspace
  EXPECT_EQ(add.arguments.back(), twice.arguments.back());
  EXPECT_EQ(count("cuFuncSetAttribute"), 1u); // for what needs more than 48 KiB
}

TEST_F(DeviceRun, SameLibraryOnTheCPU) {
  Session session(affineProgram(), onDevice("cpu"));
  Affine affine;
  unsigned before = unsigned(driver().calls.size());
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  std::vector<float> expected = Affine::expected();
  for (float &value : expected)
    value *= 2;
  EXPECT_EQ(affine.y, expected);
  EXPECT_EQ(driver().calls.size(), before);
}

TEST_F(DeviceRun, NoAllocationInASteadyState) {
  Session session(affineProgram(), onDevice("cuda:0"));
  int64_t symbols[] = {2, 4};
  ASSERT_EQ(transom_reserve(session.context, symbols), TRANSOM_OK);
  Affine affine;
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  unsigned allocations = count("cuMemAlloc");
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_EQ(count("cuMemAlloc"), allocations);
  ASSERT_EQ(transom_trim(session.context), TRANSOM_OK);
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_GT(count("cuMemAlloc"), allocations);
}

TEST_F(DeviceRun, GraphsOfEqualRuns) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  for (int i = 0; i < 5; ++i) {
    affine.x[0] = float(i);
    ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
    EXPECT_EQ(affine.y[0], 2 * float(i) + 10.5f);
  }
  // The first run is launched, the second captured, and the graph launched four times.
  EXPECT_EQ(driver().launches.size(), 4u);
  EXPECT_TRUE(driver().launches.back().isCaptured);
  EXPECT_EQ(count("cuGraphLaunch"), 4u);
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
  EXPECT_EQ(driver().updates.size(), 0u);
  // Other sizes are the same kernels with other blocks and arguments: given to the graph once.
  TransomTensor inputs[] = {tensor(affine.x, {1, 4}), tensor(affine.bias, {4})};
  affine.x[0] = 9;
  for (int i = 0; i < 3; ++i) {
    affine.y.assign(8, -1);
    ASSERT_EQ(session.run(inputs, affine.outputs), TRANSOM_OK) << session.error();
    EXPECT_EQ(affine.y, (std::vector<float>{28.5, 24.5, 36.5, 48.5, -1, -1, -1, -1}));
  }
  ASSERT_EQ(driver().updates.size(), 2u);
  EXPECT_EQ(driver().updates[0].function, "twice");
  EXPECT_EQ(driver().updates[0].grid, 1u);
  EXPECT_EQ(driver().updates[0].arguments[2], 4);
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_EQ(affine.y[7], 56.5f);
  EXPECT_EQ(count("cuGraphInstantiate"), 1u);
  EXPECT_EQ(count("cuGraphLaunch"), 8u);
}

TEST_F(DeviceRun, GraphsThatCannotBeCaptured) {
  for (const char *call :
       {"cuStreamBeginCapture", "cuStreamGetCaptureInfo", "cuStreamEndCapture", "cuGraphInstantiate"}) {
    driver().refusals.clear();
    driver().refusals[call] = {0, 900};
    Said said;
    Session session(affineProgram(), onDevice("cuda:0"), &said.options);
    Affine affine;
    for (int i = 0; i < 4; ++i) {
      std::fill(affine.y.begin(), affine.y.end(), 0.f);
      ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
      EXPECT_EQ(affine.y, Affine::expected());
    }
    EXPECT_EQ(count("cuGraphLaunch"), 0u);
    // Said once, with the driver's words.
    EXPECT_EQ(said.count(std::string("model \"affine\" on cuda:0: kernels are launched one by one, not as graphs: ") +
                         call + ": a refusal (CUDA_ERROR_OF_A_TEST, 900)"),
              1);
  }
}

TEST_F(DeviceRun, Profile) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  ASSERT_EQ(transom_profile_enable(session.context, 1), TRANSOM_OK);
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  auto waits = count("cuStreamSynchronize");
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  TransomProfileEntry entries[2];
  ASSERT_EQ(transom_profile_read(session.context, entries, 2), 2u);
  for (const TransomProfileEntry &entry : entries) {
    EXPECT_EQ(entry.calls, 3u);
    EXPECT_GT(entry.nanoseconds, 0u);
  }
  // The device keeps the time: the host waits for a run, not for its places.
  EXPECT_EQ(count("cuStreamSynchronize"), waits + 2);
  EXPECT_EQ(count("cuGraphLaunch"), 0u); // in a graph, nothing is timed
}

TEST_F(DeviceRun, CallersStream) {
  void *stream = nullptr;
  ASSERT_EQ((Memory::function<int (*)(void **, unsigned)>("cuStreamCreate")(&stream, 0)), 0);
  {
    TransomContextOptions options = onDevice("cuda:0");
    options.stream = stream;
    Session session(affineProgram(), options);
    Affine affine;
    for (int i = 0; i < 3; ++i)
      ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
    EXPECT_EQ(affine.y, Affine::expected());
    for (const FakeLaunch &launch : driver().launches)
      EXPECT_EQ(launch.stream, stream);
  }
  EXPECT_EQ(driver().streams, 1); // it stays the caller's
  Memory::function<int (*)(void *)>("cuStreamDestroy_v2")(stream);
  TransomContextOptions options = withThreads(1);
  options.stream = &options;
  options.device = "cpu";
  TransomContext *context = nullptr;
  char why[TRANSOM_ERROR_BYTES] = "";
  Session session(affineProgram());
  EXPECT_EQ(transom_context_create(session.model, &options, &context, why, sizeof why), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(why, "TransomContextOptions: a stream without a GPU");
}

TEST_F(DeviceRun, TensorsOnTheDevice) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  Memory x(32), y(32);
  x.write(affine.x.data());
  TransomTensor inputs[] = {onGPU(TRANSOM_F32, x, {2, 4}), affine.inputs[1]};
  TransomTensor outputs[] = {onGPU(TRANSOM_F32, y, {2, 4})};
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  std::vector<float> seen(8);
  y.read(seen.data());
  EXPECT_EQ(seen, Affine::expected());
  // Used where they lie.
  EXPECT_EQ(driver().launches[0].arguments[0], int64_t(x.address));
  EXPECT_EQ(driver().launches[1].arguments[3], int64_t(y.address));
}

TEST_F(DeviceRun, MisalignedOnTheDevice) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  Memory x(40), y(40);
  std::vector<float> padded(10);
  std::copy(affine.x.begin(), affine.x.end(), padded.begin() + 1);
  x.write(padded.data());
  TransomTensor inputs[] = {onGPU(TRANSOM_F32, x, {2, 4}), affine.inputs[1]};
  TransomTensor outputs[] = {onGPU(TRANSOM_F32, y, {2, 4})};
  for (TransomTensor *moved : {&inputs[0], &outputs[0]}) {
    moved->data = static_cast<char *>(moved->data) + 4;
    moved->capacity_bytes -= 4;
  }
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  y.read(padded.data());
  EXPECT_EQ(std::vector<float>(padded.begin() + 1, padded.begin() + 9), Affine::expected());
}

TEST_F(DeviceRun, PlacesThatAreRefused) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  Memory x(64);
  auto expect = [&](TransomStatus status, const char *why) {
    EXPECT_EQ(affine.run(session), status);
    EXPECT_STREQ(session.error(), why);
  };
  affine.inputs[0] = onGPU(TRANSOM_F32, x, {2, 4});
  affine.inputs[0].device_id = 1;
  expect(TRANSOM_ERROR_ARGUMENT, "input 0 \"x\" lies on cuda:1; the context runs on cuda:0");
  affine.inputs[0].device_id = 0;
  affine.inputs[0].device_type = 10;
  expect(TRANSOM_ERROR_ARGUMENT, "input 0 \"x\": its device type is 10, which is neither the host's nor a GPU's");
  affine.inputs[0].device_type = 2;
  int64_t strides[] = {8, 1};
  affine.inputs[0].strides = strides;
  expect(TRANSOM_ERROR_ARGUMENT, "input 0 \"x\": a tensor on a GPU has to be dense");
  Session onCPU(affineProgram(), onDevice("cpu"));
  affine.inputs[0].strides = nullptr;
  EXPECT_EQ(affine.run(onCPU), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(onCPU.error(), "input 0 \"x\" lies on cuda:0; the context runs on cpu");
}

TEST_F(DeviceRun, StridedOnTheHost) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  std::vector<float> wide(20), result(20, -1);
  for (int i = 0; i < 8; ++i)
    wide[size_t(i / 4 * 10 + i % 4 * 2)] = affine.x[size_t(i)];
  int64_t strides[] = {10, 2};
  TransomTensor inputs[] = {tensor(wide, {2, 4}), affine.inputs[1]}, outputs[] = {buffer(result)};
  inputs[0].strides = outputs[0].strides = strides;
  for (int run = 0; run < 3; ++run)
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(result[size_t(i)], i % 2 == 0 && i % 10 < 8 ? Affine::expected()[size_t(i / 10 * 4 + i % 10 / 2)] : -1);
}

TEST_F(DeviceRun, OutputsInTheContextsMemory) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  TransomTensor outputs[1] = {};
  ASSERT_EQ(session.run(affine.inputs, outputs), TRANSOM_OK) << session.error();
  EXPECT_EQ(outputs[0].device_type, 0);
  EXPECT_EQ(std::vector<float>(static_cast<float *>(outputs[0].data), static_cast<float *>(outputs[0].data) + 8),
            Affine::expected());
  // On the device: each run reads what the one before left there.
  TransomTensor kept[1] = {};
  kept[0].device_type = 2;
  ASSERT_EQ(session.run(affine.inputs, kept), TRANSOM_OK) << session.error();
  EXPECT_EQ(kept[0].device_type, 2);
  TransomTensor inputs[] = {kept[0], affine.inputs[1]};
  ASSERT_EQ(session.run(inputs, kept), TRANSOM_OK) << session.error();
  EXPECT_NE(kept[0].data, inputs[0].data);
  std::vector<float> seen(8), expected = Affine::expected();
  Memory::function<int (*)(void *, uint64_t, size_t, void *)>("cuMemcpyDtoHAsync_v2")(
      seen.data(), reinterpret_cast<uint64_t>(kept[0].data), 32, nullptr);
  Memory::function<int (*)(void *)>("cuStreamSynchronize")(nullptr);
  for (size_t i = 0; i < 8; ++i)
    EXPECT_EQ(seen[i], 2 * expected[i] + affine.bias[i % 4] + 0.5f);
  // Its memory cannot move while an input lies in it.
  TransomTensor moved[] = {kept[0], affine.inputs[1]}, host[1] = {};
  EXPECT_EQ(session.run(moved, host), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(),
               "input 0 \"x\" lies in the context's memory for output 0 \"y\", which is to move to the host");
}

TEST_F(DeviceRun, Overlaps) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  Memory x(64);
  affine.inputs[0] = onGPU(TRANSOM_F32, x, {2, 4});
  affine.outputs[0] = onGPU(TRANSOM_F32, x, {2, 4});
  affine.outputs[0].data = static_cast<char *>(affine.outputs[0].data) + 16;
  affine.outputs[0].capacity_bytes = 48;
  EXPECT_EQ(affine.run(session), TRANSOM_ERROR_ARGUMENT);
  EXPECT_STREQ(session.error(), "the buffer of output 0 \"y\" overlaps that of input 0 \"x\"");
}

TEST_F(DeviceRun, EmptyTensors) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  affine.inputs[0] = tensor(affine.x, {0, 4});
  ASSERT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_EQ(affine.outputs[0].shape[0], 0);
}

TEST_F(DeviceRun, SizesThatTheHostReads) {
  Session session(positionsProgram(), onDevice(nullptr));
  std::vector<int64_t> values = {0, 3, 0, 5, 6}, positions(4, -1);
  TransomTensor inputs[] = {tensor(values, {5})}, outputs[] = {buffer(positions)};
  for (int run = 0; run < 3; ++run) {
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
    EXPECT_EQ(outputs[0].shape[0], 3);
    EXPECT_EQ(positions, (std::vector<int64_t>{1, 3, 4, -1}));
  }
  EXPECT_EQ(count("cuGraphLaunch"), 0u); // what it launches depends on data
  outputs[0].capacity_bytes = 16;
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_ERROR_CAPACITY);
  EXPECT_STREQ(session.error(), "output 0 \"positions\" needs 24 bytes; its buffer has 16");
  TransomTensor owned[1] = {};
  ASSERT_EQ(session.run(inputs, owned), TRANSOM_OK) << session.error();
  EXPECT_EQ(static_cast<int64_t *>(owned[0].data)[2], 4);
}

TEST_F(DeviceRun, FailuresThatKernelsRecord) {
  Session session(positionsProgram(), onDevice("cuda:0"));
  std::vector<int64_t> values = {0, -3}, positions(2);
  TransomTensor inputs[] = {tensor(values, {2})}, outputs[] = {buffer(positions)};
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_ERROR_DATA);
  EXPECT_STREQ(session.error(), "NonZero \"find\": index -3 is out of range for a dim of 7");
  EXPECT_EQ(driver().launches.size(), 1u); // nothing after it
  values[1] = 3;
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error(); // the record was cleared
}

TEST_F(DeviceRun, CellsCopiesAndMemory) {
  Session session(roundsProgram(), onDevice("cuda:0"));
  std::vector<int64_t> rounds = {4}, sum(1);
  TransomTensor inputs[] = {tensor(rounds, {1})}, outputs[] = {buffer(sum)};
  for (int run = 0; run < 2; ++run) {
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
    EXPECT_EQ(sum[0], 4 * (int64_t(1) << 40) + 6);
  }
  unsigned allocations = count("cuMemAlloc");
  ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
  EXPECT_EQ(count("cuMemAlloc"), allocations);
}

TEST_F(DeviceRun, DescribedTensors) {
  Session session(describedProgram(), onDevice("cuda:0"));
  std::vector<int64_t> x(16), words(8);
  TransomTensor inputs[] = {tensor(x, {16})}, outputs[] = {buffer(words)};
  // The third run is launched as a graph, with the words of the second.
  for (int run = 0; run < 3; ++run) {
    ASSERT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
    EXPECT_EQ(std::vector<int64_t>(words.begin() + 1, words.end()), (std::vector<int64_t>{16, 2, 2, 32, 64, 64, 128}));
    EXPECT_EQ(words[0] % 16, 0);
  }
  EXPECT_EQ(count("cuTensorMapEncodeTiled"), 2u);
}

TEST_F(DeviceRun, DescriptionThatIsRefused) {
  Session session(describedProgram(), onDevice("cuda:0"));
  std::vector<int64_t> x(16), words(8);
  TransomTensor inputs[] = {tensor(x, {16})}, outputs[] = {buffer(words)};
  driver().refusals["cuTensorMapEncodeTiled"] = {0, 999};
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_ERROR_DEVICE);
  EXPECT_NE(std::string(session.error()).find("cuTensorMapEncodeTiled"), std::string::npos) << session.error();
  EXPECT_TRUE(driver().launches.empty());
  driver().refusals.clear();
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
}

TEST_F(DeviceRun, Cancelled) {
  Session session(roundsProgram(), onDevice("cuda:0"));
  std::vector<int64_t> rounds = {30}, sum(1);
  TransomTensor inputs[] = {tensor(rounds, {1})}, outputs[] = {buffer(sum)};
  auto before = driver().kernel;
  driver().kernel = [&](const FakeLaunch &launch) {
    before(launch);
    transom_cancel(session.context);
  };
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_ERROR_CANCELLED);
  EXPECT_STREQ(session.error(), "the run was cancelled");
  // The kernels of this run are in the stream already; the host program is at its end.
  driver().kernel = before;
  rounds[0] = 2;
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_OK) << session.error();
}

} // namespace
} // namespace transom::test
