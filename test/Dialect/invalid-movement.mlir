// RUN: transom-opt --split-input-file --verify-diagnostics %s

// What ops that move elements, and those between tensors and sizes, refuse.

// A size for a dim that is static.
func.func @reshape_extra_size(%a: tensor<2x3xf32>, %n: index) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 0 dynamic dims, 1 sizes}}
  %0 = transformer.reshape %a[%n] : tensor<2x3xf32> to tensor<3x2xf32>
  return
}

// -----

func.func @reshape_to_nothing(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op changes the number of elements from 6 to 0}}
  %0 = transformer.reshape %a[] : tensor<2x3xf32> to tensor<0xf32>
  return
}

// -----

func.func @broadcast_elements(%a: tensor<1x3xf32>) {
  // expected-error @+1 {{op element types differ: 'f32' and 'f64'}}
  %0 = transformer.broadcast_to %a[] : tensor<1x3xf32> to tensor<2x3xf64>
  return
}

// -----

func.func @broadcast_sizes(%a: tensor<1x3xf32>, %n: index) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 1 dynamic dims, 2 sizes}}
  %0 = transformer.broadcast_to %a[%n, %n] : tensor<1x3xf32> to tensor<?x3xf32>
  return
}

// -----

func.func @broadcast_shrinks(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op input dim 0 of 2 does not broadcast to 1}}
  %0 = transformer.broadcast_to %a[] : tensor<2x3xf32> to tensor<1x3xf32>
  return
}

// -----

func.func @tile_sizes(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.tile %a[] : tensor<2x3xf32> to tensor<?x3xf32>
  return
}

// -----

func.func @transpose_negative(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{perm names dim -1 of rank 2}}
  %0 = transformer.transpose %a <{perm = array<i64: -1, 0>}> : tensor<2x3xf32>
  return
}

// -----

func.func @transpose_long(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op perm is not a permutation}}
  %0 = transformer.transpose %a <{perm = array<i64: 0, 1, 1>}> : tensor<2x3xf32>
  return
}

// -----

func.func @slice_few_starts(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op static_starts has 1 entries for rank 2}}
  %0 = transformer.slice %a[] [] <{static_starts = array<i64: 0>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<2x2xf32>
  return
}

// -----

// A dynamic start without its operand.
func.func @slice_missing_start(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op static_starts marks 1 dynamic entries, 0 operands given}}
  %0 = transformer.slice %a[] [] <{static_starts = array<i64: 0, -9223372036854775808>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<2x2xf32>
  return
}

// -----

func.func @slice_few_steps(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op expects one non-zero step per dim}}
  %0 = transformer.slice %a[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1>}> : tensor<2x3xf32> to tensor<2x2xf32>
  return
}

// -----

func.func @slice_sizes(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.slice %a[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x3xf32> to tensor<2x?xf32>
  return
}

// -----

func.func @concat_nothing() {
  // expected-error @+1 {{op nothing to join}}
  %0 = "transformer.concat"() <{axis = 0 : i64}> : () -> tensor<2xf32>
  return
}

// -----

func.func @concat_negative(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{axis -1 is outside rank 2}}
  %0 = transformer.concat %a, %a <{axis = -1 : i64}> : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

// The third of three.
func.func @concat_third(%a: tensor<2x3xf32>, %b: tensor<3x3xf32>) {
  // expected-error @+1 {{op inputs differ in dim 0: 2 and 3}}
  %0 = transformer.concat %a, %a, %b <{axis = 1 : i64}> : tensor<2x3xf32>, tensor<2x3xf32>, tensor<3x3xf32>
  return
}

// -----

func.func @pad_rank(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op changes the rank}}
  %0 = transformer.pad constant %a[] [] <{static_low = array<i64: 0, 0>}> : tensor<2x3xf32> to tensor<6xf32>
  return
}

// -----

func.func @pad_missing_low(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{op static_low marks 1 dynamic entries, 0 operands given}}
  %0 = transformer.pad edge %a[] [] <{static_low = array<i64: 0, -9223372036854775808>}> : tensor<2x3xf32> to tensor<2x5xf32>
  return
}

// -----

func.func @pad_sizes(%a: tensor<2x3xf32>, %n: index) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 1 dynamic dims, 2 sizes}}
  %0 = transformer.pad wrap %a[] [%n, %n] <{static_low = array<i64: 0, 1>}> : tensor<2x3xf32> to tensor<2x?xf32>
  return
}

// -----

func.func @gather_negative(%a: tensor<2x3xf32>, %i: tensor<4xi64>) {
  // expected-error @+1 {{axis -1 is outside rank 2}}
  %0 = transformer.gather %a, %i <{axis = -1 : i64}> : tensor<2x3xf32>, tensor<4xi64>
  return
}

// -----

func.func @gather_bool(%a: tensor<2x3xf32>, %i: tensor<4xi1>) {
  // expected-error @+1 {{op indices must be of i32 or i64, are 'i1'}}
  %0 = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<4xi1>
  return
}

// -----

func.func @gather_elements_axis(%a: tensor<2x3xf32>, %i: tensor<2x3xi64>) {
  // expected-error @+1 {{op axis 2 is outside rank 2}}
  %0 = transformer.gather_elements %a, %i <{axis = 2 : i64}> : tensor<2x3xf32>, tensor<2x3xi64>
  return
}

// -----

// One batch dim and tuples of two: three dims are asked for.
func.func @gather_nd_batch(%a: tensor<2x3xf32>, %i: tensor<2x4x2xi64>) {
  // expected-error @+1 {{index tuples of 2 do not fit rank 2}}
  %0 = transformer.gather_nd %a, %i <{batch_dims = 1 : i64}> : tensor<2x3xf32>, tensor<2x4x2xi64>
  return
}

// -----

func.func @gather_nd_scalar(%a: tensor<2x3xf32>, %i: tensor<i64>) {
  // expected-error @+1 {{the length of the index tuples must be static}}
  %0 = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<2x3xf32>, tensor<i64>
  return
}

// -----

func.func @scatter_elements_indices(%a: tensor<2x3xf32>, %i: tensor<2x3xui8>) {
  // expected-error @+1 {{op indices must be of i32 or i64, are 'ui8'}}
  %0 = transformer.scatter_elements set %a, %i, %a <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xui8>, tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_axis(%a: tensor<2x3xf32>, %i: tensor<2x3xi64>) {
  // expected-error @+1 {{op axis 3 is outside rank 2}}
  %0 = transformer.scatter_elements min %a, %i, %a <{axis = 3 : i64}> : tensor<2x3xf32>, tensor<2x3xi64>, tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_rank(%a: tensor<2x3xf32>, %i: tensor<2xi64>, %u: tensor<2x3xf32>) {
  // expected-error @+1 {{op indices of rank 1 where 2 is needed}}
  %0 = transformer.scatter_elements set %a, %i, %u <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2xi64>, tensor<2x3xf32>
  return
}

// -----

func.func @scatter_elements_updates(%a: tensor<2x3xf32>, %i: tensor<2x3xi64>, %u: tensor<2xf32>) {
  // expected-error @+1 {{op updates of rank 1 where 2 is needed}}
  %0 = transformer.scatter_elements set %a, %i, %u <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2x3xi64>, tensor<2xf32>
  return
}

// -----

func.func @gather_elements_rank(%a: tensor<2x3xf32>, %i: tensor<2xi64>) {
  // expected-error @+1 {{op indices of rank 1 where 2 is needed}}
  %0 = transformer.gather_elements %a, %i <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<2xi64>
  return
}

// -----

func.func @scatter_nd_tuples(%a: tensor<2x3xf32>, %i: tensor<4x3xi64>, %u: tensor<4xf32>) {
  // expected-error @+1 {{op index tuples of 3 numbers are longer than the input's rank 2}}
  %0 = transformer.scatter_nd add %a, %i, %u : tensor<2x3xf32>, tensor<4x3xi64>, tensor<4xf32>
  return
}

// -----

func.func @scatter_nd_unknown_tuples(%a: tensor<2x3xf32>, %i: tensor<4x?xi64>, %u: tensor<4xf32>) {
  // expected-error @+1 {{op the length of the index tuples must be static}}
  %0 = transformer.scatter_nd add %a, %i, %u : tensor<2x3xf32>, tensor<4x?xi64>, tensor<4xf32>
  return
}

// -----

func.func @scatter_nd_updates(%a: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4xf32>) {
  // expected-error @+1 {{op updates of rank 1 where 2 is needed}}
  %0 = transformer.scatter_nd add %a, %i, %u : tensor<2x3xf32>, tensor<4x1xi64>, tensor<4xf32>
  return
}

// -----

func.func @scatter_nd_elements(%a: tensor<2x3xf32>, %i: tensor<4x1xi64>, %u: tensor<4x3xf64>) {
  // expected-error @+1 {{op element types differ: 'f32' and 'f64'}}
  %0 = transformer.scatter_nd add %a, %i, %u : tensor<2x3xf32>, tensor<4x1xi64>, tensor<4x3xf64>
  return
}

// -----

func.func @trilu_scalar(%a: tensor<f32>) {
  // expected-error @+1 {{op needs rank 2 or more}}
  %0 = transformer.trilu %a <{upper}> : tensor<f32>
  return
}

// -----

func.func @range_sizes(%a: tensor<i64>) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.range %a, %a[] : tensor<i64>, tensor<i64> to tensor<?xi64>
  return
}

// -----

func.func @resize_scales(%a: tensor<2x3xf32>, %n: index) {
  // expected-error @+1 {{op expects one scale per dim}}
  %0 = transformer.resize %a[] <{cubic_coefficient = -0.75 : f32, nearest_mode = "floor", coordinates = "half_pixel", mode = "linear", scales = array<f32: 1.0, 1.0, 2.0>}> : tensor<2x3xf32> to tensor<2x6xf32>
  return
}

// -----

func.func @resize_sizes(%a: tensor<2x3xf32>, %n: index) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.resize %a[] <{cubic_coefficient = -0.75 : f32, nearest_mode = "floor", coordinates = "half_pixel", mode = "linear", scales = array<f32: 1.0, 2.0>}> : tensor<2x3xf32> to tensor<2x?xf32>
  return
}

// -----

func.func @resize_no_region(%a: tensor<2x3xf32>, %n: index) {
  // expected-error @+1 {{op expects a start and an end of the region of interest per dim}}
  %0 = transformer.resize %a[] <{cubic_coefficient = -0.75 : f32, nearest_mode = "floor", coordinates = "tf_crop_and_resize", mode = "linear", scales = array<f32: 1.0, 2.0>}> : tensor<2x3xf32> to tensor<2x6xf32>
  return
}

// -----

func.func @resize_half_region(%a: tensor<2x3xf32>, %n: index) {
  // expected-error @+1 {{op expects a start and an end of the region of interest per dim}}
  %0 = transformer.resize %a[] <{cubic_coefficient = -0.75 : f32, nearest_mode = "floor", coordinates = "tf_crop_and_resize", mode = "linear", roi = array<f32: 0.0, 0.5>, scales = array<f32: 1.0, 2.0>}> : tensor<2x3xf32> to tensor<2x6xf32>
  return
}

// -----

func.func @quantize_bool(%a: tensor<3xi1>, %s: tensor<f32>) {
  // expected-error @+1 {{op input must be float or i32}}
  %0 = transformer.quantize %a, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3xi1>, tensor<f32> to tensor<3xui8>
  return
}

// -----

func.func @quantize_scales(%a: tensor<3x4xf32>, %s: tensor<3x4xf32>) {
  // expected-error @+1 {{op scale of rank 2 where 1 is needed}}
  %0 = transformer.quantize %a, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3x4xf32>, tensor<3x4xf32> to tensor<3x4xui8>
  return
}

// -----

func.func @quantize_axis(%a: tensor<3x4xf32>, %s: tensor<3xf32>) {
  // expected-error @+1 {{op axis 2 is outside rank 2}}
  %0 = transformer.quantize %a, %s <{axis = 2 : i64, block_size = 0 : i64}> : tensor<3x4xf32>, tensor<3xf32> to tensor<3x4xui8>
  return
}

// -----

func.func @dequantize_blocks(%a: tensor<3x4xi8>, %s: tensor<2xf32>) {
  // expected-error @+1 {{op scale of rank 1 where 2 is needed}}
  %0 = transformer.dequantize %a, %s <{axis = 1 : i64, block_size = 2 : i64}> : tensor<3x4xi8>, tensor<2xf32> to tensor<3x4xf32>
  return
}

// -----

func.func @dequantize_to_bits(%a: tensor<3xui8>, %s: tensor<f32>) {
  // expected-error @+1 {{op result must be float}}
  %0 = transformer.dequantize %a, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<3xui8>, tensor<f32> to tensor<3xui8>
  return
}

// -----

// As many elements as sizes.
func.func @from_index_dynamic(%n: index) {
  // expected-error @+1 {{op expects one size per element of a static result}}
  %0 = transformer.from_index %n : tensor<?xi64>
  return
}

// -----

func.func @from_index_more(%n: index) {
  // expected-error @+1 {{op expects one size per element of a static result}}
  %0 = transformer.from_index %n, %n, %n : tensor<2xi64>
  return
}

// -----

func.func @to_index_negative(%a: tensor<2xi64>) {
  // expected-error @+1 {{op position -1 is outside the input's elements}}
  %0 = transformer.to_index %a <{position = -1 : i64}> : tensor<2xi64>
  return
}

// -----

func.func @to_index_halves(%a: tensor<?xbf16>) {
  // expected-error @+1 {{op reads integers, input is of 'bf16'}}
  %0 = transformer.to_index %a <{position = 0 : i64}> : tensor<?xbf16>
  return
}
