// RUN: transom-opt --fuse-projections --cse %s | FileCheck %s

// Which projections are joined, and what their readers get.

// Queries, keys and values of a batch of rows.
// CHECK-LABEL: func.func @three_of_rows(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>, %[[A1:[^:]+]]: index, %[[A2:[^:]+]]: index) -> (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<k> : tensor<16x32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<v> : tensor<16x32xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.concat %[[V0]], %[[V1]], %[[V2]] <{axis = 1 : i64}> : tensor<16x32xf32>, tensor<16x32xf32>, tensor<16x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] : tensor<?x?x16xf32>, tensor<16x96xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.slice %[[V4]][] [%[[A1]], %[[A2]]] <{static_starts = array<i64: 0, 0, 0>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x96xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V5]][%[[A1]], %[[A2]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.slice %[[V4]][] [%[[A1]], %[[A2]]] <{static_starts = array<i64: 0, 0, 32>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x96xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.reshape %[[V7]][%[[A1]], %[[A2]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.slice %[[V4]][] [%[[A1]], %[[A2]]] <{static_starts = array<i64: 0, 0, 64>, steps = array<i64: 1, 1, 1>}> : tensor<?x?x96xf32> to tensor<?x?x32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[V9]][%[[A1]], %[[A2]]] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
// CHECK-NEXT: return %[[V6]], %[[V8]], %[[V10]] : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>
// CHECK-NEXT: }
func.func @three_of_rows(%x: tensor<?x?x16xf32>, %b: index, %s: index) -> (tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x32xf32>
  %0 = transformer.linear %x, %q : tensor<?x?x16xf32>, tensor<16x32xf32>
  %1 = transformer.reshape %0[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x32xf32>
  %2 = transformer.linear %x, %k : tensor<?x?x16xf32>, tensor<16x32xf32>
  %3 = transformer.reshape %2[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x32xf32>
  %4 = transformer.linear %x, %v : tensor<?x?x16xf32>, tensor<16x32xf32>
  %5 = transformer.reshape %4[%b, %s] : tensor<?x?x32xf32> to tensor<?x?x4x8xf32>
  return %1, %3, %5 : tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>, tensor<?x?x4x8xf32>
}

// Fewer heads of keys and values, with biases.
// CHECK-LABEL: func.func @grouped(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x4x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<qb> : tensor<32xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<q> : tensor<16x32xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<v> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<kb> : tensor<16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.constant dense_resource<vb> : tensor<16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.concat %[[V1]], %[[V2]], %[[V3]] <{axis = 1 : i64}> : tensor<16x32xf32>, tensor<16x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.concat %[[V0]], %[[V4]], %[[V5]] <{axis = 0 : i64}> : tensor<32xf32>, tensor<16xf32>, tensor<16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.linear %[[A0]], %[[V6]] bias %[[V7]] : tensor<64xf32> : tensor<4x16xf32>, tensor<16x64xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.slice %[[V8]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x64xf32> to tensor<4x32xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[V9]][] : tensor<4x32xf32> to tensor<4x4x8xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.slice %[[V8]][] [] <{static_starts = array<i64: 0, 32>, steps = array<i64: 1, 1>}> : tensor<4x64xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.reshape %[[V11]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.slice %[[V8]][] [] <{static_starts = array<i64: 0, 48>, steps = array<i64: 1, 1>}> : tensor<4x64xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V10]], %[[V12]], %[[V14]] : tensor<4x4x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @grouped(%x: tensor<4x16xf32>) -> (tensor<4x4x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %qb = transformer.constant dense_resource<qb> : tensor<32xf32>
  %q = transformer.constant dense_resource<q> : tensor<16x32xf32>
  %0 = transformer.linear %x, %q bias %qb : tensor<32xf32> : tensor<4x16xf32>, tensor<16x32xf32>
  %1 = transformer.reshape %0[] : tensor<4x32xf32> to tensor<4x4x8xf32>
  %kb = transformer.constant dense_resource<kb> : tensor<16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k bias %kb : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %vb = transformer.constant dense_resource<vb> : tensor<16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %4 = transformer.linear %x, %v bias %vb : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %5 = transformer.reshape %4[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3, %5 : tensor<4x4x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// A projection that is split into heads twice.
// CHECK-LABEL: func.func @two_readers(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x4x4xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.concat %[[V0]], %[[V1]] <{axis = 1 : i64}> : tensor<16x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V2]] : tensor<4x16xf32>, tensor<16x32xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.slice %[[V3]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x32xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf32> to tensor<4x4x4xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.slice %[[V3]][] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x32xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.reshape %[[V7]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V5]], %[[V6]], %[[V8]] : tensor<4x2x8xf32>, tensor<4x4x4xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @two_readers(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x4x4xf32>, tensor<4x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %1 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %2 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %3 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x4x4xf32>
  %4 = transformer.reshape %1[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %2, %3, %4 : tensor<4x2x8xf32>, tensor<4x4x4xf32>, tensor<4x2x8xf32>
}

// Cross-attention: keys and values of another input are joined by themselves.
// CHECK-LABEL: func.func @two_inputs(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>, %[[A1:[^:]+]]: tensor<6x16xf32>) -> (tensor<4x2x8xf32>, tensor<6x2x8xf32>, tensor<6x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<4x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.constant dense_resource<v> : tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.concat %[[V3]], %[[V4]] <{axis = 1 : i64}> : tensor<16x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.linear %[[A1]], %[[V5]] : tensor<6x16xf32>, tensor<16x32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.slice %[[V6]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<6x32xf32> to tensor<6x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.reshape %[[V7]][] : tensor<6x16xf32> to tensor<6x2x8xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.slice %[[V6]][] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<6x32xf32> to tensor<6x16xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.reshape %[[V9]][] : tensor<6x16xf32> to tensor<6x2x8xf32>
// CHECK-NEXT: return %[[V2]], %[[V8]], %[[V10]] : tensor<4x2x8xf32>, tensor<6x2x8xf32>, tensor<6x2x8xf32>
// CHECK-NEXT: }
func.func @two_inputs(%x: tensor<4x16xf32>, %y: tensor<6x16xf32>) -> (tensor<4x2x8xf32>, tensor<6x2x8xf32>, tensor<6x2x8xf32>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %y, %k : tensor<6x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<6x16xf32> to tensor<6x2x8xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %4 = transformer.linear %y, %v : tensor<6x16xf32>, tensor<16x16xf32>
  %5 = transformer.reshape %4[] : tensor<6x16xf32> to tensor<6x2x8xf32>
  return %1, %3, %5 : tensor<4x2x8xf32>, tensor<6x2x8xf32>, tensor<6x2x8xf32>
}

// Biased ones and others make two products.
// CHECK-LABEL: func.func @some_biased(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<qb> : tensor<16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<v> : tensor<16x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<vb> : tensor<16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.concat %[[V1]], %[[V2]] <{axis = 1 : i64}> : tensor<16x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.concat %[[V0]], %[[V3]] <{axis = 0 : i64}> : tensor<16xf32>, tensor<16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.linear %[[A0]], %[[V4]] bias %[[V5]] : tensor<32xf32> : tensor<4x16xf32>, tensor<16x32xf32>
// CHECK-NEXT: %[[V7:.+]] = transformer.slice %[[V6]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x32xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V8:.+]] = transformer.reshape %[[V7]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V9:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf32>
// CHECK-NEXT: %[[V10:.+]] = transformer.constant dense_resource<u> : tensor<16x16xf32>
// CHECK-NEXT: %[[V11:.+]] = transformer.concat %[[V9]], %[[V10]] <{axis = 1 : i64}> : tensor<16x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: %[[V12:.+]] = transformer.linear %[[A0]], %[[V11]] : tensor<4x16xf32>, tensor<16x32xf32>
// CHECK-NEXT: %[[V13:.+]] = transformer.slice %[[V12]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x32xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V14:.+]] = transformer.reshape %[[V13]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V15:.+]] = transformer.slice %[[V6]][] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x32xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V16:.+]] = transformer.reshape %[[V15]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: %[[V17:.+]] = transformer.slice %[[V12]][] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x32xf32> to tensor<4x16xf32>
// CHECK-NEXT: %[[V18:.+]] = transformer.reshape %[[V17]][] : tensor<4x16xf32> to tensor<4x2x8xf32>
// CHECK-NEXT: return %[[V8]], %[[V14]], %[[V16]], %[[V18]] : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
// CHECK-NEXT: }
func.func @some_biased(%x: tensor<4x16xf32>) -> (tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>) {
  %qb = transformer.constant dense_resource<qb> : tensor<16xf32>
  %q = transformer.constant dense_resource<q> : tensor<16x16xf32>
  %0 = transformer.linear %x, %q bias %qb : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %1 = transformer.reshape %0[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf32>
  %2 = transformer.linear %x, %k : tensor<4x16xf32>, tensor<16x16xf32>
  %3 = transformer.reshape %2[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %vb = transformer.constant dense_resource<vb> : tensor<16xf32>
  %v = transformer.constant dense_resource<v> : tensor<16x16xf32>
  %4 = transformer.linear %x, %v bias %vb : tensor<16xf32> : tensor<4x16xf32>, tensor<16x16xf32>
  %5 = transformer.reshape %4[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  %u = transformer.constant dense_resource<u> : tensor<16x16xf32>
  %6 = transformer.linear %x, %u : tensor<4x16xf32>, tensor<16x16xf32>
  %7 = transformer.reshape %6[] : tensor<4x16xf32> to tensor<4x2x8xf32>
  return %1, %3, %5, %7 : tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>, tensor<4x2x8xf32>
}

// f16.
// CHECK-LABEL: func.func @half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<4x16xf16>) -> (tensor<4x2x8xf16>, tensor<4x2x8xf16>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<q> : tensor<16x16xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<k> : tensor<16x16xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.concat %[[V0]], %[[V1]] <{axis = 1 : i64}> : tensor<16x16xf16>, tensor<16x16xf16>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V2]] : tensor<4x16xf16>, tensor<16x32xf16>
// CHECK-NEXT: %[[V4:.+]] = transformer.slice %[[V3]][] [] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<4x32xf16> to tensor<4x16xf16>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<4x16xf16> to tensor<4x2x8xf16>
// CHECK-NEXT: %[[V6:.+]] = transformer.slice %[[V3]][] [] <{static_starts = array<i64: 0, 16>, steps = array<i64: 1, 1>}> : tensor<4x32xf16> to tensor<4x16xf16>
// CHECK-NEXT: %[[V7:.+]] = transformer.reshape %[[V6]][] : tensor<4x16xf16> to tensor<4x2x8xf16>
// CHECK-NEXT: return %[[V5]], %[[V7]] : tensor<4x2x8xf16>, tensor<4x2x8xf16>
// CHECK-NEXT: }
func.func @half(%x: tensor<4x16xf16>) -> (tensor<4x2x8xf16>, tensor<4x2x8xf16>) {
  %q = transformer.constant dense_resource<q> : tensor<16x16xf16>
  %0 = transformer.linear %x, %q : tensor<4x16xf16>, tensor<16x16xf16>
  %1 = transformer.reshape %0[] : tensor<4x16xf16> to tensor<4x2x8xf16>
  %k = transformer.constant dense_resource<k> : tensor<16x16xf16>
  %2 = transformer.linear %x, %k : tensor<4x16xf16>, tensor<16x16xf16>
  %3 = transformer.reshape %2[] : tensor<4x16xf16> to tensor<4x2x8xf16>
  return %1, %3 : tensor<4x2x8xf16>, tensor<4x2x8xf16>
}
