#!/usr/bin/env python3
"""Runs every op by the interpreter in C++ and by the reference in NumPy: both must agree.

Inputs are random constants inside the functions, which `transom-opt --test-evaluate` turns into their results. The
tools are those of $TRANSOM_BIN, or of build/release/bin.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(os.environ.get("TRANSOM_BIN", ROOT / "build/release/bin"))
sys.path.insert(0, str(ROOT / "test/Reference"))

from generic_ir import DTYPES, read_module  # noqa: E402
from interpreter import run_block  # noqa: E402
from meaning import BINARY, COMPARE, UNARY, round_to  # noqa: E402

INTEGER_UNARY = ["abs", "neg", "sign", "not", "identity", "relu"]
BOOL_BINARY = ["and", "or", "xor"]

# name: arguments, ops, results. An argument is a random tensor; "index 3" a size; "i64<5" a tensor of numbers below 5.
CASES = {
    "compare": ("a: 2x3xf32, b: 3xf32", "%r = transformer.compare le %a, %b : tensor<2x3xf32>, tensor<3xf32>", "2x3xi1"),
    "select": (
        "c: 2x1xi1, a: 2x3xf32, b: f32",
        "%r = transformer.select %c, %a, %b : tensor<2x1xi1>, tensor<2x3xf32>, tensor<f32>",
        "2x3xf32",
    ),
    "cast_to_int": ("a: 7xf32", "%r = transformer.cast %a : tensor<7xf32> to tensor<7xi32>", "7xi32"),
    "cast_to_half": ("a: 7xf32", "%r = transformer.cast %a : tensor<7xf32> to tensor<7xf16>", "7xf16"),
    "cast_to_bf16": ("a: 7xf32", "%r = transformer.cast %a : tensor<7xf32> to tensor<7xbf16>", "7xbf16"),
    "cast_to_bool": ("a: 7xi64<2", "%r = transformer.cast %a : tensor<7xi64> to tensor<7xi1>", "7xi1"),
    "bitcast": ("a: 7xf32", "%r = transformer.bitcast %a : tensor<7xf32> to tensor<7xi32>", "7xi32"),
    "bitcast_to_half": ("a: 7xi16<999", "%r = transformer.bitcast %a : tensor<7xi16> to tensor<7xf16>", "7xf16"),
    "bitcast_from_bf16": ("a: 7xbf16", "%r = transformer.bitcast %a : tensor<7xbf16> to tensor<7xui16>", "7xui16"),
    "cast_narrow": ("a: 7xi64<999", "%r = transformer.cast %a : tensor<7xi64> to tensor<7xi8>", "7xi8"),
    "matmul": ("a: 2x3x4xf32, b: 5x4xf32", "%r = transformer.matmul %a, %b <{transpose_b}> : tensor<2x3x4xf32>, tensor<5x4xf32>", "2x3x5xf32"),
    "matmul_a": ("a: 2x1x4x3xf32, b: 5x4x2xf32", "%r = transformer.matmul %a, %b <{transpose_a}> : tensor<2x1x4x3xf32>, tensor<5x4x2xf32>", "2x5x3x2xf32"),
    "matmul_ints": ("a: 2x3xi64<9, b: 3x4xi64<9", "%r = transformer.matmul %a, %b : tensor<2x3xi64>, tensor<3x4xi64>", "2x4xi64"),
    "matmul_integer": (
        "a: 2x3xui8<200, b: 3x4xi8<99, z: ui8<9, y: 4xi8<9",
        "%r = transformer.matmul_integer %a, %b lhs_zero %z : tensor<ui8> rhs_zero %y : tensor<4xi8> : tensor<2x3xui8>, tensor<3x4xi8>",
        "2x4xi32",
    ),
    "arg_max": ("a: 3x4xi64<3", "%r = transformer.arg_reduce max %a <{axis = 1 : i64, select_last}> : tensor<3x4xi64>", "3xi64"),
    "arg_min": ("a: 3x4xf32", "%r = transformer.arg_reduce min %a <{axis = 0 : i64, keepdims}> : tensor<3x4xf32>", "1x4xi64"),
    "softmax": ("a: 2x3x4xf32", "%r = transformer.softmax %a <{axis = 1 : i64}> : tensor<2x3x4xf32>", "2x3x4xf32"),
    "log_softmax": ("a: 2x3x4xf32", "%r = transformer.softmax %a <{axis = 2 : i64, log}> : tensor<2x3x4xf32>", "2x3x4xf32"),
    "cumsum": ("a: 2x3x4xf32", "%r = transformer.cumsum %a <{axis = 1 : i64}> : tensor<2x3x4xf32>", "2x3x4xf32"),
    "cumsum_reverse": ("a: 2x5xi64<9", "%r = transformer.cumsum %a <{axis = 1 : i64, exclusive, reverse}> : tensor<2x5xi64>", "2x5xi64"),
    "reshape": ("a: 2x6xf32, n: index 3", "%r = transformer.reshape %a[%n] : tensor<2x6xf32> to tensor<?x4xf32>", "?x4xf32"),
    "broadcast_to": ("a: 2x1xf32, n: index 3", "%r = transformer.broadcast_to %a[%n] : tensor<2x1xf32> to tensor<4x2x?xf32>", "4x2x?xf32"),
    "tile": ("a: 2x3xf32", "%r = transformer.tile %a[] : tensor<2x3xf32> to tensor<4x9xf32>", "4x9xf32"),
    "transpose": ("a: 2x3x4xf32", "%r = transformer.transpose %a <{perm = array<i64: 2, 0, 1>}> : tensor<2x3x4xf32>", "4x2x3xf32"),
    "slice": (
        "a: 5x6xf32, s: index 1, n: index 2",
        "%r = transformer.slice %a[%s] [%n] <{static_starts = array<i64: -9223372036854775808, 5>, steps = array<i64: 2, -1>}> : tensor<5x6xf32> to tensor<?x3xf32>",
        "?x3xf32",
    ),
    "concat": ("a: 2x3xf32, b: 2x1xf32", "%r = transformer.concat %a, %b <{axis = 1 : i64}> : tensor<2x3xf32>, tensor<2x1xf32>", "2x4xf32"),
    "gather": ("a: 5x3xf32, i: 2x2xi64<5", "%r = transformer.gather %a, %i <{axis = 0 : i64}> : tensor<5x3xf32>, tensor<2x2xi64>", "2x2x3xf32"),
    "gather_inner": ("a: 2x5x3xf32, i: 4xi64<5", "%r = transformer.gather %a, %i <{axis = 1 : i64}> : tensor<2x5x3xf32>, tensor<4xi64>", "2x4x3xf32"),
    "gather_elements": ("a: 4x3xf32, i: 4x2xi64<3", "%r = transformer.gather_elements %a, %i <{axis = 1 : i64}> : tensor<4x3xf32>, tensor<4x2xi64>", "4x2xf32"),
    "gather_nd": ("a: 3x3x2xf32, i: 4x2xi64<3", "%r = transformer.gather_nd %a, %i <{batch_dims = 0 : i64}> : tensor<3x3x2xf32>, tensor<4x2xi64>", "4x2xf32"),
    "gather_nd_batch": ("a: 2x3x4xf32, i: 2x5x1xi64<3", "%r = transformer.gather_nd %a, %i <{batch_dims = 1 : i64}> : tensor<2x3x4xf32>, tensor<2x5x1xi64>", "2x5x4xf32"),
    "scatter_elements": (
        "a: 5x3xf32, i: 2x3xi64<5, u: 2x3xf32",
        "%r = transformer.scatter_elements add %a, %i, %u <{axis = 0 : i64}> : tensor<5x3xf32>, tensor<2x3xi64>, tensor<2x3xf32>",
        "5x3xf32",
    ),
    "scatter_nd": (
        "a: 5x3xf32, i: 2x1xi64<5, u: 2x3xf32",
        "%r = transformer.scatter_nd max %a, %i, %u : tensor<5x3xf32>, tensor<2x1xi64>, tensor<2x3xf32>",
        "5x3xf32",
    ),
    "tril": ("a: 2x4x4xf32, k: index -1", "%r = transformer.trilu %a k %k : tensor<2x4x4xf32>", "2x4x4xf32"),
    "triu": ("a: 3x4xf32", "%r = transformer.trilu %a <{upper}> : tensor<3x4xf32>", "3x4xf32"),
    "range": ("s: i64<9, d: i64<9, n: index 4", "%r = transformer.range %s, %d[%n] : tensor<i64>, tensor<i64> to tensor<?xi64>", "?xi64"),
    "nonzero": ("a: 3x4xi1", "%r = transformer.nonzero %a : tensor<3x4xi1>", "2x?xi64"),
    "quantize": ("a: 2x3xf32, s: f32", "%t = transformer.unary abs %s : tensor<f32>\n%r = transformer.quantize %a, %t <{axis = 0 : i64, block_size = 0 : i64}> : tensor<2x3xf32>, tensor<f32> to tensor<2x3xi8>", "2x3xi8"),
    "dequantize": ("a: 2x3xi8<99, s: 3xf32, z: 3xi8<9", "%r = transformer.dequantize %a, %s zero %z : tensor<3xi8> <{axis = 1 : i64, block_size = 0 : i64}> : tensor<2x3xi8>, tensor<3xf32> to tensor<2x3xf32>", "2x3xf32"),
    "dequantize_blocks": ("a: 2x4xi8<99, s: 2x2xf32", "%r = transformer.dequantize %a, %s <{axis = 1 : i64, block_size = 2 : i64}> : tensor<2x4xi8>, tensor<2x2xf32> to tensor<2x4xf32>", "2x4xf32"),
    "linear": (
        "x: 2x3x4xf32, w: 4x5xf32, b: 5xf32, r: 2x3x5xf32",
        "%r0 = transformer.linear %x, %w bias %b : tensor<5xf32> residual %r : tensor<2x3x5xf32> <{activation = #transformer<unary_kind gelu>}> : tensor<2x3x4xf32>, tensor<4x5xf32>",
        "2x3x5xf32",
    ),
    "linear_nbits": (
        "x: 2x32xf32, w: 8x2x8xui8<256, s: 16xf32",
        "%r = transformer.linear_nbits %x, %w, %s <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<2x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>",
        "2x8xf32",
    ),
    "linear_nbits_zeros": (
        "x: 2x32xf32, w: 8x2x8xui8<256, s: 16xf32, z: 8xui8<256, b: 8xf32",
        "%r = transformer.linear_nbits %x, %w, %s zeros %z : tensor<8xui8> bias %b : tensor<8xf32> <{bits = 4 : i64, block_size = 16 : i64, k = 32 : i64, n = 8 : i64}> : tensor<2x32xf32>, tensor<8x2x8xui8>, tensor<16xf32>",
        "2x8xf32",
    ),
    "layer_norm": (
        "x: 2x3x4xf32, s: 4xf32, b: 4xf32",
        "%r = transformer.layer_norm %x scale %s : tensor<4xf32> bias %b : tensor<4xf32> <{axis = 2 : i64, epsilon = 1.0e-05 : f32}> : tensor<2x3x4xf32>",
        "2x3x4xf32",
    ),
    "layer_norm_two_dims": ("x: 2x3x4xf32", "%r = transformer.layer_norm %x <{axis = 1 : i64, epsilon = 1.0e-01 : f32}> : tensor<2x3x4xf32>", "2x3x4xf32"),
    "rms_norm": ("x: 2x3x4xf16, s: 4xf16", "%r = transformer.rms_norm %x scale %s : tensor<4xf16> <{axis = 2 : i64, epsilon = 1.0e-06 : f32}> : tensor<2x3x4xf16>", "2x3x4xf16"),
    "rope": (
        "x: 2x2x3x8xf32, c: 3x4xf32, s: 3x4xf32",
        "%r = transformer.rope %x, %c, %s <{rotary_dim = 8 : i64}> : tensor<2x2x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>",
        "2x2x3x8xf32",
    ),
    "rope_partial": (
        "x: 2x3x8xf32, c: 3x4xf32, s: 3x4xf32",
        "%r = transformer.rope %x, %c, %s <{rotary_dim = 4 : i64, interleaved}> : tensor<2x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>",
        "2x3x8xf32",
    ),
    "glu": ("g: 2x3xf32, u: 2x3xf32", "%r = transformer.glu silu %g, %u : tensor<2x3xf32>, tensor<2x3xf32>", "2x3xf32"),
    "attention": (
        "q: 2x4x3x8xf32, k: 2x2x5x8xf32, v: 2x2x5x6xf32, b: 2x1x1x5xf32, m: 1x1x3x5xi1",
        "%r = transformer.attention %q, %k, %v bias %b : tensor<2x1x1x5xf32> mask %m : tensor<1x1x3x5xi1> <{causal = #transformer<causal_kind bottom_right>, scale = 2.5e-01 : f32, softcap = 3.0 : f32}> : tensor<2x4x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x6xf32>",
        "2x4x3x6xf32",
    ),
    "attention_window": (
        "q: 1x4x5x8xf32, k: 1x4x5x8xf32, v: 1x4x5x8xf32, l: 1xi64<5, s: 4xf32, i: 4xf32",
        "%r = transformer.attention %q, %k, %v key_lengths %l : tensor<1xi64> slopes %s : tensor<4xf32> sinks %i : tensor<4xf32> <{causal = #transformer<causal_kind top_left>, scale = 0.5 : f32, window_left = 2 : i64}> : tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>, tensor<1x4x5x8xf32>",
        "1x4x5x8xf32",
    ),
    "attention_lengths": (
        "q: 2x2x3x8xf32, k: 2x2x5x8xf32, v: 2x2x5x8xf32, l: 2xi64<5",
        "%r = transformer.attention %q, %k, %v key_lengths %l : tensor<2xi64> <{causal = #transformer<causal_kind bottom_right>, scale = 0.5 : f32, window_left = 2 : i64}> : tensor<2x2x3x8xf32>, tensor<2x2x5x8xf32>, tensor<2x2x5x8xf32>",
        "2x2x3x8xf32",
    ),
    "attention_rounded": (
        "q: 1x2x3x4xf32, k: 1x2x3x4xf32, v: 1x2x3x4xf32",
        "%r = transformer.attention %q, %k, %v <{scale = 0.5 : f32, score_rounding = array<f32: 0.25, -128.0, 127.0>, probability_rounding = array<f32: 0.01, 0.0, 255.0>}> : tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>, tensor<1x2x3x4xf32>",
        "1x2x3x4xf32",
    ),
    "linear_attention": (
        "q: 2x3x4x5xf32, k: 2x3x6x5xf32, v: 2x3x6x7xf32",
        "%o, %s, %z = transformer.linear_attention all %q, %k, %v : tensor<2x3x4x5xf32>, tensor<2x3x6x5xf32>, tensor<2x3x6x7xf32>\n%r = transformer.unary identity %o : tensor<2x3x4x7xf32>",
        "2x3x4x7xf32",
    ),
    "linear_attention_state": (
        "q: 2x3x4x5xf32, k: 2x3x6x5xf32, v: 2x3x6x7xf32, a: 2x3x5x7xf32",
        "%o, %s, %z = transformer.linear_attention all %q, %k, %v state %a : tensor<2x3x5x7xf32> : tensor<2x3x4x5xf32>, tensor<2x3x6x5xf32>, tensor<2x3x6x7xf32>\n%r = transformer.unary identity %s : tensor<2x3x5x7xf32>",
        "2x3x5x7xf32",
    ),
    "linear_attention_sums": (
        "k: 2x3x6x5xf32, v: 2x3x6x7xf32, c: 2x3x5xf32",
        "%o, %s, %r = transformer.linear_attention all %k, %k, %v sums %c : tensor<2x3x5xf32> : tensor<2x3x6x5xf32>, tensor<2x3x6x5xf32>, tensor<2x3x6x7xf32>",
        "2x3x5xf32",
    ),
    "kv_write": (
        "c: 2x3x6x4xf32, u: 2x3x2x4xf32, s: 2xi64<6",
        "%r = transformer.kv_write %c, %u at %s : tensor<2xi64> <{axis = 2 : i64, circular}> : tensor<2x3x6x4xf32>, tensor<2x3x2x4xf32>",
        "2x3x6x4xf32",
    ),
    "if": (
        "c: i1, a: 2xf32, b: 3xf32",
        "%r = transformer.if %c : tensor<i1> -> tensor<?xf32> {\n%y = transformer.tile %a[%n] : tensor<2xf32> to tensor<?xf32>\ntransformer.yield %y : tensor<?xf32>\n} else {\n%z = transformer.reshape %b[%m] : tensor<3xf32> to tensor<?xf32>\ntransformer.yield %z : tensor<?xf32>\n}",
        "?xf32",
    ),
    "loop": (
        "n: i64<6, x: 4xf32",
        "%r = transformer.loop count %n : tensor<i64> (%x) : (tensor<4xf32>) -> (tensor<4xf32>) {\n^bb0(%i: tensor<i64>, %c: tensor<i1>, %v: tensor<4xf32>):\n%w = transformer.binary add %v, %x : tensor<4xf32>, tensor<4xf32>\ntransformer.yield %c, %w : tensor<i1>, tensor<4xf32>\n}",
        "4xf32",
    ),
    "sizes": (
        "a: 3xi64<9, n: index 7, m: index 2",
        "%p = transformer.to_index %a <{position = 1 : i64}> : tensor<3xi64>\n%q = arith.floordivsi %n, %m : index\n%t = arith.ceildivsi %n, %m : index\n%u = arith.remsi %n, %m : index\n%s = arith.subi %m, %n : index\n%v = arith.minsi %s, %p : index\n%r = transformer.from_index %p, %q, %t, %u, %s, %v : tensor<6xi64>",
        "6xi64",
    ),
}  # fmt: skip
SPATIAL = "strides = array<i64: 2, 1>, pads = array<i64: 1, 0, 1, 1>, dilations = array<i64: 1, 2>"
CASES["conv"] = (
    "x: 2x4x7x8xf32, w: 6x2x3x2xf32, b: 6xf32",
    f"%r = transformer.conv %x, %w bias %b : tensor<6xf32> <{{{SPATIAL}, group = 2 : i64}}> : tensor<2x4x7x8xf32>, tensor<6x2x3x2xf32>",
    "2x6x4x7xf32",
)
for kind, more, rows in (("max", "", 4), ("mean", "", 4), ("mean", ", count_pad", 4), ("mean", ", ceil_mode, count_pad", 4), ("max", ", ceil_mode", 4)):
    CASES[f"pool_{kind}{more.replace(', ', '_')}"] = (
        "x: 2x3x6x8xf32",
        f"%r = transformer.pool {kind} %x <{{kernel = array<i64: 3, 2>, {SPATIAL}{more}}}> : tensor<2x3x6x8xf32>",
        f"2x3x{rows if 'ceil' in more else 3}x7xf32",
    )
for mode, coordinates, nearest in (
    ("nearest", "asymmetric", "floor"), ("nearest", "half_pixel", "round_prefer_floor"), ("nearest", "half_pixel", "round_prefer_ceil"),
    ("linear", "half_pixel", "floor"), ("linear", "align_corners", "floor"), ("linear", "pytorch_half_pixel", "floor"),
    ("cubic", "half_pixel", "floor"), ("cubic", "half_pixel_symmetric", "floor"),
):  # fmt: skip
    CASES[f"resize_{mode}_{coordinates}_{nearest}"] = (
        "x: 1x2x4x5xf32, n: index 7",
        f'%r = transformer.resize %x [%n] <{{mode = "{mode}", coordinates = "{coordinates}", nearest_mode = "{nearest}", '
        "scales = array<f32: 1.0, 1.0, 0.0, 0.6>, cubic_coefficient = -0.75 : f32}> : tensor<1x2x4x5xf32> to tensor<1x2x?x3xf32>",
        "1x2x?x3xf32",
    )
# Features are positive: sums of them are divided by.
POSITIVE = "%e = transformer.unary exp %q : tensor<2x3x6x5xf32>\n%f = transformer.unary exp %k : tensor<2x3x6x5xf32>\n%c = transformer.unary exp %z : tensor<2x3x5xf32>\n"
for reads in ("all", "causal", "before", "before, delta"):
    name, _, rule = reads.partition(", ")
    CASES[f"linear_attention_{reads.replace(', ', '_')}_divided"] = (
        "q: 2x3x6x5xf32, k: 2x3x6x5xf32, v: 2x3x6x7xf32, a: 2x3x5x7xf32, z: 2x3x5xf32",
        POSITIVE + f"%o, %s, %t = transformer.linear_attention {name} %e, %f, %v state %a : tensor<2x3x5x7xf32> sums %c : tensor<2x3x5xf32> "
        f"<{{{rule + ', ' if rule else ''}epsilon = 0.5 : f32}}> : tensor<2x3x6x5xf32>, tensor<2x3x6x5xf32>, tensor<2x3x6x7xf32>\n"
        "%r = transformer.concat %o, %s <{axis = 2 : i64}> : tensor<2x3x6x7xf32>, tensor<2x3x5x7xf32>",
        "2x3x11x7xf32",
    )
EXPERTS = "tensor<3x5xf32>, tensor<3x2xi64>, tensor<3x2xf32>"
CASES["moe"] = (
    "x: 3x5xf32, e: 3x2xi64<4, s: 3x2xf32, a: 4x5x6xf32, b: 4x6x7xf32, p: 4x6xf32, q: 4x7xf32",
    "%r = transformer.moe %x, %e, %s, %a, %b first_bias %p : tensor<4x6xf32> second_bias %q : tensor<4x7xf32> "
    f"<{{activation = #transformer<unary_kind gelu>}}> : {EXPERTS}, tensor<4x5x6xf32>, tensor<4x6x7xf32>",
    "3x7xf32",
)
CASES["moe_apart"] = (
    "x: 3x5xf32, e: 3x2xi64<4, s: 3x2xf32, a: 4x5x6xf32, u: 4x5x6xf32, b: 4x6x7xf32, v: 4x6xf32",
    "%r = transformer.moe %x, %e, %s, %a, %b up %u : tensor<4x5x6xf32> up_bias %v : tensor<4x6xf32> "
    "<{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>, alpha = 1.702 : f32, beta = 1.0 : f32, limit = 0.75 : f32}> "
    f": {EXPERTS}, tensor<4x5x6xf32>, tensor<4x6x7xf32>",
    "3x7xf32",
)
for gate in ("halves", "alternating"):
    CASES[f"moe_{gate}"] = (
        "x: 3x5xf32, e: 3x2xi64<4, s: 3x2xf32, a: 4x5x6xf32, b: 4x3x7xf32",
        "%r = transformer.moe %x, %e, %s, %a, %b "
        f"<{{activation = #transformer<unary_kind gelu>, gate = #transformer<expert_gate {gate}>}}> : {EXPERTS}, tensor<4x5x6xf32>, tensor<4x3x7xf32>",
        "3x7xf32",
    )
# Weights of 2, 4 and 8 bits; a scale for each column or for blocks, zero points packed likewise.
for bits in (2, 4, 8):
    CASES[f"moe_{bits}_bits"] = (
        f"x: 3x16xf32, e: 3x2xi64<4, s: 3x2xf32, a: 4x12x{2 * bits}xui8<256, b: 4x5x{12 * bits // 8}xui8<256, c: 4x12x1xf32, d: 4x5x1xf16, q: 4x5xf32",
        "%r = transformer.moe %x, %e, %s, %a, %b second_bias %q : tensor<4x5xf32> first_scales %c : tensor<4x12x1xf32> second_scales %d : tensor<4x5x1xf16> "
        "<{activation = #transformer<unary_kind relu>}> : tensor<3x16xf32>, tensor<3x2xi64>, tensor<3x2xf32>, "
        f"tensor<4x12x{2 * bits}xui8>, tensor<4x5x{12 * bits // 8}xui8>",
        "3x5xf32",
    )
CASES["moe_blocks"] = (
    "x: 3x24xf32, e: 3x2xi64<4, s: 3x2xf32, a: 4x16x12xui8<256, u: 4x16x24xui8<256, b: 4x7x8xui8<256, c: 4x16x3xf32, v: 4x16x2xf32, d: 4x7x4xf32, "
    "z: 4x16x2xui8<256, y: 4x7x2xui8<256",
    "%r = transformer.moe %x, %e, %s, %a, %b up %u : tensor<4x16x24xui8> first_scales %c : tensor<4x16x3xf32> up_scales %v : tensor<4x16x2xf32> "
    "second_scales %d : tensor<4x7x4xf32> first_zeros %z : tensor<4x16x2xui8> second_zeros %y : tensor<4x7x2xui8> "
    "<{activation = #transformer<unary_kind silu>, gate = #transformer<expert_gate apart>}> : tensor<3x24xf32>, tensor<3x2xi64>, tensor<3x2xf32>, "
    "tensor<4x16x12xui8>, tensor<4x7x8xui8>",
    "3x7xf32",
)
# Sizes of the branches of "if".
CASES["if"] = (CASES["if"][0] + ", n: index 4, m: index 3", *CASES["if"][1:])
for mode in ("constant", "edge", "reflect", "wrap"):
    CASES[f"pad_{mode}"] = (
        "a: 3x5xf32, n: index 1",
        f"%r = transformer.pad {mode} %a [%n] [] <{{static_low = array<i64: -9223372036854775808, -1>}}> : tensor<3x5xf32> to tensor<6x5xf32>"
        if mode != "reflect"
        else "%r = transformer.pad reflect %a [%n] [] <{static_low = array<i64: -9223372036854775808, -1>}> : tensor<3x5xf32> to tensor<5x5xf32>",
        "6x5xf32" if mode != "reflect" else "5x5xf32",
    )
for kind in UNARY:
    if kind not in ("isnan", "isinf", "not"):
        CASES[f"unary_{kind}"] = ("a: 2x3xf32", f"%r = transformer.unary {kind} %a : tensor<2x3xf32>", "2x3xf32")
for kind in INTEGER_UNARY:
    CASES[f"unary_int_{kind}"] = ("a: 2x3xi64<9", f"%r = transformer.unary {kind} %a : tensor<2x3xi64>", "2x3xi64")
for kind in ("isnan", "isinf"):
    ops = f"%l = transformer.unary log %a : tensor<6xf32>\n%r = transformer.unary {kind} %l : tensor<6xf32>"
    CASES[f"unary_{kind}"] = ("a: 6xf32", ops, "6xi1")
for kind in BINARY:
    if kind not in ("and", "or", "xor", "shl", "shr"):
        CASES[f"binary_{kind}"] = ("a: 2x3xf32, b: 2x1xf32", f"%r = transformer.binary {kind} %a, %b : tensor<2x3xf32>, tensor<2x1xf32>", "2x3xf32")
    if kind not in ("pow", "shl", "shr"):
        # One more than at random: no division by zero.
        ops = f"%c = transformer.binary or %b, %o : tensor<3xi32>, tensor<i32>\n%r = transformer.binary {kind} %a, %c : tensor<2x3xi32>, tensor<3xi32>"
        CASES[f"binary_int_{kind}"] = ("a: 2x3xi32<99, b: 3xi32<7, o: i32=1", ops, "2x3xi32")
    if kind in BOOL_BINARY:
        CASES[f"binary_bool_{kind}"] = ("a: 4xi1, b: 4xi1", f"%r = transformer.binary {kind} %a, %b : tensor<4xi1>, tensor<4xi1>", "4xi1")
for kind in ("shl", "shr"):
    CASES[f"binary_{kind}"] = ("a: 4xui32<99, b: 4xui32<7", f"%r = transformer.binary {kind} %a, %b : tensor<4xui32>, tensor<4xui32>", "4xui32")
for kind in COMPARE:
    CASES[f"compare_{kind}"] = ("a: 5xi64<3, b: 5xi64<3", f"%r = transformer.compare {kind} %a, %b : tensor<5xi64>, tensor<5xi64>", "5xi1")
for kind in ("sum", "mean", "max", "min", "prod"):
    CASES[f"reduce_{kind}"] = ("a: 2x3x4xf32", f"%r = transformer.reduce {kind} %a <{{axes = array<i64: 0, 2>, keepdims}}> : tensor<2x3x4xf32>", "1x3x1xf32")
    CASES[f"reduce_int_{kind}"] = ("a: 2x3xi64<9", f"%r = transformer.reduce {kind} %a <{{axes = array<i64: 1>}}> : tensor<2x3xi64>", "2xi64")
del CASES["reduce_int_mean"]
for largest in ("true", "false"):
    CASES[f"topk_{largest}"] = (
        "a: 2x5xf32, k: index 3",
        f"%v, %r = transformer.topk %a k %k <{{axis = 1 : i64, largest = {largest}}}> : tensor<2x5xf32> to tensor<2x?xf32>, tensor<2x?xi64>",
        "2x?xi64",
    )


def literal(type_, limit, random):
    """A constant of random elements; whole numbers from -limit to limit, or from 0 where they stand for places."""
    *dims, element = type_.split("x")
    shape = [int(dim) for dim in dims]
    if element == "i1":
        values = (random.random(shape) < 0.6).astype(str)
    elif np.issubdtype(DTYPES[element], np.integer):
        values = random.integers(0, limit, shape).astype(str)
    else:
        values = np.vectorize(lambda x: f"{x:.6e}", otypes=[str])(round_to(random.standard_normal(shape), element))
    nested = re.sub(r"'", "", str(np.asarray(values).tolist())).replace("True", "true").replace("False", "false")
    return f"dense<{nested}> : tensor<{type_}>"


def function(name, case, random):
    arguments, ops, result = case
    lines = []
    for argument in arguments.split(", "):
        value, _, type_ = argument.partition(": ")
        if type_.startswith("index "):
            lines.append(f"%{value} = arith.constant {type_.removeprefix('index ')} : index")
        elif "=" in type_:
            type_, _, number = type_.partition("=")
            lines.append(f"%{value} = transformer.constant dense<{number}> : tensor<{type_}>")
        else:
            type_, _, limit = type_.partition("<")
            lines.append(f"%{value} = transformer.constant {literal(type_, int(limit or 2), random)}")
    last = re.findall(r"^(?:%\w+, )*(%\w+) =", ops, re.MULTILINE)
    returned = "%r0" if "%r0 =" in ops else "%r"
    assert returned in last, name
    body = "\n".join([*lines, ops, f"return {returned} : tensor<{result}>"])
    return f"func.func @{name}() -> tensor<{result}> {{\n{body}\n}}\n"


def transom_opt(text, *passes):
    command = [str(TOOLS / "transom-opt"), "--mlir-print-op-generic", *passes]
    run = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {run.stderr}")
    return read_module(run.stdout)


class Meaning(unittest.TestCase):
    def test_ops_agree_with_the_reference(self):
        random = np.random.default_rng(11)
        text = "".join(function(name, case, random) for name, case in CASES.items())
        before, after = transom_opt(text), transom_opt(text, "--test-evaluate")
        for name in CASES:
            with self.subTest(name):
                (want,) = run_block(before[name].regions[0], [], {})
                (got,) = run_block(after[name].regions[0], [], {})
                self.assertEqual(got.shape, want.shape)
                loose = want.dtype == np.float16 or "bf16" in CASES[name][2]
                np.testing.assert_allclose(
                    got.astype(np.float64), want.astype(np.float64), rtol=1e-2 if loose else 2e-6, atol=2e-6
                )

    def test_every_op_has_a_case(self):
        ops = (ROOT / "dialects/Transformer/IR").glob("*Ops.td")
        names = {m for file in ops for m in re.findall(r'^def \w+ : Transformer_\w+<"(\w+)"', file.read_text(), re.MULTILINE)}
        used = set(re.findall(r"transformer\.(\w+)", " ".join(case[1] for case in CASES.values())))
        # Constants are in every case; launches and checks run in test_passes.py.
        self.assertEqual(names - used - {"constant", "launch", "check_sizes"}, set())


if __name__ == "__main__":
    unittest.main(verbosity=1)
