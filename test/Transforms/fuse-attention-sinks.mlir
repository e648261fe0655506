// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s

// A sink: a column of scores after the last key that takes probability and no value.

// One learned number per head, broadcast over batch and queries; the row's maximum taken off.
// CHECK-LABEL: func.func @learned(
// CHECK-SAME: %[[Q:[^:]+]]: tensor<2x4x3x16xf32>, %[[K:[^:]+]]: tensor<2x4x5x16xf32>, %[[V:[^:]+]]: tensor<2x4x5x16xf32>, %[[S:[^:]+]]: tensor<4xf32>
// CHECK: %[[SINKS:.+]] = transformer.reshape %{{.+}} : tensor<1x4x1x1xf32> to tensor<4xf32>
// CHECK: %[[R:.+]] = transformer.attention %[[Q]], %[[K]], %[[V]] sinks %[[SINKS]] : tensor<4xf32> <{scale = 2.500000e-01 : f32}>
// CHECK: return %[[R]]
func.func @learned(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %s: tensor<4xf32>) -> tensor<2x4x3x16xf32> {
  %scale = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary mul %0, %scale : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.reshape %s[] : tensor<4xf32> to tensor<1x4x1x1xf32>
  %3 = transformer.broadcast_to %2[] : tensor<1x4x1x1xf32> to tensor<2x4x3x1xf32>
  %4 = transformer.concat %1, %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>, tensor<2x4x3x1xf32>
  %5 = transformer.reduce max %4 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x3x6xf32>
  %6 = transformer.binary sub %4, %5 : tensor<2x4x3x6xf32>, tensor<2x4x3x1xf32>
  %7 = transformer.softmax %6 <{axis = 3 : i64}> : tensor<2x4x3x6xf32>
  %8 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x6xf32> to tensor<2x4x3x5xf32>
  %9 = transformer.matmul %8, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %9 : tensor<2x4x3x16xf32>
}

// With a bias below the sink, without the maximum.
// CHECK-LABEL: func.func @with_bias(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} bias %{{.+}} : tensor<2x1x3x5xf32> sinks %{{.+}} : tensor<4xf32>
func.func @with_bias(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %s: tensor<1x4x1x1xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %2 = transformer.broadcast_to %s[] : tensor<1x4x1x1xf32> to tensor<2x4x3x1xf32>
  %3 = transformer.concat %1, %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>, tensor<2x4x3x1xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x6xf32>
  %5 = transformer.slice %4[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x6xf32> to tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// A number of keys that only the run knows.
// CHECK-LABEL: func.func @dynamic(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} sinks %{{.+}} : tensor<4xf32>
func.func @dynamic(%q: tensor<1x4x?x16xf32>, %k: tensor<1x4x?x16xf32>, %v: tensor<1x4x?x16xf32>, %s: tensor<4x1x1xf32>) -> tensor<1x4x?x16xf32> {
  %c2 = arith.constant 2 : index
  %rows = tensor.dim %q, %c2 : tensor<1x4x?x16xf32>
  %keys = tensor.dim %k, %c2 : tensor<1x4x?x16xf32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<1x4x?x16xf32>, tensor<1x4x?x16xf32>
  %1 = transformer.broadcast_to %s[%rows] : tensor<4x1x1xf32> to tensor<1x4x?x1xf32>
  %2 = transformer.concat %0, %1 <{axis = 3 : i64}> : tensor<1x4x?x?xf32>, tensor<1x4x?x1xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<1x4x?x?xf32>
  %4 = transformer.slice %3[] [%rows, %keys] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<1x4x?x?xf32> to tensor<1x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<1x4x?x?xf32>, tensor<1x4x?x16xf32>
  return %5 : tensor<1x4x?x16xf32>
}
