//===- Memory.cpp - buffers that grow and stay ----------------------------===//
#include "Memory.h"

#include <stdlib.h>
#include <sys/mman.h>

namespace transom::runtime {
namespace {

constexpr size_t hugePage = size_t(2) << 20;

size_t roundUp(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }

void *allocateDefault(void *, size_t bytes, size_t alignment) {
  if (bytes > SIZE_MAX / 2)
    return nullptr;
  // An arena of many small pages spends its time in the page table.
  bool huge = bytes >= 4 * hugePage;
  size_t align = huge ? hugePage : alignment;
  void *memory = aligned_alloc(align, roundUp(bytes, align));
  if (memory && huge)
    madvise(memory, roundUp(bytes, align), MADV_HUGEPAGE); // advice: it may be refused
  return memory;
}

void releaseDefault(void *, void *memory, size_t, size_t) { free(memory); }

} // namespace

Allocator Allocator::from(const TransomAllocator &hooks) {
  if (hooks.allocate)
    return {hooks};
  return {{allocateDefault, releaseDefault, nullptr}};
}

bool Buffer::grow(const Allocator &allocator, size_t bytes) {
  if (!bytes)
    bytes = 1;
  if (bytes <= capacity)
    return true;
  size_t slack = capacity + capacity / 4;
  clear(allocator); // before the new one: contents do not matter, the peak does
  capacity = slack > bytes ? slack : bytes;
  data = static_cast<uint8_t *>(allocator.get(capacity));
  if (!data && capacity > bytes) {
    capacity = bytes;
    data = static_cast<uint8_t *>(allocator.get(capacity));
  }
  if (!data)
    capacity = 0;
  return data;
}

void Buffer::clear(const Allocator &allocator) {
  allocator.put(data, capacity);
  data = nullptr;
  capacity = 0;
}

void *RunMemory::take(const Allocator &allocator, size_t bytes) {
  if (bytes > SIZE_MAX / 4)
    return nullptr;
  bytes = roundUp(bytes ? bytes : 1, alignment);
  if (!chunks || chunks->bytes - chunks->used < bytes) {
    size_t size = headerBytes + bytes;
    Chunk *chunk = nullptr;
    if (!chunks && headerBytes + wanted > size) {
      chunk = static_cast<Chunk *>(allocator.get(headerBytes + wanted));
      if (chunk)
        size = headerBytes + wanted;
    }
    if (!chunk)
      chunk = static_cast<Chunk *>(allocator.get(size));
    if (!chunk)
      return nullptr;
    *chunk = {chunks, size, headerBytes};
    chunks = chunk;
  }
  void *memory = reinterpret_cast<uint8_t *>(chunks) + chunks->used;
  chunks->used += bytes;
  return memory;
}

void RunMemory::reset(const Allocator &allocator) {
  if (!chunks)
    return;
  if (!chunks->next) {
    chunks->used = headerBytes;
    return;
  }
  size_t total = 0;
  for (Chunk *chunk = chunks; chunk; chunk = chunk->next)
    total += chunk->used - headerBytes;
  clear(allocator);
  wanted = total + total / 4;
}

void RunMemory::clear(const Allocator &allocator) {
  while (chunks) {
    Chunk *next = chunks->next;
    allocator.put(chunks, chunks->bytes);
    chunks = next;
  }
  wanted = 0;
}

} // namespace transom::runtime
