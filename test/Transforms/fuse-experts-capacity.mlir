// RUN: transom-opt --fuse-experts --canonicalize --cse %s | FileCheck %s

// Experts with a capacity: tokens are dispatched to slots and taken back, by one-hot products.

// Einsums of one-hots over batches, slots for each; the place is that of the one expert chosen, kept within the slots.
// CHECK-LABEL: func.func @switch(
// CHECK: %[[IDS:.+]] = transformer.arg_reduce max
// CHECK: %[[KEPT:.+]] = transformer.compare le
// CHECK: %[[ROOM:.+]] = transformer.cast %[[KEPT]]
// CHECK: %[[OWN:.+]] = transformer.gather_elements %[[ROOM]],
// CHECK: %[[SHARE:.+]] = transformer.binary mul %{{.+}}, %[[OWN]] : tensor<?x?x1xf32>, tensor<?x?x1xf32>
// CHECK: %[[SHARES:.+]] = transformer.reshape %[[SHARE]]
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %{{.+}}, %[[SHARES]], %{{.+}}, %{{.+}} <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x1xf32>, tensor<3x4x6xf32>, tensor<3x6x4xf32>
// CHECK-NOT: transformer.matmul
// CHECK: %[[ALL:.+]] = transformer.reshape %[[R]]
// CHECK: return %[[ALL]]
func.func @switch(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %0 = transformer.softmax %scores <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %1 = transformer.reduce max %0 <{axes = array<i64: 2>}> : tensor<?x?x3xf32>
  %2 = transformer.arg_reduce max %0 <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %3 = transformer.range %zero, %one[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %4 = transformer.reshape %3[] : tensor<3xi64> to tensor<1x1x3xi64>
  %5 = transformer.reshape %2[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %6 = transformer.compare lt %5, %zero : tensor<?x?x1xi64>, tensor<i64>
  %7 = transformer.constant dense<3> : tensor<i64>
  %8 = transformer.binary add %5, %7 : tensor<?x?x1xi64>, tensor<i64>
  %9 = transformer.select %6, %8, %5 : tensor<?x?x1xi1>, tensor<?x?x1xi64>, tensor<?x?x1xi64>
  %10 = transformer.compare eq %4, %9 : tensor<1x1x3xi64>, tensor<?x?x1xi64>
  %11 = transformer.select %10, %one, %zero : tensor<?x?x3xi1>, tensor<i64>, tensor<i64>
  %12 = transformer.cast %11 : tensor<?x?x3xi64> to tensor<?x?x3xf32>
  %13 = transformer.cumsum %12 <{axis = 1 : i64}> : tensor<?x?x3xf32>
  %14 = transformer.binary mul %13, %12 : tensor<?x?x3xf32>, tensor<?x?x3xf32>
  %15 = transformer.constant dense<2.0> : tensor<f32>
  %16 = transformer.compare le %14, %15 : tensor<?x?x3xf32>, tensor<f32>
  %17 = transformer.cast %16 : tensor<?x?x3xi1> to tensor<?x?x3xf32>
  %18 = transformer.binary mul %17, %12 : tensor<?x?x3xf32>, tensor<?x?x3xf32>
  %19 = transformer.reduce sum %14 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x3xf32>
  %20 = transformer.constant dense<1.0> : tensor<f32>
  %21 = transformer.binary sub %19, %20 : tensor<?x?x1xf32>, tensor<f32>
  %22 = transformer.unary relu %21 : tensor<?x?x1xf32>
  %23 = transformer.constant dense<1.0> : tensor<f32>
  %24 = transformer.binary min %22, %23 : tensor<?x?x1xf32>, tensor<f32>
  %25 = transformer.cast %24 : tensor<?x?x1xf32> to tensor<?x?x1xi64>
  %26 = transformer.compare lt %25, %zero : tensor<?x?x1xi64>, tensor<i64>
  %27 = transformer.constant dense<2> : tensor<i64>
  %28 = transformer.binary add %25, %27 : tensor<?x?x1xi64>, tensor<i64>
  %29 = transformer.select %26, %28, %25 : tensor<?x?x1xi1>, tensor<?x?x1xi64>, tensor<?x?x1xi64>
  %30 = transformer.range %zero, %one[] : tensor<i64>, tensor<i64> to tensor<2xi64>
  %31 = transformer.reshape %30[] : tensor<2xi64> to tensor<1x1x2xi64>
  %32 = transformer.compare eq %31, %29 : tensor<1x1x2xi64>, tensor<?x?x1xi64>
  %33 = transformer.select %32, %one, %zero : tensor<?x?x2xi1>, tensor<i64>, tensor<i64>
  %34 = transformer.cast %33 : tensor<?x?x2xi64> to tensor<?x?x2xf32>
  %35 = transformer.reshape %34[%b, %n] : tensor<?x?x2xf32> to tensor<?x?x1x2xf32>
  %36 = transformer.reshape %18[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %37 = transformer.binary mul %36, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %38 = transformer.transpose %37 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %39 = transformer.reshape %38[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %40 = transformer.matmul %39, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %41 = transformer.reshape %40[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %42 = transformer.transpose %41 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %43 = transformer.reshape %42[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %44 = transformer.constant dense<[[[0.000, 0.375, 1.000, -1.000, 0.750, -0.125], [-0.875, -0.375, -0.625, 0.375, 0.875, -0.125], [0.500, -0.625, -0.125, -1.000, -0.250, 0.625], [0.000, -0.375, 0.500, -0.375, -0.750, -0.500]], [[0.750, -0.500, -0.500, -1.000, -1.000, -0.250], [-0.250, -0.375, -0.375, 0.125, 0.250, -0.250], [-0.250, -0.375, -0.250, 0.500, 0.125, -1.000], [0.375, 0.625, -0.375, -0.500, 0.000, -0.750]], [[0.250, 0.125, -1.000, 0.250, -0.750, 0.125], [0.375, 0.125, 0.875, 0.250, -0.375, 0.875], [0.875, -0.375, -0.875, 0.000, -1.000, 0.375], [0.500, -1.000, 0.625, 0.375, 0.500, -1.000]]]> : tensor<3x4x6xf32>
  %45 = transformer.matmul %43, %44 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %46 = transformer.unary relu %45 : tensor<3x?x6xf32>
  %47 = transformer.constant dense<[[[0.750, -0.875, -0.375, -0.250], [-0.625, -0.125, 0.750, 0.375], [1.000, 0.375, 1.000, 0.000], [0.750, -0.625, 0.375, 0.125], [-0.875, 0.625, -0.750, -0.250], [0.250, 1.000, 0.375, -0.500]], [[0.250, 0.000, -0.750, 0.125], [0.250, 0.125, -0.375, -0.750], [-0.500, 0.125, 0.875, -0.375], [-0.875, -0.750, 0.500, -0.875], [-0.125, 0.375, 0.000, 0.750], [0.625, -0.500, -0.875, -0.875]], [[0.875, 0.250, -0.250, -0.500], [-0.500, 0.625, -0.625, -0.375], [0.625, 0.375, -0.500, -0.875], [0.625, 0.125, -0.500, 0.750], [-0.375, 1.000, 0.750, 0.875], [0.250, 0.875, 0.000, 0.125]]]> : tensor<3x6x4xf32>
  %48 = transformer.matmul %46, %47 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %49 = transformer.reshape %48[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %50 = transformer.transpose %49 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %52 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %53 = transformer.binary mul %37, %52 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %54 = transformer.reshape %53[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  %55 = transformer.matmul %54, %51 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %55 : tensor<?x?x4xf32>
}

// Products of all tokens; a place for each expert, less the token itself; gated experts with biases.
// CHECK-LABEL: func.func @places_of_experts(
// CHECK: transformer.moe
// CHECK-NOT: transformer.matmul
// CHECK: return
func.func @places_of_experts(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %0 = transformer.softmax %scores <{axis = 1 : i64}> : tensor<?x3xf32>
  %v, %i = transformer.topk %0 <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x1xf32>, tensor<?x1xi64>
  %1 = transformer.constant dense<[[0, 1, 2]]> : tensor<1x3xi64>
  %2 = transformer.compare eq %i, %1 : tensor<?x1xi64>, tensor<1x3xi64>
  %3 = transformer.cast %2 : tensor<?x3xi1> to tensor<?x3xi64>
  %4 = transformer.cumsum %3 <{axis = 0 : i64}> : tensor<?x3xi64>
  %5 = transformer.binary sub %4, %3 : tensor<?x3xi64>, tensor<?x3xi64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.constant dense<[[[0, 1]]]> : tensor<1x1x2xi64>
  %8 = transformer.compare gt %6, %5 : tensor<i64>, tensor<?x3xi64>
  %9 = transformer.binary and %8, %2 : tensor<?x3xi1>, tensor<?x3xi1>
  %10 = transformer.reshape %5[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %11 = transformer.compare eq %10, %7 : tensor<?x3x1xi64>, tensor<1x1x2xi64>
  %12 = transformer.reshape %9[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %13 = transformer.binary and %11, %12 : tensor<?x3x2xi1>, tensor<?x3x1xi1>
  %14 = transformer.cast %13 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %15 = transformer.reshape %v[%n] : tensor<?x1xf32> to tensor<?x1x1xf32>
  %16 = transformer.binary mul %15, %14 : tensor<?x1x1xf32>, tensor<?x3x2xf32>
  %17 = transformer.transpose %14 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x2xf32>
  %18 = transformer.matmul %17, %x : tensor<3x2x?xf32>, tensor<?x4xf32>
  %19 = transformer.constant dense<[[[0.875, 0.500, -0.500, -0.625, 0.500, -0.375], [0.875, 0.250, -0.375, -0.750, 0.875, 0.000], [1.000, 1.000, 0.375, -0.750, 0.375, -0.875], [0.125, 0.375, 0.000, 0.875, 0.000, 0.125]], [[0.250, -0.375, -1.000, 0.875, 0.000, 0.250], [0.000, 0.750, 0.125, 1.000, 0.375, 0.375], [0.000, 0.375, 0.625, 0.375, -0.375, 0.750], [0.375, 0.250, 1.000, -0.500, 1.000, -0.375]], [[-0.250, 0.375, 0.875, 0.125, -0.750, 0.625], [-0.375, 1.000, 0.625, 0.125, 0.000, -1.000], [-0.250, -0.375, 0.750, -0.375, -0.125, -0.375], [-0.875, 0.875, -0.125, -0.375, -0.875, -0.500]]]> : tensor<3x4x6xf32>
  %20 = transformer.matmul %18, %19 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %21 = transformer.constant dense<[[[-0.625, 0.250, -0.375, 0.875, -0.250, -0.875]], [[0.625, 0.750, 0.375, 0.500, -0.750, -0.250]], [[-0.125, 0.375, -1.000, 0.375, 0.500, 0.000]]]> : tensor<3x1x6xf32>
  %22 = transformer.binary add %20, %21 : tensor<3x2x6xf32>, tensor<3x1x6xf32>
  %23 = transformer.constant dense<[[[0.625, -0.625, 0.375, -0.875, 0.125, -0.625], [0.125, 1.000, 0.250, 0.125, 0.375, -0.500], [0.625, 0.625, 0.375, 0.750, -0.500, -0.375], [0.500, 0.875, -0.250, -0.500, -0.750, 0.375]], [[-1.000, 0.500, -0.625, 0.250, -0.500, 0.250], [0.500, 0.625, 0.625, -0.125, 0.875, 0.125], [0.875, 0.500, 0.500, -0.375, 0.000, 0.125], [0.875, 0.000, 0.625, -1.000, 0.250, 0.125]], [[0.875, 0.125, -0.500, 0.875, -1.000, -0.625], [0.750, -0.125, 0.125, -0.875, -0.500, 0.500], [-1.000, 0.875, 0.000, -0.125, 0.875, -0.875], [-0.125, 0.875, 0.000, -0.500, 0.125, 0.125]]]> : tensor<3x4x6xf32>
  %24 = transformer.matmul %18, %23 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %25 = transformer.glu silu %22, %24 : tensor<3x2x6xf32>, tensor<3x2x6xf32>
  %26 = transformer.constant dense<[[[0.875, 0.875, 1.000, -0.625], [-1.000, -0.500, 0.125, 0.125], [0.250, 0.125, 1.000, -1.000], [0.750, 0.375, 0.375, -0.500], [-0.875, -1.000, 0.000, 0.750], [-0.625, -0.250, -1.000, 0.625]], [[0.625, 0.875, 0.500, 0.875], [0.500, -0.250, 0.125, 0.750], [-0.750, 0.125, -1.000, 0.625], [0.125, 0.875, 0.125, -0.500], [-0.375, 0.875, 0.875, 0.250], [-0.500, 0.625, -0.875, -0.750]], [[-0.125, 0.000, -0.750, -0.750], [-1.000, 0.250, 0.625, -0.750], [0.500, 0.875, -0.875, -0.625], [-0.625, -0.125, -0.625, -0.500], [0.125, 0.750, -0.500, -0.375], [-0.375, 0.625, -0.375, -0.750]]]> : tensor<3x6x4xf32>
  %27 = transformer.matmul %25, %26 : tensor<3x2x6xf32>, tensor<3x6x4xf32>
  %28 = transformer.constant dense<[[[-0.250, -0.875, -0.625, 0.500]], [[-0.750, 0.000, -0.875, -0.625]], [[0.500, -0.500, -1.000, 0.625]]]> : tensor<3x1x4xf32>
  %29 = transformer.binary add %27, %28 : tensor<3x2x4xf32>, tensor<3x1x4xf32>
  %30 = transformer.reshape %16[%n] : tensor<?x3x2xf32> to tensor<?x6xf32>
  %31 = transformer.reshape %29[] : tensor<3x2x4xf32> to tensor<6x4xf32>
  %32 = transformer.matmul %30, %31 : tensor<?x6xf32>, tensor<6x4xf32>
  return %32 : tensor<?x4xf32>
}

// A product for each expert and their sum; ones put where the choices are; places before the token; a gate for each expert.
// CHECK-LABEL: func.func @sum_over_experts(
// CHECK: transformer.moe
// CHECK-NOT: transformer.matmul
// CHECK: return
func.func @sum_over_experts(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %0 = transformer.arg_reduce max %scores <{axis = 1 : i64, keepdims}> : tensor<?x3xf32>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.broadcast_to %none[%n] : tensor<f32> to tensor<?x3xf32>
  %2 = transformer.broadcast_to %unit[%n] : tensor<f32> to tensor<?x1xf32>
  %3 = transformer.scatter_elements set %1, %0, %2 <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<?x1xi64>, tensor<?x1xf32>
  %4 = transformer.cast %3 : tensor<?x3xf32> to tensor<?x3xi1>
  %5 = transformer.unary sigmoid %scores : tensor<?x3xf32>
  %6 = transformer.cast %4 : tensor<?x3xi1> to tensor<?x3xi64>
  %7 = transformer.cumsum %6 <{axis = 0 : i64, exclusive}> : tensor<?x3xi64>
  %8 = transformer.constant dense<2> : tensor<i64>
  %9 = transformer.constant dense<[[[0, 1]]]> : tensor<1x1x2xi64>
  %10 = transformer.compare gt %8, %7 : tensor<i64>, tensor<?x3xi64>
  %11 = transformer.binary and %10, %4 : tensor<?x3xi1>, tensor<?x3xi1>
  %12 = transformer.reshape %7[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %13 = transformer.compare eq %12, %9 : tensor<?x3x1xi64>, tensor<1x1x2xi64>
  %14 = transformer.reshape %11[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %15 = transformer.binary and %13, %14 : tensor<?x3x2xi1>, tensor<?x3x1xi1>
  %16 = transformer.cast %15 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %17 = transformer.reshape %5[%n] : tensor<?x3xf32> to tensor<?x3x1xf32>
  %18 = transformer.binary mul %17, %16 : tensor<?x3x1xf32>, tensor<?x3x2xf32>
  %19 = transformer.transpose %16 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x2xf32>
  %20 = transformer.matmul %19, %x : tensor<3x2x?xf32>, tensor<?x4xf32>
  %21 = transformer.constant dense<[[[-0.750, 0.250, 0.875, 0.875, 0.375, 0.375], [-0.875, -0.500, 0.125, -0.500, 1.000, 0.125], [-0.125, 0.000, -0.750, -0.125, 0.000, 0.125], [1.000, -0.500, -0.125, 0.375, 0.750, 0.500]], [[-0.375, -0.500, -1.000, 0.250, -0.750, -0.875], [-0.750, -0.625, 1.000, 0.750, -0.125, 0.500], [0.750, 0.875, 0.250, -0.625, 1.000, -1.000], [0.500, -0.875, -0.500, 0.625, -0.125, -0.625]], [[-0.750, 0.875, -0.250, -0.500, 0.500, 0.375], [-0.125, 0.125, 0.250, 0.375, 0.500, 0.500], [-0.500, 0.375, 0.125, 0.625, 0.375, 1.000], [-0.875, -0.250, -0.375, 0.500, -0.750, -0.625]]]> : tensor<3x4x6xf32>
  %22 = transformer.matmul %20, %21 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %23 = transformer.constant dense<[[[-0.875, -0.875, -0.375, -0.250, -0.250, -0.875]], [[0.875, 0.875, 0.375, -1.000, 0.625, 0.875]], [[0.125, 0.625, 0.250, 0.750, 0.750, -0.625]]]> : tensor<3x1x6xf32>
  %24 = transformer.binary add %22, %23 : tensor<3x2x6xf32>, tensor<3x1x6xf32>
  %25 = transformer.unary gelu %24 : tensor<3x2x6xf32>
  %26 = transformer.constant dense<[[[-0.250, -0.500, -0.375, -0.750], [0.375, 0.500, 0.875, -0.500], [0.000, -0.625, 0.000, -0.375], [0.125, -0.125, -0.875, 0.875], [-0.875, 0.375, 0.375, 0.250], [-0.875, -1.000, 0.750, 0.875]], [[-0.500, -0.625, 0.250, 0.125], [0.750, -0.125, -0.375, -0.875], [-0.250, -1.000, -0.125, -0.750], [0.500, 0.375, 0.125, -0.375], [0.750, 0.375, 0.125, -0.750], [0.750, -0.375, -0.125, -0.375]], [[-0.250, -0.875, 0.625, 0.000], [-1.000, 0.750, -0.875, 0.750], [0.625, -0.375, -0.875, -0.875], [1.000, 0.375, -0.625, -0.750], [-0.125, 0.875, -0.750, 0.875], [-0.875, -0.125, -0.875, 0.875]]]> : tensor<3x6x4xf32>
  %27 = transformer.matmul %25, %26 : tensor<3x2x6xf32>, tensor<3x6x4xf32>
  %28 = transformer.constant dense<[[[0.500, -0.875, -0.875, 0.000]], [[0.625, 0.750, 0.125, -0.875]], [[-0.875, -0.250, -0.375, 1.000]]]> : tensor<3x1x4xf32>
  %29 = transformer.binary add %27, %28 : tensor<3x2x4xf32>, tensor<3x1x4xf32>
  %30 = transformer.transpose %18 <{perm = array<i64: 1, 0, 2>}> : tensor<?x3x2xf32>
  %31 = transformer.matmul %30, %29 : tensor<3x?x2xf32>, tensor<3x2x4xf32>
  %32 = transformer.reduce sum %31 <{axes = array<i64: 0>}> : tensor<3x?x4xf32>
  return %32 : tensor<?x4xf32>
}

// Dispatched is what counts at all, unless it is beyond the capacity.
// CHECK-LABEL: func.func @what_counts(
// CHECK: transformer.moe
// CHECK-NOT: transformer.matmul
// CHECK: return
func.func @what_counts(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %0 = transformer.softmax %scores <{axis = 1 : i64}> : tensor<?x3xf32>
  %v, %i = transformer.topk %0 <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x1xf32>, tensor<?x1xi64>
  %1 = transformer.constant dense<[[0, 1, 2]]> : tensor<1x3xi64>
  %2 = transformer.compare eq %i, %1 : tensor<?x1xi64>, tensor<1x3xi64>
  %3 = transformer.cast %2 : tensor<?x3xi1> to tensor<?x3xi64>
  %4 = transformer.cumsum %3 <{axis = 0 : i64}> : tensor<?x3xi64>
  %5 = transformer.binary sub %4, %one : tensor<?x3xi64>, tensor<i64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.constant dense<[[[0, 1]]]> : tensor<1x1x2xi64>
  %8 = transformer.compare ge %5, %6 : tensor<?x3xi64>, tensor<i64>
  %9 = transformer.unary not %8 : tensor<?x3xi1>
  %10 = transformer.binary and %9, %2 : tensor<?x3xi1>, tensor<?x3xi1>
  %11 = transformer.reshape %5[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %12 = transformer.compare eq %11, %7 : tensor<?x3x1xi64>, tensor<1x1x2xi64>
  %13 = transformer.reshape %10[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %14 = transformer.binary and %12, %13 : tensor<?x3x2xi1>, tensor<?x3x1xi1>
  %15 = transformer.cast %14 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %16 = transformer.reshape %v[%n] : tensor<?x1xf32> to tensor<?x1x1xf32>
  %17 = transformer.binary mul %16, %15 : tensor<?x1x1xf32>, tensor<?x3x2xf32>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %18 = transformer.compare ne %17, %none : tensor<?x3x2xf32>, tensor<f32>
  %19 = transformer.cast %18 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %20 = transformer.transpose %19 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x2xf32>
  %21 = transformer.matmul %20, %x : tensor<3x2x?xf32>, tensor<?x4xf32>
  %22 = transformer.constant dense<[[[0.500, -0.250, -0.125, -0.750, 0.250, -0.625], [-0.750, -0.375, -0.750, -0.250, -1.000, 0.750], [0.375, 0.875, 0.625, 0.500, 1.000, -0.500], [-1.000, 0.125, 0.750, -0.125, -0.625, -0.500]], [[0.125, 0.875, -0.750, 0.000, 0.500, 0.250], [-0.500, -0.500, -0.750, 0.875, -0.125, -0.750], [0.625, -0.125, 0.000, -0.875, 0.875, -0.125], [-0.875, -0.250, 0.125, 0.375, -0.625, -0.750]], [[0.625, 0.250, 0.500, -1.000, 0.125, -0.500], [-1.000, 0.750, -0.500, -1.000, -0.875, 0.625], [0.000, -0.625, 0.500, -0.500, 0.250, -0.750], [0.125, -0.375, -0.500, 0.000, 0.875, 0.250]]]> : tensor<3x4x6xf32>
  %23 = transformer.matmul %21, %22 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %24 = transformer.constant dense<[[[0.125, -0.875, -0.750, -1.000, -1.000, -0.625], [-0.875, -0.500, 0.375, 0.625, 0.000, -1.000], [-0.125, 1.000, 0.625, -0.500, 0.375, -0.250], [0.250, 0.375, -1.000, -0.375, -0.375, -0.625]], [[0.000, 1.000, -0.375, -0.500, 0.750, 0.625], [0.625, -0.625, 0.250, 0.250, 0.750, -0.125], [0.750, 0.625, -0.375, 0.750, -0.875, -0.375], [0.875, 0.875, -1.000, -0.625, -0.500, 0.625]], [[-0.875, -0.250, -1.000, -0.875, -0.125, 0.875], [0.375, 0.500, 0.750, -0.250, -0.250, 0.000], [-0.250, 0.125, 1.000, 0.375, -0.125, 0.375], [0.375, -0.125, -0.875, 0.875, 0.500, 0.375]]]> : tensor<3x4x6xf32>
  %25 = transformer.matmul %21, %24 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %26 = transformer.glu silu %23, %25 : tensor<3x2x6xf32>, tensor<3x2x6xf32>
  %27 = transformer.constant dense<[[[-0.500, -0.500, -0.125, 0.875], [0.500, -0.875, -0.625, -0.375], [0.500, -0.625, 0.125, -0.250], [0.250, 0.875, 0.875, -0.750], [-0.250, 0.500, -1.000, -0.625], [1.000, -0.375, 0.500, -1.000]], [[0.250, -1.000, 0.125, 1.000], [0.500, 1.000, 0.875, 0.500], [0.750, -0.875, -0.500, 0.625], [0.375, -1.000, 1.000, -0.250], [0.125, 0.125, -0.750, -1.000], [-0.750, 0.375, 0.625, 0.125]], [[-1.000, 0.000, -0.125, -0.750], [-0.875, -0.750, 0.125, 0.375], [-0.250, 0.875, 1.000, -0.750], [-0.625, -0.125, 0.250, 0.625], [0.500, -1.000, 0.500, 0.500], [-0.375, 1.000, -0.250, 0.250]]]> : tensor<3x6x4xf32>
  %28 = transformer.matmul %26, %27 : tensor<3x2x6xf32>, tensor<3x6x4xf32>
  %29 = transformer.reshape %17[%n] : tensor<?x3x2xf32> to tensor<?x6xf32>
  %30 = transformer.reshape %28[] : tensor<3x2x4xf32> to tensor<6x4xf32>
  %31 = transformer.matmul %29, %30 : tensor<?x6xf32>, tensor<6x4xf32>
  return %31 : tensor<?x4xf32>
}

// Two choices of each token, counted together.
// CHECK-LABEL: func.func @two_choices(
// CHECK: transformer.moe
// CHECK-NOT: transformer.matmul
// CHECK: return
func.func @two_choices(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %v, %i = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.reshape %i[%n] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %2 = transformer.compare eq %0, %1 : tensor<?x2x1xi64>, tensor<3xi64>
  %3 = transformer.cast %2 : tensor<?x2x3xi1> to tensor<?x2x3xi64>
  %4 = transformer.reduce sum %3 <{axes = array<i64: 1>}> : tensor<?x2x3xi64>
  %5 = transformer.cast %4 : tensor<?x3xi64> to tensor<?x3xi1>
  %6 = transformer.softmax %scores <{axis = 1 : i64}> : tensor<?x3xf32>
  %7 = transformer.cast %5 : tensor<?x3xi1> to tensor<?x3xi64>
  %8 = transformer.cumsum %7 <{axis = 0 : i64}> : tensor<?x3xi64>
  %9 = transformer.binary sub %8, %one : tensor<?x3xi64>, tensor<i64>
  %10 = transformer.constant dense<2> : tensor<i64>
  %11 = transformer.constant dense<[[[0, 1]]]> : tensor<1x1x2xi64>
  %12 = transformer.compare gt %10, %9 : tensor<i64>, tensor<?x3xi64>
  %13 = transformer.binary and %12, %5 : tensor<?x3xi1>, tensor<?x3xi1>
  %14 = transformer.reshape %9[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %15 = transformer.compare eq %14, %11 : tensor<?x3x1xi64>, tensor<1x1x2xi64>
  %16 = transformer.reshape %13[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %17 = transformer.binary and %15, %16 : tensor<?x3x2xi1>, tensor<?x3x1xi1>
  %18 = transformer.cast %17 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %19 = transformer.reshape %6[%n] : tensor<?x3xf32> to tensor<?x3x1xf32>
  %20 = transformer.binary mul %19, %18 : tensor<?x3x1xf32>, tensor<?x3x2xf32>
  %21 = transformer.transpose %18 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x2xf32>
  %22 = transformer.matmul %21, %x : tensor<3x2x?xf32>, tensor<?x4xf32>
  %23 = transformer.constant dense<[[[0.500, 0.250, -0.625, 0.375, -0.125, -0.625], [-0.250, 0.125, 0.125, 0.000, -0.750, -0.375], [-0.750, 0.625, -0.375, -0.125, -0.750, 0.625], [0.625, -0.125, 0.625, 0.875, 1.000, -0.125]], [[0.125, 0.625, 0.000, -0.750, 0.250, -0.375], [0.625, -1.000, -0.500, -0.625, 0.125, -0.375], [0.625, -0.250, 0.250, -0.625, 0.250, -0.750], [-0.875, 0.875, -0.500, 1.000, -0.750, 0.250]], [[-0.250, 0.750, 0.500, -0.125, 0.875, -0.625], [-1.000, -0.250, -0.375, -0.625, -0.750, 0.250], [-0.500, 0.375, -0.625, 0.750, 0.250, -0.375], [-0.625, 0.375, -0.625, -0.750, -0.250, -0.250]]]> : tensor<3x4x6xf32>
  %24 = transformer.matmul %22, %23 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %25 = transformer.constant dense<[[[0.250, 0.375, -0.375, 0.750, -0.750, -0.125]], [[0.500, 0.750, 0.500, -1.000, -0.625, 0.375]], [[-0.500, -1.000, 0.875, 0.500, 0.250, -0.750]]]> : tensor<3x1x6xf32>
  %26 = transformer.binary add %24, %25 : tensor<3x2x6xf32>, tensor<3x1x6xf32>
  %27 = transformer.unary gelu %26 : tensor<3x2x6xf32>
  %28 = transformer.constant dense<[[[0.875, 0.125, -1.000, -0.625], [0.875, 0.375, -0.250, 0.250], [0.500, -0.500, 0.125, 0.875], [-0.750, -0.625, 0.125, 0.625], [0.250, -0.750, 1.000, 0.625], [-0.875, -0.125, 0.625, -0.125]], [[0.000, -0.750, -0.500, 0.000], [-0.625, 0.875, 0.625, -0.375], [0.500, -0.125, -0.750, 0.750], [0.375, -0.500, -0.750, -1.000], [-0.500, 0.375, -1.000, -1.000], [0.000, 0.750, 0.500, 1.000]], [[-0.750, -0.875, -0.250, -0.250], [0.750, -1.000, 0.875, 1.000], [-0.750, 0.000, 0.875, 1.000], [-1.000, -0.875, -0.375, 0.500], [1.000, 0.625, -0.875, -0.250], [-1.000, 0.625, 0.625, 0.625]]]> : tensor<3x6x4xf32>
  %29 = transformer.matmul %27, %28 : tensor<3x2x6xf32>, tensor<3x6x4xf32>
  %30 = transformer.constant dense<[[[0.500, -1.000, -0.375, 0.250]], [[-0.500, 0.125, -0.250, 0.625]], [[-0.750, 0.375, -0.250, 0.500]]]> : tensor<3x1x4xf32>
  %31 = transformer.binary add %29, %30 : tensor<3x2x4xf32>, tensor<3x1x4xf32>
  %32 = transformer.reshape %20[%n] : tensor<?x3x2xf32> to tensor<?x6xf32>
  %33 = transformer.reshape %31[] : tensor<3x2x4xf32> to tensor<6x4xf32>
  %34 = transformer.matmul %32, %33 : tensor<?x6xf32>, tensor<6x4xf32>
  return %34 : tensor<?x4xf32>
}

// As many slots as half the tokens, and no capacity but these.
// CHECK-LABEL: func.func @half_the_tokens(
// CHECK: transformer.compare lt
// CHECK: transformer.moe
// CHECK-NOT: transformer.matmul
// CHECK: return
func.func @half_the_tokens(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %0 = transformer.softmax %scores <{axis = 1 : i64}> : tensor<?x3xf32>
  %v, %i = transformer.topk %0 <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x1xf32>, tensor<?x1xi64>
  %1 = transformer.constant dense<[[0, 1, 2]]> : tensor<1x3xi64>
  %2 = transformer.compare eq %i, %1 : tensor<?x1xi64>, tensor<1x3xi64>
  %3 = transformer.cast %2 : tensor<?x3xi1> to tensor<?x3xi64>
  %4 = transformer.cumsum %3 <{axis = 0 : i64}> : tensor<?x3xi64>
  %5 = transformer.binary sub %4, %one : tensor<?x3xi64>, tensor<i64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %two = arith.constant 2 : index
  %slots = arith.divsi %n, %two : index
  %7 = transformer.range %zero, %one[%slots] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %8 = transformer.reshape %7[%slots] : tensor<?xi64> to tensor<1x1x?xi64>
  %9 = transformer.reshape %5[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %10 = transformer.compare eq %9, %8 : tensor<?x3x1xi64>, tensor<1x1x?xi64>
  %11 = transformer.reshape %2[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %12 = transformer.binary and %10, %11 : tensor<?x3x?xi1>, tensor<?x3x1xi1>
  %13 = transformer.cast %12 : tensor<?x3x?xi1> to tensor<?x3x?xf32>
  %14 = transformer.reshape %v[%n] : tensor<?x1xf32> to tensor<?x1x1xf32>
  %15 = transformer.binary mul %14, %13 : tensor<?x1x1xf32>, tensor<?x3x?xf32>
  %16 = transformer.transpose %13 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x?xf32>
  %17 = transformer.matmul %16, %x : tensor<3x?x?xf32>, tensor<?x4xf32>
  %18 = transformer.constant dense<[[[0.625, -0.250, 0.000, -0.500, 0.875, 0.375], [0.125, -1.000, -0.625, -0.375, 0.750, -0.750], [-0.750, 0.500, -0.875, 0.625, -0.500, -0.250], [-1.000, 0.875, 0.250, 0.750, -0.500, 0.750]], [[-0.125, -0.750, 0.375, -1.000, -1.000, -0.375], [0.625, -0.750, 0.000, -0.500, 0.375, 0.250], [-0.250, -0.500, 0.125, 1.000, -0.750, 0.125], [-0.625, -0.625, 0.500, 0.375, 0.125, 0.375]], [[0.875, 0.750, -0.125, -0.500, 0.000, -1.000], [-1.000, 0.500, -0.500, -0.125, 0.875, -0.875], [-1.000, -1.000, -0.250, 0.625, -0.125, 1.000], [-0.125, 0.125, -0.875, 1.000, -0.125, -0.875]]]> : tensor<3x4x6xf32>
  %19 = transformer.matmul %17, %18 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %20 = transformer.constant dense<[[[0.500, 0.375, -1.000, 0.125, 0.750, 0.750]], [[-0.625, -0.625, 0.375, 1.000, 0.000, 0.500]], [[0.500, 0.125, -0.375, -0.750, 0.750, -0.875]]]> : tensor<3x1x6xf32>
  %21 = transformer.binary add %19, %20 : tensor<3x?x6xf32>, tensor<3x1x6xf32>
  %22 = transformer.constant dense<[[[-0.250, 1.000, 0.500, -0.625, 1.000, 0.125], [0.375, 0.625, -0.500, 0.750, 0.375, -0.750], [0.875, -1.000, -0.250, 0.750, -0.875, -0.875], [-0.750, -0.625, 0.250, -0.500, 0.375, 0.250]], [[0.000, 0.000, 0.875, -0.500, -0.625, 0.000], [0.000, -1.000, 0.000, 0.500, -0.375, -0.125], [0.000, 0.750, -0.375, -0.500, -0.875, 0.375], [-0.625, -1.000, 0.750, -0.875, 0.875, -0.875]], [[-1.000, 0.625, -0.625, 0.625, 1.000, 0.750], [-0.125, -0.625, -0.750, -0.750, -0.875, -0.750], [0.750, 0.125, 1.000, -0.750, 0.000, -0.625], [0.500, 0.125, 0.000, 0.750, 0.125, 0.125]]]> : tensor<3x4x6xf32>
  %23 = transformer.matmul %17, %22 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %24 = transformer.glu silu %21, %23 : tensor<3x?x6xf32>, tensor<3x?x6xf32>
  %25 = transformer.constant dense<[[[-1.000, 0.250, 1.000, 0.875], [0.750, 0.500, -0.500, -0.250], [0.000, 0.250, -0.250, 0.750], [-0.750, -0.500, 0.375, -0.750], [0.625, 0.750, 1.000, 0.500], [-0.375, -0.250, -0.500, 0.875]], [[-0.375, 1.000, 0.750, 0.375], [-1.000, -0.500, 0.625, 0.000], [0.875, 1.000, -0.250, -0.125], [-0.375, 0.625, 0.000, 0.250], [0.125, -0.625, -0.250, 0.000], [0.625, 0.375, 1.000, 0.000]], [[0.875, -0.750, -0.625, -0.625], [0.250, -0.625, -0.625, 0.125], [-0.375, -0.875, 0.500, -0.375], [0.250, 0.000, -0.625, 0.625], [0.250, -0.625, 0.125, -0.750], [0.125, 0.250, 0.625, 0.625]]]> : tensor<3x6x4xf32>
  %26 = transformer.matmul %24, %25 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %27 = transformer.constant dense<[[[-0.750, -0.750, 0.125, -0.750]], [[-0.375, -0.875, -0.625, 1.000]], [[0.625, -0.625, 0.750, 0.625]]]> : tensor<3x1x4xf32>
  %28 = transformer.binary add %26, %27 : tensor<3x?x4xf32>, tensor<3x1x4xf32>
  %three = arith.constant 3 : index
  %all = arith.muli %slots, %three : index
  %29 = transformer.reshape %15[%n, %all] : tensor<?x3x?xf32> to tensor<?x?xf32>
  %30 = transformer.reshape %28[%all] : tensor<3x?x4xf32> to tensor<?x4xf32>
  %31 = transformer.matmul %29, %30 : tensor<?x?xf32>, tensor<?x4xf32>
  return %31 : tensor<?x4xf32>
}
