//===- OptimiseLLVM.cpp - LLVM's own passes, for every target -------------===//

#include "OptimiseLLVM.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Instrumentation/AddressSanitizer.h"

void transom::optimiseLLVM(llvm::Module &module, llvm::TargetMachine &machine, bool vectorisesLoops,
                           bool vectorisesLines) {
  llvm::PipelineTuningOptions tuning;
  tuning.LoopVectorization = vectorisesLoops;
  tuning.SLPVectorization = vectorisesLines;
  llvm::PassBuilder builder(&machine, tuning);
  llvm::LoopAnalysisManager loops;
  llvm::FunctionAnalysisManager functions;
  llvm::CGSCCAnalysisManager cgscc;
  llvm::ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(cgscc);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, cgscc, modules);
#ifdef TRANSOM_CHECKS_ADDRESSES
  // A compiler that is built with AddressSanitizer hands on what it is checked by: its libraries call the program's
  // functions for it, as their runtime does. Globals are kept from --gc-sections by being listed whole.
  if (!machine.getTargetTriple().isGPU()) {
    for (llvm::Function &function : module)
      if (!function.isDeclaration())
        function.addFnAttr(llvm::Attribute::SanitizeAddress);
    builder.registerOptimizerLastEPCallback(
        [](llvm::ModulePassManager &passes, llvm::OptimizationLevel, llvm::ThinOrFullLTOPhase) {
          passes.addPass(llvm::AddressSanitizerPass({}, /*UseGlobalGC=*/false));
        });
  }
#endif
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}
