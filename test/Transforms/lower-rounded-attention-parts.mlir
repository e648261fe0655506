// RUN: transom-opt --lower-rounded-attention --canonicalize --cse %s | FileCheck %s

// Each part of an attention that rounds, in pieces.

// Scores rounded: no rounding after the softmax.
// CHECK-LABEL: func.func @scores_only(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.quantize %[[V3]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V5:.+]] = transformer.dequantize %[[V4]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary  mul %[[V5]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.softmax %[[V6]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[V7]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @scores_only(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Probabilities rounded: none before the scale.
// CHECK-LABEL: func.func @probabilities_only(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<ui8>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3.906250e-03> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary  mul %[[V3]], %[[V2]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.softmax %[[V4]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.quantize %[[V5]], %[[V1]] zero %[[V0]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.dequantize %[[V6]], %[[V1]] zero %[[V0]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[V7]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @probabilities_only(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{probability_rounding = array<f32: 0.00390625, 0.0, 255.0>, scale = 0.25 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Both.
// CHECK-LABEL: func.func @both(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<ui8>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3.906250e-03> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.quantize %[[V5]], %[[V4]] zero %[[V3]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.dequantize %[[V6]], %[[V4]] zero %[[V3]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary  mul %[[V7]], %[[V2]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.softmax %[[V8]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.quantize %[[V9]], %[[V1]] zero %[[V0]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V11:.+]] = transformer.dequantize %[[V10]], %[[V1]] zero %[[V0]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.matmul %[[V11]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @both(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{probability_rounding = array<f32: 0.00390625, 0.0, 255.0>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Two query heads for each key head stand under each other.
// CHECK-LABEL: func.func @grouped_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A0]][]  : tensor<2x4x3x16xf32> to tensor<2x2x6x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A1]] <{transpose_b}> : tensor<2x2x6x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][]  : tensor<2x2x6x5xf32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.quantize %[[V5]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.dequantize %[[V6]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary  mul %[[V7]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.softmax %[[V8]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[V9]][]  : tensor<2x4x3x5xf32> to tensor<2x2x6x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.matmul %[[V10]], %[[A2]]  : tensor<2x2x6x5xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.reshape %[[V11]][]  : tensor<2x2x6x16xf32> to tensor<2x4x3x16xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @grouped_heads(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// One key head.
// CHECK-LABEL: func.func @one_key_head(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x1x5x16xf32>, %[[A2:[^:]+]]: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A0]][]  : tensor<2x4x3x16xf32> to tensor<2x1x12x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A1]] <{transpose_b}> : tensor<2x1x12x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][]  : tensor<2x1x12x5xf32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.quantize %[[V5]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.dequantize %[[V6]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary  mul %[[V7]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.softmax %[[V8]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[V9]][]  : tensor<2x4x3x5xf32> to tensor<2x1x12x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.matmul %[[V10]], %[[A2]]  : tensor<2x1x12x5xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.reshape %[[V11]][]  : tensor<2x1x12x16xf32> to tensor<2x4x3x16xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @one_key_head(%q: tensor<2x4x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Values of other features.
// CHECK-LABEL: func.func @other_value_width(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x3x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.quantize %[[V3]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V5:.+]] = transformer.dequantize %[[V4]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary  mul %[[V5]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.softmax %[[V6]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[V7]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x3x12xf32>
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
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.quantize %[[V4]], %[[V3]] zero %[[V2]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V6:.+]] = transformer.dequantize %[[V5]], %[[V3]] zero %[[V2]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary  mul %[[V6]], %[[V1]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary  div %[[V7]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.unary  tanh %[[V8]]  : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary  mul %[[V9]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.softmax %[[V10]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.matmul %[[V11]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V12]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @soft_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>, softcap = 30.0 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// A bias.
// CHECK-LABEL: func.func @bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.quantize %[[V3]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V5:.+]] = transformer.dequantize %[[V4]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary  mul %[[V5]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary  add %[[V6]], %[[A3]]  : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.softmax %[[V7]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.matmul %[[V8]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V9]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @bias(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v bias %m : tensor<2x1x1x5xf32> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// A bias of another type is cast.
// CHECK-LABEL: func.func @bias_in_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x1x5xf16>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.quantize %[[V3]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V5:.+]] = transformer.dequantize %[[V4]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary  mul %[[V5]], %[[V0]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.cast %[[A3]]  : tensor<2x1x1x5xf16> to tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary  add %[[V6]], %[[V7]]  : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.softmax %[[V8]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.matmul %[[V9]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V10]] : tensor<2x4x3x16xf32>
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
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.quantize %[[V5]], %[[V4]] zero %[[V3]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.dequantize %[[V6]], %[[V4]] zero %[[V3]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary  mul %[[V7]], %[[V2]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.select %[[A3]], %[[V8]], %[[V1]]  : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.softmax %[[V9]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.unary  isnan %[[V10]]  : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.select %[[V11]], %[[V0]], %[[V10]]  : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.matmul %[[V12]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V13]] : tensor<2x4x3x16xf32>
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
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.quantize %[[V7]], %[[V6]] zero %[[V5]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V9:.+]] = transformer.dequantize %[[V8]], %[[V6]] zero %[[V5]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary  mul %[[V9]], %[[V4]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.range %[[V0]], %[[V3]][]  : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V12:.+]] = transformer.reshape %[[V11]][]  : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V13:.+]] = transformer.range %[[V0]], %[[V3]][]  : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V14:.+]] = transformer.compare  le %[[V13]], %[[V12]]  : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V15:.+]] = transformer.select %[[V14]], %[[V10]], %[[V2]]  : tensor<3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V16:.+]] = transformer.softmax %[[V15]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.unary  isnan %[[V16]]  : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.select %[[V17]], %[[V1]], %[[V16]]  : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.matmul %[[V18]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V19]] : tensor<2x4x3x16xf32>
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
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.quantize %[[V8]], %[[V7]] zero %[[V6]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V10:.+]] = transformer.dequantize %[[V9]], %[[V7]] zero %[[V6]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary  mul %[[V10]], %[[V5]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.range %[[V1]], %[[V4]][]  : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V13:.+]] = transformer.reshape %[[V12]][]  : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V14:.+]] = transformer.range %[[V0]], %[[V4]][]  : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V15:.+]] = transformer.compare  le %[[V14]], %[[V13]]  : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V16:.+]] = transformer.select %[[V15]], %[[V11]], %[[V3]]  : tensor<3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V17:.+]] = transformer.softmax %[[V16]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.unary  isnan %[[V17]]  : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.select %[[V18]], %[[V2]], %[[V17]]  : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.matmul %[[V19]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V20]] : tensor<2x4x3x16xf32>
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
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.quantize %[[V8]], %[[V7]] zero %[[V6]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V10:.+]] = transformer.dequantize %[[V9]], %[[V7]] zero %[[V6]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary  mul %[[V10]], %[[V5]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.range %[[V0]], %[[V4]][]  : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V13:.+]] = transformer.reshape %[[V12]][]  : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V14:.+]] = transformer.range %[[V0]], %[[V4]][]  : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V15:.+]] = transformer.binary  add %[[V13]], %[[V4]]  : tensor<3x1xi64>, tensor<i64>
// CHECK-NEXT: %[[V16:.+]] = transformer.compare  le %[[V14]], %[[V15]]  : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V17:.+]] = transformer.binary  sub %[[V13]], %[[V3]]  : tensor<3x1xi64>, tensor<i64>
// CHECK-NEXT: %[[V18:.+]] = transformer.compare  ge %[[V14]], %[[V17]]  : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V19:.+]] = transformer.binary  and %[[V16]], %[[V18]]  : tensor<3x5xi1>, tensor<3x5xi1>
// CHECK-NEXT: %[[V20:.+]] = transformer.select %[[V19]], %[[V11]], %[[V2]]  : tensor<3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V21:.+]] = transformer.softmax %[[V20]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.unary  isnan %[[V21]]  : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.select %[[V22]], %[[V1]], %[[V21]]  : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.matmul %[[V23]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V24]] : tensor<2x4x3x16xf32>
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
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.quantize %[[V8]], %[[V7]] zero %[[V6]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V10:.+]] = transformer.dequantize %[[V9]], %[[V7]] zero %[[V6]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f32> to tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary  mul %[[V10]], %[[V5]]  : tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.range %[[V3]], %[[V4]][]  : tensor<i64>, tensor<i64> to tensor<3xi64>
// CHECK-NEXT: %[[V13:.+]] = transformer.reshape %[[V12]][]  : tensor<3xi64> to tensor<3x1xi64>
// CHECK-NEXT: %[[V14:.+]] = transformer.range %[[V0]], %[[V4]][]  : tensor<i64>, tensor<i64> to tensor<5xi64>
// CHECK-NEXT: %[[V15:.+]] = transformer.compare  le %[[V14]], %[[V13]]  : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V16:.+]] = transformer.binary  and %[[A3]], %[[V15]]  : tensor<2x1x1x5xi1>, tensor<3x5xi1>
// CHECK-NEXT: %[[V17:.+]] = transformer.binary  sub %[[V13]], %[[V3]]  : tensor<3x1xi64>, tensor<i64>
// CHECK-NEXT: %[[V18:.+]] = transformer.compare  ge %[[V14]], %[[V17]]  : tensor<5xi64>, tensor<3x1xi64>
// CHECK-NEXT: %[[V19:.+]] = transformer.binary  and %[[V16]], %[[V18]]  : tensor<2x1x3x5xi1>, tensor<3x5xi1>
// CHECK-NEXT: %[[V20:.+]] = transformer.select %[[V19]], %[[V11]], %[[V2]]  : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
// CHECK-NEXT: %[[V21:.+]] = transformer.softmax %[[V20]] <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.unary  isnan %[[V21]]  : tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.select %[[V22]], %[[V1]], %[[V21]]  : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.matmul %[[V23]], %[[A2]]  : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V24]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @causal_window_mask(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v mask %m : tensor<2x1x1x5xi1> <{causal = #transformer<causal_kind bottom_right>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>, window_left = 2 : i64}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// f16: every step in f16.
// CHECK-LABEL: func.func @in_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf16>, %[[A1:[^:]+]]: tensor<2x4x5x16xf16>, %[[A2:[^:]+]]: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2.500000e-01> : tensor<f16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<128> : tensor<ui8>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<5.000000e-01> : tensor<f16>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>
// CHECK-NEXT: %[[V4:.+]] = transformer.quantize %[[V3]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf16>, tensor<f16> to tensor<2x4x3x5xui8>
// CHECK-NEXT: %[[V5:.+]] = transformer.dequantize %[[V4]], %[[V2]] zero %[[V1]] : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xui8>, tensor<f16> to tensor<2x4x3x5xf16>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary  mul %[[V5]], %[[V0]]  : tensor<2x4x3x5xf16>, tensor<f16>
// CHECK-NEXT: %[[V7:.+]] = transformer.softmax %[[V6]] <{axis = 3 : i64}> : tensor<2x4x3x5xf16>
// CHECK-NEXT: %[[V8:.+]] = transformer.matmul %[[V7]], %[[A2]]  : tensor<2x4x3x5xf16>, tensor<2x4x5x16xf16>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x3x16xf16>
// CHECK-NEXT: }
func.func @in_f16(%q: tensor<2x4x3x16xf16>, %k: tensor<2x4x5x16xf16>, %v: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>, tensor<2x4x5x16xf16>
  return %0 : tensor<2x4x3x16xf16>
}
