// RUN: transom-opt --fuse-experts --canonicalize --cse %s | FileCheck %s

// Mixtures of experts, as exporters write them.

// What index_add becomes in TorchScript: rows that are put to zeros, one expert after the other; shares by flat positions.
// CHECK-LABEL: func.func @rows_put(
// CHECK-NOT: transformer.scatter
// CHECK-NOT: transformer.check_sizes
// CHECK: %[[S:.+]], %[[IDS:.+]] = transformer.topk
// CHECK-NOT: transformer.nonzero
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %[[IDS]], %[[S]], %{{.+}}, %{{.+}} up %{{.+}} : tensor<3x4x6xf32> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<3x4x6xf32>, tensor<3x6x4xf32>
// CHECK-NEXT: return %[[R]]
func.func @rows_put(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
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
  %91 = transformer.binary add %69, %90 : tensor<?x4xf32>, tensor<?x4xf32>
  return %91 : tensor<?x4xf32>
}

// Numbers of experts are compared, choices gathered by both coordinates, rows added; biases, and weights [out, in]; in any order of the experts.
// CHECK-LABEL: func.func @comparisons(
// CHECK-NOT: transformer.scatter
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} first_bias %{{.+}} : tensor<3x6xf32> second_bias %{{.+}} : tensor<3x4xf32> <{activation = #transformer<unary_kind relu>}>
// CHECK-NEXT: return %[[R]]
func.func @comparisons(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
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
  %least = arith.minsi %t, %c1 : index
  %6 = transformer.constant dense<[[-0.500, -0.750, 0.000, -0.625], [0.875, 0.750, 0.875, 0.500], [-0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750], [0.000, -0.125, -0.625, 0.250], [-1.000, -1.000, -1.000, -1.000]]> : tensor<6x4xf32>
  %7 = transformer.constant dense<[-0.875, -0.750, -0.750, 0.375, -0.375, 0.125]> : tensor<6xf32>
  %8 = transformer.constant dense<[[-0.125, -0.500, 0.375, 0.875], [-0.750, -1.000, 0.875, 0.000], [-0.125, -0.250, 0.875, 0.875], [0.500, -0.500, -0.125, -0.500], [1.000, 0.500, -1.000, -0.750], [-0.375, -0.875, 0.125, -1.000]]> : tensor<6x4xf32>
  %9 = transformer.constant dense<[-0.125, 0.125, -0.625, 0.500]> : tensor<4xf32>
  %10 = transformer.constant dense<[[-0.375, 0.625, 0.625, 0.125], [0.875, -0.250, 0.875, 1.000], [-0.375, 1.000, 1.000, -0.125], [-1.000, -1.000, 0.375, 0.625], [-0.750, -0.500, -0.125, -0.125], [-0.875, 0.625, 0.625, 0.750]]> : tensor<6x4xf32>
  %11 = transformer.constant dense<[-0.500, -0.125, -1.000, 0.750, -0.375, -0.625]> : tensor<6xf32>
  %12 = transformer.constant dense<[[0.125, -0.750, -1.000, 0.125], [0.625, 0.500, 1.000, 0.375], [-0.500, -0.250, 0.000, 0.750], [-1.000, -0.125, 0.750, -1.000], [-0.625, -0.750, 0.875, 0.625], [-1.000, 1.000, 0.625, 0.375]]> : tensor<6x4xf32>
  %13 = transformer.constant dense<[0.500, -0.375, -0.250, -0.375]> : tensor<4xf32>
  %14 = transformer.constant dense<[[0.500, 0.250, -0.125, -0.375], [0.500, 0.125, 0.000, 0.500], [-1.000, -0.125, -1.000, 0.750], [-0.500, -0.500, 0.250, -0.375], [0.000, -0.875, -0.625, -0.875], [0.625, 0.125, -0.250, -0.750]]> : tensor<6x4xf32>
  %15 = transformer.constant dense<[-0.625, -1.000, 0.000, -0.125, -0.125, -0.500]> : tensor<6xf32>
  %16 = transformer.constant dense<[[-0.875, 0.125, -0.500, 0.750], [0.375, -0.625, 0.750, 0.875], [-1.000, 1.000, 0.625, 0.375], [0.625, 0.500, -0.375, -0.875], [-0.625, -0.625, 0.500, -0.500], [-0.625, -0.375, 1.000, 0.875]]> : tensor<6x4xf32>
  %17 = transformer.constant dense<[0.625, 1.000, -0.625, -0.375]> : tensor<4xf32>
  %18 = transformer.compare eq %ids, %3 : tensor<?x2xi64>, tensor<i64>
  %19 = transformer.nonzero %18 : tensor<?x2xi1>
  %d2 = tensor.dim %19, %c1 : tensor<2x?xi64>
  %20 = transformer.slice %19[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %21 = transformer.reshape %20[%d2] : tensor<1x?xi64> to tensor<?xi64>
  %22 = transformer.transpose %19 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %23 = transformer.gather_nd %s, %22 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %24 = transformer.gather %x, %21 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %25 = transformer.transpose %14 <{perm = array<i64: 1, 0>}> : tensor<6x4xf32>
  %26 = transformer.linear %24, %25 bias %15 : tensor<6xf32> <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %27 = transformer.matmul %26, %16 : tensor<?x6xf32>, tensor<6x4xf32>
  %28 = transformer.binary add %27, %17 : tensor<?x4xf32>, tensor<4xf32>
  %29 = transformer.reshape %23[%d2] : tensor<?xf32> to tensor<?x1xf32>
  %30 = transformer.binary mul %29, %28 : tensor<?x1xf32>, tensor<?x4xf32>
  %31 = transformer.reshape %21[%d2] : tensor<?xi64> to tensor<?x1xi64>
  %32 = transformer.scatter_nd add %5, %31, %30 : tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>
  %33 = transformer.compare eq %ids, %1 : tensor<?x2xi64>, tensor<i64>
  %34 = transformer.nonzero %33 : tensor<?x2xi1>
  %d0 = tensor.dim %34, %c1 : tensor<2x?xi64>
  %35 = transformer.slice %34[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %36 = transformer.reshape %35[%d0] : tensor<1x?xi64> to tensor<?xi64>
  %37 = transformer.transpose %34 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %38 = transformer.gather_nd %s, %37 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %39 = transformer.gather %x, %36 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %40 = transformer.transpose %6 <{perm = array<i64: 1, 0>}> : tensor<6x4xf32>
  %41 = transformer.linear %39, %40 bias %7 : tensor<6xf32> <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %42 = transformer.matmul %41, %8 : tensor<?x6xf32>, tensor<6x4xf32>
  %43 = transformer.binary add %42, %9 : tensor<?x4xf32>, tensor<4xf32>
  %44 = transformer.reshape %38[%d0] : tensor<?xf32> to tensor<?x1xf32>
  %45 = transformer.binary mul %44, %43 : tensor<?x1xf32>, tensor<?x4xf32>
  %46 = transformer.reshape %36[%d0] : tensor<?xi64> to tensor<?x1xi64>
  %47 = transformer.scatter_nd add %32, %46, %45 : tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>
  %48 = transformer.compare eq %ids, %2 : tensor<?x2xi64>, tensor<i64>
  %49 = transformer.nonzero %48 : tensor<?x2xi1>
  %d1 = tensor.dim %49, %c1 : tensor<2x?xi64>
  %50 = transformer.slice %49[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %51 = transformer.reshape %50[%d1] : tensor<1x?xi64> to tensor<?xi64>
  %52 = transformer.transpose %49 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %53 = transformer.gather_nd %s, %52 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %54 = transformer.gather %x, %51 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %55 = transformer.transpose %10 <{perm = array<i64: 1, 0>}> : tensor<6x4xf32>
  %56 = transformer.linear %54, %55 bias %11 : tensor<6xf32> <{activation = #transformer<unary_kind relu>}> : tensor<?x4xf32>, tensor<4x6xf32>
  %57 = transformer.matmul %56, %12 : tensor<?x6xf32>, tensor<6x4xf32>
  %58 = transformer.binary add %57, %13 : tensor<?x4xf32>, tensor<4xf32>
  %59 = transformer.reshape %53[%d1] : tensor<?xf32> to tensor<?x1xf32>
  %60 = transformer.binary mul %59, %58 : tensor<?x1xf32>, tensor<?x4xf32>
  %61 = transformer.reshape %51[%d1] : tensor<?xi64> to tensor<?x1xi64>
  %62 = transformer.scatter_nd add %47, %61, %60 : tensor<?x4xf32>, tensor<?x1xi64>, tensor<?x4xf32>
  return %62 : tensor<?x4xf32>
}

// Only experts that some token chose are looped over, by their place in the list of those: all of them where the model has a result. Weights of all
// experts are one tensor each; shares are spread over experts first; gates are clamped columns of one product.
// CHECK-LABEL: func.func @experts_found(
// CHECK-NOT: transformer.scatter
// CHECK-NOT: transformer.check_sizes
// CHECK: %[[R:.+]] = transformer.moe {{.+}} first_bias %{{.+}} : tensor<3x12xf32> second_bias %{{.+}} : tensor<3x4xf32> <{activation = #transformer<unary_kind silu>, alpha = 1.702000e+00 : f32, beta = 1.000000e+00 : f32, gate = #transformer<expert_gate alternating>, limit = 7.500000e-01 : f32}>
// CHECK-NEXT: return %[[R]]
func.func @experts_found(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
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
  %least = arith.minsi %t, %c1 : index
  %6 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x3xf32>
  %7 = transformer.scatter_elements set %6, %ids, %s <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>
  %8 = transformer.range %1, %2[] : tensor<i64>, tensor<i64> to tensor<3xi64>
  %9 = transformer.reshape %8[] : tensor<3xi64> to tensor<1x1x3xi64>
  %10 = transformer.reshape %ids[%t] : tensor<?x2xi64> to tensor<?x2x1xi64>
  %11 = transformer.compare lt %10, %1 : tensor<?x2x1xi64>, tensor<i64>
  %12 = transformer.binary add %10, %4 : tensor<?x2x1xi64>, tensor<i64>
  %13 = transformer.select %11, %12, %10 : tensor<?x2x1xi1>, tensor<?x2x1xi64>, tensor<?x2x1xi64>
  %14 = transformer.compare eq %9, %13 : tensor<1x1x3xi64>, tensor<?x2x1xi64>
  %15 = transformer.select %14, %2, %1 : tensor<?x2x3xi1>, tensor<i64>, tensor<i64>
  %16 = transformer.transpose %15 <{perm = array<i64: 2, 1, 0>}> : tensor<?x2x3xi64>
  %17 = transformer.reduce sum %16 <{axes = array<i64: 1, 2>}> : tensor<3x2x?xi64>
  %18 = transformer.compare gt %17, %1 : tensor<3xi64>, tensor<i64>
  %19 = transformer.nonzero %18 : tensor<3xi1>
  %20 = transformer.transpose %19 <{perm = array<i64: 1, 0>}> : tensor<1x?xi64>
  %21 = transformer.constant dense<[[[-0.500, -0.750, 0.000, -0.625, 0.875, 0.750, 0.875, 0.500, -0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750, 0.000, -0.125, -0.625, 0.250, -1.000, -1.000, -1.000, -1.000], [0.500, -0.250, 0.625, -1.000, 1.000, -0.125, 0.750, 0.875, -0.125, 0.375, -0.125, -0.125], [0.750, 0.125, -1.000, 0.625, -0.625, -0.375, 0.125, -0.625, 0.250, 1.000, 0.625, 1.000]], [[-0.250, 0.125, 0.125, 0.875, 1.000, 0.500, -0.875, 0.875, -0.125, 0.500, 0.625, -0.375], [0.375, 0.375, -0.750, 0.750, 1.000, -0.625, -0.375, 1.000, 0.500, 0.375, 0.875, -1.000], [0.875, -0.875, 0.125, 0.500, -0.375, -0.375, 1.000, -0.125, -1.000, -0.250, -0.125, 0.500], [1.000, 0.375, 0.375, 0.750, 0.000, -1.000, 0.500, 1.000, -0.500, 1.000, -0.250, 0.625]], [[-0.875, 0.875, 0.375, -0.250, 1.000, 0.625, 0.875, 0.375, 0.625, 0.375, -1.000, 0.250], [0.750, -1.000, -0.125, -0.375, -0.375, -0.750, 0.000, -0.875, -0.750, -0.750, -1.000, 0.750], [-1.000, 0.000, -0.125, 0.000, -0.625, -0.375, 0.375, 0.125, -0.750, -0.375, -0.375, 0.000], [1.000, -0.375, 0.000, 0.125, 0.750, 0.250, 0.875, 0.875, -0.625, -1.000, 0.125, 0.500]]]> : tensor<3x4x12xf32>
  %22 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375, -0.375, 0.125, 0.000, -0.250, -0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000, 0.000, -0.875, -1.000, 0.375, 0.750, 0.250, 0.500, 0.625], [1.000, -0.375, -0.375, -0.125, -0.125, -1.000, -0.375, 0.250, -0.375, -0.500, 1.000, 1.000]]> : tensor<3x12xf32>
  %23 = transformer.constant dense<[[[-0.125, -0.500, 0.375, 0.875], [-0.750, -1.000, 0.875, 0.000], [-0.125, -0.250, 0.875, 0.875], [0.500, -0.500, -0.125, -0.500], [1.000, 0.500, -1.000, -0.750], [-0.375, -0.875, 0.125, -1.000]], [[0.000, 0.875, 0.500, 0.625], [0.500, 0.750, -0.500, 0.375], [-0.625, -0.875, -0.500, 0.875], [-0.250, 0.000, 0.625, 0.125], [0.625, 1.000, 0.500, 0.375], [0.625, -0.125, 0.250, -1.000]], [[0.000, -0.375, 0.250, -0.625], [-0.250, 0.000, 0.125, -0.625], [-0.750, 0.875, 0.875, -0.750], [0.375, -0.750, 0.625, -0.500], [-1.000, 0.125, 0.625, 0.625], [-0.625, -0.875, -0.875, 0.500]]]> : tensor<3x6x4xf32>
  %24 = transformer.constant dense<[[-0.125, 0.125, -0.625, 0.500], [0.875, -0.500, -0.750, -0.750], [-1.000, 0.500, 0.125, -0.875]]> : tensor<3x4xf32>
  %25 = transformer.constant dense<0.75> : tensor<f32>
  %26 = transformer.constant dense<-0.75> : tensor<f32>
  %27 = transformer.constant dense<1.0> : tensor<f32>
  %28 = transformer.slice %20[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x1xi64> to tensor<1x1xi64>
  %29 = transformer.reshape %28[] : tensor<1x1xi64> to tensor<i64>
  %30 = transformer.gather %16, %29 <{axis = 0 : i64}> : tensor<3x2x?xi64>, tensor<i64>
  %31 = transformer.cast %30 : tensor<2x?xi64> to tensor<2x?xi1>
  %32 = transformer.nonzero %31 : tensor<2x?xi1>
  %33 = transformer.transpose %32 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d0 = tensor.dim %32, %c1 : tensor<2x?xi64>
  %34 = transformer.slice %33[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %35 = transformer.reshape %34[%d0] : tensor<?x1xi64> to tensor<?xi64>
  %36 = transformer.gather %x, %35 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %37 = transformer.gather %21, %29 <{axis = 0 : i64}> : tensor<3x4x12xf32>, tensor<i64>
  %38 = transformer.matmul %36, %37 : tensor<?x4xf32>, tensor<4x12xf32>
  %39 = transformer.gather %22, %29 <{axis = 0 : i64}> : tensor<3x12xf32>, tensor<i64>
  %40 = transformer.binary add %38, %39 : tensor<?x12xf32>, tensor<12xf32>
  %41 = transformer.slice %40[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x12xf32> to tensor<?x6xf32>
  %42 = transformer.slice %40[] [%d0] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x12xf32> to tensor<?x6xf32>
  %43 = transformer.binary min %41, %25 : tensor<?x6xf32>, tensor<f32>
  %44 = transformer.binary max %42, %26 : tensor<?x6xf32>, tensor<f32>
  %45 = transformer.binary min %44, %25 : tensor<?x6xf32>, tensor<f32>
  %46 = transformer.unary quick_gelu %43 : tensor<?x6xf32>
  %47 = transformer.binary add %45, %27 : tensor<?x6xf32>, tensor<f32>
  %48 = transformer.binary mul %47, %46 : tensor<?x6xf32>, tensor<?x6xf32>
  %49 = transformer.gather %23, %29 <{axis = 0 : i64}> : tensor<3x6x4xf32>, tensor<i64>
  %50 = transformer.matmul %48, %49 : tensor<?x6xf32>, tensor<6x4xf32>
  %51 = transformer.gather %24, %29 <{axis = 0 : i64}> : tensor<3x4xf32>, tensor<i64>
  %52 = transformer.binary add %50, %51 : tensor<?x4xf32>, tensor<4xf32>
  %53 = transformer.gather %7, %29 <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<i64>
  %54 = transformer.reshape %53[%t] : tensor<?xf32> to tensor<?x1xf32>
  %55 = transformer.gather %54, %35 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %56 = transformer.binary mul %52, %55 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d0, %least <{broadcast}>
  %one0 = arith.cmpi eq, %d0, %c1 : index
  %n0 = arith.select %one0, %least, %d0 : index
  %57 = transformer.broadcast_to %56[%n0] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d0, %n0 <{broadcast}>
  %58 = transformer.broadcast_to %34[%n0] : tensor<?x1xi64> to tensor<?x4xi64>
  %59 = transformer.scatter_elements set %5, %58, %57 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %60 = transformer.binary add %5, %59 : tensor<?x4xf32>, tensor<?x4xf32>
  %61 = transformer.slice %20[] [] <{static_starts = array<i64: 1, 0>, steps = array<i64: 1, 1>}> : tensor<?x1xi64> to tensor<1x1xi64>
  %62 = transformer.reshape %61[] : tensor<1x1xi64> to tensor<i64>
  %63 = transformer.gather %16, %62 <{axis = 0 : i64}> : tensor<3x2x?xi64>, tensor<i64>
  %64 = transformer.cast %63 : tensor<2x?xi64> to tensor<2x?xi1>
  %65 = transformer.nonzero %64 : tensor<2x?xi1>
  %66 = transformer.transpose %65 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d1 = tensor.dim %65, %c1 : tensor<2x?xi64>
  %67 = transformer.slice %66[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %68 = transformer.reshape %67[%d1] : tensor<?x1xi64> to tensor<?xi64>
  %69 = transformer.gather %x, %68 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %70 = transformer.gather %21, %62 <{axis = 0 : i64}> : tensor<3x4x12xf32>, tensor<i64>
  %71 = transformer.matmul %69, %70 : tensor<?x4xf32>, tensor<4x12xf32>
  %72 = transformer.gather %22, %62 <{axis = 0 : i64}> : tensor<3x12xf32>, tensor<i64>
  %73 = transformer.binary add %71, %72 : tensor<?x12xf32>, tensor<12xf32>
  %74 = transformer.slice %73[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x12xf32> to tensor<?x6xf32>
  %75 = transformer.slice %73[] [%d1] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x12xf32> to tensor<?x6xf32>
  %76 = transformer.binary min %74, %25 : tensor<?x6xf32>, tensor<f32>
  %77 = transformer.binary max %75, %26 : tensor<?x6xf32>, tensor<f32>
  %78 = transformer.binary min %77, %25 : tensor<?x6xf32>, tensor<f32>
  %79 = transformer.unary quick_gelu %76 : tensor<?x6xf32>
  %80 = transformer.binary add %78, %27 : tensor<?x6xf32>, tensor<f32>
  %81 = transformer.binary mul %80, %79 : tensor<?x6xf32>, tensor<?x6xf32>
  %82 = transformer.gather %23, %62 <{axis = 0 : i64}> : tensor<3x6x4xf32>, tensor<i64>
  %83 = transformer.matmul %81, %82 : tensor<?x6xf32>, tensor<6x4xf32>
  %84 = transformer.gather %24, %62 <{axis = 0 : i64}> : tensor<3x4xf32>, tensor<i64>
  %85 = transformer.binary add %83, %84 : tensor<?x4xf32>, tensor<4xf32>
  %86 = transformer.gather %7, %62 <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<i64>
  %87 = transformer.reshape %86[%t] : tensor<?xf32> to tensor<?x1xf32>
  %88 = transformer.gather %87, %68 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %89 = transformer.binary mul %85, %88 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d1, %least <{broadcast}>
  %one1 = arith.cmpi eq, %d1, %c1 : index
  %n1 = arith.select %one1, %least, %d1 : index
  %90 = transformer.broadcast_to %89[%n1] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d1, %n1 <{broadcast}>
  %91 = transformer.broadcast_to %67[%n1] : tensor<?x1xi64> to tensor<?x4xi64>
  %92 = transformer.scatter_elements set %5, %91, %90 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %93 = transformer.binary add %60, %92 : tensor<?x4xf32>, tensor<?x4xf32>
  %94 = transformer.slice %20[] [] <{static_starts = array<i64: 2, 0>, steps = array<i64: 1, 1>}> : tensor<?x1xi64> to tensor<1x1xi64>
  %95 = transformer.reshape %94[] : tensor<1x1xi64> to tensor<i64>
  %96 = transformer.gather %16, %95 <{axis = 0 : i64}> : tensor<3x2x?xi64>, tensor<i64>
  %97 = transformer.cast %96 : tensor<2x?xi64> to tensor<2x?xi1>
  %98 = transformer.nonzero %97 : tensor<2x?xi1>
  %99 = transformer.transpose %98 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %d2 = tensor.dim %98, %c1 : tensor<2x?xi64>
  %100 = transformer.slice %99[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 1>}> : tensor<?x2xi64> to tensor<?x1xi64>
  %101 = transformer.reshape %100[%d2] : tensor<?x1xi64> to tensor<?xi64>
  %102 = transformer.gather %x, %101 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?xi64>
  %103 = transformer.gather %21, %95 <{axis = 0 : i64}> : tensor<3x4x12xf32>, tensor<i64>
  %104 = transformer.matmul %102, %103 : tensor<?x4xf32>, tensor<4x12xf32>
  %105 = transformer.gather %22, %95 <{axis = 0 : i64}> : tensor<3x12xf32>, tensor<i64>
  %106 = transformer.binary add %104, %105 : tensor<?x12xf32>, tensor<12xf32>
  %107 = transformer.slice %106[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 2>}> : tensor<?x12xf32> to tensor<?x6xf32>
  %108 = transformer.slice %106[] [%d2] <{static_starts = array<i64: 0, 1>, steps = array<i64: 1, 2>}> : tensor<?x12xf32> to tensor<?x6xf32>
  %109 = transformer.binary min %107, %25 : tensor<?x6xf32>, tensor<f32>
  %110 = transformer.binary max %108, %26 : tensor<?x6xf32>, tensor<f32>
  %111 = transformer.binary min %110, %25 : tensor<?x6xf32>, tensor<f32>
  %112 = transformer.unary quick_gelu %109 : tensor<?x6xf32>
  %113 = transformer.binary add %111, %27 : tensor<?x6xf32>, tensor<f32>
  %114 = transformer.binary mul %113, %112 : tensor<?x6xf32>, tensor<?x6xf32>
  %115 = transformer.gather %23, %95 <{axis = 0 : i64}> : tensor<3x6x4xf32>, tensor<i64>
  %116 = transformer.matmul %114, %115 : tensor<?x6xf32>, tensor<6x4xf32>
  %117 = transformer.gather %24, %95 <{axis = 0 : i64}> : tensor<3x4xf32>, tensor<i64>
  %118 = transformer.binary add %116, %117 : tensor<?x4xf32>, tensor<4xf32>
  %119 = transformer.gather %7, %95 <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<i64>
  %120 = transformer.reshape %119[%t] : tensor<?xf32> to tensor<?x1xf32>
  %121 = transformer.gather %120, %101 <{axis = 0 : i64}> : tensor<?x1xf32>, tensor<?xi64>
  %122 = transformer.binary mul %118, %121 : tensor<?x4xf32>, tensor<?x1xf32>
  transformer.check_sizes %d2, %least <{broadcast}>
  %one2 = arith.cmpi eq, %d2, %c1 : index
  %n2 = arith.select %one2, %least, %d2 : index
  %123 = transformer.broadcast_to %122[%n2] : tensor<?x4xf32> to tensor<?x4xf32>
  transformer.check_sizes %d2, %n2 <{broadcast}>
  %124 = transformer.broadcast_to %100[%n2] : tensor<?x1xi64> to tensor<?x4xi64>
  %125 = transformer.scatter_elements set %5, %124, %123 <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<?x4xi64>, tensor<?x4xf32>
  %126 = transformer.binary add %93, %125 : tensor<?x4xf32>, tensor<?x4xf32>
  return %126 : tensor<?x4xf32>
}

// All experts on all tokens: their columns in one product, then a product of each. What a token did not choose counts nothing.
// CHECK-LABEL: func.func @all_experts(
// CHECK-NOT: transformer.scatter
// CHECK: %[[X:.+]] = transformer.reshape %{{.+}} : tensor<?x?x4xf32> to tensor<?x4xf32>
// CHECK: %[[M:.+]] = transformer.moe %[[X]], %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} up %{{.+}} : tensor<3x4x6xf32> <{activation = #transformer<unary_kind gelu>, gate = #transformer<expert_gate apart>}> : tensor<?x4xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<3x4x6xf32>, tensor<3x6x4xf32>
// CHECK-NEXT: %[[R:.+]] = transformer.reshape %[[M]]
// CHECK-NEXT: return %[[R]]
func.func @all_experts(%x: tensor<?x?x4xf32> {transformer.dims = ["b", "n", ""]}, %scores: tensor<?x?x3xf32> {transformer.dims = ["b", "n", ""]}) -> tensor<?x?x4xf32> {
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
  %26 = transformer.reduce sum %25 <{axes = array<i64: 1>}> : tensor<?x3x?x4xf32>
  return %26 : tensor<?x?x4xf32>
}

// The same as a batch of experts over repeated tokens, with biases; gates are halves of one product's columns, weights [out, in].
// CHECK-LABEL: func.func @all_experts_batched(
// CHECK-NOT: transformer.scatter
// CHECK: %[[A:.+]] = transformer.transpose %{{.+}} <{perm = array<i64: 0, 2, 1>}> : tensor<3x12x4xf32>
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %{{.+}}, %{{.+}}, %[[A]], %{{.+}} first_bias %{{.+}} : tensor<3x12xf32> second_bias %{{.+}} : tensor<3x4xf32> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate halves>}>
// CHECK-NEXT: return %[[R]]
func.func @all_experts_batched(%x: tensor<?x4xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x4xf32> {
  %c0 = arith.constant 0 : index
  %t = tensor.dim %x, %c0 : tensor<?x4xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %0 = transformer.constant dense<0.0> : tensor<f32>
  %1 = transformer.broadcast_to %0[%t] : tensor<f32> to tensor<?x3xf32>
  %2 = transformer.scatter_elements set %1, %ids, %s <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<?x2xi64>, tensor<?x2xf32>
  %3 = transformer.reshape %x[%t] : tensor<?x4xf32> to tensor<1x?x4xf32>
  %4 = transformer.broadcast_to %3[%t] : tensor<1x?x4xf32> to tensor<3x?x4xf32>
  %5 = transformer.constant dense<[[[-0.500, -0.750, 0.000, -0.625], [0.875, 0.750, 0.875, 0.500], [-0.250, -0.625, 0.875, -1.000], [0.500, 0.625, -1.000, 0.750], [0.000, -0.125, -0.625, 0.250], [-1.000, -1.000, -1.000, -1.000], [0.500, -0.250, 0.625, -1.000], [1.000, -0.125, 0.750, 0.875], [-0.125, 0.375, -0.125, -0.125], [0.750, 0.125, -1.000, 0.625], [-0.625, -0.375, 0.125, -0.625], [0.250, 1.000, 0.625, 1.000]], [[-0.250, 0.125, 0.125, 0.875], [1.000, 0.500, -0.875, 0.875], [-0.125, 0.500, 0.625, -0.375], [0.375, 0.375, -0.750, 0.750], [1.000, -0.625, -0.375, 1.000], [0.500, 0.375, 0.875, -1.000], [0.875, -0.875, 0.125, 0.500], [-0.375, -0.375, 1.000, -0.125], [-1.000, -0.250, -0.125, 0.500], [1.000, 0.375, 0.375, 0.750], [0.000, -1.000, 0.500, 1.000], [-0.500, 1.000, -0.250, 0.625]], [[-0.875, 0.875, 0.375, -0.250], [1.000, 0.625, 0.875, 0.375], [0.625, 0.375, -1.000, 0.250], [0.750, -1.000, -0.125, -0.375], [-0.375, -0.750, 0.000, -0.875], [-0.750, -0.750, -1.000, 0.750], [-1.000, 0.000, -0.125, 0.000], [-0.625, -0.375, 0.375, 0.125], [-0.750, -0.375, -0.375, 0.000], [1.000, -0.375, 0.000, 0.125], [0.750, 0.250, 0.875, 0.875], [-0.625, -1.000, 0.125, 0.500]]]> : tensor<3x12x4xf32>
  %6 = transformer.constant dense<[[-0.875, -0.750, -0.750, 0.375, -0.375, 0.125, 0.000, -0.250, -0.875, -0.375, 0.625, 0.500], [1.000, 0.375, 0.750, 1.000, 0.000, -0.875, -1.000, 0.375, 0.750, 0.250, 0.500, 0.625], [1.000, -0.375, -0.375, -0.125, -0.125, -1.000, -0.375, 0.250, -0.375, -0.500, 1.000, 1.000]]> : tensor<3x12xf32>
  %7 = transformer.constant dense<[[[-0.125, -0.500, 0.375, 0.875], [-0.750, -1.000, 0.875, 0.000], [-0.125, -0.250, 0.875, 0.875], [0.500, -0.500, -0.125, -0.500], [1.000, 0.500, -1.000, -0.750], [-0.375, -0.875, 0.125, -1.000]], [[0.000, 0.875, 0.500, 0.625], [0.500, 0.750, -0.500, 0.375], [-0.625, -0.875, -0.500, 0.875], [-0.250, 0.000, 0.625, 0.125], [0.625, 1.000, 0.500, 0.375], [0.625, -0.125, 0.250, -1.000]], [[0.000, -0.375, 0.250, -0.625], [-0.250, 0.000, 0.125, -0.625], [-0.750, 0.875, 0.875, -0.750], [0.375, -0.750, 0.625, -0.500], [-1.000, 0.125, 0.625, 0.625], [-0.625, -0.875, -0.875, 0.500]]]> : tensor<3x6x4xf32>
  %8 = transformer.constant dense<[[-0.125, 0.125, -0.625, 0.500], [0.875, -0.500, -0.750, -0.750], [-1.000, 0.500, 0.125, -0.875]]> : tensor<3x4xf32>
  %9 = transformer.matmul %4, %5 <{transpose_b}> : tensor<3x?x4xf32>, tensor<3x12x4xf32>
  %10 = transformer.reshape %6[] : tensor<3x12xf32> to tensor<3x1x12xf32>
  %11 = transformer.binary add %9, %10 : tensor<3x?x12xf32>, tensor<3x1x12xf32>
  %12 = transformer.slice %11[] [%t] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<3x?x12xf32> to tensor<3x?x6xf32>
  %13 = transformer.slice %11[] [%t] <{static_starts = array<i64: 0, 0, 6>, steps = array<i64: 1, 1, 1>}> : tensor<3x?x12xf32> to tensor<3x?x6xf32>
  %14 = transformer.glu silu %12, %13 : tensor<3x?x6xf32>, tensor<3x?x6xf32>
  %15 = transformer.matmul %14, %7 : tensor<3x?x6xf32>, tensor<3x6x4xf32>
  %16 = transformer.reshape %8[] : tensor<3x4xf32> to tensor<3x1x4xf32>
  %17 = transformer.binary add %15, %16 : tensor<3x?x4xf32>, tensor<3x1x4xf32>
  %18 = transformer.transpose %2 <{perm = array<i64: 1, 0>}> : tensor<?x3xf32>
  %19 = transformer.reshape %18[%t] : tensor<3x?xf32> to tensor<3x?x1xf32>
  %20 = transformer.binary mul %19, %17 : tensor<3x?x1xf32>, tensor<3x?x4xf32>
  %21 = transformer.reduce sum %20 <{axes = array<i64: 0>}> : tensor<3x?x4xf32>
  return %21 : tensor<?x4xf32>
}
