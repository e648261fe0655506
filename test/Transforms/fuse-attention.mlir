// RUN: transom-opt --fuse-attention --simplify-views --canonicalize --cse %s | FileCheck %s

// BERT: the scores divided, an additive mask, keys transposed with their heads.
// CHECK-LABEL: func.func @scores_divided
// CHECK-NOT: softmax
// CHECK: %[[K:.*]] = transformer.transpose %arg1 <{perm = array<i64: 0, 2, 1, 3>}>
// CHECK: %[[Y:.*]] = transformer.attention %arg0, %[[K]], %arg2 bias %arg3 : tensor<?x1x1x?xf32> <{{.*}}scale = 2.500000e-01 : f32
// CHECK-NEXT: return %[[Y]]
func.func @scores_divided(%q: tensor<?x4x?x16xf32>, %k: tensor<?x?x4x16xf32>, %v: tensor<?x4x?x16xf32>, %mask: tensor<?x1x1x?xf32>) -> tensor<?x4x?x16xf32> {
  %four = transformer.constant dense<4.0> : tensor<f32>
  %0 = transformer.transpose %k <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x4x16xf32>
  %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %2 = transformer.binary div %1, %four : tensor<?x4x?x?xf32>, tensor<f32>
  %3 = transformer.binary add %2, %mask : tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}

// scaled_dot_product_attention: the root of the scale on queries and keys, a
// boolean mask as an infinite bias, NaN rows replaced, keys and values repeated.
// CHECK-LABEL: func.func @safe_grouped
// CHECK-NOT: isnan
// CHECK: transformer.attention %arg0, %arg1, %arg2 mask %arg3 : tensor<?x1x?x?xi1> <{{.*}}scale = 2.500000e-01 : f32{{.*}}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
func.func @safe_grouped(%q: tensor<?x4x?x16xf32>, %k: tensor<?x2x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %v: tensor<?x2x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %mask: tensor<?x1x?x?xi1>) -> tensor<?x4x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %k, %c0 : tensor<?x2x?x16xf32>
  %s = tensor.dim %k, %c2 : tensor<?x2x?x16xf32>
  %half = transformer.constant dense<0.5> : tensor<f32>
  %zero = transformer.constant dense<0.0> : tensor<1xf32>
  %removed = transformer.constant dense<0xFF800000> : tensor<1xf32>
  %k0 = transformer.reshape %k[%b, %s] : tensor<?x2x?x16xf32> to tensor<?x2x1x?x16xf32>
  %k1 = transformer.broadcast_to %k0[%b, %s] : tensor<?x2x1x?x16xf32> to tensor<?x2x2x?x16xf32>
  %k2 = transformer.reshape %k1[%b, %s] : tensor<?x2x2x?x16xf32> to tensor<?x4x?x16xf32>
  %v0 = transformer.reshape %v[%b, %s] : tensor<?x2x?x16xf32> to tensor<?x2x1x?x16xf32>
  %v1 = transformer.broadcast_to %v0[%b, %s] : tensor<?x2x1x?x16xf32> to tensor<?x2x2x?x16xf32>
  %v2 = transformer.reshape %v1[%b, %s] : tensor<?x2x2x?x16xf32> to tensor<?x4x?x16xf32>
  %0 = transformer.transpose %k2 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
  %1 = transformer.binary mul %q, %half : tensor<?x4x?x16xf32>, tensor<f32>
  %2 = transformer.binary mul %0, %half : tensor<?x4x16x?xf32>, tensor<f32>
  %3 = transformer.matmul %1, %2 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
  %4 = transformer.select %mask, %zero, %removed : tensor<?x1x?x?xi1>, tensor<1xf32>, tensor<1xf32>
  %5 = transformer.binary add %3, %4 : tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>
  %6 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %7 = transformer.unary isnan %6 : tensor<?x4x?x?xf32>
  %8 = transformer.select %7, %zero, %6 : tensor<?x4x?x?xi1>, tensor<1xf32>, tensor<?x4x?x?xf32>
  %9 = transformer.matmul %8, %v2 : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %9 : tensor<?x4x?x16xf32>
}

// Scores filled where the mask is true, by a finite number: an addition of it,
// which rows that are masked throughout do not tell from a replacement.
// CHECK-LABEL: func.func @filled
// CHECK: %[[B:.*]] = transformer.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<?x1x?x?xi1>, tensor<f32>, tensor<f32>
// CHECK: transformer.attention %arg0, %arg1, %arg2 bias %[[B]] : tensor<?x1x?x?xf32>
func.func @filled(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>, %mask: tensor<?x1x?x?xi1>) -> tensor<?x4x?x16xf32> {
  %low = transformer.constant dense<-1.0e+04> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %1 = transformer.select %mask, %low, %0 : tensor<?x1x?x?xi1>, tensor<f32>, tensor<?x4x?x?xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %3 = transformer.matmul %2, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %3 : tensor<?x4x?x16xf32>
}

// BLOOM: batch and heads in one dim, a bias below and one above the split.
// CHECK-LABEL: func.func @merged_heads
// CHECK: %[[A:.*]] = transformer.reshape %arg3[%{{.*}}, %{{.*}}] : tensor<?x1x?xf32> to tensor<?x4x1x?xf32>
// CHECK: %[[B:.*]] = transformer.binary add
// CHECK: %[[Y:.*]] = transformer.attention %arg0, %arg1, %arg2 bias %[[B]] {{.*}}scale = 2.500000e-01
// CHECK-NEXT: return %[[Y]]
func.func @merged_heads(%q: tensor<?x4x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %k: tensor<?x4x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %v: tensor<?x4x?x16xf32> {transformer.dims = ["b", "", "s", ""]}, %alibi: tensor<?x1x?xf32> {transformer.dims = ["4 * b", "", "s"]}, %mask: tensor<?x1x?x?xf32>) -> tensor<?x4x?x16xf32> {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %b = tensor.dim %q, %c0 : tensor<?x4x?x16xf32>
  %s = tensor.dim %q, %c2 : tensor<?x4x?x16xf32>
  %c4 = arith.constant 4 : index
  %scale = transformer.constant dense<0.25> : tensor<f32>
  %bh = arith.muli %b, %c4 : index
  %0 = transformer.reshape %q[%bh, %s] : tensor<?x4x?x16xf32> to tensor<?x?x16xf32>
  %1 = transformer.reshape %k[%bh, %s] : tensor<?x4x?x16xf32> to tensor<?x?x16xf32>
  %2 = transformer.reshape %v[%bh, %s] : tensor<?x4x?x16xf32> to tensor<?x?x16xf32>
  %3 = transformer.transpose %1 <{perm = array<i64: 0, 2, 1>}> : tensor<?x?x16xf32>
  %4 = transformer.matmul %0, %3 : tensor<?x?x16xf32>, tensor<?x16x?xf32>
  %5 = transformer.binary mul %4, %scale : tensor<?x?x?xf32>, tensor<f32>
  %6 = transformer.reshape %alibi[%bh, %s] : tensor<?x1x?xf32> to tensor<?x1x?xf32>
  %7 = transformer.binary add %5, %6 : tensor<?x?x?xf32>, tensor<?x1x?xf32>
  %8 = transformer.reshape %7[%b, %s, %s] : tensor<?x?x?xf32> to tensor<?x4x?x?xf32>
  %9 = transformer.binary add %8, %mask : tensor<?x4x?x?xf32>, tensor<?x1x?x?xf32>
  %10 = transformer.softmax %9 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %11 = transformer.reshape %10[%bh, %s, %s] : tensor<?x4x?x?xf32> to tensor<?x?x?xf32>
  %12 = transformer.matmul %11, %2 : tensor<?x?x?xf32>, tensor<?x?x16xf32>
  %13 = transformer.reshape %12[%b, %s] : tensor<?x?x16xf32> to tensor<?x4x?x16xf32>
  return %13 : tensor<?x4x?x16xf32>
}

// Gemma 2: a soft cap; half precision with the softmax in f32.
// CHECK-LABEL: func.func @softcap_f16
// CHECK: transformer.attention %arg0, %arg1, %arg2 <{{.*}}scale = 1.250000e-01 : f32, softcap = 5.000000e+01 : f32{{.*}}> : tensor<?x4x?x16xf16>
func.func @softcap_f16(%q: tensor<?x4x?x16xf16>, %k: tensor<?x4x?x16xf16>, %v: tensor<?x4x?x16xf16>) -> tensor<?x4x?x16xf16> {
  %cap = transformer.constant dense<50.0> : tensor<f32>
  %eighth = transformer.constant dense<0.125> : tensor<f16>
  %0 = transformer.binary mul %q, %eighth : tensor<?x4x?x16xf16>, tensor<f16>
  %1 = transformer.matmul %0, %k <{transpose_b}> : tensor<?x4x?x16xf16>, tensor<?x4x?x16xf16>
  %2 = transformer.cast %1 : tensor<?x4x?x?xf16> to tensor<?x4x?x?xf32>
  %3 = transformer.binary div %2, %cap : tensor<?x4x?x?xf32>, tensor<f32>
  %4 = transformer.unary tanh %3 : tensor<?x4x?x?xf32>
  %5 = transformer.binary mul %4, %cap : tensor<?x4x?x?xf32>, tensor<f32>
  %6 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %7 = transformer.cast %6 : tensor<?x4x?x?xf32> to tensor<?x4x?x?xf16>
  %8 = transformer.matmul %7, %v : tensor<?x4x?x?xf16>, tensor<?x4x?x16xf16>
  return %8 : tensor<?x4x?x16xf16>
}

// One head: no dim for heads at all.
// CHECK-LABEL: func.func @no_heads
// CHECK: transformer.attention {{.*}} : tensor<?x1x?x16xf32>, tensor<?x1x?x16xf32>, tensor<?x1x?x16xf32>
func.func @no_heads(%q: tensor<?x?x16xf32>, %k: tensor<?x?x16xf32>, %v: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  %1 = transformer.softmax %0 <{axis = 2 : i64}> : tensor<?x?x?xf32>
  %2 = transformer.matmul %1, %v : tensor<?x?x?xf32>, tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// The row maximum taken off before the softmax changes nothing (CogView).
// CHECK-LABEL: func.func @relaxed
// CHECK-NOT: reduce
// CHECK: transformer.attention %arg0, %arg1, %arg2 <{{.*}}scale = 3.200000e+01
func.func @relaxed(%q: tensor<?x4x?x16xf32>, %k: tensor<?x4x?x16xf32>, %v: tensor<?x4x?x16xf32>) -> tensor<?x4x?x16xf32> {
  %alpha = transformer.constant dense<32.0> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
  %1 = transformer.reduce max %0 <{axes = array<i64: 3>, keepdims}> : tensor<?x4x?x?xf32>
  %2 = transformer.binary sub %0, %1 : tensor<?x4x?x?xf32>, tensor<?x4x?x1xf32>
  %3 = transformer.binary mul %2, %alpha : tensor<?x4x?x?xf32>, tensor<f32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
  return %5 : tensor<?x4x?x16xf32>
}
