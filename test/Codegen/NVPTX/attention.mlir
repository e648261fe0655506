// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir > %t.ptx
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: FileCheck %s < %t.ptx --implicit-check-not=.local
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80 tf32})" -o %t.tf32.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.tf32.mlir | FileCheck %s --check-prefix=ONCE --implicit-check-not=.local

// Many queries: blocks of them. Few: the keys are split, and a second launch
// joins the parts, which needs no shared memory.
// MLIR-DAG: func.func @attention_0({{.*}}transformer.form = "tiles", transformer.of = "attention_0", transformer.shared = {{[0-9]+}} : i64, transformer.threads = 256
// MLIR-DAG: func.func @attention_0_split({{.*}}transformer.form = "split", transformer.of = "attention_0", transformer.part = 0 : i64, transformer.shared
// MLIR-DAG: func.func @attention_0_split_part1({{.*}}transformer.form = "split", transformer.of = "attention_0", transformer.part = 1 : i64, transformer.threads

// f32 goes through TF32 three times: of each pair of fragments two products more.
// Keys and values come by copies that are not waited for at once; scores and
// weights stay in registers between the two products.
// CHECK-LABEL: .entry attention_0(
// CHECK: shfl.sync.bfly.b32
// CHECK: ex2.approx.ftz.f32
// CHECK-NOT: st.shared
// CHECK: cp.async.wait_group 0
// CHECK: bar.sync
// CHECK: cp.async.cg.shared.global
// CHECK: sub.rn.f32
// CHECK-COUNT-6: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// CHECK-LABEL: .entry attention_0_split(
// CHECK: mma.sync.aligned.m16n8k8
// CHECK-LABEL: .entry attention_0_split_part1(
// CHECK-NOT: mma.sync
// CHECK: ex2.approx.ftz.f32
func.func @main(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>)
    -> tensor<?x8x?x64xf32> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind bottom_right>, scale = 1.250000e-01 : f32}> : tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
  return %0 : tensor<?x8x?x64xf32>
}

// On demand TF32 is used once, of numbers rounded to it.
// ONCE-LABEL: .entry attention_0(
// ONCE: cvt.rna.tf32.f32
// ONCE-NOT: sub.rn.f32
// ONCE: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32

// 16 bits: weights are packed in pairs; values are transposed on their way to registers.
// CHECK-LABEL: .entry attention_1(
// CHECK: ex2.approx.ftz.f32
// CHECK: cvt.rn.bf16x2.f32
// CHECK: ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
// CHECK: ldmatrix.sync.aligned.m8n8.x4.shared.b16
// CHECK: mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32
func.func @brain(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x2x?x128xbf16>, %v: tensor<?x2x?x128xbf16>, %s: tensor<8xbf16>)
    -> tensor<?x8x?x128xbf16> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v slopes %s : tensor<8xbf16> <{window_left = 64 : i64, softcap = 3.0 : f32, scale = 1.250000e-01 : f32}> : tensor<?x8x?x128xbf16>, tensor<?x2x?x128xbf16>, tensor<?x2x?x128xbf16>
  return %0 : tensor<?x8x?x128xbf16>
}
