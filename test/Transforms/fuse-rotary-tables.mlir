// RUN: transom-opt --fuse-rotary --canonicalize %s | FileCheck %s

// Tables and values in other types, computed, scaled and shared.

// f16 widened, rotated in f32, narrowed.
// CHECK-LABEL: func.func @cast_value(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf16>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x8xf16> to tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x8xf32> to tensor<?x8xf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x8xf16>
// CHECK-NEXT: }
func.func @cast_value(%x: tensor<?x8xf16>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf16> {
  %0 = transformer.cast %x : tensor<?x8xf16> to tensor<?x8xf32>
  %1 = transformer.binary mul %0, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %2 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %3 = transformer.unary neg %2 : tensor<?x4xf32>
  %4 = transformer.slice %0[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %5 = transformer.concat %3, %4 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.binary mul %5, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %7 = transformer.binary add %1, %6 : tensor<?x8xf32>, tensor<?x8xf32>
  %8 = transformer.cast %7 : tensor<?x8xf32> to tensor<?x8xf16>
  return %8 : tensor<?x8xf16>
}

// Tables narrowed to the value's type.
// CHECK-LABEL: func.func @cast_tables(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf16>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A1]] : tensor<?x8xf32> to tensor<?x8xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.cast %[[A2]] : tensor<?x8xf32> to tensor<?x8xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.rope %[[A0]], %[[V0]], %[[V1]] <{rotary_dim = 8 : i64}> : tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x8xf16>
// CHECK-NEXT: }
func.func @cast_tables(%x: tensor<?x8xf16>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf16> {
  %0 = transformer.cast %cos : tensor<?x8xf32> to tensor<?x8xf16>
  %1 = transformer.cast %sin : tensor<?x8xf32> to tensor<?x8xf16>
  %2 = transformer.binary mul %x, %0 : tensor<?x8xf16>, tensor<?x8xf16>
  %3 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf16> to tensor<?x4xf16>
  %4 = transformer.unary neg %3 : tensor<?x4xf16>
  %5 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf16> to tensor<?x4xf16>
  %6 = transformer.concat %4, %5 <{axis = 1 : i64}> : tensor<?x4xf16>, tensor<?x4xf16>
  %7 = transformer.binary mul %6, %1 : tensor<?x8xf16>, tensor<?x8xf16>
  %8 = transformer.binary add %2, %7 : tensor<?x8xf16>, tensor<?x8xf16>
  return %8 : tensor<?x8xf16>
}

// Only the rotated part is cast.
// CHECK-LABEL: func.func @cast_rotated_half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf16>, %[[A1:[^:]+]]: tensor<?x8xf32>, %[[A2:[^:]+]]: tensor<?x8xf32>, %[[A3:[^:]+]]: index) -> tensor<?x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x8xf16> to tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @cast_rotated_half(%x: tensor<?x8xf16>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s0: index) -> tensor<?x8xf32> {
  %0 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf16> to tensor<?x4xf16>
  %1 = transformer.unary neg %0 : tensor<?x4xf16>
  %2 = transformer.slice %x[] [%s0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf16> to tensor<?x4xf16>
  %3 = transformer.concat %1, %2 <{axis = 1 : i64}> : tensor<?x4xf16>, tensor<?x4xf16>
  %4 = transformer.cast %3 : tensor<?x8xf16> to tensor<?x8xf32>
  %5 = transformer.cast %x : tensor<?x8xf16> to tensor<?x8xf32>
  %6 = transformer.binary mul %5, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %7 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %8 = transformer.binary add %6, %7 : tensor<?x8xf32>, tensor<?x8xf32>
  return %8 : tensor<?x8xf32>
}

// Tables from positions: cos and sin of their products stay.
// CHECK-LABEL: func.func @computed_tables(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x8xf32>, %[[A1:[^:]+]]: tensor<3x1xf32>, %[[A2:[^:]+]]: tensor<1x8xf32>) -> tensor<2x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A1]], %[[A2]] : tensor<3x1xf32>, tensor<1x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary cos %[[V0]] : tensor<3x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary sin %[[V0]] : tensor<3x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.rope %[[A0]], %[[V1]], %[[V2]] <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x3x8xf32>
// CHECK-NEXT: }
func.func @computed_tables(%x: tensor<2x3x8xf32>, %cos: tensor<3x1xf32>, %sin: tensor<1x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.binary mul %cos, %sin : tensor<3x1xf32>, tensor<1x8xf32>
  %1 = transformer.unary cos %0 : tensor<3x8xf32>
  %2 = transformer.binary mul %x, %1 : tensor<2x3x8xf32>, tensor<3x8xf32>
  %3 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %4 = transformer.unary neg %3 : tensor<2x3x4xf32>
  %5 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %6 = transformer.concat %4, %5 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %7 = transformer.unary sin %0 : tensor<3x8xf32>
  %8 = transformer.binary mul %6, %7 : tensor<2x3x8xf32>, tensor<3x8xf32>
  %9 = transformer.binary add %2, %8 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %9 : tensor<2x3x8xf32>
}

// YaRN: the tables times one number.
// CHECK-LABEL: func.func @scaled_tables(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x8xf32>, %[[A1:[^:]+]]: tensor<3x8xf32>, %[[A2:[^:]+]]: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.250000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A1]], %[[V0]] : tensor<3x8xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A2]], %[[V0]] : tensor<3x8xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.rope %[[A0]], %[[V1]], %[[V2]] <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x3x8xf32>
// CHECK-NEXT: }
func.func @scaled_tables(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %c0 = transformer.constant dense<1.25> : tensor<f32>
  %0 = transformer.binary mul %cos, %c0 : tensor<3x8xf32>, tensor<f32>
  %1 = transformer.binary mul %x, %0 : tensor<2x3x8xf32>, tensor<3x8xf32>
  %2 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %3 = transformer.unary neg %2 : tensor<2x3x4xf32>
  %4 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %5 = transformer.concat %3, %4 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %6 = transformer.binary mul %sin, %c0 : tensor<3x8xf32>, tensor<f32>
  %7 = transformer.binary mul %5, %6 : tensor<2x3x8xf32>, tensor<3x8xf32>
  %8 = transformer.binary add %1, %7 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %8 : tensor<2x3x8xf32>
}

// One pair of tables for two values.
// CHECK-LABEL: func.func @shared_by_query_and_key(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x8xf32>, %[[A1:[^:]+]]: tensor<3x8xf32>, %[[A2:[^:]+]]: tensor<3x8xf32>, %[[A3:[^:]+]]: tensor<2x2x3x8xf32>) -> (tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<2x4x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[A3]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<2x2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>
// CHECK-NEXT: }
func.func @shared_by_query_and_key(%x: tensor<2x4x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>, %k: tensor<2x2x3x8xf32>) -> (tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>) {
  %0 = transformer.binary mul %x, %cos : tensor<2x4x3x8xf32>, tensor<3x8xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x8xf32> to tensor<2x4x3x4xf32>
  %2 = transformer.unary neg %1 : tensor<2x4x3x4xf32>
  %3 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x8xf32> to tensor<2x4x3x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 3 : i64}> : tensor<2x4x3x4xf32>, tensor<2x4x3x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<2x4x3x8xf32>, tensor<3x8xf32>
  %6 = transformer.binary add %0, %5 : tensor<2x4x3x8xf32>, tensor<2x4x3x8xf32>
  %7 = transformer.binary mul %k, %cos : tensor<2x2x3x8xf32>, tensor<3x8xf32>
  %8 = transformer.slice %k[] [] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x2x3x8xf32> to tensor<2x2x3x4xf32>
  %9 = transformer.unary neg %8 : tensor<2x2x3x4xf32>
  %10 = transformer.slice %k[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x2x3x8xf32> to tensor<2x2x3x4xf32>
  %11 = transformer.concat %9, %10 <{axis = 3 : i64}> : tensor<2x2x3x4xf32>, tensor<2x2x3x4xf32>
  %12 = transformer.binary mul %11, %sin : tensor<2x2x3x8xf32>, tensor<3x8xf32>
  %13 = transformer.binary add %7, %12 : tensor<2x2x3x8xf32>, tensor<2x2x3x8xf32>
  return %6, %13 : tensor<2x4x3x8xf32>, tensor<2x2x3x8xf32>
}

// ChatGLM: one part turns by rows, the other by columns.
// CHECK-LABEL: func.func @both_axes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x8xf32>, %[[A1:[^:]+]]: tensor<3x4xf32>, %[[A2:[^:]+]]: tensor<3x4xf32>, %[[A3:[^:]+]]: tensor<3x4xf32>, %[[A4:[^:]+]]: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 4 : i64}> : tensor<2x3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.rope %[[V1]], %[[A3]], %[[A4]] <{rotary_dim = 4 : i64}> : tensor<2x3x4xf32>, tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V2]], %[[V3]] <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x3x8xf32>
// CHECK-NEXT: }
func.func @both_axes(%x: tensor<2x3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>, %rows: tensor<3x4xf32>, %columns: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.binary mul %0, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %3 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x4xf32> to tensor<2x3x2xf32>
  %4 = transformer.unary neg %3 : tensor<2x3x2xf32>
  %5 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x4xf32> to tensor<2x3x2xf32>
  %6 = transformer.concat %4, %5 <{axis = 2 : i64}> : tensor<2x3x2xf32>, tensor<2x3x2xf32>
  %7 = transformer.binary mul %6, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary add %2, %7 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %9 = transformer.binary mul %1, %rows : tensor<2x3x4xf32>, tensor<3x4xf32>
  %10 = transformer.slice %1[] [] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x4xf32> to tensor<2x3x2xf32>
  %11 = transformer.unary neg %10 : tensor<2x3x2xf32>
  %12 = transformer.slice %1[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x4xf32> to tensor<2x3x2xf32>
  %13 = transformer.concat %11, %12 <{axis = 2 : i64}> : tensor<2x3x2xf32>, tensor<2x3x2xf32>
  %14 = transformer.binary mul %13, %columns : tensor<2x3x4xf32>, tensor<3x4xf32>
  %15 = transformer.binary add %9, %14 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %16 = transformer.concat %8, %15 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %16 : tensor<2x3x8xf32>
}

// A rotation of a rotation.
// CHECK-LABEL: func.func @rotated_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x8xf32>, %[[A1:[^:]+]]: tensor<3x8xf32>, %[[A2:[^:]+]]: tensor<3x8xf32>) -> tensor<3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[V0]], %[[A1]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<3x8xf32>
// CHECK-NEXT: }
func.func @rotated_twice(%x: tensor<3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<3x8xf32>, tensor<3x8xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
  %2 = transformer.unary neg %1 : tensor<3x4xf32>
  %3 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
  %4 = transformer.concat %2, %3 <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %5 = transformer.binary mul %4, %sin : tensor<3x8xf32>, tensor<3x8xf32>
  %6 = transformer.binary add %0, %5 : tensor<3x8xf32>, tensor<3x8xf32>
  %7 = transformer.binary mul %6, %cos : tensor<3x8xf32>, tensor<3x8xf32>
  %8 = transformer.slice %6[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
  %9 = transformer.unary neg %8 : tensor<3x4xf32>
  %10 = transformer.slice %6[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<3x8xf32> to tensor<3x4xf32>
  %11 = transformer.concat %9, %10 <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %12 = transformer.binary mul %11, %sin : tensor<3x8xf32>, tensor<3x8xf32>
  %13 = transformer.binary add %7, %12 : tensor<3x8xf32>, tensor<3x8xf32>
  return %13 : tensor<3x8xf32>
}
