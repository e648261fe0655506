//===- LinearNBits.cpp - products with weights of 2, 4 or 8 bits ----------===//
//
// A column of the result is a row of packed weights times a row of the input,
// so vectors run along K. One input row: the weights stream through registers
// once, several columns together. More rows: the weights of a few columns are
// made f32 in stack memory and meet a block of rows there.
//
//===----------------------------------------------------------------------===//

#include "KernelBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

namespace {

class NBitsWriter {
public:
  NBitsWriter(KernelBuilder &kb, LinearNBitsOp op);
  void write();

private:
  /// Scale and zero point of a block; the zero point is an i8 or an f32.
  struct Parameters {
    Value scale, zero;
  };
  Parameters parameters(Value column, Value block);
  SmallVector<Value> unpack(Value column, Value block, Value step, Value zero, bool inOrder);
  SmallVector<Value> ordered(ArrayRef<Value> parts);
  Value splat(Value x) { return vector::BroadcastOp::create(kb.b, vectorType(x.getType()), x); }
  VectorType vectorType(Type type) { return VectorType::get({width}, type); }
  Value integers(int64_t value, Type type) {
    return arith::ConstantOp::create(kb.b, DenseElementsAttr::get(vectorType(type), kb.b.getIntegerAttr(type, value)));
  }
  Value zeros() {
    return arith::ConstantOp::create(kb.b, DenseElementsAttr::get(vectorType(f32), kb.b.getF32FloatAttr(0)));
  }
  void store(Value row, Value column, Value sum);
  void writeOneRow();
  void writeBlocks();

  KernelBuilder &kb;
  LinearNBitsOp op;
  Type f32, i8, element;
  int64_t bits, block, k, n;
  int64_t blocks;  ///< of a column
  int64_t bytes;   ///< of a block
  int64_t width;   ///< of vectors: bytes that are unpacked at once
  int64_t perByte; ///< weights, and so vectors that one unpacking gives
  Value input, weight;
  SmallVector<Value> outer; ///< dims of the result but the last
  Value rowCount;
};

NBitsWriter::NBitsWriter(KernelBuilder &kb, LinearNBitsOp op)
    : kb(kb), op(op), f32(kb.b.getF32Type()), i8(kb.b.getI8Type()), element(kb.elementOf(op.getInput())),
      bits(op.getBits()), block(op.getBlockSize()), k(op.getK()), n(op.getN()), blocks(llvm::divideCeil(k, block)),
      bytes(block * bits / 8), width(std::min(kb.shape.lanes(), bytes)), perByte(8 / bits),
      input(kb.argument(op.getInput())), weight(kb.argument(op.getWeight())), outer(kb.dimsOf(op.getResult())) {
  outer.pop_back();
  rowCount = kb.index(1);
  for (Value dim : outer)
    rowCount = kb.mul(rowCount, dim);
}

NBitsWriter::Parameters NBitsWriter::parameters(Value column, Value number) {
  // Both parameters may be flat or have the columns as rows: the order is the same.
  auto flat = [&](Value tensor, Value position) {
    return kb.load(kb.argument(tensor), position, kb.elementOf(tensor));
  };
  Value position = kb.add(kb.mul(column, kb.index(blocks)), number);
  Value scale = flat(op.getScales(), position), mask = kb.number(i8, (1 << bits) - 1);
  if (!op.getZeros())
    return {scale, kb.number(i8, 1 << (bits - 1))};
  if (isa<FloatType>(kb.elementOf(op.getZeros())))
    return {scale, flat(op.getZeros(), position)};
  int64_t rowBytes = llvm::divideCeil(blocks * bits, 8);
  Value byte = flat(op.getZeros(), kb.add(kb.mul(column, kb.index(rowBytes)), kb.div(number, kb.index(perByte))));
  if (perByte == 1)
    return {scale, byte};
  Value shift = kb.mul(kb.rem(number, kb.index(perByte)), kb.index(bits));
  Value shifted = arith::ShRUIOp::create(kb.b, byte, arith::IndexCastOp::create(kb.b, i8, shift));
  return {scale, arith::AndIOp::create(kb.b, shifted, mask)};
}

/// The weights less their zero point in `width` bytes of a block. Part p of byte
/// i is weight i * perByte + p: in order, or all the parts p together, which
/// takes fewer instructions.
SmallVector<Value> NBitsWriter::unpack(Value column, Value number, Value step, Value zero, bool inOrder) {
  auto &b = kb.b;
  Type i32 = b.getI32Type();
  Value start =
      kb.add(kb.mul(kb.add(kb.mul(column, kb.index(blocks)), number), kb.index(bytes)), kb.mul(step, kb.index(width)));
  Value packed = LLVM::LoadOp::create(b, vectorType(i8), kb.address(weight, start, i8), 1);
  auto part = [&](Value bytes, int64_t p, Type type) {
    Value shifted = p ? arith::ShRUIOp::create(b, bytes, integers(p * bits, type)).getResult() : bytes;
    return arith::AndIOp::create(b, shifted, integers((1 << bits) - 1, type)).getResult();
  };
  SmallVector<Value> parts;
  if (inOrder && perByte > 1) {
    for (int64_t p = 0; p < perByte; ++p)
      parts.push_back(part(packed, p, i8));
    for (Value &weights : parts = ordered(parts))
      weights = arith::ExtUIOp::create(b, vectorType(i32), weights);
  } else {
    Value wide = arith::ExtUIOp::create(b, vectorType(i32), packed);
    for (int64_t p = 0; p < perByte; ++p)
      parts.push_back(part(wide, p, i32));
  }
  bool realZero = isa<FloatType>(zero.getType());
  for (Value &weights : parts) {
    if (!realZero)
      weights = arith::SubIOp::create(b, weights, splat(arith::ExtUIOp::create(b, i32, zero)));
    weights = arith::SIToFPOp::create(b, vectorType(f32), weights);
    if (realZero)
      weights = kb.fsub(weights, splat(zero));
  }
  return parts;
}

/// Two or four vectors of i8 element by element: the first elements of all first.
SmallVector<Value> NBitsWriter::ordered(ArrayRef<Value> parts) {
  auto shuffle = [&](Value a, Value c, int64_t count, llvm::function_ref<int64_t(int64_t)> source) {
    SmallVector<int64_t> mask;
    for (int64_t i = 0; i < count; ++i)
      mask.push_back(source(i));
    return vector::ShuffleOp::create(kb.b, a, c, mask).getResult();
  };
  SmallVector<Value> result;
  if (parts.size() == 2) {
    for (int64_t from : {int64_t(0), width})
      result.push_back(shuffle(parts[0], parts[1], width, [&](int64_t i) { return (from + i) / 2 + (i % 2) * width; }));
    return result;
  }
  auto pairs = [&](int64_t i) { return i / 2 + (i % 2) * width; };
  Value low = shuffle(parts[0], parts[1], 2 * width, pairs), high = shuffle(parts[2], parts[3], 2 * width, pairs);
  for (int64_t from = 0; from < 4 * width; from += width)
    result.push_back(shuffle(low, high, width, [&](int64_t i) {
      int64_t at = from + i;
      return at / 4 * 2 + at % 2 + (at % 4 / 2) * 2 * width;
    }));
  return result;
}

void NBitsWriter::store(Value row, Value column, Value sum) {
  Value total = vector::ReductionOp::create(kb.b, vector::CombiningKind::ADD, sum, arith::FastMathFlags::reassoc);
  if (op.getBias())
    total = kb.fadd(total, kb.element(op.getBias(), {column}));
  Index where = kb.delinear(row, outer);
  where.push_back(column);
  kb.finish(op, where, total);
}

void NBitsWriter::writeOneRow() {
  constexpr int64_t together = 4;
  int64_t steps = bytes / width, stepWeights = width * perByte;
  Value one = kb.index(1), zero = kb.index(0);
  // The row in f32, in the order in which weights are unpacked; zeros follow
  // where the last block is longer than what is left of the row.
  Value row = kb.stack(blocks * block);
  auto place = [&](Value i) {
    Value within = kb.rem(i, kb.index(stepWeights)), part = kb.rem(within, kb.index(perByte));
    return kb.add(kb.sub(i, within), kb.add(kb.mul(part, kb.index(width)), kb.div(within, kb.index(perByte))));
  };
  kb.loop(kb.index(k), [&](Value i) { kb.store(kb.load(input, i, element), row, place(i), f32); });
  kb.loop(kb.index(k), kb.index(blocks * block), one, [&](Value i) { kb.store(kb.f32(0), row, place(i), f32); });

  auto [from, to] = kb.share(kb.index(llvm::divideCeil(n, together)));
  kb.loop(from, to, one, [&](Value item) {
    SmallVector<Value> columns;
    for (int64_t c = 0; c < together; ++c)
      columns.push_back(kb.min(kb.add(kb.mul(item, kb.index(together)), kb.index(c)), kb.index(n - 1)));
    SmallVector<Value> sums(together, zeros());
    sums = kb.loop(zero, kb.index(blocks), one, sums, [&](Value number, ValueRange sums) {
      SmallVector<Parameters> known;
      for (Value column : columns)
        known.push_back(parameters(column, number));
      auto addStep = [&](Value step, ValueRange so) {
        SmallVector<Value> next(so), factors;
        Value at = kb.add(kb.mul(number, kb.index(block)), kb.mul(step, kb.index(stepWeights)));
        for (int64_t p = 0; p < perByte; ++p)
          factors.push_back(kb.loadVector(row, kb.add(at, kb.index(p * width)), width));
        for (int64_t c = 0; c < together; ++c)
          for (auto [x, w] : llvm::zip(factors, unpack(columns[c], number, step, known[c].zero, /*inOrder=*/false)))
            next[c] = kb.fma(x, w, next[c]);
        return next;
      };
      SmallVector<Value> own(together, zeros());
      if (steps <= 4) {
        for (int64_t step = 0; step < steps; ++step)
          own = addStep(kb.index(step), own);
      } else {
        own = kb.loop(zero, kb.index(steps), one, own, addStep);
      }
      for (int64_t c = 0; c < together; ++c)
        own[c] = kb.fma(own[c], splat(known[c].scale), sums[c]);
      return own;
    });
    for (int64_t c = 0; c < together; ++c) {
      Value column = kb.add(kb.mul(item, kb.index(together)), kb.index(c));
      if (n % together == 0)
        store(zero, column, sums[c]);
      else
        kb.when(kb.less(column, kb.index(n)), [&] { store(zero, column, sums[c]); });
    }
  });
}

void NBitsWriter::writeBlocks() {
  // Registers hold `high` x `across` sums; blocks are multiples of both.
  int64_t high = kb.shape.hasManyRegisters() ? 6 : 2;
  constexpr int64_t across = 4, blockRows = 48, blockColumns = 16;
  int64_t chunk = std::max<int64_t>(256 / block, 1) * block, chunkBlocks = chunk / block, steps = bytes / width;
  bool staged = !element.isF32() || k % block;
  Value one = kb.index(1), zero = kb.index(0);
  Value weights = kb.stack(blockColumns * chunk), sums = kb.stack(blockRows * blockColumns * width);
  Value rows = staged ? kb.stack(high * chunk) : input;

  Value columnBlocks = kb.index(llvm::divideCeil(n, blockColumns));
  auto [from, to] = kb.share(kb.mul(kb.ceilDiv(rowCount, blockRows), columnBlocks));
  auto slotOf = [&](Value row, Value column) {
    return kb.mul(kb.add(kb.mul(row, kb.index(blockColumns)), column), kb.index(width));
  };
  auto loadSum = [&](Value slot) { return kb.loadVector(sums, slot, width); };
  kb.loop(from, to, one, [&](Value item) {
    Value row = kb.mul(kb.div(item, columnBlocks), kb.index(blockRows));
    Value column = kb.mul(kb.rem(item, columnBlocks), kb.index(blockColumns));
    Value height = kb.sizeOfPart(rowCount, row, blockRows);
    Value breadth = kb.sizeOfPart(kb.index(n), column, blockColumns);
    kb.loop(kb.index(blockRows * blockColumns * width), [&](Value i) { kb.store(kb.f32(0), sums, i, f32); });
    kb.loop(zero, kb.index(blocks), kb.index(chunkBlocks), [&](Value first) {
      Value count = kb.sizeOfPart(kb.index(blocks), first, chunkBlocks), start = kb.mul(first, kb.index(block));
      Value depth = kb.mul(count, kb.index(block));
      kb.loop(kb.index(blockColumns), [&](Value c) {
        Value own = kb.min(kb.add(column, c), kb.index(n - 1)), line = kb.mul(c, kb.index(chunk));
        kb.loop(count, [&](Value number) {
          Value at = kb.add(first, number);
          Parameters known = parameters(own, at);
          Value scale = splat(known.scale), base = kb.add(line, kb.mul(number, kb.index(block)));
          kb.loop(kb.index(steps), [&](Value step) {
            Value to = kb.add(base, kb.mul(step, kb.index(width * perByte)));
            for (auto [v, w] : llvm::enumerate(unpack(own, at, step, known.zero, /*inOrder=*/true)))
              kb.storeVector(kb.fmul(w, scale), weights, kb.add(to, kb.index(v * width)));
          });
        });
      });
      kb.loop(zero, height, kb.index(high), [&](Value r) {
        // Rows beyond the last one repeat it; their sums are not used.
        SmallVector<Value> lines;
        for (int64_t i = 0; i < high; ++i) {
          Value own = kb.min(kb.add(kb.add(row, r), kb.index(i)), kb.sub(rowCount, one));
          Value line = kb.add(kb.mul(own, kb.index(k)), start);
          if (staged) {
            Value valid = kb.min(kb.sub(kb.index(k), start), depth), target = kb.index(i * chunk);
            kb.loop(valid,
                    [&](Value j) { kb.store(kb.load(input, kb.add(line, j), element), rows, kb.add(target, j), f32); });
            kb.loop(valid, depth, one, [&](Value j) { kb.store(kb.f32(0), rows, kb.add(target, j), f32); });
            line = target;
          }
          lines.push_back(line);
        }
        kb.loop(zero, breadth, kb.index(across), [&](Value c) {
          SmallVector<Value> slots, values;
          for (int64_t i = 0; i < high; ++i)
            for (int64_t j = 0; j < across; ++j) {
              slots.push_back(slotOf(kb.add(r, kb.index(i)), kb.add(c, kb.index(j))));
              values.push_back(loadSum(slots.back()));
            }
          values = kb.loop(zero, depth, kb.index(width), values, [&](Value t, ValueRange so) {
            SmallVector<Value> next(so), own;
            for (int64_t i = 0; i < high; ++i)
              own.push_back(kb.loadVector(rows, kb.add(lines[i], t), width));
            for (int64_t j = 0; j < across; ++j) {
              Value w = kb.loadVector(weights, kb.add(kb.mul(kb.add(c, kb.index(j)), kb.index(chunk)), t), width);
              for (int64_t i = 0; i < high; ++i)
                next[i * across + j] = kb.fma(own[i], w, so[i * across + j]);
            }
            return next;
          });
          for (auto [slot, value] : llvm::zip(slots, values))
            kb.storeVector(value, sums, slot);
        });
      });
    });
    kb.loop(height, [&](Value r) {
      kb.loop(breadth, [&](Value c) { store(kb.add(row, r), kb.add(column, c), loadSum(slotOf(r, c))); });
    });
  });
}

void NBitsWriter::write() {
  // The row is held on the stack.
  constexpr int64_t longestRow = 1 << 17;
  if (k > longestRow)
    return writeBlocks();
  kb.when(kb.equal(rowCount, kb.index(1)), [&] { writeOneRow(); }, [&] { writeBlocks(); });
}

} // namespace

LogicalResult transom::cpu::writeLinearNBits(KernelBuilder &kb, LinearNBitsOp op) {
  Type element = kb.elementOf(op.getInput());
  if (!element.isF32() && !element.isF16() && !element.isBF16())
    return op.emitOpError("multiplies f32, f16 or bf16, the input is ") << element;
  if (!llvm::isPowerOf2_64(op.getBlockSize()) || op.getBlockSize() < 16)
    return op.emitOpError("needs a block_size that is a power of two from 16 on, it is ") << op.getBlockSize();
  NBitsWriter(kb, op).write();
  return success();
}
