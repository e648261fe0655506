// RUN: transom-opt --convert-mha-to-gqa="change-signature" --canonicalize %s | FileCheck %s
// RUN: transom-opt --convert-mha-to-gqa="remarks" --verify-diagnostics %s | FileCheck %s --check-prefix=KEPT

// Heads are arguments and results: with fewer of them the signature is another one.
// CHECK-LABEL: func.func @cache
// CHECK-SAME: %arg5: tensor<?x1x?x2xf32>, %arg6: tensor<?x1x?x2xf32>) -> (tensor<?x?x4xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>)
// CHECK: %[[ROPE:.*]] = transformer.rope {{.*}} : tensor<?x1x?x2xf32>, tensor<?x1x?x1xf32>
// CHECK: %[[K:.*]] = transformer.concat %arg5, %[[ROPE]] <{axis = 2 : i64}> : tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
// CHECK: %[[V:.*]] = transformer.concat %arg6, %{{.*}} <{axis = 2 : i64}> : tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
// CHECK: transformer.attention %{{.*}}, %[[K]], %[[V]] {{.*}} : tensor<?x2x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
// CHECK: return %{{.*}}, %[[K]], %[[V]]
// KEPT-LABEL: func.func @cache
// KEPT: transformer.attention {{.*}} : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
func.func @cache(%x: tensor<?x?x4xf32>, %b: index, %s: index, %cos: tensor<?x1x?x1xf32>, %sin: tensor<?x1x?x1xf32>, %past_k: tensor<?x2x?x2xf32>, %past_v: tensor<?x2x?x2xf32>) -> (tensor<?x?x4xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>) {
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
  %k4 = transformer.concat %past_k, %k3 <{axis = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %v4 = transformer.concat %past_v, %v2 <{axis = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  // expected-remark @below {{heads {0, 1} are equal, but keys and values are arguments or results: merging them changes the signature}}
  %a = transformer.attention %q3, %k4, %v4 <{scale = 1.0 : f32}> : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
  %t = transformer.transpose %a <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x2x?x2xf32>
  %r = transformer.reshape %t[%b, %s] : tensor<?x?x2x2xf32> to tensor<?x?x4xf32>
  %y = transformer.linear %r, %wo : tensor<?x?x4xf32>, tensor<4x4xf32>
  return %y, %k4, %v4 : tensor<?x?x4xf32>, tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>
}
