//===- FuzzWeights.cpp - weights from files and the caller's memory -------===//
//
// A program that says anything of where its weights lie, with a file or memory of
// any length: it opens exactly where the weights are all there and aligned, and
// then they are the right ones.
//
//===----------------------------------------------------------------------===//

#include "Programs.h"
#include "Scratch.h"
#include <cstring>
#include <fuzzer/FuzzedDataProvider.h>
#include <memory>

using namespace transom;

static uint64_t anyOffset(FuzzedDataProvider &data) {
  switch (data.ConsumeIntegralInRange(0, 3)) {
  case 0: return data.ConsumeIntegralInRange(0, 8192);
  case 1: return 64u * data.ConsumeIntegralInRange<uint64_t>(0, 128);
  case 2: return uint64_t(0) - data.ConsumeIntegralInRange<uint64_t>(0, 8192);
  default: return data.ConsumeIntegral<uint64_t>();
  }
}

namespace {
struct Freed {
  void operator()(void *memory) const { free(memory); }
};
} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  static fuzz::Scratch file("model.weights");
  FuzzedDataProvider data(bytes, size);
  TransomProgram program = test::weightsProgram();
  bool isEmbedded = data.ConsumeIntegralInRange(0, 7) == 0;
  if (!isEmbedded)
    program.weights = nullptr;
  program.weights_offset = anyOffset(data);
  // The host program reads its 64 bytes wherever the image is; without them it may not run.
  uint64_t needed = program.weights_bytes;
  if (!isEmbedded)
    program.weights_bytes = anyOffset(data);
  TransomLoadOptions options = {};
  // Those of programs of other ages end between fields.
  static constexpr uint32_t sizes[] = {0, sizeof options, sizeof options + 64};
  options.struct_size = data.PickValueInArray(sizes);
  options.flags = data.ConsumeBool() ? 0 : data.ConsumeIntegral<uint32_t>() & ~uint32_t(TRANSOM_LOAD_LOCK);
  std::string name = data.ConsumeRandomLengthString(8), digest = data.ConsumeRandomLengthString(64);
  program.weights_file = data.ConsumeBool() ? name.c_str() : nullptr;
  program.weights_sha256 = data.ConsumeBool() ? digest.c_str() : nullptr;

  size_t length = data.ConsumeIntegralInRange<size_t>(0, 16384),
         shift = data.ConsumeBool() ? data.ConsumeIntegralInRange(0, 64) : 0;
  // Its end is where ASan looks.
  std::unique_ptr<uint8_t, Freed> memory(static_cast<uint8_t *>(aligned_alloc(64, (shift + length + 64) / 64 * 64)));
  memset(memory.get(), 'w', shift + length);
  int place = data.ConsumeIntegralInRange(0, 3);
  if (place == 1 || place == 3) {
    options.weights_data = memory.get() + shift;
    options.weights_bytes = length;
  }
  if (place >= 2) {
    file.write(memory.get() + shift, length);
    options.weights_path = file.path().c_str();
  }

  test::Library library(program);
  TransomModel *model = nullptr;
  char why[TRANSOM_ERROR_BYTES] = "";
  TransomStatus status = transom_open(library, &options, &model, why, sizeof why);
  if ((model != nullptr) != (status == TRANSOM_OK) || (status != TRANSOM_OK && !why[0])) {
    fprintf(stderr, "status %d, %s, \"%s\"\n", int(status), model ? "a model" : "no model", why);
    abort();
  }
  if (!model)
    return 0;
  bool isWhole = program.weights_offset <= length && program.weights_bytes <= length - program.weights_offset;
  if (!isEmbedded && program.weights_bytes && !isWhole)
    abort();
  TransomContext *context = nullptr;
  TransomContextOptions one = {};
  one.struct_size = sizeof one;
  one.threads = 1;
  if (program.weights_bytes >= needed && transom_context_create(model, &one, &context, why, sizeof why) == TRANSOM_OK) {
    TransomTensor w = {};
    if (transom_run(context, nullptr, 0, &w, 1) != TRANSOM_OK || (!isEmbedded && *static_cast<char *>(w.data) != 'w'))
      abort();
    transom_context_destroy(context);
  }
  transom_close(model);
  return 0;
}
