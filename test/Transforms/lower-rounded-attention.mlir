// RUN: transom-opt --lower-rounded-attention --canonicalize --split-input-file %s | FileCheck %s

// Two query heads for each key head; probabilities rounded after the softmax.
// CHECK-LABEL: func.func @grouped
// CHECK-SAME: (%[[Q:.*]]: tensor<?x4x?x16xf32>, %[[K:.*]]: tensor<?x2x?x16xf32>, %[[V:.*]]: tensor<?x2x?x12xf32>, %[[BIAS:.*]]: tensor<?x1x1x?xf32>)
// CHECK-NOT: transformer.attention
// CHECK: %[[GROUPED:.*]] = transformer.reshape %[[Q]]{{.*}} to tensor<?x2x?x16xf32>
// CHECK: %[[PRODUCT:.*]] = transformer.matmul %[[GROUPED]], %[[K]] <{transpose_b}>
// CHECK: %[[SCORES:.*]] = transformer.reshape %[[PRODUCT]]{{.*}} to tensor<?x4x?x?xf32>
// CHECK: %[[STEPS:.*]] = transformer.quantize %[[SCORES]], %{{.+}} zero %[[MIDDLE:.+]] : tensor<ui8>
// CHECK-NEXT: transformer.dequantize %[[STEPS]], %{{.+}} zero %[[MIDDLE]]
// CHECK: transformer.binary add %{{.*}}, %[[BIAS]]
// CHECK: %[[WEIGHTS:.*]] = transformer.softmax %{{.*}} <{axis = 3 : i64}>
// CHECK: transformer.quantize %[[WEIGHTS]], %{{.+}} zero %[[NONE:.+]] : tensor<ui8>
// CHECK-NEXT: transformer.dequantize
// CHECK: %[[MIXED:.*]] = transformer.matmul %{{.*}}, %[[V]]
// CHECK-NEXT: %[[RESULT:.*]] = transformer.reshape %[[MIXED]]{{.*}} to tensor<?x4x?x12xf32>
// CHECK-NEXT: return %[[RESULT]]
func.func @grouped(%q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32>, %v: tensor<?x2x?x12xf32>, %bias: tensor<?x1x1x?xf32>) -> tensor<?x4x?x12xf32> {
  %0 = transformer.attention %q, %k, %v bias %bias : tensor<?x1x1x?xf32> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>, probability_rounding = array<f32: 0.00390625, 0.0, 255.0>}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x12xf32>
  return %0 : tensor<?x4x?x12xf32>
}

// -----

// Rows that see no key are zero, not NaN.
// CHECK-LABEL: func.func @causal
// CHECK: %[[SEEN:.*]] = transformer.compare le
// CHECK: %[[MASKED:.*]] = transformer.select %[[SEEN]]
// CHECK: %[[WEIGHTS:.*]] = transformer.softmax %[[MASKED]]
// CHECK: %[[NONE:.*]] = transformer.unary isnan %[[WEIGHTS]]
// CHECK: transformer.select %[[NONE]], %{{.*}}, %[[WEIGHTS]]
func.func @causal(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x6x16xf32>) -> tensor<2x4x8x16xf32> {
  %0 = transformer.attention %q, %k, %k <{causal = #transformer<causal_kind bottom_right>, scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>, tensor<2x4x6x16xf32>
  return %0 : tensor<2x4x8x16xf32>
}
