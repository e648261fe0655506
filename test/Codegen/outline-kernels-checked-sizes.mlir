// RUN: transom-opt %s --outline-kernels --cse | FileCheck %s

// A table's rows, at most 64, added to as many rows as come: what the host program has found equal is one size inside a
// kernel, so that the norm and what follows it are of one shape there.
// CHECK-LABEL: func.func @main
// CHECK: transformer.check_sizes
// CHECK: func.func private @layer_norm_0(
// CHECK-SAME: tensor<?x?x8xf32> {transformer.sizes = array<i64: [[B:[0-9]+]], [[S:[0-9]+]], -1>}
// CHECK-SAME: tensor<1x?x8xf32> {transformer.sizes = array<i64: -1, [[S]], -1>}
// CHECK-SAME: tensor<?x?x1xf32> {transformer.sizes = array<i64: [[B]], [[S]], -1>}
// CHECK: transformer.binary add
// CHECK: transformer.layer_norm
// CHECK: transformer.binary mul
func.func @main(%x: tensor<?x?x8xf32> {transformer.name = "x", transformer.dims = ["b", "s", ""]},
                %keep: tensor<?x?x1xf32> {transformer.name = "keep", transformer.dims = ["b", "s", ""]},
                %ids: tensor<1x64xi64> {transformer.name = "ids", transformer.dims = ["", ""]},
                %table: tensor<64x8xf32> {transformer.name = "table", transformer.dims = ["", ""]})
    -> tensor<?x?x8xf32> attributes {transformer.entry} {
  %c1 = arith.constant 1 : index
  %c64 = arith.constant 64 : index
  %s = tensor.dim %x, %c1 : tensor<?x?x8xf32>
  %most = arith.minsi %s, %c64 : index
  %0 = transformer.slice %ids[] [%most] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<1x64xi64> to tensor<1x?xi64>
  %1 = transformer.gather %table, %0 <{axis = 0 : i64}> : tensor<64x8xf32>, tensor<1x?xi64>
  %2 = transformer.binary add %x, %1 : tensor<?x?x8xf32>, tensor<1x?x8xf32>
  %3 = transformer.layer_norm %2 <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?x8xf32>
  %4 = transformer.binary mul %3, %keep : tensor<?x?x8xf32>, tensor<?x?x1xf32>
  return %4 : tensor<?x?x8xf32>
}
