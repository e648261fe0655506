// RUN: transom-opt --simplify-indexing --canonicalize %s | FileCheck %s

// Gathers and scatters of other positions.

// Column first: a transpose.
// CHECK-LABEL: func.func @order_exchanged(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x3xf32>) -> tensor<3x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2]]> : tensor<3x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0, 1, 2]]> : tensor<1x3xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.broadcast_to %[[V1]][] : tensor<1x3xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V0]][] : tensor<3x1xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V3]], %[[V5]] <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.gather_nd %[[A0]], %[[V6]] <{batch_dims = 0 : i64}> : tensor<3x3xf32>, tensor<3x3x2xi64>
// CHECK-NEXT: return %[[V7]] : tensor<3x3xf32>
// CHECK-NEXT: }
func.func @order_exchanged(%x: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %c0 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %0 = transformer.reshape %c0[] : tensor<3xi64> to tensor<1x3xi64>
  %1 = transformer.broadcast_to %0[] : tensor<1x3xi64> to tensor<3x3xi64>
  %2 = transformer.reshape %1[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %3 = transformer.reshape %c0[] : tensor<3xi64> to tensor<3x1xi64>
  %4 = transformer.broadcast_to %3[] : tensor<3x1xi64> to tensor<3x3xi64>
  %5 = transformer.reshape %4[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
  %7 = transformer.gather_nd %x, %6 <{batch_dims = 0 : i64}> : tensor<3x3xf32>, tensor<3x3x2xi64>
  return %7 : tensor<3x3xf32>
}

// Positions from one on.
// CHECK-LABEL: func.func @from_the_second(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x4xf32>) -> tensor<3x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}1, 2, 3]]> : tensor<1x3xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}1], [2], [3]]> : tensor<3x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.broadcast_to %[[V1]][] : tensor<3x1xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V0]][] : tensor<1x3xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V3]], %[[V5]] <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.gather_nd %[[A0]], %[[V6]] <{batch_dims = 0 : i64}> : tensor<4x4xf32>, tensor<3x3x2xi64>
// CHECK-NEXT: return %[[V7]] : tensor<3x3xf32>
// CHECK-NEXT: }
func.func @from_the_second(%x: tensor<4x4xf32>) -> tensor<3x3xf32> {
  %c0 = transformer.constant dense<[1, 2, 3]> : tensor<3xi64>
  %0 = transformer.reshape %c0[] : tensor<3xi64> to tensor<3x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<3x1xi64> to tensor<3x3xi64>
  %2 = transformer.reshape %1[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %3 = transformer.reshape %c0[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<3x3xi64>
  %5 = transformer.reshape %4[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
  %7 = transformer.gather_nd %x, %6 <{batch_dims = 0 : i64}> : tensor<4x4xf32>, tensor<3x3x2xi64>
  return %7 : tensor<3x3xf32>
}

// Every second one.
// CHECK-LABEL: func.func @every_second_position(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<6x6xf32>) -> tensor<3x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0, 2, 4]]> : tensor<1x3xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0], [2], [4]]> : tensor<3x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.broadcast_to %[[V1]][] : tensor<3x1xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V0]][] : tensor<1x3xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V3]], %[[V5]] <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.gather_nd %[[A0]], %[[V6]] <{batch_dims = 0 : i64}> : tensor<6x6xf32>, tensor<3x3x2xi64>
// CHECK-NEXT: return %[[V7]] : tensor<3x3xf32>
// CHECK-NEXT: }
func.func @every_second_position(%x: tensor<6x6xf32>) -> tensor<3x3xf32> {
  %c0 = transformer.constant dense<[0, 2, 4]> : tensor<3xi64>
  %0 = transformer.reshape %c0[] : tensor<3xi64> to tensor<3x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<3x1xi64> to tensor<3x3xi64>
  %2 = transformer.reshape %1[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %3 = transformer.reshape %c0[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<3x3xi64>
  %5 = transformer.reshape %4[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
  %7 = transformer.gather_nd %x, %6 <{batch_dims = 0 : i64}> : tensor<6x6xf32>, tensor<3x3x2xi64>
  return %7 : tensor<3x3xf32>
}

// Whole rows by number.
// CHECK-LABEL: func.func @rows_of_tuples_of_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x4xf32>) -> tensor<3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2]]> : tensor<3x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.gather_nd %[[A0]], %[[V0]] <{batch_dims = 0 : i64}> : tensor<3x4xf32>, tensor<3x1xi64>
// CHECK-NEXT: return %[[V1]] : tensor<3x4xf32>
// CHECK-NEXT: }
func.func @rows_of_tuples_of_one(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %c0 = transformer.constant dense<[[0], [1], [2]]> : tensor<3x1xi64>
  %0 = transformer.gather_nd %x, %c0 <{batch_dims = 0 : i64}> : tensor<3x4xf32>, tensor<3x1xi64>
  return %0 : tensor<3x4xf32>
}

// Rows four apart in a matrix of five columns.
// CHECK-LABEL: func.func @wrong_width(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x5xf32>) -> tensor<3x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [4], [8]]> : tensor<3x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V0]], %[[V1]] : tensor<3x1xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A0]][] : tensor<3x5xf32> to tensor<15xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.gather %[[V3]], %[[V2]] <{axis = 0 : i64}> : tensor<15xf32>, tensor<3x4xi64>
// CHECK-NEXT: return %[[V4]] : tensor<3x4xf32>
// CHECK-NEXT: }
func.func @wrong_width(%x: tensor<3x5xf32>) -> tensor<3x4xf32> {
  %c0 = transformer.constant dense<[[0], [4], [8]]> : tensor<3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %0 = transformer.binary add %c0, %c1 : tensor<3x1xi64>, tensor<4xi64>
  %1 = transformer.reshape %x[] : tensor<3x5xf32> to tensor<15xf32>
  %2 = transformer.gather %1, %0 <{axis = 0 : i64}> : tensor<15xf32>, tensor<3x4xi64>
  return %2 : tensor<3x4xf32>
}

// Numbers from one on.
// CHECK-LABEL: func.func @numbers_from_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x4xf32>) -> tensor<2x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}1], [5]]> : tensor<2x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V0]], %[[V1]] : tensor<2x1xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A0]][] : tensor<3x4xf32> to tensor<12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.gather %[[V3]], %[[V2]] <{axis = 0 : i64}> : tensor<12xf32>, tensor<2x4xi64>
// CHECK-NEXT: return %[[V4]] : tensor<2x4xf32>
// CHECK-NEXT: }
func.func @numbers_from_one(%x: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %c0 = transformer.constant dense<[[1], [5]]> : tensor<2x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2, 3]> : tensor<4xi64>
  %0 = transformer.binary add %c0, %c1 : tensor<2x1xi64>, tensor<4xi64>
  %1 = transformer.reshape %x[] : tensor<3x4xf32> to tensor<12xf32>
  %2 = transformer.gather %1, %0 <{axis = 0 : i64}> : tensor<12xf32>, tensor<2x4xi64>
  return %2 : tensor<2x4xf32>
}

// A sum into what is there.
// CHECK-LABEL: func.func @added_to(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3xf32>, %[[A1:[^:]+]]: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0, 1, 2]]> : tensor<1x3xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0], [1]]> : tensor<2x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.broadcast_to %[[V1]][] : tensor<2x1xi64> to tensor<2x3xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<2x3xi64> to tensor<2x3x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V0]][] : tensor<1x3xi64> to tensor<2x3xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<2x3xi64> to tensor<2x3x1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V3]], %[[V5]] <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.scatter_nd add %[[A0]], %[[V6]], %[[A1]] : tensor<2x3xf32>, tensor<2x3x2xi64>, tensor<2x3xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @added_to(%x: tensor<2x3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c0 = transformer.constant dense<[0, 1]> : tensor<2xi64>
  %0 = transformer.reshape %c0[] : tensor<2xi64> to tensor<2x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<2x1xi64> to tensor<2x3xi64>
  %2 = transformer.reshape %1[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %3 = transformer.reshape %c1[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<2x3xi64>
  %5 = transformer.reshape %4[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %7 = transformer.scatter_nd add %x, %6, %y : tensor<2x3xf32>, tensor<2x3x2xi64>, tensor<2x3xf32>
  return %7 : tensor<2x3xf32>
}

// Written transposed.
// CHECK-LABEL: func.func @rows_written_exchanged(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3x3xf32>, %[[A1:[^:]+]]: tensor<3x3xf32>) -> tensor<3x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0], [1], [2]]> : tensor<3x1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0, 1, 2]]> : tensor<1x3xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.broadcast_to %[[V1]][] : tensor<1x3xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V0]][] : tensor<3x1xi64> to tensor<3x3xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<3x3xi64> to tensor<3x3x1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V3]], %[[V5]] <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.scatter_nd set %[[A0]], %[[V6]], %[[A1]] : tensor<3x3xf32>, tensor<3x3x2xi64>, tensor<3x3xf32>
// CHECK-NEXT: return %[[V7]] : tensor<3x3xf32>
// CHECK-NEXT: }
func.func @rows_written_exchanged(%x: tensor<3x3xf32>, %y: tensor<3x3xf32>) -> tensor<3x3xf32> {
  %c0 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %0 = transformer.reshape %c0[] : tensor<3xi64> to tensor<1x3xi64>
  %1 = transformer.broadcast_to %0[] : tensor<1x3xi64> to tensor<3x3xi64>
  %2 = transformer.reshape %1[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %3 = transformer.reshape %c0[] : tensor<3xi64> to tensor<3x1xi64>
  %4 = transformer.broadcast_to %3[] : tensor<3x1xi64> to tensor<3x3xi64>
  %5 = transformer.reshape %4[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
  %7 = transformer.scatter_nd set %x, %6, %y : tensor<3x3xf32>, tensor<3x3x2xi64>, tensor<3x3xf32>
  return %7 : tensor<3x3xf32>
}

// Some of the columns.
// CHECK-LABEL: func.func @part_written(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4xf32>, %[[A1:[^:]+]]: tensor<2x3xf32>) -> tensor<2x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}0, 1, 2]]> : tensor<1x3xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}0], [1]]> : tensor<2x1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.broadcast_to %[[V1]][] : tensor<2x1xi64> to tensor<2x3xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[V2]][] : tensor<2x3xi64> to tensor<2x3x1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V0]][] : tensor<1x3xi64> to tensor<2x3xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<2x3xi64> to tensor<2x3x1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V3]], %[[V5]] <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.scatter_nd set %[[A0]], %[[V6]], %[[A1]] : tensor<2x4xf32>, tensor<2x3x2xi64>, tensor<2x3xf32>
// CHECK-NEXT: return %[[V7]] : tensor<2x4xf32>
// CHECK-NEXT: }
func.func @part_written(%x: tensor<2x4xf32>, %y: tensor<2x3xf32>) -> tensor<2x4xf32> {
  %c0 = transformer.constant dense<[0, 1]> : tensor<2xi64>
  %0 = transformer.reshape %c0[] : tensor<2xi64> to tensor<2x1xi64>
  %1 = transformer.broadcast_to %0[] : tensor<2x1xi64> to tensor<2x3xi64>
  %2 = transformer.reshape %1[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %3 = transformer.reshape %c1[] : tensor<3xi64> to tensor<1x3xi64>
  %4 = transformer.broadcast_to %3[] : tensor<1x3xi64> to tensor<2x3xi64>
  %5 = transformer.reshape %4[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %6 = transformer.concat %2, %5 <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %7 = transformer.scatter_nd set %x, %6, %y : tensor<2x4xf32>, tensor<2x3x2xi64>, tensor<2x3xf32>
  return %7 : tensor<2x4xf32>
}
