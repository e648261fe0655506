#!/usr/bin/env python3
"""Runs attention for GPUs on the CPU, thread by thread, against NumPy.

    test_attention.py WORK-FOLDER [NAME ...]
"""

import sys

import numpy as np

from cases import bits_of, case, main, module, value_of
from device import Module


def reference_attention(q, k, v, scale, causal=False, bias=None, mask=None, window=None, cap=0.0, slopes=None, sinks=None, lengths=None):
    """softmax(cap(scale q k^T) + bias + slopes) v as the op's description says."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    group, keys, rows = q.shape[1] // k.shape[1], k.shape[2], q.shape[2]
    k, v = k.repeat(group, 1), v.repeat(group, 1)
    s = q @ k.transpose(0, 1, 3, 2) * scale
    s = cap * np.tanh(s / cap) if cap else s
    s = s if bias is None else s + bias
    key = np.arange(keys)
    s = s if slopes is None else s + slopes[:, None, None] * key
    ends = np.full(q.shape[0], keys) if lengths is None else lengths
    position = np.arange(rows)[None, :, None] + ends[:, None, None] - rows
    seen = key < ends[:, None, None]
    seen = seen & (key <= position) if causal else np.broadcast_to(seen, (len(ends), rows, keys))
    if window:
        seen = seen & (key >= position - window[0]) & (key <= position + window[1])
    seen = seen[:, None] if mask is None else seen[:, None] & mask
    s = np.where(seen, s, -np.inf)
    most = s.max(-1, keepdims=True, initial=-np.inf)
    if sinks is not None:
        most = np.maximum(most, sinks[None, :, None, None])
    e = np.exp(s - np.where(np.isfinite(most), most, 0))
    total = e.sum(-1, keepdims=True) + (0 if sinks is None else np.exp(sinks[None, :, None, None] - most))
    return np.where(total > 0, e / np.where(total > 0, total, 1), 0) @ v


class Attention:
    """A module with one attention: types, dims that are not dynamic, and what more it takes."""

    def __init__(self, work, kind="f32", width=32, value_width=None, heads=4, key_heads=2, flags="", extra=(), chip="sm_80", tf32=False):
        self.kind, self.width, self.value_width, self.heads, self.key_heads = kind, width, value_width or width, heads, key_heads
        q, k, v = (f"tensor<?x{h}x?x{w}x{kind}>" for h, w in ((heads, width), (key_heads, width), (key_heads, self.value_width)))
        names = "".join(f", %{name}: {shape}" for name, shape in extra)
        given = "".join(f" {name} %{name} : {shape}" for name, shape in extra)
        result = f"tensor<?x{heads}x?x{self.value_width}x{kind}>"
        source = module(f"%q: {q}, %k: {k}, %v: {v}{names}", result, f"""
          %0 = transformer.attention %q, %k, %v{given} <{{{flags}scale = 2.5e-01 : f32}}> : {q}, {k}, {v}
          return %0 : {result}""")
        self.module = Module(source, work, chip, tf32=tf32)

    def check(self, queries, keys, batch=1, extra=(), tolerance=1e-4, blocks=3, seed=0, **meaning):
        rng = np.random.default_rng(queries * 1000 + keys + seed)
        shapes = ((self.heads, queries, self.width), (self.key_heads, keys, self.width), (self.key_heads, keys, self.value_width))
        stored = {"f16": lambda x: x.astype(np.float16), "bf16": bits_of, "f32": lambda x: x.astype(np.float32)}[self.kind]
        given = [stored(rng.standard_normal((batch, *shape))) for shape in shapes]
        value = value_of if self.kind == "bf16" else np.asarray
        expected = reference_attention(*map(value, given), 0.25, **meaning)
        result = np.zeros(expected.shape, given[0].dtype)
        assert self.module.run(given + list(extra), [result], blocks) is None
        np.testing.assert_allclose(value(result).astype(np.float64), expected, rtol=tolerance, atol=tolerance)


@case
def attention(work):
    """Blocks of queries; one query and a few, whose keys are split. Heads that are no whole pieces of 16 bytes, too."""
    causal = "causal = #transformer<causal_kind bottom_right>, "
    for width, flags in (20, causal), (64, ""), (18, causal):
        made = Attention(work / str(width), width=width, flags=flags)
        for queries in 1, 5, 45:
            made.check(queries, 77, batch=2, causal=bool(flags))
    # One key alone, and more queries than keys: some see nothing.
    made.check(1, 1, causal=True)
    made.check(40, 20, causal=True)


@case
def attention_heads(work):
    """Sizes of heads from 32 to 256, with values of another size; each shape of blocks."""
    causal = "causal = #transformer<causal_kind bottom_right>, "
    for kind, tolerance in ("f16", 2e-2), ("bf16", 4e-2), ("f32", 1e-4):
        for width, value_width in (32, 32), (96, 80), (128, 128), (256, 256), (192, 128):
            if kind == "bf16" and width in (96, 192):
                continue
            made = Attention(work / f"{kind}-{width}", kind, width, value_width, heads=2, key_heads=1, flags=causal)
            for queries, keys in (1, 150), (140, 140):
                made.check(queries, keys, tolerance=tolerance, causal=True)


@case
def attention_groups(work):
    """Few queries: heads that share keys are rows of a block, more of them than a block has; parts by what there is to do."""
    for heads, key_heads in (1, 1), (8, 1), (40, 2), (6, 6):
        made = Attention(work / f"{heads}-{key_heads}", "f16", 32, heads=heads, key_heads=key_heads)
        for queries, keys, batch in (1, 300, 1), (3, 70, 2), (1, 65, 9):
            made.check(queries, keys, batch=batch, tolerance=4e-3)


def terms(rng, batch, heads, queries, keys, fewer_keys):
    """What may be added to scores and remove keys: name, attributes, operands, their values, meaning. The second row sees
    no key by the mask; the second batch has `fewer_keys`."""
    bias = rng.standard_normal((batch, 1, queries, keys)).astype(np.float32)
    mask = rng.random((1, heads, queries, keys)) < 0.6
    mask[:, :, 1] = False
    slopes, sinks = rng.standard_normal(heads).astype(np.float32) / 50, rng.standard_normal(heads).astype(np.float32)
    lengths = np.array([keys, fewer_keys])
    bottom = "causal = #transformer<causal_kind bottom_right>, "
    return [
        ("bias", "", [("bias", "tensor<?x1x?x?xf32>")], [bias], {"bias": bias}),
        ("mask", "", [("mask", "tensor<1x4x?x?xi1>")], [mask], {"mask": mask}),
        ("window", bottom + "window_left = 40 : i64, window_right = 0 : i64, ", [], [], {"causal": True, "window": (40, 0)}),
        ("cap", "softcap = 2.0 : f32, ", [], [], {"cap": 2.0}),
        ("slopes", bottom, [("slopes", "tensor<4xf32>")], [slopes], {"causal": True, "slopes": slopes}),
        ("sinks", bottom, [("sinks", "tensor<4xf32>")], [sinks], {"causal": True, "sinks": sinks}),
        ("lengths", bottom, [("key_lengths", "tensor<?xi64>")], [lengths], {"causal": True, "lengths": lengths}),
    ]


@case
def attention_terms(work):
    """What is added to scores and what removes keys, with many queries and with few."""
    rng = np.random.default_rng(3)
    batch, heads = 2, 4
    for queries, keys in (3, 90), (150, 170):
        for name, flags, extra, given, meaning in terms(rng, batch, heads, queries, keys, keys - 31):
            made = Attention(work / name, flags=flags, extra=extra)
            made.check(queries, keys, batch=batch, extra=given, **meaning)


HOPPER = "warpgroup-attention"


@case
def groups_of_warps(work):
    """wgmma: heads of several sizes, whole lines of shared memory or not; one tile of keys and several; rows of one group
    and of both; more blocks than tiles and fewer."""
    causal = "causal = #transformer<causal_kind bottom_right>, "
    for kind, width, value_width, tolerance in ("f16", 64, 64, 4e-3), ("bf16", 128, 128, 3e-2), ("f16", 96, 32, 4e-3), ("f16", 256, 256, 8e-3), ("f16", 40, 72, 4e-3):
        for flags in "", causal:
            made = Attention(work / f"{kind}-{width}-{bool(flags)}", kind, width, value_width, heads=2, key_heads=1, flags=flags, chip="sm_90a")
            assert HOPPER in made.module.text
            for queries, keys in (20, 20), (140, 300) if width < 256 else (70, 140):
                made.check(queries, keys, tolerance=tolerance, causal=bool(flags), blocks=2)
    # Nothing to see for some rows, and no keys at all.
    made.check(150, 20, tolerance=tolerance, causal=True)
    made.check(20, 0, tolerance=tolerance, causal=True)


@case
def groups_of_warps_and_terms(work):
    """What is added to scores and what removes keys, by groups of warps."""
    rng = np.random.default_rng(3)
    batch, heads, queries, keys = 2, 4, 140, 290
    for name, flags, extra, given, meaning in terms(rng, batch, heads, queries, keys, keys - 131):
        made = Attention(work / name, "f16", 64, flags=flags, extra=extra, chip="sm_90a")
        assert HOPPER in made.module.text
        # Lengths say which keys are there: what is past them is not brought as a piece of a tensor.
        assert ("transformer.maps" in made.module.text) == (name != "lengths")
        made.check(queries, keys, batch=batch, extra=given, tolerance=4e-3, **meaning)


@case
def groups_of_warps_and_views(work):
    """Keys and values that are transposed views are brought by threads; queries that are computed on the way, too."""
    kind = "tensor<?x?x2x64xf16>"
    turned = "tensor<?x2x?x64xf16>"
    source = module(f"%q: {kind}, %k: {kind}, %v: {kind}", turned, f"""
      %a = transformer.transpose %q <{{perm = array<i64: 0, 2, 1, 3>}}> : {kind}
      %b = transformer.transpose %k <{{perm = array<i64: 0, 2, 1, 3>}}> : {kind}
      %c = transformer.transpose %v <{{perm = array<i64: 0, 2, 1, 3>}}> : {kind}
      %d = transformer.unary neg %a : {turned}
      %0 = transformer.attention %d, %b, %c <{{scale = 2.5e-01 : f32}}> : {turned}, {turned}, {turned}
      return %0 : {turned}""")
    made = Module(source, work, "sm_90a")
    assert HOPPER in made.text and "transformer.maps" not in made.text
    rng = np.random.default_rng(5)
    for queries, keys in (20, 20), (140, 300):
        q, k, v = (rng.standard_normal((2, rows, 2, 64)).astype(np.float16) for rows in (queries, keys, keys))
        expected = reference_attention(*(x.transpose(0, 2, 1, 3) for x in (-q, k, v)), 0.25)
        result = np.zeros(expected.shape, np.float16)
        assert made.run([q, k, v], [result]) is None
        np.testing.assert_allclose(result.astype(np.float64), expected, rtol=4e-3, atol=4e-3)


if __name__ == "__main__":
    sys.exit(main())
