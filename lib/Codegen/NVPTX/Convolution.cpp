//===- Convolution.cpp - convolutions as products, or element by element --===//
//
// Where a group has several output channels, a product: channels of the weight by
// the taps of all output positions, which are put together on their way to shared
// memory (implicit im2col). Otherwise (depthwise, integers) a thread an output
// element. Either way sums run over channels, then taps.
//
//===----------------------------------------------------------------------===//

#include "../CPU/Windows.h"
#include "Product.h"
#include "TensorCores.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

namespace {

/// Output channels of a group from which on their tile is worth a product.
constexpr int64_t fewestChannels = 8;

class Convolution {
public:
  Convolution(DeviceKernel &kb, ConvOp op)
      : kb(kb), op(op), in(kb.dimsOf(op.getInput())), out(kb.dimsOf(op.getResult())),
        weightDims(kb.dimsOf(op.getWeight())), element(kb.elementOf(op.getInput())),
        type(DeviceKernel::registerType(element)), terms(ArrayRef<Value>(weightDims).drop_front(1)) {
    auto kernel = cast<RankedTensorType>(op.getWeight().getType()).getShape().drop_front(2);
    windows = cpu::windowsOf(kb, kernel, op.getStrides(), op.getDilations(), op.getPads(),
                             ArrayRef<Value>(in).drop_front(2), ArrayRef<Value>(out).drop_front(2));
    perGroup = kb.div(weightDims[0], kb.index(op.getGroup()));
    depth = kb.index(1);
    for (Value dim : terms)
      depth = kb.mul(depth, dim);
  }

  LogicalResult write() {
    auto channels = getConstantIntValue(perGroup);
    if (isForTensorCores(element) && kb.elementOf(op.getWeight()) == element &&
        (!channels || *channels >= fewestChannels))
      return writeProduct();
    writeElements();
    return success();
  }

private:
  Value bias(Value channel) { return op.getBias() ? kb.element(op.getBias(), {channel}) : kb.number(type, 0); }
  Value weight(Value channel, ArrayRef<Value> term) {
    Index where = {channel};
    where.append(term.begin(), term.end());
    return kb.element(op.getWeight(), where);
  }
  /// What a term (channel of the group, taps) reads for an output position; 0 in the padding.
  Value input(Value batch, Value group, ArrayRef<Value> term, ArrayRef<Value> position) {
    Index where = {batch, kb.add(kb.mul(group, weightDims[1]), term[0])};
    Value inside;
    for (auto [window, tap, o] : llvm::zip(windows, term.drop_front(), position)) {
      where.push_back(window.position(kb, o, tap));
      Value here = window.inside(kb, where.back());
      inside = inside ? kb.both(inside, here) : here;
    }
    return kb.choose(inside, [&] { return kb.element(op.getInput(), where); }, [&] { return kb.number(type, 0); });
  }

  LogicalResult writeProduct();
  void writeElements();

  DeviceKernel &kb;
  ConvOp op;
  SmallVector<Value> in, out, weightDims;
  Type element, type;
  SmallVector<Value> terms; ///< dims of what is summed: channels of a group, taps
  SmallVector<cpu::Window> windows;
  Value perGroup, depth;
};

LogicalResult Convolution::writeProduct() {
  SmallVector<Value> spatial(ArrayRef<Value>(out).drop_front(2));
  Value positions = kb.index(1);
  for (Value dim : spatial)
    positions = kb.mul(positions, dim);
  // Batches are (batch, group).
  Operand lhs(kb, element, [&](ArrayRef<Value> batch, Value row, Value k) {
    return weight(kb.add(kb.mul(batch[1], perGroup), row), kb.delinear(k, terms));
  });
  Operand rhs(kb, element, [&](ArrayRef<Value> batch, Value k, Value column) {
    return input(batch[0], batch[1], kb.delinear(k, terms), kb.delinear(column, spatial));
  });
  Product product(kb, op, lhs, rhs, type, perGroup, depth, positions, /*flat=*/false);
  product.resultDims = {out[0], kb.index(op.getGroup()), perGroup, positions};
  product.put = [&](ArrayRef<Value> batch, Value row, Value column, Value value) {
    Value channel = kb.add(kb.mul(batch[1], perGroup), row);
    Index at = {batch[0], channel};
    at.append(kb.delinear(column, spatial));
    kb.finish(op, at, kb.fadd(value, bias(channel)));
  };
  return product.write();
}

void Convolution::writeElements() {
  kb.parallelNest(out, [&](ArrayRef<Value> at) {
    Value group = kb.div(at[1], perGroup);
    Value sum = kb.loop(kb.index(0), depth, kb.index(1), ValueRange{bias(at[1])}, [&](Value k, ValueRange carried) {
      Index term = kb.delinear(k, terms);
      Value x = input(at[0], group, term, at.drop_front(2));
      Value product = kb.binary(BinaryKind::mul, x, weight(at[1], term), element);
      return SmallVector<Value>{kb.binary(BinaryKind::add, carried[0], product, element)};
    })[0];
    kb.finish(op, at, sum);
  });
}

} // namespace

LogicalResult nvptx::writeConv(DeviceKernel &kb, ConvOp op) {
  auto weight = cast<RankedTensorType>(op.getWeight().getType());
  if (ShapedType::isDynamicShape(weight.getShape().drop_front(2)))
    return op.emitOpError("needs a kernel of a size known when compiling");
  return Convolution(kb, op).write();
}
