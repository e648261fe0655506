// RUN: split-file %s %t
// RUN: not transom-opt %t/key.mlir --lower-kernels-to-nvptx=chip=sm_80 2>&1 | FileCheck %s --check-prefix=KEY
// RUN: not transom-opt %t/tile.mlir --lower-kernels-to-nvptx=chip=sm_80 2>&1 | FileCheck %s --check-prefix=TILE
// RUN: not transom-opt %t/chip.mlir --lower-kernels-to-nvptx=chip=sm_80 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not transom-opt %t/number.mlir --lower-kernels-to-nvptx=chip=sm_80 2>&1 | FileCheck %s --check-prefix=NUMBER

//--- key.mlir
// KEY: error: transformer.tiles: 'stream f16 rows=1 n=-4' is no product: 'WAY TYPE rows=FROM..TO [batched] [biased] [n=N] [k=K]' is, with stream, mma, warpgroup, pipelined, scalar, attention, warpgroup-attention, split-attention as WAY
module attributes {transformer.tiles = {"stream f16 rows=1 n=-4" = "1x32 stages=8 warps=8x1"}} {}

//--- tile.mlir
// TILE: error: transformer.tiles: 'scalar i32 rows=9.. n=2048 k=64': there is no tile '32x32 stages=1 warps=8x1' for it on sm_80; there are '128x128 stages=1 warps=8x1', '64x64 stages=1 warps=8x1'
module attributes {transformer.tiles = {"scalar i32 rows=9.. n=2048 k=64" = "32x32 stages=1 warps=8x1"}} {}

//--- chip.mlir
// CHIP: error: transformer.tiles: 'pipelined f16 rows=9.. n=512 k=256': sm_80 has no tile for it
module attributes {transformer.tiles = {"pipelined f16 rows=9.. n=512 k=256" = "128x256 stages=4 warps=8x1"}} {}

//--- number.mlir
// NUMBER: error: transformer.tiles: 'mma f16 rows=9.. n=512 k=256': a tile is a text
module attributes {transformer.tiles = {"mma f16 rows=9.. n=512 k=256" = 3 : i64}} {}
