// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.attention

// Nearly attentions: each stays in pieces, with the reason where products and a softmax stand in line.

// A scale per query.
// CHECK-LABEL: func.func @scale_of_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x1xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[V0]], %[[A3]] : tensor<2x4x3x5xf32>, tensor<2x1x3x1xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @scale_of_rows(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores' scale is no single number}}
  %1 = transformer.binary mul %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A learned temperature per head.
// CHECK-LABEL: func.func @scale_of_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<4x1x1xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A3]], %[[V0]] : tensor<4x1x1xf32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @scale_of_heads(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<4x1x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores' scale is no single number}}
  %1 = transformer.binary mul %m, %0 : tensor<4x1x1xf32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A divisor per key.
// CHECK-LABEL: func.func @divisor_of_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary div %[[V0]], %[[A3]] : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @divisor_of_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores' divisor is no single number}}
  %1 = transformer.binary div %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Squared scores.
// CHECK-LABEL: func.func @power_of_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary pow %[[V1]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.softmax %[[V2]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @power_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  // expected-remark @+1 {{attention stays in pieces: the scores pass through pow}}
  %1 = transformer.binary pow %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Scores bounded from below.
// CHECK-LABEL: func.func @largest_of_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary max %[[V1]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.softmax %[[V2]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @largest_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  // expected-remark @+1 {{attention stays in pieces: the scores pass through max}}
  %1 = transformer.binary max %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A sigmoid.
// CHECK-LABEL: func.func @sigmoid_of_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary sigmoid %[[V0]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @sigmoid_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores pass through sigmoid}}
  %1 = transformer.unary sigmoid %0 : tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Two caps.
// CHECK-LABEL: func.func @cap_after_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary tanh %[[V0]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary tanh %[[V1]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.softmax %[[V2]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @cap_after_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores pass through tanh}}
  %1 = transformer.unary tanh %0 : tensor<2x4x3x5xf32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A cap times a negative number.
// CHECK-LABEL: func.func @negative_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-5.000000e+01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary tanh %[[V1]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.softmax %[[V3]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[V4]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V5]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @negative_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores pass through tanh}}
  %1 = transformer.unary tanh %0 : tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<-50.0> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A bias below the cap.
// CHECK-LABEL: func.func @bias_in_the_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e+01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[A3]] : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary tanh %[[V2]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[V3]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.softmax %[[V4]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[V5]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias_in_the_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: a mask or bias below the soft cap}}
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<50.0> : tensor<f32>
  %3 = transformer.binary mul %2, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// A boolean mask below the cap.
// CHECK-LABEL: func.func @mask_in_the_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e+01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.select %[[A3]], %[[V2]], %[[V1]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary tanh %[[V3]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.softmax %[[V5]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.matmul %[[V6]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @mask_in_the_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  // expected-remark @+1 {{attention stays in pieces: a mask or bias below the soft cap}}
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %c1 = transformer.constant dense<50.0> : tensor<f32>
  %3 = transformer.binary mul %2, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Masked scores become zero.
// CHECK-LABEL: func.func @fill_of_zero(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.select %[[A3]], %[[V1]], %[[V0]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.softmax %[[V2]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @fill_of_zero(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  // expected-remark @+1 {{attention stays in pieces: what replaces masked scores is no large negative number: 0.000000}}
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Minus a hundred, which other scores may be below.
// CHECK-LABEL: func.func @fill_of_minus_hundred(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+02> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.select %[[A3]], %[[V1]], %[[V0]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.softmax %[[V2]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @fill_of_minus_hundred(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<-100.0> : tensor<f32>
  // expected-remark @+1 {{attention stays in pieces: what replaces masked scores is no large negative number: -100.000000}}
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Masked scores become those of another value.
// CHECK-LABEL: func.func @fill_of_another_value(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>, %[[A4:[^:]+]]: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.select %[[A3]], %[[V0]], %[[A4]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @fill_of_another_value(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>, %n: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: what replaces masked scores is no single number}}
  %1 = transformer.select %m, %0, %n : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// One number per row.
// CHECK-LABEL: func.func @fill_per_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>, %[[A4:[^:]+]]: tensor<2x1x3x1xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.select %[[A3]], %[[V0]], %[[A4]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<2x1x3x1xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @fill_per_row(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>, %n: tensor<2x1x3x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: what replaces masked scores is no single number}}
  %1 = transformer.select %m, %0, %n : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<2x1x3x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// The keys are a weight: a memory of fixed prototypes.
// CHECK-LABEL: func.func @scores_of_a_weight(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<keys> : tensor<16x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<2x4x3x16xf32>, tensor<16x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A1]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @scores_of_a_weight(%q: tensor<2x4x3x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %keys = transformer.constant dense_resource<keys> : tensor<16x5xf32>
  // expected-remark @+1 {{attention stays in pieces: queries or keys are weights}}
  %0 = transformer.matmul %q, %keys : tensor<2x4x3x16xf32>, tensor<16x5xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Scores that are an input.
// CHECK-LABEL: func.func @scores_of_no_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x5xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.softmax %[[A0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[V0]], %[[A1]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @scores_of_no_product(%s: tensor<2x4x3x5xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: the scores come from no product of queries and keys}}
  %0 = transformer.softmax %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %1 = transformer.matmul %0, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %1 : tensor<2x4x3x16xf32>
}

// A number less the scores.
// CHECK-LABEL: func.func @difference_of_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary sub %[[A3]], %[[V0]] : tensor<2x1x1x5xf32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @difference_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: no side of the sum leads to a product of queries and keys}}
  %1 = transformer.binary sub %m, %0 : tensor<2x1x1x5xf32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Their sum over heads is read (head importance).
// CHECK-LABEL: func.func @probabilities_summed(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x1x3x5xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reduce mean %[[V1]] <{axes = array<i64: 1>, keepdims}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: return %[[V2]], %[[V3]] : tensor<2x4x3x16xf32>, tensor<2x1x3x5xf32>
// CHECK-NEXT: }
func.func @probabilities_summed(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x1x3x5xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: the probabilities are read by more than the product with the values}}
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %3 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<2x4x3x5xf32>
  return %2, %3 : tensor<2x4x3x16xf32>, tensor<2x1x3x5xf32>
}

// Two values are mixed by the same probabilities.
// CHECK-LABEL: func.func @probabilities_of_two_values(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V1]], %[[A3]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]], %[[V3]] : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @probabilities_of_two_values(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %z: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: the probabilities are read by more than the product with the values}}
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %3 = transformer.matmul %1, %z : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %3 : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
}

// Probabilities times a mask.
// CHECK-LABEL: func.func @probabilities_dropped_out(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[A3]] : tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @probabilities_dropped_out(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: the probabilities are changed before the product with the values}}
  %2 = transformer.binary mul %1, %m : tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Values times probabilities.
// CHECK-LABEL: func.func @probabilities_on_the_right(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A2]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<2x4x5x5xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: }
func.func @probabilities_on_the_right(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x5x5xf32>
  %2 = transformer.matmul %v, %1 : tensor<2x4x3x5xf32>, tensor<2x4x5x5xf32>
  return %2 : tensor<2x4x3x5xf32>
}

// The probabilities are read transposed.
// CHECK-LABEL: func.func @probabilities_transposed(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x5x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x16xf32>
// CHECK-NEXT: }
func.func @probabilities_transposed(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x5x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x5x5xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x5x16xf32>
}

// Over queries, as in slot attention.
// CHECK-LABEL: func.func @softmax_over_queries(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 2 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @softmax_over_queries(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 2 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Logarithms of probabilities.
// CHECK-LABEL: func.func @log_softmax(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64, log}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @log_softmax(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64, log}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// NaN rows become one, not zero.
// CHECK-LABEL: func.func @other_nan(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.softmax %[[V1]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary isnan %[[V2]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.select %[[V3]], %[[V0]], %[[V2]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[V4]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V5]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @other_nan(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.unary isnan %1 : tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %3 = transformer.select %2, %c0, %1 : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Six dims.
// CHECK-LABEL: func.func @six_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x2x2x2x3x16xf32>, %[[A1:[^:]+]]: tensor<1x2x2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<1x2x2x2x5x16xf32>) -> tensor<1x2x2x2x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<1x2x2x2x3x16xf32>, tensor<1x2x2x2x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 5 : i64}> : tensor<1x2x2x2x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<1x2x2x2x3x5xf32>, tensor<1x2x2x2x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<1x2x2x2x3x16xf32>
// CHECK-NEXT: }
func.func @six_dims(%q: tensor<1x2x2x2x3x16xf32>, %k: tensor<1x2x2x2x5x16xf32>, %v: tensor<1x2x2x2x5x16xf32>) -> tensor<1x2x2x2x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: products of rank 6}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<1x2x2x2x3x16xf32>, tensor<1x2x2x2x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 5 : i64}> : tensor<1x2x2x2x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<1x2x2x2x3x5xf32>, tensor<1x2x2x2x5x16xf32>
  return %2 : tensor<1x2x2x2x3x16xf32>
}

// Keys of one head, values of four.
// CHECK-LABEL: func.func @heads_of_values_differ(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x1x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @heads_of_values_differ(%q: tensor<2x4x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: keys and values have different numbers of heads}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// One head of queries for many of keys.
// CHECK-LABEL: func.func @one_query_head(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x1x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x1x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @one_query_head(%q: tensor<2x1x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: the keys' heads broadcast to no group of query heads}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x1x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// One batch of queries for several of keys.
// CHECK-LABEL: func.func @one_batch_of_queries(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<1x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @one_batch_of_queries(%q: tensor<1x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: one batch of queries for several of keys}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<1x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// The scores are reshaped twice, to other heads than the first time.
// CHECK-LABEL: func.func @reshaped_twice(
// CHECK: transformer.softmax
func.func @reshaped_twice(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<8x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores are reshaped twice}}
  %1 = transformer.reshape %0[] : tensor<8x3x5xf32> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %3 = transformer.reshape %2[] : tensor<2x4x3x5xf32> to tensor<4x2x3x5xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<4x2x3x5xf32>
  %5 = transformer.reshape %4[] : tensor<4x2x3x5xf32> to tensor<8x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<8x3x5xf32>, tensor<8x5x16xf32>
  return %6 : tensor<8x3x16xf32>
}

// The scores are reshaped to rows in two dims.
// CHECK-LABEL: func.func @heads_unlike_batches(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x6x16xf32>, %[[A1:[^:]+]]: tensor<8x5x16xf32>, %[[A2:[^:]+]]: tensor<8x5x16xf32>, %[[A3:[^:]+]]: tensor<1x1x1x5xf32>) -> tensor<8x6x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<8x6x16xf32>, tensor<8x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<8x6x5xf32> to tensor<16x1x3x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V1]], %[[A3]] : tensor<16x1x3x5xf32>, tensor<1x1x1x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.softmax %[[V2]] <{axis = 3 : i64}> : tensor<16x1x3x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<16x1x3x5xf32> to tensor<8x6x5xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[V4]], %[[A2]] : tensor<8x6x5xf32>, tensor<8x5x16xf32>
// CHECK-NEXT: return %[[V5]] : tensor<8x6x16xf32>
// CHECK-NEXT: }
func.func @heads_unlike_batches(%q: tensor<8x6x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<1x1x1x5xf32>) -> tensor<8x6x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: the scores are reshaped to something else than heads}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x6x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x6x5xf32> to tensor<16x1x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<16x1x3x5xf32>, tensor<1x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<16x1x3x5xf32>
  %4 = transformer.reshape %3[] : tensor<16x1x3x5xf32> to tensor<8x6x5xf32>
  %5 = transformer.matmul %4, %v : tensor<8x6x5xf32>, tensor<8x5x16xf32>
  return %5 : tensor<8x6x16xf32>
}

// Heads of a size that only the run knows.
// CHECK-LABEL: func.func @features_unknown(
// CHECK: transformer.softmax
// CHECK-NEXT: transformer.matmul
func.func @features_unknown(%q: tensor<2x4x3x?xf32>, %k: tensor<2x4x5x?xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: the features of a head are not known when compiling}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x?xf32>, tensor<2x4x5x?xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// CHECK-LABEL: func.func @features_of_values_unknown(
// CHECK: transformer.softmax
// CHECK-NEXT: transformer.matmul
func.func @features_of_values_unknown(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x?xf32>) -> tensor<2x4x3x?xf32> {
  // expected-remark @+1 {{attention stays in pieces: the features of a head are not known when compiling}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x?xf32>
  return %2 : tensor<2x4x3x?xf32>
}
