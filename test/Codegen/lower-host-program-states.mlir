// RUN: transom-opt %s --split-input-file --keep-states --outline-kernels --lower-kernels-to-cpu --lower-host-program --canonicalize --cse | FileCheck %s

// The program on states, `step`: what grows is written where it lies, what is replaced goes into other memory, lengths
// are sizes that `prepare` takes and tells.

// The first program's functions have no prefix; those of `step` have its name. Both call the same kernels.
// CHECK-LABEL: func.func @prepare
// CHECK-LABEL: func.func @run
// CHECK-SAME: transformer.program = "main"
// CHECK-SAME: transformer.states = []
// CHECK-LABEL: func.func @step_prepare
// The rows afterwards come behind the outputs' dims.
// CHECK: %[[ROWS:.*]] = arith.addi %{{.*}} : index
// CHECK: %[[WIDE:.*]] = arith.index_cast %[[ROWS]] : index to i64
// CHECK: %[[LAST:.*]] = llvm.getelementptr %arg1[3]
// CHECK: llvm.store %[[WIDE]], %[[LAST]]
// CHECK-LABEL: func.func @step_run
// CHECK-SAME: transformer.lengths = array<i64: 3>
// CHECK-SAME: transformer.program = "step"
// CHECK-SAME: transformer.states = [{axis = 1 : i64, kind = "grown", name = "past", output = "present", symbols = array<i64: 0, 2, -1>, type = tensor<?x?x8xf32>}]
// CHECK-SAME: transformer.symbols = ["batch", "new", "capacity", "past"]
// The seventh field of the frame.
// CHECK: llvm.getelementptr %arg0[6] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK: call @kv_write_0(%[[CACHE:[^,]+]], %[[X:[^,]+]], %[[CACHE]],
// Readers of the cache wait for what is written into it.
// CHECK: call @transom_rt_next(
// CHECK: call @add_1(%[[CACHE]],
func.func @main(%x: tensor<?x?x8xf32> {transformer.dims = ["batch", "new", ""], transformer.name = "x"}, %past: tensor<?x?x8xf32> {transformer.dims = ["batch", "past", ""], transformer.name = "past"})
    -> (tensor<?x?x8xf32> {transformer.dims = ["batch", "past + new", ""], transformer.name = "sum"}, tensor<?x?x8xf32> {transformer.dims = ["batch", "past + new", ""], transformer.name = "present"}) attributes {transformer.entry} {
  %0 = transformer.concat %past, %x <{axis = 1 : i64}> : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  %1 = transformer.binary add %0, %0 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
  return %1, %0 : tensor<?x?x8xf32>, tensor<?x?x8xf32>
}

// -----

// A state that is replaced has two places: the run reads one and writes the other, the eighth field of the frame.
// CHECK-LABEL: func.func @step_run
// CHECK-SAME: transformer.states = [{axis = -1 : i64, kind = "replaced", name = "state", symbols = array<i64: -1, -1, -1>, type = tensor<1x4x4xf32>}]
// CHECK: %[[FIELD:.*]] = llvm.getelementptr %arg0[7] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// CHECK: %[[PLACES:.*]] = llvm.load %[[FIELD]]
// CHECK: %[[NEXT:.*]] = llvm.load %[[PLACES]] : !llvm.ptr -> !llvm.ptr
// CHECK: call @matmul_0(%{{.*}}, %[[NEXT]],
// CHECK: call @transom_rt_next(
// CHECK: call @matmul_1(%{{[^,]+}}, %[[NEXT]],
func.func @main(%x: tensor<1x?x4xf32>, %state: tensor<1x4x4xf32> {transformer.name = "state"}, %decay: tensor<1xf32>) -> (tensor<1x?x4xf32>, tensor<1x4x4xf32>) attributes {transformer.entry} {
  %0 = transformer.matmul %x, %x <{transpose_a}> : tensor<1x?x4xf32>, tensor<1x?x4xf32>
  %1 = transformer.binary mul %state, %decay : tensor<1x4x4xf32>, tensor<1xf32>
  %2 = transformer.binary add %1, %0 : tensor<1x4x4xf32>, tensor<1x4x4xf32>
  %3 = transformer.matmul %x, %2 : tensor<1x?x4xf32>, tensor<1x4x4xf32>
  return %3, %2 : tensor<1x?x4xf32>, tensor<1x4x4xf32>
}

// -----

// Attention of a decoder's step: keys and values are written, then read up to the rows that there are, where they lie.
// The scratch memory for panels is the workspace; the caches are not copied.
// CHECK-LABEL: func.func @step_run
// CHECK-DAG: call @kv_write_0(%[[K:[^,]+]], %{{[^,]+}}, %[[K]],
// CHECK-DAG: call @kv_write_0(%[[V:[^,]+]], %{{[^,]+}}, %[[V]],
// CHECK: call @transom_rt_next(
// CHECK: call @attention_{{[0-9]}}(%[[K]], %[[V]],
// CHECK-NOT: call @
// CHECK: return
func.func @main(%q: tensor<1x4x?x8xf32> {transformer.dims = ["", "", "new", ""], transformer.name = "q"}, %k: tensor<1x2x?x8xf32> {transformer.dims = ["", "", "new", ""], transformer.name = "k"},
                %pk: tensor<1x2x?x8xf32> {transformer.dims = ["", "", "past", ""], transformer.name = "pk"}, %pv: tensor<1x2x?x8xf32> {transformer.dims = ["", "", "past", ""], transformer.name = "pv"})
    -> (tensor<1x4x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>) attributes {transformer.entry} {
  %0 = transformer.concat %pk, %k <{axis = 2 : i64}> : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
  %1 = transformer.concat %pv, %k <{axis = 2 : i64}> : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
  %2 = transformer.attention %q, %0, %1 <{causal = #transformer<causal_kind bottom_right>, scale = 5.0e-01 : f32}> : tensor<1x4x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
  return %2, %0, %1 : tensor<1x4x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
}
