// RUN: transom-opt --raise %s | FileCheck %s

// Layers of whole models, as exporters write them: after the stage `raise` none of their parts is in pieces.

// GPT-2: packed projections whose rows are joined, a causal buffer, GELU by tanh.
// CHECK-LABEL: func.func @gpt2_layer(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x8x32xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x8x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<down_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<down> : tensor<64x32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<up_bias> : tensor<64xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<up> : tensor<32x64xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<n2_beta> : tensor<32xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<n2> : tensor<32xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<o_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense_resource<qkv_bias> : tensor<96xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.constant dense_resource<qkv> : tensor<32x96xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.constant dense_resource<n1_beta> : tensor<32xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.constant dense_resource<n1> : tensor<32xf32>
// CHECK-NEXT: %[[C8:.+]] = arith.constant 8 : index
// CHECK-NEXT: %[[C0:.+]] = arith.constant 0 : index
// CHECK-NEXT: %[[DIM:.+]] = tensor.dim %[[A0]], %[[C0]] : tensor<?x8x32xf32>
// CHECK-NEXT: %[[V12:.+]] = arith.muli %[[DIM]], %[[C8]] : index
// CHECK-NEXT: %[[V13:.+]] = transformer.layer_norm %[[A0]] scale %[[V11]] : tensor<32xf32> bias %[[V10]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x8x32xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][%[[V12]]] : tensor<?x8x32xf32> to tensor<?x32xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.linear %[[V14]], %[[V9]] bias %[[V8]] : tensor<96xf32> : tensor<?x32xf32>, tensor<32x96xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.reshape %[[V15]][%[[DIM]]] : tensor<?x96xf32> to tensor<?x8x12x8xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.slice %[[V16]][] [%[[DIM]]] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x8x12x8xf32> to tensor<?x8x4x8xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.transpose %[[V17]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x8x4x8xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.slice %[[V16]][] [%[[DIM]]] <{static_starts = array<i64: 0, 0, 4, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x8x12x8xf32> to tensor<?x8x4x8xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.slice %[[V16]][] [%[[DIM]]] <{static_starts = array<i64: 0, 0, 8, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x8x12x8xf32> to tensor<?x8x4x8xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.transpose %[[V20]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x8x4x8xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.transpose %[[V19]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x8x4x8xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.attention %[[V18]], %[[V22]], %[[V21]] <{causal = #transformer<causal_kind top_left>, scale = 0.353553385 : f32}> : tensor<?x4x8x8xf32>, tensor<?x4x8x8xf32>, tensor<?x4x8x8xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.transpose %[[V23]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x8x8xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.reshape %[[V24]][%[[DIM]]] : tensor<?x8x4x8xf32> to tensor<?x8x32xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.linear %[[V25]], %[[V7]] bias %[[V6]] : tensor<32xf32> residual %[[A0]] : tensor<?x8x32xf32> : tensor<?x8x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.layer_norm %[[V26]] scale %[[V5]] : tensor<32xf32> bias %[[V4]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<?x8x32xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.linear %[[V27]], %[[V3]] bias %[[V2]] : tensor<64xf32> <{activation = #transformer<unary_kind gelu_tanh>}> : tensor<?x8x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V29:.+]] = transformer.linear %[[V28]], %[[V1]] bias %[[V0]] : tensor<32xf32> residual %[[V26]] : tensor<?x8x32xf32> : tensor<?x8x64xf32>, tensor<64x32xf32>
// CHECK-NEXT: return %[[V29]] : tensor<?x8x32xf32>
// CHECK-NEXT: }
func.func @gpt2_layer(%x: tensor<?x8x32xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x8x32xf32> {
  %i0 = arith.constant 0 : index
  %b = tensor.dim %x, %i0 : tensor<?x8x32xf32>
  %i8 = arith.constant 8 : index
  %0 = arith.muli %b, %i8 : index
  %1 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<?x8x32xf32>
  %2 = transformer.binary sub %x, %1 : tensor<?x8x32xf32>, tensor<?x8x1xf32>
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %3 = transformer.binary pow %2, %c0 : tensor<?x8x32xf32>, tensor<f32>
  %4 = transformer.reduce mean %3 <{axes = array<i64: 2>, keepdims}> : tensor<?x8x32xf32>
  %c1 = transformer.constant dense<1.0e-05> : tensor<f32>
  %5 = transformer.binary add %4, %c1 : tensor<?x8x1xf32>, tensor<f32>
  %6 = transformer.unary sqrt %5 : tensor<?x8x1xf32>
  %7 = transformer.binary div %2, %6 : tensor<?x8x32xf32>, tensor<?x8x1xf32>
  %n1 = transformer.constant dense_resource<n1> : tensor<32xf32>
  %8 = transformer.binary mul %7, %n1 : tensor<?x8x32xf32>, tensor<32xf32>
  %n1_beta = transformer.constant dense_resource<n1_beta> : tensor<32xf32>
  %9 = transformer.binary add %8, %n1_beta : tensor<?x8x32xf32>, tensor<32xf32>
  %10 = transformer.reshape %9[%0] : tensor<?x8x32xf32> to tensor<?x32xf32>
  %qkv = transformer.constant dense_resource<qkv> : tensor<32x96xf32>
  %11 = transformer.matmul %10, %qkv : tensor<?x32xf32>, tensor<32x96xf32>
  %qkv_bias = transformer.constant dense_resource<qkv_bias> : tensor<96xf32>
  %12 = transformer.binary add %11, %qkv_bias : tensor<?x96xf32>, tensor<96xf32>
  %13 = transformer.reshape %12[%b] : tensor<?x96xf32> to tensor<?x8x96xf32>
  %14 = transformer.slice %13[] [%b] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x8x96xf32> to tensor<?x8x32xf32>
  %15 = transformer.reshape %14[%b] : tensor<?x8x32xf32> to tensor<?x8x4x8xf32>
  %16 = transformer.transpose %15 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x8x4x8xf32>
  %17 = transformer.slice %13[] [%b] <{static_starts = array<i64: 0, 0, 32>, steps = array<i64: 1, 1, 1>}> : tensor<?x8x96xf32> to tensor<?x8x32xf32>
  %18 = transformer.reshape %17[%b] : tensor<?x8x32xf32> to tensor<?x8x4x8xf32>
  %19 = transformer.transpose %18 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x8x4x8xf32>
  %20 = transformer.slice %13[] [%b] <{static_starts = array<i64: 0, 0, 64>, steps = array<i64: 1, 1, 1>}> : tensor<?x8x96xf32> to tensor<?x8x32xf32>
  %21 = transformer.reshape %20[%b] : tensor<?x8x32xf32> to tensor<?x8x4x8xf32>
  %22 = transformer.transpose %21 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x8x4x8xf32>
  %23 = transformer.transpose %19 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x8x8xf32>
  %24 = transformer.matmul %16, %23 : tensor<?x4x8x8xf32>, tensor<?x4x8x8xf32>
  %c2 = transformer.constant dense<2.82842708> : tensor<f32>
  %25 = transformer.binary div %24, %c2 : tensor<?x4x8x8xf32>, tensor<f32>
  %c3 = transformer.constant dense<[[[[true, false, false, false, false, false, false, false], [true, true, false, false, false, false, false, false], [true, true, true, false, false, false, false, false], [true, true, true, true, false, false, false, false], [true, true, true, true, true, false, false, false], [true, true, true, true, true, true, false, false], [true, true, true, true, true, true, true, false], [true, true, true, true, true, true, true, true]]]]> : tensor<1x1x8x8xi1>
  %c4 = transformer.constant dense<-3.40282347e+38> : tensor<f32>
  %26 = transformer.select %c3, %25, %c4 : tensor<1x1x8x8xi1>, tensor<?x4x8x8xf32>, tensor<f32>
  %27 = transformer.softmax %26 <{axis = 3 : i64}> : tensor<?x4x8x8xf32>
  %28 = transformer.matmul %27, %22 : tensor<?x4x8x8xf32>, tensor<?x4x8x8xf32>
  %29 = transformer.transpose %28 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x8x8xf32>
  %30 = transformer.reshape %29[%b] : tensor<?x8x4x8xf32> to tensor<?x8x32xf32>
  %31 = transformer.reshape %30[%0] : tensor<?x8x32xf32> to tensor<?x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %32 = transformer.matmul %31, %o : tensor<?x32xf32>, tensor<32x32xf32>
  %o_bias = transformer.constant dense_resource<o_bias> : tensor<32xf32>
  %33 = transformer.binary add %32, %o_bias : tensor<?x32xf32>, tensor<32xf32>
  %34 = transformer.reshape %33[%b] : tensor<?x32xf32> to tensor<?x8x32xf32>
  %35 = transformer.binary add %34, %x : tensor<?x8x32xf32>, tensor<?x8x32xf32>
  %36 = transformer.reduce mean %35 <{axes = array<i64: 2>, keepdims}> : tensor<?x8x32xf32>
  %37 = transformer.binary sub %35, %36 : tensor<?x8x32xf32>, tensor<?x8x1xf32>
  %38 = transformer.binary pow %37, %c0 : tensor<?x8x32xf32>, tensor<f32>
  %39 = transformer.reduce mean %38 <{axes = array<i64: 2>, keepdims}> : tensor<?x8x32xf32>
  %40 = transformer.binary add %39, %c1 : tensor<?x8x1xf32>, tensor<f32>
  %41 = transformer.unary sqrt %40 : tensor<?x8x1xf32>
  %42 = transformer.binary div %37, %41 : tensor<?x8x32xf32>, tensor<?x8x1xf32>
  %n2 = transformer.constant dense_resource<n2> : tensor<32xf32>
  %43 = transformer.binary mul %42, %n2 : tensor<?x8x32xf32>, tensor<32xf32>
  %n2_beta = transformer.constant dense_resource<n2_beta> : tensor<32xf32>
  %44 = transformer.binary add %43, %n2_beta : tensor<?x8x32xf32>, tensor<32xf32>
  %45 = transformer.reshape %44[%0] : tensor<?x8x32xf32> to tensor<?x32xf32>
  %up = transformer.constant dense_resource<up> : tensor<32x64xf32>
  %46 = transformer.matmul %45, %up : tensor<?x32xf32>, tensor<32x64xf32>
  %up_bias = transformer.constant dense_resource<up_bias> : tensor<64xf32>
  %47 = transformer.binary add %46, %up_bias : tensor<?x64xf32>, tensor<64xf32>
  %48 = transformer.reshape %47[%b] : tensor<?x64xf32> to tensor<?x8x64xf32>
  %c5 = transformer.constant dense<0.5> : tensor<f32>
  %49 = transformer.binary mul %48, %c5 : tensor<?x8x64xf32>, tensor<f32>
  %c6 = transformer.constant dense<3.0> : tensor<f32>
  %50 = transformer.binary pow %48, %c6 : tensor<?x8x64xf32>, tensor<f32>
  %c7 = transformer.constant dense<0.044715> : tensor<f32>
  %51 = transformer.binary mul %50, %c7 : tensor<?x8x64xf32>, tensor<f32>
  %52 = transformer.binary add %48, %51 : tensor<?x8x64xf32>, tensor<?x8x64xf32>
  %c8 = transformer.constant dense<0.797884583> : tensor<f32>
  %53 = transformer.binary mul %52, %c8 : tensor<?x8x64xf32>, tensor<f32>
  %54 = transformer.unary tanh %53 : tensor<?x8x64xf32>
  %c9 = transformer.constant dense<1.0> : tensor<f32>
  %55 = transformer.binary add %54, %c9 : tensor<?x8x64xf32>, tensor<f32>
  %56 = transformer.binary mul %49, %55 : tensor<?x8x64xf32>, tensor<?x8x64xf32>
  %57 = transformer.reshape %56[%0] : tensor<?x8x64xf32> to tensor<?x64xf32>
  %down = transformer.constant dense_resource<down> : tensor<64x32xf32>
  %58 = transformer.matmul %57, %down : tensor<?x64xf32>, tensor<64x32xf32>
  %down_bias = transformer.constant dense_resource<down_bias> : tensor<32xf32>
  %59 = transformer.binary add %58, %down_bias : tensor<?x32xf32>, tensor<32xf32>
  %60 = transformer.reshape %59[%b] : tensor<?x32xf32> to tensor<?x8x32xf32>
  %61 = transformer.binary add %60, %35 : tensor<?x8x32xf32>, tensor<?x8x32xf32>
  return %61 : tensor<?x8x32xf32>
}

// Llama: RMS norms, rotary halves, repeated heads, a causal mask by minus infinity, SwiGLU.
// CHECK-LABEL: func.func @llama_layer(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<?x?x8xf32> {transformer.dims = ["b", "s", ""]}, %[[A2:[^:]+]]: tensor<?x?x8xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<down> : tensor<64x32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<up> : tensor<32x64xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<gate> : tensor<32x64xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<n2> : tensor<32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<v> : tensor<32x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<k> : tensor<32x16xf32>
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
// CHECK-NEXT: %[[V13:.+]] = transformer.linear %[[V9]], %[[V6]] : tensor<?x?x32xf32>, tensor<32x16xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x16xf32> to tensor<?x?x2x8xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.transpose %[[V14]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x8xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.linear %[[V9]], %[[V5]] : tensor<?x?x32xf32>, tensor<32x16xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.reshape %[[V16]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x16xf32> to tensor<?x?x2x8xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.transpose %[[V17]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x8xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.reshape %[[A1]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x8xf32> to tensor<?x1x?x8xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.reshape %[[A2]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x8xf32> to tensor<?x1x?x8xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.rope %[[V12]], %[[V19]], %[[V20]] <{rotary_dim = 8 : i64}> : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.rope %[[V15]], %[[V19]], %[[V20]] <{rotary_dim = 8 : i64}> : tensor<?x2x?x8xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.attention %[[V21]], %[[V22]], %[[V18]] <{causal = #transformer<causal_kind top_left>, scale = 0.353553385 : f32}> : tensor<?x4x?x8xf32>, tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.transpose %[[V23]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.reshape %[[V24]][%[[DIM]], %[[DIM_0]]] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.linear %[[V25]], %[[V4]] residual %[[A0]] : tensor<?x?x32xf32> : tensor<?x?x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.rms_norm %[[V26]] scale %[[V3]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<?x?x32xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.linear %[[V27]], %[[V2]] : tensor<?x?x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V29:.+]] = transformer.linear %[[V27]], %[[V1]] : tensor<?x?x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V30:.+]] = transformer.glu silu %[[V28]], %[[V29]] : tensor<?x?x64xf32>, tensor<?x?x64xf32>
// CHECK-NEXT: %[[V31:.+]] = transformer.linear %[[V30]], %[[V0]] residual %[[V26]] : tensor<?x?x32xf32> : tensor<?x?x64xf32>, tensor<64x32xf32>
// CHECK-NEXT: return %[[V31]] : tensor<?x?x32xf32>
// CHECK-NEXT: }
func.func @llama_layer(%x: tensor<?x?x32xf32> {transformer.dims = ["b", "s", ""]}, %cos: tensor<?x?x8xf32> {transformer.dims = ["b", "s", ""]}, %sin: tensor<?x?x8xf32> {transformer.dims = ["b", "s", ""]}) -> tensor<?x?x32xf32> {
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
  %k = transformer.constant dense_resource<k> : tensor<32x16xf32>
  %10 = transformer.matmul %6, %k : tensor<?x?x32xf32>, tensor<32x16xf32>
  %11 = transformer.reshape %10[%b, %s] : tensor<?x?x16xf32> to tensor<?x?x2x8xf32>
  %12 = transformer.transpose %11 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<32x16xf32>
  %13 = transformer.matmul %6, %v : tensor<?x?x32xf32>, tensor<32x16xf32>
  %14 = transformer.reshape %13[%b, %s] : tensor<?x?x16xf32> to tensor<?x?x2x8xf32>
  %15 = transformer.transpose %14 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x2x8xf32>
  %16 = transformer.reshape %cos[%b, %s] : tensor<?x?x8xf32> to tensor<?x1x?x8xf32>
  %17 = transformer.reshape %sin[%b, %s] : tensor<?x?x8xf32> to tensor<?x1x?x8xf32>
  %18 = transformer.slice %9[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x8xf32> to tensor<?x4x?x4xf32>
  %19 = transformer.slice %9[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x4x?x8xf32> to tensor<?x4x?x4xf32>
  %20 = transformer.binary mul %9, %16 : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %21 = transformer.unary neg %19 : tensor<?x4x?x4xf32>
  %22 = transformer.concat %21, %18 <{axis = 3 : i64}> : tensor<?x4x?x4xf32>, tensor<?x4x?x4xf32>
  %23 = transformer.binary mul %22, %17 : tensor<?x4x?x8xf32>, tensor<?x1x?x8xf32>
  %24 = transformer.binary add %20, %23 : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>
  %25 = transformer.slice %12[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x2x?x8xf32> to tensor<?x2x?x4xf32>
  %26 = transformer.slice %12[] [%b, %s] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<?x2x?x8xf32> to tensor<?x2x?x4xf32>
  %27 = transformer.binary mul %12, %16 : tensor<?x2x?x8xf32>, tensor<?x1x?x8xf32>
  %28 = transformer.unary neg %26 : tensor<?x2x?x4xf32>
  %29 = transformer.concat %28, %25 <{axis = 3 : i64}> : tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>
  %30 = transformer.binary mul %29, %17 : tensor<?x2x?x8xf32>, tensor<?x1x?x8xf32>
  %31 = transformer.binary add %27, %30 : tensor<?x2x?x8xf32>, tensor<?x2x?x8xf32>
  %32 = transformer.reshape %31[%b, %s] : tensor<?x2x?x8xf32> to tensor<?x2x1x?x8xf32>
  %33 = transformer.broadcast_to %32[%b, %s] : tensor<?x2x1x?x8xf32> to tensor<?x2x2x?x8xf32>
  %34 = transformer.reshape %33[%b, %s] : tensor<?x2x2x?x8xf32> to tensor<?x4x?x8xf32>
  %35 = transformer.reshape %15[%b, %s] : tensor<?x2x?x8xf32> to tensor<?x2x1x?x8xf32>
  %36 = transformer.broadcast_to %35[%b, %s] : tensor<?x2x1x?x8xf32> to tensor<?x2x2x?x8xf32>
  %37 = transformer.reshape %36[%b, %s] : tensor<?x2x2x?x8xf32> to tensor<?x4x?x8xf32>
  %c3 = transformer.constant dense<0> : tensor<i64>
  %c4 = transformer.constant dense<1> : tensor<i64>
  %38 = transformer.range %c3, %c4[%s] : tensor<i64>, tensor<i64> to tensor<?xi64>
  %39 = transformer.reshape %38[%s] : tensor<?xi64> to tensor<?x1xi64>
  %40 = transformer.transpose %34 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x8xf32>
  %41 = transformer.matmul %24, %40 : tensor<?x4x?x8xf32>, tensor<?x4x8x?xf32>
  %c5 = transformer.constant dense<0.353553385> : tensor<f32>
  %42 = transformer.binary mul %41, %c5 : tensor<?x4x?x?xf32>, tensor<f32>
  %43 = transformer.compare gt %38, %39 : tensor<?xi64>, tensor<?x1xi64>
  %c6 = transformer.constant dense<0xFF800000> : tensor<f32>
  %c7 = transformer.constant dense<0.0> : tensor<f32>
  %44 = transformer.select %43, %c6, %c7 : tensor<?x?xi1>, tensor<f32>, tensor<f32>
  %45 = transformer.reshape %44[%s, %s] : tensor<?x?xf32> to tensor<1x1x?x?xf32>
  %46 = transformer.binary add %42, %45 : tensor<?x4x?x?xf32>, tensor<1x1x?x?xf32>
  %47 = transformer.softmax %46 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
  %48 = transformer.matmul %47, %37 : tensor<?x4x?x?xf32>, tensor<?x4x?x8xf32>
  %49 = transformer.transpose %48 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x4x?x8xf32>
  %50 = transformer.reshape %49[%b, %s] : tensor<?x?x4x8xf32> to tensor<?x?x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %51 = transformer.matmul %50, %o : tensor<?x?x32xf32>, tensor<32x32xf32>
  %52 = transformer.binary add %51, %x : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  %53 = transformer.binary pow %52, %c0 : tensor<?x?x32xf32>, tensor<f32>
  %54 = transformer.reduce mean %53 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x32xf32>
  %n2 = transformer.constant dense_resource<n2> : tensor<32xf32>
  %55 = transformer.binary add %54, %c1 : tensor<?x?x1xf32>, tensor<f32>
  %56 = transformer.unary sqrt %55 : tensor<?x?x1xf32>
  %57 = transformer.binary div %c2, %56 : tensor<f32>, tensor<?x?x1xf32>
  %58 = transformer.binary mul %52, %57 : tensor<?x?x32xf32>, tensor<?x?x1xf32>
  %59 = transformer.binary mul %n2, %58 : tensor<32xf32>, tensor<?x?x32xf32>
  %gate = transformer.constant dense_resource<gate> : tensor<32x64xf32>
  %60 = transformer.matmul %59, %gate : tensor<?x?x32xf32>, tensor<32x64xf32>
  %up = transformer.constant dense_resource<up> : tensor<32x64xf32>
  %61 = transformer.matmul %59, %up : tensor<?x?x32xf32>, tensor<32x64xf32>
  %62 = transformer.unary sigmoid %60 : tensor<?x?x64xf32>
  %63 = transformer.binary mul %60, %62 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %64 = transformer.binary mul %63, %61 : tensor<?x?x64xf32>, tensor<?x?x64xf32>
  %down = transformer.constant dense_resource<down> : tensor<64x32xf32>
  %65 = transformer.matmul %64, %down : tensor<?x?x64xf32>, tensor<64x32xf32>
  %66 = transformer.binary add %52, %65 : tensor<?x?x32xf32>, tensor<?x?x32xf32>
  return %66 : tensor<?x?x32xf32>
}

// GPT-J: attention and MLP in parallel, neighbours turn among the first features.
// CHECK-LABEL: func.func @gptj_layer(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x6x32xf32> {transformer.dims = ["b", "s", ""]}, %[[A1:[^:]+]]: tensor<6x1x2xf32>, %[[A2:[^:]+]]: tensor<6x1x2xf32>) -> tensor<2x6x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<down_bias> : tensor<32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<down> : tensor<64x32xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<up_bias> : tensor<64xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<up> : tensor<32x64xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<v> : tensor<32x32xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<k> : tensor<32x32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense_resource<q> : tensor<32x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense_resource<n1_beta> : tensor<32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.constant dense_resource<n1> : tensor<32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.layer_norm %[[A0]] scale %[[V9]] : tensor<32xf32> bias %[[V8]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999974E-6 : f32}> : tensor<2x6x32xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.linear %[[V10]], %[[V7]] : tensor<2x6x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.reshape %[[V11]][] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.rope %[[V12]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 4 : i64}> : tensor<2x6x4x8xf32>, tensor<6x1x2xf32>, tensor<6x1x2xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.linear %[[V10]], %[[V6]] : tensor<2x6x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.reshape %[[V14]][] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.rope %[[V15]], %[[A1]], %[[A2]] <{interleaved, rotary_dim = 4 : i64}> : tensor<2x6x4x8xf32>, tensor<6x1x2xf32>, tensor<6x1x2xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.linear %[[V10]], %[[V5]] : tensor<2x6x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.reshape %[[V17]][] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.transpose %[[V13]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.transpose %[[V18]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.transpose %[[V16]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.attention %[[V19]], %[[V21]], %[[V20]] <{causal = #transformer<causal_kind top_left>, scale = 0.353553385 : f32}> : tensor<2x4x6x8xf32>, tensor<2x4x6x8xf32>, tensor<2x4x6x8xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.transpose %[[V22]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x6x8xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.reshape %[[V23]][] : tensor<2x6x4x8xf32> to tensor<2x6x32xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.linear %[[V10]], %[[V4]] bias %[[V3]] : tensor<64xf32> <{activation = #transformer<unary_kind gelu_tanh>}> : tensor<2x6x32xf32>, tensor<32x64xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.linear %[[V25]], %[[V2]] bias %[[V1]] : tensor<32xf32> : tensor<2x6x64xf32>, tensor<64x32xf32>
// CHECK-NEXT: %[[V27:.+]] = transformer.linear %[[V24]], %[[V0]] residual %[[V26]] : tensor<2x6x32xf32> : tensor<2x6x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V28:.+]] = transformer.binary add %[[V27]], %[[A0]] : tensor<2x6x32xf32>, tensor<2x6x32xf32>
// CHECK-NEXT: return %[[V28]] : tensor<2x6x32xf32>
// CHECK-NEXT: }
func.func @gptj_layer(%x: tensor<2x6x32xf32> {transformer.dims = ["b", "s", ""]}, %cos: tensor<6x1x2xf32>, %sin: tensor<6x1x2xf32>) -> tensor<2x6x32xf32> {
  %0 = transformer.reduce mean %x <{axes = array<i64: 2>, keepdims}> : tensor<2x6x32xf32>
  %1 = transformer.binary sub %x, %0 : tensor<2x6x32xf32>, tensor<2x6x1xf32>
  %2 = transformer.binary mul %1, %1 : tensor<2x6x32xf32>, tensor<2x6x32xf32>
  %3 = transformer.reduce mean %2 <{axes = array<i64: 2>, keepdims}> : tensor<2x6x32xf32>
  %c0 = transformer.constant dense<1.0e-05> : tensor<f32>
  %4 = transformer.binary add %3, %c0 : tensor<2x6x1xf32>, tensor<f32>
  %5 = transformer.unary rsqrt %4 : tensor<2x6x1xf32>
  %6 = transformer.binary mul %1, %5 : tensor<2x6x32xf32>, tensor<2x6x1xf32>
  %n1 = transformer.constant dense_resource<n1> : tensor<32xf32>
  %7 = transformer.binary mul %6, %n1 : tensor<2x6x32xf32>, tensor<32xf32>
  %n1_beta = transformer.constant dense_resource<n1_beta> : tensor<32xf32>
  %8 = transformer.binary add %7, %n1_beta : tensor<2x6x32xf32>, tensor<32xf32>
  %q = transformer.constant dense_resource<q> : tensor<32x32xf32>
  %9 = transformer.matmul %8, %q : tensor<2x6x32xf32>, tensor<32x32xf32>
  %10 = transformer.reshape %9[] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
  %11 = transformer.slice %10[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x6x4x8xf32> to tensor<2x6x4x4xf32>
  %12 = transformer.slice %10[] [] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x6x4x8xf32> to tensor<2x6x4x4xf32>
  %13 = transformer.slice %11[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 2>}> : tensor<2x6x4x4xf32> to tensor<2x6x4x2xf32>
  %14 = transformer.slice %11[] [] <{static_starts = array<i64: 0, 0, 0, 1>, steps = array<i64: 1, 1, 1, 2>}> : tensor<2x6x4x4xf32> to tensor<2x6x4x2xf32>
  %15 = transformer.binary mul %13, %cos : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %16 = transformer.binary mul %14, %sin : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %17 = transformer.binary sub %15, %16 : tensor<2x6x4x2xf32>, tensor<2x6x4x2xf32>
  %18 = transformer.binary mul %14, %cos : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %19 = transformer.binary mul %13, %sin : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %20 = transformer.binary add %18, %19 : tensor<2x6x4x2xf32>, tensor<2x6x4x2xf32>
  %21 = transformer.reshape %17[] : tensor<2x6x4x2xf32> to tensor<2x6x4x2x1xf32>
  %22 = transformer.reshape %20[] : tensor<2x6x4x2xf32> to tensor<2x6x4x2x1xf32>
  %23 = transformer.concat %21, %22 <{axis = 4 : i64}> : tensor<2x6x4x2x1xf32>, tensor<2x6x4x2x1xf32>
  %24 = transformer.reshape %23[] : tensor<2x6x4x2x2xf32> to tensor<2x6x4x4xf32>
  %25 = transformer.concat %24, %12 <{axis = 3 : i64}> : tensor<2x6x4x4xf32>, tensor<2x6x4x4xf32>
  %k = transformer.constant dense_resource<k> : tensor<32x32xf32>
  %26 = transformer.matmul %8, %k : tensor<2x6x32xf32>, tensor<32x32xf32>
  %27 = transformer.reshape %26[] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
  %28 = transformer.slice %27[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x6x4x8xf32> to tensor<2x6x4x4xf32>
  %29 = transformer.slice %27[] [] <{static_starts = array<i64: 0, 0, 0, 4>, steps = array<i64: 1, 1, 1, 1>}> : tensor<2x6x4x8xf32> to tensor<2x6x4x4xf32>
  %30 = transformer.slice %28[] [] <{static_starts = array<i64: 0, 0, 0, 0>, steps = array<i64: 1, 1, 1, 2>}> : tensor<2x6x4x4xf32> to tensor<2x6x4x2xf32>
  %31 = transformer.slice %28[] [] <{static_starts = array<i64: 0, 0, 0, 1>, steps = array<i64: 1, 1, 1, 2>}> : tensor<2x6x4x4xf32> to tensor<2x6x4x2xf32>
  %32 = transformer.binary mul %30, %cos : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %33 = transformer.binary mul %31, %sin : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %34 = transformer.binary sub %32, %33 : tensor<2x6x4x2xf32>, tensor<2x6x4x2xf32>
  %35 = transformer.binary mul %31, %cos : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %36 = transformer.binary mul %30, %sin : tensor<2x6x4x2xf32>, tensor<6x1x2xf32>
  %37 = transformer.binary add %35, %36 : tensor<2x6x4x2xf32>, tensor<2x6x4x2xf32>
  %38 = transformer.reshape %34[] : tensor<2x6x4x2xf32> to tensor<2x6x4x2x1xf32>
  %39 = transformer.reshape %37[] : tensor<2x6x4x2xf32> to tensor<2x6x4x2x1xf32>
  %40 = transformer.concat %38, %39 <{axis = 4 : i64}> : tensor<2x6x4x2x1xf32>, tensor<2x6x4x2x1xf32>
  %41 = transformer.reshape %40[] : tensor<2x6x4x2x2xf32> to tensor<2x6x4x4xf32>
  %42 = transformer.concat %41, %29 <{axis = 3 : i64}> : tensor<2x6x4x4xf32>, tensor<2x6x4x4xf32>
  %v = transformer.constant dense_resource<v> : tensor<32x32xf32>
  %43 = transformer.matmul %8, %v : tensor<2x6x32xf32>, tensor<32x32xf32>
  %44 = transformer.reshape %43[] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
  %45 = transformer.transpose %25 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
  %46 = transformer.transpose %42 <{perm = array<i64: 0, 2, 3, 1>}> : tensor<2x6x4x8xf32>
  %47 = transformer.matmul %45, %46 : tensor<2x4x6x8xf32>, tensor<2x4x8x6xf32>
  %c1 = transformer.constant dense<0.353553385> : tensor<f32>
  %48 = transformer.binary mul %47, %c1 : tensor<2x4x6x6xf32>, tensor<f32>
  %c2 = transformer.constant dense<[[true, false, false, false, false, false], [true, true, false, false, false, false], [true, true, true, false, false, false], [true, true, true, true, false, false], [true, true, true, true, true, false], [true, true, true, true, true, true]]> : tensor<6x6xi1>
  %c3 = transformer.constant dense<0xFF800000> : tensor<f32>
  %49 = transformer.select %c2, %48, %c3 : tensor<6x6xi1>, tensor<2x4x6x6xf32>, tensor<f32>
  %50 = transformer.softmax %49 <{axis = 3 : i64}> : tensor<2x4x6x6xf32>
  %51 = transformer.transpose %44 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
  %52 = transformer.matmul %50, %51 : tensor<2x4x6x6xf32>, tensor<2x4x6x8xf32>
  %53 = transformer.transpose %52 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x6x8xf32>
  %54 = transformer.reshape %53[] : tensor<2x6x4x8xf32> to tensor<2x6x32xf32>
  %up = transformer.constant dense_resource<up> : tensor<32x64xf32>
  %55 = transformer.matmul %8, %up : tensor<2x6x32xf32>, tensor<32x64xf32>
  %up_bias = transformer.constant dense_resource<up_bias> : tensor<64xf32>
  %56 = transformer.binary add %55, %up_bias : tensor<2x6x64xf32>, tensor<64xf32>
  %c4 = transformer.constant dense<0.5> : tensor<f32>
  %57 = transformer.binary mul %56, %c4 : tensor<2x6x64xf32>, tensor<f32>
  %c5 = transformer.constant dense<3.0> : tensor<f32>
  %58 = transformer.binary pow %56, %c5 : tensor<2x6x64xf32>, tensor<f32>
  %c6 = transformer.constant dense<0.044715> : tensor<f32>
  %59 = transformer.binary mul %58, %c6 : tensor<2x6x64xf32>, tensor<f32>
  %60 = transformer.binary add %56, %59 : tensor<2x6x64xf32>, tensor<2x6x64xf32>
  %c7 = transformer.constant dense<0.797884583> : tensor<f32>
  %61 = transformer.binary mul %60, %c7 : tensor<2x6x64xf32>, tensor<f32>
  %62 = transformer.unary tanh %61 : tensor<2x6x64xf32>
  %c8 = transformer.constant dense<1.0> : tensor<f32>
  %63 = transformer.binary add %62, %c8 : tensor<2x6x64xf32>, tensor<f32>
  %64 = transformer.binary mul %57, %63 : tensor<2x6x64xf32>, tensor<2x6x64xf32>
  %down = transformer.constant dense_resource<down> : tensor<64x32xf32>
  %65 = transformer.matmul %64, %down : tensor<2x6x64xf32>, tensor<64x32xf32>
  %down_bias = transformer.constant dense_resource<down_bias> : tensor<32xf32>
  %66 = transformer.binary add %65, %down_bias : tensor<2x6x32xf32>, tensor<32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %67 = transformer.matmul %54, %o : tensor<2x6x32xf32>, tensor<32x32xf32>
  %68 = transformer.binary add %67, %66 : tensor<2x6x32xf32>, tensor<2x6x32xf32>
  %69 = transformer.binary add %68, %x : tensor<2x6x32xf32>, tensor<2x6x32xf32>
  return %69 : tensor<2x6x32xf32>
}

// Gemma 2: QK-norms, a soft cap, a window, sandwich norms.
// CHECK-LABEL: func.func @gemma_attention(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x6x32xf32>) -> tensor<2x6x32xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}{{\[\[}}true, false, false, false, false, false], [true, true, false, false, false, false], [true, true, true, false, false, false], [false, true, true, true, false, false], [false, false, true, true, true, false], [false, false, false, true, true, true]]]]> : tensor<1x1x6x6xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<n2> : tensor<32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<o> : tensor<32x32xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<v> : tensor<32x8xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<kn> : tensor<8xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<k> : tensor<32x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense_resource<qn> : tensor<8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.constant dense_resource<q> : tensor<32x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.constant dense_resource<n1> : tensor<32xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.rms_norm %[[A0]] scale %[[V8]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<2x6x32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.linear %[[V9]], %[[V7]] : tensor<2x6x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.reshape %[[V10]][] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.transpose %[[V11]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.rms_norm %[[V12]] scale %[[V6]] : tensor<8xf32> <{axis = 3 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<2x4x6x8xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.linear %[[V9]], %[[V5]] : tensor<2x6x32xf32>, tensor<32x8xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.reshape %[[V14]][] : tensor<2x6x8xf32> to tensor<2x6x1x8xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.transpose %[[V15]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x1x8xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.rms_norm %[[V16]] scale %[[V4]] : tensor<8xf32> <{axis = 3 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<2x1x6x8xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.linear %[[V9]], %[[V3]] : tensor<2x6x32xf32>, tensor<32x8xf32>
// CHECK-NEXT: %[[V19:.+]] = transformer.reshape %[[V18]][] : tensor<2x6x8xf32> to tensor<2x6x1x8xf32>
// CHECK-NEXT: %[[V20:.+]] = transformer.transpose %[[V19]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x1x8xf32>
// CHECK-NEXT: %[[V21:.+]] = transformer.attention %[[V13]], %[[V17]], %[[V20]] mask %[[V0]] : tensor<1x1x6x6xi1> <{scale = 0.353553385 : f32, softcap = 5.000000e+01 : f32}> : tensor<2x4x6x8xf32>, tensor<2x1x6x8xf32>, tensor<2x1x6x8xf32>
// CHECK-NEXT: %[[V22:.+]] = transformer.transpose %[[V21]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x6x8xf32>
// CHECK-NEXT: %[[V23:.+]] = transformer.reshape %[[V22]][] : tensor<2x6x4x8xf32> to tensor<2x6x32xf32>
// CHECK-NEXT: %[[V24:.+]] = transformer.linear %[[V23]], %[[V2]] : tensor<2x6x32xf32>, tensor<32x32xf32>
// CHECK-NEXT: %[[V25:.+]] = transformer.rms_norm %[[V24]] scale %[[V1]] : tensor<32xf32> <{axis = 2 : i64, epsilon = 9.99999997E-7 : f32}> : tensor<2x6x32xf32>
// CHECK-NEXT: %[[V26:.+]] = transformer.binary add %[[A0]], %[[V25]] : tensor<2x6x32xf32>, tensor<2x6x32xf32>
// CHECK-NEXT: return %[[V26]] : tensor<2x6x32xf32>
// CHECK-NEXT: }
func.func @gemma_attention(%x: tensor<2x6x32xf32>) -> tensor<2x6x32xf32> {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<2x6x32xf32>, tensor<f32>
  %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<2x6x32xf32>
  %n1 = transformer.constant dense_resource<n1> : tensor<32xf32>
  %c1 = transformer.constant dense<1.0e-06> : tensor<f32>
  %2 = transformer.binary add %1, %c1 : tensor<2x6x1xf32>, tensor<f32>
  %3 = transformer.unary sqrt %2 : tensor<2x6x1xf32>
  %c2 = transformer.constant dense<1.0> : tensor<f32>
  %4 = transformer.binary div %c2, %3 : tensor<f32>, tensor<2x6x1xf32>
  %5 = transformer.binary mul %x, %4 : tensor<2x6x32xf32>, tensor<2x6x1xf32>
  %6 = transformer.binary mul %n1, %5 : tensor<32xf32>, tensor<2x6x32xf32>
  %q = transformer.constant dense_resource<q> : tensor<32x32xf32>
  %7 = transformer.matmul %6, %q : tensor<2x6x32xf32>, tensor<32x32xf32>
  %8 = transformer.reshape %7[] : tensor<2x6x32xf32> to tensor<2x6x4x8xf32>
  %9 = transformer.transpose %8 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x4x8xf32>
  %10 = transformer.binary pow %9, %c0 : tensor<2x4x6x8xf32>, tensor<f32>
  %11 = transformer.reduce mean %10 <{axes = array<i64: 3>, keepdims}> : tensor<2x4x6x8xf32>
  %qn = transformer.constant dense_resource<qn> : tensor<8xf32>
  %12 = transformer.binary add %11, %c1 : tensor<2x4x6x1xf32>, tensor<f32>
  %13 = transformer.unary sqrt %12 : tensor<2x4x6x1xf32>
  %14 = transformer.binary div %c2, %13 : tensor<f32>, tensor<2x4x6x1xf32>
  %15 = transformer.binary mul %9, %14 : tensor<2x4x6x8xf32>, tensor<2x4x6x1xf32>
  %16 = transformer.binary mul %qn, %15 : tensor<8xf32>, tensor<2x4x6x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<32x8xf32>
  %17 = transformer.matmul %6, %k : tensor<2x6x32xf32>, tensor<32x8xf32>
  %18 = transformer.reshape %17[] : tensor<2x6x8xf32> to tensor<2x6x1x8xf32>
  %19 = transformer.transpose %18 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x1x8xf32>
  %20 = transformer.binary pow %19, %c0 : tensor<2x1x6x8xf32>, tensor<f32>
  %21 = transformer.reduce mean %20 <{axes = array<i64: 3>, keepdims}> : tensor<2x1x6x8xf32>
  %kn = transformer.constant dense_resource<kn> : tensor<8xf32>
  %22 = transformer.binary add %21, %c1 : tensor<2x1x6x1xf32>, tensor<f32>
  %23 = transformer.unary sqrt %22 : tensor<2x1x6x1xf32>
  %24 = transformer.binary div %c2, %23 : tensor<f32>, tensor<2x1x6x1xf32>
  %25 = transformer.binary mul %19, %24 : tensor<2x1x6x8xf32>, tensor<2x1x6x1xf32>
  %26 = transformer.binary mul %kn, %25 : tensor<8xf32>, tensor<2x1x6x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<32x8xf32>
  %27 = transformer.matmul %6, %v : tensor<2x6x32xf32>, tensor<32x8xf32>
  %28 = transformer.reshape %27[] : tensor<2x6x8xf32> to tensor<2x6x1x8xf32>
  %29 = transformer.transpose %28 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x6x1x8xf32>
  %30 = transformer.transpose %26 <{perm = array<i64: 0, 1, 3, 2>}> : tensor<2x1x6x8xf32>
  %31 = transformer.matmul %16, %30 : tensor<2x4x6x8xf32>, tensor<2x1x8x6xf32>
  %c3 = transformer.constant dense<0.353553385> : tensor<f32>
  %32 = transformer.binary mul %31, %c3 : tensor<2x4x6x6xf32>, tensor<f32>
  %c4 = transformer.constant dense<50.0> : tensor<f32>
  %33 = transformer.binary div %32, %c4 : tensor<2x4x6x6xf32>, tensor<f32>
  %34 = transformer.unary tanh %33 : tensor<2x4x6x6xf32>
  %35 = transformer.binary mul %34, %c4 : tensor<2x4x6x6xf32>, tensor<f32>
  %c5 = transformer.constant dense<[[true, false, false, false, false, false], [true, true, false, false, false, false], [true, true, true, false, false, false], [false, true, true, true, false, false], [false, false, true, true, true, false], [false, false, false, true, true, true]]> : tensor<6x6xi1>
  %c6 = transformer.constant dense<0xFF800000> : tensor<f32>
  %36 = transformer.select %c5, %35, %c6 : tensor<6x6xi1>, tensor<2x4x6x6xf32>, tensor<f32>
  %37 = transformer.softmax %36 <{axis = 3 : i64}> : tensor<2x4x6x6xf32>
  %38 = transformer.matmul %37, %29 : tensor<2x4x6x6xf32>, tensor<2x1x6x8xf32>
  %39 = transformer.transpose %38 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x4x6x8xf32>
  %40 = transformer.reshape %39[] : tensor<2x6x4x8xf32> to tensor<2x6x32xf32>
  %o = transformer.constant dense_resource<o> : tensor<32x32xf32>
  %41 = transformer.matmul %40, %o : tensor<2x6x32xf32>, tensor<32x32xf32>
  %42 = transformer.binary pow %41, %c0 : tensor<2x6x32xf32>, tensor<f32>
  %43 = transformer.reduce mean %42 <{axes = array<i64: 2>, keepdims}> : tensor<2x6x32xf32>
  %n2 = transformer.constant dense_resource<n2> : tensor<32xf32>
  %44 = transformer.binary add %43, %c1 : tensor<2x6x1xf32>, tensor<f32>
  %45 = transformer.unary sqrt %44 : tensor<2x6x1xf32>
  %46 = transformer.binary div %c2, %45 : tensor<f32>, tensor<2x6x1xf32>
  %47 = transformer.binary mul %41, %46 : tensor<2x6x32xf32>, tensor<2x6x1xf32>
  %48 = transformer.binary mul %n2, %47 : tensor<32xf32>, tensor<2x6x32xf32>
  %49 = transformer.binary add %x, %48 : tensor<2x6x32xf32>, tensor<2x6x32xf32>
  return %49 : tensor<2x6x32xf32>
}
