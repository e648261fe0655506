// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t.mlir
// RUN: FileCheck %s < %t.mlir --check-prefix=MLIR
// RUN: transom-translate --emit-ptx=sm_90a %t.mlir | FileCheck %s --implicit-check-not=.local --implicit-check-not=call.uni

// Keys and values that are arguments as they stand are brought by the copy engine, a head's 64 elements of a tile's keys at a time. Few queries
// are not for groups of warps.
// MLIR: func.func @attention_0({{.*}}transformer.maps = [{argument = 1 : i64, box = 64 : i64, flat = false, lines = 96 : i64}, {argument = 2 : i64, box = 64 : i64, flat = false, lines = 96 : i64}]
// MLIR-SAME: transformer.threads = 384 : i64, transformer.tile = ["warpgroup-attention bf16 rows=9.. n=128 k=128", "128x96 stages=2 warps=8x1"]
// MLIR: func.func @attention_0_split({{.*}}transformer.tile = ["split-attention bf16

// CHECK-LABEL: .entry attention_0(
// CHECK: .reqntid 384
// CHECK: mbarrier.init.shared.b64
// CHECK: fence.mbarrier_init.release.cluster
// CHECK-DAG: setmaxnreg.dec.sync.aligned.u32 40
// CHECK-DAG: setmaxnreg.inc.sync.aligned.u32 232
// CHECK-DAG: cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes
// CHECK-DAG: mbarrier.try_wait.parity
// CHECK-DAG: mbarrier.arrive.expect_tx.shared.b64
// Queries come by threads. Scores are the product of two operands in shared memory; weights stay in registers, and the next
// scores are on their way before the sums.
// CHECK-DAG: bar.sync 
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n96k16.f32.bf16.bf16
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16
// CHECK-DAG: ex2.approx.ftz.f32
// CHECK-DAG: cvt.rn.bf16x2.f32
// CHECK-DAG: wgmma.wait_group.sync.aligned 1;
// CHECK-DAG: wgmma.wait_group.sync.aligned 0;
// CHECK-NOT: mma.sync
// CHECK-LABEL: .entry attention_0_split(
// CHECK: mma.sync.aligned.m16n8k16
func.func @main(%q: tensor<?x8x?x128xbf16>, %k: tensor<?x2x?x128xbf16>, %v: tensor<?x2x?x128xbf16>)
    -> tensor<?x8x?x128xbf16> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind bottom_right>, scale = 1.250000e-01 : f32}> : tensor<?x8x?x128xbf16>, tensor<?x2x?x128xbf16>, tensor<?x2x?x128xbf16>
  return %0 : tensor<?x8x?x128xbf16>
}

// Keys that may not all be there are brought by threads, and where what they have brought is there, they say so.
// MLIR: func.func @attention_1(
// MLIR-NOT: transformer.maps
// MLIR-SAME: transformer.tile = ["warpgroup-attention f16 rows=9.. n=256 k=256", "128x32 stages=2 warps=8x1"]
// CHECK-LABEL: .entry attention_1(
// CHECK-DAG: setmaxnreg.dec.sync.aligned.u32 72
// CHECK-DAG: setmaxnreg.inc.sync.aligned.u32 216
// CHECK-DAG: cp.async.cg.shared.global
// CHECK-DAG: cp.async.wait_group 1
// CHECK-DAG: fence.proxy.async.shared::cta
// CHECK-DAG: mbarrier.arrive.shared.b64
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n32k16.f32.f16.f16
// CHECK-DAG: wgmma.mma_async.sync.aligned.m64n256k16.f32.f16.f16
// CHECK-NOT: cp.async.bulk
// CHECK-LABEL: .entry attention_1_split(
func.func @lengths(%q: tensor<?x8x?x256xf16>, %k: tensor<?x2x?x256xf16>, %v: tensor<?x2x?x256xf16>, %n: tensor<?xi64>)
    -> tensor<?x8x?x256xf16> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v key_lengths %n : tensor<?xi64> <{scale = 1.250000e-01 : f32}> : tensor<?x8x?x256xf16>, tensor<?x2x?x256xf16>, tensor<?x2x?x256xf16>
  return %0 : tensor<?x8x?x256xf16>
}
