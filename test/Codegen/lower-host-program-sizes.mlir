// RUN: transom-opt %s --split-input-file --outline-kernels --lower-kernels-to-cpu --lower-host-program --canonicalize --cse | FileCheck %s

// Sizes: what follows from the signature is computed at the start and told by `prepare`; what depends on data is read
// behind a barrier, and memory for it comes from the runtime.

// Dims of one name are one symbol; nameless ones get a name of their input's.
// CHECK-LABEL: func.func @prepare
// CHECK-DAG: %[[S:.*]] = llvm.load %arg0 : !llvm.ptr -> i64
// CHECK-DAG: %[[PLACE:.*]] = llvm.getelementptr %arg0[1]
// CHECK-DAG: %[[T:.*]] = llvm.load %[[PLACE]] : !llvm.ptr -> i64
// CHECK-DAG: llvm.store %[[S]], %arg1
// CHECK-DAG: llvm.store %[[T]],
// CHECK-LABEL: func.func @run
// CHECK-SAME: transformer.inputs = [{name = "x", symbols = array<i64: 0, 1>, type = tensor<?x?xf32>}, {name = "y", symbols = array<i64: 1, 0>, type = tensor<?x?xf32>}]
// CHECK-SAME: transformer.outputs = [{name = "z", symbols = array<i64: 0, 1>, type = tensor<?x?xf32>}]
// CHECK-SAME: transformer.symbols = ["s", "x_dim_1"]
func.func @symbols(%x: tensor<?x?xf32> {transformer.name = "x", transformer.dims = ["s", ""]}, %y: tensor<?x?xf32> {transformer.name = "y", transformer.dims = ["x_dim_1", "s"]})
    -> (tensor<?x?xf32> {transformer.name = "z", transformer.dims = ["s", ""]}) attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// Two sizes that must be equal: every thread reports what it sees and leaves, before anything has run. One of a pair
// that broadcasts may be 1.
// CHECK-LABEL: func.func @run
// CHECK: %[[BAD:.*]] = arith.cmpi ne, %[[S:[^,]+]], %[[T:[^,]+]] : index
// CHECK-DAG: %[[SNOT:.*]] = arith.cmpi ne, %[[S]], %c1
// CHECK-DAG: %[[TNOT:.*]] = arith.cmpi ne, %[[T]], %c1
// CHECK: cf.cond_br
// CHECK: llvm.call @transom_rt_fail(%{{[^,]+}}, %c2_i32, %c0_i32, 
// CHECK-NEXT: cf.br ^[[EXIT:bb[0-9]+]]
// CHECK: call @sub_0(
// CHECK: ^[[EXIT]]:
// CHECK-NEXT: return
func.func @broadcast(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["s"]}, %y: tensor<?xf32> {transformer.name = "y", transformer.dims = ["t"]}) -> tensor<?xf32> attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %s = tensor.dim %x, %c0 : tensor<?xf32>
  %t = tensor.dim %y, %c0 : tensor<?xf32>
  transformer.check_sizes %s, %t <{broadcast}>
  %0 = transformer.binary sub %x, %y : tensor<?xf32>, tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

// A check of a size that is read from data comes where it stands, not before.
// CHECK-LABEL: func.func @run
// CHECK: call @neg_0(
// CHECK: llvm.call @transom_rt_barrier
// CHECK: %[[N:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: %[[SIZE:.*]] = arith.index_cast %[[N]] : i64 to index
// CHECK: arith.cmpi ne, %[[SIZE]], %
// CHECK: llvm.call @transom_rt_fail
// CHECK: call @exp_0(
func.func @late_check(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["s"]}, %n: tensor<1xi64> {transformer.name = "n", transformer.dims = [""]}) -> tensor<?xf32> attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %s = tensor.dim %x, %c0 : tensor<?xf32>
  %0 = transformer.unary neg %n : tensor<1xi64>
  %1 = transformer.to_index %0 <{position = 0 : i64}> : tensor<1xi64>
  transformer.check_sizes %1, %s
  %2 = transformer.unary exp %x : tensor<?xf32>
  return %2 : tensor<?xf32>
}

// -----

// Sizes are read as what they are: unsigned numbers and bools without a sign, an element in the middle by its place.
// CHECK-LABEL: func.func @run
// CHECK: llvm.getelementptr %{{.*}}[2] : (!llvm.ptr) -> !llvm.ptr, i32
// CHECK: %[[A:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i32
// CHECK: arith.index_cast %[[A]] : i32 to index
// CHECK: %[[B:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i8
// CHECK: arith.index_castui %[[B]] : i8 to index
func.func @reads(%n: tensor<3xi32> {transformer.name = "n", transformer.dims = [""]}, %m: tensor<ui8> {transformer.name = "m", transformer.dims = []}) -> tensor<2xi64> attributes {transformer.entry} {
  %0 = transformer.to_index %n <{position = 2 : i64}> : tensor<3xi32>
  %1 = transformer.to_index %m <{position = 0 : i64}> : tensor<ui8>
  %2 = transformer.from_index %0, %1 : tensor<2xi64>
  return %2 : tensor<2xi64>
}

// -----

// A value of a size that depends on data: memory from the runtime, whose call is a barrier of its own; null ends the
// run. What follows from the signature stays in the arena.
// CHECK-LABEL: func.func @prepare
// CHECK: %[[UNKNOWN:.*]] = arith.constant -1 : i64
// CHECK: llvm.store %[[UNKNOWN]], %arg1
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[ARENA:[^,]+]],
// CHECK: call @reduce_0(
// CHECK: %[[COUNT:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: %[[FRESH:.*]] = llvm.call @transom_rt_alloc(%{{[^,]+}}, %arg1, %{{[^)]+}})
// CHECK: llvm.icmp "eq" %[[FRESH]], %
// CHECK: call @nonzero_0(%{{[^,]+}}, %[[FRESH]],
// CHECK: llvm.call @transom_rt_output(%{{[^,]+}}, %arg1, %c0_i32,
func.func @chosen(%x: tensor<?x4xf32> {transformer.name = "x", transformer.dims = ["s", ""]}, %k: tensor<?xi1> {transformer.name = "k", transformer.dims = ["s"]}) -> tensor<?x4xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x4xf32>
  %1 = transformer.nonzero %k : tensor<?xi1>
  %2 = transformer.transpose %1 <{perm = array<i64: 1, 0>}> : tensor<1x?xi64>
  %3 = transformer.gather_nd %0, %2 <{batch_dims = 0 : i64}> : tensor<?x4xf32>, tensor<?x1xi64>
  %4 = transformer.softmax %3 <{axis = 1 : i64}> : tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// A division of sizes by one that may be zero does not trap.
// CHECK-LABEL: func.func @prepare
// CHECK: %[[T:.*]] = arith.index_cast
// CHECK: arith.cmpi eq, %{{.*}}, %c0
// CHECK: %[[SAFE:.*]] = arith.select
// CHECK: arith.floordivsi %{{.*}}, %[[SAFE]]
func.func @divided(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["s"]}, %y: tensor<?xf32> {transformer.name = "y", transformer.dims = ["t"]}) -> tensor<?xf32> attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %s = tensor.dim %x, %c0 : tensor<?xf32>
  %t = tensor.dim %y, %c0 : tensor<?xf32>
  %n = arith.floordivsi %s, %t : index
  %0 = transformer.slice %x[] [%n] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %1 = transformer.unary exp %0 : tensor<?xf32>
  return %1 : tensor<?xf32>
}
