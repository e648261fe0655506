// RUN: transom-opt --lower-rounded-attention %s | FileCheck %s

// Nothing rounded; sinks.
// CHECK-COUNT-2: transformer.attention
func.func @stays(%q: tensor<2x4x8x16xf32>, %sinks: tensor<4xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) {
  %0 = transformer.attention %q, %q, %q <{scale = 0.25 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.attention %q, %q, %q sinks %sinks : tensor<4xf32> <{scale = 0.25 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %0, %1 : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
}
