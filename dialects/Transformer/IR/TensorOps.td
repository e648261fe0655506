//===- TensorOps.td - tensor layer: what an ONNX graph says ---------------===//
#ifndef TRANSFORMER_TENSOR_OPS
#define TRANSFORMER_TENSOR_OPS

include "Transformer/IR/TransformerAttrs.td"

def ConstantOp : Transformer_Op<"constant", [Pure, ConstantLike, AllTypesMatch<["value", "result"]>]> {
  let summary = "a tensor known at compile time";
  let description = [{
    Small tensors are held in the attribute; weights are `dense_resource`
    references into mapped memory and print elided.
    ```mlir
    %0 = transformer.constant dense<1.0> : tensor<4xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs AnyT:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

//===-- Elementwise -------------------------------------------------------===//

def UnaryOp : Transformer_InferOp<"unary"> {
  let summary = "an elementwise function of one tensor";
  let description = [{
    `gelu` is x/2 (1 + erf(x/√2)) (Hendrycks and Gimpel, 2016), `gelu_tanh` its
    tanh form, `quick_gelu` x·sigmoid(1.702x), `silu` x·sigmoid(x); `round` is
    half to even; `isnan`, `isinf` give i1; `not` is logical on i1, bitwise on
    ints.
    ```mlir
    %1 = transformer.unary exp %0 : tensor<?x4xf32>
    ```
  }];
  let arguments = (ins UnaryKindAttr:$kind, AnyT:$input);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $input prop-dict attr-dict `:` type($input)";
  let hasFolder = 1;
}

def BinaryOp : Transformer_InferOp<"binary"> {
  let summary = "an elementwise function of two tensors, numpy broadcasting";
  let description = [{
    Element types are equal. Integer `div` truncates; `mod` has the sign of the
    divisor, `fmod` of the dividend; `and`, `or`, `xor` are logical on i1 and
    bitwise on ints. `pow` takes an exponent of any numeric type.
    ```mlir
    %2 = transformer.binary add %0, %1 : tensor<?x4xf32>, tensor<4xf32>
    ```
  }];
  let arguments = (ins BinaryKindAttr:$kind, AnyT:$lhs, AnyT:$rhs);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $lhs `,` $rhs prop-dict attr-dict `:` type($lhs) `,` type($rhs)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def CompareOp : Transformer_InferOp<"compare"> {
  let summary = "elementwise comparison to i1, numpy broadcasting";
  let description = [{
    ```mlir
    %2 = transformer.compare le %0, %1 : tensor<?x4xi64>, tensor<4xi64>
    ```
  }];
  let arguments = (ins CompareKindAttr:$kind, AnyT:$lhs, AnyT:$rhs);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $lhs `,` $rhs prop-dict attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}

def SelectOp : Transformer_InferOp<"select"> {
  let summary = "elementwise choice, numpy broadcasting of all three";
  let description = [{
    ```mlir
    %3 = transformer.select %c, %a, %b : tensor<?x4xi1>, tensor<f32>, tensor<?x4xf32>
    ```
  }];
  let arguments = (ins AnyT:$condition, AnyT:$on_true, AnyT:$on_false);
  let results = (outs AnyT:$result);
  let assemblyFormat = [{
    $condition `,` $on_true `,` $on_false prop-dict attr-dict `:`
    type($condition) `,` type($on_true) `,` type($on_false)
  }];
  let hasFolder = 1;
  let hasVerifier = 1;
}

def CastOp : Transformer_Op<"cast", [Pure]> {
  let summary = "elementwise conversion with ONNX Cast's meaning";
  let description = [{
    Float to int truncates; to i1 is `x != 0`; to a narrower float rounds to
    nearest even; to f8 and f4 saturates, NaN of f4 being 0; to f8E8M0FNU rounds
    away from zero to a power of two, of which there is no sign.
    ```mlir
    %1 = transformer.cast %0 : tensor<?xi64> to tensor<?xf32>
    ```
  }];
  let arguments = (ins AnyT:$input);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input) `to` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def BitcastOp : Transformer_Op<"bitcast", [Pure, SameOperandsAndResultShape]> {
  let summary = "the same bits as another element type of the same width (ONNX BitCast)";
  let description = [{
    ```mlir
    %1 = transformer.bitcast %0 : tensor<?xf32> to tensor<?xi32>
    ```
  }];
  let arguments = (ins AnyT:$input);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
}

//===-- Products ----------------------------------------------------------===//

def MatMulOp : Transformer_InferOp<"matmul"> {
  let summary = "batched matrix product, numpy broadcasting of batch dims";
  let description = [{
    [..., M, K] x [..., K, N] -> [..., M, N]; rank at least 2 (the importer
    expands vectors). `transpose_a`, `transpose_b` swap the last two dims of an
    operand. f16 and bf16 accumulate in f32.
    ```mlir
    %2 = transformer.matmul %0, %1 <{transpose_b}> : tensor<?x8x16xf32>, tensor<4x16xf32>
    ```
  }];
  let arguments = (ins AnyT:$lhs, AnyT:$rhs, UnitAttr:$transpose_a, UnitAttr:$transpose_b);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$lhs `,` $rhs prop-dict attr-dict `:` type($lhs) `,` type($rhs)";
  let hasVerifier = 1;
}

def MatMulIntegerOp : Transformer_InferOp<"matmul_integer", [AttrSizedOperandSegments]> {
  let summary = "8-bit matrix product to i32 (ONNX MatMulInteger)";
  let description = [{
    (lhs - lhs_zero) x (rhs - rhs_zero) in i32. Zero points are scalars, or
    vectors per row of lhs and per column of rhs.
    ```mlir
    %2 = transformer.matmul_integer %0, %1 zero %za, none : tensor<?x16xui8>, tensor<16x4xi8>, tensor<ui8>
    ```
  }];
  let arguments = (ins AnyT:$lhs, AnyT:$rhs, Optional<AnyT>:$lhs_zero, Optional<AnyT>:$rhs_zero);
  let results = (outs AnyT:$result);
  let assemblyFormat = [{
    $lhs `,` $rhs (`lhs_zero` $lhs_zero^ `:` type($lhs_zero))?
    (`rhs_zero` $rhs_zero^ `:` type($rhs_zero))? prop-dict attr-dict `:` type($lhs) `,` type($rhs)
  }];
  let hasVerifier = 1;
}

def ConvOp : Transformer_InferOp<"conv"> {
  let summary = "convolution over 1 to 3 spatial dims (ONNX Conv)";
  let description = [{
    input [N, C, D...], weight [M, C/group, K...], bias [M]. `pads` holds all
    begins, then all ends.
    ```mlir
    %2 = transformer.conv %x, %w <{dilations = array<i64: 1>, group = 1, pads = array<i64: 1, 1>, strides = array<i64: 1>}> : tensor<?x4x9xf32>, tensor<8x4x3xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, AnyT:$weight, Optional<AnyT>:$bias,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations, I64Attr:$group);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input `,` $weight (`bias` $bias^ `:` type($bias))? prop-dict attr-dict `:` type($input) `,` type($weight)";
  let hasVerifier = 1;
}

def PoolOp : Transformer_InferOp<"pool"> {
  let summary = "max, mean or sum pooling over spatial dims";
  let description = [{
    `kind` is max, mean or sum. With `count_pad`, padding counts in the mean's
    divisor. `ceil_mode` rounds the output size up.
    ```mlir
    %1 = transformer.pool max %x <{kernel = array<i64: 2>, strides = array<i64: 2>, pads = array<i64: 0, 0>, dilations = array<i64: 1>}> : tensor<?x4x8xf32>
    ```
  }];
  let arguments = (ins ReduceKindAttr:$kind, AnyT:$input, DenseI64ArrayAttr:$kernel,
    DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$pads, DenseI64ArrayAttr:$dilations,
    UnitAttr:$count_pad, UnitAttr:$ceil_mode);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $input prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

//===-- Reductions --------------------------------------------------------===//

def ReduceOp : Transformer_InferOp<"reduce"> {
  let summary = "reduction over static axes";
  let description = [{
    Axes are non-negative, ascending; `keepdims` keeps them with size 1. The
    reduction of nothing is the kind's neutral element.
    ```mlir
    %1 = transformer.reduce mean %0 <{axes = array<i64: 2>, keepdims}> : tensor<?x?x8xf32>
    ```
  }];
  let arguments = (ins ReduceKindAttr:$kind, AnyT:$input, DenseI64ArrayAttr:$axes, UnitAttr:$keepdims);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $input prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def ArgReduceOp : Transformer_InferOp<"arg_reduce"> {
  let summary = "index (i64) of the largest or smallest element along an axis";
  let description = [{
    `kind` is max or min; the first such index, or the last with `select_last`.
    ```mlir
    %1 = transformer.arg_reduce max %0 <{axis = 1 : i64}> : tensor<?x8xf32>
    ```
  }];
  let arguments = (ins ReduceKindAttr:$kind, AnyT:$input, I64Attr:$axis, UnitAttr:$keepdims, UnitAttr:$select_last);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $input prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def SoftmaxOp : Transformer_InferOp<"softmax"> {
  let summary = "softmax along one axis (opset 13 meaning)";
  let description = [{
    With `log`, its logarithm.
    ```mlir
    %1 = transformer.softmax %0 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
    ```
  }];
  let arguments = (ins FloatT:$input, I64Attr:$axis, UnitAttr:$log);
  let results = (outs FloatT:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def CumSumOp : Transformer_InferOp<"cumsum"> {
  let summary = "prefix sums along one axis";
  let description = [{
    With `product`, prefix products.
    ```mlir
    %1 = transformer.cumsum %0 <{axis = 1 : i64}> : tensor<?x?xi64>
    ```
  }];
  let arguments = (ins AnyT:$input, I64Attr:$axis, UnitAttr:$exclusive, UnitAttr:$reverse, UnitAttr:$product);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def TopKOp : Transformer_Op<"topk", [Pure]> {
  let summary = "the k largest or smallest elements along an axis, sorted";
  let description = [{
    Ties: the smaller index first. `dims` holds k where it is dynamic, after
    the dims of the other axes that are dynamic.
    ```mlir
    %v, %i = transformer.topk %0 [] <{axis = 1 : i64, largest = true}> : tensor<?x8xf32> to tensor<?x2xf32>, tensor<?x2xi64>
    ```
  }];
  let arguments = (ins AnyT:$input, Optional<Index>:$k, I64Attr:$axis, BoolAttr:$largest);
  let results = (outs AnyT:$values, AnyT:$indices);
  let assemblyFormat = "$input (`k` $k^)? prop-dict attr-dict `:` type($input) `to` type($values) `,` type($indices)";
  let hasVerifier = 1;
}

//===-- Shape and data movement -------------------------------------------===//

class Transformer_SizedOp<string mnemonic, list<Trait> traits = []>
    : Transformer_Op<mnemonic, traits # [Pure]> {
  // dims: one index per `?` of the result type.
  let results = (outs AnyT:$result);
  let hasVerifier = 1;
}

def ReshapeOp : Transformer_SizedOp<"reshape"> {
  let summary = "the same elements in row-major order under other dims";
  let description = [{
    ```mlir
    %1 = transformer.reshape %0 [%b, %s] : tensor<?x?x48xf32> to tensor<?x?x4x12xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, IndexList:$dims);
  let assemblyFormat = "$input `[` $dims `]` prop-dict attr-dict `:` type($input) `to` type($result)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def BroadcastToOp : Transformer_SizedOp<"broadcast_to"> {
  let summary = "numpy broadcast to given dims";
  let description = [{
    ```mlir
    %1 = transformer.broadcast_to %0 [%s] : tensor<1x4xf32> to tensor<?x4xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, IndexList:$dims);
  let assemblyFormat = "$input `[` $dims `]` prop-dict attr-dict `:` type($input) `to` type($result)";
  let hasFolder = 1;
}

def TileOp : Transformer_SizedOp<"tile"> {
  let summary = "whole repetitions along every dim (ONNX Tile)";
  let description = [{
    Result dims are multiples of the input's: element i is input[i mod dim].
    ```mlir
    %1 = transformer.tile %0 [] : tensor<2x4xf32> to tensor<6x4xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, IndexList:$dims);
  let assemblyFormat = "$input `[` $dims `]` prop-dict attr-dict `:` type($input) `to` type($result)";
}

def TransposeOp : Transformer_InferOp<"transpose"> {
  let summary = "permuted dims: result dim i is input dim perm[i]";
  let description = [{
    ```mlir
    %1 = transformer.transpose %0 <{perm = array<i64: 0, 2, 1, 3>}> : tensor<?x?x4x12xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, DenseI64ArrayAttr:$perm);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input)";
  let hasFolder = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def SliceOp : Transformer_SizedOp<"slice", [AttrSizedOperandSegments]> {
  let summary = "a strided box: result[i] = input[start + i * step]";
  let description = [{
    Starts are in range already (no negative wrap, no clamping: the importer
    has done ONNX's). Static starts stand in `static_starts`, dynamic ones
    (marked by INT64_MIN there) in `starts`. Steps are static, non-zero, maybe
    negative. Result sizes are the result's dims.
    ```mlir
    %1 = transformer.slice %0 [%o] [%n] <{static_starts = array<i64: 0, -9223372036854775808>, steps = array<i64: 1, 1>}> : tensor<4x?xf32> to tensor<4x?xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, IndexList:$starts, IndexList:$dims,
    DenseI64ArrayAttr:$static_starts, DenseI64ArrayAttr:$steps);
  let assemblyFormat = "$input `[` $starts `]` `[` $dims `]` prop-dict attr-dict `:` type($input) `to` type($result)";
  let hasFolder = 1;
}

def ConcatOp : Transformer_InferOp<"concat"> {
  let summary = "joins tensors along an axis";
  let description = [{
    ```mlir
    %2 = transformer.concat %0, %1 <{axis = 2 : i64}> : tensor<?x4x?x12xf32>, tensor<?x4x?x12xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyT>:$inputs, I64Attr:$axis);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$inputs prop-dict attr-dict `:` type($inputs)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def PadOp : Transformer_SizedOp<"pad", [AttrSizedOperandSegments]> {
  let summary = "grows or crops each dim at both ends";
  let description = [{
    `low` counts elements before the first (negative crops), static or, where
    INT64_MIN, from `lows`; result dims say the rest. `value` (a scalar tensor,
    zero when absent) fills in mode constant.
    ```mlir
    %1 = transformer.pad constant %0 [] [] <{static_low = array<i64: 0, 1>}> : tensor<4x4xf32> to tensor<4x5xf32>
    ```
  }];
  let arguments = (ins PadModeAttr:$mode, AnyT:$input, Optional<AnyT>:$value, IndexList:$lows,
    IndexList:$dims, DenseI64ArrayAttr:$static_low);
  let assemblyFormat = [{
    $mode $input (`value` $value^ `:` type($value))? `[` $lows `]` `[` $dims `]` prop-dict attr-dict `:`
    type($input) `to` type($result)
  }];
}

def GatherOp : Transformer_InferOp<"gather"> {
  let summary = "rows by index (ONNX Gather)";
  let description = [{
    Negative indices count from the end; others out of range fail the run with
    the node's name.
    ```mlir
    %2 = transformer.gather %table, %ids <{axis = 0 : i64}> : tensor<128x48xf32>, tensor<?x?xi64>
    ```
  }];
  let arguments = (ins AnyT:$input, AnyT:$indices, I64Attr:$axis);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input `,` $indices prop-dict attr-dict `:` type($input) `,` type($indices)";
  let hasVerifier = 1;
  let hasCanonicalizer = 1;
}

def GatherElementsOp : Transformer_InferOp<"gather_elements"> {
  let summary = "one index per element along an axis (ONNX GatherElements)";
  let description = [{
    ```mlir
    %2 = transformer.gather_elements %0, %i <{axis = 1 : i64}> : tensor<4x8xf32>, tensor<4x2xi64>
    ```
  }];
  let arguments = (ins AnyT:$input, AnyT:$indices, I64Attr:$axis);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input `,` $indices prop-dict attr-dict `:` type($input) `,` type($indices)";
  let hasVerifier = 1;
}

def GatherNDOp : Transformer_InferOp<"gather_nd"> {
  let summary = "slices by index tuples (ONNX GatherND)";
  let description = [{
    ```mlir
    %2 = transformer.gather_nd %0, %i <{batch_dims = 0 : i64}> : tensor<4x8xf32>, tensor<?x2xi64>
    ```
  }];
  let arguments = (ins AnyT:$input, AnyT:$indices, I64Attr:$batch_dims);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input `,` $indices prop-dict attr-dict `:` type($input) `,` type($indices)";
  let hasVerifier = 1;
}

def ScatterElementsOp : Transformer_InferOp<"scatter_elements"> {
  let summary = "a copy with elements replaced or combined (ONNX ScatterElements)";
  let description = [{
    ```mlir
    %3 = transformer.scatter_elements add %0, %i, %u <{axis = 1 : i64}> : tensor<4x8xf32>, tensor<4x2xi64>, tensor<4x2xf32>
    ```
  }];
  let arguments = (ins ScatterKindAttr:$kind, AnyT:$input, AnyT:$indices, AnyT:$updates, I64Attr:$axis);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $input `,` $indices `,` $updates prop-dict attr-dict `:` type($input) `,` type($indices) `,` type($updates)";
  let hasVerifier = 1;
}

def ScatterNDOp : Transformer_InferOp<"scatter_nd"> {
  let summary = "a copy with slices replaced or combined (ONNX ScatterND)";
  let description = [{
    ```mlir
    %3 = transformer.scatter_nd set %0, %i, %u : tensor<4x8xf32>, tensor<?x1xi64>, tensor<?x8xf32>
    ```
  }];
  let arguments = (ins ScatterKindAttr:$kind, AnyT:$input, AnyT:$indices, AnyT:$updates);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$kind $input `,` $indices `,` $updates prop-dict attr-dict `:` type($input) `,` type($indices) `,` type($updates)";
  let hasVerifier = 1;
}

def TriluOp : Transformer_InferOp<"trilu"> {
  let summary = "upper or lower triangle of the last two dims, zero elsewhere";
  let description = [{
    Lower keeps column <= row + k, `upper` keeps column >= row + k.
    ```mlir
    %1 = transformer.trilu %0 k %k <{upper}> : tensor<?x?xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, Optional<Index>:$k, UnitAttr:$upper);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input (`k` $k^)? prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def RangeOp : Transformer_SizedOp<"range"> {
  let summary = "start + i * delta";
  let description = [{
    `start` and `delta` are scalar tensors of the result's element type.
    ```mlir
    %2 = transformer.range %start, %delta [%n] : tensor<i64> to tensor<?xi64>
    ```
  }];
  let arguments = (ins AnyT:$start, AnyT:$delta, IndexList:$dims);
  let assemblyFormat = "$start `,` $delta `[` $dims `]` prop-dict attr-dict `:` type($start) `,` type($delta) `to` type($result)";
}

def NonZeroOp : Transformer_InferOp<"nonzero"> {
  let summary = "coordinates of the non-zero elements, [rank, count] of i64";
  let description = [{
    The count is known only when the op has run.
    ```mlir
    %1 = transformer.nonzero %0 : tensor<?x4xi1>
    ```
  }];
  let arguments = (ins AnyT:$input);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input)";
}

def ResizeOp : Transformer_SizedOp<"resize"> {
  let summary = "interpolation along trailing dims (ONNX Resize)";
  let description = [{
    `mode`: nearest, linear or cubic; `coordinates`: ONNX's
    coordinate_transformation_mode; `scales` per dim as given, 0 for the ratio
    of the sizes. `roi` (all starts, then all ends, in mode tf_crop_and_resize)
    and `extrapolation`, `exclude_outside` are ONNX's.
    ```mlir
    %1 = transformer.resize %0 [] <{mode = "linear", coordinates = "half_pixel", nearest_mode = "floor", scales = array<f32: 1.0, 1.0, 2.0, 2.0>, cubic_coefficient = -0.75 : f32}> : tensor<1x3x4x4xf32> to tensor<1x3x8x8xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, IndexList:$dims, StrAttr:$mode, StrAttr:$coordinates,
    StrAttr:$nearest_mode, DenseF32ArrayAttr:$scales, F32Attr:$cubic_coefficient,
    UnitAttr:$exclude_outside, OptionalAttr<DenseF32ArrayAttr>:$roi,
    DefaultValuedOptionalAttr<F32Attr, "0.0f">:$extrapolation);
  let assemblyFormat = "$input `[` $dims `]` prop-dict attr-dict `:` type($input) `to` type($result)";
}

//===-- Quantisation ------------------------------------------------------===//

def QuantizeOp : Transformer_Op<"quantize", [Pure]> {
  let summary = "saturate(round(x / scale) + zero) (ONNX QuantizeLinear)";
  let description = [{
    Per tensor (scalar scale), per `axis`, or per block of `block_size` along
    `axis`.
    ```mlir
    %3 = transformer.quantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x4xf32>, tensor<f32> to tensor<?x4xui8>
    ```
  }];
  let arguments = (ins AnyT:$input, AnyT:$scale, Optional<AnyT>:$zero, I64Attr:$axis, I64Attr:$block_size);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input `,` $scale (`zero` $zero^ `:` type($zero))? prop-dict attr-dict `:` type($input) `,` type($scale) `to` type($result)";
  let hasVerifier = 1;
}

def DequantizeOp : Transformer_Op<"dequantize", [Pure]> {
  let summary = "(x - zero) * scale (ONNX DequantizeLinear)";
  let description = [{
    ```mlir
    %3 = transformer.dequantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x4xui8>, tensor<f32> to tensor<?x4xf32>
    ```
  }];
  let arguments = (ins AnyT:$input, AnyT:$scale, Optional<AnyT>:$zero, I64Attr:$axis, I64Attr:$block_size);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$input `,` $scale (`zero` $zero^ `:` type($zero))? prop-dict attr-dict `:` type($input) `,` type($scale) `to` type($result)";
  let hasVerifier = 1;
}

//===-- Between tensors and sizes -----------------------------------------===//

def FromIndexOp : Transformer_Op<"from_index", [Pure]> {
  let summary = "a small integer tensor made of sizes";
  let description = [{
    Row-major elements; one `index` per element.
    ```mlir
    %1 = transformer.from_index %b, %s : tensor<2xi64>
    ```
  }];
  let arguments = (ins IndexList:$elements);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$elements prop-dict attr-dict `:` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def ToIndexOp : Transformer_Op<"to_index", [Pure]> {
  let summary = "one element of an integer tensor as a size";
  let description = [{
    `position` is the row-major position. A size that depends on data: the
    host program waits for it.
    ```mlir
    %n = transformer.to_index %0 <{position = 0 : i64}> : tensor<1xi64>
    ```
  }];
  let arguments = (ins AnyT:$input, I64Attr:$position);
  let results = (outs Index:$result);
  let assemblyFormat = "$input prop-dict attr-dict `:` type($input)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def CheckSizesOp : Transformer_Op<"check_sizes"> {
  let summary = "fails the run unless two sizes are equal";
  let description = [{
    With `broadcast`, a size of 1 on either side also passes. Emitted where
    ONNX leaves to run time what broadcasting means.
    ```mlir
    transformer.check_sizes %a, %b <{broadcast}>
    ```
  }];
  let arguments = (ins Index:$lhs, Index:$rhs, UnitAttr:$broadcast);
  let assemblyFormat = "$lhs `,` $rhs prop-dict attr-dict";
}

//===-- Control flow ------------------------------------------------------===//

def YieldOp : Transformer_Op<"yield", [Pure, Terminator, ReturnLike]> {
  let summary = "ends a region of if, loop or kernel";
  let description = [{
    ```mlir
    transformer.yield %0 : tensor<?xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyType>:$operands);
  let assemblyFormat = "($operands^ `:` type($operands))? prop-dict attr-dict";
}

def IfOp : Transformer_Op<"if", [RecursiveMemoryEffects, NoRegionArguments]> {
  let summary = "one of two regions by a one-element i1 tensor (ONNX If)";
  let description = [{
    Result dims that differ between the branches are dynamic.
    ```mlir
    %0 = transformer.if %c : tensor<i1> -> tensor<?xf32> {
      transformer.yield %a : tensor<?xf32>
    } else {
      transformer.yield %b : tensor<?xf32>
    }
    ```
  }];
  let arguments = (ins AnyT:$condition);
  let results = (outs Variadic<AnyT>:$results);
  let regions = (region SizedRegion<1>:$then_region, SizedRegion<1>:$else_region);
  let hasVerifier = 1;
  let assemblyFormat = [{
    $condition prop-dict attr-dict `:` type($condition) (`->` type($results)^)? $then_region `else` $else_region
  }];
}

def LoopOp : Transformer_Op<"loop", [RecursiveMemoryEffects, AttrSizedOperandSegments]> {
  let summary = "ONNX Loop: trip count, condition, carried values, scan outputs";
  let description = [{
    The body's arguments: iteration (tensor<i64>), condition (tensor<i1>), the
    carried values; it yields the condition, the carried values, then one value
    per scan output. Results: carried values, then scan outputs with a leading
    dim of the iterations done.
    ```mlir
    %0 = transformer.loop count %n : tensor<i64> (%init) : (tensor<4xf32>) -> (tensor<4xf32>) {
    ^bb0(%i: tensor<i64>, %c: tensor<i1>, %x: tensor<4xf32>):
      transformer.yield %c, %x : tensor<i1>, tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Optional<AnyT>:$trip_count, Optional<AnyT>:$condition, Variadic<AnyT>:$inits);
  let results = (outs Variadic<AnyT>:$results);
  let regions = (region SizedRegion<1>:$body);
  let hasVerifier = 1;
  let assemblyFormat = [{
    (`count` $trip_count^ `:` type($trip_count))? (`while` $condition^ `:` type($condition))?
    `(` $inits `)` prop-dict attr-dict `:` functional-type($inits, $results) $body
  }];
}

#endif // TRANSFORMER_TENSOR_OPS
