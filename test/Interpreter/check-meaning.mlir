// RUN: transom-opt --raise --check-meaning %s | FileCheck %s
// RUN: not transom-opt --raise --test-plant-bug --check-meaning %s 2>&1 | FileCheck %s --check-prefix=BUG

// The pass that changes results is named, and the op and node that give other
// values; what passes before it did is not blamed.

// CHECK: transformer.rms_norm
// CHECK: transformer.attention

// BUG: error: loc(fused["mix"("MatMul"), "scores"("MatMul"), "weigh"("Softmax")]): the pass 'test-plant-bug' changes results: transformer.attention gives other values than before; output 0 of @layer: {{[0-9]+}} elements differ
// BUG-NOT: error:
func.func @layer(%x: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %0 = transformer.binary mul %x, %x : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32> loc("square"("Mul"))
  %1 = transformer.reduce mean %0 <{axes = array<i64: 3>, keepdims}> : tensor<?x4x?x16xf32> loc("mean"("ReduceMean"))
  %2 = transformer.binary add %1, %eps : tensor<?x4x?x1xf32>, tensor<f32> loc("plus"("Add"))
  %3 = transformer.unary rsqrt %2 : tensor<?x4x?x1xf32> loc("root"("Rsqrt"))
  %q = transformer.binary mul %x, %3 : tensor<?x4x?x16xf32>, tensor<?x4x?x1xf32> loc("quotient"("Mul"))
  %4 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32> loc("scores"("MatMul"))
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<?x4x?x?xf32> loc("weigh"("Softmax"))
  %6 = transformer.matmul %5, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32> loc("mix"("MatMul"))
  return %6 : tensor<?x4x?x16xf32>
}
