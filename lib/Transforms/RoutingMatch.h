//===- RoutingMatch.h - which token chose which expert ----------*- C++ -*-===//
//
// What exporters write to take the rows of one expert: a mask of choices, the
// coordinates where it is true, and what those choices count. Read element by
// element through views, comparisons and one-hots; makes no IR.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_ROUTINGMATCH_H
#define TRANSOM_LIB_TRANSFORMS_ROUTINGMATCH_H

#include "GraphMatch.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace transom::match {

/// Where along one dim an element is.
struct Position {
  enum Kind {
    Only,  ///< the dim is 1
    Along, ///< anywhere: `number` says which of the positions that are free
    Fixed, ///< at `number`
    Found  ///< at the expert that is the `number`-th of those that some token chose
  };
  Kind kind = Only;
  int64_t number = 0;
  mlir::Value chosen = {}; ///< of Found: by which choices

  bool isAlong(int64_t which) const { return kind == Along && number == which; }
  bool operator==(const Position &other) const {
    return kind == other.kind && number == other.number && chosen == other.chosen;
  }
};
using Place = llvm::SmallVector<Position, 4>;

/// Where `value`'s element at `place` comes from, through views of single dims; both change.
void throughViews(mlir::Value &value, Place &place);

/// The number that picks an expert: a constant, or an entry of the list of experts that some token chose.
std::optional<Position> expertIndex(mlir::Value index);

/// A condition, or a 1 for it, that token `token` chose `expert` in its choice `choice`.
struct Choice {
  mlir::Value experts; ///< [tokens, k] or [tokens]: numbers of experts
  Position expert;
  int64_t token = -1, choice = -1; ///< which of the free positions these are; -1 where `experts` has no such dim
};
std::optional<Choice> readChoice(mlir::Value mask, Place place);

/// Each dim that is not 1 has the free position of its own number.
Place placeOfRows(mlir::Value value);

/// One line of the coordinates that `nonzero` gives, along a value's first dim.
struct Coordinate {
  transom::transformer::NonZeroOp nonzero;
  int64_t dim = 0; ///< of its operand
};
std::optional<Coordinate> readCoordinate(mlir::Value value);
/// Whether a broadcast leaves the rows along free position 0 as many as `rows` has, where numpy would repeat a single
/// one.
bool keepsRows(transom::transformer::BroadcastToOp broadcast, const Place &place, transom::transformer::NonZeroOp rows);

/// The rows that chose an expert.
struct ExpertRows {
  Choice choice;
  transom::transformer::NonZeroOp nonzero; ///< of the mask
};
/// The rows whose tokens are at `coordinate`.
std::optional<ExpertRows> rowsOf(const Coordinate &coordinate);

/// What the choices of `rows` count, one for each of them: as [tokens, k]. Null where it is something else.
mlir::Value readShares(mlir::Value perRow, const ExpertRows &rows);

/// Whether `value` has zeros alone.
bool isZero(mlir::Value value);
/// 0, 1, 2, ... along the only dim that is not 1.
bool countsFromZero(mlir::Value value);
/// The index that `value` is unless that is below zero, which counts from the end; null where it is something else.
mlir::Value underWrap(mlir::Value value);
/// How many experts there are to choose from; dynamic where that is not known.
int64_t expertsToChoose(mlir::Value experts);

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_ROUTINGMATCH_H
