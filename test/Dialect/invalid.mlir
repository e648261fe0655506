// RUN: transom-opt --split-input-file --verify-diagnostics %s

func.func @broadcast(%a: tensor<2x3xf32>, %b: tensor<2x4xf32>) {
  // expected-error @+1 {{operands do not broadcast}}
  %0 = transformer.binary add %a, %b : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @elements(%a: tensor<3xf32>, %b: tensor<3xf16>) {
  // expected-error @+1 {{element types differ: 'f32' and 'f16'}}
  %0 = transformer.binary add %a, %b : tensor<3xf32>, tensor<3xf16>
  return
}

// -----

func.func @inner(%a: tensor<?x3xf32>, %b: tensor<4x5xf32>) {
  // expected-error @+1 {{inner dims differ: 3 and 4}}
  %0 = transformer.matmul %a, %b : tensor<?x3xf32>, tensor<4x5xf32>
  return
}

// -----

func.func @reshape(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{changes the number of elements from 6 to 8}}
  %0 = transformer.reshape %a [] : tensor<2x3xf32> to tensor<2x4xf32>
  return
}

// -----

func.func @sizes(%a: tensor<?x3xf32>) {
  // expected-error @+1 {{expects one size per dynamic result dim: 1 dynamic dims, 0 sizes}}
  %0 = transformer.reshape %a [] : tensor<?x3xf32> to tensor<3x?xf32>
  return
}

// -----

func.func @perm(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{perm is not a permutation}}
  %0 = transformer.transpose %a <{perm = array<i64: 0, 0>}> : tensor<2x3xf32>
  return
}

// -----

func.func @axis(%a: tensor<2x3xf32>) {
  // expected-error @+1 {{axis 2 is outside rank 2}}
  %0 = transformer.softmax %a <{axis = 2 : i64}> : tensor<2x3xf32>
  return
}

// -----

func.func @indices(%a: tensor<2x3xf32>, %i: tensor<4xf32>) {
  // expected-error @+1 {{indices must be of i32 or i64, are 'f32'}}
  %0 = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<2x3xf32>, tensor<4xf32>
  return
}

// -----

func.func @heads(%q: tensor<1x4x8x16xf32>, %k: tensor<1x3x8x16xf32>) {
  // expected-error @+1 {{4 query heads are no multiple of 3 key/value heads}}
  %0 = transformer.attention %q, %k, %k <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x3x8x16xf32>, tensor<1x3x8x16xf32>
  return
}

// -----

func.func @mask(%q: tensor<1x4x8x16xf32>, %m: tensor<8x8xf32>) {
  // expected-error @+1 {{mask must be of i1, is 'f32'}}
  %0 = transformer.attention %q, %q, %q mask %m : tensor<8x8xf32> <{scale = 1.0 : f32}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
  return
}

// -----

func.func @rotary(%x: tensor<1x4x8x16xf32>, %t: tensor<8x3xf32>) {
  // expected-error @+1 {{tables must be rotary_dim or rotary_dim/2 wide, one is 3}}
  %0 = transformer.rope %x, %t, %t <{rotary_dim = 16 : i64}> : tensor<1x4x8x16xf32>, tensor<8x3xf32>, tensor<8x3xf32>
  return
}
