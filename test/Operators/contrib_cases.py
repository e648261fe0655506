#!/usr/bin/env python3
"""Writes test/Operators/contrib.zip: small models of com.microsoft's operators with what they give.

usage: contrib_cases.py    (with a Python that has onnx and onnxruntime)

What is expected comes from ONNX Runtime's kernels for the CPU; where it has none, from the NumPy beside the case, which
follows the operator's documentation. The file is checked in: the tests run without ONNX Runtime. run_node_tests.py
runs it, as it runs the node tests.
"""

import json
import pathlib
import sys
import zipfile

import numpy as np
import onnxruntime
from onnx import helper, numpy_helper

ARCHIVE = pathlib.Path(__file__).resolve().parent / "contrib.zip"
F = np.float32
CASES = {}


def case(make):
    CASES[make.__name__] = make
    return make


class Case:
    """One node: values by input, None for one that is left out; `given` says which are inputs of the model, by number."""

    def __init__(self, operator, values, given, outputs=1, reference=None, rtol=1e-3, atol=1e-4, **attributes):
        self.operator, self.values, self.given, self.outputs = operator, values, given, outputs
        self.reference, self.rtol, self.atol = reference, rtol, atol
        self.attributes = attributes

    def model(self):
        names = ["" if value is None else f"in{i}" for i, value in enumerate(self.values)]
        wanted = [f"out{i}" if i in self.wanted() else "" for i in range(max(self.wanted()) + 1)]
        node = helper.make_node(self.operator, names, wanted, name="node", domain="com.microsoft", **self.attributes)
        inputs = [self.info(f"in{i}", self.values[i]) for i in self.given]
        constants = [
            numpy_helper.from_array(value, f"in{i}")
            for i, value in enumerate(self.values)
            if value is not None and i not in self.given
        ]
        outputs = [helper.make_tensor_value_info(name, 1, None) for name in wanted if name]
        graph = helper.make_graph([node], self.operator, inputs, outputs, constants)
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def wanted(self):
        return self.outputs if isinstance(self.outputs, list) else list(range(self.outputs))

    @staticmethod
    def info(name, value):
        return helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)

    def feeds(self):
        return {f"in{i}": self.values[i] for i in self.given}

    def expected(self, model):
        if self.reference:
            result = self.reference()
            return result if isinstance(result, list) else [result]
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        # The output types are what it finds.
        for output in model.graph.output:
            output.type.Clear()
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
        return session.run(None, self.feeds())

    def write(self, archive, name):
        def add(path, content):
            # Of no time, so that the same cases make the same file.
            archive.writestr(zipfile.ZipInfo(f"{name}/{path}"), content, zipfile.ZIP_DEFLATED)

        model = self.model()
        expected = self.expected(model)
        for output, value in zip(model.graph.output, expected):
            output.CopyFrom(self.info(output.name, value))
        add("model.onnx", model.SerializeToString())
        add("case.json", json.dumps({"atol": self.atol, "rtol": self.rtol}))
        inputs, outputs = (self.feeds().values(), model.graph.input), (expected, model.graph.output)
        for kind, (values, infos) in (("input", inputs), ("output", outputs)):
            for i, (value, info) in enumerate(zip(values, infos)):
                content = numpy_helper.from_array(value, info.name).SerializeToString()
                add(f"test_data_set_0/{kind}_{i}.pb", content)


rng = np.random.default_rng(0)


def normal(*shape, scale=1.0):
    return (rng.standard_normal(shape) * scale).astype(F)


def below(limit, *shape, dtype=np.int64):
    return rng.integers(0, limit, shape).astype(dtype)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


# -- Activations, norms, products


@case
def gelu():
    return Case("Gelu", [normal(2, 5)], [0])


@case
def bias_gelu():
    return Case("BiasGelu", [normal(2, 3, 5), normal(5)], [0])


@case
def fast_gelu():
    return Case("FastGelu", [normal(2, 5)], [0])


@case
def fast_gelu_bias():
    return Case("FastGelu", [normal(2, 5), normal(5)], [0])


@case
def quick_gelu():
    return Case("QuickGelu", [normal(2, 5)], [0])


@case
def quick_gelu_alpha():
    return Case("QuickGelu", [normal(2, 5)], [0], alpha=0.5)


@case
def bias_add():
    x, bias, skip = normal(2, 3, 5), normal(5), normal(2, 3, 5)
    return Case("BiasAdd", [x, bias, skip], [0, 2], reference=lambda: x + bias + skip)


@case
def skip_layer_norm():
    return Case("SkipLayerNormalization", [normal(2, 3, 8), normal(2, 3, 8), normal(8), normal(8), normal(8)], [0, 1], [0, 3], epsilon=1e-5)


@case
def skip_layer_norm_plain():
    return Case("SkipLayerNormalization", [normal(2, 3, 8), normal(1, 3, 8), normal(8)], [0, 1], epsilon=1e-3)


@case
def skip_rms_norm():
    return Case("SkipSimplifiedLayerNormalization", [normal(2, 3, 8), normal(2, 3, 8), normal(8), normal(8)], [0, 1], [0, 3], epsilon=1e-5)


@case
def embed_layer_norm():
    ids, segments = below(7, 2, 3, dtype=np.int32), below(2, 2, 3, dtype=np.int32)
    mask = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
    return Case(
        "EmbedLayerNormalization",
        [ids, segments, normal(7, 8), normal(5, 8), normal(2, 8), normal(8), normal(8), mask],
        [0, 1, 7],
        3,
        epsilon=1e-6,
    )


@case
def embed_layer_norm_positions():
    ids, places = below(7, 2, 3, dtype=np.int32), below(5, 2, 3, dtype=np.int32)
    return Case("EmbedLayerNormalization", [ids, None, normal(7, 8), normal(5, 8), None, normal(8), normal(8), None, places], [0, 8], 2)


@case
def fused_matmul():
    return Case("FusedMatMul", [normal(2, 4, 3), normal(2, 5, 4)], [0, 1], transA=1, transB=1, alpha=0.5)


@case
def fused_matmul_batches():
    return Case("FusedMatMul", [normal(3, 2, 4), normal(4, 2, 5)], [0, 1], transBatchA=1, transBatchB=1, reference=None)


@case
def fused_gemm():
    return Case("FusedGemm", [normal(3, 4), normal(4, 5), normal(5)], [0], activation="Relu", alpha=0.5, beta=2.0)


@case
def bias_softmax():
    x, bias = normal(2, 3, 4), normal(1, 3, 4)
    return Case("BiasSoftmax", [x, bias], [0, 1], axis=2, is_inner_broadcast=0, reference=lambda: softmax(x + bias))


# -- Quantised


def nbits(bits, n, k, block):
    blocks = -(-k // block)
    return below(256, n, blocks, block * bits // 8, dtype=np.uint8), (rng.random((n, blocks)) * 0.1).astype(F)


@case
def matmul_4_bits():
    weights, scales = nbits(4, 8, 64, 32)
    return Case("MatMulNBits", [normal(2, 3, 64), weights, scales], [0], bits=4, block_size=32, K=64, N=8)


@case
def matmul_4_bits_zeros():
    weights, scales = nbits(4, 8, 40, 16)
    return Case("MatMulNBits", [normal(3, 40), weights, scales, below(256, 8, 2, dtype=np.uint8), None, normal(8)], [0], bits=4, block_size=16, K=40, N=8)


@case
def matmul_4_bits_float_zeros():
    weights, scales = nbits(4, 8, 64, 32)
    return Case("MatMulNBits", [normal(3, 64), weights, scales, normal(8, 2)], [0], bits=4, block_size=32, K=64, N=8)


@case
def matmul_8_bits():
    weights, scales = nbits(8, 8, 64, 32)
    return Case("MatMulNBits", [normal(3, 64), weights, scales, below(256, 8, 2, dtype=np.uint8)], [0], bits=8, block_size=32, K=64, N=8)


@case
def matmul_2_bits():
    weights, scales = nbits(2, 8, 64, 16)
    numbers = (weights[..., None] >> np.array([0, 2, 4, 6])) & 3
    real = ((numbers.reshape(8, 4, 16).astype(F) - 2) * scales[..., None]).reshape(8, 64)
    x = normal(3, 64)
    return Case("MatMulNBits", [x, weights, scales], [0], bits=2, block_size=16, K=64, N=8, reference=lambda: x @ real.T)


@case
def matmul_4_bits_groups():
    weights, scales = nbits(4, 8, 64, 32)
    groups = rng.permutation(np.repeat(np.arange(2), 32)).astype(np.int32)
    zeros = below(256, 8, 1, dtype=np.uint8)
    numbers = np.stack([weights & 15, weights >> 4], -1).reshape(8, 64).astype(F)
    zero = np.stack([zeros & 15, zeros >> 4], -1).reshape(8, 2).astype(F)
    real = (numbers - zero[:, groups]) * scales[:, groups]
    x = normal(3, 64)
    return Case("MatMulNBits", [x, weights, scales, zeros, groups], [0], bits=4, block_size=32, K=64, N=8, reference=lambda: x @ real.T)


@case
def gather_block_quantized():
    indices = np.array([[0, 5], [-1, 2]])
    return Case("GatherBlockQuantized", [below(256, 6, 32, dtype=np.uint8), indices, normal(6, 4)], [1], bits=4, block_size=16, quantize_axis=1)


@case
def gather_block_quantized_zeros():
    values = [below(256, 6, 32, dtype=np.uint8), np.array([0, 5, 2]), normal(6, 4), below(256, 6, 2, dtype=np.uint8)]
    return Case("GatherBlockQuantized", values, [1], bits=4, block_size=16, quantize_axis=1)


@case
def gather_block_quantized_bytes():
    values = [below(256, 6, 64, dtype=np.uint8), np.array([3, 1]), normal(6, 4), below(256, 6, 4, dtype=np.uint8)]
    return Case("GatherBlockQuantized", values, [1], bits=8, block_size=16, quantize_axis=1)


@case
def dynamic_quantize_matmul():
    weights = below(120, 8, 5, dtype=np.int8) - 60
    values = [normal(2, 3, 8), weights.astype(np.int8), np.array(0.02, F), np.array(3, np.int8), normal(5)]
    return Case("DynamicQuantizeMatMul", values, [0])


@case
def dynamic_quantize_matmul_columns():
    weights = below(120, 8, 5, dtype=np.int8) - 60
    return Case("DynamicQuantizeMatMul", [normal(2, 3, 8), weights.astype(np.int8), (rng.random(5) * 0.1).astype(F)], [0])


@case
def matmul_integer_to_float():
    a, b = below(255, 3, 8, dtype=np.uint8), (below(120, 8, 5) - 60).astype(np.int8)
    values = [a, b, np.array(0.02, F), (rng.random(5) * 0.1).astype(F), np.array(7, np.uint8), below(9, 5, dtype=np.int8), normal(5)]
    return Case("MatMulIntegerToFloat", values, [0])


@case
def quantised_attention():
    weights = (below(100, 8, 24) - 50).astype(np.int8)
    values = [below(255, 2, 3, 8, dtype=np.uint8), weights, normal(24), np.array(0.02, F), np.array(0.01, F), np.array([3, 2], np.int32), np.array(128, np.uint8), np.array(0, np.int8)]
    return Case("QAttention", values, [0, 5], num_heads=2)


@case
def quantised_attention_past():
    weights = (below(100, 8, 24) - 50).astype(np.int8)
    values = [below(255, 2, 3, 8, dtype=np.uint8), weights, normal(24), np.array(0.02, F), np.array(0.01, F), None, np.array(128, np.uint8), np.array(0, np.int8), normal(2, 2, 2, 4, 4)]
    return Case("QAttention", values, [0, 8], 2, num_heads=2, unidirectional=1)


# -- Attention


def packed(*more, heads=2, size=4, width=8):
    return [normal(2, 3, width), normal(width, 3 * heads * size, scale=0.5), normal(3 * heads * size), *more]


@case
def attention():
    return Case("Attention", packed(), [0], num_heads=2)


@case
def attention_lengths():
    return Case("Attention", packed(np.array([3, 2], np.int32)), [0, 3], num_heads=2)


@case
def attention_ends_and_starts():
    return Case("Attention", packed(np.array([3, 3, 1, 0], np.int32)), [0, 3], num_heads=2)


@case
def attention_mask():
    return Case("Attention", packed(np.array([[1, 0, 1], [1, 1, 0]], np.int32)), [0, 3], num_heads=2, scale=0.3)


@case
def attention_causal_past():
    return Case("Attention", packed(None, normal(2, 2, 2, 5, 4)), [0, 4], 2, num_heads=2, unidirectional=1)


@case
def attention_bias():
    return Case("Attention", packed(None, None, normal(1, 2, 3, 3)), [0, 5], num_heads=2)


@case
def attention_widths():
    values = [normal(2, 3, 8), normal(8, 8 + 8 + 12, scale=0.5), normal(8 + 8 + 12)]
    return Case("Attention", values, [0], num_heads=2, qkv_hidden_sizes=[8, 8, 12])


@case
def multi_head():
    return Case("MultiHeadAttention", [normal(2, 3, 8), normal(2, 5, 8), normal(2, 5, 8)], [0, 1, 2], num_heads=2)


@case
def multi_head_bias_mask():
    values = [normal(2, 3, 8), normal(2, 5, 8), normal(2, 5, 8), normal(24), np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], np.int32), normal(1, 2, 3, 5)]
    return Case("MultiHeadAttention", values, [0, 1, 2, 4, 5], num_heads=2, scale=0.4)


@case
def multi_head_past():
    values = [normal(2, 3, 8), normal(2, 3, 8), normal(2, 3, 8), None, None, None, normal(2, 2, 4, 4), normal(2, 2, 4, 4)]
    return Case("MultiHeadAttention", values, [0, 1, 2, 6, 7], 3, num_heads=2, unidirectional=1)


@case
def multi_head_cross():
    return Case("MultiHeadAttention", [normal(2, 3, 8), normal(2, 2, 5, 4), normal(2, 2, 5, 4)], [0, 1, 2], num_heads=2)


def attend(q, k, v, scale=0.5):
    return (softmax(q @ k.transpose(0, 1, 3, 2) * scale) @ v).transpose(0, 2, 1, 3).reshape(q.shape[0], q.shape[2], -1)


@case
def multi_head_packed():
    x = normal(2, 3, 2, 3, 4)
    q, k, v = (x[:, :, :, i].transpose(0, 2, 1, 3) for i in range(3))
    return Case("MultiHeadAttention", [x], [0], num_heads=2, reference=lambda: attend(q, k, v))


@case
def multi_head_packed_keys():
    query, x = normal(2, 3, 8), normal(2, 5, 2, 2, 4)
    k, v = (x[:, :, :, i].transpose(0, 2, 1, 3) for i in range(2))
    q = query.reshape(2, 3, 2, 4).transpose(0, 2, 1, 3)
    return Case("MultiHeadAttention", [query, x], [0, 1], num_heads=2, reference=lambda: attend(q, k, v))


def grouped(sequence, past, batch=1, heads=4, kv=2, size=16, more=()):
    """query, key, value, past_key, past_value, seqlens_k, total_sequence_length"""
    total = sequence + past
    return [
        normal(batch, sequence, heads * size),
        normal(batch, sequence, kv * size),
        normal(batch, sequence, kv * size),
        normal(batch, kv, past, size),
        normal(batch, kv, past, size),
        np.full(batch, total - 1, np.int32),
        np.array(total, np.int32),
        *more,
    ]


def tables(rows=16, half=8):
    angle = np.arange(rows)[:, None] / 100 ** (np.arange(half) / half)
    return np.cos(angle).astype(F), np.sin(angle).astype(F)


GIVEN = [0, 1, 2, 3, 4, 5, 6]


@case
def grouped_query():
    return Case("GroupQueryAttention", grouped(1, 5, batch=2), GIVEN, 3, num_heads=4, kv_num_heads=2)


@case
def grouped_query_prompt():
    return Case("GroupQueryAttention", grouped(4, 0), GIVEN, 3, num_heads=4, kv_num_heads=2, scale=0.2)


@case
def grouped_query_rotary():
    values = grouped(3, 5, more=tables())
    return Case("GroupQueryAttention", values, GIVEN, 3, num_heads=4, kv_num_heads=2, do_rotary=1)


@case
def grouped_query_rotary_interleaved():
    values = grouped(1, 5, batch=2, more=tables())
    return Case("GroupQueryAttention", values, GIVEN, 3, num_heads=4, kv_num_heads=2, do_rotary=1, rotary_interleaved=1)


@case
def grouped_query_packed():
    values = grouped(3, 4, more=tables())
    values[0] = normal(1, 3, (4 + 2 + 2) * 16)
    values[1] = values[2] = None
    return Case("GroupQueryAttention", values, [0, 3, 4, 5, 6], 3, num_heads=4, kv_num_heads=2, do_rotary=1)


@case
def grouped_query_window_cap():
    return Case("GroupQueryAttention", grouped(1, 9), GIVEN, 3, num_heads=4, kv_num_heads=2, local_window_size=4, softcap=5.0)


@case
def grouped_query_bias():
    values = grouped(2, 3, more=(None, None, None, normal(1, 4, 2, 5)))
    return Case("GroupQueryAttention", values, [*GIVEN, 10], 3, num_heads=4, kv_num_heads=2)


@case
def grouped_query_sink():
    values = grouped(1, 5, more=(None, None, None, None, normal(4)))
    return Case("GroupQueryAttention", values, GIVEN, 3, num_heads=4, kv_num_heads=2)


@case
def grouped_query_smooth():
    return Case("GroupQueryAttention", grouped(1, 5), GIVEN, 3, num_heads=4, kv_num_heads=2, smooth_softmax=1)


@case
def grouped_query_norm():
    values = grouped(2, 3, more=(None,) * 7 + (normal(16), normal(16)))

    def reference():
        q, k, v, past_k, past_v = values[:5]

        def split(x, heads):
            return x.reshape(1, 2, heads, 16).transpose(0, 2, 1, 3)

        def norm(x, weight):
            return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight

        q, k, v = norm(split(q, 4), values[14]), norm(split(k, 2), values[15]), split(v, 2)
        k, v = np.concatenate([past_k, k], 2), np.concatenate([past_v, v], 2)
        scores = q @ k.repeat(2, 1).transpose(0, 1, 3, 2) / 4
        scores = np.where(np.arange(5) <= np.arange(2)[:, None] + 3, scores, -np.inf)
        y = (softmax(scores) @ v.repeat(2, 1)).transpose(0, 2, 1, 3).reshape(1, 2, 64)
        return [y.astype(F), k.astype(F), v.astype(F)]

    return Case("GroupQueryAttention", values, GIVEN, 3, num_heads=4, kv_num_heads=2, qk_norm_epsilon=1e-5, reference=reference)


@case
def rotary():
    cos, sin = tables(8, 4)
    return Case("RotaryEmbedding", [normal(2, 3, 16), below(8, 2, 3), cos, sin], [0, 1])


@case
def rotary_heads():
    cos, sin = tables(8, 4)
    return Case("RotaryEmbedding", [normal(2, 2, 3, 8), np.array([2]), cos, sin], [0, 1], interleaved=1)


@case
def rotary_part():
    cos, sin = tables(8, 2)
    return Case("RotaryEmbedding", [normal(2, 3, 16), below(8, 2, 3), cos, sin], [0, 1], num_heads=2, rotary_embedding_dim=4)


# -- Experts


def experts(fusion=1, bias=True, third=False, count=4, hidden=8, inner=6):
    return [
        normal(5, hidden),
        normal(5, count),
        normal(count, fusion * inner, hidden, scale=0.5),
        normal(count, fusion * inner) if bias else None,
        normal(count, hidden, inner, scale=0.5),
        normal(count, hidden) if bias else None,
        *([normal(count, inner, hidden, scale=0.5), normal(count, inner)] if third else []),
    ]


@case
def experts_relu():
    return Case("MoE", experts(), [0, 1], k=2)


@case
def experts_gelu():
    return Case("MoE", experts(bias=False), [0, 1], k=1, activation_type="gelu")


@case
def experts_silu():
    return Case("MoE", experts(), [0, 1], k=3, activation_type="silu", normalize_routing_weights=1)


@case
def experts_swiglu():
    return Case("MoE", experts(fusion=2), [0, 1], k=2, activation_type="swiglu", swiglu_fusion=1, activation_alpha=1.702, activation_beta=1.0, swiglu_limit=1.5, normalize_routing_weights=1)


def mixed(x, logits, chosen, expert):
    """Sum of the chosen experts' results, by normalised shares."""
    result = np.zeros_like(x)
    for row, scores in enumerate(logits):
        best = np.argsort(-scores, kind="stable")[:chosen]
        for share, i in zip(softmax(scores[best]), best):
            result[row] += share * expert(i, x[row])
    return result


@case
def experts_apart():
    x, logits, w1, b1, w2, b2, w3, b3 = values = experts(third=True)

    def expert(i, row):
        gate = w1[i] @ row + b1[i]
        return w2[i] @ (gate * sigmoid(gate) * (w3[i] @ row + b3[i])) + b2[i]

    return Case("MoE", values, [0, 1], k=2, activation_type="silu", normalize_routing_weights=1, reference=lambda: mixed(x, logits, 2, expert))


@case
def experts_halves():
    x, logits, w1, b1, w2, b2 = values = experts(fusion=2)

    def expert(i, row):
        gate, up = np.split(w1[i] @ row + b1[i], 2)
        return w2[i] @ (gate * sigmoid(gate) * up) + b2[i]

    return Case("MoE", values, [0, 1], k=2, activation_type="swiglu", swiglu_fusion=2, normalize_routing_weights=1, reference=lambda: mixed(x, logits, 2, expert))


def quantised_experts(rows, width, bits, blocks=1):
    shape = (4, rows) if blocks == 1 else (4, rows, blocks)
    return below(256, 4, rows, width * bits // 8, dtype=np.uint8), (rng.random(shape) * 0.05 + 0.01).astype(F)


@case
def quantised_experts_4_bits():
    first, second = quantised_experts(64, 32, 4), quantised_experts(32, 32, 4)
    values = [normal(5, 32), normal(5, 4), *first, None, *second, None]
    return Case("QMoE", values, [0, 1], k=2, activation_type="swiglu", swiglu_fusion=1, expert_weight_bits=4, weights_prepacked=0)


@case
def quantised_experts_8_bits():
    first, second = quantised_experts(32, 32, 8), quantised_experts(32, 32, 8)
    values = [normal(5, 32, scale=0.1), normal(5, 4), *first, normal(4, 32), *second, normal(4, 32)]
    return Case("QMoE", values, [0, 1], k=2, activation_type="silu", expert_weight_bits=8, weights_prepacked=0)


@case
def quantised_experts_blocks():
    first, second = quantised_experts(64, 32, 4, blocks=2), quantised_experts(32, 32, 4, blocks=2)
    values = [normal(5, 32), normal(5, 4), *first, None, *second, None]
    return Case("QMoE", values, [0, 1], k=2, activation_type="swiglu", swiglu_fusion=1, expert_weight_bits=4, block_size=16, weights_prepacked=0)


# -- Form QOperator: steps are powers of two, so that nobody rounds on the way


def bytes_of(*shape, dtype=np.uint8):
    return below(255, *shape).astype(np.uint8).view(dtype)


def numbers(*shape, step=1 / 64, zero=120, dtype=np.uint8):
    return [bytes_of(*shape, dtype=dtype), np.array(step, F), np.array(zero, dtype)]


def made(step, zero, dtype=np.uint8):
    return [np.array(step, F), np.array(zero, dtype)]


@case
def qlinear_add():
    return Case("QLinearAdd", numbers(2, 3, 4) + numbers(4, step=1 / 32, zero=7) + made(1 / 16, 100), [0, 3])


@case
def qlinear_add_signed():
    values = numbers(2, 3, dtype=np.int8, zero=-3) + numbers(2, 3, dtype=np.int8, zero=5) + made(1 / 32, 2, np.int8)
    return Case("QLinearAdd", values, [0, 3])


@case
def qlinear_mul():
    return Case("QLinearMul", numbers(2, 3, 4) + numbers(3, 1) + made(1 / 16, 128), [0, 3])


@case
def qlinear_sigmoid():
    return Case("QLinearSigmoid", numbers(2, 9) + made(1 / 256, 0), [0])


@case
def qlinear_leaky_relu():
    return Case("QLinearLeakyRelu", numbers(2, 9) + made(1 / 64, 40), [0], alpha=0.25)


@case
def qlinear_softmax():
    return Case("QLinearSoftmax", numbers(2, 3, 9) + made(1 / 256, 0), [0], axis=-1, opset=13)


@case
def qlinear_softmax_flat():
    return Case("QLinearSoftmax", numbers(2, 3, 4) + made(1 / 256, 0), [0], axis=1, opset=11)


@case
def qlinear_concat():
    values = made(1 / 32, 110) + numbers(2, 3, 4) + numbers(2, 2, 4, step=1 / 16, zero=90)
    return Case("QLinearConcat", values, [2, 5], axis=1)


@case
def qlinear_where():
    values = [below(2, 2, 1, 4).astype(bool)] + numbers(2, 3, 4) + numbers(4, step=1 / 16, zero=90) + made(1 / 32, 110)
    return Case("QLinearWhere", values, [0, 1, 4])


@case
def qlinear_global_average_pool():
    return Case("QLinearGlobalAveragePool", numbers(2, 3, 4, 4) + made(1 / 64, 110), [0])


@case
def qlinear_reduce_mean():
    x = numbers(2, 4, 4)

    def reference():
        mean = ((x[0].astype(F) - 120) / F(64)).mean((1, 2), keepdims=True)
        return np.clip(np.rint(mean * F(128)) + 110, 0, 255).astype(np.uint8)

    return Case("QLinearReduceMean", x + made(1 / 128, 110), [0], reference=reference, axes=[1, -1], keepdims=1)


def gemm_values(dtype=np.int8, steps=np.array(0.01, F), zeros=None):
    zeros = np.zeros(steps.shape, dtype) if zeros is None else zeros
    return numbers(3, 8) + [bytes_of(8, 5, dtype=dtype), steps, zeros, below(900, 5, dtype=np.int32) - 450]


@case
def qgemm():
    return Case("QGemm", gemm_values() + made(0.1, 128), [0])


@case
def qgemm_columns():
    return Case("QGemm", gemm_values(steps=(rng.random(5) * 0.02).astype(F)) + made(0.1, 128), [0])


@case
def qgemm_to_float():
    return Case("QGemm", gemm_values(np.uint8, zeros=np.array(130, np.uint8)), [0], rtol=1e-3, atol=1e-3)


@case
def qgemm_transposed():
    a, step, zero, b, *rest = gemm_values()
    values = [np.ascontiguousarray(a.T), step, zero, np.ascontiguousarray(b.T), *rest, *made(0.1, 128)]
    return Case("QGemm", values, [0], transA=1, transB=1, alpha=0.5)


def main():
    entries = []
    with zipfile.ZipFile(ARCHIVE, "w") as archive:
        for name, make in sorted(CASES.items()):
            made = make()
            entry = {"name": name, "domain": "com.microsoft", "operator": made.operator, "out_of_scope": "", "constants": False}
            entries.append(entry)
            try:
                made.write(archive, name)
            except Exception as error:
                sys.exit(f"{name}: {error}")
        archive.writestr(zipfile.ZipInfo("cases.json"), json.dumps(entries, indent=1), zipfile.ZIP_DEFLATED)
    print(f"{len(entries)} cases of {len({entry['operator'] for entry in entries})} operators")


if __name__ == "__main__":
    main()
