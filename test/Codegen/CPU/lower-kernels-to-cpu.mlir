// RUN: transom-opt %s --split-input-file --outline-kernels --lower-kernels-to-cpu --canonicalize --cse | FileCheck %s
// RUN: transom-opt %s --split-input-file --outline-kernels=panel-columns=64 --lower-kernels-to-cpu=vector-bits=512 --canonicalize --cse | FileCheck %s --check-prefix=WIDE
// RUN: transom-opt %s --split-input-file --outline-kernels="panel-columns=16 weight-columns=64" --lower-kernels-to-cpu --canonicalize --cse | FileCheck %s --check-prefix=SHARED

// Rows are shared among the threads; a chain is one loop with one load an operand.
// CHECK-LABEL: func.func private @relu_0
// CHECK-SAME: (%[[X:.*]]: !llvm.ptr {llvm.noalias, llvm.readonly}, %[[Y:.*]]: !llvm.ptr {llvm.noalias}, %[[S:.*]]: index, %[[SITE:.*]]: index, %[[T:.*]]: index, %[[N:.*]]: index, %[[HANDLE:.*]]: !llvm.ptr)
// CHECK: %[[A:.*]] = arith.muli %[[S]], %[[T]]
// CHECK: %[[FROM:.*]] = arith.divui %[[A]], %[[N]]
// CHECK: %[[TO:.*]] = arith.divui
// CHECK: scf.for %[[R:.*]] = %[[FROM]] to %[[TO]]
// CHECK: scf.for
// CHECK: %[[V:.*]] = llvm.load
// CHECK-NOT: llvm.load
// CHECK: arith.mulf
// CHECK: arith.cmpf olt
// CHECK: arith.select
// CHECK: llvm.store
func.func @chain(%x: tensor<?x16xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x16xf32> attributes {transformer.entry} {
  %half = transformer.constant dense<0.5> : tensor<f32>
  %0 = transformer.binary mul %x, %half : tensor<?x16xf32>, tensor<f32>
  %1 = transformer.unary relu %0 : tensor<?x16xf32>
  return %1 : tensor<?x16xf32>
}

// -----

// Twelve vectors of a 6x16 tile are carried through K; the weight's panel is asked for ahead. 6x64 with AVX-512.
// CHECK-LABEL: func.func private @linear_0
// CHECK: llvm.alloca
// CHECK: scf.for {{.*}} step %c4 iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK: llvm.intr.prefetch
// CHECK: llvm.load {{.*}} -> vector<8xf32>
// CHECK: vector.broadcast
// CHECK-COUNT-12: math.fma
// WIDE-LABEL: func.func private @linear_0
// WIDE: scf.for {{.*}} -> (vector<16xf32>
// WIDE-COUNT-24: math.fma {{.*}} vector<16xf32>
// In a panel of 64 that wider CPUs read too, a tile of 16 columns finds its next row 64 elements on.
// SHARED-LABEL: func.func private @linear_0
// SHARED: arith.remui %{{.*}}, %c4
// SHARED: %{{.*}}:12 = scf.for %[[K:[^ ]*]] = {{.*}} step %c4 iter_args(
// SHARED: arith.muli %[[K]], %c64
// SHARED-COUNT-12: math.fma
func.func @product(%x: tensor<?x64xf32> {transformer.name = "x", transformer.dims = ["s", ""]}) -> tensor<?x128xf32> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<64x128xf32>
  %0 = transformer.linear %x, %w : tensor<?x64xf32>, tensor<64x128xf32>
  return %0 : tensor<?x128xf32>
}

// -----

// Few queries go row by row; the others wait until all keys are packed.
// CHECK-LABEL: func.func private @attention_0
// CHECK: %[[FEW:.*]] = arith.cmpi slt, %{{.*}}, %c8
// CHECK: scf.if %[[FEW]] {
// CHECK-NOT: transom_rt_barrier
// CHECK: } else {
// CHECK: llvm.call @transom_rt_barrier
// CHECK: arith.maxnumf
func.func @attention(%q: tensor<1x2x?x16xf32> {transformer.name = "q", transformer.dims = ["", "", "s", ""]},
                     %k: tensor<1x2x?x16xf32> {transformer.name = "k", transformer.dims = ["", "", "t", ""]}) -> tensor<1x2x?x16xf32> attributes {transformer.entry} {
  %0 = transformer.attention %q, %k, %k <{scale = 2.5e-01 : f32, causal = #transformer<causal_kind bottom_right>}> : tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>, tensor<1x2x?x16xf32>
  return %0 : tensor<1x2x?x16xf32>
}

// -----

// bf16 is widened with a shift and rounded to nearest even; an index out of range fails the run.
// CHECK-LABEL: func.func private @{{.*}}_0
// CHECK: arith.cmpi uge
// CHECK: scf.if
// CHECK: llvm.call @transom_rt_fail
// CHECK: llvm.load {{.*}} -> i16
// CHECK: arith.shli {{.*}}, %c16_i32
// CHECK: arith.addf
// CHECK: arith.shrui {{.*}}, %c16_i32
// CHECK: llvm.store {{.*}} : i16
func.func @rows(%i: tensor<?xi64> {transformer.name = "i", transformer.dims = ["s"]}) -> tensor<?x16xbf16> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<10x16xbf16>
  %0 = transformer.gather %w, %i <{axis = 0 : i64}> : tensor<10x16xbf16>, tensor<?xi64>
  %1 = transformer.binary add %0, %0 : tensor<?x16xbf16>, tensor<?x16xbf16>
  return %1 : tensor<?x16xbf16>
}

// -----

// Four numbers of 2 bits share a byte, and two floats of 4 bits: one thread writes them all, a part of a byte at a time.
// CHECK-LABEL: func.func private @{{.*}}_0
// CHECK: %[[FIRST:.*]] = arith.cmpi eq, %{{.*}}, %c0
// CHECK: arith.select %[[FIRST]]
// CHECK: arith.divui %{{.*}}, %c4
// CHECK: llvm.load %{{.*}} -> i8
// CHECK: arith.trunci %{{.*}} : i8 to i2
// CHECK: arith.divui %{{.*}}, %c2
// CHECK: llvm.load %{{.*}} -> i8
// CHECK: llvm.store %{{.*}} : i8
func.func @packed(%x: tensor<?xui2> {transformer.name = "x", transformer.dims = ["n"]}) -> tensor<?xf4E2M1FN> attributes {transformer.entry} {
  %0 = transformer.cast %x : tensor<?xui2> to tensor<?xf4E2M1FN>
  return %0 : tensor<?xf4E2M1FN>
}

// -----

// A convolution's result is one element to all that follow, however its sizes are written.
// CHECK-LABEL: func.func private @{{.*}}_0
// CHECK: math.absf
// CHECK: arith.divf
func.func @conv_twice(%x: tensor<?x4x?xf32> {transformer.name = "x", transformer.dims = ["n", "", "l"]}, %w: tensor<8x4x3xf32> {transformer.name = "w", transformer.dims = ["", "", ""]}) -> tensor<?x8x?xf32> attributes {transformer.entry} {
  %one = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.conv %x, %w <{strides = array<i64: 1>, pads = array<i64: 0, 0>, dilations = array<i64: 1>, group = 1 : i64}> : tensor<?x4x?xf32>, tensor<8x4x3xf32>
  %1 = transformer.unary abs %0 : tensor<?x8x?xf32>
  %2 = transformer.binary add %1, %one : tensor<?x8x?xf32>, tensor<f32>
  %3 = transformer.binary div %0, %2 : tensor<?x8x?xf32>, tensor<?x8x?xf32>
  return %3 : tensor<?x8x?xf32>
}

// -----

// Sums in any order are not unrolled whole: vectors of lines would take another order than the lines left over.
// CHECK-LABEL: func.func private @layer_norm_0
// CHECK-COUNT-2: loop_annotation = #loop_annotation
func.func @short_rows(%x: tensor<?x8xf32> {transformer.name = "x", transformer.dims = ["s", ""]}, %w: tensor<8xf32> {transformer.name = "w", transformer.dims = [""]}) -> tensor<?x8xf32> attributes {transformer.entry} {
  %0 = transformer.layer_norm %x scale %w : tensor<8xf32> <{axis = 1 : i64, epsilon = 1.0e-5 : f32}> : tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}
