//===- OptimiseLLVM.cpp - LLVM's own passes, for every target -------------===//

#include "OptimiseLLVM.h"
#include "transom/Codegen/Codegen.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
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

llvm::Expected<std::unique_ptr<llvm::TargetMachine>> transom::targetMachine(const CPUTarget &target) {
  static bool initialised = [] {
    llvm::InitializeAllTargetInfos();
    llvm::InitializeAllTargets();
    llvm::InitializeAllTargetMCs();
    llvm::InitializeAllAsmPrinters();
    return true;
  }();
  (void)initialised;
  std::string error;
  llvm::Triple triple(target.triple);
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return llvm::createStringError(error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(triple, target.instructions, target.features,
                                                                         options, llvm::Reloc::PIC_, std::nullopt,
                                                                         llvm::CodeGenOptLevel::Aggressive));
}

llvm::Error transom::optimiseForCPU(llvm::Module &module, const CPUTarget &target) {
  auto machine = targetMachine(target);
  if (!machine)
    return machine.takeError();
  optimiseLLVM(module, **machine, /*vectorisesLoops=*/true, /*vectorisesLines=*/true);
  return llvm::Error::success();
}

static llvm::Error emitCode(llvm::Module &module, const transom::CPUTarget &target, llvm::CodeGenFileType type,
                            llvm::raw_pwrite_stream &os) {
  auto machine = targetMachine(target);
  if (!machine)
    return machine.takeError();
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, os, nullptr, type))
    return llvm::createStringError("the target '" + target.triple + "' emits neither objects nor assembly");
  passes.run(module);
  return llvm::Error::success();
}

llvm::Error transom::emitObject(llvm::Module &module, const CPUTarget &target, llvm::raw_pwrite_stream &object) {
  return emitCode(module, target, llvm::CodeGenFileType::ObjectFile, object);
}

llvm::Error transom::emitAssembly(llvm::Module &module, const CPUTarget &target, llvm::raw_pwrite_stream &text) {
  return emitCode(module, target, llvm::CodeGenFileType::AssemblyFile, text);
}
