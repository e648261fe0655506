// RUN: transom-opt --split-input-file --verify-diagnostics %s

// What each op's verifier and type inference refuse.

func.func @broadcast(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.binary add %a, %b : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @elements(%a: tensor<3xf32>, %b: tensor<3xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.binary add %a, %b : tensor<3xf32>, tensor<3xf16>
  return
}

// -----

func.func @compare(%a: tensor<3xf32>, %b: tensor<3xi64>) {
  // expected-error @+1 {{element types differ: 'f32' and 'i64'}}
  %0 = transformer.compare lt %a, %b : tensor<3xf32>, tensor<3xi64>
  return
}

// -----

func.func @select_condition(%c: tensor<3xi8>, %a: tensor<3xf32>) {
  // expected-error @+1 {{condition must be of i1, is 'i8'}}
  %0 = transformer.select %c, %a, %a : tensor<3xi8>, tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @select_elements(%c: tensor<3xi1>, %a: tensor<3xf32>, %b: tensor<3xf64>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f64'}}
  %0 = transformer.select %c, %a, %b : tensor<3xi1>, tensor<3xf32>, tensor<3xf64>
  return
}

// -----

func.func @cast(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{changes the shape}}
  %0 = transformer.cast %a : tensor<2x3xf32> to tensor<3x2xf16>
  return
}

// -----

func.func @unary_type(%a: tensor<2xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<2xi1>' are incompatible with return type(s) of operation 'tensor<2xf32>'}}
  %0 = "transformer.unary"(%a) <{kind = #transformer<unary_kind isnan>}> : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @inner(%a: tensor<?x3xf32>, %b: tensor<4x5xf32>) {
  // expected-error @+1 {{inner dims differ: 3 and 4}}
  %0 = transformer.matmul %a, %b : tensor<?x3xf32>, tensor<4x5xf32>
  return
}

// -----

func.func @matmul_rank(%a: tensor<3xf32>, %b: tensor<3x5xf32>) {
  // expected-error @+1 {{operands must have rank 2 or more}}
  %0 = transformer.matmul %a, %b : tensor<3xf32>, tensor<3x5xf32>
  return
}

// -----

func.func @matmul_batch(%a: tensor<2x4x3xf32>, %b: tensor<3x3x5xf32>) {
  // expected-error @+1 {{batch dims do not broadcast}}
  %0 = transformer.matmul %a, %b : tensor<2x4x3xf32>, tensor<3x3x5xf32>
  return
}

// -----

func.func @matmul_elements(%a: tensor<4x3xf32>, %b: tensor<3x5xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.matmul %a, %b : tensor<4x3xf32>, tensor<3x5xf16>
  return
}

// -----

func.func @matmul_integer(%a: tensor<4x3xui8>, %b: tensor<3x5xi32>) {
  // expected-error @+1 {{operands must be of i8 or ui8, one is 'i32'}}
  %0 = transformer.matmul_integer %a, %b : tensor<4x3xui8>, tensor<3x5xi32>
  return
}

// -----

func.func @conv_group(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{group must be positive}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 0 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

func.func @conv_channels(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{input has 4 channels, weight and group ask for 8}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

func.func @conv_ranks(%x: tensor<1x4x9x9xf32>, %w: tensor<8x4x3x3xf32>) {
  // expected-error @+1 {{ranks of input, weight, strides, pads and dilations disagree}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9x9xf32>, tensor<8x4x3x3xf32>
  return
}

// -----

func.func @pool_kind(%x: tensor<1x4x9xf32>) {
  // expected-error @+1 {{pools by max, mean or sum only}}
  %0 = transformer.pool min %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_ranks(%x: tensor<1x4x9x9xf32>) {
  // expected-error @+1 {{ranks of input, kernel, strides, pads and dilations disagree}}
  %0 = transformer.pool max %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x4x9x9xf32>
  return
}

// -----

func.func @reduce_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.reduce sum %x <{axes = array<i64: 0, 2>}> : tensor<2x3xf32>
  return
}

// -----

func.func @reduce_order(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axes must ascend}}
  %0 = transformer.reduce sum %x <{axes = array<i64: 1, 0>}> : tensor<2x3xf32>
  return
}

// -----

func.func @arg_reduce_kind(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{is of max or min only}}
  %0 = transformer.arg_reduce sum %x <{axis = 0 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @arg_reduce_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.arg_reduce max %x <{axis = 2 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @softmax(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.softmax %x <{axis = 2 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @softmax_integers(%x: tensor<2x3xi64>) {
  // expected-error @+1 {{must be ranked tensor of floating-point values}}
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<2x3xi64>
  return
}

// -----

func.func @cumsum(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis -1 is outside rank 2}}
  %0 = transformer.cumsum %x <{axis = -1 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @topk_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0, %1 = transformer.topk %x <{axis = 2 : i64, largest = true}> : tensor<2x3xf32> to tensor<2x3xf32>, tensor<2x3xi64>
  return
}

// -----

func.func @topk_k(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{takes k exactly when the result's axis is dynamic}}
  %0, %1 = transformer.topk %x <{axis = 1 : i64, largest = true}> : tensor<2x3xf32> to tensor<2x?xf32>, tensor<2x?xi64>
  return
}

// -----

func.func @reshape(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{changes the number of elements from 6 to 8}}
  %0 = transformer.reshape %a [] : tensor<2x3xf32> to tensor<2x4xf32>
  return
}

// -----

func.func @reshape_elements(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{element types differ: 'f32' and 'i32'}}
  %0 = transformer.reshape %a [] : tensor<2x3xf32> to tensor<3x2xi32>
  return
}

// -----

func.func @reshape_sizes(%a: tensor<?x3xf32>) {
  // expected-error @+1 {{expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.reshape %a [] : tensor<?x3xf32> to tensor<3x?xf32>
  return
}

// -----

func.func @broadcast_to(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{input dim 1 of 3 does not broadcast to 4}}
  %0 = transformer.broadcast_to %a [] : tensor<2x3xf32> to tensor<2x4xf32>
  return
}

// -----

func.func @broadcast_to_rank(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{input has more dims than what it is applied to}}
  %0 = transformer.broadcast_to %a [] : tensor<2x3xf32> to tensor<3xf32>
  return
}

// -----

func.func @tile(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{changes the rank}}
  %0 = transformer.tile %a [] : tensor<2x3xf32> to tensor<2x2x3xf32>
  return
}

// -----

func.func @perm(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{perm is not a permutation}}
  %0 = transformer.transpose %a <{perm = array<i64: 0, 0>}> : tensor<2x3xf32>
  return
}

// -----

func.func @perm_dim(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{perm names dim 2 of rank 2}}
  %0 = transformer.transpose %a <{perm = array<i64: 0, 2>}> : tensor<2x3xf32>
  return
}

// -----

func.func @perm_short(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{perm has 1 entries for rank 2}}
  %0 = transformer.transpose %a <{perm = array<i64: 0>}> : tensor<2x3xf32>
  return
}

// -----

func.func @slice_rank(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{changes the rank}}
  %0 = transformer.slice %a[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<3xf32>
  return
}

// -----

func.func @slice_starts(%a: tensor<2x3xf32>, %i: index) {
  // expected-error @+1 {{static_starts marks 0 dynamic entries, 1 operands given}}
  %0 = transformer.slice %a[%i] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<2x3xf32>
  return
}

// -----

func.func @slice_steps(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{expects one non-zero step per dim}}
  %0 = transformer.slice %a[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 0>}> : tensor<2x3xf32> to tensor<2x3xf32>
  return
}

// -----

func.func @concat_rank(%a: tensor<2x3xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{inputs differ in rank}}
  %0 = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @concat_axis(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.concat %a, %a <{axis = 2 : i64}> : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @concat_dims(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @+1 {{inputs differ in dim 1: 3 and 4}}
  %0 = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @concat_elements(%a: tensor<2x3xf32>, %b: tensor<2x3xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xf16>
  return
}

// -----

func.func @pad(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{static_low has 1 entries for rank 2}}
  %0 = transformer.pad constant %a [] [] <{static_low = array<i64: 0>}> : tensor<2x3xf32> to tensor<2x4xf32>
  return
}

// -----

func.func @resize(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{expects one scale per dim}}
  %0 = transformer.resize %a [] <{coordinates = "half_pixel", cubic_coefficient = -0.75 : f32, mode = "linear", nearest_mode = "floor", scales = array<f32: 2.0>}> : tensor<2x3xf32> to tensor<2x6xf32>
  return
}

// -----

func.func @gather(%a: tensor<2x3xf32>, %i: tensor<4xf32>) {
  // expected-error @+1 {{indices must be of i32 or i64, are 'f32'}}
  %0 = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<4xf32>
  return
}

// -----

func.func @gather_axis(%a: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.gather %a, %i <{axis = 2 : i64}> : tensor<2x3xf32>, tensor<4xi64>
  return
}

// -----

func.func @gather_elements(%a: tensor<2x3xf32>, %i: tensor<2x3xi8>) {
  // expected-error @+1 {{indices must be of i32 or i64, are 'i8'}}
  %0 = transformer.gather_elements %a, %i <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xi8>
  return
}

// -----

func.func @gather_nd(%a: tensor<2x3xf32>, %i: tensor<4x3xi64>) {
  // expected-error @+1 {{index tuples of 3 do not fit rank 2}}
  %0 = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<2x3xf32>, tensor<4x3xi64>
  return
}

// -----

func.func @gather_nd_dynamic(%a: tensor<2x3xf32>, %i: tensor<4x?xi64>) {
  // expected-error @+1 {{the length of the index tuples must be static}}
  %0 = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<2x3xf32>, tensor<4x?xi64>
  return
}

// -----

func.func @gather_nd_indices(%a: tensor<2x3xf32>, %i: tensor<4x2xf32>) {
  // expected-error @+1 {{indices must be of i32 or i64, are 'f32'}}
  %0 = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<2x3xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @scatter_elements(%a: tensor<2x3xf32>, %i: tensor<2x3xi64>, %u: tensor<2x3xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.scatter_elements add %a, %i, %u <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xi64>, tensor<2x3xf16>
  return
}

// -----

func.func @scatter_nd(%a: tensor<2x3xf32>, %i: tensor<4x1xi1>, %u: tensor<4x3xf32>) {
  // expected-error @+1 {{indices must be of i32 or i64, are 'i1'}}
  %0 = transformer.scatter_nd set %a, %i, %u : tensor<2x3xf32>, tensor<4x1xi1>, tensor<4x3xf32>
  return
}

// -----

func.func @trilu(%a: tensor<3xf32>) {
  // expected-error @+1 {{needs rank 2 or more}}
  %0 = transformer.trilu %a : tensor<3xf32>
  return
}

// -----

func.func @range(%a: tensor<i64>) {
  // expected-error @+1 {{gives a vector}}
  %0 = transformer.range %a, %a [] : tensor<i64>, tensor<i64> to tensor<2x2xi64>
  return
}

// -----

func.func @nonzero(%a: tensor<2x3xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<2x?xi64>' are incompatible with return type(s) of operation 'tensor<?x2xi64>'}}
  %0 = "transformer.nonzero"(%a) : (tensor<2x3xf32>) -> tensor<?x2xi64>
  return
}

// -----

func.func @quantize(%a: tensor<3xi8>, %s: tensor<f32>) {
  // expected-error @+1 {{input must be float or i32}}
  %0 = transformer.quantize %a, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3xi8>, tensor<f32> to tensor<3xui8>
  return
}

// -----

func.func @dequantize(%a: tensor<3xi8>, %s: tensor<f32>) {
  // expected-error @+1 {{result must be float}}
  %0 = transformer.dequantize %a, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3xi8>, tensor<f32> to tensor<3xi32>
  return
}

// -----

func.func @from_index(%n: index) {
  // expected-error @+1 {{expects one size per element of a static result}}
  %0 = transformer.from_index %n : tensor<2xi64>
  return
}

// -----

func.func @to_index_floats(%a: tensor<2xf32>) {
  // expected-error @+1 {{reads integers, input is of 'f32'}}
  %0 = transformer.to_index %a <{position = 0 : i64}> : tensor<2xf32>
  return
}

// -----

func.func @to_index_position(%a: tensor<2xi64>) {
  // expected-error @+1 {{position 2 is outside the input's elements}}
  %0 = transformer.to_index %a <{position = 2 : i64}> : tensor<2xi64>
  return
}

// -----

func.func @check_sizes(%n: index, %i: i64) {
  // expected-error @+1 {{op operand #1 must be index, but got 'i64'}}
  "transformer.check_sizes"(%n, %i) : (index, i64) -> ()
  return
}

// -----

func.func @linear_inner(%x: tensor<?x15xf32>, %w: tensor<16x48xf32>) {
  // expected-error @+1 {{inner dims differ: 15 and 16}}
  %0 = transformer.linear %x, %w : tensor<?x15xf32>, tensor<16x48xf32>
  return
}

// -----

func.func @linear_weight(%x: tensor<?x16xf32>, %w: tensor<1x16x48xf32>) {
  // expected-error @+1 {{weight must be [K, N] and the input at least a vector}}
  %0 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<1x16x48xf32>
  return
}

// -----

func.func @linear_bias(%x: tensor<?x16xf32>, %w: tensor<16x48xf32>, %b: tensor<47xf32>) {
  // expected-error @+1 {{bias dim 0 of 47 does not broadcast to 48}}
  %0 = transformer.linear %x, %w bias %b : tensor<47xf32> : tensor<?x16xf32>, tensor<16x48xf32>
  return
}

// -----

func.func @linear_residual(%x: tensor<4x16xf32>, %w: tensor<16x48xf32>, %r: tensor<5x48xf32>) {
  // expected-error @+1 {{residual dim 0 of 5 does not broadcast to 4}}
  %0 = transformer.linear %x, %w residual %r : tensor<5x48xf32> : tensor<4x16xf32>, tensor<16x48xf32>
  return
}

// -----

func.func @linear_nbits_bits(%x: tensor<?x32xf32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{bits must be 2, 4 or 8, is 3}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 3 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

func.func @linear_nbits_weight(%x: tensor<?x32xf32>, %w: tensor<8x2x7xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{weight holds 112 bytes, n, k, bits and block_size ask for 128}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf32>, tensor<8x2x7xui8>, tensor<16xf32>
  return
}

// -----

func.func @layer_norm_axis(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.layer_norm %x <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_bias(%x: tensor<2x3xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{dim 0 of 4 does not broadcast to 3}}
  %0 = transformer.layer_norm %x bias %b : tensor<4xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

func.func @rms_norm(%x: tensor<2x3xf32>, %s: tensor<4xf32>) {
  // expected-error @+1 {{scale dim 0 of 4 does not broadcast to 3}}
  %0 = transformer.rms_norm %x scale %s : tensor<4xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

func.func @rotary(%x: tensor<1x4x8x16xf32>, %t: tensor<8x3xf32>) {
  // expected-error @+1 {{tables must be rotary_dim or rotary_dim/2 wide, one is 3}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 16 : i64}> : tensor<1x4x8x16xf32>, tensor<8x3xf32>, tensor<8x3xf32>
  return
}

// -----

func.func @rotary_dim(%x: tensor<1x4x8x16xf32>, %t: tensor<8x9xf32>) {
  // expected-error @+1 {{rotary_dim 18 must be even and at most the head size 16}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 18 : i64}> : tensor<1x4x8x16xf32>, tensor<8x9xf32>, tensor<8x9xf32>
  return
}

// -----

func.func @glu(%a: tensor<3xf32>, %b: tensor<3xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.glu silu %a, %b : tensor<3xf32>, tensor<3xf16>
  return
}

// -----

func.func @attention_heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x3x8x16xf32>, %v: tensor<1x3x8x16xf32>) {
  // expected-error @+1 {{4 query heads are no multiple of 3 key/value heads}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x3x8x16xf32>, tensor<1x3x8x16xf32>
  return
}

// -----

func.func @attention_values(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x2x8x16xf32>) {
  // expected-error @+1 {{key and value heads differ: 4 and 2}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x2x8x16xf32>
  return
}

// -----

func.func @attention_features(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x12xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{query and key head sizes differ: 16 and 12}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x12xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_rank(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<4x8x16xf32>) {
  // expected-error @+1 {{query, key and value must have rank 4}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<4x8x16xf32>
  return
}

// -----

func.func @attention_key_rank(%q: tensor<1x4x8x16xf32>, %k: tensor<4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{key must have rank 4}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_bias(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<8x9xf32>) {
  // expected-error @+1 {{bias dim 1 of 9 does not broadcast to 8}}
  %0 = transformer.attention %q, %k, %v bias %m : tensor<8x9xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_mask(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<8x8xf32>) {
  // expected-error @+1 {{mask must be of i1, is 'f32'}}
  %0 = transformer.attention %q, %k, %v mask %m : tensor<8x8xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_mask_dims(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<2x8x8xi1>) {
  // expected-error @+1 {{mask dim 0 of 2 does not broadcast to 4}}
  %0 = transformer.attention %q, %k, %v mask %m : tensor<2x8x8xi1> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_lengths(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<1xf32>) {
  // expected-error @+1 {{key_lengths must be one integer per batch}}
  %0 = transformer.attention %q, %k, %v key_lengths %m : tensor<1xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_slopes(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<2xf32>) {
  // expected-error @+1 {{slopes must be one number per query head}}
  %0 = transformer.attention %q, %k, %v slopes %m : tensor<2xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_sinks(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %m: tensor<4x1xf32>) {
  // expected-error @+1 {{sinks must be one number per query head}}
  %0 = transformer.attention %q, %k, %v sinks %m : tensor<4x1xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_rounding(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{score_rounding must be a step above zero, then the lowest and highest multiple of it}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, score_rounding = array<f32: 0.0, -128.0, 127.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @kv_write_start(%c: tensor<1x2x8x16xf32>, %at: tensor<i64>) {
  // expected-error @+1 {{op start of rank 0 where 1 is needed}}
  %0 = transformer.kv_write %c, %c at %at : tensor<i64> <{axis = 2 : i64}> : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>
  return
}

// -----

func.func @kv_write_axis(%c: tensor<1x2x8x16xf32>) {
  // expected-error @+1 {{axis 4 is outside rank 4}}
  %0 = transformer.kv_write %c, %c <{axis = 4 : i64}> : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>
  return
}

// -----

func.func @kv_write_rank(%c: tensor<1x2x8x16xf32>, %u: tensor<2x8x16xf32>) {
  // expected-error @+1 {{cache and update differ in rank}}
  %0 = transformer.kv_write %c, %u <{axis = 2 : i64}> : tensor<1x2x8x16xf32>, tensor<2x8x16xf32>
  return
}

// -----

func.func @kv_write_elements(%c: tensor<1x2x8x16xf32>, %u: tensor<1x2x8x16xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.kv_write %c, %u <{axis = 2 : i64}> : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf16>
  return
}

// -----

func.func @launch(%x: tensor<?xf32>) {
  // expected-error @+1 {{expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.launch @kernel(%x) [] : (tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @constant() {
  // expected-error @+1 {{op failed to verify that all of {value, result} have same type}}
  %0 = "transformer.constant"() <{value = dense<1.0> : tensor<2xf32>}> : () -> tensor<3xf32>
  return
}

// -----

func.func @if_condition(%c: tensor<i8>) {
  // expected-error @+1 {{condition must be of i1, is 'i8'}}
  transformer.if %c : tensor<i8> {
    transformer.yield
  } else {
    transformer.yield
  }
  return
}

// -----

func.func @if_count(%c: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{else branch yields 0 values, 1 expected}}
  %0 = transformer.if %c : tensor<i1> -> tensor<4xf32> {
    transformer.yield %a : tensor<4xf32>
  } else {
    transformer.yield
  }
  return
}

// -----

func.func @if_type(%c: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{then branch yields 'tensor<4xf32>' for value 0 of 'tensor<5xf32>'}}
  %0 = transformer.if %c : tensor<i1> -> tensor<5xf32> {
    transformer.yield %a : tensor<4xf32>
  } else {
    transformer.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @loop_results(%n: tensor<i64>, %a: tensor<4xf32>) {
  // expected-error @+1 {{carries 1 values, has 0 results}}
  transformer.loop count %n : tensor<i64> (%a) : (tensor<4xf32>) -> () {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %x: tensor<4xf32>):
    transformer.yield %go, %x : tensor<i1>, tensor<4xf32>
  }
  return
}

// -----

func.func @loop_arguments(%n: tensor<i64>, %a: tensor<4xf32>) {
  // expected-error @+1 {{body takes 2 values, 3 expected: iteration, condition, what is carried}}
  %0 = transformer.loop count %n : tensor<i64> (%a) : (tensor<4xf32>) -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>):
    transformer.yield %go, %a : tensor<i1>, tensor<4xf32>
  }
  return
}

// -----

func.func @loop_yield(%n: tensor<i64>, %a: tensor<4xf32>) {
  // expected-error @+1 {{body must yield the condition, 1 carried values and 0 scanned}}
  %0 = transformer.loop count %n : tensor<i64> (%a) : (tensor<4xf32>) -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %x: tensor<4xf32>):
    transformer.yield %x : tensor<4xf32>
  }
  return
}

// -----

func.func @loop_condition(%n: tensor<i64>, %a: tensor<4xf32>) {
  // expected-error @+1 {{condition must be of i1, is 'f32'}}
  %0 = transformer.loop count %n : tensor<i64> (%a) : (tensor<4xf32>) -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %x: tensor<4xf32>):
    transformer.yield %x, %x : tensor<4xf32>, tensor<4xf32>
  }
  return
}

// -----

func.func @yield(%a: tensor<4xf32>) {
  // expected-error @+1 {{must be the last operation in the parent block}}
  transformer.yield %a : tensor<4xf32>
  return
}
