// RUN: transom-opt --convert-mha-to-gqa="remarks" --canonicalize %s 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=SAID < %t

// SAID: remark: 2 key/value heads become 1: {0, 1}, residual of keys 0.0e+00, of values 0.0e+00

// Equal heads: queries and outputs stay.
// CHECK-LABEL: func.func @equal
// CHECK-DAG: %[[WV:.*]] = transformer.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00], [2.000000e+00, 1.000000e+00], [1.000000e+00, 0.000000e+00], [4.000000e+00, 2.000000e+00]]> : tensor<4x2xf32>
// CHECK-DAG: %[[WK:.*]] = transformer.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00], [2.000000e+00, 0.000000e+00], [3.000000e+00, 1.000000e+00], [5.000000e+00, 1.000000e+00]]> : tensor<4x2xf32>
// CHECK-DAG: %[[WQ:.*]] = transformer.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00], [5.0
// CHECK-DAG: %[[Q:.*]] = transformer.linear %arg0, %[[WQ]]
// CHECK-DAG: %[[K:.*]] = transformer.linear %arg0, %[[WK]]
// CHECK-DAG: %[[V:.*]] = transformer.linear %arg0, %[[WV]]
// CHECK-DAG: transformer.reshape %[[Q]][%arg1, %arg2] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
// CHECK-DAG: transformer.reshape %[[K]][%arg1, %arg2] : tensor<?x?x2xf32> to tensor<?x?x1x2xf32>
// CHECK: transformer.attention {{.*}} : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
// CHECK: transformer.linear {{.*}} : tensor<?x?x4xf32>, tensor<4x4xf32>
func.func @equal(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 1.0, 2.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 3.0, 1.0], [5.0, 1.0, 5.0, 1.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0], [4.0, 2.0, 4.0, 2.0]]> : tensor<4x4xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %k0 = transformer.linear %x, %wk : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf32>, tensor<4x4xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

// K1 = [1 1; 0 2] K0 and V1 = [2 0; 1 1] V0: Q1 becomes [1 0; 1 2] Q1, O1 becomes O1 [2 0; 1 1].
// SAID: remark: 2 key/value heads become 1: {0, 1}

// CHECK-LABEL: func.func @any_map
// CHECK-DAG: dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 1.100000e+01], [5.000000e+00, 6.000000e+00, 7.000000e+00, 2.300000e+01], [2.000000e+00, 4.000000e+00, 6.000000e+00, 2.200000e+01], [1.000000e+00, 3.000000e+00, 5.000000e+00, 1.900000e+01]]>
// CHECK-DAG: dense<{{\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00], [5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00], [3.100000e+01, 3.400000e+01, 3.700000e+01, 4.000000e+01], [1.300000e+01, 1.400000e+01, 1.500000e+01, 1.600000e+01]]>
// CHECK: transformer.attention {{.*}} : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
func.func @any_map(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 4.0, 2.0], [5.0, 1.0, 6.0, 2.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 2.0, 4.0], [2.0, 1.0, 4.0, 3.0], [1.0, 0.0, 2.0, 1.0], [4.0, 2.0, 8.0, 6.0]]> : tensor<4x4xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %k0 = transformer.linear %x, %wk : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf32>, tensor<4x4xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

// K1 = i K0 commutes with rotations: Q1 becomes -i Q1, its halves (4, -3) for (3, 4).
// SAID: remark: 2 key/value heads become 1: {0, 1}

// CHECK-LABEL: func.func @quarter_turn
// CHECK-DAG: dense<{{\[\[}}1.000000e+00, 2.000000e+00, 4.000000e+00, -3.000000e+00], [5.000000e+00, 6.000000e+00, 8.000000e+00, -7.000000e+00], [2.000000e+00, 4.000000e+00, 8.000000e+00, -6.000000e+00], [1.000000e+00, 3.000000e+00, 7.000000e+00, -5.000000e+00]]>
// CHECK: %[[K:.*]] = transformer.rope {{.*}} : tensor<?x1x?x2xf32>, tensor<?x1x?x1xf32>, tensor<?x1x?x1xf32>
// CHECK: transformer.attention %{{.*}}, %[[K]], {{.*}} : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
func.func @quarter_turn(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x1x?x1xf32>, %sin: tensor<?x1x?x1xf32>) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, -2.0, 1.0], [2.0, 0.0, 0.0, 2.0], [3.0, 1.0, -1.0, 3.0], [5.0, 1.0, -1.0, 5.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0], [4.0, 2.0, 4.0, 2.0]]> : tensor<4x4xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %k0 = transformer.linear %x, %wk : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf32>, tensor<4x4xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %q3 = transformer.rope %q2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x1x?x1xf32>, tensor<?x1x?x1xf32>
  %k3 = transformer.rope %k2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x1x?x1xf32>, tensor<?x1x?x1xf32>
  %a = transformer.attention %q3, %k3, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

// Heads 0 and 2 are equal, heads 1 and 3: query heads come as 0, 2, 1, 3, and so do rows of the output's weight and slopes.
// SAID: remark: 4 key/value heads become 2: {0, 2} {1, 3}

// CHECK-LABEL: func.func @not_neighbours
// CHECK-DAG: %[[ORDER:.*]] = transformer.constant dense<[0, 2, 1, 3]> : tensor<4xi64>
// CHECK-DAG: dense<{{\[\[}}1.000000e+00, 2.000000e+00, 5.000000e+00, 6.000000e+00, 3.000000e+00, 4.000000e+00, 7.000000e+00, 8.000000e+00], [8.0
// CHECK-DAG: dense<{{\[\[}}1.000000e+00, 1.000000e+00, 1.000000e+00, 1.000000e+00], [2.000000e+00, {{.*}}], [5.000000e+00, {{.*}}], [6.000000e+00, {{.*}}], [3.000000e+00, {{.*}}], [4.000000e+00, {{.*}}], [7.000000e+00, {{.*}}], [8.0
// CHECK-DAG: %[[BIAS:.*]] = transformer.gather %arg4, %[[ORDER]] <{axis = 1 : i64}>
// CHECK-DAG: %[[SLOPES:.*]] = transformer.gather %arg3, %[[ORDER]] <{axis = 0 : i64}>
// CHECK: transformer.attention {{.*}} bias %[[BIAS]] : tensor<?x4x?x?xf32> mask %arg5 : tensor<?x1x?x?xi1> slopes %[[SLOPES]] {{.*}} : tensor<?x4x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
func.func @not_neighbours(%x: tensor<?x?x4xf32>, %b: index, %s: index, %slopes: tensor<4xf32>, %bias: tensor<?x4x?x?xf32>, %mask: tensor<?x1x?x?xi1>) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]]> : tensor<4x8xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 4.0, 2.0, 1.0, 2.0, 4.0, 2.0], [2.0, 0.0, 1.0, 7.0, 2.0, 0.0, 1.0, 7.0], [3.0, 1.0, 3.0, 3.0, 3.0, 1.0, 3.0, 3.0], [5.0, 1.0, 9.0, 5.0, 5.0, 1.0, 9.0, 5.0]]> : tensor<4x8xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 4.0, 2.0, 1.0, 3.0, 4.0, 2.0], [2.0, 1.0, 1.0, 7.0, 2.0, 1.0, 1.0, 7.0], [1.0, 0.0, 3.0, 3.0, 1.0, 0.0, 3.0, 3.0], [4.0, 2.0, 9.0, 5.0, 4.0, 2.0, 9.0, 5.0]]> : tensor<4x8xf32>
  %wo = transformer.constant dense<[[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0], [3.0, 3.0, 3.0, 3.0], [4.0, 4.0, 4.0, 4.0], [5.0, 5.0, 5.0, 5.0], [6.0, 6.0, 6.0, 6.0], [7.0, 7.0, 7.0, 7.0], [8.0, 8.0, 8.0, 8.0]]> : tensor<8x4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x8xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x8xf32> to tensor<?x?x4x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x2xf32>
  %k0 = transformer.linear %x, %wk : tensor<?x?x4xf32>, tensor<4x8xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x8xf32> to tensor<?x?x4x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x2xf32>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf32>, tensor<4x8xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x8xf32> to tensor<?x?x4x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x2xf32>
  %a = transformer.attention %q2, %k2, %v2 bias %bias : tensor<?x4x?x?xf32> mask %mask : tensor<?x1x?x?xi1> slopes %slopes : tensor<4xf32> <{scale = 1.0 : f32}> : tensor<?x4x?x2xf32>, tensor<?x4x?x2xf32>, tensor<?x4x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x4x2xf32> to tensor<?x?x8xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x8xf32>, tensor<8x4xf32>
  return %y : tensor<?x?x4xf32>
}

// Without positions a key's own vector moves all scores of a query alike, which the softmax takes out.
// SAID: remark: 2 key/value heads become 1: {0, 1}

// CHECK-LABEL: func.func @biases_differ
// CHECK-DAG: dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK: transformer.attention {{.*}} : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
func.func @biases_differ(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 1.0, 2.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 3.0, 1.0], [5.0, 1.0, 5.0, 1.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0], [4.0, 2.0, 4.0, 2.0]]> : tensor<4x4xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf32>
  %bk = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %k0 = transformer.linear %x, %wk bias %bk : tensor<4xf32> : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf32>, tensor<4x4xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

// One product for all three, queries, keys and values of a head side by side.
// SAID: remark: 2 key/value heads become 1: {0, 1}
// CHECK-LABEL: func.func @packed
// CHECK-DAG: %[[WK:.*]] = transformer.constant dense<{{\[\[}}3.000000e+00, 4.000000e+00], [1.000000e+00, 2.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG: %[[WV:.*]] = transformer.constant dense<{{\[\[}}5.000000e+00, 6.000000e+00], [7.000000e+00, 8.000000e+00]]> : tensor<2x2xf32>
// CHECK-DAG: %[[WQ:.*]] = transformer.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00, 7.000000e+00, 8.000000e+00], [3.000000e+00, 4.000000e+00, 9.000000e+00, 1.000000e+00]]> : tensor<2x4xf32>
// CHECK-DAG: transformer.linear %arg0, %[[WQ]]
// CHECK-DAG: transformer.linear %arg0, %[[WK]]
// CHECK-DAG: transformer.linear %arg0, %[[WV]]
// CHECK-NOT: transformer.slice
// CHECK: transformer.attention {{.*}} : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
func.func @packed(%x: tensor<?x?x2xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %w = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 3.0, 4.0, 5.0, 6.0], [3.0, 4.0, 1.0, 2.0, 7.0, 8.0, 9.0, 1.0, 1.0, 2.0, 7.0, 8.0]]> : tensor<2x12xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<4x4xf32>
  %p = transformer.linear %x, %w : tensor<?x?x2xf32>, tensor<2x12xf32>
  %p1 = transformer.reshape %p[%b, %s] : tensor<?x?x12xf32> to tensor<?x?x2x3x2xf32>
  %q0 = transformer.slice %p1[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x2x3x2xf32> to tensor<?x?x2x1x2xf32>
  %k0 = transformer.slice %p1[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 1, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x2x3x2xf32> to tensor<?x?x2x1x2xf32>
  %v0 = transformer.slice %p1[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x2x3x2xf32> to tensor<?x?x2x1x2xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x2x1x2xf32> to tensor<?x?x2x2xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x2x1x2xf32> to tensor<?x?x2x2xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x2x1x2xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}
