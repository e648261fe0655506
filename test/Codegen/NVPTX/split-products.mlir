// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_80},nvptx{chip=sm_80})" -o %t.mlir
// RUN: FileCheck %s --check-prefix=MLIR --input-file=%t.mlir
// RUN: transom-translate --emit-ptx=sm_80 %t.mlir | FileCheck %s --implicit-check-not=.local --implicit-check-not=atom.global.add --implicit-check-not="{{[^a]red}}.global"
// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" -o %t.90.mlir
// RUN: transom-translate --emit-ptx=sm_90a %t.90.mlir | FileCheck %s --check-prefixes=HOPPER --implicit-check-not=.local
// RUN: transom-opt %t.mlir --pass-pipeline="builtin.module(lower-launches,canonicalize,cse)" | FileCheck %s --check-prefix=HOST

// The kernel has memory for the parts: f32 of up to 128 rows, in as many parts as its form splits them into.
// MLIR: func.func private @linear_0({{.*}}) -> (tensor<?x768xf16> {{.*}}, tensor<?xf32> {transformer.scratch, {{.*}}})
// MLIR: transformer.linear {{.*}}transformer.splits = array<i64: 4, 4, 8>
// MLIR-DAG: func.func @linear_0({{.*}}transformer.tile = ["mma f16 rows=129.. n=768 k=3072", "128x128 stages=3 warps=2x4"]
// MLIR-DAG: func.func @linear_0_row({{.*}}transformer.part = 0 : i64, {{.*}}transformer.tile = ["stream f16 rows=1 n=768 k=3072", "1x16 stages=4 warps=8x1 splits=4"]
// MLIR-DAG: func.func @linear_0_row_part1({{.*}}transformer.part = 1 : i64
// MLIR-DAG: func.func @linear_0_few_part1({{.*}}
// MLIR-DAG: func.func @linear_0_split({{.*}}transformer.form = "split", {{.*}}transformer.shared = {{.*}}transformer.tile = ["mma f16 rows=9..128 n=768 k=3072", "64x64 stages=3 warps=2x4 splits=8"]
// MLIR-DAG: func.func @linear_0_split_part1({{.*}}transformer.form = "split"

// The first pass puts sums down as they are: bias and activation come behind the second, which adds the parts one after
// the other.
// CHECK-LABEL: .entry linear_0_row(
// CHECK: ld.global.nc.v4.b32
// CHECK-NOT: cvt.rn.f16.f32
// CHECK: st.global.b32
// CHECK-LABEL: .entry linear_0_row_part1(
// CHECK-NOT: mma.sync
// CHECK-COUNT-4: ld.global{{.*}}b32
// CHECK: cvt.rn.f16.f32
// CHECK: st.global.b16
// CHECK-LABEL: .entry linear_0_split(
// CHECK: cp.async.cg.shared.global
// CHECK: mma.sync.aligned.m16n8k16
// CHECK: st.global.b32
// CHECK-LABEL: .entry linear_0_split_part1(
// CHECK-NOT: mma.sync
// CHECK-COUNT-8: ld.global{{.*}}b32
// CHECK: cvt.rn.f16.f32

// Rows that make few tiles are multiplied by mma.sync also where there are groups of warps.
// HOPPER-LABEL: .entry linear_0(
// HOPPER: wgmma.mma_async
// HOPPER-LABEL: .entry linear_0_split(
// HOPPER-NOT: wgmma
// HOPPER: mma.sync.aligned.m16n8k16

// The host launches both passes of the form whose rows there are.
// HOST: transformer.functions = [{name = "linear_0", {{.*}}}, {name = "linear_0_row", {{.*}}}, {name = "linear_0_row_part1", {{.*}}}, {name = "linear_0_few", {{.*}}}, {name = "linear_0_few_part1", {{.*}}}, {name = "linear_0_split", {{.*}}}, {name = "linear_0_split_part1", {{.*}}}
// HOST-LABEL: func.func private @linear_0(
// HOST-COUNT-7: call @transom_rt_device_launch
func.func @main(%x: tensor<?x3072xf16>, %w: tensor<3072x768xf16>, %b: tensor<768xf16>) -> tensor<?x768xf16> attributes {transformer.entry} {
  %0 = transformer.linear %x, %w bias %b : tensor<768xf16> <{activation = #transformer<unary_kind relu>}> : tensor<?x3072xf16>, tensor<3072x768xf16>
  return %0 : tensor<?x768xf16>
}
