//===- EmitPTX.cpp - from MLIR to LLVM IR and PTX -------------------------===//
//
// Expects the stage `nvptx` and leaves the module as it is: a copy of its
// `gpu.module` becomes LLVM IR, is optimised and becomes PTX.
//
//===----------------------------------------------------------------------===//

#include "../OptimiseLLVM.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/NVVM/NVVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "transom/Codegen/NVPTX.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace mlir;
using namespace transom;

static LogicalResult convertToLLVMDialect(ModuleOp module) {
  PassManager passes(module.getContext());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToFuncs());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createConvertNVVMToLLVMPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  passes.addPass(createConvertFuncToLLVMPass());
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createCanonicalizerPass());
  return passes.run(module);
}

/// What a kernel was written for becomes what the assembler holds it to.
static void markKernels(ModuleOp module) {
  Builder builder(module.getContext());
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    auto threads = function->getAttrOfType<IntegerAttr>("transformer.threads");
    if (!threads)
      continue;
    function->setAttr(NVVM::NVVMDialect::getKernelFuncAttrName(), builder.getUnitAttr());
    function->setAttr(NVVM::NVVMDialect::getReqntidAttrName(),
                      builder.getDenseI32ArrayAttr({static_cast<int32_t>(threads.getInt())}));
    // Else the assembler keeps registers few, for more blocks at a time, and spills.
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(), builder.getI32IntegerAttr(1));
    // Descriptions of tensors are read where the launch put them.
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (function.getArgAttr(i, LLVM::LLVMDialect::getByValAttrName()))
        function.setArgAttr(i, NVVM::NVVMDialect::getGridConstantAttrName(), builder.getUnitAttr());
  }
}

static llvm::Expected<std::unique_ptr<llvm::TargetMachine>> machineFor(const NVPTXTarget &target) {
  static bool initialised = [] {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
    return true;
  }();
  (void)initialised;
  std::string error;
  llvm::Triple triple("nvptx64-nvidia-cuda");
  const llvm::Target *found = llvm::TargetRegistry::lookupTarget(triple, error);
  if (!found)
    return llvm::createStringError(error);
  llvm::TargetOptions options;
  options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
  return std::unique_ptr<llvm::TargetMachine>(found->createTargetMachine(
      triple, target.chip, target.features, options, std::nullopt, std::nullopt, llvm::CodeGenOptLevel::Aggressive));
}

llvm::Expected<std::string> transom::emitPTX(ModuleOp module, const NVPTXTarget &target) {
  auto device = module.lookupSymbol<gpu::GPUModuleOp>(target.chip);
  if (!device)
    return llvm::createStringError("the module has no kernels for " + target.chip +
                                   ": it is not after the stage nvptx");
  DialectRegistry registry;
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  registerNVVMDialectTranslation(registry);
  module.getContext()->appendDialectRegistry(registry);

  OwningOpRef<ModuleOp> copy = ModuleOp::create(device.getLoc());
  for (Operation &op : *device.getBody())
    copy->getBody()->push_back(op.clone());
  if (failed(convertToLLVMDialect(*copy)))
    return llvm::createStringError("lowering to the LLVM dialect failed");
  markKernels(*copy);
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated = translateModuleToLLVMIR(*copy, context, target.chip);
  if (!translated)
    return llvm::createStringError("translation to LLVM IR failed");

  auto machine = machineFor(target);
  if (!machine)
    return machine.takeError();
  translated->setTargetTriple(llvm::Triple("nvptx64-nvidia-cuda"));
  translated->setDataLayout((*machine)->createDataLayout());
  optimiseLLVM(*translated, **machine, /*vectorisesLoops=*/false, /*vectorisesLines=*/false);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  llvm::legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, os, nullptr, llvm::CodeGenFileType::AssemblyFile))
    return llvm::createStringError("LLVM emits no PTX");
  passes.run(*translated);
  return text.str().str();
}
