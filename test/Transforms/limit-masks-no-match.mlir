// RUN: transom-opt --fuse-attention --canonicalize %s | FileCheck %s

// Masks that no causal kind says: what can be said as a window is, the rest stays.

// Keys count by two: no window.
// CHECK-LABEL: func.func @every_second_key(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0, 2, 4, 6, 8, 10, 12, 14]> : tensor<8xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.compare le %[[V1]], %[[V0]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V2]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @every_second_key(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<2> : tensor<i64>
  %0 = transformer.binary mul %keys, %c2 : tensor<8xi64>, tensor<i64>
  %1 = transformer.compare le %0, %rows : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// Twice the positions on both sides: true of the same keys, but no difference of one.
// CHECK-LABEL: func.func @doubled_positions(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0, 2, 4, 6, 8, 10, 12, 14]> : tensor<8xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0], [2], [4], [6], [8], [10], [12], [14]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.compare le %[[V0]], %[[V1]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V2]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @doubled_positions(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<2> : tensor<i64>
  %0 = transformer.binary mul %keys, %c2 : tensor<8xi64>, tensor<i64>
  %1 = transformer.binary mul %rows, %c2 : tensor<8x1xi64>, tensor<i64>
  %2 = transformer.compare le %0, %1 : tensor<8xi64>, tensor<8x1xi64>
  %3 = transformer.attention %q, %k, %k mask %2 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %3 : tensor<2x4x8x16xf32>
}

// Strictly before: the own key is hidden.
// CHECK-LABEL: func.func @shifted_by_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.compare lt %[[V1]], %[[V0]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V2]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @shifted_by_one(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare lt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// One key after: no causal kind, but a window.
// CHECK-LABEL: func.func @one_more(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_right = 1 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @one_more(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<1> : tensor<i64>
  %0 = transformer.binary add %rows, %c2 : tensor<8x1xi64>, tensor<i64>
  %1 = transformer.compare le %keys, %0 : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// Only keys after.
// CHECK-LABEL: func.func @from_the_future(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_left = 0 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @from_the_future(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare ge %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// Positions that are an input.
// CHECK-LABEL: func.func @positions_given(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<8x1xi64>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.compare le %[[V0]], %[[A2]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V1]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @positions_given(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<8x1xi64>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %p : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// Keys of the same segment.
// CHECK-LABEL: func.func @segments(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<2x1x1x8xi64>, %[[A3:[^:]+]]: tensor<2x1x8x1xi64>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.compare eq %[[A2]], %[[A3]] : tensor<2x1x1x8xi64>, tensor<2x1x8x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V0]] : tensor<2x1x8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @segments(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<2x1x1x8xi64>, %r: tensor<2x1x8x1xi64>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare eq %p, %r : tensor<2x1x1x8xi64>, tensor<2x1x8x1xi64>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<2x1x8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// Causal or a prefix: no conjunction.
// CHECK-LABEL: func.func @either(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<2x1x1x8xi1>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.compare le %[[V1]], %[[V0]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary or %[[V2]], %[[A2]] : tensor<8x8xi1>, tensor<2x1x1x8xi1>
// CHECK-NEXT: %[[V4:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V3]] : tensor<2x1x8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @either(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<2x1x1x8xi1>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.binary or %0, %p : tensor<8x8xi1>, tensor<2x1x1x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<2x1x8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// A constant that is nearly a triangle.
// CHECK-LABEL: func.func @other_constant(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}true, false, false, false, false, false, false, false], [true, true, false, false, false, false, false, false], [true, true, true, false, false, false, false, false], [true, true, true, true, false, false, false, false], [true, true, true, true, true, false, false, false], [true, true, false, true, true, true, false, false], [true, true, true, true, true, true, true, false], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V0]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @other_constant(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, false, false, false, false, false, false, false], [true, true, false, false, false, false, false, false], [true, true, true, false, false, false, false, false], [true, true, true, true, false, false, false, false], [true, true, true, true, true, false, false, false], [true, true, false, true, true, true, false, false], [true, true, true, true, true, true, true, false], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %0 = transformer.attention %q, %k, %k mask %c2 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %0 : tensor<2x4x8x16xf32>
}

// A window that differs per head.
// CHECK-LABEL: func.func @per_head(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<4x1x1xi64>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary sub %[[V0]], %[[V1]] : tensor<8x1xi64>, tensor<8xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.compare le %[[V2]], %[[A2]] : tensor<8x8xi64>, tensor<4x1x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V3]] : tensor<4x8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @per_head(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<4x1x1xi64>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %1 = transformer.compare le %0, %p : tensor<8x8xi64>, tensor<4x1x1xi64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<4x8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// A triangle of an input's elements.
// CHECK-LABEL: func.func @triangle_of_input(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<8x8xi1>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.trilu %[[A2]] : tensor<8x8xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V0]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @triangle_of_input(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<8x8xi1>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.trilu %p : tensor<8x8xi1>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// A diagonal that only the run knows.
// CHECK-LABEL: func.func @triangle_at_run_time(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: index) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<true> : tensor<8x8xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.trilu %[[V0]] k %[[A2]] : tensor<8x8xi1>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V1]] : tensor<8x8xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @triangle_at_run_time(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %n: index) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %0 = transformer.trilu %c2 k %n : tensor<8x8xi1>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// Aligned at the first and at the last keys.
// CHECK-LABEL: func.func @two_alignments(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x2x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32, window_right = 6 : i64}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x2x16xf32>
// CHECK-NEXT: }
func.func @two_alignments(%q: tensor<2x4x2x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
  %rows = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<2x1xi64>
  %c2 = transformer.constant dense<6> : tensor<i64>
  %1 = transformer.binary add %rows, %c2 : tensor<2x1xi64>, tensor<i64>
  %2 = transformer.compare le %keys, %1 : tensor<8xi64>, tensor<2x1xi64>
  %3 = transformer.binary and %0, %2 : tensor<2x8xi1>, tensor<2x8xi1>
  %4 = transformer.attention %q, %k, %k mask %3 : tensor<2x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %4 : tensor<2x4x2x16xf32>
}
