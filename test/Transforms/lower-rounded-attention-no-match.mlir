// RUN: transom-opt --lower-rounded-attention %s | FileCheck %s

// Attentions that stay whole.

// No rounding.
// CHECK-LABEL: func.func @nothing_rounded(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @nothing_rounded(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v <{scale = 0.25 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Sinks have no place in a softmax of its own.
// CHECK-LABEL: func.func @sinks(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<4xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] sinks %[[A3]] : tensor<4xf32> <{scale = 2.500000e-01 : f32, score_rounding = array<f32: 5.000000e-01, -1.280000e+02, 1.270000e+02>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @sinks(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<4xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v sinks %m : tensor<4xf32> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// ALiBi.
// CHECK-LABEL: func.func @slopes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<4xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] slopes %[[A3]] : tensor<4xf32> <{scale = 2.500000e-01 : f32, score_rounding = array<f32: 5.000000e-01, -1.280000e+02, 1.270000e+02>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @slopes(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<4xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v slopes %m : tensor<4xf32> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}

// Lengths of keys.
// CHECK-LABEL: func.func @lengths(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2xi64>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] key_lengths %[[A3]] : tensor<2xi64> <{probability_rounding = array<f32: 3.906250e-03, 0.000000e+00, 2.550000e+02>, scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @lengths(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2xi64>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.attention %q, %k, %v key_lengths %m : tensor<2xi64> <{probability_rounding = array<f32: 0.00390625, 0.0, 255.0>, scale = 0.25 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  return %0 : tensor<2x4x3x16xf32>
}
