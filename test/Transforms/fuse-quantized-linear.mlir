// RUN: transom-opt --fuse-quantized-linear --canonicalize --split-input-file %s | FileCheck %s

// Blocks of 16 along K, 4 bits without sign: [K, N] becomes [N, K/16, 8], zero points two a byte.
// CHECK-LABEL: func.func @blocks
// CHECK-SAME: (%[[X:.+]]: tensor<?x32xf32>)
// CHECK-DAG: %[[W:.+]] = transformer.constant dense_resource<weight.blocks> : tensor<2x2x8xui8>
// CHECK-DAG: %[[S:.+]] = transformer.constant dense_resource<weight.blocks_1> : tensor<2x2xf32>
// CHECK-DAG: %[[Z:.+]] = transformer.constant dense_resource<weight.zeros> : tensor<2x1xui8>
// CHECK: transformer.linear_nbits %[[X]], %[[W]], %[[S]] zeros %[[Z]] : tensor<2x1xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 2 : i64}> : tensor<?x32xf32>, tensor<2x2x8xui8>, tensor<2x2xf32>
func.func @blocks(%x: tensor<?x32xf32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<3> : tensor<32x2xui4>
  %s = transformer.constant dense<[[0.5, 1.0], [0.25, 2.0]]> : tensor<2x2xf32>
  %z = transformer.constant dense<[[8, 7], [9, 6]]> : tensor<2x2xui4>
  %0 = transformer.dequantize %w, %s zero %z : tensor<2x2xui4> <{axis = 0 : i64, block_size = 16 : i64}> : tensor<32x2xui4>, tensor<2x2xf32> to tensor<32x2xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x32xf32>, tensor<32x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----

// The middle of signed numbers is what linear_nbits has without zero points.
// CHECK-LABEL: func.func @signed_transposed
// CHECK: transformer.linear_nbits %{{.+}}, %{{.+}}, %{{.+}} <{bits = 4 : i64, block_size = 32 : i64, k = 32 : i64, n = 2 : i64}> : tensor<?x32xf32>, tensor<2x1x16xui8>, tensor<2x1xf32>
func.func @signed_transposed(%x: tensor<?x32xf32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<-3> : tensor<2x32xi4>
  %s = transformer.constant dense<[[0.5], [1.0]]> : tensor<2x1xf32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 32 : i64}> : tensor<2x32xi4>, tensor<2x1xf32> to tensor<2x32xf32>
  %1 = transformer.matmul %x, %0 <{transpose_b}> : tensor<?x32xf32>, tensor<2x32xf32>
  return %1 : tensor<?x2xf32>
}

// -----

// A scale for each column and none for blocks: blocks of 64 hold the 48 numbers of a column.
// CHECK-LABEL: func.func @columns
// CHECK: transformer.linear_nbits %{{.+}}, %{{.+}}, %{{.+}} <{bits = 8 : i64, block_size = 64 : i64, k = 48 : i64, n = 2 : i64}> : tensor<?x48xf32>, tensor<2x1x64xui8>, tensor<2x1xf32>
func.func @columns(%x: tensor<?x48xf32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<-3> : tensor<48x2xi8>
  %s = transformer.constant dense<[0.5, 1.0]> : tensor<2xf32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<48x2xi8>, tensor<2xf32> to tensor<48x2xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x48xf32>, tensor<48x2xf32>
  return %1 : tensor<?x2xf32>
}

// -----

// Weights of 4 bits under quantised inputs have no product of integers.
// CHECK-LABEL: func.func @integer_input
// CHECK: %[[X:.+]] = transformer.dequantize %{{.+}} : tensor<?x32xui8>, tensor<f32> to tensor<?x32xf32>
// CHECK: transformer.linear_nbits %[[X]]
func.func @integer_input(%x: tensor<?x32xui8>, %t: tensor<f32>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<3> : tensor<32x2xi4>
  %s = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.dequantize %x, %t <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x32xui8>, tensor<f32> to tensor<?x32xf32>
  %1 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<32x2xi4>, tensor<f32> to tensor<32x2xf32>
  %2 = transformer.matmul %0, %1 : tensor<?x32xf32>, tensor<32x2xf32>
  return %2 : tensor<?x2xf32>
}

// -----

// One weight of two products is written once.
// CHECK-LABEL: func.func @twice
// CHECK: transformer.linear_nbits %{{.+}}, %[[W:[a-z0-9_]+]], %[[S:[a-z0-9_]+]] <
// CHECK: transformer.linear_nbits %{{.+}}, %[[W]], %[[S]] <
func.func @twice(%x: tensor<?x32xf32>, %y: tensor<?x32xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  %w = transformer.constant dense<3> : tensor<32x2xi4>
  %s = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<32x2xi4>, tensor<f32> to tensor<32x2xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x32xf32>, tensor<32x2xf32>
  %2 = transformer.matmul %y, %0 : tensor<?x32xf32>, tensor<32x2xf32>
  return %1, %2 : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

// Inputs of 16 bits have no integer product: only the weight stays what it is.
// CHECK-LABEL: func.func @wide_input
// CHECK: %[[X:.+]] = transformer.dequantize
// CHECK: transformer.linear_nbits %[[X]], %{{.+}}, %{{.+}} <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 2 : i64}> : tensor<?x16xf32>
func.func @wide_input(%q: tensor<?x16xui16>, %t: tensor<f32>, %z: tensor<ui16>) -> tensor<?x2xf32> {
  %w = transformer.constant dense<-3> : tensor<16x2xi8>
  %s = transformer.constant dense<0.5> : tensor<f32>
  %x = transformer.dequantize %q, %t zero %z : tensor<ui16> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xui16>, tensor<f32> to tensor<?x16xf32>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x2xi8>, tensor<f32> to tensor<16x2xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x16xf32>, tensor<16x2xf32>
  return %1 : tensor<?x2xf32>
}
