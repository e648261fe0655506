// RUN: transom-opt --fuse-attention --simplify-views --canonicalize --cse %s | FileCheck %s

// Soft caps, types, NaN rows, and what else reads the parts of an attention.

// Gemma 2: cap tanh(s / cap).
// CHECK-LABEL: func.func @soft_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32, softcap = 5.000000e+01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @soft_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %c1 = transformer.constant dense<50.0> : tensor<f32>
  %2 = transformer.binary div %1, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.unary tanh %2 : tensor<2x4x3x5xf32>
  %4 = transformer.binary mul %3, %c1 : tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// Times 1 / cap.
// CHECK-LABEL: func.func @soft_cap_by_products(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 0.299999982 : f32, softcap = 3.000000e+01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @soft_cap_by_products(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.01> : tensor<f32>
  %1 = transformer.binary mul %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %c1 = transformer.constant dense<30.0> : tensor<f32>
  %3 = transformer.binary mul %c1, %2 : tensor<f32>, tensor<2x4x3x5xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// A mask added after the cap.
// CHECK-LABEL: func.func @mask_above_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A3]] : tensor<2x1x3x5xf32> <{scale = 1.000000e+00 : f32, softcap = 5.000000e+01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @mask_above_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xf32>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<50.0> : tensor<f32>
  %1 = transformer.binary div %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %3 = transformer.binary mul %2, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %4 = transformer.binary add %3, %m : tensor<2x4x3x5xf32>, tensor<2x1x3x5xf32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// A boolean mask after it.
// CHECK-LABEL: func.func @boolean_above_cap(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[A3]] : tensor<2x1x3x5xi1> <{scale = 1.000000e+00 : f32, softcap = 5.000000e+01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @boolean_above_cap(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<50.0> : tensor<f32>
  %1 = transformer.binary div %0, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.unary tanh %1 : tensor<2x4x3x5xf32>
  %3 = transformer.binary mul %2, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %c1 = transformer.constant dense<0xFF800000> : tensor<f32>
  %4 = transformer.select %m, %3, %c1 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// f16 products, a softmax in f32.
// CHECK-LABEL: func.func @scores_in_f32(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf16>, %[[A1:[^:]+]]: tensor<2x4x5x16xf16>, %[[A2:[^:]+]]: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>, tensor<2x4x5x16xf16>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf16>
// CHECK-NEXT: }
func.func @scores_in_f32(%q: tensor<2x4x3x16xf16>, %k: tensor<2x4x5x16xf16>, %v: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>
  %1 = transformer.cast %0 : tensor<2x4x3x5xf16> to tensor<2x4x3x5xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %2 = transformer.binary mul %1, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.cast %3 : tensor<2x4x3x5xf32> to tensor<2x4x3x5xf16>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf16>, tensor<2x4x5x16xf16>
  return %5 : tensor<2x4x3x16xf16>
}

// f16 operands widened before all, the result narrowed.
// CHECK-LABEL: func.func @all_in_f32(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf16>, %[[A1:[^:]+]]: tensor<2x4x5x16xf16>, %[[A2:[^:]+]]: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf16>, tensor<2x4x5x16xf16>, tensor<2x4x5x16xf16>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf16>
// CHECK-NEXT: }
func.func @all_in_f32(%q: tensor<2x4x3x16xf16>, %k: tensor<2x4x5x16xf16>, %v: tensor<2x4x5x16xf16>) -> tensor<2x4x3x16xf16> {
  %0 = transformer.cast %q : tensor<2x4x3x16xf16> to tensor<2x4x3x16xf32>
  %1 = transformer.cast %k : tensor<2x4x5x16xf16> to tensor<2x4x5x16xf32>
  %2 = transformer.cast %v : tensor<2x4x5x16xf16> to tensor<2x4x5x16xf32>
  %3 = transformer.matmul %0, %1 <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %2 : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %7 = transformer.cast %6 : tensor<2x4x3x16xf32> to tensor<2x4x3x16xf16>
  return %7 : tensor<2x4x3x16xf16>
}

// A mask in f32 on scores of bf16 that are widened.
// CHECK-LABEL: func.func @mask_in_f32(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xbf16>, %[[A1:[^:]+]]: tensor<2x4x5x16xbf16>, %[[A2:[^:]+]]: tensor<2x4x5x16xbf16>, %[[A3:[^:]+]]: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] bias %[[A3]] : tensor<2x1x1x5xf32> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xbf16>, tensor<2x4x5x16xbf16>, tensor<2x4x5x16xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xbf16>
// CHECK-NEXT: }
func.func @mask_in_f32(%q: tensor<2x4x3x16xbf16>, %k: tensor<2x4x5x16xbf16>, %v: tensor<2x4x5x16xbf16>, %m: tensor<2x1x1x5xf32>) -> tensor<2x4x3x16xbf16> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xbf16>, tensor<2x4x5x16xbf16>
  %1 = transformer.cast %0 : tensor<2x4x3x5xbf16> to tensor<2x4x3x5xf32>
  %2 = transformer.binary add %1, %m : tensor<2x4x3x5xf32>, tensor<2x1x1x5xf32>
  %3 = transformer.softmax %2 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %4 = transformer.cast %3 : tensor<2x4x3x5xf32> to tensor<2x4x3x5xbf16>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xbf16>, tensor<2x4x5x16xbf16>
  return %5 : tensor<2x4x3x16xbf16>
}

// Rows of NaN replaced by zeros.
// CHECK-LABEL: func.func @safe_softmax(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] mask %[[A3]] : tensor<2x1x3x5xi1> <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @safe_softmax(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>, %m: tensor<2x1x3x5xi1>) -> tensor<2x4x3x16xf32> {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %c0 = transformer.constant dense<0xFF800000> : tensor<f32>
  %1 = transformer.select %m, %0, %c0 : tensor<2x1x3x5xi1>, tensor<2x4x3x5xf32>, tensor<f32>
  %2 = transformer.softmax %1 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %3 = transformer.unary isnan %2 : tensor<2x4x3x5xf32>
  %c1 = transformer.constant dense<0.0> : tensor<f32>
  %4 = transformer.select %3, %c1, %2 : tensor<2x4x3x5xi1>, tensor<f32>, tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %5 : tensor<2x4x3x16xf32>
}

// Queries of a linear and a norm.
// CHECK-LABEL: func.func @computed_queries(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x3x16xf32>, %[[A1:[^:]+]]: tensor<2x1x5x16xf32>, %[[A2:[^:]+]]: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<wq> : tensor<16x64xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.matmul %[[A0]], %[[V0]] : tensor<2x3x16xf32>, tensor<16x64xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V1]][] : tensor<2x3x64xf32> to tensor<2x3x4x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.transpose %[[V2]] <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x16xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.attention %[[V3]], %[[A1]], %[[A2]] <{scale = 2.500000e-01 : f32}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>, tensor<2x1x5x16xf32>
// CHECK-NEXT: return %[[V4]] : tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @computed_queries(%x: tensor<2x3x16xf32>, %k: tensor<2x1x5x16xf32>, %v: tensor<2x1x5x16xf32>) -> tensor<2x4x3x16xf32> {
  %wq = transformer.constant dense_resource<wq> : tensor<16x64xf32>
  %0 = transformer.matmul %x, %wq : tensor<2x3x16xf32>, tensor<16x64xf32>
  %1 = transformer.reshape %0[] : tensor<2x3x64xf32> to tensor<2x3x4x16xf32>
  %2 = transformer.transpose %1 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3x4x16xf32>
  %3 = transformer.matmul %2, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x1x5x16xf32>
  %c0 = transformer.constant dense<0.25> : tensor<f32>
  %4 = transformer.binary mul %3, %c0 : tensor<2x4x3x5xf32>, tensor<f32>
  %5 = transformer.softmax %4 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %6 = transformer.matmul %5, %v : tensor<2x4x3x5xf32>, tensor<2x1x5x16xf32>
  return %6 : tensor<2x4x3x16xf32>
}

// Scores that are read twice: the attention computes its own.
// CHECK-LABEL: func.func @shared_scores(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x5x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.matmul %[[A0]], %[[A1]] <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A0]], %[[A1]], %[[A2]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V1]], %[[V0]] : tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>
// CHECK-NEXT: }
func.func @shared_scores(%q: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %0 : tensor<2x4x3x16xf32>, tensor<2x4x3x5xf32>
}

// Two attentions on the same keys.
// CHECK-LABEL: func.func @two_attentions(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<2x4x3x16xf32>, %[[A1:[^:]+]]: tensor<2x4x3x16xf32>, %[[A2:[^:]+]]: tensor<2x4x5x16xf32>, %[[A3:[^:]+]]: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.attention %[[A0]], %[[A2]], %[[A3]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.attention %[[A1]], %[[A2]], %[[A3]] <{scale = 1.000000e+00 : f32}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>, tensor<2x4x5x16xf32>
// CHECK-NEXT: return %[[V0]], %[[V1]] : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
// CHECK-NEXT: }
func.func @two_attentions(%q: tensor<2x4x3x16xf32>, %p: tensor<2x4x3x16xf32>, %k: tensor<2x4x5x16xf32>, %v: tensor<2x4x5x16xf32>) -> (tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>) {
  %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %2 = transformer.matmul %1, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  %3 = transformer.matmul %p, %k <{transpose_b}> : tensor<2x4x3x16xf32>, tensor<2x4x5x16xf32>
  %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<2x4x3x5xf32>
  %5 = transformer.matmul %4, %v : tensor<2x4x3x5xf32>, tensor<2x4x5x16xf32>
  return %2, %5 : tensor<2x4x3x16xf32>, tensor<2x4x3x16xf32>
}
