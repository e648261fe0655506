//===- LibcHooks.h - what the program asks the C library for --------------===//
//
// The linker routes this program's calls (the runtime's among them) through the
// hooks: see --wrap in CMakeLists.txt.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_TEST_RUNTIME_LIBCHOOKS_H
#define TRANSOM_TEST_RUNTIME_LIBCHOOKS_H

namespace transom::test {

/// While one of these lives, requests for memory by any thread are counted.
class RequestCount {
public:
  RequestCount();
  ~RequestCount();
  int requests() const;
};

/// Lets the n-th start of a thread from now on fail (0: the next one).
void failThreadStart(int n);

} // namespace transom::test

#endif // TRANSOM_TEST_RUNTIME_LIBCHOOKS_H
