//===- OptimisePipeline.cpp - the stage `optimise` ------------------------===//

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;

void transom::buildOptimisePipeline(OpPassManager &pm, const OptimiseOptions &options) {
  if (options.gqa.enabled)
    pm.addPass(createConvertMHAToGQA(options.gqa));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}
