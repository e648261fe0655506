// RUN: transom-opt --fuse-attention --canonicalize --split-input-file %s | FileCheck %s

// Keys up to the query's own position, which comes after the cached ones, and
// padding, which stays.
// CHECK-LABEL: func.func @cached_causal_and_padding
// CHECK-SAME: %[[PAD:[^:]*]]: tensor<?x?xi1>
// CHECK: %[[MASK:.*]] = transformer.reshape %[[PAD]]{{.*}} to tensor<?x1x1x?xi1>
// CHECK: transformer.attention {{.*}} mask %[[MASK]] : tensor<?x1x1x?xi1> <{causal = #transformer<causal_kind bottom_right>, scale
func.func @cached_causal_and_padding(%q: tensor<?x4x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %past: tensor<?x4x?x16xf32> {transformer.dims = ["b", "", "p", ""]}, %new: tensor<?x4x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %pad: tensor<?x?xi1> {transformer.dims = ["b", "p + s"]}) -> tensor<?x4x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x4x?x16xf32>
  %s = tensor.dim %q, %c2 : tensor<?x4x?x16xf32>
  %p = tensor.dim %past, %c2 : tensor<?x4x?x16xf32>
  %all = arith.addi %p, %s : index
  %k = transformer.concat %past, %new <{axis = 2 : i64}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %keys = transformer.range %zero, %one[%all] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %start = transformer.from_index %p : tensor<i64>
  %rows = transformer.range %start, %one[%s] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %row = transformer.reshape %rows[%s] : tensor<?xi64> to tensor<?x1xi64>
  %seen = transformer.compare le %keys, %row : tensor<?xi64>, tensor<?x1xi64>
  %padding = transformer.reshape %pad[%b, %all] : tensor<?x?xi1> to tensor<?x1x?xi1>
  %both = transformer.binary and %seen, %padding : tensor<?x?xi1>, tensor<?x1x?xi1>
  %mask = transformer.reshape %both[%b, %s, %all] : tensor<?x?x?xi1> to tensor<?x1x?x?xi1>
  %0 = transformer.attention %q, %k, %k mask %mask : tensor<?x1x?x?xi1> <{scale = 1.0 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  return %0 : tensor<?x4x?x16xf32>
}

// -----

// Triangles: of true, negated twice, and of a buffer that is sliced.
// CHECK-LABEL: func.func @triangles
// CHECK: transformer.attention %arg0, %arg1, %arg1 <{causal = #transformer<causal_kind top_left>, scale
// CHECK: transformer.attention %arg0, %arg1, %arg1 <{causal = #transformer<causal_kind top_left>, scale
// CHECK: transformer.attention %arg0, %arg1, %arg1 <{causal = #transformer<causal_kind bottom_right>, scale
func.func @triangles(%q: tensor<2x4x2x16xf32>, %k: tensor<2x4x4x16xf32>) -> (tensor<2x4x2x16xf32>, tensor<2x4x2x16xf32>, tensor<2x4x2x16xf32>) {
  %true = transformer.constant dense<true> : tensor<2x4xi1>
  %lower = transformer.trilu %true : tensor<2x4xi1>
  %0 = transformer.attention %q, %k, %k mask %lower : tensor<2x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  %c1 = arith.constant 1 : index
  %ones = transformer.constant dense<1.0> : tensor<2x4xf32>
  %upper = transformer.trilu %ones k %c1 <{upper}> : tensor<2x4xf32>
  %hidden = transformer.cast %upper : tensor<2x4xf32> to tensor<2x4xi1>
  %h = transformer.reshape %hidden[] : tensor<2x4xi1> to tensor<1x1x2x4xi1>
  %not = transformer.unary not %h : tensor<1x1x2x4xi1>
  %1 = transformer.attention %q, %k, %k mask %not : tensor<1x1x2x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  %buffer = transformer.constant dense<[[[[true, false, false, false, false], [true, true, false, false, false], [true, true, true, false, false], [true, true, true, true, false], [true, true, true, true, true]]]]> : tensor<1x1x5x5xi1>
  %rows = transformer.slice %buffer[] [] <{static_starts = array<i64: 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<1x1x5x5xi1> to tensor<1x1x2x4xi1>
  %2 = transformer.attention %q, %k, %k mask %rows : tensor<1x1x2x4xi1> <{scale = 1.0 : f32}> : tensor<2x4x2x16xf32>, tensor<2x4x4x16xf32>, tensor<2x4x4x16xf32>
  return %0, %1, %2 : tensor<2x4x2x16xf32>, tensor<2x4x2x16xf32>, tensor<2x4x2x16xf32>
}

// -----

// Causal within a window of four.
// CHECK-LABEL: func.func @window
// CHECK: transformer.attention %arg0, %arg0, %arg0 <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32, window_left = 3 : i64}>
func.func @window(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %keys = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %rows = transformer.reshape %keys[] : tensor<8xi64> to tensor<8x1xi64>
  %four = transformer.constant dense<4> : tensor<i64>
  %distance = transformer.binary sub %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %near = transformer.compare lt %distance, %four : tensor<8x8xi64>, tensor<i64>
  %seen = transformer.compare ge %rows, %keys : tensor<8x1xi64>, tensor<8xi64>
  %mask = transformer.binary and %near, %seen : tensor<8x8xi1>, tensor<8x8xi1>
  %0 = transformer.attention %q, %q, %q mask %mask : tensor<8x8xi1> <{scale = 1.0 : f32}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  return %0 : tensor<2x4x8x16xf32>
}

// -----

// Large negative numbers where a row always sees its own key: a triangle of
// them, one times a comparison, one chosen by a comparison.
// CHECK-LABEL: func.func @finite_causal
// CHECK-COUNT-3: transformer.attention %arg0, %{{.*}}, %arg0 <{causal = #transformer<causal_kind top_left>, scale
func.func @finite_causal(%q: tensor<2x4x?x16xf32>) -> (tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = tensor.dim %q, %c2 : tensor<2x4x?x16xf32>
  %scores = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>
  %fill = transformer.constant dense<-3.40282347E+38> : tensor<f32>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %all = transformer.broadcast_to %fill[%s, %s] : tensor<f32> to tensor<?x?xf32>
  %upper = transformer.trilu %all k %c1 <{upper}> : tensor<?x?xf32>
  %bias = transformer.reshape %upper[%s, %s] : tensor<?x?xf32> to tensor<1x1x?x?xf32>
  %0 = transformer.binary add %scores, %bias : tensor<2x4x?x?xf32>, tensor<1x1x?x?xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x?x?xf32>
  %2 = transformer.matmul %1, %q : tensor<2x4x?x?xf32>, tensor<2x4x?x16xf32>
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %keys = transformer.range %zero, %one[%s] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %row = transformer.reshape %keys[%s] : tensor<?xi64> to tensor<?x1xi64>
  %hidden = transformer.compare gt %keys, %row : tensor<?xi64>, tensor<?x1xi64>
  %number = transformer.cast %hidden : tensor<?x?xi1> to tensor<?x?xf32>
  %times = transformer.binary mul %number, %fill : tensor<?x?xf32>, tensor<f32>
  %3 = transformer.binary add %scores, %times : tensor<2x4x?x?xf32>, tensor<?x?xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x?x?xf32>
  %5 = transformer.matmul %4, %q : tensor<2x4x?x?xf32>, tensor<2x4x?x16xf32>
  %6 = transformer.select %hidden, %fill, %scores : tensor<?x?xi1>, tensor<f32>, tensor<2x4x?x?xf32>
  %7 = transformer.softmax %6 <{axis = 3 : i64}> : tensor<2x4x?x?xf32>
  %8 = transformer.matmul %7, %q : tensor<2x4x?x?xf32>, tensor<2x4x?x16xf32>
  return %2, %5, %8 : tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>, tensor<2x4x?x16xf32>
}

// -----

// Scores and probabilities in 8 bits: the first before the scale, 0.5.
// CHECK-LABEL: func.func @rounded
// CHECK: transformer.attention {{.*}}probability_rounding = array<f32: 3.906250e-03, 0.000000e+00, 2.550000e+02>, scale = 5.000000e-01 : f32, score_rounding = array<f32: 2.500000e-01, -1.000000e+02, 1.550000e+02>
func.func @rounded(%q: tensor<2x4x8x16xf32>) -> tensor<2x4x8x16xf32> {
  %two = transformer.constant dense<2.0> : tensor<f32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %step = transformer.constant dense<0.5> : tensor<f32>
  %fine = transformer.constant dense<3.906250e-03> : tensor<f32>
  %zero = transformer.constant dense<100> : tensor<ui8>
  %none = transformer.constant dense<0> : tensor<ui8>
  %twice = transformer.binary mul %q, %two : tensor<2x4x8x16xf32>, tensor<f32>
  %0 = transformer.matmul %twice, %q <{transpose_b}> : tensor<2x4x8x16xf32>, tensor<2x4x8x16xf32>
  %1 = transformer.quantize %0, %step zero %zero : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xf32>, tensor<f32> to tensor<2x4x8x8xui8>
  %2 = transformer.dequantize %1, %step zero %zero : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xui8>, tensor<f32> to tensor<2x4x8x8xf32>
  %quarter = transformer.constant dense<0.25> : tensor<f32>
  %3 = transformer.binary mul %2, %quarter : tensor<2x4x8x8xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x8x8xf32>
  %5 = transformer.quantize %4, %fine zero %none : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xf32>, tensor<f32> to tensor<2x4x8x8xui8>
  %6 = transformer.dequantize %5, %fine zero %none : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x4x8x8xui8>, tensor<f32> to tensor<2x4x8x8xf32>
  %7 = transformer.matmul %6, %q : tensor<2x4x8x8xf32>, tensor<2x4x8x16xf32>
  return %7 : tensor<2x4x8x16xf32>
}
