// RUN: transom-opt --fuse-norms=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.rms_norm --implicit-check-not=transformer.layer_norm

// Norms that stay finite by something else than an epsilon under the root, and variances that are none.

// The mean is at least epsilon.
// CHECK-LABEL: func.func @mean_bounded(
func.func @mean_bounded(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary max %1, %eps : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  // expected-remark @+1 {{norm stays in pieces: epsilon is a lower bound, not added to the mean}}
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// The length is at least epsilon (torch's normalize); said of the quotient, not of the product around it.
// CHECK-LABEL: func.func @length_bounded(
func.func @length_bounded(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-12> : tensor<f32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %3 = transformer.binary max %2, %eps : tensor<?x1xf32>, tensor<f32>
  // expected-remark @+1 {{norm stays in pieces: epsilon is a lower bound, not added to the mean}}
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  %5 = transformer.binary mul %4, %c0 : tensor<?x4xf32>, tensor<f32>
  return %5 : tensor<?x4xf32>
}

// Epsilon is added to |x| / √n.
// CHECK-LABEL: func.func @epsilon_beside_length(
func.func @epsilon_beside_length(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %3 = transformer.binary div %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.binary add %3, %eps : tensor<?x1xf32>, tensor<f32>
  // expected-remark @+1 {{norm stays in pieces: epsilon stands outside the root}}
  %5 = transformer.binary div %x, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %5 : tensor<?x4xf32>
}

// The root of half the width.
// CHECK-LABEL: func.func @other_width(
func.func @other_width(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{norm stays in pieces: the sum of squares is not divided by the number of elements}}
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %3 = transformer.binary div %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// The mean of squares less the square of another value's mean.
// CHECK-LABEL: func.func @other_mean(
func.func @other_mean(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.reduce mean %y <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary mul %0, %0 : tensor<?x1xf32>, tensor<?x1xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>
  %5 = transformer.binary add %4, %eps : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %8 = transformer.binary div %7, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  return %8 : tensor<?x4xf32>
}

// The variance of a value, but what is divided is not centred.
// CHECK-LABEL: func.func @not_centred(
func.func @not_centred(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary mul %0, %0 : tensor<?x1xf32>, tensor<?x1xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>
  %5 = transformer.binary add %4, %eps : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  // expected-remark @+1 {{norm stays in pieces: another value is divided than the one that is squared}}
  %7 = transformer.binary div %x, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  return %7 : tensor<?x4xf32>
}
