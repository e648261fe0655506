//===- TestPasses.cpp - passes that tests need and no pipeline has --------===//

#include "TestPasses.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "transom/Interpreter/Interpreter.h"

using namespace mlir;
using namespace transom;
using namespace transom::transformer;

namespace {
/// A bug for --check-meaning to find: the last attention's scale is doubled, or
/// the last norm's epsilon is 1.
struct PlantBug : PassWrapper<PlantBug, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PlantBug)
  StringRef getArgument() const override { return "test-plant-bug"; }
  StringRef getDescription() const override { return "changes what a function computes (for tests)"; }
  void runOnOperation() override {
    Builder builder(&getContext());
    Operation *last = nullptr;
    getOperation().walk([&](Operation *op) {
      if (isa<AttentionOp, LayerNormOp, RMSNormOp>(op))
        last = op;
    });
    if (auto attention = dyn_cast_if_present<AttentionOp>(last))
      attention.setScaleAttr(builder.getF32FloatAttr(2 * attention.getScale().convertToFloat()));
    else if (last)
      last->setAttr("epsilon", builder.getF32FloatAttr(1.0f));
  }
};

/// Puts in the place of each function without arguments what the interpreter says it gives.
struct Evaluate : PassWrapper<Evaluate, OperationPass<func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(Evaluate)
  StringRef getArgument() const override { return "test-evaluate"; }
  StringRef getDescription() const override { return "functions without arguments become their results (for tests)"; }
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.getNumArguments() || function.isExternal())
      return;
    auto results = interpret(function, {}, nullptr);
    if (!results) {
      function.emitError() << llvm::toString(results.takeError());
      return signalPassFailure();
    }
    Block &body = function.getBody().front();
    Operation *end = body.getTerminator();
    OpBuilder builder(end);
    SmallVector<Value> values;
    SmallVector<Type> types;
    for (const RunValue &result : *results) {
      values.push_back(ConstantOp::create(builder, function.getLoc(), attributeOf(*result.array)));
      types.push_back(values.back().getType());
    }
    end->setOperands(values);
    function.setType(FunctionType::get(&getContext(), {}, types));
    while (true) {
      // Whatever nothing reads any more, the last first.
      Operation *unread = nullptr;
      for (Operation &op : llvm::reverse(body))
        if (&op != end && op.use_empty() && !llvm::is_contained(values, op.getNumResults() ? op.getResult(0) : Value()))
          unread = unread ? unread : &op;
      if (!unread)
        return;
      unread->erase();
    }
  }

private:
  static DenseElementsAttr attributeOf(const Array &array) {
    auto type = RankedTensorType::get(array.shape, array.element);
    if (auto real = dyn_cast<FloatType>(array.element)) {
      SmallVector<llvm::APFloat> values;
      for (double value : array.reals) {
        llvm::APFloat number(value);
        bool lost;
        number.convert(real.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven, &lost);
        values.push_back(number);
      }
      return DenseElementsAttr::get(type, values);
    }
    SmallVector<llvm::APInt> values;
    for (int64_t value : array.integers)
      values.emplace_back(array.element.getIntOrFloatBitWidth(), static_cast<uint64_t>(value), true, true);
    return DenseElementsAttr::get(type, values);
  }
};
} // namespace

void transom::registerTestPasses() {
  PassRegistration<PlantBug>();
  PassRegistration<Evaluate>();
}
