// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" | FileCheck %s --check-prefixes=CHECK,AMPERE
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" | FileCheck %s --check-prefixes=CHECK,HOPPER
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_89},nvptx{chip=sm_89})" -o %t.89.mlir
// RUN: FileCheck %s --check-prefix=ADA --input-file=%t.89.mlir
// RUN: transom-translate --emit-ptx=sm_89 %t.89.mlir | FileCheck %s --check-prefix=PTX

// What was measured for a product goes before the table, and for that product alone: rows of another number, and sizes
// that were not measured, are made as the table says. Groups of warps have tiles on one chip only.
module attributes {transformer.tiles = {
    "stream f16 rows=1 n=512 k=256" = "1x32 stages=8 warps=8x1",
    "attention f16 rows=9.. n=64 k=64" = "64x64 stages=1 warps=4x1"}} {

// CHECK: @linear_0({{.*}}transformer.form = "tiles"
// AMPERE-SAME: transformer.threads = 256 : i64, transformer.tile = ["mma f16 rows=9.. n=512 k=256", "128x128 stages=3 warps=2x4"]
// HOPPER-SAME: transformer.threads = 384 : i64, transformer.tile = ["pipelined f16 rows=9.. n=512 k=256", "128x256 stages=4 warps=8x1"]
// CHECK: @linear_0_row({{.*}}transformer.tile = ["stream f16 rows=1 n=512 k=256", "1x32 stages=8 warps=8x1"]
// CHECK: @linear_0_few({{.*}}transformer.tile = ["stream f16 rows=2..8 n=512 k=256", "8x16 stages=4 warps=8x1"]
// CHECK: @linear_1_row({{.*}}transformer.tile = ["stream f32 rows=1 n=8000 k=256", "1x32 stages=4 warps=8x1"]
func.func @products(%x: tensor<?x256xf16>, %w: tensor<256x512xf16>, %y: tensor<?x256xf32>, %v: tensor<256x8000xf32>)
    -> (tensor<?x512xf16>, tensor<?x8000xf32>) attributes {transformer.entry} {
  %0 = transformer.linear %x, %w : tensor<?x256xf16>, tensor<256x512xf16>
  %1 = transformer.linear %y, %v : tensor<?x256xf32>, tensor<256x8000xf32>
  return %0, %1 : tensor<?x512xf16>, tensor<?x8000xf32>
}

// A product of two activations has a right operand a batch, whose columns are not known.
// CHECK: @matmul_0(
// AMPERE-SAME: transformer.tile = ["mma bf16 rows=1.. batched k=64", "128x128 stages=3 warps=2x4"]
// HOPPER-SAME: transformer.tile = ["pipelined bf16 rows=1.. batched k=64", "128x128 stages=5 warps=8x1"]
func.func @scores(%q: tensor<4x?x64xbf16>, %k: tensor<4x?x64xbf16>) -> tensor<4x?x?xbf16> attributes {transformer.entry} {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<4x?x64xbf16>, tensor<4x?x64xbf16>
  return %0 : tensor<4x?x?xbf16>
}

// Halves of 64: two blocks of 16 rows a warp unless measured. Heads of 384 leave a warp less of them where a block has
// less shared memory.
// AMPERE: @attention_0({{.*}}transformer.threads = 128 : i64, transformer.tile = ["attention f16 rows=9.. n=64 k=64", "64x64 stages=1 warps=4x1"]
// HOPPER: @attention_0({{.*}}transformer.threads = 384 : i64, transformer.tile = ["warpgroup-attention f16 rows=9.. n=64 k=64", "128x128 stages=2 warps=8x1"]
// CHECK: @attention_0_split({{.*}}transformer.tile = ["split-attention f16 rows=1..8 n=64 k=64", "16x64 stages=1 warps=1x4"]
// CHECK: @attention_1({{.*}}transformer.tile = ["attention f32 rows=9.. n=384 k=384", "64x16 stages=1 warps=4x1"]
// ADA: @attention_1({{.*}}transformer.tile = ["attention f32 rows=9.. n=384 k=384", "32x16 stages=1 warps=2x1"]
// PTX-LABEL: .entry attention_1(
// PTX: .reqntid 64
func.func @heads(%q: tensor<?x8x?x64xf16>, %k: tensor<?x2x?x64xf16>, %l: tensor<?x2x?x384xf32>)
    -> (tensor<?x8x?x64xf16>, tensor<?x2x?x384xf32>) attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %k <{scale = 1.250000e-01 : f32}> : tensor<?x8x?x64xf16>, tensor<?x2x?x64xf16>, tensor<?x2x?x64xf16>
  %1 = transformer.attention %l, %l, %l <{scale = 1.250000e-01 : f32}> : tensor<?x2x?x384xf32>, tensor<?x2x?x384xf32>, tensor<?x2x?x384xf32>
  return %0, %1 : tensor<?x8x?x64xf16>, tensor<?x2x?x384xf32>
}

}
