// RUN: transom-opt --fuse-attention --simplify-views --canonicalize --cse %s | FileCheck %s

// Additive and boolean masks, position biases, and what a softmax does not see.

// BERT: one row of numbers per batch.
// CHECK-LABEL: func.func @additive_mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A3]] : tensor<2x1x1x5xf32> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @additive_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// The mask on the left.
// CHECK-LABEL: func.func @mask_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A3]] : tensor<2x1x3x5xf32> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @mask_left(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.binary add %m, %1 : tensor<2x1x3x5xf32>, tensor<2x4x3x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Scaled after the mask: the bias is scaled too.
// CHECK-LABEL: func.func @mask_scaled_with_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A3]], %[[V0]] : tensor<2x1x1x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V1]] : tensor<2x1x1x5xf32> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @mask_scaled_with_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A difference: the bias negated.
// CHECK-LABEL: func.func @mask_subtracted(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A3]], %[[V0]] : tensor<2x1x1x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V1]] : tensor<2x1x1x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @mask_subtracted(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary sub %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// T5: a bias per head.
// CHECK-LABEL: func.func @position_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<1x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A3]] : tensor<1x4x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @position_bias(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<1x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<1x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// T5: a bias per head, then a mask.
// CHECK-LABEL: func.func @bias_and_mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<1x4x3x5xf32>, %[[A4:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A4]], %[[A3]] : tensor<2x1x1x5xf32>, tensor<1x4x3x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V0]] : tensor<2x4x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias_and_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<1x4x3x5xf32>, %n: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<1x4x3x5xf32>
  %2 = transformer.binary add %1, %n : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// The sum of bias and mask computed first.
// CHECK-LABEL: func.func @bias_of_sum(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<1x4x3x5xf32>, %[[A4:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A3]], %[[A4]] : tensor<1x4x3x5xf32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V0]] : tensor<2x4x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias_of_sum(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<1x4x3x5xf32>, %n: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %m, %n : tensor<1x4x3x5xf32>, tensor<2x1x1x5xf32>
  %2 = transformer.binary add %0, %1 : tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Two dims.
// CHECK-LABEL: func.func @bias_of_fewer_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A3]][] : tensor<3x5xf32> to tensor<1x1x3x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V0]] : tensor<1x1x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias_of_fewer_dims(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// One number for all keys drops out of a softmax.
// CHECK-LABEL: func.func @number_added(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @number_added(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<3.0> : tensor<f32>
  %1 = transformer.binary add %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// The row's maximum drops out as well.
// CHECK-LABEL: func.func @maximum_subtracted(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @maximum_subtracted(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.reduce max %0 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x3x5xf32>
  %2 = transformer.binary sub %0, %1 : tensor<2x4x3x5xf32>, tensor<2x4x3x1xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// ALiBi: slopes times positions, computed.
// CHECK-LABEL: func.func @linear_positions(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<4x1x1xf32>, %[[A4:[^:]+]]: tensor<5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A3]], %[[A4]] : tensor<4x1x1xf32>, tensor<5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<4x1x5xf32> to tensor<1x4x1x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V1]] : tensor<1x4x1x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @linear_positions(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<4x1x1xf32>, %n: tensor<5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary mul %m, %n : tensor<4x1x1xf32>, tensor<5xf32>
  %2 = transformer.binary add %0, %1 : tensor<2x4x3x5xf32>, tensor<4x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// What is not kept becomes minus infinity.
// CHECK-LABEL: func.func @boolean_mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[A3]] : tensor<2x1x1x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @boolean_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x1x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// What is hidden becomes minus infinity.
// CHECK-LABEL: func.func @boolean_mask_of_hidden(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary not %[[A3]] : tensor<2x1x3x5xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[V0]] : tensor<2x1x3x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @boolean_mask_of_hidden(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %1 = transformer.select %m, %c0, %0 : tensor<2x1x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// 0 where kept, minus infinity elsewhere, added.
// CHECK-LABEL: func.func @boolean_mask_added(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[A3]] : tensor<2x1x1x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @boolean_mask_added(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %c1 = transformer.constant dense<0xFF800000> : tensor<f32>
  %1 = transformer.select %m, %c0, %c1 : tensor<2x1x1x5xi1>, tensor<f32>, tensor<f32>
  %2 = transformer.binary add %0, %1 : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Minus infinity where hidden, added.
// CHECK-LABEL: func.func @hidden_added(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary not %[[A3]] : tensor<2x1x1x5xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[V0]] : tensor<2x1x1x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @hidden_added(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %c1 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.select %m, %c0, %c1 : tensor<2x1x1x5xi1>, tensor<f32>, tensor<f32>
  %2 = transformer.binary add %0, %1 : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A large negative number is a bias: rows without keys are uniform.
// CHECK-LABEL: func.func @finite_fill(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+30> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.select %[[A3]], %[[V1]], %[[V0]] : tensor<2x1x1x5xi1>, tensor<f32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V2]] : tensor<2x1x1x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @finite_fill(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x1x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Filled before the scale: the number is scaled too.
// CHECK-LABEL: func.func @finite_fill_after_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+30> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.select %[[A3]], %[[V1]], %[[V0]] : tensor<2x1x1x5xi1>, tensor<f32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V2]] : tensor<2x1x1x5xf32> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @finite_fill_after_scale(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x1x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %c1 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// The smallest float.
// CHECK-LABEL: func.func @smallest_float(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x4x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<-3.40282347E+38> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.select %[[A3]], %[[V1]], %[[V0]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V2]] : tensor<2x4x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @smallest_float(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x4x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<-3.40282347e+38> : tensor<f32>
  %1 = transformer.select %m, %c0, %0 : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Two boolean masks.
// CHECK-LABEL: func.func @two_masks(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>, %[[A4:[^:]+]]: tensor<1x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary and %[[A3]], %[[A4]] : tensor<2x1x1x5xi1>, tensor<1x1x3x5xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[V0]] : tensor<2x1x3x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @two_masks(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>, %n: tensor<1x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %1 = transformer.select %n, %0, %c0 : tensor<1x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.select %m, %1, %c0 : tensor<2x1x1x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A bias below a boolean mask.
// CHECK-LABEL: func.func @bias_below_mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>, %[[A4:[^:]+]]: tensor<1x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A4]] : tensor<1x4x3x5xf32> mask %[[A3]] : tensor<2x1x1x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias_below_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>, %n: tensor<1x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %n : tensor<2x4x3x5xf32>, tensor<1x4x3x5xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %2 = transformer.select %m, %1, %c0 : tensor<2x1x1x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// (1 - m) times a large negative number.
// CHECK-LABEL: func.func @inverted_mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+04> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary sub %[[V1]], %[[A3]] : tensor<f32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V0]] : tensor<2x1x1x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[V3]] : tensor<2x1x1x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @inverted_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary sub %c0, %m : tensor<f32>, tensor<2x1x1x5xf32>
  %c1 = transformer.constant dense<-10000.0> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<2x1x1x5xf32>, tensor<f32>
  %3 = transformer.binary add %0, %2 : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// The condition negated.
// CHECK-LABEL: func.func @negated_condition(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[A3]] : tensor<2x1x1x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @negated_condition(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.unary not %m : tensor<2x1x1x5xi1>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %2 = transformer.select %1, %c0, %0 : tensor<2x1x1x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Two conditions joined.
// CHECK-LABEL: func.func @both_conditions(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>, %[[A4:[^:]+]]: tensor<1x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary and %[[A3]], %[[A4]] : tensor<2x1x1x5xi1>, tensor<1x1x3x5xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[V0]] : tensor<2x1x3x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @both_conditions(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>, %n: tensor<1x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary and %m, %n : tensor<2x1x1x5xi1>, tensor<1x1x3x5xi1>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %2 = transformer.select %1, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}
