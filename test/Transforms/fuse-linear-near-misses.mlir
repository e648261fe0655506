// RUN: transom-opt --fuse-linear=remarks -verify-diagnostics %s | FileCheck %s

// What a linear does not take in, and products that are none.

// Two computed values.
// CHECK-LABEL: func.func @computed_operands(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<16x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @computed_operands(%x: tensor<?x16xf32>, %y: tensor<16x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.matmul %x, %y : tensor<?x16xf32>, tensor<16x4xf32>
  return %0 : tensor<?x4xf32>
}

// The weight on the left.
// CHECK-LABEL: func.func @weight_on_the_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<16x4xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<8x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[V0]], %[[A0]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @weight_on_the_left(%x: tensor<16x4xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<8x16xf32>
  %0 = transformer.matmul %w, %x : tensor<8x16xf32>, tensor<16x4xf32>
  return %0 : tensor<8x4xf32>
}

// Two weights: known when compiling, no layer.
// CHECK-LABEL: func.func @two_weights(
// CHECK-SAME: ) -> tensor<4x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<4x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<v> : tensor<16x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V0]], %[[V1]] : tensor<4x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V2]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @two_weights() -> tensor<4x8xf32> {
  %w = transformer.constant dense_resource<w> : tensor<4x16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x8xf32>
  %0 = transformer.matmul %w, %v : tensor<4x16xf32>, tensor<16x8xf32>
  return %0 : tensor<4x8xf32>
}

// Integers.
// CHECK-LABEL: func.func @integers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xi64>) -> tensor<?x4xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xi64>, tensor<16x4xi64>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xi64>
// CHECK-NEXT: }
func.func @integers(%x: tensor<?x16xi64>) -> tensor<?x4xi64> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xi64>
  %0 = transformer.matmul %x, %w : tensor<?x16xi64>, tensor<16x4xi64>
  return %0 : tensor<?x4xi64>
}

// One matrix per batch.
// CHECK-LABEL: func.func @batched_weight(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x8x16xf32>) -> tensor<2x8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<2x16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<2x8x16xf32>, tensor<2x16x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x8x4xf32>
// CHECK-NEXT: }
func.func @batched_weight(%x: tensor<2x8x16xf32>) -> tensor<2x8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<2x16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<2x8x16xf32>, tensor<2x16x4xf32>
  return %0 : tensor<2x8x4xf32>
}

// The left operand transposed by the product.
// CHECK-LABEL: func.func @left_transposed(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<16x?xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] <{transpose_a}> : tensor<16x?xf32>, tensor<16x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @left_transposed(%x: tensor<16x?xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  // expected-remark @+1 {{linear stays in pieces: the left operand is transposed}}
  %0 = transformer.matmul %x, %w <{transpose_a}> : tensor<16x?xf32>, tensor<16x4xf32>
  return %0 : tensor<?x4xf32>
}

// One number per row.
// CHECK-LABEL: func.func @bias_per_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x16xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<8x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<8x4xf32>, tensor<8x1xf32>
// CHECK-NEXT: return %[[V3]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @bias_per_row(%x: tensor<8x16xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<8x1xf32>
  %1 = transformer.binary add %0, %b : tensor<8x4xf32>, tensor<8x1xf32>
  return %1 : tensor<8x4xf32>
}

// One number per element.
// CHECK-LABEL: func.func @bias_per_element(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x16xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<8x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<8x4xf32>, tensor<8x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @bias_per_element(%x: tensor<8x16xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<8x4xf32>
  %1 = transformer.binary add %0, %b : tensor<8x4xf32>, tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}

// One number for all: no vector of the width.
// CHECK-LABEL: func.func @bias_scalar(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x16xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<8x4xf32>, tensor<f32>
// CHECK-NEXT: return %[[V3]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @bias_scalar(%x: tensor<8x16xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<f32>
  %1 = transformer.binary add %0, %b : tensor<8x4xf32>, tensor<f32>
  return %1 : tensor<8x4xf32>
}

// A vector of one.
// CHECK-LABEL: func.func @bias_of_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x16xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<8x4xf32>, tensor<1xf32>
// CHECK-NEXT: return %[[V3]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @bias_of_one(%x: tensor<8x16xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<1xf32>
  %1 = transformer.binary add %0, %b : tensor<8x4xf32>, tensor<1xf32>
  return %1 : tensor<8x4xf32>
}

// A bias with a batch of its own.
// CHECK-LABEL: func.func @bias_enlarges(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x16xf32>) -> tensor<2x8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<2x1x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<8x4xf32>, tensor<2x1x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x8x4xf32>
// CHECK-NEXT: }
func.func @bias_enlarges(%x: tensor<8x16xf32>) -> tensor<2x8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<2x1x4xf32>
  %1 = transformer.binary add %0, %b : tensor<8x4xf32>, tensor<2x1x4xf32>
  return %1 : tensor<2x8x4xf32>
}

// A difference.
// CHECK-LABEL: func.func @subtracted(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary sub %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @subtracted(%x: tensor<?x16xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %1 = transformer.binary sub %0, %b : tensor<?x4xf32>, tensor<4xf32>
  return %1 : tensor<?x4xf32>
}

// Something else reads the product.
// CHECK-LABEL: func.func @product_read_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V3]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @product_read_twice(%x: tensor<?x16xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %1 = transformer.binary add %0, %b : tensor<?x4xf32>, tensor<4xf32>
  return %1, %0 : tensor<?x4xf32>, tensor<?x4xf32>
}

// Something else reads the sum before the activation.
// CHECK-LABEL: func.func @sum_read_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<4xf32> : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary relu %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @sum_read_twice(%x: tensor<?x16xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %1 = transformer.binary add %0, %b : tensor<?x4xf32>, tensor<4xf32>
  %2 = transformer.unary relu %1 : tensor<?x4xf32>
  return %2, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// A second activation.
// CHECK-LABEL: func.func @second_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary tanh %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @second_activation(%x: tensor<?x16xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.unary relu %0 : tensor<?x4xf32>
  %2 = transformer.unary tanh %1 : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// exp is no activation.
// CHECK-LABEL: func.func @no_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary exp %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @no_activation(%x: tensor<?x16xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// The residual comes before the activation.
// CHECK-LABEL: func.func @activation_after_residual(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] residual %[[A1]] : tensor<?x4xf32> : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary relu %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @activation_after_residual(%x: tensor<?x16xf32>, %r: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.binary add %0, %r : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.unary relu %1 : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// A bias after the activation.
// CHECK-LABEL: func.func @bias_after_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @bias_after_activation(%x: tensor<?x16xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.unary relu %0 : tensor<?x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %2 = transformer.binary add %1, %b : tensor<?x4xf32>, tensor<4xf32>
  return %2 : tensor<?x4xf32>
}

// A residual of one row for all.
// CHECK-LABEL: func.func @residual_of_one_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x16xf32>, %[[A1:[^:]+]]: tensor<1x4xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<8x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[A1]] : tensor<8x4xf32>, tensor<1x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @residual_of_one_row(%x: tensor<8x16xf32>, %r: tensor<1x4xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %1 = transformer.binary add %0, %r : tensor<8x4xf32>, tensor<1x4xf32>
  return %1 : tensor<8x4xf32>
}

// A second residual.
// CHECK-LABEL: func.func @second_residual(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] residual %[[A1]] : tensor<?x4xf32> : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @second_residual(%x: tensor<?x16xf32>, %r: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.binary add %0, %r : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary add %1, %s : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// A linear added to itself.
// CHECK-LABEL: func.func @doubled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[V1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @doubled(%x: tensor<?x16xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.binary add %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
