//===- DenseExpertMatch.cpp - all experts on all tokens -------------------===//

#include "DenseExpertMatch.h"
#include "BatchedExpertMatch.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace transom::transformer;

namespace transom::match {

namespace {

class DenseReader : BatchedExpertReader {
public:
  DenseReader(ReduceOp sum, TensorDims &dims, Refusal refuse) : BatchedExpertReader(dims), sum(sum), refuse(refuse) {}
  FailureOr<DenseMixture> read();

private:
  bool readShares(Laid laid, DenseMixture &mixture);
  Value readInput(const Laid &input) override { return readTokens(input); }

  ReduceOp sum;
  Refusal refuse;
};

/// What each expert counts for each token: spread from the choices, zeros elsewhere.
bool DenseReader::readShares(Laid laid, DenseMixture &mixture) {
  laid = throughViews(laid);
  auto scatter = laid.value.getDefiningOp<ScatterElementsOp>();
  if (!scatter || scatter.getKind() != ScatterKind::set || !isZero(scatter.getInput()) || laid.layout.empty() ||
      !isLastDim(scatter.getAxis(), laid.value) || laid.layout.back() != Axes{experts} ||
      !isTokens(ArrayRef<Axes>(laid.layout).drop_back()))
    return false;
  mixture.experts = scatter.getIndices();
  mixture.shares = scatter.getUpdates();
  // Fewer rows than there are would leave others without.
  for (int64_t i = 0; i + 1 < rankOf(laid.value); ++i)
    if (!sameSize(dims.of(mixture.experts)[i], dims.of(laid.value)[i]))
      return false;
  return true;
}

FailureOr<DenseMixture> DenseReader::read() {
  auto weighed = sum.getInput().getDefiningOp<BinaryOp>();
  if (sum.getKind() != ReduceKind::sum || sum.getKeepdims() || sum.getAxes().size() != 1 || !weighed ||
      weighed.getKind() != BinaryKind::mul)
    return failure();
  int64_t summed = sum.getAxes()[0], rank = rankOf(sum.getInput()), many = typeOf(sum.getInput()).getDimSize(summed);
  if (ShapedType::isDynamic(many) || summed == rank - 1)
    return failure();
  Layout layout;
  bool hasColumns = false;
  for (auto [i, size] : llvm::enumerate(Dims(dims.of(weighed)))) {
    if (typeOf(weighed).getDimSize(i) == 1) {
      layout.push_back({});
      continue;
    }
    int own = axis(size);
    layout.push_back({own});
    if (static_cast<int64_t>(i) == summed)
      experts = own;
    else if (static_cast<int64_t>(i) == rank - 1)
      hasColumns = true;
    else
      tokens.push_back(own);
  }
  if (experts < 0 || !hasColumns)
    return failure();
  DenseMixture mixture;
  mixture.sum = sum;
  for (unsigned side : {0u, 1u}) {
    Value shares = weighed->getOperand(1 - side);
    if (!readShares(broadcast(shares, layout), mixture) || expertsToChoose(mixture.experts) != many)
      continue;
    if (!readNetwork(broadcast(weighed->getOperand(side), layout), mixture.network, mixture.tokens)) {
      refuse(sum, "what all experts give is no two products with an activation or a gate between");
      return failure();
    }
    return mixture;
  }
  return failure();
}

} // namespace

FailureOr<DenseMixture> readDenseMixture(ReduceOp sum, TensorDims &dims, Refusal refuse) {
  return DenseReader(sum, dims, refuse).read();
}

} // namespace transom::match
