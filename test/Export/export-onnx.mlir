// RUN: transom-translate --export-onnx=text %s | FileCheck %s

// Inputs and outputs keep their names and dims; ops of the model layer are written out.
// CHECK: ir_version: 10
// CHECK: opset_import: ["" : 20]
// CHECK: main (float[batch,rows,4] x, float[batch,rows,2] skip) => (float[batch,rows,2] y, float[batch,2,rows,2] turned, int64[1] size)
// CHECK: MatMul (x, weight)
// CHECK: Add
// CHECK: Erf
// CHECK: Add ({{.*}}, skip)
// CHECK: y = Identity
func.func @main(%x: tensor<?x?x4xf32> {transformer.name = "x", transformer.dims = ["batch", "rows", ""]},
                %skip: tensor<?x?x2xf32> {transformer.name = "skip", transformer.dims = ["batch", "rows", ""]})
    -> (tensor<?x?x2xf32> {transformer.name = "y", transformer.dims = ["batch", "rows", ""]},
        tensor<?x2x?x2xf32> {transformer.name = "turned", transformer.dims = ["batch", "", "rows", ""]},
        tensor<1xi64> {transformer.name = "size", transformer.dims = [""]}) attributes {transformer.entry} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = tensor.dim %x, %c0 : tensor<?x?x4xf32>
  %s = tensor.dim %x, %c1 : tensor<?x?x4xf32>
  %w = transformer.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]]> : tensor<4x2xf32> loc("weight")
  %bias = transformer.constant dense<[0.5, -0.5]> : tensor<2xf32> loc("bias")
  %cos = transformer.constant dense<1.0> : tensor<1x1x1x1xf32>
  %sin = transformer.constant dense<0.0> : tensor<1x1x1x1xf32>
  %y = transformer.linear %x, %w bias %bias : tensor<2xf32> residual %skip : tensor<?x?x2xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x4xf32>, tensor<4x2xf32>
  %r = transformer.reshape %x[%b, %s] : tensor<?x?x4xf32> to tensor<?x?x2x2xf32>
  %t = transformer.transpose %r <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x2xf32>
  %rope = transformer.rope %t, %cos, %sin <{rotary_dim = 2 : i64}> : tensor<?x2x?x2xf32>, tensor<1x1x1x1xf32>, tensor<1x1x1x1xf32>
  %n = arith.muli %b, %s : index
  %size = transformer.from_index %n : tensor<1xi64>
  return %y, %rope, %size : tensor<?x?x2xf32>, tensor<?x2x?x2xf32>, tensor<1xi64>
}
