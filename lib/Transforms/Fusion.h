//===- Fusion.h - what a fused op came from, and what nearly was -*- C++ -*-===//
//
// Listens to a rewrite. An op that replaces others gets their locations, the
// anchor's first; what stopped a match that had its anchor is kept as long as
// the op at fault lives, and said at the end.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_FUSION_H
#define TRANSOM_LIB_TRANSFORMS_FUSION_H

#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/MapVector.h"

namespace transom {

/// The locations of `result`'s op and of everything that only `replaced` used and
/// `result` does not use.
mlir::Location fusedLocation(mlir::Operation *replaced, mlir::Value result);

class Fusion : public mlir::RewriterBase::Listener {
public:
  /// `kind` as in nearMissMark's remarks; remarks come only if `remarks`.
  Fusion(llvm::StringRef kind, bool remarks) : kind(kind), remarks(remarks) {}
  ~Fusion() override { sayNearMisses(); }

  /// A match at `op` had its anchor and stopped for `reason`.
  void nearMiss(mlir::Operation *op, const llvm::Twine &reason);
  /// The same from a pattern, for which it is no match.
  mlir::LogicalResult nearMiss(mlir::PatternRewriter &rewriter, mlir::Operation *op, const llvm::Twine &reason);

  void notifyPatternBegin(const mlir::Pattern &, mlir::Operation *) override { fresh.clear(); }
  void notifyOperationInserted(mlir::Operation *op, mlir::OpBuilder::InsertPoint) override { fresh.insert(op); }
  void notifyOperationReplaced(mlir::Operation *op, mlir::ValueRange values) override;
  void notifyOperationErased(mlir::Operation *op) override {
    misses.erase(op);
    fresh.erase(op);
  }

private:
  void sayNearMisses();

  std::string kind;
  bool remarks;
  llvm::SmallPtrSet<mlir::Operation *, 8> fresh; ///< made by the pattern that is running
  llvm::MapVector<mlir::Operation *, std::string> misses;
};

} // namespace transom

#endif // TRANSOM_LIB_TRANSFORMS_FUSION_H
