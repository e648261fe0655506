// RUN: transom-opt --fuse-integer-products=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// One operand was never quantised: nothing to say.
// CHECK-LABEL: func.func @float_input
// CHECK: transformer.matmul %
func.func @float_input(%x: tensor<?x16xf32>, %w: tensor<16x48xi8>, %s: tensor<f32>) -> tensor<?x48xf32> {
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x48xi8>, tensor<f32> to tensor<16x48xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x16xf32>, tensor<16x48xf32>
  return %1 : tensor<?x48xf32>
}

// -----

// CHECK-LABEL: func.func @scale_for_each_row
// CHECK: transformer.matmul %
func.func @scale_for_each_row(%x: tensor<?x16xi8>, %w: tensor<16x48xi8>, %s: tensor<f32>, %t: tensor<16xf32>) -> tensor<?x48xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xi8>, tensor<f32> to tensor<?x16xf32>
  %1 = transformer.dequantize %w, %t <{axis = 0 : i64, block_size = 0 : i64}> : tensor<16x48xi8>, tensor<16xf32> to tensor<16x48xf32>
  // expected-remark @+1 {{right operand: a scale or zero point differs along the sum}}
  %2 = transformer.matmul %0, %1 : tensor<?x16xf32>, tensor<16x48xf32>
  return %2 : tensor<?x48xf32>
}

// -----

// CHECK-LABEL: func.func @blocks
// CHECK: transformer.matmul %
func.func @blocks(%x: tensor<?x32xi8>, %w: tensor<32x48xi8>, %s: tensor<f32>, %t: tensor<2x48xf32>) -> tensor<?x48xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x32xi8>, tensor<f32> to tensor<?x32xf32>
  %1 = transformer.dequantize %w, %t <{axis = 0 : i64, block_size = 16 : i64}> : tensor<32x48xi8>, tensor<2x48xf32> to tensor<32x48xf32>
  // expected-remark @+1 {{right operand: each block of the sum has a scale of its own}}
  %2 = transformer.matmul %0, %1 : tensor<?x32xf32>, tensor<32x48xf32>
  return %2 : tensor<?x48xf32>
}

// -----

// CHECK-LABEL: func.func @wider_numbers
// CHECK: transformer.matmul %
func.func @wider_numbers(%x: tensor<?x16xui16>, %w: tensor<16x48xi8>, %s: tensor<f32>) -> tensor<?x48xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xui16>, tensor<f32> to tensor<?x16xf32>
  %1 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x48xi8>, tensor<f32> to tensor<16x48xf32>
  // expected-remark @+1 {{left operand: the numbers are not of 8 bits}}
  %2 = transformer.matmul %0, %1 : tensor<?x16xf32>, tensor<16x48xf32>
  return %2 : tensor<?x48xf32>
}

// -----

// 255 * 255 * 40000 is beyond i32.
// CHECK-LABEL: func.func @long_sums
// CHECK: transformer.matmul %
func.func @long_sums(%x: tensor<2x40000xui8>, %w: tensor<40000x3xui8>, %s: tensor<f32>) -> tensor<2x3xf32> {
  %0 = transformer.dequantize %x, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x40000xui8>, tensor<f32> to tensor<2x40000xf32>
  %1 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<40000x3xui8>, tensor<f32> to tensor<40000x3xf32>
  // expected-remark @+1 {{sums over 40000 products may not fit 32 bits}}
  %2 = transformer.matmul %0, %1 : tensor<2x40000xf32>, tensor<40000x3xf32>
  return %2 : tensor<2x3xf32>
}
