#!/usr/bin/env python3
"""Runs mixtures of experts for GPUs on the CPU, thread by thread, against NumPy.

    test_experts.py WORK-FOLDER [NAME ...]
"""

import math
import sys

import numpy as np

from cases import bits_of, case, main, module, value_of
from device import Module

KINDS = {"f32": np.float32, "f16": np.float16, "bf16": np.uint16}


def stored(array, kind):
    return bits_of(array) if kind == "bf16" else array.astype(KINDS[kind])


def wide(array):
    return (value_of(array) if array.dtype == np.uint16 else array).astype(np.float64)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


class Mixture:
    """One `transformer.moe` of given sizes, and what it means."""

    def __init__(self, work, kind="f32", weights=None, experts=6, chosen=2, hidden=24, inner=40, width=24, gate="none", biases=True, moved=False,
                 turned="", chip="sm_80", ids="i64", bits=0, zeros=False):
        self.kind, self.chosen, self.experts, self.hidden, self.gate, self.moved = kind, chosen, experts, hidden, gate, moved
        self.width, self.ids = width, np.int32 if ids == "i32" else np.int64
        rng, weights = np.random.default_rng(hidden + inner), weights or kind
        wide_width = inner * (2 if gate in ("halves", "alternating") else 1)
        self.operands, self.given, arguments, body, more = {}, {}, [f"%x: tensor<?x{hidden}x{kind}>", f"%e: tensor<?x{chosen}x{ids}>", f"%s: tensor<?x{chosen}x{kind}>"], "", ""
        shapes = {"a": (hidden, wide_width), "b": (inner, width)} | ({"u": (hidden, inner)} if gate == "apart" else {})
        for name, (rows, columns) in shapes.items():
            if bits:
                self.quantise(name, rng, experts, rows, columns, bits, zeros)
                continue
            self.operands[name] = array = stored(rng.standard_normal((experts, rows, columns)) / math.sqrt(rows), weights)
            self.given[name] = array.swapaxes(1, 2) if name in turned else array
            if name in turned:
                body += f"%{name}t = transformer.transpose %{name} <{{perm = array<i64: 0, 2, 1>}}> : tensor<{experts}x{columns}x{rows}x{weights}>\n"
        named = {name: f"%{name}t" if name in turned else f"%{name}" for name in shapes}
        types = {name: f"tensor<{experts}x{columns}x{rows * bits // 8}xui8>" if bits else f"tensor<{experts}x{rows}x{columns}x{weights}>"
                 for name, (rows, columns) in shapes.items()}
        if gate == "apart":
            more += f" up {named['u']} : {types['u']}"
        for name, of, word in ("p", "a", "first_bias"), ("v", "u", "up_bias"), ("q", "b", "second_bias"):
            if biases and of in shapes:
                columns = shapes[of][1]
                self.operands[name] = self.given[name] = stored(rng.standard_normal((experts, columns)), kind)
                more += f" {word} %{name} : tensor<{experts}x{columns}x{kind}>"
        shape_of = lambda name: f"tensor<{'x'.join(map(str, self.given[name].shape))}x{'ui8' if self.given[name].dtype == np.uint8 else kind}>"
        for part in "scales", "zeros":
            for of, word in ("a", "first"), ("u", "up"), ("b", "second"):
                if f"{of}_{part}" in self.given:
                    more += f" {word}_{part} %{of}_{part} : {shape_of(f'{of}_{part}')}"
        for name, array in self.given.items():
            lies = "x".join(map(str, array.shape))
            arguments.append(f"%{name}: tensor<{lies}x{'ui8' if array.dtype == np.uint8 else weights if name in shapes else kind}>")
        activation = "relu" if gate == "none" else "silu"
        attributes = ", alpha = 1.702 : f32, beta = 1.0 : f32, limit = 0.75 : f32" if moved else ""
        body += (f"%r = transformer.moe %x, %e, %s, {named['a']}, {named['b']}{more} <{{activation = #transformer<unary_kind {activation}>, "
                 f"gate = #transformer<expert_gate {gate}>{attributes}}}> : tensor<?x{hidden}x{kind}>, tensor<?x{chosen}x{ids}>, tensor<?x{chosen}x{kind}>, "
                 f"{types['a']}, {types['b']}\nreturn %r : tensor<?x{width}x{kind}>")
        self.made = Module(module(", ".join(arguments), f"tensor<?x{width}x{kind}>", body), work, chip)

    def quantise(self, name, rng, experts, rows, columns, bits, zeros, block=16):
        """Columns first, the lowest bits first; a scale and maybe a zero point for each block of a column."""
        blocks, per_byte = rows // block, 8 // bits
        pack = lambda codes: sum(codes[..., i::per_byte] << i * bits for i in range(per_byte)).astype(np.uint8)
        codes, points = rng.integers(0, 2**bits, (experts, columns, rows)), np.full((experts, columns, blocks), 2**(bits - 1))
        scales = stored(rng.random((experts, columns, blocks)) / 2**bits, self.kind)
        self.given[name], self.given[f"{name}_scales"] = pack(codes), scales
        if zeros:
            points = rng.integers(0, 2**bits, points.shape)
            self.given[f"{name}_zeros"] = pack(np.pad(points, ((0, 0), (0, 0), (0, -blocks % per_byte))))
        self.operands[name] = ((codes - points.repeat(block, 2)) * wide(scales).repeat(block, 2)).swapaxes(1, 2)

    def expected(self, x, e, s):
        own = {name: wide(array) for name, array in self.operands.items()}
        layer = lambda x, expert, weight, bias: x @ own[weight][expert] + (own[bias][expert] if bias in own else 0)
        result = np.zeros((len(x), self.width))
        for t, row in enumerate(wide(x)):
            for j, expert in enumerate(e[t]):
                g = layer(row, expert, "a", "p")
                if self.gate == "none":
                    h = np.maximum(g, 0)
                else:
                    if self.gate == "apart":
                        u = layer(row, expert, "u", "v")
                    else:
                        g, u = np.split(g, 2) if self.gate == "halves" else (g[::2], g[1::2])
                    if self.moved:
                        g, u = np.minimum(g, 0.75), np.clip(u, -0.75, 0.75) + 1
                    h = g * sigmoid(g * (1.702 if self.moved else 1)) * u
                result[t] += wide(s)[t, j] * layer(h, expert, "b", "q")
        return result

    def inputs(self, tokens, choose=None):
        rng = np.random.default_rng(tokens)
        x, s = stored(rng.standard_normal((tokens, self.hidden)), self.kind), stored(rng.random((tokens, self.chosen)), self.kind)
        e = rng.integers(0, self.experts, (tokens, self.chosen)) if choose is None else np.full((tokens, self.chosen), choose)
        return [x, e.astype(self.ids), s, *map(np.ascontiguousarray, self.given.values())]

    def check(self, *tokens, choose=None, blocks=3):
        tolerance = {"f32": 1e-4, "f16": 1e-2, "bf16": 8e-2}[self.kind]
        for count in tokens:
            inputs = self.inputs(count, choose)
            result = np.zeros((count, self.width), KINDS[self.kind])
            assert self.made.run(inputs, [result], blocks) is None
            np.testing.assert_allclose(wide(result), self.expected(*inputs[:3]), rtol=tolerance, atol=tolerance)
        return result


@case
def rows(work):
    """One token, a few, and as many as tiles are for: pieces that are full and not; one choice, several, and the same expert for all."""
    for chosen in 1, 3:
        Mixture(work / str(chosen), chosen=chosen).check(0, 1, 2, 8, 9, 150)
    same = Mixture(work / "same")
    for tokens in 1, 7, 140:
        same.check(tokens, choose=5)
    Mixture(work / "many", experts=300, chosen=4).check(1, 5, 60)
    Mixture(work / "alone", experts=1, chosen=1, ids="i32").check(1, 5, 30)


@case
def sizes(work):
    """Widths that are no whole pieces, and around tiles; depths of several slices."""
    for hidden, inner, width in (1, 1, 1), (5, 33, 17), (72, 136, 130):
        Mixture(work / f"{hidden}-{inner}", hidden=hidden, inner=inner, width=width, experts=3).check(1, 3, 40)


@case
def gates(work):
    """A gate of its own weight, or of the same as what it lets through; clamped, scaled and moved as well; without biases."""
    for gate in "apart", "halves", "alternating":
        Mixture(work / gate, gate=gate).check(1, 4, 30)
        Mixture(work / f"{gate}-moved", gate=gate, moved=True, biases=False, inner=36).check(1, 4, 30)


@case
def types(work):
    """f16 and bf16 by the tensor cores of both kinds of chips; weights of 16 bits under f32."""
    for kind, weights, chip in ("f16", "f16", "sm_80"), ("bf16", "bf16", "sm_80"), ("f16", "f16", "sm_90a"), ("bf16", "bf16", "sm_90a"), ("f32", "bf16", "sm_80"):
        made = Mixture(work / f"{kind}-{weights}-{chip}", kind, weights, gate="apart", hidden=136, inner=160, width=136, experts=3, chip=chip)
        made.check(1, 8, 30)
    # Pieces of several tiles of one expert.
    made.check(200, choose=1)


@case
def quantised(work):
    """Weights of 8, 4 and 2 bits, with zero points and without, made floats on the way to products."""
    for bits, zeros, kind, gate, chip in (4, False, "f32", "none", "sm_80"), (8, True, "f16", "apart", "sm_90a"), (2, True, "f32", "halves", "sm_80"), (4, True, "f16", "alternating", "sm_80"):
        Mixture(work / f"{bits}-{gate}", kind, gate=gate, hidden=48, inner=80, width=40, experts=3, bits=bits, zeros=zeros, chip=chip).check(1, 3, 30)


@case
def lying(work):
    """Weights along the depth, all of them or some."""
    for turned, kind, chip in ("aub", "f16", "sm_90a"), ("u", "f32", "sm_80"), ("b", "f16", "sm_80"):
        Mixture(work / f"{turned}-{chip}", kind, gate="apart", turned=turned, hidden=136, inner=128, experts=3, chip=chip).check(1, 4, 30)
    Mixture(work / "halves", gate="halves", turned="a").check(1, 4, 30)


@case
def order(work):
    """The same bits for any number of blocks."""
    for kind, chip in ("f32", "sm_80"), ("f16", "sm_90a"):
        made = Mixture(work / chip, kind, gate="apart", hidden=136, inner=128, chosen=3, chip=chip)
        for tokens in 1, 6, 70:
            assert len({made.check(tokens, blocks=blocks).tobytes() for blocks in (1, 3, 8)}) == 1


@case
def only_chosen(work):
    """Weights of experts that nobody chose are not read: they are no numbers. An infinity is found again."""
    made = Mixture(work / "chosen", experts=4)
    for tokens in 1, 5, 40:
        inputs = made.inputs(tokens, choose=2)
        expected = made.expected(*inputs[:3])
        result = np.zeros(expected.shape, np.float32)
        assert made.made.run([array if array.ndim < 3 else np.where(np.arange(4)[:, None, None] == 2, array, np.nan) for array in inputs], [result]) is None
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)
        inputs[0][tokens // 2, 3] = np.inf
        with np.errstate(invalid="ignore"):
            expected = made.expected(*inputs[:3])
        assert made.made.run(inputs, [result]) is None
        np.testing.assert_allclose(result, expected, rtol=1e-4, atol=1e-4)


@case
def no_such_expert(work):
    """An expert that there is not is recorded, whoever asks for it."""
    made = Mixture(work, experts=4)
    for tokens in 1, 5, 40:
        for bad in 4, -1:
            inputs = made.inputs(tokens)
            inputs[1][tokens // 2, 1] = bad
            record = made.made.run(inputs, [np.zeros((tokens, made.width), np.float32)])
            # taken, kind: index, site, -, value, limit
            assert record is not None and list(record[[1, 2, 4, 6]]) == [1, 7, bad, 4], record


if __name__ == "__main__":
    sys.exit(main())
