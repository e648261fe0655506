//===- Waiting.h - bounded spinning, then sleeping ------------------------===//
//
// Threads of a team wait for a 32-bit word to change: they spin for at most 50
// microseconds, which covers the gap between two kernels, and then sleep in the
// kernel. Whoever changes the word wakes the sleepers, and makes no system call
// when there are none.
//
// Spinning pays only while the thread waited for has a CPU. On a busy machine
// it may sit behind the spinning one, so how long to spin is learnt.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_WAITING_H
#define TRANSOM_RUNTIME_WAITING_H

#include <atomic>
#include <linux/futex.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace transom::runtime {

inline uint64_t nanoseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return uint64_t(now.tv_sec) * 1000000000u + uint64_t(now.tv_nsec);
}

inline void pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// How long to spin, learnt from the waits so far. Each one that had to sleep
/// after all halves it, each one that did not doubles it; now and then a full
/// spin shows whether it would pay again. Any thread may use it: what is lost
/// when two do so at once is a bit of learning.
class alignas(64) Patience {
public:
  /// The most, in nanoseconds; 0: never spin.
  void setLongest(uint32_t nanoseconds) {
    longest = nanoseconds;
    halvings.store(0, std::memory_order_relaxed);
  }

  bool everSpins() const { return longest; }

  uint64_t spin() {
    uint32_t shift = halvings.load(std::memory_order_relaxed);
    if (shift && (waits.fetch_add(1, std::memory_order_relaxed) + 1) % probeEvery == 0)
      shift = 0;
    return longest >> shift;
  }

  void learn(bool slept) {
    uint32_t shift = halvings.load(std::memory_order_relaxed);
    if (slept && shift < mostHalvings)
      halvings.store(shift + 1, std::memory_order_relaxed);
    else if (!slept && shift)
      halvings.store(shift - 1, std::memory_order_relaxed);
  }

private:
  static constexpr uint32_t mostHalvings = 5; // about one look at the clock
  static constexpr uint32_t probeEvery = 32;

  uint32_t longest = 0;
  std::atomic<uint32_t> halvings{0};
  std::atomic<uint32_t> waits{0};
};

/// A word that some threads change and others wait on.
class alignas(64) WaitWord {
public:
  uint32_t load() const { return word.load(std::memory_order_acquire); }

  /// Publishes `value`. The store and the sleepers' count are in one total
  /// order, so a waiter either sees the new value or is seen asleep.
  void store(uint32_t value) {
    word.store(value, std::memory_order_seq_cst);
    wake();
  }

  /// Forgets all waiters: for words that nobody waits on, in a forked process.
  void reset() {
    word.store(0, std::memory_order_relaxed);
    sleepers.store(0, std::memory_order_relaxed);
  }

  /// Subtracts one and wakes the waiters when that leaves zero.
  void countDown() {
    if (word.fetch_sub(1, std::memory_order_seq_cst) == 1)
      wake();
  }

  /// Returns the value once it is not `old`.
  uint32_t waitWhile(uint32_t old, Patience &patience) {
    uint32_t value = load();
    if (value != old)
      return value;
    if (uint64_t spin = patience.spin()) {
      uint64_t end = nanoseconds() + spin;
      do {
        for (int i = 0; i < 32; ++i) {
          pause();
          if ((value = load()) != old) {
            patience.learn(false);
            return value;
          }
        }
      } while (nanoseconds() < end);
      patience.learn(true);
    }
    sleepers.fetch_add(1, std::memory_order_seq_cst);
    while ((value = word.load(std::memory_order_seq_cst)) == old)
      futex(FUTEX_WAIT_PRIVATE, old);
    sleepers.fetch_sub(1, std::memory_order_relaxed);
    return value;
  }

private:
  void wake() {
    if (sleepers.load(std::memory_order_seq_cst))
      futex(FUTEX_WAKE_PRIVATE, INT32_MAX);
  }
  void futex(int operation, uint32_t value) {
    syscall(SYS_futex, reinterpret_cast<uint32_t *>(&word), operation, value, nullptr, nullptr, 0);
  }

  std::atomic<uint32_t> word{0};
  std::atomic<uint32_t> sleepers{0};
  static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_WAITING_H
