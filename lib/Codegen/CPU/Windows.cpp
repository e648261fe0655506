//===- Windows.cpp - what convolution and pooling read --------------------===//

#include "Windows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;

Value Window::position(KernelBuilder &kb, Value o, Value tap) const {
  Value shift = kb.sub(kb.mul(tap, kb.index(dilation)), kb.index(pad));
  return kb.add(kb.mul(o, kb.index(stride)), shift);
}

Value Window::inside(KernelBuilder &kb, Value position) const {
  return arith::CmpIOp::create(kb.b, arith::CmpIPredicate::ult, position, input);
}

/// x / d rounded up, 0 where x is negative.
static Value ceilAboveZero(KernelBuilder &kb, Value x, int64_t d) { return kb.ceilDiv(kb.max(x, kb.index(0)), d); }

std::pair<Value, Value> Window::outputs(KernelBuilder &kb, Value tap, Value from, Value to) const {
  Value before = kb.sub(kb.index(pad), kb.mul(tap, kb.index(dilation)));
  Value low = kb.min(kb.max(ceilAboveZero(kb, before, stride), from), to);
  Value high = kb.min(ceilAboveZero(kb, kb.add(input, before), stride), to);
  return {low, kb.max(low, high)};
}

Value Window::taps(KernelBuilder &kb, Value o, bool padded, int64_t padAfter) const {
  Value start = kb.sub(kb.mul(o, kb.index(stride)), kb.index(pad)), zero = kb.index(0);
  Value end = padded ? kb.add(input, kb.index(padAfter)) : input;
  Value last = kb.min(ceilAboveZero(kb, kb.sub(end, start), dilation), kb.index(kernel));
  if (padded)
    return last;
  Value first = ceilAboveZero(kb, kb.sub(zero, start), dilation);
  return kb.max(kb.sub(last, first), zero);
}

SmallVector<Window> transom::cpu::windowsOf(KernelBuilder &kb, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
                                            ArrayRef<int64_t> dilations, ArrayRef<int64_t> pads, ArrayRef<Value> input,
                                            ArrayRef<Value> output) {
  SmallVector<Window> windows;
  for (size_t i = 0; i < kernel.size(); ++i)
    windows.push_back({kernel[i], strides[i], dilations[i], pads[i], input[i], output[i]});
  return windows;
}

void transom::cpu::forOuterTaps(KernelBuilder &kb, ArrayRef<Window> windows, ArrayRef<Value> at,
                                llvm::function_ref<void(ArrayRef<Value>, ArrayRef<Value>)> body) {
  SmallVector<Value> taps, positions;
  std::function<void()> descend = [&] {
    size_t dim = taps.size();
    if (dim + 1 == windows.size())
      return body(taps, positions);
    kb.loop(kb.index(windows[dim].kernel), [&](Value tap) {
      Value position = windows[dim].position(kb, at[dim], tap);
      kb.when(windows[dim].inside(kb, position), [&] {
        taps.push_back(tap);
        positions.push_back(position);
        descend();
        taps.pop_back();
        positions.pop_back();
      });
    });
  };
  descend();
}
