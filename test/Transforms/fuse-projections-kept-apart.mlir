// RUN: transom-opt --fuse-projections %s | FileCheck %s --implicit-check-not=transformer.concat

// Linears of one input that stay apart.

// One has an activation.
// CHECK-LABEL: func.func @activated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] <{activation = #transformer<unary_kind relu>}> : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V2]], %[[V5]] : tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @activated(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q <{activation = #transformer<unary_kind relu>}> : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// One is read as it is.
// CHECK-LABEL: func.func @read_whole(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V2]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V1]], %[[V4]] : tensor<4x16xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @read_whole(%x: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %1 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %2 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %0, %2 : tensor<4x16xf32>, tensor<4x2x8xf32>
}

// One is split and read as it is.
// CHECK-LABEL: func.func @read_whole_too(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]], %[[V5]] : tensor<4x16xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @read_whole_too(%x: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %0, %1, %3 : tensor<4x16xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// A reshape of the rows, not of the features.
// CHECK-LABEL: func.func @rows_split(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<2x2x16xf32>, tensor<2x2x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<2x2x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<2x2x16xf32>
// CHECK-NEXT: return %[[V2]], %[[V5]] : tensor<2x2x16xf32>, tensor<2x2x16xf32>
// CHECK-NEXT: }
func.func @rows_split(%x: tensor<4x16xf32>) -> (tensor<2x2x16xf32>, tensor<2x2x16xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<2x2x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<2x2x16xf32>
  return %1, %3 : tensor<2x2x16xf32>, tensor<2x2x16xf32>
}

// A reshape that joins rows.
// CHECK-LABEL: func.func @flattened(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<64xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<64xf32>
// CHECK-NEXT: return %[[V2]], %[[V5]] : tensor<64xf32>, tensor<64xf32>
// CHECK-NEXT: }
func.func @flattened(%x: tensor<4x16xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<64xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<64xf32>
  return %1, %3 : tensor<64xf32>, tensor<64xf32>
}

// One that nothing reads.
// CHECK-LABEL: func.func @unused(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> tensor<4x2x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V2]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V4]] : tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @unused(%x: tensor<4x16xf32>) -> tensor<4x2x8xf32> {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %1 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %2 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %2 : tensor<4x2x8xf32>
}

// Weights stored in two types.
// CHECK-LABEL: func.func @two_types(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x16xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V2]], %[[V5]] : tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @two_types(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf16>
  %0 = transformer.linear %x, %w : tensor<4x16xf32>, tensor<16x16xf16>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// One has a residual.
// CHECK-LABEL: func.func @residual(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] residual %[[A0]] : tensor<4x16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V2]], %[[V5]] : tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @residual(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.linear %x, %w residual %x : tensor<4x16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}
