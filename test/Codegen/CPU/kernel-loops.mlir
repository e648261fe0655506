// The innermost loops of kernels: whole vectors, no calls, no spills. Each family with AVX2 and with AVX-512.
// RUN: transom-opt %s --kernels --cpu | transom-translate --emit-llvm=x86-64-v3 - | llc -O3 --relocation-model=pic --filetype=obj -o %t.v3.o
// RUN: transom-opt %s --pass-pipeline="builtin.module(outline-kernels{panel-columns=64},cse,lower-kernels-to-cpu{vector-bits=512},lower-host-program,canonicalize,cse,loop-invariant-code-motion)" -o %t.v4.mlir
// RUN: transom-translate --emit-llvm=x86-64-v4 %t.v4.mlir | llc -O3 --relocation-model=pic --filetype=obj -o %t.v4.o

// A tile of a product: 6x16 or 6x64 sums, four steps of depth unrolled; halves are widened on the way.
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm linear_0:vfmadd.*ps:48 linear_1:vfmadd.*ps:48 linear_1:vcvtph2ps:8 linear_2:vfmadd.*ps:48 matmul_0:vfmadd.*ps:48 | FileCheck %s
// RUN: %python %S/Inputs/kernel_loops.py %t.v4.o zmm linear_0:vfmadd.*ps:96 linear_1:vfmadd.*ps:96 linear_1:vcvtph2ps:8 linear_2:vfmadd.*ps:96 matmul_0:vfmadd.*ps:96 | FileCheck %s

// Attention: a row's products with keys as they lie, a tile of scores, exponentials, the largest score.
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm attention_0:vfmadd.*ps:48 attention_0:vmaxps:1 | FileCheck %s

// Rows: sums in any order, so that they are vectors; the largest element; exponentials by polynomials of ten steps.
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm layer_norm_0:vaddps:1 layer_norm_0:vmulps:1 rms_norm_0:vfmadd.*ps:1 softmax_0:vmaxps:1 softmax_0:vfmadd.*ps:8:constants softmax_0:vaddps:1 reduce_0:vaddps:1 reduce_1:vmaxps:1 | FileCheck %s
// RUN: %python %S/Inputs/kernel_loops.py %t.v4.o zmm layer_norm_0:vaddps:1 layer_norm_0:vmulps:1 rms_norm_0:vfmadd.*ps:1 softmax_0:vmaxps:1 softmax_0:vfmadd.*ps:8:constants softmax_0:vaddps:1 reduce_0:vaddps:1 reduce_1:vmaxps:1 | FileCheck %s

// Chains: one loop, real functions in vectors; a gelu, a gated unit, halves.
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm gelu_0:vfmadd.*ps:6 glu_0:vfmadd.*ps:6 tanh_0:vcvtph2ps:1 | FileCheck %s
// RUN: %python %S/Inputs/kernel_loops.py %t.v4.o zmm gelu_0:vfmadd.*ps:6 glu_0:vfmadd.*ps:6 tanh_0:vcvtph2ps:1 | FileCheck %s

// Codes of 8 and 4 bits: pairs of 16-bit products; codes widened in registers.
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm matmul_integer_0:vpmaddwd:8 matmul_integer_0:-vcvtdq2ps linear_nbits_0:vfmadd.*ps:8 | FileCheck %s
// RUN: %python %S/Inputs/kernel_loops.py %t.v4.o zmm linear_nbits_0:vfmadd.*ps:8 | FileCheck %s

// Convolutions: 6 channels by two or four vectors of positions; a row of a depthwise one with its taps; windows of a pooling.
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm conv_0:vfmadd.*ps:12 conv_1:vfmadd.*ps:1 pool_0:vmaxps:1 | FileCheck %s
// RUN: %python %S/Inputs/kernel_loops.py %t.v4.o zmm conv_0:vfmadd.*ps:24 conv_1:vfmadd.*ps:1 pool_0:vmaxps:1 | FileCheck %s

// Positions: keys of 32 bits, blocks of 64 elements. (With AVX-512, LLVM keeps a mask on the stack.)
// RUN: %python %S/Inputs/kernel_loops.py %t.v3.o ymm arg_reduce_0:vpmaxsd:1:constants | FileCheck %s

// CHECK: {{[1-9][0-9]*}} expectations in

func.func @products(%x: tensor<?x256xf32>, %h: tensor<?x256xf16>, %b: tensor<?x256xbf16>, %y: tensor<?x64xf32>, %z: tensor<64x?xf32>)
    -> (tensor<?x128xf32>, tensor<?x128xf16>, tensor<?x128xbf16>, tensor<?x?xf32>) attributes {transformer.entry} {
  %w0 = transformer.constant dense<0.25> : tensor<256x128xf32>
  %w1 = transformer.constant dense<0.25> : tensor<256x128xf16>
  %w2 = transformer.constant dense<0.25> : tensor<256x128xbf16>
  %0 = transformer.linear %x, %w0 : tensor<?x256xf32>, tensor<256x128xf32>
  %1 = transformer.linear %h, %w1 : tensor<?x256xf16>, tensor<256x128xf16>
  %2 = transformer.linear %b, %w2 : tensor<?x256xbf16>, tensor<256x128xbf16>
  %3 = transformer.matmul %y, %z : tensor<?x64xf32>, tensor<64x?xf32>
  return %0, %1, %2, %3 : tensor<?x128xf32>, tensor<?x128xf16>, tensor<?x128xbf16>, tensor<?x?xf32>
}

func.func @attention(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>, %v: tensor<?x2x?x64xf32>) -> tensor<?x8x?x64xf32> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %v <{causal = #transformer<causal_kind bottom_right>, scale = 1.250000e-01 : f32}> : tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>
  return %0 : tensor<?x8x?x64xf32>
}

func.func @rows(%x: tensor<?x?xf32>, %s: tensor<?xf32>, %y: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>) attributes {transformer.entry} {
  %0 = transformer.layer_norm %x scale %s : tensor<?xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?xf32>
  %1 = transformer.rms_norm %x scale %s : tensor<?xf32> <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?xf32>
  %2 = transformer.softmax %y <{axis = 1 : i64}> : tensor<?x?xf32>
  %3 = transformer.reduce sum %y <{axes = array<i64: 1>}> : tensor<?x?xf32>
  %4 = transformer.reduce max %y <{axes = array<i64: 1>}> : tensor<?x?xf32>
  return %0, %1, %2, %3, %4 : tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?xf32>, tensor<?xf32>
}

func.func @chains(%x: tensor<?x768xf32>, %b: tensor<768xf32>, %g: tensor<?x768xf32>, %h: tensor<?x768xf16>) -> (tensor<?x768xf32>, tensor<?x768xf32>, tensor<?x768xf16>) attributes {transformer.entry} {
  %0 = transformer.binary add %x, %b : tensor<?x768xf32>, tensor<768xf32>
  %1 = transformer.unary gelu %0 : tensor<?x768xf32>
  %2 = transformer.glu silu %x, %g : tensor<?x768xf32>, tensor<?x768xf32>
  %3 = transformer.unary tanh %h : tensor<?x768xf16>
  return %1, %2, %3 : tensor<?x768xf32>, tensor<?x768xf32>, tensor<?x768xf16>
}

func.func @codes(%a: tensor<?x64xui8>, %b: tensor<64x128xi8>, %x: tensor<?x256xf32>, %w: tensor<128x8x16xui8>, %s: tensor<1024xf32>) -> (tensor<?x128xi32>, tensor<?x128xf32>) attributes {transformer.entry} {
  %0 = transformer.matmul_integer %a, %b : tensor<?x64xui8>, tensor<64x128xi8>
  %1 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 32 : i64, k = 256 : i64, n = 128 : i64}> : tensor<?x256xf32>, tensor<128x8x16xui8>, tensor<1024xf32>
  return %0, %1 : tensor<?x128xi32>, tensor<?x128xf32>
}

func.func @spatial(%x: tensor<?x32x32x32xf32>, %w: tensor<64x32x3x3xf32>, %p: tensor<?x32x?x?xf32>, %d: tensor<?x24x?xf32>, %f: tensor<24x1x3xf32>)
    -> (tensor<?x64x30x30xf32>, tensor<?x24x?xf32>, tensor<?x32x?x?xf32>) attributes {transformer.entry} {
  %0 = transformer.conv %x, %w <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>}> : tensor<?x32x32x32xf32>, tensor<64x32x3x3xf32>
  %1 = transformer.conv %d, %f <{dilations = array<i64: 1>, group = 24 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<?x24x?xf32>, tensor<24x1x3xf32>
  %2 = transformer.pool max %p <{kernel = array<i64: 3, 3>, strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>}> : tensor<?x32x?x?xf32>
  return %0, %1, %2 : tensor<?x64x30x30xf32>, tensor<?x24x?xf32>, tensor<?x32x?x?xf32>
}

func.func @searches(%x: tensor<?x?xf32>) -> tensor<?xi64> attributes {transformer.entry} {
  %0 = transformer.arg_reduce max %x <{axis = 1 : i64}> : tensor<?x?xf32>
  return %0 : tensor<?xi64>
}
