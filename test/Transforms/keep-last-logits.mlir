// RUN: transom-opt %s --split-input-file --keep-last-logits --canonicalize | FileCheck %s

// The rows that are left out are not computed; what follows the product is done for the last one too.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    -> (tensor<?x1x100xf32> {transformer.dims = ["batch", "", ""], transformer.name = "logits"}, tensor<?x?x8xf32>)
// CHECK-DAG:     %[[C1:.+]] = arith.constant 1 : index
// CHECK:         %[[X:.+]] = transformer.gather
// CHECK:         %[[COUNT:.+]] = tensor.dim %{{.+}}, %[[C1]]
// CHECK:         %[[LAST:.+]] = arith.addi %[[COUNT]], %{{.+}} : index
// CHECK:         %[[SOME:.+]] = arith.minsi %[[COUNT]], %[[C1]]
// CHECK:         transformer.check_sizes %[[SOME]], %[[C1]]
// CHECK:         %[[ROW:.+]] = transformer.slice %[[X]][%[[LAST]]] [%{{.+}}] <{static_starts = array<i64: 0, -9223372036854775808, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x8xf32> to tensor<?x1x8xf32>
// CHECK:         %[[SCORES:.+]] = transformer.linear %[[ROW]], %{{.+}} : tensor<?x1x8xf32>, tensor<8x100xf32>
// CHECK:         %[[CAPPED:.+]] = transformer.unary tanh %[[SCORES]] : tensor<?x1x100xf32>
// CHECK:         %[[SCALED:.+]] = transformer.binary mul %[[CAPPED]], %{{.+}} : tensor<?x1x100xf32>, tensor<f32>
// CHECK-NOT:     transformer.linear
// CHECK:         return %[[SCALED]], %[[X]]
func.func @main(%ids: tensor<?x?xi64>, %table: tensor<100x8xf32>, %w: tensor<8x100xf32>, %cap: tensor<f32>)
    -> (tensor<?x?x100xf32> {transformer.dims = ["batch", "sequence", ""], transformer.name = "logits"}, tensor<?x?x8xf32>) attributes {transformer.entry} {
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x8xf32>, tensor<?x?xi64>
  %0 = transformer.linear %x, %w : tensor<?x?x8xf32>, tensor<8x100xf32>
  %1 = transformer.unary tanh %0 : tensor<?x?x100xf32>
  %2 = transformer.binary mul %1, %cap : tensor<?x?x100xf32>, tensor<f32>
  return %2, %x : tensor<?x?x100xf32>, tensor<?x?x8xf32>
}

// -----

// A product with the table itself.
// CHECK-LABEL: func.func @tied(
// CHECK:         transformer.matmul %{{.+}}, %{{.+}} <{transpose_b}> : tensor<1x1x8xf32>, tensor<100x8xf32>
func.func @tied(%ids: tensor<1x?xi64>, %table: tensor<100x8xf32>) -> tensor<1x?x100xf32> attributes {transformer.entry} {
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x8xf32>, tensor<1x?xi64>
  %0 = transformer.matmul %x, %table <{transpose_b}> : tensor<1x?x8xf32>, tensor<100x8xf32>
  return %0 : tensor<1x?x100xf32>
}

// -----

// Of functions that are no entry, nothing.
// CHECK-LABEL: func.func private @other(
// CHECK-SAME:    -> tensor<1x?x100xf32>
func.func private @other(%x: tensor<1x?x8xf32>, %w: tensor<8x100xf32>) -> tensor<1x?x100xf32> {
  %0 = transformer.linear %x, %w : tensor<1x?x8xf32>, tensor<8x100xf32>
  return %0 : tensor<1x?x100xf32>
}
