//===- OptimisePipeline.cpp - the stage `optimise` ------------------------===//

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;

void transom::buildOptimisePipeline(OpPassManager &pm, const OptimiseOptions &options) {
  if (options.gqa.enabled)
    pm.addPass(createConvertMHAToGQA(options.gqa));
  if (options.lastLogits)
    pm.addNestedPass<func::FuncOp>(createKeepLastLogits());
  pm.addNestedPass<func::FuncOp>(createFuseProjections());
  if (!options.weightsType.empty())
    pm.addPass(createRoundWeights({options.weightsType}));
  pm.addPass(createCSEPass()); // equal sizes are one value
  pm.addNestedPass<func::FuncOp>(createSimplifyViews());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
