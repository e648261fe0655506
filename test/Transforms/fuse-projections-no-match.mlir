// RUN: transom-opt %s --fuse-projections | FileCheck %s

// Another input, one bias of two, an activation, a weight that is no constant, a result that is read whole.
// CHECK-LABEL: func.func @apart
// CHECK-NOT: transformer.concat
// CHECK-COUNT-6: transformer.linear
// CHECK-NOT: transformer.concat
func.func @apart(%x: tensor<4x16xf32>, %y: tensor<4x16xf32>, %u: tensor<16x16xf32>)
    -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x16xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<16xf32>
  %0 = transformer.linear %x, %w : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.linear %y, %w : tensor<4x16xf32>, tensor<16x16xf32>
  %2 = transformer.linear %x, %w bias %b : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.linear %x, %w <{activation = #transformer<unary_kind relu>}> : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.linear %x, %u : tensor<4x16xf32>, tensor<16x16xf32>
  %5 = transformer.linear %x, %w : tensor<4x16xf32>, tensor<16x16xf32>
  %6 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %7 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %8 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %9 = transformer.reshape %3[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %10 = transformer.reshape %4[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %6, %7, %8, %9, %10, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x16xf32>
}
