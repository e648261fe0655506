/* Counts what is asked of libc: a program that includes this has malloc and its like of its own, for itself and for all
 * libraries that it loads. Once, in its only source. */
#ifndef TRANSOM_TEST_REQUESTS_H
#define TRANSOM_TEST_REQUESTS_H

#include <errno.h>
#include <stddef.h>

/* glibc's own, under names that nobody replaces. */
void *__libc_malloc(size_t);
void *__libc_calloc(size_t, size_t);
void *__libc_realloc(void *, size_t);
void *__libc_memalign(size_t, size_t);

static volatile int counting; /* whether requests count */
static int requests;

static void note_request(void) {
  if (counting)
    __atomic_add_fetch(&requests, 1, __ATOMIC_RELAXED);
}

void *malloc(size_t bytes) { return note_request(), __libc_malloc(bytes); }
void *calloc(size_t number, size_t bytes) { return note_request(), __libc_calloc(number, bytes); }
void *realloc(void *memory, size_t bytes) { return note_request(), __libc_realloc(memory, bytes); }
void *memalign(size_t alignment, size_t bytes) { return note_request(), __libc_memalign(alignment, bytes); }
void *aligned_alloc(size_t alignment, size_t bytes) { return note_request(), __libc_memalign(alignment, bytes); }
int posix_memalign(void **memory, size_t alignment, size_t bytes) {
  note_request();
  *memory = __libc_memalign(alignment, bytes);
  return *memory ? 0 : ENOMEM;
}

#endif /* TRANSOM_TEST_REQUESTS_H */
