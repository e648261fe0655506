// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.attention

// Nearly attentions: each stays in pieces, with the reason where products and a softmax stand in line.

// A scale per query.
func.func @scale_of_rows(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary mul %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A learned temperature per head.
func.func @scale_of_heads(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<4x1x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary mul %m, %0 : tensor<4x1x1xf32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A divisor per key.
func.func @divisor_of_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary div %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Squared scores.
func.func @power_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %1 = transformer.binary pow %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Scores bounded from below.
func.func @largest_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.binary max %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// A sigmoid.
func.func @sigmoid_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.unary sigmoid %0 : tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Two caps.
func.func @cap_after_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.unary tanh %0 : tensor<2x4x3x5xf32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A cap times a negative number.
func.func @negative_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.unary tanh %0 : tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<-50.0> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// A bias below the cap.
func.func @bias_in_the_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<50.0> : tensor<f32>
  %3 = transformer.binary mul %2, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// A boolean mask below the cap.
func.func @mask_in_the_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %c1 = transformer.constant dense<50.0> : tensor<f32>
  %3 = transformer.binary mul %2, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Masked scores become zero.
func.func @fill_of_zero(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Minus a hundred, which other scores may be below.
func.func @fill_of_minus_hundred(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<-100.0> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Masked scores become those of another value.
func.func @fill_of_another_value(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>, %n: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.select %m, %0, %n : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// One number per row.
func.func @fill_per_row(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>, %n: tensor<2x1x3x1xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.select %m, %0, %n : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<2x1x3x1xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// The keys are a weight: a memory of fixed prototypes.
func.func @scores_of_a_weight(%q: tensor<2x4x3x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %keys = transformer.constant dense_resource<keys> : tensor<16x5xf32>
  %0 = transformer.matmul %q, %keys : tensor<2x4x3x16xf32>, tensor<16x5xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Scores that are an input.
func.func @scores_of_no_product(%s: tensor<2x4x3x5xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.softmax %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %1 = transformer.matmul %0, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %1 : tensor<2x4x3x16xf32>
}

// A number less the scores.
func.func @difference_of_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.binary sub %m, %0 : tensor<2x1x1x5xf32>, tensor<2x4x3x5xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// The probabilities are a result too.
func.func @probabilities_returned(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %1 : tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>
}

// Their sum over heads is read (head importance).
func.func @probabilities_summed(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x1x3x5xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %3 = transformer.reduce mean %1 <{axes = array<i64: 1>, keepdims}> : tensor<2x4x3x5xf32>
  return %2, %3 : tensor<2x4x3x16xf32>, tensor<2x1x3x5xf32>
}

// Two values are mixed by the same probabilities.
func.func @probabilities_of_two_values(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %z: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %3 = transformer.matmul %1, %z : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %3 : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
}

// Probabilities times a mask.
func.func @probabilities_dropped_out(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x4x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.binary mul %1, %m : tensor<2x4x3x5xf32>, tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Values times probabilities.
func.func @probabilities_on_the_right(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x3x5xf32>) -> tensor<2x4x3x5xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x5x5xf32>
  %2 = transformer.matmul %v, %1 : tensor<2x4x3x5xf32>, tensor<2x4x5x5xf32>
  return %2 : tensor<2x4x3x5xf32>
}

// The probabilities are read transposed.
func.func @probabilities_transposed(%q: tensor<2x4x5x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x5x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x5x5xf32>
  %2 = transformer.matmul %1, %v <{transpose_a}> : tensor<2x4x5x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x5x16xf32>
}

// Over queries, as in slot attention.
func.func @softmax_over_queries(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 2 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Logarithms of probabilities.
func.func @log_softmax(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64, log}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// NaN rows become one, not zero.
func.func @other_nan(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.unary isnan %1 : tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %3 = transformer.select %2, %c0, %1 : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Six dims.
func.func @six_dims(%q: tensor<1x2x2x2x3x16xf32>, %k: tensor<1x2x2x2x5x16xf32>, %v: tensor<1x2x2x2x5x16xf32>) -> tensor<1x2x2x2x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<1x2x2x2x3x16xf32>, tensor<1x2x2x2x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 5 : i64}> : tensor<1x2x2x2x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<1x2x2x2x3x5xf32>, tensor<1x2x2x2x5x16xf32>
  return %2 : tensor<1x2x2x2x3x16xf32>
}

// Keys of one head, values of four.
func.func @heads_of_values_differ(%q: tensor<2x4x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// One head of queries for many of keys.
func.func @one_query_head(%q: tensor<2x1x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x1x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// One batch of queries for several of keys.
func.func @one_batch_of_queries(%q: tensor<1x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<1x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// The scores are reshaped twice.
func.func @reshaped_twice(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<2x1x3x5xf32>, %n: tensor<8x3x5xf32>) -> tensor<8x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x5xf32> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %3 = transformer.reshape %2[] : tensor<2x4x3x5xf32> to tensor<8x3x5xf32>
  %4 = transformer.softmax %3 <{axis = 2 : i64}> : tensor<8x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<8x3x5xf32>, tensor<8x5x16xf32>
  return %5 : tensor<8x3x16xf32>
}

// The scores are reshaped to rows in two dims.
func.func @heads_unlike_batches(%q: tensor<8x6x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<1x1x1x5xf32>) -> tensor<8x6x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x6x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x6x5xf32> to tensor<16x1x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<16x1x3x5xf32>, tensor<1x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<16x1x3x5xf32>
  %4 = transformer.reshape %3[] : tensor<16x1x3x5xf32> to tensor<8x6x5xf32>
  %5 = transformer.matmul %4, %v : tensor<8x6x5xf32>, tensor<8x5x16xf32>
  return %5 : tensor<8x6x16xf32>
}
