// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir > %t.ptx
// RUN: FileCheck %s < %t.ptx --implicit-check-not=.local

// A short row of known length is a warp's and stays in registers; others are a
// block's, whose warps meet in shared memory.

// CHECK-LABEL: .entry layer_norm_0(
// CHECK-COUNT-10: shfl.sync.bfly.b32
// CHECK-NOT: bar.sync
// CHECK: sqrt.rn.f32
// CHECK-LABEL: .entry softmax_0(
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: bar.sync
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK: bar.sync
// CHECK-LABEL: .entry reduce_0(
// CHECK-NOT: shfl.sync
// CHECK: ret;
func.func @main(%x: tensor<?x192xf32>, %s: tensor<192xf32>, %y: tensor<?x?xf32>, %z: tensor<?x?x16xf32>)
    -> (tensor<?x192xf32>, tensor<?x?xf32>, tensor<?x16xf32>) attributes {transformer.entry} {
  %0 = transformer.layer_norm %x scale %s : tensor<192xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x192xf32>
  %1 = transformer.softmax %y <{axis = 1 : i64}> : tensor<?x?xf32>
  %2 = transformer.reduce sum %z <{axes = array<i64: 1>}> : tensor<?x?x16xf32>
  return %0, %1, %2 : tensor<?x192xf32>, tensor<?x?xf32>, tensor<?x16xf32>
}
