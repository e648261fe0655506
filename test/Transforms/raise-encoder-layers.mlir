// RUN: transom-opt --raise %s | FileCheck %s

// Layers of whole models, as exporters write them: after the stage `raise` none of their parts is in pieces.

// BERT: attention with an additive padding mask, norms after the sums, GELU by erf.
// CHECK-LABEL: func.func @bert_layer(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<?x?xf32> {transformer.dims = ["b", "s"]}) -> tensor<?x?x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<n2_beta> : tensor<32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<n2> : tensor<32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<down_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<down> : tensor<64x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<up_bias> : tensor<64xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<up> : tensor<32x64xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<n1_beta> : tensor<32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense_resource<n1> : tensor<32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense_resource<o_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.constant dense<-3.40282347E+38> : tensor<f32>
// CHECK-NEXT: %[[V11:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V12:.+]] = transformer.constant dense_resource<v_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.constant dense_resource<v> : tensor<32x32xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.constant dense_resource<k_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.constant dense_resource<k> : tensor<32x32xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.constant dense_resource<q_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.constant dense_resource<q> : tensor<32x32xf32>
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.linear %[[A0]], %[[V17]] bias %[[V16]] : tensor<32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.reshape %[[V18]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.transpose %[[V19]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.linear %[[A0]], %[[V15]] bias %[[V14]] : tensor<32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.reshape %[[V21]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.linear %[[A0]], %[[V13]] bias %[[V12]] : tensor<32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.reshape %[[V23]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.transpose %[[V24]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.reshape %[[A1]][%[[DIM]], %[[DIM_0]]] : tensor<?x?xf32> to tensor<?x1x1x?xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.binary sub %[[V11]], %[[V26]] : tensor<f32>, tensor<?x1x1x?xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.binary mul %[[V27]], %[[V10]] : tensor<?x1x1x?xf32>, tensor<f32>
// CHECK-NEXT: %[[V29:.+]] = transformer.transpose %[[V22]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V30:.+]] = transformer.attention %[[V20]], %[[V29]], %[[V25]] bias %[[V28]] : tensor<?x1x1x?xf32> <{scale = 0.353553385 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V31:.+]] = transformer.transpose %[[V30]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V32:.+]] = transformer.reshape %[[V31]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V33:.+]] = transformer.linear %[[V32]], %[[V9]] bias %[[V8]] : tensor<32xf32> residual %[[A0]] : tensor<?x?x32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V34:.+]] = transformer.layer_norm %[[V33]] scale %[[V7]] : tensor<32xf32> bias %[[V6]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V35:.+]] = transformer.linear %[[V34]], %[[V5]] bias %[[V4]] : tensor<64xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V36:.+]] = transformer.linear %[[V35]], %[[V3]] bias %[[V2]] : tensor<32xf32> residual %[[V34]] : tensor<?x?x32xf32> : tensor<?x?x64xf32>, tensor<64x32xf32>
// CHECK-NEXT: %[[V37:.+]] = transformer.layer_norm %[[V36]] scale %[[V1]] : tensor<32xf32> bias %[[V0]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x?x32xf32>
// CHECK-NEXT: return %[[V37]] : tensor<?x?x32xf32>
// CHECK-NEXT: }
func.func @bert_layer(%x: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %pad: tensor<?x?xf32> {transformer.dims = ["b", "s"]}) -> tensor<?x?x32xf32> {
  %i0 = arith.constant 0 : index
  %b = tensor.dim %x, %i0 : tensor<?x?x32xf32>
  %i1 = arith.constant 1 : index
  %s = tensor.dim %x, %i1 : tensor<?x?x32xf32>
  %q = transformer.constant dense_resource<q> : tensor<32x32xf32>
  %0 = transformer.matmul %x, %q : tensor<?x?x32xf32>, tensor<32x32xf32>
  %q_bias = transformer.constant dense_resource<q_bias> : tensor<32xf32>
  %1 = transformer.binary add %0, %q_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %2 = transformer.reshape %1[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<32x32xf32>
  %4 = transformer.matmul %x, %k : tensor<?x?x32xf32>, tensor<32x32xf32>
  %k_bias = transformer.constant dense_resource<k_bias> : tensor<32xf32>
  %5 = transformer.binary add %4, %k_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %6 = transformer.reshape %5[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %7 = transformer.transpose %6 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<32x32xf32>
  %8 = transformer.matmul %x, %v : tensor<?x?x32xf32>, tensor<32x32xf32>
  %v_bias = transformer.constant dense_resource<v_bias> : tensor<32xf32>
  %9 = transformer.binary add %8, %v_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %10 = transformer.reshape %9[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %11 = transformer.transpose %10 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %12 = transformer.reshape %pad[%b, %s] : tensor<?x?xf32> to tensor<?x1x1x?xf32>
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %13 = transformer.binary sub %c0, %12 : tensor<f32>, tensor<?x1x1x?xf32>
  %c1 = transformer.constant dense<-3.40282347e+38> : tensor<f32>
  %14 = transformer.binary mul %13, %c1 : tensor<?x1x1x?xf32>, tensor<f32>
  %15 = transformer.transpose %7 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x8xf32>
  %16 = transformer.matmul %3, %15 : tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>
  %c2 = transformer.constant dense<2.82842708> : tensor<f32>
  %17 = transformer.binary div %16, %c2 : tensor<?x4x?x?xf32>, tensor<f32>
  %18 = transformer.binary add %17, %14 : tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>
  %19 = transformer.softmax %18 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %20 = transformer.matmul %19, %11 : tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>
  %21 = transformer.transpose %20 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
  %22 = transformer.reshape %21[%b, %s] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %23 = transformer.matmul %22, %o : tensor<?x?x32xf32>, tensor<32x32xf32>
  %o_bias = transformer.constant dense_resource<o_bias> : tensor<32xf32>
  %24 = transformer.binary add %23, %o_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %25 = transformer.binary add %24, %x : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  %26 = transformer.reduce mean %25 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %27 = transformer.binary sub %25, %26 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %c3 = transformer.constant dense<2.0> : tensor<f32>
  %28 = transformer.binary pow %27, %c3 : tensor<?x?x32xf32>, tensor<f32>
  %29 = transformer.reduce mean %28 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %c4 = transformer.constant dense<1.0e-05> : tensor<f32>
  %30 = transformer.binary add %29, %c4 : tensor<?x?x1xf32>, tensor<f32>
  %31 = transformer.unary sqrt %30 : tensor<?x?x1xf32>
  %32 = transformer.binary div %27, %31 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %n1 = transformer.constant dense_resource<n1> : tensor<32xf32>
  %33 = transformer.binary mul %32, %n1 : tensor<?x?x32xf32>, tensor<32xf32>
  %n1_beta = transformer.constant dense_resource<n1_beta> : tensor<32xf32>
  %34 = transformer.binary add %33, %n1_beta : tensor<?x?x32xf32>, tensor<32xf32>
  %up = transformer.constant dense_resource<up> : tensor<32x64xf32>
  %35 = transformer.matmul %34, %up : tensor<?x?x32xf32>, tensor<32x64xf32>
  %up_bias = transformer.constant dense_resource<up_bias> : tensor<64xf32>
  %36 = transformer.binary add %35, %up_bias : tensor<?x?x64xf32>, tensor<64xf32>
  %c5 = transformer.constant dense<1.41421354> : tensor<f32>
  %37 = transformer.binary div %36, %c5 : tensor<?x?x64xf32>, tensor<f32>
  %38 = transformer.unary erf %37 : tensor<?x?x64xf32>
  %39 = transformer.binary add %38, %c0 : tensor<?x?x64xf32>, tensor<f32>
  %40 = transformer.binary mul %36, %39 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %c6 = transformer.constant dense<0.5> : tensor<f32>
  %41 = transformer.binary mul %40, %c6 : tensor<?x?x64xf32>, tensor<f32>
  %down = transformer.constant dense_resource<down> : tensor<64x32xf32>
  %42 = transformer.matmul %41, %down : tensor<?x?x64xf32>, tensor<64x32xf32>
  %down_bias = transformer.constant dense_resource<down_bias> : tensor<32xf32>
  %43 = transformer.binary add %42, %down_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %44 = transformer.binary add %43, %34 : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  %45 = transformer.reduce mean %44 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %46 = transformer.binary sub %44, %45 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %47 = transformer.binary pow %46, %c3 : tensor<?x?x32xf32>, tensor<f32>
  %48 = transformer.reduce mean %47 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %49 = transformer.binary add %48, %c4 : tensor<?x?x1xf32>, tensor<f32>
  %50 = transformer.unary sqrt %49 : tensor<?x?x1xf32>
  %51 = transformer.binary div %46, %50 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %n2 = transformer.constant dense_resource<n2> : tensor<32xf32>
  %52 = transformer.binary mul %51, %n2 : tensor<?x?x32xf32>, tensor<32xf32>
  %n2_beta = transformer.constant dense_resource<n2_beta> : tensor<32xf32>
  %53 = transformer.binary add %52, %n2_beta : tensor<?x?x32xf32>, tensor<32xf32>
  return %53 : tensor<?x?x32xf32>
}

// T5: RMS norms, no scale, a position bias and a mask, a gated GELU by tanh.
// CHECK-LABEL: func.func @t5_layer(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<1x4x?x?xf32> {transformer.dims = ["", "", "s", "s"]}, %[[A2:[^:]+]]: tensor<?x1x1x?xf32> {transformer.dims = ["b", "", "", "s"]}) -> tensor<?x?x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<wo> : tensor<64x32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<wi_1> : tensor<32x64xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<wi_0> : tensor<32x64xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<n2> : tensor<32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<v> : tensor<32x32xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<k> : tensor<32x32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense_resource<q> : tensor<32x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense_resource<n1> : tensor<32xf32>
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.rms_norm %[[A0]] scale %[[V8]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.linear %[[V9]], %[[V7]] : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.reshape %[[V10]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.transpose %[[V11]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.linear %[[V9]], %[[V6]] : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.linear %[[V9]], %[[V5]] : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.reshape %[[V15]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.transpose %[[V16]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.binary add %[[A1]], %[[A2]] : tensor<1x4x?x?xf32>, tensor<?x1x1x?xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.transpose %[[V14]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.attention %[[V12]], %[[V19]], %[[V17]] bias %[[V18]] : tensor<?x4x?x?xf32> <{scale = 1.000000e+00 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.transpose %[[V20]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.reshape %[[V21]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.linear %[[V22]], %[[V4]] residual %[[A0]] : tensor<?x?x32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.rms_norm %[[V23]] scale %[[V3]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.linear %[[V24]], %[[V2]] : tensor<?x?x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.linear %[[V24]], %[[V1]] : tensor<?x?x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.glu gelu_tanh %[[V25]], %[[V26]] : tensor<?x?x64xf32>, tensor<?x?x64xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.linear %[[V27]], %[[V0]] residual %[[V23]] : tensor<?x?x32xf32> : tensor<?x?x64xf32>, tensor<64x32xf32>
// CHECK-NEXT: return %[[V28]] : tensor<?x?x32xf32>
// CHECK-NEXT: }
func.func @t5_layer(%x: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %bias: tensor<1x4x?x?xf32> {transformer.dims = ["", "", "s", "s"]}, %mask: tensor<?x1x1x?xf32> {transformer.dims = ["b", "", "", "s"]}) -> tensor<?x?x32xf32> {
  %i0 = arith.constant 0 : index
  %b = tensor.dim %x, %i0 : tensor<?x?x32xf32>
  %i1 = arith.constant 1 : index
  %s = tensor.dim %x, %i1 : tensor<?x?x32xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?x?x32xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %n1 = transformer.constant dense_resource<n1> : tensor<32xf32>
  %c1 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<?x?x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<?x?x1xf32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %4 = transformer.binary div %c2, %3 : tensor<f32>, tensor<?x?x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %6 = transformer.binary mul %n1, %5 : tensor<32xf32>, tensor<?x?x32xf32>
  %q = transformer.constant dense_resource<q> : tensor<32x32xf32>
  %7 = transformer.matmul %6, %q : tensor<?x?x32xf32>, tensor<32x32xf32>
  %8 = transformer.reshape %7[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %9 = transformer.transpose %8 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<32x32xf32>
  %10 = transformer.matmul %6, %k : tensor<?x?x32xf32>, tensor<32x32xf32>
  %11 = transformer.reshape %10[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %12 = transformer.transpose %11 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<32x32xf32>
  %13 = transformer.matmul %6, %v : tensor<?x?x32xf32>, tensor<32x32xf32>
  %14 = transformer.reshape %13[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %15 = transformer.transpose %14 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %16 = transformer.transpose %12 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x8xf32>
  %17 = transformer.matmul %9, %16 : tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>
  %18 = transformer.binary add %bias, %mask : tensor<1x4x?x?xf32>, tensor<?x1x1x?xf32>
  %19 = transformer.binary add %17, %18 : tensor<?x4x?x?xf32>, tensor<?x4x?x?xf32>
  %20 = transformer.softmax %19 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %21 = transformer.matmul %20, %15 : tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>
  %22 = transformer.transpose %21 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
  %23 = transformer.reshape %22[%b, %s] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %24 = transformer.matmul %23, %o : tensor<?x?x32xf32>, tensor<32x32xf32>
  %25 = transformer.binary add %x, %24 : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  %26 = transformer.binary pow %25, %c0 : tensor<?x?x32xf32>, tensor<f32>
  %27 = transformer.reduce mean %26 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %n2 = transformer.constant dense_resource<n2> : tensor<32xf32>
  %28 = transformer.binary add %27, %c1 : tensor<?x?x1xf32>, tensor<f32>
  %29 = transformer.unary sqrt %28 : tensor<?x?x1xf32>
  %30 = transformer.binary div %c2, %29 : tensor<f32>, tensor<?x?x1xf32>
  %31 = transformer.binary mul %25, %30 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %32 = transformer.binary mul %n2, %31 : tensor<32xf32>, tensor<?x?x32xf32>
  %wi_0 = transformer.constant dense_resource<wi_0> : tensor<32x64xf32>
  %33 = transformer.matmul %32, %wi_0 : tensor<?x?x32xf32>, tensor<32x64xf32>
  %c3 = transformer.constant dense<0.5> : tensor<f32>
  %34 = transformer.binary mul %33, %c3 : tensor<?x?x64xf32>, tensor<f32>
  %c4 = transformer.constant dense<3.0> : tensor<f32>
  %35 = transformer.binary pow %33, %c4 : tensor<?x?x64xf32>, tensor<f32>
  %c5 = transformer.constant dense<0.044715> : tensor<f32>
  %36 = transformer.binary mul %35, %c5 : tensor<?x?x64xf32>, tensor<f32>
  %37 = transformer.binary add %33, %36 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %c6 = transformer.constant dense<0.797884583> : tensor<f32>
  %38 = transformer.binary mul %37, %c6 : tensor<?x?x64xf32>, tensor<f32>
  %39 = transformer.unary tanh %38 : tensor<?x?x64xf32>
  %40 = transformer.binary add %39, %c2 : tensor<?x?x64xf32>, tensor<f32>
  %41 = transformer.binary mul %34, %40 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %wi_1 = transformer.constant dense_resource<wi_1> : tensor<32x64xf32>
  %42 = transformer.matmul %32, %wi_1 : tensor<?x?x32xf32>, tensor<32x64xf32>
  %43 = transformer.binary mul %41, %42 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %wo = transformer.constant dense_resource<wo> : tensor<64x32xf32>
  %44 = transformer.matmul %43, %wo : tensor<?x?x64xf32>, tensor<64x32xf32>
  %45 = transformer.binary add %25, %44 : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  return %45 : tensor<?x?x32xf32>
}

// BLOOM: batch and heads merged for the products, ALiBi as a bias.
// CHECK-LABEL: func.func @bloom_attention(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<?x4x1x?xf32> {transformer.dims = ["b", "", "", "s"]}) -> tensor<?x?x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<o_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<qkv_bias> : tensor<96xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<qkv> : tensor<32x96xf32>
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] bias %[[V2]] : tensor<96xf32> : tensor<?x?x32xf32>, tensor<32x96xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x96xf32> to tensor<?x?x4x3x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.slice %[[V5]][] [%[[DIM]], %[[DIM_0]]] <{static_starts = array<i64: 0, 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x4x3x8xf32> to tensor<?x?x4x1x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.reshape %[[V6]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x1x8xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.transpose %[[V7]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.slice %[[V5]][] [%[[DIM]], %[[DIM_0]]] <{static_starts = array<i64: 0, 0, 0, 1, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x4x3x8xf32> to tensor<?x?x4x1x8xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[V9]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x1x8xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.transpose %[[V10]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.slice %[[V5]][] [%[[DIM]], %[[DIM_0]]] <{static_starts = array<i64: 0, 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x4x3x8xf32> to tensor<?x?x4x1x8xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.reshape %[[V12]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x1x8xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.transpose %[[V13]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.attention %[[V8]], %[[V11]], %[[V14]] bias %[[A1]] : tensor<?x4x1x?xf32> <{scale = 0.353553385 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.transpose %[[V15]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.reshape %[[V16]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.linear %[[V17]], %[[V1]] bias %[[V0]] : tensor<32xf32> residual %[[A0]] : tensor<?x?x32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: return %[[V18]] : tensor<?x?x32xf32>
// CHECK-NEXT: }
func.func @bloom_attention(%x: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %alibi: tensor<?x4x1x?xf32> {transformer.dims = ["b", "", "", "s"]}) -> tensor<?x?x32xf32> {
  %i0 = arith.constant 0 : index
  %b = tensor.dim %x, %i0 : tensor<?x?x32xf32>
  %i1 = arith.constant 1 : index
  %s = tensor.dim %x, %i1 : tensor<?x?x32xf32>
  %i4 = arith.constant 4 : index
  %0 = arith.muli %b, %i4 : index
  %qkv = transformer.constant dense_resource<qkv> : tensor<32x96xf32>
  %1 = transformer.matmul %x, %qkv : tensor<?x?x32xf32>, tensor<32x96xf32>
  %qkv_bias = transformer.constant dense_resource<qkv_bias> : tensor<96xf32>
  %2 = transformer.binary add %1, %qkv_bias : tensor<?x?x96xf32>, tensor<96xf32>
  %3 = transformer.reshape %2[%b, %s] : tensor<?x?x96xf32> to tensor<?x?x4x3x8xf32>
  %4 = transformer.slice %3[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x4x3x8xf32> to tensor<?x?x4x1x8xf32>
  %5 = transformer.reshape %4[%b, %s] : tensor<?x?x4x1x8xf32> to tensor<?x?x4x8xf32>
  %6 = transformer.transpose %5 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %7 = transformer.reshape %6[%0, %s] : tensor<?x4x?x8xf32> to tensor<?x?x8xf32>
  %8 = transformer.slice %3[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 1, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x4x3x8xf32> to tensor<?x?x4x1x8xf32>
  %9 = transformer.reshape %8[%b, %s] : tensor<?x?x4x1x8xf32> to tensor<?x?x4x8xf32>
  %10 = transformer.transpose %9 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %11 = transformer.reshape %10[%0, %s] : tensor<?x4x?x8xf32> to tensor<?x?x8xf32>
  %12 = transformer.slice %3[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 2, 0>, steps = array<i64: 1, 1, 1, 1, 1>}> : tensor<?x?x4x3x8xf32> to tensor<?x?x4x1x8xf32>
  %13 = transformer.reshape %12[%b, %s] : tensor<?x?x4x1x8xf32> to tensor<?x?x4x8xf32>
  %14 = transformer.transpose %13 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %15 = transformer.reshape %14[%0, %s] : tensor<?x4x?x8xf32> to tensor<?x?x8xf32>
  %16 = transformer.transpose %11 <{perm = array<i64: 0, 2, 1>}> : tensor<?x?x8xf32>
  %17 = transformer.matmul %7, %16 : tensor<?x?x8xf32>, tensor<?x8x?xf32>
  %c0 = transformer.constant dense<0.353553385> : tensor<f32>
  %18 = transformer.binary mul %17, %c0 : tensor<?x?x?xf32>, tensor<f32>
  %19 = transformer.reshape %18[%b, %s, %s] : tensor<?x?x?xf32> to tensor<?x4x?x?xf32>
  %20 = transformer.binary add %19, %alibi : tensor<?x4x?x?xf32>, tensor<?x4x1x?xf32>
  %21 = transformer.softmax %20 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %22 = transformer.reshape %21[%0, %s, %s] : tensor<?x4x?x?xf32> to tensor<?x?x?xf32>
  %23 = transformer.matmul %22, %15 : tensor<?x?x?xf32>, tensor<?x?x8xf32>
  %24 = transformer.reshape %23[%b, %s] : tensor<?x?x8xf32> to tensor<?x4x?x8xf32>
  %25 = transformer.transpose %24 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
  %26 = transformer.reshape %25[%b, %s] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %27 = transformer.matmul %26, %o : tensor<?x?x32xf32>, tensor<32x32xf32>
  %o_bias = transformer.constant dense_resource<o_bias> : tensor<32xf32>
  %28 = transformer.binary add %27, %o_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %29 = transformer.binary add %28, %x : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  return %29 : tensor<?x?x32xf32>
}

// Queries of the decoder, keys and values of the encoder.
// CHECK-LABEL: func.func @cross_attention(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<?x?x32xf32> {transformer.dims = ["b", "t", ""]}) -> tensor<?x?x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<o_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<v_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<v> : tensor<32x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<k_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<k> : tensor<32x32xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<q_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense_resource<q> : tensor<32x32xf32>
// CHECK-NEXT: %[[C1:.+]] = arith.constant 1 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[DIM_0:.+]] = tensor.dim %[[A0]], %[[C1]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[DIM_1:.+]] = tensor.dim %[[A1]], %[[C1]] : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.linear %[[A0]], %[[V7]] bias %[[V6]] : tensor<32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.reshape %[[V8]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.transpose %[[V9]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.linear %[[A1]], %[[V5]] bias %[[V4]] : tensor<32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.reshape %[[V11]][%[[DIM]], %[[DIM_1]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.transpose %[[V12]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.linear %[[A1]], %[[V3]] bias %[[V2]] : tensor<32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.reshape %[[V14]][%[[DIM]], %[[DIM_1]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.transpose %[[V15]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.attention %[[V10]], %[[V13]], %[[V16]] <{scale = 0.353553385 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.transpose %[[V17]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.reshape %[[V18]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.linear %[[V19]], %[[V1]] bias %[[V0]] : tensor<32xf32> residual %[[A0]] : tensor<?x?x32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: return %[[V20]] : tensor<?x?x32xf32>
// CHECK-NEXT: }
func.func @cross_attention(%x: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %memory: tensor<?x?x32xf32> {transformer.dims = ["b", "t", ""]}) -> tensor<?x?x32xf32> {
  %i0 = arith.constant 0 : index
  %b = tensor.dim %x, %i0 : tensor<?x?x32xf32>
  %i1 = arith.constant 1 : index
  %s = tensor.dim %x, %i1 : tensor<?x?x32xf32>
  %t = tensor.dim %memory, %i1 : tensor<?x?x32xf32>
  %q = transformer.constant dense_resource<q> : tensor<32x32xf32>
  %0 = transformer.matmul %x, %q : tensor<?x?x32xf32>, tensor<32x32xf32>
  %q_bias = transformer.constant dense_resource<q_bias> : tensor<32xf32>
  %1 = transformer.binary add %0, %q_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %2 = transformer.reshape %1[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<32x32xf32>
  %4 = transformer.matmul %memory, %k : tensor<?x?x32xf32>, tensor<32x32xf32>
  %k_bias = transformer.constant dense_resource<k_bias> : tensor<32xf32>
  %5 = transformer.binary add %4, %k_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %6 = transformer.reshape %5[%b, %t] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %7 = transformer.transpose %6 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<32x32xf32>
  %8 = transformer.matmul %memory, %v : tensor<?x?x32xf32>, tensor<32x32xf32>
  %v_bias = transformer.constant dense_resource<v_bias> : tensor<32xf32>
  %9 = transformer.binary add %8, %v_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %10 = transformer.reshape %9[%b, %t] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %11 = transformer.transpose %10 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x8xf32>
  %c0 = transformer.constant dense<0.353553385> : tensor<f32>
  %12 = transformer.binary mul %3, %c0 : tensor<?x4x?x8xf32>, tensor<f32>
  %13 = transformer.matmul %12, %7 <{transpose_b}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %14 = transformer.softmax %13 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %15 = transformer.matmul %14, %11 : tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>
  %16 = transformer.transpose %15 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
  %17 = transformer.reshape %16[%b, %s] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %18 = transformer.matmul %17, %o : tensor<?x?x32xf32>, tensor<32x32xf32>
  %o_bias = transformer.constant dense_resource<o_bias> : tensor<32xf32>
  %19 = transformer.binary add %18, %o_bias : tensor<?x?x32xf32>, tensor<32xf32>
  %20 = transformer.binary add %x, %19 : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  return %20 : tensor<?x?x32xf32>
}

// Words, positions and types, summed and normalised.
// CHECK-LABEL: func.func @embeddings(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x6xi64>, %[[A1:[^:]+]]: tensor<2x6xi64>) -> tensor<2x6x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<n_beta> : tensor<32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<n> : tensor<32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<words> : tensor<50x32xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<places> : tensor<16x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<kinds> : tensor<2x32xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.gather %[[V2]], %[[A0]] <{axis = 0 : i64}> : tensor<50x32xf32>, tensor<2x6xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.gather %[[V4]], %[[A1]] <{axis = 0 : i64}> : tensor<2x32xf32>, tensor<2x6xi64>
// CHECK-NEXT: %[[V7:.+]] = transformer.binary add %[[V5]], %[[V6]] : tensor<2x6x32xf32>, tensor<2x6x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.slice %[[V3]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<16x32xf32> to tensor<6x32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.binary add %[[V7]], %[[V8]] : tensor<2x6x32xf32>, tensor<6x32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.layer_norm %[[V9]] scale %[[V1]] : tensor<32xf32> bias %[[V0]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<2x6x32xf32>
// CHECK-NEXT: return %[[V10]] : tensor<2x6x32xf32>
// CHECK-NEXT: }
func.func @embeddings(%ids: tensor<2x6xi64>, %types: tensor<2x6xi64>) -> tensor<2x6x32xf32> {
  %words = transformer.constant dense_resource<words> : tensor<50x32xf32>
  %places = transformer.constant dense_resource<places> : tensor<16x32xf32>
  %kinds = transformer.constant dense_resource<kinds> : tensor<2x32xf32>
  %0 = transformer.gather %words, %ids <{axis = 0 : i64}> : tensor<50x32xf32>, tensor<2x6xi64>
  %1 = transformer.gather %kinds, %types <{axis = 0 : i64}> : tensor<2x32xf32>, tensor<2x6xi64>
  %2 = transformer.binary add %0, %1 : tensor<2x6x32xf32>, tensor<2x6x32xf32>
  %3 = transformer.slice %places[] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<16x32xf32> to tensor<6x32xf32>
  %4 = transformer.binary add %2, %3 : tensor<2x6x32xf32>, tensor<6x32xf32>
  %5 = transformer.reduce mean %4 <{axes = array<i64: 2>, keepdims}> : tensor<2x6x32xf32>
  %6 = transformer.binary sub %4, %5 : tensor<2x6x32xf32>, tensor<2x6x1xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %7 = transformer.binary pow %6, %c0 : tensor<2x6x32xf32>, tensor<f32>
  %8 = transformer.reduce mean %7 <{axes = array<i64: 2>, keepdims}> : tensor<2x6x32xf32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %9 = transformer.binary add %8, %c1 : tensor<2x6x1xf32>, tensor<f32>
  %10 = transformer.unary sqrt %9 : tensor<2x6x1xf32>
  %11 = transformer.binary div %6, %10 : tensor<2x6x32xf32>, tensor<2x6x1xf32>
  %n = transformer.constant dense_resource<n> : tensor<32xf32>
  %12 = transformer.binary mul %11, %n : tensor<2x6x32xf32>, tensor<32xf32>
  %n_beta = transformer.constant dense_resource<n_beta> : tensor<32xf32>
  %13 = transformer.binary add %12, %n_beta : tensor<2x6x32xf32>, tensor<32xf32>
  return %13 : tensor<2x6x32xf32>
}
