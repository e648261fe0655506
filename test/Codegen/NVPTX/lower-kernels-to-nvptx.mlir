// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir > %t.ptx
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: FileCheck %s < %t.ptx --implicit-check-not=.local

// A chain is one kernel: a thread an element, over the grid. The kernel on
// tensors stays, for other targets.

// MLIR: func.func private @silu_0({{.*}}) -> (tensor<?x64xf32> {{.*}}) attributes {transformer.kernel}
// MLIR: gpu.module @sm_80 [#nvvm.target<O = 3, chip = "sm_80", features = "+ptx78">]
// MLIR: func.func @silu_0(%{{.*}}: !llvm.ptr {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}
// MLIR-SAME: attributes {transformer.of = "silu_0", transformer.threads = 256 : i64}
// MLIR: scf.for

// CHECK: .version 7.8
// CHECK: .target sm_80
// CHECK: .visible .entry silu_0(
// CHECK: .reqntid 256
// CHECK-DAG: mov.u32 {{.*}}, %tid.x
// CHECK-DAG: mov.u32 {{.*}}, %ctaid.x
// CHECK-DAG: mov.u32 {{.*}}, %nctaid.x
// CHECK: ld.global.nc.{{b32|f32}}
// CHECK: st.global.{{b32|f32}}
func.func @main(%x: tensor<?x64xf32>, %y: tensor<64xf32>) -> tensor<?x64xf32> attributes {transformer.entry} {
  %0 = transformer.binary add %x, %y : tensor<?x64xf32>, tensor<64xf32>
  %1 = transformer.unary silu %0 : tensor<?x64xf32>
  return %1 : tensor<?x64xf32>
}
