// RUN: transom-opt %s --split-input-file --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a},lower-launches,canonicalize,cse)" | FileCheck %s --check-prefix=HOPPER
// RUN: transom-opt %s --split-input-file --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80},lower-launches,canonicalize,cse)" | FileCheck %s

// The functions of the chip's code are numbered. A launch hands over a word an argument: pointers, sizes, the place in
// the model; the last word is the runtime's. As many blocks as find something to do: an element a thread, 256 a block.
// CHECK: transformer.functions = [{name = "add_0", shared = 0 : i64, threads = 256 : i64}]
// CHECK-LABEL: func.func private @add_0(%arg0: !llvm.ptr, %arg1: !llvm.ptr, %arg2: !llvm.ptr, %arg3: index, %arg4: index, %arg5: index, %arg6: index, %arg7: !llvm.ptr)
// CHECK-DAG: %[[SEVEN:.*]] = arith.constant 6 : i64
// CHECK-DAG: %[[WORDS:.*]] = llvm.alloca %[[SEVEN]] x i64
// CHECK: llvm.ptrtoint %arg0
// CHECK: llvm.store {{.*}}, %[[WORDS]]
// CHECK: %[[N:.*]] = arith.index_cast %arg3 : index to i64
// CHECK: llvm.store %[[N]]
// CHECK: %[[ELEMENTS:.*]] = arith.muli %arg3, %{{.*}} : index
// CHECK: arith.addi %[[ELEMENTS]], %c255
// CHECK: arith.divsi %{{.*}}, %c256
// CHECK: llvm.call @transom_rt_device_launch(%arg7, %{{.*}}, %c0_i32, %{{.*}}, %[[WORDS]], %c6_i32)
// CHECK: return
func.func @main(%x: tensor<?x5xf32>, %y: tensor<5xf32>) -> tensor<?x5xf32> attributes {transformer.entry} {
  %0 = transformer.binary add %x, %y : tensor<?x5xf32>, tensor<5xf32>
  return %0 : tensor<?x5xf32>
}

// -----

// A product's forms: blocks where the number of rows is the form's, else none.
// CHECK: transformer.functions = [{name = "linear_0", {{.*}}}, {name = "linear_0_row", {{.*}}}, {name = "linear_0_few", {{.*}}}]
// CHECK-LABEL: func.func private @linear_0
// CHECK: %[[FEW:.*]] = arith.cmpi {{.*}} %arg3
// CHECK: arith.select
// CHECK: llvm.call @transom_rt_device_launch({{.*}}, %c0_i32,
// CHECK: arith.cmpi eq, %arg3, %c1
// CHECK: arith.select
// CHECK: llvm.call @transom_rt_device_launch({{.*}}, %c1_i32,
// CHECK: arith.select
// CHECK: llvm.call @transom_rt_device_launch({{.*}}, %c2_i32,
// Tensors that the chip's copy engine is to read are described first, 16 words each: the bytes of an element, dims from
// the last on, and the box. Functions without need of them get the words behind.
// HOPPER: transformer.functions = [{name = "linear_0", shared = {{[0-9]+}} : i64, threads = 384 : i64}
// HOPPER-LABEL: func.func private @linear_0
// HOPPER: %[[WORDS:.*]] = llvm.alloca %{{.*}} x i64 {alignment = 64 : i64}
// HOPPER: %[[ARGUMENTS:.*]] = llvm.getelementptr %[[WORDS]][32]
// HOPPER: %[[ROWS:.*]] = arith.index_cast %arg3 : index to i64
// HOPPER: llvm.call @transom_rt_device_map(%{{.*}}, %{{.*}}, %[[WORDS]], %arg0, %c2_i64, %c64_i64, %[[ROWS]], %c1_i64, %c64_i64, %c128_i64)
// HOPPER: %[[SECOND:.*]] = llvm.getelementptr %[[WORDS]][16]
// HOPPER: llvm.call @transom_rt_device_map(%{{.*}}, %{{.*}}, %[[SECOND]], %arg1, %c2_i64, %c128_i64, %c64_i64, %c1_i64, %c64_i64, %c64_i64)
// HOPPER: llvm.call @transom_rt_device_launch({{.*}}, %c0_i32, %{{.*}}, %[[WORDS]], %c38_i32)
// HOPPER: llvm.call @transom_rt_device_launch({{.*}}, %c1_i32, %{{.*}}, %[[ARGUMENTS]], %c6_i32)
func.func @product(%x: tensor<?x64xf16>) -> tensor<?x128xf16> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<64x128xf16>
  %0 = transformer.linear %x, %w : tensor<?x64xf16>, tensor<64x128xf16>
  return %0 : tensor<?x128xf16>
}
