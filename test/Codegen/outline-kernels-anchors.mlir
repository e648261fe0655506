// RUN: transom-opt %s --split-input-file --outline-kernels --canonicalize --cse | FileCheck %s

// Products, views, rows by index, results that nothing computes.

// A product takes in what follows; its weight is packed.
// CHECK-LABEL: func.func @linear_and_chain(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "r"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @linear_0(%[[A0]], %[[V0]], %[[A1]]) [] : (tensor<4x16xf32>, tensor<16x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @linear_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<16x8xf32> {transformer.panels = array<i64: 16, 0, 1>, transformer.sizes = array<i64: -1, -1>}, %[[A2:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.linear %[[A0]], %[[A1]] {transformer.packed_rhs} : tensor<4x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary tanh %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[A2]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: return %[[V2]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @linear_and_chain(%x: tensor<4x16xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %r: tensor<4x8xf32> {transformer.name = "r", transformer.dims = ["", ""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %0 = transformer.linear %x, %w : tensor<4x16xf32>, tensor<16x8xf32>
  %1 = transformer.unary tanh %0 : tensor<4x8xf32>
  %2 = transformer.binary mul %1, %r : tensor<4x8xf32>, tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// -----

// What a product reads many times lies in memory: the norm is a kernel of its own.
// CHECK-LABEL: func.func @linear_after_norm(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @rms_norm_0(%[[A0]]) [] : (tensor<4x16xf32>) -> tensor<4x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.launch @linear_0(%[[V1]], %[[V0]]) [] : (tensor<4x16xf32>, tensor<16x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V2]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @rms_norm_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<4x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x16xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @linear_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<16x8xf32> {transformer.panels = array<i64: 16, 0, 1>, transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.linear %[[A0]], %[[A1]] {transformer.packed_rhs} : tensor<4x16xf32>, tensor<16x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @linear_after_norm(%x: tensor<4x16xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  %0 = transformer.rms_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x16xf32>
  %w = transformer.constant dense_resource<w> : tensor<16x8xf32>
  %1 = transformer.linear %0, %w : tensor<4x16xf32>, tensor<16x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// Equal layers with other weights share their kernels.
// CHECK-LABEL: func.func @equal_layers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x16xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<down2> : tensor<32x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<up2> : tensor<16x32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<down1> : tensor<32x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<up1> : tensor<16x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<down0> : tensor<32x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<up0> : tensor<16x32xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.launch @linear_0(%[[A0]], %[[V5]]) [] : (tensor<4x16xf32>, tensor<16x32xf32>) -> tensor<4x32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.launch @linear_1(%[[V6]], %[[V4]]) [] : (tensor<4x32xf32>, tensor<32x16xf32>) -> tensor<4x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.launch @linear_0(%[[V7]], %[[V3]]) [] : (tensor<4x16xf32>, tensor<16x32xf32>) -> tensor<4x32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.launch @linear_1(%[[V8]], %[[V2]]) [] : (tensor<4x32xf32>, tensor<32x16xf32>) -> tensor<4x16xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.launch @linear_0(%[[V9]], %[[V1]]) [] : (tensor<4x16xf32>, tensor<16x32xf32>) -> tensor<4x32xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.launch @linear_1(%[[V10]], %[[V0]]) [] : (tensor<4x32xf32>, tensor<32x16xf32>) -> tensor<4x16xf32>
// CHECK-NEXT: return %[[V11]] : tensor<4x16xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @linear_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<16x32xf32> {transformer.panels = array<i64: 16, 0, 1>, transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x32xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.linear %[[A0]], %[[A1]] {transformer.packed_rhs} : tensor<4x16xf32>, tensor<16x32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary relu %[[V0]] : tensor<4x32xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x32xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @linear_1(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x32xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<32x16xf32> {transformer.panels = array<i64: 16, 0, 1>, transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.linear %[[A0]], %[[A1]] {transformer.packed_rhs} : tensor<4x32xf32>, tensor<32x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x16xf32>
// CHECK-NEXT: }
func.func @equal_layers(%x: tensor<4x16xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x16xf32> attributes {transformer.entry} {
  %up0 = transformer.constant dense_resource<up0> : tensor<16x32xf32>
  %0 = transformer.linear %x, %up0 : tensor<4x16xf32>, tensor<16x32xf32>
  %1 = transformer.unary relu %0 : tensor<4x32xf32>
  %down0 = transformer.constant dense_resource<down0> : tensor<32x16xf32>
  %2 = transformer.linear %1, %down0 : tensor<4x32xf32>, tensor<32x16xf32>
  %up1 = transformer.constant dense_resource<up1> : tensor<16x32xf32>
  %3 = transformer.linear %2, %up1 : tensor<4x16xf32>, tensor<16x32xf32>
  %4 = transformer.unary relu %3 : tensor<4x32xf32>
  %down1 = transformer.constant dense_resource<down1> : tensor<32x16xf32>
  %5 = transformer.linear %4, %down1 : tensor<4x32xf32>, tensor<32x16xf32>
  %up2 = transformer.constant dense_resource<up2> : tensor<16x32xf32>
  %6 = transformer.linear %5, %up2 : tensor<4x16xf32>, tensor<16x32xf32>
  %7 = transformer.unary relu %6 : tensor<4x32xf32>
  %down2 = transformer.constant dense_resource<down2> : tensor<32x16xf32>
  %8 = transformer.linear %7, %down2 : tensor<4x32xf32>, tensor<32x16xf32>
  return %8 : tensor<4x16xf32>
}

// -----

// A product of two values: no weight is packed.
// CHECK-LABEL: func.func @products_of_values(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8xf32> {transformer.dims = ["", "", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<2x8x6xf32> {transformer.dims = ["", "", ""], transformer.name = "y"}) -> tensor<2x4x6xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[C256:.+]] = arith.constant 256 : index
// CHECK-NEXT: %[[V0:[^:]+]]:2 = transformer.launch @matmul_0(%[[A0]], %[[A1]], %[[C256]]) [%[[C256]]] : (tensor<2x4x8xf32>, tensor<2x8x6xf32>, index) -> (tensor<2x4x6xf32>, tensor<?xf32>)
// CHECK-NEXT: return %[[V0]]#0 : tensor<2x4x6xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @matmul_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8xf32> {transformer.sizes = array<i64: -1, -1, -1>}, %[[A1:[^:]+]]: tensor<2x8x6xf32> {transformer.sizes = array<i64: -1, -1, -1>}, %[[A2:[^:]+]]: index) -> (tensor<2x4x6xf32> {transformer.sizes = array<i64: -1, -1, -1>}, tensor<?xf32> {transformer.scratch, transformer.sizes = array<i64: 2>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] {transformer.pack_rhs} : tensor<2x4x8xf32>, tensor<2x8x6xf32>
// CHECK-NEXT: %[[V1:.+]] = tensor.empty(%[[A2]]) : tensor<?xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2x4x6xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @products_of_values(%x: tensor<2x4x8xf32> {transformer.name = "x", transformer.dims = ["", "", ""]}, %y: tensor<2x8x6xf32> {transformer.name = "y", transformer.dims = ["", "", ""]}) -> tensor<2x4x6xf32> attributes {transformer.entry} {
  %0 = transformer.matmul %x, %y : tensor<2x4x8xf32>, tensor<2x8x6xf32>
  return %0 : tensor<2x4x6xf32>
}

// -----

// A transpose before a product is how it reads.
// CHECK-LABEL: func.func @transposed_operand(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x8xf32> {transformer.dims = ["", "", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<2x6x8xf32> {transformer.dims = ["", "", ""], transformer.name = "y"}) -> tensor<2x4x6xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[C256:.+]] = arith.constant 256 : index
// CHECK-NEXT: %[[V0:[^:]+]]:2 = transformer.launch @matmul_0(%[[A1]], %[[A0]], %[[C256]]) [%[[C256]]] : (tensor<2x6x8xf32>, tensor<2x4x8xf32>, index) -> (tensor<2x4x6xf32>, tensor<?xf32>)
// CHECK-NEXT: return %[[V0]]#0 : tensor<2x4x6xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @matmul_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x6x8xf32> {transformer.sizes = array<i64: -1, -1, -1>}, %[[A1:[^:]+]]: tensor<2x4x8xf32> {transformer.sizes = array<i64: -1, -1, -1>}, %[[A2:[^:]+]]: index) -> (tensor<2x4x6xf32> {transformer.sizes = array<i64: -1, -1, -1>}, tensor<?xf32> {transformer.scratch, transformer.sizes = array<i64: 2>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A0]] <{perm = array<i64: 0, 2, 1>}> : tensor<2x6x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A1]], %[[V0]] {transformer.pack_rhs} : tensor<2x4x8xf32>, tensor<2x8x6xf32>
// CHECK-NEXT: %[[V2:.+]] = tensor.empty(%[[A2]]) : tensor<?xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]] : tensor<2x4x6xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @transposed_operand(%x: tensor<2x4x8xf32> {transformer.name = "x", transformer.dims = ["", "", ""]}, %y: tensor<2x6x8xf32> {transformer.name = "y", transformer.dims = ["", "", ""]}) -> tensor<2x4x6xf32> attributes {transformer.entry} {
  %0 = transformer.transpose %y <{perm = array<i64: 0, 2, 1>}> : tensor<2x6x8xf32>
  %1 = transformer.matmul %x, %0 : tensor<2x4x8xf32>, tensor<2x8x6xf32>
  return %1 : tensor<2x4x6xf32>
}

// -----

// A transpose inside a chain is an index map.
// CHECK-LABEL: func.func @views(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<8x4xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @exp_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<8x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<8x4xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @exp_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<8x4xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A0]] <{perm = array<i64: 1, 0>}> : tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[V0]] : tensor<8x4xf32>
// CHECK-NEXT: return %[[V1]] : tensor<8x4xf32>
// CHECK-NEXT: }
func.func @views(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<8x4xf32> attributes {transformer.entry} {
  %0 = transformer.transpose %x <{perm = array<i64: 1, 0>}> : tensor<4x8xf32>
  %1 = transformer.unary exp %0 : tensor<8x4xf32>
  return %1 : tensor<8x4xf32>
}

// -----

// A reshape stays in the host program.
// CHECK-LABEL: func.func @reshape_between(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<2x16xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @neg_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reshape %[[V0]][] : tensor<4x8xf32> to tensor<2x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.launch @exp_0(%[[V1]]) [] : (tensor<2x16xf32>) -> tensor<2x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x16xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @neg_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary neg %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @exp_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x16xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<2x16xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<2x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x16xf32>
// CHECK-NEXT: }
func.func @reshape_between(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<2x16xf32> attributes {transformer.entry} {
  %0 = transformer.unary neg %x : tensor<4x8xf32>
  %1 = transformer.reshape %0[] : tensor<4x8xf32> to tensor<2x16xf32>
  %2 = transformer.unary exp %1 : tensor<2x16xf32>
  return %2 : tensor<2x16xf32>
}

// -----

// Slices are read where they lie.
// CHECK-LABEL: func.func @slices(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x4xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @add_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x4xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @add_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x4xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x8xf32> to tensor<4x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.slice %[[A0]][] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<4x8xf32> to tensor<4x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V0]], %[[V1]] : tensor<4x4xf32>, tensor<4x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<4x4xf32>
// CHECK-NEXT: }
func.func @slices(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x4xf32> attributes {transformer.entry} {
  %0 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x8xf32> to tensor<4x4xf32>
  %1 = transformer.slice %x[] [] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<4x8xf32> to tensor<4x4xf32>
  %2 = transformer.binary add %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
  return %2 : tensor<4x4xf32>
}

// -----

// A concatenation writes its parts.
// CHECK-LABEL: func.func @joined(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<4x3xf32> {transformer.dims = ["", ""], transformer.name = "y"}) -> tensor<4x11xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @concat_0(%[[A0]], %[[A1]]) [] : (tensor<4x8xf32>, tensor<4x3xf32>) -> tensor<4x11xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x11xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @concat_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<4x3xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x11xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.concat %[[V0]], %[[A1]] <{axis = 1 : i64}> : tensor<4x8xf32>, tensor<4x3xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x11xf32>
// CHECK-NEXT: }
func.func @joined(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %y: tensor<4x3xf32> {transformer.name = "y", transformer.dims = ["", ""]}) -> tensor<4x11xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x8xf32>
  %1 = transformer.concat %0, %y <{axis = 1 : i64}> : tensor<4x8xf32>, tensor<4x3xf32>
  return %1 : tensor<4x11xf32>
}

// -----

// Rows of a table and a sum.
// CHECK-LABEL: func.func @rows_gathered(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<6xi64> {transformer.dims = [""], transformer.name = "i"}, %[[A1:[^:]+]]: tensor<6x8xf32> {transformer.dims = ["", ""], transformer.name = "p"}) -> tensor<6x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<table> : tensor<50x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @add_0(%[[V0]], %[[A0]], %[[A1]]) [] : (tensor<50x8xf32>, tensor<6xi64>, tensor<6x8xf32>) -> tensor<6x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<6x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @add_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<50x8xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<6xi64> {transformer.sizes = array<i64: -1>}, %[[A2:[^:]+]]: tensor<6x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<6x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.gather %[[A0]], %[[A1]] <{axis = 0 : i64}> : tensor<50x8xf32>, tensor<6xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[V0]], %[[A2]] : tensor<6x8xf32>, tensor<6x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<6x8xf32>
// CHECK-NEXT: }
func.func @rows_gathered(%i: tensor<6xi64> {transformer.name = "i", transformer.dims = [""]}, %p: tensor<6x8xf32> {transformer.name = "p", transformer.dims = ["", ""]}) -> tensor<6x8xf32> attributes {transformer.entry} {
  %table = transformer.constant dense_resource<table> : tensor<50x8xf32>
  %0 = transformer.gather %table, %i <{axis = 0 : i64}> : tensor<50x8xf32>, tensor<6xi64>
  %1 = transformer.binary add %0, %p : tensor<6x8xf32>, tensor<6x8xf32>
  return %1 : tensor<6x8xf32>
}

// -----

// An argument that is a result is copied.
// CHECK-LABEL: func.func @argument_returned(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @identity_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @identity_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: return %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @argument_returned(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  return %x : tensor<4x8xf32>
}

// -----

// A constant that is one.
// CHECK-LABEL: func.func @constant_returned(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xf32> {transformer.dims = [""], transformer.name = "x"}) -> (tensor<4xf32>, tensor<2xf32>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @identity_0(%[[A0]]) [] : (tensor<4xf32>) -> tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.launch @identity_1(%[[V0]]) [] : (tensor<2xf32>) -> tensor<2xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]] : tensor<4xf32>, tensor<2xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @identity_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xf32> {transformer.sizes = array<i64: -1>}) -> (tensor<4xf32> {transformer.sizes = array<i64: -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: return %[[A0]] : tensor<4xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @identity_1(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2xf32> {transformer.sizes = array<i64: -1>}) -> (tensor<2xf32> {transformer.sizes = array<i64: -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: return %[[A0]] : tensor<2xf32>
// CHECK-NEXT: }
func.func @constant_returned(%x: tensor<4xf32> {transformer.name = "x", transformer.dims = [""]}) -> (tensor<4xf32>, tensor<2xf32>) attributes {transformer.entry} {
  %c0 = transformer.constant dense<[1.0, 2.0]> : tensor<2xf32>
  return %x, %c0 : tensor<4xf32>, tensor<2xf32>
}

// -----

// Integers and bools.
// CHECK-LABEL: func.func @integers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xi64> {transformer.dims = [""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<4xi1> {transformer.dims = [""], transformer.name = "m"}) -> (tensor<4xi64>, tensor<4xi1>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @select_0(%[[A1]], %[[A0]]) [] : (tensor<4xi1>, tensor<4xi64>) -> tensor<4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @compare_0(%[[A0]]) [] : (tensor<4xi64>) -> tensor<4xi1>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<4xi64>, tensor<4xi1>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @select_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xi1> {transformer.sizes = array<i64: -1>}, %[[A1:[^:]+]]: tensor<4xi64> {transformer.sizes = array<i64: -1>}) -> (tensor<4xi64> {transformer.sizes = array<i64: -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.select %[[A0]], %[[A1]], %[[V0]] : tensor<4xi1>, tensor<4xi64>, tensor<i64>
// CHECK-NEXT: return %[[V1]] : tensor<4xi64>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @compare_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xi64> {transformer.sizes = array<i64: -1>}) -> (tensor<4xi1> {transformer.sizes = array<i64: -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<3> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.compare gt %[[A0]], %[[V0]] : tensor<4xi64>, tensor<i64>
// CHECK-NEXT: return %[[V1]] : tensor<4xi1>
// CHECK-NEXT: }
func.func @integers(%x: tensor<4xi64> {transformer.name = "x", transformer.dims = [""]}, %m: tensor<4xi1> {transformer.name = "m", transformer.dims = [""]}) -> (tensor<4xi64>, tensor<4xi1>) attributes {transformer.entry} {
  %c0 = transformer.constant dense<0> : tensor<i64>
  %0 = transformer.select %m, %x, %c0 : tensor<4xi1>, tensor<4xi64>, tensor<i64>
  %c1 = transformer.constant dense<3> : tensor<i64>
  %1 = transformer.compare gt %x, %c1 : tensor<4xi64>, tensor<i64>
  return %0, %1 : tensor<4xi64>, tensor<4xi1>
}

// -----

// A size is an argument, once for all tensors that have it.
// CHECK-LABEL: func.func @dynamic_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32> {transformer.dims = ["n", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<?x8xf32> {transformer.dims = ["n", ""], transformer.name = "y"}) -> tensor<?x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x8xf32>
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @exp_0(%[[A0]], %[[A1]], %[[DIM]]) [%[[DIM]]] : (tensor<?x8xf32>, tensor<?x8xf32>, index) -> tensor<?x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @exp_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8xf32> {transformer.sizes = array<i64: 2, -1>}, %[[A1:[^:]+]]: tensor<?x8xf32> {transformer.sizes = array<i64: 2, -1>}, %[[A2:[^:]+]]: index) -> (tensor<?x8xf32> {transformer.sizes = array<i64: 2, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<?x8xf32>, tensor<?x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[V0]] : tensor<?x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x8xf32>
// CHECK-NEXT: }
func.func @dynamic_rows(%x: tensor<?x8xf32> {transformer.name = "x", transformer.dims = ["n", ""]}, %y: tensor<?x8xf32> {transformer.name = "y", transformer.dims = ["n", ""]}) -> tensor<?x8xf32> attributes {transformer.entry} {
  %0 = transformer.binary add %x, %y : tensor<?x8xf32>, tensor<?x8xf32>
  %1 = transformer.unary exp %0 : tensor<?x8xf32>
  return %1 : tensor<?x8xf32>
}

// -----

// Rows of integers are copied before they are multiplied, quantised on the way; what follows the sums is of their tile:
// scale, bias, rounding. Weights lie in panels of fours; memory for the rows and their sums is a result more.
// CHECK-LABEL: func.func @integers
// CHECK: transformer.launch @matmul_integer_0(
// CHECK-NOT: transformer.launch
// CHECK: return
// CHECK: func.func private @matmul_integer_0(
// CHECK-SAME: transformer.panels = array<i64: 16, 0, 4>
// CHECK-SAME: transformer.scratch
// CHECK: %[[ROWS:.+]] = transformer.quantize %
// CHECK: transformer.matmul_integer %[[ROWS]], %{{.+}} {transformer.packed_rhs}
// CHECK: transformer.quantize %
func.func @integers(%x: tensor<?x8xf32>, %s: tensor<f32>, %z: tensor<ui8>, %b: tensor<16xf32>) -> tensor<?x16xui8> attributes {transformer.entry} {
  %w = transformer.constant dense_resource<w> : tensor<8x16xi8>
  %0 = transformer.quantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x8xf32>, tensor<f32> to tensor<?x8xui8>
  %1 = transformer.matmul_integer %0, %w lhs_zero %z : tensor<ui8> : tensor<?x8xui8>, tensor<8x16xi8>
  %2 = transformer.cast %1 : tensor<?x16xi32> to tensor<?x16xf32>
  %3 = transformer.binary mul %2, %s : tensor<?x16xf32>, tensor<f32>
  %4 = transformer.binary add %3, %b : tensor<?x16xf32>, tensor<16xf32>
  %5 = transformer.quantize %4, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xf32>, tensor<f32> to tensor<?x16xui8>
  return %5 : tensor<?x16xui8>
}
