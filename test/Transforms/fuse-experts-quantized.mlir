// RUN: transom-opt --fuse-experts --canonicalize --cse %s | FileCheck %s

// Mixtures whose experts a quantiser has gone over, one product after the other: numbers of 4 and 8 bits stay as they are stored.

// In blocks, with zero points and without.
// CHECK-LABEL: func.func @blocks(
// CHECK-NOT: transformer.scatter
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} up %{{.+}} : tensor<3x16x16xui8> first_scales %{{.+}} : tensor<3x16x2xf32> up_scales %{{.+}} : tensor<3x16x2xf32> second_scales %{{.+}} : tensor<3x32x1xf32> first_zeros %{{.+}} : tensor<3x16x1xui8> up_zeros %{{.+}} : tensor<3x16x1xui8> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x32xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<3x16x16xui8>, tensor<3x32x16xui8>
// CHECK-NEXT: return %[[R]]
func.func @blocks(%x: tensor<?x32xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x32xf32> {
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
  %upw0 = transformer.constant dense<19> : tensor<16x2x8xui8>
  %ups0 = transformer.constant dense<0.75> : tensor<32xf32>
  %upz0 = transformer.constant dense<53> : tensor<16xui8>
  %up0 = transformer.linear_nbits %taken0, %upw0, %ups0 zeros %upz0 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
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
  %gatez1 = transformer.constant dense<54> : tensor<16xui8>
  %gate1 = transformer.linear_nbits %taken1, %gatew1, %gates1 zeros %gatez1 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upw1 = transformer.constant dense<35> : tensor<16x2x8xui8>
  %ups1 = transformer.constant dense<0.5> : tensor<32xf32>
  %upz1 = transformer.constant dense<54> : tensor<16xui8>
  %up1 = transformer.linear_nbits %taken1, %upw1, %ups1 zeros %upz1 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
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
  %gatez2 = transformer.constant dense<55> : tensor<16xui8>
  %gate2 = transformer.linear_nbits %taken2, %gatew2, %gates2 zeros %gatez2 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upw2 = transformer.constant dense<51> : tensor<16x2x8xui8>
  %ups2 = transformer.constant dense<0.41666666666666663> : tensor<32xf32>
  %upz2 = transformer.constant dense<55> : tensor<16xui8>
  %up2 = transformer.linear_nbits %taken2, %upw2, %ups2 zeros %upz2 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
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

// Biases are added after the products.
// CHECK-LABEL: func.func @biases(
// CHECK-NOT: transformer.scatter
// CHECK: %[[R:.+]] = transformer.moe %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} up %{{.+}} : tensor<3x16x16xui8> first_bias %{{.+}} : tensor<3x16xf32> up_bias %{{.+}} : tensor<3x16xf32> second_bias %{{.+}} : tensor<3x32xf32> first_scales %{{.+}} : tensor<3x16x2xf32> up_scales %{{.+}} : tensor<3x16x2xf32> second_scales %{{.+}} : tensor<3x32x1xf32> first_zeros %{{.+}} : tensor<3x16x1xui8> up_zeros %{{.+}} : tensor<3x16x1xui8> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x32xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<3x16x16xui8>, tensor<3x32x16xui8>
// CHECK-NEXT: return %[[R]]
func.func @biases(%x: tensor<?x32xf32> {transformer.dims = ["t", ""]}, %scores: tensor<?x3xf32> {transformer.dims = ["t", ""]}) -> tensor<?x32xf32> {
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
  %gateb0 = transformer.constant dense<[0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375]> : tensor<16xf32>
  %gatep0 = transformer.binary add %gate0, %gateb0 : tensor<?x16xf32>, tensor<16xf32>
  %upw0 = transformer.constant dense<19> : tensor<16x2x8xui8>
  %ups0 = transformer.constant dense<0.75> : tensor<32xf32>
  %upz0 = transformer.constant dense<53> : tensor<16xui8>
  %up0 = transformer.linear_nbits %taken0, %upw0, %ups0 zeros %upz0 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upb0 = transformer.constant dense<[-0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5]> : tensor<16xf32>
  %upp0 = transformer.binary add %up0, %upb0 : tensor<?x16xf32>, tensor<16xf32>
  %h0 = transformer.glu silu %gatep0, %upp0 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw0 = transformer.constant dense<21> : tensor<32x1x16xui8>
  %downs0 = transformer.constant dense<1.0> : tensor<32xf32>
  %down0 = transformer.linear_nbits %h0, %downw0, %downs0 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %downb0 = transformer.constant dense<[0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125]> : tensor<32xf32>
  %downp0 = transformer.binary add %down0, %downb0 : tensor<?x32xf32>, tensor<32xf32>
  %share0 = transformer.reshape %shares0[%d0] : tensor<?xf32> to tensor<?x1xf32>
  %weighed0 = transformer.binary mul %downp0, %share0 : tensor<?x32xf32>, tensor<?x1xf32>
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
  %gateb1 = transformer.constant dense<[0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0]> : tensor<16xf32>
  %gatep1 = transformer.binary add %gate1, %gateb1 : tensor<?x16xf32>, tensor<16xf32>
  %upw1 = transformer.constant dense<35> : tensor<16x2x8xui8>
  %ups1 = transformer.constant dense<0.5> : tensor<32xf32>
  %upz1 = transformer.constant dense<54> : tensor<16xui8>
  %up1 = transformer.linear_nbits %taken1, %upw1, %ups1 zeros %upz1 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upb1 = transformer.constant dense<[0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25]> : tensor<16xf32>
  %upp1 = transformer.binary add %up1, %upb1 : tensor<?x16xf32>, tensor<16xf32>
  %h1 = transformer.glu silu %gatep1, %upp1 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw1 = transformer.constant dense<37> : tensor<32x1x16xui8>
  %downs1 = transformer.constant dense<0.75> : tensor<32xf32>
  %down1 = transformer.linear_nbits %h1, %downw1, %downs1 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %downb1 = transformer.constant dense<[0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5]> : tensor<32xf32>
  %downp1 = transformer.binary add %down1, %downb1 : tensor<?x32xf32>, tensor<32xf32>
  %share1 = transformer.reshape %shares1[%d1] : tensor<?xf32> to tensor<?x1xf32>
  %weighed1 = transformer.binary mul %downp1, %share1 : tensor<?x32xf32>, tensor<?x1xf32>
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
  %gateb2 = transformer.constant dense<[-0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375]> : tensor<16xf32>
  %gatep2 = transformer.binary add %gate2, %gateb2 : tensor<?x16xf32>, tensor<16xf32>
  %upw2 = transformer.constant dense<51> : tensor<16x2x8xui8>
  %ups2 = transformer.constant dense<0.41666666666666663> : tensor<32xf32>
  %upz2 = transformer.constant dense<55> : tensor<16xui8>
  %up2 = transformer.linear_nbits %taken2, %upw2, %ups2 zeros %upz2 : tensor<16xui8> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 16 : i64}> : tensor<?x32xf32>, tensor<16x2x8xui8>, tensor<32xf32>
  %upb2 = transformer.constant dense<[0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125]> : tensor<16xf32>
  %upp2 = transformer.binary add %up2, %upb2 : tensor<?x16xf32>, tensor<16xf32>
  %h2 = transformer.glu silu %gatep2, %upp2 : tensor<?x16xf32>, tensor<?x16xf32>
  %downw2 = transformer.constant dense<53> : tensor<32x1x16xui8>
  %downs2 = transformer.constant dense<0.6666666666666666> : tensor<32xf32>
  %down2 = transformer.linear_nbits %h2, %downw2, %downs2 <{bits = 8 : i64, block_size = 16 : i64, k = 16 : i64, n = 32 : i64}> : tensor<?x16xf32>, tensor<32x1x16xui8>, tensor<32xf32>
  %downb2 = transformer.constant dense<[-0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25, -0.5, 0.375, 0.125, -0.125, -0.375, 0.5, 0.25, 0.0, -0.25]> : tensor<32xf32>
  %downp2 = transformer.binary add %down2, %downb2 : tensor<?x32xf32>, tensor<32xf32>
  %share2 = transformer.reshape %shares2[%d2] : tensor<?xf32> to tensor<?x1xf32>
  %weighed2 = transformer.binary mul %downp2, %share2 : tensor<?x32xf32>, tensor<?x1xf32>
  %to2 = transformer.reshape %rows2[%d2] : tensor<?xi64> to tensor<?x1xi64>
  %sum3 = transformer.scatter_nd add %sum2, %to2, %weighed2 : tensor<?x32xf32>, tensor<?x1xi64>, tensor<?x32xf32>
  return %sum3 : tensor<?x32xf32>
}
