//===- LibcHooks.cpp - counting and failing -------------------------------===//
#include "LibcHooks.h"

#include <atomic>
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

namespace {
std::atomic<bool> counting;
std::atomic<int> count;
std::atomic<int> untilFailure = -1;
void note() {
  if (counting.load(std::memory_order_relaxed))
    ++count;
}
} // namespace

extern "C" {
// Under a sanitizer, a request that cannot be met yields null as it does
// without, and a forked child may start threads.
const char *__asan_default_options();
const char *__asan_default_options() { return "allocator_may_return_null=1:strict_string_checks=1"; }
const char *__tsan_default_options();
const char *__tsan_default_options() { return "allocator_may_return_null=1:die_after_fork=0"; }
const char *__ubsan_default_options();
const char *__ubsan_default_options() { return "print_stacktrace=1"; }

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
int __real_posix_memalign(void **, size_t, size_t);
void *__real_mmap(void *, size_t, int, int, int, off_t);
int __real_pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

void *__wrap_malloc(size_t bytes) {
  note();
  return __real_malloc(bytes);
}
void *__wrap_calloc(size_t n, size_t bytes) {
  note();
  return __real_calloc(n, bytes);
}
void *__wrap_realloc(void *memory, size_t bytes) {
  note();
  return __real_realloc(memory, bytes);
}
void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
  note();
  return __real_aligned_alloc(alignment, bytes);
}
int __wrap_posix_memalign(void **memory, size_t alignment, size_t bytes) {
  note();
  return __real_posix_memalign(memory, alignment, bytes);
}
void *__wrap_mmap(void *at, size_t bytes, int protection, int flags, int file, off_t offset) {
  note();
  return __real_mmap(at, bytes, protection, flags, file, offset);
}
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*body)(void *), void *argument) {
  if (untilFailure >= 0 && untilFailure-- == 0)
    return EAGAIN;
  return __real_pthread_create(thread, attributes, body, argument);
}
}

namespace transom::test {
RequestCount::RequestCount() {
  count = 0;
  counting = true;
}
RequestCount::~RequestCount() { counting = false; }
int RequestCount::requests() const { return count; }
void failThreadStart(int n) { untilFailure = n; }
} // namespace transom::test
