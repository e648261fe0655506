// RUN: transom-opt %s --kernels --lower-kernels-to-cpu | FileCheck %s

func.func @main(%x: tensor<?x8xf32>, %i: tensor<?x3xi64>, %u: tensor<?x3xf32>, %r: tensor<?x1xi64>, %w: tensor<?x8xf32>,
                %c: tensor<?x2x32x16xf32>, %n: tensor<?x2x?x16xf32>, %s: tensor<?xi64>)
    -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x2x32x16xf32>) attributes {transformer.entry} {
  // A copy, then updates whose indices are checked.
  // CHECK-LABEL: func.func private @scatter_elements_0(
  // CHECK: llvm.store
  // CHECK: llvm.call @transom_rt_barrier
  // CHECK: arith.cmpi ult
  // CHECK: llvm.call @transom_rt_fail
  // CHECK: arith.addf
  // CHECK: llvm.store
  %0 = transformer.scatter_elements add %x, %i, %u <{axis = 1 : i64}> : tensor<?x8xf32>, tensor<?x3xi64>, tensor<?x3xf32>
  // Every thread goes over all updates and writes its elements of each slice.
  // CHECK-LABEL: func.func private @scatter_nd_0(
  // CHECK: llvm.call @transom_rt_barrier
  // CHECK: %[[FROM:.+]] = arith.divui
  // CHECK: %[[TO:.+]] = arith.divui
  // CHECK: scf.for
  // CHECK: llvm.call @transom_rt_fail
  // CHECK: scf.for %{{.+}} = %[[FROM]] to %[[TO]] step %c1
  %1 = transformer.scatter_nd set %x, %r, %w : tensor<?x8xf32>, tensor<?x1xi64>, tensor<?x8xf32>
  // New rows and kept rows are different ones: no barrier.
  // CHECK-LABEL: func.func private @kv_write_0(
  // CHECK-NOT: transom_rt_barrier
  // CHECK: llvm.call @transom_rt_fail
  // CHECK: scf.for {{.+}} to %c16
  // CHECK: arith.cmpi uge
  // CHECK: scf.for {{.+}} to %c16
  // CHECK: return
  %2 = transformer.kv_write %c, %n at %s : tensor<?xi64> <{axis = 2 : i64}> : tensor<?x2x32x16xf32>, tensor<?x2x?x16xf32>
  return %0, %1, %2 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x2x32x16xf32>
}
