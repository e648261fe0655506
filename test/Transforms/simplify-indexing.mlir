// RUN: transom-opt --simplify-indexing --canonicalize --split-input-file %s | FileCheck %s

// CHECK-LABEL: func @row_major_numbers
// CHECK-SAME: (%[[MASK:.*]]: tensor<?x?xi1>)
// CHECK-NOT: gather
// CHECK: %[[VIEW:.*]] = transformer.reshape %[[MASK]]{{.*}} to tensor<?x1x1x?xi1>
// CHECK: %[[RESULT:.*]] = transformer.reshape %[[MASK]]{{.*}}
// CHECK: return
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
