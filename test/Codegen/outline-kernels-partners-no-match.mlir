// Two products that stay two kernels.
// RUN: transom-opt %s --split-input-file --outline-kernels --cse | FileCheck %s
// RUN: transom-opt %s --split-input-file --outline-kernels=panel-columns=0 --cse | FileCheck %s

// Of other rows.
// CHECK-LABEL: func.func @rows(
// CHECK-COUNT-2: transformer.launch @linear_
func.func @rows(%x: tensor<4x64xf32>, %y: tensor<4x64xf32>) -> tensor<4x96xf32> attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf32>
  %u = transformer.constant dense_resource<up> : tensor<64x96xf32>
  %0 = transformer.linear %x, %g : tensor<4x64xf32>, tensor<64x96xf32>
  %1 = transformer.linear %y, %u : tensor<4x64xf32>, tensor<64x96xf32>
  %2 = transformer.glu silu %0, %1 : tensor<4x96xf32>, tensor<4x96xf32>
  return %2 : tensor<4x96xf32>
}

// -----

// A weight that is not packed when it is written.
// CHECK-LABEL: func.func @values(
// CHECK-COUNT-2: transformer.launch @linear_
func.func @values(%x: tensor<4x64xf32>, %u: tensor<64x96xf32>) -> tensor<4x96xf32> attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf32>
  %0 = transformer.linear %x, %g : tensor<4x64xf32>, tensor<64x96xf32>
  %1 = transformer.linear %x, %u : tensor<4x64xf32>, tensor<64x96xf32>
  %2 = transformer.glu silu %0, %1 : tensor<4x96xf32>, tensor<4x96xf32>
  return %2 : tensor<4x96xf32>
}

// -----

// Doubles are multiplied one by one.
// CHECK-LABEL: func.func @doubles(
// CHECK-COUNT-2: transformer.launch @linear_
func.func @doubles(%x: tensor<4x64xf64>) -> tensor<4x96xf64> attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf64>
  %u = transformer.constant dense_resource<up> : tensor<64x96xf64>
  %0 = transformer.linear %x, %g : tensor<4x64xf64>, tensor<64x96xf64>
  %1 = transformer.linear %x, %u : tensor<4x64xf64>, tensor<64x96xf64>
  %2 = transformer.glu silu %0, %1 : tensor<4x96xf64>, tensor<4x96xf64>
  return %2 : tensor<4x96xf64>
}

// -----

// Of one the columns are repeated for each of the other: they do not meet element by element.
// CHECK-LABEL: func.func @repeated(
// CHECK-COUNT-2: transformer.launch @linear_
func.func @repeated(%x: tensor<4x64xf32>) -> tensor<4x4x96xf32> attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf32>
  %u = transformer.constant dense_resource<up> : tensor<64x96xf32>
  %0 = transformer.linear %x, %g : tensor<4x64xf32>, tensor<64x96xf32>
  %1 = transformer.reshape %0 [] : tensor<4x96xf32> to tensor<4x1x96xf32>
  %2 = transformer.linear %x, %u : tensor<4x64xf32>, tensor<64x96xf32>
  %3 = transformer.binary mul %1, %2 : tensor<4x1x96xf32>, tensor<4x96xf32>
  return %3 : tensor<4x4x96xf32>
}

// -----

// One of them is a result too.
// CHECK-LABEL: func.func @read_elsewhere(
// CHECK-COUNT-2: transformer.launch @linear_
func.func @read_elsewhere(%x: tensor<4x64xf32>) -> (tensor<4x96xf32>, tensor<4x96xf32>) attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf32>
  %u = transformer.constant dense_resource<up> : tensor<64x96xf32>
  %0 = transformer.linear %x, %g : tensor<4x64xf32>, tensor<64x96xf32>
  %1 = transformer.linear %x, %u : tensor<4x64xf32>, tensor<64x96xf32>
  %2 = transformer.glu silu %0, %1 : tensor<4x96xf32>, tensor<4x96xf32>
  return %0, %2 : tensor<4x96xf32>, tensor<4x96xf32>
}
