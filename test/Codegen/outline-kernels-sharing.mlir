// RUN: transom-opt %s --split-input-file --outline-kernels --canonicalize --cse | FileCheck %s

// Which groups are one function. What a group computes decides, with its types
// and attributes; not which values it is handed, nor where in the model it stands.

// Locations do not matter: names of nodes are the calls'.
// CHECK-LABEL: func.func @nodes
// CHECK: transformer.launch @softmax_0(
// CHECK: transformer.launch @softmax_0(
// CHECK: func.func private @softmax_0(
// CHECK-NOT: func.func private
func.func @nodes(%x: tensor<?x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>) attributes {transformer.entry} {
  %0 = transformer.softmax %x <{axis = 1 : i64}> : tensor<?x16xf32> loc("first"("Softmax"))
  %1 = transformer.softmax %0 <{axis = 1 : i64}> : tensor<?x16xf32> loc("second"("Softmax"))
  return %0, %1 : tensor<?x16xf32>, tensor<?x16xf32>
}

// -----

// A number stands in the code: another number is another kernel, the same number is the same one.
// CHECK-LABEL: func.func @numbers
// CHECK-DAG: transformer.launch @mul_0(%arg0
// CHECK-DAG: transformer.launch @mul_0(%arg1
// CHECK-DAG: transformer.launch @mul_1(%arg2
// CHECK: func.func private @mul_0(
// CHECK: transformer.constant dense<5.000000e-01>
// CHECK: func.func private @mul_1(
// CHECK: transformer.constant dense<2.500000e-01>
// CHECK-NOT: func.func private
func.func @numbers(%x: tensor<?xf32>, %y: tensor<?xf32>, %z: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) attributes {transformer.entry} {
  %half = transformer.constant dense<0.5> : tensor<f32>
  %half2 = transformer.constant dense<0.5> : tensor<f32>
  %quarter = transformer.constant dense<0.25> : tensor<f32>
  %0 = transformer.binary mul %x, %half : tensor<?xf32>, tensor<f32>
  %1 = transformer.binary mul %y, %half2 : tensor<?xf32>, tensor<f32>
  %2 = transformer.binary mul %z, %quarter : tensor<?xf32>, tensor<f32>
  return %0, %1, %2 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// -----

// A vector of weights is an argument, whatever it holds; a splat of any shape is none.
// CHECK-LABEL: func.func @vectors
// CHECK: %[[A:.*]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]>
// CHECK: transformer.launch @add_0(%arg0, %[[A]]
// CHECK: transformer.launch @add_1(%arg0, %{{[^,]+}}) [
// CHECK: func.func private @add_0(%arg0: tensor<?x4xf32> {{.*}}, %arg1: tensor<4xf32>
// CHECK: func.func private @add_1(%arg0: tensor<?x4xf32> {{.*}}}, %arg1: index)
func.func @vectors(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) attributes {transformer.entry} {
  %a = transformer.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %b = transformer.constant dense<3.0> : tensor<4xf32>
  %0 = transformer.binary add %x, %a : tensor<?x4xf32>, tensor<4xf32>
  %1 = transformer.binary add %x, %b : tensor<?x4xf32>, tensor<4xf32>
  return %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Other types, attributes, static sizes or operand orders are other kernels.
// CHECK-LABEL: func.func @apart
// CHECK-DAG: transformer.launch @layer_norm_0(
// CHECK-DAG: transformer.launch @layer_norm_1(
// CHECK-DAG: transformer.launch @layer_norm_2(
// CHECK-DAG: transformer.launch @layer_norm_3(
// CHECK: func.func private @layer_norm_0(%arg0: tensor<?x16xf32>
// CHECK: epsilon = 9.99999974E-6
// CHECK: func.func private @layer_norm_1(%arg0: tensor<?x16xf32>
// CHECK: epsilon = 9.99999996E-13
// CHECK: func.func private @layer_norm_2(%arg0: tensor<?x16xf16>
// CHECK: func.func private @layer_norm_3(%arg0: tensor<4x16xf32>
func.func @apart(%x: tensor<?x16xf32>, %y: tensor<?x16xf16>, %z: tensor<4x16xf32>) -> (tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf16>, tensor<4x16xf32>) attributes {transformer.entry} {
  %0 = transformer.layer_norm %x <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x16xf32>
  %1 = transformer.layer_norm %x <{axis = 1 : i64, epsilon = 1.0e-12 : f32}> : tensor<?x16xf32>
  %2 = transformer.layer_norm %y <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x16xf16>
  %3 = transformer.layer_norm %z <{axis = 1 : i64, epsilon = 1.0e-05 : f32}> : tensor<4x16xf32>
  return %0, %1, %2, %3 : tensor<?x16xf32>, tensor<?x16xf32>, tensor<?x16xf16>, tensor<4x16xf32>
}

// -----

// Two tensors that are one here and two there: the kernels have other arguments.
// CHECK-LABEL: func.func @same_operand
// CHECK-DAG: transformer.launch @sub_0(%arg0, %arg1,
// CHECK-DAG: transformer.launch @sub_1(%arg0,
// CHECK: func.func private @sub_0(%arg0: tensor<?xf32> {{.*}}, %arg1: tensor<?xf32>
// CHECK: func.func private @sub_1(%arg0: tensor<?xf32> {{[^,]+}}, %arg1: index)
func.func @same_operand(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["s"]}, %y: tensor<?xf32> {transformer.name = "y", transformer.dims = ["s"]}) -> (tensor<?xf32>, tensor<?xf32>) attributes {transformer.entry} {
  %0 = transformer.binary sub %x, %y : tensor<?xf32>, tensor<?xf32>
  %1 = transformer.binary sub %x, %x : tensor<?xf32>, tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// -----

// Sizes that are one and sizes that are two are told apart, too.
// CHECK-LABEL: func.func @sizes
// CHECK-DAG: transformer.launch @add_0(%arg0, %arg1, %[[S:[^,)]+]])
// CHECK-DAG: transformer.launch @add_1(%arg0, %arg2, %[[S]], %{{[^,)]+}}, %{{[^,)]+}})
// CHECK: func.func private @add_0(%arg0: tensor<?xf32> {transformer.sizes = array<i64: 2>}, %arg1: tensor<?xf32> {transformer.sizes = array<i64: 2>}, %arg2: index)
// CHECK: func.func private @add_1(%arg0: tensor<?xf32> {transformer.sizes = array<i64: 2>}, %arg1: tensor<?xf32> {transformer.sizes = array<i64: 3>}
func.func @sizes(%x: tensor<?xf32> {transformer.name = "x", transformer.dims = ["s"]}, %y: tensor<?xf32> {transformer.name = "y", transformer.dims = ["s"]},
                 %z: tensor<?xf32> {transformer.name = "z", transformer.dims = ["t"]}) -> (tensor<?xf32>, tensor<?xf32>) attributes {transformer.entry} {
  %0 = transformer.binary add %x, %y : tensor<?xf32>, tensor<?xf32>
  %1 = transformer.binary add %x, %z : tensor<?xf32>, tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// -----

// Entry functions share, and so do the bodies of branches and loops.
// CHECK-LABEL: func.func @main
// CHECK: transformer.launch @exp_0(
// CHECK-LABEL: func.func @step
// CHECK: transformer.if
// CHECK: transformer.launch @exp_0(
// CHECK: transformer.loop
// CHECK: transformer.launch @exp_0(
// CHECK: func.func private @exp_0(
// CHECK-NOT: func.func private @exp_1(
func.func @main(%x: tensor<?x16xf32>) -> tensor<?x16xf32> attributes {transformer.entry} {
  %0 = transformer.unary exp %x : tensor<?x16xf32>
  return %0 : tensor<?x16xf32>
}
func.func @step(%x: tensor<?x16xf32>, %c: tensor<i1>, %n: tensor<i64>) -> (tensor<?x16xf32>, tensor<?x16xf32>) attributes {transformer.entry} {
  %0 = transformer.if %c : tensor<i1> -> tensor<?x16xf32> {
    %1 = transformer.unary exp %x : tensor<?x16xf32>
    transformer.yield %1 : tensor<?x16xf32>
  } else {
    %2 = transformer.unary neg %x : tensor<?x16xf32>
    transformer.yield %2 : tensor<?x16xf32>
  }
  %3 = transformer.loop count %n : tensor<i64> (%x) : (tensor<?x16xf32>) -> (tensor<?x16xf32>) {
  ^bb0(%i: tensor<i64>, %d: tensor<i1>, %v: tensor<?x16xf32>):
    %4 = transformer.unary exp %v : tensor<?x16xf32>
    transformer.yield %d, %4 : tensor<i1>, tensor<?x16xf32>
  }
  return %0, %3 : tensor<?x16xf32>, tensor<?x16xf32>
}
