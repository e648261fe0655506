//===- Convolution.cpp - convolutions of 1 to 3 spatial dims --------------===//
//
// Two forms. Where a group has several output channels, a product: the windows
// of a tile of output positions are packed, tap by tap, and multiplied with the
// weights as they lie in memory; borders cost only where they are packed.
// Otherwise (depthwise, integers), one output row at a time, its taps in registers.
// Either way sums run over channels, then taps, whatever the thread.
//
//===----------------------------------------------------------------------===//

#include "Windows.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

class ConvWriter {
public:
  ConvWriter(KernelBuilder &kb, ConvOp op);
  void writeRows();
  void writeProduct();

private:
  Value bias(Value channel) { return op.getBias() ? kb.element(op.getBias(), {channel}) : kb.number(type, 0); }
  void addTaps(ArrayRef<int64_t> taps, Value from, Value to, llvm::function_ref<Value(Value)> weight,
               llvm::function_ref<Value(Value)> element);
  void forPositions(Value first, Value end,
                    llvm::function_ref<void(ArrayRef<Value> outer, Value from, Value to, Value before)> body);
  void pack(Value batch, Value firstChannel, Value firstTap, Value taps, Value first, Value end);
  void multiply(Value firstRow, Value rows, Value channels, Value firstTap, Value taps, Value columns);

  KernelBuilder &kb;
  ConvOp op;
  SmallVector<Value> in, out, weightDims;
  SmallVector<Window> windows;
  Type element, type;
  Value perGroup;       ///< output channels of a group
  Value inputsPerGroup; ///< input channels of a group
  Value sums, panel, rowWeights;

  // Of the product form.
  static constexpr int64_t tileColumns = 64, tileTaps = 256;
};

ConvWriter::ConvWriter(KernelBuilder &kb, ConvOp op)
    : kb(kb), op(op), in(kb.dimsOf(op.getInput())), out(kb.dimsOf(op.getResult())),
      weightDims(kb.dimsOf(op.getWeight())), element(kb.elementOf(op.getInput())),
      type(KernelBuilder::registerType(element)) {
  auto kernel = cast<RankedTensorType>(op.getWeight().getType()).getShape().drop_front(2);
  windows = windowsOf(kb, kernel, op.getStrides(), op.getDilations(), op.getPads(), ArrayRef<Value>(in).drop_front(2),
                      ArrayRef<Value>(out).drop_front(2));
  perGroup = kb.div(weightDims[0], kb.index(op.getGroup()));
  inputsPerGroup = weightDims[1];
}

//===-- Rows --------------------------------------------------------------===//

/// Adds some taps of a row to the sums of outputs [from, to).
void ConvWriter::addTaps(ArrayRef<int64_t> taps, Value from, Value to, llvm::function_ref<Value(Value)> weight,
                         llvm::function_ref<Value(Value)> element) {
  const Window &last = windows.back();
  Value one = kb.index(1);
  SmallVector<Value> weights;
  for (int64_t tap : taps)
    weights.push_back(weight(kb.index(tap)));
  auto addOne = [&](size_t i, Value o, Value sum) {
    Value product =
        kb.binary(BinaryKind::mul, element(last.position(kb, o, kb.index(taps[i]))), weights[i], this->element);
    return kb.binary(BinaryKind::add, sum, product, this->element);
  };
  auto addIn = [&](Value low, Value high, ArrayRef<size_t> which) {
    kb.loop(low, high, one, [&](Value o) {
      Value slot = kb.sub(o, from), sum = kb.load(sums, slot, type);
      for (size_t i : which)
        sum = addOne(i, o, sum);
      kb.store(sum, sums, slot, type);
    });
  };
  // Between `low` and `high` all taps read the input.
  Value low = last.outputs(kb, kb.index(taps.front()), from, to).first;
  Value high = kb.max(last.outputs(kb, kb.index(taps.back()), from, to).second, low);
  for (size_t i = 0; taps.size() > 1 && i < taps.size(); ++i) {
    auto [first, end] = last.outputs(kb, kb.index(taps[i]), from, to);
    addIn(first, kb.min(end, low), {i});
    addIn(kb.max(first, high), end, {i});
  }
  addIn(low, high, llvm::to_vector(llvm::seq<size_t>(0, taps.size())));
}

void ConvWriter::writeRows() {
  constexpr int64_t rowElements = 256, tapsAtOnce = 8;
  sums = kb.stack(rowElements, type);
  SmallVector<Value> items = out;
  items.back() = kb.ceilDiv(out.back(), rowElements);
  Value count = kb.index(1);
  for (Value item : items)
    count = kb.mul(count, item);
  auto [first, end] = kb.share(count);
  kb.loop(first, end, kb.index(1), [&](Value item) {
    Index at = kb.delinear(item, items);
    Value from = kb.mul(at.back(), kb.index(rowElements)), to = kb.min(kb.add(from, kb.index(rowElements)), out.back());
    Value channel = at[1], firstInput = kb.mul(kb.div(channel, perGroup), inputsPerGroup), start = bias(channel);
    kb.loop(kb.sub(to, from), [&](Value i) { kb.store(start, sums, i, type); });
    kb.loop(inputsPerGroup, [&](Value c) {
      ArrayRef<Value> outer = ArrayRef<Value>(at).drop_front(2).drop_back();
      forOuterTaps(kb, windows, outer, [&](ArrayRef<Value> taps, ArrayRef<Value> positions) {
        auto weight = [&](Value tap) {
          Index where = {channel, c};
          where.append(taps.begin(), taps.end());
          where.push_back(tap);
          return kb.element(op.getWeight(), where);
        };
        auto read = [&](Value position) {
          Index where = {at[0], kb.add(firstInput, c)};
          where.append(positions.begin(), positions.end());
          where.push_back(position);
          return kb.element(op.getInput(), where);
        };
        for (int64_t tap = 0; tap < windows.back().kernel; tap += tapsAtOnce)
          addTaps(llvm::to_vector(llvm::seq(tap, std::min(tap + tapsAtOnce, windows.back().kernel))), from, to, weight,
                  read);
      });
    });
    kb.loop(from, to, kb.index(1), [&](Value o) {
      Index where = at;
      where.back() = o;
      kb.finish(op, where, kb.load(sums, kb.sub(o, from), type));
    });
  });
}

//===-- Product -----------------------------------------------------------===//

/// Output positions [first, end) of an image as parts of rows: output column
/// `o` of the row is position `before` + o of the part.
void ConvWriter::forPositions(Value first, Value end,
                              llvm::function_ref<void(ArrayRef<Value>, Value, Value, Value)> body) {
  Value width = out.back();
  ArrayRef<Value> outer = ArrayRef<Value>(out).drop_front(2).drop_back();
  if (outer.empty())
    return body({}, first, end, kb.sub(kb.index(0), first));
  Value last = kb.div(kb.add(end, kb.sub(width, kb.index(1))), width);
  kb.loop(kb.div(first, width), last, kb.index(1), [&](Value row) {
    Value start = kb.mul(row, width);
    Index at = kb.delinear(row, outer);
    body(at, kb.max(kb.sub(first, start), kb.index(0)), kb.min(kb.sub(end, start), width), kb.sub(start, first));
  });
}

/// Row t of the panel: what tap `firstTap` + t reads at each position.
void ConvWriter::pack(Value batch, Value firstChannel, Value firstTap, Value taps, Value first, Value end) {
  Type f32 = kb.b.getF32Type();
  const Window &last = windows.back();
  SmallVector<Value> order = {inputsPerGroup};
  for (const Window &window : windows)
    order.push_back(kb.index(window.kernel));
  kb.loop(taps, [&](Value t) {
    Index tap = kb.delinear(kb.add(firstTap, t), order);
    Value row = kb.mul(t, kb.index(tileColumns));
    forPositions(first, end, [&](ArrayRef<Value> outer, Value from, Value to, Value before) {
      Value base = kb.add(row, before);
      auto clear = [&](Value low, Value high) {
        kb.loop(low, high, kb.index(1), [&](Value o) { kb.store(kb.f32(0), panel, kb.add(base, o), f32); });
      };
      Index where = {batch, kb.add(firstChannel, tap.front())};
      Value inside;
      for (size_t i = 0; i + 1 < windows.size(); ++i) {
        Value position = windows[i].position(kb, outer[i], tap[i + 1]), here = windows[i].inside(kb, position);
        inside = inside ? kb.both(inside, here) : here;
        where.push_back(position);
      }
      auto copy = [&] {
        auto [low, high] = last.outputs(kb, tap.back(), from, to);
        clear(from, low);
        kb.loop(low, high, kb.index(1), [&](Value o) {
          Index at = where;
          at.push_back(last.position(kb, o, tap.back()));
          kb.store(kb.element(op.getInput(), at), panel, kb.add(base, o), f32);
        });
        clear(high, to);
      };
      if (inside)
        kb.when(inside, copy, [&] { clear(from, to); });
      else
        copy();
    });
  });
}

/// Adds weights x panel to the sums: `rows` output channels from `firstRow` on,
/// of which the group has `channels` in all.
void ConvWriter::multiply(Value firstRow, Value rows, Value channels, Value firstTap, Value taps, Value columns) {
  Type f32 = kb.b.getF32Type();
  int64_t lanes = kb.shape.lanes(), vectors = kb.shape.panelColumns() / lanes, height = kb.shape.tileRows();
  Value allTaps = inputsPerGroup, one = kb.index(1);
  for (const Window &window : windows)
    allTaps = kb.mul(allTaps, kb.index(window.kernel));
  Value weights = kb.argument(op.getWeight());
  auto vectorType = VectorType::get({lanes}, f32);
  kb.loop(kb.index(0), rows, kb.index(height), [&](Value row) {
    // Rows beyond the last one repeat it; their sums are not used.
    SmallVector<Value> starts;
    for (int64_t r = 0; r < height; ++r) {
      Value channel = kb.min(kb.add(kb.add(firstRow, row), kb.index(r)), kb.sub(channels, one));
      Value start = kb.add(kb.mul(channel, allTaps), firstTap);
      if (!rowWeights) {
        starts.push_back(start);
        continue;
      }
      starts.push_back(kb.index(r * tileTaps));
      kb.loop(taps, [&](Value t) {
        kb.store(kb.load(weights, kb.add(start, t), element), rowWeights, kb.add(starts.back(), t), f32);
      });
    }
    kb.loop(kb.index(0), columns, kb.index(kb.shape.panelColumns()), [&](Value column) {
      SmallVector<Value> slots, values;
      for (int64_t r = 0; r < height; ++r)
        for (int64_t v = 0; v < vectors; ++v) {
          Value slot =
              kb.add(kb.mul(kb.add(row, kb.index(r)), kb.index(tileColumns)), kb.add(column, kb.index(v * lanes)));
          slots.push_back(slot);
          values.push_back(kb.loadVector(sums, slot, lanes));
        }
      values = kb.loop(kb.index(0), taps, one, values, [&](Value t, ValueRange so) {
        SmallVector<Value> next(so), packed;
        Value line = kb.add(kb.mul(t, kb.index(tileColumns)), column);
        for (int64_t v = 0; v < vectors; ++v)
          packed.push_back(kb.loadVector(panel, kb.add(line, kb.index(v * lanes)), lanes));
        for (int64_t r = 0; r < height; ++r) {
          Value weight = kb.load(rowWeights ? rowWeights : weights, kb.add(starts[r], t), f32);
          Value wide = vector::BroadcastOp::create(kb.b, vectorType, weight);
          for (int64_t v = 0; v < vectors; ++v)
            next[r * vectors + v] = kb.fma(wide, packed[v], so[r * vectors + v]);
        }
        return next;
      });
      for (auto [slot, value] : llvm::zip(slots, values))
        kb.storeVector(value, sums, slot);
    });
  });
}

void ConvWriter::writeProduct() {
  Type f32 = kb.b.getF32Type();
  int64_t height = kb.shape.tileRows(), blockRows = llvm::divideCeil(128, height) * height;
  if (auto known = getConstantIntValue(perGroup))
    blockRows = std::min<int64_t>(blockRows, llvm::divideCeil(*known, height) * height);
  sums = kb.stack(blockRows * tileColumns);
  panel = kb.stack(tileTaps * tileColumns);
  if (!element.isF32())
    rowWeights = kb.stack(height * tileTaps);
  // Columns beyond the last position are computed with, too.
  kb.loop(kb.index(tileTaps * tileColumns), [&](Value i) { kb.store(kb.f32(0), panel, i, f32); });

  Value positions = kb.index(1), taps = inputsPerGroup, one = kb.index(1);
  for (Value dim : ArrayRef<Value>(out).drop_front(2))
    positions = kb.mul(positions, dim);
  for (const Window &window : windows)
    taps = kb.mul(taps, kb.index(window.kernel));
  SmallVector<Value> items = {out[0], kb.index(op.getGroup()), kb.ceilDiv(perGroup, blockRows),
                              kb.ceilDiv(positions, tileColumns)};
  auto [from, to] = kb.share(kb.mul(kb.mul(items[0], items[1]), kb.mul(items[2], items[3])));
  kb.loop(from, to, one, [&](Value item) {
    Index at = kb.delinear(item, items);
    Value batch = at[0], group = at[1], row = kb.mul(at[2], kb.index(blockRows));
    Value rows = kb.sizeOfPart(perGroup, row, blockRows);
    Value first = kb.mul(at[3], kb.index(tileColumns)), end = kb.min(kb.add(first, kb.index(tileColumns)), positions);
    Value firstChannel = kb.mul(group, perGroup), firstRow = kb.add(firstChannel, row);
    kb.loop(kb.mul(kb.ceilDiv(rows, height), kb.index(height)), [&](Value r) {
      Value start = bias(kb.min(kb.add(firstRow, r), kb.sub(weightDims[0], one)));
      kb.loop(kb.index(tileColumns),
              [&](Value i) { kb.store(start, sums, kb.add(kb.mul(r, kb.index(tileColumns)), i), f32); });
    });
    kb.loop(kb.index(0), taps, kb.index(tileTaps), [&](Value tap) {
      Value count = kb.sizeOfPart(taps, tap, tileTaps);
      pack(batch, kb.mul(group, inputsPerGroup), tap, count, first, end);
      multiply(firstRow, rows, weightDims[0], tap, count, kb.sub(end, first));
    });
    kb.loop(rows, [&](Value r) {
      Value line = kb.mul(r, kb.index(tileColumns)), channel = kb.add(firstRow, r);
      forPositions(first, end, [&](ArrayRef<Value> outer, Value low, Value high, Value before) {
        Value base = kb.add(line, before);
        kb.loop(low, high, one, [&](Value o) {
          Index where = {batch, channel};
          where.append(outer.begin(), outer.end());
          where.push_back(o);
          kb.finish(op, where, kb.load(sums, kb.add(base, o), f32));
        });
      });
    });
  });
}

} // namespace

LogicalResult transom::cpu::writeConv(KernelBuilder &kb, ConvOp op) {
  auto weight = cast<RankedTensorType>(op.getWeight().getType());
  if (ShapedType::isDynamicShape(weight.getShape().drop_front(2)))
    return op.emitOpError("needs a kernel of a size known when compiling");
  Type type = KernelBuilder::registerType(kb.elementOf(op.getInput()));
  ConvWriter writer(kb, op);
  int64_t channels = weight.getDimSize(0);
  bool few = !weight.isDynamicDim(0) && channels / static_cast<int64_t>(op.getGroup()) < 4;
  if (few || !type.isF32())
    writer.writeRows();
  else
    writer.writeProduct();
  return success();
}
