// RUN: transom-opt --fuse-activations --canonicalize %s | FileCheck %s

// Activations of half-precision graphs.

// Written out in f16: the constants are rounded.
// CHECK-LABEL: func.func @gelu_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @gelu_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %c0 = transformer.constant dense<1.414> : tensor<f16>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xf16>, tensor<f16>
  %1 = transformer.unary erf %0 : tensor<?x4xf16>
  %c1 = transformer.constant dense<1.0> : tensor<f16>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xf16>, tensor<f16>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf16>, tensor<?x4xf16>
  %c2 = transformer.constant dense<0.5> : tensor<f16>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xf16>, tensor<f16>
  return %4 : tensor<?x4xf16>
}

// The tanh form in f16.
// CHECK-LABEL: func.func @gelu_tanh_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @gelu_tanh_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %c0 = transformer.constant dense<3.0> : tensor<f16>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xf16>, tensor<f16>
  %c1 = transformer.constant dense<0.044715> : tensor<f16>
  %1 = transformer.binary mul %0, %c1 : tensor<?x4xf16>, tensor<f16>
  %2 = transformer.binary add %x, %1 : tensor<?x4xf16>, tensor<?x4xf16>
  %c2 = transformer.constant dense<0.798> : tensor<f16>
  %3 = transformer.binary mul %2, %c2 : tensor<?x4xf16>, tensor<f16>
  %c3 = transformer.constant dense<0.5> : tensor<f16>
  %4 = transformer.binary mul %x, %c3 : tensor<?x4xf16>, tensor<f16>
  %5 = transformer.unary tanh %3 : tensor<?x4xf16>
  %c4 = transformer.constant dense<1.0> : tensor<f16>
  %6 = transformer.binary add %5, %c4 : tensor<?x4xf16>, tensor<f16>
  %7 = transformer.binary mul %4, %6 : tensor<?x4xf16>, tensor<?x4xf16>
  return %7 : tensor<?x4xf16>
}

// QuickGELU in f16.
// CHECK-LABEL: func.func @quick_gelu_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @quick_gelu_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %c0 = transformer.constant dense<1.702> : tensor<f16>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xf16>, tensor<f16>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf16>
  %2 = transformer.binary mul %x, %1 : tensor<?x4xf16>, tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// Widened to f32 for the activation.
// CHECK-LABEL: func.func @silu_between_casts_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @silu_between_casts_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.cast %2 : tensor<?x4xf32> to tensor<?x4xf16>
  return %3 : tensor<?x4xf16>
}

// An activation that is one op already, between casts.
// CHECK-LABEL: func.func @gelu_op_between_casts_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @gelu_op_between_casts_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary gelu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// Only the gate runs in f32.
// CHECK-LABEL: func.func @gate_widened_f16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @gate_widened_f16(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xf16>, tensor<?x4xf16>
  return %3 : tensor<?x4xf16>
}

// Written out in bf16: the constants are rounded.
// CHECK-LABEL: func.func @gelu_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @gelu_bf16(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %c0 = transformer.constant dense<1.414> : tensor<bf16>
  %0 = transformer.binary div %x, %c0 : tensor<?x4xbf16>, tensor<bf16>
  %1 = transformer.unary erf %0 : tensor<?x4xbf16>
  %c1 = transformer.constant dense<1.0> : tensor<bf16>
  %2 = transformer.binary add %1, %c1 : tensor<?x4xbf16>, tensor<bf16>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xbf16>, tensor<?x4xbf16>
  %c2 = transformer.constant dense<0.5> : tensor<bf16>
  %4 = transformer.binary mul %3, %c2 : tensor<?x4xbf16>, tensor<bf16>
  return %4 : tensor<?x4xbf16>
}

// The tanh form in bf16.
// CHECK-LABEL: func.func @gelu_tanh_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @gelu_tanh_bf16(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %c0 = transformer.constant dense<3.0> : tensor<bf16>
  %0 = transformer.binary pow %x, %c0 : tensor<?x4xbf16>, tensor<bf16>
  %c1 = transformer.constant dense<0.044715> : tensor<bf16>
  %1 = transformer.binary mul %0, %c1 : tensor<?x4xbf16>, tensor<bf16>
  %2 = transformer.binary add %x, %1 : tensor<?x4xbf16>, tensor<?x4xbf16>
  %c2 = transformer.constant dense<0.798> : tensor<bf16>
  %3 = transformer.binary mul %2, %c2 : tensor<?x4xbf16>, tensor<bf16>
  %c3 = transformer.constant dense<0.5> : tensor<bf16>
  %4 = transformer.binary mul %x, %c3 : tensor<?x4xbf16>, tensor<bf16>
  %5 = transformer.unary tanh %3 : tensor<?x4xbf16>
  %c4 = transformer.constant dense<1.0> : tensor<bf16>
  %6 = transformer.binary add %5, %c4 : tensor<?x4xbf16>, tensor<bf16>
  %7 = transformer.binary mul %4, %6 : tensor<?x4xbf16>, tensor<?x4xbf16>
  return %7 : tensor<?x4xbf16>
}

// QuickGELU in bf16.
// CHECK-LABEL: func.func @quick_gelu_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @quick_gelu_bf16(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %c0 = transformer.constant dense<1.702> : tensor<bf16>
  %0 = transformer.binary mul %x, %c0 : tensor<?x4xbf16>, tensor<bf16>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xbf16>
  %2 = transformer.binary mul %x, %1 : tensor<?x4xbf16>, tensor<?x4xbf16>
  return %2 : tensor<?x4xbf16>
}

// Widened to f32 for the activation.
// CHECK-LABEL: func.func @silu_between_casts_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @silu_between_casts_bf16(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %0 = transformer.cast %x : tensor<?x4xbf16> to tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.binary mul %0, %1 : tensor<?x4xf32>, tensor<?x4xf32>
  %3 = transformer.cast %2 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %3 : tensor<?x4xbf16>
}

// An activation that is one op already, between casts.
// CHECK-LABEL: func.func @gelu_op_between_casts_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @gelu_op_between_casts_bf16(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %0 = transformer.cast %x : tensor<?x4xbf16> to tensor<?x4xf32>
  %1 = transformer.unary gelu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %2 : tensor<?x4xbf16>
}

// Only the gate runs in f32.
// CHECK-LABEL: func.func @gate_widened_bf16(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xbf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @gate_widened_bf16(%x: tensor<?x4xbf16>) -> tensor<?x4xbf16> {
  %0 = transformer.cast %x : tensor<?x4xbf16> to tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xbf16>
  %3 = transformer.binary mul %x, %2 : tensor<?x4xbf16>, tensor<?x4xbf16>
  return %3 : tensor<?x4xbf16>
}

// relu in f16.
// CHECK-LABEL: func.func @relu_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @relu_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary relu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// tanh in f16.
// CHECK-LABEL: func.func @tanh_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary tanh %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @tanh_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary tanh %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// sigmoid in f16.
// CHECK-LABEL: func.func @sigmoid_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary sigmoid %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @sigmoid_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary sigmoid %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// relu_squared in f16.
// CHECK-LABEL: func.func @relu_squared_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary relu_squared %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @relu_squared_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary relu_squared %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// gelu_tanh in f16.
// CHECK-LABEL: func.func @gelu_tanh_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary gelu_tanh %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @gelu_tanh_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary gelu_tanh %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// quick_gelu in f16.
// CHECK-LABEL: func.func @quick_gelu_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary quick_gelu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @quick_gelu_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary quick_gelu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// silu in f16.
// CHECK-LABEL: func.func @silu_between_casts(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.unary silu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @silu_between_casts(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary silu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// exp is no activation: it stays in f32.
// CHECK-LABEL: func.func @exp_stays_wide(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary exp %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf32> to tensor<?x4xf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @exp_stays_wide(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary exp %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// sqrt is no activation: it stays in f32.
// CHECK-LABEL: func.func @sqrt_stays_wide(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary sqrt %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf32> to tensor<?x4xf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @sqrt_stays_wide(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary sqrt %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// erf is no activation: it stays in f32.
// CHECK-LABEL: func.func @erf_stays_wide(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary erf %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf32> to tensor<?x4xf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf16>
// CHECK-NEXT: }
func.func @erf_stays_wide(%x: tensor<?x4xf16>) -> tensor<?x4xf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary erf %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2 : tensor<?x4xf16>
}

// From f16 to bf16: the casts stay.
// CHECK-LABEL: func.func @to_another_type(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> tensor<?x4xbf16> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary gelu %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf32> to tensor<?x4xbf16>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xbf16>
// CHECK-NEXT: }
func.func @to_another_type(%x: tensor<?x4xf16>) -> tensor<?x4xbf16> {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary gelu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xbf16>
  return %2 : tensor<?x4xbf16>
}

// f32 through f16: the rounding between stays.
// CHECK-LABEL: func.func @narrower_inside(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf32>) -> tensor<?x4xf32> {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf32> to tensor<?x4xf16>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary gelu %[[V0]] : tensor<?x4xf16>
// CHECK-NEXT: %[[V2:.+]] = transformer.cast %[[V1]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: return %[[V2]] : tensor<?x4xf32>
// CHECK-NEXT: }
func.func @narrower_inside(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = transformer.cast %x : tensor<?x4xf32> to tensor<?x4xf16>
  %1 = transformer.unary gelu %0 : tensor<?x4xf16>
  %2 = transformer.cast %1 : tensor<?x4xf16> to tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// The f32 result is read as well: it is computed in both types.
// CHECK-LABEL: func.func @wide_value_read_twice(
// CHECK-SAME: %[[A0:[^:]+]]: tensor<?x4xf16>) -> (tensor<?x4xf16>, tensor<?x4xf32>) {
// CHECK-NEXT: %[[V0:.+]] = transformer.cast %[[A0]] : tensor<?x4xf16> to tensor<?x4xf32>
// CHECK-NEXT: %[[V1:.+]] = transformer.unary gelu %[[V0]] : tensor<?x4xf32>
// CHECK-NEXT: %[[V2:.+]] = transformer.unary gelu %[[A0]] : tensor<?x4xf16>
// CHECK-NEXT: return %[[V2]], %[[V1]] : tensor<?x4xf16>, tensor<?x4xf32>
// CHECK-NEXT: }
func.func @wide_value_read_twice(%x: tensor<?x4xf16>) -> (tensor<?x4xf16>, tensor<?x4xf32>) {
  %0 = transformer.cast %x : tensor<?x4xf16> to tensor<?x4xf32>
  %1 = transformer.unary gelu %0 : tensor<?x4xf32>
  %2 = transformer.cast %1 : tensor<?x4xf32> to tensor<?x4xf16>
  return %2, %1 : tensor<?x4xf16>, tensor<?x4xf32>
}
