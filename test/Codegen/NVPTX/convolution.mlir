// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir | FileCheck %s --implicit-check-not=.local --implicit-check-not=call.uni
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t.90.mlir
// RUN: transom-translate --emit-ptx=sm_90a %t.90.mlir | FileCheck %s --check-prefix=HOPPER --implicit-check-not=.local

// A product of the weight's channels with the taps of all positions, which threads put together in shared memory.
// CHECK-LABEL: .entry conv_0(
// CHECK: st.shared
// CHECK: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// HOPPER-LABEL: .entry conv_0(
// HOPPER: mma.sync.aligned.m16n8k8
func.func @patches(%x: tensor<?x3x?x?xf32>, %w: tensor<64x3x4x4xf32>, %b: tensor<64xf32>) -> tensor<?x64x?x?xf32> attributes {transformer.entry} {
  %0 = transformer.conv %x, %w bias %b : tensor<64xf32> <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 4, 4>}> : tensor<?x3x?x?xf32>, tensor<64x3x4x4xf32>
  return %0 : tensor<?x64x?x?xf32>
}

// CHECK-LABEL: .entry conv_1(
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// HOPPER-LABEL: .entry conv_1(
// HOPPER: wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16
func.func @halves(%x: tensor<?x32x?xf16>, %w: tensor<64x32x3xf16>) -> tensor<?x64x?xf16> attributes {transformer.entry} {
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<?x32x?xf16>, tensor<64x32x3xf16>
  return %0 : tensor<?x64x?xf16>
}

// A channel of its own for each group: an element a thread.
// CHECK-LABEL: .entry conv_2(
// CHECK-NOT: mma.sync
// CHECK-NOT: st.shared
// CHECK: fma.rn.f32
// CHECK: st.global
func.func @depthwise(%x: tensor<?x16x?xf32>, %w: tensor<16x1x5xf32>) -> tensor<?x16x?xf32> attributes {transformer.entry} {
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 16 : i64, pads = array<i64: 2, 2>, strides = array<i64: 1>}> : tensor<?x16x?xf32>, tensor<16x1x5xf32>
  return %0 : tensor<?x16x?xf32>
}
