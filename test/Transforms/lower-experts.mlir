// RUN: transom-opt --lower-experts %s | FileCheck %s

// Mixtures of experts as products over the rows that chose each expert.

// CHECK-LABEL: func.func @plain(
// CHECK-SAME: %[[X:[^:]+]]: tensor<5x8xf32>, %[[SCORES:[^:]+]]: tensor<5x2xf32>, %[[A:[^:]+]]: tensor<2x8x12xf32>, %[[B:[^:]+]]: tensor<2x12x6xf32>, %[[P:[^:]+]]: tensor<2x12xf32>
// CHECK: %[[SHARE:.+]], %[[IDS:.+]] = transformer.topk
// CHECK: %[[NONE:.+]] = transformer.broadcast_to %{{.+}}[] : tensor<f32> to tensor<5x6xf32>
// CHECK: %[[E0:.+]] = transformer.constant dense<0> : tensor<i64>
// CHECK-NEXT: %[[TAKES:.+]] = transformer.compare eq %[[IDS]], %[[E0]] : tensor<5x1xi64>, tensor<i64>
// CHECK-NEXT: %[[FOUND:.+]] = transformer.nonzero %[[TAKES]] : tensor<5x1xi1>
// CHECK: %[[LINE:.+]] = transformer.slice %[[FOUND]]{{.*}}static_starts = array<i64: 0, 0>
// CHECK: %[[ROW:.+]] = transformer.reshape %[[LINE]]{{.*}} to tensor<?xi64>
// CHECK: %[[PLACES:.+]] = transformer.transpose %[[FOUND]]
// CHECK-NEXT: %[[OWN:.+]] = transformer.gather_nd %[[SHARE]], %[[PLACES]]
// CHECK-NEXT: %[[ROWS:.+]] = transformer.gather %[[X]], %[[ROW]] <{axis = 0 : i64}>
// CHECK: %[[A0:.+]] = transformer.reshape %{{.+}}[] : tensor<1x8x12xf32> to tensor<8x12xf32>
// CHECK-NEXT: %[[WIDE:.+]] = transformer.matmul %[[ROWS]], %[[A0]]
// CHECK: %[[BIASED:.+]] = transformer.binary add %[[WIDE]]
// CHECK-NEXT: %[[INNER:.+]] = transformer.unary relu %[[BIASED]]
// CHECK: %[[B0:.+]] = transformer.reshape %{{.+}}[] : tensor<1x12x6xf32> to tensor<12x6xf32>
// CHECK-NEXT: %[[Y:.+]] = transformer.matmul %[[INNER]], %[[B0]]
// CHECK: %[[SHARES:.+]] = transformer.reshape %[[OWN]]{{.*}} to tensor<?x1xf32>
// CHECK-NEXT: %[[PART:.+]] = transformer.binary mul %[[Y]], %[[SHARES]]
// CHECK: %[[SUM:.+]] = transformer.scatter_nd add %[[NONE]], %{{.+}}, %[[PART]]
// CHECK: %[[E1:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK: %[[ALL:.+]] = transformer.scatter_nd add %[[SUM]]
// CHECK-NEXT: return %[[ALL]] : tensor<5x6xf32>
func.func @plain(%x: tensor<5x8xf32>, %scores: tensor<5x2xf32>, %a: tensor<2x8x12xf32>, %b: tensor<2x12x6xf32>, %p: tensor<2x12xf32>) -> tensor<5x6xf32> {
  %s, %e = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<5x2xf32> to tensor<5x1xf32>, tensor<5x1xi64>
  %0 = transformer.moe %x, %e, %s, %a, %b first_bias %p : tensor<2x12xf32> <{activation = #transformer<unary_kind relu>}> : tensor<5x8xf32>, tensor<5x1xi64>, tensor<5x1xf32>, tensor<2x8x12xf32>, tensor<2x12x6xf32>
  return %0 : tensor<5x6xf32>
}

// A gate of a weight of its own; weights of 16 bits are widened.
// CHECK-LABEL: func.func @apart(
// CHECK: %[[G:.+]] = transformer.cast %{{.+}} : tensor<8x12xbf16> to tensor<8x12xf32>
// CHECK-NEXT: %[[GATE:.+]] = transformer.matmul %{{.+}}, %[[G]]
// CHECK: %[[UP:.+]] = transformer.matmul
// CHECK-NEXT: transformer.glu silu %[[GATE]], %[[UP]]
func.func @apart(%x: tensor<5x8xf32>, %scores: tensor<5x2xf32>, %a: tensor<2x8x12xbf16>, %u: tensor<2x8x12xf32>, %b: tensor<2x12x6xf32>) -> tensor<5x6xf32> {
  %s, %e = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<5x2xf32> to tensor<5x2xf32>, tensor<5x2xi64>
  %0 = transformer.moe %x, %e, %s, %a, %b up %u : tensor<2x8x12xf32> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<5x8xf32>, tensor<5x2xi64>, tensor<5x2xf32>, tensor<2x8x12xbf16>, tensor<2x12x6xf32>
  return %0 : tensor<5x6xf32>
}

// Gate and the rest of one weight, in halves.
// CHECK-LABEL: func.func @halves(
// CHECK: %[[PAIRS:.+]] = transformer.reshape %{{.+}} to tensor<?x2x6xf32>
// CHECK: transformer.slice %[[PAIRS]]{{.*}}static_starts = array<i64: 0, 0, 0>
// CHECK: transformer.slice %[[PAIRS]]{{.*}}static_starts = array<i64: 0, 1, 0>
// CHECK: transformer.glu gelu
func.func @halves(%x: tensor<5x8xf32>, %scores: tensor<5x2xf32>, %a: tensor<2x8x12xf32>, %b: tensor<2x6x7xf32>) -> tensor<5x7xf32> {
  %s, %e = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<5x2xf32> to tensor<5x1xf32>, tensor<5x1xi64>
  %0 = transformer.moe %x, %e, %s, %a, %b <{activation = #transformer<unary_kind gelu>, gate = #transformer<expert_gate halves>}> : tensor<5x8xf32>, tensor<5x1xi64>, tensor<5x1xf32>, tensor<2x8x12xf32>, tensor<2x6x7xf32>
  return %0 : tensor<5x7xf32>
}

// Every other column, clamped, scaled and moved.
// CHECK-LABEL: func.func @alternating(
// CHECK: %[[GATE:.+]] = transformer.slice %{{.+}} <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}>
// CHECK: %[[UP:.+]] = transformer.slice %{{.+}} <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}>
// CHECK: %[[CLAMPED:.+]] = transformer.binary min %[[GATE]]
// CHECK: %[[LOW:.+]] = transformer.binary min %[[UP]]
// CHECK: %[[HIGH:.+]] = transformer.binary max %[[LOW]]
// CHECK: %[[MOVED:.+]] = transformer.binary add %[[HIGH]]
// CHECK: %[[SCALED:.+]] = transformer.binary mul %[[CLAMPED]]
// CHECK-NEXT: %[[OPEN:.+]] = transformer.unary sigmoid %[[SCALED]]
// CHECK-NEXT: %[[SILU:.+]] = transformer.binary mul %[[CLAMPED]], %[[OPEN]]
// CHECK-NEXT: transformer.binary mul %[[SILU]], %[[MOVED]]
func.func @alternating(%x: tensor<5x8xf32>, %scores: tensor<5x2xf32>, %a: tensor<2x8x12xf32>, %b: tensor<2x6x7xf32>) -> tensor<5x7xf32> {
  %s, %e = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<5x2xf32> to tensor<5x1xf32>, tensor<5x1xi64>
  %0 = transformer.moe %x, %e, %s, %a, %b <{activation = #transformer<unary_kind silu>, alpha = 1.702 : f32, beta = 1.0 : f32, gate = #transformer<expert_gate alternating>, limit = 7.0 : f32}> : tensor<5x8xf32>, tensor<5x1xi64>, tensor<5x1xf32>, tensor<2x8x12xf32>, tensor<2x6x7xf32>
  return %0 : tensor<5x7xf32>
}

// Packed weights: products of each expert that read them as they are.
// CHECK-LABEL: func.func @packed(
// CHECK-SAME: %[[X:[^:]+]]: tensor<5x32xf32>, %[[SCORES:[^:]+]]: tensor<5x2xf32>, %[[A:[^:]+]]: tensor<2x16x16xui8>
// CHECK: %[[A0:.+]] = transformer.reshape %{{.+}}[] : tensor<16x16xui8> to tensor<16x2x8xui8>
// CHECK: %[[Z0:.+]] = transformer.reshape %{{.+}}[] : tensor<1x16x1xui8> to tensor<16x1xui8>
// CHECK: %[[S0:.+]] = transformer.reshape %{{.+}}[] : tensor<1x16x2xf32> to tensor<16x2xf32>
// CHECK: %[[WIDE:.+]] = transformer.linear_nbits %{{.+}}, %[[A0]], %[[S0]] zeros %[[Z0]] : tensor<16x1xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}>
// CHECK: %[[INNER:.+]] = transformer.unary relu %[[WIDE]]
// CHECK: %[[NARROW:.+]] = transformer.cast %{{.+}} : tensor<6x1xf16> to tensor<6x1xf32>
// CHECK: transformer.linear_nbits %[[INNER]], %{{.+}}, %[[NARROW]] <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 6 : i64}>
func.func @packed(%x: tensor<5x32xf32>, %scores: tensor<5x2xf32>, %a: tensor<2x16x16xui8>, %b: tensor<2x6x16xui8>, %as: tensor<2x16x2xf32>, %az: tensor<2x16x1xui8>, %bs: tensor<2x6x1xf16>) -> tensor<5x6xf32> {
  %s, %e = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<5x2xf32> to tensor<5x1xf32>, tensor<5x1xi64>
  %0 = transformer.moe %x, %e, %s, %a, %b first_scales %as : tensor<2x16x2xf32> second_scales %bs : tensor<2x6x1xf16> first_zeros %az : tensor<2x16x1xui8> <{activation = #transformer<unary_kind relu>}> : tensor<5x32xf32>, tensor<5x1xi64>, tensor<5x1xf32>, tensor<2x16x16xui8>, tensor<2x6x16xui8>
  return %0 : tensor<5x6xf32>
}
