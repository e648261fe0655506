// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s

// Repeated heads that are no groups: attention is one op and reads them repeated.

// Keys are repeated, values have all heads.
// CHECK-LABEL: func.func @only_keys(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
func.func @only_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %s = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %p = transformer.softmax %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{grouped attention stays in pieces: keys and values are not repeated alike}}
  %o = transformer.matmul %p, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %o : tensor<2x4x3x16xf32>
}

// Keys of two heads, values of one, to four of each.
// CHECK-LABEL: func.func @unequal(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
func.func @unequal(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %c1 = transformer.constant dense<0> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.gather %v, %c1 <{axis = 1 : i64}> : tensor<2x1x5x16xf32>, tensor<4xi64>
  %s = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %p = transformer.softmax %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{grouped attention stays in pieces: keys and values are not repeated alike}}
  %o = transformer.matmul %p, %1 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %o : tensor<2x4x3x16xf32>
}

// Head h is head h modulo two: by a gather and by a tile.
// CHECK-LABEL: func.func @in_turn(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
func.func @in_turn(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 1, 0, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.tile %v[] : tensor<2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %s = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %p = transformer.softmax %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{grouped attention stays in pieces: heads are repeated in turn, query head h reads head h modulo their number: no groups}}
  %o = transformer.matmul %p, %1 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %o : tensor<2x4x3x16xf32>
}

// Three queries of one head, one of the other.
// CHECK-LABEL: func.func @uneven(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
func.func @uneven(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 0, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.gather %v, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %s = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %p = transformer.softmax %s <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %o = transformer.matmul %p, %1 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %o : tensor<2x4x3x16xf32>
}
