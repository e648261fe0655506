// RUN: transom-opt %s | FileCheck %s

// A return of another type than the op infers does not parse, so each line
// below is a check; the functions are looked for so that none is lost.

// CHECK: func.func @broadcast
func.func @broadcast(%a: tensor<?x1x4xf32>, %b: tensor<3x1xf32>, %c: tensor<?x4xi1>, %n: tensor<2x?xi64>)
    -> (tensor<?x3x4xf32>, tensor<?x3x4xi1>, tensor<?x3x4xf32>, tensor<?x1x4xi1>, tensor<2x?xi64>, tensor<?x3x4xf32>) {
  %0 = transformer.binary add %a, %b : tensor<?x1x4xf32>, tensor<3x1xf32>
  %1 = transformer.compare lt %a, %b : tensor<?x1x4xf32>, tensor<3x1xf32>
  %2 = transformer.select %c, %a, %b : tensor<?x4xi1>, tensor<?x1x4xf32>, tensor<3x1xf32>
  %3 = transformer.unary isnan %a : tensor<?x1x4xf32>
  %4 = transformer.unary abs %n : tensor<2x?xi64>
  %5 = transformer.glu silu %a, %b : tensor<?x1x4xf32>, tensor<3x1xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<?x3x4xf32>, tensor<?x3x4xi1>, tensor<?x3x4xf32>, tensor<?x1x4xi1>, tensor<2x?xi64>, tensor<?x3x4xf32>
}

// A static dim above 1 decides over a dynamic one.
// CHECK: func.func @static_decides
func.func @static_decides(%a: tensor<?x4xf32>, %b: tensor<3x?xf32>) -> tensor<3x4xf32> {
  %0 = transformer.binary mul %a, %b : tensor<?x4xf32>, tensor<3x?xf32>
  return %0 : tensor<3x4xf32>
}

// CHECK: func.func @products
func.func @products(%a: tensor<?x1x8x16xf32>, %b: tensor<5x16x?xf32>, %t: tensor<3x8x?xf16>, %u: tensor<8x4xf16>, %x: tensor<?x16xui8>, %w: tensor<16x4xi8>)
    -> (tensor<?x5x8x?xf32>, tensor<3x?x4xf16>, tensor<?x4xi32>) {
  %0 = transformer.matmul %a, %b : tensor<?x1x8x16xf32>, tensor<5x16x?xf32>
  %1 = transformer.matmul %t, %u <{transpose_a}> : tensor<3x8x?xf16>, tensor<8x4xf16>
  %2 = transformer.matmul_integer %x, %w : tensor<?x16xui8>, tensor<16x4xi8>
  return %0, %1, %2 : tensor<?x5x8x?xf32>, tensor<3x?x4xf16>, tensor<?x4xi32>
}

// CHECK: func.func @windows
func.func @windows(%x: tensor<2x4x9xf32>, %w: tensor<8x2x3xf32>, %y: tensor<2x4x?xf32>)
    -> (tensor<2x8x4xf32>, tensor<2x8x?xf32>, tensor<2x4x4xf32>, tensor<2x4x5xf32>) {
  %0 = transformer.conv %x, %w <{dilations = array<i64: 2>, group = 2 : i64, pads = array<i64: 1, 1>, strides = array<i64: 2>}> : tensor<2x4x9xf32>, tensor<8x2x3xf32>
  %1 = transformer.conv %y, %w <{dilations = array<i64: 1>, group = 2 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<2x4x?xf32>, tensor<8x2x3xf32>
  %2 = transformer.pool max %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<2x4x9xf32>
  %3 = transformer.pool mean %x <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<2x4x9xf32>
  return %0, %1, %2, %3 : tensor<2x8x4xf32>, tensor<2x8x?xf32>, tensor<2x4x4xf32>, tensor<2x4x5xf32>
}

// CHECK: func.func @reductions
func.func @reductions(%x: tensor<?x3x4xf32>)
    -> (tensor<?x1x1xf32>, tensor<3xf32>, tensor<?x4xi64>, tensor<?x1x4xi64>, tensor<?x3x4xf32>, tensor<?x3x4xf32>) {
  %0 = transformer.reduce sum %x <{axes = array<i64: 1, 2>, keepdims}> : tensor<?x3x4xf32>
  %1 = transformer.reduce max %x <{axes = array<i64: 0, 2>}> : tensor<?x3x4xf32>
  %2 = transformer.arg_reduce min %x <{axis = 1 : i64}> : tensor<?x3x4xf32>
  %3 = transformer.arg_reduce min %x <{axis = 1 : i64, keepdims}> : tensor<?x3x4xf32>
  %4 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x3x4xf32>
  %5 = transformer.cumsum %x <{axis = 1 : i64}> : tensor<?x3x4xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<?x1x1xf32>, tensor<3xf32>, tensor<?x4xi64>, tensor<?x1x4xi64>, tensor<?x3x4xf32>, tensor<?x3x4xf32>
}

// CHECK: func.func @movement
func.func @movement(%x: tensor<?x3x4xf32>, %y: tensor<2x3x?xf32>, %z: tensor<2x?x4xf32>)
    -> (tensor<4x?x3xf32>, tensor<2x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>) {
  %0 = transformer.transpose %x <{perm = array<i64: 2, 0, 1>}> : tensor<?x3x4xf32>
  %1 = transformer.concat %y <{axis = 1 : i64}> : tensor<2x3x?xf32>
  %2 = transformer.slice %1[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x?xf32> to tensor<2x3x4xf32>
  %3 = transformer.concat %2, %x <{axis = 0 : i64}> : tensor<2x3x4xf32>, tensor<?x3x4xf32>
  %4 = transformer.trilu %x : tensor<?x3x4xf32>
  return %0, %2, %3, %4 : tensor<4x?x3xf32>, tensor<2x3x4xf32>, tensor<?x3x4xf32>, tensor<?x3x4xf32>
}

// Dims that one input knows, the result knows.
// CHECK: func.func @concat_merges
func.func @concat_merges(%y: tensor<2x3x?xf32>, %z: tensor<2x5x4xf32>) -> tensor<2x8x4xf32> {
  %0 = transformer.concat %y, %z <{axis = 1 : i64}> : tensor<2x3x?xf32>, tensor<2x5x4xf32>
  return %0 : tensor<2x8x4xf32>
}

// CHECK: func.func @indexing
func.func @indexing(%x: tensor<5x?x7xf32>, %i: tensor<2x?xi64>, %e: tensor<5x?x3xi32>, %n: tensor<?x2xi64>, %v: tensor<?x7xf32>, %f: tensor<5x?x3xf32>)
    -> (tensor<5x2x?x7xf32>, tensor<5x?x3xf32>, tensor<?x7xf32>, tensor<5x?x7xf32>, tensor<5x?x7xf32>, tensor<3x?xi64>) {
  %0 = transformer.gather %x, %i <{axis = 1 : i64}> : tensor<5x?x7xf32>, tensor<2x?xi64>
  %1 = transformer.gather_elements %x, %e <{axis = 2 : i64}> : tensor<5x?x7xf32>, tensor<5x?x3xi32>
  %2 = transformer.gather_nd %x, %n <{batch_dims = 0 : i64}> : tensor<5x?x7xf32>, tensor<?x2xi64>
  %3 = transformer.scatter_elements set %x, %e, %f <{axis = 2 : i64}> : tensor<5x?x7xf32>, tensor<5x?x3xi32>, tensor<5x?x3xf32>
  %4 = transformer.scatter_nd add %x, %n, %v : tensor<5x?x7xf32>, tensor<?x2xi64>, tensor<?x7xf32>
  %5 = transformer.nonzero %x : tensor<5x?x7xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<5x2x?x7xf32>, tensor<5x?x3xf32>, tensor<?x7xf32>, tensor<5x?x7xf32>, tensor<5x?x7xf32>, tensor<3x?xi64>
}

// CHECK: func.func @model
func.func @model(%x: tensor<?x?x16xf16>, %w: tensor<16x48xf16>, %packed: tensor<8x1x8xui8>, %scales: tensor<8xf16>, %q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32>, %v: tensor<?x2x?x12xf32>, %t: tensor<?x8xf32>)
    -> (tensor<?x?x48xf16>, tensor<?x?x8xf16>, tensor<?x?x16xf16>, tensor<?x?x16xf16>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>, tensor<?x2x?x16xf32>) {
  %0 = transformer.linear %x, %w : tensor<?x?x16xf16>, tensor<16x48xf16>
  %1 = transformer.linear_nbits %x, %packed, %scales <{bits = 4 : i64, block_size = 16 : i64, k = 16 : i64, n = 8 : i64}> : tensor<?x?x16xf16>, tensor<8x1x8xui8>, tensor<8xf16>
  %2 = transformer.layer_norm %x <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?x16xf16>
  %3 = transformer.rms_norm %x <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?x16xf16>
  %4 = transformer.rope %q, %t, %t <{rotary_dim = 8 : i64}> : tensor<?x4x?x16xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  %5 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x12xf32>
  %6 = transformer.kv_write %k, %k <{axis = 2 : i64}> : tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<?x?x48xf16>, tensor<?x?x8xf16>, tensor<?x?x16xf16>, tensor<?x?x16xf16>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>, tensor<?x2x?x16xf32>
}

// A size that one operand knows is the results'.
// CHECK: func.func @linear_attention
func.func @linear_attention(%q: tensor<?x?x?x16xf16>, %k: tensor<?x4x?x?xf16>, %v: tensor<2x?x?x12xf16>, %state: tensor<?x?x?x?xf16>)
    -> (tensor<2x4x?x12xf16>, tensor<2x4x16x12xf16>, tensor<2x4x16xf16>) {
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v state %state : tensor<?x?x?x?xf16> : tensor<?x?x?x16xf16>, tensor<?x4x?x?xf16>, tensor<2x?x?x12xf16>
  return %0, %1, %2 : tensor<2x4x?x12xf16>, tensor<2x4x16x12xf16>, tensor<2x4x16xf16>
}

// The state alone knows them.
// CHECK: func.func @linear_attention_of_state
func.func @linear_attention_of_state(%q: tensor<?x?x5x?xf32>, %v: tensor<?x?x5x?xf32>, %state: tensor<2x4x16x12xf32>)
    -> (tensor<2x4x5x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x16xf32>) {
  %0, %1, %2 = transformer.linear_attention before %q, %q, %v state %state : tensor<2x4x16x12xf32> : tensor<?x?x5x?xf32>, tensor<?x?x5x?xf32>, tensor<?x?x5x?xf32>
  return %0, %1, %2 : tensor<2x4x5x12xf32>, tensor<2x4x16x12xf32>, tensor<2x4x16xf32>
}

// How many tokens there are the choices may know.
// CHECK: func.func @mixture_of_experts
func.func @mixture_of_experts(%x: tensor<?x16xf16>, %ids: tensor<5x2xi32>, %share: tensor<?x2xf16>, %first: tensor<8x16x32xf16>, %second: tensor<8x32x24xf16>) -> tensor<5x24xf16> {
  %0 = transformer.moe %x, %ids, %share, %first, %second : tensor<?x16xf16>, tensor<5x2xi32>, tensor<?x2xf16>, tensor<8x16x32xf16>, tensor<8x32x24xf16>
  return %0 : tensor<5x24xf16>
}

// Packed weights have their columns first.
// CHECK: func.func @quantised_experts
func.func @quantised_experts(%x: tensor<5x16xf32>, %ids: tensor<5x2xi32>, %share: tensor<5x2xf32>, %first: tensor<8x32x8xui8>, %second: tensor<8x24x16xui8>, %fs: tensor<8x32x1xf32>, %ss: tensor<8x24x1xf32>) -> tensor<5x24xf32> {
  %0 = transformer.moe %x, %ids, %share, %first, %second first_scales %fs : tensor<8x32x1xf32> second_scales %ss : tensor<8x24x1xf32> : tensor<5x16xf32>, tensor<5x2xi32>, tensor<5x2xf32>, tensor<8x32x8xui8>, tensor<8x24x16xui8>
  return %0 : tensor<5x24xf32>
}
