//===- DevicePrograms.cpp - host programs of a GPU, by hand ---------------===//
#include "DevicePrograms.h"

#include <algorithm>
#include <dlfcn.h>

namespace transom::test {
namespace {

int64_t word(const void *pointer) { return reinterpret_cast<int64_t>(pointer); }

void launch(const TransomFrame *frame, int32_t site, int32_t function, int64_t blocks, std::vector<int64_t> arguments) {
  arguments.push_back(0); // the record's
  transom_rt_device_launch(frame->run, site, function, blocks, arguments.data(), int32_t(arguments.size()));
}

template <typename T> T *pointer(const FakeLaunch &launch, size_t number) {
  return reinterpret_cast<T *>(launch.arguments[number]);
}

/// What a kernel's failure leaves.
struct Record {
  int32_t taken, kind, site, padding;
  int64_t value, limit;
};

/// Those of deviceStepProgram and joinProgram.
void runStateKernels(const FakeLaunch &launch) {
  const std::string &name = launch.function;
  const std::vector<int64_t> &words = launch.arguments;
  if (name == "append" || name == "append_rows") {
    // new, rows, batch, count, capacity, past
    for (int64_t b = 0; b < words[2]; ++b)
      std::copy_n(pointer<float>(launch, 0) + b * words[3] * 4, words[3] * 4,
                  pointer<float>(launch, 1) + (b * words[4] + words[5]) * 4);
  } else if (name == "decay") {
    for (int i = 0; i < 4; ++i)
      pointer<float>(launch, 1)[i] = pointer<float>(launch, 0)[i] / 2 + 1;
  } else if (name == "total") {
    // rows, decayed, encoder, sum, batch, count, capacity, length
    float total = 0;
    for (int64_t b = 0; b < words[4]; ++b)
      for (int64_t i = 0; i < words[5] * 4; ++i)
        total += pointer<float>(launch, 0)[b * words[6] * 4 + i];
    for (int i = 0; i < 4; ++i)
      total += pointer<float>(launch, 1)[i];
    for (int64_t i = 0; i < words[7]; ++i)
      total += pointer<float>(launch, 2)[i];
    if (total < 0)
      *reinterpret_cast<Record *>(words.back()) = {1, TRANSOM_FAIL_INDEX, -1, 0, int64_t(total), 0};
    *pointer<float>(launch, 3) = total;
  } else if (name == "join") {
    // past, step, present, total, rows, more rows
    float total = 0;
    for (int64_t i = 0; i < (words[4] + words[5]) * 4; ++i)
      total += pointer<float>(launch, 2)[i] =
          i < words[4] * 4 ? pointer<float>(launch, 0)[i] : pointer<float>(launch, 1)[i - words[4] * 4];
    *pointer<float>(launch, 3) = total;
  }
}

void runKernels(const FakeLaunch &launch) {
  const std::string &name = launch.function;
  if (name == "twice") {
    for (int64_t i = 0; i < launch.arguments[2]; ++i)
      pointer<float>(launch, 1)[i] = 2 * pointer<float>(launch, 0)[i];
  } else if (name == "add") {
    // twice, bias, w, y, count, width
    for (int64_t i = 0; i < launch.arguments[4]; ++i)
      pointer<float>(launch, 3)[i] = pointer<float>(launch, 0)[i] + pointer<float>(launch, 1)[i % launch.arguments[5]] +
                                     pointer<float>(launch, 2)[0];
  } else if (name == "count") {
    // values, how many, count, site
    int64_t found = 0;
    for (int64_t i = 0; i < launch.arguments[2]; ++i) {
      int64_t value = pointer<int64_t>(launch, 0)[i];
      found += value != 0;
      if (value < 0)
        *reinterpret_cast<Record *>(launch.arguments.back()) = {1, TRANSOM_FAIL_INDEX, 0, 0, value, 7};
    }
    *pointer<int64_t>(launch, 1) = found;
  } else if (name == "positions") {
    int64_t *to = pointer<int64_t>(launch, 1);
    for (int64_t i = 0; i < launch.arguments[2]; ++i)
      if (pointer<int64_t>(launch, 0)[i])
        *to++ = i;
  } else if (name == "step") {
    // number, memory, sum
    *pointer<int64_t>(launch, 1) = *pointer<int64_t>(launch, 0);
    *pointer<int64_t>(launch, 2) += *pointer<int64_t>(launch, 1);
  } else if (name == "words") {
    // a description of 16 words, to
    std::copy_n(launch.arguments.begin(), 8, reinterpret_cast<int64_t *>(launch.arguments[16]));
  } else if (name == "clear") {
    *pointer<int64_t>(launch, 0) = 0;
  } else {
    runStateKernels(launch);
  }
}

//===-- affine ------------------------------------------------------------===//

constexpr int64_t affineDims[] = {-1, -1}, affineWidth[] = {-1};
constexpr int32_t affineSymbols[] = {0, 1}, affineWidthSymbol[] = {1};
constexpr TransomValueDesc affineInputs[] = {{"x", TRANSOM_F32, 2, affineDims, affineSymbols},
                                             {"bias", TRANSOM_F32, 1, affineWidth, affineWidthSymbol}};
constexpr TransomValueDesc affineOutputs[] = {{"y", TRANSOM_F32, 2, affineDims, affineSymbols}};
constexpr const char *affineNames[] = {"batch", "width"};
constexpr TransomSite affineSites[] = {{"first/mul", "Mul"}, {"second/add", "Add"}};
alignas(64) constexpr float affineWeights[] = {0.5, 7, 7, 7};

int64_t affinePrepare(const int64_t *symbols, int64_t *dims) {
  dims[0] = symbols[0];
  dims[1] = symbols[1];
  return symbols[0] * symbols[1] * 4;
}

void affineRun(const TransomFrame *frame, int64_t, int64_t) {
  int64_t count = frame->symbols[0] * frame->symbols[1];
  transom_rt_device_profile(frame->run, 0, 0);
  launch(frame, 0, 0, (count + 3) / 4, {word(frame->inputs[0]), word(frame->arena), count});
  launch(frame, 0, 2, 0, {word(frame->arena)}); // another form: nothing to do
  transom_rt_device_profile(frame->run, 0, 1);
  launch(frame, 1, 1, 1000,
         {word(frame->arena), word(frame->inputs[1]), word(frame->weights), word(frame->outputs[0]), count,
          frame->symbols[1]});
}

void affineOnCPU(const TransomFrame *frame, int64_t thread, int64_t) {
  if (thread)
    return;
  auto *x = static_cast<const float *>(frame->inputs[0]), *bias = static_cast<const float *>(frame->inputs[1]);
  auto *w = reinterpret_cast<const float *>(frame->weights);
  for (int64_t i = 0; i < frame->symbols[0] * frame->symbols[1]; ++i)
    static_cast<float *>(frame->outputs[0])[i] = 2 * (2 * x[i] + bias[i % frame->symbols[1]] + w[0]);
}

constexpr TransomDeviceFunction affineFunctions[] = {{"twice", 128, 0}, {"add", 256, 60 << 10}, {"other", 32, 0}};
constexpr TransomDeviceWeight affinePieces[] = {{0, sizeof affineWeights, 0, 0, 0, 0, 0, 0, 0, 0}};
constexpr uint8_t machineCode[] = {0x7f, 'E', 'L', 'F'};

TransomDeviceProgram deviceProgram(const char *chip, uint32_t capability, bool exact) {
  TransomDeviceProgram made = {};
  made.chip = chip;
  made.capability = capability;
  made.exact = exact;
  made.driver = 12030;
  made.ptx = "// PTX";
  made.ptx_bytes = 6;
  return made;
}

template <uint32_t Count>
void setFunctions(TransomDeviceProgram &made, const TransomDeviceFunction (&functions)[Count]) {
  made.functions = functions;
  made.num_functions = Count;
}

const TransomDeviceProgram *const *affineDevices() {
  static const auto make = [](const char *chip, uint32_t capability, bool exact) {
    TransomDeviceProgram made = deviceProgram(chip, capability, exact);
    setFunctions(made, affineFunctions);
    made.weights = affinePieces;
    made.num_weights = 1;
    made.weights_bytes = sizeof affineWeights;
    made.cubin = machineCode;
    made.cubin_bytes = sizeof machineCode;
    made.prepare = affinePrepare;
    made.run = affineRun;
    return made;
  };
  static const TransomDeviceProgram hopper = make("sm_90a", 90, true), ampere = make("sm_80", 80, false);
  static const TransomDeviceProgram *const both[] = {&hopper, &ampere};
  return both;
}

//===-- positions ---------------------------------------------------------===//

constexpr int64_t dynamic[] = {-1}, one[] = {1};
constexpr int32_t first[] = {0}, none[] = {-1};
constexpr TransomValueDesc positionsInputs[] = {{"values", TRANSOM_I64, 1, dynamic, first}};
constexpr TransomValueDesc positionsOutputs[] = {{"positions", TRANSOM_I64, 1, dynamic, none}};
constexpr const char *positionsNames[] = {"count"};
constexpr TransomSite positionsSites[] = {{"find", "NonZero"}};
constexpr TransomDeviceFunction positionsFunctions[] = {{"count", 32, 0}, {"positions", 32, 0}};

int64_t positionsPrepare(const int64_t *, int64_t *dims) {
  dims[0] = -1;
  return 64;
}

void positionsRun(const TransomFrame *frame, int64_t, int64_t) {
  int64_t found = -1;
  launch(frame, 0, 0, 1, {word(frame->inputs[0]), word(frame->arena), frame->symbols[0]});
  if (transom_rt_device_read(frame->run, frame->arena, 8, &found))
    return;
  void *output = transom_rt_device_output(frame->run, 0, 0, &found);
  if (!output)
    return;
  launch(frame, 0, 1, 1, {word(frame->inputs[0]), word(output), frame->symbols[0]});
}

//===-- rounds ------------------------------------------------------------===//

constexpr TransomValueDesc roundsInputs[] = {{"rounds", TRANSOM_I64, 1, one, none}};
constexpr TransomValueDesc roundsOutputs[] = {{"sum", TRANSOM_I64, 1, one, none}};
constexpr TransomDeviceFunction roundsFunctions[] = {{"step", 32, 0}, {"clear", 32, 0}};

int64_t roundsPrepare(const int64_t *, int64_t *dims) {
  dims[0] = 1;
  return 0;
}

void roundsRun(const TransomFrame *frame, int64_t, int64_t) {
  int64_t rounds = 0;
  if (transom_rt_device_read(frame->run, frame->inputs[0], 8, &rounds))
    return;
  launch(frame, 0, 1, 1, {word(frame->outputs[0])});
  for (int64_t i = 0; i < rounds; ++i) {
    void *cell = transom_rt_device_cell(frame->run, 3);
    transom_rt_device_write(frame->run, cell, (int64_t(1) << 40) + i, 8);
    void *memory = transom_rt_device_alloc(frame->run, 0, 1000 * (i + 1)), *copy = nullptr;
    if (!memory || !(copy = transom_rt_device_alloc(frame->run, 0, 8)))
      return;
    transom_rt_device_copy(frame->run, copy, cell, 8);
    launch(frame, 0, 0, 1, {word(copy), word(memory), word(frame->outputs[0])});
  }
}

//===-- described ---------------------------------------------------------===//

constexpr int64_t sixteen[] = {16}, eight[] = {8};
constexpr TransomValueDesc describedInputs[] = {{"x", TRANSOM_I64, 1, sixteen, none}};
constexpr TransomValueDesc describedOutputs[] = {{"words", TRANSOM_I64, 1, eight, none}};
constexpr TransomDeviceFunction describedFunctions[] = {{"words", 32, 0}};

int64_t describedPrepare(const int64_t *, int64_t *dims) {
  dims[0] = 8;
  return 0;
}

void describedRun(const TransomFrame *frame, int64_t, int64_t) {
  alignas(64) int64_t words[18] = {};
  transom_rt_device_map(frame->run, 0, words, frame->inputs[0], -2, 16, 2, 2, 64, 128);
  words[16] = word(frame->outputs[0]);
  transom_rt_device_launch(frame->run, 0, 0, 1, words, 18);
}

//===-- step, join --------------------------------------------------------===//

constexpr TransomDeviceFunction stateFunctions[] = {
    {"append", 32, 0}, {"append_rows", 32, 0}, {"decay", 32, 0}, {"total", 32, 0}, {"join", 32, 0}};

void stepRun(const TransomFrame *frame, int64_t, int64_t) {
  int64_t batch = frame->symbols[0], count = frame->symbols[1], capacity = frame->symbols[2], past = frame->symbols[3];
  const std::vector<int64_t> appended = {word(frame->inputs[0]), word(frame->states[0]), batch, count, capacity, past};
  launch(frame, 0, 0, count == 1, appended);
  launch(frame, 0, 1, count > 1 ? count : 0, appended);
  launch(frame, 0, 2, 1, {word(frame->states[1]), word(frame->next_states[1])});
  launch(frame, 0, 3, 1 + (past + count) / 4,
         {word(frame->states[0]), word(frame->next_states[1]), word(frame->states[2]), word(frame->outputs[0]), batch,
          past + count, capacity, frame->symbols[4]});
}

void joinRun(const TransomFrame *frame, int64_t, int64_t) {
  launch(frame, 0, 4, 1,
         {word(frame->inputs[0]), word(frame->inputs[1]), word(frame->outputs[0]), word(frame->outputs[1]),
          frame->symbols[0], frame->symbols[1]});
}

TransomProgram program(const char *name, const char *chips) {
  TransomProgram made = {};
  made.version = TRANSOM_PROGRAM_VERSION;
  made.struct_size = sizeof(TransomProgram);
  made.name = name;
  made.target_cpu = "generic";
  made.target_features = "";
  made.manifest = "{}";
  made.entry = "main";
  made.device_runtime = &transom_rt_device;
  made.device_chips = chips;
  made.num_inputs = made.num_outputs = 1;
  return made;
}

/// The code of a program for one chip alone.
template <size_t N>
TransomDeviceProgram onlyDevice(const TransomDeviceFunction (&functions)[N],
                                decltype(TransomDeviceProgram::prepare) prepare,
                                decltype(TransomDeviceProgram::run) run) {
  TransomDeviceProgram made = deviceProgram("sm_80", 80, false);
  setFunctions(made, functions);
  made.prepare = prepare;
  made.run = run;
  return made;
}

TransomProgram programOn(const TransomDeviceProgram *const (&devices)[1], const char *name) {
  TransomProgram made = program(name, "sm_80");
  made.sites = positionsSites;
  made.num_sites = 1;
  made.prepare = devices[0]->prepare;
  made.devices = devices;
  made.num_devices = 1;
  return made;
}

} // namespace

TransomProgram affineProgram() {
  TransomProgram made = program("affine", "sm_90a,sm_80");
  made.inputs = affineInputs;
  made.num_inputs = 2;
  made.outputs = affineOutputs;
  made.symbols = affineNames;
  made.num_symbols = 2;
  made.sites = affineSites;
  made.num_sites = 2;
  made.weights = reinterpret_cast<const uint8_t *>(affineWeights);
  made.weights_bytes = sizeof affineWeights;
  made.prepare = affinePrepare;
  made.run = affineOnCPU;
  made.devices = affineDevices();
  made.num_devices = 2;
  return made;
}

TransomProgram positionsProgram() {
  static const TransomDeviceProgram device = onlyDevice(positionsFunctions, positionsPrepare, positionsRun);
  static const TransomDeviceProgram *const devices[] = {&device};
  TransomProgram made = programOn(devices, "positions");
  made.inputs = positionsInputs;
  made.outputs = positionsOutputs;
  made.symbols = positionsNames;
  made.num_symbols = 1;
  return made;
}

TransomProgram roundsProgram() {
  static const TransomDeviceProgram device = onlyDevice(roundsFunctions, roundsPrepare, roundsRun);
  static const TransomDeviceProgram *const devices[] = {&device};
  TransomProgram made = programOn(devices, "rounds");
  made.inputs = roundsInputs;
  made.outputs = roundsOutputs;
  return made;
}

TransomProgram describedProgram() {
  static const TransomDeviceProgram device = onlyDevice(describedFunctions, describedPrepare, describedRun);
  static const TransomDeviceProgram *const devices[] = {&device};
  TransomProgram made = programOn(devices, "described");
  made.inputs = describedInputs;
  made.outputs = describedOutputs;
  return made;
}

static TransomDeviceProgram stateDevice(const TransomProgram &host, decltype(TransomDeviceProgram::run) run) {
  TransomDeviceProgram made = onlyDevice(stateFunctions, host.prepare, run);
  made.weights = affinePieces;
  made.num_weights = 1;
  made.weights_bytes = sizeof affineWeights;
  return made;
}

static TransomProgram onGPUsToo(TransomProgram made, const TransomDeviceProgram *const (&devices)[1]) {
  made.device_runtime = &transom_rt_device;
  made.device_chips = "sm_80";
  made.devices = devices;
  made.num_devices = 1;
  made.weights = reinterpret_cast<const uint8_t *>(affineWeights);
  made.weights_bytes = sizeof affineWeights;
  return made;
}

TransomProgram deviceStepProgram() {
  static const TransomDeviceProgram device = stateDevice(stepProgram(), stepRun);
  static const TransomDeviceProgram *const devices[] = {&device};
  return onGPUsToo(stepProgram(), devices);
}

TransomProgram joinProgram() {
  static const TransomDeviceProgram device = stateDevice(cacheProgram(), joinRun);
  static const TransomDeviceProgram *const devices[] = {&device};
  return onGPUsToo(cacheProgram(), devices);
}

//===-- The driver --------------------------------------------------------===//

std::string DeviceTest::withoutDriver;

/// The fake driver has the name of the real one's library; once it is loaded, the runtime finds it.
void DeviceTest::SetUpTestSuite() {
  static const bool loaded = [] {
    char why[TRANSOM_ERROR_BYTES] = "";
    Library library(affineProgram());
    TransomModel *model = nullptr;
    TransomContext *context = nullptr;
    TransomContextOptions options = onDevice("cuda:0");
    EXPECT_EQ(transom_open(library, nullptr, &model, why, sizeof why), TRANSOM_OK) << why;
    TransomStatus status = transom_context_create(model, &options, &context, why, sizeof why);
    withoutDriver = std::to_string(status) + ": " + why;
    transom_context_destroy(context);
    transom_close(model);
    return dlopen(FAKE_DRIVER, RTLD_NOW | RTLD_GLOBAL) != nullptr;
  }();
  ASSERT_TRUE(loaded) << dlerror();
}

FakeDriver &DeviceTest::driver() {
  static auto find = reinterpret_cast<FakeDriver *(*)()>(dlsym(RTLD_DEFAULT, "transom_fake_driver"));
  return *find();
}

DeviceTest::DeviceTest() {
  reinterpret_cast<void (*)()>(dlsym(RTLD_DEFAULT, "transom_fake_driver_reset"))();
  driver().kernel = runKernels;
}

/// Whatever a test did: nothing is left, and nothing was misused.
void DeviceTest::TearDown() {
  EXPECT_EQ(driver().problem, "");
  EXPECT_EQ(driver().deviceBytes, 0u);
  EXPECT_EQ(driver().pinnedBytes, 0u);
  EXPECT_EQ(driver().streams, 0);
  EXPECT_EQ(driver().events, 0);
  EXPECT_EQ(driver().modules, 0);
  EXPECT_EQ(driver().graphs, 0);
  EXPECT_EQ(driver().primaryContexts, 0);
}

TransomStatus DeviceTest::create(const TransomProgram &program, const char *device, std::string &why) {
  Library library(program);
  TransomModel *model = nullptr;
  TransomContext *context = nullptr;
  char text[TRANSOM_ERROR_BYTES] = "";
  TransomContextOptions options = onDevice(device);
  EXPECT_EQ(transom_open(library, nullptr, &model, text, sizeof text), TRANSOM_OK) << text;
  TransomStatus status = transom_context_create(model, &options, &context, text, sizeof text);
  EXPECT_EQ(status == TRANSOM_OK, context != nullptr);
  why = context ? transom_device(context) : text;
  transom_context_destroy(context);
  transom_close(model);
  return status;
}

unsigned DeviceTest::count(const std::string &call) const {
  return unsigned(std::count(driver().calls.begin(), driver().calls.end(), call));
}

} // namespace transom::test
