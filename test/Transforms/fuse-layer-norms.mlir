// RUN: transom-opt --cse --fuse-norms --canonicalize %s | FileCheck %s

// The spellings of a layer norm, with and without weight and bias.

// (x - mean) / sqrt(mean((x - mean)^2) + e) * w + b.
// CHECK-LABEL: func.func @torchscript(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @torchscript(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c2 : tensor<?x?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %7 = transformer.binary mul %6, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %8 = transformer.binary add %7, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %8 : tensor<?x?x4xf32>
}

// The deviation times rsqrt.
// CHECK-LABEL: func.func @rsqrt_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @rsqrt_product(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %5 = transformer.unary rsqrt %4 : tensor<?x?x1xf32>
  %6 = transformer.binary mul %1, %5 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %7 = transformer.binary mul %6, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %8 = transformer.binary add %7, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %8 : tensor<?x?x4xf32>
}

// Times 1 / sqrt.
// CHECK-LABEL: func.func @reciprocal_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @reciprocal_root(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c2 : tensor<?x?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x?x1xf32>
  %6 = transformer.unary reciprocal %5 : tensor<?x?x1xf32>
  %7 = transformer.binary mul %1, %6 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %8 = transformer.binary mul %7, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %9 = transformer.binary add %8, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %9 : tensor<?x?x4xf32>
}

// Times the power of minus a half.
// CHECK-LABEL: func.func @power(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @power(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c2 : tensor<?x?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %c4 = transformer.constant dense<-0.5> : tensor<f32>
  %5 = transformer.binary pow %4, %c4 : tensor<?x?x1xf32>, tensor<f32>
  %6 = transformer.binary mul %5, %1 : tensor<?x?x1xf32>, tensor<?x?x4xf32>
  %7 = transformer.binary mul %6, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %8 = transformer.binary add %7, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %8 : tensor<?x?x4xf32>
}

// Sums times a quarter for means.
// CHECK-LABEL: func.func @sums(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @sums(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce sum %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<0.25> : tensor<f32>
  %1 = transformer.binary mul %0, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %2 = transformer.binary sub %x, %1 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %3 = transformer.binary mul %2, %2 : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %4 = transformer.reduce sum %3 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %5 = transformer.binary mul %4, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %6 = transformer.binary add %5, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %7 = transformer.unary sqrt %6 : tensor<?x?x1xf32>
  %8 = transformer.binary div %2, %7 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %9 = transformer.binary mul %8, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %10 = transformer.binary add %9, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %10 : tensor<?x?x4xf32>
}

// (x - mean) * (rsqrt * w).
// CHECK-LABEL: func.func @weight_on_the_root(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @weight_on_the_root(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c2 : tensor<?x?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %5 = transformer.unary rsqrt %4 : tensor<?x?x1xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x?x1xf32>, tensor<4xf32>
  %7 = transformer.binary mul %1, %6 : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %8 = transformer.binary add %7, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %8 : tensor<?x?x4xf32>
}

// Without bias.
// CHECK-LABEL: func.func @no_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @no_bias(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c1 : tensor<?x?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c2 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c2 : tensor<?x?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %7 = transformer.binary mul %6, %w : tensor<?x?x4xf32>, tensor<4xf32>
  return %7 : tensor<?x?x4xf32>
}

// Without weight and bias.
// CHECK-LABEL: func.func @no_weight(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @no_weight(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c1 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c2 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  return %6 : tensor<?x4xf32>
}

// Without weight.
// CHECK-LABEL: func.func @bias_only(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.layer_norm %[[A0]] bias %[[V0]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @bias_only(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %2 = transformer.binary pow %1, %c2 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c3 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.binary add %6, %b : tensor<?x4xf32>, tensor<4xf32>
  return %7 : tensor<?x4xf32>
}

// The deviation computed twice (exporters of TensorFlow).
// CHECK-LABEL: func.func @deviation_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf32> bias %[[V1]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @deviation_twice(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %2 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %c2 = transformer.constant dense<2.0> : tensor<f32>
  %3 = transformer.binary pow %1, %c2 : tensor<?x?x4xf32>, tensor<f32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c3 : tensor<?x?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x?x1xf32>
  %7 = transformer.binary div %2, %6 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %8 = transformer.binary mul %7, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %9 = transformer.binary add %8, %b : tensor<?x?x4xf32>, tensor<4xf32>
  return %9 : tensor<?x?x4xf32>
}

// f64.
// CHECK-LABEL: func.func @in_double(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf64>) -> tensor<?x4xf64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf64>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] scale %[[V0]] : tensor<4xf64> bias %[[V1]] : tensor<4xf64> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf64>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf64>
// CHECK-NEXT: }
func.func @in_double(%x: tensor<?x4xf64>) -> tensor<?x4xf64> {
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf64>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf64>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf64>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf64>, tensor<?x1xf64>
  %c2 = transformer.constant dense<2.0> : tensor<f64>
  %2 = transformer.binary pow %1, %c2 : tensor<?x4xf64>, tensor<f64>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf64>
  %c3 = transformer.constant dense<1.0e-05> : tensor<f64>
  %4 = transformer.binary add %3, %c3 : tensor<?x1xf64>, tensor<f64>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf64>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf64>, tensor<?x1xf64>
  %7 = transformer.binary mul %6, %w : tensor<?x4xf64>, tensor<4xf64>
  %8 = transformer.binary add %7, %b : tensor<?x4xf64>, tensor<4xf64>
  return %8 : tensor<?x4xf64>
}

// Over channels, rows and columns together.
// CHECK-LABEL: func.func @image(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x2x3x4xf32>) -> tensor<?x2x3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x2x3x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x2x3x4xf32>
// CHECK-NEXT: }
func.func @image(%x: tensor<?x2x3x4xf32>) -> tensor<?x2x3x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1, 2, 3>, keepdims}> : tensor<?x2x3x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x2x3x4xf32>, tensor<?x1x1x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x2x3x4xf32>, tensor<?x2x3x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1, 2, 3>, keepdims}> : tensor<?x2x3x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1x1x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1x1x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x2x3x4xf32>, tensor<?x1x1x1xf32>
  return %6 : tensor<?x2x3x4xf32>
}

// The norm of a sum of embeddings.
// CHECK-LABEL: func.func @embedding_sum(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<beta> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gamma> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<?x?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.layer_norm %[[V2]] scale %[[V1]] : tensor<4xf32> bias %[[V0]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999996E-13 : f32}> : tensor<?x?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x?x4xf32>
// CHECK-NEXT: }
func.func @embedding_sum(%words: tensor<?x?x4xf32>, %places: tensor<?x4xf32>) -> tensor<?x?x4xf32> {
  %0 = transformer.binary add %words, %places : tensor<?x?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %gamma = transformer.constant dense_resource<gamma> : tensor<4xf32>
  %beta = transformer.constant dense_resource<beta> : tensor<4xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %3 = transformer.binary pow %2, %c0 : tensor<?x?x4xf32>, tensor<f32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %c1 = transformer.constant dense<1.0e-12> : tensor<f32>
  %5 = transformer.binary add %4, %c1 : tensor<?x?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x?x1xf32>
  %7 = transformer.binary div %2, %6 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %8 = transformer.binary mul %7, %gamma : tensor<?x?x4xf32>, tensor<4xf32>
  %9 = transformer.binary add %8, %beta : tensor<?x?x4xf32>, tensor<4xf32>
  return %9 : tensor<?x?x4xf32>
}

// DeepNorm: the residual scaled before the sum.
// CHECK-LABEL: func.func @deep_norm(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.layer_norm %[[V2]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @deep_norm(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<2.5> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.binary add %0, %y : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary sub %1, %2 : tensor<?x4xf32>, tensor<?x1xf32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %4 = transformer.binary pow %3, %c1 : tensor<?x4xf32>, tensor<f32>
  %5 = transformer.reduce mean %4 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-05> : tensor<f32>
  %6 = transformer.binary add %5, %c2 : tensor<?x1xf32>, tensor<f32>
  %7 = transformer.unary sqrt %6 : tensor<?x1xf32>
  %8 = transformer.binary div %3, %7 : tensor<?x4xf32>, tensor<?x1xf32>
  return %8 : tensor<?x4xf32>
}

// A norm before and one after.
// CHECK-LABEL: func.func @sandwich(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary gelu %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[V1]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @sandwich(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.unary gelu %6 : tensor<?x4xf32>
  %8 = transformer.reduce mean %7 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %9 = transformer.binary sub %7, %8 : tensor<?x4xf32>, tensor<?x1xf32>
  %10 = transformer.binary mul %9, %9 : tensor<?x4xf32>, tensor<?x4xf32>
  %11 = transformer.reduce mean %10 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %12 = transformer.binary add %11, %c0 : tensor<?x1xf32>, tensor<f32>
  %13 = transformer.unary sqrt %12 : tensor<?x1xf32>
  %14 = transformer.binary div %9, %13 : tensor<?x4xf32>, tensor<?x1xf32>
  return %14 : tensor<?x4xf32>
}

// Features of unknown number, a mean of them.
// CHECK-LABEL: func.func @dynamic_features(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?xf32>) -> tensor<?x?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x?xf32>
// CHECK-NEXT: }
func.func @dynamic_features(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x?xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x?xf32>, tensor<?x?xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x?xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x?xf32>, tensor<?x1xf32>
  return %6 : tensor<?x?xf32>
}
