// RUN: transom-opt --fuse-rotary --canonicalize %s | FileCheck %s

// Rotations whose signs stand elsewhere than before the second half, and halves that are views of pairs.

// x1 cos + (-x2) sin.
// CHECK-LABEL: func.func @negated_half(
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @negated_half(%x: tensor<2x3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.unary neg %1 : tensor<2x3x4xf32>
  %3 = transformer.binary mul %0, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %4 = transformer.binary mul %2, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %5 = transformer.binary add %3, %4 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %6 = transformer.binary mul %1, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %7 = transformer.binary mul %0, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary add %6, %7 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %9 = transformer.concat %5, %8 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %9 : tensor<2x3x8xf32>
}

// x1 cos + x2 (-sin), the sums in the other order.
// CHECK-LABEL: func.func @negated_table(
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @negated_table(%x: tensor<2x3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.unary neg %sin : tensor<3x4xf32>
  %3 = transformer.binary mul %0, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %4 = transformer.binary mul %2, %1 : tensor<3x4xf32>, tensor<2x3x4xf32>
  %5 = transformer.binary add %4, %3 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %6 = transformer.binary mul %1, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %7 = transformer.binary mul %0, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary add %7, %6 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %9 = transformer.concat %5, %8 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %9 : tensor<2x3x8xf32>
}

// -(x2 sin) + x1 cos, and x2 cos less the negated product.
// CHECK-LABEL: func.func @negated_product(
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>
// CHECK-NEXT: return %[[V0]]
func.func @negated_product(%x: tensor<2x3x8xf32>, %cos: tensor<3x4xf32>, %sin: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %3 = transformer.binary mul %0, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %4 = transformer.binary mul %1, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %5 = transformer.unary neg %4 : tensor<2x3x4xf32>
  %6 = transformer.binary add %5, %3 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %7 = transformer.binary mul %1, %cos : tensor<2x3x4xf32>, tensor<3x4xf32>
  %8 = transformer.binary mul %0, %sin : tensor<2x3x4xf32>, tensor<3x4xf32>
  %9 = transformer.unary neg %8 : tensor<2x3x4xf32>
  %10 = transformer.binary sub %7, %9 : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %11 = transformer.concat %6, %10 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  return %11 : tensor<2x3x8xf32>
}

// x cos - (x2, -x1) sin.
// CHECK-LABEL: func.func @difference_of_products(
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V0]]
func.func @difference_of_products(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %2 = transformer.unary neg %0 : tensor<2x3x4xf32>
  %3 = transformer.concat %1, %2 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %4 = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %5 = transformer.binary mul %3, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %6 = transformer.binary sub %4, %5 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %6 : tensor<2x3x8xf32>
}

// x.reshape(..., 2, n).unbind(-2).
// CHECK-LABEL: func.func @halves_as_a_dim(
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[V0]]
func.func @halves_as_a_dim(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.reshape %x[] : tensor<2x3x8xf32> to tensor<2x3x2x4xf32>
  %1 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x3x2x4xf32> to tensor<2x3x1x4xf32>
  %2 = transformer.reshape %1[] : tensor<2x3x1x4xf32> to tensor<2x3x4xf32>
  %3 = transformer.slice %0[] [] <{static_starts = array<i64: 0, 0, 1, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x3x2x4xf32> to tensor<2x3x1x4xf32>
  %4 = transformer.reshape %3[] : tensor<2x3x1x4xf32> to tensor<2x3x4xf32>
  %5 = transformer.unary neg %4 : tensor<2x3x4xf32>
  %6 = transformer.concat %5, %2 <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %7 = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %8 = transformer.binary mul %6, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %9 = transformer.binary add %7, %8 : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %9 : tensor<2x3x8xf32>
}
