// RUN: transom-opt --fuse-activations=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.softmax

// Quotients of exponentials that are no softmax.

// One is added to the sum (softmax-off-by-one).
// CHECK-LABEL: func.func @one_more(
func.func @one_more(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.unary exp %x : tensor<?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: more than the sum of the exponentials divides them}}
  %3 = transformer.binary div %0, %2 : tensor<?x4xf32>, tensor<?x1xf32>
  return %3 : tensor<?x4xf32>
}

// The sum is over two dims.
// CHECK-LABEL: func.func @two_dims(
func.func @two_dims(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %0 = transformer.unary exp %x : tensor<?x3x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1, 2>, keepdims}> : tensor<?x3x4xf32>
  // expected-remark @+1 {{activation stays in pieces: the exponentials are not summed along one dim that is kept}}
  %2 = transformer.binary div %0, %1 : tensor<?x3x4xf32>, tensor<?x1x1xf32>
  return %2 : tensor<?x3x4xf32>
}

// The sum lost its dim: rows and columns of a square are mixed up.
// CHECK-LABEL: func.func @dropped_dim(
func.func @dropped_dim(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = transformer.unary exp %x : tensor<4x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<4x4xf32>
  // expected-remark @+1 {{activation stays in pieces: the exponentials are not summed along one dim that is kept}}
  %2 = transformer.binary div %0, %1 : tensor<4x4xf32>, tensor<4xf32>
  return %2 : tensor<4x4xf32>
}

// The product sums over rows, the divisor over columns.
// CHECK-LABEL: func.func @other_sum(
func.func @other_sum(%x: tensor<4x4xf32>, %v: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = transformer.unary exp %x : tensor<4x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 0>, keepdims}> : tensor<4x4xf32>
  %2 = transformer.matmul %0, %v : tensor<4x4xf32>, tensor<4x4xf32>
  // expected-remark @+1 {{activation stays in pieces: the exponentials are not summed along the dim that the product sums}}
  %3 = transformer.binary div %2, %1 : tensor<4x4xf32>, tensor<1x4xf32>
  return %3 : tensor<4x4xf32>
}

// Exponentials of one value over the sum of another's.
// CHECK-LABEL: func.func @other_value(
func.func @other_value(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary exp %x : tensor<?x4xf32>
  %1 = transformer.unary exp %y : tensor<?x4xf32>
  %2 = transformer.reduce sum %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary div %0, %2 : tensor<?x4xf32>, tensor<?x1xf32>
  return %3 : tensor<?x4xf32>
}
