// RUN: transom-opt --fuse-projections=remarks --verify-diagnostics %s | FileCheck %s

// Products of one input that heads are split from, and what keeps each from being one with the others.

// An activation.
// CHECK-LABEL: func.func @activated(
// CHECK-NOT: transformer.concat
// CHECK-COUNT-2: transformer.linear
// CHECK-NOT: transformer.concat
func.func @activated(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  // expected-remark @+1 {{projections stays in pieces: an activation follows it}}
  %1 = transformer.linear %x, %k <{activation = #transformer<unary_kind relu>}> : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// One is read as it is, too.
// CHECK-LABEL: func.func @read_whole(
// CHECK-NOT: transformer.concat
// CHECK-COUNT-2: transformer.linear
// CHECK-NOT: transformer.concat
func.func @read_whole(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x16xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  // expected-remark @+1 {{projections stays in pieces: something else than a split into heads reads it}}
  %1 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5, %1 : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x16xf32>
}

// A weight that is an input.
// CHECK-LABEL: func.func @computed_weight(
// CHECK-NOT: transformer.concat
// CHECK-COUNT-2: transformer.linear
// CHECK-NOT: transformer.concat
func.func @computed_weight(%x: tensor<4x16xf32>, %w: tensor<16x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  // expected-remark @+1 {{projections stays in pieces: its weight is no constant}}
  %1 = transformer.linear %x, %w : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// A sum.
// CHECK-LABEL: func.func @residual(
// CHECK-NOT: transformer.concat
// CHECK-COUNT-2: transformer.linear
// CHECK-NOT: transformer.concat
func.func @residual(%x: tensor<4x16xf32>, %y: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  // expected-remark @+1 {{projections stays in pieces: a residual is added to it}}
  %1 = transformer.linear %x, %k residual %y : tensor<4x16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// The only bias.
// CHECK-LABEL: func.func @one_bias(
// CHECK-NOT: transformer.concat
// CHECK-COUNT-2: transformer.linear
// CHECK-NOT: transformer.concat
func.func @one_bias(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<16xf32>
  // expected-remark @+1 {{projections stays in pieces: it has a bias, and others of the same input have none}}
  %1 = transformer.linear %x, %k bias %b : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// A weight of 16 bits.
// CHECK-LABEL: func.func @other_type(
// CHECK-NOT: transformer.concat
// CHECK-COUNT-2: transformer.linear
// CHECK-NOT: transformer.concat
func.func @other_type(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %n = transformer.constant dense_resource<n> : tensor<16x16xf16>
  // expected-remark @+1 {{projections stays in pieces: its weights are of another type than those of the same input}}
  %1 = transformer.linear %x, %n : tensor<4x16xf32>, tensor<16x16xf16>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// Keys have no bias, as in Whisper: queries and values are one, and nothing is said of them.
// CHECK-LABEL: func.func @keys_without_bias(
// CHECK: transformer.linear %{{.+}}, %{{.+}} bias %{{.+}} : tensor<32xf32>
// CHECK: transformer.linear %{{.+}}, %{{.+}} : tensor<4x16xf32>, tensor<16x16xf32>
func.func @keys_without_bias(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<16xf32>
  %c = transformer.constant dense_resource<c> : tensor<16xf32>
  %0 = transformer.linear %x, %q bias %b : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  // expected-remark @+1 {{projections stays in pieces: it has no bias, and others of the same input have}}
  %1 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %2 = transformer.linear %x, %v bias %c : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %5 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %6 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %5, %6 : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// A product of the same input that no head is split from: nothing is said.
// CHECK-LABEL: func.func @feed_forward_beside(
// CHECK-NOT: transformer.concat
// CHECK: return
func.func @feed_forward_beside(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x16xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.linear %x, %k <{activation = #transformer<unary_kind relu>}> : tensor<4x16xf32>, tensor<16x16xf32>
  %4 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %4, %1 : tensor<4x2x8xf32>, tensor<4x16xf32>
}
