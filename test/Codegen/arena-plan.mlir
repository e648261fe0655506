// RUN: transom-opt %s --split-input-file --outline-kernels --lower-kernels-to-cpu --lower-host-program --canonicalize --cse | FileCheck %s

// Which values share memory. Sizes are static where the plan is, so that slots are constants.

// A chain takes two slots by turns: what is read and what is written never lie in one. The last is the output.
// CHECK-LABEL: func.func @prepare
// CHECK: return %c512_i64
// CHECK-LABEL: func.func @run
// CHECK: %[[A:.*]] = llvm.load %{{.*}} : !llvm.ptr -> !llvm.ptr
// CHECK: llvm.getelementptr %[[A:.*]][256] : (!llvm.ptr) -> !llvm.ptr, i8
// CHECK: call @softmax_0(%[[X:[^,]+]], %[[A]],
// CHECK: call @softmax_1(%[[A]], %[[B:[^,]+]],
// CHECK: call @softmax_0(%[[B]], %[[A]],
// CHECK: call @softmax_1(%[[A]], %[[B]],
// CHECK: %[[OUT:.*]] = llvm.load
// CHECK: call @softmax_0(%[[B]], %[[OUT]],
func.func @chain(%x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<4x16xf32>
  %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<4x16xf32>
  %3 = transformer.softmax %2 <{axis = 0 : i64}> : tensor<4x16xf32>
  %4 = transformer.softmax %3 <{axis = 1 : i64}> : tensor<4x16xf32>
  return %4 : tensor<4x16xf32>
}

// -----

// A residual: the first value lives until the end, so three slots.
// CHECK-LABEL: func.func @prepare
// CHECK: return %c768_i64
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[FIRST:[^,]+]],
// CHECK: call @softmax_1(%[[FIRST]], %[[B:[^,]+]],
// CHECK: call @softmax_0(%[[B]], %[[C:[^,]+]],
// CHECK: call @softmax_1(%[[C]], %[[B]],
// CHECK: call @concat_0(%[[B]], %[[FIRST]],
func.func @residual(%x: tensor<4x16xf32>) -> tensor<8x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<4x16xf32>
  %2 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<4x16xf32>
  %3 = transformer.softmax %2 <{axis = 0 : i64}> : tensor<4x16xf32>
  %4 = transformer.concat %3, %0 <{axis = 0 : i64}> : tensor<4x16xf32>, tensor<4x16xf32>
  return %4 : tensor<8x16xf32>
}

// -----

// A view is its memory: it lives as long as the last reader of any view of it.
// CHECK-LABEL: func.func @prepare
// CHECK: return %c768_i64
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[FIRST:[^,]+]],
// CHECK: call @softmax_1(%[[FIRST]], %[[B:[^,]+]],
// CHECK: call @softmax_2(%[[B]], %[[C:[^,]+]],
// CHECK: call @concat_0(%[[C]], %[[FIRST]],
func.func @view(%x: tensor<4x16xf32>) -> tensor<128xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<8x8xf32>
  %2 = transformer.reshape %1[] : tensor<8x8xf32> to tensor<64xf32>
  %3 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<8x8xf32>
  %4 = transformer.reshape %3[] : tensor<8x8xf32> to tensor<64xf32>
  %5 = transformer.softmax %4 <{axis = 0 : i64}> : tensor<64xf32>
  %6 = transformer.concat %5, %2 <{axis = 0 : i64}> : tensor<64xf32>, tensor<64xf32>
  return %6 : tensor<128xf32>
}

// -----

// A value of a few bytes does not take the slot of one that is much larger: another such one may come.
// CHECK-LABEL: func.func @prepare
// Two of 64 x 64 f32, two of 64 f32: the small ones are not put into large slots, nor the other way round.
// CHECK: return %c33280_i64
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[A:[^,]+]],
// CHECK: call @reduce_0(%[[A]], %[[S:[^,]+]],
// CHECK: call @softmax_1(%[[A]], %[[C:[^,]+]],
// CHECK: call @reduce_0(%[[C]], %[[T:[^,]+]],
func.func @small_and_large(%x: tensor<64x64xf32>) -> (tensor<64xf32>, tensor<64x64xf32>) attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<64x64xf32>
  %1 = transformer.reduce max %0 <{axes = array<i64: 1>}> : tensor<64x64xf32>
  %2 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<64x64xf32>
  %3 = transformer.reduce max %2 <{axes = array<i64: 1>}> : tensor<64x64xf32>
  %4 = transformer.softmax %1 <{axis = 0 : i64}> : tensor<64xf32>
  %5 = transformer.binary add %4, %3 : tensor<64xf32>, tensor<64xf32>
  %6 = transformer.softmax %2 <{axis = 1 : i64}> : tensor<64x64xf32>
  return %5, %6 : tensor<64xf32>, tensor<64x64xf32>
}

// -----

// A slot is as large as the largest of its values for the dims at hand, and a whole number of lines.
// CHECK-LABEL: func.func @prepare
// CHECK: %[[S:.*]] = llvm.load %arg0 : !llvm.ptr -> i64
// CHECK-DAG: %[[SIXTEEN:.*]] = arith.muli %{{.*}}, %c64_i64
// CHECK-DAG: arith.addi %{{.*}}, %c63_i64
// CHECK-DAG: arith.andi %{{.*}}, %c-64_i64
// Sizes in f64, where an overflow shows, and the least of all: negative sizes are refused.
// CHECK-DAG: %[[FITS:.*]] = arith.cmpf olt, %{{.*}}, %cst{{.*}} : f64
// CHECK-DAG: arith.minsi
// CHECK: %[[VALID:.*]] = arith.andi %{{.*}} : i1
// CHECK: %[[R:.*]] = arith.select %[[VALID]], %{{.*}}, %c-1_i64
// CHECK: return %[[R]]
func.func @dynamic(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x16xf32>
  %1 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}

// -----

// What two threads of the graph work with lies apart while both live.
// CHECK-LABEL: func.func @prepare
// CHECK: return %c1024_i64
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[A:[^,]+]],
// CHECK: call @softmax_1(%{{[^,]+}}, %[[B:[^,]+]],
// CHECK: call @softmax_1(%[[A]], %[[C:[^,]+]],
// CHECK: call @softmax_0(%[[B]], %[[D:[^,]+]],
// CHECK: call @concat_0(%[[C]], %[[D]],
func.func @side_by_side(%x: tensor<4x16xf32>) -> tensor<16x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %1 = transformer.softmax %x <{axis = 0 : i64}> : tensor<4x16xf32>
  %2 = transformer.softmax %0 <{axis = 0 : i64}> : tensor<4x16xf32>
  %3 = transformer.softmax %1 <{axis = 1 : i64}> : tensor<4x16xf32>
  %4 = transformer.concat %2, %3, %1, %0 <{axis = 0 : i64}> : tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>, tensor<4x16xf32>
  return %4 : tensor<16x16xf32>
}

// -----

// A branch's value lives as long as the branch's result is read, though both ways have one of their own.
// CHECK-LABEL: func.func @prepare
// CHECK: return %c768_i64
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_0(%{{[^,]+}}, %[[A:[^,]+]],
// CHECK: call @softmax_1(%{{[^,]+}}, %[[B:[^,]+]],
// CHECK: ^{{.*}}(%[[R:[^:]+]]: !llvm.ptr):
// CHECK: call @softmax_0(%{{[^,]+}}, %[[C:[^,]+]],
// CHECK: call @concat_0(%[[R]], %[[C]],
func.func @branch(%c: tensor<i1>, %x: tensor<4x16xf32>) -> tensor<8x16xf32> attributes {transformer.entry} {
  %0 = transformer.if %c : tensor<i1> -> tensor<4x16xf32> {
    %1 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
    transformer.yield %1 : tensor<4x16xf32>
  } else {
    %2 = transformer.softmax %x <{axis = 0 : i64}> : tensor<4x16xf32>
    transformer.yield %2 : tensor<4x16xf32>
  }
  %3 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %4 = transformer.concat %0, %3 <{axis = 0 : i64}> : tensor<4x16xf32>, tensor<4x16xf32>
  return %4 : tensor<8x16xf32>
}

// -----

// A value that a loop reads lives to its end: nothing that the body makes may lie on it. What is carried has two places.
// CHECK-LABEL: func.func @prepare
// The first softmax, two places of the carried value (256 bytes each), and the body's own: 512, 64 and 64.
// CHECK: return %c1408_i64
// CHECK-LABEL: func.func @run
// CHECK: call @softmax_1(%{{[^,]+}}, %[[OUTSIDE:[^,]+]],
// CHECK: call @concat_0(%[[V:[^,]+]], %[[OUTSIDE]],
// CHECK: %[[NEXT:.*]] = arith.select %{{[^,]+}}, %[[ODD:[^,]+]], %[[EVEN:[^,]+]] : !llvm.ptr
// CHECK: call @add_0(%[[V]], %{{[^,]+}}, %[[NEXT]],
func.func @loop(%n: tensor<i64>, %x: tensor<4x16xf32>) -> tensor<4x16xf32> attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<4x16xf32>
  %r = transformer.loop count %n : tensor<i64> (%x) : (tensor<4x16xf32>) -> (tensor<4x16xf32>) {
  ^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4x16xf32>):
    %1 = transformer.concat %v, %0 <{axis = 0 : i64}> : tensor<4x16xf32>, tensor<4x16xf32>
    %2 = transformer.reduce sum %1 <{axes = array<i64: 0>}> : tensor<8x16xf32>
    %3 = transformer.softmax %2 <{axis = 0 : i64}> : tensor<16xf32>
    %4 = transformer.binary add %v, %3 : tensor<4x16xf32>, tensor<16xf32>
    transformer.yield %c, %4 : tensor<i1>, tensor<4x16xf32>
  }
  return %r : tensor<4x16xf32>
}
