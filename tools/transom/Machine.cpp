//===- Machine.cpp - what this machine can do at best ---------------------===//
//
// FLOP/s: chains of FMAs in registers, enough of them to hide the latency.
// Bytes/s: sums over a buffer that no cache holds, a part for each thread, in one stream or several. The
// best of several rounds counts: what disturbs makes it only slower.
//
//===----------------------------------------------------------------------===//

#include "Machine.h"
#include <barrier>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <sys/mman.h>
#include <thread>
#include <vector>

using namespace transom;

namespace {
using Clock = std::chrono::steady_clock;

constexpr size_t bufferBytes = size_t(1) << 30;
constexpr int64_t fmaRounds = 2'000'000;
constexpr int rounds = 5;

/// Whatever the compiler thinks of it, `value` is needed.
template <typename T> void keep(T &value) { asm volatile("" : "+m"(value)); }

/// `chains` independent vectors, each multiplied and added to `fmaRounds` times.
template <typename Vector, int chains> [[gnu::always_inline]] inline double fmaChains() {
  Vector sums[chains], factor, addend;
  for (size_t i = 0; i < sizeof(Vector) / sizeof(float); ++i) {
    factor[i] = 0.999f;
    addend[i] = 0.001f;
  }
  keep(factor);
  keep(addend);
#pragma clang loop unroll(full)
  for (int c = 0; c < chains; ++c)
    sums[c] = addend;
  for (int64_t i = 0; i < fmaRounds; ++i) {
#pragma clang loop unroll(full)
    for (int c = 0; c < chains; ++c)
      sums[c] = sums[c] * factor + addend;
  }
  for (int c = 0; c < chains; ++c)
    keep(sums[c]);
  return 2.0 * fmaRounds * chains * (sizeof(Vector) / sizeof(float));
}

using Float4 = float __attribute__((vector_size(16)));
using Float8 = float __attribute__((vector_size(32)));
using Float16 = float __attribute__((vector_size(64)));
using Long8 = uint64_t __attribute__((vector_size(64), aligned(64)));

#pragma clang diagnostic ignored "-Wpsabi"
#pragma STDC FP_CONTRACT ON

#if defined(__x86_64__)
[[gnu::target("avx512f,avx512vl,avx512dq,fma")]] double fma512() { return fmaChains<Float16, 24>(); }
[[gnu::target("avx2,fma")]] double fma256() { return fmaChains<Float8, 12>(); }
#endif
double fma128() { return fmaChains<Float4, 12>(); }

struct FmaKernel {
  double (*run)();
  const char *vectors;
};

/// Every width that the CPU has: the widest is not the fastest everywhere.
std::vector<FmaKernel> fmaKernels() {
#if defined(__x86_64__)
  std::vector<FmaKernel> kernels = {{fma128, "SSE"}};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    kernels.push_back({fma256, "AVX2"});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
    kernels.push_back({fma512, "AVX-512"});
  return kernels;
#else
  return {{fma128, "128-bit"}};
#endif
}

/// Seconds that `body(thread)` takes on all threads, started together.
template <typename Body> double timeThreads(unsigned threads, const Body &body) {
  Clock::time_point start, end;
  std::barrier<> barrier(threads);
  std::vector<std::thread> team;
  auto run = [&](unsigned thread) {
    barrier.arrive_and_wait();
    if (thread == 0)
      start = Clock::now();
    body(thread);
    barrier.arrive_and_wait();
    if (thread == 0)
      end = Clock::now();
  };
  for (unsigned thread = 1; thread < threads; ++thread)
    team.emplace_back(run, thread);
  run(0);
  for (std::thread &thread : team)
    thread.join();
  return std::chrono::duration<double>(end - start).count();
}

/// Of four parts side by side, `apart` lines from each other; each of them goes `step` lines at a time.
[[gnu::always_inline]] inline void sumLines(const Long8 *data, size_t lines, size_t apart, size_t step) {
  // Several sums, so that additions do not wait for each other.
  Long8 a = {}, b = {}, c = {}, d = {};
  for (size_t i = 0; i < lines / 4; ++i, data += step) {
    a += data[0];
    b += data[apart];
    c += data[2 * apart];
    d += data[3 * apart];
  }
  a += b + c + d;
  keep(a);
}
using Sum = void(const Long8 *data, size_t lines, size_t apart, size_t step);
#if defined(__x86_64__)
[[gnu::target("avx2")]] void sumLinesAvx2(const Long8 *data, size_t lines, size_t apart, size_t step) {
  sumLines(data, lines, apart, step);
}
#endif
void sumLinesPlain(const Long8 *data, size_t lines, size_t apart, size_t step) { sumLines(data, lines, apart, step); }
} // namespace

llvm::Expected<cli::MachinePeaks> cli::measureMachine(unsigned threads) {
  MachinePeaks peaks;
  std::vector<double> done(threads);
  for (const FmaKernel &kernel : fmaKernels())
    for (int round = 0; round < rounds; ++round) {
      double seconds = timeThreads(threads, [&](unsigned thread) { done[thread] = kernel.run(); });
      double flops = 0;
      for (double count : done)
        flops += count;
      if (flops / seconds > peaks.flops) {
        peaks.flops = flops / seconds;
        peaks.vectors = kernel.vectors;
      }
    }

  void *memory = mmap(nullptr, bufferBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return llvm::createStringError("no memory to measure the bandwidth: 1 GiB is needed");
  (void)madvise(memory, bufferBytes, MADV_HUGEPAGE);
  auto *lines = static_cast<Long8 *>(memory);
  size_t share = bufferBytes / sizeof(Long8) / threads;
  // Each thread writes what it will read, so that the pages are near it.
  (void)timeThreads(threads, [&](unsigned thread) {
    for (size_t i = thread * share; i < (thread + 1) * share; ++i)
      lines[i] = Long8{} + i;
  });
  Sum *sum = &sumLinesPlain;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    sum = &sumLinesAvx2;
#endif
  // In one stream a thread, or in four: some CPUs ask memory for more then.
  for (bool streams : {false, true})
    for (int round = 0; round < rounds; ++round) {
      double seconds = timeThreads(threads, [&](unsigned thread) {
        sum(lines + thread * share, share, streams ? share / 4 : 1, streams ? 1 : 4);
      });
      peaks.bytes = std::max(peaks.bytes, static_cast<double>(share * threads * sizeof(Long8)) / seconds);
    }
  munmap(memory, bufferBytes);
  return peaks;
}
