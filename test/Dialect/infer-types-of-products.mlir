// RUN: transom-opt %s | FileCheck %s

// What elementwise ops, products and windows infer: a return of any other type does not parse. The
// functions are looked for so that none is lost.

// CHECK: func.func @broadcasts_1(
func.func @broadcasts_1(%a: tensor<?x4xf32>, %b: tensor<4xf32>) -> tensor<?x4xf32> {
  %r = transformer.binary add %a, %b : tensor<?x4xf32>, tensor<4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK: func.func @broadcasts_2(
func.func @broadcasts_2(%a: tensor<?x4xf32>, %b: tensor<4xf32>) -> tensor<?x4xi1> {
  %r = transformer.compare lt %b, %a : tensor<4xf32>, tensor<?x4xf32>
  return %r : tensor<?x4xi1>
}

// CHECK: func.func @broadcasts_3(
func.func @broadcasts_3(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %r = transformer.binary add %a, %b : tensor<?x4xf32>, tensor<?x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK: func.func @broadcasts_4(
func.func @broadcasts_4(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xi1> {
  %r = transformer.compare lt %b, %a : tensor<?x4xf32>, tensor<?x4xf32>
  return %r : tensor<?x4xi1>
}

// CHECK: func.func @broadcasts_5(
func.func @broadcasts_5(%a: tensor<?x1xf32>, %b: tensor<1x4xf32>) -> tensor<?x4xf32> {
  %r = transformer.binary add %a, %b : tensor<?x1xf32>, tensor<1x4xf32>
  return %r : tensor<?x4xf32>
}

// CHECK: func.func @broadcasts_6(
func.func @broadcasts_6(%a: tensor<?x1xf32>, %b: tensor<1x4xf32>) -> tensor<?x4xi1> {
  %r = transformer.compare lt %b, %a : tensor<1x4xf32>, tensor<?x1xf32>
  return %r : tensor<?x4xi1>
}

// CHECK: func.func @broadcasts_7(
func.func @broadcasts_7(%a: tensor<?x1xf32>, %b: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %r = transformer.binary add %a, %b : tensor<?x1xf32>, tensor<3x4xf32>
  return %r : tensor<3x4xf32>
}

// CHECK: func.func @broadcasts_8(
func.func @broadcasts_8(%a: tensor<?x1xf32>, %b: tensor<3x4xf32>) -> tensor<3x4xi1> {
  %r = transformer.compare lt %b, %a : tensor<3x4xf32>, tensor<?x1xf32>
  return %r : tensor<3x4xi1>
}

// CHECK: func.func @broadcasts_9(
func.func @broadcasts_9(%a: tensor<1xf32>, %b: tensor<?xf32>) -> tensor<?xf32> {
  %r = transformer.binary add %a, %b : tensor<1xf32>, tensor<?xf32>
  return %r : tensor<?xf32>
}

// CHECK: func.func @broadcasts_10(
func.func @broadcasts_10(%a: tensor<1xf32>, %b: tensor<?xf32>) -> tensor<?xi1> {
  %r = transformer.compare lt %b, %a : tensor<?xf32>, tensor<1xf32>
  return %r : tensor<?xi1>
}

// CHECK: func.func @broadcasts_11(
func.func @broadcasts_11(%a: tensor<f32>, %b: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %r = transformer.binary add %a, %b : tensor<f32>, tensor<2x3xf32>
  return %r : tensor<2x3xf32>
}

// CHECK: func.func @broadcasts_12(
func.func @broadcasts_12(%a: tensor<f32>, %b: tensor<2x3xf32>) -> tensor<2x3xi1> {
  %r = transformer.compare lt %b, %a : tensor<2x3xf32>, tensor<f32>
  return %r : tensor<2x3xi1>
}

// CHECK: func.func @broadcasts_13(
func.func @broadcasts_13(%a: tensor<2x1x3xf32>, %b: tensor<4x1xf32>) -> tensor<2x4x3xf32> {
  %r = transformer.binary add %a, %b : tensor<2x1x3xf32>, tensor<4x1xf32>
  return %r : tensor<2x4x3xf32>
}

// CHECK: func.func @broadcasts_14(
func.func @broadcasts_14(%a: tensor<2x1x3xf32>, %b: tensor<4x1xf32>) -> tensor<2x4x3xi1> {
  %r = transformer.compare lt %b, %a : tensor<4x1xf32>, tensor<2x1x3xf32>
  return %r : tensor<2x4x3xi1>
}

// CHECK: func.func @broadcasts_15(
func.func @broadcasts_15(%a: tensor<?xf32>, %b: tensor<5xf32>) -> tensor<5xf32> {
  %r = transformer.binary add %a, %b : tensor<?xf32>, tensor<5xf32>
  return %r : tensor<5xf32>
}

// CHECK: func.func @broadcasts_16(
func.func @broadcasts_16(%a: tensor<?xf32>, %b: tensor<5xf32>) -> tensor<5xi1> {
  %r = transformer.compare lt %b, %a : tensor<5xf32>, tensor<?xf32>
  return %r : tensor<5xi1>
}

// CHECK: func.func @broadcasts_17(
func.func @broadcasts_17(%a: tensor<1x?xf32>, %b: tensor<?x1xf32>) -> tensor<?x?xf32> {
  %r = transformer.binary add %a, %b : tensor<1x?xf32>, tensor<?x1xf32>
  return %r : tensor<?x?xf32>
}

// CHECK: func.func @broadcasts_18(
func.func @broadcasts_18(%a: tensor<1x?xf32>, %b: tensor<?x1xf32>) -> tensor<?x?xi1> {
  %r = transformer.compare lt %b, %a : tensor<?x1xf32>, tensor<1x?xf32>
  return %r : tensor<?x?xi1>
}

// CHECK: func.func @broadcasts_19(
func.func @broadcasts_19(%a: tensor<0x3xf32>, %b: tensor<1x3xf32>) -> tensor<0x3xf32> {
  %r = transformer.binary add %a, %b : tensor<0x3xf32>, tensor<1x3xf32>
  return %r : tensor<0x3xf32>
}

// CHECK: func.func @broadcasts_20(
func.func @broadcasts_20(%a: tensor<0x3xf32>, %b: tensor<1x3xf32>) -> tensor<0x3xi1> {
  %r = transformer.compare lt %b, %a : tensor<1x3xf32>, tensor<0x3xf32>
  return %r : tensor<0x3xi1>
}

// CHECK: func.func @broadcasts_21(
func.func @broadcasts_21(%a: tensor<1x3xf32>, %b: tensor<0x1xf32>) -> tensor<0x3xf32> {
  %r = transformer.binary add %a, %b : tensor<1x3xf32>, tensor<0x1xf32>
  return %r : tensor<0x3xf32>
}

// CHECK: func.func @broadcasts_22(
func.func @broadcasts_22(%a: tensor<1x3xf32>, %b: tensor<0x1xf32>) -> tensor<0x3xi1> {
  %r = transformer.compare lt %b, %a : tensor<0x1xf32>, tensor<1x3xf32>
  return %r : tensor<0x3xi1>
}

// CHECK: func.func @broadcasts_23(
func.func @broadcasts_23(%c: tensor<?x1x4xi1>, %a: tensor<3x1xf32>, %b: tensor<f32>) -> tensor<?x3x4xf32> {
  %r = transformer.select %c, %a, %b : tensor<?x1x4xi1>, tensor<3x1xf32>, tensor<f32>
  return %r : tensor<?x3x4xf32>
}

// CHECK: func.func @broadcasts_24(
func.func @broadcasts_24(%a: tensor<?x4xf16>, %b: tensor<4xi32>) -> tensor<?x4xf16> {
  %r = transformer.binary pow %a, %b : tensor<?x4xf16>, tensor<4xi32>
  return %r : tensor<?x4xf16>
}

// CHECK: func.func @broadcasts_25(
func.func @broadcasts_25(%a: tensor<?x4xbf16>, %b: tensor<4xbf16>) -> tensor<?x4xbf16> {
  %r = transformer.glu gelu %a, %b : tensor<?x4xbf16>, tensor<4xbf16>
  return %r : tensor<?x4xbf16>
}

// CHECK: func.func @products_1(
func.func @products_1(%a: tensor<3x4xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %r = transformer.matmul %a, %b : tensor<3x4xf32>, tensor<4x5xf32>
  return %r : tensor<3x5xf32>
}

// CHECK: func.func @products_2(
func.func @products_2(%a: tensor<?x4xf32>, %b: tensor<4x?xf32>) -> tensor<?x?xf32> {
  %r = transformer.matmul %a, %b : tensor<?x4xf32>, tensor<4x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK: func.func @products_3(
func.func @products_3(%a: tensor<?x?x4xf32>, %b: tensor<4x5xf32>) -> tensor<?x?x5xf32> {
  %r = transformer.matmul %a, %b : tensor<?x?x4xf32>, tensor<4x5xf32>
  return %r : tensor<?x?x5xf32>
}

// CHECK: func.func @products_4(
func.func @products_4(%a: tensor<2x1x3x4xf32>, %b: tensor<7x4x5xf32>) -> tensor<2x7x3x5xf32> {
  %r = transformer.matmul %a, %b : tensor<2x1x3x4xf32>, tensor<7x4x5xf32>
  return %r : tensor<2x7x3x5xf32>
}

// CHECK: func.func @products_5(
func.func @products_5(%a: tensor<?x3x4xf32>, %b: tensor<2x4x5xf32>) -> tensor<2x3x5xf32> {
  %r = transformer.matmul %a, %b : tensor<?x3x4xf32>, tensor<2x4x5xf32>
  return %r : tensor<2x3x5xf32>
}

// CHECK: func.func @products_6(
func.func @products_6(%a: tensor<4x3xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %r = transformer.matmul %a, %b <{transpose_a}> : tensor<4x3xf32>, tensor<4x5xf32>
  return %r : tensor<3x5xf32>
}

// CHECK: func.func @products_7(
func.func @products_7(%a: tensor<3x4xf32>, %b: tensor<5x4xf32>) -> tensor<3x5xf32> {
  %r = transformer.matmul %a, %b <{transpose_b}> : tensor<3x4xf32>, tensor<5x4xf32>
  return %r : tensor<3x5xf32>
}

// CHECK: func.func @products_8(
func.func @products_8(%a: tensor<?x4x3xf32>, %b: tensor<5x4xf32>) -> tensor<?x3x5xf32> {
  %r = transformer.matmul %a, %b <{transpose_a, transpose_b}> : tensor<?x4x3xf32>, tensor<5x4xf32>
  return %r : tensor<?x3x5xf32>
}

// CHECK: func.func @products_9(
func.func @products_9(%a: tensor<3x?xf32>, %b: tensor<4x5xf32>) -> tensor<3x5xf32> {
  %r = transformer.matmul %a, %b : tensor<3x?xf32>, tensor<4x5xf32>
  return %r : tensor<3x5xf32>
}

// CHECK: func.func @products_10(
func.func @products_10(%a: tensor<0x4xf32>, %b: tensor<4x5xf32>) -> tensor<0x5xf32> {
  %r = transformer.matmul %a, %b : tensor<0x4xf32>, tensor<4x5xf32>
  return %r : tensor<0x5xf32>
}

// CHECK: func.func @products_11(
func.func @products_11(%a: tensor<3x0xf32>, %b: tensor<0x5xf32>) -> tensor<3x5xf32> {
  %r = transformer.matmul %a, %b : tensor<3x0xf32>, tensor<0x5xf32>
  return %r : tensor<3x5xf32>
}

// CHECK: func.func @products_12(
func.func @products_12(%a: tensor<?x2x4xui8>, %b: tensor<4x5xui8>) -> tensor<?x2x5xi32> {
  %r = transformer.matmul_integer %a, %b : tensor<?x2x4xui8>, tensor<4x5xui8>
  return %r : tensor<?x2x5xi32>
}

// CHECK: func.func @products_13(
func.func @products_13(%a: tensor<16xf16>, %b: tensor<16x48xf16>) -> tensor<48xf16> {
  %r = transformer.linear %a, %b : tensor<16xf16>, tensor<16x48xf16>
  return %r : tensor<48xf16>
}

// CHECK: func.func @products_14(
func.func @products_14(%a: tensor<?x16xf16>, %b: tensor<16x48xf16>) -> tensor<?x48xf16> {
  %r = transformer.linear %a, %b : tensor<?x16xf16>, tensor<16x48xf16>
  return %r : tensor<?x48xf16>
}

// CHECK: func.func @products_15(
func.func @products_15(%a: tensor<2x?x3x16xf16>, %b: tensor<16x48xf16>) -> tensor<2x?x3x48xf16> {
  %r = transformer.linear %a, %b : tensor<2x?x3x16xf16>, tensor<16x48xf16>
  return %r : tensor<2x?x3x48xf16>
}

// CHECK: func.func @products_16(
func.func @products_16(%a: tensor<?x?xf16>, %b: tensor<16x48xf16>) -> tensor<?x48xf16> {
  %r = transformer.linear %a, %b : tensor<?x?xf16>, tensor<16x48xf16>
  return %r : tensor<?x48xf16>
}

// CHECK: func.func @products_17(
func.func @products_17(%a: tensor<?x16xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %r = transformer.linear %a, %b : tensor<?x16xf32>, tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}

// CHECK: func.func @products_18(
func.func @products_18(%a: tensor<2x?x20xf32>, %w: tensor<3x2x16xui8>, %s: tensor<3x2xf32>) -> tensor<2x?x3xf32> {
  %r = transformer.linear_nbits %a, %w, %s <{bits = 8 : i64, block_size = 16 : i64, k = 20 : i64, n = 3 : i64}> : tensor<2x?x20xf32>, tensor<3x2x16xui8>, tensor<3x2xf32>
  return %r : tensor<2x?x3xf32>
}

// CHECK: func.func @windows_1(
func.func @windows_1(%a: tensor<2x4x10xf32>, %w: tensor<8x4x3xf32>) -> tensor<2x8x8xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x10xf32>, tensor<8x4x3xf32>
  return %r : tensor<2x8x8xf32>
}

// CHECK: func.func @windows_2(
func.func @windows_2(%a: tensor<2x4x10xf32>, %w: tensor<8x4x3xf32>) -> tensor<2x8x10xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<2x4x10xf32>, tensor<8x4x3xf32>
  return %r : tensor<2x8x10xf32>
}

// CHECK: func.func @windows_3(
func.func @windows_3(%a: tensor<2x4x10xf32>, %w: tensor<8x4x3xf32>) -> tensor<2x8x3xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 3>}> : tensor<2x4x10xf32>, tensor<8x4x3xf32>
  return %r : tensor<2x8x3xf32>
}

// CHECK: func.func @windows_4(
func.func @windows_4(%a: tensor<2x4x10xf32>, %w: tensor<8x4x3xf32>) -> tensor<2x8x8xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 2>, group = 1 : i64, pads = array<i64: 2, 0>, strides = array<i64: 1>}> : tensor<2x4x10xf32>, tensor<8x4x3xf32>
  return %r : tensor<2x8x8xf32>
}

// CHECK: func.func @windows_5(
func.func @windows_5(%a: tensor<?x4x10x12xf32>, %w: tensor<8x4x3x4xf32>) -> tensor<?x8x5x4xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1, 1>, group = 1 : i64, pads = array<i64: 1, 0, 1, 2>, strides = array<i64: 2, 3>}> : tensor<?x4x10x12xf32>, tensor<8x4x3x4xf32>
  return %r : tensor<?x8x5x4xf32>
}

// CHECK: func.func @windows_6(
func.func @windows_6(%a: tensor<2x4x?xf32>, %w: tensor<8x4x3xf32>) -> tensor<2x8x?xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x?xf32>, tensor<8x4x3xf32>
  return %r : tensor<2x8x?xf32>
}

// CHECK: func.func @windows_7(
func.func @windows_7(%a: tensor<2x4x10xf32>, %w: tensor<8x4x?xf32>) -> tensor<2x8x?xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x10xf32>, tensor<8x4x?xf32>
  return %r : tensor<2x8x?xf32>
}

// CHECK: func.func @windows_8(
func.func @windows_8(%a: tensor<1x4x3x4x5xf32>, %w: tensor<6x4x2x2x2xf32>) -> tensor<1x6x2x3x4xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1, 1, 1>, group = 1 : i64, pads = array<i64: 0, 0, 0, 0, 0, 0>, strides = array<i64: 1, 1, 1>}> : tensor<1x4x3x4x5xf32>, tensor<6x4x2x2x2xf32>
  return %r : tensor<1x6x2x3x4xf32>
}

// CHECK: func.func @windows_9(
func.func @windows_9(%a: tensor<2x4x10xf32>, %w: tensor<8x1x3xf32>) -> tensor<2x8x8xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 4 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x4x10xf32>, tensor<8x1x3xf32>
  return %r : tensor<2x8x8xf32>
}

// CHECK: func.func @windows_10(
func.func @windows_10(%a: tensor<2x?x10xf32>, %w: tensor<8x4x3xf32>) -> tensor<2x8x8xf32> {
  %r = transformer.conv %a, %w <{dilations = array<i64: 1>, group = 1 : i64, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<2x?x10xf32>, tensor<8x4x3xf32>
  return %r : tensor<2x8x8xf32>
}

// CHECK: func.func @windows_11(
func.func @windows_11(%a: tensor<1x2x10xf32>) -> tensor<1x2x5xf32> {
  %r = transformer.pool max %a <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x2x10xf32>
  return %r : tensor<1x2x5xf32>
}

// CHECK: func.func @windows_12(
func.func @windows_12(%a: tensor<1x2x10xf32>) -> tensor<1x2x3xf32> {
  %r = transformer.pool max %a <{dilations = array<i64: 1>, kernel = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 3>}> : tensor<1x2x10xf32>
  return %r : tensor<1x2x3xf32>
}

// CHECK: func.func @windows_13(
func.func @windows_13(%a: tensor<1x2x10xf32>) -> tensor<1x2x4xf32> {
  %r = transformer.pool max %a <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 3>}> : tensor<1x2x10xf32>
  return %r : tensor<1x2x4xf32>
}

// CHECK: func.func @windows_14(
func.func @windows_14(%a: tensor<1x2x10xf32>) -> tensor<1x2x4xf32> {
  %r = transformer.pool max %a <{dilations = array<i64: 3>, kernel = array<i64: 3>, pads = array<i64: 0, 0>, strides = array<i64: 1>}> : tensor<1x2x10xf32>
  return %r : tensor<1x2x4xf32>
}

// CHECK: func.func @windows_15(
func.func @windows_15(%a: tensor<1x2x10xf32>) -> tensor<1x2x3xf32> {
  %r = transformer.pool max %a <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 1, 0>, strides = array<i64: 4>}> : tensor<1x2x10xf32>
  return %r : tensor<1x2x3xf32>
}

// CHECK: func.func @windows_16(
func.func @windows_16(%a: tensor<1x2x5xf32>) -> tensor<1x2x2xf32> {
  %r = transformer.pool max %a <{ceil_mode, dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 1, 1>, strides = array<i64: 4>}> : tensor<1x2x5xf32>
  return %r : tensor<1x2x2xf32>
}

// CHECK: func.func @windows_17(
func.func @windows_17(%a: tensor<?x2x10x8xf32>) -> tensor<?x2x5x8xf32> {
  %r = transformer.pool max %a <{dilations = array<i64: 1, 1>, kernel = array<i64: 2, 3>, pads = array<i64: 0, 1, 0, 1>, strides = array<i64: 2, 1>}> : tensor<?x2x10x8xf32>
  return %r : tensor<?x2x5x8xf32>
}

// CHECK: func.func @windows_18(
func.func @windows_18(%a: tensor<1x2x?xf32>) -> tensor<1x2x?xf32> {
  %r = transformer.pool max %a <{dilations = array<i64: 1>, kernel = array<i64: 2>, pads = array<i64: 0, 0>, strides = array<i64: 2>}> : tensor<1x2x?xf32>
  return %r : tensor<1x2x?xf32>
}
