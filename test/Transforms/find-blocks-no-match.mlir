// RUN: transom-opt --find-blocks -verify-diagnostics %s

// A softmax written out: exp of the scores, not of queries and keys.
func.func @softmax_written_out(%q: tensor<?x4x?x12xf32>, %k: tensor<?x4x?x12xf32>, %v: tensor<?x4x?x12xf32>) -> tensor<?x4x?x12xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
  %1 = transformer.unary exp %0 : tensor<?x4x?x?xf32>
  %2 = transformer.matmul %1, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x12xf32>
  %3 = transformer.reduce sum %1 <{axes = array<i64: 3>, keepdims}> : tensor<?x4x?x?xf32>
  %4 = transformer.binary div %2, %3 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
  return %4 : tensor<?x4x?x12xf32>
}

// Normalised by the features of something else.
func.func @other_features(%q: tensor<?x4x?x12xf32>, %p: tensor<?x4x?x12xf32>, %state: tensor<?x4x12x12xf32>, %k: tensor<?x4x12x1xf32>) -> tensor<?x4x?x12xf32> {
  %0 = transformer.unary exp %q : tensor<?x4x?x12xf32>
  %1 = transformer.unary exp %p : tensor<?x4x?x12xf32>
  %2 = transformer.unary exp %k : tensor<?x4x12x1xf32>
  %3 = transformer.binary mul %state, %2 : tensor<?x4x12x12xf32>, tensor<?x4x12x1xf32>
  %4 = transformer.matmul %0, %3 : tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>
  %5 = transformer.matmul %1, %2 : tensor<?x4x?x12xf32>, tensor<?x4x12x1xf32>
  %6 = transformer.binary div %4, %5 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
  return %6 : tensor<?x4x?x12xf32>
}

// A memory that no attention is mixed with.
func.func @no_gate(%q: tensor<?x4x?x12xf32>, %state: tensor<?x4x12x12xf32>, %sums: tensor<?x4x12x1xf32>) -> tensor<?x4x?x12xf32> {
  %0 = transformer.unary exp %q : tensor<?x4x?x12xf32>
  %1 = transformer.matmul %0, %state : tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>
  %2 = transformer.matmul %0, %sums : tensor<?x4x?x12xf32>, tensor<?x4x12x1xf32>
  %3 = transformer.binary div %1, %2 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
  return %3 : tensor<?x4x?x12xf32>
}

// The most likely token: a choice that goes nowhere.
func.func @greedy(%x: tensor<?x16xf32>) -> tensor<?xi64> {
  %w = transformer.constant dense_resource<head> : tensor<16x101xf32>
  %0 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<16x101xf32>
  %1 = transformer.arg_reduce max %0 <{axis = 1 : i64}> : tensor<?x101xf32>
  return %1 : tensor<?xi64>
}
