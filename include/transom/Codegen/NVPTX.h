//===- NVPTX.h - from kernels to PTX ----------------------------*- C++ -*-===//
//
// The stages `nvptx` and `ptx`. What holds after each is in docs/nvptx.md.
//
//===----------------------------------------------------------------------===//
#ifndef TRANSOM_CODEGEN_NVPTX_H
#define TRANSOM_CODEGEN_NVPTX_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"
#include <string>

namespace transom {

/// The GPU that code is made for.
struct NVPTXTarget {
  std::string chip;         ///< "sm_90a"
  std::string features;     ///< LLVM's: the version of PTX, "+ptx83"
  unsigned capability = 80; ///< 90 for sm_90a
  bool hasWgmma = false;
  int64_t sharedLimit = 0; ///< bytes of shared memory that a block may ask for

  /// `name` as given to --target after "nvptx:".
  static llvm::Expected<NVPTXTarget> resolve(llvm::StringRef name);
};

/// Outlines fused groups into kernels that read weights as they are.
void buildNVPTXKernelsPipeline(mlir::OpPassManager &passes, const NVPTXTarget &target);

/// Kernels to functions of a `gpu.module`, one or more a kernel.
void buildNVPTXPipeline(mlir::OpPassManager &passes, const NVPTXTarget &target);

/// The PTX of the module's kernels, after the stage `nvptx`.
llvm::Expected<std::string> emitPTX(mlir::ModuleOp module, const NVPTXTarget &target);

/// Registers the pipeline `--nvptx` for transom-opt.
void registerNVPTXPipelines();

} // namespace transom

#endif // TRANSOM_CODEGEN_NVPTX_H
