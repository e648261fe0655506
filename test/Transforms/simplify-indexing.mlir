// RUN: transom-opt --simplify-indexing --canonicalize --split-input-file %s | FileCheck %s

// The mask of a batched loop: element b * s + j of the flattened mask, at [b, 0, 0, j].
// CHECK-LABEL: func.func @row_major_numbers
// CHECK-SAME: (%[[MASK:.*]]: tensor<?x?xi1>)
// CHECK: %[[B:.*]] = tensor.dim %[[MASK]], %c0
// CHECK: %[[S:.*]] = tensor.dim %[[MASK]], %c1
// CHECK-NEXT: %[[VIEW:.*]] = transformer.reshape %[[MASK]][%[[B]], %[[S]]] : tensor<?x?xi1> to tensor<?x1x1x?x1xi1>
// CHECK-NEXT: return %[[VIEW]]
func.func @row_major_numbers(%mask: tensor<?x?xi1>) -> tensor<?x1x1x?x1xi1> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %mask, %c0 : tensor<?x?xi1>
  %s = tensor.dim %mask, %c1 : tensor<?x?xi1>
  %bs = arith.muli %s, %b : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %columns = transformer.range %zero, %one[%s] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %rows = transformer.range %zero, %one[%b] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %row = transformer.reshape %rows[%b] : tensor<?xi64> to tensor<?x1x1x1xi64>
  %width = transformer.from_index %s : tensor<1xi64>
  %first = transformer.binary mul %row, %width : tensor<?x1x1x1xi64>, tensor<1xi64>
  %number = transformer.binary add %columns, %first : tensor<?xi64>, tensor<?x1x1x1xi64>
  %flat = transformer.reshape %mask[%bs] : tensor<?x?xi1> to tensor<?x1xi1>
  %read = transformer.gather %flat, %number <{axis = 0 : i64}> : tensor<?x1xi1>, tensor<?x1x1x?xi64>
  return %read : tensor<?x1x1x?x1xi1>
}

// -----

// Fewer columns than the mask has: its first ones, if they are there.
// CHECK-LABEL: func.func @first_columns
// CHECK-SAME: (%[[MASK:.*]]: tensor<2x?xi1>, %[[N:.*]]: index)
// CHECK: %[[S:.*]] = tensor.dim %[[MASK]]
// CHECK: %[[MIN:.*]] = arith.minsi %[[S]], %[[N]]
// CHECK: transformer.check_sizes %[[MIN]], %[[N]]
// CHECK: transformer.slice %[[MASK]][] [%[[N]]] <{static_starts = array<i64: 0, 0>
// CHECK-NOT: gather
func.func @first_columns(%mask: tensor<2x?xi1>, %n: index) -> tensor<2x?xi1> {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %s = tensor.dim %mask, %c1 : tensor<2x?xi1>
  %bs = arith.muli %s, %c2 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %columns = transformer.range %zero, %one[%n] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %row = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %width = transformer.from_index %s : tensor<i64>
  %first = transformer.binary mul %row, %width : tensor<2x1xi64>, tensor<i64>
  %number = transformer.binary add %first, %columns : tensor<2x1xi64>, tensor<?xi64>
  %flat = transformer.reshape %mask[%bs] : tensor<2x?xi1> to tensor<?xi1>
  %read = transformer.gather %flat, %number <{axis = 0 : i64}> : tensor<?xi1>, tensor<2x?xi64>
  return %read : tensor<2x?xi1>
}

// -----

// CHECK-LABEL: func.func @tuples
// CHECK-SAME: (%[[MASK:.*]]: tensor<2x3xi1>)
// CHECK-NEXT: return %[[MASK]]
func.func @tuples(%mask: tensor<2x3xi1>) -> tensor<2x3xi1> {
  %row = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %column = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %rows = transformer.broadcast_to %row[] : tensor<2x1xi64> to tensor<2x3xi64>
  %columns = transformer.broadcast_to %column[] : tensor<3xi64> to tensor<2x3xi64>
  %r = transformer.reshape %rows[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %c = transformer.reshape %columns[] : tensor<2x3xi64> to tensor<2x3x1xi64>
  %tuple = transformer.concat %r, %c <{axis = 2 : i64}> : tensor<2x3x1xi64>, tensor<2x3x1xi64>
  %read = transformer.gather_nd %mask, %tuple <{batch_dims = 0 : i64}> : tensor<2x3xi1>, tensor<2x3x2xi64>
  return %read : tensor<2x3xi1>
}

// -----

// Assignment to all of a slice.
// CHECK-LABEL: func.func @scatter_to_all
// CHECK-SAME: (%{{.*}}: tensor<1x2x3xf32>, %[[UPDATES:.*]]: tensor<1x2x3xf32>)
// CHECK-NEXT: return %[[UPDATES]]
func.func @scatter_to_all(%x: tensor<1x2x3xf32>, %updates: tensor<1x2x3xf32>) -> tensor<1x2x3xf32> {
  %batch = transformer.constant dense<0> : tensor<1x2x3x1xi64>
  %row = transformer.constant dense<[[0], [1]]> : tensor<2x1xi64>
  %column = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %rows = transformer.broadcast_to %row[] : tensor<2x1xi64> to tensor<1x2x3xi64>
  %columns = transformer.broadcast_to %column[] : tensor<3xi64> to tensor<1x2x3xi64>
  %r = transformer.reshape %rows[] : tensor<1x2x3xi64> to tensor<1x2x3x1xi64>
  %c = transformer.reshape %columns[] : tensor<1x2x3xi64> to tensor<1x2x3x1xi64>
  %tuple = transformer.concat %batch, %r, %c <{axis = 3 : i64}> : tensor<1x2x3x1xi64>, tensor<1x2x3x1xi64>, tensor<1x2x3x1xi64>
  %written = transformer.scatter_nd set %x, %tuple, %updates : tensor<1x2x3xf32>, tensor<1x2x3x3xi64>, tensor<1x2x3xf32>
  return %written : tensor<1x2x3xf32>
}

// -----

// Rows of a table are looked up before they become float; a scale of each column stays, one of each block is looked up too.
// CHECK-LABEL: func.func @integer_tables
// CHECK-SAME: (%[[IDS:.+]]: tensor<?x?xi64>, %[[S:.+]]: tensor<f32>, %[[T:.+]]: tensor<32xf32>, %[[U:.+]]: tensor<100x2xf32>)
// CHECK: %[[W:.+]] = transformer.constant
// CHECK: %[[ROWS:.+]] = transformer.gather %[[W]], %[[IDS]] <{axis = 0 : i64}> : tensor<100x32xi8>, tensor<?x?xi64>
// CHECK: transformer.dequantize %[[ROWS]], %[[S]] <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x?x32xi8>, tensor<f32> to tensor<?x?x32xf32>
// CHECK: transformer.dequantize %{{.+}}, %[[T]] <{axis = 2 : i64, block_size = 0 : i64}> : tensor<?x?x32xi8>, tensor<32xf32> to tensor<?x?x32xf32>
// CHECK: %[[STEPS:.+]] = transformer.gather %[[U]], %[[IDS]]
// CHECK: transformer.dequantize %{{.+}}, %[[STEPS]] <{axis = 2 : i64, block_size = 16 : i64}> : tensor<?x?x32xi8>, tensor<?x?x2xf32> to tensor<?x?x32xf32>
func.func @integer_tables(%ids: tensor<?x?xi64>, %s: tensor<f32>, %t: tensor<32xf32>, %u: tensor<100x2xf32>) -> (tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>) {
  %w = transformer.constant dense<3> : tensor<100x32xi8>
  %0 = transformer.dequantize %w, %s <{axis = 1 : i64, block_size = 0 : i64}> : tensor<100x32xi8>, tensor<f32> to tensor<100x32xf32>
  %1 = transformer.gather %0, %ids <{axis = 0 : i64}> : tensor<100x32xf32>, tensor<?x?xi64>
  %2 = transformer.dequantize %w, %t <{axis = 1 : i64, block_size = 0 : i64}> : tensor<100x32xi8>, tensor<32xf32> to tensor<100x32xf32>
  %3 = transformer.gather %2, %ids <{axis = 0 : i64}> : tensor<100x32xf32>, tensor<?x?xi64>
  %4 = transformer.dequantize %w, %u <{axis = 1 : i64, block_size = 16 : i64}> : tensor<100x32xi8>, tensor<100x2xf32> to tensor<100x32xf32>
  %5 = transformer.gather %4, %ids <{axis = 0 : i64}> : tensor<100x32xf32>, tensor<?x?xi64>
  return %1, %3, %5 : tensor<?x?x32xf32>, tensor<?x?x32xf32>, tensor<?x?x32xf32>
}
