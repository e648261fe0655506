// RUN: transom-opt --fuse-attention --simplify-views --canonicalize --cse %s | FileCheck %s

// Where the scale of an attention stands.

// The scores times a quarter.
// CHECK-LABEL: func.func @scale_on_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @scale_on_scores(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4x?x?xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// The number on the left.
// CHECK-LABEL: func.func @scale_left_of_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @scale_left_of_scores(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %c0, %1 : tensor<f32>, tensor<?x4x?x?xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// The scores over four.
// CHECK-LABEL: func.func @scores_divided(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @scores_divided(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<4.0> : tensor<f32>
  %2 = transformer.binary div %1, %c0 : tensor<?x4x?x?xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// Over a vector of one.
// CHECK-LABEL: func.func @scores_divided_by_a_vector_of_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @scores_divided_by_a_vector_of_one(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<4.0> : tensor<1xf32>
  %2 = transformer.binary div %1, %c0 : tensor<?x4x?x?xf32>, tensor<1xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// The queries times a quarter.
// CHECK-LABEL: func.func @queries_scaled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @queries_scaled(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.binary mul %q, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %1 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %2 = transformer.matmul %0, %1 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// The queries over four.
// CHECK-LABEL: func.func @queries_divided(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @queries_divided(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %c0 = transformer.constant dense<4.0> : tensor<f32>
  %0 = transformer.binary div %q, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %1 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %2 = transformer.matmul %0, %1 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// The keys times a quarter.
// CHECK-LABEL: func.func @keys_scaled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @keys_scaled(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.binary mul %c0, %k : tensor<f32>, tensor<?x4x?x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %2 = transformer.matmul %q, %1 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %4 : tensor<?x4x?x16xf32>
}

// The keys scaled after their transpose.
// CHECK-LABEL: func.func @transposed_keys_scaled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @transposed_keys_scaled(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %2 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %3 = transformer.binary mul %2, %c0 : tensor<?x4x16x?xf32>, tensor<f32>
  %4 = transformer.matmul %q, %3 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %6 = transformer.matmul %5, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %6 : tensor<?x4x?x16xf32>
}

// The root of the scale on queries and keys.
// CHECK-LABEL: func.func @both_scaled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @both_scaled(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %q, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %1 = transformer.binary mul %k, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %2 = transformer.transpose %1 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %3 = transformer.matmul %0, %2 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}

// Queries and keys over its root.
// CHECK-LABEL: func.func @both_divided(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @both_divided(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary div %q, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %1 = transformer.binary div %k, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %2 = transformer.transpose %1 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %3 = transformer.matmul %0, %2 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}

// Two numbers on the scores.
// CHECK-LABEL: func.func @scaled_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @scaled_twice(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<8.0> : tensor<f32>
  %2 = transformer.binary div %1, %c0 : tensor<?x4x?x?xf32>, tensor<f32>
  %c1 = transformer.constant dense<2.0> : tensor<f32>
  %3 = transformer.binary mul %2, %c1 : tensor<?x4x?x?xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}

// One on the queries, one on the scores.
// CHECK-LABEL: func.func @scaled_in_two_places(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @scaled_in_two_places(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %2 = transformer.binary mul %q, %c0 : tensor<?x4x?x16xf32>, tensor<f32>
  %3 = transformer.matmul %2, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %4 = transformer.binary mul %3, %c0 : tensor<?x4x?x?xf32>, tensor<f32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %6 = transformer.matmul %5, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %6 : tensor<?x4x?x16xf32>
}

// Times minus a quarter, negated.
// CHECK-LABEL: func.func @negated_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @negated_twice(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %c0 = transformer.constant dense<-0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4x?x?xf32>, tensor<f32>
  %3 = transformer.unary neg %2 : tensor<?x4x?x?xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}

// None.
// CHECK-LABEL: func.func @no_scale(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @no_scale(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %3 = transformer.matmul %2, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %3 : tensor<?x4x?x16xf32>
}

// Keys read transposed by the product.
// CHECK-LABEL: func.func @keys_by_the_flag(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x4x?x16xf32>, %[[A2:[^:]+]]: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @keys_by_the_flag(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<?x4x?x?xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %3 = transformer.matmul %2, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %3 : tensor<?x4x?x16xf32>
}

// f16.
// CHECK-LABEL: func.func @in_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf16>, %[[A1:[^:]+]]: tensor<?x4x?x16xf16>, %[[A2:[^:]+]]: tensor<?x4x?x16xf16>) -> tensor<?x4x?x16xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xf16>, tensor<?x4x?x16xf16>, tensor<?x4x?x16xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xf16>
// CHECK-NEXT: }
func.func @in_f16(%q: tensor<?x4x?x16xf16>, %k: tensor<?x4x?x16xf16>, %v: tensor<?x4x?x16xf16>) -> tensor<?x4x?x16xf16> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf16>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf16>, tensor<?x4x16x?xf16>
  %c0 = transformer.constant dense<0.25> : tensor<f16>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4x?x?xf16>, tensor<f16>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf16>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf16>, tensor<?x4x?x16xf16>
  return %4 : tensor<?x4x?x16xf16>
}

// bf16.
// CHECK-LABEL: func.func @in_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xbf16>, %[[A1:[^:]+]]: tensor<?x4x?x16xbf16>, %[[A2:[^:]+]]: tensor<?x4x?x16xbf16>) -> tensor<?x4x?x16xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<?x4x?x16xbf16>, tensor<?x4x?x16xbf16>, tensor<?x4x?x16xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4x?x16xbf16>
// CHECK-NEXT: }
func.func @in_bf16(%q: tensor<?x4x?x16xbf16>, %k: tensor<?x4x?x16xbf16>, %v: tensor<?x4x?x16xbf16>) -> tensor<?x4x?x16xbf16> {
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xbf16>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xbf16>, tensor<?x4x16x?xbf16>
  %c0 = transformer.constant dense<0.25> : tensor<bf16>
  %2 = transformer.binary mul %1, %c0 : tensor<?x4x?x?xbf16>, tensor<bf16>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xbf16>
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xbf16>, tensor<?x4x?x16xbf16>
  return %4 : tensor<?x4x?x16xbf16>
}
