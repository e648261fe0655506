// RUN: transom-opt --fuse-norms %s | FileCheck %s

// Llama as TorchScript writes it: pow, sqrt, 1/root, the weight on the left.
// CHECK-LABEL: func.func @rms_reciprocal
// CHECK-SAME: %[[X:.*]]: tensor<?x?x4xf32>
func.func @rms_reciprocal(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %two = transformer.constant dense<2.0> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %eps = transformer.constant dense<1.0e-06> : tensor<f32>
  // CHECK: %[[W:.*]] = transformer.constant dense<[1.0{{.*}}, 2.0{{.*}}, 3.0{{.*}}, 4.0{{.*}}]>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.binary pow %x, %two : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %2 = transformer.binary add %1, %eps : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary div %one, %3 : tensor<f32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  // CHECK-NEXT: %[[Y:.*]] = transformer.rms_norm %[[X]] scale %[[W]] : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}>
  // CHECK-NEXT: return %[[Y]]
  %6 = transformer.binary mul %w, %5 : tensor<4xf32>, tensor<?x?x4xf32>
  return %6 : tensor<?x?x4xf32>
}

// The newest exporter: x * x, reciprocal, the scale with leading ones.
// CHECK-LABEL: func.func @rms_square
// CHECK: %[[W:.*]] = transformer.reshape %{{.*}}[] : tensor<1x1x4xf32> to tensor<4xf32>
// CHECK-NEXT: %[[Y:.*]] = transformer.rms_norm %arg0 scale %[[W]]
// CHECK-NEXT: return %[[Y]]
func.func @rms_square(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<1xf32>
  %w = transformer.constant dense_resource<weight> : tensor<1x1x4xf32>
  %0 = transformer.binary mul %x, %x : tensor<?x?x4xf32>, tensor<?x?x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %2 = transformer.binary add %eps, %1 : tensor<1xf32>, tensor<?x?x1xf32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.unary reciprocal %3 : tensor<?x?x1xf32>
  %5 = transformer.binary mul %4, %x : tensor<?x?x1xf32>, tensor<?x?x4xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x?x4xf32>, tensor<1x1x4xf32>
  return %6 : tensor<?x?x4xf32>
}

// The scale multiplied in before the quotient; a sum for the mean.
// CHECK-LABEL: func.func @rms_scale_first
// CHECK: transformer.rms_norm %arg0 scale %{{.*}} : tensor<4xf32> <{axis = 1 : i64
// CHECK-NEXT: return
func.func @rms_scale_first(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %four = transformer.constant dense<4.0> : tensor<f32>
  %half = transformer.constant dense<-0.5> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary div %1, %four : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.binary add %2, %eps : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.binary pow %3, %half : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.binary mul %w, %x : tensor<4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %5, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  return %6 : tensor<?x4xf32>
}

// A half-precision graph whose norm runs in f32.
// CHECK-LABEL: func.func @rms_f16
// CHECK: %[[Y:.*]] = transformer.rms_norm %arg0 scale %{{.*}} : tensor<4xf16> <{{.*}}> : tensor<?x?x4xf16>
// CHECK-NEXT: return %[[Y]]
func.func @rms_f16(%x: tensor<?x?x4xf16>) -> tensor<?x?x4xf16> {
  %two = transformer.constant dense<2.0> : tensor<f32>
  %eps = transformer.constant dense<1.0e-06> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf16>
  %wide = transformer.cast %x : tensor<?x?x4xf16> to tensor<?x?x4xf32>
  %0 = transformer.binary pow %wide, %two : tensor<?x?x4xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %2 = transformer.binary add %1, %eps : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x?x1xf32>
  %4 = transformer.binary mul %wide, %3 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %5 = transformer.cast %4 : tensor<?x?x4xf32> to tensor<?x?x4xf16>
  %6 = transformer.binary mul %w, %5 : tensor<4xf16>, tensor<?x?x4xf16>
  return %6 : tensor<?x?x4xf16>
}

// CHECK-LABEL: func.func @layer_norm_div
// CHECK: %[[Y:.*]] = transformer.layer_norm %arg0 scale %{{.*}} : tensor<4xf32> bias %{{.*}} : tensor<4xf32> <{axis = 2 : i64, epsilon = 9.99999996E-13 : f32}>
// CHECK-NEXT: return %[[Y]]
func.func @layer_norm_div(%x: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  %two = transformer.constant dense<2.0> : tensor<f32>
  %eps = transformer.constant dense<1.0e-12> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[5.0, 6.0, 7.0, 8.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %2 = transformer.binary pow %1, %two : tensor<?x?x4xf32>, tensor<f32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x4xf32>
  %4 = transformer.binary add %3, %eps : tensor<?x?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x?x1xf32>
  %6 = transformer.binary div %1, %5 : tensor<?x?x4xf32>, tensor<?x?x1xf32>
  %7 = transformer.binary mul %6, %w : tensor<?x?x4xf32>, tensor<4xf32>
  %8 = transformer.binary add %b, %7 : tensor<4xf32>, tensor<?x?x4xf32>
  return %8 : tensor<?x?x4xf32>
}

// Half precision: only the square runs in f32.
// CHECK-LABEL: func.func @layer_norm_f16
// CHECK: %[[Y:.*]] = transformer.layer_norm %arg0 scale %{{.*}} : tensor<4xf16> <{{.*}}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[Y]]
func.func @layer_norm_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf16>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf16>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf16>, tensor<?x1xf16>
  %2 = transformer.cast %1 : tensor<?x4xf16> to tensor<?x4xf32>
  %3 = transformer.binary mul %2, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %5 = transformer.binary add %4, %eps : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.cast %6 : tensor<?x1xf32> to tensor<?x1xf16>
  %8 = transformer.binary div %1, %7 : tensor<?x4xf16>, tensor<?x1xf16>
  %9 = transformer.binary mul %8, %w : tensor<?x4xf16>, tensor<4xf16>
  return %9 : tensor<?x4xf16>
}

// A weight with leading ones, beside a bias that is there already: nothing is made of it, again and again.
// CHECK-LABEL: func.func @second_bias
// CHECK: %[[NORM:.*]] = transformer.layer_norm %{{.*}} bias %{{.*}} : tensor<4xf32> <{axis = 1
// CHECK-NEXT: transformer.binary add %{{.*}}, %[[NORM]] : tensor<1x4xf32>, tensor<?x4xf32>
func.func @second_bias(%x: tensor<?x4xf32>, %bias: tensor<4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>
  %0 = transformer.layer_norm %x bias %bias : tensor<4xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x4xf32>
  %1 = transformer.binary add %w, %0 : tensor<1x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}
