// RUN: transom-opt --canonicalize %s | FileCheck %s

// What functions of two values fold to, and what stays.

// Every function that folds, in f32.
// CHECK-LABEL: func.func @binary_f32(
// CHECK-SAME: ) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+01, -5.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[2.000000e+00, -9.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[2.400000e+01, -1.400000e+01]> : tensor<2xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[1.500000e+00, -3.500000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<[1.296000e+03, 4.900000e+01]> : tensor<2xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<[4.000000e+00, -7.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.constant dense<[6.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]] : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT: }
func.func @binary_f32() -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %c0 = transformer.constant dense<[6.0, -7.0]> : tensor<2xf32>
  %c1 = transformer.constant dense<[4.0, 2.0]> : tensor<2xf32>
  %0 = transformer.binary add %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  %1 = transformer.binary sub %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  %2 = transformer.binary mul %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  %3 = transformer.binary div %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  %4 = transformer.binary pow %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  %5 = transformer.binary min %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  %6 = transformer.binary max %c0, %c1 : tensor<2xf32>, tensor<2xf32>
  return %0, %1, %2, %3, %4, %5, %6 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// In i64; division truncates.
// CHECK-LABEL: func.func @binary_i64(
// CHECK-SAME: ) -> (tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[9, -5]> : tensor<2xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[5, -9]> : tensor<2xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[14, -14]> : tensor<2xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[3, -3]> : tensor<2xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<[2, -7]> : tensor<2xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense<[7, 2]> : tensor<2xi64>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]], %[[V5]] : tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>
// CHECK-NEXT: }
func.func @binary_i64() -> (tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>) {
  %c0 = transformer.constant dense<[7, -7]> : tensor<2xi64>
  %c1 = transformer.constant dense<[2, 2]> : tensor<2xi64>
  %0 = transformer.binary add %c0, %c1 : tensor<2xi64>, tensor<2xi64>
  %1 = transformer.binary sub %c0, %c1 : tensor<2xi64>, tensor<2xi64>
  %2 = transformer.binary mul %c0, %c1 : tensor<2xi64>, tensor<2xi64>
  %3 = transformer.binary div %c0, %c1 : tensor<2xi64>, tensor<2xi64>
  %4 = transformer.binary min %c0, %c1 : tensor<2xi64>, tensor<2xi64>
  %5 = transformer.binary max %c0, %c1 : tensor<2xi64>, tensor<2xi64>
  return %0, %1, %2, %3, %4, %5 : tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>, tensor<2xi64>
}

// In i32 sums wrap around.
// CHECK-LABEL: func.func @binary_i32(
// CHECK-SAME: ) -> (tensor<2xi32>, tensor<2xi32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[-2147483648, 2147483647]> : tensor<2xi32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[2147483647, -2147483648]> : tensor<2xi32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2xi32>, tensor<2xi32>
// CHECK-NEXT: }
func.func @binary_i32() -> (tensor<2xi32>, tensor<2xi32>) {
  %c0 = transformer.constant dense<[2147483647, -2147483648]> : tensor<2xi32>
  %c1 = transformer.constant dense<[1, -1]> : tensor<2xi32>
  %0 = transformer.binary add %c0, %c1 : tensor<2xi32>, tensor<2xi32>
  %1 = transformer.binary mul %c0, %c1 : tensor<2xi32>, tensor<2xi32>
  return %0, %1 : tensor<2xi32>, tensor<2xi32>
}

// One number with each of a vector.
// CHECK-LABEL: func.func @splat_left(
// CHECK-SAME: ) -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[2.000000e+00, 4.000000e+00, 6.000000e+00]> : tensor<3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[-1.000000e+00, 0.000000e+00, 1.000000e+00]> : tensor<3xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[2.000000e+00, 1.000000e+00, 0.666666686]> : tensor<3xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
// CHECK-NEXT: }
func.func @splat_left() -> (tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) {
  %c0 = transformer.constant dense<2.0> : tensor<f32>
  %c1 = transformer.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = transformer.binary mul %c0, %c1 : tensor<f32>, tensor<3xf32>
  %1 = transformer.binary sub %c1, %c0 : tensor<3xf32>, tensor<f32>
  %2 = transformer.binary div %c0, %c1 : tensor<f32>, tensor<3xf32>
  return %0, %1, %2 : tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
}

// A row and a column are no pairs of elements: kernels broadcast.
// CHECK-LABEL: func.func @rows_and_columns(
// CHECK-SAME: ) -> tensor<2x2xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}1.000000e+00, 2.000000e+00]]> : tensor<1x2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<{{\[\[}}3.000000e+00], [4.000000e+00]]> : tensor<2x1xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V0]], %[[V1]] : tensor<1x2xf32>, tensor<2x1xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x2xf32>
// CHECK-NEXT: }
func.func @rows_and_columns() -> tensor<2x2xf32> {
  %c0 = transformer.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %c1 = transformer.constant dense<[[3.0], [4.0]]> : tensor<2x1xf32>
  %0 = transformer.binary add %c0, %c1 : tensor<1x2xf32>, tensor<2x1xf32>
  return %0 : tensor<2x2xf32>
}

// A column of one row.
// CHECK-LABEL: func.func @column_of_one(
// CHECK-SAME: ) -> tensor<1x2xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<{{\[\[}}4.000000e+00, 5.000000e+00]]> : tensor<1x2xf32>
// CHECK-NEXT: return %[[V0]] : tensor<1x2xf32>
// CHECK-NEXT: }
func.func @column_of_one() -> tensor<1x2xf32> {
  %c0 = transformer.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %c1 = transformer.constant dense<[[3.0]]> : tensor<1x1xf32>
  %0 = transformer.binary add %c0, %c1 : tensor<1x2xf32>, tensor<1x1xf32>
  return %0 : tensor<1x2xf32>
}

// Of floats it folds, of integers it stays.
// CHECK-LABEL: func.func @division_by_zero(
// CHECK-SAME: ) -> (tensor<1xf32>, tensor<1xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1> : tensor<1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0> : tensor<1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<0x7F800000> : tensor<1xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary div %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: return %[[V2]], %[[V3]] : tensor<1xf32>, tensor<1xi64>
// CHECK-NEXT: }
func.func @division_by_zero() -> (tensor<1xf32>, tensor<1xi64>) {
  %c0 = transformer.constant dense<[1.0]> : tensor<1xf32>
  %c1 = transformer.constant dense<[0.0]> : tensor<1xf32>
  %c2 = transformer.constant dense<[1]> : tensor<1xi64>
  %c3 = transformer.constant dense<[0]> : tensor<1xi64>
  %0 = transformer.binary div %c0, %c1 : tensor<1xf32>, tensor<1xf32>
  %1 = transformer.binary div %c2, %c3 : tensor<1xi64>, tensor<1xi64>
  return %0, %1 : tensor<1xf32>, tensor<1xi64>
}

// Powers of integers stay.
// CHECK-LABEL: func.func @power_of_integers_stays(
// CHECK-SAME: ) -> tensor<1xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<2> : tensor<1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3> : tensor<1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary pow %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: return %[[V2]] : tensor<1xi64>
// CHECK-NEXT: }
func.func @power_of_integers_stays() -> tensor<1xi64> {
  %c0 = transformer.constant dense<[2]> : tensor<1xi64>
  %c1 = transformer.constant dense<[3]> : tensor<1xi64>
  %0 = transformer.binary pow %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  return %0 : tensor<1xi64>
}

// Remainders and bits stay.
// CHECK-LABEL: func.func @mod_and_bits_stay(
// CHECK-SAME: ) -> (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<7> : tensor<1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3> : tensor<1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mod %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary fmod %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: %[[V4:.+]] = transformer.binary and %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: %[[V5:.+]] = transformer.binary or %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: %[[V6:.+]] = transformer.binary xor %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: return %[[V2]], %[[V3]], %[[V4]], %[[V5]], %[[V6]] : tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: }
func.func @mod_and_bits_stay() -> (tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) {
  %c0 = transformer.constant dense<[7]> : tensor<1xi64>
  %c1 = transformer.constant dense<[3]> : tensor<1xi64>
  %0 = transformer.binary mod %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  %1 = transformer.binary fmod %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  %2 = transformer.binary and %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  %3 = transformer.binary or %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  %4 = transformer.binary xor %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  return %0, %1, %2, %3, %4 : tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>
}

// Products that a double does not hold.
// CHECK-LABEL: func.func @large_integers_stay(
// CHECK-SAME: ) -> tensor<1xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<4611686018427387904> : tensor<1xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<3> : tensor<1xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary mul %[[V0]], %[[V1]] : tensor<1xi64>, tensor<1xi64>
// CHECK-NEXT: return %[[V2]] : tensor<1xi64>
// CHECK-NEXT: }
func.func @large_integers_stay() -> tensor<1xi64> {
  %c0 = transformer.constant dense<[4611686018427387904]> : tensor<1xi64>
  %c1 = transformer.constant dense<[3]> : tensor<1xi64>
  %0 = transformer.binary mul %c0, %c1 : tensor<1xi64>, tensor<1xi64>
  return %0 : tensor<1xi64>
}

// f16 and bf16, rounded to them.
// CHECK-LABEL: func.func @halves(
// CHECK-SAME: ) -> (tensor<1xf16>, tensor<1xbf16>) {
// CHECK-DAG: %[[V0:.+]] = transformer.constant dense<3.332520e-01> : tensor<1xf16>
// CHECK-DAG: %[[V1:.+]] = transformer.constant dense<3.339840e-01> : tensor<1xbf16>
// CHECK: return %[[V0]], %[[V1]] : tensor<1xf16>, tensor<1xbf16>
func.func @halves() -> (tensor<1xf16>, tensor<1xbf16>) {
  %c0 = transformer.constant dense<[1.0]> : tensor<1xf16>
  %c1 = transformer.constant dense<[3.0]> : tensor<1xf16>
  %0 = transformer.binary div %c0, %c1 : tensor<1xf16>, tensor<1xf16>
  %c2 = transformer.constant dense<[1.0]> : tensor<1xbf16>
  %c3 = transformer.constant dense<[3.0]> : tensor<1xbf16>
  %1 = transformer.binary div %c2, %c3 : tensor<1xbf16>, tensor<1xbf16>
  return %0, %1 : tensor<1xf16>, tensor<1xbf16>
}

// A product with one, on either side.
// CHECK-LABEL: func.func @times_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x3xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
// CHECK-NEXT: return %[[A0]], %[[A0]] : tensor<?x3xf32>, tensor<?x3xf32>
// CHECK-NEXT: }
func.func @times_one(%x: tensor<?x3xf32>) -> (tensor<?x3xf32>, tensor<?x3xf32>) {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x3xf32>, tensor<f32>
  %1 = transformer.binary mul %c0, %x : tensor<f32>, tensor<?x3xf32>
  return %0, %1 : tensor<?x3xf32>, tensor<?x3xf32>
}

// In f16 as well.
// CHECK-LABEL: func.func @times_one_half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x3xf16>) -> (tensor<?x3xf16>, tensor<?x3xf16>) {
// CHECK-NEXT: return %[[A0]], %[[A0]] : tensor<?x3xf16>, tensor<?x3xf16>
// CHECK-NEXT: }
func.func @times_one_half(%x: tensor<?x3xf16>) -> (tensor<?x3xf16>, tensor<?x3xf16>) {
  %c0 = transformer.constant dense<1.0> : tensor<f16>
  %0 = transformer.binary mul %x, %c0 : tensor<?x3xf16>, tensor<f16>
  %1 = transformer.binary div %x, %c0 : tensor<?x3xf16>, tensor<f16>
  return %0, %1 : tensor<?x3xf16>, tensor<?x3xf16>
}

// A row of ones that does not enlarge.
// CHECK-LABEL: func.func @times_ones_of_a_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x3xf32>) -> tensor<?x3xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<?x3xf32>
// CHECK-NEXT: }
func.func @times_ones_of_a_row(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %c0 = transformer.constant dense<[1.0, 1.0, 1.0]> : tensor<3xf32>
  %0 = transformer.binary mul %x, %c0 : tensor<?x3xf32>, tensor<3xf32>
  return %0 : tensor<?x3xf32>
}

// Ones that enlarge the value stay.
// CHECK-LABEL: func.func @times_ones_that_enlarge(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<2x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[V0]] : tensor<3xf32>, tensor<2x1xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @times_ones_that_enlarge(%x: tensor<3xf32>) -> tensor<2x3xf32> {
  %c0 = transformer.constant dense<[[1.0], [1.0]]> : tensor<2x1xf32>
  %0 = transformer.binary mul %x, %c0 : tensor<3xf32>, tensor<2x1xf32>
  return %0 : tensor<2x3xf32>
}

// A quotient by one, not of one.
// CHECK-LABEL: func.func @over_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary div %[[V0]], %[[A0]] : tensor<f32>, tensor<?xf32>
// CHECK-NEXT: return %[[A0]], %[[V1]] : tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @over_one(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary div %x, %c0 : tensor<?xf32>, tensor<f32>
  %1 = transformer.binary div %c0, %x : tensor<f32>, tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// The first power, not powers of one.
// CHECK-LABEL: func.func @power_of_one(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary pow %[[V0]], %[[A0]] : tensor<f32>, tensor<?xf32>
// CHECK-NEXT: return %[[A0]], %[[V1]] : tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @power_of_one(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = transformer.constant dense<1.0> : tensor<f32>
  %0 = transformer.binary pow %x, %c0 : tensor<?xf32>, tensor<f32>
  %1 = transformer.binary pow %c0, %x : tensor<f32>, tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// The exponent one as an integer stays: it is read as floats only.
// CHECK-LABEL: func.func @power_by_integers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> tensor<?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary pow %[[A0]], %[[V0]] : tensor<?xf32>, tensor<i64>
// CHECK-NEXT: return %[[V1]] : tensor<?xf32>
// CHECK-NEXT: }
func.func @power_by_integers(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = transformer.constant dense<1> : tensor<i64>
  %0 = transformer.binary pow %x, %c0 : tensor<?xf32>, tensor<i64>
  return %0 : tensor<?xf32>
}

// Less zero; less minus zero turns -0 into +0.
// CHECK-LABEL: func.func @less_zero(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<-0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary sub %[[A0]], %[[V0]] : tensor<?xf32>, tensor<f32>
// CHECK-NEXT: %[[V3:.+]] = transformer.binary sub %[[V1]], %[[A0]] : tensor<f32>, tensor<?xf32>
// CHECK-NEXT: return %[[A0]], %[[V2]], %[[V3]] : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @less_zero(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>, tensor<?xf32>) {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.binary sub %x, %c0 : tensor<?xf32>, tensor<f32>
  %c1 = transformer.constant dense<-0.0> : tensor<f32>
  %1 = transformer.binary sub %x, %c1 : tensor<?xf32>, tensor<f32>
  %2 = transformer.binary sub %c0, %x : tensor<f32>, tensor<?xf32>
  return %0, %1, %2 : tensor<?xf32>, tensor<?xf32>, tensor<?xf32>
}

// Plus zero turns -0 into +0.
// CHECK-LABEL: func.func @plus_zero_stays(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary add %[[A0]], %[[V0]] : tensor<?xf32>, tensor<f32>
// CHECK-NEXT: %[[V2:.+]] = transformer.binary add %[[V0]], %[[A0]] : tensor<f32>, tensor<?xf32>
// CHECK-NEXT: return %[[V1]], %[[V2]] : tensor<?xf32>, tensor<?xf32>
// CHECK-NEXT: }
func.func @plus_zero_stays(%x: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.binary add %x, %c0 : tensor<?xf32>, tensor<f32>
  %1 = transformer.binary add %c0, %x : tensor<f32>, tensor<?xf32>
  return %0, %1 : tensor<?xf32>, tensor<?xf32>
}

// Times zero is NaN for infinity.
// CHECK-LABEL: func.func @times_zero_stays(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> tensor<?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<0.000000e+00> : tensor<f32>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[V0]] : tensor<?xf32>, tensor<f32>
// CHECK-NEXT: return %[[V1]] : tensor<?xf32>
// CHECK-NEXT: }
func.func @times_zero_stays(%x: tensor<?xf32>) -> tensor<?xf32> {
  %c0 = transformer.constant dense<0.0> : tensor<f32>
  %0 = transformer.binary mul %x, %c0 : tensor<?xf32>, tensor<f32>
  return %0 : tensor<?xf32>
}

// Ones of integers are left.
// CHECK-LABEL: func.func @integer_ones_stay(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xi64>) -> tensor<?xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1> : tensor<i64>
// CHECK-NEXT: %[[V1:.+]] = transformer.binary mul %[[A0]], %[[V0]] : tensor<?xi64>, tensor<i64>
// CHECK-NEXT: return %[[V1]] : tensor<?xi64>
// CHECK-NEXT: }
func.func @integer_ones_stay(%x: tensor<?xi64>) -> tensor<?xi64> {
  %c0 = transformer.constant dense<1> : tensor<i64>
  %0 = transformer.binary mul %x, %c0 : tensor<?xi64>, tensor<i64>
  return %0 : tensor<?xi64>
}
