// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir > %t.ptx
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: FileCheck %s < %t.ptx --implicit-check-not=.local --implicit-check-not="call.uni"
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t.90.mlir
// RUN: transom-translate --emit-ptx=sm_90a %t.90.mlir | FileCheck %s --check-prefix=HOPPER --implicit-check-not=.local

// Kernels beside products, norms and attention, on any chip, without local memory and without calls.

// Nothing is staged or packed, and most need no shared memory.
// MLIR-NOT: transformer.panels
// MLIR-DAG: func.func @quantize_0({{.*}}transformer.of = "quantize_0", transformer.threads
// MLIR-DAG: func.func @matmul_0_row({{.*}}transformer.form = "row"
// MLIR-DAG: func.func @gather_0({{.*}}transformer.of = "gather_0"
// MLIR-DAG: func.func @topk_0({{.*}}transformer.of = "topk_0"

func.func @moved(%x: tensor<?x8x64xf16>, %i: tensor<?xi64>, %t: tensor<50x64xf16>) -> (tensor<8x?x64xf16>, tensor<?x64xf16>) attributes {transformer.entry} {
  // A copy in another order: halves are moved, not computed with.
  // CHECK-LABEL: .entry transpose_0(
  // HOPPER-LABEL: .entry transpose_0(
  // CHECK-NOT: cvt.f32.f16
  // CHECK: st.global
  // A row by index: a bad index is recorded, once, by whoever comes first.
  // CHECK-LABEL: .entry gather_0(
  // CHECK: atom{{.*}}.cas.b32
  // CHECK: st.global
  %0 = transformer.transpose %x <{perm = array<i64: 1, 0, 2>}> : tensor<?x8x64xf16>
  %1 = transformer.gather %t, %i <{axis = 0 : i64}> : tensor<50x64xf16>, tensor<?xi64>
  return %0, %1 : tensor<8x?x64xf16>, tensor<?x64xf16>
}

func.func @searched(%x: tensor<?x100xf32>) -> (tensor<?xi64>, tensor<?x5xf32>, tensor<?x5xi64>, tensor<?x100xf32>) attributes {transformer.entry} {
  // CHECK-LABEL: .entry arg_reduce_0(
  // CHECK-DAG: max.s32
  // CHECK-DAG: st.global
  // CHECK-LABEL: .entry topk_0(
  // CHECK: setp
  // CHECK: st.global
  // CHECK-LABEL: .entry cumsum_0(
  // CHECK: add.{{(rn\.)?}}f32
  %0 = transformer.arg_reduce max %x <{axis = 1 : i64}> : tensor<?x100xf32>
  %v, %i = transformer.topk %x <{axis = 1 : i64, largest = true}> : tensor<?x100xf32> to tensor<?x5xf32>, tensor<?x5xi64>
  %1 = transformer.cumsum %x <{axis = 1 : i64}> : tensor<?x100xf32>
  return %0, %v, %i, %1 : tensor<?xi64>, tensor<?x5xf32>, tensor<?x5xi64>, tensor<?x100xf32>
}

func.func @quantised(%x: tensor<?x64xf32>, %s: tensor<f32>, %w: tensor<5x64xi8>, %z: tensor<5xf32>) -> (tensor<?x64xi8>, tensor<?x5xf32>) attributes {transformer.entry} {
  // Codes: rounded to even, cut at both ends, one byte each.
  // CHECK-LABEL: .entry quantize_0(
  // CHECK: div.rn.f32
  // CHECK: cvt.rni.f32.f32
  // CHECK: cvt.rzi.{{s32|s64}}.f32
  // CHECK: st.global.b8
  // A weight of codes is widened where it is read.
  // CHECK-LABEL: .entry matmul_0(
  // CHECK-NOT: mma.sync
  // CHECK: cvt.rn.f32.s{{[0-9]+}}
  // CHECK: fma.rn.f32
  %0 = transformer.quantize %x, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<?x64xf32>, tensor<f32> to tensor<?x64xi8>
  %1 = transformer.dequantize %w, %z <{axis = 0 : i64, block_size = 0 : i64}> : tensor<5x64xi8>, tensor<5xf32> to tensor<5x64xf32>
  %2 = transformer.matmul %x, %1 <{transpose_b}> : tensor<?x64xf32>, tensor<5x64xf32>
  return %0, %2 : tensor<?x64xi8>, tensor<?x5xf32>
}

func.func @chain(%x: tensor<?x64xbf16>, %y: tensor<?x64xbf16>) -> tensor<?x64xbf16> attributes {transformer.entry} {
  // Real functions are polynomials in f32: no call, no approximate instruction that another chip would round otherwise.
  // CHECK-LABEL: .entry gelu_0(
  // CHECK-NOT: ex2.approx
  // CHECK-NOT: tanh.approx
  // CHECK: fma.rn.f32
  // CHECK: st.global.b16
  %0 = transformer.binary add %x, %y : tensor<?x64xbf16>, tensor<?x64xbf16>
  %1 = transformer.unary gelu %0 : tensor<?x64xbf16>
  return %1 : tensor<?x64xbf16>
}
