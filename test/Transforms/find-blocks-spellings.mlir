// RUN: transom-opt --find-blocks -verify-diagnostics %s

// Linear attentions and mixtures of experts that are found, with what the remark says of them.

// elu(x) + 1 of queries and keys, the state first.
func.func @elu_features(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %8, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %10 = transformer.matmul %3, %9 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %11 = transformer.reduce sum %8 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %12 = transformer.matmul %3, %11 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, 14 ops}}
  %13 = transformer.binary div %10, %12 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %13 : tensor<2x4x5x12xf32>
}

// exp.
func.func @exponential_features(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %2 = transformer.transpose %1 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.matmul %0, %3 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %5 = transformer.reduce sum %2 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %6 = transformer.matmul %0, %5 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, 8 ops}}
  %7 = transformer.binary div %4, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %7 : tensor<2x4x5x12xf32>
}

// relu.
func.func @relu_features(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary relu %q : tensor<2x4x5x12xf32>
  %c0 = transformer.constant dense<1.0e-06> : tensor<f32>
  %1 = transformer.binary add %0, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary relu %k : tensor<2x4x5x12xf32>
  %3 = transformer.binary add %2, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %4 = transformer.transpose %3 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %6 = transformer.matmul %1, %5 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %7 = transformer.reduce sum %4 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %8 = transformer.matmul %1, %7 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, 10 ops}}
  %9 = transformer.binary div %6, %8 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %9 : tensor<2x4x5x12xf32>
}

// The product of queries and keys first.
func.func @scores_first(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %3, %8 : tensor<2x4x5x12xf32>, tensor<2x4x12x5xf32>
  %10 = transformer.matmul %9, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %11 = transformer.reduce sum %9 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, 13 ops}}
  %12 = transformer.binary div %10, %11 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %12 : tensor<2x4x5x12xf32>
}

// Causal by a triangle on it.
func.func @causal_scores(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %3, %8 : tensor<2x4x5x12xf32>, tensor<2x4x12x5xf32>
  %c2 = transformer.constant dense<[[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]> : tensor<5x5xf32>
  %10 = transformer.trilu %c2 : tensor<5x5xf32>
  %11 = transformer.binary mul %9, %10 : tensor<2x4x5x5xf32>, tensor<5x5xf32>
  %12 = transformer.matmul %11, %v : tensor<2x4x5x5xf32>, tensor<2x4x5x12xf32>
  %13 = transformer.reduce sum %11 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x5xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, causal, 15 ops}}
  %14 = transformer.binary div %12, %13 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %14 : tensor<2x4x5x12xf32>
}

// The denominator as a sum of products.
func.func @sum_of_keys(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %8, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %10 = transformer.matmul %3, %9 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %11 = transformer.reduce sum %7 <{axes = array<i64: 2>, keepdims}> : tensor<2x4x5x12xf32>
  %12 = transformer.binary mul %3, %11 : tensor<2x4x5x12xf32>, tensor<2x4x1x12xf32>
  %13 = transformer.reduce sum %12 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x5x12xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, 15 ops}}
  %14 = transformer.binary div %10, %13 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %14 : tensor<2x4x5x12xf32>
}

// An epsilon in the denominator.
func.func @epsilon_below(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %8, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %10 = transformer.matmul %3, %9 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %11 = transformer.reduce sum %8 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %12 = transformer.matmul %3, %11 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %13 = transformer.binary add %12, %c2 : tensor<2x4x5x1xf32>, tensor<f32>
  // expected-remark @+1 {{linear_attention: elementwise features, 15 ops}}
  %14 = transformer.binary div %10, %13 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %14 : tensor<2x4x5x12xf32>
}

// Times the reciprocal.
func.func @reciprocal(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %8, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %10 = transformer.matmul %3, %9 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %11 = transformer.reduce sum %8 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %12 = transformer.matmul %3, %11 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %13 = transformer.unary reciprocal %12 : tensor<2x4x5x1xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, 15 ops}}
  %14 = transformer.binary mul %10, %13 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %14 : tensor<2x4x5x12xf32>
}

// The denominator bounded from below.
func.func @bounded_below(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.compare gt %q, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %c1 = transformer.constant dense<1.0> : tensor<f32>
  %1 = transformer.binary add %q, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %2 = transformer.unary exp %q : tensor<2x4x5x12xf32>
  %3 = transformer.select %0, %1, %2 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %5 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %6 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %7 = transformer.select %4, %5, %6 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %8 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %9 = transformer.matmul %8, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %10 = transformer.matmul %3, %9 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %11 = transformer.reduce sum %8 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %12 = transformer.matmul %3, %11 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %c2 = transformer.constant dense<1.0e-06> : tensor<f32>
  %13 = transformer.binary max %12, %c2 : tensor<2x4x5x1xf32>, tensor<f32>
  // expected-remark @+1 {{linear_attention: elementwise features, 15 ops}}
  %14 = transformer.binary div %10, %13 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %14 : tensor<2x4x5x12xf32>
}

// Experts that all tokens share, with a gate of their own, are part of it.
func.func @shared_experts(%x: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %router = transformer.constant dense_resource<router> : tensor<16x8xf32>
  %first = transformer.constant dense_resource<first> : tensor<8x16x24xf32>
  %second = transformer.constant dense_resource<second> : tensor<8x24x16xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x24xf32>
  %down = transformer.constant dense_resource<down> : tensor<24x16xf32>
  %s = transformer.constant dense_resource<s> : tensor<16xf32>
  %0 = transformer.rms_norm %x scale %s : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<6x16xf32>
  %1 = transformer.linear %0, %router : tensor<6x16xf32>, tensor<16x8xf32>
  %values, %indices = transformer.topk %1 <{axis = 1 : i64, largest = true}> : tensor<6x8xf32> to tensor<6x2xf32>, tensor<6x2xi64>
  %2 = transformer.softmax %values <{axis = 1 : i64}> : tensor<6x2xf32>
  %3 = transformer.moe %0, %indices, %2, %first, %second <{activation = #transformer<unary_kind silu>}> : tensor<6x16xf32>, tensor<6x2xi64>, tensor<6x2xf32>, tensor<8x16x24xf32>, tensor<8x24x16xf32>
  %4 = transformer.linear %0, %up <{activation = #transformer<unary_kind silu>}> : tensor<6x16xf32>, tensor<16x24xf32>
  %5 = transformer.linear %4, %down : tensor<6x24xf32>, tensor<24x16xf32>
  // expected-remark @+1 {{moe: 8 experts, top 2, 7 ops}}
  %6 = transformer.binary add %3, %5 : tensor<6x16xf32>, tensor<6x16xf32>
  %7 = transformer.binary add %x, %6 : tensor<6x16xf32>, tensor<6x16xf32>
  return %7 : tensor<6x16xf32>
}

// The best one alone, for as many tokens as it has places for.
func.func @capacity(%x: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %router = transformer.constant dense_resource<router> : tensor<16x4xf32>
  %first = transformer.constant dense_resource<first4> : tensor<4x16x24xf32>
  %second = transformer.constant dense_resource<second4> : tensor<4x24x16xf32>
  %numbers = transformer.constant dense<[[0, 1, 2, 3]]> : tensor<1x4xi64>
  %three = transformer.constant dense<3> : tensor<i64>
  %0 = transformer.linear %x, %router : tensor<6x16xf32>, tensor<16x4xf32>
  %1 = transformer.arg_reduce max %0 <{axis = 1 : i64, keepdims}> : tensor<6x4xf32>
  %2 = transformer.compare eq %1, %numbers : tensor<6x1xi64>, tensor<1x4xi64>
  %3 = transformer.cast %2 : tensor<6x4xi1> to tensor<6x4xi64>
  %4 = transformer.cumsum %3 <{axis = 0 : i64}> : tensor<6x4xi64>
  %5 = transformer.compare le %4, %three : tensor<6x4xi64>, tensor<i64>
  %6 = transformer.cast %5 : tensor<6x4xi1> to tensor<6x4xf32>
  %7 = transformer.gather_elements %6, %1 <{axis = 1 : i64}> : tensor<6x4xf32>, tensor<6x1xi64>
  // expected-remark @+1 {{moe: 4 experts, top 1, with capacity, 9 ops}}
  %8 = transformer.moe %x, %1, %7, %first, %second <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<6x1xi64>, tensor<6x1xf32>, tensor<4x16x24xf32>, tensor<4x24x16xf32>
  %9 = transformer.binary add %x, %8 : tensor<6x16xf32>, tensor<6x16xf32>
  return %9 : tensor<6x16xf32>
}

// Scores that come from elsewhere.
func.func @scores_given(%x: tensor<6x16xf32>, %scores: tensor<6x4xf32>) -> tensor<6x16xf32> {
  %first = transformer.constant dense_resource<first4> : tensor<4x16x24xf32>
  %second = transformer.constant dense_resource<second4> : tensor<4x24x16xf32>
  %values, %indices = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<6x4xf32> to tensor<6x1xf32>, tensor<6x1xi64>
  // expected-remark @+1 {{moe: 4 experts, top 1, 2 ops}}
  %0 = transformer.moe %x, %indices, %values, %first, %second <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<6x1xi64>, tensor<6x1xf32>, tensor<4x16x24xf32>, tensor<4x24x16xf32>
  return %0 : tensor<6x16xf32>
}
