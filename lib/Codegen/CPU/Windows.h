//===- Windows.h - what convolution and pooling read ------------*- C++ -*-===//
//
// Output position o and tap t of a window read input position
// o * stride + t * dilation - pad, along each spatial dim. Which positions lie
// in the input is known before the innermost loops, so that those need no test.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_WINDOWS_H
#define TRANSOM_LIB_CODEGEN_CPU_WINDOWS_H

#include "KernelBuilder.h"

namespace transom::cpu {

struct Window {
  int64_t kernel, stride, dilation, pad; ///< pad: before the first element
  Value input, output;                   ///< sizes along the dim

  Value position(KernelBuilder &kb, Value o, Value tap) const;
  Value inside(KernelBuilder &kb, Value position) const;
  /// The part of output positions [from, to) at which `tap` reads the input;
  /// maybe empty, never reversed.
  std::pair<Value, Value> outputs(KernelBuilder &kb, Value tap, Value from, Value to) const;
  /// How many taps of output position `o` are in the input; with `padded`, also
  /// in the padding, `padAfter` after the last element.
  Value taps(KernelBuilder &kb, Value o, bool padded, int64_t padAfter) const;
};

/// One window a spatial dim.
SmallVector<Window> windowsOf(KernelBuilder &kb, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                              ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads, ArrayRef<Value> input,
                              ArrayRef<Value> output);

/// The taps of all dims but the last at which output position `at` (one a dim
/// but the last) reads the input: calls `body` in the loops over them.
void forOuterTaps(KernelBuilder &kb, ArrayRef<Window> windows, ArrayRef<Value> at,
                  llvm::function_ref<void(ArrayRef<Value> taps, ArrayRef<Value> positions)> body);

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_WINDOWS_H
