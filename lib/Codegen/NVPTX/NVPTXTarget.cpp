//===- NVPTXTarget.cpp - the GPU's options and the order of its passes ----===//

#include "DeviceKernel.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/Passes.h"
#include "transom/Codegen/TileTable.h"
#include "transom/Transforms/Passes.h"

using namespace mlir;
using namespace transom;

namespace {
/// What code generation has to know of a chip. A new chip is a line here.
struct Chip {
  StringLiteral name;
  unsigned capability;
  StringLiteral features; ///< the least version of PTX that has its instructions
  unsigned driver;        ///< the CUDA version that came with
  bool hasWgmma;
  int64_t sharedKilobytes, registers;
  int64_t multiprocessors; ///< of the largest card with it
};
} // namespace

static constexpr Chip chips[] = {
    {"sm_80", 80, "+ptx78", 11080, false, 163, 65536, 108}, // A100
    {"sm_86", 86, "+ptx78", 11080, false, 99, 65536, 84},   // A10, A40, RTX 30
    {"sm_89", 89, "+ptx78", 11080, false, 99, 65536, 142},  // L4, L40, RTX 40
    {"sm_90a", 90, "+ptx83", 12030, true, 227, 65536, 132}, // H100, H200
};

llvm::Expected<NVPTXTarget> NVPTXTarget::resolve(StringRef name) {
  std::string names;
  for (const Chip &chip : chips) {
    if (chip.name == name)
      return NVPTXTarget{
          chip.name.str(), chip.features.str(),  chip.capability, chip.hasWgmma, chip.sharedKilobytes << 10,
          chip.registers,  chip.multiprocessors, /*tf32=*/false,  chip.driver};
    names += (names.empty() ? "" : ", ") + chip.name.str();
  }
  return llvm::createStringError("--target=nvptx:" + name + ": no such chip; there are " + names);
}

void transom::buildNVPTXKernelsPipeline(OpPassManager &passes, const NVPTXTarget &target, States states) {
  buildStatesPipeline(passes, states);
  passes.addNestedPass<func::FuncOp>(createLowerRoundedAttention());
  passes.addNestedPass<func::FuncOp>(createLowerLinearAttention());
  OutlineKernelsOptions options;
  options.panelColumns = options.stagedBytes = 0;
  options.attentionParts = attentionParts;
  options.attentionRows = fewRows;
  options.chip = target.chip;
  passes.addPass(createOutlineKernels(options));
  passes.addPass(createCSEPass());
}

void transom::buildNVPTXPipeline(OpPassManager &passes, const NVPTXTarget &target) {
  LowerKernelsToNVPTXOptions options;
  options.chip = target.chip;
  options.tf32 = target.tf32;
  passes.addPass(createLowerKernelsToNVPTX(options));
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createLoopInvariantCodeMotionPass());
}

void transom::buildNVPTXHostPipeline(OpPassManager &passes) {
  passes.addPass(createLowerLaunches());
  LowerHostProgramOptions options;
  options.device = true;
  passes.addPass(createLowerHostProgram(options));
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

namespace {
struct ChipOption : PassPipelineOptions<ChipOption> {
  Option<std::string> chip{*this, "chip", llvm::cl::desc("the chip: sm_80, sm_89, sm_90a, ..."),
                           llvm::cl::init("sm_80")};
  Option<bool> tf32{*this, "tf32", llvm::cl::desc("f32 products of 11 bits of each number"), llvm::cl::init(false)};
};
} // namespace

void transom::registerNVPTXPipelines() {
  auto with = [](const ChipOption &option, auto build) {
    llvm::Expected<NVPTXTarget> target = NVPTXTarget::resolve(option.chip);
    if (!target)
      llvm::report_fatal_error(target.takeError(), /*gen_crash_diag=*/false);
    target->tf32 = option.tf32;
    build(*target);
  };
  PassPipelineRegistration<ChipOption>(
      "nvptx-kernels", "the stage `kernels`, for GPUs", [with](OpPassManager &passes, const ChipOption &option) {
        with(option, [&](const NVPTXTarget &target) { buildNVPTXKernelsPipeline(passes, target, States::None); });
      });
  PassPipelineRegistration<ChipOption>(
      "nvptx", "the stage `nvptx`", [with](OpPassManager &passes, const ChipOption &option) {
        with(option, [&](const NVPTXTarget &target) { buildNVPTXPipeline(passes, target); });
      });
  PassPipelineRegistration<>("nvptx-host", "the host's side of the stage `nvptx`", buildNVPTXHostPipeline);
}
