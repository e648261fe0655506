// RUN: transom-opt %s --split-input-file --keep-states --verify-diagnostics | FileCheck %s

// Windows that are no state.

// A cache that grows beside a window: how many rows there are is no one number.
// CHECK-LABEL: func.func @step(
// CHECK-SAME:    transformer.name = "all", transformer.state
// CHECK-SAME:    %{{[^:]+}}: tensor<1x?x8xf32> {transformer.dims = ["", "kept", ""], transformer.name = "window"}
func.func @main(%x: tensor<1x1x8xf32> {transformer.name = "x"}, %all: tensor<1x?x8xf32> {transformer.dims = ["", "past", ""], transformer.name = "all"}, %window: tensor<1x?x8xf32> {transformer.dims = ["", "kept", ""], transformer.name = "window"})
    -> (tensor<1x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>) attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %m7 = arith.constant -7 : index
  %0 = transformer.concat %all, %x <{axis = 1 : i64}> : tensor<1x?x8xf32>, tensor<1x1x8xf32>
  %old = tensor.dim %window, %c1 : tensor<1x?x8xf32>
  %rows = arith.addi %old, %c1 : index
  // expected-remark @+1 {{state stays in pieces: a window of 7 rows is kept only where all caches are windows of as many; this one stays an input and an output}}
  %1 = transformer.concat %window, %x <{axis = 1 : i64}> : tensor<1x?x8xf32>, tensor<1x1x8xf32>
  %2 = transformer.reduce sum %1 <{axes = array<i64: 1>}> : tensor<1x?x8xf32>
  %less = arith.addi %rows, %m7 : index
  %first = arith.maxsi %less, %c0 : index
  %size = arith.minsi %rows, %c7 : index
  %3 = transformer.slice %1[%first] [%size] <{static_starts = array<i64: 0, -9223372036854775808, 0>, steps = array<i64: 1, 1, 1>}> : tensor<1x?x8xf32> to tensor<1x?x8xf32>
  return %2, %0, %3 : tensor<1x8xf32>, tensor<1x?x8xf32>, tensor<1x?x8xf32>
}

// -----

// The first rows are left, not the last.
// CHECK-LABEL: func.func @first_rows(
// CHECK-NOT:   func.func
func.func @first_rows(%x: tensor<1x1x8xf32>, %past: tensor<1x7x8xf32>) -> (tensor<1x8xf32>, tensor<1x7x8xf32>) attributes {transformer.entry} {
  %0 = transformer.concat %past, %x <{axis = 1 : i64}> : tensor<1x7x8xf32>, tensor<1x1x8xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<1x8x8xf32>
  %2 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<1x8x8xf32> to tensor<1x7x8xf32>
  return %1, %2 : tensor<1x8xf32>, tensor<1x7x8xf32>
}

// -----

// Rows are left and more of them than a start from the end: seven from the eighth last on.
// CHECK-LABEL: func.func @not_the_last(
// CHECK-NOT:   func.func
func.func @not_the_last(%x: tensor<1x1x8xf32>, %past: tensor<1x?x8xf32>) -> (tensor<1x8xf32>, tensor<1x?x8xf32>) attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c7 = arith.constant 7 : index
  %m8 = arith.constant -8 : index
  %old = tensor.dim %past, %c1 : tensor<1x?x8xf32>
  %rows = arith.addi %old, %c1 : index
  %0 = transformer.concat %past, %x <{axis = 1 : i64}> : tensor<1x?x8xf32>, tensor<1x1x8xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<1x?x8xf32>
  %less = arith.addi %rows, %m8 : index
  %first = arith.maxsi %less, %c0 : index
  %size = arith.minsi %rows, %c7 : index
  %2 = transformer.slice %0[%first] [%size] <{static_starts = array<i64: 0, -9223372036854775808, 0>, steps = array<i64: 1, 1, 1>}> : tensor<1x?x8xf32> to tensor<1x?x8xf32>
  return %1, %2 : tensor<1x8xf32>, tensor<1x?x8xf32>
}
