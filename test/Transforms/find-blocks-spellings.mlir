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

// Every expert computes; the two best weigh in.
func.func @all_experts_top_two(%x: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %router = transformer.constant dense_resource<router> : tensor<16x4xf32>
  %0 = transformer.linear %x, %router : tensor<6x16xf32>, tensor<16x4xf32>
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<6x4xf32>
  %tv, %ti = transformer.topk %1 <{axis = 1 : i64, largest = true}> : tensor<6x4xf32> to tensor<6x2xf32>, tensor<6x2xi64>
  %c0 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %2 = transformer.reshape %c0[] : tensor<4xi64> to tensor<1x1x4xi64>
  %3 = transformer.reshape %ti[] : tensor<6x2xi64> to tensor<6x2x1xi64>
  %4 = transformer.compare eq %2, %3 : tensor<1x1x4xi64>, tensor<6x2x1xi64>
  %5 = transformer.cast %4 : tensor<6x2x4xi1> to tensor<6x2x4xf32>
  %6 = transformer.reshape %tv[] : tensor<6x2xf32> to tensor<6x2x1xf32>
  %7 = transformer.binary mul %5, %6 : tensor<6x2x4xf32>, tensor<6x2x1xf32>
  %8 = transformer.reduce sum %7 <{axes = array<i64: 1>}> : tensor<6x2x4xf32>
  %up0 = transformer.constant dense_resource<up0> : tensor<16x16xf32>
  %9 = transformer.linear %x, %up0 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %10 = transformer.slice %8[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %11 = transformer.binary mul %9, %10 : tensor<6x16xf32>, tensor<6x1xf32>
  %up1 = transformer.constant dense_resource<up1> : tensor<16x16xf32>
  %12 = transformer.linear %x, %up1 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %13 = transformer.slice %8[] [] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %14 = transformer.binary mul %12, %13 : tensor<6x16xf32>, tensor<6x1xf32>
  %15 = transformer.binary add %11, %14 : tensor<6x16xf32>, tensor<6x16xf32>
  %up2 = transformer.constant dense_resource<up2> : tensor<16x16xf32>
  %16 = transformer.linear %x, %up2 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %17 = transformer.slice %8[] [] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %18 = transformer.binary mul %16, %17 : tensor<6x16xf32>, tensor<6x1xf32>
  %19 = transformer.binary add %15, %18 : tensor<6x16xf32>, tensor<6x16xf32>
  %up3 = transformer.constant dense_resource<up3> : tensor<16x16xf32>
  %20 = transformer.linear %x, %up3 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %21 = transformer.slice %8[] [] <{static_starts = array<i64: 0, 3>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %22 = transformer.binary mul %20, %21 : tensor<6x16xf32>, tensor<6x1xf32>
  // expected-remark @+1 {{moe: 4 experts, top 2, 25 ops}}
  %23 = transformer.binary add %19, %22 : tensor<6x16xf32>, tensor<6x16xf32>
  %24 = transformer.binary add %x, %23 : tensor<6x16xf32>, tensor<6x16xf32>
  return %24 : tensor<6x16xf32>
}

// The best one alone, by an argmax.
func.func @switch(%x: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %router = transformer.constant dense_resource<router> : tensor<16x4xf32>
  %0 = transformer.linear %x, %router : tensor<6x16xf32>, tensor<16x4xf32>
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<6x4xf32>
  %2 = transformer.arg_reduce max %1 <{axis = 1 : i64, keepdims}> : tensor<6x4xf32>
  %c0 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %3 = transformer.compare eq %c0, %2 : tensor<4xi64>, tensor<6x1xi64>
  %4 = transformer.cast %3 : tensor<6x4xi1> to tensor<6x4xf32>
  %5 = transformer.binary mul %4, %1 : tensor<6x4xf32>, tensor<6x4xf32>
  %up0 = transformer.constant dense_resource<up0> : tensor<16x16xf32>
  %6 = transformer.linear %x, %up0 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %7 = transformer.slice %5[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %8 = transformer.binary mul %6, %7 : tensor<6x16xf32>, tensor<6x1xf32>
  %up1 = transformer.constant dense_resource<up1> : tensor<16x16xf32>
  %9 = transformer.linear %x, %up1 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %10 = transformer.slice %5[] [] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %11 = transformer.binary mul %9, %10 : tensor<6x16xf32>, tensor<6x1xf32>
  %12 = transformer.binary add %8, %11 : tensor<6x16xf32>, tensor<6x16xf32>
  %up2 = transformer.constant dense_resource<up2> : tensor<16x16xf32>
  %13 = transformer.linear %x, %up2 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %14 = transformer.slice %5[] [] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %15 = transformer.binary mul %13, %14 : tensor<6x16xf32>, tensor<6x1xf32>
  %16 = transformer.binary add %12, %15 : tensor<6x16xf32>, tensor<6x16xf32>
  %up3 = transformer.constant dense_resource<up3> : tensor<16x16xf32>
  %17 = transformer.linear %x, %up3 <{activation = #transformer<unary_kind relu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %18 = transformer.slice %5[] [] <{static_starts = array<i64: 0, 3>, steps = array<i64: 1, 1>}> : tensor<6x4xf32> to tensor<6x1xf32>
  %19 = transformer.binary mul %17, %18 : tensor<6x16xf32>, tensor<6x1xf32>
  // expected-remark @+1 {{moe: 4 experts, top 1, 21 ops}}
  %20 = transformer.binary add %16, %19 : tensor<6x16xf32>, tensor<6x16xf32>
  %21 = transformer.binary add %x, %20 : tensor<6x16xf32>, tensor<6x16xf32>
  return %21 : tensor<6x16xf32>
}

// Eight experts, the scores not normalised.
func.func @eight_experts(%x: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %router = transformer.constant dense_resource<router> : tensor<16x8xf32>
  %0 = transformer.linear %x, %router : tensor<6x16xf32>, tensor<16x8xf32>
  %tv, %ti = transformer.topk %0 <{axis = 1 : i64, largest = true}> : tensor<6x8xf32> to tensor<6x2xf32>, tensor<6x2xi64>
  %c0 = transformer.constant dense<[0, 1, 2, 3, 4, 5, 6, 7]> : tensor<8xi64>
  %1 = transformer.reshape %c0[] : tensor<8xi64> to tensor<1x1x8xi64>
  %2 = transformer.reshape %ti[] : tensor<6x2xi64> to tensor<6x2x1xi64>
  %3 = transformer.compare eq %1, %2 : tensor<1x1x8xi64>, tensor<6x2x1xi64>
  %4 = transformer.cast %3 : tensor<6x2x8xi1> to tensor<6x2x8xf32>
  %5 = transformer.reshape %tv[] : tensor<6x2xf32> to tensor<6x2x1xf32>
  %6 = transformer.binary mul %4, %5 : tensor<6x2x8xf32>, tensor<6x2x1xf32>
  %7 = transformer.reduce sum %6 <{axes = array<i64: 1>}> : tensor<6x2x8xf32>
  %up0 = transformer.constant dense_resource<up0> : tensor<16x16xf32>
  %8 = transformer.linear %x, %up0 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %9 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %10 = transformer.binary mul %8, %9 : tensor<6x16xf32>, tensor<6x1xf32>
  %up1 = transformer.constant dense_resource<up1> : tensor<16x16xf32>
  %11 = transformer.linear %x, %up1 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %12 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %13 = transformer.binary mul %11, %12 : tensor<6x16xf32>, tensor<6x1xf32>
  %14 = transformer.binary add %10, %13 : tensor<6x16xf32>, tensor<6x16xf32>
  %up2 = transformer.constant dense_resource<up2> : tensor<16x16xf32>
  %15 = transformer.linear %x, %up2 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %16 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 2>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %17 = transformer.binary mul %15, %16 : tensor<6x16xf32>, tensor<6x1xf32>
  %18 = transformer.binary add %14, %17 : tensor<6x16xf32>, tensor<6x16xf32>
  %up3 = transformer.constant dense_resource<up3> : tensor<16x16xf32>
  %19 = transformer.linear %x, %up3 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %20 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 3>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %21 = transformer.binary mul %19, %20 : tensor<6x16xf32>, tensor<6x1xf32>
  %22 = transformer.binary add %18, %21 : tensor<6x16xf32>, tensor<6x16xf32>
  %up4 = transformer.constant dense_resource<up4> : tensor<16x16xf32>
  %23 = transformer.linear %x, %up4 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %24 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %25 = transformer.binary mul %23, %24 : tensor<6x16xf32>, tensor<6x1xf32>
  %26 = transformer.binary add %22, %25 : tensor<6x16xf32>, tensor<6x16xf32>
  %up5 = transformer.constant dense_resource<up5> : tensor<16x16xf32>
  %27 = transformer.linear %x, %up5 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %28 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 5>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %29 = transformer.binary mul %27, %28 : tensor<6x16xf32>, tensor<6x1xf32>
  %30 = transformer.binary add %26, %29 : tensor<6x16xf32>, tensor<6x16xf32>
  %up6 = transformer.constant dense_resource<up6> : tensor<16x16xf32>
  %31 = transformer.linear %x, %up6 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %32 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 6>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %33 = transformer.binary mul %31, %32 : tensor<6x16xf32>, tensor<6x1xf32>
  %34 = transformer.binary add %30, %33 : tensor<6x16xf32>, tensor<6x16xf32>
  %up7 = transformer.constant dense_resource<up7> : tensor<16x16xf32>
  %35 = transformer.linear %x, %up7 <{activation = #transformer<unary_kind gelu>}> : tensor<6x16xf32>, tensor<16x16xf32>
  %36 = transformer.slice %7[] [] <{static_starts = array<i64: 0, 7>, steps = array<i64: 1, 1>}> : tensor<6x8xf32> to tensor<6x1xf32>
  %37 = transformer.binary mul %35, %36 : tensor<6x16xf32>, tensor<6x1xf32>
  // expected-remark @+1 {{moe: 8 experts, top 2, 40 ops}}
  %38 = transformer.binary add %34, %37 : tensor<6x16xf32>, tensor<6x16xf32>
  %39 = transformer.binary add %x, %38 : tensor<6x16xf32>, tensor<6x16xf32>
  return %39 : tensor<6x16xf32>
}
