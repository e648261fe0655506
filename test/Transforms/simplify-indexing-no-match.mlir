// RUN: transom-opt --simplify-indexing --canonicalize --split-input-file %s | FileCheck %s

// Columns counted backwards.
// CHECK-LABEL: func.func @reversed
// CHECK: transformer.gather_nd
func.func @reversed(%mask: tensor<2x3xi1>) -> tensor<2x3xi1> {
  %row = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %column = transformer.constant dense<[2, 1, 0]> : tensor<3xi64>
  %rows = transformer.broadcast_to %row[] : tensor<2x1xi64> to tensor<2x3xi64>
  %columns = transformer.broadcast_to %column[] : tensor<3xi64> to tensor<2x3xi64>
  %r = transformer.reshape %rows[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c = transformer.reshape %columns[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %tuple = transformer.concat %r, %c <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %read = transformer.gather_nd %mask, %tuple <{batch_dims = 0 : i64}> : tensor<2x3xi1>, tensor<2x3x2xi64>
  return %read : tensor<2x3xi1>
}

// -----

// Rows and columns exchanged: a transpose, not a view.
// CHECK-LABEL: func.func @exchanged
// CHECK: transformer.gather_nd
func.func @exchanged(%mask: tensor<3x3xi1>) -> tensor<3x3xi1> {
  %row = transformer.constant dense<[[0], [1], [2]]> : tensor<3x1xi64>
  %column = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %rows = transformer.broadcast_to %row[] : tensor<3x1xi64> to tensor<3x3xi64>
  %columns = transformer.broadcast_to %column[] : tensor<3xi64> to tensor<3x3xi64>
  %r = transformer.reshape %rows[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %c = transformer.reshape %columns[] : tensor<3x3xi64> to tensor<3x3x1xi64>
  %tuple = transformer.concat %c, %r <{axis = 2 : i64}> : tensor<3x3x1xi64>, tensor<3x3x1xi64>
  %read = transformer.gather_nd %mask, %tuple <{batch_dims = 0 : i64}> : tensor<3x3xi1>, tensor<3x3x2xi64>
  return %read : tensor<3x3xi1>
}

// -----

// The rows are 2 apart, the mask has 3 columns.
// CHECK-LABEL: func.func @other_stride
// CHECK: transformer.gather
func.func @other_stride(%mask: tensor<2x3xi1>) -> tensor<2x3xi1> {
  %first = transformer.constant dense<[[0], [2]]> : tensor<2x1xi64>
  %column = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %number = transformer.binary add %first, %column : tensor<2x1xi64>, tensor<3xi64>
  %flat = transformer.reshape %mask[] : tensor<2x3xi1> to tensor<6xi1>
  %read = transformer.gather %flat, %number <{axis = 0 : i64}> : tensor<6xi1>, tensor<2x3xi64>
  return %read : tensor<2x3xi1>
}

// -----

// Indices that are an input.
// CHECK-LABEL: func.func @lookup
// CHECK: transformer.gather
func.func @lookup(%mask: tensor<2x3xi1>, %number: tensor<2x3xi64>) -> tensor<2x3xi1> {
  %flat = transformer.reshape %mask[] : tensor<2x3xi1> to tensor<6xi1>
  %read = transformer.gather %flat, %number <{axis = 0 : i64}> : tensor<6xi1>, tensor<2x3xi64>
  return %read : tensor<2x3xi1>
}

// -----

// Only the first two columns are written; and a sum is no assignment.
// CHECK-LABEL: func.func @scatter_to_some
// CHECK: transformer.scatter_nd set
// CHECK: transformer.scatter_nd add
func.func @scatter_to_some(%x: tensor<2x3xf32>, %some: tensor<2x2xf32>, %all: tensor<2x3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
  %two = transformer.constant dense<[[[0, 0], [0, 1]], [[1, 0], [1, 1]]]> : tensor<2x2x2xi64>
  %row = transformer.constant dense<[[[0], [0], [0]], [[1], [1], [1]]]> : tensor<2x3x1xi64>
  %column = transformer.constant dense<[[[0], [1], [2]], [[0], [1], [2]]]> : tensor<2x3x1xi64>
  %tuple = transformer.concat %row, %column <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %0 = transformer.scatter_nd set %x, %two, %some : tensor<2x3xf32>, tensor<2x2x2xi64>, tensor<2x2xf32>
  %1 = transformer.scatter_nd add %x, %tuple, %all : tensor<2x3xf32>, tensor<2x3x2xi64>, tensor<2x3xf32>
  return %0, %1 : tensor<2x3xf32>, tensor<2x3xf32>
}

// -----

// Each row of the table has a scale of its own; a computed table is made float once.
// CHECK-LABEL: func.func @tables_kept
// CHECK: %[[A:.+]] = transformer.dequantize
// CHECK: transformer.gather %[[A]]
// CHECK: %[[B:.+]] = transformer.dequantize
// CHECK: transformer.gather %[[B]]
func.func @tables_kept(%ids: tensor<?xi64>, %s: tensor<100xf32>, %t: tensor<f32>, %x: tensor<100x32xi8>) -> (tensor<?x32xf32>, tensor<?x32xf32>) {
  %w = transformer.constant dense<3> : tensor<100x32xi8>
  %0 = transformer.dequantize %w, %s <{axis = 0 : i64, block_size = 0 : i64}> : tensor<100x32xi8>, tensor<100xf32> to tensor<100x32xf32>
  %1 = transformer.gather %0, %ids <{axis = 0 : i64}> : tensor<100x32xf32>, tensor<?xi64>
  %2 = transformer.dequantize %x, %t <{axis = 1 : i64, block_size = 0 : i64}> : tensor<100x32xi8>, tensor<f32> to tensor<100x32xf32>
  %3 = transformer.gather %2, %ids <{axis = 0 : i64}> : tensor<100x32xf32>, tensor<?xi64>
  return %1, %3 : tensor<?x32xf32>, tensor<?x32xf32>
}
