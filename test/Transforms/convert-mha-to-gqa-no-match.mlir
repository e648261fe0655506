// RUN: transom-opt --convert-mha-to-gqa="change-signature remarks" --verify-diagnostics %s | FileCheck %s

// Nothing here may merge.
// CHECK-NOT: transformer.attention {{.*}}tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>

// Exchanged halves are a reflection, which no rotation commutes with.
func.func @reflection(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x1x?x1xf32>, %sin: tensor<?x1x?x1xf32>) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 2.0, 1.0], [2.0, 0.0, 0.0, 2.0], [3.0, 1.0, 1.0, 3.0], [5.0, 1.0, 1.0, 5.0]]> : tensor<4x4xf32>
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
  // expected-remark @below {{heads stay as they are: no two key heads are equal up to a map that queries can take over}}
  %a = transformer.attention %q3, %k3, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

// A map that mixes the pair freely is none of positions'.
func.func @free_map_with_positions(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x1x?x1xf32>, %sin: tensor<?x1x?x1xf32>) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 4.0, 2.0], [5.0, 1.0, 6.0, 2.0]]> : tensor<4x4xf32>
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
  // expected-remark @below {{heads stay as they are: no two key heads are equal up to a map that queries can take over}}
  %a = transformer.attention %q3, %k3, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

func.func @values_differ(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 4.0, 2.0], [5.0, 1.0, 6.0, 2.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 2.0, 4.0, -2.0], [2.0, 0.0, 1.0, 7.0], [3.0, 1.0, -3.0, 3.0], [5.0, 1.0, 9.0, 5.0]]> : tensor<4x4xf32>
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
  // expected-remark @below {{heads stay as they are: key heads are equal up to maps, but their value heads are not}}
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

// Three equal heads and another one: groups of one size are single heads.
func.func @unequal_classes(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0]]> : tensor<4x8xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 4.0, -2.0], [2.0, 0.0, 2.0, 0.0, 2.0, 0.0, 1.0, 7.0], [3.0, 1.0, 3.0, 1.0, 3.0, 1.0, 3.0, -3.0], [5.0, 1.0, 5.0, 1.0, 5.0, 1.0, 9.0, 5.0]]> : tensor<4x8xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0, 1.0, 3.0, 4.0, -2.0], [2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 1.0, 7.0], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 3.0, -3.0], [4.0, 2.0, 4.0, 2.0, 4.0, 2.0, 9.0, 5.0]]> : tensor<4x8xf32>
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
  // expected-remark @below {{heads stay as they are: the classes of equal heads {0, 1, 2} {3} have no common size for groups}}
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x4x?x2xf32>, tensor<?x4x?x2xf32>, tensor<?x4x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x4x2xf32> to tensor<?x?x8xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x8xf32>, tensor<8x4xf32>
  return %y : tensor<?x?x4xf32>
}

// With positions, a soft cap or sinks, what a bias adds is not the same for all keys.
func.func @biases_and_positions(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x1x?x1xf32>, %sin: tensor<?x1x?x1xf32>) -> tensor<?x?x4xf32> {
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
  %q3 = transformer.rope %q2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x1x?x1xf32>, tensor<?x1x?x1xf32>
  %k3 = transformer.rope %k2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x1x?x1xf32>, tensor<?x1x?x1xf32>
  // expected-remark @below {{heads stay as they are: no two key heads are equal up to a map}}
  %a = transformer.attention %q3, %k3, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

func.func @biases_and_softcap(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 1.0, 2.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 3.0, 1.0], [5.0, 1.0, 5.0, 1.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0], [4.0, 2.0, 4.0, 2.0]]> : tensor<4x4xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf32>
  %bk = transformer.constant dense<[1.0, 2.0, 3.0, 7.0]> : tensor<4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %k0 = transformer.linear %x, %wk bias %bk : tensor<4xf32> : tensor<?x?x4xf32>, tensor<4x4xf32>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf32>, tensor<4x4xf32>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  // expected-remark @below {{heads stay as they are: no two key heads are equal up to a map}}
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32, softcap = 5.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

func.func @own_table_for_each_head(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x2x?x1xf32>, %sin: tensor<?x2x?x1xf32>) -> tensor<?x?x4xf32> {
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
  // expected-remark @below {{heads stay as they are: the queries meet a table or scale of their own for each head}}
  %q3 = transformer.rope %q2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x2x?x1xf32>, tensor<?x2x?x1xf32>
  %k3 = transformer.rope %k2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x2x?x1xf32>, tensor<?x2x?x1xf32>
  %a = transformer.attention %q3, %k3, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

func.func @tables_of_unknown_halves(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x1x?x2xf32>, %sin: tensor<?x1x?x2xf32>) -> tensor<?x?x4xf32> {
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
  %q3 = transformer.rope %q2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
  %k3 = transformer.rope %k2, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
  // expected-remark @below {{heads stay as they are: no two key heads are equal (the tables are not known to turn both features of a pair alike, so only equal ones merge)}}
  %a = transformer.attention %q3, %k3, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y : tensor<?x?x4xf32>
}

func.func @activation(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> tensor<?x?x4xf32> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, 1.0, 2.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 3.0, 1.0], [5.0, 1.0, 5.0, 1.0]]> : tensor<4x4xf32>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0], [4.0, 2.0, 4.0, 2.0]]> : tensor<4x4xf32>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf32>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  // expected-remark @below {{heads stay as they are: the keys pass through an activation or a sum after their projection}}
  %k0 = transformer.linear %x, %wk <{activation = #transformer<unary_kind relu>}> : tensor<?x?x4xf32>, tensor<4x4xf32>
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

func.func @keys_read_elsewhere(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> (tensor<?x?x4xf32>, tensor<?x2x?x2xf32>) {
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
  // expected-remark @below {{heads stay as they are: the keys are also read by transformer.unary}}
  %e = transformer.unary exp %k2 : tensor<?x2x?x2xf32>
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y, %e : tensor<?x?x4xf32>, tensor<?x2x?x2xf32>
}

func.func @result_read_twice(%x: tensor<?x?x4xf32>, %b: index, %s: index) -> (tensor<?x?x4xf32>, tensor<?x2x?x2xf32>) {
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
  // expected-remark @below {{heads stay as they are: the result of attention is read more than once}}
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y, %a : tensor<?x?x4xf32>, tensor<?x2x?x2xf32>
}

func.func @sixteen_bits(%x: tensor<?x?x4xf16>, %b: index, %s: index) -> tensor<?x?x4xf16> {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf16>
  %wk = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [2.0, 0.0, 2.0, 0.0], [3.0, 1.0, 4.0, 2.0], [5.0, 1.0, 6.0, 2.0]]> : tensor<4x4xf16>
  %wv = transformer.constant dense<[[1.0, 3.0, 1.0, 3.0], [2.0, 1.0, 2.0, 1.0], [1.0, 0.0, 1.0, 0.0], [4.0, 2.0, 4.0, 2.0]]> : tensor<4x4xf16>
  %wo = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [9.0, 10.0, 11.0, 12.0], [13.0, 14.0, 15.0, 16.0]]> : tensor<4x4xf16>
  %q0 = transformer.linear %x, %wq : tensor<?x?x4xf16>, tensor<4x4xf16>
  %q1 = transformer.reshape %q0[%b, %s] : tensor<?x?x4xf16> to tensor<?x?x2x2xf16>
  %q2 = transformer.transpose %q1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf16>
  %k0 = transformer.linear %x, %wk : tensor<?x?x4xf16>, tensor<4x4xf16>
  %k1 = transformer.reshape %k0[%b, %s] : tensor<?x?x4xf16> to tensor<?x?x2x2xf16>
  %k2 = transformer.transpose %k1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf16>
  %v0 = transformer.linear %x, %wv : tensor<?x?x4xf16>, tensor<4x4xf16>
  %v1 = transformer.reshape %v0[%b, %s] : tensor<?x?x4xf16> to tensor<?x?x2x2xf16>
  %v2 = transformer.transpose %v1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf16>
  // expected-remark @below {{heads stay as they are: no two key heads are equal (weights of 16 bits would round a map again, so only equal ones merge)}}
  %a = transformer.attention %q2, %k2, %v2 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf16>, tensor<?x2x?x2xf16>, tensor<?x2x?x2xf16>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf16>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf16> to tensor<?x?x4xf16>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf16>, tensor<4x4xf16>
  return %y : tensor<?x?x4xf16>
}
