// RUN: transom-opt %s --split-input-file --round-weights --verify-diagnostics | FileCheck %s
// RUN: not transom-opt %s --round-weights=type=i8 2>&1 | FileCheck %s --check-prefix=TYPE
// TYPE: weights are rounded to f16 or bf16, not to 'i8'

// Neither arguments nor numbers that code holds are weights in memory.
// CHECK-LABEL: func.func @no_weight(
// CHECK-NOT:     bf16
// expected-warning@below {{no weight is rounded to bf16: none is an f32 matrix of a linear layer, an expert or a table}}
module {
func.func @no_weight(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> {
  %c = transformer.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = transformer.linear %x, %w : tensor<?x2xf32>, tensor<2x2xf32>
  %1 = transformer.linear %0, %c : tensor<?x2xf32>, tensor<2x2xf32>
  return %1 : tensor<?x2xf32>
}
}

// -----

// What is narrow already stays, and so do tables of positions of higher rank, norms and numbers added.
// CHECK-LABEL: func.func @other_weights(
// CHECK-NOT:     bf16
// CHECK:         return
// expected-warning@below {{no weight is rounded}}
module {
func.func @other_weights(%x: tensor<4x16xf32>, %y: tensor<4x16xf16>, %i: tensor<?xi64>)
    -> (tensor<4x16xf32>, tensor<4x16xf16>, tensor<?x4x4xf32>) {
  %s = transformer.constant dense_resource<s> : tensor<16xf32>
  %a = transformer.constant dense_resource<a> : tensor<4x16xf32>
  %h = transformer.constant dense_resource<h> : tensor<16x16xf16>
  %t = transformer.constant dense_resource<t> : tensor<100x4x4xf32>
  %0 = transformer.rms_norm %x scale %s : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x16xf32>
  %1 = transformer.binary add %0, %a : tensor<4x16xf32>, tensor<4x16xf32>
  %2 = transformer.linear %y, %h : tensor<4x16xf16>, tensor<16x16xf16>
  %3 = transformer.gather %t, %i <{axis = 0 : i64}> : tensor<100x4x4xf32>, tensor<?xi64>
  return %1, %2, %3 : tensor<4x16xf32>, tensor<4x16xf16>, tensor<?x4x4xf32>
}
}
