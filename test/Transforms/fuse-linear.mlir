// RUN: transom-opt --fuse-linear %s | FileCheck %s

// CHECK-LABEL: func.func @bias_activation_residual
// CHECK: %[[W1:.*]] = transformer.constant dense_resource<up>
// CHECK: %[[W2:.*]] = transformer.constant dense_resource<down>
// CHECK: %[[H:.*]] = transformer.linear %arg0, %[[W1]] bias %{{.*}} : tensor<48xf32> <{activation = #transformer<unary_kind gelu>}>
// CHECK: %[[Y:.*]] = transformer.linear %[[H]], %[[W2]] bias %{{.*}} : tensor<16xf32> residual %arg0 : tensor<?x?x16xf32>
// CHECK-NEXT: return %[[Y]]
func.func @bias_activation_residual(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %w1 = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %b1 = transformer.constant dense_resource<up_bias> : tensor<48xf32>
  %w2 = transformer.constant dense_resource<down> : tensor<48x16xf32>
  %b2 = transformer.constant dense_resource<down_bias> : tensor<1x16xf32>
  %0 = transformer.matmul %x, %w1 : tensor<?x?x16xf32>, tensor<16x48xf32>
  %1 = transformer.binary add %b1, %0 : tensor<48xf32>, tensor<?x?x48xf32>
  %2 = transformer.unary gelu %1 : tensor<?x?x48xf32>
  %3 = transformer.matmul %2, %w2 : tensor<?x?x48xf32>, tensor<48x16xf32>
  %4 = transformer.binary add %3, %b2 : tensor<?x?x16xf32>, tensor<1x16xf32>
  %5 = transformer.binary add %x, %4 : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  return %5 : tensor<?x?x16xf32>
}

// A transposed weight is a transpose of the constant.
// CHECK-LABEL: func.func @transposed_weight
// CHECK: %[[T:.*]] = transformer.transpose %{{.*}} <{perm = array<i64: 1, 0>}> : tensor<48x16xf32>
// CHECK-NEXT: transformer.linear %arg0, %[[T]] : tensor<?x16xf32>, tensor<16x48xf32>
func.func @transposed_weight(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<48x16xf32>
  %0 = transformer.matmul %x, %w <{transpose_b}> : tensor<?x16xf32>, tensor<48x16xf32>
  return %0 : tensor<?x48xf32>
}

// Attention and MLP in parallel: one takes the other as its residual.
// CHECK-LABEL: func.func @parallel
// CHECK: %[[A:.*]] = transformer.linear %arg0, %{{.*}} : tensor<?x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[B:.*]] = transformer.linear %arg1, %{{.*}} residual %[[A]]
// CHECK-NEXT: return %[[B]]
func.func @parallel(%x: tensor<?x16xf32>, %y: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x16xf32>
  %1 = transformer.matmul %y, %w : tensor<?x16xf32>, tensor<16x16xf32>
  %2 = transformer.binary add %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
  return %2 : tensor<?x16xf32>
}
