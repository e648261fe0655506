//===- FuzzRun.cpp - tensors of all kinds handed to a run -----------------===//
//
// Ranks, dims, strides, types, capacities and null pointers of any kind, several runs
// of one context, of programs that play generated code. A run gives a status and a
// message; where it is refused nothing is written, where it works only the output's
// elements are. Pointers are true: behind each lies memory as the tensor says, or
// less with a capacity that says so.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fuzzer/FuzzedDataProvider.h>
#include <list>
#include <memory>
#include <vector>

using namespace transom::test;

namespace {
constexpr size_t roomBytes = 4096, marginBytes = 4096;
constexpr uint8_t untouched = 0xa5;

/// Memory for one tensor, and what strides it points at.
struct Room {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(roomBytes + 2 * marginBytes, untouched);
  std::vector<int64_t> strides;
  uint8_t *data() { return bytes.data() + marginBytes; }
};

[[noreturn]] void finding(const char *what, const TransomContext *context) {
  fprintf(stderr, "%s: %s\n", what, transom_error(context));
  abort();
}

class Session {
public:
  Session(const TransomProgram &given, FuzzedDataProvider &data) : program(given), library(given), data(data) {
    char why[TRANSOM_ERROR_BYTES];
    TransomContextOptions options = {};
    options.struct_size = sizeof options;
    options.threads = data.ConsumeIntegralInRange(0, 15) ? 1 : 2;
    if (transom_open(library, nullptr, &model, why, sizeof why) != TRANSOM_OK ||
        transom_context_create(model, &options, &context, why, sizeof why) != TRANSOM_OK)
      abort();
  }
  ~Session() {
    transom_context_destroy(context);
    transom_close(model);
  }
  void run();

private:
  int64_t anyNumber();
  void dress(TransomTensor &tensor, const TransomValueDesc &value);
  bool liesWithin(const TransomTensor &tensor, int32_t rank);
  TransomTensor input(const TransomValueDesc &value);
  TransomTensor output(const TransomValueDesc &value);

  TransomProgram program;
  Library library;
  FuzzedDataProvider &data;
  TransomModel *model = nullptr;
  TransomContext *context = nullptr;
  std::list<Room> rooms;              ///< of all runs: tensors of earlier ones still point at their strides
  std::vector<TransomTensor> earlier; ///< what runs gave
};

int64_t Session::anyNumber() {
  switch (data.ConsumeIntegralInRange(0, 5)) {
  case 0: return data.ConsumeIntegral<int64_t>();
  case 1: return data.PickValueInArray({INT64_MAX, INT64_MIN, int64_t(-1), int64_t(1) << 62, int64_t(1) << 32});
  default: return data.ConsumeIntegralInRange(0, 5);
  }
}

/// Says of a tensor what may be true or not.
void Session::dress(TransomTensor &tensor, const TransomValueDesc &value) {
  tensor.type = data.ConsumeIntegralInRange(0, 15) ? value.type : data.ConsumeIntegralInRange(-1, 40);
  tensor.rank = data.ConsumeIntegralInRange(0, 15) ? value.rank : int32_t(anyNumber());
  for (int64_t &dim : tensor.shape)
    dim = anyNumber();
  for (int32_t i = 0; i < value.rank; ++i)
    if (value.dims[i] >= 0 && data.ConsumeIntegralInRange(0, 7))
      tensor.shape[i] = value.dims[i];
  if (data.ConsumeIntegralInRange(0, 31) == 0)
    tensor.reserved = 1;
  if (data.ConsumeIntegralInRange(0, 31) == 0)
    tensor.device_type = data.ConsumeIntegralInRange(-1, 16);
  if (data.ConsumeIntegralInRange(0, 2) == 0) {
    // As many as the tensor has dims: what is read beyond them is a finding.
    size_t count = tensor.rank >= 0 && tensor.rank <= TRANSOM_MAX_RANK ? size_t(tensor.rank) : 0;
    std::vector<int64_t> &strides = rooms.back().strides;
    for (size_t i = 0; i < count; ++i)
      strides.push_back(anyNumber());
    strides.shrink_to_fit();
    tensor.strides = strides.data();
  }
}

/// Whether all elements that an input's shape and strides name are memory of its room.
bool Session::liesWithin(const TransomTensor &tensor, int32_t rank) {
  if (tensor.rank != rank)
    return true; // refused before anything is read
  __int128 first = 0, last = 0, count = 1;
  for (int32_t i = 0; i < rank; ++i) {
    if (tensor.shape[i] <= 0)
      return true;
    count *= std::min<int64_t>(tensor.shape[i], int64_t(1) << 20);
    if (count > roomBytes)
      return false;
    if (tensor.strides)
      (tensor.strides[i] < 0 ? first : last) += __int128(tensor.shape[i] - 1) * tensor.strides[i];
  }
  if (!tensor.strides)
    last = count - 1;
  constexpr __int128 limit = marginBytes / 8;
  return first >= -limit && last < limit;
}

TransomTensor Session::input(const TransomValueDesc &value) {
  if (!earlier.empty() && data.ConsumeIntegralInRange(0, 3) == 0)
    return earlier[data.ConsumeIntegralInRange<size_t>(0, earlier.size() - 1)];
  Room &room = rooms.emplace_back();
  TransomTensor tensor = {};
  dress(tensor, value);
  std::string contents = data.ConsumeRandomLengthString(64);
  memset(room.data(), 0, roomBytes);
  memcpy(room.data(), contents.data(), contents.size());
  // A caller's claim that is not true cannot be found out; only true ones are made.
  tensor.data = data.ConsumeIntegralInRange(0, 15) && liesWithin(tensor, value.rank)
                    ? room.data() + data.ConsumeIntegralInRange(0, 3) % 2
                    : nullptr;
  if (data.ConsumeIntegralInRange(0, 7) == 0)
    tensor.capacity_bytes = data.ConsumeIntegralInRange<size_t>(1, 256);
  return tensor;
}

TransomTensor Session::output(const TransomValueDesc &value) {
  TransomTensor tensor = {};
  if (!earlier.empty() && data.ConsumeIntegralInRange(0, 3) == 0)
    return earlier[data.ConsumeIntegralInRange<size_t>(0, earlier.size() - 1)];
  Room &room = rooms.emplace_back();
  if (data.ConsumeBool())
    dress(tensor, value);
  if (data.ConsumeBool()) {
    tensor.data = room.data() + data.ConsumeIntegralInRange(0, 3) % 2;
    tensor.capacity_bytes = data.ConsumeIntegralInRange<size_t>(0, roomBytes - 1);
  }
  return tensor;
}

void Session::run() {
  std::vector<TransomTensor> inputs, outputs;
  for (uint32_t i = 0; i < program.num_inputs; ++i)
    inputs.push_back(input(program.inputs[i]));
  size_t firstOutput = rooms.size();
  for (uint32_t i = 0; i < program.num_outputs; ++i)
    outputs.push_back(output(program.outputs[i]));
  uint32_t numInputs = program.num_inputs, numOutputs = program.num_outputs;
  if (data.ConsumeIntegralInRange(0, 31) == 0)
    numInputs = data.ConsumeIntegral<uint32_t>();
  if (data.ConsumeIntegralInRange(0, 31) == 0)
    numOutputs = data.ConsumeIntegral<uint32_t>();
  TransomStatus status = transom_run(context, data.ConsumeIntegralInRange(0, 31) ? inputs.data() : nullptr, numInputs,
                                     data.ConsumeIntegralInRange(0, 31) ? outputs.data() : nullptr, numOutputs);
  if (status != TRANSOM_OK && !transom_error(context)[0])
    finding("a status without a message", context);
  for (auto room = std::next(rooms.begin(), long(firstOutput)); room != rooms.end(); ++room) {
    auto isUntouched = [](uint8_t byte) { return byte == untouched; };
    if (!std::all_of(room->bytes.begin(), room->bytes.begin() + marginBytes, isUntouched) ||
        !std::all_of(room->bytes.end() - marginBytes, room->bytes.end(), isUntouched))
      finding("written outside of an output's buffer", context);
    // What depends on data may fail in the middle.
    bool isRefused = status == TRANSOM_ERROR_SIGNATURE || status == TRANSOM_ERROR_ARGUMENT;
    if (isRefused && strcmp(program.name, "select") != 0 &&
        !std::all_of(room->bytes.begin(), room->bytes.end(), isUntouched))
      finding("a run that was refused wrote to an output", context);
  }
  earlier.clear();
  if (status != TRANSOM_OK)
    return;
  for (TransomTensor &tensor : outputs)
    if (!tensor.capacity_bytes) // memory of the context
      earlier.push_back(tensor);
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  static constexpr int32_t types[] = {TRANSOM_F32, TRANSOM_U8,  TRANSOM_BOOL, TRANSOM_I4,
                                      TRANSOM_U2,  TRANSOM_F16, TRANSOM_I64};
  static constexpr int32_t ranks[] = {0, 1, 2, 3, 4, TRANSOM_MAX_RANK}; // that there is code for
  IdentityProgram identity(data.PickValueInArray(types), data.PickValueInArray(ranks));
  const TransomProgram programs[] = {mixProgram(), cacheProgram(), selectProgram(), identity.program};
  Session session(programs[data.ConsumeIntegralInRange<size_t>(0, 3)], data);
  for (int runs = 0; runs < 6 && (!runs || data.remaining_bytes()); ++runs)
    session.run();
  return 0;
}
