// RUN: transom-opt %s --pass-pipeline="builtin.module(nvptx-kernels{chip=sm_90a},nvptx{chip=sm_90a})" | FileCheck %s --implicit-check-not=transformer.splits --implicit-check-not=transformer.scratch --implicit-check-not=splits=
// RUN: transom-opt %s --outline-kernels | FileCheck %s --check-prefix=CPU --implicit-check-not=transformer.splits

// What is not split: results wide enough for all multiprocessors, small depths, sizes that are not known, more rows than
// forms for few have, f64, and matrices that have a right operand each.
// CHECK: gpu.module
// CPU: func.func private
func.func @main(%x: tensor<?x4096xf16>, %wide: tensor<4096x32000xf16>, %shallow: tensor<?x256xf16>, %small: tensor<256x64xf16>,
                %unknown: tensor<4096x?xf16>, %many: tensor<512x3072xf16>, %tall: tensor<3072x768xf16>, %d: tensor<?x3072xf64>,
                %dw: tensor<3072x64xf64>, %q: tensor<2x?x4096xf16>, %k: tensor<2x4096x64xf16>)
    -> (tensor<?x32000xf16>, tensor<?x64xf16>, tensor<?x?xf16>, tensor<512x768xf16>, tensor<?x64xf64>, tensor<2x?x64xf16>) attributes {transformer.entry} {
  %0 = transformer.linear %x, %wide : tensor<?x4096xf16>, tensor<4096x32000xf16>
  %1 = transformer.linear %shallow, %small : tensor<?x256xf16>, tensor<256x64xf16>
  %2 = transformer.matmul %x, %unknown : tensor<?x4096xf16>, tensor<4096x?xf16>
  %3 = transformer.linear %many, %tall : tensor<512x3072xf16>, tensor<3072x768xf16>
  %4 = transformer.matmul %d, %dw : tensor<?x3072xf64>, tensor<3072x64xf64>
  %5 = transformer.matmul %q, %k : tensor<2x?x4096xf16>, tensor<2x4096x64xf16>
  return %0, %1, %2, %3, %4, %5 : tensor<?x32000xf16>, tensor<?x64xf16>, tensor<?x?xf16>, tensor<512x768xf16>, tensor<?x64xf64>, tensor<2x?x64xf16>
}
