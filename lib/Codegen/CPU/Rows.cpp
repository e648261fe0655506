//===- Rows.cpp - reductions, softmax and norms ---------------------------===//
//
// Anchors that read a row several times. Rows are split among the threads; one
// thread reads a row in a fixed order.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

/// Nested loops over `dims` that carry one value.
Value accumulate(KernelBuilder &kb, ArrayRef<Value> dims, Value init,
                 llvm::function_ref<Value(ArrayRef<Value>, Value)> step) {
  Index at;
  std::function<Value(Value)> descend = [&](Value carried) -> Value {
    if (at.size() == dims.size())
      return step(at, carried);
    Value total =
        kb.loop(kb.index(0), dims[at.size()], kb.index(1), ValueRange{carried}, [&](Value i, ValueRange values) {
          at.push_back(i);
          Value next = descend(values[0]);
          at.pop_back();
          return SmallVector<Value>{next};
        })[0];
    // Unrolled whole, sums in any order would take one order in vectors of lines and
    // another in the lines left over, which are other lines for other threads.
    MLIRContext *context = kb.b.getContext();
    auto unroll = LLVM::LoopUnrollAttr::get(context, kb.b.getBoolAttr(true), {}, {}, {}, {}, {}, {});
    total.getDefiningOp()->setAttr(
        "loop_annotation",
        LLVM::LoopAnnotationAttr::get(context, {}, {}, {}, unroll, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}));
    return total;
  };
  return descend(init);
}

/// The larger of two numbers that are not NaN.
Value larger(KernelBuilder &kb, Value a, Value c) {
  auto flags = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
  return arith::MaxNumFOp::create(kb.b, a, c, flags);
}

} // namespace

Value transom::cpu::combine(KernelBuilder &kb, ReduceKind kind, Value a, Value c, Type element) {
  bool real = isa<FloatType>(a.getType());
  switch (kind) {
  case ReduceKind::sum:
  case ReduceKind::mean: return real ? kb.faddAnyOrder(a, c) : kb.binary(BinaryKind::add, a, c, element);
  case ReduceKind::prod: return kb.binary(BinaryKind::mul, a, c, element);
  case ReduceKind::max: return kb.binary(BinaryKind::max, a, c, element);
  case ReduceKind::min: return kb.binary(BinaryKind::min, a, c, element);
  }
  llvm_unreachable("all kinds are above");
}

Value transom::cpu::neutral(KernelBuilder &kb, ReduceKind kind, Type element) {
  Type type = KernelBuilder::registerType(element);
  bool top = kind == ReduceKind::min;
  if (kind == ReduceKind::sum || kind == ReduceKind::mean || kind == ReduceKind::prod)
    return kb.number(type, kind == ReduceKind::prod);
  if (isa<FloatType>(type))
    return kb.number(type, top ? INFINITY : -INFINITY);
  unsigned width = type.getIntOrFloatBitWidth();
  APInt value = KernelBuilder::isUnsigned(element)
                    ? (top ? APInt::getMaxValue(width) : APInt::getMinValue(width))
                    : (top ? APInt::getSignedMaxValue(width) : APInt::getSignedMinValue(width));
  return arith::ConstantOp::create(kb.b, kb.b.getIntegerAttr(type, value));
}

LogicalResult transom::cpu::writeReduce(KernelBuilder &kb, ReduceOp op) {
  Value input = op.getInput();
  Type element = kb.elementOf(input), type = KernelBuilder::registerType(element);
  SmallVector<Value> dims = kb.dimsOf(input);
  SmallVector<int64_t> kept, reduced(op.getAxes());
  for (int64_t i = 0; i < int64_t(dims.size()); ++i)
    if (!llvm::is_contained(reduced, i))
      kept.push_back(i);
  SmallVector<Value> keptDims, reducedDims;
  for (int64_t axis : kept)
    keptDims.push_back(dims[axis]);
  for (int64_t axis : reduced)
    reducedDims.push_back(dims[axis]);
  Value count = kb.index(1);
  for (Value dim : reducedDims)
    count = kb.mul(count, dim);
  auto join = [&](ArrayRef<Value> outer, ArrayRef<Value> inner) {
    Index at(dims.size());
    for (auto [axis, i] : llvm::zip(kept, outer))
      at[axis] = i;
    for (auto [axis, i] : llvm::zip(reduced, inner))
      at[axis] = i;
    return at;
  };
  auto finish = [&](ArrayRef<Value> outer, Value value) {
    if (op.getKind() == ReduceKind::mean) {
      Value divisor = kb.cast(kb.toI64(count), kb.b.getI64Type(), type);
      value = isa<FloatType>(type) ? kb.fdiv(value, divisor) : kb.binary(BinaryKind::div, value, divisor, element);
    }
    Index at;
    if (op.getKeepdims()) {
      at.assign(dims.size(), kb.index(0));
      for (auto [axis, i] : llvm::zip(kept, outer))
        at[axis] = i;
    } else {
      at.append(outer.begin(), outer.end());
    }
    kb.finish(op, at, value);
  };

  bool contiguous = kept.empty() || reduced.empty() || reduced.back() > kept.back();
  if (contiguous) {
    kb.parallelNest(
        keptDims,
        [&](ArrayRef<Value> outer) {
          Value total = accumulate(
              kb, reducedDims, neutral(kb, op.getKind(), element), [&](ArrayRef<Value> inner, Value carried) {
                return combine(kb, op.getKind(), carried, kb.element(input, join(outer, inner)), element);
              });
          finish(outer, total);
        },
        0);
    return success();
  }
  // The last dim is kept: a chunk of it at a time, so that memory is read along rows.
  constexpr int64_t chunk = 64;
  Value sums = kb.stack(chunk, type), width = keptDims.back();
  SmallVector<Value> tasks(keptDims.begin(), keptDims.end() - 1);
  tasks.push_back(kb.ceilDiv(width, chunk));
  kb.parallelNest(
      tasks,
      [&](ArrayRef<Value> task) {
        Value from = kb.mul(task.back(), kb.index(chunk)), size = kb.sizeOfPart(width, from, chunk);
        auto outerAt = [&](Value j) {
          Index outer(task.drop_back());
          outer.push_back(kb.add(from, j));
          return outer;
        };
        kb.loop(size, [&](Value j) { kb.store(neutral(kb, op.getKind(), element), sums, j, type); });
        kb.nest(reducedDims, [&](ArrayRef<Value> inner) {
          kb.loop(size, [&](Value j) {
            Value value = kb.element(input, join(outerAt(j), inner));
            kb.store(combine(kb, op.getKind(), kb.load(sums, j, type), value, element), sums, j, type);
          });
        });
        kb.loop(size, [&](Value j) { finish(outerAt(j), kb.load(sums, j, type)); });
      },
      0);
  return success();
}

LogicalResult transom::cpu::writeSoftmax(KernelBuilder &kb, SoftmaxOp op) {
  Value input = op.getInput();
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(input), rows = dims;
  Value length = dims[axis];
  rows.erase(rows.begin() + axis);
  Type type = KernelBuilder::registerType(kb.elementOf(input));
  // The exponentials wait in the result for their sum, where that is a plain one.
  bool inPlace = kb.root() == op.getResult() && type == kb.elementOf(input) && !op.getLog();
  kb.parallelNest(
      rows,
      [&](ArrayRef<Value> row) {
        auto at = [&](Value i) {
          Index position(row);
          position.insert(position.begin() + axis, i);
          return position;
        };
        Value most = accumulate(kb, length, kb.number(type, -INFINITY), [&](ArrayRef<Value> i, Value carried) {
          return larger(kb, carried, kb.element(input, at(i[0])));
        });
        auto exponential = [&](Value i) {
          return kb.unary(UnaryKind::exp, kb.fsub(kb.element(input, at(i)), most), type);
        };
        if (inPlace)
          kb.loop(length, [&](Value i) { kb.storeResult(0, at(i), exponential(i)); });
        auto stored = [&](Value i) { return kb.load(kb.result(0), kb.linear(at(i), dims), type); };
        Value sum = accumulate(kb, length, kb.number(type, 0), [&](ArrayRef<Value> i, Value carried) {
          return kb.faddAnyOrder(carried, inPlace ? stored(i[0]) : exponential(i[0]));
        });
        Value factor =
            op.getLog() ? kb.fadd(most, kb.unary(UnaryKind::log, sum, type)) : kb.fdiv(kb.number(type, 1), sum);
        kb.loop(length, [&](Value i) {
          Value value = op.getLog() ? kb.fsub(kb.element(input, at(i)), factor)
                                    : kb.fmul(inPlace ? stored(i) : exponential(i), factor);
          kb.finish(op, at(i), value);
        });
      },
      0);
  return success();
}

namespace {

/// A norm over dims `axis`..: statistics of each row, then its elements.
template <typename Op> LogicalResult writeNorm(KernelBuilder &kb, Op op, Value bias, bool centred) {
  Value input = op.getInput();
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(input);
  ArrayRef<Value> rows = ArrayRef(dims).take_front(axis), inner = ArrayRef(dims).drop_front(axis);
  Dims shape = kb.shapeOf(input);
  Type type = KernelBuilder::registerType(kb.elementOf(input));
  Value count = kb.index(1);
  for (Value dim : inner)
    count = kb.mul(count, dim);
  kb.parallelNest(
      rows,
      [&](ArrayRef<Value> row) {
        auto x = [&](ArrayRef<Value> i) {
          Index at(row);
          at.append(i.begin(), i.end());
          return kb.element(input, at);
        };
        Value share = kb.fdiv(kb.number(type, 1), kb.cast(kb.toI64(count), kb.b.getI64Type(), type));
        Value mean;
        if (centred) {
          Value sum = accumulate(kb, inner, kb.number(type, 0),
                                 [&](ArrayRef<Value> i, Value carried) { return kb.faddAnyOrder(carried, x(i)); });
          mean = kb.fmul(sum, share);
        }
        Value squares = accumulate(kb, inner, kb.number(type, 0), [&](ArrayRef<Value> i, Value carried) {
          Value d = centred ? kb.fsub(x(i), mean) : x(i);
          return kb.faddAnyOrder(carried, kb.fmul(d, d));
        });
        Value variance = kb.fadd(kb.fmul(squares, share), kb.number(type, op.getEpsilon().convertToFloat()));
        Value scale = kb.unary(UnaryKind::rsqrt, variance, type);
        kb.nest(inner, [&](ArrayRef<Value> i) {
          Index at(row);
          at.append(i.begin(), i.end());
          Value y = kb.fmul(centred ? kb.fsub(x(i), mean) : x(i), scale);
          if (op.getScale())
            y = kb.fmul(y, kb.cast(kb.broadcast(op.getScale(), at, shape), kb.elementOf(op.getScale()), type));
          if (bias)
            y = kb.fadd(y, kb.cast(kb.broadcast(bias, at, shape), kb.elementOf(bias), type));
          kb.finish(op, at, y);
        });
      },
      0);
  return success();
}

} // namespace

LogicalResult transom::cpu::writeLayerNorm(KernelBuilder &kb, LayerNormOp op) {
  return writeNorm(kb, op, op.getBias(), true);
}

LogicalResult transom::cpu::writeRMSNorm(KernelBuilder &kb, RMSNormOp op) { return writeNorm(kb, op, Value(), false); }
