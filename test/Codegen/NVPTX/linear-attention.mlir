// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80})" | FileCheck %s

// GPUs run the products that a linear attention consists of.
// CHECK-NOT: transformer.linear_attention
// CHECK: transformer.launch @matmul_0
// CHECK: func.func private @matmul_0
// CHECK: transformer.matmul %{{.+}}, %{{.+}} <{transpose_b}>
// CHECK: transformer.trilu
func.func @main(%q: tensor<1x2x?x8xf32> {transformer.dims = ["", "", "s", ""]}, %v: tensor<1x2x?x4xf32> {transformer.dims = ["", "", "s", ""]})
    -> tensor<1x2x?x4xf32> attributes {transformer.entry} {
  %0, %1, %2 = transformer.linear_attention causal %q, %q, %v <{epsilon = 1.0e-03 : f32}> : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x4xf32>
  return %0 : tensor<1x2x?x4xf32>
}
