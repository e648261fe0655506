//===- DeviceErrorsTest.cpp - what is said where a GPU cannot run ---------===//
#include "DevicePrograms.h"

namespace transom::test {
namespace {

class DeviceErrors : public DeviceTest {};

TEST_F(DeviceErrors, NoDriver) {
  if (withoutDriver.find("no CUDA driver") == std::string::npos)
    GTEST_SKIP() << "this machine has a driver";
  EXPECT_EQ(withoutDriver.substr(0, 48), "13: no CUDA driver: libcuda.so.1: cannot open sh");
}

TEST_F(DeviceErrors, Names) {
  std::string why;
  EXPECT_EQ(create(affineProgram(), nullptr, why), TRANSOM_OK);
  EXPECT_EQ(why, "cpu");
  EXPECT_EQ(create(affineProgram(), "cpu", why), TRANSOM_OK);
  EXPECT_EQ(why, "cpu");
  EXPECT_TRUE(driver().calls.empty()); // nothing is asked of a driver that nobody wants
  EXPECT_EQ(create(affineProgram(), "cuda", why), TRANSOM_OK);
  EXPECT_EQ(why, "cuda:0");
  EXPECT_EQ(create(affineProgram(), "auto", why), TRANSOM_OK);
  EXPECT_EQ(why, "cuda:0");
  for (const char *name : {"gpu", "cuda:", "cuda:x", "cuda:1x", "cuda0", "", "CPU"}) {
    EXPECT_EQ(create(affineProgram(), name, why), TRANSOM_ERROR_ARGUMENT);
    EXPECT_EQ(why, "device \"" + std::string(name) + "\" is none of cpu, cuda, cuda:N, auto");
  }
  EXPECT_EQ(create(affineProgram(), "cuda:1", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "there is no cuda:1; the CUDA driver sees 1");
}

TEST_F(DeviceErrors, CodeForOneKindAlone) {
  std::string why;
  TransomProgram cpuOnly = affineProgram();
  cpuOnly.num_devices = 0;
  cpuOnly.devices = nullptr;
  cpuOnly.device_runtime = nullptr;
  cpuOnly.device_chips = "";
  EXPECT_EQ(create(cpuOnly, "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "model \"affine\" has no code for GPUs: it was compiled for cpu alone");
  EXPECT_EQ(create(cpuOnly, "auto", why), TRANSOM_OK);
  EXPECT_EQ(why, "cpu");
  TransomProgram deviceOnly = affineProgram();
  deviceOnly.run = nullptr;
  EXPECT_EQ(create(deviceOnly, "cpu", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "model \"affine\" has no code for CPUs, only for sm_90a,sm_80");
  EXPECT_EQ(create(deviceOnly, nullptr, why), TRANSOM_OK);
  EXPECT_EQ(why, "cuda:0");
  driver().count = 0;
  EXPECT_EQ(create(deviceOnly, "auto", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "the CUDA driver sees no GPU");
  EXPECT_EQ(create(affineProgram(), "auto", why), TRANSOM_OK);
  EXPECT_EQ(why, "cpu");
}

TEST_F(DeviceErrors, OtherChip) {
  std::string why;
  driver().capability = 75;
  EXPECT_EQ(create(affineProgram(), "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "cuda:0 (Fake GPU) is sm_75; model \"affine\" has code for sm_90a,sm_80");
  EXPECT_EQ(create(affineProgram(), "auto", why), TRANSOM_OK);
  EXPECT_EQ(why, "cpu");
}

TEST_F(DeviceErrors, ChipsThatOtherCodeRunsOn) {
  // sm_89 runs the machine code of sm_80; sm_100 compiles its PTX.
  for (int capability : {80, 86, 89, 90, 100}) {
    driver().capability = capability;
    driver().version = capability == 100 ? 12080 : 11000;
    std::string why;
    EXPECT_EQ(create(affineProgram(), "cuda:0", why), TRANSOM_OK) << why;
  }
}

TEST_F(DeviceErrors, OldDriver) {
  std::string why;
  driver().version = 11040;
  driver().capability = 100;
  EXPECT_EQ(create(affineProgram(), "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why,
            "cuda:0 (Fake GPU): the driver is too old: it is of CUDA 11.4, and model \"affine\" for sm_80 needs 12.3");
}

TEST_F(DeviceErrors, MachineCodeThatDoesNotLoad) {
  // The PTX does; but an old driver cannot compile it.
  std::string why;
  driver().refusesCubins = true;
  EXPECT_EQ(create(affineProgram(), "cuda:0", why), TRANSOM_OK) << why;
  EXPECT_EQ(count("cuModuleLoadDataEx"), 2u);
  driver().version = 11040;
  EXPECT_EQ(create(affineProgram(), "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "the model's code cannot be loaded: a refusal (CUDA_ERROR_OF_A_TEST, 209)");
}

TEST_F(DeviceErrors, CompilerLog) {
  TransomProgram program = affineProgram();
  TransomDeviceProgram broken = *program.devices[0];
  const TransomDeviceProgram *const devices[] = {&broken};
  broken.cubin = nullptr;
  broken.ptx = "// error: line 7: no such register";
  program.devices = devices;
  program.num_devices = 1;
  std::string why;
  EXPECT_EQ(create(program, "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why,
            "the code for sm_90a cannot be loaded: line 7: no such register: a refusal (CUDA_ERROR_OF_A_TEST, 218)");
}

TEST_F(DeviceErrors, KernelThatDoesNotFit) {
  TransomProgram program = affineProgram();
  TransomDeviceProgram large = *program.devices[0];
  const TransomDeviceProgram *const devices[] = {&large};
  TransomDeviceFunction functions[] = {{"twice", 2048, 0}};
  large.functions = functions;
  large.num_functions = 1;
  program.devices = devices;
  program.num_devices = 1;
  std::string why;
  EXPECT_EQ(create(program, "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "kernel twice of model \"affine\" does not fit into a multiprocessor of cuda:0 (Fake GPU)");
  functions[0] = {"missing", 32, 0};
  EXPECT_EQ(create(program, "cuda:0", why), TRANSOM_ERROR_DEVICE);
  EXPECT_EQ(why, "kernel missing: a refusal (CUDA_ERROR_OF_A_TEST, 500)");
}

TEST_F(DeviceErrors, NoMemory) {
  std::string why;
  driver().memory = 8;
  EXPECT_EQ(create(affineProgram(), "cuda:0", why), TRANSOM_ERROR_MEMORY);
  EXPECT_EQ(why, "16 bytes of weights on cuda:0: out of memory (CUDA_ERROR_OUT_OF_MEMORY, 2)");
  // A lack of memory is no reason to run elsewhere.
  EXPECT_EQ(create(affineProgram(), "auto", why), TRANSOM_ERROR_MEMORY);
  driver().memory = 8192;
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  EXPECT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  std::vector<float> x(4000), y(4000);
  TransomTensor inputs[] = {tensor(x, {1000, 4}), tensor(affine.bias, {4})}, outputs[] = {buffer(y)};
  EXPECT_EQ(session.run(inputs, outputs), TRANSOM_ERROR_MEMORY);
  EXPECT_STREQ(session.error(), "no memory on cuda:0 for 16000 bytes of workspace");
  int64_t symbols[] = {1000, 4};
  EXPECT_EQ(transom_reserve(session.context, symbols), TRANSOM_ERROR_MEMORY);
  EXPECT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_EQ(affine.y, Affine::expected());
}

TEST_F(DeviceErrors, FailedLaunch) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  driver().refusals["cuLaunchKernel"] = {1, 701};
  EXPECT_EQ(affine.run(session), TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(session.error(), "Add \"second/add\": add on cuda:0: a refusal (CUDA_ERROR_OF_A_TEST, 701)");
  driver().refusals.clear();
  EXPECT_EQ(affine.run(session), TRANSOM_OK) << session.error();
  EXPECT_EQ(affine.y, Affine::expected());
}

TEST_F(DeviceErrors, KernelThatEndsBadly) {
  Session session(affineProgram(), onDevice("cuda:0"));
  Affine affine;
  driver().refusals["cuStreamSynchronize"] = {0, 700};
  EXPECT_EQ(affine.run(session), TRANSOM_ERROR_DEVICE);
  EXPECT_STREQ(session.error(), "the run on cuda:0: an illegal address (CUDA_ERROR_ILLEGAL_ADDRESS, 700)");
}

/// Whichever call refuses, and whenever: a status with words, nothing left
/// behind, and a context that works again.
TEST_F(DeviceErrors, EveryCall) {
  const char *const calls[] = {"cuInit",
                               "cuDeviceGetCount",
                               "cuDeviceGet",
                               "cuDeviceGetAttribute",
                               "cuDevicePrimaryCtxRetain",
                               "cuCtxPushCurrent",
                               "cuModuleLoadDataEx",
                               "cuModuleGetFunction",
                               "cuFuncSetAttribute",
                               "cuOccupancyMaxActiveBlocksPerMultiprocessor",
                               "cuMemAlloc",
                               "cuMemHostAlloc",
                               "cuMemcpyHtoDAsync",
                               "cuMemcpyDtoHAsync",
                               "cuMemcpyDtoDAsync",
                               "cuMemsetD8Async",
                               "cuMemsetD32Async",
                               "cuStreamCreate",
                               "cuStreamSynchronize",
                               "cuEventCreate",
                               "cuEventRecord",
                               "cuLaunchKernel"};
  TransomProgram programs[] = {affineProgram(), positionsProgram(), roundsProgram()};
  for (const char *call : calls) {
    unsigned refused = 0;
    for (const TransomProgram &program : programs) {
      Library library(program);
      for (int after = 0; after < 9; ++after) {
        SCOPED_TRACE(std::string(call) + " after " + std::to_string(after) + " of " + program.name);
        driver().refusals.clear();
        driver().refusals[call] = {after, 999};
        char why[TRANSOM_ERROR_BYTES] = "";
        TransomModel *model = nullptr;
        TransomContext *context = nullptr;
        TransomContextOptions options = onDevice("cuda:0");
        ASSERT_EQ(transom_open(library, nullptr, &model, why, sizeof why), TRANSOM_OK) << why;
        TransomStatus status = transom_context_create(model, &options, &context, why, sizeof why);
        if (status) {
          EXPECT_NE(std::string(why), "");
          ++refused;
        } else {
          Affine affine;
          std::vector<int64_t> values = {0, 3, 0, 5}, result(4), rounds = {3};
          TransomTensor input[] = {program.num_symbols ? tensor(values, {4}) : tensor(rounds, {1})};
          TransomTensor output[] = {buffer(result)};
          bool isAffine = program.num_inputs == 2;
          auto run = [&] {
            return isAffine ? transom_run(context, affine.inputs, 2, affine.outputs, 1)
                            : transom_run(context, input, 1, output, 1);
          };
          status = run();
          if (status) {
            ++refused;
            EXPECT_NE(std::string(transom_error(context)), "");
          }
          driver().refusals.clear();
          EXPECT_EQ(run(), TRANSOM_OK) << transom_error(context);
        }
        transom_context_destroy(context);
        transom_close(model);
      }
    }
    EXPECT_GT(refused, 0u) << call;
  }
}

} // namespace
} // namespace transom::test
