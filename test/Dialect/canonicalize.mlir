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
