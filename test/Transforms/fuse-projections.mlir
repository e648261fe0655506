// RUN: transom-opt %s --fuse-projections | FileCheck %s

// Queries, keys and values of one input; fewer heads of keys and values.
// CHECK-LABEL: func.func @grouped
// CHECK: %[[W:.*]] = transformer.concat %{{.*}}, %{{.*}}, %{{.*}} <{axis = 1 : i64}> : tensor<16x32xf32>, tensor<16x16xf32>, tensor<16x16xf32>
// CHECK: %[[P:.*]] = transformer.linear %arg0, %[[W]] : tensor<?x16xf32>, tensor<16x64xf32>
// CHECK: %[[Q:.*]] = transformer.slice %[[P]][] [%arg1] <{static_starts = array<i64: 0, 0>{{.*}} to tensor<?x32xf32>
// CHECK: transformer.reshape %[[Q]]
// CHECK: %[[K:.*]] = transformer.slice %[[P]][] [%arg1] <{static_starts = array<i64: 0, 32>{{.*}} to tensor<?x16xf32>
// CHECK: transformer.reshape %[[K]]
// CHECK: %[[V:.*]] = transformer.slice %[[P]][] [%arg1] <{static_starts = array<i64: 0, 48>{{.*}} to tensor<?x16xf32>
// CHECK: transformer.reshape %[[V]]
func.func @grouped(%x: tensor<?x16xf32>, %s: index) -> (tensor<?x4x8xf32>, tensor<?x2x8xf32>, tensor<?x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x32xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<?x16xf32>, tensor<16x32xf32>
  %1 = transformer.reshape %0[%s] : tensor<?x32xf32> to tensor<?x4x8xf32>
  %2 = transformer.linear %x, %k : tensor<?x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[%s] : tensor<?x16xf32> to tensor<?x2x8xf32>
  %4 = transformer.linear %x, %v : tensor<?x16xf32>, tensor<16x16xf32>
  %5 = transformer.reshape %4[%s] : tensor<?x16xf32> to tensor<?x2x8xf32>
  return %1, %3, %5 : tensor<?x4x8xf32>, tensor<?x2x8xf32>, tensor<?x2x8xf32>
}

// With biases, joined too; constants may stand below the first product.
// CHECK-LABEL: func.func @biased
// CHECK: %[[W:.*]] = transformer.concat %{{.*}}, %{{.*}} <{axis = 1 : i64}>
// CHECK: %[[B:.*]] = transformer.concat %{{.*}}, %{{.*}} <{axis = 0 : i64}> : tensor<16xf32>, tensor<16xf32>
// CHECK: transformer.linear %arg0, %[[W]] bias %[[B]] : tensor<32xf32>
// CHECK-NOT: transformer.linear
func.func @biased(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<16xf32>
  %0 = transformer.linear %x, %w bias %b : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %c = transformer.constant dense_resource<c> : tensor<16xf32>
  %2 = transformer.linear %x, %v bias %c : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3 : tensor<4x2x8xf32>, tensor<4x2x8xf32>
}
