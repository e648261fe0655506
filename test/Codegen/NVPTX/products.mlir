// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir > %t.ptx
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: FileCheck %s < %t.ptx --implicit-check-not=.local
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t.90.mlir
// RUN: transom-translate --emit-ptx=sm_90a %t.90.mlir | FileCheck %s --check-prefix=HOPPER --implicit-check-not=.local

// Weights are read as they are: nothing is packed or staged.
// MLIR-NOT: transformer.panels
// MLIR-DAG: func.func @linear_0({{.*}}transformer.form = "tiles", transformer.of = "linear_0", transformer.shared = {{[0-9]+}}
// MLIR-DAG: func.func @linear_0_row({{.*}}transformer.form = "row"
// MLIR-DAG: func.func @linear_0_few({{.*}}transformer.form = "few"

// f16 on tensor cores; f32 through TF32 three times, and what that makes NaN of once
// more by multiply-add; a product of two activations is one, too.
// CHECK-LABEL: .entry linear_0(
// CHECK: cp.async.cg.shared.global
// CHECK: cp.async.wait_group
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// A row: 16 bytes of the weight at a time, four such reads under way.
// CHECK-LABEL: .entry linear_0_row(
// CHECK-NOT: mma.sync
// CHECK-COUNT-4: ld.global.nc.v4.b32
// CHECK-LABEL: .entry linear_1(
// CHECK: cp.async.cg.shared.global
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: sub.{{(rn\.)?}}f32
// CHECK-COUNT-3: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// CHECK: setp.{{nan|num}}.f32
// CHECK: fma.rn.f32
// CHECK-LABEL: .entry matmul_0(
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32

// HOPPER-LABEL: .entry linear_0(
// HOPPER: cp.async.bulk.tensor
// HOPPER-LABEL: .entry linear_1(
// HOPPER: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// A left operand along its rows is no operand of wgmma.
// HOPPER-LABEL: .entry matmul_1(
// HOPPER: mma.sync.aligned.m16n8k16
func.func @main(%x: tensor<?x256xf16>, %w: tensor<256x512xf16>, %b: tensor<512xf16>, %y: tensor<?x256xf32>,
                %v: tensor<256x512xf32>, %q: tensor<4x?x64xbf16>, %k: tensor<4x?x64xbf16>, %l: tensor<4x64x?xbf16>)
    -> (tensor<?x512xf16>, tensor<?x512xf32>, tensor<4x?x?xbf16>, tensor<4x?x?xbf16>) attributes {transformer.entry} {
  %0 = transformer.linear %x, %w bias %b : tensor<512xf16> <{activation = #transformer<unary_kind gelu>}> : tensor<?x256xf16>, tensor<256x512xf16>
  %1 = transformer.linear %y, %v : tensor<?x256xf32>, tensor<256x512xf32>
  %2 = transformer.matmul %q, %k <{transpose_b}> : tensor<4x?x64xbf16>, tensor<4x?x64xbf16>
  %3 = transformer.matmul %l, %k <{transpose_a, transpose_b}> : tensor<4x64x?xbf16>, tensor<4x?x64xbf16>
  return %0, %1, %2, %3 : tensor<?x512xf16>, tensor<?x512xf32>, tensor<4x?x?xbf16>, tensor<4x?x?xbf16>
}

// Packed weights are unpacked on their way to shared memory, as halves.
// CHECK-LABEL: .entry linear_nbits_0(
// CHECK: st.shared
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
// HOPPER-LABEL: .entry linear_nbits_0(
// HOPPER: wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16
func.func @packed(%x: tensor<?x256xf16>, %w: tensor<512x8x16xui8>, %s: tensor<4096xf16>) -> tensor<?x512xf16> attributes {transformer.entry} {
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 32 : i64, k = 256 : i64, n = 512 : i64}> : tensor<?x256xf16>, tensor<512x8x16xui8>, tensor<4096xf16>
  return %0 : tensor<?x512xf16>
}
