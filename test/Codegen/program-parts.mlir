// A part has its own copy of what it calls and is no function of the program: here integer powers, of two kernels. Other
// parts it declares. Joined, they are in the program's order, and nothing but the library is seen.
// RUN: transom-opt %s --kernels --cpu -o %t.mlir
// RUN: transom-translate --emit-llvm=x86-64-v3 %t.mlir > %t.ll
// RUN: FileCheck %s --input-file=%t.ll
// RUN: grep '^define' %t.ll | FileCheck %s --check-prefix=DEFINED
// RUN: grep '^declare' %t.ll | FileCheck %s --check-prefix=DECLARED

// CHECK: define internal {{.*}} @pow_0(
// CHECK: call {{.*}} @__mlir_math_ipowi_i64(
// CHECK: define internal {{.*}} @reduce_0(
// CHECK: call {{.*}} @__mlir_math_ipowi_i64.1(
// CHECK: define internal void @run(
// CHECK: call void @pow_0(
// CHECK: call void @reduce_0(

// DEFINED: @pow_0(
// DEFINED-NEXT: @__mlir_math_ipowi_i64(
// DEFINED-NEXT: @reduce_0(
// DEFINED-NEXT: @__mlir_math_ipowi_i64.1(
// DEFINED-NOT: define {{[^i]}}
// DEFINED: define {{.*}}ptr @program_library()

// DECLARED-NOT: @{{pow_0|reduce_0|next|run|prepare|__mlir_math_ipowi_i64}}(
func.func @main(%x: tensor<?x16xi64> {transformer.name = "x", transformer.dims = ["s", ""]}) -> (tensor<?x16xi64>, tensor<?xi64>) attributes {transformer.entry} {
  %0 = transformer.binary pow %x, %x : tensor<?x16xi64>, tensor<?x16xi64>
  %1 = transformer.binary pow %x, %0 : tensor<?x16xi64>, tensor<?x16xi64>
  %2 = transformer.reduce sum %1 <{axes = array<i64: 1>}> : tensor<?x16xi64>
  return %0, %2 : tensor<?x16xi64>, tensor<?xi64>
}
