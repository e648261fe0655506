// RUN: transom-opt --fuse-gated-mlp %s | FileCheck %s

// Two projections.
// CHECK-LABEL: func.func @swiglu
// CHECK: %[[G:.*]] = transformer.matmul %arg0
// CHECK: %[[U:.*]] = transformer.matmul %arg0
// CHECK: %[[Y:.*]] = transformer.glu silu %[[G]], %[[U]]
// CHECK-NEXT: return %[[Y]]
func.func @swiglu(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w1 = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %w2 = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w1 : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary silu %0 : tensor<?x48xf32>
  %2 = transformer.matmul %x, %w2 : tensor<?x16xf32>, tensor<16x48xf32>
  %3 = transformer.binary mul %1, %2 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// One packed projection with a bias; the activation on the right.
// CHECK-LABEL: func.func @geglu_packed
// CHECK: transformer.glu gelu %{{.*}}, %{{.*}} : tensor<?x24xf32>, tensor<?x24xf32>
func.func @geglu_packed(%x: tensor<?x16xf32>, %n: index) -> tensor<?x24xf32> {
  %w = transformer.constant dense_resource<both> : tensor<16x48xf32>
  %b = transformer.constant dense_resource<bias> : tensor<48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.slice %1[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %3 = transformer.slice %1[] [%n] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %4 = transformer.unary gelu %2 : tensor<?x24xf32>
  %5 = transformer.binary mul %3, %4 : tensor<?x24xf32>, tensor<?x24xf32>
  return %5 : tensor<?x24xf32>
}

// Projections in blocks of few bits.
// CHECK-LABEL: func.func @nbits
// CHECK: transformer.glu silu
func.func @nbits(%x: tensor<?x32xf32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) -> tensor<?x8xf32> {
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  %1 = transformer.unary silu %0 : tensor<?x8xf32>
  %2 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  %3 = transformer.binary mul %1, %2 : tensor<?x8xf32>, tensor<?x8xf32>
  return %3 : tensor<?x8xf32>
}
