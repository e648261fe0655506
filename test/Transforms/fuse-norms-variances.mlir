// RUN: transom-opt --simplify-views --fuse-norms --canonicalize %s | FileCheck %s

// Norms whose variance, quotient or mean exporters write in other ways than one after the other.

// The mean of squares less the square of the mean.
// CHECK-LABEL: func.func @one_pass(
// CHECK-NOT: transformer.reduce
// CHECK: %[[V0:.+]] = transformer.layer_norm %{{.+}} scale %{{.+}} : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @one_pass(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary mul %0, %0 : tensor<?x1xf32>, tensor<?x1xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>
  %5 = transformer.binary add %4, %eps : tensor<?x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x1xf32>
  %7 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %8 = transformer.binary div %7, %6 : tensor<?x4xf32>, tensor<?x1xf32>
  %9 = transformer.binary mul %8, %w : tensor<?x4xf32>, tensor<4xf32>
  return %9 : tensor<?x4xf32>
}

// Flax: rounding may not make it negative; the weight goes to the root.
// CHECK-LABEL: func.func @one_pass_above_zero(
// CHECK-NOT: transformer.reduce
// CHECK: %[[V0:.+]] = transformer.layer_norm %{{.+}} scale %{{.+}} : tensor<4xf32> bias %{{.+}} : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @one_pass_above_zero(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %two = transformer.constant dense<2.0> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[4.0, 3.0, 2.0, 1.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary pow %x, %two : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary pow %0, %two : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.binary sub %2, %3 : tensor<?x1xf32>, tensor<?x1xf32>
  %5 = transformer.binary max %zero, %4 : tensor<f32>, tensor<?x1xf32>
  %6 = transformer.binary add %5, %eps : tensor<?x1xf32>, tensor<f32>
  %7 = transformer.unary rsqrt %6 : tensor<?x1xf32>
  %8 = transformer.binary mul %7, %w : tensor<?x1xf32>, tensor<4xf32>
  %9 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %10 = transformer.binary mul %9, %8 : tensor<?x4xf32>, tensor<?x4xf32>
  %11 = transformer.binary add %10, %b : tensor<?x4xf32>, tensor<4xf32>
  return %11 : tensor<?x4xf32>
}

// TensorFlow's batch_normalization: x r + (b - mean r).
// CHECK-LABEL: func.func @multiplied_out(
// CHECK-NOT: transformer.reduce
// CHECK: %[[V0:.+]] = transformer.layer_norm %{{.+}} scale %{{.+}} : tensor<4xf32> bias %{{.+}} : tensor<4xf32> <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @multiplied_out(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %w = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<[4.0, 3.0, 2.0, 1.0]> : tensor<4xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %4 = transformer.binary add %3, %eps : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary rsqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary mul %5, %w : tensor<?x1xf32>, tensor<4xf32>
  %7 = transformer.binary mul %x, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.binary mul %0, %6 : tensor<?x1xf32>, tensor<?x4xf32>
  %9 = transformer.binary sub %b, %8 : tensor<4xf32>, tensor<?x4xf32>
  %10 = transformer.binary add %7, %9 : tensor<?x4xf32>, tensor<?x4xf32>
  return %10 : tensor<?x4xf32>
}

// The same without weight and bias.
// CHECK-LABEL: func.func @multiplied_out_plain(
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %{{.+}} <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @multiplied_out_plain(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %4 = transformer.binary add %3, %eps : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.binary div %x, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.binary div %0, %5 : tensor<?x1xf32>, tensor<?x1xf32>
  %8 = transformer.binary sub %6, %7 : tensor<?x4xf32>, tensor<?x1xf32>
  return %8 : tensor<?x4xf32>
}

// The mean of another value is taken off.
// CHECK-LABEL: func.func @multiplied_out_other_mean(
// CHECK-NOT: transformer.layer_norm
// CHECK: return
func.func @multiplied_out_other_mean(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %4 = transformer.binary add %3, %eps : tensor<?x1xf32>, tensor<f32>
  %5 = transformer.unary sqrt %4 : tensor<?x1xf32>
  %6 = transformer.reduce mean %y <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %7 = transformer.binary div %x, %5 : tensor<?x4xf32>, tensor<?x1xf32>
  %8 = transformer.binary div %6, %5 : tensor<?x1xf32>, tensor<?x1xf32>
  %9 = transformer.binary sub %7, %8 : tensor<?x4xf32>, tensor<?x1xf32>
  return %9 : tensor<?x4xf32>
}

// JAX: means lose their dim, get it back and are broadcast.
// CHECK-LABEL: func.func @dims_put_back(
// CHECK-NOT: transformer.reduce
// CHECK: %[[V0:.+]] = transformer.layer_norm %{{.+}} <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<2x3x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @dims_put_back(%x: tensor<2x3x4xf32>) -> tensor<2x3x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>}> : tensor<2x3x4xf32>
  %1 = transformer.reshape %0[] : tensor<2x3xf32> to tensor<2x3x1xf32>
  %2 = transformer.broadcast_to %1[] : tensor<2x3x1xf32> to tensor<2x3x4xf32>
  %3 = transformer.binary sub %x, %2 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %4 = transformer.binary mul %3, %3 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %5 = transformer.reduce mean %4 <{axes = array<i64: 2>}> : tensor<2x3x4xf32>
  %6 = transformer.binary add %5, %eps : tensor<2x3xf32>, tensor<f32>
  %7 = transformer.unary rsqrt %6 : tensor<2x3xf32>
  %8 = transformer.reshape %7[] : tensor<2x3xf32> to tensor<2x3x1xf32>
  %9 = transformer.broadcast_to %8[] : tensor<2x3x1xf32> to tensor<2x3x4xf32>
  %10 = transformer.binary mul %3, %9 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %10 : tensor<2x3x4xf32>
}

// The dim comes back before the others: the mean of a row meets a column.
// CHECK-LABEL: func.func @dims_put_elsewhere(
// CHECK-NOT: transformer.rms_norm
// CHECK: return
func.func @dims_put_elsewhere(%x: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<4x4xf32>, tensor<4x4xf32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>}> : tensor<4x4xf32>
  %2 = transformer.reshape %1[] : tensor<4xf32> to tensor<1x4xf32>
  %3 = transformer.binary add %2, %eps : tensor<1x4xf32>, tensor<f32>
  %4 = transformer.unary sqrt %3 : tensor<1x4xf32>
  %5 = transformer.binary div %x, %4 : tensor<4x4xf32>, tensor<1x4xf32>
  return %5 : tensor<4x4xf32>
}

// |x| / √n: the root of the mean.
// CHECK-LABEL: func.func @length_over_root_of_width(
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %{{.+}} <{axis = 1 : i64, epsilon = 0.000000e+00 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @length_over_root_of_width(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.unary sqrt %1 : tensor<?x1xf32>
  %3 = transformer.binary div %2, %c0 : tensor<?x1xf32>, tensor<f32>
  %4 = transformer.binary div %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// √n x / √(sum + eps): epsilon counts for n.
// CHECK-LABEL: func.func @unit_length_times_root_of_width(
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %{{.+}} <{axis = 1 : i64, epsilon = 2.500000e-01 : f32}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @unit_length_times_root_of_width(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %eps = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary add %1, %eps : tensor<?x1xf32>, tensor<f32>
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  %5 = transformer.binary mul %4, %c0 : tensor<?x4xf32>, tensor<f32>
  return %5 : tensor<?x4xf32>
}
