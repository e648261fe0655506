// RUN: transom-opt --fuse-gated-mlp=remarks -verify-diagnostics %s | FileCheck %s --implicit-check-not=transformer.glu

// The other factor is no projection.
// CHECK-LABEL: func.func @no_projection
func.func @no_projection(%x: tensor<?x16xf32>, %y: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<gate> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary silu %0 : tensor<?x48xf32>
  // expected-remark @+1 {{glu stays in pieces: what is gated is no projection}}
  %2 = transformer.binary mul %1, %y : tensor<?x48xf32>, tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// One projection per row gates all features: no gate per feature.
// CHECK-LABEL: func.func @gate_broadcasts
func.func @gate_broadcasts(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w1 = transformer.constant dense_resource<gate> : tensor<16x1xf32>
  %w2 = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w1 : tensor<?x16xf32>, tensor<16x1xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x1xf32>
  %2 = transformer.matmul %x, %w2 : tensor<?x16xf32>, tensor<16x48xf32>
  // expected-remark @+1 {{glu stays in pieces: gate and other factor differ in type}}
  %3 = transformer.binary mul %1, %2 : tensor<?x1xf32>, tensor<?x48xf32>
  return %3 : tensor<?x48xf32>
}
