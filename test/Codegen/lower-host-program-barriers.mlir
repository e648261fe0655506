// RUN: transom-opt %s --split-input-file --outline-kernels --lower-kernels-to-cpu --lower-host-program --canonicalize --cse | FileCheck %s

// Where threads meet: between a write and a read of it, between a read and a write over it; nowhere else. `next` is a
// barrier before a kernel.

// Readers of one value do not wait for each other.
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0
// CHECK: call @transom_rt_next(
// CHECK: call @exp_0
// CHECK-NOT: call @transom_rt_next(
// CHECK: call @neg_0
// CHECK-NOT: call @transom_rt_next(
// CHECK: call @abs_0
// CHECK: return
func.func @readers(%x: tensor<4x16xf32>) -> (tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>) attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.unary exp %0 : tensor<4x16xf32>
  %2 = transformer.unary neg %0 : tensor<4x16xf32>
  %3 = transformer.unary abs %0 : tensor<4x16xf32>
  return %1, %2, %3 : tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>
}

// -----

// A slot that is written again was read before: the second chain's first kernel waits for the first chain's last.
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[SLOT:[^,]+]],
// CHECK: call @transom_rt_next(
// CHECK: call @reduce_0(%[[SLOT]],
// CHECK: call @transom_rt_next(
// CHECK: call @softmax_0(%{{[^,]+}}, %[[SLOT]],
// CHECK: call @transom_rt_next(
// CHECK: call @reduce_0(%[[SLOT]],
func.func @written_over(%x: tensor<4x16xf32>, %y: tensor<4x16xf32>) -> (tensor<4xf32>, tensor<4xf32>) attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<4x16xf32>
  %2 = transformer.softmax %y <{axis = 1 : i64}> : tensor<4x16xf32>
  %3 = transformer.reduce sum %2 <{axes = array<i64: 1>}> : tensor<4x16xf32>
  return %1, %3 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Inputs and weights are never written: reading them needs no barrier.
// CHECK-LABEL: func.func @run
// CHECK-NOT: call @transom_rt_next(
// CHECK: return
func.func @inputs(%x: tensor<4x16xf32>) -> (tensor<4x8xf32>, tensor<4x16xf32>) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %0 = transformer.linear %x, %w : tensor<4x16xf32>, tensor<16x8xf32>
  %1 = transformer.unary exp %x : tensor<4x16xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x16xf32>
}

// -----

// A view is its memory.
// CHECK-LABEL: func.func @run
// CHECK: call @exp_0
// CHECK: call @transom_rt_next(
// CHECK: call @softmax_0
func.func @views(%x: tensor<4x16xf32>) -> tensor<64xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<64xf32>
  %2 = transformer.softmax %1 <{axis = 0 : i64}> : tensor<64xf32>
  return %2 : tensor<64xf32>
}

// -----

// One barrier serves all that was written before it.
// CHECK-LABEL: func.func @run
// CHECK: call @exp_0
// CHECK-NOT: call @transom_rt_next(
// CHECK: call @neg_0
// CHECK: call @transom_rt_next(
// CHECK: call @concat_0
// CHECK-NOT: call @transom_rt_next(
// CHECK: call @concat_1
// CHECK: return
func.func @one_for_all(%x: tensor<4x16xf32>) -> (tensor<8x16xf32>, tensor<4x32xf32>) attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x16xf32>
  %1 = transformer.unary neg %x : tensor<4x16xf32>
  %2 = transformer.concat %0, %1 <{axis = 0 : i64}> : tensor<4x16xf32>, tensor<4x16xf32>
  %3 = transformer.concat %1, %0 <{axis = 1 : i64}> : tensor<4x16xf32>, tensor<4x16xf32>
  return %2, %3 : tensor<8x16xf32>, tensor<4x32xf32>
}

// -----

// Both ways of a branch end with a barrier if they wrote anything, so that what follows need not know which was taken.
// What decides is read after a barrier.
// CHECK-LABEL: func.func @run
// CHECK: call @compare_0
// CHECK: llvm.call @transom_rt_barrier
// CHECK: llvm.load %{{.*}} -> i8
// CHECK: cf.cond_br
// CHECK: call @exp_0
// CHECK: llvm.call @transom_rt_barrier
// CHECK: call @neg_0
// CHECK: llvm.call @transom_rt_barrier
// CHECK-NOT: call @transom_rt_next(
// CHECK: call @abs_0
func.func @branches(%a: tensor<f32>, %b: tensor<f32>, %x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {transformer.entry} {
  %c = transformer.compare lt %a, %b : tensor<f32>, tensor<f32>
  %0 = transformer.if %c : tensor<i1> -> tensor<4x16xf32> {
    %1 = transformer.unary exp %x : tensor<4x16xf32>
    transformer.yield %1 : tensor<4x16xf32>
  } else {
    %2 = transformer.unary neg %x : tensor<4x16xf32>
    transformer.yield %2 : tensor<4x16xf32>
  }
  %3 = transformer.unary abs %0 : tensor<4x16xf32>
  return %3 : tensor<4x16xf32>
}

// -----

// Each barrier is asked whether the run has failed; the program ends there if it has.
// CHECK-LABEL: func.func @run
// CHECK: %[[A:.*]] = llvm.call @transom_rt_next(
// CHECK: %[[STOP:.*]] = arith.cmpi ne, %[[A]], %c0_i32
// CHECK: cf.cond_br %[[STOP]], ^[[EXIT:[a-z0-9]+]], ^
// CHECK: %[[B:.*]] = llvm.call @transom_rt_next(
// CHECK: %[[STOP2:.*]] = arith.cmpi ne, %[[B]], %c0_i32
// CHECK: cf.cond_br %[[STOP2]], ^[[EXIT]], ^
// CHECK: ^[[EXIT]]:
// CHECK-NEXT: return
func.func @failures(%x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<4x16xf32>
  %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<4x16xf32>
  return %2 : tensor<4x16xf32>
}

// -----

// The time between barriers is a node's: places are numbered once, equal ones together.
// CHECK-LABEL: func.func @run
// CHECK-SAME: transformer.sites = {{\[\[}}"first", "Softmax"], ["second", "Softmax"]]
// CHECK: llvm.call @transom_rt_profile(%{{.*}}, %arg1, %c0_i32)
// CHECK: call @softmax_0({{.*}}, %c0, 
// CHECK: call @transom_rt_next(%{{.*}}, %arg1, %c1_i32)
// CHECK: call @softmax_1({{.*}}, %c1, 
// CHECK: call @transom_rt_next(%{{.*}}, %arg1, %c0_i32)
// CHECK: call @softmax_0({{.*}}, %c0, 
func.func @places(%x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32> loc("first"("Softmax"))
  %1 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<4x16xf32> loc("second"("Softmax"))
  %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<4x16xf32> loc("first"("Softmax"))
  return %2 : tensor<4x16xf32>
}
