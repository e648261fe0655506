// RUN: transom-opt --fuse-integer-products --split-input-file %s | FileCheck %s

// A scale and a zero point for all numbers on the left, one for each column on the right.
// CHECK-LABEL: func.func @columns
// CHECK-SAME: (%[[X:.+]]: tensor<?x16xui8>, %[[S:.+]]: tensor<f32>, %[[Z:.+]]: tensor<ui8>, %[[W:.+]]: tensor<16x48xi8>, %[[T:.+]]: tensor<48xf32>, %[[Y:.+]]: tensor<48xi8>)
// CHECK-NOT: transformer.dequantize
// CHECK: %[[SUMS:.+]] = transformer.matmul_integer %[[X]], %[[W]] lhs_zero %[[Z]] : tensor<ui8> rhs_zero %[[Y]] : tensor<48xi8> : tensor<?x16xui8>, tensor<16x48xi8>
// CHECK: %[[SCALE:.+]] = transformer.binary mul %[[S]], %[[T]] : tensor<f32>, tensor<48xf32>
// CHECK: %[[REAL:.+]] = transformer.cast %[[SUMS]] : tensor<?x48xi32> to tensor<?x48xf32>
// CHECK: transformer.binary mul %[[REAL]], %[[SCALE]] : tensor<?x48xf32>, tensor<48xf32>
func.func @columns(%x: tensor<?x16xui8>, %s: tensor<f32>, %z: tensor<ui8>, %w: tensor<16x48xi8>, %t: tensor<48xf32>, %y: tensor<48xi8>) -> tensor<?x48xf32> {
  %0 = transformer.dequantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xui8>, tensor<f32> to tensor<?x16xf32>
  %1 = transformer.dequantize %w, %t zero %y : tensor<48xi8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x48xi8>, tensor<48xf32> to tensor<16x48xf32>
  %2 = transformer.matmul %0, %1 : tensor<?x16xf32>, tensor<16x48xf32>
  return %2 : tensor<?x48xf32>
}

// -----

// A weight that is stored by its columns: a transposed product, or a transpose of it.
// CHECK-LABEL: func.func @transposed_weight
// CHECK-SAME: %[[W:[a-z0-9]+]]: tensor<48x16xi8>
// CHECK: %[[FIRST:.+]] = transformer.transpose %[[W]] <{perm = array<i64: 1, 0>}> : tensor<48x16xi8>
// CHECK: transformer.matmul_integer %{{.+}}, %[[FIRST]] : tensor<?x16xui8>, tensor<16x48xi8>
// CHECK: %[[SECOND:.+]] = transformer.transpose %[[W]] <{perm = array<i64: 1, 0>}> : tensor<48x16xi8>
// CHECK: transformer.matmul_integer %{{.+}}, %[[SECOND]] : tensor<?x16xui8>, tensor<16x48xi8>
func.func @transposed_weight(%x: tensor<?x16xui8>, %s: tensor<f32>, %w: tensor<48x16xi8>, %t: tensor<48xf32>) -> (tensor<?x48xf32>, tensor<?x48xf32>) {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xui8>, tensor<f32> to tensor<?x16xf32>
  %1 = transformer.dequantize %w, %t <{axis = 0 : i64, block_size = 0 : i64}> : tensor<48x16xi8>, tensor<48xf32> to tensor<48x16xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<?x16xf32>, tensor<48x16xf32>
  %3 = transformer.transpose %1 <{perm = array<i64: 1, 0>}> : tensor<48x16xf32>
  %4 = transformer.matmul %0, %3 : tensor<?x16xf32>, tensor<16x48xf32>
  return %2, %4 : tensor<?x48xf32>, tensor<?x48xf32>
}

// -----

// Heads are split and turned after the numbers became float: the integers take that way.
// CHECK-LABEL: func.func @heads
// CHECK-SAME: (%[[Q:.+]]: tensor<2x8x32xui8>, %[[K:.+]]: tensor<2x8x32xi8>, %[[S:.+]]: tensor<1xf32>, %[[Z:.+]]: tensor<1xui8>)
// CHECK-DAG: %[[QH:.+]] = transformer.reshape %[[Q]][] : tensor<2x8x32xui8> to tensor<2x8x4x8xui8>
// CHECK-DAG: %[[QT:.+]] = transformer.transpose %[[QH]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x8x4x8xui8>
// CHECK-DAG: %[[KH:.+]] = transformer.reshape %[[K]][] : tensor<2x8x32xi8> to tensor<2x8x4x8xi8>
// CHECK-DAG: %[[KT:.+]] = transformer.transpose %[[KH]] <{perm = array<i64: 0, 2, 3, 1>}> : tensor<2x8x4x8xi8>
// CHECK-DAG: %[[ZERO:.+]] = transformer.reshape %[[Z]][] : tensor<1xui8> to tensor<ui8>
// CHECK: transformer.matmul_integer %[[QT]], %[[KT]] lhs_zero %[[ZERO]] : tensor<ui8> : tensor<2x4x8x8xui8>, tensor<2x4x8x8xi8>
func.func @heads(%q: tensor<2x8x32xui8>, %k: tensor<2x8x32xi8>, %s: tensor<1xf32>, %z: tensor<1xui8>) -> tensor<2x4x8x8xf32> {
  %0 = transformer.dequantize %q, %s zero %z : tensor<1xui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x8x32xui8>, tensor<1xf32> to tensor<2x8x32xf32>
  %1 = transformer.reshape %0[] : tensor<2x8x32xf32> to tensor<2x8x4x8xf32>
  %2 = transformer.transpose %1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x8x4x8xf32>
  %3 = transformer.dequantize %k, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x8x32xi8>, tensor<1xf32> to tensor<2x8x32xf32>
  %4 = transformer.reshape %3[] : tensor<2x8x32xf32> to tensor<2x8x4x8xf32>
  %5 = transformer.transpose %4 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<2x8x4x8xf32>
  %6 = transformer.matmul %2, %5 : tensor<2x4x8x8xf32>, tensor<2x4x8x8xf32>
  return %6 : tensor<2x4x8x8xf32>
}

// -----

// Sums are beyond f16: scaled in f32, then rounded.
// CHECK-LABEL: func.func @half
// CHECK: %[[SUMS:.+]] = transformer.matmul_integer
// CHECK: %[[REAL:.+]] = transformer.cast %[[SUMS]] : tensor<3x48xi32> to tensor<3x48xf32>
// CHECK: %[[SCALED:.+]] = transformer.binary mul %[[REAL]], %{{.+}} : tensor<3x48xf32>, tensor<f32>
// CHECK: transformer.cast %[[SCALED]] : tensor<3x48xf32> to tensor<3x48xf16>
func.func @half(%x: tensor<3x16xi8>, %s: tensor<f16>, %w: tensor<16x48xi8>) -> tensor<3x48xf16> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<3x16xi8>, tensor<f16> to tensor<3x16xf16>
  %1 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x48xi8>, tensor<f16> to tensor<16x48xf16>
  %2 = transformer.matmul %0, %1 : tensor<3x16xf16>, tensor<16x48xf16>
  return %2 : tensor<3x48xf16>
}
