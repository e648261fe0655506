// RUN: transom-opt --fuse-activations --canonicalize %s | FileCheck %s

// The spellings of SiLU, QuickGELU and the squared ReLU.

// x sigmoid(x).
// CHECK-LABEL: func.func @silu_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// sigmoid(x) x.
// CHECK-LABEL: func.func @silu_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_left(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %1 = transformer.binary mul %0, %x : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// x / (1 + exp(-x)).
// CHECK-LABEL: func.func @silu_quotient(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_quotient(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary neg %x : tensor<?x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %c0, %1 : tensor<f32>, tensor<?x4xf32>
  %3 = transformer.binary div %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// x / (exp(-1 x) + 1).
// CHECK-LABEL: func.func @silu_negated_by_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_negated_by_product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<-1.0> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary div %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// x reciprocal(1 + exp(-x)).
// CHECK-LABEL: func.func @silu_reciprocal(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_reciprocal(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary neg %x : tensor<?x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.unary reciprocal %2 : tensor<?x4xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// (1 / (1 + exp(-x))) x.
// CHECK-LABEL: func.func @silu_one_over(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_one_over(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary neg %x : tensor<?x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary div %c0, %2 : tensor<f32>, tensor<?x4xf32>
  %4 = transformer.binary mul %3, %x : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// x (1 + tanh(x / 2)) / 2: the same gate.
// CHECK-LABEL: func.func @silu_by_tanh(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @silu_by_tanh(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %3 = transformer.binary add %2, %c1 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary mul %0, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// x sigmoid(1.702 x).
// CHECK-LABEL: func.func @quick_gelu_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @quick_gelu_product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.702> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// sigmoid(1.702 x) x, the number on the left.
// CHECK-LABEL: func.func @quick_gelu_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @quick_gelu_left(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.702> : tensor<f32>
  %0 = transformer.binary mul %c0, %x : tensor<f32>, tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %1, %x : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// x / (1 + exp(-1.702 x)).
// CHECK-LABEL: func.func @quick_gelu_quotient(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @quick_gelu_quotient(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<-1.702> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary div %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// The argument negated after the product.
// CHECK-LABEL: func.func @quick_gelu_negated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @quick_gelu_negated(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.702> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary neg %0 : tensor<?x4xf32>
  %2 = transformer.unary exp %1 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %3 = transformer.binary add %2, %c1 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// relu(x)².
// CHECK-LABEL: func.func @relu_squared_power(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu_squared %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @relu_squared_power(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c0 : tensor<?x4xf32>, tensor<f32>
  return %1 : tensor<?x4xf32>
}

// relu(x) relu(x).
// CHECK-LABEL: func.func @relu_squared_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu_squared %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @relu_squared_product(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %1 = transformer.binary mul %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// The exponent as an integer.
// CHECK-LABEL: func.func @relu_squared_integer(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu_squared %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @relu_squared_integer(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %c0 = transformer.constant dense<2> : tensor<i64>
  %1 = transformer.binary pow %0, %c0 : tensor<?x4xf32>, tensor<i64>
  return %1 : tensor<?x4xf32>
}

// A factor beside the activation stays one.
// CHECK-LABEL: func.func @other_factors_stay(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<scale> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @other_factors_stay(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %scale = transformer.constant dense_resource<scale> : tensor<4xf32>
  %0 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary mul %1, %scale : tensor<?x4xf32>, tensor<4xf32>
  return %2 : tensor<?x4xf32>
}

// x is computed: the gate is of the same value.
// CHECK-LABEL: func.func @gate_of_a_sum(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary silu %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @gate_of_a_sum(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary add %x, %y : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// No batch.
// CHECK-LABEL: func.func @row_vector(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xf32>) -> tensor<4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4xf32>
// CHECK-NEXT: }
func.func @row_vector(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = transformer.unary sigmoid %x : tensor<4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<4xf32>, tensor<4xf32>
  return %1 : tensor<4xf32>
}

// No dims at all.
// CHECK-LABEL: func.func @scalar_tensor(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<f32>) -> tensor<f32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<f32>
// CHECK-NEXT: return %[[V0]] : tensor<f32>
// CHECK-NEXT: }
func.func @scalar_tensor(%x: tensor<f32>) -> tensor<f32> {
  %0 = transformer.unary sigmoid %x : tensor<f32>
  %1 = transformer.binary mul %x, %0 : tensor<f32>, tensor<f32>
  return %1 : tensor<f32>
}
