// RUN: transom-opt --lower-linear-attention %s | FileCheck %s

// Linear attentions as products; what is not read is not made.

// The state first.
// CHECK-LABEL: func.func @all(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce sum %[[A1]] <{axes = array<i64: 2>}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V1]][] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V4]], %[[V5]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V2]], %[[V6]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @all(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %r, %s, %z = transformer.linear_attention all %q, %k, %v <{epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r : tensor<2x4x5x12xf32>
}

// With what was before; new state and sums are read.
// CHECK-LABEL: func.func @all_of_state(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[V0]], %[[A3]] : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce sum %[[A1]] <{axes = array<i64: 2>}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[A4]] : tensor<2x4x8xf32>, tensor<2x4x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V3]][] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[A0]], %[[V5]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V4]], %[[V6]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V7]], %[[V1]], %[[V3]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
// CHECK-NEXT: }
func.func @all_of_state(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s0: tensor<2x4x8x12xf32>, %z0: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) {
  %r, %s, %z = transformer.linear_attention all %q, %k, %v state %s0 : tensor<2x4x8x12xf32> sums %z0 : tensor<2x4x8xf32> <{epsilon = 0.0 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r, %s, %z : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
}

// The upper triangle removed.
// CHECK-LABEL: func.func @causal(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.trilu %[[V1]] : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[V2]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce sum %[[V2]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V4]], %[[V5]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary div %[[V3]], %[[V6]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V7]], %[[V0]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: }
func.func @causal(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
  %r, %s, %z = transformer.linear_attention causal %q, %k, %v <{epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r, %s : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
}

// And what was before.
// CHECK-LABEL: func.func @causal_of_state(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.trilu %[[V0]] : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V2]], %[[V3]] : tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reduce sum %[[V1]] <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.matmul %[[A0]], %[[V6]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[V5]], %[[V7]] : tensor<2x4x5x1xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary add %[[V8]], %[[V9]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary div %[[V4]], %[[V10]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V11]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @causal_of_state(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s0: tensor<2x4x8x12xf32>, %z0: tensor<2x4x8xf32>) -> tensor<2x4x5x12xf32> {
  %r, %s, %z = transformer.linear_attention causal %q, %k, %v state %s0 : tensor<2x4x8x12xf32> sums %z0 : tensor<2x4x8xf32> <{epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r : tensor<2x4x5x12xf32>
}

// No denominator.
// CHECK-LABEL: func.func @undivided(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>) -> tensor<2x4x5x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.trilu %[[V0]] : tensor<2x4x5x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[V1]], %[[A2]] : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[A3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V2]], %[[V3]] : tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x5x12xf32>
// CHECK-NEXT: }
func.func @undivided(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s0: tensor<2x4x8x12xf32>) -> tensor<2x4x5x12xf32> {
  %r, %s, %z = transformer.linear_attention causal %q, %k, %v state %s0 : tensor<2x4x8x12xf32> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r : tensor<2x4x5x12xf32>
}

// Before the keys.
// CHECK-LABEL: func.func @memory(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A1]], %[[A2]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[V0]], %[[A3]] : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce sum %[[A1]] <{axes = array<i64: 2>}> : tensor<2x4x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[A4]] : tensor<2x4x8xf32>, tensor<2x4x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[A3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[A0]], %[[V5]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[V6]], %[[V7]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary div %[[V4]], %[[V8]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V9]], %[[V1]], %[[V3]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
// CHECK-NEXT: }
func.func @memory(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s0: tensor<2x4x8x12xf32>, %z0: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>) {
  %r, %s, %z = transformer.linear_attention before %q, %k, %v state %s0 : tensor<2x4x8x12xf32> sums %z0 : tensor<2x4x8xf32> <{epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r, %s, %z : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>, tensor<2x4x8xf32>
}

// The delta rule.
// CHECK-LABEL: func.func @delta(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x5x8xf32>, %[[A1:[^:]+]]: tensor<2x4x5x8xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x8x12xf32>, %[[A4:[^:]+]]: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A1]], %[[A3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A1]], %[[V1]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V2]], %[[V3]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary div %[[V0]], %[[V4]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary sub %[[A2]], %[[V5]] : tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.matmul %[[A1]], %[[V6]] <{transpose_a}> : tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[V7]], %[[A3]] : tensor<2x4x8x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.matmul %[[A0]], %[[A3]] : tensor<2x4x5x8xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[A4]][] : tensor<2x4x8xf32> to tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.matmul %[[A0]], %[[V10]] : tensor<2x4x5x8xf32>, tensor<2x4x8x1xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary add %[[V11]], %[[V12]] : tensor<2x4x5x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V14:.+]] = transformer.binary div %[[V9]], %[[V13]] : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
// CHECK-NEXT: return %[[V14]], %[[V8]] : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
// CHECK-NEXT: }
func.func @delta(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %s0: tensor<2x4x8x12xf32>, %z0: tensor<2x4x8xf32>) -> (tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>) {
  %r, %s, %z = transformer.linear_attention before %q, %k, %v state %s0 : tensor<2x4x8x12xf32> sums %z0 : tensor<2x4x8xf32> <{delta, epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %r, %s : tensor<2x4x5x12xf32>, tensor<2x4x8x12xf32>
}

// Sizes known when it runs; the state says the batch.
// CHECK-LABEL: func.func @sizes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x8xf32>, %[[A1:[^:]+]]: tensor<?x4x?x8xf32>, %[[A2:[^:]+]]: tensor<?x4x?x12xf32>, %[[A3:[^:]+]]: tensor<4x4x8x12xf32>, %[[A4:[^:]+]]: tensor<4x4x8xf32>) -> tensor<4x4x?x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A1]], %[[A2]] <{transpose_a}> : tensor<?x4x?x8xf32>, tensor<?x4x?x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[V0]], %[[A3]] : tensor<?x4x8x12xf32>, tensor<4x4x8x12xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce sum %[[A1]] <{axes = array<i64: 2>}> : tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[A4]] : tensor<?x4x8xf32>, tensor<4x4x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x4x?x8xf32>, tensor<4x4x8x12xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V3]][] : tensor<4x4x8xf32> to tensor<4x4x8x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.matmul %[[A0]], %[[V5]] : tensor<?x4x?x8xf32>, tensor<4x4x8x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense<1.000000e-03> : tensor<f32>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary add %[[V6]], %[[V7]] : tensor<4x4x?x1xf32>, tensor<f32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary div %[[V4]], %[[V8]] : tensor<4x4x?x12xf32>, tensor<4x4x?x1xf32>
// CHECK-NEXT: return %[[V9]] : tensor<4x4x?x12xf32>
// CHECK-NEXT: }
func.func @sizes(%q: tensor<?x4x?x8xf32>, %k: tensor<?x4x?x8xf32>, %v: tensor<?x4x?x12xf32>, %s0: tensor<4x4x8x12xf32>, %z0: tensor<4x4x8xf32>) -> tensor<4x4x?x12xf32> {
  %r, %s, %z = transformer.linear_attention all %q, %k, %v state %s0 : tensor<4x4x8x12xf32> sums %z0 : tensor<4x4x8xf32> <{epsilon = 1.0e-03 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x12xf32>
  return %r : tensor<4x4x?x12xf32>
}
