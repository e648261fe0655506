// RUN: transom-opt --fuse-experts=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// Assignments under masks that are no mixture.

// An expert that nobody chose when the model was traced.
// CHECK-LABEL: func.func @missing(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @missing(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %c4 = arith.constant 4 : index
  %0 = transformer.arg_reduce max %scores <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %2 = transformer.reshape %0[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %3 = transformer.compare eq %2, %1 : tensor<?x?x1xi64>, tensor<3xi64>
  %4 = transformer.cast %3 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %5 = transformer.cumsum %4 <{axis = 1 : i64}> : tensor<?x?x3xi64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.compare le %5, %6 : tensor<?x?x3xi64>, tensor<i64>
  %8 = transformer.cast %7 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %9 = transformer.binary mul %4, %8 : tensor<?x?x3xi64>, tensor<?x?x3xi64>
  %10 = transformer.cast %9 : tensor<?x?x3xi64> to tensor<?x?x3xi1>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %11 = transformer.broadcast_to %none[%b, %n] : tensor<f32> to tensor<?x?x4xf32>
  %12 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %13 = transformer.reshape %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %14 = transformer.nonzero %13 : tensor<?x?xi1>
  %15 = transformer.transpose %14 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %16 = transformer.gather_nd %x, %15 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %17 = transformer.constant dense<[[1.000, 0.250, 0.500, 0.000, -0.625, -0.125], [0.250, -0.125, -0.250, -0.500, 0.500, -0.250], [0.500, 1.000, 0.875, -0.625, 0.875, 0.750], [-0.375, 0.500, 0.500, 1.000, -0.375, 0.375]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.125, 1.000, -0.375, 0.625], [0.000, -0.625, -1.000, -0.375], [0.375, -1.000, -0.500, -1.000], [0.250, 0.500, 0.750, -0.750], [0.375, -0.750, -0.250, -0.375], [0.000, 0.500, -1.000, -0.500]]> : tensor<6x4xf32>
  %19 = transformer.linear %16, %17 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %20 = transformer.linear %19, %18 : tensor<?x6xf32>, tensor<6x4xf32>
  %21 = transformer.broadcast_to %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %22 = transformer.nonzero %21 : tensor<?x?x4xi1>
  %23 = transformer.transpose %22 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows0 = tensor.dim %14, %c1 : tensor<2x?xi64>
  %elements0 = tensor.dim %22, %c1 : tensor<3x?xi64>
  %all0 = arith.muli %rows0, %c4 : index
  %24 = transformer.reshape %20[%all0] : tensor<?x4xf32> to tensor<?xf32>
  %least0 = arith.minsi %elements0, %all0 : index
  %25 = transformer.slice %24[] [%least0] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %26 = transformer.scatter_nd set %11, %23, %25 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least0, %elements0
  %27 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %28 = transformer.reshape %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %29 = transformer.nonzero %28 : tensor<?x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %31 = transformer.gather_nd %x, %30 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %32 = transformer.constant dense<[[0.375, -0.250, -1.000, 0.000, -0.500, -0.625], [-0.250, 1.000, -0.625, -0.750, -0.375, 0.375], [0.250, -1.000, 0.250, 1.000, 0.875, -1.000], [0.625, 0.500, -1.000, -1.000, -0.625, 0.375]]> : tensor<4x6xf32>
  %33 = transformer.constant dense<[[0.625, -0.625, 0.375, -0.375], [0.375, 0.625, 0.625, 0.500], [-0.625, -0.250, 0.875, 0.375], [1.000, -1.000, -0.250, -0.500], [0.000, -0.250, -0.375, -0.375], [-0.125, -0.625, -0.250, -0.750]]> : tensor<6x4xf32>
  %34 = transformer.linear %31, %32 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %35 = transformer.linear %34, %33 : tensor<?x6xf32>, tensor<6x4xf32>
  %36 = transformer.broadcast_to %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %37 = transformer.nonzero %36 : tensor<?x?x4xi1>
  %38 = transformer.transpose %37 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows1 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %elements1 = tensor.dim %37, %c1 : tensor<3x?xi64>
  %all1 = arith.muli %rows1, %c4 : index
  %39 = transformer.reshape %35[%all1] : tensor<?x4xf32> to tensor<?xf32>
  %least1 = arith.minsi %elements1, %all1 : index
  %40 = transformer.slice %39[] [%least1] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{moe stays in pieces: expert 1 of 3 is not put}}
  %41 = transformer.scatter_nd set %26, %38, %40 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least1, %elements1
  return %41 : tensor<?x?x4xf32>
}

// -----

// An expert that is put twice.
// CHECK-LABEL: func.func @twice(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @twice(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %c4 = arith.constant 4 : index
  %0 = transformer.arg_reduce max %scores <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %2 = transformer.reshape %0[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %3 = transformer.compare eq %2, %1 : tensor<?x?x1xi64>, tensor<3xi64>
  %4 = transformer.cast %3 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %5 = transformer.cumsum %4 <{axis = 1 : i64}> : tensor<?x?x3xi64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.compare le %5, %6 : tensor<?x?x3xi64>, tensor<i64>
  %8 = transformer.cast %7 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %9 = transformer.binary mul %4, %8 : tensor<?x?x3xi64>, tensor<?x?x3xi64>
  %10 = transformer.cast %9 : tensor<?x?x3xi64> to tensor<?x?x3xi1>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %11 = transformer.broadcast_to %none[%b, %n] : tensor<f32> to tensor<?x?x4xf32>
  %12 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %13 = transformer.reshape %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %14 = transformer.nonzero %13 : tensor<?x?xi1>
  %15 = transformer.transpose %14 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %16 = transformer.gather_nd %x, %15 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %17 = transformer.constant dense<[[0.875, -0.625, -0.375, 0.125, -1.000, -0.875], [0.625, 0.125, -1.000, -0.625, -1.000, -0.875], [-0.375, 0.000, -1.000, 0.375, 0.750, -0.375], [1.000, 0.375, 0.750, 0.125, 0.625, -0.125]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.375, -0.125, -0.500], [-0.250, -0.500, -0.500, -0.625], [0.500, 0.875, -0.250, -0.750], [0.250, -0.625, 0.750, 0.375], [0.875, -0.875, -0.625, 0.000], [-0.875, 0.125, 0.000, 0.875]]> : tensor<6x4xf32>
  %19 = transformer.linear %16, %17 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %20 = transformer.linear %19, %18 : tensor<?x6xf32>, tensor<6x4xf32>
  %21 = transformer.broadcast_to %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %22 = transformer.nonzero %21 : tensor<?x?x4xi1>
  %23 = transformer.transpose %22 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows0 = tensor.dim %14, %c1 : tensor<2x?xi64>
  %elements0 = tensor.dim %22, %c1 : tensor<3x?xi64>
  %all0 = arith.muli %rows0, %c4 : index
  %24 = transformer.reshape %20[%all0] : tensor<?x4xf32> to tensor<?xf32>
  %least0 = arith.minsi %elements0, %all0 : index
  %25 = transformer.slice %24[] [%least0] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %26 = transformer.scatter_nd set %11, %23, %25 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least0, %elements0
  %27 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %28 = transformer.reshape %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %29 = transformer.nonzero %28 : tensor<?x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %31 = transformer.gather_nd %x, %30 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %32 = transformer.constant dense<[[-0.125, -0.750, 0.000, 0.250, -0.125, 0.875], [-0.125, -0.250, -0.250, -1.000, -0.875, 0.750], [0.250, 0.000, -0.875, 1.000, 0.250, 0.125], [-0.375, -0.875, -0.500, 0.250, 0.250, 1.000]]> : tensor<4x6xf32>
  %33 = transformer.constant dense<[[0.875, -0.500, 1.000, -0.375], [-0.375, -0.625, 0.250, 1.000], [-0.375, -0.250, -0.125, -1.000], [-0.500, 0.875, -0.625, -0.625], [-0.375, -0.750, -1.000, -0.250], [-0.500, -0.125, 0.000, 0.750]]> : tensor<6x4xf32>
  %34 = transformer.linear %31, %32 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %35 = transformer.linear %34, %33 : tensor<?x6xf32>, tensor<6x4xf32>
  %36 = transformer.broadcast_to %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %37 = transformer.nonzero %36 : tensor<?x?x4xi1>
  %38 = transformer.transpose %37 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows1 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %elements1 = tensor.dim %37, %c1 : tensor<3x?xi64>
  %all1 = arith.muli %rows1, %c4 : index
  %39 = transformer.reshape %35[%all1] : tensor<?x4xf32> to tensor<?xf32>
  %least1 = arith.minsi %elements1, %all1 : index
  %40 = transformer.slice %39[] [%least1] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %41 = transformer.scatter_nd set %26, %38, %40 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least1, %elements1
  %42 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %43 = transformer.reshape %42[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %44 = transformer.nonzero %43 : tensor<?x?xi1>
  %45 = transformer.transpose %44 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %46 = transformer.gather_nd %x, %45 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %47 = transformer.constant dense<[[0.500, -1.000, -0.375, 0.500, -0.250, -0.250], [0.125, -0.750, -0.625, 0.125, 0.500, 1.000], [-1.000, -0.875, -1.000, -0.500, -0.125, -0.625], [0.250, 0.625, 0.250, 0.875, 0.625, -0.875]]> : tensor<4x6xf32>
  %48 = transformer.constant dense<[[0.125, -0.500, 0.750, 0.875], [-0.125, 1.000, -0.625, 0.625], [-1.000, 0.875, -0.625, -0.750], [0.625, -0.500, 0.125, 0.750], [-0.750, -0.750, -0.375, -1.000], [0.625, -0.375, 0.375, 0.125]]> : tensor<6x4xf32>
  %49 = transformer.linear %46, %47 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %50 = transformer.linear %49, %48 : tensor<?x6xf32>, tensor<6x4xf32>
  %51 = transformer.broadcast_to %42[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %52 = transformer.nonzero %51 : tensor<?x?x4xi1>
  %53 = transformer.transpose %52 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows2 = tensor.dim %44, %c1 : tensor<2x?xi64>
  %elements2 = tensor.dim %52, %c1 : tensor<3x?xi64>
  %all2 = arith.muli %rows2, %c4 : index
  %54 = transformer.reshape %50[%all2] : tensor<?x4xf32> to tensor<?xf32>
  %least2 = arith.minsi %elements2, %all2 : index
  %55 = transformer.slice %54[] [%least2] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %56 = transformer.scatter_nd set %41, %53, %55 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least2, %elements2
  %57 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %58 = transformer.reshape %57[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %59 = transformer.nonzero %58 : tensor<?x?xi1>
  %60 = transformer.transpose %59 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %61 = transformer.gather_nd %x, %60 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %62 = transformer.constant dense<[[-0.375, -0.625, -0.375, -0.625, -0.625, -0.375], [-0.125, -0.750, 0.375, 0.625, 0.750, -0.375], [0.875, -0.625, -0.125, 1.000, 0.000, -0.625], [0.000, -0.625, 0.125, -0.375, -1.000, -0.125]]> : tensor<4x6xf32>
  %63 = transformer.constant dense<[[-0.625, -0.500, 0.250, 0.500], [0.750, -0.875, -0.750, -0.750], [-0.875, 1.000, -0.375, -0.250], [0.625, -0.625, 0.625, 0.250], [0.375, -0.875, -0.125, 0.500], [-0.750, -0.250, -0.125, -1.000]]> : tensor<6x4xf32>
  %64 = transformer.linear %61, %62 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %65 = transformer.linear %64, %63 : tensor<?x6xf32>, tensor<6x4xf32>
  %66 = transformer.broadcast_to %57[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %67 = transformer.nonzero %66 : tensor<?x?x4xi1>
  %68 = transformer.transpose %67 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows3 = tensor.dim %59, %c1 : tensor<2x?xi64>
  %elements3 = tensor.dim %67, %c1 : tensor<3x?xi64>
  %all3 = arith.muli %rows3, %c4 : index
  %69 = transformer.reshape %65[%all3] : tensor<?x4xf32> to tensor<?xf32>
  %least3 = arith.minsi %elements3, %all3 : index
  %70 = transformer.slice %69[] [%least3] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{moe stays in pieces: an expert is put twice}}
  %71 = transformer.scatter_nd set %56, %68, %70 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least3, %elements3
  return %71 : tensor<?x?x4xf32>
}

// -----

// What a second expert gives is put over the first one's.
// CHECK-LABEL: func.func @two_choices(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @two_choices(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %c4 = arith.constant 4 : index
  %v, %i = transformer.topk %scores <{axis = 2 : i64, largest = true}> : tensor<?x?x3xf32> to tensor<?x?x2xf32>, tensor<?x?x2xi64>
  %0 = transformer.reshape %i[%b, %n] : tensor<?x?x2xi64> to tensor<?x?x2x1xi64>
  %1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %2 = transformer.compare eq %0, %1 : tensor<?x?x2x1xi64>, tensor<3xi64>
  %3 = transformer.cast %2 : tensor<?x?x2x3xi1> to tensor<?x?x2x3xi64>
  %4 = transformer.reduce sum %3 <{axes = array<i64: 2>}> : tensor<?x?x2x3xi64>
  %5 = transformer.cumsum %4 <{axis = 1 : i64}> : tensor<?x?x3xi64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.compare le %5, %6 : tensor<?x?x3xi64>, tensor<i64>
  %8 = transformer.cast %7 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %9 = transformer.binary mul %4, %8 : tensor<?x?x3xi64>, tensor<?x?x3xi64>
  %10 = transformer.cast %9 : tensor<?x?x3xi64> to tensor<?x?x3xi1>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %11 = transformer.broadcast_to %none[%b, %n] : tensor<f32> to tensor<?x?x4xf32>
  %12 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %13 = transformer.reshape %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %14 = transformer.nonzero %13 : tensor<?x?xi1>
  %15 = transformer.transpose %14 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %16 = transformer.gather_nd %x, %15 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %17 = transformer.constant dense<[[-0.750, -0.875, 0.750, -0.250, -0.625, 0.625], [-1.000, -0.125, -0.625, -0.625, 0.500, 0.500], [-1.000, 0.125, 0.375, -0.250, 0.875, -0.750], [0.500, 1.000, -0.625, 0.125, 0.500, -0.250]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.625, 0.375, 1.000, 1.000], [0.000, -0.750, 0.125, 0.125], [0.125, 0.625, -0.500, -0.125], [0.625, 1.000, 0.000, -1.000], [-0.625, -0.250, 0.500, 0.375], [0.875, -0.625, 0.625, 0.750]]> : tensor<6x4xf32>
  %19 = transformer.linear %16, %17 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %20 = transformer.linear %19, %18 : tensor<?x6xf32>, tensor<6x4xf32>
  %21 = transformer.broadcast_to %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %22 = transformer.nonzero %21 : tensor<?x?x4xi1>
  %23 = transformer.transpose %22 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows0 = tensor.dim %14, %c1 : tensor<2x?xi64>
  %elements0 = tensor.dim %22, %c1 : tensor<3x?xi64>
  %all0 = arith.muli %rows0, %c4 : index
  %24 = transformer.reshape %20[%all0] : tensor<?x4xf32> to tensor<?xf32>
  %least0 = arith.minsi %elements0, %all0 : index
  %25 = transformer.slice %24[] [%least0] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %26 = transformer.scatter_nd set %11, %23, %25 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least0, %elements0
  %27 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %28 = transformer.reshape %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %29 = transformer.nonzero %28 : tensor<?x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %31 = transformer.gather_nd %x, %30 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %32 = transformer.constant dense<[[-0.125, 0.250, 0.625, 1.000, -0.875, 0.125], [0.875, 0.250, -1.000, 0.750, 1.000, -0.500], [0.750, -1.000, -0.375, 0.500, -0.625, -0.250], [0.125, -0.250, -0.750, 0.875, -0.500, -0.625]]> : tensor<4x6xf32>
  %33 = transformer.constant dense<[[-1.000, -0.625, 0.125, 0.875], [-0.875, 0.625, -0.250, 1.000], [-0.500, -0.125, -1.000, -0.125], [0.625, 1.000, 0.750, 0.750], [0.625, 0.250, 0.875, -0.875], [-0.500, -0.375, -0.375, -0.250]]> : tensor<6x4xf32>
  %34 = transformer.linear %31, %32 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %35 = transformer.linear %34, %33 : tensor<?x6xf32>, tensor<6x4xf32>
  %36 = transformer.broadcast_to %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %37 = transformer.nonzero %36 : tensor<?x?x4xi1>
  %38 = transformer.transpose %37 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows1 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %elements1 = tensor.dim %37, %c1 : tensor<3x?xi64>
  %all1 = arith.muli %rows1, %c4 : index
  %39 = transformer.reshape %35[%all1] : tensor<?x4xf32> to tensor<?xf32>
  %least1 = arith.minsi %elements1, %all1 : index
  %40 = transformer.slice %39[] [%least1] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %41 = transformer.scatter_nd set %26, %38, %40 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least1, %elements1
  %42 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %43 = transformer.reshape %42[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %44 = transformer.nonzero %43 : tensor<?x?xi1>
  %45 = transformer.transpose %44 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %46 = transformer.gather_nd %x, %45 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %47 = transformer.constant dense<[[-0.875, -0.125, 0.625, -0.875, -1.000, 0.250], [-0.750, 0.125, -0.875, -0.625, 0.000, -0.750], [1.000, -0.625, 0.875, -0.500, 0.000, 0.625], [0.875, 0.625, 0.750, -1.000, 0.750, 1.000]]> : tensor<4x6xf32>
  %48 = transformer.constant dense<[[-0.875, -0.375, -0.500, -0.625], [0.000, 0.750, 0.875, -0.375], [-0.750, 0.750, 0.375, -0.750], [0.000, -0.125, -0.125, -0.750], [-0.625, 0.250, -1.000, -0.750], [-0.375, 1.000, -0.750, 0.625]]> : tensor<6x4xf32>
  %49 = transformer.linear %46, %47 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %50 = transformer.linear %49, %48 : tensor<?x6xf32>, tensor<6x4xf32>
  %51 = transformer.broadcast_to %42[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %52 = transformer.nonzero %51 : tensor<?x?x4xi1>
  %53 = transformer.transpose %52 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows2 = tensor.dim %44, %c1 : tensor<2x?xi64>
  %elements2 = tensor.dim %52, %c1 : tensor<3x?xi64>
  %all2 = arith.muli %rows2, %c4 : index
  %54 = transformer.reshape %50[%all2] : tensor<?x4xf32> to tensor<?xf32>
  %least2 = arith.minsi %elements2, %all2 : index
  %55 = transformer.slice %54[] [%least2] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{moe stays in pieces: rows are put, not added, and a token may choose several experts}}
  %56 = transformer.scatter_nd set %41, %53, %55 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least2, %elements2
  return %56 : tensor<?x?x4xf32>
}

// -----

// Tokens beyond the capacity stay as they are.
// CHECK-LABEL: func.func @tokens_kept(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @tokens_kept(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %c4 = arith.constant 4 : index
  %0 = transformer.arg_reduce max %scores <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %2 = transformer.reshape %0[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %3 = transformer.compare eq %2, %1 : tensor<?x?x1xi64>, tensor<3xi64>
  %4 = transformer.cast %3 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %5 = transformer.cumsum %4 <{axis = 1 : i64}> : tensor<?x?x3xi64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.compare le %5, %6 : tensor<?x?x3xi64>, tensor<i64>
  %8 = transformer.cast %7 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %9 = transformer.binary mul %4, %8 : tensor<?x?x3xi64>, tensor<?x?x3xi64>
  %10 = transformer.cast %9 : tensor<?x?x3xi64> to tensor<?x?x3xi1>
  %11 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %12 = transformer.reshape %11[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %13 = transformer.nonzero %12 : tensor<?x?xi1>
  %14 = transformer.transpose %13 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %15 = transformer.gather_nd %x, %14 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %16 = transformer.constant dense<[[0.875, 1.000, -0.625, -0.750, -0.750, -0.625], [-0.375, 0.750, 0.000, -0.250, -0.750, -0.875], [0.000, -0.875, -0.500, 0.250, -0.375, 0.250], [0.250, 0.375, 1.000, 0.750, 0.000, 1.000]]> : tensor<4x6xf32>
  %17 = transformer.constant dense<[[1.000, -1.000, -0.250, 0.625], [0.750, 0.500, 0.750, 0.250], [0.375, 0.250, -0.500, 0.000], [0.750, -1.000, 0.250, -0.375], [0.375, 1.000, 0.000, -0.750], [-0.125, 0.750, -0.250, 1.000]]> : tensor<6x4xf32>
  %18 = transformer.linear %15, %16 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %19 = transformer.linear %18, %17 : tensor<?x6xf32>, tensor<6x4xf32>
  %20 = transformer.broadcast_to %11[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %21 = transformer.nonzero %20 : tensor<?x?x4xi1>
  %22 = transformer.transpose %21 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows0 = tensor.dim %13, %c1 : tensor<2x?xi64>
  %elements0 = tensor.dim %21, %c1 : tensor<3x?xi64>
  %all0 = arith.muli %rows0, %c4 : index
  %23 = transformer.reshape %19[%all0] : tensor<?x4xf32> to tensor<?xf32>
  %least0 = arith.minsi %elements0, %all0 : index
  %24 = transformer.slice %23[] [%least0] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %25 = transformer.scatter_nd set %x, %22, %24 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least0, %elements0
  %26 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %27 = transformer.reshape %26[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %28 = transformer.nonzero %27 : tensor<?x?xi1>
  %29 = transformer.transpose %28 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %30 = transformer.gather_nd %x, %29 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %31 = transformer.constant dense<[[0.375, 0.875, 0.000, -0.125, -1.000, 0.000], [-1.000, 1.000, 0.125, 0.625, 0.375, -0.375], [-0.125, 0.375, -0.250, 0.375, 0.500, 0.000], [0.875, -0.750, -0.750, 0.000, -0.500, -0.625]]> : tensor<4x6xf32>
  %32 = transformer.constant dense<[[0.875, -0.625, -0.750, -0.750], [1.000, -0.250, 0.750, 0.750], [-0.125, -0.750, -0.500, -0.375], [0.250, 1.000, -0.375, 0.250], [0.500, 1.000, -0.125, 0.125], [-0.500, 0.250, 0.125, 0.750]]> : tensor<6x4xf32>
  %33 = transformer.linear %30, %31 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %34 = transformer.linear %33, %32 : tensor<?x6xf32>, tensor<6x4xf32>
  %35 = transformer.broadcast_to %26[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %36 = transformer.nonzero %35 : tensor<?x?x4xi1>
  %37 = transformer.transpose %36 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows1 = tensor.dim %28, %c1 : tensor<2x?xi64>
  %elements1 = tensor.dim %36, %c1 : tensor<3x?xi64>
  %all1 = arith.muli %rows1, %c4 : index
  %38 = transformer.reshape %34[%all1] : tensor<?x4xf32> to tensor<?xf32>
  %least1 = arith.minsi %elements1, %all1 : index
  %39 = transformer.slice %38[] [%least1] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %40 = transformer.scatter_nd set %25, %37, %39 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least1, %elements1
  %41 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %42 = transformer.reshape %41[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %43 = transformer.nonzero %42 : tensor<?x?xi1>
  %44 = transformer.transpose %43 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %45 = transformer.gather_nd %x, %44 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %46 = transformer.constant dense<[[-0.250, -0.375, 0.875, 0.750, 0.750, 0.250], [-0.625, -0.500, 0.250, 0.250, 0.000, 0.250], [0.250, -0.250, -0.750, 0.125, 0.875, 0.750], [-0.625, 0.625, 0.000, 0.250, -0.750, -0.375]]> : tensor<4x6xf32>
  %47 = transformer.constant dense<[[0.250, 0.250, -0.500, -0.875], [1.000, -1.000, -0.375, 0.500], [0.375, 0.625, 0.875, 0.250], [0.625, -0.375, -0.750, 0.750], [0.250, -0.875, -1.000, -1.000], [-0.750, 0.625, -0.500, 0.750]]> : tensor<6x4xf32>
  %48 = transformer.linear %45, %46 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %49 = transformer.linear %48, %47 : tensor<?x6xf32>, tensor<6x4xf32>
  %50 = transformer.broadcast_to %41[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %51 = transformer.nonzero %50 : tensor<?x?x4xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows2 = tensor.dim %43, %c1 : tensor<2x?xi64>
  %elements2 = tensor.dim %51, %c1 : tensor<3x?xi64>
  %all2 = arith.muli %rows2, %c4 : index
  %53 = transformer.reshape %49[%all2] : tensor<?x4xf32> to tensor<?xf32>
  %least2 = arith.minsi %elements2, %all2 : index
  %54 = transformer.slice %53[] [%least2] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{moe stays in pieces: tokens that no expert takes are not zero}}
  %55 = transformer.scatter_nd set %40, %52, %54 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least2, %elements2
  return %55 : tensor<?x?x4xf32>
}

// -----

// Rows from the end are put where an expert's are from the beginning.
// CHECK-LABEL: func.func @other_rows(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @other_rows(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = transformer.constant dense<0> : tensor<i64>
  %one = transformer.constant dense<1> : tensor<i64>
  %unit = transformer.constant dense<1.0> : tensor<f32>
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %c4 = arith.constant 4 : index
  %0 = transformer.arg_reduce max %scores <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %1 = transformer.constant dense<[0, 1, 2]> : tensor<3xi64>
  %2 = transformer.reshape %0[%b, %n] : tensor<?x?xi64> to tensor<?x?x1xi64>
  %3 = transformer.compare eq %2, %1 : tensor<?x?x1xi64>, tensor<3xi64>
  %4 = transformer.cast %3 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %5 = transformer.cumsum %4 <{axis = 1 : i64}> : tensor<?x?x3xi64>
  %6 = transformer.constant dense<2> : tensor<i64>
  %7 = transformer.compare le %5, %6 : tensor<?x?x3xi64>, tensor<i64>
  %8 = transformer.cast %7 : tensor<?x?x3xi1> to tensor<?x?x3xi64>
  %9 = transformer.binary mul %4, %8 : tensor<?x?x3xi64>, tensor<?x?x3xi64>
  %10 = transformer.cast %9 : tensor<?x?x3xi64> to tensor<?x?x3xi1>
  %none = transformer.constant dense<0.0> : tensor<f32>
  %11 = transformer.broadcast_to %none[%b, %n] : tensor<f32> to tensor<?x?x4xf32>
  %12 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %13 = transformer.reshape %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %14 = transformer.nonzero %13 : tensor<?x?xi1>
  %15 = transformer.transpose %14 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %16 = transformer.gather_nd %x, %15 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %17 = transformer.constant dense<[[0.000, -0.375, -0.125, 0.375, 0.250, -0.250], [-0.500, -0.125, 0.000, 0.250, 1.000, 0.625], [1.000, 0.125, -1.000, 0.250, 0.875, 0.375], [1.000, -0.750, -0.250, 0.750, 1.000, -0.375]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-1.000, 0.375, -0.250, 0.750], [1.000, -0.625, -0.750, -0.250], [-0.750, -0.750, 1.000, 0.750], [-0.500, 0.500, 0.250, -0.250], [0.625, 0.250, -0.500, -0.375], [-0.750, 0.250, -0.125, -0.250]]> : tensor<6x4xf32>
  %19 = transformer.linear %16, %17 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %20 = transformer.linear %19, %18 : tensor<?x6xf32>, tensor<6x4xf32>
  %21 = transformer.broadcast_to %12[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %22 = transformer.nonzero %21 : tensor<?x?x4xi1>
  %23 = transformer.transpose %22 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows0 = tensor.dim %14, %c1 : tensor<2x?xi64>
  %elements0 = tensor.dim %22, %c1 : tensor<3x?xi64>
  %all0 = arith.muli %rows0, %c4 : index
  %24 = transformer.reshape %20[%all0] : tensor<?x4xf32> to tensor<?xf32>
  %least0 = arith.minsi %elements0, %all0 : index
  %25 = transformer.slice %24[] [%least0] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %26 = transformer.scatter_nd set %11, %23, %25 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least0, %elements0
  %27 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %last = arith.subi %n, %c1 : index
  %28 = transformer.slice %10[%last] [%b, %n] <{static_starts = array<i64: 0, -9223372036854775808, 0>, steps = array<i64: 1, -1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x3xi1>
  %29 = transformer.slice %28[] [%b, %n] <{static_starts = array<i64: 0, 0, 1>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %30 = transformer.reshape %29[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %31 = transformer.nonzero %30 : tensor<?x?xi1>
  %32 = transformer.transpose %31 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %33 = transformer.gather_nd %x, %32 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %34 = transformer.constant dense<[[0.625, -0.125, 1.000, 0.500, -0.750, 0.125], [1.000, -0.750, -1.000, -0.625, 0.750, 0.125], [-0.125, 0.750, 0.375, 0.875, -0.125, 0.250], [0.250, 0.250, -0.875, -0.375, 0.875, 0.500]]> : tensor<4x6xf32>
  %35 = transformer.constant dense<[[-0.375, 0.625, -0.750, -0.250], [0.625, -0.625, -0.750, 0.000], [-0.250, -0.750, 0.625, 0.875], [0.500, 0.625, 0.875, -0.250], [-0.750, -0.250, -0.250, 0.125], [0.250, -1.000, 0.750, 0.000]]> : tensor<6x4xf32>
  %36 = transformer.linear %33, %34 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %36, %35 : tensor<?x6xf32>, tensor<6x4xf32>
  %38 = transformer.broadcast_to %27[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %39 = transformer.nonzero %38 : tensor<?x?x4xi1>
  %40 = transformer.transpose %39 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows1 = tensor.dim %31, %c1 : tensor<2x?xi64>
  %elements1 = tensor.dim %39, %c1 : tensor<3x?xi64>
  %all1 = arith.muli %rows1, %c4 : index
  %41 = transformer.reshape %37[%all1] : tensor<?x4xf32> to tensor<?xf32>
  %least1 = arith.minsi %elements1, %all1 : index
  %42 = transformer.slice %41[] [%least1] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  // expected-remark @+1 {{moe stays in pieces: an expert does not work on the rows that its results are put to}}
  %43 = transformer.scatter_nd set %26, %40, %42 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least1, %elements1
  %44 = transformer.slice %10[] [%b, %n] <{static_starts = array<i64: 0, 0, 2>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x3xi1> to tensor<?x?x1xi1>
  %45 = transformer.reshape %44[%b, %n] : tensor<?x?x1xi1> to tensor<?x?xi1>
  %46 = transformer.nonzero %45 : tensor<?x?xi1>
  %47 = transformer.transpose %46 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %48 = transformer.gather_nd %x, %47 <{batch_dims = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x2xi64>
  %49 = transformer.constant dense<[[-0.125, 1.000, -1.000, 0.625, 0.625, -0.125], [-1.000, 0.375, -0.375, -0.750, 0.875, 0.625], [0.125, -1.000, -0.125, -0.500, -0.500, -0.375], [0.250, 0.000, -0.500, 0.875, -0.625, -0.750]]> : tensor<4x6xf32>
  %50 = transformer.constant dense<[[0.250, 0.250, -0.125, 0.875], [0.125, 0.750, 0.750, -1.000], [-0.250, -0.625, 0.125, 0.125], [-0.750, 0.375, -0.750, -0.875], [-0.375, 0.000, 0.250, 0.875], [0.875, 0.625, 0.125, 0.750]]> : tensor<6x4xf32>
  %51 = transformer.linear %48, %49 <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %52 = transformer.linear %51, %50 : tensor<?x6xf32>, tensor<6x4xf32>
  %53 = transformer.broadcast_to %44[%b, %n] : tensor<?x?x1xi1> to tensor<?x?x4xi1>
  %54 = transformer.nonzero %53 : tensor<?x?x4xi1>
  %55 = transformer.transpose %54 <{perm = array<i64: 1, 0>}> : tensor<3x?xi64>
  %rows2 = tensor.dim %46, %c1 : tensor<2x?xi64>
  %elements2 = tensor.dim %54, %c1 : tensor<3x?xi64>
  %all2 = arith.muli %rows2, %c4 : index
  %56 = transformer.reshape %52[%all2] : tensor<?x4xf32> to tensor<?xf32>
  %least2 = arith.minsi %elements2, %all2 : index
  %57 = transformer.slice %56[] [%least2] <{static_starts = array<i64: 0>, steps = array<i64: 1>}> : tensor<?xf32> to tensor<?xf32>
  %58 = transformer.scatter_nd set %43, %55, %57 : tensor<?x?x4xf32>, tensor<?x3xi64>, tensor<?xf32>
  transformer.check_sizes %least2, %elements2
  return %58 : tensor<?x?x4xf32>
}
