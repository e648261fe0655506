// RUN: transom-opt --fuse-rotary --canonicalize %s | FileCheck %s

// Pairs that are swapped, with the signs of the turn beside: in a factor before or after, or in the table.

// concat(x2, x1) times (-1, 1).
// CHECK-LABEL: func.func @signs_after(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @signs_after(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// The swapped halves of x times (1, -1).
// CHECK-LABEL: func.func @signs_before(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @signs_before(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %signs = transformer.constant dense<[1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]> : tensor<8xf32>
  %signed = transformer.binary mul %signs, %x : tensor<8xf32>, tensor<2x3x8xf32>
  %first = transformer.slice %signed[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %signed[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %swapped, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// concat(x2, x1) times concat(-sin, sin).
// CHECK-LABEL: func.func @signs_in_the_table(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @signs_in_the_table(%x: tensor<2x3x8xf32>, %c: tensor<3x4xf32>, %s: tensor<3x4xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %minus = transformer.unary neg %s : tensor<3x4xf32>
  %sin = transformer.concat %minus, %s <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %cos = transformer.concat %c, %c <{axis = 1 : i64}> : tensor<3x4xf32>, tensor<3x4xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %swapped, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// The table times (-1, 1).
// CHECK-LABEL: func.func @signs_on_the_table(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @signs_on_the_table(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]> : tensor<8xf32>
  %signed = transformer.binary mul %sin, %signs : tensor<3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %swapped, %signed : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// x cos - concat(x2, x1) (1, -1) sin.
// CHECK-LABEL: func.func @difference(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @difference(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %first = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %second = transformer.slice %x[] [] <{static_starts = array<i64: 0, 0, 4>, steps = array<i64: 1, 1, 1>}> : tensor<2x3x8xf32> to tensor<2x3x4xf32>
  %swapped = transformer.concat %second, %first <{axis = 2 : i64}> : tensor<2x3x4xf32>, tensor<2x3x4xf32>
  %signs = transformer.constant dense<[1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary sub %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// x.reshape(..., 2, n).flip(-2) times (-1, 1).
// CHECK-LABEL: func.func @reversed_halves(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @reversed_halves(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %pairs = transformer.reshape %x[] : tensor<2x3x8xf32> to tensor<2x3x2x4xf32>
  %reversed = transformer.slice %pairs[] [] <{static_starts = array<i64: 0, 0, 1, 0>, steps = array<i64: 1, 1, -1, 1>}> : tensor<2x3x2x4xf32> to tensor<2x3x2x4xf32>
  %signs = transformer.constant dense<[[-1.0], [1.0]]> : tensor<2x1xf32>
  %signed = transformer.binary mul %reversed, %signs : tensor<2x3x2x4xf32>, tensor<2x1xf32>
  %turned = transformer.reshape %signed[] : tensor<2x3x2x4xf32> to tensor<2x3x8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// x.reshape(..., n, 2).flip(-1) times (-1, 1).
// CHECK-LABEL: func.func @reversed_neighbours(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{interleaved, rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @reversed_neighbours(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %pairs = transformer.reshape %x[] : tensor<2x3x8xf32> to tensor<2x3x4x2xf32>
  %reversed = transformer.slice %pairs[] [] <{static_starts = array<i64: 0, 0, 0, 1>, steps = array<i64: 1, 1, 1, -1>}> : tensor<2x3x4x2xf32> to tensor<2x3x4x2xf32>
  %signs = transformer.constant dense<[-1.0, 1.0]> : tensor<2xf32>
  %signed = transformer.binary mul %reversed, %signs : tensor<2x3x4x2xf32>, tensor<2xf32>
  %turned = transformer.reshape %signed[] : tensor<2x3x4x2xf32> to tensor<2x3x8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}

// x.reshape(..., n, 2)[..., [1, 0]], with the signs of all features.
// CHECK-LABEL: func.func @gathered_neighbours(
// CHECK: %[[R:.+]] = transformer.rope %{{.+}}, %{{.+}}, %{{.+}} <{interleaved, rotary_dim = 8 : i64}> : tensor<2x3x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>
// CHECK-NEXT: return %[[R]]
func.func @gathered_neighbours(%x: tensor<2x3x8xf32>, %cos: tensor<3x8xf32>, %sin: tensor<3x8xf32>) -> tensor<2x3x8xf32> {
  %pairs = transformer.reshape %x[] : tensor<2x3x8xf32> to tensor<2x3x4x2xf32>
  %order = transformer.constant dense<[1, 0]> : tensor<2xi64>
  %reversed = transformer.gather %pairs, %order <{axis = 3 : i64}> : tensor<2x3x4x2xf32>, tensor<2xi64>
  %swapped = transformer.reshape %reversed[] : tensor<2x3x4x2xf32> to tensor<2x3x8xf32>
  %signs = transformer.constant dense<[-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0]> : tensor<8xf32>
  %turned = transformer.binary mul %swapped, %signs : tensor<2x3x8xf32>, tensor<8xf32>
  %straight = transformer.binary mul %x, %cos : tensor<2x3x8xf32>, tensor<3x8xf32>
  %crossed = transformer.binary mul %turned, %sin : tensor<2x3x8xf32>, tensor<3x8xf32>
  %r = transformer.binary add %straight, %crossed : tensor<2x3x8xf32>, tensor<2x3x8xf32>
  return %r : tensor<2x3x8xf32>
}
