// RUN: not transom-opt --canonicalize --check-meaning %s 2>&1 | FileCheck %s

// What cannot run is no fault of a pass.
// CHECK: error: the module does not run: at {{.*}}: transformer.gather: the index 7 is outside a dim of 4
// CHECK-NOT: error: the pass
func.func @outside(%x: tensor<4xf32>) -> tensor<f32> {
  %i = transformer.constant dense<7> : tensor<i64>
  %0 = transformer.gather %x, %i <{axis = 0 : i64}> : tensor<4xf32>, tensor<i64>
  return %0 : tensor<f32>
}
