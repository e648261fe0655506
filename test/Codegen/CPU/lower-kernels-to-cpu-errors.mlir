// RUN: transom-opt %s --split-input-file --verify-diagnostics --kernels --lower-kernels-to-cpu

func.func @main(%x: tensor<1x3x4xf32>) -> tensor<1x3x8xf32> attributes {transformer.entry} {
  // expected-error@+1 {{'transformer.resize' op expects a start and an end of the region of interest per dim}}
  %0 = transformer.resize %x [] <{mode = "linear", coordinates = "tf_crop_and_resize", nearest_mode = "floor", scales = array<f32: 1.0, 1.0, 2.0>, cubic_coefficient = -0.75 : f32}> : tensor<1x3x4xf32> to tensor<1x3x8xf32>
  return %0 : tensor<1x3x8xf32>
}

// -----

func.func @main(%x: tensor<1x3x4xi8>) -> tensor<1x3x2xi8> attributes {transformer.entry} {
  // expected-error@+1 {{'transformer.pool' op averages floats only}}
  %0 = transformer.pool mean %x <{kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>}> : tensor<1x3x4xi8>
  return %0 : tensor<1x3x2xi8>
}

// -----

func.func @main(%x: tensor<1x48xf32>, %w: tensor<8x2x12xui8>, %s: tensor<16xf32>) -> tensor<1x8xf32> attributes {transformer.entry} {
  // expected-error@+1 {{'transformer.linear_nbits' op needs a block_size that is a power of two from 16 on, it is 24}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 24 : i64, k = 48 : i64, n = 8 : i64}> : tensor<1x48xf32>, tensor<8x2x12xui8>, tensor<16xf32>
  return %0 : tensor<1x8xf32>
}
