// RUN: transom-opt %s --kernels --lower-kernels-to-cpu | FileCheck %s

func.func @main(%a: tensor<?x64xui8>, %b: tensor<64x128xi8>, %z: tensor<ui8>, %x: tensor<?x64xf32>, %w: tensor<8x2x16xui8>, %s: tensor<16xf32>)
    -> (tensor<?x128xi32>, tensor<?x8xf32>) attributes {transformer.entry} {
  // Pairs of i16 into sums of i32: four rows by two vectors, and one row by four.
  // CHECK-LABEL: func.func private @matmul_integer_0(
  // CHECK: arith.extsi %{{.+}} : i8 to i16
  // CHECK: scf.for {{.+}} -> (vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>)
  // CHECK-COUNT-8: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
  // CHECK: scf.for {{.+}} -> (vector<8xi32>, vector<8xi32>, vector<8xi32>, vector<8xi32>)
  // CHECK-COUNT-4: llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"
  // CHECK-NOT: arith.sitofp
  // CHECK: return
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
