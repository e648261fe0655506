//===- TransformerDialect.cpp - registration ------------------------------===//
//
// Registers ops and attributes and materialises constants.
//
//===----------------------------------------------------------------------===//

#include "Transformer/IR/Transformer.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace transom::transformer;

#include "Transformer/IR/TransformerDialect.cpp.inc"
#include "Transformer/IR/TransformerEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "Transformer/IR/TransformerAttrs.cpp.inc"
#define GET_OP_CLASSES
#include "Transformer/IR/TransformerOps.cpp.inc"

void TransformerDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "Transformer/IR/TransformerAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "Transformer/IR/TransformerOps.cpp.inc"
      >();
}

Operation *TransformerDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  if (isa<IndexType>(type))
    return arith::ConstantOp::materialize(builder, value, type, loc);
  if (auto elements = dyn_cast<ElementsAttr>(value))
    if (elements.getShapedType() == type)
      return ConstantOp::create(builder, loc, type, elements);
  return nullptr;
}
