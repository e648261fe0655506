// RUN: transom-opt %s | FileCheck %s

// What reductions, ops that move elements and those of the model layer infer: a return of any other type does not parse. The
// functions are looked for so that none is lost.

// CHECK: func.func @reductions_1(
func.func @reductions_1(%a: tensor<?x3x4xi64>) -> tensor<?x3x4xi64> {
  %r = transformer.reduce max %a <{axes = array<i64>}> : tensor<?x3x4xi64>
  return %r : tensor<?x3x4xi64>
}

// CHECK: func.func @reductions_2(
func.func @reductions_2(%a: tensor<?x3x4xi64>) -> tensor<1x3x4xi64> {
  %r = transformer.reduce max %a <{axes = array<i64: 0>, keepdims}> : tensor<?x3x4xi64>
  return %r : tensor<1x3x4xi64>
}

// CHECK: func.func @reductions_3(
func.func @reductions_3(%a: tensor<?x3x4xi64>) -> tensor<3x4xi64> {
  %r = transformer.reduce max %a <{axes = array<i64: 0>}> : tensor<?x3x4xi64>
  return %r : tensor<3x4xi64>
}

// CHECK: func.func @reductions_4(
func.func @reductions_4(%a: tensor<?x3x4xi64>) -> tensor<?x1x1xi64> {
  %r = transformer.reduce max %a <{axes = array<i64: 1, 2>, keepdims}> : tensor<?x3x4xi64>
  return %r : tensor<?x1x1xi64>
}

// CHECK: func.func @reductions_5(
func.func @reductions_5(%a: tensor<?x3x4xi64>) -> tensor<i64> {
  %r = transformer.reduce max %a <{axes = array<i64: 0, 1, 2>}> : tensor<?x3x4xi64>
  return %r : tensor<i64>
}

// CHECK: func.func @reductions_6(
func.func @reductions_6(%a: tensor<?x3x4xi64>) -> tensor<?x3xi64> {
  %r = transformer.reduce max %a <{axes = array<i64: 2>}> : tensor<?x3x4xi64>
  return %r : tensor<?x3xi64>
}

// CHECK: func.func @reductions_7(
func.func @reductions_7(%a: tensor<?x3x4xf16>) -> tensor<1x3x4xi64> {
  %r = transformer.arg_reduce max %a <{axis = 0 : i64, keepdims}> : tensor<?x3x4xf16>
  return %r : tensor<1x3x4xi64>
}

// CHECK: func.func @reductions_8(
func.func @reductions_8(%a: tensor<?x3x4xf16>) -> tensor<3x4xi64> {
  %r = transformer.arg_reduce max %a <{axis = 0 : i64}> : tensor<?x3x4xf16>
  return %r : tensor<3x4xi64>
}

// CHECK: func.func @reductions_9(
func.func @reductions_9(%a: tensor<?x3x4xf16>) -> tensor<?x1x4xi64> {
  %r = transformer.arg_reduce max %a <{axis = 1 : i64, keepdims}> : tensor<?x3x4xf16>
  return %r : tensor<?x1x4xi64>
}

// CHECK: func.func @reductions_10(
func.func @reductions_10(%a: tensor<?x3x4xf16>) -> tensor<?x3xi64> {
  %r = transformer.arg_reduce max %a <{axis = 2 : i64}> : tensor<?x3x4xf16>
  return %r : tensor<?x3xi64>
}

// CHECK: func.func @movement_1(
func.func @movement_1(%a: tensor<?x3x4x?xf32>) -> tensor<?x3x4x?xf32> {
  %r = transformer.transpose %a <{perm = array<i64: 0, 1, 2, 3>}> : tensor<?x3x4x?xf32>
  return %r : tensor<?x3x4x?xf32>
}

// CHECK: func.func @movement_2(
func.func @movement_2(%a: tensor<?x3x4x?xf32>) -> tensor<?x4x3x?xf32> {
  %r = transformer.transpose %a <{perm = array<i64: 3, 2, 1, 0>}> : tensor<?x3x4x?xf32>
  return %r : tensor<?x4x3x?xf32>
}

// CHECK: func.func @movement_3(
func.func @movement_3(%a: tensor<?x3x4x?xf32>) -> tensor<3x?x?x4xf32> {
  %r = transformer.transpose %a <{perm = array<i64: 1, 0, 3, 2>}> : tensor<?x3x4x?xf32>
  return %r : tensor<3x?x?x4xf32>
}

// CHECK: func.func @movement_4(
func.func @movement_4(%a: tensor<?x3x4x?xf32>) -> tensor<4x?x?x3xf32> {
  %r = transformer.transpose %a <{perm = array<i64: 2, 3, 0, 1>}> : tensor<?x3x4x?xf32>
  return %r : tensor<4x?x?x3xf32>
}

// CHECK: func.func @movement_5(
func.func @movement_5(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) -> tensor<2x7xf32> {
  %r = transformer.concat %a, %b <{axis = 1 : i64}> : tensor<2x3xf32>, tensor<2x4xf32>
  return %r : tensor<2x7xf32>
}

// CHECK: func.func @movement_6(
func.func @movement_6(%a: tensor<2x3xf32>, %b: tensor<5x3xf32>, %c: tensor<1x3xf32>) -> tensor<8x3xf32> {
  %r = transformer.concat %a, %b, %c <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<5x3xf32>, tensor<1x3xf32>
  return %r : tensor<8x3xf32>
}

// CHECK: func.func @movement_7(
func.func @movement_7(%a: tensor<?x3xf32>, %b: tensor<2x3xf32>) -> tensor<?x3xf32> {
  %r = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<?x3xf32>, tensor<2x3xf32>
  return %r : tensor<?x3xf32>
}

// CHECK: func.func @movement_8(
func.func @movement_8(%a: tensor<?x3xf32>, %b: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %r = transformer.concat %a, %b <{axis = 1 : i64}> : tensor<?x3xf32>, tensor<2x?xf32>
  return %r : tensor<2x?xf32>
}

// CHECK: func.func @movement_9(
func.func @movement_9(%a: tensor<?x?x4xf32>, %b: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  %r = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<?x?x4xf32>, tensor<?x3x4xf32>
  return %r : tensor<?x3x4xf32>
}

// CHECK: func.func @movement_10(
func.func @movement_10(%a: tensor<0x3xf32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = transformer.concat %a, %b <{axis = 0 : i64}> : tensor<0x3xf32>, tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK: func.func @movement_11(
func.func @movement_11(%a: tensor<5x6xf32>, %i: tensor<3xi64>) -> tensor<3x6xf32> {
  %r = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<5x6xf32>, tensor<3xi64>
  return %r : tensor<3x6xf32>
}

// CHECK: func.func @movement_12(
func.func @movement_12(%a: tensor<5x6xf32>, %i: tensor<2x3xi64>) -> tensor<2x3x6xf32> {
  %r = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<5x6xf32>, tensor<2x3xi64>
  return %r : tensor<2x3x6xf32>
}

// CHECK: func.func @movement_13(
func.func @movement_13(%a: tensor<5x6xf32>, %i: tensor<2x3xi64>) -> tensor<5x2x3xf32> {
  %r = transformer.gather %a, %i <{axis = 1 : i64}> : tensor<5x6xf32>, tensor<2x3xi64>
  return %r : tensor<5x2x3xf32>
}

// CHECK: func.func @movement_14(
func.func @movement_14(%a: tensor<5x6xf32>, %i: tensor<i64>) -> tensor<5xf32> {
  %r = transformer.gather %a, %i <{axis = 1 : i64}> : tensor<5x6xf32>, tensor<i64>
  return %r : tensor<5xf32>
}

// CHECK: func.func @movement_15(
func.func @movement_15(%a: tensor<?x6x7xf32>, %i: tensor<?xi64>) -> tensor<?x?x7xf32> {
  %r = transformer.gather %a, %i <{axis = 1 : i64}> : tensor<?x6x7xf32>, tensor<?xi64>
  return %r : tensor<?x?x7xf32>
}

// CHECK: func.func @movement_16(
func.func @movement_16(%a: tensor<5xf32>, %i: tensor<i64>) -> tensor<f32> {
  %r = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<5xf32>, tensor<i64>
  return %r : tensor<f32>
}

// CHECK: func.func @movement_17(
func.func @movement_17(%a: tensor<4x5x6xf32>, %i: tensor<7x1xi32>) -> tensor<7x5x6xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<4x5x6xf32>, tensor<7x1xi32>
  return %r : tensor<7x5x6xf32>
}

// CHECK: func.func @movement_18(
func.func @movement_18(%a: tensor<4x5x6xf32>, %i: tensor<7x2xi32>) -> tensor<7x6xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<4x5x6xf32>, tensor<7x2xi32>
  return %r : tensor<7x6xf32>
}

// CHECK: func.func @movement_19(
func.func @movement_19(%a: tensor<4x5x6xf32>, %i: tensor<7x3xi32>) -> tensor<7xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<4x5x6xf32>, tensor<7x3xi32>
  return %r : tensor<7xf32>
}

// CHECK: func.func @movement_20(
func.func @movement_20(%a: tensor<4x5x6xf32>, %i: tensor<2xi32>) -> tensor<6xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<4x5x6xf32>, tensor<2xi32>
  return %r : tensor<6xf32>
}

// CHECK: func.func @movement_21(
func.func @movement_21(%a: tensor<4x5x6xf32>, %i: tensor<4x7x1xi32>) -> tensor<4x7x6xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 1 : i64}> : tensor<4x5x6xf32>, tensor<4x7x1xi32>
  return %r : tensor<4x7x6xf32>
}

// CHECK: func.func @movement_22(
func.func @movement_22(%a: tensor<?x5x6xf32>, %i: tensor<?x7x2xi32>) -> tensor<?x7xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 1 : i64}> : tensor<?x5x6xf32>, tensor<?x7x2xi32>
  return %r : tensor<?x7xf32>
}

// CHECK: func.func @movement_23(
func.func @movement_23(%a: tensor<4x5x6xf32>, %i: tensor<2x3x0xi32>) -> tensor<2x3x4x5x6xf32> {
  %r = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<4x5x6xf32>, tensor<2x3x0xi32>
  return %r : tensor<2x3x4x5x6xf32>
}

// CHECK: func.func @movement_24(
func.func @movement_24(%a: tensor<4x5xbf16>, %i: tensor<4x?xi64>) -> tensor<4x?xbf16> {
  %r = transformer.gather_elements %a, %i <{axis = 1 : i64}> : tensor<4x5xbf16>, tensor<4x?xi64>
  return %r : tensor<4x?xbf16>
}

// CHECK: func.func @movement_25(
func.func @movement_25(%a: tensor<2xi1>) -> tensor<1x?xi64> {
  %r = transformer.nonzero %a : tensor<2xi1>
  return %r : tensor<1x?xi64>
}

// CHECK: func.func @movement_26(
func.func @movement_26(%a: tensor<2x3xi1>) -> tensor<2x?xi64> {
  %r = transformer.nonzero %a : tensor<2x3xi1>
  return %r : tensor<2x?xi64>
}

// CHECK: func.func @movement_27(
func.func @movement_27(%a: tensor<?x2x3x4xi1>) -> tensor<4x?xi64> {
  %r = transformer.nonzero %a : tensor<?x2x3x4xi1>
  return %r : tensor<4x?xi64>
}

// CHECK: func.func @model_1(
func.func @model_1(%a: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %r = transformer.softmax %a <{axis = 0 : i64}> : tensor<?x4xf16>
  return %r : tensor<?x4xf16>
}

// CHECK: func.func @model_2(
func.func @model_2(%a: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %r = transformer.cumsum %a <{axis = 1 : i64}> : tensor<?x4xf16>
  return %r : tensor<?x4xf16>
}

// CHECK: func.func @model_3(
func.func @model_3(%a: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %r = transformer.trilu %a : tensor<?x4xf16>
  return %r : tensor<?x4xf16>
}

// CHECK: func.func @model_4(
func.func @model_4(%a: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %r = transformer.layer_norm %a <{axis = 1 : i64, epsilon = 1.0 : f32}> : tensor<?x4xf16>
  return %r : tensor<?x4xf16>
}

// CHECK: func.func @model_5(
func.func @model_5(%a: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %r = transformer.rms_norm %a <{axis = 0 : i64, epsilon = 1.0 : f32}> : tensor<?x4xf16>
  return %r : tensor<?x4xf16>
}

// CHECK: func.func @model_6(
func.func @model_6(%a: tensor<2x?x4xf64>) -> tensor<2x?x4xf64> {
  %r = transformer.softmax %a <{axis = 0 : i64}> : tensor<2x?x4xf64>
  return %r : tensor<2x?x4xf64>
}

// CHECK: func.func @model_7(
func.func @model_7(%a: tensor<2x?x4xf64>) -> tensor<2x?x4xf64> {
  %r = transformer.cumsum %a <{axis = 1 : i64}> : tensor<2x?x4xf64>
  return %r : tensor<2x?x4xf64>
}

// CHECK: func.func @model_8(
func.func @model_8(%a: tensor<2x?x4xf64>) -> tensor<2x?x4xf64> {
  %r = transformer.trilu %a : tensor<2x?x4xf64>
  return %r : tensor<2x?x4xf64>
}

// CHECK: func.func @model_9(
func.func @model_9(%a: tensor<2x?x4xf64>) -> tensor<2x?x4xf64> {
  %r = transformer.layer_norm %a <{axis = 1 : i64, epsilon = 1.0 : f32}> : tensor<2x?x4xf64>
  return %r : tensor<2x?x4xf64>
}

// CHECK: func.func @model_10(
func.func @model_10(%a: tensor<2x?x4xf64>) -> tensor<2x?x4xf64> {
  %r = transformer.rms_norm %a <{axis = 0 : i64, epsilon = 1.0 : f32}> : tensor<2x?x4xf64>
  return %r : tensor<2x?x4xf64>
}

// CHECK: func.func @model_11(
func.func @model_11(%a: tensor<?x3x8xf16>, %t: tensor<3x2xf32>) -> tensor<?x3x8xf16> {
  %r = transformer.rope %a, %t, %t <{rotary_dim = 4 : i64}> : tensor<?x3x8xf16>, tensor<3x2xf32>, tensor<3x2xf32>
  return %r : tensor<?x3x8xf16>
}

// CHECK: func.func @model_12(
func.func @model_12(%q: tensor<2x4x3x8xf32>, %k: tensor<2x4x5x8xf32>, %v: tensor<2x4x5x8xf32>) -> tensor<2x4x3x8xf32> {
  %r = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<2x4x3x8xf32>, tensor<2x4x5x8xf32>, tensor<2x4x5x8xf32>
  return %r : tensor<2x4x3x8xf32>
}

// CHECK: func.func @model_13(
func.func @model_13(%q: tensor<?x4x?x8xf32>, %k: tensor<?x2x?x8xf32>, %v: tensor<?x2x?x6xf32>) -> tensor<?x4x?x6xf32> {
  %r = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x6xf32>
  return %r : tensor<?x4x?x6xf32>
}

// CHECK: func.func @model_14(
func.func @model_14(%q: tensor<?x?x?x?xf32>, %k: tensor<?x?x?x?xf32>, %v: tensor<?x?x?x7xf32>) -> tensor<?x?x?x7xf32> {
  %r = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<?x?x?x?xf32>, tensor<?x?x?x?xf32>, tensor<?x?x?x7xf32>
  return %r : tensor<?x?x?x7xf32>
}

// CHECK: func.func @model_15(
func.func @model_15(%q: tensor<3x8x1x16xf32>, %k: tensor<1x1x?x16xf32>, %v: tensor<1x1x?x16xf32>) -> tensor<3x8x1x16xf32> {
  %r = transformer.attention %q, %k, %v <{scale = 1.0 : f32}> : tensor<3x8x1x16xf32>, tensor<1x1x?x16xf32>, tensor<1x1x?x16xf32>
  return %r : tensor<3x8x1x16xf32>
}

// CHECK: func.func @model_16(
func.func @model_16(%a: tensor<?x2x32x8xf32>, %b: tensor<?x2x?x8xf32>) -> tensor<?x2x32x8xf32> {
  %r = transformer.kv_write %a, %b <{axis = 2 : i64}> : tensor<?x2x32x8xf32>, tensor<?x2x?x8xf32>
  return %r : tensor<?x2x32x8xf32>
}

// CHECK: func.func @model_17(
func.func @model_17(%a: tensor<?x2xbf16>) -> tensor<?x2xi1> {
  %r = transformer.unary isnan %a : tensor<?x2xbf16>
  return %r : tensor<?x2xi1>
}

// CHECK: func.func @model_18(
func.func @model_18(%a: tensor<?x2xbf16>) -> tensor<?x2xi1> {
  %r = transformer.unary isinf %a : tensor<?x2xbf16>
  return %r : tensor<?x2xi1>
}

// CHECK: func.func @model_19(
func.func @model_19(%a: tensor<?x2xbf16>) -> tensor<?x2xbf16> {
  %r = transformer.unary neg %a : tensor<?x2xbf16>
  return %r : tensor<?x2xbf16>
}
