// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.attention

// Orders of scores that are those of no attention, and probabilities that are changed.

// Probabilities of queries weigh values of keys.
// CHECK-LABEL: func.func @along_queries(
// CHECK: transformer.softmax
func.func @along_queries(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x16x3xf32> {
  %0 = transformer.matmul %k, %q <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x5x3xf32>
  %2 = transformer.matmul %v, %1 <{transpose_a}> : tensor<2x4x5x16xf32>, tensor<2x4x5x3xf32>
  return %2 : tensor<2x4x16x3xf32>
}

// A mask of fewer dims would have to be turned with the scores.
// CHECK-LABEL: func.func @mask_of_fewer_dims(
// CHECK: transformer.softmax
func.func @mask_of_fewer_dims(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<5x3xf32>) -> tensor<2x4x16x3xf32> {
  %0 = transformer.matmul %k, %q <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x5x3xf32>, tensor<5x3xf32>
  %2 = transformer.softmax %1 <{axis = 2 : i64}> : tensor<2x4x5x3xf32>
  %3 = transformer.matmul %v, %2 <{transpose_a}> : tensor<2x4x5x16xf32>, tensor<2x4x5x3xf32>
  return %3 : tensor<2x4x16x3xf32>
}

// Probabilities are masked: rows do not sum to one.
// CHECK-LABEL: func.func @masked_after(
// CHECK: transformer.softmax
func.func @masked_after(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: the probabilities are changed before the product with the values}}
  %2 = transformer.binary mul %1, %m : tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Probabilities are scaled.
// CHECK-LABEL: func.func @scaled_after(
// CHECK: transformer.softmax
func.func @scaled_after(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: the probabilities are changed before the product with the values}}
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Rows of a group are reshaped to queries by groups: the scores' last dims are no longer rows and keys of one product.
// CHECK-LABEL: func.func @grouped_rows_apart(
// CHECK: transformer.softmax
func.func @grouped_rows_apart(%q: tensor<2x2x6x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<4x6x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: keys or values of grouped heads are not [batch, heads, rows, features]}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x2x6x16xf32>, tensor<2x2x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<2x2x6x5xf32> to tensor<2x2x6x1x5xf32>
  %2 = transformer.softmax %1 <{axis = 4 : i64}> : tensor<2x2x6x1x5xf32>
  %3 = transformer.reshape %2[] : tensor<2x2x6x1x5xf32> to tensor<4x6x5xf32>
  %4 = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<4x5x16xf32>
  %5 = transformer.matmul %3, %4 : tensor<4x6x5xf32>, tensor<4x5x16xf32>
  return %5 : tensor<4x6x16xf32>
}
