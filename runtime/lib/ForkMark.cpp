//===- ForkMark.cpp - is this the process that made it? -------------------===//
#include "ForkMark.h"

#include <sys/mman.h>
#include <unistd.h>

namespace transom::runtime {

// The least size that maps: the kernel rounds it up to a page.
static constexpr size_t bytes = 1;

void ForkMark::set() {
  owner = getpid();
  if (!page) {
    void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
      return;
    // Linux 4.14.
    if (madvise(memory, bytes, MADV_WIPEONFORK)) {
      munmap(memory, bytes);
      return;
    }
    page = static_cast<volatile bool *>(memory);
  }
  *page = true;
}

bool ForkMark::isHere() const { return page ? *page : owner == getpid(); }

void ForkMark::clear() {
  if (page)
    munmap(const_cast<bool *>(page), bytes);
  page = nullptr;
}

} // namespace transom::runtime
