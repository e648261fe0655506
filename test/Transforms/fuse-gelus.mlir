// RUN: transom-opt --fuse-activations --canonicalize %s | FileCheck %s

// The spellings of GELU: by erf, and by tanh, which a sigmoid is too.

// x (1 + erf(x / √2)) / 2, halved last.
// CHECK-LABEL: func.func @erf_product_halved(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_product_halved(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// (x / 2) (1 + erf(x √½)).
// CHECK-LABEL: func.func @erf_value_halved(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_value_halved(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.707106769> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %c1, %1 : tensor<f32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  %3 = transformer.binary mul %x, %c2 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary mul %3, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// x ((1 + erf) / 2).
// CHECK-LABEL: func.func @erf_gate_halved(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_gate_halved(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.707106769> : tensor<f32>
  %0 = transformer.binary mul %c0, %x : tensor<f32>, tensor<?x4xf32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  %3 = transformer.binary mul %2, %c2 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// Divided by two.
// CHECK-LABEL: func.func @erf_over_two(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_over_two(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %2, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %4 = transformer.binary div %3, %c2 : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// The half on the left of all.
// CHECK-LABEL: func.func @erf_half_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_half_first(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %c1, %1 : tensor<f32>, tensor<?x4xf32>
  %3 = transformer.binary mul %2, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  %4 = transformer.binary mul %c2, %3 : tensor<f32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// x (erf / 2 + ½).
// CHECK-LABEL: func.func @erf_half_inside(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_half_inside(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<0.5> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary add %2, %c1 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// erf less minus one.
// CHECK-LABEL: func.func @erf_minus_minus_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_minus_minus_one(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<-1.0> : tensor<f32>
  %2 = transformer.binary sub %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// In f64.
// CHECK-LABEL: func.func @erf_f64(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf64>) -> tensor<?x4xf64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf64>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf64>
// CHECK-NEXT: }
func.func @erf_f64(%x: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f64>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf64>, tensor<f64>
  %1 = transformer.unary erf %0 : tensor<?x4xf64>
  %c1 = transformer.constant dense<1.0> : tensor<f64>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf64>, tensor<f64>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf64>, tensor<?x4xf64>
  %c2 = transformer.constant dense<0.5> : tensor<f64>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf64>, tensor<f64>
  return %4 : tensor<?x4xf64>
}

// x³ as a power.
// CHECK-LABEL: func.func @tanh_power(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_power(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<0.044715> : tensor<f32>
  %1 = transformer.binary mul %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.binary add %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.797884583> : tensor<f32>
  %3 = transformer.binary mul %2, %c2 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.unary tanh %3 : tensor<?x4xf32>
  %c3 = transformer.constant dense<1.0> : tensor<f32>
  %5 = transformer.binary add %4, %c3 : tensor<?x4xf32>, tensor<f32>
  %c4 = transformer.constant dense<0.5> : tensor<f32>
  %6 = transformer.binary mul %x, %c4 : tensor<?x4xf32>, tensor<f32>
  %7 = transformer.binary mul %6, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// x³ as x x x, numbers on the left.
// CHECK-LABEL: func.func @tanh_products(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_products(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %0, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c0 = transformer.constant dense<0.044715> : tensor<f32>
  %2 = transformer.binary mul %c0, %1 : tensor<f32>, tensor<?x4xf32>
  %3 = transformer.binary add %2, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c1 = transformer.constant dense<0.797884583> : tensor<f32>
  %4 = transformer.binary mul %c1, %3 : tensor<f32>, tensor<?x4xf32>
  %5 = transformer.unary tanh %4 : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %6 = transformer.binary add %5, %c2 : tensor<?x4xf32>, tensor<f32>
  %7 = transformer.binary mul %x, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %c3 = transformer.constant dense<0.5> : tensor<f32>
  %8 = transformer.binary mul %7, %c3 : tensor<?x4xf32>, tensor<f32>
  return %8 : tensor<?x4xf32>
}

// x³ as x (x x).
// CHECK-LABEL: func.func @tanh_square_times(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_square_times(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %c0 = transformer.constant dense<0.044715> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary add %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c1 = transformer.constant dense<0.797884583> : tensor<f32>
  %4 = transformer.binary mul %3, %c1 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.unary tanh %4 : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %6 = transformer.binary add %5, %c2 : tensor<?x4xf32>, tensor<f32>
  %c3 = transformer.constant dense<0.5> : tensor<f32>
  %7 = transformer.binary mul %x, %c3 : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.binary mul %7, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// x³ as x² x.
// CHECK-LABEL: func.func @tanh_power_times(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_power_times(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary mul %0, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c1 = transformer.constant dense<0.044715> : tensor<f32>
  %2 = transformer.binary mul %c1, %1 : tensor<f32>, tensor<?x4xf32>
  %3 = transformer.binary add %2, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.797884583> : tensor<f32>
  %4 = transformer.binary mul %c2, %3 : tensor<f32>, tensor<?x4xf32>
  %5 = transformer.unary tanh %4 : tensor<?x4xf32>
  %c3 = transformer.constant dense<1.0> : tensor<f32>
  %6 = transformer.binary add %5, %c3 : tensor<?x4xf32>, tensor<f32>
  %c4 = transformer.constant dense<0.5> : tensor<f32>
  %7 = transformer.binary mul %x, %c4 : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.binary mul %7, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// a x + a c x³ with both products computed.
// CHECK-LABEL: func.func @tanh_multiplied_out(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_multiplied_out(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.797884583> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<3.0> : tensor<f32>
  %1 = transformer.binary pow %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %c2 = transformer.constant dense<0.0356774069> : tensor<f32>
  %2 = transformer.binary mul %1, %c2 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary add %0, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.unary tanh %3 : tensor<?x4xf32>
  %c3 = transformer.constant dense<1.0> : tensor<f32>
  %5 = transformer.binary add %4, %c3 : tensor<?x4xf32>, tensor<f32>
  %c4 = transformer.constant dense<0.5> : tensor<f32>
  %6 = transformer.binary mul %x, %c4 : tensor<?x4xf32>, tensor<f32>
  %7 = transformer.binary mul %6, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// a x (1 + c x x).
// CHECK-LABEL: func.func @tanh_horner(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_horner(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.797884583> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c1 = transformer.constant dense<0.044715> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.binary mul %0, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.unary tanh %4 : tensor<?x4xf32>
  %6 = transformer.binary add %5, %c2 : tensor<?x4xf32>, tensor<f32>
  %c3 = transformer.constant dense<0.5> : tensor<f32>
  %7 = transformer.binary mul %x, %c3 : tensor<?x4xf32>, tensor<f32>
  %8 = transformer.binary mul %7, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// x (a + a c x x).
// CHECK-LABEL: func.func @tanh_horner_multiplied_out(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_horner_multiplied_out(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %c0 = transformer.constant dense<0.0356774069> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<0.797884583> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.unary tanh %3 : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %5 = transformer.binary add %4, %c2 : tensor<?x4xf32>, tensor<f32>
  %c3 = transformer.constant dense<0.5> : tensor<f32>
  %6 = transformer.binary mul %x, %c3 : tensor<?x4xf32>, tensor<f32>
  %7 = transformer.binary mul %6, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// x sigmoid(2 u): the same function.
// CHECK-LABEL: func.func @tanh_as_sigmoid(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_as_sigmoid(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<0.044715> : tensor<f32>
  %1 = transformer.binary mul %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.binary add %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.797884583> : tensor<f32>
  %3 = transformer.binary mul %2, %c2 : tensor<?x4xf32>, tensor<f32>
  %c3 = transformer.constant dense<2.0> : tensor<f32>
  %4 = transformer.binary mul %3, %c3 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.unary sigmoid %4 : tensor<?x4xf32>
  %6 = transformer.binary mul %x, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  return %6 : tensor<?x4xf32>
}

// x / (1 + exp(-2 u)).
// CHECK-LABEL: func.func @tanh_as_exponential(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tanh_as_exponential(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<0.044715> : tensor<f32>
  %1 = transformer.binary mul %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.binary add %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.797884583> : tensor<f32>
  %3 = transformer.binary mul %2, %c2 : tensor<?x4xf32>, tensor<f32>
  %c3 = transformer.constant dense<-2.0> : tensor<f32>
  %4 = transformer.binary mul %3, %c3 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.unary exp %4 : tensor<?x4xf32>
  %c4 = transformer.constant dense<1.0> : tensor<f32>
  %6 = transformer.binary add %5, %c4 : tensor<?x4xf32>, tensor<f32>
  %7 = transformer.binary div %x, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}
