//===- OptimiseLLVM.cpp - LLVM's own passes, for every target -------------===//

#include "OptimiseLLVM.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Target/TargetMachine.h"

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
  builder.buildPerModuleDefaultPipeline(llvm::OptimizationLevel::O3).run(module, modules);
}
