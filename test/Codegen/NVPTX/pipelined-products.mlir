// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t.mlir
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: transom-translate --emit-ptx=sm_90a %t.mlir | FileCheck %s --implicit-check-not=.local --implicit-check-not=call.uni

// Operands that are arguments as they stand are brought by the copy engine, whose descriptions of them come first: as
// one matrix of all lines, or a stack of them.
// MLIR: func.func @linear_0(%{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>}, %{{.*}}: !llvm.ptr {llvm.align = 64 : i64, llvm.byval = !llvm.array<128 x i8>}, %{{.*}}: !llvm.ptr {llvm.align = 16 : i64, llvm.noalias, llvm.readonly}
// MLIR-SAME: transformer.maps = [{argument = 0 : i64, box = 64 : i64, flat = true, lines = 128 : i64}, {argument = 1 : i64, box = 64 : i64, flat = true, lines = 64 : i64}]
// MLIR-SAME: transformer.threads = 384
// MLIR: func.func @linear_0_row(
// MLIR-NOT: transformer.maps
// MLIR: func.func @matmul_0(
// MLIR-SAME: transformer.maps = [{argument = 0 : i64, box = 64 : i64, flat = false, lines = 128 : i64}, {argument = 1 : i64, box = 64 : i64, flat = false, lines = 128 : i64}]

// CHECK-LABEL: .entry linear_0(
// CHECK-NEXT: .param .align 64 .b8 linear_0_param_0[128],
// CHECK-NEXT: .param .align 64 .b8 linear_0_param_1[128],
// CHECK: .reqntid 384
// CHECK: mbarrier.init.shared.b64
// CHECK: fence.mbarrier_init.release.cluster
// CHECK: bar.sync
// Nobody waits for the whole block after that; each side has its registers.
// CHECK-NOT: bar.sync
// CHECK-DAG: setmaxnreg.dec.sync.aligned.u32 40
// CHECK-DAG: setmaxnreg.inc.sync.aligned.u32 232
// CHECK-DAG: mbarrier.try_wait.parity
// CHECK-DAG: mbarrier.arrive.expect_tx.shared.b64
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16
// CHECK-DAG: mbarrier.arrive.shared.b64
// CHECK-DAG: bar.warp.sync
// A slice of the left operand, and four blocks of columns of the right one.
// CHECK-DAG: cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
// CHECK: .entry linear_0_row(

// CHECK-LABEL: .entry matmul_0(
// CHECK-NOT: cp.async.cg
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16
// CHECK-DAG: cp.async.bulk.tensor.3d

// What is seen through a view, or in lines that are no whole pieces, is brought by threads.
// CHECK-LABEL: .entry matmul_1(
// CHECK-NOT: cp.async.bulk
// CHECK: cp.async.cg.shared.global
// CHECK: wgmma.mma_async.sync.aligned.m64n128k16
// CHECK-LABEL: .entry matmul_2(
// CHECK-NOT: cp.async.bulk
func.func @main(%x: tensor<?x?x256xf16>, %w: tensor<256x512xf16>, %b: tensor<512xf16>, %q: tensor<4x?x64xbf16>, %k: tensor<4x?x64xbf16>,
                %t: tensor<?x4x64xbf16>, %o: tensor<4x?x35xf16>, %p: tensor<4x35x160xf16>)
    -> (tensor<?x?x512xf16>, tensor<4x?x?xbf16>, tensor<4x?x?xbf16>, tensor<4x?x160xf16>) attributes {transformer.entry} {
  %0 = transformer.linear %x, %w bias %b : tensor<512xf16> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x256xf16>, tensor<256x512xf16>
  %1 = transformer.matmul %q, %k <{transpose_b}> : tensor<4x?x64xbf16>, tensor<4x?x64xbf16>
  %2 = transformer.transpose %t <{perm = array<i64: 1, 0, 2>}> : tensor<?x4x64xbf16>
  %3 = transformer.matmul %2, %k <{transpose_b}> : tensor<4x?x64xbf16>, tensor<4x?x64xbf16>
  %4 = transformer.matmul %o, %p : tensor<4x?x35xf16>, tensor<4x35x160xf16>
  return %0, %1, %3, %4 : tensor<?x?x512xf16>, tensor<4x?x?xbf16>, tensor<4x?x?xbf16>, tensor<4x?x160xf16>
}
