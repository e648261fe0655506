// RUN: transom-opt --fuse-activations --canonicalize %s | FileCheck %s

// Activations whose product with x is multiplied out or never stands alone.

// x/2 + x/2 erf(x √½).
// CHECK-LABEL: func.func @erf_multiplied_out(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %{{.+}} : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @erf_multiplied_out(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.707106769> : tensor<f32>
  %c1 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %2, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary add %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// Halved apart, the gate's half first.
// CHECK-LABEL: func.func @tanh_multiplied_out(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %{{.+}} : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @tanh_multiplied_out(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.044715> : tensor<f32>
  %c1 = transformer.constant dense<0.797884583> : tensor<f32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %0, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary add %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %3, %c1 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.unary tanh %4 : tensor<?x4xf32>
  %6 = transformer.binary mul %5, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary div %6, %c2 : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.binary div %x, %c2 : tensor<?x4xf32>, tensor<f32>
  %9 = transformer.binary add %7, %8 : tensor<?x4xf32>, tensor<?x4xf32>
  return %9 : tensor<?x4xf32>
}

// SiLU by tanh.
// CHECK-LABEL: func.func @silu_multiplied_out(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %{{.+}} : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @silu_multiplied_out(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %c0, %x : tensor<f32>, tensor<?x4xf32>
  %1 = transformer.unary tanh %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary add %2, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// A third where a half belongs.
// CHECK-LABEL: func.func @a_third(
// CHECK-NOT: gelu
// CHECK: return
func.func @a_third(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.707106769> : tensor<f32>
  %c1 = transformer.constant dense<0.333333333> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %2, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary add %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// Half of one value, the other half of another.
// CHECK-LABEL: func.func @halves_of_two_values(
// CHECK-NOT: gelu
// CHECK: return
func.func @halves_of_two_values(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.707106769> : tensor<f32>
  %c1 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %2, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %y, %c1 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.binary add %4, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// The square of a maximum with 0.
// CHECK-LABEL: func.func @maximum_squared(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu_squared %{{.+}} : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @maximum_squared(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary max %c0, %x : tensor<f32>, tensor<?x4xf32>
  %1 = transformer.binary pow %0, %c1 : tensor<?x4xf32>, tensor<f32>
  return %1 : tensor<?x4xf32>
}

// x relu(x).
// CHECK-LABEL: func.func @value_times_relu(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu_squared %{{.+}} : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @value_times_relu(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// y relu(x), and a maximum with 1.
// CHECK-LABEL: func.func @other_relus(
// CHECK-NOT: relu_squared
// CHECK: transformer.binary max
// CHECK-NOT: relu_squared
// CHECK: return
func.func @other_relus(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %1 = transformer.binary mul %y, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary max %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %2, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary add %1, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// x y / (1 + exp(-x)): the product with the gate comes last.
// CHECK-LABEL: func.func @gate_divides_all(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[X:.+]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[V0]], %{{.+}} : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]]
func.func @gate_divides_all(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.unary neg %x : tensor<?x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %2 = transformer.binary add %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %y : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary div %3, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// (y x) sigmoid(1.702 x).
// CHECK-LABEL: func.func @gate_multiplies_all(
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %{{.+}} : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[V0]], %{{.+}} : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]]
func.func @gate_multiplies_all(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.702> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %y, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// y z sigmoid(x): no factor is what the gate is of.
// CHECK-LABEL: func.func @gate_of_none(
// CHECK: transformer.unary sigmoid
// CHECK-NOT: silu
// CHECK: return
func.func @gate_of_none(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>, %z: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %1 = transformer.binary mul %y, %z : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary mul %1, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
