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

ElementsAttr transom::partOfWeight(ElementsAttr whole, int64_t index) {
  auto resource = dyn_cast<DenseResourceElementsAttr>(whole);
  auto type = cast<RankedTensorType>(whole.getType());
  AsmResourceBlob *blob = resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob || type.getElementTypeBitWidth() % 8)
    return {};
  size_t size = blob->getData().size() / type.getDimSize(0);
  std::string name = (resource.getRawHandle().getKey() + "." + Twine(index)).str();
  auto &manager = DenseResourceElementsHandle::getManagerInterface(type.getContext());
  // The whole stays in the context's list.
  ArrayRef<char> bytes = blob->getData().slice(index * size, size);
  return DenseResourceElementsAttr::get(type.clone(type.getShape().drop_front()),
                                        manager.insert(name, UnmanagedAsmResourceBlob::allocateWithAlign(bytes, 1)));
}
