// RUN: transom-opt --fuse-attention --simplify-views --canonicalize --cse %s | FileCheck %s

// How queries, keys and values lie before an attention.

// Heads already.
// CHECK-LABEL: func.func @four_dims(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x12xf32>) -> tensor<2x4x3x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x12xf32>
// CHECK-NEXT: }
func.func @four_dims(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x12xf32>) -> tensor<2x4x3x12xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x12xf32>
  return %2 : tensor<2x4x3x12xf32>
}

// Features split into heads, and joined after.
// CHECK-LABEL: func.func @split_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x64xf32>, %[[A1:[^:]+]]: tensor<2x5x64xf32>, %[[A2:[^:]+]]: tensor<2x5x64xf32>) -> tensor<2x3x64xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x3x64xf32> to tensor<2x3x4x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.transpose %[[V0]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A1]][] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.transpose %[[V2]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[A2]][] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.transpose %[[V4]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.attention %[[V1]], %[[V3]], %[[V5]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.transpose %[[V6]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x3x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.reshape %[[V7]][] : tensor<2x3x4x16xf32> to tensor<2x3x64xf32>
// CHECK-NEXT: return %[[V8]] : tensor<2x3x64xf32>
// CHECK-NEXT: }
func.func @split_heads(%q: tensor<2x3x64xf32>, %k: tensor<2x5x64xf32>, %v: tensor<2x5x64xf32>) -> tensor<2x3x64xf32> {
  %0 = transformer.reshape %q[] : tensor<2x3x64xf32> to tensor<2x3x4x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x16xf32>
  %2 = transformer.reshape %k[] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
  %4 = transformer.matmul %1, %3 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %5 = transformer.reshape %v[] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
  %6 = transformer.transpose %5 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
  %7 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %8 = transformer.matmul %7, %6 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %9 = transformer.transpose %8 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x3x16xf32>
  %10 = transformer.reshape %9[] : tensor<2x3x4x16xf32> to tensor<2x3x64xf32>
  return %10 : tensor<2x3x64xf32>
}

// Keys become [heads, features, rows] by one transpose.
// CHECK-LABEL: func.func @keys_transposed_at_once(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x64xf32>, %[[A1:[^:]+]]: tensor<2x5x64xf32>, %[[A2:[^:]+]]: tensor<2x5x64xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x3x64xf32> to tensor<2x3x4x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.transpose %[[V0]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A1]][] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A2]][] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.transpose %[[V3]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.transpose %[[V2]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.attention %[[V1]], %[[V5]], %[[V4]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @keys_transposed_at_once(%q: tensor<2x3x64xf32>, %k: tensor<2x5x64xf32>, %v: tensor<2x5x64xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.reshape %q[] : tensor<2x3x64xf32> to tensor<2x3x4x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x16xf32>
  %2 = transformer.reshape %k[] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<2x5x4x16xf32>
  %4 = transformer.matmul %1, %3 : tensor<2x4x3x16xf32>, tensor<2x4x16x5xf32>
  %5 = transformer.reshape %v[] : tensor<2x5x64xf32> to tensor<2x5x4x16xf32>
  %6 = transformer.transpose %5 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
  %7 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %8 = transformer.matmul %7, %6 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %8 : tensor<2x4x3x16xf32>
}

// Three dims: one head.
// CHECK-LABEL: func.func @no_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x16xf32>, %[[A1:[^:]+]]: tensor<2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x5x8xf32>) -> tensor<2x3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x3x16xf32> to tensor<2x1x3x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<2x5x16xf32> to tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<2x5x8xf32> to tensor<2x1x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] <{scale = 1.000000e+00 : f32}> : tensor<2x1x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<2x1x3x8xf32> to tensor<2x3x8xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x3x8xf32>
// CHECK-NEXT: }
func.func @no_heads(%q: tensor<2x3x16xf32>, %k: tensor<2x5x16xf32>, %v: tensor<2x5x8xf32>) -> tensor<2x3x8xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x3x16xf32>, tensor<2x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 2 : i64}> : tensor<2x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x3x5xf32>, tensor<2x5x8xf32>
  return %2 : tensor<2x3x8xf32>
}

// Two dims: one head, no batch.
// CHECK-LABEL: func.func @matrices(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x16xf32>, %[[A1:[^:]+]]: tensor<5x16xf32>, %[[A2:[^:]+]]: tensor<5x8xf32>) -> tensor<3x8xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<3x16xf32> to tensor<1x1x3x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<5x16xf32> to tensor<1x1x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<5x8xf32> to tensor<1x1x5x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] <{scale = 1.000000e+00 : f32}> : tensor<1x1x3x16xf32>, tensor<1x1x5x16xf32>, tensor<1x1x5x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<1x1x3x8xf32> to tensor<3x8xf32>
// CHECK-NEXT: return %[[V4]] : tensor<3x8xf32>
// CHECK-NEXT: }
func.func @matrices(%q: tensor<3x16xf32>, %k: tensor<5x16xf32>, %v: tensor<5x8xf32>) -> tensor<3x8xf32> {
  %0 = transformer.transpose %k <{perm = array<i64: 1, 0>}> : tensor<5x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<3x16xf32>, tensor<16x5xf32>
  %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<3x5xf32>, tensor<5x8xf32>
  return %3 : tensor<3x8xf32>
}

// Batch and heads in one dim (torch's bmm), as three dims all the way.
// CHECK-LABEL: func.func @merged_batch_and_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x3x16xf32>, %[[A1:[^:]+]]: tensor<8x5x16xf32>, %[[A2:[^:]+]]: tensor<8x5x16xf32>) -> tensor<8x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<8x3x16xf32> to tensor<8x1x3x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<8x5x16xf32> to tensor<8x1x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<8x5x16xf32> to tensor<8x1x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] <{scale = 1.000000e+00 : f32}> : tensor<8x1x3x16xf32>, tensor<8x1x5x16xf32>, tensor<8x1x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<8x1x3x16xf32> to tensor<8x3x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<8x3x16xf32>
// CHECK-NEXT: }
func.func @merged_batch_and_heads(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>) -> tensor<8x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 2 : i64}> : tensor<8x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<8x3x5xf32>, tensor<8x5x16xf32>
  return %2 : tensor<8x3x16xf32>
}

// Merged for the products, four dims for the mask.
// CHECK-LABEL: func.func @scores_unmerged(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<8x3x16xf32>, %[[A1:[^:]+]]: tensor<8x5x16xf32>, %[[A2:[^:]+]]: tensor<8x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xf32>) -> tensor<8x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<8x3x16xf32> to tensor<2x4x3x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<8x5x16xf32> to tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<8x5x16xf32> to tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] bias %[[A3]] : tensor<2x1x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<2x4x3x16xf32> to tensor<8x3x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<8x3x16xf32>
// CHECK-NEXT: }
func.func @scores_unmerged(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<8x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x5xf32> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.reshape %3[] : tensor<2x4x3x5xf32> to tensor<8x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<8x3x5xf32>, tensor<8x5x16xf32>
  return %5 : tensor<8x3x16xf32>
}

// One head of keys and values for all queries, by broadcasting.
// CHECK-LABEL: func.func @one_head_of_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x1x5x16xf32>, %[[A2:[^:]+]]: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @one_head_of_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x1x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Multi-query: queries of all heads under each other.
// CHECK-LABEL: func.func @queries_of_all_heads_as_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xf32>) -> tensor<2x12x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A1]][] : tensor<2x5x16xf32> to tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A2]][] : tensor<2x5x16xf32> to tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[V0]], %[[V1]] bias %[[A3]] : tensor<2x1x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<2x4x3x16xf32> to tensor<2x12x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x12x16xf32>
// CHECK-NEXT: }
func.func @queries_of_all_heads_as_rows(%q: tensor<2x4x3x16xf32>, %k: tensor<2x5x16xf32>, %v: tensor<2x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<2x12x16xf32> {
  %0 = transformer.reshape %q[] : tensor<2x4x3x16xf32> to tensor<2x12x16xf32>
  %1 = transformer.matmul %0, %k <{transpose_b}> : tensor<2x12x16xf32>, tensor<2x5x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x12x5xf32> to tensor<2x4x3x5xf32>
  %3 = transformer.binary add %2, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.reshape %4[] : tensor<2x4x3x5xf32> to tensor<2x12x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x12x5xf32>, tensor<2x5x16xf32>
  return %6 : tensor<2x12x16xf32>
}

// Grouped queries as a dim of their own.
// CHECK-LABEL: func.func @groups_as_a_dim(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x2x3x5x16xf32>, %[[A1:[^:]+]]: tensor<2x2x1x6x16xf32>, %[[A2:[^:]+]]: tensor<2x2x1x6x16xf32>) -> tensor<2x2x3x5x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x2x3x5x16xf32> to tensor<2x6x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<2x2x1x6x16xf32> to tensor<2x2x6x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<2x2x1x6x16xf32> to tensor<2x2x6x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] <{scale = 1.000000e+00 : f32}> : tensor<2x6x5x16xf32>, tensor<2x2x6x16xf32>, tensor<2x2x6x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<2x6x5x16xf32> to tensor<2x2x3x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x2x3x5x16xf32>
// CHECK-NEXT: }
func.func @groups_as_a_dim(%q: tensor<2x2x3x5x16xf32>, %k: tensor<2x2x1x6x16xf32>, %v: tensor<2x2x1x6x16xf32>) -> tensor<2x2x3x5x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x2x3x5x16xf32>, tensor<2x2x1x6x16xf32>
  %1 = transformer.softmax %0 <{axis = 4 : i64}> : tensor<2x2x3x5x6xf32>
  %2 = transformer.matmul %1, %v : tensor<2x2x3x5x6xf32>, tensor<2x2x1x6x16xf32>
  return %2 : tensor<2x2x3x5x16xf32>
}

// Blocks of a local attention beside the heads.
// CHECK-LABEL: func.func @blocks(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x5x16xf32>, %[[A1:[^:]+]]: tensor<2x4x3x7x16xf32>, %[[A2:[^:]+]]: tensor<2x4x3x7x16xf32>) -> tensor<2x4x3x5x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x4x3x5x16xf32> to tensor<2x12x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<2x4x3x7x16xf32> to tensor<2x12x7x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<2x4x3x7x16xf32> to tensor<2x12x7x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] <{scale = 1.000000e+00 : f32}> : tensor<2x12x5x16xf32>, tensor<2x12x7x16xf32>, tensor<2x12x7x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<2x12x5x16xf32> to tensor<2x4x3x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x5x16xf32>
// CHECK-NEXT: }
func.func @blocks(%q: tensor<2x4x3x5x16xf32>, %k: tensor<2x4x3x7x16xf32>, %v: tensor<2x4x3x7x16xf32>) -> tensor<2x4x3x5x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x5x16xf32>, tensor<2x4x3x7x16xf32>
  %1 = transformer.softmax %0 <{axis = 4 : i64}> : tensor<2x4x3x5x7xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5x7xf32>, tensor<2x4x3x7x16xf32>
  return %2 : tensor<2x4x3x5x16xf32>
}

// With a mask per block.
// CHECK-LABEL: func.func @blocks_masked(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x5x16xf32>, %[[A1:[^:]+]]: tensor<2x4x3x7x16xf32>, %[[A2:[^:]+]]: tensor<2x4x3x7x16xf32>, %[[A3:[^:]+]]: tensor<3x1x7xf32>) -> tensor<2x4x3x5x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<2x4x3x5x16xf32> to tensor<2x12x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[A1]][] : tensor<2x4x3x7x16xf32> to tensor<2x12x7x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<2x4x3x7x16xf32> to tensor<2x12x7x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A3]][] : tensor<3x1x7xf32> to tensor<1x1x3x1x7xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V3]][] : tensor<1x1x3x1x7xf32> to tensor<1x4x3x1x7xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<1x4x3x1x7xf32> to tensor<1x12x1x7xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.attention %[[V0]], %[[V1]], %[[V2]] bias %[[V5]] : tensor<1x12x1x7xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x12x5x16xf32>, tensor<2x12x7x16xf32>, tensor<2x12x7x16xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.reshape %[[V6]][] : tensor<2x12x5x16xf32> to tensor<2x4x3x5x16xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4x3x5x16xf32>
// CHECK-NEXT: }
func.func @blocks_masked(%q: tensor<2x4x3x5x16xf32>, %k: tensor<2x4x3x7x16xf32>, %v: tensor<2x4x3x7x16xf32>, %m: tensor<3x1x7xf32>) -> tensor<2x4x3x5x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x5x16xf32>, tensor<2x4x3x7x16xf32>
  %1 = transformer.binary add %0, %m : tensor<2x4x3x5x7xf32>, tensor<3x1x7xf32>
  %2 = transformer.softmax %1 <{axis = 4 : i64}> : tensor<2x4x3x5x7xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5x7xf32>, tensor<2x4x3x7x16xf32>
  return %3 : tensor<2x4x3x5x16xf32>
}

// Values that lie transposed.
// CHECK-LABEL: func.func @values_by_the_flag(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x12x5xf32>) -> tensor<2x4x3x12xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A2]] <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x12x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[V0]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x12xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x12xf32>
// CHECK-NEXT: }
func.func @values_by_the_flag(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x12x5xf32>) -> tensor<2x4x3x12xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v <{transpose_b}> : tensor<2x4x3x5xf32>, tensor<2x4x12x5xf32>
  return %2 : tensor<2x4x3x12xf32>
}

// Queries that lie transposed.
// CHECK-LABEL: func.func @queries_by_the_flag(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x16x3xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A0]] <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x4x16x3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[V0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @queries_by_the_flag(%q: tensor<2x4x16x3xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_a, transpose_b}> : tensor<2x4x16x3xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// One value for all three.
// CHECK-LABEL: func.func @self(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A0]], %[[A0]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @self(%q: tensor<2x4x3x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %q <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x3xf32>
  %2 = transformer.matmul %1, %q : tensor<2x4x3x3xf32>, tensor<2x4x3x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Keys and values of one batch for all queries.
// CHECK-LABEL: func.func @one_batch_of_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<1x4x5x16xf32>, %[[A2:[^:]+]]: tensor<1x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<1x4x5x16xf32>, tensor<1x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @one_batch_of_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<1x4x5x16xf32>, %v: tensor<1x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<1x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<1x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}
