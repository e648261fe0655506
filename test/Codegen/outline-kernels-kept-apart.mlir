// RUN: transom-opt %s --split-input-file --outline-kernels --canonicalize --cse | FileCheck %s

// Where a group ends: what would be computed more than once, read out of order, or waited for.

// A softmax's row is read three times: an exponential before it would be computed three times.
// CHECK-LABEL: func.func @costly_before_rows
// CHECK: transformer.launch @tanh_0(
// CHECK: transformer.launch @softmax_0(
func.func @costly_before_rows(%x: tensor<?x16xf32>) -> tensor<?x16xf32> attributes {transformer.entry} {
  %0 = transformer.unary tanh %x : tensor<?x16xf32>
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}

// -----

// A division is costly, a multiplication is not.
// CHECK-LABEL: func.func @division_before_rows
// CHECK: transformer.launch @div_0(
// CHECK: transformer.launch @rms_norm_0(
// CHECK: transformer.launch @rms_norm_1(
// CHECK: func.func private @div_0(
// CHECK: transformer.binary mul
// CHECK: transformer.binary div
// CHECK: func.func private @rms_norm_0(
// CHECK-NOT: transformer.binary
// CHECK: transformer.rms_norm
// CHECK: func.func private @rms_norm_1(
// CHECK: transformer.binary mul
// CHECK: transformer.rms_norm
func.func @division_before_rows(%x: tensor<?x16xf32>, %y: tensor<16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>) attributes {transformer.entry} {
  %0 = transformer.binary mul %x, %y : tensor<?x16xf32>, tensor<16xf32>
  %1 = transformer.binary div %0, %y : tensor<?x16xf32>, tensor<16xf32>
  %2 = transformer.rms_norm %1 <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x16xf32>
  %3 = transformer.binary mul %x, %y : tensor<?x16xf32>, tensor<16xf32>
  %4 = transformer.rms_norm %3 <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x16xf32>
  return %2, %4 : tensor<?x16xf32>, tensor<?x16xf32>
}

// -----

// A table lies in memory: what makes it comes first. Indices may be computed on the way if that is cheap.
// CHECK-LABEL: func.func @table
// CHECK: transformer.launch @neg_0(
// CHECK: transformer.launch @gather_0(
// CHECK: func.func private @gather_0(
// CHECK: transformer.binary add
// CHECK: transformer.gather
func.func @table(%x: tensor<9x16xf32>, %i: tensor<?xi64>) -> tensor<?x16xf32> attributes {transformer.entry} {
  %one = transformer.constant dense<1> : tensor<i64>
  %0 = transformer.unary neg %x : tensor<9x16xf32>
  %1 = transformer.binary add %i, %one : tensor<?xi64>, tensor<i64>
  %2 = transformer.gather %0, %1 <{axis = 0 : i64}> : tensor<9x16xf32>, tensor<?xi64>
  return %2 : tensor<?x16xf32>
}

// -----

// Zero points are read with every element: what is computed of them is made before.
// CHECK-LABEL: func.func @zero_points
// CHECK: transformer.launch @div_0(
// CHECK: transformer.launch @matmul_integer_0(
func.func @zero_points(%x: tensor<?x8xui8>, %y: tensor<8x16xui8>, %z: tensor<16xui8>, %d: tensor<ui8>) -> tensor<?x16xi32> attributes {transformer.entry} {
  %0 = transformer.binary div %z, %d : tensor<16xui8>, tensor<ui8>
  %1 = transformer.matmul_integer %x, %y rhs_zero %0 : tensor<16xui8> : tensor<?x8xui8>, tensor<8x16xui8>
  return %1 : tensor<?x16xi32>
}

// -----

// A reshape ends a group: it stays with the host program, where it costs nothing.
// CHECK-LABEL: func.func @reshape
// CHECK: %[[A:.*]] = transformer.launch @exp_0(
// CHECK: %[[B:.*]] = transformer.reshape %[[A]]
// CHECK: transformer.launch @neg_0(%[[B]]
func.func @reshape(%x: tensor<4x6xf32>) -> tensor<24xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x6xf32>
  %1 = transformer.reshape %0[] : tensor<4x6xf32> to tensor<24xf32>
  %2 = transformer.unary neg %1 : tensor<24xf32>
  return %2 : tensor<24xf32>
}

// -----

// A product is made once: what reads it in another shape than its own waits for it.
// CHECK-LABEL: func.func @broadcast_after_product
// CHECK: transformer.launch @linear_0(
// CHECK: transformer.launch @add_0(
func.func @broadcast_after_product(%x: tensor<1x8xf32>, %y: tensor<5x4xf32>) -> tensor<5x4xf32> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<8x4xf32>
  %0 = transformer.linear %x, %w : tensor<1x8xf32>, tensor<8x4xf32>
  %1 = transformer.binary add %y, %0 : tensor<5x4xf32>, tensor<1x4xf32>
  return %1 : tensor<5x4xf32>
}

// -----

// Elements that a slice leaves out would not be made, those that a pad adds would have no sum.
// CHECK-LABEL: func.func @views_after_reduction
// CHECK: transformer.launch @reduce_0(
// CHECK: transformer.launch @slice_0(
// CHECK: transformer.launch @pad_0(
func.func @views_after_reduction(%x: tensor<6x8xf32>) -> (tensor<3xf32>, tensor<9xf32>) attributes {transformer.entry} {
  %0 = transformer.reduce sum %x <{axes = array<i64: 1>}> : tensor<6x8xf32>
  %1 = transformer.slice %0[] [] <{static_starts = array<i64: 1>, steps = array<i64: 2>}> : tensor<6xf32> to tensor<3xf32>
  %2 = transformer.pad constant %0 [] [] <{static_low = array<i64: 2>}> : tensor<6xf32> to tensor<9xf32>
  return %1, %2 : tensor<3xf32>, tensor<9xf32>
}

// -----

// A transpose is the order in which a result is stored, but only as the last op of its group.
// CHECK-LABEL: func.func @transpose_after_softmax
// CHECK: transformer.launch @softmax_0(
// CHECK: transformer.launch @softmax_1(
// CHECK: transformer.launch @exp_0(
// CHECK: func.func private @softmax_0(
// CHECK: transformer.softmax
// CHECK-NEXT: transformer.transpose
// CHECK-NEXT: return
// CHECK: func.func private @softmax_1(
// CHECK: transformer.softmax
// CHECK-NEXT: return
// CHECK: func.func private @exp_0(
// CHECK: transformer.transpose
// CHECK-NEXT: transformer.unary exp
func.func @transpose_after_softmax(%x: tensor<4x8xf32>) -> (tensor<8x4xf32>, tensor<8x4xf32>) attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x8xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<4x8xf32>
  %2 = transformer.softmax %x <{axis = 0 : i64}> : tensor<4x8xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 1, 0>}> : tensor<4x8xf32>
  %4 = transformer.unary exp %3 : tensor<8x4xf32>
  return %1, %4 : tensor<8x4xf32>, tensor<8x4xf32>
}

// -----

// An op with two results is alone, and so are positions that are searched.
// CHECK-LABEL: func.func @alone
// CHECK: transformer.launch @exp_0(
// CHECK: transformer.launch @topk_0(
// CHECK: transformer.launch @neg_0(
// CHECK: func.func private @topk_0(
// CHECK-NEXT: transformer.topk
// CHECK-NEXT: return
func.func @alone(%x: tensor<4x8xf32>) -> (tensor<4x3xf32>, tensor<4x3xi64>) attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x8xf32>
  %v, %i = transformer.topk %0 <{axis = 1 : i64, largest = true}> : tensor<4x8xf32> to tensor<4x3xf32>, tensor<4x3xi64>
  %1 = transformer.unary neg %v : tensor<4x3xf32>
  return %1, %i : tensor<4x3xf32>, tensor<4x3xi64>
}

// -----

// Scatters and running sums have nothing after them.
// CHECK-LABEL: func.func @no_epilogue
// CHECK: transformer.launch @scatter_elements_0(
// CHECK: transformer.launch @exp_0(
// CHECK: transformer.launch @cumsum_0(
// CHECK: transformer.launch @exp_0(
func.func @no_epilogue(%x: tensor<4x8xf32>, %i: tensor<4x8xi64>) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
  %0 = transformer.scatter_elements add %x, %i, %x <{axis = 1 : i64}> : tensor<4x8xf32>, tensor<4x8xi64>, tensor<4x8xf32>
  %1 = transformer.unary exp %0 : tensor<4x8xf32>
  %2 = transformer.cumsum %x <{axis = 1 : i64}> : tensor<4x8xf32>
  %3 = transformer.unary exp %2 : tensor<4x8xf32>
  return %1, %3 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// What a branch reads from outside is made outside: groups do not cross regions.
// CHECK-LABEL: func.func @regions
// CHECK: %[[E:.*]] = transformer.launch @exp_0(
// CHECK: transformer.if
// CHECK: transformer.launch @neg_0(%[[E]]
func.func @regions(%x: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4xf32>
  %1 = transformer.if %c : tensor<i1> -> tensor<4xf32> {
    %2 = transformer.unary neg %0 : tensor<4xf32>
    transformer.yield %2 : tensor<4xf32>
  } else {
    %3 = transformer.unary abs %x : tensor<4xf32>
    transformer.yield %3 : tensor<4xf32>
  }
  return %1 : tensor<4xf32>
}

// -----

// Keys are read where they lie: a view that keeps rows is read through, one that turns them is not.
// CHECK-LABEL: func.func @keys
// CHECK: transformer.launch @transpose_0(%arg1
// CHECK: transformer.launch @attention_0(%arg0
// CHECK: func.func private @attention_0(
// CHECK: transformer.transpose %arg0
// CHECK-NOT: transformer.transpose %arg1
// CHECK: transformer.attention
func.func @keys(%q: tensor<1x?x2x8xf32>, %k: tensor<1x2x8x?xf32>, %v: tensor<1x2x?x8xf32>) -> tensor<1x2x?x8xf32> attributes {transformer.entry} {
  %0 = transformer.transpose %q <{perm = array<i64: 0, 2, 1, 3>}> : tensor<1x?x2x8xf32>
  %1 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<1x2x8x?xf32>
  %2 = transformer.attention %0, %1, %v <{scale = 1.0 : f32}> : tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>, tensor<1x2x?x8xf32>
  return %2 : tensor<1x2x?x8xf32>
}
