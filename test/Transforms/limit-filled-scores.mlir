// RUN: transom-opt --fuse-attention --canonicalize %s | FileCheck %s

// Large negative numbers by position: causal kinds where no row is left without a key, biases elsewhere.

// Minus infinity chosen.
// CHECK-LABEL: func.func @infinite_select(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @infinite_select(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<0xFF800000> : tensor<f32>
  %2 = transformer.select %1, %c2, %0 : tensor<8x8xi1>, tensor<f32>, tensor<2x4x8x8xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %4 = transformer.matmul %3, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %4 : tensor<2x4x8x16xf32>
}

// A finite number chosen: every row sees its own key.
// CHECK-LABEL: func.func @finite_select(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @finite_select(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %2 = transformer.select %1, %c2, %0 : tensor<8x8xi1>, tensor<f32>, tensor<2x4x8x8xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %4 = transformer.matmul %3, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %4 : tensor<2x4x8x16xf32>
}

// Added.
// CHECK-LABEL: func.func @finite_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @finite_bias(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %c3 = transformer.constant dense<0.0> : tensor<f32>
  %2 = transformer.select %1, %c2, %c3 : tensor<8x8xi1>, tensor<f32>, tensor<f32>
  %3 = transformer.binary add %0, %2 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Zero where kept.
// CHECK-LABEL: func.func @finite_bias_kept(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @finite_bias_kept(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<0.0> : tensor<f32>
  %c3 = transformer.constant dense<-65504.0> : tensor<f32>
  %2 = transformer.select %1, %c2, %c3 : tensor<8x8xi1>, tensor<f32>, tensor<f32>
  %3 = transformer.binary add %0, %2 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// A comparison times the number.
// CHECK-LABEL: func.func @finite_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @finite_product(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.cast %1 : tensor<8x8xi1> to tensor<8x8xf32>
  %c2 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %3 = transformer.binary mul %2, %c2 : tensor<8x8xf32>, tensor<f32>
  %4 = transformer.binary add %0, %3 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %6 = transformer.matmul %5, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %6 : tensor<2x4x8x16xf32>
}

// One less the kept, times the number.
// CHECK-LABEL: func.func @one_minus_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @one_minus_product(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare le %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.cast %1 : tensor<8x8xi1> to tensor<8x8xf32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %3 = transformer.binary sub %c2, %2 : tensor<f32>, tensor<8x8xf32>
  %c3 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %4 = transformer.binary mul %3, %c3 : tensor<8x8xf32>, tensor<f32>
  %5 = transformer.binary add %0, %4 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %6 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %7 = transformer.matmul %6, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %7 : tensor<2x4x8x16xf32>
}

// A triangle of the number.
// CHECK-LABEL: func.func @triangle_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @triangle_bias(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %c2 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %1 = transformer.broadcast_to %c2[] : tensor<f32> to tensor<8x8xf32>
  %i1 = arith.constant 1 : index
  %2 = transformer.trilu %1 k %i1 <{upper}> : tensor<8x8xf32>
  %3 = transformer.binary add %0, %2 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// With a bias beside it, a finite number stays one.
// CHECK-LABEL: func.func @finite_with_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<4x8x8xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+30> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.compare gt %[[V3]], %[[V2]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[A2]][] : tensor<4x8x8xf32> to tensor<1x4x8x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V4]][] : tensor<8x8xi1> to tensor<1x1x8x8xi1>
// CHECK-NEXT: %[[V7:.+]] = transformer.select %[[V6]], %[[V0]], %[[V1]] : tensor<1x1x8x8xi1>, tensor<f32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[V5]], %[[V7]] : tensor<1x4x8x8xf32>, tensor<1x1x8x8xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] bias %[[V8]] : tensor<1x4x8x8xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V9]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @finite_with_bias(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<4x8x8xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %2 = transformer.select %1, %c2, %0 : tensor<8x8xi1>, tensor<f32>, tensor<2x4x8x8xf32>
  %3 = transformer.binary add %2, %p : tensor<2x4x8x8xf32>, tensor<4x8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// An infinite one does not matter beside a bias.
// CHECK-LABEL: func.func @infinite_with_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>, %[[A2:[^:]+]]: tensor<4x8x8xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A2]][] : tensor<4x8x8xf32> to tensor<1x4x8x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] bias %[[V0]] : tensor<1x4x8x8xf32> <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @infinite_with_bias(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>, %p: tensor<4x8x8xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<0xFF800000> : tensor<f32>
  %2 = transformer.select %1, %c2, %0 : tensor<8x8xi1>, tensor<f32>, tensor<2x4x8x8xf32>
  %3 = transformer.binary add %2, %p : tensor<2x4x8x8xf32>, tensor<4x8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Minus ten thousand is surely hidden.
// CHECK-LABEL: func.func @small_number(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @small_number(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<-10000.0> : tensor<f32>
  %c3 = transformer.constant dense<0.0> : tensor<f32>
  %2 = transformer.select %1, %c2, %c3 : tensor<8x8xi1>, tensor<f32>, tensor<f32>
  %3 = transformer.binary add %0, %2 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Minus a thousand is not.
// CHECK-LABEL: func.func @too_small(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<-9.990000e+02> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.compare gt %[[V3]], %[[V2]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.select %[[V4]], %[[V1]], %[[V0]] : tensor<8x8xi1>, tensor<f32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V5]][] : tensor<8x8xf32> to tensor<1x1x8x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] bias %[[V6]] : tensor<1x1x8x8xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @too_small(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<-999.0> : tensor<f32>
  %c3 = transformer.constant dense<0.0> : tensor<f32>
  %2 = transformer.select %1, %c2, %c3 : tensor<8x8xi1>, tensor<f32>, tensor<f32>
  %3 = transformer.binary add %0, %2 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Rows that see no key are uniform: a finite number stays.
// CHECK-LABEL: func.func @fewer_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x6x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-1.000000e+30> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<{{\[\[}}-2], [-1], [0], [1], [2], [3], [4], [5]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.compare gt %[[V2]], %[[V3]] : tensor<6xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<8x6xi1> to tensor<1x1x8x6xi1>
// CHECK-NEXT: %[[V6:.+]] = transformer.select %[[V5]], %[[V0]], %[[V1]] : tensor<1x1x8x6xi1>, tensor<f32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] bias %[[V6]] : tensor<1x1x8x6xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @fewer_keys(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x6x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5]> : tensor<6xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>
  %c2 = transformer.constant dense<2> : tensor<i64>
  %1 = transformer.binary sub %rows, %c2 : tensor<8x1xi64>, tensor<i64>
  %2 = transformer.compare gt %keys, %1 : tensor<6xi64>, tensor<8x1xi64>
  %c3 = transformer.constant dense<-1000000000.0> : tensor<f32>
  %3 = transformer.select %2, %c3, %0 : tensor<8x6xi1>, tensor<f32>, tensor<2x4x8x6xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x6xf32>
  %5 = transformer.matmul %4, %k : tensor<2x4x8x6xf32>, tensor<2x4x6x16xf32>
  return %5 : tensor<2x4x8x16xf32>
}

// Infinity times zero is NaN: no mask.
// CHECK-LABEL: func.func @infinity_times_zero(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0xFF800000> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.compare gt %[[V2]], %[[V1]] : tensor<8xi64>, tensor<8x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.cast %[[V3]] : tensor<8x8xi1> to tensor<8x8xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[V0]] : tensor<8x8xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V5]][] : tensor<8x8xf32> to tensor<1x1x8x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] bias %[[V6]] : tensor<1x1x8x8xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @infinity_times_zero(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %2 = transformer.cast %1 : tensor<8x8xi1> to tensor<8x8xf32>
  %c2 = transformer.constant dense<0xFF800000> : tensor<f32>
  %3 = transformer.binary mul %2, %c2 : tensor<8x8xf32>, tensor<f32>
  %4 = transformer.binary add %0, %3 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %6 = transformer.matmul %5, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %6 : tensor<2x4x8x16xf32>
}

// A mask made in f64 and narrowed.
// CHECK-LABEL: func.func @causal_rounded_f32(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8x16xf32>, %[[A1:[^:]+]]: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x8x16xf32>
// CHECK-NEXT: }
func.func @causal_rounded_f32(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.compare gt %keys, %rows : tensor<8xi64>, tensor<8x1xi64>
  %c2 = transformer.constant dense<-1000000000.0> : tensor<f64>
  %c3 = transformer.constant dense<0.0> : tensor<f64>
  %2 = transformer.select %1, %c2, %c3 : tensor<8x8xi1>, tensor<f64>, tensor<f64>
  %3 = transformer.cast %2 : tensor<8x8xf64> to tensor<8x8xf32>
  %4 = transformer.binary add %0, %3 : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %6 = transformer.matmul %5, %k : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %6 : tensor<2x4x8x16xf32>
}
