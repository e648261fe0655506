// RUN: transom-opt --fuse-norms --canonicalize %s | FileCheck %s

// What stands around a norm and does not go into it.

// A scale that is computed (adaptive norms) stays a product.
// CHECK-LABEL: func.func @computed_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @computed_scale(%x: tensor<?x4xf32>, %s: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  %5 = transformer.binary mul %4, %s : tensor<?x4xf32>, tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// Gemma: the weight is one more than the parameter, which is computed.
// CHECK-LABEL: func.func @parameter_plus_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V0]], %[[V1]] : tensor<4xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[V3]], %[[V2]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @parameter_plus_one(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary add %w, %c0 : tensor<4xf32>, tensor<f32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %x, %c1 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %3 = transformer.binary add %2, %c2 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.unary rsqrt %3 : tensor<?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.binary mul %5, %0 : tensor<?x4xf32>, tensor<4xf32>
  return %6 : tensor<?x4xf32>
}

// A weight per row is no scale of the normalised dims.
// CHECK-LABEL: func.func @scale_per_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x4xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<8x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<8x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[V0]] : tensor<8x4xf32>, tensor<8x1xf32>
// CHECK-NEXT: return %[[V2]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @scale_per_row(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<8x1xf32>
  %0 = transformer.binary mul %x, %x : tensor<8x4xf32>, tensor<8x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<8x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<8x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<8x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<8x4xf32>, tensor<8x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<8x4xf32>, tensor<8x1xf32>
  return %5 : tensor<8x4xf32>
}

// A weight for every element, not for the features.
// CHECK-LABEL: func.func @scale_of_all(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x4xf32>) -> tensor<8x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<8x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<8x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[V0]] : tensor<8x4xf32>, tensor<8x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @scale_of_all(%x: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<8x4xf32>
  %0 = transformer.binary mul %x, %x : tensor<8x4xf32>, tensor<8x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<8x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<8x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<8x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<8x4xf32>, tensor<8x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<8x4xf32>, tensor<8x4xf32>
  return %5 : tensor<8x4xf32>
}

// A second weight stays a product.
// CHECK-LABEL: func.func @second_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<u> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rms_norm %[[A0]] scale %[[V0]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V1]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @second_scale(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<4xf32>
  %u = transformer.constant dense_resource<u> : tensor<4xf32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  %5 = transformer.binary mul %4, %w : tensor<?x4xf32>, tensor<4xf32>
  %6 = transformer.binary mul %5, %u : tensor<?x4xf32>, tensor<4xf32>
  return %6 : tensor<?x4xf32>
}

// RMS norms have no bias.
// CHECK-LABEL: func.func @rms_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @rms_bias(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<4xf32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %2 = transformer.binary add %1, %c0 : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  %5 = transformer.binary add %4, %w : tensor<?x4xf32>, tensor<4xf32>
  return %5 : tensor<?x4xf32>
}

// A scale after the bias is none of the norm's.
// CHECK-LABEL: func.func @bias_then_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] bias %[[V1]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @bias_then_scale(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.binary add %6, %b : tensor<?x4xf32>, tensor<4xf32>
  %8 = transformer.binary mul %7, %w : tensor<?x4xf32>, tensor<4xf32>
  return %8 : tensor<?x4xf32>
}

// Two biases: one stays a sum.
// CHECK-LABEL: func.func @second_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] bias %[[V1]] : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @second_bias(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.binary add %6, %b : tensor<?x4xf32>, tensor<4xf32>
  %8 = transformer.binary add %7, %w : tensor<?x4xf32>, tensor<4xf32>
  return %8 : tensor<?x4xf32>
}

// A difference is no bias.
// CHECK-LABEL: func.func @subtracted_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary sub %[[V1]], %[[V0]] : tensor<?x4xf32>, tensor<4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @subtracted_bias(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.binary sub %6, %b : tensor<?x4xf32>, tensor<4xf32>
  return %7 : tensor<?x4xf32>
}

// Centred by the mean of rows, squared over columns: an RMS norm of what is left.
// CHECK-LABEL: func.func @mean_of_other_axis(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x4xf32>) -> tensor<3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 0>, keepdims}> : tensor<3x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary sub %[[A0]], %[[V0]] : tensor<3x4xf32>, tensor<1x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rms_norm %[[V1]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<3x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<3x4xf32>
// CHECK-NEXT: }
func.func @mean_of_other_axis(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 0>, keepdims}> : tensor<3x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<3x4xf32>, tensor<1x4xf32>
  %2 = transformer.binary mul %1, %1 : tensor<3x4xf32>, tensor<3x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<3x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<3x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<3x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<3x4xf32>, tensor<3x1xf32>
  return %6 : tensor<3x4xf32>
}

// Centred by the mean plus one: an RMS norm of the difference.
// CHECK-LABEL: func.func @shifted_mean(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary sub %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.rms_norm %[[V3]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @shifted_mean(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %0, %c0 : tensor<?x1xf32>, tensor<f32>
  %2 = transformer.binary sub %x, %1 : tensor<?x4xf32>, tensor<?x1xf32>
  %3 = transformer.binary mul %2, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c1 : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary div %2, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  return %7 : tensor<?x4xf32>
}

// Centred by half of the mean.
// CHECK-LABEL: func.func @half_mean(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[V0]] : tensor<?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary sub %[[A0]], %[[V2]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.rms_norm %[[V3]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @half_mean(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<?x1xf32>, tensor<f32>
  %2 = transformer.binary sub %x, %1 : tensor<?x4xf32>, tensor<?x1xf32>
  %3 = transformer.binary mul %2, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c1 : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary div %2, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  return %7 : tensor<?x4xf32>
}

// Centred by the mean of another value.
// CHECK-LABEL: func.func @mean_of_another(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reduce mean %[[A1]] <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary sub %[[A0]], %[[V0]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rms_norm %[[V1]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @mean_of_another(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce mean %y <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  return %6 : tensor<?x4xf32>
}
