// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir > %t.ptx
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: FileCheck %s < %t.ptx --implicit-check-not=.local

// Many queries: blocks of them. Few: the keys are split, and a second launch
// joins the parts.
// MLIR-DAG: func.func @attention_0({{.*}}transformer.form = "tiles"
// MLIR-DAG: func.func @attention_0_split({{.*}}transformer.form = "split", transformer.of = "attention_0", transformer.part = 0
// MLIR-DAG: func.func @attention_0_split_part1({{.*}}transformer.part = 1

// CHECK-DAG: .entry attention_0(
// CHECK-DAG: .entry attention_0_split(
// CHECK-DAG: .entry attention_0_split_part1(
// CHECK-DAG: .reqntid 128
// CHECK-DAG: shfl.sync.bfly.b32
// CHECK-DAG: ld.shared.v4
func.func @main(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>)
    -> tensor<?x8x?x64xf32> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind bottom_right>, scale = 1.250000e-01 : f32}> : tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
  return %0 : tensor<?x8x?x64xf32>
}
