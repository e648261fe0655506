// RUN: transom-opt --lower-rounded-attention --canonicalize --cse %s | FileCheck %s

// Each part of an attention that rounds, in pieces.

// Scores rounded: no rounding after the softmax.
// CHECK-LABEL: func.func @scores_only(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[V4]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary round %[[V5]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary max %[[V6]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary min %[[V7]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary mul %[[V9]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.softmax %[[V10]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.matmul %[[V11]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @scores_only(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Probabilities rounded: none before the scale.
// CHECK-LABEL: func.func @probabilities_only(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.550000e+02> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<3.906250e-03> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.softmax %[[V5]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V6]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.unary round %[[V7]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary max %[[V8]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary min %[[V9]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary mul %[[V10]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.matmul %[[V11]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @probabilities_only(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{probability_rounding = array<f32: 0.00390625, 0.0, 255.0>, scale = 0.25 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Both.
// CHECK-LABEL: func.func @both(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.550000e+02> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<3.906250e-03> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary div %[[V7]], %[[V6]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.unary round %[[V8]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary max %[[V9]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary min %[[V10]], %[[V4]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary mul %[[V11]], %[[V6]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary mul %[[V12]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.softmax %[[V13]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.binary div %[[V14]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V16:.+]] = transformer.unary round %[[V15]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.binary max %[[V16]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V18:.+]] = transformer.binary min %[[V17]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V19:.+]] = transformer.binary mul %[[V18]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V20:.+]] = transformer.matmul %[[V19]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V20]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @both(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{probability_rounding = array<f32: 0.00390625, 0.0, 255.0>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Two query heads for each key head stand under each other.
// CHECK-LABEL: func.func @grouped_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[A0]][] : tensor<2x4x3x16xf32> to tensor<2x2x6x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[V4]], %[[A1]] <{transpose_b}> : tensor<2x2x6x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V5]][] : tensor<2x2x6x5xf32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V6]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.unary round %[[V7]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary max %[[V8]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary min %[[V9]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary mul %[[V10]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary mul %[[V11]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.softmax %[[V12]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][] : tensor<2x4x3x5xf32> to tensor<2x2x6x5xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.matmul %[[V14]], %[[A2]] : tensor<2x2x6x5xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.reshape %[[V15]][] : tensor<2x2x6x16xf32> to tensor<2x4x3x16xf32>
// CHECK-NEXT: return %[[V16]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @grouped_heads(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// One key head.
// CHECK-LABEL: func.func @one_key_head(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x1x5x16xf32>, %[[A2:[^:]+]]: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[A0]][] : tensor<2x4x3x16xf32> to tensor<2x1x12x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[V4]], %[[A1]] <{transpose_b}> : tensor<2x1x12x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V5]][] : tensor<2x1x12x5xf32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V6]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.unary round %[[V7]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary max %[[V8]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary min %[[V9]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary mul %[[V10]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary mul %[[V11]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.softmax %[[V12]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][] : tensor<2x4x3x5xf32> to tensor<2x1x12x5xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.matmul %[[V14]], %[[A2]] : tensor<2x1x12x5xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.reshape %[[V15]][] : tensor<2x1x12x16xf32> to tensor<2x4x3x16xf32>
// CHECK-NEXT: return %[[V16]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @one_key_head(%q: tensor<2x4x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Values of other features.
// CHECK-LABEL: func.func @other_value_width(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x3x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[V4]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary round %[[V5]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary max %[[V6]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary min %[[V7]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary mul %[[V9]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.softmax %[[V10]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.matmul %[[V11]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x12xf32>
// CHECK-NEXT: }
func.func @other_value_width(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x3x12xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return %0 : tensor<2x4x3x12xf32>
}

// A soft cap after the scale.
// CHECK-LABEL: func.func @soft_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<3.000000e+01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[V5]], %[[V4]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.unary round %[[V6]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary max %[[V7]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary min %[[V8]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary mul %[[V9]], %[[V4]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary mul %[[V10]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary div %[[V11]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.unary tanh %[[V12]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.binary mul %[[V13]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V15:.+]] = transformer.softmax %[[V14]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.matmul %[[V15]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V16]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @soft_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>, softcap = 30.0 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// A bias.
// CHECK-LABEL: func.func @bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[V4]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary round %[[V5]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary max %[[V6]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary min %[[V7]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary mul %[[V9]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary add %[[V10]], %[[A3]] : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.softmax %[[V11]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.matmul %[[V12]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V13]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v bias %m : tensor<2x1x1x5xf32> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// A bias of another type is cast.
// CHECK-LABEL: func.func @bias_in_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf16>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[V4]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary round %[[V5]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary max %[[V6]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary min %[[V7]], %[[V1]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary mul %[[V9]], %[[V0]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.cast %[[A3]] : tensor<2x1x1x5xf16> to tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary add %[[V10]], %[[V11]] : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.softmax %[[V12]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.matmul %[[V13]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V14]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias_in_f16(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf16>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v bias %m : tensor<2x1x1x5xf16> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// A boolean mask; rows of NaN become zeros.
// CHECK-LABEL: func.func @mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V6]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.unary round %[[V7]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary max %[[V8]], %[[V4]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary min %[[V9]], %[[V3]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary mul %[[V10]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary mul %[[V11]], %[[V2]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.select %[[A3]], %[[V12]], %[[V1]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.softmax %[[V13]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.unary isnan %[[V14]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.select %[[V15]], %[[V0]], %[[V14]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.matmul %[[V16]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V17]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v mask %m : tensor<2x1x3x5xi1> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Causal, aligned at the first keys.
// CHECK-LABEL: func.func @causal_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary div %[[V8]], %[[V7]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.unary round %[[V9]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary max %[[V10]], %[[V6]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary min %[[V11]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary mul %[[V12]], %[[V7]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.binary mul %[[V13]], %[[V4]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V15:.+]] = transformer.range %[[V0]], %[[V3]][] : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V16:.+]] = transformer.reshape %[[V15]][] : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V17:.+]] = transformer.range %[[V0]], %[[V3]][] : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V18:.+]] = transformer.compare le %[[V17]], %[[V16]] : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V19:.+]] = transformer.select %[[V18]], %[[V14]], %[[V2]] : tensor<3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V20:.+]] = transformer.softmax %[[V19]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.unary isnan %[[V20]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.select %[[V21]], %[[V1]], %[[V20]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.matmul %[[V22]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V23]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @causal_first(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind top_left>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Aligned at the last: rows start after the keys that come before.
// CHECK-LABEL: func.func @causal_last(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<2> : tensor<i64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary div %[[V9]], %[[V8]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.unary round %[[V10]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary max %[[V11]], %[[V7]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary min %[[V12]], %[[V6]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.binary mul %[[V13]], %[[V8]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V15:.+]] = transformer.binary mul %[[V14]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V16:.+]] = transformer.range %[[V1]], %[[V4]][] : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V17:.+]] = transformer.reshape %[[V16]][] : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V18:.+]] = transformer.range %[[V0]], %[[V4]][] : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V19:.+]] = transformer.compare le %[[V18]], %[[V17]] : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V20:.+]] = transformer.select %[[V19]], %[[V15]], %[[V3]] : tensor<3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V21:.+]] = transformer.softmax %[[V20]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.unary isnan %[[V21]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.select %[[V22]], %[[V2]], %[[V21]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.matmul %[[V23]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V24]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @causal_last(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind bottom_right>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Both windows.
// CHECK-LABEL: func.func @windows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<2> : tensor<i64>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary div %[[V9]], %[[V8]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.unary round %[[V10]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary max %[[V11]], %[[V7]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary min %[[V12]], %[[V6]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.binary mul %[[V13]], %[[V8]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V15:.+]] = transformer.binary mul %[[V14]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V16:.+]] = transformer.range %[[V0]], %[[V4]][] : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V17:.+]] = transformer.reshape %[[V16]][] : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V18:.+]] = transformer.range %[[V0]], %[[V4]][] : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V19:.+]] = transformer.binary add %[[V17]], %[[V4]] : tensor<3x1xi64>, tensor<i64>
// CHECK-NEXT: %[[V20:.+]] = transformer.compare le %[[V18]], %[[V19]] : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V21:.+]] = transformer.binary sub %[[V17]], %[[V3]] : tensor<3x1xi64>, tensor<i64>
// CHECK-NEXT: %[[V22:.+]] = transformer.compare ge %[[V18]], %[[V21]] : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V23:.+]] = transformer.binary and %[[V20]], %[[V22]] : tensor<3x5xi1>, tensor<3x5xi1>
// CHECK-NEXT: %[[V24:.+]] = transformer.select %[[V23]], %[[V15]], %[[V2]] : tensor<3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V25:.+]] = transformer.softmax %[[V24]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.unary isnan %[[V25]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.select %[[V26]], %[[V1]], %[[V25]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.matmul %[[V27]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V28]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @windows(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>, window_left = 2 : i64, window_right = 1 : i64}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// All that hides a key together.
// CHECK-LABEL: func.func @causal_window_mask(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<2> : tensor<i64>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<1.270000e+02> : tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary div %[[V9]], %[[V8]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.unary round %[[V10]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary max %[[V11]], %[[V7]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary min %[[V12]], %[[V6]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.binary mul %[[V13]], %[[V8]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V15:.+]] = transformer.binary mul %[[V14]], %[[V5]] : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V16:.+]] = transformer.range %[[V3]], %[[V4]][] : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V17:.+]] = transformer.reshape %[[V16]][] : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V18:.+]] = transformer.range %[[V0]], %[[V4]][] : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V19:.+]] = transformer.compare le %[[V18]], %[[V17]] : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V20:.+]] = transformer.binary and %[[A3]], %[[V19]] : tensor<2x1x1x5xi1>, tensor<3x5xi1>
// CHECK-NEXT: %[[V21:.+]] = transformer.binary sub %[[V17]], %[[V3]] : tensor<3x1xi64>, tensor<i64>
// CHECK-NEXT: %[[V22:.+]] = transformer.compare ge %[[V18]], %[[V21]] : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V23:.+]] = transformer.binary and %[[V20]], %[[V22]] : tensor<2x1x3x5xi1>, tensor<3x5xi1>
// CHECK-NEXT: %[[V24:.+]] = transformer.select %[[V23]], %[[V15]], %[[V2]] : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V25:.+]] = transformer.softmax %[[V24]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.unary isnan %[[V25]] : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.select %[[V26]], %[[V1]], %[[V25]] : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.matmul %[[V27]], %[[A2]] : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V28]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @causal_window_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v mask %m : tensor<2x1x1x5xi1> <{causal = #transformer<causal_kind bottom_right>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>, window_left = 2 : i64}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// f16: every step in f16.
// CHECK-LABEL: func.func @in_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf16>, %[[A1:[^:]+]]: tensor<2x4x5x16xf16>, %[[A2:[^:]+]]: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<1.270000e+02> : tensor<f16>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<-1.280000e+02> : tensor<f16>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f16>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[V4]], %[[V3]] : tensor<2x4x3x5xf16>, tensor<f16>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary round %[[V5]] : tensor<2x4x3x5xf16>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary max %[[V6]], %[[V2]] : tensor<2x4x3x5xf16>, tensor<f16>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary min %[[V7]], %[[V1]] : tensor<2x4x3x5xf16>, tensor<f16>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary mul %[[V8]], %[[V3]] : tensor<2x4x3x5xf16>, tensor<f16>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary mul %[[V9]], %[[V0]] : tensor<2x4x3x5xf16>, tensor<f16>
// CHECK-NEXT: %[[V11:.+]] = transformer.softmax %[[V10]] <{axis = 3 : i64}> : tensor<2x4x3x5xf16>
// CHECK-NEXT: %[[V12:.+]] = transformer.matmul %[[V11]], %[[A2]] : tensor<2x4x3x5xf16>, tensor<2x4x5x16xf16>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf16>
// CHECK-NEXT: }
func.func @in_f16(%q: tensor<2x4x3x16xf16>, %k: tensor<2x4x5x16xf16>, %v: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>, tensor<2x4x5x16xf16>
  return %0 : tensor<2x4x3x16xf16>
}
