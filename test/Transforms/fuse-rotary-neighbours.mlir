// RUN: transom-opt --fuse-rotary --canonicalize %s | FileCheck %s

// Rotations of neighbouring features, and of some features only.

// Neighbours by strided slices.
// CHECK-LABEL: func.func @strided_slices(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @strided_slices(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.reshape %4[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %9 = transformer.reshape %7[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %10 = transformer.concat %8, %9 <{axis = 2 : i64}> : tensor<?x4x1xf32>, tensor<?x4x1xf32>
  %11 = transformer.reshape %10[%s0] : tensor<?x4x2xf32> to tensor<?x8xf32>
  return %11 : tensor<?x8xf32>
}

// Of heads, in four dims.
// CHECK-LABEL: func.func @strided_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x1x?x8xf32>, %[[A2:[^:]+]]: tensor<?x1x?x8xf32>, %[[A3:[^:]+]]: index, %[[A4:[^:]+]]: index) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @strided_heads(%x: tensor<?x4x?x16xf32>, %cos: tensor<?x1x?x8xf32>, %sin: tensor<?x1x?x8xf32>, %s0: index, %s2: index) -> tensor<?x4x?x16xf32> {
  %0 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 2>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %1 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 1>, steps = array<i64: 1, 1, 1, 2>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %5 = transformer.binary mul %1, %cos : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %8 = transformer.reshape %4[%s0, %s2] : tensor<?x4x?x8xf32> to tensor<?x4x?x8x1xf32>
  %9 = transformer.reshape %7[%s0, %s2] : tensor<?x4x?x8xf32> to tensor<?x4x?x8x1xf32>
  %10 = transformer.concat %8, %9 <{axis = 4 : i64}> : tensor<?x4x?x8x1xf32>, tensor<?x4x?x8x1xf32>
  %11 = transformer.reshape %10[%s0, %s2] : tensor<?x4x?x8x2xf32> to tensor<?x4x?x16xf32>
  return %11 : tensor<?x4x?x16xf32>
}

// x1 sin + x2 cos: the products of the second sum exchanged.
// CHECK-LABEL: func.func @strided_swapped(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @strided_swapped(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.reshape %4[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %9 = transformer.reshape %7[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %10 = transformer.concat %8, %9 <{axis = 2 : i64}> : tensor<?x4x1xf32>, tensor<?x4x1xf32>
  %11 = transformer.reshape %10[%s0] : tensor<?x4x2xf32> to tensor<?x8xf32>
  return %11 : tensor<?x8xf32>
}

// GPT-J: (-x2, x1) interleaved, one factor per feature.
// CHECK-LABEL: func.func @rotate_every_two(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @rotate_every_two(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.unary neg %0 : tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.reshape %1[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %4 = transformer.reshape %2[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %5 = transformer.concat %3, %4 <{axis = 2 : i64}> : tensor<?x4x1xf32>, tensor<?x4x1xf32>
  %6 = transformer.reshape %5[%s0] : tensor<?x4x2xf32> to tensor<?x8xf32>
  %7 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %8 = transformer.binary mul %6, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %9 = transformer.binary add %7, %8 : tensor<?x8xf32>, tensor<?x8xf32>
  return %9 : tensor<?x8xf32>
}

// The rotated part first, negated by a product.
// CHECK-LABEL: func.func @rotate_every_two_sum_swapped(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x8xf32>, %[[A1:[^:]+]]: tensor<3x8xf32>, %[[A2:[^:]+]]: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x3x8xf32>
// CHECK-NEXT: }
func.func @rotate_every_two_sum_swapped(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 2>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %c0 = transformer.constant dense<-1.0> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x3x4xf32>, tensor<f32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 2>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %3 = transformer.reshape %1[] : tensor<2x3x4xf32> to tensor<2x3x4x1xf32>
  %4 = transformer.reshape %2[] : tensor<2x3x4xf32> to tensor<2x3x4x1xf32>
  %5 = transformer.concat %3, %4 <{axis = 3 : i64}> : tensor<2x3x4x1xf32>, tensor<2x3x4x1xf32>
  %6 = transformer.reshape %5[] : tensor<2x3x4x2xf32> to tensor<2x3x8xf32>
  %7 = transformer.binary mul %sin, %6 : tensor<3x8xf32>, tensor<2x3x8xf32>
  %8 = transformer.binary mul %cos, %x : tensor<3x8xf32>, tensor<2x3x8xf32>
  %9 = transformer.binary add %7, %8 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %9 : tensor<2x3x8xf32>
}

// Pairs as a dim of two that is sliced.
// CHECK-LABEL: func.func @pairs_as_a_dim(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x8xf32>, %[[A1:[^:]+]]: tensor<3x4xf32>, %[[A2:[^:]+]]: tensor<3x4xf32>) -> tensor<3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 8 : i64}> : tensor<3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<3x8xf32>
// CHECK-NEXT: }
func.func @pairs_as_a_dim(%x: tensor<3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>) -> tensor<3x8xf32> {
  %0 = transformer.reshape %x[] : tensor<3x8xf32> to tensor<3x4x2xf32>
  %1 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x4x2xf32> to tensor<3x4x1xf32>
  %2 = transformer.reshape %1[] : tensor<3x4x1xf32> to tensor<3x4xf32>
  %3 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<3x4x2xf32> to tensor<3x4x1xf32>
  %4 = transformer.reshape %3[] : tensor<3x4x1xf32> to tensor<3x4xf32>
  %5 = transformer.binary mul %2, %cos : tensor<3x4xf32>, tensor<3x4xf32>
  %6 = transformer.binary mul %4, %sin : tensor<3x4xf32>, tensor<3x4xf32>
  %7 = transformer.binary sub %5, %6 : tensor<3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary mul %4, %cos : tensor<3x4xf32>, tensor<3x4xf32>
  %9 = transformer.binary mul %2, %sin : tensor<3x4xf32>, tensor<3x4xf32>
  %10 = transformer.binary add %8, %9 : tensor<3x4xf32>, tensor<3x4xf32>
  %11 = transformer.reshape %7[] : tensor<3x4xf32> to tensor<3x4x1xf32>
  %12 = transformer.reshape %10[] : tensor<3x4xf32> to tensor<3x4x1xf32>
  %13 = transformer.concat %11, %12 <{axis = 2 : i64}> : tensor<3x4x1xf32>, tensor<3x4x1xf32>
  %14 = transformer.reshape %13[] : tensor<3x4x2xf32> to tensor<3x8xf32>
  return %14 : tensor<3x8xf32>
}

// GPT-NeoX: the first of the features.
// CHECK-LABEL: func.func @first_half_turns(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @first_half_turns(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %4 = transformer.unary neg %3 : tensor<?x2xf32>
  %5 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %6 = transformer.concat %4, %5 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %7 = transformer.binary mul %6, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.binary add %2, %7 : tensor<?x4xf32>, tensor<?x4xf32>
  %9 = transformer.concat %8, %1 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %9 : tensor<?x8xf32>
}

// A quarter of them.
// CHECK-LABEL: func.func @first_quarter_turns(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<?x16xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @first_quarter_turns(%x: tensor<?x16xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x16xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x12xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %4 = transformer.unary neg %3 : tensor<?x2xf32>
  %5 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %6 = transformer.concat %4, %5 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %7 = transformer.binary mul %6, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.binary add %2, %7 : tensor<?x4xf32>, tensor<?x4xf32>
  %9 = transformer.concat %8, %1 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x12xf32>
  return %9 : tensor<?x16xf32>
}

// Of heads in four dims.
// CHECK-LABEL: func.func @partial_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x1x?x8xf32>, %[[A2:[^:]+]]: tensor<?x1x?x8xf32>, %[[A3:[^:]+]]: index, %[[A4:[^:]+]]: index) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @partial_heads(%x: tensor<?x4x?x16xf32>, %cos: tensor<?x1x?x8xf32>, %sin: tensor<?x1x?x8xf32>, %s0: index, %s2: index) -> tensor<?x4x?x16xf32> {
  %0 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %1 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 8>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %3 = transformer.slice %0[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x8xf32> to tensor<?x4x?x4xf32>
  %4 = transformer.unary neg %3 : tensor<?x4x?x4xf32>
  %5 = transformer.slice %0[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x8xf32> to tensor<?x4x?x4xf32>
  %6 = transformer.concat %4, %5 <{axis = 3 : i64}> : tensor<?x4x?x4xf32>, tensor<?x4x?x4xf32>
  %7 = transformer.binary mul %6, %sin : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %8 = transformer.binary add %2, %7 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %9 = transformer.concat %8, %1 <{axis = 3 : i64}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  return %9 : tensor<?x4x?x16xf32>
}

// GPT-J: neighbours among the first features.
// CHECK-LABEL: func.func @partial_interleaved(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 8 : i64}> : tensor<?x16xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @partial_interleaved(%x: tensor<?x16xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x16xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x8xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 8>, steps = array<i64: 1, 1>}> : tensor<?x16xf32> to tensor<?x8xf32>
  %2 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %4 = transformer.binary mul %2, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary sub %4, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary mul %3, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.binary mul %2, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %9 = transformer.binary add %7, %8 : tensor<?x4xf32>, tensor<?x4xf32>
  %10 = transformer.reshape %6[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %11 = transformer.reshape %9[%s0] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %12 = transformer.concat %10, %11 <{axis = 2 : i64}> : tensor<?x4x1xf32>, tensor<?x4x1xf32>
  %13 = transformer.reshape %12[%s0] : tensor<?x4x2xf32> to tensor<?x8xf32>
  %14 = transformer.concat %13, %1 <{axis = 1 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>
  return %14 : tensor<?x16xf32>
}
