// RUN: transom-opt --fuse-attention --canonicalize --split-input-file %s | FileCheck %s

// A row that a finite number hides throughout averages all values: with padding,
// the bias has to stay as it is.
// CHECK-LABEL: func.func @finite_causal_and_padding
// CHECK: transformer.attention {{.*}} bias {{.*}} <{scale
func.func @finite_causal_and_padding(%q: tensor<2x4x8x16xf32>, %padding: tensor<2x1x1x8xf32>) -> tensor<2x4x8x16xf32> {
  %c1 = arith.constant 1 : index
  %fill = transformer.constant dense<-3.40282347E+38> : tensor<8x8xf32>
  %upper = transformer.trilu %fill k %c1 <{upper}> : tensor<8x8xf32>
  %scores = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %0 = transformer.binary add %scores, %upper : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %1 = transformer.binary add %0, %padding : tensor<2x4x8x8xf32>, tensor<2x1x1x8xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %3 = transformer.matmul %2, %q : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %3 : tensor<2x4x8x16xf32>
}

// -----

// Fewer keys than queries, aligned at the end: the first queries see none.
// CHECK-LABEL: func.func @finite_causal_empty_rows
// CHECK: transformer.attention {{.*}} bias {{.*}} <{scale
func.func @finite_causal_empty_rows(%q: tensor<2x4x8x16xf32>, %k: tensor<2x4x6x16xf32>) -> tensor<2x4x8x16xf32> {
  %keys = transformer.constant dense<[2, 3, 4, 5, 6, 7]> : tensor<6xi64>
  %rows = transformer.constant dense<[[0], [1], [2], [3], [4], [5], [6], [7]]> : tensor<8x1xi64>
  %hidden = transformer.compare gt %keys, %rows : tensor<6xi64>, tensor<8x1xi64>
  %fill = transformer.constant dense<-1.0e+09> : tensor<f32>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %bias = transformer.select %hidden, %fill, %none : tensor<8x6xi1>, tensor<f32>, tensor<f32>
  %scores = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x6x16xf32>
  %0 = transformer.binary add %scores, %bias : tensor<2x4x8x6xf32>, tensor<8x6xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x8x6xf32>
  %2 = transformer.matmul %1, %k : tensor<2x4x8x6xf32>, tensor<2x4x6x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// -----

// A number that scores may outweigh is a bias.
// CHECK-LABEL: func.func @mild_fill
// CHECK: transformer.attention {{.*}} bias {{.*}} <{scale
func.func @mild_fill(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %c1 = arith.constant 1 : index
  %fill = transformer.constant dense<-1.0> : tensor<8x8xf32>
  %upper = transformer.trilu %fill k %c1 <{upper}> : tensor<8x8xf32>
  %scores = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %0 = transformer.binary add %scores, %upper : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %2 = transformer.matmul %1, %q : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %2 : tensor<2x4x8x16xf32>
}

// -----

// Every second position; positions that are an input; a triangle of other keys
// than the first or the last ones; a buffer that is no triangle.
// CHECK-LABEL: func.func @other_masks
// CHECK-COUNT-4: transformer.attention {{.*}} mask {{.*}} <{scale
func.func @other_masks(%q: tensor<2x4x4x16xf32>, %positions: tensor<4x1xi64>, %n: index) -> (tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>) {
  %keys = transformer.constant dense<[0, 2, 4, 6]> : tensor<4xi64>
  %rows = transformer.constant dense<[[0], [1], [2], [3]]> : tensor<4x1xi64>
  %m0 = transformer.compare le %keys, %rows : tensor<4xi64>, tensor<4x1xi64>
  %0 = transformer.attention %q, %q, %q mask %m0 : tensor<4x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  %all = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %m1 = transformer.compare le %all, %positions : tensor<4xi64>, tensor<4x1xi64>
  %1 = transformer.attention %q, %q, %q mask %m1 : tensor<4x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  %true = transformer.constant dense<true> : tensor<4x4xi1>
  %m2 = transformer.trilu %true k %n : tensor<4x4xi1>
  %2 = transformer.attention %q, %q, %q mask %m2 : tensor<4x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  %m3 = transformer.constant dense<[[true, false, false, false], [true, true, false, false], [true, true, true, false], [true, true, false, true]]> : tensor<4x4xi1>
  %3 = transformer.attention %q, %q, %q mask %m3 : tensor<4x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  return %0, %1, %2, %3 : tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
}

// -----

// Masked before the scores are rounded; rounded by another step than before.
// CHECK-LABEL: func.func @rounded_otherwise
// CHECK-COUNT-2: transformer.softmax
func.func @rounded_otherwise(%q: tensor<2x4x8x16xf32>, %bias: tensor<8x8xf32>) -> (tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>) {
  %step = transformer.constant dense<0.5> : tensor<f32>
  %other = transformer.constant dense<0.25> : tensor<f32>
  %scores = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %0 = transformer.binary add %scores, %bias : tensor<2x4x8x8xf32>, tensor<8x8xf32>
  %1 = transformer.quantize %0, %step <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xf32>, tensor<f32> to tensor<2x4x8x8xi8>
  %2 = transformer.dequantize %1, %step <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xi8>, tensor<f32> to tensor<2x4x8x8xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %4 = transformer.matmul %3, %q : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  %5 = transformer.quantize %scores, %step <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xf32>, tensor<f32> to tensor<2x4x8x8xi8>
  %6 = transformer.dequantize %5, %other <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xi8>, tensor<f32> to tensor<2x4x8x8xf32>
  %7 = transformer.softmax %6 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %8 = transformer.matmul %7, %q : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %4, %8 : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
}
