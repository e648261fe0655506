// RUN: transom-opt --convert-mha-to-gqa="for-states remarks" --canonicalize %s 2>%t | FileCheck %s
// RUN: FileCheck %s --check-prefix=SAID < %t

// Heads that differ need no copy.
// SAID: heads stay as they are: no two key heads are equal up to a map that queries can take over
// CHECK-LABEL: func.func @main(
// CHECK-NOT: states_of
func.func @main(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "s", ""], transformer.name = "x"}, %b: index, %s: index, %cos: tensor<?x1x?x1xf32>, %sin: tensor<?x1x?x1xf32>, %past_k: tensor<?x2x?x2xf32> {transformer.dims = ["b", "", "past", ""], transformer.name = "past_k"}, %past_v: tensor<?x2x?x2xf32> {transformer.dims = ["b", "", "past", ""], transformer.name = "past_v"}) -> (tensor<?x?x4xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>) attributes {transformer.entry} {
  %wq = transformer.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0], [2.0, 4.0, 6.0, 8.0], [1.0, 3.0, 5.0, 7.0]]> : tensor<4x4xf32>
  %wk = transformer.constant dense<[[1.0, 2.0, -2.0, 7.0], [2.0, 0.0, 0.0, 2.0], [3.0, 1.0, -1.0, 3.0], [5.0, 1.0, -1.0, 5.0]]> : tensor<4x4xf32>
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
  %k4 = transformer.concat %past_k, %k3 <{axis = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %v4 = transformer.concat %past_v, %v2 <{axis = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %a = transformer.attention %q3, %k4, %v4 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y, %k4, %v4 : tensor<?x?x4xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
}
