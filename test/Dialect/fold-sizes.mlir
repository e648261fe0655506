// RUN: transom-opt --canonicalize %s | FileCheck %s

// Between tensors and sizes.

// A size through a tensor is itself.
// CHECK-LABEL: func.func @size_of_sizes(
// CHECK-SAME: %[[A0:[^:]+]]: index, %[[A1:[^:]+]]: index) -> (index, index) {
// CHECK-NEXT: return %[[A0]], %[[A1]] : index, index
// CHECK-NEXT: }
func.func @size_of_sizes(%a: index, %b: index) -> (index, index) {
  %0 = transformer.from_index %a, %b : tensor<2xi64>
  %1 = transformer.to_index %0 <{position = 0 : i64}> : tensor<2xi64>
  %2 = transformer.from_index %a, %b : tensor<2xi64>
  %3 = transformer.to_index %2 <{position = 1 : i64}> : tensor<2xi64>
  return %1, %3 : index, index
}

// An element of a constant, of any width, signed and not.
// CHECK-LABEL: func.func @size_of_constant(
// CHECK-SAME: ) -> (index, index, index, index) {
// CHECK-NEXT: %[[C_7:.+]] = arith.constant -7 : index
// CHECK-NEXT: %[[C255:.+]] = arith.constant 255 : index
// CHECK-NEXT: %[[C_1:.+]] = arith.constant -1 : index
// CHECK-NEXT: %[[C3:.+]] = arith.constant 3 : index
// CHECK-NEXT: return %[[C_7]], %[[C255]], %[[C_1]], %[[C3]] : index, index, index, index
// CHECK-NEXT: }
func.func @size_of_constant() -> (index, index, index, index) {
  %c0 = transformer.constant dense<[5, -7]> : tensor<2xi64>
  %0 = transformer.to_index %c0 <{position = 1 : i64}> : tensor<2xi64>
  %c1 = transformer.constant dense<[255]> : tensor<1xui8>
  %1 = transformer.to_index %c1 <{position = 0 : i64}> : tensor<1xui8>
  %c2 = transformer.constant dense<[-1]> : tensor<1xi8>
  %2 = transformer.to_index %c2 <{position = 0 : i64}> : tensor<1xi8>
  %c3 = transformer.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
  %3 = transformer.to_index %c3 <{position = 2 : i64}> : tensor<2x2xi32>
  return %0, %1, %2, %3 : index, index, index, index
}

// An element that only the run knows.
// CHECK-LABEL: func.func @size_of_data(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2xi64>) -> index {
// CHECK-NEXT: %[[V0:.+]] = transformer.to_index %[[A0]] <{position = 1 : i64}> : tensor<2xi64>
// CHECK-NEXT: return %[[V0]] : index
// CHECK-NEXT: }
func.func @size_of_data(%x: tensor<2xi64>) -> index {
  %0 = transformer.to_index %x <{position = 1 : i64}> : tensor<2xi64>
  return %0 : index
}

// Known sizes make a constant.
// CHECK-LABEL: func.func @tensor_of_known_sizes(
// CHECK-SAME: ) -> (tensor<2xi64>, tensor<i32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[3, 4]> : tensor<2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<7> : tensor<i32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2xi64>, tensor<i32>
// CHECK-NEXT: }
func.func @tensor_of_known_sizes() -> (tensor<2xi64>, tensor<i32>) {
  %i3 = arith.constant 3 : index
  %i4 = arith.constant 4 : index
  %0 = transformer.from_index %i3, %i4 : tensor<2xi64>
  %i7 = arith.constant 7 : index
  %1 = transformer.from_index %i7 : tensor<i32>
  return %0, %1 : tensor<2xi64>, tensor<i32>
}

// Some known ones do not.
// CHECK-LABEL: func.func @tensor_of_some_known(
// CHECK-SAME: %[[A0:[^:]+]]: index) -> tensor<2xi64> {
// CHECK-NEXT: %[[C3:.+]] = arith.constant 3 : index
// CHECK-NEXT: %[[V0:.+]] = transformer.from_index %[[C3]], %[[A0]] : tensor<2xi64>
// CHECK-NEXT: return %[[V0]] : tensor<2xi64>
// CHECK-NEXT: }
func.func @tensor_of_some_known(%a: index) -> tensor<2xi64> {
  %i3 = arith.constant 3 : index
  %0 = transformer.from_index %i3, %a : tensor<2xi64>
  return %0 : tensor<2xi64>
}

// An empty tensor.
// CHECK-LABEL: func.func @tensor_of_no_sizes(
// CHECK-SAME: ) -> tensor<0xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.from_index : tensor<0xi64>
// CHECK-NEXT: return %[[V0]] : tensor<0xi64>
// CHECK-NEXT: }
func.func @tensor_of_no_sizes() -> tensor<0xi64> {
  %0 = transformer.from_index  : tensor<0xi64>
  return %0 : tensor<0xi64>
}
