// RUN: transom-opt --fuse-quantized-linear=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// The integers are no constant.
// CHECK-LABEL: func.func @computed
// CHECK: transformer.matmul %
func.func @computed(%x: tensor<?x32xf32>, %w: tensor<32x2xi8>) -> tensor<?x2xf32> {
  %s = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<32x2xi8>, tensor<f32> to tensor<32x2xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x32xf32>, tensor<32x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----

// Both are integers of 8 bits: fuse-integer-products multiplies them.
// CHECK-LABEL: func.func @both
// CHECK: transformer.matmul %
func.func @both(%x: tensor<?x32xui8>, %t: tensor<f32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<3> : tensor<32x2xi8>
  %s = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.dequantize %x, %t <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x32xui8>, tensor<f32> to tensor<?x32xf32>
  %1 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<32x2xi8>, tensor<f32> to tensor<32x2xf32>
  %2 = transformer.matmul %0, %1 : tensor<?x32xf32>, tensor<32x2xf32>
  return %2 : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func.func @rows
// CHECK: transformer.matmul %
func.func @rows(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<3> : tensor<4x2xi8>
  %s = transformer.constant dense<[0.5, 1.0, 2.0, 3.0]> : tensor<4xf32>
  %0 = transformer.dequantize %w, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<4x2xi8>, tensor<4xf32> to tensor<4x2xf32>
  // expected-remark @+1 {{each row of the weight has a scale of its own}}
  %1 = transformer.matmul %x, %0 : tensor<?x4xf32>, tensor<4x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func.func @short_blocks
// CHECK: transformer.matmul %
func.func @short_blocks(%x: tensor<?x16xf32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<3> : tensor<16x2xi8>
  %s = transformer.constant dense<[[0.5, 1.0], [0.25, 2.0]]> : tensor<2x2xf32>
  %0 = transformer.dequantize %w, %s <{axis = 0 : i64, block_size = 8 : i64}> : tensor<16x2xi8>, tensor<2x2xf32> to tensor<16x2xf32>
  // expected-remark @+1 {{the blocks are no power of two from 16 on}}
  %1 = transformer.matmul %x, %0 : tensor<?x16xf32>, tensor<16x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----

// CHECK-LABEL: func.func @blocks_of_columns
// CHECK: transformer.matmul %
func.func @blocks_of_columns(%x: tensor<?x2xf32>) -> tensor<?x32xf32> {
  %w = transformer.constant dense<3> : tensor<2x32xi8>
  %s = transformer.constant dense<[[0.5, 1.0], [0.25, 2.0]]> : tensor<2x2xf32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 16 : i64}> : tensor<2x32xi8>, tensor<2x2xf32> to tensor<2x32xf32>
  // expected-remark @+1 {{blocks lie along the columns of the result}}
  %1 = transformer.matmul %x, %0 : tensor<?x2xf32>, tensor<2x32xf32>
  return %1 : tensor<?x32xf32>
}

// -----

// CHECK-LABEL: func.func @sixteen_bits
// CHECK: transformer.matmul %
func.func @sixteen_bits(%x: tensor<?x16xf32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<3> : tensor<16x2xi16>
  %s = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x2xi16>, tensor<f32> to tensor<16x2xf32>
  // expected-remark @+1 {{the weight is not of 2, 4 or 8 bits}}
  %1 = transformer.matmul %x, %0 : tensor<?x16xf32>, tensor<16x2xf32>
  return %1 : tensor<?x2xf32>
}
