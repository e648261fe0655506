// RUN: transom-opt --fuse-rotary %s | FileCheck %s

// Llama: x cos + rotate_half(x) sin.
// CHECK-LABEL: func.func @rotate_half
// CHECK-NEXT: %[[Y:.*]] = transformer.rope %arg0, %arg1, %arg2 <{rotary_dim = 8 : i64}>
// CHECK-NEXT: return %[[Y]]
func.func @rotate_half(%x: tensor<?x4x?x8xf32>, %cos: tensor<?x1x?x8xf32>, %sin: tensor<?x1x?x8xf32>, %b: index, %s: index) -> tensor<?x4x?x8xf32> {
  %0 = transformer.binary mul %x, %cos : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %1 = transformer.slice %x[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x8xf32> to tensor<?x4x?x4xf32>
  %2 = transformer.slice %x[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x8xf32> to tensor<?x4x?x4xf32>
  %3 = transformer.unary neg %2 : tensor<?x4x?x4xf32>
  %4 = transformer.concat %3, %1 <{axis = 3 : i64}> : tensor<?x4x?x4xf32>, tensor<?x4x?x4xf32>
  %5 = transformer.binary mul %sin, %4 : tensor<?x1x?x8xf32>, tensor<?x4x?x8xf32>
  %6 = transformer.binary add %5, %0 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  return %6 : tensor<?x4x?x8xf32>
}

// Each half apart, tables of half the width.
// CHECK-LABEL: func.func @halves
// CHECK-NEXT: %[[Y:.*]] = transformer.rope %arg0, %arg1, %arg2 <{rotary_dim = 8 : i64}>
// CHECK-NEXT: return %[[Y]]
func.func @halves(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s: index) -> tensor<?x8xf32> {
  %x1 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %x2 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %0 = transformer.binary mul %x1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %x2, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %x1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x2, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary add %3, %4 : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.concat %2, %5 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %6 : tensor<?x8xf32>
}

// Neighbours by strided slices, stacked again.
// CHECK-LABEL: func.func @interleaved
// CHECK-NEXT: %[[Y:.*]] = transformer.rope %arg0, %arg1, %arg2 <{interleaved, rotary_dim = 8 : i64}>
// CHECK-NEXT: return %[[Y]]
func.func @interleaved(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s: index) -> tensor<?x8xf32> {
  %x1 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %x2 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %0 = transformer.binary mul %x1, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.binary mul %x2, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %x2, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary mul %x1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.binary add %3, %4 : tensor<?x4xf32>, tensor<?x4xf32>
  %6 = transformer.reshape %2[%s] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %7 = transformer.reshape %5[%s] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %8 = transformer.concat %6, %7 <{axis = 2 : i64}> : tensor<?x4x1xf32>, tensor<?x4x1xf32>
  %9 = transformer.reshape %8[%s] : tensor<?x4x2xf32> to tensor<?x8xf32>
  return %9 : tensor<?x8xf32>
}

// GPT-J: rotate_every_two, tables with one factor per feature, pairs as views.
// CHECK-LABEL: func.func @rotate_every_two
// CHECK-NEXT: %[[Y:.*]] = transformer.rope %arg0, %arg1, %arg2 <{interleaved, rotary_dim = 8 : i64}>
// CHECK-NEXT: return %[[Y]]
func.func @rotate_every_two(%x: tensor<?x8xf32>, %cos: tensor<?x8xf32>, %sin: tensor<?x8xf32>, %s: index) -> tensor<?x8xf32> {
  %pairs = transformer.reshape %x[%s] : tensor<?x8xf32> to tensor<?x4x2xf32>
  %a = transformer.slice %pairs[] [%s] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x4x2xf32> to tensor<?x4x1xf32>
  %b = transformer.slice %pairs[] [%s] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<?x4x2xf32> to tensor<?x4x1xf32>
  %x1 = transformer.reshape %a[%s] : tensor<?x4x1xf32> to tensor<?x4xf32>
  %x2 = transformer.reshape %b[%s] : tensor<?x4x1xf32> to tensor<?x4xf32>
  %0 = transformer.unary neg %x2 : tensor<?x4xf32>
  %1 = transformer.reshape %0[%s] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %2 = transformer.reshape %x1[%s] : tensor<?x4xf32> to tensor<?x4x1xf32>
  %3 = transformer.concat %1, %2 <{axis = 2 : i64}> : tensor<?x4x1xf32>, tensor<?x4x1xf32>
  %4 = transformer.reshape %3[%s] : tensor<?x4x2xf32> to tensor<?x8xf32>
  %5 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
  %6 = transformer.binary mul %4, %sin : tensor<?x8xf32>, tensor<?x8xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x8xf32>, tensor<?x8xf32>
  return %7 : tensor<?x8xf32>
}

// The first 4 of 8 features turn.
// CHECK-LABEL: func.func @partial
// CHECK-NEXT: %[[Y:.*]] = transformer.rope %arg0, %arg1, %arg2 <{rotary_dim = 4 : i64}> : tensor<?x8xf32>
// CHECK-NEXT: return %[[Y]]
func.func @partial(%x: tensor<?x8xf32>, %cos: tensor<?x4xf32>, %sin: tensor<?x4xf32>, %s: index) -> tensor<?x8xf32> {
  %turn = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %pass = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
  %x1 = transformer.slice %turn[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %x2 = transformer.slice %turn[] [%s] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<?x4xf32> to tensor<?x2xf32>
  %0 = transformer.unary neg %x2 : tensor<?x2xf32>
  %1 = transformer.concat %0, %x1 <{axis = 1 : i64}> : tensor<?x2xf32>, tensor<?x2xf32>
  %2 = transformer.binary mul %turn, %cos : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary mul %1, %sin : tensor<?x4xf32>, tensor<?x4xf32>
  %4 = transformer.binary add %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>
  %5 = transformer.concat %4, %pass <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
  return %5 : tensor<?x8xf32>
}
