// RUN: transom-opt --simplify-indexing --canonicalize %s | FileCheck %s

// Gathers that read elements where they stand, and scatters that write all.

// Two dims.
// CHECK-LABEL: func.func @own_positions_two(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @own_positions_two(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c0 = transformer.constant dense<[0, 1]> : tensor<2xi64>
  %0 = transformer.reshape %c0[] : tensor<2xi64> to tensor<2x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<2x1xi64> to tensor<2x3xi64>
  %2 = transformer.reshape %1[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %3 = transformer.reshape %c1[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<2x3xi64>
  %5 = transformer.reshape %4[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %7 = transformer.gather_nd %x, %6 <{batch_dims = 0 : i64}> : tensor<2x3xf32>, tensor<2x3x2xi64>
  return %7 : tensor<2x3xf32>
}

// Three dims.
// CHECK-LABEL: func.func @own_positions_three(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x4xi1>) -> tensor<2x3x4xi1> {
// CHECK-NEXT: return %[[A0]] : tensor<2x3x4xi1>
// CHECK-NEXT: }
func.func @own_positions_three(%x: tensor<2x3x4xi1>) -> tensor<2x3x4xi1> {
  %c0 = transformer.constant dense<[0, 1]> : tensor<2xi64>
  %0 = transformer.reshape %c0[] : tensor<2xi64> to tensor<2x1x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<2x1x1xi64> to tensor<2x3x4xi64>
  %2 = transformer.reshape %1[] : tensor<2x3x4xi64> to tensor<2x3x4x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %3 = transformer.reshape %c1[] : tensor<3xi64> to tensor<1x3x1xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3x1xi64> to tensor<2x3x4xi64>
  %5 = transformer.reshape %4[] : tensor<2x3x4xi64> to tensor<2x3x4x1xi64>
  %c2 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %6 = transformer.reshape %c2[] : tensor<4xi64> to tensor<1x1x4xi64>
  %7 = transformer.broadcast_to %6[] : tensor<1x1x4xi64> to tensor<2x3x4xi64>
  %8 = transformer.reshape %7[] : tensor<2x3x4xi64> to tensor<2x3x4x1xi64>
  %9 = transformer.concat %2, %5, %8 <{axis = 3 : i64}> : tensor<2x3x4x1xi64>, tensor<2x3x4x1xi64>, tensor<2x3x4x1xi64>
  %10 = transformer.gather_nd %x, %9 <{batch_dims = 0 : i64}> : tensor<2x3x4xi1>, tensor<2x3x4x3xi64>
  return %10 : tensor<2x3x4xi1>
}

// Fewer rows than there are.
// CHECK-LABEL: func.func @first_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<5x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: %[[C2:.+]] = arith.constant 2 : index
// CHECK-NEXT: transformer.check_sizes %[[C2]], %[[C2]]
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<5x3xf32> to tensor<2x3xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @first_rows(%x: tensor<5x3xf32>) -> tensor<2x3xf32> {
  %c0 = transformer.constant dense<[0, 1]> : tensor<2xi64>
  %0 = transformer.reshape %c0[] : tensor<2xi64> to tensor<2x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<2x1xi64> to tensor<2x3xi64>
  %2 = transformer.reshape %1[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %3 = transformer.reshape %c1[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<2x3xi64>
  %5 = transformer.reshape %4[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %7 = transformer.gather_nd %x, %6 <{batch_dims = 0 : i64}> : tensor<5x3xf32>, tensor<2x3x2xi64>
  return %7 : tensor<2x3xf32>
}

// Row-major numbers of a matrix in one row.
// CHECK-LABEL: func.func @numbers_two(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x4xf32>) -> tensor<3x4xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<3x4xf32>
// CHECK-NEXT: }
func.func @numbers_two(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %c0 = transformer.constant dense<[[0], [4], [8]]> : tensor<3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %0 = transformer.binary add %c0, %c1 : tensor<3x1xi64>, tensor<4xi64>
  %1 = transformer.reshape %x[] : tensor<3x4xf32> to tensor<12xf32>
  %2 = transformer.gather %1, %0 <{axis = 0 : i64}> : tensor<12xf32>, tensor<3x4xi64>
  return %2 : tensor<3x4xf32>
}

// At more dims: broadcast over heads.
// CHECK-LABEL: func.func @numbers_with_heads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x4xi1>) -> tensor<3x1x1x4xi1> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A0]][] : tensor<3x4xi1> to tensor<3x1x1x4xi1>
// CHECK-NEXT: return %[[V0]] : tensor<3x1x1x4xi1>
// CHECK-NEXT: }
func.func @numbers_with_heads(%x: tensor<3x4xi1>) -> tensor<3x1x1x4xi1> {
  %c0 = transformer.constant dense<[[[[0]]], [[[4]]], [[[8]]]]> : tensor<3x1x1x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %0 = transformer.binary add %c0, %c1 : tensor<3x1x1x1xi64>, tensor<4xi64>
  %1 = transformer.reshape %x[] : tensor<3x4xi1> to tensor<12xi1>
  %2 = transformer.gather %1, %0 <{axis = 0 : i64}> : tensor<12xi1>, tensor<3x1x1x4xi64>
  return %2 : tensor<3x1x1x4xi1>
}

// Every element is written.
// CHECK-LABEL: func.func @assignment(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>, %[[A1:[^:]+]]: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: return %[[A1]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @assignment(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c0 = transformer.constant dense<[0, 1]> : tensor<2xi64>
  %0 = transformer.reshape %c0[] : tensor<2xi64> to tensor<2x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<2x1xi64> to tensor<2x3xi64>
  %2 = transformer.reshape %1[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %3 = transformer.reshape %c1[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<2x3xi64>
  %5 = transformer.reshape %4[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %7 = transformer.scatter_nd set %x, %6, %y : tensor<2x3xf32>, tensor<2x3x2xi64>, tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}
