//===- Memory.h - allocation through the caller's hooks -------------------===//
//
// Every byte that the runtime keeps comes from an Allocator. A null result is
// an ordinary outcome that callers turn into TRANSOM_ERROR_MEMORY.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_MEMORY_H
#define TRANSOM_RUNTIME_MEMORY_H

#include "transom/transom.h"

#include <new>

namespace transom::runtime {

/// What generated code may assume of the arena, the weights and its buffers.
constexpr size_t alignment = 64;

struct Allocator {
  TransomAllocator hooks;

  /// Takes the caller's hooks, or the C library's memory where there are none.
  static Allocator from(const TransomAllocator &hooks);

  void *get(size_t bytes) const { return hooks.allocate(hooks.user, bytes ? bytes : 1, alignment); }
  void put(void *memory, size_t bytes) const {
    if (memory)
      hooks.release(hooks.user, memory, bytes ? bytes : 1, alignment);
  }
};

/// Memory that is kept between runs and only grows. Contents do not survive.
struct Buffer {
  uint8_t *data = nullptr;
  size_t capacity = 0;

  /// Makes room for `bytes` (at least one); false, and empty, if there is no
  /// memory. The first request is met exactly. Later ones take a quarter more,
  /// so that a cache which grows by a token a run does not allocate each time.
  bool grow(const Allocator &allocator, size_t bytes);
  void clear(const Allocator &allocator);
};

/// Deals out one block's bytes to arrays; run twice, first to measure.
class Carve {
public:
  explicit Carve(uint8_t *block) : block(block) {}
  template <typename T> T *array(size_t count) {
    used = (used + alignment - 1) / alignment * alignment;
    size_t at = used;
    used += count * sizeof(T);
    return block ? new (block + at) T[count]() : nullptr;
  }
  size_t bytes() const { return used; }

private:
  uint8_t *block;
  size_t used = 0;
};

/// Memory for data-dependent sizes: taken piece by piece during a run, given
/// back all at once. After a run that needed several chunks the next run gets
/// one chunk as large as all of them, so a steady state allocates nothing.
class RunMemory {
public:
  void *take(const Allocator &allocator, size_t bytes);
  void reset(const Allocator &allocator);
  void clear(const Allocator &allocator);

private:
  struct Chunk {
    Chunk *next;
    size_t bytes; // header included
    size_t used;  // header included
  };
  static constexpr size_t headerBytes = alignment;
  static_assert(sizeof(Chunk) <= headerBytes);

  Chunk *chunks = nullptr; // the newest first
  size_t wanted = 0;       // bytes that the last run took in all
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_MEMORY_H
