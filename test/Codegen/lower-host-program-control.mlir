// RUN: transom-opt %s --split-input-file --outline-kernels --lower-kernels-to-cpu --lower-host-program --canonicalize --cse | FileCheck %s

// Branches and loops of the host program.

// A loop that knows how often it runs: the count is read once, before; the carried value's memory changes sides.
// CHECK-LABEL: func.func @run
// CHECK: %[[N:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: llvm.call @transom_rt_barrier
// CHECK: cf.cond_br %{{.*}}, ^[[EXIT:bb[0-9]+]], ^[[HEADER:bb[0-9]+]](%c0_i64, %true, %[[X:[^ ]+]] : i64, i1, !llvm.ptr)
// CHECK: ^[[HEADER]](%[[I:[^:]+]]: i64, %[[GO:[^:]+]]: i1, %[[V:[^:]+]]: !llvm.ptr):
// CHECK: %[[MORE:.*]] = arith.cmpi slt, %[[I]], %[[N]] : i64
// CHECK: %[[BOTH:.*]] = arith.andi %[[MORE]], %[[GO]] : i1
// CHECK: cf.cond_br %[[BOTH]], ^[[BODY:bb[0-9]+]], ^[[AFTER:bb[0-9]+]]
// CHECK: ^[[BODY]]:
// CHECK: %[[BIT:.*]] = arith.andi %[[I]], %c1_i64
// CHECK: %[[ODD:.*]] = arith.cmpi ne, %[[BIT]], %c0_i64
// CHECK: %[[W:.*]] = arith.select %[[ODD]], %{{[^,]+}}, %{{[^:]+}} : !llvm.ptr
// CHECK: call @softmax_0(%[[V]], %[[W]],
// CHECK: llvm.call @transom_rt_barrier
// CHECK: %[[NEXT:.*]] = arith.addi %[[I]], %c1_i64
// CHECK: cf.cond_br %{{.*}}, ^[[EXIT]], ^[[HEADER]](%[[NEXT]], %{{.*}}, %[[W]] : i64, i1, !llvm.ptr)
// CHECK: ^[[AFTER]]:
// What a loop gives may be any memory: the result is a copy.
// CHECK: call @identity_0(%[[V]],
func.func @count(%n: tensor<i64>, %x: tensor<4x4xf32>) -> tensor<4x4xf32> attributes {transformer.entry} {
  %r = transformer.loop count %n : tensor<i64> (%x) : (tensor<4x4xf32>) -> (tensor<4x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4x4xf32>):
    %y = transformer.softmax %v <{axis = 1 : i64}> : tensor<4x4xf32>
    transformer.yield %c, %y : tensor<i1>, tensor<4x4xf32>
  }
  return %r : tensor<4x4xf32>
}

// -----

// A loop with a condition alone counts to the end of i64; what decides is a kernel's, read behind a barrier.
// CHECK-LABEL: func.func @run
// CHECK-DAG: %[[MOST:.*]] = arith.constant 9223372036854775807 : i64
// CHECK: arith.cmpi slt, %{{.*}}, %[[MOST]]
// CHECK: call @reduce_0(
// CHECK: llvm.call @transom_rt_barrier
// CHECK: %[[D:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i8
// CHECK: arith.cmpi ne, %[[D]], %c0_i8
// Nobody writes the condition again before all have read it.
// CHECK: llvm.call @transom_rt_barrier
func.func @while(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> attributes {transformer.entry} {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %r = transformer.loop while %c : tensor<i1> (%x) : (tensor<4xf32>) -> (tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %d: tensor<i1>, %v: tensor<4xf32>):
    %y = transformer.softmax %v <{axis = 0 : i64}> : tensor<4xf32>
    %m = transformer.reduce max %y <{axes = array<i64: 0>}> : tensor<4xf32>
    %e = transformer.compare gt %m, %one : tensor<f32>, tensor<f32>
    transformer.yield %e, %y : tensor<i1>, tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// What is gathered is written where it ends up: behind what there is, in memory that grows by copying, for many
// iterations at once when their number is known.
// CHECK-LABEL: func.func @run
// CHECK: %[[N:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i64
// CHECK: ^{{.*}}(%[[I:[^:]+]]: i64, %{{[^:]+}}: i1
// CHECK-DAG: %[[DONE:.*]] = arith.muli %[[I]], %c16_i64
// CHECK-DAG: %[[SEVERAL:.*]] = arith.minsi %[[N]], %c256_i64
// CHECK: llvm.call @transom_rt_alloc(
// CHECK: llvm.icmp "eq"
// Thread 0 copies, the others wait.
// CHECK: "llvm.intr.memcpy"(%{{.*}}, %{{.*}}, %[[DONE]])
// CHECK: llvm.call @transom_rt_barrier
// CHECK: %[[PLACE:.*]] = llvm.getelementptr %{{.*}}[%[[DONE]]]
// CHECK: call @{{.*}}_0({{.*}}%[[PLACE]],
func.func @scan(%n: tensor<i64>, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>) attributes {transformer.entry} {
  %r, %s = transformer.loop count %n : tensor<i64> (%x) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<?x4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4xf32>):
    %y = transformer.softmax %v <{axis = 0 : i64}> : tensor<4xf32>
    %z = transformer.unary neg %v : tensor<4xf32>
    transformer.yield %c, %y, %z : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  }
  return %r, %s : tensor<4xf32>, tensor<?x4xf32>
}

// -----

// A carried value that is only passed on is not copied: its memory stays.
// CHECK-LABEL: func.func @run
// CHECK: ^[[HEADER:bb[0-9]+]](%[[I:[^:]+]]: i64, %{{[^:]+}}: i1, %[[V:[^:]+]]: !llvm.ptr, %[[KEPT:[^:]+]]: !llvm.ptr):
// CHECK: call @add_0(%[[V]], %[[KEPT]], 
// CHECK-NOT: call @identity
// CHECK: ^[[HEADER]](%{{[^,]+}}, %{{[^,]+}}, %{{[^,]+}}, %[[KEPT]] : i64, i1, !llvm.ptr, !llvm.ptr)
func.func @passed_on(%n: tensor<i64>, %x: tensor<4xf32>, %k: tensor<4xf32>) -> tensor<4xf32> attributes {transformer.entry} {
  %r, %l = transformer.loop count %n : tensor<i64> (%x, %k) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4xf32>, %w: tensor<4xf32>):
    %y = transformer.binary add %v, %w : tensor<4xf32>, tensor<4xf32>
    transformer.yield %c, %y, %w : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Values that are exchanged are copied first: one would be written over before it is read.
// CHECK-LABEL: func.func @run
// CHECK: call @identity_0(
// CHECK: call @identity_0(
// CHECK: llvm.call @transom_rt_barrier
func.func @exchanged(%n: tensor<i64>, %x: tensor<4xf32>, %k: tensor<4xf32>) -> tensor<4xf32> attributes {transformer.entry} {
  %r, %l = transformer.loop count %n : tensor<i64> (%x, %k) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4xf32>, %w: tensor<4xf32>):
    transformer.yield %c, %w, %v : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

// Two results of a branch, one of them of a size that the way decides; a way that hands on what it was given makes nothing.
// CHECK-LABEL: func.func @run
// CHECK: %[[C:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i8
// CHECK: %[[TAKEN:.*]] = arith.cmpi ne, %[[C]], %c0_i8
// CHECK: cf.cond_br %[[TAKEN]], ^[[THEN:bb[0-9]+]], ^[[ELSE:bb[0-9]+]]
// CHECK: ^[[THEN]]:
// CHECK: call @concat_0(%[[X:[^,]+]], %[[XX:[^,]+]], %[[S:[^,]+]], %[[SS:[^,]+]],
// CHECK: call @neg_0(%[[Y:[^,]+]], %[[YY:[^,]+]],
// CHECK: cf.cond_br %{{.*}}, ^{{.*}}, ^[[AFTER:bb[0-9]+]](%[[XX]], %[[SS]], %[[YY]] : !llvm.ptr, index, !llvm.ptr)
// CHECK: ^[[ELSE]]:
// CHECK-NOT: {{ call @}}
// CHECK: cf.cond_br %{{.*}}, ^{{.*}}, ^[[AFTER]](%[[X]], %[[S]], %[[Y]] : !llvm.ptr, index, !llvm.ptr)
// CHECK: ^[[AFTER]](%[[P:[^:]+]]: !llvm.ptr, %[[SIZE:[^:]+]]: index, %[[Q:[^:]+]]: !llvm.ptr):
// CHECK: call @identity_0(%[[P]], %{{[^,]+}}, %[[SIZE]],
// CHECK: call @identity_1(%[[Q]],
func.func @two_results(%c: tensor<i1>, %x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["s"]}, %y: tensor<4xf32>) -> (tensor<?xf32>, tensor<4xf32>) attributes {transformer.entry} {
  %0, %1 = transformer.if %c : tensor<i1> -> tensor<?xf32>, tensor<4xf32> {
    %2 = transformer.concat %x, %x <{axis = 0 : i64}> : tensor<?xf32>, tensor<?xf32>
    %3 = transformer.unary neg %y : tensor<4xf32>
    transformer.yield %2, %3 : tensor<?xf32>, tensor<4xf32>
  } else {
    transformer.yield %x, %y : tensor<?xf32>, tensor<4xf32>
  }
  return %0, %1 : tensor<?xf32>, tensor<4xf32>
}
