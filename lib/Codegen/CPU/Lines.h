//===- Lines.h - kernels that go along one axis -----------------*- C++ -*-===//
//
// The lines of a tensor along an axis, split among the threads so that one
// thread has whole lines. Where the axis is not the last, neighbouring lines
// come together, since their elements lie side by side.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_LINES_H
#define TRANSOM_LIB_CODEGEN_CPU_LINES_H

#include "KernelBuilder.h"

namespace transom::cpu {

/// Lines that a bundle holds at most, when the axis is not the last.
constexpr int64_t linesInBundle = 64;

struct LineBundle {
  Index at; ///< of the first line's first element
  int64_t axis;
  Value width; ///< lines along the last dim; 1 where the axis is the last

  /// The element `i` of line `lane`.
  Index element(KernelBuilder &kb, Value i, Value lane) const;
};

void forLines(KernelBuilder &kb, ArrayRef<Value> dims, int64_t axis, llvm::function_ref<void(const LineBundle &)> body);

/// An integer that orders as the elements of a type do, of the width that they
/// have in registers: better elements have greater keys. -0 equals 0.
class OrderKey {
public:
  enum class NaN { best, greatest };
  OrderKey(KernelBuilder &kb, Type element, bool largest, NaN nan);

  Value of(Value x) const;
  Value least() const; ///< no key is below
  Value max(Value a, Value b) const;
  Value better(Value a, Value b) const;
  Type type() const { return keyType; }

private:
  Value integer(llvm::APInt value) const;

  KernelBuilder &kb;
  Type element, keyType;
  bool largest;
  NaN nan;
};

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_LINES_H
