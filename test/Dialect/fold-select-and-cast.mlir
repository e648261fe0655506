// RUN: transom-opt --canonicalize %s | FileCheck %s

// Choices and conversions.

// A constant condition chooses.
// CHECK-LABEL: func.func @choice_by_constant(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4xf32>, %[[A1:[^:]+]]: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT: return %[[A0]], %[[A1]] : tensor<4xf32>, tensor<4xf32>
// CHECK-NEXT: }
func.func @choice_by_constant(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %c0 = transformer.constant dense<true> : tensor<i1>
  %c1 = transformer.constant dense<false> : tensor<i1>
  %0 = transformer.select %c0, %x, %y : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  %1 = transformer.select %c1, %x, %y : tensor<i1>, tensor<4xf32>, tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// A row of equal conditions.
// CHECK-LABEL: func.func @choice_by_row(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3xf32>, %[[A1:[^:]+]]: tensor<3xf32>) -> tensor<3xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<3xf32>
// CHECK-NEXT: }
func.func @choice_by_row(%x: tensor<3xf32>, %y: tensor<3xf32>) -> tensor<3xf32> {
  %c0 = transformer.constant dense<[true, true, true]> : tensor<3xi1>
  %0 = transformer.select %c0, %x, %y : tensor<3xi1>, tensor<3xf32>, tensor<3xf32>
  return %0 : tensor<3xf32>
}

// What is chosen would have to be enlarged.
// CHECK-LABEL: func.func @choice_that_enlarges(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<3xf32>, %[[A1:[^:]+]]: tensor<2x3xf32>) -> tensor<2x3xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<true> : tensor<i1>
// CHECK-NEXT: %[[V1:.+]] = transformer.select %[[V0]], %[[A0]], %[[A1]] : tensor<i1>, tensor<3xf32>, tensor<2x3xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2x3xf32>
// CHECK-NEXT: }
func.func @choice_that_enlarges(%x: tensor<3xf32>, %y: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %c0 = transformer.constant dense<true> : tensor<i1>
  %0 = transformer.select %c0, %x, %y : tensor<i1>, tensor<3xf32>, tensor<2x3xf32>
  return %0 : tensor<2x3xf32>
}

// Conditions that differ.
// CHECK-LABEL: func.func @mixed_condition(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2xf32>, %[[A1:[^:]+]]: tensor<2xf32>) -> tensor<2xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[true, false]> : tensor<2xi1>
// CHECK-NEXT: %[[V1:.+]] = transformer.select %[[V0]], %[[A0]], %[[A1]] : tensor<2xi1>, tensor<2xf32>, tensor<2xf32>
// CHECK-NEXT: return %[[V1]] : tensor<2xf32>
// CHECK-NEXT: }
func.func @mixed_condition(%x: tensor<2xf32>, %y: tensor<2xf32>) -> tensor<2xf32> {
  %c0 = transformer.constant dense<[true, false]> : tensor<2xi1>
  %0 = transformer.select %c0, %x, %y : tensor<2xi1>, tensor<2xf32>, tensor<2xf32>
  return %0 : tensor<2xf32>
}

// Casts of small constants: rounding to nearest even, truncation, both signs.
// CHECK-LABEL: func.func @casts(
// CHECK-SAME: ) -> (tensor<4xf16>, tensor<4xf64>, tensor<4xbf16>, tensor<4xi32>, tensor<4xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.500000e+00, -1.500000e+00, 2.500000e+00, 6.550400e+04]> : tensor<4xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[1.500000e+00, -1.500000e+00, 2.500000e+00, 6.550400e+04]> : tensor<4xf64>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[1.500000e+00, -1.500000e+00, 2.500000e+00, 6.553600e+04]> : tensor<4xbf16>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense<[1, -1, 2, 65504]> : tensor<4xi32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense<[1, -1, 2, 65504]> : tensor<4xi64>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<4xf16>, tensor<4xf64>, tensor<4xbf16>, tensor<4xi32>, tensor<4xi64>
// CHECK-NEXT: }
func.func @casts() -> (tensor<4xf16>, tensor<4xf64>, tensor<4xbf16>, tensor<4xi32>, tensor<4xi64>) {
  %c0 = transformer.constant dense<[1.5, -1.5, 2.5, 65504.0]> : tensor<4xf32>
  %0 = transformer.cast %c0 : tensor<4xf32> to tensor<4xf16>
  %1 = transformer.cast %c0 : tensor<4xf32> to tensor<4xf64>
  %2 = transformer.cast %c0 : tensor<4xf32> to tensor<4xbf16>
  %3 = transformer.cast %c0 : tensor<4xf32> to tensor<4xi32>
  %4 = transformer.cast %c0 : tensor<4xf32> to tensor<4xi64>
  return %0, %1, %2, %3, %4 : tensor<4xf16>, tensor<4xf64>, tensor<4xbf16>, tensor<4xi32>, tensor<4xi64>
}

// From integers.
// CHECK-LABEL: func.func @casts_of_integers(
// CHECK-SAME: ) -> (tensor<3xf32>, tensor<3xi32>, tensor<3xf16>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, -2.000000e+00, 0x4B800000]> : tensor<3xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[1, -2, 16777217]> : tensor<3xi32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense<[1.000000e+00, -2.000000e+00, 0x7C00]> : tensor<3xf16>
// CHECK-NEXT: return %[[V0]], %[[V1]], %[[V2]] : tensor<3xf32>, tensor<3xi32>, tensor<3xf16>
// CHECK-NEXT: }
func.func @casts_of_integers() -> (tensor<3xf32>, tensor<3xi32>, tensor<3xf16>) {
  %c0 = transformer.constant dense<[1, -2, 16777217]> : tensor<3xi64>
  %0 = transformer.cast %c0 : tensor<3xi64> to tensor<3xf32>
  %1 = transformer.cast %c0 : tensor<3xi64> to tensor<3xi32>
  %2 = transformer.cast %c0 : tensor<3xi64> to tensor<3xf16>
  return %0, %1, %2 : tensor<3xf32>, tensor<3xi32>, tensor<3xf16>
}

// From bool.
// CHECK-LABEL: func.func @casts_of_bools(
// CHECK-SAME: ) -> (tensor<2xf32>, tensor<2xi64>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[1.000000e+00, 0.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[1, 0]> : tensor<2xi64>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2xf32>, tensor<2xi64>
// CHECK-NEXT: }
func.func @casts_of_bools() -> (tensor<2xf32>, tensor<2xi64>) {
  %c0 = transformer.constant dense<[true, false]> : tensor<2xi1>
  %0 = transformer.cast %c0 : tensor<2xi1> to tensor<2xf32>
  %1 = transformer.cast %c0 : tensor<2xi1> to tensor<2xi64>
  return %0, %1 : tensor<2xf32>, tensor<2xi64>
}

// From unsigned bytes.
// CHECK-LABEL: func.func @casts_of_unsigned(
// CHECK-SAME: ) -> (tensor<2xf32>, tensor<2xi32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[2.550000e+02, 1.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense<[255, 1]> : tensor<2xi32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2xf32>, tensor<2xi32>
// CHECK-NEXT: }
func.func @casts_of_unsigned() -> (tensor<2xf32>, tensor<2xi32>) {
  %c0 = transformer.constant dense<[255, 1]> : tensor<2xui8>
  %0 = transformer.cast %c0 : tensor<2xui8> to tensor<2xf32>
  %1 = transformer.cast %c0 : tensor<2xui8> to tensor<2xi32>
  return %0, %1 : tensor<2xf32>, tensor<2xi32>
}

// To bytes, to unsigned ints and to bool, which saturate or test.
// CHECK-LABEL: func.func @casts_that_stay(
// CHECK-SAME: ) -> (tensor<2xi8>, tensor<2xui8>, tensor<2xui32>, tensor<2xi1>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[3.000000e+02, -1.000000e+00]> : tensor<2xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.cast %[[V0]] : tensor<2xf32> to tensor<2xi8>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V0]] : tensor<2xf32> to tensor<2xui8>
// CHECK-NEXT: %[[V3:.+]] = transformer.cast %[[V0]] : tensor<2xf32> to tensor<2xui32>
// CHECK-NEXT: %[[V4:.+]] = transformer.cast %[[V0]] : tensor<2xf32> to tensor<2xi1>
// CHECK-NEXT: return %[[V1]], %[[V2]], %[[V3]], %[[V4]] : tensor<2xi8>, tensor<2xui8>, tensor<2xui32>, tensor<2xi1>
// CHECK-NEXT: }
func.func @casts_that_stay() -> (tensor<2xi8>, tensor<2xui8>, tensor<2xui32>, tensor<2xi1>) {
  %c0 = transformer.constant dense<[300.0, -1.0]> : tensor<2xf32>
  %0 = transformer.cast %c0 : tensor<2xf32> to tensor<2xi8>
  %1 = transformer.cast %c0 : tensor<2xf32> to tensor<2xui8>
  %2 = transformer.cast %c0 : tensor<2xf32> to tensor<2xui32>
  %3 = transformer.cast %c0 : tensor<2xf32> to tensor<2xi1>
  return %0, %1, %2, %3 : tensor<2xi8>, tensor<2xui8>, tensor<2xui32>, tensor<2xi1>
}

// A number beyond what an integer holds stays.
// CHECK-LABEL: func.func @cast_beyond(
// CHECK-SAME: ) -> tensor<1xi64> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<1.000000e+20> : tensor<1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.cast %[[V0]] : tensor<1xf32> to tensor<1xi64>
// CHECK-NEXT: return %[[V1]] : tensor<1xi64>
// CHECK-NEXT: }
func.func @cast_beyond() -> tensor<1xi64> {
  %c0 = transformer.constant dense<[1.0e+20]> : tensor<1xf32>
  %0 = transformer.cast %c0 : tensor<1xf32> to tensor<1xi64>
  return %0 : tensor<1xi64>
}

// The same type.
// CHECK-LABEL: func.func @cast_to_itself(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> tensor<?xf32> {
// CHECK-NEXT: return %[[A0]] : tensor<?xf32>
// CHECK-NEXT: }
func.func @cast_to_itself(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = transformer.cast %x : tensor<?xf32> to tensor<?xf32>
  return %0 : tensor<?xf32>
}

// Through a narrower type: rounding stays.
// CHECK-LABEL: func.func @cast_and_back(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?xf32>) -> tensor<?xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?xf32> to tensor<?xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.cast %[[V0]] : tensor<?xf16> to tensor<?xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?xf32>
// CHECK-NEXT: }
func.func @cast_and_back(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = transformer.cast %x : tensor<?xf32> to tensor<?xf16>
  %1 = transformer.cast %0 : tensor<?xf16> to tensor<?xf32>
  return %1 : tensor<?xf32>
}
