// RUN: transom-opt --fuse-gated-mlp=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.glu

// Products with gates that are no gated units.

// The gate is of an input.
// CHECK-LABEL: func.func @gate_of_no_projection(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x48xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary silu %[[A1]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V1]], %[[V2]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @gate_of_no_projection(%x: tensor<?x16xf32>, %y: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %0 = transformer.unary silu %y : tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  // expected-remark @+1 {{glu stays in pieces: the gate is no projection}}
  %2 = transformer.binary mul %0, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// What is gated is an input.
// CHECK-LABEL: func.func @no_projection_gated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x48xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary gelu %[[V1]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[A1]], %[[V2]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @no_projection_gated(%x: tensor<?x16xf32>, %y: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary gelu %0 : tensor<?x48xf32>
  // expected-remark @+1 {{glu stays in pieces: what is gated is no projection}}
  %2 = transformer.binary mul %y, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// Both factors are activations: neither is a plain projection.
// CHECK-LABEL: func.func @both_activated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary silu %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.unary sigmoid %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V4]], %[[V5]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @both_activated(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.unary silu %0 : tensor<?x48xf32>
  %3 = transformer.unary sigmoid %1 : tensor<?x48xf32>
  // expected-remark @+1 {{glu stays in pieces: what is gated is no projection}}
  %4 = transformer.binary mul %2, %3 : tensor<?x48xf32>, tensor<?x48xf32>
  return %4 : tensor<?x48xf32>
}

// Two inputs: common, and no near miss.
// CHECK-LABEL: func.func @neither(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x48xf32>, %[[A1:[^:]+]]: tensor<?x48xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @neither(%x: tensor<?x48xf32>, %y: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %0 = transformer.unary silu %x : tensor<?x48xf32>
  %1 = transformer.binary mul %0, %y : tensor<?x48xf32>, tensor<?x48xf32>
  return %1 : tensor<?x48xf32>
}

// A value times the gate of itself: an activation.
// CHECK-LABEL: func.func @gate_of_itself(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary sigmoid %[[V1]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V1]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @gate_of_itself(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x48xf32>
  %2 = transformer.binary mul %1, %0 : tensor<?x48xf32>, tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// One gate for all features.
// CHECK-LABEL: func.func @one_gate_for_all(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x1xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary sigmoid %[[V2]] : tensor<?x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V3]], %[[V4]] : tensor<?x1xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @one_gate_for_all(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x1xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x1xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x1xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %2 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  // expected-remark @+1 {{glu stays in pieces: gate and other factor differ in type}}
  %3 = transformer.binary mul %1, %2 : tensor<?x1xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// One value for all gates.
// CHECK-LABEL: func.func @one_value_for_all_gates(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary sigmoid %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x1xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V3]], %[[V4]] : tensor<?x48xf32>, tensor<?x1xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @one_value_for_all_gates(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x1xf32>
  %2 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x1xf32>
  // expected-remark @+1 {{glu stays in pieces: gate and other factor differ in type}}
  %3 = transformer.binary mul %1, %2 : tensor<?x48xf32>, tensor<?x1xf32>
  return %3 : tensor<?x48xf32>
}

// tanh gates of recurrent cells are no units.
// CHECK-LABEL: func.func @no_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary tanh %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V3]], %[[V4]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @no_activation(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary tanh %0 : tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %2 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %3 = transformer.binary mul %1, %2 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// A sum.
// CHECK-LABEL: func.func @sum_of_both(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary silu %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V3]], %[[V4]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @sum_of_both(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary silu %0 : tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %2 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %3 = transformer.binary add %1, %2 : tensor<?x48xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}

// Two projections without an activation.
// CHECK-LABEL: func.func @bilinear(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[V2]], %[[V3]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @bilinear(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %1 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x48xf32>, tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// The gate is of a norm of a projection.
// CHECK-LABEL: func.func @gate_of_a_norm(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<gate> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.rms_norm %[[V2]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary silu %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V4]], %[[V5]] : tensor<?x48xf32>, tensor<?x48xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @gate_of_a_norm(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %gate = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %gate : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.rms_norm %0 <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x48xf32>
  %2 = transformer.unary silu %1 : tensor<?x48xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %3 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  // expected-remark @+1 {{glu stays in pieces: the gate is no projection}}
  %4 = transformer.binary mul %2, %3 : tensor<?x48xf32>, tensor<?x48xf32>
  return %4 : tensor<?x48xf32>
}
