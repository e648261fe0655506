//===- PackedExperts.h - quantised weights of experts -----------*- C++ -*-===//
//
// Products with weights of 2, 4 or 8 bits. Of one row the numbers are made floats in
// registers; of more rows parts of panels are, where a product is about to read them:
// no more than one part is ever floats.
//
// Constants lie in panels: a byte of a weight has as many rows of a column as it has
// numbers, and what belongs to a panel's columns is beside each other, so that loops
// over columns are vectors. Others are read where they lie.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_PACKEDEXPERTS_H
#define TRANSOM_LIB_CODEGEN_CPU_PACKEDEXPERTS_H

#include "KernelBuilder.h"

namespace transom::cpu {

class PackedExperts {
public:
  PackedExperts(KernelBuilder &kb, const transformer::MoEOp::Layer &layer);

  /// Memory of a thread in which scales and zero points of a part lie, a line of columns for each block.
  struct Parameters {
    Value scales, zeros;
  };
  int64_t parameterFloats(int64_t mostRows) const;
  /// Puts rows [k, k + depth) of a panel of this CPU's columns to `to`, columns beside each other.
  void unpackPart(Value expert, Value panel, Value k, Value depth, const Parameters &parameters, Value to);

  bool multipliesRows() const;
  /// One row of f32 times a panel, to `sums` from `place` on.
  void multiplyRow(Value expert, Value panel, Value row, Value rowOffset, Value sums, Value place);

private:
  /// Entries of a panel's columns beside each other.
  struct Line {
    Value pointer, offset;
  };
  Line lineOf(Value tensor, Value expert, Value panel, Value row);
  /// An entry of a panel's column, whether it is in panels or not.
  std::function<Value(Value column)> entriesOf(Value tensor, Value expert, Value panel, Value row);
  Value number(Value bytes, Value place);
  mlir::VectorType vectorType(Type type) const { return mlir::VectorType::get({lanes}, type); }
  Value splat(Value x) { return mlir::vector::BroadcastOp::create(kb.b, vectorType(x.getType()), x); }
  Value loadBytes(const Line &line, int64_t vector);
  SmallVector<Value> addBlock(Value expert, Value panel, Value at, Value row, Value rowOffset, ValueRange sums);

  KernelBuilder &kb;
  transformer::MoEOp::Layer layer;
  Type f32, i32;
  int64_t bits, perByte, block, columns, lanes;
  Value width; ///< columns of the weight
};

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_PACKEDEXPERTS_H
