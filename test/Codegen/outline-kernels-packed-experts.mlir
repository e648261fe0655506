// RUN: transom-opt %s --outline-kernels --cse | FileCheck %s

// Quantised experts lie in panels of bytes, their scales and zero points beside each other as their columns do. No memory is planned in which they
// would be floats: there are the numbers of the rows, the rows, and what the first product gives.
// CHECK-LABEL: func.func @main
// CHECK: transformer.launch @moe_0(
// CHECK: func.func private @moe_0(
// CHECK-SAME: tensor<2x16x4xui8> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-SAME: tensor<2x8x16xui8> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-SAME: tensor<2x16x2xf32> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-SAME: tensor<2x8x1xf32> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-SAME: tensor<2x16x1xui8> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-SAME: -> (tensor<?x8xf32>
// CHECK-SAME: transformer.scratch
// CHECK-SAME: transformer.scratch
// CHECK-SAME: transformer.scratch
// CHECK-NOT: transformer.scratch
// CHECK: transformer.moe
func.func @main(%x: tensor<?x8xf32> {transformer.dims = ["t", ""]}, %ids: tensor<?x2xi64> {transformer.dims = ["t", ""]}, %share: tensor<?x2xf32> {transformer.dims = ["t", ""]})
    -> tensor<?x8xf32> attributes {transformer.entry} {
  %first = transformer.constant dense_resource<first> : tensor<2x16x4xui8>
  %second = transformer.constant dense_resource<second> : tensor<2x8x16xui8>
  %fs = transformer.constant dense_resource<fs> : tensor<2x16x2xf32>
  %ss = transformer.constant dense_resource<ss> : tensor<2x8x1xf32>
  %fz = transformer.constant dense_resource<fz> : tensor<2x16x1xui8>
  %0 = transformer.moe %x, %ids, %share, %first, %second first_scales %fs : tensor<2x16x2xf32> second_scales %ss : tensor<2x8x1xf32> first_zeros %fz : tensor<2x16x1xui8> <{activation = #transformer<unary_kind relu>}> : tensor<?x8xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<2x16x4xui8>, tensor<2x8x16xui8>
  return %0 : tensor<?x8xf32>
}
