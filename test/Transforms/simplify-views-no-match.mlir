// RUN: transom-opt --simplify-views %s | FileCheck %s

// The dims trade places: Transformer-XL's shift is made of such reshapes.
// CHECK-LABEL: func.func @traded_dims
// CHECK: transformer.reshape
func.func @traded_dims(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %0 = transformer.reshape %x[%s, %b] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %0 : tensor<?x?x16xf32>
}

// A shorter slice, and one that starts later.
// CHECK-LABEL: func.func @real_slices
// CHECK-COUNT-2: transformer.slice
func.func @real_slices(%x: tensor<?x16xf32>, %n: index) -> (tensor<?x16xf32>, tensor<?x16xf32>) {
  %c0 = arith.constant 0 : index
  %s = tensor.dim %x, %c0 : tensor<?x16xf32>
  %0 = transformer.slice %x[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
  %minus = arith.constant -1 : index
  %last = arith.addi %s, %minus : index
  %1 = transformer.slice %x[%last] [%s] <{static_starts = array<i64: -9223372036854775808, 0>, steps = array<i64: -1, 1>}> : tensor<?x16xf32> to tensor<?x16xf32>
  return %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
}

// The features are split into heads: no rows.
// CHECK-LABEL: func.func @split_features
// CHECK: transformer.reshape
// CHECK: transformer.linear
// CHECK: transformer.reshape
func.func @split_features(%x: tensor<?x?x16xf32>) -> tensor<?x?x4x12xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %bs = arith.muli %b, %s : index
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.reshape %x[%bs] : tensor<?x?x16xf32> to tensor<?x16xf32>
  %1 = transformer.linear %0, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.reshape %1[%b, %s] : tensor<?x48xf32> to tensor<?x?x4x12xf32>
  return %2 : tensor<?x?x4x12xf32>
}

// A part that begins inside a head, one with gaps, and one of fewer rows.
// CHECK-LABEL: func.func @parts_of_heads
// CHECK: transformer.slice %arg0
// CHECK: transformer.slice %arg0
// CHECK: transformer.slice %arg0
func.func @parts_of_heads(%x: tensor<4x48xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<2x2x8xf32>) {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<4x48xf32> to tensor<4x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %4 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x48xf32> to tensor<2x16xf32>
  %5 = transformer.reshape %4[] : tensor<2x16xf32> to tensor<2x2x8xf32>
  return %1, %3, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<2x2x8xf32>
}
