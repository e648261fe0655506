//===- Programs.h - small programs that play generated code ---------------===//
//
// Each is what the compiler's object file holds, written by hand: descriptions,
// `prepare`, and a host program that calls transom_rt_*. A test may change the
// copy it gets (features, version, weights) before it opens it.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TEST_RUNTIME_PROGRAMS_H
#define TRANSOM_TEST_RUNTIME_PROGRAMS_H

#include "transom/program.h"

#include <atomic>
#include <string>
#include <vector>

namespace transom::test {

/// x f32[batch, width], bias f32[width] -> y f32[batch, width] =
/// 2 * reverse(x) + bias. Two kernels with a barrier between: the second reads
/// what other threads wrote. Sites: Mul "first/mul", Add "second/add", Relu "".
TransomProgram mixProgram();

/// past f32[1, past, 4], step f32[1, step, 4] -> present f32[1, past + step, 4],
/// total f32[] (the sum of present).
TransomProgram cacheProgram();

/// The same on states: step f32[batch, step, 4] -> total f32[]. Keeps past f32[batch,
/// capacity, 4], which grows; decayed f32[4], which each run halves and adds 1 to;
/// encoder f32[length], which it only reads. total sums all of them up; a sum
/// below 0 fails the run.
TransomProgram stepProgram();

/// values i64[count] -> positions i64[?] of what is not 0, of which the number
/// depends on data; zeros i64[?], the others. Uses transom_rt_alloc.
TransomProgram selectProgram();

/// what i64[4] = kind, value, limit, site -> out f32[4]: the last thread fails.
TransomProgram failingProgram();

/// sizes i64[2] -> out i64[1]: takes that much memory, twice, and writes to it.
TransomProgram hungryProgram();

/// rounds i64[1] -> done i64[1]: that many barriers.
TransomProgram longProgram();
/// Runs of longProgram that have passed their first barrier.
extern std::atomic<int> longRunsStarted;

/// -> w f32[16]: the weights.
TransomProgram weightsProgram();
constexpr size_t numWeights = 16;
extern const float weightValues[numWeights];

/// x -> y, both of a type and rank of choice, all dims dynamic (d0, d1, ...).
class IdentityProgram {
public:
  IdentityProgram(int32_t type, int32_t rank);
  IdentityProgram(const IdentityProgram &) = delete;
  TransomProgram program;

private:
  std::vector<std::string> names;
  std::vector<const char *> symbolNames;
  std::vector<int64_t> dims;
  std::vector<int32_t> symbols;
  TransomValueDesc input, output;
};

/// A library of one program.
class Library {
public:
  explicit Library(const TransomProgram &given) : program(given), programs{&program} {}
  Library(const Library &) = delete;
  operator const TransomLibrary *() const { return &library; }

private:
  TransomProgram program;
  const TransomProgram *programs[1];
  TransomLibrary library = {&transom_rt_api, programs, 1, 0};
};

} // namespace transom::test

#endif // TRANSOM_TEST_RUNTIME_PROGRAMS_H
