// RUN: transom-opt %s --kernels --lower-kernels-to-cpu | FileCheck %s

// Blocks of 64 elements: the best key of each in a reduction that vectorises,
// then the position within the best block.
// CHECK-LABEL: func.func private @arg_reduce_0(
// CHECK: scf.for %{{.+}} = %{{.+}} to %{{.+}} step %c1 {
// CHECK:   scf.for %{{.+}} step %c64 iter_args(%{{.+}} = %{{.+}}, %{{.+}} = %c0) -> (i32, index)
// CHECK:     scf.for %{{.+}} iter_args(%{{.+}}) -> (i32)
// CHECK:       arith.cmpf uno
// CHECK:       arith.maxsi
// CHECK:   scf.for %{{.+}} iter_args(%{{.+}}) -> (index)
// CHECK:     arith.minsi
func.func @main(%x: tensor<?x?xf32>, %y: tensor<4x?x80xi32>, %z: tensor<?x?xi1>, %l: tensor<1x?xf32>)
    -> (tensor<?x1xi64>, tensor<4x80xi64>, tensor<1x8xf32>, tensor<1x8xi64>, tensor<2x?xi64>, tensor<4x?x80xi32>)
    attributes {transformer.entry} {
  %0 = transformer.arg_reduce max %x <{axis = 1 : i64, keepdims}> : tensor<?x?xf32>
  // Where the axis is not the last, 64 lines side by side.
  // CHECK-LABEL: func.func private @arg_reduce_1(
  // CHECK: %[[KEYS:.+]] = llvm.alloca %c64_i64 x i32
  // CHECK: %[[POSITIONS:.+]] = llvm.alloca %c64_i64{{.*}} x i64
  // CHECK: arith.cmpi sge
  %1 = transformer.arg_reduce min %y <{axis = 1 : i64, select_last}> : tensor<4x?x80xi32>
  // The results are the heap: no other memory. Blocks without a better element
  // than the root are passed over.
  // CHECK-LABEL: func.func private @topk_0(
  // CHECK-NOT: llvm.alloca
  // CHECK: call @transom_rt_fail
  // CHECK: scf.while
  // CHECK: scf.for %{{.+}} step %c64
  // CHECK:   scf.for %{{.+}} -> (i32)
  // CHECK:   scf.if
  // CHECK:     scf.while
  %v, %i = transformer.topk %l <{axis = 1 : i64, largest = true}> : tensor<1x?xf32> to tensor<1x8xf32>, tensor<1x8xi64>
  // Each thread counts what lies before its part.
  // CHECK-LABEL: func.func private @nonzero_0(
  // CHECK: %[[FROM:.+]] = arith.divui
  // CHECK: %[[TO:.+]] = arith.divui
  // CHECK: %[[FIRST:.+]] = scf.for %{{.+}} = %c0 to %[[FROM]] {{.+}} -> (index)
  // CHECK: scf.for %{{.+}} = %[[FROM]] to %[[TO]] step %c1 iter_args(%{{.+}} = %[[FIRST]])
  %2 = transformer.nonzero %z : tensor<?x?xi1>
  // CHECK-LABEL: func.func private @cumsum_0(
  // CHECK: llvm.alloca %c64_i64 x i32
  // CHECK: scf.for
  // CHECK: arith.addi %{{.+}}, %{{.+}} : i32
  %3 = transformer.cumsum %y <{axis = 1 : i64}> : tensor<4x?x80xi32>
  return %0, %1, %v, %i, %2, %3
      : tensor<?x1xi64>, tensor<4x80xi64>, tensor<1x8xf32>, tensor<1x8xi64>, tensor<2x?xi64>, tensor<4x?x80xi32>
}
