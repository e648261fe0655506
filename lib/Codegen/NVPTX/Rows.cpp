//===- Rows.cpp - reductions, softmax and norms by warps and blocks -------===//
//
// A row is read by a warp, or by a block where it is long or of unknown length.
// Lanes take elements next to each other; partial results meet by shuffles, in
// an order that depends on nothing but the row's length. Short rows of known
// length stay in registers between the passes over them.
//
//===----------------------------------------------------------------------===//

#include "DeviceKernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace transom;
using namespace transom::nvptx;
using namespace transom::transformer;

namespace {

/// One row on its way through the lanes that share it.
class Row {
public:
  /// `length` elements, number i of which is `read(i)`.
  Row(DeviceKernel &kb, Value length, Type type, Value room, int64_t lanes)
      : kb(kb), length(length), type(type), room(room), lanes(lanes), own(lanes == 32 ? kb.lane : kb.local) {
    if (auto known = getConstantIntValue(length); known && *known <= lanes * heldElements)
      held = llvm::divideCeil(*known, lanes), isWhole = *known % lanes == 0;
  }

  using Read = std::function<Value(Value)>;
  void setRead(Read value) {
    read = std::move(value);
    elements.clear();
    for (int64_t k = 0; k < held; ++k)
      elements.push_back(read(clamped(k)));
  }

  /// init + f(x0) + f(x1) + ..., where + is `combine` and `init` changes nothing.
  Value reduce(Value init, DeviceKernel::Combine combine, llvm::function_ref<Value(Value)> f) {
    Value total = init;
    if (held) {
      for (int64_t k = 0; k < held; ++k) {
        Value x = f(elements[k]);
        if (k == held - 1 && !isWhole)
          x = kb.select(kb.less(position(k), length), x, init);
        total = combine(total, x);
      }
    } else {
      total = kb.loop(own, length, kb.index(lanes), ValueRange{init}, [&](Value i, ValueRange carried) {
        return SmallVector<Value>{combine(carried[0], f(read(i)))};
      })[0];
    }
    return lanes == 32 ? kb.reduceLanes(total, 32, combine) : kb.reduceBlock(total, room, combine);
  }

  /// f(i, x_i) for each element, by the lane that has it.
  void forEach(llvm::function_ref<void(Value, Value)> f) {
    for (int64_t k = 0; k < held; ++k) {
      Value i = position(k);
      if (k == held - 1 && !isWhole)
        kb.when(kb.less(i, length), [&] { f(i, elements[k]); });
      else
        f(i, elements[k]);
    }
    if (!held)
      kb.loop(own, length, kb.index(lanes), [&](Value i) { f(i, read(i)); });
  }

  /// Runs `body` once.
  void forFirst(llvm::function_ref<void()> body) { kb.when(kb.equal(own, kb.index(0)), body); }

private:
  static constexpr int64_t heldElements = 8; ///< a lane
  Value position(int64_t k) { return kb.add(own, kb.index(k * lanes)); }
  Value clamped(int64_t k) {
    return k == held - 1 && !isWhole ? kb.min(position(k), kb.sub(length, kb.index(1))) : position(k);
  }

  DeviceKernel &kb;
  Value length;
  Type type;
  Value room;
  int64_t lanes;
  Value own;
  int64_t held = 0;
  bool isWhole = true;
  Read read;
  SmallVector<Value> elements;
};

/// Calls `body` for each of `rows` with a Row of `length`.
void forRows(DeviceKernel &kb, ArrayRef<Value> rows, Value length, Type type,
             llvm::function_ref<void(ArrayRef<Value>, Row &)> body) {
  Value count = kb.index(1);
  for (Value dim : rows)
    count = kb.mul(count, dim);
  auto known = getConstantIntValue(length);
  if (known && *known <= 512) {
    Value first = kb.div(kb.thread, kb.index(32)), step = kb.div(kb.threads, kb.index(32));
    kb.loop(first, count, step, [&](Value number) {
      Row row(kb, length, type, Value(), 32);
      body(kb.delinear(number, rows), row);
    });
    return;
  }
  Value room = kb.shared(kb.blockThreads() / 32, type);
  kb.forBlocks(count, [&](Value number) {
    Row row(kb, length, type, room, kb.blockThreads());
    body(kb.delinear(number, rows), row);
  });
}

Value product(DeviceKernel &kb, ArrayRef<Value> dims) {
  Value count = kb.index(1);
  for (Value dim : dims)
    count = kb.mul(count, dim);
  return count;
}

Value larger(DeviceKernel &kb, Value a, Value c) {
  auto flags = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
  return arith::MaxNumFOp::create(kb.b, a, c, flags);
}

} // namespace

LogicalResult nvptx::writeReduce(DeviceKernel &kb, ReduceOp op) {
  Value input = op.getInput();
  Type element = kb.elementOf(input), type = DeviceKernel::registerType(element);
  SmallVector<Value> dims = kb.dimsOf(input), keptDims, reducedDims;
  SmallVector<int64_t> kept, reduced(op.getAxes());
  llvm::sort(reduced);
  for (int64_t i = 0; i < int64_t(dims.size()); ++i)
    if (!llvm::is_contained(reduced, i))
      kept.push_back(i);
  for (int64_t axis : kept)
    keptDims.push_back(dims[axis]);
  for (int64_t axis : reduced)
    reducedDims.push_back(dims[axis]);
  Value count = product(kb, reducedDims);
  auto join = [&](ArrayRef<Value> outer, ArrayRef<Value> inner) {
    Index at(dims.size());
    for (auto [axis, i] : llvm::zip(kept, outer))
      at[axis] = i;
    for (auto [axis, i] : llvm::zip(reduced, inner))
      at[axis] = i;
    return at;
  };
  auto combine = [&](Value a, Value c) { return cpu::combine(kb, op.getKind(), a, c, element); };
  Value init = cpu::neutral(kb, op.getKind(), element);
  auto finish = [&](ArrayRef<Value> outer, Value value) {
    if (op.getKind() == ReduceKind::mean) {
      Value divisor = kb.cast(kb.toI64(count), kb.b.getI64Type(), type);
      value = isa<FloatType>(type) ? kb.fdiv(value, divisor) : kb.binary(BinaryKind::div, value, divisor, element);
    }
    Index at(outer);
    if (op.getKeepdims()) {
      at.assign(dims.size(), kb.index(0));
      for (auto [axis, i] : llvm::zip(kept, outer))
        at[axis] = i;
    }
    kb.finish(op, at, value);
  };

  // Where the last dim is kept, threads next to each other read elements next
  // to each other; rows of a few elements are not worth a warp either.
  auto known = getConstantIntValue(count);
  bool contiguous = kept.empty() || reduced.empty() || reduced.back() > kept.back();
  if (!contiguous || (known && *known < 16)) {
    kb.parallelNest(
        keptDims,
        [&](ArrayRef<Value> outer) {
          Value total = kb.loop(kb.index(0), count, kb.index(1), ValueRange{init}, [&](Value i, ValueRange carried) {
            return SmallVector<Value>{combine(carried[0], kb.element(input, join(outer, kb.delinear(i, reducedDims))))};
          })[0];
          finish(outer, total);
        },
        0);
    return success();
  }
  forRows(kb, keptDims, count, type, [&](ArrayRef<Value> outer, Row &row) {
    row.setRead([&](Value i) { return kb.element(input, join(outer, kb.delinear(i, reducedDims))); });
    Value total = row.reduce(init, combine, [](Value x) { return x; });
    row.forFirst([&] { finish(outer, total); });
  });
  return success();
}

LogicalResult nvptx::writeSoftmax(DeviceKernel &kb, SoftmaxOp op) {
  Value input = op.getInput();
  int64_t axis = op.getAxis();
  SmallVector<Value> dims = kb.dimsOf(input), rows = dims;
  Value length = dims[axis];
  rows.erase(rows.begin() + axis);
  Type type = DeviceKernel::registerType(kb.elementOf(input));
  forRows(kb, rows, length, type, [&](ArrayRef<Value> outer, Row &row) {
    auto at = [&](Value i) {
      Index position(outer);
      position.insert(position.begin() + axis, i);
      return position;
    };
    row.setRead([&](Value i) { return kb.element(input, at(i)); });
    Value most = row.reduce(
        kb.number(type, -INFINITY), [&](Value a, Value c) { return larger(kb, a, c); }, [](Value x) { return x; });
    auto exponential = [&](Value x) { return kb.unary(UnaryKind::exp, kb.fsub(x, most), type); };
    Value sum = row.reduce(kb.number(type, 0), [&](Value a, Value c) { return kb.faddAnyOrder(a, c); }, exponential);
    Value factor = op.getLog() ? kb.fadd(most, kb.unary(UnaryKind::log, sum, type)) : kb.fdiv(kb.number(type, 1), sum);
    row.forEach([&](Value i, Value x) {
      kb.finish(op, at(i), op.getLog() ? kb.fsub(x, factor) : kb.fmul(exponential(x), factor));
    });
  });
  return success();
}

namespace {

/// A norm over dims `axis`..: statistics of each row, then its elements.
template <typename Op> LogicalResult writeNorm(DeviceKernel &kb, Op op, Value bias, bool centred) {
  Value input = op.getInput();
  SmallVector<Value> dims = kb.dimsOf(input);
  ArrayRef<Value> rows = ArrayRef(dims).take_front(op.getAxis()), inner = ArrayRef(dims).drop_front(op.getAxis());
  Dims shape = kb.shapeOf(input);
  Type type = DeviceKernel::registerType(kb.elementOf(input));
  Value count = product(kb, inner);
  forRows(kb, rows, count, type, [&](ArrayRef<Value> outer, Row &row) {
    auto at = [&](Value i) {
      Index position(outer);
      llvm::append_range(position, kb.delinear(i, inner));
      return position;
    };
    auto add = [&](Value a, Value c) { return kb.faddAnyOrder(a, c); };
    row.setRead([&](Value i) { return kb.element(input, at(i)); });
    Value share = kb.fdiv(kb.number(type, 1), kb.cast(kb.toI64(count), kb.b.getI64Type(), type));
    Value mean;
    if (centred)
      mean = kb.fmul(row.reduce(kb.number(type, 0), add, [](Value x) { return x; }), share);
    auto centre = [&](Value x) { return centred ? kb.fsub(x, mean) : x; };
    Value squares = row.reduce(kb.number(type, 0), add, [&](Value x) {
      Value d = centre(x);
      return kb.fmul(d, d);
    });
    Value variance = kb.fadd(kb.fmul(squares, share), kb.number(type, op.getEpsilon().convertToFloat()));
    Value scale = kb.unary(UnaryKind::rsqrt, variance, type);
    row.forEach([&](Value i, Value x) {
      Index position = at(i);
      Value y = kb.fmul(centre(x), scale);
      if (op.getScale())
        y = kb.fmul(y, kb.cast(kb.broadcast(op.getScale(), position, shape), kb.elementOf(op.getScale()), type));
      if (bias)
        y = kb.fadd(y, kb.cast(kb.broadcast(bias, position, shape), kb.elementOf(bias), type));
      kb.finish(op, position, y);
    });
  });
  return success();
}

} // namespace

LogicalResult nvptx::writeLayerNorm(DeviceKernel &kb, LayerNormOp op) { return writeNorm(kb, op, op.getBias(), true); }

LogicalResult nvptx::writeRMSNorm(DeviceKernel &kb, RMSNormOp op) { return writeNorm(kb, op, Value(), false); }
