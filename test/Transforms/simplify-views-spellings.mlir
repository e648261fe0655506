// RUN: transom-opt --simplify-views --canonicalize --cse %s | FileCheck %s

// Views to dims that are there already, found by what dims are computed from.

// A reshape to the dims that are there.
// CHECK-LABEL: func.func @same_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @same_dims(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = transformer.reshape %x[%0, %1] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// A broadcast to them.
// CHECK-LABEL: func.func @broadcast_to_own_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @broadcast_to_own_dims(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = transformer.broadcast_to %x[%0, %1] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// A slice of all.
// CHECK-LABEL: func.func @whole_slice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @whole_slice(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = transformer.slice %x[] [%0, %1] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// Dims of a sum are those of its operand.
// CHECK-LABEL: func.func @through_elementwise(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A0]] : tensor<?x?x16xf32>, tensor<?x?x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[V0]] : tensor<?x?x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @through_elementwise(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = transformer.binary add %x, %x : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %3 = transformer.unary exp %2 : tensor<?x?x16xf32>
  %4 = transformer.reshape %3[%0, %1] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %4 : tensor<?x?x16xf32>
}

// Exchanged by a transpose.
// CHECK-LABEL: func.func @through_transpose(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A0]] <{perm = array<i64: 1, 0, 2>}> : tensor<?x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @through_transpose(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = transformer.transpose %x <{perm = array<i64: 1, 0, 2>}> : tensor<?x?x16xf32>
  %3 = transformer.reshape %2[%1, %0] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %3 : tensor<?x?x16xf32>
}

// Rows of a linear.
// CHECK-LABEL: func.func @through_linear(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<?x?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x8xf32>
// CHECK-NEXT: }
func.func @through_linear(%x: tensor<?x?x16xf32>) -> tensor<?x?x8xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %2 = transformer.linear %x, %w : tensor<?x?x16xf32>, tensor<16x8xf32>
  %3 = transformer.reshape %2[%0, %1] : tensor<?x?x8xf32> to tensor<?x?x8xf32>
  return %3 : tensor<?x?x8xf32>
}

// The size of a concatenation, added in the other order.
// CHECK-LABEL: func.func @sum_of_sizes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32> {transformer.dims = ["b", "p", ""]}, %[[A1:[^:]+]]: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.concat %[[A0]], %[[A1]] <{axis = 1 : i64}> : tensor<?x?x16xf32>, tensor<?x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @sum_of_sizes(%x: tensor<?x?x16xf32> {transformer.dims = ["b", "p", ""]}, %y: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = tensor.dim %y, %i1 : tensor<?x?x16xf32>
  %3 = transformer.concat %x, %y <{axis = 1 : i64}> : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %4 = arith.addi %2, %1 : index
  %5 = transformer.reshape %3[%0, %4] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %5 : tensor<?x?x16xf32>
}

// Dims of one name are one size.
// CHECK-LABEL: func.func @equal_symbols(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x16xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @equal_symbols(%x: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}, %y: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x16xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = tensor.dim %y, %i0 : tensor<?x?x16xf32>
  %3 = tensor.dim %y, %i1 : tensor<?x?x16xf32>
  %4 = transformer.reshape %x[%2, %3] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %4 : tensor<?x?x16xf32>
}

// Rows joined for a linear and split again.
// CHECK-LABEL: func.func @joined_and_split(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<?x?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x8xf32>
// CHECK-NEXT: }
func.func @joined_and_split(%x: tensor<?x?x16xf32>) -> tensor<?x?x8xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = arith.muli %0, %1 : index
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %3 = transformer.reshape %x[%2] : tensor<?x?x16xf32> to tensor<?x16xf32>
  %4 = transformer.linear %3, %w : tensor<?x16xf32>, tensor<16x8xf32>
  %5 = transformer.reshape %4[%0, %1] : tensor<?x8xf32> to tensor<?x?x8xf32>
  return %5 : tensor<?x?x8xf32>
}

// The linear's bias and activation stay.
// CHECK-LABEL: func.func @joined_with_bias_and_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<8xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x8xf32>
// CHECK-NEXT: }
func.func @joined_with_bias_and_activation(%x: tensor<?x?x16xf32>) -> tensor<?x?x8xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x16xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x16xf32>
  %2 = arith.muli %0, %1 : index
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %b = transformer.constant dense_resource<b> : tensor<8xf32>
  %3 = transformer.reshape %x[%2] : tensor<?x?x16xf32> to tensor<?x16xf32>
  %4 = transformer.linear %3, %w bias %b : tensor<8xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x16xf32>, tensor<16x8xf32>
  %5 = transformer.reshape %4[%0, %1] : tensor<?x8xf32> to tensor<?x?x8xf32>
  return %5 : tensor<?x?x8xf32>
}

// Heads 2 and 3 of 6.
// CHECK-LABEL: func.func @heads_of_a_packed_tensor(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x48xf32>) -> tensor<?x?x2x8xf32> {
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x48xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x48xf32>
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x48xf32> to tensor<?x?x6x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[V0]][] [%[[DIM]], %[[DIM_0]]] <{static_starts = array<i64: 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x?x6x8xf32> to tensor<?x?x2x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x2x8xf32>
// CHECK-NEXT: }
func.func @heads_of_a_packed_tensor(%x: tensor<?x?x48xf32>) -> tensor<?x?x2x8xf32> {
  %i0 = arith.constant 0 : index
  %0 = tensor.dim %x, %i0 : tensor<?x?x48xf32>
  %i1 = arith.constant 1 : index
  %1 = tensor.dim %x, %i1 : tensor<?x?x48xf32>
  %2 = transformer.slice %x[] [%0, %1] <{static_starts = array<i64: 0, 0, 16>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x48xf32> to tensor<?x?x16xf32>
  %3 = transformer.reshape %2[%0, %1] : tensor<?x?x16xf32> to tensor<?x?x2x8xf32>
  return %3 : tensor<?x?x2x8xf32>
}

// Queries, keys and values of one projection.
// CHECK-LABEL: func.func @heads_of_three_parts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x48xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<4x48xf32> to tensor<4x6x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[V0]][] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<4x6x8xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[V0]][] [] <{static_starts = array<i64: 0, 2, 0>, steps = array<i64: 1, 1, 1>}> : tensor<4x6x8xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[V0]][] [] <{static_starts = array<i64: 0, 4, 0>, steps = array<i64: 1, 1, 1>}> : tensor<4x6x8xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]], %[[V3]] : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @heads_of_three_parts(%x: tensor<4x48xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %4 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 32>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %5 = transformer.reshape %4[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
}
