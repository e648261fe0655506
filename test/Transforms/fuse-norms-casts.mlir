// RUN: transom-opt --fuse-norms --canonicalize %s | FileCheck %s

// Norms of half-precision graphs that run in f32.

// Narrowed, then times a weight in f16.
// CHECK-LABEL: func.func @rms_f16_weight_after(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf16> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @rms_f16_weight_after(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf16>
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xf16>
  %7 = transformer.binary mul %6, %w : tensor<?x4xf16>, tensor<4xf16>
  return %7 : tensor<?x4xf16>
}

// The same in bf16.
// CHECK-LABEL: func.func @rms_bf16_weight_after(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xbf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xbf16> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @rms_bf16_weight_after(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xbf16>
  %0 = transformer.cast %x : tensor<?x4xbf16> to tensor<?x4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xbf16>
  %7 = transformer.binary mul %6, %w : tensor<?x4xbf16>, tensor<4xbf16>
  return %7 : tensor<?x4xbf16>
}

// The weight widened and multiplied in f32.
// CHECK-LABEL: func.func @rms_weight_widened(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf16> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @rms_weight_widened(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf16>
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %w : tensor<4xf16> to tensor<4xf32>
  %7 = transformer.binary mul %6, %5 : tensor<4xf32>, tensor<?x4xf32>
  %8 = transformer.cast %7 : tensor<?x4xf32> to tensor<?x4xf16>
  return %8 : tensor<?x4xf16>
}

// A weight kept in f32, narrowed at the end.
// CHECK-LABEL: func.func @rms_weight_in_f32(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @rms_weight_in_f32(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.cast %x : tensor<?x4xbf16> to tensor<?x4xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x4xf32>, tensor<4xf32>
  %7 = transformer.cast %6 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %7 : tensor<?x4xbf16>
}

// A layer norm whose statistics run in f32.
// CHECK-LABEL: func.func @layer_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf16> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @layer_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf16>
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x4xf32>, tensor<?x1xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %3 = transformer.binary pow %2, %c1 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %5 = transformer.binary add %4, %c2 : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary rsqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary mul %2, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  %8 = transformer.cast %7 : tensor<?x4xf32> to tensor<?x4xf16>
  %9 = transformer.binary mul %8, %w : tensor<?x4xf16>, tensor<4xf16>
  return %9 : tensor<?x4xf16>
}

// With its weight in f32.
// CHECK-LABEL: func.func @layer_bf16_wide(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @layer_bf16_wide(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.cast %x : tensor<?x4xbf16> to tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x4xf32>, tensor<?x1xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %3 = transformer.binary pow %2, %c1 : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %5 = transformer.binary add %4, %c2 : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary rsqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary mul %2, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  %8 = transformer.binary mul %7, %w : tensor<?x4xf32>, tensor<4xf32>
  %9 = transformer.cast %8 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %9 : tensor<?x4xbf16>
}

// Only the square runs in f32.
// CHECK-LABEL: func.func @layer_square_widened(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @layer_square_widened(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf16>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf16>, tensor<?x1xf16>
  %2 = transformer.cast %1 : tensor<?x4xf16> to tensor<?x4xf32>
  %3 = transformer.binary mul %2, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c0 : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.cast %6 : tensor<?x1xf32> to tensor<?x1xf16>
  %8 = transformer.binary div %1, %7 : tensor<?x4xf16>, tensor<?x1xf16>
  return %8 : tensor<?x4xf16>
}

// The f32 result is read as well: nothing narrows.
// CHECK-LABEL: func.func @reads_wide_result(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> (tensor<?x4xf16>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[V0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[V2]], %[[V1]] : tensor<?x4xf16>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @reads_wide_result(%x: tensor<?x4xf16>) -> (tensor<?x4xf16>, tensor<?x4xf32>) {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xf16>
  return %6, %5 : tensor<?x4xf16>, tensor<?x4xf32>
}

// Widened from f16 and narrowed to bf16: the casts stay.
// CHECK-LABEL: func.func @other_type_after(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[V0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf32> to tensor<?x4xbf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @other_type_after(%x: tensor<?x4xf16>) -> tensor<?x4xbf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %6 : tensor<?x4xbf16>
}

// From f64: rounding to f32 first is no widening.
// CHECK-LABEL: func.func @from_double(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf64>) -> tensor<?x4xf64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf64> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[V0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf32> to tensor<?x4xf64>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf64>
// CHECK-NEXT: }
func.func @from_double(%x: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %0 = transformer.cast %x : tensor<?x4xf64> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %0, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xf64>
  return %6 : tensor<?x4xf64>
}
