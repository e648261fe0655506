// RUN: transom-opt %s | transom-opt | FileCheck %s

// CHECK-LABEL: func.func @model_layer
func.func @model_layer(%x: tensor<?x?x16xf32>, %q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32>)
    -> (tensor<?x?x48xf32>, tensor<?x4x?x16xf32>) {
  %w = transformer.constant dense<1.0> : tensor<16x48xf32>
  %bias = transformer.constant dense<2.0> : tensor<48xf32>
  // CHECK: transformer.linear %{{.*}}, %{{.*}} bias %{{.*}} : tensor<48xf32> <{activation = #transformer<unary_kind gelu>}>
  %0 = transformer.linear %x, %w bias %bias : tensor<48xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x16xf32>, tensor<16x48xf32>
  // CHECK: transformer.attention {{.*}} <{causal = #transformer<causal_kind top_left>, scale = 2.500000e-01 : f32}>
  %1 = transformer.attention %q, %k, %k <{scale = 2.5e-01 : f32, causal = #transformer<causal_kind top_left>}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
  return %0, %1 : tensor<?x?x48xf32>, tensor<?x4x?x16xf32>
}

// CHECK-LABEL: func.func @tensor_layer
func.func @tensor_layer(%x: tensor<?x?x48xf32>, %ids: tensor<?x?xi64>, %b: index, %s: index) -> tensor<?x4x?x12xf32> {
  %table = transformer.constant dense<0.5> : tensor<128x48xf32>
  // CHECK: transformer.gather %{{.*}}, %{{.*}} <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x?xi64>
  %0 = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x?xi64>
  // CHECK: transformer.binary add
  %1 = transformer.binary add %0, %x : tensor<?x?x48xf32>, tensor<?x?x48xf32>
  // CHECK: transformer.reshape %{{[0-9]+}}[%{{.*}}, %{{.*}}] : tensor<?x?x48xf32> to tensor<?x?x4x12xf32>
  %2 = transformer.reshape %1 [%b, %s] : tensor<?x?x48xf32> to tensor<?x?x4x12xf32>
  // CHECK: transformer.transpose %{{.*}} <{perm = array<i64: 0, 2, 1, 3>}>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x12xf32>
  return %3 : tensor<?x4x?x12xf32>
}
