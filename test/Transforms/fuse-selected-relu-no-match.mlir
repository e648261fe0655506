// RUN: transom-opt --fuse-activations=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// Choices between a value and zero that are no ReLU.

// What is below zero.
// CHECK-LABEL: func.func @negative(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @negative(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare lt %x, %zero : tensor<4x8xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: what is not above zero is kept}}
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// -----

// 0 > x ? x : 0.
// CHECK-LABEL: func.func @negative_left(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @negative_left(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %zero, %x : tensor<f32>, tensor<4x8xf32>
  // expected-remark @+1 {{activation stays in pieces: what is not above zero is kept}}
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// -----

// x > 0 ? 0 : x.
// CHECK-LABEL: func.func @others_negative(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @others_negative(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %x, %zero : tensor<4x8xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: what is not above zero is kept}}
  %1 = transformer.select %0, %zero, %x : tensor<4x8xi1>, tensor<f32>, tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// Above one.
// CHECK-LABEL: func.func @above_one(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @above_one(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.compare gt %x, %bound : tensor<4x8xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: what is above another number than zero is kept}}
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// -----

// All but one number.
// CHECK-LABEL: func.func @not_equal(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @not_equal(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.compare ne %x, %bound : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// -----

// Another value is kept.
// CHECK-LABEL: func.func @another_value(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @another_value(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %y, %zero : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// -----

// A part of what is below zero.
// CHECK-LABEL: func.func @leaky(
// CHECK-NOT: transformer.unary relu
// CHECK: return
func.func @leaky(%x: tensor<4x8xf32>, %y: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %x, %zero : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.select %0, %x, %y : tensor<4x8xi1>, tensor<4x8xf32>, tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}
