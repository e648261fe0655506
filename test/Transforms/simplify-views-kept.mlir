// RUN: transom-opt --simplify-views --canonicalize --cse %s | FileCheck %s

// Views that change something.

// The two sizes exchanged.
// CHECK-LABEL: func.func @exchanged_sizes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][%[[DIM_0]], %[[DIM]]] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @exchanged_sizes(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = transformer.reshape %x[%1, %0] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// A dim of another name.
// CHECK-LABEL: func.func @other_symbol(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<?x?x16xf32> {transformer.dims = ["b", "t", ""]}) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A1]], %[[C0]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A1]], %[[C1]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @other_symbol(%x: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}, %y: tensor<?x?x16xf32> {transformer.dims = ["b", "t", ""]}) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = tensor.dim %y, %i0 : tensor<?x?x16xf32>
  %3 = tensor.dim %y, %i1 : tensor<?x?x16xf32>
  %4 = transformer.reshape %x[%2, %3] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %4 : tensor<?x?x16xf32>
}

// A size that is an argument.
// CHECK-LABEL: func.func @given_size(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A1]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @given_size(%x: tensor<?x16xf32>, %n: index) -> tensor<?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x16xf32>
  %1 = transformer.slice %x[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}

// A start of one.
// CHECK-LABEL: func.func @from_the_second_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x16xf32>
// CHECK-NEXT: %[[V0:.+]] = arith.subi %[[DIM]], %[[C1]] : index
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[V0]]] <{static_starts = array<i64: 1, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @from_the_second_row(%x: tensor<?x16xf32>, %n: index) -> tensor<?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = arith.subi %0, %i1 : index
  %2 = transformer.slice %x[] [%1] <{static_starts = array<i64: 1, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
  return %2 : tensor<?x16xf32>
}

// A step of minus one.
// CHECK-LABEL: func.func @backwards(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> tensor<4x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 3, 0>, steps = array<i64: -1, 1>}> : tensor<4x16xf32> to tensor<4x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x16xf32>
// CHECK-NEXT: }
func.func @backwards(%x: tensor<4x16xf32>) -> tensor<4x16xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 3, 0>, steps = array<i64: -1, 1>}> : tensor<4x16xf32> to tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}

// A step of two.
// CHECK-LABEL: func.func @every_second(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> tensor<2x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 2, 1>}> : tensor<4x16xf32> to tensor<2x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x16xf32>
// CHECK-NEXT: }
func.func @every_second(%x: tensor<4x16xf32>) -> tensor<2x16xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 2, 1>}> : tensor<4x16xf32> to tensor<2x16xf32>
  return %0 : tensor<2x16xf32>
}

// The features are split as well: that reshape stays.
// CHECK-LABEL: func.func @product_split_into_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x2x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[V1:.+]] = arith.muli %[[DIM]], %[[DIM_0]] : index
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A0]][%[[V1]]] : tensor<?x?x16xf32> to tensor<?x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[V2]], %[[V0]] : tensor<?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][%[[DIM]], %[[DIM_0]]] : tensor<?x8xf32> to tensor<?x?x2x4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x?x2x4xf32>
// CHECK-NEXT: }
func.func @product_split_into_heads(%x: tensor<?x?x16xf32>) -> tensor<?x?x2x4xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = arith.muli %0, %1 : index
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %3 = transformer.reshape %x[%2] : tensor<?x?x16xf32> to tensor<?x16xf32>
  %4 = transformer.linear %3, %w : tensor<?x16xf32>, tensor<16x8xf32>
  %5 = transformer.reshape %4[%0, %1] : tensor<?x8xf32> to tensor<?x?x2x4xf32>
  return %5 : tensor<?x?x2x4xf32>
}

// Something else reads the joined rows: its reshape stays.
// CHECK-LABEL: func.func @joined_rows_read_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> (tensor<?x?x8xf32>, tensor<?x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x16xf32>
// CHECK-NEXT: %[[V1:.+]] = arith.muli %[[DIM]], %[[DIM_0]] : index
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A0]][%[[V1]]] : tensor<?x?x16xf32> to tensor<?x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<?x?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V3]], %[[V2]] : tensor<?x?x8xf32>, tensor<?x16xf32>
// CHECK-NEXT: }
func.func @joined_rows_read_twice(%x: tensor<?x?x16xf32>) -> (tensor<?x?x8xf32>, tensor<?x16xf32>) {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = arith.muli %0, %1 : index
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %3 = transformer.reshape %x[%2] : tensor<?x?x16xf32> to tensor<?x16xf32>
  %4 = transformer.linear %3, %w : tensor<?x16xf32>, tensor<16x8xf32>
  %5 = transformer.reshape %4[%0, %1] : tensor<?x8xf32> to tensor<?x?x8xf32>
  return %5, %3 : tensor<?x?x8xf32>, tensor<?x16xf32>
}

// A part that begins inside a head.
// CHECK-LABEL: func.func @half_of_a_head(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x48xf32>) -> tensor<4x2x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @half_of_a_head(%x: tensor<4x48xf32>) -> tensor<4x2x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1 : tensor<4x2x8xf32>
}

// Every second feature.
// CHECK-LABEL: func.func @features_with_gaps(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x48xf32>) -> tensor<4x2x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<4x48xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @features_with_gaps(%x: tensor<4x48xf32>) -> tensor<4x2x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1 : tensor<4x2x8xf32>
}

// The packed width is no multiple of a head.
// CHECK-LABEL: func.func @uneven_packing(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x44xf32>) -> tensor<4x2x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x44xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @uneven_packing(%x: tensor<4x44xf32>) -> tensor<4x2x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x44xf32> to tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1 : tensor<4x2x8xf32>
}
