// RUN: transom-opt %s --split-input-file --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80},nvptx-host)" | FileCheck %s

// The same structure as the CPU's program, without barriers: a stream has an order. Weights are read as they are.
// CHECK: transformer.weights = [{bytes = 1024 : i64, layout, offset = 0 : i64, value = dense_resource<w>
// CHECK-LABEL: func.func @prepare
// CHECK-LABEL: func.func @run
// CHECK: llvm.call @transom_rt_device_profile
// CHECK: call @linear_0
// CHECK-NOT: barrier
// CHECK: llvm.call @transom_rt_device_profile
// CHECK: call @linear_0
// CHECK: return
func.func @main(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> (tensor<?x16xf32> {transformer.name = "y", transformer.dims = ["s", ""]}) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<16x16xf32>
  %1 = transformer.linear %0, %w : tensor<?x16xf32>, tensor<16x16xf32>
  return %1 : tensor<?x16xf32>
}

// -----

// A size that depends on data is read, which waits for the stream; the program ends there if the run has failed.
// CHECK-LABEL: func.func @run
// CHECK: call @reduce_0
// CHECK: %[[STOPPED:.*]] = llvm.call @transom_rt_device_read(%{{.*}}, %{{.*}}, %c8_i64, %[[ROOM:[0-9]+]])
// CHECK: cf.cond_br
// CHECK: llvm.load %[[ROOM]]
// CHECK: llvm.call @transom_rt_device_output
// CHECK: call @nonzero_0
func.func @positions(%x: tensor<?x4xi1> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<2x?xi64> attributes {transformer.entry} {
  %0 = transformer.nonzero %x : tensor<?x4xi1>
  return %0 : tensor<2x?xi64>
}

// -----

// The host reads which way to go.
// CHECK-LABEL: func.func @run
// CHECK: llvm.call @transom_rt_device_read({{.*}}, %c1_i64,
// CHECK: llvm.load {{.*}} -> i8
// CHECK: cf.cond_br
// CHECK: call @exp_0
// CHECK: call @neg_0
func.func @branch(%c: tensor<i1> {transformer.name = "c", transformer.dims = []},
                  %x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
  %0 = transformer.if %c : tensor<i1> -> tensor<?x16xf32> {
    %1 = transformer.unary exp %x : tensor<?x16xf32>
    transformer.yield %1 : tensor<?x16xf32>
  } else {
    %2 = transformer.unary neg %x : tensor<?x16xf32>
    transformer.yield %2 : tensor<?x16xf32>
  }
  return %0 : tensor<?x16xf32>
}
