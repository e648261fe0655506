// RUN: transom-opt --fuse-rotary=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.rope

// Nearly rotations.

// A reflection.
// CHECK-LABEL: func.func @half_not_negated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.concat %[[V1]], %[[V2]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary mul %[[V3]], %[[A2]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary add %[[V0]], %[[V4]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @half_not_negated(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary add %0, %4 : tensor<?x8xf32>, tensor<?x8xf32>
  return %5 : tensor<?x8xf32>
}

// (x2, -x1): the other direction.
// CHECK-LABEL: func.func @first_half_negated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary neg %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V1]], %[[V3]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @first_half_negated(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.unary neg %2 : tensor<?x4xf32>
  %4 = transformer.concat %1, %3 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %6 = transformer.binary add %0, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// (-x1, x2): nothing is exchanged.
// CHECK-LABEL: func.func @halves_in_place(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @halves_in_place(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.unary neg %1 : tensor<?x4xf32>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %0, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Minus two times the half.
// CHECK-LABEL: func.func @negated_twofold(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-2.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V2]], %[[V0]] : tensor<?x4xf32>, tensor<f32>
// CHECK-NEXT: %[[V4:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.concat %[[V3]], %[[V4]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V5]], %[[A2]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V1]], %[[V6]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V7]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @negated_twofold(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %c0 = transformer.constant dense<-2.0> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %0, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// x cos - rotate_half(x) sin turns the other way.
// CHECK-LABEL: func.func @difference(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary sub %[[V0]], %[[V5]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @difference(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.unary neg %1 : tensor<?x4xf32>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %6 = transformer.binary sub %0, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// The product with cos is of another value.
// CHECK-LABEL: func.func @another_value(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: tensor<?x8xf32>, %[[A4:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A3]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A4]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [%[[A4]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @another_value(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %y: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %y, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.unary neg %1 : tensor<?x4xf32>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the other product is not of the value that is rotated}}
  %6 = transformer.binary add %0, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// One factor per row.
// CHECK-LABEL: func.func @table_of_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x1xf32>, %[[A2:[^:]+]]: tensor<?x1xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<?x8xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @table_of_one(%x: tensor<?x8xf32>, %cos: tensor<?x1xf32>, %sin: tensor<?x1xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x1xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.unary neg %1 : tensor<?x4xf32>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x1xf32>
  // expected-remark @+1 {{rope stays in pieces: the tables do not broadcast to the rotated value}}
  %6 = transformer.binary add %0, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Tables of more rows than the value has.
// CHECK-LABEL: func.func @table_enlarges(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x8xf32>, %[[A1:[^:]+]]: tensor<3x8xf32>, %[[A2:[^:]+]]: tensor<3x8xf32>) -> tensor<3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<1x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<1x8xf32> to tensor<1x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<1x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<1x8xf32> to tensor<1x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<1x4xf32>, tensor<1x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<1x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<3x8xf32>
// CHECK-NEXT: }
func.func @table_enlarges(%x: tensor<1x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<1x8xf32>, tensor<3x8xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<1x8xf32> to tensor<1x4xf32>
  %2 = transformer.unary neg %1 : tensor<1x4xf32>
  %3 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<1x8xf32> to tensor<1x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<1x4xf32>, tensor<1x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<1x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the tables do not broadcast to the rotated value}}
  %6 = transformer.binary add %0, %5 : tensor<3x8xf32>, tensor<3x8xf32>
  return %6 : tensor<3x8xf32>
}

// Tables with a batch that the value lacks.
// CHECK-LABEL: func.func @table_of_more_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x8xf32>, %[[A1:[^:]+]]: tensor<2x3x8xf32>, %[[A2:[^:]+]]: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<3x8xf32>, tensor<2x3x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<3x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<3x8xf32>, tensor<2x3x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<2x3x8xf32>, tensor<2x3x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x3x8xf32>
// CHECK-NEXT: }
func.func @table_of_more_dims(%x: tensor<3x8xf32>, %cos: tensor<2x3x8xf32>, %sin: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<3x8xf32>, tensor<2x3x8xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
  %2 = transformer.unary neg %1 : tensor<3x4xf32>
  %3 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<3x8xf32>, tensor<2x3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the tables do not broadcast to the rotated value}}
  %6 = transformer.binary add %0, %5 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %6 : tensor<2x3x8xf32>
}

// The second half is another value's.
// CHECK-LABEL: func.func @halves_of_two_values(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: tensor<?x8xf32>, %[[A4:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A4]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A3]][] [%[[A4]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V1]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary sub %[[V2]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V1]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V0]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V5]], %[[V6]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.concat %[[V4]], %[[V7]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V8]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @halves_of_two_values(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %y: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %y[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{rope stays in pieces: the halves are not of one value}}
  %8 = transformer.concat %4, %7 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x8xf32>
}

// The parts are joined the other way round.
// CHECK-LABEL: func.func @halves_exchanged(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V0]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary add %[[V2]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V1]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary sub %[[V5]], %[[V6]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.concat %[[V4]], %[[V7]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V8]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @halves_exchanged(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary add %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary sub %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.concat %4, %7 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x8xf32>
}

// Each half has tables of its own.
// CHECK-LABEL: func.func @tables_differ(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: tensor<?x4xf32>, %[[A4:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A4]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A4]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V1]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary sub %[[V2]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V1]], %[[A3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V0]], %[[A2]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V5]], %[[V6]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.concat %[[V4]], %[[V7]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V8]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @tables_differ(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %cos2: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %1, %cos2 : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{rope stays in pieces: the halves use different tables}}
  %8 = transformer.concat %4, %7 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x8xf32>
}

// Halves, with tables of one column.
// CHECK-LABEL: func.func @tables_of_whole_width(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x1xf32>, %[[A2:[^:]+]]: tensor<?x1xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V0]], %[[A1]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary mul %[[V1]], %[[A2]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary sub %[[V2]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V1]], %[[A1]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary mul %[[V0]], %[[A2]] : tensor<?x4xf32>, tensor<?x1xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V5]], %[[V6]] : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.concat %[[V4]], %[[V7]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V8]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @tables_of_whole_width(%x: tensor<?x8xf32>, %cos: tensor<?x1xf32>, %sin: tensor<?x1xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x1xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x1xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x1xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x1xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark @+1 {{rope stays in pieces: the tables do not broadcast to the rotated value}}
  %8 = transformer.concat %4, %7 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x8xf32>
}

// Unequal parts.
// CHECK-LABEL: func.func @thirds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x9xf32>, %[[A1:[^:]+]]: tensor<?x9xf32>, %[[A2:[^:]+]]: tensor<?x9xf32>, %[[A3:[^:]+]]: index) -> tensor<?x9xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x9xf32>, tensor<?x9xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 3>, steps = array<i64: 1, 1>}> : tensor<?x9xf32> to tensor<?x6xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary neg %[[V1]] : tensor<?x6xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x9xf32> to tensor<?x3xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<?x6xf32>, tensor<?x3xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<?x9xf32>, tensor<?x9xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V0]], %[[V5]] : tensor<?x9xf32>, tensor<?x9xf32>
// CHECK-NEXT: return %[[V6]] : tensor<?x9xf32>
// CHECK-NEXT: }
func.func @thirds(%x: tensor<?x9xf32>, %cos: tensor<?x9xf32>, %sin: tensor<?x9xf32>, %s0: index) -> tensor<?x9xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x9xf32>, tensor<?x9xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 3>, steps = array<i64: 1, 1>}> : tensor<?x9xf32> to tensor<?x6xf32>
  %2 = transformer.unary neg %1 : tensor<?x6xf32>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x9xf32> to tensor<?x3xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<?x6xf32>, tensor<?x3xf32>
  %5 = transformer.binary mul %4, %sin : tensor<?x9xf32>, tensor<?x9xf32>
  %6 = transformer.binary add %0, %5 : tensor<?x9xf32>, tensor<?x9xf32>
  return %6 : tensor<?x9xf32>
}

// The halves are of fewer rows, broadcast.
// CHECK-LABEL: func.func @some_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x8xf32>, %[[A1:[^:]+]]: tensor<2x8xf32>, %[[A2:[^:]+]]: tensor<2x8xf32>) -> tensor<2x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x8xf32> to tensor<1x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<2x8xf32> to tensor<1x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<2x8xf32>, tensor<2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary neg %[[V1]] : tensor<1x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V3]], %[[V0]] <{axis = 1 : i64}> : tensor<1x4xf32>, tensor<1x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<1x8xf32>, tensor<2x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V2]], %[[V5]] : tensor<2x8xf32>, tensor<2x8xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x8xf32>
// CHECK-NEXT: }
func.func @some_rows(%x: tensor<2x8xf32>, %cos: tensor<2x8xf32>, %sin: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x8xf32> to tensor<1x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<2x8xf32> to tensor<1x4xf32>
  %2 = transformer.binary mul %x, %cos : tensor<2x8xf32>, tensor<2x8xf32>
  %3 = transformer.unary neg %1 : tensor<1x4xf32>
  %4 = transformer.concat %3, %0 <{axis = 1 : i64}> : tensor<1x4xf32>, tensor<1x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<1x8xf32>, tensor<2x8xf32>
  %6 = transformer.binary add %2, %5 : tensor<2x8xf32>, tensor<2x8xf32>
  return %6 : tensor<2x8xf32>
}

// Joined along the rows.
// CHECK-LABEL: func.func @joined_along_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x4xf32>, %[[A1:[^:]+]]: tensor<4x4xf32>, %[[A2:[^:]+]]: tensor<4x4xf32>) -> tensor<4x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x4xf32> to tensor<2x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 2, 0>, steps = array<i64: 1, 1>}> : tensor<4x4xf32> to tensor<2x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary neg %[[V1]] : tensor<2x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V3]], %[[V0]] <{axis = 0 : i64}> : tensor<2x4xf32>, tensor<2x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mul %[[V4]], %[[A2]] : tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary add %[[V2]], %[[V5]] : tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-NEXT: return %[[V6]] : tensor<4x4xf32>
// CHECK-NEXT: }
func.func @joined_along_rows(%x: tensor<4x4xf32>, %cos: tensor<4x4xf32>, %sin: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x4xf32> to tensor<2x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 2, 0>, steps = array<i64: 1, 1>}> : tensor<4x4xf32> to tensor<2x4xf32>
  %2 = transformer.binary mul %x, %cos : tensor<4x4xf32>, tensor<4x4xf32>
  %3 = transformer.unary neg %1 : tensor<2x4xf32>
  %4 = transformer.concat %3, %0 <{axis = 0 : i64}> : tensor<2x4xf32>, tensor<2x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<4x4xf32>, tensor<4x4xf32>
  %6 = transformer.binary add %2, %5 : tensor<4x4xf32>, tensor<4x4xf32>
  return %6 : tensor<4x4xf32>
}
