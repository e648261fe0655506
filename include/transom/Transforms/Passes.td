//===- Passes.td - passes on the transformer dialect ----------------------===//
#ifndef TRANSOM_TRANSFORMS_PASSES
#define TRANSOM_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

class RaisingPass<string name> : Pass<name, "::mlir::func::FuncOp"> {
  let dependentDialects = ["::transom::transformer::TransformerDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

/// A pass that says of what it nearly fused why it did not.
class FusingPass<string name> : RaisingPass<name> {
  let options = [
    Option<"remarks", "remarks", "bool", "false", "Say what stays in pieces, and why">
  ];
}

def FuseNorms : FusingPass<"fuse-norms"> {
  let summary = "layer_norm and rms_norm from means, squares and roots";
  let description = [{
    A value times the inverse root of the mean of its squares is an RMS norm; of
    a value less its mean, a layer norm. However the square, the root and the
    quotient are written, in whatever float types. Then absorbs scale, bias and
    casts around.
    ```mlir
    %0 = transformer.binary mul %x, %x : tensor<?x48xf32>, tensor<?x48xf32>
    %1 = transformer.reduce mean %0 <{axes = array<i64: 1>, keepdims}> : tensor<?x48xf32>
    %2 = transformer.binary add %1, %epsilon : tensor<?x1xf32>, tensor<f32>
    %3 = transformer.unary rsqrt %2 : tensor<?x1xf32>
    %4 = transformer.binary mul %x, %3 : tensor<?x48xf32>, tensor<?x1xf32>
    %5 = transformer.binary mul %4, %scale : tensor<?x48xf32>, tensor<48xf32>
    // becomes
    %5 = transformer.rms_norm %x scale %scale : tensor<48xf32> <{axis = 1 : i64, epsilon = 1.0e-06 : f32}> : tensor<?x48xf32>
    ```
  }];
}

def FuseActivations : FusingPass<"fuse-activations"> {
  let summary = "gelu, silu, quick_gelu and relu_squared from their formulas";
  let description = [{
    A product of x with a gate of x: (1 + erf(x/√2))/2, (1 + tanh(...))/2,
    sigmoid(x), sigmoid(1.702x), written out in any order.
    ```mlir
    %0 = transformer.unary sigmoid %x : tensor<?x48xf32>
    %1 = transformer.binary mul %x, %0 : tensor<?x48xf32>, tensor<?x48xf32>
    // becomes
    %1 = transformer.unary silu %x : tensor<?x48xf32>
    ```
  }];
}

def FuseRotary : FusingPass<"fuse-rotary"> {
  let summary = "rope from slices, negations and tables";
  let description = [{
    Rotations by halves (x cos + concat(-x2, x1) sin, or each half apart), by
    neighbours, of all features or of the first ones.
    ```mlir
    %0 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
    %1 = transformer.slice %x[] [%s] <{static_starts = array<i64: 0, 4>, steps = array<i64: 1, 1>}> : tensor<?x8xf32> to tensor<?x4xf32>
    %2 = transformer.unary neg %1 : tensor<?x4xf32>
    %3 = transformer.concat %2, %0 <{axis = 1 : i64}> : tensor<?x4xf32>, tensor<?x4xf32>
    %4 = transformer.binary mul %x, %cos : tensor<?x8xf32>, tensor<?x8xf32>
    %5 = transformer.binary mul %3, %sin : tensor<?x8xf32>, tensor<?x8xf32>
    %6 = transformer.binary add %4, %5 : tensor<?x8xf32>, tensor<?x8xf32>
    // becomes
    %6 = transformer.rope %x, %cos, %sin <{rotary_dim = 8 : i64}> : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
    ```
  }];
}

def FuseAttention : FusingPass<"fuse-attention"> {
  let summary = "attention from the products around a softmax";
  let description = [{
    Takes in the scale (of queries, keys, both or scores), masks (boolean or
    additive), biases, a soft cap, the replacement of NaN rows, head splits in
    every layout, and keys and values whose heads are repeated.
    ```mlir
    %0 = transformer.transpose %k <{perm = array<i64: 0, 1, 3, 2>}> : tensor<?x4x?x16xf32>
    %1 = transformer.matmul %q, %0 : tensor<?x4x?x16xf32>, tensor<?x4x16x?xf32>
    %2 = transformer.binary mul %1, %quarter : tensor<?x4x?x?xf32>, tensor<f32>
    %3 = transformer.binary add %2, %bias : tensor<?x4x?x?xf32>, tensor<?x1x1x?xf32>
    %4 = transformer.softmax %3 <{axis = 3 : i64}> : tensor<?x4x?x?xf32>
    %5 = transformer.matmul %4, %v : tensor<?x4x?x?xf32>, tensor<?x4x?x16xf32>
    // becomes
    %5 = transformer.attention %q, %k, %v bias %bias : tensor<?x1x1x?xf32> <{scale = 2.5e-01 : f32}> : tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>, tensor<?x4x?x16xf32>
    ```
  }];
}

def FuseGatedMLP : FusingPass<"fuse-gated-mlp"> {
  let summary = "glu from an activated projection times another";
  let description = [{
    Gate and value may be parts of one packed projection.
    ```mlir
    %0 = transformer.unary silu %gate : tensor<?x96xf32>
    %1 = transformer.binary mul %0, %up : tensor<?x96xf32>, tensor<?x96xf32>
    // becomes
    %1 = transformer.glu silu %gate, %up : tensor<?x96xf32>, tensor<?x96xf32>
    ```
  }];
}

def FuseLinear : FusingPass<"fuse-linear"> {
  let summary = "linear from a product with a weight, bias, activation and residual";
  let description = [{
    Runs after the passes that look for activations as ops of their own
    (fuse-gated-mlp).
    ```mlir
    %0 = transformer.matmul %x, %w : tensor<?x?x16xf32>, tensor<16x48xf32>
    %1 = transformer.binary add %0, %b : tensor<?x?x48xf32>, tensor<48xf32>
    %2 = transformer.unary relu %1 : tensor<?x?x48xf32>
    // becomes
    %2 = transformer.linear %x, %w bias %b : tensor<48xf32> <{activation = #transformer<unary_kind relu>}> : tensor<?x?x16xf32>, tensor<16x48xf32>
    ```
  }];
}

def FuseLinearAttention : FusingPass<"fuse-linear-attention"> {
  let summary = "linear_attention from sums of products of features, keys and values";
  let description = [{
    A quotient whose numerator is a sum over keys of features of the query times
    features of the key times the value, and whose denominator is the same without
    the value, in whatever order and layout the products stand: (q k^T) v or
    q (k^T v), causal by a mask or by prefix sums, with a state added or without.
    Sums that update the state become results of the op. A quotient of a state
    alone is fused where an update of that state says what the keys are; with the
    delta rule, where the values are less what the state gives for the keys.
    ```mlir
    %0 = transformer.matmul %k, %v <{transpose_a}> : tensor<?x4x?x8xf32>, tensor<?x4x?x12xf32>
    %1 = transformer.matmul %q, %0 : tensor<?x4x?x8xf32>, tensor<?x4x8x12xf32>
    %2 = transformer.reduce sum %k <{axes = array<i64: 2>, keepdims}> : tensor<?x4x?x8xf32>
    %3 = transformer.matmul %q, %2 <{transpose_b}> : tensor<?x4x?x8xf32>, tensor<?x4x1x8xf32>
    %4 = transformer.binary div %1, %3 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
    // becomes
    %4, %s, %z = transformer.linear_attention all %q, %k, %v <{epsilon = 0.0 : f32}> : tensor<?x4x?x8xf32>, tensor<?x4x?x8xf32>, tensor<?x4x?x12xf32>
    ```
  }];
}

def LowerLinearAttention : RaisingPass<"lower-linear-attention"> {
  let summary = "pieces of linear attentions";
  let description = [{
    For targets without a kernel for it, and for ONNX.
    ```mlir
    %r, %s, %z = transformer.linear_attention causal %q, %k, %v : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x12xf32>
    // becomes
    %0 = transformer.matmul %q, %k <{transpose_b}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
    %1 = transformer.trilu %0 : tensor<1x4x8x8xf32>
    %r = transformer.matmul %1, %v : tensor<1x4x8x8xf32>, tensor<1x4x8x12xf32>
    // and the new state and sums, where they are read
    ```
  }];
}

def FuseExperts : FusingPass<"fuse-experts"> {
  let summary = "moe from what each expert adds to the rows that chose it";
  let description = [{
    A sum of scatters, each of what one expert gives for the rows of the tokens that chose it, found by `nonzero`, times
    what the choice counts. All experts are there, once, and differ in their weights alone; who chose whom is read from
    one-hots, comparisons and lists of the experts that were chosen at all. Weights of an expert each are joined when
    they are written. Or a sum over experts of what all of them give for all tokens, times shares that were scattered to
    zeros. Or what experts with a capacity give for the slots that tokens were dispatched to, taken back by a product with
    one-hots [tokens, experts, slots]: tokens beyond the capacity have shares of zero.
    ```mlir
    %c = transformer.compare eq %ids, %three : tensor<?x2xi64>, tensor<i64>
    %i = transformer.nonzero %c : tensor<?x2xi1>
    // %t and %s: the tokens of those rows and what they count
    %r = transformer.gather %x, %t <{axis = 0 : i64}> : tensor<?x16xf32>, tensor<?xi64>
    %h = transformer.linear %r, %a3 <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<16x32xf32>
    %y = transformer.linear %h, %b3 : tensor<?x32xf32>, tensor<32x16xf32>
    %w = transformer.binary mul %y, %s : tensor<?x16xf32>, tensor<?x1xf32>
    %sum3 = transformer.scatter_nd add %sum2, %t1, %w : tensor<?x16xf32>, tensor<?x1xi64>, tensor<?x16xf32>
    // becomes, with the other experts
    %a = transformer.concat %a0, %a1, %a2, %a3 <{axis = 0 : i64}> : tensor<1x16x32xf32>, tensor<1x16x32xf32>, tensor<1x16x32xf32>, tensor<1x16x32xf32>
    %sum3 = transformer.moe %x, %ids, %share, %a, %b <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<4x16x32xf32>, tensor<4x32x16xf32>
    ```
  }];
}

def LowerExperts : RaisingPass<"lower-experts"> {
  let summary = "pieces of mixtures of experts";
  let description = [{
    For targets without a kernel for them, and for ONNX: each expert's products over the rows that chose it.
    ```mlir
    %y = transformer.moe %x, %ids, %share, %w1, %w2 <{activation = #transformer<unary_kind relu>}> : tensor<?x16xf32>, tensor<?x2xi64>, tensor<?x2xf32>, tensor<8x16x32xf32>, tensor<8x32x16xf32>
    // becomes, for each expert, the products and their sum into the rows found by
    %c = transformer.compare eq %ids, %e : tensor<?x2xi64>, tensor<i64>
    %i = transformer.nonzero %c : tensor<?x2xi1>
    ```
  }];
}

def FuseQuantizedLinear : FusingPass<"fuse-quantized-linear"> {
  let summary = "linear_nbits from a product with a dequantised weight";
  let description = [{
    The input is float. One scale, one for each column, or one for each block of
    a column; the constants are written again in the layout of linear_nbits.
    ```mlir
    %0 = transformer.dequantize %w, %s <{axis = 0 : i64, block_size = 16 : i64}> : tensor<32x8xi4>, tensor<2x8xf32> to tensor<32x8xf32>
    %1 = transformer.matmul %x, %0 : tensor<?x32xf32>, tensor<32x8xf32>
    // becomes
    %1 = transformer.linear_nbits %x, %v, %t <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<?x32xf32>, tensor<8x2x8xui8>, tensor<8x2xf32>
    ```
  }];
}

def FuseIntegerProducts : FusingPass<"fuse-integer-products"> {
  let summary = "matmul_integer from a product of two dequantised operands";
  let description = [{
    One scale for each operand, or one for each column of the right one. Sums are
    exact, and scaled once.
    ```mlir
    %0 = transformer.dequantize %x, %s zero %z : tensor<ui8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<?x16xui8>, tensor<f32> to tensor<?x16xf32>
    %1 = transformer.dequantize %w, %t <{axis = 1 : i64, block_size = 0 : i64}> : tensor<16x48xi8>, tensor<48xf32> to tensor<16x48xf32>
    %2 = transformer.matmul %0, %1 : tensor<?x16xf32>, tensor<16x48xf32>
    // becomes
    %0 = transformer.matmul_integer %x, %w lhs_zero %z : tensor<ui8> : tensor<?x16xui8>, tensor<16x48xi8>
    %1 = transformer.binary mul %s, %t : tensor<f32>, tensor<48xf32>
    %2 = transformer.cast %0 : tensor<?x48xi32> to tensor<?x48xf32>
    %3 = transformer.binary mul %2, %1 : tensor<?x48xf32>, tensor<48xf32>
    ```
  }];
}

def FindBlocks : Pass<"find-blocks", "::mlir::func::FuncOp"> {
  let summary = "says where blocks of several ops stand; changes nothing";
  let description = [{
    A remark for each mixture of experts, linear attention and compressive memory
    (transom/Transforms/Blocks.h), at the op that gives its result.
    ```mlir
    %0 = transformer.matmul %features, %state : tensor<?x4x?x12xf32>, tensor<?x4x12x12xf32>
    %1 = transformer.matmul %features, %sums : tensor<?x4x?x12xf32>, tensor<?x4x12x1xf32>
    // linear_attention of 34 ops
    %2 = transformer.binary div %0, %1 : tensor<?x4x?x12xf32>, tensor<?x4x?x1xf32>
    ```
  }];
}

def LowerRoundedAttention : RaisingPass<"lower-rounded-attention"> {
  let summary = "pieces of attentions that round scores or probabilities";
  let description = [{
    For code generation that passes over keys once: rounded probabilities need
    whole rows.
    ```mlir
    %0 = transformer.attention %q, %k, %v <{scale = 1.0 : f32, score_rounding = array<f32: 0.5, -128.0, 127.0>}> : tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>, tensor<1x4x8x16xf32>
    // becomes a matmul, the rounding, a softmax and a matmul
    ```
  }];
}

def SimplifyIndexing : RaisingPass<"simplify-indexing"> {
  let summary = "gathers and scatters of elements where they stand already";
  let description = [{
    Exporters read masks through index arithmetic, and assign to slices by
    scattering to every position. Where an element's indices are its own position
    the gather is a view, and the scatter gives its updates.
    ```mlir
    %0 = transformer.range %zero, %one[%s] : tensor<i64>, tensor<i64> to tensor<?xi64>
    %1 = transformer.range %zero, %one[%b] : tensor<i64>, tensor<i64> to tensor<?xi64>
    %2 = transformer.reshape %1[%b] : tensor<?xi64> to tensor<?x1xi64>
    %3 = transformer.from_index %s : tensor<i64>
    %4 = transformer.binary mul %2, %3 : tensor<?x1xi64>, tensor<i64>
    %5 = transformer.binary add %4, %0 : tensor<?x1xi64>, tensor<?xi64>
    %6 = transformer.reshape %mask[%bs] : tensor<?x?xi1> to tensor<?xi1>
    %7 = transformer.gather %6, %5 <{axis = 0 : i64}> : tensor<?xi1>, tensor<?x?xi64>
    // becomes, where %b and %s are the dims of %mask
    %7 = %mask
    ```
  }];
}

def SimplifyViews : RaisingPass<"simplify-views"> {
  let summary = "drops views to the dims a tensor has already";
  let description = [{
    Compares dynamic dims by what they are computed from. Products with weights
    whose rows were joined and split again read them as they come.
    ```mlir
    %0 = transformer.reshape %x[%bs] : tensor<?x?x16xf32> to tensor<?x16xf32>
    %1 = transformer.linear %0, %w : tensor<?x16xf32>, tensor<16x48xf32>
    %2 = transformer.reshape %1[%b, %s] : tensor<?x48xf32> to tensor<?x?x48xf32>
    // becomes, where %b and %s are the dims of %x
    %2 = transformer.linear %x, %w : tensor<?x?x16xf32>, tensor<16x48xf32>
    ```
  }];
}

def ConvertMHAToGQA : Pass<"convert-mha-to-gqa", "::mlir::ModuleOp"> {
  let summary = "fewer key/value heads by moving maps of heads into queries and outputs";
  let description = [{
    Key and value heads that are equal, or equal up to maps that queries and
    outputs can take over, become one head that a group of queries reads
    (docs/gqa.md). With `groups` they need not be equal: each group gets the
    shared heads that fit best, which changes results.

    Where keys or values are arguments or results of the function (a cache) the
    signature changes with them, so this is done only with `change-signature`; with
    `for-states`, in a copy of the entry function, which the pass keep-states takes in its place.
    ```mlir
    %0 = transformer.linear %x, %wk : tensor<?x?x48xf32>, tensor<48x48xf32>
    %1 = transformer.reshape %0[%b, %s] : tensor<?x?x48xf32> to tensor<?x?x4x12xf32>
    // becomes, where heads 0 and 1, and heads 2 and 3, are equal
    %0 = transformer.linear %x, %wk2 : tensor<?x?x48xf32>, tensor<48x24xf32>
    %1 = transformer.reshape %0[%b, %s] : tensor<?x?x24xf32> to tensor<?x?x2x12xf32>
    ```
  }];
  let dependentDialects = ["::transom::transformer::TransformerDialect", "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"groups", "groups", "int64_t", "0", "Key/value heads to leave, equal or not; 0 merges only equal ones">,
    Option<"method", "method", "::transom::GQAMethod", "::transom::GQAMethod::Components", "How unequal heads are merged", [{::llvm::cl::values(
      clEnumValN(::transom::GQAMethod::Components, "components", "principal components of keys, outputs times values"),
      clEnumValN(::transom::GQAMethod::Align, "align", "rotate heads onto each other, then their mean"),
      clEnumValN(::transom::GQAMethod::Mean, "mean", "the mean of the heads"))}]>,
    Option<"neighbours", "neighbours", "bool", "false", "Groups are neighbouring heads, not the cheapest ones">,
    Option<"changeSignature", "change-signature", "bool", "false", "Also where keys or values are arguments or results">,
    Option<"forStates", "for-states", "bool", "false", "Where that is not allowed, in a copy that keep-states takes">,
    Option<"remarks", "remarks", "bool", "false", "Say of each attention what was merged, or why not">
  ];
}

def FuseProjections : FusingPass<"fuse-projections"> {
  let summary = "one linear from several of the same input";
  let description = [{
    Queries, keys and values of self-attention are three products with one input;
    joined, they are one kernel that reads its rows once. The weights are joined
    when they are written. Leaves products whose results anything but a split into
    heads reads, and those that differ in their weights' type or in having a bias.
    ```mlir
    %0 = transformer.linear %x, %q : tensor<?x16xf32>, tensor<16x32xf32>
    %1 = transformer.linear %x, %k : tensor<?x16xf32>, tensor<16x32xf32>
    // becomes
    %w = transformer.concat %q, %k <{axis = 1 : i64}> : tensor<16x32xf32>, tensor<16x32xf32>
    %2 = transformer.linear %x, %w : tensor<?x16xf32>, tensor<16x64xf32>
    %0 = transformer.slice %2[] [%n] <{static_starts = array<i64: 0, 0>, steps = array<i64: 1, 1>}> : tensor<?x64xf32> to tensor<?x32xf32>
    %1 = transformer.slice %2[] [%n] <{static_starts = array<i64: 0, 32>, steps = array<i64: 1, 1>}> : tensor<?x64xf32> to tensor<?x32xf32>
    ```
  }];
}

def KeepLastLogits : RaisingPass<"keep-last-logits"> {
  let summary = "scores of the last token alone";
  let description = [{
    An output with scores of the vocabulary for each token of a sequence, made by
    a product, becomes that of the last row. Fails where there is no such output.
    ```mlir
    %0 = transformer.linear %x, %w : tensor<1x?x8xf32>, tensor<8x100xf32>
    // becomes
    %1 = transformer.slice %x[%last] [] <{static_starts = array<i64: 0, -9223372036854775808, 0>, steps = array<i64: 1, 1, 1>}> : tensor<1x?x8xf32> to tensor<1x1x8xf32>
    %2 = transformer.linear %1, %w : tensor<1x1x8xf32>, tensor<8x100xf32>
    ```
  }];
}

def RoundWeights : Pass<"round-weights", "::mlir::ModuleOp"> {
  let summary = "store f32 weights in 16 bits";
  let description = [{
    Weights of linear layers and tables of lookups become f16 or bf16 (rounded to
    nearest even when they are written); products stay f32. Changes results, so
    only on request. Halves what a token of a decoder reads.
    ```mlir
    %0 = transformer.linear %x, %w : tensor<1x16xf32>, tensor<16x32xf32>
    // becomes
    %r = transformer.cast %w : tensor<16x32xf32> to tensor<16x32xbf16>
    %0 = transformer.linear %x, %r : tensor<1x16xf32>, tensor<16x32xbf16>
    ```
  }];
  let options = [
    Option<"type", "type", "std::string", "\"bf16\"", "f16 or bf16">,
  ];
}

def KeepStates : Pass<"keep-states", "::mlir::ModuleOp"> {
  let summary = "beside the entry function, one that keeps caches between runs";
  let description = [{
    `step` takes the place of inputs that outputs are the next run's values of
    by states (`transformer.state` on arguments, with the kind and the axis
    along which they grow, and on the results that are states). Caches that grow
    are buffers of `capacity` rows, written in place; how many rows they have is
    an argument of type index (`transformer.length`), and how many they have
    afterwards the last result. Encoders have no states and stay as they are.
    ```mlir
    func.func @main(%x: tensor<1x4xf32>, %past: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {transformer.entry} {
      %0 = transformer.concat %past, %x <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
      return %0 : tensor<?x4xf32>
    }
    // becomes, beside it
    func.func @step(%x: tensor<1x4xf32>, %buffer: tensor<?x4xf32>, %length: index) -> (tensor<?x4xf32>, index) attributes {transformer.entry} {
      %0 = transformer.kv_write %buffer, %x at %start : tensor<1xi64> <{axis = 0 : i64}> : tensor<?x4xf32>, tensor<1x4xf32>
      %1 = arith.addi %length, %c1 : index
      return %0, %1 : tensor<?x4xf32>, index
    }
    ```
  }];
  let options = [
    Option<"only", "only", "bool", "false", "Leave `step` alone, and fail where there is no state">
  ];
  let dependentDialects = ["::transom::transformer::TransformerDialect", "::mlir::tensor::TensorDialect",
                           "::mlir::arith::ArithDialect"];
}

#endif // TRANSOM_TRANSFORMS_PASSES
