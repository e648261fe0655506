// RUN: transom-opt --fuse-attention --canonicalize %s | FileCheck %s

// Masks that follow from positions become causal kinds and windows, however they are written.

// key <= row.
// CHECK-LABEL: func.func @keys_up_to_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @keys_up_to_row(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// row >= key.
// CHECK-LABEL: func.func @row_from_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @row_from_keys(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare ge %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// not (key > row).
// CHECK-LABEL: func.func @not_after(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @not_after(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.unary not %0 : tensor<8x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// key < row + 1.
// CHECK-LABEL: func.func @below_next(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @below_next(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<1> : tensor<i64>
  %0 = transformer.binary add %rows, %c2 : tensor<8x1xi64>, tensor<i64>
  %1 = transformer.compare lt %keys, %0 : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// row - key >= 0.
// CHECK-LABEL: func.func @difference(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @difference(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %c2 = transformer.constant dense<0> : tensor<i64>
  %1 = transformer.compare ge %0, %c2 : tensor<8x8xi64>, tensor<i64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// key - row <= 0.
// CHECK-LABEL: func.func @negative_difference(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @negative_difference(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<0> : tensor<i64>
  %1 = transformer.compare le %0, %c2 : tensor<8x8xi64>, tensor<i64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// row - key > -1.
// CHECK-LABEL: func.func @difference_above_minus_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @difference_above_minus_one(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %c2 = transformer.constant dense<-1> : tensor<i64>
  %1 = transformer.compare gt %0, %c2 : tensor<8x8xi64>, tensor<i64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// A triangle of true.
// CHECK-LABEL: func.func @lower_triangle(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @lower_triangle(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %0 = transformer.trilu %c2 : tensor<8x8xi1>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x8x16xf32>
}

// Not the triangle above the diagonal.
// CHECK-LABEL: func.func @upper_triangle_negated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @upper_triangle_negated(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %i1 = arith.constant 1 : index
  %0 = transformer.trilu %c2 k %i1 <{upper}> : tensor<8x8xi1>
  %1 = transformer.unary not %0 : tensor<8x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// A triangle of ones, cast.
// CHECK-LABEL: func.func @triangle_of_ones(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @triangle_of_ones(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]]> : tensor<8x8xf32>
  %0 = transformer.trilu %c2 : tensor<8x8xf32>
  %1 = transformer.cast %0 : tensor<8x8xf32> to tensor<8x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// The triangle as a constant.
// CHECK-LABEL: func.func @written_out(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @written_out(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, false, false, false, false, false, false, false], [true, true, false, false, false, false, false, false], [true, true, true, false, false, false, false, false], [true, true, true, true, false, false, false, false], [true, true, true, true, true, false, false, false], [true, true, true, true, true, true, false, false], [true, true, true, true, true, true, true, false], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %0 = transformer.attention %q, %k, %k mask %c2 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %0 : tensor<2x4x8x16xf32>
}

// Its last rows, for keys that come before.
// CHECK-LABEL: func.func @written_out_sliced(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x2x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind bottom_right>, scale = 1.000000e+00 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x2x16xf32>
// CHECK-NEXT: }
func.func @written_out_sliced(%q: tensor<2x4x2x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
  %rows = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, false, false, false, false, false, false, false], [true, true, false, false, false, false, false, false], [true, true, true, false, false, false, false, false], [true, true, true, true, false, false, false, false], [true, true, true, true, true, false, false, false], [true, true, true, true, true, true, false, false], [true, true, true, true, true, true, true, false], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %0 = transformer.slice %c2[] [] <{static_starts = array<i64: 6, 0>, steps = array<i64: 1, 1>}> : tensor<8x8xi1> to tensor<2x8xi1>
  %1 = transformer.attention %q, %k, %k mask %0 : tensor<2x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %1 : tensor<2x4x2x16xf32>
}

// The upper triangle, transposed.
// CHECK-LABEL: func.func @transposed_upper(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @transposed_upper(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<[[true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %0 = transformer.trilu %c2 <{upper}> : tensor<8x8xi1>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<8x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// Four dims, reshaped and broadcast.
// CHECK-LABEL: func.func @with_batch_and_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @with_batch_and_heads(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.reshape %0[] : tensor<8x8xi1> to tensor<1x1x8x8xi1>
  %2 = transformer.broadcast_to %1[] : tensor<1x1x8x8xi1> to tensor<2x1x8x8xi1>
  %3 = transformer.attention %q, %k, %k mask %2 : tensor<2x1x8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %3 : tensor<2x4x8x16xf32>
}

// Six keys more than queries: aligned at the last ones.
// CHECK-LABEL: func.func @aligned_at_the_end(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x2x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind bottom_right>, scale = 1.000000e+00 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x2x16xf32>
// CHECK-NEXT: }
func.func @aligned_at_the_end(%q: tensor<2x4x2x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
  %rows = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<6> : tensor<i64>
  %0 = transformer.binary add %rows, %c2 : tensor<2x1xi64>, tensor<i64>
  %1 = transformer.compare le %keys, %0 : tensor<8xi64>, tensor<2x1xi64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<2x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x2x16xf32>
}

// Said twice.
// CHECK-LABEL: func.func @twice_the_same(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @twice_the_same(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.compare ge %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %2 = transformer.binary and %0, %1 : tensor<8x8xi1>, tensor<8x8xi1>
  %3 = transformer.attention %q, %k, %k mask %2 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %3 : tensor<2x4x8x16xf32>
}

// A comparison that always holds goes.
// CHECK-LABEL: func.func @always_true(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @always_true(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<[[true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true], [true, true, true, true, true, true, true, true]]> : tensor<8x8xi1>
  %1 = transformer.binary and %0, %c2 : tensor<8x8xi1>, tensor<8x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// Padding stays a mask.
// CHECK-LABEL: func.func @causal_and_padding(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<2x1x1x8xi1>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[A2]] : tensor<2x1x1x8xi1> <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @causal_and_padding(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<2x1x1x8xi1>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.binary and %0, %p : tensor<8x8xi1>, tensor<2x1x1x8xi1>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<2x1x8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// not (after or padding).
// CHECK-LABEL: func.func @negated_or(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<2x1x1x8xi1>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary not %[[A2]] : tensor<2x1x1x8xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] mask %[[V0]] : tensor<2x1x1x8xi1> <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @negated_or(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<2x1x1x8xi1>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.binary or %0, %p : tensor<8x8xi1>, tensor<2x1x1x8xi1>
  %2 = transformer.unary not %1 : tensor<2x1x8x8xi1>
  %3 = transformer.attention %q, %k, %k mask %2 : tensor<2x1x8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %3 : tensor<2x4x8x16xf32>
}

// Within three before.
// CHECK-LABEL: func.func @window_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_left = 3 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @window_left(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %c2 = transformer.constant dense<3> : tensor<i64>
  %1 = transformer.compare le %0, %c2 : tensor<8x8xi64>, tensor<i64>
  %2 = transformer.attention %q, %k, %k mask %1 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// Three before, two after.
// CHECK-LABEL: func.func @window_both(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_left = 3 : i64, window_right = 2 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @window_both(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %c2 = transformer.constant dense<3> : tensor<i64>
  %1 = transformer.compare le %0, %c2 : tensor<8x8xi64>, tensor<i64>
  %2 = transformer.binary sub %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c3 = transformer.constant dense<2> : tensor<i64>
  %3 = transformer.compare le %2, %c3 : tensor<8x8xi64>, tensor<i64>
  %4 = transformer.binary and %1, %3 : tensor<8x8xi1>, tensor<8x8xi1>
  %5 = transformer.attention %q, %k, %k mask %4 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Causal, three before.
// CHECK-LABEL: func.func @causal_window(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32, window_left = 3 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @causal_window(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<4> : tensor<i64>
  %1 = transformer.binary sub %rows, %c2 : tensor<8x1xi64>, tensor<i64>
  %2 = transformer.compare gt %keys, %1 : tensor<8xi64>, tensor<8x1xi64>
  %3 = transformer.binary and %0, %2 : tensor<8x8xi1>, tensor<8x8xi1>
  %4 = transformer.attention %q, %k, %k mask %3 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %4 : tensor<2x4x8x16xf32>
}

// The narrower of two windows.
// CHECK-LABEL: func.func @narrowest_window(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_left = 2 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @narrowest_window(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %c2 = transformer.constant dense<5> : tensor<i64>
  %1 = transformer.compare le %0, %c2 : tensor<8x8xi64>, tensor<i64>
  %2 = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %c3 = transformer.constant dense<2> : tensor<i64>
  %3 = transformer.compare le %2, %c3 : tensor<8x8xi64>, tensor<i64>
  %4 = transformer.binary and %1, %3 : tensor<8x8xi1>, tensor<8x8xi1>
  %5 = transformer.attention %q, %k, %k mask %4 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Only the own key.
// CHECK-LABEL: func.func @own_key_only(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32, window_left = 0 : i64}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @own_key_only(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %1 = transformer.compare ge %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.binary and %0, %1 : tensor<8x8xi1>, tensor<8x8xi1>
  %3 = transformer.attention %q, %k, %k mask %2 : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %3 : tensor<2x4x8x16xf32>
}

// A causal window where six keys come before.
// CHECK-LABEL: func.func @window_after_the_past(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x2x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind bottom_right>, scale = 1.000000e+00 : f32, window_left = 3 : i64}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x2x16xf32>
// CHECK-NEXT: }
func.func @window_after_the_past(%q: tensor<2x4x2x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x2x16xf32> {
  %rows = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %c2 = transformer.constant dense<6> : tensor<i64>
  %0 = transformer.binary add %rows, %c2 : tensor<2x1xi64>, tensor<i64>
  %1 = transformer.compare le %keys, %0 : tensor<8xi64>, tensor<2x1xi64>
  %c3 = transformer.constant dense<2> : tensor<i64>
  %2 = transformer.binary add %rows, %c3 : tensor<2x1xi64>, tensor<i64>
  %3 = transformer.compare gt %keys, %2 : tensor<8xi64>, tensor<2x1xi64>
  %4 = transformer.binary and %1, %3 : tensor<2x8xi1>, tensor<2x8xi1>
  %5 = transformer.attention %q, %k, %k mask %4 : tensor<2x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x2x16xf32>
}
