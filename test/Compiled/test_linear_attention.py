#!/usr/bin/env python3
"""Compiled linear attention against NumPy: what queries read, with states and without, around chunks (64) and panels (16)."""

import unittest

from program import Suite

ROWS = [1, 2, 7, 63, 64, 65, 130, 0]
KEYS = [5, 1, 64, 66, 3, 129, 64, 2]


def linear(suite, name, reads, q, k, v, state="", sums="", attributes="", element="f32", **options):
    """Features are positive; the three results are checked."""
    d, m, width = q.split("x")[:2], q.split("x")[3], v.split("x")[3]
    arguments = f"q: {q}x{element} positive, k: {k}x{element} positive, v: {v}x{element}"
    more = ""
    if state:
        arguments += f", s: {state}x{element}"
        more += f" state %s : tensor<{state}x{element}>"
    if sums:
        arguments += f", z: {sums}x{element} positive"
        more += f" sums %z : tensor<{sums}x{element}>"
    inside = f" <{{{attributes}}}>" if attributes else ""
    heads = "x".join(d)
    rows = q.split("x")[2]
    suite.add(
        name, arguments,
        f"%r0, %r1, %r2 = transformer.linear_attention {reads} %q, %k, %v{more}{inside} : tensor<{q}x{element}>, tensor<{k}x{element}>, tensor<{v}x{element}>",
        f"{heads}x{rows}x{width}x{element}, {heads}x{m}x{width}x{element}, {heads}x{m}x{element}", tolerance=options.pop("tolerance", 4), **options)


EPSILON = "epsilon = 1.0e-03 : f32"


class Forms(unittest.TestCase):
    def test_what_is_read(self):
        """All keys, those up to the query's own, and what was before; the quotient and the plain sum."""
        suite = Suite()
        for attributes, name in ((EPSILON, "divided"), ("", "plain")):
            linear(suite, f"all_{name}", "all", "2x3xSx16", "2x3xTx16", "2x3xTx12", attributes=attributes, S=ROWS, T=KEYS)
            linear(suite, f"causal_{name}", "causal", "2x3xSx16", "2x3xSx16", "2x3xSx12", attributes=attributes, S=ROWS)
            linear(suite, f"before_{name}", "before", "2x3xSx16", "2x3xTx16", "2x3xTx12", "2x3x16x12", "2x3x16", attributes, S=ROWS, T=KEYS)
        suite.check(self)

    def test_states(self):
        """With what earlier keys left, both or one of them."""
        suite = Suite()
        for reads, rows in (("all", "T"), ("causal", "S")):
            sizes = {"S": ROWS, "T": KEYS} if reads == "all" else {"S": ROWS}
            keys = f"2x3x{rows}"
            linear(suite, f"{reads}_both", reads, "2x3xSx16", f"{keys}x16", f"{keys}x12", "2x3x16x12", "2x3x16", EPSILON, **sizes)
            linear(suite, f"{reads}_state", reads, "2x3xSx16", f"{keys}x16", f"{keys}x12", "2x3x16x12", attributes=EPSILON, **sizes)
            linear(suite, f"{reads}_sums", reads, "2x3xSx16", f"{keys}x16", f"{keys}x12", sums="2x3x16", attributes=EPSILON, **sizes)
        suite.check(self)

    def test_delta_rule(self):
        suite = Suite()
        linear(suite, "delta", "before", "2x3xSx16", "2x3xTx16", "2x3xTx12", "2x3x16x12", "2x3x16", f"delta, {EPSILON}", S=ROWS, T=KEYS)
        linear(suite, "delta_plain", "before", "1x2xSx4", "1x2xTx4", "1x2xTx3", "1x2x4x3", attributes="delta", S=[1, 65], T=[3, 70], tolerance=20)
        linear(suite, "delta_wide", "before", "1x2xSx8", "1x2xTx8", "1x2xTx70", "1x2x8x70", "1x2x8", f"delta, {EPSILON}", S=[1, 65], T=[3, 70])
        suite.check(self)

    def test_sizes(self):
        """Values of one column, of a panel and of more than a block of 64; many and odd features; no batch, no keys."""
        suite = Suite()
        for width in (1, 16, 17, 64, 65, 130):
            linear(suite, f"width_{width}", "causal", "1x2xSx8", "1x2xSx8", f"1x2xSx{width}", f"1x2x8x{width}", "1x2x8", EPSILON, S=[1, 66])
            linear(suite, f"all_width_{width}", "all", "1x2xSx8", "1x2xTx8", f"1x2xTx{width}", attributes=EPSILON, S=[1, 66], T=[67, 2])
        # A chunk is shorter where features are many: 32 at 1024, a vector at 8192.
        for features in (1, 13, 700, 1024, 8192):
            linear(suite, f"features_{features}", "causal", f"1x2xSx{features}", f"1x2xSx{features}", "1x2xSx5", attributes=EPSILON, S=[1, 35])
        linear(suite, "batches", "causal", "Bx2xSx8", "Bx2xSx8", "Bx2xSx4", attributes=EPSILON, B=[0, 1, 3], S=[3, 0, 70])
        suite.check(self)

    def test_types(self):
        """f16 and bf16 lie in memory; sums are of f32."""
        suite = Suite()
        for element in ("f16", "bf16"):
            linear(suite, f"causal_{element}", "causal", "1x2xSx8", "1x2xSx8", "1x2xSx4", "1x2x8x4", "1x2x8", EPSILON, element, S=[1, 9, 70], tolerance=2)
            linear(suite, f"all_{element}", "all", "1x2xSx8", "1x2xTx8", "1x2xTx4", attributes=EPSILON, element=element, S=[1, 9, 70], T=[3, 65, 70], tolerance=2)
        suite.check(self)

    def test_features_fused(self):
        """Feature maps and layouts are read as the kernel goes."""
        suite = Suite()
        suite.add(
            "elu", "q: 2xSx3x8xf32, k: 2xSx3x8xf32, v: 2xSx3x6xf32, m: 2x1xSx1xf32 positive",
            """%one = transformer.constant dense<1.0> : tensor<f32>
            %zero = transformer.constant dense<0.0> : tensor<f32>
            %a = transformer.transpose %q <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2xSx3x8xf32>
            %b = transformer.transpose %k <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2xSx3x8xf32>
            %c = transformer.transpose %v <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2xSx3x6xf32>
            %d = transformer.unary exp %a : tensor<2x3xSx8xf32>
            %e = transformer.unary relu %b : tensor<2x3xSx8xf32>
            %f = transformer.binary add %e, %one : tensor<2x3xSx8xf32>, tensor<f32>
            %g = transformer.binary mul %f, %m : tensor<2x3xSx8xf32>, tensor<2x1xSx1xf32>
            %o, %s, %z = transformer.linear_attention causal %d, %g, %c <{epsilon = 0.1 : f32}> : tensor<2x3xSx8xf32>, tensor<2x3xSx8xf32>, tensor<2x3xSx6xf32>
            %h = transformer.transpose %o <{perm = array<i64: 0, 2, 1, 3>}> : tensor<2x3xSx6xf32>
            %r = transformer.binary add %h, %one : tensor<2xSx3x6xf32>, tensor<f32>""",
            "2xSx3x6xf32", S=[1, 9, 65], tolerance=4)
        suite.check(self)


if __name__ == "__main__":
    unittest.main(verbosity=1)
