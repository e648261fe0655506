// RUN: transom-opt --fuse-attention="remarks" --canonicalize --verify-diagnostics %s | FileCheck %s

// Probabilities that the model shows are computed for that alone; attention is fused all the same.

// CHECK-LABEL: func.func @returned(
// CHECK-SAME: %[[Q:[^:]+]]: tensor<2x4x3x16xf32>, %[[K:[^:]+]]: tensor<2x4x5x16xf32>, %[[V:[^:]+]]: tensor<2x4x5x16xf32>)
// CHECK-DAG: %[[A:.+]] = transformer.attention %[[Q]], %[[K]], %[[V]]
// CHECK-DAG: %[[S:.+]] = transformer.matmul %[[Q]], %[[K]] <{transpose_b}>
// CHECK-DAG: %[[P:.+]] = transformer.softmax %[[S]]
// CHECK: return %[[A]], %[[P]]
func.func @returned(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %1 : tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>
}

// Masked and scaled, shown in another type and order.
// CHECK-LABEL: func.func @returned_as_a_view(
// CHECK-DAG: %[[A:.+]] = transformer.attention {{.*}}scale = 2.500000e-01
// CHECK-DAG: %[[P:.+]] = transformer.softmax
// CHECK-DAG: %[[T:.+]] = transformer.transpose %{{.+}} <{perm = array<i64: 0, 2, 1, 3>}>
// CHECK: return %[[A]], %[[T]]
func.func @returned_as_a_view(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x1x5xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x3x4x5xf16>) {
  %c = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %s = transformer.binary mul %0, %c : tensor<2x4x3x5xf32>, tensor<f32>
  %b = transformer.binary add %s, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %1 = transformer.softmax %b <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %h = transformer.cast %1 : tensor<2x4x3x5xf32> to tensor<2x4x3x5xf16>
  %t = transformer.transpose %h <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x3x5xf16>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %t : tensor<2x4x3x16xf32>, tensor<2x3x4x5xf16>
}

// After the rows without keys were made zeros.
// CHECK-LABEL: func.func @returned_without_nans(
// CHECK-DAG: %[[A:.+]] = transformer.attention
// CHECK-DAG: %[[P:.+]] = transformer.select
// CHECK: return %[[A]], %[[P]]
func.func @returned_without_nans(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>) {
  %z = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %n = transformer.unary isnan %1 : tensor<2x4x3x5xf32>
  %p = transformer.select %n, %z, %1 : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %2 = transformer.matmul %p, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %p : tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>
}

// What is shown is also computed with: pieces stay.
// CHECK-LABEL: func.func @read_as_well(
// CHECK-NOT: transformer.attention
// CHECK: return
func.func @read_as_well(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x3x4x5xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  // expected-remark @+1 {{attention stays in pieces: the probabilities are read by more than the product with the values}}
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %t = transformer.transpose %1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x3x5xf32>
  %e = transformer.unary exp %t : tensor<2x3x4x5xf32>
  return %2, %e : tensor<2x4x3x16xf32>, tensor<2x3x4x5xf32>
}
