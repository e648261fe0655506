// RUN: transom-opt --fuse-attention=remarks -verify-diagnostics %s | FileCheck %s

// Products of [batch*heads, rows, keys] whose masks are added to [batch, heads, rows, keys] in between.

// CHECK-LABEL: func.func @there_and_back(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} bias %{{.+}} : tensor<2x1x3x5xf32> {{.*}} : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NOT: transformer.softmax
func.func @there_and_back(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<8x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x5xf32> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %3 = transformer.reshape %2[] : tensor<2x4x3x5xf32> to tensor<8x3x5xf32>
  %4 = transformer.softmax %3 <{axis = 2 : i64}> : tensor<8x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<8x3x5xf32>, tensor<8x5x16xf32>
  return %5 : tensor<8x3x16xf32>
}

// Two masks, one that replaces.
// CHECK-LABEL: func.func @two_masks(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} bias %{{.+}} mask %{{.+}} : tensor<2x1x1x5xi1>
func.func @two_masks(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x5x16xf32>, %m: tensor<2x1x3x5xf32>, %keep: tensor<2x1x1x5xi1>) -> tensor<8x3x16xf32> {
  %never = transformer.constant dense<0xFF800000> : tensor<f32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x5xf32> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %3 = transformer.select %keep, %2, %never : tensor<2x1x1x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %4 = transformer.reshape %3[] : tensor<2x4x3x5xf32> to tensor<8x3x5xf32>
  %5 = transformer.softmax %4 <{axis = 2 : i64}> : tensor<8x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<8x3x5xf32>, tensor<8x5x16xf32>
  return %6 : tensor<8x3x16xf32>
}

// Sizes that only the run knows.
// CHECK-LABEL: func.func @dynamic(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} bias %{{.+}} : tensor<1x1x?x?xf32>
func.func @dynamic(%q: tensor<4x?x16xf32>, %k: tensor<4x?x16xf32>, %v: tensor<4x?x16xf32>, %m: tensor<1x1x?x?xf32>) -> tensor<4x?x16xf32> {
  %c1 = arith.constant 1 : index
  %rows = tensor.dim %q, %c1 : tensor<4x?x16xf32>
  %keys = tensor.dim %k, %c1 : tensor<4x?x16xf32>
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<4x?x16xf32>, tensor<4x?x16xf32>
  %1 = transformer.reshape %0[%rows, %keys] : tensor<4x?x?xf32> to tensor<1x4x?x?xf32>
  %2 = transformer.binary add %1, %m : tensor<1x4x?x?xf32>, tensor<1x1x?x?xf32>
  %3 = transformer.reshape %2[%rows, %keys] : tensor<1x4x?x?xf32> to tensor<4x?x?xf32>
  %4 = transformer.softmax %3 <{axis = 2 : i64}> : tensor<4x?x?xf32>
  %5 = transformer.matmul %4, %v : tensor<4x?x?xf32>, tensor<4x?x16xf32>
  return %5 : tensor<4x?x16xf32>
}

// The softmax is over other keys than the product's.
// CHECK-LABEL: func.func @other_rows(
// CHECK-NOT: transformer.attention
func.func @other_rows(%q: tensor<8x3x16xf32>, %k: tensor<8x5x16xf32>, %v: tensor<8x3x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<8x5x16xf32> {
  // expected-remark @+1 {{attention stays in pieces: the softmax is not over the keys of the product}}
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<8x3x16xf32>, tensor<8x5x16xf32>
  %1 = transformer.reshape %0[] : tensor<8x3x5xf32> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %3 = transformer.reshape %2[] : tensor<2x4x3x5xf32> to tensor<8x5x3xf32>
  %4 = transformer.softmax %3 <{axis = 2 : i64}> : tensor<8x5x3xf32>
  %5 = transformer.matmul %4, %v : tensor<8x5x3xf32>, tensor<8x3x16xf32>
  return %5 : tensor<8x5x16xf32>
}
