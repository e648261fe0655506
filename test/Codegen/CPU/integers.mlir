// RUN: transom-opt %s --kernels --lower-kernels-to-cpu | FileCheck %s
// RUN: transom-opt %s --outline-kernels="panel-columns=64 staged-bytes=1" --lower-kernels-to-cpu="vector-bits=512 byte-dots" | FileCheck %s --check-prefix=DOTS
// RUN: transom-opt %s --outline-kernels="panel-columns=16 weight-columns=64 staged-bytes=2" --lower-kernels-to-cpu | FileCheck %s

func.func @main(%a: tensor<?x64xui8>, %b: tensor<64x128xi8>, %z: tensor<ui8>, %x: tensor<?x64xf32>, %w: tensor<8x2x16xui8>, %s: tensor<16xf32>)
    -> (tensor<?x128xi32>, tensor<?x8xf32>) attributes {transformer.entry} {
  // Rows become i16, then pairs of i16 make sums of i32: six rows by two vectors, four columns each.
  // CHECK-LABEL: func.func private @matmul_integer_0(
  // CHECK: arith.extui %{{.+}} : i8 to i16
  // CHECK: transom_rt_barrier
  // CHECK-COUNT-2: arith.extsi %{{.+}} : vector<16xi8> to vector<16xi16>
  // CHECK-COUNT-12: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
  // CHECK: vector.shuffle %{{.+}} [0, 2, 4, 6]
  // CHECK: vector.shuffle %{{.+}} [1, 3, 5, 7]
  // CHECK-NOT: arith.sitofp
  // CHECK: return
  // With VNNI rows are bytes, and each instruction adds four products: six rows by the 64 columns of a panel.
  // DOTS-LABEL: func.func private @matmul_integer_0(
  // DOTS-NOT: arith.extui %{{.+}} : i8 to i16
  // DOTS: transom_rt_barrier
  // DOTS-COUNT-24: llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
  // DOTS-NOT: pmadd
  // DOTS: return
  %0 = transformer.matmul_integer %a, %b lhs_zero %z : tensor<ui8> : tensor<?x64xui8>, tensor<64x128xi8>
  // One row streams the weights of four columns through registers; more rows
  // meet weights that were made f32.
  // CHECK-LABEL: func.func private @linear_nbits_0(
  // CHECK: scf.if
  // CHECK: scf.for {{.+}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
  // CHECK-NOT: vector.shuffle
  // CHECK: vector.reduction <add>
  // CHECK: } else {
  // CHECK: vector.shuffle
  // CHECK: scf.for {{.+}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
  // CHECK-COUNT-8: math.fma
  // CHECK: vector.reduction <add>
  %1 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 32 : i64, k = 64 : i64, n = 8 : i64}> : tensor<?x64xf32>, tensor<8x2x16xui8>, tensor<16xf32>
  return %0, %1 : tensor<?x128xi32>, tensor<?x8xf32>
}
