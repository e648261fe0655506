//===- PackedExperts.cpp - quantised weights of experts -------------------===//

#include "PackedExperts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

PackedExperts::PackedExperts(KernelBuilder &kb, const MoEOp::Layer &layer)
    : kb(kb), layer(layer), f32(kb.b.getF32Type()), i32(kb.b.getI32Type()), bits(layer.bits()), perByte(8 / bits),
      block(layer.block()), columns(kb.shape.panelColumns()), lanes(kb.shape.lanes()),
      width(kb.dimsOf(layer.weight)[1]) {}

/// A tensor [experts, columns, rows] in panels [experts, panels, rows, columns].
PackedExperts::Line PackedExperts::lineOf(Value tensor, Value expert, Value panel, Value row) {
  int64_t inMemory = kb.packedColumns(tensor), across = inMemory / columns;
  Value whole = kb.div(panel, kb.index(across)), within = kb.mul(kb.rem(panel, kb.index(across)), kb.index(columns));
  Value matrix = kb.add(kb.mul(expert, kb.ceilDiv(width, inMemory)), whole);
  Value line = kb.add(kb.mul(matrix, kb.dimsOf(tensor)[2]), row);
  return {kb.packedWeight(tensor), kb.add(kb.mul(line, kb.index(inMemory)), within)};
}

std::function<Value(Value)> PackedExperts::entriesOf(Value tensor, Value expert, Value panel, Value row) {
  if (kb.isPackedWeight(tensor)) {
    Line line = lineOf(tensor, expert, panel, row);
    return [=, this](Value column) { return kb.load(line.pointer, kb.add(line.offset, column), kb.elementOf(tensor)); };
  }
  // Columns beyond the last one repeat it; what they give is not used.
  Value first = kb.mul(panel, kb.index(columns)), last = kb.sub(width, kb.index(1));
  return [=, this](Value column) { return kb.element(tensor, {expert, kb.min(kb.add(first, column), last), row}); };
}

/// Number `place` of a byte, or of each of several, as i32.
Value PackedExperts::number(Value bytes, Value place) {
  bool isVector = isa<VectorType>(bytes.getType());
  Type type = isVector ? Type(vectorType(i32)) : i32;
  Value wide = arith::ExtUIOp::create(kb.b, type, bytes);
  if (perByte == 1)
    return wide;
  Value shift = arith::IndexCastOp::create(kb.b, i32, kb.mul(place, kb.index(bits)));
  Value mask = kb.number(i32, (1 << bits) - 1);
  if (isVector) {
    shift = splat(shift);
    mask = splat(mask);
  }
  return arith::AndIOp::create(kb.b, arith::ShRUIOp::create(kb.b, wide, shift), mask);
}

int64_t PackedExperts::parameterFloats(int64_t mostRows) const {
  // A part may begin and end inside a block.
  return (llvm::divideCeil(mostRows, block) + 1) * columns;
}

void PackedExperts::unpackPart(Value expert, Value panel, Value k, Value depth, const Parameters &parameters,
                               Value to) {
  Value perByteValue = kb.index(perByte), blockValue = kb.index(block), firstBlock = kb.div(k, blockValue);
  auto real = [&](Value integer) { return arith::SIToFPOp::create(kb.b, f32, integer).getResult(); };
  kb.loop(kb.sub(kb.ceilDiv(kb.add(k, depth), block), firstBlock), [&](Value i) {
    Value at = kb.add(firstBlock, i), line = kb.mul(i, kb.index(columns));
    auto scales = entriesOf(layer.scales, expert, panel, at);
    kb.loop(kb.index(columns), [&](Value j) {
      kb.store(kb.cast(scales(j), kb.elementOf(layer.scales), f32), parameters.scales, kb.add(line, j), f32);
    });
    if (!layer.zeros)
      return;
    auto zeros = entriesOf(layer.zeros, expert, panel, kb.div(at, perByteValue));
    Value place = kb.rem(at, perByteValue);
    kb.loop(kb.index(columns),
            [&](Value j) { kb.store(real(number(zeros(j), place)), parameters.zeros, kb.add(line, j), f32); });
  });
  kb.loop(kb.div(depth, perByteValue), [&](Value i) {
    Value row = kb.mul(i, perByteValue);
    Value line = kb.mul(kb.sub(kb.div(kb.add(k, row), blockValue), firstBlock), kb.index(columns));
    auto bytes = entriesOf(layer.weight, expert, panel, kb.add(kb.div(k, perByteValue), i));
    kb.loop(kb.index(columns), [&](Value j) {
      Value byte = bytes(j), scale = kb.load(parameters.scales, kb.add(line, j), f32);
      Value zero = layer.zeros ? kb.load(parameters.zeros, kb.add(line, j), f32) : kb.f32(int64_t(1) << (bits - 1));
      for (int64_t p = 0; p < perByte; ++p) {
        Value weight = kb.fmul(kb.fsub(real(number(byte, kb.index(p))), zero), scale);
        kb.store(weight, to, kb.add(kb.mul(kb.add(row, kb.index(p)), kb.index(columns)), j), f32);
      }
    });
  });
}

bool PackedExperts::multipliesRows() const {
  return kb.isPackedWeight(layer.weight) && kb.isPackedWeight(layer.scales) && kb.elementOf(layer.scales).isF32() &&
         (!layer.zeros || kb.isPackedWeight(layer.zeros));
}

Value PackedExperts::loadBytes(const Line &line, int64_t vector) {
  Type i8 = kb.b.getI8Type();
  Value at = kb.add(line.offset, kb.index(vector * lanes));
  return LLVM::LoadOp::create(kb.b, vectorType(i8), kb.address(line.pointer, at, i8), 1);
}

/// `sums` and what block `at` of the rows adds to them, a vector of columns each.
SmallVector<Value> PackedExperts::addBlock(Value expert, Value panel, Value at, Value row, Value rowOffset,
                                           ValueRange sums) {
  int64_t vectors = columns / lanes, bytesOfBlock = block * bits / 8;
  // Few sums would wait for each other.
  int64_t together = vectors * perByte < 4 && bytesOfBlock % 2 == 0 ? 2 : 1;
  SmallVector<Value> zeros;
  for (int64_t v = 0; v < vectors; ++v)
    zeros.push_back(layer.zeros
                        ? number(loadBytes(lineOf(layer.zeros, expert, panel, kb.div(at, kb.index(perByte))), v),
                                 kb.rem(at, kb.index(perByte)))
                        : splat(kb.number(i32, int64_t(1) << (bits - 1))));
  SmallVector<Value> none(together * perByte * vectors, splat(kb.f32(0)));
  Value firstByte = kb.mul(at, kb.index(bytesOfBlock));
  SmallVector<Value> parts =
      kb.loop(kb.index(0), kb.index(bytesOfBlock), kb.index(together), none, [&](Value i, ValueRange before) {
        SmallVector<Value> after;
        for (int64_t step = 0; step < together; ++step) {
          Value byteRow = kb.add(kb.add(firstByte, i), kb.index(step));
          Line line = lineOf(layer.weight, expert, panel, byteRow);
          SmallVector<Value> bytes;
          for (int64_t v = 0; v < vectors; ++v)
            bytes.push_back(loadBytes(line, v));
          for (int64_t p = 0; p < perByte; ++p) {
            Value k = kb.add(kb.mul(byteRow, kb.index(perByte)), kb.index(p));
            Value x = splat(kb.load(row, kb.add(rowOffset, k), f32));
            for (int64_t v = 0; v < vectors; ++v) {
              Value integer = arith::SubIOp::create(kb.b, number(bytes[v], kb.index(p)), zeros[v]);
              Value weight = arith::SIToFPOp::create(kb.b, vectorType(f32), integer);
              after.push_back(kb.fma(x, weight, before[after.size()]));
            }
          }
        }
        return after;
      });
  Line scales = lineOf(layer.scales, expert, panel, at);
  SmallVector<Value> result;
  for (int64_t v = 0; v < vectors; ++v) {
    Value sum = parts[v];
    for (size_t i = v + vectors; i < parts.size(); i += vectors)
      sum = kb.fadd(sum, parts[i]);
    Value scale = kb.loadVector(scales.pointer, kb.add(scales.offset, kb.index(v * lanes)), lanes);
    result.push_back(kb.fma(sum, scale, sums[v]));
  }
  return result;
}

void PackedExperts::multiplyRow(Value expert, Value panel, Value row, Value rowOffset, Value sums, Value place) {
  SmallVector<Value> none(columns / lanes, splat(kb.f32(0)));
  SmallVector<Value> all =
      kb.loop(kb.index(0), kb.index(layer.depth / block), kb.index(1), none,
              [&](Value at, ValueRange before) { return addBlock(expert, panel, at, row, rowOffset, before); });
  for (auto [v, sum] : llvm::enumerate(all))
    kb.storeVector(sum, sums, kb.add(place, kb.index(static_cast<int64_t>(v) * lanes)));
}
