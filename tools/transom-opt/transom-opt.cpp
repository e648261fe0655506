//===- transom-opt.cpp - passes on textual IR -----------------------------===//
//
// mlir-opt for Transom: registration, and --check-meaning.
//
//===----------------------------------------------------------------------===//

#include "TestPasses.h"
#include "Transformer/IR/Transformer.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "transom/Codegen/Codegen.h"
#include "transom/Codegen/NVPTX.h"
#include "transom/Codegen/Passes.h"
#include "transom/Interpreter/MeaningCheck.h"
#include "transom/Transforms/Passes.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/ToolOutputFile.h"
#include <deque>

using namespace mlir;

static llvm::cl::opt<bool>
    checkMeaning("check-meaning",
                 llvm::cl::desc("Run every function before and after each pass, on random inputs in which every dim "
                                "without a size has 4, and fail where results differ"));

/// All functions that are called from outside.
static transom::FunctionArguments argumentsOf(ModuleOp module) {
  transom::FunctionArguments arguments;
  for (auto function : module.getOps<func::FuncOp>())
    if (!function.isPrivate() && !function.isExternal())
      arguments[function.getName().str()] =
          transom::randomArguments(function, [](unsigned, unsigned, StringRef) { return 4; }, /*seed=*/7);
  return arguments;
}

static LogicalResult run(StringRef input, StringRef output, DialectRegistry &registry) {
  std::string message;
  auto file = openInputFile(input, &message);
  auto result = file ? openOutputFile(output, &message) : nullptr;
  if (!result) {
    llvm::errs() << message << '\n';
    return failure();
  }
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  // One for each module of a split file.
  std::deque<transom::MeaningVerdict> verdicts;
  if (checkMeaning)
    config.setPassPipelineSetupFn([passes = config, &verdicts](PassManager &manager) {
      manager.getContext()->disableMultithreading();
      manager.addInstrumentation(transom::createMeaningCheck(argumentsOf, verdicts.emplace_back()));
      return passes.setupPassPipeline(manager);
    });
  if (failed(MlirOptMain(result->os(), std::move(file), registry, config)))
    return failure();
  result->keep();
  return success(llvm::all_of(verdicts, [](const auto &verdict) { return verdict.pass.empty(); }));
}

int main(int argc, char **argv) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<transom::transformer::TransformerDialect>();
  registerAllPasses();
  transom::registerTransformsPasses();
  transom::registerTransformsPipelines();
  transom::registerCodegenPasses();
  transom::registerCodegenPipelines();
  transom::registerNVPTXPipelines();
  transom::registerTestPasses();
  llvm::InitLLVM init(argc, argv);
  auto [input, output] = registerAndParseCLIOptions(argc, argv, "Transom's passes on textual IR\n", registry);
  return asMainReturnCode(run(input, output, registry));
}
