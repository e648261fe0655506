// RUN: transom-opt --canonicalize %s | FileCheck %s

// Reshapes, broadcasts, transposes, slices and concatenations.

// A constant under other dims.
// CHECK-LABEL: func.func @reshape_of_constant(
// CHECK-SAME: ) -> (tensor<3x2xi64>, tensor<f32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}1, 2], [3, 4], [5, 6]]> : tensor<3x2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<3x2xi64>, tensor<f32>
// CHECK-NEXT: }
func.func @reshape_of_constant() -> (tensor<3x2xi64>, tensor<f32>) {
  %c0 = transformer.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %0 = transformer.reshape %c0[] : tensor<2x3xi64> to tensor<3x2xi64>
  %c1 = transformer.constant dense<[1.0]> : tensor<1xf32>
  %1 = transformer.reshape %c1[] : tensor<1xf32> to tensor<f32>
  return %0, %1 : tensor<3x2xi64>, tensor<f32>
}

// A weight stays under its reshape: nothing is copied.
// CHECK-LABEL: func.func @reshape_of_weight(
// CHECK-SAME: ) -> tensor<6xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<2x3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<2x3xf32> to tensor<6xf32>
// CHECK-NEXT: return %[[V1]] : tensor<6xf32>
// CHECK-NEXT: }
func.func @reshape_of_weight() -> tensor<6xf32> {
  %w = transformer.constant dense_resource<w> : tensor<2x3xf32>
  %0 = transformer.reshape %w[] : tensor<2x3xf32> to tensor<6xf32>
  return %0 : tensor<6xf32>
}

// To its own static dims, or with one dynamic one.
// CHECK-LABEL: func.func @reshape_to_itself(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>, %[[A1:[^:]+]]: tensor<?x3xf32>, %[[A2:[^:]+]]: index) -> (tensor<2x3xf32>, tensor<?x3xf32>) {
// CHECK-NEXT: return %[[A0]], %[[A1]] : tensor<2x3xf32>, tensor<?x3xf32>
// CHECK-NEXT: }
func.func @reshape_to_itself(%x: tensor<2x3xf32>, %y: tensor<?x3xf32>, %n: index) -> (tensor<2x3xf32>, tensor<?x3xf32>) {
  %0 = transformer.reshape %x[] : tensor<2x3xf32> to tensor<2x3xf32>
  %1 = transformer.reshape %y[%n] : tensor<?x3xf32> to tensor<?x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<?x3xf32>
}

// Two dynamic dims may change places.
// CHECK-LABEL: func.func @reshape_of_two_unknown(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?xf32>, %[[A1:[^:]+]]: index, %[[A2:[^:]+]]: index) -> tensor<?x?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][%[[A1]], %[[A2]]] : tensor<?x?xf32> to tensor<?x?xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x?xf32>
// CHECK-NEXT: }
func.func @reshape_of_two_unknown(%x: tensor<?x?xf32>, %n: index, %m: index) -> tensor<?x?xf32> {
  %0 = transformer.reshape %x[%n, %m] : tensor<?x?xf32> to tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// The last one counts.
// CHECK-LABEL: func.func @three_reshapes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x4xf32>) -> tensor<3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x3x4xf32> to tensor<3x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<3x8xf32>
// CHECK-NEXT: }
func.func @three_reshapes(%x: tensor<2x3x4xf32>) -> tensor<3x8xf32> {
  %0 = transformer.reshape %x[] : tensor<2x3x4xf32> to tensor<24xf32>
  %1 = transformer.reshape %0[] : tensor<24xf32> to tensor<6x4xf32>
  %2 = transformer.reshape %1[] : tensor<6x4xf32> to tensor<3x8xf32>
  return %2 : tensor<3x8xf32>
}

// Back to where it came from.
// CHECK-LABEL: func.func @reshape_back(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @reshape_back(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %0 = transformer.reshape %x[] : tensor<2x3xf32> to tensor<6xf32>
  %1 = transformer.reshape %0[] : tensor<6xf32> to tensor<2x3xf32>
  return %1 : tensor<2x3xf32>
}

// The inner one is read as well.
// CHECK-LABEL: func.func @shared_reshape(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<6xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x3xf32> to tensor<6xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A0]][] : tensor<2x3xf32> to tensor<3x2xf32>
// CHECK-NEXT: return %[[V1]], %[[V0]] : tensor<3x2xf32>, tensor<6xf32>
// CHECK-NEXT: }
func.func @shared_reshape(%x: tensor<2x3xf32>) -> (tensor<3x2xf32>, tensor<6xf32>) {
  %0 = transformer.reshape %x[] : tensor<2x3xf32> to tensor<6xf32>
  %1 = transformer.reshape %0[] : tensor<6xf32> to tensor<3x2xf32>
  return %1, %0 : tensor<3x2xf32>, tensor<6xf32>
}

// With the sizes of the last.
// CHECK-LABEL: func.func @dynamic_reshapes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: index, %[[A2:[^:]+]]: index) -> tensor<?x2xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][%[[A2]]] : tensor<?x4xf32> to tensor<?x2xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x2xf32>
// CHECK-NEXT: }
func.func @dynamic_reshapes(%x: tensor<?x4xf32>, %n: index, %m: index) -> tensor<?x2xf32> {
  %0 = transformer.reshape %x[%n] : tensor<?x4xf32> to tensor<?xf32>
  %1 = transformer.reshape %0[%m] : tensor<?xf32> to tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// One number for all.
// CHECK-LABEL: func.func @broadcast_of_number(
// CHECK-SAME: ) -> (tensor<2x2xi64>, tensor<3x2xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<7> : tensor<2x2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<5.000000e-01> : tensor<3x2xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2x2xi64>, tensor<3x2xf32>
// CHECK-NEXT: }
func.func @broadcast_of_number() -> (tensor<2x2xi64>, tensor<3x2xf32>) {
  %c0 = transformer.constant dense<7> : tensor<i64>
  %0 = transformer.broadcast_to %c0[] : tensor<i64> to tensor<2x2xi64>
  %c1 = transformer.constant dense<[[0.5]]> : tensor<1x1xf32>
  %1 = transformer.broadcast_to %c1[] : tensor<1x1xf32> to tensor<3x2xf32>
  return %0, %1 : tensor<2x2xi64>, tensor<3x2xf32>
}

// A row is left to kernels.
// CHECK-LABEL: func.func @broadcast_of_row(
// CHECK-SAME: ) -> tensor<2x2xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1, 2]> : tensor<2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.broadcast_to %[[V0]][] : tensor<2xi64> to tensor<2x2xi64>
// CHECK-NEXT: return %[[V1]] : tensor<2x2xi64>
// CHECK-NEXT: }
func.func @broadcast_of_row() -> tensor<2x2xi64> {
  %c0 = transformer.constant dense<[1, 2]> : tensor<2xi64>
  %0 = transformer.broadcast_to %c0[] : tensor<2xi64> to tensor<2x2xi64>
  return %0 : tensor<2x2xi64>
}

// To its own dims; unknown ones stay.
// CHECK-LABEL: func.func @broadcast_to_itself(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>, %[[A1:[^:]+]]: tensor<?x3xf32>, %[[A2:[^:]+]]: index) -> (tensor<2x3xf32>, tensor<?x3xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.broadcast_to %[[A1]][%[[A2]]] : tensor<?x3xf32> to tensor<?x3xf32>
// CHECK-NEXT: return %[[A0]], %[[V0]] : tensor<2x3xf32>, tensor<?x3xf32>
// CHECK-NEXT: }
func.func @broadcast_to_itself(%x: tensor<2x3xf32>, %y: tensor<?x3xf32>, %n: index) -> (tensor<2x3xf32>, tensor<?x3xf32>) {
  %0 = transformer.broadcast_to %x[] : tensor<2x3xf32> to tensor<2x3xf32>
  %1 = transformer.broadcast_to %y[%n] : tensor<?x3xf32> to tensor<?x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<?x3xf32>
}

// Elements of a small constant move.
// CHECK-LABEL: func.func @transpose_of_constant(
// CHECK-SAME: ) -> tensor<3x2xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi64>
// CHECK-NEXT: return %[[V0]] : tensor<3x2xi64>
// CHECK-NEXT: }
func.func @transpose_of_constant() -> tensor<3x2xi64> {
  %c0 = transformer.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi64>
  %0 = transformer.transpose %c0 <{perm = array<i64: 1, 0>}> : tensor<2x3xi64>
  return %0 : tensor<3x2xi64>
}

// Three dims.
// CHECK-LABEL: func.func @transpose_of_cube(
// CHECK-SAME: ) -> tensor<2x2x2xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}[1, 3], [5, 7]], {{\[\[}}2, 4], [6, 8]]]> : tensor<2x2x2xi64>
// CHECK-NEXT: return %[[V0]] : tensor<2x2x2xi64>
// CHECK-NEXT: }
func.func @transpose_of_cube() -> tensor<2x2x2xi64> {
  %c0 = transformer.constant dense<[[[1, 2], [3, 4]], [[5, 6], [7, 8]]]> : tensor<2x2x2xi64>
  %0 = transformer.transpose %c0 <{perm = array<i64: 2, 0, 1>}> : tensor<2x2x2xi64>
  return %0 : tensor<2x2x2xi64>
}

// The identity, of two and of four dims.
// CHECK-LABEL: func.func @transpose_of_nothing(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x3xf32>, %[[A1:[^:]+]]: tensor<2x3x4x5xf32>) -> (tensor<?x3xf32>, tensor<2x3x4x5xf32>) {
// CHECK-NEXT: return %[[A0]], %[[A1]] : tensor<?x3xf32>, tensor<2x3x4x5xf32>
// CHECK-NEXT: }
func.func @transpose_of_nothing(%x: tensor<?x3xf32>, %y: tensor<2x3x4x5xf32>) -> (tensor<?x3xf32>, tensor<2x3x4x5xf32>) {
  %0 = transformer.transpose %x <{perm = array<i64: 0, 1>}> : tensor<?x3xf32>
  %1 = transformer.transpose %y <{perm = array<i64: 0, 1, 2, 3>}> : tensor<2x3x4x5xf32>
  return %0, %1 : tensor<?x3xf32>, tensor<2x3x4x5xf32>
}

// Three become one.
// CHECK-LABEL: func.func @transposes_compose(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x4xf32>) -> tensor<2x4x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A0]] <{perm = array<i64: 0, 2, 1>}> : tensor<2x3x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3xf32>
// CHECK-NEXT: }
func.func @transposes_compose(%x: tensor<2x3x4xf32>) -> tensor<2x4x3xf32> {
  %0 = transformer.transpose %x <{perm = array<i64: 1, 0, 2>}> : tensor<2x3x4xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1>}> : tensor<3x2x4xf32>
  %2 = transformer.transpose %1 <{perm = array<i64: 2, 1, 0>}> : tensor<3x4x2xf32>
  return %2 : tensor<2x4x3xf32>
}

// Three turns of three dims are none.
// CHECK-LABEL: func.func @cycle_of_three(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<2x3x4xf32>
// CHECK-NEXT: }
func.func @cycle_of_three(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %0 = transformer.transpose %x <{perm = array<i64: 1, 2, 0>}> : tensor<2x3x4xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 2, 0>}> : tensor<3x4x2xf32>
  %2 = transformer.transpose %1 <{perm = array<i64: 1, 2, 0>}> : tensor<4x2x3xf32>
  return %2 : tensor<2x3x4xf32>
}

// A part of a small constant: steps, backwards, two dims.
// CHECK-LABEL: func.func @slice_of_constant(
// CHECK-SAME: ) -> (tensor<2x2xi64>, tensor<2x4xi64>, tensor<1x1xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}2, 4], [6, 8]]> : tensor<2x2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}8, 7, 6, 5], [4, 3, 2, 1]]> : tensor<2x4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<7> : tensor<1x1xi64>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<2x2xi64>, tensor<2x4xi64>, tensor<1x1xi64>
// CHECK-NEXT: }
func.func @slice_of_constant() -> (tensor<2x2xi64>, tensor<2x4xi64>, tensor<1x1xi64>) {
  %c0 = transformer.constant dense<[[1, 2, 3, 4], [5, 6, 7, 8]]> : tensor<2x4xi64>
  %0 = transformer.slice %c0[] [] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<2x4xi64> to tensor<2x2xi64>
  %1 = transformer.slice %c0[] [] <{static_starts = array<i64: 1, 3>, steps = array<i64: -1, -1>}> : tensor<2x4xi64> to tensor<2x4xi64>
  %2 = transformer.slice %c0[] [] <{static_starts = array<i64: 1, 2>, steps = array<i64: 1, 1>}> : tensor<2x4xi64> to tensor<1x1xi64>
  return %0, %1, %2 : tensor<2x2xi64>, tensor<2x4xi64>, tensor<1x1xi64>
}

// A start that only the run knows.
// CHECK-LABEL: func.func @slice_from_unknown(
// CHECK-SAME: %[[A0:[^:]+]]: index) -> tensor<1xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1, 2, 3]> : tensor<3xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[V0]][%[[A0]]] [] <{static_starts = array<i64: -9223372036854775808>, steps = array<i64: 1>}> : tensor<3xi64> to tensor<1xi64>
// CHECK-NEXT: return %[[V1]] : tensor<1xi64>
// CHECK-NEXT: }
func.func @slice_from_unknown(%n: index) -> tensor<1xi64> {
  %c0 = transformer.constant dense<[1, 2, 3]> : tensor<3xi64>
  %0 = transformer.slice %c0[%n] [] <{static_starts = array<i64: -9223372036854775808>, steps = array<i64: 1>}> : tensor<3xi64> to tensor<1xi64>
  return %0 : tensor<1xi64>
}

// All of it; from the second on it is none.
// CHECK-LABEL: func.func @slice_of_all(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<3x3xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 1, 0>, steps = array<i64: 1, 1>}> : tensor<4x3xf32> to tensor<3x3xf32>
// CHECK-NEXT: return %[[A0]], %[[V0]] : tensor<4x3xf32>, tensor<3x3xf32>
// CHECK-NEXT: }
func.func @slice_of_all(%x: tensor<4x3xf32>) -> (tensor<4x3xf32>, tensor<3x3xf32>) {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x3xf32> to tensor<4x3xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 1, 0>, steps = array<i64: 1, 1>}> : tensor<4x3xf32> to tensor<3x3xf32>
  return %0, %1 : tensor<4x3xf32>, tensor<3x3xf32>
}

// No element: the constant stays.
// CHECK-LABEL: func.func @slice_to_nothing(
// CHECK-SAME: ) -> tensor<0xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1, 2, 3]> : tensor<3xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[V0]][] [] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<3xi64> to tensor<0xi64>
// CHECK-NEXT: return %[[V1]] : tensor<0xi64>
// CHECK-NEXT: }
func.func @slice_to_nothing() -> tensor<0xi64> {
  %c0 = transformer.constant dense<[1, 2, 3]> : tensor<3xi64>
  %0 = transformer.slice %c0[] [] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<3xi64> to tensor<0xi64>
  return %0 : tensor<0xi64>
}

// One tensor; two stay.
// CHECK-LABEL: func.func @concat_of_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<4x3xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.concat %[[A0]], %[[A0]] <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xf32>
// CHECK-NEXT: return %[[A0]], %[[V0]] : tensor<2x3xf32>, tensor<4x3xf32>
// CHECK-NEXT: }
func.func @concat_of_one(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<4x3xf32>) {
  %0 = transformer.concat %x <{axis = 0 : i64}> : tensor<2x3xf32>
  %1 = transformer.concat %x, %x <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<4x3xf32>
}
