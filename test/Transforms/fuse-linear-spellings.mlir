// RUN: transom-opt --fuse-linear --canonicalize %s | FileCheck %s

// What a linear takes in: bias, activation and residual, in every order that says the same.

// A product with a weight alone.
// CHECK-LABEL: func.func @plain(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @plain(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  return %0 : tensor<?x48xf32>
}

// A bias on the right.
// CHECK-LABEL: func.func @bias_right(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @bias_right(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  return %1 : tensor<?x48xf32>
}

// On the left.
// CHECK-LABEL: func.func @bias_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> : tensor<?x?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x48xf32>
// CHECK-NEXT: }
func.func @bias_left(%x: tensor<?x?x16xf32>) -> tensor<?x?x48xf32> {
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x?x16xf32>, tensor<16x48xf32>
  %1 = transformer.binary add %b, %0 : tensor<48xf32>, tensor<?x?x48xf32>
  return %1 : tensor<?x?x48xf32>
}

// With leading ones, which go.
// CHECK-LABEL: func.func @bias_leading_ones(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<1x1x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V0]][] : tensor<1x1x48xf32> to tensor<48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V2]] : tensor<48xf32> : tensor<?x?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x?x48xf32>
// CHECK-NEXT: }
func.func @bias_leading_ones(%x: tensor<?x?x16xf32>) -> tensor<?x?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<1x1x48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x?x48xf32>, tensor<1x1x48xf32>
  return %1 : tensor<?x?x48xf32>
}

// A bias that is reshaped from a constant.
// CHECK-LABEL: func.func @bias_reshaped(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<6x8xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.reshape %[[V0]][] : tensor<6x8xf32> to tensor<48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V2]] : tensor<48xf32> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @bias_reshaped(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<6x8xf32>
  %1 = transformer.reshape %b[] : tensor<6x8xf32> to tensor<48xf32>
  %2 = transformer.binary add %0, %1 : tensor<?x48xf32>, tensor<48xf32>
  return %2 : tensor<?x48xf32>
}

// Weight and bias stored in f16 and widened: the product reads the weight as it is stored.
// CHECK-LABEL: func.func @bias_cast(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf16>
// CHECK-NEXT: %[[V3:.+]] = transformer.cast %[[V0]] : tensor<48xf16> to tensor<48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V3]] : tensor<48xf32> : tensor<?x16xf32>, tensor<16x48xf16>
// CHECK-NEXT: return %[[V4]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @bias_cast(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf16>
  %0 = transformer.cast %w : tensor<16x48xf16> to tensor<16x48xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf16>
  %2 = transformer.cast %b : tensor<48xf16> to tensor<48xf32>
  %3 = transformer.binary add %1, %2 : tensor<?x48xf32>, tensor<48xf32>
  return %3 : tensor<?x48xf32>
}

// A weight transposed by an op of its own.
// CHECK-LABEL: func.func @weight_transposed_op(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<48x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.transpose %[[V0]] <{perm = array<i64: 1, 0>}> : tensor<48x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @weight_transposed_op(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<48x16xf32>
  %0 = transformer.transpose %w <{perm = array<i64: 1, 0>}> : tensor<48x16xf32>
  %1 = transformer.matmul %x, %0 : tensor<?x16xf32>, tensor<16x48xf32>
  return %1 : tensor<?x48xf32>
}

// By the product's flag (Gemm with transB).
// CHECK-LABEL: func.func @weight_transposed_flag(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<48x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.transpose %[[V1]] <{perm = array<i64: 1, 0>}> : tensor<48x16xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.linear %[[A0]], %[[V2]] bias %[[V0]] : tensor<48xf32> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V3]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @weight_transposed_flag(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<48x16xf32>
  %0 = transformer.matmul %x, %w <{transpose_b}> : tensor<?x16xf32>, tensor<48x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  return %1 : tensor<?x48xf32>
}

// A vector as a matrix of one row.
// CHECK-LABEL: func.func @matrix_of_few(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<1x16xf32>) -> tensor<1x1xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x1xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] : tensor<1x16xf32>, tensor<16x1xf32>
// CHECK-NEXT: return %[[V1]] : tensor<1x1xf32>
// CHECK-NEXT: }
func.func @matrix_of_few(%x: tensor<1x16xf32>) -> tensor<1x1xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x1xf32>
  %0 = transformer.matmul %x, %w : tensor<1x16xf32>, tensor<16x1xf32>
  return %0 : tensor<1x1xf32>
}

// relu after the bias.
// CHECK-LABEL: func.func @then_relu(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_relu(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary relu %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// gelu after the bias.
// CHECK-LABEL: func.func @then_gelu(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_gelu(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary gelu %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// gelu_tanh after the bias.
// CHECK-LABEL: func.func @then_gelu_tanh(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind gelu_tanh>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_gelu_tanh(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary gelu_tanh %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// quick_gelu after the bias.
// CHECK-LABEL: func.func @then_quick_gelu(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind quick_gelu>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_quick_gelu(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary quick_gelu %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// silu after the bias.
// CHECK-LABEL: func.func @then_silu(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind silu>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_silu(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary silu %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// relu_squared after the bias.
// CHECK-LABEL: func.func @then_relu_squared(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind relu_squared>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_relu_squared(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary relu_squared %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// tanh after the bias.
// CHECK-LABEL: func.func @then_tanh(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind tanh>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_tanh(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary tanh %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// sigmoid after the bias.
// CHECK-LABEL: func.func @then_sigmoid(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf32> <{activation = #transformer<unary_kind sigmoid>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @then_sigmoid(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %b = transformer.constant dense_resource<b> : tensor<48xf32>
  %1 = transformer.binary add %0, %b : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary sigmoid %1 : tensor<?x48xf32>
  return %2 : tensor<?x48xf32>
}

// An activation right after the product.
// CHECK-LABEL: func.func @activation_without_bias(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x48xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x48xf32>
// CHECK-NEXT: }
func.func @activation_without_bias(%x: tensor<?x16xf32>) -> tensor<?x48xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x48xf32>
  %1 = transformer.unary relu %0 : tensor<?x48xf32>
  return %1 : tensor<?x48xf32>
}

// A residual on the right.
// CHECK-LABEL: func.func @residual_right(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>, %[[A1:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] residual %[[A1]] : tensor<?x?x16xf32> : tensor<?x?x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @residual_right(%x: tensor<?x?x16xf32>, %r: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.matmul %x, %w : tensor<?x?x16xf32>, tensor<16x16xf32>
  %1 = transformer.binary add %0, %r : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  return %1 : tensor<?x?x16xf32>
}

// On the left, after a bias.
// CHECK-LABEL: func.func @residual_left(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x?x16xf32>, %[[A1:[^:]+]]: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<16xf32> residual %[[A1]] : tensor<?x?x16xf32> : tensor<?x?x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x?x16xf32>
// CHECK-NEXT: }
func.func @residual_left(%x: tensor<?x?x16xf32>, %r: tensor<?x?x16xf32>) -> tensor<?x?x16xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.matmul %x, %w : tensor<?x?x16xf32>, tensor<16x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<16xf32>
  %1 = transformer.binary add %0, %b : tensor<?x?x16xf32>, tensor<16xf32>
  %2 = transformer.binary add %r, %1 : tensor<?x?x16xf32>, tensor<?x?x16xf32>
  return %2 : tensor<?x?x16xf32>
}

// The activation first, then the residual.
// CHECK-LABEL: func.func @residual_after_activation(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>, %[[A1:[^:]+]]: tensor<?x16xf32>) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<w> : tensor<16x16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.linear %[[A0]], %[[V0]] residual %[[A1]] : tensor<?x16xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: return %[[V1]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @residual_after_activation(%x: tensor<?x16xf32>, %r: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x16xf32>
  %1 = transformer.unary gelu %0 : tensor<?x16xf32>
  %2 = transformer.binary add %1, %r : tensor<?x16xf32>, tensor<?x16xf32>
  return %2 : tensor<?x16xf32>
}

// The input itself.
// CHECK-LABEL: func.func @residual_is_input(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<16xf32> residual %[[A0]] : tensor<?x16xf32> : tensor<?x16xf32>, tensor<16x16xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @residual_is_input(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %w = transformer.constant dense_resource<w> : tensor<16x16xf32>
  %0 = transformer.matmul %x, %w : tensor<?x16xf32>, tensor<16x16xf32>
  %b = transformer.constant dense_resource<b> : tensor<16xf32>
  %1 = transformer.binary add %0, %b : tensor<?x16xf32>, tensor<16xf32>
  %2 = transformer.binary add %x, %1 : tensor<?x16xf32>, tensor<?x16xf32>
  return %2 : tensor<?x16xf32>
}

// Two layers and the residual around them.
// CHECK-LABEL: func.func @mlp(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf32>) -> tensor<?x16xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<down_bias> : tensor<16xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<down> : tensor<48x16xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.constant dense_resource<up_bias> : tensor<48xf32>
// CHECK-NEXT: %[[V3:.+]] = transformer.constant dense_resource<up> : tensor<16x48xf32>
// CHECK-NEXT: %[[V4:.+]] = transformer.linear %[[A0]], %[[V3]] bias %[[V2]] : tensor<48xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x16xf32>, tensor<16x48xf32>
// CHECK-NEXT: %[[V5:.+]] = transformer.linear %[[V4]], %[[V1]] bias %[[V0]] : tensor<16xf32> residual %[[A0]] : tensor<?x16xf32> : tensor<?x48xf32>, tensor<48x16xf32>
// CHECK-NEXT: return %[[V5]] : tensor<?x16xf32>
// CHECK-NEXT: }
func.func @mlp(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %up = transformer.constant dense_resource<up> : tensor<16x48xf32>
  %0 = transformer.matmul %x, %up : tensor<?x16xf32>, tensor<16x48xf32>
  %up_bias = transformer.constant dense_resource<up_bias> : tensor<48xf32>
  %1 = transformer.binary add %0, %up_bias : tensor<?x48xf32>, tensor<48xf32>
  %2 = transformer.unary gelu %1 : tensor<?x48xf32>
  %down = transformer.constant dense_resource<down> : tensor<48x16xf32>
  %3 = transformer.matmul %2, %down : tensor<?x48xf32>, tensor<48x16xf32>
  %down_bias = transformer.constant dense_resource<down_bias> : tensor<16xf32>
  %4 = transformer.binary add %3, %down_bias : tensor<?x16xf32>, tensor<16xf32>
  %5 = transformer.binary add %4, %x : tensor<?x16xf32>, tensor<?x16xf32>
  return %5 : tensor<?x16xf32>
}

// f16.
// CHECK-LABEL: func.func @half(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x16xf16>) -> tensor<?x48xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.constant dense_resource<b> : tensor<48xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.constant dense_resource<w> : tensor<16x48xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.linear %[[A0]], %[[V1]] bias %[[V0]] : tensor<48xf16> <{activation = #transformer<unary_kind silu>}> : tensor<?x16xf16>, tensor<16x48xf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x48xf16>
// CHECK-NEXT: }
func.func @half(%x: tensor<?x16xf16>) -> tensor<?x48xf16> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf16>
  %0 = transformer.matmul %x, %w : tensor<?x16xf16>, tensor<16x48xf16>
  %b = transformer.constant dense_resource<b> : tensor<48xf16>
  %1 = transformer.binary add %0, %b : tensor<?x48xf16>, tensor<48xf16>
  %2 = transformer.unary silu %1 : tensor<?x48xf16>
  return %2 : tensor<?x48xf16>
}

// A weight stored in bf16 as [N, K], widened before or after it is transposed.
// CHECK-LABEL: func.func @stored_transposed(
// CHECK-DAG:   %[[W:.+]] = transformer.constant dense_resource<w> : tensor<48x16xbf16>
// CHECK-DAG:   %[[T:.+]] = transformer.transpose %[[W]] <{perm = array<i64: 1, 0>}> : tensor<48x16xbf16>
// CHECK:       transformer.linear %{{.+}}, %[[T]] : tensor<?x16xf32>, tensor<16x48xbf16>
// CHECK:       transformer.linear %{{.+}}, %{{.+}} : tensor<?x16xf32>, tensor<16x48xbf16>
// CHECK-NOT:   transformer.cast
// CHECK:       return
func.func @stored_transposed(%x: tensor<?x16xf32>, %y: tensor<?x16xf32>) -> (tensor<?x48xf32>, tensor<?x48xf32>) {
  %w = transformer.constant dense_resource<w> : tensor<48x16xbf16>
  %0 = transformer.cast %w : tensor<48x16xbf16> to tensor<48x16xf32>
  %1 = transformer.transpose %0 <{perm = array<i64: 1, 0>}> : tensor<48x16xf32>
  %2 = transformer.matmul %x, %1 : tensor<?x16xf32>, tensor<16x48xf32>
  %3 = transformer.matmul %y, %0 <{transpose_b}> : tensor<?x16xf32>, tensor<48x16xf32>
  return %2, %3 : tensor<?x48xf32>, tensor<?x48xf32>
}

// An f64 product computes with more than a narrow weight holds: the cast stays.
// CHECK-LABEL: func.func @stored_under_f64(
// CHECK:       transformer.cast %{{.+}} : tensor<16x48xf32> to tensor<16x48xf64>
// CHECK:       transformer.linear %{{.+}}, %{{.+}} : tensor<?x16xf64>, tensor<16x48xf64>
func.func @stored_under_f64(%x: tensor<?x16xf64>) -> tensor<?x48xf64> {
  %w = transformer.constant dense_resource<w> : tensor<16x48xf32>
  %0 = transformer.cast %w : tensor<16x48xf32> to tensor<16x48xf64>
  %1 = transformer.matmul %x, %0 : tensor<?x16xf64>, tensor<16x48xf64>
  return %1 : tensor<?x48xf64>
}
