// RUN: not transom-opt %s --lower-launches 2>&1 | FileCheck %s

// CHECK: error: the module has no gpu.module, or several: it is not after the stage nvptx
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> attributes {transformer.entry} {
  return %x : tensor<4xf32>
}
