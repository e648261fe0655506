// RUN: transom-opt %s --pass-pipeline="builtin.module(keep-states,nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: FileCheck %s < %t.mlir --check-prefix=KERNELS
// RUN: transom-opt %t.mlir --pass-pipeline="builtin.module(nvptx-host)" | FileCheck %s

// A cache that stays where it is: new rows are written into the buffer, by one thread an element of theirs. The kernel of the
// ONNX signature joins old and new rows, so it is another one.
// KERNELS: func.func private @kv_write_0({{.*}} attributes {transformer.in_place = 0 : i64, transformer.kernel}
// KERNELS: gpu.module @sm_80
// KERNELS-LABEL: func.func @kv_write_0(
// KERNELS-SAME: %[[CACHE:arg[0-9]+]]: !llvm.ptr {{{[^}]*}}llvm.readonly}, %[[NEW:arg[0-9]+]]: !llvm.ptr
// The cache's argument is not read.
// KERNELS-NOT: getelementptr inbounds %[[CACHE]][
// KERNELS: getelementptr inbounds %[[NEW]][
// KERNELS-NOT: getelementptr inbounds %[[CACHE]][
// KERNELS: return

// Each entry point is a host program of its own, and the buffer is the state's.
// CHECK-LABEL: func.func @run
// CHECK-LABEL: func.func @step_prepare
// CHECK-LABEL: func.func @step_run(
// CHECK: %[[PLACE:.*]] = llvm.getelementptr %arg0[6]
// CHECK: %[[STATES:.*]] = llvm.load %[[PLACE]]
// CHECK: %[[BUFFER:.*]] = llvm.load %[[STATES]]
// CHECK: call @kv_write_0(%[[BUFFER]], %{{[0-9]+}}, %[[BUFFER]],
// CHECK-NOT: transom_rt_barrier
// CHECK: return
func.func @main(%x: tensor<1x2x?x16xf32> {transformer.name = "x", transformer.dims = ["", "", "new", ""]},
                %past: tensor<1x2x?x16xf32> {transformer.name = "past", transformer.dims = ["", "", "past", ""]})
    -> (tensor<1x2x?x16xf32> {transformer.name = "y"}, tensor<1x2x?x16xf32> {transformer.name = "present"}) attributes {transformer.entry} {
  %0 = transformer.concat %past, %x <{axis = 2 : i64}> : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>
  %1 = transformer.attention %x, %0, %0 <{causal = #transformer<causal_kind bottom_right>, scale = 2.500000e-01 : f32}> : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>
  return %1, %0 : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>
}
