// RUN: transom-opt --fuse-linear %s | FileCheck %s

// Two computed values: no linear.
// CHECK-LABEL: func.func @no_weight
// CHECK: transformer.matmul
func.func @no_weight(%x: tensor<?x16xf32>, %y: tensor<16x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.matmul %x, %y : tensor<?x16xf32>, tensor<16x4xf32>
  return %0 : tensor<?x4xf32>
}

// The value before the activation is read twice: the activation stays apart.
// CHECK-LABEL: func.func @shared_intermediate
// CHECK: %[[A:.*]] = transformer.linear %arg0, %{{.*}} : tensor<?x16xf32>
// CHECK-NEXT: transformer.unary relu %[[A]]
func.func @shared_intermediate(%x: tensor<?x16xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32>
  %1 = transformer.unary relu %0 : tensor<?x4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// A bias per row is no bias of a linear.
// CHECK-LABEL: func.func @bias_per_row
// CHECK: transformer.linear
// CHECK-NEXT: transformer.binary add
func.func @bias_per_row(%x: tensor<8x16xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<8x1xf32>
  %0 = transformer.matmul %x, %w : tensor<8x16xf32>, tensor<16x4xf32>
  %1 = transformer.binary add %0, %b : tensor<8x4xf32>, tensor<8x1xf32>
  return %1 : tensor<8x4xf32>
}

// A batch of matrices is no weight of a linear.
// CHECK-LABEL: func.func @batched_weight
// CHECK: transformer.matmul
func.func @batched_weight(%x: tensor<2x8x16xf32>) -> tensor<2x8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<2x16x4xf32>
  %0 = transformer.matmul %x, %w : tensor<2x8x16xf32>, tensor<2x16x4xf32>
  return %0 : tensor<2x8x4xf32>
}
