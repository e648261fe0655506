//===- Module.cpp - a whole library as the compiler makes it --------------===//
//
// x f32[n] -> y f32[n] = w[0] * x; the weights are in a file beside the library.
//
//===----------------------------------------------------------------------===//
#include "transom/program.h"

namespace {

constexpr int64_t dims[] = {-1};
constexpr int32_t symbols[] = {0};
constexpr TransomValueDesc input = {"x", TRANSOM_F32, 1, dims, symbols};
constexpr TransomValueDesc output = {"y", TRANSOM_F32, 1, dims, symbols};
constexpr const char *names[] = {"n"};

int64_t prepare(const int64_t *values, int64_t *outputDims) {
  outputDims[0] = values[0];
  return 4 * values[0];
}

void run(const TransomFrame *frame, int64_t thread, int64_t threads) {
  int64_t n = frame->symbols[0], begin = n * thread / threads, end = n * (thread + 1) / threads;
  float scale = *reinterpret_cast<const float *>(frame->weights);
  auto *copy = reinterpret_cast<float *>(frame->arena);
  for (int64_t i = begin; i < end; ++i)
    copy[i] = static_cast<const float *>(frame->inputs[0])[i];
  if (transom_rt_barrier(frame->run))
    return;
  for (int64_t i = begin; i < end; ++i)
    static_cast<float *>(frame->outputs[0])[i] = scale * copy[i];
}

constexpr TransomProgram program = {TRANSOM_PROGRAM_VERSION,
                                    sizeof(TransomProgram),
                                    "module",
                                    "generic",
                                    "",
                                    1,
                                    1,
                                    1,
                                    0,
                                    &input,
                                    &output,
                                    names,
                                    nullptr,
                                    sizeof(float),
                                    nullptr,
                                    "module.weights",
                                    0,
                                    nullptr,
                                    nullptr,
                                    prepare,
                                    run};

} // namespace

extern "C" TRANSOM_DEFINE_LIBRARY(model, program)
