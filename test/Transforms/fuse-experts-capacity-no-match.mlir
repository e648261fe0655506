// RUN: transom-opt --fuse-experts=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// One-hot products that are no mixture: they stay.

// Tokens beyond the capacity take back what is another one's.
// CHECK-LABEL: func.func @no_capacity_back(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @no_capacity_back(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %38 = transformer.reshape %12[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %39 = transformer.binary mul %38, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %40 = transformer.transpose %37 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %41 = transformer.reshape %40[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %42 = transformer.matmul %41, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %43 = transformer.reshape %42[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %44 = transformer.transpose %43 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %45 = transformer.reshape %44[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %46 = transformer.constant dense<[[[-0.750, -0.125, 0.625, -1.000, 0.125, -0.625], [1.000, 0.250, 0.375, -0.750, 0.750, 0.500], [-0.625, -0.375, -0.125, -0.625, -0.625, -0.750], [0.500, 0.625, -0.625, 0.000, 0.125, 0.750]], [[0.625, -0.875, -0.250, 1.000, -0.500, 0.500], [-0.375, -0.250, 0.250, 1.000, -0.750, -0.500], [0.125, -0.875, 0.750, 0.125, 0.750, 1.000], [0.000, 0.125, -0.375, 0.000, 0.750, 0.875]], [[0.500, -0.625, -0.500, -0.250, 0.750, -0.625], [0.750, -0.125, -0.500, -0.125, -0.375, -0.750], [0.750, 0.000, 0.750, -0.375, 0.875, -0.625], [0.125, 0.000, 0.375, -0.875, -0.625, -0.250]]]> : tensor<3x4x6xf32>
  %47 = transformer.matmul %45, %46 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %48 = transformer.unary relu %47 : tensor<3x?x6xf32>
  %49 = transformer.constant dense<[[[-1.000, 0.250, 0.875, 0.875], [1.000, 0.125, 0.250, -0.875], [0.125, -0.500, 1.000, 0.625], [0.125, 0.625, 0.375, -0.500], [0.125, -0.250, -0.875, -1.000], [0.875, -0.375, 0.125, 0.625]], [[0.125, 0.625, 0.750, 0.250], [1.000, 1.000, 0.250, -1.000], [-0.375, 0.875, -1.000, 0.875], [0.750, 0.375, -0.875, -0.125], [-1.000, 0.875, -0.625, -0.250], [-0.375, -0.375, 1.000, -0.125]], [[0.500, -0.625, 0.500, 0.625], [-0.125, 0.000, -1.000, -0.250], [-0.125, -0.750, 1.000, 0.375], [0.625, 0.125, -0.125, -0.625], [0.375, 0.750, -0.875, 0.000], [1.000, -1.000, -0.500, 0.625]]]> : tensor<3x6x4xf32>
  %50 = transformer.matmul %48, %49 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %53 = transformer.reshape %52[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %54 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %55 = transformer.binary mul %39, %54 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %56 = transformer.reshape %55[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: the capacity does not limit what is taken back}}
  %57 = transformer.matmul %56, %53 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %57 : tensor<?x?x4xf32>
}

// -----

// Tokens beyond the capacity are added to the last slot.
// CHECK-LABEL: func.func @no_capacity_there(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @no_capacity_there(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %36 = transformer.reshape %12[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %37 = transformer.binary mul %36, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %38 = transformer.reshape %18[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %39 = transformer.binary mul %38, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %40 = transformer.transpose %37 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %41 = transformer.reshape %40[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %42 = transformer.matmul %41, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %43 = transformer.reshape %42[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %44 = transformer.transpose %43 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %45 = transformer.reshape %44[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %46 = transformer.constant dense<[[[-0.875, 0.750, -1.000, -0.250, -0.250, -0.625], [-0.375, 0.750, 0.750, 0.875, 0.875, 0.125], [1.000, -0.750, -1.000, 0.750, -0.250, -1.000], [0.750, 1.000, -0.250, -0.750, 0.250, -0.250]], [[-0.625, 0.375, -0.750, -0.375, -0.125, 0.500], [-1.000, -0.875, 0.625, -0.875, 0.125, -0.250], [0.500, 0.500, -0.375, -0.625, 0.500, -0.250], [-0.250, -0.500, 0.500, 0.750, -0.500, 0.625]], [[-1.000, 0.000, 0.750, 1.000, -0.250, 0.000], [-0.750, -0.125, 0.625, 0.625, 0.750, -0.250], [-0.250, 0.250, 0.000, -0.875, -0.250, -0.375], [0.375, -0.625, 0.625, 0.375, -0.500, 0.125]]]> : tensor<3x4x6xf32>
  %47 = transformer.matmul %45, %46 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %48 = transformer.unary relu %47 : tensor<3x?x6xf32>
  %49 = transformer.constant dense<[[[-0.375, -1.000, -0.500, 0.625], [-0.625, -1.000, 0.750, 0.250], [-0.750, 0.875, -0.500, 0.375], [-1.000, -0.875, 0.375, 0.875], [0.000, 0.750, 0.250, 0.625], [-0.375, 0.500, 0.625, 0.750]], [[-1.000, -0.125, 0.875, 0.125], [-0.625, 1.000, -0.750, 0.875], [-0.125, -0.750, 0.250, -0.625], [-0.750, 0.250, 0.625, -0.375], [0.250, 0.375, -0.875, 0.125], [-0.625, 1.000, -0.750, -0.750]], [[-0.875, 0.875, 1.000, 0.875], [-0.250, 0.750, 0.125, -0.500], [0.625, 0.000, 0.750, -0.750], [1.000, -0.125, 0.125, -0.750], [0.125, -0.750, 0.500, 0.125], [0.625, -0.625, -0.375, 0.375]]]> : tensor<3x6x4xf32>
  %50 = transformer.matmul %48, %49 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %53 = transformer.reshape %52[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %54 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %55 = transformer.binary mul %39, %54 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %56 = transformer.reshape %55[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: the capacity does not limit what is dispatched}}
  %57 = transformer.matmul %56, %53 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %57 : tensor<?x?x4xf32>
}

// -----

// Both.
// CHECK-LABEL: func.func @no_capacity(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @no_capacity(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %36 = transformer.reshape %12[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %37 = transformer.binary mul %36, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %38 = transformer.reshape %12[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %39 = transformer.binary mul %38, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %40 = transformer.transpose %37 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %41 = transformer.reshape %40[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %42 = transformer.matmul %41, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %43 = transformer.reshape %42[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %44 = transformer.transpose %43 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %45 = transformer.reshape %44[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %46 = transformer.constant dense<[[[0.625, -0.750, 0.250, -0.250, 0.375, -0.625], [0.750, 0.250, -0.625, 0.875, 0.250, -0.875], [0.750, -0.875, -0.125, 0.125, 0.125, 0.000], [0.750, 1.000, 1.000, 0.375, 1.000, 1.000]], [[-0.750, 1.000, 0.750, 0.625, -0.250, 0.500], [0.625, -0.625, -0.500, -0.750, 0.750, 0.250], [-0.875, 0.125, 0.375, 0.625, -0.625, -0.375], [-1.000, 0.750, -0.500, 0.125, -0.875, -0.625]], [[-0.875, -0.750, -0.750, 0.125, 0.125, 0.125], [0.625, -0.125, -0.875, 0.625, 0.750, 0.125], [-0.375, 0.250, 1.000, 1.000, 0.500, 0.750], [0.750, -0.875, -0.375, 0.375, 0.875, 0.250]]]> : tensor<3x4x6xf32>
  %47 = transformer.matmul %45, %46 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %48 = transformer.unary relu %47 : tensor<3x?x6xf32>
  %49 = transformer.constant dense<[[[-0.750, -0.625, 0.750, 0.000], [0.375, 0.250, -0.625, 0.500], [0.500, 0.750, 0.000, -0.500], [-0.500, 0.750, 0.375, 0.000], [-0.375, -0.375, 0.625, -1.000], [0.500, 0.250, 0.000, -0.250]], [[-0.500, 0.625, 1.000, 0.750], [-0.625, 0.125, 0.500, -0.875], [-0.250, -0.250, 0.500, -0.125], [0.875, 1.000, -1.000, -0.625], [0.125, -0.625, 0.250, 0.250], [0.375, -0.375, -1.000, -0.875]], [[-0.250, 0.875, -0.875, 0.000], [0.875, 1.000, -0.250, -0.875], [-0.125, 0.250, 0.250, -0.125], [0.375, 0.750, -1.000, -0.875], [-0.625, -0.250, -0.625, 0.125], [-0.625, -0.125, -0.750, -0.625]]]> : tensor<3x6x4xf32>
  %50 = transformer.matmul %48, %49 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %53 = transformer.reshape %52[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %54 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %55 = transformer.binary mul %39, %54 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %56 = transformer.reshape %55[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: tokens beyond the capacity are moved into a slot that another one has}}
  %57 = transformer.matmul %56, %53 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %57 : tensor<?x?x4xf32>
}

// -----

// A capacity above the slots that there are.
// CHECK-LABEL: func.func @beyond_the_slots(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @beyond_the_slots(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %15 = transformer.constant dense<3.0> : tensor<f32>
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
  %44 = transformer.constant dense<[[[0.375, 0.250, 0.000, 0.625, -0.375, 0.000], [0.125, -0.750, 0.500, -0.375, -0.125, 0.875], [-1.000, 0.125, 0.875, -0.125, -0.875, -0.250], [0.500, -0.625, 0.125, 0.875, -0.875, 0.000]], [[-1.000, 0.750, -0.500, -0.625, -0.750, -0.125], [0.250, 0.375, -0.125, 0.875, -1.000, -1.000], [0.250, 1.000, 0.500, 0.375, 0.250, 0.000], [-0.250, 0.125, 0.750, -0.500, -1.000, -0.250]], [[-0.125, -1.000, 0.125, -0.750, -0.125, -0.125], [-0.250, 0.500, -0.250, 0.125, -0.500, -0.250], [-0.375, -0.625, 0.875, -0.125, 0.750, 0.125], [0.000, -0.750, -0.375, 0.750, -0.625, 0.375]]]> : tensor<3x4x6xf32>
  %45 = transformer.matmul %43, %44 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %46 = transformer.unary relu %45 : tensor<3x?x6xf32>
  %47 = transformer.constant dense<[[[0.875, 1.000, -1.000, 0.125], [-1.000, -0.375, -0.375, 0.125], [0.500, 0.000, 0.875, 0.250], [-0.500, -0.250, 0.750, -0.250], [-0.625, -1.000, 0.875, -0.375], [0.125, -1.000, -0.250, 0.000]], [[-0.375, 0.000, 0.500, 0.000], [-0.750, 0.375, 0.125, -0.625], [-0.125, -1.000, -0.125, 0.000], [0.500, 0.750, 0.000, -0.750], [0.875, 0.500, 0.875, -0.500], [0.500, 0.875, -0.875, 0.500]], [[-0.875, -0.250, 1.000, 0.000], [0.250, 1.000, -0.375, 0.375], [0.625, -0.375, 0.500, -0.125], [-0.875, 0.125, -0.125, 0.625], [0.875, 0.875, 1.000, -0.375], [0.750, 0.875, 0.875, 0.750]]]> : tensor<3x6x4xf32>
  %48 = transformer.matmul %46, %47 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %49 = transformer.reshape %48[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %50 = transformer.transpose %49 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %52 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %53 = transformer.binary mul %37, %52 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %54 = transformer.reshape %53[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: tokens beyond the capacity are moved into a slot that another one has}}
  %55 = transformer.matmul %54, %51 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %55 : tensor<?x?x4xf32>
}

// -----

// Dispatched by another router's choices.
// CHECK-LABEL: func.func @other_choices(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @other_choices(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %38 = transformer.arg_reduce max %others <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %39 = transformer.range %zero, %one[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %40 = transformer.reshape %39[] : tensor<3xi64> to tensor<1x1x3xi64>
  %41 = transformer.reshape %38[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %42 = transformer.compare lt %41, %zero : tensor<?x?x1xi64>, tensor<i64>
  %43 = transformer.constant dense<3> : tensor<i64>
  %44 = transformer.binary add %41, %43 : tensor<?x?x1xi64>, tensor<i64>
  %45 = transformer.select %42, %44, %41 : tensor<?x?x1xi1>, tensor<?x?x1xi64>, tensor<?x?x1xi64>
  %46 = transformer.compare eq %40, %45 : tensor<1x1x3xi64>, tensor<?x?x1xi64>
  %47 = transformer.select %46, %one, %zero : tensor<?x?x3xi1>, tensor<i64>, tensor<i64>
  %48 = transformer.cast %47 : tensor<?x?x3xi64> to tensor<?x?x3xf32>
  %49 = transformer.reshape %48[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %50 = transformer.binary mul %49, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %51 = transformer.transpose %50 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %52 = transformer.reshape %51[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %53 = transformer.matmul %52, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %54 = transformer.reshape %53[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %55 = transformer.transpose %54 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %56 = transformer.reshape %55[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %57 = transformer.constant dense<[[[-0.125, -0.125, 0.250, -0.125, -0.500, -0.750], [-0.625, 0.750, 0.750, -1.000, -0.500, -1.000], [0.875, -0.500, -0.625, -0.875, -0.750, 0.625], [0.750, -0.375, -0.625, -1.000, 0.250, 0.625]], [[1.000, 0.250, -0.125, -0.375, 0.875, 1.000], [0.875, 0.250, -0.875, 0.250, -1.000, 0.875], [-0.875, -0.250, -0.250, 0.000, 0.000, 0.125], [-0.125, -0.125, 0.750, -0.750, 0.875, 0.875]], [[-0.125, 0.250, 0.625, 0.000, -0.250, 0.375], [0.625, -1.000, 0.250, -0.625, -0.500, -0.125], [0.250, 0.125, -0.125, 0.375, -0.125, 0.125], [-0.625, 0.875, 0.000, -0.625, 1.000, 0.000]]]> : tensor<3x4x6xf32>
  %58 = transformer.matmul %56, %57 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %59 = transformer.unary relu %58 : tensor<3x?x6xf32>
  %60 = transformer.constant dense<[[[-0.875, -0.500, -0.625, -0.625], [0.750, 0.125, -0.500, -0.125], [0.250, 0.250, -0.375, -0.875], [0.625, 0.625, 0.500, -1.000], [-0.625, 0.000, 1.000, 0.500], [-0.750, -0.625, -1.000, 0.250]], [[0.125, 0.750, -0.500, -0.500], [0.375, 0.125, 0.000, -0.750], [0.625, 0.625, 1.000, -1.000], [0.750, 0.875, 0.125, 0.875], [-0.625, 0.125, 1.000, -0.750], [-0.125, 0.625, -0.625, -0.625]], [[-0.125, 1.000, 0.500, 1.000], [-0.250, 0.875, 1.000, 1.000], [0.375, -0.250, -0.500, -1.000], [-1.000, -0.625, 0.500, 0.625], [-1.000, 0.750, 0.250, -0.125], [0.250, 0.875, 0.000, -0.250]]]> : tensor<3x6x4xf32>
  %61 = transformer.matmul %59, %60 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %62 = transformer.reshape %61[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %63 = transformer.transpose %62 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %64 = transformer.reshape %63[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %65 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %66 = transformer.binary mul %37, %65 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %67 = transformer.reshape %66[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: what is taken back is not what was dispatched}}
  %68 = transformer.matmul %67, %64 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %68 : tensor<?x?x4xf32>
}

// -----

// Slots are counted by another router's choices.
// CHECK-LABEL: func.func @other_counts(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @other_counts(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %13 = transformer.arg_reduce max %others <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %14 = transformer.range %zero, %one[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %15 = transformer.reshape %14[] : tensor<3xi64> to tensor<1x1x3xi64>
  %16 = transformer.reshape %13[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %17 = transformer.compare lt %16, %zero : tensor<?x?x1xi64>, tensor<i64>
  %18 = transformer.constant dense<3> : tensor<i64>
  %19 = transformer.binary add %16, %18 : tensor<?x?x1xi64>, tensor<i64>
  %20 = transformer.select %17, %19, %16 : tensor<?x?x1xi1>, tensor<?x?x1xi64>, tensor<?x?x1xi64>
  %21 = transformer.compare eq %15, %20 : tensor<1x1x3xi64>, tensor<?x?x1xi64>
  %22 = transformer.select %21, %one, %zero : tensor<?x?x3xi1>, tensor<i64>, tensor<i64>
  %23 = transformer.cast %22 : tensor<?x?x3xi64> to tensor<?x?x3xf32>
  %24 = transformer.cumsum %23 <{axis = 1 : i64}> : tensor<?x?x3xf32>
  %25 = transformer.binary mul %24, %12 : tensor<?x?x3xf32>, tensor<?x?x3xf32>
  %26 = transformer.constant dense<2.0> : tensor<f32>
  %27 = transformer.compare le %25, %26 : tensor<?x?x3xf32>, tensor<f32>
  %28 = transformer.cast %27 : tensor<?x?x3xi1> to tensor<?x?x3xf32>
  %29 = transformer.binary mul %28, %12 : tensor<?x?x3xf32>, tensor<?x?x3xf32>
  %30 = transformer.reduce sum %25 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x3xf32>
  %31 = transformer.constant dense<1.0> : tensor<f32>
  %32 = transformer.binary sub %30, %31 : tensor<?x?x1xf32>, tensor<f32>
  %33 = transformer.unary relu %32 : tensor<?x?x1xf32>
  %34 = transformer.constant dense<1.0> : tensor<f32>
  %35 = transformer.binary min %33, %34 : tensor<?x?x1xf32>, tensor<f32>
  %36 = transformer.cast %35 : tensor<?x?x1xf32> to tensor<?x?x1xi64>
  %37 = transformer.compare lt %36, %zero : tensor<?x?x1xi64>, tensor<i64>
  %38 = transformer.constant dense<2> : tensor<i64>
  %39 = transformer.binary add %36, %38 : tensor<?x?x1xi64>, tensor<i64>
  %40 = transformer.select %37, %39, %36 : tensor<?x?x1xi1>, tensor<?x?x1xi64>, tensor<?x?x1xi64>
  %41 = transformer.range %zero, %one[] : tensor<i64>, tensor<i64> to tensor<2xi64>
  %42 = transformer.reshape %41[] : tensor<2xi64> to tensor<1x1x2xi64>
  %43 = transformer.compare eq %42, %40 : tensor<1x1x2xi64>, tensor<?x?x1xi64>
  %44 = transformer.select %43, %one, %zero : tensor<?x?x2xi1>, tensor<i64>, tensor<i64>
  %45 = transformer.cast %44 : tensor<?x?x2xi64> to tensor<?x?x2xf32>
  %46 = transformer.reshape %45[%b, %n] : tensor<?x?x2xf32> to tensor<?x?x1x2xf32>
  %47 = transformer.reshape %29[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %48 = transformer.binary mul %47, %46 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %49 = transformer.transpose %48 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %50 = transformer.reshape %49[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %51 = transformer.matmul %50, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %52 = transformer.reshape %51[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %53 = transformer.transpose %52 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %54 = transformer.reshape %53[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %55 = transformer.constant dense<[[[-0.125, 0.875, 0.875, 0.000, -0.750, 0.000], [-0.750, 0.125, 0.625, -0.875, 0.750, -0.875], [-0.375, -0.875, -0.125, 0.625, 1.000, -0.500], [-0.250, 0.375, -0.125, -0.750, 1.000, 0.625]], [[-0.375, -0.125, 0.750, 0.875, -0.500, 0.750], [-0.375, 0.375, 0.875, -0.625, 0.750, 0.125], [-0.750, 0.750, 0.250, 0.375, -0.125, -0.750], [1.000, 0.000, 0.375, 0.125, 1.000, -0.875]], [[0.375, 0.375, 0.375, -0.375, -0.125, 0.500], [1.000, 0.625, 0.375, 0.000, 0.625, 0.625], [-0.125, -0.375, -1.000, 0.250, -0.875, -0.625], [-0.250, 0.625, 1.000, 0.875, -0.625, 0.625]]]> : tensor<3x4x6xf32>
  %56 = transformer.matmul %54, %55 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %57 = transformer.unary relu %56 : tensor<3x?x6xf32>
  %58 = transformer.constant dense<[[[-0.250, 0.375, -0.125, 0.500], [-0.625, -0.875, 0.500, 0.250], [-0.125, 0.375, -0.375, 0.625], [0.250, 0.000, 0.125, 0.875], [0.250, -0.375, -0.125, -0.875], [0.750, 0.250, -0.125, -0.750]], [[0.875, 0.375, 0.125, -0.750], [0.125, -0.500, 0.250, 1.000], [0.875, -0.375, 0.875, -0.250], [0.500, 0.750, 0.000, -1.000], [-0.250, -0.625, 0.625, -0.375], [1.000, -1.000, 0.250, 0.000]], [[-1.000, -1.000, 0.375, 0.625], [-0.625, 1.000, -0.125, -0.375], [0.250, 0.125, -0.250, 0.500], [-0.375, -0.500, 0.875, 0.125], [0.500, 0.750, 0.250, 0.000], [0.250, 0.250, -0.875, 0.125]]]> : tensor<3x6x4xf32>
  %59 = transformer.matmul %57, %58 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %60 = transformer.reshape %59[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %61 = transformer.transpose %60 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %62 = transformer.reshape %61[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %63 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %64 = transformer.binary mul %48, %63 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %65 = transformer.reshape %64[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: a token's slot is not counted by who chose its expert before}}
  %66 = transformer.matmul %65, %62 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %66 : tensor<?x?x4xf32>
}

// -----

// Counted over batches, dispatched over their tokens.
// CHECK-LABEL: func.func @over_batches(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @over_batches(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %13 = transformer.cumsum %12 <{axis = 0 : i64}> : tensor<?x?x3xf32>
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
  %44 = transformer.constant dense<[[[0.500, 0.875, -0.125, 0.000, -0.750, -0.625], [-0.750, -0.625, 0.625, -0.625, 0.375, -0.500], [0.875, 0.625, -0.875, 0.875, 0.375, 0.250], [0.000, -0.625, 1.000, -0.250, -0.625, 0.875]], [[-0.500, -0.750, 0.375, 0.125, -0.500, -0.125], [-0.875, 0.500, -0.625, -0.500, 0.750, -0.750], [-0.250, 0.750, -0.750, 0.000, -1.000, -0.625], [1.000, -0.250, -0.125, 0.625, 1.000, 0.875]], [[0.125, -0.625, -0.125, -0.500, 0.875, 0.375], [0.875, -1.000, -0.500, 0.625, 0.000, -0.500], [-0.875, 0.500, -0.875, 0.625, -0.375, 0.375], [0.750, 0.875, 0.875, 0.625, -0.125, 0.250]]]> : tensor<3x4x6xf32>
  %45 = transformer.matmul %43, %44 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %46 = transformer.unary relu %45 : tensor<3x?x6xf32>
  %47 = transformer.constant dense<[[[0.375, 0.875, 0.625, -0.625], [-1.000, -1.000, -0.250, 0.750], [-0.500, 0.250, 0.250, 0.625], [-0.750, 0.250, 0.000, 0.500], [-0.750, -0.625, -0.750, -0.750], [-0.750, 1.000, -0.500, -0.750]], [[-0.250, 0.875, 0.625, 0.375], [0.500, -0.125, 0.375, -0.250], [-0.250, -0.750, 0.125, 0.000], [-0.875, 0.625, 0.500, -0.125], [0.250, -0.500, -0.500, -1.000], [-0.250, 0.750, -0.250, -0.875]], [[-1.000, 0.375, 0.000, 0.875], [0.875, 0.875, -0.750, 0.750], [-0.750, 0.250, -0.375, 1.000], [-0.875, -0.750, -1.000, 0.250], [-0.625, -0.625, 0.875, -1.000], [-0.125, 0.750, -1.000, -0.125]]]> : tensor<3x6x4xf32>
  %48 = transformer.matmul %46, %47 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %49 = transformer.reshape %48[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %50 = transformer.transpose %49 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %52 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %53 = transformer.binary mul %37, %52 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %54 = transformer.reshape %53[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: slots are counted over other tokens than those that are dispatched together}}
  %55 = transformer.matmul %54, %51 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %55 : tensor<?x?x4xf32>
}

// -----

// The first token of an expert has slot -1.
// CHECK-LABEL: func.func @first_slots(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @first_slots(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
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
  %6 = transformer.binary sub %5, %one : tensor<?x3xi64>, tensor<i64>
  %7 = transformer.constant dense<2> : tensor<i64>
  %8 = transformer.constant dense<[[[0, 1]]]> : tensor<1x1x2xi64>
  %9 = transformer.compare gt %7, %6 : tensor<i64>, tensor<?x3xi64>
  %10 = transformer.binary and %9, %2 : tensor<?x3xi1>, tensor<?x3xi1>
  %11 = transformer.reshape %6[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %12 = transformer.compare eq %11, %8 : tensor<?x3x1xi64>, tensor<1x1x2xi64>
  %13 = transformer.reshape %10[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %14 = transformer.binary and %12, %13 : tensor<?x3x2xi1>, tensor<?x3x1xi1>
  %15 = transformer.cast %14 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %16 = transformer.reshape %v[%n] : tensor<?x1xf32> to tensor<?x1x1xf32>
  %17 = transformer.binary mul %16, %15 : tensor<?x1x1xf32>, tensor<?x3x2xf32>
  %18 = transformer.transpose %15 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x2xf32>
  %19 = transformer.matmul %18, %x : tensor<3x2x?xf32>, tensor<?x4xf32>
  %20 = transformer.constant dense<[[[0.500, 0.375, -0.625, -0.875, -0.625, -0.250], [0.875, 0.250, 0.000, -0.125, 0.375, 0.750], [-0.250, -0.125, -0.250, -0.375, -0.250, -0.625], [0.500, 0.875, -1.000, 0.000, 0.875, -0.250]], [[-1.000, -0.125, -1.000, 0.625, -0.500, -0.500], [0.500, 0.000, -0.375, 0.250, -0.625, 0.250], [0.000, -0.250, 0.375, 0.375, -0.375, 0.625], [-0.375, 0.875, -0.125, 0.250, -0.875, -0.375]], [[1.000, 0.125, 0.000, -0.500, -0.625, 0.750], [-0.750, -0.625, 1.000, -0.500, 0.000, 0.375], [0.000, -0.875, 0.750, -0.125, 0.875, -0.125], [0.750, -0.375, -0.375, 0.000, 0.375, -0.250]]]> : tensor<3x4x6xf32>
  %21 = transformer.matmul %19, %20 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %22 = transformer.constant dense<[[[0.625, -1.000, -0.875, 0.000, 0.250, 0.625]], [[-0.125, 0.375, -0.625, -1.000, 0.750, 0.250]], [[1.000, -0.625, 0.250, 0.750, 0.875, 0.500]]]> : tensor<3x1x6xf32>
  %23 = transformer.binary add %21, %22 : tensor<3x2x6xf32>, tensor<3x1x6xf32>
  %24 = transformer.constant dense<[[[-0.750, 0.125, 0.875, -0.250, 0.625, 0.000], [-0.875, -0.750, 0.375, 0.250, 0.625, 0.375], [0.000, -0.250, -0.625, 0.000, -0.500, 0.000], [-0.500, -0.750, -0.250, -0.750, -0.375, 0.375]], [[-0.750, -0.500, 0.000, 0.000, 0.625, -0.625], [0.500, 0.125, 0.500, 0.750, 0.625, -0.125], [-0.750, -0.500, -0.250, 0.375, -0.125, 1.000], [-0.125, 0.000, 0.500, -0.375, 0.750, 0.375]], [[0.625, 0.500, -0.500, 0.000, 0.375, -0.750], [1.000, 0.250, -0.375, 0.500, -0.750, 0.500], [-0.625, 0.125, -0.375, -1.000, 0.875, 1.000], [-0.250, -1.000, 0.750, 0.875, -0.750, 0.250]]]> : tensor<3x4x6xf32>
  %25 = transformer.matmul %19, %24 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %26 = transformer.glu silu %23, %25 : tensor<3x2x6xf32>, tensor<3x2x6xf32>
  %27 = transformer.constant dense<[[[0.250, -0.375, -0.125, 0.750], [-1.000, 0.125, -0.375, 0.875], [-0.625, 0.625, 0.375, 0.375], [-0.500, 0.000, -0.125, -0.125], [-0.375, -0.500, -0.375, 0.000], [0.625, 0.875, 0.750, -0.125]], [[-0.375, 0.625, 1.000, -0.875], [-0.500, -0.375, 0.375, -0.250], [-1.000, 0.125, -0.250, 0.500], [-1.000, -0.500, 0.750, 0.000], [-0.500, -0.750, 0.750, 0.250], [-0.375, -0.750, -0.250, 0.750]], [[-0.250, 0.375, 0.875, 0.750], [-0.750, -0.500, 0.000, -0.750], [-0.500, -0.750, -0.625, -0.750], [0.000, 0.625, 0.750, -0.125], [-0.125, 0.875, 0.625, 0.875], [-0.750, 0.500, 0.750, 0.125]]]> : tensor<3x6x4xf32>
  %28 = transformer.matmul %26, %27 : tensor<3x2x6xf32>, tensor<3x6x4xf32>
  %29 = transformer.constant dense<[[[0.250, -0.125, 0.875, -1.000]], [[-0.500, -1.000, 0.000, 0.375]], [[-0.750, 0.750, 0.500, -0.125]]]> : tensor<3x1x4xf32>
  %30 = transformer.binary add %28, %29 : tensor<3x2x4xf32>, tensor<3x1x4xf32>
  %31 = transformer.reshape %17[%n] : tensor<?x3x2xf32> to tensor<?x6xf32>
  %32 = transformer.reshape %30[] : tensor<3x2x4xf32> to tensor<6x4xf32>
  // expected-remark @+1 {{moe stays in pieces: the first tokens of an expert have no slot}}
  %33 = transformer.matmul %31, %32 : tensor<?x6xf32>, tensor<6x4xf32>
  return %33 : tensor<?x4xf32>
}

// -----

// Counted in f16, where many places are the same number.
// CHECK-LABEL: func.func @halves(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @halves(%x: tensor<?x4xf32> {transformer.dims = ["n", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["n", ""]}) -> tensor<?x4xf32> {
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
  %4 = transformer.cast %3 : tensor<?x3xi64> to tensor<?x3xf16>
  %5 = transformer.cumsum %4 <{axis = 0 : i64}> : tensor<?x3xf16>
  %6 = transformer.cast %5 : tensor<?x3xf16> to tensor<?x3xi64>
  %7 = transformer.binary sub %6, %one : tensor<?x3xi64>, tensor<i64>
  %8 = transformer.constant dense<2> : tensor<i64>
  %9 = transformer.constant dense<[[[0, 1]]]> : tensor<1x1x2xi64>
  %10 = transformer.compare gt %8, %7 : tensor<i64>, tensor<?x3xi64>
  %11 = transformer.binary and %10, %2 : tensor<?x3xi1>, tensor<?x3xi1>
  %12 = transformer.reshape %7[%n] : tensor<?x3xi64> to tensor<?x3x1xi64>
  %13 = transformer.compare eq %12, %9 : tensor<?x3x1xi64>, tensor<1x1x2xi64>
  %14 = transformer.reshape %11[%n] : tensor<?x3xi1> to tensor<?x3x1xi1>
  %15 = transformer.binary and %13, %14 : tensor<?x3x2xi1>, tensor<?x3x1xi1>
  %16 = transformer.cast %15 : tensor<?x3x2xi1> to tensor<?x3x2xf32>
  %17 = transformer.reshape %v[%n] : tensor<?x1xf32> to tensor<?x1x1xf32>
  %18 = transformer.binary mul %17, %16 : tensor<?x1x1xf32>, tensor<?x3x2xf32>
  %19 = transformer.transpose %16 <{perm = array<i64: 1, 2, 0>}> : tensor<?x3x2xf32>
  %20 = transformer.matmul %19, %x : tensor<3x2x?xf32>, tensor<?x4xf32>
  %21 = transformer.constant dense<[[[0.750, -0.750, 0.875, -0.125, 0.250, 0.625], [0.500, -0.250, -0.375, 0.375, 0.250, -0.125], [-0.250, 0.875, 1.000, -0.750, 0.250, 0.625], [0.125, -0.500, 0.000, 0.375, 0.000, 0.375]], [[0.375, -0.250, -0.875, 0.500, -0.500, 0.500], [0.125, -0.375, -1.000, 0.250, 0.250, -0.500], [-0.500, 0.250, 0.625, -0.125, 0.250, 0.500], [-0.125, -0.125, 0.125, 0.875, -0.500, 1.000]], [[-0.250, 0.500, -0.625, -0.500, 1.000, 0.125], [0.625, -0.875, -0.750, 0.000, 0.250, -0.500], [0.625, -0.250, -1.000, 0.875, 0.250, -0.500], [1.000, 0.375, 0.500, -0.875, -0.375, 0.125]]]> : tensor<3x4x6xf32>
  %22 = transformer.matmul %20, %21 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %23 = transformer.constant dense<[[[0.125, 0.750, -0.750, -1.000, -0.375, -0.625]], [[-0.750, -1.000, -0.875, 0.250, 0.625, 0.750]], [[0.000, 1.000, 0.375, 0.500, 0.625, -0.875]]]> : tensor<3x1x6xf32>
  %24 = transformer.binary add %22, %23 : tensor<3x2x6xf32>, tensor<3x1x6xf32>
  %25 = transformer.constant dense<[[[0.000, -0.625, -0.375, -0.250, 0.500, 1.000], [0.375, -1.000, -0.250, -0.500, -0.750, -0.250], [0.000, -0.500, 0.125, 0.500, 0.125, -0.875], [0.750, -0.375, -0.500, 0.125, -0.500, 0.375]], [[-0.125, -0.250, 0.750, -0.375, -0.125, 0.875], [0.875, 1.000, -0.500, -0.125, -0.125, -0.500], [0.125, 1.000, -0.125, 0.250, 0.625, 1.000], [-0.375, -0.875, -0.375, 0.125, 0.875, 0.750]], [[-0.875, 0.000, 0.000, 0.875, 0.125, -0.875], [-1.000, -0.750, -0.125, -0.250, -0.250, 0.875], [0.000, -0.250, -0.375, -0.125, -0.250, 0.250], [-0.375, 0.500, 0.750, -1.000, 0.375, -0.375]]]> : tensor<3x4x6xf32>
  %26 = transformer.matmul %20, %25 : tensor<3x2x4xf32>, tensor<3x4x6xf32>
  %27 = transformer.glu silu %24, %26 : tensor<3x2x6xf32>, tensor<3x2x6xf32>
  %28 = transformer.constant dense<[[[-0.625, -0.375, 0.375, 0.500], [-0.375, 0.625, -0.125, 1.000], [-1.000, 0.750, 0.000, -0.125], [0.625, -0.750, -0.750, -0.500], [-0.250, -0.500, 0.625, -0.250], [0.500, 0.625, 0.750, -0.500]], [[-0.375, 0.750, 0.250, -1.000], [0.000, 0.000, 0.125, 0.625], [-0.625, -0.875, 0.375, 0.125], [0.250, -0.750, -0.625, -0.500], [0.375, 0.875, 0.125, -0.250], [-0.750, -0.875, 0.625, -0.250]], [[-0.125, 1.000, -0.375, 0.250], [-0.625, -1.000, -1.000, -0.750], [-0.875, 0.375, 0.000, 0.625], [0.125, -0.625, -1.000, 0.625], [1.000, 0.250, -0.875, -1.000], [-1.000, 0.125, 0.375, -0.375]]]> : tensor<3x6x4xf32>
  %29 = transformer.matmul %27, %28 : tensor<3x2x6xf32>, tensor<3x6x4xf32>
  %30 = transformer.constant dense<[[[0.625, 0.375, 0.250, 0.375]], [[-0.625, -0.125, 0.375, -0.375]], [[0.625, -0.250, -0.250, 1.000]]]> : tensor<3x1x4xf32>
  %31 = transformer.binary add %29, %30 : tensor<3x2x4xf32>, tensor<3x1x4xf32>
  %32 = transformer.reshape %18[%n] : tensor<?x3x2xf32> to tensor<?x6xf32>
  %33 = transformer.reshape %31[] : tensor<3x2x4xf32> to tensor<6x4xf32>
  // expected-remark @+1 {{moe stays in pieces: a token's slot is not counted by who chose its expert before}}
  %34 = transformer.matmul %32, %33 : tensor<?x6xf32>, tensor<6x4xf32>
  return %34 : tensor<?x4xf32>
}

// -----

// The gate weighs what experts take.
// CHECK-LABEL: func.func @weighed_before(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @weighed_before(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %38 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %39 = transformer.binary mul %37, %38 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %40 = transformer.transpose %39 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %41 = transformer.reshape %40[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %42 = transformer.matmul %41, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %43 = transformer.reshape %42[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %44 = transformer.transpose %43 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %45 = transformer.reshape %44[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %46 = transformer.constant dense<[[[0.875, 0.000, 0.250, 0.750, 0.875, 0.625], [0.000, 0.000, 1.000, 0.125, 0.125, 1.000], [-0.250, 0.000, -0.250, 0.500, -0.250, 0.875], [-0.875, 0.125, 0.375, 1.000, 0.875, 0.375]], [[0.750, 1.000, 0.500, 0.000, 1.000, 0.625], [0.125, 0.375, -0.250, 0.875, 0.875, 0.375], [-1.000, -0.875, -0.500, 0.000, 0.750, 0.500], [-0.625, 0.125, -0.250, -0.625, -0.500, -0.500]], [[0.625, -0.250, 0.250, 0.250, -0.500, 0.750], [0.500, -0.250, -0.125, 0.375, -0.875, -1.000], [1.000, 1.000, 0.500, 0.625, 0.250, -0.875], [0.875, -1.000, -0.250, 0.875, -0.750, 0.375]]]> : tensor<3x4x6xf32>
  %47 = transformer.matmul %45, %46 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %48 = transformer.unary relu %47 : tensor<3x?x6xf32>
  %49 = transformer.constant dense<[[[0.250, -0.125, -0.625, 0.875], [-0.375, 1.000, -0.250, 1.000], [0.875, -0.875, 1.000, 0.750], [1.000, -0.125, 0.375, -0.625], [-0.875, -0.250, -0.875, -0.375], [0.875, -0.750, 0.500, 0.750]], [[-0.625, 0.250, -0.125, -0.250], [0.000, -0.375, -0.250, -0.125], [0.500, 0.625, -0.375, 0.750], [0.500, -0.250, -0.750, 0.625], [1.000, -0.875, 0.500, 0.500], [-0.750, -0.250, 0.875, 0.125]], [[0.625, 0.000, 1.000, 0.000], [0.250, 0.875, -0.750, -0.500], [-0.625, 0.250, -0.625, -0.500], [-0.625, -1.000, -0.750, 0.625], [-1.000, 0.125, -0.625, 0.000], [0.000, -1.000, 0.000, 0.250]]]> : tensor<3x6x4xf32>
  %50 = transformer.matmul %48, %49 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %53 = transformer.reshape %52[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %54 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %55 = transformer.binary mul %37, %54 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %56 = transformer.reshape %55[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: tokens are weighed before experts work on them}}
  %57 = transformer.matmul %56, %53 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %57 : tensor<?x?x4xf32>
}

// -----

// The gate is added, not multiplied.
// CHECK-LABEL: func.func @gate_outside(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @gate_outside(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %44 = transformer.constant dense<[[[0.750, 0.000, 1.000, 0.875, -0.625, -0.500], [0.125, 0.125, 0.750, 0.125, -1.000, -0.500], [0.875, -0.625, 0.375, -0.375, 0.000, 0.000], [0.000, 0.500, -0.875, 0.500, -0.375, 0.500]], [[-0.750, 0.750, -0.375, -0.875, 0.625, 0.500], [-0.750, 0.125, 0.250, -0.750, -0.875, -0.875], [0.375, 0.375, 0.375, 1.000, 1.000, 0.625], [-0.750, -0.500, -0.250, 0.125, 0.375, -0.125]], [[-0.625, 0.625, -0.375, -0.750, 0.250, 0.375], [-0.875, -0.875, 0.375, -0.750, -0.625, -1.000], [0.375, -0.500, -0.750, -0.500, -0.375, 0.125], [0.750, -0.125, -0.250, -0.875, -1.000, 0.750]]]> : tensor<3x4x6xf32>
  %45 = transformer.matmul %43, %44 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %46 = transformer.unary relu %45 : tensor<3x?x6xf32>
  %47 = transformer.constant dense<[[[0.000, -0.750, 0.875, -0.500], [-0.875, -0.375, -0.500, -0.750], [-0.375, 0.125, 0.125, -0.250], [0.875, -0.125, -0.375, 0.875], [0.625, 0.000, -0.500, 0.500], [0.750, 1.000, 0.250, -0.250]], [[-0.375, 1.000, -0.875, -0.125], [-0.250, 0.125, 1.000, -0.750], [-0.875, 0.125, -0.375, -0.125], [-0.625, 0.500, -0.875, 0.125], [-0.625, -0.250, -1.000, 0.500], [-0.750, 0.625, 0.250, 1.000]], [[-0.625, -0.875, 0.625, -0.875], [1.000, 0.125, 1.000, -0.375], [1.000, -0.375, -0.125, 0.000], [-0.250, 0.750, 0.375, 0.875], [0.250, 0.000, -0.250, 0.625], [-0.125, 0.875, -0.125, -0.250]]]> : tensor<3x6x4xf32>
  %48 = transformer.matmul %46, %47 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %49 = transformer.reshape %48[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %50 = transformer.transpose %49 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %52 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %53 = transformer.binary add %37, %52 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %54 = transformer.reshape %53[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: what is taken back is not limited to experts that a token chose}}
  %55 = transformer.matmul %54, %51 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %55 : tensor<?x?x4xf32>
}

// -----

// Taken back from all experts, whoever was chosen.
// CHECK-LABEL: func.func @all_experts(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @all_experts(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %38 = transformer.reshape %17[%b, %n] : tensor<?x?x3xf32> to tensor<?x?x3x1xf32>
  %39 = transformer.binary mul %38, %35 : tensor<?x?x3x1xf32>, tensor<?x?x1x2xf32>
  %40 = transformer.transpose %37 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<?x?x3x2xf32>
  %41 = transformer.reshape %40[%b, %n] : tensor<?x3x2x?xf32> to tensor<?x6x?xf32>
  %42 = transformer.matmul %41, %x : tensor<?x6x?xf32>, tensor<?x?x4xf32>
  %43 = transformer.reshape %42[%b] : tensor<?x6x4xf32> to tensor<?x3x2x4xf32>
  %44 = transformer.transpose %43 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x2x4xf32>
  %slots = arith.constant 2 : index
  %rows = arith.muli %b, %slots : index
  %45 = transformer.reshape %44[%rows] : tensor<3x?x2x4xf32> to tensor<3x?x4xf32>
  %46 = transformer.constant dense<[[[0.375, -0.625, -0.375, 0.000, -0.875, -1.000], [0.375, 0.875, 0.250, -0.500, 0.375, -0.375], [0.000, 0.250, -0.500, -0.875, 0.125, -0.625], [0.625, -0.375, -0.875, 0.125, 0.625, 0.750]], [[0.750, 0.625, -0.500, 0.875, -0.125, -0.500], [-0.375, -0.125, -0.125, 1.000, 0.875, 0.125], [-0.875, 0.125, -0.625, 0.625, -0.500, -1.000], [-0.500, -0.125, -0.625, 0.250, -1.000, -0.500]], [[0.375, -1.000, -0.500, 0.125, 0.000, -1.000], [-0.875, -0.250, 1.000, -1.000, 0.000, -1.000], [-0.625, -0.375, 0.750, 0.375, -0.125, 0.250], [-0.875, 0.250, 0.250, -0.375, 0.625, 0.250]]]> : tensor<3x4x6xf32>
  %47 = transformer.matmul %45, %46 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %48 = transformer.unary relu %47 : tensor<3x?x6xf32>
  %49 = transformer.constant dense<[[[-0.750, 0.875, -0.250, -0.375], [-0.875, -0.375, 0.875, 0.125], [0.500, 0.750, 0.500, 0.500], [0.250, -0.375, 0.250, -0.125], [-0.125, 0.750, -0.250, 0.875], [0.125, -1.000, -0.875, -0.875]], [[0.750, -0.625, 0.125, -0.750], [0.750, 0.500, -0.750, -0.750], [-0.750, 0.250, 0.125, 0.125], [-1.000, -0.750, 0.750, -0.625], [0.750, -0.125, -0.250, -0.250], [-0.625, 1.000, 0.375, 0.500]], [[0.250, -0.375, 1.000, -0.750], [0.125, 1.000, 0.000, -0.500], [-0.500, 0.250, -1.000, 1.000], [0.125, 0.250, 0.375, 0.250], [0.250, 0.875, 1.000, -0.250], [0.625, 0.250, 1.000, -1.000]]]> : tensor<3x6x4xf32>
  %50 = transformer.matmul %48, %49 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %53 = transformer.reshape %52[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %54 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %55 = transformer.binary mul %39, %54 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %56 = transformer.reshape %55[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: what is taken back is not limited to experts that a token chose}}
  %57 = transformer.matmul %56, %53 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %57 : tensor<?x?x4xf32>
}

// -----

// Experts with something else between their products.
// CHECK-LABEL: func.func @softmax_between(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @softmax_between(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}, %others: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %44 = transformer.constant dense<[[[0.500, -0.625, -0.750, 0.625, -1.000, 0.750], [-1.000, -0.500, -0.625, 0.375, 0.500, -0.375], [0.875, -1.000, -0.875, -0.750, 0.000, -0.625], [0.250, 0.500, 0.500, -0.750, 0.000, -0.625]], [[-0.625, 0.750, -0.875, 0.500, -0.250, -1.000], [0.750, -0.375, 0.000, 0.875, -0.625, -1.000], [-0.250, -1.000, 0.000, -0.500, -0.250, -0.250], [-0.625, 0.875, -1.000, 0.125, -0.750, -0.875]], [[-0.250, -0.625, -0.625, 0.875, 0.625, -0.125], [-0.375, -0.500, 1.000, 0.125, 0.875, -0.875], [0.750, 0.625, 0.500, -0.625, -0.875, 0.250], [-0.125, -0.625, 1.000, 0.750, -0.625, 0.375]]]> : tensor<3x4x6xf32>
  %45 = transformer.matmul %43, %44 : tensor<3x?x4xf32>, tensor<3x4x6xf32>
  %46 = transformer.softmax %45 <{axis = 2 : i64}> : tensor<3x?x6xf32>
  %47 = transformer.constant dense<[[[-0.250, -1.000, 0.500, -0.875], [-0.125, 0.375, 0.000, -0.750], [0.750, -1.000, -0.875, 0.875], [0.875, 0.875, 0.750, 0.000], [0.750, 1.000, -1.000, -0.875], [0.125, -0.750, 0.375, 1.000]], [[0.125, -0.375, 0.375, 0.125], [-1.000, 0.500, 1.000, 0.500], [0.000, -1.000, 0.000, 1.000], [-0.500, -0.375, 0.250, 0.250], [0.250, 0.750, 0.625, -0.750], [-0.375, 1.000, 0.250, 0.625]], [[0.375, -0.625, -0.500, -0.750], [0.125, 0.000, -1.000, -0.750], [0.375, 0.875, -0.500, 0.250], [1.000, -0.750, 0.875, -0.250], [0.250, 1.000, -0.375, 0.375], [-0.125, 0.375, -0.375, -0.875]]]> : tensor<3x6x4xf32>
  %48 = transformer.matmul %46, %47 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %49 = transformer.reshape %48[%b] : tensor<3x?x4xf32> to tensor<3x?x2x4xf32>
  %50 = transformer.transpose %49 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x2x4xf32>
  %51 = transformer.reshape %50[%b] : tensor<?x3x2x4xf32> to tensor<?x6x4xf32>
  %52 = transformer.reshape %1[%b, %n] : tensor<?x?xf32> to tensor<?x?x1x1xf32>
  %53 = transformer.binary mul %37, %52 : tensor<?x?x3x2xf32>, tensor<?x?x1x1xf32>
  %54 = transformer.reshape %53[%b, %n] : tensor<?x?x3x2xf32> to tensor<?x?x6xf32>
  // expected-remark @+1 {{moe stays in pieces: what experts give for their slots is no two products with an activation or a gate between}}
  %55 = transformer.matmul %54, %51 : tensor<?x?x6xf32>, tensor<?x6x4xf32>
  return %55 : tensor<?x?x4xf32>
}
