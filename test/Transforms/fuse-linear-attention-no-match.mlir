// RUN: transom-opt --fuse-linear-attention=remarks -verify-diagnostics %s | FileCheck %s

// Quotients that are no linear attention, and what the near ones lack.

// The denominator is of other queries.
// CHECK-LABEL: func.func @other_queries(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x5x8xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary exp %[[A3]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V0]], %[[V3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[V2]], %[[V5]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V4]], %[[V6]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @other_queries(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %p: tensor<2x4x5x8xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.unary exp %p : tensor<2x4x5x8xf32>
  %3 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.matmul %0, %3 : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %5 = transformer.reduce sum %1 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
  %6 = transformer.matmul %2, %5 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: the numerator is no product of the denominator's features with values or a state}}
  %7 = transformer.binary div %4, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %7 : tensor<2x4x5x12xf32>
}

// Values of all keys over a sum of those up to the query's.
// CHECK-LABEL: func.func @other_keys_seen(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V0]], %[[V1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.trilu %[[V2]] : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V3]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[V4]], %[[V5]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @other_keys_seen(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.trilu %2 : tensor<2x4x5x5xf32>
  %4 = transformer.matmul %2, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: numerator and denominator see different keys}}
  %6 = transformer.binary div %4, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// Keys before the query's own alone.
// CHECK-LABEL: func.func @strictly_before(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %c-1 = arith.constant -1 : index
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V0]], %[[V1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.trilu %[[V2]] k %c-1 : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V3]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[V4]], %[[V5]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @strictly_before(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %one = arith.constant -1 : index
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %3 = transformer.trilu %2 k %one : tensor<2x4x5x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %6 = transformer.binary div %4, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// A state above, and none below.
// CHECK-LABEL: func.func @no_state_below(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[A3]] : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V0]], %[[V3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[V0]], %[[V5]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V4]], %[[V6]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @no_state_below(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x8x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.binary add %2, %s : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
  %4 = transformer.matmul %0, %3 : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %5 = transformer.reduce sum %1 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
  %6 = transformer.matmul %0, %5 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: numerator and denominator are not of the same keys and states}}
  %7 = transformer.binary div %4, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %7 : tensor<2x4x5x12xf32>
}

// A state that nothing is added to.
// CHECK-LABEL: func.func @state_without_update(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x8x12xf32>, %[[A2:[^:]+]]: tensor<2x4x8x1xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[V0]], %[[A1]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V0]], %[[A2]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[V1]], %[[V2]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @state_without_update(%q: tensor<2x4x5x8xf32>, %s: tensor<2x4x8x12xf32>, %z: tensor<2x4x8x1xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %2 = transformer.matmul %0, %s : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %3 = transformer.matmul %0, %z : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: no sum of the state with keys and values says what is added to the state}}
  %4 = transformer.binary div %2, %3 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %4 : tensor<2x4x5x12xf32>
}

// A number is added to the numerator.
// CHECK-LABEL: func.func @number_above(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V0]], %[[V3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V4]], %[[V2]] : tensor<2x4x5x12xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.matmul %[[V0]], %[[V6]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary div %[[V5]], %[[V7]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @number_above(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %e = transformer.constant dense<1.0e-03> : tensor<f32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.matmul %0, %2 : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %4 = transformer.binary add %3, %e : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.reduce sum %1 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
  %6 = transformer.matmul %0, %5 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: a number is added to the numerator, or one below zero to the denominator}}
  %7 = transformer.binary div %4, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %7 : tensor<2x4x5x12xf32>
}

// Features whose number is known only when it runs.
// CHECK-LABEL: func.func @unknown_width(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x?xf32> {transformer.dims = ["", "", "", "m"]}, %[[A1:[^:]+]]: tensor<2x4x5x?xf32> {transformer.dims = ["", "", "", "m"]}, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x?xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x?xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x?xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V0]], %[[V2]] : tensor<2x4x5x?xf32>, tensor<2x4x?x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x?xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[V0]], %[[V4]] <{transpose_b}> : tensor<2x4x5x?xf32>, tensor<2x4x1x?xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[V3]], %[[V5]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @unknown_width(%q: tensor<2x4x5x?xf32> {transformer.dims = ["", "", "", "m"]}, %k: tensor<2x4x5x?xf32> {transformer.dims = ["", "", "", "m"]}, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x?xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x?xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x?xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.matmul %0, %2 : tensor<2x4x5x?xf32>, tensor<2x4x?x12xf32>
  %5 = transformer.reduce sum %1 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x?xf32>
  %6 = transformer.matmul %0, %5 <{transpose_b}> : tensor<2x4x5x?xf32>, tensor<2x4x1x?xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: the number of features or of a value's columns is not known}}
  %7 = transformer.binary div %3, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %7 : tensor<2x4x5x12xf32>
}

// Causal over keys that may be fewer than the queries.
// CHECK-LABEL: func.func @unknown_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x?x8xf32>, %[[A1:[^:]+]]: tensor<2x4x?x8xf32>, %[[A2:[^:]+]]: tensor<2x4x?x12xf32>) -> tensor<2x4x?x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x?x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V0]], %[[V1]] <{transpose_b}> : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.trilu %[[V2]] : tensor<2x4x?x?xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x?x?xf32>, tensor<2x4x?x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V3]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x?x?xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary div %[[V4]], %[[V5]] : tensor<2x4x?x12xf32>, tensor<2x4x?x1xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x?x12xf32>
// CHECK-NEXT: }
func.func @unknown_rows(%q: tensor<2x4x?x8xf32>, %k: tensor<2x4x?x8xf32>, %v: tensor<2x4x?x12xf32>) -> tensor<2x4x?x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x?x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x?x8xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x?x8xf32>, tensor<2x4x?x8xf32>
  %3 = transformer.trilu %2 : tensor<2x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x?x?xf32>, tensor<2x4x?x12xf32>
  %5 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x?x?xf32>
  // expected-remark @+1 {{linear_attention stays in pieces: queries, keys, values and state are not known to have the same sizes}}
  %6 = transformer.binary div %4, %5 : tensor<2x4x?x12xf32>, tensor<2x4x?x1xf32>
  return %6 : tensor<2x4x?x12xf32>
}

// A softmax: exponentials of scores, no products of features.
// CHECK-LABEL: func.func @softmax_written_out(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[V0]] : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[V1]], %[[V2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V3]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @softmax_written_out(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %0 : tensor<2x4x5x5xf32>
  %2 = transformer.reduce sum %1 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  %3 = transformer.binary div %1, %2 : tensor<2x4x5x5xf32>, tensor<2x4x5x1xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  return %4 : tensor<2x4x5x12xf32>
}

// The denominator is bounded, which the op's is not.
// CHECK-LABEL: func.func @bounded_below(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[V0]], %[[V3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[V0]], %[[V5]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary max %[[V6]], %[[V2]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary div %[[V4]], %[[V7]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @bounded_below(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  %e = transformer.constant dense<1.0e-03> : tensor<f32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.matmul %0, %2 : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
  %5 = transformer.reduce sum %1 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x8xf32>
  %6 = transformer.matmul %0, %5 <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x1x8xf32>
  %7 = transformer.binary max %6, %e : tensor<2x4x5x1xf32>, tensor<f32>
  // expected-remark @+1 {{linear_attention stays in pieces: the denominator is bounded by a number}}
  %8 = transformer.binary div %3, %7 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %8 : tensor<2x4x5x12xf32>
}
