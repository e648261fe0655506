//===- NewWeights.cpp - constants that passes make ------------------------===//

#include "NewWeights.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace transom;

DenseResourceElementsAttr transom::newWeight(Value like, RankedTensorType type, StringRef suffix,
                                             AsmResourceBlob blob) {
  std::string name = "weight";
  while (Operation *op = like.getDefiningOp()) {
    if (auto constant = dyn_cast<transformer::ConstantOp>(op)) {
      if (auto resource = dyn_cast<DenseResourceElementsAttr>(constant.getValue()))
        name = resource.getRawHandle().getKey().str();
      break;
    }
    like = op->getOperand(0);
  }
  auto &manager = DenseResourceElementsHandle::getManagerInterface(type.getContext());
  return DenseResourceElementsAttr::get(type, manager.insert((name + suffix).str(), std::move(blob)));
}
