// RUN: transom-opt %s | transom-opt | FileCheck %s
// RUN: transom-opt --mlir-print-op-generic %s | transom-opt | FileCheck %s

// Every kind, flag and optional operand, as text and back, also in the generic form.

// Every function of one value.
// CHECK-LABEL: func.func @unary_kinds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary abs %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary neg %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary exp %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary log %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary sqrt %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.unary rsqrt %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.unary reciprocal %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.unary sin %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.unary cos %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.unary tan %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.unary asin %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.unary acos %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.unary atan %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.unary sinh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.unary cosh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.unary asinh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.unary acosh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.unary atanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.unary erf %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.unary tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.unary sigmoid %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.unary softplus %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.unary ceil %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.unary floor %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.unary round %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.unary sign %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.unary not %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.unary isnan %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.unary isinf %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V29:.+]] = transformer.unary relu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V30:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V31:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V32:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V33:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V34:.+]] = transformer.unary relu_squared %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V35:.+]] = transformer.unary identity %[[A0]] : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]], %[[V7]], %[[V8]], %[[V9]], %[[V10]], %[[V11]], %[[V12]], %[[V13]], %[[V14]], %[[V15]], %[[V16]], %[[V17]], %[[V18]], %[[V19]], %[[V20]], %[[V21]], %[[V22]], %[[V23]], %[[V24]], %[[V25]], %[[V26]], %[[V27]], %[[V28]], %[[V29]], %[[V30]], %[[V31]], %[[V32]], %[[V33]], %[[V34]], %[[V35]] : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @unary_kinds(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = transformer.unary abs %x : tensor<?x4xf32>
  %1 = transformer.unary neg %x : tensor<?x4xf32>
  %2 = transformer.unary exp %x : tensor<?x4xf32>
  %3 = transformer.unary log %x : tensor<?x4xf32>
  %4 = transformer.unary sqrt %x : tensor<?x4xf32>
  %5 = transformer.unary rsqrt %x : tensor<?x4xf32>
  %6 = transformer.unary reciprocal %x : tensor<?x4xf32>
  %7 = transformer.unary sin %x : tensor<?x4xf32>
  %8 = transformer.unary cos %x : tensor<?x4xf32>
  %9 = transformer.unary tan %x : tensor<?x4xf32>
  %10 = transformer.unary asin %x : tensor<?x4xf32>
  %11 = transformer.unary acos %x : tensor<?x4xf32>
  %12 = transformer.unary atan %x : tensor<?x4xf32>
  %13 = transformer.unary sinh %x : tensor<?x4xf32>
  %14 = transformer.unary cosh %x : tensor<?x4xf32>
  %15 = transformer.unary asinh %x : tensor<?x4xf32>
  %16 = transformer.unary acosh %x : tensor<?x4xf32>
  %17 = transformer.unary atanh %x : tensor<?x4xf32>
  %18 = transformer.unary erf %x : tensor<?x4xf32>
  %19 = transformer.unary tanh %x : tensor<?x4xf32>
  %20 = transformer.unary sigmoid %x : tensor<?x4xf32>
  %21 = transformer.unary softplus %x : tensor<?x4xf32>
  %22 = transformer.unary ceil %x : tensor<?x4xf32>
  %23 = transformer.unary floor %x : tensor<?x4xf32>
  %24 = transformer.unary round %x : tensor<?x4xf32>
  %25 = transformer.unary sign %x : tensor<?x4xf32>
  %26 = transformer.unary not %x : tensor<?x4xf32>
  %27 = transformer.unary isnan %x : tensor<?x4xf32>
  %28 = transformer.unary isinf %x : tensor<?x4xf32>
  %29 = transformer.unary relu %x : tensor<?x4xf32>
  %30 = transformer.unary gelu %x : tensor<?x4xf32>
  %31 = transformer.unary gelu_tanh %x : tensor<?x4xf32>
  %32 = transformer.unary quick_gelu %x : tensor<?x4xf32>
  %33 = transformer.unary silu %x : tensor<?x4xf32>
  %34 = transformer.unary relu_squared %x : tensor<?x4xf32>
  %35 = transformer.unary identity %x : tensor<?x4xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// Of two values.
// CHECK-LABEL: func.func @binary_kinds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xi64>, %[[A1:[^:]+]]: tensor<4xi64>) -> (tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary sub %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary pow %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary mod %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary fmod %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary min %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V8:.+]] = transformer.binary max %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary and %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V10:.+]] = transformer.binary or %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V11:.+]] = transformer.binary xor %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V12:.+]] = transformer.binary shl %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: %[[V13:.+]] = transformer.binary shr %[[A0]], %[[A1]] : tensor<?x4xi64>, tensor<4xi64>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]], %[[V7]], %[[V8]], %[[V9]], %[[V10]], %[[V11]], %[[V12]], %[[V13]] : tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>
// CHECK-NEXT: }
func.func @binary_kinds(%x: tensor<?x4xi64>, %y: tensor<4xi64>) -> (tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>) {
  %0 = transformer.binary add %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %1 = transformer.binary sub %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %2 = transformer.binary mul %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %3 = transformer.binary div %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %4 = transformer.binary pow %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %5 = transformer.binary mod %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %6 = transformer.binary fmod %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %7 = transformer.binary min %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %8 = transformer.binary max %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %9 = transformer.binary and %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %10 = transformer.binary or %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %11 = transformer.binary xor %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %12 = transformer.binary shl %x, %y : tensor<?x4xi64>, tensor<4xi64>
  %13 = transformer.binary shr %x, %y : tensor<?x4xi64>, tensor<4xi64>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13 : tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>, tensor<?x4xi64>
}

// Comparisons.
// CHECK-LABEL: func.func @compare_kinds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>, %[[A1:[^:]+]]: tensor<f16>) -> (tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.compare eq %[[A0]], %[[A1]] : tensor<?x4xf16>, tensor<f16>
// CHECK-NEXT: %[[V1:.+]] = transformer.compare ne %[[A0]], %[[A1]] : tensor<?x4xf16>, tensor<f16>
// CHECK-NEXT: %[[V2:.+]] = transformer.compare lt %[[A0]], %[[A1]] : tensor<?x4xf16>, tensor<f16>
// CHECK-NEXT: %[[V3:.+]] = transformer.compare le %[[A0]], %[[A1]] : tensor<?x4xf16>, tensor<f16>
// CHECK-NEXT: %[[V4:.+]] = transformer.compare gt %[[A0]], %[[A1]] : tensor<?x4xf16>, tensor<f16>
// CHECK-NEXT: %[[V5:.+]] = transformer.compare ge %[[A0]], %[[A1]] : tensor<?x4xf16>, tensor<f16>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]] : tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>
// CHECK-NEXT: }
func.func @compare_kinds(%x: tensor<?x4xf16>, %y: tensor<f16>) -> (tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>) {
  %0 = transformer.compare eq %x, %y : tensor<?x4xf16>, tensor<f16>
  %1 = transformer.compare ne %x, %y : tensor<?x4xf16>, tensor<f16>
  %2 = transformer.compare lt %x, %y : tensor<?x4xf16>, tensor<f16>
  %3 = transformer.compare le %x, %y : tensor<?x4xf16>, tensor<f16>
  %4 = transformer.compare gt %x, %y : tensor<?x4xf16>, tensor<f16>
  %5 = transformer.compare ge %x, %y : tensor<?x4xf16>, tensor<f16>
  return %0, %1, %2, %3, %4, %5 : tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>, tensor<?x4xi1>
}

// Reductions, with and without their dims.
// CHECK-LABEL: func.func @reduce_kinds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x5xf32>) -> (tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.reduce sum %[[A0]] <{axes = array<i64: 0, 2>, keepdims}> : tensor<?x4x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce mean %[[A0]] <{axes = array<i64: 0, 2>}> : tensor<?x4x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reduce max %[[A0]] <{axes = array<i64: 0, 2>, keepdims}> : tensor<?x4x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reduce min %[[A0]] <{axes = array<i64: 0, 2>}> : tensor<?x4x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reduce prod %[[A0]] <{axes = array<i64: 0, 2>, keepdims}> : tensor<?x4x5xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>
// CHECK-NEXT: }
func.func @reduce_kinds(%x: tensor<?x4x5xf32>) -> (tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>) {
  %0 = transformer.reduce sum %x <{axes = array<i64: 0, 2>, keepdims}> : tensor<?x4x5xf32>
  %1 = transformer.reduce mean %x <{axes = array<i64: 0, 2>}> : tensor<?x4x5xf32>
  %2 = transformer.reduce max %x <{axes = array<i64: 0, 2>, keepdims}> : tensor<?x4x5xf32>
  %3 = transformer.reduce min %x <{axes = array<i64: 0, 2>}> : tensor<?x4x5xf32>
  %4 = transformer.reduce prod %x <{axes = array<i64: 0, 2>, keepdims}> : tensor<?x4x5xf32>
  return %0, %1, %2, %3, %4 : tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>, tensor<4xf32>, tensor<1x4x1xf32>
}

// Over no axis.
// CHECK-LABEL: func.func @reduce_nothing(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reduce sum %[[A0]] <{axes = array<i64>}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @reduce_nothing(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.reduce sum %x <{axes = array<i64>}> : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// What a scatter does where an element exists.
// CHECK-LABEL: func.func @scatter_kinds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x5xf32>, %[[A1:[^:]+]]: tensor<2x5xi64>, %[[A2:[^:]+]]: tensor<2x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.scatter_elements set %[[A0]], %[[A1]], %[[A2]] <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.scatter_elements add %[[A0]], %[[A1]], %[[A2]] <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.scatter_elements mul %[[A0]], %[[A1]], %[[A2]] <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.scatter_elements min %[[A0]], %[[A1]], %[[A2]] <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.scatter_elements max %[[A0]], %[[A1]], %[[A2]] <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>
// CHECK-NEXT: }
func.func @scatter_kinds(%x: tensor<4x5xf32>, %i: tensor<2x5xi64>, %y: tensor<2x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>) {
  %0 = transformer.scatter_elements set %x, %i, %y <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
  %1 = transformer.scatter_elements add %x, %i, %y <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
  %2 = transformer.scatter_elements mul %x, %i, %y <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
  %3 = transformer.scatter_elements min %x, %i, %y <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
  %4 = transformer.scatter_elements max %x, %i, %y <{axis = 0 : i64}> : tensor<4x5xf32>, tensor<2x5xi64>, tensor<2x5xf32>
  return %0, %1, %2, %3, %4 : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>
}

// By tuples.
// CHECK-LABEL: func.func @scatter_nd_kinds(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x5xf32>, %[[A1:[^:]+]]: tensor<?x1xi32>, %[[A2:[^:]+]]: tensor<?x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.scatter_nd set %[[A0]], %[[A1]], %[[A2]] : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.scatter_nd add %[[A0]], %[[A1]], %[[A2]] : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.scatter_nd mul %[[A0]], %[[A1]], %[[A2]] : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.scatter_nd min %[[A0]], %[[A1]], %[[A2]] : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.scatter_nd max %[[A0]], %[[A1]], %[[A2]] : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>
// CHECK-NEXT: }
func.func @scatter_nd_kinds(%x: tensor<4x5xf32>, %i: tensor<?x1xi32>, %y: tensor<?x5xf32>) -> (tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>) {
  %0 = transformer.scatter_nd set %x, %i, %y : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
  %1 = transformer.scatter_nd add %x, %i, %y : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
  %2 = transformer.scatter_nd mul %x, %i, %y : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
  %3 = transformer.scatter_nd min %x, %i, %y : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
  %4 = transformer.scatter_nd max %x, %i, %y : tensor<4x5xf32>, tensor<?x1xi32>, tensor<?x5xf32>
  return %0, %1, %2, %3, %4 : tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>, tensor<4x5xf32>
}

// What padding is filled with.
// CHECK-LABEL: func.func @pad_modes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x5xf32>, %[[A1:[^:]+]]: tensor<f32>, %[[A2:[^:]+]]: index) -> (tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.pad constant %[[A0]] value %[[A1]] : tensor<f32>[] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.pad reflect %[[A0]][] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.pad edge %[[A0]][] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.pad wrap %[[A0]][] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>
// CHECK-NEXT: }
func.func @pad_modes(%x: tensor<4x5xf32>, %v: tensor<f32>, %n: index) -> (tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>) {
  %0 = transformer.pad constant %x value %v : tensor<f32>[] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
  %1 = transformer.pad reflect %x[] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
  %2 = transformer.pad edge %x[] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
  %3 = transformer.pad wrap %x[] [] <{static_low = array<i64: 1, -1>}> : tensor<4x5xf32> to tensor<6x4xf32>
  return %0, %1, %2, %3 : tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>, tensor<6x4xf32>
}

// Every element type.
// CHECK-LABEL: func.func @element_types(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2xf64>, %[[A1:[^:]+]]: tensor<2xf32>, %[[A2:[^:]+]]: tensor<2xf16>, %[[A3:[^:]+]]: tensor<2xbf16>, %[[A4:[^:]+]]: tensor<2xf8E4M3FN>, %[[A5:[^:]+]]: tensor<2xf8E5M2>, %[[A6:[^:]+]]: tensor<2xf8E4M3FNUZ>, %[[A7:[^:]+]]: tensor<2xf8E5M2FNUZ>, %[[A8:[^:]+]]: tensor<2xf8E8M0FNU>, %[[A9:[^:]+]]: tensor<2xf4E2M1FN>, %[[A10:[^:]+]]: tensor<2xi1>, %[[A11:[^:]+]]: tensor<2xi2>, %[[A12:[^:]+]]: tensor<2xi4>, %[[A13:[^:]+]]: tensor<2xi8>, %[[A14:[^:]+]]: tensor<2xi16>, %[[A15:[^:]+]]: tensor<2xi32>, %[[A16:[^:]+]]: tensor<2xi64>, %[[A17:[^:]+]]: tensor<2xui2>, %[[A18:[^:]+]]: tensor<2xui4>, %[[A19:[^:]+]]: tensor<2xui8>, %[[A20:[^:]+]]: tensor<2xui16>, %[[A21:[^:]+]]: tensor<2xui32>, %[[A22:[^:]+]]: tensor<2xui64>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<2xf64> to tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.cast %[[A1]] : tensor<2xf32> to tensor<2xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[A2]] : tensor<2xf16> to tensor<2xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.cast %[[A3]] : tensor<2xbf16> to tensor<2xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.cast %[[A4]] : tensor<2xf8E4M3FN> to tensor<2xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.cast %[[A5]] : tensor<2xf8E5M2> to tensor<2xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.cast %[[A6]] : tensor<2xf8E4M3FNUZ> to tensor<2xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.cast %[[A7]] : tensor<2xf8E5M2FNUZ> to tensor<2xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.cast %[[A8]] : tensor<2xf8E8M0FNU> to tensor<2xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.cast %[[A9]] : tensor<2xf4E2M1FN> to tensor<2xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.cast %[[A10]] : tensor<2xi1> to tensor<2xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.cast %[[A11]] : tensor<2xi2> to tensor<2xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.cast %[[A12]] : tensor<2xi4> to tensor<2xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.cast %[[A13]] : tensor<2xi8> to tensor<2xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.cast %[[A14]] : tensor<2xi16> to tensor<2xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.cast %[[A15]] : tensor<2xi32> to tensor<2xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.cast %[[A16]] : tensor<2xi64> to tensor<2xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.cast %[[A17]] : tensor<2xui2> to tensor<2xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.cast %[[A18]] : tensor<2xui4> to tensor<2xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.cast %[[A19]] : tensor<2xui8> to tensor<2xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.cast %[[A20]] : tensor<2xui16> to tensor<2xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.cast %[[A21]] : tensor<2xui32> to tensor<2xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.cast %[[A22]] : tensor<2xui64> to tensor<2xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]], %[[V7]], %[[V8]], %[[V9]], %[[V10]], %[[V11]], %[[V12]], %[[V13]], %[[V14]], %[[V15]], %[[V16]], %[[V17]], %[[V18]], %[[V19]], %[[V20]], %[[V21]], %[[V22]] : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT: }
func.func @element_types(%a0: tensor<2xf64>, %a1: tensor<2xf32>, %a2: tensor<2xf16>, %a3: tensor<2xbf16>, %a4: tensor<2xf8E4M3FN>, %a5: tensor<2xf8E5M2>, %a6: tensor<2xf8E4M3FNUZ>, %a7: tensor<2xf8E5M2FNUZ>, %a8: tensor<2xf8E8M0FNU>, %a9: tensor<2xf4E2M1FN>, %a10: tensor<2xi1>, %a11: tensor<2xi2>, %a12: tensor<2xi4>, %a13: tensor<2xi8>, %a14: tensor<2xi16>, %a15: tensor<2xi32>, %a16: tensor<2xi64>, %a17: tensor<2xui2>, %a18: tensor<2xui4>, %a19: tensor<2xui8>, %a20: tensor<2xui16>, %a21: tensor<2xui32>, %a22: tensor<2xui64>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0 = transformer.cast %a0 : tensor<2xf64> to tensor<2xf32>
  %1 = transformer.cast %a1 : tensor<2xf32> to tensor<2xf32>
  %2 = transformer.cast %a2 : tensor<2xf16> to tensor<2xf32>
  %3 = transformer.cast %a3 : tensor<2xbf16> to tensor<2xf32>
  %4 = transformer.cast %a4 : tensor<2xf8E4M3FN> to tensor<2xf32>
  %5 = transformer.cast %a5 : tensor<2xf8E5M2> to tensor<2xf32>
  %6 = transformer.cast %a6 : tensor<2xf8E4M3FNUZ> to tensor<2xf32>
  %7 = transformer.cast %a7 : tensor<2xf8E5M2FNUZ> to tensor<2xf32>
  %8 = transformer.cast %a8 : tensor<2xf8E8M0FNU> to tensor<2xf32>
  %9 = transformer.cast %a9 : tensor<2xf4E2M1FN> to tensor<2xf32>
  %10 = transformer.cast %a10 : tensor<2xi1> to tensor<2xf32>
  %11 = transformer.cast %a11 : tensor<2xi2> to tensor<2xf32>
  %12 = transformer.cast %a12 : tensor<2xi4> to tensor<2xf32>
  %13 = transformer.cast %a13 : tensor<2xi8> to tensor<2xf32>
  %14 = transformer.cast %a14 : tensor<2xi16> to tensor<2xf32>
  %15 = transformer.cast %a15 : tensor<2xi32> to tensor<2xf32>
  %16 = transformer.cast %a16 : tensor<2xi64> to tensor<2xf32>
  %17 = transformer.cast %a17 : tensor<2xui2> to tensor<2xf32>
  %18 = transformer.cast %a18 : tensor<2xui4> to tensor<2xf32>
  %19 = transformer.cast %a19 : tensor<2xui8> to tensor<2xf32>
  %20 = transformer.cast %a20 : tensor<2xui16> to tensor<2xf32>
  %21 = transformer.cast %a21 : tensor<2xui32> to tensor<2xf32>
  %22 = transformer.cast %a22 : tensor<2xui64> to tensor<2xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// Scalars, empty tensors, many dims.
// CHECK-LABEL: func.func @ranks(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<f32>, %[[A1:[^:]+]]: tensor<0x3xf32>, %[[A2:[^:]+]]: tensor<?x1x2x3x4x5x?xf32>) -> (tensor<f32>, tensor<0x3xf32>, tensor<?x1x2x3x4x5x?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A1]] : tensor<0x3xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary exp %[[A2]] : tensor<?x1x2x3x4x5x?xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<f32>, tensor<0x3xf32>, tensor<?x1x2x3x4x5x?xf32>
// CHECK-NEXT: }
func.func @ranks(%x: tensor<f32>, %y: tensor<0x3xf32>, %z: tensor<?x1x2x3x4x5x?xf32>) -> (tensor<f32>, tensor<0x3xf32>, tensor<?x1x2x3x4x5x?xf32>) {
  %0 = transformer.unary exp %x : tensor<f32>
  %1 = transformer.unary exp %y : tensor<0x3xf32>
  %2 = transformer.unary exp %z : tensor<?x1x2x3x4x5x?xf32>
  return %0, %1, %2 : tensor<f32>, tensor<0x3xf32>, tensor<?x1x2x3x4x5x?xf32>
}

// Starts that are known and not, steps of both signs.
// CHECK-LABEL: func.func @slices(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8x9xf32>, %[[A1:[^:]+]]: index, %[[A2:[^:]+]]: index, %[[A3:[^:]+]]: index, %[[A4:[^:]+]]: index) -> (tensor<?x?x3xf32>, tensor<1x8x9xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][%[[A1]], %[[A2]]] [%[[A3]], %[[A4]]] <{static_starts = array<i64: -9223372036854775808, 7, -9223372036854775808>, steps = array<i64: 2, -3, 1>}> : tensor<?x8x9xf32> to tensor<?x?x3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x8x9xf32> to tensor<1x8x9xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<?x?x3xf32>, tensor<1x8x9xf32>
// CHECK-NEXT: }
func.func @slices(%x: tensor<?x8x9xf32>, %a: index, %b: index, %n: index, %m: index) -> (tensor<?x?x3xf32>, tensor<1x8x9xf32>) {
  %0 = transformer.slice %x[%a, %b] [%n, %m] <{static_starts = array<i64: -9223372036854775808, 7, -9223372036854775808>, steps = array<i64: 2, -3, 1>}> : tensor<?x8x9xf32> to tensor<?x?x3xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x8x9xf32> to tensor<1x8x9xf32>
  return %0, %1 : tensor<?x?x3xf32>, tensor<1x8x9xf32>
}

// Widths that only the run knows.
// CHECK-LABEL: func.func @pads(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32>, %[[A1:[^:]+]]: index, %[[A2:[^:]+]]: index) -> tensor<?x10xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.pad edge %[[A0]][%[[A1]]] [%[[A2]]] <{static_low = array<i64: -9223372036854775808, 2>}> : tensor<?x8xf32> to tensor<?x10xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x10xf32>
// CHECK-NEXT: }
func.func @pads(%x: tensor<?x8xf32>, %a: index, %n: index) -> tensor<?x10xf32> {
  %0 = transformer.pad edge %x[%a] [%n] <{static_low = array<i64: -9223372036854775808, 2>}> : tensor<?x8xf32> to tensor<?x10xf32>
  return %0 : tensor<?x10xf32>
}

// With and without logarithm.
// CHECK-LABEL: func.func @softmaxes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> (tensor<?x4xf16>, tensor<?x4xf16>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.softmax %[[A0]] <{axis = 0 : i64}> : tensor<?x4xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[A0]] <{axis = 1 : i64, log}> : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<?x4xf16>, tensor<?x4xf16>
// CHECK-NEXT: }
func.func @softmaxes(%x: tensor<?x4xf16>) -> (tensor<?x4xf16>, tensor<?x4xf16>) {
  %0 = transformer.softmax %x <{axis = 0 : i64}> : tensor<?x4xf16>
  %1 = transformer.softmax %x <{axis = 1 : i64, log}> : tensor<?x4xf16>
  return %0, %1 : tensor<?x4xf16>, tensor<?x4xf16>
}

// Sums and products, exclusive, from the end.
// CHECK-LABEL: func.func @cumulations(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.cumsum %[[A0]] <{axis = 1 : i64}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.cumsum %[[A0]] <{axis = 1 : i64, exclusive}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cumsum %[[A0]] <{axis = 1 : i64, reverse}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.cumsum %[[A0]] <{axis = 1 : i64, exclusive, product, reverse}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @cumulations(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = transformer.cumsum %x <{axis = 1 : i64}> : tensor<?x4xf32>
  %1 = transformer.cumsum %x <{axis = 1 : i64, exclusive}> : tensor<?x4xf32>
  %2 = transformer.cumsum %x <{axis = 1 : i64, reverse}> : tensor<?x4xf32>
  %3 = transformer.cumsum %x <{axis = 1 : i64, exclusive, product, reverse}> : tensor<?x4xf32>
  return %0, %1, %2, %3 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// First and last of equals, with and without the dim.
// CHECK-LABEL: func.func @choices(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> (tensor<?xi64>, tensor<?x1xi64>, tensor<?x1xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.arg_reduce max %[[A0]] <{axis = 1 : i64}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.arg_reduce min %[[A0]] <{axis = 1 : i64, keepdims}> : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.arg_reduce max %[[A0]] <{axis = 1 : i64, keepdims, select_last}> : tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<?xi64>, tensor<?x1xi64>, tensor<?x1xi64>
// CHECK-NEXT: }
func.func @choices(%x: tensor<?x4xf32>) -> (tensor<?xi64>, tensor<?x1xi64>, tensor<?x1xi64>) {
  %0 = transformer.arg_reduce max %x <{axis = 1 : i64}> : tensor<?x4xf32>
  %1 = transformer.arg_reduce min %x <{axis = 1 : i64, keepdims}> : tensor<?x4xf32>
  %2 = transformer.arg_reduce max %x <{axis = 1 : i64, keepdims, select_last}> : tensor<?x4xf32>
  return %0, %1, %2 : tensor<?xi64>, tensor<?x1xi64>, tensor<?x1xi64>
}

// Both flags.
// CHECK-LABEL: func.func @products(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x3x4xf32>, %[[A1:[^:]+]]: tensor<5x3xf32>, %[[A2:[^:]+]]: tensor<?x4x3xbf16>) -> (tensor<?x4x5xf32>, tensor<?x4x4xbf16>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_a, transpose_b}> : tensor<?x3x4xf32>, tensor<5x3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A2]], %[[A2]] <{transpose_b}> : tensor<?x4x3xbf16>, tensor<?x4x3xbf16>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<?x4x5xf32>, tensor<?x4x4xbf16>
// CHECK-NEXT: }
func.func @products(%x: tensor<?x3x4xf32>, %y: tensor<5x3xf32>, %z: tensor<?x4x3xbf16>) -> (tensor<?x4x5xf32>, tensor<?x4x4xbf16>) {
  %0 = transformer.matmul %x, %y <{transpose_a, transpose_b}> : tensor<?x3x4xf32>, tensor<5x3xf32>
  %1 = transformer.matmul %z, %z <{transpose_b}> : tensor<?x4x3xbf16>, tensor<?x4x3xbf16>
  return %0, %1 : tensor<?x4x5xf32>, tensor<?x4x4xbf16>
}

// Zero points of either side, of both.
// CHECK-LABEL: func.func @integer_products(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x3xui8>, %[[A1:[^:]+]]: tensor<3x4xi8>, %[[A2:[^:]+]]: tensor<ui8>, %[[A3:[^:]+]]: tensor<4xi8>) -> (tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul_integer %[[A0]], %[[A1]] : tensor<?x3xui8>, tensor<3x4xi8>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul_integer %[[A0]], %[[A1]] lhs_zero %[[A2]] : tensor<ui8> : tensor<?x3xui8>, tensor<3x4xi8>
// CHECK-NEXT: %[[V2:.+]] = transformer.matmul_integer %[[A0]], %[[A1]] rhs_zero %[[A3]] : tensor<4xi8> : tensor<?x3xui8>, tensor<3x4xi8>
// CHECK-NEXT: %[[V3:.+]] = transformer.matmul_integer %[[A0]], %[[A1]] lhs_zero %[[A2]] : tensor<ui8> rhs_zero %[[A3]] : tensor<4xi8> : tensor<?x3xui8>, tensor<3x4xi8>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>
// CHECK-NEXT: }
func.func @integer_products(%x: tensor<?x3xui8>, %y: tensor<3x4xi8>, %a: tensor<ui8>, %b: tensor<4xi8>) -> (tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>) {
  %0 = transformer.matmul_integer %x, %y : tensor<?x3xui8>, tensor<3x4xi8>
  %1 = transformer.matmul_integer %x, %y lhs_zero %a : tensor<ui8> : tensor<?x3xui8>, tensor<3x4xi8>
  %2 = transformer.matmul_integer %x, %y rhs_zero %b : tensor<4xi8> : tensor<?x3xui8>, tensor<3x4xi8>
  %3 = transformer.matmul_integer %x, %y lhs_zero %a : tensor<ui8> rhs_zero %b : tensor<4xi8> : tensor<?x3xui8>, tensor<3x4xi8>
  return %0, %1, %2, %3 : tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>, tensor<?x4xi32>
}

// One to three spatial dims.
// CHECK-LABEL: func.func @windows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x2x7xf32>, %[[A1:[^:]+]]: tensor<1x2x7x8xf32>, %[[A2:[^:]+]]: tensor<1x2x5x6x7xf32>, %[[A3:[^:]+]]: tensor<3x2x3xf32>, %[[A4:[^:]+]]: tensor<3x2x3x2xf32>, %[[A5:[^:]+]]: tensor<2x1x2x2x2xf32>, %[[A6:[^:]+]]: tensor<3xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4x5xf32>, tensor<1x2x3x4x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.conv %[[A0]], %[[A3]] bias %[[A6]] : tensor<3xf32> <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>, tensor<3x2x3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.conv %[[A1]], %[[A4]] <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}> : tensor<1x2x7x8xf32>, tensor<3x2x3x2xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.conv %[[A2]], %[[A5]] <{dilations = array<i64: 1, 1, 1>, group = 2 : i64, pads = array<i64: 1, 1, 1, 1, 1, 1>, strides = array<i64: 2, 2, 2>}> : tensor<1x2x5x6x7xf32>, tensor<2x1x2x2x2xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<1x3x4xf32>, tensor<1x3x4x5xf32>, tensor<1x2x3x4x4xf32>
// CHECK-NEXT: }
func.func @windows(%x: tensor<1x2x7xf32>, %y: tensor<1x2x7x8xf32>, %z: tensor<1x2x5x6x7xf32>, %p: tensor<3x2x3xf32>, %q: tensor<3x2x3x2xf32>, %r: tensor<2x1x2x2x2xf32>, %s: tensor<3xf32>) -> (tensor<1x3x4xf32>, tensor<1x3x4x5xf32>, tensor<1x2x3x4x4xf32>) {
  %0 = transformer.conv %x, %p bias %s : tensor<3xf32> <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>, tensor<3x2x3xf32>
  %1 = transformer.conv %y, %q <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}> : tensor<1x2x7x8xf32>, tensor<3x2x3x2xf32>
  %2 = transformer.conv %z, %r <{dilations = array<i64: 1, 1, 1>, group = 2 : i64, pads = array<i64: 1, 1, 1, 1, 1, 1>, strides = array<i64: 2, 2, 2>}> : tensor<1x2x5x6x7xf32>, tensor<2x1x2x2x2xf32>
  return %0, %1, %2 : tensor<1x3x4xf32>, tensor<1x3x4x5xf32>, tensor<1x2x3x4x4xf32>
}

// Kinds and flags.
// CHECK-LABEL: func.func @pools(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x2x7xf32>) -> (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.pool max %[[A0]] <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.pool mean %[[A0]] <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.pool mean %[[A0]] <{count_pad, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.pool sum %[[A0]] <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>
// CHECK-NEXT: }
func.func @pools(%x: tensor<1x2x7xf32>) -> (tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) {
  %0 = transformer.pool max %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
  %1 = transformer.pool mean %x <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
  %2 = transformer.pool mean %x <{count_pad, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
  %3 = transformer.pool sum %x <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 1>, strides = array<i64: 2>}> : tensor<1x2x7xf32>
  return %0, %1, %2, %3 : tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>
}

// All attributes.
// CHECK-LABEL: func.func @resizes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x2x4xf32>, %[[A1:[^:]+]]: index) -> tensor<1x2x?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.resize %[[A0]][%[[A1]]] <{coordinates = "tf_crop_and_resize", cubic_coefficient = -5.000000e-01 : f32, exclude_outside, extrapolation = 1.000000e+01 : f32, mode = "cubic", nearest_mode = "ceil", roi = array<f32: 0.000000e+00, 0.000000e+00, 2.500000e-01, 1.000000e+00, 1.000000e+00, 7.500000e-01>, scales = array<f32: 1.000000e+00, 1.000000e+00, 0.000000e+00>}> : tensor<1x2x4xf32> to tensor<1x2x?xf32>
// CHECK-NEXT: return %[[V0]] : tensor<1x2x?xf32>
// CHECK-NEXT: }
func.func @resizes(%x: tensor<1x2x4xf32>, %n: index) -> tensor<1x2x?xf32> {
  %0 = transformer.resize %x[%n] <{coordinates = "tf_crop_and_resize", cubic_coefficient = -5.000000e-01 : f32, exclude_outside, extrapolation = 1.000000e+01 : f32, mode = "cubic", nearest_mode = "ceil", roi = array<f32: 0.0, 0.0, 0.25, 1.0, 1.0, 0.75>, scales = array<f32: 1.0, 1.0, 0.0>}> : tensor<1x2x4xf32> to tensor<1x2x?xf32>
  return %0 : tensor<1x2x?xf32>
}

// Per tensor, per axis, per block, with zero points and without.
// CHECK-LABEL: func.func @quantisations(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32>, %[[A1:[^:]+]]: tensor<f32>, %[[A2:[^:]+]]: tensor<8xf32>, %[[A3:[^:]+]]: tensor<4x2xf32>, %[[A4:[^:]+]]: tensor<8xi8>) -> (tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.quantize %[[A0]], %[[A1]] <{axis = 1 : i64, block_size = 0 : i64}> : tensor<4x8xf32>, tensor<f32> to tensor<4x8xi8>
// CHECK-NEXT: %[[V1:.+]] = transformer.quantize %[[A0]], %[[A2]] <{axis = 1 : i64, block_size = 0 : i64}> : tensor<4x8xf32>, tensor<8xf32> to tensor<4x8xi8>
// CHECK-NEXT: %[[V2:.+]] = transformer.quantize %[[A0]], %[[A3]] <{axis = 1 : i64, block_size = 4 : i64}> : tensor<4x8xf32>, tensor<4x2xf32> to tensor<4x8xi8>
// CHECK-NEXT: %[[V3:.+]] = transformer.quantize %[[A0]], %[[A2]] zero %[[A4]] : tensor<8xi8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<4x8xf32>, tensor<8xf32> to tensor<4x8xi8>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>
// CHECK-NEXT: }
func.func @quantisations(%x: tensor<4x8xf32>, %a: tensor<f32>, %b: tensor<8xf32>, %c0: tensor<4x2xf32>, %z: tensor<8xi8>) -> (tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>) {
  %0 = transformer.quantize %x, %a <{axis = 1 : i64, block_size = 0 : i64}> : tensor<4x8xf32>, tensor<f32> to tensor<4x8xi8>
  %1 = transformer.quantize %x, %b <{axis = 1 : i64, block_size = 0 : i64}> : tensor<4x8xf32>, tensor<8xf32> to tensor<4x8xi8>
  %2 = transformer.quantize %x, %c0 <{axis = 1 : i64, block_size = 4 : i64}> : tensor<4x8xf32>, tensor<4x2xf32> to tensor<4x8xi8>
  %3 = transformer.quantize %x, %b zero %z : tensor<8xi8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<4x8xf32>, tensor<8xf32> to tensor<4x8xi8>
  return %0, %1, %2, %3 : tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>, tensor<4x8xi8>
}

// Weights of 2, 4 and 8 bits, with zero points and a bias.
// CHECK-LABEL: func.func @few_bits(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x32xf16>, %[[A1:[^:]+]]: tensor<8x2x4xui8>, %[[A2:[^:]+]]: tensor<8x2x8xui8>, %[[A3:[^:]+]]: tensor<8x2x16xui8>, %[[A4:[^:]+]]: tensor<16xf16>, %[[A5:[^:]+]]: tensor<8xui8>, %[[A6:[^:]+]]: tensor<8xf16>) -> (tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.linear_nbits %[[A0]], %[[A1]], %[[A4]] <{bits = 2 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x4xui8>, tensor<16xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear_nbits %[[A0]], %[[A2]], %[[A4]] zeros %[[A5]] : tensor<8xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x8xui8>, tensor<16xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear_nbits %[[A0]], %[[A2]], %[[A4]] zeros %[[A5]] : tensor<8xui8> bias %[[A6]] : tensor<8xf16> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x8xui8>, tensor<16xf16>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear_nbits %[[A0]], %[[A3]], %[[A4]] bias %[[A6]] : tensor<8xf16> <{bits = 8 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x16xui8>, tensor<16xf16>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>
// CHECK-NEXT: }
func.func @few_bits(%x: tensor<?x32xf16>, %p: tensor<8x2x4xui8>, %q: tensor<8x2x8xui8>, %r: tensor<8x2x16xui8>, %s: tensor<16xf16>, %z: tensor<8xui8>, %y: tensor<8xf16>) -> (tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>) {
  %0 = transformer.linear_nbits %x, %p, %s <{bits = 2 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x4xui8>, tensor<16xf16>
  %1 = transformer.linear_nbits %x, %q, %s zeros %z : tensor<8xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x8xui8>, tensor<16xf16>
  %2 = transformer.linear_nbits %x, %q, %s zeros %z : tensor<8xui8> bias %y : tensor<8xf16> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x8xui8>, tensor<16xf16>
  %3 = transformer.linear_nbits %x, %r, %s bias %y : tensor<8xf16> <{bits = 8 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf16>, tensor<8x2x16xui8>, tensor<16xf16>
  return %0, %1, %2, %3 : tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>, tensor<?x8xf16>
}

// Bias and residual, alone and together.
// CHECK-LABEL: func.func @linears(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<16x8xf32>, %[[A2:[^:]+]]: tensor<8xf32>, %[[A3:[^:]+]]: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.linear %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[A1]] bias %[[A2]] : tensor<8xf32> : tensor<?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[A1]] residual %[[A3]] : tensor<?x8xf32> : tensor<?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[A1]] bias %[[A2]] : tensor<8xf32> residual %[[A3]] : tensor<?x8xf32> <{activation = #transformer<unary_kind silu>}> : tensor<?x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: }
func.func @linears(%x: tensor<?x16xf32>, %w0: tensor<16x8xf32>, %b: tensor<8xf32>, %r: tensor<?x8xf32>) -> (tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>) {
  %0 = transformer.linear %x, %w0 : tensor<?x16xf32>, tensor<16x8xf32>
  %1 = transformer.linear %x, %w0 bias %b : tensor<8xf32> : tensor<?x16xf32>, tensor<16x8xf32>
  %2 = transformer.linear %x, %w0 residual %r : tensor<?x8xf32> : tensor<?x16xf32>, tensor<16x8xf32>
  %3 = transformer.linear %x, %w0 bias %b : tensor<8xf32> residual %r : tensor<?x8xf32> <{activation = #transformer<unary_kind silu>}> : tensor<?x16xf32>, tensor<16x8xf32>
  return %0, %1, %2, %3 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
}

// Scale and bias, alone and together.
// CHECK-LABEL: func.func @norms(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<16xf32>, %[[A2:[^:]+]]: tensor<16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.layer_norm %[[A0]] <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.layer_norm %[[A0]] scale %[[A1]] : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.layer_norm %[[A0]] bias %[[A2]] : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.layer_norm %[[A0]] scale %[[A1]] : tensor<16xf32> bias %[[A2]] : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.rms_norm %[[A0]] scale %[[A1]] : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]] : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: }
func.func @norms(%x: tensor<?x16xf32>, %s: tensor<16xf32>, %b: tensor<16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) {
  %0 = transformer.layer_norm %x <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
  %1 = transformer.layer_norm %x scale %s : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
  %2 = transformer.layer_norm %x bias %b : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
  %3 = transformer.layer_norm %x scale %s : tensor<16xf32> bias %b : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
  %4 = transformer.rms_norm %x <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
  %5 = transformer.rms_norm %x scale %s : tensor<16xf32> <{axis = 1 : i64, epsilon = 1.000000e-01 : f32}> : tensor<?x16xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
}

// Every activation of a gated unit.
// CHECK-LABEL: func.func @gates(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.glu silu %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.glu gelu %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.glu gelu_tanh %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.glu quick_gelu %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.glu relu %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.glu sigmoid %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.glu relu_squared %[[A0]], %[[A1]] : tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]] : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
// CHECK-NEXT: }
func.func @gates(%x: tensor<?x16xf32>, %y: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>) {
  %0 = transformer.glu silu %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  %1 = transformer.glu gelu %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  %2 = transformer.glu gelu_tanh %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  %3 = transformer.glu quick_gelu %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  %4 = transformer.glu relu %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  %5 = transformer.glu sigmoid %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  %6 = transformer.glu relu_squared %x, %y : tensor<?x16xf32>, tensor<?x16xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf32>
}

// Each optional operand by itself.
// CHECK-LABEL: func.func @attention_operands(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x12xf32>, %[[A3:[^:]+]]: tensor<2x4x3x5xf32>, %[[A4:[^:]+]]: tensor<3x5xi1>, %[[A5:[^:]+]]: tensor<2xi32>, %[[A6:[^:]+]]: tensor<4xf32>, %[[A7:[^:]+]]: tensor<4xf32>) -> (tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A3]] : tensor<2x4x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[A4]] : tensor<3x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] key_lengths %[[A5]] : tensor<2xi32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] slopes %[[A6]] : tensor<4xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] sinks %[[A7]] : tensor<4xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>
// CHECK-NEXT: }
func.func @attention_operands(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x12xf32>, %bias: tensor<2x4x3x5xf32>, %mask: tensor<3x5xi1>, %key_lengths: tensor<2xi32>, %slopes: tensor<4xf32>, %sinks: tensor<4xf32>) -> (tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>) {
  %0 = transformer.attention %q, %k, %v bias %bias : tensor<2x4x3x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
  %1 = transformer.attention %q, %k, %v mask %mask : tensor<3x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
  %2 = transformer.attention %q, %k, %v key_lengths %key_lengths : tensor<2xi32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
  %3 = transformer.attention %q, %k, %v slopes %slopes : tensor<4xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
  %4 = transformer.attention %q, %k, %v sinks %sinks : tensor<4xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x12xf32>
  return %0, %1, %2, %3, %4 : tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>, tensor<2x4x3x12xf32>
}

// Each attribute by itself; defaults are not printed.
// CHECK-LABEL: func.func @attention_attributes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{causal = #transformer<causal_kind bottom_right>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, softcap = 5.000000e+01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_left = 3 : i64}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{scale = 1.000000e+00 : f32, window_right = 0 : i64}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A1]] <{probability_rounding = array<f32: 3.906250e-03, 0.000000e+00, 2.550000e+02>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]], %[[V7]] : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @attention_attributes(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
  %0 = transformer.attention %q, %k, %k <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %1 = transformer.attention %q, %k, %k <{causal = #transformer<causal_kind none>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %2 = transformer.attention %q, %k, %k <{causal = #transformer<causal_kind top_left>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %3 = transformer.attention %q, %k, %k <{causal = #transformer<causal_kind bottom_right>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %4 = transformer.attention %q, %k, %k <{scale = 1.000000e+00 : f32, softcap = 5.000000e+01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %5 = transformer.attention %q, %k, %k <{scale = 1.000000e+00 : f32, window_left = 3 : i64}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %6 = transformer.attention %q, %k, %k <{scale = 1.000000e+00 : f32, window_right = 0 : i64}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %7 = transformer.attention %q, %k, %k <{probability_rounding = array<f32: 3.906250e-03, 0.000000e+00, 2.550000e+02>, scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  return %0, %1, %2, %3, %4, %5, %6, %7 : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
}

// With and without positions.
// CHECK-LABEL: func.func @caches(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x2x8x16xf32>, %[[A1:[^:]+]]: tensor<?x2x?x16xf32>, %[[A2:[^:]+]]: tensor<?xi64>) -> (tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.kv_write %[[A0]], %[[A1]] <{axis = 2 : i64}> : tensor<?x2x8x16xf32>, tensor<?x2x?x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.kv_write %[[A0]], %[[A1]] at %[[A2]] : tensor<?xi64> <{axis = 2 : i64}> : tensor<?x2x8x16xf32>, tensor<?x2x?x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.kv_write %[[A0]], %[[A1]] at %[[A2]] : tensor<?xi64> <{axis = 2 : i64, circular}> : tensor<?x2x8x16xf32>, tensor<?x2x?x16xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>
// CHECK-NEXT: }
func.func @caches(%c0: tensor<?x2x8x16xf32>, %y: tensor<?x2x?x16xf32>, %at: tensor<?xi64>) -> (tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>) {
  %0 = transformer.kv_write %c0, %y <{axis = 2 : i64}> : tensor<?x2x8x16xf32>, tensor<?x2x?x16xf32>
  %1 = transformer.kv_write %c0, %y at %at : tensor<?xi64> <{axis = 2 : i64}> : tensor<?x2x8x16xf32>, tensor<?x2x?x16xf32>
  %2 = transformer.kv_write %c0, %y at %at : tensor<?xi64> <{axis = 2 : i64, circular}> : tensor<?x2x8x16xf32>, tensor<?x2x?x16xf32>
  return %0, %1, %2 : tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>, tensor<?x2x8x16xf32>
}

// Halves and neighbours, all features and some.
// CHECK-LABEL: func.func @rotations(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4x?x16xf32>, %[[A1:[^:]+]]: tensor<?x1x?x8xf32>, %[[A2:[^:]+]]: tensor<?x4xf32>) -> (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A1]] <{rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.rope %[[A0]], %[[A1]], %[[A1]] <{interleaved, rotary_dim = 8 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.rope %[[A0]], %[[A2]], %[[A2]] <{rotary_dim = 8 : i64}> : tensor<?x4x?x16xf32>, tensor<?x4xf32>, tensor<?x4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
// CHECK-NEXT: }
func.func @rotations(%x: tensor<?x4x?x16xf32>, %t: tensor<?x1x?x8xf32>, %h: tensor<?x4xf32>) -> (tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>) {
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
  %1 = transformer.rope %x, %t, %t <{interleaved, rotary_dim = 8 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
  %2 = transformer.rope %x, %h, %h <{rotary_dim = 8 : i64}> : tensor<?x4x?x16xf32>, tensor<?x4xf32>, tensor<?x4xf32>
  return %0, %1, %2 : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
}

// From none to some sizes, and checks of them.
// CHECK-LABEL: func.func @sizes(
// CHECK-SAME: %[[A0:[^:]+]]: index, %[[A1:[^:]+]]: index, %[[A2:[^:]+]]: tensor<3xui8>) -> (tensor<3xi32>, index) {
// CHECK-NEXT: %[[V0:.+]] = transformer.from_index %[[A0]], %[[A1]], %[[A0]] : tensor<3xi32>
// CHECK-NEXT: transformer.check_sizes %[[A0]], %[[A1]]
// CHECK-NEXT: transformer.check_sizes %[[A0]], %[[A1]] <{broadcast}>
// CHECK-NEXT: %[[V1:.+]] = transformer.to_index %[[A2]] <{position = 2 : i64}> : tensor<3xui8>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<3xi32>, index
// CHECK-NEXT: }
func.func @sizes(%a: index, %b: index, %x: tensor<3xui8>) -> (tensor<3xi32>, index) {
  %0 = transformer.from_index %a, %b, %a : tensor<3xi32>
  transformer.check_sizes %a, %b
  transformer.check_sizes %a, %b <{broadcast}>
  %p = transformer.to_index %x <{position = 2 : i64}> : tensor<3xui8>
  return %0, %p : tensor<3xi32>, index
}
