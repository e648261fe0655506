// RUN: transom-opt --fuse-integer-products=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// The weight was never quantised: nothing to say.
// CHECK-LABEL: func.func @float_weight
// CHECK: transformer.conv
func.func @float_weight(%x: tensor<2x4x9xui8>, %s: tensor<f32>, %w: tensor<3x4x3xf32>) -> tensor<2x3x7xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x9xui8>, tensor<f32> to tensor<2x4x9xf32>
  %1 = transformer.conv %0, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x9xf32>, tensor<3x4x3xf32>
  return %1 : tensor<2x3x7xf32>
}

// -----

// CHECK-LABEL: func.func @groups
// CHECK: transformer.conv
func.func @groups(%x: tensor<2x4x9xui8>, %s: tensor<f32>, %w: tensor<4x1x3xi8>) -> tensor<2x4x7xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x9xui8>, tensor<f32> to tensor<2x4x9xf32>
  %1 = transformer.dequantize %w, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<4x1x3xi8>, tensor<f32> to tensor<4x1x3xf32>
  // expected-remark @+1 {{a convolution in groups of channels is no product of whole windows}}
  %2 = transformer.conv %0, %1 <{dilations = array<i64: 1>, group = 4 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x9xf32>, tensor<4x1x3xf32>
  return %2 : tensor<2x4x7xf32>
}

// -----

// CHECK-LABEL: func.func @scale_for_each_channel_read
// CHECK: transformer.conv
func.func @scale_for_each_channel_read(%x: tensor<2x4x9xui8>, %s: tensor<4xf32>, %w: tensor<3x4x3xi8>, %t: tensor<f32>) -> tensor<2x3x7xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x9xui8>, tensor<4xf32> to tensor<2x4x9xf32>
  %1 = transformer.dequantize %w, %t <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3x4x3xi8>, tensor<f32> to tensor<3x4x3xf32>
  // expected-remark @+1 {{input: a scale or zero point differs along the sum}}
  %2 = transformer.conv %0, %1 <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x9xf32>, tensor<3x4x3xf32>
  return %2 : tensor<2x3x7xf32>
}

// -----

// CHECK-LABEL: func.func @scale_for_each_channel_of_weight
// CHECK: transformer.conv
func.func @scale_for_each_channel_of_weight(%x: tensor<2x4x9xui8>, %s: tensor<f32>, %w: tensor<3x4x3xi8>, %t: tensor<4xf32>) -> tensor<2x3x7xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x9xui8>, tensor<f32> to tensor<2x4x9xf32>
  %1 = transformer.dequantize %w, %t <{axis = 1 : i64, block_size = 0 : i64}> : tensor<3x4x3xi8>, tensor<4xf32> to tensor<3x4x3xf32>
  // expected-remark @+1 {{weight: a scale or zero point differs along the sum}}
  %2 = transformer.conv %0, %1 <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x9xf32>, tensor<3x4x3xf32>
  return %2 : tensor<2x3x7xf32>
}

// -----

// Integers that nobody knows to be of 8 bits.
// CHECK-LABEL: func.func @wide_integers
// CHECK: transformer.conv
func.func @wide_integers(%x: tensor<2x4x9xi32>, %w: tensor<3x4x3xi32>) -> tensor<2x3x7xi32> {
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x9xi32>, tensor<3x4x3xi32>
  return %0 : tensor<2x3x7xi32>
}
