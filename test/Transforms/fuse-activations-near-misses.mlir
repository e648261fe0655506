// RUN: transom-opt --fuse-activations=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not='unary gelu' --implicit-check-not='unary quick' --implicit-check-not=relu_squared

// Other functions than those that are fused, with the argument that is said of near misses.

// erf(x / 1.5).
// CHECK-LABEL: func.func @other_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<1.500000e+00> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary erf %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[A0]], %[[V5]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V6]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: return %[[V7]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @other_root(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.5> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, 0.666667 x, is that of no known activation}}
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// sigmoid(1.6 x).
// CHECK-LABEL: func.func @other_slope(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.600000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary sigmoid %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @other_slope(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.6> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, 1.6 x, is that of no known activation}}
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// sigmoid(-x).
// CHECK-LABEL: func.func @negative_slope(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary neg %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary sigmoid %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @negative_slope(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary neg %x : tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, -1 x, is that of no known activation}}
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// x / (1 + exp(x)): the sign of the argument is another.
// CHECK-LABEL: func.func @grown_exponential(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @grown_exponential(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary exp %x : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %0, %c0 : tensor<?x4xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, -1 x, is that of no known activation}}
  %2 = transformer.binary div %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// 0.05 x³ in the tanh form.
// CHECK-LABEL: func.func @other_cubic(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.797884583> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary pow %[[A0]], %[[V3]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V6]], %[[V2]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[A0]], %[[V7]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.unary tanh %[[V9]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary add %[[V10]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary mul %[[V5]], %[[V11]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V12]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @other_cubic(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<3.0> : tensor<f32>
  %1 = transformer.binary pow %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %c2 = transformer.constant dense<0.05> : tensor<f32>
  %2 = transformer.binary mul %1, %c2 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary add %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c3 = transformer.constant dense<0.797884583> : tensor<f32>
  %4 = transformer.binary mul %3, %c3 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.unary tanh %4 : tensor<?x4xf32>
  %c4 = transformer.constant dense<1.0> : tensor<f32>
  %6 = transformer.binary add %5, %c4 : tensor<?x4xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, 0.797885 x + 0.0398942 x^3, is that of no known activation}}
  %7 = transformer.binary mul %0, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// A cubic argument of erf.
// CHECK-LABEL: func.func @erf_with_cubic(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.707106769> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<4.471500e-02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary pow %[[A0]], %[[V3]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V6]], %[[V2]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[A0]], %[[V7]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.unary erf %[[V9]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary add %[[V10]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary mul %[[V5]], %[[V11]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V12]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_with_cubic(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %c1 = transformer.constant dense<3.0> : tensor<f32>
  %1 = transformer.binary pow %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %c2 = transformer.constant dense<0.044715> : tensor<f32>
  %2 = transformer.binary mul %1, %c2 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary add %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c3 = transformer.constant dense<0.707106769> : tensor<f32>
  %4 = transformer.binary mul %3, %c3 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.unary erf %4 : tensor<?x4xf32>
  %c4 = transformer.constant dense<1.0> : tensor<f32>
  %6 = transformer.binary add %5, %c4 : tensor<?x4xf32>, tensor<f32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, 0.707107 x + 0.0316183 x^3, is that of no known activation}}
  %7 = transformer.binary mul %0, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// sigmoid(x + 1).
// CHECK-LABEL: func.func @offset_argument(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[A0]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary sigmoid %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @offset_argument(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary add %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  // expected-remark @+1 {{activation stays in pieces: the gate's argument, 1 + 1 x, is that of no known activation}}
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// sigmoid(x²): no linear term.
// CHECK-LABEL: func.func @square_argument(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary sigmoid %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @square_argument(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// x (1 + erf): twice a GELU.
// CHECK-LABEL: func.func @missing_half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.41421354> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary div %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary erf %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V3]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @missing_half(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// A quarter instead of a half.
// CHECK-LABEL: func.func @quarter(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<1.41421354> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary erf %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[A0]], %[[V5]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V6]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: return %[[V7]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @quarter(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// x erf: no one is added.
// CHECK-LABEL: func.func @erf_alone(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.41421354> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary div %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary erf %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[A0]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @erf_alone(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %c1 = transformer.constant dense<0.5> : tensor<f32>
  %3 = transformer.binary mul %2, %c1 : tensor<?x4xf32>, tensor<f32>
  return %3 : tensor<?x4xf32>
}

// 2 + erf.
// CHECK-LABEL: func.func @two_added(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<2.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<1.41421354> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary erf %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[A0]], %[[V5]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V6]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: return %[[V7]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @two_added(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<1.41421354> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %c2 = transformer.constant dense<0.5> : tensor<f32>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf32>, tensor<f32>
  return %4 : tensor<?x4xf32>
}

// x / (0.5 + exp(-x)).
// CHECK-LABEL: func.func @half_in_the_exponential(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary neg %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary exp %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary div %[[A0]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @half_in_the_exponential(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary neg %x : tensor<?x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary div %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// x² sigmoid(x).
// CHECK-LABEL: func.func @squared_value(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary sigmoid %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V0]], %[[V1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @squared_value(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// relu(x)³.
// CHECK-LABEL: func.func @relu_cubed(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary relu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary pow %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @relu_cubed(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c0 : tensor<?x4xf32>, tensor<f32>
  return %1 : tensor<?x4xf32>
}

// relu(x) relu(-x).
// CHECK-LABEL: func.func @two_relus(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary neg %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary relu %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V0]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @two_relus(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary relu %x : tensor<?x4xf32>
  %1 = transformer.unary neg %x : tensor<?x4xf32>
  %2 = transformer.unary relu %1 : tensor<?x4xf32>
  %3 = transformer.binary mul %0, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// The gate is of y.
// CHECK-LABEL: func.func @gate_of_another_value(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary sigmoid %[[A1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[V0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @gate_of_another_value(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary sigmoid %y : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// A row gated by the gate of itself, enlarged: no elementwise function.
// CHECK-LABEL: func.func @gate_of_more_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x4xf32>, %[[A1:[^:]+]]: tensor<3x1xf32>) -> tensor<3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<1x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<1x4xf32>, tensor<3x1xf32>
// CHECK-NEXT: return %[[V1]] : tensor<3x4xf32>
// CHECK-NEXT: }
func.func @gate_of_more_rows(%x: tensor<1x4xf32>, %y: tensor<3x1xf32>) -> tensor<3x4xf32> {
  %0 = transformer.unary sigmoid %x : tensor<1x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<1x4xf32>, tensor<1x4xf32>
  %2 = transformer.binary mul %1, %y : tensor<1x4xf32>, tensor<3x1xf32>
  return %2 : tensor<3x4xf32>
}

// x tanh(softplus(x)): another activation.
// CHECK-LABEL: func.func @mish(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary softplus %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary tanh %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @mish(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary softplus %x : tensor<?x4xf32>
  %1 = transformer.unary tanh %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// x / (1 + |x|).
// CHECK-LABEL: func.func @softsign(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary abs %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @softsign(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary abs %x : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %0, %c0 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.binary div %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}
