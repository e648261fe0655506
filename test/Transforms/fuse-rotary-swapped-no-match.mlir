// RUN: transom-opt --fuse-rotary=remarks --split-input-file --verify-diagnostics %s | FileCheck %s

// Swapped pairs that do not turn, or turn backwards.

// The other sign.
// CHECK-LABEL: func.func @backwards(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @backwards(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// concat(x2, x1) times concat(sin, -sin).
// CHECK-LABEL: func.func @backwards_in_the_table(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @backwards_in_the_table(%x: tensor<2x3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %minus = transformer.unary neg %s : tensor<3x4xf32>
  %sin = transformer.concat %s, %minus <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %cos = transformer.concat %c, %c <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %swapped, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the pairs are turned backwards}}
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// No sign anywhere.
// CHECK-LABEL: func.func @no_signs(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @no_signs(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %swapped, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// Halves with the signs of neighbours.
// CHECK-LABEL: func.func @signs_of_neighbours(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @signs_of_neighbours(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// Halves in their own order.
// CHECK-LABEL: func.func @in_order(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @in_order(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %first, %second <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// Signs that are twos.
// CHECK-LABEL: func.func @twice(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @twice(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[-2.0, -2.0, -2.0, -2.0, 2.0, 2.0, 2.0, 2.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// All features in reverse.
// CHECK-LABEL: func.func @all_reversed(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @all_reversed(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %reversed = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 7>, steps = array<i64: 1, 1, -1>}> : tensor<2x3x8xf32> to tensor<2x3x8xf32>
  %signs = transformer.constant dense<[-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %reversed, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// -----

// Another value is swapped.
// CHECK-LABEL: func.func @other_value(
// CHECK-NOT: transformer.rope
// CHECK: return
func.func @other_value(%x: tensor<2x3x8xf32>, %y: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %y[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %y[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  // expected-remark @+1 {{rope stays in pieces: the other product is not of the value that is rotated}}
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}
