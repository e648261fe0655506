// RUN: transom-opt %s --kernels --cpu -o %t.mlir
// RUN: transom-translate --emit-llvm=x86-64-v3 %t.mlir > %t.v3.ll
// RUN: FileCheck %s < %t.v3.ll
// RUN: FileCheck %s --check-prefix=SYMBOLS < %t.v3.ll
// RUN: llc -O3 --relocation-model=pic --filetype=obj %t.v3.ll -o %t.o
// RUN: llvm-nm %t.o | FileCheck %s --check-prefix=NM
// RUN: llvm-readelf -r %t.o | FileCheck %s --check-prefix=RELOCATIONS
// RUN: transom-translate --emit-llvm=x86-64-v4 %t.mlir | FileCheck %s --check-prefix=V4
// RUN: transom-translate --emit-llvm=znver3 %t.mlir | FileCheck %s --check-prefix=ZEN --implicit-check-not=sse4a
// RUN: not transom-translate --emit-llvm=i386 %t.mlir 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not transom-translate --emit-llvm=x86-64-v2 %t.mlir 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: transom-opt %s --kernels -o %t.kernels.mlir
// RUN: not transom-translate --emit-llvm=x86-64-v3 %t.kernels.mlir 2>&1 | FileCheck %s --check-prefix=STAGE

// Weights inside the library, 64-byte aligned: a panel of 16 columns of which 3 are there, row by row (1 2 3, 4 5 6 as f16).
// CHECK-DAG: = internal unnamed_addr constant [64 x i8] c"\00<\00@\00B\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00D\00E\00F\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00", align 64

// What the runtime reads: names and texts are constants, nobody's but this file's.
// CHECK-DAG: constant [8 x i8] c"program\00"
// CHECK-DAG: constant [10 x i8] c"x86-64-v3\00"
// CHECK-DAG: c"{{[^"]*}}avx2{{[^"]*}}fma{{[^"]*}}\00"
// CHECK-DAG: constant [6 x i8] c"rows2\00"
// CHECK-DAG: @transom_rt_api = external hidden constant i8

// A kernel stays one function; pointers to results and operands do not overlap.
// CHECK: define internal {{.*}}@linear_0(ptr noalias {{.*}}readonly{{.*}}, ptr noalias {{.*}}#[[KERNEL:[0-9]+]]
// CHECK: define internal {{.*}}i64 @prepare({{.*}}#[[HOST:[0-9]+]]
// CHECK: define internal {{.*}}void @run({{.*}}#[[HOST2:[0-9]+]]
// Programs under -fsanitize=function read what stands before it.
// CHECK: define {{(noundef )?}}{{.*}}ptr @program_library(){{.*}} prefix i64 0
// CHECK-DAG: attributes #[[KERNEL]] = { noinline {{.*}}nounwind {{.*}}"target-cpu"="x86-64" "target-features"="{{.*}}+avx2{{.*}}" "tune-cpu"="x86-64-v3"
// CHECK-DAG: attributes #[[HOST]] = { minsize {{.*}}noinline {{.*}}nounwind {{.*}}optsize

// V4: "prefer-vector-width"="512" "target-cpu"="x86-64" "target-features"="{{.*}}" "tune-cpu"="x86-64-v4"
// A CPU's name brings no instructions that the runtime does not check for, such as SSE4A.
// ZEN: "target-cpu"="x86-64" "target-features"="{{[^"]*}}+fma{{[^"]*}}" "tune-cpu"="znver3"

// Nothing else is defined for others, nothing is called but the runtime.
// SYMBOLS-NOT: define {{(dso_local )?}}{{(void|i64|i32|ptr)}} @{{[^p]}}
// SYMBOLS-NOT: declare {{.*}} @{{(exp|expf|tanh|tanhf|erf|erff|pow|powf|sin|sinf|log|logf|malloc|free|printf)}}(
// SYMBOLS: @program_library

// NM-NOT: {{ [TDBRV] }}
// NM: {{ T }}program_library
// NM-NOT: {{ [TDBRV] }}
// NM: {{ U }}transom_rt_
// NM-NOT: {{ U [^t_]}}

// Position-independent, also where constants point at each other.
// RELOCATIONS-NOT: R_X86_64_32

// CPU: error: --cpu=i386: no such CPU; native, x86-64-v3, x86-64-v4 or one of:
// OLD: error: --cpu=x86-64-v2 has no avx2, which kernels need; x86-64-v3 is the least that works
// STAGE: error: the module has no transformer.weights: it is not after the stage cpu
func.func @main(%x: tensor<?x2xf16> {transformer.name = "rows2", transformer.dims = ["s", ""]}, %i: tensor<?xi64> {transformer.name = "i", transformer.dims = ["s"]}) -> tensor<?x3xf16> attributes {transformer.entry} {
  %w = transformer.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf16>
  %0 = transformer.linear %x, %w : tensor<?x2xf16>, tensor<2x3xf16>
  %1 = transformer.unary exp %0 : tensor<?x3xf16>
  %2 = transformer.unary erf %1 : tensor<?x3xf16>
  %3 = transformer.unary sin %2 : tensor<?x3xf16>
  %4 = transformer.unary log %3 : tensor<?x3xf16>
  %5 = transformer.softmax %4 <{axis = 1 : i64}> : tensor<?x3xf16>
  return %5 : tensor<?x3xf16>
}
