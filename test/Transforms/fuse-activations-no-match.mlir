// RUN: transom-opt --fuse-activations=remarks -verify-diagnostics %s | FileCheck %s

// Another coefficient is another function.
// CHECK-LABEL: func.func @other_coefficient
// CHECK-NOT: gelu
// CHECK-NOT: silu
// CHECK: return
func.func @other_coefficient(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %a = transformer.constant dense<1.6> : tensor<f32>
  %root = transformer.constant dense<1.5> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %a : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  // expected-remark-re @+1 {{activation stays in pieces: the gate's argument, {{1.6[0-9]*}} x, is that of no known activation}}
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.binary div %x, %root : tensor<?x4xf32>, tensor<f32>
  %4 = transformer.unary erf %3 : tensor<?x4xf32>
  %5 = transformer.binary add %4, %one : tensor<?x4xf32>, tensor<f32>
  %6 = transformer.binary mul %x, %5 : tensor<?x4xf32>, tensor<?x4xf32>
  // expected-remark-re @+1 {{activation stays in pieces: the gate's argument, {{0.66[0-9]*}} x, is that of no known activation}}
  %7 = transformer.binary mul %6, %half : tensor<?x4xf32>, tensor<f32>
  return %2, %7 : tensor<?x4xf32>, tensor<?x4xf32>
}

// The gate of one value times another: a gated unit, no activation.
// CHECK-LABEL: func.func @gate_of_another
// CHECK-NOT: silu
// CHECK: return
func.func @gate_of_another(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.unary sigmoid %y : tensor<?x4xf32>
  %1 = transformer.binary mul %x, %0 : tensor<?x4xf32>, tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// The half is missing: twice a GELU.
// CHECK-LABEL: func.func @no_half
// CHECK-NOT: gelu
// CHECK: return
func.func @no_half(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %root = transformer.constant dense<1.41421354> : tensor<f32>
  %one = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary div %x, %root : tensor<?x4xf32>, tensor<f32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.binary add %1, %one : tensor<?x4xf32>, tensor<f32>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf32>, tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}
