// RUN: transom-opt --fuse-linear-attention %s | FileCheck %s

// Quotients of sums over features, in the orders and layouts that exporters write.

// phi(q) (phi(k)^T v) over phi(q) times the sum of phi(k).
// CHECK-LABEL: func.func @state_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention all %[[V0]], %[[V1]], %[[A2]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @state_first(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.matmul %0, %2 : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %4 = transformer.reduce sum %1 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
  %5 = transformer.matmul %0, %4 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
  %6 = transformer.binary div %3, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// (phi(q) phi(k)^T) v over its rows' sums, with a number that keeps the quotient finite.
// CHECK-LABEL: func.func @scores_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention all %[[V0]], %[[V1]], %[[A2]] <{epsilon = 1.000000e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @scores_first(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %e = transformer.constant dense<1.0e-03> : tensor<f32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.reduce sum %2 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %5 = transformer.binary add %4, %e : tensor<2x4x5x1xf32>, tensor<f32>
  %6 = transformer.binary div %3, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// Causal by the lower triangle of the scores.
// CHECK-LABEL: func.func @causal_triangle(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention causal %[[V0]], %[[V1]], %[[A2]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @causal_triangle(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.trilu %2 : tensor<2x4x5x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %6 = transformer.binary div %4, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// Causal by a factor of zeros and ones, before each product.
// CHECK-LABEL: func.func @causal_factor(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention causal %[[V0]], %[[V1]], %[[A2]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @causal_factor(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %t = transformer.constant dense<true> : tensor<5x5xi1>
  %l = transformer.trilu %t : tensor<5x5xi1>
  %m = transformer.cast %l : tensor<5x5xi1> to tensor<5x5xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.binary mul %2, %m : tensor<2x4x5x5xf32>, tensor<5x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %6 = transformer.binary div %4, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// Causal by a choice between scores and zero.
// CHECK-LABEL: func.func @causal_choice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention causal %[[V0]], %[[V1]], %[[A2]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @causal_choice(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %t = transformer.constant dense<true> : tensor<5x5xi1>
  %z = transformer.constant dense<0.0> : tensor<f32>
  %l = transformer.trilu %t : tensor<5x5xi1>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.select %l, %2, %z : tensor<5x5xi1>, tensor<2x4x5x5xf32>, tensor<f32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %6 = transformer.binary div %4, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// Causal by prefix sums of outer products and of keys.
// CHECK-LABEL: func.func @causal_prefix_sums(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention causal %[[V0]], %[[V1]], %[[A2]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @causal_prefix_sums(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.reshape %1[] : tensor<2x4x5x8xf32> to tensor<2x4x5x8x1xf32>
  %3 = transformer.reshape %v[] : tensor<2x4x5x12xf32> to tensor<2x4x5x1x12xf32>
  %4 = transformer.matmul %2, %3 : tensor<2x4x5x8x1xf32>, tensor<2x4x5x1x12xf32>
  %5 = transformer.cumsum %4 <{axis = 2 : i64}> : tensor<2x4x5x8x12xf32>
  %6 = transformer.reshape %0[] : tensor<2x4x5x8xf32> to tensor<2x4x5x1x8xf32>
  %7 = transformer.matmul %6, %5 : tensor<2x4x5x1x8xf32>, tensor<2x4x5x8x12xf32>
  %8 = transformer.reshape %7[] : tensor<2x4x5x1x12xf32> to tensor<2x4x5x12xf32>
  %9 = transformer.cumsum %1 <{axis = 2 : i64}> : tensor<2x4x5x8xf32>
  %10 = transformer.binary mul %0, %9 : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %11 = transformer.reduce sum %10 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x8xf32>
  %12 = transformer.binary div %8, %11 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %12 : tensor<2x4x5x12xf32>
}

// A state before the keys, and what the keys leave.
// CHECK-LABEL: func.func @with_state(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention causal %[[V0]], %[[V1]], %[[A2]] state %[[A3]] : tensor<2x4x8x12xf32> sums %[[A4]] : tensor<2x4x8xf32> <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V2]], %[[V3]], %[[V4]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
// CHECK-NEXT: }
func.func @with_state(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x8x12xf32>, %z: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.trilu %2 : tensor<2x4x5x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %5 = transformer.matmul %0, %s : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %6 = transformer.binary add %5, %4 : tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %7 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %8 = transformer.reshape %z[] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
  %9 = transformer.matmul %0, %8 : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  %10 = transformer.binary add %7, %9 : tensor<2x4x5x1xf32>, tensor<2x4x5x1xf32>
  %11 = transformer.binary div %6, %10 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  %12 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %13 = transformer.binary add %12, %s : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
  %14 = transformer.reduce sum %1 <{axes = array<i64: 2>}> : tensor<2x4x5x8xf32>
  %15 = transformer.binary add %z, %14 : tensor<2x4x8xf32>, tensor<2x4x8xf32>
  return %11, %13, %15 : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
}

// An update that stands before the queries, and is read there: it stays.
// CHECK-LABEL: func.func @state_that_others_read(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8x1xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[V0]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[A3]], %[[V1]] : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reduce sum %[[V2]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.transpose %[[V3]] <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[A0]], %[[V4]] : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary exp %[[V5]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8x1xf32> to tensor<2x4x8xf32>
// CHECK-NEXT: %[[V8:.+]], %[[V9:.+]], %[[V10:.+]] = transformer.linear_attention before %[[V6]], %[[V0]], %[[A2]] state %[[A3]] : tensor<2x4x8x12xf32> sums %[[V7]] : tensor<2x4x8xf32> <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V8]], %[[V2]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: }
func.func @state_that_others_read(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x8x12xf32>, %z: tensor<2x4x8x1xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.binary add %s, %2 : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
  %4 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x8x12xf32>
  %5 = transformer.transpose %4 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x8x1xf32>
  %6 = transformer.binary add %q, %5 : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
  %0 = transformer.unary exp %6 : tensor<2x4x5x8xf32>
  %7 = transformer.matmul %0, %s : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %8 = transformer.matmul %0, %z : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  %9 = transformer.binary div %7, %8 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %9, %3 : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
}

// A memory: queries read what was before the keys.
// CHECK-LABEL: func.func @memory(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8x1xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8x1xf32> to tensor<2x4x8xf32>
// CHECK-NEXT: %[[V3:.+]], %[[V4:.+]], %[[V5:.+]] = transformer.linear_attention before %[[V0]], %[[V1]], %[[A2]] state %[[A3]] : tensor<2x4x8x12xf32> sums %[[V2]] : tensor<2x4x8xf32> <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V3]], %[[V4]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: }
func.func @memory(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x8x12xf32>, %z: tensor<2x4x8x1xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %0, %s : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %3 = transformer.matmul %0, %z : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  %4 = transformer.binary div %2, %3 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  %5 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %6 = transformer.binary add %s, %5 : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
  return %4, %6 : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
}

// The delta rule: values less what the memory gives for their keys.
// CHECK-LABEL: func.func @delta_memory(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8x1xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8x1xf32> to tensor<2x4x8xf32>
// CHECK-NEXT: %[[V3:.+]], %[[V4:.+]], %[[V5:.+]] = transformer.linear_attention before %[[V0]], %[[V1]], %[[A2]] state %[[A3]] : tensor<2x4x8x12xf32> sums %[[V2]] : tensor<2x4x8xf32> <{delta, epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V3]], %[[V4]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: }
func.func @delta_memory(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x8x12xf32>, %z: tensor<2x4x8x1xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %0, %s : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %3 = transformer.matmul %0, %z : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  %4 = transformer.binary div %2, %3 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  %5 = transformer.matmul %1, %s : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %6 = transformer.matmul %1, %z : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  %7 = transformer.binary div %5, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  %8 = transformer.binary sub %v, %7 : tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %9 = transformer.matmul %1, %8 <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %10 = transformer.binary add %s, %9 : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
  return %4, %10 : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
}

// The reciprocal as a matrix of one element for each row, as einsums of three operands have it.
// CHECK-LABEL: func.func @reciprocal_matmul(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12x1xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]], %[[V3:.+]], %[[V4:.+]] = transformer.linear_attention all %[[V0]], %[[V1]], %[[A2]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V2]][] : tensor<2x4x5x12xf32> to tensor<2x4x5x12x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<2x4x5x12x1xf32>
// CHECK-NEXT: }
func.func @reciprocal_matmul(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12x1xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.matmul %0, %2 : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %4 = transformer.reduce sum %1 <{axes = array<i64: 2>}> : tensor<2x4x5x8xf32>
  %5 = transformer.reshape %4[] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
  %6 = transformer.matmul %0, %5 : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  %7 = transformer.unary reciprocal %6 : tensor<2x4x5x1xf32>
  %8 = transformer.reshape %3[] : tensor<2x4x5x12xf32> to tensor<2x4x5x12x1xf32>
  %9 = transformer.reshape %7[] : tensor<2x4x5x1xf32> to tensor<2x4x5x1x1xf32>
  %10 = transformer.matmul %8, %9 : tensor<2x4x5x12x1xf32>, tensor<2x4x5x1x1xf32>
  return %10 : tensor<2x4x5x12x1xf32>
}

// All heads share keys and values: they are repeated.
// CHECK-LABEL: func.func @one_head_of_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x1x5x8xf32>, %[[A2:[^:]+]]: tensor<2x1x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x1x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<2x1x5x8xf32> to tensor<2x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<2x5x8xf32> to tensor<2x1x5x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V3]][] : tensor<2x1x5x8xf32> to tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[A2]][] : tensor<2x1x5x12xf32> to tensor<2x5x12xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V5]][] : tensor<2x5x12xf32> to tensor<2x1x5x12xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.broadcast_to %[[V6]][] : tensor<2x1x5x12xf32> to tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V8:.+]], %[[V9:.+]], %[[V10:.+]] = transformer.linear_attention causal %[[V0]], %[[V4]], %[[V7]] <{epsilon = 0.000000e+00 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @one_head_of_keys(%q: tensor<2x4x5x8xf32>, %k: tensor<2x1x5x8xf32>, %v: tensor<2x1x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x1x5x8xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x1x5x8xf32>
  %3 = transformer.trilu %2 : tensor<2x4x5x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x1x5x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %6 = transformer.binary div %4, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// Heads behind rows, and sizes known when it runs.
// CHECK-LABEL: func.func @rows_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x4x8xf32> {transformer.dims = ["b", "s", "", ""]}, %[[A1:[^:]+]]: tensor<?x?x4x8xf32> {transformer.dims = ["b", "s", "", ""]}, %[[A2:[^:]+]]: tensor<?x?x4x12xf32> {transformer.dims = ["b", "s", "", ""]}) -> tensor<?x?x4x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu %[[A0]] : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary relu %[[A1]] : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.transpose %[[V0]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.transpose %[[V1]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.transpose %[[A2]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x12xf32>
// CHECK-NEXT: %[[V5:.+]], %[[V6:.+]], %[[V7:.+]] = transformer.linear_attention all %[[V2]], %[[V3]], %[[V4]] <{epsilon = 1.000000e-03 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x12xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.transpose %[[V5]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x12xf32>
// CHECK-NEXT: return %[[V8]] : tensor<?x?x4x12xf32>
// CHECK-NEXT: }
func.func @rows_first(%q: tensor<?x?x4x8xf32> {transformer.dims = ["b", "s", "", ""]}, %k: tensor<?x?x4x8xf32> {transformer.dims = ["b", "s", "", ""]}, %v: tensor<?x?x4x12xf32> {transformer.dims = ["b", "s", "", ""]}) -> tensor<?x?x4x12xf32> {
  %0 = transformer.unary relu %q : tensor<?x?x4x8xf32>
  %1 = transformer.unary relu %k : tensor<?x?x4x8xf32>
  %e = transformer.constant dense<1.0e-03> : tensor<f32>
  %2 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %3 = transformer.transpose %1 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x4x8xf32>
  %4 = transformer.transpose %v <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x12xf32>
  %5 = transformer.matmul %3, %4 : tensor<?x4x8x?xf32>, tensor<?x4x?x12xf32>
  %6 = transformer.matmul %2, %5 : tensor<?x4x?x8xf32>, tensor<?x4x8x12xf32>
  %7 = transformer.transpose %6 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x12xf32>
  %8 = transformer.reduce sum %1 <{axes = array<i64: 1>, keepdims}> : tensor<?x?x4x8xf32>
  %9 = transformer.binary mul %0, %8 : tensor<?x?x4x8xf32>, tensor<?x1x4x8xf32>
  %10 = transformer.reduce sum %9 <{axes = array<i64: 3>, keepdims}> : tensor<?x?x4x8xf32>
  %11 = transformer.binary add %10, %e : tensor<?x?x4x1xf32>, tensor<f32>
  %12 = transformer.binary div %7, %11 : tensor<?x?x4x12xf32>, tensor<?x?x4x1xf32>
  return %12 : tensor<?x?x4x12xf32>
}

// Neither heads nor a batch.
// CHECK-LABEL: func.func @no_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<5x8xf32>, %[[A1:[^:]+]]: tensor<6x8xf32>, %[[A2:[^:]+]]: tensor<6x12xf32>) -> tensor<5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<6x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V0]][] : tensor<5x8xf32> to tensor<1x1x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V1]][] : tensor<6x8xf32> to tensor<1x1x6x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[A2]][] : tensor<6x12xf32> to tensor<1x1x6x12xf32>
// CHECK-NEXT: %[[V5:.+]], %[[V6:.+]], %[[V7:.+]] = transformer.linear_attention all %[[V2]], %[[V3]], %[[V4]] <{epsilon = 0.000000e+00 : f32}> : tensor<1x1x5x8xf32>, tensor<1x1x6x8xf32>, tensor<1x1x6x12xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.reshape %[[V5]][] : tensor<1x1x5x12xf32> to tensor<5x12xf32>
// CHECK-NEXT: return %[[V8]] : tensor<5x12xf32>
// CHECK-NEXT: }
func.func @no_heads(%q: tensor<5x8xf32>, %k: tensor<6x8xf32>, %v: tensor<6x12xf32>) -> tensor<5x12xf32> {
  %0 = transformer.unary exp %q : tensor<5x8xf32>
  %1 = transformer.unary exp %k : tensor<6x8xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<6x8xf32>, tensor<6x12xf32>
  %3 = transformer.matmul %0, %2 : tensor<5x8xf32>, tensor<8x12xf32>
  %4 = transformer.reduce sum %1 <{axes = array<i64: 0>, keepdims}> : tensor<6x8xf32>
  %5 = transformer.matmul %0, %4 <{transpose_b}> : tensor<5x8xf32>, tensor<1x8xf32>
  %6 = transformer.binary div %3, %5 : tensor<5x12xf32>, tensor<5x1xf32>
  return %6 : tensor<5x12xf32>
}
