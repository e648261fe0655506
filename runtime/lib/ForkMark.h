//===- ForkMark.h - is this the process that made it? -----------*- C++ -*-===//
//
// Threads stay behind in a fork. A page that the kernel empties in the child
// tells which side this is without a system call; where it grants none, the
// process's number does, with one.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_RUNTIME_FORKMARK_H
#define TRANSOM_RUNTIME_FORKMARK_H

#include <sys/types.h>

namespace transom::runtime {

class ForkMark {
public:
  /// This process is the one. The page does not come from the caller's allocator:
  /// it has to be whole.
  void set();
  bool isHere() const;
  void clear();

private:
  volatile bool *page = nullptr;
  pid_t owner = 0;
};

} // namespace transom::runtime

#endif // TRANSOM_RUNTIME_FORKMARK_H
