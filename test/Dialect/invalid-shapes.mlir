// RUN: transom-opt --split-input-file --verify-diagnostics %s

// What elementwise ops, products, windows and reductions refuse.

func.func @compare_broadcast(%a: tensor<2x3xf32>, %b: tensor<3x3xf32>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.compare eq %a, %b : tensor<2x3xf32>, tensor<3x3xf32>
  return
}

// -----

// The condition takes part in the broadcast.
func.func @select_broadcast(%c: tensor<5xi1>, %a: tensor<2x3xf32>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.select %c, %a, %a : tensor<5xi1>, tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @glu_broadcast(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.glu silu %a, %b : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

// The exponent may be of any type, not of any shape.
func.func @pow_broadcast(%a: tensor<2x3xf32>, %b: tensor<2xi64>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.binary pow %a, %b : tensor<2x3xf32>, tensor<2xi64>
  return
}

// -----

// From the last dim on.
func.func @three_dims_broadcast(%a: tensor<4x1x3xf32>, %b: tensor<4x3x2xf32>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.binary mul %a, %b : tensor<4x1x3xf32>, tensor<4x3x2xf32>
  return
}

// -----

// A dim that is known on both sides.
func.func @cast_dynamic(%a: tensor<?x3xf32>) {
  // expected-error @+1 {{op changes the shape}}
  %0 = transformer.cast %a : tensor<?x3xf32> to tensor<?x4xf16>
  return
}

// -----

func.func @cast_rank(%a: tensor<3xf32>) {
  // expected-error @+1 {{op changes the shape}}
  %0 = transformer.cast %a : tensor<3xf32> to tensor<1x3xf16>
  return
}

// -----

func.func @bitcast_width(%a: tensor<3xf32>) {
  // expected-error @+1 {{op changes the width of elements: 'f32' to 'i64'}}
  %0 = transformer.bitcast %a : tensor<3xf32> to tensor<3xi64>
  return
}

// -----

func.func @bitcast_shape(%a: tensor<3xf32>) {
  // expected-error @+1 {{op requires the same shape for all operands and results}}
  %0 = transformer.bitcast %a : tensor<3xf32> to tensor<4xi32>
  return
}

// -----

// The left operand's inner dim is its second to last.
func.func @matmul_transposed_left(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) {
  // expected-error @+1 {{inner dims differ: 3 and 4}}
  %0 = transformer.matmul %a, %b <{transpose_a}> : tensor<3x4xf32>, tensor<4x5xf32>
  return
}

// -----

// The right operand's its last.
func.func @matmul_transposed_right(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) {
  // expected-error @+1 {{inner dims differ: 4 and 5}}
  %0 = transformer.matmul %a, %b <{transpose_b}> : tensor<3x4xf32>, tensor<4x5xf32>
  return
}

// -----

func.func @matmul_right_rank(%a: tensor<3x4xf32>, %b: tensor<4xf32>) {
  // expected-error @+1 {{operands must have rank 2 or more}}
  %0 = transformer.matmul %a, %b : tensor<3x4xf32>, tensor<4xf32>
  return
}

// -----

func.func @matmul_integer_left(%a: tensor<3x4xi16>, %b: tensor<4x5xi8>) {
  // expected-error @+1 {{op operands must be of i8 or ui8, one is 'i16'}}
  %0 = transformer.matmul_integer %a, %b : tensor<3x4xi16>, tensor<4x5xi8>
  return
}

// -----

func.func @matmul_integer_inner(%a: tensor<3x4xi8>, %b: tensor<5x5xi8>) {
  // expected-error @+1 {{inner dims differ: 4 and 5}}
  %0 = transformer.matmul_integer %a, %b : tensor<3x4xi8>, tensor<5x5xi8>
  return
}

// -----

func.func @matmul_integer_rank(%a: tensor<4xi8>, %b: tensor<4x5xi8>) {
  // expected-error @+1 {{operands must have rank 2 or more}}
  %0 = transformer.matmul_integer %a, %b : tensor<4xi8>, tensor<4x5xi8>
  return
}

// -----

func.func @matmul_integer_floats(%a: tensor<3x4xf32>, %b: tensor<4x5xi8>) {
  // expected-error @+1 {{op operands must be of i8 or ui8, one is 'f32'}}
  %0 = transformer.matmul_integer %a, %b : tensor<3x4xf32>, tensor<4x5xi8>
  return
}

// -----

// No spatial dim.
func.func @conv_no_spatial(%x: tensor<1x4xf32>, %w: tensor<8x4xf32>) {
  // expected-error @+1 {{ranks of input, weight, strides, pads and dilations disagree}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4xf32>, tensor<8x4xf32>
  return
}

// -----

func.func @conv_bias_rank(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>, %b: tensor<8x1xf32>) {
  // expected-error @+1 {{op bias must be a vector}}
  %0 = transformer.conv %x, %w bias %b : tensor<8x1xf32> <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

func.func @conv_weight_rank(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3x3xf32>) {
  // expected-error @+1 {{ranks of input, weight, strides, pads and dilations disagree}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3x3xf32>
  return
}

// -----

// Two pads for each spatial dim.
func.func @conv_pads(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{ranks of input, weight, strides, pads and dilations disagree}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

func.func @conv_dilations(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{ranks of input, weight, strides, pads and dilations disagree}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

func.func @conv_elements(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf16>) {
  // expected-error @+1 {{op element types differ: 'f32' and 'f16'}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf16>
  return
}

// -----

func.func @conv_negative_group(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{op group must be positive}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = -1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

// A stride of zero.
func.func @conv_stride_zero(%x: tensor<1x4x9xf32>, %w: tensor<8x4x3xf32>) {
  // expected-error @+1 {{strides and dilations must be positive}}
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 0>}> : tensor<1x4x9xf32>, tensor<8x4x3xf32>
  return
}

// -----

func.func @pool_prod(%x: tensor<1x4x9xf32>) {
  // expected-error @+1 {{op pools by max, mean or sum only}}
  %0 = transformer.pool prod %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_min(%x: tensor<1x4x9xf32>) {
  // expected-error @+1 {{op pools by max, mean or sum only}}
  %0 = transformer.pool min %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_kernel(%x: tensor<1x4x9xf32>) {
  // expected-error @+1 {{ranks of input, kernel, strides, pads and dilations disagree}}
  %0 = transformer.pool max %x <{dilations = array<i64: 1>, kernel = array<i64: 2, 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_strides(%x: tensor<1x4x9xf32>) {
  // expected-error @+1 {{ranks of input, kernel, strides, pads and dilations disagree}}
  %0 = transformer.pool max %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2, 2>}> : tensor<1x4x9xf32>
  return
}

// -----

func.func @pool_stride_zero(%x: tensor<1x4x9xf32>) {
  // expected-error @+1 {{kernel, strides and dilations must be positive}}
  %0 = transformer.pool max %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 0>}> : tensor<1x4x9xf32>
  return
}

// -----

// Axes are non-negative here.
func.func @reduce_negative(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op axis -1 is outside rank 2}}
  %0 = transformer.reduce sum %x <{axes = array<i64: -1>}> : tensor<2x3xf32>
  return
}

// -----

// No axis twice.
func.func @reduce_twice(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op axes must ascend}}
  %0 = transformer.reduce max %x <{axes = array<i64: 1, 1>}> : tensor<2x3xf32>
  return
}

// -----

func.func @arg_reduce_mean(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op is of max or min only}}
  %0 = transformer.arg_reduce mean %x <{axis = 0 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @arg_reduce_negative(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{axis -1 is outside rank 2}}
  %0 = transformer.arg_reduce min %x <{axis = -1 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @softmax_negative(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op axis -1 is outside rank 2}}
  %0 = transformer.softmax %x <{axis = -1 : i64}> : tensor<2x3xf32>
  return
}

// -----

// A scalar has no axis.
func.func @softmax_scalar(%x: tensor<f32>) {
  // expected-error @+1 {{op axis 0 is outside rank 0}}
  %0 = transformer.softmax %x <{axis = 0 : i64}> : tensor<f32>
  return
}

// -----

func.func @cumsum_beyond(%x: tensor<2x3xi64>) {
  // expected-error @+1 {{op axis 2 is outside rank 2}}
  %0 = transformer.cumsum %x <{axis = 2 : i64}> : tensor<2x3xi64>
  return
}

// -----

func.func @topk_elements(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op element types differ: 'f32' and 'f16'}}
  %0, %1 = transformer.topk %x <{axis = 1 : i64, largest = true}> : tensor<2x3xf32> to tensor<2x2xf16>, tensor<2x2xi64>
  return
}

// -----

// k is known from the result's type.
func.func @topk_needless(%x: tensor<2x3xf32>, %k: index) {
  // expected-error @+1 {{op takes k exactly when the result's axis is dynamic}}
  %0, %1 = transformer.topk %x k %k <{axis = 1 : i64, largest = true}> : tensor<2x3xf32> to tensor<2x2xf32>, tensor<2x2xi64>
  return
}

// -----

func.func @topk_rank(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op changes the rank}}
  %0, %1 = transformer.topk %x <{axis = 1 : i64, largest = true}> : tensor<2x3xf32> to tensor<2xf32>, tensor<2xi64>
  return
}
