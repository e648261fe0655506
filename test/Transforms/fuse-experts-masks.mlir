// RUN: transom-opt --fuse-experts --canonicalize --cse %s | FileCheck %s

// Assignments under masks of who chose whom, as transformers writes Switch Transformers.

// Tokens beyond the capacity stay zero.
// CHECK-LABEL: func.func @capacity(
// CHECK: %[[KEPT:.+]] = transformer.compare le
// CHECK: %[[OWN:.+]] = transformer.gather_elements
// CHECK-NOT: transformer.nonzero
// CHECK-NOT: transformer.check_sizes
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x1xf32>, tensor<3x4x6xf32>, tensor<3x6x4xf32>
// CHECK: return
func.func @capacity(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %17 = transformer.constant dense<[[-0.625, 0.625, -0.750, -0.500, 0.125, -0.750], [0.000, 0.375, 0.125, -0.250, 1.000, -1.000], [-0.250, -0.625, -0.750, 0.625, -0.500, 0.750], [0.750, -0.125, 0.500, -1.000, -0.125, 1.000]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[0.750, -0.875, -0.750, 0.875], [-0.250, 0.625, -0.125, -0.875], [-0.750, 0.500, -0.125, 0.750], [-0.875, 0.000, 0.375, -0.625], [0.000, -0.625, 0.750, 0.750], [-0.250, -0.875, 0.500, -0.500]]> : tensor<6x4xf32>
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
  %32 = transformer.constant dense<[[-0.875, 0.000, 0.125, -0.750, 0.125, -0.625], [1.000, -0.250, -0.375, 0.500, 0.000, 0.625], [-0.625, 1.000, 0.625, -0.625, 0.000, -0.750], [-1.000, -0.500, -0.625, 0.125, -0.750, 0.375]]> : tensor<4x6xf32>
  %33 = transformer.constant dense<[[0.000, -0.875, 0.625, -0.375], [-0.250, -0.125, 0.125, -0.875], [0.125, -0.375, -0.625, -0.875], [-0.375, 0.750, -0.875, 0.375], [0.625, -0.750, 1.000, -0.250], [0.000, 0.000, -0.250, 0.500]]> : tensor<6x4xf32>
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
  %47 = transformer.constant dense<[[0.250, 0.875, 0.500, -0.625, 0.750, -1.000], [0.625, -0.500, 0.000, 1.000, -0.375, -1.000], [-0.625, 0.750, 0.125, -0.125, 0.500, 0.000], [-0.500, 0.250, 0.500, 0.375, 0.000, -0.125]]> : tensor<4x6xf32>
  %48 = transformer.constant dense<[[-0.625, 0.500, -0.875, -1.000], [0.625, -0.625, -0.250, 0.125], [0.250, 0.250, -0.500, 0.750], [-0.250, -0.250, 0.000, 0.500], [0.625, -1.000, 0.375, 0.375], [-0.625, 1.000, 0.250, -0.125]]> : tensor<6x4xf32>
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
  return %56 : tensor<?x?x4xf32>
}
