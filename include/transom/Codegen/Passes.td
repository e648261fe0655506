//===- Passes.td - from the transformer dialect to loops ------------------===//
#ifndef TRANSOM_CODEGEN_PASSES
#define TRANSOM_CODEGEN_PASSES

include "mlir/Pass/PassBase.td"

def OutlineKernels : Pass<"outline-kernels", "::mlir::ModuleOp"> {
  let summary = "cuts the entry function into kernels that equal groups share";
  let description = [{
    A kernel is a private function with one anchor (a product, norm, reduction)
    and the elementwise chains around it, or a chain alone. On a CPU two linear
    layers of the same rows are one anchor where their results meet element by
    element, as gate and up of a `glu` do. Tensor arguments and
    results carry `transformer.sizes`: for each dim the number of the index
    argument that holds it, -1 where it is static. Weights that a product reads
    packed carry `transformer.panels`; memory that a kernel works in is a result
    more. For a GPU a product with few rows may carry `transformer.splits`: into
    how many parts its depth is split with 1, 2 to 8, and 9 to 128 rows, which it
    has memory for; 0 where it has no form for the last.
    ```mlir
    %1 = transformer.unary relu %x : tensor<?x4xf32>
    // becomes
    %1 = transformer.launch @relu(%x, %n)[%n] : (tensor<?x4xf32>, index) -> tensor<?x4xf32>
    ```
  }];
  let options = [
    Option<"panelColumns", "panel-columns", "int64_t", "16",
           "Columns of the panels that the right operands of products are packed into; 0: they are not packed">,
    Option<"weightColumns", "weight-columns", "int64_t", "0",
           "The same of weights, where wider CPUs read them too: a multiple; 0: as other operands">,
    Option<"stagedBytes", "staged-bytes", "int64_t", "2",
           "Bytes of an 8-bit number in the rows that integer products copy; 0: they read operands as they are">,
    Option<"attentionParts", "attention-parts", "int64_t", "0",
           "Parts that the keys of few queries are split into; 0: they are not">,
    Option<"attentionRows", "attention-rows", "int64_t", "8", "How many queries are few">,
    Option<"chip", "chip", "std::string", "\"\"",
           "The GPU whose products split the depth: kernels have memory for the parts (`transformer.splits`)">
  ];
  let dependentDialects = ["::transom::transformer::TransformerDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

def LowerKernelsToCPU : Pass<"lower-kernels-to-cpu", "::mlir::ModuleOp"> {
  let summary = "kernels on tensors to loops on memory, split by thread";
  let description = [{
    Arguments become pointers (inputs, then results), index arguments stay, and
    `site, thread, threads, run` follow. Each result element is computed by one
    thread in an order that does not depend on the number of threads.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "unsigned", "256", "Width of the vectors that products are written for">,
    Option<"hasByteDots", "byte-dots", "bool", "false", "The CPU has VNNI: sums of four products of bytes">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::vector::VectorDialect", "::mlir::math::MathDialect"];
}

def LowerKernelsToNVPTX : Pass<"lower-kernels-to-nvptx", "::mlir::ModuleOp"> {
  let summary = "kernels on tensors to functions of a gpu.module";
  let description = [{
    Each kernel becomes one function or more: the forms for many rows and for few
    (`transformer.form`), and the parts between barriers of the whole grid
    (`transformer.part`), launched one after the other. Arguments become pointers
    (inputs, then results), sizes stay, `site` and the record of failures follow.
    `transformer.threads` is the size of a block and
    `transformer.shared` the shared memory that a launch asks for; any number of blocks is right.
    Kernels on tensors and launches stay as they are.
  }];
  let options = [
    Option<"chip", "chip", "std::string", "\"sm_80\"", "The chip: sm_80, sm_89, sm_90a, ...">,
    Option<"tf32", "tf32", "bool", "false", "Products of f32 are of 11 bits of each number">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect", "::mlir::gpu::GPUDialect",
                           "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect",
                           "::mlir::math::MathDialect"];
}

def LowerLaunches : Pass<"lower-launches", "::mlir::ModuleOp"> {
  let summary = "kernels to the host's side of their launches on a GPU";
  let description = [{
    After lower-kernels-to-nvptx: each kernel on tensors becomes a function of
    pointers, sizes, `site, thread, threads` and `run` that hands the kernel's
    functions on the device to `transom_rt_device_launch`, each with the number
    of blocks that find something to do; for a form that does not fit that is 0.
    `transformer.functions` of the module lists them by number.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect"];
}

def LowerHostProgram : Pass<"lower-host-program", "::mlir::ModuleOp"> {
  let summary = "the entry function to `run` and `prepare`";
  let description = [{
    Plans one arena for all values whose sizes follow from the signature's
    symbols, calls kernels with barriers where one reads or overwrites what
    another writes, and computes sizes once. See transom/program.h.
  }];
  let options = [
    Option<"device", "device", "bool", "false",
           "Memory is a GPU's and kernels run in the order of a stream: no barriers, and what the host has to know is read">
  ];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
                           "::mlir::func::FuncDialect"];
}

#endif // TRANSOM_CODEGEN_PASSES
