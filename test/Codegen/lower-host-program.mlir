// RUN: transom-opt %s --split-input-file --outline-kernels --lower-kernels-to-cpu --lower-host-program --canonicalize --cse | FileCheck %s

// Weights lie in one image, 64-byte aligned; a value that dies gives its memory to a later one; threads meet where one
// kernel reads what another writes.
// CHECK: transformer.weights = [{bytes = 1024 : i64, layout = array<i64: 16, 0, 1>, offset = 0 : i64, value = dense_resource<w>
// CHECK-SAME: {bytes = 1024 : i64, layout = array<i64: 16, 0, 1>, offset = 1024 : i64, value = dense_resource<v>
// CHECK-LABEL: func.func @prepare(%arg0: !llvm.ptr, %arg1: !llvm.ptr) -> i64
// CHECK: llvm.load %arg0
// CHECK: llvm.store {{.*}}, %arg1
// CHECK-LABEL: func.func @run(%arg0: !llvm.ptr, %arg1: i64, %arg2: i64)
// CHECK-SAME: transformer.inputs = [{name = "x", symbols = array<i64: 0, -1>, type = tensor<?x16xf32>}]
// CHECK-SAME: transformer.symbols = ["s"]
// CHECK: llvm.call @transom_rt_profile
// CHECK: call @linear_0
// CHECK: %[[STOP:.*]] = llvm.call @transom_rt_next(
// CHECK: cf.cond_br
// CHECK: call @linear_0
// CHECK: call @transom_rt_next(
// CHECK: call @linear_0
// CHECK-NOT: call @transom_rt_next(
// CHECK: return
func.func @main(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> (tensor<?x16xf32> {transformer.name = "y", transformer.dims = ["s", ""]}) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %0 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<16x16xf32>
  %1 = transformer.linear %0, %v : tensor<?x16xf32>, tensor<16x16xf32>
  %2 = transformer.linear %1, %w : tensor<?x16xf32>, tensor<16x16xf32>
  return %2 : tensor<?x16xf32>
}

// -----

// Kernels that share nothing do not wait for each other. What sizes must satisfy is checked before anything runs.
// CHECK-LABEL: func.func @run
// CHECK: cf.cond_br
// CHECK: llvm.call @transom_rt_fail
// CHECK: call @softmax_0
// CHECK-NOT: call @transom_rt_next(
// CHECK: call @softmax_0
// CHECK: call @transom_rt_next(
// CHECK: call @concat_0
func.func @independent(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]},
                       %y: tensor<?x16xf32> {transformer.name = "y", transformer.dims = ["t", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %s = tensor.dim %x, %c0 : tensor<?x16xf32>
  %t = tensor.dim %y, %c0 : tensor<?x16xf32>
  transformer.check_sizes %s, %t
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x16xf32>
  %1 = transformer.softmax %y <{axis = 1 : i64}> : tensor<?x16xf32>
  %2 = transformer.concat %0, %1 <{axis = 0 : i64}> : tensor<?x16xf32>, tensor<?x16xf32>
  return %2 : tensor<?x16xf32>
}

// -----

// A size that depends on data is read behind a barrier; memory and output of that size come from the runtime.
// CHECK-LABEL: func.func @prepare
// CHECK: %[[UNKNOWN:.*]] = arith.constant -1 : i64
// CHECK: llvm.store %[[UNKNOWN]], %{{.*}} : i64
// CHECK-LABEL: func.func @run
// CHECK: call @reduce_0
// CHECK: llvm.call @transom_rt_barrier
// CHECK: %[[N:.*]] = llvm.load {{.*}} -> i64
// CHECK: llvm.alloca
// CHECK: llvm.call @transom_rt_output
// CHECK: llvm.icmp "eq"
// CHECK: call @nonzero_0
func.func @positions(%x: tensor<?x4xi1> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<2x?xi64> attributes {transformer.entry} {
  %0 = transformer.nonzero %x : tensor<?x4xi1>
  return %0 : tensor<2x?xi64>
}

// -----

// One branch runs; the result is the memory that the branch wrote.
// CHECK-LABEL: func.func @run
// CHECK: %[[C:.*]] = llvm.load {{.*}} -> i8
// CHECK: cf.cond_br %{{.*}}, ^[[THEN:.*]], ^[[ELSE:.*]]
// CHECK: ^[[THEN]]:
// CHECK: call @exp_0(%{{[^,]*}}, %[[E:[^,]*]],
// CHECK: llvm.call @transom_rt_barrier
// CHECK: cf.cond_br %{{.*}}, ^{{.*}}, ^[[AFTER:.*]](%[[E]], %{{.*}} : !llvm.ptr, index)
// CHECK: call @neg_0
// CHECK: ^[[AFTER]](%[[R:.*]]: !llvm.ptr, %{{.*}}: index):
// CHECK: call @identity_0(%[[R]]
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
