// RUN: rm -rf %t && mkdir %t && split-file %s %t
// RUN: not transom-translate --export-onnx=%t/m.onnx %t/loop.mlir 2>&1 | FileCheck %s --check-prefix=LOOP
// RUN: not transom-translate --export-onnx=text %t/sums.mlir 2>&1 | FileCheck %s --check-prefix=SUMS
// RUN: not transom-translate --export-onnx=text %t/entry.mlir 2>&1 | FileCheck %s --check-prefix=ENTRY
// RUN: not transom-translate --export-onnx=text %t/name.mlir 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not ls %t/m.onnx

// LOOP: error: node 'repeat' (resize) has no form in ONNX here: there is no rule for transformer.resize
//--- loop.mlir
func.func @main(%x: tensor<1x3x4x4xf32> {transformer.name = "x", transformer.dims = ["", "", "", ""]})
    -> (tensor<1x3x8x8xf32> {transformer.name = "y", transformer.dims = ["", "", "", ""]}) attributes {transformer.entry} {
  %y = transformer.resize %x [] <{mode = "linear", coordinates = "half_pixel", nearest_mode = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, cubic_coefficient = -0.75 : f32}> : tensor<1x3x4x4xf32> to tensor<1x3x8x8xf32> loc("repeat")
  return %y : tensor<1x3x8x8xf32>
}

// SUMS: error: node 'products' (cumsum) has no form in ONNX here: prefix products
//--- sums.mlir
func.func @main(%x: tensor<4xf32> {transformer.name = "x", transformer.dims = [""]})
    -> (tensor<4xf32> {transformer.name = "y", transformer.dims = [""]}) attributes {transformer.entry} {
  %y = transformer.cumsum %x <{axis = 0 : i64, product}> : tensor<4xf32> loc("products")
  return %y : tensor<4xf32>
}

// ENTRY: error: the module has no entry function
//--- entry.mlir
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// NAME: error: output 0 has no name
//--- name.mlir
func.func @main(%x: tensor<4xf32> {transformer.name = "x", transformer.dims = [""]}) -> tensor<4xf32> attributes {transformer.entry} {
  return %x : tensor<4xf32>
}
