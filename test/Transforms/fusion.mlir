// RUN: transom-opt --raise --mlir-print-debuginfo %s | FileCheck %s

// What is fused keeps the nodes that it came from: the one that took the others
// in comes first.

// CHECK-LABEL: func.func @linear
// CHECK: transformer.linear {{.*}} loc(#[[LINEAR:.*]])
func.func @linear(%x: tensor<?x16xf32>, %r: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x4xf32>
  %b = transformer.constant dense_resource<b> : tensor<4xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x4xf32> loc("project"("MatMul"))
  %1 = transformer.binary add %0, %b : tensor<?x4xf32>, tensor<4xf32> loc("plus"("Add"))
  %2 = transformer.unary relu %1 : tensor<?x4xf32> loc("bend"("Relu"))
  %3 = transformer.binary add %2, %r : tensor<?x4xf32>, tensor<?x4xf32> loc("residual"("Add"))
  return %3 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func @norm
// CHECK: transformer.rms_norm {{.*}} loc(#[[NORM:.*]])
func.func @norm(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %eps = transformer.constant dense<1.0e-05> : tensor<f32>
  %s = transformer.constant dense_resource<s> : tensor<4xf32>
  // Also read by others: no part of the norm alone.
  %0 = transformer.binary mul %x, %x : tensor<?x4xf32>, tensor<?x4xf32> loc("square"("Mul"))
  %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x4xf32> loc("mean"("ReduceMean"))
  %2 = transformer.binary add %1, %eps : tensor<?x1xf32>, tensor<f32> loc("plus"("Add"))
  %3 = transformer.unary rsqrt %2 : tensor<?x1xf32> loc("root"("Rsqrt"))
  %4 = transformer.binary mul %x, %3 : tensor<?x4xf32>, tensor<?x1xf32> loc("quotient"("Mul"))
  %5 = transformer.binary mul %4, %s : tensor<?x4xf32>, tensor<4xf32> loc("scale"("Mul"))
  return %5, %0 : tensor<?x4xf32>, tensor<?x4xf32>
}

// CHECK-LABEL: func.func @attention
// CHECK: transformer.attention {{.*}} loc(#[[ATTENTION:.*]])
func.func @attention(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %s = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32> loc("turn"("Transpose"))
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32> loc("scores"("MatMul"))
  %2 = transformer.binary mul %1, %s : tensor<?x4x?x?xf32>, tensor<f32> loc("scale"("Mul"))
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<?x4x?x?xf32> loc("weigh"("Softmax"))
  %4 = transformer.matmul %3, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32> loc("mix"("MatMul"))
  return %4 : tensor<?x4x?x16xf32>
}

// CHECK-DAG: #[[PROJECT:.*]] = loc("project"(#{{.*}}))
// CHECK-DAG: #[[PLUS:.*]] = loc("plus"(#{{.*}}))
// CHECK-DAG: #[[BEND:.*]] = loc("bend"(#{{.*}}))
// CHECK-DAG: #[[RESIDUAL:.*]] = loc("residual"(#{{.*}}))
// CHECK-DAG: #[[MEAN:.*]] = loc("mean"(#{{.*}}))
// CHECK-DAG: #[[ROOT:.*]] = loc("root"(#{{.*}}))
// CHECK-DAG: #[[QUOTIENT:.*]] = loc("quotient"(#{{.*}}))
// CHECK-DAG: #[[SCALE:.*]] = loc("scale"(#{{.*}}))
// CHECK-DAG: #[[MIX:.*]] = loc("mix"(#{{.*}}))
// CHECK-DAG: #[[TURN:.*]] = loc("turn"(#{{.*}}))
// CHECK-DAG: #[[SCORES:.*]] = loc("scores"(#{{.*}}))
// CHECK-DAG: #[[WEIGH:.*]] = loc("weigh"(#{{.*}}))
// CHECK-DAG: #[[LINEAR]] = loc(fused[#[[PROJECT]], #[[PLUS]], #[[BEND]], #[[RESIDUAL]]])
// CHECK-DAG: #[[NORM]] = loc(fused[#[[SCALE]], #[[MEAN]], #[[PLUS]], #[[ROOT]], #[[QUOTIENT]]])
// CHECK-DAG: #[[ATTENTION]] = loc(fused[#[[MIX]], #[[TURN]], #[[SCORES]], #[[SCALE]], #[[WEIGH]]])
