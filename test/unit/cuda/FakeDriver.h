//===- FakeDriver.h - a CUDA driver without a GPU ---------------*- C++ -*-===//
//
// A library that stands for libcuda.so.1 in tests. Device memory is memory of
// the host that only copies, fills and kernels can touch: anybody else's access
// ends the process. What is put into a stream is done when somebody waits for
// it, so that a missing wait shows.
//
// A kernel is what `kernel` does, or, where the variable TRANSOM_FAKE_CUDA_KERNELS
// names a library of emulated kernels (test/Device), that library's function.
// TRANSOM_FAKE_CUDA_SLOW is the number of threads of a block whose launches take
// 5 ms: what is measured then has a known winner.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TEST_CUDA_FAKEDRIVER_H
#define TRANSOM_TEST_CUDA_FAKEDRIVER_H

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace transom::test {

struct FakeLaunch {
  std::string function;
  unsigned grid, threads, shared;
  void *stream;
  bool isCaptured;
  std::vector<int64_t> arguments;
};

struct FakeDriver {
  // What the machine is.
  int version = 12040, count = 1, capability = 90, multiprocessors = 4, blocksAtATime = 2;
  size_t memory = size_t(1) << 32;
  /// Entry points that refuse: their name, how many calls go well before, and what they say then.
  struct Refusal {
    int after, result;
  };
  std::map<std::string, Refusal> refusals;
  /// Machine code that does not load: only PTX does.
  bool refusesCubins = false;
  /// With device memory readable and writable.
  std::function<void(const FakeLaunch &)> kernel;

  // What happened.
  std::vector<std::string> calls;
  std::vector<FakeLaunch> launches;
  std::vector<FakeLaunch> updates; ///< of graphs' nodes
  std::string problem;             ///< the first misuse: no context, unknown memory, ...

  // What is there now.
  size_t deviceBytes = 0, pinnedBytes = 0;
  int streams = 0, events = 0, modules = 0, graphs = 0, primaryContexts = 0;
};

/// Exported by the library, under this name, without mangling.
extern "C" FakeDriver *transom_fake_driver();
/// How often the driver's function was called, for tests in other languages.
extern "C" int transom_fake_driver_count(const char *call);
/// The same, with everything as it was at the start; what is there stays.
extern "C" void transom_fake_driver_reset();

} // namespace transom::test

#endif // TRANSOM_TEST_CUDA_FAKEDRIVER_H
