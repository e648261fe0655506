// RUN: transom-opt %s --split-input-file --outline-kernels --canonicalize --cse | FileCheck %s

// What becomes one kernel, what two, and what the host program keeps: chains, reductions and norms.

// A chain of elementwise ops is one kernel; a number goes with it.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @tanh_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @tanh_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V1]], %[[V0]] : tensor<4x8xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary tanh %[[V2]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V3]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @chain(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x8xf32>
  %c0 = transformer.constant dense<0.5> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<4x8xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<4x8xf32>
  return %2 : tensor<4x8xf32>
}

// -----

// A value that is also a result is stored by the kernel that makes it.
// CHECK-LABEL: func.func @two_results(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @exp_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @neg_0(%[[V0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @exp_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @neg_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary neg %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @two_results(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x8xf32>
  %1 = transformer.unary neg %0 : tensor<4x8xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A cheap value with two readers has one home.
// CHECK-LABEL: func.func @read_twice_cheap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @add_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @exp_0(%[[V0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.launch @log_0(%[[V0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @add_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[A0]], %[[V0]] : tensor<4x8xf32>, tensor<f32>
// CHECK-NEXT: return %[[V1]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @exp_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @log_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary log %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @read_twice_cheap(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary add %x, %c0 : tensor<4x8xf32>, tensor<f32>
  %1 = transformer.unary exp %0 : tensor<4x8xf32>
  %2 = transformer.unary log %0 : tensor<4x8xf32>
  return %1, %2 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A row of an input that broadcasts is an argument.
// CHECK-LABEL: func.func @row_broadcast(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<8xf32> {transformer.dims = [""], transformer.name = "r"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @relu_0(%[[A0]], %[[A1]]) [] : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @relu_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<8xf32> {transformer.sizes = array<i64: -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<4x8xf32>, tensor<8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary relu %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @row_broadcast(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %r: tensor<8xf32> {transformer.name = "r", transformer.dims = [""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  %0 = transformer.binary add %x, %r : tensor<4x8xf32>, tensor<8xf32>
  %1 = transformer.unary relu %0 : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// A chain before a reduction is computed in it.
// CHECK-LABEL: func.func @before_reduction(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @reduce_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @reduce_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4xf32> {transformer.sizes = array<i64: -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary exp %[[A0]] : tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce sum %[[V0]] <{axes = array<i64: 1>}> : tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4xf32>
// CHECK-NEXT: }
func.func @before_reduction(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<4x8xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>}> : tensor<4x8xf32>
  return %1 : tensor<4xf32>
}

// -----

// One after it as well.
// CHECK-LABEL: func.func @after_reduction(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x1xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @reduce_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x1xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x1xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @reduce_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x1xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary mul %[[A0]], %[[A0]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.reduce sum %[[V0]] <{axes = array<i64: 1>, keepdims}> : tensor<4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary sqrt %[[V1]] : tensor<4x1xf32>
// CHECK-NEXT: return %[[V2]] : tensor<4x1xf32>
// CHECK-NEXT: }
func.func @after_reduction(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x1xf32> attributes {transformer.entry} {
  %0 = transformer.binary mul %x, %x : tensor<4x8xf32>, tensor<4x8xf32>
  %1 = transformer.reduce sum %0 <{axes = array<i64: 1>, keepdims}> : tensor<4x8xf32>
  %2 = transformer.unary sqrt %1 : tensor<4x1xf32>
  return %2 : tensor<4x1xf32>
}

// -----

// What reads the reduced value beside the whole one is another kernel.
// CHECK-LABEL: func.func @around_reduction(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @reduce_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @sub_0(%[[A0]], %[[V0]]) [] : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @reduce_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x1xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.reduce max %[[A0]] <{axes = array<i64: 1>, keepdims}> : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x1xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @sub_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<4x1xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary sub %[[A0]], %[[A1]] : tensor<4x8xf32>, tensor<4x1xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @around_reduction(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  %0 = transformer.reduce max %x <{axes = array<i64: 1>, keepdims}> : tensor<4x8xf32>
  %1 = transformer.binary sub %x, %0 : tensor<4x8xf32>, tensor<4x1xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// A mask before a softmax, a cast after it.
// CHECK-LABEL: func.func @softmax_masked(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<8xf32> {transformer.dims = [""], transformer.name = "m"}) -> tensor<4x8xf16> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @softmax_0(%[[A0]], %[[A1]]) [] : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf16>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf16>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @softmax_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<8xf32> {transformer.sizes = array<i64: -1>}) -> (tensor<4x8xf16> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<4x8xf32>, tensor<8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.softmax %[[V0]] <{axis = 1 : i64}> : tensor<4x8xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<4x8xf32> to tensor<4x8xf16>
// CHECK-NEXT: return %[[V2]] : tensor<4x8xf16>
// CHECK-NEXT: }
func.func @softmax_masked(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %m: tensor<8xf32> {transformer.name = "m", transformer.dims = [""]}) -> tensor<4x8xf16> attributes {transformer.entry} {
  %0 = transformer.binary add %x, %m : tensor<4x8xf32>, tensor<8xf32>
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<4x8xf32>
  %2 = transformer.cast %1 : tensor<4x8xf32> to tensor<4x8xf16>
  return %2 : tensor<4x8xf16>
}

// -----

// A sum that a norm reads and something else too.
// CHECK-LABEL: func.func @norm_of_sum(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "y"}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @add_0(%[[A0]], %[[A1]]) [] : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @rms_norm_0(%[[V0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]], %[[V0]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @add_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}, %[[A1:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.binary add %[[A0]], %[[A1]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @rms_norm_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @norm_of_sum(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %y: tensor<4x8xf32> {transformer.name = "y", transformer.dims = ["", ""]}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
  %0 = transformer.binary add %x, %y : tensor<4x8xf32>, tensor<4x8xf32>
  %1 = transformer.rms_norm %0 <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x8xf32>
  return %1, %0 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// A norm and what follows.
// CHECK-LABEL: func.func @norm_then_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}) -> tensor<4x8xf32> attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @rms_norm_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @rms_norm_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary silu %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: return %[[V1]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @norm_then_activation(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}) -> tensor<4x8xf32> attributes {transformer.entry} {
  %0 = transformer.rms_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x8xf32>
  %1 = transformer.unary silu %0 : tensor<4x8xf32>
  return %1 : tensor<4x8xf32>
}

// -----

// Two norms of equal shapes are one kernel, called twice.
// CHECK-LABEL: func.func @two_norms(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "y"}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @rms_norm_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @rms_norm_0(%[[A1]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<4x8xf32>, tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @rms_norm_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
func.func @two_norms(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %y: tensor<4x8xf32> {transformer.name = "y", transformer.dims = ["", ""]}) -> (tensor<4x8xf32>, tensor<4x8xf32>) attributes {transformer.entry} {
  %0 = transformer.rms_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x8xf32>
  %1 = transformer.rms_norm %y <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x8xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x8xf32>
}

// -----

// Of other shapes two.
// CHECK-LABEL: func.func @norms_of_other_shapes(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.dims = ["", ""], transformer.name = "x"}, %[[A1:[^:]+]]: tensor<4x16xf32> {transformer.dims = ["", ""], transformer.name = "y"}) -> (tensor<4x8xf32>, tensor<4x16xf32>) attributes {transformer.entry} {
// CHECK-NEXT: %[[V0:.+]] = transformer.launch @rms_norm_0(%[[A0]]) [] : (tensor<4x8xf32>) -> tensor<4x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.launch @rms_norm_1(%[[A1]]) [] : (tensor<4x16xf32>) -> tensor<4x16xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<4x8xf32>, tensor<4x16xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @rms_norm_0(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x8xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<4x8xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x8xf32>
// CHECK-NEXT: }
//
// CHECK-LABEL: func.func private @rms_norm_1(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}) -> (tensor<4x16xf32> {transformer.sizes = array<i64: -1, -1>}) attributes {transformer.kernel} {
// CHECK-NEXT: %[[V0:.+]] = transformer.rms_norm %[[A0]] <{axis = 1 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<4x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<4x16xf32>
// CHECK-NEXT: }
func.func @norms_of_other_shapes(%x: tensor<4x8xf32> {transformer.name = "x", transformer.dims = ["", ""]}, %y: tensor<4x16xf32> {transformer.name = "y", transformer.dims = ["", ""]}) -> (tensor<4x8xf32>, tensor<4x16xf32>) attributes {transformer.entry} {
  %0 = transformer.rms_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x8xf32>
  %1 = transformer.rms_norm %y <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x16xf32>
  return %0, %1 : tensor<4x8xf32>, tensor<4x16xf32>
}
