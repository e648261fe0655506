// RUN: transom-opt --find-blocks -verify-diagnostics %s

// What is no linear attention and no mixture of experts: nothing is said.

// Never divided.
func.func @no_denominator(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
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
  return %10 : tensor<2x4x5x12xf32>
}

// Queries and keys without features.
func.func @plain_products(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %1 = transformer.matmul %0, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %2 = transformer.matmul %q, %1 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %3 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %4 = transformer.reduce sum %3 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %5 = transformer.matmul %q, %4 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %6 = transformer.binary div %2, %5 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %6 : tensor<2x4x5x12xf32>
}

// The denominator sums other features.
func.func @features_of_values_below(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
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
  %11 = transformer.compare gt %v, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %12 = transformer.binary add %v, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %13 = transformer.unary exp %v : tensor<2x4x5x12xf32>
  %14 = transformer.select %11, %12, %13 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %15 = transformer.compare gt %k, %c0 : tensor<2x4x5x12xf32>, tensor<f32>
  %16 = transformer.binary add %k, %c1 : tensor<2x4x5x12xf32>, tensor<f32>
  %17 = transformer.unary exp %k : tensor<2x4x5x12xf32>
  %18 = transformer.select %15, %16, %17 : tensor<2x4x5x12xi1>, tensor<2x4x5x12xf32>, tensor<2x4x5x12xf32>
  %19 = transformer.transpose %18 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %20 = transformer.reduce sum %19 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %21 = transformer.matmul %14, %20 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %22 = transformer.binary div %10, %21 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %22 : tensor<2x4x5x12xf32>
}

// tanh is no feature map.
func.func @tanh_features(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
  %0 = transformer.unary tanh %q : tensor<2x4x5x12xf32>
  %1 = transformer.unary tanh %k : tensor<2x4x5x12xf32>
  %2 = transformer.transpose %1 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x12xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x12x5xf32>, tensor<2x4x5x12xf32>
  %4 = transformer.matmul %0, %3 : tensor<2x4x5x12xf32>, tensor<2x4x12x12xf32>
  %5 = transformer.reduce sum %2 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %6 = transformer.matmul %0, %5 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %7 = transformer.binary div %4, %6 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %7 : tensor<2x4x5x12xf32>
}

// Divided by the largest, not by the sum.
func.func @largest_below(%q: tensor<2x4x5x12xf32>, %k: tensor<2x4x5x12xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x5x12xf32> {
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
  %11 = transformer.reduce max %8 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x12x5xf32>
  %12 = transformer.matmul %3, %11 : tensor<2x4x5x12xf32>, tensor<2x4x12x1xf32>
  %13 = transformer.binary div %10, %12 : tensor<2x4x5x12xf32>, tensor<2x4x5x1xf32>
  return %13 : tensor<2x4x5x12xf32>
}

// A choice between classes that weighs nothing.
func.func @two_classes(%x: tensor<6x16xf32>) -> tensor<6xi64> {
  %head = transformer.constant dense_resource<head> : tensor<16x2xf32>
  %0 = transformer.linear %x, %head : tensor<6x16xf32>, tensor<16x2xf32>
  %1 = transformer.arg_reduce max %0 <{axis = 1 : i64}> : tensor<6x2xf32>
  return %1 : tensor<6xi64>
}

// Experts in pieces are no block: what stopped them is a near miss of fuse-experts.
func.func @in_pieces(%x: tensor<6x16xf32>) -> tensor<6x16xf32> {
  %head = transformer.constant dense_resource<head> : tensor<16x4xf32>
  %0 = transformer.linear %x, %head : tensor<6x16xf32>, tensor<16x4xf32>
  %1 = transformer.arg_reduce max %0 <{axis = 1 : i64, keepdims}> : tensor<6x4xf32>
  %2 = transformer.cast %1 : tensor<6x1xi64> to tensor<6x1xf32>
  %up = transformer.constant dense_resource<up> : tensor<16x16xf32>
  %3 = transformer.matmul %x, %up : tensor<6x16xf32>, tensor<16x16xf32>
  %4 = transformer.binary mul %3, %2 : tensor<6x16xf32>, tensor<6x1xf32>
  return %4 : tensor<6x16xf32>
}
