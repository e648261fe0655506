// RUN: transom-opt %s --split-input-file --keep-states | FileCheck %s
// RUN: transom-opt %s --split-input-file --keep-states --verify-diagnostics -o /dev/null

// Caches of which a window is left for the next run.

// The last 7 of all rows: the buffer grows in place, and the runtime leaves the window.
// CHECK-LABEL: func.func @step(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<1x?x8xf32>
// CHECK-SAME:    %[[BUFFER:[^:]+]]: tensor<1x?x8xf32> {transformer.dims = ["", "capacity", ""], transformer.name = "past", transformer.state = {axis = 1 : i64, kind = "grown", output = "present", window = 7 : i64}}
// CHECK-SAME:    %[[LENGTH:[^:]+]]: index {transformer.length = "past"})
// CHECK:         %[[WRITTEN:.+]] = transformer.kv_write %[[BUFFER]], %[[X]] at %{{.+}} {transformer.in_place}
// CHECK:         %[[SEEN:.+]] = transformer.slice %[[WRITTEN]][] [%[[ROWS:[a-z0-9_]+]]] <{static_starts = array<i64: 0, 0, 0>
// CHECK:         %[[SUM:.+]] = transformer.reduce sum %[[SEEN]]
// CHECK-NOT:     transformer.concat
// CHECK:         return %[[SUM]], %[[WRITTEN]], %[[ROWS]]
func.func @main(%x: tensor<1x?x8xf32> {transformer.dims = ["", "new", ""], transformer.name = "x"}, %past: tensor<1x?x8xf32> {transformer.dims = ["", "past", ""], transformer.name = "past"})
    -> (tensor<1x8xf32> {transformer.name = "sum"}, tensor<1x?x8xf32> {transformer.dims = ["", "left", ""], transformer.name = "present"}) attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %m7 = arith.constant -7 : index
  %old = tensor.dim %past, %c1 : tensor<1x?x8xf32>
  %new = tensor.dim %x, %c1 : tensor<1x?x8xf32>
  %rows = arith.addi %old, %new : index
  %0 = transformer.concat %past, %x <{axis = 1 : i64}> : tensor<1x?x8xf32>, tensor<1x?x8xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<1x?x8xf32>
  %less = arith.addi %rows, %m7 : index
  %first = arith.maxsi %less, %c0 : index
  %size = arith.minsi %rows, %c7 : index
  %2 = transformer.slice %0[%first] [%size] <{static_starts = array<i64: 0, -9223372036854775808, 0>, steps = array<i64: 1, 1, 1>}> : tensor<1x?x8xf32> to tensor<1x?x8xf32>
  return %1, %2 : tensor<1x8xf32>, tensor<1x?x8xf32>
}

// -----

// A window of static size that moves on is made anew by each run; one written by indices as well.
// CHECK-LABEL: func.func @step(
// CHECK-SAME:    %{{[^:]+}}: tensor<1x7x8xf32> {transformer.name = "past", transformer.state = {axis = -1 : i64, kind = "replaced"}}
// CHECK-SAME:    %{{[^:]+}}: tensor<7x8xf32> {transformer.name = "ring", transformer.state = {axis = -1 : i64, kind = "replaced"}}
func.func @main(%x: tensor<1x1x8xf32> {transformer.name = "x"}, %at: tensor<1x1xi64> {transformer.name = "at"}, %row: tensor<1x8xf32> {transformer.name = "row"}, %past: tensor<1x7x8xf32> {transformer.name = "past"}, %ring: tensor<7x8xf32> {transformer.name = "ring"})
    -> (tensor<1x8xf32>, tensor<1x7x8xf32>, tensor<7x8xf32>) attributes {transformer.entry} {
  // expected-remark @+1 {{state stays in pieces: a window of static size is copied by each run; one of which the rows so far are a dynamic dim stays in place}}
  %0 = transformer.concat %past, %x <{axis = 1 : i64}> : tensor<1x7x8xf32>, tensor<1x1x8xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<1x8x8xf32>
  %2 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 1, 0>, steps = array<i64: 1, 1, 1>}> : tensor<1x8x8xf32> to tensor<1x7x8xf32>
  // expected-remark @+1 {{state stays in pieces: rows written by computed indices are copied by each run; those of TensorScatter stay in place}}
  %3 = transformer.scatter_nd set %ring, %at, %row : tensor<7x8xf32>, tensor<1x1xi64>, tensor<1x8xf32>
  return %1, %2, %3 : tensor<1x8xf32>, tensor<1x7x8xf32>, tensor<7x8xf32>
}
