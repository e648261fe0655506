//===- OptimiseLLVM.h - LLVM's own passes, for every target -----*- C++ -*-===//
#ifndef TRANSOM_LIB_CODEGEN_OPTIMISELLVM_H
#define TRANSOM_LIB_CODEGEN_OPTIMISELLVM_H

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace transom {

/// -O3, with loops and straight lines of code made vectors or not.
void optimiseLLVM(llvm::Module &module, llvm::TargetMachine &machine, bool vectorisesLoops, bool vectorisesLines);

} // namespace transom

#endif // TRANSOM_LIB_CODEGEN_OPTIMISELLVM_H
