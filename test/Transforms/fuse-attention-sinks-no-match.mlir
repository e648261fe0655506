// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.attention

// A sink that differs per query.
// CHECK-LABEL: func.func @per_query(
func.func @per_query(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %s: tensor<2x4x3x1xf32>) -> tensor<2x4x3x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: the sink is no number per head}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.concat %0, %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>, tensor<2x4x3x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x6xf32>
  %3 = transformer.slice %2[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x6xf32> to tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// The column weighs a value of its own.
// CHECK-LABEL: func.func @with_value(
func.func @with_value(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x6x16xf32>, %s: tensor<2x4x3x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  // expected-remark @+1 {{attention stays in pieces: the column after the last key is not left out of the product with the values}}
  %1 = transformer.concat %0, %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>, tensor<2x4x3x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x6xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x6xf32>, tensor<2x4x6x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A key fewer than there are.
// CHECK-LABEL: func.func @fewer_keys(
func.func @fewer_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x4x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: only a part of the keys' probabilities weighs values}}
  %2 = transformer.slice %1[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x5xf32> to tensor<2x4x3x4xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x4xf32>, tensor<2x4x4x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Scaled together with the sink.
// CHECK-LABEL: func.func @scaled_sink(
func.func @scaled_sink(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %s: tensor<1x4x1x1xf32>) -> tensor<2x4x3x16xf32> {
  %scale = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.broadcast_to %s[] : tensor<1x4x1x1xf32> to tensor<2x4x3x1xf32>
  // expected-remark @+1 {{attention stays in pieces: the scores are changed after a sink has been joined to them}}
  %2 = transformer.concat %0, %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>, tensor<2x4x3x1xf32>
  %3 = transformer.binary mul %2, %scale : tensor<2x4x3x6xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x6xf32>
  %5 = transformer.slice %4[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x4x3x6xf32> to tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}
