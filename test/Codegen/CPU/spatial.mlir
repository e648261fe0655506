// RUN: transom-opt %s --kernels --lower-kernels-to-cpu | FileCheck %s

func.func @main(%x: tensor<?x3x32x32xf32>, %w: tensor<768x3x16x16xf32>, %d: tensor<?x24x?xf32>, %f: tensor<24x1x3xf32>)
    -> (tensor<?x768x2x2xf32>, tensor<?x24x?xf32>, tensor<?x3x16x16xf32>, tensor<?x3x64x64xf32>)
    attributes {transformer.entry} {
  // A tile of positions is packed and meets 6 rows of weights in 12 vectors.
  // CHECK-LABEL: func.func private @conv_0(
  // CHECK-DAG: llvm.alloca %c8448_i64 x f32
  // CHECK-DAG: llvm.alloca %c16384_i64 x f32
  // CHECK: scf.for {{.+}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
  // CHECK-COUNT-12: math.fma {{.+}} : vector<8xf32>
  // CHECK: arith.cmpf olt
  // CHECK: llvm.store
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 16, 16>}> : tensor<?x3x32x32xf32>, tensor<768x3x16x16xf32>
  %1 = transformer.unary relu %0 : tensor<?x768x2x2xf32>
  // Depthwise: rows, their three taps together where all are inside.
  // CHECK-LABEL: func.func private @conv_1(
  // CHECK: llvm.alloca %c256_i64 x f32
  // CHECK-NOT: vector<
  // CHECK-COUNT-9: arith.mulf
  // CHECK-NOT: arith.mulf
  // CHECK: return
  %2 = transformer.conv %d, %f <{dilations = array<i64: 1>, group = 24 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<?x24x?xf32>, tensor<24x1x3xf32>
  // Borders shorten the loops; the divisor counts what is inside.
  // CHECK-LABEL: func.func private @pool_0(
  // CHECK: arith.addf
  // CHECK-NOT: arith.select
  // CHECK: arith.divf
  %3 = transformer.pool mean %x <{kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>}> : tensor<?x3x32x32xf32>
  // The rows' positions outside the loop over columns; four elements each.
  // CHECK-LABEL: func.func private @resize_0(
  // CHECK: scf.for
  // CHECK: arith.fptosi
  // CHECK: scf.for
  // CHECK: arith.fptosi
  // CHECK-COUNT-4: llvm.load
  // CHECK-NOT: llvm.load
  // CHECK: llvm.store
  %c0 = arith.constant 0 : index
  %b = tensor.dim %x, %c0 : tensor<?x3x32x32xf32>
  %4 = transformer.resize %x [%b] <{mode = "linear", coordinates = "half_pixel", nearest_mode = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, cubic_coefficient = -0.75 : f32}> : tensor<?x3x32x32xf32> to tensor<?x3x64x64xf32>
  return %1, %2, %3, %4 : tensor<?x768x2x2xf32>, tensor<?x24x?xf32>, tensor<?x3x16x16xf32>, tensor<?x3x64x64xf32>
}
