// RUN: transom-opt --fuse-gated-mlp --canonicalize %s | FileCheck %s

// Gated units of every activation, of two projections and of one.

// silu of one projection times another.
// CHECK-LABEL: func.func @silu_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu silu %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @silu_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary silu %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// gelu of one projection times another.
// CHECK-LABEL: func.func @gelu_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu gelu %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @gelu_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary gelu %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// gelu_tanh of one projection times another.
// CHECK-LABEL: func.func @gelu_tanh_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu gelu_tanh %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @gelu_tanh_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary gelu_tanh %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// quick_gelu of one projection times another.
// CHECK-LABEL: func.func @quick_gelu_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu quick_gelu %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @quick_gelu_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary quick_gelu %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// relu of one projection times another.
// CHECK-LABEL: func.func @relu_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu relu %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @relu_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary relu %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// sigmoid of one projection times another.
// CHECK-LABEL: func.func @sigmoid_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu sigmoid %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @sigmoid_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary sigmoid %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// relu_squared of one projection times another.
// CHECK-LABEL: func.func @relu_squared_gate(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu relu_squared %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @relu_squared_gate(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary relu_squared %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// The gate on the right.
// CHECK-LABEL: func.func @gate_on_the_right(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu silu %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @gate_on_the_right(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary silu %0 : tensor<?x48xf32>
  %3 = transformer.binary mul %1, %2 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// Both with biases.
// CHECK-LABEL: func.func @biased(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up_bias> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate_bias> : tensor<48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V3]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[A0]], %[[V2]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V4]], %[[V1]] : tensor<?x48xf32>, tensor<48xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V5]], %[[V0]] : tensor<?x48xf32>, tensor<48xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.glu silu %[[V6]], %[[V7]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V8]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @biased(%x: tensor<?x16xf32>, %n: index) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %gate_bias = transformer.constant dense_resource<gate_bias> : tensor<48xf32>
  %2 = transformer.binary add %0, %gate_bias : tensor<?x48xf32>, tensor<48xf32>
  %up_bias = transformer.constant dense_resource<up_bias> : tensor<48xf32>
  %3 = transformer.binary add %1, %up_bias : tensor<?x48xf32>, tensor<48xf32>
  %4 = transformer.unary silu %2 : tensor<?x48xf32>
  %5 = transformer.binary mul %4, %3 : tensor<?x48xf32>, tensor<?x48xf32>
  return %5 : tensor<?x48xf32>
}

// Halves of one projection, the gate first.
// CHECK-LABEL: func.func @packed_gate_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x24xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<both> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[V1]][] [%[[A1]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[V1]][] [%[[A1]]] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu silu %[[V2]], %[[V3]] : tensor<?x24xf32>, tensor<?x24xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x24xf32>
// CHECK-NEXT: }
func.func @packed_gate_first(%x: tensor<?x16xf32>, %n: index) -> tensor<?x24xf32> {
  %both = transformer.constant dense_resource<both> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %both : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.slice %0[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %2 = transformer.slice %0[] [%n] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %3 = transformer.unary silu %1 : tensor<?x24xf32>
  %4 = transformer.binary mul %3, %2 : tensor<?x24xf32>, tensor<?x24xf32>
  return %4 : tensor<?x24xf32>
}

// The gate last.
// CHECK-LABEL: func.func @packed_gate_last(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x24xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<both> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[V1]][] [%[[A1]]] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[V1]][] [%[[A1]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu gelu %[[V2]], %[[V3]] : tensor<?x24xf32>, tensor<?x24xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x24xf32>
// CHECK-NEXT: }
func.func @packed_gate_last(%x: tensor<?x16xf32>, %n: index) -> tensor<?x24xf32> {
  %both = transformer.constant dense_resource<both> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %both : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.slice %0[] [%n] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %2 = transformer.slice %0[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %3 = transformer.unary gelu %1 : tensor<?x24xf32>
  %4 = transformer.binary mul %2, %3 : tensor<?x24xf32>, tensor<?x24xf32>
  return %4 : tensor<?x24xf32>
}

// A packed projection with a bias.
// CHECK-LABEL: func.func @packed_biased(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: index) -> tensor<?x24xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<bias> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<both> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary add %[[V2]], %[[V0]] : tensor<?x48xf32>, tensor<48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.slice %[[V3]][] [%[[A1]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.slice %[[V3]][] [%[[A1]]] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.glu silu %[[V4]], %[[V5]] : tensor<?x24xf32>, tensor<?x24xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x24xf32>
// CHECK-NEXT: }
func.func @packed_biased(%x: tensor<?x16xf32>, %n: index) -> tensor<?x24xf32> {
  %both = transformer.constant dense_resource<both> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %both : tensor<?x16xf32>, tensor<16x48xf32>
  %bias = transformer.constant dense_resource<bias> : tensor<48xf32>
  %1 = transformer.binary add %0, %bias : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.slice %1[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %3 = transformer.slice %1[] [%n] <{static_starts = array<i64: 0, 24>, steps = array<i64: 1, 1>}> : tensor<?x48xf32> to tensor<?x24xf32>
  %4 = transformer.unary silu %2 : tensor<?x24xf32>
  %5 = transformer.binary mul %4, %3 : tensor<?x24xf32>, tensor<?x24xf32>
  return %5 : tensor<?x24xf32>
}

// f16.
// CHECK-LABEL: func.func @half_precision(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf16>, %[[A1:[^:]+]]: index) -> tensor<?x48xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf16>, tensor<16x48xf16>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf16>, tensor<16x48xf16>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu silu %[[V2]], %[[V3]] : tensor<?x48xf16>, tensor<?x48xf16>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf16>
// CHECK-NEXT: }
func.func @half_precision(%x: tensor<?x16xf16>, %n: index) -> tensor<?x48xf16> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf16>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf16>, tensor<16x48xf16>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf16>
  %1 = transformer.matmul %x, %up : tensor<?x16xf16>, tensor<16x48xf16>
  %2 = transformer.unary silu %0 : tensor<?x48xf16>
  %3 = transformer.binary mul %2, %1 : tensor<?x48xf16>, tensor<?x48xf16>
  return %3 : tensor<?x48xf16>
}

// Projections in f16 whose unit runs in f32.
// CHECK-LABEL: func.func @cast_projections(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf16>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf16>, tensor<16x48xf16>
// CHECK-NEXT: %[[V3:.+]] = transformer.cast %[[V2]] : tensor<?x48xf16> to tensor<?x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf16>, tensor<16x48xf16>
// CHECK-NEXT: %[[V5:.+]] = transformer.cast %[[V4]] : tensor<?x48xf16> to tensor<?x48xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.glu silu %[[V3]], %[[V5]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @cast_projections(%x: tensor<?x16xf16>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf16>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf16>, tensor<16x48xf16>
  %1 = transformer.cast %0 : tensor<?x48xf16> to tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf16>
  %2 = transformer.matmul %x, %up : tensor<?x16xf16>, tensor<16x48xf16>
  %3 = transformer.cast %2 : tensor<?x48xf16> to tensor<?x48xf32>
  %4 = transformer.unary silu %1 : tensor<?x48xf32>
  %5 = transformer.binary mul %4, %3 : tensor<?x48xf32>, tensor<?x48xf32>
  return %5 : tensor<?x48xf32>
}

// A projection times one number is one still.
// CHECK-LABEL: func.func @bilinear_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V2]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[V0]] : tensor<?x48xf32>, tensor<f32>
// CHECK-NEXT: %[[V6:.+]] = transformer.glu silu %[[V3]], %[[V5]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @bilinear_scale(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x48xf32>, tensor<f32>
  %3 = transformer.unary silu %0 : tensor<?x48xf32>
  %4 = transformer.binary mul %3, %2 : tensor<?x48xf32>, tensor<?x48xf32>
  return %4 : tensor<?x48xf32>
}

// Projections that are transposed before.
// CHECK-LABEL: func.func @transposed(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<48x?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.transpose %[[V2]] <{perm = array<i64: 1, 0>}> : tensor<?x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.transpose %[[V4]] <{perm = array<i64: 1, 0>}> : tensor<?x48xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.glu silu %[[V3]], %[[V5]] : tensor<48x?xf32>, tensor<48x?xf32>
// CHECK-NEXT: return %[[V6]] : tensor<48x?xf32>
// CHECK-NEXT: }
func.func @transposed(%x: tensor<?x16xf32>) -> tensor<48x?xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %2 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 1, 0>}> : tensor<?x48xf32>
  %4 = transformer.unary silu %1 : tensor<48x?xf32>
  %5 = transformer.binary mul %4, %3 : tensor<48x?xf32>, tensor<48x?xf32>
  return %5 : tensor<48x?xf32>
}
