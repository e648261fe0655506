// RUN: transom-opt --fuse-rotary --canonicalize %s | FileCheck %s

// Rotations by halves of the features, in every order of their factors.

// x cos + rotate_half(x) sin.
// CHECK-LABEL: func.func @rotate_half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @rotate_half(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.unary neg %0 : tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// cos x + sin rotate_half(x).
// CHECK-LABEL: func.func @tables_on_the_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @tables_on_the_left(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.unary neg %0 : tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %cos, %x : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %sin, %3 : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// The rotated part first.
// CHECK-LABEL: func.func @sum_the_other_way(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @sum_the_other_way(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.unary neg %0 : tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %cos, %x : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %5, %4 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Times minus one.
// CHECK-LABEL: func.func @negated_by_a_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @negated_by_a_product(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %c0 = transformer.constant dense<-1.0> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Minus one on the left.
// CHECK-LABEL: func.func @negated_by_a_left_product(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @negated_by_a_left_product(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %c0 = transformer.constant dense<-1.0> : tensor<f32>
  %1 = transformer.binary mul %c0, %0 : tensor<f32>, tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %sin, %3 : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Zero less the half.
// CHECK-LABEL: func.func @subtracted_from_zero(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @subtracted_from_zero(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.binary sub %c0, %0 : tensor<f32>, tensor<?x4xf32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Divided by minus one.
// CHECK-LABEL: func.func @divided_by_minus_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @divided_by_minus_one(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %c0 = transformer.constant dense<-1.0> : tensor<f32>
  %1 = transformer.binary div %0, %c0 : tensor<?x4xf32>, tensor<f32>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
  return %6 : tensor<?x8xf32>
}

// Queries of heads, tables of positions.
// CHECK-LABEL: func.func @four_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x1x?x16xf32>, %[[A2:[^:]+]]: tensor<?x1x?x16xf32>, %[[A3:[^:]+]]: index, %[[A4:[^:]+]]: index) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>, tensor<?x1x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @four_dims(%x: tensor<?x4x?x16xf32>, %cos: tensor<?x1x?x16xf32>, %sin: tensor<?x1x?x16xf32>, %s0: index, %s2: index) -> tensor<?x4x?x16xf32> {
  %0 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 8>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %1 = transformer.unary neg %0 : tensor<?x4x?x8xf32>
  %2 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %3 = transformer.concat %1, %2 <{axis = 3 : i64}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %4 = transformer.binary mul %x, %cos : tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>
  %5 = transformer.binary mul %3, %sin : tensor<?x4x?x16xf32>, tensor<?x1x?x16xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  return %6 : tensor<?x4x?x16xf32>
}

// Tables without batch and heads.
// CHECK-LABEL: func.func @positions_alone(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<3x16xf32>, %[[A2:[^:]+]]: tensor<3x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 16 : i64}> : tensor<2x4x3x16xf32>, tensor<3x16xf32>, tensor<3x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @positions_alone(%x: tensor<2x4x3x16xf32>, %cos: tensor<3x16xf32>, %sin: tensor<3x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 8>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x16xf32> to tensor<2x4x3x8xf32>
  %1 = transformer.unary neg %0 : tensor<2x4x3x8xf32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x16xf32> to tensor<2x4x3x8xf32>
  %3 = transformer.concat %1, %2 <{axis = 3 : i64}> : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x4x3x16xf32>, tensor<3x16xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x4x3x16xf32>, tensor<3x16xf32>
  %6 = transformer.binary add %4, %5 : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// Rows before heads.
// CHECK-LABEL: func.func @heads_inside(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x4x16xf32>, %[[A1:[^:]+]]: tensor<2x3x1x16xf32>, %[[A2:[^:]+]]: tensor<2x3x1x16xf32>) -> tensor<2x3x4x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 16 : i64}> : tensor<2x3x4x16xf32>, tensor<2x3x1x16xf32>, tensor<2x3x1x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x3x4x16xf32>
// CHECK-NEXT: }
func.func @heads_inside(%x: tensor<2x3x4x16xf32>, %cos: tensor<2x3x1x16xf32>, %sin: tensor<2x3x1x16xf32>) -> tensor<2x3x4x16xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 8>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x3x4x16xf32> to tensor<2x3x4x8xf32>
  %1 = transformer.unary neg %0 : tensor<2x3x4x8xf32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x3x4x16xf32> to tensor<2x3x4x8xf32>
  %3 = transformer.concat %1, %2 <{axis = 3 : i64}> : tensor<2x3x4x8xf32>, tensor<2x3x4x8xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x3x4x16xf32>, tensor<2x3x1x16xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x3x4x16xf32>, tensor<2x3x1x16xf32>
  %6 = transformer.binary add %4, %5 : tensor<2x3x4x16xf32>, tensor<2x3x4x16xf32>
  return %6 : tensor<2x3x4x16xf32>
}

// A single row of tables for a decoding step.
// CHECK-LABEL: func.func @one_position(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x1x16xf32>, %[[A1:[^:]+]]: tensor<1x16xf32>, %[[A2:[^:]+]]: tensor<1x16xf32>) -> tensor<2x4x1x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 16 : i64}> : tensor<2x4x1x16xf32>, tensor<1x16xf32>, tensor<1x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x1x16xf32>
// CHECK-NEXT: }
func.func @one_position(%x: tensor<2x4x1x16xf32>, %cos: tensor<1x16xf32>, %sin: tensor<1x16xf32>) -> tensor<2x4x1x16xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 8>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x1x16xf32> to tensor<2x4x1x8xf32>
  %1 = transformer.unary neg %0 : tensor<2x4x1x8xf32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x1x16xf32> to tensor<2x4x1x8xf32>
  %3 = transformer.concat %1, %2 <{axis = 3 : i64}> : tensor<2x4x1x8xf32>, tensor<2x4x1x8xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x4x1x16xf32>, tensor<1x16xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x4x1x16xf32>, tensor<1x16xf32>
  %6 = transformer.binary add %4, %5 : tensor<2x4x1x16xf32>, tensor<2x4x1x16xf32>
  return %6 : tensor<2x4x1x16xf32>
}

// f64.
// CHECK-LABEL: func.func @doubles(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf64>, %[[A1:[^:]+]]: tensor<?x8xf64>, %[[A2:[^:]+]]: tensor<?x8xf64>, %[[A3:[^:]+]]: index) -> tensor<?x8xf64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf64>, tensor<?x8xf64>, tensor<?x8xf64>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf64>
// CHECK-NEXT: }
func.func @doubles(%x: tensor<?x8xf64>, %cos: tensor<?x8xf64>, %sin: tensor<?x8xf64>, %s0: index) -> tensor<?x8xf64> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf64> to tensor<?x4xf64>
  %1 = transformer.unary neg %0 : tensor<?x4xf64>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf64> to tensor<?x4xf64>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf64>, tensor<?x4xf64>
  %4 = transformer.binary mul %x, %cos : tensor<?x8xf64>, tensor<?x8xf64>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf64>, tensor<?x8xf64>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf64>, tensor<?x8xf64>
  return %6 : tensor<?x8xf64>
}

// All in f16.
// CHECK-LABEL: func.func @in_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf16>, %[[A1:[^:]+]]: tensor<?x8xf16>, %[[A2:[^:]+]]: tensor<?x8xf16>, %[[A3:[^:]+]]: index) -> tensor<?x8xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf16>
// CHECK-NEXT: }
func.func @in_f16(%x: tensor<?x8xf16>, %cos: tensor<?x8xf16>, %sin: tensor<?x8xf16>, %s0: index) -> tensor<?x8xf16> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf16> to tensor<?x4xf16>
  %1 = transformer.unary neg %0 : tensor<?x4xf16>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf16> to tensor<?x4xf16>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf16>, tensor<?x4xf16>
  %4 = transformer.binary mul %cos, %x : tensor<?x8xf16>, tensor<?x8xf16>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xf16>, tensor<?x8xf16>
  %6 = transformer.binary add %4, %5 : tensor<?x8xf16>, tensor<?x8xf16>
  return %6 : tensor<?x8xf16>
}

// All in bf16.
// CHECK-LABEL: func.func @in_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xbf16>, %[[A1:[^:]+]]: tensor<?x8xbf16>, %[[A2:[^:]+]]: tensor<?x8xbf16>, %[[A3:[^:]+]]: index) -> tensor<?x8xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xbf16>, tensor<?x8xbf16>, tensor<?x8xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xbf16>
// CHECK-NEXT: }
func.func @in_bf16(%x: tensor<?x8xbf16>, %cos: tensor<?x8xbf16>, %sin: tensor<?x8xbf16>, %s0: index) -> tensor<?x8xbf16> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xbf16> to tensor<?x4xbf16>
  %1 = transformer.unary neg %0 : tensor<?x4xbf16>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xbf16> to tensor<?x4xbf16>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xbf16>, tensor<?x4xbf16>
  %4 = transformer.binary mul %cos, %x : tensor<?x8xbf16>, tensor<?x8xbf16>
  %5 = transformer.binary mul %3, %sin : tensor<?x8xbf16>, tensor<?x8xbf16>
  %6 = transformer.binary add %4, %5 : tensor<?x8xbf16>, tensor<?x8xbf16>
  return %6 : tensor<?x8xbf16>
}

// Each half by itself, tables of half the width.
// CHECK-LABEL: func.func @halves(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @halves(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.concat %4, %7 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x8xf32>
}

// The second half's products the other way round.
// CHECK-LABEL: func.func @halves_swapped(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: tensor<?x4xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @halves_swapped(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %1 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary mul %sin, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %cos, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
  %8 = transformer.concat %4, %7 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %8 : tensor<?x8xf32>
}

// Four dims.
// CHECK-LABEL: func.func @halves_of_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x1x?x8xf32>, %[[A2:[^:]+]]: tensor<?x1x?x8xf32>, %[[A3:[^:]+]]: index, %[[A4:[^:]+]]: index) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @halves_of_heads(%x: tensor<?x4x?x16xf32>, %cos: tensor<?x1x?x8xf32>, %sin: tensor<?x1x?x8xf32>, %s0: index, %s2: index) -> tensor<?x4x?x16xf32> {
  %0 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %1 = transformer.slice %x[] [%s0, %s2] <{static_starts = array<i64: 0, 0, 0, 8>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x16xf32> to tensor<?x4x?x8xf32>
  %2 = transformer.binary mul %0, %cos : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %4 = transformer.binary sub %2, %3 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %5 = transformer.binary mul %1, %cos : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %6 = transformer.binary mul %0, %sin : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %8 = transformer.concat %4, %7 <{axis = 3 : i64}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  return %8 : tensor<?x4x?x16xf32>
}
