// RUN: transom-opt %s --split-input-file --outline-kernels --canonicalize --cse | FileCheck %s
// RUN: transom-opt %s --split-input-file --outline-kernels=panel-columns=32 --canonicalize --cse | FileCheck %s --check-prefix=WIDE
// RUN: transom-opt %s --split-input-file --outline-kernels=panel-columns=0 --canonicalize --cse | FileCheck %s --check-prefix=PLAIN --implicit-check-not=scratch --implicit-check-not=panels
// RUN: transom-opt %s --split-input-file --outline-kernels="panel-columns=16 weight-columns=64" --canonicalize --cse | FileCheck %s --check-prefix=SHARED

// What kernels are handed beside their operands: packed weights, memory to work in.

// Halves are widened first; the memory for them is a result, whose size the host computes.
// CHECK-LABEL: func.func @halves
// CHECK: %[[S:.*]] = tensor.dim %arg0
// CHECK: %[[ELEMENTS:.*]] = arith.muli %[[S]], %c24
// CHECK: transformer.launch @linear_0(%arg0, %{{.*}}, %[[S]], %[[ELEMENTS]]) [%[[S]], %[[ELEMENTS]]] : {{.*}} -> (tensor<?x40xf16>, tensor<?xf32>)
// CHECK: func.func private @linear_0(
// CHECK-SAME: tensor<24x40xf16> {transformer.panels = array<i64: 16, 0, 1>
// CHECK-SAME: tensor<?xf32> {transformer.scratch, transformer.sizes = array<i64: 3>}
// CHECK: transformer.linear %{{.*}} {transformer.packed_rhs, transformer.stage_lhs}
// WIDE: transformer.panels = array<i64: 32, 0, 1>
// PLAIN: func.func private @linear_0(
// Panels that wider CPUs read too.
// SHARED-LABEL: func.func @halves
// SHARED: transformer.panels = array<i64: 64, 0, 1>
func.func @halves(%x: tensor<?x24xf16>) -> tensor<?x40xf16> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<24x40xf16>
  %0 = transformer.linear %x, %w : tensor<?x24xf16>, tensor<24x40xf16>
  return %0 : tensor<?x40xf16>
}

// -----

// The left operand the other way round is copied, the right one packed in any case: whole panels of its columns.
// CHECK-LABEL: func.func @transposed
// CHECK-DAG: %[[N:.*]] = tensor.dim %arg1, %c0
// CHECK: %[[MORE:.*]] = arith.addi %[[N]], %c15
// CHECK: %[[PANELS:.*]] = arith.floordivsi %[[MORE]], %c16
// CHECK: transformer.launch @matmul_0(
// CHECK-SAME: -> (tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>)
// CHECK: transformer.matmul {{.*}}transpose_a, transpose_b}> {transformer.pack_rhs, transformer.stage_lhs}
// WIDE: arith.addi %{{.*}}, %c31
// What a kernel packs itself, it alone reads.
// SHARED-LABEL: func.func @transposed
// SHARED: arith.addi %{{.*}}, %c15
func.func @transposed(%x: tensor<8x?xf32>, %y: tensor<?x8xf32>) -> tensor<?x?xf32> attributes {transformer.entry} {
  %0 = transformer.matmul %x, %y <{transpose_a, transpose_b}> : tensor<8x?xf32>, tensor<?x8xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// f64 and integers have no tiles: nothing is packed and nothing more is needed.
// CHECK-LABEL: func.func @no_tiles
// CHECK-NOT: scratch
// CHECK-NOT: panels
func.func @no_tiles(%x: tensor<?x8xf64>, %y: tensor<8x8xi64>) -> (tensor<?x8xf64>, tensor<8x8xi64>) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<8x8xf64>
  %0 = transformer.linear %x, %w : tensor<?x8xf64>, tensor<8x8xf64>
  %1 = transformer.matmul %y, %y : tensor<8x8xi64>, tensor<8x8xi64>
  return %0, %1 : tensor<?x8xf64>, tensor<8x8xi64>
}

// -----

// A table that is a weight too is read in panels, so that there is one copy; the transposed product's panels are its rows.
// CHECK-LABEL: func.func @tied
// CHECK: %[[W:.*]] = transformer.constant dense_resource<w>
// CHECK: transformer.launch @gather_0(%[[W]],
// CHECK: transformer.launch @linear_0(%[[W]], 
// CHECK: func.func private @gather_0(%arg0: tensor<50x8xf32> {transformer.panels = array<i64: 16, 1, 1>
// CHECK: func.func private @linear_0(%arg0: tensor<50x8xf32> {transformer.panels = array<i64: 16, 1, 1>
// SHARED-LABEL: func.func @tied
// SHARED: func.func private @gather_0(%arg0: tensor<50x8xf32> {transformer.panels = array<i64: 64, 1, 1>
// SHARED: func.func private @linear_0(%arg0: tensor<50x8xf32> {transformer.panels = array<i64: 64, 1, 1>
func.func @tied(%i: tensor<?xi64>) -> tensor<?x50xf32> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<50x8xf32>
  %0 = transformer.gather %w, %i <{axis = 0 : i64}> : tensor<50x8xf32>, tensor<?xi64>
  %1 = transformer.transpose %w <{perm = array<i64: 1, 0>}> : tensor<50x8xf32>
  %2 = transformer.linear %0, %1 : tensor<?x8xf32>, tensor<8x50xf32>
  return %2 : tensor<?x50xf32>
}

// -----

// A table that something else reads as well stays as it is there: a sum does not read panels.
// CHECK-LABEL: func.func @tied_and_added
// CHECK: func.func private @linear_0(
// CHECK-SAME: transformer.panels
// CHECK: func.func private @add_0(
// CHECK-NOT: panels
// CHECK: transformer.binary add
func.func @tied_and_added(%i: tensor<?x8xf32>, %t: tensor<8x8xf32>) -> (tensor<?x8xf32>, tensor<8x8xf32>) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<8x8xf32>
  %0 = transformer.linear %i, %w : tensor<?x8xf32>, tensor<8x8xf32>
  %1 = transformer.binary add %t, %w : tensor<8x8xf32>, tensor<8x8xf32>
  return %0, %1 : tensor<?x8xf32>, tensor<8x8xf32>
}

// -----

// Weights joined in one product are packed as one.
// CHECK-LABEL: func.func @joined
// CHECK: %[[J:.*]] = transformer.concat
// CHECK: transformer.launch @linear_0(%arg0, %[[J]]
// CHECK: func.func private @linear_0(
// CHECK-SAME: tensor<8x24xf32> {transformer.panels = array<i64: 16, 0, 1>
func.func @joined(%x: tensor<?x8xf32>) -> tensor<?x24xf32> attributes {transformer.entry} {
  %a = transformer.constant dense_resource<a> : tensor<8x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<8x8xf32>
  %w = transformer.concat %a, %b <{axis = 1 : i64}> : tensor<8x16xf32>, tensor<8x8xf32>
  %0 = transformer.linear %x, %w : tensor<?x8xf32>, tensor<8x24xf32>
  return %0 : tensor<?x24xf32>
}

// -----

// The weight of a grouped convolution, codes of 4 bits and small tables are handed over as they are.
// CHECK-LABEL: func.func @as_they_are
// CHECK-NOT: panels
// CHECK: func.func private @conv_0(
// CHECK: func.func private @linear_nbits_0(
func.func @as_they_are(%x: tensor<1x4x8xf32>, %y: tensor<?x32xf32>) -> (tensor<1x4x6xf32>, tensor<?x8xf32>) attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<4x2x3xf32>
  %c = transformer.constant dense_resource<c> : tensor<8x2x8xui8>
  %s = transformer.constant dense_resource<s> : tensor<16xf32>
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 2 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x4x8xf32>, tensor<4x2x3xf32>
  %1 = transformer.linear_nbits %y, %c, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
  return %0, %1 : tensor<1x4x6xf32>, tensor<?x8xf32>
}
