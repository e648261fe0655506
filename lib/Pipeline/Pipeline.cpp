//===- Pipeline.cpp - the stages, in order --------------------------------===//

#include "transom/Pipeline/Pipeline.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace transom;

ArrayRef<Stage> transom::stages() {
  static constexpr Stage all[] = {Stage::Import, Stage::Raise, Stage::Optimise, Stage::Kernels, Stage::CPU,
                                  Stage::LLVM,   Stage::Asm,   Stage::Object,   Stage::NVPTX,   Stage::PTX};
  return all;
}

ArrayRef<Stage> transom::stagesOfCPU() { return stages().take_front(8); }

ArrayRef<Stage> transom::stagesOfNVPTX() {
  static constexpr Stage all[] = {Stage::Import,  Stage::Raise, Stage::Optimise,
                                  Stage::Kernels, Stage::NVPTX, Stage::PTX};
  return all;
}

StringRef transom::stageName(Stage stage) {
  switch (stage) {
  case Stage::Import: return "import";
  case Stage::Raise: return "raise";
  case Stage::Optimise: return "optimise";
  case Stage::Kernels: return "kernels";
  case Stage::CPU: return "cpu";
  case Stage::LLVM: return "llvm";
  case Stage::NVPTX: return "nvptx";
  case Stage::PTX: return "ptx";
  case Stage::Asm: return "asm";
  case Stage::Object: return "object";
  }
  llvm_unreachable("no such stage");
}

std::optional<Stage> transom::parseStage(StringRef name) {
  for (Stage stage : stages())
    if (stageName(stage) == name)
      return stage;
  return std::nullopt;
}

std::string transom::stageNames() { return llvm::join(llvm::map_range(stages(), stageName), ", "); }

void transom::buildStage(Stage stage, OpPassManager &passes, const PipelineOptions &options) {
  switch (stage) {
  // Live dialects: transformer (tensor layer), func, arith, tensor.
  case Stage::Import: break;
  // The same, with the model layer.
  case Stage::Raise: buildRaisePipeline(passes, options.raise); break;
  // The same.
  case Stage::Optimise: buildOptimisePipeline(passes, options.optimise); break;
  // The same, in kernels and a host program.
  case Stage::Kernels:
    if (options.device)
      buildNVPTXKernelsPipeline(passes, *options.device, options.states);
    else
      buildKernelsPipeline(passes, options.target, options.states);
    break;
  // What translates to LLVM IR.
  case Stage::CPU: buildCPUPipeline(passes, options.target); break;
  case Stage::LLVM:
  case Stage::Asm:
  case Stage::Object: break;
  // The stage `kernels` and a gpu.module that translates to LLVM IR.
  case Stage::NVPTX: buildNVPTXPipeline(passes, *options.device); break;
  case Stage::PTX: break;
  }
}
