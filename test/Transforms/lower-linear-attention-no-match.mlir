// RUN: transom-opt --lower-linear-attention %s | FileCheck %s

// What stays.

// Products that a linear attention might become stay as they are.
// CHECK-LABEL: func.func @products(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[V0]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @products(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %1 = transformer.matmul %0, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  return %1 : tensor<2x4x5x12xf32>
}

// The other attention.
// CHECK-LABEL: func.func @attention(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: }
func.func @attention(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x8xf32>) -> tensor<2x4x5x8xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  return %0 : tensor<2x4x5x8xf32>
}
