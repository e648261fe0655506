//===- MixtureBuilder.h - moe from what was read ----------------*- C++ -*-===//
//
// Makes the op in the place of a mixture's sum: weights of experts as one constant
// each, choices and shares as [tokens, k].
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_LIB_TRANSFORMS_MIXTUREBUILDER_H
#define TRANSOM_LIB_TRANSFORMS_MIXTUREBUILDER_H

#include "DenseExpertMatch.h"
#include "MaskedExpertMatch.h"

namespace transom::match {

/// What one expert adds to the sum.
struct ExpertPart {
  mlir::Operation *scatter;
  ExpertRows rows;
  mlir::Value tokens, shares;
  ExpertNetwork network;
};

struct Mixture {
  mlir::Value root; ///< the whole sum
  std::vector<ExpertPart> parts;
  int64_t experts = 0;
};

/// One of the op's layers; weights and what belongs to them are of all experts.
struct MixtureLayer {
  mlir::Value weight, bias, scales, zeros;
};

struct MixtureOperands {
  mlir::Value tokens, experts, shares; ///< [..., features] and [..., k]
  MixtureLayer first = {}, up = {}, second = {};
};

class MixtureBuilder {
public:
  MixtureBuilder(mlir::Operation *root, const ExpertNetwork &network, mlir::RewriterBase &rewriter, Refusal refuse)
      : root(root), network(network), rewriter(rewriter), refuse(refuse), loc(root->getLoc()), arith(rewriter),
        dims(arith) {
    rewriter.setInsertionPoint(root);
  }
  void build(const Mixture &mixture);
  void build(const DenseMixture &mixture);
  void build(const DispatchMixture &mixture);
  /// With what the checked parts of `mixture` are.
  void build(const MaskedMixture &masked, const Mixture &mixture);

private:
  mlir::Value reshape(mlir::Value value, llvm::ArrayRef<transom::transformer::Dim> to);
  transom::transformer::Dim rowsOf(mlir::Value value);
  using LayerOf = llvm::function_ref<const ExpertLayer *(const ExpertNetwork &)>;
  using WeightOf = llvm::function_ref<const ExpertWeight *(const ExpertLayer &)>;
  /// A layer's weights of all experts as one; null where they have none.
  mlir::Value joined(const Mixture &mixture, LayerOf layerOf, WeightOf weightOf);
  MixtureLayer joined(const Mixture &mixture, LayerOf layerOf);
  mlir::Value asMatrices(mlir::Value all, bool transposed);
  void setNetwork(MixtureOperands &operands);
  mlir::Value overTokensAndExperts(const PerExpert &factor, const transom::transformer::Dims &all);
  mlir::Value sharesOf(const Dispatched &mixture);
  void setNetwork(const Mixture &mixture, MixtureOperands &operands);
  void dropChecks(llvm::ArrayRef<transom::transformer::NonZeroOp> rows, mlir::Block *block);
  bool replaceRoot(const MixtureOperands &operands);

  mlir::Operation *root;
  const ExpertNetwork &network;
  mlir::RewriterBase &rewriter;
  Refusal refuse;
  mlir::Location loc;
  transom::transformer::SizeArith arith;
  transom::transformer::TensorDims dims;
};

} // namespace transom::match

#endif // TRANSOM_LIB_TRANSFORMS_MIXTUREBUILDER_H
