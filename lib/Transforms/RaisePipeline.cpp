//===- RaisePipeline.cpp - the stage `raise` ------------------------------===//
//
// The order in which the model layer is raised. Each pass expects what the ones
// before it guarantee: activations before the gates made of them, rotary
// positions before attention, all of them before products take activations in;
// experts and random features of a linear attention are such products, equal
// values one.
//
//===----------------------------------------------------------------------===//

#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;

void transom::buildRaisePipeline(OpPassManager &pm, const RaiseOptions &options) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createSimplifyViews());
  function.addPass(createSimplifyIndexing());
  if (options.norms)
    function.addPass(createFuseNorms({options.remarks}));
  if (options.activations)
    function.addPass(createFuseActivations({options.remarks}));
  if (options.rotary)
    function.addPass(createFuseRotary({options.remarks}));
  if (options.attention)
    function.addPass(createFuseAttention({options.remarks}));
  if (options.gatedMLP)
    function.addPass(createFuseGatedMLP({options.remarks}));
  if (options.linear) {
    function.addPass(createFuseQuantizedLinear({options.remarks}));
    function.addPass(createFuseLinear({options.remarks}));
    // Rows read as they come let a residual in.
    function.addPass(createSimplifyViews());
    function.addPass(createFuseLinear({options.remarks}));
  }
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (options.experts) {
    pm.nest<func::FuncOp>().addPass(createFuseExperts({options.remarks}));
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
  }
  if (options.linearAttention) {
    pm.nest<func::FuncOp>().addPass(createFuseLinearAttention({options.remarks}));
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
  }
}

void transom::registerTransformsPipelines() {
  PassPipelineRegistration<>("raise", "the stage `raise`: every fusion, in order",
                             [](OpPassManager &pm) { buildRaisePipeline(pm, {}); });
  PassPipelineRegistration<>("optimise", "the stage `optimise`, as it is by default",
                             [](OpPassManager &pm) { buildOptimisePipeline(pm, {}); });
}
