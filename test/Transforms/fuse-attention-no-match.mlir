// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s

// A scale that differs per head.
// CHECK-LABEL: func.func @scale_per_head
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @scale_per_head(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>, %scale: tensor<1x4x1x1xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores' scale is no single number}}
  %1 = transformer.binary mul %0, %scale : tensor<?x4x?x?xf32>, tensor<1x4x1x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %3 = transformer.matmul %2, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %3 : tensor<?x4x?x16xf32>
}

// Masked scores become zero, not removed.
// CHECK-LABEL: func.func @filled_with_zero
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @filled_with_zero(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>, %mask: tensor<?x1x?x?xi1>) -> tensor<?x4x?x16xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  // expected-remark @+1 {{what replaces masked scores is no large negative number}}
  %1 = transformer.select %mask, %0, %zero : tensor<?x1x?x?xi1>, tensor<?x4x?x?xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %3 = transformer.matmul %2, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %3 : tensor<?x4x?x16xf32>
}

// The model computes with the probabilities as well.
// CHECK-LABEL: func.func @shared_probabilities
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @shared_probabilities(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> (tensor<?x4x?x16xf32>, tensor<?x4x?x?xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  // expected-remark @+1 {{the probabilities are read by more than the product with the values}}
  %2 = transformer.matmul %1, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  %3 = transformer.unary log %1 : tensor<?x4x?x?xf32>
  return %2, %3 : tensor<?x4x?x16xf32>, tensor<?x4x?x?xf32>
}

// A mask below the soft cap is squashed by it.
// CHECK-LABEL: func.func @mask_below_cap
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @mask_below_cap(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>, %bias: tensor<?x1x?x?xf32>) -> tensor<?x4x?x16xf32> {
  %cap = transformer.constant dense<50.0> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  // expected-remark @+1 {{a mask or bias below the soft cap}}
  %1 = transformer.binary add %0, %bias : tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>
  %2 = transformer.unary tanh %1 : tensor<?x4x?x?xf32>
  %3 = transformer.binary mul %2, %cap : tensor<?x4x?x?xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}

// Keys repeated, values not: attention of all heads, no groups.
// CHECK-LABEL: func.func @unequal_repeat
// CHECK: transformer.attention {{.*}} : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
func.func @unequal_repeat(%q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32>, %v: tensor<?x4x?x16xf32>, %b: index, %s: index) -> tensor<?x4x?x16xf32> {
  %k0 = transformer.reshape %k[%b, %s] : tensor<?x2x?x16xf32> to tensor<?x2x1x?x16xf32>
  %k1 = transformer.broadcast_to %k0[%b, %s] : tensor<?x2x1x?x16xf32> to tensor<?x2x2x?x16xf32>
  %k2 = transformer.reshape %k1[%b, %s] : tensor<?x2x2x?x16xf32> to tensor<?x4x?x16xf32>
  %0 = transformer.matmul %q, %k2 <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  // expected-remark @+1 {{grouped attention stays in pieces: keys and values are not repeated alike}}
  %2 = transformer.matmul %1, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %2 : tensor<?x4x?x16xf32>
}

// A softmax over columns.
// CHECK-LABEL: func.func @other_axis
// CHECK-NOT: transformer.attention
// CHECK: transformer.softmax
func.func @other_axis(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %1 = transformer.softmax %0 <{axis = 2 : i64}> : tensor<?x4x?x?xf32>
  %2 = transformer.matmul %1, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %2 : tensor<?x4x?x16xf32>
}

// Probabilities that are results as 8-bit numbers.
// CHECK-LABEL: func.func @probabilities_quantised
// CHECK: transformer.softmax
// CHECK-NEXT: transformer.quantize
func.func @probabilities_quantised(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %s: tensor<f32>, %z: tensor<ui8>) -> tensor<2x4x3x5xui8> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.quantize %1, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x3x5xf32>, tensor<f32> to tensor<2x4x3x5xui8>
  return %2 : tensor<2x4x3x5xui8>
}
