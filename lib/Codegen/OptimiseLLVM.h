//===- OptimiseLLVM.h - LLVM's own passes, for every target -----*- C++ -*-===//
#ifndef TRANSOM_LIB_CODEGEN_OPTIMISELLVM_H
#define TRANSOM_LIB_CODEGEN_OPTIMISELLVM_H

#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace transom {

/// -O3, with loops and straight lines of code made vectors or not.
void optimiseLLVM(llvm::Module &module, llvm::TargetMachine &machine, bool vectorisesLoops, bool vectorisesLines);

struct CPUTarget;
llvm::Expected<std::unique_ptr<llvm::TargetMachine>> targetMachine(const CPUTarget &target);
llvm::Error optimiseForCPU(llvm::Module &module, const CPUTarget &target);

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_OPTIMISELLVM_H
