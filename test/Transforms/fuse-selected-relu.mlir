// RUN: transom-opt --fuse-activations --canonicalize %s | FileCheck %s

// ReLU as a choice between x and zero.

// x > 0 ? x : 0.
// CHECK-LABEL: func.func @above(
// CHECK: %[[R:.+]] = transformer.unary relu %arg0
// CHECK-NEXT: return %[[R]]
func.func @above(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %x, %zero : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// 0 < x ? x : 0.
// CHECK-LABEL: func.func @below(
// CHECK: %[[R:.+]] = transformer.unary relu %arg0
// CHECK-NEXT: return %[[R]]
func.func @below(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare lt %zero, %x : tensor<f32>, tensor<4x8xf32>
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// x >= 0 ? x : 0.
// CHECK-LABEL: func.func @not_below(
// CHECK: %[[R:.+]] = transformer.unary relu %arg0
// CHECK-NEXT: return %[[R]]
func.func @not_below(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare ge %x, %zero : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.select %0, %x, %zero : tensor<4x8xi1>, tensor<4x8xf32>, tensor<f32>
  return %1 : tensor<4x8xf32>
}

// x < 0 ? 0 : x.
// CHECK-LABEL: func.func @others(
// CHECK: %[[R:.+]] = transformer.unary relu %arg0
// CHECK-NEXT: return %[[R]]
func.func @others(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare lt %x, %zero : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.select %0, %zero, %x : tensor<4x8xi1>, tensor<f32>, tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// 0 >= x ? 0 : x.
// CHECK-LABEL: func.func @others_above(
// CHECK: %[[R:.+]] = transformer.unary relu %arg0
// CHECK-NEXT: return %[[R]]
func.func @others_above(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %bound = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare ge %zero, %x : tensor<f32>, tensor<4x8xf32>
  %1 = transformer.select %0, %zero, %x : tensor<4x8xi1>, tensor<f32>, tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}
