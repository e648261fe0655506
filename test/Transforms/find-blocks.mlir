// RUN: transom-opt --find-blocks -verify-diagnostics %s

// phi(q) (phi(k)^T v) / (phi(q) sum(phi(k)) + epsilon) with phi = elu + 1.
func.func @elementwise_features(%q: tensor<?x4x?x12xf32>, %k: tensor<?x4x?x12xf32>, %v: tensor<?x4x?x12xf32>) -> tensor<?x4x?x12xf32> {
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %epsilon = transformer.constant dense<1.0e-06> : tensor<f32>
  %0 = transformer.binary min %q, %zero : tensor<?x4x?x12xf32>, tensor<f32>
  %1 = transformer.unary exp %0 : tensor<?x4x?x12xf32>
  %2 = transformer.binary sub %1, %one : tensor<?x4x?x12xf32>, tensor<f32>
  %3 = transformer.compare gt %q, %zero : tensor<?x4x?x12xf32>, tensor<f32>
  %4 = transformer.select %3, %q, %2 : tensor<?x4x?x12xi1>, tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %5 = transformer.binary add %4, %one : tensor<?x4x?x12xf32>, tensor<f32>
  %6 = transformer.binary min %k, %zero : tensor<?x4x?x12xf32>, tensor<f32>
  %7 = transformer.unary exp %6 : tensor<?x4x?x12xf32>
  %8 = transformer.binary sub %7, %one : tensor<?x4x?x12xf32>, tensor<f32>
  %9 = transformer.compare gt %k, %zero : tensor<?x4x?x12xf32>, tensor<f32>
  %10 = transformer.select %9, %k, %8 : tensor<?x4x?x12xi1>, tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %11 = transformer.binary add %10, %one : tensor<?x4x?x12xf32>, tensor<f32>
  %12 = transformer.matmul %11, %v <{transpose_a}> : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %13 = transformer.matmul %5, %12 : tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>
  %14 = transformer.reduce sum %11 <{axes = array<i64: 2>}> : tensor<?x4x?x12xf32>
  %c0 = arith.constant 0 : index
  %b = tensor.dim %k, %c0 : tensor<?x4x?x12xf32>
  %15 = transformer.reshape %14[%b] : tensor<?x4x12xf32> to tensor<?x4x12x1xf32>
  %16 = transformer.matmul %5, %15 : tensor<?x4x?x12xf32>, tensor<?x4x12x1xf32>
  %17 = transformer.binary add %16, %epsilon : tensor<?x4x?x1xf32>, tensor<f32>
  // expected-remark @+1 {{linear_attention: elementwise features, 19 ops}}
  %18 = transformer.binary div %13, %17 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
  return %18 : tensor<?x4x?x12xf32>
}

// Positive features of a projection, causal by a mask, the state added; the reciprocal is written out.
func.func @with_state(%q: tensor<?x4x?x8xf32>, %k: tensor<?x4x?x8xf32>, %v: tensor<?x4x?x12xf32>, %state: tensor<?x4x8x12xf32>, %sums: tensor<?x4x8x1xf32>) -> tensor<?x4x?x12xf32> {
  %c2 = arith.constant 2 : index
  %n = tensor.dim %q, %c2 : tensor<?x4x?x8xf32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %ones = transformer.broadcast_to %one[%n, %n] : tensor<f32> to tensor<?x?xf32>
  %mask = transformer.trilu %ones : tensor<?x?xf32>
  %0 = transformer.unary exp %q : tensor<?x4x?x8xf32>
  %1 = transformer.unary exp %k : tensor<?x4x?x8xf32>
  %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %3 = transformer.binary mul %2, %mask : tensor<?x4x?x?xf32>, tensor<?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x12xf32>
  %5 = transformer.matmul %0, %state : tensor<?x4x?x8xf32>, tensor<?x4x8x12xf32>
  %6 = transformer.binary add %4, %5 : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %7 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<?x4x?x?xf32>
  %8 = transformer.matmul %0, %sums : tensor<?x4x?x8xf32>, tensor<?x4x8x1xf32>
  %9 = transformer.binary add %7, %8 : tensor<?x4x?x1xf32>, tensor<?x4x?x1xf32>
  %10 = transformer.unary reciprocal %9 : tensor<?x4x?x1xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, causal, with state, 14 ops}}
  %11 = transformer.binary mul %6, %10 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
  return %11 : tensor<?x4x?x12xf32>
}

// The state alone, gated with an attention: a memory.
func.func @memory(%q: tensor<?x4x?x12xf32>, %k: tensor<?x4x?x12xf32>, %v: tensor<?x4x?x12xf32>, %state: tensor<?x4x12x12xf32>, %sums: tensor<?x4x12x1xf32>, %gate: tensor<1x4x1x1xf32>, %rest: tensor<1x4x1x1xf32>) -> (tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>) {
  %0 = transformer.unary exp %q : tensor<?x4x?x12xf32>
  %1 = transformer.matmul %0, %state : tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>
  %2 = transformer.matmul %0, %sums : tensor<?x4x?x12xf32>, tensor<?x4x12x1xf32>
  %3 = transformer.binary div %1, %2 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
  %4 = transformer.attention %q, %k, %v <{scale = 2.5e-01 : f32}> : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %5 = transformer.binary mul %gate, %3 : tensor<1x4x1x1xf32>, tensor<?x4x?x12xf32>
  %6 = transformer.binary mul %rest, %4 : tensor<1x4x1x1xf32>, tensor<?x4x?x12xf32>
  // expected-remark @+1 {{compressive_memory: linear update, 10 ops}}
  %7 = transformer.binary add %5, %6 : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %8 = transformer.unary exp %k : tensor<?x4x?x12xf32>
  %9 = transformer.matmul %8, %v <{transpose_a}> : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %10 = transformer.binary add %state, %9 : tensor<?x4x12x12xf32>, tensor<?x4x12x12xf32>
  return %7, %10 : tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>
}

// The op, with its router and the shares, up to the sum with the residual.
func.func @experts(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %route = transformer.constant dense_resource<route> : tensor<16x4xf32>
  %w1 = transformer.constant dense_resource<experts1> : tensor<4x16x24xf32>
  %w2 = transformer.constant dense_resource<experts2> : tensor<4x24x16xf32>
  %s = transformer.constant dense_resource<s> : tensor<16xf32>
  %0 = transformer.rms_norm %x scale %s : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x16xf32>
  %1 = transformer.linear %0, %route : tensor<?x16xf32>, tensor<16x4xf32>
  %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<?x4xf32>
  %values, %indices = transformer.topk %2 <{axis = 1 : i64, largest = true}> : tensor<?x4xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %3 = transformer.reduce sum %values <{axes = array<i64: 1>, keepdims}> : tensor<?x2xf32>
  %4 = transformer.binary div %values, %3 : tensor<?x2xf32>, tensor<?x1xf32>
  // expected-remark @+1 {{moe: 4 experts, top 2, 6 ops}}
  %5 = transformer.moe %0, %indices, %4, %w1, %w2 <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<4x16x24xf32>, tensor<4x24x16xf32>
  %6 = transformer.binary add %x, %5 : tensor<?x16xf32>, tensor<?x16xf32>
  return %6 : tensor<?x16xf32>
}

// The op, with what makes its features.
func.func @one_op(%q: tensor<2x4x5x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %state: tensor<2x4x8x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1 = transformer.unary exp %k : tensor<2x4x5x8xf32>
  // expected-remark @+1 {{linear_attention: elementwise features, causal, with state, 3 ops}}
  %2, %s, %z = transformer.linear_attention causal %0, %1, %v state %state : tensor<2x4x8x12xf32> <{epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  return %2 : tensor<2x4x5x12xf32>
}

// The op of a memory, up to its gate.
func.func @memory_of_one_op(%q: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x12xf32>, %state: tensor<2x4x8x12xf32>, %sums: tensor<2x4x8xf32>, %gate: tensor<1x4x1x1xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary exp %q : tensor<2x4x5x8xf32>
  %1, %s, %z = transformer.linear_attention before %0, %0, %v state %state : tensor<2x4x8x12xf32> sums %sums : tensor<2x4x8xf32> <{delta, epsilon = 1.0e-03 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %2 = transformer.attention %q, %q, %v <{scale = 2.5e-01 : f32}> : tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x12xf32>
  %3 = transformer.binary mul %gate, %1 : tensor<1x4x1x1xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.binary mul %gate, %2 : tensor<1x4x1x1xf32>, tensor<2x4x5x12xf32>
  // expected-remark @+1 {{compressive_memory: delta update, 5 ops}}
  %5 = transformer.binary add %3, %4 : tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  return %5 : tensor<2x4x5x12xf32>
}
