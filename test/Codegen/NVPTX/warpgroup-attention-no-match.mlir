// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" | FileCheck %s
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" | FileCheck %s

// f32, keys in lines that are no whole pieces of 16 bytes, and heads whose sums are too many for the registers are multiplied by mma.sync.
// CHECK-NOT: warpgroup-attention
// CHECK: func.func @attention_0({{.*}}transformer.tile = ["attention f32
func.func @single(%q: tensor<?x2x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>) -> tensor<?x2x?x64xf32> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{scale = 1.250000e-01 : f32}> : tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
  return %0 : tensor<?x2x?x64xf32>
}
// CHECK-NOT: warpgroup-attention
// CHECK: func.func @attention_1({{.*}}transformer.tile = ["attention f16
func.func @pieces(%q: tensor<?x2x?x36xf16>, %k: tensor<?x2x?x36xf16>, %v: tensor<?x2x?x36xf16>) -> tensor<?x2x?x36xf16> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{scale = 1.250000e-01 : f32}> : tensor<?x2x?x36xf16>, tensor<?x2x?x36xf16>, tensor<?x2x?x36xf16>
  return %0 : tensor<?x2x?x36xf16>
}
// CHECK-NOT: warpgroup-attention
// CHECK: func.func @attention_2({{.*}}transformer.tile = ["attention f16
func.func @large(%q: tensor<?x2x?x320xf16>, %k: tensor<?x2x?x320xf16>, %v: tensor<?x2x?x320xf16>) -> tensor<?x2x?x320xf16> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{scale = 1.250000e-01 : f32}> : tensor<?x2x?x320xf16>, tensor<?x2x?x320xf16>, tensor<?x2x?x320xf16>
  return %0 : tensor<?x2x?x320xf16>
}
