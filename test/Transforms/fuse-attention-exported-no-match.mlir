// RUN: transom-opt --fuse-attention --split-input-file %s | FileCheck %s

// Scores that look like those of fuse-attention-exported.mlir and mean something else.

// A factor of halves blends, it does not choose.
// CHECK-LABEL: func.func @no_choice
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @no_choice(%q: tensor<2x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
  %keep = transformer.constant dense<[[1.0, 0.5, 0.0], [1.0, 1.0, 0.5], [1.0, 1.0, 1.0]]> : tensor<3x3xf32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %large = transformer.constant dense<-1.0e4> : tensor<f32>
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary mul %0, %keep : tensor<2x4x3x3xf32>, tensor<3x3xf32>
  %2 = transformer.binary sub %one, %keep : tensor<f32>, tensor<3x3xf32>
  %3 = transformer.binary mul %2, %large : tensor<3x3xf32>, tensor<f32>
  %4 = transformer.binary add %1, %3 : tensor<2x4x3x3xf32>, tensor<3x3xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %6 = transformer.matmul %5, %q : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// -----

// What is left out is not hidden: it weighs as much as a score of one.
// CHECK-LABEL: func.func @not_hidden
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @not_hidden(%q: tensor<2x4x3x16xf32>, %mask: tensor<2x1x1x3xi1>) -> tensor<2x4x3x16xf32> {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %keep = transformer.cast %mask : tensor<2x1x1x3xi1> to tensor<2x1x1x3xf32>
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary mul %0, %keep : tensor<2x4x3x3xf32>, tensor<2x1x1x3xf32>
  %2 = transformer.binary sub %one, %keep : tensor<f32>, tensor<2x1x1x3xf32>
  %3 = transformer.binary add %1, %2 : tensor<2x4x3x3xf32>, tensor<2x1x1x3xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %5 = transformer.matmul %4, %q : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// -----

// A floor that scores reach.
// CHECK-LABEL: func.func @high_floor
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @high_floor(%q: tensor<2x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
  %floor = transformer.constant dense<-8.0> : tensor<f32>
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary max %0, %floor : tensor<2x4x3x3xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %3 = transformer.matmul %2, %q : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// -----

// Values whose heads are not those of the queries.
// CHECK-LABEL: func.func @other_heads
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @other_heads(%q: tensor<8x3x16xf32>, %v: tensor<1x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x3x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x3xf32> to tensor<2x4x3x3xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x3xf32>, tensor<1x4x3x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// -----

// Reshaped to something else than batch and windows.
// CHECK-LABEL: func.func @other_windows
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @other_windows(%q: tensor<12x2x4x8xf32>, %mask: tensor<4x1x4x4xf32>) -> tensor<12x2x4x8xf32> {
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<12x2x4x8xf32>, tensor<12x2x4x8xf32>
  %1 = transformer.reshape %0[] : tensor<12x2x4x4xf32> to tensor<6x2x2x4x4xf32>
  %2 = transformer.reshape %1[] : tensor<6x2x2x4x4xf32> to tensor<3x4x2x4x4xf32>
  %3 = transformer.binary add %2, %mask : tensor<3x4x2x4x4xf32>, tensor<4x1x4x4xf32>
  %4 = transformer.reshape %3[] : tensor<3x4x2x4x4xf32> to tensor<12x2x4x4xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<12x2x4x4xf32>
  %6 = transformer.matmul %5, %q : tensor<12x2x4x4xf32>, tensor<12x2x4x8xf32>
  return %6 : tensor<12x2x4x8xf32>
}
