// RUN: transom-opt %s | transom-opt | FileCheck %s
// RUN: transom-opt --mlir-print-op-generic %s | transom-opt | FileCheck %s

// Every op of the dialect, as text and back.

// CHECK-LABEL: func.func @elementwise
func.func @elementwise(%x: tensor<?x4xf32>, %n: tensor<?x4xi64>) -> tensor<?x4xf32> {
  // CHECK: transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
  %c = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  // CHECK: transformer.unary exp %{{.*}} : tensor<?x4xf32>
  %0 = transformer.unary exp %x : tensor<?x4xf32>
  // CHECK: transformer.unary not %{{.*}} : tensor<?x4xi64>
  %1 = transformer.unary not %n : tensor<?x4xi64>
  // CHECK: transformer.binary add %{{.*}}, %{{.*}} : tensor<?x4xf32>, tensor<4xf32>
  %2 = transformer.binary add %0, %c : tensor<?x4xf32>, tensor<4xf32>
  // CHECK: transformer.binary and %{{.*}}, %{{.*}} : tensor<?x4xi64>, tensor<?x4xi64>
  %3 = transformer.binary and %1, %n : tensor<?x4xi64>, tensor<?x4xi64>
  // CHECK: transformer.compare le %{{.*}}, %{{.*}} : tensor<?x4xi64>, tensor<?x4xi64>
  %4 = transformer.compare le %3, %n : tensor<?x4xi64>, tensor<?x4xi64>
  // CHECK: transformer.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4xi1>, tensor<?x4xf32>, tensor<4xf32>
  %5 = transformer.select %4, %2, %c : tensor<?x4xi1>, tensor<?x4xf32>, tensor<4xf32>
  // CHECK: transformer.cast %{{.*}} : tensor<?x4xf32> to tensor<?x4xbf16>
  %6 = transformer.cast %5 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %5 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @products
func.func @products(%a: tensor<?x8x16xf32>, %b: tensor<4x16xf32>, %u: tensor<?x16xui8>, %i: tensor<16x4xi8>, %zero: tensor<ui8>, %image: tensor<?x4x9xf32>, %filter: tensor<8x4x3xf32>, %bias: tensor<8xf32>) {
  // CHECK: transformer.matmul %{{.*}}, %{{.*}} <{transpose_b}> : tensor<?x8x16xf32>, tensor<4x16xf32>
  %0 = transformer.matmul %a, %b <{transpose_b}> : tensor<?x8x16xf32>, tensor<4x16xf32>
  // CHECK: transformer.matmul_integer %{{.*}}, %{{.*}} lhs_zero %{{.*}} : tensor<ui8> : tensor<?x16xui8>, tensor<16x4xi8>
  %1 = transformer.matmul_integer %u, %i lhs_zero %zero : tensor<ui8> : tensor<?x16xui8>, tensor<16x4xi8>
  // CHECK: transformer.conv %{{.*}}, %{{.*}} bias %{{.*}} : tensor<8xf32> <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<?x4x9xf32>, tensor<8x4x3xf32>
  %2 = transformer.conv %image, %filter bias %bias : tensor<8xf32> <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<?x4x9xf32>, tensor<8x4x3xf32>
  // CHECK: transformer.pool max %{{.*}} <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<?x4x9xf32>
  %3 = transformer.pool max %image <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<?x4x9xf32>
  return
}

// CHECK-LABEL: func.func @reductions
func.func @reductions(%x: tensor<?x?x8xf32>, %k: index) {
  // CHECK: transformer.reduce mean %{{.*}} <{axes = array<i64: 2>, keepdims}> : tensor<?x?x8xf32>
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x?x8xf32>
  // CHECK: transformer.arg_reduce max %{{.*}} <{axis = 2 : i64, select_last}> : tensor<?x?x8xf32>
  %1 = transformer.arg_reduce max %x <{axis = 2 : i64, select_last}> : tensor<?x?x8xf32>
  // CHECK: transformer.softmax %{{.*}} <{axis = 2 : i64, log}> : tensor<?x?x8xf32>
  %2 = transformer.softmax %x <{axis = 2 : i64, log}> : tensor<?x?x8xf32>
  // CHECK: transformer.cumsum %{{.*}} <{axis = 1 : i64, exclusive, reverse}> : tensor<?x?x8xf32>
  %3 = transformer.cumsum %x <{axis = 1 : i64, exclusive, reverse}> : tensor<?x?x8xf32>
  // CHECK: transformer.topk %{{.*}} <{axis = 2 : i64, largest = true}> : tensor<?x?x8xf32> to tensor<?x?x2xf32>, tensor<?x?x2xi64>
  %4, %5 = transformer.topk %x <{axis = 2 : i64, largest = true}> : tensor<?x?x8xf32> to tensor<?x?x2xf32>, tensor<?x?x2xi64>
  // CHECK: transformer.topk %{{.*}} k %{{.*}} <{axis = 2 : i64, largest = false}> : tensor<?x?x8xf32> to tensor<?x?x?xf32>, tensor<?x?x?xi64>
  %6, %7 = transformer.topk %x k %k <{axis = 2 : i64, largest = false}> : tensor<?x?x8xf32> to tensor<?x?x?xf32>, tensor<?x?x?xi64>
  return
}

// CHECK-LABEL: func.func @views
func.func @views(%x: tensor<?x?x48xf32>, %row: tensor<1x4xf32>, %fill: tensor<f32>, %b: index, %s: index) {
  // CHECK: transformer.reshape %{{.*}}[%{{.*}}, %{{.*}}] : tensor<?x?x48xf32> to tensor<?x?x4x12xf32>
  %0 = transformer.reshape %x[%b, %s] : tensor<?x?x48xf32> to tensor<?x?x4x12xf32>
  // CHECK: transformer.broadcast_to %{{.*}}[%{{.*}}] : tensor<1x4xf32> to tensor<?x4xf32>
  %1 = transformer.broadcast_to %row[%s] : tensor<1x4xf32> to tensor<?x4xf32>
  // CHECK: transformer.tile %{{.*}}[] : tensor<1x4xf32> to tensor<3x8xf32>
  %2 = transformer.tile %row[] : tensor<1x4xf32> to tensor<3x8xf32>
  // CHECK: transformer.transpose %{{.*}} <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x12xf32>
  %3 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x12xf32>
  // CHECK: transformer.slice %{{.*}}[%{{.*}}] [%{{.*}}] <{static_starts = array<i64: 0, -9223372036854775808>, steps = array<i64: 1, -1>}> : tensor<?x4xf32> to tensor<1x?xf32>
  %4 = transformer.slice %1[%b] [%s] <{static_starts = array<i64: 0, -9223372036854775808>, steps = array<i64: 1, -1>}> : tensor<?x4xf32> to tensor<1x?xf32>
  // CHECK: transformer.concat %{{.*}}, %{{.*}} <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
  %5 = transformer.concat %1, %row <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
  // CHECK: transformer.pad constant %{{.*}} value %{{.*}} : tensor<f32>[%{{.*}}] [%{{.*}}] <{static_low = array<i64: 0, -9223372036854775808>}> : tensor<1x4xf32> to tensor<1x?xf32>
  %6 = transformer.pad constant %row value %fill : tensor<f32> [%b] [%s] <{static_low = array<i64: 0, -9223372036854775808>}> : tensor<1x4xf32> to tensor<1x?xf32>
  // CHECK: transformer.resize %{{.*}}[] <{coordinates = "half_pixel", cubic_coefficient = -7.500000e-01 : f32, mode = "linear", nearest_mode = "floor", scales = array<f32: 1.000000e+00, 2.000000e+00>}> : tensor<1x4xf32> to tensor<1x8xf32>
  %7 = transformer.resize %row[] <{coordinates = "half_pixel", cubic_coefficient = -0.75 : f32, mode = "linear", nearest_mode = "floor", scales = array<f32: 1.0, 2.0>}> : tensor<1x4xf32> to tensor<1x8xf32>
  return
}

// CHECK-LABEL: func.func @indexing
func.func @indexing(%table: tensor<128x48xf32>, %ids: tensor<?x?xi64>, %pairs: tensor<?x2xi64>, %updates: tensor<?xf32>, %like: tensor<?x48xi32>, %values: tensor<?x48xf32>, %k: index, %start: tensor<i64>, %n: index) {
  // CHECK: transformer.gather %{{.*}}, %{{.*}} <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x?xi64>
  %0 = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x?xi64>
  // CHECK: transformer.gather_elements %{{.*}}, %{{.*}} <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x48xi32>
  %1 = transformer.gather_elements %table, %like <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x48xi32>
  // CHECK: transformer.gather_nd %{{.*}}, %{{.*}} <{batch_dims = 0 : i64}> : tensor<128x48xf32>, tensor<?x2xi64>
  %2 = transformer.gather_nd %table, %pairs <{batch_dims = 0 : i64}> : tensor<128x48xf32>, tensor<?x2xi64>
  // CHECK: transformer.scatter_elements add %{{.*}}, %{{.*}}, %{{.*}} <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x48xi32>, tensor<?x48xf32>
  %3 = transformer.scatter_elements add %table, %like, %values <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x48xi32>, tensor<?x48xf32>
  // CHECK: transformer.scatter_nd set %{{.*}}, %{{.*}}, %{{.*}} : tensor<128x48xf32>, tensor<?x2xi64>, tensor<?xf32>
  %4 = transformer.scatter_nd set %table, %pairs, %updates : tensor<128x48xf32>, tensor<?x2xi64>, tensor<?xf32>
  // CHECK: transformer.trilu %{{.*}} k %{{.*}} <{upper}> : tensor<128x48xf32>
  %5 = transformer.trilu %table k %k <{upper}> : tensor<128x48xf32>
  // CHECK: transformer.range %{{.*}}, %{{.*}}[%{{.*}}] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %6 = transformer.range %start, %start[%n] : tensor<i64>, tensor<i64> to tensor<?xi64>
  // CHECK: transformer.nonzero %{{.*}} : tensor<?x?xi64>
  %7 = transformer.nonzero %ids : tensor<?x?xi64>
  return
}

// CHECK-LABEL: func.func @quantisation
func.func @quantisation(%x: tensor<?x4xf32>, %scale: tensor<4xf32>, %zero: tensor<4xui8>) {
  // CHECK: transformer.quantize %{{.*}}, %{{.*}} zero %{{.*}} : tensor<4xui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x4xf32>, tensor<4xf32> to tensor<?x4xui8>
  %0 = transformer.quantize %x, %scale zero %zero : tensor<4xui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x4xf32>, tensor<4xf32> to tensor<?x4xui8>
  // CHECK: transformer.dequantize %{{.*}}, %{{.*}} zero %{{.*}} : tensor<4xui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x4xui8>, tensor<4xf32> to tensor<?x4xf32>
  %1 = transformer.dequantize %0, %scale zero %zero : tensor<4xui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x4xui8>, tensor<4xf32> to tensor<?x4xf32>
  return
}

// CHECK-LABEL: func.func @sizes
func.func @sizes(%a: index, %b: index, %n: tensor<1xi64>) -> index {
  // CHECK: transformer.from_index %{{.*}}, %{{.*}} : tensor<2xi64>
  %0 = transformer.from_index %a, %b : tensor<2xi64>
  // CHECK: transformer.to_index %{{.*}} <{position = 0 : i64}> : tensor<1xi64>
  %1 = transformer.to_index %n <{position = 0 : i64}> : tensor<1xi64>
  // CHECK: transformer.check_sizes %{{.*}}, %{{.*}} <{broadcast}>
  transformer.check_sizes %a, %1 <{broadcast}>
  return %1 : index
}

// CHECK-LABEL: func.func @control
func.func @control(%c: tensor<i1>, %a: tensor<4xf32>, %b: tensor<?xf32>, %n: tensor<i64>) -> tensor<?xf32> {
  // CHECK: transformer.if %{{.*}} : tensor<i1> -> tensor<?xf32> {
  // CHECK-NEXT: transformer.yield %{{.*}} : tensor<4xf32>
  // CHECK-NEXT: } else {
  // CHECK-NEXT: transformer.yield %{{.*}} : tensor<?xf32>
  %0 = transformer.if %c : tensor<i1> -> tensor<?xf32> {
    transformer.yield %a : tensor<4xf32>
  } else {
    transformer.yield %b : tensor<?xf32>
  }
  // CHECK: transformer.loop count %{{.*}} : tensor<i64> while %{{.*}} : tensor<i1>(%{{.*}}) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<?xi64>) {
  // CHECK-NEXT: ^bb0(%{{.*}}: tensor<i64>, %{{.*}}: tensor<i1>, %{{.*}}: tensor<4xf32>):
  // CHECK-NEXT: transformer.yield %{{.*}}, %{{.*}}, %{{.*}} : tensor<i1>, tensor<4xf32>, tensor<i64>
  %1, %2 = transformer.loop count %n : tensor<i64> while %c : tensor<i1> (%a) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<?xi64>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %x: tensor<4xf32>):
    transformer.yield %go, %x, %i : tensor<i1>, tensor<4xf32>, tensor<i64>
  }
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @linears
func.func @linears(%x: tensor<?x?x16xf32>, %w: tensor<16x48xf32>, %bias: tensor<48xf32>, %residual: tensor<?x?x48xf32>, %packed: tensor<8x1x8xui8>, %scales: tensor<8xf32>, %zeros: tensor<8xui8>) {
  // CHECK: transformer.linear %{{.*}}, %{{.*}} bias %{{.*}} : tensor<48xf32> residual %{{.*}} : tensor<?x?x48xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x16xf32>, tensor<16x48xf32>
  %0 = transformer.linear %x, %w bias %bias : tensor<48xf32> residual %residual : tensor<?x?x48xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x16xf32>, tensor<16x48xf32>
  // CHECK: transformer.linear_nbits %{{.*}}, %{{.*}}, %{{.*}} zeros %{{.*}} : tensor<8xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 16 : i64, n = 8 : i64}> : tensor<?x?x16xf32>, tensor<8x1x8xui8>, tensor<8xf32>
  %1 = transformer.linear_nbits %x, %packed, %scales zeros %zeros : tensor<8xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 16 : i64, n = 8 : i64}> : tensor<?x?x16xf32>, tensor<8x1x8xui8>, tensor<8xf32>
  // CHECK: transformer.glu silu %{{.*}}, %{{.*}} : tensor<?x?x48xf32>, tensor<?x?x48xf32>
  %2 = transformer.glu silu %0, %residual : tensor<?x?x48xf32>, tensor<?x?x48xf32>
  return
}

// CHECK-LABEL: func.func @norms
func.func @norms(%x: tensor<?x?x48xf32>, %scale: tensor<48xf32>, %bias: tensor<48xf32>) {
  // CHECK: transformer.layer_norm %{{.*}} scale %{{.*}} : tensor<48xf32> bias %{{.*}} : tensor<48xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x48xf32>
  %0 = transformer.layer_norm %x scale %scale : tensor<48xf32> bias %bias : tensor<48xf32> <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?x48xf32>
  // CHECK: transformer.rms_norm %{{.*}} <{axis = 1 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x48xf32>
  %1 = transformer.rms_norm %x <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x?x48xf32>
  return
}

// CHECK-LABEL: func.func @linear_attentions
func.func @linear_attentions(%q: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x12xf32>, %state: tensor<?x4x16x12xf32>, %sums: tensor<?x4x16xf32>) {
  // CHECK: transformer.linear_attention all %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>
  %0, %1, %2 = transformer.linear_attention all %q, %q, %v : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>
  // CHECK: transformer.linear_attention causal %{{.*}}, %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x4x16x12xf32> <{{{.*}}}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>
  %3, %4, %5 = transformer.linear_attention causal %q, %q, %v state %state : tensor<?x4x16x12xf32> <{epsilon = 1.0e-06 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>
  // CHECK: transformer.linear_attention before %{{.*}}, %{{.*}}, %{{.*}} state %{{.*}} : tensor<?x4x16x12xf32> sums %{{.*}} : tensor<?x4x16xf32> <{delta, epsilon = 0.000000e+00 : f32}>
  %6, %7, %8 = transformer.linear_attention before %q, %q, %v state %state : tensor<?x4x16x12xf32> sums %sums : tensor<?x4x16xf32> <{delta, epsilon = 0.0 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>
  return
}

// CHECK-LABEL: func.func @mixtures_of_experts
func.func @mixtures_of_experts(%x: tensor<?x16xf32>, %ids: tensor<?x2xi64>, %share: tensor<?x2xf32>, %first: tensor<8x16x32xf32>, %up: tensor<8x16x32xf32>, %second: tensor<8x32x16xbf16>, %half: tensor<8x16x16xbf16>, %wide: tensor<8x32xf32>, %narrow: tensor<8x16xf32>) {
  // CHECK: transformer.moe %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xbf16>
  %0 = transformer.moe %x, %ids, %share, %first, %second <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xbf16>
  // CHECK: transformer.moe %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} up %{{.*}} : tensor<8x16x32xf32> first_bias %{{.*}} : tensor<8x32xf32> up_bias %{{.*}} : tensor<8x32xf32> second_bias %{{.*}} : tensor<8x16xf32> <{activation = #transformer<unary_kind silu>, alpha = 1.702000e+00 : f32, beta = 1.000000e+00 : f32, gate = #transformer<expert_gate apart>, limit = 7.000000e+00 : f32}>
  %1 = transformer.moe %x, %ids, %share, %first, %second up %up : tensor<8x16x32xf32> first_bias %wide : tensor<8x32xf32> up_bias %wide : tensor<8x32xf32> second_bias %narrow : tensor<8x16xf32> <{activation = #transformer<unary_kind silu>, alpha = 1.702 : f32, beta = 1.0 : f32, gate = #transformer<expert_gate apart>, limit = 7.0 : f32}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xbf16>
  // CHECK: transformer.moe {{.*}} gate = #transformer<expert_gate halves>
  %2 = transformer.moe %x, %ids, %share, %first, %half <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate halves>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x16x16xbf16>
  // CHECK: transformer.moe {{.*}} gate = #transformer<expert_gate alternating>
  %3 = transformer.moe %x, %ids, %share, %first, %half <{activation = #transformer<unary_kind gelu>, gate = #transformer<expert_gate alternating>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x16x16xbf16>
  return
}

// CHECK-LABEL: func.func @quantised_experts
func.func @quantised_experts(%x: tensor<?x32xf16>, %ids: tensor<?x2xi64>, %share: tensor<?x2xf16>, %first: tensor<8x16x16xui8>, %up: tensor<8x16x32xui8>, %second: tensor<8x24x4xui8>, %fs: tensor<8x16x2xf32>, %us: tensor<8x16x1xf16>, %ss: tensor<8x24x2xf32>, %fz: tensor<8x16x1xui8>, %sz: tensor<8x24x1xui8>) -> tensor<?x24xf16> {
  // CHECK: transformer.moe %{{.*}} up %{{.*}} : tensor<8x16x32xui8> first_scales %{{.*}} : tensor<8x16x2xf32> up_scales %{{.*}} : tensor<8x16x1xf16> second_scales %{{.*}} : tensor<8x24x2xf32> first_zeros %{{.*}} : tensor<8x16x1xui8> second_zeros %{{.*}} : tensor<8x24x1xui8> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x32xf16>, tensor<?x2xi64>, tensor<?x2xf16>, tensor<8x16x16xui8>, tensor<8x24x4xui8>
  %0 = transformer.moe %x, %ids, %share, %first, %second up %up : tensor<8x16x32xui8> first_scales %fs : tensor<8x16x2xf32> up_scales %us : tensor<8x16x1xf16> second_scales %ss : tensor<8x24x2xf32> first_zeros %fz : tensor<8x16x1xui8> second_zeros %sz : tensor<8x24x1xui8> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x32xf16>, tensor<?x2xi64>, tensor<?x2xf16>, tensor<8x16x16xui8>, tensor<8x24x4xui8>
  // CHECK: return %{{.*}} : tensor<?x24xf16>
  return %0 : tensor<?x24xf16>
}

// CHECK-LABEL: func.func @attentions
func.func @attentions(%q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32>, %cos: tensor<?x1x?x8xf32>, %bias: tensor<4x1x1xf32>, %mask: tensor<?x1x1x?xi1>, %lengths: tensor<?xi64>, %heads: tensor<4xf32>, %start: tensor<?xi64>) {
  // CHECK: transformer.rope %{{.*}}, %{{.*}}, %{{.*}} <{interleaved, rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
  %0 = transformer.rope %q, %cos, %cos <{interleaved, rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
  // CHECK: transformer.attention %{{.*}}, %{{.*}}, %{{.*}} <{causal = #transformer<causal_kind top_left>, scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
  %1 = transformer.attention %0, %k, %k <{scale = 2.5e-01 : f32, causal = #transformer<causal_kind top_left>}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
  // CHECK: transformer.attention %{{.*}}, %{{.*}}, %{{.*}} bias %{{.*}} : tensor<4x1x1xf32> mask %{{.*}} : tensor<?x1x1x?xi1> key_lengths %{{.*}} : tensor<?xi64> slopes %{{.*}} : tensor<4xf32> sinks %{{.*}} : tensor<4xf32> <{causal = #transformer<causal_kind bottom_right>, probability_rounding = array<f32: 3.906250e-03, 0.000000e+00, 2.550000e+02>, scale = 2.500000e-01 : f32, score_rounding = array<f32: 5.000000e-01, -1.280000e+02, 1.270000e+02>, softcap = 3.000000e+01 : f32, window_left = 7 : i64, window_right = 0 : i64}>
  %2 = transformer.attention %0, %k, %k bias %bias : tensor<4x1x1xf32> mask %mask : tensor<?x1x1x?xi1> key_lengths %lengths : tensor<?xi64> slopes %heads : tensor<4xf32> sinks %heads : tensor<4xf32> <{scale = 2.5e-01 : f32, causal = #transformer<causal_kind bottom_right>, softcap = 30.0 : f32, window_left = 7 : i64, window_right = 0 : i64, score_rounding = array<f32: 0.5, -128.0, 127.0>, probability_rounding = array<f32: 0.00390625, 0.0, 255.0>}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
  // CHECK: transformer.kv_write %{{.*}}, %{{.*}} at %{{.*}} : tensor<?xi64> <{axis = 2 : i64, circular}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %3 = transformer.kv_write %q, %1 at %start : tensor<?xi64> <{axis = 2 : i64, circular}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  return
}

// CHECK-LABEL: func.func private @double
func.func private @double(%x: tensor<?xf32>) -> tensor<?xf32> attributes {transformer.kernel} {
  %0 = transformer.binary add %x, %x : tensor<?xf32>, tensor<?xf32>
  return %0 : tensor<?xf32>
}

// CHECK-LABEL: func.func @host
func.func @host(%x: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  // CHECK: transformer.launch @double(%{{.*}}) [%{{.*}}] : (tensor<?xf32>) -> tensor<?xf32>
  %0 = transformer.launch @double(%x) [%n] : (tensor<?xf32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
