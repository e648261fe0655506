// RUN: transom-opt --fuse-rotary --canonicalize %s | FileCheck %s

// Rotations of a part whose neighbours do not go into the op.

// The features that pass come first: a rotation of the last ones.
// CHECK-LABEL: func.func @rest_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rope %[[V1]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.concat %[[V0]], %[[V2]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @rest_first(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.slice %1[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %4 = transformer.unary neg %3 : tensor<?x2xf32>
  %5 = transformer.slice %1[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %6 = transformer.concat %4, %5 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %7 = transformer.binary mul %6, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.binary add %2, %7 : tensor<?x4xf32>, tensor<?x4xf32>
  %9 = transformer.concat %0, %8 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %9 : tensor<?x8xf32>
}

// What passes is of another value.
// CHECK-LABEL: func.func @rest_of_another(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: tensor<?x8xf32>, %[[A4:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A4]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A3]][] [%[[A4]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.concat %[[V1]], %[[V2]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @rest_of_another(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %y: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %3 = transformer.unary neg %2 : tensor<?x2xf32>
  %4 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %5 = transformer.concat %3, %4 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %6 = transformer.binary mul %5, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %1, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.slice %y[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %9 = transformer.concat %7, %8 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %9 : tensor<?x8xf32>
}

// Two features between are left out.
// CHECK-LABEL: func.func @gap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x10xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x10xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 6>, steps = array<i64: 1, 1>}> : tensor<?x10xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.concat %[[V1]], %[[V2]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @gap(%x: tensor<?x10xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x10xf32> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %3 = transformer.unary neg %2 : tensor<?x2xf32>
  %4 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %5 = transformer.concat %3, %4 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %6 = transformer.binary mul %5, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %1, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 6>, steps = array<i64: 1, 1>}> : tensor<?x10xf32> to tensor<?x4xf32>
  %9 = transformer.concat %7, %8 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %9 : tensor<?x8xf32>
}

// The last features start inside the rotated ones.
// CHECK-LABEL: func.func @overlap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.concat %[[V1]], %[[V2]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @overlap(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %3 = transformer.unary neg %2 : tensor<?x2xf32>
  %4 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %5 = transformer.concat %3, %4 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %6 = transformer.binary mul %5, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %1, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %9 = transformer.concat %7, %8 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %9 : tensor<?x8xf32>
}

// Two parts beside the rotated one.
// CHECK-LABEL: func.func @three_parts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x12xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x12xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x12xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.slice %[[A0]][] [%[[A3]]] <{static_starts = array<i64: 0, 8>, steps = array<i64: 1, 1>}> : tensor<?x12xf32> to tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V1]], %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<?x12xf32>
// CHECK-NEXT: }
func.func @three_parts(%x: tensor<?x12xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x12xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x12xf32> to tensor<?x4xf32>
  %1 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %3 = transformer.unary neg %2 : tensor<?x2xf32>
  %4 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %5 = transformer.concat %3, %4 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %6 = transformer.binary mul %5, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %1, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x12xf32> to tensor<?x4xf32>
  %9 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 8>, steps = array<i64: 1, 1>}> : tensor<?x12xf32> to tensor<?x4xf32>
  %10 = transformer.concat %7, %8, %9 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
  return %10 : tensor<?x12xf32>
}
