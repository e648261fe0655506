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
#include <vector>

namespace transom {

enum class States;

/// The GPU that code is made for.
struct NVPTXTarget {
  std::string chip;         ///< "sm_90a"
  std::string features;     ///< LLVM's: the version of PTX, "+ptx83"
  unsigned capability = 80; ///< 90 for sm_90a
  bool hasWgmma = false;
  int64_t sharedLimit = 0; ///< bytes of shared memory that a block may ask for
  int64_t registers = 0;   ///< of a multiprocessor
  int64_t multiprocessors = 0;
  bool tf32 = false;   ///< f32 products are of 11 bits of each number
  unsigned driver = 0; ///< the CUDA version that reads its PTX, 12030 for 12.3

  /// No other chip runs its code.
  bool isExact() const { return chip.back() == 'a'; }

  /// `name` as given to --target after "nvptx:".
  static llvm::Expected<NVPTXTarget> resolve(llvm::StringRef name);
};

/// Makes `step`, where asked for; outlines fused groups into kernels that read weights as they are.
void buildNVPTXKernelsPipeline(mlir::OpPassManager &passes, const NVPTXTarget &target, States states);

/// Kernels to functions of a `gpu.module`, one or more a kernel.
void buildNVPTXPipeline(mlir::OpPassManager &passes, const NVPTXTarget &target);

/// What was kernels and an entry function to the host's side: launches, `run`
/// and `prepare`. Expects the stage `nvptx`.
void buildNVPTXHostPipeline(mlir::OpPassManager &passes);

/// The PTX of the module's kernels, after the stage `nvptx`.
llvm::Expected<std::string> emitPTX(mlir::ModuleOp module, const NVPTXTarget &target);

/// Machine code that `ptxas` makes of PTX.
llvm::Expected<std::string> assemblePTX(llvm::StringRef ptxas, llvm::StringRef ptx, const NVPTXTarget &target);

/// `option` as given to --ptxas: a path, "none", or "" for what PATH or the usual
/// folder has. The path, "" where there is none.
llvm::Expected<std::string> findPtxas(llvm::StringRef option);

/// Registers the pipeline `--nvptx` for transom-opt.
void registerNVPTXPipelines();

} // namespace transom

#endif // TRANSOM_CODEGEN_NVPTX_H
