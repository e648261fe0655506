// RUN: transom-opt --fuse-rotary=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.rope

// Rotations whose signs do not go together.

// x cos + (x2, -x1) sin: by the negative angle.
// CHECK-LABEL: func.func @backwards(
// CHECK: return
func.func @backwards(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.unary neg %0 : tensor<2x3x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %6 = transformer.binary add %4, %5 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %6 : tensor<2x3x8xf32>
}

// x cos - (-x2, x1) sin: the same.
// CHECK-LABEL: func.func @backwards_difference(
// CHECK: return
func.func @backwards_difference(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.unary neg %1 : tensor<2x3x4xf32>
  %3 = transformer.concat %2, %0 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %6 = transformer.binary sub %4, %5 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %6 : tensor<2x3x8xf32>
}

// (-x2, x1) sin - x cos.
// CHECK-LABEL: func.func @taken_from(
// CHECK: return
func.func @taken_from(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.unary neg %1 : tensor<2x3x4xf32>
  %3 = transformer.concat %2, %0 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %6 = transformer.binary sub %5, %4 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %6 : tensor<2x3x8xf32>
}

// -(x1 cos) - x2 sin.
// CHECK-LABEL: func.func @both_negated(
// CHECK: return
func.func @both_negated(%x: tensor<2x3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %3 = transformer.binary mul %0, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %4 = transformer.unary neg %3 : tensor<2x3x4xf32>
  %5 = transformer.binary mul %1, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %6 = transformer.binary sub %4, %5 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %7 = transformer.binary mul %1, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary mul %0, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %9 = transformer.binary add %7, %8 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %10 = transformer.concat %6, %9 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %10 : tensor<2x3x8xf32>
}

// x1 cos + x2 sin, a reflection.
// CHECK-LABEL: func.func @neither_negated(
// CHECK: return
func.func @neither_negated(%x: tensor<2x3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %3 = transformer.binary mul %0, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %5 = transformer.binary mul %1, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %6 = transformer.binary add %3, %5 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %7 = transformer.binary mul %1, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary mul %0, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %9 = transformer.binary add %7, %8 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %10 = transformer.concat %6, %9 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %10 : tensor<2x3x8xf32>
}
