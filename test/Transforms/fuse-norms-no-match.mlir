// RUN: transom-opt --fuse-norms=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.rms_norm --implicit-check-not=transformer.layer_norm

// The epsilon outside the root (The Annotated Transformer).
// CHECK-LABEL: func.func @epsilon_outside_the_root
func.func @epsilon_outside_the_root(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %3 = transformer.binary add %2, %eps : tensor<?x1xf32>, tensor<f32>
  // expected-remark @+1 {{norm stays in pieces: epsilon stands outside the root}}
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// Statistics over a dim that is not the last.
// CHECK-LABEL: func.func @inner_dim
func.func @inner_dim(%x: tensor<?x4x8xf32>) -> tensor<?x4x8xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4x8xf32>, tensor<?x4x8xf32>
  // expected-remark @+1 {{norm stays in pieces: the statistics are not over trailing dims}}
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4x8xf32>
  %2 = transformer.binary add %1, %eps : tensor<?x1x8xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1x8xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4x8xf32>, tensor<?x1x8xf32>
  return %4 : tensor<?x4x8xf32>
}

// The unbiased variance divides by n - 1.
// CHECK-LABEL: func.func @unbiased
func.func @unbiased(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %three = transformer.constant dense<3.0> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{norm stays in pieces: the sum of squares is not divided by the number of elements}}
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary div %1, %three : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.binary add %2, %eps : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %5 : tensor<?x4xf32>
}

// Another value than the one squared is divided.
// CHECK-LABEL: func.func @other_value
func.func @other_value(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary add %1, %eps : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  // expected-remark @+1 {{norm stays in pieces: another value is divided than the one that is squared}}
  %4 = transformer.binary mul %y, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}
