// RUN: transom-opt --fuse-attention --canonicalize --split-input-file %s | FileCheck %s
// RUN: transom-opt --fuse-attention --canonicalize --split-input-file %s | transom-opt --split-input-file | FileCheck %s --check-prefix=NONE

// What exports of older and of windowed models do to scores. No softmax is left.
// NONE-NOT: transformer.softmax

// scores * keep - 1e4 * (1 - keep), with a buffer of a triangle of ones.
// CHECK-LABEL: func.func @blended_by_a_buffer
// CHECK: transformer.attention %arg0, %arg1, %arg2 <{causal = #transformer<causal_kind top_left>, scale = 2.500000e-01
func.func @blended_by_a_buffer(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x3x16xf32>, %v: tensor<2x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
  %keep = transformer.constant dense<[[1.0, 0.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 1.0]]> : tensor<3x3xf32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %large = transformer.constant dense<1.0e4> : tensor<f32>
  %scale = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary mul %0, %scale : tensor<2x4x3x3xf32>, tensor<f32>
  %2 = transformer.binary mul %1, %keep : tensor<2x4x3x3xf32>, tensor<3x3xf32>
  %3 = transformer.binary sub %one, %keep : tensor<f32>, tensor<3x3xf32>
  %4 = transformer.binary mul %3, %large : tensor<3x3xf32>, tensor<f32>
  %5 = transformer.binary sub %2, %4 : tensor<2x4x3x3xf32>, tensor<3x3xf32>
  %6 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %7 = transformer.matmul %6, %v : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %7 : tensor<2x4x3x16xf32>
}

// -----

// The same by a mask that is given, in the other order.
// CHECK-LABEL: func.func @blended_by_a_mask
// CHECK: transformer.attention %arg0, %arg1, %arg1 bias %{{.+}} : tensor<2x1x1x3xf32> <{scale = 1.0
func.func @blended_by_a_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x3x16xf32>, %mask: tensor<2x1x1x3xi1>) -> tensor<2x4x3x16xf32> {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %large = transformer.constant dense<-1.0e4> : tensor<f32>
  %keep = transformer.cast %mask : tensor<2x1x1x3xi1> to tensor<2x1x1x3xf32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %2 = transformer.binary mul %keep, %0 : tensor<2x1x1x3xf32>, tensor<2x4x3x3xf32>
  %3 = transformer.binary sub %one, %keep : tensor<f32>, tensor<2x1x1x3xf32>
  %4 = transformer.binary mul %large, %3 : tensor<f32>, tensor<2x1x1x3xf32>
  %5 = transformer.binary add %4, %2 : tensor<2x1x1x3xf32>, tensor<2x4x3x3xf32>
  %6 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %7 = transformer.matmul %6, %k : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %7 : tensor<2x4x3x16xf32>
}

// -----

// What was masked twice comes back to the lowest float.
// CHECK-LABEL: func.func @kept_from_falling
// CHECK-DAG: %[[LOWEST:.+]] = transformer.constant dense<-3.40282347E+38>
// CHECK: %[[BIAS:.+]] = transformer.binary max %{{.+}}, %[[LOWEST]]
// CHECK: transformer.attention %arg0, %arg1, %arg1 bias %[[BIAS]]
func.func @kept_from_falling(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x3x16xf32>, %bias: tensor<2x1x3x3xf32>) -> tensor<2x4x3x16xf32> {
  %lowest = transformer.constant dense<-3.40282347E+38> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary add %0, %bias : tensor<2x4x3x3xf32>, tensor<2x1x3x3xf32>
  %2 = transformer.binary max %1, %lowest : tensor<2x4x3x3xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %4 = transformer.matmul %3, %k : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// -----

// Queries and keys with batch and heads in one dim, values with both.
// CHECK-LABEL: func.func @values_apart
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %arg2 <{{.*}} : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
func.func @values_apart(%q: tensor<8x3x16xf32>, %k: tensor<8x3x16xf32>, %v: tensor<2x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x3x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x3xf32> to tensor<2x4x3x3xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// -----

// Windows that were shifted: a mask for each window, the same for each image.
// CHECK-LABEL: func.func @windows
// CHECK-SAME: %[[POSITIONS:[^:]+]]: tensor<1x2x5x5xf32>, %[[MASK:[^:]+]]: tensor<4x5x5xf32>
// CHECK: %[[ALL:.+]] = transformer.broadcast_to %{{.+}} : tensor<1x4x1x5x5xf32> to tensor<3x4x1x5x5xf32>
// CHECK: %[[FLAT:.+]] = transformer.reshape %[[ALL]]{{.*}} to tensor<12x1x5x5xf32>
// CHECK: %[[BIAS:.+]] = transformer.binary add %[[FLAT]], %[[POSITIONS]]
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} bias %[[BIAS]]
func.func @windows(%q: tensor<12x2x5x8xf32>, %positions: tensor<1x2x5x5xf32>, %mask: tensor<4x5x5xf32>) -> tensor<12x2x5x8xf32> {
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<12x2x5x8xf32>, tensor<12x2x5x8xf32>
  %1 = transformer.binary add %0, %positions : tensor<12x2x5x5xf32>, tensor<1x2x5x5xf32>
  %2 = transformer.reshape %1[] : tensor<12x2x5x5xf32> to tensor<3x4x2x5x5xf32>
  %3 = transformer.reshape %mask[] : tensor<4x5x5xf32> to tensor<1x4x1x5x5xf32>
  %4 = transformer.binary add %2, %3 : tensor<3x4x2x5x5xf32>, tensor<1x4x1x5x5xf32>
  %5 = transformer.reshape %4[] : tensor<3x4x2x5x5xf32> to tensor<12x2x5x5xf32>
  %6 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<12x2x5x5xf32>
  %7 = transformer.matmul %6, %q : tensor<12x2x5x5xf32>, tensor<12x2x5x8xf32>
  return %7 : tensor<12x2x5x8xf32>
}
