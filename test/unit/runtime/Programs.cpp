//===- Programs.cpp - host programs by hand -------------------------------===//
#include "Programs.h"

#include <algorithm>
#include <cstring>

namespace transom::test {
namespace {

struct Share {
  int64_t begin, end;
  Share(int64_t count, int64_t thread, int64_t threads)
      : begin(count * thread / threads), end(count * (thread + 1) / threads) {}
};

template <typename T> const T *input(const TransomFrame *frame, int index) {
  return static_cast<const T *>(frame->inputs[index]);
}
template <typename T> T *output(const TransomFrame *frame, int index) {
  return static_cast<T *>(frame->outputs[index]);
}

TransomProgram program(const char *name) {
  TransomProgram made = {};
  made.version = TRANSOM_PROGRAM_VERSION;
  made.struct_size = sizeof(TransomProgram);
  made.name = name;
  made.target_cpu = "generic";
  made.target_features = "";
  made.manifest = "{}";
  made.entry = "main";
  return made;
}

template <uint32_t Inputs, uint32_t Outputs>
void setSignature(TransomProgram &program, const TransomValueDesc (&inputs)[Inputs],
                  const TransomValueDesc (&outputs)[Outputs]) {
  program.inputs = inputs;
  program.num_inputs = Inputs;
  program.outputs = outputs;
  program.num_outputs = Outputs;
}

template <uint32_t Count> void setSymbols(TransomProgram &program, const char *const (&names)[Count]) {
  program.symbols = names;
  program.num_symbols = Count;
}

template <uint32_t Count> void setSites(TransomProgram &program, const TransomSite (&sites)[Count]) {
  program.sites = sites;
  program.num_sites = Count;
}

constexpr int32_t none[] = {-1, -1, -1, -1};
constexpr int64_t dynamic[] = {-1};
constexpr int64_t one[] = {1}, two[] = {2}, four[] = {4};

//===----------------------------------------------------------------------===//
// mix
//===----------------------------------------------------------------------===//

constexpr int64_t mixDims[] = {-1, -1};
constexpr int32_t mixSymbols[] = {0, 1}, mixWidth[] = {1};
constexpr TransomValueDesc mixInputs[] = {{"x", TRANSOM_F32, 2, mixDims, mixSymbols},
                                          {"bias", TRANSOM_F32, 1, dynamic, mixWidth}};
constexpr TransomValueDesc mixOutputs[] = {{"y", TRANSOM_F32, 2, mixDims, mixSymbols}};
constexpr const char *mixNames[] = {"batch", "width"};
constexpr TransomSite mixSites[] = {{"first/mul", "Mul"}, {"second/add", "Add"}, {"", "Relu"}};

int64_t mixPrepare(const int64_t *symbols, int64_t *dims) {
  dims[0] = symbols[0];
  dims[1] = symbols[1];
  int64_t bytes;
  if (__builtin_mul_overflow(symbols[0], symbols[1], &bytes) || __builtin_mul_overflow(bytes, 4, &bytes))
    return -1;
  return bytes;
}

void mixRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  int64_t width = frame->symbols[1], count = frame->symbols[0] * width;
  const float *x = input<float>(frame, 0), *bias = input<float>(frame, 1);
  auto *doubled = reinterpret_cast<float *>(frame->arena);
  Share share(count, thread, threads);
  transom_rt_profile(frame->run, thread, 0);
  for (int64_t i = share.begin; i < share.end; ++i)
    doubled[i] = 2 * x[i];
  if (transom_rt_next(frame->run, thread, 1))
    return;
  for (int64_t i = share.begin; i < share.end; ++i)
    output<float>(frame, 0)[i] = doubled[count - 1 - i] + bias[i % width];
}

//===----------------------------------------------------------------------===//
// cache
//===----------------------------------------------------------------------===//

constexpr int64_t cacheDims[] = {1, -1, 4};
constexpr int32_t cachePast[] = {-1, 0, -1}, cacheStep[] = {-1, 1, -1};
constexpr TransomValueDesc cacheInputs[] = {{"past", TRANSOM_F32, 3, cacheDims, cachePast},
                                            {"step", TRANSOM_F32, 3, cacheDims, cacheStep}};
constexpr TransomValueDesc cacheOutputs[] = {{"present", TRANSOM_F32, 3, cacheDims, none},
                                             {"total", TRANSOM_F32, 0, nullptr, nullptr}};
constexpr const char *cacheNames[] = {"past", "step"};

int64_t cachePrepare(const int64_t *symbols, int64_t *dims) {
  dims[0] = 1;
  dims[1] = symbols[0] + symbols[1];
  dims[2] = 4;
  return 0;
}

void cacheRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  int64_t past = frame->symbols[0] * 4, count = past + frame->symbols[1] * 4;
  Share share(count, thread, threads);
  auto *present = output<float>(frame, 0);
  for (int64_t i = share.begin; i < share.end; ++i)
    present[i] = i < past ? input<float>(frame, 0)[i] : input<float>(frame, 1)[i - past];
  if (transom_rt_barrier(frame->run) || thread)
    return;
  float total = 0;
  for (int64_t i = 0; i < count; ++i)
    total += present[i];
  *output<float>(frame, 1) = total;
}

//===----------------------------------------------------------------------===//
// cache, on states
//===----------------------------------------------------------------------===//

constexpr int64_t stateDims[] = {-1, -1, 4}, decayDims[] = {4}, keptDims[] = {-1};
constexpr int32_t rowsSymbols[] = {0, 2, -1}, newSymbols[] = {0, 1, -1}, keptSymbols[] = {4};
constexpr TransomValueDesc stepInputs[] = {{"step", TRANSOM_F32, 3, stateDims, newSymbols}};
constexpr TransomValueDesc stepOutputs[] = {{"total", TRANSOM_F32, 0, nullptr, nullptr}};
constexpr const char *stepNames[] = {"batch", "step", "capacity", "past", "length"};
constexpr TransomStateDesc stepStates[] = {
    {{"past", TRANSOM_F32, 3, stateDims, rowsSymbols}, "present", TRANSOM_STATE_GROWN, 1},
    {{"decayed", TRANSOM_F32, 1, decayDims, none}, "next", TRANSOM_STATE_REPLACED, -1},
    {{"encoder", TRANSOM_F32, 1, keptDims, keptSymbols}, "", TRANSOM_STATE_KEPT, -1}};
constexpr int32_t stepLengths[] = {3};

int64_t stepPrepare(const int64_t *symbols, int64_t *dims) {
  dims[0] = symbols[3] + symbols[1]; // after the outputs' dims, of which there are none
  return 0;
}

void stepRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  int64_t batch = frame->symbols[0], count = frame->symbols[1], capacity = frame->symbols[2], past = frame->symbols[3];
  auto *rows = static_cast<float *>(frame->states[0]);
  const auto *decayed = static_cast<const float *>(frame->states[1]);
  auto *next = static_cast<float *>(frame->next_states[1]);
  Share share(batch, thread, threads);
  for (int64_t b = share.begin; b < share.end; ++b)
    memcpy(rows + (b * capacity + past) * 4, input<float>(frame, 0) + b * count * 4, size_t(count) * 4 * sizeof(float));
  if (transom_rt_barrier(frame->run) || thread)
    return;
  float total = 0;
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t i = 0; i < (past + count) * 4; ++i)
      total += rows[b * capacity * 4 + i];
  for (int i = 0; i < 4; ++i)
    total += next[i] = decayed[i] / 2 + 1;
  for (int64_t i = 0; i < frame->symbols[4]; ++i)
    total += static_cast<const float *>(frame->states[2])[i];
  if (total < 0)
    transom_rt_fail(frame->run, TRANSOM_FAIL_INDEX, -1, int64_t(total), 0);
  *output<float>(frame, 0) = total;
}

//===----------------------------------------------------------------------===//
// select
//===----------------------------------------------------------------------===//

constexpr int32_t selectCount[] = {0};
constexpr TransomValueDesc selectInputs[] = {{"values", TRANSOM_I64, 1, dynamic, selectCount}};
constexpr TransomValueDesc selectOutputs[] = {{"positions", TRANSOM_I64, 1, dynamic, none},
                                              {"zeros", TRANSOM_I64, 1, dynamic, none}};
constexpr const char *selectNames[] = {"count"};

int64_t selectPrepare(const int64_t *, int64_t *dims) {
  dims[0] = dims[1] = -1;
  return 64;
}

void selectRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  int64_t count = frame->symbols[0];
  const auto *values = input<int64_t>(frame, 0);
  int64_t *lists[2];
  for (auto *&list : lists)
    if (!(list = static_cast<int64_t *>(transom_rt_alloc(frame->run, thread, count * 8))))
      return;
  auto *found = reinterpret_cast<int64_t *>(frame->arena);
  if (thread == 0) {
    found[0] = found[1] = 0;
    for (int64_t i = 0; i < count; ++i) {
      int which = values[i] == 0;
      lists[which][found[which]++] = i;
    }
  }
  if (transom_rt_barrier(frame->run))
    return;
  for (int which = 0; which < 2; ++which) {
    auto *result = static_cast<int64_t *>(transom_rt_output(frame->run, thread, which, &found[which]));
    if (!result)
      return;
    Share share(found[which], thread, threads);
    std::copy(lists[which] + share.begin, lists[which] + share.end, result + share.begin);
  }
}

//===----------------------------------------------------------------------===//
// failing, hungry, long
//===----------------------------------------------------------------------===//

constexpr TransomValueDesc failingInputs[] = {{"what", TRANSOM_I64, 1, four, none}};
constexpr TransomValueDesc failingOutputs[] = {{"out", TRANSOM_F32, 1, four, none}};

int64_t failingPrepare(const int64_t *, int64_t *dims) {
  dims[0] = 4;
  return 0;
}

void failingRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  const auto *what = input<int64_t>(frame, 0);
  if (what[0] && thread == threads - 1)
    transom_rt_fail(frame->run, int32_t(what[0]), int32_t(what[3]), what[1], what[2]);
  if (transom_rt_barrier(frame->run))
    return;
  Share share(4, thread, threads);
  std::fill(output<float>(frame, 0) + share.begin, output<float>(frame, 0) + share.end, 1.0f);
}

constexpr TransomValueDesc hungryInputs[] = {{"sizes", TRANSOM_I64, 1, two, none}};
constexpr TransomValueDesc oneOutput[] = {{"out", TRANSOM_I64, 1, one, none}};

int64_t onePrepare(const int64_t *, int64_t *dims) {
  dims[0] = 1;
  return 0;
}

void hungryRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  const auto *sizes = input<int64_t>(frame, 0);
  for (int i = 0; i < 2; ++i) {
    auto *memory = static_cast<uint8_t *>(transom_rt_alloc(frame->run, thread, sizes[i]));
    if (!memory)
      return;
    Share share(sizes[i], thread, threads);
    memset(memory + share.begin, i + 1, size_t(share.end - share.begin));
    if (thread == 0)
      *output<int64_t>(frame, 0) = int64_t(reinterpret_cast<uintptr_t>(memory) % 64);
  }
}

constexpr TransomValueDesc longInputs[] = {{"rounds", TRANSOM_I64, 1, one, none}};

void longRun(const TransomFrame *frame, int64_t thread, int64_t) {
  int64_t rounds = *input<int64_t>(frame, 0);
  for (int64_t i = 0; i < rounds; ++i) {
    if (transom_rt_barrier(frame->run))
      return;
    if (i == 0 && thread == 0)
      ++longRunsStarted;
  }
  if (thread == 0)
    *output<int64_t>(frame, 0) = rounds;
}

//===----------------------------------------------------------------------===//
// weights, identity
//===----------------------------------------------------------------------===//

constexpr int64_t weightsDims[] = {int64_t(numWeights)};
constexpr TransomValueDesc weightsOutputs[] = {{"w", TRANSOM_F32, 1, weightsDims, none}};

int64_t weightsPrepare(const int64_t *, int64_t *dims) {
  dims[0] = int64_t(numWeights);
  return 0;
}

void weightsRun(const TransomFrame *frame, int64_t thread, int64_t) {
  if (thread == 0)
    memcpy(frame->outputs[0], frame->weights, sizeof weightValues);
}

template <int32_t Rank> int64_t identityPrepare(const int64_t *symbols, int64_t *dims) {
  std::copy(symbols, symbols + Rank, dims);
  return 0;
}

template <int32_t Rank, int32_t Bits> void identityRun(const TransomFrame *frame, int64_t thread, int64_t threads) {
  // Beside a dim of 0 the others may be of any size.
  int64_t count = std::count(frame->symbols, frame->symbols + Rank, 0) ? 0 : 1;
  for (int32_t i = 0; i < Rank && count; ++i)
    count *= frame->symbols[i];
  Share share((count * Bits + 7) / 8, thread, threads);
  memcpy(output<uint8_t>(frame, 0) + share.begin, input<uint8_t>(frame, 0) + share.begin,
         size_t(share.end - share.begin));
}

template <int32_t Rank> void setIdentity(TransomProgram &program, int64_t bits) {
  program.prepare = identityPrepare<Rank>;
  program.run = bits == 2    ? identityRun<Rank, 2>
                : bits == 4  ? identityRun<Rank, 4>
                : bits == 8  ? identityRun<Rank, 8>
                : bits == 16 ? identityRun<Rank, 16>
                : bits == 32 ? identityRun<Rank, 32>
                             : identityRun<Rank, 64>;
}

} // namespace

TransomProgram mixProgram() {
  TransomProgram made = program("mix");
  setSignature(made, mixInputs, mixOutputs);
  setSymbols(made, mixNames);
  setSites(made, mixSites);
  made.prepare = mixPrepare;
  made.run = mixRun;
  return made;
}

TransomProgram cacheProgram() {
  TransomProgram made = program("cache");
  setSignature(made, cacheInputs, cacheOutputs);
  setSymbols(made, cacheNames);
  made.prepare = cachePrepare;
  made.run = cacheRun;
  return made;
}

TransomProgram stepProgram() {
  TransomProgram made = program("cache");
  made.entry = "step";
  setSignature(made, stepInputs, stepOutputs);
  setSymbols(made, stepNames);
  made.states = stepStates;
  made.num_states = 3;
  made.lengths = stepLengths;
  made.num_lengths = 1;
  made.prepare = stepPrepare;
  made.run = stepRun;
  return made;
}

TransomProgram selectProgram() {
  TransomProgram made = program("select");
  setSignature(made, selectInputs, selectOutputs);
  setSymbols(made, selectNames);
  made.prepare = selectPrepare;
  made.run = selectRun;
  return made;
}

TransomProgram failingProgram() {
  TransomProgram made = program("failing");
  setSignature(made, failingInputs, failingOutputs);
  setSites(made, mixSites);
  made.prepare = failingPrepare;
  made.run = failingRun;
  return made;
}

TransomProgram hungryProgram() {
  TransomProgram made = program("hungry");
  setSignature(made, hungryInputs, oneOutput);
  made.prepare = onePrepare;
  made.run = hungryRun;
  return made;
}

TransomProgram longProgram() {
  TransomProgram made = program("long");
  setSignature(made, longInputs, oneOutput);
  made.prepare = onePrepare;
  made.run = longRun;
  return made;
}
std::atomic<int> longRunsStarted;

TransomProgram weightsProgram() {
  TransomProgram made = program("weights");
  made.outputs = weightsOutputs;
  made.num_outputs = 1;
  made.weights_bytes = sizeof weightValues;
  made.weights = reinterpret_cast<const uint8_t *>(weightValues);
  made.prepare = weightsPrepare;
  made.run = weightsRun;
  return made;
}
alignas(64) const float weightValues[numWeights] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

IdentityProgram::IdentityProgram(int32_t type, int32_t rank) : program(test::program("identity")) {
  for (int32_t i = 0; i < rank; ++i)
    names.push_back("d" + std::to_string(i));
  for (const std::string &name : names)
    symbolNames.push_back(name.c_str());
  dims.assign(size_t(rank), -1);
  for (int32_t i = 0; i < rank; ++i)
    symbols.push_back(i);
  input = {"x", type, rank, dims.data(), symbols.data()};
  output = {"y", type, rank, dims.data(), symbols.data()};
  program.inputs = &input;
  program.outputs = &output;
  program.num_inputs = program.num_outputs = 1;
  program.symbols = symbolNames.data();
  program.num_symbols = uint32_t(rank);
  int64_t bits = transom_type_bits(type);
  switch (rank) {
  case 0: setIdentity<0>(program, bits); break;
  case 1: setIdentity<1>(program, bits); break;
  case 2: setIdentity<2>(program, bits); break;
  case 3: setIdentity<3>(program, bits); break;
  case 4: setIdentity<4>(program, bits); break;
  default: setIdentity<TRANSOM_MAX_RANK>(program, bits); break;
  }
}

} // namespace transom::test
