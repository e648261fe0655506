// RUN: transom-opt %s --split-input-file --outline-kernels --cse | FileCheck %s

// Equal groups share a kernel; a splat goes with it, weights are arguments, and a transposed weight is packed as it lies.
// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[B:.*]] = tensor.dim %arg0, %c0
// CHECK-DAG: %[[S:.*]] = tensor.dim %arg0, %c1
// CHECK: %[[A:.*]] = transformer.launch @linear_0(%arg0, %{{.*}}, %[[B]], %[[S]]) [%[[B]], %[[S]]]
// CHECK: %[[C:.*]] = transformer.launch @linear_0(%[[A]], %{{.*}}, %[[B]], %[[S]])
// CHECK: %[[D:.*]] = transformer.launch @linear_1(%{{.*}}, %[[C]], %[[B]], %[[S]])
// CHECK: return %[[D]]
// CHECK: func.func private @linear_0(%arg0: tensor<?x?x16xf32> {transformer.sizes = array<i64: 2, 3, -1>}
// CHECK-SAME: tensor<16x16xf32> {transformer.panels = array<i64: 16, 0, 1>
// CHECK-SAME: transformer.kernel
// CHECK-NEXT: transformer.linear %arg0, %arg1 {transformer.packed_rhs}
// CHECK-NEXT: transformer.constant dense<5.000000e-01>
// CHECK-NEXT: transformer.binary mul
// CHECK-NEXT: transformer.unary relu
// CHECK: func.func private @linear_1(%arg0: tensor<8x16xf32> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-NOT: func.func
func.func @main(%x: tensor<?x?x16xf32> {transformer.name = "x", transformer.dims = ["b", "s", ""]}) -> tensor<?x?x8xf32> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %u = transformer.constant dense_resource<u> : tensor<8x16xf32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.linear %x, %w : tensor<?x?x16xf32>, tensor<16x16xf32>
  %1 = transformer.binary mul %0, %half : tensor<?x?x16xf32>, tensor<f32>
  %2 = transformer.unary relu %1 : tensor<?x?x16xf32>
  %3 = transformer.linear %2, %v : tensor<?x?x16xf32>, tensor<16x16xf32>
  %4 = transformer.binary mul %3, %half : tensor<?x?x16xf32>, tensor<f32>
  %5 = transformer.unary relu %4 : tensor<?x?x16xf32>
  %6 = transformer.transpose %u <{perm = array<i64: 1, 0>}> : tensor<8x16xf32>
  %7 = transformer.linear %5, %6 : tensor<?x?x16xf32>, tensor<16x8xf32>
  return %7 : tensor<?x?x8xf32>
}

// -----

// Attention reads heads where they lie and writes rows of heads; keys and values are packed in memory of its own.
// CHECK-LABEL: func.func @heads
// CHECK: %[[Q:.*]] = transformer.reshape %arg0
// CHECK: transformer.launch @attention_0(%[[Q]], 
// CHECK-SAME: -> (tensor<?x?x4x8xf32>, tensor<?xf32>, tensor<?xf32>)
// CHECK: func.func private @attention_0
// CHECK-SAME: {transformer.scratch, transformer.sizes
// CHECK: %[[T:.*]] = transformer.transpose %arg0
// CHECK: %[[R:.*]] = transformer.attention
// CHECK: %[[O:.*]] = transformer.transpose %[[R]]
// CHECK: %[[K:.*]] = tensor.empty
// CHECK: %[[V:.*]] = tensor.empty
// CHECK: return %[[O]], %[[K]], %[[V]]
func.func @heads(%x: tensor<?x?x32xf32> {transformer.name = "x", transformer.dims = ["b", "s", ""]}) -> tensor<?x?x32xf32> attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x32xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x32xf32>
  %0 = transformer.reshape %x[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %2 = transformer.attention %1, %1, %1 <{scale = 2.5e-01 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
  %4 = transformer.reshape %3[%b, %s] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
  return %4 : tensor<?x?x32xf32>
}

// -----

// A product of two activations packs its right operand in memory of its own; dims of one name are one size.
// CHECK-LABEL: func.func @product
// CHECK: %[[S:.*]] = tensor.dim %arg0, %c0
// CHECK-NOT: tensor.dim
// CHECK: transformer.launch @matmul_0(%arg0, %arg1, %[[S]], %{{.*}}) [%[[S]], %{{.*}}]
// CHECK: transformer.matmul %arg0, %arg1 {transformer.pack_rhs}
func.func @product(%x: tensor<?x8xf32> {transformer.name = "x", transformer.dims = ["s", ""]},
                   %y: tensor<8x?xf32> {transformer.name = "y", transformer.dims = ["", "s"]}) -> tensor<?x?xf32> attributes {transformer.entry} {
  %0 = transformer.matmul %x, %y : tensor<?x8xf32>, tensor<8x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// The count comes first; then the size is known.
// CHECK-LABEL: func.func @positions
// CHECK: %[[C:.*]] = transformer.launch @reduce_0
// CHECK: %[[N:.*]] = transformer.to_index %[[C]]
// CHECK: transformer.launch @nonzero_0(%arg0, %{{.*}}%[[N]]{{.*}}) [%[[N]]]
func.func @positions(%x: tensor<?x4xi1> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<2x?xi64> attributes {transformer.entry} {
  %0 = transformer.nonzero %x : tensor<?x4xi1>
  return %0 : tensor<2x?xi64>
}

// -----

// A result whose dims are read from data after it is made is copied, so that the copy is written when they are known.
// CHECK-LABEL: func.func @dims_of_data
// CHECK: %[[SUM:.*]] = transformer.launch @add_0
// CHECK: %[[DIMS:.*]] = transformer.launch
// CHECK: %[[N:.*]] = transformer.to_index %[[DIMS]]
// CHECK: %[[VIEW:.*]] = transformer.reshape %[[SUM]]
// CHECK: %[[COPY:.*]] = transformer.launch @identity_0(%[[VIEW]]
// CHECK: return %[[COPY]]
func.func @dims_of_data(%x: tensor<12xf32> {transformer.name = "x", transformer.dims = [""]}, %n: tensor<2xi64> {transformer.name = "n", transformer.dims = [""]}) -> tensor<?x?xf32> attributes {transformer.entry} {
  %0 = transformer.binary add %x, %x : tensor<12xf32>, tensor<12xf32>
  %1 = transformer.unary abs %n : tensor<2xi64>
  %2 = transformer.to_index %1 <{position = 0 : i64}> : tensor<2xi64>
  %3 = transformer.to_index %1 <{position = 1 : i64}> : tensor<2xi64>
  %4 = transformer.reshape %0 [%2, %3] : tensor<12xf32> to tensor<?x?xf32>
  return %4 : tensor<?x?xf32>
}

// -----

// A rounded weight stays one constant: in panels for the product, looked up in the same panels, joined or not.
// CHECK-LABEL: func.func @rounded
// CHECK: %[[TABLE:.*]] = transformer.cast %{{.*}} : tensor<40x16xf32> to tensor<40x16xbf16>
// CHECK: %[[JOINED:.*]] = transformer.cast %{{.*}} : tensor<16x16xf32> to tensor<16x16xbf16>
// CHECK: transformer.launch @cast_0(%[[TABLE]],
// CHECK: transformer.launch @linear_0(%{{.*}}, %[[JOINED]],
// CHECK: transformer.launch @linear_1(%[[TABLE]],
// CHECK: func.func private @cast_0(%arg0: tensor<40x16xbf16> {transformer.panels = array<i64: 16, 1, 1>
// CHECK: func.func private @linear_0({{.*}} tensor<16x16xbf16> {transformer.panels = array<i64: 16, 0, 1>
// CHECK-NOT: stage_lhs
// CHECK: func.func private @linear_1(%arg0: tensor<40x16xbf16> {transformer.panels = array<i64: 16, 1, 1>
func.func @rounded(%ids: tensor<?xi64>) -> tensor<?x40xf32> attributes {transformer.entry} {
  %t = transformer.constant dense_resource<t> : tensor<40x16xf32>
  %q = transformer.constant dense_resource<q> : tensor<16x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x8xf32>
  %table = transformer.cast %t : tensor<40x16xf32> to tensor<40x16xbf16>
  %w = transformer.concat %q, %k <{axis = 1 : i64}> : tensor<16x8xf32>, tensor<16x8xf32>
  %joined = transformer.cast %w : tensor<16x16xf32> to tensor<16x16xbf16>
  %rows = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<40x16xbf16>, tensor<?xi64>
  %x = transformer.cast %rows : tensor<?x16xbf16> to tensor<?x16xf32>
  %0 = transformer.linear %x, %joined : tensor<?x16xf32>, tensor<16x16xbf16>
  %v = transformer.transpose %table <{perm = array<i64: 1, 0>}> : tensor<40x16xbf16>
  %1 = transformer.linear %0, %v : tensor<?x16xf32>, tensor<16x40xbf16>
  return %1 : tensor<?x40xf32>
}

// -----

// Results that are the same value are memory of their own each: their copies stay apart, although they are equal.
// CHECK-LABEL: func.func @returned_thrice
// CHECK: %[[A:.*]] = transformer.launch @identity_0(%[[X:[^,]+]],
// CHECK: %[[B:.*]] = transformer.launch @identity_0(%[[X]],{{.*}}{transformer.copy = 1 : i64}
// CHECK: %[[C:.*]] = transformer.launch @identity_0(%[[X]],{{.*}}{transformer.copy = 2 : i64}
// CHECK: return %[[A]], %[[B]], %[[C]]
func.func @returned_thrice(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["n"]})
    -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) attributes {transformer.entry} {
  return %x, %x, %x : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// -----

// A size that was made for a later op, here the 4 of the concat, and that memory of an earlier kernel is made of, moves there.
// CHECK-LABEL: func.func @main
// CHECK: %[[FOUR:.*]] = arith.constant 4 : index
// CHECK: arith.muli %{{.*}}, %[[FOUR]]
// CHECK: transformer.launch @matmul_0
// CHECK: arith.addi %{{.*}}, %[[FOUR]]
// CHECK: transformer.launch @concat_0
func.func @main(%x: tensor<?x4xf32> {transformer.name = "x", transformer.dims = ["m", ""]}, %w: tensor<?x4xf32> {transformer.name = "w", transformer.dims = ["n", ""]}, %y: tensor<3x?xf32> {transformer.name = "y", transformer.dims = ["", "k"]}, %z: tensor<3x4xf32> {transformer.name = "z"}) -> (tensor<?x?xf32>, tensor<3x?xf32>) attributes {transformer.entry} {
  %0 = transformer.matmul %x, %w <{transpose_b}> : tensor<?x4xf32>, tensor<?x4xf32>
  %1 = transformer.concat %y, %z <{axis = 1 : i64}> : tensor<3x?xf32>, tensor<3x4xf32>
  return %0, %1 : tensor<?x?xf32>, tensor<3x?xf32>
}
