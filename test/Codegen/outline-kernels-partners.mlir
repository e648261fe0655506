// RUN: transom-opt %s --split-input-file --outline-kernels --cse | FileCheck %s
// RUN: transom-opt %s --split-input-file --outline-kernels=chip=sm_90a --cse | FileCheck %s --check-prefix=GPU

// Gate and up of a GLU are one product of two weights, each with its bias; a GPU's kernels have one weight.
// CHECK-LABEL: func.func @glu(
// CHECK: transformer.launch @linear_0(
// CHECK-NOT: transformer.launch
// CHECK: func.func private @linear_0(%[[X:.+]]: tensor<?x64xf32>{{.*}}, %[[GATE:.+]]: tensor<64x96xf32> {transformer.panels = array<i64: 16, 0, 1>{{.*}}, %[[BIAS:.+]]: tensor<96xf32>{{.*}}, %[[UP:.+]]: tensor<64x96xf32> {transformer.panels = array<i64: 16, 0, 1>
// CHECK: %[[G:.+]] = transformer.linear %[[X]], %[[GATE]] bias %[[BIAS]] : tensor<96xf32> {transformer.packed_rhs}
// CHECK: %[[U:.+]] = transformer.linear %[[X]], %[[UP]] {transformer.packed_rhs}
// CHECK: transformer.glu silu %[[G]], %[[U]]
// GPU-LABEL: func.func @glu(
// GPU: transformer.launch @linear_0(
// GPU: transformer.launch @linear_1(
func.func @glu(%x: tensor<?x64xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x96xf32> attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf32>
  %b = transformer.constant dense_resource<bias> : tensor<96xf32>
  %u = transformer.constant dense_resource<up> : tensor<64x96xf32>
  %0 = transformer.linear %x, %g bias %b : tensor<96xf32> : tensor<?x64xf32>, tensor<64x96xf32>
  %1 = transformer.linear %x, %u : tensor<?x64xf32>, tensor<64x96xf32>
  %2 = transformer.glu silu %0, %1 : tensor<?x96xf32>, tensor<?x96xf32>
  return %2 : tensor<?x96xf32>
}

// -----

// Whatever the two meet in, after whatever happens to each; rows that are widened first are so once.
// CHECK-LABEL: func.func @chains(
// CHECK: transformer.launch @linear_0(
// CHECK-NOT: transformer.launch
// CHECK: func.func private @linear_0(
// CHECK: transformer.linear {{.*}} {transformer.packed_rhs, transformer.stage_lhs}
// CHECK: transformer.unary tanh
// CHECK: transformer.linear {{.*}} {transformer.packed_rhs, transformer.stage_lhs}
// CHECK: transformer.binary min
// CHECK: transformer.binary sub
// CHECK: tensor.empty(
// CHECK-NOT: tensor.empty(
func.func @chains(%x: tensor<2x?x64xf16> {transformer.name = "x", transformer.dims = ["", "s", ""]}, %y: tensor<96xf16>) -> tensor<2x?x96xf16> attributes {transformer.entry} {
  %g = transformer.constant dense_resource<gate> : tensor<64x96xf16>
  %u = transformer.constant dense_resource<up> : tensor<64x96xf16>
  %0 = transformer.linear %x, %g : tensor<2x?x64xf16>, tensor<64x96xf16>
  %1 = transformer.unary tanh %0 : tensor<2x?x96xf16>
  %2 = transformer.linear %x, %u : tensor<2x?x64xf16>, tensor<64x96xf16>
  %3 = transformer.binary min %2, %y : tensor<2x?x96xf16>, tensor<96xf16>
  %4 = transformer.binary sub %1, %3 : tensor<2x?x96xf16>, tensor<2x?x96xf16>
  return %4 : tensor<2x?x96xf16>
}

// -----

// Where three meet, two are one product: the last one of those that are left over comes first.
// CHECK-LABEL: func.func @three(
// CHECK: transformer.launch @linear_0(
// CHECK: transformer.launch @linear_1(
// CHECK-NOT: transformer.launch
func.func @three(%x: tensor<?x64xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x96xf32> attributes {transformer.entry} {
  %a = transformer.constant dense_resource<a> : tensor<64x96xf32>
  %b = transformer.constant dense_resource<b> : tensor<64x96xf32>
  %c = transformer.constant dense_resource<c> : tensor<64x96xf32>
  %0 = transformer.linear %x, %a : tensor<?x64xf32>, tensor<64x96xf32>
  %1 = transformer.linear %x, %b : tensor<?x64xf32>, tensor<64x96xf32>
  %2 = transformer.linear %x, %c : tensor<?x64xf32>, tensor<64x96xf32>
  %3 = transformer.binary mul %0, %1 : tensor<?x96xf32>, tensor<?x96xf32>
  %4 = transformer.binary add %3, %2 : tensor<?x96xf32>, tensor<?x96xf32>
  return %4 : tensor<?x96xf32>
}
