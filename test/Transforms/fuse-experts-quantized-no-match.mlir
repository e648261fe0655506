// RUN: transom-opt --fuse-experts=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// Experts whose quantised weights are not those of a mixture, and why.

// The last block of a column goes beyond its rows.
// CHECK-LABEL: func.func @padded(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @padded(%x: tensor<?x32xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = tensor.dim %x, %c0 : tensor<?x32xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %sum0 = transformer.broadcast_to %zero[%t] : tensor<f32> to tensor<?x32xf32>
  %n0 = transformer.constant dense<0> : tensor<i64>
  %is0 = transformer.compare eq %ids, %n0 : tensor<?x2xi64>, tensor<i64>
  %nz0 = transformer.nonzero %is0 : tensor<?x2xi1>
  %d0 = tensor.dim %nz0, %c1 : tensor<2x?xi64>
  %first0 = transformer.slice %nz0[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows0 = transformer.reshape %first0[%d0] : tensor<1x?xi64> to tensor<?xi64>
  %at0 = transformer.transpose %nz0 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares0 = transformer.gather_nd %s, %at0 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken0 = transformer.gather %x, %rows0 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew0 = transformer.constant dense<21> : tensor<24x2x8xui8>
  %gates0 = transformer.constant dense<1.0> : tensor<48xf32>
  %gatez0 = transformer.constant dense<53> : tensor<24xui8>
  %gate0 = transformer.linear_nbits %taken0, %gatew0, %gates0 zeros %gatez0 : tensor<24xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 24 : i64}> : tensor<?x32xf32>, tensor<24x2x8xui8>, tensor<48xf32>
  %upw0 = transformer.constant dense<19> : tensor<24x2x8xui8>
  %ups0 = transformer.constant dense<0.75> : tensor<48xf32>
  %upz0 = transformer.constant dense<53> : tensor<24xui8>
  %up0 = transformer.linear_nbits %taken0, %upw0, %ups0 zeros %upz0 : tensor<24xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 24 : i64}> : tensor<?x32xf32>, tensor<24x2x8xui8>, tensor<48xf32>
  %h0 = transformer.glu silu %gate0, %up0 : tensor<?x24xf32>, tensor<?x24xf32>
  %downw0 = transformer.constant dense<21> : tensor<32x2x16xui8>
  %downs0 = transformer.constant dense<1.0> : tensor<64xf32>
  %down0 = transformer.linear_nbits %h0, %downw0, %downs0 <{bits = 8 : i64, block_size = 16 : i64, k = 24 : i64, n = 32 : i64}> : tensor<?x24xf32>, tensor<32x2x16xui8>, tensor<64xf32>
  %share0 = transformer.reshape %shares0[%d0] : tensor<?xf32> to tensor<?x1xf32>
  %weighed0 = transformer.binary mul %down0, %share0 : tensor<?x32xf32>, tensor<?x1xf32>
  %to0 = transformer.reshape %rows0[%d0] : tensor<?xi64> to tensor<?x1xi64>
  %sum1 = transformer.scatter_nd add %sum0, %to0, %weighed0 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  %n1 = transformer.constant dense<1> : tensor<i64>
  %is1 = transformer.compare eq %ids, %n1 : tensor<?x2xi64>, tensor<i64>
  %nz1 = transformer.nonzero %is1 : tensor<?x2xi1>
  %d1 = tensor.dim %nz1, %c1 : tensor<2x?xi64>
  %first1 = transformer.slice %nz1[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows1 = transformer.reshape %first1[%d1] : tensor<1x?xi64> to tensor<?xi64>
  %at1 = transformer.transpose %nz1 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares1 = transformer.gather_nd %s, %at1 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken1 = transformer.gather %x, %rows1 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew1 = transformer.constant dense<37> : tensor<24x2x8xui8>
  %gates1 = transformer.constant dense<0.75> : tensor<48xf32>
  %gatez1 = transformer.constant dense<54> : tensor<24xui8>
  %gate1 = transformer.linear_nbits %taken1, %gatew1, %gates1 zeros %gatez1 : tensor<24xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 24 : i64}> : tensor<?x32xf32>, tensor<24x2x8xui8>, tensor<48xf32>
  %upw1 = transformer.constant dense<35> : tensor<24x2x8xui8>
  %ups1 = transformer.constant dense<0.5> : tensor<48xf32>
  %upz1 = transformer.constant dense<54> : tensor<24xui8>
  %up1 = transformer.linear_nbits %taken1, %upw1, %ups1 zeros %upz1 : tensor<24xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 24 : i64}> : tensor<?x32xf32>, tensor<24x2x8xui8>, tensor<48xf32>
  %h1 = transformer.glu silu %gate1, %up1 : tensor<?x24xf32>, tensor<?x24xf32>
  %downw1 = transformer.constant dense<37> : tensor<32x2x16xui8>
  %downs1 = transformer.constant dense<0.75> : tensor<64xf32>
  %down1 = transformer.linear_nbits %h1, %downw1, %downs1 <{bits = 8 : i64, block_size = 16 : i64, k = 24 : i64, n = 32 : i64}> : tensor<?x24xf32>, tensor<32x2x16xui8>, tensor<64xf32>
  %share1 = transformer.reshape %shares1[%d1] : tensor<?xf32> to tensor<?x1xf32>
  %weighed1 = transformer.binary mul %down1, %share1 : tensor<?x32xf32>, tensor<?x1xf32>
  %to1 = transformer.reshape %rows1[%d1] : tensor<?xi64> to tensor<?x1xi64>
  %sum2 = transformer.scatter_nd add %sum1, %to1, %weighed1 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  %n2 = transformer.constant dense<2> : tensor<i64>
  %is2 = transformer.compare eq %ids, %n2 : tensor<?x2xi64>, tensor<i64>
  %nz2 = transformer.nonzero %is2 : tensor<?x2xi1>
  %d2 = tensor.dim %nz2, %c1 : tensor<2x?xi64>
  %first2 = transformer.slice %nz2[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows2 = transformer.reshape %first2[%d2] : tensor<1x?xi64> to tensor<?xi64>
  %at2 = transformer.transpose %nz2 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares2 = transformer.gather_nd %s, %at2 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken2 = transformer.gather %x, %rows2 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew2 = transformer.constant dense<53> : tensor<24x2x8xui8>
  %gates2 = transformer.constant dense<0.6666666666666666> : tensor<48xf32>
  %gatez2 = transformer.constant dense<55> : tensor<24xui8>
  %gate2 = transformer.linear_nbits %taken2, %gatew2, %gates2 zeros %gatez2 : tensor<24xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 24 : i64}> : tensor<?x32xf32>, tensor<24x2x8xui8>, tensor<48xf32>
  %upw2 = transformer.constant dense<51> : tensor<24x2x8xui8>
  %ups2 = transformer.constant dense<0.41666666666666663> : tensor<48xf32>
  %upz2 = transformer.constant dense<55> : tensor<24xui8>
  %up2 = transformer.linear_nbits %taken2, %upw2, %ups2 zeros %upz2 : tensor<24xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 24 : i64}> : tensor<?x32xf32>, tensor<24x2x8xui8>, tensor<48xf32>
  %h2 = transformer.glu silu %gate2, %up2 : tensor<?x24xf32>, tensor<?x24xf32>
  %downw2 = transformer.constant dense<53> : tensor<32x2x16xui8>
  %downs2 = transformer.constant dense<0.6666666666666666> : tensor<64xf32>
  // expected-remark @below {{the last block of an expert's quantised weight goes beyond its rows}}
  %down2 = transformer.linear_nbits %h2, %downw2, %downs2 <{bits = 8 : i64, block_size = 16 : i64, k = 24 : i64, n = 32 : i64}> : tensor<?x24xf32>, tensor<32x2x16xui8>, tensor<64xf32>
  %share2 = transformer.reshape %shares2[%d2] : tensor<?xf32> to tensor<?x1xf32>
  %weighed2 = transformer.binary mul %down2, %share2 : tensor<?x32xf32>, tensor<?x1xf32>
  %to2 = transformer.reshape %rows2[%d2] : tensor<?xi64> to tensor<?x1xi64>
  %sum3 = transformer.scatter_nd add %sum2, %to2, %weighed2 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  return %sum3 : tensor<?x32xf32>
}

// -----

// Zero points between the integers.
// CHECK-LABEL: func.func @float_zeros(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @float_zeros(%x: tensor<?x32xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = tensor.dim %x, %c0 : tensor<?x32xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %sum0 = transformer.broadcast_to %zero[%t] : tensor<f32> to tensor<?x32xf32>
  %n0 = transformer.constant dense<0> : tensor<i64>
  %is0 = transformer.compare eq %ids, %n0 : tensor<?x2xi64>, tensor<i64>
  %nz0 = transformer.nonzero %is0 : tensor<?x2xi1>
  %d0 = tensor.dim %nz0, %c1 : tensor<2x?xi64>
  %first0 = transformer.slice %nz0[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows0 = transformer.reshape %first0[%d0] : tensor<1x?xi64> to tensor<?xi64>
  %at0 = transformer.transpose %nz0 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares0 = transformer.gather_nd %s, %at0 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken0 = transformer.gather %x, %rows0 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew0 = transformer.constant dense<21> : tensor<16x2x8xui8>
  %gates0 = transformer.constant dense<1.0> : tensor<32xf32>
  %gatez0 = transformer.constant dense<3.0> : tensor<32xf32>
  %gate0 = transformer.linear_nbits %taken0, %gatew0, %gates0 zeros %gatez0 : tensor<32xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upw0 = transformer.constant dense<19> : tensor<16x2x8xui8>
  %ups0 = transformer.constant dense<0.75> : tensor<32xf32>
  %upz0 = transformer.constant dense<3.0> : tensor<32xf32>
  %up0 = transformer.linear_nbits %taken0, %upw0, %ups0 zeros %upz0 : tensor<32xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %h0 = transformer.glu silu %gate0, %up0 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw0 = transformer.constant dense<21> : tensor<32x1x16xui8>
  %downs0 = transformer.constant dense<1.0> : tensor<32xf32>
  %down0 = transformer.linear_nbits %h0, %downw0, %downs0 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %share0 = transformer.reshape %shares0[%d0] : tensor<?xf32> to tensor<?x1xf32>
  %weighed0 = transformer.binary mul %down0, %share0 : tensor<?x32xf32>, tensor<?x1xf32>
  %to0 = transformer.reshape %rows0[%d0] : tensor<?xi64> to tensor<?x1xi64>
  %sum1 = transformer.scatter_nd add %sum0, %to0, %weighed0 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  %n1 = transformer.constant dense<1> : tensor<i64>
  %is1 = transformer.compare eq %ids, %n1 : tensor<?x2xi64>, tensor<i64>
  %nz1 = transformer.nonzero %is1 : tensor<?x2xi1>
  %d1 = tensor.dim %nz1, %c1 : tensor<2x?xi64>
  %first1 = transformer.slice %nz1[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows1 = transformer.reshape %first1[%d1] : tensor<1x?xi64> to tensor<?xi64>
  %at1 = transformer.transpose %nz1 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares1 = transformer.gather_nd %s, %at1 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken1 = transformer.gather %x, %rows1 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew1 = transformer.constant dense<37> : tensor<16x2x8xui8>
  %gates1 = transformer.constant dense<0.75> : tensor<32xf32>
  %gatez1 = transformer.constant dense<4.0> : tensor<32xf32>
  %gate1 = transformer.linear_nbits %taken1, %gatew1, %gates1 zeros %gatez1 : tensor<32xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upw1 = transformer.constant dense<35> : tensor<16x2x8xui8>
  %ups1 = transformer.constant dense<0.5> : tensor<32xf32>
  %upz1 = transformer.constant dense<4.0> : tensor<32xf32>
  %up1 = transformer.linear_nbits %taken1, %upw1, %ups1 zeros %upz1 : tensor<32xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %h1 = transformer.glu silu %gate1, %up1 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw1 = transformer.constant dense<37> : tensor<32x1x16xui8>
  %downs1 = transformer.constant dense<0.75> : tensor<32xf32>
  %down1 = transformer.linear_nbits %h1, %downw1, %downs1 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %share1 = transformer.reshape %shares1[%d1] : tensor<?xf32> to tensor<?x1xf32>
  %weighed1 = transformer.binary mul %down1, %share1 : tensor<?x32xf32>, tensor<?x1xf32>
  %to1 = transformer.reshape %rows1[%d1] : tensor<?xi64> to tensor<?x1xi64>
  %sum2 = transformer.scatter_nd add %sum1, %to1, %weighed1 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  %n2 = transformer.constant dense<2> : tensor<i64>
  %is2 = transformer.compare eq %ids, %n2 : tensor<?x2xi64>, tensor<i64>
  %nz2 = transformer.nonzero %is2 : tensor<?x2xi1>
  %d2 = tensor.dim %nz2, %c1 : tensor<2x?xi64>
  %first2 = transformer.slice %nz2[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows2 = transformer.reshape %first2[%d2] : tensor<1x?xi64> to tensor<?xi64>
  %at2 = transformer.transpose %nz2 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares2 = transformer.gather_nd %s, %at2 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken2 = transformer.gather %x, %rows2 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew2 = transformer.constant dense<53> : tensor<16x2x8xui8>
  %gates2 = transformer.constant dense<0.6666666666666666> : tensor<32xf32>
  %gatez2 = transformer.constant dense<5.0> : tensor<32xf32>
  // expected-remark @below {{an expert's quantised weight has other zero points than packed integers, or is no constant}}
  %gate2 = transformer.linear_nbits %taken2, %gatew2, %gates2 zeros %gatez2 : tensor<32xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upw2 = transformer.constant dense<51> : tensor<16x2x8xui8>
  %ups2 = transformer.constant dense<0.41666666666666663> : tensor<32xf32>
  %upz2 = transformer.constant dense<5.0> : tensor<32xf32>
  %up2 = transformer.linear_nbits %taken2, %upw2, %ups2 zeros %upz2 : tensor<32xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %h2 = transformer.glu silu %gate2, %up2 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw2 = transformer.constant dense<53> : tensor<32x1x16xui8>
  %downs2 = transformer.constant dense<0.6666666666666666> : tensor<32xf32>
  %down2 = transformer.linear_nbits %h2, %downw2, %downs2 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %share2 = transformer.reshape %shares2[%d2] : tensor<?xf32> to tensor<?x1xf32>
  %weighed2 = transformer.binary mul %down2, %share2 : tensor<?x32xf32>, tensor<?x1xf32>
  %to2 = transformer.reshape %rows2[%d2] : tensor<?xi64> to tensor<?x1xi64>
  %sum3 = transformer.scatter_nd add %sum2, %to2, %weighed2 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  return %sum3 : tensor<?x32xf32>
}

// -----

// What the gate lets through is of floats.
// CHECK-LABEL: func.func @some(
// CHECK-NOT: transformer.moe
// CHECK: transformer.nonzero
// CHECK-NOT: transformer.moe
// CHECK: return
func.func @some(%x: tensor<?x32xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x32xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t = tensor.dim %x, %c0 : tensor<?x32xf32>
  %s, %ids = transformer.topk %scores <{axis = 1 : i64, largest = true}> : tensor<?x3xf32> to tensor<?x2xf32>, tensor<?x2xi64>
  %zero = transformer.constant dense<0.0> : tensor<f32>
  %sum0 = transformer.broadcast_to %zero[%t] : tensor<f32> to tensor<?x32xf32>
  %n0 = transformer.constant dense<0> : tensor<i64>
  %is0 = transformer.compare eq %ids, %n0 : tensor<?x2xi64>, tensor<i64>
  %nz0 = transformer.nonzero %is0 : tensor<?x2xi1>
  %d0 = tensor.dim %nz0, %c1 : tensor<2x?xi64>
  %first0 = transformer.slice %nz0[] [%d0] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows0 = transformer.reshape %first0[%d0] : tensor<1x?xi64> to tensor<?xi64>
  %at0 = transformer.transpose %nz0 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares0 = transformer.gather_nd %s, %at0 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken0 = transformer.gather %x, %rows0 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew0 = transformer.constant dense<21> : tensor<16x2x8xui8>
  %gates0 = transformer.constant dense<1.0> : tensor<32xf32>
  %gatez0 = transformer.constant dense<53> : tensor<16xui8>
  %gate0 = transformer.linear_nbits %taken0, %gatew0, %gates0 zeros %gatez0 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %uw0 = transformer.constant dense<0.5> : tensor<32x16xf32>
  %through0 = transformer.linear %taken0, %uw0 : tensor<?x32xf32>, tensor<32x16xf32>
  %h0 = transformer.glu silu %gate0, %through0 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw0 = transformer.constant dense<21> : tensor<32x1x16xui8>
  %downs0 = transformer.constant dense<1.0> : tensor<32xf32>
  %down0 = transformer.linear_nbits %h0, %downw0, %downs0 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %share0 = transformer.reshape %shares0[%d0] : tensor<?xf32> to tensor<?x1xf32>
  %weighed0 = transformer.binary mul %down0, %share0 : tensor<?x32xf32>, tensor<?x1xf32>
  %to0 = transformer.reshape %rows0[%d0] : tensor<?xi64> to tensor<?x1xi64>
  %sum1 = transformer.scatter_nd add %sum0, %to0, %weighed0 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  %n1 = transformer.constant dense<1> : tensor<i64>
  %is1 = transformer.compare eq %ids, %n1 : tensor<?x2xi64>, tensor<i64>
  %nz1 = transformer.nonzero %is1 : tensor<?x2xi1>
  %d1 = tensor.dim %nz1, %c1 : tensor<2x?xi64>
  %first1 = transformer.slice %nz1[] [%d1] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows1 = transformer.reshape %first1[%d1] : tensor<1x?xi64> to tensor<?xi64>
  %at1 = transformer.transpose %nz1 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares1 = transformer.gather_nd %s, %at1 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken1 = transformer.gather %x, %rows1 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew1 = transformer.constant dense<37> : tensor<16x2x8xui8>
  %gates1 = transformer.constant dense<0.75> : tensor<32xf32>
  %gatez1 = transformer.constant dense<54> : tensor<16xui8>
  %gate1 = transformer.linear_nbits %taken1, %gatew1, %gates1 zeros %gatez1 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %uw1 = transformer.constant dense<1.5> : tensor<32x16xf32>
  %through1 = transformer.linear %taken1, %uw1 : tensor<?x32xf32>, tensor<32x16xf32>
  %h1 = transformer.glu silu %gate1, %through1 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw1 = transformer.constant dense<37> : tensor<32x1x16xui8>
  %downs1 = transformer.constant dense<0.75> : tensor<32xf32>
  %down1 = transformer.linear_nbits %h1, %downw1, %downs1 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %share1 = transformer.reshape %shares1[%d1] : tensor<?xf32> to tensor<?x1xf32>
  %weighed1 = transformer.binary mul %down1, %share1 : tensor<?x32xf32>, tensor<?x1xf32>
  %to1 = transformer.reshape %rows1[%d1] : tensor<?xi64> to tensor<?x1xi64>
  %sum2 = transformer.scatter_nd add %sum1, %to1, %weighed1 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  %n2 = transformer.constant dense<2> : tensor<i64>
  %is2 = transformer.compare eq %ids, %n2 : tensor<?x2xi64>, tensor<i64>
  %nz2 = transformer.nonzero %is2 : tensor<?x2xi1>
  %d2 = tensor.dim %nz2, %c1 : tensor<2x?xi64>
  %first2 = transformer.slice %nz2[] [%d2] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<2x?xi64> to tensor<1x?xi64>
  %rows2 = transformer.reshape %first2[%d2] : tensor<1x?xi64> to tensor<?xi64>
  %at2 = transformer.transpose %nz2 <{perm = array<i64: 1, 0>}> : tensor<2x?xi64>
  %shares2 = transformer.gather_nd %s, %at2 <{batch_dims = 0 : i64}> : tensor<?x2xf32>, tensor<?x2xi64>
  %taken2 = transformer.gather %x, %rows2 <{axis = 0 : i64}> : tensor<?x32xf32>, tensor<?xi64>
  %gatew2 = transformer.constant dense<53> : tensor<16x2x8xui8>
  %gates2 = transformer.constant dense<0.6666666666666666> : tensor<32xf32>
  %gatez2 = transformer.constant dense<55> : tensor<16xui8>
  %gate2 = transformer.linear_nbits %taken2, %gatew2, %gates2 zeros %gatez2 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %uw2 = transformer.constant dense<2.5> : tensor<32x16xf32>
  // expected-remark @below {{some of an expert's weights are quantised and others are not}}
  %through2 = transformer.linear %taken2, %uw2 : tensor<?x32xf32>, tensor<32x16xf32>
  %h2 = transformer.glu silu %gate2, %through2 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw2 = transformer.constant dense<53> : tensor<32x1x16xui8>
  %downs2 = transformer.constant dense<0.6666666666666666> : tensor<32xf32>
  %down2 = transformer.linear_nbits %h2, %downw2, %downs2 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %share2 = transformer.reshape %shares2[%d2] : tensor<?xf32> to tensor<?x1xf32>
  %weighed2 = transformer.binary mul %down2, %share2 : tensor<?x32xf32>, tensor<?x1xf32>
  %to2 = transformer.reshape %rows2[%d2] : tensor<?xi64> to tensor<?x1xi64>
  %sum3 = transformer.scatter_nd add %sum2, %to2, %weighed2 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  return %sum3 : tensor<?x32xf32>
}
