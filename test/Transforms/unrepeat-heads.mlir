// RUN: transom-opt --fuse-attention --simplify-views --canonicalize --cse %s | FileCheck %s

// Heads of keys and values that exporters repeat: groups are read unrepeated, other repeats stay.

// Llama: a dim beside the heads is broadcast and joined with them.
// CHECK-LABEL: func.func @expanded(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @expanded(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.reshape %k[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %1 = transformer.broadcast_to %0[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %3 = transformer.matmul %q, %2 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %6 = transformer.broadcast_to %5[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %7 = transformer.reshape %6[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %8 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %9 = transformer.matmul %8, %7 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %9 : tensor<2x4x3x16xf32>
}

// A gather that names each head twice.
// CHECK-LABEL: func.func @gathered(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @gathered(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c1 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.gather %v, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %4 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %3 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Broadcast while rows come before heads.
// CHECK-LABEL: func.func @expanded_rows_first(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x5x2x16xf32>, %[[A2:[^:]+]]: tensor<2x5x2x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.transpose %[[A1]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x2x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.transpose %[[A2]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x2x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[V0]], %[[V1]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @expanded_rows_first(%q: tensor<2x4x3x16xf32>, %k: tensor<2x5x2x16xf32>, %v: tensor<2x5x2x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.reshape %k[] : tensor<2x5x2x16xf32> to tensor<2x5x2x1x16xf32>
  %1 = transformer.broadcast_to %0[] : tensor<2x5x2x1x16xf32> to tensor<2x5x2x2x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x5x2x2x16xf32> to tensor<2x5x4x16xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
  %4 = transformer.matmul %q, %3 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %5 = transformer.binary mul %4, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %6 = transformer.reshape %v[] : tensor<2x5x2x16xf32> to tensor<2x5x2x1x16xf32>
  %7 = transformer.broadcast_to %6[] : tensor<2x5x2x1x16xf32> to tensor<2x5x2x2x16xf32>
  %8 = transformer.reshape %7[] : tensor<2x5x2x2x16xf32> to tensor<2x5x4x16xf32>
  %9 = transformer.transpose %8 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x5x4x16xf32>
  %10 = transformer.softmax %5 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %11 = transformer.matmul %10, %9 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %11 : tensor<2x4x3x16xf32>
}

// Each head four times.
// CHECK-LABEL: func.func @four_times(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x8x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x8x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x8x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x8x3x16xf32>
// CHECK-NEXT: }
func.func @four_times(%q: tensor<2x8x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x8x3x16xf32> {
  %0 = transformer.reshape %k[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %1 = transformer.broadcast_to %0[] : tensor<2x2x1x5x16xf32> to tensor<2x2x4x5x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x2x4x5x16xf32> to tensor<2x8x5x16xf32>
  %3 = transformer.matmul %q, %2 <{transpose_b}> : tensor<2x8x3x16xf32>, tensor<2x8x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c0 : tensor<2x8x3x5xf32>, tensor<f32>
  %5 = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %6 = transformer.broadcast_to %5[] : tensor<2x2x1x5x16xf32> to tensor<2x2x4x5x16xf32>
  %7 = transformer.reshape %6[] : tensor<2x2x4x5x16xf32> to tensor<2x8x5x16xf32>
  %8 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x8x3x5xf32>
  %9 = transformer.matmul %8, %7 : tensor<2x8x3x5xf32>, tensor<2x8x5x16xf32>
  return %9 : tensor<2x8x3x16xf32>
}

// One head for all.
// CHECK-LABEL: func.func @single_head(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x1x5x16xf32>, %[[A2:[^:]+]]: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @single_head(%q: tensor<2x4x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.reshape %k[] : tensor<2x1x5x16xf32> to tensor<2x1x1x5x16xf32>
  %1 = transformer.broadcast_to %0[] : tensor<2x1x1x5x16xf32> to tensor<2x1x4x5x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x1x4x5x16xf32> to tensor<2x4x5x16xf32>
  %3 = transformer.matmul %q, %2 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.reshape %v[] : tensor<2x1x5x16xf32> to tensor<2x1x1x5x16xf32>
  %6 = transformer.broadcast_to %5[] : tensor<2x1x1x5x16xf32> to tensor<2x1x4x5x16xf32>
  %7 = transformer.reshape %6[] : tensor<2x1x4x5x16xf32> to tensor<2x4x5x16xf32>
  %8 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %9 = transformer.matmul %8, %7 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %9 : tensor<2x4x3x16xf32>
}

// Keys by a gather, values by a broadcast: the same heads.
// CHECK-LABEL: func.func @gathered_and_expanded(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @gathered_and_expanded(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c1 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %4 = transformer.broadcast_to %3[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %5 = transformer.reshape %4[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %6 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %7 = transformer.matmul %6, %5 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %7 : tensor<2x4x3x16xf32>
}

// Whole heads repeated in turn are no groups.
// CHECK-LABEL: func.func @tiled(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.reshape %[[A1]][] : tensor<2x2x5x16xf32> to tensor<2x1x2x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.broadcast_to %[[V0]][] : tensor<2x1x2x5x16xf32> to tensor<2x2x2x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.reshape %[[A2]][] : tensor<2x2x5x16xf32> to tensor<2x1x2x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.broadcast_to %[[V3]][] : tensor<2x1x2x5x16xf32> to tensor<2x2x2x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.reshape %[[V4]][] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V6:.+]] = transformer.attention %[[A0]], %[[V2]], %[[V5]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V6]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @tiled(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.reshape %k[] : tensor<2x2x5x16xf32> to tensor<2x1x2x5x16xf32>
  %1 = transformer.broadcast_to %0[] : tensor<2x1x2x5x16xf32> to tensor<2x2x2x5x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %3 = transformer.matmul %q, %2 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x1x2x5x16xf32>
  %6 = transformer.broadcast_to %5[] : tensor<2x1x2x5x16xf32> to tensor<2x2x2x5x16xf32>
  %7 = transformer.reshape %6[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %8 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %9 = transformer.matmul %8, %7 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %9 : tensor<2x4x3x16xf32>
}

// The same by a gather.
// CHECK-LABEL: func.func @gathered_in_turn(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0, 1, 0, 1]> : tensor<4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.gather %[[A1]], %[[V0]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.gather %[[A2]], %[[V0]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[V1]], %[[V2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @gathered_in_turn(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 1, 0, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c1 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.gather %v, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %4 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %3 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Three queries of one head, one of the other.
// CHECK-LABEL: func.func @gathered_unevenly(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0, 0, 0, 1]> : tensor<4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.gather %[[A1]], %[[V0]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.gather %[[A2]], %[[V0]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
// CHECK-NEXT: %[[V3:.+]] = transformer.attention %[[A0]], %[[V1]], %[[V2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V3]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @gathered_unevenly(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 0, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c1 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.gather %v, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %4 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %3 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Two copies one behind the other.
// CHECK-LABEL: func.func @concatenated(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.concat %[[A1]], %[[A1]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.concat %[[A2]], %[[A2]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[V0]], %[[V1]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @concatenated(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.concat %k, %k <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %1 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.concat %v, %v <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
  %4 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %3 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Keys are repeated, values have all heads.
// CHECK-LABEL: func.func @only_keys(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.gather %[[A1]], %[[V0]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.attention %[[A0]], %[[V1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @only_keys(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.matmul %2, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %3 : tensor<2x4x3x16xf32>
}

// Keys of two heads, values of one, to four of each.
// CHECK-LABEL: func.func @different_repeats(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x2x5x16xf32>, %[[A2:[^:]+]]: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
// CHECK-NEXT: %[[V1:.+]] = transformer.gather %[[A1]], %[[V0]] <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[A2]][] : tensor<2x1x5x16xf32> to tensor<2x1x1x5x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.broadcast_to %[[V2]][] : tensor<2x1x1x5x16xf32> to tensor<2x1x4x5x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.reshape %[[V3]][] : tensor<2x1x4x5x16xf32> to tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.attention %[[A0]], %[[V1]], %[[V4]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V5]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @different_repeats(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %c0 = transformer.constant dense<[0, 0, 1, 1]> : tensor<4xi64>
  %0 = transformer.gather %k, %c0 <{axis = 1 : i64}> : tensor<2x2x5x16xf32>, tensor<4xi64>
  %1 = transformer.reshape %v[] : tensor<2x1x5x16xf32> to tensor<2x1x1x5x16xf32>
  %2 = transformer.broadcast_to %1[] : tensor<2x1x1x5x16xf32> to tensor<2x1x4x5x16xf32>
  %3 = transformer.reshape %2[] : tensor<2x1x4x5x16xf32> to tensor<2x4x5x16xf32>
  %4 = transformer.matmul %q, %0 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %3 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// Joined by two reshapes, as where a transpose of [batch*heads, rows, features] was undone.
// CHECK-LABEL: func.func @expanded_in_two_steps(
// CHECK: transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
func.func @expanded_in_two_steps(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.reshape %k[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %1 = transformer.broadcast_to %0[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %2 = transformer.reshape %1[] : tensor<2x2x2x5x16xf32> to tensor<8x5x16xf32>
  %3 = transformer.transpose %2 <{perm = array<i64: 0, 2, 1>}> : tensor<8x5x16xf32>
  %4 = transformer.reshape %3[] : tensor<8x16x5xf32> to tensor<2x4x16x5xf32>
  %5 = transformer.matmul %q, %4 : tensor<2x4x3x16xf32>, tensor<2x4x16x5xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %6 = transformer.binary mul %5, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %7 = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %8 = transformer.broadcast_to %7[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %9 = transformer.reshape %8[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %10 = transformer.softmax %6 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %11 = transformer.matmul %10, %9 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %11 : tensor<2x4x3x16xf32>
}

// Each head tiled in a dim of its own.
// CHECK-LABEL: func.func @tiled_within_groups(
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]]
func.func @tiled_within_groups(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %kra = transformer.reshape %k[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %krb = transformer.tile %kra[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %kr = transformer.reshape %krb[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %vra = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %vrb = transformer.tile %vra[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %vr = transformer.reshape %vrb[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %0 = transformer.matmul %q, %kr <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %vr : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}

// Joined with itself there; values tiled.
// CHECK-LABEL: func.func @concatenated_within_groups(
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %{{.+}}, %{{.+}}, %{{.+}} <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x2x5x16xf32>, tensor<2x2x5x16xf32>
// CHECK-NEXT: return %[[V0]]
func.func @concatenated_within_groups(%q: tensor<2x4x3x16xf32>, %k: tensor<2x2x5x16xf32>, %v: tensor<2x2x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %kra = transformer.reshape %k[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %krb = transformer.concat %kra, %kra <{axis = 2 : i64}> : tensor<2x2x1x5x16xf32>, tensor<2x2x1x5x16xf32>
  %kr = transformer.reshape %krb[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %vra = transformer.reshape %v[] : tensor<2x2x5x16xf32> to tensor<2x2x1x5x16xf32>
  %vrb = transformer.tile %vra[] : tensor<2x2x1x5x16xf32> to tensor<2x2x2x5x16xf32>
  %vr = transformer.reshape %vrb[] : tensor<2x2x2x5x16xf32> to tensor<2x4x5x16xf32>
  %0 = transformer.matmul %q, %kr <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %vr : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2 : tensor<2x4x3x16xf32>
}
