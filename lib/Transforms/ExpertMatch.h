//===- ExpertMatch.h - the network of one expert ----------------*- C++ -*-===//
//
// Two products with something between, on rows that an expert was chosen for.
// Makes no IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_EXPERTMATCH_H
#define TRANSOM_LIB_TRANSFORMS_EXPERTMATCH_H

#include "RoutingMatch.h"

namespace transom::match {

/// One expert's weight or bias: all of `value`, or the part of it that is the expert's.
struct ExpertWeight {
  mlir::Value value;
  std::optional<Position> expert; ///< where `value` has a leading dim of experts
  bool transposed = false;        ///< a matrix [out, in]
  /// How `moe` has an expert's numbers, where `value` has them in other dims.
  llvm::SmallVector<int64_t> shape = {};
};

struct ExpertLayer {
  mlir::Operation *op = nullptr; ///< its product
  mlir::Value input;
  ExpertWeight weight;
  std::optional<ExpertWeight> bias;
  std::optional<ExpertWeight> scales, zeros; ///< of a quantised weight
};

struct ExpertNetwork {
  mlir::Value input;
  ExpertLayer first, second;
  std::optional<ExpertLayer> up;
  transom::transformer::UnaryKind activation = transom::transformer::UnaryKind::identity;
  transom::transformer::ExpertGate gate = transom::transformer::ExpertGate::none;
  double alpha = 1, beta = 0;
  std::optional<double> limit;
};

/// activation(gate) times something: which values these are.
std::optional<std::pair<mlir::Value, mlir::Value>> readGating(mlir::Value value,
                                                              transom::transformer::UnaryKind &activation);
/// Takes clamps off gate and what it lets through, and what the latter is moved by, and makes quick_gelu the silu that
/// it is; false where they are others than an expert's.
bool readClamps(mlir::Value &gate, mlir::Value &through, ExpertNetwork &network);

/// What gives `result`; `refuse` is told where it begins as an expert and goes on otherwise.
mlir::FailureOr<ExpertNetwork> readExpert(mlir::Value result, Refusal refuse);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_EXPERTMATCH_H
