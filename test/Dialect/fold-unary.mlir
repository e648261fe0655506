// RUN: transom-opt --canonicalize %s | FileCheck %s

// What functions of one value fold to, and what stays.

// Functions of small constants in f32.
// CHECK-LABEL: func.func @unary_f32(
// CHECK-SAME: ) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[-1.000000e+00, -4.000000e+00, -2.500000e-01]> : tensor<3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[1.000000e+00, 4.000000e+00, 2.500000e-01]> : tensor<3xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[1.000000e+00, 2.000000e+00, 5.000000e-01]> : tensor<3xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[1.000000e+00, 2.500000e-01, 4.000000e+00]> : tensor<3xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<[2.71828175, 54.5981483, 1.28402543]> : tensor<3xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<[0.000000e+00, 1.38629436, -1.38629436]> : tensor<3xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]] : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
// CHECK-NEXT: }
func.func @unary_f32() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %c0 = transformer.constant dense<[1.0, 4.0, 0.25]> : tensor<3xf32>
  %0 = transformer.unary neg %c0 : tensor<3xf32>
  %1 = transformer.unary abs %c0 : tensor<3xf32>
  %2 = transformer.unary sqrt %c0 : tensor<3xf32>
  %3 = transformer.unary reciprocal %c0 : tensor<3xf32>
  %4 = transformer.unary exp %c0 : tensor<3xf32>
  %5 = transformer.unary log %c0 : tensor<3xf32>
  return %0, %1, %2, %3, %4, %5 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// In f64, to all its digits.
// CHECK-LABEL: func.func @unary_f64(
// CHECK-SAME: ) -> (tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[-2.000000e+00, -3.000000e+00]> : tensor<2xf64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[1.4142135623730951, 1.7320508075688772]> : tensor<2xf64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[5.000000e-01, 0.33333333333333331]> : tensor<2xf64>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[7.3890560989306504, 20.085536923187668]> : tensor<2xf64>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]] : tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>
// CHECK-NEXT: }
func.func @unary_f64() -> (tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>) {
  %c0 = transformer.constant dense<[2.0, 3.0]> : tensor<2xf64>
  %0 = transformer.unary neg %c0 : tensor<2xf64>
  %1 = transformer.unary sqrt %c0 : tensor<2xf64>
  %2 = transformer.unary reciprocal %c0 : tensor<2xf64>
  %3 = transformer.unary exp %c0 : tensor<2xf64>
  return %0, %1, %2, %3 : tensor<2xf64>, tensor<2xf64>, tensor<2xf64>, tensor<2xf64>
}

// Zeros and infinities of both signs.
// CHECK-LABEL: func.func @unary_special(
// CHECK-SAME: ) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0x7F800000, 0xFF800000, 0.000000e+00, -0.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[0.000000e+00, 0.000000e+00, 0x7F800000, 0x7F800000]> : tensor<4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[1.000000e+00, 1.000000e+00, 0x7F800000, 0.000000e+00]> : tensor<4xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT: }
func.func @unary_special() -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %c0 = transformer.constant dense<[0.0, -0.0, 0x7F800000, 0xFF800000]> : tensor<4xf32>
  %0 = transformer.unary reciprocal %c0 : tensor<4xf32>
  %1 = transformer.unary abs %c0 : tensor<4xf32>
  %2 = transformer.unary exp %c0 : tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// f16 and bf16, rounded to them: scales of attention in narrow models.
// CHECK-LABEL: func.func @unary_half(
// CHECK-SAME: ) -> (tensor<2xf16>, tensor<2xbf16>) {
// CHECK-DAG: %[[V0:.+]] = transformer.constant dense<[1.414060e+00, 2.000000e+00]> : tensor<2xf16>
// CHECK-DAG: %[[V1:.+]] = transformer.constant dense<[1.414060e+00, 2.000000e+00]> : tensor<2xbf16>
// CHECK: return %[[V0]], %[[V1]] : tensor<2xf16>, tensor<2xbf16>
func.func @unary_half() -> (tensor<2xf16>, tensor<2xbf16>) {
  %c0 = transformer.constant dense<[2.0, 4.0]> : tensor<2xf16>
  %0 = transformer.unary sqrt %c0 : tensor<2xf16>
  %c1 = transformer.constant dense<[2.0, 4.0]> : tensor<2xbf16>
  %1 = transformer.unary sqrt %c1 : tensor<2xbf16>
  return %0, %1 : tensor<2xf16>, tensor<2xbf16>
}

// Functions whose last digit depends on who computes them.
// CHECK-LABEL: func.func @unary_others_stay(
// CHECK-SAME: ) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 4.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary sin %[[V0]] : tensor<2xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary erf %[[V0]] : tensor<2xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary tanh %[[V0]] : tensor<2xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.unary gelu %[[V0]] : tensor<2xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT: }
func.func @unary_others_stay() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %c0 = transformer.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %0 = transformer.unary sin %c0 : tensor<2xf32>
  %1 = transformer.unary erf %c0 : tensor<2xf32>
  %2 = transformer.unary tanh %c0 : tensor<2xf32>
  %3 = transformer.unary gelu %c0 : tensor<2xf32>
  return %0, %1, %2, %3 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// Integers.
// CHECK-LABEL: func.func @unary_integers_stay(
// CHECK-SAME: ) -> (tensor<2xi64>, tensor<2xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1, -4]> : tensor<2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary neg %[[V0]] : tensor<2xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary abs %[[V0]] : tensor<2xi64>
// CHECK-NEXT: return %[[V1]], %[[V2]] : tensor<2xi64>, tensor<2xi64>
// CHECK-NEXT: }
func.func @unary_integers_stay() -> (tensor<2xi64>, tensor<2xi64>) {
  %c0 = transformer.constant dense<[1, -4]> : tensor<2xi64>
  %0 = transformer.unary neg %c0 : tensor<2xi64>
  %1 = transformer.unary abs %c0 : tensor<2xi64>
  return %0, %1 : tensor<2xi64>, tensor<2xi64>
}

// Sixty-five elements.
// CHECK-LABEL: func.func @large_constant_stays(
// CHECK-SAME: ) -> tensor<65xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0.000000e+00, 1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00, 9.000000e+00, 1.000000e+01, 1.100000e+01, 1.200000e+01, 1.300000e+01, 1.400000e+01, 1.500000e+01, 1.600000e+01, 1.700000e+01, 1.800000e+01, 1.900000e+01, 2.000000e+01, 2.100000e+01, 2.200000e+01, 2.300000e+01, 2.400000e+01, 2.500000e+01, 2.600000e+01, 2.700000e+01, 2.800000e+01, 2.900000e+01, 3.000000e+01, 3.100000e+01, 3.200000e+01, 3.300000e+01, 3.400000e+01, 3.500000e+01, 3.600000e+01, 3.700000e+01, 3.800000e+01, 3.900000e+01, 4.000000e+01, 4.100000e+01, 4.200000e+01, 4.300000e+01, 4.400000e+01, 4.500000e+01, 4.600000e+01, 4.700000e+01, 4.800000e+01, 4.900000e+01, 5.000000e+01, 5.100000e+01, 5.200000e+01, 5.300000e+01, 5.400000e+01, 5.500000e+01, 5.600000e+01, 5.700000e+01, 5.800000e+01, 5.900000e+01, 6.000000e+01, 6.100000e+01, 6.200000e+01, 6.300000e+01, 6.400000e+01]> : tensor<65xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary neg %[[V0]] : tensor<65xf32>
// CHECK-NEXT: return %[[V1]] : tensor<65xf32>
// CHECK-NEXT: }
func.func @large_constant_stays() -> tensor<65xf32> {
  %c0 = transformer.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0, 32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0, 41.0, 42.0, 43.0, 44.0, 45.0, 46.0, 47.0, 48.0, 49.0, 50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 56.0, 57.0, 58.0, 59.0, 60.0, 61.0, 62.0, 63.0, 64.0]> : tensor<65xf32>
  %0 = transformer.unary neg %c0 : tensor<65xf32>
  return %0 : tensor<65xf32>
}

// Sixty-four.
// CHECK-LABEL: func.func @largest_folded(
// CHECK-SAME: ) -> tensor<64xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[-0.000000e+00, -1.000000e+00, -2.000000e+00, -3.000000e+00, -4.000000e+00, -5.000000e+00, -6.000000e+00, -7.000000e+00, -8.000000e+00, -9.000000e+00, -1.000000e+01, -1.100000e+01, -1.200000e+01, -1.300000e+01, -1.400000e+01, -1.500000e+01, -1.600000e+01, -1.700000e+01, -1.800000e+01, -1.900000e+01, -2.000000e+01, -2.100000e+01, -2.200000e+01, -2.300000e+01, -2.400000e+01, -2.500000e+01, -2.600000e+01, -2.700000e+01, -2.800000e+01, -2.900000e+01, -3.000000e+01, -3.100000e+01, -3.200000e+01, -3.300000e+01, -3.400000e+01, -3.500000e+01, -3.600000e+01, -3.700000e+01, -3.800000e+01, -3.900000e+01, -4.000000e+01, -4.100000e+01, -4.200000e+01, -4.300000e+01, -4.400000e+01, -4.500000e+01, -4.600000e+01, -4.700000e+01, -4.800000e+01, -4.900000e+01, -5.000000e+01, -5.100000e+01, -5.200000e+01, -5.300000e+01, -5.400000e+01, -5.500000e+01, -5.600000e+01, -5.700000e+01, -5.800000e+01, -5.900000e+01, -6.000000e+01, -6.100000e+01, -6.200000e+01, -6.300000e+01]> : tensor<64xf32>
// CHECK-NEXT: return %[[V0]] : tensor<64xf32>
// CHECK-NEXT: }
func.func @largest_folded() -> tensor<64xf32> {
  %c0 = transformer.constant dense<[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0, 28.0, 29.0, 30.0, 31.0, 32.0, 33.0, 34.0, 35.0, 36.0, 37.0, 38.0, 39.0, 40.0, 41.0, 42.0, 43.0, 44.0, 45.0, 46.0, 47.0, 48.0, 49.0, 50.0, 51.0, 52.0, 53.0, 54.0, 55.0, 56.0, 57.0, 58.0, 59.0, 60.0, 61.0, 62.0, 63.0]> : tensor<64xf32>
  %0 = transformer.unary neg %c0 : tensor<64xf32>
  return %0 : tensor<64xf32>
}

// Two negations cancel, one does not.
// CHECK-LABEL: func.func @double_negation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary neg %[[A0]] : tensor<?xf32>
// CHECK-NEXT: return %[[A0]], %[[V0]] : tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @double_negation(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = transformer.unary neg %x : tensor<?xf32>
  %1 = transformer.unary neg %0 : tensor<?xf32>
  return %1, %0 : tensor<?xf32>, tensor<?xf32>
}

// Bits of an integer twice inverted.
// CHECK-LABEL: func.func @double_not(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xi64>) -> tensor<?xi64> {
// CHECK-NEXT: return %[[A0]] : tensor<?xi64>
// CHECK-NEXT: }
func.func @double_not(%x: tensor<?xi64>) -> tensor<?xi64> {
  %0 = transformer.unary not %x : tensor<?xi64>
  %1 = transformer.unary not %0 : tensor<?xi64>
  return %1 : tensor<?xi64>
}

// abs of neg, neg of abs: other functions.
// CHECK-LABEL: func.func @other_pairs_stay(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary neg %[[A0]] : tensor<?xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary abs %[[V0]] : tensor<?xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary abs %[[A0]] : tensor<?xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.unary neg %[[V2]] : tensor<?xf32>
// CHECK-NEXT: return %[[V1]], %[[V3]] : tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @other_pairs_stay(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %0 = transformer.unary neg %x : tensor<?xf32>
  %1 = transformer.unary abs %0 : tensor<?xf32>
  %2 = transformer.unary abs %x : tensor<?xf32>
  %3 = transformer.unary neg %2 : tensor<?xf32>
  return %1, %3 : tensor<?xf32>, tensor<?xf32>
}

// The identity is its input, of any type.
// CHECK-LABEL: func.func @identity(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>, %[[A1:[^:]+]]: tensor<2xi1>) -> (tensor<?xf32>, tensor<2xi1>) {
// CHECK-NEXT: return %[[A0]], %[[A1]] : tensor<?xf32>, tensor<2xi1>
// CHECK-NEXT: }
func.func @identity(%x: tensor<?xf32>, %y: tensor<2xi1>) -> (tensor<?xf32>, tensor<2xi1>) {
  %0 = transformer.unary identity %x : tensor<?xf32>
  %1 = transformer.unary identity %y : tensor<2xi1>
  return %0, %1 : tensor<?xf32>, tensor<2xi1>
}
