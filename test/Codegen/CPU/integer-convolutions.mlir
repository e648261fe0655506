// RUN: transom-opt %s --kernels --lower-kernels-to-cpu | FileCheck %s

// Integers are summed in their own type, a row at a time.
// CHECK-LABEL: func.func private @conv_0(
// CHECK-NOT: vector.fma
// CHECK: arith.muli %{{.+}}, %{{.+}} : i32
// CHECK: arith.addi %{{.+}}, %{{.+}} : i32
func.func @integers(%x: tensor<?x3x8x8xi32>, %w: tensor<16x3x3x3xi32>) -> tensor<?x16x6x6xi32> attributes {transformer.entry} {
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}> : tensor<?x3x8x8xi32>, tensor<16x3x3x3xi32>
  return %0 : tensor<?x16x6x6xi32>
}
