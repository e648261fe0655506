//===- SlotMatch.h - who chose which expert, and which slot they get -*- C++ -*-===//
//
// Tensors over tokens, experts and slots as products of factors: masks of choices,
// whether there is room, which slot is whose. A place is known by how it is counted:
// the prefix sum over tokens of who chose the expert. Makes no IR but sizes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_SLOTMATCH_H
#define TRANSOM_LIB_TRANSFORMS_SLOTMATCH_H

#include "BatchedExpertMatch.h"
#include <limits>

namespace transom::match {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// Who chose whom: 1 at the experts that a token chose.
struct Mask {
  mlir::Value experts; ///< numbers of those that it chose
  int axis = -1;       ///< over the experts
  bool isOne = false;  ///< of each token one

  bool operator==(const Mask &other) const { return experts == other.experts && axis == other.axis; }
};

/// A number that is `count` + offset where a token chose an expert: of those that did, it is the count-th.
struct CountedPlace {
  double offset = 0;
  std::optional<double> elsewhere; ///< what it is where the token did not, if that is one number
  double high = unlimited;         ///< what it is limited to
  int counted = -1;                ///< the axis of the tokens that are counted
  bool isOfToken = false;          ///< of the one expert that the token chose
};

/// A value over tokens and experts: `dims` says for each dim of the tokens, and last for the experts, which of its own
/// that is; -1 where it has none.
struct PerExpert {
  mlir::Value value;
  llvm::SmallVector<int64_t, 4> dims;
  bool isCondition = false; ///< only whether it is zero counts

  bool hasExperts() const { return dims.back() >= 0; }
};

/// Whether places among others are counted on the way to `value`.
bool isCounted(mlir::Value value);

class SlotReader : protected BatchedExpertReader {
protected:
  using BatchedExpertReader::BatchedExpertReader;
  ~SlotReader() = default;

  struct Factor {
    Laid laid;
    bool isCondition = false; ///< only whether it is zero counts
    bool operator==(const Factor &other) const { return laid == other.laid; }
  };
  using Factors = llvm::SmallVector<Factor, 6>;

  /// Adds what `laid` is a product of.
  void collect(Laid laid, bool isCondition, Factors &factors);
  /// 0, 1, 2, ... along one dim, which is `axis`.
  bool countsAlong(Laid laid, int &axis);
  std::optional<Mask> readMask(const Laid &laid);
  /// Whether a value is the mask, or a 1 for it, and nothing else.
  bool isMask(const Laid &laid);
  std::optional<CountedPlace> readPlace(Laid laid, int depth = 16);
  /// A factor that is of tokens and experts alone.
  std::optional<PerExpert> perExpert(const Factor &factor);
  /// The most tokens that an expert takes, where the factor says so.
  std::optional<double> capacityIn(const Laid &laid);

  Mask mask;

private:
  mlir::Value readChosen(Laid laid, int choice);
  std::optional<Mask> readOneHot(const Laid &laid, int choice);
  std::optional<CountedPlace> readCount(transom::transformer::CumSumOp count, const Laid &laid);
  std::optional<CountedPlace> readBinaryPlace(transom::transformer::BinaryOp binary, const Laid &laid, int depth);
  std::optional<CountedPlace> readChosenPlace(mlir::Operation *op, const Laid &laid, int depth);
};

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_SLOTMATCH_H
