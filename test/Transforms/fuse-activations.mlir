// RUN: transom-opt --fuse-activations %s | FileCheck %s

// x * (1 + erf(x / √2)) * 0.5, as TorchScript writes it.
// CHECK-LABEL: func.func @gelu_half_last
// CHECK: %[[Y:.*]] = transformer.unary gelu %arg0 : tensor<?x4xf32>
// CHECK-NEXT: return %[[Y]]
func.func @gelu_half_last(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %root = transformer.constant dense<1.41421354> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary div %x, %root : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary add %1, %one : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %3, %half : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// (0.5 x) * (1 + erf(0.7071 x)), and the gate halved.
// CHECK-LABEL: func.func @gelu_other_orders
// CHECK: %[[A:.*]] = transformer.unary gelu %arg0
// CHECK: %[[B:.*]] = transformer.unary gelu %arg1
// CHECK-NEXT: return %[[A]], %[[B]]
func.func @gelu_other_orders(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %root = transformer.constant dense<0.707106769> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<1xf32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %root, %x : tensor<f32>, tensor<?x4xf32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary add %one, %1 : tensor<1xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %x, %half : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary mul %3, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %y, %root : tensor<?x4xf32>, tensor<f32>
  %6 = transformer.unary erf %5 : tensor<?x4xf32>
  %7 = transformer.binary mul %6, %half : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.binary add %7, %half : tensor<?x4xf32>, tensor<f32>
  %9 = transformer.binary mul %8, %y : tensor<?x4xf32>, tensor<?x4xf32>
  return %4, %9 : tensor<?x4xf32>, tensor<?x4xf32>
}

// BLOOM: 0.5 x (1 + tanh(0.79788456 x (1 + 0.044715 x x))).
// CHECK-LABEL: func.func @gelu_tanh_horner
// CHECK: %[[Y:.*]] = transformer.unary gelu_tanh %arg0
// CHECK-NEXT: return %[[Y]]
func.func @gelu_tanh_horner(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = transformer.constant dense<0.79788456> : tensor<f32>
  %c = transformer.constant dense<0.044715> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %half : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary mul %x, %a : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.binary mul %x, %c : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %2, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary add %3, %one : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.binary mul %1, %4 : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.unary tanh %5 : tensor<?x4xf32>
  %7 = transformer.binary add %6, %one : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.binary mul %0, %7 : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// GPT-2: 0.5 x (1 + tanh(√(2/π) (x + 0.044715 x³))).
// CHECK-LABEL: func.func @gelu_tanh_cube
// CHECK: %[[Y:.*]] = transformer.unary gelu_tanh %arg0
// CHECK-NEXT: return %[[Y]]
func.func @gelu_tanh_cube(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = transformer.constant dense<0.797884583> : tensor<f32>
  %c = transformer.constant dense<0.044715> : tensor<f32>
  %three = transformer.constant dense<3.0> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary pow %x, %three : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary mul %0, %c : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.binary add %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %2, %a : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.unary tanh %3 : tensor<?x4xf32>
  %5 = transformer.binary add %4, %one : tensor<?x4xf32>, tensor<f32>
  %6 = transformer.binary mul %x, %half : tensor<?x4xf32>, tensor<f32>
  %7 = transformer.binary mul %6, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// Sigmoid gates; the gate of a gated unit stays a factor of its own.
// CHECK-LABEL: func.func @sigmoid_gates
// CHECK: %[[A:.*]] = transformer.unary silu %arg0
// CHECK: %[[B:.*]] = transformer.binary mul %[[A]], %arg1
// CHECK: %[[C:.*]] = transformer.unary silu %arg1
// CHECK: %[[D:.*]] = transformer.unary quick_gelu %arg0
// CHECK: %[[E:.*]] = transformer.unary relu_squared %arg1
// CHECK: return %[[B]], %[[C]], %[[D]], %[[E]]
func.func @sigmoid_gates(%x: tensor<?x4xf32>, %up: tensor<?x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %two = transformer.constant dense<2.0> : tensor<f32>
  %a = transformer.constant dense<1.702> : tensor<f32>
  %0 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary mul %1, %up : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.unary neg %up : tensor<?x4xf32>
  %4 = transformer.unary exp %3 : tensor<?x4xf32>
  %5 = transformer.binary add %4, %one : tensor<?x4xf32>, tensor<f32>
  %6 = transformer.binary div %up, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary mul %x, %a : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.unary sigmoid %7 : tensor<?x4xf32>
  %9 = transformer.binary mul %x, %8 : tensor<?x4xf32>, tensor<?x4xf32>
  %10 = transformer.unary relu %up : tensor<?x4xf32>
  %11 = transformer.binary pow %10, %two : tensor<?x4xf32>, tensor<f32>
  return %2, %6, %9, %11 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// Half precision with the activation in f32.
// CHECK-LABEL: func.func @silu_f16
// CHECK: %[[Y:.*]] = transformer.unary silu %arg0 : tensor<?x4xf16>
// CHECK-NEXT: return %[[Y]]
func.func @silu_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.cast %2 : tensor<?x4xf32> to tensor<?x4xf16>
  return %3 : tensor<?x4xf16>
}
