// RUN: transom-opt --fuse-norms --canonicalize %s | FileCheck %s

// The spellings of an RMS norm: each becomes one op with the weight and the epsilon in it.

// x / sqrt(mean(x^2) + e) * w.
// CHECK-LABEL: func.func @pow_sqrt_div(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @pow_sqrt_div(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %5 : tensor<?x?x4xf32>
}

// x * rsqrt(mean(x x) + e) * w.
// CHECK-LABEL: func.func @square_rsqrt(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @square_rsqrt(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.binary mul %x, %x : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c1 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %5 : tensor<?x?x4xf32>
}

// x / (e + mean(x^2))^0.5, w on the left.
// CHECK-LABEL: func.func @power_of_a_half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @power_of_a_half(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %c3 = transformer.constant dense<0.5> : tensor<f32>
  %3 = transformer.binary pow %2, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %4 = transformer.binary div %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %w, %4 : tensor<4xf32>, tensor<?x?x4xf32>
  return %5 : tensor<?x?x4xf32>
}

// (mean(x^2) + e)^-0.5.
// CHECK-LABEL: func.func @power_of_minus_a_half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @power_of_minus_a_half(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %c3 = transformer.constant dense<-0.5> : tensor<f32>
  %3 = transformer.binary pow %2, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %4 = transformer.binary mul %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %5 : tensor<?x?x4xf32>
}

// The exponent as an integer, as opset 15 allows.
// CHECK-LABEL: func.func @exponent_of_integers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @exponent_of_integers(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2> : tensor<i64>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<i64>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %5 : tensor<?x?x4xf32>
}

// e + mean, 1 / root on the left.
// CHECK-LABEL: func.func @epsilon_on_the_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @epsilon_on_the_left(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %c2, %1 : tensor<f32>, tensor<?x?x1xf32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %c3 = transformer.constant dense<1.0> : tensor<f32>
  %4 = transformer.binary div %c3, %3 : tensor<f32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %x : tensor<?x?x1xf32>, tensor<?x?x4xf32>
  %6 = transformer.binary mul %w, %5 : tensor<4xf32>, tensor<?x?x4xf32>
  return %6 : tensor<?x?x4xf32>
}

// A sum over four features divided by four.
// CHECK-LABEL: func.func @sum_divided(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @sum_divided(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<4.0> : tensor<f32>
  %2 = transformer.binary div %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %c3 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %6 : tensor<?x?x4xf32>
}

// A quarter of the sum.
// CHECK-LABEL: func.func @sum_times_a_quarter(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @sum_times_a_quarter(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.binary mul %x, %x : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c1 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %c1, %1 : tensor<f32>, tensor<?x?x1xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %6 : tensor<?x?x4xf32>
}

// (w x) * rsqrt: the weight first.
// CHECK-LABEL: func.func @scale_before_the_quotient(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @scale_before_the_quotient(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary mul %w, %x : tensor<4xf32>, tensor<?x?x4xf32>
  %5 = transformer.binary mul %4, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  return %5 : tensor<?x?x4xf32>
}

// x * (rsqrt * w).
// CHECK-LABEL: func.func @scale_on_the_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @scale_on_the_root(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary mul %3, %w : tensor<?x?x1xf32>, tensor<4xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  return %5 : tensor<?x?x4xf32>
}

// (x w) / sqrt.
// CHECK-LABEL: func.func @scaled_value_over_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @scaled_value_over_root(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary mul %x, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %5 = transformer.binary div %4, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  return %5 : tensor<?x?x4xf32>
}

// No weight at all.
// CHECK-LABEL: func.func @no_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<2x3x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x3x4xf32>
// CHECK-NEXT: }
func.func @no_scale(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<2x3x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<2x3x4xf32>
  %c1 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<2x3x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<2x3x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<2x3x4xf32>, tensor<2x3x1xf32>
  return %4 : tensor<2x3x4xf32>
}

// Rank 2, epsilon as a vector of one.
// CHECK-LABEL: func.func @matrix(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @matrix(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<1xf32>
  %2 = transformer.binary add %1, %c2 : tensor<?x1xf32>, tensor<1xf32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  %4 = transformer.unary reciprocal %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x4xf32>, tensor<4xf32>
  return %6 : tensor<?x4xf32>
}

// The weight with leading ones loses them.
// CHECK-LABEL: func.func @leading_ones(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @leading_ones(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %w, %4 : tensor<1x1x4xf32>, tensor<?x?x4xf32>
  return %5 : tensor<?x?x4xf32>
}

// Epsilon of shape [1, 1, 1].
// CHECK-LABEL: func.func @epsilon_of_three_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @epsilon_of_three_dims(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<1x1x1xf32>
  %2 = transformer.binary add %1, %c2 : tensor<?x?x1xf32>, tensor<1x1x1xf32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %5 : tensor<?x?x4xf32>
}

// In f64.
// CHECK-LABEL: func.func @double(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf64>) -> tensor<?x4xf64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf64>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf64> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf64>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf64>
// CHECK-NEXT: }
func.func @double(%x: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf64>
  %c1 = transformer.constant dense<2.0> : tensor<f64>
  %0 = transformer.binary pow %x, %c1 : tensor<?x4xf64>, tensor<f64>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf64>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f64>
  %2 = transformer.binary add %1, %c2 : tensor<?x1xf64>, tensor<f64>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf64>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf64>, tensor<?x1xf64>
  %5 = transformer.binary mul %4, %w : tensor<?x4xf64>, tensor<4xf64>
  return %5 : tensor<?x4xf64>
}

// Mean over the last two dims.
// CHECK-LABEL: func.func @two_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x8xf32>) -> tensor<?x4x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x8xf32>
// CHECK-NEXT: }
func.func @two_dims(%x: tensor<?x4x8xf32>) -> tensor<?x4x8xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4x8xf32>, tensor<?x4x8xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1, 2>, keepdims}> : tensor<?x4x8xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4x8xf32>, tensor<?x1x1xf32>
  return %4 : tensor<?x4x8xf32>
}

// No epsilon is one of zero.
// CHECK-LABEL: func.func @no_epsilon(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 0.000000e+00 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @no_epsilon(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %3 = transformer.binary div %x, %2 : tensor<?x4xf32>, tensor<?x1xf32>
  return %3 : tensor<?x4xf32>
}

// Two numbers added make one epsilon.
// CHECK-LABEL: func.func @tiny_epsilon_and_offset(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 4.000000e-06 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @tiny_epsilon_and_offset(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %c1 = transformer.constant dense<3.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c1 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary sqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary div %x, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %5 : tensor<?x4xf32>
}

// Norm of each head of a query: QK-norm.
// CHECK-LABEL: func.func @query_norm(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4x16xf32>) -> tensor<?x?x4x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q_norm> : tensor<16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<16xf32> <{axis = 3 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x4x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4x16xf32>
// CHECK-NEXT: }
func.func @query_norm(%x: tensor<?x?x4x16xf32>) -> tensor<?x?x4x16xf32> {
  %q_norm = transformer.constant dense_resource<q_norm> : tensor<16xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x?x4x16xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 3>, keepdims}> : tensor<?x?x4x16xf32>
  %c1 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x?x4x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x?x4x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x?x4x16xf32>, tensor<?x?x4x1xf32>
  %5 = transformer.binary mul %4, %q_norm : tensor<?x?x4x16xf32>, tensor<16xf32>
  return %5 : tensor<?x?x4x16xf32>
}

// The square root of one mean serves two norms of one value.
// CHECK-LABEL: func.func @two_readers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @two_readers(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  %5 = transformer.binary mul %3, %x : tensor<?x1xf32>, tensor<?x4xf32>
  return %4, %5 : tensor<?x4xf32>, tensor<?x4xf32>
}

// The sum before the norm stays: it goes on as the residual.
// CHECK-LABEL: func.func @residual(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[V0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @residual(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = transformer.binary add %x, %y : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %5, %0 : tensor<?x4xf32>, tensor<?x4xf32>
}
