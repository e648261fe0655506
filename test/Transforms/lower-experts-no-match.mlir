// RUN: transom-opt --lower-experts %s | FileCheck %s

// What stays.

// Products of all experts at once, whoever chose them.
// CHECK-LABEL: func.func @products(
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %{{.+}}, %{{.+}} : tensor<4x5x8xf32>, tensor<4x8x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary relu %[[V0]] : tensor<4x5x12xf32>
// CHECK-NEXT: return %[[V1]]
func.func @products(%x: tensor<4x5x8xf32>, %w: tensor<4x8x12xf32>) -> tensor<4x5x12xf32> {
  %0 = transformer.matmul %x, %w : tensor<4x5x8xf32>, tensor<4x8x12xf32>
  %1 = transformer.unary relu %0 : tensor<4x5x12xf32>
  return %1 : tensor<4x5x12xf32>
}
