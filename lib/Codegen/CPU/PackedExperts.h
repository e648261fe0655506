//===- PackedExperts.h - quantised weights of experts -----------*- C++ -*-===//
//
// Parts of panels of f32 from weights of 2, 4 or 8 bits, made where a product is
// about to read them: no more than one part is ever floats.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_CODEGEN_CPU_PACKEDEXPERTS_H
#define TRANSOM_LIB_CODEGEN_CPU_PACKEDEXPERTS_H

#include "KernelBuilder.h"

namespace transom::cpu {

/// Memory of a thread in which scales and zero points of a part lie, a line of columns for each block.
struct BlockParameters {
  Value scales, zeros;
  static int64_t floats(const KernelBuilder &kb, const transformer::MoEOp::Layer &layer, int64_t mostRows);
};

/// Puts rows [k, k + depth) of a panel of this CPU's columns, of an expert's weight, to `to`, columns beside each
/// other.
void unpackPart(KernelBuilder &kb, const transformer::MoEOp::Layer &layer, Value expert, Value panel, Value k,
                Value depth, const BlockParameters &parameters, Value to);

} // namespace transom::cpu

#endif // TRANSOM_LIB_CODEGEN_CPU_PACKEDEXPERTS_H
