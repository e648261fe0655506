// RUN: transom-opt --fuse-attention --canonicalize %s | FileCheck %s

// Attention whose scores lie in another order than [batch, heads, queries, keys].

// Scores of keys by queries, the softmax along keys, values times probabilities.
// CHECK-LABEL: func.func @keys_first(
// CHECK: transformer.attention %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}} <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NOT: transformer.softmax
// CHECK: return
func.func @keys_first(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x16x3xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %k, %q <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x4x5x3xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 2 : i64}> : tensor<2x4x5x3xf32>
  %3 = transformer.matmul %v, %2 <{transpose_a}> : tensor<2x4x5x16xf32>, tensor<2x4x5x3xf32>
  return %3 : tensor<2x4x16x3xf32>
}

// The same with a mask of keys by queries.
// CHECK-LABEL: func.func @keys_first_masked(
// CHECK: %[[M:.+]] = transformer.transpose %{{.+}} <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x1x5x3xf32>
// CHECK: transformer.attention %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}} bias %[[M]] : tensor<2x1x3x5xf32> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NOT: transformer.softmax
// CHECK: return
func.func @keys_first_masked(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x5x3xf32>) -> tensor<2x4x16x3xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %k, %q <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x4x5x3xf32>, tensor<f32>
  %2 = transformer.binary add %1, %m : tensor<2x4x5x3xf32>, tensor<2x1x5x3xf32>
  %3 = transformer.softmax %2 <{axis = 2 : i64}> : tensor<2x4x5x3xf32>
  %4 = transformer.matmul %v, %3 <{transpose_a}> : tensor<2x4x5x16xf32>, tensor<2x4x5x3xf32>
  return %4 : tensor<2x4x16x3xf32>
}

// Scores of keys by queries are turned before the softmax.
// CHECK-LABEL: func.func @turned_back(
// CHECK: transformer.attention %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}} <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NOT: transformer.softmax
// CHECK: return
func.func @turned_back(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %k, %q <{transpose_b}> : tensor<2x4x5x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x5x3xf32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.matmul %3, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %4 : tensor<2x4x3x16xf32>
}

// Einsum 'bqhd,bkhd->bqhk': heads stand after queries around the softmax.
// CHECK-LABEL: func.func @heads_after_queries(
// CHECK: transformer.attention %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}} <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NOT: transformer.softmax
// CHECK: return
func.func @heads_after_queries(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x3x5xf32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x3x4x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x3x4x5xf32>
  %4 = transformer.transpose %3 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// The same with a mask that has its heads there too.
// CHECK-LABEL: func.func @heads_after_queries_masked(
// CHECK: %[[M:.+]] = transformer.transpose %{{.+}} <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x1x5xi1>
// CHECK: transformer.attention %{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}} mask %[[M]] : tensor<2x1x3x5xi1> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NOT: transformer.softmax
// CHECK: return
func.func @heads_after_queries_masked(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x3x1x5xi1>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %c1 = transformer.constant dense<0xFF800000> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x3x5xf32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x3x4x5xf32>, tensor<f32>
  %3 = transformer.select %m, %2, %c1 : tensor<2x3x1x5xi1>, tensor<2x3x4x5xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x3x4x5xf32>
  %5 = transformer.transpose %4 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// Einsum 'bqhgd,bkhd->bhgqk': queries of a group are rows of one product.
// CHECK-LABEL: func.func @grouped_rows(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} bias %{{.+}} : tensor<2x1x3x5xf32> <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NOT: transformer.softmax
// CHECK: return
func.func @grouped_rows(%q: tensor<2x2x6x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>, %m: tensor<2x1x1x3x5xf32>) -> tensor<2x2x6x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x2x6x16xf32>, tensor<2x2x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<2x2x6x5xf32> to tensor<2x2x2x3x5xf32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x2x2x3x5xf32>, tensor<f32>
  %3 = transformer.binary add %2, %m : tensor<2x2x2x3x5xf32>, tensor<2x1x1x3x5xf32>
  %4 = transformer.softmax %3 <{axis = 4 : i64}> : tensor<2x2x2x3x5xf32>
  %5 = transformer.reshape %4[] : tensor<2x2x2x3x5xf32> to tensor<2x2x6x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x2x6x5xf32>, tensor<2x2x5x16xf32>
  return %6 : tensor<2x2x6x16xf32>
}
