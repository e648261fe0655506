//===- KeepLastLogits.cpp - scores of the last token alone ----------------===//
//
// Expects the model layer. A decoder's scores [batch, sequence, vocabulary] are
// made of the last row of the sequence alone: what a caller who samples needs of
// a prompt. The output becomes [batch, 1, vocabulary].
//
// Scores are an output of a product with a weight as wide as the table that
// tokens are looked up in, and of what follows it element by element.
//
//===----------------------------------------------------------------------===//

#include "Transformer/Analysis/TensorDims.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "transom/Transforms/Passes.h"
#include "llvm/ADT/SmallSet.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace transom {
#define GEN_PASS_DEF_KEEPLASTLOGITS
#include "transom/Transforms/Passes.h.inc"
} // namespace transom

namespace {

RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// The operand with a row for each token, or null.
Value rowsOf(Operation *op) {
  if (auto linear = dyn_cast<LinearOp>(op))
    return linear.getResidual() ? Value() : linear.getInput();
  if (auto linear = dyn_cast<LinearNBitsOp>(op))
    return linear.getInput();
  if (auto product = dyn_cast<MatMulOp>(op))
    return !product.getTransposeA() && typeOf(product.getRhs()).getRank() == 2 ? product.getLhs() : Value();
  return Value();
}

/// From the output down to the product; empty if there is none.
SmallVector<Operation *> chainOf(Value output) {
  SmallVector<Operation *> chain;
  RankedTensorType type = typeOf(output);
  while (Operation *op = output.getDefiningOp()) {
    chain.push_back(op);
    if (Value rows = rowsOf(op))
      return typeOf(rows).getRank() == 3 ? chain : SmallVector<Operation *>();
    // One operand goes on; the others are the same for all tokens.
    if (!isa<CastOp, UnaryOp, BinaryOp>(op))
      return {};
    Value next;
    for (Value operand : op->getOperands()) {
      if (typeOf(operand).getShape() == type.getShape() && !next)
        next = operand;
      else if (typeOf(operand).getRank() > 1 &&
               !llvm::all_of(typeOf(operand).getShape(), [](int64_t dim) { return dim == 1; }))
        return {};
    }
    if (!next)
      return {};
    output = next;
  }
  return {};
}

struct KeepLastLogits : transom::impl::KeepLastLogitsBase<KeepLastLogits> {
  void runOnOperation() override {
    func::FuncOp entry = getOperation();
    if (!entry->hasAttr("transformer.entry"))
      return;
    llvm::SmallSet<int64_t, 4> vocabularies;
    entry.walk([&](GatherOp gather) {
      if (typeOf(gather.getInput()).getRank() == 2 && gather.getAxis() == 0)
        vocabularies.insert(typeOf(gather.getInput()).getDimSize(0));
    });
    Operation *end = entry.getBody().front().getTerminator();
    bool found = false;
    for (auto [i, output] : llvm::enumerate(llvm::to_vector(end->getOperands()))) {
      RankedTensorType type = typeOf(output);
      if (type.getRank() != 3 || !isa<FloatType>(type.getElementType()) || !vocabularies.contains(type.getDimSize(2)))
        continue;
      SmallVector<Operation *> chain = chainOf(output);
      if (chain.empty())
        continue;
      end->setOperand(i, lastOf(chain));
      if (auto names = entry.getResultAttrOfType<ArrayAttr>(i, "transformer.dims")) {
        SmallVector<Attribute> changed = llvm::to_vector(names);
        changed[1] = StringAttr::get(&getContext());
        entry.setResultAttr(i, "transformer.dims", ArrayAttr::get(&getContext(), changed));
      }
      found = true;
    }
    if (!found) {
      emitError(entry.getLoc(),
                "no output is scores of a vocabulary for each token: a product of [batch, sequence, features] with "
                "a weight as wide as an embedding table is long");
      return signalPassFailure();
    }
    entry.setFunctionType(
        FunctionType::get(&getContext(), entry.getArgumentTypes(), llvm::to_vector(end->getOperandTypes())));
  }

private:
  /// The chain once more, for the last row.
  Value lastOf(ArrayRef<Operation *> chain) {
    Operation *product = chain.back();
    OpBuilder builder(product);
    SizeArith arith(builder);
    TensorDims dims(arith);
    Value rows = rowsOf(product);
    RankedTensorType type = typeOf(rows);
    Location loc = product->getLoc();
    Dims shape = dims.of(rows);
    Dim count = shape[1], one = arith.constant(1);
    Value first = arith.value(loc, arith.sub(loc, count, one));
    // There is no last one of none.
    CheckSizesOp::create(builder, loc, arith.value(loc, arith.min(loc, count, one)), arith.value(loc, one), UnitAttr());
    SmallVector<Value> sizes;
    for (int64_t d : {0, 2})
      if (type.isDynamicDim(d))
        sizes.push_back(arith.value(loc, shape[d]));
    Value last = SliceOp::create(
        builder, loc, RankedTensorType::get({type.getDimSize(0), 1, type.getDimSize(2)}, type.getElementType()), rows,
        ValueRange{first}, sizes, ArrayRef<int64_t>{0, INT64_MIN, 0}, ArrayRef<int64_t>{1, 1, 1});
    IRMapping map;
    map.map(rows, last);
    Value result;
    for (Operation *op : llvm::reverse(chain)) {
      builder.setInsertionPoint(op);
      Operation *copy = builder.clone(*op, map);
      result = copy->getResult(0);
      SmallVector<int64_t> narrow(typeOf(result).getShape());
      narrow[1] = 1;
      result.setType(typeOf(result).clone(narrow));
      map.map(op->getResult(0), result);
    }
    return result;
  }
};

} // namespace
