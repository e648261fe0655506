// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir | FileCheck %s --implicit-check-not=.local

// A cache write is one launch. A scatter copies, then updates: two, since its
// updates wait for the copy of other blocks. A bad index is recorded once a run.
// MLIR-DAG: func.func @kv_write_0({{.*}} attributes {transformer.of = "kv_write_0", transformer.threads
// MLIR-DAG: func.func @scatter_elements_0({{.*}}transformer.part = 0
// MLIR-DAG: func.func @scatter_elements_0_part1({{.*}}transformer.part = 1
// MLIR-NOT: transom_rt_barrier

// CHECK-DAG: .entry kv_write_0(
// CHECK-DAG: .entry scatter_elements_0(
// CHECK-DAG: .entry scatter_elements_0_part1(
// CHECK-DAG: atom{{.*}}.cas.b32
func.func @main(%cache: tensor<?x2x32x16xf16>, %new: tensor<?x2x?x16xf16>, %at: tensor<?xi64>,
                %x: tensor<?x8xf32>, %i: tensor<?x8xi64>, %u: tensor<?x8xf32>)
    -> (tensor<?x2x32x16xf16>, tensor<?x8xf32>) attributes {transformer.entry} {
  %0 = transformer.kv_write %cache, %new at %at : tensor<?xi64> <{axis = 2 : i64}> : tensor<?x2x32x16xf16>, tensor<?x2x?x16xf16>
  %1 = transformer.scatter_elements set %x, %i, %u <{axis = 0 : i64}> : tensor<?x8xf32>, tensor<?x8xi64>, tensor<?x8xf32>
  return %0, %1 : tensor<?x2x32x16xf16>, tensor<?x8xf32>
}
