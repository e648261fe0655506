// RUN: not transom-opt %s --split-input-file --lower-host-program 2>&1 | FileCheck %s

// CHECK: error: 'transformer.unary' op is not part of a kernel
func.func @bare(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}

// -----

// CHECK: error: 'transformer.launch' op launches no known kernel
func.func @missing(%x: tensor<4x16xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x16xf32> attributes {transformer.entry} {
  %0 = transformer.launch @nothing(%x) [] : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %0 : tensor<4x16xf32>
}
