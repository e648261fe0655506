// RUN: transom-opt --fuse-activations --canonicalize %s | FileCheck %s

// Softmaxes written out.

// exp(x - max) / sum.
// CHECK-LABEL: func.func @shifted(
// CHECK-NEXT: %[[V0:.+]] = transformer.softmax %{{.+}} <{axis = 1 : i64}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @shifted(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce max %x <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<?x4xf32>, tensor<?x1xf32>
  %2 = transformer.unary exp %1 : tensor<?x4xf32>
  %3 = transformer.reduce sum %2 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %4 = transformer.binary div %2, %3 : tensor<?x4xf32>, tensor<?x1xf32>
  return %4 : tensor<?x4xf32>
}

// Not shifted, times the reciprocal, along another dim.
// CHECK-LABEL: func.func @plain(
// CHECK-NEXT: %[[V0:.+]] = transformer.softmax %{{.+}} <{axis = 1 : i64}> : tensor<?x3x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @plain(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %0 = transformer.unary exp %x : tensor<?x3x4xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x3x4xf32>
  %2 = transformer.unary reciprocal %1 : tensor<?x1x4xf32>
  %3 = transformer.binary mul %2, %0 : tensor<?x1x4xf32>, tensor<?x3x4xf32>
  return %3 : tensor<?x3x4xf32>
}

// Shifted by something else that is one number a row: a softmax does not see it.
// CHECK-LABEL: func.func @shifted_otherwise(
// CHECK: %[[V0:.+]] = transformer.binary sub
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 1 : i64}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V1]]
func.func @shifted_otherwise(%x: tensor<?x4xf32>, %m: tensor<?x1xf32>) -> tensor<?x4xf32> {
  %0 = transformer.binary sub %x, %m : tensor<?x4xf32>, tensor<?x1xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %2 = transformer.reduce sum %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %3 = transformer.binary div %1, %2 : tensor<?x4xf32>, tensor<?x1xf32>
  return %3 : tensor<?x4xf32>
}

// Divided after the product with the values.
// CHECK-LABEL: func.func @divided_late(
// CHECK-NEXT: %[[V0:.+]] = transformer.softmax %{{.+}} <{axis = 2 : i64}> : tensor<2x3x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[V0]], %{{.+}} : tensor<2x3x4xf32>, tensor<2x4x5xf32>
// CHECK-NEXT: return %[[V1]]
func.func @divided_late(%x: tensor<2x3x4xf32>, %v: tensor<2x4x5xf32>) -> tensor<2x3x5xf32> {
  %0 = transformer.reduce max %x <{axes = array<i64: 2>, keepdims}> : tensor<2x3x4xf32>
  %1 = transformer.binary sub %x, %0 : tensor<2x3x4xf32>, tensor<2x3x1xf32>
  %2 = transformer.unary exp %1 : tensor<2x3x4xf32>
  %3 = transformer.reduce sum %2 <{axes = array<i64: 2>, keepdims}> : tensor<2x3x4xf32>
  %4 = transformer.matmul %2, %v : tensor<2x3x4xf32>, tensor<2x4x5xf32>
  %5 = transformer.binary div %4, %3 : tensor<2x3x5xf32>, tensor<2x3x1xf32>
  return %5 : tensor<2x3x5xf32>
}

// In f32 between casts.
// CHECK-LABEL: func.func @widened(
// CHECK: transformer.softmax
// CHECK-NOT: transformer.binary
// CHECK: return
func.func @widened(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.reduce max %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x4xf32>, tensor<?x1xf32>
  %3 = transformer.unary exp %2 : tensor<?x4xf32>
  %4 = transformer.reduce sum %3 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32>
  %5 = transformer.binary div %3, %4 : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xf16>
  return %6 : tensor<?x4xf16>
}
