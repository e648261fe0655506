// RUN: transom-opt %s --split-input-file --round-weights --verify-diagnostics | FileCheck %s
// RUN: transom-opt %s --split-input-file --round-weights=type=f16 2>/dev/null | FileCheck %s --check-prefix=F16

// The product takes the rounded weight as it is; bias and arithmetic stay f32.
// CHECK-LABEL: func.func @projection(
// CHECK:         %[[W:.+]] = transformer.constant dense_resource<w> : tensor<16x32xf32>
// CHECK:         %[[R:.+]] = transformer.cast %[[W]] : tensor<16x32xf32> to tensor<16x32xbf16>
// CHECK:         transformer.linear %{{.+}}, %[[R]] bias %{{.+}} : tensor<32xf32> : tensor<?x16xf32>, tensor<16x32xbf16>
// CHECK-NOT:     transformer.cast
// F16-LABEL:   func.func @projection(
// F16:           transformer.cast %{{.+}} : tensor<16x32xf32> to tensor<16x32xf16>
// F16:           transformer.linear %{{.+}}, %{{.+}} bias %{{.+}} : tensor<32xf32> : tensor<?x16xf32>, tensor<16x32xf16>
// expected-remark@below {{as asked for: 1 weights are rounded to bf16: 1024 bytes, 2048 before; results change within what bf16 resolves}}
module {
func.func @projection(%x: tensor<?x16xf32>) -> tensor<?x32xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x32xf32>
  %b = transformer.constant dense_resource<b> : tensor<32xf32>
  %0 = transformer.linear %x, %w bias %b : tensor<32xf32> : tensor<?x16xf32>, tensor<16x32xf32>
  return %0 : tensor<?x32xf32>
}
}

// -----

// A table of lookups that is a product's weight too is rounded once; its rows are widened after they are looked up.
// CHECK-LABEL: func.func @tied(
// CHECK:         %[[T:.+]] = transformer.constant dense_resource<table> : tensor<100x16xf32>
// CHECK:         %[[R:.+]] = transformer.cast %[[T]] : tensor<100x16xf32> to tensor<100x16xbf16>
// CHECK:         %[[P:.+]] = transformer.transpose %[[R]] <{perm = array<i64: 1, 0>}> : tensor<100x16xbf16>
// CHECK:         %[[ROWS:.+]] = transformer.gather %[[R]], %{{.+}} : tensor<100x16xbf16>, tensor<?xi64>
// CHECK:         %[[X:.+]] = transformer.cast %[[ROWS]] : tensor<?x16xbf16> to tensor<?x16xf32>
// CHECK:         transformer.linear %[[X]], %[[P]] : tensor<?x16xf32>, tensor<16x100xbf16>
// expected-remark@below {{as asked for: 1 weights are rounded to bf16: 3200 bytes, 6400 before}}
module {
func.func @tied(%ids: tensor<?xi64>) -> tensor<?x100xf32> {
  %table = transformer.constant dense_resource<table> : tensor<100x16xf32>
  %w = transformer.transpose %table <{perm = array<i64: 1, 0>}> : tensor<100x16xf32>
  %x = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<100x16xf32>, tensor<?xi64>
  %0 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<16x100xf32>
  return %0 : tensor<?x100xf32>
}
}

// -----

// Weights that are joined when they are written are rounded after that.
// CHECK-LABEL: func.func @joined(
// CHECK:         %[[W:.+]] = transformer.concat
// CHECK:         %[[R:.+]] = transformer.cast %[[W]] : tensor<16x24xf32> to tensor<16x24xbf16>
// CHECK:         transformer.linear %{{.+}}, %[[R]]
// expected-remark@below {{as asked for: 1 weights are rounded to bf16: 768 bytes, 1536 before}}
module {
func.func @joined(%x: tensor<?x16xf32>) -> tensor<?x24xf32> {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x8xf32>
  %w = transformer.concat %q, %k <{axis = 1 : i64}> : tensor<16x16xf32>, tensor<16x8xf32>
  %0 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<16x24xf32>
  return %0 : tensor<?x24xf32>
}
}

// -----

// Experts are products with weights too, joined or not.
// CHECK-LABEL: func.func @experts(
// CHECK:         %[[A:.+]] = transformer.cast %{{.+}} : tensor<4x16x32xf32> to tensor<4x16x32xbf16>
// CHECK:         %[[B:.+]] = transformer.cast %{{.+}} : tensor<4x32x16xf32> to tensor<4x32x16xbf16>
// CHECK:         transformer.moe %{{.+}}, %{{.+}}, %{{.+}}, %[[A]], %[[B]] : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<4x16x32xbf16>, tensor<4x32x16xbf16>
// expected-remark@below {{as asked for: 2 weights are rounded to bf16: 8192 bytes, 16384 before}}
module {
func.func @experts(%x: tensor<?x16xf32>, %ids: tensor<?x2xi64>, %share: tensor<?x2xf32>) -> tensor<?x16xf32> {
  %a = transformer.constant dense_resource<a> : tensor<4x16x32xf32>
  %b = transformer.constant dense_resource<b> : tensor<2x32x16xf32>
  %c = transformer.constant dense_resource<c> : tensor<2x32x16xf32>
  %bc = transformer.concat %b, %c <{axis = 0 : i64}> : tensor<2x32x16xf32>, tensor<2x32x16xf32>
  %0 = transformer.moe %x, %ids, %share, %a, %bc : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<4x16x32xf32>, tensor<4x32x16xf32>
  return %0 : tensor<?x16xf32>
}
}
