// RUN: not transom-opt %s --outline-kernels=panel-columns=24 --lower-kernels-to-cpu 2>&1 | FileCheck %s
// RUN: not transom-opt %s --outline-kernels="panel-columns=64 weight-columns=16" --lower-kernels-to-cpu=vector-bits=512 2>&1 | FileCheck %s --check-prefix=NARROW

// Panels are of whole tiles.
// CHECK: error: 'func.func' op has argument 1 in panels of 24 columns, of which tiles of 16 columns take no whole number; outline-kernels{panel-columns=16} or weight-columns of a multiple would do
// NARROW: error: 'func.func' op has argument 1 in panels of 16 columns, of which tiles of 64 columns take no whole number; outline-kernels{panel-columns=64} or weight-columns of a multiple would do
func.func @main(%x: tensor<?x8xf32>) -> tensor<?x40xf32> attributes {transformer.entry} {
  %w = transformer.constant dense<1.0> : tensor<8x40xf32>
  %0 = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x40xf32>
  return %0 : tensor<?x40xf32>
}
