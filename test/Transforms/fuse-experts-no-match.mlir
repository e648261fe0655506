// RUN: transom-opt --fuse-experts=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// Sums of experts that are no mixture, and why.

// Experts of different activations.
// CHECK-LABEL: func.func @activations(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @activations(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %41 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu gelu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %63 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements set %5, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.binary add %47, %68 : tensor<?x4xf32>, tensor<?x4xf32>
  %70 = transformer.slice %14[] [%t] <{static_starts = array<i64: 2, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %71 = transformer.reshape %70[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %72 = transformer.cast %71 : tensor<2x?xi64> to tensor<2x?xi1>
  %73 = transformer.nonzero %72 : tensor<2x?xi1>
  %74 = transformer.transpose %73 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %73, %c1 : tensor<2x?xi64>
  %75 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.reshape %76[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %79 = transformer.gather %x, %78 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %80 = transformer.linear %79, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.linear %79, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %82 = transformer.glu silu %80, %81 : tensor<?x6xf32>, tensor<?x6xf32>
  %83 = transformer.linear %82, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %84 = transformer.binary mul %78, %16 : tensor<?xi64>, tensor<1xi64>
  %85 = transformer.binary add %77, %84 : tensor<?xi64>, tensor<?xi64>
  %86 = transformer.gather %15, %85 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %87 = transformer.binary mul %83, %86 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %88 = transformer.broadcast_to %87[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %89 = transformer.broadcast_to %76[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %90 = transformer.scatter_elements set %5, %89, %88 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  // expected-remark @+1 {{moe stays in pieces: experts have different activations}}
  %91 = transformer.binary add %69, %90 : tensor<?x4xf32>, tensor<?x4xf32>
  return %91 : tensor<?x4xf32>
}

// -----

// One expert of three is not there.
// CHECK-LABEL: func.func @missing(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @missing(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %24 = transformer.reshape %23[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %25 = transformer.cast %24 : tensor<2x?xi64> to tensor<2x?xi1>
  %26 = transformer.nonzero %25 : tensor<2x?xi1>
  %27 = transformer.transpose %26 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %26, %c1 : tensor<2x?xi64>
  %28 = transformer.slice %27[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %29 = transformer.slice %27[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %30 = transformer.reshape %28[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %31 = transformer.reshape %29[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %32 = transformer.gather %x, %31 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %33 = transformer.linear %32, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %34 = transformer.linear %32, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %35 = transformer.glu silu %33, %34 : tensor<?x6xf32>, tensor<?x6xf32>
  %36 = transformer.linear %35, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %37 = transformer.binary mul %31, %16 : tensor<?xi64>, tensor<1xi64>
  %38 = transformer.binary add %30, %37 : tensor<?xi64>, tensor<?xi64>
  %39 = transformer.gather %15, %38 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %40 = transformer.binary mul %36, %39 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %41 = transformer.broadcast_to %40[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %42 = transformer.broadcast_to %29[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %43 = transformer.scatter_elements set %5, %42, %41 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %44 = transformer.binary add %5, %43 : tensor<?x4xf32>, tensor<?x4xf32>
  %45 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %46 = transformer.reshape %45[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %47 = transformer.cast %46 : tensor<2x?xi64> to tensor<2x?xi1>
  %48 = transformer.nonzero %47 : tensor<2x?xi1>
  %49 = transformer.transpose %48 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %48, %c1 : tensor<2x?xi64>
  %50 = transformer.slice %49[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %51 = transformer.slice %49[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %52 = transformer.reshape %50[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %53 = transformer.reshape %51[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %54 = transformer.gather %x, %53 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %55 = transformer.linear %54, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %56 = transformer.linear %54, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %57 = transformer.glu silu %55, %56 : tensor<?x6xf32>, tensor<?x6xf32>
  %58 = transformer.linear %57, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %59 = transformer.binary mul %53, %16 : tensor<?xi64>, tensor<1xi64>
  %60 = transformer.binary add %52, %59 : tensor<?xi64>, tensor<?xi64>
  %61 = transformer.gather %15, %60 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %62 = transformer.binary mul %58, %61 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %63 = transformer.broadcast_to %62[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %64 = transformer.broadcast_to %51[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %65 = transformer.scatter_elements set %5, %64, %63 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  // expected-remark @+1 {{moe stays in pieces: expert 2 of 3 is not added}}
  %66 = transformer.binary add %44, %65 : tensor<?x4xf32>, tensor<?x4xf32>
  return %66 : tensor<?x4xf32>
}

// -----

// One is there twice, in the place of another.
// CHECK-LABEL: func.func @twice(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @twice(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %41 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu silu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %63 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements set %5, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.binary add %47, %68 : tensor<?x4xf32>, tensor<?x4xf32>
  %70 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %71 = transformer.reshape %70[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %72 = transformer.cast %71 : tensor<2x?xi64> to tensor<2x?xi1>
  %73 = transformer.nonzero %72 : tensor<2x?xi1>
  %74 = transformer.transpose %73 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %73, %c1 : tensor<2x?xi64>
  %75 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.reshape %76[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %79 = transformer.gather %x, %78 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %80 = transformer.linear %79, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.linear %79, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %82 = transformer.glu silu %80, %81 : tensor<?x6xf32>, tensor<?x6xf32>
  %83 = transformer.linear %82, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %84 = transformer.binary mul %78, %16 : tensor<?xi64>, tensor<1xi64>
  %85 = transformer.binary add %77, %84 : tensor<?xi64>, tensor<?xi64>
  %86 = transformer.gather %15, %85 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %87 = transformer.binary mul %83, %86 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %88 = transformer.broadcast_to %87[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %89 = transformer.broadcast_to %76[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %90 = transformer.scatter_elements set %5, %89, %88 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  // expected-remark @+1 {{moe stays in pieces: expert 1 is added twice}}
  %91 = transformer.binary add %69, %90 : tensor<?x4xf32>, tensor<?x4xf32>
  return %91 : tensor<?x4xf32>
}

// -----

// Two experts have a weight in common.
// CHECK-LABEL: func.func @shared_weight(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @shared_weight(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %41 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu silu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %63 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements set %5, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.binary add %47, %68 : tensor<?x4xf32>, tensor<?x4xf32>
  %70 = transformer.slice %14[] [%t] <{static_starts = array<i64: 2, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %71 = transformer.reshape %70[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %72 = transformer.cast %71 : tensor<2x?xi64> to tensor<2x?xi1>
  %73 = transformer.nonzero %72 : tensor<2x?xi1>
  %74 = transformer.transpose %73 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %73, %c1 : tensor<2x?xi64>
  %75 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.reshape %76[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %79 = transformer.gather %x, %78 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %80 = transformer.linear %79, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.linear %79, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %82 = transformer.glu silu %80, %81 : tensor<?x6xf32>, tensor<?x6xf32>
  %83 = transformer.linear %82, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %84 = transformer.binary mul %78, %16 : tensor<?xi64>, tensor<1xi64>
  %85 = transformer.binary add %77, %84 : tensor<?xi64>, tensor<?xi64>
  %86 = transformer.gather %15, %85 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %87 = transformer.binary mul %83, %86 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %88 = transformer.broadcast_to %87[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %89 = transformer.broadcast_to %76[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %90 = transformer.scatter_elements set %5, %89, %88 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  // expected-remark @+1 {{moe stays in pieces: an expert's weight is used elsewhere}}
  %91 = transformer.binary add %69, %90 : tensor<?x4xf32>, tensor<?x4xf32>
  return %91 : tensor<?x4xf32>
}

// -----

// What an expert's product gives is read by something else as well.
// CHECK-LABEL: func.func @read_elsewhere(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @read_elsewhere(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %41 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu silu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %63 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements set %5, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.binary add %47, %68 : tensor<?x4xf32>, tensor<?x4xf32>
  %70 = transformer.slice %14[] [%t] <{static_starts = array<i64: 2, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %71 = transformer.reshape %70[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %72 = transformer.cast %71 : tensor<2x?xi64> to tensor<2x?xi1>
  %73 = transformer.nonzero %72 : tensor<2x?xi1>
  %74 = transformer.transpose %73 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %73, %c1 : tensor<2x?xi64>
  %75 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.reshape %76[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %79 = transformer.gather %x, %78 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %80 = transformer.linear %79, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.linear %79, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %82 = transformer.glu silu %80, %81 : tensor<?x6xf32>, tensor<?x6xf32>
  %83 = transformer.linear %82, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %84 = transformer.binary mul %78, %16 : tensor<?xi64>, tensor<1xi64>
  %85 = transformer.binary add %77, %84 : tensor<?xi64>, tensor<?xi64>
  %86 = transformer.gather %15, %85 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %87 = transformer.binary mul %83, %86 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %88 = transformer.broadcast_to %87[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %89 = transformer.broadcast_to %76[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %90 = transformer.scatter_elements set %5, %89, %88 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  // expected-remark @+1 {{moe stays in pieces: the result of an expert's product is read elsewhere}}
  %91 = transformer.binary add %69, %90 : tensor<?x4xf32>, tensor<?x4xf32>
  %other = transformer.reduce mean %83 <{axes = array<i64: 0>, keepdims}> : tensor<?x4xf32>
  %92 = transformer.binary add %91, %other : tensor<?x4xf32>, tensor<1x4xf32>
  return %92 : tensor<?x4xf32>
}

// -----

// What choices count is looked up at other places.
// CHECK-LABEL: func.func @other_shares(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @other_shares(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %34 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu silu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %56 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements set %5, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.binary add %47, %68 : tensor<?x4xf32>, tensor<?x4xf32>
  %70 = transformer.slice %14[] [%t] <{static_starts = array<i64: 2, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %71 = transformer.reshape %70[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %72 = transformer.cast %71 : tensor<2x?xi64> to tensor<2x?xi1>
  %73 = transformer.nonzero %72 : tensor<2x?xi1>
  %74 = transformer.transpose %73 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %73, %c1 : tensor<2x?xi64>
  %75 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.slice %74[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.reshape %76[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %79 = transformer.gather %x, %78 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %80 = transformer.linear %79, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.linear %79, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %82 = transformer.glu silu %80, %81 : tensor<?x6xf32>, tensor<?x6xf32>
  %83 = transformer.linear %82, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %84 = transformer.binary mul %78, %16 : tensor<?xi64>, tensor<1xi64>
  %85 = transformer.binary add %77, %84 : tensor<?xi64>, tensor<?xi64>
  %86 = transformer.gather %15, %78 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %87 = transformer.binary mul %83, %86 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %88 = transformer.broadcast_to %87[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %89 = transformer.broadcast_to %76[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  // expected-remark @+1 {{moe stays in pieces: what a choice counts is not read from the router's weights}}
  %90 = transformer.scatter_elements set %5, %89, %88 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %91 = transformer.binary add %69, %90 : tensor<?x4xf32>, tensor<?x4xf32>
  return %91 : tensor<?x4xf32>
}

// -----

// The largest of an expert's rows and others': no sum.
// CHECK-LABEL: func.func @maxima(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @maxima(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %41 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu silu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %63 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements max %47, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.slice %14[] [%t] <{static_starts = array<i64: 2, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %70 = transformer.reshape %69[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %71 = transformer.cast %70 : tensor<2x?xi64> to tensor<2x?xi1>
  %72 = transformer.nonzero %71 : tensor<2x?xi1>
  %73 = transformer.transpose %72 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %72, %c1 : tensor<2x?xi64>
  %74 = transformer.slice %73[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %75 = transformer.slice %73[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.reshape %74[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.gather %x, %77 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %79 = transformer.linear %78, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %80 = transformer.linear %78, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.glu silu %79, %80 : tensor<?x6xf32>, tensor<?x6xf32>
  %82 = transformer.linear %81, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %83 = transformer.binary mul %77, %16 : tensor<?xi64>, tensor<1xi64>
  %84 = transformer.binary add %76, %83 : tensor<?xi64>, tensor<?xi64>
  %85 = transformer.gather %15, %84 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %86 = transformer.binary mul %82, %85 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %87 = transformer.broadcast_to %86[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %88 = transformer.broadcast_to %75[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %89 = transformer.scatter_elements set %5, %88, %87 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %90 = transformer.binary add %68, %89 : tensor<?x4xf32>, tensor<?x4xf32>
  return %90 : tensor<?x4xf32>
}

// -----

// Rows that one expert puts over what another has added.
// CHECK-LABEL: func.func @put_over(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @put_over(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.constant dense<0> : tensor<i64>
  %2 = transformer.constant dense<1> : tensor<i64>
  %3 = transformer.constant dense<2> : tensor<i64>
  %4 = transformer.constant dense<3> : tensor<i64>
  %5 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x4xf32>
  %6 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %7 = transformer.reshape %6[] : tensor<3xi64> to tensor<1x1x3xi64>
  %8 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %9 = transformer.compare lt %8, %1 : tensor<?x2x1xi64>, tensor<i64>
  %10 = transformer.binary add %8, %4 : tensor<?x2x1xi64>, tensor<i64>
  %11 = transformer.select %9, %10, %8 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %12 = transformer.compare eq %7, %11 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %13 = transformer.select %12, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %14 = transformer.transpose %13 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %least = arith.minsi %t, %c1 : index
  %all = arith.muli %t, %c2 : index
  %15 = transformer.reshape %s[%all] : tensor<?x2xf32> to tensor<?x1xf32>
  %16 = transformer.constant dense<2> : tensor<1xi64>
  %17 = transformer.constant dense<[[0.500, 0.625, -0.875, 0.000, 1.000, 0.875], [0.500, 0.125, 0.875, 0.375, -0.250, 1.000], [-0.500, 0.125, -0.500, -0.625, 0.000, -0.500], [0.125, -0.625, -0.750, 0.250, 0.875, -0.625]]> : tensor<4x6xf32>
  %18 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]]> : tensor<4x6xf32>
  %19 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375], [-0.375, 0.125, 0.000, -0.250], [-0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000], [0.000, -0.875, -1.000, 0.375], [0.750, 0.250, 0.500, 0.625]]> : tensor<6x4xf32>
  %20 = transformer.constant dense<[[-0.875, 0.625, 0.875, -1.000, -0.250, 0.750], [0.875, 0.000, -0.375, -0.875, 1.000, 0.875], [0.250, -0.750, -0.125, 0.375, -0.875, 0.625], [-0.500, 0.375, 0.500, 0.625, 0.125, 0.000]]> : tensor<4x6xf32>
  %21 = transformer.constant dense<[[0.750, 0.750, 0.750, 1.000, -0.250, -0.375], [1.000, 0.875, -0.375, -0.625, 0.750, 0.125], [-0.500, -0.750, -0.875, 0.500, 0.750, -0.375], [-1.000, 1.000, -0.750, -0.875, -0.875, -0.250]]> : tensor<4x6xf32>
  %22 = transformer.constant dense<[[0.875, 0.000, 1.000, 0.375], [-0.500, 0.500, -1.000, 0.375], [0.875, 0.000, 0.750, -0.125], [-1.000, -0.500, 0.750, 0.375], [-0.375, 0.250, -0.250, -0.875], [-0.250, -0.750, 1.000, 0.250]]> : tensor<6x4xf32>
  %23 = transformer.constant dense<[[-0.500, 0.000, -0.625, 0.250, -0.375, -1.000], [0.625, 0.625, -0.750, -0.625, -0.500, 0.250], [0.875, 0.750, 0.625, -0.250, -0.250, 0.250], [0.250, 0.250, 0.625, -0.750, 1.000, 0.875]]> : tensor<4x6xf32>
  %24 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125, 0.875, -0.250], [0.875, 1.000, -0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625, -0.750, -0.500], [-0.125, -0.125, -0.875, 0.625, 0.625, 0.750]]> : tensor<4x6xf32>
  %25 = transformer.constant dense<[[-0.500, -0.125, -1.000, 0.750], [-0.375, -0.625, 0.375, -0.750], [-0.125, 0.000, -0.875, 0.250], [-0.375, 0.625, -0.875, -1.000], [0.000, 0.125, 0.625, -0.250], [-0.375, -0.625, 1.000, -0.875]]> : tensor<6x4xf32>
  %26 = transformer.slice %14[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %27 = transformer.reshape %26[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %28 = transformer.cast %27 : tensor<2x?xi64> to tensor<2x?xi1>
  %29 = transformer.nonzero %28 : tensor<2x?xi1>
  %30 = transformer.transpose %29 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %29, %c1 : tensor<2x?xi64>
  %31 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %32 = transformer.slice %30[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %33 = transformer.reshape %31[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %34 = transformer.reshape %32[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %35 = transformer.gather %x, %34 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %36 = transformer.linear %35, %17 : tensor<?x4xf32>, tensor<4x6xf32>
  %37 = transformer.linear %35, %18 : tensor<?x4xf32>, tensor<4x6xf32>
  %38 = transformer.glu silu %36, %37 : tensor<?x6xf32>, tensor<?x6xf32>
  %39 = transformer.linear %38, %19 : tensor<?x6xf32>, tensor<6x4xf32>
  %40 = transformer.binary mul %34, %16 : tensor<?xi64>, tensor<1xi64>
  %41 = transformer.binary add %33, %40 : tensor<?xi64>, tensor<?xi64>
  %42 = transformer.gather %15, %41 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %43 = transformer.binary mul %39, %42 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %44 = transformer.broadcast_to %43[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %45 = transformer.broadcast_to %32[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %46 = transformer.scatter_elements set %5, %45, %44 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %47 = transformer.binary add %5, %46 : tensor<?x4xf32>, tensor<?x4xf32>
  %48 = transformer.slice %14[] [%t] <{static_starts = array<i64: 1, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %49 = transformer.reshape %48[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %50 = transformer.cast %49 : tensor<2x?xi64> to tensor<2x?xi1>
  %51 = transformer.nonzero %50 : tensor<2x?xi1>
  %52 = transformer.transpose %51 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %51, %c1 : tensor<2x?xi64>
  %53 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %54 = transformer.slice %52[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %55 = transformer.reshape %53[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %56 = transformer.reshape %54[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %57 = transformer.gather %x, %56 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %58 = transformer.linear %57, %20 : tensor<?x4xf32>, tensor<4x6xf32>
  %59 = transformer.linear %57, %21 : tensor<?x4xf32>, tensor<4x6xf32>
  %60 = transformer.glu silu %58, %59 : tensor<?x6xf32>, tensor<?x6xf32>
  %61 = transformer.linear %60, %22 : tensor<?x6xf32>, tensor<6x4xf32>
  %62 = transformer.binary mul %56, %16 : tensor<?xi64>, tensor<1xi64>
  %63 = transformer.binary add %55, %62 : tensor<?xi64>, tensor<?xi64>
  %64 = transformer.gather %15, %63 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %65 = transformer.binary mul %61, %64 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %66 = transformer.broadcast_to %65[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %67 = transformer.broadcast_to %54[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %68 = transformer.scatter_elements set %47, %67, %66 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %69 = transformer.slice %14[] [%t] <{static_starts = array<i64: 2, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x2x?xi64> to tensor<1x2x?xi64>
  %70 = transformer.reshape %69[%t] : tensor<1x2x?xi64> to tensor<2x?xi64>
  %71 = transformer.cast %70 : tensor<2x?xi64> to tensor<2x?xi1>
  %72 = transformer.nonzero %71 : tensor<2x?xi1>
  %73 = transformer.transpose %72 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %72, %c1 : tensor<2x?xi64>
  %74 = transformer.slice %73[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %75 = transformer.slice %73[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %76 = transformer.reshape %74[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %77 = transformer.reshape %75[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %78 = transformer.gather %x, %77 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %79 = transformer.linear %78, %23 : tensor<?x4xf32>, tensor<4x6xf32>
  %80 = transformer.linear %78, %24 : tensor<?x4xf32>, tensor<4x6xf32>
  %81 = transformer.glu silu %79, %80 : tensor<?x6xf32>, tensor<?x6xf32>
  %82 = transformer.linear %81, %25 : tensor<?x6xf32>, tensor<6x4xf32>
  %83 = transformer.binary mul %77, %16 : tensor<?xi64>, tensor<1xi64>
  %84 = transformer.binary add %76, %83 : tensor<?xi64>, tensor<?xi64>
  %85 = transformer.gather %15, %84 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %86 = transformer.binary mul %82, %85 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %87 = transformer.broadcast_to %86[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %88 = transformer.broadcast_to %75[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %89 = transformer.scatter_elements set %5, %88, %87 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %90 = transformer.binary add %68, %89 : tensor<?x4xf32>, tensor<?x4xf32>
  return %90 : tensor<?x4xf32>
}

// -----

// All experts count for all tokens.
// CHECK-LABEL: func.func @all_weighed(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @all_weighed(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %t = arith.muli %b, %n : index
  %s, %ids = transformer.topk %scores <{axis = 2 : i64, largest = true}> : tensor<?x?x3xf32> to tensor<?x?x2xf32>, tensor<?x?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.broadcast_to %0[%b, %n] : tensor<f32> to tensor<?x?x3xf32>
  %2 = transformer.scatter_elements set %1, %ids, %s <{axis = 2 : i64}> : tensor<?x?x3xf32>, tensor<?x?x2xi64>, tensor<?x?x2xf32>
  %3 = transformer.softmax %scores <{axis = 2 : i64}> : tensor<?x?x3xf32>
  %4 = transformer.reshape %x[%t] : tensor<?x?x4xf32> to tensor<?x4xf32>
  %5 = transformer.constant dense<[[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]], [[0.500, -0.250, 0.625, -1.000, 1.000, -0.125], [0.750, 0.875, -0.125, 0.375, -0.125, -0.125], [0.750, 0.125, -1.000, 0.625, -0.625, -0.375], [0.125, -0.625, 0.250, 1.000, 0.625, 1.000]], [[-0.250, 0.125, 0.125, 0.875, 1.000, 0.500], [-0.875, 0.875, -0.125, 0.500, 0.625, -0.375], [0.375, 0.375, -0.750, 0.750, 1.000, -0.625], [-0.375, 1.000, 0.500, 0.375, 0.875, -1.000]]]> : tensor<3x4x6xf32>
  %6 = transformer.transpose %5 <{perm = array<i64: 1, 0, 2>}> : tensor<3x4x6xf32>
  %7 = transformer.reshape %6[] : tensor<4x3x6xf32> to tensor<4x18xf32>
  %8 = transformer.linear %4, %7 : tensor<?x4xf32>, tensor<4x18xf32>
  %9 = transformer.reshape %8[%b, %n] : tensor<?x18xf32> to tensor<?x?x3x6xf32>
  %10 = transformer.transpose %9 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x3x6xf32>
  %11 = transformer.constant dense<[[[-0.875, -0.750, -0.750, 0.375, -0.375, 0.125], [0.000, -0.250, -0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000, 0.000, -0.875], [-1.000, 0.375, 0.750, 0.250, 0.500, 0.625]], [[1.000, -0.375, -0.375, -0.125, -0.125, -1.000], [-0.375, 0.250, -0.375, -0.500, 1.000, 1.000], [0.375, 1.000, -0.375, 0.750, 0.625, 1.000], [0.375, 0.375, 0.375, 0.750, -0.375, 0.500]], [[0.750, 1.000, -0.125, 0.875, 0.000, 0.875], [1.000, 1.000, 0.375, 0.750, 0.750, 0.375], [0.750, 0.875, -0.125, 0.250, -0.375, 0.000], [0.875, 0.125, 0.125, 1.000, 1.000, 1.000]]]> : tensor<3x4x6xf32>
  %12 = transformer.transpose %11 <{perm = array<i64: 1, 0, 2>}> : tensor<3x4x6xf32>
  %13 = transformer.reshape %12[] : tensor<4x3x6xf32> to tensor<4x18xf32>
  %14 = transformer.linear %4, %13 : tensor<?x4xf32>, tensor<4x18xf32>
  %15 = transformer.reshape %14[%b, %n] : tensor<?x18xf32> to tensor<?x?x3x6xf32>
  %16 = transformer.transpose %15 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x3x6xf32>
  %17 = transformer.glu gelu %10, %16 : tensor<?x3x?x6xf32>, tensor<?x3x?x6xf32>
  %18 = transformer.transpose %17 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x?x6xf32>
  %19 = transformer.reshape %18[%t] : tensor<3x?x?x6xf32> to tensor<3x?x6xf32>
  %20 = transformer.constant dense<[[[-0.125, -0.500, 0.375, 0.875], [-0.750, -1.000, 0.875, 0.000], [-0.125, -0.250, 0.875, 0.875], [0.500, -0.500, -0.125, -0.500], [1.000, 0.500, -1.000, -0.750], [-0.375, -0.875, 0.125, -1.000]], [[0.000, 0.875, 0.500, 0.625], [0.500, 0.750, -0.500, 0.375], [-0.625, -0.875, -0.500, 0.875], [-0.250, 0.000, 0.625, 0.125], [0.625, 1.000, 0.500, 0.375], [0.625, -0.125, 0.250, -1.000]], [[0.000, -0.375, 0.250, -0.625], [-0.250, 0.000, 0.125, -0.625], [-0.750, 0.875, 0.875, -0.750], [0.375, -0.750, 0.625, -0.500], [-1.000, 0.125, 0.625, 0.625], [-0.625, -0.875, -0.875, 0.500]]]> : tensor<3x6x4xf32>
  %21 = transformer.matmul %19, %20 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %22 = transformer.reshape %21[%b, %n] : tensor<3x?x4xf32> to tensor<3x?x?x4xf32>
  %23 = transformer.transpose %22 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x?x4xf32>
  %24 = transformer.transpose %3 <{perm = array<i64: 0, 2, 1>}> : tensor<?x?x3xf32>
  %25 = transformer.reshape %24[%b, %n] : tensor<?x3x?xf32> to tensor<?x3x?x1xf32>
  %26 = transformer.binary mul %23, %25 : tensor<?x3x?x4xf32>, tensor<?x3x?x1xf32>
  %27 = transformer.reduce sum %26 <{axes = array<i64: 1>}> : tensor<?x3x?x4xf32>
  return %27 : tensor<?x?x4xf32>
}

// -----

// The largest that an expert gives.
// CHECK-LABEL: func.func @largest(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @largest(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %t = arith.muli %b, %n : index
  %s, %ids = transformer.topk %scores <{axis = 2 : i64, largest = true}> : tensor<?x?x3xf32> to tensor<?x?x2xf32>, tensor<?x?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.broadcast_to %0[%b, %n] : tensor<f32> to tensor<?x?x3xf32>
  %2 = transformer.scatter_elements set %1, %ids, %s <{axis = 2 : i64}> : tensor<?x?x3xf32>, tensor<?x?x2xi64>, tensor<?x?x2xf32>
  %3 = transformer.reshape %x[%t] : tensor<?x?x4xf32> to tensor<?x4xf32>
  %4 = transformer.constant dense<[[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]], [[0.500, -0.250, 0.625, -1.000, 1.000, -0.125], [0.750, 0.875, -0.125, 0.375, -0.125, -0.125], [0.750, 0.125, -1.000, 0.625, -0.625, -0.375], [0.125, -0.625, 0.250, 1.000, 0.625, 1.000]], [[-0.250, 0.125, 0.125, 0.875, 1.000, 0.500], [-0.875, 0.875, -0.125, 0.500, 0.625, -0.375], [0.375, 0.375, -0.750, 0.750, 1.000, -0.625], [-0.375, 1.000, 0.500, 0.375, 0.875, -1.000]]]> : tensor<3x4x6xf32>
  %5 = transformer.transpose %4 <{perm = array<i64: 1, 0, 2>}> : tensor<3x4x6xf32>
  %6 = transformer.reshape %5[] : tensor<4x3x6xf32> to tensor<4x18xf32>
  %7 = transformer.linear %3, %6 : tensor<?x4xf32>, tensor<4x18xf32>
  %8 = transformer.reshape %7[%b, %n] : tensor<?x18xf32> to tensor<?x?x3x6xf32>
  %9 = transformer.transpose %8 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x3x6xf32>
  %10 = transformer.constant dense<[[[-0.875, -0.750, -0.750, 0.375, -0.375, 0.125], [0.000, -0.250, -0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000, 0.000, -0.875], [-1.000, 0.375, 0.750, 0.250, 0.500, 0.625]], [[1.000, -0.375, -0.375, -0.125, -0.125, -1.000], [-0.375, 0.250, -0.375, -0.500, 1.000, 1.000], [0.375, 1.000, -0.375, 0.750, 0.625, 1.000], [0.375, 0.375, 0.375, 0.750, -0.375, 0.500]], [[0.750, 1.000, -0.125, 0.875, 0.000, 0.875], [1.000, 1.000, 0.375, 0.750, 0.750, 0.375], [0.750, 0.875, -0.125, 0.250, -0.375, 0.000], [0.875, 0.125, 0.125, 1.000, 1.000, 1.000]]]> : tensor<3x4x6xf32>
  %11 = transformer.transpose %10 <{perm = array<i64: 1, 0, 2>}> : tensor<3x4x6xf32>
  %12 = transformer.reshape %11[] : tensor<4x3x6xf32> to tensor<4x18xf32>
  %13 = transformer.linear %3, %12 : tensor<?x4xf32>, tensor<4x18xf32>
  %14 = transformer.reshape %13[%b, %n] : tensor<?x18xf32> to tensor<?x?x3x6xf32>
  %15 = transformer.transpose %14 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x3x6xf32>
  %16 = transformer.glu gelu %9, %15 : tensor<?x3x?x6xf32>, tensor<?x3x?x6xf32>
  %17 = transformer.transpose %16 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x?x6xf32>
  %18 = transformer.reshape %17[%t] : tensor<3x?x?x6xf32> to tensor<3x?x6xf32>
  %19 = transformer.constant dense<[[[-0.125, -0.500, 0.375, 0.875], [-0.750, -1.000, 0.875, 0.000], [-0.125, -0.250, 0.875, 0.875], [0.500, -0.500, -0.125, -0.500], [1.000, 0.500, -1.000, -0.750], [-0.375, -0.875, 0.125, -1.000]], [[0.000, 0.875, 0.500, 0.625], [0.500, 0.750, -0.500, 0.375], [-0.625, -0.875, -0.500, 0.875], [-0.250, 0.000, 0.625, 0.125], [0.625, 1.000, 0.500, 0.375], [0.625, -0.125, 0.250, -1.000]], [[0.000, -0.375, 0.250, -0.625], [-0.250, 0.000, 0.125, -0.625], [-0.750, 0.875, 0.875, -0.750], [0.375, -0.750, 0.625, -0.500], [-1.000, 0.125, 0.625, 0.625], [-0.625, -0.875, -0.875, 0.500]]]> : tensor<3x6x4xf32>
  %20 = transformer.matmul %18, %19 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %21 = transformer.reshape %20[%b, %n] : tensor<3x?x4xf32> to tensor<3x?x?x4xf32>
  %22 = transformer.transpose %21 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x?x4xf32>
  %23 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1>}> : tensor<?x?x3xf32>
  %24 = transformer.reshape %23[%b, %n] : tensor<?x3x?xf32> to tensor<?x3x?x1xf32>
  %25 = transformer.binary mul %22, %24 : tensor<?x3x?x4xf32>, tensor<?x3x?x1xf32>
  %26 = transformer.reduce max %25 <{axes = array<i64: 1>}> : tensor<?x3x?x4xf32>
  return %26 : tensor<?x?x4xf32>
}

// -----

// Something else between the products.
// CHECK-LABEL: func.func @sines(
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @sines(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %n = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %t = arith.muli %b, %n : index
  %s, %ids = transformer.topk %scores <{axis = 2 : i64, largest = true}> : tensor<?x?x3xf32> to tensor<?x?x2xf32>, tensor<?x?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.broadcast_to %0[%b, %n] : tensor<f32> to tensor<?x?x3xf32>
  %2 = transformer.scatter_elements set %1, %ids, %s <{axis = 2 : i64}> : tensor<?x?x3xf32>, tensor<?x?x2xi64>, tensor<?x?x2xf32>
  %3 = transformer.reshape %x[%t] : tensor<?x?x4xf32> to tensor<?x4xf32>
  %4 = transformer.constant dense<[[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750], [0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125], [-0.625, 0.250, -1.000, -1.000, -1.000, -1.000]], [[0.500, -0.250, 0.625, -1.000, 1.000, -0.125], [0.750, 0.875, -0.125, 0.375, -0.125, -0.125], [0.750, 0.125, -1.000, 0.625, -0.625, -0.375], [0.125, -0.625, 0.250, 1.000, 0.625, 1.000]], [[-0.250, 0.125, 0.125, 0.875, 1.000, 0.500], [-0.875, 0.875, -0.125, 0.500, 0.625, -0.375], [0.375, 0.375, -0.750, 0.750, 1.000, -0.625], [-0.375, 1.000, 0.500, 0.375, 0.875, -1.000]]]> : tensor<3x4x6xf32>
  %5 = transformer.transpose %4 <{perm = array<i64: 1, 0, 2>}> : tensor<3x4x6xf32>
  %6 = transformer.reshape %5[] : tensor<4x3x6xf32> to tensor<4x18xf32>
  %7 = transformer.linear %3, %6 : tensor<?x4xf32>, tensor<4x18xf32>
  %8 = transformer.reshape %7[%b, %n] : tensor<?x18xf32> to tensor<?x?x3x6xf32>
  %9 = transformer.transpose %8 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x3x6xf32>
  %10 = transformer.constant dense<[[[-0.875, -0.750, -0.750, 0.375, -0.375, 0.125], [0.000, -0.250, -0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000, 0.000, -0.875], [-1.000, 0.375, 0.750, 0.250, 0.500, 0.625]], [[1.000, -0.375, -0.375, -0.125, -0.125, -1.000], [-0.375, 0.250, -0.375, -0.500, 1.000, 1.000], [0.375, 1.000, -0.375, 0.750, 0.625, 1.000], [0.375, 0.375, 0.375, 0.750, -0.375, 0.500]], [[0.750, 1.000, -0.125, 0.875, 0.000, 0.875], [1.000, 1.000, 0.375, 0.750, 0.750, 0.375], [0.750, 0.875, -0.125, 0.250, -0.375, 0.000], [0.875, 0.125, 0.125, 1.000, 1.000, 1.000]]]> : tensor<3x4x6xf32>
  %11 = transformer.transpose %10 <{perm = array<i64: 1, 0, 2>}> : tensor<3x4x6xf32>
  %12 = transformer.reshape %11[] : tensor<4x3x6xf32> to tensor<4x18xf32>
  %13 = transformer.linear %3, %12 : tensor<?x4xf32>, tensor<4x18xf32>
  %14 = transformer.reshape %13[%b, %n] : tensor<?x18xf32> to tensor<?x?x3x6xf32>
  %15 = transformer.transpose %14 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x3x6xf32>
  %16 = transformer.binary max %9, %15 : tensor<?x3x?x6xf32>, tensor<?x3x?x6xf32>
  %17 = transformer.transpose %16 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<?x3x?x6xf32>
  %18 = transformer.reshape %17[%t] : tensor<3x?x?x6xf32> to tensor<3x?x6xf32>
  %19 = transformer.constant dense<[[[-0.125, -0.500, 0.375, 0.875], [-0.750, -1.000, 0.875, 0.000], [-0.125, -0.250, 0.875, 0.875], [0.500, -0.500, -0.125, -0.500], [1.000, 0.500, -1.000, -0.750], [-0.375, -0.875, 0.125, -1.000]], [[0.000, 0.875, 0.500, 0.625], [0.500, 0.750, -0.500, 0.375], [-0.625, -0.875, -0.500, 0.875], [-0.250, 0.000, 0.625, 0.125], [0.625, 1.000, 0.500, 0.375], [0.625, -0.125, 0.250, -1.000]], [[0.000, -0.375, 0.250, -0.625], [-0.250, 0.000, 0.125, -0.625], [-0.750, 0.875, 0.875, -0.750], [0.375, -0.750, 0.625, -0.500], [-1.000, 0.125, 0.625, 0.625], [-0.625, -0.875, -0.875, 0.500]]]> : tensor<3x6x4xf32>
  %20 = transformer.matmul %18, %19 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %21 = transformer.reshape %20[%b, %n] : tensor<3x?x4xf32> to tensor<3x?x?x4xf32>
  %22 = transformer.transpose %21 <{perm = array<i64: 1, 0, 2, 3>}> : tensor<3x?x?x4xf32>
  %23 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1>}> : tensor<?x?x3xf32>
  %24 = transformer.reshape %23[%b, %n] : tensor<?x3x?xf32> to tensor<?x3x?x1xf32>
  %25 = transformer.binary mul %22, %24 : tensor<?x3x?x4xf32>, tensor<?x3x?x1xf32>
  // expected-remark @+1 {{moe stays in pieces: what all experts give is no two products with an activation or a gate between}}
  %26 = transformer.reduce sum %25 <{axes = array<i64: 1>}> : tensor<?x3x?x4xf32>
  return %26 : tensor<?x?x4xf32>
}
