// RUN: transom-opt %s --split-input-file --kernels --cpu | FileCheck %s

// The list of weights: each constant in each layout that a kernel reads, 64-byte aligned, equal ones once.

// A weight that two kernels read in one layout has one place; read in two layouts, it has two.
// CHECK: transformer.weights = [
// CHECK-SAME: {bytes = 2560 : i64, layout = array<i64: 16, 0, 1>, offset = 0 : i64, value = dense_resource<a> : tensor<20x24xf32>}
// CHECK-SAME: {bytes = 1920 : i64, layout, offset = 2560 : i64, value = dense_resource<a> : tensor<20x24xf32>}]
func.func @layouts(%x: tensor<?x20xf32>, %y: tensor<20x24xf32>) -> (tensor<?x24xf32>, tensor<?x24xf32>, tensor<20x24xf32>) attributes {transformer.entry} {
  %a = transformer.constant dense_resource<a> : tensor<20x24xf32>
  %0 = transformer.linear %x, %a : tensor<?x20xf32>, tensor<20x24xf32>
  %1 = transformer.unary tanh %x : tensor<?x20xf32>
  %2 = transformer.linear %1, %a : tensor<?x20xf32>, tensor<20x24xf32>
  %3 = transformer.binary add %y, %a : tensor<20x24xf32>, tensor<20x24xf32>
  return %0, %2, %3 : tensor<?x24xf32>, tensor<?x24xf32>, tensor<20x24xf32>
}

// -----

// Bytes are what a layout takes: whole panels of columns, bools a byte each, 4-bit numbers two to a byte, halves two bytes.
// Each begins at a multiple of 64.
// CHECK: transformer.weights = [
// CHECK-SAME: bytes = 10 : i64, layout, offset = 0 : i64, value = dense_resource<b>
// CHECK-SAME: bytes = 256 : i64, layout = array<i64: 16, 0, 1>, offset = 64 : i64, value = dense_resource<h>
// CHECK-SAME: bytes = 5 : i64, layout, offset = 320 : i64, value = dense_resource<n>
// CHECK-SAME: bytes = 40 : i64, layout, offset = 384 : i64, value = dense_resource<t>
func.func @widths(%x: tensor<10xf32>, %y: tensor<?x8xf16>) -> (tensor<10xf32>, tensor<10xf32>, tensor<?x5xf16>) attributes {transformer.entry} {
  %b = transformer.constant dense_resource<b> : tensor<10xi1>
  %n = transformer.constant dense_resource<n> : tensor<10xi4>
  %h = transformer.constant dense_resource<h> : tensor<8x5xf16>
  %t = transformer.constant dense_resource<t> : tensor<10xf32>
  %s = transformer.constant dense<0.5> : tensor<f32>
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.select %b, %x, %zero : tensor<10xi1>, tensor<10xf32>, tensor<f32>
  %1 = transformer.dequantize %n, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<10xi4>, tensor<f32> to tensor<10xf32>
  %2 = transformer.linear %y, %h : tensor<?x8xf16>, tensor<8x5xf16>
  %3 = transformer.binary mul %1, %t : tensor<10xf32>, tensor<10xf32>
  return %0, %3, %2 : tensor<10xf32>, tensor<10xf32>, tensor<?x5xf16>
}

// -----

// Four numbers of 2 bits to a byte, and two floats of 4 bits, whether they are mapped or small.
// CHECK: transformer.weights = [
// CHECK-SAME: bytes = 3 : i64, layout, offset = 0 : i64, value = dense_resource<m> : tensor<10xui2>
// CHECK-SAME: bytes = 2 : i64, layout, offset = 64 : i64, value = dense<[5.000000e-01, 6.000000e+00, -1.500000e+00]> : tensor<3xf4E2M1FN>
func.func @packed(%x: tensor<10xf32>, %y: tensor<3xi64>) -> (tensor<10xf32>, tensor<3xf32>) attributes {transformer.entry} {
  %m = transformer.constant dense_resource<m> : tensor<10xui2>
  %f = transformer.constant dense<[0.5, 6.0, -1.5]> : tensor<3xf4E2M1FN>
  %0 = transformer.cast %m : tensor<10xui2> to tensor<10xf32>
  %1 = transformer.binary add %x, %0 : tensor<10xf32>, tensor<10xf32>
  %2 = transformer.gather %f, %y <{axis = 0 : i64}> : tensor<3xf4E2M1FN>, tensor<3xi64>
  %3 = transformer.cast %2 : tensor<3xf4E2M1FN> to tensor<3xf32>
  return %1, %3 : tensor<10xf32>, tensor<3xf32>
}

// -----

// Constants that are joined have no value of their own: their parts and the axis.
// CHECK: transformer.weights = [{axis = 1 : i64, bytes = 1024 : i64, layout = array<i64: 16, 0, 1>, offset = 0 : i64, parts = [dense_resource<q> : tensor<8x16xf32>, dense_resource<k> : tensor<8x8xf32>]}]
func.func @joined(%x: tensor<?x8xf32>) -> tensor<?x24xf32> attributes {transformer.entry} {
  %a = transformer.constant dense_resource<q> : tensor<8x16xf32>
  %b = transformer.constant dense_resource<k> : tensor<8x8xf32>
  %w = transformer.concat %a, %b <{axis = 1 : i64}> : tensor<8x16xf32>, tensor<8x8xf32>
  %0 = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x24xf32>
  return %0 : tensor<?x24xf32>
}

// -----

// A weight of batches has the panels of each; one the other way round is packed as it lies.
// CHECK: transformer.weights = [
// CHECK-SAME: bytes = 3072 : i64, layout = array<i64: 16, 0, 1>, offset = 0 : i64, value = dense_resource<w> : tensor<3x8x20xf32>
// CHECK-SAME: bytes = 1024 : i64, layout = array<i64: 16, 1, 1>, offset = 3072 : i64, value = dense_resource<v> : tensor<20x8xf32>
func.func @batches(%x: tensor<3x?x8xf32>, %y: tensor<?x8xf32>) -> (tensor<3x?x20xf32>, tensor<?x20xf32>) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<3x8x20xf32>
  %v = transformer.constant dense_resource<v> : tensor<20x8xf32>
  %0 = transformer.matmul %x, %w : tensor<3x?x8xf32>, tensor<3x8x20xf32>
  %1 = transformer.matmul %y, %v <{transpose_b}> : tensor<?x8xf32>, tensor<20x8xf32>
  return %0, %1 : tensor<3x?x20xf32>, tensor<?x20xf32>
}

// -----

// Equal small constants are one; a splat is in the code and not in the list. Two entry functions have one list.
// CHECK: transformer.weights = [{bytes = 16 : i64, layout, offset = 0 : i64, value = dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>}]
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {transformer.entry} {
  %a = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %half = transformer.constant dense<0.5> : tensor<4xf32>
  %0 = transformer.binary add %x, %a : tensor<?x4xf32>, tensor<4xf32>
  %1 = transformer.binary mul %0, %half : tensor<?x4xf32>, tensor<4xf32>
  return %1 : tensor<?x4xf32>
}
func.func @other(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {transformer.entry} {
  %a = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %0 = transformer.binary sub %x, %a : tensor<?x4xf32>, tensor<4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// Weights of integer products: taps in fours, and 4 bytes a column behind each panel.
// CHECK: transformer.weights = [
// CHECK-SAME: bytes = 384 : i64, layout = array<i64: 16, 0, 4>, offset = 0 : i64, value = dense_resource<p> : tensor<6x17xi8>
// CHECK-SAME: bytes = 192 : i64, layout = array<i64: 16, 1, 4>, offset = 384 : i64, value = dense_resource<q> : tensor<9x8xui8>
func.func @integers(%x: tensor<?x6xui8>, %y: tensor<?x8xui8>) -> (tensor<?x17xi32>, tensor<?x9xi32>) attributes {transformer.entry} {
  %p = transformer.constant dense_resource<p> : tensor<6x17xi8>
  %q = transformer.constant dense_resource<q> : tensor<9x8xui8>
  %0 = transformer.matmul_integer %x, %p : tensor<?x6xui8>, tensor<6x17xi8>
  %1 = transformer.transpose %q <{perm = array<i64: 1, 0>}> : tensor<9x8xui8>
  %2 = transformer.matmul_integer %y, %1 : tensor<?x8xui8>, tensor<8x9xui8>
  return %0, %2 : tensor<?x17xi32>, tensor<?x9xi32>
}
