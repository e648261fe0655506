//===- Pipeline.h - the stages, in order ------------------------*- C++ -*-===//
//
// What holds after each stage is in docs/architecture.md. Stage names are the
// names that --emit takes, and those of dump files.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_PIPELINE_PIPELINE_H
#define TRANSOM_PIPELINE_PIPELINE_H

#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/NVPTX.h"
#include "transom/Transforms/Passes.h"
#include "llvm/ADT/ArrayRef.h"
#include <optional>

namespace transom {

/// `asm` and `object` are other forms of `llvm`. Dumps are named by these numbers.
enum class Stage { Import, Raise, Optimise, Kernels, CPU, LLVM, NVPTX, PTX, Asm, Object };

/// All stages; those of a target, first to last.
llvm::ArrayRef<Stage> stages();
llvm::ArrayRef<Stage> stagesOfCPU();
llvm::ArrayRef<Stage> stagesOfNVPTX();

llvm::StringRef stageName(Stage stage);
std::optional<Stage> parseStage(llvm::StringRef name);

/// "import, raise, ...": for messages and helps.
std::string stageNames();

struct PipelineOptions {
  RaiseOptions raise;
  OptimiseOptions optimise;
  CPUTarget target;
  States states = States::None;
  std::optional<NVPTXTarget> device; ///< kernels are made for this GPU instead
};

/// Adds the passes of a stage. The first stage makes a module and the last one
/// leaves MLIR, so these two have none.
void buildStage(Stage stage, mlir::OpPassManager &passes, const PipelineOptions &options);

} // namespace transom

#endif // TRANSOM_PIPELINE_PIPELINE_H
