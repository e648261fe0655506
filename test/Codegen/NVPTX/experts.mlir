// RUN: split-file %s %t
// RUN: transom-opt %t/single.mlir --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80})" | FileCheck %s --check-prefix=KERNEL
// RUN: transom-opt %t/half.mlir --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t/hopper.mlir
// RUN: FileCheck %s --check-prefix=HOPPER < %t/hopper.mlir
// RUN: transom-translate --emit-ptx=sm_90a %t/hopper.mlir | FileCheck %s --check-prefix=WGMMA --implicit-check-not=.local --implicit-check-not=call.uni
// RUN: transom-opt %t/single.mlir --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t/ampere.mlir
// RUN: FileCheck %s --check-prefix=AMPERE < %t/ampere.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t/ampere.mlir | FileCheck %s --check-prefix=MMA --implicit-check-not=.local --implicit-check-not=call.uni
// RUN: transom-opt %t/half.mlir --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a},lower-launches,canonicalize,cse)" | FileCheck %s --check-prefix=HOST

// One kernel, with memory for numbers, for the rows between the products, and for gates and results. Weights are read as they lie.
// KERNEL: %[[R:.+]]:4 = transformer.launch @moe_0(
// KERNEL: func.func private @moe_0(
// KERNEL-NOT: transformer.panels
// KERNEL-COUNT-3: transformer.scratch

//--- half.mlir

// Tiles: the sort, gates and what they let through, the second product, the sums. Of one token nothing is sorted; few tokens are sorted, and
// multiplied row by row. All products have one tile.
// HOPPER: func.func @moe_0({{.*}}transformer.form = "tiles", transformer.of = "moe_0", transformer.part = 0 : i64, transformer.threads = 256
// HOPPER: func.func @moe_0_part1({{.*}}transformer.shared = {{[0-9]+}} : i64, transformer.threads = 256 : i64, transformer.tile = ["warpgroup f16 rows=9.. batched n=256 k=512", "128x128 stages=4 warps=8x1"]
// HOPPER: func.func @moe_0_part2({{.*}}transformer.tile = ["warpgroup f16 rows=9.. batched n=256 k=512", "128x128 stages=4 warps=8x1"]
// HOPPER: func.func @moe_0_part3(
// HOPPER-NOT: transformer.shared
// HOPPER: func.func @moe_0_row({{.*}}transformer.tile = ["stream f16 rows=1 batched n=256 k=512"
// HOPPER: func.func @moe_0_row_part2(
// HOPPER-NOT: @moe_0_row_part3(
// HOPPER: func.func @moe_0_few(
// HOPPER: func.func @moe_0_few_part3(

// Numbers are counted in shared memory; no float is added by an atomic.
// WGMMA-LABEL: .entry moe_0(
// WGMMA: atom.shared.add.u32
// WGMMA-LABEL: .entry moe_0_part1(
// WGMMA-NOT: atom.{{[a-z.]*}}add
// WGMMA: cp.async.cg.shared.global
// WGMMA: wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16
// WGMMA-LABEL: .entry moe_0_part2(
// WGMMA-NOT: atom.{{[a-z.]*}}add
// WGMMA: wgmma.mma_async.sync.aligned.m64n128k16.f32.f16.f16
// WGMMA-LABEL: .entry moe_0_part3(
// WGMMA-NOT: atom.{{[a-z.]*}}add
// WGMMA-LABEL: .entry moe_0_row(
// WGMMA-NOT: atom.{{[a-z.]*}}add
// WGMMA: ld.global{{.*}}.v4

// A block an expert sorts. There are no more pieces than choices, and than full ones and one of each expert.
// HOST-LABEL: func.func private @moe_0(
// HOST: arith.divsi
func.func @main(%x: tensor<?x512xf16> {transformer.dims = ["t", ""]}, %ids: tensor<?x2xi64> {transformer.dims = ["t", ""]}, %share: tensor<?x2xf16> {transformer.dims = ["t", ""]},
    %a: tensor<8x512x256xf16>, %b: tensor<8x256x512xf16>, %u: tensor<8x512x256xf16>) -> tensor<?x512xf16> attributes {transformer.entry} {
  %0 = transformer.moe %x, %ids, %share, %a, %b up %u : tensor<8x512x256xf16> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x512xf16>, tensor<?x2xi64>, tensor<?x2xf16>, tensor<8x512x256xf16>, tensor<8x256x512xf16>
  return %0 : tensor<?x512xf16>
}

//--- single.mlir

// Gates beside what they let through are taken apart behind the product.
// AMPERE: func.func @moe_0_part1({{.*}}transformer.tile = ["mma f32 rows=9.. batched n=512 k=512", "128x128 stages=3 warps=2x4"]
// AMPERE: func.func @moe_0_part4(
// AMPERE-NOT: @moe_0_part5(
// AMPERE: func.func @moe_0_row(
// MMA-LABEL: .entry moe_0_part1(
// MMA: cp.async.cg.shared.global
// MMA: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// MMA-LABEL: .entry moe_0_part2(
// MMA-NOT: mma.sync
// MMA-LABEL: .entry moe_0_part3(
// MMA: mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32
// MMA-LABEL: .entry moe_0_part4(
// MMA-NOT: mma.sync
// MMA-LABEL: .entry moe_0_row(
func.func @main(%x: tensor<?x512xf32> {transformer.dims = ["t", ""]}, %ids: tensor<?x2xi64> {transformer.dims = ["t", ""]}, %share: tensor<?x2xf32> {transformer.dims = ["t", ""]},
    %a: tensor<8x512x512xf32>, %b: tensor<8x256x512xf32>) -> tensor<?x512xf32> attributes {transformer.entry} {
  %0 = transformer.moe %x, %ids, %share, %a, %b <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate alternating>}> : tensor<?x512xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x512x512xf32>, tensor<8x256x512xf32>
  return %0 : tensor<?x512xf32>
}
