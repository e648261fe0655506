// RUN: transom-opt --fuse-norms=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.rms_norm --implicit-check-not=transformer.layer_norm

// Nearly norms: each stays as it is, with the reason where it is a near miss.

// sqrt(mean) + e, in a layer norm.
// CHECK-LABEL: func.func @epsilon_after_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary sub %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce mean %[[V3]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.unary sqrt %[[V4]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V5]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V2]], %[[V6]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @epsilon_after_root(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %4 = transformer.unary sqrt %3 : tensor<?x1xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c0 : tensor<?x1xf32>, tensor<f32>
  // expected-remark @+1 {{norm stays in pieces: epsilon stands outside the root}}
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  return %6 : tensor<?x4xf32>
}

// e + sqrt(mean), times the reciprocal.
// CHECK-LABEL: func.func @epsilon_after_root_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary sqrt %[[V2]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V0]], %[[V3]] : tensor<f32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.unary reciprocal %[[V4]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[A0]], %[[V5]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @epsilon_after_root_left(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %3 = transformer.binary add %c0, %2 : tensor<f32>, tensor<?x1xf32>
  %4 = transformer.unary reciprocal %3 : tensor<?x1xf32>
  // expected-remark @+1 {{norm stays in pieces: epsilon stands outside the root}}
  %5 = transformer.binary mul %x, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %5 : tensor<?x4xf32>
}

// An epsilon below zero.
// CHECK-LABEL: func.func @negative_epsilon(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary sub %[[V2]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @negative_epsilon(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{norm stays in pieces: epsilon is negative}}
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary sub %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// Statistics over the batch.
// CHECK-LABEL: func.func @first_dim(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32>) -> tensor<4x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 0>, keepdims}> : tensor<4x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<1x8xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<1x8xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<4x8xf32>, tensor<1x8xf32>
// CHECK-NEXT: return %[[V5]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @first_dim(%x: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %0 = transformer.binary mul %x, %x : tensor<4x8xf32>, tensor<4x8xf32>
  // expected-remark @+1 {{norm stays in pieces: the statistics are not over trailing dims}}
  %1 = transformer.reduce mean %0 <{axes = array<i64: 0>, keepdims}> : tensor<4x8xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<1x8xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<1x8xf32>
  %4 = transformer.binary div %x, %3 : tensor<4x8xf32>, tensor<1x8xf32>
  return %4 : tensor<4x8xf32>
}

// Over the first and last dim, not the middle one.
// CHECK-LABEL: func.func @outer_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x3x8xf32>) -> tensor<4x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<4x3x8xf32>, tensor<4x3x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 0, 2>, keepdims}> : tensor<4x3x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<1x3x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<1x3x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<4x3x8xf32>, tensor<1x3x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<4x3x8xf32>
// CHECK-NEXT: }
func.func @outer_dims(%x: tensor<4x3x8xf32>) -> tensor<4x3x8xf32> {
  %0 = transformer.binary mul %x, %x : tensor<4x3x8xf32>, tensor<4x3x8xf32>
  // expected-remark @+1 {{norm stays in pieces: the statistics are not over trailing dims}}
  %1 = transformer.reduce mean %0 <{axes = array<i64: 0, 2>, keepdims}> : tensor<4x3x8xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<1x3x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<1x3x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<4x3x8xf32>, tensor<1x3x1xf32>
  return %4 : tensor<4x3x8xf32>
}

// The mean without its dim: rows and columns of a square are mixed up.
// CHECK-LABEL: func.func @dropped_dim(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x4xf32>) -> tensor<4x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 1>}> : tensor<4x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<4xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<4x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V5]] : tensor<4x4xf32>
// CHECK-NEXT: }
func.func @dropped_dim(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<4x4xf32>, tensor<4x4xf32>
  // expected-remark @+1 {{norm stays in pieces: the statistics do not keep the reduced dims}}
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>}> : tensor<4x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<4xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<4xf32>
  %4 = transformer.binary div %x, %3 : tensor<4x4xf32>, tensor<4xf32>
  return %4 : tensor<4x4xf32>
}

// A sum over a dim of unknown size, times a quarter.
// CHECK-LABEL: func.func @sum_over_unknown(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?xf32>) -> tensor<?x?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x?xf32>, tensor<?x?xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reduce sum %[[V2]] <{axes = array<i64: 1>, keepdims}> : tensor<?x?xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[V3]], %[[V1]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary sqrt %[[V5]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[A0]], %[[V6]] : tensor<?x?xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<?x?xf32>
// CHECK-NEXT: }
func.func @sum_over_unknown(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x?xf32>, tensor<?x?xf32>
  // expected-remark @+1 {{norm stays in pieces: a sum over a dynamic dim is no known mean}}
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x?xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %3 = transformer.binary add %2, %c1 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary sqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary div %x, %4 : tensor<?x?xf32>, tensor<?x1xf32>
  return %5 : tensor<?x?xf32>
}

// Divided by n - 1.
// CHECK-LABEL: func.func @sum_over_three(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary sub %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[V3]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V4]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[V5]], %[[V1]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V6]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.unary sqrt %[[V7]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary div %[[V3]], %[[V8]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V9]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @sum_over_three(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{norm stays in pieces: the sum of squares is not divided by the number of elements}}
  %3 = transformer.reduce sum %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %4 = transformer.binary div %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c1 : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary div %1, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  return %7 : tensor<?x4xf32>
}

// The L2 norm: no mean at all.
// CHECK-LABEL: func.func @plain_sum(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @plain_sum(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{norm stays in pieces: the sum of squares is not divided by the number of elements}}
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// Another value over the root.
// CHECK-LABEL: func.func @other_value_divided(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A1]], %[[V4]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @other_value_divided(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  // expected-remark @+1 {{norm stays in pieces: another value is divided than the one that is squared}}
  %4 = transformer.binary div %y, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// x over the deviation's root: the mean is not taken off.
// CHECK-LABEL: func.func @undeviated_value(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary sub %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce mean %[[V3]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary sqrt %[[V5]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[A0]], %[[V6]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @undeviated_value(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  // expected-remark @+1 {{norm stays in pieces: another value is divided than the one that is squared}}
  %6 = transformer.binary div %x, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  return %6 : tensor<?x4xf32>
}

// A mean of cubes.
// CHECK-LABEL: func.func @cube(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary pow %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reduce mean %[[V2]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V3]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.unary sqrt %[[V4]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[A0]], %[[V5]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @cube(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// A mean of products of two values.
// CHECK-LABEL: func.func @product_of_two(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @product_of_two(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %y : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// The root of the largest square.
// CHECK-LABEL: func.func @largest(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce max %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[V3]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[A0]], %[[V4]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @largest(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce max %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// The fourth root.
// CHECK-LABEL: func.func @other_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reduce mean %[[V2]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V3]], %[[V1]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary pow %[[V4]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[A0]], %[[V5]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @other_root(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %c1 = transformer.constant dense<-0.25> : tensor<f32>
  %3 = transformer.binary pow %2, %c1 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// Twice the norm: a factor that no weight holds.
// CHECK-LABEL: func.func @doubled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<2.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[V1]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce mean %[[V3]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary rsqrt %[[V5]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V2]], %[[V6]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @doubled(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %3 = transformer.binary add %2, %c1 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %5 : tensor<?x4xf32>
}

// A weight for every element, multiplied in before the quotient.
// CHECK-LABEL: func.func @scale_of_all_before(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x4xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<9.99999974E-6> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<8x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[V1]] : tensor<8x4xf32>, tensor<8x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<8x4xf32>, tensor<8x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce mean %[[V3]] <{axes = array<i64: 1>, keepdims}> : tensor<8x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V0]] : tensor<8x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary rsqrt %[[V5]] : tensor<8x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary mul %[[V2]], %[[V6]] : tensor<8x4xf32>, tensor<8x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @scale_of_all_before(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<8x4xf32>
  %0 = transformer.binary mul %x, %w : tensor<8x4xf32>, tensor<8x4xf32>
  %1 = transformer.binary mul %x, %x : tensor<8x4xf32>, tensor<8x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<8x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %3 = transformer.binary add %2, %c0 : tensor<8x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<8x1xf32>
  // expected-remark @+1 {{norm stays in pieces: the scale is not over the normalised dims}}
  %5 = transformer.binary mul %0, %4 : tensor<8x4xf32>, tensor<8x1xf32>
  return %5 : tensor<8x4xf32>
}

// A row over the roots of many rows.
// CHECK-LABEL: func.func @enlarged(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x4xf32>, %[[A1:[^:]+]]: tensor<3x1xf32>) -> tensor<3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<1x4xf32>, tensor<1x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce mean %[[V0]] <{axes = array<i64: 1>, keepdims}> : tensor<1x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[A1]] : tensor<1x1xf32>, tensor<3x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary sqrt %[[V2]] : tensor<3x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary div %[[A0]], %[[V3]] : tensor<1x4xf32>, tensor<3x1xf32>
// CHECK-NEXT: return %[[V4]] : tensor<3x4xf32>
// CHECK-NEXT: }
func.func @enlarged(%x: tensor<1x4xf32>, %e: tensor<3x1xf32>) -> tensor<3x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<1x4xf32>, tensor<1x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<1x4xf32>
  %2 = transformer.binary add %1, %e : tensor<1x1xf32>, tensor<3x1xf32>
  %3 = transformer.unary sqrt %2 : tensor<3x1xf32>
  %4 = transformer.binary div %x, %3 : tensor<1x4xf32>, tensor<3x1xf32>
  return %4 : tensor<3x4xf32>
}
