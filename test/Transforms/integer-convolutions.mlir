// RUN: transom-opt --fuse-integer-products --split-input-file %s | FileCheck %s

// Windows that do not overlap, as of an embedding of patches: rows are the input's numbers in another order.
// CHECK-LABEL: func.func @patches
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<?x3x8x8xui8>, %[[S:[a-z0-9]+]]: tensor<f32>, %[[Z:[a-z0-9]+]]: tensor<ui8>, %[[W:[a-z0-9]+]]: tensor<5x3x4x4xi8>, %[[T:[a-z0-9]+]]: tensor<5xf32>, %[[B:[a-z0-9]+]]: tensor<5xf32>)
// CHECK-DAG: %[[C:.+]] = transformer.reshape %[[W]][] : tensor<5x3x4x4xi8> to tensor<5x48xi8>
// CHECK-DAG: %[[COLUMNS:.+]] = transformer.transpose %[[C]] <{perm = array<i64: 1, 0>}>
// CHECK-DAG: transformer.reshape %{{.+}}[%{{.+}}] : tensor<?x3x2x4x8xui8> to tensor<?x3x2x4x2x4xui8>
// CHECK-DAG: transformer.transpose %{{.+}} <{perm = array<i64: 0, 2, 4, 1, 3, 5>}> : tensor<?x3x2x4x2x4xui8>
// CHECK: %[[SUMS:.+]] = transformer.matmul_integer %{{.+}}, %[[COLUMNS]] lhs_zero %[[Z]] : tensor<ui8> : tensor<?x4x48xui8>, tensor<48x5xi8>
// CHECK: %[[SCALE:.+]] = transformer.binary mul %[[S]], %[[T]]
// CHECK: %[[REAL:.+]] = transformer.cast %[[SUMS]]
// CHECK: %[[SCALED:.+]] = transformer.binary mul %[[REAL]], %[[SCALE]] : tensor<?x4x5xf32>, tensor<5xf32>
// CHECK: %[[SUM:.+]] = transformer.binary add %[[SCALED]], %[[B]] : tensor<?x4x5xf32>, tensor<5xf32>
// CHECK: %[[TURNED:.+]] = transformer.transpose %[[SUM]] <{perm = array<i64: 0, 2, 1>}>
// CHECK: transformer.reshape %[[TURNED]]
// CHECK-NOT: transformer.conv
func.func @patches(%x: tensor<?x3x8x8xui8>, %s: tensor<f32>, %z: tensor<ui8>, %w: tensor<5x3x4x4xi8>, %t: tensor<5xf32>, %b: tensor<5xf32>) -> tensor<?x5x2x2xf32> {
  %0 = transformer.dequantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x3x8x8xui8>, tensor<f32> to tensor<?x3x8x8xf32>
  %1 = transformer.dequantize %w, %t <{axis = 0 : i64, block_size = 0 : i64}> : tensor<5x3x4x4xi8>, tensor<5xf32> to tensor<5x3x4x4xf32>
  %2 = transformer.conv %0, %1 bias %b : tensor<5xf32> <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 4, 4>}> : tensor<?x3x8x8xf32>, tensor<5x3x4x4xf32>
  return %2 : tensor<?x5x2x2xf32>
}

// -----

// Windows that overlap, with padding of zero points; what does not fill a window is left out.
// CHECK-LABEL: func.func @overlapping
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2x4x9x6xui8>, %[[S:[a-z0-9]+]]: tensor<f32>, %[[Z:[a-z0-9]+]]: tensor<ui8>
// CHECK: %[[PADDED:.+]] = transformer.pad constant %[[X]] value %[[Z]] : tensor<ui8>
// CHECK: %[[DOWN:.+]] = transformer.gather %[[PADDED]], %{{.+}} <{axis = 2 : i64}>
// CHECK: %[[WHOLE:.+]] = transformer.slice %[[DOWN]]
// CHECK: transformer.reshape %[[WHOLE]]
// CHECK: transformer.matmul_integer %{{.+}}, %{{.+}} lhs_zero %[[Z]] : tensor<ui8> rhs_zero %{{.+}} : tensor<ui8>
// CHECK-NOT: transformer.conv
func.func @overlapping(%x: tensor<2x4x9x6xui8>, %s: tensor<f32>, %z: tensor<ui8>, %w: tensor<3x4x3x2xui8>, %y: tensor<ui8>) -> tensor<2x3x4x3xf32> {
  %0 = transformer.dequantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x9x6xui8>, tensor<f32> to tensor<2x4x9x6xf32>
  %1 = transformer.dequantize %w, %s zero %y : tensor<ui8> <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3x4x3x2xui8>, tensor<f32> to tensor<3x4x3x2xf32>
  %2 = transformer.conv %0, %1 <{dilations = array<i64: 2, 1>, group = 1 : i64, pads = array<i64: 1, 0, 1, 1>, strides = array<i64: 2, 2>}> : tensor<2x4x9x6xf32>, tensor<3x4x3x2xf32>
  return %2 : tensor<2x3x4x3xf32>
}

// -----

// Widened numbers with their zero points taken off: the sums are the result.
// CHECK-LABEL: func.func @widened
// CHECK-SAME: (%[[X:[a-z0-9]+]]: tensor<2x4x9xui8>, %[[Z:[a-z0-9]+]]: tensor<ui8>, %[[W:[a-z0-9]+]]: tensor<3x4x3xi8>, %[[Y:[a-z0-9]+]]: tensor<3xi8>, %[[B:[a-z0-9]+]]: tensor<3xi32>)
// CHECK: %[[SUMS:.+]] = transformer.matmul_integer %{{.+}}, %{{.+}} lhs_zero %[[Z]] : tensor<ui8> rhs_zero %[[Y]] : tensor<3xi8> : tensor<2x7x12xui8>, tensor<12x3xi8>
// CHECK: %[[SUM:.+]] = transformer.binary add %[[SUMS]], %[[B]] : tensor<2x7x3xi32>, tensor<3xi32>
// CHECK: transformer.transpose %[[SUM]]
// CHECK-NOT: transformer.conv
func.func @widened(%x: tensor<2x4x9xui8>, %z: tensor<ui8>, %w: tensor<3x4x3xi8>, %y: tensor<3xi8>, %b: tensor<3xi32>) -> tensor<2x3x7xi32> {
  %0 = transformer.cast %x : tensor<2x4x9xui8> to tensor<2x4x9xi32>
  %1 = transformer.cast %z : tensor<ui8> to tensor<i32>
  %2 = transformer.reshape %1[] : tensor<i32> to tensor<1x1x1xi32>
  %3 = transformer.binary sub %0, %2 : tensor<2x4x9xi32>, tensor<1x1x1xi32>
  %4 = transformer.cast %w : tensor<3x4x3xi8> to tensor<3x4x3xi32>
  %5 = transformer.cast %y : tensor<3xi8> to tensor<3xi32>
  %6 = transformer.reshape %5[] : tensor<3xi32> to tensor<3x1x1xi32>
  %7 = transformer.binary sub %4, %6 : tensor<3x4x3xi32>, tensor<3x1x1xi32>
  %8 = transformer.conv %3, %7 bias %b : tensor<3xi32> <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x9xi32>, tensor<3x4x3xi32>
  return %8 : tensor<2x3x7xi32>
}

// -----

// A folded zero point, and a folded weight.
// CHECK-LABEL: func.func @folded
// CHECK: transformer.matmul_integer {{.*}} lhs_zero %{{.+}} : tensor<ui8> : tensor<2x7x3xui8>, tensor<3x2xi8>
func.func @folded(%x: tensor<2x1x9xui8>) -> tensor<2x2x7xi32> {
  %z = transformer.constant dense<128> : tensor<1x1x1xi32>
  %w = transformer.constant dense<[[[1, 2, 3]], [[-4, 5, -128]]]> : tensor<2x1x3xi32>
  %0 = transformer.cast %x : tensor<2x1x9xui8> to tensor<2x1x9xi32>
  %1 = transformer.binary sub %0, %z : tensor<2x1x9xi32>, tensor<1x1x1xi32>
  %2 = transformer.conv %1, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x1x9xi32>, tensor<2x1x3xi32>
  return %2 : tensor<2x2x7xi32>
}
