// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80},nvptx-host)" | FileCheck %s

// What kernels read of the loop lies in cells of the device's memory, which the host fills in the stream's order; it reads
// whether to go on. What is carried lies in two places by turns.
// CHECK-LABEL: func.func @run
// CHECK: %[[ITERATION:.*]] = llvm.call @transom_rt_device_cell(%{{.*}}, %c0_i32)
// CHECK: %[[CONDITION:.*]] = llvm.call @transom_rt_device_cell(%{{.*}}, %c1_i32)
// CHECK: llvm.call @transom_rt_device_read
// CHECK: cf.br ^[[HEADER:.*]](
// CHECK: ^[[HEADER]](%[[I:.*]]: i64
// CHECK: cf.cond_br
// CHECK: llvm.call @transom_rt_device_write(%{{.*}}, %[[ITERATION]], %[[I]], %c8_i64)
// CHECK: llvm.call @transom_rt_device_write(%{{.*}}, %[[CONDITION]], %{{.*}}, %c1_i64)
// CHECK: call @add_0
// CHECK: llvm.call @transom_rt_device_read({{.*}}, %[[CONDITION]], %c1_i64,
// CHECK: cf.br ^[[HEADER]](
func.func @main(%n: tensor<i64> {transformer.name = "n", transformer.dims = []},
                %x: tensor<4xf32> {transformer.name = "x", transformer.dims = [""]}) -> tensor<4xf32> attributes {transformer.entry} {
  %r = transformer.loop count %n : tensor<i64> (%x) : (tensor<4xf32>) -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4xf32>):
    %w = transformer.binary add %v, %x : tensor<4xf32>, tensor<4xf32>
    transformer.yield %c, %w : tensor<i1>, tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
