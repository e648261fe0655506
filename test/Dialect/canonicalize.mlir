// RUN: transom-opt --canonicalize %s | FileCheck %s

// CHECK-LABEL: func.func @transposes_merge
// CHECK-SAME: %[[X:.*]]: tensor<2x3x4xf32>
func.func @transposes_merge(%x: tensor<2x3x4xf32>) -> tensor<4x3x2xf32> {
  // CHECK-NEXT: %[[T:.*]] = transformer.transpose %[[X]] <{perm = array<i64: 2, 1, 0>}>
  // CHECK-NEXT: return %[[T]]
  %0 = transformer.transpose %x <{perm = array<i64: 0, 2, 1>}> : tensor<2x3x4xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 2, 0>}> : tensor<2x4x3xf32>
  return %1 : tensor<4x3x2xf32>
}

// CHECK-LABEL: func.func @inverse_transposes_vanish
// CHECK-NEXT: return %arg0
func.func @inverse_transposes_vanish(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %0 = transformer.transpose %x <{perm = array<i64: 0, 2, 1>}> : tensor<?x3x4xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1>}> : tensor<?x4x3xf32>
  return %1 : tensor<?x3x4xf32>
}

// Adding zero is no identity: -0 + 0 is +0.
// CHECK-LABEL: func.func @add_zero_stays
// CHECK: transformer.binary add
func.func @add_zero_stays(%x: tensor<?xf32>) -> tensor<?xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.binary add %x, %zero : tensor<?xf32>, tensor<f32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @multiply_by_one
// CHECK-NEXT: return %arg0
func.func @multiply_by_one(%x: tensor<?xf32>) -> tensor<?xf32> {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary mul %x, %one : tensor<?xf32>, tensor<f32>
  return %0 : tensor<?xf32>
}

// The scale of an attention, as exporters compute it from a head size.
// CHECK-LABEL: func.func @scale_folds
// CHECK: %[[S:.*]] = transformer.constant dense<2.500000e-01> : tensor<1xf32>
// CHECK-NEXT: return %[[S]]
func.func @scale_folds() -> tensor<1xf32> {
  %size = arith.constant 16 : index
  %one = transformer.constant dense<1.0> : tensor<1xf32>
  %0 = transformer.from_index %size : tensor<1xi64>
  %1 = transformer.cast %0 : tensor<1xi64> to tensor<1xf32>
  %2 = transformer.unary sqrt %1 : tensor<1xf32>
  %3 = transformer.binary div %one, %2 : tensor<1xf32>, tensor<1xf32>
  return %3 : tensor<1xf32>
}

// CHECK-LABEL: func.func @sizes_do_not_become_tensors
// CHECK-NEXT: return %arg1
func.func @sizes_do_not_become_tensors(%a: index, %b: index) -> index {
  %0 = transformer.from_index %a, %b : tensor<2xi64>
  %1 = transformer.to_index %0 <{position = 1 : i64}> : tensor<2xi64>
  return %1 : index
}

// Two dynamic dims may be permuted by a reshape to the same type: it stays.
// CHECK-LABEL: func.func @reshape_of_two_dynamic_dims_stays
// CHECK: transformer.reshape
func.func @reshape_of_two_dynamic_dims_stays(%x: tensor<?x?xf32>, %a: index, %b: index) -> tensor<?x?xf32> {
  %0 = transformer.reshape %x [%a, %b] : tensor<?x?xf32> to tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// CHECK-LABEL: func.func @reshapes_merge
// CHECK-NEXT: %[[R:.*]] = transformer.reshape %arg0[] : tensor<2x3x4xf32> to tensor<4x6xf32>
// CHECK-NEXT: return %[[R]]
func.func @reshapes_merge(%x: tensor<2x3x4xf32>) -> tensor<4x6xf32> {
  %0 = transformer.reshape %x[] : tensor<2x3x4xf32> to tensor<24xf32>
  %1 = transformer.reshape %0[] : tensor<24xf32> to tensor<4x6xf32>
  return %1 : tensor<4x6xf32>
}

// Views to the type that is there already, with at most one dynamic dim.
// CHECK-LABEL: func.func @views_of_nothing
// CHECK-SAME: (%[[X:.*]]: tensor<2x3xf32>, %[[Y:.*]]: tensor<?x3xf32>, %{{.*}}: index)
// CHECK-NEXT: return %[[X]], %[[Y]], %[[X]], %[[X]], %[[X]]
func.func @views_of_nothing(%x: tensor<2x3xf32>, %y: tensor<?x3xf32>, %n: index) -> (tensor<2x3xf32>, tensor<?x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %0 = transformer.reshape %x[] : tensor<2x3xf32> to tensor<2x3xf32>
  %1 = transformer.reshape %y[%n] : tensor<?x3xf32> to tensor<?x3xf32>
  %2 = transformer.broadcast_to %x[] : tensor<2x3xf32> to tensor<2x3xf32>
  %3 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<2x3xf32>
  %4 = transformer.concat %x <{axis = 0 : i64}> : tensor<2x3xf32>
  return %0, %1, %2, %3, %4 : tensor<2x3xf32>, tensor<?x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// A slice from another start, backwards, or shorter is none of these.
// CHECK-LABEL: func.func @real_slices_stay
// CHECK-COUNT-2: transformer.slice
func.func @real_slices_stay(%x: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x2xf32>) {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 1, 0>, steps = array<i64: -1, 1>}> : tensor<2x3xf32> to tensor<2x3xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<2x2xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x2xf32>
}

// The widths of a pad, as exporters turn them around.
// CHECK-LABEL: func.func @small_constants_move
// CHECK-DAG: %[[T:.*]] = transformer.constant dense<{{\[}}[3, 1], [4, 2]]> : tensor<2x2xi64>
// CHECK-DAG: %[[B:.*]] = transformer.constant dense<5.000000e-01> : tensor<2x3xf32>
// CHECK-DAG: %[[R:.*]] = transformer.constant dense<[3, 4, 1, 2]> : tensor<4xi64>
// CHECK: return %[[T]], %[[B]], %[[R]]
func.func @small_constants_move() -> (tensor<2x2xi64>, tensor<2x3xf32>, tensor<4xi64>) {
  %pairs = transformer.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi64>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.slice %pairs[] [] <{static_starts = array<i64: 1, 0>, steps = array<i64: -1, 1>}> : tensor<2x2xi64> to tensor<2x2xi64>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<2x2xi64>
  %2 = transformer.broadcast_to %half[] : tensor<f32> to tensor<2x3xf32>
  %3 = transformer.reshape %0[] : tensor<2x2xi64> to tensor<4xi64>
  return %1, %2, %3 : tensor<2x2xi64>, tensor<2x3xf32>, tensor<4xi64>
}

// CHECK-LABEL: func.func @elementwise_identities
// CHECK-SAME: (%[[X:.*]]: tensor<?xf32>, %[[C:.*]]: tensor<?xi1>)
// CHECK-NEXT: return %[[X]], %[[X]], %[[C]], %[[X]], %[[X]], %[[X]], %[[X]]
func.func @elementwise_identities(%x: tensor<?xf32>, %c: tensor<?xi1>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xi1>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %true = transformer.constant dense<true> : tensor<i1>
  %0 = transformer.unary identity %x : tensor<?xf32>
  %1 = transformer.unary neg %x : tensor<?xf32>
  %2 = transformer.unary neg %1 : tensor<?xf32>
  %3 = transformer.unary not %c : tensor<?xi1>
  %4 = transformer.unary not %3 : tensor<?xi1>
  %5 = transformer.cast %x : tensor<?xf32> to tensor<?xf32>
  %6 = transformer.binary div %x, %one : tensor<?xf32>, tensor<f32>
  %7 = transformer.binary sub %x, %zero : tensor<?xf32>, tensor<f32>
  %8 = transformer.select %true, %x, %zero : tensor<i1>, tensor<?xf32>, tensor<f32>
  return %0, %2, %4, %5, %6, %7, %8 : tensor<?xf32>, tensor<?xf32>, tensor<?xi1>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// CHECK-LABEL: func.func @constant_sizes
// CHECK: %[[N:.*]] = arith.constant 7 : index
// CHECK-NEXT: return %[[N]]
func.func @constant_sizes() -> index {
  %0 = transformer.constant dense<[5, 7]> : tensor<2xi64>
  %1 = transformer.to_index %0 <{position = 1 : i64}> : tensor<2xi64>
  return %1 : index
}

// Rows are widened after they are looked up; a cast that says how the table is stored stays, and so does one of a value.
// CHECK-LABEL: func.func @lookups
// CHECK: %[[H:.*]] = transformer.constant dense_resource<h> : tensor<9x4xf16>
// CHECK: %[[W:.*]] = transformer.constant dense_resource<w> : tensor<9x4xf32>
// CHECK: %[[ROWS:.*]] = transformer.gather %[[H]], %{{.*}} : tensor<9x4xf16>, tensor<?xi64>
// CHECK: transformer.cast %[[ROWS]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK: %[[STORED:.*]] = transformer.cast %[[W]] : tensor<9x4xf32> to tensor<9x4xf16>
// CHECK: transformer.gather %[[STORED]], %{{.*}} : tensor<9x4xf16>, tensor<?xi64>
// CHECK: %[[WIDE:.*]] = transformer.cast %{{.*}} : tensor<9x4xf16> to tensor<9x4xf32>
// CHECK: transformer.gather %[[WIDE]], %{{.*}} : tensor<9x4xf32>, tensor<?xi64>
func.func @lookups(%i: tensor<?xi64>, %x: tensor<9x4xf16>) -> (tensor<?x4xf32>, tensor<?x4xf16>, tensor<?x4xf32>) {
  %h = transformer.constant dense_resource<h> : tensor<9x4xf16>
  %w = transformer.constant dense_resource<w> : tensor<9x4xf32>
  %0 = transformer.cast %h : tensor<9x4xf16> to tensor<9x4xf32>
  %1 = transformer.gather %0, %i <{axis = 0 : i64}> : tensor<9x4xf32>, tensor<?xi64>
  %2 = transformer.cast %w : tensor<9x4xf32> to tensor<9x4xf16>
  %3 = transformer.gather %2, %i <{axis = 0 : i64}> : tensor<9x4xf16>, tensor<?xi64>
  %4 = transformer.cast %x : tensor<9x4xf16> to tensor<9x4xf32>
  %5 = transformer.gather %4, %i <{axis = 0 : i64}> : tensor<9x4xf32>, tensor<?xi64>
  return %1, %3, %5 : tensor<?x4xf32>, tensor<?x4xf16>, tensor<?x4xf32>
}

// A choice that is known is the operand, but not where the other one may be larger.
// CHECK-LABEL: func.func @known_choice
// CHECK: %[[KEPT:.*]] = transformer.select
// CHECK-NEXT: return %[[KEPT]], %arg0
func.func @known_choice(%x: tensor<?x?xi64>, %y: tensor<?xi64>, %z: tensor<1xi64>) -> (tensor<?x?xi64>, tensor<?x?xi64>) {
  %false = transformer.constant dense<false> : tensor<1x1xi1>
  %0 = transformer.select %false, %y, %x : tensor<1x1xi1>, tensor<?xi64>, tensor<?x?xi64>
  %1 = transformer.select %false, %z, %x : tensor<1x1xi1>, tensor<1xi64>, tensor<?x?xi64>
  return %0, %1 : tensor<?x?xi64>, tensor<?x?xi64>
}

// One dynamic dim beside a 0: as many elements, namely none, do not make it the same.
// CHECK-LABEL: func.func @empty_reshape
// CHECK: transformer.reshape
func.func @empty_reshape(%x: tensor<?x0xf32>, %n: index) -> tensor<?x0xf32> {
  %0 = transformer.reshape %x[%n] : tensor<?x0xf32> to tensor<?x0xf32>
  return %0 : tensor<?x0xf32>
}
