// RUN: not transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels,nvptx{chip=sm_80})" 2>&1 | FileCheck %s
// RUN: not transom-opt %s --lower-kernels-to-nvptx=chip=sm_10 2>&1 | FileCheck %s --check-prefix=CHIP

// Every kernel that cannot be written is named.
// CHECK-DAG: kernel 'tan_0': there is no code for 'tan' on a GPU; compile for the CPU
// CHECK-DAG: no tile of 'attention f32 rows=9.. n=512 k=512' fits the registers and the shared memory of a block of sm_80
// CHIP: error: --target=nvptx:sm_10: no such chip; there are sm_80, sm_86, sm_89, sm_90a
func.func @main(%x: tensor<?xf32>, %q: tensor<?x2x?x512xf32>) -> (tensor<?xf32>, tensor<?x2x?x512xf32>) attributes {transformer.entry} {
  %0 = transformer.unary tan %x : tensor<?xf32>
  %1 = transformer.attention %q, %q, %q <{scale = 1.0 : f32}> : tensor<?x2x?x512xf32>, tensor<?x2x?x512xf32>, tensor<?x2x?x512xf32>
  return %0, %1 : tensor<?xf32>, tensor<?x2x?x512xf32>
}
