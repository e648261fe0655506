//===- Resizing.cpp - nearest, linear and cubic interpolation -------------===//
//
// Each resized dim maps a result position to some input positions with weights
// (ONNX Resize); an element is the weighted sum over all dims' combinations.
// What the outer dims map to is computed outside the loop over the last dim.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

/// Input positions along one dim, with their weights (null: 1).
struct Taps {
  SmallVector<std::pair<Value, Value>, 4> list;
  Value outside; ///< the region of interest leaves the input here; null where it cannot
};

class ResizeWriter {
public:
  ResizeWriter(KernelBuilder &kb, ResizeOp op)
      : kb(kb), op(op), in(kb.dimsOf(op.getInput())), out(kb.dimsOf(op.getResult())) {}

  bool isResized(size_t dim);
  Taps taps(size_t dim, Value at);
  void excludeOutside(Taps &taps, ArrayRef<Value> positions, size_t dim);
  Value interpolate(ArrayRef<Taps> all);

private:
  Value real(Value integer) { return kb.cast(kb.toI64(integer), kb.b.getI64Type(), kb.b.getF32Type()); }
  /// The integer below, of a float that holds one.
  Value whole(Value x) { return kb.toIndex(arith::FPToSIOp::create(kb.b, kb.b.getI64Type(), x)); }
  Value clamped(Value position, size_t dim) {
    return kb.max(kb.min(position, kb.sub(in[dim], kb.index(1))), kb.index(0));
  }
  Value scale(size_t dim);
  Value coordinate(size_t dim, Value at);
  Value nearest(Value x);

  KernelBuilder &kb;
  ResizeOp op;
  SmallVector<Value> in, out;
};

bool ResizeWriter::isResized(size_t dim) {
  float scale = op.getScales()[dim];
  bool sameSize = kb.shapeOf(op.getInput())[dim] == kb.shapeOf(op.getResult())[dim];
  return !(sameSize && (scale == 1 || scale <= 0));
}

/// As given; 0 stands for the ratio of the sizes.
Value ResizeWriter::scale(size_t dim) {
  float given = op.getScales()[dim];
  return given > 0 ? kb.f32(given) : kb.fdiv(real(out[dim]), real(in[dim]));
}

/// Where in the input a result position lies, in f32 as ONNX Runtime computes it.
Value ResizeWriter::coordinate(size_t dim, Value at) {
  StringRef mode = op.getCoordinates();
  Value x = real(at), half = kb.f32(0.5), size = real(out[dim]);
  auto halfPixel = [&] { return kb.fsub(kb.fdiv(kb.fadd(x, half), scale(dim)), half); };
  if (mode == "half_pixel")
    return halfPixel();
  if (mode == "asymmetric")
    return kb.fdiv(x, scale(dim));
  // The size before it is rounded, as ONNX's reference has it.
  Value length = op.getScales()[dim] > 0 ? kb.fmul(real(in[dim]), scale(dim)) : size;
  Value single = arith::CmpFOp::create(kb.b, arith::CmpFPredicate::OEQ, length, kb.f32(1));
  if (mode == "pytorch_half_pixel")
    return kb.select(single, kb.f32(-0.5), halfPixel());
  Value last = real(kb.sub(in[dim], kb.index(1)));
  Value gaps = kb.select(single, kb.f32(1), kb.fsub(length, kb.f32(1)));
  if (mode == "align_corners")
    return kb.select(single, kb.f32(0), kb.fdiv(kb.fmul(x, last), gaps));
  if (mode == "tf_crop_and_resize") {
    ArrayRef<float> roi = *op.getRoi();
    double start = roi[dim], width = roi[in.size() + dim] - start;
    Value middle = kb.fmul(last, kb.f32(width / 2)), along = kb.fdiv(kb.fmul(kb.fmul(x, kb.f32(width)), last), gaps);
    return kb.fadd(kb.select(single, middle, along), kb.fmul(last, kb.f32(start)));
  }
  // half_pixel_symmetric: the centres of both meet, however the size was rounded.
  Value adjustment = kb.fdiv(size, kb.fmul(scale(dim), real(in[dim])));
  Value offset = kb.fmul(kb.fmul(real(in[dim]), half), kb.fsub(kb.f32(1), adjustment));
  return kb.fadd(offset, halfPixel());
}

Value ResizeWriter::nearest(Value x) {
  StringRef mode = op.getNearestMode();
  auto to = [&](UnaryKind kind, Value value) { return kb.unary(kind, value, kb.b.getF32Type()); };
  if (mode == "floor")
    return to(UnaryKind::floor, x);
  if (mode == "ceil")
    return to(UnaryKind::ceil, x);
  if (mode == "round_prefer_ceil")
    return to(UnaryKind::floor, kb.fadd(x, kb.f32(0.5)));
  return to(UnaryKind::ceil, kb.fsub(x, kb.f32(0.5))); // round_prefer_floor
}

/// Without the weights of elements that the input does not have.
void ResizeWriter::excludeOutside(Taps &taps, ArrayRef<Value> positions, size_t dim) {
  Value sum;
  for (auto [tap, position] : llvm::zip_equal(taps.list, positions)) {
    Value inside = arith::AndIOp::create(kb.b, kb.less(kb.index(-1), position), kb.less(position, in[dim]));
    tap.second = kb.select(inside, tap.second, kb.f32(0));
    sum = sum ? kb.fadd(sum, tap.second) : tap.second;
  }
  for (auto &tap : taps.list)
    tap.second = kb.fdiv(tap.second, sum);
}

Taps ResizeWriter::taps(size_t dim, Value at) {
  bool crops = false;
  if (op.getCoordinates() == "tf_crop_and_resize")
    crops = (*op.getRoi())[dim] != 0 || (*op.getRoi())[in.size() + dim] != 1;
  if (!isResized(dim) && !crops)
    return {{{at, Value()}}, Value()};
  Value x = coordinate(dim, at), one = kb.f32(1), last = real(kb.sub(in[dim], kb.index(1)));
  Taps result;
  if (crops)
    result.outside = arith::OrIOp::create(kb.b, arith::CmpFOp::create(kb.b, arith::CmpFPredicate::OLT, x, kb.f32(0)),
                                          arith::CmpFOp::create(kb.b, arith::CmpFPredicate::OGT, x, last));
  if (op.getMode() == "nearest") {
    result.list = {{clamped(whole(nearest(x)), dim), Value()}};
    return result;
  }
  // Beyond the first and last element: that element.
  SmallVector<Value> positions, weights;
  if (op.getMode() == "linear") {
    Value floor = kb.unary(UnaryKind::floor, x, kb.b.getF32Type()), weight = kb.fsub(x, floor), below = whole(floor);
    positions = {below, kb.add(below, kb.index(1))};
    weights = {kb.fsub(one, weight), weight};
  } else {
    // Keys' cubic convolution: weights of the elements at -1, 0, 1 and 2.
    Value floor = kb.unary(UnaryKind::floor, x, kb.b.getF32Type()), t = kb.fsub(x, floor), base = whole(floor);
    double a = op.getCubicCoefficient().convertToFloat();
    auto near = [&](Value d) { // |d| <= 1
      Value p = kb.fsub(kb.fmul(kb.f32(a + 2), d), kb.f32(a + 3));
      return kb.fadd(kb.fmul(kb.fmul(p, d), d), one);
    };
    auto far = [&](Value d) { // 1 < |d| < 2
      Value p = kb.fsub(kb.fmul(kb.f32(a), d), kb.f32(5 * a));
      p = kb.fadd(kb.fmul(p, d), kb.f32(8 * a));
      return kb.fsub(kb.fmul(p, d), kb.f32(4 * a));
    };
    for (int64_t i = 0; i < 4; ++i)
      positions.push_back(kb.add(base, kb.index(i - 1)));
    weights = {far(kb.fadd(t, one)), near(t), near(kb.fsub(one, t)), far(kb.fsub(kb.f32(2), t))};
  }
  for (auto [position, weight] : llvm::zip_equal(positions, weights))
    result.list.push_back({clamped(position, dim), weight});
  if (op.getExcludeOutside())
    excludeOutside(result, positions, dim);
  return result;
}

Value ResizeWriter::interpolate(ArrayRef<Taps> all) {
  Type element = kb.elementOf(op.getInput()), f32 = kb.b.getF32Type();
  bool exact = op.getMode() == "nearest";
  Index where;
  std::function<Value()> descend = [&]() -> Value {
    if (where.size() == all.size()) {
      Value x = kb.element(op.getInput(), where);
      return exact ? x : kb.cast(x, element, f32);
    }
    Value sum;
    for (auto [position, weight] : all[where.size()].list) {
      where.push_back(position);
      Value part = descend();
      where.pop_back();
      if (weight)
        part = kb.fmul(part, weight);
      sum = sum ? kb.fadd(sum, part) : part;
    }
    return sum;
  };
  Value value = descend();
  if (!exact)
    value = kb.cast(value, f32, element);
  Value outside;
  for (const Taps &taps : all)
    if (taps.outside)
      outside = outside ? arith::OrIOp::create(kb.b, outside, taps.outside).getResult() : taps.outside;
  if (!outside)
    return value;
  Value fill = kb.cast(kb.f32(op.getExtrapolation().convertToFloat()), f32, element);
  return kb.select(outside, fill, value);
}

} // namespace

LogicalResult transom::cpu::writeResize(KernelBuilder &kb, ResizeOp op) {
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, op.getMode()))
    return op.emitOpError("knows no mode ") << op.getMode();
  if (!llvm::is_contained({"half_pixel", "asymmetric", "pytorch_half_pixel", "align_corners", "half_pixel_symmetric",
                           "tf_crop_and_resize"},
                          op.getCoordinates()))
    return op.emitOpError("knows no coordinates ") << op.getCoordinates();
  if (!llvm::is_contained({"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}, op.getNearestMode()))
    return op.emitOpError("knows no nearest_mode ") << op.getNearestMode();
  ResizeWriter writer(kb, op);
  SmallVector<Value> out = kb.dimsOf(op.getResult());
  size_t rank = out.size();
  if (rank == 0) {
    kb.onFirstThread([&] { kb.storeResult(0, {}, kb.element(op.getInput(), {})); });
    return success();
  }
  Value rows = kb.index(1);
  for (Value dim : ArrayRef<Value>(out).drop_back())
    rows = kb.mul(rows, dim);
  // Long rows are divided, too.
  constexpr int64_t part = 1024;
  Value parts = kb.ceilDiv(out.back(), part);
  auto [from, to] = kb.share(kb.mul(rows, parts));
  kb.loop(from, to, kb.index(1), [&](Value item) {
    Index at = kb.delinear(kb.div(item, parts), ArrayRef<Value>(out).drop_back());
    SmallVector<Taps> taps;
    for (size_t dim = 0; dim + 1 < rank; ++dim)
      taps.push_back(writer.taps(dim, at[dim]));
    Value first = kb.mul(kb.rem(item, parts), kb.index(part));
    kb.loop(first, kb.min(kb.add(first, kb.index(part)), out.back()), kb.index(1), [&](Value column) {
      taps.push_back(writer.taps(rank - 1, column));
      Index to = at;
      to.push_back(column);
      kb.storeResult(0, to, writer.interpolate(taps));
      taps.pop_back();
    });
  });
  return success();
}
