// RUN: transom-opt --split-input-file --verify-diagnostics %s

// What the ops of the model layer, launches and regions refuse.

func.func @linear_scalar(%x: tensor<f32>, %w: tensor<16x48xf32>) {
  // expected-error @+1 {{weight must be [K, N] and the input at least a vector}}
  %0 = transformer.linear %x, %w : tensor<f32>, tensor<16x48xf32>
  return
}

// -----

func.func @linear_vector_weight(%x: tensor<16xf32>, %w: tensor<16xf32>) {
  // expected-error @+1 {{weight must be [K, N] and the input at least a vector}}
  %0 = transformer.linear %x, %w : tensor<16xf32>, tensor<16xf32>
  return
}

// -----

func.func @linear_matrix_bias(%x: tensor<4x16xf32>, %w: tensor<16x48xf32>, %b: tensor<1x48xf32>) {
  // expected-error @+1 {{op bias has more dims than what it is applied to}}
  %0 = transformer.linear %x, %w bias %b : tensor<1x48xf32> : tensor<4x16xf32>, tensor<16x48xf32>
  return
}

// -----

func.func @linear_residual_rank(%x: tensor<4x16xf32>, %w: tensor<16x48xf32>, %r: tensor<1x4x48xf32>) {
  // expected-error @+1 {{op residual has more dims than what it is applied to}}
  %0 = transformer.linear %x, %w residual %r : tensor<1x4x48xf32> : tensor<4x16xf32>, tensor<16x48xf32>
  return
}

// -----

func.func @linear_residual_width(%x: tensor<4x16xf32>, %w: tensor<16x48xf32>, %r: tensor<4x47xf32>) {
  // expected-error @+1 {{op residual dim 1 of 47 does not broadcast to 48}}
  %0 = transformer.linear %x, %w residual %r : tensor<4x47xf32> : tensor<4x16xf32>, tensor<16x48xf32>
  return
}

// -----

func.func @nbits_five(%x: tensor<2x32xf32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{op bits must be 2, 4 or 8, is 5}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 5 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<2x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

func.func @nbits_scalar(%x: tensor<f32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{the input must be at least a vector}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<f32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

// Weights of four bits, said to be of two.
func.func @nbits_two(%x: tensor<2x32xf32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{op weight holds 128 bytes, n, k, bits and block_size ask for 64}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 2 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<2x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

// k is rounded up to whole blocks: 48, not 33.
func.func @nbits_rounded_up(%x: tensor<2x32xf32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{op weight holds 128 bytes, n, k, bits and block_size ask for 192}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 33 : i64, n = 8 : i64}> : tensor<2x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

// Blocks of nothing.
func.func @nbits_block(%x: tensor<2x32xf32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{op block_size must be positive}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 0 : i64, k = 32 : i64, n = 8 : i64}> : tensor<2x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

func.func @nbits_integers(%x: tensor<2x32xi32>, %w: tensor<8x2x8xui8>, %s: tensor<16xf32>) {
  // expected-error @+1 {{op operand #0 must be ranked tensor of floating-point values, but got 'tensor<2x32xi32>'}}
  %0 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<2x32xi32>, tensor<8x2x8xui8>, tensor<16xf32>
  return
}

// -----

func.func @layer_norm_negative(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op axis -1 is outside rank 2}}
  %0 = transformer.layer_norm %x <{axis = -1 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_scale(%x: tensor<2x3xf32>, %s: tensor<2x2x3xf32>) {
  // expected-error @+1 {{op scale has more dims than what it is applied to}}
  %0 = transformer.layer_norm %x scale %s : tensor<2x2x3xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

func.func @layer_norm_integers(%x: tensor<2x3xi64>) {
  // expected-error @+1 {{op operand #0 must be ranked tensor of floating-point values, but got 'tensor<2x3xi64>'}}
  %0 = transformer.layer_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xi64>
  return
}

// -----

func.func @rms_norm_beyond(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{op axis 2 is outside rank 2}}
  %0 = transformer.rms_norm %x <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

func.func @rms_norm_scale(%x: tensor<2x3xf32>, %s: tensor<2x1x3xf32>) {
  // expected-error @+1 {{op scale has more dims than what it is applied to}}
  %0 = transformer.rms_norm %x scale %s : tensor<2x1x3xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3xf32>
  return
}

// -----

// Pairs.
func.func @rope_odd(%x: tensor<1x4x8x16xf32>, %t: tensor<8x8xf32>) {
  // expected-error @+1 {{op rotary_dim 15 must be even and at most the head size 16}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 15 : i64}> : tensor<1x4x8x16xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  return
}

// -----

func.func @rope_zero(%x: tensor<1x4x8x16xf32>, %t: tensor<8x8xf32>) {
  // expected-error @+1 {{op rotary_dim 0 must be even and at most the head size 16}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 0 : i64}> : tensor<1x4x8x16xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  return
}

// -----

func.func @rope_negative(%x: tensor<1x4x8x16xf32>, %t: tensor<8x8xf32>) {
  // expected-error @+1 {{op rotary_dim -2 must be even and at most the head size 16}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = -2 : i64}> : tensor<1x4x8x16xf32>, tensor<8x8xf32>, tensor<8x8xf32>
  return
}

// -----

// Tables of other rows.
func.func @rope_table_rows(%x: tensor<1x4x8x16xf32>, %t: tensor<9x8xf32>) {
  // expected-error @+1 {{op table dim 0 of 9 does not broadcast to 8}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 16 : i64}> : tensor<1x4x8x16xf32>, tensor<9x8xf32>, tensor<9x8xf32>
  return
}

// -----

func.func @rope_table_rank(%x: tensor<1x4x8x16xf32>, %t: tensor<1x1x4x8x8xf32>) {
  // expected-error @+1 {{op table has more dims than what it is applied to}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 16 : i64}> : tensor<1x4x8x16xf32>, tensor<1x1x4x8x8xf32>, tensor<1x1x4x8x8xf32>
  return
}

// -----

// A scalar has no pairs.
func.func @rope_scalar(%x: tensor<f32>, %t: tensor<1xf32>) {
  // expected-error @+1 {{op the input must be at least a vector}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 2 : i64}> : tensor<f32>, tensor<1xf32>, tensor<1xf32>
  return
}

// -----

func.func @rope_scalar_table(%x: tensor<1x4x8x16xf32>, %t: tensor<f32>) {
  // expected-error @+1 {{op tables must be at least vectors}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 16 : i64}> : tensor<1x4x8x16xf32>, tensor<f32>, tensor<f32>
  return
}

// -----

func.func @glu_integers(%a: tensor<3xi32>) {
  // expected-error @+1 {{op operand #0 must be ranked tensor of floating-point values, but got 'tensor<3xi32>'}}
  %0 = transformer.glu silu %a, %a : tensor<3xi32>, tensor<3xi32>
  return
}

// -----

func.func @attention_query_rank(%q: tensor<4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{query, key and value must have rank 4}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

// No heads of keys to choose from.
func.func @attention_no_heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x0x8x16xf32>, %v: tensor<1x0x8x16xf32>) {
  // expected-error @+1 {{op 4 query heads are no multiple of 0 key/value heads}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x0x8x16xf32>, tensor<1x0x8x16xf32>
  return
}

// -----

// More heads of keys than of queries.
func.func @attention_more_key_heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x8x8x16xf32>, %v: tensor<1x8x8x16xf32>) {
  // expected-error @+1 {{op 4 query heads are no multiple of 8 key/value heads}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x8x8x16xf32>, tensor<1x8x8x16xf32>
  return
}

// -----

func.func @attention_bias_rank(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<1x1x4x8x8xf32>) {
  // expected-error @+1 {{op bias has more dims than what it is applied to}}
  %0 = transformer.attention %q, %k, %v bias %b : tensor<1x1x4x8x8xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_bias_heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<2x8x8xf32>) {
  // expected-error @+1 {{op bias dim 0 of 2 does not broadcast to 4}}
  %0 = transformer.attention %q, %k, %v bias %b : tensor<2x8x8xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_mask_rank(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<1x1x4x8x8xi1>) {
  // expected-error @+1 {{op mask has more dims than what it is applied to}}
  %0 = transformer.attention %q, %k, %v mask %b : tensor<1x1x4x8x8xi1> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_mask_rows(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<7x8xi1>) {
  // expected-error @+1 {{op mask dim 0 of 7 does not broadcast to 8}}
  %0 = transformer.attention %q, %k, %v mask %b : tensor<7x8xi1> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_lengths_rank(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<1x1xi64>) {
  // expected-error @+1 {{op key_lengths must be one integer per batch}}
  %0 = transformer.attention %q, %k, %v key_lengths %b : tensor<1x1xi64> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_slopes_rank(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<4x1xf32>) {
  // expected-error @+1 {{op slopes must be one number per query head}}
  %0 = transformer.attention %q, %k, %v slopes %b : tensor<4x1xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_sinks_count(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<3xf32>) {
  // expected-error @+1 {{op sinks must be one number per query head}}
  %0 = transformer.attention %q, %k, %v sinks %b : tensor<3xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_integer_bias(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>, %b: tensor<8x8xi64>) {
  // expected-error @+1 {{op operand #3 must be ranked tensor of floating-point values, but got 'tensor<8x8xi64>'}}
  %0 = transformer.attention %q, %k, %v bias %b : tensor<8x8xi64> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

// Three numbers.
func.func @attention_rounding_length(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{op score_rounding must be a step above zero, then the lowest and highest multiple of it}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, score_rounding = array<f32: 0.5, 127.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

// The lowest before the highest.
func.func @attention_rounding_order(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{op probability_rounding must be a step above zero, then the lowest and highest multiple of it}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, probability_rounding = array<f32: 0.5, 255.0, 0.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

// As many numbers as 8 or 16 bits have.
func.func @attention_rounding_span(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{op score_rounding must have 256 or 65536 multiples, 0 among them}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, score_rounding = array<f32: 0.5, -100.0, 127.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

// Zero among them.
func.func @attention_rounding_zero(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{op probability_rounding must have 256 or 65536 multiples, 0 among them}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, probability_rounding = array<f32: 0.5, 1.0, 256.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @attention_rounding_step(%q: tensor<1x4x8x16xf32>, %k: tensor<1x4x8x16xf32>, %v: tensor<1x4x8x16xf32>) {
  // expected-error @+1 {{op probability_rounding must be a step above zero, then the lowest and highest multiple of it}}
  %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, probability_rounding = array<f32: -0.5, 0.0, 255.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @kv_write_negative(%c: tensor<1x2x8x16xf32>) {
  // expected-error @+1 {{op axis -2 is outside rank 4}}
  %0 = transformer.kv_write %c, %c <{axis = -2 : i64}> : tensor<1x2x8x16xf32>, tensor<1x2x8x16xf32>
  return
}

// -----

// Sizes of all results together.
func.func @launch_two_results(%x: tensor<?xf32>, %n: index) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 2 dynamic dims, 1 sizes}}
  %0, %1 = transformer.launch @kernel(%x) [%n] : (tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>)
  return
}

// -----

func.func @launch_static_result(%x: tensor<?xf32>, %n: index) {
  // expected-error @+1 {{op expects one size per dynamic result dim: 0 dynamic dims, 1 sizes}}
  %0 = transformer.launch @kernel(%x) [%n] : (tensor<?xf32>) -> tensor<4xf32>
  return
}

// -----

// A branch that ends with another op.
func.func @if_no_yield(%c: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{op then branch does not end with a yield}}
  %0 = transformer.if %c : tensor<i1> -> tensor<4xf32> {
    %1 = transformer.unary exp %a : tensor<4xf32>
  } else {
    transformer.yield %a : tensor<4xf32>
  }
  return
}

// -----

// A branch of nothing.
func.func @if_empty(%c: tensor<i1>) {
  // expected-error @+1 {{op then branch does not end with a yield}}
  "transformer.if"(%c) ({
  ^bb0:
  }, {
    transformer.yield
  }) : (tensor<i1>) -> ()
  return
}

// -----

// The second of two values.
func.func @if_else_type(%c: tensor<i1>, %a: tensor<4xf32>, %b: tensor<4xf16>) {
  // expected-error @+1 {{op else branch yields 'tensor<4xf16>' for value 1 of 'tensor<?xf32>'}}
  %0:2 = transformer.if %c : tensor<i1> -> tensor<4xf32>, tensor<?xf32> {
    transformer.yield %a, %a : tensor<4xf32>, tensor<4xf32>
  } else {
    transformer.yield %a, %b : tensor<4xf32>, tensor<4xf16>
  }
  return
}

// -----

func.func @if_rank(%c: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{op then branch yields 'tensor<4xf32>' for value 0 of 'tensor<?x?xf32>'}}
  %0 = transformer.if %c : tensor<i1> -> tensor<?x?xf32> {
    transformer.yield %a : tensor<4xf32>
  } else {
    transformer.yield %a : tensor<4xf32>
  }
  return
}

// -----

func.func @if_too_many(%c: tensor<i1>, %a: tensor<4xf32>) {
  // expected-error @+1 {{op then branch yields 1 values, 0 expected}}
  transformer.if %c : tensor<i1> {
    transformer.yield %a : tensor<4xf32>
  } else {
    transformer.yield
  }
  return
}

// -----

func.func @loop_no_yield(%n: tensor<i64>, %a: tensor<4xf32>) {
  // expected-error @+1 {{op body must yield the condition, 1 carried values and 0 scanned}}
  %0 = transformer.loop count %n : tensor<i64> (%a) : (tensor<4xf32>) -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %x: tensor<4xf32>):
    %1 = transformer.unary exp %x : tensor<4xf32>
  }
  return
}

// -----

// A result that the body yields nothing for.
func.func @loop_scan_missing(%n: tensor<i64>, %a: tensor<4xf32>) {
  // expected-error @+1 {{op body must yield the condition, 1 carried values and 1 scanned}}
  %0, %1 = transformer.loop count %n : tensor<i64> (%a) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<?xi64>) {
  ^bb0(%i: tensor<i64>, %go: tensor<i1>, %x: tensor<4xf32>):
    transformer.yield %go, %x : tensor<i1>, tensor<4xf32>
  }
  return
}

// -----

func.func @loop_empty(%n: tensor<i64>) {
  // expected-error @+1 {{op body must yield the condition, 0 carried values and 0 scanned}}
  "transformer.loop"(%n) <{operandSegmentSizes = array<i32: 1, 0, 0>}> ({
  ^bb0(%i: tensor<i64>, %go: tensor<i1>):
  }) : (tensor<i64>) -> ()
  return
}

// -----

// Heads and batch are dims of their own.
func.func @linear_attention_rank(%q: tensor<4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) {
  // expected-error @+1 {{query, key and value must have rank 4}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v : tensor<4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// So they are of the state.
func.func @linear_attention_state_rank(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<4x16x12xf32>) {
  // expected-error @+1 {{state must have rank 4}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v state %s : tensor<4x16x12xf32> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// One sum a feature.
func.func @linear_attention_sums_rank(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %z: tensor<2x4x16x1xf32>) {
  // expected-error @+1 {{sums must have rank 3}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v sums %z : tensor<2x4x16x1xf32> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// One element type.
func.func @linear_attention_element(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf16>
  return
}

// -----

// One batch.
func.func @linear_attention_batches(%q: tensor<2x4x5x16xf32>, %k: tensor<3x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) {
  // expected-error @+1 {{batches differ: 2 and 3}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v : tensor<2x4x5x16xf32>, tensor<3x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// No heads are shared.
func.func @linear_attention_heads(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x2x5x12xf32>) {
  // expected-error @+1 {{heads differ: 4 and 2}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x2x5x12xf32>
  return
}

// -----

// Features of queries are those of keys.
func.func @linear_attention_features(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>) {
  // expected-error @+1 {{features differ: 16 and 8}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v : tensor<2x4x5x16xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// And of the state.
func.func @linear_attention_state_features(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x8x12xf32>) {
  // expected-error @+1 {{features differ: 16 and 8}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v state %s : tensor<2x4x8x12xf32> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// And of the sums.
func.func @linear_attention_sums_features(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %z: tensor<2x4x8xf32>) {
  // expected-error @+1 {{features differ: 16 and 8}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v sums %z : tensor<2x4x8xf32> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// A value for each key.
func.func @linear_attention_keys(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x6x12xf32>) {
  // expected-error @+1 {{keys and values differ: 5 and 6}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x6x12xf32>
  return
}

// -----

// The state's columns are those of the values.
func.func @linear_attention_widths(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x16x13xf32>) {
  // expected-error @+1 {{widths of values differ: 12 and 13}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v state %s : tensor<2x4x16x13xf32> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// A causal query stands at its key.
func.func @linear_attention_causal_rows(%q: tensor<2x4x7x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) {
  // expected-error @+1 {{causal queries and keys differ: 7 and 5}}
  %0, %1, %2 = transformer.linear_attention causal %q, %k, %v : tensor<2x4x7x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// The denominator is not made smaller.
func.func @linear_attention_epsilon(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) {
  // expected-error @+1 {{epsilon must be a number that is not below zero}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v <{epsilon = -1.0 : f32}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// What was before has to be there.
func.func @linear_attention_no_state(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) {
  // expected-error @+1 {{reads a state that it has not}}
  %0, %1, %2 = transformer.linear_attention before %q, %k, %v : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// Its sums too, to divide by.
func.func @linear_attention_no_sums(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x16x12xf32>) {
  // expected-error @+1 {{divides by sums that it has not}}
  %0, %1, %2 = transformer.linear_attention before %q, %k, %v state %s : tensor<2x4x16x12xf32> <{epsilon = 0.0 : f32}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// A delta rule reads what was before.
func.func @linear_attention_delta(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>, %s: tensor<2x4x16x12xf32>) {
  // expected-error @+1 {{has a delta rule only where it reads what was before}}
  %0, %1, %2 = transformer.linear_attention all %q, %k, %v state %s : tensor<2x4x16x12xf32> <{delta}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
  return
}

// -----

// Batch and sequence are one dim.
func.func @moe_rank(%x: tensor<1x3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{tokens must have rank 2, and the experts' weights rank 3}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<1x3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// A row of choices for each token.
func.func @moe_experts_rank(%x: tensor<3x16xf32>, %e: tensor<3xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{experts must have rank 2}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// So it is with what they count.
func.func @moe_weights_rank(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{weights must have rank 2}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Each expert has weights of its own.
func.func @moe_first_rank(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{first must have rank 3}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// A vector an expert.
func.func @moe_bias_rank(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %p: tensor<32xf32>) {
  // expected-error @+1 {{first_bias must have rank 2}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_bias %p : tensor<32xf32> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Code is for a number of experts.
func.func @moe_many(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<?x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{the number of experts must be static}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<?x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Numbers of experts are integers.
func.func @moe_ids(%x: tensor<3x16xf32>, %e: tensor<3x2xf32>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{experts must be of i64 or i32, are of 'f32'}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xf32>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Sums are in f32.
func.func @moe_element(%x: tensor<3x16xf64>, %e: tensor<3x2xi64>, %s: tensor<3x2xf64>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{tokens and experts must be of f32, f16 or bf16, one is of 'f64'}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf64>, tensor<3x2xi64>, tensor<3x2xf64>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// What experts count has the tokens' type.
func.func @moe_share_element(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf16>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf16>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Each token chooses.
func.func @moe_tokens(%x: tensor<3x16xf32>, %e: tensor<4x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{tokens differ: 3 and 4}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<4x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Each token weighs its choices.
func.func @moe_shares(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<5x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{tokens differ: 3 and 5}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<5x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// All choices are weighed.
func.func @moe_choices(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x3xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{choices of a token differ: 2 and 3}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x3xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// As many of each weight.
func.func @moe_numbers(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<4x32x16xf32>) {
  // expected-error @+1 {{numbers of experts differ: 8 and 4}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<4x32x16xf32>
  return
}

// -----

// As many biases.
func.func @moe_bias_numbers(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %p: tensor<4x16xf32>) {
  // expected-error @+1 {{numbers of experts differ: 8 and 4}}
  %0 = transformer.moe %x, %e, %s, %a, %b second_bias %p : tensor<4x16xf32> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Experts read tokens.
func.func @moe_features(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x12x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{features of tokens and first differ: 16 and 12}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x12x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// The second product goes on with what the first one gives.
func.func @moe_inner(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x30x16xf32>) {
  // expected-error @+1 {{inner features differ: 32 and 30}}
  %0 = transformer.moe %x, %e, %s, %a, %b : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x30x16xf32>
  return
}

// -----

// A number a column.
func.func @moe_bias(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %p: tensor<8x16xf32>) {
  // expected-error @+1 {{columns of a weight and its bias differ: 32 and 16}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_bias %p : tensor<8x16xf32> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Gates and what they let through are pairs.
func.func @moe_pairs(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x31xf32>, %b: tensor<8x16x16xf32>) {
  // expected-error @+1 {{first has 31 columns: no pairs of gates and what they let through}}
  %0 = transformer.moe %x, %e, %s, %a, %b <{gate = #transformer<expert_gate halves>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x31xf32>, tensor<8x16x16xf32>
  return
}

// -----

// Half of the columns are gates.
func.func @moe_halves(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{inner features differ: 16 and 32}}
  %0 = transformer.moe %x, %e, %s, %a, %b <{gate = #transformer<expert_gate halves>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// A gate apart is from something.
func.func @moe_no_up(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{has a gate apart from up, but no up}}
  %0 = transformer.moe %x, %e, %s, %a, %b <{gate = #transformer<expert_gate apart>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// What a gate lets through needs one.
func.func @moe_up(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %u: tensor<8x16x32xf32>) {
  // expected-error @+1 {{has up without a gate apart from it}}
  %0 = transformer.moe %x, %e, %s, %a, %b up %u : tensor<8x16x32xf32> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// It reads the same tokens.
func.func @moe_up_features(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %u: tensor<8x12x32xf32>) {
  // expected-error @+1 {{features of tokens and up differ: 16 and 12}}
  %0 = transformer.moe %x, %e, %s, %a, %b up %u : tensor<8x12x32xf32> <{gate = #transformer<expert_gate apart>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// It is as wide as the gate.
func.func @moe_up_width(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %u: tensor<8x16x30xf32>) {
  // expected-error @+1 {{inner features differ: 32 and 30}}
  %0 = transformer.moe %x, %e, %s, %a, %b up %u : tensor<8x16x30xf32> <{gate = #transformer<expert_gate apart>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// A bias is one of a weight.
func.func @moe_up_bias(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>, %p: tensor<8x32xf32>) {
  // expected-error @+1 {{has up_bias without up}}
  %0 = transformer.moe %x, %e, %s, %a, %b up_bias %p : tensor<8x32xf32> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Only gates are scaled.
func.func @moe_alpha(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x32x16xf32>) {
  // expected-error @+1 {{has alpha, beta or limit without a gate}}
  %0 = transformer.moe %x, %e, %s, %a, %b <{alpha = 2.0 : f32}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
  return
}

// -----

// Only in silu.
func.func @moe_alpha_of_gelu(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x16x16xf32>) {
  // expected-error @+1 {{has alpha, which silu alone takes}}
  %0 = transformer.moe %x, %e, %s, %a, %b <{activation = #transformer<unary_kind gelu>, alpha = 2.0 : f32, gate = #transformer<expert_gate halves>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x16x16xf32>
  return
}

// -----

// There is something between a limit and its negative.
func.func @moe_limit(%x: tensor<3x16xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<8x16x32xf32>, %b: tensor<8x16x16xf32>) {
  // expected-error @+1 {{limit must be above zero}}
  %0 = transformer.moe %x, %e, %s, %a, %b <{limit = 0.0 : f32, gate = #transformer<expert_gate halves>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<8x16x32xf32>, tensor<8x16x16xf32>
  return
}

// -----

// Both weights are packed, or neither.
func.func @moe_packed_alone(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x2xf32>) {
  // expected-error @+1 {{has scales for others than second alone}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}

// -----

// The first one tells.
func.func @moe_packed_second(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x32x16xf32>, %b: tensor<4x16x8xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{has scales for second alone}}
  %0 = transformer.moe %x, %e, %s, %a, %b second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x32x16xf32>, tensor<4x16x8xf32>
  return
}

// -----

// Zeros are of scales.
func.func @moe_zeros_alone(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x32x16xf32>, %b: tensor<4x16x8xf32>, %z: tensor<4x16x1xui8>) {
  // expected-error @+1 {{first has zeros without scales}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_zeros %z : tensor<4x16x1xui8> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x32x16xf32>, tensor<4x16x8xf32>
  return
}

// -----

// Packed numbers are bytes.
func.func @moe_packed_element(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xi8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x2xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{first is quantised, and must be of ui8, is of}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xi8>, tensor<4x8x8xui8>
  return
}

// -----

// What is packed is known.
func.func @moe_packed_sizes(%x: tensor<3x?xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x2xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{first is quantised, and its sizes must be known}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x?xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}

// -----

// Of 12 bytes for 32 numbers each has 3 bits.
func.func @moe_packed_bits(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x12xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x2xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{first has 12 bytes for 32 rows: neither 2, 4 nor 8 bits each}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x12xui8>, tensor<4x8x8xui8>
  return
}

// -----

// Blocks are as long as each other.
func.func @moe_packed_blocks(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x3xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{first has 3 scales for 32 rows: no blocks of whole bytes}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x3xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}

// -----

// A block has whole bytes.
func.func @moe_packed_bytes(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x32xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{first has 32 scales for 32 rows: no blocks of whole bytes}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x32xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}

// -----

// Scales are of columns.
func.func @moe_packed_scales(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x32x2xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{the scales of first must be [4, 16, blocks]}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x32x2xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}

// -----

// Zeros are packed as the weights are.
func.func @moe_packed_zeros(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x2xf32>, %ss: tensor<4x8x1xf32>, %z: tensor<4x16x2xui8>) {
  // expected-error @+1 {{the zeros of first must be ui8 [4, 16, 1]}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> second_scales %ss : tensor<4x8x1xf32> first_zeros %z : tensor<4x16x2xui8> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}

// -----

// The second one has as many rows as the first one has columns.
func.func @moe_packed_depth(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x6xui8>, %fs: tensor<4x16x2xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{second has 6 bytes for 16 rows: neither 2, 4 nor 8 bits each}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x6xui8>
  return
}

// -----

// Scales of a weight that is not there.
func.func @moe_packed_up(%x: tensor<3x32xf32>, %e: tensor<3x2xi64>, %s: tensor<3x2xf32>, %a: tensor<4x16x16xui8>, %b: tensor<4x8x8xui8>, %fs: tensor<4x16x2xf32>, %ss: tensor<4x8x1xf32>) {
  // expected-error @+1 {{has up_scales or up_zeros without up}}
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %fs : tensor<4x16x2xf32> up_scales %fs : tensor<4x16x2xf32> second_scales %ss : tensor<4x8x1xf32> : tensor<3x32xf32>, tensor<3x2xi64>, tensor<3x2xf32>, tensor<4x16x16xui8>, tensor<4x8x8xui8>
  return
}
