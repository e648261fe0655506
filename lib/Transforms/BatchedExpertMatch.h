//===- BatchedExpertMatch.h - networks of all experts at once ---*- C++ -*-===//
//
// Each dim of a value is made of axes: those of the tokens, the experts and
// features. Reshapes join axes to one dim or take them apart, so that a product of
// [tokens, features] with [features, experts x columns] is one of all experts.
// Makes no IR but sizes.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_BATCHEDEXPERTMATCH_H
#define TRANSOM_LIB_TRANSFORMS_BATCHEDEXPERTMATCH_H

#include "ExpertMatch.h"
#include "Transformer/Analysis/TensorDims.h"

namespace transom::match {

using Axes = llvm::SmallVector<int, 3>;    ///< outer ones first
using Layout = llvm::SmallVector<Axes, 5>; ///< a dim each; none where the dim is 1

struct Laid {
  mlir::Value value;
  Layout layout;
  bool operator==(const Laid &other) const { return value == other.value && layout == other.layout; }
};

class BatchedExpertReader {
public:
  explicit BatchedExpertReader(transom::transformer::TensorDims &dims) : dims(dims) {}

protected:
  ~BatchedExpertReader() = default;

  /// A new axis of this size.
  int axis(transom::transformer::Dim size) {
    sizes.push_back(size);
    return static_cast<int>(sizes.size()) - 1;
  }
  /// Whether dim `dim` of `value` is as large as these axes together.
  bool isOf(mlir::Value value, size_t dim, llvm::ArrayRef<int> axes);
  /// `operand`, which numpy broadcasts to dims of `layout`.
  static Laid broadcast(mlir::Value operand, const Layout &layout);
  Laid throughViews(Laid laid);
  bool isTokens(llvm::ArrayRef<Axes> leading);
  /// [..., features], with no axis but the tokens' before; null where it is something else.
  mlir::Value readTokens(const Laid &input);

  /// The network that gives `given`, and what `readInput` makes of what it takes.
  bool readNetwork(Laid given, ExpertNetwork &network, mlir::Value &input);
  /// What tells the rows that all experts take from others; null where they are no such rows.
  virtual mlir::Value readInput(const Laid &input) = 0;

  transom::transformer::TensorDims &dims;
  llvm::SmallVector<transom::transformer::Dim> sizes; ///< of axes
  Axes tokens;
  int experts = -1;

private:
  /// A product of all experts, with their biases.
  struct BatchedLayer {
    ExpertLayer layer;
    Laid input;
    transom::transformer::UnaryKind activation = transom::transformer::UnaryKind::identity;
  };
  std::optional<Layout> throughReshape(transom::transformer::ReshapeOp reshape, const Layout &layout);
  bool regroup(mlir::Value to, size_t dim, llvm::ArrayRef<int> axes, Layout &layout);
  bool readFirst(Laid inner, ExpertNetwork &network, mlir::Value &input);
  std::optional<BatchedLayer> readLayer(Laid given);
  std::optional<BatchedLayer> readJoined(const Laid &gate, const Laid &through, transom::transformer::ExpertGate &kind);
  std::optional<ExpertWeight> readWeight(Laid laid, llvm::ArrayRef<int> own);
};

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_BATCHEDEXPERTMATCH_H
