// RUN: transom-opt --simplify-views %s | FileCheck %s

// Rows joined for a product and split again (GPT-2's Conv1D).
// CHECK-LABEL: func.func @joined_rows
// CHECK: %[[Y:.*]] = transformer.linear %arg0, %{{.*}} : tensor<?x?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[Y]]
func.func @joined_rows(%x: tensor<?x?x16xf32>) -> tensor<?x?x48xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %bs = arith.muli %b, %s : index
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.reshape %x[%bs] : tensor<?x?x16xf32> to tensor<?x16xf32>
  %1 = transformer.linear %0, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %2 = transformer.reshape %1[%b, %s] : tensor<?x48xf32> to tensor<?x?x48xf32>
  return %2 : tensor<?x?x48xf32>
}

// A slice of all keys: past and new ones, by the sum that concat makes.
// CHECK-LABEL: func.func @whole_slice
// CHECK: %[[C:.*]] = transformer.concat
// CHECK-NEXT: return %[[C]]
func.func @whole_slice(%past: tensor<?x?x16xf32> {transformer.dims = ["b", "past", ""]}, %new: tensor<?x?x16xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %new, %c0 : tensor<?x?x16xf32>
  %p = tensor.dim %past, %c1 : tensor<?x?x16xf32>
  %s = tensor.dim %new, %c1 : tensor<?x?x16xf32>
  %all = arith.addi %s, %p : index
  %0 = transformer.concat %past, %new <{axis = 1 : i64}> : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %1 = transformer.slice %0[] [%b, %all] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %1 : tensor<?x?x16xf32>
}

// Through a transpose and a norm.
// CHECK-LABEL: func.func @equal_reshape
// CHECK-NOT: transformer.reshape
func.func @equal_reshape(%x: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x16xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x16xf32>
  %0 = transformer.transpose %x <{perm = array<i64: 1, 0, 2>}> : tensor<?x?x16xf32>
  %1 = transformer.rms_norm %0 <{axis = 2 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x?x16xf32>
  %2 = transformer.reshape %1[%s, %b] : tensor<?x?x16xf32> to tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// Parts of a packed projection are heads of one tensor.
// CHECK-LABEL: func.func @packed_heads
// CHECK: %[[H:.*]] = transformer.reshape %arg0[%{{.*}}, %{{.*}}] : tensor<?x?x48xf32> to tensor<?x?x6x8xf32>
// CHECK: transformer.slice %[[H]][] [%{{.*}}, %{{.*}}] <{static_starts = array<i64: 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x?x6x8xf32> to tensor<?x?x2x8xf32>
func.func @packed_heads(%x: tensor<?x?x48xf32>) -> tensor<?x?x2x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x48xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x48xf32>
  %0 = transformer.slice %x[] [%b, %s] <{static_starts = array<i64: 0, 0, 16>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x48xf32> to tensor<?x?x16xf32>
  %1 = transformer.reshape %0[%b, %s] : tensor<?x?x16xf32> to tensor<?x?x2x8xf32>
  return %1 : tensor<?x?x2x8xf32>
}
