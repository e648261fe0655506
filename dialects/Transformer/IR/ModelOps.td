//===- ModelOps.td - model layer: what the transformer means --------------===//
#ifndef TRANSFORMER_MODEL_OPS
#define TRANSFORMER_MODEL_OPS

include "Transformer/IR/TransformerAttrs.td"

def LinearOp : Transformer_InferOp<"linear", [AttrSizedOperandSegments]> {
  let summary = "x W + bias, an activation, then + residual";
  let description = [{
    x [..., M, K], weight [K, N], bias [N], residual [..., M, N]. The activation
    is a unary kind, `identity` for none; it comes after the bias and before the
    residual. Weights of f16 or bf16 under an f32 input are widened as they are read.
    ```mlir
    %1 = transformer.linear %x, %w bias %b : tensor<48xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<?x?x16xf32>, tensor<16x48xf32>
    ```
  }];
  let arguments = (ins FloatT:$input, AnyT:$weight, Optional<AnyT>:$bias, Optional<AnyT>:$residual,
    DefaultValuedAttr<UnaryKindAttr, "::transom::transformer::UnaryKind::identity">:$activation);
  let results = (outs FloatT:$result);
  let assemblyFormat = [{
    $input `,` $weight (`bias` $bias^ `:` type($bias))? (`residual` $residual^ `:` type($residual))?
    prop-dict attr-dict `:` type($input) `,` type($weight)
  }];
  let hasVerifier = 1;
}

def LinearNBitsOp : Transformer_InferOp<"linear_nbits", [AttrSizedOperandSegments]> {
  let summary = "x W^T + bias with W in blocks of 2, 4 or 8 bits";
  let description = [{
    The layout of com.microsoft MatMulNBits: weight ui8 [N, K/block, block*bits/8],
    scales [N * K/block] or [N, K/block], zeros packed ui8 or in the scales' type
    (2^(bits-1) when absent).
    ```mlir
    %1 = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x?x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>
    ```
  }];
  let arguments = (ins FloatT:$input, AnyT:$weight, AnyT:$scales, Optional<AnyT>:$zeros, Optional<AnyT>:$bias,
    I64Attr:$bits, I64Attr:$block_size, I64Attr:$k, I64Attr:$n);
  let results = (outs FloatT:$result);
  let assemblyFormat = [{
    $input `,` $weight `,` $scales (`zeros` $zeros^ `:` type($zeros))? (`bias` $bias^ `:` type($bias))?
    prop-dict attr-dict `:` type($input) `,` type($weight) `,` type($scales)
  }];
  let hasVerifier = 1;
}

def LayerNormOp : Transformer_InferOp<"layer_norm", [AttrSizedOperandSegments]> {
  let summary = "(x - mean) / sqrt(var + epsilon) * scale + bias over the last dims";
  let description = [{
    Ba et al., 2016. Normalises dims `axis`.. (non-negative) together;
    statistics in f32. scale and bias broadcast against x.
    ```mlir
    %1 = transformer.layer_norm %x scale %s : tensor<48xf32> bias %b : tensor<48xf32> <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<?x?x48xf32>
    ```
  }];
  let arguments = (ins FloatT:$input, Optional<AnyT>:$scale, Optional<AnyT>:$bias, I64Attr:$axis, F32Attr:$epsilon);
  let results = (outs FloatT:$result);
  let assemblyFormat = [{
    $input (`scale` $scale^ `:` type($scale))? (`bias` $bias^ `:` type($bias))? prop-dict attr-dict `:` type($input)
  }];
  let hasVerifier = 1;
}

def RMSNormOp : Transformer_InferOp<"rms_norm"> {
  let summary = "x / sqrt(mean(x^2) + epsilon) * scale over the last dims";
  let description = [{
    Zhang and Sennrich, 2019. Normalises dims `axis`.. (non-negative) together;
    statistics in f32.
    ```mlir
    %1 = transformer.rms_norm %x scale %s : tensor<48xf32> <{axis = 2 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x?x48xf32>
    ```
  }];
  let arguments = (ins FloatT:$input, Optional<AnyT>:$scale, I64Attr:$axis, F32Attr:$epsilon);
  let results = (outs FloatT:$result);
  let assemblyFormat = "$input (`scale` $scale^ `:` type($scale))? prop-dict attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def RopeOp : Transformer_InferOp<"rope"> {
  let summary = "rotary position embedding from cosine and sine tables";
  let description = [{
    Su et al., 2021. Rotates the first `rotary_dim` features of the last dim of
    input; the rest pass through. cos and sin broadcast against input with a
    last dim of rotary_dim/2, or rotary_dim (one factor per feature). Pairs are
    (i, i + rotary_dim/2), or (2i, 2i+1) when `interleaved`:
    y1 = x1 cos - x2 sin, y2 = x2 cos + x1 sin.
    ```mlir
    %1 = transformer.rope %q, %cos, %sin <{rotary_dim = 16 : i64}> : tensor<?x4x?x16xf32>, tensor<?x1x?x8xf32>, tensor<?x1x?x8xf32>
    ```
  }];
  let arguments = (ins FloatT:$input, FloatT:$cos, FloatT:$sin, I64Attr:$rotary_dim, UnitAttr:$interleaved);
  let results = (outs FloatT:$result);
  let assemblyFormat = "$input `,` $cos `,` $sin prop-dict attr-dict `:` type($input) `,` type($cos) `,` type($sin)";
  let hasVerifier = 1;
}

def GLUOp : Transformer_InferOp<"glu"> {
  let summary = "activation(gate) * up";
  let description = [{
    Dauphin et al., 2017; Shazeer, 2020 (silu: SwiGLU, gelu: GeGLU).
    ```mlir
    %1 = transformer.glu silu %gate, %up : tensor<?x?x96xf32>, tensor<?x?x96xf32>
    ```
  }];
  let arguments = (ins UnaryKindAttr:$activation, FloatT:$gate, FloatT:$up);
  let results = (outs FloatT:$result);
  let assemblyFormat = "$activation $gate `,` $up prop-dict attr-dict `:` type($gate) `,` type($up)";
  let hasVerifier = 1;
}

def AttentionOp : Transformer_InferOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "softmax(scale q k^T + bias) v for the whole family";
  let description = [{
    q [B, Hq, Sq, D], k [B, Hkv, Sk, D], v [B, Hkv, Sk, Dv], result
    [B, Hq, Sq, Dv]; query head h uses key/value head h / (Hq/Hkv) (Vaswani et
    al., 2017; Shazeer, 2019; Ainslie et al., 2023). B may be 1 for k and v.

    scores = softcap(scale * q k^T), with softcap(x) = c tanh(x/c); then
    + `bias` (float, broadcast to [B, Hq, Sq, Sk]); then positions are removed
    where `mask` (i1, broadcast likewise) is false, by `causal`, where the key
    index is not below `key_lengths` [B] (i64 or i32), or outside the window:
    key position p is seen from query position t (aligned as `causal` says) when
    t - window_left <= p <= t + window_right; -1 is no limit. Aligned
    bottom_right, the last query stands at the last key, with `key_lengths` at
    the last of those. `sinks` [Hq] adds
    exp(sink) to the softmax's sum. `slopes` [Hq] adds ALiBi's
    slope * key_index (Press et al., 2022). A fully removed row gives zeros.
    The softmax accumulates in f32.

    A graph that was quantised around its products rounds between them:
    `score_rounding` [step, low, high] makes q k^T (before the scale)
    step * clamp(round_half_even(x / step), low, high), and
    `probability_rounding` the softmax's results likewise. From low to high are
    256 or 65536 numbers, 0 among them.
    ```mlir
    %1 = transformer.attention %q, %k, %v bias %m : tensor<?x1x?x?xf32> <{causal = #transformer<causal_kind none>, scale = 2.5e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x2x?x16xf32>, tensor<?x2x?x16xf32>
    ```
  }];
  let arguments = (ins FloatT:$query, FloatT:$key, FloatT:$value, Optional<FloatT>:$bias,
    Optional<AnyT>:$mask, Optional<AnyT>:$key_lengths, Optional<FloatT>:$slopes, Optional<FloatT>:$sinks,
    F32Attr:$scale,
    DefaultValuedAttr<CausalKindAttr, "::transom::transformer::CausalKind::none">:$causal,
    DefaultValuedAttr<F32Attr, "0.0f">:$softcap,
    DefaultValuedAttr<I64Attr, "-1">:$window_left, DefaultValuedAttr<I64Attr, "-1">:$window_right,
    OptionalAttr<DenseF32ArrayAttr>:$score_rounding, OptionalAttr<DenseF32ArrayAttr>:$probability_rounding);
  let results = (outs FloatT:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`bias` $bias^ `:` type($bias))? (`mask` $mask^ `:` type($mask))?
    (`key_lengths` $key_lengths^ `:` type($key_lengths))? (`slopes` $slopes^ `:` type($slopes))?
    (`sinks` $sinks^ `:` type($sinks))? prop-dict attr-dict `:` type($query) `,` type($key) `,` type($value)
  }];
  let hasVerifier = 1;
}

def LinearAttentionOp : Transformer_InferOp<"linear_attention", [AttrSizedOperandSegments]> {
  let summary = "q (S + k^T v) / q (z + sum of k): attention through a state";
  let description = [{
    Katharopoulos et al., 2020; with random features Choromanski et al., 2021; as a memory of segments Munkhdalai et
    al., 2024. q [B, H, Sq, M] and k [B, H, Sk, M] are features, v is [B, H, Sk, D], `state` S [B, H, M, D] and `sums`
    z [B, H, M] what earlier keys left, zeros where absent. Gives

        result [B, H, Sq, D] = q S' / (q z' + epsilon), without the division where there is no `epsilon`
        new_state = S + k^T v
        new_sums = z + sum of k over Sk

    S' and z' are what `reads` says: `all` the new ones, `causal` for query i those after key i (Sq = Sk), `before` S
    and z. With `delta` (only `before`), v is first less what the state gives for the keys: v - k S / (k z + epsilon).
    Sums are in f32.
    ```mlir
    %r, %s, %z = transformer.linear_attention causal %q, %k, %v <{epsilon = 1.0e-06 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x12xf32>
    ```
  }];
  let arguments = (ins LinearReadsAttr:$reads, FloatT:$query, FloatT:$key, FloatT:$value, Optional<FloatT>:$state,
    Optional<FloatT>:$sums, OptionalAttr<F32Attr>:$epsilon, UnitAttr:$delta);
  let results = (outs FloatT:$result, FloatT:$new_state, FloatT:$new_sums);
  let assemblyFormat = [{
    $reads $query `,` $key `,` $value (`state` $state^ `:` type($state))? (`sums` $sums^ `:` type($sums))?
    prop-dict attr-dict `:` type($query) `,` type($key) `,` type($value)
  }];
  let hasVerifier = 1;
}

def MoEOp : Transformer_InferOp<"moe", [AttrSizedOperandSegments]> {
  let summary = "sum of what the experts that a token chose make of it: a mixture of experts";
  let description = [{
    Shazeer et al., 2017; Fedus et al., 2022; Jiang et al., 2024. Tokens x [T, H]; `experts` [T, k], of i64 or i32, are
    the numbers of those that a token chose, `weights` [T, k] what each counts. Expert e of E has first [E, H, I], second
    [E, I, O] and maybe biases of them, and gives

        y = h second[e] + second_bias[e],   h = activation(x first[e] + first_bias[e])

    result [T, O] = sum over j of weights[t, j] y of expert experts[t, j]. With a gate, h = activation(g) (u + beta):
    by `gate` apart, g is of `first` and u of `up`, a weight like it; in halves or alternating both are of `first`,
    [E, H, 2 I]. `alpha` makes the silu of a gate g sigmoid(alpha g), and `limit` first clamps g from above and u
    from both sides. Weights of f16 or bf16 under f32 tokens are widened as they are read; sums are in f32.

    Quantised weights lie as com.microsoft's QMoE has them: columns first, ui8 [E, N, K*bits/8] of 2, 4 or 8 bits for K
    rows and N columns, the lowest bits first. Each then has scales [E, N, K/block], one for so many rows of a column,
    and maybe zeros [E, N, ceil(K/block*bits/8)] packed likewise (2^(bits-1) when absent): w = scale (q - zero). Bits
    and blocks follow from the shapes.
    ```mlir
    %1 = transformer.moe %x, %ids, %share, %w1, %w2 up %w3 : tensor<8x16x32xf32> <{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
    ```
  }];
  let arguments = (ins FloatT:$tokens, AnyT:$experts, FloatT:$weights, AnyT:$first, AnyT:$second,
    Optional<AnyT>:$up, Optional<FloatT>:$first_bias, Optional<FloatT>:$up_bias, Optional<FloatT>:$second_bias,
    Optional<FloatT>:$first_scales, Optional<FloatT>:$up_scales, Optional<FloatT>:$second_scales,
    Optional<AnyT>:$first_zeros, Optional<AnyT>:$up_zeros, Optional<AnyT>:$second_zeros,
    DefaultValuedAttr<UnaryKindAttr, "::transom::transformer::UnaryKind::identity">:$activation,
    DefaultValuedAttr<ExpertGateAttr, "::transom::transformer::ExpertGate::none">:$gate,
    DefaultValuedAttr<F32Attr, "1.0f">:$alpha, DefaultValuedAttr<F32Attr, "0.0f">:$beta, OptionalAttr<F32Attr>:$limit);
  let results = (outs FloatT:$result);
  let assemblyFormat = [{
    $tokens `,` $experts `,` $weights `,` $first `,` $second (`up` $up^ `:` type($up))?
    (`first_bias` $first_bias^ `:` type($first_bias))? (`up_bias` $up_bias^ `:` type($up_bias))?
    (`second_bias` $second_bias^ `:` type($second_bias))?
    (`first_scales` $first_scales^ `:` type($first_scales))? (`up_scales` $up_scales^ `:` type($up_scales))?
    (`second_scales` $second_scales^ `:` type($second_scales))? (`first_zeros` $first_zeros^ `:` type($first_zeros))?
    (`up_zeros` $up_zeros^ `:` type($up_zeros))? (`second_zeros` $second_zeros^ `:` type($second_zeros))?
    prop-dict attr-dict
    `:` type($tokens) `,` type($experts) `,` type($weights) `,` type($first) `,` type($second)
  }];
  let extraClassDeclaration = [{
    /// One of the experts' products: what belongs to it, null what it has not, and the rows of its weight.
    struct Layer {
      ::mlir::Value weight, bias, scales, zeros;
      int64_t depth;
      /// Of a quantised weight: the bits of a number, and how many rows share a scale.
      int64_t bits() const;
      int64_t block() const;
    };
    Layer firstLayer();
    Layer upLayer();
    Layer secondLayer();
    int64_t countExperts() { return getFirst().getType().getDimSize(0); }
    bool isQuantized() { return static_cast<bool>(getFirstScales()); }
    /// Which dim of a weight counts its columns.
    int64_t columnsDim() { return isQuantized() ? 1 : 2; }
    /// Gate and what it lets through are columns of one weight.
    bool isGateJoined() { return getGate() == ExpertGate::halves || getGate() == ExpertGate::alternating; }
  }];
  let hasVerifier = 1;
}

def KVWriteOp : Transformer_InferOp<"kv_write"> {
  let summary = "a cache with rows replaced from a position on (ONNX TensorScatter)";
  let description = [{
    cache [B, ..., S, D], update [B, ..., T, D] at row positions
    start[b] + t along `axis` (wrapping modulo S when `circular`); start [B] of
    i64, zero when absent.
    ```mlir
    %1 = transformer.kv_write %cache, %new at %start : tensor<?xi64> <{axis = 2 : i64}> : tensor<?x2x32x16xf32>, tensor<?x2x?x16xf32>
    ```
  }];
  let arguments = (ins AnyT:$cache, AnyT:$update, Optional<AnyT>:$start, I64Attr:$axis, UnitAttr:$circular);
  let results = (outs AnyT:$result);
  let assemblyFormat = "$cache `,` $update (`at` $start^ `:` type($start))? prop-dict attr-dict `:` type($cache) `,` type($update)";
  let hasVerifier = 1;
}

//===-- Kernels and the host program --------------------------------------===//

def LaunchOp : Transformer_Op<"launch", [Pure, AttrSizedOperandSegments]> {
  let summary = "runs a kernel: a function that equal groups share";
  let description = [{
    The kernel is a private func.func with `transformer.kernel`; tensors and
    sizes are its arguments, tensors its results. `dims` has one index per `?`
    of the result types, in order.
    ```mlir
    %1 = transformer.launch @linear_0(%x, %w, %b) [%b0, %s0] : (tensor<?x?x16xf32>, tensor<16x48xf32>, tensor<48xf32>) -> tensor<?x?x48xf32>
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$kernel, Variadic<AnyType>:$inputs, IndexList:$dims);
  let results = (outs Variadic<AnyT>:$results);
  let assemblyFormat = "$kernel `(` $inputs `)` `[` $dims `]` prop-dict attr-dict `:` functional-type($inputs, $results)";
  let hasVerifier = 1;
}

#endif // TRANSFORMER_MODEL_OPS
