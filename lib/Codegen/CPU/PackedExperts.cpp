//===- PackedExperts.cpp - quantised weights of experts -------------------===//
//
// Weights that are constants lie in panels of bytes: a byte has as many rows of a
// column as it has numbers, and the bytes of a panel's columns are beside each
// other, so that loops over columns are vectors. Others are read where they lie.
//
//===----------------------------------------------------------------------===//

#include "PackedExperts.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace transom::cpu;
using namespace transom::transformer;

int64_t BlockParameters::floats(const KernelBuilder &kb, const MoEOp::Layer &layer, int64_t mostRows) {
  // A part may begin and end inside a block.
  return (llvm::divideCeil(mostRows, layer.block()) + 1) * kb.shape.panelColumns();
}

void transom::cpu::unpackPart(KernelBuilder &kb, const MoEOp::Layer &layer, Value expert, Value panel, Value k,
                              Value depth, const BlockParameters &parameters, Value to) {
  Type f32 = kb.b.getF32Type(), i32 = kb.b.getI32Type(), ui8 = kb.elementOf(layer.weight);
  int64_t bits = layer.bits(), perByte = 8 / bits, columns = kb.shape.panelColumns();
  Value one = kb.index(1), block = kb.index(layer.block()), perByteValue = kb.index(perByte);
  SmallVector<Value> dims = kb.dimsOf(layer.weight); // [experts, columns, bytes]
  Value first = kb.mul(panel, kb.index(columns)), last = kb.sub(dims[1], one);
  Value firstBlock = kb.div(k, block);

  auto number = [&](Value byte, Value place) -> Value { // number `place` of a byte, as i32
    Value wide = arith::ExtUIOp::create(kb.b, i32, byte);
    if (perByte == 1)
      return wide;
    Value shift = arith::IndexCastOp::create(kb.b, i32, kb.mul(place, kb.index(bits)));
    return arith::AndIOp::create(kb.b, arith::ShRUIOp::create(kb.b, wide, shift), kb.number(i32, (1 << bits) - 1));
  };
  auto real = [&](Value integer) { return arith::SIToFPOp::create(kb.b, f32, integer).getResult(); };

  Value blocks = kb.sub(kb.ceilDiv(kb.add(k, depth), layer.block()), firstBlock);
  kb.loop(blocks, [&](Value line) {
    Value at = kb.add(firstBlock, line), to = kb.mul(line, kb.index(columns));
    kb.loop(kb.index(columns), [&](Value j) {
      // Columns beyond the last one repeat it; what they give is not used.
      Value column = kb.min(kb.add(first, j), last);
      Value scale = kb.cast(kb.element(layer.scales, {expert, column, at}), kb.elementOf(layer.scales), f32);
      kb.store(scale, parameters.scales, kb.add(to, j), f32);
      if (!layer.zeros)
        return;
      Value byte = kb.element(layer.zeros, {expert, column, kb.div(at, perByteValue)});
      kb.store(real(number(byte, kb.rem(at, perByteValue))), parameters.zeros, kb.add(to, j), f32);
    });
  });

  bool isPacked = kb.isPackedWeight(layer.weight);
  int64_t inMemory = isPacked ? kb.packedColumns(layer.weight) : columns, across = inMemory / columns;
  Value panels = kb.ceilDiv(dims[1], inMemory);
  Value matrix = kb.add(kb.mul(expert, panels), kb.div(panel, kb.index(across)));
  Value inPanel = kb.mul(kb.rem(panel, kb.index(across)), kb.index(columns));
  kb.loop(kb.div(depth, perByteValue), [&](Value i) {
    Value row = kb.mul(i, perByteValue), byteRow = kb.add(kb.div(k, perByteValue), i);
    Value line = kb.mul(kb.sub(kb.div(kb.add(k, row), block), firstBlock), kb.index(columns));
    Value bytes = kb.add(kb.mul(kb.add(kb.mul(matrix, dims[2]), byteRow), kb.index(inMemory)), inPanel);
    kb.loop(kb.index(columns), [&](Value j) {
      Value byte = isPacked ? kb.load(kb.packedWeight(layer.weight), kb.add(bytes, j), ui8)
                            : kb.element(layer.weight, {expert, kb.min(kb.add(first, j), last), byteRow});
      Value scale = kb.load(parameters.scales, kb.add(line, j), f32);
      Value zero = layer.zeros ? kb.load(parameters.zeros, kb.add(line, j), f32) : kb.f32(int64_t(1) << (bits - 1));
      for (int64_t p = 0; p < perByte; ++p) {
        Value weight = kb.fmul(kb.fsub(real(number(byte, kb.index(p))), zero), scale);
        kb.store(weight, to, kb.add(kb.mul(kb.add(row, kb.index(p)), kb.index(columns)), j), f32);
      }
    });
  });
}
