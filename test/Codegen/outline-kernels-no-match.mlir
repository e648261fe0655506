// What is not fused: values that others read too, costly values that would be computed again, operands that have to lie in memory.
// RUN: transom-opt %s --split-input-file --outline-kernels --cse | FileCheck %s

// The sum is a result too.
// CHECK-LABEL: func.func @shared
// CHECK: %[[SUM:.*]] = transformer.launch @add_0
// CHECK: %[[NORM:.*]] = transformer.launch @rms_norm_0(%[[SUM]]
// CHECK: return %[[NORM]], %[[SUM]]
func.func @shared(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> (tensor<?x16xf32>, tensor<?x16xf32>) attributes {transformer.entry} {
  %0 = transformer.binary add %x, %x : tensor<?x16xf32>, tensor<?x16xf32>
  %1 = transformer.rms_norm %0 <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x16xf32>
  %2 = transformer.binary add %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
  return %2, %0 : tensor<?x16xf32>, tensor<?x16xf32>
}

// -----

// The exponential of a row would be computed for every column.
// CHECK-LABEL: func.func @costly
// CHECK: transformer.launch @exp_0
// CHECK: transformer.launch @mul_0
func.func @costly(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]},
                  %y: tensor<?x1xf32> {transformer.name = "y", transformer.dims = ["s", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %y : tensor<?x1xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x16xf32>, tensor<?x1xf32>
  return %1 : tensor<?x16xf32>
}

// -----

// The left operand of a product lies in memory; a transpose that moves its last dim does not read it as rows.
// CHECK-LABEL: func.func @operands
// CHECK: transformer.launch @transpose_0
// CHECK: transformer.launch @linear_0
func.func @operands(%x: tensor<16x?xf32> {transformer.name = "x", transformer.dims = ["", "s"]}) -> tensor<?x8xf32> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %0 = transformer.unary neg %x : tensor<16x?xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<16x?xf32>
  %2 = transformer.linear %1, %w : tensor<?x16xf32>, tensor<16x8xf32>
  return %2 : tensor<?x8xf32>
}

// -----

// Two anchors are two kernels; an argument that is returned is copied.
// CHECK-LABEL: func.func @anchors
// CHECK: transformer.launch @softmax_0
// CHECK: transformer.launch @softmax_0
// CHECK: %[[C:.*]] = transformer.launch @identity_0(%arg0
// CHECK: return %{{.*}}, %[[C]]
func.func @anchors(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> (tensor<?x16xf32>, tensor<?x16xf32>) attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x16xf32>
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<?x16xf32>
  return %1, %x : tensor<?x16xf32>, tensor<?x16xf32>
}
