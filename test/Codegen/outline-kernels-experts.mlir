// RUN: transom-opt %s --outline-kernels --cse | FileCheck %s

// Experts' weights are packed as they lie, each matrix for itself, joined ones too; what is no constant is packed by the kernel, into memory of
// its own. Then come the numbers of the rows, the rows, and what the first product gives.
// CHECK-LABEL: func.func @main
// CHECK: %[[ALL:.+]] = transformer.concat
// CHECK: %[[R:.+]]:5 = transformer.launch @moe_0(%[[ALL]], %arg0, %arg1, %arg2, %arg3,
// CHECK: return %[[R]]#0
// CHECK: func.func private @moe_0(
// CHECK-SAME: tensor<2x16x8xf32> {transformer.panels = array<i64: 16, 1, 1>
// CHECK-SAME: -> (tensor<?x8xf32>
// CHECK-SAME: transformer.scratch
// CHECK-SAME: transformer.scratch
// CHECK-SAME: transformer.scratch
// CHECK-SAME: transformer.scratch
// CHECK-NEXT: transformer.transpose
// CHECK-NEXT: transformer.moe
func.func @main(%x: tensor<?x8xf32> {transformer.dims = ["t", ""]}, %ids: tensor<?x2xi64> {transformer.dims = ["t", ""]}, %share: tensor<?x2xf32> {transformer.dims = ["t", ""]}, %second: tensor<2x16x8xf32>)
    -> tensor<?x8xf32> attributes {transformer.entry} {
  %a = transformer.constant dense_resource<a> : tensor<1x16x8xf32>
  %b = transformer.constant dense_resource<b> : tensor<1x16x8xf32>
  %all = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<1x16x8xf32>, tensor<1x16x8xf32>
  %first = transformer.transpose %all <{perm = array<i64: 0, 2, 1>}> : tensor<2x16x8xf32>
  %0 = transformer.moe %x, %ids, %share, %first, %second <{activation = #transformer<unary_kind relu>}> : tensor<?x8xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<2x8x16xf32>, tensor<2x16x8xf32>
  return %0 : tensor<?x8xf32>
}
